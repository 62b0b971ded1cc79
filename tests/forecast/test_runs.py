"""Paying runs: their days, and those that payments show."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.days import BusinessCalendar
from receivables.errors import PolicyError
from receivables.forecast import PayingRun, usual_runs

from .cash_worlds import AS_OF, day, forecast


@pytest.mark.parametrize(
    ("run", "days"),
    [
        ({"weekdays": [4]}, ["11-06", "11-13", "11-20", "11-27"]),
        ({"month_days": [15, 31]}, ["11-15", "11-30"]),
        ({"dates": [day(3)], "weekdays": [0]}, ["11-07", "11-09", "11-16", "11-23", "11-30"]),
        ({"month_days": [15], "calendar": BusinessCalendar()}, ["11-16"]),
        ({"dates": [day(-1)], "calendar": BusinessCalendar(holidays=[day(-1), day(0)])}, ["11-05"]),
    ],
)
def test_the_days_of_a_run(run, days):
    """Weekdays, days of the month and dates, moved to the next business day where there is a calendar."""
    found = PayingRun(customer="C-1", **run).days(AS_OF, dt.date(2026, 11, 30))

    assert [one.isoformat()[5:] for one in found] == days


def test_a_run_of_dates_ends_with_them():
    """After the last date there is no next day."""
    assert PayingRun(customer="C-1", dates=[AS_OF]).next_day(day(1)) is None


@pytest.mark.parametrize("run", [{}, {"weekdays": [7]}, {"month_days": [0]}, {"month_days": [32]}])
def test_a_run_names_days_that_there_are(run):
    """A run without a day, or with one that no week or month has, is refused."""
    with pytest.raises(PolicyError, match="must"):
        PayingRun(customer="C-1", **run)


def test_who_pays_on_one_weekday_nearly_always_has_a_run():
    """Nine of ten Fridays are a run, five are too few to tell, and what came later is not seen."""
    fridays = [dt.date(2026, 8, 7) + dt.timedelta(days=7 * week) for week in range(12)]

    def paid(customer, days):
        return [
            attrs.evolve(forecast(f"{customer}-{n}", customer=customer).item, paid_on=on)
            for n, on in enumerate(days)
        ]

    history = [
        *paid("C-1", [*fridays[:11], dt.date(2026, 9, 1)]),
        *paid("C-2", fridays[:5]),
        *paid("C-3", [*fridays[:6], *(AS_OF + dt.timedelta(days=2 + 7 * n) for n in range(9))]),
    ]

    assert usual_runs(history, as_of=AS_OF) == (
        PayingRun(customer="C-1", creditor="MIRA", weekdays=[4]),
    )
