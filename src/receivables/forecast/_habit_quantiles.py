"""The workshop: the quantile habit over values, which the columns are compared with."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

import attrs

from receivables.forecast import rules
from receivables.forecast._habit_policy import QuantileHabit
from receivables.forecast.model import WHOLE_PPM, ForecastItem

__all__ = ["QuantileForecast", "Usual", "quantile_forecast", "usual_of"]

_Key = tuple[object, ...]


@attrs.frozen(kw_only=True)
class Quantiles:
    """Where the middle and the band of some payments lie on the scale, and how many they are."""

    count: int
    low: int
    middle: int
    high: int
    late_ppm: int


def quantiles_of(cells: Mapping[int, int], policy: QuantileHabit) -> Quantiles | None:
    """The quantiles of counts by cell; None of nothing."""
    count = sum(cells.values())
    if not count:
        return None
    low: list[int] = []
    middles: list[int] = []
    high: list[int] = []
    reached = 0
    for cell, here in sorted(cells.items()):
        reached += here
        if rules.is_middle(reached, whole=count):
            middles.append(cell)
        if rules.is_above(reached, here, whole=count, bps=policy.low_bps):
            low.append(cell)
        if rules.is_below(reached, here, whole=count, bps=rules.WHOLE_BPS - policy.low_bps):
            high.append(cell)
    late = sum(here for cell, here in cells.items() if cell > policy.early_days)
    middle = min(middles)
    return Quantiles(
        count=count,
        low=min([middle, *low]),
        middle=middle,
        high=max([middle, *high]),
        late_ppm=rules.share_ppm(late, whole=count),
    )


@attrs.frozen(kw_only=True)
class Usual:
    """What everybody does, what each customer does, and what it does with items due on a weekday."""

    policy: QuantileHabit
    cells: Mapping[int, int]
    every: Quantiles
    of_customer: Mapping[_Key, Quantiles]
    of_weekday: Mapping[_Key, Quantiles]

    def of(self, item: ForecastItem) -> Quantiles:
        """The quantiles of an item before anybody looks how late it is already."""
        customer = (item.creditor, item.customer)
        weekday = rules.weekday(item.pay_by.toordinal())
        wide = _leaning(self.of_customer.get(customer), self.every, self.policy.strength)
        own = self.of_weekday.get((*customer, weekday))
        return _leaning(own, wide, self.policy.weekday_strength)


def _leaning(own: Quantiles | None, usual: Quantiles, strength: int) -> Quantiles:
    if own is None:
        return usual
    names = ("low", "middle", "high", "late_ppm")
    figures = {
        name: rules.leaning(
            getattr(own, name), getattr(usual, name), count=own.count, strength=strength
        )
        for name in names
    }
    return Quantiles(count=own.count, **figures)


def usual_of(
    history: Iterable[ForecastItem], *, as_of: dt.date, through: dt.date, policy: QuantileHabit
) -> Usual | None:
    """Count a history as it was known; None where nothing of it counts."""
    every: Counter[int] = Counter()
    of_customer: dict[_Key, Counter[int]] = {}
    of_weekday: dict[_Key, Counter[int]] = {}
    for item in history:
        found = _cell_of(item, as_of=as_of, through=through, policy=policy)
        if found is None:
            continue
        customer = (item.creditor, item.customer)
        every[found] += 1
        of_customer.setdefault(customer, Counter())[found] += 1
        weekday = rules.weekday(item.pay_by.toordinal())
        of_weekday.setdefault((*customer, weekday), Counter())[found] += 1
    quantiles = quantiles_of(every, policy)
    if quantiles is None:
        return None
    return Usual(
        policy=policy,
        cells=every,
        every=quantiles,
        of_customer=_each(of_customer, policy),
        of_weekday=_each(of_weekday, policy),
    )


def _each(counts: Mapping[_Key, Mapping[int, int]], policy: QuantileHabit) -> dict[_Key, Quantiles]:
    found = {key: quantiles_of(cells, policy) for key, cells in counts.items()}
    return {key: quantiles for key, quantiles in found.items() if quantiles is not None}


def _cell_of(
    item: ForecastItem, *, as_of: dt.date, through: dt.date, policy: QuantileHabit
) -> int | None:
    """The place of a payment, or of what is not paid yet; None where the item does not count."""
    if item.amount_minor <= 0 or item.due_date is None or item.known_on > as_of:
        return None
    due, last = item.due_date.toordinal(), through.toordinal()
    if not last - policy.window_days < due <= last - policy.settled_days:
        return None
    if item.paid_on is None or item.paid_on > through:
        return policy.cells - 1
    return int(
        rules.cell(
            rules.paying_index(item.paid_on.toordinal(), weekdays=policy.weekdays),
            rules.paying_index(due, weekdays=policy.weekdays),
            early_days=policy.early_days,
            late_days=policy.late_days,
        )
    )


@attrs.frozen(kw_only=True)
class QuantileForecast:
    """When an item is expected by the quantile habit, and between which days it lies with its coverage.

    The days are None where the item has no due date, or nothing at all was paid before.
    """

    item: ForecastItem
    expected_on: dt.date | None = None
    low_on: dt.date | None = None
    high_on: dt.date | None = None
    late_ppm: int | None = None
    """The chance that it is paid later than the first paying day from its due date on."""

    @property
    def days_late(self) -> int | None:
        """Days from the due date to the day that is expected."""
        if self.expected_on is None or self.item.due_date is None:
            return None
        return (self.expected_on - self.item.due_date).days


def quantile_forecast(
    item: ForecastItem, usual: Usual | None, *, as_of: dt.date
) -> QuantileForecast:
    """The forecast of one item that is open at the end of the day."""
    if usual is None or item.due_date is None:
        return QuantileForecast(item=item)
    policy = usual.policy
    due = rules.paying_index(item.due_date.toordinal(), weekdays=policy.weekdays)
    # The last paying day that is over, on the scale of this item.
    over = rules.paying_index(as_of.toordinal() + 1, weekdays=policy.weekdays) - 1
    today = over - due + policy.early_days
    own, later = usual.of(item), _later(usual, today)
    low = rules.not_before(own.low, today=today, later=later.low)
    middle = max(low, rules.not_before(own.middle, today=today, later=later.middle))
    high = max(middle, rules.not_before(own.high, today=today, later=later.high))
    days = [
        dt.date.fromordinal(
            rules.paying_ordinal(due + cell - policy.early_days, weekdays=policy.weekdays)
        )
        for cell in (low, middle, high)
    ]
    is_overdue = today >= policy.early_days
    return QuantileForecast(
        item=item,
        low_on=days[0],
        expected_on=days[1],
        high_on=days[2],
        late_ppm=WHOLE_PPM if is_overdue else own.late_ppm,
    )


def _later(usual: Usual, today: int) -> Quantiles:
    """What everybody does with an item that is as late as that and still open."""
    left = {cell: here for cell, here in usual.cells.items() if cell > today}
    found = quantiles_of(left, usual.policy)
    if found is not None:
        return found
    wait = usual.policy.tail_days
    return Quantiles(
        count=0, low=today + 1, middle=today + wait, high=today + 3 * wait, late_ppm=WHOLE_PPM
    )
