"""A worksheet as it was read: rows of cells under known headings, and the keys that came along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

from receivables.reading import ReadNotes
from receivables.reviewing._keys import Key
from receivables.reviewing._words import EDITED, KEY, column_of, plain

__all__ = ["Cell", "Grid", "GridRow", "grid_of"]

Cell: TypeAlias = str | Decimal
"""What a file holds: a text, or a number of a workbook."""


@attrs.frozen
class GridRow:
    """One row: where it stands, and its cells by the name of their column."""

    line: int
    cells: Mapping[str, Cell]

    def text(self, name: str) -> str:
        """A cell as text to be compared; a whole number without decimals."""
        cell = self.cells.get(name, "")
        if isinstance(cell, Decimal):
            return f"{cell:f}" if cell != cell.to_integral_value() else f"{cell:.0f}"
        return plain(cell)


@attrs.frozen(kw_only=True)
class Grid:
    """The rows of a worksheet, its headings as they stand, and its keys by receipt."""

    rows: tuple[GridRow, ...] = ()
    headings: Mapping[str, str] = attrs.field(factory=dict)
    keys: Mapping[str, Key] = attrs.field(factory=dict)

    def field(self, name: str) -> str:
        """The heading of a column, for the place of a problem."""
        return self.headings.get(name, name)

    @property
    def locale(self) -> str:
        """The locale of the worksheet; empty where no key says it."""
        return next((key.locale for key in self.keys.values()), "")

    @property
    def head(self) -> str:
        """Where the ledger stood when the worksheet was written; empty where no key says it."""
        return next((key.head for key in self.keys.values()), "")


def grid_of(
    lines: Iterable[tuple[int, Sequence[Cell]]], *, notes: ReadNotes, keys: Iterable[str] = ()
) -> Grid:
    """The rows below the first line that is not empty; `keys` stood elsewhere in the file."""
    filled = ((line, cells) for line, cells in lines if any(map(_is_filled, cells)))
    number, first = next(filled, (0, ()))
    if not number:
        notes.error("file.empty", "review must have headings and rows, got nothing")
        return Grid()
    places = _places(first, number, notes)
    if notes.error_count:
        return Grid()
    rows = tuple(
        GridRow(line, {name: cells[at] for name, at in places.items() if at < len(cells)})
        for line, cells in filled
    )
    below = (str(row.cells.get(KEY.name, "")).removeprefix("'") for row in rows)
    return Grid(
        rows=rows,
        headings={name: str(first[at]) for name, at in places.items()},
        keys=_keys([*keys, *below], notes),
    )


def _is_filled(cell: Cell) -> bool:
    return bool(str(cell).strip())


def _places(first: Sequence[Cell], line: int, notes: ReadNotes) -> dict[str, int]:
    """Which column stands where; missing ones and repeated ones are errors."""
    places: dict[str, int] = {}
    for at, cell in enumerate(first):
        name = column_of(str(cell))
        if name in places:
            msg = f"heading must stand once, got {cell!r} again in column {at + 1}"
            notes.error("column.duplicate", msg, line=line, field=str(cell))
        elif name:
            places[name] = at
    if missing := [name for name in EDITED if name not in places]:
        msg = f"headings must include {', '.join(missing).replace('_', ' ')}, in one of the languages, got {len(places)} that are known"
        notes.error("column.missing", msg, line=line)
    return places


def _keys(texts: Iterable[str], notes: ReadNotes) -> dict[str, Key]:
    found: dict[str, Key] = {}
    damaged = 0
    for text in filter(str.strip, texts):
        key = Key.from_text(text)
        if key is None:
            damaged += 1
        else:
            found.setdefault(plain(key.proposal.receipt), key)
    if damaged:
        msg = f"keys must be left as they were written, got {damaged} that cannot be read; the rows are taken as they stand"
        notes.warn("review.key-damaged", msg)
    return found
