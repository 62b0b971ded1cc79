"""Dates, amounts and account numbers as CODA writes them."""

from __future__ import annotations

import datetime as dt
from typing import Final

__all__ = ["DECIMALS", "Days", "account_of", "own_account", "scaled"]

DECIMALS: Final = 3
"""Decimals of every amount of the format, whatever its currency has."""

_CENTURY_FROM: Final = 80
"""Two-digit years from here are of the last century."""

_BBAN_DIGITS: Final = 12


class Days(dict[str, "dt.date | None"]):
    """Days by their six digits, day first; None for what is no day.

    >>> Days()["311026"], Days()["300226"]
    (datetime.date(2026, 10, 31), None)
    """

    def __missing__(self, text: str) -> dt.date | None:
        day = _day(text)
        if day is not None:  # what is no day is not kept, because there is no end of it
            self[text] = day
        return day


def _day(text: str) -> dt.date | None:
    if len(text) != 6 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004  # DDMMYY
        return None
    year = int(text[4:])
    try:
        return dt.date(
            year + (1900 if year >= _CENTURY_FROM else 2000), int(text[2:4]), int(text[:2])
        )
    except ValueError:
        return None


def scaled(thousandths: int, places: int) -> int | None:
    """Thousandths of a currency as its minor units; None where they are not whole.

    >>> scaled(12500, 2), scaled(12505, 2), scaled(12505, 3), scaled(12000, 0)
    (1250, None, 12505, 12)
    """
    if places >= DECIMALS:
        return int(thousandths * 10 ** (places - DECIMALS))
    whole, rest = divmod(thousandths, 10 ** (DECIMALS - places))
    return None if rest else whole


def account_of(text: str) -> str:
    """An account number without blanks; a Belgian one of twelve digits as the IBAN it is part of.

    The last two digits are the first ten modulo 97, where 0 is 97; what fails is given as it is.

    >>> account_of("539007547034"), account_of("539007547035"), account_of("000000000000")
    ('BE68539007547034', '539007547035', '')
    """
    number = text.strip()
    if " " in number:
        number = "".join(number.split())
    if number[:1] == "0" and not number.strip("0"):
        return ""
    if len(number) != _BBAN_DIGITS or not (number.isascii() and number.isdigit()):
        return number
    if (int(number[:10]) % 97 or 97) != int(number[10:]):
        return number
    return f"BE{98 - int(f'{number}111400') % 97:02}{number}"


def own_account(line: str, version: str) -> tuple[str, str]:
    """The account and the currency of a record 1, whose second character says how they stand.

    >>> own_account("12045BE68539007547034                  EUR", "2")
    ('BE68539007547034', 'EUR')
    >>> own_account("10045539007547034 EUR0BE", "2")
    ('BE68539007547034', 'EUR')
    """
    if version == "1" or line[1:2] == "0":
        return account_of(line[5:17]), line[18:21].strip()
    return account_of(line[5:39]), line[39:42].strip()
