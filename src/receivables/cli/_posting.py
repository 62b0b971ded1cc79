"""The commands around other systems: `payouts`, `post`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from receivables.cli._books import look, way_with
from receivables.cli._terminal import (
    ERR,
    OUT,
    amount,
    app,
    print_problems,
    print_rows,
    write_whole,
)
from receivables.errors import PolicyError

if TYPE_CHECKING:
    from receivables.adapters import AdapterSpec
    from receivables.book import Book
    from receivables.ledger.objects import Ledger
    from receivables.outbox import PostingBatch, PostingProposal, PostingRecord
    from receivables.plugins import Plugins
    from receivables.receipts.settling import MatchedPayout
    from receivables.sending import Sent
    from receivables.settings import ServiceSettings
    from receivables.transports import Runtime

_KINDS: Final = ("receipts", "documents", "journal")


@app.command
def payouts(folder: Path, /, *, as_of: dt.date) -> int:
    """Print what payment processors paid out, and what payers dispute with them.

    Parameters
    ----------
    folder
        The folder with the reports, the statements and `receivables.toml`.
    as_of
        The day that the time left to answer a dispute counts from, as YYYY-MM-DD.

    """
    book = look(folder)
    if book is None:
        return 1
    print_rows(
        "Payouts",
        ("processor", "payout", "day", "gross", "fee", "amount", "currency", "on the bank"),
        _payout_rows(book),
    )
    waiting = [each for each in book.card_disputes if each.stage.is_open]
    if waiting:
        print_rows(
            "Disputes",
            ("processor", "dispute", "amount", "currency", "reason", "answer by", "days"),
            (
                (
                    each.processor,
                    each.dispute,
                    amount(each.amount_minor, each.currency),
                    each.currency,
                    each.reason or each.reason_code,
                    each.respond_by,
                    None if each.respond_by is None else (each.respond_by - as_of).days,
                )
                for each in sorted(waiting, key=lambda one: one.respond_by or dt.date.max)
            ),
        )
    return 0


def _payout_rows(book: Book) -> Iterator[Sequence[object]]:
    for matched in book.payouts:
        payout = matched.payout
        gross = sum(minor for kind, minor in payout.totals.items() if kind.is_of_customer)
        yield (
            payout.processor,
            payout.payout,
            payout.paid_on,
            amount(gross, payout.currency),
            amount(payout.fee_minor, payout.currency),
            amount(payout.amount_minor, payout.currency),
            payout.currency,
            _on_the_bank(book, matched),
        )


def _on_the_bank(book: Book, matched: MatchedPayout) -> object:
    """The day of its bank entry; that of the journal where the statement is not there any more."""
    if matched.entry is not None:
        return matched.entry.booking_date
    payout = matched.payout
    name = f"payout:{book.creditor.creditor}:{payout.processor}:{payout.payout}"
    settled = book.ledger.get(name)
    return "not yet" if settled is None else settled.effective_on


@app.command
def post(
    folder: Path,
    /,
    *,
    target: str,
    first: dt.date,
    last: dt.date,
    kinds: tuple[str, ...] = ("receipts",),
    out: Path | None = None,
    send: Annotated[bool, Parameter(negative="")] = False,
    ask: Annotated[bool, Parameter(negative="")] = False,
    secrets: Path | None = None,
    by: str = "",
) -> int:
    """Propose what another system is to book, or send it; nothing is ever sent twice.

    Without `--send` this is a dry run: the lines are printed, and with `--out` the files are written
    as they would be sent.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    target
        The posting target, as `[[posting]]` of the settings names it.
    first
        The first day of what is to be booked, as YYYY-MM-DD.
    last
        The last day, as YYYY-MM-DD.
    kinds
        What is to be booked: receipts, documents (our own debit notes), journal.
    out
        Where the files of the proposal go.
    send
        Send what is proposed, and keep in the journal what came back.
    ask
        Ask what became of batches whose answers were lost, and send nothing.
    secrets
        The folder with a file for each secret that the settings name.
    by
        Who sends.

    """
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    if unknown := sorted(set(kinds) - set(_KINDS)):
        msg = f"kinds must be among {', '.join(_KINDS)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    if send and ask:
        msg = "send and ask must be told one at a time, got both"
        raise PolicyError(msg)
    if last < first:
        msg = f"last must be {first} or later, got {last}"
        raise PolicyError(msg)
    book = look(folder)
    if book is None:
        ERR.print("Nothing was proposed.", style="red")
        return 1
    spec, said = _target(plugins, book, target)
    _check_able(spec, send=send, ask=ask)
    way = _runtime(spec, secrets)
    adapter = spec.build(said.settings, runtime=way)
    records = list(_records(book, kinds, first, last))
    if send or ask:
        return _sent(folder, plugins, book, target, adapter, records, ask=ask, by=by)
    from receivables.sending import propose  # noqa: PLC0415  # loads on use

    proposals = propose(
        records, ledger=book.ledger, creditor=book.creditor.creditor, name=target, target=adapter
    )
    return _shown(list(proposals), out)


def _target(plugins: Plugins, book: Book, name: str) -> tuple[AdapterSpec[Any], ServiceSettings]:
    for said in book.settings.posting:
        if said.adapter == name:
            return plugins.find("posting-target", name), said
    known = ", ".join(said.adapter for said in book.settings.posting) or "none"
    msg = f"target must be one of [[posting]] of the settings ({known}), got {name!r}"
    raise PolicyError(msg)


def _check_able(spec: AdapterSpec[Any], *, send: bool, ask: bool) -> None:
    """Refuse to send to what only makes files, before anything is kept of it."""
    for wanted, ability in ((send, "send"), (ask, "status")):
        if wanted and ability not in spec.capabilities:
            msg = f"target must have the ability {ability!r}, got {spec.name}, whose files a person brings over"
            raise PolicyError(msg)


def _runtime(spec: AdapterSpec[Any], secrets: Path | None) -> Runtime | None:
    if not spec.connects:
        return None
    if secrets is None:
        msg = f"secrets must be given for {spec.name}, got none"
        raise PolicyError(msg)
    return way_with(secrets)


def _records(
    book: Book, kinds: Sequence[str], first: dt.date, last: dt.date
) -> Iterator[PostingRecord]:
    """What is to be booked: receipts that are identified, documents that no source has, entries."""
    if "receipts" in kinds:
        yield from book.receipt_postings(first=first, last=last)
    if "documents" in kinds:
        yield from book.own_documents(first=first, last=last)
    if "journal" in kinds:
        yield from book.journal(first=first, last=last)


def _shown(proposals: list[PostingProposal], out: Path | None) -> int:
    problems = [problem for proposal in proposals for problem in proposal.problems]
    print_problems(problems)
    lines = [
        (proposal.batch.posting, line.line)
        for proposal in proposals
        for line in proposal.batch.lines
    ]
    print_rows("To be booked", ("batch", "line"), lines)
    for proposal in proposals if out is not None else ():
        for payload in proposal.payloads:
            write_whole(Path(str(out)) / proposal.batch.posting / payload.name, payload.content)
    if out is not None:
        OUT.print(f"{len(proposals)} batches are in [bold]{out}[/bold].", highlight=False)
    return 1 if any(problem.is_error for problem in problems) else 0


def _sent(
    folder: Path,
    plugins: Plugins,
    book: Book,
    name: str,
    adapter: Any,  # noqa: ANN401  # a posting target
    records: list[PostingRecord],
    *,
    ask: bool,
    by: str,
) -> int:
    from receivables.cycle import moment_after  # noqa: PLC0415  # loads on use
    from receivables.ledger.objects import Ledger  # noqa: PLC0415  # loads on use
    from receivables.opening import open_store  # noqa: PLC0415  # loads on use
    from receivables.sending import Sender, propose, unanswered  # noqa: PLC0415  # loads on use

    store = open_store(folder, book.settings, plugins)
    try:
        ledger = Ledger.replay(store.events())
        creditor = book.creditor.creditor
        sender = Sender(
            target=adapter,
            store=store,
            ledger=ledger,
            creditor=creditor,
            now=lambda: moment_after(sender.ledger),
            by=by,
        )
        lost = list(unanswered(records, ledger=ledger, creditor=creditor, name=name))
        _tell_out_of_reach(ledger, creditor, name, lost)
        if ask:
            return _told(sender.ask(lost))
        if lost:
            message = f"{len(lost)} batches have no answer yet; run with --ask first"
            ERR.print(message, style="yellow", highlight=False)
        proposals = propose(records, ledger=ledger, creditor=creditor, name=name, target=adapter)
        return _told(sender.send(proposals))
    finally:
        store.close()


def _tell_out_of_reach(
    ledger: Ledger, creditor: str, name: str, lost: Sequence[PostingBatch]
) -> None:
    """Say which lines have no answer and are none of what was asked for: other days, other kinds."""
    from receivables.outbox import standings  # noqa: PLC0415  # loads on use

    known = {line.line for batch in lost for line in batch.lines}
    others = sorted(
        line
        for standing in standings(ledger, creditor)
        if standing.notice.target == name
        for line in standing.unknown
        if line not in known
    )
    if others:
        message = f"{len(others)} lines without an answer are of other days or kinds ({others[0]})"
        ERR.print(message, style="yellow", highlight=False)


def _told(sent: Sent) -> int:
    from receivables.casework import LineOutcome  # noqa: PLC0415  # loads on use

    print_problems(sent.problems)
    rows = [
        (answer.line, answer.outcome.value, answer.reference, answer.message)
        for result in sent.results
        for answer in result.answers
    ]
    print_rows("Answers", ("line", "outcome", "booked as", "said"), rows)
    return 0 if sent.count(LineOutcome.POSTED) == len(rows) else 1
