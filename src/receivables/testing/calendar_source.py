"""Conformance of calendar sources: subclass `CalendarSourceTests` and give it a fixture.

A test module of a plug-in says what it brings::

    class TestMyCalendars(CalendarSourceTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

>>> [day.isoformat() for day in target_closing_days(2026)]
['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-12-25', '2026-12-26']
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

import pytest
from dateutil.easter import easter

from receivables.adapters import AdapterSpec, CalendarSource
from receivables.days import BusinessCalendar
from receivables.errors import PolicyError
from receivables.testing._abilities import AbilityTests

__all__ = ["CalendarSourceTests", "target_closing_days"]

_YEAR: Final = 2026
_SAMPLE_MAX: Final = 60
_BUSINESS_DAYS: Final = range(180, 330)
"""Business days of a year anywhere: five days a week less some holidays, or six."""


def target_closing_days(year: int) -> list[dt.date]:
    """The days on which TARGET is closed besides weekends, for 2002 and later (ECB)."""
    sunday = easter(year)
    fixed = [dt.date(year, month, day) for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))]
    return sorted([*fixed, sunday - dt.timedelta(days=2), sunday + dt.timedelta(days=1)])


class CalendarSourceTests(AbilityTests):
    """What every source of calendars must do; give the fixture `spec`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "regions": ("test_regions_are_named_after_their_country",),
            "target": ("test_target_is_closed_when_the_ecb_says",),
        }
    )
    """Each ability that a source may declare, and the test that asks for it."""

    @pytest.fixture
    def source(self, spec: AdapterSpec[Any]) -> CalendarSource:
        """The source with its default settings."""
        source: CalendarSource = spec.build()
        return source

    def test_names_are_sorted_and_once(self, source: CalendarSource) -> None:
        """The names are texts, each once, in order."""
        names = list(source.names())

        assert names
        assert names == sorted(set(names))

    def test_every_name_has_a_calendar(self, source: CalendarSource) -> None:
        """A calendar of each place has holidays or a weekend, and most days of a year are left."""
        for name in _sample(source):
            calendar = source.calendar(name, first=_YEAR, last=_YEAR)
            assert isinstance(calendar, BusinessCalendar)
            assert _business_days(calendar) in _BUSINESS_DAYS, name

    def test_same_question_gives_same_answer(self, source: CalendarSource) -> None:
        """Asked twice, a source answers alike."""
        for name in _sample(source):
            first = source.calendar(name, first=_YEAR, last=_YEAR + 1)
            assert first == source.calendar(name, first=_YEAR, last=_YEAR + 1)

    def test_both_years_are_included(self, source: CalendarSource) -> None:
        """Each year of several is what it is alone, the first and the last too."""
        for name in _sample(source):
            several = source.calendar(name, first=_YEAR - 1, last=_YEAR + 1)
            for year in (_YEAR - 1, _YEAR, _YEAR + 1):
                alone = source.calendar(name, first=year, last=year)
                assert _closed(alone, year) == _closed(several, year), name

    def test_unknown_places_are_refused(self, source: CalendarSource) -> None:
        """A place that the source does not know has no calendar: it is never taken as without holidays."""
        for name in ("", "no such place", "XX-YY", "fr/../de"):
            with pytest.raises(PolicyError):
                source.calendar(name, first=_YEAR, last=_YEAR)

    def test_years_in_the_wrong_order_are_refused(self, source: CalendarSource) -> None:
        """A last year before the first is refused."""
        with pytest.raises(PolicyError):
            source.calendar(source.names()[0], first=_YEAR, last=_YEAR - 1)

    def test_regions_are_named_after_their_country(
        self, spec: AdapterSpec[Any], source: CalendarSource
    ) -> None:
        """A region is ``CC-RR``, its country is there too, and some regions differ from theirs."""
        _ask(spec, "regions")
        names = set(source.names())
        regions = [name for name in _sample(source) if "-" in name]

        assert regions
        assert {name.partition("-")[0] for name in names if "-" in name} <= names
        assert any(
            _closed(source.calendar(name, first=_YEAR, last=_YEAR), _YEAR)
            != _closed(source.calendar(name.partition("-")[0], first=_YEAR, last=_YEAR), _YEAR)
            for name in regions
        )

    def test_target_is_closed_when_the_ecb_says(
        self, spec: AdapterSpec[Any], source: CalendarSource
    ) -> None:
        """``TARGET`` is closed on six days of each year since 2002, and on weekends."""
        _ask(spec, "target")
        for year in (2002, 2008, 2019, 2026, 2038):
            calendar = source.calendar("TARGET", first=year, last=year)
            assert frozenset({5, 6}) == calendar.weekend
            assert target_closing_days(year) == sorted(
                day for day in calendar.holidays if day.year == year
            )


def _sample(source: CalendarSource) -> list[str]:
    """Names from the whole list, and not too many of them."""
    names = list(source.names())
    return names[:: max(1, len(names) // _SAMPLE_MAX)]


def _days(year: int) -> list[dt.date]:
    first = dt.date(year, 1, 1).toordinal()
    return [dt.date.fromordinal(first + day) for day in range(365)]


def _closed(calendar: BusinessCalendar, year: int) -> list[dt.date]:
    return [day for day in _days(year) if not calendar.is_business_day(day)]


def _business_days(calendar: BusinessCalendar) -> int:
    return len(_days(_YEAR)) - len(_closed(calendar, _YEAR))


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
