"""Amounts, days and texts of a row: exact, or noted with their line and heading."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from decimal import Decimal
from typing import Final

from receivables.errors import InexactAmountError, LimitError, UnknownCurrencyError
from receivables.money import digits, minor_of
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.texts import date_readings
from receivables_plugins.cybersource.rows import Row
from receivables_plugins.cybersource.settings import CybersourceReportSettings

__all__ = ["Values", "moment_of"]

_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,15})?")
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?"
    r" ?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?"
)
_ISO_LENGTH: Final = 10


def moment_of(text: str) -> dt.datetime | None:
    """A moment as reports write it; without a zone it is in UTC.

    >>> moment_of("2026-10-05T23:30:00-07:00").astimezone(dt.UTC).isoformat()
    '2026-10-06T06:30:00+00:00'
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    zone = match[3] or "Z"
    zone = "+00:00" if zone in {"Z", "UTC", "GMT"} else zone
    try:
        return dt.datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}")
    except ValueError:
        return None


class Values:
    """Reads the cells of rows; `is_refused` is true after one of the row could not be read."""

    def __init__(self, settings: CybersourceReportSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._zone = zoneinfo.ZoneInfo(settings.time_zone)
        self._days: dict[str, dt.date | None] = {}
        self._digits: dict[str, int] = {}
        self.is_refused = False

    def begin(self) -> None:
        """Begin with a new row."""
        self.is_refused = False

    def refuse(self, code: str, message: str, *, row: Row, field: str) -> None:
        """Note an error of a row, which then gives nothing."""
        self.is_refused = True
        self._notes.error(code, message, line=row.line, field=row.heading(field))

    def warn(self, code: str, message: str, *, row: Row, field: str) -> None:
        """Note something odd about a row."""
        self._notes.warn(code, message, line=row.line, field=row.heading(field))

    def place(self, row: Row) -> Place:
        """Where a row stands."""
        return Place(self._notes.source, line=row.line)

    def currency(self, row: Row, field: str = "currency") -> str:
        """A currency that must be there."""
        code = row.get(field)
        if code in self._digits:
            return code
        if not code:
            self.refuse(
                "currency.missing", "currency must be given, got none", row=row, field=field
            )
            return ""
        try:
            self._digits[code] = digits(code)
        except UnknownCurrencyError as error:
            self.refuse("currency.unknown", str(error), row=row, field=field)
            return ""
        return code

    def amount_minor(self, row: Row, field: str, currency: str) -> int | None:
        """An amount in minor units; None where there is none, or it was refused."""
        text = row.get(field)
        if not text or not currency:
            return None
        if _AMOUNT.fullmatch(text) is None:
            msg = f"{field} must be a number with a decimal point, got {text!r}"
            self.refuse("amount.invalid", msg, row=row, field=field)
            return None
        try:
            return minor_of(Decimal(text), currency)
        except InexactAmountError as error:
            self.refuse("amount.inexact", str(error), row=row, field=field)
        except LimitError as error:
            self.refuse("amount.limit", str(error), row=row, field=field)
        return None

    def needed_minor(self, row: Row, field: str, currency: str) -> int:
        """An amount that must be there."""
        if not row.get(field):
            msg = f"{field} must be given, got an empty cell"
            self.refuse("amount.invalid", msg, row=row, field=field)
        return self.amount_minor(row, field, currency) or 0

    def day(self, row: Row, field: str) -> dt.date | None:
        """A day in the zone of the settings; None where there is none, or it was refused."""
        text = row.get(field)
        if not text:
            return None
        if text not in self._days:
            if len(self._days) > 100_000:  # noqa: PLR2004  # moments differ, days repeat
                self._days.clear()
            self._days[text] = self._read_day(text)
        day = self._days[text]
        if day is None:
            msg = f"{field} must be a day or a moment that can be read in one way, got {text!r}"
            self.refuse("date.invalid", msg, row=row, field=field)
        return day

    def day_of(self, text: str) -> dt.date | None:
        """A day of a text that stands in no row."""
        return self._read_day(text)

    def _read_day(self, text: str) -> dt.date | None:
        moment = moment_of(text)
        if moment is not None:
            return moment.astimezone(self._zone).date()
        if self._settings.date_format is None and len(text) > _ISO_LENGTH and text[-1] == "Z":
            text = text[:-1]
        found = date_readings(text, format=self._settings.date_format)
        return found[0] if len(found) == 1 else None
