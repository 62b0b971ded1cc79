"""Whatever is opened, updated, paid and decided, in whatever order: what disputes never break."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.aging import AgingScheme, Credits, age
from receivables.casework import DisputeOutcome
from receivables.disputes import (
    age_disputed,
    credit_note_requests,
    dispute_statistics,
    escalations_due,
    exposure_effect,
    holdbacks,
    holdbacks_until_credited,
    split_disputed,
    standings,
)
from receivables.documents import ItemKind
from receivables.ledger import Ledger
from receivables.money import to_minor
from receivables.testing.builders import CREDITOR, recorded
from receivables.testing.strategies import dates, histories

from .worlds import day, policies, stories

LAWS = settings(max_examples=40, deadline=None)
DAYS = st.integers(-2, 45).map(day)


def _open_minor(items):
    return Counter({item.item: item.open_minor for item in items})


@LAWS
@given(ledger=stories(), on=DAYS)
def test_clear_and_disputed_add_up(ledger, on):
    """clear + disputed = whole, for each item, on any day."""
    items = ledger.open_items(as_of=on)

    clear, disputed = split_disputed(items, standings(ledger, CREDITOR, as_of=on))
    added = Counter(_open_minor(clear))
    added.update(_open_minor(disputed))

    assert _open_minor(items) == added
    assert all(item.open_minor for item in (*clear, *disputed))


@LAWS
@given(events=histories(), on=dates())
def test_clear_and_disputed_add_up_in_any_history(events, on):
    """clear + disputed = whole, in each currency, where invoices, credits and returns mix."""
    ledger = Ledger.replay(events)
    items = ledger.open_items(as_of=on)
    for creditor in {item.creditor for item in items}:
        found = standings(ledger, creditor, as_of=on)
        clear, disputed = split_disputed(items, found)

        assert sum(item.open_minor for item in items) == sum(
            item.open_minor for item in (*clear, *disputed)
        )
        assert all(item.kind is not ItemKind.UNAPPLIED_CASH for item in disputed)


@LAWS
@given(ledger=stories(), on=DAYS)
def test_what_is_held_is_open_and_contested(ledger, on):
    """0 <= held <= contested <= stated, and the holds of an item are never above what is open."""
    found = standings(ledger, CREDITOR, as_of=on)
    by_item = Counter()
    for part in (part for standing in found for part in standing.parts):
        by_item[part.item] += part.held_minor

        assert 0 <= part.held_minor <= part.contested_minor <= part.stated_minor
        assert part.contested_minor <= max(part.open_minor, 0)

    opened = _open_minor(ledger.open_items(as_of=on))
    assert all(held <= opened[item] for item, held in by_item.items())


@LAWS
@given(ledger=stories(), on=DAYS)
def test_holdbacks_say_what_is_disputed(ledger, on):
    """What the holds take of the open items is what the split calls disputed."""
    items = ledger.open_items(as_of=on)
    opened = _open_minor(items)
    _, disputed = split_disputed(items, standings(ledger, CREDITOR, as_of=on))

    held = Counter()
    for hold in holdbacks(ledger, CREDITOR, as_of=on):
        held[hold.item] += opened[hold.item] if hold.amount_minor is None else hold.amount_minor

    assert _open_minor(disputed) == held


@LAWS
@given(ledger=stories(), on=DAYS)
def test_what_is_decided_holds_nothing(ledger, on):
    """A decided dispute has neither a contested part nor a hold."""
    decided = [one for one in standings(ledger, CREDITOR, as_of=on) if not one.is_open]
    references = {hold.reference for hold in holdbacks(ledger, CREDITOR, as_of=on)}

    assert all(not any(one.held_minor.values()) for one in decided)
    assert not references & {one.name for one in decided}


@LAWS
@given(ledger=stories(), on=DAYS)
def test_accepted_is_within_what_was_contested(ledger, on):
    """accepted <= stated item by item; all of it where it is valid, nothing where it is invalid."""
    for one in standings(ledger, CREDITOR, as_of=on):
        stated = Counter({part.item: part.stated_minor for part in one.parts})
        accepted = Counter({part.item: to_minor(part.amount) for part in one.accepted})

        assert accepted <= stated
        assert (accepted == stated) == (one.outcome is DisputeOutcome.VALID)
        assert bool(accepted) == (one.outcome in {DisputeOutcome.VALID, DisputeOutcome.SPLIT})


@LAWS
@given(ledger=stories(), on=DAYS)
def test_what_came_later_changes_no_past_day(ledger, on):
    """A day asked for now is answered like on the evening of that day."""
    then = Ledger.replay(event for event in ledger.events if event.effective_on <= on)

    assert standings(then, CREDITOR, as_of=on) == standings(ledger, CREDITOR, as_of=on)
    assert holdbacks(then, CREDITOR, as_of=on) == holdbacks(ledger, CREDITOR, as_of=on)
    assert credit_note_requests(then, CREDITOR, as_of=on) == credit_note_requests(
        ledger, CREDITOR, as_of=on
    )


@LAWS
@given(ledger=stories(), on=DAYS, minute=st.integers(0, 25))
def test_as_known_then(ledger, on, minute):
    """With a moment the answer is that of a ledger that knows nothing recorded after it."""
    then = Ledger.replay(one for one in ledger.events if one.recorded_at <= recorded(minute))
    known = {"as_of": on, "known_at": recorded(minute)}

    assert standings(then, CREDITOR, as_of=on) == standings(ledger, CREDITOR, **known)
    assert holdbacks(then, CREDITOR, as_of=on) == holdbacks(ledger, CREDITOR, **known)


@LAWS
@given(ledger=stories(), on=DAYS)
def test_a_replay_is_identical(ledger, on):
    """The same events, recorded again and twice, give the same answers."""
    again = Ledger.replay((*ledger.events, *ledger.events))

    assert standings(ledger, CREDITOR, as_of=on) == standings(again, CREDITOR, as_of=on)
    assert holdbacks(ledger, CREDITOR, as_of=on) == holdbacks(again, CREDITOR, as_of=on)


@LAWS
@given(ledger=stories(), on=DAYS, credits=st.sampled_from([Credits.APART, Credits.IN_BUCKETS]))
def test_the_agings_add_up(ledger, on, credits):
    """The aging of the whole is that of the clear and that of the disputed parts, added."""
    scheme = AgingScheme(15, 30, credits=credits)
    items = ledger.open_items(as_of=on)

    found = age_disputed(items, standings(ledger, CREDITOR, as_of=on), scheme=scheme, as_of=on)
    added = Counter()
    for row in (*found.clear.rows, *found.disputed.rows):
        for place, minor in enumerate((*row.buckets_minor, row.credits_minor, row.total_minor)):
            added[row.customer, row.currency, place] += minor
    whole = {
        (row.customer, row.currency, place): minor
        for row in age(items, scheme=scheme, as_of=on).rows
        for place, minor in enumerate((*row.buckets_minor, row.credits_minor, row.total_minor))
    }

    assert whole == {key: added[key] for key in whole}
    assert not {key for key, minor in added.items() if minor} - set(whole)


@LAWS
@given(ledger=stories(), on=DAYS, policy=policies())
def test_effects_add_up(ledger, on, policy):
    """What counts and what is left out add up to what is open, and the disputed part is in it."""
    found = exposure_effect(
        ledger.open_items(as_of=on), standings(ledger, CREDITOR, as_of=on), policy=policy
    )

    assert all(one.counted_minor + one.excluded_minor == one.open_minor for one in found)
    assert all(0 <= one.disputed_minor <= one.open_minor for one in found)


@LAWS
@given(ledger=stories(), on=DAYS)
def test_what_was_decided_is_accepted_or_refused(ledger, on):
    """accepted + refused = stated, over the decided disputes of each currency."""
    found = standings(ledger, CREDITOR, as_of=on)
    stated = Counter()
    for part in (part for one in found if not one.is_open for part in one.parts):
        stated[part.currency] += part.stated_minor

    rows = dispute_statistics(found).rows
    added = Counter()
    for row in rows:
        added[row.currency] += row.accepted_minor + row.refused_minor

    assert +stated == +added
    assert all(row.refused_minor >= 0 for row in rows)


@LAWS
@given(ledger=stories(), on=st.integers(0, 80).map(day), policy=policies())
def test_an_escalation_happens_once(ledger, on, policy):
    """Recorded, the escalations of a day are proposed no more, and change no hold."""
    known = {"as_of": on, "recorded_at": recorded(60), "policy": policy}
    proposed = escalations_due(ledger, CREDITOR, **known)

    after = ledger.record(*proposed)

    assert escalations_due(after, CREDITOR, **known) == ()
    assert holdbacks(after, CREDITOR, as_of=on) == holdbacks(ledger, CREDITOR, as_of=on)


@LAWS
@given(ledger=stories(), on=DAYS)
def test_a_request_never_exceeds_what_was_accepted(ledger, on):
    """Billing is asked for what was accepted, part by part, and for nothing else."""
    accepted = {
        (one.name, part.item): to_minor(part.amount)
        for one in standings(ledger, CREDITOR, as_of=on)
        for part in one.accepted
    }
    requested = {
        (one.dispute, one.item): one.amount_minor
        for one in credit_note_requests(ledger, CREDITOR, as_of=on)
    }

    assert accepted == requested


@LAWS
@given(ledger=stories(), on=DAYS)
def test_all_holds_of_an_item_are_within_what_is_open(ledger, on):
    """What is contested and what is to be credited are, together, never more than is open."""
    opened = _open_minor(ledger.open_items(as_of=on))
    held = Counter()
    for find in (holdbacks, holdbacks_until_credited):
        for hold in find(ledger, CREDITOR, as_of=on):
            held[hold.item] += opened[hold.item] if hold.amount_minor is None else hold.amount_minor

    assert held <= opened
