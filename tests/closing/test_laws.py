"""Laws: a roll-forward is exact, and the differences of a tie-out add up, whatever the books."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from receivables.accounting import chart, journal
from receivables.closing import (
    GlBalance,
    GlPosting,
    Movement,
    MovementKind,
    control_movements,
    gl_postings,
    movements,
    roll_forward,
    tie_out,
)
from receivables.ledger import Ledger
from receivables.money import ExchangeRate, Rounding
from receivables.testing.strategies import dates, histories

AS_OF = dt.date(2026, 1, 10)
_DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 20))
_AMOUNTS = st.integers(-3, 3) | st.integers(-1_000, 1_000)
_CURRENCIES = st.sampled_from(("EUR", "JPY"))
_DOCUMENTS = st.sampled_from(("", "D1", "D2", "R-1"))
_CUSTOMERS = st.sampled_from(("", "C-001", "C-002"))


def _movement(account):
    return st.builds(
        Movement,
        kind=st.sampled_from(MovementKind),
        date=_DAYS,
        creditor=st.just("MIRA"),
        customer=_CUSTOMERS,
        currency=_CURRENCIES,
        amount_minor=_AMOUNTS,
        document=_DOCUMENTS,
        event=st.sampled_from(("e1", "e2", "e3")),
        account=account,
    )


_POSTINGS = st.builds(
    GlPosting,
    account=st.sampled_from(("411", "416", "467")),
    date=_DAYS,
    amount_minor=_AMOUNTS,
    currency=_CURRENCIES,
    document=_DOCUMENTS,
    customer=_CUSTOMERS,
)
_BALANCES = st.builds(
    GlBalance,
    account=st.sampled_from(("411", "416")),
    amount_minor=_AMOUNTS,
    currency=_CURRENCIES,
)
_BOOKS = st.lists(_movement(st.just("")), max_size=10) | st.lists(
    _movement(st.sampled_from(("411", "416"))), max_size=10
)


class _Rates:
    """Another rate each month, and exact."""

    def convert(self, amount, /, *, to, on):
        if amount.currency.code == to:
            return amount
        rate = ExchangeRate(base="EUR", quote="JPY", rate=Decimal(150 + on.month), date=on)
        return rate.convert(amount, rounding=Rounding.HALF_UP)


@given(histories(), dates(), dates(), st.integers(0, 12))
def test_a_roll_forward_is_exact(events, one, other, known):
    """Opening and movements are the closing for any two days, and no movement is unexplained."""
    ledger = Ledger.replay(events)
    first, last = min(one, other), max(one, other)
    moments = [event.recorded_at for event in events] or [None]
    known_at = moments[min(known, len(moments) - 1)]

    for options in ({}, {"known_at": known_at}, {"reported_at": known_at}):
        rolled = roll_forward(ledger, first=first, last=last, **options)
        closing = sum(
            item.open_minor
            for item in ledger.open_items(as_of=last, known_at=options.get("known_at"))
        )

        assert MovementKind.UNEXPLAINED not in rolled.kinds
        assert closing == sum(row.closing_minor for row in rolled.rows)


@given(histories(), dates())
def test_movements_are_the_open_balance(events, day):
    """All movements up to a day add up to what is open on it, account by account."""
    ledger = Ledger.replay(events)
    expected, found = {}, {}
    for item in ledger.open_items(as_of=day):
        key = (item.customer, item.currency)
        expected[key] = expected.get(key, 0) + item.open_minor
    for each in movements(ledger):
        if each.date <= day:
            key = (each.customer, each.currency)
            found[key] = found.get(key, 0) + each.amount_minor

    assert {key: minor for key, minor in expected.items() if minor} == {
        key: minor for key, minor in found.items() if minor
    }


@given(histories(), dates(), dates())
def test_the_functional_side_is_exact_too(events, one, other):
    """In the functional currency itself both sides are the same, and nothing is unexplained."""
    ledger = Ledger.replay(events)
    books = journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR", rates=_Rates())

    rolled = roll_forward(ledger, first=min(one, other), last=max(one, other), journal=books)

    assert MovementKind.UNEXPLAINED not in rolled.kinds
    for row in rolled.rows:
        if row.currency == "EUR":
            assert row.movements == row.functional_movements
            assert row.closing_minor == row.functional_closing_minor


@given(_BOOKS, st.lists(_POSTINGS | _BALANCES, max_size=10), st.sampled_from((None, 5)))
def test_differences_add_up(ours, theirs, since):
    """Whatever the books hold, the itemized differences are the total difference, by currency."""
    day = None if since is None else dt.date(2026, 1, since)

    tied = tie_out(ours, theirs, creditor="MIRA", as_of=AS_OF, accounts=("411", "416"), since=day)

    for currency in ("EUR", "JPY"):
        rows = [row for row in tied.rows if row.currency == currency]
        sub_ledger = sum(
            each.amount_minor for each in ours if each.currency == currency and each.date <= AS_OF
        )
        assert sub_ledger == sum(row.sub_ledger_minor for row in rows)
        assert sum(row.difference_minor for row in rows) == sum(
            one.difference_minor for one in tied.differences if one.currency == currency
        )
    assert all(sum(row.by_cause.values()) == row.difference_minor for row in tied.rows)


@given(histories(), dates())
def test_a_ledger_ties_out_with_its_own_journal(events, day):
    """On every day, in the currencies of the documents and in the functional one, nothing differs."""
    ledger = Ledger.replay(events)
    books = journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR", rates=_Rates())

    functional = tie_out(control_movements(books), gl_postings(books), creditor="MIRA", as_of=day)
    plain = tie_out(ledger, gl_postings(books, functional=False), creditor="MIRA", as_of=day)

    assert functional.is_zero
    assert plain.is_zero


@given(histories(), dates(), st.data())
def test_a_posting_left_out_is_found(events, day, data):
    """Without one posting of the journal the tie-out differs by exactly that one."""
    ledger = Ledger.replay(events)
    general = [
        GlPosting(
            account="411",
            date=each.date,
            amount_minor=each.amount_minor,
            currency=each.currency,
            document=each.document,
            customer=each.customer,
        )
        for each in movements(ledger)
    ]
    if not general:
        return
    lost = general.pop(data.draw(st.integers(0, len(general) - 1)))

    tied = tie_out(ledger, general, creditor="MIRA", as_of=day)

    expected = lost.amount_minor if lost.date <= day else 0
    assert expected == sum(one.difference_minor for one in tied.differences)
