"""The command `match`: what receipts pay, and what needs a person."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import attrs
from cyclopts import Parameter
from rich.markup import escape
from rich.table import Table

from receivables.cli._terminal import (
    ERR,
    OUT,
    amount,
    app,
    print_added,
    print_problems,
    print_whole,
    write_whole,
)
from receivables.errors import PolicyError

if TYPE_CHECKING:
    from receivables.book import Book
    from receivables.matching.model import Proposals
    from receivables.plugins import Plugins
    from receivables.problems import Problem
    from receivables.reviewing import Review, Reviewed

_REVIEWED_SHOWN: Final = 20
_WHY_WIDTH: Final = 70
_WORKSHEETS: Final = (".xlsx", ".csv")


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
        print_added(appended.added)
        return 0

    def _read(self, review: Path, book: Book) -> Reviewed:
        from receivables.reviewing import read_review  # noqa: PLC0415  # loads on use

        with review.open("rb") as stream:
            return read_review(stream, name=review.name, book=book, as_of=self.as_of)

    def _may_go_on(self, problems: Sequence[Problem]) -> bool:
        """Print problems; whether they let anything be recorded."""
        print_problems(problems)
        if self.accept_incomplete or not any(problem.is_error for problem in problems):
            return True
        ERR.print("Nothing was recorded and nothing written.", style="red")
        return False

    def _show(self, book: Book, proposals: Proposals, *, verb: str, out: Path | None) -> None:
        from receivables.reviewing import Review  # noqa: PLC0415  # loads on use

        _print_outcomes(proposals, verb=verb, as_of=self.as_of)
        review = Review.of(book, proposals, as_of=self.as_of)
        _print_review(review)
        if out is not None:
            content = review.to_excel() if out.suffix.lower() == ".xlsx" else review.to_csv()
            write_whole(out, content)
            OUT.print(
                f"{len(review)} receipts are in [bold]{out}[/bold].",
                highlight=False,
                soft_wrap=True,
            )


def _print_reviewed(reviewed: Reviewed) -> None:
    counts = f"{len(reviewed.sound)} decisions taken, {len(reviewed.known)} known already"
    OUT.print(f"Review: {counts}, {len(reviewed.left)} receipts left.", highlight=False)


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
        value = "\n".join(f"{amount(minor, code)} {code}" for code, minor in sorted(sums.items()))
        table.add_row(name, str(len(found)), value)
    print_whole(table)


def _print_review(review: Review) -> None:
    """The first receipts that need a person, each with what it would pay and why."""
    from receivables.explaining import explain  # noqa: PLC0415  # loads on use

    if not review.entries:
        OUT.print("Nothing needs a person.")
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
            f"{amount(first.amount_minor, first.currency)} {first.currency}",
            first.outcome.value,
            f"{first.probability_bp // 100}.{first.probability_bp % 100:02} %",
            pays,
            "; ".join(why),
        )
        table.add_row(*map(escape, cells))
    print_whole(table)
    if len(review) > _REVIEWED_SHOWN:
        OUT.print(f"… and {len(review) - _REVIEWED_SHOWN} more", highlight=False)
