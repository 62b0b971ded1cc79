"""The workshop: the sums of a group, and the figures that are made of them."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from receivables.measures import rules
from receivables.measures._months import days_back, month_of
from receivables.measures.model import (
    Measure,
    MeasureFigure,
    MeasurePolicy,
    SalesWeighting,
)

__all__ = ["Group", "Month", "figures_of", "sales_weighted"]

Amount: TypeAlias = "int | Fraction"
"""Minor units; a fraction where they were converted."""

_Made: TypeAlias = "Callable[..., MeasureFigure]"
"""What makes a figure of a group."""

_WITH_TAX: Final = frozenset(
    {
        Measure.WEIGHTED_DAYS_LATE,
        Measure.DISPUTE_RATE,
        Measure.PROMISE_KEPT_RATE,
        Measure.UNAPPLIED_CASH,
        Measure.CASH_APPLICATION_RATE,
    }
)
"""Measures of amounts as they are paid, tax included, whatever the policy says."""


@attrs.define(eq=False)
class Month:
    """What was sold in a month, and what is open of its items, with their days since."""

    sales: Amount = 0
    open_minor: Amount = 0
    open_days: Amount = 0


def _sums() -> defaultdict[str, Amount]:
    return defaultdict(int)


def _months() -> defaultdict[int, Month]:
    return defaultdict(Month)


def _counts() -> defaultdict[str, int]:
    return defaultdict(int)


@attrs.define(eq=False)
class Group:
    """The sums of a customer or of a group of them in one currency."""

    sums: defaultdict[str, Amount] = attrs.field(factory=_sums)
    months: defaultdict[int, Month] = attrs.field(factory=_months)
    counts: defaultdict[str, int] = attrs.field(factory=_counts)
    held: dict[str, Amount] = attrs.field(factory=dict)
    first: int | None = None
    """The ordinal of the first day on which something was sold."""
    is_untold: bool = False
    """Whether the tax of some amount is unknown that was to be left out."""

    def sell(self, day: int, minor: Amount, *, month: int, in_period: bool) -> None:
        """Count a sale, or less than one."""
        self.months[month].sales += minor
        if in_period:
            self.sums["sales"] += minor
        if self.first is None or day < self.first:
            self.first = day

    def add(self, other: Group, rate: Amount) -> None:
        """Add the sums of another group, at a rate; who holds what is not among them."""
        for name, minor in other.sums.items():
            self.sums[name] += minor * rate
        for place, month in other.months.items():
            mine = self.months[place]
            mine.sales += month.sales * rate
            mine.open_minor += month.open_minor * rate
            mine.open_days += month.open_days * rate
        for name, count in other.counts.items():
            self.counts[name] += count
        if other.first is not None:
            self.first = other.first if self.first is None else min(self.first, other.first)
        self.is_untold |= other.is_untold

    def age(self, policy: MeasurePolicy) -> None:
        """Of one customer: set its credits against what it owes, where the policy says so."""
        sums = self.sums
        credited = sums["credit_notes"] if policy.without_tax else sums["credits"]
        sums["net"] = sums["current"] + sums["past_due"] + credited
        sums["opening"] = sums["opening_debits"]
        sums["owed"] = sums["current"] + sums["past_due"]
        if policy.nets_credits:
            sums["opening"] += sums["opening_credits"]
            sums["owed"] += sums["credit_notes"]
        sums.update(rules.aged_net(sums, policy=policy))

    def hold(self, customer: str, minor: Amount) -> None:
        """What a customer owes net."""
        self.held[customer] = self.held.get(customer, 0) + minor


def sales_weighted(
    months: Collection[tuple[Month, int]], *, weighting: SalesWeighting
) -> Fraction | None:
    """What is open of each month's sales, times its age or the days of the month, added up.

    None where something is open of a month without sales.
    """
    total = Fraction(0)
    for month, days in months:
        part = month.open_days if weighting is SalesWeighting.AGE else month.open_minor * days
        if month.open_minor and month.sales <= 0:
            return None
        if month.open_minor:
            total += Fraction(part) / Fraction(month.sales)
    return total


def figures_of(
    group: Group,
    place: tuple[str, str, str, str],
    *,
    as_of: dt.date,
    policy: MeasurePolicy,
    measures: Collection[Measure],
) -> Iterator[MeasureFigure]:
    """Every measure that was asked for, in their order."""
    sums = group.sums
    held = sorted((minor for minor in group.held.values() if minor > 0), reverse=True)
    sums.update(held=sum(held), largest=sum(held[:1]), top=sum(held[: policy.top]))
    sums.update(kept=group.counts["kept"], decided=group.counts["decided"])
    ratios = rules.ratios(sums, policy=policy, measures=measures)
    creditor, segment, customer, currency = place
    made = functools.partial(
        MeasureFigure, creditor=creditor, segment=segment, customer=customer, currency=currency
    )
    for measure in measures:
        if group.is_untold and measure not in _WITH_TAX:
            yield made(measure=measure, value=None, missing="no-tax")
        elif measure in ratios:
            yield _divided(made, measure, ratios[measure])
        elif measure in _MONEY:
            minor = sums[_MONEY[measure]]
            yield made(measure=measure, value=Fraction(minor), numerator=round(minor))
        elif measure is Measure.HHI:
            yield _hhi(made, held)
        elif measure is Measure.DSO_SALES_WEIGHTED:
            yield _weighted(made, group, as_of=as_of, policy=policy)
        else:
            yield _count_back(made, group, as_of=as_of, policy=policy)


_MONEY: Final = {
    Measure.UNAPPLIED_CASH: "unapplied",
    Measure.RECEIVABLES: "receivables",
    Measure.SALES: "sales",
}


def _divided(made: _Made, measure: Measure, ratio: rules.Ratio) -> MeasureFigure:
    part, whole = ratio.part, ratio.whole
    missing, value = "", None
    if whole > 0:
        value = Fraction(part * ratio.times) / whole
    else:
        missing = rules.MISSING.get(measure, "no-receivables")
    return made(
        measure=measure,
        value=value,
        missing=missing,
        numerator=round(part),
        denominator=round(whole),
    )


def _weighted(made: _Made, group: Group, *, as_of: dt.date, policy: MeasurePolicy) -> MeasureFigure:
    last = month_of(as_of.toordinal())
    months = [
        (month, _days_of(place, as_of, last))
        for place, month in group.months.items()
        if month.open_minor
    ]
    value = sales_weighted(months, weighting=policy.sales_weighting)
    missing = rules.MISSING[Measure.DSO_SALES_WEIGHTED] if value is None else ""
    return made(measure=Measure.DSO_SALES_WEIGHTED, value=value, missing=missing)


def _days_of(place: int, as_of: dt.date, last: int) -> int:
    """The days of a month; those of the day's own month up to the day."""
    return as_of.day if place == last else int(rules.month_length(place))


def _hhi(made: _Made, held: list[Amount]) -> MeasureFigure:
    total = sum(held)
    if total <= 0:
        return made(measure=Measure.HHI, value=None, missing="no-receivables")
    value = Fraction(sum(minor * minor for minor in held)) / (total * total)
    return made(measure=Measure.HHI, value=value)


def _count_back(
    made: _Made, group: Group, *, as_of: dt.date, policy: MeasurePolicy
) -> MeasureFigure:
    owed, last = group.sums["receivables"], month_of(as_of.toordinal())
    one = functools.partial(made, measure=Measure.DSO_COUNT_BACK, numerator=round(owed))
    if owed <= 0:
        missing = "no-receivables" if owed < 0 else ""
        return one(value=None if owed < 0 else Fraction(0), missing=missing)
    days = days_back(as_of, policy.count_back_months)
    sales = (group.months[last - back].sales for back in range(len(days)))
    found = rules.count_back(owed, cumulative=list(itertools.accumulate(sales)), days=days)
    if found.sales_minor:
        part = Fraction(found.rest_minor * found.month_days) / found.sales_minor
        return one(value=found.full_days + part)
    return one(
        value=None,
        missing=rules.MISSING[Measure.DSO_COUNT_BACK],
        at_least=Fraction(_history(group, as_of, days)),
        unexplained_minor=math.ceil(found.rest_minor),
    )


def _history(group: Group, as_of: dt.date, days: Collection[int]) -> int:
    """The days of the months from the first one with sales, of those that are looked at."""
    if group.first is None:
        return 0
    first = dt.date.fromordinal(group.first).replace(day=1)
    return min(sum(days), as_of.toordinal() - first.toordinal() + 1)
