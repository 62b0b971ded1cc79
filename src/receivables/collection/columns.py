"""Priority points over data frames: one row per customer and currency, the caller's own kind back.

>>> import polars as pl
>>> frame = pl.DataFrame({
...     "customer": ["C-017", "C-018"], "currency": ["EUR", "EUR"],
...     "overdue_minor": [120_000, 0], "oldest_days": [45, 0],
...     "risk": ["high", "high"], "next_action_days": [None, -2],
... })
>>> priority(frame).select("customer", "points_age", "points_risk", "points", "stands").rows()
[('C-017', 15, 20, 43, True), ('C-018', 0, 20, 20, False)]
"""

from __future__ import annotations

from typing import Final

from receivables import limits
from receivables._ops import Ops, Term
from receivables.collection import rules
from receivables.collection.model import CASE_COLUMNS, WorkReasonKind
from receivables.collection.policies import STANDARD, WorklistPolicy
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    CURRENCY,
    CUSTOMER,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)

__all__ = ["priority"]

_AMOUNTS: Final = (WorkReasonKind.AMOUNT, WorkReasonKind.STAKE)
_NEVER: Final = -limits.AMOUNT_MINOR_MAX - 1
"""Below the first step of every scale: what a gap counts as."""
_NAMED_MAX: Final = 5


def priority(
    frame: NativeFrame, *, policy: WorklistPolicy = STANDARD, trusted: bool = False
) -> NativeFrame:
    """The frame with ``points_<reason>`` for each reason that it has a column for, and ``points``.

    The columns are those of `receivables.collection.CASE_COLUMNS`, as many of them as there are;
    ``currency`` is needed where there are amounts.  A gap gives no points.  ``stands`` says whether
    a reason of its own puts the row on the list, and no merely aggravating one.  Every row is
    scored alone: a customer of two currencies has two rows, and a worklist takes the amount that
    gives more.  Amounts are minor units.

    Raises `DocumentError` for a frame without any such column or with columns of a wrong type, and
    `PolicyError` for a risk class or a currency that the policy does not know.
    """
    table = _opened(frame, trusted=trusted)
    kinds = [kind for kind, name in CASE_COLUMNS.items() if table.has(name)]
    if not kinds:
        msg = f"columns must include one of {', '.join(CASE_COLUMNS.values())}, got none"
        raise DocumentError(msg)
    scored = _with_parts(table, kinds, policy=policy, ops=column_ops())
    return table.native(_with_totals(scored, kinds))


def _opened(frame: NativeFrame, *, trusted: bool) -> Table[NativeFrame]:
    names = set(narwhals().from_native(frame).collect_schema()) if _is_frame(frame) else set()
    amounts = {CASE_COLUMNS[kind] for kind in _AMOUNTS}
    table = open_table(
        frame,
        needs=(CUSTOMER, CURRENCY) if amounts & names else (CUSTOMER,),
        nullable=tuple(CASE_COLUMNS.values()),
        trusted=trusted,
    )
    for kind, name in CASE_COLUMNS.items():
        if table.has(name):
            _check_type(table, kind, name)
    if CURRENCY in names and not trusted:
        check_currencies(table.frame)
    return table


def _is_frame(frame: object) -> bool:
    """Whether narwhals knows the frame; the door says it better where it does not."""
    return hasattr(narwhals().from_native(frame, pass_through=True), "collect_schema")


def _check_type(table: Table[NativeFrame], kind: WorkReasonKind, name: str) -> None:
    type_ = table.types[name]
    is_whole = type_.is_integer()
    if is_whole == (kind is WorkReasonKind.RISK) and type_ != narwhals().Unknown:
        wanted = "text" if kind is WorkReasonKind.RISK else "whole numbers"
        msg = f"column {name} must hold {wanted}, got {type_}"
        raise DocumentError(msg)


def _with_parts(
    table: Table[NativeFrame],
    kinds: list[WorkReasonKind],
    *,
    policy: WorklistPolicy,
    ops: Ops,
) -> Frame:
    """The frame with the points of each reason as a column of its own."""
    nw = narwhals()
    filled = table.frame.with_columns(
        nw.col(CASE_COLUMNS[kind])
        .fill_null("" if kind is WorkReasonKind.RISK else _NEVER)
        .alias(_work(kind))
        for kind in kinds
    )
    currencies = _distinct(table, CURRENCY) if set(_AMOUNTS) & set(kinds) else []
    if WorkReasonKind.RISK in kinds:
        _check_risks(table, policy)
    parts = {kind: _points(kind, policy, currencies, ops=ops) for kind in kinds}
    return filled.with_columns(
        _whole(term).alias(f"points_{kind.value.replace('-', '_')}") for kind, term in parts.items()
    ).drop(*(_work(kind) for kind in kinds))


def _work(kind: WorkReasonKind) -> str:
    return f"_work_{kind.value}"


def _points(
    kind: WorkReasonKind, policy: WorklistPolicy, currencies: list[str], *, ops: Ops
) -> Term:
    """The points of one reason as a term."""
    value = narwhals().col(_work(kind))
    if kind is WorkReasonKind.RISK:
        table = {name: policy.risk_points(name) for name in policy.risks}
        return rules.class_points(value, table=table, ops=ops)
    if kind not in _AMOUNTS:
        return rules.points(value, scale=policy.scale(kind), ops=ops)
    given: Term = 0
    for currency in currencies:
        scale = policy.scale(kind, currency=currency)
        points = rules.points(value, scale=scale, ops=ops)
        given = ops.when(narwhals().col(CURRENCY) == currency, points, given)
    return given


def _with_totals(frame: Frame, kinds: list[WorkReasonKind]) -> Frame:
    nw = narwhals()
    every = [nw.col(f"points_{kind.value.replace('-', '_')}") for kind in kinds]
    own = [part for part, kind in zip(every, kinds, strict=True) if not kind.is_aggravating]
    stands = rules.total(own) > 0 if own else nw.lit(value=False)
    return frame.with_columns(_whole(rules.total(every)).alias("points"), stands.alias("stands"))


def _whole(term: Term) -> Term:
    """A term as 64-bit integers; a reason without a scale is the number 0, and no term yet."""
    nw = narwhals()
    return (nw.lit(term) if isinstance(term, int) else term).cast(nw.Int64)


def _distinct(table: Table[NativeFrame], name: str) -> list[str]:
    nw = narwhals()
    found = rows_of(table.frame.select(nw.col(name).cast(nw.String)).unique())
    return sorted(str(value) for (value,) in found if value is not None)


def _check_risks(table: Table[NativeFrame], policy: WorklistPolicy) -> None:
    unknown = [
        name
        for name in _distinct(table, CASE_COLUMNS[WorkReasonKind.RISK])
        if name and name not in policy.risks
    ]
    if unknown:
        msg = f"risk must be one of {', '.join(policy.risks) or 'no classes'}, got {', '.join(unknown[:_NAMED_MAX])}"
        raise PolicyError(msg)
