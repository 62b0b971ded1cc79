"""Whole numbers stay whole on a cluster, days stay days, and what is wrong is refused at the door."""

from __future__ import annotations

import random

import polars as pl
import pytest

from receivables.aging import AgingScheme
from receivables.aging.columns import aging
from receivables.errors import DocumentError, LimitError, UnknownCurrencyError
from receivables.frames import add_share, narwhals, open_table

from .questions import QUESTIONS
from .worlds import AS_OF, on_spark, rows_of, table_of

SCHEME = AgingScheme(30, 60)


def _frame(spark, columns):
    return open_table(on_spark(spark, columns), needs=tuple(columns), trusted=True).frame


def _numbers():
    luck = random.Random(7)  # noqa: S311  # no secret
    divisors = [1, 2, 3, 7, 365, 1_024, 10_000, 10**9, 2**60]
    pairs = [
        (luck.randint(-(2**61), 2**61), luck.choice([-1, 1]) * luck.choice(divisors))
        for _ in range(300)
    ]
    return [
        *pairs,
        (3 * 2**61 - 2_000, 1_000),
        (2**53 + 1, 1),
        (10**17 - 1, 10),
        (-1, 10**6),
        (0, 5),
    ]


def test_division_is_of_whole_numbers(spark):
    """`//` rounds down and is exact to 2**61 and beyond, where a division of floats loses units."""
    numbers = _numbers()
    frame = _frame(spark, {"a": [a for a, _ in numbers], "b": [b for _, b in numbers]})
    col = narwhals().col

    found = frame.select(
        "a", "b", (col("a") // col("b")).alias("q"), (10**15 // col("b")).alias("r")
    )

    expected = sorted(((a, b, a // b, 10**15 // b) for a, b in numbers), key=repr)
    assert expected == rows_of(found.to_native())


def test_a_division_by_zero_is_a_gap(spark):
    """Nothing is divided by zero, and no query fails for it."""
    col = narwhals().col
    frame = _frame(spark, {"a": [5], "b": [0]})

    assert [(None,)] == rows_of(frame.select(col("a") // col("b")).to_native())


def test_shares_are_exact(spark):
    """A part of an amount is right to the unit at the largest amounts of all."""
    rows = [(10**15, 10**15 - 1, 10**15), (11_946, 650, 14_946), (10**15 - 7, 333, 10**15)]
    columns = dict(zip(("part", "amount", "whole"), zip(*rows, strict=True), strict=True))
    frame = _frame(spark, {name: list(values) for name, values in columns.items()})

    shared = add_share(frame, "share", part="part", amount="amount", whole="whole")

    found = {row[0]: row[1] for row in rows_of(shared.select("part", "share").to_native())}
    assert {10**15: 10**15 - 1, 11_946: 520, 10**15 - 7: 333} == found


def _at_midnight(frame):
    """A frame whose dates are midnights without a zone."""
    from pyspark.sql import functions as sql  # noqa: PLC0415  # a part that may be missing

    days = [name for name, type_ in frame.dtypes if type_ == "date"]
    return frame.withColumns({name: sql.col(name).cast("timestamp_ntz") for name in days})


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/New_York", "levels"),
        ("Asia/Tokyo", "aging with credits apart"),
        ("Asia/Tokyo", "balances as known"),
    ],
)
def test_days_have_no_zone(spark, zone, name):
    """Midnights are the same days, and moments the same moments, whatever the zone of the session."""
    tables, question = QUESTIONS[name]
    arrow = [table_of(table) for table in tables]
    midnight = pl.col(pl.Date).cast(pl.Datetime("us"))
    expected = question(*(pl.from_arrow(table).with_columns(midnight) for table in arrow))
    spark.conf.set("spark.sql.session.timeZone", zone)
    try:
        found = question(*(_at_midnight(on_spark(spark, table)) for table in arrow))
        rows = rows_of(found.drop("recorded_at"))
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")

    assert rows_of(expected.drop("recorded_at", strict=False)) == rows


def _columns(**given):
    return {
        "customer": ["C-1", "C-2"],
        "currency": ["EUR", "EUR"],
        "open_minor": [100, -50],
        "due_date": [AS_OF, AS_OF],
        **given,
    }


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"open_minor": [1.5, 2.0]}, DocumentError),
        ({"open_minor": [100, None]}, DocumentError),
        ({"customer": [None, "C-2"]}, DocumentError),
        ({"due_date": [None, AS_OF]}, DocumentError),
        ({"currency": ["EUR", "XXY"]}, UnknownCurrencyError),
        ({"open_minor": [10**15 + 1, 1]}, LimitError),
    ],
)
def test_the_door_refuses(spark, given, error):
    """Floats, gaps, unknown currencies and amounts beyond their limit do not come in."""
    frame = on_spark(spark, _columns(**given))

    with pytest.raises(error):
        aging(frame, scheme=SCHEME, as_of=AS_OF)


def test_a_sum_that_nobody_checked_is_no_wrong_number(spark):
    """Where the caller vouched wrongly, Spark stops in ANSI mode instead of wrapping around."""
    from pyspark.errors import ArithmeticException  # noqa: PLC0415  # a part that may be missing

    frame = on_spark(spark, _columns(customer=["C-1", "C-1"], open_minor=[2**62, 2**62]))

    with pytest.raises(ArithmeticException):
        rows_of(aging(frame, scheme=SCHEME, as_of=AS_OF, trusted=True))


def test_narrow_integers_come_in(spark):
    """Amounts in 32 bits are whole numbers too, and their sums have 64."""
    frame = on_spark(spark, _columns(customer=["C-1", "C-1"], open_minor=[2**30, 2**31 - 1]))
    narrow = frame.withColumn("open_minor", frame["open_minor"].cast("int"))

    ((*_, total, items),) = rows_of(aging(narrow, scheme=SCHEME, as_of=AS_OF))

    assert (2**30 + 2**31 - 1, 2) == (total, items)
