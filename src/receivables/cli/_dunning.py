"""The commands of dunning: `dun` proposes, shows, releases; `simulate` looks back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import attrs
from cyclopts import Parameter
from rich.markup import escape
from rich.table import Table

from receivables.cli._books import look, record
from receivables.cli._terminal import OUT, amount, app, print_problems, print_whole, write_whole
from receivables.errors import DocumentError, PolicyError
from receivables.problems import Place, Problem

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
    if review is not None and not review.is_file():
        msg = f"review must be an existing file, got {str(review)!r}"
        raise PolicyError(msg)
    if out is not None and (out.suffix.lower() != ".csv" or out.exists()):
        msg = f"out must be a new file that ends in .csv, got {str(out)!r}"
        raise PolicyError(msg)
    dunning = _Dunning(as_of, review, by)
    if release:
        return record(folder, dunning.released)
    book = look(folder)
    run = None if book is None else dunning.reviewed(book, moment=_now(book))
    if book is None or run is None:
        return 1
    if out is not None:
        from receivables.reviewing import dunning_worksheet  # noqa: PLC0415  # loads on use

        write_whole(out, dunning_worksheet(run, names=book.names))
        OUT.print(f"The run is in [bold]{out}[/bold].", highlight=False, soft_wrap=True)
    return 0


def _now(book: Book) -> dt.datetime:
    return book.ledger.last_recorded_at or dt.datetime.now(dt.UTC)


@attrs.frozen
class _Dunning:
    """The dunning of a day, as the command was asked for it."""

    as_of: dt.date
    review: Path | None
    by: str

    def released(self, book: Book, moment: dt.datetime) -> Iterable[Event] | None:
        """The events of the run; none where they were recorded before, None where it is refused."""
        from receivables.cycle import letter_problems  # noqa: PLC0415  # loads on use
        from receivables.dunning import release  # noqa: PLC0415  # loads on use

        if self._was_released(book):
            return ()
        run = self.reviewed(book, moment=moment)
        if run is None:
            return None
        events = release(run, recorded_at=moment, by=self.by)
        # A notice that is recorded counts, so its letter must be there to send.
        problems = letter_problems(book.record(*events), run.notices)
        print_problems(problems)
        return None if problems else events

    def reviewed(self, book: Book, *, moment: dt.datetime) -> DunningRun | None:
        """The run without what a worksheet leaves out, shown; None where the worksheet has faults."""
        run = book.dun(as_of=self.as_of, recorded_at=moment)
        if self.review is not None:
            found = self._without_left_out(run, self.review)
            if isinstance(found, Problem):
                print_problems([found])
                return None
            run = found
        elif self.by.strip():
            from receivables.dunning import review  # noqa: PLC0415  # loads on use

            run = review(run, by=self.by)
        _print_run(run, book)
        return run

    def _without_left_out(self, run: DunningRun, sheet: Path) -> DunningRun | Problem:
        from receivables.dunning import review  # noqa: PLC0415  # loads on use
        from receivables.reviewing import read_dunning_worksheet  # noqa: PLC0415  # loads on use

        read = read_dunning_worksheet(sheet.read_bytes(), name=sheet.name, run=run)
        if read.problems:
            return read.problems[0]
        try:
            return review(run, read.exclusions, by=self.by, fingerprint=read.fingerprint)
        except DocumentError as error:
            return Problem("dunning.worksheet-invalid", str(error), place=Place(sheet.name))

    def _was_released(self, book: Book) -> bool:
        """Whether every notice that the worksheet leaves as it is was recorded already."""
        from receivables.reviewing import read_dunning_worksheet  # noqa: PLC0415  # loads on use

        if self.review is None:
            return False
        read = read_dunning_worksheet(self.review.read_bytes(), name=self.review.name)
        known = {notice.event for notice in book.ledger.notices(as_of=self.as_of)}
        return bool(read.left_whole) and known.issuperset(read.left_whole)


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
    spared = Counter((one.category, one.reason.value) for one in run.not_charged)
    for (category, reason), count in sorted(spared.items()):
        OUT.print(f"Not charged: {category}, {reason}, in {count} notices.", highlight=False)
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
