"""Balances on a past day from a million items and a million and a half moves, then aged."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF, ITEMS, MOVES, items, moves
from benchmarks._harness import Benchmark

_DAY: Final = AS_OF - dt.timedelta(days=60)
_BOUNDS: Final = (0, 30, 60, 90)
_KEYS: Final = ["creditor", "customer", "currency"]


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside the hand-written join and group."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="ledger.columns.balances, then aged",
        size=f"{ITEMS:,} + {MOVES:,}",
        ours=ours,
        peer_name="Polars by hand, streaming",
        peer=by_hand,
        limit=1.5,
        check=_check,
        runs=7,
    )


def ours() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes: two calls over the frames at hand."""
    from receivables.aging import AgingScheme  # noqa: PLC0415  # measured with everything loaded
    from receivables.aging.columns import aging  # noqa: PLC0415  # see above
    from receivables.ledger.columns import balances  # noqa: PLC0415  # see above

    opened = balances(items(), moves(), as_of=_DAY)
    return aging(opened, scheme=AgingScheme(30, 60, 90), as_of=_DAY)


def by_hand() -> Any:  # noqa: ANN401  # a Polars frame
    """One lazy query from the two frames to the aged table."""
    import polars as pl  # noqa: PLC0415  # a peer

    due, left = pl.col("due_date"), pl.col("open_minor")
    cutoffs = [_DAY - dt.timedelta(days=bound) for bound in _BOUNDS]
    spans = [
        due >= cutoffs[0],
        *((due < later) & (due >= cut) for later, cut in itertools.pairwise(cutoffs)),
        due < cutoffs[-1],
    ]
    buckets = [f"bucket_{index}" for index in range(len(spans))]
    settled = (
        moves()
        .lazy()
        .filter(pl.col("effective_on") <= _DAY)
        .group_by("creditor", "item")
        .agg(pl.col("amount_minor").sum().alias("settled"))
    )
    return (
        items()
        .lazy()
        .filter(pl.col("posting_date") <= _DAY)
        .join(settled, on=["creditor", "item"], how="left")
        .with_columns((pl.col("amount_minor") - pl.col("settled").fill_null(0)).alias("open_minor"))
        .filter(left != 0)
        .with_columns(pl.when(left > 0).then(left).otherwise(0).alias("debit"))
        .with_columns(
            *(
                pl.when(span).then(pl.col("debit")).otherwise(0).alias(name)
                for name, span in zip(buckets, spans, strict=True)
            ),
            (left - pl.col("debit")).alias("credits_minor"),
        )
        .group_by(_KEYS)
        .agg(
            *(pl.col(name).sum() for name in buckets),
            pl.col("credits_minor").sum(),
            left.sum().alias("total_minor"),
            pl.len().cast(pl.Int64).alias("items"),
        )
        .sort(_KEYS)
        .collect(engine="streaming")
    )


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    assert mine.equals(theirs), "the tables differ"
