"""Months, month ends, business days and day counts."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.days import (
    Adjustment,
    BusinessCalendar,
    DayCount,
    add_months,
    check_day,
    days_past,
    month_end,
)
from receivables.errors import PolicyError

DATES = st.dates(dt.date(1950, 1, 1), dt.date(2150, 12, 31))
TARGET_2026 = BusinessCalendar(
    holidays=[
        dt.date(2026, month, day)
        for month, day in ((1, 1), (4, 3), (4, 6), (5, 1), (12, 25), (12, 26))
    ]
)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2028, 1, 31), 1, dt.date(2028, 2, 29)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2026, 3, 31), -1, dt.date(2026, 2, 28)),
        (dt.date(2026, 5, 15), 0, dt.date(2026, 5, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(day, months, expected):
    """A month has no 31st where it has none."""
    assert expected == add_months(day, months)


@given(day=DATES)
def test_the_day_after_a_month_end_is_a_first(day):
    """The end of a month is its last day, and its own end."""
    end = month_end(day)

    assert 1 == (end + dt.timedelta(days=1)).day
    assert (day.year, day.month) == (end.year, end.month)
    assert end == month_end(end)


@given(day=DATES, days=st.integers(-400, 400))
def test_days_past_counts_from_zero_on_the_day(day, days):
    """Nothing is past on the day itself, and days before it are negative."""
    assert days == days_past(day, as_of=day + dt.timedelta(days=days))


@pytest.mark.parametrize("value", [dt.datetime(2026, 10, 31), "2026-10-31", 20_261_031, None])
def test_only_a_date_is_a_day(value):
    """A moment, a text and a number are refused by the argument's name."""
    with pytest.raises(PolicyError, match="as_of must be a date, got"):
        check_day(value, name="as_of")


@pytest.mark.parametrize(
    ("adjustment", "expected"),
    [
        (Adjustment.NONE, dt.date(2026, 5, 30)),
        (Adjustment.FOLLOWING, dt.date(2026, 6, 1)),
        (Adjustment.MODIFIED_FOLLOWING, dt.date(2026, 5, 29)),
        (Adjustment.PRECEDING, dt.date(2026, 5, 29)),
        (Adjustment.MODIFIED_PRECEDING, dt.date(2026, 5, 29)),
    ],
)
def test_a_saturday_moves_by_the_convention(adjustment, expected):
    """The modified conventions stay in their month."""
    assert expected == TARGET_2026.adjust(dt.date(2026, 5, 30), adjustment)


def test_modified_preceding_stays_in_its_month():
    """A first on a Sunday goes forward, because back is another month."""
    assert dt.date(2026, 11, 2) == TARGET_2026.adjust(
        dt.date(2026, 11, 1), Adjustment.MODIFIED_PRECEDING
    )


@given(day=DATES, adjustment=st.sampled_from(Adjustment))
def test_adjusting_is_idempotent(day, adjustment):
    """A business day stays where it is."""
    calendar = BusinessCalendar()
    adjusted = calendar.adjust(day, adjustment)

    assert adjusted == calendar.adjust(adjusted, adjustment)
    assert adjustment is Adjustment.NONE or calendar.is_business_day(adjusted)


FEBRUARY = (dt.date(2007, 2, 28), dt.date(2007, 8, 31))

FRACTIONS = [
    (DayCount.ACT_365F, *FEBRUARY, Fraction(184, 365)),
    (DayCount.ACT_360, *FEBRUARY, Fraction(184, 360)),
    (DayCount.ACT_365_25, *FEBRUARY, Fraction(736, 1461)),
    (DayCount.THIRTY_360, *FEBRUARY, Fraction(183, 360)),
    (DayCount.THIRTY_E_360, *FEBRUARY, Fraction(182, 360)),
    (DayCount.THIRTY_360_US, *FEBRUARY, Fraction(180, 360)),
    (DayCount.THIRTY_E_360_ISDA, *FEBRUARY, Fraction(180, 360)),
    (
        DayCount.ACT_ACT_ISDA,
        dt.date(2003, 11, 1),
        dt.date(2004, 5, 1),
        Fraction(61, 365) + Fraction(121, 366),
    ),
    (DayCount.ACT_ACT_AFB, dt.date(2003, 11, 1), dt.date(2004, 5, 1), Fraction(182, 366)),
    (DayCount.ACT_ACT_AFB, dt.date(2004, 2, 28), dt.date(2008, 2, 27), 3 + Fraction(365, 366)),
]


@pytest.mark.parametrize(("count", "start", "end", "expected"), FRACTIONS)
def test_a_day_count_is_an_exact_fraction(count, start, end, expected):
    """Each convention counts the same span in its own way, without rounding."""
    assert expected == count.fraction(start, end)


def test_icma_counts_in_its_reference_period():
    """Half a year is half, however many days it has, and what lies before counts in its own period."""
    period = (dt.date(2003, 1, 15), dt.date(2003, 7, 15))

    long_first = DayCount.ACT_ACT_ICMA.fraction(
        dt.date(2002, 8, 15), dt.date(2003, 7, 15), period=period
    )

    assert Fraction(1, 2) == DayCount.ACT_ACT_ICMA.fraction(*period, period=period)
    assert Fraction(1, 2) + Fraction(153, 184) / 2 == long_first


@given(start=DATES, days=st.integers(0, 4_000), count=st.sampled_from(DayCount))
def test_no_day_is_no_fraction_and_more_days_are_no_less(start, days, count):
    """Every convention starts at zero and never runs backwards."""
    end = start + dt.timedelta(days=days)
    period = (start, add_months(start, 12))

    assert 0 == count.fraction(start, start, period=period)
    assert 0 <= count.fraction(start, end, period=period)
    assert 0 <= count.days(start, end)


@pytest.mark.parametrize("count", DayCount)
def test_a_span_that_runs_backwards_is_refused(count):
    """The end comes after the start, or on it."""
    with pytest.raises(PolicyError, match="end must not be before 2026-02-01"):
        count.fraction(dt.date(2026, 2, 1), dt.date(2026, 1, 1))


@pytest.mark.parametrize("period", [None, (dt.date(2026, 2, 1), dt.date(2026, 2, 1))])
def test_icma_without_a_period_is_refused(period):
    """ACT/ACT ICMA means nothing without its reference period."""
    with pytest.raises(PolicyError, match="period must be"):
        DayCount.ACT_ACT_ICMA.fraction(dt.date(2026, 1, 1), dt.date(2026, 2, 1), period=period)


_CONVENTIONS = {
    "30/360 BondBasis": DayCount.THIRTY_360,
    "30/360 EurobondBasis": DayCount.THIRTY_E_360,
    "30/360 USA": DayCount.THIRTY_360_US,
    "ACT/360": DayCount.ACT_360,
    "ACT/365F": DayCount.ACT_365F,
    "ACT/ACT AFB": DayCount.ACT_ACT_AFB,
    "ACT/ACT ISDA": DayCount.ACT_ACT_ISDA,
    "ACT/ACT ISMA": DayCount.ACT_ACT_ICMA,
}
_SIDE_BY_SIDE = {
    "act360": DayCount.ACT_360,
    "act365f": DayCount.ACT_365F,
    "act365_25": DayCount.ACT_365_25,
    "act_act_isda": DayCount.ACT_ACT_ISDA,
}
_NEAR = Fraction(1, 10**10)
"""Some published fractions are printed with ten decimals."""


@pytest.fixture(scope="module")
def worked_cases(root):
    """The worked cases of day counts and business days."""
    path = root.parent / "shared" / "oracles" / "daycount.jsonl"
    if not path.is_file():
        pytest.skip("shared corpora are not beside this checkout")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _span(inputs):
    return dt.date.fromisoformat(inputs["start"]), dt.date.fromisoformat(inputs["end"])


def _near(expected, actual):
    return abs(Fraction(Decimal(expected)) - actual) <= _NEAR


def test_each_convention_meets_its_published_cases(worked_cases):
    """Cases of QuantLib's own test suite (test-suite/daycounters.cpp), each naming its convention."""
    wrong = []
    for case in worked_cases:
        inputs, expected = case["inputs"], case["expected"]
        if "convention" not in inputs:
            continue
        count = _CONVENTIONS[inputs["convention"]]
        if "days" in expected and expected["days"] != count.days(*_span(inputs)):
            wrong.append(case["id"])
        if "year_fraction" in expected:
            period = inputs["reference_period"]
            dates = period and tuple(map(dt.date.fromisoformat, period))
            fraction = count.fraction(*_span(inputs), period=dates)
            if not _near(expected["year_fraction"], fraction):
                wrong.append(case["id"])

    assert [] == wrong


def test_conventions_side_by_side_meet_their_cases(worked_cases):
    """Spans that QuantLib counted by several conventions at once."""
    cases = [case for case in worked_cases if case["id"].startswith("multi-")]

    wrong = [
        (case["id"], name)
        for case in cases
        for name, count in _SIDE_BY_SIDE.items()
        if not _near(case["expected"][name], count.fraction(*_span(case["inputs"])))
    ]

    assert cases
    assert [] == wrong
    for case in cases:
        bond, eurobond = (
            case["expected"]["thirty360_bond_days"],
            case["expected"]["thirtyE360_days"],
        )
        assert bond == DayCount.THIRTY_360.days(*_span(case["inputs"]))
        assert eurobond == DayCount.THIRTY_E_360.days(*_span(case["inputs"]))


def test_business_days_meet_their_cases(worked_cases):
    """Dates of the TARGET calendar of 2026, moved by each convention."""
    cases = [case for case in worked_cases if "calendar" in case["inputs"]]

    wrong = [
        (case["id"], name)
        for case in cases
        for name, expected in case["expected"].items()
        if dt.date.fromisoformat(expected)
        != TARGET_2026.adjust(
            dt.date.fromisoformat(case["inputs"]["date"]), Adjustment(name.replace("_", "-"))
        )
    ]

    assert cases
    assert [] == wrong
