"""The aging and the three DSO of a real and of a simulated book are those worked out elsewhere."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from receivables.measures import Measure, MeasurePolicy
from receivables.measures.columns import measures
from receivables.money import money, to_minor

_FOLDER = Path(__file__).parents[2].parent / "shared" / "corpora" / "payment_history"
_SIMULATED = "simulated_until_2013-06-30.csv"
_REAL = "real_usd_until_2019-08-31.csv"
_CASES = [
    (_SIMULATED, "2012-06-30", 5_504_09, 4_594_36, 0, "27.23 22.73 29.62"),
    (_SIMULATED, "2012-12-31", 5_725_06, 4_936_32, 0, "26.84 23.14 27.33"),
    (_REAL, "2019-03-31", 52_885_359_90, 47_551_139_43, 0, "20.24 18.20 18.99"),
    (_REAL, "2019-06-30", 54_990_698_73, 50_045_137_23, 28_749_15, "20.06 18.26 19.56"),
]


@pytest.fixture(scope="module")
def books():
    """Items and moves of each file, read once."""
    if not _FOLDER.exists():
        pytest.skip("shared corpora are not beside this checkout")
    return {name: _frames(_FOLDER / name) for name in (_SIMULATED, _REAL)}


def _frames(path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items = pl.DataFrame(
        {
            "item": [str(place) for place in range(len(rows))],
            "customer": [row["cust_number"] for row in rows],
            "currency": [row["currency"] for row in rows],
            "amount_minor": [to_minor(money(row["amount"], row["currency"])) for row in rows],
            "posting_date": [dt.date.fromisoformat(row["invoice_date"]) for row in rows],
            "due_date": [dt.date.fromisoformat(row["due_date"]) for row in rows],
        }
    )
    cleared = [row["clear_date"] for row in rows]
    moves = items.select("item", "amount_minor").with_columns(
        pl.Series("effective_on", [day or None for day in cleared]).str.to_date()
    )
    return items, moves.drop_nulls()


@pytest.mark.parametrize(("name", "day", "owed", "current", "over", "days"), _CASES)
def test_the_figures_of_a_day(books, name, day, owed, current, over, days):
    """Simple over ninety days, best possible, and by calendar month going back."""
    wanted = [Measure.DSO, Measure.BEST_POSSIBLE_DSO, Measure.DSO_COUNT_BACK]
    asked = [*wanted, Measure.RECEIVABLES, Measure.CURRENT_SHARE, Measure.OVER_90_SHARE]
    policy = MeasurePolicy(days=90)

    found = measures(
        *books[name], as_of=dt.date.fromisoformat(day), by=(), policy=policy, measures=asked
    ).to_dicts()

    (row,) = found
    assert [row[f"{one.value.replace('-', '_')}_e2"] for one in wanted] == [
        round(float(text) * 100) for text in days.split()
    ]
    assert row["receivables_minor"] == owed
    assert row["current_share_bps"] == round(10_000 * current / owed)
    assert row["over_90_share_bps"] == round(10_000 * over / owed)
