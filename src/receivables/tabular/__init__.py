"""Tables of documents, customers and receipts, read by their headings: text, workbooks, any rows.

What an adapter of lists needs: it says which heading is which of our fields (`TableSettings`), and
gets records, with every doubt noted at its line.

>>> from receivables.reading import ReadNotes
>>> settings = TableSettings(
...     creditor="MIRA", currency="EUR",
...     columns={"number": "No.", "customer": "Account", "document-date": "Date", "amount": "Open"},
... )
>>> rows = [(2, {"No.": "0042", "Account": "C-017", "Date": "2026-09-30", "Open": "120.00"})]
>>> [invoice] = records_of(rows, settings=settings, notes=ReadNotes("items.xlsx"))
>>> invoice.number, invoice.total
('0042', Money('120.00', 'EUR'))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from receivables.reading import ReadNotes
from receivables.tabular._cells import Cells
from receivables.tabular._documents import documents
from receivables.tabular._masters import customers, receipts
from receivables.tabular._numbers import Identities
from receivables.tabular._table import Row, find_columns, rows, rows_of, split
from receivables.tabular.settings import (
    DELIMITERS,
    DUPLICATES,
    FIELDS,
    NEEDED,
    TYPES,
    TableSettings,
    day_or_none,
    texts_by_field,
    texts_by_key,
)
from receivables.texts import TextLines

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = [
    "DELIMITERS",
    "DUPLICATES",
    "FIELDS",
    "NEEDED",
    "TYPES",
    "Cells",
    "Identities",
    "Row",
    "TableSettings",
    "day_or_none",
    "find_columns",
    "records",
    "records_in",
    "records_of",
    "rows",
    "rows_of",
    "split",
    "texts_by_field",
    "texts_by_key",
]


def records(
    lines: TextLines, *, settings: TableSettings, notes: ReadNotes
) -> Iterator[LedgerRecord]:
    """The records of a delimited text; a customer comes before its documents."""
    return records_in(rows(lines, settings, notes), settings=settings, notes=notes)


def records_of(
    table: Iterable[tuple[int, Mapping[str, str]]], *, settings: TableSettings, notes: ReadNotes
) -> Iterator[LedgerRecord]:
    """The records of rows that are no text: each row's number, and its cells by heading."""
    return records_in(rows_of(table, settings, notes), settings=settings, notes=notes)


def records_in(
    found: Iterable[Row], *, settings: TableSettings, notes: ReadNotes
) -> Iterator[LedgerRecord]:
    """The records of rows whose cells are by our own fields already."""
    if settings.record == "customers":
        return customers(found, settings=settings, notes=notes)
    if settings.record == "receipts":
        return receipts(found, settings=settings, notes=notes)
    return documents(found, settings=settings, notes=notes)
