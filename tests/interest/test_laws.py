"""Laws of interest: parts add up, more is never less, and nothing late bears nothing."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.interest import BalanceStep, compensation_for, interest_on

from .worlds import CURRENCIES, SIMPLE, late_items, one_rate, policy

OFFSETS = st.integers(-30, 1_000)

LAWS = settings(max_examples=20, deadline=None)
"""Each law is drawn for each pack, so twenty examples are two hundred."""

COMPOUND = {
    "us-federal": ("USD", one_rate("us.prompt-payment", "4.625")),
    "ca-federal": ("CAD", one_rate("boc.average-bank-rate", "2.75")),
}


def _rule(name, rates):
    if name in COMPOUND:
        currency, table = COMPOUND[name]
        return currency, policy(name, table)
    return CURRENCIES.get(name, "EUR"), policy(name, rates)


def _as_of(item, days):
    # Rates are known until the end of 2026.
    return min(item.due_date + dt.timedelta(days=days), dt.date(2026, 12, 30))


@pytest.mark.parametrize("name", [*SIMPLE, *COMPOUND])
@LAWS
@given(data=st.data())
def test_a_period_is_the_sum_of_its_parts(name, rates, data):
    """Interest over any partition adds up, unrounded, to that over the whole period."""
    currency, rule = _rule(name, rates)
    item = data.draw(late_items(currency=currency))
    days = [
        _as_of(item, days) for days in sorted(data.draw(st.sets(OFFSETS, min_size=1, max_size=4)))
    ]

    whole = interest_on(item, policy=rule, as_of=days[-1])
    parts = [
        interest_on(item, policy=rule, as_of=day, since=before)
        for before, day in zip([None, *days], days, strict=False)
    ]

    assert whole.unrounded_minor == sum((part.unrounded_minor for part in parts), Fraction(0))
    assert whole.days == sum(part.days for part in parts)


@pytest.mark.parametrize("name", [*SIMPLE, *COMPOUND])
@LAWS
@given(data=st.data(), days=OFFSETS, more=st.integers(0, 200))
def test_more_days_are_never_less(name, rates, data, days, more):
    """Interest does not fall as days go by."""
    currency, rule = _rule(name, rates)
    item = data.draw(late_items(currency=currency))

    early = interest_on(item, policy=rule, as_of=_as_of(item, days))
    late = interest_on(item, policy=rule, as_of=_as_of(item, days + more))

    assert 0 <= early.unrounded_minor <= late.unrounded_minor


@pytest.mark.parametrize("name", [*SIMPLE, *COMPOUND])
@LAWS
@given(data=st.data(), days=OFFSETS, more=st.integers(1, 10**6))
def test_a_larger_balance_is_never_less(name, rates, data, days, more):
    """Interest does not fall where more is open."""
    currency, rule = _rule(name, rates)
    item = data.draw(late_items(currency=currency))
    larger = attrs.evolve(
        item, steps=[BalanceStep(step.day, step.open_minor + more) for step in item.steps]
    )
    as_of = _as_of(item, days)

    assert (
        interest_on(item, policy=rule, as_of=as_of).unrounded_minor
        <= interest_on(larger, policy=rule, as_of=as_of).unrounded_minor
    )


@pytest.mark.parametrize("name", [*SIMPLE, *COMPOUND])
@LAWS
@given(data=st.data(), early=st.integers(0, 400))
def test_nothing_late_bears_nothing(name, rates, data, early):
    """Up to the due date there is no interest and no fixed sum, nor where nothing is open."""
    currency, rule = _rule(name, rates)
    item = data.draw(late_items(currency=currency))
    settled = attrs.evolve(item, steps=[BalanceStep(item.due_date, 0)])
    as_of = item.due_date - dt.timedelta(days=early)

    for one, day in ((item, as_of), (settled, _as_of(item, 900))):
        assert 0 == interest_on(one, policy=rule, as_of=day).unrounded_minor
        assert compensation_for(one, jurisdiction=rule.jurisdiction, as_of=day) is None


@given(data=st.data(), days=st.integers(1, 900))
def test_as_many_days_as_payment_is_late(data, rates, days):
    """What is open to the day asked for bears interest on as many days as lie between, by any span."""
    item = data.draw(late_items())
    bare = attrs.evolve(item, steps=item.steps[:1], excluded=(), stopped_on=None)
    as_of = _as_of(item, days)

    for name in ("eu", "ca-federal"):
        _, rule = _rule(name, rates)
        found = interest_on(bare, policy=rule, as_of=as_of)
        assert (as_of - item.due_date).days == found.days
