"""The values of a set for cash application: what is open, what came in, and what is true."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

import attrs

from receivables.allocation.model import Leg
from receivables.documents.model import ItemId, OpenItem
from receivables.money import ExchangeRate
from receivables.parties import Creditor, Customer, CustomerId, PayerGroup
from receivables.receipts.advices import PaymentAdvice
from receivables.receipts.model import Receipt, ReceiptId
from receivables.testing._cash_noise import CashNoise
from receivables.testing._cash_numbers import Numbering
from receivables.testing._payments import TruthKind

__all__ = ["CashSet", "CashTruth", "Shortfall", "ShortfallKind"]


class ShortfallKind(enum.Enum):
    """Why a receipt pays less of an item than was open of it."""

    DEDUCTION = "deduction"
    DISCOUNT = "discount"
    """Earned, taken late, or never offered."""
    CHARGE = "charge"
    """What a bank took on the way."""
    PARTIAL = "partial"
    """The rest comes later, or with another receipt of the set."""
    EXCHANGE = "exchange"
    """The payer changed at a rate of its own."""


@attrs.frozen(kw_only=True)
class Shortfall:
    """What is missing on one item, in minor units of the item, and why."""

    item: ItemId
    kind: ShortfallKind
    amount_minor: int


@attrs.frozen(kw_only=True)
class CashTruth:
    """What is really so about one receipt: who paid, what for, and what stands in the way.

    The legs carry the sign of their item and add up, with `unapplied_minor`, to `worth_minor`: the
    receipt in the currency of its items, which is the receipt's own but for a few.  What was open
    of an item when the receipt came is its leg and its shortfalls.  `customer` is who pays: a head
    office for its branches.
    """

    receipt: ReceiptId
    kind: TruthKind
    customer: CustomerId
    worth_minor: int
    currency: str
    """The currency of the items."""
    legs: tuple[Leg, ...] = ()
    short: tuple[Shortfall, ...] = ()
    noise: tuple[str, ...] = ()
    """The kinds of noise in it, by name: ``mangled:last-digits``, ``name-cut``, ``partial``…"""
    references: tuple[str, ...] = ()
    """Where it says what it pays: ``structured``, ``documents``, ``text``, ``advice``; or nothing."""

    @property
    def items(self) -> tuple[ItemId, ...]:
        """The items that it pays or uses."""
        return tuple(leg.item for leg in self.legs)

    @property
    def unapplied_minor(self) -> int:
        """What of it pays nothing."""
        return self.worth_minor - sum(leg.amount_minor for leg in self.legs)


@attrs.frozen(kw_only=True)
class CashSet:
    """The open items as a cash team sees them in the morning, the receipts, and the truth.

    `items` are as they stand before the first of the receipts.  `settled` are numbers of documents
    that were settled before, some of all there are, among them every one that is paid again.
    """

    creditor: Creditor
    customers: tuple[Customer, ...] = attrs.field(repr=False)
    payer_groups: tuple[PayerGroup, ...] = attrs.field(repr=False)
    items: tuple[OpenItem, ...] = attrs.field(repr=False)
    receipts: tuple[Receipt, ...] = attrs.field(repr=False)
    truth: Mapping[ReceiptId, CashTruth] = attrs.field(repr=False)
    advices: tuple[PaymentAdvice, ...] = attrs.field(default=(), repr=False)
    """What payers wrote apart, a few days before or after; `date` is when it came."""
    settled: tuple[str, ...] = attrs.field(default=(), repr=False)
    rates: Mapping[str, ExchangeRate] = attrs.field(factory=dict, repr=False)
    """Rates of the last day from the creditor's currency, by the other one."""
    numbering: Numbering
    noise: CashNoise
    seed: int
    first_day: dt.date
    """The first day of the receipts."""
    last_day: dt.date
