"""Histories of drawn ledgers: what is open is there with what is left of it, and the past stays as it was."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.forecast.history import history_of, open_items_of
from receivables.ledger import Ledger
from receivables.parties import UNIDENTIFIED
from receivables.testing.strategies import histories


def _creditors(ledger):
    return sorted(set(ledger.to_columns(as_of=dt.date(2100, 1, 1)).items["creditor"]))


def _days(events):
    return sorted({event.recorded_at.date() for event in events} | {dt.date(2100, 1, 1)})


@settings(max_examples=15, deadline=None)
@given(histories(), st.data())
def test_what_is_open_is_what_the_ledger_says(events, data):
    """Both lists hold the debits with a balance, and it; what is settled is paid by a day, or left out."""
    ledger = Ledger().record(*events)
    for creditor in _creditors(ledger):
        day = data.draw(st.sampled_from(_days(events)))
        balances = {
            item.item: item.open_minor
            for item in ledger.open_items(as_of=day)
            if item.creditor == creditor and item.open_minor > 0 and item.customer != UNIDENTIFIED
        }
        history = history_of(ledger, creditor, as_of=day)
        unpaid = {one.item: one.amount_minor for one in history if one.paid_on is None}
        asked = {one.item: one.amount_minor for one in open_items_of(ledger, creditor, as_of=day)}

        assert unpaid == asked == balances
        assert all(one.paid_on <= day for one in history if one.paid_on is not None)
        assert all(one.known_on <= day for one in history)
        assert len({one.item for one in history}) == len(history)


@settings(max_examples=15, deadline=None)
@given(histories(), st.data())
def test_what_was_recorded_later_is_not_known(events, data):
    """As known at a moment, a ledger says what it said when nothing later had been recorded."""
    last = data.draw(st.sampled_from(events)).recorded_at if events else None
    before = [event for event in events if last is not None and event.recorded_at <= last]
    ledger, early = Ledger().record(*events), Ledger().record(*before)
    for creditor in _creditors(ledger):
        for day in _days(events)[:3]:
            assert history_of(ledger, creditor, as_of=day, known_at=last) == history_of(
                early, creditor, as_of=day
            )
