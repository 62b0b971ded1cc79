"""Scenarios from files, what they refuse, and several side by side."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.errors import PolicyError
from receivables.forecast import (
    BASE,
    SHIPPED,
    STRESS,
    CashScenario,
    ScenarioRule,
    cash_forecast,
    compare,
    load_scenarios,
    scenario_from_table,
)

from .cash_worlds import AS_OF, forecast

_TEXT = """
[[scenario]]
name = "strike"
shift-days = 7
unpaid-bps = 100
promises-kept-bps = 5000
disputes-paid-bps = 0
dispute-shift-days = 20
holidays = [{ first = 2026-12-24, last = 2027-01-03 }]

[[scenario.rules]]
segments = ["public"]
shift-days = 30
"""


def test_a_scenario_comes_from_a_file():
    """Every field has its key."""
    assert load_scenarios(_TEXT) == (
        CashScenario(
            name="strike",
            shift_days=7,
            unpaid_bps=100,
            promises_kept_bps=5_000,
            disputes_paid_bps=0,
            dispute_shift_days=20,
            holidays=[(dt.date(2026, 12, 24), dt.date(2027, 1, 3))],
            rules=[ScenarioRule(segments=["public"], shift_days=30)],
        ),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "scenarios must be TOML"),
        ("[scenarios]", "must have keys among scenario, got scenarios"),
        ("scenario = [3]", "scenarios: scenario 1 must be a table, got 3"),
        ("[[scenario]]", "scenario 1 must have a name"),
        ('[[scenario]]\nname = "a"\n[[scenario]]\nname = "a"', "names of their own, got a, a"),
        ('[[scenario]]\nname = "a"\nshift-days = true', "shift-days of .* must be a whole number"),
        ('[[scenario]]\nname = "a"\nshift-days = -1', "shift_days must be 0 to 999, got -1"),
        ('[[scenario]]\nname = "a"\nunpaid-bps = 10001', "unpaid_bps must be 0 to 10000"),
        ('[[scenario]]\nname = "a"\nrules = [{ segment = "b" }]', "rules 1 must have keys among"),
        ('[[scenario]]\nname = "a"\nrules = [{ segments = [1] }]', "segments of .* must be texts"),
        (
            '[[scenario]]\nname = "a"\nholidays = [{ first = 2026-01-01 }]',
            "must have first and last",
        ),
        (
            '[[scenario]]\nname = "a"\nholidays = [{ first = 2026-01-02, last = 2026-01-01 }]',
            "holidays must end on or after their first day",
        ),
        ("#" * 1_000_001, "at most 1000000 characters"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(text, message):
    """The sentence says which key of which table, and what it should be."""
    with pytest.raises(PolicyError, match=message):
        load_scenarios(text)


def test_a_table_alone_is_a_scenario():
    """What a settings file has below another key is read the same way."""
    assert scenario_from_table({"name": "base"}) == BASE


@pytest.mark.parametrize(
    ("day", "last"),
    [("2026-12-31", "2026-12-23"), ("2026-12-23", "2026-12-23"), ("2027-01-09", "2027-01-05")],
)
def test_the_last_day_on_which_cash_comes(day, last):
    """Holidays that touch or lie within each other are one."""
    closed = CashScenario(
        name="closed",
        holidays=[
            (dt.date(2026, 12, 24), dt.date(2027, 1, 3)),
            (dt.date(2026, 12, 25), dt.date(2026, 12, 26)),
            (dt.date(2027, 1, 6), dt.date(2027, 1, 9)),
            (dt.date(2027, 1, 4), dt.date(2027, 1, 4)),
        ],
    )

    assert closed.last_open_day(dt.date.fromisoformat(day)).isoformat() == last


def _forecasts(*scenarios, **options):
    given = [forecast(), forecast("F-2", 50_000, chances={1: 500_000, 22: 400_000})]
    return [
        cash_forecast(given, as_of=AS_OF, periods=4, scenario=one, **options) for one in scenarios
    ]


def test_scenarios_stand_side_by_side():
    """A column for each, what comes later or never below them, and the difference to the first."""
    found = compare(_forecasts(*SHIPPED))

    assert found.to_table().rows[1][4:] == (100_000, 24_875, 0)
    assert found.to_table().totals[0][4:] == (5_000, 25_625, 28_750)
    assert found.difference_minor("stress", "MIRA", "EUR") < 0
    assert "stress" in str(found)


def test_what_cannot_be_compared_is_refused():
    """Nothing, other periods, the same scenario twice, and a name that is not there."""
    base = _forecasts(BASE)
    for given, message in [
        ([], "one or more, got none"),
        (
            [*base, cash_forecast([forecast()], as_of=AS_OF, scenario=STRESS)],
            "same day and periods",
        ),
        ([*base, *base], "must be different, got base, base"),
    ]:
        with pytest.raises(PolicyError, match=message):
            compare(given)
    with pytest.raises(PolicyError, match="scenario must be among base, got stress"):
        compare(base).difference_minor("stress", "MIRA", "EUR")
