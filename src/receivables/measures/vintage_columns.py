"""Vintages of payment over data frames: what of each month's sales is unpaid after so many days.

>>> import polars as pl
>>> items = pl.DataFrame({
...     "item": ["F-1", "F-2"], "currency": ["EUR", "EUR"], "amount_minor": [7_000, 3_000],
...     "document_date": [dt.date(2026, 6, 1), dt.date(2026, 6, 30)]})
>>> moves = pl.DataFrame({"item": ["F-1"], "amount_minor": [7_000],
...                       "effective_on": [dt.date(2026, 7, 1)]})
>>> found = paid_vintages(items, moves, as_of=dt.date(2026, 7, 31), ages=(29, 30, 60))
>>> found.rows()
[(202606, 'EUR', 10000, 10000, 3000, None, 2)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from receivables._ops import Ops, Term
from receivables.days import check_day, month_end
from receivables.errors import PolicyError
from receivables.frames import (
    AMOUNT_MINOR,
    CREDITOR,
    CURRENCY,
    DOCUMENT_DATE,
    EFFECTIVE_ON,
    ITEM,
    KIND,
    POSTING_DATE,
    RECORDED_AT,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
)
from receivables.measures._joining import check_one_kind, columns_of, joined
from receivables.measures.vintages import AGES, KEPT_BACK, SALES, checked_ages

__all__ = ["paid_vintages"]

_MONTH: Final = "month"
_SALES: Final = "sales_minor"
_ITEMS: Final = "items"
_SOLD: Final = "_sold"
_HUNDRED: Final = 100


@attrs.frozen(kw_only=True)
class _Question:
    """What is asked: which day, which ages, which groups."""

    as_of: dt.date
    ages: tuple[int, ...]
    by: tuple[str, ...]
    known_at: dt.datetime | None

    def __attrs_post_init__(self) -> None:
        check_day(self.as_of, name="as_of")
        if CURRENCY not in self.by:
            msg = f"by must include {CURRENCY}, because currencies are never added, got {list(self.by)}"
            raise PolicyError(msg)
        if self.known_at is not None and getattr(self.known_at, "tzinfo", None) is None:
            msg = f"known_at must be a moment with a time zone, got {self.known_at!r}"
            raise PolicyError(msg)

    def last_month(self, age: int) -> int:
        """The latest month whose every sale has reached an age by the day."""
        reached = self.as_of - dt.timedelta(days=age)
        month = reached if reached == month_end(reached) else reached.replace(day=1) - _ONE_DAY
        return month.year * _HUNDRED + month.month


_ONE_DAY: Final = dt.timedelta(days=1)


def _unpaid(age: int) -> str:
    return f"unpaid_{age}_minor"


def paid_vintages(
    items: NativeFrame,
    moves: Any,  # noqa: ANN401  # of the same kind as the items, which a type variable cannot say
    *,
    as_of: dt.date,
    ages: Iterable[int] = AGES,
    by: Sequence[str] = (CURRENCY,),
    known_at: dt.datetime | None = None,
    trusted: bool = False,
) -> NativeFrame:
    """What of each month's sales was unpaid so many days after the date of each: a row per month and group.

    `items` and `moves` are those of `receivables.ledger.columns.balances`; the items have a
    ``document_date`` and the columns of `by`, with ``currency`` among them.  Of items with a ``kind``
    invoices and debit notes are sales, and deductions and retentions what was kept back of one;
    without that column all debits are sales.  The result has ``month`` as year and number (202610),
    the columns of `by`, ``sales_minor``, ``unpaid_30_minor`` and so on, and ``items``, sorted.  An
    age that not every sale of a month can have reached is a gap, which makes floats of a column in
    pandas without Arrow or nullable types.

    `trusted` is that of `receivables.frames.open_table`.  Raises `PolicyError`, `DocumentError`,
    `LimitError` and `UnknownCurrencyError` as `balances` does.
    """
    asked = _Question(
        as_of=as_of, ages=checked_ages(ages), by=tuple(dict.fromkeys(by)), known_at=known_at
    )
    names = {*columns_of(items), *columns_of(moves)}
    key = [name for name in (CREDITOR, ITEM) if name != CREDITOR or name in names]
    sold = _sold(items, key, asked, trusted=trusted)
    settling = _moves(moves, key, asked, trusted=trusted)
    check_one_kind(sold, settling)
    rows = _grouped(_left(sold, settling, key, asked, column_ops()), asked)
    result: NativeFrame = sold.native(sold.sorted(rows, _MONTH, *asked.by))
    if not trusted:
        # The groups of an eager frame hold every currency, and there are far fewer of them.
        check_currencies(sold.frame if sold.is_lazy else narwhals().from_native(result))
    return result


def _seen(table: Table[Any], name: str, asked: _Question) -> Term:
    is_effective = table.days_past(name, as_of=asked.as_of) >= 0
    if asked.known_at is None:
        return is_effective
    return is_effective & table.known_by(RECORDED_AT, asked.known_at)


def _sold(native: Any, key: Sequence[str], asked: _Question, *, trusted: bool) -> Table[Any]:  # noqa: ANN401  # see `paid_vintages`
    """The sales, and what was kept back of them, with their months and the ordinals of their dates."""
    there = columns_of(native)
    starts_on = next(
        (name for name in (EFFECTIVE_ON, POSTING_DATE) if name in there), DOCUMENT_DATE
    )
    recorded = () if asked.known_at is None else (RECORDED_AT,)
    table = open_table(
        native,
        needs=tuple(
            dict.fromkeys((*key, *asked.by, AMOUNT_MINOR, DOCUMENT_DATE, starts_on, *recorded))
        ),
        optional=(KIND,),
        sums=(AMOUNT_MINOR,),
        trusted=trusted,
    )
    nw = narwhals()
    frame = table.frame.filter(_seen(table, starts_on, asked) & (nw.col(AMOUNT_MINOR) > 0))
    day = nw.col(DOCUMENT_DATE)
    month = day.dt.year().cast(nw.Int64) * _HUNDRED + day.dt.month().cast(nw.Int64)
    frame = frame.with_columns(
        month.alias(_MONTH),
        table.ordinal(DOCUMENT_DATE).alias("_from"),
        table.ordinal(starts_on).alias("_since"),
    )
    is_sale: Term = nw.col(AMOUNT_MINOR) > 0
    if table.has(KIND):
        kind = nw.col(KIND).cast(nw.String)
        frame = frame.filter(kind.is_in([one.value for one in SALES | KEPT_BACK]))
        is_sale = kind.is_in([one.value for one in SALES])
    amount, none = nw.col(AMOUNT_MINOR), nw.col(AMOUNT_MINOR) * 0
    frame = frame.with_columns(
        column_ops().when(is_sale, amount, none).alias(_SALES),
        column_ops().when(is_sale, none + 1, none).alias(_ITEMS),
    )
    return attrs.evolve(table, frame=frame)


def _moves(native: Any, key: Sequence[str], asked: _Question, *, trusted: bool) -> Table[Any]:  # noqa: ANN401  # see `paid_vintages`
    recorded = () if asked.known_at is None else (RECORDED_AT,)
    table = open_table(
        native,
        needs=(*key, AMOUNT_MINOR, EFFECTIVE_ON, *recorded),
        sums=(AMOUNT_MINOR,),
        trusted=trusted,
    )
    frame = table.frame.filter(_seen(table, EFFECTIVE_ON, asked))
    return attrs.evolve(table, frame=frame.with_columns(table.ordinal(EFFECTIVE_ON).alias("_on")))


def _left(
    sold: Table[Any], moves: Table[Any], key: Sequence[str], asked: _Question, ops: Ops
) -> Frame:
    """What of each item is unpaid at each age, as columns of their own."""
    nw = narwhals()
    col = nw.col
    dates = sold.frame.select(*key, "_from")
    parts = moves.frame.select(*key, "_on", col(AMOUNT_MINOR).alias("_taken"))
    parts = parts.join(dates, on=list(key), how="inner")
    taken, none = col("_taken"), col("_taken") * 0
    names = [f"_taken_{age}" for age in asked.ages]
    parts = parts.with_columns(
        ops.when(col("_on") - col("_from") <= age, taken, none).alias(name)
        for age, name in zip(asked.ages, names, strict=True)
    ).select(*key, *names)
    rows = joined(sold.frame, parts, key, names)
    amount, zero = col(AMOUNT_MINOR), col(AMOUNT_MINOR) * 0
    # What came late is unpaid before; what was kept back is on its invoice until then.
    early = ops.when(col(_SALES) > 0, amount, zero)
    rows = rows.with_columns(early.alias(_SOLD))
    return rows.with_columns(
        ops.when(
            col("_since") - col("_from") <= age, amount - col(f"_taken_{age}"), col(_SOLD)
        ).alias(_unpaid(age))
        for age in asked.ages
    )


def _grouped(rows: Frame, asked: _Question) -> Frame:
    nw = narwhals()
    col = nw.col
    names = (_SALES, *map(_unpaid, asked.ages), _ITEMS)
    sums = rows.group_by(_MONTH, *asked.by).agg(*(col(name).sum() for name in names))
    # DuckDB sums into 128 bits; the door saw to it that 64 are enough.
    sums = sums.with_columns(*(col(name).cast(nw.Int64) for name in (_MONTH, *names)))
    seen = [
        nw.when(col(_MONTH) <= asked.last_month(age)).then(col(_unpaid(age))).alias(_unpaid(age))
        for age in asked.ages
    ]
    sums = sums.filter(col(_SALES) > 0).with_columns(*seen)
    return sums.select(_MONTH, *asked.by, *names)
