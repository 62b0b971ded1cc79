"""Aging over data frames: the caller's own kind comes in and goes out.

>>> import polars as pl
>>> from receivables.aging import AgingScheme
>>> items = pl.DataFrame({
...     "customer": ["C-017", "C-017"], "currency": ["EUR", "EUR"],
...     "open_minor": [120_000, -20_000],
...     "due_date": [dt.date(2026, 10, 1), dt.date(2026, 10, 31)],
... })
>>> aging(items, scheme=AgingScheme(30), as_of=dt.date(2026, 10, 31)).rows()
[('C-017', 'EUR', 0, 120000, 0, -20000, 100000, 2)]
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Final

from receivables._ops import Ops, Term
from receivables.aging import rules
from receivables.aging.model import AgeBasis, AgingScheme, Credits, Undated
from receivables.days import check_day
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    CREDITOR,
    CURRENCY,
    CUSTOMER,
    DOCUMENT_DATE,
    DUE_DATE,
    ITEM,
    OPEN_MINOR,
    POSTING_DATE,
    DaysPast,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)

__all__ = ["aged", "aging"]

_NAMED_MAX: Final = 5
_BUCKET: Final = "bucket"
_DEBIT: Final = "debit_part"
_WITHIN: Final = "within_bound_"
_CREDITS: Final = "credits_minor"
_TOTAL: Final = "total_minor"
_ITEMS: Final = "items"
_BASIS_COLUMN: Final = {
    AgeBasis.DUE_DATE: DUE_DATE,
    AgeBasis.DOCUMENT_DATE: DOCUMENT_DATE,
    AgeBasis.POSTING_DATE: POSTING_DATE,
}


def aging(
    frame: NativeFrame,
    *,
    scheme: AgingScheme,
    as_of: dt.date,
    keys: Sequence[str] | None = None,
    trusted: bool = False,
) -> NativeFrame:
    """Age open items: one row per group, sorted, amounts in minor units as 64-bit integers.

    The frame has ``open_minor``, the date that the scheme counts from (``document_date`` too where
    some due dates are missing) and the keys: ``customer`` and ``currency``, after ``creditor``
    where there is such a column.  Other keys may be given, ``currency`` among them.  The result has
    the keys, ``bucket_0`` and so on, ``credits_minor``, ``total_minor`` and ``items``; settled
    items count nowhere.

    A lazy frame stays lazy, after one small question about its contents; `trusted` spares that too,
    where the caller knows that amounts, currencies and dates are sound.

    Raises `DocumentError` for a frame that cannot be aged, `LimitError` where a sum could leave 64
    bits, `UnknownCurrencyError`, and `PolicyError` for impossible keys.
    """
    table = _opened(frame, scheme=scheme, keys=keys, trusted=trusted)
    basis = _age(table, scheme=scheme, as_of=as_of)
    names = _keys(table, keys)
    buckets = _bucket_names(scheme, names)
    ops = column_ops()
    cells, sums = _cells(table, basis, scheme=scheme, ops=ops)
    rows = _parted(_grouped(cells, names, sums), names, buckets, sums)
    rows = table.sorted(_totalled(rows, buckets, scheme=scheme, ops=ops), *names)
    result = table.native(rows.select(*names, *buckets, _CREDITS, _TOTAL, _ITEMS))
    if not trusted:
        # The groups of an eager frame hold every currency, and there are far fewer of them.
        check_currencies(table.frame if table.is_lazy else narwhals().from_native(result))
    return result


def aged(
    frame: NativeFrame, *, scheme: AgingScheme, as_of: dt.date, trusted: bool = False
) -> NativeFrame:
    """The open items of a frame, all their columns, with the index of their ``bucket``.

    Needs, refuses and returns what `aging` does, but for the keys.
    """
    table = _opened(frame, scheme=scheme, keys=(), trusted=trusted)
    basis = _age(table, scheme=scheme, as_of=as_of)
    bucket = rules.bucket(basis, scheme=scheme, ops=column_ops())
    # Adding a zero of the amounts' own type keeps pandas from mixing two kinds of integers.
    index = _whole(bucket) + table.column(OPEN_MINOR) * 0
    items = table.frame.with_columns(index.alias(_BUCKET))
    return table.native(items.filter(table.column(OPEN_MINOR) != 0))


def _opened(
    frame: NativeFrame, *, scheme: AgingScheme, keys: Sequence[str] | None, trusted: bool
) -> Table[NativeFrame]:
    by_due_date = scheme.basis is AgeBasis.DUE_DATE
    standard = (CUSTOMER, CURRENCY)
    return open_table(
        frame,
        needs=(*(standard if keys is None else keys), OPEN_MINOR, _BASIS_COLUMN[scheme.basis]),
        optional=(CREDITOR,) if keys is None else (),
        nullable=(DUE_DATE, DOCUMENT_DATE) if by_due_date else (),
        sums=(OPEN_MINOR,),
        trusted=trusted,
    )


def _keys(table: Table[NativeFrame], keys: Sequence[str] | None) -> tuple[str, ...]:
    if keys is None:
        return (*((CREDITOR,) if table.has(CREDITOR) else ()), CUSTOMER, CURRENCY)
    if CURRENCY not in keys:
        msg = f"keys must include {CURRENCY}, because currencies are never added, got {list(keys)}"
        raise PolicyError(msg)
    return tuple(dict.fromkeys(keys))


def _bucket_names(scheme: AgingScheme, keys: Sequence[str]) -> list[str]:
    buckets = [f"bucket_{index}" for index in range(scheme.bucket_count)]
    own = {*buckets, _CREDITS, _TOTAL, _ITEMS, _DEBIT, OPEN_MINOR}
    taken = sorted(key for key in keys if key in own or key.startswith(_WITHIN))
    if taken:
        msg = f"keys must not be named like a column of the aging, got {', '.join(taken)}"
        raise PolicyError(msg)
    return buckets


def _age(table: Table[NativeFrame], *, scheme: AgingScheme, as_of: dt.date) -> DaysPast:
    """The age of each item as a term, from the date that the scheme counts from."""
    check_day(as_of, name="as_of")
    if scheme.basis is not AgeBasis.DUE_DATE:
        return table.days_past(_BASIS_COLUMN[scheme.basis], as_of=as_of)
    gaps = None if table.nulls is None else table.nulls[DUE_DATE]
    if gaps == 0 or (gaps is None and not table.has(DOCUMENT_DATE)):
        return table.days_past(DUE_DATE, as_of=as_of)
    if gaps and scheme.undated is Undated.REFUSE:
        _check_dated(table)
    if not table.has(DOCUMENT_DATE) or (table.nulls is not None and table.nulls[DOCUMENT_DATE]):
        msg = f"column {DOCUMENT_DATE} must be there without gaps, because {gaps} due dates are missing"
        raise DocumentError(msg)
    return table.first_days_past((DUE_DATE, DOCUMENT_DATE), as_of=as_of)


def _check_dated(table: Table[NativeFrame]) -> None:
    """Refuse debits without a due date, by the names of the first ones."""
    is_undated = table.column(DUE_DATE).is_null() & (table.column(OPEN_MINOR) > 0)
    name = ITEM if table.has(ITEM) else OPEN_MINOR
    undated = table.frame.filter(is_undated).select(name)
    ((count,),) = rows_of(undated.select(narwhals().len()))
    if count:
        named = [value for (value,) in rows_of(undated.head(_NAMED_MAX))]
        raise DocumentError(rules.undated_message(named, count=int(count)))


def _cells(
    table: Table[NativeFrame], basis: DaysPast, *, scheme: AgingScheme, ops: Ops
) -> tuple[Frame, tuple[str, ...]]:
    """The items with what each adds to the sums of its group, as columns of their own.

    An expression inside an aggregation means different things on different engines.  A debit counts
    in every bound that it lies within, which is one comparison a bound where a bucket takes two;
    `_parted` takes the sums apart.
    """
    open_minor = table.column(OPEN_MINOR)
    frame = table.frame.filter(open_minor != 0)
    debit: Term = open_minor
    sums: tuple[str, ...] = (OPEN_MINOR,)
    if scheme.credits is not Credits.IN_BUCKETS:
        debit, sums = table.column(_DEBIT), (_DEBIT, OPEN_MINOR)
        part = rules.credit_part(open_minor, scheme=scheme, ops=ops)
        frame = frame.with_columns((open_minor - part).alias(_DEBIT))
    within = tuple(f"{_WITHIN}{index}" for index in range(len(scheme.upper_bounds)))
    frame = frame.with_columns(
        ops.when(basis <= bound, debit, 0).alias(name)
        for name, bound in zip(within, scheme.upper_bounds, strict=True)
    )
    return frame, (*within, *sums)


def _grouped(frame: Frame, keys: Sequence[str], sums: Sequence[str]) -> Frame:
    nw = narwhals()
    count = nw.len().alias(_ITEMS)
    if frame.implementation.is_pandas_like():
        # Counted in the amounts' own type, because pandas would mix two kinds of integers.
        frame = frame.with_columns((nw.col(OPEN_MINOR) * 0 + 1).alias(_ITEMS))
        count = nw.col(_ITEMS).sum()
    summed = frame.group_by(*keys).agg(*(nw.col(name).sum() for name in sums), count)
    # DuckDB sums into 128 bits; the door saw to it that 64 are enough.
    return summed.select(*keys, *(_whole(nw.col(name)) for name in (*sums, _ITEMS)))


def _parted(rows: Frame, keys: Sequence[str], buckets: Sequence[str], sums: Sequence[str]) -> Frame:
    """The groups with their buckets: what is within a bound, less what is within the one before."""
    col = narwhals().col
    debit, total = sums[-2:] if _DEBIT in sums else (OPEN_MINOR, OPEN_MINOR)
    edges = [*(name for name in sums if name.startswith(_WITHIN)), debit]
    parts = [col(edges[0]), *(col(high) - col(low) for low, high in itertools.pairwise(edges))]
    return rows.select(
        *keys,
        *(part.alias(name) for part, name in zip(parts, buckets, strict=True)),
        (col(total) - col(debit)).alias(_CREDITS),
        _ITEMS,
    )


def _totalled(rows: Frame, buckets: Sequence[str], *, scheme: AgingScheme, ops: Ops) -> Frame:
    """The groups with credits netted, where the scheme says so, and with their total."""
    col = narwhals().col
    if scheme.credits is Credits.NETTED:
        parts, rest = rules.net_oldest_first(
            [col(name) for name in buckets], col(_CREDITS), ops=ops
        )
        netted = (part.alias(name) for name, part in zip(buckets, parts, strict=True))
        rows = rows.with_columns(*netted, rest.alias(_CREDITS))
    total: Term = col(_CREDITS)
    for name in buckets:
        total = total + col(name)
    return rows.with_columns(total.alias(_TOTAL))


def _whole(term: Term) -> Term:
    return term.cast(narwhals().Int64)
