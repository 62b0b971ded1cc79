"""Values of the cells of one row: typed, or noted with line and heading and refused."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from receivables.errors import InexactAmountError, LimitError, UnknownCurrencyError
from receivables.limits import AMOUNT_MINOR_MAX
from receivables.money import Money, digits, from_minor, minor_of
from receivables.reading import ReadNotes
from receivables.texts import amount_readings, date_readings
from receivables_plugins.credit_csv.headings import normal
from receivables_plugins.credit_csv.settings import CreditCsvSettings
from receivables_plugins.credit_csv.table import Row

__all__ = ["Cells"]

T = TypeVar("T")

_YES: Final = frozenset({"yes", "y", "true", "1", "x", "oui", "o", "vrai", "si", "s", "verdadero"})
_NO: Final = frozenset({"", "no", "n", "false", "0", "non", "faux", "falso"})
_PERCENT_BPS: Final = 100


class Cells:
    """The cells of one row.  After any value was refused, `is_refused` is true.

    A refused or empty value reads as ``""``, ``None`` or 0, so that one row can give all its
    problems; whoever builds a record asks `is_refused` first.
    """

    def __init__(self, row: Row, *, settings: CreditCsvSettings, notes: ReadNotes) -> None:
        self.row = row
        self.settings = settings
        self._notes = notes
        self.is_refused = False

    def refuse(self, code: str, message: str, *, field: str = "") -> None:
        """Note an error of this row; nothing will come of it."""
        self.is_refused = True
        heading = self.row.header.heading(field) if field else None
        self._notes.error(code, message, line=self.row.line, field=heading)

    def has(self, field: str) -> bool:
        """Whether the file has a column of a field, and the row something in it."""
        return bool(self.row.get(field))

    def text(self, field: str) -> str:
        """A text, empty where there is none."""
        return self.row.get(field)

    def needed(self, field: str) -> str:
        """A text that must be there; leading zeros and all it has are kept."""
        value = self.row.get(field)
        if not value:
            code = "customer.missing" if field == "customer" else "credit.value-missing"
            self.refuse(code, f"{field} must be given, got an empty cell", field=field)
        return value

    def day(self, field: str) -> dt.date | None:
        """A day, or None where the cell is empty."""
        text = self.row.get(field)
        return self._one(text, field, self._days, code="date.invalid") if text else None

    def needed_day(self, field: str) -> dt.date:
        """A day that must be there."""
        day = self.day(field)
        if not self.row.get(field):
            self.refuse("date.missing", f"{field} must be given, got an empty cell", field=field)
        return day or dt.date.min

    def currency(self, *, needed: bool = True) -> str:
        """The currency of the row, its column's or that of the settings; never guessed."""
        code = self.row.get("currency") or self.settings.currency
        if not code:
            if needed:
                msg = "currency must be given, got none"
                self.refuse("currency.missing", msg, field="currency")
            return ""
        try:
            digits(code.upper())
        except UnknownCurrencyError as error:
            self.refuse("currency.unknown", str(error), field="currency")
            return ""
        return code.upper()

    def money(self, field: str) -> Money | None:
        """An amount, or None where the cell is empty or was refused."""
        if not self.row.get(field):
            return None
        currency = self.currency()
        amount = self._number(field, code="amount.invalid")
        if amount is None or not currency:
            return None
        try:
            return from_minor(minor_of(amount, currency), currency)
        except InexactAmountError as error:
            self.refuse("amount.inexact", str(error), field=field)
        except LimitError as error:
            self.refuse("amount.limit", str(error), field=field)
        return None

    def needed_money(self, field: str) -> Money:
        """An amount that must be there."""
        if not self.row.get(field):
            self.refuse("amount.invalid", f"{field} must be given, got an empty cell", field=field)
        return self.money(field) or from_minor(0, "EUR")

    def figure(self, field: str, *, text_field: str = "") -> int | None:
        """A whole number of units, or None where the cell is empty or was refused."""
        place = text_field or field
        if not self.row.get(place):
            return None
        number = self._number(place, code="amount.invalid")
        if number is None:
            return None
        if abs(number) > AMOUNT_MINOR_MAX:
            msg = f"{field} must be at most {AMOUNT_MINOR_MAX}, got {self.row.get(place)}"
            self.refuse("amount.limit", msg, field=place)
            return None
        whole = int(number.to_integral_value(decimal.ROUND_HALF_EVEN))
        if whole != number and not self.settings.round_figures:
            msg = f"{field} must be whole units, got {self.row.get(place)}. Set round-figures, or a smaller unit"
            self.refuse("amount.inexact", msg, field=place)
        return whole

    def count(self, field: str, default: int) -> int:
        """A small whole number, the default where the cell is empty."""
        text = self.row.get(field)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(AMOUNT_MINOR_MAX))):
            msg = f"{field} must be a whole number, got {text!r}"
            self.refuse("credit.value-unknown", msg, field=field)
            return default
        return int(text)

    def percent_bps(self, field: str, default: int) -> int:
        """A percentage in basis points, the default where the cell is empty."""
        text = self.row.get(field).removesuffix("%").strip()
        if not text:
            return default
        number = self._one(text, field, self._amounts, code="amount.invalid")
        scaled = (number or Decimal(0)) * _PERCENT_BPS
        if scaled != scaled.to_integral_value() or abs(scaled) > AMOUNT_MINOR_MAX:
            msg = f"{field} must be a percentage of at most two decimals, got {text!r}"
            self.refuse("amount.inexact", msg, field=field)
            return default
        return int(scaled)

    def flag(self, field: str) -> bool:
        """Yes or no, no where the cell is empty."""
        word = normal(self.row.get(field))
        if word not in _YES | _NO:
            msg = f"{field} must be yes or no, got {self.row.get(field)!r}"
            self.refuse("credit.value-unknown", msg, field=field)
        return word in _YES

    def word(self, field: str, words: Mapping[str, T], *, default: T | None = None) -> T | None:
        """One of some known words, in the file's language or ours; never guessed."""
        text = self.row.get(field)
        if not text and default is not None:
            return default
        found = words.get(normal(self.settings.kinds.get(text, text)))
        if found is None:
            msg = f"{field} must be a known word or mapped in kinds, got {text!r}"
            self.refuse("credit.value-unknown", msg, field=field)
        return found

    def _number(self, field: str, *, code: str) -> Decimal | None:
        text = self.row.get(field)
        if self.settings.currency_symbol:
            text = text.replace(self.settings.currency_symbol, "", 1).strip()
        return self._one(text, field, self._amounts, code=code)

    def _one(
        self, text: str, field: str, readings: Callable[[str], tuple[T, ...]], *, code: str
    ) -> T | None:
        """The only reading of a text; none, or more than one, is refused."""
        found = readings(text)
        if len(found) == 1:
            return found[0]
        if found:
            ways = " or ".join(map(str, found))
            self.refuse("locale.ambiguous", f"{text!r} can be read as {ways}", field=field)
        else:
            self.refuse(code, f"{field} must be in the declared format, got {text!r}", field=field)
        return None

    def _days(self, text: str) -> tuple[dt.date, ...]:
        return date_readings(text, format=self.settings.date_format)

    def _amounts(self, text: str) -> tuple[Decimal, ...]:
        return amount_readings(text, decimal=self.settings.decimal, grouping=self.settings.grouping)
