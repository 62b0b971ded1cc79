"""Where the fields of a lockbox file stand, which each bank agrees on with its customer.

The defaults are what the sheets of several banks have in common.  The documents of record 4 stand by
default as SAP reads them (number of 16, amount and discount of 10 each); that is from a public answer,
and unverified.

>>> place("8-17"), place("11"), place("47-")
(slice(7, 17, None), slice(10, 11, None), slice(46, None, None))
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.money import digits
from receivables.texts import check_date_format

__all__ = ["LockboxSettings", "place"]

_PLACE: Final = re.compile(r"([0-9]{1,4})(-([0-9]{1,4})?)?")
_DEPOSIT: Final = {"lockbox": "8-14", "date": "15-20"}
_CHEQUE: Final = {
    "batch": "2-4",
    "item": "5-7",
    "amount": "8-17",
    "transit": "18-26",
    "account": "27-36",
    "number": "37-46",
    "text": "47-",
}
_CHEQUE_TOO: Final = ("date", "payer", "document", "document-amount", "document-discount")
_OVERFLOW: Final = {
    "batch": "2-4",
    "item": "5-7",
    "sequence": "9-10",
    "last": "11",
    "document": "12-27",
    "document-amount": "28-37",
    "document-discount": "38-47",
}
_BATCH_TOTAL: Final = {"batch": "2-4", "count": "21-23", "amount": "24-33"}
_LOCKBOX_TOTAL: Final = {"count": "21-24", "amount": "25-34"}
_TRAILER: Final = {"count": "2-7"}


def place(text: str) -> slice:
    """The place of a field: first and last character, counted from 1, or the first up to the end."""
    found = _PLACE.fullmatch(text)
    first = int(found[1]) if found else 0
    last = int(found[3]) if found and found[3] else None
    if not found or first < 1 or (last is not None and last < first):
        msg = f"place must be characters such as '8-17', '11' or '47-', got {text!r}"
        raise ValueError(msg)
    return slice(first - 1, first if not found[2] else last)


def _table(
    record: str, defaults: Mapping[str, str], *more: str
) -> Callable[[Mapping[str, str]], Mapping[str, slice]]:
    """A converter that lays a table of the settings over the default places."""

    def convert(given: Mapping[str, str]) -> Mapping[str, slice]:
        known = {*defaults, *more}
        if unknown := sorted(set(given) - known):
            msg = f"fields of {record} must be among {', '.join(sorted(known))}, got {', '.join(unknown)}"
            raise ValueError(msg)
        places = {**defaults, **given}
        return MappingProxyType({name: place(text) for name, text in places.items() if text})

    return convert


def _field(record: str, defaults: Mapping[str, str], *more: str) -> Any:  # noqa: ANN401  # as attrs
    return attrs.field(factory=dict, converter=_table(record, defaults, *more))


@attrs.frozen(kw_only=True)
class LockboxSettings:
    """Settings of the adapter ``lockbox``.

    The tables give places of fields as ``"8-17"``: `deposit` those of record 5, `cheque` of record 6,
    `overflow` of record 4, `batch_total`, `lockbox_total` and `trailer` of records 7, 8 and 9.  What
    a table does not name stays where it is by default; an empty place leaves a field away.  The
    documents of record 4 are repeated to the end of its line.

    >>> LockboxSettings(cheque={"payer": "53-82", "text": ""}).cheque["payer"]
    slice(52, 82, None)
    """

    currency: str = attrs.field(default="USD")
    deposit: Mapping[str, slice] = _field("deposit", _DEPOSIT)
    cheque: Mapping[str, slice] = _field("cheque", _CHEQUE, *_CHEQUE_TOO)
    overflow: Mapping[str, slice] = _field("overflow", _OVERFLOW, "text")
    batch_total: Mapping[str, slice] = _field("batch-total", _BATCH_TOTAL)
    lockbox_total: Mapping[str, slice] = _field("lockbox-total", _LOCKBOX_TOTAL)
    trailer: Mapping[str, slice] = _field("trailer", _TRAILER)
    date_format: str = attrs.field(default="%y%m%d")
    cheque_date_format: str = attrs.field(default="%m%d%y")

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @date_format.validator
    @cheque_date_format.validator
    def _check_date_format(self, _attribute: object, value: str) -> None:
        check_date_format(value)
