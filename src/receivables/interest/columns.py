"""Interest and compensation over data frames: the caller's own kind comes in and goes out.

>>> import polars as pl
>>> from receivables.interest import InterestPolicy, RateSeries, RateTable, jurisdiction
>>> mro = RateSeries.stepwise("ecb.mro", {"2023-09-20": "4.50", "2024-06-12": "4.25"}, source="ECB")
>>> policy = InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable([mro]))
>>> items = pl.DataFrame({"currency": ["EUR"], "open_minor": [1_000_000],
...                       "due_date": [dt.date(2024, 6, 15)]})
>>> interest(items, policy=policy, as_of=dt.date(2024, 8, 15)).row(0)[-2:]
(23918, 4000)
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any, Final

import attrs

from receivables._ops import Ops, Term
from receivables.days import check_day, days_past
from receivables.documents.model import ItemKind
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.frames import (
    CURRENCY,
    DUE_DATE,
    ITEM,
    KIND,
    OPEN_MINOR,
    Frame,
    NativeFrame,
    Table,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)
from receivables.interest import rules
from receivables.interest._pieces import Piece, pieces_of
from receivables.interest._selection import tiers_in_minor
from receivables.interest._steps import PREFIX, TOTAL, with_amount
from receivables.interest.accrual import InterestPolicy
from receivables.interest.model import Base, Compounding, Jurisdiction
from receivables.money import minor_of

__all__ = ["COMPENSATION_MINOR", "INTEREST_MINOR", "interest"]

INTEREST_MINOR: Final = "interest_minor"
"""The column of interest, in minor units of the item's currency."""

COMPENSATION_MINOR: Final = "compensation_minor"
"""The column of the fixed sum, in minor units of the jurisdiction's currency."""

_DAYS: Final = f"{PREFIX}days"
_WEIGHT: Final = f"{PREFIX}weight_"
_NAMED_MAX: Final = 5
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


def interest(
    frame: NativeFrame, *, policy: InterestPolicy, as_of: dt.date, trusted: bool = False
) -> NativeFrame:
    """The frame with ``interest_minor`` and ``compensation_minor`` of each open item up to a day.

    Each item is taken as open with the same amount since its ``due_date``; credits, and what is not
    late, have zero.  Where balances changed in between, use `receivables.interest.interest_on`,
    whose results these equal.  The frame has ``open_minor`` and ``due_date``, and ``currency`` where
    the law compares amounts with sums of its own.  It is asked one small question about its contents, and `trusted` spares those that only check it.

    Raises `PolicyError` for a jurisdiction whose interest compounds or counts in months of thirty
    days, `MissingRateError` for a rate that an item needs, `DocumentError` for a frame or an item
    that cannot be reckoned with, and `LimitError` where 64 bits are not enough.
    """
    check_day(as_of, name="as_of")
    _check_policy(policy)
    table = open_table(
        frame,
        needs=(OPEN_MINOR, DUE_DATE, *((CURRENCY,) if _compares(policy.jurisdiction) else ())),
        optional=(KIND,),
        nullable=(DUE_DATE,),
        sums=(OPEN_MINOR,),
        trusted=trusted,
    )
    _check_names(table)
    if not trusted:
        _check_dated(table)
    names = list(table.types)
    bears = _bears(table, policy.jurisdiction)
    scope = _scope(table, as_of)
    rows = table.frame.with_columns(_days_late(table, as_of, bears=bears).alias(_DAYS))
    rows = _with_interest(rows, policy, as_of, scope)
    rows = _with_compensation(rows, policy.jurisdiction, as_of, scope)
    return table.native(rows.select(*names, INTEREST_MINOR, COMPENSATION_MINOR))


def _check_policy(policy: InterestPolicy) -> None:
    law = policy.jurisdiction
    is_simple = law.compounding is Compounding.NONE and law.years_max is None
    if not is_simple or law.needs_notice or law.caps:
        msg = f"jurisdiction must be one of simple interest from the due date over columns, got {law.name}; use interest_on"
        raise PolicyError(msg)


def _compares(law: Jurisdiction) -> bool:
    """Whether the law compares amounts with sums of its own currency."""
    return law.minimum is not None or any(len(rule.tiers) > 1 for rule in law.compensation)


def _check_names(table: Table[Any]) -> None:
    added = (INTEREST_MINOR, COMPENSATION_MINOR)
    if taken := [name for name in table.types if name in added or name.startswith(PREFIX)]:
        msg = f"columns must not be named like those that are added, got {', '.join(taken)}"
        raise DocumentError(msg)


def _check_dated(table: Table[Any]) -> None:
    """Refuse debits without a due date, by the names of the first ones."""
    if table.nulls is None or not table.nulls[DUE_DATE]:
        return
    is_undated = table.column(DUE_DATE).is_null() & (table.column(OPEN_MINOR) > 0)
    name = ITEM if table.has(ITEM) else OPEN_MINOR
    named = [
        str(value)
        for (value,) in rows_of(table.frame.filter(is_undated).select(name).head(_NAMED_MAX))
    ]
    if named:
        msg = f"due_date must be known to say how late an item is, got none on {', '.join(named)}"
        raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class _Scope:
    """How long the oldest late item is late, and how large the largest is."""

    days_max: int
    open_max: int


def _bears(table: Table[Any], law: Jurisdiction) -> Term:
    """Whether an item may bear interest at all: debits do, but for retentions where the law says so."""
    is_debit = table.column(OPEN_MINOR) > 0
    if table.nulls is None or table.nulls[DUE_DATE]:
        is_debit = is_debit & ~table.column(DUE_DATE).is_null()
    if law.base is not Base.TAX_INCLUDED_LESS_RETENTION or not table.has(KIND):
        return is_debit
    return is_debit & (table.column(KIND) != ItemKind.RETENTION.value)


def _days_late(table: Table[Any], as_of: dt.date, *, bears: Term) -> Term:
    """The days from the due date to `as_of`, zero or less where an item bears no interest.

    Subtracting dates is not portable between engines, and neither is casting them to numbers, but
    for Polars; years and days of the year are.
    """
    nw = narwhals()
    due = table.column(DUE_DATE)
    if table.frame.implementation.is_polars():
        day = due.cast(nw.Date).cast(nw.Int64) + _EPOCH
    else:
        has_gaps = table.nulls is None or table.nulls[DUE_DATE]
        known = due.fill_null(_as_stored(table, as_of)) if has_gaps else due
        before = known.dt.year().cast(nw.Int64) - 1
        whole_years = before * 365 + before // 4 - before // 100 + before // 400
        day = whole_years + known.dt.ordinal_day().cast(nw.Int64)
    days = as_of.toordinal() - day
    return nw.when(bears).then(days).otherwise(0)


def _scope(table: Table[Any], as_of: dt.date) -> _Scope:
    """Bounds from one cheap question: of all rows, not only of those that bear interest."""
    due, amount = table.column(DUE_DATE), table.column(OPEN_MINOR)
    found = rows_of(table.frame.select(due.min(), amount.max(), narwhals().len()))
    ((first, largest, count),) = found
    if not count or first is None or first != first:  # noqa: PLR0124  # what pandas calls no date
        return _Scope(days_max=0, open_max=0)
    oldest = first.date() if isinstance(first, dt.datetime) else first
    return _Scope(days_max=max(days_past(oldest, as_of=as_of), 0), open_max=max(int(largest), 0))


def _as_stored(table: Table[Any], day: dt.date) -> dt.date:
    """A day as the engine keeps the due dates: some have midnights only."""
    if table.types[DUE_DATE] == narwhals().Date:
        return day
    return dt.datetime.combine(day, dt.time())


def _with_interest(rows: Frame, policy: InterestPolicy, as_of: dt.date, scope: _Scope) -> Frame:
    col = narwhals().col
    ops = column_ops()
    if not scope.days_max:
        return rows.with_columns((col(OPEN_MINOR) * 0).alias(INTEREST_MINOR))
    pieces = pieces_of(policy, as_of=as_of, days_max=scope.days_max)
    _check_gaps(rows, pieces.pieces)
    known = [piece for piece in pieces.pieces if piece.missing is None]
    weights = [
        _chosen(known, index, ops=ops).alias(f"{_WEIGHT}{index}")
        for index in range(len(pieces.denominators))
    ]
    rows = rows.with_columns(*weights)
    rows = with_amount(
        rows,
        [f"{_WEIGHT}{index}" for index in range(len(pieces.denominators))],
        pieces.denominators,
        weight_max=pieces.weight_max,
        open_max=scope.open_max,
        rounding=policy.jurisdiction.rounding,
        ops=ops,
    )
    is_payable = (col(_DAYS) > 0) & _is_enough(policy.jurisdiction)
    return rows.with_columns(
        ops.when(is_payable, col(TOTAL), col(OPEN_MINOR) * 0).alias(INTEREST_MINOR)
    )


def _is_enough(law: Jurisdiction) -> Term:
    col = narwhals().col
    if law.minimum is None:
        return col(TOTAL) > 0
    least = minor_of(law.minimum, law.currency)
    return (col(TOTAL) >= least) | (col(CURRENCY) != law.currency)


def _check_gaps(rows: Frame, pieces: Sequence[Piece]) -> None:
    """Raise what is missing for a piece that has an item; a piece without one needs no rate."""
    days = narwhals().col(_DAYS)
    for piece in pieces:
        if piece.missing is None:
            continue
        inside = rows.filter((days > piece.days_over) & (days <= piece.days_max))
        if rows_of(inside.select(narwhals().len()))[0][0]:
            raise piece.missing


def _chosen(pieces: Sequence[Piece], index: int, *, ops: Ops) -> Term:
    """The weight of an item by how late it is: a straight line within each piece."""
    days = narwhals().col(_DAYS)
    lines = [(piece.days_max, piece.base[index], piece.slope[index]) for piece in pieces]
    last = days * lines[-1][2] + lines[-1][1]
    return functools.reduce(
        lambda rest, line: ops.when(days <= line[0], days * line[2] + line[1], rest),
        reversed(lines[:-1]),
        last,
    )


def _with_compensation(rows: Frame, law: Jurisdiction, as_of: dt.date, scope: _Scope) -> Frame:
    col = narwhals().col
    ops = column_ops()
    none = col(OPEN_MINOR) * 0
    if any(len(rule.tiers) > 1 for rule in law.compensation):
        _check_currency(rows, law)
    chosen: Term = none
    # A later rule takes the place of an earlier one for what became late under it.
    for rule in law.compensation:
        tiers = tiers_in_minor(rule, law, currency=law.currency)
        since = (as_of - rule.valid_from).days + 1
        sums = rules.tiered(col(OPEN_MINOR), tiers, ops=ops)
        chosen = sums if since >= scope.days_max else ops.when(col(_DAYS) <= since, sums, chosen)
    late = ops.when(col(_DAYS) > 0, chosen, none)
    return rows.with_columns(late.alias(COMPENSATION_MINOR))


def _check_currency(rows: Frame, law: Jurisdiction) -> None:
    """Tiers compare amounts, so a debt that is late must be in their currency."""
    col = narwhals().col
    others = rows.filter((col(_DAYS) > 0) & (col(CURRENCY) != law.currency)).select(CURRENCY)
    if found := [code for (code,) in rows_of(others.head(1))]:
        msg = f"currency must be {law.currency} for the tiers of {law.name}, got {found[0]}"
        raise CurrencyMismatchError(msg)
