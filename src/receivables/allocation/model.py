"""An allocation: many items against many, in one currency, conserving money to the cent.

A leg takes away a part of an item's open amount and carries the item's own sign: a positive leg
takes its amount off an invoice, a negative one uses that much of a receipt or a credit note.  The legs add up to zero,
or to the residuals, so that the account's balance changes by nothing but what is named.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from typing import NewType

import attrs

from receivables import limits
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.money import digits
from receivables.parties import CreditorId, CustomerId
from receivables.problems import Place

__all__ = [
    "Allocation",
    "AllocationId",
    "Leg",
    "Residual",
    "ResidualKind",
    "SourceAllocation",
]

AllocationId = NewType("AllocationId", str)


def _legs(values: Iterable[Leg]) -> tuple[Leg, ...]:
    return tuple(values)


def _pairs(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(values)


def _item_ids(values: Iterable[ItemId]) -> tuple[ItemId, ...]:
    return tuple(values)


@attrs.frozen
class Leg:
    """The part of one item that is settled: signed minor units, the item's own sign, never zero."""

    item: ItemId = attrs.field(converter=ItemId)
    amount_minor: int = attrs.field()

    @amount_minor.validator
    def _check_amount(self, _attribute: object, value: int) -> None:
        if value == 0:
            msg = f"amount_minor must not be zero on the leg of {self.item}, got 0"
            raise DocumentError(msg)


class ResidualKind(enum.Enum):
    """What else settled a part, where no item of the ledger did."""

    SETTLED_IN_SOURCE = "settled-in-source"
    """The source system says that the item is settled and does not say by what."""


@attrs.frozen
class Residual:
    """An amount settled by something that is no item: typed, in signed minor units."""

    kind: ResidualKind
    amount_minor: int


def _residuals(values: Iterable[Residual]) -> tuple[Residual, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Allocation:
    """Items settled against each other; the legs add up to the residuals, mostly none.

    Raises `DocumentError` where money would appear or vanish, or where an item has two legs.

    >>> Allocation(allocation="a-1", creditor="MIRA", currency="EUR",
    ...            legs=[Leg("2026-0117", 120000), Leg("r-1", -110000)])
    Traceback (most recent call last):
        ...
    receivables.errors.DocumentError: legs of a-1 must add up to its residuals 0, got 10000
    """

    allocation: AllocationId = attrs.field(converter=AllocationId)
    creditor: CreditorId = attrs.field(converter=CreditorId)
    currency: str = attrs.field()
    legs: tuple[Leg, ...] = attrs.field(converter=_legs)
    residuals: tuple[Residual, ...] = attrs.field(default=(), converter=_residuals)
    reason: str = ""
    """Why, in words, as a person or a policy said it."""
    evidence: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    """What the matching saw: pairs of a kind of evidence and what it was found in."""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @legs.validator
    def _check_legs(self, _attribute: object, value: tuple[Leg, ...]) -> None:
        if not 1 <= len(value) <= limits.LEGS_MAX:
            msg = f"legs of {self.allocation} must be 1 to {limits.LEGS_MAX}, got {len(value)}"
            raise DocumentError(msg)
        if len({leg.item for leg in value}) != len(value):
            msg = f"legs of {self.allocation} must name each item once, got {[leg.item for leg in value]}"
            raise DocumentError(msg)

    @residuals.validator
    def _check_conservation(self, _attribute: object, value: tuple[Residual, ...]) -> None:
        expected = sum(residual.amount_minor for residual in value)
        total = sum(leg.amount_minor for leg in self.legs)
        if total != expected:
            msg = f"legs of {self.allocation} must add up to its residuals {expected}, got {total}"
            raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class SourceAllocation:
    """What a source system says is settled: the items of one group, whole, on one day.

    `items` are item identities (document numbers or receipts) that are settled in full against
    each other; what they do not add up to was settled by something that the source does not name.
    A single item may be settled in part: `settled_minor` then says how much, with the item's sign.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    items: tuple[ItemId, ...] = attrs.field(converter=_item_ids)
    settled_on: dt.date
    settled_minor: int | None = None
    label: str = ""
    """The source's own name of the group (the *lettrage* of an accounting export)."""
    source: Place | None = attrs.field(default=None, eq=False)
