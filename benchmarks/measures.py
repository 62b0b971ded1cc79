"""All measures of a hundred thousand customers with a million items, beside Polars by hand."""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF
from benchmarks._harness import Benchmark

_CUSTOMERS: Final = 100_000
_ITEMS: Final = 1_000_000
_DAYS: Final = 90
_MONTHS: Final = 24
_KEYS: Final = ["customer", "currency"]
_COMPARED: Final = (
    "receivables_minor",
    "sales_minor",
    "dso_e2",
    "dso_count_back_e2",
    "best_possible_dso_e2",
    "average_days_delinquent_e2",
    "days_beyond_terms_e2",
    "weighted_days_late_e2",
    "cei_bps",
    "turnover_e4",
    "current_share_bps",
    "past_due_share_bps",
    "over_90_share_bps",
)


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside the same measures written by hand in Polars."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="measures.columns.measures, Polars",
        size=f"{_CUSTOMERS:,} customers, {_ITEMS:,} items",
        ours=ours,
        peer_name="Polars by hand, streaming, as floats",
        peer=by_hand,
        limit=2.0,
        check=_check,
        runs=5,
    )


@functools.cache
def _books() -> Any:  # noqa: ANN401  # two Polars frames
    """Items of two years, and the moves that paid most of them, early or late."""
    import polars as pl  # noqa: PLC0415  # a peer

    luck = random.Random(8)  # noqa: S311  # no secret
    sold = [luck.randint(0, 730) for _ in range(_ITEMS)]
    late = [luck.randint(-20, 90) for _ in range(_ITEMS)]
    items = pl.DataFrame(
        {
            "item": range(_ITEMS),
            "customer": [luck.randrange(_CUSTOMERS) for _ in range(_ITEMS)],
            "currency": ["EUR"] * _ITEMS,
            "amount_minor": [luck.randint(1_000, 500_000) for _ in range(_ITEMS)],
            "_back": sold,
            "_late": late,
        }
    ).with_columns((pl.lit(AS_OF) - pl.duration(days=pl.col("_back"))).alias("posting_date"))
    items = items.with_columns((pl.col("posting_date") + pl.duration(days=30)).alias("due_date"))
    moves = items.filter(pl.col("_late") < 85).select(  # some are never paid
        "item",
        "amount_minor",
        (pl.col("due_date") + pl.duration(days=pl.col("_late"))).alias("effective_on"),
    )
    return items.drop("_back", "_late"), moves


def ours() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes: every measure that the frames tell."""
    from receivables.measures.columns import measures  # noqa: PLC0415  # measured when loaded

    return measures(*_books(), as_of=AS_OF)


def by_hand() -> Any:  # noqa: ANN401  # a Polars frame
    """What somebody writes who knows Polars well and these books: paid once, whole, never credited."""
    import polars as pl  # noqa: PLC0415  # a peer

    items, moves = _books()
    before = AS_OF - dt.timedelta(days=_DAYS)
    amount, due, paid = pl.col("amount_minor"), pl.col("due_date"), pl.col("paid")
    late, past = (paid - due).dt.total_days(), (pl.lit(AS_OF) - due).dt.total_days()
    is_open = paid.is_null() | (paid > AS_OF)
    was_open = (pl.col("posting_date") <= before) & (paid.is_null() | (paid > before))
    in_period = paid.is_between(before, AS_OF, closed="right")
    rows = items.lazy().join(
        moves.lazy().select("item", pl.col("effective_on").alias("paid")), on="item", how="left"
    )
    sums = rows.group_by(_KEYS).agg(
        amount.filter(is_open).sum().alias("receivables_minor"),
        amount.filter(pl.col("posting_date") > before).sum().alias("sales_minor"),
        amount.filter(was_open).sum().alias("opening"),
        amount.filter(is_open & (past <= 0)).sum().alias("current"),
        amount.filter(is_open & (past > 90)).sum().alias("over_90"),  # the bucket
        (amount * past).filter(is_open & (past > 0)).sum().alias("beyond"),
        (amount * late).filter(in_period).sum().alias("paid_days"),
        amount.filter(in_period).sum().alias("paid_minor"),
    )
    back = _count_back(rows, sums)
    owed, sales, now = pl.col("receivables_minor"), pl.col("sales_minor"), pl.col("current")
    came = pl.col("opening") + sales
    return (
        sums.join(back, on=_KEYS, how="left")
        .with_columns(
            (owed / sales * _DAYS * 100).alias("dso_e2"),
            (now / sales * _DAYS * 100).alias("best_possible_dso_e2"),
            ((owed - now) / sales * _DAYS * 100).alias("average_days_delinquent_e2"),
            (pl.col("beyond") / owed * 100).alias("days_beyond_terms_e2"),
            (pl.col("paid_days") / pl.col("paid_minor") * 100).alias("weighted_days_late_e2"),
            ((came - owed) / (came - now) * 10_000).alias("cei_bps"),
            (2 * sales / (pl.col("opening") + owed) * 10_000).alias("turnover_e4"),
            (now / owed * 10_000).alias("current_share_bps"),
            ((owed - now) / owed * 10_000).alias("past_due_share_bps"),
            (pl.col("over_90") / owed * 10_000).alias("over_90_share_bps"),
            pl.when(owed == 0).then(0.0).otherwise(pl.col("back")).alias("dso_count_back_e2"),
        )
        .select(*_KEYS, *_COMPARED)
        .sort(_KEYS)
        .collect(engine="streaming")
    )


def _count_back(rows: Any, sums: Any) -> Any:  # noqa: ANN401  # lazy Polars frames
    """The months that somebody bought in, latest first and cumulated, cut where they reach what is owed.

    The months without sales need no rows: their days lie between the day and the end of the month
    that is reached.
    """
    import polars as pl  # noqa: PLC0415  # a peer

    month, sold = pl.col("month"), pl.col("sold")
    first = AS_OF.replace(year=AS_OF.year - _MONTHS // 12, day=1)
    rest = pl.col("receivables_minor") - (pl.col("cumulated") - sold)
    days = pl.min_horizontal(month.dt.month_end(), pl.lit(AS_OF)).sub(month).dt.total_days() + 1
    later = (pl.lit(AS_OF) - month).dt.total_days() + 1 - days
    return (
        rows.group_by(*_KEYS, pl.col("posting_date").dt.month_start().alias("month"))
        .agg(pl.col("amount_minor").sum().alias("sold"))
        .filter(month > first)
        .sort(*_KEYS, "month", descending=[False, False, True])
        .with_columns(pl.col("sold").cum_sum().over(_KEYS).alias("cumulated"))
        .join(sums.select(*_KEYS, "receivables_minor"), on=_KEYS)
        .filter((pl.col("cumulated") >= pl.col("receivables_minor")) & (rest > 0))
        .select(*_KEYS, ((later + rest / sold * days) * 100).alias("back"))
    )


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    assert mine.select(_KEYS).equals(theirs.select(_KEYS)), "the groups differ"
    for name in _COMPARED:
        peer = theirs[name].cast(float)
        # What is divided by nothing is no number by hand, and a gap with us.
        is_known = peer.is_finite().fill_null(value=False)
        assert (mine[name].is_not_null() == is_known).all(), f"the gaps of {name} differ"
        off = (mine[name] - peer).filter(is_known).abs().max()
        assert off is None or off <= 0.51, f"{name} differs by {off}"  # rounding
        assert is_known.sum() > _CUSTOMERS // 2, f"{name} is hardly known"
