"""Aging real and simulated payment histories: the known figures, to the cent.

A payment history is a list of invoices with due and clearing dates; what is open on a day was
issued on or before it and not cleared by its end.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from receivables.aging import AgingScheme
from receivables.aging.columns import aged, aging
from receivables.ledger.columns import balances
from receivables.money import minor_of

REAL = "real_usd_until_2019-08-31.csv"
SIMULATED = "simulated_until_2013-06-30.csv"

FIGURES = [
    (
        SIMULATED,
        dt.date(2012, 6, 30),
        [(83, "4594.36"), (15, "909.73"), (0, "0"), (0, "0"), (0, "0")],
    ),
    (
        SIMULATED,
        dt.date(2012, 12, 31),
        [(86, "4936.32"), (13, "788.74"), (0, "0"), (0, "0"), (0, "0")],
    ),
    (
        REAL,
        dt.date(2019, 3, 31),
        [
            (1_733, "47551139.43"),
            (202, "5160835.91"),
            (20, "59176.09"),
            (5, "114208.47"),
            (0, "0"),
        ],
    ),
    (
        REAL,
        dt.date(2019, 6, 30),
        [
            (1_618, "50045137.23"),
            (175, "4529179.45"),
            (22, "207657.44"),
            (15, "179975.46"),
            (4, "28749.15"),
        ],
    ),
]


@pytest.fixture(scope="module")
def history(root):
    """A function from a file's name to its items and moves."""
    folder = root.parent / "shared" / "corpora" / "payment_history"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")

    def read(name):
        table = pl.read_csv(folder / name, infer_schema=False).with_row_index("item")
        day = pl.col("invoice_date", "due_date", "clear_date").str.to_date()
        minor = [minor_of(Decimal(amount), "USD") for amount in table["amount"]]
        table = table.with_columns(day, amount_minor=pl.Series(minor, dtype=pl.Int64))
        items = table.rename({"cust_number": "customer", "invoice_date": "posting_date"})
        moves = table.filter(pl.col("clear_date").is_not_null())
        return items.drop("clear_date"), moves.rename({"clear_date": "effective_on"})

    return read


@pytest.mark.parametrize(("name", "day", "figures"), FIGURES)
def test_the_buckets_are_the_known_ones(history, name, day, figures):
    """Count and amount of every bucket are those measured on the data set."""
    scheme = AgingScheme(30, 60, 90)
    items, moves = history(name)

    opened = balances(items, moves, as_of=day)
    by_bucket = (
        aged(opened, scheme=scheme, as_of=day)
        .group_by("bucket")
        .agg(pl.len(), pl.col("open_minor").sum())
    )

    found = {bucket: (count, minor) for bucket, count, minor in by_bucket.rows()}
    expected = [(count, minor_of(Decimal(amount), "USD")) for count, amount in figures]
    assert expected == [found.get(bucket, (0, 0)) for bucket in range(5)]


@pytest.mark.parametrize(("name", "day", "figures"), FIGURES)
def test_the_total_per_customer_adds_up(history, name, day, figures):
    """Summed over customers, the aging is the known total."""
    items, moves = history(name)

    table = aging(balances(items, moves, as_of=day), scheme=AgingScheme(30, 60, 90), as_of=day)

    expected = sum(minor_of(Decimal(amount), "USD") for _, amount in figures)
    assert expected == table["total_minor"].sum()
    assert sum(count for count, _ in figures) == table["items"].sum()
