"""Currencies over values: carrying amounts, sums across currencies, settlements and revaluations.

>>> from decimal import Decimal
>>> from receivables.money import money
>>> booked = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.08"), date=dt.date(2026, 9, 1))
>>> paid = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.05"), date=dt.date(2026, 11, 20))
>>> invoice = money("10000.00", "USD")
>>> carried = carrying(invoice, booked)
>>> carried
Money('9259.26', 'EUR')
>>> first = settle_part(money("4000.00", "USD"), open_amount=invoice, carrying=carried, rate=paid)
>>> first.difference, first.remaining_carrying
(Money('105.82', 'EUR'), Money('5555.56', 'EUR'))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from receivables.currencies import rules
from receivables.currencies.model import (
    AppliedRate,
    ConvertedPart,
    ConvertedTotal,
    ExchangeProvision,
    ExchangeRates,
    ProvisionRow,
    RateKind,
    RealizedDifference,
    Revaluable,
    Revaluation,
    RevaluationRow,
)
from receivables.days import check_day
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.money import ExchangeRate, Money, Rounding, digits, exact, from_minor, to_minor

__all__ = ["carrying", "exchange_provision", "revaluation", "settle_part", "total"]

_NAMED_MAX: Final = 5
_ONE_DAY: Final = dt.timedelta(days=1)


def carrying(
    amount: Money, rate: ExchangeRate | AppliedRate, *, rounding: Rounding = Rounding.HALF_UP
) -> Money:
    """What an amount is carried at in the functional currency, by the rate it was booked at.

    The spot rate at the date of the transaction (IAS 21.21).
    """
    return _towards(rate, amount).convert(amount, rounding=rounding)


def _towards(rate: ExchangeRate | AppliedRate, amount: Money) -> AppliedRate:
    """A published rate, read from the currency of an amount."""
    if isinstance(rate, AppliedRate):
        return rate
    return AppliedRate.of(rate, base=exact(amount).currency.code)


def total(
    amounts: Iterable[Money],
    *,
    in_currency: str,
    on: dt.date,
    rates: ExchangeRates,
    kind: RateKind = RateKind.SPOT,
    rounding: Rounding = Rounding.HALF_UP,
) -> ConvertedTotal:
    """Add amounts of any currencies on a day, saying every rate that it took.

    Each currency is summed and then converted once.  Raises `MissingRateError`.
    """
    digits(in_currency)
    sums: dict[str, int] = {}
    for amount in amounts:
        code = amount.currency.code
        sums[code] = sums.get(code, 0) + to_minor(amount)
    parts = []
    for code, minor in sorted(sums.items()):
        rate = rates.rate(code, in_currency, on=on, kind=kind)
        amount = from_minor(minor, code)
        converted = rate.convert(amount, rounding=rounding)
        parts.append(ConvertedPart(amount=amount, converted=converted, rate=rate))
    added = sum(to_minor(part.converted) for part in parts)
    return ConvertedTotal(total=from_minor(added, in_currency), parts=tuple(parts))


def settle_part(
    part: Money,
    *,
    open_amount: Money,
    carrying: Money,
    rate: ExchangeRate | AppliedRate | None = None,
    proceeds: Money | None = None,
) -> RealizedDifference:
    """What settling a part of an item does: relief pro rata, and the difference realized on it.

    Give the `rate` of the day, or the `proceeds` where their value in the functional currency is
    known: what the bank credited, or what a receipt was carried at.  Raises `DocumentError` where
    the part is none of what is open, or where the currencies do not fit.
    """
    if (rate is None) == (proceeds is None):
        msg = f"rate or proceeds must be given, and not both, got {rate!r} and {proceeds!r}"
        raise PolicyError(msg)
    if rate is not None:
        proceeds = _towards(rate, part).convert(part)
    assert proceeds is not None  # noqa: S101  # one of the two was given
    _check_currency(open_amount, part, name="open_amount")
    _check_currency(proceeds, carrying, name="proceeds")
    open_minor, part_minor, carried = to_minor(open_amount), to_minor(part), to_minor(carrying)
    relieved = rules.relieved(carried, part_minor, open_minor)
    functional = carrying.currency.code
    return RealizedDifference(
        part=exact(part),
        proceeds=exact(proceeds),
        relieved=from_minor(relieved, functional),
        remaining=from_minor(open_minor - part_minor, part.currency.code),
        remaining_carrying=from_minor(carried - relieved, functional),
    )


def _check_currency(amount: Money, like: Money, *, name: str) -> None:
    if amount.currency.code != like.currency.code:
        msg = f"{name} must be in {like.currency.code}, got {amount.currency.code}"
        raise CurrencyMismatchError(msg)


@attrs.frozen(kw_only=True)
class _Closing:
    """What a revaluation asks for each item: its carrying amount, its rate and its hedge."""

    carrying: Mapping[str, int]
    hedged: Mapping[str, int]
    rates: Mapping[str, AppliedRate]
    functional: str
    rounding: Rounding

    def row(self, item: Revaluable) -> RevaluationRow:
        """One item at the closing rate."""
        rate = self.rates[item.currency]
        return RevaluationRow(
            item=item.item,
            customer=item.customer,
            currency=item.currency,
            open_minor=item.open_minor,
            carrying_minor=self.carrying[item.item],
            revalued_minor=rate.convert_minor(item.open_minor, rounding=self.rounding),
            rate=rate,
            due_date=item.due_date,
            hedged_minor=self.hedged.get(item.item, 0),
        )


def revaluation(
    items: Iterable[Revaluable],
    *,
    carrying: Mapping[str, int],
    rates: ExchangeRates,
    as_of: dt.date,
    functional: str,
    hedged: Mapping[str, int] | None = None,
    excluded: Mapping[str, str] | None = None,
    rounding: Rounding = Rounding.HALF_UP,
) -> Revaluation:
    """The open items of one creditor at the closing rate of a day, in the order they came.

    `carrying` says what each item is carried at, in minor units of the functional currency; an item
    in that currency is carried at what is open, and has no row.  `hedged` says how much of an item
    a hedge covers, `excluded` why an item is left out (an advance that will be delivered against is
    no monetary item).

    Raises `MissingRateError`, and `DocumentError` for items of two creditors, items without a
    carrying amount, and items that come twice.
    """
    check_day(as_of, name="as_of")
    digits(functional)
    given = list(items)
    left_out = excluded or {}
    kept = [item for item in given if item.item not in left_out]
    foreign = [item for item in kept if item.currency != functional]
    _check_items(given, foreign, kept, carrying=carrying, functional=functional)
    closing = _Closing(
        carrying=carrying,
        hedged=hedged or {},
        rates={
            code: rates.rate(code, functional, on=as_of, kind=RateKind.CLOSING)
            for code in sorted({item.currency for item in foreign})
        },
        functional=functional,
        rounding=rounding,
    )
    return Revaluation(
        creditor=given[0].creditor if given else "",
        as_of=as_of,
        functional=functional,
        rows=[closing.row(item) for item in foreign],
        excluded=[(item.item, left_out[item.item]) for item in given if item.item in left_out],
    )


def _check_items(
    given: Sequence[Revaluable],
    foreign: Sequence[Revaluable],
    kept: Sequence[Revaluable],
    *,
    carrying: Mapping[str, int],
    functional: str,
) -> None:
    creditors = sorted({item.creditor for item in given})
    if len(creditors) > 1:
        msg = f"items must be of one creditor, got {', '.join(creditors)}"
        raise DocumentError(msg)
    if len({item.item for item in given}) != len(given):
        msg = f"items must come once each, got {len(given)} with repetitions"
        raise DocumentError(msg)
    if missing := [item.item for item in foreign if item.item not in carrying]:
        msg = f"carrying must name every item in another currency, got none for {_named(missing)}"
        raise DocumentError(msg)
    wrong = [
        item.item
        for item in kept
        if item.currency == functional
        and carrying.get(item.item, item.open_minor) != item.open_minor
    ]
    if wrong:
        raise DocumentError(rules.uncarried_message(functional, _named(wrong)))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
    return ", ".join(names[:_NAMED_MAX]) + more


def exchange_provision(
    revaluation: Revaluation,
    *,
    global_position: bool = False,
    year_end: tuple[int, int] = (12, 31),
) -> ExchangeProvision:
    """The provision for latent exchange losses (PCG art. 420-5 and following).

    By default every latent loss is provided for.  With `global_position` gains and losses of one
    currency that mature in the same fiscal year are set against each other, and the provision is
    limited to the net loss; `year_end` is the month and the day that the fiscal year ends on.  What
    is past due, or has no due date, matures the day after.  What a hedge covers is not provided for.
    """
    groups: dict[tuple[str, int | None], list[int]] = {}
    for row in revaluation.rows:
        year = None
        if global_position:
            matures = max(row.due_date or revaluation.as_of, revaluation.as_of + _ONE_DAY)
            year = rules.fiscal_year(matures, year_end=year_end)
        groups.setdefault((row.currency, year), []).append(row.unhedged_minor)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0], group[0][1] or 0))
    return ExchangeProvision(
        functional=revaluation.functional,
        rows=[
            _provision_row(currency, year, differences) for (currency, year), differences in ordered
        ],
    )


def _provision_row(currency: str, year: int | None, differences: Sequence[int]) -> ProvisionRow:
    return ProvisionRow(
        currency=currency,
        fiscal_year=year,
        gain_minor=sum(minor for minor in differences if minor > 0),
        loss_minor=sum(minor for minor in differences if minor < 0),
        provision_minor=rules.provided(differences, netted=year is not None),
    )
