"""Forecasts of data frames are those of the quantile habit over values, on every kind of frame."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.aging import worlds

from receivables.errors import DocumentError, PolicyError
from receivables.forecast.columns import payment_forecasts
from receivables.forecast.habit import QuantileHabit
from receivables.forecast.objects import quantile_forecasts

from .habit_worlds import AS_OF, an_item, histories, weekly

ADDED = ("expected_on", "low_on", "high_on", "days_late", "late_ppm")
worlds._TYPES.setdefault("paid_on", worlds._TYPES["due_date"])


def _frame(kind, items, *, with_paid=True):
    columns = {
        "item": [one.item for one in items],
        "customer": [one.customer for one in items],
        "amount_minor": [one.amount_minor for one in items],
        "document_date": [one.document_date for one in items],
        "due_date": [one.due_date for one in items],
    }
    if with_paid:
        columns["paid_on"] = [one.paid_on for one in items]
    return worlds.frame_of(kind, columns)


def _plain(value):
    if value is None or value != value:  # noqa: PLR0124  # the gaps of pandas
        return None
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    return int(value)


def _by_item(kind, items, history, **given):
    found = payment_forecasts(_frame(kind, items, with_paid=False), _frame(kind, history), **given)
    names = worlds.names_of(found)
    rows = [dict(zip(names, row, strict=True)) for row in worlds.rows_of(found)]
    return {row["item"]: tuple(_plain(row[name]) for name in ADDED) for row in rows}


def _expected(items, history, **given):
    return {
        one.item.item: (one.expected_on, one.low_on, one.high_on, one.days_late, one.late_ppm)
        for one in quantile_forecasts(items, history=history, **given)
    }


def _items():
    days = [-250, -40, -12, -3, 0, 1, 2, 9, 30]
    return [
        an_item(
            number, due=AS_OF + dt.timedelta(days=day), customer=("C-1", "C-2", "new")[number % 3]
        )
        for number, day in enumerate(days)
    ]


@pytest.mark.parametrize("kind", worlds.KINDS)
def test_every_kind_of_frame_says_what_the_values_say(kind):
    """One book on every engine, with the caller's own kind and type of dates coming back."""
    history = [
        *weekly(25, paid=3),
        *weekly(20, paid=-4, first=dt.date(2026, 2, 1), customer="C-2"),
        *weekly(9, paid=None, customer="C-2"),
        *weekly(6, paid=45, first=dt.date(2026, 3, 2), customer="C-3"),
    ]

    assert _by_item(kind, _items(), history, as_of=AS_OF) == _expected(
        _items(), history, as_of=AS_OF
    )


@settings(max_examples=20, deadline=None)
@given(
    history=histories(),
    policy=st.builds(
        QuantileHabit,
        strength=st.integers(1, 5),
        weekday_strength=st.integers(1, 5),
        early_days=st.integers(0, 20),
        late_days=st.integers(5, 40),
        settled_days=st.integers(0, 60),
        weekdays=st.sets(st.integers(0, 6), min_size=1),
        coverage_bps=st.integers(2_000, 9_900),
    ),
    gap=st.integers(0, 30),
)
def test_columns_are_twins_of_values(history, policy, gap):
    """Whatever the policy and the history, the columns say what the values say."""
    given = {
        "as_of": AS_OF,
        "policy": policy,
        "known_through": AS_OF - dt.timedelta(days=gap),
    }

    assert _by_item("polars", _items(), history, **given) == _expected(_items(), history, **given)


@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_what_cannot_be_told_is_a_gap(kind):
    """Without a history nothing is forecast, and no zero stands in for it."""
    assert set(_by_item(kind, _items(), [], as_of=AS_OF).values()) == {(None,) * 5}


def test_frames_of_two_kinds_are_refused():
    """A history of another engine cannot be joined, and the error says so."""
    with pytest.raises(DocumentError, match="items and history must be frames of one kind"):
        payment_forecasts(
            _frame("polars", _items()), _frame("pandas", weekly(3, paid=1)), as_of=AS_OF
        )


@pytest.mark.parametrize("wrong", [{"strength": 0}, {"weekdays": []}, {"coverage_bps": 10_000}])
def test_a_policy_that_cannot_be_is_refused(wrong):
    """Strengths of nothing, weeks without a day and certain bands are errors."""
    with pytest.raises(PolicyError):
        QuantileHabit(**wrong)
