"""The rows of an exported report: out of text or out of a workbook, cells as texts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO, Final

import attrs

from receivables.errors import MissingExtraError
from receivables.reading import ReadNotes
from receivables.texts import TextLines
from receivables.workbooks import UNPACKED_MAX, is_unbounded
from receivables_plugins.quickbooks.settings import ReportSettings

__all__ = ["PACKED", "ReportRow", "report_sheets"]

PACKED: Final = b"PK\x03\x04"
"""What a workbook begins with."""
_EXCEL_DIGITS: Final = ".15g"
"""What a workbook keeps of a number; beyond that is noise of its binary form."""
_HEAD_BYTES: Final = 4


@attrs.frozen(kw_only=True)
class ReportRow:
    """One row: its line, and its cells as texts, indentation kept."""

    line: int
    cells: tuple[str, ...]


def report_sheets(
    stream: BinaryIO, settings: ReportSettings, notes: ReadNotes
) -> Iterator[tuple[bool, Iterator[ReportRow]]]:
    """The sheets of a report, and whether each is of a workbook; a text is one sheet."""
    head = stream.read(_HEAD_BYTES)
    if not head:
        notes.error("file.empty", "file must have a report, got nothing")
    elif head == PACKED:
        content = head + stream.read(UNPACKED_MAX)
        for rows in _sheets(content, settings, notes):
            yield True, rows
    else:
        yield False, _texts(io.BufferedReader(_Rejoined(head, stream)), settings, notes)


class _Rejoined(io.RawIOBase):
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # any buffer
        """The beginning, then what follows it."""
        piece = self._head or self._rest.read(len(buffer))
        self._head = b""
        buffer[: len(piece)] = piece
        return len(piece)


def _texts(
    stream: io.BufferedReader, settings: ReportSettings, notes: ReadNotes
) -> Iterator[ReportRow]:
    lines = TextLines(stream, notes=notes, encoding=settings.encoding)
    records = csv.reader(lines, delimiter=",", strict=True)
    while True:
        start = lines.number + 1
        try:
            fields = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            msg = f"row must be quoted as RFC 4180 says, got {error}"
            code = "file.truncated" if "unexpected end" in str(error) else "file.format"
            notes.error(code, msg, line=start)
            continue
        if lines.damaged.isdisjoint(range(start, lines.number + 1)):
            yield ReportRow(line=start, cells=tuple(fields))


def _sheets(
    content: bytes, settings: ReportSettings, notes: ReadNotes
) -> Iterator[Iterator[ReportRow]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  # an extra
    except ImportError:
        raise MissingExtraError.for_extra("quickbooks", needed_for="reading workbooks") from None
    if is_unbounded(content):
        notes.error("file.too-large", "workbook must be of a bounded size, got more")
        return
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [settings.sheet] if settings.sheet else workbook.sheet_names
        for name in names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield _cells(rows, settings)
    except (CalamineError, ValueError, OSError, KeyError, OverflowError) as error:
        notes.error("file.format", f"file must be a workbook, got {error}")


def _cells(rows: Iterable[list[Any]], settings: ReportSettings) -> Iterator[ReportRow]:
    for line, values in enumerate(rows, start=1):
        yield ReportRow(line=line, cells=tuple(_cell(value, settings) for value in values))


def _cell(value: object, settings: ReportSettings) -> str:
    """A cell as the settings would have it in a text."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float | int):
        plain = f"{Decimal(format(value, _EXCEL_DIGITS)):f}"
        return plain.replace(".", settings.decimal or ".")
    if isinstance(value, dt.date):
        return value.strftime(settings.date_format) if settings.date_format else str(value)[:10]
    return str(value)
