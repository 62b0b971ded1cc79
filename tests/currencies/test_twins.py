"""The column shell revalues as the object shell does, on every kind of frame."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.currencies import ExchangeRates, revaluation
from receivables.currencies.columns import revalue
from receivables.errors import DocumentError, LimitError

from .worlds import (
    AS_OF,
    CURRENCIES,
    KINDS,
    Item,
    carried_items,
    columns_of,
    dicts_of,
    frame_of,
    rate,
    roundings,
    tables,
    types_of,
)

TWINS = settings(max_examples=25, deadline=None)


def _by_objects(items, carried, table, functional, rounding):
    found = revaluation(
        items,
        carrying=carried,
        rates=table,
        as_of=AS_OF,
        functional=functional,
        rounding=rounding,
    )
    rows = {row.item: (row.revalued_minor, row.difference_minor) for row in found.rows}
    return [rows.get(item.item, (item.open_minor, 0)) for item in items]


def _by_columns(kind, items, carried, table, functional, rounding):
    frame = frame_of(kind, columns_of(items, carried))
    found = revalue(frame, rates=table, as_of=AS_OF, functional=functional, rounding=rounding)
    rows = {
        row["item"]: (row["revalued_minor"], row["difference_minor"]) for row in dicts_of(found)
    }
    return [rows[item.item] for item in items]


def _outcome(question):
    try:
        return question()
    except LimitError:
        return "beyond the limit"


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(data=st.data(), functional=st.sampled_from(CURRENCIES), rounding=roundings())
def test_rows_are_equal(kind, data, functional, rounding):
    """One table and one set of items give one revaluation, or one refusal."""
    items, carried = data.draw(carried_items(functional=functional))
    table = data.draw(tables(functional=functional))
    question = (items, carried, table, functional, rounding)

    assert _outcome(lambda: _by_objects(*question)) == _outcome(
        lambda: _by_columns(kind, *question)
    )


WIDE = [
    ("EUR", "USD", "1.08754321987654"),
    ("EUR", "USD", "0.000123456789"),
    ("USD", "EUR", "0.91949123456789"),
    ("EUR", "USD", "98765432.10987"),
    ("USD", "EUR", "0.000000999999"),
]
"""Rates whose products with large amounts leave 64 bits by far."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("published", WIDE, ids=" ".join)
@settings(max_examples=8, deadline=None)
@given(data=st.data(), rounding=roundings())
def test_no_product_leaves_64_bits(kind, published, data, rounding):
    """Amounts up to the limit, at rates of many digits, are exact to the last unit."""
    table = ExchangeRates([rate(*published)])
    minors = data.draw(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=4))
    items = [Item(item=f"F-{place}", open_minor=minor) for place, minor in enumerate(minors)]
    question = (items, {item.item: 0 for item in items}, table, "EUR", rounding)

    assert _outcome(lambda: _by_objects(*question)) == _outcome(
        lambda: _by_columns(kind, *question)
    )


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None)
@given(amount=st.integers(-(10**12), 10**12), rounding=roundings())
def test_ties_are_decided_alike(kind, amount, rounding):
    """Halves, the hardest to round, come out the same."""
    table = ExchangeRates([rate("USD", "EUR", "0.125")])
    items = [Item(item=f"F-{step}", open_minor=amount + step) for step in range(-8, 9)]
    question = (items, {item.item: 0 for item in items}, table, "EUR", rounding)

    assert _by_objects(*question) == _by_columns(kind, *question)


@pytest.mark.parametrize("kind", KINDS)
def test_both_refuse_what_is_carried_at_something_else(kind):
    """An item in the functional currency is carried at what is open, in both shells."""
    items, table = [Item(currency="EUR")], ExchangeRates([rate()])

    for question in (
        lambda: _by_objects(items, {"F-1": 1}, table, "EUR", None),
        lambda: _by_columns(kind, items, {"F-1": 1}, table, "EUR", None),
    ):
        with pytest.raises(DocumentError, match="functional currency EUR must be what is open"):
            question()


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """The columns stay, two come at the end, and they are whole numbers of 64 bits."""
    given_ = frame_of(kind, columns_of([Item()], {"F-1": 925_926}))

    found = revalue(given_, rates=ExchangeRates([rate()]), as_of=AS_OF, functional="EUR")

    assert type(given_) is type(found)
    types = types_of(found)
    assert [*types_of(given_), "revalued_minor", "difference_minor"] == list(types)
    whole = {"pandas arrow": "int64[pyarrow]", "duckdb": "bigint"}.get(kind, "int64")
    assert {whole} == {types[name].lower() for name in ("revalued_minor", "difference_minor")}
