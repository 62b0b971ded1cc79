"""The source of credit information ``credit-csv``: one delimited list, known by its headings."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO, Final

import attrs

from receivables.adapters import CreditRecord
from receivables.casework import CreditLimit, ExternalScore, FinancialStatement, Insolvency
from receivables.credit.model import Commitment
from receivables.problems import Place, Severity
from receivables.reading import Read, ReadNotes
from receivables.scoring.statements import check_statement
from receivables.texts import TextLines
from receivables_plugins.credit_csv.cells import Cells
from receivables_plugins.credit_csv.records import LongStatements, record
from receivables_plugins.credit_csv.settings import CreditCsvSettings
from receivables_plugins.credit_csv.table import HEADER_LINES_MAX, Row, find_headers, rows

__all__ = ["CreditCsvSource"]

_NAMES: Final[Mapping[type, str]] = MappingProxyType(
    {
        ExternalScore: "score",
        FinancialStatement: "financials",
        CreditLimit: "limit",
        Commitment: "commitment",
        Insolvency: "insolvency",
    }
)
_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


class CreditCsvSource:
    """Reads scores, statements, limits, commitments or insolvencies from a delimited list."""

    def __init__(self, settings: CreditCsvSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether one of the first lines has the headings of one kind of list, and of one only."""
        lines = TextLines(io.BytesIO(head), notes=ReadNotes(name), encoding=self._encoding(head))
        texts = [line for line, _ in zip(lines, range(HEADER_LINES_MAX), strict=False)]
        return len(find_headers(texts, self._settings)) == 1

    def _encoding(self, head: bytes) -> str | None:
        is_wide = self._settings.encoding is None and head.startswith(_BOMS)
        return "utf-16" if is_wide else self._settings.encoding

    def read(self, stream: BinaryIO, *, name: str) -> Read[CreditRecord]:
        """Read; problems are noted with their line and their heading, and never raised."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[CreditRecord]:
        head = stream.read(len(_BOMS[0]))
        whole = io.BufferedReader(_Rejoined(head, stream))
        lines = TextLines(whole, notes=notes, encoding=self._encoding(head))
        seen: dict[str, int] = {}
        has_rows = False
        for cells, one in self._built(rows(lines, self._settings, notes), notes):
            has_rows = True
            if one is not None and _is_first(one, seen, cells):
                _check(one, cells, notes)
                yield one
        if not has_rows and not notes.error_count:
            notes.error("file.empty", "list must have rows, got none")

    def _built(
        self, found: Iterable[Row], notes: ReadNotes
    ) -> Iterator[tuple[Cells, CreditRecord | None]]:
        """Each record with the row that it is of; statements on several rows come last."""
        long = LongStatements()
        for row in found:
            cells = Cells(row, settings=self._settings, notes=notes)
            if "figure" in row.cells:
                long.add(cells)
                continue
            yield cells, record(row.header.record, cells)
        yield from long.statements()


def _is_first(one: CreditRecord, seen: dict[str, int], cells: Cells) -> bool:
    """Whether a record's identity is new; another of the same is an error that names the line."""
    name: str = getattr(one, _NAMES[type(one)])
    before = seen.setdefault(name, cells.row.line)
    if before != cells.row.line:
        msg = f"{_NAMES[type(one)]} {name} must stand once, got another after line {before}"
        cells.refuse("credit.duplicate", msg, field="id")
    return before == cells.row.line


def _check(one: CreditRecord, cells: Cells, notes: ReadNotes) -> None:
    """Note what does not add up in a statement.

    It was read as it stands, so the read is complete, and somebody may judge the accounts.
    """
    if isinstance(one, FinancialStatement):
        for problem in check_statement(one, place=Place(notes.source, line=cells.row.line)):
            notes.add(attrs.evolve(problem, severity=Severity.WARNING))


class _Rejoined(io.RawIOBase):
    """A stream of which the first bytes were read already; it belongs to somebody else."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # any buffer
        data = self._head or self._rest.read(len(view))
        self._head = data[len(view) :] if self._head else b""
        view[: len(data)] = data[: len(view)]
        return min(len(data), len(view))
