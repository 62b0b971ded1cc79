"""Rates, items and frames of every kind, for the tests of currencies."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from receivables.currencies import ExchangeRates
from receivables.money import ExchangeRate, Rounding

AS_OF = dt.date(2026, 12, 31)

KINDS = ("polars", "polars lazy", "pandas", "pandas arrow", "pyarrow", "duckdb")
"""Every kind of frame."""

CURRENCIES = ("EUR", "USD", "JPY", "KWD")
"""Two decimals, none and three."""


def rate(base="EUR", quote="USD", value="1.08", *, date=AS_OF, source="example"):
    """A published rate."""
    return ExchangeRate(base=base, quote=quote, rate=Decimal(value), date=date, source=source)


@attrs.frozen(kw_only=True)
class Item:
    """The least that a revaluation asks of an item."""

    item: str = "F-1"
    creditor: str = "MIRA"
    customer: str = "C-1"
    currency: str = "USD"
    open_minor: int = 1_000_000
    due_date: dt.date | None = None


def rate_values(*, places=6):
    """Positive rates with up to so many decimals, from tiny to large."""
    return st.builds(
        lambda minor, scale: Decimal(minor).scaleb(-scale),
        st.integers(1, 10**8) | st.sampled_from([1, 10**7, 108_000, 16_132]),
        st.integers(0, places),
    )


def directed(base, quote):
    """Rates between two currencies, published in either direction."""
    return st.builds(
        lambda value, turned: rate(*((quote, base) if turned else (base, quote)), str(value)),
        rate_values(),
        st.booleans(),
    )


@st.composite
def tables(draw, *, functional="EUR"):
    """Tables with a rate from each other currency to the functional one, on `AS_OF`."""
    others = [code for code in CURRENCIES if code != functional]
    return ExchangeRates([draw(directed(code, functional)) for code in others])


def roundings():
    """Every way of rounding."""
    return st.sampled_from(Rounding)


@st.composite
def carried_items(draw, *, functional="EUR", largest=10**9):
    """Items with what they are carried at; those in the functional currency at what is open."""
    items, carrying = [], {}
    for index in range(draw(st.integers(1, 8))):
        currency = draw(st.sampled_from(CURRENCIES))
        open_minor = draw(st.integers(-largest, largest) | st.sampled_from([0, 1, -1, largest]))
        name = f"F-{index}"
        items.append(Item(item=name, currency=currency, open_minor=open_minor))
        other = draw(st.integers(-largest, largest))
        carrying[name] = open_minor if currency == functional else other
    return items, carrying


def columns_of(items, carrying):
    """Items as columns of Python values."""
    return {
        "item": [item.item for item in items],
        "currency": [item.currency for item in items],
        "open_minor": [item.open_minor for item in items],
        "carrying_minor": [carrying[item.item] for item in items],
    }


def frame_of(kind: str, columns: dict[str, list[Any]]) -> Any:
    """A frame of a kind from columns of Python values."""
    types = {name: pa.int64() if name.endswith("_minor") else pa.string() for name in columns}
    table = pa.table(columns, schema=pa.schema(list(types.items())))
    if kind in {"polars", "polars lazy"}:
        frame = pl.from_arrow(table)
        return frame.lazy() if kind == "polars lazy" else frame
    if kind == "pandas":
        return table.to_pandas()
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    return duckdb.from_arrow(table) if kind == "duckdb" else table


def dicts_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any kind as dictionaries of Python values."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if isinstance(frame, pd.DataFrame):
        names = list(frame.columns)
        rows = frame.astype(object).to_numpy().tolist()
        return [dict(zip(names, row, strict=True)) for row in rows]
    return (
        frame.to_arrow_table() if isinstance(frame, duckdb.DuckDBPyRelation) else frame
    ).to_pylist()


def types_of(frame: Any) -> dict[str, str]:
    """The type of each column of a frame, as its engine calls it."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pa.Table):
        return dict(zip(frame.column_names, map(str, frame.schema.types), strict=True))
    return dict(zip(list(frame.columns), map(str, frame.dtypes), strict=True))
