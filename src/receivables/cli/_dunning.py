"""The commands of dunning: `dun` proposes, shows, releases; `simulate` looks back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter
from rich.markup import escape
from rich.table import Table

from receivables.cli._books import look, record
from receivables.cli._terminal import OUT, amount, app, print_problems, print_whole, write_whole
from receivables.errors import PolicyError

if TYPE_CHECKING:
    from receivables.book import Book
    from receivables.dunning import DunningRun
    from receivables.ledger.model import Event

_ROWS_SHOWN: Final = 30


@app.command
def dun(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    out: Path | None = None,
    review: Path | None = None,
    release: Annotated[bool, Parameter(negative="")] = False,
    by: str = "",
) -> int:
    """Propose who gets which notice, and why others get none; nothing is recorded without `--release`.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    as_of
        The day, as YYYY-MM-DD.
    out
        A new CSV file for the worksheet of the run: a row per item, to say what is left out.
    review
        An edited worksheet: what it leaves out is left out.
    release
        Record the notices and their charges; `receivables cycle` writes the letters of the day.
    by
        Who releases the run; needed for that.

    """
    if (release or review is not None) and not by.strip():
        msg = "by must name who reviews and releases the run, got none"
        raise PolicyError(msg)
    if out is not None and (out.suffix.lower() != ".csv" or out.exists()):
        msg = f"out must be a new file that ends in .csv, got {str(out)!r}"
        raise PolicyError(msg)
    if release:
        return record(
            folder, lambda book, moment: _released(book, as_of, review, by=by, moment=moment)
        )
    book = look(folder)
    if book is None:
        return 1
    run = _reviewed(book, as_of, review, by=by, moment=_now(book))
    _print_run(run, book)
    if out is not None:
        from receivables.reviewing import dunning_worksheet  # noqa: PLC0415  # loads on use

        write_whole(out, dunning_worksheet(run, names=book.names))
        OUT.print(f"The run is in [bold]{out}[/bold].", highlight=False, soft_wrap=True)
    return 0


def _now(book: Book) -> dt.datetime:
    return book.ledger.last_recorded_at or dt.datetime.now(dt.UTC)


def _reviewed(
    book: Book, as_of: dt.date, sheet: Path | None, *, by: str, moment: dt.datetime
) -> DunningRun:
    """The run of a day, without what a worksheet leaves out."""
    from receivables.dunning import review as reviewed  # noqa: PLC0415  # loads on use
    from receivables.reviewing import read_dunning_worksheet  # noqa: PLC0415  # loads on use

    run = book.dun(as_of=as_of, recorded_at=moment)
    if sheet is None:
        return reviewed(run, by=by) if by.strip() else run
    read = read_dunning_worksheet(sheet.read_bytes(), name=sheet.name)
    print_problems(read.problems)
    if read.problems:
        msg = f"review must be a worksheet without faults, got {len(read.problems)} in {sheet.name}"
        raise PolicyError(msg)
    return reviewed(run, read.exclusions, by=by, fingerprint=read.fingerprint)


def _released(
    book: Book, as_of: dt.date, sheet: Path | None, *, by: str, moment: dt.datetime
) -> Iterable[Event]:
    from receivables.dunning import release as released  # noqa: PLC0415  # loads on use

    run = _reviewed(book, as_of, sheet, by=by, moment=moment)
    _print_run(run, book)
    return released(run, recorded_at=moment, by=by)


def _print_run(run: DunningRun, book: Book) -> None:
    table = Table(title=f"{len(run.notices)} notices as of {run.as_of}")
    for heading in ("customer", "letter", "level", "items", "asked", "held back", "charges"):
        is_number = heading in {"level", "items", "asked", "held back"}
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True)
    for notice in run.notices[:_ROWS_SHOWN]:
        held = sum(item.held_minor for item in notice.items)
        cells = (
            book.names.get(notice.customer, notice.customer),
            notice.letter,
            str(notice.level),
            str(len(notice.items)),
            f"{amount(notice.total_minor, notice.currency)} {notice.currency}",
            amount(held, notice.currency) if held else "",
            ", ".join(notice.charges),
        )
        table.add_row(*map(escape, cells))
    print_whole(table)
    if len(run.notices) > _ROWS_SHOWN:
        OUT.print(f"… and {len(run.notices) - _ROWS_SHOWN} more", highlight=False)
    counts = Counter(one.reason.value for one in run.skipped)
    said = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
    OUT.print(f"Left out: {said or 'nothing'}.", highlight=False, soft_wrap=True)
    for proposal in run.referrals:
        OUT.print(
            f"To refer: {proposal.customer}, {proposal.kind.value}, "
            f"{amount(proposal.total_minor, proposal.currency)} {proposal.currency}",
            highlight=False,
            soft_wrap=True,
        )


@app.command
def simulate(
    folder: Path, /, *, first: dt.date, last: dt.date, every: int = 7, procedure: str = ""
) -> int:
    """What the procedure would have sent over a time, and what another one would have.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    first
        The first run, as YYYY-MM-DD.
    last
        The last day.
    every
        Days from one run to the next.
    procedure
        A packaged procedure to compare with the one of the settings.

    """
    from receivables.dunning import packaged_procedure, run_days  # noqa: PLC0415  # loads on use
    from receivables.dunning import simulate as simulated  # noqa: PLC0415  # loads on use

    book = look(folder)
    if book is None:
        return 1
    procedures = {"now": book.settings.dunning}
    if procedure:
        procedures[procedure] = packaged_procedure(procedure)
    table = Table(title=f"Notices from {first} to {last}, a run every {every} days")
    for heading in ("procedure", "letter", "level", "notices", "asked"):
        is_number = heading in {"level", "notices", "asked"}
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True)
    for name, rules in procedures.items():
        made = simulated(
            book.ledger,
            rules,
            days=run_days(first, last, every=every),
            world=book.dunning_world,
        )
        counts = Counter[tuple[str, int]]()
        asked = Counter[tuple[str, int, str]]()
        for notice in made.notices:
            counts[notice.letter, notice.level] += 1
            asked[notice.letter, notice.level, notice.currency] += notice.total_minor
        for (letter, level), count in sorted(counts.items(), key=lambda pair: pair[0][1]):
            sums = "\n".join(
                f"{amount(minor, code)} {code}"
                for (kind, step, code), minor in sorted(asked.items())
                if (kind, step) == (letter, level)
            )
            table.add_row(name, letter, str(level), str(count), sums)
    print_whole(table)
    return 0
