"""Where fields stand in a logical record and in its segments, and what record types mean.

Payments Canada (CPA) Standard 005.  That I and J are returned credits and debits, with the reason in
the place of the type, the type in that of the stored type and the first trace in the filler, is from
general knowledge and unverified: no bank's file was at hand.
"""

from __future__ import annotations

import datetime as dt
import functools
from types import MappingProxyType
from typing import Final

import attrs

from receivables.receipts import AdviceKind, ReceiptMethod

__all__ = ["HEAD_LENGTH", "KINDS", "RECORD_LENGTH", "SEGMENT_LENGTH", "Kind", "julian", "totals_of"]

RECORD_LENGTH: Final = 1464
HEAD_LENGTH: Final = 24
SEGMENT_LENGTH: Final = 240
_CENTURY_AFTER: Final = 70
_JULIAN_LENGTH: Final = 6


@attrs.frozen(kw_only=True)
class Kind:
    """What a record type is: the kind of advice, the sign towards us, the total that counts it."""

    kind: AdviceKind
    sign: int
    total: str
    method: ReceiptMethod
    is_returned: bool = False
    text: str = ""


_CREDIT: Final = ReceiptMethod.CREDIT_TRANSFER
_DEBIT: Final = ReceiptMethod.DIRECT_DEBIT

KINDS: Final = MappingProxyType(
    {
        "C": Kind(kind=AdviceKind.REMITTANCE, sign=1, total="credits", method=_CREDIT),
        "D": Kind(kind=AdviceKind.COLLECTION, sign=1, total="debits", method=_DEBIT),
        "E": Kind(
            kind=AdviceKind.RETURN,
            sign=-1,
            total="reversed credits",
            method=_CREDIT,
            text="error correction of a credit",
        ),
        "F": Kind(
            kind=AdviceKind.RETURN,
            sign=1,
            total="reversed debits",
            method=_DEBIT,
            text="error correction of a debit",
        ),
        "I": Kind(
            kind=AdviceKind.RETURN, sign=-1, total="credits", method=_CREDIT, is_returned=True
        ),
        "J": Kind(kind=AdviceKind.RETURN, sign=1, total="debits", method=_DEBIT, is_returned=True),
    }
)
"""Record types with segments; a credit that comes back was a payment of ours."""

# Name, value, and number of each total in the trailer.
_TOTALS: Final = (
    ("debits", slice(24, 38), slice(38, 46)),
    ("credits", slice(46, 60), slice(60, 68)),
    ("reversed credits", slice(68, 82), slice(82, 90)),
    ("reversed debits", slice(90, 104), slice(104, 112)),
)


def totals_of(trailer: str) -> dict[str, tuple[int | None, int | None]]:
    """The value and the number that a trailer declares for each kind; None for what is no figure.

    The totals of reversals may be left blank, which declares none.
    """
    found = {}
    for name, value, count in _TOTALS:
        is_optional = name.startswith("reversed")
        found[name] = (
            _figure(trailer[value], is_optional=is_optional),
            _figure(trailer[count], is_optional=is_optional),
        )
    return found


def _figure(text: str, *, is_optional: bool) -> int | None:
    plain = text.strip()
    if not plain and is_optional:
        return 0
    return int(plain) if plain.isascii() and plain.isdecimal() else None


@functools.lru_cache(maxsize=4096)
def julian(text: str) -> dt.date | None:
    """A day as ``0YYDDD``; None where it is blank or zeros; raises `ValueError`.

    >>> julian("026327")
    datetime.date(2026, 11, 23)
    """
    if not text.strip(" 0"):
        return None
    if len(text) != _JULIAN_LENGTH or not text.isascii() or not text.isdecimal():
        msg = f"date must be 0YYDDD, got {text!r}"
        raise ValueError(msg)
    year, day = int(text[1:3]), int(text[3:])
    first = dt.date(year + (2000 if year < _CENTURY_AFTER else 1900), 1, 1)
    found = first + dt.timedelta(days=day - 1)
    if text[0] != "0" or found.year != first.year:
        msg = f"date must be a day of its year, got {text!r}"
        raise ValueError(msg)
    return found
