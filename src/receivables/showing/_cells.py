"""What a cell says to a reader of a locale: words translated, numbers by their kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

import attrs

from receivables.i18n.catalog import Catalog
from receivables.i18n.formats import (
    format_amount,
    format_date,
    format_money,
    format_number,
    format_share,
)
from receivables.i18n.labels import capitalized
from receivables.tables import Cell, CellKind, Figure, Phrase, ResultTable, TableColumn, printable

__all__ = ["CellWriter"]


@attrs.frozen(kw_only=True)
class CellWriter:
    """Writes phrases and cells for one locale."""

    catalog: Catalog
    brackets: bool = False
    """Whether negative numbers stand in brackets and not behind a minus."""
    zero: str = ""
    """What stands for an amount of zero; a zero, where empty."""
    unknown: str = "–"

    def phrase(self, phrase: Phrase) -> str:
        """The words of a phrase; raises `TranslationMissingError` where the catalogues lack them."""
        if not phrase.text:
            return ""
        values = {name: self._value(value) for name, value in phrase.values.items()}
        return self.catalog.text(phrase.context, phrase.text, **values)

    def _value(self, value: object) -> str:
        if isinstance(value, Phrase):
            return self.phrase(value)
        if isinstance(value, Figure):
            return self._figure(value)
        if isinstance(value, dt.date):
            return format_date(value, self.catalog.locale, "medium")
        if isinstance(value, int):
            return format_number(value, self.catalog.locale)
        return printable(str(value))

    def _figure(self, figure: Figure) -> str:
        if figure.kind is CellKind.MONEY:
            return format_money(int(figure.value), figure.currency, self.catalog.locale)
        return self._number(figure.value, figure.column, "", has_decimals=True)

    def heading(self, column: TableColumn) -> str:
        """The heading of a column, with the currency of its amounts where it has one of its own."""
        text = capitalized(self.phrase(column.heading))
        return f"{text} ({column.currency})" if column.currency else text

    def line(
        self, cells: Sequence[Cell], table: ResultTable, *, exact: Sequence[bool]
    ) -> list[str]:
        """The texts of a row; `exact` says which columns have decimals."""
        currency = table.currency_of(cells)
        return [
            self.cell(cell, column, currency=column.currency or currency, has_decimals=decimals)
            for cell, column, decimals in zip(cells, table.columns, exact, strict=True)
        ]

    def cell(
        self, cell: Cell, column: TableColumn, *, currency: str = "", has_decimals: bool = False
    ) -> str:
        """The text of one cell; a negative number in brackets, where they are asked for."""
        if isinstance(cell, int | Fraction):
            if self.zero and not cell and column.kind is CellKind.MONEY:
                return self.zero
            return self._signed(cell, column, currency, has_decimals=has_decimals)
        if isinstance(cell, Phrase):
            return capitalized(self.phrase(cell))
        if isinstance(cell, dt.date):
            return format_date(cell, self.catalog.locale, "medium")
        return self.unknown if cell is None else printable(cell)

    def _signed(
        self, number: int | Fraction, column: TableColumn, currency: str, *, has_decimals: bool
    ) -> str:
        if not self.brackets or number >= 0:
            return self._number(number, column, currency, has_decimals=has_decimals)
        text = self._number(-number, column, currency, has_decimals=has_decimals)
        # What rounds to nothing is not negative.
        return f"({text})" if any(sign in "123456789" for sign in text) else text

    def _number(
        self, number: int | Fraction, column: TableColumn, currency: str, *, has_decimals: bool
    ) -> str:
        locale = self.catalog.locale
        if column.kind is CellKind.MONEY:
            return format_amount(int(number), currency, locale)
        if column.kind is CellKind.SHARE:
            return format_share(number, locale, places=column.places)
        return format_number(number, locale, places=column.places if has_decimals else 0)
