"""The column shell scores what the object shell scores, on every kind of frame."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from receivables.collection import (
    CASE_COLUMNS,
    STANDARD,
    WorklistPolicy,
    WorkReasonKind,
    case_columns,
    rank,
    reasons_of,
)
from receivables.collection.columns import priority
from receivables.errors import DocumentError, PolicyError

from .worlds import AS_OF, KINDS, case, case_lists, dicts_of, frame_of, policies

TWINS = settings(max_examples=20, deadline=None)


def _name(kind):
    return f"points_{kind.value.replace('-', '_')}"


def _by_customer(rows):
    """The points of each reason of each customer: of its rows the one that gives more."""
    found = {}
    for row in rows:
        points = found.setdefault(row["customer"], dict.fromkeys(WorkReasonKind, 0))
        for kind in WorkReasonKind:
            points[kind] = max(points[kind], row[_name(kind)])
    return found


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(cases=case_lists(), policy=policies())
def test_points_are_equal(kind, cases, policy):
    """One policy and one set of cases give one score, on values and columns."""
    policy = WorklistPolicy(steps=policy.steps, amounts=policy.amounts, weights=policy.weights)
    expected = {
        one.customer: {
            **dict.fromkeys(WorkReasonKind, 0),
            **{
                reason.kind: reason.points for reason in reasons_of(one, policy=policy, as_of=AS_OF)
            },
        }
        for one in cases
    }
    columns = case_columns(cases, as_of=AS_OF)
    columns["currency"] = [code or "EUR" for code in columns["currency"]]

    rows = dicts_of(priority(frame_of(kind, columns), policy=policy))

    assert expected == _by_customer(rows)
    assert all(row["points"] == sum(row[_name(each)] for each in WorkReasonKind) for row in rows)


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(cases=case_lists())
def test_who_stands_is_equal(kind, cases):
    """The customers of the list are those that a row of theirs puts there."""
    columns = case_columns(cases, as_of=AS_OF)
    columns["currency"] = [code or "EUR" for code in columns["currency"]]

    rows = dicts_of(priority(frame_of(kind, columns)))

    assert {line.customer for line in rank(cases, as_of=AS_OF)} == {
        row["customer"] for row in rows if row["stands"]
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """Its own columns stay as they are, and no column of the work is left."""
    given = frame_of(kind, case_columns([case()], as_of=AS_OF))

    result = priority(given)

    assert type(given) is type(result)
    (row,) = dicts_of(result)
    parts = {_name(each) for each in WorkReasonKind}
    assert {"customer", "currency", *CASE_COLUMNS.values(), *parts, "points", "stands"} == set(row)


def test_a_frame_may_have_some_of_the_columns():
    """Reasons without a column have no points; one without a scale gives none."""
    columns = {"customer": ["C-1", "C-2"], "oldest_days": [45, None], "limit_bps": [9_500, 9_500]}
    policy = WorklistPolicy(steps={"limit": [(1, 3)]})

    (first, second) = dicts_of(priority(frame_of("polars", columns)))
    (bare, _) = dicts_of(priority(frame_of("pyarrow", columns), policy=policy))

    assert (15, 5, 20, True) == tuple(
        first[name] for name in ("points_age", "points_limit", "points", "stands")
    )
    assert (5, False) == (second["points"], second["stands"])
    assert (0, 3, False) == (bare["points_age"], bare["points"], bare["stands"])


def test_a_frame_of_what_aggravates_stands_nowhere():
    """Risk alone puts nobody on the list."""
    columns = {"customer": ["C-1"], "risk": ["high"]}

    (row,) = dicts_of(priority(frame_of("polars", columns)))

    assert (20, False) == (row["points"], row["stands"])


REFUSED = [
    ({"customer": ["C-1"]}, DocumentError, "columns must include one of overdue_minor"),
    ({"customer": ["C-1"], "overdue_minor": [1]}, DocumentError, "must include currency"),
    ({"oldest_days": [1]}, DocumentError, "must include customer"),
    (
        {"customer": ["C-1"], "risk": ["hgih"]},
        PolicyError,
        "risk must be one of low, medium, high, got hgih",
    ),
    (
        {"customer": ["C-1"], "currency": ["XYZ"], "overdue_minor": [1]},
        DocumentError,
        "currency must be an ISO 4217 code",
    ),
]


@pytest.mark.parametrize(("columns", "error", "words"), REFUSED)
def test_a_frame_that_cannot_be_scored_is_refused(columns, error, words):
    """The message names the columns or the words that are missing."""
    with pytest.raises(error, match=words):
        priority(frame_of("polars", columns))


def test_columns_of_another_type_are_refused():
    """Days are whole numbers, and a class is text."""
    polars = pytest.importorskip("polars")

    for column, words in [("oldest_days", "whole numbers"), ("risk", "text")]:
        values = ["45"] if column == "oldest_days" else [45]
        with pytest.raises(DocumentError, match=f"column {column} must hold {words}"):
            priority(polars.DataFrame({"customer": ["C-1"], column: values}))


def test_what_is_no_frame_is_refused():
    """The door says what it takes."""
    with pytest.raises(DocumentError, match="frame must be a data frame"):
        priority([1, 2], policy=STANDARD)
