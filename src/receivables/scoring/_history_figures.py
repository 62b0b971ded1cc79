"""The workshop: the figures of what was paid and what is open, each sum exact and rounded once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables.scoring import rules
from receivables.scoring._history import Seen
from receivables.scoring._history_values import BehaviourPolicy, PaymentFigures

__all__ = ["Window", "figures_of", "pooled", "weighted_median"]

_TWO: Final = 2


@attrs.frozen(kw_only=True)
class Window:
    """The ordinals that figures look between, and how many parts of a minor unit amounts are in."""

    since: int
    as_of: int
    parts_of_unit: int = 1
    """Amounts converted exactly are whole parts of a minor unit."""

    def minor(self, amount: int) -> int:
        """An amount in minor units, rounded half to even."""
        if self.parts_of_unit == 1:
            return amount
        return mul_div(amount, 1, self.parts_of_unit, rounding=Rounding.HALF_EVEN)


def pooled(seen: Iterable[tuple[Seen, int]]) -> Seen:
    """Several currencies as one, each amount times its factor."""
    one = Seen()
    for each, factor in seen:
        start = len(one.is_full)
        one.is_full.extend(each.is_full)
        for month, day, late, minor, is_partial, place in each.parts:
            one.parts.append((month, day, late, minor * factor, is_partial, start + place))
        one.opens.extend((minor * factor, days) for minor, days in each.opens)
        one.chased.extend((minor * factor, days) for minor, days in each.chased)
        one.deltas.extend((day, minor * factor) for day, minor in each.deltas)
        one.given_up += each.given_up * factor
    return one


def figures_of(
    seen: Seen, *, currency: str, window: Window, policy: BehaviourPolicy
) -> PaymentFigures | None:
    """The figures of a customer in a currency; None where nothing is open or happened in reach."""
    highest = _highest(seen.deltas, window)
    if not (seen.parts or seen.opens or highest or seen.given_up):
        return None
    found: dict[str, Any] = {
        **_paid(seen, policy),
        **_open(seen, window),
        **_trend(seen, policy),
        "highest_balance_minor": window.minor(highest),
    }
    paid = found["paid_minor"]
    if paid + seen.given_up:
        found["written_off_bps"] = rules.share(seen.given_up, whole=paid + seen.given_up)
        found["written_off_minor"] = window.minor(seen.given_up)
    for name in ("paid_minor", "dated_minor"):
        found[name] = window.minor(found[name])
    return PaymentFigures(currency=currency, **found)


def _paid(seen: Seen, policy: BehaviourPolicy) -> dict[str, Any]:
    """What was paid in the window: days, shares, and what is overdue besides."""
    days_paid: set[int] = set()
    dated_days: set[int] = set()
    by_days: dict[int, int] = {}
    paid = late = full = partial = 0
    for month, day, days, minor, is_partial, place in seen.parts:
        if month >= policy.months:
            continue
        days_paid.add(day)
        paid += minor
        full += minor if seen.is_full[place] else 0
        partial += minor if is_partial else 0
        if days is not None:
            dated_days.add(day)
            by_days[days] = by_days.get(days, 0) + minor
            late += minor if rules.is_late(days, late_days=policy.late_days) else 0
    dated = sum(by_days.values())
    found: dict[str, Any] = {
        "payments": len(days_paid),
        "paid_minor": paid,
        "dated_payments": len(dated_days),
        "dated_minor": dated,
        "with_open_days_late": _average((*by_days.items(), *_days_first(seen.chased))),
    }
    if paid:
        found["full_bps"] = rules.share(full, whole=paid)
        found["partial_bps"] = rules.share(partial, whole=paid)
    if dated:
        found["late_bps"] = rules.share(late, whole=dated)
        found["largest_days_late"] = max(by_days)
        found["paid_days_late"] = _average(by_days.items())
        found.update(_spread(by_days, dated, is_several=len(dated_days) >= _TWO))
    return found


def _days_first(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    return ((days, minor) for minor, days in pairs)


def _average(pairs: Iterable[tuple[int, int]]) -> int | None:
    """Days weighted by amounts, in hundredths; None without any amount."""
    weight = days = 0
    for number, minor in pairs:
        weight += minor
        days += number * minor
    if not weight:
        return None
    average: int = rules.average_days(days, weight=weight)
    return average


def _spread(by_days: Mapping[int, int], weight: int, *, is_several: bool) -> dict[str, int]:
    """The weighted median, and how far payments lie from it and from their average."""
    middle = weighted_median(
        [(days * rules.HUNDREDTHS, minor) for days, minor in by_days.items()], weight
    )
    if not is_several:
        return {"median_days_late": middle}
    away = [(abs(days * rules.HUNDREDTHS - middle), minor) for days, minor in by_days.items()]
    return {
        "median_days_late": middle,
        "spread_days_late": weighted_median(away, weight),
        "deviation_days_late": _deviation(by_days, weight),
    }


def weighted_median(pairs: Sequence[tuple[int, int]], weight: int) -> int:
    """The value up to which half of the weight lies; half the sum of two where it ends between them.

    Values are multiples of 50, as hundredths of days and half days are, so that nothing is rounded.

    >>> weighted_median([(0, 1), (300, 2), (500, 1)], 4), weighted_median([(0, 1), (100, 1)], 2)
    (300, 50)
    """
    ordered = sorted(pairs)
    below = 0
    for place, (value, part) in enumerate(ordered):
        below += part
        if 2 * below == weight:
            return (value + ordered[place + 1][0]) // 2
        if 2 * below > weight:
            return value
    raise AssertionError(weight)  # pragma: no cover  # the weights add up to it


def _deviation(by_days: Mapping[int, int], weight: int) -> int:
    """The weighted standard deviation in hundredths of a day, from the exact variance.

    The root is rounded to the nearest; it is never half-way between two whole numbers.
    """
    first = sum(days * minor for days, minor in by_days.items())
    second = sum(days * days * minor for days, minor in by_days.items())
    square = (second * weight - first * first) * rules.HUNDREDTHS * rules.HUNDREDTHS
    root = math.isqrt(square // (weight * weight))
    is_above = (2 * root + 1) ** 2 * weight * weight < 4 * square
    return root + is_above


def _trend(seen: Seen, policy: BehaviourPolicy) -> dict[str, Any]:
    """The last months against those before, and the slope over the months of the window."""
    last, until = policy.recent_months, policy.recent_months + policy.months_before
    recent: dict[int, int] = {}
    before: dict[int, int] = {}
    by_month: dict[int, tuple[int, int]] = {}
    counts: tuple[set[int], set[int]] = (set(), set())
    for month, day, days, minor, _, _ in seen.parts:
        if days is None:
            continue
        if month < policy.months:
            weight, product = by_month.get(month, (0, 0))
            by_month[month] = (weight + minor, product + days * minor)
        if month < until:
            pool = recent if month < last else before
            pool[days] = pool.get(days, 0) + minor
            counts[month >= last].add(day)
    found: dict[str, Any] = {
        "recent_payments": len(counts[0]),
        "recent_days_late": _average(recent.items()),
        "before_payments": len(counts[1]),
        "before_days_late": _average(before.items()),
        "months_paid": len(by_month),
        "slope_days_late": _slope(by_month),
    }
    if min(map(len, counts)) >= policy.min_payments:
        found["trend_days_late"] = _difference(recent, before)
    return found


def _difference(recent: Mapping[int, int], before: Mapping[int, int]) -> int:
    """What one average is above another, in hundredths, rounded once."""
    now, then = sum(recent.values()), sum(before.values())
    days = sum(days * minor for days, minor in recent.items()) * then
    days -= sum(days * minor for days, minor in before.items()) * now
    difference: int = rules.average_days(days, weight=now * then)
    return difference


def _slope(by_month: Mapping[int, tuple[int, int]]) -> int | None:
    """The slope of days late over months, by least squares weighted by amounts, per later month.

    The weighted regression line through the payments, each at its month: with weights w, months x
    and days y it is (sum w sum wxy - sum wx sum wy) over (sum w sum wxx - sum wx sum wx).
    """
    if len(by_month) < _TWO:
        return None
    weight = x = xx = y = xy = 0
    for back, (minor, product) in by_month.items():
        month = -back
        weight += minor
        x += month * minor
        xx += month * month * minor
        y += product
        xy += month * product
    slope: int = rules.average_days(weight * xy - x * y, weight=weight * xx - x * x)
    return slope


def _open(seen: Seen, window: Window) -> dict[str, Any]:
    """What is open on the day, and what of it is overdue."""
    opened = sum(minor for minor, _ in seen.opens)
    overdue = sum(minor for minor, _ in seen.chased)
    found: dict[str, Any] = {
        "open_minor": window.minor(opened),
        "overdue_items": len(seen.chased),
        "overdue_minor": window.minor(overdue),
    }
    if opened:
        found["overdue_bps"] = rules.share(overdue, whole=opened)
        found["oldest_overdue_days"] = max((days for _, days in seen.chased), default=0)
    return found


def _highest(deltas: Sequence[tuple[int, int]], window: Window) -> int:
    """The highest balance at the end of a day of the window."""
    by_day: dict[int, int] = {}
    balance = 0
    for day, minor in deltas:
        if day <= window.since:
            balance += minor
        else:
            by_day[day] = by_day.get(day, 0) + minor
    first = window.since + 1
    highest = balance + by_day.pop(first, 0)
    balance = highest
    for day in sorted(by_day):
        balance += by_day[day]
        highest = max(highest, balance)
    return highest
