"""The command `receivables`: a thin layer, everything it does is a documented call of the library.

Exit status: 0 done, 1 problems in the data (or a journal that does not verify), 2 wrong use.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import attrs

from receivables.days import add_months, month_end
from receivables.errors import MissingExtraError, PolicyError, ReceivablesError
from receivables.i18n import bucket_labels
from receivables.money import from_minor

try:
    from cyclopts import App, Parameter
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
except ModuleNotFoundError as missing:  # pragma: no cover  # the tests install the extra
    raise MissingExtraError.for_extra(extra="cli", needed_for="the command line") from missing

if TYPE_CHECKING:
    from receivables.aging.model import Aging, AgingRow
    from receivables.book import Book
    from receivables.cycle import CycleResult
    from receivables.matching.model import Proposals
    from receivables.plugins import Plugins
    from receivables.problems import Problem
    from receivables.reviewing import Review, Reviewed

__all__ = ["app", "main"]

_PROBLEMS_SHOWN: Final = 50
_ROWS_SHOWN: Final = 12
_REVIEWED_SHOWN: Final = 20
_WHY_WIDTH: Final = 70
_WORKSHEETS: Final = (".xlsx", ".csv")

app = App(
    name="receivables",
    help="Accounts receivable: from an accounting export and a bank statement to a reminder.",
    help_format="markdown",
)
_out = Console()
_err = Console(stderr=True)


@app.command
def cycle(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    out: Path,
    accept_incomplete: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Read a folder, apply receipts, age what is open, and write the letters of a day.

    Parameters
    ----------
    folder
        The folder with the exports, the statements and `receivables.toml`.
    as_of
        The day, as YYYY-MM-DD.
    out
        Where the papers go; the folder is made.
    accept_incomplete
        Go on in spite of errors in the data.

    """
    return _cycle(folder, as_of=as_of, out=out, accept_incomplete=accept_incomplete)


@app.command
def demo(*, out: Path = Path("demo-out"), invoices: int = 2_400) -> int:
    """Make an invented company, and run three month-end cycles of it.

    Parameters
    ----------
    out
        Where the company's folder and the papers go; the folder is made.
    invoices
        How many invoices the company wrote in its two years.

    """
    from receivables.testing.company import generate, write_folder  # noqa: PLC0415  # loads on use

    company = generate(invoices=invoices)
    folder = out / "company"
    for name, content in write_folder(company).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _out.print(f"An invented company is in [bold]{folder}[/bold].")
    # A reminder follows only the one before it, so the last month-end needs the two before.
    earlier = [month_end(add_months(company.last_day, -months)) for months in (2, 1)]
    for day in earlier:
        status = _cycle(folder, as_of=day, out=out / f"papers-{day}", is_brief=True)
        if status:
            return status
    return _cycle(folder, as_of=company.last_day, out=out / "papers")


@app.command
def aging(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> int:
    """Print the aging of a folder on a day; nothing is recorded or written.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    as_of
        The day, as YYYY-MM-DD.
    known_at
        Only what was known at this moment (UTC).

    """
    from receivables.opening import open_folder, read_journal  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    book = open_folder(folder, plugins=plugins, ledger=read_journal(folder, plugins=plugins))
    moment = known_at if known_at is None or known_at.tzinfo else known_at.replace(tzinfo=dt.UTC)
    _print_problems(book.problems)
    _print_aging(book.aging(as_of=as_of, known_at=moment), book.names)
    return 1 if book.errors else 0


@app.command
def match(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    out: Path | None = None,
    apply: Annotated[bool, Parameter(negative="")] = False,
    review: Path | None = None,
    by: str = "",
    accept_incomplete: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Find what receipts pay, and say what needs a person; nothing is recorded without a flag.

    Parameters
    ----------
    folder
        The folder with the exports, the statements, the journal and `receivables.toml`.
    as_of
        The day, as YYYY-MM-DD.
    out
        A new file for the worksheet of what needs a person: `.xlsx` or `.csv`.
    apply
        Record what is certain.
    review
        An edited worksheet: its decisions are recorded, with what they teach.
    by
        Who decided; needed with a worksheet.
    accept_incomplete
        Go on in spite of errors in the data, and with the rows of the worksheet without a fault.

    """
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    if review is not None and not by.strip():
        msg = "by must name who decided, with a review, got none"
        raise PolicyError(msg)
    if review is not None and not review.is_file():
        msg = f"review must be an existing file, got {str(review)!r}"
        raise PolicyError(msg)
    if out is not None and (out.suffix.lower() not in _WORKSHEETS or out.exists()):
        msg = f"out must be a new file that ends in {' or '.join(_WORKSHEETS)}, got {str(out)!r}"
        raise PolicyError(msg)
    matching = _Matching(folder, as_of, load_plugins(), accept_incomplete)
    if apply or review is not None:
        return matching.record(review, by=by, apply=apply, out=out)
    return matching.look(out=out)


@app.command
def journal(
    folder: Path,
    /,
    *,
    first: dt.date,
    last: dt.date,
    out: Path,
    writer: str = "journal-csv",
) -> int:
    """Write the double-entry journal of a folder's days as a file; nothing is recorded.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    first
        The first day, as YYYY-MM-DD.
    last
        The last day, as YYYY-MM-DD.
    out
        The file to write; one that is there is replaced.
    writer
        The journal writer: `fec`, `journal-csv`, `beancount`, `hledger`, or one of a plug-in.

    """
    from receivables.opening import open_folder, read_journal  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    spec = plugins.find("journal-writer", writer)
    book = open_folder(folder, plugins=plugins, ledger=read_journal(folder, plugins=plugins))
    _print_problems(book.problems)
    if book.errors:
        return 1
    made = book.journal(first=first, last=last)
    # A writer that shows names takes them as a setting: the journal has identifiers only.
    shows_names = any(field.name == "names" for field in attrs.fields(spec.settings))
    adapter = spec.build({"names": dict(book.names)} if shows_names else None)
    part = out.with_name(f".{out.name}.part")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            file.writelines(adapter.write(made))
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    _out.print(f"{len(made)} entries are in [bold]{out}[/bold].", highlight=False)
    return 0


@app.command
def statements(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    out: Path,
    since: dt.date | None = None,
    customer: Annotated[tuple[str, ...], Parameter(negative="")] = (),
) -> int:
    """Write statements of account, each in its customer's language; nothing is recorded.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    as_of
        The day, as YYYY-MM-DD.
    out
        Where the statements go; the folder is made.
    since
        Every movement from this day on, instead of what is open.
    customer
        Only this customer; may be given more than once.

    """
    from receivables.opening import open_folder, read_journal  # noqa: PLC0415  # loads on use
    from receivables.papers import Renderers  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    book = open_folder(folder, plugins=plugins, ledger=read_journal(folder, plugins=plugins))
    _print_problems(book.problems)
    if book.errors:
        return 1
    renderers = Renderers.of(book.settings.renderers, plugins)
    out.mkdir(parents=True, exist_ok=True)
    failed = written = 0
    for statement in book.statements_of(customer or None, as_of=as_of, since=since):
        try:
            files = list(renderers.files(book.statement_letter(statement)))
        except ReceivablesError as error:
            failed += 1
            _err.print(f"{statement.customer}: {error}", style="red", markup=False, soft_wrap=True)
            continue
        written += 1
        for name, content in files:
            (out / name).write_bytes(content)
    _out.print(f"{written} statements are in [bold]{out}[/bold].", highlight=False)
    return 1 if failed else 0


@app.command
def plugins() -> int:
    """List the adapters that are installed, and how each was verified."""
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    loaded = load_plugins()
    table = Table()
    for heading in ("kind", "name", "what it does", "abilities", "verified", "extra"):
        table.add_column(heading, no_wrap=heading in {"kind", "name"})
    for kind, specs in loaded.adapters.items():
        for spec in specs.values():
            abilities = ", ".join(sorted(spec.capabilities))
            table.add_row(kind, spec.name, spec.summary, abilities, spec.verified, spec.extra)
    _out.print(table)
    for broken in loaded.broken:
        _err.print(f"broken: {broken.name}: {broken.reason}", style="red", markup=False)
    return 1 if loaded.broken else 0


@app.command
def verify(folder: Path, /) -> int:
    """Check the hash chain over a folder's journal.

    Parameters
    ----------
    folder
        The folder with `receivables.toml`.

    """
    from receivables.opening import open_store, read_settings  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    loaded = load_plugins()
    store = open_store(folder, read_settings(folder, plugins=loaded), loaded)
    try:
        found = store.verify()
    finally:
        store.close()
    _print_problems(found.problems)
    if found.problems:
        return 1
    _out.print(f"The journal holds {found.events} events and verifies.", highlight=False)
    _out.print(f"Head: {found.head}", highlight=False, soft_wrap=True)
    return 0


@attrs.frozen
class _Matching:
    """The matching of a folder on a day."""

    folder: Path
    as_of: dt.date
    plugins: Plugins
    accept_incomplete: bool

    def look(self, *, out: Path | None) -> int:
        """Show what would be applied, without recording anything."""
        from receivables.opening import open_folder, read_journal  # noqa: PLC0415  # loads on use

        before = read_journal(self.folder, plugins=self.plugins)
        book = open_folder(self.folder, plugins=self.plugins, ledger=before)
        if not self._may_go_on(book.problems):
            return 1
        moment = book.ledger.last_recorded_at or dt.datetime.now(dt.UTC)
        applied = book.apply_certain(as_of=self.as_of, recorded_at=moment)
        self._show(book, applied.proposals, verb="would be applied", out=out)
        return 0

    def record(self, review: Path | None, *, by: str, apply: bool, out: Path | None) -> int:
        """Record decisions of a worksheet, then what is certain, in one atomic append."""
        from receivables.cycle import append_new, moment_after  # noqa: PLC0415  # loads on use
        from receivables.ledger.objects import Ledger  # noqa: PLC0415  # loads on use
        from receivables.opening import (  # noqa: PLC0415  # loads on use
            open_folder,
            open_store,
            read_settings,
        )

        settings = read_settings(self.folder, plugins=self.plugins)
        store = open_store(self.folder, settings, self.plugins)
        try:
            before = Ledger.replay(store.events())
            moment = moment_after(before)
            book = open_folder(self.folder, plugins=self.plugins, ledger=before, recorded_at=moment)
            if not self._may_go_on(book.problems):
                return 1
            if review is not None:
                reviewed = self._read(review, book)
                if not self._may_go_on(reviewed.problems):
                    return 1
                book = book.confirm(reviewed.sound, recorded_at=moment, by=by)
                _print_reviewed(reviewed)
            if apply:
                applied = book.apply_certain(as_of=self.as_of, recorded_at=moment)
                book, proposals = applied.book, applied.proposals
            else:
                proposals = book.match(as_of=self.as_of)
            appended = append_new(store, book.ledger, before=before)
        finally:
            store.close()
        verb = "applied" if apply else "would be applied"
        self._show(book, proposals, verb=verb, out=out)
        _print_added(appended.added)
        return 0

    def _read(self, review: Path, book: Book) -> Reviewed:
        from receivables.reviewing import read_review  # noqa: PLC0415  # loads on use

        with review.open("rb") as stream:
            return read_review(stream, name=review.name, book=book, as_of=self.as_of)

    def _may_go_on(self, problems: Sequence[Problem]) -> bool:
        """Print problems; whether they let anything be recorded."""
        _print_problems(problems)
        if self.accept_incomplete or not any(problem.is_error for problem in problems):
            return True
        _err.print("Nothing was recorded and nothing written.", style="red")
        return False

    def _show(self, book: Book, proposals: Proposals, *, verb: str, out: Path | None) -> None:
        from receivables.reviewing import Review  # noqa: PLC0415  # loads on use

        _print_outcomes(proposals, verb=verb, as_of=self.as_of)
        review = Review.of(book, proposals, as_of=self.as_of)
        _print_review(review)
        if out is not None:
            content = review.to_excel() if out.suffix.lower() == ".xlsx" else review.to_csv()
            _write_whole(out, content)
            _out.print(
                f"{len(review)} receipts are in [bold]{out}[/bold].",
                highlight=False,
                soft_wrap=True,
            )


def _print_reviewed(reviewed: Reviewed) -> None:
    counts = f"{len(reviewed.sound)} decisions taken, {len(reviewed.known)} known already"
    _out.print(f"Review: {counts}, {len(reviewed.left)} receipts left.", highlight=False)


def _print_outcomes(proposals: Proposals, *, verb: str, as_of: dt.date) -> None:
    """How many receipts there are of each outcome, and what they come to in each currency."""
    table = Table(title=f"Receipts matched as of {as_of}")
    table.add_column("outcome", no_wrap=True)
    table.add_column("receipts", justify="right")
    table.add_column("value", justify="right")
    groups = {
        verb: proposals.certain,
        "proposed": proposals.proposed,
        "ambiguous": proposals.ambiguous,
        "unmatched": proposals.unmatched,
    }
    for name, found in groups.items():
        sums = Counter[str]()
        for proposal in found:
            sums[proposal.currency] += proposal.amount_minor
        value = "\n".join(f"{_amount(minor, code)} {code}" for code, minor in sorted(sums.items()))
        table.add_row(name, str(len(found)), value)
    _print_whole(table)


def _print_review(review: Review) -> None:
    """The first receipts that need a person, each with what it would pay and why."""
    from receivables.explaining import explain  # noqa: PLC0415  # loads on use

    if not review.entries:
        _out.print("Nothing needs a person.")
        return
    table = Table(title=f"{len(review)} receipts need a person")
    for heading in ("booked", "payer", "amount", "outcome", "sure", "pays", "why"):
        is_number = heading in {"amount", "sure"}
        table.add_column(
            heading,
            justify="right" if is_number else "left",
            no_wrap=is_number or heading == "booked",
            max_width=_WHY_WIDTH if heading == "why" else None,
        )
    for entry in review.entries[:_REVIEWED_SHOWN]:
        first, *more = entry.rows
        items = [row.item for row in (first, *more) if row.item]
        choices = [" + ".join(each) for each in first.alternatives]
        pays = " + ".join(items) or " | ".join(choices)
        why = explain(((each.kind.value, each.detail) for each in first.evidence), locale="en")
        cells = (
            first.booking_date.isoformat(),
            first.payer,
            f"{_amount(first.amount_minor, first.currency)} {first.currency}",
            first.outcome.value,
            f"{first.probability_bp // 100}.{first.probability_bp % 100:02} %",
            pays,
            "; ".join(why),
        )
        table.add_row(*map(escape, cells))
    _print_whole(table)
    if len(review) > _REVIEWED_SHOWN:
        _out.print(f"… and {len(review) - _REVIEWED_SHOWN} more", highlight=False)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _print_added(added: int) -> None:
    if added:
        _out.print(f"{added} events were added to the journal.", highlight=False)
    else:
        _out.print("Nothing new: the journal had everything already.")


def _amount(amount_minor: int, currency: str) -> str:
    return f"{from_minor(amount_minor, currency).amount:,}"


def _cycle(
    folder: Path,
    *,
    as_of: dt.date,
    out: Path,
    accept_incomplete: bool = False,
    is_brief: bool = False,
) -> int:
    from receivables.cycle import run_cycle  # noqa: PLC0415  # loads on use

    with _err.status(f"{as_of}") as status:
        result = run_cycle(
            folder,
            as_of=as_of,
            out=out,
            accept_incomplete=accept_incomplete,
            progress=lambda step: status.update(f"{as_of}: {step}"),
        )
    _print_problems(result.problems)
    if not result.is_done:
        _err.print("Nothing was recorded and nothing written.", style="red")
        return 1
    if result.aging is not None and not is_brief:
        _print_aging(result.aging, result.book.names, limit=_ROWS_SHOWN)
    _print_result(result, as_of, out)
    return 0


def _print_result(result: CycleResult, as_of: dt.date, out: Path) -> None:
    lines = [f"[bold]{as_of}[/bold]", _matches(result)]
    if result.run is not None:
        skipped = len(result.run.skipped)
        lines.append(f"Letters of the day: {_letters(result)}; customers skipped: {skipped}.")
    if result.added:
        lines.append(f"{result.added} events were added to the journal.")
    else:
        lines.append("Nothing new: the journal had everything already.")
    lines.append(f"{len(result.files)} files are in [bold]{out}[/bold].")
    for line in lines:
        _out.print(line, highlight=False, soft_wrap=True)


def _letters(result: CycleResult) -> str:
    counts = Counter(letter.kind for letter in result.letters)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "none"


def _matches(result: CycleResult) -> str:
    proposals = result.proposals
    counts = {
        "applied": len(proposals.certain),
        "proposed": len(proposals.proposed),
        "ambiguous": len(proposals.ambiguous),
        "unmatched": len(proposals.unmatched),
    }
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"Receipts of this run: {said}."


def _print_aging(aging: Aging, names: Mapping[str, str], *, limit: int | None = None) -> None:
    """One table per currency, the largest balances first, then all the others in one row."""
    labels = bucket_labels(aging.scheme, "en")
    if not aging.rows:
        _out.print(f"Nothing is open as of {aging.as_of}.", highlight=False)
    for currency, total in aging.totals.items():
        table = Table(title=f"{currency}, aging as of {aging.as_of} by {aging.scheme.basis.value}")
        table.add_column("customer", overflow="ellipsis", no_wrap=True, max_width=32)
        for label in (*labels, "credits", "total"):
            table.add_column(label, justify="right", no_wrap=True)
        rows = [row for row in aging.rows if row.currency == currency]
        rows.sort(key=lambda row: -abs(row.total_minor))
        for row in rows[:limit]:
            name = names.get(row.customer, row.customer) or "(unidentified)"
            table.add_row(name, *_amounts(row))
        if limit is not None and len(rows) > limit:
            table.add_row(f"{len(rows) - limit} others", *_others(rows[limit:], total), style="dim")
        table.add_section()
        table.add_row("total", *_amounts(total), style="bold")
        _print_whole(table)


def _print_whole(table: Table) -> None:
    """Print a table at its own width: an amount cut short is a wrong amount."""
    wide = Console(width=1_000)
    needed = wide.measure(table).maximum
    Console(width=max(_out.width, needed)).print(table)


def _others(rows: list[AgingRow], total: AgingRow) -> list[str]:
    buckets = tuple(map(sum, zip(*(row.buckets_minor for row in rows), strict=True)))
    credits_minor = sum(row.credits_minor for row in rows)
    summed = attrs.evolve(
        total,
        buckets_minor=buckets,
        credits_minor=credits_minor,
        total_minor=sum(buckets) + credits_minor,
    )
    return _amounts(summed)


def _amounts(row: AgingRow) -> list[str]:
    """Amounts as plain decimals of the row's currency; nothing where there is nothing."""
    minors = (*row.buckets_minor, row.credits_minor, row.total_minor)
    return [f"{from_minor(minor, row.currency).amount:,}" if minor else "" for minor in minors]


def _print_problems(problems: Iterable[Problem]) -> None:
    listed = list(problems)
    for problem in listed[:_PROBLEMS_SHOWN]:
        style = "red" if problem.is_error else "yellow"
        _err.print(str(problem), style=style, markup=False, highlight=False, soft_wrap=True)
    if len(listed) > _PROBLEMS_SHOWN:
        _err.print(f"… and {len(listed) - _PROBLEMS_SHOWN} more problems")


def main() -> None:
    """Run the command, and say what is wrong in one line where it is the user's to mend."""
    try:
        sys.exit(app())
    except ReceivablesError as error:
        _err.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
