"""The column shell answers what the object shell answers, on every kind of frame."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.dunning import item_levels, propose
from receivables.dunning.columns import levels, notices
from receivables.testing.builders import recorded

from .frames import KINDS, columns_of, frame_of, rows_of
from .worlds import held, ladders, on, portfolios

TWINS = settings(max_examples=20, deadline=None)
DAYS = st.integers(-5, 90)


def _sent(items, procedure, days):
    sent = []
    for day in sorted(days):
        sent += propose(
            items, notices=sent, procedure=procedure, as_of=on(day), recorded_at=recorded()
        ).notices
    return sent


@st.composite
def situations(draw):
    """A portfolio, a procedure, what it sent before, what is held, and a day."""
    items, procedure = draw(portfolios()), draw(ladders())
    sent = _sent(items, procedure, draw(st.lists(DAYS, max_size=2)))
    held_minor = draw(
        st.dictionaries(st.sampled_from(["F-0", "F-1", "F-2"]), st.integers(1, 25_000))
    )
    return items, procedure, sent, held_minor, on(draw(DAYS))


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(situation=situations())
def test_levels_are_equal(kind, situation):
    """The level that is due, the days to the next and the amount are those of the objects."""
    items, procedure, sent, held_minor, day = situation
    holds = [held(item, minor) for item, minor in held_minor.items()]
    expected = {
        one.item.item: (one.level_due, one.days_to_next, one.asked_minor)
        for one in item_levels(items, notices=sent, procedure=procedure, as_of=day, holdbacks=holds)
    }

    frame = frame_of(kind, columns_of(items, sent, held_minor))
    rows = rows_of(levels(frame, procedure=procedure, as_of=day))

    found = {
        row["item"]: (row["level_due"], row["days_to_next"], row["asked_minor"]) for row in rows
    }
    others = {item for item in found if item not in expected}
    assert expected == {item: found[item] for item in expected}
    assert {found[item][1:] for item in others} <= {(-1, 0)}


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(situation=situations())
def test_notices_are_equal(kind, situation):
    """Each notice of the objects is a row of the columns, and no other is."""
    items, procedure, sent, held_minor, day = situation
    run = propose(
        items,
        notices=sent,
        procedure=procedure,
        as_of=day,
        recorded_at=recorded(),
        holdbacks=[held(item, minor) for item, minor in held_minor.items()],
    )
    expected = [
        {
            "creditor": one.creditor,
            "customer": one.customer,
            "currency": one.currency,
            "level": one.level,
            "items": len(one.items),
            "asked_minor": one.total_minor - one.credit_minor,
            "credit_minor": one.credit_minor,
            "total_minor": one.total_minor,
        }
        for one in run.notices
    ]

    frame = frame_of(kind, columns_of(items, sent, held_minor))

    assert expected == rows_of(notices(frame, procedure=procedure, as_of=day))
