"""The review of a run's proposals, as a table, a page and a worksheet; and a worksheet read back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, BinaryIO, Final

import attrs

from receivables.book import Book
from receivables.days import to_day
from receivables.matching.model import MatchProposal, Outcome
from receivables.reading import ReadNotes
from receivables.reviewing._cells import shown
from receivables.reviewing._csv import read_csv, to_csv
from receivables.reviewing._deciding import decide
from receivables.reviewing._excel import read_excel, to_excel
from receivables.reviewing._html import as_html
from receivables.reviewing._keys import Key, head_of
from receivables.reviewing.model import Decision, Reviewed, ReviewEntry, ReviewRow

__all__ = ["Review", "read_review"]

_FILE_BYTES_MAX: Final = 64_000_000
"""Bytes of a worksheet; one of a hundred thousand rows has a third of them."""
_PACKED: Final = b"PK\x03\x04"


def _entries(values: Iterable[ReviewEntry]) -> tuple[ReviewEntry, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Review:
    """Receipts that need a person, with what is proposed for them and why.

    It shows itself in a notebook in the creditor's language, and is written as a worksheet that
    can be edited and read back by `read_review`.
    """

    as_of: dt.date
    entries: tuple[ReviewEntry, ...] = attrs.field(default=(), converter=_entries, repr=False)
    locale: str = "en"
    """The language of the reader, where no other one is asked for."""
    head: str = attrs.field(default="", repr=False)
    """Where the ledger stood when the review was made."""

    @classmethod
    def of(
        cls,
        book: Book,
        proposals: Iterable[MatchProposal],
        *,
        as_of: dt.date | str,
        every: bool = False,
    ) -> Review:
        """The review of a run's proposals; those that are certain only where `every` says so."""
        receipts = book.ledger.receipts()
        return cls(
            as_of=to_day(as_of, name="as_of"),
            entries=[
                ReviewEntry(
                    receipt=receipts[proposal.creditor, proposal.receipt], proposal=proposal
                )
                for proposal in proposals
                if every or proposal.outcome is not Outcome.CERTAIN
            ],
            locale=book.creditor.locale,
            head=head_of(book.ledger),
        )

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def rows(self) -> tuple[ReviewRow, ...]:
        """One row per receipt and item."""
        return tuple(row for entry in self.entries for row in entry.rows)

    def decided(self, decision: Decision | str, *receipts: str) -> Review:
        """The review with a decision on some receipts, or on all where none are named."""
        made = Decision(decision)
        wanted = set(receipts)
        return attrs.evolve(
            self,
            entries=[
                attrs.evolve(entry, decision=made)
                if not wanted or entry.receipt.receipt in wanted
                else entry
                for entry in self.entries
            ],
        )

    def to_columns(self, *, locale: str | None = None) -> dict[str, list[Any]]:
        """The rows as plain columns, for a data frame; amounts are minor units, or None.

        Reasons and alternatives are text in the reader's language.
        """
        columns: dict[str, list[Any]] = {name: [] for name in _PLAIN}
        for row in self.rows:
            cells = shown(row, locale or self.locale)
            residual = row.residual
            values = {
                **attrs.asdict(row, recurse=False),
                "outcome": row.outcome.value,
                "decision": row.decision.value,
                "residual": residual.kind.value if residual else "",
                "residual_minor": residual.amount_minor if residual else None,
                "residual_reason": residual.reason if residual else "",
                "why": cells["why"],
                "alternatives": cells["alternatives"],
            }
            for name, column in columns.items():
                column.append(values[name])
        return columns

    def to_csv(self, *, locale: str | None = None) -> bytes:
        """The worksheet as separated values, as a spreadsheet of the reader's country opens them."""
        language = locale or self.locale
        return to_csv(self.rows, keys=self._keys(language), locale=language)

    def to_excel(self, *, locale: str | None = None) -> bytes:
        """The worksheet as a workbook; raises `MissingExtraError` without the extra ``excel``."""
        language = locale or self.locale
        return to_excel(self.rows, keys=self._keys(language), locale=language, as_of=self.as_of)

    def _keys(self, locale: str) -> list[Key]:
        return [
            Key(proposal=entry.proposal, locale=locale, head=self.head) for entry in self.entries
        ]

    def _repr_html_(self) -> str:
        return as_html(self.rows, as_of=self.as_of, locale=self.locale)


_PLAIN: Final = (
    "receipt",
    "booking_date",
    "payer",
    "payer_account",
    "amount_minor",
    "currency",
    "text",
    "outcome",
    "probability_bp",
    "decision",
    "customer",
    "item",
    "pays_minor",
    "residual",
    "residual_minor",
    "residual_reason",
    "unapplied_minor",
    "why",
    "alternatives",
)


def read_review(stream: BinaryIO, *, name: str, book: Book, as_of: dt.date | str) -> Reviewed:
    """Read an edited worksheet, a workbook or separated values, back into proposals.

    Rows that say *apply* become proposals: as they were proposed where nothing was changed, and
    else by the document, the amounts, the customer and the residual that stand there.  A row that
    a person added names its receipt.  A document without an amount takes what is open of it, and
    what is left of the receipt.  Everything is checked against the book on the day; what is wrong
    is among the `problems`, with its row and its heading, and never raised.  Raises
    `MissingExtraError` for a workbook without the extra ``excel``.
    """
    notes = ReadNotes(name)
    day = to_day(as_of, name="as_of")
    content = stream.read(_FILE_BYTES_MAX + 1)
    if len(content) > _FILE_BYTES_MAX:
        msg = f"a review must have at most {_FILE_BYTES_MAX} bytes, got more"
        notes.error("file.too-large", msg)
        return Reviewed(source=name, problems=tuple(notes.problems))
    is_workbook = content.startswith(_PACKED)
    grid = read_excel(content, notes=notes) if is_workbook else read_csv(content, notes=notes)
    return decide(grid, book=book, as_of=day, notes=notes)
