"""Frames of every kind for the columns of dunning."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

KINDS = ("polars", "polars lazy", "pandas", "pandas dates", "pandas arrow", "pyarrow", "duckdb")
"""Every kind of frame; "pandas" keeps dates as NumPy does, "pandas dates" as objects."""

_TYPES = {
    "open_minor": pa.int64(),
    "held_minor": pa.int64(),
    "level": pa.int64(),
    "due_date": pa.date32(),
    "noticed_on": pa.date32(),
}


def columns_of(items, notices=(), held=None, as_of=dt.date.max):
    """Open items as columns, with the levels that notices took them to, and what is held."""
    levels = {}
    for notice in notices:
        for item in notice.items:
            if item.level > levels.get((notice.creditor, item.item), (0, None))[0]:
                levels[notice.creditor, item.item] = (item.level, notice.effective_on)
    past = [levels.get((item.creditor, item.item), (0, None)) for item in items]
    return {
        "creditor": [item.creditor for item in items],
        "item": [item.item for item in items],
        "customer": [item.customer for item in items],
        "currency": [item.currency for item in items],
        "open_minor": [item.open_minor for item in items],
        "due_date": [item.due_date for item in items],
        "level": [level for level, _ in past],
        "noticed_on": [day for _, day in past],
        "held_minor": [(held or {}).get(item.item, 0) for item in items],
    }


def frame_of(kind, columns):
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
    return duckdb.from_arrow(table) if kind == "duckdb" else table


def rows_of(frame):
    """The rows of a frame of any kind, as mappings."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if isinstance(frame, pd.DataFrame):
        rows = frame.astype(object).to_numpy().tolist()
        return [dict(zip(frame.columns, row, strict=True)) for row in rows]
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    return frame.to_pylist()
