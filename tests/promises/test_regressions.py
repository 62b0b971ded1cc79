"""What went wrong once: the interest of a plan that is kept was asked for beside it."""

from __future__ import annotations

import datetime as dt

from receivables.ledger import DocumentIssued, Ledger
from receivables.promises import (
    holdbacks,
    interest_notes,
    offer_plan,
    plan_accepted,
    plan_offered,
    standings,
)
from receivables.testing.builders import an_invoice, issued, recorded

_OFFERED = dt.date(2026, 11, 2)


def _day(days):
    return _OFFERED + dt.timedelta(days=days)


def test_a_running_plan_holds_its_interest_too():
    """Until it is broken nobody asks for a part of it by itself; afterwards everybody may."""
    ledger = Ledger().record(issued(an_invoice()))
    items = ledger.open_items(as_of=_OFFERED)
    plan = offer_plan(
        items,
        plan="PP-1",
        customer="C-017",
        as_of=_OFFERED,
        installments=2,
        first_due_on=_day(10),
        rate_bps=1_200,
    )
    facts = {"creditor": "MIRA", "on": _OFFERED, "recorded_at": recorded(1)}
    (note,) = interest_notes(plan, items, creditor="MIRA", number="PI-1", on=_OFFERED)
    ledger = ledger.record(
        plan_offered(plan, **facts),
        plan_accepted(plan, **facts),
        DocumentIssued.of(note, recorded_at=recorded(2)),
    )

    held = holdbacks(ledger, "MIRA", as_of=_day(13))

    assert [(one.item, one.reference) for one in held] == [
        ("FA-1", "PP-1"),
        ("PI-1/1", "PP-1"),
        ("PI-1/2", "PP-1"),
    ]
    assert {one.state.value for one in standings(ledger, "MIRA", as_of=_day(16))} == {"broken"}
    assert holdbacks(ledger, "MIRA", as_of=_day(16)) == ()
