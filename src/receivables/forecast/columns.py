"""Forecasts over data frames: when each open item is expected, the caller's own kind comes back.

The rule is that of `receivables.forecast.objects.quantile_forecasts`: quantiles of how late each
customer pays, in paying days, from counts.  `receivables.forecast.HabitModel` says more of each item,
and takes longer.

>>> import polars as pl
>>> due = dt.date(2026, 8, 3)
>>> history = pl.DataFrame({
...     "customer": ["C-017"] * 3, "due_date": [due, due, due],
...     "paid_on": [due + dt.timedelta(days=days) for days in (3, 4, 4)],
... })
>>> items = pl.DataFrame({"customer": ["C-017"], "due_date": [dt.date(2026, 11, 2)]})
>>> payment_forecasts(items, history, as_of=dt.date(2026, 10, 31)).select("expected_on", "days_late").rows()
[(datetime.date(2026, 11, 6), 4)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import attrs

from receivables._ops import Ops, Term
from receivables.days import check_day
from receivables.errors import DocumentError
from receivables.forecast import rules
from receivables.forecast._habit_policy import QuantileHabit
from receivables.forecast.model import WHOLE_PPM
from receivables.frames import (
    AMOUNT_MINOR,
    CREDITOR,
    CUSTOMER,
    DOCUMENT_DATE,
    DUE_DATE,
    EXPECTED_ON,
    KNOWN_ON,
    PAID_ON,
    Frame,
    NativeFrame,
    Table,
    column_ops,
    narwhals,
    open_table,
)

__all__ = ["DAYS_LATE", "HIGH_ON", "LATE_PPM", "LOW_ON", "payment_forecasts"]

LOW_ON: Final = "low_on"
"""The column of the first day of the band."""
HIGH_ON: Final = "high_on"
"""The column of its last day."""
LATE_PPM: Final = "late_ppm"
"""The column of the chance that an item is paid late, in parts per million."""
DAYS_LATE: Final = "days_late"
"""The column of the days from the due date to the day that is expected."""

_ADDED: Final = (EXPECTED_ON, LOW_ON, HIGH_ON, DAYS_LATE, LATE_PPM)
_POLICY: Final = QuantileHabit()
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_NEVER: Final = 4_000_000
"""The ordinal of a payment that never came: after the last day of the calendar."""
_JANUARY: Final = 10
"""The place of January in a year that begins in March."""
_DAY_US: Final = 86_400_000_000
_ALL: Final = "receivables:all"
_CELL: Final = "receivables:cell"
_COUNT: Final = "receivables:count"
_DUE: Final = "receivables:due"
_KNOWN: Final = "receivables:known"
_TODAY: Final = "receivables:today"
_WEEKDAY: Final = "receivables:weekday"
_PLACES: Final = ("low", "middle", "high")
_FIGURES: Final = (*_PLACES, "late_ppm")
_SEEN: Final = (*_FIGURES, "whole")


@attrs.frozen(kw_only=True)
class _Question:
    """What is asked: of which day, known up to which, by which policy, of whom."""

    as_of: dt.date
    through: dt.date
    policy: QuantileHabit
    key: tuple[str, ...]
    """The columns that name a customer."""
    ops: Ops

    @property
    def over(self) -> int:
        """The number of the last paying day that is over."""
        after = self.as_of.toordinal() + 1
        return int(rules.paying_index(after, weekdays=self.policy.weekdays)) - 1

    def index(self, ordinal: Term) -> Term:
        """The number of a paying day, as a term."""
        return rules.paying_index(ordinal, weekdays=self.policy.weekdays, ops=self.ops)


def payment_forecasts(
    frame: NativeFrame,
    history: Any,  # noqa: ANN401  # of the same kind as the frame, which a type variable cannot say
    *,
    as_of: dt.date,
    policy: QuantileHabit = _POLICY,
    known_through: dt.date | None = None,
    trusted: bool = False,
) -> NativeFrame:
    """The open items with the day on which each is expected, its band, and its chance of being late.

    The items have ``customer`` and ``due_date``; the history has ``paid_on`` too, with gaps where
    nothing was paid.  ``creditor`` parts accounts where both frames have it.  Of the history rows
    with an ``amount_minor`` of zero or less are left out, and those with a ``known_on``, or else a
    ``document_date``, after the day; what was paid after the day, or after `known_through`, is open.

    The frame comes back with ``expected_on``, ``low_on``, ``high_on``, ``days_late`` and
    ``late_ppm``, which are gaps for items without a due date, and for all where nothing is known.
    The order of the rows is the engine's.  `trusted` is that of `receivables.frames.open_table`.

    Raises `DocumentError` for frames that lack a column, or are not of one kind.
    """
    check_day(as_of, name="as_of")
    names = tuple(
        name for name in (CREDITOR, CUSTOMER) if name == CUSTOMER or _both(frame, history, name)
    )
    asked = open_table(frame, needs=(*names, DUE_DATE), nullable=(DUE_DATE,), trusted=trusted)
    told = open_table(
        history,
        needs=(*names, DUE_DATE, PAID_ON),
        optional=(AMOUNT_MINOR,),
        nullable=(DUE_DATE, PAID_ON, KNOWN_ON, DOCUMENT_DATE),
        trusted=trusted,
    )
    _check_pair(asked, told, names)
    question = _Question(
        as_of=as_of,
        through=as_of if known_through is None else min(as_of, known_through),
        policy=policy,
        key=names,
        ops=column_ops(),
    )
    counts = _counts(told, question)
    placed = _placed(asked, question)
    rows = _with_usual(placed, counts, question)
    later = _later(placed, counts, question)
    rows = _put_off(rows.join(later, on=[_TODAY], how="left"), question)
    return asked.native(_dated(rows, asked, question))


def _both(frame: object, history: object, name: str) -> bool:
    nw = narwhals()
    try:
        return all(name in nw.from_native(one).collect_schema() for one in (frame, history))
    except TypeError:
        return False


def _check_pair(asked: Table[Any], told: Table[Any], key: Sequence[str]) -> None:
    kinds = [(table.frame.implementation, table.is_lazy) for table in (asked, told)]
    if kinds[0] != kinds[1]:
        names = [f"{'lazy ' if is_lazy else ''}{kind.value}" for kind, is_lazy in kinds]
        msg = f"items and history must be frames of one kind, got {' and '.join(names)}"
        raise DocumentError(msg)
    for name in key:
        if asked.types[name] != told.types[name]:
            msg = (
                f"column {name} must have one type, got {asked.types[name]} and {told.types[name]}"
            )
            raise DocumentError(msg)
    if taken := [name for name in _ADDED if asked.has(name)]:
        msg = f"columns must not be named like those that are added, got {', '.join(taken)}"
        raise DocumentError(msg)


# The days as whole numbers.


def _ordinal(table: Table[Any], column: Term) -> Term:
    """Dates as ordinals, by years and days of the year where an engine cannot cast them."""
    nw = narwhals()
    if table.frame.implementation.is_polars():
        return column.cast(nw.Date).cast(nw.Int64) + _EPOCH
    before = column.dt.year().cast(nw.Int64) - 1
    whole_years = before * 365 + before // 4 - before // 100 + before // 400
    return whole_years + column.dt.ordinal_day().cast(nw.Int64)


def _filled(table: Table[Any], name: str, value: int) -> Term:
    """The ordinals of a column of dates, and a value where there is no date."""
    nw = narwhals()
    column = table.column(name)
    if table.nulls is not None and not table.nulls[name]:
        return _ordinal(table, column)
    if table.frame.implementation.is_polars():
        return _ordinal(table, column).fill_null(value)
    # The year of a gap is a float in pandas; a day that is there instead keeps it whole.
    filler = dt.datetime(1970, 1, 1) if table.types[name] == nw.Datetime else dt.date(1970, 1, 1)  # noqa: DTZ001  # a column without a zone
    known = _ordinal(table, column.fill_null(filler))
    return nw.when(column.is_null()).then(value).otherwise(known).cast(nw.Int64)


def _whole(term: Term) -> Term:
    return term.cast(narwhals().Int64)


# What the history counts: payments by customer, weekday of the due date, and place on the scale.


def _counts(table: Table[Any], question: _Question) -> Frame:
    nw, ops, policy = narwhals(), question.ops, question.policy
    col, through = nw.col, question.through.toordinal()
    frame = table.frame
    if table.has(AMOUNT_MINOR):
        frame = frame.filter(col(AMOUNT_MINOR) > 0)
    known = next((name for name in (KNOWN_ON, DOCUMENT_DATE) if table.has(name)), None)
    if known is not None:
        frame = frame.filter(_filled(table, known, 0) <= question.as_of.toordinal())
    frame = frame.with_columns(
        _filled(table, DUE_DATE, _NEVER).alias(_DUE),
        _filled(table, PAID_ON, _NEVER).alias("receivables:paid"),
    )
    due, paid = col(_DUE), col("receivables:paid")
    frame = frame.filter(
        (due > through - policy.window_days) & (due <= through - policy.settled_days)
    )
    place = rules.cell(
        question.index(paid),
        question.index(due),
        early_days=policy.early_days,
        late_days=policy.late_days,
        ops=ops,
    )
    frame = frame.with_columns(
        _whole(ops.when(paid > through, due * 0 + policy.cells - 1, place)).alias(_CELL),
        _whole(rules.weekday(due)).alias(_WEEKDAY),
    )
    counted = frame.group_by(*question.key, _WEEKDAY, _CELL).agg(nw.len().alias(_COUNT))
    return counted.with_columns(_whole(col(_COUNT)).alias(_COUNT))


def _quantiles(cells: Frame, key: Sequence[str], question: _Question) -> Frame:
    """For each group how many they are, where its quantiles lie, and what part of it is late."""
    nw, ops, policy = narwhals(), question.ops, question.policy
    col = nw.col
    is_late = col(_CELL) > policy.early_days
    cells = cells.with_columns(
        _whole(ops.when(is_late, col(_COUNT), col(_COUNT) * 0)).alias("late")
    )
    summed = _by_pairs if cells.implementation.is_pyarrow() else _by_windows
    rows = summed(cells, key)
    here, reached, whole = (_whole(col(name)) for name in (_COUNT, "reached", "whole"))
    place, high_bps = col(_CELL), rules.WHOLE_BPS - policy.low_bps
    last = place * 0 + policy.cells
    flags = {
        "middle": ops.when(rules.is_middle(reached, whole=whole), place, last),
        "low": ops.when(
            rules.is_above(reached, here, whole=whole, bps=policy.low_bps), place, last
        ),
        "high": ops.when(
            rules.is_below(reached, here, whole=whole, bps=high_bps), place, place * 0 - 1
        ),
    }
    rows = rows.with_columns(_whole(term).alias(name) for name, term in flags.items())
    grouped = rows.group_by(*key).agg(
        *(col(name).min() for name in ("middle", "low", "whole", "late")), col("high").max()
    )
    middle, whole = col("middle"), _whole(col("whole"))
    return grouped.select(
        *key,
        middle,
        whole.alias("whole"),
        _whole(ops.minimum(col("low"), middle)).alias("low"),
        _whole(ops.maximum(col("high"), middle)).alias("high"),
        _whole(rules.share_ppm(_whole(col("late")), whole=whole)).alias("late_ppm"),
    )


def _by_windows(cells: Frame, key: Sequence[str]) -> Frame:
    """What each group has in all, and up to each place."""
    col = narwhals().col
    return cells.with_columns(
        col(_COUNT).cum_sum().over(*key, order_by=_CELL).alias("reached"),
        col(_COUNT).sum().over(*key).alias("whole"),
        col("late").sum().over(*key).alias("late"),
    )


def _by_pairs(cells: Frame, key: Sequence[str]) -> Frame:
    """The same from pairs of places, for an engine that has no windows in an order."""
    col = narwhals().col
    renamed = {_CELL: "place", _COUNT: "counted", "late": "counted_late"}
    others = cells.select(*key, *(col(name).alias(added) for name, added in renamed.items()))
    rows = cells.drop("late").join(others, on=list(key), how="inner")
    below = column_ops().when(col("place") <= col(_CELL), col("counted"), col("counted") * 0)
    rows = rows.with_columns(_whole(below).alias("reached"))
    return rows.group_by(*key, _CELL, _COUNT).agg(
        col("reached").sum(),
        col("counted").sum().alias("whole"),
        col("counted_late").sum().alias("late"),
    )


def _summed(counts: Frame, key: Sequence[str]) -> Frame:
    col = narwhals().col
    found = counts.group_by(*key, _CELL).agg(col(_COUNT).sum())
    return found.with_columns(_whole(col(_COUNT)).alias(_COUNT))


# What each open item gets.


def _placed(table: Table[Any], question: _Question) -> Frame:
    """The items with their due day, its weekday, and how late they are today."""
    col = narwhals().col
    frame = table.frame.with_columns(_filled(table, DUE_DATE, _NEVER).alias(_DUE))
    today = question.over - question.index(col(_DUE)) + question.policy.early_days
    return frame.with_columns(
        _whole(rules.weekday(col(_DUE))).alias(_WEEKDAY),
        _whole(today).alias(_TODAY),
        _whole(col(_DUE) * 0).alias(_ALL),
    )


def _with_usual(rows: Frame, counts: Frame, question: _Question) -> Frame:
    """The items with the quantiles of everybody, leaned on by the customer and by its weekday."""
    col = narwhals().col
    every = counts.with_columns((col(_COUNT) * 0).alias(_ALL))
    usual = _quantiles(_summed(every, (_ALL,)), (_ALL,), question)
    usual = usual.select(_ALL, *_FIGURES)
    # Where nothing was ever paid nothing is known, and the figures below are those of nobody.
    rows = rows.join(usual, on=[_ALL], how="left").with_columns(
        (~col("late_ppm").is_null()).alias(_KNOWN),
        *(_whole(col(name).fill_null(0)).alias(name) for name in _FIGURES),
    )
    for key, strength in (
        (question.key, question.policy.strength),
        ((*question.key, _WEEKDAY), question.policy.weekday_strength),
    ):
        own = _quantiles(_summed(counts, key), key, question)
        mine = "_".join(("receivables", *key))
        own = own.select(*key, *(col(name).alias(f"{mine}:{name}") for name in _SEEN))
        rows = rows.join(own, on=list(key), how="left")
        # Of a customer that was never seen nothing is counted, so that its gaps weigh nothing.
        rows = rows.with_columns(
            _whole(
                rules.leaning(
                    _whole(col(f"{mine}:{name}").fill_null(0)),
                    col(name),
                    count=_whole(col(f"{mine}:whole").fill_null(0)),
                    strength=strength,
                )
            ).alias(name)
            for name in _FIGURES
        )
    return rows


def _later(placed: Frame, counts: Frame, question: _Question) -> Frame:
    """What everybody does with an item that is as late as any of these, and still open."""
    col = narwhals().col
    every = _summed(counts.with_columns((col(_COUNT) * 0).alias(_ALL)), (_ALL,))
    todays = placed.select(_ALL, _TODAY).unique()
    left = todays.join(every, on=[_ALL], how="inner").filter(col(_CELL) > col(_TODAY))
    later = _quantiles(left.select(_TODAY, _CELL, _COUNT), (_TODAY,), question)
    return later.select(_TODAY, *(col(name).alias(f"later_{name}") for name in _PLACES))


def _put_off(rows: Frame, question: _Question) -> Frame:
    """The items with another place on the scale, where today is beyond the one that is usual."""
    col, ops = narwhals().col, question.ops
    today, wait = col(_TODAY), question.policy.tail_days
    beyond = {"low": today + 1, "middle": today + wait, "high": today + 3 * wait}
    return rows.with_columns(
        _whole(
            rules.not_before(
                col(name),
                today=today,
                later=_whole(narwhals().coalesce(col(f"later_{name}"), beyond[name])),
                ops=ops,
            )
        ).alias(name)
        for name in _PLACES
    )


def _dated(rows: Frame, table: Table[Any], question: _Question) -> Frame:
    """The columns that came in, and those that are added: places on the scale become days."""
    nw, ops, policy = narwhals(), question.ops, question.policy
    col = nw.col
    low = col("low")
    middle = ops.maximum(low, col("middle"))
    first = question.index(col(_DUE)) - policy.early_days
    places = {"low": low, "middle": middle, "high": ops.maximum(middle, col("high"))}
    rows = rows.with_columns(_whole(first + term).alias(name) for name, term in places.items())
    rows = rows.with_columns(
        _whole(rules.paying_ordinal(col(name), weekdays=policy.weekdays, ops=ops)).alias(name)
        for name in _PLACES
    )
    # A due date that is not there is a gap in everything.
    is_known = ~table.column(DUE_DATE).is_null() & col(_KNOWN)
    is_overdue = col(_TODAY) >= policy.early_days
    late = ops.when(is_overdue, col("late_ppm") * 0 + WHOLE_PPM, col("late_ppm"))
    rows = _days(rows, table)
    days = {EXPECTED_ON: "middle", LOW_ON: "low", HIGH_ON: "high"}
    return rows.select(
        *table.types,
        *(nw.when(is_known).then(col(f"{name}:day")).alias(added) for added, name in days.items()),
        nw.when(is_known).then(_whole(col("middle") - col(_DUE))).alias(DAYS_LATE),
        nw.when(is_known).then(_whole(late)).alias(LATE_PPM),
    )


def _days(rows: Frame, table: Table[Any]) -> Frame:
    """The ordinals of places as dates, as the engine keeps the due date."""
    nw = narwhals()
    kind, engine = table.types[DUE_DATE], table.frame.implementation
    if not (engine.is_polars() or engine.is_pyarrow() or engine.is_pandas()):
        return _spelt(rows)
    days = {name: nw.col(name) - _EPOCH for name in _PLACES}
    if kind == nw.Date:
        dates = {name: term.cast(nw.Int32).cast(nw.Date) for name, term in days.items()}
    else:
        dates = {name: (term * _DAY_US).cast(nw.Datetime("us")) for name, term in days.items()}
    return rows.with_columns(term.alias(f"{name}:day") for name, term in dates.items())


def _spelt(rows: Frame) -> Frame:
    """Ordinals as dates where whole numbers cannot be cast: written out, and read again.

    Year, month and day as in H. Hinnant, "chrono-compatible low-level date algorithms"; each step is
    a column, because one expression of them all would be thousands of operations.
    """
    col = narwhals().col
    start = {name: col(name) - _EPOCH + 719_468 for name in _PLACES}
    rows = rows.with_columns(
        _whole(start[name] - start[name] // 146_097 * 146_097).alias(f"{name}:of_era")
        for name in _PLACES
    )
    era = {name: col(f"{name}:of_era") for name in _PLACES}
    rows = rows.with_columns(
        _whole((day + day // 36_524 - day // 1_460 - day // 146_096) // 365).alias(f"{name}:years")
        for name, day in era.items()
    )
    years = {name: col(f"{name}:years") for name in _PLACES}
    rows = rows.with_columns(
        _whole(era[name] - (365 * year + year // 4 - year // 100)).alias(f"{name}:of_year")
        for name, year in years.items()
    )
    rows = rows.with_columns(
        _whole(start[name] // 146_097 * 400 + years[name]).alias(f"{name}:years")
        for name in _PLACES
    )
    return rows.with_columns(_read(name).alias(f"{name}:day") for name in _PLACES)


def _read(name: str) -> Term:
    """A date from the year and the day of it, both of a year that begins in March."""
    nw, ops = narwhals(), column_ops()
    year, of_year = nw.col(f"{name}:years"), nw.col(f"{name}:of_year")
    place = (5 * of_year + 2) // 153
    # What has more figures than wanted keeps its leading zeros when the first is cut off.
    parts = [
        (year + ops.when(place < _JANUARY, 10_000, 10_001), 4),
        (ops.when(place < _JANUARY, place + 103, place + 91), 2),
        (of_year - (153 * place + 2) // 5 + 101, 2),
    ]
    texts = [_whole(term).cast(nw.String).str.slice(1, width) for term, width in parts]
    return nw.concat_str(*texts, separator="-").str.to_date("%Y-%m-%d")
