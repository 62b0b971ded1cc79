"""From Parquet to Parquet: nothing is held but groups, and parts give what the whole gives."""

from __future__ import annotations

import datetime as dt

import duckdb
import polars as pl
import pytest

from receivables.aging import AgingScheme
from receivables.aging.columns import aging
from receivables.ledger.columns import balances

DAY = dt.date(2026, 10, 31)
SCHEME = AgingScheme(30, 60, 90)
COUNT = 3_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Items and their moves in three parts, each item with its moves."""
    place = tmp_path_factory.mktemp("parts")
    index = pl.int_range(COUNT, eager=True)
    items = pl.DataFrame(
        {
            "item": "F-" + index.cast(pl.String),
            "customer": "C-" + (index % 97).cast(pl.String),
            "currency": ["EUR", "USD", "JPY"] * (COUNT // 3),
            "amount_minor": (index * 7919) % 100_000 + 1,
            "posting_date": [DAY - dt.timedelta(days=day % 200) for day in range(COUNT)],
            "due_date": [DAY - dt.timedelta(days=day % 150 - 20) for day in range(COUNT)],
        }
    )
    moves = pl.DataFrame(
        {
            "item": items["item"].gather_every(2),
            "amount_minor": items["amount_minor"].gather_every(2) // 2,
            "effective_on": [DAY - dt.timedelta(days=day % 50 - 10) for day in range(COUNT // 2)],
        }
    )
    for name, frame in (("items", items), ("moves", moves)):
        for part in range(3):
            kept = frame.filter(pl.col("item").hash(seed=1) % 3 == part)
            kept.write_parquet(place / f"{name}-{part}.parquet")
    return place


def _scanned(folder, name):
    return pl.scan_parquet(folder / f"{name}-*.parquet")


def test_parts_give_what_the_whole_gives(folder, tmp_path):
    """Balances of each part, written and aged together, are the aging of all of it."""
    whole = balances(_scanned(folder, "items"), _scanned(folder, "moves"), as_of=DAY)
    expected = aging(whole, scheme=SCHEME, as_of=DAY).collect()

    for part in range(3):
        opened = balances(
            pl.scan_parquet(folder / f"items-{part}.parquet"),
            pl.scan_parquet(folder / f"moves-{part}.parquet"),
            as_of=DAY,
        )
        opened.sink_parquet(tmp_path / f"opened-{part}.parquet")
    aged = aging(pl.scan_parquet(tmp_path / "opened-*.parquet"), scheme=SCHEME, as_of=DAY)
    aged.sink_parquet(tmp_path / "aging.parquet")

    assert expected.height > 90
    assert expected.equals(pl.read_parquet(tmp_path / "aging.parquet"))


def test_duckdb_writes_the_same_file(folder, tmp_path):
    """Another engine that reads and writes files gives the same rows."""
    items, moves = (
        duckdb.read_parquet(str(folder / f"{name}-*.parquet")) for name in ("items", "moves")
    )
    aged = aging(balances(items, moves, as_of=DAY), scheme=SCHEME, as_of=DAY)
    aged.write_parquet(str(tmp_path / "duckdb.parquet"))
    whole = balances(_scanned(folder, "items"), _scanned(folder, "moves"), as_of=DAY)

    expected = aging(whole, scheme=SCHEME, as_of=DAY).collect()

    assert expected.equals(pl.read_parquet(tmp_path / "duckdb.parquet"))


@pytest.mark.parametrize("trusted", [False, True])
def test_a_lazy_question_streams(folder, trusted):
    """Nothing in the plan of an aging needs all of the items at once."""
    items = _scanned(folder, "items").rename({"amount_minor": "open_minor"})

    asked = aging(items, scheme=SCHEME, as_of=DAY, trusted=trusted)

    assert isinstance(asked, pl.LazyFrame)
    plan = asked.show_graph(plan_stage="physical", engine="streaming", raw_output=True)
    # The key of the colors says "in-memory engine fallback" whether there is such a step or not.
    assert 1 == plan.count("in-memory")
