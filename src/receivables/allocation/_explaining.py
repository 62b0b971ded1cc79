"""Short payments that the payer explains, and items that end without money: typed residuals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from receivables._arithmetic import mul_div
from receivables.allocation._items import (
    age_key,
    check_credits,
    check_debits,
    check_one_currency,
)
from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.allocation.rules import oldest_first
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.money import Money, Rounding, exact, from_minor, to_minor

__all__ = [
    "Percent",
    "charge",
    "deduct",
    "explain",
    "refund",
    "retain",
    "withhold",
    "write_off",
]

_BPS_WHOLE: Final = 10_000
"""Basis points of the whole."""


@attrs.frozen(kw_only=True)
class Percent:
    """A part of a base, in basis points: 15 % of the net amount, 5 % of the total.

    >>> from receivables.money import money
    >>> Percent(base=money("1000.00", "EUR"), bps=1500).amount
    Money('150.00', 'EUR')
    """

    base: Money = attrs.field(converter=exact)
    bps: int = attrs.field()
    rounding: Rounding = Rounding.HALF_UP

    @bps.validator
    def _check_bps(self, _attribute: object, value: int) -> None:
        if not 0 < value <= _BPS_WHOLE:
            msg = f"bps must be 1 to {_BPS_WHOLE}, got {value}"
            raise PolicyError(msg)

    @property
    def amount(self) -> Money:
        """The part, rounded once."""
        minor = mul_div(to_minor(self.base), self.bps, _BPS_WHOLE, rounding=self.rounding)
        return from_minor(minor, self.base.currency.code)


def explain(
    allocation: str,
    *,
    debits: Sequence[OpenItem],
    residuals: Sequence[Residual],
    credits: Sequence[OpenItem] = (),
    reason: str = "",
) -> Allocation:
    """Settle debits with credits and with what the payer kept, one residual per thing kept.

    Each residual names the debit that it was kept of, and settles its amount of it; the credits,
    oldest first, pay what else is open of the debits, oldest first.  What the credits do not cover
    stays open, and so does what is left of them.  Without credits only what was kept is settled:
    the certificate came after the money.

    Raises `DocumentError` where more was kept than is open, and where a residual names no debit.
    """
    owed, paid = sorted(debits, key=age_key), sorted(credits, key=age_key)
    check_debits(owed)
    check_credits(paid)
    check_one_currency([*owed, *paid])
    kept = _kept(owed, residuals)
    open_minor = [item.open_minor - kept[item.item] for item in owed]
    cash = [-credit.open_minor for credit in paid]
    parts = oldest_first(sum(cash), open_minor)
    spent = oldest_first(sum(parts), cash)
    settled = [kept[item.item] + part for item, part in zip(owed, parts, strict=True)]
    legs = [Leg(item.item, part) for item, part in zip(owed, settled, strict=True) if part]
    legs += [Leg(one.item, -part) for one, part in zip(paid, spent, strict=True) if part]
    return Allocation(
        allocation=allocation,
        creditor=owed[0].creditor,
        currency=owed[0].currency,
        legs=legs,
        residuals=residuals,
        reason=reason,
    )


def _kept(owed: Sequence[OpenItem], residuals: Sequence[Residual]) -> Mapping[ItemId, int]:
    """What was kept of each debit, checked."""
    if not owed or not residuals:
        msg = "a short payment must have debits and what was kept of them, got none of one"
        raise DocumentError(msg)
    kept = dict.fromkeys((item.item for item in owed), 0)
    for residual in residuals:
        if residual.item not in kept or residual.amount_minor <= 0:
            msg = f"a {residual.kind.value} must be kept of one of {list(kept)}, got {residual.amount_minor} of {residual.item!r}"
            raise DocumentError(msg)
        kept[residual.item] += residual.amount_minor
    for item in owed:
        if kept[item.item] > item.open_minor:
            msg = f"what was kept of {item.item} must be at most {item.open_amount!r}, got {kept[item.item]} minor units"
            raise DocumentError(msg)
    return kept


def withhold(
    allocation: str,
    *,
    debit: OpenItem,
    amount: Money | Percent,
    certificate: str,
    credits: Sequence[OpenItem] = (),
    authority: str = "",
) -> Allocation:
    """Settle a debit that was paid less a tax that the payer owes to a tax office for us.

    The number of the certificate becomes the reason of the residual: without one there is nothing
    to set against our own tax.

    >>> from receivables.money import money
    >>> from receivables.testing.builders import an_open_item
    >>> done = withhold("a-1", debit=an_open_item("F-1", amount="1200.00"),
    ...                 credits=[an_open_item("r-1", amount="-1050.00")], certificate="2026/114",
    ...                 amount=Percent(base=money("1000.00", "EUR"), bps=1500))
    >>> [(leg.item, leg.amount_minor) for leg in done.legs], done.residuals[0].amount_minor
    ([('F-1', 120000), ('r-1', -105000)], 15000)
    """
    if not certificate:
        msg = f"a withholding on {debit.item} must have a certificate, got an empty number"
        raise DocumentError(msg)
    residual = Residual(
        ResidualKind.WITHHOLDING_TAX,
        _minor(amount, debit),
        item=debit.item,
        counterparty=authority,
        reason=certificate,
    )
    return explain(allocation, debits=[debit], credits=credits, residuals=[residual])


def retain(
    allocation: str,
    *,
    debit: OpenItem,
    amount: Money | Percent,
    due_date: dt.date | None = None,
    credits: Sequence[OpenItem] = (),
    reason: str = "",
) -> Allocation:
    """Settle a debit that was paid less what a contract lets the customer keep for a while.

    What was retained stays owed, as an item of its own that is due on `due_date`.
    """
    residual = Residual(
        ResidualKind.RETENTION,
        _minor(amount, debit),
        item=debit.item,
        reason=reason,
        due_date=due_date,
    )
    return explain(allocation, debits=[debit], credits=credits, residuals=[residual])


def deduct(
    allocation: str,
    *,
    debit: OpenItem,
    amount: Money | Percent,
    reason: str,
    due_date: dt.date | None = None,
    credits: Sequence[OpenItem] = (),
) -> Allocation:
    """Settle a debit that was paid less what the payer claims, for a reason that we may dispute.

    What was deducted stays owed, as an item of its own, until it is agreed or paid.
    """
    residual = Residual(
        ResidualKind.DEDUCTION,
        _minor(amount, debit),
        item=debit.item,
        reason=reason,
        due_date=due_date,
    )
    return explain(allocation, debits=[debit], credits=credits, residuals=[residual])


def charge(
    allocation: str,
    *,
    debit: OpenItem,
    amount: Money | Percent,
    bank: str = "",
    credits: Sequence[OpenItem] = (),
) -> Allocation:
    """Settle a debit that was paid less what a bank took on the way, and we bear."""
    residual = Residual(
        ResidualKind.BANK_CHARGE, _minor(amount, debit), item=debit.item, counterparty=bank
    )
    return explain(allocation, debits=[debit], credits=credits, residuals=[residual])


def write_off(
    allocation: str,
    item: OpenItem,
    *,
    reason: str,
    amount: Money | Percent | None = None,
    tax: Money | None = None,
) -> Allocation:
    """Give up what is open of an item, or an amount of it; a credit that is given up is income.

    `tax` is the part that corrects the tax, where the law gives it back.

    >>> from receivables.testing.builders import an_open_item
    >>> done = write_off("a-1", an_open_item("r-1", amount="-0.40"), reason="too-small")
    >>> done.legs[0].amount_minor, done.residuals[0].amount_minor
    (-40, -40)
    """
    sign = -1 if item.open_minor < 0 else 1
    minor = abs(item.open_minor) if amount is None else _minor(amount, item)
    tax_minor = 0 if tax is None else _minor(tax, item, allows_zero=True)
    residual = Residual(
        ResidualKind.WRITE_OFF,
        sign * minor,
        tax_minor=sign * tax_minor,
        item=item.item,
        reason=reason,
    )
    return _alone(allocation, item, residual)


def refund(
    allocation: str,
    *,
    credit: OpenItem,
    amount: Money | Percent | None = None,
    account: str = "",
    reason: str = "",
) -> Allocation:
    """Send back as money what is left of a credit, or an amount of it, to an account of the payer.

    >>> from receivables.testing.builders import an_open_item
    >>> refund("a-1", credit=an_open_item("r-1", amount="-25.00")).residuals[0].amount_minor
    -2500
    """
    check_credits([credit])
    minor = -credit.open_minor if amount is None else _minor(amount, credit)
    residual = Residual(
        ResidualKind.REFUND, -minor, item=credit.item, counterparty=account, reason=reason
    )
    return _alone(allocation, credit, residual)


def _alone(allocation: str, item: OpenItem, residual: Residual) -> Allocation:
    return Allocation(
        allocation=allocation,
        creditor=item.creditor,
        currency=item.currency,
        legs=[Leg(item.item, residual.amount_minor)],
        residuals=[residual],
        reason=residual.reason,
    )


def _minor(amount: Money | Percent, item: OpenItem, *, allows_zero: bool = False) -> int:
    """An amount in minor units, once it is one that the item can give."""
    given = amount.amount if isinstance(amount, Percent) else amount
    if given.currency.code != item.currency:
        msg = f"currency must be {item.currency} for {item.item}, got {given.currency.code}"
        raise CurrencyMismatchError(msg)
    minor = to_minor(given)
    if not (0 if allows_zero else 1) <= minor <= abs(item.open_minor):
        msg = f"amount must be more than nothing and at most what is open of {item.item}, {item.open_amount!r}, got {given!r}"
        raise DocumentError(msg)
    return minor
