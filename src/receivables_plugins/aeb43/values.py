"""Dates, currencies and account numbers as AEB43 writes them."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Final

from moneyed import CURRENCIES

from receivables.errors import UnknownCurrencyError
from receivables.money import digits

__all__ = ["DECIMALS", "Days", "currency_of", "iban_of", "scaled"]

DECIMALS: Final = 2
"""Decimals of every amount of the format, whatever its currency has."""

_CENTURY_FROM: Final = 80
"""Two-digit years from here are of the last century; the format is of 1982."""

_WEIGHTS: Final = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)


class Days(dict[str, "dt.date | None"]):
    """Days by their six digits, year first; None for what is no day.

    >>> Days()["261031"], Days()["260230"]
    (datetime.date(2026, 10, 31), None)
    """

    def __missing__(self, text: str) -> dt.date | None:
        day = _day(text)
        if day is not None:  # what is no day is not kept, because there is no end of it
            self[text] = day
        return day


def _day(text: str) -> dt.date | None:
    if len(text) != 6 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004  # YYMMDD
        return None
    year = int(text[:2])
    try:
        return dt.date(
            year + (1900 if year >= _CENTURY_FROM else 2000), int(text[2:4]), int(text[4:])
        )
    except ValueError:
        return None


@functools.cache
def _currencies() -> Mapping[str, str]:
    """The currencies that the library knows, by their three digits (ISO 4217)."""
    return {
        str(one.numeric): code for code, one in CURRENCIES.items() if one.numeric and _known(code)
    }


def _known(code: str) -> bool:
    try:
        digits(code)
    except UnknownCurrencyError:
        return False
    return True


def currency_of(number: str) -> str:
    """The code of a currency from its three digits, or nothing where there is none.

    >>> currency_of("978"), currency_of("840"), currency_of("000")
    ('EUR', 'USD', '')
    """
    return _currencies().get(number, "")


def iban_of(bank: str, branch: str, account: str) -> str:
    """The IBAN of a Spanish account, whose control digits the records leave out.

    The two digits of the *código cuenta cliente* are sums of weighted digits modulo 11 (AEB43,
    annex 2).  What is not all digits is given back as it is.

    >>> iban_of("2100", "0418", "0200051332")
    'ES9121000418450200051332'
    """
    whole = f"{bank}{branch}{account}"
    if not (whole.isascii() and whole.isdigit()):
        return whole.strip()
    code = f"{bank}{branch}{_control(f'00{bank}{branch}')}{_control(account)}{account}"
    return f"ES{98 - int(f'{code}142800') % 97:02}{code}"


def _control(number: str) -> int:
    rest = 11 - sum(w * int(digit) for w, digit in zip(_WEIGHTS, number, strict=True)) % 11
    return {10: 1, 11: 0}.get(rest, rest)


def scaled(hundredths: int, places: int) -> int | None:
    """Hundredths of a currency as its minor units; None where they are not whole.

    >>> scaled(1250, 2), scaled(1200, 0), scaled(1250, 0), scaled(1250, 3)
    (1250, 12, None, 12500)
    """
    if places >= DECIMALS:
        return int(hundredths * 10 ** (places - DECIMALS))
    whole, rest = divmod(hundredths, 10 ** (DECIMALS - places))
    return None if rest else whole
