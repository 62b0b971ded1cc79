"""Amounts and days as the files write them: exact, or refused with the code of the problem.

>>> minor_units("8.85000", "EUR", 2), minor_units("12", "EUR", 2)
(885, 1200)
>>> calendar_day("2026-10-31T23:59:59-05:00")
datetime.date(2026, 10, 31)
>>> minor_units("0.005", "EUR", 2)
Traceback (most recent call last):
    ...
receivables_plugins.iso20022.values.RefusedError: amount must have at most 2 decimals in EUR, got '0.005'
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from receivables import limits
from receivables.errors import UnknownCurrencyError
from receivables.money import digits
from receivables_plugins.iso20022.records import REPEATED, Memo, Record, texts

__all__ = ["SIGNS", "RefusedError", "Values", "calendar_day", "is_true", "minor_units", "shown"]

SIGNS: Final = {"CRDT": 1, "DBIT": -1}
"""The directions of ISO 20022, as the sign of an amount on the account."""

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)([TZ +-].*)?", re.ASCII | re.DOTALL)
_DIGITS_MAX: Final = 15
"""Digits that are below `limits.AMOUNT_MINOR_MAX` in any case."""
_SHOWN_MAX: Final = 40
_DIRECTION: Final = "entry.direction-invalid"
_NO_CURRENCY: Final = "currency must stand beside an amount, got none"
_CURRENCIES_MAX: Final = 1_000
"""Currencies that are kept by their code: ISO 4217 has fewer, and a bound on memory."""
_DAYS_MAX: Final = 10_000
"""Days that are kept by their text: thirty years of them, and a bound on memory."""


class RefusedError(ValueError):
    """A value that cannot be taken: the code of its problem, and where it stands in its record."""

    def __init__(self, code: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.field = field


def shown(text: str) -> str:
    """A text as a message shows it: quoted, and cut where it is long."""
    return repr(text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…")


def minor_units(text: str, currency: str, places: int) -> int:
    """An amount of XML Schema's type ``decimal`` in minor units of a currency of `places` decimals.

    Zeros beyond the currency's decimals say nothing and are dropped; any other digit is refused.
    """
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if (
        len(fraction) == places
        and len(digits) <= _DIGITS_MAX
        and digits.isascii()
        and digits.isdecimal()
    ):
        return int(digits)
    return _unusual(text, currency, places)


def _unusual(text: str, currency: str, places: int) -> int:
    if not _NUMBER.fullmatch(text):
        msg = f"amount must be a number, got {shown(text)}"
        raise RefusedError("amount.invalid", msg)
    if text.startswith("-"):
        # ISO 20022 gives the direction apart; a negative debit would say it twice, or twice not.
        msg = f"amount must not be negative beside its direction, got {shown(text)}"
        raise RefusedError(_DIRECTION, msg)
    whole, _, fraction = text.lstrip("+").partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > places:
        msg = f"amount must have at most {places} decimals in {currency}, got {shown(text)}"
        raise RefusedError("amount.inexact", msg)
    digits = (whole + fraction.ljust(places, "0")).lstrip("0") or "0"
    if len(digits) > _DIGITS_MAX + 1 or int(digits) > limits.AMOUNT_MINOR_MAX:
        msg = f"amount must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {shown(text)} {currency}"
        raise RefusedError("amount.limit", msg)
    return int(digits)


def calendar_day(text: str) -> dt.date:
    """The day as it is written; a time and its offset from UTC are left away, never applied."""
    found = _DAY.fullmatch(text)
    if found:
        try:
            return dt.date.fromisoformat(found[1])
        except ValueError:
            pass
    raise RefusedError("date.invalid", f"date must be a day of the calendar, got {shown(text)}")


def is_true(text: str) -> bool:
    """Whether an indicator says yes, in XML's way or in the way of some banks.

    >>> is_true("true"), is_true("1"), is_true("YES"), is_true("false")
    (True, True, True, False)
    """
    return text.lower() in {"true", "1", "yes", "y"}


class Values:
    """Amounts, currencies and days of one file; what repeats is worked out once."""

    def __init__(self) -> None:
        self.days = Memo(calendar_day, size_max=_DAYS_MAX)
        """Days of the calendar by their text; raises `RefusedError` for a text that is none."""
        self.places = Memo(_places, size_max=_CURRENCIES_MAX)
        """Decimals of a currency; raises `RefusedError` for a code that is none."""

    def minor(self, text: str, currency: str) -> int:
        """An amount without sign in minor units; raises `RefusedError`."""
        return minor_units(text, currency, self.places[currency])

    def signed(self, record: Record, *, default: str = "") -> tuple[int, str]:
        """``Amt`` with the sign of ``CdtDbtInd``, and its currency; raises `RefusedError`.

        `default` is the currency of an amount that does not say its own.
        """
        text = record.get("Amt", "")
        sign = SIGNS.get(record.get("CdtDbtInd", ""))
        if not text or sign is None or REPEATED in record:
            sign = _sign_checked(record)
        currency = record.get("Amt Ccy", default)
        try:
            return sign * minor_units(text, currency, self.places[currency]), currency
        except RefusedError as error:
            error.field = "Amt"
            raise


def _places(currency: str) -> int:
    if not currency:
        raise RefusedError("currency.missing", _NO_CURRENCY)
    try:
        return digits(currency)
    except UnknownCurrencyError as error:
        raise RefusedError("currency.unknown", str(error)) from None


def _sign_checked(record: Record) -> int:
    """The sign of a record; refused where an amount or a direction is missing or contradicts itself."""
    for leaf, code in (("Amt", "amount.invalid"), ("CdtDbtInd", _DIRECTION)):
        said = sorted(set(texts(record, leaf)))
        if len(said) != 1 or (leaf == "CdtDbtInd" and said[0] not in SIGNS):
            what = "a number" if leaf == "Amt" else "CRDT or DBIT"
            msg = f"{leaf} must be {what}, said once, got {shown(' and '.join(said))}"
            raise RefusedError(code, msg, field=leaf)
    return SIGNS[record["CdtDbtInd"]]
