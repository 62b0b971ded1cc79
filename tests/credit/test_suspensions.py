"""Suspending and reinstating by rule, and what calls for a review."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings

from receivables.casework import CreditReview, CreditSuspension, Insolvency, PromiseToPay
from receivables.casework.credit import CreditRule, SuspensionReason
from receivables.credit.checking import CreditDesk
from receivables.credit.policies import SUSPENSION_REASONS
from receivables.credit.recording import (
    credit_reinstated,
    credit_reviewed,
    credit_suspended,
    insolvency_reported,
    limit_ended,
    suspensions_in_force,
)
from receivables.credit.reviewing import ReviewReasonKind, review_calendar
from receivables.credit.suspensions import reinstate_by_rule, review_triggers, suspend_by_rule
from receivables.ledger import Ledger
from receivables.money import money
from receivables.promises import promise_made
from receivables.testing.builders import a_receipt, a_return, received, recorded

from .check_worlds import (
    CUSTOMERS,
    DAY,
    EARLY,
    RATES,
    a_limit,
    a_policy,
    granted,
    owing,
    policies,
    settled,
    worlds,
)

POLICY = a_policy(
    {"limit": {"hold": 10_000}, "oldest-item": {"warn": 10, "hold": 30}},
    suspends=["oldest-item", "limit"],
)
LATER = DAY + dt.timedelta(days=1)
ALL = tuple(ReviewReasonKind)


def desk_of(ledger, *, as_of=DAY, policy=POLICY):
    """A desk of a day."""
    return CreditDesk(ledger, "MIRA", as_of=as_of, policy=policy, customers=CUSTOMERS, rates=RATES)


def a_book():
    """C-001 is forty days late and over its limit, C-002 a fortnight late."""
    return Ledger().record(
        granted(a_limit("100.00")),
        *owing("150.00", days=40),
        *owing("70.00", customer="C-002", days=14, first=5),
    )


def test_a_rule_that_would_hold_proposes_a_suspension():
    """Each rule that suspends is told with its reason, its figures and what it is about."""
    found = suspend_by_rule(desk_of(a_book()), recorded_at=recorded(9))

    assert [
        (one.suspension.suspension, one.suspension.reason, one.suspension.reference)
        for one in found
    ] == [
        ("C-001:limit:2026-10-31", SuspensionReason.LIMIT_EXCEEDED, "F-0"),
        ("C-001:oldest-item:2026-10-31", SuspensionReason.PAST_DUE, "F-0"),
    ]
    assert found[1].suspension.rule == "house 1: oldest-item"
    assert found[1].suspension.note == "40 days, hold at 30"


def test_what_is_recorded_is_not_proposed_again():
    """The same question proposes nothing once its answer is on the ledger, nor on the day after."""
    book = a_book()
    proposed = suspend_by_rule(desk_of(book), recorded_at=recorded(9))
    known = book.record(*proposed)

    assert suspend_by_rule(desk_of(known), recorded_at=recorded(10)) == ()
    assert suspend_by_rule(desk_of(known, as_of=LATER), recorded_at=recorded(10)) == ()


def test_who_was_reinstated_by_hand_is_not_suspended_again_on_the_same_day():
    """A person's decision holds for the day; on the next one the rule speaks again."""
    book = a_book()
    proposed = suspend_by_rule(desk_of(book), recorded_at=recorded(9))
    lifted = [
        credit_reinstated(
            one.suspension, creditor="MIRA", on=DAY, recorded_at=recorded(10), by="J. Roy"
        )
        for one in proposed
    ]
    known = book.record(*proposed, *lifted)

    assert suspend_by_rule(desk_of(known), recorded_at=recorded(11)) == ()
    assert len(suspend_by_rule(desk_of(known, as_of=LATER), recorded_at=recorded(11))) == 2


def test_a_rule_lifts_what_it_suspended_once_its_cause_is_gone():
    """The end says which rule does not speak any more; the other rule still does."""
    book = a_book()
    known = book.record(*suspend_by_rule(desk_of(book), recorded_at=recorded(9)))
    (still,) = settled("F-0", 6_000, customer="C-001", on=LATER, minute=10)[:1]
    paid = known.record(still)
    (ended,) = reinstate_by_rule(desk_of(paid, as_of=LATER), recorded_at=recorded(11))

    assert reinstate_by_rule(desk_of(known), recorded_at=recorded(11)) == ()
    assert (ended.suspension, ended.by) == ("C-001:limit:2026-10-31", "")
    assert ended.reason == "house 1: limit does not speak any more"
    assert (
        reinstate_by_rule(desk_of(paid.record(ended), as_of=LATER), recorded_at=recorded(12)) == ()
    )


def test_what_a_person_suspended_no_rule_lifts():
    """By hand, by a policy of another name, or for a rule that no policy has, it stays."""
    reasons = [
        {"by": "J. Roy"},
        {"by": "J. Roy", "rule": "house 1: limit"},
        {"rule": "strict 1: limit"},
        {"rule": "house 1: weather"},
    ]
    book = Ledger().record(
        *(
            credit_suspended(
                CreditSuspension(
                    suspension=f"S-{place}", customer="C-001", reason="manual", **fields
                ),
                creditor="MIRA",
                on=DAY,
                recorded_at=recorded(),
            )
            for place, fields in enumerate(reasons)
        )
    )

    assert reinstate_by_rule(desk_of(book), recorded_at=recorded(1)) == ()


def test_another_version_of_the_policy_lifts_what_the_one_before_suspended():
    """A suspension belongs to the policy's name, and is judged by the rules of now."""
    book = a_book()
    known = book.record(*suspend_by_rule(desk_of(book), recorded_at=recorded(9)))
    milder = a_policy({"limit": {"hold": 20_000}}, version="2", suspends=["limit", "oldest-item"])
    found = reinstate_by_rule(desk_of(known, policy=milder), recorded_at=recorded(10))

    assert {one.suspension for one in found} == {
        "C-001:limit:2026-10-31",
        "C-001:oldest-item:2026-10-31",
    }


def test_a_policy_that_suspends_nobody_proposes_nothing():
    """Rules suspend only where the policy says that they do."""
    policy = attrs.evolve(POLICY, suspends=[])

    assert suspend_by_rule(desk_of(a_book(), policy=policy), recorded_at=recorded(9)) == ()


@settings(max_examples=15, deadline=None)
@given(worlds(), policies())
def test_suspending_twice_changes_nothing_and_no_rule_lifts_what_it_would_suspend(events, policy):
    """What is proposed is accepted by the ledger, once; its cause is there on the same day."""
    book = Ledger.replay(events)
    proposed = suspend_by_rule(desk_of(book, policy=policy), recorded_at=recorded(50))
    known = book.record(*proposed)
    desk = desk_of(known, policy=policy)

    assert suspend_by_rule(desk, recorded_at=recorded(51)) == ()
    assert reinstate_by_rule(desk, recorded_at=recorded(51)) == ()
    assert len(suspensions_in_force(known, "MIRA", as_of=DAY)) == len(proposed) + len(
        suspensions_in_force(book, "MIRA", as_of=DAY)
    )


def bounced(on=DAY, name="r-1", customer="C-001", minute=3):
    """A payment that came in and went back."""
    came = received(a_receipt(name, customer=customer, booking_date=on), minute=minute)
    return [came, a_return(name, customer=customer, effective_on=on, minute=minute + 1)]


def broken():
    """A promise of C-001 that was broken five days before `DAY`."""
    promise = PromiseToPay(
        promise="P-1",
        customer="C-001",
        amount=money("50.00", "EUR"),
        due_on=DAY - dt.timedelta(days=6),
        items=["F-0"],
    )
    given_on = DAY - dt.timedelta(days=9)
    return promise_made(promise, creditor="MIRA", on=given_on, recorded_at=recorded(2))


def triggers(ledger, **fields):
    """What calls for a review, in short."""
    found = review_triggers(ledger, "MIRA", **{"as_of": DAY, **fields})
    return [(one.customer, one.kind.value, one.on, one.reference) for one in found]


def test_returns_promises_and_limits_call_for_a_review():
    """Each is told with its day and the thing that it is; a limit needs a desk."""
    ledger = Ledger().record(
        granted(a_limit("100.00")), *owing("150.00", days=40), broken(), *bounced()
    )

    assert triggers(ledger, desk=desk_of(ledger)) == [
        ("C-001", "broken-promise", DAY - dt.timedelta(days=5), "P-1"),
        ("C-001", "limit-exceeded", DAY, "F-0"),
        ("C-001", "returned-payment", DAY, "r-1"),
    ]
    assert triggers(ledger, since=DAY) == [("C-001", "returned-payment", DAY, "r-1")]
    assert triggers(ledger, known_at=recorded(1)) == []


def test_proceedings_and_lost_cover_are_told_on_demand():
    """The review calendar finds them itself, so that they are told only where they are asked for."""
    insured = a_limit("100.00", kind="insured")
    proceedings = Insolvency(insolvency="I-1", customer="C-001", kind="liquidation", opened_on=DAY)
    ledger = Ledger().record(
        granted(insured, on=EARLY),
        limit_ended(insured, creditor="MIRA", on=DAY, recorded_at=recorded(1)),
        insolvency_reported(proceedings, creditor="MIRA", on=DAY, recorded_at=recorded(2)),
    )

    assert triggers(ledger) == []
    assert triggers(ledger, kinds=ALL) == [
        ("C-001", "insolvency", DAY, "I-1"),
        ("C-001", "limit-ended", DAY, "L-1"),
    ]


def test_a_review_has_looked_at_what_happened_before_it():
    """What happened up to the day of a review does not call for another one."""
    review = CreditReview(review="V-1", customer="C-001", action="keep")
    held = credit_reviewed(review, creditor="MIRA", on=DAY, recorded_at=recorded(9))
    after = bounced(on=LATER, name="r-2", minute=10)
    ledger = Ledger().record(*bounced(), held, *after)

    assert triggers(ledger, as_of=LATER) == [("C-001", "returned-payment", LATER, "r-2")]


def test_the_calendar_takes_the_triggers():
    """A returned payment makes a review due that would not have been."""
    review = CreditReview(review="V-1", customer="C-001", action="keep", risk_class="A")
    held = credit_reviewed(
        review, creditor="MIRA", on=DAY - dt.timedelta(days=5), recorded_at=recorded(1)
    )
    ledger = Ledger().record(granted(a_limit(), on=DAY - dt.timedelta(days=9)), held, *bounced())
    found = review_triggers(ledger, "MIRA", as_of=DAY)
    (due,) = review_calendar(ledger, "MIRA", as_of=DAY, triggers=found)

    assert (due.customer, due.due_on) == ("C-001", DAY)


@pytest.mark.parametrize("rule", sorted(SUSPENSION_REASONS, key=lambda rule: rule.value))
def test_every_rule_that_suspends_gives_a_reason(rule):
    """The reason of a suspension is one of those that a person may give too."""
    assert isinstance(rule, CreditRule)
    assert isinstance(SUSPENSION_REASONS[rule], SuspensionReason)
