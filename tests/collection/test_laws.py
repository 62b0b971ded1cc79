"""The laws of a worklist."""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st

from receivables.casework import Holdback, HoldReason
from receivables.collection import (
    CashTable,
    RankBy,
    WorkInputs,
    WorklistPolicy,
    WorkReasonKind,
    gather,
    rank,
    reasons_of,
    worklist,
)
from receivables.errors import EventError
from receivables.ledger import Ledger
from receivables.parties import UNIDENTIFIED
from receivables.testing.strategies import histories

from .worlds import AS_OF, MIRA, case_lists, cases, invoice, note, owing, policies, request

WORTH = CashTable(worth_ppm={"EUR": 1_000_000, "JPY": 6_000})
PRICED = WorklistPolicy(cash=WORTH)
RANKINGS = st.sampled_from(RankBy)
AMOUNTS = {WorkReasonKind.AMOUNT, WorkReasonKind.AGE, WorkReasonKind.STAKE}


def _total(case, policy):
    return sum(reason.points for reason in reasons_of(case, policy=policy, as_of=AS_OF))


@given(given=case_lists(), by=RANKINGS, seed=st.randoms(use_true_random=False))
def test_the_order_is_one(given, by, seed):
    """Whatever the order of the cases, the list is the same."""
    shuffled = list(given)
    seed.shuffle(shuffled)

    assert rank(given, policy=PRICED, as_of=AS_OF, by=by) == rank(
        shuffled, policy=PRICED, as_of=AS_OF, by=by
    )


@given(given=case_lists(), by=RANKINGS)
def test_places_follow_the_ranking(given, by):
    """Each line ranks no higher than the one before it, and the places have no gap."""
    found = rank(given, policy=PRICED, as_of=AS_OF, by=by)

    figures = [line.points if by is RankBy.POINTS else line.gain_per_minute for line in found]
    assert sorted(figures, reverse=True) == figures
    assert list(range(1, len(found) + 1)) == [line.place for line in found]


@given(given=case_lists(), policy=policies())
def test_points_are_the_sum_of_the_reasons(given, policy):
    """Every reason gives some, the weightiest first, and each kind speaks once."""
    for line in rank(given, policy=policy, as_of=AS_OF):
        points = [reason.points for reason in line.reasons]

        assert line.points == sum(points)
        assert all(points)
        assert sorted(points, reverse=True) == points
        assert len(points) == len({reason.kind for reason in line.reasons})


@given(
    case=cases(currencies=("EUR",)),
    policy=policies(),
    minor=st.integers(1, 10**8),
    days=st.integers(1, 400),
    more=st.integers(0, 10**7),
    older=st.integers(0, 300),
)
def test_more_or_older_never_lowers_the_points(case, policy, minor, days, more, older):
    """A customer that owes more, or for longer, never stands lower for it."""
    less = attrs.evolve(case, overdue=[owing(minor, days)])
    worse = attrs.evolve(case, overdue=[owing(minor + more, days + older)])

    assert _total(less, policy) <= _total(worse, policy)


@given(case=cases(), policy=policies(), broken=st.integers(0, 4), used=st.integers(0, 9_000))
def test_a_worse_history_never_lowers_the_points(case, policy, broken, used):
    """Broken promises and a used limit only lift."""
    worse = attrs.evolve(
        case,
        broken_promises=case.broken_promises + broken,
        limit_bps=case.limit_bps + used,
    )

    assert _total(case, policy) <= _total(worse, policy)


@given(events=histories())
def test_what_is_fully_held_back_is_on_no_list_for_its_amount(events):
    """Another reason may put the customer there; what it owes does not."""
    ledger = Ledger.replay(events)
    held = [
        Holdback(creditor=MIRA, item=item.item, reason=HoldReason.BLOCK, reference="B-1")
        for item in ledger.open_items(as_of=dt.date.max)
    ]

    found = worklist(ledger, MIRA, as_of=_last(events), holdbacks=held)

    for line in found:
        kinds = {reason.kind for reason in line.reasons if not reason.kind.is_aggravating}
        assert kinds - AMOUNTS
        assert () == line.overdue


@given(events=histories())
def test_never_more_is_asked_than_is_owed_less_what_is_held(events):
    """In each currency, by customer, whatever happened."""
    ledger, day = Ledger.replay(events), _last(events)

    owed = {}
    for item in ledger.open_items(as_of=day):
        key = (item.customer, item.currency)
        owed[key] = owed.get(key, 0) + item.open_minor
    for case in gather(ledger, MIRA, as_of=day):
        for one in case.overdue:
            late = sum(
                item.open_minor
                for item in ledger.open_items(as_of=day)
                if (item.customer, item.currency) == (case.customer, one.currency)
                and item.open_minor > 0
                and item.due_date is not None
                and item.due_date < day
            )
            assert 0 < one.amount_minor <= late


@given(events=histories(), back=st.integers(0, 200))
def test_later_days_change_nothing(events, back):
    """What takes effect after the day is not seen, whatever it is."""
    day = _last(events) - dt.timedelta(days=back)
    whole = Ledger.replay(events)
    try:
        until = Ledger.replay(event for event in events if event.effective_on <= day)
    except EventError:
        # An act of that day needed one of a later day: there is no ledger to compare with.
        assume(False)  # noqa: FBT003  # Hypothesis takes it by position

    assert worklist(until, MIRA, as_of=day) == worklist(whole, MIRA, as_of=day)


@given(events=histories(), count=st.integers(0, 12))
def test_later_moments_change_nothing(events, count):
    """As known at a moment, the list is that of the ledger of that moment."""
    known = events[:count]
    moment = known[-1].recorded_at if known else None
    if moment is not None:
        known = [event for event in events if event.recorded_at <= moment]
        day = _last(events)

        assert worklist(Ledger.replay(known), MIRA, as_of=day) == worklist(
            Ledger.replay(events), MIRA, as_of=day, known_at=moment
        )


@given(events=histories())
def test_nobody_is_on_the_list_twice(events):
    """One line for a customer, and none for payers that are not known."""
    found = worklist(Ledger.replay(events), MIRA, as_of=_last(events))

    names = [line.customer for line in found]
    assert len(set(names)) == len(names)
    assert UNIDENTIFIED not in names


def test_a_case_is_read_the_same_from_any_order_of_recording():
    """Events of other customers in between do not matter."""
    mine = [invoice("FA-1"), note("K-1", days=2), request(days=9)]
    other = [invoice("FA-2", customer="C-2")]
    one = Ledger.replay(sorted([*mine, *other], key=lambda event: event.recorded_at))
    two = Ledger.replay(sorted([*other, *mine], key=lambda event: event.recorded_at))

    assert gather(one, MIRA, as_of=AS_OF, inputs=WorkInputs()) == gather(two, MIRA, as_of=AS_OF)


def _last(events):
    return max((event.effective_on for event in events), default=AS_OF)
