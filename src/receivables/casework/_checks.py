"""The workshop: the checks that every value of a case shares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.money import Money, to_minor

__all__ = ["check_above_zero", "check_named", "item_ids"]


def item_ids(values: Iterable[str]) -> tuple[ItemId, ...]:
    """Items as a tuple; a lone text would become its letters, and is refused."""
    if isinstance(values, str):
        msg = f"items must be a list of items, got the text {values!r}"
        raise DocumentError(msg)
    return tuple(ItemId(value) for value in values)


def check_named(_instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    """Refuse an empty identifier."""
    if not value:
        msg = f"{attribute.name} must be named, got an empty text"
        raise DocumentError(msg)


def check_above_zero(_instance: object, attribute: attrs.Attribute[Any], value: Money) -> None:
    """Refuse an amount of zero or less."""
    if to_minor(value) <= 0:
        msg = f"{attribute.name} must be above zero, got {value}"
        raise DocumentError(msg)
