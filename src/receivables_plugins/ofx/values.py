r"""Amounts, days and texts as OFX files write them: exact, or refused with the code of the problem.

An amount has a point or a comma before its decimals and no marks between its thousands (OFX 1.6,
section 3.2.9.2); what can be read in two ways is refused.

>>> minor_units("-1,234.56", "USD"), minor_units("-530,86", "BRL"), minor_units("$120", "CAD")
(-123456, -53086, 12000)
>>> calendar_day("20261031235959.000[-5:EST]")
datetime.date(2026, 10, 31)
>>> unescaped("AT&T &amp; Söhne&nbsp;&#8364;")
'AT&T & Söhne\xa0€'
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from receivables.errors import InexactAmountError, LimitError
from receivables.money import digits, minor_of
from receivables.texts import amount_readings

__all__ = ["RefusedError", "calendar_day", "fields_of", "minor_units", "shown", "unescaped"]

_FIELD: Final = re.compile(r"<([A-Za-z0-9_.]+)[^<>]*>([^<]*)")
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_STRAY: Final = re.compile(r"<(?![A-Za-z0-9/!?])")
_REFERENCE: Final = re.compile(
    r"&(?:(amp|lt|gt|quot|apos|nbsp)|#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6}));"
)
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\u00a0"}
_DAY: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\d.*|\[.*)?", re.ASCII | re.DOTALL)
_SIGN: Final = re.compile(r"(?:[A-Z]{0,3}[$€£¥₹]|[$€£¥₹])\s*")
_SURE_DIGITS: Final = 15
_SHOWN_MAX: Final = 40
_TEXT_FIELDS: Final = frozenset({"MEMO", "NAME"})
_CHARACTER_MAX: Final = 0x10FFFF


class RefusedError(ValueError):
    """A value that cannot be taken, with the code of its problem."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def shown(text: str) -> str:
    """A text as a message shows it: quoted, and cut where it is long."""
    return repr(text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…")


def fields_of(text: str) -> dict[str, str]:
    """The values of a transaction by their tags; a tag that comes again is kept where it is a text.

    >>> fields_of("<NAME>A & B<MEMO>one</MEMO><MEMO>two</MEMO>")
    {'NAME': 'A & B', 'MEMO': 'one two'}
    """
    if "<![" in text:
        text = _CDATA.sub(lambda found: found[1].replace("&", "&amp;").replace("<", "&lt;"), text)
    if "< " in text or "<<" in text:
        text = _STRAY.sub("&lt;", text)
    found = _FIELD.findall(text)
    fields = dict(found)
    if len(fields) == len(found) and "TRNAMT" in fields:
        return fields
    return _merged(found)


def _merged(found: list[tuple[str, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in found:
        upper = name.upper()
        if upper in _TEXT_FIELDS and fields.get(upper, "").strip():
            fields[upper] = f"{fields[upper].strip()} {value.strip()}"
        else:
            fields.setdefault(upper, value)
    return fields


def unescaped(text: str) -> str:
    """A text with its character references replaced; an ampersand that begins none stays."""
    return _REFERENCE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    name, number, hexadecimal = found.groups()
    if name:
        return _NAMED[name]
    code = int(number) if number else int(hexadecimal, 16)
    return chr(code) if 0 < code <= _CHARACTER_MAX else found[0]


def calendar_day(text: str) -> dt.date | None:
    """The day as it is written, where the bank is; its time and zone are never applied.

    None for an empty text and for zeros; raises `RefusedError` for what is no day.
    """
    text = text.strip()
    if not text.strip("0"):
        return None
    found = _DAY.fullmatch(text)
    if found:
        try:
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
    msg = f"date must begin with a day YYYYMMDD, got {shown(text)}"
    raise RefusedError("date.invalid", msg)


def minor_units(text: str, currency: str, places: int | None = None) -> int:
    """A signed amount in minor units; raises `RefusedError`.  `places` are the currency's, if known."""
    text = text.strip()
    places = digits(currency) if places is None else places
    whole, _, fraction = text.partition(".")
    number = whole[1:] if whole[:1] == "-" else whole
    if (
        len(fraction) == places
        and len(number) + places <= _SURE_DIGITS
        and number.isdigit()
        and (fraction.isdigit() or not places)
        and text.isascii()
    ):
        return int(whole + fraction)
    return _unusual(text, currency)


def _unusual(text: str, currency: str) -> int:
    readings = amount_readings(_SIGN.sub("", text, count=1))
    if len(readings) != 1:
        code = "locale.ambiguous" if readings else "amount.invalid"
        what = " or ".join(map(str, readings)) or "no number"
        msg = f"amount must be readable in one way, got {shown(text)}, which is {what}"
        raise RefusedError(code, msg)
    try:
        return minor_of(readings[0], currency)
    except InexactAmountError as error:
        raise RefusedError("amount.inexact", str(error)) from None
    except LimitError as error:
        raise RefusedError("amount.limit", str(error)) from None
