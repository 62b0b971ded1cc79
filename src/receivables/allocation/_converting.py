"""Settling across currencies: a credit in one, a debit in another, at a stated rate."""

from __future__ import annotations

from receivables.allocation._items import check_credits, check_debits
from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.documents.model import OpenItem
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.money import ExchangeRate, Money, Rounding, from_minor, to_minor

__all__ = ["convert"]


def convert(
    allocation: str,
    *,
    credit: OpenItem,
    debit: OpenItem,
    rate: ExchangeRate,
    amount: Money | None = None,
    rounding: Rounding = Rounding.HALF_UP,
    reason: str = "",
) -> Allocation:
    """Settle a debit with a credit in another currency, at a rate, as far as the smaller side goes.

    The smaller side is settled whole and the other by what that is worth, rounded once; the two
    residuals of the conversion say what left one currency and came into the other.  `amount` says
    how much of either side to use, in its currency.

    Raises `CurrencyMismatchError` where the rate is of other currencies, or there is only one, and
    `DocumentError` for an amount that is more than is open or worth nothing.

    >>> import datetime as dt
    >>> from decimal import Decimal
    >>> from receivables.testing.builders import an_open_item
    >>> rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"),
    ...                     date=dt.date(2026, 10, 30), source="ECB")
    >>> done = convert("a-1", credit=an_open_item("r-1", amount="-100.00", currency="USD"),
    ...                debit=an_open_item("F-1", amount="90.00"), rate=rate)
    >>> [(done.currency_of(leg), leg.amount_minor) for leg in done.legs]
    [('EUR', 8000), ('USD', -10000)]
    >>> [(done.currency_of(one), one.amount_minor) for one in done.residuals]
    [('EUR', 8000), ('USD', -10000)]
    """
    _check_sides(credit, debit, rate)
    paid = from_minor(-credit.open_minor, credit.currency)
    if amount is not None:
        _check_amount(amount, credit, debit)
        worth = rate.convert(amount, rounding=rounding)
        is_credit = amount.currency.code == credit.currency
        settled, used = (worth, amount) if is_credit else (amount, worth)
    elif (worth := rate.convert(paid, rounding=rounding)) <= debit.open_amount:
        settled, used = worth, paid
    else:
        # Converting back can round to a unit more than there is.
        back = rate.convert(debit.open_amount, rounding=rounding)
        settled, used = debit.open_amount, min(back, paid)
    return _allocation(allocation, credit, debit, rate=rate, sides=(settled, used), reason=reason)


def _allocation(
    allocation: str,
    credit: OpenItem,
    debit: OpenItem,
    *,
    rate: ExchangeRate,
    sides: tuple[Money, Money],
    reason: str,
) -> Allocation:
    settled, used = to_minor(sides[0]), to_minor(sides[1])
    if not (0 < settled <= debit.open_minor and 0 < used <= -credit.open_minor):
        msg = f"the sides must be at most {debit.open_amount!r} and {credit.open_amount!r} and worth something, got {sides[0]!r} and {sides[1]!r}"
        raise DocumentError(msg)
    foreign = credit.currency
    return Allocation(
        allocation=allocation,
        creditor=debit.creditor,
        currency=debit.currency,
        legs=[Leg(debit.item, settled), Leg(credit.item, -used, currency=foreign)],
        residuals=[
            Residual(ResidualKind.CONVERSION, settled, item=debit.item),
            Residual(ResidualKind.CONVERSION, -used, item=credit.item, currency=foreign),
        ],
        reason=reason,
        evidence=[("exchange-rate", _said(rate))],
    )


def _said(rate: ExchangeRate) -> str:
    return f"1 {rate.base} = {rate.rate} {rate.quote} on {rate.date} {rate.source}".rstrip()


def _check_sides(credit: OpenItem, debit: OpenItem, rate: ExchangeRate) -> None:
    check_credits([credit])
    check_debits([debit])
    if credit.creditor != debit.creditor:
        msg = f"creditor must be one per allocation, got {credit.creditor} and {debit.creditor}"
        raise CurrencyMismatchError(msg)
    pair = {credit.currency, debit.currency}
    if len(pair) == 1 or pair != {rate.base, rate.quote}:
        msg = f"rate must be between {credit.currency} and {debit.currency}, got {rate.base}/{rate.quote}"
        raise CurrencyMismatchError(msg)


def _check_amount(amount: Money, credit: OpenItem, debit: OpenItem) -> None:
    code = amount.currency.code
    if code not in (credit.currency, debit.currency):
        msg = f"amount must be in {credit.currency} or {debit.currency}, got {code}"
        raise CurrencyMismatchError(msg)
