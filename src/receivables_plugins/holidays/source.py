"""Business calendars of the package ``holidays``, by country, region, and for TARGET."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from receivables.days import BusinessCalendar
from receivables.errors import MissingExtraError, PolicyError

if TYPE_CHECKING:
    from receivables_plugins.holidays import HolidaySettings

try:
    import holidays
except ModuleNotFoundError:
    raise MissingExtraError.for_extra("calendars", needed_for="the calendars 'holidays'") from None

__all__ = ["HolidaySource"]

TARGET: Final = "TARGET"
_TARGET_MARKET: Final = "ECB"
_YEARS_MAX: Final = 200


@attrs.frozen
class HolidaySource:
    """Knows every country and region of the package, as ``FR`` and ``CA-QC``, and ``TARGET``."""

    settings: HolidaySettings

    def names(self) -> Sequence[str]:
        """The calendars there are, sorted."""
        countries = holidays.list_supported_countries(include_aliases=False)
        regions = [f"{country}-{part}" for country, parts in countries.items() for part in parts]
        return sorted({TARGET, *countries, *regions})

    def calendar(self, name: str, *, first: int, last: int) -> BusinessCalendar:
        """The calendar of a place for the years `first` to `last`, both included.

        Raises `PolicyError` for a name or a category that is not there, and for years that the
        package does not know: it would have no holidays in them, and every day would be a business
        day.
        """
        if not first <= last < first + _YEARS_MAX:
            msg = f"last must be {first} to {first + _YEARS_MAX - 1}, got {last}"
            raise PolicyError(msg)
        found = self._holidays(name, range(first, last + 1))
        known = range(max(found.start_year, 1), found.end_year + 1)
        if first not in known or last not in known:
            msg = f"years of {name} must be {known[0]} to {known[-1]}, got {first} to {last}"
            raise PolicyError(msg)
        return _calendar(found, first=first, last=last)

    def _holidays(self, name: str, years: range) -> Any:  # noqa: ANN401  # a class of the package
        if name == TARGET:
            return holidays.financial_holidays(_TARGET_MARKET, years=years)
        country, _, region = name.partition("-")
        if name not in self.names():
            raise PolicyError(_unknown(name, [one for one in self.names() if one[:2] == name[:2]]))
        try:
            return holidays.country_holidays(
                country,
                subdiv=region or None,
                years=years,
                observed=self.settings.observed,
                categories=self.settings.categories,
            )
        except ValueError as error:
            msg = f"categories must be those that {country} has, got {', '.join(self.settings.categories)}: {error}"
            raise PolicyError(msg) from None


def _unknown(name: str, near: Sequence[str]) -> str:
    known = ", ".join(near[:20]) or "a country such as FR, a region such as CA-QC, or TARGET"
    return f"calendar must be one of {known}, got {name!r}"


def _calendar(found: Any, *, first: int, last: int) -> BusinessCalendar:  # noqa: ANN401  # see above
    weekend = frozenset(found.weekend)
    regular = [day for day in _days(first, last) if day in found]
    closed = [day for day in _days(first, last) if not found.is_working_day(day)]
    usual = {*regular, *(day for day in _days(first, last) if day.weekday() in weekend)}
    if usual != set(closed):
        # A weekend that was moved, or a Sunday on which people work: each day is named then.
        regular, weekend = closed, frozenset()
    return BusinessCalendar(holidays=regular, weekend=weekend)  # type: ignore[arg-type]  # converted


def _days(first: int, last: int) -> Iterator[dt.date]:
    ends = dt.date(first, 1, 1).toordinal(), dt.date(last, 12, 31).toordinal()
    return map(dt.date.fromordinal, range(ends[0], ends[1] + 1))
