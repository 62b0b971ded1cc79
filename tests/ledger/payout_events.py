"""Strategies for the events of payouts."""

from __future__ import annotations

from hypothesis import strategies as st

from receivables import casework as cw
from receivables.ledger import payouts as ev

from .case_events import creditors, days, moments, names
from .case_events import texts as _texts

_settled = st.builds(
    cw.SettledPayout,
    payout=names,
    processor=_texts,
    amount_minor=st.integers(-(10**12), 10**12),
    currency=st.sampled_from(["EUR", "JPY"]),
    fee_minor=st.integers(-(10**6), 10**6),
    reserved_minor=st.integers(-(10**6), 10**6),
    account=_texts,
    receipts=st.lists(names, max_size=3).map(tuple),
)

PAYOUT_EVENTS = {
    ev.PayoutSettled: st.builds(
        ev.PayoutSettled,
        event=names,
        effective_on=days,
        recorded_at=moments,
        creditor=creditors,
        payout=_settled,
    ),
}
