"""The journal writer ``journal-csv``: a heading, then one row for each line of each entry.

Amounts are signed (a debit is positive), in units of their currency with a point and all decimals;
dates and moments are in ISO 8601; each dimension has a column of its own, after all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from receivables.accounting.model import Journal, JournalEntry, JournalLine
from receivables.accounting.writing import Survey, decimal_text, encoded, one_line, survey
from receivables.errors import DocumentError
from receivables_plugins.journal_csv._safe import cell

__all__ = ["COLUMNS", "DIMENSION", "JournalCsvWriter"]

COLUMNS: Final = (
    "entry",
    "creditor",
    "date",
    "kind",
    "document",
    "document_date",
    "event",
    "recorded_at",
    "entry_text",
    "line",
    "account",
    "account_name",
    "role",
    "amount",
    "currency",
    "functional_amount",
    "functional_currency",
    "customer",
    "item",
    "counterparty",
    "text",
)
"""The headings that every file has, in order; the dimensions come after them."""

DIMENSION: Final = "dimension:"
"""What the heading of a dimension begins with."""


class JournalCsvWriter:
    """Writes UTF-8 without a byte order mark, with lines that end in CR LF (RFC 4180).

    What is held while writing is one piece.
    """

    media_type = "text/csv"
    suffix = ".csv"

    def write(self, journal: Journal) -> Iterator[bytes]:
        """Write, in pieces.

        Raises `DocumentError` before the first where a line has one dimension twice, or where two
        dimensions would have one heading.
        """
        found = survey(journal)
        headings = _headings(found)
        if found.dimensions:
            _check_dimensions(journal)
        return encoded(_texts(journal, headings, found))


def _headings(found: Survey) -> list[str]:
    plain: dict[str, str] = {}
    for name in found.dimensions:
        other = plain.setdefault(one_line(name), name)
        if other != name:
            msg = f"dimensions must differ in more than blanks, got {other!r} and {name!r}"
            raise DocumentError(msg)
    return [*COLUMNS, *(f"{DIMENSION}{name}" for name in plain)]


def _check_dimensions(journal: Journal) -> None:
    for entry in journal:
        for line in entry.lines:
            if len(line.dimensions) > 1 and len(dict(line.dimensions)) < len(line.dimensions):
                names = ", ".join(sorted(name for name, _ in line.dimensions))
                msg = f"a line of entry {entry.entry} must have each dimension once, got {names}"
                raise DocumentError(msg)


def _texts(journal: Journal, headings: list[str], found: Survey) -> Iterator[str]:
    yield ",".join(map(cell, headings)) + "\r\n"
    rows = _Rows(found)
    yield from map(rows.text, journal)


class _Rows:
    """Turns entries into rows."""

    def __init__(self, found: Survey) -> None:
        self._places = found.places
        self._dimensions = found.dimensions

    def text(self, entry: JournalEntry) -> str:
        """The rows of an entry, in the order of its lines."""
        head = _head(entry)
        code = entry.functional_currency
        parts = []
        for number, line in enumerate(entry.lines, start=1):
            account, currency = line.account, line.currency
            amount = decimal_text(line.amount_minor, places=self._places[currency])
            books = decimal_text(line.functional_minor, places=self._places[code])
            row = (
                f"{head},{number},{cell(account.number)},{cell(account.name)},{line.role.value},"
                f"{amount},{currency},{books},{code},{_said(line)}"
            )
            parts.append(
                f"{row}{self._dimensioned(line)}\r\n" if self._dimensions else f"{row}\r\n"
            )
        return "".join(parts)

    def _dimensioned(self, line: JournalLine) -> str:
        values = dict(line.dimensions)
        return "".join(f",{cell(values.get(name, ''))}" for name in self._dimensions)


def _head(entry: JournalEntry) -> str:
    """The cells of an entry, which stand on each of its rows."""
    dated = "" if entry.document_date is None else entry.document_date.isoformat()
    recorded = "" if entry.recorded_at is None else entry.recorded_at.isoformat()
    return (
        f"{cell(entry.entry)},{cell(entry.creditor)},{entry.date.isoformat()},{cell(entry.kind)},"
        f"{cell(entry.document)},{dated},{cell(entry.event)},{recorded},{cell(entry.text)}"
    )


def _said(line: JournalLine) -> str:
    return f"{cell(line.customer)},{cell(line.item)},{cell(line.counterparty)},{cell(line.text)}"
