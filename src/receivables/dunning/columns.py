"""Dunning over data frames: the caller's own kind comes in and goes out.

>>> import polars as pl
>>> from receivables.dunning.model import STANDARD
>>> items = pl.DataFrame({
...     "customer": ["C-017", "C-017"], "currency": ["EUR", "EUR"],
...     "open_minor": [120_000, -20_000],
...     "due_date": [dt.date(2026, 10, 1), dt.date(2026, 10, 31)],
... })
>>> levels(items, procedure=STANDARD, as_of=dt.date(2026, 10, 31)).select(
...     "level_due", "days_to_next", "asked_minor").rows()
[(1, 0, 120000), (0, -1, 0)]
>>> notices(items, procedure=STANDARD, as_of=dt.date(2026, 10, 31)).rows()
[('C-017', 'EUR', 1, 1, 120000, -20000, 100000)]
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from receivables import limits
from receivables._ops import Ops, Term
from receivables.days import check_day
from receivables.dunning import rules
from receivables.dunning.model import DunningProcedure, DunningScope
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    CREDITOR,
    CURRENCY,
    CUSTOMER,
    DUE_DATE,
    HELD_MINOR,
    LEVEL,
    NOTICED_ON,
    OPEN_MINOR,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
)

__all__ = [
    "ASKED_MINOR",
    "DAYS_TO_NEXT",
    "LEVEL_DUE",
    "levels",
    "notices",
]

LEVEL_DUE: Final = "level_due"
"""The level that a notice takes it to: the one before, or the next."""

DAYS_TO_NEXT: Final = "days_to_next"
"""The days until its next level; 0 where it is reached, -1 where there is none."""

ASKED_MINOR: Final = "asked_minor"
"""What may be asked of it."""

_CREDIT: Final = "credit_minor"
_TOTAL: Final = "total_minor"
_ITEMS: Final = "items"
_PREFIX: Final = "_dunning_"
_DAYS: Final = f"{_PREFIX}days"
_SINCE: Final = f"{_PREFIX}since"
_BEFORE: Final = f"{_PREFIX}level"
_HELD: Final = f"{_PREFIX}held"
_CLIMBED: Final = f"{_PREFIX}climbed"
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_ADDED: Final = (LEVEL_DUE, DAYS_TO_NEXT, ASKED_MINOR)


def levels(
    frame: NativeFrame, *, procedure: DunningProcedure, as_of: dt.date, trusted: bool = False
) -> NativeFrame:
    """The frame with ``level_due``, ``days_to_next`` and ``asked_minor`` of each open item on a day.

    It has ``open_minor`` and ``due_date``, and where they are known ``level`` (0 where nothing was
    sent), ``noticed_on``, the day that was reached, and ``held_minor``.  Credits, and items without a due date, have no next level and nothing to ask;
    items that are held as a whole stay where they are.  Equals what `item_levels` says.

    Raises `DocumentError` for a frame that cannot be reckoned with, `LimitError` where a sum could
    leave 64 bits.
    """
    table = _opened(frame, as_of=as_of, needs=(OPEN_MINOR, DUE_DATE), trusted=trusted)
    names = list(table.types)
    rows = _with_levels(table, procedure, as_of)
    return table.native(rows.select(*names, *_ADDED))


def notices(
    frame: NativeFrame, *, procedure: DunningProcedure, as_of: dt.date, trusted: bool = False
) -> NativeFrame:
    """The notices that a procedure sends on a day: one row per customer and currency, sorted.

    Needs what `levels` does, and the keys: ``customer`` and ``currency``, after ``creditor`` where
    there is such a column.  The result has the keys, ``level``, ``items``, ``asked_minor``,
    ``credit_minor`` and ``total_minor``.  Equals what `propose` does for items that are no charges
    and a procedure that writes to customers; courtesy reminders are left out.

    Raises `PolicyError` for a procedure that writes for each document, and what `levels` raises.
    """
    if procedure.per is not DunningScope.CUSTOMER:
        msg = f"per must be customer over columns, got {procedure.per.value}; use propose"
        raise PolicyError(msg)
    table = _opened(
        frame, as_of=as_of, needs=(CUSTOMER, CURRENCY, OPEN_MINOR, DUE_DATE), trusted=trusted
    )
    keys = (*((CREDITOR,) if table.has(CREDITOR) else ()), CUSTOMER, CURRENCY)
    ops = column_ops()
    rows = _parts(_with_levels(table, procedure, as_of), procedure, ops=ops)
    rows = _summed(rows, keys, ops=ops)
    rows = table.sorted(rows.filter(_is_sent(procedure, ops=ops)), *keys)
    result = table.native(rows.select(*keys, LEVEL, _ITEMS, ASKED_MINOR, _CREDIT, _TOTAL))
    if not trusted:
        check_currencies(table.frame if table.is_lazy else narwhals().from_native(result))
    return result


def _opened(
    frame: NativeFrame, *, as_of: dt.date, needs: tuple[str, ...], trusted: bool
) -> Table[NativeFrame]:
    check_day(as_of, name="as_of")
    table = open_table(
        frame,
        needs=needs,
        optional=(CREDITOR, LEVEL, HELD_MINOR),
        nullable=(DUE_DATE, NOTICED_ON),
        sums=(OPEN_MINOR,),
        trusted=trusted,
    )
    added = {*_ADDED, _CREDIT, _TOTAL, _ITEMS}
    if taken := [name for name in table.types if name in added or name.startswith(_PREFIX)]:
        msg = f"columns must not be named like those that are added, got {', '.join(taken)}"
        raise DocumentError(msg)
    if table.has(LEVEL) and not table.has(NOTICED_ON):
        msg = f"columns must include {NOTICED_ON} beside {LEVEL}, got {', '.join(table.types)}"
        raise DocumentError(msg)
    return table


def _with_levels(table: Table[Any], procedure: DunningProcedure, as_of: dt.date) -> Frame:
    """The rows with the level that is due, the days to the next, and what may be asked."""
    col = narwhals().col
    ops = column_ops()
    # A zero of the amounts' own type keeps pandas from mixing two kinds of integers.
    zero = table.column(OPEN_MINOR) * 0
    level = table.column(LEVEL) + zero if table.has(LEVEL) else zero
    is_debit = (table.column(OPEN_MINOR) > 0) & ~table.column(DUE_DATE).is_null()
    held = table.column(HELD_MINOR) if table.has(HELD_MINOR) else zero
    since = _days_since(table, NOTICED_ON, as_of=as_of) if table.has(NOTICED_ON) else zero
    rows = table.frame.with_columns(
        level.alias(_BEFORE),
        ops.when(is_debit, _days_since(table, DUE_DATE, as_of=as_of), zero).alias(_DAYS),
        ops.when(level > 0, since, zero + limits.DAYS_MAX).alias(_SINCE),
        ops.when(is_debit, rules.asked(table.column(OPEN_MINOR), held, ops=ops), zero).alias(
            ASKED_MINOR
        ),
    )
    is_asked = col(ASKED_MINOR) > 0
    due = rules.level_due(col(_BEFORE), col(_DAYS), col(_SINCE), procedure=procedure, ops=ops)
    wait = rules.days_to_next(col(_BEFORE), col(_DAYS), col(_SINCE), procedure=procedure, ops=ops)
    return rows.with_columns(
        ops.when(is_asked, due, col(_BEFORE)).alias(LEVEL_DUE),
        ops.when(is_asked, wait, col(_BEFORE) * 0 - 1).alias(DAYS_TO_NEXT),
    )


def _days_since(table: Table[Any], name: str, *, as_of: dt.date) -> Term:
    """The days from a column of dates to a day; a gap counts as the day itself.

    Subtracting dates is not portable between engines, and neither is casting them to numbers, but
    for Polars; years and days of the year are.
    """
    nw = narwhals()
    column = table.column(name)
    stored = as_of if table.types[name] == nw.Date else dt.datetime.combine(as_of, dt.time())
    if table.nulls is None or table.nulls[name]:
        column = column.fill_null(stored)
    if table.frame.implementation.is_polars():
        day = column.cast(nw.Date).cast(nw.Int64) + _EPOCH
    else:
        before = column.dt.year().cast(nw.Int64) - 1
        whole_years = before * 365 + before // 4 - before // 100 + before // 400
        day = whole_years + column.dt.ordinal_day().cast(nw.Int64)
    return as_of.toordinal() - day


def _parts(rows: Frame, procedure: DunningProcedure, *, ops: Ops) -> Frame:
    """What each item adds to the notice of its customer.

    An expression inside an aggregation means different things on different engines.
    """
    col = narwhals().col
    zero = col(OPEN_MINOR) * 0
    # A notice takes an item to a level; the file of a referral is handed over without one.
    climbs = (col(LEVEL_DUE) > col(_BEFORE)) & (col(LEVEL_DUE) <= procedure.notice_levels)
    after = ops.when(climbs, col(LEVEL_DUE), col(_BEFORE))
    is_listed = (after > 0) & (col(_DAYS) > 0) & (col(ASKED_MINOR) > 0)
    return rows.with_columns(
        ops.when(climbs, col(LEVEL_DUE), zero).alias(_CLIMBED),
        ops.when(is_listed, col(ASKED_MINOR), zero).alias(ASKED_MINOR),
        ops.when(is_listed, zero + 1, zero).alias(_ITEMS),
        ops.minimum(col(OPEN_MINOR), zero).alias(_CREDIT),
    ).filter((col(_ITEMS) > 0) | (col(_CREDIT) < 0))


def _summed(rows: Frame, keys: tuple[str, ...], *, ops: Ops) -> Frame:
    nw = narwhals()
    col = nw.col
    grouped = rows.group_by(*keys).agg(
        col(_CLIMBED).max(), col(_ITEMS).sum(), col(ASKED_MINOR).sum(), col(_CREDIT).sum()
    )
    # DuckDB sums into 128 bits; the door saw to it that 64 are enough.
    whole = grouped.select(
        *keys,
        col(_CLIMBED).cast(nw.Int64).alias(LEVEL),
        *(col(name).cast(nw.Int64) for name in (_ITEMS, ASKED_MINOR, _CREDIT)),
    )
    credit = rules.capped_credit(col(_CREDIT), col(ASKED_MINOR), ops=ops)
    return whole.with_columns(credit.alias(_CREDIT)).with_columns(
        (col(ASKED_MINOR) + col(_CREDIT)).alias(_TOTAL)
    )


def _is_sent(procedure: DunningProcedure, *, ops: Ops) -> Term:
    """Whether an item climbs, and enough is asked for."""
    col = narwhals().col
    least: Term = col(_TOTAL) * 0
    for currency, minor in procedure.minimums_minor.items():
        least = ops.when(col(CURRENCY) == currency, col(_TOTAL) * 0 + minor, least)
    return (col(LEVEL) > 0) & (col(_TOTAL) > 0) & (col(_TOTAL) >= least)
