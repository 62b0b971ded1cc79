"""Tables as they come: rows of cells with their line and, of a text file, the lines as they stand."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO, Final, TypeAlias

import attrs

from receivables.reading import ReadNotes
from receivables.texts import TextLines
from receivables.workbooks import is_unbounded
from receivables_plugins.remittance_tables.headings import find_header
from receivables_plugins.remittance_tables.settings import (
    DELIMITERS,
    CsvRemittanceSettings,
    ExcelRemittanceSettings,
)

__all__ = ["HEADER_LINES_MAX", "Cell", "Row", "csv_rows", "delimiters", "sheets", "text_of"]

Cell: TypeAlias = "str | Decimal | dt.date"
"""A text, or what a workbook knows to be a number or a date."""

HEADER_LINES_MAX: Final = 100
"""Lines above the headings: an address, a logo, the terms; and a bound on what is kept."""

_EXCEL_DIGITS: Final = ".15g"
"""A workbook keeps binary numbers, of which its program shows and means fifteen digits."""
_FILE_BYTES_MAX: Final = 50_000_000
"""Bytes of a workbook: a million lines; it cannot be read in pieces."""
_BOMS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_CELL_MAX: Final = 100_000


@attrs.frozen(kw_only=True)
class Row:
    """One row of a table."""

    line: int
    cells: tuple[Cell, ...]
    raw: str = ""

    @property
    def texts(self) -> list[str]:
        """The cells as texts."""
        return [text_of(cell) for cell in self.cells]

    @property
    def is_blank(self) -> bool:
        """Whether no cell says anything."""
        return not any(isinstance(cell, Decimal) or str(cell).strip() for cell in self.cells)


def text_of(cell: Cell) -> str:
    """A cell as a text; a whole number has no decimals.

    >>> text_of(Decimal("10023")), text_of(" INV-7 ")
    ('10023', 'INV-7')
    """
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell.isoformat() if isinstance(cell, dt.date) else cell.strip()


class _Lines:
    """The lines of a file for the parser of delimited text, those of the row under way kept."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.taken.append(line.rstrip("\r\n"))
            yield line


def delimiters(lines: list[str], settings: CsvRemittanceSettings) -> list[str]:
    """The delimiters under which some line has the headings, those with the most of them."""
    given = settings.delimiter
    found: dict[str, int] = {}
    for mark in DELIMITERS if given is None else (given,):
        found[mark] = max((_headings(row, settings) for row in _split(lines, mark)), default=0)
    best = max(found.values())
    return [mark for mark, count in found.items() if count == best and best]


def _split(lines: Iterable[str], mark: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=mark)
    except csv.Error:
        return


def _headings(cells: list[str], settings: CsvRemittanceSettings) -> int:
    try:
        header = find_header(cells, line=1, declared=settings.columns)
    except ValueError:
        return 1
    return 0 if header is None else len(header.columns)


def csv_rows(stream: BinaryIO, settings: CsvRemittanceSettings, notes: ReadNotes) -> Iterator[Row]:
    """The rows of a delimited file; nothing where its delimiter is not certain."""
    buffered = io.BufferedReader(_Borrowed(stream))
    encoding = settings.encoding or _BOMS.get(buffered.peek(2)[:2])
    lines = TextLines(buffered, notes=notes, encoding=encoding)
    source = iter(lines)
    head = list(itertools.islice(source, HEADER_LINES_MAX))
    if not any(line.strip() for line in head):
        notes.error("file.empty", "file must have headings and lines, got nothing")
        return
    marks = delimiters(head, settings)
    if len(marks) > 1:
        msg = f"delimiter can be {' or '.join(map(repr, marks))}. Declare it"
        notes.error("locale.ambiguous", msg, line=1)
        return
    kept = _Lines(_chained(head, source))
    yield from _rows(kept, marks[0] if marks else ",", notes)


def _chained(head: list[str], rest: Iterator[str]) -> Iterator[str]:
    while head:
        yield head.pop(0)
    yield from rest


def _rows(lines: _Lines, mark: str, notes: ReadNotes) -> Iterator[Row]:
    number = 0
    reader = csv.reader(lines, delimiter=mark, strict=True)
    try:
        for cells in reader:
            taken, lines.taken = lines.taken, []
            yield Row(line=number + 1, cells=tuple(cells), raw="\n".join(taken))
            number += len(taken)
    except csv.Error as error:
        code = "file.truncated" if "unexpected end" in str(error) else "file.format"
        notes.error(code, f"line must be delimited text, got {error}", line=number + 1)


class _Borrowed(io.RawIOBase):
    """A stream that belongs to somebody else: it is read, and never closed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # any buffer
        view = memoryview(buffer).cast("B")
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)


def sheets(
    stream: BinaryIO, settings: ExcelRemittanceSettings, notes: ReadNotes
) -> Iterator[tuple[str, Iterator[Row]]]:
    """The sheets of a workbook by name, each with its rows."""
    content = stream.read(_FILE_BYTES_MAX + 1)
    if not content:
        notes.error("file.empty", "file must be a workbook, got nothing")
        return
    if len(content) > _FILE_BYTES_MAX or is_unbounded(content):
        msg = f"a workbook must have at most {_FILE_BYTES_MAX} bytes, got more"
        notes.error("file.too-large", msg)
        return
    try:
        yield from _sheets(content, settings, notes)
    except _workbook_errors() as error:
        notes.error("file.format", f"file must be a workbook, got {error}")


def _sheets(
    content: bytes, settings: ExcelRemittanceSettings, notes: ReadNotes
) -> Iterator[tuple[str, Iterator[Row]]]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # heavy, and an extra

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    names = [settings.sheet] if settings.sheet else workbook.sheet_names
    if settings.sheet and settings.sheet not in workbook.sheet_names:
        msg = f"sheet must be one of the workbook, got {settings.sheet!r}"
        notes.error("file.format", msg)
        return
    for name in names:
        yield name, _sheet_rows(workbook.get_sheet_by_name(name).iter_rows())


def _sheet_rows(rows: Iterable[list[Any]]) -> Iterator[Row]:
    for line, values in enumerate(rows, start=1):
        cells = tuple(map(_cell, values))
        raw = "\t".join(text_of(cell) for cell in cells)
        yield Row(line=line, cells=cells, raw=raw)


def _cell(value: object) -> Cell:
    """What a workbook holds, without the binary noise of its numbers."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float | int):
        return Decimal(format(value, _EXCEL_DIGITS)) + 0
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else str(value)[:_CELL_MAX]


def _workbook_errors() -> tuple[type[Exception], ...]:
    from python_calamine import CalamineError  # noqa: PLC0415  # heavy, and an extra

    return (CalamineError, ValueError, OSError, KeyError, OverflowError)
