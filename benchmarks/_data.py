"""Portfolios of a million items, the same on every machine, made with the standard library's luck.

A few customers have many invoices and many have few, as in real books.
"""

from __future__ import annotations

import datetime as dt
import functools
import random
from typing import Any, Final

__all__ = ["AS_OF", "ITEMS", "MOVES", "items", "moves", "open_items"]

ITEMS: Final = 1_000_000
MOVES: Final = 1_500_000
AS_OF: Final = dt.date(2026, 10, 31)

_CUSTOMERS: Final = 20_000
_CURRENCIES: Final = ("EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "USD", "USD", "GBP", "CAD")


@functools.cache
def open_items() -> Any:  # noqa: ANN401  # a Polars frame, which is imported when it is needed
    """Open items as a Polars frame: one in eight is a credit."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    luck = random.Random(20261031)  # noqa: S311  # no secret
    due = [AS_OF - dt.timedelta(days=luck.randint(-90, 210)) for _ in range(301)]
    return pl.DataFrame(
        {
            "customer": [_customer(luck) for _ in range(ITEMS)],
            "currency": luck.choices(_CURRENCIES, k=ITEMS),
            "open_minor": [luck.randint(-50_000, 350_000) or 1 for _ in range(ITEMS)],
            "due_date": luck.choices(due, k=ITEMS),
        }
    )


@functools.cache
def items() -> Any:  # noqa: ANN401  # a Polars frame
    """Items as a Polars frame, whether open or not: amounts, dates and keys."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    luck = random.Random(1)  # noqa: S311  # no secret
    posted = [AS_OF - dt.timedelta(days=luck.randint(-20, 400)) for _ in range(ITEMS)]
    return pl.DataFrame(
        {
            "creditor": ["MIRA"] * ITEMS,
            "item": [f"2026-{index:07d}" for index in range(ITEMS)],
            "customer": [_customer(luck) for _ in range(ITEMS)],
            "currency": luck.choices(_CURRENCIES, k=ITEMS),
            "amount_minor": [luck.randint(1_000, 500_000) for _ in range(ITEMS)],
            "posting_date": posted,
            "due_date": [day + dt.timedelta(days=30) for day in posted],
        }
    )


@functools.cache
def moves() -> Any:  # noqa: ANN401  # a Polars frame
    """Moves as a Polars frame: one or two for most items, some after the day asked for."""
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    luck = random.Random(2)  # noqa: S311  # no secret
    picked = luck.choices(range(ITEMS), k=MOVES)
    names, posted = items()["item"].to_list(), items()["posting_date"].to_list()
    return pl.DataFrame(
        {
            "creditor": ["MIRA"] * MOVES,
            "item": [names[index] for index in picked],
            "amount_minor": [luck.randint(500, 250_000) for _ in range(MOVES)],
            "effective_on": [
                posted[index] + dt.timedelta(days=luck.randint(0, 90)) for index in picked
            ],
        }
    )


def _customer(luck: random.Random) -> str:
    # The inverse of a Pareto tail: the largest customers have thousands of invoices.
    return f"C-{min(int(luck.paretovariate(0.25)), _CUSTOMERS):05d}"
