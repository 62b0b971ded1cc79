"""An allocation: many items against many, in one currency, conserving money to the cent.

A leg takes away a part of an item's open amount and carries the item's own sign: a positive leg
takes its amount off an invoice, a negative one uses that much of a receipt or a credit note.  The legs add up to zero,
or to the residuals, so that the account's balance changes by nothing but what is named.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NewType

import attrs

from receivables import limits
from receivables._fields import LATER
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import DocumentError, PolicyError
from receivables.money import Money, digits, exact, to_minor
from receivables.parties import CreditorId, CustomerId
from receivables.problems import Place

__all__ = [
    "Allocation",
    "AllocationId",
    "Criterion",
    "Disposition",
    "DispositionPolicy",
    "Equals",
    "LateDiscount",
    "Leg",
    "Residual",
    "ResidualKind",
    "SettleReason",
    "Settled",
    "SettledItem",
    "Sharing",
    "SourceAllocation",
    "Tolerance",
    "TolerancePolicy",
]

AllocationId = NewType("AllocationId", str)

_BPS_WHOLE: Final = 10_000
"""Basis points of the whole."""


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
    COLLECTION_FEE = "collection-fee"
    """Kept by an agency, a lawyer or an insurer of what it collected for us."""
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
    RECOVERY = "recovery"
    """Money for a claim that had been written off; negative."""
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
        off: dict[str, int] = {}
        for leg in self.legs:
            currency = leg.currency or self.currency
            off[currency] = off.get(currency, 0) + leg.amount_minor
        expected = dict.fromkeys(off, 0)
        for one in value:
            currency = one.currency or self.currency
            expected[currency] = expected.get(currency, 0) + one.amount_minor
        for currency, minor in expected.items():
            if minor != off.get(currency, 0):
                msg = f"legs of {self.allocation} must add up to its residuals {minor}, got {off.get(currency, 0)}"
                raise DocumentError(msg)

    def currency_of(self, part: Leg | Residual) -> str:
        """The currency of a leg or a residual."""
        return part.currency or self.currency

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that is settled, mostly one."""
        parts: tuple[Leg | Residual, ...] = (*self.legs, *self.residuals)
        return tuple(dict.fromkeys(self.currency_of(part) for part in parts))

    @property
    def owed(self) -> tuple[tuple[ItemId, Residual], ...]:
        """The residuals that stay owed, each with the identity of the item that it opens."""
        return tuple(
            (ItemId(f"{self.allocation}:{residual.kind.value}:{number}"), residual)
            for number, residual in enumerate(self.residuals, start=1)
            if residual.kind.opens_item
        )


@attrs.frozen(kw_only=True)
class SourceAllocation:
    """What a source system says is settled: the items of one group, whole, on one day.

    `items` are item identities (document numbers or receipts) that are settled in full against
    each other; what they do not add up to was settled by something that the source does not name.
    A single item may be settled in part: `settled_minor` then says how much, with the item's sign:
    with a `label` by what has that name in the source, without one by anything.  It is what was
    settled so far; of what an earlier reading said, only what is new is settled again.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    items: tuple[ItemId, ...] = attrs.field(converter=_item_ids)
    settled_on: dt.date
    settled_minor: int | None = None
    label: str = ""
    """The source's own name of the group (the *lettrage* of an accounting export)."""
    source: Place | None = attrs.field(default=None, eq=False)


class Criterion(enum.Enum):
    """By what an order ranks open items; the first criterion counts most."""

    DUE = "due"
    """What is due on the day comes before what is not; an item without a due date is due."""
    CATEGORY = "category"
    """By the rank of the item's category (`ranks` of the order): interest before principal, say."""
    BURDEN = "burden"
    """What the debtor gains most by paying comes first (`burdens` of the order)."""
    DUE_DATE = "due-date"
    """The oldest due date first; an item without one counts from its document date."""
    DOCUMENT_DATE = "document-date"
    SMALLEST = "smallest"
    LARGEST = "largest"


class Equals(enum.Enum):
    """What becomes of items that no criterion tells apart."""

    IN_TURN = "in-turn"
    """One after the other, by identity, so that the order given does not matter."""
    PRO_RATA = "pro-rata"
    """Each in proportion to what is open of it, by largest remainder."""


class LateDiscount(enum.Enum):
    """What becomes of a settlement discount that was taken after its day, within the days of grace."""

    REFUSE = "refuse"
    GRANT = "grant"
    ASK = "ask"
    """Somebody decides, case by case; refused until they did."""


class Sharing(enum.Enum):
    """By what a difference is shared over several documents; never beyond the limit of each."""

    OPEN_AMOUNT = "open-amount"
    LIMIT = "limit"


def _monies(values: Iterable[Money]) -> tuple[Money, ...]:
    return tuple(exact(value) for value in values)


def _amount_for(amounts: tuple[Money, ...], currency: str) -> int | None:
    for amount in amounts:
        if amount.currency.code == currency:
            return to_minor(amount)
    return None


def _check_monies(
    _instance: object, attribute: attrs.Attribute[tuple[Money, ...]], value: tuple[Money, ...]
) -> None:
    codes = [amount.currency.code for amount in value]
    if len(set(codes)) != len(codes) or any(to_minor(amount) < 0 for amount in value):
        msg = f"{attribute.name} must be one amount per currency, none below zero, got {value}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class Tolerance:
    """How far a payment may be from what was due: per document, and over a whole allocation.

    `amounts` are the most per document by currency, `bps` the most in basis points of the
    document's amount; where both are given the lower of the two counts.  A currency without an
    amount is tolerated by `bps` alone, and not at all where there are no `bps`.  `totals` bound
    the sum over the documents of one allocation, where they name its currency.

    >>> from receivables.money import money
    >>> Tolerance(amounts=[money("5.00", "EUR")], bps=100).of(amount_minor=20000, currency="EUR")
    200
    """

    amounts: tuple[Money, ...] = attrs.field(default=(), converter=_monies, validator=_check_monies)
    bps: int | None = attrs.field(default=None)
    totals: tuple[Money, ...] = attrs.field(default=(), converter=_monies, validator=_check_monies)

    @bps.validator
    def _check_bps(self, _attribute: object, value: int | None) -> None:
        if value is not None and not 0 <= value <= _BPS_WHOLE:
            msg = f"bps must be 0 to {_BPS_WHOLE}, got {value}"
            raise PolicyError(msg)

    def of(self, *, amount_minor: int, currency: str) -> int:
        """The most that is tolerated on a document of an amount, in minor units, rounded down."""
        flat = _amount_for(self.amounts, currency)
        if self.bps is None:
            return flat or 0
        part = abs(amount_minor) * self.bps // _BPS_WHOLE
        return part if flat is None else min(part, flat)

    def total(self, currency: str) -> int | None:
        """The most over one allocation, in minor units; None where only the documents bound it."""
        return _amount_for(self.totals, currency)


@attrs.frozen(kw_only=True)
class TolerancePolicy:
    """What is let go when a payment is not what was due.

    Without anything said, nothing is tolerated, and a discount is due to whoever paid in time.
    """

    under: Tolerance = Tolerance()
    """For what is missing."""
    over: Tolerance = Tolerance()
    """For what is too much; an excess beyond it stays on the payment, whole."""
    grace_days: int = attrs.field(default=0)
    """Days after the last day of a discount on which it may still be granted."""
    late_discount: LateDiscount = LateDiscount.REFUSE
    discount_if_paid_in_full: bool = True
    """Whether a discount is granted to a payer who did not take it; the excess is then theirs."""
    sharing: Sharing = Sharing.OPEN_AMOUNT
    bank_charges: tuple[Money, ...] = attrs.field(
        default=(), converter=_monies, validator=_check_monies
    )
    """The most that is borne of a bank's charges, per allocation and currency."""
    presumes_bank_charges: bool = False
    """Whether a shortfall beyond `under`, and within `bank_charges`, is taken for a bank's charge
    where the bank does not name one."""
    smallest_coins: tuple[Money, ...] = attrs.field(
        default=(), converter=_monies, validator=_check_monies
    )
    """The smallest coin of a currency, to which a payment in cash is rounded."""

    @smallest_coins.validator
    def _check_smallest_coins(self, _attribute: object, value: tuple[Money, ...]) -> None:
        if any(to_minor(coin) < 1 for coin in value):
            msg = f"smallest_coins must be worth something, got {value}"
            raise PolicyError(msg)

    @grace_days.validator
    def _check_grace_days(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= limits.TERM_DAYS_MAX:
            msg = f"grace_days must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
            raise PolicyError(msg)

    def bank_charge(self, currency: str) -> int:
        """The most that is borne of a bank's charges in a currency, in minor units."""
        return _amount_for(self.bank_charges, currency) or 0

    def smallest_coin(self, currency: str) -> int:
        """The smallest coin of a currency in minor units; 1 where the policy names none."""
        return _amount_for(self.smallest_coins, currency) or 1


class SettleReason(enum.Enum):
    """Why a document came out of a payment as it did."""

    EXACT = "exact"
    DISCOUNT_IN_TIME = "discount-in-time"
    DISCOUNT_IN_GRACE = "discount-in-grace"
    """Taken late, and granted within the days of grace."""
    DISCOUNT_TO_DECIDE = "discount-to-decide"
    """Within the days of grace, and nobody has decided."""
    UNDER_TOLERATED = "under-tolerated"
    OVER_TOLERATED = "over-tolerated"
    BANK_CHARGE_BORNE = "bank-charge-borne"
    CASH_ROUNDED = "cash-rounded"
    PAID_SHORT = "paid-short"
    """Less than was due, and more than is let go: the rest stays open."""
    PAID_TOO_MUCH = "paid-too-much"
    """More than was due, and more than is kept: the excess stays on the payment."""
    NOT_REACHED = "not-reached"
    """The money went to other documents."""


def _reasons(values: Iterable[SettleReason]) -> tuple[SettleReason, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class SettledItem:
    """What became of one document: paid with money, discounted, let go, still open (minor units)."""

    item: ItemId
    paid_minor: int
    discount_minor: int = 0
    difference_minor: int = 0
    """What was let go of it; negative where too much was kept."""
    open_minor: int = 0
    reasons: tuple[SettleReason, ...] = attrs.field(default=(), converter=_reasons)


def _settled_items(values: Iterable[SettledItem]) -> tuple[SettledItem, ...]:
    return tuple(values)


def _left(values: Mapping[ItemId, int]) -> Mapping[ItemId, int]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class Settled:
    """What settling came to: the allocation, what is left on each side, and why.

    `unapplied_minor` is what is left of each credit, positive minor units.
    """

    allocation: Allocation
    items: tuple[SettledItem, ...] = attrs.field(converter=_settled_items)
    unapplied_minor: Mapping[ItemId, int] = attrs.field(converter=_left)

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left on either side."""
        return not any(item.open_minor for item in self.items) and not any(
            self.unapplied_minor.values()
        )

    @property
    def to_decide(self) -> tuple[ItemId, ...]:
        """The documents whose late discount waits for a decision."""
        return tuple(
            item.item for item in self.items if SettleReason.DISCOUNT_TO_DECIDE in item.reasons
        )


class Disposition(enum.Enum):
    """What becomes of what is left of a credit."""

    HOLD = "hold"
    """It stays on the account, as an open item that ages."""
    APPLY = "apply"
    """It goes to what the customer owes."""
    REFUND = "refund"
    WRITE_OFF = "write-off"
    """Too small to send back: it becomes income."""


@attrs.frozen(kw_only=True)
class DispositionPolicy:
    """How an overpayment or an advance is disposed of; what no rule takes is held.

    In this order: applied where `applies` and something is owed, written off up to `write_off_to`,
    sent back from `refund_from` to `refund_to` once it has been held for `hold_days`.  A currency
    that a limit does not name is neither written off nor sent back by it.
    """

    applies: bool = True
    applies_advances: bool = False
    """Whether an advance goes to whatever is owed, and not only to what it was paid for."""
    write_off_to: tuple[Money, ...] = attrs.field(
        default=(), converter=_monies, validator=_check_monies
    )
    refund_from: tuple[Money, ...] = attrs.field(
        default=(), converter=_monies, validator=_check_monies
    )
    refund_to: tuple[Money, ...] = attrs.field(
        default=(), converter=_monies, validator=_check_monies
    )
    """The most that goes back without a person; no bound where the currency is not named."""
    hold_days: int = attrs.field(default=0)

    @hold_days.validator
    def _check_hold_days(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= limits.DAYS_MAX:
            msg = f"hold_days must be 0 to {limits.DAYS_MAX}, got {value}"
            raise PolicyError(msg)

    def choose(
        self, credit: OpenItem, *, as_of: dt.date, owes: bool = False, is_advance: bool = False
    ) -> Disposition:
        """What becomes of a credit on a day; `owes` says whether the customer owes something.

        >>> from receivables.money import money
        >>> from receivables.testing.builders import an_open_item
        >>> policy = DispositionPolicy(write_off_to=[money("2.00", "EUR")])
        >>> policy.choose(an_open_item("r-1", amount="-1.50"), as_of=dt.date(2026, 10, 31))
        <Disposition.WRITE_OFF: 'write-off'>
        """
        if credit.open_minor >= 0:
            msg = f"open amount must be a credit on {credit.item}, got {credit.open_amount!r}"
            raise DocumentError(msg)
        if owes and (self.applies_advances if is_advance else self.applies):
            return Disposition.APPLY
        if is_advance:
            return Disposition.HOLD
        amount = -credit.open_minor
        if amount <= (_amount_for(self.write_off_to, credit.currency) or 0):
            return Disposition.WRITE_OFF
        least = _amount_for(self.refund_from, credit.currency)
        most = _amount_for(self.refund_to, credit.currency)
        held = (as_of - credit.document_date).days
        if least is None or amount < least or held < self.hold_days:
            return Disposition.HOLD
        return Disposition.HOLD if most is not None and amount > most else Disposition.REFUND
