"""Revaluing a million open items of a Polars frame, beside the same exact arithmetic by hand."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from benchmarks._data import AS_OF, ITEMS, open_items
from benchmarks._harness import Benchmark

_FUNCTIONAL: Final = "EUR"
_RATES: Final = {"USD": "1.0887", "GBP": "0.8342", "CAD": "1.5104"}
"""Units of each currency to one euro, as a central bank publishes them."""


def benchmarks() -> Iterable[Benchmark]:
    """Ours beside two ways of writing it by hand in Polars: a branch per currency, and a join."""
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="currencies.columns.revalue, Polars",
        size=ITEMS,
        ours=ours,
        peer_name="Polars by hand, branches, streaming",
        peer=by_branches,
        limit=1.75,
        check=_check,
        runs=11,
    )
    yield Benchmark(
        name="currencies.columns.revalue, Polars",
        size=ITEMS,
        ours=ours,
        peer_name="Polars by hand, join, streaming",
        peer=by_join,
        limit=1.0,
        check=_check,
        runs=11,
    )


@functools.cache
def _carried() -> Any:  # noqa: ANN401  # a Polars frame
    """Open items with what they are carried at: about a tenth less, in another currency."""
    import polars as pl  # noqa: PLC0415  # a peer

    is_foreign = pl.col("currency") != _FUNCTIONAL
    carrying = pl.when(is_foreign).then(pl.col("open_minor") * 9 // 10).otherwise("open_minor")
    return open_items().with_columns(carrying.alias("carrying_minor"))


@functools.cache
def _rates() -> Any:  # noqa: ANN401  # a value of the library
    from receivables.currencies import ExchangeRates  # noqa: PLC0415  # measured when it is loaded
    from receivables.money import ExchangeRate  # noqa: PLC0415  # see above

    return ExchangeRates(
        ExchangeRate(base=_FUNCTIONAL, quote=code, rate=Decimal(rate), date=AS_OF, source="example")
        for code, rate in _RATES.items()
    )


def ours() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.currencies.columns import revalue  # noqa: PLC0415  # see above

    return revalue(_carried(), rates=_rates(), as_of=AS_OF, functional=_FUNCTIONAL)


@functools.cache
def _ratios() -> dict[str, tuple[int, int]]:
    """Numerator and denominator from each currency to euro; all have two decimals."""
    inverse = {code: Decimal(rate).as_integer_ratio() for code, rate in _RATES.items()}
    return {code: (denominator, numerator) for code, (numerator, denominator) in inverse.items()}


def by_branches() -> Any:  # noqa: ANN401  # a Polars frame
    """What somebody writes who knows Polars well: constants per currency, one division each.

    A currency without a rate leaves a gap, which is refused; products are trusted to stay within
    64 bits, and items in euro to be carried at what is open.
    """
    import polars as pl  # noqa: PLC0415  # a peer

    amount, currency = pl.col("open_minor"), pl.col("currency")
    value = pl.when(currency == _FUNCTIONAL).then(amount.abs())
    for code, (numerator, denominator) in _ratios().items():
        converted = (amount.abs() * numerator + denominator // 2) // denominator
        value = value.when(currency == code).then(converted)
    revalued = value.otherwise(None) * amount.sign()
    return _finished(_carried().lazy().with_columns(revalued_minor=revalued))


def by_join() -> Any:  # noqa: ANN401  # a Polars frame
    """What is usual: a table of rates, joined by currency, as whole numbers to stay exact."""
    import polars as pl  # noqa: PLC0415  # a peer

    ratios = {_FUNCTIONAL: (1, 1), **_ratios()}
    table = pl.LazyFrame(
        {
            "currency": list(ratios),
            "numerator": [numerator for numerator, _ in ratios.values()],
            "denominator": [denominator for _, denominator in ratios.values()],
        }
    )
    amount, denominator = pl.col("open_minor"), pl.col("denominator")
    product = amount.abs() * pl.col("numerator") + denominator // 2
    joined = _carried().lazy().join(table, on="currency", how="left", maintain_order="left")
    revalued = joined.with_columns(revalued_minor=product // denominator * amount.sign())
    return _finished(revalued.drop("numerator", "denominator"))


def _finished(frame: Any) -> Any:  # noqa: ANN401  # Polars frames
    import polars as pl  # noqa: PLC0415  # a peer

    difference = pl.col("revalued_minor") - pl.col("carrying_minor")
    result = frame.with_columns(difference_minor=difference).collect(engine="streaming")
    assert result["revalued_minor"].null_count() == 0, "a currency has no rate"
    return result


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    assert mine.equals(theirs), "the tables differ"
