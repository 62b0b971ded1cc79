"""An allocation: many items against many, in one currency, conserving money to the cent.

A leg takes away a part of an item's open amount and carries the item's own sign: a positive leg
takes its amount off an invoice, a negative one uses that much of a receipt or a credit note.  The legs add up to zero,
or to the residuals, so that the account's balance changes by nothing but what is named.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from typing import Final, NewType

import attrs

from receivables import limits
from receivables._fields import LATER
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
    """The part of one item that is settled: signed minor units, the item's own sign, never zero.

    `currency` is the item's, where it is not the allocation's.
    """

    item: ItemId = attrs.field(converter=ItemId)
    amount_minor: int = attrs.field()
    currency: str = attrs.field(default="", kw_only=True, metadata=LATER)

    @amount_minor.validator
    def _check_amount(self, _attribute: object, value: int) -> None:
        if value == 0:
            msg = f"amount_minor must not be zero on the leg of {self.item}, got 0"
            raise DocumentError(msg)


class ResidualKind(enum.Enum):
    """What else settled a part, where no item of the ledger did; each has its own accounting."""

    SETTLED_IN_SOURCE = "settled-in-source"
    """The source system says that the item is settled and does not say by what."""
    SETTLEMENT_DISCOUNT = "settlement-discount"
    """Kept by the payer for paying early, by the terms or by grace."""
    SMALL_DIFFERENCE = "small-difference"
    """Within the tolerance of the policy; negative where too much was paid."""
    BANK_CHARGE = "bank-charge"
    """Taken by a bank on the way."""
    CASH_ROUNDING = "cash-rounding"
    """The difference to the smallest coin, where cash was paid."""
    CONVERSION = "conversion"
    """The two sides of an allocation across currencies: one residual in each."""
    WITHHOLDING_TAX = "withholding-tax"
    """Kept by the payer for the tax office, against a certificate."""
    RETENTION = "retention"
    """Kept by contract until the work is accepted; it stays owed, as an item of its own."""
    DEDUCTION = "deduction"
    """Kept by the payer with a reason we may dispute; it stays owed, as an item of its own."""
    WRITE_OFF = "write-off"
    """Given up."""
    REFUND = "refund"
    """A credit that we sent back as money; negative."""
    INTERCOMPANY = "intercompany"
    """A receipt that belongs to another entity of the group; negative."""

    @property
    def opens_item(self) -> bool:
        """Whether the amount stays owed, as an item of its own."""
        return self in _OPENS_ITEM


_OPENS_ITEM: Final = {ResidualKind.RETENTION, ResidualKind.DEDUCTION}


@attrs.frozen
class Residual:
    """An amount settled by something that is no item: typed, in signed minor units.

    A positive amount was taken off a debit without money (a discount, a charge); a negative one off
    a credit (a refund).  `tax_minor` is the part of it that corrects the tax, with the same sign.
    """

    kind: ResidualKind
    amount_minor: int = attrs.field()
    tax_minor: int = attrs.field(default=0, kw_only=True, metadata=LATER)
    item: ItemId = attrs.field(default=ItemId(""), converter=ItemId, kw_only=True, metadata=LATER)
    """The item whose part it settled, where it belongs to one."""
    currency: str = attrs.field(default="", kw_only=True, metadata=LATER)
    """The currency, where it is not the allocation's."""
    counterparty: str = attrs.field(default="", kw_only=True, metadata=LATER)
    """Who else is concerned: the affiliate, the tax office, the bank account of a refund."""
    reason: str = attrs.field(default="", kw_only=True, metadata=LATER)
    """The reason code of a deduction or a write-off, or the number of a certificate."""
    due_date: dt.date | None = attrs.field(default=None, kw_only=True, metadata=LATER)
    """When a retention or a deduction is due; the settled item's own due date where it is None."""

    @amount_minor.validator
    def _check_amount(self, _attribute: object, value: int) -> None:
        if value == 0 or (self.kind.opens_item and value < 0):
            msg = f"amount_minor of a {self.kind.value} must not be zero, nor negative where it stays owed, got {value}"
            raise DocumentError(msg)

    @tax_minor.validator
    def _check_tax(self, _attribute: object, value: int) -> None:
        if value and (
            abs(value) > abs(self.amount_minor) or (value > 0) != (self.amount_minor > 0)
        ):
            msg = f"tax_minor must be a part of {self.amount_minor}, got {value}"
            raise DocumentError(msg)


def _residuals(values: Iterable[Residual]) -> tuple[Residual, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Allocation:
    """Items settled against each other; the legs add up to the residuals, mostly none.

    Across currencies the legs of each currency add up to the residuals of that currency, two of
    which are a conversion.

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
        for currency in self.currencies:
            expected = sum(one.amount_minor for one in value if self.currency_of(one) == currency)
            total = sum(leg.amount_minor for leg in self.legs if self.currency_of(leg) == currency)
            if total != expected:
                msg = f"legs of {self.allocation} must add up to its residuals {expected}, got {total}"
                raise DocumentError(msg)

    def currency_of(self, part: Leg | Residual) -> str:
        """The currency of a leg or a residual."""
        return part.currency or self.currency

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that is settled, mostly one."""
        parts = (*self.legs, *self.residuals)
        return tuple(dict.fromkeys(self.currency_of(part) for part in parts))


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
