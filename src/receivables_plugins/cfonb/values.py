"""Amounts, days and accounts as CFONB writes them: exact, or refused with the code of the problem.

>>> amounts = Amounts()
>>> amounts.signed("0000000000012C", "EUR2"), amounts.signed("0000000000012L", "EUR2")
(123, -123)
>>> amounts.signed("0000000000150{", "XPF0")
1500
>>> iban("30006", "00001", "12345678901", country="FR")
'FR7630006000011234567890189'
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, NamedTuple

from receivables import limits
from receivables.errors import UnknownCurrencyError
from receivables.money import digits

__all__ = ["Amounts", "Days", "RefusedError", "iban", "shown", "unsigned"]

_DAYS_MAX: Final = 20_000
"""Days that are kept by their text: fifty years of them, and a bound on memory."""
_CENTURY_FROM: Final = 80
"""Two digits of a year from here on are of the twentieth century: no file is older than 1980."""
_DATE_DIGITS: Final = 6
_SHOWN_MAX: Final = 40

_SIGNS: Final[Mapping[str, tuple[int, str]]] = {
    # The last digit carries the sign: zone C of EBCDIC for a credit, zone D for a debit.
    **{sign: (1, digit) for digit, sign in zip("0123456789", "{ABCDEFGHI", strict=True)},
    **{sign: (-1, digit) for digit, sign in zip("0123456789", "}JKLMNOPQR", strict=True)},
    **{sign: (1, digit) for digit, sign in zip("123456789", "abcdefghi", strict=True)},
    **{sign: (-1, digit) for digit, sign in zip("123456789", "jklmnopqr", strict=True)},
    # The French code page of EBCDIC has these letters where others have braces.
    **dict.fromkeys("éÉ", (1, "0")),
    **dict.fromkeys("èÈ", (-1, "0")),
}

_RIB_VALUES: Final = str.maketrans(
    # Letters count as digits in a French account number: A and J are 1, B, K and S are 2, …
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "12345678912345678923456789",
)
_MODULUS: Final = 97


class RefusedError(ValueError):
    """A value that cannot be taken: the code of its problem, and the field of its record."""

    def __init__(self, code: str, message: str, *, field: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class _Unit(NamedTuple):
    """A currency, and by what its amounts are multiplied or divided to be minor units."""

    currency: str
    factor: int
    divisor: int


def shown(text: str) -> str:
    """A text as a message shows it: quoted, and cut where it is long."""
    return repr(text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…")


class Amounts:
    """Amounts with the sign punched over their last digit, in minor units."""

    def __init__(self) -> None:
        self._units: dict[str, _Unit] = {}

    def signed(self, text: str, unit: str) -> int:
        """The minor units of 14 characters, in the unit of the record: currency and decimals.

        The decimals are those of the record, and not those of ISO 4217; zeros beyond the currency's
        are dropped.  Raises `RefusedError`.
        """
        known = self._units.get(unit) or self._unit(unit)
        sign, last = _SIGNS.get(text[-1:], (0, ""))
        number = text[:-1] + last
        if not sign or not (number.isascii() and number.isdecimal()):
            raise _no_amount(text, sign)
        minor = int(number)
        if known.factor == known.divisor:
            return sign * minor  # fourteen digits are below the limit
        return sign * _scaled(minor, known, text)

    def plain(self, text: str, unit: str) -> int:
        """The same of digits without a sign, as a complement has them."""
        return _scaled(unsigned(text), self._units.get(unit) or self._unit(unit), text)

    def _unit(self, unit: str) -> _Unit:
        currency, decimals = unit[:3], unit[3:4]
        if not currency.strip():
            msg = "currency must stand beside an amount, got none"
            raise RefusedError("currency.missing", msg, field="currency")
        if not (decimals.isascii() and decimals.isdecimal()):
            msg = f"decimals of an amount must be one digit, got {shown(decimals)}"
            raise RefusedError("amount.invalid", msg, field="decimals")
        try:
            places = digits(currency)
        except UnknownCurrencyError as error:
            raise RefusedError("currency.unknown", str(error), field="currency") from None
        said = int(decimals)
        common = min(places, said)
        found = _Unit(currency, 10 ** (places - common), 10 ** (said - common))
        self._units[unit] = found
        return found


def _scaled(minor: int, unit: _Unit, text: str) -> int:
    amount, rest = divmod(minor * unit.factor, unit.divisor)
    if rest:
        msg = f"amount must have at most the decimals of {unit.currency}, got {shown(text)}"
        raise RefusedError("amount.inexact", msg, field="amount")
    if amount > limits.AMOUNT_MINOR_MAX:
        msg = f"amount must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {shown(text)}"
        raise RefusedError("amount.limit", msg, field="amount")
    return amount


def _no_amount(text: str, sign: int) -> RefusedError:
    if not sign and text.isascii() and text.isdecimal():
        msg = f"amount must have its sign over its last digit, got {shown(text)}"
        return RefusedError("entry.direction-invalid", msg, field="amount")
    msg = f"amount must be digits with a sign over the last one, got {shown(text)}"
    return RefusedError("amount.invalid", msg, field="amount")


def unsigned(text: str) -> int:
    """An amount of digits only; raises `RefusedError`.

    >>> unsigned("000000171200")
    171200
    """
    if not (text.isascii() and text.isdecimal()):
        msg = f"amount must be digits, got {shown(text)}"
        raise RefusedError("amount.invalid", msg, field="amount")
    return int(text)


class Days(dict[str, "dt.date | None"]):
    """Days by their six digits, day, month and year; None where the field is blank or zero.

    >>> Days()["310126"]
    datetime.date(2026, 1, 31)
    >>> Days()["310226"]
    Traceback (most recent call last):
        ...
    receivables_plugins.cfonb.values.RefusedError: date must be a day of the calendar, got '310226'
    """

    def __missing__(self, text: str) -> dt.date | None:
        day = _day(text)
        if len(self) < _DAYS_MAX:
            self[text] = day
        return day


def _day(text: str) -> dt.date | None:
    if not text.strip(" 0"):
        return None
    if text.isascii() and text.isdecimal() and len(text) == _DATE_DIGITS:
        year = int(text[4:])
        try:
            return dt.date(
                year + (1900 if year >= _CENTURY_FROM else 2000), int(text[2:4]), int(text[:2])
            )
        except ValueError:
            pass
    msg = f"date must be a day of the calendar, got {shown(text)}"
    raise RefusedError("date.invalid", msg, field="date")


def iban(bank: str, branch: str, account: str, *, country: str) -> str:
    """The IBAN of a French account, or its parts as they stand where they are no such account.

    The key of the account number (RIB) is 97 less the remainder of 89 times the bank, 15 times the
    branch and 3 times the account; the check digits of the IBAN are those of ISO 13616.

    >>> iban("15589", "", "98765432100", country="FR")
    '15589 98765432100'
    """
    account = account.upper()
    parts = (bank, branch, account)
    whole = "".join(parts)
    if [len(part) for part in parts] != [5, 5, 11] or not (whole.isascii() and whole.isalnum()):
        return " ".join(filter(None, (part.strip() for part in parts)))
    numbers = [int(part.upper().translate(_RIB_VALUES)) for part in parts]
    key = _MODULUS - (89 * numbers[0] + 15 * numbers[1] + 3 * numbers[2]) % _MODULUS
    own = f"{whole.upper()}{key:02d}"
    number = int("".join(str(int(sign, 36)) for sign in f"{own}{country}")) * 100
    return f"{country}{_MODULUS + 1 - number % _MODULUS:02d}{own}"
