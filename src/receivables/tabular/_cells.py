"""Values of the cells of one row: typed, or noted with line and heading and refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from receivables.errors import InexactAmountError, LimitError, UnknownCurrencyError
from receivables.money import digits, minor_of
from receivables.reading import ReadNotes
from receivables.tabular._table import Row
from receivables.tabular.settings import TableSettings
from receivables.texts import amount_readings, date_readings

__all__ = ["Cells"]

_MISSING: Final[Mapping[str, str]] = {
    "customer": "customer.missing",
    "number": "document.missing",
    "receipt": "receipt.missing",
}


class Cells:
    """The cells of one row.  After any value was refused, `is_refused` is true.

    A refused or empty value reads as ``""``, ``None`` or 0, so that one row can give all its
    problems; whoever builds a record asks `is_refused` first.
    """

    __slots__ = ("_date_format", "_get", "_notes", "_settings", "is_refused", "row")

    def __init__(self, row: Row, *, settings: TableSettings, notes: ReadNotes) -> None:
        self.row = row
        self._get = row.cells.get
        self._settings = settings
        self._date_format = settings.date_format
        self._notes = notes
        self.is_refused = False

    def refuse(self, code: str, message: str, *, field: str) -> None:
        """Note an error of this row; nothing will come of it."""
        self.is_refused = True
        self._notes.error(code, message, line=self.row.line, field=self.row.heading(field))

    def warn(self, code: str, message: str, *, field: str) -> None:
        """Note something odd about this row."""
        self._notes.warn(code, message, line=self.row.line, field=self.row.heading(field))

    def text(self, field: str) -> str:
        """A text, empty where there is none."""
        return self._get(field, "")

    def identity(self, field: str) -> str:
        """A text that must be there; leading zeros and all it has are kept."""
        value = self._get(field, "")
        if not value:
            self.refuse(_MISSING[field], f"{field} must be given, got an empty cell", field=field)
        return value

    def parts(self, field: str, separator: str | None = "|") -> tuple[str, ...]:
        """A list in one cell."""
        text = self._get(field, "")
        return tuple(filter(None, map(str.strip, text.split(separator)))) if text else ()

    def day(self, field: str) -> dt.date | None:
        """A day, or None where the cell is empty."""
        text = self._get(field, "")
        if not text:
            return None
        found = date_readings(text, format=self._date_format)
        if len(found) == 1:
            return found[0]
        self._refuse_readings(text, field, found, "date")
        return None

    def needed_day(self, field: str) -> dt.date:
        """A day that must be there."""
        day = self.day(field)
        if day is None and not self._get(field, ""):
            self.refuse("date.missing", f"{field} must be given, got an empty cell", field=field)
        return day or dt.date.min

    def currency(self) -> str:
        """The currency of the row: of its column, a constant, or the settings; never guessed."""
        code = self._get("currency", self._settings.currency)
        if not code:
            self.refuse("currency.missing", "currency must be given, got none", field="currency")
            return ""
        try:
            digits(code)
        except UnknownCurrencyError as error:
            self.refuse("currency.unknown", str(error), field="currency")
            return ""
        return code

    def amount_minor(self, field: str, currency: str) -> int | None:
        """An amount in minor units; None where the cell is empty or was refused."""
        text = self._get(field, "")
        if not text or not currency:
            return None
        found = self._amounts(text)
        if len(found) != 1:
            self._refuse_readings(text, field, found, "amount")
            return None
        try:
            return minor_of(found[0], currency)
        except InexactAmountError as error:
            self.refuse("amount.inexact", str(error), field=field)
        except LimitError as error:
            self.refuse("amount.limit", str(error), field=field)
        return None

    def needed_amount_minor(self, field: str, currency: str) -> int:
        """An amount that must be there."""
        if not self._get(field, ""):
            self.refuse("amount.invalid", f"{field} must be given, got an empty cell", field=field)
        return self.amount_minor(field, currency) or 0

    def _refuse_readings(self, text: str, field: str, found: tuple[object, ...], kind: str) -> None:
        """Refuse a text that has no reading as a kind of value, or more than one."""
        if found:
            ways = " or ".join(map(str, found))
            self.refuse("locale.ambiguous", f"{text!r} can be read as {ways}", field=field)
        else:
            msg = f"{field} must be in the declared format, got {text!r}"
            self.refuse(f"{kind}.invalid", msg, field=field)

    def _amounts(self, text: str) -> tuple[Decimal, ...]:
        bare = text
        if self._settings.currency_symbol:
            bare = text.replace(self._settings.currency_symbol, "", 1)
        return amount_readings(
            bare, decimal=self._settings.decimal, grouping=self._settings.grouping
        )
