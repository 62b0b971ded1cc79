"""Tax relief and small balances over data frames: the caller's own kind comes in and goes out.

>>> import polars as pl
>>> frame = pl.DataFrame({
...     "document": ["F-1", "F-1"], "tax_minor": [650, 1_297], "amount_minor": [14_946, 14_946],
...     "written_off_minor": [11_946, 11_946]})
>>> relief(frame)["relief_minor"].to_list()
[520, 1037]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from receivables._ops import Term
from receivables.days import check_day
from receivables.errors import DocumentError
from receivables.frames import (
    AMOUNT_MINOR,
    CLAIMED_MINOR,
    CURRENCY,
    DOCUMENT_DATE,
    DUE_DATE,
    OPEN_MINOR,
    RECOVERED_MINOR,
    TAX_MINOR,
    WRITTEN_OFF_MINOR,
    NativeFrame,
    Table,
    add_share,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)
from receivables.money import to_minor
from receivables.writeoffs import rules
from receivables.writeoffs.model import SmallBalancePolicy, SmallBalanceSide

__all__ = ["due_again", "relief", "small"]

_RELIEF: Final = "relief_minor"
_AGAIN: Final = "again_minor"
_IS_SMALL: Final = "is_small"


def relief(frame: NativeFrame, *, trusted: bool = False) -> NativeFrame:
    """The frame with ``relief_minor``: the tax in what is written off, a row per tax of a document.

    It has ``written_off_minor``, ``tax_minor`` and ``amount_minor``, the document's total with tax;
    and perhaps ``claimed_minor``, what came back of that tax before.  All are minor units of zero or
    more, and no more is written off than the document was for.  Rows are reckoned alone: two
    write-offs of one document in one frame need ``claimed_minor`` to stay within its tax.

    Raises `DocumentError` for a frame that cannot be reckoned, and `LimitError`.
    """
    names = (WRITTEN_OFF_MINOR, TAX_MINOR, AMOUNT_MINOR)
    table = _opened(frame, names, trusted=trusted)
    claimed = table.column(CLAIMED_MINOR) if table.has(CLAIMED_MINOR) else 0
    shared = add_share(
        table.frame, _RELIEF, part=WRITTEN_OFF_MINOR, amount=TAX_MINOR, whole=AMOUNT_MINOR
    )
    term = rules.relief(
        narwhals().col(_RELIEF),
        tax_minor=table.column(TAX_MINOR),
        claimed_minor=claimed,
        ops=column_ops(),
    )
    return table.native(shared.with_columns(_whole(term).alias(_RELIEF)))


def due_again(frame: NativeFrame, *, trusted: bool = False) -> NativeFrame:
    """The frame with ``again_minor``: the tax in what was recovered, a row per tax of a document.

    It has ``recovered_minor``, ``tax_minor``, ``amount_minor`` and ``claimed_minor``, as `relief`
    has them; no more is due again than came back.  Raises what `relief` raises.
    """
    names = (RECOVERED_MINOR, TAX_MINOR, AMOUNT_MINOR, CLAIMED_MINOR)
    table = _opened(frame, names, trusted=trusted)
    shared = add_share(
        table.frame, _AGAIN, part=RECOVERED_MINOR, amount=TAX_MINOR, whole=AMOUNT_MINOR
    )
    term = rules.due_again(
        narwhals().col(_AGAIN), claimed_minor=table.column(CLAIMED_MINOR), ops=column_ops()
    )
    return table.native(shared.with_columns(_whole(term).alias(_AGAIN)))


def small(
    frame: NativeFrame, *, policy: SmallBalancePolicy, as_of: dt.date, trusted: bool = False
) -> NativeFrame:
    """The open items of a frame with ``is_small``: whether one is small and old enough to clean up.

    It has ``open_minor``, ``currency`` and ``due_date``, or ``document_date`` where that is missing.
    What holds an item back, and the bounds per account and per run, are no rule of a row: those are
    `receivables.writeoffs.small_balances`.  Raises `DocumentError` for a frame that cannot be judged.
    """
    check_day(as_of, name="as_of")
    table = open_table(
        frame,
        needs=(OPEN_MINOR, CURRENCY, DUE_DATE),
        nullable=(DUE_DATE, DOCUMENT_DATE),
        sums=(OPEN_MINOR,),
        trusted=trusted,
    )
    if not trusted:
        check_currencies(table.frame)
    dates = (DUE_DATE, DOCUMENT_DATE) if table.has(DOCUMENT_DATE) else (DUE_DATE,)
    ops = column_ops()
    most: Term = table.column(OPEN_MINOR) * 0
    for currency, amount in policy.items.items():
        most = ops.when(table.column(CURRENCY) == currency, to_minor(amount), most)
    found = table.frame.with_columns(most.alias("_most"))
    term = rules.is_small(
        table.column(OPEN_MINOR),
        table.first_days_past(dates, as_of=as_of),
        most_minor=narwhals().col("_most"),
        min_days=policy.min_days,
        debits=SmallBalanceSide.DEBIT in policy.sides,
        credits=SmallBalanceSide.CREDIT in policy.sides,
    )
    return table.native(found.with_columns(term.alias(_IS_SMALL)).drop("_most"))


def _opened(frame: NativeFrame, names: Sequence[str], *, trusted: bool) -> Table[NativeFrame]:
    """The frame behind the door, its amounts none below zero and the first no more than the total."""
    table = open_table(frame, needs=names, optional=(CLAIMED_MINOR,), sums=names, trusted=trusted)
    if not trusted:
        col = narwhals().col
        wrong = col(names[0]) > col(AMOUNT_MINOR)
        for name in names:
            wrong = wrong | (col(name) < 0)
        ((count,),) = rows_of(table.frame.filter(wrong).select(narwhals().len()))
        if count:
            msg = f"columns {', '.join(names)} must be zero or more, and {names[0]} at most {AMOUNT_MINOR}, got other in {int(count)} rows"
            raise DocumentError(msg)
    return table


def _whole(term: Term) -> Term:
    return term.cast(narwhals().Int64)
