"""Objects of Online (v3) as they come in JSON or in XML, and typed values out of their fields.

Both forms are read into the same shape, that of the JSON: a reference is a table with ``value`` and
``name``, whatever may stand several times is a list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

import attrs

from receivables.errors import (
    InexactAmountError,
    LimitError,
    UnknownCurrencyError,
)
from receivables.markup import Node
from receivables.money import digits, minor_of
from receivables.reading import ReadNotes

__all__ = ["KINDS", "Fields", "Found", "Raw", "raw_of"]

Raw: TypeAlias = Mapping[str, Any]

KINDS: Final = frozenset(
    {
        *("Account", "CreditMemo", "Customer", "Deposit", "Invoice", "JournalEntry"),
        *("Payment", "Purchase", "RefundReceipt", "SalesReceipt", "Term"),
    }
)
"""Kinds of object that are known; those that touch no receivable account are passed over."""

_LISTS: Final = frozenset({"CustomField", "Error", "Line", "LinkedTxn", "TaxLine"})
_DATE_LENGTH: Final = 10
_DEPTH_MAX: Final = 12
"""Depth of a table; a line of an invoice is about four deep."""


@attrs.frozen(kw_only=True)
class Found:
    """One object: its kind, its fields, and the line of the file that it begins on."""

    kind: str
    raw: Raw
    line: int | None = None


def raw_of(node: Node, *, depth: int = 0) -> Any:  # noqa: ANN401  # a text or a table
    """An element of XML as the JSON has it.

    >>> ref = Node("CustomerRef", {"name": "Sunset Bakery"}, 1)
    >>> ref.content = "2"
    >>> raw_of(ref)
    {'value': '2', 'name': 'Sunset Bakery'}
    """
    if not node.children:
        is_plain = not node.attributes and not node.name.endswith("Ref")
        return node.content if is_plain else {"value": node.content, **node.attributes}
    found: dict[str, Any] = dict(node.attributes)
    if depth > _DEPTH_MAX:
        return found
    for child in node.children:
        value = raw_of(child, depth=depth + 1)
        if child.name in _LISTS:
            found.setdefault(child.name, []).append(value)
        else:
            found.setdefault(child.name, value)
    return found


class Fields:
    """The fields of one object.  After any value was refused, `is_refused` is true.

    A refused value reads as ``""``, None or 0, so that one object can give all its problems.
    """

    def __init__(self, found: Found, *, notes: ReadNotes) -> None:
        self.raw = found.raw
        self.kind = found.kind
        self.line = found.line
        self._notes = notes
        self.is_refused = False
        self.identity = self.text("Id")

    def __repr__(self) -> str:
        return f"Fields({self.name})"

    @property
    def name(self) -> str:
        """The object as messages name it."""
        return f"{self.kind} {self.identity}".strip()

    def refuse(self, code: str, message: str, *, field: str) -> None:
        """Note an error of this object; nothing will come of it."""
        self.is_refused = True
        self._notes.error(code, message, line=self.line, field=f"{self.name} {field}")

    def warn(self, code: str, message: str, *, field: str) -> None:
        """Note something odd about this object."""
        self._notes.warn(code, message, line=self.line, field=f"{self.name} {field}")

    def text(self, path: str) -> str:
        """The text at a path of names (``MetaData/LastUpdatedTime``); empty where there is none."""
        value: Any = self.raw.get(path)
        if type(value) is str:
            return value.strip()
        if "/" not in path:
            return _text(value)
        value = self.raw
        for part in path.split("/"):
            value = value.get(part) if isinstance(value, dict) else None
        return _text(value)

    def needed(self, name: str, code: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if not value:
            self.refuse(code, f"{name} must be given, got none", field=name)
        return value

    def day(self, name: str) -> dt.date | None:
        """A day, or None where there is none."""
        text = self.text(name)
        if not text:
            return None
        try:
            return _written_day(text)
        except ValueError:
            msg = f"{name} must be a day like 2026-10-31, got {text!r}"
            self.refuse("date.invalid", msg, field=name)
            return None

    def needed_day(self, name: str) -> dt.date:
        """A day that must be there."""
        day = self.day(name)
        if day is None and not self.text(name):
            self.refuse("date.missing", f"{name} must be given, got none", field=name)
        return day or dt.date.min

    def currency(self, default: str) -> str:
        """The currency of the object, or that of the books."""
        code = self.text("CurrencyRef") or default
        if not code:
            self.refuse("currency.missing", "currency must be given, got none", field="CurrencyRef")
            return ""
        try:
            digits(code)
        except UnknownCurrencyError as error:
            self.refuse("currency.unknown", str(error), field="CurrencyRef")
            return ""
        return code

    def minor(self, name: str, currency: str, *, of: Raw | None = None) -> int | None:
        """An amount in minor units; None where there is none or where it was refused."""
        value = (self.raw if of is None else of).get(name)
        if value is None or value == "" or not currency:
            return None
        amount = _decimal(value)
        if amount is None:
            self.refuse("amount.invalid", f"{name} must be a number, got {value!r}", field=name)
            return None
        try:
            return minor_of(amount, currency)
        except InexactAmountError as error:
            self.refuse("amount.inexact", str(error), field=name)
        except LimitError as error:
            self.refuse("amount.limit", str(error), field=name)
        return None

    def needed_minor(self, name: str, currency: str) -> int:
        """An amount that must be there."""
        if self.text(name) == "":
            self.refuse("amount.invalid", f"{name} must be given, got none", field=name)
        return self.minor(name, currency) or 0

    def tables(self, name: str, *, of: Raw | None = None) -> list[Raw]:
        """The tables of a list; what is no table in it is passed over."""
        value = (self.raw if of is None else of).get(name)
        rows = value if isinstance(value, list) else [value]
        return [row for row in rows if isinstance(row, dict)]


def _written_day(text: str) -> dt.date:
    """The day of a date, or of a moment as it is written there, in its own zone."""
    if text[4:8:3] != "--":
        raise ValueError(text)  # a week or a date without dashes, which Python would read
    return dt.date.fromisoformat(text[:_DATE_LENGTH])


def _text(value: object) -> str:
    if value is None or isinstance(value, list):
        return ""
    if isinstance(value, dict):
        return _text(value.get("value"))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip()


def _decimal(value: object) -> Decimal | None:
    if type(value) is Decimal:
        return value if value.is_finite() else None
    if isinstance(value, bool | float):
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
