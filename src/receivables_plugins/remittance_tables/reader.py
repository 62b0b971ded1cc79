"""The two readers: delimited text, and workbooks."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import AdviceRecord
from receivables.errors import MissingExtraError
from receivables.reading import Read, ReadNotes
from receivables.texts import TextLines
from receivables_plugins.remittance_tables.payments import TableReading
from receivables_plugins.remittance_tables.settings import (
    CsvRemittanceSettings,
    ExcelRemittanceSettings,
)
from receivables_plugins.remittance_tables.tables import csv_rows, delimiters, sheets

__all__ = ["CSV", "EXCEL", "CsvRemittanceReader", "ExcelRemittanceReader"]

CSV: Final = "remittance-csv"
EXCEL: Final = "remittance-excel"

_NO_HEADINGS: Final = (
    "table must have headings for the document and for what is paid, got none. Declare columns"
)
_LEFT: Final = re.compile(r"(?i)remaining|outstanding|residual|open (balance|amount)")
_PACKED: Final = b"PK\x03\x04"
_OLD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SUFFIXES: Final = (".xlsx", ".xlsm", ".xlsb", ".ods", ".xls")
_PARTS: Final = (b"[Content_Types].xml", b"xl/", b"opendocument.spreadsheet")


class CsvRemittanceReader:
    """Reads remittances in delimited text, by their headings."""

    def __init__(self, settings: CsvRemittanceSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether some line has headings for a document and for what is paid.

        A list with a column of what is left open is one of open items, and no advice.
        """
        if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"[", b"<"}:
            return False
        encoding = self._settings.encoding
        if encoding is None and head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            encoding = "utf-16"
        texts = list(TextLines(io.BytesIO(head), notes=ReadNotes(name), encoding=encoding))
        is_of_items = any(_LEFT.search(text) for text in texts)
        return not is_of_items and bool(delimiters(texts, self._settings))

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read; problems are noted with their line and their heading, and never raised."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[AdviceRecord]:
        table = TableReading(self._settings, notes, prefix=CSV, batch=_bare(notes.source))
        yield from table.records(csv_rows(stream, self._settings, notes))
        if not table.has_headings and not notes.error_count:
            notes.error("column.missing", _NO_HEADINGS)
        elif not table.index and not notes.error_count:
            notes.error("file.empty", "table must have lines, got none")


class ExcelRemittanceReader:
    """Reads remittances in workbooks, by their headings; a workbook is held in memory."""

    def __init__(self, settings: ExcelRemittanceSettings) -> None:
        try:
            import python_calamine  # noqa: F401, PLC0415  # heavy, and an extra
        except ImportError:
            raise MissingExtraError.for_extra(
                "excel", needed_for="reading remittances in workbooks"
            ) from None
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes are those of a workbook; what it holds is not seen there."""
        if head.startswith(_OLD):
            return name.lower().endswith(".xls")
        is_named = name.lower().endswith(_SUFFIXES)
        return head.startswith(_PACKED) and (is_named or any(part in head for part in _PARTS))

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read every sheet that has the headings, or the one that the settings name."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[AdviceRecord]:
        index = 0
        has_headings = False
        for sheet, rows in sheets(stream, self._settings, notes):
            batch = f"{_bare(notes.source)}:{sheet}"
            table = TableReading(self._settings, notes, prefix=EXCEL, batch=batch)
            yield from table.records(rows, index=index)
            index = table.index
            has_headings = has_headings or table.has_headings
        if not has_headings and not notes.error_count:
            notes.error("column.missing", _NO_HEADINGS)
        elif not index and not notes.error_count:
            notes.error("file.empty", "workbook must have lines, got none")


def _bare(name: str) -> str:
    """A name without the folder that a file happens to lie in."""
    return name.replace("\\", "/").rpartition("/")[2]
