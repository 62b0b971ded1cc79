"""The values of a worklist, and what they refuse."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.collection import (
    CASE_COLUMNS,
    STANDARD,
    Deadline,
    PointScale,
    Worklist,
    WorkReasonKind,
    rank,
)
from receivables.errors import DocumentError, PolicyError

from .worlds import AS_OF, case, day, owing, scales

REFUSED_STEPS = [
    ([(1, 5), (1, 6)], "must rise in their values"),
    ([(5, 5), (1, 6)], "must rise in their values"),
    ([(1, 5), (2, 4)], "never fall in their points"),
    ([(1, -5)], "points must be 0 to 10000"),
    ([(1, 10_001)], "points must be 0 to 10000"),
    ([(1, True)], "must be whole numbers"),
    ([("1", 5)], "must be whole numbers"),
    ([(10**16, 5)], "values of steps must be at most"),
    ([1, 2], "must be pairs of a value and its points"),
]


@pytest.mark.parametrize(("steps", "words"), REFUSED_STEPS)
def test_a_scale_that_falls_is_refused(steps, words):
    """Values rise, points do not fall, and both are whole and within their bounds."""
    with pytest.raises(PolicyError, match=words):
        PointScale(steps)


@given(scale=scales(lowest=-60), low=st.integers(-80, 520), more=st.integers(0, 200))
def test_more_never_gives_less(scale, low, more):
    """A larger value never has fewer points."""
    assert scale.at(low) <= scale.at(low + more)


@given(scale=scales(), value=st.integers(-10, 600), factor=st.sampled_from([1, 100, 1_000]))
def test_a_scale_in_minor_units_says_the_same(scale, value, factor):
    """Whole units and minor units give the same points."""
    assert scale.at(value) == scale.times(factor).at(value * factor)


def test_a_weight_cuts_to_whole_points():
    """Half of five points are two."""
    assert PointScale([(1, 2)]) == PointScale([(1, 5)]).weighted(50)


def test_every_kind_of_reason_has_a_column():
    """The frames know what the values know."""
    assert set(WorkReasonKind) == set(CASE_COLUMNS)


def test_a_deadline_is_a_matter_with_its_amount():
    """What a deadline is about comes along."""
    deadline = Deadline(customer="C-1", kind="limitation", on=day(-9), reference="F-1")

    assert (WorkReasonKind.DEADLINE, "", 0) == (
        deadline.matter.kind,
        deadline.matter.currency,
        deadline.matter.amount_minor,
    )


@pytest.fixture(name="found")
def _found():
    cases = [
        case("C-1", owners=(("collector", "j.roy"),)),
        case("C-2", overdue=(owing(900_000, 100), owing(5_000, 10, currency="JPY"))),
    ]
    return rank(cases, policy=STANDARD, as_of=AS_OF, creditor="MIRA")


def test_a_list_is_looked_up_by_customer_role_and_person(found):
    """Lines keep their places in a part of the list."""
    assert 2 == found.line("C-1").place
    assert found.line("C-9") is None
    assert ["C-1"] == [line.customer for line in found.of(person="j.roy")]
    assert 2 == len(found.of(role="collector"))
    assert () == found.of(role="technician").lines
    assert ("EUR", "JPY") == found.lines[0].currencies


def test_a_list_is_a_table(found):
    """Rows, dictionaries and frames say the same."""
    first = found.to_dicts()[0]

    assert found.columns == tuple(first)
    assert (1, "C-2", 50, "EUR 900000, JPY 5000") == (
        first["place"],
        first["customer"],
        first["points"],
        first["overdue"],
    )
    assert [tuple(row) for row in found.to_frame().rows()] == found.to_rows()
    assert ["C-2", "C-1"] == list(found.to_frame("pandas")["customer"])


def test_a_frame_of_an_unknown_backend_is_refused(found):
    """The backends are named."""
    with pytest.raises(DocumentError, match="backend must be polars, pandas, pyarrow or duckdb"):
        found.to_frame("spark")


def test_a_list_of_nobody_is_a_list():
    """It has its day and its policy all the same."""
    empty = Worklist(as_of=dt.date(2026, 1, 1), policy="p", version="1")

    assert (0, []) == (len(empty), list(empty))
