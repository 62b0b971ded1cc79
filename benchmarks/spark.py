"""Aging and balances on a past day on a local Spark of two cores, beside the same queries by hand.

``python -m benchmarks.spark 1 5 20`` prints instead what a million items cost at three sizes, read from
Parquet and written to Parquet.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from benchmarks._harness import Benchmark

_AS_OF: Final = dt.date(2026, 10, 31)
_ITEMS: Final = 1_000_000
_MILLION: Final = 1_000_000
_PARTITIONS: Final = 8
_BOUNDS: Final = (0, 30, 60, 90)
_KEYS: Final = ["creditor", "customer", "currency"]
_SETTINGS: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "4g",
    # Both sides put their questions together faster without a note of where each column was written.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.sql.shuffle.partitions": str(_PARTITIONS),
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside the query that somebody writes who knows Spark well; frames are cached in memory."""
    import pyspark  # noqa: F401, PLC0415  # a peer that may be missing

    if shutil.which("java") is None:
        msg = "Spark needs Java"
        raise ImportError(msg)
    yield Benchmark(
        name="aging.columns.aging, Spark, trusted",
        size=_ITEMS,
        ours=aged,
        peer_name="Spark by hand",
        peer=aged_by_hand,
        limit=1.1,
        check=_check,
    )
    yield Benchmark(
        name="balances, then aged, Spark, trusted",
        size=f"{_ITEMS:,} + {_ITEMS * 3 // 2:,}",
        ours=owed_and_aged,
        peer_name="Spark by hand",
        peer=owed_and_aged_by_hand,
        limit=1.1,
        check=_check,
    )
    yield Benchmark(
        name="aging.columns.aging, Spark, checked",
        size=_ITEMS,
        ours=functools.partial(aged, trusted=False),
        peer_name="Spark by hand, unchecked",
        peer=aged_by_hand,
        check=_check,
    )


@functools.cache
def _spark() -> Any:  # noqa: ANN401  # a session of Spark, which is imported when it is needed
    from pyspark.sql import SparkSession  # noqa: PLC0415  # a peer

    builder = SparkSession.builder.master("local[2]").appName("benchmarks")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    atexit.register(session.stop)
    return session


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="receivables-spark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def items_of(count: int) -> Any:  # noqa: ANN401  # a frame of Spark
    """So many items, made by Spark itself: a few customers have many, and most have few."""
    from pyspark.sql import functions as sql  # noqa: PLC0415  # a peer

    spark = _spark()
    luck = sql.xxhash64("id")
    customers = max(count // 50, 1)
    posted = sql.date_sub(sql.lit(_AS_OF), sql.pmod(luck, sql.lit(420)).cast("int") - 20)
    # The square of an even draw: the largest customers have thousands of invoices.
    draw = sql.pow(sql.pmod(sql.shiftright(luck, 20), sql.lit(_MILLION)) / _MILLION, 2)
    currency = sql.pmod(luck, sql.lit(10))
    return spark.range(count).select(
        sql.lit("MIRA").alias("creditor"),
        sql.format_string("2026-%08d", "id").alias("item"),
        sql.format_string("C-%07d", (draw * customers).cast("long")).alias("customer"),
        sql.when(currency < 7, "EUR").when(currency < 9, "USD").otherwise("GBP").alias("currency"),
        (sql.pmod(luck, sql.lit(400_000)) - 40_000).alias("amount_minor"),
        posted.alias("posting_date"),
        sql.date_add(posted, 30).alias("due_date"),
    )


def moves_of(items: Any, count: int) -> Any:  # noqa: ANN401  # frames of Spark
    """Three moves for every two items, some after the day that is asked for."""
    from pyspark.sql import functions as sql  # noqa: PLC0415  # a peer

    moves = _spark().range(count * 3 // 2).select((sql.col("id") % count).alias("place"), "id")
    luck = sql.xxhash64("id")
    return (
        items.withColumn("place", sql.substring("item", 6, 8).cast("long"))
        .join(moves, "place")
        .select(
            "creditor",
            "item",
            "customer",
            sql.expr("amount_minor div 3").alias("amount_minor"),
            sql.date_add("posting_date", sql.pmod(luck, sql.lit(120)).cast("int")).alias(
                "effective_on"
            ),
        )
    )


@functools.cache
def _stored(count: int) -> tuple[Path, Path]:
    """Items and moves as Parquet."""
    paths = (_folder() / f"items-{count}", _folder() / f"moves-{count}")
    items = items_of(count)
    items.write.parquet(str(paths[0]))
    moves_of(items, count).write.parquet(str(paths[1]))
    return paths


@functools.cache
def _cached() -> tuple[Any, Any]:
    """Items and moves, read once and kept in memory; what is open is the amount of an item."""
    items, moves = (_spark().read.parquet(str(path)).cache() for path in _stored(_ITEMS))
    assert (items.count(), moves.count()) == (_ITEMS, _ITEMS * 3 // 2)
    return items, moves


def _scheme() -> Any:  # noqa: ANN401  # a value of the library
    from receivables.aging import AgingScheme  # noqa: PLC0415  # measured with everything loaded

    return AgingScheme(*_BOUNDS[1:])


def aged(*, trusted: bool = True) -> Any:  # noqa: ANN401  # an Arrow table
    """What a user of the library writes."""
    from receivables.aging.columns import aging  # noqa: PLC0415  # measured when it is loaded

    items = _cached()[0].withColumnRenamed("amount_minor", "open_minor")
    return aging(items, scheme=_scheme(), as_of=_AS_OF, trusted=trusted).toArrow()


def aged_by_hand() -> Any:  # noqa: ANN401  # an Arrow table
    """What somebody writes who knows Spark well: the same keys and the same columns."""
    items = _cached()[0].withColumnRenamed("amount_minor", "open_minor")
    return _aging_by_hand(items, _AS_OF).toArrow()


def owed_and_aged() -> Any:  # noqa: ANN401  # an Arrow table
    """What a user of the library writes: two calls."""
    return _asked(*_cached(), trusted=True).toArrow()


def _asked(items: Any, moves: Any, *, trusted: bool) -> Any:  # noqa: ANN401  # frames of Spark
    from receivables.aging.columns import aging  # noqa: PLC0415  # measured when it is loaded
    from receivables.ledger.columns import balances  # noqa: PLC0415  # as above

    opened = balances(items, moves, as_of=_past(), trusted=trusted)
    return aging(opened, scheme=_scheme(), as_of=_past(), trusted=trusted)


def _past() -> dt.date:
    return _AS_OF - dt.timedelta(days=60)


def owed_and_aged_by_hand() -> Any:  # noqa: ANN401  # an Arrow table
    """One query from the two frames to the aged table."""
    from pyspark.sql import functions as sql  # noqa: PLC0415  # a peer

    items, moves = _cached()
    day = sql.lit(_past())
    settled = (
        moves.where(sql.col("effective_on") <= day)
        .groupBy("creditor", "item")
        .agg(sql.sum("amount_minor").alias("settled"))
    )
    left = sql.col("amount_minor") - sql.ifnull(sql.col("settled"), sql.lit(0))
    opened = (
        items.where(sql.col("posting_date") <= day)
        .join(settled, ["creditor", "item"], "left")
        .withColumn("open_minor", left)
        .where(sql.col("open_minor") != 0)
    )
    return _aging_by_hand(opened, _past()).toArrow()


def _aging_by_hand(items: Any, as_of: dt.date) -> Any:  # noqa: ANN401  # frames of Spark
    from pyspark.sql import functions as sql  # noqa: PLC0415  # a peer

    left, due = sql.col("open_minor"), sql.col("due_date")
    cuts = [sql.lit(as_of - dt.timedelta(days=bound)) for bound in _BOUNDS]
    spans = [
        due >= cuts[0],
        *((due < later) & (due >= cut) for later, cut in itertools.pairwise(cuts)),
        due < cuts[-1],
    ]
    buckets = [
        sql.sum(sql.when(span & (left > 0), left).otherwise(0)).alias(f"bucket_{index}")
        for index, span in enumerate(spans)
    ]
    below = sql.sum(sql.when(left < 0, left).otherwise(0)).alias("credits_minor")
    total, count = sql.sum(left).alias("total_minor"), sql.count("*").alias("items")
    return items.where(left != 0).groupBy(*_KEYS).agg(*buckets, below, total, count)


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Arrow tables
    keys = [(name, "ascending") for name in _KEYS]
    mine, theirs = mine.sort_by(keys), theirs.sort_by(keys)
    # Column by column, because whether a column may have gaps is no part of the answer.
    names = mine.column_names
    assert names == theirs.column_names, "the columns differ"
    assert all(mine[name].equals(theirs[name]) for name in names), "the tables differ"


def cost_of(count: int, *, trusted: bool) -> float:
    """The seconds from Parquet to Parquet: balances on a past day of so many items, then aged."""
    items, moves = (_spark().read.parquet(str(path)) for path in _stored(count))
    start = time.perf_counter()
    _asked(items, moves, trusted=trusted).write.mode("overwrite").parquet(str(_folder() / "aged"))
    return time.perf_counter() - start


def main(sizes: Iterable[str]) -> None:
    """Print what a million items cost at each size, given in millions."""
    cost_of(100_000, trusted=True)
    for size in sizes:
        count = int(float(size) * _MILLION)
        cells = [f"{count:>12,}"]
        for trusted in (True, False):
            seconds = min(cost_of(count, trusted=trusted) for _ in range(2))
            per_million = seconds / count * _MILLION
            cells.append(
                f"{'trusted' if trusted else 'checked'} {seconds:7.1f} s {per_million:6.2f} s/M"
            )
        print("  ".join(cells), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
