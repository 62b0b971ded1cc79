"""Measures over data frames: one row per group, the caller's own kind of frame back.

>>> import polars as pl
>>> items = pl.DataFrame({
...     "item": ["F-1", "F-2"], "customer": ["C-017", "C-017"], "currency": ["EUR", "EUR"],
...     "amount_minor": [30_000, 10_000],
...     "posting_date": [dt.date(2026, 9, 1), dt.date(2026, 10, 1)],
...     "due_date": [dt.date(2026, 10, 1), dt.date(2026, 10, 31)],
... })
>>> moves = pl.DataFrame({"item": ["F-1"], "amount_minor": [20_000],
...                       "effective_on": [dt.date(2026, 10, 11)]})
>>> found = measures(items, moves, as_of=dt.date(2026, 10, 31))
>>> found.select("customer", "dso_e2", "weighted_days_late_e2", "current_share_bps").rows()
[('C-017', 4500, 1000, 5000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables._ops import Ops, Term
from receivables.days import check_day
from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.frames import (
    AMOUNT_MINOR,
    CONTESTED_MINOR,
    CREDITOR,
    CURRENCY,
    CUSTOMER,
    DUE_DATE,
    EFFECTIVE_ON,
    ITEM,
    KIND,
    PAID_ON,
    POSTING_DATE,
    RECORDED_AT,
    SALES_MINOR,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)
from receivables.measures import rules
from receivables.measures._changes import (
    MONTH,
    MONTH_SUMS,
    SUMS,
    Question,
    changes,
    facts,
    months,
)
from receivables.measures._months import days_back
from receivables.measures.model import (
    Balance,
    CeiSales,
    GroupBy,
    Measure,
    MeasurePolicy,
    MeasureUnit,
    SalesWeighting,
)

__all__ = ["column_of", "measure_series", "measures"]

_POLICY: Final = MeasurePolicy()
_BY: Final = (GroupBy.CUSTOMER,)
_AS_OF: Final = "as_of"
_COARSE: Final = 2**20
_BPS: Final = 10_000
_SCALE: Final = 2**30
"""The parts in which shares are squared."""
_WEIGHTED: Final = ("fine_days", "bad_months")
_FINE: Final = 10_000
"""Parts of a day, in which the months of a sales-weighted DSO are added up."""
_UNITS_MAX: Final = 2**48
"""Figures beyond that are gaps: in parts they could leave 64 bits."""
_DIVIDED_MAX: Final = 2**61
"""No sum and no product is above that, so that what is made of three of them stays within 64 bits."""
_LARGEST: Final = ("largest", "top", "scaled", "squares")

_SUFFIXES: Final = MappingProxyType(
    {
        MeasureUnit.DAYS: "_e2",
        MeasureUnit.SHARE: "_bps",
        MeasureUnit.RATIO: "_e4",
        MeasureUnit.MONEY: "_minor",
    }
)
_TIMES: Final = MappingProxyType(
    {MeasureUnit.DAYS: 100, MeasureUnit.SHARE: _BPS, MeasureUnit.RATIO: _BPS}
)
_MONEY: Final = MappingProxyType(
    {
        Measure.UNAPPLIED_CASH: "unapplied",
        Measure.RECEIVABLES: "receivables",
        Measure.SALES: "sales",
    }
)
_CONCENTRATION: Final = (Measure.LARGEST_SHARE, Measure.TOP_SHARE, Measure.HHI)
_NEEDS_DUE: Final = (
    Measure.BEST_POSSIBLE_DSO,
    Measure.AVERAGE_DAYS_DELINQUENT,
    Measure.DAYS_BEYOND_TERMS,
    Measure.WEIGHTED_DAYS_LATE,
    Measure.CEI,
    Measure.CURRENT_SHARE,
    Measure.PAST_DUE_SHARE,
    Measure.OVER_90_SHARE,
)
_NEEDS_KIND: Final = (
    Measure.UNAPPLIED_CASH,
    Measure.UNAPPLIED_SHARE,
    Measure.CASH_APPLICATION_RATE,
    Measure.DEDUCTION_RATE,
)
_NEEDS_OPENING: Final = (Measure.CEI, Measure.TURNOVER, Measure.TURNOVER_DAYS)
_NETTED: Final = ("credits", "credit_notes", "opening_debits", "opening_credits")
"""What is needed of customers, and no more of groups."""
_GROUPED: Final = (
    *(name for name in SUMS if name not in _NETTED),
    *("opening", "owed", "receivables"),
)


def column_of(measure: Measure) -> str:
    """The column of a measure: hundredths of days, basis points, ten-thousandths, minor units.

    >>> [column_of(one) for one in (Measure.DSO, Measure.CEI, Measure.HHI, Measure.SALES)]
    ['dso_e2', 'cei_bps', 'hhi_e4', 'sales_minor']
    """
    return measure.value.replace("-", "_") + _SUFFIXES[measure.unit]


def measures(  # a question about a day, and what it is answered by
    items: NativeFrame,
    moves: Any,  # noqa: ANN401  # of the same kind as the items, which a type variable cannot say
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    by: Iterable[GroupBy | str] = _BY,
    policy: MeasurePolicy = _POLICY,
    measures: Iterable[Measure] | None = None,
    trusted: bool = False,
) -> NativeFrame:
    """The measures of each group at the end of a day, from a frame of items and one of moves.

    Items have ``item``, ``customer``, ``currency``, ``amount_minor``, ``effective_on`` (or
    ``posting_date``) and the columns `by`, any of which may be the caller's own; moves have ``item``,
    ``amount_minor``, signed like the item, and ``effective_on``.  ``creditor`` is a part of the key
    where both have it, and both say ``recorded_at`` where `known_at` is asked for.  More columns
    tell more: ``due_date``, ``kind`` (of `ItemKind`), ``sales_minor`` and ``contested_minor`` of
    items, ``kind`` (of `MoveKind`) and ``paid_on`` of moves; `measure_columns` makes them all of a
    ledger.  Without kinds every item is a document, and every move of a debit a payment.

    The result has the columns `by`, the currency, and `column_of` each measure: whole numbers, a gap
    where a measure has no value or where nothing in the frames tells it.  Promises are not in them.

    Raises `DocumentError` for frames that cannot be measured, `LimitError` where a sum could leave 64
    bits, and `PolicyError` for what only the objects can do: to count without tax.
    """
    desk = _opened(items, moves, by, known_at=known_at, policy=policy, trusted=trusted)
    asked = _asked(measures)
    check_day(as_of, name=_AS_OF)
    extent = None if trusted else _extent(desk, as_of=as_of)
    rows = _rows(desk, as_of, asked, extent)
    names = [*desk.groups, *(column_of(one) for one in asked)]
    result: NativeFrame = _returned(desk, rows.select(*names), desk.groups, trusted=trusted)
    return result


def measure_series(  # see above
    items: NativeFrame,
    moves: Any,  # noqa: ANN401  # see above
    *,
    days: Iterable[dt.date],
    known_at: dt.datetime | None = None,
    by: Iterable[GroupBy | str] = _BY,
    policy: MeasurePolicy = _POLICY,
    measures: Iterable[Measure] | None = None,
    trusted: bool = False,
) -> NativeFrame:
    """The same on several days, below each other, with a column ``as_of`` before the others.

    The days are sorted; at least one must be given.  The frames are checked once.
    """
    wanted = sorted(set(days))
    if not wanted:
        msg = "days must be at least one day, got none"
        raise PolicyError(msg)
    desk = _opened(items, moves, by, known_at=known_at, policy=policy, trusted=trusted)
    asked = _asked(measures)
    parts = []
    for day in wanted:
        check_day(day, name=_AS_OF)
        extent = None if trusted else _extent(desk, as_of=day)
        dated = _rows(desk, day, asked, extent).with_columns(narwhals().lit(day).alias(_AS_OF))
        names = [_AS_OF, *desk.groups, *(column_of(one) for one in asked)]
        parts.append(dated.select(*names))
    rows = narwhals().concat(parts) if len(parts) > 1 else parts[0]
    result: NativeFrame = _returned(desk, rows, [_AS_OF, *desk.groups], trusted=trusted)
    return result


def _asked(measures: Iterable[Measure] | None) -> list[Measure]:
    """Every measure that frames can tell, in order; promises are not in frames."""
    wanted = set(Measure if measures is None else map(Measure, measures))
    return [one for one in Measure if one in wanted and one is not Measure.PROMISE_KEPT_RATE]


@attrs.frozen(kw_only=True, eq=False)
class _Desk:
    """Two frames behind the door, and the question but for its day."""

    items: Table[Any]
    moves: Table[Any]
    key: Sequence[str]
    starts_on: str
    groups: list[str]
    known_at: dt.datetime | None
    policy: MeasurePolicy


def _opened(
    items: Any,  # noqa: ANN401  # frames of any kind
    moves: Any,  # noqa: ANN401  # see above
    by: Iterable[GroupBy | str],
    *,
    known_at: dt.datetime | None,
    policy: MeasurePolicy,
    trusted: bool,
) -> _Desk:
    if policy.without_tax:
        msg = "without_tax must be false over frames, which have amounts as they are owed; give amounts without tax, or measure a ledger"
        raise PolicyError(msg)
    if known_at is not None and getattr(known_at, "tzinfo", None) is None:
        msg = f"known_at must be a moment with a time zone, got {known_at!r}"
        raise PolicyError(msg)
    there = _columns(items)
    groups = [one.value if isinstance(one, GroupBy) else str(one) for one in by]
    groups = list(dict.fromkeys((*groups, CURRENCY)))
    key = [CREDITOR, ITEM] if CREDITOR in there and CREDITOR in _columns(moves) else [ITEM]
    starts_on = EFFECTIVE_ON if EFFECTIVE_ON in there else POSTING_DATE
    recorded = () if known_at is None else (RECORDED_AT,)
    contested = (CONTESTED_MINOR,) if policy.leaves_out_disputed else ()
    owed = open_table(
        items,
        needs=(
            *(*key, *groups, CUSTOMER, AMOUNT_MINOR, starts_on),
            *recorded,
            *contested,
        ),
        optional=(KIND, SALES_MINOR, CONTESTED_MINOR),
        nullable=(DUE_DATE,),
        sums=tuple(
            name
            for name in (AMOUNT_MINOR, SALES_MINOR, CONTESTED_MINOR)
            if name in {*there, AMOUNT_MINOR}
        ),
        trusted=trusted,
    )
    moved = open_table(
        moves,
        needs=(*key, AMOUNT_MINOR, EFFECTIVE_ON, *recorded),
        optional=(KIND,),
        nullable=(PAID_ON,),
        sums=(AMOUNT_MINOR,),
        trusted=trusted,
    )
    _check_alike(owed, moved, key)
    return _Desk(
        items=owed,
        moves=moved,
        key=key,
        starts_on=starts_on,
        groups=groups,
        known_at=known_at,
        policy=policy,
    )


def _columns(native: object) -> tuple[str, ...]:
    """The names of a frame's columns; what is no frame is refused by `open_table`, with a reason."""
    try:
        return tuple(narwhals().from_native(native).collect_schema())
    except TypeError:
        return ()


def _check_alike(items: Table[Any], moves: Table[Any], key: Sequence[str]) -> None:
    kinds = [(table.frame.implementation, table.is_lazy) for table in (items, moves)]
    if kinds[0] != kinds[1]:
        names = [f"{'lazy ' if is_lazy else ''}{kind.value}" for kind, is_lazy in kinds]
        msg = f"items and moves must be frames of one kind, got {' and '.join(names)}"
        raise DocumentError(msg)
    for name in key:
        types = (items.types[name], moves.types[name])
        if types[0] != types[1]:
            msg = f"column {name} must have one type, got {types[0]} and {types[1]}"
            raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class _Extent:
    """How large sums can be: all amounts without their signs, and the days that they are multiplied by."""

    minor: int
    days: int


def _extent(desk: _Desk, *, as_of: dt.date) -> _Extent:
    """How large sums can be; amounts and days whose products could leave 64 bits are refused."""
    dates = [desk.starts_on, *([DUE_DATE] if desk.items.has(DUE_DATE) else ())]
    summed = [one for one in (AMOUNT_MINOR, SALES_MINOR, CONTESTED_MINOR) if desk.items.has(one)]
    came, days = _asked_of(desk.items, summed, dates)
    went, _ = _asked_of(desk.moves, [AMOUNT_MINOR], ())
    known = [as_of.toordinal(), *(day.toordinal() for day in days if _is_day(day))]
    policy = desk.policy
    found = _Extent(minor=came + went, days=max(max(known) - min(known), policy.days))
    # Sums of days and amounts, of averages twice; and what is left of a ratio, in its parts.
    times = max(_months_of(policy), 2) * (2 * _BPS + 1)
    largest = max(found.days, 2 * policy.days, -(-times // 3))
    if found.minor * largest > _DIVIDED_MAX:
        msg = f"amounts times days must stay within 64 bits, got up to {found.minor} minor units in all; split the frame by customers"
        raise LimitError(msg)
    return found


def _months_of(policy: MeasurePolicy) -> int:
    """How often the opening balance stands in a measure."""
    return policy.months if policy.cei_sales is CeiSales.MONTHLY else 1


def _asked_of(
    table: Table[Any], summed: Sequence[str], dates: Iterable[str]
) -> tuple[int, tuple[Any, ...]]:
    """The most that amounts of a table add up to without their signs, and its first and last dates."""
    col = narwhals().col
    question = table.frame.select(
        narwhals().len().alias("rows"),
        *((col(name).abs() // _COARSE).sum().alias(f"{name}:coarse") for name in summed),
        *(col(name).min().alias(f"{name}:min") for name in dates),
        *(col(name).max().alias(f"{name}:max") for name in dates),
    )
    ((rows, *found),) = rows_of(question)
    coarse = max(int(each or 0) for each in found[: len(summed)])
    # Each row lost less than one coarse unit.
    return (coarse + int(rows)) * _COARSE, tuple(found[len(summed) :])


def _is_day(value: object) -> bool:
    """Whether there is a day; the gaps of pandas are dates of their own kind, equal to nothing."""
    return isinstance(value, dt.date) and value == value  # noqa: PLR0124  # see the docstring


def _returned(desk: _Desk, rows: Frame, order: Sequence[str], *, trusted: bool) -> Any:  # noqa: ANN401  # the caller's own kind
    """The result in the caller's kind, sorted; gaps of pandas without Arrow as nullable integers."""
    nw = narwhals()
    native = desk.items.native(desk.items.sorted(rows, *order))
    if not trusted:
        check_currencies(desk.items.frame if desk.items.is_lazy else nw.from_native(native))
    frame = nw.from_native(native)
    if not frame.implementation.is_pandas():
        return native
    floats = [name for name, type_ in frame.schema.items() if type_.is_float()]
    return native.astype(dict.fromkeys(floats, "Int64"))


def _rows(desk: _Desk, as_of: dt.date, asked: Sequence[Measure], extent: _Extent | None) -> Frame:
    """The figures of a day, with columns of the work among them."""
    question = Question(
        as_of=as_of,
        known_at=desk.known_at,
        policy=desk.policy,
        key=desk.key,
        starts_on=desk.starts_on,
        groups=desk.groups,
    )
    asked_for = _told(desk, asked)
    work = _Work(question=question, asked=asked_for, ops=column_ops(), extent=extent)
    rows = facts(desk.items, desk.moves, question)
    cells = _added(changes(rows, question), question.cells, SUMS)
    by_customer = _held(_customers(cells, work), work)
    names = [*_GROUPED, *work.largest]
    if not work.monthly:
        groups = by_customer if work.by_customer else _added(by_customer, desk.groups, names)
        return _figures(groups, asked, work)
    # What is of customers and what is of months stand below each other and are added up together:
    # a join would have the engine look for conditions through everything that came before.
    none = narwhals().lit(0, narwhals().Int64)
    parts = (
        by_customer.select(*desk.groups, *names, *(none.alias(name) for name in work.monthly)),
        _months(months(rows, question), work).select(
            *desk.groups, *(none.alias(name) for name in names), *work.monthly
        ),
    )
    groups = _added(narwhals().concat(list(parts)), desk.groups, [*names, *work.monthly])
    return _figures(groups, asked, work)


@attrs.frozen(kw_only=True, eq=False)
class _Work:
    """A question, and what of it can be answered."""

    question: Question
    asked: Collection[Measure]
    ops: Ops
    extent: _Extent | None
    """How large sums can be; None where the caller vouched for the frames and nobody looked."""

    def is_small(self, *, by_month: bool = False) -> bool:
        """Whether all that is divided stays within 64 bits, so that no step needs to be split."""
        if self.extent is None:
            return False
        policy = self.question.policy
        most = max(self.extent.days, 2 * policy.days) * 100
        if by_month:
            most = self.extent.days * _FINE
        most = max(most, (3 * _months_of(policy) + 1) * _BPS)
        return 4 * self.extent.minor * most <= _DIVIDED_MAX

    @property
    def by_customer(self) -> bool:
        """Whether every customer is a group of its own."""
        return set(self.question.cells) == set(self.question.groups)

    @property
    def concentrates(self) -> bool:
        """Whether anything is asked about the largest customers."""
        return any(one in self.asked for one in _CONCENTRATION)

    @property
    def largest(self) -> list[str]:
        """The columns of what is summed of the largest customers, with what all of them hold."""
        return ["held", *(_LARGEST if self.concentrates else ())]

    @property
    def sold(self) -> list[str]:
        """The columns of what was sold since the beginning of each month, the latest first."""
        if Measure.DSO_COUNT_BACK not in self.asked:
            return []
        return [f"_sold_{back}" for back in range(len(self.lengths))]

    @property
    def monthly(self) -> list[str]:
        """The columns that are made of months."""
        weighted = _WEIGHTED if Measure.DSO_SALES_WEIGHTED in self.asked else ()
        return [*weighted, *self.sold]

    @property
    def lengths(self) -> Sequence[int]:
        """The days of each month that a count-back looks at."""
        return days_back(self.question.as_of, self.question.policy.count_back_months)


def _told(desk: _Desk, asked: Collection[Measure]) -> list[Measure]:
    """The measures that the columns of the frames can tell."""
    hidden: set[Measure] = set()
    if not desk.items.has(DUE_DATE):
        hidden.update(_NEEDS_DUE)
    if not desk.items.has(KIND):
        hidden.update(_NEEDS_KIND)
    if not desk.moves.has(KIND):
        hidden.add(Measure.BAD_DEBT_RATE)
    if not desk.items.has(CONTESTED_MINOR):
        hidden.add(Measure.DISPUTE_RATE)
    if desk.policy.leaves_out_disputed:
        # What was disputed before the period does not stand in a frame of the day.
        hidden.update(_NEEDS_OPENING)
        if desk.policy.balance is Balance.AVERAGE:
            hidden.update((Measure.DSO, Measure.AVERAGE_DAYS_DELINQUENT))
    return [one for one in asked if one not in hidden]


def _added(frame: Frame, keys: Sequence[str], names: Iterable[str]) -> Frame:
    """Columns added up by keys, in 64 bits."""
    nw = narwhals()
    names = list(names)
    summed = frame.group_by(*keys).agg(nw.col(name).sum() for name in names)
    if not frame.implementation.is_duckdb():
        return summed
    # DuckDB sums into 128 bits; the door saw to it that 64 are enough.
    return summed.select(*keys, *(nw.col(name).cast(nw.Int64) for name in names))


def _customers(cells: Frame, work: _Work) -> Frame:
    """The sums of each customer, its credits set against what is oldest where the policy says so."""
    col, ops, policy = narwhals().col, work.ops, work.question.policy
    aged = rules.aged_net({name: col(name) for name in SUMS}, policy=policy, ops=ops)
    owed = col("current") + col("past_due")
    opening = col("opening_debits")
    net = owed + col("credits")
    if policy.nets_credits:
        opening = opening + col("opening_credits")
        owed = owed + col("credit_notes")
    held = ops.when(net > 0, net, 0)
    return cells.with_columns(**aged, opening=opening, owed=owed, held=held)


def _held(customers: Frame, work: _Work) -> Frame:
    """The customers with what each holds of its group as one of the largest, and squared."""
    nw, ops = narwhals(), work.ops
    col, keys = nw.col, list(work.question.groups)
    if not work.concentrates:
        return customers
    if work.by_customer:
        # Every customer is a group of its own, and all of it.
        same = [col("held").alias(name) for name in ("largest", "top")]
        one = ops.when(col("held") > 0, 1, 0).cast(nw.Int64)
        return customers.with_columns(*same, one.alias("squares"), one.alias("scaled"))
    # Every share in the same large number of parts, so that squares stay within 64 bits.
    up = ops.when(col("_whole") > 1, _SCALE // ops.maximum(col("_whole"), 1), _SCALE)
    ranked = _ranked(customers, keys).with_columns(
        ops.maximum(up, 1).cast(nw.Int64).alias("_up"),
        (col("_whole") // _SCALE + 1).cast(nw.Int64).alias("_down"),
    )
    place = col("_rank")
    ranked = ranked.with_columns(
        (col("held") * col("_up") // col("_down")).cast(nw.Int64).alias("scaled"),
        ops.when(place <= work.question.policy.top, col("held"), 0).alias("top"),
        ops.when(place == 1, col("held"), 0).alias("largest"),
    )
    return ranked.with_columns((col("scaled") * col("scaled")).alias("squares"))


def _ranked(customers: Frame, keys: list[str]) -> Frame:
    """The customers with their place in their group, the largest first, and what the group holds."""
    nw = narwhals()
    col = nw.col
    if not (customers.implementation.is_pyarrow() or customers.implementation.is_pandas()):
        return customers.with_columns(
            col("held").rank("ordinal", descending=True).over(*keys).alias("_rank"),
            col("held").sum().over(*keys).cast(nw.Int64).alias("_whole"),
        )
    rows = customers.sort(*keys, "held", descending=[False] * len(keys) + [True])
    rows = rows.with_row_index("_row").with_columns(col("_row").cast(nw.Int64))
    groups = rows.group_by(*keys).agg(
        col("_row").min().alias("_first"), col("held").sum().alias("_whole")
    )
    rows = rows.join(groups, on=keys, how="inner")
    return rows.with_columns((col("_row") - col("_first") + 1).alias("_rank"))


def _months(rows: Frame, work: _Work) -> Frame:
    """The sums of each group that are made of its months."""
    nw, ops, question = narwhals(), work.ops, work.question
    col, keys = nw.col, list(question.groups)
    frame = _added(rows, [*keys, MONTH], MONTH_SUMS)
    sold = [
        ops.when(col(MONTH) >= question.month - back, col("month_sales"), 0).alias(name)
        for back, name in enumerate(work.sold)
    ]
    if Measure.DSO_SALES_WEIGHTED in work.asked:
        frame = _month_days(frame, work)
    return _added(frame.with_columns(*sold), keys, work.monthly)


def _month_days(frame: Frame, work: _Work) -> Frame:
    """What is open of each month's sales, times its age or the days of the month, over the sales."""
    col, ops, question = narwhals().col, work.ops, work.question
    part = col("open_days")
    if question.policy.sales_weighting is SalesWeighting.MONTH:
        is_last = col(MONTH) == question.month
        length = rules.month_length(col(MONTH), ops=ops)
        part = part * ops.when(is_last, question.as_of.day, length)
    is_open = col("month_open") != 0
    ratio = _Ratio(
        name="_days",
        part=ops.when(is_open, part, 0),
        whole=col("month_sales"),
        times=_FINE,
        is_small=work.is_small(by_month=True),
    )
    keys = [*question.groups, MONTH, "month_open", "month_sales"]
    frame = _divided(frame, keys, [ratio], ops=ops)
    is_known, value = ratio.is_known, ratio.value(ops)
    return frame.with_columns(
        ops.when(is_open & is_known, value, 0).alias("fine_days"),
        ops.when(is_open & ~is_known, 1, 0).cast(narwhals().Int64).alias("bad_months"),
    )


@attrs.frozen(kw_only=True)
class _Ratio:
    """What is divided by what, and in which part of a unit it is told: half to even, by a few steps.

    Each step is a column, because engines write a step that is used twice out in full.  Of a number
    `x` it is twice the floor of ``(2 * x + 1) / 4``, and one more where that is less by more than a
    half: a half goes to the even side, and nothing is asked about signs.
    """

    name: str
    part: Term
    whole: Term
    times: int = 1
    is_small: bool = True
    """Whether four of ``part * times`` stay within 64 bits; else whole units are taken off first."""

    def column(self, name: str) -> Term:
        """A step of the division, which is a column of its own."""
        return narwhals().col(f"{self.name}:{name}")

    def given(self, ops: Ops) -> dict[str, Term]:
        """What is divided; a whole that is not above zero is replaced by one below."""
        part = self.part * (2 * self.times) if self.is_small else self.part
        return {
            f"{self.name}:{'twice' if self.is_small else 'part'}": part,
            f"{self.name}:whole": ops.when(self.whole > 0, self.whole, -1),
        }

    @property
    def units(self) -> dict[str, Term]:
        """The whole units of what is large, which are an even number of parts."""
        return {f"{self.name}:units": self.column("part") // self.column("whole")}

    @property
    def twice(self) -> dict[str, Term]:
        """What the whole units leave, in parts, twice."""
        rest = self.column("part") - self.column("units") * self.column("whole")
        return {f"{self.name}:twice": rest * (2 * self.times)}

    @property
    def half(self) -> dict[str, Term]:
        """Half of the figure, rounded down at a quarter."""
        twice, whole = self.column("twice"), self.column("whole")
        return {f"{self.name}:half": (twice + whole) // (whole * 4)}

    @property
    def is_known(self) -> Term:
        """Whether the whole is above zero, and the figure within what 64 bits hold in parts."""
        is_known = self.column("whole") > 0
        if self.is_small:
            return is_known
        units = self.column("units")
        return is_known & (units < _UNITS_MAX) & (units > -_UNITS_MAX)

    def value(self, ops: Ops) -> Term:
        """The figure, once the steps are there."""
        half, whole = self.column("half"), self.column("whole")
        is_more = self.column("twice") - half * whole * 4 > whole
        value = half * 2 + ops.when(is_more, 1, 0)
        return value if self.is_small else self.column("units") * self.times + value


def _divided(rows: Frame, names: Sequence[str], found: Sequence[_Ratio], *, ops: Ops) -> Frame:
    """Some columns, and the steps of each ratio."""
    rows = rows.select(*names, *_named(one.given(ops) for one in found))
    if large := [one for one in found if not one.is_small]:
        rows = rows.with_columns(*_named(one.units for one in large))
        rows = rows.with_columns(*_named(one.twice for one in large))
    return rows.with_columns(*_named(one.half for one in found))


def _named(terms: Iterable[Mapping[str, Term]]) -> list[Term]:
    return [term.alias(name) for each in terms for name, term in each.items()]


def _figures(rows: Frame, asked: Sequence[Measure], work: _Work) -> Frame:
    """The columns of the measures: whole numbers, and gaps where there is no value."""
    nw = narwhals()
    counts_back = Measure.DSO_COUNT_BACK in work.asked
    if counts_back:
        found = rules.reached(
            nw.col("receivables"),
            cumulative=[nw.col(name) for name in work.sold],
            days=work.lengths,
            ops=work.ops,
        )
        names = [name for name in rows.collect_schema().names() if name not in work.sold]
        rows = rows.select(*names, *_named([dict(zip(_BACK, found, strict=True))]))
    ratios = _ratios(work)
    told = [_MONEY[one] for one in work.asked if one in _MONEY]
    kept = list(dict.fromkeys([*work.question.groups, "held", "receivables", *told]))
    if Measure.DSO_SALES_WEIGHTED in work.asked:
        kept.append("bad_months")
    if counts_back:
        kept.append("_place")
    rows = _divided(rows, kept, list(ratios.values()), ops=work.ops)
    return rows.select(
        *work.question.groups,
        *(_figure(one, ratios.get(one), work).alias(column_of(one)) for one in asked),
    )


_BACK: Final = ("_before", "_until", "_place")


def _ratios(work: _Work) -> dict[Measure, _Ratio]:
    """What is divided by what for each measure that is divided."""
    nw, ops = narwhals(), work.ops
    col = nw.col
    sums = {name: col(name) for name in (*_GROUPED, *work.largest)}
    simple = rules.ratios(sums, policy=work.question.policy, measures=work.asked)
    found = {
        measure: _Ratio(
            name=measure.value,
            part=ratio.part if ratio.times == 1 else ratio.part * ratio.times,
            whole=ratio.whole,
            times=_TIMES[measure.unit],
            is_small=work.is_small(),
        )
        for measure, ratio in simple.items()
    }
    if Measure.HHI in work.asked:
        # One customer alone is scaled to one, and has one square; no group is as small.
        is_alone = col("scaled") == 1
        whole = ops.when(is_alone, 1, col("scaled") * col("scaled") // _BPS)
        part = ops.when(is_alone, _BPS, col("squares"))
        found[Measure.HHI] = _Ratio(name=Measure.HHI.value, part=part, whole=whole)
    if Measure.DSO_SALES_WEIGHTED in work.asked:
        found[Measure.DSO_SALES_WEIGHTED] = _Ratio(
            name=Measure.DSO_SALES_WEIGHTED.value,
            part=col("fine_days"),
            whole=nw.lit(_FINE // 100, nw.Int64),
        )
    if Measure.DSO_COUNT_BACK in work.asked:
        back = _back()
        found[Measure.DSO_COUNT_BACK] = _Ratio(
            name=Measure.DSO_COUNT_BACK.value,
            part=ops.when(col("receivables") > 0, back.rest_minor * back.month_days, 0),
            whole=back.sales_minor,
            times=100,
        )
    return found


def _back() -> rules.CountBack:
    col = narwhals().col
    before, until, place = (col(name) for name in _BACK)
    return rules.counted_back(col("receivables"), before=before, until=until, place=place)


def _figure(measure: Measure, ratio: _Ratio | None, work: _Work) -> Term:
    """The column of a measure; nothing but gaps where the frames cannot tell it."""
    nw = narwhals()
    col, owed = nw.col, nw.col("receivables")
    if measure not in work.asked:
        return nw.when(col("held") < 0).then(col("held"))
    if ratio is None:
        return col(_MONEY[measure])
    is_known, value = ratio.is_known, ratio.value(work.ops)
    if measure is Measure.DSO_COUNT_BACK:
        is_known = (owed == 0) | ((owed > 0) & is_known)
        full = _back().full_days * 100
        value = work.ops.when(owed > 0, full + value, 0)
    if measure is Measure.DSO_SALES_WEIGHTED:
        is_known = col("bad_months") == 0
    return nw.when(is_known).then(value)
