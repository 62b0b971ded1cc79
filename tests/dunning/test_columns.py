"""Dunning over data frames: what the door lets in, and what is left to the object shell."""

from __future__ import annotations

import attrs
import polars as pl
import pytest

from receivables.dunning.columns import levels, notices
from receivables.errors import DocumentError, LimitError, PolicyError, UnknownCurrencyError

from .frames import KINDS, frame_of, rows_of
from .worlds import HARD, on


def _columns(**columns):
    given = {
        "customer": ["C-1", "C-1"],
        "currency": ["EUR", "EUR"],
        "open_minor": [10_000, -4_000],
        "due_date": [on(0), None],
    }
    return {**given, **columns}


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """Without levels and holds, every item begins at the first level."""
    given = frame_of(kind, _columns())

    result = notices(given, procedure=HARD, as_of=on(5))

    assert type(given) is type(result)
    assert [(row["customer"], row["level"], row["total_minor"]) for row in rows_of(result)] == [
        ("C-1", 1, 6_000)
    ]


def test_every_column_of_the_caller_stays():
    """The three new ones come after them."""
    result = levels(pl.DataFrame(_columns(note=["a", "b"])), procedure=HARD, as_of=on(5))

    assert result.columns[-4:] == ["note", "level_due", "days_to_next", "asked_minor"]


def test_a_trusted_frame_is_not_asked():
    """The answer is the same."""
    frame = pl.DataFrame(_columns())

    for question in (levels, notices):
        vouched = question(frame, procedure=HARD, as_of=on(5), trusted=True)
        assert vouched.equals(question(frame, procedure=HARD, as_of=on(5)))


REFUSED = [
    (_columns(open_minor=[1.0, 2.0]), DocumentError, "open_minor must hold whole minor units"),
    (_columns(open_minor=[10**15 + 1, 0]), LimitError, "at most"),
    (_columns(level_due=[0, 0]), DocumentError, "must not be named .* got level_due"),
    (_columns(_dunning_x=[0, 0]), DocumentError, "must not be named .* got _dunning_x"),
    (_columns(level=[0, 0]), DocumentError, "must include noticed_on beside level"),
    (_columns(currency=["EUR", "ABC"]), UnknownCurrencyError, "ABC"),
    ({"customer": ["C-1"]}, DocumentError, "must include"),
]


@pytest.mark.parametrize(("columns", "error", "reason"), REFUSED)
def test_a_frame_that_cannot_be_reckoned_with_is_refused(columns, error, reason):
    """The door names the column, and what is wrong with it."""
    with pytest.raises(error, match=reason):
        notices(pl.DataFrame(columns).lazy(), procedure=HARD, as_of=on(5))


def test_a_procedure_per_document_is_left_to_the_objects():
    """Credits are shared out among documents there."""
    with pytest.raises(PolicyError, match="per must be customer over columns"):
        notices(pl.DataFrame(_columns()), procedure=attrs.evolve(HARD, per="document"), as_of=on(5))


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_without_rows_gives_none(kind):
    """Nobody owes anything."""
    empty = {name: [] for name in _columns()}

    assert rows_of(notices(frame_of(kind, empty), procedure=HARD, as_of=on(5))) == []
