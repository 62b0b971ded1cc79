"""Where disputes stand, and what they hold back."""

from __future__ import annotations

import attrs
import pytest

from receivables.aging import AgingScheme, Credits
from receivables.casework import DisputeOutcome
from receivables.disputes import (
    DisputePolicy,
    DisputeState,
    EscalationStep,
    age_disputed,
    allowance_effect,
    exposure_effect,
    holdbacks,
    open_disputes,
    split_disputed,
    standing_of,
    standings,
    to_columns,
)
from receivables.errors import EventError
from receivables.testing.builders import CREDITOR, a_cancellation, a_credit_note, an_invoice

from .worlds import Story, a_dispute, a_part, day

POLICY = DisputePolicy(
    escalation=[
        EscalationStep(after_days=5, to="head of credit"),
        EscalationStep(after_days=15, to="board"),
    ]
)


def _holds(story, on):
    found = holdbacks(story.ledger, CREDITOR, as_of=day(on))
    return [(hold.reference, hold.item, hold.amount_minor) for hold in found]


def _standing(story, on, **fields):
    return standing_of(story.ledger, CREDITOR, "D-1", as_of=day(on), **fields)


def test_a_dispute_holds_its_part_alone():
    """Thirty of a hundred are contested, so that seventy may be asked for."""
    assert _holds(Story().open(), 0) == [("D-1", "FA-1", 3_000)]


def test_nothing_is_held_before_the_dispute():
    """On the day before it was opened there is no dispute."""
    story = Story().open(on=1)

    assert standings(story.ledger, CREDITOR, as_of=day(0)) == ()
    assert _holds(story, 0) == []


def test_what_was_paid_is_contested_no_more():
    """Of thirty contested and twenty left open, twenty are held: the whole item."""
    story = Story().open().pay("80.00", on=3)

    part = _standing(story, 3).parts[0]

    assert (part.stated_minor, part.contested_minor, part.is_whole) == (3_000, 2_000, True)
    assert _holds(story, 3) == [("D-1", "FA-1", None)]
    assert _holds(story, 2) == [("D-1", "FA-1", 3_000)]


def test_a_paid_item_holds_nothing():
    """Whoever paid what it contested has nothing held back, and the case is open still."""
    story = Story().open().pay("100.00", on=3)

    assert _holds(story, 3) == []
    assert _standing(story, 3).is_open


def test_a_cancelled_document_holds_nothing():
    """What is not owed is not contested."""
    story = Story().open()
    story.record(a_cancellation(effective_on=day(2), minute=story.now_minute()))

    assert _holds(story, 2) == []


def test_two_disputes_add_up_to_what_is_open():
    """The dispute opened first is held whole, the second one with what is left."""
    second = a_dispute("D-0", parts=[a_part(amount="90.00")])
    story = Story().open(on=0).open(second, on=1)

    assert _holds(story, 1) == [("D-1", "FA-1", 3_000), ("D-0", "FA-1", 7_000)]


def test_a_second_dispute_that_finds_nothing_holds_nothing():
    """A dispute of the whole item leaves the later one nothing to hold."""
    whole = a_dispute(parts=[a_part(amount="100.00")])
    story = Story().open(whole, on=0).open(a_dispute("D-2"), on=1)

    assert _holds(story, 1) == [("D-1", "FA-1", None)]


def test_decided_the_first_makes_room_for_the_second():
    """What the second contests is held once nobody contests it before."""
    whole = a_dispute(parts=[a_part(amount="100.00")])
    story = Story().open(whole, on=0).open(a_dispute("D-2"), on=1).decide("invalid", on=2)

    assert _holds(story, 2) == [("D-2", "FA-1", 3_000)]


@pytest.mark.parametrize("outcome", ["valid", "invalid", "withdrawn"])
def test_a_decided_dispute_holds_nothing(outcome):
    """Whatever was decided, the hold ends on that day, and not before."""
    story = Story().open().decide(outcome, on=5)

    assert _holds(story, 5) == []
    assert _holds(story, 4) == [("D-1", "FA-1", 3_000)]
    assert open_disputes(story.ledger, CREDITOR, as_of=day(5)) == ()


def test_an_update_counts_from_its_day():
    """A dispute of other parts holds those from the day of the update on."""
    wider = a_dispute(parts=[a_part(amount="45.00")])
    story = Story().open().update(wider, on=4)

    assert _holds(story, 3) == [("D-1", "FA-1", 3_000)]
    assert _holds(story, 4) == [("D-1", "FA-1", 4_500)]
    assert len(_standing(story, 4).history) == 2


def test_a_credit_is_never_held():
    """Who contests a credit note contests nothing that is asked for."""
    story = Story(an_invoice(), a_credit_note())
    story.open(a_dispute(parts=[a_part("AV-1", "30.00")]))

    assert _holds(story, 0) == []


def test_another_currency_than_the_item_s_is_refused():
    """An amount in another currency has no part of the item to hold: the ledger takes no such case."""
    with pytest.raises(EventError, match="must be EUR for FA-1, got USD"):
        Story().open(a_dispute(parts=[a_part(amount="30.00", currency="USD")]))


def test_an_item_that_was_not_there_yet_is_not_contested():
    """A dispute may come before its invoice is on the account."""
    story = Story(an_invoice(document_date=day(4))).open()

    (part,) = _standing(story, 3).parts

    assert (part.document, part.open_minor, part.contested_minor) == ("", 0, 0)
    assert _holds(story, 4) == [("D-1", "FA-1", 3_000)]


def test_another_creditor_s_disputes_are_not_seen():
    """Disputes are asked for by creditor."""
    assert standings(Story().open().ledger, "NORD", as_of=day(0)) == ()


@pytest.mark.parametrize(
    ("on", "state", "days_open", "days_late"),
    [
        (0, DisputeState.OPEN, 0, 0),
        (10, DisputeState.OPEN, 10, 0),
        (11, DisputeState.OVERDUE, 11, 1),
    ],
)
def test_the_day_of_the_answer_is_in_time(on, state, days_open, days_late):
    """A dispute is overdue on the day after the one by which it was to be answered."""
    found = _standing(Story().open(), on)

    assert (found.state, found.days_open, found.days_late) == (state, days_open, days_late)


def test_the_policy_gives_the_day_of_the_answer():
    """A dispute that names no day has the policy's, counted from its opening."""
    story = Story().open(a_dispute(answer_by=None), on=2)

    found = _standing(story, 2, policy=DisputePolicy(answer_days_by_reason={"quality": 7}))

    assert found.answer_by == day(9)


@pytest.mark.parametrize(
    ("on", "to", "climbed", "due"),
    [
        (14, "", 0, None),
        (15, "", 0, "head of credit"),
        (25, "", 0, "board"),
        (24, "head of credit", 1, None),
        (25, "head of credit", 1, "board"),
        (99, "board", 2, None),
        (25, "somebody by hand", 0, "board"),
    ],
)
def test_escalation_by_lateness(on, to, climbed, due):
    """The highest step that the lateness has reached is due, unless it was climbed."""
    found = _standing(Story().open(a_dispute(escalated_to=to)), on, policy=POLICY)

    assert found.escalation_level == climbed
    assert (found.escalation_due.to if found.escalation_due else None) == due


def test_an_escalated_dispute_says_so():
    """Who has it above is said, whether it is late or not."""
    story = Story().open(a_dispute(escalated_to="board"))

    assert _standing(story, 0).state is DisputeState.ESCALATED


def test_the_counts_stop_at_the_decision():
    """A dispute decided on the twelfth day was open for twelve days, and is late by two for good."""
    story = Story().open().decide("valid", on=12, by="L. Petit")

    found = _standing(story, 40, policy=POLICY)

    assert (found.state, found.outcome) == (DisputeState.DECIDED, DisputeOutcome.VALID)
    assert (found.days_open, found.days_late, found.decided_on) == (12, 2, day(12))
    assert found.escalation_due is None


def test_an_item_is_split_into_two():
    """The clear part keeps the item's dates, and so does the disputed one."""
    story = Story().open()
    item = story.ledger.item(CREDITOR, "FA-1", as_of=day(0))

    clear, disputed = split_disputed([item], standings(story.ledger, CREDITOR, as_of=day(0)))

    assert clear == (attrs.evolve(item, open_minor=7_000),)
    assert disputed == (attrs.evolve(item, open_minor=3_000),)


def test_an_aging_shows_what_is_disputed_apart():
    """The rows of the whole carry their disputed part by bucket and in total."""
    story = Story().open()
    items = story.ledger.open_items(as_of=day(1))

    found = age_disputed(
        items,
        standings(story.ledger, CREDITOR, as_of=day(1)),
        scheme=AgingScheme(30),
        as_of=day(1),
    )

    row = found.to_dicts()[0]
    assert (row["bucket_1"], row["disputed_bucket_1"], row["disputed_minor"]) == (
        10_000,
        3_000,
        3_000,
    )
    assert found.clear.rows[0].total_minor == 7_000


def test_with_credits_netted_the_totals_add_up():
    """The credit is set against what is clear, and the disputed part stays as it is."""
    story = Story(an_invoice(), a_credit_note(total="80.00")).open()
    scheme = AgingScheme(30, credits=Credits.NETTED)

    found = age_disputed(
        story.ledger.open_items(as_of=day(1)),
        standings(story.ledger, CREDITOR, as_of=day(1)),
        scheme=scheme,
        as_of=day(1),
    )

    totals = [one.rows[0].total_minor for one in (found.whole, found.clear, found.disputed)]
    assert totals == [2_000, -1_000, 3_000]


def test_an_account_without_disputes_has_zeros():
    """A row of the aging in which nothing is disputed says so."""
    story = Story()

    found = age_disputed(
        story.ledger.open_items(as_of=day(1)), (), scheme=AgingScheme(30), as_of=day(1)
    )

    assert found.to_rows()[0][-4:] == (0, 0, 0, 0)


def test_the_policy_says_what_a_disputed_amount_counts_for():
    """By default it counts; a policy may leave it out of the exposure and of the allowance."""
    story = Story().open()
    items = story.ledger.open_items(as_of=day(0))
    found = standings(story.ledger, CREDITOR, as_of=day(0))
    strict = DisputePolicy(counts_in_exposure=False)

    (usual,) = exposure_effect(items, found)
    (apart,) = exposure_effect(items, found, policy=strict)
    (allowance,) = allowance_effect(items, found, policy=strict)

    assert (usual.counted_minor, usual.excluded_minor, usual.disputed_minor) == (10_000, 0, 3_000)
    assert (apart.counted_minor, apart.excluded_minor) == (7_000, 3_000)
    assert allowance.counted_minor == 10_000


def test_decided_disputes_contest_nothing_in_columns():
    """The rows for data frames keep decided disputes, with nothing contested."""
    story = Story().open().open(a_dispute("D-2"), on=1).decide("valid", on=5)

    columns = to_columns(standings(story.ledger, CREDITOR, as_of=day(6)))

    assert columns["dispute"] == ["D-1", "D-2"]
    assert columns["contested_minor"] == [0, 3_000]
