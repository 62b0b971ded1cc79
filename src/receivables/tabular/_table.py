"""From the lines of a delimited file to rows of cells, by heading.

Quoting follows *RFC 4180*: a field in double quotes may hold delimiters, line ends and doubled
quotes.  Line numbers are those of the file, so a row that spans lines has that of its first.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from receivables.reading import ReadNotes
from receivables.tabular.settings import DELIMITERS, FIELDS, NEEDED, TableSettings
from receivables.texts import TextLines

__all__ = ["Row", "find_columns", "rows", "rows_of", "split"]

_HEADING_LINES_MAX: Final = 20
"""Lines that a heading may span; quoted headings with line ends have two or three."""

_END: Final = "unexpected end of data"
"""What the parser says where a file ends inside quotes."""


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class Row:
    """One row: its cells by our field, its line, and the headings for messages."""

    line: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]
    content: int
    """A digest of all its cells, to tell a row that came twice from another of the same number."""

    def get(self, field: str) -> str:
        """The cell of a field without outer blanks; empty where the file has no such column."""
        return self.cells.get(field, "")

    def heading(self, field: str) -> str:
        """How the file calls a field."""
        return self.headings.get(field, field)


def split(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Take delimited text apart; raises `csv.Error` where quotes are out of place."""
    return csv.reader(lines, delimiter=delimiter, strict=True)


def find_columns(headings: list[str], settings: TableSettings) -> tuple[dict[str, int], list[str]]:
    """The place of each mapped field, and the headings that are not there.

    >>> settings = TableSettings(record="customers", columns={"customer": "Account", "name": "Name"})
    >>> find_columns(["Account", "City"], settings)
    ({'customer': 0}, ['Name'])
    """
    wanted: Mapping[str, str] = settings.columns
    if not wanted:
        needed = [field for field in NEEDED[settings.record] if field not in settings.constants]
        there = FIELDS[settings.record].intersection(headings) - set(settings.constants)
        wanted = {field: field for field in (*needed, *sorted(there))}
    places = {field: headings.index(name) for field, name in wanted.items() if name in headings}
    return places, [name for field, name in wanted.items() if field not in places]


def rows(lines: TextLines, settings: TableSettings, notes: ReadNotes) -> Iterator[Row]:
    """Read every row; what cannot be read is noted with its line and left out.

    Nothing is read where a mapped column is missing or stands there twice.
    """
    source = iter(lines)
    heading = _heading(source, settings)
    if not any(text.strip() for text in heading):
        notes.error(
            "file.empty", f"file must have headings on line {settings.header_line}, got none"
        )
        return
    first_line = lines.number - len(heading) + 1
    delimiter = settings.delimiter or _delimiter(heading, settings, notes, first_line)
    names = _names(heading, delimiter) if delimiter else None
    if delimiter and names is None:
        notes.error("file.format", "headings must be quoted as RFC 4180 says", line=first_line)
    if delimiter and names is not None:
        places, missing = find_columns(names, settings)
        if _is_sound(names, places, missing, notes=notes, line=first_line):
            table = _Table(names, places, settings, notes)
            yield from table.read(lines, source, delimiter)


def rows_of(
    table: Iterable[tuple[int, Mapping[str, str]]], settings: TableSettings, notes: ReadNotes
) -> Iterator[Row]:
    """Rows that are no file of text: those of a workbook, of a database, of a bridge to an ERP.

    `table` gives each row's number and its cells by heading, as texts; all rows have the same
    headings.  Nothing is read where a mapped column is missing.
    """
    source = iter(table)
    first = next(source, None)
    if first is None:
        notes.error("file.empty", "table must have rows, got none")
        return
    names = list(first[1])
    places, missing = find_columns(names, settings)
    if not _is_sound(names, places, missing, notes=notes, line=first[0]):
        return
    headings = {field: names[place] for field, place in places.items()}
    for number, cells in itertools.chain([first], source):
        found = {field: cells.get(name, "").strip() for field, name in headings.items()}
        yield Row(
            line=number,
            cells={**settings.constants, **found},
            headings=headings,
            content=hash(tuple(cells.values())),
        )


def _heading(source: Iterator[str], settings: TableSettings) -> list[str]:
    """Take the lines of the heading, more than one where its quotes are still open."""
    heading = list(itertools.islice(source, settings.header_line - 1, settings.header_line))
    while "".join(heading).count('"') % 2 and len(heading) < _HEADING_LINES_MAX:
        more = next(source, None)
        if more is None:
            break
        heading.append(more)
    return heading


def _names(heading: list[str], delimiter: str) -> list[str] | None:
    try:
        return [name.strip() for name in next(split(heading, delimiter), [])]
    except csv.Error:
        return None


def _delimiter(
    heading: list[str], settings: TableSettings, notes: ReadNotes, line: int
) -> str | None:
    """The delimiter that finds every mapped heading; refused where two of them differ in it."""
    found = {mark: names for mark in DELIMITERS if (names := _names(heading, mark)) is not None}
    whole = [mark for mark, names in found.items() if not find_columns(names, settings)[1]]
    if len({tuple(found[mark]) for mark in whole}) > 1:
        marks = " or ".join(map(repr, whole))
        notes.error("locale.ambiguous", f"delimiter must be declared, got {marks}", line=line)
        return None
    # Without a whole one, the likeliest is the one to complain about: bad quotes, or most fields.
    broken = [mark for mark in DELIMITERS if mark not in found]
    return [*whole, *broken, *sorted(found, key=lambda mark: -len(found[mark]))][0]


def _is_sound(
    names: list[str], places: dict[str, int], missing: list[str], *, notes: ReadNotes, line: int
) -> bool:
    used = {names[place] for place in places.values()}
    double = sorted({name for name in names if name and names.count(name) > 1})
    for name in missing:
        notes.error("column.missing", f"file must have the column {name!r}", line=line, field=name)
    for name in double:
        msg = f"heading must stand once, got {names.count(name)} of {name!r}"
        note = notes.error if name in used else notes.warn
        note("column.duplicate", msg, line=line, field=name)
    return not missing and not used.intersection(double)


class _Table:
    """The rows under one heading."""

    def __init__(
        self, names: list[str], places: dict[str, int], settings: TableSettings, notes: ReadNotes
    ) -> None:
        self._width = len(names)
        self._places = tuple(places.items())
        self._constants = settings.constants
        self._headings = {field: names[place] for field, place in places.items()}
        self._notes = notes

    def read(self, lines: TextLines, source: Iterator[str], delimiter: str) -> Iterator[Row]:
        """Give the rows that have the right number of fields and are text throughout."""
        records = split(source, delimiter)
        while True:
            start = lines.number + 1
            try:
                fields = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                self._refuse(error, start)
                continue
            damaged = lines.damaged
            if not any(fields) or (
                damaged and not damaged.isdisjoint(range(start, lines.number + 1))
            ):
                continue
            if len(fields) == self._width:
                yield self._row(fields, start)
            else:
                msg = f"row must have {self._width} fields, got {len(fields)}"
                self._notes.error("row.length", msg, line=start)

    def _row(self, fields: list[str], line: int) -> Row:
        cells = {field: fields[place].strip() for field, place in self._places}
        return Row(
            line=line,
            cells={**self._constants, **cells} if self._constants else cells,
            headings=self._headings,
            content=hash(tuple(fields)),
        )

    def _refuse(self, error: csv.Error, line: int) -> None:
        if str(error) == _END:
            msg = "file must not end inside a quoted field, which starts on this line"
            self._notes.error("file.truncated", msg, line=line)
        elif "field limit" in str(error):
            self._notes.error("file.too-large", f"field must be shorter, got {error}", line=line)
        else:
            self._notes.error(
                "file.format", f"row must be quoted as RFC 4180 says, got {error}", line=line
            )
