"""Small balances: what a policy would clean up, what stays and why, and nothing twice."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.accounting import Role, chart, journal, posting_rules
from receivables.errors import EventError
from receivables.ledger import ItemHeld
from receivables.testing.builders import a_receipt, an_allocation, received, recorded
from receivables.writeoffs import (
    SmallBalancePolicy,
    SmallBalanceSide,
    small_balance_events,
    small_balances,
)

from .worlds import CUSTOMER, DAY, MIRA, dispute, insolvent, invoice, ledger_of, promise, referred

POLICY = SmallBalancePolicy(items={"EUR": "1.00"}, min_days=30)


def run(ledger, policy=POLICY, *, as_of=DAY):
    """What a policy would clean up."""
    return small_balances(ledger, MIRA, as_of=as_of, policy=policy, label="house 1")


def booked(ledger, policy=POLICY, *, as_of=DAY, minute=40):
    """The ledger once it is."""
    events = small_balance_events(
        ledger, run(ledger, policy, as_of=as_of), recorded_at=recorded(minute)
    )
    return ledger.record(*events)


def taken(found):
    """The names of the items that a run takes."""
    return [line.item.item for line in found.lines]


def stays(found):
    """What is small and stays, and why."""
    return [(line.item.item, line.left_out) for line in found.left_out]


def test_what_is_small_and_old_is_taken():
    """At most the bound, at least so many days past due, and in a currency that is named."""
    ledger = ledger_of(
        invoice("FA-1", total="1.00"),
        invoice("FA-2", total="1.01"),
        invoice("FA-3", total="0.50", due_date=dt.date(2026, 12, 2)),
        invoice("FA-4", total="0.50", due_date=dt.date(2026, 12, 1)),
        invoice("FA-5", total="0.50", currency="USD"),
    )

    assert ["FA-1", "FA-4"] == taken(run(ledger))


def test_credits_are_cleaned_up_where_the_policy_says_so():
    """What we owe is somebody's: only by decision, and it is a gain."""
    ledger = ledger_of(
        invoice(total="0.40"), received(a_receipt(amount="0.30", booking_date=dt.date(2026, 11, 2)))
    )
    both = attrs.evolve(POLICY, sides=SmallBalanceSide)
    after = booked(ledger, both)

    assert ["FA-1"] == taken(run(ledger))
    assert ["FA-1", "r-1"] == taken(run(ledger, both))
    assert {"EUR"} == set(run(ledger, both).totals(SmallBalanceSide.CREDIT))
    assert () == after.open_items(as_of=DAY)
    lines = [
        (line.role, line.amount_minor)
        for entry in journal(
            after, chart=chart("fr-pcg"), functional_currency="EUR", rules=posting_rules("fr-pcg")
        ).entries
        for line in entry.lines
    ]
    assert (Role.DIFFERENCE_LOSS, 40) in lines
    assert (Role.DIFFERENCE_GAIN, -30) in lines


def held():
    """The event of an item that somebody keeps out of what runs by itself."""
    return ItemHeld(
        event="held",
        effective_on=DAY,
        recorded_at=recorded(9),
        creditor=MIRA,
        customer=CUSTOMER,
        item="FA-1",
    )


STAYS = [
    (dispute(amount="0.10"), "held"),
    (promise(due=dt.date(2027, 1, 31)), "held"),
    (referred(), "held"),
    (held(), "held"),
    (insolvent(), "insolvency"),
]


@pytest.mark.parametrize(("event", "why"), STAYS)
def test_what_somebody_works_on_stays(event, why):
    """Disputed, promised, referred, held, or to be filed in proceedings."""
    found = run(ledger_of(invoice(total="0.40"), event))

    assert ([], [("FA-1", why)]) == (taken(found), stays(found))


def test_what_a_later_event_takes_stays():
    """A receipt of next month may be what settles it."""
    later = dt.date(2027, 1, 20)
    ledger = ledger_of(
        invoice(total="0.40"),
        received(a_receipt(amount="0.40", booking_date=later)),
        an_allocation({"FA-1": 40, "r-1": -40}, effective_on=later),
    )

    assert [("FA-1", "held")] == stays(run(ledger))


def test_the_bounds_of_an_account_and_a_day_hold():
    """The oldest come first; a bound counts what was cleaned up before."""
    policy = attrs.evolve(POLICY, accounts={"EUR": "1.20"}, total={"EUR": "1.50"})
    ledger = ledger_of(
        *(
            invoice(f"FA-{n}", total="0.50", due_date=dt.date(2026, 10, n), customer=customer)
            for n, customer in enumerate(["C-1", "C-1", "C-1", "C-2", "C-3"], start=1)
        )
    )

    found = run(ledger, policy)

    assert ["FA-1", "FA-2", "FA-4"] == taken(found)
    assert [("FA-3", "account"), ("FA-5", "total")] == stays(found)
    after = booked(ledger, policy)
    assert [] == taken(run(after, policy))
    tomorrow = run(after, policy, as_of=DAY + dt.timedelta(days=1))
    assert (["FA-5"], [("FA-3", "account")]) == (taken(tomorrow), stays(tomorrow))
    much_later = run(after, policy, as_of=DAY + dt.timedelta(days=366))
    assert ["FA-3", "FA-5"] == taken(much_later)


def test_what_was_undone_stays():
    """Somebody wanted it back, so no run takes it again."""
    after = booked(ledger_of(invoice(total="0.40")))
    undone = after.record(
        after.unallocated(
            MIRA, f"small-balance:FA-1:{DAY}", effective_on=DAY, recorded_at=recorded(41)
        )
    )

    assert [("FA-1", "undone")] == stays(run(undone))


def test_a_run_that_is_stale_is_refused():
    """What was looked at is what is booked."""
    ledger = ledger_of(invoice(total="0.40"))
    found = run(ledger)

    with pytest.raises(EventError, match="open on 2026-12-31"):
        small_balance_events(booked(ledger), found, recorded_at=recorded(41))


@given(
    amounts=st.lists(st.integers(1, 150), min_size=1, max_size=8),
    account=st.integers(0, 400),
    total=st.integers(0, 400),
)
def test_a_run_twice_changes_nothing(amounts, account, total):
    """Whatever the bounds, a run of the same day after the first finds nothing, and no bound breaks."""
    policy = attrs.evolve(
        POLICY,
        accounts={"EUR": f"{account // 100}.{account % 100:02d}"},
        total={"EUR": f"{total // 100}.{total % 100:02d}"},
    )
    ledger = ledger_of(
        *(
            invoice(f"FA-{n}", total=f"{minor // 100}.{minor % 100:02d}", customer=f"C-{n % 2}")
            for n, minor in enumerate(amounts)
        )
    )
    first = run(ledger, policy)

    after = booked(ledger, policy)

    assert () == run(after, policy).lines
    assert total >= sum(line.item.open_minor for line in first.lines)
    assert all(line.item.open_minor <= 100 for line in first.lines)
