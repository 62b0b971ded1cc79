"""The worksheet as comma- or semicolon-separated values, for a spreadsheet of the reader's country."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from receivables.i18n import words
from receivables.reading import ReadNotes
from receivables.reviewing._cells import Amount, Shown, in_units, shown
from receivables.reviewing._grid import Grid, grid_of
from receivables.reviewing._keys import Key
from receivables.reviewing._words import COLUMNS, KEY, heading, marks_of
from receivables.reviewing.model import ReviewRow

__all__ = ["lines_of", "read_csv", "to_csv"]

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")  # noqa: RUF001  # in full width they are formulas too
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS: Final = ";,\t"


def to_csv(rows: Iterable[ReviewRow], *, keys: Iterable[Key], locale: str) -> bytes:
    """UTF-8 with a byte order mark; the key of a receipt stands at the end of its first row."""
    catalog, decimal = words(locale), marks_of(locale).decimal or "."
    buffer = io.StringIO(newline="")
    delimiter = ";" if decimal == "," else ","
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([heading(column, catalog) for column in (*COLUMNS, KEY)])
    left = iter(keys)
    for row in rows:
        cells = shown(row, locale)
        key = next(left).to_text() if row.is_first else ""
        writer.writerow([*(_text(cells[column.name], decimal) for column in COLUMNS), key])
    return buffer.getvalue().encode("utf-8-sig", "replace")


def _text(cell: Shown, decimal: str) -> str:
    if isinstance(cell, Amount):
        return f"{in_units(cell):f}".replace(".", decimal)
    if isinstance(cell, Decimal):
        return f"{cell:.2f}".replace(".", decimal)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    text = cell or ""
    # What begins with an apostrophe gets one more, so that taking one away gives the text back.
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def read_csv(content: bytes, *, notes: ReadNotes) -> Grid:
    """The rows of a table as a spreadsheet saved it: its delimiter and encoding are recognized."""
    try:
        return grid_of(lines_of(content), notes=notes)
    except csv.Error as error:
        notes.error("file.format", f"review must be a table of separated values, got {error}")
        return Grid()


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF_16):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a spreadsheet under Windows saves, unless it is told otherwise.
        return content.decode("cp1252", "replace")


def lines_of(content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with its line, its cells as they were before a spreadsheet was kept from running them.

    Raises `csv.Error` for what is no table.
    """
    text = _decoded(content)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    for cells in reader:
        yield before + 1, [cell.lstrip(" ").removeprefix("'") for cell in cells]
        before = reader.line_num
