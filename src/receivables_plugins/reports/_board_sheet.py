"""Sheets of the board's workbook: every one says whose it is and of which day, and foots by formulas.

A total is a formula wherever the program that opens the file comes to the same figure; an amount of
more digits than a workbook keeps exactly is text, and what would add it up is text too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import attrs

from receivables.money import digits
from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

from ._sheet import Sheet, is_exact
from ._view import in_units, one_line

__all__ = ["BoardSheet", "area", "letters", "quoted", "sheet_name"]

_NAME_MAX: Final = 31
"""Characters of a sheet's name (Excel's specifications and limits)."""
_RESERVED: Final = "history"
"""The name of a sheet that Excel keeps for itself."""
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_WIDTHS: Final[Mapping[CellKind, int]] = {
    CellKind.TEXT: 18,
    CellKind.DATE: 12,
    CellKind.MONEY: 17,
    CellKind.COUNT: 10,
    CellKind.DAYS: 12,
    CellKind.SHARE: 12,
    CellKind.RATIO: 12,
}
_DIGITS_MAX: Final = 10**15
_TOTAL: Final[Mapping[str, object]] = {"bold": True, "top": 1}


def letters(column: int) -> str:
    """The letters of a column.

    >>> letters(0), letters(25), letters(26), letters(71)
    ('A', 'Z', 'AA', 'BT')
    """
    before, here = divmod(column, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + here)


def area(span: range, column: int) -> str:
    """The cells of a column, fixed.

    >>> area(range(4, 9), 2)
    '$C$5:$C$9'
    """
    name = letters(column)
    return f"${name}${span.start + 1}:${name}${span.stop}"


def sheet_name(text: str, taken: Sequence[str] = ()) -> str:
    """A text as the name of a sheet that no other has.

    >>> sheet_name("Who owes what: all of it, by customer"), sheet_name("Aging", ["aging"])
    ('Who owes what  all of it, by cu', 'Aging 2')
    """
    plain = one_line(text).translate(_FORBIDDEN).strip("' ")
    lower = {_RESERVED, *(name.casefold() for name in taken)}
    number, name = 1, _cut(plain, _NAME_MAX) or "-"
    while name.casefold() in lower:
        number += 1
        name = f"{_cut(plain, _NAME_MAX - len(str(number)) - 1)} {number}"
    return name


def _cut(text: str, length: int) -> str:
    """The beginning of a text: letters beyond the first 65,536 count twice, no apostrophe ends it."""
    kept = text.encode("utf-16-le")[: 2 * length].decode("utf-16-le", errors="ignore")
    return kept.strip("' ")


def quoted(name: str) -> str:
    """The name of a sheet in a formula."""
    return "'" + name.replace("'", "''") + "'"


class BoardSheet(Sheet):
    """A sheet of the board's workbook; its day is the cell ``AsOf`` of the cover."""

    @property
    def raw(self) -> Any:  # noqa: ANN401  # a worksheet of XlsxWriter
        """The sheet of XlsxWriter, for what only it can do."""
        return self._sheet

    def headed(self, creditor: str, notes: Sequence[str] = ()) -> None:
        """Write what the sheet shows, whose it is and of which day, then an empty row."""
        view = self.view
        self._sheet.set_row(self.row, 24)
        self.text(0, self.name, bold=True, font_size=16)
        self.row += 1
        self.text(0, one_line(creditor))
        self.row += 1
        self.text(0, view.as_of.label, bold=True)
        day = (view.aging.as_of - dt.date(1899, 12, 30)).days
        self._sheet.write_formula(self.row, 1, "=AsOf", self.styles.date(), day)
        self.row += 1
        for note in notes:
            self.text(0, note, italic=True)
            self.row += 1
        self.row += 1

    def table(self, table: ResultTable, *, freeze: bool = True) -> range:
        """Write a result's table with its totals; the rows of its body come back."""
        columns = table.columns
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, _WIDTHS[column.kind])
        headings = [self._said(column.heading) for column in columns]
        self._sheet.set_row(self.row, 32)
        for place, heading in enumerate(headings):
            style = self.styles.heading(right=columns[place].kind.is_number)
            self._sheet.write_string(self.row, place, heading, style)
        if freeze:
            self._sheet.freeze_panes(self.row + 1, 1)
            self._sheet.repeat_rows(self.row)
            if table.rows:
                self._sheet.autofilter(self.row, 0, self.row + len(table.rows), len(columns) - 1)
        self.row += 1
        body = range(self.row, self.row + len(table.rows))
        for row in table.rows:
            self._cells(row, table)
        for row in table.totals:
            self._cells(row, table, sums=_Sums(table, body), **_TOTAL)
        for note in table.notes:
            self.text(0, self._said(note), italic=True)
            self.row += 1
        return body

    def _said(self, phrase: Phrase) -> str:
        return self.view.phrase(phrase)

    def _cells(
        self, row: Sequence[Cell], table: ResultTable, sums: _Sums | None = None, **look: object
    ) -> None:
        currency = table.currency_of(row)
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            formula = None if sums is None else sums.formula(place, cell, currency)
            if formula is not None and isinstance(cell, int):
                value = in_units(cell, currency)
                self.formula(place, formula, value=value, currency=currency, **look)
            else:
                self._cell(place, cell, column, currency, **look)
        self.row += 1

    def _cell(
        self, place: int, cell: Cell, column: TableColumn, currency: str, **look: object
    ) -> None:
        if cell is None:
            self._sheet.write_string(self.row, place, "–", self.styles.make(align="right", **look))
        elif isinstance(cell, Phrase):
            self.text(place, self._said(cell), **look)
        elif isinstance(cell, dt.date):
            self.date(place, cell)
        elif isinstance(cell, str):
            self.text(place, one_line(cell), **look)
        elif column.kind is CellKind.MONEY:
            self.amount(place, int(cell), currency, **look)
        else:
            self.number(place, Fraction(cell), column, **look)

    def number(self, place: int, value: Fraction, column: TableColumn, **look: object) -> None:
        """Write days, a share, a count or a ratio; a share keeps two decimals more than it shows."""
        places = 0 if column.kind is CellKind.COUNT else column.places
        shown = f"#,##0.{'0' * places}" if places else "#,##0"
        if column.kind is CellKind.SHARE:
            shown += "%"
        style = self.styles.make(num_format=shown, align="right", **look)
        kept = Decimal(value.numerator) / Decimal(value.denominator)
        # A number with more digits before the point than a cell keeps has none to round after it.
        rounded = round(kept, 10) if abs(kept) < _DIGITS_MAX else kept
        self._sheet.write_number(self.row, place, rounded, style)

    def finish(self, columns: int) -> None:
        """Set how it prints: its own area, as wide as the page, what it is and of which day below."""
        self.print_setup(rows=self.row, columns=columns)
        title = f"{self.view.say('portfolio')} · {self.name} · {self.view.as_of.value}"
        self._sheet.set_footer(f"&L{title.replace('&', '&&')}&R&P / &N")


@attrs.frozen
class _Sums:
    """Totals as formulas over the rows of a table, where they come to the same."""

    table: ResultTable
    body: range

    def formula(self, place: int, cell: Cell, currency: str) -> str | None:
        """The formula that adds up a column for one currency, or None where it is not that."""
        column = self.table.columns[place]
        if column.kind is not CellKind.MONEY or not isinstance(cell, int) or not self.body:
            return None
        amounts = [row[place] for row in self.table.rows if self.table.currency_of(row) == currency]
        numbers = [amount for amount in amounts if isinstance(amount, int)]
        exact = all(map(is_exact, (*numbers, cell)))
        if sum(numbers) != cell or not exact:
            return None
        names = [one.name for one in self.table.columns]
        if self.table.currency_column in names:
            told = area(self.body, names.index(self.table.currency_column))
            added = f'SUMIFS({area(self.body, place)},{told},"{currency}")'
        else:
            added = f"SUM({area(self.body, place)})"
        return f"=ROUND({added},{digits(currency)})"
