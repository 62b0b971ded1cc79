"""Interest on a million open items of a Polars frame, beside the same question asked by hand."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF, ITEMS, open_items
from benchmarks._harness import Benchmark

_RATES: Final = (
    (dt.date(2026, 1, 1), 1_215),
    (dt.date(2026, 7, 1), 1_240),
)
"""The French rate between businesses, in hundredths of a percent, from the half-year it holds in."""

_YEAR: Final = 10_000 * 365
_SUM_MINOR: Final = 4_000


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside a hand-written Polars query with the same rounding."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="interest.columns.interest, Polars",
        size=ITEMS,
        ours=ours,
        peer_name="Polars by hand",
        peer=by_hand,
        limit=2.0,
        check=_check,
        runs=11,
    )


@functools.cache
def _policy() -> Any:  # noqa: ANN401  # a policy of the library, which is imported when it is needed
    from receivables.interest import (  # noqa: PLC0415  # measured with everything loaded
        InterestPolicy,
        RateSeries,
        RateTable,
        jurisdiction,
    )

    steps = {"2025-06-11": "2.15", "2026-06-17": "2.40"}
    mro = RateSeries.stepwise("ecb.mro", steps, source="ECB")
    return InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable([mro]))


def ours() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.interest.columns import interest  # noqa: PLC0415  # see above

    return interest(open_items(), policy=_policy(), as_of=AS_OF)


def by_hand() -> Any:  # noqa: ANN401  # a Polars frame
    """What somebody writes who knows Polars well: days in each half-year, one rounding by integers.

    The items are known to be small enough for the product, to have no gaps, and to be due in the
    two half-years; ours finds that out.
    """
    import polars as pl  # noqa: PLC0415  # a peer

    amount, due = pl.col("open_minor"), pl.col("due_date")
    (_, before), (turn, now) = _RATES
    days = (pl.lit(AS_OF) - due).dt.total_days()
    # The day after the due date is the first, so the last due date of the first half-year is its end.
    since_turn = (AS_OF - turn).days + 1
    weight = (
        pl.when(days <= since_turn)
        .then(days * now)
        .otherwise(since_turn * now + (days - since_turn) * before)
    )
    is_late = (amount > 0) & (days > 0)
    half_up = (amount * weight * 2 + _YEAR) // (2 * _YEAR)
    return (
        open_items()
        .lazy()
        .with_columns(
            pl.when(is_late).then(half_up).otherwise(0).alias("interest_minor"),
            pl.when(is_late)
            .then(_SUM_MINOR)
            .otherwise(0)
            .cast(pl.Int64)
            .alias("compensation_minor"),
        )
        .collect(engine="streaming")
    )


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    # The streaming engine gives rows back in their order, so the frames compare as they are.
    assert mine.equals(theirs), "the tables differ"
