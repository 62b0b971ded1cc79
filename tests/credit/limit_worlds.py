"""Figures, policies and frames for the tests of recommended limits."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from receivables.credit.limit_policies import CapKind, ClassTerms, LimitPolicy
from receivables.credit.recommending import LimitFigures

KINDS = ("polars", "polars lazy", "pandas arrow", "pandas nullable", "pyarrow", "duckdb")
CLASSES = ("A", "B", "C", "D", "E", "F", "unrated")
CURRENCIES = ("EUR", "JPY", "KWD")
_TEXTS = {"customer", "currency", "risk_class"}
_OF_A_FIGURE = [kind for kind in CapKind if kind not in {CapKind.CEILING, CapKind.COMBINED}]


def frame_of(kind: str, columns: dict[str, list[Any]]) -> Any:
    """A frame of a kind from columns of Python values, whole numbers with gaps among them."""
    schema = pa.schema([(name, pa.string() if name in _TEXTS else pa.int64()) for name in columns])
    table = pa.table(columns, schema=schema)
    if kind in {"polars", "polars lazy"}:
        frame = pl.from_arrow(table)
        return frame.lazy() if kind == "polars lazy" else frame
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    if kind == "pandas nullable":
        types = {pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype()}
        return table.to_pandas(types_mapper=types.get)
    return duckdb.from_arrow(table) if kind == "duckdb" else table


def dicts_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any kind as dictionaries, gaps as None."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if isinstance(frame, pd.DataFrame):
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return [dict(row) for row in rows]
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    return frame.to_pylist()


_amounts = st.none() | st.integers(-(10**15), 10**15) | st.integers(0, 10**8)


@st.composite
def figures(draw):
    """Figures of every size, many of them unknown."""
    names = [name.name for name in LimitFigures.__attrs_attrs__ if name.name.endswith("_minor")]
    return LimitFigures(
        currency=draw(st.sampled_from(CURRENCIES)),
        **{name: draw(_amounts) for name in names},
        tax_bps=draw(st.sampled_from([0, 550, 2_000, 10_000])),
        terms_days=draw(st.none() | st.integers(0, 999)),
        delay_days=draw(st.none() | st.integers(-999, 999)),
        cover_bps=draw(st.sampled_from([0, 1, 8_500, 9_000, 9_999, 10_000])),
    )


@st.composite
def class_terms(draw):
    """Terms of every kind, with and without a ceiling and an appetite."""
    if draw(st.integers(0, 4)) == 0:
        return ClassTerms(payment=draw(st.sampled_from(["prepayment", "cash-on-delivery"])))
    amounts = st.dictionaries(
        st.sampled_from(["EUR", "JPY", "*"]), st.integers(0, 10**9), max_size=2
    )
    return ClassTerms(
        terms_days=draw(st.integers(0, 999)), ceiling=draw(amounts), appetite=draw(amounts)
    )


@st.composite
def policies(draw):
    """Policies with shares, combinations, needs and steps of every kind."""
    kinds = draw(st.sets(st.sampled_from(_OF_A_FIGURE), max_size=6))
    shares = {
        kind: {
            name: 10_000 if kind is CapKind.COVER else draw(st.integers(0, 100_000))
            for name in draw(st.sets(st.sampled_from([*CLASSES[:4], "*"]), max_size=4))
        }
        for kind in kinds
    }
    names = draw(st.sets(st.sampled_from(CLASSES), max_size=7))
    return LimitPolicy(
        shares=shares,
        terms={name: draw(class_terms()) for name in CLASSES if name in names},
        combined=draw(st.sets(st.sampled_from(sorted(kinds, key=str)))) if kinds else (),
        combination=draw(st.sampled_from(["lowest", "average", "total"])),
        required=draw(st.sets(st.sampled_from(_OF_A_FIGURE), max_size=2)),
        allows_wishes=draw(st.booleans()),
        cover=draw(st.sampled_from(["quota", "own-risk"])),
        delay_days=draw(st.integers(0, 60)),
        steps=draw(
            st.dictionaries(st.sampled_from(["EUR", "*"]), st.integers(0, 10_000), max_size=2)
        ),
        days_of_year=draw(st.sampled_from([360, 365])),
    )
