"""How a file writes its amounts and its dates: declared, or proved by what stands in it.

A text that can be read in two ways waits until another one of the same file can be read in one only,
which proves the convention of the file; where none does, it is refused.

>>> conventions = Conventions(CsvRemittanceSettings())
>>> conventions.amount("1,234") is AMBIGUOUS
True
>>> conventions.learn_amount("1,234.50")
>>> conventions.amount("1,234")
Decimal('1234')
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from decimal import Decimal
from typing import Final

from receivables.texts import DECIMALS, amount_readings, date_readings
from receivables_plugins.remittance_tables.settings import (
    CsvRemittanceSettings,
    ExcelRemittanceSettings,
)
from receivables_plugins.remittance_tables.tables import Cell

__all__ = ["AMBIGUOUS", "Conventions", "Doubt"]


class Doubt(enum.Enum):
    """What stands for a value that can be read in two ways."""

    AMBIGUOUS = "ambiguous"


AMBIGUOUS: Final = Doubt.AMBIGUOUS

_ORDERS: Final = ("%d/%m/%Y", "%m/%d/%Y")
_SHORT: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_PLAIN: Final = re.compile(r"-?[0-9]{1,15}([.,])[0-9]{1,6}")
_DATES_MAX: Final = 10_000
"""Days that are kept by their text: thirty years of them, and a bound on memory."""


class Conventions:
    """The conventions of one file, as far as they are known."""

    def __init__(self, settings: CsvRemittanceSettings | ExcelRemittanceSettings) -> None:
        self._grouping = settings.grouping
        self._symbol = settings.currency_symbol
        self._format = settings.date_format
        self._decimals = set(DECIMALS if settings.decimal is None else (settings.decimal,))
        self._orders = set(_ORDERS)
        self._days: dict[str, dt.date | Doubt | None] = {}
        self.changes = 0
        """How often something was learned: what waited may be readable now."""

    @property
    def has_one_mark(self) -> bool:
        """Whether the decimal mark is known, so that nothing more will be learned of amounts."""
        return len(self._decimals) == 1

    def learn_amount(self, cell: Cell) -> None:
        """Drop the conventions in which a cell cannot be read, unless there would be none."""
        if isinstance(cell, str) and len(self._decimals) > 1:
            text = self._bare(cell)
            fits = {mark for mark in self._decimals if self._readings(text, mark)}
            if fits and fits != self._decimals:
                self._decimals = fits
                self.changes += 1

    def learn_date(self, cell: Cell) -> None:
        """As for amounts: the orders of day and month."""
        if self._format is None and isinstance(cell, str) and len(self._orders) > 1:
            fits = {order for order in self._orders if _in_order(cell, order)}
            if fits and fits != self._orders:
                self._orders = fits
                self._days.clear()
                self.changes += 1

    def amount(self, cell: Cell) -> Decimal | Doubt | None:
        """The value of a cell; None where it is none."""
        if isinstance(cell, Decimal):
            return cell
        if not isinstance(cell, str):
            return None
        text = self._bare(cell)
        plain = _PLAIN.fullmatch(text)
        if plain and self._decimals == {plain[1]}:
            return Decimal(text.replace(",", "."))
        found = {one for mark in self._decimals for one in self._readings(text, mark)}
        if not found:
            # The file is written in two ways; this cell may still have one meaning.
            found = set(amount_readings(text, grouping=self._grouping))
        return AMBIGUOUS if len(found) > 1 else next(iter(found), None)

    def date(self, cell: Cell) -> dt.date | Doubt | None:
        """The day of a cell; None where it is none."""
        if isinstance(cell, dt.date):
            return cell
        if isinstance(cell, Decimal):
            return None
        if cell not in self._days:
            if len(self._days) >= _DATES_MAX:
                self._days.clear()
            self._days[cell] = self._day(cell)
        return self._days[cell]

    def _day(self, text: str) -> dt.date | Doubt | None:
        found = date_readings(text, format=self._format)
        if len(found) > 1:
            found = tuple({day for order in self._orders for day in _in_order(text, order)})
        return AMBIGUOUS if len(found) > 1 else next(iter(found), None)

    def _bare(self, text: str) -> str:
        text = text.strip()
        return text.replace(self._symbol, "", 1).strip() if self._symbol else text

    def _readings(self, text: str, mark: str) -> tuple[Decimal, ...]:
        return amount_readings(text, decimal=mark, grouping=self._grouping)


def _in_order(text: str, order: str) -> tuple[dt.date, ...]:
    found = _SHORT.fullmatch(text.strip())
    if found is None:
        return ()
    return date_readings(f"{found[1]}/{found[3]}/{found[4]}", format=order)
