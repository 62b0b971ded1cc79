"""Balances on a past day, then aged: a million items with their moves, and the hardest known case.

That case is 1.7 million lines of which 286,000 are settled in part; eleven seconds is the best
figure that a vendor of enterprise software has published for it.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF, ITEMS, MOVES, items, moves
from benchmarks._harness import Benchmark

_DAY: Final = AS_OF - dt.timedelta(days=60)
_BOUNDS: Final = (0, 30, 60, 90)
_LINES: Final = 1_700_000
_SETTLED: Final = 286_000
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
    yield Benchmark(
        name="the hardest published past day, aged",
        size=f"{_LINES:,} + {_SETTLED:,}",
        ours=lambda: ours(*_hardest()),
        peer_name="Polars by hand, streaming",
        peer=lambda: by_hand(*_hardest()),
        limit=1.5,
        check=_check,
        runs=7,
        note=lambda measured: f"target 1 s on two cores, taken {measured.ours_s:.2f} s",
    )


@functools.cache
def _hardest() -> tuple[Any, Any]:
    """Lines and their partial settlements as Polars frames, the lines in no order of their names."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    earlier = pl.lit("2025") + pl.col("item").str.slice(4)
    lines = pl.concat([items(), items().with_columns(earlier.alias("item"))])
    lines = lines.head(_LINES).sample(fraction=1, shuffle=True, seed=1)
    settled = lines.sample(_SETTLED, seed=2).select(
        "creditor",
        "item",
        (pl.col("amount_minor") // 3).alias("amount_minor"),
        (pl.col("posting_date") + pl.duration(days=25)).alias("effective_on"),
    )
    return lines, settled


def ours(owed: Any = None, settling: Any = None) -> Any:  # noqa: ANN401  # Polars frames
    """What a user of the library writes: two calls over the frames at hand."""
    from receivables.aging import AgingScheme  # noqa: PLC0415  # measured with everything loaded
    from receivables.aging.columns import aging  # noqa: PLC0415  # see above
    from receivables.ledger.columns import balances  # noqa: PLC0415  # see above

    owed, settling = (items(), moves()) if owed is None else (owed, settling)
    opened = balances(owed, settling, as_of=_DAY)
    return aging(opened, scheme=AgingScheme(30, 60, 90), as_of=_DAY)


def by_hand(owed: Any = None, settling: Any = None) -> Any:  # noqa: ANN401  # Polars frames
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
    owed, settling = (items(), moves()) if owed is None else (owed, settling)
    settled = (
        settling.lazy()
        .filter(pl.col("effective_on") <= _DAY)
        .group_by("creditor", "item")
        .agg(pl.col("amount_minor").sum().alias("settled"))
    )
    return (
        owed.lazy()
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
