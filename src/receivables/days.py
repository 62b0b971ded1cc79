"""Calendar dates: months, month ends, day counts, and business days of a calendar that the caller brings.

>>> month_end(dt.date(2028, 2, 3))
datetime.date(2028, 2, 29)
>>> add_months(dt.date(2026, 1, 31), 1)
datetime.date(2026, 2, 28)
"""

from __future__ import annotations

import calendar
import datetime as dt
import enum
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import attrs
from dateutil.relativedelta import relativedelta

from receivables.errors import PolicyError

__all__ = [
    "Adjustment",
    "BusinessCalendar",
    "DayCount",
    "add_months",
    "check_day",
    "days_past",
    "month_end",
    "to_day",
]

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


def check_day(value: object, *, name: str) -> None:
    """Refuse what is no plain date; a `datetime.datetime` is a moment, and its day depends on a zone.

    >>> check_day(dt.datetime(2026, 10, 31, 12, 0), name="as_of")
    Traceback (most recent call last):
        ...
    receivables.errors.PolicyError: as_of must be a date, got datetime.datetime(2026, 10, 31, 12, 0)
    """
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        msg = f"{name} must be a date, got {value!r}"
        raise PolicyError(msg)


def to_day(value: dt.date | str, *, name: str) -> dt.date:
    """A day as a date, or as its ISO 8601 text: what a person types in a notebook.

    >>> to_day("2026-10-31", name="as_of")
    datetime.date(2026, 10, 31)
    >>> to_day("31/10/2026", name="as_of")
    Traceback (most recent call last):
        ...
    receivables.errors.PolicyError: as_of must be a date or text like '2026-10-31', got '31/10/2026'
    """
    if not isinstance(value, str):
        check_day(value, name=name)
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        msg = f"{name} must be a date or text like '2026-10-31', got {value!r}"
        raise PolicyError(msg) from None


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


class DayCount(enum.Enum):
    """How a span of days becomes a fraction of a year, exactly.

    "30/360" alone is ambiguous, so each variant has its name (ISDA 2006 Definitions, section 4.16;
    AFB for the French variant, ICMA rule 251 for periods).

    >>> start, end = dt.date(2007, 2, 28), dt.date(2007, 8, 31)
    >>> DayCount.ACT_365F.fraction(start, end)
    Fraction(184, 365)
    >>> DayCount.THIRTY_360.days(start, end), DayCount.THIRTY_E_360.days(start, end)
    (183, 182)
    """

    ACT_360 = "ACT/360"
    ACT_365F = "ACT/365F"
    ACT_365_25 = "ACT/365.25"
    ACT_ACT_ISDA = "ACT/ACT ISDA"
    ACT_ACT_AFB = "ACT/ACT AFB"
    ACT_ACT_ICMA = "ACT/ACT ICMA"
    THIRTY_360 = "30/360"
    THIRTY_360_US = "30/360 US"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"

    def days(self, start: dt.date, end: dt.date) -> int:
        """The days counted from `start` to `end`; raises `PolicyError` where `end` comes first."""
        if end < start:
            msg = f"end must not be before {start.isoformat()}, got {end.isoformat()}"
            raise PolicyError(msg)
        thirty = _THIRTY_DAYS.get(self)
        if thirty is None:
            return end.toordinal() - start.toordinal()
        first, last = thirty(start, end)
        return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first

    def fraction(
        self, start: dt.date, end: dt.date, *, period: tuple[dt.date, dt.date] | None = None
    ) -> Fraction:
        """The fraction of a year from `start` to `end`.

        `period` is the reference period that ACT/ACT ICMA, and nothing else, counts in.  Raises
        `PolicyError` where it is missing, or where `end` comes before `start`.
        """
        days = self.days(start, end)
        if self is DayCount.ACT_ACT_ICMA:
            return _icma(start, end, period)
        if self is DayCount.ACT_ACT_ISDA:
            return _isda(start, end)
        if self is DayCount.ACT_ACT_AFB:
            return _afb(start, end)
        return days / _YEAR_DAYS.get(self, Fraction(360))


_YEAR_DAYS: Final = MappingProxyType(
    {DayCount.ACT_365F: Fraction(365), DayCount.ACT_365_25: Fraction(1461, 4)}
)


def _is_february_end(day: dt.date) -> bool:
    return day.month == 2 and day == month_end(day)  # noqa: PLR2004  # the second month


def _bond_basis(start: dt.date, end: dt.date) -> tuple[int, int]:
    first = min(start.day, 30)
    return first, min(end.day, 30) if first == 30 else end.day  # noqa: PLR2004  # 30/360


def _us(start: dt.date, end: dt.date) -> tuple[int, int]:
    first, last = start.day, end.day
    if _is_february_end(start):
        last = 30 if _is_february_end(end) else last
        first = 30
    first = min(first, 30)
    return first, min(last, 30) if first == 30 else last  # noqa: PLR2004  # 30/360


def _eurobond(start: dt.date, end: dt.date) -> tuple[int, int]:
    return min(start.day, 30), min(end.day, 30)


def _thirty_e_isda(start: dt.date, end: dt.date) -> tuple[int, int]:
    first = 30 if _is_february_end(start) else min(start.day, 30)
    return first, 30 if _is_february_end(end) else min(end.day, 30)


_THIRTY_DAYS: Final[Mapping[DayCount, Callable[[dt.date, dt.date], tuple[int, int]]]] = (
    MappingProxyType(
        {
            DayCount.THIRTY_360: _bond_basis,
            DayCount.THIRTY_360_US: _us,
            DayCount.THIRTY_E_360: _eurobond,
            DayCount.THIRTY_E_360_ISDA: _thirty_e_isda,
        }
    )
)
"""The days of the month that the first and the last date count as."""


def _days_of_year(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _isda(start: dt.date, end: dt.date) -> Fraction:
    """Each calendar year's days over that year's length."""
    if start.year == end.year:
        return Fraction(end.toordinal() - start.toordinal(), _days_of_year(start.year))
    first = start.replace(month=12, day=31).toordinal() + 1 - start.toordinal()
    last = end.toordinal() - end.replace(month=1, day=1).toordinal()
    whole = end.year - start.year - 1
    return (
        Fraction(first, _days_of_year(start.year)) + whole + Fraction(last, _days_of_year(end.year))
    )


def _afb(start: dt.date, end: dt.date) -> Fraction:
    """Whole years counted back from the end, then the rest over 366 where it holds a 29 February."""
    years = 0
    stub_end = end
    while (earlier := _a_year_before(stub_end)) >= start and stub_end > start:
        years += 1
        stub_end = earlier
    holds_leap_day = any(
        start <= dt.date(year, 2, 29) < stub_end
        for year in {start.year, stub_end.year}
        if calendar.isleap(year)
    )
    return years + Fraction((stub_end - start).days, 366 if holds_leap_day else 365)


def _a_year_before(day: dt.date) -> dt.date:
    """A year earlier; the end of February stays its end."""
    earlier = add_months(day, -12)
    return month_end(earlier) if _is_february_end(day) else earlier


def _icma(start: dt.date, end: dt.date, period: tuple[dt.date, dt.date] | None) -> Fraction:
    """The share of each regular period that the span covers, times the period's share of a year."""
    if period is None or period[0] >= period[1]:
        msg = f"period must be a first and a later last date for ACT/ACT ICMA, got {period}"
        raise PolicyError(msg)
    months = max(1, round(Fraction(12 * (period[1] - period[0]).days, 365)))
    index = 0
    while _period_edge(period, months, index) > start:
        index -= 1
    covered = Fraction(0)
    while (first := _period_edge(period, months, index)) < end:
        last = _period_edge(period, months, index + 1)
        overlap = (min(end, last) - max(start, first)).days
        covered += Fraction(max(overlap, 0), (last - first).days)
        index += 1
    return covered * Fraction(months, 12)


def _period_edge(period: tuple[dt.date, dt.date], months: int, index: int) -> dt.date:
    """The first day of a regular period, counted from the reference period (0)."""
    if index <= 0:
        return add_months(period[0], index * months)
    return add_months(period[1], (index - 1) * months)
