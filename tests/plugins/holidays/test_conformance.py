"""The calendars ``holidays`` do what every source of calendars must do."""

import pytest

from receivables.testing.calendar_source import CalendarSourceTests
from receivables_plugins import holidays


class TestHolidays(CalendarSourceTests):
    """The conformance class, over the package itself."""

    @pytest.fixture
    def spec(self):
        return holidays.receivables_calendars()[0]
