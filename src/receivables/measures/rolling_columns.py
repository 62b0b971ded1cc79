"""Roll rates over data frames: from items and their moves on two days, the caller's own kind back.

>>> import polars as pl
>>> from receivables.aging import AgingScheme
>>> items = pl.DataFrame({
...     "item": ["F-1", "F-2"], "currency": ["EUR", "EUR"], "amount_minor": [10_000, 5_000],
...     "posting_date": [dt.date(2026, 9, 1)] * 2, "due_date": [dt.date(2026, 10, 10)] * 2})
>>> moves = pl.DataFrame({"item": ["F-2"], "amount_minor": [5_000],
...                       "effective_on": [dt.date(2026, 10, 15)]})
>>> found = roll_rates(items, moves, first=dt.date(2026, 10, 1), last=dt.date(2026, 10, 31),
...                    scheme=AgingScheme(30))
>>> found.select("bucket", "opening_minor", "to_0", "to_1", "to_2", "left_minor").rows()
[(0, 15000, 0, 10000, 0, 5000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from receivables._ops import Ops, Term
from receivables.aging import rules as aging_rules
from receivables.aging.model import AgeBasis, AgingScheme, Undated
from receivables.allowance.rules import gone_part, stays_part
from receivables.days import check_day
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    AMOUNT_MINOR,
    CREDITOR,
    CURRENCY,
    DOCUMENT_DATE,
    DUE_DATE,
    EFFECTIVE_ON,
    ITEM,
    KIND,
    POSTING_DATE,
    RECORDED_AT,
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
from receivables.ledger.objects import Ledger
from receivables.measures._joining import check_one_kind, columns_of, joined
from receivables.measures._moves import ItemMove, MoveCause, item_moves
from receivables.measures.rolling import bucket_width

__all__ = ["move_columns", "roll_rates", "roll_rates_of_aged"]

_BASIS_COLUMN: Final = {
    AgeBasis.DUE_DATE: DUE_DATE,
    AgeBasis.DOCUMENT_DATE: DOCUMENT_DATE,
    AgeBasis.POSTING_DATE: POSTING_DATE,
}
_CAUSES: Final = (MoveCause.WRITTEN_OFF, MoveCause.CREDITED, MoveCause.PAID)
"""In the order in which each takes what is gone, as with values."""
_SETTLED: Final = "_settled"
_SINCE: Final = "_since"
_BUCKET: Final = "bucket"
_LATER: Final = "_later"
_OPENING: Final = "opening_minor"
_STAYS: Final = "_stays"
_LEFT: Final = "left_minor"
_ITEMS: Final = "items"
_NAMED_MAX: Final = 5


@attrs.frozen(kw_only=True)
class _Question:
    """What is asked: which days, which buckets, which groups."""

    first: dt.date
    last: dt.date
    scheme: AgingScheme
    by: tuple[str, ...]
    known_at: dt.datetime | None = None

    def __attrs_post_init__(self) -> None:
        check_day(self.first, name="first")
        check_day(self.last, name="last")
        if not self.first < self.last:
            msg = f"last must be later than {self.first}, got {self.last}"
            raise PolicyError(msg)
        if CURRENCY not in self.by:
            msg = f"by must include {CURRENCY}, because currencies are never added, got {list(self.by)}"
            raise PolicyError(msg)
        if self.known_at is not None and getattr(self.known_at, "tzinfo", None) is None:
            msg = f"known_at must be a moment with a time zone, got {self.known_at!r}"
            raise PolicyError(msg)

    @property
    def targets(self) -> list[str]:
        """The columns of where the buckets stood later."""
        return [f"to_{bucket}" for bucket in range(self.scheme.bucket_count)]


def _check_lag(question: _Question, *, any_lag: bool) -> None:
    width = bucket_width(question.scheme)
    lag = (question.last - question.first).days
    has_one_bound = len(question.scheme.upper_bounds) == 1
    if not any_lag and not has_one_bound and lag != width:
        wide = "of one width" if width is None else f"{lag} days wide"
        msg = f"buckets must be {wide}, as the days lie apart, got the bounds {question.scheme.upper_bounds}. Use any_lag=True to look at other days"
        raise PolicyError(msg)


def roll_rates(  # noqa: PLR0913  # one door: each of them is named where it is called
    items: NativeFrame,
    moves: Any,  # noqa: ANN401  # of the same kind as the items, which a type variable cannot say
    *,
    first: dt.date,
    last: dt.date,
    scheme: AgingScheme,
    by: Sequence[str] = (CURRENCY,),
    known_at: dt.datetime | None = None,
    any_lag: bool = False,
    trusted: bool = False,
) -> NativeFrame:
    """Where what was open at the end of `first` stood at the end of `last`: a row per group and bucket.

    `items` and `moves` are those of `receivables.ledger.columns.balances`; the items have the date
    that the scheme counts from and the columns of `by` too, with ``currency`` among them.  Debits
    alone are looked at.  The result has the columns of `by`, ``bucket``, ``opening_minor``, ``to_0``
    and so on for the buckets of the last day, ``left_minor`` for what left, and ``items``, sorted;
    ``to_*`` and ``left_minor`` add up to ``opening_minor``.  Where `moves` has a ``kind`` with
    the values of `MoveCause` (`move_columns` gives it), what left is told apart too: ``paid_minor``,
    ``credited_minor``, ``written_off_minor``, ``other_minor``.

    The days must lie a bucket's width apart, unless `any_lag` says that it is known.  `trusted` is
    that of `receivables.frames.open_table`.  Raises `PolicyError`, `DocumentError`, `LimitError` and
    `UnknownCurrencyError` as `balances` and `receivables.aging.columns.aging` do.
    """
    asked = _Question(
        first=first, last=last, scheme=scheme, by=tuple(dict.fromkeys(by)), known_at=known_at
    )
    _check_lag(asked, any_lag=any_lag)
    names = {*columns_of(items), *columns_of(moves)}
    key = [name for name in (CREDITOR, ITEM) if name != CREDITOR or name in names]
    owed = _items(items, key, asked, trusted=trusted)
    settling = _moves(moves, key, asked, trusted=trusted)
    check_one_kind(owed, settling)
    ops = column_ops()
    causes = _CAUSES if settling.has(KIND) else ()
    rows = _placed(owed, _settled(settling, key, asked, causes, ops), key, asked, causes, ops)
    found: NativeFrame = _result(owed, _grouped(rows, asked, causes), asked, trusted=trusted)
    return found


def roll_rates_of_aged(
    before: NativeFrame,
    after: Any,  # noqa: ANN401  # of the same kind as the first
    *,
    scheme: AgingScheme,
    by: Sequence[str] = (CURRENCY,),
    key: Sequence[str] = (CREDITOR, ITEM),
    trusted: bool = False,
) -> NativeFrame:
    """Roll rates from two frames of `receivables.aging.columns.aged`: the open items of two days.

    Both have ``open_minor``, ``bucket`` and the key; ``creditor`` is left out of it where neither
    has it.  That the days lie a bucket's width apart is the caller's to see.  The result is that of
    `roll_rates` without causes, which two days do not tell.
    """
    open_minor = "open_minor"
    names = {*columns_of(before), *columns_of(after)}
    keys = [name for name in dict.fromkeys(key) if name != CREDITOR or name in names]
    day = dt.date(1, 1, 1)
    asked = _Question(
        first=day, last=day + dt.timedelta(days=1), scheme=scheme, by=tuple(dict.fromkeys(by))
    )
    held = open_table(
        before,
        needs=tuple(dict.fromkeys((*keys, *asked.by, open_minor))),
        sums=(open_minor,),
        trusted=trusted,
    )
    later = open_table(after, needs=(*keys, open_minor), sums=(open_minor,), trusted=trusted)
    check_one_kind(held, later)
    for table in (held, later):
        if not table.has(_BUCKET):
            msg = (
                f"columns must include {_BUCKET}, as `aged` gives it, got {', '.join(table.types)}"
            )
            raise DocumentError(msg)
    col, ops = narwhals().col, column_ops()
    left = later.frame.select(
        *keys,
        col(open_minor).alias(_SINCE),
        # One more than the index, so that nothing of an item is a zero.
        (col(_BUCKET).cast(narwhals().Int64) + 1).alias(_LATER),
    )
    there = held.frame.filter(col(open_minor) > 0).with_columns(
        col(open_minor).alias(_OPENING), col(_BUCKET).cast(narwhals().Int64).alias(_BUCKET)
    )
    rows = joined(there, left, keys, (_SINCE, _LATER), of=_OPENING)
    stays = stays_part(col(_OPENING), col(_SINCE), ops=ops)
    stood = [col(_LATER) == place + 1 for place in range(scheme.bucket_count)]
    rows = _spread(rows.with_columns(stays.alias(_STAYS)), stood, asked, ops)
    return _result(held, _grouped(rows, asked, ()), asked, trusted=trusted)


def move_columns(
    ledger: Ledger, creditor: str | None = None, *, known_at: dt.datetime | None = None
) -> Mapping[str, list[object]]:
    """What moved the items of a ledger as columns, with the ``kind`` of each move.

    As those of `Ledger.to_columns`, an amount that takes something off a debit is positive, and
    the day on which an item came is in its own row.
    """
    moves = item_moves(ledger, creditor, known_at=known_at)
    found = tuple(_after_the_first(moves))
    return {
        CREDITOR: [one.creditor for one in found],
        ITEM: [one.item for one in found],
        AMOUNT_MINOR: [-one.amount_minor for one in found],
        EFFECTIVE_ON: [one.on for one in found],
        RECORDED_AT: [one.recorded_at for one in found],
        KIND: [one.cause.value for one in found],
    }


def _after_the_first(moves: Iterable[ItemMove]) -> Iterator[ItemMove]:
    seen: set[tuple[str, str]] = set()
    for move in moves:
        key = (move.creditor, move.item)
        if key in seen:
            yield move
        seen.add(key)


def _items(native: Any, key: Sequence[str], asked: _Question, *, trusted: bool) -> Table[Any]:  # noqa: ANN401  # see `roll_rates`
    recorded = () if asked.known_at is None else (RECORDED_AT,)
    starts_on = EFFECTIVE_ON if EFFECTIVE_ON in columns_of(native) else POSTING_DATE
    by_due_date = asked.scheme.basis is AgeBasis.DUE_DATE
    table = open_table(
        native,
        needs=(
            *key,
            *asked.by,
            AMOUNT_MINOR,
            starts_on,
            *recorded,
            _BASIS_COLUMN[asked.scheme.basis],
        ),
        nullable=(DUE_DATE, DOCUMENT_DATE) if by_due_date else (),
        sums=(AMOUNT_MINOR,),
        trusted=trusted,
    )
    is_there = _seen(table, starts_on, asked, until=asked.first)
    there = table.frame.filter(is_there & (table.column(AMOUNT_MINOR) > 0))
    return attrs.evolve(table, frame=there)


def _moves(native: Any, key: Sequence[str], asked: _Question, *, trusted: bool) -> Table[Any]:  # noqa: ANN401  # see `roll_rates`
    recorded = () if asked.known_at is None else (RECORDED_AT,)
    table = open_table(
        native,
        needs=(*key, AMOUNT_MINOR, EFFECTIVE_ON, *recorded),
        optional=(KIND,),
        sums=(AMOUNT_MINOR,),
        trusted=trusted,
    )
    return attrs.evolve(
        table, frame=table.frame.filter(_seen(table, EFFECTIVE_ON, asked, until=asked.last))
    )


def _seen(table: Table[Any], name: str, asked: _Question, *, until: dt.date) -> Term:
    """Whether a row is effective by a day and was recorded by the moment."""
    is_effective = table.days_past(name, as_of=until) >= 0
    if asked.known_at is None:
        return is_effective
    return is_effective & table.known_by(RECORDED_AT, asked.known_at)


def _settled(
    moves: Table[Any],
    key: Sequence[str],
    asked: _Question,
    causes: Sequence[MoveCause],
    ops: Ops,
) -> Frame:
    """What each move took off by the first day, and since, as columns of their own."""
    col = narwhals().col
    amount = col(AMOUNT_MINOR)
    is_before = moves.days_past(EFFECTIVE_ON, as_of=asked.first) >= 0
    frame = moves.frame.with_columns(ops.when(is_before, amount, 0).alias(_SETTLED))
    since = amount - col(_SETTLED)
    parts = frame.with_columns(since.alias(_SINCE))
    for cause in causes:
        is_it = col(KIND).cast(narwhals().String) == cause.value
        parts = parts.with_columns(ops.when(is_it, col(_SINCE), 0).alias(_moved_name(cause)))
    return parts.select(*key, _SETTLED, _SINCE, *map(_moved_name, causes))


def _moved_name(cause: MoveCause) -> str:
    return f"_{cause.value}"


def _minor_name(cause: MoveCause) -> str:
    return f"{cause.value.replace('-', '_')}_minor"


def _placed(
    owed: Table[Any],
    settled: Frame,
    key: Sequence[str],
    asked: _Question,
    causes: Sequence[MoveCause],
    ops: Ops,
) -> Frame:
    """What was open of each item on the first day, in which bucket, and where it stood later."""
    nw = narwhals()
    col = nw.col
    rows = joined(owed.frame, settled, key, (_SETTLED, _SINCE, *map(_moved_name, causes)))
    ages = [_age(owed, asked, as_of=day) for day in (asked.first, asked.last)]
    rows = rows.with_columns((col(AMOUNT_MINOR) - col(_SETTLED)).alias(_OPENING))
    first = aging_rules.bucket(ages[0], scheme=asked.scheme, ops=ops)
    zero = col(_OPENING) * 0
    rows = rows.filter(col(_OPENING) > 0).with_columns(
        stays_part(col(_OPENING), col(_OPENING) - col(_SINCE), ops=ops).alias(_STAYS),
        # A zero of the amounts' own type keeps pandas from mixing two kinds of integers.
        (first.cast(nw.Int64) + zero).alias(_BUCKET),
    )
    stood = aging_rules.in_buckets(ages[1], scheme=asked.scheme)
    rows = _spread(rows, stood, asked, ops)
    room: Term = col(_OPENING) - col(_STAYS)
    for cause in causes:
        name = _minor_name(cause)
        rows = rows.with_columns(gone_part(col(_moved_name(cause)), room, ops=ops).alias(name))
        room = room - col(name)
    return rows


def _age(table: Table[Any], asked: _Question, *, as_of: dt.date) -> DaysPast:
    """The age of each item as a term, from the date that the scheme counts from."""
    name = _BASIS_COLUMN[asked.scheme.basis]
    gaps = None if table.nulls is None else table.nulls.get(name, 0)
    if gaps == 0 or asked.scheme.basis is not AgeBasis.DUE_DATE:
        return table.days_past(name, as_of=as_of)
    if gaps and asked.scheme.undated is Undated.REFUSE:
        _check_dated(table)
    if not table.has(DOCUMENT_DATE):
        if gaps and asked.scheme.undated is not Undated.REFUSE:
            msg = f"column {DOCUMENT_DATE} must be there, because {gaps} due dates are missing"
            raise DocumentError(msg)
        return table.days_past(name, as_of=as_of)
    return table.first_days_past((DUE_DATE, DOCUMENT_DATE), as_of=as_of)


def _check_dated(table: Table[Any]) -> None:
    """Refuse debits without a due date, by the names of the first ones."""
    undated = table.frame.filter(table.column(DUE_DATE).is_null()).select(ITEM)
    ((count,),) = rows_of(undated.select(narwhals().len()))
    if count:
        named = [value for (value,) in rows_of(undated.head(_NAMED_MAX))]
        raise DocumentError(aging_rules.undated_message(named, count=int(count)))


def _spread(rows: Frame, stood: Sequence[Term], asked: _Question, ops: Ops) -> Frame:
    """What stays of each item in the column of its later bucket."""
    stays = narwhals().col(_STAYS)
    return rows.with_columns(
        ops.when(held, stays, 0).alias(name)
        for held, name in zip(stood, asked.targets, strict=True)
    )


def _grouped(rows: Frame, asked: _Question, causes: Sequence[MoveCause]) -> Frame:
    nw = narwhals()
    col = nw.col
    told = [_minor_name(cause) for cause in causes]
    rows = rows.with_columns((col(_OPENING) * 0 + 1).alias(_ITEMS))
    names = (_OPENING, *asked.targets, *told, _ITEMS)
    sums = rows.group_by(*asked.by, _BUCKET).agg(*(col(name).sum() for name in names))
    # DuckDB sums into 128 bits; the door saw to it that 64 are enough.
    sums = sums.with_columns(*(col(name).cast(nw.Int64) for name in names))
    left: Term = col(_OPENING)
    for name in asked.targets:
        left = left - col(name)
    sums = sums.with_columns(left.alias(_LEFT))
    if causes:
        other: Term = col(_LEFT)
        for name in told:
            other = other - col(name)
        sums = sums.with_columns(other.alias(_minor_name(MoveCause.OTHER)))
        told = [*reversed(told), _minor_name(MoveCause.OTHER)]
    columns = (*asked.by, _BUCKET, _OPENING, *asked.targets, _LEFT, *told, _ITEMS)
    return sums.select(*columns)


def _result(
    table: Table[NativeFrame], rows: Frame, asked: _Question, *, trusted: bool
) -> NativeFrame:
    result = table.native(table.sorted(rows, *asked.by, _BUCKET))
    if not trusted:
        # The groups of an eager frame hold every currency, and there are far fewer of them.
        check_currencies(table.frame if table.is_lazy else narwhals().from_native(result))
    return result
