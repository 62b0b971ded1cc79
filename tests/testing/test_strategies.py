"""Strategies draw what they say, and only what is legal."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables import limits
from receivables.documents import open_items
from receivables.ledger import (
    Allocated,
    DocumentCancelled,
    Ledger,
    ReceiptIdentified,
    ReceiptReturned,
    Unallocated,
)
from receivables.money import exact, to_minor
from receivables.testing import strategies as s

SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(s.histories())
def test_a_ledger_accepts_every_history(events):
    """Every drawn history replays without a refusal, event by event."""
    assert events == Ledger.replay(events).events


@SETTINGS
@given(s.histories())
def test_histories_are_recorded_in_their_order(events):
    """The moment of recording never goes back; the day that an event counts from may."""
    moments = [event.recorded_at for event in events]

    assert sorted(moments) == moments


KINDS = {Allocated, DocumentCancelled, ReceiptIdentified, ReceiptReturned, Unallocated}


def test_histories_have_every_kind_of_event():
    """Nothing that can happen is left out."""
    found = set()

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(s.histories())
    def search(events):
        found.update(type(event) for event in events)

    search()

    assert KINDS < found


def test_histories_go_back_in_time():
    """Some event counts from an earlier day than the one recorded before it."""
    found = []

    @settings(max_examples=50, deadline=None, database=None, derandomize=True)
    @given(s.histories())
    def search(events):
        days = [event.effective_on for event in events]
        found.append(days != sorted(days))

    search()

    assert any(found)


@SETTINGS
@given(s.monies())
def test_monies_are_exact(amount):
    """Every amount has the decimals of its currency and is within the bounds."""
    assert amount == exact(amount)
    assert abs(to_minor(amount)) <= limits.AMOUNT_MINOR_MAX


@SETTINGS
@given(s.documents())
def test_documents_add_up(document):
    """The items of a document come to its total."""
    total = sum(abs(item.amount_minor) for item in open_items(document))

    assert to_minor(document.total) == total


@SETTINGS
@given(s.receipts(identified=True), s.receipts(identified=False))
def test_receipts_are_identified_as_asked(known, unknown):
    """A receipt has a customer or none, as the test needs it."""
    assert known.customer
    assert not unknown.customer


@SETTINGS
@given(s.customers(), s.customer_ids(count=2), s.currencies())
def test_parties_are_named(customer, name, currency):
    """Customers have a name, identifiers come from a handful, currencies are known."""
    assert customer.name.strip()
    assert name in {"C-001", "C-002"}
    assert 3 == len(currency)


@SETTINGS
@given(s.open_items_lists(dated=True), s.aging_schemes())
def test_items_are_distinct_and_open(items, scheme):
    """Items have identities of their own, an open amount with their sign, and a due date."""
    assert len(items) == len({item.item for item in items})
    assert all(0 < abs(item.open_minor) <= abs(item.amount_minor) for item in items)
    assert all(item.due_date for item in items)
    assert len(scheme.labels) == len(scheme.upper_bounds) + 1


@SETTINGS
@given(s.open_items_lists(currency="EUR"), st.data())
def test_allocations_are_payable(items, data):
    """No leg takes more than is open, and none appears where nothing can be paid."""
    allocation = data.draw(s.allocations(items))
    sides = {item.open_minor > 0 for item in items}

    assert (allocation is None) == (len(sides) < 2)
    if allocation:
        opened = {item.item: item.open_minor for item in items}
        assert all(0 < leg.amount_minor / opened[leg.item] <= 1 for leg in allocation.legs)


_WITHOUT = """
import sys
sys.modules["hypothesis"] = None
import receivables.testing, receivables.testing.builders, receivables.testing.company
try:
    import receivables.testing.strategies
except ImportError as error:
    print(type(error).__name__, error)
"""


def test_only_the_strategies_need_hypothesis():
    """The rest of the package works without it; the strategies say which extra brings it."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("MissingExtraError")
    assert "receivables[testing]" in done.stdout
