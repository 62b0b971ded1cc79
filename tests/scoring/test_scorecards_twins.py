"""The columns score what the objects score, on every kind of frame."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import DocumentError
from receivables.scoring.scorecard_columns import points
from receivables.scoring.scorecards import score

from .scorecard_worlds import (
    KINDS,
    card,
    frame_of,
    groups,
    numbers_near,
    numeric,
    numerics,
    rows_of,
)

TWINS = settings(max_examples=5, deadline=None)


def _twins(kind, made, columns, schema):
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    expected = [score(row, scorecard=made).points for row in rows]
    table = pa.table(columns, schema=pa.schema(schema))

    found = rows_of(points(frame_of(kind, table), scorecard=made))

    assert expected == [row["points"] for row in found]
    assert all(
        row["points"]
        == made.base_points + sum(row[f"points_{one.name}"] for one in made.characteristics)
        for row in found
    )


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(data=st.data())
def test_intervals_are_equal(kind, data):
    """Floats on and beside the cuts, gaps and infinities give the same points."""
    one = data.draw(numerics(name="x"))
    values = data.draw(st.lists(numbers_near(one), min_size=1, max_size=12))

    _twins(kind, card(one), {"a": values}, {"a": pa.float64()})


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(data=st.data())
def test_quotients_are_equal(kind, data):
    """Floats are divided as floats on both sides; a denominator of zero or less is undefined."""
    one = data.draw(numerics(name="x", over="b"))
    size = data.draw(st.integers(1, 12))
    above = data.draw(st.lists(numbers_near(one), min_size=size, max_size=size))
    below = data.draw(
        st.lists(
            st.one_of(st.none(), st.sampled_from([0.0, 1.0, 3.0, 0.1, -2.0, 1e-300]), st.floats()),
            min_size=size,
            max_size=size,
        )
    )

    _twins(kind, card(one), {"a": above, "b": below}, {"a": pa.float64(), "b": pa.float64()})


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(data=st.data())
def test_quotients_of_whole_numbers_are_equal(kind, data):
    """Whole numbers give the quotient exactly, and a tie with a cut goes up on both sides."""
    one = numeric("x", column="a", over="b", cuts=("0.1", "0.3333", "2.5"), points=(1, 2, 3, 4))
    size = data.draw(st.integers(1, 12))
    whole = st.lists(
        st.one_of(st.none(), st.integers(-50, 50), st.integers(-(10**9), 10**9)),
        min_size=size,
        max_size=size,
    )

    columns = {"a": data.draw(whole), "b": data.draw(whole)}

    _twins(kind, card(one), columns, {"a": pa.int64(), "b": pa.int64()})


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(
    values=st.lists(
        st.sampled_from(["own", "rent", "free", "tent", "", None, "Own", "3"]), min_size=1
    )
)
def test_groups_are_equal(kind, values):
    """Known, unknown, empty and missing categories give the same points."""
    _twins(kind, card(groups()), {"home": values}, {"home": pa.string()})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("values", "type_"),
    [([1, 3, None], pa.int64()), ([True, False], pa.bool_()), ([3.0, None], pa.float64())],
    ids=["whole", "truth", "whole with gaps"],
)
def test_categories_may_be_numbers(kind, values, type_):
    """A whole number is the category of its digits, and so is the float that a gap made of it."""
    _twins(kind, card(groups()), {"home": values}, {"home": type_})


def test_the_parts_may_be_left_out():
    """Only the sum is added, and nothing of the work is left."""
    made = card(numeric(column="a"), groups())
    table = pa.table({"a": [1.0], "home": ["own"], "id": [7]})

    (row,) = rows_of(points(table, scorecard=made, parts=False))

    assert {"a": 1.0, "home": "own", "id": 7, "points": 512} == row


def test_a_column_of_nothing_is_missing():
    """Whatever type an engine gives to nothing."""
    made = card(numeric(column="a"), groups())
    frame = pl.DataFrame({"a": [None, None], "home": [None, None]})

    assert [485, 485] == points(frame, scorecard=made)["points"].to_list()


REFUSED = [
    (pa.table({"b": [1.0]}), "got no a"),
    (pa.table({"a": ["1.0"]}), "column a must hold numbers"),
]


@pytest.mark.parametrize(("table", "message"), REFUSED)
def test_frames_that_cannot_be_scored_are_refused(table, message):
    """A column that is missing, or text where numbers must be."""
    with pytest.raises(DocumentError, match=message):
        points(table, scorecard=card(numeric(column="a")))
