"""The rules of a customer's habit, said once, over terms: values in `habit`, columns in `columns`.

>>> shrunk_chance(9, at_risk=10, parent=200_000_000, strength=2)
783333333
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from receivables._ops import PYTHON, Ops, Term
from receivables.forecast.model import WHOLE_PPM

__all__ = [
    "RECENT",
    "WHOLE_BPS",
    "WHOLE_PPB",
    "cell",
    "is_above",
    "is_below",
    "is_middle",
    "leaning",
    "not_before",
    "paying_index",
    "paying_ordinal",
    "recent_weight",
    "share_ppm",
    "shrunk_chance",
    "weekday",
]

WHOLE_BPS: Final = 10_000
"""Basis points of the whole."""

WHOLE_PPB: Final = 1_000_000_000
"""Certainty, in parts per billion: what chances are counted in before they are told in millionths."""

RECENT: Final = 1_024
"""What an item of today counts where older ones count less."""

_WEEK: Final = 7


def shrunk_chance(paid: int, *, at_risk: int, parent: int, strength: int) -> int:
    """The chance of a day, in parts per billion, from what was seen and from what is usual elsewhere.

    Of `at_risk` items that were open on such a day `paid` were paid on it; where nothing more is
    known, `parent` is the chance, and it counts as much as `strength` items do.  Nobody at risk
    leaves the chance as it was.  Rounded down.

    >>> shrunk_chance(0, at_risk=0, parent=1_000, strength=2)
    1000
    """
    return (paid * WHOLE_PPB + strength * parent) // (at_risk + strength)


def recent_weight(age_days: int, *, half_life_days: int | None) -> int:
    """What an item of that age counts: `RECENT` today, half of it after the half-life, at least 1.

    Between two halvings it falls on a straight line, so that whole numbers say it exactly.

    >>> [recent_weight(age, half_life_days=100) for age in (0, 50, 100, 200, 5_000)]
    [1024, 768, 512, 256, 1]
    """
    if half_life_days is None or age_days <= 0:
        return RECENT
    halvings, rest = divmod(age_days, half_life_days)
    line = RECENT * (2 * half_life_days - rest) // (2 * half_life_days)
    return max(1, line >> min(halvings, RECENT))


def paying_index(
    ordinal: Term, *, weekdays: Collection[int], ops: Ops = PYTHON, before: Term = 0
) -> Term:
    """How many paying days lie before a day, counted from the first day of the calendar.

    A day that is none has the number of the next one, so that what is due on a Saturday and paid on
    Monday was paid on the day.  `ordinal` is the proleptic ordinal of the day, `before` what of the
    paying weekdays before it were holidays.

    >>> friday = 739_919
    >>> [paying_index(friday + days, weekdays=range(5)) - paying_index(friday, weekdays=range(5))
    ...  for days in range(5)]
    [0, 1, 1, 1, 2]
    """
    # The first day of the calendar, whose ordinal is 1, was a Monday.
    days = ordinal - 1
    weeks = days // _WEEK
    rest = days - weeks * _WEEK
    found = weeks * len(set(weekdays))
    for weekday in sorted(set(weekdays)):
        found = found + ops.when(rest > weekday, 1, 0)
    return found - before


def paying_ordinal(index: Term, *, weekdays: Collection[int], ops: Ops = PYTHON) -> Term:
    """The ordinal of the paying day that has a number, where no holidays are known.

    >>> [paying_ordinal(paying_index(739_919 + days, weekdays=range(5)), weekdays=range(5)) - 739_919
    ...  for days in range(5)]
    [0, 3, 3, 3, 4]
    """
    days = sorted(set(weekdays))
    weeks = index // len(days)
    rest = index - weeks * len(days)
    found: Term = days[-1]
    for place in reversed(range(len(days) - 1)):
        found = ops.when(rest == place, days[place], found)
    return weeks * _WEEK + found + 1


def weekday(ordinal: Term) -> Term:
    """The weekday of a day; Monday is 0.

    >>> weekday(739_919)
    4
    """
    return ordinal - 1 - (ordinal - 1) // _WEEK * _WEEK


def cell(paid: Term, due: Term, *, early_days: int, late_days: int, ops: Ops = PYTHON) -> Term:
    """The place of a payment on a scale of paying days, 0 for `early_days` before the due date or more.

    `paid` and `due` are numbers of paying days; what is later than `late_days` is at the end.

    >>> [cell(paid, 100, early_days=20, late_days=60) for paid in (50, 100, 103, 400)]
    [0, 20, 23, 80]
    """
    lateness = ops.minimum(ops.maximum(paid - due, -early_days), late_days)
    return lateness + early_days


def is_middle(reached: Term, *, whole: Term) -> Term:
    """Whether half of all or more are reached: the first place of which that is true is the median.

    >>> [is_middle(reached, whole=5) for reached in (2, 3)]
    [False, True]
    """
    return reached * 2 >= whole


def is_above(reached: Term, here: Term, *, whole: Term, bps: int) -> Term:
    """Whether the middle of those at a place lies at a part of all or above.

    `reached` counts all up to the place and at it, `here` those at it.  Cutting places in their
    middle makes bands that hold as much as they say, where whole places would hold more.

    >>> [is_above(reached, 10, whole=100, bps=1_000) for reached in (10, 14, 15)]
    [False, False, True]
    """
    return (2 * reached - here) * WHOLE_BPS >= 2 * whole * bps


def is_below(reached: Term, here: Term, *, whole: Term, bps: int) -> Term:
    """Whether the middle of those at a place lies at a part of all or below.

    >>> [is_below(reached, 10, whole=100, bps=9_000) for reached in (95, 96)]
    [True, False]
    """
    return (2 * reached - here) * WHOLE_BPS <= 2 * whole * bps


def leaning(own: Term, usual: Term, *, count: Term, strength: int) -> Term:
    """A figure of one's own, leaning on the usual one as if that had been seen `strength` times.

    All are zero or more; rounded half up.

    >>> leaning(30, 20, count=3, strength=2), leaning(0, 20, count=0, strength=2)
    (26, 20)
    """
    whole = count + strength
    return (2 * (own * count + usual * strength) + whole) // (2 * whole)


def share_ppm(part: Term, *, whole: Term) -> Term:
    """A part of a whole of at least one, in parts per million, rounded half up.

    >>> share_ppm(1, whole=3)
    333333
    """
    return (2 * part * WHOLE_PPM + whole) // (2 * whole)


def not_before(cell: Term, *, today: Term, later: Term, ops: Ops = PYTHON) -> Term:
    """The place that is expected, or another one where today is there already.

    >>> not_before(25, today=20, later=40), not_before(20, today=20, later=40)
    (25, 40)
    """
    return ops.when(cell > today, cell, later)
