"""The events of credit by their verbs, what they refuse, and where things stand on a day."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.casework import (
    CreditDecision,
    CreditLimit,
    CreditReview,
    CreditSuspension,
    ExternalScore,
    FinancialStatement,
    Insolvency,
    InsurerNotice,
)
from receivables.credit import recording
from receivables.credit.recording import (
    credit_checked,
    credit_reinstated,
    credit_released,
    credit_reviewed,
    credit_suspended,
    decisions,
    insolvencies,
    insolvency_ended,
    insolvency_reported,
    reviews,
    suspensions_in_force,
)
from receivables.errors import EventError
from receivables.ledger import Ledger
from receivables.ledger.credit import CREDIT_EVENTS
from receivables.money import money
from receivables.testing.builders import an_invoice, issued, recorded

from .check_worlds import DAY, an_order

ON = DAY - dt.timedelta(days=10)
BEFORE, AFTER = ON - dt.timedelta(days=1), ON + dt.timedelta(days=1)
LIMIT = CreditLimit(limit="L-1", customer="C-001", amount=money("500.00", "EUR"))
SUSPENSION = CreditSuspension(suspension="S-1", customer="C-001", reason="manual", by="J. Roy")
REVIEW = CreditReview(review="V-1", customer="C-001", action="keep")
INSOLVENCY = Insolvency(insolvency="I-1", customer="C-001", kind="liquidation", opened_on=BEFORE)
HELD = CreditDecision(decision="K-1", request=an_order(on=ON), outcome="hold")
SCORE = ExternalScore(
    score="Q-1", customer="C-001", source="creditsafe", value="72", rated_on=BEFORE
)
YEAR = FinancialStatement(
    financials="Y-1", customer="C-001", currency="EUR", period_end=BEFORE, total_assets=10
)
NOTICE = InsurerNotice(
    insurer_notice="N-1", customer="C-001", policy="P-1", kind="overdue", items=["FA-1"]
)

PAIRS = [
    ("limit_granted", LIMIT, "limit-granted:MIRA:L-1"),
    ("limit_ended", LIMIT, "limit-ended:MIRA:L-1"),
    ("credit_suspended", SUSPENSION, "credit-suspended:MIRA:S-1"),
    ("credit_reinstated", SUSPENSION, "credit-reinstated:MIRA:S-1"),
    ("credit_checked", HELD, "credit-checked:MIRA:K-1"),
    ("credit_released", HELD, "credit-released:MIRA:K-1"),
    ("credit_reviewed", REVIEW, "credit-reviewed:MIRA:V-1"),
    ("score_received", SCORE, "score-received:MIRA:Q-1"),
    ("score_withdrawn", SCORE, "score-withdrawn:MIRA:Q-1"),
    ("financials_received", YEAR, "financials-received:MIRA:Y-1"),
    ("financials_withdrawn", YEAR, "financials-withdrawn:MIRA:Y-1"),
    ("insurer_notified", NOTICE, "insurer-notified:MIRA:N-1"),
    ("insolvency_reported", INSOLVENCY, "insolvency-reported:MIRA:I-1"),
    ("insolvency_ended", INSOLVENCY, "insolvency-ended:MIRA:I-1"),
]


def told(verb, value, *, minute=0, on=ON, **fields):
    """The event that a verb makes of a value."""
    if verb == "credit_released":
        fields = {"by": "N. Blanc", "reason": "paid by phone", **fields}
    make = getattr(recording, verb)
    return make(value, creditor="MIRA", on=on, recorded_at=recorded(minute), **fields)


@pytest.mark.parametrize(("verb", "value", "name"), PAIRS)
def test_a_verb_names_its_event_for_good(verb, value, name):
    """The identity of an event is what happened, to which case, at which creditor."""
    event = told(verb, value)

    assert event.event == name
    assert (event.effective_on, event.recorded_at, event.owner) == (ON, recorded(), "C-001")


def test_a_ledger_takes_every_event_of_credit():
    """In their order, and the same ones again, the events of the verbs are accepted."""
    invoice = an_invoice(customer="C-001", document_date=BEFORE)
    events = [told(verb, value, minute=place) for place, (verb, value, _) in enumerate(PAIRS)]
    ledger = Ledger().record(issued(invoice), *events)

    assert ledger.record(*events).events == ledger.events
    kinds = {kind for kind in CREDIT_EVENTS if "Specific" not in kind.__name__}
    assert {type(event) for event in events} == {
        kind for kind in kinds if "WriteOff" not in kind.__name__
    }


REFUSED = [
    ("limit_granted", attrs.evolve(LIMIT, until=BEFORE), {}, "until of limit L-1 must be"),
    ("credit_suspended", attrs.evolve(SUSPENSION, until=BEFORE), {}, "until of suspension S-1"),
    ("credit_checked", attrs.evolve(HELD, until=BEFORE), {}, "until of decision K-1 must be"),
    ("credit_released", attrs.evolve(HELD, outcome="warn"), {}, "must be a hold or a refusal"),
    ("credit_released", HELD, {"by": ""}, "must say by whom and why"),
    ("credit_released", HELD, {"reason": ""}, "must say by whom and why"),
    ("credit_released", HELD, {"until": BEFORE}, "until of the release of K-1 must be"),
    ("score_received", attrs.evolve(SCORE, rated_on=AFTER), {}, "rated_on of score Q-1 must be"),
    ("insolvency_reported", attrs.evolve(INSOLVENCY, opened_on=AFTER), {}, "opened_on of insol"),
]


@pytest.mark.parametrize(("verb", "value", "fields", "message"), REFUSED)
def test_a_verb_refuses_what_cannot_be(verb, value, fields, message):
    """What is over before it starts, or that nobody answers for, is no event."""
    with pytest.raises(EventError, match=message):
        told(verb, value, **fields)


def test_a_suspension_stands_until_its_last_day_or_its_end():
    """It counts from its day to its last one, or until somebody lifts it."""
    until = attrs.evolve(SUSPENSION, suspension="S-2", until=AFTER)
    ledger = Ledger().record(
        told("credit_suspended", SUSPENSION),
        told("credit_suspended", until, minute=1),
        credit_reinstated(SUSPENSION, creditor="MIRA", on=DAY, recorded_at=recorded(2)),
    )

    def names(day, **known):
        standing = suspensions_in_force(ledger, "MIRA", as_of=day, **known)
        return [one.suspension.suspension for one in standing]

    assert [names(day) for day in (BEFORE, ON, AFTER, DAY)] == [
        [],
        ["S-1", "S-2"],
        ["S-1", "S-2"],
        [],
    ]
    assert names(DAY, known_at=recorded(1)) == ["S-1"]


def test_what_a_person_suspended_is_not_by_rule():
    """A suspension that names a person is that person's, whatever rule it names besides."""
    by_rule = attrs.evolve(SUSPENSION, by="", rule="standard 1: limit", suspension="S-2")
    both = attrs.evolve(SUSPENSION, rule="standard 1: limit", suspension="S-3")
    ledger = Ledger().record(
        *(told("credit_suspended", one) for one in (SUSPENSION, by_rule, both))
    )

    assert [one.is_by_rule for one in suspensions_in_force(ledger, "MIRA", as_of=DAY)] == [
        False,
        True,
        False,
    ]


def test_the_last_decision_on_a_request_counts():
    """A second decision takes the place of the first, and a release lets it pass until its day."""
    later = attrs.evolve(HELD, decision="K-2", until=DAY)
    ledger = Ledger().record(
        told("credit_checked", HELD),
        credit_checked(later, creditor="MIRA", on=AFTER, recorded_at=recorded(1)),
        credit_released(
            later,
            creditor="MIRA",
            on=AFTER,
            recorded_at=recorded(2),
            by="N. Blanc",
            reason="paid by phone",
            until=AFTER,
        ),
    )
    (first,) = decisions(ledger, "MIRA", as_of=ON)
    (last,) = decisions(ledger, "MIRA", as_of=DAY)

    assert (first.decision, first.passes(ON)) == (HELD, False)
    assert (last.decision, last.until, last.customer) == (later, AFTER, "C-001")
    assert (last.passes(ON), last.passes(AFTER), last.passes(DAY)) == (False, True, False)


def test_the_last_review_counts():
    """Of several reviews the latest by its day stands, whenever it was recorded."""
    later = attrs.evolve(REVIEW, review="V-2", action="reduce")
    ledger = Ledger().record(
        credit_reviewed(later, creditor="MIRA", on=AFTER, recorded_at=recorded()),
        told("credit_reviewed", REVIEW, minute=1),
    )
    (standing,) = reviews(ledger, "MIRA", as_of=DAY)

    assert (standing.review, standing.reviewed_on, standing.customer) == (later, AFTER, "C-001")
    assert [one.review for one in reviews(ledger, "MIRA", as_of=ON)] == [REVIEW]


def test_proceedings_stand_until_they_end():
    """An insolvency counts from the day that we learned of it until it ends."""
    ledger = Ledger().record(
        insolvency_reported(INSOLVENCY, creditor="MIRA", on=ON, recorded_at=recorded()),
        insolvency_ended(INSOLVENCY, creditor="MIRA", on=DAY, recorded_at=recorded(1)),
    )
    (standing,) = insolvencies(ledger, "MIRA", as_of=AFTER)

    assert (standing.reported_on, standing.customer) == (ON, "C-001")
    assert (
        insolvencies(ledger, "MIRA", as_of=BEFORE) == insolvencies(ledger, "MIRA", as_of=DAY) == ()
    )


def test_credit_suspended_is_a_rule_and_a_verb():
    """The verb of the package is the verb of the module."""
    event = credit_suspended(SUSPENSION, creditor="MIRA", on=ON, recorded_at=recorded())

    assert event.suspension is SUSPENSION
