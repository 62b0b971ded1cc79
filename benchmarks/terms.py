"""Due dates and discounts of a million items of a Polars frame, beside the same asked by hand."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import ITEMS, items
from benchmarks._harness import Benchmark

_TEXTS: Final = (
    "net 30",
    "45 end of month",
    "end of month 45",
    "2/10 net 30",
    "10th prox",
    "60 on the 10",
)
"""Six agreements, as a company may have them; one gives a discount."""


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside a hand-written Polars query, for terms by their keys and for one agreement."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="terms.columns.due_dates, six terms",
        size=ITEMS,
        ours=ours_by_key,
        peer_name="Polars by hand, streaming",
        peer=by_hand_by_key,
        limit=1.5,
        check=_check,
        runs=9,
    )
    yield Benchmark(
        name="terms.columns.due_dates, with discounts",
        size=ITEMS,
        ours=ours_with_discounts,
        peer_name="Polars by hand, streaming",
        peer=by_hand_with_discounts,
        limit=1.5,
        check=_check,
        runs=9,
    )


@functools.cache
def dated() -> Any:  # noqa: ANN401  # a Polars frame
    """Items with a document date, an amount and the key of their terms."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    luck = random.Random(3)  # noqa: S311  # no secret
    return items().select(
        "item",
        "customer",
        "amount_minor",
        pl.col("posting_date").alias("document_date"),
        pl.Series("terms", luck.choices(_TEXTS, k=ITEMS)),
    )


@functools.cache
def _terms() -> Any:  # noqa: ANN401  # loaded when it is measured
    from receivables.terms import parse_terms  # noqa: PLC0415  # measured with everything loaded

    return {text: parse_terms(text) for text in _TEXTS}


def ours_by_key() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.terms.columns import due_dates  # noqa: PLC0415  # measured when loaded

    return due_dates(dated(), terms=_terms())


def ours_with_discounts() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes, discounts included."""
    from receivables.terms.columns import due_dates  # noqa: PLC0415  # measured when loaded

    return due_dates(dated(), terms=_terms(), discounts=True)


def _due() -> Any:  # noqa: ANN401  # a Polars expression
    """What somebody writes who knows Polars and these six agreements well."""
    import polars as pl  # noqa: PLC0415  # a peer

    day, terms = pl.col("document_date"), pl.col("terms")
    later = day + pl.duration(days=60)
    tenth = pl.when(later.dt.day() <= 10).then(pl.lit("9d")).otherwise(pl.lit("1mo9d"))
    return (
        pl.when(terms.is_in(["net 30", "2/10 net 30"]))
        .then(day + pl.duration(days=30))
        .when(terms == "45 end of month")
        .then((day + pl.duration(days=45)).dt.month_end())
        .when(terms == "end of month 45")
        .then(day.dt.month_end() + pl.duration(days=45))
        .when(terms == "10th prox")
        .then(day.dt.month_start().dt.offset_by("1mo9d"))
        .otherwise(later.dt.month_start().dt.offset_by(tenth))
        .alias("due_date")
    )


def by_hand_by_key() -> Any:  # noqa: ANN401  # a Polars frame
    """One `when` per agreement, calendar arithmetic by the engine."""
    return dated().lazy().with_columns(_due()).collect(engine="streaming")


def by_hand_with_discounts() -> Any:  # noqa: ANN401  # a Polars frame
    """The same, with the one discount in whole minor units, rounded half up."""
    import polars as pl  # noqa: PLC0415  # a peer

    has_discount = pl.col("terms") == "2/10 net 30"
    taken = (pl.col("amount_minor") * 2 + 50) // 100
    return (
        dated()
        .lazy()
        .with_columns(
            _due(),
            pl.when(has_discount)
            .then(pl.col("document_date") + pl.duration(days=10))
            .alias("discount_date"),
            pl.when(has_discount).then(taken).otherwise(0).alias("discount_minor"),
        )
        .collect(engine="streaming")
    )


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    assert mine.equals(theirs), "the tables differ"
