"""From the lines of a delimited file to rows of cells, by field.

Quoting follows *RFC 4180*: a field in double quotes may hold delimiters, line ends and doubled
quotes.  Line numbers are those of the file, so a row that spans lines has that of its first.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from receivables.reading import ReadNotes
from receivables.texts import TextLines
from receivables_plugins.credit_csv.headings import Header, find_header
from receivables_plugins.credit_csv.settings import DELIMITERS, CreditCsvSettings

__all__ = ["HEADER_LINES_MAX", "Row", "find_headers", "rows"]

HEADER_LINES_MAX: Final = 20
"""Lines above the headings: a title, the name of the bureau; and a bound on what is looked at."""

_END: Final = "unexpected end of data"
"""What the parser says where a file ends inside quotes."""


@attrs.frozen(kw_only=True)
class Row:
    """One row: its cells by our field, its line, and the headings for messages."""

    line: int
    cells: Mapping[str, str]
    header: Header

    def get(self, field: str) -> str:
        """The cell of a field without outer blanks; empty where the file has no such column."""
        return self.cells.get(field, "")


@attrs.frozen(kw_only=True)
class _Found:
    """Where headings stand, and how they are parted."""

    index: int
    delimiter: str
    header: Header


def find_headers(lines: Sequence[str], settings: CreditCsvSettings) -> list[_Found]:
    """The headings on the first line that has any; several where it can be read in several ways."""
    marks = DELIMITERS if settings.delimiter is None else (settings.delimiter,)
    for index, line in enumerate(lines):
        found = [
            _Found(index=index, delimiter=mark, header=header)
            for mark in marks
            for header in find_header(_split(line, mark), settings)
        ]
        if found:
            most = max(len(one.header.columns) for one in found)
            return [one for one in found if len(one.header.columns) == most]
    return []


def _split(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark, strict=True), [])
    except csv.Error:
        return []


def rows(lines: TextLines, settings: CreditCsvSettings, notes: ReadNotes) -> Iterator[Row]:
    """Read every row; what cannot be read is noted with its line and left out."""
    source = iter(lines)
    head = list(itertools.islice(source, HEADER_LINES_MAX))
    if not any(line.strip() for line in head):
        notes.error("file.empty", "file must have headings and rows, got nothing")
        return
    found = find_headers(head, settings)
    if not found:
        what = settings.record or "scores, statements, limits, commitments or insolvencies"
        msg = f"file must have the headings of {what}, got {head[0].strip()[:80]!r}"
        notes.error("column.missing", msg, line=1)
        return
    if len(found) > 1:
        ways = " or ".join(f"{one.header.record} by {one.delimiter!r}" for one in found)
        msg = f"file can be read as {ways}. Declare record and delimiter"
        notes.error("locale.ambiguous", msg, line=found[0].index + 1)
        return
    (one,) = found
    if _is_sound(one, notes):
        rest = itertools.chain(head[one.index + 1 :], source)
        yield from _Table(one, lines, notes).read(rest)


def _is_sound(found: _Found, notes: ReadNotes) -> bool:
    line = found.index + 1
    for field in found.header.doubled:
        name = found.header.heading(field)
        msg = f"a heading must stand once, got another column for {field} beside {name!r}"
        notes.error("column.duplicate", msg, line=line, field=name)
    for name in found.header.unread:
        msg = f"column {name!r} is none of a list of {found.header.record}, and is not read"
        notes.warn("credit.column-unread", msg, line=line, field=name)
    return not found.header.doubled


class _Counted:
    """Lines for the parser of delimited text, and how many of them it has taken."""

    def __init__(self, lines: Iterable[str], *, before: int) -> None:
        self._lines = iter(lines)
        self.number = before

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line


class _Table:
    """The rows under one line of headings."""

    def __init__(self, found: _Found, lines: TextLines, notes: ReadNotes) -> None:
        self._found = found
        self._lines = lines
        self._notes = notes

    def read(self, rest: Iterable[str]) -> Iterator[Row]:
        """Give the rows that have the right number of cells and are text throughout."""
        counted = _Counted(rest, before=self._found.index + 1)
        records = csv.reader(counted, delimiter=self._found.delimiter, strict=True)
        while True:
            start = counted.number + 1
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                self._refuse(error, start)
                continue
            is_text = self._lines.damaged.isdisjoint(range(start, counted.number + 1))
            if any(cell.strip() for cell in cells) and is_text:
                yield from self._row(cells, start)

    def _row(self, cells: list[str], line: int) -> Iterator[Row]:
        header = self._found.header
        if len(cells) != len(header.cells):
            msg = f"row must have {len(header.cells)} fields, got {len(cells)}"
            self._notes.error("row.length", msg, line=line)
            return
        named = {field: cells[place].strip() for field, place in header.columns.items()}
        yield Row(line=line, cells=named, header=header)

    def _refuse(self, error: csv.Error, line: int) -> None:
        if str(error) == _END:
            msg = "file must not end inside a quoted field, which starts on this line"
            self._notes.error("file.truncated", msg, line=line)
        elif "field limit" in str(error):
            self._notes.error("file.too-large", f"field must be shorter, got {error}", line=line)
        else:
            msg = f"row must be quoted as RFC 4180 says, got {error}"
            self._notes.error("file.format", msg, line=line)
