"""The commands of losses: `allowance`, `write-off`, `concentration`, `stress`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import App, Parameter

from receivables.casework import AllowanceReason, SpecificAllowance, WriteOffReason
from receivables.cli._books import known_customer, look, new_name, record
from receivables.cli._terminal import OUT, amount, app, print_rows, say_money
from receivables.errors import PolicyError
from receivables.ledger.casework import CaseEvent
from receivables.ledger.model import Event
from receivables.money import from_minor

if TYPE_CHECKING:
    from receivables.book import Book
    from receivables.casework import WriteOffRequest
    from receivables.writeoffs import TaxRelief

_ALLOWANCE: Final = App(
    name="allowance", help="Expected losses: measure, judge a customer by itself."
)
_WRITE_OFF: Final = App(
    name="write-off", help="Write-offs: ask, approve, refuse, book, list, small balances, recover."
)
for _command in (_ALLOWANCE, _WRITE_OFF):
    app.command(_command)

_Items = Annotated[tuple[str, ...], Parameter(name="--item", negative="")]


@_ALLOWANCE.command(name="show")
def allowance_show(
    folder: Path, /, *, as_of: dt.date, since: dt.date | None = None, entries: bool = False
) -> int:
    """Print the loss allowance of a day, and what moved it.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.
    since
        An earlier day, to print the movement since then.
    entries
        Print the entries that bring the books to it.

    """
    book = look(folder)
    if book is None:
        return 1
    view = book.losses(as_of=as_of)
    OUT.print(str(view.allowance), highlight=False, markup=False, soft_wrap=True)
    for note in view.allowance.notes:
        OUT.print(note, highlight=False, markup=False, soft_wrap=True)
    if since is not None:
        OUT.print(str(view.movement(since=since)), highlight=False, markup=False, soft_wrap=True)
    if entries:
        rows = (
            (
                entry.entry,
                line.account.number,
                line.account.name,
                line.customer,
                f"{amount(line.functional_minor, entry.functional_currency)}",
            )
            for entry in view.entries(book.journal())
            for line in entry.lines
        )
        print_rows("Entries", ("entry", "account", "name", "customer", "amount"), rows)
    return 0


@_ALLOWANCE.command(name="specific")
def allowance_specific(
    folder: Path,
    customer: str,
    /,
    *,
    percent: int,
    reason: AllowanceReason,
    on: dt.date,
    item: _Items = (),
    by: str = "",
    note: str = "",
    name: str = "",
) -> int:
    """Judge the loss on a customer, or on some of its items, by itself.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    customer
        Whose items they are.
    percent
        The part that is expected to be lost.
    reason
        Why.
    on
        The day from which it holds.
    item
        An item; all of the customer's where none is named. May be given more than once.
    by
        Who judged it.
    note
        What else there is to say.
    name
        A name of its own; the next number otherwise.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.allowance import specific_allowance_set  # noqa: PLC0415  # loads on use

        specific = SpecificAllowance(
            specific=name or new_name(book, "specific", "A"),
            customer=known_customer(book, customer),
            rate_bps=percent * 100,
            reason=reason,
            items=item,
            by=by,
            note=note,
        )
        yield specific_allowance_set(
            specific, creditor=book.creditor.creditor, on=on, recorded_at=moment
        )

    return record(folder, make)


@_ALLOWANCE.command(name="release")
def allowance_release(
    folder: Path, name: str, /, *, on: dt.date, by: str = "", reason: str = ""
) -> int:
    """End a specific allowance: its items go back to the matrix.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The specific allowance.
    on
        The first day without it.
    by
        Who ends it.
    reason
        Why.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.allowance import specific_allowance_ended, specific_allowances  # noqa: PLC0415  # loads on use

        creditor = book.creditor.creditor
        standing = specific_allowances(book.ledger, creditor, as_of=on)
        found = [one for one in standing if one.specific == name]
        if not found:
            msg = f"specific allowance must be in force on {on}, got {name!r}"
            raise PolicyError(msg)
        yield specific_allowance_ended(
            found[0], creditor=creditor, on=on, recorded_at=moment, reason=reason, by=by
        )

    return record(folder, make)


@_WRITE_OFF.command(name="ask")
def write_off_ask(
    folder: Path,
    customer: str,
    /,
    *,
    reason: WriteOffReason,
    on: dt.date,
    by: str,
    item: _Items = (),
    proof: str = "",
    note: str = "",
    name: str = "",
) -> int:
    """Ask to give up what is open of a customer; the efforts made so far are gathered.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    customer
        Whose it is.
    reason
        Why.
    on
        The day of the request.
    by
        Who asks.
    item
        An item; all that is past due where none is named. May be given more than once.
    proof
        The certificate, the judgment, the returned letter.
    note
        What else there is to say.
    name
        A name of its own; the next number otherwise.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.writeoffs import write_off_requested  # noqa: PLC0415  # loads on use

        view = book.losses(as_of=on)
        request = view.propose_write_off(
            known_customer(book, customer),
            reason=reason,
            name=name or new_name(book, "write_off", "W"),
            items=item or None,
            proof=proof,
            by=by,
            note=note,
        )
        for missing in view.efforts_missing(request):
            said = (
                f"not done yet: {missing.found} of {missing.needed} {missing.what} ({missing.rule})"
            )
            OUT.print(said, highlight=False, markup=False, soft_wrap=True)
        yield write_off_requested(
            request, creditor=book.creditor.creditor, on=on, recorded_at=moment
        )

    return record(folder, make)


def _request(book: Book, name: str, on: dt.date) -> WriteOffRequest:
    found = [one.request for one in book.losses(as_of=on).write_offs if one.name == name]
    if not found:
        msg = f"write-off must have been asked for by {on}, got {name!r}"
        raise PolicyError(msg)
    return found[0]


def _decide(folder: Path, name: str, on: dt.date, by: str, reason: str, verb: str) -> int:
    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables import writeoffs  # noqa: PLC0415  # loads on use

        said: dict[str, Any] = {"on": on, "recorded_at": moment, "by": by, "reason": reason}
        request = _request(book, name, on)
        yield getattr(writeoffs, verb)(request, creditor=book.creditor.creditor, **said)

    return record(folder, make)


@_WRITE_OFF.command(name="approve")
def write_off_approve(folder: Path, name: str, /, *, on: dt.date, by: str, reason: str = "") -> int:
    """Agree to a write-off; by its amount more than one may have to, and never who asked.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The write-off.
    on
        The day.
    by
        Who agrees.
    reason
        Why.

    """
    return _decide(folder, name, on, by, reason, "write_off_approved")


@_WRITE_OFF.command(name="refuse")
def write_off_refuse(folder: Path, name: str, /, *, on: dt.date, by: str, reason: str = "") -> int:
    """Refuse a write-off.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The write-off.
    on
        The day.
    by
        Who refuses.
    reason
        Why.

    """
    return _decide(folder, name, on, by, reason, "write_off_refused")


@_WRITE_OFF.command(name="book")
def write_off_book(
    folder: Path,
    name: str,
    /,
    *,
    on: dt.date,
    despite: str = "",
    told_on: dt.date | None = None,
) -> int:
    """Book a write-off that enough people agreed to.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The write-off.
    on
        The day that it counts from.
    despite
        Why it is booked although something was not tried.
    told_on
        The day on which the customer got the document that the law asks for before tax comes back.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[Event]:
        booked = book.losses(as_of=on).book_write_off(
            name, recorded_at=moment, despite=despite, told_on=told_on
        )
        for relief in booked.relief:
            OUT.print(_said_of(relief), highlight=False, markup=False, soft_wrap=True)
        return booked.events

    return record(folder, make)


def _said_of(relief: TaxRelief) -> str:
    """What of a tax comes back, by which article, or what is still missing."""
    said = f"{relief.item}, {relief.code or 'tax'} ({relief.rule.article}): "
    if relief.missing:
        lacks = ", ".join(one.value for one in relief.missing)
        return f"{said}nothing comes back yet, {lacks} missing"
    back = say_money(from_minor(relief.claimable_minor, relief.currency))
    note = "" if relief.is_verified else ", not verified"
    return f"{said}{back} comes back, {relief.formula}{note}"


@_WRITE_OFF.command(name="recover")
def write_off_recover(folder: Path, receipt: str, /, *, on: dt.date, by: str = "") -> int:
    """Take a receipt as money for what was written off: income, and tax that is owed again.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    receipt
        The receipt.
    on
        The day that it counts from.
    by
        Who recovered it.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[Event]:
        from receivables.writeoffs import recovery  # noqa: PLC0415  # loads on use

        creditor = book.creditor.creditor
        return (
            recovery(book.ledger, receipt, creditor=creditor, on=on, recorded_at=moment, by=by),
        )

    return record(folder, make)


@_WRITE_OFF.command(name="small")
def write_off_small(folder: Path, /, *, on: dt.date, book_them: bool = False) -> int:
    """Show the balances that the policy finds too small to be asked for; book them with `--book-them`.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    on
        The day.
    book_them
        Book them.

    """
    from receivables.writeoffs import small_balance_events  # noqa: PLC0415  # loads on use

    if not book_them:
        book = look(folder)
        if book is None:
            return 1
        _print_small(book, on)
        return 0

    def make(book: Book, moment: dt.datetime) -> Iterable[Event]:
        return small_balance_events(book.ledger, _print_small(book, on), recorded_at=moment)

    return record(folder, make)


def _print_small(book: Book, on: dt.date) -> Any:  # noqa: ANN401  # a run, loaded on use
    run = book.losses(as_of=on).small_balances
    rows = (
        (
            line.item.item,
            book.names.get(line.item.customer, line.item.customer),
            f"{amount(line.item.open_minor, line.item.currency)} {line.item.currency}",
            line.days,
            line.left_out or "cleaned up",
        )
        for line in (*run.lines, *run.left_out)
    )
    print_rows(f"Small balances on {on}", ("item", "customer", "amount", "days", "what"), rows)
    return run


@_WRITE_OFF.command(name="list")
def write_off_list(folder: Path, /, *, as_of: dt.date) -> int:
    """List the requests to write off, and where each stands.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.

    """
    book = look(folder)
    if book is None:
        return 1

    def said(amounts: Any) -> str:  # noqa: ANN401  # amounts by currency
        return ", ".join(say_money(one) for one in amounts.values())

    rows = (
        (
            one.name,
            book.names.get(one.request.customer, one.request.customer),
            one.request.reason.value,
            one.state.value,
            said(one.requested()),
            said(one.booked),
            said(one.recovered),
            ", ".join(one.waiting_for),
        )
        for one in book.losses(as_of=as_of).write_offs
    )
    headings = (
        *("write-off", "customer", "reason", "state", "asked", "booked", "recovered"),
        "waits for",
    )
    print_rows(f"Write-offs on {as_of}", headings, rows)
    return 0


@app.command(name="concentration")
def show_concentration(
    folder: Path, /, *, as_of: dt.date, by: str = "customer", top: int = 10
) -> int:
    """Print how much of what is open is owed by few.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.
    by
        `customer`, `group`, `country`, `segment` or `currency`.
    top
        How many of the largest.

    """
    book = look(folder)
    if book is None:
        return 1
    for found in book.losses(as_of=as_of).concentration(by=by):
        rows = (
            (
                one.holder or "unknown",
                book.names.get(one.holder, ""),
                f"{amount(one.amount_minor, found.currency)}",
                f"{one.share_ppb // 10_000_000}",
            )
            for one in found.holdings[:top]
        )
        print_rows(
            f"Concentration by {by} on {as_of}, in {found.currency}",
            (by, "name", "amount", "share %"),
            rows,
        )
    return 0


@app.command(name="stress")
def show_stress(folder: Path, /, *, as_of: dt.date) -> int:
    """Print what would be lost after cover if the largest failed, and in other scenarios.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.

    """
    book = look(folder)
    if book is None:
        return 1
    found = book.losses(as_of=as_of).stress()
    rows = (
        (
            one.scenario.name,
            say_money(from_minor(one.exposure_minor, one.currency)),
            say_money(from_minor(one.loss_minor, one.currency)),
        )
        for one in found
    )
    print_rows(f"Stress on {as_of}", ("scenario", "exposure", "loss"), rows)
    return 0
