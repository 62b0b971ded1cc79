"""Roll rates of a month from a million items and a million and a half moves, as columns."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF, ITEMS, MOVES, items, moves
from benchmarks._harness import Benchmark

_LAST: Final = AS_OF - dt.timedelta(days=60)
_FIRST: Final = _LAST - dt.timedelta(days=30)
_BOUNDS: Final = (0, 30, 60, 90)
_TARGETS: Final = [f"to_{index}" for index in range(5)]


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside the hand-written join and group."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="measures.rolling_columns.roll_rates",
        size=f"{ITEMS:,} + {MOVES:,}",
        ours=ours,
        peer_name="Polars by hand, streaming",
        peer=by_hand,
        limit=1.5,
        check=_check,
        runs=7,
    )


def ours() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes: one call over the frames at hand."""
    from receivables.aging import AgingScheme  # noqa: PLC0415  # measured with everything loaded
    from receivables.measures.rolling_columns import roll_rates  # noqa: PLC0415  # see above

    return roll_rates(items(), moves(), first=_FIRST, last=_LAST, scheme=AgingScheme(30, 60, 90))


def _spans(as_of: dt.date) -> list[Any]:
    import polars as pl  # noqa: PLC0415  # a peer

    due = pl.col("due_date")
    cutoffs = [as_of - dt.timedelta(days=bound) for bound in _BOUNDS]
    between = ((due < later) & (due >= cut) for later, cut in itertools.pairwise(cutoffs))
    return [due >= cutoffs[0], *between, due < cutoffs[-1]]


def by_hand() -> Any:  # noqa: ANN401  # a Polars frame
    """One lazy query from the two frames to the matrix."""
    import polars as pl  # noqa: PLC0415  # a peer

    amount, opening, left = pl.col("amount_minor"), pl.col("opening_minor"), pl.col("_left")
    is_before = pl.col("effective_on") <= _FIRST
    settled = (
        moves()
        .lazy()
        .filter(pl.col("effective_on") <= _LAST)
        .with_columns(pl.when(is_before).then(amount).otherwise(0).alias("before"))
        .group_by("creditor", "item")
        .agg(pl.col("before").sum(), amount.sum().alias("settled"))
    )
    bucket = pl.lit(len(_BOUNDS), dtype=pl.Int64)
    for index, span in reversed(list(enumerate(_spans(_FIRST)[:-1]))):
        bucket = pl.when(span).then(index).otherwise(bucket)
    return (
        items()
        .lazy()
        .filter(pl.col("posting_date") <= _FIRST)
        .join(settled, on=["creditor", "item"], how="left")
        .with_columns(
            (amount - pl.col("before").fill_null(0)).alias("opening_minor"),
            (amount - pl.col("settled").fill_null(0)).alias("_left"),
        )
        .filter(opening > 0)
        .with_columns(
            bucket.cast(pl.Int64).alias("bucket"),
            pl.min_horizontal(pl.max_horizontal(left, 0), opening).alias("_stays"),
        )
        .with_columns(
            pl.when(span).then(pl.col("_stays")).otherwise(0).alias(name)
            for span, name in zip(_spans(_LAST), _TARGETS, strict=True)
        )
        .group_by("currency", "bucket")
        .agg(
            opening.sum(),
            *(pl.col(name).sum() for name in _TARGETS),
            (opening - pl.col("_stays")).sum().alias("left_minor"),
            pl.len().cast(pl.Int64).alias("items"),
        )
        .sort("currency", "bucket")
        .collect(engine="streaming")
    )


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    assert mine.equals(theirs), "the matrices differ"
