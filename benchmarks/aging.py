"""Aging a million open items of a Polars frame, beside the same question asked by hand."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF, ITEMS, open_items
from benchmarks._harness import Benchmark

_BOUNDS: Final = (0, 30, 60, 90)
_KEYS: Final = ["customer", "currency"]


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside a hand-written Polars query, and beside what is usual in pandas."""
    import pandas  # noqa: F401, ICN001, PLC0415  # a peer that may be missing
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="aging.columns.aging, Polars",
        size=ITEMS,
        ours=ours,
        peer_name="Polars by hand, streaming",
        peer=by_hand,
        limit=1.1,
        check=_check_polars,
        runs=11,
    )
    yield Benchmark(
        name="aging.columns.aging, Polars",
        size=ITEMS,
        ours=ours,
        peer_name="pandas cut, groupby, unstack",
        peer=usual_pandas,
        limit=0.33,
        check=_check_pandas,
        runs=5,
    )


def ours() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.aging import AgingScheme  # noqa: PLC0415  # measured with everything loaded
    from receivables.aging.columns import aging  # noqa: PLC0415  # see above

    return aging(open_items(), scheme=AgingScheme(30, 60, 90), as_of=AS_OF)


def by_hand(items: Any = None) -> Any:  # noqa: ANN401  # Polars frames
    """What somebody writes who knows Polars well: the same keys and the same columns."""
    import polars as pl  # noqa: PLC0415  # a peer

    due, amount = pl.col("due_date"), pl.col("open_minor")
    cutoffs = [AS_OF - dt.timedelta(days=bound) for bound in _BOUNDS]
    spans = [
        due >= cutoffs[0],
        *((due < later) & (due >= cut) for later, cut in itertools.pairwise(cutoffs)),
        due < cutoffs[-1],
    ]
    buckets = [f"bucket_{index}" for index in range(len(spans))]
    debit = pl.when(amount > 0).then(amount).otherwise(0)
    return (
        (open_items() if items is None else items)
        .lazy()
        .with_columns(debit.alias("debit"), (amount - debit).alias("credits_minor"))
        .with_columns(
            pl.when(span).then(pl.col("debit")).otherwise(0).alias(name)
            for name, span in zip(buckets, spans, strict=True)
        )
        .group_by(_KEYS)
        .agg(
            *(pl.col(name).sum() for name in buckets),
            pl.col("credits_minor").sum(),
            amount.sum().alias("total_minor"),
            pl.len().cast(pl.Int64).alias("items"),
        )
        .sort(_KEYS)
        .collect(engine="streaming")
    )


@functools.cache
def _pandas_items() -> Any:  # noqa: ANN401  # a pandas frame
    return open_items().to_pandas()


def usual_pandas(items: Any = None) -> Any:  # noqa: ANN401  # pandas frames
    """What is usual in notebooks: days, cut, groupby, unstack; credits by a second groupby."""
    import pandas as pd  # noqa: PLC0415  # a peer

    items = _pandas_items() if items is None else items
    days = (pd.Timestamp(AS_OF) - items["due_date"]).dt.days
    bucket = pd.cut(days, [-float("inf"), *_BOUNDS, float("inf")], labels=range(len(_BOUNDS) + 1))
    debit = items["open_minor"].clip(lower=0)
    table = (
        items.assign(bucket=bucket, debit=debit)  # noqa: PD010  # what is usual
        .groupby([*_KEYS, "bucket"], observed=True)["debit"]
        .sum()
        .unstack(fill_value=0)
    )
    credit = items["open_minor"].clip(upper=0)
    rest = (
        items.assign(credits_minor=credit)
        .groupby(_KEYS)
        .agg(
            credits_minor=("credits_minor", "sum"),
            total_minor=("open_minor", "sum"),
            items=("open_minor", "size"),
        )
    )
    return table.join(rest)


def _check_polars(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    assert mine.equals(theirs), "the tables differ"


def _check_pandas(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # frames
    columns = [*range(len(_BOUNDS) + 1), "credits_minor", "total_minor", "items"]
    rows = theirs.sort_index()[columns].to_numpy().tolist()
    assert [list(row[len(_KEYS) :]) for row in mine.rows()] == rows, "the tables differ"
