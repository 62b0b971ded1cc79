"""The ledger source ``csv``: one delimited list, read as its settings say."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from receivables.adapters import LedgerRecord
from receivables.reading import Read, ReadNotes
from receivables.tabular import DELIMITERS, TableSettings, find_columns, records, split
from receivables.texts import TextLines

__all__ = ["CsvSource"]


class CsvSource:
    """Reads documents, customers or receipts from a delimited list."""

    def __init__(self, settings: TableSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # the headings tell
        """Whether the headings have every column that the settings name."""
        lines = TextLines(io.BytesIO(head), notes=ReadNotes(name), encoding=self._settings.encoding)
        texts = list(lines)[self._settings.header_line - 1 :]
        marks = DELIMITERS if self._settings.delimiter is None else (self._settings.delimiter,)
        return any(self._has_columns(texts, mark) for mark in marks)

    def _has_columns(self, texts: list[str], delimiter: str) -> bool:
        try:
            names = [name.strip() for name in next(split(texts, delimiter), [])]
        except csv.Error:
            return False
        return not find_columns(names, self._settings)[1]

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read the kind of record that the settings name; a customer comes before its documents."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        lines = TextLines(stream, notes=notes, encoding=self._settings.encoding)
        yield from records(lines, settings=self._settings, notes=notes)
