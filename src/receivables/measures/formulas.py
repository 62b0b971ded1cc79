"""The measures as plain calculators, for whoever has figures and no ledger: exact fractions.

Amounts are whole minor units.  Each answer is a `Calculation`: its `value`, or None and the reason,
as in `MeasureFigure`; nothing is ever divided by zero.

>>> dso(30_000, 60_000, days=90).value
Fraction(45, 1)
>>> dso(30_000, 0, days=90)
Calculation(value=None, missing='no-sales', at_least=None, unexplained_minor=0)
>>> cei(6_200, 10_890, ending_minor=6_340, current_minor=3_590).value > Fraction(79, 100)
True
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import attrs

from receivables.days import add_months, check_day
from receivables.errors import PolicyError
from receivables.measures import rules
from receivables.measures._figures import Month, sales_weighted
from receivables.measures._months import days_back
from receivables.measures.model import CeiSales, LatenessWay, SalesWeighting

__all__ = [
    "Calculation",
    "average_days_delinquent",
    "best_possible_dso",
    "cei",
    "days_beyond_terms",
    "dso",
    "dso_count_back",
    "dso_sales_weighted",
    "hhi",
    "months_back",
    "share_of_whole",
    "top_share",
    "turnover",
    "turnover_days",
    "weighted_days_late",
]


@attrs.frozen(kw_only=True)
class Calculation:
    """What a calculator says: a value, or None and why."""

    value: Fraction | None
    missing: str = ""
    at_least: Fraction | None = None
    """The days that a history too short for a count-back does explain."""
    unexplained_minor: int = 0


def dso(receivables_minor: int, sales_minor: int, *, days: int) -> Calculation:
    """Days sales outstanding: receivables over the sales of so many days, times the days.

    Give the mean of two balances as their sum, and twice the sales.  With tax, or without, on both
    sides.
    """
    _check(receivables_minor=receivables_minor, sales_minor=sales_minor, days=days)
    return _divided(receivables_minor * days, sales_minor, missing="no-sales")


def best_possible_dso(current_minor: int, sales_minor: int, *, days: int) -> Calculation:
    """The DSO of what is not past due: what would be left if everybody paid on the due date."""
    return dso(current_minor, sales_minor, days=days)


def average_days_delinquent(
    receivables_minor: int, current_minor: int, sales_minor: int, *, days: int
) -> Calculation:
    """The DSO less the best possible one.

    >>> average_days_delinquent(30_000, 20_000, 60_000, days=90).value
    Fraction(15, 1)
    """
    _check(receivables_minor=receivables_minor, current_minor=current_minor)
    return dso(receivables_minor - current_minor, sales_minor, days=days)


def dso_count_back(receivables_minor: int, months: Iterable[tuple[int, int]]) -> Calculation:
    """The DSO by exhaustion: months of sales, the latest first, each with its days.

    Sales are taken off month by month, going back, and each adds its days; the month that is more
    than what is left adds its part.  A month without sales adds its days too.  `months_back` makes
    such months of sales by date.

    >>> dso_count_back(2_500, [(1_200, 30), (800, 31), (700, 30)]).value
    Fraction(577, 7)
    >>> dso_count_back(300, [(100, 31), (80, 28)])
    Calculation(value=None, missing='history-too-short', at_least=Fraction(59, 1), unexplained_minor=120)
    """
    found = tuple(months)
    for sales_minor, days in found:
        _check(receivables_minor=receivables_minor, sales_minor=sales_minor, days=days)
    if receivables_minor <= 0:
        is_none = receivables_minor < 0
        return Calculation(
            value=None if is_none else Fraction(0), missing="no-receivables" if is_none else ""
        )
    length = [days for _, days in found]
    back = rules.CountBack(full_days=0, rest_minor=receivables_minor, sales_minor=0, month_days=0)
    if found:
        cumulative = list(itertools.accumulate(sales for sales, _ in found))
        back = rules.count_back(receivables_minor, cumulative=cumulative, days=length)
    if not back.sales_minor:
        return Calculation(
            value=None,
            missing="history-too-short",
            at_least=Fraction(sum(length)),
            unexplained_minor=back.rest_minor,
        )
    part = Fraction(back.rest_minor * back.month_days, back.sales_minor)
    return Calculation(value=back.full_days + part)


def months_back(
    sales: Mapping[dt.date, int], *, as_of: dt.date, count: int | None = None
) -> tuple[tuple[int, int], ...]:
    """Sales of calendar months, each by any day of it, as a count-back wants them: the latest first.

    The month of the day counts with its days so far, and months that are not there as months without
    sales; it goes back to the earliest month given, or so many months.

    Raises `PolicyError` for a month after the day: a count-back goes backwards.

    >>> months_back({dt.date(2026, 1, 1): 700, dt.date(2026, 3, 1): 900}, as_of=dt.date(2026, 3, 31))
    ((900, 31), (0, 28), (700, 31))
    """
    check_day(as_of, name="as_of")
    starts: dict[dt.date, int] = {}
    for day, minor in sales.items():
        check_day(day, name="sales")
        _check(sales_minor=minor)
        start = day.replace(day=1)
        starts[start] = starts.get(start, 0) + minor
    latest = as_of.replace(day=1)
    if late := sorted(day for day in starts if day > latest):
        msg = f"sales must be of the month of {as_of} or earlier ones, got {late[0]}: a count-back goes backwards"
        raise PolicyError(msg)
    first = min(starts, default=latest)
    reach = (latest.year - first.year) * 12 + latest.month - first.month + 1
    days = days_back(as_of, reach if count is None else count)
    months = [add_months(latest, -back) for back in range(len(days))]
    return tuple((starts.get(month, 0), each) for month, each in zip(months, days, strict=True))


def dso_sales_weighted(
    months: Iterable[tuple[int, int, int]], *, weighting: SalesWeighting = SalesWeighting.AGE
) -> Calculation:
    """What is open of the sales of each month, weighted: open amount times days over the sales.

    Each month is the sales, what is open of them, and the age of that in days (the mean, weighted by
    amount, where there are several items), or the days of the month with `SalesWeighting.MONTH`.

    >>> dso_sales_weighted([(1_000, 500, 20), (2_000, 100, 50)]).value
    Fraction(25, 2)
    """
    rows = []
    for sales_minor, open_minor, days in months:
        _check(sales_minor=sales_minor, open_minor=open_minor, days=days)
        month = Month(sales=sales_minor, open_minor=open_minor, open_days=open_minor * days)
        rows.append((month, days))
    value = sales_weighted(rows, weighting=weighting)
    return Calculation(value=value, missing="no-sales" if value is None else "")


def cei(
    beginning_minor: int,
    sales_minor: int,
    *,
    ending_minor: int,
    current_minor: int,
    months: int = 1,
    sales: CeiSales = CeiSales.PERIOD,
    written_off_minor: int = 0,
) -> Calculation:
    """The collection effectiveness index, as a part of one: of what was due, what was collected.

    ``(Beg + Sales - EndTotal) / (Beg + Sales - EndCurrent)``, where `current_minor` is what of the
    end is not past due.  With `CeiSales.MONTHLY` the sales are divided by the months of the period,
    as creditguru.com does; most others take those of the whole period.  What was written off was not
    collected.

    >>> found = cei(6_200, 10_890, ending_minor=6_340, current_minor=3_590, months=3,
    ...             sales=CeiSales.MONTHLY)
    >>> found.value
    Fraction(349, 624)
    """
    _check(
        beginning_minor=beginning_minor,
        sales_minor=sales_minor,
        ending_minor=ending_minor,
        current_minor=current_minor,
        months=months,
        written_off_minor=written_off_minor,
    )
    if months < 1:
        msg = f"months must be 1 or more, got {months}"
        raise PolicyError(msg)
    count = months if sales is CeiSales.MONTHLY else 1
    came = count * beginning_minor + sales_minor
    part = came - count * (ending_minor + written_off_minor)
    return _divided(part, came - count * current_minor, missing="nothing-due")


def weighted_days_late(
    paid: Iterable[tuple[int, int]], *, way: LatenessWay = LatenessWay.NET
) -> Calculation:
    """The days late of what was paid, weighted by amount: pairs of an amount and its days late.

    Days before the due date are negative.

    >>> paid = [(1_000, 10), (5_000, -5), (2_000, 40)]
    >>> [str(weighted_days_late(paid, way=way).value) for way in LatenessWay]
    ['65/8', '45/4', '30']
    """
    part, whole = _weighed(paid, way)
    return _divided(part, whole, missing="nothing-paid")


def days_beyond_terms(
    opened: Iterable[tuple[int, int]], *, way: LatenessWay = LatenessWay.FLOORED
) -> Calculation:
    """The days past due of what is open, weighted by amount: pairs of an amount and its days.

    >>> days_beyond_terms([(1_000, 30), (3_000, -10)]).value
    Fraction(15, 2)
    """
    part, whole = _weighed(opened, way)
    return _divided(part, whole, missing="no-receivables")


def _weighed(pairs: Iterable[tuple[int, int]], way: LatenessWay) -> tuple[int, int]:
    part = whole = 0
    for minor, days in pairs:
        _check(amount_minor=minor, days=days)
        more, weight = rules.weighed(minor, day=days, due=0, way=LatenessWay(way))
        part += more
        whole += weight
    return part, whole


def turnover(sales_minor: int, beginning_minor: int, ending_minor: int) -> Calculation:
    """How often the receivables turned over: sales over the mean of two balances.

    >>> turnover(1_200_000, 90_000, 110_000).value
    Fraction(12, 1)
    """
    _check(sales_minor=sales_minor, beginning_minor=beginning_minor, ending_minor=ending_minor)
    return _divided(2 * sales_minor, beginning_minor + ending_minor, missing="no-receivables")


def turnover_days(
    sales_minor: int, beginning_minor: int, ending_minor: int, *, days: int = 365
) -> Calculation:
    """The days that one turn takes: those of the period over the turnover.

    >>> turnover_days(1_200_000, 90_000, 110_000).value
    Fraction(365, 12)
    """
    _check(beginning_minor=beginning_minor, ending_minor=ending_minor, sales_minor=sales_minor)
    return dso(beginning_minor + ending_minor, 2 * sales_minor, days=days)


def share_of_whole(
    part_minor: int, whole_minor: int, *, missing: str = "no-receivables"
) -> Calculation:
    """A part of a whole: of what is owed what is current, disputed, unapplied; of sales what was lost.

    >>> share_of_whole(200_000, 1_000_000).value
    Fraction(1, 5)
    """
    _check(part_minor=part_minor, whole_minor=whole_minor)
    return _divided(part_minor, whole_minor, missing=missing)


def hhi(balances: Iterable[int]) -> Calculation:
    """The Herfindahl-Hirschman index from 0 to 1; who owes nothing net is left out.

    >>> hhi([100, -20]).value, hhi([60, 30, 10]).value
    (Fraction(1, 1), Fraction(23, 50))
    """
    held = _held(balances)
    squares = sum(minor * minor for minor in held)
    return _divided(squares, sum(held) ** 2, missing="no-receivables")


def top_share(balances: Iterable[int], *, count: int = 1) -> Calculation:
    """The part that the largest hold together; who owes nothing net is left out.

    >>> top_share([60, 30, 10], count=2).value
    Fraction(9, 10)
    """
    _check(count=count)
    held = _held(balances)
    return _divided(sum(held[: max(count, 0)]), sum(held), missing="no-receivables")


def _held(balances: Iterable[int]) -> Sequence[int]:
    found = list(balances)
    for minor in found:
        _check(balances=minor)
    return sorted((minor for minor in found if minor > 0), reverse=True)


def _divided(part: int, whole: int, *, missing: str) -> Calculation:
    if whole <= 0:
        return Calculation(value=None, missing=missing)
    return Calculation(value=Fraction(part, whole))


def _check(**values: int) -> None:
    for name, value in values.items():
        if type(value) is not int:
            msg = f"{name} must be a whole number, got {value!r}"
            raise PolicyError(msg)
    if values.get("days", 0) < 0 and "amount_minor" not in values:
        msg = f"days must be zero or more, got {values['days']}"
        raise PolicyError(msg)
