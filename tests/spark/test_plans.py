"""What a cluster is asked to do: no needless shuffle, no Python on its machines, nothing fetched."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from receivables.aging import AgingScheme
from receivables.aging.columns import aging
from receivables.ledger.columns import balances

from .worlds import AS_OF, many_items, many_moves, on_spark, plan_of, rows_of

SCHEME = AgingScheme(30, 60, 90)
KEYS = ["creditor", "customer", "currency"]


@pytest.fixture(scope="module")
def world(spark):
    """Items and the moves that settled them, both of which name the customer."""
    columns = {name: values for name, values in many_items().items() if name != "open_minor"}
    moves = many_moves(columns)
    customers = dict(zip(columns["item"], columns["customer"], strict=True))
    moves["customer"] = [customers.get(item, "C-0") for item in moves["item"]]
    return on_spark(spark, columns), on_spark(spark, moves)


@pytest.fixture
def without_broadcast(spark):
    """Joins as large frames have them: a side of a few rows would be sent to every machine."""
    spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    yield
    spark.conf.unset("spark.sql.autoBroadcastJoinThreshold")


def _shuffles(frame):
    return plan_of(frame).count("Exchange ")


def _aged(items, moves, **given):
    owed = balances(items, moves, as_of=AS_OF, trusted=True, **given)
    return aging(owed, scheme=SCHEME, as_of=AS_OF, trusted=True)


def _by_hand(items, moves):
    """The same question as somebody writes it who knows Spark well."""
    from pyspark.sql import functions as sql  # noqa: PLC0415  # a part that may be missing

    settled = (
        moves.where(sql.col("effective_on") <= sql.lit(AS_OF))
        .groupBy("creditor", "item")
        .agg(sql.sum("amount_minor").alias("settled"))
    )
    left, due = sql.col("open_minor"), sql.col("due_date")
    owed = (
        items.where(sql.col("posting_date") <= sql.lit(AS_OF))
        .join(settled, ["creditor", "item"], "left")
        .withColumn("open_minor", sql.col("amount_minor") - sql.ifnull("settled", sql.lit(0)))
        .where(left != 0)
    )
    cuts = [AS_OF - dt.timedelta(days=days) for days in (0, 30, 60, 90)]
    spans = [
        due >= sql.lit(cuts[0]),
        *((due < sql.lit(high)) & (due >= sql.lit(low)) for high, low in itertools.pairwise(cuts)),
        due < sql.lit(cuts[-1]),
    ]
    buckets = [
        sql.sum(sql.when(span & (left > 0), left).otherwise(0)).alias(f"bucket_{index}")
        for index, span in enumerate(spans)
    ]
    credits_ = sql.sum(sql.when(left < 0, left).otherwise(0)).alias("credits_minor")
    total, count = sql.sum(left).alias("total_minor"), sql.count("*").alias("items")
    return owed.groupBy(*KEYS).agg(*buckets, credits_, total, count)


@pytest.mark.usefixtures("as_delivered", "without_broadcast")
def test_no_more_shuffles_than_by_hand(world):
    """Balances on a past day and their aging move rows three times, as the hand-written query does."""
    expected = _by_hand(*world)

    found = _aged(*world)

    assert 3 == _shuffles(expected)
    assert 3 == _shuffles(found)
    assert rows_of(expected) == rows_of(found)


def test_no_shuffle_of_what_lies_together(world):
    """Items that lie together by customer are aged where they lie: the one shuffle is the caller's."""
    items = balances(*world, as_of=AS_OF, trusted=True)
    together = items.repartition(2, "customer")

    found = aging(together, scheme=SCHEME, as_of=AS_OF, trusted=True)

    assert _shuffles(together) == _shuffles(found)


@pytest.mark.usefixtures("without_broadcast")
def test_no_shuffle_of_frames_that_lie_alike(spark, world):
    """Items and moves that lie together by customer are joined and aged where they lie."""
    items, moves = (frame.repartition(2, "customer") for frame in world)
    name = "spark.sql.requireAllClusterKeysForCoPartition"
    spark.conf.set(name, "false")
    try:
        found = _shuffles(_aged(items, moves, key=("creditor", "customer", "item")))
    finally:
        spark.conf.unset(name)

    assert 2 == found


def test_the_caller_vouches_and_nothing_runs(spark, world):
    """With `trusted` the cluster is asked nothing until the caller asks for the rows."""
    spark.sparkContext.setJobGroup("trusted", "balances, then aged")

    found = _aged(*world)

    assert [] == list(spark.sparkContext.statusTracker().getJobIdsForGroup("trusted"))
    assert found.isStreaming is False


def test_the_door_fetches_a_few_rows(monkeypatch, world):
    """The door fetches one row of extremes and the codes of currencies, however many items there are."""
    from pyspark.sql.classic.dataframe import DataFrame  # noqa: PLC0415  # a part that may be missing

    fetched = []
    plain = DataFrame.toArrow

    def watched(frame):
        table = plain(frame)
        fetched.append(table.num_rows)
        return table

    monkeypatch.setattr(DataFrame, "toArrow", watched)
    for way in ("collect", "toPandas", "toLocalIterator"):
        monkeypatch.delattr(DataFrame, way)
    owed = balances(*world, as_of=AS_OF)

    aging(owed, scheme=SCHEME, as_of=AS_OF)

    # Extremes and repeated keys are a row each, and there are three currencies.
    assert 3 == max(fetched)
    assert 10 > len(fetched)
