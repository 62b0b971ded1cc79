"""The column shell says of promises what the object shell says, on every kind of frame."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.allocation.model import Tolerance
from receivables.days import days_past
from receivables.errors import DocumentError, LimitError, UnknownCurrencyError
from receivables.money import from_minor, money
from receivables.promises import PromisePolicy, judge
from receivables.promises.columns import promise_states
from receivables.promises.rules import STATES, promise_state, tolerated
from receivables.testing.builders import CREDITOR

from .worlds import novembers, policies, promised_stories

_AS_OF = dt.date(2026, 11, 20)
_KINDS = ("polars", "polars lazy", "pandas", "pandas dates", "pandas arrow", "pyarrow", "duckdb")
_TWINS = settings(max_examples=20)


def frame_of(kind: str, rows: list[tuple[int, int, dt.date, str]]) -> Any:
    """A frame of a kind: promised, missing, promised day, currency."""
    names = ("amount_minor", "open_minor", "due_date", "currency")
    types = (pa.int64(), pa.int64(), pa.date32(), pa.string())
    arrays = [pa.array([row[place] for row in rows], type_) for place, type_ in enumerate(types)]
    table = pa.table(dict(zip(names, arrays, strict=True)))
    made = {
        "polars": lambda: pl.from_arrow(table),
        "polars lazy": lambda: pl.from_arrow(table).lazy(),
        "pandas": lambda: table.to_pandas().astype({"due_date": "datetime64[us]"}),
        "pandas dates": table.to_pandas,
        "pandas arrow": lambda: table.to_pandas(types_mapper=pd.ArrowDtype),
        "pyarrow": lambda: table,
        "duckdb": lambda: duckdb.from_arrow(table),
    }
    return made[kind]()


def states_of(frame: Any) -> list[str]:
    """The states in a frame of any kind."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    column = frame["promise_state"]
    return column.to_pylist() if isinstance(column, pa.ChunkedArray) else column.to_list()


def _rows():
    amounts = st.integers(1, 100_000) | st.sampled_from([1, 9_999, 10_000, 10**15])
    days = st.integers(-15, 15).map(lambda days: _AS_OF + dt.timedelta(days=days))
    missing = st.sampled_from([0, 1, 4, 5, 6, 50, 51, 10**15])
    return st.lists(
        st.tuples(amounts, missing, days, st.sampled_from(["EUR", "JPY", "USD"])).map(
            lambda row: (row[0], min(row[0], row[1]), *row[2:])
        ),
        min_size=1,
        max_size=9,
    )


@pytest.mark.parametrize("kind", _KINDS)
@_TWINS
@given(rows=_rows(), policy=policies())
def test_states_are_equal(kind, rows, policy):
    """One policy gives one state, on values and on columns."""
    expected = [
        STATES[
            promise_state(
                promised - missing,
                promised,
                days_past(due_on, as_of=_AS_OF),
                tolerance_minor=policy.tolerated_minor(from_minor(promised, currency)),
                tolerance_days=policy.tolerance_days,
            )
        ].value
        for promised, missing, due_on, currency in rows
    ]

    frame = promise_states(frame_of(kind, rows), policy=policy, as_of=_AS_OF)

    assert expected == states_of(frame)


@_TWINS
@given(ledger=promised_stories(), policy=policies(), as_of=novembers())
def test_judged_promises_are_equal(ledger, policy, as_of):
    """What was judged from a ledger has the same state when it is a row."""
    judged = [
        one for one in judge(ledger, CREDITOR, as_of=as_of, policy=policy) if one.state in STATES
    ]
    rows = [
        (
            one.paid_minor + one.missing_minor,
            one.missing_minor,
            one.promise.due_on,
            one.promise.amount.currency.code,
        )
        for one in judged
    ]
    if rows:
        frame = promise_states(frame_of("polars", rows), policy=policy, as_of=as_of)
        assert [one.state.value for one in judged] == states_of(frame)


@given(
    st.integers(0, 10**15),
    st.none() | st.integers(0, 10_000),
    st.none() | st.integers(0, 10_000),
)
def test_the_rule_of_tolerance_is_that_of_the_policy(amount, flat, bps):
    """Divided before it is multiplied, it gives what the exact product gives."""
    amounts = [] if flat is None else [from_minor(flat, "EUR")]
    expected = Tolerance(amounts=amounts, bps=bps).of(amount_minor=amount, currency="EUR")

    assert expected == tolerated(amount, flat_minor=flat, bps=bps)


def test_a_vouched_for_frame_is_not_asked():
    """With `trusted` nothing is checked but names and types."""
    frame = frame_of("polars lazy", [(100, 0, _AS_OF, "EUR")])

    found = promise_states(frame, policy=PromisePolicy(), as_of=_AS_OF, trusted=True)

    assert isinstance(found, pl.LazyFrame)
    assert ["kept"] == states_of(found)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"promise_state": ["open"]}, DocumentError, "must not be named like"),
        ({"open_minor": [0.5]}, DocumentError, "column open_minor must hold whole minor units"),
        ({"due_date": [None]}, DocumentError, "column due_date must have no gaps"),
        ({"currency": ["XYZ"]}, UnknownCurrencyError, "got XYZ"),
        ({"amount_minor": [10**15 + 1]}, LimitError, "column amount_minor must be at most"),
    ],
)
def test_impossible_frames_are_refused(change, error, message):
    """Each refusal names the column."""
    columns = {
        "amount_minor": [100],
        "open_minor": [0],
        "due_date": [_AS_OF],
        "currency": ["EUR"],
        **change,
    }

    with pytest.raises(error, match=message):
        promise_states(pl.DataFrame(columns), policy=PromisePolicy(), as_of=_AS_OF)


def test_a_missing_column_is_named():
    """What a frame lacks is said, with what it has."""
    with pytest.raises(DocumentError, match="columns must include amount_minor"):
        promise_states(pl.DataFrame({"x": [1]}), policy=PromisePolicy(), as_of=_AS_OF)


def test_amounts_of_a_currency_bound_that_currency():
    """A currency that the policy does not name is tolerated by basis points alone."""
    policy = PromisePolicy(tolerance=Tolerance(amounts=[money("0.05", "EUR")], bps=1_000))
    rows = [(1_000, 6, _AS_OF, "EUR"), (1_000, 5, _AS_OF, "EUR"), (1_000, 100, _AS_OF, "USD")]

    found = promise_states(frame_of("polars", rows), policy=policy, as_of=_AS_OF)

    assert ["open", "kept", "kept"] == states_of(found)
