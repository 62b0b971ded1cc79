"""Disputes over data frames: the caller's own kind comes in and goes out.

>>> import polars as pl
>>> items = pl.DataFrame({"item": ["F-1", "F-2"], "open_minor": [10_000, 4_000]})
>>> disputes = pl.DataFrame({"item": ["F-1", "F-1"], "contested_minor": [6_000, 5_000]})
>>> sorted(with_disputed(items, disputes).rows())
[('F-1', 10000, 10000, 0), ('F-2', 4000, 0, 4000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from receivables._ops import Ops, Term
from receivables.casework import DisputeOwner
from receivables.days import check_day
from receivables.disputes import rules
from receivables.disputes.model import DisputePolicy
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    ANSWER_BY,
    CONTESTED_MINOR,
    CREDITOR,
    ITEM,
    OPEN_MINOR,
    OPENED_ON,
    Frame,
    NativeFrame,
    Table,
    column_ops,
    narwhals,
    open_table,
)

__all__ = [
    "CLEAR_MINOR",
    "DAYS_LATE",
    "DAYS_OPEN",
    "DISPUTED_MINOR",
    "STEPS_REACHED",
    "deadlines",
    "with_disputed",
]

DISPUTED_MINOR: Final = "disputed_minor"
"""The column of what is disputed of an item, in minor units."""

CLEAR_MINOR: Final = "clear_minor"
"""The column of what is open of an item and not disputed, in minor units."""

DAYS_OPEN: Final = "days_open"
"""The column of the days since a dispute was opened."""

DAYS_LATE: Final = "days_late"
"""The column of the days past the day of the answer, zero before."""

STEPS_REACHED: Final = "steps_reached"
"""The column of how many steps of escalation a dispute has reached."""

_OWNER: Final = "owner"
_STATED: Final = "receivables:stated"
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


def with_disputed(
    items: NativeFrame,
    disputes: Any,  # noqa: ANN401  # of the same kind as the items, which a type variable cannot say
    *,
    key: Sequence[str] = (CREDITOR, ITEM),
    trusted: bool = False,
) -> NativeFrame:
    """The open items, all their columns, with ``disputed_minor`` and ``clear_minor``.

    The items have ``open_minor`` and one row per key; the disputes have ``contested_minor``, as stated
    by each dispute that is open (`receivables.disputes.to_columns` makes them).  ``creditor`` is left
    out of the key where neither frame has it.  The two new columns add up to what is open; the order of the rows
    is the engine's.  `trusted` is that of `receivables.frames.open_table`.

    Raises `DocumentError` for frames that lack a column, have gaps in them, or are not of one kind,
    `LimitError` where a sum could leave 64 bits, and `PolicyError` for a key without a column.
    """
    names = _key(key, items, disputes)
    owed = open_table(items, needs=(*names, OPEN_MINOR), sums=(OPEN_MINOR,), trusted=trusted)
    said = open_table(
        disputes, needs=(*names, CONTESTED_MINOR), sums=(CONTESTED_MINOR,), trusted=trusted
    )
    _check_same_kind(owed, said, key=names)
    _check_free(owed, (DISPUTED_MINOR, CLEAR_MINOR))
    col = narwhals().col
    disputed = rules.contested_part(col(_STATED), open_minor=col(OPEN_MINOR), ops=column_ops())
    rows = _joined(owed.frame, said.frame, names).with_columns(disputed.alias(DISPUTED_MINOR))
    clear = rules.clear_part(col(OPEN_MINOR), disputed_minor=col(DISPUTED_MINOR))
    rows = rows.with_columns(clear.alias(CLEAR_MINOR))
    return owed.native(rows.select(*owed.types, DISPUTED_MINOR, CLEAR_MINOR))


def deadlines(
    disputes: NativeFrame, *, policy: DisputePolicy, as_of: dt.date, trusted: bool = False
) -> NativeFrame:
    """The open disputes, all their columns, with ``days_open``, ``days_late`` and ``steps_reached``.

    The frame has ``opened_on`` and ``answer_by``, and ``owner`` where a step of the policy is for
    one owner.  `trusted` is that of `receivables.frames.open_table`.  Raises `DocumentError` for a
    frame that lacks a column or has gaps in it.
    """
    check_day(as_of, name="as_of")
    by_owner = any(step.owner is not None for step in policy.escalation)
    table = open_table(
        disputes, needs=(OPENED_ON, ANSWER_BY, *((_OWNER,) if by_owner else ())), trusted=trusted
    )
    _check_free(table, (DAYS_OPEN, DAYS_LATE, STEPS_REACHED))
    ops = column_ops()
    late = rules.days_late(_days(table, ANSWER_BY, as_of), ops=ops)
    rows = table.frame.with_columns(
        _days(table, OPENED_ON, as_of).alias(DAYS_OPEN), late.alias(DAYS_LATE)
    )
    reached = _reached(policy, by_owner=by_owner, ops=ops)
    rows = rows.with_columns(reached.alias(STEPS_REACHED))
    return table.native(rows.select(*table.types, DAYS_OPEN, DAYS_LATE, STEPS_REACHED))


def _reached(policy: DisputePolicy, *, by_owner: bool, ops: Ops) -> Term:
    """How many steps each dispute has reached; the steps depend on its owner where they do."""
    col = narwhals().col
    none = col(DAYS_LATE) * 0
    bounds = {
        owner: tuple(step.after_days for step in policy.steps_for(owner)) for owner in DisputeOwner
    }
    if not by_owner:
        common = bounds[DisputeOwner.CREDIT]
        return rules.steps_reached(col(DAYS_LATE), after_days=common, none=none, ops=ops)
    chosen = none
    for owner, after_days in bounds.items():
        reached = rules.steps_reached(col(DAYS_LATE), after_days=after_days, none=none, ops=ops)
        chosen = ops.when(col(_OWNER) == owner.value, reached, chosen)
    return chosen


def _days(table: Table[Any], name: str, as_of: dt.date) -> Term:
    """The days from a column of dates to a day, as whole numbers.

    Subtracting dates is not portable between engines, and neither is casting them to numbers, but
    for Polars; years and days of the year are.
    """
    nw = narwhals()
    column = table.column(name)
    if table.frame.implementation.is_polars():
        return as_of.toordinal() - (column.cast(nw.Date).cast(nw.Int64) + _EPOCH)
    before = column.dt.year().cast(nw.Int64) - 1
    whole_years = before * 365 + before // 4 - before // 100 + before // 400
    return as_of.toordinal() - (whole_years + column.dt.ordinal_day().cast(nw.Int64))


def _joined(items: Frame, disputes: Frame, key: Sequence[str]) -> Frame:
    """The items with what was stated of each, zero where nothing was, in whole numbers."""
    nw = narwhals()
    parts = disputes.select(*key, nw.col(CONTESTED_MINOR).alias(_STATED))
    if items.implementation.is_pandas_like():
        # A left join that leaves gaps makes floats, so every item brings a row of zero along.
        zeros = items.select(*key, (nw.col(OPEN_MINOR) * 0).alias(_STATED))
        stated = nw.concat([zeros, parts]).group_by(*key).agg(nw.col(_STATED).sum())
        return items.join(stated, on=list(key), how="inner")
    stated = parts.group_by(*key).agg(nw.col(_STATED).sum())
    joined = items.join(stated, on=list(key), how="left")
    return joined.with_columns(nw.col(_STATED).fill_null(0).cast(nw.Int64))


def _key(key: Sequence[str], items: object, disputes: object) -> list[str]:
    there = {*_columns(items), *_columns(disputes)}
    names = [name for name in dict.fromkeys(key) if name != CREDITOR or name in there]
    if not names:
        msg = f"key must name at least one column, got {list(key)}"
        raise PolicyError(msg)
    return names


def _columns(native: object) -> tuple[str, ...]:
    """The names of a frame's columns; what is no frame is refused by `open_table`, with a reason."""
    try:
        return tuple(narwhals().from_native(native).collect_schema())
    except TypeError:
        return ()


def _check_same_kind(items: Table[Any], disputes: Table[Any], *, key: Sequence[str]) -> None:
    kinds = [(table.frame.implementation, table.is_lazy) for table in (items, disputes)]
    if kinds[0] != kinds[1]:
        names = [f"{'lazy ' if is_lazy else ''}{kind.value}" for kind, is_lazy in kinds]
        msg = f"items and disputes must be frames of one kind, got {' and '.join(names)}"
        raise DocumentError(msg)
    for name in key:
        if items.types[name] != disputes.types[name]:
            msg = f"column {name} must have one type, got {items.types[name]} and {disputes.types[name]}"
            raise DocumentError(msg)


def _check_free(table: Table[Any], added: Sequence[str]) -> None:
    if taken := [name for name in added if table.has(name)]:
        msg = f"columns must not be named like those that are added, got {', '.join(taken)}"
        raise DocumentError(msg)
