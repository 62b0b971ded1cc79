"""The laws of payment behaviour: nothing looks ahead, size says nothing, and payments are what they are."""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.collection import payment_history
from receivables.ledger import Ledger
from receivables.scoring import (
    BehaviourPolicy,
    DueBasis,
    behaviour,
    behaviour_columns,
    behaviour_from,
    behaviour_series,
)
from receivables.scoring._history import View, read_accounts
from receivables.scoring._history_seeing import see
from receivables.testing.strategies import histories

from .behaviour_worlds import AS_OF, MIRA, experiences, lives

LAWS = settings(max_examples=20, deadline=None)
POLICIES = st.builds(
    BehaviourPolicy,
    months=st.integers(1, 24),
    recent_months=st.integers(1, 6),
    months_before=st.integers(1, 12),
    min_payments=st.integers(1, 3),
    late_days=st.integers(0, 5),
    due=st.sampled_from(DueBasis),
    leaves_out_disputed=st.booleans(),
)
HISTORIES = histories(max_steps=18) | lives()
BOOKS = st.lists(experiences(), max_size=12)


def _days(events):
    return sorted({event.effective_on for event in events}) or [AS_OF]


def _creditors(events):
    return sorted({event.accounts[0].partition("|")[0] for event in events}) or [MIRA]


@LAWS
@given(events=HISTORIES, policy=POLICIES, data=st.data())
def test_what_takes_effect_later_changes_nothing(events, policy, data):
    """A day's behaviour is that of the ledger without anything effective after the day."""
    day = data.draw(st.sampled_from(_days(events)))
    creditor = data.draw(st.sampled_from(_creditors(events)))
    seen = Ledger.replay(event for event in events if event.effective_on <= day)

    assert behaviour(seen, creditor, as_of=day, policy=policy) == behaviour(
        Ledger.replay(events), creditor, as_of=day, policy=policy
    )


@LAWS
@given(events=HISTORIES, policy=POLICIES, data=st.data())
def test_what_is_learned_later_changes_nothing(events, policy, data):
    """As known at a moment, behaviour is that of the ledger that had only what was known then."""
    if not events:
        return
    moment = data.draw(st.sampled_from(sorted({event.recorded_at for event in events})))
    day = data.draw(st.sampled_from(_days(events)))
    creditor = data.draw(st.sampled_from(_creditors(events)))
    then = Ledger.replay(event for event in events if event.recorded_at <= moment)

    at = behaviour(Ledger.replay(events), creditor, as_of=day, known_at=moment, policy=policy)

    assert behaviour(then, creditor, as_of=day, known_at=moment, policy=policy) == at
    known_now = behaviour(then, creditor, as_of=day, policy=policy)
    assert {name: attrs.evolve(one, known_at=moment) for name, one in known_now.items()} == at


@LAWS
@given(events=HISTORIES, data=st.data())
def test_payments_are_those_of_the_payment_history(events, data):
    """What is read here of each item is what `payment_history` says of it."""
    ledger, day = Ledger.replay(events), data.draw(st.sampled_from(_days(events)))
    creditor = data.draw(st.sampled_from(_creditors(events)))
    moment = data.draw(
        st.none() | st.sampled_from([event.recorded_at for event in events] or [None])
    )

    history = payment_history(ledger, creditor, as_of=day, known_at=moment)

    accounts = read_accounts(ledger, creditor)
    view = View(
        as_of=day,
        known_at=moment,
        months=1_200,
        reach=1_200,
        due=DueBasis.LATEST,
        undone=accounts.undone,
        disputed={},
    )
    for customer, account in accounts.by_customer.items():
        found = sorted(
            (currency, paid_on, minor, str(late), is_partial)
            for currency, seen in see(account, view).by_currency.items()
            for _, paid_on, late, minor, is_partial, _ in seen.parts
        )
        expected = sorted(
            (
                part.currency,
                part.paid_on.toordinal(),
                part.amount_minor,
                str(part.days_late),
                part.is_partial,
            )
            for part in history.by_customer.get(customer, ())
        )
        assert expected == found


@LAWS
@given(events=HISTORIES, policy=POLICIES)
def test_a_series_says_what_each_day_says(events, policy):
    """Reading once changes nothing."""
    ledger, days = Ledger.replay(events), _days(events)

    found = dict(behaviour_series(ledger, MIRA, days=days, policy=policy))

    assert {day: behaviour(ledger, MIRA, as_of=day, policy=policy) for day in days} == found


@LAWS
@given(events=HISTORIES, data=st.data())
def test_what_is_open_is_what_the_ledger_says(events, data):
    """The debits of a day, by customer and currency."""
    ledger, day = Ledger.replay(events), data.draw(st.sampled_from(_days(events)))
    owed = {}
    for item in ledger.open_items(as_of=day):
        if item.creditor == MIRA and item.open_minor > 0:
            key = (item.customer, item.currency)
            owed[key] = owed.get(key, 0) + item.open_minor

    found = {
        (customer, currency): figures.open_minor
        for customer, one in behaviour(ledger, MIRA, as_of=day).items()
        for currency, figures in one.by_currency.items()
        if figures.open_minor
    }

    assert owed == found


@LAWS
@given(book=BOOKS, factor=st.integers(2, 1_000))
def test_size_says_nothing(book, factor):
    """Amounts times a number leave every characteristic as it is."""
    larger = [attrs.evolve(one, amount_minor=one.amount_minor * factor) for one in book]

    one, other = behaviour_from(book, as_of=AS_OF), behaviour_from(larger, as_of=AS_OF)

    for code in ("", "EUR", "JPY"):
        assert behaviour_columns(one.values(), currency=code) == behaviour_columns(
            other.values(), currency=code
        )


@LAWS
@given(book=st.lists(experiences(), min_size=1, max_size=8), data=st.data())
def test_an_item_in_two_parts_is_the_same(book, data):
    """Two items of one day, due on one day and paid on one day, are one."""
    whole = data.draw(st.sampled_from(book))
    part = data.draw(st.integers(0, whole.amount_minor))
    rest = [one for one in book if one is not whole]
    parts = [
        attrs.evolve(whole, amount_minor=minor)
        for minor in (part, whole.amount_minor - part)
        if minor
    ]

    one, other = behaviour_from(book, as_of=AS_OF), behaviour_from([*rest, *parts], as_of=AS_OF)

    for code in ("", "EUR", "JPY"):
        assert dict(behaviour_columns(_sorted(one), currency=code)) == dict(
            behaviour_columns(_sorted(other), currency=code)
        )


def _sorted(found):
    return [one for _, one in sorted(found.items())]


@LAWS
@given(book=st.lists(experiences(dated=True), max_size=12))
def test_paying_on_the_due_day_is_80(book):
    """Whatever else differs."""
    prompt = [attrs.evolve(one, paid_on=one.due_date) for one in book]
    prompt = [one for one in prompt if one.due_date <= AS_OF]

    for one in behaviour_from(prompt, as_of=AS_OF).values():
        for figures in one.by_currency.values():
            assert figures.paydex() in (None, 80)
            assert figures.paydex_with_open() in (None, 80)


@LAWS
@given(book=BOOKS, days=st.integers(1, 60))
def test_paying_later_never_gives_a_higher_score(book, days):
    """Of what is paid in the window either way."""
    window = BehaviourPolicy(months=1_200)
    before = [one for one in book if one.paid_on and one.paid_on <= AS_OF - dt.timedelta(days)]
    later = [
        attrs.evolve(one, paid_on=one.paid_on + dt.timedelta(days), since=dt.date(2020, 1, 1))
        for one in before
    ]
    before = [attrs.evolve(one, since=dt.date(2020, 1, 1)) for one in before]

    one = behaviour_from(before, as_of=AS_OF, policy=window)
    other = behaviour_from(later, as_of=AS_OF, policy=window)

    for customer, found in one.items():
        for currency, figures in found.by_currency.items():
            score = other[customer].by_currency[currency].paydex()
            assert (figures.paydex() is None and score is None) or figures.paydex() >= score


@LAWS
@given(book=BOOKS, policy=POLICIES)
def test_figures_stay_in_their_bounds(book, policy):
    """Shares are parts of a whole, scores on the scale, and a spread is never negative."""
    for one in behaviour_from(book, as_of=AS_OF, policy=policy).values():
        for figures in one.by_currency.values():
            for name in ("late_bps", "full_bps", "partial_bps", "overdue_bps", "used_bps"):
                assert 0 <= (getattr(figures, name) or 0) <= 10_000
            assert 0 <= (figures.spread_days_late or 0)
            assert 0 <= (figures.deviation_days_late or 0)
            assert figures.paydex() is None or 1 <= figures.paydex() <= 100
            assert figures.overdue_minor <= figures.open_minor <= figures.highest_balance_minor
