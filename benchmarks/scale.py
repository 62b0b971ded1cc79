"""What an aging costs beside the memory it must read, and how it grows: 1, 10 and 50 million items.

Beyond a million items the portfolio is the first million again and again, under other customers.
Sizes beyond a million are measured where ``RECEIVABLES_SCALE=full`` says so.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from typing import Any, Final

from benchmarks import aging as million
from benchmarks._data import AS_OF, ITEMS, open_items
from benchmarks._harness import Benchmark

__all__ = ["benchmarks", "portfolio"]

_COLUMNS: Final = ("customer", "currency", "open_minor", "due_date")
_LARGE: Final = 10_000_000


def benchmarks() -> Iterable[Benchmark]:
    """The aging beside a sum of the same bytes; ten million items where they are asked for."""
    import pandas  # noqa: F401, ICN001, PLC0415  # a peer that may be missing
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    sizes = (ITEMS, _LARGE) if os.environ.get("RECEIVABLES_SCALE") == "full" else (ITEMS,)
    for size in sizes:
        yield Benchmark(
            name="aging.columns.aging, beside memory",
            size=size,
            ours=functools.partial(ours, size),
            peer_name="reading the same columns, no more",
            peer=functools.partial(reading, size),
            runs=7,
            note=_share(size),
        )
    if len(sizes) == 1:
        return
    yield Benchmark(
        name="aging.columns.aging, Polars",
        size=_LARGE,
        ours=functools.partial(ours, _LARGE),
        peer_name="Polars by hand, streaming",
        peer=functools.partial(by_hand, _LARGE),
        limit=1.1,
        check=_check,
        runs=5,
    )
    yield Benchmark(
        name="aging.columns.aging, Polars",
        size=_LARGE,
        ours=functools.partial(ours, _LARGE),
        peer_name="pandas cut, groupby, unstack",
        peer=functools.partial(usual_pandas, _LARGE),
        limit=1 / 3,
        runs=3,
    )


@functools.lru_cache(maxsize=2)
def portfolio(size: int) -> Any:  # noqa: ANN401  # a Polars frame
    """Open items of a size in one piece of memory; each million has customers of its own."""
    import polars as pl  # noqa: PLC0415  # a peer

    parts = [
        open_items().with_columns(pl.col("customer") + f"-{part}") if part else open_items()
        for part in range(-(-size // ITEMS))
    ]
    return pl.concat(parts).head(size).rechunk()


def ours(size: int) -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.aging import AgingScheme  # noqa: PLC0415  # measured with everything loaded
    from receivables.aging.columns import aging  # noqa: PLC0415  # see above

    return aging(portfolio(size), scheme=AgingScheme(30, 60, 90), as_of=AS_OF)


def by_hand(size: int) -> Any:  # noqa: ANN401  # a Polars frame
    """The hand-written query of a million, over more."""
    return million.by_hand(portfolio(size))


@functools.lru_cache(maxsize=1)
def _pandas_portfolio(size: int) -> Any:  # noqa: ANN401  # a pandas frame
    return portfolio(size).to_pandas()


def usual_pandas(size: int) -> Any:  # noqa: ANN401  # a pandas frame
    """What is usual in notebooks, over more."""
    return million.usual_pandas(_pandas_portfolio(size))


@functools.lru_cache(maxsize=2)
def _bytes(size: int) -> Any:  # noqa: ANN401  # NumPy arrays
    """The memory of the columns of an aging, as the engine has it: numbers, and pieces of text."""
    import numpy as np  # noqa: PLC0415  # a peer

    frame = portfolio(size)
    # A text of up to twelve bytes is sixteen bytes in place; longer ones have theirs besides.
    widths = {"customer": 16, "currency": 16, "open_minor": 8, "due_date": 4}
    longer = frame["customer"].str.len_bytes()
    extra = int(longer.filter(longer > 12).sum() or 0)
    count = sum(widths[name] for name in _COLUMNS) * size + extra
    return np.ones(count // 8, dtype=np.int64)


def reading(size: int) -> int:
    """A sum over as many bytes as the columns have: nothing that reads them is faster."""
    return int(_bytes(size).sum())


def _share(size: int) -> Any:  # noqa: ANN401  # a function of a measurement
    def note(measurement: Any) -> str:  # noqa: ANN401  # a measurement of the harness
        count = _bytes(size).nbytes
        bandwidth = count / measurement.peer_s / 1e9
        return (
            f"{count / size:.0f} bytes an item, read at {bandwidth:.1f} GB/s; "
            f"aging takes {measurement.ours_s / size * 1e9:.0f} ns an item, "
            f"{measurement.peer_s / measurement.ours_s:.1%} of the memory's speed"
        )

    return note


def _check(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # Polars frames
    assert mine.equals(theirs), "the tables differ"
