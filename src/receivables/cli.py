"""The command `receivables`: a thin layer, everything it does is a documented call of the library.

Exit status: 0 done, 1 problems in the data (or a journal that does not verify), 2 wrong use.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import attrs

from receivables.days import add_months, month_end
from receivables.errors import MissingExtraError, ReceivablesError
from receivables.i18n import bucket_labels
from receivables.money import from_minor

try:
    from cyclopts import App, Parameter
    from rich.console import Console
    from rich.table import Table
except ModuleNotFoundError as missing:  # pragma: no cover  # the tests install the extra
    raise MissingExtraError.for_extra(extra="cli", needed_for="the command line") from missing

if TYPE_CHECKING:
    from receivables.aging.model import Aging, AgingRow
    from receivables.cycle import CycleResult
    from receivables.problems import Problem

__all__ = ["app", "main"]

_PROBLEMS_SHOWN: Final = 50
_ROWS_SHOWN: Final = 12

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
