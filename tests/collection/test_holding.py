"""Everything that is held back on a day adds up, and nothing of it is lost."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.casework import Dispute, DisputedPart, PromiseToPay
from receivables.collection import held_on
from receivables.disputes import dispute_opened
from receivables.dunning.holding import held_back
from receivables.ledger import Ledger
from receivables.money import money
from receivables.promises import promise_made
from receivables.testing.builders import an_invoice, issued, recorded

_DAY = dt.date(2026, 11, 5)
_FACTS = {"creditor": "MIRA", "on": _DAY, "recorded_at": recorded(1)}


@pytest.mark.parametrize(
    ("items", "held"),
    [((), (10_000, 1_000)), (("FA-1", "FA-2"), (10_000, 1_000)), (("FA-1",), (10_000, 0))],
    ids=["about all", "about both", "about one"],
)
def test_a_promise_goes_over_what_nobody_contests(items, held):
    """Sixty contested and fifty promised of two hundred leave ninety to ask for, where both fit."""
    case = Dispute(
        dispute="D-1",
        customer="C-017",
        parts=[DisputedPart(item="FA-1", amount=money("60.00", "EUR"))],
        reason="quality",
        owner="quality",
    )
    promise = PromiseToPay(
        promise="P-1",
        customer="C-017",
        amount=money("50.00", "EUR"),
        due_on=_DAY + dt.timedelta(days=5),
        items=items,
    )
    ledger = Ledger().record(
        issued(an_invoice("FA-1")),
        issued(an_invoice("FA-2")),
        dispute_opened(case, **_FACTS),
        promise_made(promise, **_FACTS),
    )
    open_now = ledger.open_items(as_of=_DAY)

    found = held_back(held_on(ledger, "MIRA", open_now, as_of=_DAY), as_of=_DAY)

    sums = [
        found[item.creditor, item.item] for item in open_now if (item.creditor, item.item) in found
    ]
    assert tuple(one.of(10_000) for one in sums) == held[: len(sums)]
    assert sum(one.of(10_000) for one in sums) == sum(held)
