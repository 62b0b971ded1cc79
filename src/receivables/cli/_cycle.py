"""The commands around a cycle: `cycle`, `demo`, `aging`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import attrs
from cyclopts import Parameter
from rich.table import Table

from receivables.cli._books import way_with
from receivables.cli._terminal import ERR, OUT, app, print_problems, print_whole
from receivables.days import add_months, month_end
from receivables.i18n import bucket_labels
from receivables.money import from_minor

if TYPE_CHECKING:
    from receivables.aging.model import Aging, AgingRow
    from receivables.cycle import CycleResult

_ROWS_SHOWN: Final = 12


@app.command
def cycle(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    out: Path,
    accept_incomplete: Annotated[bool, Parameter(negative="")] = False,
    secrets: Path | None = None,
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
    secrets
        The folder with a file for each secret that the services of the settings name.

    """
    return _cycle(
        folder, as_of=as_of, out=out, accept_incomplete=accept_incomplete, secrets=secrets
    )


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
    OUT.print(f"An invented company is in [bold]{folder}[/bold].")
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
    accept_incomplete: Annotated[bool, Parameter(negative="")] = False,
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
    accept_incomplete
        Age what could be read in spite of errors in the data.

    """
    from receivables.opening import open_folder, read_journal  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    book = open_folder(folder, plugins=plugins, ledger=read_journal(folder, plugins=plugins))
    moment = known_at if known_at is None or known_at.tzinfo else known_at.replace(tzinfo=dt.UTC)
    print_problems(book.problems)
    if book.errors and not accept_incomplete:
        return 1
    book = book.accepting_incomplete()
    _print_aging(book.aging(as_of=as_of, known_at=moment), book.names)
    return 1 if book.errors else 0


def _cycle(
    folder: Path,
    *,
    as_of: dt.date,
    out: Path,
    accept_incomplete: bool = False,
    secrets: Path | None = None,
    is_brief: bool = False,
) -> int:
    from receivables.cycle import run_cycle  # noqa: PLC0415  # loads on use

    with ERR.status(f"{as_of}") as status:
        result = run_cycle(
            folder,
            as_of=as_of,
            out=out,
            accept_incomplete=accept_incomplete,
            runtime=None if secrets is None else way_with(secrets),
            progress=lambda step: status.update(f"{as_of}: {step}"),
        )
    print_problems(result.problems)
    if not result.is_done:
        ERR.print("Nothing was recorded and nothing written.", style="red")
        return 1
    if result.aging is not None and not is_brief:
        _print_aging(result.aging, result.book.names, limit=_ROWS_SHOWN)
    _print_result(result, as_of, out)
    return 0


def _print_result(result: CycleResult, as_of: dt.date, out: Path) -> None:
    lines = [f"[bold]{as_of}[/bold]", _matches(result)]
    if result.run is not None:
        skipped = len(result.run.skipped)
        lines.append(f"Letters of the day: {_letters(result)}; left out: {skipped}.")
    if result.added:
        lines.append(f"{result.added} events were added to the journal.")
    else:
        lines.append("Nothing new: the journal had everything already.")
    lines.append(f"{len(result.files)} files are in [bold]{out}[/bold].")
    for line in lines:
        OUT.print(line, highlight=False, soft_wrap=True)


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
        OUT.print(f"Nothing is open as of {aging.as_of}.", highlight=False)
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
        print_whole(table)


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
