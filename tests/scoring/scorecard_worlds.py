"""Scorecards and frames for the tests of scorecards."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from receivables.scoring.scorecards import Bin, Characteristic, Scorecard

KINDS = ("polars", "polars lazy", "pandas arrow", "pandas nullable", "pandas", "pyarrow", "duckdb")


def frame_of(kind, table):
    """A frame of a kind from an Arrow table."""
    if kind in {"polars", "polars lazy"}:
        frame = pl.from_arrow(table)
        return frame.lazy() if kind == "polars lazy" else frame
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    if kind == "pandas nullable":
        types = {
            pa.int64(): pd.Int64Dtype(),
            pa.float64(): pd.Float64Dtype(),
            pa.string(): pd.StringDtype(),
        }
        return table.to_pandas(types_mapper=types.get)
    if kind == "pandas":
        return table.to_pandas()
    return duckdb.from_arrow(table) if kind == "duckdb" else table


def rows_of(frame):
    """The rows of a frame of any kind as dicts."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if isinstance(frame, pd.DataFrame):
        return frame.to_dict("records")
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    return frame.to_pylist()


def interval(points, lower=None, upper=None, **given):
    """An interval."""
    return Bin(kind="interval", points=points, lower=lower, upper=upper, **given)


def numeric(name="margin", *, cuts=("0", "5.5"), points=(-25, 0, 18), missing=-10, **given):
    """A characteristic of intervals."""
    ends = [None, *cuts, None]
    bins = [interval(p, ends[i], ends[i + 1]) for i, p in enumerate(points)]
    bins.append(Bin(kind="missing", points=missing))
    if given.get("over"):
        bins.append(Bin(kind="undefined", points=-33))
    return Characteristic(name=name, bins=bins, **given)


def groups(name="home", **given):
    """A characteristic of categories."""
    bins = [
        Bin(kind="group", categories=["own"], points=12),
        Bin(kind="group", categories=["rent", "free"], points=-8),
        Bin(kind="group", categories=["3", "true"], points=5),
        Bin(kind="other", points=-3),
        Bin(kind="missing", points=-5),
    ]
    return Characteristic(name=name, bins=bins, **given)


def card(*characteristics, **given):
    """A scorecard."""
    return Scorecard(
        **{"name": "card", "base_points": 500, "characteristics": characteristics, **given}
    )


@st.composite
def numerics(draw, *, name, over=""):
    """A characteristic of intervals at cuts of up to four decimals."""
    decimals = draw(st.integers(0, 4))
    whole = draw(
        st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=6, unique=True).map(sorted)
    )
    cuts = [Decimal(cut).scaleb(-decimals) for cut in whole]
    points = draw(st.lists(st.integers(-100, 100), min_size=len(cuts) + 1, max_size=len(cuts) + 1))
    return numeric(
        name, cuts=cuts, points=points, over=over, column="a", closed_above=draw(st.booleans())
    )


def numbers_near(characteristic):
    """Floats on, just beside and away from the cuts, and what is no number."""
    cuts = [float(one.lower) for one in characteristic.intervals if one.lower is not None]
    near = st.sampled_from(cuts).flatmap(
        lambda cut: st.sampled_from([cut, -cut, cut * (1 + 2**-52), cut * (1 - 2**-53), cut / 3])
    )
    return st.one_of(st.none(), near, st.floats(width=64), st.integers(-100, 100).map(float))
