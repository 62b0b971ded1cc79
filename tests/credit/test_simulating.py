"""A policy over the past: what it holds, what became of it, and how policies compare."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.casework import CreditSuspension
from receivables.casework.credit import CheckOutcome, CreditRule
from receivables.credit.model import Commitment
from receivables.credit.policies import credit_policy
from receivables.credit.recording import credit_reinstated, credit_suspended, limit_ended
from receivables.credit.simulating import CreditKnowledge, compare, simulate
from receivables.errors import PolicyError
from receivables.ledger import Allocated, Ledger
from receivables.money import from_minor, money
from receivables.testing.builders import (
    a_credit_note,
    an_invoice,
    an_unallocation,
    issued,
    recorded,
)

from .check_worlds import CUSTOMERS, EARLY, a_limit, a_policy, granted, settled

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
POLICY = a_policy({"limit": {"warn": 9_000, "hold": 10_000}, "oldest-item": {"hold": 30}})


def sold(number, on, amount="600.00", *, customer="C-001", days=30, minute=1):
    """The event of an invoice."""
    document = an_invoice(
        number,
        total=amount,
        customer=customer,
        document_date=on,
        due_date=on + dt.timedelta(days=days),
    )
    return issued(document, minute=minute)


def day(month, number=1):
    """A day of 2026."""
    return dt.date(2026, month, number)


def given_up(item, minor, *, on, minute):
    """The event that writes off what is left of an item."""
    value = Allocation(
        allocation=f"w-{item}",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg(item, minor)],
        residuals=[Residual(ResidualKind.WRITE_OFF, minor, item=item)],
    )
    return Allocated(
        event=f"w-{item}",
        effective_on=on,
        recorded_at=recorded(minute),
        allocation=value,
        customers=["C-001"],
    )


def a_past():
    """Five sales: paid in time, paid late, written off, left open, and one that is young."""
    return Ledger().record(
        granted(a_limit("1000.00")),
        sold("F-1", day(1)),
        sold("F-2", day(2), "500.00", minute=2),
        sold("F-3", day(3), "500.00", minute=3),
        sold("F-4", day(6), "300.00", minute=4),
        sold("F-5", day(12), "100.00", minute=5),
        *settled("F-1", 60_000, customer="C-001", on=day(1, 20), minute=6),
        *settled("F-2", 50_000, customer="C-001", on=day(5), minute=7),
        given_up("F-3", 50_000, on=day(11), minute=8),
    )


def said(found):
    """Outcome and rules of each sale."""
    return {
        sale.number: (sale.outcome.value, [rule.value for rule in sale.rules])
        for sale in found.sales
    }


def run(ledger, policy=POLICY, **fields):
    """A simulation of 2026."""
    return simulate(
        ledger, "MIRA", policy, **{"first": FIRST, "last": LAST, "customers": CUSTOMERS, **fields}
    )


def test_each_sale_is_checked_as_the_books_stood_before_it():
    """What is paid later does not help, and what is issued later does not harm."""
    assert said(run(a_past())) == {
        "F-1": ("allow", []),
        "F-2": ("allow", []),
        "F-3": ("warn", ["limit"]),
        "F-4": ("hold", ["oldest-item"]),
        "F-5": ("hold", ["oldest-item"]),
    }


def test_what_became_of_each_sale_is_told():
    """Paid in time, late, written off, open far too long, or open still."""
    fates = {
        sale.number: (
            sale.in_time_minor,
            sale.late_minor,
            sale.written_off_minor,
            sale.defaulted_minor,
            sale.open_minor,
        )
        for sale in run(a_past()).sales
    }

    assert fates == {
        "F-1": (60_000, 0, 0, 0, 0),
        "F-2": (0, 50_000, 0, 0, 0),
        "F-3": (0, 0, 50_000, 0, 0),
        "F-4": (0, 0, 0, 30_000, 0),
        "F-5": (0, 0, 0, 0, 10_000),
    }


def test_the_end_may_be_judged_later_than_the_last_sale():
    """The sales are those of the period; what became of them is known on another day."""
    found = run(a_past(), last=day(3, 31), judged_on=day(4, 30))
    third = found.sales[2]

    assert [sale.number for sale in found.sales] == ["F-1", "F-2", "F-3"]
    assert (third.open_minor, third.written_off_minor, found.judged_on) == (50_000, 0, day(4, 30))


def test_days_of_grace_and_of_loss_are_choices():
    """Some days late may still count as in time, and a loss may begin earlier or later."""
    found = run(a_past(), grace_days=60, lost_after_days=1_000)

    assert (found.sales[1].in_time_minor, found.sales[3].open_minor) == (50_000, 30_000)


def test_totals_say_what_was_lost_and_what_was_good():
    """One total per currency and outcome."""
    totals = {one.outcome: one for one in run(a_past()).totals()}
    allowed, held = totals[CheckOutcome.ALLOW], totals[CheckOutcome.HOLD]

    assert (allowed.sales, allowed.good_sales, allowed.good_minor) == (2, 1, 60_000)
    assert (held.sales, held.lost_sales, held.lost_minor) == (2, 1, 30_000)
    assert run(a_past()).by_rule() == {CreditRule.OLDEST_ITEM: 2}


def test_policies_are_compared_over_the_same_past():
    """What each would have held, saved and missed, and the good sales that it would have cost."""
    ledger = a_past()
    none = a_policy({})
    all_held = a_policy({"no-limit": {"outcome": "hold"}, "limit": {"hold": 0}}, version="2")
    rows = compare(*(run(ledger, policy) for policy in (none, POLICY, all_held)))

    assert [
        (row["held_sales"], row["saved_minor"], row["missed_minor"], row["good_held_minor"])
        for row in rows
    ] == [(0, 0, 80_000, 0), (2, 30_000, 50_000, 0), (5, 80_000, 0, 60_000)]
    assert rows[0]["policy"] == "house 1"
    with pytest.raises(PolicyError, match="simulations must be of the same days"):
        compare(run(ledger), run(ledger, last=day(6)))


def test_what_was_learned_late_counts_late_where_knowledge_is_that_of_then():
    """A limit that was recorded in November was none in January."""
    ledger = a_past()
    policy = a_policy({"no-limit": {"outcome": "hold"}})

    assert said(run(ledger, policy))["F-1"] == ("allow", [])
    then = run(ledger, policy, known="then")
    assert (then.knowledge, said(then)["F-1"]) == (CreditKnowledge.THEN, ("hold", ["no-limit"]))
    assert said(then)["F-5"] == ("allow", [])


def test_what_was_ordered_counts_on_its_days():
    """A commitment is in the exposure from its first day to its last."""
    ordered = Commitment(
        commitment="SO-1",
        customer="C-001",
        kind="orders",
        amount=money("900.00", "EUR"),
        since=day(2, 1),
        until=day(2, 28),
    )
    policy = a_policy({"limit": {"hold": 10_000}})
    found = said(run(a_past(), policy, commitments=[ordered]))

    assert [number for number, (outcome, _) in found.items() if outcome == "hold"] == ["F-2"]


def kept_back(item, receipt, *, paid, kept, on, minute):
    """The event of a payment that keeps something back, which stays owed."""
    value = Allocation(
        allocation="k-1",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg(item, paid + kept), Leg(receipt, -paid)],
        residuals=[Residual(ResidualKind.DEDUCTION, kept, item=item)],
    )
    return Allocated(
        event="k-1",
        effective_on=on,
        recorded_at=recorded(minute),
        allocation=value,
        customers=["C-001"],
    )


def test_what_was_kept_back_stays_owed_and_comes_back():
    """A deduction is an item of its own until its allocation is undone."""
    policy = a_policy({"share-past-due": {"hold": 9_999}, "oldest-item": {"warn": 1}})
    paid, _ = settled("F-1", 50_000, customer="C-001", on=day(1, 20), minute=2)
    done = kept_back("F-1", "paid-F-1", paid=50_000, kept=10_000, on=day(1, 20), minute=3)
    undone = an_unallocation(done, effective_on=day(4), minute=5)
    ledger = Ledger().record(
        sold("F-1", day(1)), paid, done, sold("F-2", day(3), days=60, minute=4), undone
    )
    found = run(ledger.record(sold("F-3", day(4, 2), minute=6)), policy)

    assert said(found) == {
        "F-1": ("allow", []),
        "F-2": ("hold", ["oldest-item", "share-past-due"]),
        "F-3": ("warn", ["oldest-item"]),
    }


def test_limits_and_suspensions_end_on_their_day():
    """What is over before an invoice does not count for it."""
    line = a_limit("1000.00")
    stop = CreditSuspension(suspension="S-1", customer="C-001", reason="manual", by="J. Roy")
    told = {"creditor": "MIRA", "recorded_at": recorded(1)}
    ledger = Ledger().record(
        granted(line),
        credit_suspended(stop, on=day(1, 15), **told),
        credit_reinstated(stop, on=day(2, 15), **told),
        limit_ended(line, on=day(3, 15), **told),
        *(sold(f"F-{month}", day(month), "1.00", minute=2) for month in (1, 2, 3, 4)),
    )
    policy = a_policy({"suspended": {"outcome": "refuse"}, "no-limit": {"outcome": "hold"}})

    assert {number: outcome for number, (outcome, _) in said(run(ledger, policy)).items()} == {
        "F-1": "allow",
        "F-2": "refuse",
        "F-3": "allow",
        "F-4": "hold",
    }


def test_credit_notes_are_no_sales():
    """Only invoices are requests for credit."""
    note = issued(a_credit_note("AV-1", customer="C-001", document_date=day(2)), minute=9)

    assert "AV-1" not in said(run(a_past().record(note)))


def test_rows_are_plain():
    """A table takes them as they are."""
    row = run(a_past()).rows()[2]

    assert (row["number"], row["outcome"], row["rules"], row["lost_minor"]) == (
        "F-3",
        "warn",
        "limit",
        50_000,
    )


def test_a_period_must_not_end_before_it_starts():
    """The days follow each other."""
    with pytest.raises(PolicyError, match="first, last and judged_on must follow each other"):
        run(a_past(), first=LAST, last=FIRST)
    with pytest.raises(PolicyError, match="judged_on must follow"):
        run(a_past(), judged_on=FIRST)


def test_a_customer_of_many_invoices_is_gone_through_once():
    """Ten thousand open invoices of one customer take no more than their number."""
    start = dt.date(2026, 1, 1)
    events = [granted(a_limit("1.00"), on=EARLY)]
    for place in range(2_000):
        on = start + dt.timedelta(days=place % 300)
        events.append(sold(f"N-{place}", on, from_minor(100 + place, "EUR"), minute=1))
    ledger = Ledger.replay(events)
    found = run(ledger, credit_policy("strict"))

    assert len(found.sales) == 2_000
    assert found.sales[-1].outcome is CheckOutcome.REFUSE
