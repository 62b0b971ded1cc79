"""Settling documents with a payment that is not quite what was due: discounts, grace, tolerance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from receivables.allocation._items import age_key, check_kinds, with_open
from receivables.allocation._orders import AsStated, allocation_order, checked_parts
from receivables.allocation.model import (
    Allocation,
    LateDiscount,
    Leg,
    Residual,
    ResidualKind,
    Settled,
    SettledItem,
    SettleReason,
    Sharing,
    TolerancePolicy,
)
from receivables.allocation.rules import oldest_first, share_within, to_step
from receivables.documents.model import DiscountOffer, ItemKind, OpenItem
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.money import Money, exact, to_minor

if TYPE_CHECKING:
    from receivables.adapters import AllocationOrder

__all__ = ["Circumstances", "settle"]


def _decisions(values: Mapping[str, bool]) -> Mapping[str, bool]:
    return MappingProxyType(dict(values))


def _money_or_none(value: Money | None) -> Money | None:
    return None if value is None else exact(value)


@attrs.frozen(kw_only=True)
class Circumstances:
    """What is known about a payment besides its amount, and what was decided about it."""

    paid_on: dt.date | None = None
    """The day that discounts are judged by; the latest receipt's own day where it is None."""
    in_cash: bool = False
    bank_charges: Money | None = attrs.field(default=None, converter=_money_or_none)
    """What the bank says it took on the way; it was never on the account."""
    late_discounts: Mapping[str, bool] = attrs.field(factory=dict, converter=_decisions)
    """By item: whether its late discount is granted, whatever the policy says."""

    @bank_charges.validator
    def _check_bank_charges(self, _attribute: object, value: Money | None) -> None:
        if value is not None and to_minor(value) < 0:
            msg = f"bank_charges must not be negative, got {value!r}"
            raise DocumentError(msg)


NOTHING_KNOWN: Final = Circumstances()


@attrs.frozen(kw_only=True)
class _Due:
    """A document, the discount that it may keep, and how far it may be over or under."""

    item: OpenItem
    offer: DiscountOffer | None
    under: int
    over: int
    reasons: tuple[SettleReason, ...]

    @property
    def discount(self) -> int:
        return 0 if self.offer is None else to_minor(self.offer.amount)

    @property
    def need(self) -> int:
        return self.item.open_minor - self.discount


@attrs.frozen(kw_only=True)
class _Paid:
    """What came in: the credits, oldest first, and a bank charge that counts as money."""

    credits: tuple[OpenItem, ...]
    charge: int = 0
    rounding: int = 0

    @property
    def cash(self) -> int:
        return -sum(credit.open_minor for credit in self.credits)


def settle(
    allocation: str,
    *,
    credits: Sequence[OpenItem],
    debits: Iterable[OpenItem],
    policy: TolerancePolicy,
    circumstances: Circumstances = NOTHING_KNOWN,
    order: AllocationOrder | str = "oldest-due",
    reason: str = "",
) -> Settled:
    """Settle documents with a payment, as a policy of discounts and tolerances lets it.

    Where the money is what all documents need, less the discounts that are due and give or take the
    tolerance, all are closed and the difference is shared over them.  Where it is more, all are
    closed and the excess stays on the payment.  Where it is less, it goes by `order`: a document
    that gets what it needs is closed with its discount, the others stay open without one, and
    nothing is let go but on a document whose payer stated that very amount (`AsStated`).

    Credits are used oldest first.  Raises `DocumentError` and `CurrencyMismatchError` for items
    that cannot be settled with each other.

    >>> from receivables.allocation import Tolerance
    >>> from receivables.money import money
    >>> from receivables.testing.builders import an_open_item
    >>> policy = TolerancePolicy(under=Tolerance(amounts=[money("5.00", "EUR")]))
    >>> done = settle("a-1", credits=[an_open_item("r-1", amount="-996.00")],
    ...               debits=[an_open_item("F-1", amount="1000.00")], policy=policy)
    >>> done.is_closed, [(one.kind.value, one.amount_minor) for one in done.allocation.residuals]
    (True, [('small-difference', 400)])
    """
    owed = sorted(debits, key=age_key)
    paid = _Paid(credits=tuple(sorted(credits, key=age_key)))
    check_kinds(paid.credits, owed)
    dues = _dues(owed, policy=policy, circumstances=circumstances, paid=paid)
    paid = _with_rounding(paid, dues, policy=policy, in_cash=circumstances.in_cash)
    charge = _bank_charge(paid, dues, policy=policy, stated=circumstances.bank_charges)
    paid = attrs.evolve(paid, charge=charge)
    difference = paid.cash + paid.charge + paid.rounding - sum(due.need for due in dues)
    if difference < -_most(dues, policy):
        paid = attrs.evolve(paid, rounding=0, charge=0)
        charge = _bank_charge(paid, dues, policy=policy, stated=circumstances.bank_charges)
        paid = attrs.evolve(paid, charge=charge)
        chosen = allocation_order(order) if isinstance(order, str) else order
        as_of = circumstances.paid_on or _paid_on(paid)
        done = _in_part(paid, dues, order=chosen, policy=policy, as_of=as_of)
    else:
        done = _whole(dues, difference=difference, policy=policy)
    return _settled(allocation, paid=paid, dues=dues, items=done, reason=reason)


def _paid_on(paid: _Paid) -> dt.date:
    receipts = [one for one in paid.credits if one.kind is ItemKind.UNAPPLIED_CASH]
    return max(credit.document_date for credit in receipts or paid.credits)


def _dues(
    owed: Sequence[OpenItem],
    *,
    policy: TolerancePolicy,
    circumstances: Circumstances,
    paid: _Paid,
) -> list[_Due]:
    paid_on = circumstances.paid_on or _paid_on(paid)
    dues = []
    for item in owed:
        offer, reasons = _discount(item, paid_on, policy, circumstances.late_discounts)
        under = policy.under.of(amount_minor=item.amount_minor, currency=item.currency)
        over = policy.over.of(amount_minor=item.amount_minor, currency=item.currency)
        dues.append(_Due(item=item, offer=offer, under=under, over=over, reasons=reasons))
    undiscounted = [attrs.evolve(due, offer=None, reasons=()) for due in dues]
    lacks = sum(item.open_minor for item in owed) - paid.cash
    if not policy.discount_if_paid_in_full and lacks <= _most(undiscounted, policy):
        return undiscounted
    return dues


def _discount(
    item: OpenItem, paid_on: dt.date, policy: TolerancePolicy, decisions: Mapping[str, bool]
) -> tuple[DiscountOffer | None, tuple[SettleReason, ...]]:
    """The best discount that a document may keep, and why."""
    grace = dt.timedelta(days=policy.grace_days)
    fitting = [offer for offer in item.discounts if 0 < to_minor(offer.amount) < item.open_minor]
    in_time = _best(offer for offer in fitting if paid_on <= offer.until)
    late = _best(offer for offer in fitting if offer.until < paid_on <= offer.until + grace)
    kept = () if in_time is None else (SettleReason.DISCOUNT_IN_TIME,)
    if late is None or (in_time is not None and to_minor(late.amount) <= to_minor(in_time.amount)):
        return in_time, kept
    if decisions.get(item.item, policy.late_discount is LateDiscount.GRANT):
        return late, (SettleReason.DISCOUNT_IN_GRACE,)
    if policy.late_discount is LateDiscount.ASK and item.item not in decisions:
        return in_time, (*kept, SettleReason.DISCOUNT_TO_DECIDE)
    return in_time, kept


def _best(offers: Iterable[DiscountOffer]) -> DiscountOffer | None:
    return max(offers, key=lambda offer: to_minor(offer.amount), default=None)


def _most(dues: Sequence[_Due], policy: TolerancePolicy) -> int:
    """The most that may be missing over all documents."""
    return _bounded(sum(due.under for due in dues), policy.under.total(dues[0].item.currency))


def _bounded(amount: int, bound: int | None) -> int:
    return amount if bound is None else min(amount, bound)


def _with_rounding(
    paid: _Paid, dues: Sequence[_Due], *, policy: TolerancePolicy, in_cash: bool
) -> _Paid:
    if not in_cash:
        return paid
    due = sum(one.need for one in dues)
    rounded = to_step(due, policy.smallest_coin(dues[0].item.currency))
    return attrs.evolve(paid, rounding=due - rounded)


def _bank_charge(
    paid: _Paid, dues: Sequence[_Due], *, policy: TolerancePolicy, stated: Money | None
) -> int:
    """What of the shortfall a bank took: as it says so, or as the policy presumes."""
    currency = dues[0].item.currency
    lacks = sum(due.need for due in dues) - paid.cash - paid.rounding
    most = min(max(lacks, 0), policy.bank_charge(currency))
    if stated is not None:
        if stated.currency.code != currency:
            msg = f"currency of bank_charges must be {currency}, got {stated.currency.code}"
            raise CurrencyMismatchError(msg)
        return min(most, to_minor(stated))
    is_presumed = policy.presumes_bank_charges and _most(dues, policy) < lacks == most
    return most if is_presumed else 0


def _whole(dues: Sequence[_Due], *, difference: int, policy: TolerancePolicy) -> list[SettledItem]:
    """Every document closed, with its share of the difference where that is tolerated."""
    over = [due.over for due in dues]
    most = _bounded(sum(over), policy.over.total(dues[0].item.currency))
    excess = (SettleReason.PAID_TOO_MUCH,) if difference > most else ()
    limits = [due.under for due in dues] if difference < 0 else over
    weights = limits if policy.sharing is Sharing.LIMIT else [due.item.open_minor for due in dues]
    shares = share_within(0 if excess else abs(difference), weights, limits=limits)
    sign = 1 if difference < 0 else -1
    return [_closed(due, sign * share, excess) for due, share in zip(dues, shares, strict=True)]


def _closed(due: _Due, let_go: int, more: tuple[SettleReason, ...] = ()) -> SettledItem:
    reasons = [*due.reasons, *more]
    if let_go:
        is_under = let_go > 0
        reasons.append(SettleReason.UNDER_TOLERATED if is_under else SettleReason.OVER_TOLERATED)
    return SettledItem(
        item=due.item.item,
        paid_minor=due.need - let_go,
        discount_minor=due.discount,
        difference_minor=let_go,
        reasons=reasons or [SettleReason.EXACT],
    )


def _in_part(
    paid: _Paid,
    dues: Sequence[_Due],
    *,
    order: AllocationOrder,
    policy: TolerancePolicy,
    as_of: dt.date,
) -> list[SettledItem]:
    """Documents paid by an order, as far as the money goes."""
    needs = with_open([due.item for due in dues], [due.need for due in dues])
    parts = checked_parts(order, paid.cash + paid.charge, needs, as_of=as_of)
    left = _bounded(sum(due.under for due in dues), policy.under.total(dues[0].item.currency))
    done = []
    for due, part in zip(dues, parts, strict=True):
        lacks = due.need - part
        if lacks == 0:
            done.append(_closed(due, 0))
        elif lacks <= min(due.under, left) and _is_stated(order, due.item, part):
            done.append(_closed(due, lacks))
            left -= lacks
        else:
            done.append(_short(due, part))
    return done


def _is_stated(order: AllocationOrder, item: OpenItem, part: int) -> bool:
    """Whether the payer said that this amount is for this document."""
    if not isinstance(order, AsStated):
        return False
    stated = order.stated.get(item.item) or order.stated.get(item.document)
    return stated is not None and 0 < to_minor(stated) == part


def _short(due: _Due, part: int) -> SettledItem:
    waits = [one for one in due.reasons if one is SettleReason.DISCOUNT_TO_DECIDE]
    return SettledItem(
        item=due.item.item,
        paid_minor=part,
        open_minor=due.item.open_minor - part,
        reasons=[*waits, SettleReason.PAID_SHORT if part else SettleReason.NOT_REACHED],
    )


def _settled(
    allocation: str,
    *,
    paid: _Paid,
    dues: Sequence[_Due],
    items: Sequence[SettledItem],
    reason: str,
) -> Settled:
    """The allocation of what was decided: legs, residuals, and what is left of each credit."""
    needed = sum(item.paid_minor for item in items) - paid.charge - paid.rounding
    spent = oldest_first(needed, [-credit.open_minor for credit in paid.credits])
    taken = [due.item.open_minor - item.open_minor for due, item in zip(dues, items, strict=True)]
    legs = [Leg(due.item.item, part) for due, part in zip(dues, taken, strict=True) if part]
    legs += [Leg(one.item, -part) for one, part in zip(paid.credits, spent, strict=True) if part]
    value = Allocation(
        allocation=allocation,
        creditor=paid.credits[0].creditor,
        currency=paid.credits[0].currency,
        legs=legs,
        residuals=[*_residuals(dues, items), *_of_payment(paid)],
        reason=reason,
        evidence=[(one.value, item.item) for item in items for one in item.reasons],
    )
    left = {
        credit.item: -credit.open_minor - part
        for credit, part in zip(paid.credits, spent, strict=True)
    }
    return Settled(allocation=value, items=items, unapplied_minor=left)


def _residuals(dues: Sequence[_Due], items: Sequence[SettledItem]) -> Iterable[Residual]:
    for due, item in zip(dues, items, strict=True):
        if item.discount_minor and due.offer is not None:
            yield Residual(
                ResidualKind.SETTLEMENT_DISCOUNT,
                item.discount_minor,
                tax_minor=to_minor(due.offer.tax),
                item=item.item,
            )
        if item.difference_minor:
            yield Residual(ResidualKind.SMALL_DIFFERENCE, item.difference_minor, item=item.item)


def _of_payment(paid: _Paid) -> Iterable[Residual]:
    if paid.charge:
        yield Residual(ResidualKind.BANK_CHARGE, paid.charge)
    if paid.rounding:
        yield Residual(ResidualKind.CASH_ROUNDING, paid.rounding)
