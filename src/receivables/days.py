"""Calendar dates: months, month ends, and business days of a calendar that the caller brings.

>>> month_end(dt.date(2028, 2, 3))
datetime.date(2028, 2, 29)
>>> add_months(dt.date(2026, 1, 31), 1)
datetime.date(2026, 2, 28)
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

import attrs
from dateutil.relativedelta import relativedelta

__all__ = ["Adjustment", "BusinessCalendar", "add_months", "days_past", "month_end"]

_ONE_DAY: Final = dt.timedelta(days=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day `months` later, or the last of that month where it does not exist."""
    return day + relativedelta(months=months)


def month_end(day: dt.date) -> dt.date:
    """The last day of the month of `day`."""
    return day + relativedelta(day=31)


def days_past(day: dt.date, *, as_of: dt.date) -> int:
    """Days from `day` to `as_of`: 0 on the day itself, negative before it.

    >>> days_past(dt.date(2026, 10, 31), as_of=dt.date(2026, 11, 1))
    1
    """
    return as_of.toordinal() - day.toordinal()


class Adjustment(enum.Enum):
    """What becomes of a date that is no business day (ISDA 2006 Definitions, section 4.12)."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified-following"
    PRECEDING = "preceding"
    MODIFIED_PRECEDING = "modified-preceding"


@attrs.frozen(kw_only=True)
class BusinessCalendar:
    """Weekend days (Monday is 0) and holidays; the dates come from the caller, never from a clock.

    >>> target = BusinessCalendar(holidays=[dt.date(2026, 4, 3), dt.date(2026, 4, 6)])
    >>> target.adjust(dt.date(2026, 4, 3), Adjustment.FOLLOWING)
    datetime.date(2026, 4, 7)
    """

    holidays: Collection[dt.date] = attrs.field(default=(), converter=frozenset)
    weekend: Collection[int] = attrs.field(default=(5, 6), converter=frozenset)

    def is_business_day(self, day: dt.date) -> bool:
        """Whether `day` is neither in the weekend nor a holiday."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def adjust(self, day: dt.date, adjustment: Adjustment) -> dt.date:
        """Move `day` to a business day by the convention; a business day stays."""
        return _ADJUST[adjustment](self, day)

    def _step(self, day: dt.date, step: dt.timedelta) -> dt.date:
        while not self.is_business_day(day):
            day += step
        return day


def _modified(calendar: BusinessCalendar, day: dt.date, step: dt.timedelta) -> dt.date:
    moved = calendar._step(day, step)  # noqa: SLF001  # same module
    if moved.month == day.month:
        return moved
    return calendar._step(day, -step)  # noqa: SLF001  # same module


_ADJUST: Final[Mapping[Adjustment, Callable[[BusinessCalendar, dt.date], dt.date]]] = (
    MappingProxyType(
        {
            Adjustment.NONE: lambda _calendar, day: day,
            Adjustment.FOLLOWING: lambda calendar, day: calendar._step(day, _ONE_DAY),  # noqa: SLF001
            Adjustment.MODIFIED_FOLLOWING: lambda calendar, day: _modified(calendar, day, _ONE_DAY),
            Adjustment.PRECEDING: lambda calendar, day: calendar._step(day, -_ONE_DAY),  # noqa: SLF001
            Adjustment.MODIFIED_PRECEDING: lambda calendar, day: _modified(
                calendar, day, -_ONE_DAY
            ),
        }
    )
)
