"""Forecasting a million open items of a Polars frame, beside the usual median of each customer."""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF, ITEMS, open_items
from benchmarks._harness import Benchmark

_HISTORY: Final = 1_500_000
_NOTICE_DAYS: Final = 30


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside a median per customer by hand, which knows no weekday, no band and no lateness."""
    import pandas  # noqa: F401, ICN001, PLC0415  # a peer that may be missing
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="forecast.columns.payment_forecasts, Polars",
        size=ITEMS,
        ours=ours,
        peer_name="median per customer by hand in Polars",
        peer=by_hand,
        check=_check,
        runs=3,
    )
    yield Benchmark(
        name="forecast.columns.payment_forecasts, Polars",
        size=ITEMS,
        ours=ours,
        peer_name="median per customer, pandas groupby and merge",
        peer=usual_pandas,
        check=_check,
        runs=3,
    )
    yield Benchmark(
        name="forecast.HabitModel, objects",
        size=_OBJECTS,
        ours=habit,
        peer_name="median per customer by hand in Polars",
        peer=by_hand,
        runs=3,
    )


_OBJECTS: Final = 10_000
"""Items as values: a chance for each day and reasons are a thousand times as much to say."""


@functools.cache
def _history() -> Any:  # noqa: ANN401  # a Polars frame, which is imported when it is needed
    """Invoices of two years and the days on which they were paid: each customer has its own habit."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    luck = random.Random(41)  # noqa: S311  # no secret
    customers = [f"C-{min(int(luck.paretovariate(0.25)), 20_000):05d}" for _ in range(_HISTORY)]
    habits = {name: luck.randint(-6, 20) for name in set(customers)}
    due = [AS_OF - dt.timedelta(days=luck.randint(0, 700)) for _ in range(_HISTORY)]
    late = [habits[name] + min(int(luck.expovariate(0.3)), 60) for name in customers]
    paid = [day + dt.timedelta(days=days) for day, days in zip(due, late, strict=True)]
    return pl.DataFrame(
        {
            "customer": customers,
            "due_date": due,
            "paid_on": [day if day <= AS_OF else None for day in paid],
        }
    )


def ours() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.forecast.columns import payment_forecasts  # noqa: PLC0415  # measured when loaded

    return payment_forecasts(open_items(), _history(), as_of=AS_OF)


def by_hand() -> Any:  # noqa: ANN401  # a Polars frame
    """What somebody writes who knows Polars: the median days late of each customer of the last year."""
    import polars as pl  # noqa: PLC0415  # a peer

    since = AS_OF - dt.timedelta(days=365)
    days = (pl.col("paid_on") - pl.col("due_date")).dt.total_days()
    medians = (
        _history()
        .lazy()
        .filter(pl.col("paid_on").is_not_null() & (pl.col("due_date") > since))
        .group_by("customer")
        .agg(days.median().round().cast(pl.Int64).alias("late"))
    )
    return (
        open_items()
        .lazy()
        .join(medians, on="customer", how="left")
        .with_columns(
            (pl.col("due_date") + pl.duration(days=pl.col("late").fill_null(0))).alias(
                "expected_on"
            )
        )
        .collect(engine="streaming")
    )


@functools.cache
def _pandas() -> tuple[Any, Any]:
    return open_items().to_pandas(), _history().to_pandas()


def usual_pandas() -> Any:  # noqa: ANN401  # a pandas frame
    """What is usual in notebooks: a groupby, a median, a merge."""
    import pandas as pd  # noqa: PLC0415  # a peer

    items, history = _pandas()
    history = history[history["due_date"] > pd.Timestamp(AS_OF) - pd.Timedelta(days=365)]
    late = (history["paid_on"] - history["due_date"]).dt.days
    medians = late.groupby(history["customer"]).median().round().rename("late").reset_index()
    joined = items.merge(medians, on="customer", how="left")
    days = pd.to_timedelta(joined["late"].fillna(0), unit="D")
    return joined.assign(expected_on=joined["due_date"] + days)


@functools.cache
def _values() -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The first of both frames, as values."""
    from receivables.forecast import ForecastItem  # noqa: PLC0415  # measured when loaded

    def item(number: int, customer: str, due: dt.date, paid: dt.date | None) -> ForecastItem:
        return ForecastItem(
            item=str(number),
            customer=customer,
            currency="EUR",
            amount_minor=10_000,
            document_date=due - dt.timedelta(days=_NOTICE_DAYS),
            due_date=due,
            paid_on=paid,
        )

    rows = _history().head(5 * _OBJECTS).rows()
    history = tuple(item(number, *row) for number, row in enumerate(rows))
    asked = open_items().select("customer", "due_date").head(_OBJECTS).rows()
    return tuple(item(number, *row, None) for number, row in enumerate(asked)), history


def habit() -> Any:  # noqa: ANN401  # a tuple of forecasts
    """A chance for each day of each item, with reasons, from fifty thousand past invoices."""
    from receivables.forecast.habit import HabitModel  # noqa: PLC0415  # measured when loaded

    items, history = _values()
    return HabitModel().forecast(items, history=history, as_of=AS_OF)


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # frames
    assert len(mine) == len(theirs), "the frames have not the same rows"
    mine, theirs = mine["expected_on"], theirs["expected_on"]
    assert mine.null_count() == 0, "an item has no forecast"
