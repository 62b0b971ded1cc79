"""The workshop: the days on which anybody pays, numbered, so that weekends and holidays do not count.

>>> days = PayingDays(weekdays=range(5))
>>> [days.index_of(dt.date(2026, 10, day).toordinal()) - days.index_of(739_919) for day in (30, 31)]
[0, 1]
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import attrs

from receivables.days import BusinessCalendar

__all__ = ["WORKDAYS", "PayingDays", "paying_days", "usual_weekdays"]

WORKDAYS: Final = (0, 1, 2, 3, 4)
"""Monday to Friday: when payments are too few to tell when anybody pays."""

_WEEK: Final = 7
_BPS: Final = 10_000
_LAST_DAY: Final = dt.date.max.toordinal()


def _week(values: Collection[int]) -> tuple[int, ...]:
    return tuple(sorted(set(values)))


def _ordinals(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(values)))


@attrs.frozen(kw_only=True)
class PayingDays:
    """Which weekdays are paid on (Monday is 0), but for the ordinals of holidays; both ways in O(log n)."""

    weekdays: tuple[int, ...] = attrs.field(converter=_week)
    holidays: tuple[int, ...] = attrs.field(default=(), converter=_ordinals)
    _before: tuple[int, ...] = attrs.field(init=False, repr=False, eq=False)
    """How many paying weekdays of a week lie before each of its days."""

    def __attrs_post_init__(self) -> None:
        before = tuple(sum(one < day for one in self.weekdays) for day in range(_WEEK))
        object.__setattr__(self, "_before", before)

    def index_of(self, ordinal: int) -> int:
        """The number of a day, or of the next paying day where nobody pays on it."""
        weeks, rest = divmod(ordinal - 1, _WEEK)
        index = weeks * len(self.weekdays) + self._before[rest]
        return index - bisect_left(self.holidays, ordinal) if self.holidays else index

    def ordinal_of(self, index: int) -> int:
        """The day that has a number; the last of the calendar for one beyond it."""
        ordinal = self._weekday_at(index)
        passed = 0
        while (more := bisect_left(self.holidays, ordinal + 1)) > passed:
            ordinal, passed = self._weekday_at(index + more), more
        return min(ordinal, _LAST_DAY)

    def _weekday_at(self, index: int) -> int:
        weeks, rest = divmod(index, len(self.weekdays))
        return weeks * _WEEK + self.weekdays[rest] + 1


def usual_weekdays(
    payments: Mapping[int, int], *, least_bps: int, least_payments: int
) -> tuple[int, ...]:
    """The weekdays that at least such a share of payments is made on, or `WORKDAYS` where they are few.

    >>> usual_weekdays({0: 40, 3: 59, 5: 1}, least_bps=200, least_payments=50)
    (0, 3)
    """
    every = sum(payments.values())
    if every < least_payments:
        return WORKDAYS
    return tuple(day for day in range(_WEEK) if payments.get(day, 0) * _BPS >= least_bps * every)


def paying_days(weekdays: Collection[int], calendar: BusinessCalendar | None) -> PayingDays:
    """The paying days of a calendar, where there is one, and otherwise those weekdays."""
    if calendar is None:
        return PayingDays(weekdays=weekdays)
    week = [day for day in range(_WEEK) if day not in calendar.weekend]
    # A holiday on a weekend takes nothing away.
    holidays = [day.toordinal() for day in calendar.holidays if day.weekday() in week]
    return PayingDays(weekdays=week or WORKDAYS, holidays=holidays)
