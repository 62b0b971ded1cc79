"""Calendars of countries and regions: what is known, what is refused, what is odd."""

import datetime as dt
import sys

import pytest

from receivables.days import Adjustment
from receivables.errors import MissingExtraError, PolicyError
from receivables_plugins.holidays import receivables_calendars

D = dt.date
_SPEC = receivables_calendars()[0]


@pytest.fixture(scope="module")
def source():
    """The source with its default settings."""
    return _SPEC.build()


HOLIDAYS = [
    ("FR", D(2026, 7, 14), True),
    ("FR", D(2026, 7, 15), False),
    ("FR-57", D(2026, 12, 26), True),
    ("CA-QC", D(2026, 6, 24), True),
    ("CA-ON", D(2026, 6, 24), False),
    ("ES-MD", D(2026, 5, 2), True),
    ("ES-CT", D(2026, 9, 11), True),
    ("ES", D(2026, 9, 11), False),
    ("TARGET", D(2026, 5, 1), True),
    ("TARGET", D(2026, 7, 14), False),
]


@pytest.mark.parametrize(("name", "day", "is_holiday"), HOLIDAYS)
def test_places_have_their_own_days(source, name, day, is_holiday):
    """A region keeps the days of its country and its own."""
    calendar = source.calendar(name, first=2026, last=2026)

    assert is_holiday is (day in calendar.holidays)


def test_a_calendar_adjusts(source):
    """A due date on Québec's national day moves to the next business day."""
    calendar = source.calendar("CA-QC", first=2026, last=2026)

    assert D(2026, 6, 25) == calendar.adjust(D(2026, 6, 24), Adjustment.FOLLOWING)


def test_a_weekend_of_its_own_is_kept(source):
    """Not every weekend is Saturday and Sunday."""
    assert frozenset({4, 5}) == source.calendar("SA", first=2026, last=2026).weekend


def test_a_weekend_on_which_people_work_is_named_day_by_day(source):
    """A Sunday on which a country works is a business day, and other Sundays are not."""
    calendar = source.calendar("CN", first=2026, last=2026)

    assert calendar.is_business_day(D(2026, 1, 4))
    assert not calendar.is_business_day(D(2026, 1, 11))


REFUSED = [
    ("XX", 2026, 2026, "calendar must be one of"),
    ("FR-ZZ", 2026, 2026, "calendar must be one of FR, FR-57"),
    ("fr", 2026, 2026, "calendar must be one of"),
    ("FR", 2026, 2025, "last must be 2026"),
    ("ES", 1990, 2026, "years of ES must be 2008"),
    ("FR", 2026, 2150, "years of FR must be 1803 to 2100"),
    ("FR", 2026, 9999, "last must be 2026"),
]


@pytest.mark.parametrize(("name", "first", "last", "reason"), REFUSED)
def test_what_is_not_known_is_refused(source, name, first, last, reason):
    """A place or a year without data is refused: it would look as if it had no holidays."""
    with pytest.raises(PolicyError, match=reason):
        source.calendar(name, first=first, last=last)


def test_settings_choose_what_counts():
    """Categories and observed days are settings, and a category must be one of the country's."""
    banks = _SPEC.build({"categories": ["public", "bank"]})
    plain = _SPEC.build()
    strict = _SPEC.build({"observed": False})

    assert D(2026, 5, 15) in banks.calendar("BE", first=2026, last=2026).holidays
    assert D(2026, 5, 15) not in plain.calendar("BE", first=2026, last=2026).holidays
    assert D(2026, 7, 3) in plain.calendar("US", first=2026, last=2026).holidays
    assert D(2026, 7, 3) not in strict.calendar("US", first=2026, last=2026).holidays
    with pytest.raises(PolicyError, match="categories must be those that FR has, got public, bank"):
        banks.calendar("FR", first=2026, last=2026)
    with pytest.raises(PolicyError, match="settings of holidays must be valid"):
        _SPEC.build({"observed": "yes"})


def test_the_extra_is_named_where_it_is_missing(monkeypatch):
    """Without the package the message says what to install."""
    monkeypatch.delitem(sys.modules, "receivables_plugins.holidays.source", raising=False)
    monkeypatch.setitem(sys.modules, "holidays", None)

    with pytest.raises(MissingExtraError, match="calendars"):
        _SPEC.build()
