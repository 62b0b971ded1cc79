"""Events of disputes are made with stable identities, and checked against what is contested."""

from __future__ import annotations

import attrs
import pytest

from receivables.allocation import deduct
from receivables.casework import ContactNote, DisputeOutcome
from receivables.disputes import (
    DisputePolicy,
    EscalationStep,
    check_dispute,
    dispute_of_contact,
    dispute_opened,
    dispute_resolved,
    escalations_due,
    holdbacks,
    open_deduction,
    standing_of,
    undisputed_deductions,
)
from receivables.documents import ItemKind
from receivables.errors import CurrencyMismatchError, EventError
from receivables.money import money
from receivables.testing.builders import (
    CREDITOR,
    a_receipt,
    an_invoice,
    an_open_item,
    received,
    recorded,
)

from .worlds import Story, a_dispute, a_part, day

POLICY = DisputePolicy(
    escalation=[
        EscalationStep(after_days=5, to="head of credit"),
        EscalationStep(after_days=15, to="board"),
    ]
)

REFUSED_DECISIONS = {
    "valid with a part only": ("valid", [("FA-1", "10.00", "EUR")]),
    "invalid with a part": ("invalid", [("FA-1", "10.00", "EUR")]),
    "withdrawn with a part": ("withdrawn", [("FA-1", "10.00", "EUR")]),
    "split with nothing": ("split", []),
    "split with everything": ("split", [("FA-1", "30.00", "EUR")]),
    "more than was contested": ("split", [("FA-1", "30.01", "EUR")]),
    "another item": ("split", [("FA-2", "10.00", "EUR")]),
    "one item twice": ("split", [("FA-1", "10.00", "EUR"), ("FA-1", "5.00", "EUR")]),
}

REFUSED_DISPUTES = {
    "another customer": {"customer": "C-099"},
    "more than it was for": {"parts": [a_part(amount="100.01")]},
}


def _resolved(ledger, outcome, accepted=(), dispute="D-1", on=5):
    return dispute_resolved(
        ledger,
        dispute,
        creditor=CREDITOR,
        outcome=outcome,
        on=day(on),
        recorded_at=recorded(50),
        accepted=[a_part(*part) for part in accepted],
    )


def _escalations(ledger, on, policy=POLICY):
    return escalations_due(ledger, CREDITOR, as_of=day(on), recorded_at=recorded(50), policy=policy)


@pytest.mark.parametrize(("outcome", "accepted"), REFUSED_DECISIONS.values(), ids=REFUSED_DECISIONS)
def test_a_decision_that_contradicts_itself_is_refused(outcome, accepted):
    """What is accepted is what the outcome says, within what was contested."""
    with pytest.raises(EventError, match="must"):
        _resolved(Story().open().ledger, outcome, accepted)


@pytest.mark.parametrize(
    ("outcome", "accepted", "expected"),
    [
        ("valid", [], ["30.00"]),
        ("valid", [("FA-1", "30.00", "EUR")], ["30.00"]),
        ("invalid", [], []),
        ("withdrawn", [], []),
        ("split", [("FA-1", "29.99", "EUR")], ["29.99"]),
    ],
)
def test_a_decision_says_what_is_accepted(outcome, accepted, expected):
    """All, nothing, or the part given."""
    event = _resolved(Story().open().ledger, outcome, accepted)

    assert [str(part.amount.amount) for part in event.accepted] == expected
    assert event.outcome is DisputeOutcome(outcome)


def test_a_split_may_accept_one_item_whole():
    """Of two items one is right and one is not."""
    both = a_dispute(parts=[a_part(), a_part("FA-2", "10.00")])
    story = Story(an_invoice(), an_invoice("FA-2")).open(both)

    event = _resolved(story.ledger, "split", [("FA-2", "10.00", "EUR")])

    assert [part.item for part in event.accepted] == ["FA-2"]


def test_a_part_in_another_currency_is_refused():
    """What is accepted is in the currency of what was contested."""
    with pytest.raises(CurrencyMismatchError, match="must be EUR, got USD"):
        _resolved(Story().open().ledger, "split", [("FA-1", "10.00", "USD")])


def test_the_last_update_is_decided():
    """What a dispute contests on the day of the decision is what can be accepted."""
    story = Story().open().update(a_dispute(parts=[a_part(amount="12.00")]), on=3)

    event = _resolved(story.ledger, "valid")

    assert event.accepted == (a_part(amount="12.00"),)


@pytest.mark.parametrize(
    ("dispute", "on"), [("D-9", 5), ("D-1", -1)], ids=["unknown", "not opened yet"]
)
def test_what_is_not_open_cannot_be_decided(dispute, on):
    """A decision is about a dispute that is open on its day."""
    with pytest.raises(EventError, match="must be open"):
        _resolved(Story().open().ledger, "valid", dispute=dispute, on=on)


def test_a_decision_is_final():
    """A second decision is refused with the day of the first."""
    with pytest.raises(EventError, match="decided on 2026-11-07"):
        _resolved(Story().open().decide("invalid", on=5).ledger, "valid", on=9)


def test_the_same_event_is_recorded_once():
    """An opening that is said again changes nothing."""
    story = Story().open()
    again = dispute_opened(a_dispute(), creditor=CREDITOR, on=day(0), recorded_at=recorded(50))

    assert len(story.ledger.record(again)) == len(story.ledger)


def test_a_second_update_of_a_day_needs_a_revision():
    """Another content under the same identity is refused, and taken under the next one."""
    first, second = a_dispute(assignee="L. Petit"), a_dispute(assignee="N. Blanc")
    story = Story().open().update(first, on=2)

    with pytest.raises(EventError, match="another content"):
        story.update(second, on=2)

    story.update(second, on=2, revision=1)
    found = standing_of(story.ledger, CREDITOR, "D-1", as_of=day(2))
    assert found.dispute.assignee == "N. Blanc"


@pytest.mark.parametrize("fields", REFUSED_DISPUTES.values(), ids=REFUSED_DISPUTES)
def test_a_dispute_that_cannot_be_is_refused(fields):
    """A dispute is about items of its customer, and at most about what they were for."""
    with pytest.raises(EventError, match="must be"):
        check_dispute(Story().ledger, a_dispute(**fields), creditor=CREDITOR, on=day(0))


def test_a_dispute_in_another_currency_is_refused():
    """What is contested is in the currency of the item."""
    foreign = a_dispute(parts=[a_part(currency="USD")])

    with pytest.raises(CurrencyMismatchError, match="must be EUR"):
        check_dispute(Story().ledger, foreign, creditor=CREDITOR, on=day(0))


def test_a_dispute_that_can_be_passes():
    """A dispute within its item is accepted."""
    check_dispute(Story().ledger, a_dispute(), creditor=CREDITOR, on=day(0))


def test_escalations_climb_step_by_step():
    """Each step is proposed once its day has come, and once."""
    story = Story().open()
    assert _escalations(story.ledger, 14) == ()

    (first,) = _escalations(story.ledger, 15)
    story.record(first)
    assert first.event == "dispute-escalated:MIRA:D-1:2026-11-12:5"
    assert first.dispute.escalated_to == "head of credit"
    assert first.reason == "5 days past 2026-11-12, version 1"
    assert _escalations(story.ledger, 16) == ()

    (second,) = _escalations(story.ledger, 25)
    assert second.dispute.escalated_to == "board"


def test_a_forgotten_dispute_goes_to_the_highest_step():
    """Whoever looks after a month finds one proposal, not two."""
    (only,) = _escalations(Story().open().ledger, 40)

    assert only.dispute.escalated_to == "board"


def test_the_policy_s_day_is_written_down():
    """An escalated dispute keeps the day that it was late against, whatever the policy says later."""
    story = Story().open(a_dispute(answer_by=None))

    (event,) = _escalations(story.ledger, 30)

    assert event.dispute.answer_by == day(10)


def test_a_dispute_that_moved_on_is_not_escalated_in_the_past():
    """A proposal for a past day leaves out what happened since."""
    story = Story().open().decide("valid", on=30)

    assert _escalations(story.ledger, 20) == ()


def test_without_steps_nothing_is_escalated():
    """A policy that names nobody proposes nothing."""
    assert _escalations(Story().open().ledger, 90, DisputePolicy()) == ()


def _note(**fields):
    values = {"reason": "quality", "items": ["FA-1"], "said": "two boards are split"}
    return ContactNote(
        contact="K-1",
        customer="C-017",
        channel="phone",
        outcome="reached",
        **{**values, **fields},
    )


def test_a_contact_becomes_a_dispute():
    """All that is open of the items is contested, for the reason given, and the owner is known."""
    story = Story().pay("40.00", on=1)

    case = dispute_of_contact(story.ledger, _note(), creditor=CREDITOR, on=day(2))

    assert case.parts == (a_part(amount="60.00"),)
    assert (case.dispute, case.owner.value, case.contact) == ("contact:K-1", "quality", "K-1")
    assert (case.answer_by, case.note) == (day(12), "two boards are split")


def test_a_contact_may_name_its_parts():
    """The customer says how much."""
    case = dispute_of_contact(
        Story().ledger, _note(), creditor=CREDITOR, on=day(2), parts=[a_part(amount="5.00")]
    )

    assert case.parts == (a_part(amount="5.00"),)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": "cannot-pay"}, "must contest something, got cannot-pay"),
        ({"reason": None}, "must contest something, got none"),
        ({"items": []}, "must have something open"),
    ],
)
def test_a_contact_that_contests_nothing_is_refused(fields, message):
    """Whoever cannot pay contests nothing, and neither does whoever names no item."""
    with pytest.raises(EventError, match=message):
        dispute_of_contact(Story().ledger, _note(**fields), creditor=CREDITOR, on=day(2))


def _deducted(reason="damaged"):
    story = Story()
    receipt = a_receipt(amount="85.00", booking_date=day(1))
    story.record(received(receipt, minute=story.now_minute()))
    items = {one.item: one for one in story.ledger.open_items(as_of=day(1))}
    kept = deduct(
        "a-1",
        debit=items["FA-1"],
        credits=[items["r-1"]],
        amount=money("15.00", "EUR"),
        reason=reason,
    )
    return story.settle(kept, on=1)


def test_a_deduction_becomes_a_dispute():
    """What was kept back is contested whole, and the word for it gives reason and owner."""
    story = _deducted()
    (item,) = undisputed_deductions(story.ledger, CREDITOR, as_of=day(1))

    case = open_deduction(story.ledger, item)
    story.open(case, on=1)

    assert (case.reason.value, case.owner.value, case.note) == ("quality", "quality", "damaged")
    assert (case.is_deduction, case.answer_by) == (True, day(11))
    assert undisputed_deductions(story.ledger, CREDITOR, as_of=day(1)) == ()
    (hold,) = holdbacks(story.ledger, CREDITOR, as_of=day(1))
    assert (hold.item, hold.amount_minor) == ("a-1:deduction:1", None)


def test_a_deduction_of_an_allocation_with_another_identity():
    """The allocation is found by what it opened where its event has a name of its own."""
    story = _deducted()
    events = [
        attrs.evolve(event, event="own-name") if event.event == "allocated:MIRA:a-1" else event
        for event in story.ledger.events
    ]
    ledger = type(story.ledger).replay(events)
    (item,) = undisputed_deductions(ledger, CREDITOR, as_of=day(1))

    assert open_deduction(ledger, item, on=day(5)).answer_by == day(15)
    assert open_deduction(ledger, item).note == "damaged"


def test_a_deduction_that_nobody_explains():
    """A deduction whose allocation is not on the ledger has the reason that says nothing."""
    item = an_open_item("a-7:deduction:1", kind=ItemKind.DEDUCTION)

    case = open_deduction(Story().ledger, item)

    assert (case.reason.value, case.owner.value, case.note) == ("other", "credit", "")


def test_only_a_deduction_is_opened_as_one():
    """An invoice is disputed by whoever contests it."""
    story = Story()
    item = story.ledger.item(CREDITOR, "FA-1", as_of=day(0))

    with pytest.raises(EventError, match="must be an open deduction"):
        open_deduction(story.ledger, item)
