"""From a ledger to the history that a forecast learns from: only money pays."""

from __future__ import annotations

import datetime as dt

from receivables.forecast.history import history_of, open_items_of
from receivables.ledger import Ledger
from receivables.testing.builders import a_receipt, an_allocation, an_invoice, issued, received

AS_OF = dt.date(2026, 10, 31)


def _ledger(*events):
    return Ledger().record(issued(an_invoice(due_date=dt.date(2026, 10, 10))), *events)


def test_what_is_not_paid_is_open_in_both_lists():
    """An invoice without a payment has no day of payment, and is to be forecast."""
    ledger = _ledger()
    [history] = history_of(ledger, "MIRA", as_of=AS_OF, segments={"C-017": "retail"})
    [item] = open_items_of(ledger, "MIRA", as_of=AS_OF, disputed=["FA-1"])

    assert (history.paid_on, history.segment) == (None, "retail")
    assert (item.amount_minor, item.is_disputed) == (10_000, True)


def test_an_item_is_paid_on_the_day_of_the_money():
    """A payment that was booked on the fifteenth paid then, and the item is no longer open."""
    ledger = _ledger(received(a_receipt()), an_allocation())
    [item] = history_of(ledger, "MIRA", as_of=AS_OF)

    assert item.paid_on == dt.date(2026, 10, 15)
    assert open_items_of(ledger, "MIRA", as_of=AS_OF) == ()


def test_before_its_payment_it_was_open():
    """Asked for an earlier day, the same ledger knows of no payment."""
    ledger = _ledger(received(a_receipt()), an_allocation())
    [item] = history_of(ledger, "MIRA", as_of=dt.date(2026, 10, 12))

    assert item.paid_on is None
    assert history_of(ledger, "MIRA", as_of=dt.date(2026, 1, 1)) == ()


def test_a_payment_that_was_undone_has_never_been():
    """Once the allocation is undone the item is open again, on every later day."""
    ledger = _ledger(received(a_receipt()), an_allocation())
    last = ledger.events[-1]
    undone = ledger.unallocated(
        "MIRA",
        last.allocation.allocation,
        effective_on=dt.date(2026, 10, 20),
        recorded_at=last.recorded_at,
    )
    [item] = history_of(ledger.record(undone), "MIRA", as_of=AS_OF)

    assert item.paid_on is None
