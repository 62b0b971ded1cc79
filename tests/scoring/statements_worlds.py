"""Statements, companies and frames of figures for the tests of failure models."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from receivables.casework import FIGURES, FinancialStatement
from receivables.scoring.failure_models import CompanyKind

KINDS = ("polars", "polars lazy", "pandas arrow", "pandas nullable", "pyarrow", "duckdb")
"""Every kind of frame that keeps whole numbers with gaps whole."""

MAKER = CompanyKind(sector="manufacturing", is_listed=True, is_emerging=False)
PRIVATE_MAKER = CompanyKind(sector="manufacturing", is_listed=False, is_emerging=False)
TRADER = CompanyKind(sector="trade", is_listed=False, is_emerging=False)
EMERGING = CompanyKind(sector="manufacturing", is_listed=False, is_emerging=True)


def statement(**figures: Any) -> FinancialStatement:
    """A statement of 2025 in euros, with some figures."""
    given = {
        "financials": "C-017:2025",
        "customer": "C-017",
        "currency": "EUR",
        "period_end": dt.date(2025, 12, 31),
    }
    return FinancialStatement(**(given | figures))


def previous(**figures: Any) -> FinancialStatement:
    """The statement of the year before."""
    given = {"financials": "C-017:2024", "period_end": dt.date(2024, 12, 31)}
    return statement(**(given | figures))


_AMOUNTS = st.one_of(
    st.none(), st.integers(-300, 3_000), st.sampled_from([0, 1, 10**6, 3 * 10**13])
)


@st.composite
def figure_rows(draw: Any, *, least: int = 1) -> list[dict[str, Any]]:
    """Some rows of figures, with gaps, zeros and what no company has."""
    row = st.fixed_dictionaries(
        dict.fromkeys(FIGURES, _AMOUNTS)
        | {"months": st.sampled_from([1, 6, 12, 18, 24]), "previous_net_income": _AMOUNTS}
    )
    return draw(st.lists(row, min_size=least, max_size=least + 4))


def frame_of(kind: str, columns: dict[str, list[Any]]) -> Any:
    """A frame of a kind from columns of Python values, whole numbers with gaps among them."""
    schema = pa.schema(
        [(name, pa.string() if name == "customer" else pa.int64()) for name in columns]
    )
    table = pa.table(columns, schema=schema)
    if kind in {"polars", "polars lazy"}:
        frame = pl.from_arrow(table)
        return frame.lazy() if kind == "polars lazy" else frame
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    if kind == "pandas nullable":
        types = {pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype()}
        return table.to_pandas(types_mapper=types.get)
    if kind == "duckdb":
        return duckdb.from_arrow(table)
    return table


def dicts_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any kind as dictionaries, gaps as None."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect().to_dicts()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if isinstance(frame, pd.DataFrame):
        rows = frame.astype(object).to_dict("records")
        return [
            {name: None if pd.isna(value) else value for name, value in row.items()} for row in rows
        ]
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    return frame.to_pylist()
