"""Interest over values and over columns is one rule."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables._arithmetic import Rounding
from receivables.days import DayCount
from receivables.errors import ReceivablesError
from receivables.interest import LateItem, compensation_for, interest_on
from receivables.interest.columns import interest
from receivables.money import to_minor

from ..aging.worlds import (  # noqa: TID252  # one world of frames
    KINDS,
    columns_of,
    frame_of,
    names_of,
    open_item,
    rows_of,
    types_of,
)
from .worlds import CURRENCIES, SIMPLE, policy

TWINS = settings(max_examples=15, deadline=None)
AS_OF = dt.date(2026, 10, 31)
COUNTS = (DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_365_25, DayCount.ACT_ACT_ISDA)


@st.composite
def _items(draw, currency, *, oldest=4_100):
    count = draw(st.integers(1, 6))
    return [
        open_item(
            f"F-{index}",
            open_minor=draw(st.integers(-50_000, 10**9) | st.sampled_from([0, 1, 10**15])),
            currency=currency,
            due_date=AS_OF - dt.timedelta(days=draw(st.integers(-20, oldest))),
        )
        for index in range(count)
    ]


@st.composite
def _policies(draw, rates, name):
    changes = {
        "rounding": draw(st.sampled_from(Rounding)),
        "day_count": draw(st.sampled_from(COUNTS)),
    }
    if draw(st.booleans()):
        changes["minimum"] = 5
    return policy(name, rates, **changes)


def _by_hand(items, rule):
    """What the object shell says of each item, as pairs of interest and fixed sum."""
    found = []
    for item in items:
        late = LateItem.of_item(item)
        fixed = compensation_for(late, jurisdiction=rule.jurisdiction, as_of=AS_OF)
        minor = interest_on(late, policy=rule, as_of=AS_OF).amount_minor
        found.append((minor, to_minor(fixed) if fixed else 0))
    return found


def _outcome(question):
    try:
        return question()
    except ReceivablesError as error:
        return type(error)


def _last_two(frame):
    return [row[-2:] for row in rows_of(frame)]


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(data=st.data())
def test_each_item_has_the_same_interest_and_sum(kind, rates, data):
    """One policy gives one amount for an item, or one refusal, on values and on every kind of frame."""
    name = data.draw(st.sampled_from(SIMPLE))
    rule = data.draw(_policies(rates, name))
    items = data.draw(_items(CURRENCIES.get(name, "EUR")))

    expected = _outcome(lambda: _by_hand(items, rule))
    actual = _outcome(
        lambda: _last_two(interest(frame_of(kind, columns_of(items)), policy=rule, as_of=AS_OF))
    )

    assert expected == actual


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_rate_is_missed_by_the_items_that_need_it(kind, rates):
    """A gap matters where an item lies in it, and nowhere else."""
    rule = policy("uk", rates.verified())
    in_gap = open_item("F-1", currency="GBP", due_date=dt.date(2025, 2, 1))
    beside = open_item("F-2", currency="GBP", due_date=dt.date(2023, 2, 1))

    def ask(items):
        return _outcome(
            lambda: _last_two(interest(frame_of(kind, columns_of(items)), policy=rule, as_of=AS_OF))
        )

    for items in ([in_gap], [in_gap, beside], [beside]):
        assert _outcome(lambda items=items: _by_hand(items, rule)) == ask(items)


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind, rates):
    """The columns that came in come out, with two of whole numbers."""
    items = [open_item("F-1", days=40), open_item("A-1", open_minor=-4_000)]
    given = frame_of(kind, columns_of(items))

    result = interest(given, policy=policy("eu", rates), as_of=AS_OF)

    assert type(given) is type(result)
    assert [*columns_of(items), "interest_minor", "compensation_minor"] == names_of(result)
    whole = {"pandas arrow": "int64[pyarrow]", "duckdb": "bigint"}.get(kind, "int64")
    assert {whole} == {name.lower() for name in types_of(result) if "int" in name.lower()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_credit_without_a_due_date_bears_nothing(kind, rates):
    """Unapplied cash never falls due."""
    items = [open_item("r-1", open_minor=-500, due_date=None), open_item("F-1", days=100)]

    result = interest(frame_of(kind, columns_of(items)), policy=policy("eu", rates), as_of=AS_OF)

    assert [(0, 0), (285, 4_000)] == _last_two(result)
