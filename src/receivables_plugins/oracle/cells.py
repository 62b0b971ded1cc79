"""Values of the cells of a table: texts of a file, or what a database gave."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar

from receivables.errors import InexactAmountError, LimitError, MoneyError, UnknownCurrencyError
from receivables.money import digits, minor_of
from receivables.reading import ReadNotes
from receivables.texts import amount_readings, date_readings
from receivables_plugins.oracle.settings import EbsSettings

__all__ = ["Row", "Values", "english_day"]

T = TypeVar("T")

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
        start=1,
    )
}
_ENGLISH: Final = re.compile(r"([0-9]{1,2})-([A-Z]{3})-([0-9]{4}|[0-9]{2})(?:[ T].*)?")
_ISO: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T][0-9:.,+Z -]*)?")
_PLAIN: Final = re.compile(r"-?[0-9]{0,30}\.?[0-9]{1,30}")
"""How the system writes nearly all its numbers; a leading zero may be missing."""
_KNOWN_MAX: Final = 50_000
"""Amounts that are remembered; what a schedule was for is mostly what is left of it."""
_NEVER: Final = dt.date(4712, 12, 31)
"""The day that the tables have where there is none yet."""
_CENTURY: Final = 50


def english_day(text: str) -> dt.date | None:
    """The day of Oracle's own form, ``DD-MON-RR`` or ``DD-MON-YYYY``; None where it is no such day.

    Of two figures, 00 to 49 are of this century, and 50 to 99 of the last (the mask ``RR``).

    >>> english_day("30-SEP-26"), english_day("30-SEP-1998 00:00:00"), english_day("31-FEB-26")
    (datetime.date(2026, 9, 30), datetime.date(1998, 9, 30), None)
    """
    match = _ENGLISH.fullmatch(text.upper())
    if match is None or match[2] not in _MONTHS:
        return None
    year = int(match[3])
    if len(match[3]) == 2:  # noqa: PLR2004  # two figures
        year += 2000 if year < _CENTURY else 1900
    try:
        return dt.date(year, _MONTHS[match[2]], int(match[1]))
    except ValueError:
        return None


class Values:
    """Reads the cells of one table, and keeps the days and amounts that it has read already."""

    def __init__(self, settings: EbsSettings, notes: ReadNotes, part: str) -> None:
        self.notes = notes
        self.part = part
        """The member of an archive, or the table; empty for a file of one table."""
        self._settings = settings
        self._days: dict[str, dt.date | None] = {}
        self._minors: dict[tuple[str, str], int] = {}

    def field(self, column: str) -> str:
        """How a column is named in a place."""
        return f"{self.part}: {column}" if self.part else column

    def day(self, value: object) -> dt.date | None:
        """A day; None where there is none; raises `ValueError` with a code and a message."""
        if isinstance(value, dt.datetime):
            value = value.date()
        if isinstance(value, dt.date):
            return None if value >= _NEVER else value
        text = str(value)
        if text not in self._days:
            self._days[text] = self._read_day(text)
        return self._days[text]

    def _read_day(self, text: str) -> dt.date | None:
        match = _ISO.fullmatch(text)
        plain = match[1] if match else text
        english = english_day(text)
        readings: tuple[dt.date, ...] = (english,) if english else ()
        if not readings and not match and self._settings.date_format:
            readings = date_readings(text, format=self._settings.date_format)
        readings = readings or date_readings(plain)
        if len(readings) != 1:
            code = "locale.ambiguous" if readings else "date.invalid"
            msg = f"a day must be readable in one way, got {text!r}. Declare date-format"
            raise ValueError(code, msg)
        return None if readings[0] >= _NEVER else readings[0]

    def minor(self, value: object, currency: str) -> int:
        """An amount in minor units; raises `ValueError` with a code and a message."""
        known = self._minors.get((value, currency)) if isinstance(value, str) else None
        if known is not None:
            return known
        try:
            minor = minor_of(self.number(value), currency)
        except InexactAmountError as error:
            raise ValueError("amount.inexact", str(error)) from None
        except LimitError as error:
            raise ValueError("amount.limit", str(error)) from None
        except MoneyError as error:
            raise ValueError("amount.invalid", str(error)) from None
        if isinstance(value, str):
            if len(self._minors) >= _KNOWN_MAX:
                self._minors.clear()
            self._minors[value, currency] = minor
        return minor

    def number(self, value: object) -> Decimal:
        """A number; a float is refused, because it is not what the table holds."""
        if isinstance(value, Decimal):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if not isinstance(value, str):
            msg = f"an amount must be a Decimal or a text, got a {type(value).__name__}. Fetch decimals"
            raise ValueError("amount.invalid", msg)  # noqa: TRY004  # a problem in data, not misuse
        said = self._settings
        if said.decimal == "." and _PLAIN.fullmatch(value):
            return Decimal(value)
        readings = amount_readings(value, decimal=said.decimal, grouping=said.grouping)
        if len(readings) != 1:
            msg = f"an amount must have the decimal mark {said.decimal!r}, got {value!r}"
            raise ValueError("amount.invalid", msg)
        return readings[0]


class Row:
    """One row of a table: its cells by column, and whether anything in it was refused."""

    __slots__ = ("_cells", "_places", "_values", "is_refused", "line")

    def __init__(
        self, line: int, cells: list[object], places: dict[str, int], values: Values
    ) -> None:
        self.line = line
        self.is_refused = False
        self._cells = cells
        self._places = places
        self._values = values

    @property
    def part(self) -> str | None:
        """The member of an archive, or the table; None for a file of one table."""
        return self._values.part or None

    def text(self, column: str) -> str:
        """A text without outer blanks; empty where there is none; whole numbers are texts as well."""
        place = self._places.get(column)
        value = None if place is None else self._cells[place]
        if value is None or value == "":
            return ""
        if isinstance(value, str):
            return value.strip()
        if isinstance(value, Decimal) and value == value.to_integral_value():
            return str(int(value))
        if isinstance(value, float):
            # An identifier of fifteen digits and more is another one after it was a float.
            self.refuse("amount.invalid", "must be a whole number or a text, got a float", column)
        return str(value)

    def needed(self, column: str, code: str) -> str:
        """A text that must be there."""
        text = self.text(column)
        if not text:
            self.refuse(code, f"{column} must be given, got an empty cell", column)
        return text

    def day(self, column: str) -> dt.date | None:
        """A day, or None."""
        return self._read(column, self._values.day) or None

    def number(self, column: str) -> Decimal | None:
        """A number, or None."""
        return self._read(column, self._values.number)

    def currency(self, column: str) -> str:
        """A currency that must be there and known."""
        code = self.needed(column, "currency.missing")
        try:
            digits(code)
        except UnknownCurrencyError as error:
            if code:
                self.refuse("currency.unknown", str(error), column)
            return ""
        return code

    def minor(self, column: str, currency: str) -> int:
        """An amount in minor units; zero where there is none."""
        if not currency:
            return 0
        return self._read(column, lambda value: self._values.minor(value, currency)) or 0

    def _read(self, column: str, reading: Callable[[object], T | None]) -> T | None:
        place = self._places.get(column)
        value = None if place is None else self._cells[place]
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            return None
        try:
            return reading(value)
        except ValueError as error:
            code, message = error.args if len(error.args) == 2 else ("amount.invalid", str(error))  # noqa: PLR2004  # a code and a message
            self.refuse(code, message, column)
            return None

    def refuse(self, code: str, message: str, column: str) -> None:
        """Note an error; nothing comes of the row."""
        self.is_refused = True
        self.error(code, message, column)

    def error(self, code: str, message: str, column: str) -> None:
        """Note an error that the row survives."""
        self._values.notes.error(code, message, line=self.line, field=self._values.field(column))

    def warn(self, code: str, message: str, column: str) -> None:
        """Note something odd."""
        self._values.notes.warn(code, message, line=self.line, field=self._values.field(column))
