"""Payment plans: offered, kept, missed, broken, and what they do to everything else."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.casework import BreakClause, HoldReason, PlanEnd, Referral, ReferredItem
from receivables.errors import DocumentError, EventError, PolicyError
from receivables.ledger import DocumentIssued, PlanAccepted, ReferralEnded, Referred
from receivables.ledger.model import EventId
from receivables.money import from_minor, money
from receivables.promises import (
    InstallmentState,
    PlanState,
    holdbacks,
    interest_notes,
    offer_plan,
    paused,
    plan_events_due,
)
from receivables.testing.builders import (
    CREDITOR,
    CUSTOMER,
    a_cancellation,
    an_open_item,
    recorded,
)

from .worlds import Story, day

_DAYS = [day(10), day(10, 12), dt.date(2027, 1, 10)]


def _offered(items=None, **terms):
    known = {"plan": "PP-1", "customer": CUSTOMER, "as_of": day(1), "first_due_on": day(30)}
    return offer_plan(items or [an_open_item()], **{**known, **terms})


def _planned(**terms):
    return Story().invoice(total="300.00").plan(["F-1"], **{"dates": _DAYS, **terms})


def test_every_currency_is_split_to_the_cent():
    """What is open of the items is what the installments pay off, in each currency."""
    items = [
        an_open_item("F-1", amount="100.00"),
        an_open_item("F-2", amount="0.01"),
        an_open_item("F-3", amount="2", currency="JPY"),
    ]

    plan = _offered(items, installments=3)

    assert {"EUR": 10_001, "JPY": 2} == dict(plan.principal_minor)
    assert ["33.34", "33.34", "33.33"] == [
        str(one.principal.amount)
        for one in plan.installments
        if one.principal.currency.code == "EUR"
    ]
    assert [1, 1] == [
        int(one.principal.amount)
        for one in plan.installments
        if one.principal.currency.code == "JPY"
    ]


def test_the_end_of_a_month_comes_back():
    """Days are counted from the first, so that a 31st is one again after a short month."""
    plan = _offered(first_due_on=dt.date(2027, 1, 31), installments=3)

    assert ["2027-01-31", "2027-02-28", "2027-03-31"] == [
        one.due_on.isoformat() for one in plan.installments
    ]


def test_interest_is_on_what_is_left():
    """A year of 10 % on 1,000 in two halves: 50.41 for the first days, then on the half."""
    plan = _offered(
        [an_open_item(amount="1000.00")],
        as_of=dt.date(2026, 1, 1),
        first_due_on=None,
        dates=[dt.date(2026, 7, 4), dt.date(2027, 1, 1)],
        rate_bps=1_000,
    )

    # 184 and 181 days of 365.
    assert ["50.41", "24.79"] == [str(one.interest.amount) for one in plan.installments]
    assert 1_000 == plan.rate_bps


@pytest.mark.parametrize(
    ("terms", "error", "message"),
    [
        ({"first_due_on": None}, PolicyError, "either dates or first_due_on"),
        ({"dates": [day(30)]}, PolicyError, "either dates or first_due_on"),
        ({"installments": 0}, PolicyError, "installments must be 1 to"),
        ({"every_months": 0}, PolicyError, "installments must be 1 to"),
        ({"first_due_on": day(31, 10)}, PolicyError, "dates must rise from 2026-11-01 on"),
        ({"first_due_on": None, "dates": [day(9), day(9)]}, PolicyError, "dates must rise"),
        ({"rate_bps": -1}, PolicyError, "rate_bps must be zero or more"),
        ({"items": [an_open_item(amount="-5.00")]}, DocumentError, "must have something open"),
        ({"items": [an_open_item(customer="C-1")]}, DocumentError, "must be of C-017"),
        ({"items": [an_open_item(), an_open_item()]}, DocumentError, "each once"),
    ],
)
def test_impossible_offers_are_refused(terms, error, message):
    """A plan covers what one customer owes, on days that rise."""
    with pytest.raises(error, match=message):
        _offered(**terms)


def test_money_pays_the_oldest_installment_first():
    """What comes in on the items fills the installments in turn; the items stay what they are."""
    story = _planned()
    story.money("r-1", "150.00", on=day(9), pays={"F-1": 15_000})

    standing = story.standing(day(11))

    assert [10_000, 5_000, 0] == [one.paid_minor for one in standing.installments]
    assert [InstallmentState.PAID, InstallmentState.OPEN, InstallmentState.OPEN] == [
        one.state for one in standing.installments
    ]
    assert (PlanState.RUNNING, day(9)) == (standing.state, standing.installments[0].paid_on)
    assert {"EUR": 15_000} == dict(standing.remaining_minor)


def test_an_installment_is_late_then_missed():
    """Within the days of grace it is late; beyond them it is missed, and the clause strikes."""
    story = _planned()

    found = {at: story.standing(at) for at in (day(10), day(11), day(15), day(16))}

    assert ["open", "late", "late", "missed"] == [
        one.installments[0].state.value for one in found.values()
    ]
    assert ["running", "running", "running", "broken"] == [
        one.state.value for one in found.values()
    ]
    assert (day(16), 1) == (found[day(16)].broken_since, found[day(16)].missed_count)


def test_a_broken_plan_is_not_mended_by_late_money():
    """What came after the grace pays the installments, and the plan stays broken."""
    story = _planned().money("r-1", "300.00", on=day(20), pays={"F-1": 30_000})

    standing = story.standing(day(25))

    assert (PlanState.BROKEN, day(16)) == (standing.state, standing.broken_since)
    assert {"EUR": 0} == dict(standing.remaining_minor)


def test_a_clause_of_two_missed_installments():
    """One missed installment, paid before the second, breaks nothing."""
    clause = BreakClause(missed_installments=2, grace_days=5)
    mended = _planned(break_clause=clause).money(
        "r-1", "100.00", on=day(1, 12), pays={"F-1": 10_000}
    )
    broken = _planned(break_clause=clause)

    assert PlanState.RUNNING is mended.standing(day(20, 12)).state
    assert PlanState.BROKEN is broken.standing(day(20, 12)).state
    assert day(16, 12) == broken.standing(day(20, 12)).broken_since


def test_two_currencies_of_one_day_are_missed_once():
    """An installment in two currencies is one for the break clause, and complete with both."""
    clause = BreakClause(missed_installments=2, grace_days=0)
    story = Story().invoice().invoice("F-2", total="100.00", currency="USD")
    story.plan(["F-1", "F-2"], dates=_DAYS[:2], break_clause=clause)
    story.money("r-1", "50.00", on=day(9), pays={"F-1": 5_000})

    standing = story.standing(day(20))

    assert (PlanState.RUNNING, 1) == (standing.state, standing.missed_count)
    assert {"EUR": 5_000, "USD": 10_000} == dict(standing.remaining_minor)
    assert {"EUR": 10_000, "USD": 10_000} == dict(standing.planned_minor)


def test_a_plan_is_completed_by_its_last_cent():
    """All paid in time: completed, on the day of the last money."""
    story = _planned().money("r-1", "300.00", on=day(9), pays={"F-1": 30_000})

    standing = story.standing(day(9))

    assert (PlanState.COMPLETED, day(9)) == (standing.state, standing.completed_on)


def test_a_credit_note_shortens_a_plan_from_its_end():
    """What is credited is not asked for, and misses nothing."""
    story = _planned().credit("A-1", "150.00", on=day(5), pays={"F-1": 15_000})

    standing = story.standing(day(6))

    assert [0, 5_000, 10_000] == [one.reduced_minor for one in standing.installments]
    assert {"EUR": 15_000} == dict(standing.planned_minor)
    assert "paid" == standing.installments[2].state.value


def test_a_write_off_after_the_break_mends_nothing():
    """What is given up later does not undo what was missed."""
    story = _planned().write_off("F-1", 30_000, on=day(20))

    assert PlanState.BROKEN is story.standing(day(25)).state
    assert (
        PlanState.RUNNING is _planned().write_off("F-1", 20_000, on=day(3)).standing(day(14)).state
    )


def test_money_between_offer_and_acceptance_shortens_the_plan():
    """It is no payment under the plan, and is not asked for a second time."""
    story = _planned(accepted_on=day(5)).money("r-1", "100.00", on=day(3), pays={"F-1": 10_000})

    standing = story.standing(day(6))

    assert [0, 0, 10_000] == [one.reduced_minor for one in standing.installments]
    assert {"EUR": 20_000} == dict(standing.remaining_minor)


def test_money_of_the_day_before_the_offer_was_reckoned_does_not_count():
    """On the day of an offer that is accepted at once, only what came after it pays installments."""
    story = Story().invoice(total="300.00").money("r-0", "60.00", on=day(1), pays={"F-1": 6_000})
    story.plan(["F-1"], dates=_DAYS).money("r-1", "80.00", on=day(1), pays={"F-1": 8_000})

    standing = story.standing(day(2))

    assert {"EUR": 8_000} == dict(standing.paid_minor)
    assert {"EUR": 16_000} == dict(standing.remaining_minor)


def test_a_payment_of_before_that_bounces_is_no_part_of_the_plan():
    """What goes back opens the item again; money of the plan pays the plan all the same."""
    story = (
        Story().invoice(total="400.00").money("r-0", "100.00", on=day(15, 10), pays={"F-1": 10_000})
    )
    story.plan(["F-1"], dates=_DAYS).bounce("r-0", on=day(4))
    story.money("r-1", "100.00", on=day(9), pays={"F-1": 10_000})

    standing = story.standing(day(12))

    assert [10_000, 0, 0] == [one.paid_minor for one in standing.installments]
    assert {"EUR": 30_000} == dict(standing.planned_minor)


def test_an_installment_that_bounces_is_missing_again():
    """The plan looks at the money that is there."""
    story = (
        _planned().money("r-1", "100.00", on=day(9), pays={"F-1": 10_000}).bounce("r-1", on=day(20))
    )

    assert PlanState.RUNNING is story.standing(day(19)).state
    assert PlanState.BROKEN is story.standing(day(20)).state


def test_a_completed_plan_whose_money_bounces_is_judged_anew():
    """The record that it was completed holds while the money is there."""
    story = _planned().money("r-1", "300.00", on=day(9), pays={"F-1": 30_000})
    story.add(*plan_events_due(story.ledger, CREDITOR, as_of=day(9), recorded_at=story.now))
    story.bounce("r-1", on=day(12))

    assert PlanState.COMPLETED is story.standing(day(11)).state
    assert PlanState.RUNNING is story.standing(day(12)).state
    assert PlanState.BROKEN is story.standing(day(16)).state
    assert () == plan_events_due(story.ledger, CREDITOR, as_of=day(20), recorded_at=story.now)


def test_an_offer_lapses_or_is_refused():
    """Nobody accepted in time, or said no."""
    lapsed = _planned(accept_by=day(5), accepted_on=None)
    refused = _planned(accepted_on=None).end(PlanEnd.REFUSED, on=day(4))

    assert ["offered", "lapsed"] == [lapsed.standing(at).state.value for at in (day(5), day(6))]
    assert ["offered", "refused"] == [refused.standing(at).state.value for at in (day(3), day(4))]
    assert lapsed.standing(day(6)).missed_count == 0


def test_nobody_accepts_what_has_lapsed():
    """An acceptance after the last day of the offer is refused."""
    with pytest.raises(EventError, match="plan PP-1 must be accepted by 2026-11-05"):
        _planned(accept_by=day(5), accepted_on=day(6))


@pytest.mark.parametrize("end", [PlanEnd.REPLACED, PlanEnd.CANCELLED])
def test_the_money_of_a_replaced_plan_stays_with_it(end):
    """What came before the end counts for the old plan, what came since for the new one."""
    story = _planned().money("r-1", "100.00", on=day(4), pays={"F-1": 10_000}).end(end, on=day(5))
    story.plan(["F-1"], name="PP-2", on=day(5), accepted_on=day(5), dates=_DAYS[:2])
    story.money("r-2", "100.00", on=day(8), pays={"F-1": 10_000})

    old, new = story.standing(day(9)), story.standing(day(9), "PP-2")

    assert (end.value, {"EUR": 10_000}) == (old.state.value, dict(old.paid_minor))
    assert {"EUR": 10_000} == dict(new.paid_minor)
    assert {"EUR": 10_000} == dict(new.remaining_minor)


def test_one_cent_pays_one_plan():
    """Of two plans for one item the one accepted first has the money."""
    story = _planned().plan(["F-1"], name="PP-2", on=day(2), accepted_on=day(2), dates=_DAYS)
    story.money("r-1", "300.00", on=day(9), pays={"F-1": 30_000})

    assert {"EUR": 30_000} == dict(story.standing(day(9)).paid_minor)
    assert {"EUR": 0} == dict(story.standing(day(9), "PP-2").paid_minor)


def test_interest_is_asked_for_by_a_note_of_its_own():
    """The note has a line per item and is due with the installments; paying it pays the plan."""
    story = Story().invoice(total="300.00").invoice("F-2", total="100.00")
    story.plan(["F-1", "F-2"], dates=_DAYS[:2], rate_bps=1_200)
    plan = story.standing(day(1)).plan
    items = [story.ledger.item(CREDITOR, name, as_of=day(1)) for name in plan.items]
    (note,) = interest_notes(plan, items, creditor=CREDITOR, number="ND-1", on=day(1))
    story.add(DocumentIssued.of(note, recorded_at=story.now))

    # 400.00 for 9 days, then 200.00 for 30 days, at 12 %.
    assert [118, 197] == [
        story.ledger.item(CREDITOR, f"ND-1/{place}", as_of=day(1)).open_minor for place in (1, 2)
    ]
    assert (("F-1", "F-2"), "PP-1 F-1 12.00 % p.a.") == (note.concerns, note.lines[0].description)

    story.money("r-1", "200.00", on=day(9), pays={"F-1": 20_000})
    assert 118 == story.standing(day(9)).installments[0].missing_minor
    story.money(
        "r-2",
        "203.15",
        on=day(9),
        pays={"F-1": 10_000, "F-2": 10_000, "ND-1/1": 118, "ND-1/2": 197},
    )
    assert PlanState.COMPLETED is story.standing(day(9)).state
    assert {"EUR": 40_315} == dict(story.standing(day(9)).paid_minor)


def test_a_cancelled_note_of_interest_counts_for_nothing():
    """The interest stays agreed, and nobody has asked for it."""
    story = Story().invoice(total="300.00").plan(["F-1"], dates=_DAYS, rate_bps=1_200)
    plan = story.standing(day(1)).plan
    items = [story.ledger.item(CREDITOR, "F-1", as_of=day(1))]
    (note,) = interest_notes(plan, items, creditor=CREDITOR, number="ND-1", on=day(1))
    story.add(DocumentIssued.of(note, recorded_at=story.now))
    before = story.standing(day(2)).remaining_minor
    story.add(a_cancellation("ND-1", effective_on=day(3), minute=story.minute + 1))

    assert before == story.standing(day(3)).remaining_minor


def test_interest_notes_are_one_per_currency():
    """Several currencies have notes of their own, and a plan without interest has none."""
    items = [an_open_item("F-1"), an_open_item("F-2", amount="100.00", currency="USD")]
    plan = _offered(items, installments=2, rate_bps=900)

    notes = interest_notes(plan, items, creditor=CREDITOR, number="ND-1", on=day(1))

    assert ["ND-1-EUR", "ND-1-USD"] == [note.number for note in notes]
    assert () == interest_notes(_offered(), [an_open_item()], creditor="X", number="N", on=day(1))


def test_ends_are_proposed_where_the_facts_say_so():
    """Lapsed, completed and broken plans are ended, each on its day, once."""
    lapsed = _planned(accept_by=day(5), accepted_on=None)
    broken = _planned()
    completed = _planned().money("r-1", "300.00", on=day(9), pays={"F-1": 30_000})
    credited = _planned().credit("A-1", "300.00", on=day(5), pays={"F-1": 30_000})

    found = [
        plan_events_due(story.ledger, CREDITOR, as_of=day(20), recorded_at=recorded(99))
        for story in (lapsed, broken, completed, credited)
    ]

    assert [
        ("lapsed", day(6)),
        ("broken", day(16)),
        ("completed", day(9)),
        ("completed", day(20)),
    ] == [(one.end.value, one.effective_on) for (one,) in found]
    story = broken.add(*found[1])
    assert PlanState.BROKEN is story.standing(day(20)).state
    assert day(16) == story.standing(day(20)).broken_since
    assert () == plan_events_due(story.ledger, CREDITOR, as_of=day(30), recorded_at=recorded(99))


def test_nothing_is_proposed_against_what_is_recorded_later():
    """A run for a past day leaves alone what was accepted or ended since."""
    accepted = _planned(accept_by=day(5), accepted_on=None)
    plan = accepted.standing(day(1)).plan
    accepted.add(
        PlanAccepted(
            event=EventId("late"),
            effective_on=day(9),
            recorded_at=accepted.now,
            creditor=CREDITOR,
            customer=CUSTOMER,
            plan=plan.plan,
        )
    )
    ended = _planned().end(PlanEnd.CANCELLED, on=day(25))

    for story, at in ((accepted, day(7)), (ended, day(20))):
        assert () == plan_events_due(story.ledger, CREDITOR, as_of=at, recorded_at=recorded(99))
    assert PlanState.RUNNING is accepted.standing(day(9)).state


def test_a_plan_broken_by_hand_is_broken_since_then():
    """Where a person ends it, the day is the one that was said."""
    story = _planned().end(PlanEnd.BROKEN, on=day(4))

    assert (PlanState.BROKEN, day(4)) == (
        story.standing(day(5)).state,
        story.standing(day(5)).broken_since,
    )


def test_a_running_plan_holds_its_items_whole():
    """While it is kept, nothing of its items is asked for; once it is broken, everything is."""
    story = _planned()

    (held,) = holdbacks(story.ledger, CREDITOR, as_of=day(12))

    assert ("F-1", HoldReason.PLAN, "PP-1", None) == (
        held.item,
        held.reason,
        held.reference,
        held.amount_minor,
    )
    assert () == holdbacks(story.ledger, CREDITOR, as_of=day(16))


def test_an_open_promise_holds_back_what_it_lacks():
    """Over its items in their order, never more than is open, until its last day."""
    story = Story().invoice("F-1").invoice("F-2")
    story.promise(amount="180.00", due=day(10), items=["F-2", "F-1"])
    story.money("r-1", "30.00", on=day(3), pays={"F-2": 3_000})

    found = holdbacks(story.ledger, CREDITOR, as_of=day(5))

    assert [("F-2", 7_000, day(10)), ("F-1", 8_000, day(10))] == [
        (one.item, one.amount_minor, one.until) for one in found
    ]
    assert () == holdbacks(story.ledger, CREDITOR, as_of=day(11))


def test_a_promise_without_items_holds_the_oldest():
    """What is due first is held first, and no other currency."""
    story = Story().invoice("F-1", on=day(1, 10)).invoice("F-2", on=day(1, 9))
    story.invoice("F-3", total="50.00", currency="USD", on=day(1, 8))
    story.promise(amount="120.00", due=day(10))

    found = holdbacks(story.ledger, CREDITOR, as_of=day(5))

    assert [("F-2", 10_000), ("F-1", 2_000)] == [(one.item, one.amount_minor) for one in found]


def test_two_promises_do_not_hold_more_than_is_open():
    """The second holds what the first left, and nothing of what a plan holds whole."""
    story = Story().invoice("F-1").promise("P-1", "80.00", due=day(10), items=["F-1"])
    story.promise("P-2", "80.00", due=day(12), items=["F-1"])

    found = holdbacks(story.ledger, CREDITOR, as_of=day(5))
    planned = holdbacks(story.plan(["F-1"]).ledger, CREDITOR, as_of=day(5))

    assert [("P-1", 8_000), ("P-2", 2_000)] == [(one.reference, one.amount_minor) for one in found]
    assert [HoldReason.PLAN] == [one.reason for one in planned]


def _referred(story, *, on):
    referral = Referral(
        referral="R-1",
        customer=CUSTOMER,
        kind="court",
        to="Tribunal",
        items=[ReferredItem(item="F-1", amount=money("300.00", "EUR"))],
    )
    return story.add(
        Referred(
            event=EventId("referred:R-1"),
            effective_on=on,
            recorded_at=story.now,
            creditor=CREDITOR,
            referral=referral,
        )
    )


def test_a_running_plan_pauses_the_court():
    """While the plan is kept the referral waits; it goes on when the plan is broken."""
    story = _referred(_planned(), on=day(2))

    (found,) = paused(story.ledger, CREDITOR, as_of=day(3))

    assert ("R-1", "PP-1", ("F-1",)) == (found.referral.referral, found.plan.plan, found.items)
    assert () == paused(story.ledger, CREDITOR, as_of=day(16))


def test_nothing_waits_for_a_plan_that_does_not_pause():
    """Where the plan says so, or the file is closed, or concerns other items, nothing is paused."""
    goes_on = _referred(_planned(pauses_referral=False), on=day(2))
    closed = _referred(_planned(), on=day(2))
    closed.add(
        ReferralEnded(
            event=EventId("ended:R-1"),
            effective_on=day(3),
            recorded_at=closed.now,
            creditor=CREDITOR,
            customer=CUSTOMER,
            referral="R-1",
            end="recalled",
        )
    )
    other = _referred(Story().invoice(total="300.00").invoice("F-2").plan(["F-2"]), on=day(2))

    for story in (goes_on, closed, other):
        assert () == paused(story.ledger, CREDITOR, as_of=day(4))


def test_the_items_of_a_plan_stay_what_they_are():
    """Offering, accepting and ending a plan change no open item."""
    story = Story().invoice(total="300.00")
    before = story.ledger.open_items(as_of=day(20))

    story.plan(["F-1"]).end(PlanEnd.BROKEN, on=day(9))

    assert before == story.ledger.open_items(as_of=day(20))
    assert from_minor(30_000, "EUR") == before[0].open_amount
