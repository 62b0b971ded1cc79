"""Policies refuse what cannot be, and fill in what nobody said."""

from __future__ import annotations

import pytest

from receivables.casework import DisputeOwner, DisputeReason, NonPaymentReason
from receivables.disputes import DisputePolicy, EscalationStep, dispute_policy
from receivables.errors import PolicyError

from .worlds import day

_STEP = {"after_days": 5, "to": "head"}

REFUSED_STEPS = {
    "no day": {"after_days": 0},
    "a truth value": {"after_days": True},
    "a text": {"after_days": "5"},
    "too many days": {"after_days": 1000},
    "nobody": {"to": ""},
}

REFUSED_POLICIES = {
    "negative days": {"answer_days": -1},
    "a truth value for days": {"answer_days": True},
    "too many days for a reason": {"answer_days_by_reason": {"tax": 1000}},
    "two steps on one day": {"escalation": [{**_STEP}, {"after_days": 5, "to": "board"}]},
    "two steps to one addressee": {"escalation": [{**_STEP}, {"after_days": 9, "to": "head"}]},
    "a common step on the day of an owner's": {
        "escalation": [{**_STEP}, {"after_days": 5, "to": "sales", "owner": "sales"}]
    },
}

REFUSED_TABLES = {
    "an unknown key": ({"answer-day": 3}, "keys of disputes must be among"),
    "an unknown reason": (
        {"answer-days-by-reason": {"colour": 3}},
        "answer-days-by-reason of disputes must be among price, .*got 'colour'",
    ),
    "an unknown owner": (
        {"owners": {"price": "nobody"}},
        "owners of disputes must be among sales, .*got 'nobody'",
    ),
    "a step without an addressee": (
        {"escalation": [{"after-days": 3}]},
        "escalation of disputes must have after-days, to",
    ),
    "a step that is no table": (
        {"escalation": ["head"]},
        "escalation of disputes must be an array of tables",
    ),
    "a text where a table belongs": ({"owners": "sales"}, "owners of disputes must be a table"),
    "a number where a truth value belongs": (
        {"counts-in-exposure": 1},
        "counts-in-exposure of disputes must be true or false",
    ),
    "a text for days": ({"answer-days": "3"}, "answer_days must be 0 to 999"),
}


@pytest.mark.parametrize("fields", REFUSED_STEPS.values(), ids=REFUSED_STEPS)
def test_a_step_that_cannot_be_is_refused(fields):
    """A step comes after one day or more, and names somebody."""
    with pytest.raises(PolicyError, match="must"):
        EscalationStep(**{**_STEP, **fields})


@pytest.mark.parametrize("fields", REFUSED_POLICIES.values(), ids=REFUSED_POLICIES)
def test_a_policy_that_cannot_be_is_refused(fields):
    """Days are within their bounds, and an owner's steps can be told apart."""
    steps = [EscalationStep(**step) for step in fields.get("escalation", ())]

    with pytest.raises(PolicyError, match="must"):
        DisputePolicy(**{**fields, "escalation": steps})


@pytest.mark.parametrize(("table", "message"), REFUSED_TABLES.values(), ids=REFUSED_TABLES)
def test_a_table_that_cannot_be_is_refused(table, message):
    """A table that means nothing is refused by its name."""
    with pytest.raises(PolicyError, match=message):
        dispute_policy(table)


def test_steps_of_two_owners_may_share_a_day():
    """What goes to the head of sales and what goes to the head of billing never meet."""
    steps = [
        EscalationStep(after_days=5, to="head", owner="sales"),
        EscalationStep(after_days=5, to="head", owner="billing"),
        EscalationStep(after_days=9, to="board"),
    ]

    policy = DisputePolicy(escalation=reversed(steps))

    assert [step.after_days for step in policy.steps_for(DisputeOwner.SALES)] == [5, 9]
    assert [step.to for step in policy.steps_for(DisputeOwner.QUALITY)] == ["board"]


def test_every_reason_has_an_owner():
    """A policy that says nothing knows who answers for each reason."""
    policy = DisputePolicy()

    assert {policy.owner_of(reason) for reason in DisputeReason} == set(DisputeOwner)


def test_what_a_policy_says_comes_first():
    """Owners and days of one reason leave the others as they are."""
    policy = DisputePolicy(
        answer_days=8, answer_days_by_reason={"tax": 30}, owners={"tax": "credit"}
    )

    assert policy.owner_of(DisputeReason.TAX) is DisputeOwner.CREDIT
    assert policy.owner_of(DisputeReason.PRICE) is DisputeOwner.SALES
    assert policy.answer_by(DisputeReason.TAX, opened_on=day(0)) == day(30)
    assert policy.answer_by(DisputeReason.PRICE, opened_on=day(0)) == day(8)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (NonPaymentReason.BILLING_ERROR, DisputeReason.BILLING_ERROR),
        (NonPaymentReason.COMMERCIAL_DISPUTE, DisputeReason.COMMERCIAL),
        (NonPaymentReason.QUALITY, DisputeReason.QUALITY),
        (NonPaymentReason.CANNOT_PAY, None),
        (NonPaymentReason.WILL_PAY, None),
        (NonPaymentReason.MANAGING_AGENT_CHANGED, None),
    ],
)
def test_some_reasons_not_to_pay_contest_something(reason, expected):
    """Whoever cannot pay, or will, contests nothing."""
    assert DisputePolicy().reason_of_contact(reason) is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("damaged", DisputeReason.QUALITY),
        (" Shortage ", DisputeReason.QUANTITY),
        ("promotion", DisputeReason.PROMOTION),
        ("avoir 12", DisputeReason.PRICE),
        ("", DisputeReason.OTHER),
        ("Q7", DisputeReason.OTHER),
    ],
)
def test_words_for_deductions(word, expected):
    """A word is known by the policy, by everybody, or it says nothing."""
    policy = DisputePolicy(deduction_reasons={"AVOIR 12": "price"})

    assert policy.reason_of_deduction(word) is expected


def test_a_whole_table_is_read():
    """Every key of a table has its place in the policy."""
    policy = dispute_policy(
        {
            "version": "2026-11",
            "answer_days": 6,
            "escalation": [{"after-days": 3, "to": "head of sales", "owner": "sales"}],
            "deduction-reasons": {"Q7": "quality"},
            "counts-in-exposure": False,
            "counts-in-allowance": False,
        }
    )

    assert (policy.version, policy.answer_days) == ("2026-11", 6)
    assert policy.escalation[0].owner is DisputeOwner.SALES
    assert policy.reason_of_deduction("q7") is DisputeReason.QUALITY
    assert not policy.counts_in_exposure
    assert not policy.counts_in_allowance
