"""Amounts, days, balances and sums as MT940 writes them: exact, or refused with a problem's code.

>>> minor_units("1234", "5", "EUR", 2), minor_units("300", "", "JPY", 0)
(123450, 300)
>>> balance("C210930EUR1000,", ":60F:")
Balance(amount_minor=100000, currency='EUR', day=datetime.date(2021, 9, 30))
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Final

import attrs

from receivables import limits
from receivables.errors import UnknownCurrencyError
from receivables.money import digits

__all__ = [
    "Balance",
    "RefusedError",
    "Sums",
    "balance",
    "booking_day",
    "existing_day",
    "minor_units",
    "moment",
    "places_of",
    "shown",
    "sums",
    "written_amount",
]

_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d+)(?:[.,](\d*))?", re.ASCII)
_SUMS: Final = re.compile(r"(\d{1,9})([A-Z]{3})(\d+)(?:[.,](\d*))?", re.ASCII)
_WRITTEN: Final = re.compile(r"([A-Z]{3})?(\d+)(?:[.,](\d*))?", re.ASCII)
_MOMENT: Final = re.compile(r"(\d{6})(\d\d)(\d\d)([+-]\d\d)?(\d\d)?", re.ASCII)
_DIGITS_MAX: Final = 15
"""Digits that are below `limits.AMOUNT_MINOR_MAX` in any case."""
_CENTURY: Final = 80
"""Two digits of a year from here on are of the nineteen hundreds."""
_FEBRUARY: Final = 2
_INTEREST_DAYS_MAX: Final = 31
_SHOWN_MAX: Final = 40


class RefusedError(ValueError):
    """A value that cannot be taken: the code of its problem, and the field that it stands in."""

    def __init__(self, code: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.field = field


@attrs.frozen(kw_only=True)
class Balance:
    """A balance: its signed amount, its currency, and its day, which is None where none exists."""

    amount_minor: int
    currency: str
    day: dt.date | None


@attrs.frozen(kw_only=True)
class Sums:
    """What an interim report says of its debits, or of its credits (``:90D:``, ``:90C:``)."""

    count: int
    amount_minor: int
    currency: str


def shown(text: str) -> str:
    """A text as a message shows it: quoted, and cut where it is long."""
    return repr(text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…")


def places_of(currency: str, *, field: str = "") -> int:
    """The decimals of a currency; raises `RefusedError` for none, and for a code that is none."""
    if not currency:
        msg = "currency must stand in the balance of a statement, or in the settings, got none"
        raise RefusedError("currency.missing", msg, field=field)
    try:
        return digits(currency)
    except UnknownCurrencyError as error:
        raise RefusedError("currency.unknown", str(error), field=field) from None


def minor_units(whole: str, fraction: str, currency: str, places: int) -> int:
    """The digits before and after the comma as minor units; zeros beyond the currency's say nothing.

    >>> minor_units("10", "000", "EUR", 2)
    1000
    >>> minor_units("10", "001", "EUR", 2)
    Traceback (most recent call last):
        ...
    receivables_plugins.mt940.values.RefusedError: amount must have at most 2 decimals in EUR, got 10,001
    """
    fraction = fraction.rstrip("0")
    if len(fraction) > places:
        msg = f"amount must have at most {places} decimals in {currency}, got {whole},{fraction}"
        raise RefusedError("amount.inexact", msg)
    figures = (whole + fraction.ljust(places, "0")).lstrip("0") or "0"
    if len(figures) > _DIGITS_MAX + 1 or int(figures) > limits.AMOUNT_MINOR_MAX:
        msg = f"amount must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {shown(figures)}"
        raise RefusedError("amount.limit", msg)
    return int(figures)


def existing_day(text: str) -> tuple[dt.date | None, bool]:
    """The day of YYMMDD, and whether it is the one that is written.

    In the interest convention of some banks every month has thirty days: a day of February that
    does not exist is its last.  Any other day that does not exist is None.

    >>> existing_day("160230"), existing_day("211131")
    ((datetime.date(2016, 2, 29), False), (None, False))
    """
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += 1900 if year >= _CENTURY else 2000
    try:
        return dt.date(year, month, day), True
    except ValueError:
        if month == _FEBRUARY and 0 < day <= _INTEREST_DAYS_MAX:
            return dt.date(year, month, calendar.monthrange(year, month)[1]), False
        return None, False


def booking_day(text: str, value_date: dt.date) -> tuple[dt.date | None, bool]:
    """The day of MMDD that is nearest to a value date, and whether it is the one that is written.

    >>> booking_day("0102", dt.date(2026, 12, 31))[0]
    datetime.date(2027, 1, 2)
    >>> booking_day("1230", dt.date(2027, 1, 2))[0]
    datetime.date(2026, 12, 30)
    """
    found = [
        existing_day(f"{year % 100:02}{text}")
        for year in (value_date.year, value_date.year - 1, value_date.year + 1)
    ]
    days = [(day, is_exact) for day, is_exact in found if day is not None]
    if not days:
        return None, False
    exact = [one for one in days if one[1]]
    return min(exact or days, key=lambda one: abs((one[0] - value_date).days))


def balance(text: str, field: str) -> Balance:
    """A balance: mark, day, currency, amount; raises `RefusedError`."""
    found = _BALANCE.fullmatch(text.strip())
    if not found:
        msg = f"balance must be a mark, a day, a currency and an amount, got {shown(text)}"
        raise RefusedError("amount.invalid", msg, field=field)
    mark, day, currency, whole, fraction = found.groups("")
    minor = _in_field(whole, fraction, currency, field)
    return Balance(
        amount_minor=minor if mark == "C" else -minor,
        currency=currency,
        day=existing_day(day)[0],
    )


def sums(text: str, field: str) -> Sums:
    """Number and sum of the entries of one side: ``2EUR186,33``; raises `RefusedError`."""
    found = _SUMS.fullmatch(text.strip())
    if not found:
        msg = f"sum must be a number, a currency and an amount, got {shown(text)}"
        raise RefusedError("amount.invalid", msg, field=field)
    count, currency, whole, fraction = found.groups("")
    minor = _in_field(whole, fraction, currency, field)
    return Sums(count=int(count), amount_minor=minor, currency=currency)


def _in_field(whole: str, fraction: str, currency: str, field: str) -> int:
    try:
        return minor_units(whole, fraction, currency, places_of(currency))
    except RefusedError as error:
        error.field = field
        raise


def written_amount(text: str, *, currency: str) -> tuple[int, str] | None:
    """An amount in a text (``EUR11,85``), in minor units, and its currency; None where it is none.

    >>> written_amount("CAD47,11", currency="EUR"), written_amount("much", currency="EUR")
    ((4711, 'CAD'), None)
    """
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        return None
    own = found[1] or currency
    try:
        return minor_units(found[2], found[3] or "", own, places_of(own)), own
    except RefusedError:
        return None


def moment(text: str) -> str:
    """The time of an interim report (``:13D:``) as ISO 8601 writes it, or else as it came.

    >>> moment("1911091733+0100")
    '2019-11-09T17:33+01:00'
    """
    found = _MOMENT.fullmatch(text.strip())
    day = existing_day(found[1])[0] if found else None
    if not found or day is None:
        return text.strip()
    zone = f"{found[4]}:{found[5] or '00'}" if found[4] else ""
    return f"{day.isoformat()}T{found[2]}:{found[3]}{zone}"
