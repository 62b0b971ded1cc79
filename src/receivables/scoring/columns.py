"""Payment behaviour over data frames: one row per customer and currency, the caller's own kind back.

>>> import polars as pl
>>> frame = pl.DataFrame({
...     "customer": ["C-017", "C-017"], "currency": ["EUR", "EUR"],
...     "amount_minor": [30_000, 10_000],
...     "due_date": [dt.date(2026, 9, 1), dt.date(2026, 10, 1)],
...     "paid_on": [dt.date(2026, 9, 21), None],
... })
>>> found = payment_figures(frame, as_of=dt.date(2026, 10, 31))
>>> found.select("paid_days_late", "paydex", "with_open_days_late", "paydex_with_open").rows()
[(2000, 62, 2250, 59)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from receivables import limits
from receivables._ops import Ops, Term
from receivables.days import check_day
from receivables.errors import LimitError
from receivables.frames import (
    AMOUNT_MINOR,
    CURRENCY,
    CUSTOMER,
    DUE_DATE,
    EFFECTIVE_ON,
    PAID_ON,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)
from receivables.scoring import rules
from receivables.scoring._history import month_starts
from receivables.scoring._history_values import BehaviourPolicy
from receivables.scoring.paydex import PAYDEX_LIKE, PromptnessScale

__all__ = ["payment_figures"]

_POLICY: Final = BehaviourPolicy()
_NEVER: Final = 4_000_000
"""The ordinal of a payment that never came: after the last day of the calendar."""
_COARSE: Final = 2**20
_KEYS: Final = (CUSTOMER, CURRENCY)

assert dt.date.max.toordinal() < _NEVER  # noqa: S101  # a relation between constants

_SUMS: Final = (
    "paid_minor",
    "dated_minor",
    "_late_minor",
    "_paid_day_minor",
    "open_minor",
    "overdue_minor",
    "_open_day_minor",
)


def payment_figures(
    frame: NativeFrame,
    *,
    as_of: dt.date,
    policy: BehaviourPolicy = _POLICY,
    scale: PromptnessScale = PAYDEX_LIKE,
    trusted: bool = False,
) -> NativeFrame:
    """How each customer paid in each currency, from one row for each thing sold or part of it paid.

    The frame has ``customer``, ``currency``, ``amount_minor``, ``due_date`` and ``paid_on``, the two
    dates with gaps where nobody knows them or nothing was paid, and ``effective_on`` where rows are
    to be left out that came after the day.  What was paid after the day was open on it; credits are
    left out.  A customer without a payment in the window and with nothing open has no row.

    The result has, by the names of `PaymentFigures` and `BEHAVIOUR_CHARACTERISTICS`: ``payments``,
    ``paid_minor``, ``dated_minor``, ``paid_days_late``, ``paid_late_bps``, ``largest_days_late``,
    ``open_minor``, ``overdue_minor``, ``overdue_bps``, ``oldest_overdue_days``,
    ``with_open_days_late``, ``paydex``, ``paydex_with_open``.  What nothing is known of is a gap,
    which makes floats of a column in pandas without Arrow or nullable types.

    Of the policy the window, `late_days` and nothing else speak here.  `trusted` is that of
    `receivables.frames.open_table`.  Raises `DocumentError` for a frame that lacks a column or has
    gaps elsewhere, `LimitError` where a sum could leave 64 bits, and `UnknownCurrencyError`.
    """
    check_day(as_of, name="as_of")
    table = open_table(
        frame,
        needs=(*_KEYS, AMOUNT_MINOR, DUE_DATE, PAID_ON),
        nullable=(DUE_DATE, PAID_ON),
        optional=(EFFECTIVE_ON,),
        sums=(AMOUNT_MINOR,),
        trusted=trusted,
    )
    if not trusted:
        _check_products(table, as_of=as_of)
    ops = column_ops()
    grouped = _grouped(_parts(table, as_of=as_of, policy=policy, ops=ops))
    result = table.native(table.sorted(_figures(grouped, scale=scale, ops=ops), *_KEYS))
    if not trusted:
        # The groups of an eager frame hold every currency, and there are far fewer of them.
        check_currencies(table.frame if table.is_lazy else narwhals().from_native(result))
    return result


def _check_products(table: Table[Any], *, as_of: dt.date) -> None:
    """Refuse amounts and days whose products could leave 64 bits in a sum."""
    col = narwhals().col
    question = table.frame.select(
        (col(AMOUNT_MINOR).abs() // _COARSE).sum().alias("coarse"),
        narwhals().len().alias("rows"),
        *(col(name).min().alias(f"{name}:min") for name in (DUE_DATE, PAID_ON)),
        *(col(name).max().alias(f"{name}:max") for name in (DUE_DATE, PAID_ON)),
    )
    ((coarse, rows, *days),) = rows_of(question)
    if not rows:
        return
    known = [as_of, *(_plain(day) for day in days if _is_day(day))]
    span = max(known).toordinal() - min(known).toordinal()
    if (int(coarse) + int(rows)) * _COARSE * max(span, rules.WHOLE_BPS) > limits.INT64_MAX:
        msg = f"amounts times days must stay within 64 bits, got {span} days and more than {int(coarse) * _COARSE} minor units; split the frame by customers"
        raise LimitError(msg)


def _is_day(value: object) -> bool:
    """Whether there is a day; the gaps of pandas are dates of their own kind, equal to nothing."""
    return isinstance(value, dt.date) and value == value  # noqa: PLR0124  # see the docstring


def _plain(day: dt.date) -> dt.date:
    return dt.date(day.year, day.month, day.day)


def _parts(table: Table[Any], *, as_of: dt.date, policy: BehaviourPolicy, ops: Ops) -> Frame:
    """What each row adds to each sum, as columns of their own.

    An expression inside an aggregation means different things on different engines.
    """
    col, today = narwhals().col, as_of.toordinal()
    since = month_starts(as_of, policy.months)[0]
    frame = table.frame.filter(col(AMOUNT_MINOR) > 0)
    if table.has(EFFECTIVE_ON):
        frame = frame.filter(table.days_past(EFFECTIVE_ON, as_of=as_of) >= 0)
    frame = frame.with_columns(
        table.ordinal(DUE_DATE, missing=_NEVER).alias("_due"),
        table.ordinal(PAID_ON, missing=_NEVER).alias("_paid"),
    )
    amount, due, paid = col(AMOUNT_MINOR), col("_due"), col("_paid")
    none = amount * 0
    counts = rules.is_in_window(paid, since=since, as_of=today)
    frame = frame.with_columns(
        ops.when(counts, amount, none).alias("paid_minor"),
        ops.when(counts & (due < _NEVER), amount, none).alias("dated_minor"),
        ops.when(paid > today, amount, none).alias("open_minor"),
        ops.when((paid > today) & rules.is_overdue(today - due), amount, none).alias(
            "overdue_minor"
        ),
        ops.when(counts, paid, none).alias("_day"),
    )
    dated, overdue = col("dated_minor"), col("overdue_minor")
    is_late = (dated > 0) & rules.is_late(paid - due, late_days=policy.late_days)
    return frame.with_columns(
        ops.when(is_late, amount, none).alias("_late_minor"),
        (dated * ops.when(dated > 0, paid - due, none)).alias("_paid_day_minor"),
        (overdue * ops.when(overdue > 0, today - due, none)).alias("_open_day_minor"),
        ops.when(dated > 0, paid - due, none - _NEVER).alias("largest_days_late"),
        ops.when(overdue > 0, today - due, none).alias("oldest_overdue_days"),
    )


def _grouped(frame: Frame) -> Frame:
    nw = narwhals()
    col = nw.col
    rows = frame.group_by(*_KEYS).agg(
        *(col(name).sum() for name in _SUMS),
        *(col(name).max() for name in ("largest_days_late", "oldest_overdue_days")),
        col("_day").n_unique().alias("_days"),
        col("_day").min().alias("_first"),
    )
    # DuckDB sums into 128 bits; the door saw to it that 64 are enough.
    names = (*_SUMS, "largest_days_late", "oldest_overdue_days", "_days", "_first")
    rows = rows.select(*_KEYS, *(col(name).cast(nw.Int64) for name in names))
    return rows.filter((col("paid_minor") > 0) | (col("open_minor") > 0))


def _figures(rows: Frame, *, scale: PromptnessScale, ops: Ops) -> Frame:
    """The averages, shares and scores of each group; a gap where nothing is known."""
    nw = narwhals()
    col = nw.col
    dated, opened = col("dated_minor") > 0, col("open_minor") > 0
    weighed = col("_weight") > 0
    rows = rows.with_columns(
        (col("dated_minor") + col("overdue_minor")).alias("_weight"),
        (col("_paid_day_minor") + col("_open_day_minor")).alias("_every_day_minor"),
    )
    rows = _divided(rows, ops=ops)
    scores = {
        name: rules.promptness(col(f"{days}:ratio"), scale=scale.corners, ops=ops)
        for name, days in (
            ("paydex", "paid_days_late"),
            ("paydex_with_open", "with_open_days_late"),
        )
    }
    is_without = ops.when(col("_first") == 0, col("_days") * 0 + 1, col("_days") * 0)

    def known(condition: Term, term: Term, name: str) -> Term:
        return nw.when(condition).then(term.cast(nw.Int64)).alias(name)

    return rows.select(
        *_KEYS,
        (col("_days") - is_without).alias("payments"),
        "paid_minor",
        "dated_minor",
        known(dated, col("paid_days_late:ratio"), "paid_days_late"),
        known(dated, col("paid_late_bps:ratio"), "paid_late_bps"),
        known(dated, col("largest_days_late"), "largest_days_late"),
        "open_minor",
        "overdue_minor",
        known(opened, col("overdue_bps:ratio"), "overdue_bps"),
        known(opened, col("oldest_overdue_days"), "oldest_overdue_days"),
        known(weighed, col("with_open_days_late:ratio"), "with_open_days_late"),
        known(dated, scores["paydex"], "paydex"),
        known(weighed, scores["paydex_with_open"], "paydex_with_open"),
    )


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


_RATIOS: Final = (
    _Ratio("paid_days_late", "_paid_day_minor", "dated_minor", rules.HUNDREDTHS),
    _Ratio("paid_late_bps", "_late_minor", "dated_minor", rules.WHOLE_BPS),
    _Ratio("overdue_bps", "overdue_minor", "open_minor", rules.WHOLE_BPS),
    _Ratio("with_open_days_late", "_every_day_minor", "_weight", rules.HUNDREDTHS),
)


def _divided(rows: Frame, *, ops: Ops) -> Frame:
    """Every ratio as a column, by the steps of `rules.ratio`; without meaning where the whole is zero.

    As one expression they would be thousands of operations, because each step is used several times.
    """
    col = narwhals().col
    steps: Mapping[str, Callable[[_Ratio], Term]] = {
        # Nothing may be divided by zero, even where nobody looks at the result.
        "whole": lambda one: ops.maximum(col(one.whole), col(one.whole) * 0 + 1),
        "size": lambda one: rules.magnitude(col(one.part), ops=ops),
        "units": lambda one: one.step("size") // one.step("whole"),
        "product": lambda one: rules.rest_times(
            one.step("size"), one.step("units"), whole=one.step("whole"), times=one.times
        ),
        "more": lambda one: one.step("product") // one.step("whole"),
        "found": lambda one: rules.rounded_ratio(
            one.step("units"),
            one.step("product"),
            one.step("more"),
            whole=one.step("whole"),
            times=one.times,
            ops=ops,
        ),
        "ratio": lambda one: rules.signed(one.step("found"), col(one.part), ops=ops),
    }
    for name, term in steps.items():
        rows = rows.with_columns(term(one).alias(f"{one.name}:{name}") for one in _RATIOS)
    return rows
