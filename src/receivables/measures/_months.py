"""The workshop: calendar months as whole numbers, and the days of those before a day."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
from typing import Final

__all__ = ["days_back", "month_of"]

_MONTHS: Final = 12


def month_of(day: int) -> int:
    """The number of the month of an ordinal, counting from the year 0.

    >>> month_of(dt.date(1, 2, 28).toordinal())
    13
    """
    on = dt.date.fromordinal(day)
    return on.year * _MONTHS + on.month - 1


@functools.lru_cache(maxsize=64)
def days_back(as_of: dt.date, count: int) -> tuple[int, ...]:
    """The days of the latest months, that of the day first and only up to the day.

    >>> days_back(dt.date(2028, 3, 30), 3)
    (30, 29, 31)
    """
    last = as_of.year * _MONTHS + as_of.month - 1
    earlier = range(last - 1, max(last - count, _MONTHS - 1), -1)
    lengths = (calendar.monthrange(each // _MONTHS, each % _MONTHS + 1)[1] for each in earlier)
    return (as_of.day, *lengths)
