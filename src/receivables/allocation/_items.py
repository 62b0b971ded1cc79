"""What every way of settling asks of open items: their kind, their age, what is open of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import attrs

from receivables.documents.model import ItemId, OpenItem
from receivables.errors import CurrencyMismatchError, DocumentError

__all__ = [
    "age_key",
    "check_credits",
    "check_debits",
    "check_kinds",
    "check_one_currency",
    "debit_minor",
    "with_open",
]


def age_key(item: OpenItem) -> tuple[dt.date, dt.date, ItemId]:
    """By due date, then document date, then identity: no two items of a creditor are alike."""
    return (item.due_date or item.document_date, item.document_date, item.item)


def debit_minor(item: OpenItem) -> int:
    """What is owed on an item: nothing on a credit."""
    return max(item.open_minor, 0)


def with_open(items: Sequence[OpenItem], open_minor: Sequence[int]) -> list[OpenItem]:
    """The items as if these amounts were open."""
    return [
        attrs.evolve(item, open_minor=part) for item, part in zip(items, open_minor, strict=True)
    ]


def check_kinds(credits: Sequence[OpenItem], debits: Sequence[OpenItem]) -> None:
    """Refuse a side that is empty or of the other kind, and more than one creditor or currency."""
    if not credits or not debits:
        msg = "an allocation must have credits and debits, got none of one"
        raise DocumentError(msg)
    check_credits(credits)
    check_debits(debits)
    check_one_currency([*credits, *debits])


def check_credits(items: Sequence[OpenItem]) -> None:
    """Raise `DocumentError` for an item that is no open credit."""
    for item in items:
        if item.open_minor >= 0:
            msg = f"open amount must be a credit on {item.item}, got {item.open_amount!r}"
            raise DocumentError(msg)


def check_debits(items: Sequence[OpenItem]) -> None:
    """Raise `DocumentError` for an item that is no open debit."""
    for item in items:
        if item.open_minor <= 0:
            msg = f"open amount must be a debit on {item.item}, got {item.open_amount!r}"
            raise DocumentError(msg)


def check_one_currency(items: Sequence[OpenItem]) -> None:
    """Raise `CurrencyMismatchError` for items of several creditors or currencies."""
    pairs = sorted({(item.creditor, item.currency) for item in items})
    if len(pairs) > 1:
        msg = f"creditor and currency must be one per allocation, got {pairs}"
        raise CurrencyMismatchError(msg)
