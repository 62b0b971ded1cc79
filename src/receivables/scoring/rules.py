"""The rules of payment behaviour, said once, over terms: values in `behaviour`, columns in `columns`.

Averages of days are in hundredths of a day and shares in basis points, both rounded half to even,
once, from exact sums.

>>> average_days(-4_500, weight=4_000), share(1, whole=3)
(-112, 3333)
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final, Protocol

from receivables._ops import PYTHON, Ops, Term

__all__ = [
    "HUNDREDTHS",
    "WHOLE_BPS",
    "average_days",
    "is_in_window",
    "is_late",
    "is_overdue",
    "magnitude",
    "promptness",
    "ratio",
    "rest_times",
    "rounded_ratio",
    "share",
    "signed",
]

HUNDREDTHS: Final = 100
"""Hundredths of one day."""

WHOLE_BPS: Final = 10_000
"""Basis points of the whole."""


class _Point(Protocol):
    """A point of a scale, as this rule needs it."""

    @property
    def score(self) -> int: ...

    @property
    def days_hundredths(self) -> int: ...


def magnitude(number: Term, *, ops: Ops = PYTHON) -> Term:
    """A number without its sign.

    >>> magnitude(-3)
    3
    """
    return ops.maximum(number, -number)


def rest_times(size: Term, units: Term, *, whole: Term, times: int) -> Term:
    """What a division into whole units leaves, times a number: what is divided next.

    >>> rest_times(17, 2, whole=8, times=100)
    100
    """
    return (size - units * whole) * times


def rounded_ratio(
    units: Term, product: Term, more: Term, *, whole: Term, times: int, ops: Ops = PYTHON
) -> Term:
    """Whole units times a number, and the division of the rest times it, rounded half to even.

    >>> rounded_ratio(2, 100, 12, whole=8, times=100)
    212
    """
    found = units * times + more
    twice = (product - more * whole) * 2
    is_odd = found - found // 2 * 2 == 1
    return ops.when((twice > whole) | ((twice == whole) & is_odd), found + 1, found)


def signed(size: Term, like: Term, *, ops: Ops = PYTHON) -> Term:
    """A number with the sign of another.

    >>> signed(3, -5), signed(3, 0)
    (-3, 3)
    """
    return ops.when(like < 0, -size, size)


def ratio(part: Term, *, whole: Term, times: int, ops: Ops = PYTHON) -> Term:
    """``part * times / whole`` rounded half to even, for a whole above zero and a part of any sign.

    Division comes first, so that nothing is larger than the result or than ``whole * times``.
    Columns take the same steps one by one, because an expression of them all is large.

    >>> [ratio(part, whole=8, times=100) for part in (1, 3, -1, 16)]
    [12, 38, -12, 200]
    """
    size = magnitude(part, ops=ops)
    units = size // whole
    product = rest_times(size, units, whole=whole, times=times)
    more = product // whole
    found = rounded_ratio(units, product, more, whole=whole, times=times, ops=ops)
    return signed(found, part, ops=ops)


def average_days(day_amounts: Term, *, weight: Term) -> Term:
    """Days weighted by amounts, in hundredths: the sum of days times amounts over that of amounts.

    >>> average_days(30 * 10_000 + 0 * 20_000, weight=30_000)
    1000
    """
    return ratio(day_amounts, whole=weight, times=HUNDREDTHS)


def share(part: Term, *, whole: Term) -> Term:
    """A part of a whole in basis points.

    >>> share(25, whole=200)
    1250
    """
    return ratio(part, whole=whole, times=WHOLE_BPS)


def is_in_window(day: Term, *, since: int, as_of: int) -> Term:
    """Whether a day lies after the one before the window, and no later than its last.

    >>> [is_in_window(day, since=10, as_of=20) for day in (10, 11, 20, 21)]
    [False, True, True, False]
    """
    return (day > since) & (day <= as_of)


def is_late(days: Term, *, late_days: int) -> Term:
    """Whether a payment came later than so many days past its due date.

    >>> is_late(3, late_days=2), is_late(0, late_days=0)
    (True, False)
    """
    return days > late_days


def is_overdue(days_past_due: Term) -> Term:
    """Whether what is open is past its due date.

    >>> is_overdue(0), is_overdue(1)
    (False, True)
    """
    return days_past_due > 0


def promptness(days_hundredths: Term, *, scale: Sequence[_Point], ops: Ops = PYTHON) -> Term:
    """The score of days beyond terms on a scale: on a line between two points, rounded down.

    `scale` are its points, best first; those on a line between two others may be left out.

    >>> from receivables.scoring.paydex import PAYDEX_LIKE
    >>> [promptness(days, scale=PAYDEX_LIKE.corners) for days in (-99_999, 0, 1, 2_250, 99_999)]
    [100, 80, 79, 59, 1]
    """
    given: Term = scale[-1].score
    for better, worse in reversed(list(itertools.pairwise(scale))):
        room = worse.days_hundredths - days_hundredths
        points = better.score - worse.score
        steps = room * points // (worse.days_hundredths - better.days_hundredths)
        given = ops.when(days_hundredths <= worse.days_hundredths, worse.score + steps, given)
    return ops.when(days_hundredths <= scale[0].days_hundredths, scale[0].score, given)
