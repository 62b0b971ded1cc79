"""What column functions over items and moves share: one kind of frames, and sums of moves by item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from receivables.errors import DocumentError
from receivables.frames import AMOUNT_MINOR, Frame, Table, narwhals

__all__ = ["check_one_kind", "columns_of", "joined"]


def columns_of(native: object) -> tuple[str, ...]:
    """The names of a frame's columns; what is no frame is refused by `open_table`, with a reason."""
    try:
        return tuple(narwhals().from_native(native).collect_schema())
    except TypeError:
        return ()


def check_one_kind(one: Table[Any], other: Table[Any]) -> None:
    """Refuse frames of two kinds; raises `DocumentError`."""
    kinds = [(table.frame.implementation, table.is_lazy) for table in (one, other)]
    if kinds[0] != kinds[1]:
        names = [f"{'lazy ' if is_lazy else ''}{kind.value}" for kind, is_lazy in kinds]
        msg = f"both must be frames of one kind, got {' and '.join(names)}"
        raise DocumentError(msg)


def joined(
    items: Frame, parts: Frame, key: Sequence[str], names: Sequence[str], *, of: str = AMOUNT_MINOR
) -> Frame:
    """The items with the sums of their parts, zero where there are none, in whole numbers.

    `of` is a column of whole numbers that the items have.
    """
    nw = narwhals()
    is_pandas = items.implementation.is_pandas_like()
    if is_pandas:
        # A left join that leaves gaps makes floats, so every item brings a row of zeros along.
        zero = nw.col(of) * 0
        parts = nw.concat([items.select(*key, *(zero.alias(name) for name in names)), parts])
    sums = parts.group_by(*key).agg(*(nw.col(name).sum() for name in names))
    found = items.join(sums, on=list(key), how="inner" if is_pandas else "left")
    return found.with_columns(nw.col(name).fill_null(0).cast(nw.Int64) for name in names)
