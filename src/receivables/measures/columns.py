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
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables import limits
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
from receivables.measures._changes import MONTH, SUMS, Question, changes
from receivables.measures._months import days_back
from receivables.measures.model import (
    Balance,
    GroupBy,
    Measure,
    MeasurePolicy,
    MeasureUnit,
    SalesWeighting,
)
from receivables.scoring.rules import magnitude, rest_times, rounded_ratio, signed

__all__ = ["column_of", "measure_series", "measures"]

_POLICY: Final = MeasurePolicy()
_BY: Final = (GroupBy.CUSTOMER,)
_AS_OF: Final = "as_of"
_COARSE: Final = 2**20
_BPS: Final = 10_000
_SCALE: Final = 2**31
"""The parts in which shares are squared."""
_WEIGHTED: Final = ("fine_days", "bad_months")
_FINE: Final = 100
"""Parts of a hundredth of a day, in which the months of a sales-weighted DSO are added up."""

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
_SUMMED: Final = ("opening", "owed", "receivables")


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
    if not trusted:
        _check_products(desk, as_of=as_of)
    rows = _rows(desk, as_of, asked)
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
        if not trusted:
            _check_products(desk, as_of=day)
        dated = _rows(desk, day, asked).with_columns(narwhals().lit(day).alias(_AS_OF))
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


def _check_products(desk: _Desk, *, as_of: dt.date) -> None:
    """Refuse amounts and days whose products could leave 64 bits in a sum."""
    col, names = narwhals().col, [desk.starts_on]
    if desk.items.has(DUE_DATE):
        names.append(DUE_DATE)
    question = desk.items.frame.select(
        (col(AMOUNT_MINOR).abs() // _COARSE).sum().alias("coarse"),
        narwhals().len().alias("rows"),
        *(col(name).min().alias(f"{name}:min") for name in names),
        *(col(name).max().alias(f"{name}:max") for name in names),
    )
    ((coarse, rows, *days),) = rows_of(question)
    if not rows:
        return
    known = [as_of.toordinal(), *(day.toordinal() for day in days if _is_day(day))]
    # Twice the sum is divided where two balances are averaged, and then its rest is multiplied.
    most = max(max(known) - min(known), desk.policy.days, _BPS)
    if 4 * (int(coarse) + int(rows)) * _COARSE * most > limits.INT64_MAX:
        msg = f"amounts times days must stay within 64 bits, got more than {int(coarse) * _COARSE} minor units; split the frame by customers"
        raise LimitError(msg)


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


def _rows(desk: _Desk, as_of: dt.date, asked: Sequence[Measure]) -> Frame:
    """The figures of a day, with columns of the work among them."""
    ops = column_ops()
    question = Question(
        as_of=as_of,
        known_at=desk.known_at,
        policy=desk.policy,
        key=desk.key,
        starts_on=desk.starts_on,
        groups=desk.groups,
    )
    told = _told(desk, asked)
    weighs = Measure.DSO_SALES_WEIGHTED in told
    work = _Work(question=question, asked=told, ops=ops)
    monthly = _added(changes(desk.items, desk.moves, question), [*question.cells, MONTH], SUMS)
    if weighs and work.by_customer:
        monthly = _month_days(monthly, work)
    groups = _grouped(_customers(monthly, work), work)
    if weighs and not work.by_customer:
        names = ("open_days", "month_open", "month_sales")
        months = _month_days(_added(monthly, [*desk.groups, MONTH], names), work)
        groups = groups.join(_added(months, desk.groups, _WEIGHTED), on=desk.groups, how="inner")
    return _figures(groups, asked, work)


@attrs.frozen(kw_only=True, eq=False)
class _Work:
    """A question, and what of it can be answered."""

    question: Question
    asked: Collection[Measure]
    ops: Ops

    @property
    def by_customer(self) -> bool:
        """Whether every customer is a group of its own."""
        return set(self.question.cells) == set(self.question.groups)

    @property
    def concentrates(self) -> bool:
        """Whether anything is asked about the largest customers."""
        return any(one in self.asked for one in _CONCENTRATION)

    @property
    def sold(self) -> list[str]:
        """The columns of what was sold since the beginning of each month, the latest first."""
        if Measure.DSO_COUNT_BACK not in self.asked:
            return []
        return [f"_sold_{back}" for back in range(len(self.lengths))]

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
    return summed.select(*keys, *(nw.col(name).cast(nw.Int64) for name in names))


def _customers(monthly: Frame, work: _Work) -> Frame:
    """The sums of each customer, its credits set against what is oldest where the policy says so."""
    col, ops, question = narwhals().col, work.ops, work.question
    policy = question.policy
    none = col("month_sales") * 0
    frame = monthly.with_columns(
        ops.when(col(MONTH) >= question.month - back, col("month_sales"), none).alias(name)
        for back, name in enumerate(work.sold)
    )
    weighted = _WEIGHTED if _WEIGHTED[0] in dict(monthly.collect_schema()) else ()
    frame = _added(frame, question.cells, (*SUMS, *weighted, *work.sold))
    aged = rules.aged_net({name: col(name) for name in SUMS}, policy=policy, ops=ops)
    owed = col("current") + col("past_due")
    opening = col("opening_debits")
    net = owed + col("credits")
    if policy.nets_credits:
        opening = opening + col("opening_credits")
        owed = owed + col("credit_notes")
    return frame.with_columns(
        **aged, opening=opening, owed=owed, held=ops.maximum(net, col("current") * 0)
    )


def _grouped(customers: Frame, work: _Work) -> Frame:
    """The sums of each group, with what its largest customers hold."""
    nw, ops = narwhals(), work.ops
    col, keys = nw.col, list(work.question.groups)
    none = col("held") * 0
    if work.by_customer:
        # Every customer is a group of its own, and all of it.
        same = [col("held").alias(name) for name in ("largest", "top")]
        one = ops.when(col("held") > 0, none + 1, none)
        return customers.with_columns(*same, one.alias("squares"), one.alias("scaled"))
    names = [*SUMS, *_SUMMED, *work.sold, "held"]
    if not work.concentrates:
        return _added(customers, keys, names)
    ranked = _ranked(customers, keys).with_columns(
        (_SCALE // ops.maximum(col("_whole"), none + 1)).cast(nw.Int64).alias("_up"),
        (col("_whole") // _SCALE + 1).cast(nw.Int64).alias("_down"),
    )
    # Every share in the same large number of parts, so that squares stay within 64 bits.
    scaled = col("held") * ops.maximum(col("_up"), none + 1) // col("_down")
    ranked = ranked.with_columns(
        scaled.cast(nw.Int64).alias("scaled"),
        ops.when(col("_rank") <= work.question.policy.top, col("held"), none).alias("top"),
        ops.when(col("_rank") == 1, col("held"), none).alias("largest"),
    ).with_columns((col("scaled") * col("scaled")).alias("squares"))
    return _added(ranked, keys, [*names, "top", "largest", "scaled", "squares"])


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


def _month_days(months: Frame, work: _Work) -> Frame:
    """What is open of each month's sales, times its age or the days of the month, over the sales."""
    col, ops, question = narwhals().col, work.ops, work.question
    is_open, none = col("month_open") != 0, col("month_open") * 0
    part = col("open_days")
    if question.policy.sales_weighting is SalesWeighting.MONTH:
        is_last = col(MONTH) == question.month
        length = rules.month_length(col(MONTH), ops=ops)
        part = part * ops.when(is_last, none + question.as_of.day, length)
    is_bad = is_open & (col("month_sales") <= 0)
    frame = months.with_columns(
        ops.when(is_open, part, none).alias("_part"),
        ops.when(is_bad, none + 1, none).alias("bad_months"),
    )
    names = [*dict(months.collect_schema()), "_part", "bad_months"]
    ratio = _Ratio("_days", "_part", "month_sales", _FINE * 100)
    frame = _divided(frame, names, [ratio], ops=ops)
    return frame.with_columns(col("_days:ratio").alias("fine_days"))


@attrs.frozen
class _Ratio:
    """What is divided by what, and in which part of a unit it is told."""

    name: str
    part: str
    whole: str
    times: int

    def step(self, name: str) -> Term:
        """One step of the division, which is a column of its own."""
        return narwhals().col(f"{self.name}:{name}")


def _divided(rows: Frame, names: Sequence[str], found: Sequence[_Ratio], *, ops: Ops) -> Frame:
    """Some columns, and every ratio, half to even; without meaning where the whole is not above zero.

    As one expression they would be thousands of operations, because each step is used several times;
    and a step that nobody needs any more is left behind, because engines plan long for many columns.
    """
    col, nw = narwhals().col, narwhals()
    steps: Mapping[str, Callable[[_Ratio], Term]] = {
        # Nothing may be divided by zero, even where nobody looks at the result.
        "whole": lambda one: ops.maximum(col(one.whole), col(one.whole) * 0 + 1),
        "size": lambda one: magnitude(col(one.part), ops=ops),
        "units": lambda one: one.step("size") // one.step("whole"),
        "product": lambda one: rest_times(
            one.step("size"), one.step("units"), whole=one.step("whole"), times=one.times
        ),
        "more": lambda one: one.step("product") // one.step("whole"),
        "found": lambda one: rounded_ratio(
            one.step("units"),
            one.step("product"),
            one.step("more"),
            whole=one.step("whole"),
            times=one.times,
            ops=ops,
        ),
        "ratio": lambda one: signed(one.step("found"), col(one.part), ops=ops),
    }
    alive: list[str] = []
    for new, gone in _LAYERS:
        alive = [step for step in alive if step not in gone]
        rows = rows.select(
            *names,
            *(f"{one.name}:{step}" for one in found for step in alive),
            *(
                steps[step](one).cast(nw.Int64).alias(f"{one.name}:{step}")
                for one in found
                for step in new
            ),
        )
        alive += new
    return rows


_LAYERS: Final = (
    (("whole", "size"), ()),
    (("units",), ()),
    (("product",), ("size",)),
    (("more",), ()),
    (("found",), ("units", "product", "more", "whole")),
    (("ratio",), ("found",)),
)
"""The steps of a division that are taken together, and those that are needed no more."""


def _figures(rows: Frame, asked: Sequence[Measure], work: _Work) -> Frame:
    """The columns of the measures: whole numbers, and gaps where there is no value."""
    nw = narwhals()
    names = [*SUMS, *_SUMMED, "held", *(("largest", "top") if work.concentrates else ())]
    sums = {name: nw.col(name) for name in names}
    ratios = rules.ratios(sums, policy=work.question.policy, measures=work.asked)
    parts = {
        measure: (ratio.part * ratio.times, ratio.whole, _TIMES[measure.unit])
        for measure, ratio in ratios.items()
    }
    parts.update(_more_parts(work))
    found = [
        _Ratio(one.value, f"{one.value}:part", f"{one.value}:divisor", parts[one][2])
        for one in parts
    ]
    told = [_MONEY[one] for one in work.asked if one in _MONEY]
    kept = list(dict.fromkeys([*work.question.groups, "held", "receivables", *told]))
    if Measure.DSO_SALES_WEIGHTED in work.asked:
        kept.append("bad_months")
    terms = {
        name: term
        for one, (part, whole, _) in zip(found, parts.values(), strict=True)
        for name, term in ((one.part, part), (one.whole, whole))
    }
    if Measure.DSO_COUNT_BACK in work.asked:
        terms["full_days"] = _back(work).full_days
    rows = rows.select(*kept, *(term.cast(nw.Int64).alias(name) for name, term in terms.items()))
    rows = _divided(rows, [*kept, *terms], found, ops=work.ops)
    return rows.with_columns(_figure(one, work).alias(column_of(one)) for one in asked)


def _more_parts(work: _Work) -> dict[Measure, tuple[Term, Term, int]]:
    """What is divided by what, and times what, for the measures that are no simple ratio."""
    col, ops = narwhals().col, work.ops
    none = col("held") * 0
    found: dict[Measure, tuple[Term, Term, int]] = {}
    if Measure.HHI in work.asked:
        whole = col("scaled") * col("scaled")
        # One customer alone is scaled to one, and has one square; no group is as small.
        is_alone = whole == 1
        found[Measure.HHI] = (
            ops.when(is_alone, none + _BPS, col("squares")),
            ops.when(is_alone, none + 1, whole // _BPS),
            1,
        )
    if Measure.DSO_SALES_WEIGHTED in work.asked:
        found[Measure.DSO_SALES_WEIGHTED] = (col("fine_days"), none + _FINE, 1)
    if Measure.DSO_COUNT_BACK in work.asked:
        back = _back(work)
        is_owed = col("receivables") > 0
        part = back.rest_minor * back.month_days
        found[Measure.DSO_COUNT_BACK] = (ops.when(is_owed, part, none), back.sales_minor, 100)
    return found


def _back(work: _Work) -> rules.CountBack:
    col = narwhals().col
    return rules.count_back(
        col("receivables"),
        cumulative=[col(name) for name in work.sold],
        days=work.lengths,
        ops=work.ops,
    )


def _figure(measure: Measure, work: _Work) -> Term:
    """The column of a measure; nothing but gaps where the frames cannot tell it."""
    nw = narwhals()
    col = nw.col
    if measure not in work.asked:
        return nw.when(col("held") < 0).then(col("held"))
    if measure in _MONEY:
        return col(_MONEY[measure])
    ratio, divisor = col(f"{measure.value}:ratio"), col(f"{measure.value}:divisor")
    if measure is Measure.DSO_COUNT_BACK:
        owed = col("receivables")
        is_known = (owed == 0) | ((owed > 0) & (divisor > 0))
        full = work.ops.when(owed > 0, col("full_days"), owed * 0) * 100
        return nw.when(is_known).then((full + ratio).cast(nw.Int64))
    if measure is Measure.DSO_SALES_WEIGHTED:
        return nw.when(col("bad_months") == 0).then(ratio)
    return nw.when(divisor > 0).then(ratio)
