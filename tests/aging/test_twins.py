"""The column shell answers what the object shell answers, on every kind of frame."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from receivables.aging import AgingScheme, age
from receivables.aging.columns import aged, aging
from receivables.errors import DocumentError

from .worlds import (
    AS_OF,
    KINDS,
    columns_of,
    frame_of,
    names_of,
    open_item,
    open_items,
    rows_of,
    schemes,
    types_of,
)

TWINS = settings(max_examples=25, deadline=None)


def _outcome(question):
    try:
        return question()
    except DocumentError as refusal:
        return str(refusal)


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(items=open_items(), scheme=schemes())
def test_rows_are_equal(kind, items, scheme):
    """One policy and one set of items give one aging, or one refusal, on values and columns."""
    expected = _outcome(lambda: age(items, scheme=scheme, as_of=AS_OF).to_rows())

    frame = frame_of(kind, columns_of(items))
    actual = _outcome(lambda: rows_of(aging(frame, scheme=scheme, as_of=AS_OF)))

    assert expected == actual


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(items=open_items(undated=False), scheme=schemes())
def test_aged_items_are_equal(kind, items, scheme):
    """Each open item gets the bucket that the object shell gives it."""
    expected = {one.item.item: one.bucket for one in age(items, scheme=scheme, as_of=AS_OF).items}

    frame = aged(frame_of(kind, columns_of(items)), scheme=scheme, as_of=AS_OF)

    names = names_of(frame)
    found = [dict(zip(names, row, strict=True)) for row in rows_of(frame)]
    assert expected == {row["item"]: row["bucket"] for row in found}


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """Columns are named alike everywhere, and amounts are whole numbers of 64 bits."""
    scheme = AgingScheme(30)
    items = [open_item("F-1"), open_item("A-1", open_minor=-4_000)]
    given = frame_of(kind, columns_of(items))

    result = aging(given, scheme=scheme, as_of=AS_OF)

    assert type(given) is type(result)
    assert list(age(items, scheme=scheme, as_of=AS_OF).columns) == names_of(result)
    whole = {"pandas arrow": "int64[pyarrow]", "duckdb": "BIGINT"}.get(kind, "int64")
    assert {whole.lower()} == {name.lower() for name in types_of(result) if "int" in name.lower()}
