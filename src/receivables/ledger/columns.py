"""Balances over data frames: what is open of each item on a past day, as known now or then.

>>> import polars as pl
>>> items = pl.DataFrame({"creditor": ["MIRA"], "item": ["2026-0117"], "amount_minor": [120_000],
...                       "posting_date": [dt.date(2026, 9, 30)]})
>>> moves = pl.DataFrame({"creditor": ["MIRA"], "item": ["2026-0117"], "amount_minor": [20_000],
...                       "effective_on": [dt.date(2026, 10, 15)]})
>>> balances(items, moves, as_of=dt.date(2026, 10, 14))["open_minor"].to_list()
[120000]
>>> balances(items, moves, as_of=dt.date(2026, 10, 15))["open_minor"].to_list()
[100000]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from receivables._ops import Term
from receivables.days import check_day
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    AMOUNT_MINOR,
    CREDITOR,
    EFFECTIVE_ON,
    ITEM,
    OPEN_MINOR,
    POSTING_DATE,
    RECORDED_AT,
    Frame,
    NativeFrame,
    Table,
    narwhals,
    open_table,
)

__all__ = ["balances"]

_SETTLED: Final = "settled_minor"


def balances(
    items: NativeFrame,
    moves: Any,  # noqa: ANN401  # of the same kind as the items, which a type variable cannot say
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    key: Sequence[str] = (CREDITOR, ITEM),
    trusted: bool = False,
) -> NativeFrame:
    """The items that are open on a day, all their columns, with ``open_minor``.

    What is open is ``amount_minor`` less the moves of the item, signed like it, that are effective
    on or before `as_of`; an item counts from its ``effective_on``, or from its ``posting_date``
    where there is no such column.  With `known_at` only what was recorded by that moment counts.
    The items have one row per key; ``creditor`` is left out of the key where neither frame has it.
    Moves of items that are not there are not looked at.  `trusted` is that of
    `receivables.frames.open_table`; it spares the search for keys that two rows have, too.

    Raises `FrameError` that lists all that is wrong with a frame (columns, gaps, keys), a
    `LimitError` where it is only that a sum could leave 64 bits, and `PolicyError` for a moment
    without a time zone.
    """
    check_day(as_of, name="as_of")
    _check_moment(known_at)
    names = _key(key, items, moves)
    starts_on = EFFECTIVE_ON if EFFECTIVE_ON in _columns(items) else POSTING_DATE
    recorded = () if known_at is None else (RECORDED_AT,)
    owed = open_table(
        items,
        needs=(*names, AMOUNT_MINOR, starts_on, *recorded),
        sums=(AMOUNT_MINOR,),
        unique=names,
        trusted=trusted,
    )
    settling = open_table(
        moves,
        needs=(*names, AMOUNT_MINOR, EFFECTIVE_ON, *recorded),
        sums=(AMOUNT_MINOR,),
        trusted=trusted,
    )
    _check_same_kind(owed, settling, key=names)
    there = owed.frame.filter(_counts(owed, starts_on, as_of=as_of, known_at=known_at))
    settled = settling.frame.filter(_counts(settling, EFFECTIVE_ON, as_of=as_of, known_at=known_at))
    joined = _joined(there, settled, names)
    col = narwhals().col
    opened = joined.with_columns((col(AMOUNT_MINOR) - col(_SETTLED)).alias(OPEN_MINOR))
    columns = [name for name in owed.types if name != OPEN_MINOR]
    return owed.native(opened.filter(col(OPEN_MINOR) != 0).select(*columns, OPEN_MINOR))


def _counts(
    table: Table[Any], effective: str, *, as_of: dt.date, known_at: dt.datetime | None
) -> Term:
    """Whether a row is effective on the day and was recorded by the moment."""
    is_effective = table.days_past(effective, as_of=as_of) >= 0
    return (
        is_effective if known_at is None else is_effective & table.known_by(RECORDED_AT, known_at)
    )


def _joined(items: Frame, moves: Frame, key: Sequence[str]) -> Frame:
    """The items with what was settled of each, zero where nothing was, in whole numbers."""
    nw = narwhals()
    parts = moves.select(*key, nw.col(AMOUNT_MINOR).alias(_SETTLED))
    if items.implementation.is_pandas_like():
        # A left join that leaves gaps makes floats, so every item brings a row of zero along.
        zeros = items.select(*key, (nw.col(AMOUNT_MINOR) * 0).alias(_SETTLED))
        parts = nw.concat([zeros, parts])
    settled = parts.group_by(*key).agg(nw.col(_SETTLED).sum())
    if items.implementation.is_pandas_like():
        return items.join(settled, on=list(key), how="inner")
    joined = items.join(settled, on=list(key), how="left")
    return joined.with_columns(nw.col(_SETTLED).fill_null(0).cast(nw.Int64))


def _columns(native: object) -> tuple[str, ...]:
    """The names of a frame's columns; what is no frame is refused by `open_table`, with a reason."""
    try:
        return tuple(narwhals().from_native(native).collect_schema())
    except TypeError:
        return ()


def _key(key: Sequence[str], items: object, moves: object) -> list[str]:
    there = {*_columns(items), *_columns(moves)}
    names = [name for name in dict.fromkeys(key) if name != CREDITOR or name in there]
    if not names:
        msg = f"key must name at least one column, got {list(key)}"
        raise PolicyError(msg)
    return names


def _check_moment(known_at: dt.datetime | None) -> None:
    if known_at is not None and getattr(known_at, "tzinfo", None) is None:
        msg = f"known_at must be a moment with a time zone, got {known_at!r}"
        raise PolicyError(msg)


def _check_same_kind(items: Table[Any], moves: Table[Any], *, key: Sequence[str]) -> None:
    kinds = [(table.frame.implementation, table.is_lazy) for table in (items, moves)]
    if kinds[0] != kinds[1]:
        names = [f"{'lazy ' if is_lazy else ''}{kind.value}" for kind, is_lazy in kinds]
        msg = f"items and moves must be frames of one kind, got {' and '.join(names)}"
        raise DocumentError(msg)
    for name in key:
        if items.types[name] != moves.types[name]:
            msg = (
                f"column {name} must have one type, got {items.types[name]} and {moves.types[name]}"
            )
            raise DocumentError(msg)
