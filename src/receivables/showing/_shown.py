"""A table in the words and numbers of a reader, ready to be printed or put on a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, Protocol

import attrs

from receivables.errors import PolicyError
from receivables.i18n.catalog import words
from receivables.i18n.labels import capitalized
from receivables.showing._cells import CellWriter
from receivables.showing._html import fragment_of, page_of
from receivables.tables import Cell, Phrase, ResultTable, TableColumn, aligned

__all__ = ["HasTable", "Shown", "ShownLine", "show"]

_ROWS: Final = 60


class HasTable(Protocol):
    """Any result that says itself as a table."""

    def to_table(self) -> ResultTable:
        """The result as a table for people."""
        ...


@attrs.frozen
class ShownLine:
    """A row as it is read; the texts of cells, and which of them are negative numbers."""

    cells: tuple[str, ...] = attrs.field(converter=tuple[str, ...])
    negative: tuple[bool, ...] = attrs.field(converter=tuple[bool, ...])


def _lines(values: Iterable[ShownLine]) -> tuple[ShownLine, ...]:
    return tuple(values)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _sides(values: Iterable[bool]) -> tuple[bool, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Shown:
    """A table as a reader of a locale sees it; a notebook shows it by itself.

    Everything is text already, so that nothing can be missing when it is written.
    """

    locale: str
    title: str
    details: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """What stands under the title: the day, what the table is by, the currency."""
    headings: tuple[str, ...] = attrs.field(converter=_texts)
    right: tuple[bool, ...] = attrs.field(converter=_sides)
    """Which columns hold numbers and stand on the right."""
    lines: tuple[ShownLine, ...] = attrs.field(converter=_lines, repr=False)
    totals: tuple[ShownLine, ...] = attrs.field(default=(), converter=_lines, repr=False)
    notes: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    has_brackets: bool = False

    def text(self) -> str:
        """The table in plain text, for a terminal or an e-mail."""
        body = [self._text_line(line) for line in (*self.lines, *self.totals)]
        closes = [any(line[at].endswith(")") for line in body) for at in range(len(self.headings))]
        padded = [
            [f"{cell} " if self._hangs(cell, at, closes) else cell for at, cell in enumerate(line)]
            for line in (list(self.headings), *body)
        ]
        caption = ", ".join([self.title, *self.details])
        return "\n".join([caption, *aligned(padded, right=self.right), *self.notes])

    def _text_line(self, line: ShownLine) -> list[str]:
        return list(line.cells)

    def _hangs(self, cell: str, at: int, closes: Sequence[bool]) -> bool:
        """Whether a number makes room for the bracket that others in its column end with."""
        return self.has_brackets and self.right[at] and closes[at] and not cell.endswith(")")

    def html(self) -> str:
        """The table as a part of a page, with its own style, which follows the page's colours."""
        return fragment_of(self)

    def page(self) -> str:
        """The table as a whole page that asks for nothing from outside, light or dark as the reader prefers."""
        return page_of(self)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()


def show(
    result: HasTable | ResultTable,
    locale: str = "en",
    *,
    brackets: bool = False,
    rows: int = _ROWS,
    zero: str = "",
    unknown: str = "–",
) -> Shown:
    """A result, or a table, in the words, dates and numbers of a locale.

    `brackets` puts negative numbers in brackets, `zero` is what stands for an amount of zero (a zero
    where it is empty), `unknown` for what nothing is known of.  Of more than `rows` rows the first are
    shown, and a note says how many are not; totals are of all.  Raises `TranslationMissingError` for
    a language without words, and for a word that a catalogue lacks, and `PolicyError` for what has no
    table.
    """
    if type(rows) is not int or rows < 1:
        msg = f"rows must be a whole number of 1 or more, got {rows!r}"
        raise PolicyError(msg)
    table = _table_of(result)
    writer = CellWriter(catalog=words(locale), brackets=brackets, zero=zero, unknown=unknown)
    shown = table.rows[:rows]
    exact = _with_decimals(table.columns, (*shown, *table.totals))

    def lines(found: Sequence[Sequence[Cell]]) -> list[ShownLine]:
        return [
            ShownLine(writer.line(row, table, exact=exact), [_is_negative(cell) for cell in row])
            for row in found
        ]

    return Shown(
        locale=locale,
        title=capitalized(writer.phrase(table.title)),
        details=_details(table, writer),
        headings=[writer.heading(column) for column in table.columns],
        right=[column.kind.is_number for column in table.columns],
        lines=lines(shown),
        totals=lines(table.totals),
        notes=[capitalized(writer.phrase(note)) for note in (*table.notes, *_more(table, rows))],
        has_brackets=brackets,
    )


def _table_of(result: HasTable | ResultTable) -> ResultTable:
    if isinstance(result, ResultTable):
        return result
    make = getattr(result, "to_table", None)
    table = make() if callable(make) else None
    if not isinstance(table, ResultTable):
        msg = f"result must be a table or have one (`to_table`), got {type(result).__name__}"
        raise PolicyError(msg)
    return table


def _with_decimals(
    columns: Sequence[TableColumn], rows: Sequence[Sequence[Cell]]
) -> tuple[bool, ...]:
    """Which columns hold numbers that are not whole, so that all of them get decimals."""
    return tuple(any(isinstance(row[at], Fraction) for row in rows) for at in range(len(columns)))


def _is_negative(cell: Cell) -> bool:
    return isinstance(cell, int | Fraction) and cell < 0


def _details(table: ResultTable, writer: CellWriter) -> list[str]:
    found = [
        Phrase("as of {day}", {"day": table.as_of}) if table.as_of is not None else Phrase(""),
        table.subtitle,
        Phrase("in {currency}", {"currency": table.currency}) if table.currency else Phrase(""),
    ]
    return [text for text in map(writer.phrase, found) if text]


def _more(table: ResultTable, rows: int) -> list[Phrase]:
    hidden = len(table.rows) - rows
    if hidden <= 0:
        return []
    if table.totals:
        return [Phrase("{count} more rows in the totals", {"count": hidden})]
    return [Phrase("{count} more rows", {"count": hidden})]
