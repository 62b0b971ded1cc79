"""Late items, policies and days, for the tests of interest."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
from hypothesis import strategies as st

from receivables.interest import (
    AgreedRate,
    InterestPolicy,
    LateItem,
    RateSeries,
    RateTable,
    jurisdiction,
)
from receivables.money import money

DUE = dt.date(2024, 6, 15)


def late(amount="10000.00", *, due=DUE, currency="EUR", payments=(), item="F-1", **fields):
    """An item that is open from its due date on, less payments as pairs of day and amount."""
    paid = [(day, money(part, currency)) for day, part in payments]
    return LateItem.of(
        money(amount, currency),
        **{"creditor": "MIRA", "customer": "C-017", **fields},
        item=item,
        due_date=due,
        payments=paid,
    )


def one_rate(name, percent, *, since="1990-01-01"):
    """A table of one series with one rate for ever."""
    return RateTable([RateSeries.stepwise(name, {since: percent}, source="a test")])


def policy(name, rates=None, *, agreed=None, **changes):
    """A packaged jurisdiction with rates, an agreed rate in percent a year, and changes to it."""
    return InterestPolicy(
        jurisdiction=attrs.evolve(jurisdiction(name), **changes),
        rates=rates if rates is not None else RateTable(),
        agreed=None if agreed is None else AgreedRate(percent=agreed),
    )


SIMPLE = ("fr-business", "fr-public", "eu", "es", "be", "de-business", "de-consumer", "uk")
"""Packs of simple interest that have packaged rates for 2015 to 2026."""

CURRENCIES = {"uk": "GBP"}

DAYS = st.dates(dt.date(2015, 1, 10), dt.date(2026, 6, 30))


@st.composite
def late_items(draw, *, currency="EUR", due=None):
    """Items with part payments, some in dispute, some stopped."""
    due = due or draw(DAYS)
    amount = draw(st.integers(1, 10**9))
    moves, left = [(due, amount)], amount
    for days in sorted(draw(st.sets(st.integers(1, 900), max_size=4))):
        left -= draw(st.integers(0, left))
        moves.append((due + dt.timedelta(days=days), left))
    disputed = draw(st.none() | st.tuples(st.integers(0, 400), st.integers(0, amount)))
    stopped = draw(st.none() | st.integers(0, 900))
    return LateItem(
        item="F-1",
        creditor="MIRA",
        customer="C-017",
        currency=currency,
        due_date=due,
        steps=moves,
        excluded=[] if disputed is None else [(due + dt.timedelta(days=disputed[0]), disputed[1])],
        stopped_on=None if stopped is None else due + dt.timedelta(days=stopped),
    )


def percent(text):
    """A percentage as it is compared."""
    return Decimal(text).normalize()
