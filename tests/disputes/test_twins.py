"""The column shell answers what the object shell answers, on every kind of frame."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.disputes import (
    DisputePolicy,
    EscalationStep,
    split_disputed,
    standings,
    to_columns,
)
from receivables.disputes.columns import deadlines, with_disputed
from receivables.errors import DocumentError, PolicyError
from receivables.testing.builders import CREDITOR

from ..aging.worlds import KINDS, names_of, rows_of, types_of  # noqa: TID252  # one world of frames
from .worlds import Story, a_dispute, day, frame_of, policies, stories

TWINS = settings(max_examples=20, deadline=None)
DAYS = st.integers(0, 60).map(day)


def _items(items):
    return {
        "creditor": [str(item.creditor) for item in items],
        "item": [str(item.item) for item in items],
        "open_minor": [item.open_minor for item in items],
    }


def _by(frame, *names):
    found = names_of(frame)
    places = [found.index(name) for name in names]
    return sorted(tuple(row[place] for place in places) for row in rows_of(frame))


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(ledger=stories(), on=DAYS)
def test_the_disputed_part_is_equal(kind, ledger, on):
    """Each item has the clear and the disputed part that the object shell gives it."""
    items = ledger.open_items(as_of=on)
    found = standings(ledger, CREDITOR, as_of=on)
    clear, disputed = (
        {item.item: item.open_minor for item in part} for part in split_disputed(items, found)
    )
    expected = sorted(
        (one.item, disputed.get(one.item, 0), clear.get(one.item, 0)) for one in items
    )

    frame = with_disputed(frame_of(kind, _items(items)), frame_of(kind, to_columns(found)))

    assert expected == _by(frame, "item", "disputed_minor", "clear_minor")


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(ledger=stories(), on=DAYS, policy=policies())
def test_the_deadlines_are_equal(kind, ledger, on, policy):
    """Each open dispute is as old and as late, and has reached as many steps."""
    found = [one for one in standings(ledger, CREDITOR, as_of=on, policy=policy) if one.is_open]
    expected = sorted(
        (one.name, one.days_open, one.days_late, _reached(one, policy))
        for one in found
        for _ in one.parts
    )

    frame = deadlines(frame_of(kind, to_columns(found)), policy=policy, as_of=on)

    assert expected == _by(frame, "dispute", "days_open", "days_late", "steps_reached")


def _reached(standing, policy):
    steps = policy.steps_for(standing.dispute.owner)
    return sum(standing.days_late >= step.after_days for step in steps)


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """The frame keeps its kind, its columns and their order, and the new ones are whole numbers."""
    story = Story().open()
    items = story.ledger.open_items(as_of=day(0))
    given = frame_of(kind, _items(items))
    disputes = frame_of(kind, to_columns(standings(story.ledger, CREDITOR, as_of=day(0))))

    result = with_disputed(given, disputes)
    late = deadlines(disputes, policy=DisputePolicy(), as_of=day(12))

    assert (type(given), type(disputes)) == (type(result), type(late))
    assert [*names_of(given), "disputed_minor", "clear_minor"] == names_of(result)
    assert [*names_of(disputes), "days_open", "days_late", "steps_reached"] == names_of(late)
    whole = {"pandas arrow": "int64[pyarrow]", "duckdb": "bigint"}.get(kind, "int64")
    assert {whole} == {
        name.lower() for name in types_of(result) | types_of(late) if "int" in name.lower()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_frames_without_rows(kind):
    """Nothing contested of nothing open is nothing."""
    empty = frame_of(kind, _items([]))
    disputes = frame_of(kind, to_columns([]))
    policy = DisputePolicy(escalation=[EscalationStep(after_days=3, to="head", owner="sales")])

    assert rows_of(with_disputed(empty, disputes)) == []
    assert rows_of(deadlines(disputes, policy=policy, as_of=day(3))) == []


def _frames(**changes):
    story = Story().open(a_dispute())
    items = _items(story.ledger.open_items(as_of=day(0)))
    said = dict(to_columns(standings(story.ledger, CREDITOR, as_of=day(0))))
    return {**items, **changes.get("items", {})}, {**said, **changes.get("said", {})}


def test_a_key_without_the_creditor():
    """Where neither frame has a creditor the item alone is the key."""
    items, said = _frames()
    del items["creditor"], said["creditor"]

    frame = with_disputed(frame_of("polars", items), frame_of("polars", said))

    assert rows_of(frame) == [("FA-1", 10_000, 3_000, 7_000)]


def test_a_frame_with_a_gap_is_refused():
    """A contested amount that is not there is no zero."""
    items, said = _frames(said={"contested_minor": [None]})

    with pytest.raises(DocumentError, match="contested_minor must have no gaps"):
        with_disputed(frame_of("polars", items), frame_of("polars", said))


def test_a_frame_without_the_column_is_refused():
    """A missing column is named."""
    items, said = _frames()
    del said["contested_minor"]

    with pytest.raises(DocumentError, match="must include contested_minor"):
        with_disputed(frame_of("polars", items), frame_of("polars", said))


def test_frames_of_two_kinds_are_refused():
    """Items and disputes come from one engine."""
    items, said = _frames()

    with pytest.raises(DocumentError, match="must be frames of one kind"):
        with_disputed(frame_of("polars", items), frame_of("polars lazy", said))


def test_a_key_of_two_types_is_refused():
    """An item that is a number here and a text there is not compared."""
    items, said = _frames()
    numbered = frame_of("polars", items).with_columns(item=1)

    with pytest.raises(DocumentError, match="column item must have one type"):
        with_disputed(numbered, frame_of("polars", said))


def test_a_column_that_would_be_lost_is_refused():
    """A frame that has a column of the answer's name keeps it."""
    items, said = _frames(items={"clear_minor": ["mine"]})

    with pytest.raises(DocumentError, match="got clear_minor"):
        with_disputed(frame_of("polars", items), frame_of("polars", said))


def test_an_empty_key_is_refused():
    """Items are joined by something."""
    items, said = _frames()

    with pytest.raises(PolicyError, match="key must name"):
        with_disputed(frame_of("polars", items), frame_of("polars", said), key=())


def test_what_is_no_frame_is_refused():
    """A list is no data frame, and the message says so."""
    _, said = _frames()

    with pytest.raises(DocumentError, match="must be a data frame"):
        with_disputed([1], frame_of("polars", said))


def test_owners_are_needed_where_a_step_asks_for_one():
    """A step for one owner cannot be reckoned without owners."""
    _, said = _frames()
    del said["owner"]
    policy = DisputePolicy(escalation=[EscalationStep(after_days=3, to="head", owner="sales")])

    with pytest.raises(DocumentError, match="must include owner"):
        deadlines(frame_of("polars", said), policy=policy, as_of=day(0))
