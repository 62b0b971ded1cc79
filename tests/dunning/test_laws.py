"""The laws of dunning: no second letter, no level skipped, never more than is owed, nobody forgotten."""

from __future__ import annotations

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from receivables.documents import open_items
from receivables.dunning import (
    DunningScope,
    DunningWorld,
    dun,
    propose,
    release,
    review,
    run_days,
    simulate,
)
from receivables.ledger import Ledger
from receivables.testing.builders import a_credit_note, an_invoice, issued, recorded

from .worlds import BUSINESSES, HARD, holds, ladders, on, portfolios

LAWS = settings(max_examples=40, deadline=None)
DAYS = st.lists(st.integers(-5, 90), min_size=1, max_size=6)


def _run(items, day, sent=(), procedure=HARD, **given):
    return propose(
        items,
        notices=sent,
        procedure=procedure,
        as_of=on(day),
        recorded_at=recorded(),
        **{"customers": BUSINESSES, **given},
    )


def _with_charges(items, run):
    known = {item.item for item in items}
    new = [item for document in run.documents for item in open_items(document)]
    return [*items, *(item for item in new if item.item not in known)]


@LAWS
@given(items=portfolios(charges=True), procedure=ladders(), days=DAYS, luck=st.randoms())
def test_no_order_of_runs_makes_a_second_letter(items, procedure, days, luck):
    """Whatever the days and their order, an item gets each level once, from the one before."""
    sent, reached = [], {}
    luck.shuffle(days)
    for day in days:
        found = _run(items, day, sent, procedure)
        items, sent = _with_charges(items, found), [*sent, *found.notices]
        for notice in found.notices:
            climbed = [one for one in notice.items if one.level > reached.get(one.item, 0)]
            assert climbed
            assert all(one.level == reached.get(one.item, 0) + 1 for one in climbed)
            reached.update((one.item, one.level) for one in climbed)

        assert _run(items, day, sent, procedure).notices == ()
    assert len({notice.event for notice in sent}) == len(sent)


@LAWS
@given(items=portfolios(charges=True), procedure=ladders(), days=DAYS, data=st.data())
def test_no_crash_makes_a_second_letter(items, procedure, days, data):
    """A run that broke off anywhere, and is made again, ends where it would have ended."""
    sent = []
    for day in sorted(days):
        found = _run(items, day, sent, procedure)
        events = [*found.documents, *found.notices]
        kept = events[: data.draw(st.integers(0, len(events)))]
        issued_then = attrs.evolve(found, documents=[one for one in kept if one in found.documents])
        partly = _with_charges(items, issued_then)
        survived = [*sent, *(one for one in kept if one in found.notices)]

        again = _run(partly, day, survived, procedure)

        assert [*survived, *again.notices] == [*sent, *found.notices]
        assert {*issued_then.documents, *again.documents} == set(found.documents)
        items, sent = _with_charges(items, found), [*survived, *again.notices]


@LAWS
@given(items=portfolios(charges=True), procedure=ladders(), held=holds(), days=DAYS)
def test_never_more_is_asked_than_is_owed_and_not_held(items, procedure, held, days):
    """What a notice asks for, new charges left out, is what is open less holds and credits."""
    sent = []
    for day in sorted(days):
        found = _run(items, day, sent, procedure, holdbacks=held)
        sent += found.notices
        owed = {item.item: item.open_minor for item in items}
        for notice in found.notices:
            new = {one.item for one in notice.items} - set(owed)
            for one in notice.items:
                if one.item in new:
                    continue
                left = owed[one.item] - _held_minor(held, one.item, owed[one.item], day)
                assert 0 < one.asked_minor == left
            assert 0 < notice.total_minor
            assert notice.credit_minor <= 0


def _held_minor(held, item, open_minor, day):
    on_it = [
        hold for hold in held if hold.item == item and (hold.until is None or hold.until >= on(day))
    ]
    if any(hold.amount_minor is None for hold in on_it):
        return open_minor
    return min(sum(hold.amount_minor for hold in on_it), open_minor)


@LAWS
@given(
    items=portfolios(charges=True),
    procedure=st.sampled_from(DunningScope).flatmap(lambda per: ladders(per=per)),
    held=holds(),
    days=DAYS,
)
def test_every_late_item_is_explained(items, procedure, held, days):
    """It is in a notice, skipped with a reason, or in a file to refer; and nothing else is."""
    sent = []
    for day in sorted(days):
        found = _run(items, day, sent, procedure, holdbacks=held)
        sent += found.notices
        late = {
            item.item
            for item in items
            if item.open_minor > 0 and item.due_date is not None and item.due_date < on(day)
        }
        asked = [one.item for notice in found.notices for one in notice.items]
        new = {number for notice in found.notices for number in notice.charges}
        skipped = [item for one in found.skipped for item in one.items]
        referred = [one.item for proposal in found.referrals for one in proposal.items]

        assert {*asked, *skipped, *referred} - new == late
        assert len(set(asked)) == len(asked)


@LAWS
@given(items=portfolios(), procedure=ladders(), held=holds(), day=st.integers(0, 90))
def test_per_document_and_per_customer_ask_the_same(items, procedure, held, day):
    """Where nothing was sent before, credits and holds leave the same total in each currency."""
    procedure = attrs.evolve(
        procedure,
        minimums_minor={},
        levels=[attrs.evolve(level, fees_minor={}) for level in procedure.levels],
    )
    each = attrs.evolve(procedure, per=DunningScope.DOCUMENT)

    assert _totals(_run(items, day, (), procedure, holdbacks=held)) == _totals(
        _run(items, day, (), each, holdbacks=held)
    )


def _totals(found):
    totals = {}
    for notice in found.notices:
        place = (notice.customer, notice.currency)
        totals[place] = totals.get(place, 0) + notice.total_minor
    return totals


@LAWS
@given(items=portfolios(), procedure=ladders(), day=st.integers(0, 90), luck=st.randoms())
def test_the_order_of_the_items_does_not_matter(items, procedure, day, luck):
    """The same books give the same run."""
    shuffled = list(items)
    luck.shuffle(shuffled)

    assert _run(items, day, (), procedure) == _run(shuffled, day, (), procedure)


@st.composite
def books(draw):
    """A ledger of invoices and credit notes of a few customers."""
    documents = [
        an_invoice(
            f"F-{index}",
            total=str(draw(st.integers(1, 400))),
            customer=draw(st.sampled_from(["C-1", "C-2"])),
            due_date=on(draw(st.integers(-10, 40))),
            document_date=on(-40),
        )
        for index in range(draw(st.integers(1, 5)))
    ]
    if draw(st.booleans()):
        documents.append(a_credit_note("A-1", total="50", customer="C-1", document_date=on(-40)))
    return Ledger.replay([issued(one) for one in documents])


@settings(max_examples=20, deadline=None)
@given(ledger=books(), procedure=ladders(), every=st.integers(1, 20))
def test_a_simulation_of_what_really_ran_is_what_was_recorded(ledger, procedure, every):
    """What a procedure would have sent over a period in which it ran is what it sent."""
    world = DunningWorld(customers=BUSINESSES)
    days = run_days(on(-5), on(80), every=every)
    for minute, day in enumerate(days, 1):
        found = dun(
            ledger, procedure=procedure, as_of=day, recorded_at=recorded(minute), world=world
        )
        ledger = ledger.record(*release(review(found, by="x"), recorded_at=recorded(minute)))
    assume(ledger.notices())

    simulated = simulate(ledger, procedure, days=days, world=world)

    assert _bare(simulated.notices) == _bare(ledger.notices())


def _bare(notices):
    return [
        attrs.evolve(notice, run="", released_by="", recorded_at=recorded()) for notice in notices
    ]


@LAWS
@given(ledger=books(), procedure=ladders(), days=DAYS)
def test_what_is_released_the_ledger_takes(ledger, procedure, days):
    """No run proposes what the ledger refuses, and replaying the events changes nothing."""
    world = DunningWorld(customers=BUSINESSES)
    for minute, day in enumerate(sorted(days), 1):
        found = dun(
            ledger, procedure=procedure, as_of=on(day), recorded_at=recorded(minute), world=world
        )
        events = release(review(found, by="x"), recorded_at=recorded(minute))
        ledger = ledger.record(*events)

        assert len(ledger.record(*events)) == len(ledger)
    assert Ledger.replay(ledger.events).notices() == ledger.notices()
