"""Paying runs: the days on which a customer pays, said or seen in what it paid.

>>> friday = PayingRun(customer="C-017", weekdays=[4])
>>> friday.next_day(dt.date(2026, 11, 2))
datetime.date(2026, 11, 6)
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Final

import attrs

from receivables.days import Adjustment, BusinessCalendar, check_day, month_end
from receivables.errors import PolicyError
from receivables.forecast.model import ForecastItem
from receivables.parties import CustomerId

__all__ = ["PayingRun", "usual_runs"]

_BPS: Final = 10_000
_WEEK: Final = 7
_MONTH_DAYS: Final = 31
_ONE_DAY: Final = dt.timedelta(days=1)
_REACH: Final = 400
"""Days in which a run of weekdays or days of the month comes again, with room for holidays."""


def _numbers(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(values)))


def _dates(values: Iterable[dt.date]) -> tuple[dt.date, ...]:
    return tuple(sorted(set(values)))


@attrs.frozen(kw_only=True)
class PayingRun:
    """When a customer pays: on weekdays (Monday is 0), on days of the month, on dates, or on all of them.

    A day of the month that is not there is the last one, so that 31 is the end of every month.  A
    day that is no business day of the `calendar` moves to the next one.  Raises `PolicyError` for a
    run that names no day, or one that there is not.

    >>> PayingRun(customer="C-017", month_days=[31]).next_day(dt.date(2027, 2, 3))
    datetime.date(2027, 2, 28)
    """

    customer: CustomerId = attrs.field(converter=CustomerId)
    weekdays: tuple[int, ...] = attrs.field(default=(), converter=_numbers)
    month_days: tuple[int, ...] = attrs.field(default=(), converter=_numbers)
    dates: tuple[dt.date, ...] = attrs.field(default=(), converter=_dates)
    creditor: str = ""
    """Empty where it pays every creditor so."""
    calendar: BusinessCalendar | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.weekdays or self.month_days or self.dates):
            msg = f"run of {self.customer} must have weekdays, month_days or dates, got none"
            raise PolicyError(msg)
        if any(not 0 <= day < _WEEK for day in self.weekdays):
            msg = f"weekdays must be 0 (Monday) to 6, got {list(self.weekdays)}"
            raise PolicyError(msg)
        if any(not 1 <= day <= _MONTH_DAYS for day in self.month_days):
            msg = f"month_days must be 1 to 31, got {list(self.month_days)}"
            raise PolicyError(msg)

    def days(self, first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
        """The days of the run from one day to another, both included."""
        # A run that was put off by a long holiday began before the first day.
        start = first - dt.timedelta(days=_MONTH_DAYS) if self.calendar else first
        named = (
            dt.date.fromordinal(day)
            for day in range(max(start.toordinal(), 1), last.toordinal() + 1)
        )
        found = {self._moved(day) for day in named if self._names(day)}
        return tuple(sorted(day for day in found if first <= day <= last))

    def next_day(self, day: dt.date) -> dt.date | None:
        """The first day of the run at or after a day; None where there is none within 400 days."""
        found = self.days(day, day + _REACH * _ONE_DAY)
        return found[0] if found else None

    def _names(self, day: dt.date) -> bool:
        if day.weekday() in self.weekdays or day in self.dates:
            return True
        is_end = day == month_end(day)
        return day.day in self.month_days or (
            is_end and any(named > day.day for named in self.month_days)
        )

    def _moved(self, day: dt.date) -> dt.date:
        if self.calendar is None:
            return day
        return self.calendar.adjust(day, Adjustment.FOLLOWING)


def usual_runs(
    history: Iterable[ForecastItem],
    *,
    as_of: dt.date,
    least_share_bps: int = 9_000,
    least_days: int = 8,
) -> tuple[PayingRun, ...]:
    """The runs that payments up to a day show: customers who pay on one weekday nearly always.

    A customer counts who paid on `least_days` different days, at least `least_share_bps` of them on
    the same weekday.  What was paid after `as_of` is not looked at.
    """
    check_day(as_of, name="as_of")
    paid: dict[tuple[str, CustomerId], set[dt.date]] = {}
    for item in history:
        if item.paid_on is not None and item.paid_on <= as_of:
            paid.setdefault((item.creditor, item.customer), set()).add(item.paid_on)
    runs = []
    for (creditor, customer), days in sorted(paid.items()):
        counts = Counter(day.weekday() for day in days)
        weekday, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if len(days) >= least_days and _BPS * count >= least_share_bps * len(days):
            runs.append(PayingRun(customer=customer, creditor=creditor, weekdays=[weekday]))
    return tuple(runs)
