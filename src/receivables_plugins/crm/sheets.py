"""One CSV file: its rows by our own names of columns, with every doubt noted at its line."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO, Final

import attrs

from receivables.cards import holds_card_number, masked
from receivables.problems import Place, Problem, Severity
from receivables.reading import ReadNotes
from receivables.tabular import DELIMITERS, split
from receivables.texts import TextLines, date_readings
from receivables_plugins.crm.settings import CrmSettings
from receivables_plugins.crm.tables import Table, plain_heading, table_of

__all__ = ["Doubts", "Line", "Sheet", "cells_under", "merged_ids", "moment", "open_sheet"]

_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*"
    r"(Z|UTC|[+-]\d\d:?\d\d)?"
)
_SHORT: Final = re.compile(r"\+?[0-9](?:[ ().-]{0,2}[0-9]){12,14}")
"""A telephone number with its country, or a name of a CRM in figures: neither has sixteen of them."""
_CLOCK: Final = re.compile(r"(.+?)[ T,]+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp])?\.?[Mm]?\.?")


class Doubts:
    """Where problems of one file go: to the notes of the whole read, at their place in the file."""

    def __init__(self, source: str, notes: ReadNotes) -> None:
        self.source = source
        self._notes = notes

    def error(self, code: str, message: str, *, line: int | None = None, field: str = "") -> None:
        """Note what makes the read incomplete."""
        self._add(code, message, line, field, Severity.ERROR)

    def warn(self, code: str, message: str, *, line: int | None = None, field: str = "") -> None:
        """Note what leaves it complete."""
        self._add(code, message, line, field, Severity.WARNING)

    def _add(
        self, code: str, message: str, line: int | None, field: str, severity: Severity
    ) -> None:
        place = Place(self.source, line=line, field=field or None)
        self._notes.add(Problem(code, message, place=place, severity=severity))


@attrs.frozen
class Line:
    """One row: where it stands, and its cells by our names of columns."""

    number: int
    cells: Mapping[str, str]
    fields: Sequence[str] = ()
    places: Mapping[str, int] = MappingProxyType({})
    """The place of each field by its plain heading, shared by the rows of a file."""

    def get(self, name: str) -> str:
        """A cell, empty where there is none."""
        return self.cells.get(name, "")


@attrs.define
class Sheet:
    """One file that was recognized; its rows can be taken once."""

    name: str
    kind: str
    table: Table | None
    doubts: Doubts
    headings: list[str]
    _lines: TextLines
    _source: Iterator[str]
    _delimiter: str
    _inner: ReadNotes

    def rows(self) -> Iterator[Line]:
        """The rows; one of another length, or with quotes out of place, is noted and left out."""
        plain = [plain_heading(heading) for heading in self.headings]
        places = self._places(plain)
        by_heading = {heading: place for place, heading in reversed(list(enumerate(plain)))}
        records = split(self._source, self._delimiter)
        while True:
            start = self._lines.number + 1
            try:
                fields = next(records)
            except StopIteration:
                break
            except csv.Error as error:
                self.doubts.error(
                    "file.format", f"row must be quoted as RFC 4180 says, got {error}", line=start
                )
                continue
            if not any(field.strip() for field in fields):
                continue
            if not self._lines.damaged.isdisjoint(range(start, self._lines.number + 1)):
                continue
            if len(fields) != len(plain):
                msg = f"row must have {len(plain)} fields, got {len(fields)}"
                self.doubts.error("row.length", msg, line=start)
                continue
            if holds_card_number("\n".join(fields)):
                fields = [self._without_cards(text, start) for text in fields]
            yield self._row(fields, by_heading, places, start)
        self._pass_on()

    def _without_cards(self, text: str, line: int) -> str:
        """A cell with every card number masked and said, unless it is a short number by itself."""
        if not holds_card_number(text) or _SHORT.fullmatch(text.strip()):
            return text
        msg = "text must hold no card number, got one, which was masked"
        self.doubts.warn("card.number", msg, line=line)
        return masked(text)

    def has(self, name: str) -> bool:
        """Whether the file has a column of ours."""
        return bool(self._places([plain_heading(each) for each in self.headings]).get(name))

    def _places(self, plain: list[str]) -> dict[str, list[int]]:
        columns = {} if self.table is None else self.table.columns
        return {
            name: [plain.index(word) for word in words if word in plain]
            for name, words in columns.items()
        }

    def _row(
        self,
        fields: list[str],
        by_heading: Mapping[str, int],
        places: dict[str, list[int]],
        number: int,
    ) -> Line:
        cells = {}
        for name, columns in places.items():
            for place in columns:
                if text := fields[place].strip():
                    cells[name] = text
                    break
        return Line(number, cells, fields, by_heading)

    def _pass_on(self) -> None:
        """Give on what the reading of the text noted."""
        for problem in self._inner.problems:
            self.doubts.error(problem.code, problem.message, line=problem.place.line)


def open_sheet(
    crm: str, name: str, stream: BinaryIO, *, settings: CrmSettings, notes: ReadNotes
) -> Sheet | None:
    """Read the headings of a file and tell what it is; None, and an error, where it cannot be told."""
    doubts = Doubts(name, notes)
    inner = ReadNotes(name)
    lines = TextLines(stream, notes=inner, encoding=settings.encoding)
    source = iter(lines)
    first = next(source, "")
    if not first.strip() or "\0" in first:
        code = "file.format" if first.strip() else "file.empty"
        doubts.error(code, f"file must have headings on its first line, got {first!r:.40}", line=1)
        return None
    delimiter, headings = _headings(first)
    plain = frozenset(map(plain_heading, headings))
    kind = settings.files.get(name, "mapping" if name == settings.mapping_file else "")
    table = None if kind == "mapping" else table_of(crm, plain, kind=kind)
    if table is None and kind != "mapping":
        msg = f"headings must be those of a file of {crm}, got {', '.join(headings)!r:.120}"
        doubts.error(f"{crm}.file-unknown", msg, line=1)
        return None
    kind = kind if table is None else table.kind
    return Sheet(name, kind, table, doubts, headings, lines, source, delimiter, inner)


def _headings(line: str) -> tuple[str, list[str]]:
    """The delimiter that gives the most headings, and the headings."""
    found: list[tuple[int, str, list[str]]] = []
    for delimiter in DELIMITERS:
        try:
            names = next(split([line], delimiter), [])
        except csv.Error:
            continue
        found.append((len(names), delimiter, [name.strip() for name in names]))
    if not found:
        return ",", []
    _, delimiter, names = max(found, key=lambda each: each[0])
    return delimiter, names


def moment(text: str, settings: CrmSettings) -> dt.datetime | None:
    """A moment with its zone, or None where it cannot be read in one way; a day is its beginning."""
    zone = settings.zone_of(settings.time_zone)
    text = text.strip()
    if found := _MOMENT.fullmatch(text):
        return _iso(found, zone)
    clock = _CLOCK.fullmatch(text)
    days = date_readings(clock[1] if clock else text, format=settings.date_format)
    if len(days) != 1:
        return None
    hour, minute, second = (int(clock[n] or 0) for n in (2, 3, 4)) if clock else (0, 0, 0)
    if clock and clock[5]:
        hour = hour % 12 + 12 * (clock[5] in "Pp")
    try:
        return dt.datetime.combine(days[0], dt.time(hour, minute, second), tzinfo=zone)
    except ValueError:
        return None


def _iso(found: re.Match[str], zone: dt.tzinfo) -> dt.datetime | None:
    day, hour, minute, second, part, offset = found.groups()
    clock = f"{hour or '0':0>2}:{minute or '00'}:{second or '00'}.{(part or '0')[:6]:0<6}"
    try:
        read = dt.datetime.fromisoformat(f"{day}T{clock}")
        if offset is None:
            return read.replace(tzinfo=zone)
        ends = "+00:00" if offset in {"Z", "UTC"} else offset
        return dt.datetime.fromisoformat(f"{day}T{clock}{ends}")
    except ValueError:
        return None


def cells_under(line: Line, heading: str) -> str:
    """The cell under a heading of the file itself."""
    place = line.places.get(plain_heading(heading))
    return "" if place is None else line.fields[place].strip()


def merged_ids(rows: Iterable[str]) -> set[str]:
    """The records that were merged into others, from lists parted by semicolons or commas."""
    return {part for row in rows for part in re.split(r"[;,\s]+", row) if part}
