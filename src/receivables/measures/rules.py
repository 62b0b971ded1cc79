"""The rules of measures, said once, over terms: what an item adds to a sum, and what is divided.

Days are ordinals or differences of them; a due date that nobody knows is `NEVER`.  Values divide
exactly, columns into hundredths of a day, basis points and ten-thousandths.

>>> open_parts(10_000, as_of=738_000, due=737_900)["over_90"]
10000
>>> found = count_back(250_000, cumulative=[120_000, 200_000, 270_000], days=[30, 31, 30])
>>> found.full_days, found.rest_minor, found.sales_minor, found.month_days
(61, 50000, 70000, 30)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from receivables._ops import PYTHON, Ops, Term
from receivables.aging.rules import net_oldest_first
from receivables.measures.model import Balance, CeiSales, LatenessWay, Measure, MeasurePolicy

__all__ = [
    "MISSING",
    "NEVER",
    "OVER",
    "CountBack",
    "Ratio",
    "aged_net",
    "count_back",
    "counted_back",
    "is_in_period",
    "month_length",
    "open_parts",
    "ratios",
    "reached",
    "weighed",
]

NEVER: Final = 4_000_000
"""The ordinal of a due date that nobody knows: after the last day of the calendar."""

_MONTHS: Final = 12
_SPAN: Final = 32
"""More than the days of a month."""

OVER: Final = 90
"""The days past due beyond which items are told apart."""

MISSING: Final[Mapping[Measure, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                Measure.DSO,
                Measure.DSO_SALES_WEIGHTED,
                Measure.BEST_POSSIBLE_DSO,
                Measure.AVERAGE_DAYS_DELINQUENT,
                Measure.TURNOVER_DAYS,
                Measure.DEDUCTION_RATE,
                Measure.BAD_DEBT_RATE,
            ),
            "no-sales",
        ),
        Measure.CEI: "nothing-due",
        Measure.WEIGHTED_DAYS_LATE: "nothing-paid",
        Measure.CASH_APPLICATION_RATE: "nothing-received",
        Measure.PROMISE_KEPT_RATE: "nothing-promised",
        Measure.DSO_COUNT_BACK: "history-too-short",
    }
)
"""Why a measure has no value where it would be divided by nothing; others lack receivables."""


@attrs.frozen(kw_only=True)
class Ratio:
    """A figure: `part` times `times` over `whole`; without meaning where the whole is not above zero."""

    part: Term
    whole: Term
    times: int = 1


@attrs.frozen(kw_only=True)
class CountBack:
    """Whole months, and the part of the month in which the receivables are used up.

    Where the months do not explain them, `sales_minor` is zero and `rest_minor` is not explained.
    """

    full_days: Term
    rest_minor: Term
    sales_minor: Term
    month_days: Term


def is_in_period(day: Term, *, before: int, as_of: int) -> Term:
    """Whether a day lies after the one before the period, and no later than its last.

    >>> [is_in_period(day, before=10, as_of=20) for day in (10, 11, 20, 21)]
    [False, True, True, False]
    """
    return (day > before) & (day <= as_of)


def weighed(
    amount_minor: Term, *, day: Term, due: Term, way: LatenessWay, ops: Ops = PYTHON
) -> tuple[Term, Term]:
    """Days late times an amount, and the amount that they weigh; nothing without a due date.

    >>> [weighed(500, day=95, due=100, way=way) for way in LatenessWay]
    [(-2500, 500), (0, 500), (0, 0)]
    """
    # What nobody knows the due date of is never late.
    is_late = day > due
    is_dated = due < NEVER
    days = ops.when(is_dated if way is LatenessWay.NET else is_late, day - due, 0)
    counts = is_late if way is LatenessWay.LATE_ONLY else is_dated
    weight = ops.when(counts, amount_minor, 0)
    return weight * days, weight


def open_parts(
    open_minor: Term,
    *,
    as_of: int,
    due: Term,
    way: LatenessWay = LatenessWay.FLOORED,
    ops: Ops = PYTHON,
) -> dict[str, Term]:
    """What is open of a debit by how late it is; without a due date nothing is past due."""
    days = as_of - due
    past_due = ops.when(days > 0, open_minor, 0)
    beyond_days, beyond = weighed(open_minor, day=as_of, due=due, way=way, ops=ops)
    return {
        "current": open_minor - past_due,
        "past_due": past_due,
        "over_90": ops.when(days > OVER, open_minor, 0),
        "beyond_days": beyond_days,
        "beyond": beyond,
    }


def aged_net(
    sums: Mapping[str, Term], *, policy: MeasurePolicy, ops: Ops = PYTHON
) -> dict[str, Term]:
    """What a customer owes by how late it is, its credits set against what is oldest where they are.

    >>> found = aged_net({"current": 50, "past_due": 40, "over_90": 30, "credits": -45},
    ...                  policy=MeasurePolicy(nets_credits=True))
    >>> [found[name] for name in ("current", "past_due", "over_90", "receivables")]
    [45, 0, 0, 45]
    """
    current, past_due, over = sums["current"], sums["past_due"], sums["over_90"]
    rest = current * 0
    if policy.nets_credits:
        parts, rest = net_oldest_first([current, past_due - over, over], sums["credits"], ops=ops)
        current, late, over = parts
        past_due = late + over
    return {
        "current": current,
        "past_due": past_due,
        "over_90": over,
        "receivables": current + past_due + rest,
    }


def count_back(
    receivables_minor: Term,
    *,
    cumulative: Sequence[Term],
    days: Sequence[int],
    ops: Ops = PYTHON,
) -> CountBack:
    """How many days of sales the receivables are, counted from the latest month back.

    `cumulative` are the sales of the latest month, of the latest two, and so on; `days` those of
    each month.  The month that uses them up is the first one by which the sales reach them: a month
    without sales, or with more credit notes than invoices, adds its days and goes on.

    >>> count_back(300, cumulative=[100, 180], days=[31, 28])
    CountBack(full_days=0, rest_minor=120, sales_minor=0, month_days=0)
    """
    before, until, place = reached(receivables_minor, cumulative=cumulative, days=days, ops=ops)
    return counted_back(receivables_minor, before=before, until=until, place=place)


def reached(
    receivables_minor: Term,
    *,
    cumulative: Sequence[Term],
    days: Sequence[int],
    ops: Ops = PYTHON,
) -> tuple[Term, Term, Term]:
    """The sales before the month that uses the receivables up, those with it, and its place.

    The place says the days before the month and those of it in one number, as `counted_back` reads.

    >>> reached(150, cumulative=[100, 180], days=[31, 28])
    (100, 180, 1020)
    """
    before, until, place = cumulative[-1], cumulative[-1], 0
    # From the earliest month to the latest, so that each step stands in the next one once.
    for index in reversed(range(len(days))):
        is_reached = cumulative[index] >= receivables_minor
        before = ops.when(is_reached, cumulative[index - 1] if index else 0, before)
        until = ops.when(is_reached, cumulative[index], until)
        place = ops.when(is_reached, sum(days[:index]) * _SPAN + days[index], place)
    return before, until, place


def counted_back(receivables_minor: Term, *, before: Term, until: Term, place: Term) -> CountBack:
    """What `reached` found, as days and the part of a month.

    >>> counted_back(150, before=100, until=180, place=1020)
    CountBack(full_days=31, rest_minor=50, sales_minor=80, month_days=28)
    """
    full = place // _SPAN
    return CountBack(
        full_days=full,
        rest_minor=receivables_minor - before,
        sales_minor=until - before,
        month_days=place - full * _SPAN,
    )


def ratios(
    sums: Mapping[str, Term], *, policy: MeasurePolicy, measures: Collection[Measure]
) -> dict[Measure, Ratio]:
    """What is divided by what for each measure that is one ratio of sums.

    >>> sums = {"receivables": 30_000, "sales": 60_000}
    >>> ratios(sums, policy=MeasurePolicy(), measures=[Measure.DSO])[Measure.DSO]
    Ratio(part=30000, whole=60000, times=90)
    """
    return {
        measure: found
        for measure in measures
        if (found := _ratio(measure, sums, policy)) is not None
    }


_SIMPLE: Final[Mapping[Measure, tuple[str, str]]] = MappingProxyType(
    {
        Measure.DAYS_BEYOND_TERMS: ("beyond_days", "beyond"),
        Measure.WEIGHTED_DAYS_LATE: ("paid_days", "paid"),
        Measure.LARGEST_SHARE: ("largest", "held"),
        Measure.TOP_SHARE: ("top", "held"),
        Measure.DISPUTE_RATE: ("disputed", "debits"),
        Measure.DEDUCTION_RATE: ("deducted", "sales"),
        Measure.PROMISE_KEPT_RATE: ("kept", "decided"),
        Measure.UNAPPLIED_SHARE: ("unapplied", "owed"),
        Measure.CASH_APPLICATION_RATE: ("applied", "received"),
    }
)


def _ratio(measure: Measure, sums: Mapping[str, Term], policy: MeasurePolicy) -> Ratio | None:
    if measure in _SIMPLE:
        part, whole = _SIMPLE[measure]
        return Ratio(part=sums[part], whole=sums[whole])
    if measure in _DAYS:
        return _days(measure, sums, policy)
    if measure in _SHARES:
        aged = sums["current"] + sums["past_due"]
        return Ratio(part=sums[_SHARES[measure]], whole=aged)
    return _MORE[measure](sums, policy) if measure in _MORE else None


_SHARES: Final[Mapping[Measure, str]] = MappingProxyType(
    {
        Measure.CURRENT_SHARE: "current",
        Measure.PAST_DUE_SHARE: "past_due",
        Measure.OVER_90_SHARE: "over_90",
    }
)
_DAYS: Final = (
    Measure.DSO,
    Measure.BEST_POSSIBLE_DSO,
    Measure.AVERAGE_DAYS_DELINQUENT,
    Measure.TURNOVER_DAYS,
)


def _days(measure: Measure, sums: Mapping[str, Term], policy: MeasurePolicy) -> Ratio:
    """Receivables over the sales of the period, in days; averages are doubled on both sides."""
    sales = sums["sales"]
    if measure is Measure.BEST_POSSIBLE_DSO:
        return Ratio(part=sums["current"], whole=sales, times=policy.days)
    owed, count = sums["receivables"], 1
    if measure is Measure.TURNOVER_DAYS or policy.balance is Balance.AVERAGE:
        owed, count = owed + sums["opening"], 2
    if measure is Measure.AVERAGE_DAYS_DELINQUENT:
        owed = owed - count * sums["current"]
    return Ratio(part=owed, whole=count * sales, times=policy.days)


def _cei(sums: Mapping[str, Term], policy: MeasurePolicy) -> Ratio:
    """(Beg + Sales - EndTotal) / (Beg + Sales - EndCurrent), what was written off not collected.

    With the sales of a month both sides are multiplied by the months.
    """
    months = policy.months if policy.cei_sales is CeiSales.MONTHLY else 1
    came = months * sums["opening"] + sums["sales"]
    left = sums["receivables"] + sums["written_off"]
    return Ratio(part=came - months * left, whole=came - months * sums["current"])


def _turnover(sums: Mapping[str, Term], _policy: MeasurePolicy) -> Ratio:
    return Ratio(part=2 * sums["sales"], whole=sums["opening"] + sums["receivables"])


def _bad_debt(sums: Mapping[str, Term], _policy: MeasurePolicy) -> Ratio:
    return Ratio(part=sums["written_off"] - sums["recovered"], whole=sums["sales"])


_MORE: Final[Mapping[Measure, Callable[[Mapping[str, Term], MeasurePolicy], Ratio]]] = (
    MappingProxyType(
        {Measure.CEI: _cei, Measure.TURNOVER: _turnover, Measure.BAD_DEBT_RATE: _bad_debt}
    )
)


def month_length(month: Term, *, ops: Ops = PYTHON) -> Term:
    """The days of a month, which is counted from the year 0 as ``12 * year + month - 1``.

    >>> [month_length(12 * year + month - 1) for year, month in ((2026, 1), (2026, 2), (2028, 2))]
    [31, 28, 29]
    >>> [month_length(12 * 2026 + month - 1) for month in range(4, 13)]
    [30, 31, 30, 31, 31, 30, 31, 30, 31]
    """
    year = month // _MONTHS
    place = month - year * _MONTHS + 1
    is_leap = (year // 4 * 4 == year) & ((year // 100 * 100 != year) | (year // 400 * 400 == year))
    none = month * 0
    february = ops.when(is_leap, none + 29, none + 28)
    turn = place + place // 8
    return ops.when(place == 2, february, none + 30 + turn - turn // 2 * 2)  # noqa: PLR2004  # the second month
