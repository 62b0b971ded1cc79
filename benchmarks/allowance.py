"""The provision matrix over ten million open items, beside the same question asked of Polars by hand."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF, open_items
from benchmarks._data import ITEMS as _ITEMS_OF_ONE
from benchmarks._harness import Benchmark

COPIES: Final = 10
"""How many books of a million items there are, each with customers of its own."""

_BOUNDS: Final = (0, 30, 60, 90)
_KEYS: Final = ["customer", "currency", "segment"]
_PPM: Final = {
    "": (3_000, 16_000, 36_000, 66_000, 106_000),
    "public": (0, 5_000, 10_000, 20_000, 40_000),
    "small": (10_000, 35_000, 80_000, 150_000, 400_000),
}
"""Rates in parts per million."""
_WHOLE: Final = 1_000_000


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside a hand-written Polars query with the same columns."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="allowance.columns.provision, Polars",
        size=_ITEMS_OF_ONE * COPIES,
        ours=ours,
        peer_name="Polars by hand, streaming",
        peer=by_hand,
        limit=1.25,
        check=_check,
        runs=5,
    )


@functools.cache
def items() -> Any:  # noqa: ANN401  # a Polars frame
    """The open items of ten houses of one group, each customer in a segment."""
    import polars as pl  # noqa: PLC0415  # a peer

    one = open_items()
    digit = pl.col("customer").str.slice(-1)
    segment = pl.when(digit == "7").then(pl.lit("public")).when(digit == "3").then(pl.lit("small"))
    return pl.concat(
        [
            one.with_columns(
                (pl.lit(f"{copy}-") + pl.col("customer")).alias("customer"),
                segment.otherwise(pl.lit("")).alias("segment"),
            )
            for copy in range(COPIES)
        ]
    )


@functools.cache
def _matrix() -> Any:  # noqa: ANN401  # a value of the library, which is imported when it is needed
    from receivables.aging import AgingScheme  # noqa: PLC0415  # see above
    from receivables.allowance import ProvisionMatrix  # noqa: PLC0415  # see above

    return ProvisionMatrix(
        name="benchmark",
        version="1",
        scheme=AgingScheme(30, 60, 90),
        segments={name: [f"{rate}/{_WHOLE}" for rate in rates] for name, rates in _PPM.items()},
    )


def ours() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.allowance.columns import provision  # noqa: PLC0415  # see above

    return provision(items(), matrix=_matrix(), as_of=AS_OF)


def by_hand() -> Any:  # noqa: ANN401  # a Polars frame
    """What somebody writes who knows Polars well, and who trusts that nothing leaves 64 bits."""
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
    rows = (
        items()
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
    )
    lost = [_lost(name, index).alias(f"allowance_{index}") for index, name in enumerate(buckets)]
    return (
        rows.with_columns(pl.sum_horizontal(buckets).alias("base_minor"), *lost)
        .with_columns(
            pl.sum_horizontal(f"allowance_{index}" for index in range(len(buckets))).alias(
                "allowance_minor"
            )
        )
        .sort(_KEYS)
        .collect(engine="streaming")
    )


def _lost(name: str, bucket: int) -> Any:  # noqa: ANN401  # an expression
    import polars as pl  # noqa: PLC0415  # a peer

    rate = (
        pl.when(pl.col("segment") == "public")
        .then(_PPM["public"][bucket])
        .when(pl.col("segment") == "small")
        .then(_PPM["small"][bucket])
        .otherwise(_PPM[""][bucket])
    )
    return (2 * pl.col(name) * rate + _WHOLE) // (2 * _WHOLE)


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    names = [name for name in mine.columns if name != "covered_minor"]
    assert mine.select(names).equals(theirs.select(names)), "the allowances differ"
