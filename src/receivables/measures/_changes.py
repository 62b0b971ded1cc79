"""The workshop of the columns: every row of items and moves as what it adds to each sum.

What is open of an item is what it was for less its moves, so that a sum over open items is a sum
over both, and no item needs to be put together first.  Every column is said once, after the rows of
items and of moves lie below each other, because engines plan long for many columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
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

__all__ = ["MONTH", "MONTH_SUMS", "SUMS", "Facts", "Question", "changes", "facts", "months"]

MONTH: Final = "_month"

_AS_THEY_ARE: Final = ("received", "applied", "written_off", "recovered")
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
    "sales",
    "deducted",
    "disputed",
    "paid",
    "paid_days",
    *_AS_THEY_ARE,
)
"""What is added up for each customer."""

MONTH_SUMS: Final = ("open_days", "month_open", "month_sales")
"""What is added up for each group and month."""

_MONTHS: Final = 12
_ABOUT: Final = ("_since", "_due", "_cash")


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


@attrs.frozen(kw_only=True, eq=False)
class Facts:
    """The rows that are there on a day, with whole numbers for dates and kinds."""

    items: Frame
    moved: Frame
    """The moves of those items, each beside its item."""
    has_kinds: bool
    """Whether moves say what kind they are."""


def facts(items: Table[Any], moves: Table[Any], question: Question) -> Facts:
    """The items and moves that a question is about."""
    there = _items(items, question, column_ops())
    moved = _moved(there, moves, question)
    return Facts(items=there, moved=moved, has_kinds=moves.has(KIND))


def changes(rows: Facts, question: Question) -> Frame:
    """What each row adds to each of `SUMS`, with the columns of its customer."""
    ops = column_ops()
    kept = [*question.cells, *_ABOUT]
    parts = (
        rows.items.select(*kept, *_named(_came(question, ops))),
        rows.moved.select(*kept, *_named(_went(question, ops, has_kinds=rows.has_kinds))),
    )
    together = narwhals().concat(list(parts))
    names = [*question.cells, *_AS_THEY_ARE]
    return together.select(*names, *_named(_sums(question, ops)))


def months(rows: Facts, question: Question) -> Frame:
    """What each row adds to what is open and what was sold of a month, with the columns of its group."""
    ops, col = column_ops(), narwhals().col
    is_debit = col("_amount") > 0
    less = question.policy.leaves_out_disputed
    came = ops.when(is_debit, col("_amount"), 0) - (col("_contested") if less else 0)
    names = [*question.groups, MONTH]
    parts = [
        rows.items.select(*names, *_named(_month_sums(came, col("_sold"), question))),
        rows.moved.select(
            *names, *_named(_month_sums(ops.when(is_debit, -col("_moved"), 0), None, question))
        ),
    ]
    if rows.has_kinds:
        # What is cancelled is no longer sold, from the month of that on.
        undone = rows.moved.filter(col(_MOVE_KIND) == MoveKind.CANCELLED.value)
        month = col("_moved_month").alias(MONTH)
        sums = _named(_month_sums(None, -col("_sold"), question))
        parts.append(undone.select(*question.groups, month, *sums))
    return narwhals().concat(parts)


_MOVE_KIND: Final = "_move_kind"


def _named(terms: Mapping[str, Term | int]) -> list[Term]:
    """Terms with their names; numbers are columns of 64 bits, as all of the others are."""
    nw = narwhals()
    return [
        (nw.lit(term, nw.Int64) if isinstance(term, int) else term).alias(name)
        for name, term in terms.items()
    ]


def _items(table: Table[Any], question: Question, ops: Ops) -> Frame:
    """The items that are there, as far as measures are about them."""
    nw = narwhals()
    amount, since = table.column(AMOUNT_MINOR), table.column(question.starts_on)
    is_cash = _is(table, ItemKind.UNAPPLIED_CASH.value)
    is_kept = _is(table, ItemKind.DEDUCTION.value)
    sold = amount
    if table.has(SALES_MINOR):
        sold = table.column(SALES_MINOR)
    elif is_cash is not None and is_kept is not None:
        sold = ops.when(is_cash | is_kept, 0, amount)
    contested: Term = 0
    if table.has(CONTESTED_MINOR):
        contested = ops.when(amount > 0, table.column(CONTESTED_MINOR), 0)
    about = {
        "_amount": amount,
        "_since": table.ordinal(question.starts_on),
        "_due": rules.NEVER,
        "_cash": 0 if is_cash is None else ops.when(is_cash, 1, 0),
        "_kept": 0 if is_kept is None else ops.when(is_kept, amount, 0),
        "_sold": sold,
        "_contested": contested,
        MONTH: since.dt.year().cast(nw.Int64) * _MONTHS + since.dt.month().cast(nw.Int64) - 1,
    }
    if table.has(DUE_DATE):
        about["_due"] = table.ordinal(DUE_DATE, missing=rules.NEVER)
    seen = table.frame.filter(question.sees(table, question.starts_on))
    return seen.select(*dict.fromkeys((*question.key, *question.cells)), *_named(about))


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
    nw = narwhals()
    on, effective = moves.ordinal(EFFECTIVE_ON), moves.column(EFFECTIVE_ON)
    month = effective.dt.year().cast(nw.Int64) * _MONTHS + effective.dt.month().cast(nw.Int64) - 1
    about = {"_moved": moves.column(AMOUNT_MINOR), "_on": on, "_moved_month": month, "_paid_on": on}
    if moves.has(PAID_ON):
        about["_paid_on"] = moves.ordinal(PAID_ON, missing=on)
    kinds = [moves.column(KIND).alias(_MOVE_KIND)] if moves.has(KIND) else []
    seen = moves.frame.filter(question.sees(moves, EFFECTIVE_ON))
    seen = seen.select(*question.key, *_named(about), *kinds)
    return seen.join(items, on=list(question.key), how="inner")


def _came(question: Question, ops: Ops) -> dict[str, Term | int]:
    """What items change by having come."""
    col = narwhals().col
    amount, since = col("_amount"), col("_since")
    is_new_cash = question.in_period(since) & (col("_cash") > 0)
    return {
        "_gross": ops.when(amount > 0, amount, 0),
        "_credit": ops.when(amount > 0, 0, amount),
        "_contested": col("_contested"),
        "_sold": col("_sold"),
        "_kept": col("_kept"),
        "_paid": 0,
        "_on": since,
        "_paid_on": 0,
        "received": ops.when(is_new_cash, -amount, 0),
        "applied": 0,
        "written_off": 0,
        "recovered": 0,
    }


def _went(question: Question, ops: Ops, *, has_kinds: bool) -> dict[str, Term | int]:
    """What moves take off what is open, what they paid, lost or brought back, and what they undo."""
    col = narwhals().col
    minor, on = col("_moved"), col("_on")
    is_debit = col("_amount") > 0
    is_paid = is_debit & question.in_period(col("_paid_on"))
    is_receipt = (col("_cash") > 0) & question.in_period(col("_since"))
    found: dict[str, Term | int] = {
        "_gross": ops.when(is_debit, -minor, 0),
        "_credit": ops.when(is_debit, 0, -minor),
        "_contested": 0,
        "_sold": 0,
        "_kept": 0,
        "_paid": ops.when(is_paid, minor, 0),
        "_on": on,
        "_paid_on": col("_paid_on"),
        "received": 0,
        "applied": ops.when(is_receipt, -minor, 0),
        "written_off": 0,
        "recovered": 0,
    }
    if not has_kinds:
        return found
    is_new, kind = question.in_period(on), col(_MOVE_KIND)
    is_undone = kind == MoveKind.CANCELLED.value
    is_returned = kind == MoveKind.RETURNED.value
    return {
        **found,
        "_sold": ops.when(is_undone, -col("_sold"), 0),
        "_kept": ops.when(is_undone, -col("_kept"), 0),
        "_paid": ops.when(is_paid & (kind == MoveKind.PAID.value), minor, 0),
        "received": ops.when(is_receipt & is_returned, minor, 0),
        "applied": ops.when(is_receipt & ~is_returned, -minor, 0),
        "written_off": ops.when(is_new & (kind == MoveKind.WRITTEN_OFF.value), minor, 0),
        "recovered": ops.when(is_new & (kind == MoveKind.RECOVERED.value), -minor, 0),
    }


def _sums(question: Question, ops: Ops) -> dict[str, Term | int]:
    """What every change adds to each sum that it does not name itself."""
    col, policy = narwhals().col, question.policy
    gross, credit, contested = col("_gross"), col("_credit"), col("_contested")
    counted = gross - contested if policy.leaves_out_disputed else gross
    is_cash, is_new = col("_cash") > 0, question.in_period(col("_on"))
    was_there = col("_on") <= question.before
    paid_days, paid = rules.weighed(
        col("_paid"), day=col("_paid_on"), due=col("_due"), way=policy.lateness, ops=ops
    )
    return {
        **rules.open_parts(
            counted, as_of=question.day, due=col("_due"), way=policy.beyond_terms, ops=ops
        ),
        "debits": gross,
        "credits": credit,
        "credit_notes": ops.when(is_cash, 0, credit),
        "opening_debits": ops.when(was_there, gross, 0),
        "opening_credits": ops.when(was_there, credit, 0),
        "unapplied": ops.when(is_cash, -gross - credit, 0),
        "sales": ops.when(is_new, col("_sold"), 0),
        "deducted": ops.when(is_new, col("_kept"), 0),
        "disputed": contested,
        "paid": paid,
        "paid_days": paid_days,
    }


def _month_sums(
    open_minor: Term | None, sold_minor: Term | None, question: Question
) -> dict[str, Term | int]:
    """What a row adds to what is open of a month, to that times its age, and to what was sold."""
    weighs_ages = question.policy.sales_weighting is SalesWeighting.AGE
    aged = open_minor
    if open_minor is not None and weighs_ages:
        aged = open_minor * (question.day - narwhals().col("_since"))
    found = zip(MONTH_SUMS, (aged, open_minor, sold_minor), strict=True)
    return {name: 0 if term is None else term for name, term in found}
