"""Billing is asked for a credit note until there is one."""

from __future__ import annotations

import pytest

from receivables.allocation import allocate
from receivables.disputes import credit_note_requests, holdbacks, holdbacks_until_credited
from receivables.testing.builders import CREDITOR, a_cancellation, a_credit_note, an_invoice

from .worlds import Story, a_dispute, a_part, day


def _requests(story, on=20):
    found = credit_note_requests(story.ledger, CREDITOR, as_of=day(on))
    return [(one.dispute, one.item, one.amount_minor) for one in found]


def _note(number="AV-1", *, on=7, total="30.00", **fields):
    return a_credit_note(number, total=total, document_date=day(on), **fields)


def test_a_valid_dispute_asks_for_a_credit_note():
    """Billing learns what, how much, of which document and why."""
    story = Story().open().decide("valid", on=5)

    (found,) = credit_note_requests(story.ledger, CREDITOR, as_of=day(5))

    assert (found.document, str(found.amount.amount)) == ("FA-1", "30.00")
    assert (found.reason.value, found.decided_on) == ("quality", day(5))


def test_a_split_asks_for_what_was_accepted():
    """The part that is right is credited, and no more."""
    story = Story().open().decide("split", accepted=[a_part(amount="12.00")])

    assert _requests(story) == [("D-1", "FA-1", 1_200)]


@pytest.mark.parametrize("outcome", ["invalid", "withdrawn"])
def test_a_refused_dispute_asks_for_nothing(outcome):
    """Where the customer is not right nothing is credited."""
    assert _requests(Story().open().decide(outcome)) == []


def test_an_open_dispute_asks_for_nothing():
    """Nothing is credited before somebody has decided."""
    assert _requests(Story().open()) == []


@pytest.mark.parametrize(
    "fields",
    [{"corrects": "FA-1"}, {"references": ["FA-1"]}, {"corrects": "FA-1", "on": 2}],
    ids=["corrects", "refers to", "issued before the decision"],
)
def test_a_credit_note_of_the_document_ends_the_request(fields):
    """Issued since the dispute was opened, it counts from its own day on."""
    story = Story().open().decide("valid", on=5).issue(_note(**fields))

    assert _requests(story) == []
    if "on" not in fields:
        assert _requests(story, on=6) == [("D-1", "FA-1", 3_000)]


def test_an_earlier_credit_note_does_not_count():
    """What was credited before the dispute was opened was for something else."""
    story = Story().open(on=3).decide("valid", on=5).issue(_note(on=2, corrects="FA-1"))

    assert _requests(story) == [("D-1", "FA-1", 3_000)]


def test_a_credit_note_of_another_document_does_not_count():
    """A credit note that names another document is for that one."""
    story = Story().open().decide("valid", on=5).issue(_note(corrects="FA-7"))

    assert _requests(story) == [("D-1", "FA-1", 3_000)]


def test_a_smaller_credit_note_leaves_the_rest():
    """Ten of thirty were credited; twenty are asked for."""
    story = Story().open().decide("valid", on=5).issue(_note(total="10.00", corrects="FA-1"))

    assert _requests(story) == [("D-1", "FA-1", 2_000)]


def test_one_credit_note_covers_two_disputes_no_further_than_its_total():
    """The dispute decided first is covered first."""
    story = Story().open().open(a_dispute("D-2"), on=1)
    story.decide("valid", on=5, dispute="D-2").decide("valid", on=6)

    story.issue(_note(total="45.00", corrects="FA-1"))

    assert _requests(story) == [("D-1", "FA-1", 1_500)]


def test_a_cancelled_credit_note_counts_no_more():
    """The request is there again from the day on which the credit note was cancelled."""
    story = Story().open().decide("valid", on=5).issue(_note(corrects="FA-1"))
    gone = a_cancellation("AV-1", effective_on=day(9), minute=story.now_minute())
    story.record(gone)

    assert _requests(story, on=8) == []
    assert _requests(story, on=9) == [("D-1", "FA-1", 3_000)]


def test_nothing_of_a_cancelled_document_is_credited():
    """A cancelled invoice needs no credit note."""
    story = Story().open().decide("valid", on=5)
    story.record(a_cancellation(effective_on=day(9), minute=story.now_minute()))

    assert _requests(story) == []


def test_a_decision_that_names_its_credit_note_is_believed():
    """The number is enough until the credit note is on the ledger."""
    story = Story().open().decide("valid", on=5, credit_note="AV-9")

    assert _requests(story) == []


def test_a_named_credit_note_counts_by_its_amount_once_it_is_there():
    """Named or not, a credit note of ten does not cover thirty."""
    story = Story().open().decide("valid", on=5, credit_note="AV-9")

    story.issue(_note("AV-9", total="10.00"))

    assert _requests(story) == [("D-1", "FA-1", 2_000)]


def _set_against(story, note, *, on=8):
    story.issue(note)
    items = {one.item: one for one in story.ledger.open_items(as_of=day(on))}
    done = allocate("a-9", credits=[items[note.number]], debits={items["FA-1"]: note.total})
    return story.settle(done, on=on)


def test_a_credit_note_set_against_the_item_counts():
    """A credit note that names no document covers the item that it settles."""
    story = _set_against(Story().open().decide("valid", on=5), _note())

    assert _requests(story, on=7) == [("D-1", "FA-1", 3_000)]
    assert _requests(story, on=8) == []


def test_an_allocation_that_was_undone_counts_no_more():
    """The request is there again once the credit note is off the item."""
    story = _set_against(Story().open().decide("valid", on=5), _note())
    undone = story.ledger.unallocated(
        CREDITOR, "a-9", effective_on=day(10), recorded_at=story.now()
    )
    story.record(undone)

    assert _requests(story, on=9) == []
    assert _requests(story, on=10) == [("D-1", "FA-1", 3_000)]


def test_an_old_credit_set_against_the_item_does_not_count():
    """A credit note from before the dispute settles the item, and credits nothing of it."""
    story = _set_against(Story().open(on=3).decide("valid", on=5), _note(on=1))

    assert _requests(story) == [("D-1", "FA-1", 3_000)]


def test_an_allocation_before_the_dispute_does_not_count():
    """What was settled before the dispute was opened was not its credit."""
    story = _set_against(Story(), _note(on=1), on=2)
    story.open(on=3).decide("valid", on=5)

    assert _requests(story) == [("D-1", "FA-1", 3_000)]


def test_a_credit_note_in_another_currency_does_not_count():
    """Thirty dollars cover no euros."""
    story = Story(an_invoice()).open().decide("valid", on=5)
    story.issue(_note(corrects="FA-1", currency="USD"))

    assert _requests(story) == [("D-1", "FA-1", 3_000)]


def test_as_it_was_known_then():
    """A credit note that was recorded later did not answer the request before."""
    story = Story().open().decide("valid", on=5)
    before = story.ledger.last_recorded_at
    story.issue(_note(on=6, corrects="FA-1"))

    found = credit_note_requests(story.ledger, CREDITOR, as_of=day(20), known_at=before)

    assert [one.amount_minor for one in found] == [3_000]


def _until_credited(story, on):
    found = holdbacks_until_credited(story.ledger, CREDITOR, as_of=day(on))
    return [(hold.reference, hold.item, hold.amount_minor) for hold in found]


def test_what_is_accepted_is_held_until_it_is_credited():
    """The hold of the dispute ends with the decision, and this one begins; the credit note ends it."""
    story = Story().open().decide("split", on=5, accepted=[a_part(amount="12.00")])
    story.issue(_note(total="12.00", corrects="FA-1"))

    assert holdbacks(story.ledger, CREDITOR, as_of=day(5)) == ()
    assert _until_credited(story, 4) == []
    assert _until_credited(story, 5) == [("D-1", "FA-1", 1_200)]
    assert _until_credited(story, 7) == []


def test_what_was_paid_is_not_held_until_it_is_credited():
    """Of twelve accepted and ten left open, ten are held: the whole item."""
    story = Story().open().decide("split", on=2, accepted=[a_part(amount="12.00")])

    story.pay("90.00", on=3)

    assert _until_credited(story, 3) == [("D-1", "FA-1", None)]


def test_open_disputes_are_held_first():
    """What an open dispute holds of an item is not held for another one's credit note too."""
    story = Story().open().decide("valid", on=1)
    story.open(a_dispute("D-2", parts=[a_part(amount="80.00")]), on=2)
    assert _until_credited(story, 2) == [("D-1", "FA-1", 2_000)]

    story.open(a_dispute("D-3", parts=[a_part(amount="100.00")]), on=3)
    assert _until_credited(story, 3) == []


def test_a_named_credit_note_is_held_back_until_it_is_there():
    """Billing is not asked again, and the customer is not asked for it either."""
    story = Story().open().decide("valid", on=5, credit_note="AV-9")

    (held,) = holdbacks_until_credited(story.ledger, CREDITOR, as_of=day(20))
    story.issue(_note("AV-9"))

    assert held.amount_minor == 3_000
    assert holdbacks_until_credited(story.ledger, CREDITOR, as_of=day(20)) == ()
