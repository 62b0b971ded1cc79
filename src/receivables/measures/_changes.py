"""The workshop of the columns: every row of items and moves as what it adds to each sum.

What is open of an item is what it was for less its moves, so that a sum over open items is a sum
over both, and no item needs to be put together first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from receivables._ops import Ops, Term
from receivables.documents.model import ItemKind
from receivables.errors import DocumentError
from receivables.frames import (
    AMOUNT_MINOR,
    CONTESTED_MINOR,
    CURRENCY,
    CUSTOMER,
    DUE_DATE,
    EFFECTIVE_ON,
    KIND,
    PAID_ON,
    RECORDED_AT,
    SALES_MINOR,
    Frame,
    Table,
    column_ops,
    narwhals,
)
from receivables.measures import rules
from receivables.measures.model import MeasurePolicy, MoveKind, SalesWeighting

__all__ = ["MONTH", "SUMS", "Question", "changes"]

MONTH: Final = "_month"

SUMS: Final = (
    "current",
    "past_due",
    "over_90",
    "beyond_days",
    "beyond",
    "debits",
    "credits",
    "credit_notes",
    "opening_debits",
    "opening_credits",
    "unapplied",
    "open_days",
    "month_open",
    "sales",
    "month_sales",
    "received",
    "applied",
    "deducted",
    "disputed",
    "paid",
    "paid_days",
    "written_off",
    "recovered",
)
"""What is added up for each group and month."""

_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_MONTHS: Final = 12
_ABOUT: Final = (
    "_amount",
    "_since",
    "_due",
    "_cash",
    "_kept",
    "_sold",
    "_contested",
    MONTH,
)


@attrs.frozen(kw_only=True, eq=False)
class Question:
    """A day, the policy, and the columns that name items and groups."""

    as_of: dt.date
    known_at: dt.datetime | None
    policy: MeasurePolicy
    key: Sequence[str]
    starts_on: str
    groups: Sequence[str]
    """What figures are told apart by, the currency among it."""

    @property
    def day(self) -> int:
        """The ordinal of the day."""
        return self.as_of.toordinal()

    @property
    def before(self) -> int:
        """The ordinal of the day before the period."""
        return max(self.day - self.policy.days, 0)

    @property
    def month(self) -> int:
        """The month of the day, as `rules.month_length` counts it."""
        return self.as_of.year * _MONTHS + self.as_of.month - 1

    @property
    def cells(self) -> list[str]:
        """The groups and the customer."""
        return list(dict.fromkeys((*self.groups, CUSTOMER, CURRENCY)))

    def in_period(self, day: Term) -> Term:
        """Whether a day belongs to the period."""
        return rules.is_in_period(day, before=self.before, as_of=self.day)

    def sees(self, table: Table[Any], effective: str) -> Term:
        """Whether a row had taken effect by the day, and was known."""
        is_there = table.days_past(effective, as_of=self.as_of) >= 0
        if self.known_at is None:
            return is_there
        return is_there & table.known_by(RECORDED_AT, self.known_at)


def changes(items: Table[Any], moves: Table[Any], question: Question) -> Frame:
    """What each row adds to each of `SUMS`, with the columns of its customer and its month."""
    ops = column_ops()
    there = _items(items, question, ops)
    names = [*question.cells, MONTH, *SUMS]
    parts = [_came(there, question, ops).select(*names)]
    moved = _moved(there, moves, question)
    parts.append(_went(moved, question, ops, moves).select(*names))
    if moves.has(KIND):
        parts.append(_undone(moved, question, ops).select(*names))
    return narwhals().concat(parts)


def _items(table: Table[Any], question: Question, ops: Ops) -> Frame:
    """The items that are there, as far as measures are about them."""
    nw = narwhals()
    amount = table.column(AMOUNT_MINOR)
    none, one = amount * 0, amount * 0 + 1
    since = table.column(question.starts_on)
    is_cash = _is(table, ItemKind.UNAPPLIED_CASH.value)
    is_kept = _is(table, ItemKind.DEDUCTION.value)
    sold = amount
    if table.has(SALES_MINOR):
        sold = table.column(SALES_MINOR)
    elif is_cash is not None and is_kept is not None:
        sold = ops.when(is_cash | is_kept, none, amount)
    about = {
        "_amount": amount,
        "_since": _ordinal(table, since),
        "_due": _dated(table, DUE_DATE, none + rules.NEVER),
        "_cash": none if is_cash is None else ops.when(is_cash, one, none),
        "_kept": none if is_kept is None else ops.when(is_kept, one, none),
        "_sold": sold,
        "_contested": table.column(CONTESTED_MINOR) if table.has(CONTESTED_MINOR) else none,
        MONTH: _year(since) * _MONTHS + since.dt.month().cast(nw.Int64) - 1,
    }
    seen = table.frame.filter(question.sees(table, question.starts_on))
    names = dict.fromkeys((*question.key, *question.cells))
    return seen.select(*names, *(_whole(term).alias(name) for name, term in about.items()))


def _is(table: Table[Any], kind: str) -> Term | None:
    """Whether a row is of a kind; None where the frame has no kinds."""
    nw = narwhals()
    if not table.has(KIND):
        return None
    if table.types[KIND] not in (nw.String, nw.Categorical, nw.Enum):
        msg = f"column {KIND} must hold text, got {table.types[KIND]}"
        raise DocumentError(msg)
    return table.column(KIND) == kind


def _moved(items: Frame, moves: Table[Any], question: Question) -> Frame:
    """The moves of those items, with what is known of each."""
    amount = moves.column(AMOUNT_MINOR)
    on = _ordinal(moves, moves.column(EFFECTIVE_ON))
    about = {
        "_moved": amount,
        "_on": on,
        "_paid_on": _dated(moves, PAID_ON, on) if moves.has(PAID_ON) else on,
    }
    kinds = [KIND] if moves.has(KIND) else []
    seen = moves.frame.filter(question.sees(moves, EFFECTIVE_ON)).select(
        *question.key,
        *(_whole(term).alias(name) for name, term in about.items()),
        *(narwhals().col(name).alias(_KIND) for name in kinds),
    )
    return seen.join(items, on=list(question.key), how="inner")


_KIND: Final = "_kind"


def _open(question: Question, ops: Ops, *, less: Term | None = None) -> list[Term]:
    """What ``_delta`` adds to what is open, and ``_was`` to what was open before the period."""
    col = narwhals().col
    delta, was, none = col("_delta"), col("_was"), col("_amount") * 0
    is_debit, is_cash = col("_amount") > 0, col("_cash") > 0
    gross = ops.when(is_debit, delta, none)
    counted = gross if less is None else gross - less
    policy = question.policy
    parts = rules.open_parts(
        counted, as_of=question.day, due=col("_due"), way=policy.beyond_terms, ops=ops
    )
    is_aged = policy.sales_weighting is SalesWeighting.AGE
    more = {
        "debits": gross,
        "credits": delta - gross,
        "credit_notes": ops.when(is_cash, none, delta - gross),
        "opening_debits": ops.when(is_debit, was, none),
        "opening_credits": ops.when(is_debit, none, was),
        "unapplied": ops.when(is_cash, -delta, none),
        "open_days": counted * (question.day - col("_since")) if is_aged else counted,
        "month_open": counted,
    }
    return [term.alias(name) for name, term in {**parts, **more}.items()]


def _filled(frame: Frame, terms: Mapping[str, Term]) -> Frame:
    """The frame with some sums, and nothing for those that are not there."""
    none = narwhals().col("_amount") * 0
    present = set(dict(frame.collect_schema())) | set(terms)
    blank = [none.alias(name) for name in SUMS if name not in present]
    frame = frame.with_columns(*(term.alias(name) for name, term in terms.items()), *blank)
    return frame.with_columns(_whole(narwhals().col(name)) for name in SUMS)


def _came(items: Frame, question: Question, ops: Ops) -> Frame:
    """What items add by having come."""
    col = narwhals().col
    amount, since, none = col("_amount"), col("_since"), col("_amount") * 0
    frame = items.with_columns(
        amount.alias("_delta"), ops.when(since <= question.before, amount, none).alias("_was")
    )
    is_new, contested = question.in_period(since), ops.when(amount > 0, col("_contested"), none)
    less = contested if question.policy.leaves_out_disputed else None
    frame = frame.with_columns(*_open(question, ops, less=less))
    return _filled(
        frame,
        {
            "sales": ops.when(is_new, col("_sold"), none),
            "month_sales": col("_sold"),
            "received": ops.when(is_new & (col("_cash") > 0), -amount, none),
            "deducted": ops.when(is_new & (col("_kept") > 0), amount, none),
            "disputed": contested,
        },
    )


def _went(moved: Frame, question: Question, ops: Ops, moves: Table[Any]) -> Frame:
    """What moves take off what is open, and what they paid, lost or brought back."""
    col = narwhals().col
    minor, none = col("_moved"), col("_amount") * 0
    on, paid_on = col("_on"), col("_paid_on")
    frame = moved.with_columns(
        (-minor).alias("_delta"), ops.when(on <= question.before, -minor, none).alias("_was")
    )
    frame = frame.with_columns(*_open(question, ops))
    kind = _kind_of(moves)
    is_debit, is_new = col("_amount") > 0, question.in_period(on)
    is_paid = is_debit & question.in_period(paid_on) & kind(MoveKind.PAID, otherwise=is_debit)
    paid = ops.when(is_paid, minor, none)
    days, weight = rules.weighed(
        paid, day=paid_on, due=col("_due"), way=question.policy.lateness, ops=ops
    )
    is_receipt = (col("_cash") > 0) & question.in_period(col("_since"))
    never = col("_amount") != col("_amount")  # a column of false
    is_returned = kind(MoveKind.RETURNED, otherwise=never)
    lost = kind(MoveKind.WRITTEN_OFF, otherwise=never) & is_new
    recovered = kind(MoveKind.RECOVERED, otherwise=never) & is_new
    return _filled(
        frame,
        {
            "paid": weight,
            "paid_days": days,
            "received": ops.when(is_receipt & is_returned, minor, none),
            "applied": ops.when(is_receipt & ~is_returned, -minor, none),
            "written_off": ops.when(lost, minor, none),
            "recovered": ops.when(recovered, -minor, none),
        },
    )


def _kind_of(moves: Table[Any]) -> Callable[..., Term]:
    """What asks whether a move is of a kind; another term answers where the frame has no kinds."""
    has_kinds = moves.has(KIND)

    def ask(kind: MoveKind, *, otherwise: Term) -> Term:
        return narwhals().col(_KIND) == kind.value if has_kinds else otherwise

    return ask


def _undone(moved: Frame, question: Question, ops: Ops) -> Frame:
    """What cancelled items take off the sales, and off what was deducted, on the day of that."""
    nw = narwhals()
    col = nw.col
    frame = moved.filter(col(_KIND) == MoveKind.CANCELLED.value)
    none, is_new = col("_amount") * 0, question.in_period(col("_on"))
    months = _month_of(col("_on"), question)
    frame = frame.with_columns(_whole(months).alias(MONTH))
    return _filled(
        frame,
        {
            "sales": ops.when(is_new, -col("_sold"), none),
            "month_sales": -col("_sold"),
            "deducted": ops.when(is_new & (col("_kept") > 0), -col("_amount"), none),
        },
    )


def _month_of(day: Term, question: Question) -> Term:
    """The month of an ordinal, by comparing it with the month ends that are looked at.

    Engines do not agree on dates from numbers.  What lies further back is before every month that
    anything is asked of.
    """
    first = question.as_of.replace(day=1)
    month = day * 0 + question.month
    for _ in range(question.policy.count_back_months):
        month = month - narwhals().when(day < first.toordinal()).then(1).otherwise(0)
        if (first.year, first.month) == (1, 1):
            break
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return month


def _ordinal(table: Table[Any], column: Term) -> Term:
    """Dates as ordinals.

    Subtracting dates is not portable between engines, and neither is casting them to numbers, but
    for Polars; years and days of the year are.
    """
    nw = narwhals()
    if table.frame.implementation.is_polars():
        return column.cast(nw.Date).cast(nw.Int64) + _EPOCH
    before = _year(column) - 1
    whole_years = before * 365 + before // 4 - before // 100 + before // 400
    return whole_years + column.dt.ordinal_day().cast(nw.Int64)


def _year(column: Term) -> Term:
    return column.dt.year().cast(narwhals().Int64)


def _dated(table: Table[Any], name: str, otherwise: Term) -> Term:
    """The ordinals of a column of dates, and another term where there is no date, or no column."""
    nw = narwhals()
    if not table.has(name):
        return otherwise
    column = table.column(name)
    if table.nulls is not None and not table.nulls.get(name, 1):
        return _ordinal(table, column)
    # The year of a gap is a float in pandas; a day that is there instead keeps it whole.
    filler = dt.datetime(1970, 1, 1) if table.types[name] == nw.Datetime else dt.date(1970, 1, 1)  # noqa: DTZ001  # a column without a zone
    known = _ordinal(table, column.fill_null(filler))
    return nw.when(column.is_null()).then(otherwise).otherwise(known)


def _whole(term: Term) -> Term:
    return term.cast(narwhals().Int64)
