"""Open items, schemes and frames of every kind, for the tests of aging."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from receivables.aging import AgeBasis, AgingScheme, Credits, Undated
from receivables.documents import ItemKind, OpenItem

AS_OF = dt.date(2026, 10, 31)

KINDS = ("polars", "polars lazy", "pandas", "pandas dates", "pandas arrow", "pyarrow", "duckdb")
"""Every kind of frame; "pandas" keeps dates as NumPy does, "pandas dates" as objects."""

_DAYS = st.integers(-130, 130) | st.sampled_from([-61, -31, -30, -1, 0, 1, 29, 30, 31, 60, 61])


def open_item(item="F-1", *, days=10, open_minor=10_000, **given):
    """An open item that has been past due for so many days at `AS_OF`."""
    due = AS_OF - dt.timedelta(days=days)
    values = {
        "document": item,
        "kind": ItemKind.INVOICE if open_minor >= 0 else ItemKind.CREDIT_NOTE,
        "creditor": "MIRA",
        "customer": "C-1",
        "currency": "EUR",
        "amount_minor": open_minor,
        "document_date": due - dt.timedelta(days=30),
        "posting_date": due - dt.timedelta(days=29),
        "due_date": due,
    }
    return OpenItem(item=item, **{**values, **given})


@st.composite
def open_items(draw, *, undated=True):
    """Lists of open items of a few customers, currencies and signs, in any order."""
    count = draw(st.integers(1, 9))
    return [_drawn(draw, index, undated=undated) for index in range(count)]


def _drawn(draw, index, *, undated):
    day = AS_OF - dt.timedelta(days=draw(_DAYS))
    has_none = undated and draw(st.integers(0, 4)) == 0
    return open_item(
        f"F-{index}",
        open_minor=draw(st.integers(-50_000, 50_000) | st.sampled_from([0, 10**15, -(10**15)])),
        creditor=draw(st.sampled_from(["MIRA", "NORD"])),
        customer=draw(st.sampled_from(["C-1", "C-2", "Ünal"])),
        currency=draw(st.sampled_from(["EUR", "EUR", "JPY"])),
        due_date=None if has_none else day,
        document_date=day - dt.timedelta(days=draw(st.integers(0, 40))),
        posting_date=day - dt.timedelta(days=draw(st.integers(-5, 40))),
    )


@st.composite
def schemes(draw, *, undated=None, credits=None):
    """Aging schemes of every basis and every way with credits."""
    basis = draw(st.sampled_from(AgeBasis))
    lowest = -90 if basis is AgeBasis.DUE_DATE else 0
    bounds = draw(st.sets(st.integers(lowest, 120), min_size=1, max_size=5))
    return AgingScheme(
        *sorted(bounds),
        basis=basis,
        credits=credits or draw(st.sampled_from(Credits)),
        undated=undated or draw(st.sampled_from(Undated)),
    )


def columns_of(items):
    """Open items as columns of Python values."""
    return {
        "creditor": [item.creditor for item in items],
        "item": [item.item for item in items],
        "customer": [item.customer for item in items],
        "currency": [item.currency for item in items],
        "open_minor": [item.open_minor for item in items],
        "document_date": [item.document_date for item in items],
        "posting_date": [item.posting_date for item in items],
        "due_date": [item.due_date for item in items],
    }


_TYPES = {
    "open_minor": pa.int64(),
    "amount_minor": pa.int64(),
    "document_date": pa.date32(),
    "posting_date": pa.date32(),
    "due_date": pa.date32(),
    "effective_on": pa.date32(),
    "recorded_at": pa.timestamp("us", "UTC"),
}


def frame_of(kind: str, columns: dict[str, list[Any]]) -> Any:
    """A frame of a kind from columns of Python values."""
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in columns])
    table = pa.table(columns, schema=schema)
    if kind in {"polars", "polars lazy"}:
        frame = pl.from_arrow(table)
        return frame.lazy() if kind == "polars lazy" else frame
    if kind == "pandas":
        dates = [name for name in columns if _TYPES.get(name) == pa.date32()]
        return table.to_pandas().astype(dict.fromkeys(dates, "datetime64[us]"))
    if kind == "pandas dates":
        return table.to_pandas()
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    if kind == "duckdb":
        # The default connection, because DuckDB joins relations of one connection only.
        return duckdb.from_arrow(table)
    return table


def rows_of(frame: Any) -> list[tuple[Any, ...]]:
    """The rows of a frame of any kind as Python values."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect().rows()
    if isinstance(frame, pl.DataFrame):
        return frame.rows()
    if isinstance(frame, pd.DataFrame):
        return [tuple(row) for row in frame.astype(object).to_numpy().tolist()]
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    return [tuple(row.values()) for row in frame.to_pylist()]


def names_of(frame: Any) -> list[str]:
    """The names of the columns of a frame of any kind."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect_schema().names()
    return list(frame.column_names if isinstance(frame, pa.Table) else frame.columns)


def types_of(frame: Any) -> set[str]:
    """The types of the columns of a frame, as its engine calls them."""
    if isinstance(frame, pl.LazyFrame):
        return set(map(str, frame.collect_schema().dtypes()))
    if isinstance(frame, pa.Table):
        return set(map(str, frame.schema.types))
    return {str(type_) for type_ in frame.dtypes}
