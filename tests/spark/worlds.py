"""Rich data made once, as Arrow tables, and one question asked of two engines."""

from __future__ import annotations

import datetime as dt
import random
import re

import narwhals.stable.v2 as nw
import polars as pl
import pyarrow as pa

AS_OF = dt.date(2026, 10, 31)
_CURRENCIES = ["EUR", "EUR", "USD", "JPY"]
_PYTHON = re.compile(r"Python|Pandas|MapInArrow")
_TYPES = {
    dt.datetime: pa.timestamp("us", "UTC"),
    dt.date: pa.date32(),
    int: pa.int64(),
    bool: pa.bool_(),
    float: pa.float64(),
    str: pa.string(),
}


def table_of(columns):
    """An Arrow table from columns of Python values, each of which holds one that is no gap."""
    arrays = {}
    for name, values in columns.items():
        kind = type(next(value for value in values if value is not None))
        arrays[name] = pa.array(values, type=_TYPES[kind])
    return pa.table(arrays)


def on_spark(spark, table):
    """An Arrow table, or columns of Python values, as a frame of Spark."""
    return spark.createDataFrame(table_of(table) if isinstance(table, dict) else table)


def rows_of(frame):
    """The rows of a frame, in an order of their own, because Spark keeps none."""
    table = nw.from_native(frame).lazy().collect("pyarrow").to_native()
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)


def types_of(frame):
    """The names of the columns of a frame and the kinds of their types, as zones are the session's."""
    schema = nw.from_native(frame).collect_schema()
    return {name: type(type_).__name__ for name, type_ in schema.items()}


def assert_same(spark, question, *tables):
    """Ask Polars and Spark, and see that names, types and rows are the same, and that no Python runs for rows."""
    tables = [table_of(table) if isinstance(table, dict) else table for table in tables]
    by_polars = question(*(pl.from_arrow(table) for table in tables))
    by_spark = question(*(on_spark(spark, table) for table in tables))

    assert type(by_spark).__module__.startswith("pyspark.")
    assert types_of(by_polars) == types_of(by_spark)
    assert not _PYTHON.search(plan_of(by_spark))
    assert rows_of(by_polars) == rows_of(by_spark)


def plan_of(frame):
    """What the machines are asked to do for a frame of Spark."""
    return frame._jdf.queryExecution().executedPlan().toString()


def many_items(count=400, *, undated=False, huge=True, seed=1):
    """Items with everything that a frame of items may have: amounts small and huge, debits and credits."""
    luck = random.Random(seed)  # noqa: S311  # no secret
    days = [AS_OF - dt.timedelta(days=luck.randint(-40, 420)) for _ in range(count)]
    amounts = [_amount(luck, huge=huge) for _ in range(count)]
    return {
        "creditor": luck.choices(["MIRA", "NORD"], k=count),
        "item": [f"F-{index:04d}" for index in range(count)],
        "customer": luck.choices([f"C-{index}" for index in range(12)] + ["Ünal"], k=count),
        "currency": luck.choices(_CURRENCIES, k=count),
        "amount_minor": amounts,
        "open_minor": [amount - luck.choice([0, 0, amount // 3, amount]) for amount in amounts],
        "document_date": [day - dt.timedelta(days=30) for day in days],
        "posting_date": [day - dt.timedelta(days=luck.randint(20, 30)) for day in days],
        "due_date": [None if undated and index % 7 == 0 else day for index, day in enumerate(days)],
        "recorded_at": [
            dt.datetime.combine(day, dt.time(8, luck.randint(0, 59)), dt.UTC) for day in days
        ],
    }


def many_moves(items, *, seed=2):
    """Moves of items: none, one or three of each, some of items that are not there."""
    luck = random.Random(seed)  # noqa: S311  # no secret
    moves = {"creditor": [], "item": [], "amount_minor": [], "effective_on": [], "recorded_at": []}
    for index, item in enumerate(items["item"]):
        for _ in range(luck.choice([0, 1, 1, 3])):
            day = items["posting_date"][index] + dt.timedelta(days=luck.randint(0, 200))
            moves["creditor"].append(items["creditor"][index])
            moves["item"].append(item if luck.randint(0, 30) else "elsewhere")
            moves["amount_minor"].append(items["amount_minor"][index] // luck.choice([1, 2, 7]))
            moves["effective_on"].append(day)
            late = dt.timedelta(days=luck.randint(0, 30), minutes=luck.randint(0, 600))
            moves["recorded_at"].append(dt.datetime.combine(day, dt.time(9), dt.UTC) + late)
    return moves


def _amount(luck, *, huge):
    if huge and luck.randint(0, 25) == 0:
        # Beyond what a float of 64 bits holds once it is multiplied.
        return luck.choice([-1, 1]) * (10**15 - luck.randint(0, 10**6))
    return luck.randint(-60_000, 300_000) or 1
