"""From the lines of an exported list to its rows: with rules and bars, or with tabs.

A list with bars is cut by the places of the bars in its heading, never by the bars of a row: a text
may hold bars, and line ends, which then break the row over several lines of the file.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from receivables.reading import ReadNotes
from receivables.tabular import split
from receivables.texts import TextLines
from receivables_plugins.sap.lists_headings import LABELS, field_of, is_own, normal
from receivables_plugins.sap.lists_settings import SapListSettings

__all__ = ["ListRow", "ListRows", "is_heading"]

_NEEDED: Final = ("document",)
_ENOUGH: Final = 4
"""Known headings that make a line a heading."""
_BROKEN_LINES_MAX: Final = 20
"""Lines of the file over which one row may be broken."""
_LABEL: Final = re.compile(r"\W*([^\W\d][^:|]*?)\s*(?::\s*|\s{2,}|\t+)(\S.*)")
_STARS: Final = re.compile(r"[\s|]*(\*+)")
_MARKS: Final = ("\t", ";", ",")
_RULE: Final = re.compile(r"[\s|+]*-[-|+\s]*")


@attrs.frozen(kw_only=True)
class ListRow:
    """One row: its line, its cells by our field, how many stars it has where it is a total."""

    line: int
    cells: Mapping[str, str]
    stars: int = 0


def _columns(names: list[str], said: Mapping[str, str]) -> dict[str, int]:
    """The place of each field: of the headings that the settings map, then of those that are known."""
    places = {
        field: place
        for field, heading in said.items()
        for place, name in enumerate(names)
        if normal(name) == normal(heading)
    }
    taken = set(places.values())
    for place, name in enumerate(names):
        field = field_of(name)
        if not field or place in taken:
            continue
        before = field_of(names[place - 1]) if place else ""
        if field == "currency" and before == "local-amount":
            # A currency belongs to the amount that it stands behind.
            field = "local-currency"
        places.setdefault(field, place)
    return places


def is_heading(names: list[str], said: Mapping[str, str]) -> bool:
    """Whether some cells are a heading: the document number, and enough others that are known."""
    found = _columns(names, said)
    return len(found) >= _ENOUGH and all(field in found for field in _NEEDED)


class ListRows:
    """Iterates over the rows of a list; afterwards `headings` says whether there was a heading."""

    def __init__(self, lines: TextLines, said: SapListSettings, notes: ReadNotes) -> None:
        self._lines = lines
        self._said = said
        self._notes = notes
        self._section: dict[str, str] = {}
        self.columns: dict[str, int] = {}
        """The place of each field in the heading that was seen last."""
        self.is_of_sap = False
        """Whether it has bars, or a heading that is SAP's own, or is declared."""

    def __iter__(self) -> Iterator[ListRow]:
        source = _Source(line.rstrip("\r\n") for line in self._lines)
        for text in source:
            mark = self._mark(text)
            if mark:
                names = [] if mark == "|" else _parted(text, mark)
                self.is_of_sap = mark == "|" or any(map(is_own, names)) or bool(self._said.columns)
            if mark == "|":
                yield from self._with_bars(text, source)
                return
            if mark:
                yield from self._with_marks(text, source, mark)
                return
            self._label(text)

    def _mark(self, text: str) -> str:
        """What stands between the cells of a heading; empty for a line that is none."""
        said = self._said.delimiter
        if said in {None, "|"} and text.lstrip().startswith("|"):
            return "|" if is_heading(_cells(text, _bars(text)), self._said.columns) else ""
        for mark in _MARKS if said is None else (said,):
            if mark != "|" and is_heading(_parted(text, mark), self._said.columns):
                return mark
        return ""

    def _label(self, text: str) -> None:
        """Keep what is said of all items below: the account, its name, its company code."""
        found = _LABEL.match(text.strip().strip("|").strip())
        field = LABELS.get(normal(found[1])) if found else None
        if field and found:
            if field == "customer":
                self._section.pop("customer-name", None)
            self._section[field] = found[2].split("\t")[0].strip().rstrip("|").strip()

    def _with_bars(self, heading: str, source: _Source) -> Iterator[ListRow]:
        bars = self._bind(heading)
        for text in source:
            start = self._lines.number
            whole: str | None = None
            if not text.lstrip().startswith("|"):
                self._label(text)
            elif self._is_item(text, bars):
                # Most lines, and the cheapest question: a heading has no figures in this place.
                whole = text
            elif self._mark(text) == "|":
                bars = self._bind(text)
            else:
                whole = self._broken(text, bars, source, start)
            if whole is not None and start not in self._lines.damaged:
                yield self._row(_cells(whole, bars), start)

    def _broken(self, text: str, bars: list[int], source: _Source, line: int) -> str | None:
        """A row put together from its lines; None for a rule, a label, or what is no row."""
        if _RULE.fullmatch(text):
            return None
        if text.count("|") == 2:  # noqa: PLR2004  # a line in a frame, above or below the items
            self._label(text)
            return None
        if _STARS.match(text) and not _fits(text, bars):
            # A total of another layout; it proves nothing, and is no item.
            return None
        whole = _rejoined(text, bars, source)
        if whole is None:
            msg = f"row must have its bars where the heading has them, got {text[:60]!r}"
            self._notes.error("row.length", msg, line=line)
        return whole

    def _is_item(self, text: str, bars: list[int]) -> bool:
        place = self.columns["document"]
        number = text[bars[place] + 1 : bars[place + 1]].strip()
        return number.isdigit() and _fits(text, bars)

    def _bind(self, heading: str) -> list[int]:
        bars = _bars(heading)
        self.columns = _columns(_cells(heading, bars), self._said.columns)
        return bars

    def _with_marks(self, heading: str, source: Iterator[str], mark: str) -> Iterator[ListRow]:
        names = _parted(heading, mark)
        self.columns = _columns(names, self._said.columns)
        held = ""
        for text in source:
            start = self._lines.number
            cells = _parted(text, mark)
            if held:
                together = _parted(f"{held}\n{text}", mark)
                if len(together) == len(names):
                    cells, start = together, start - 1
                else:
                    yield from self._short(held, mark, start - 1, len(names))
                held = ""
            if [cell.strip() for cell in cells] == names or not any(map(str.strip, cells)):
                continue
            if len(cells) < len(names):
                held = text
            elif start not in self._lines.damaged:
                yield self._row(cells, start)
        if held:
            yield from self._short(held, mark, self._lines.number, len(names))

    def _short(self, text: str, mark: str, line: int, width: int) -> Iterator[ListRow]:
        """A row without its last cells, which are empty, or a line that is no row."""
        cells = _parted(text, mark)
        row = self._row([*cells, *[""] * (width - len(cells))], line)
        if row.stars or row.cells.get("document"):
            yield row
        else:
            self._label(text)

    def _row(self, cells: list[str], line: int) -> ListRow:
        found = {
            field: cells[place].strip()
            for field, place in self.columns.items()
            if place < len(cells)
        }
        stars = _STARS.match("|".join(cells[:3]))
        for field, value in self._section.items():
            if not found.get(field):
                found[field] = value
        return ListRow(line=line, cells=found, stars=len(stars[1]) if stars else 0)


def _bars(heading: str) -> list[int]:
    return [place for place, letter in enumerate(heading) if letter == "|"]


def _cells(text: str, bars: list[int]) -> list[str]:
    """The cells between the places of the bars."""
    return [text[one + 1 : two].strip() for one, two in itertools.pairwise(bars)]


def _parted(text: str, mark: str) -> list[str]:
    """The cells between marks; SAP quotes nothing in lists with tabs, others quote as RFC 4180 says."""
    if mark == "\t":
        return [cell.strip() for cell in text.split("\t")]
    try:
        return [cell.strip() for cell in next(split([text], mark), [])]
    except csv.Error:
        return [cell.strip() for cell in text.split(mark)]


def _rejoined(text: str, bars: list[int], source: _Source) -> str | None:
    """A row whose bars stand where they must, with the lines that a line end in a text made of it.

    A line end counts as one or two characters of its cell, whatever the file has for its own.
    """
    candidates, taken = [text], list[str]()
    while len(taken) < _BROKEN_LINES_MAX:
        whole = next((one for one in candidates if _fits(one, bars)), None)
        if whole is not None:
            return whole
        more = None if all(len(one) > bars[-1] for one in candidates) else next(source, None)
        if more is None:
            break
        taken.append(more)
        ends = ("\n", "\r\n", "")
        candidates = [f"{one}{end}{more}" for one in candidates[: len(ends)] for end in ends]
    source.give_back(taken)
    return None


class _Source:
    """Lines, of which some can be given back and come again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: list[str] = []

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> str:
        return self._again.pop(0) if self._again else next(self._lines)

    def give_back(self, lines: list[str]) -> None:
        """Put lines before those that are still to come."""
        self._again = [*lines, *self._again]


def _fits(text: str, bars: list[int]) -> bool:
    return len(text) > bars[-1] and all(text[place] == "|" for place in bars)
