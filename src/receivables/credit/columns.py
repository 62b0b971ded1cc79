"""Exposures and the use of limits over data frames: the caller's own kind comes in and goes out.

>>> import polars as pl
>>> items = pl.DataFrame({
...     "customer": ["C-1", "C-1", "C-1"], "currency": ["EUR"] * 3,
...     "kind": ["invoice", "credit-note", "orders"], "open_minor": [120_000, -20_000, 50_000],
... })
>>> policy = ExposurePolicy(weights={"orders": 5_000})
>>> found = exposures(items, policy=policy, as_of=dt.date(2026, 10, 31))
>>> found.select("customer", "orders_minor", "orders_counted_minor", "total_minor").rows()
[('C-1', 50000, 25000, 125000)]
>>> limits = found.with_columns(own_minor=pl.lit(80_000), insured_minor=pl.lit(30_000))
>>> limit_usage(limits).select("insured_used_minor", "own_used_minor", "excess_minor").rows()
[(30000, 80000, 15000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from receivables._ops import Ops, Term
from receivables.casework.credit import LimitKind
from receivables.credit import rules
from receivables.credit.model import ComponentKind, ExposurePart, ExposurePolicy, StackRule
from receivables.days import check_day
from receivables.disputes.columns import DISPUTED_MINOR
from receivables.disputes.rules import clear_part, contested_part
from receivables.documents.model import ItemKind
from receivables.errors import DocumentError, PolicyError
from receivables.frames import (
    COVERED_MINOR,
    CREDITOR,
    CURRENCY,
    CUSTOMER,
    EXPECTED_ON,
    KIND,
    OPEN_MINOR,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)

__all__ = [
    "CAPACITY_MINOR",
    "EXCESS_MINOR",
    "OWN_RISK_MINOR",
    "TOTAL_MINOR",
    "UNCLEARED_CASH",
    "component_column",
    "exposures",
    "limit_column",
    "limit_usage",
    "parts_to_columns",
]

TOTAL_MINOR: Final = "total_minor"
"""The column of an exposure in all, in minor units, zero or more."""

CAPACITY_MINOR: Final = "capacity_minor"
"""The column of what may be owed in all, in minor units."""

EXCESS_MINOR: Final = "excess_minor"
"""The column of what an exposure is above its limits, in minor units."""

OWN_RISK_MINOR: Final = "own_risk_minor"
"""The column of what nobody but us would bear, in minor units."""

UNCLEARED_CASH: Final = "uncleared-cash"
"""The kind of a row of unapplied cash that may still come back."""

_ORDER: Final = (
    LimitKind.INSURED,
    LimitKind.DISCRETIONARY,
    LimitKind.GUARANTEED,
    LimitKind.COLLATERAL,
    LimitKind.OWN,
    LimitKind.TEMPORARY,
)
_OWN: Final = (LimitKind.OWN, LimitKind.TEMPORARY)
_CASH: Final = (ItemKind.UNAPPLIED_CASH.value, UNCLEARED_CASH)
_COMMITTED: Final = (
    ComponentKind.DELIVERIES,
    ComponentKind.ORDERS,
    ComponentKind.BILLS,
    ComponentKind.CHEQUES,
)
_PARTS: Final = (ComponentKind.DISPUTED, ComponentKind.OPEN_ITEMS, ComponentKind.CREDITS)
_KNOWN: Final = frozenset(
    {
        *(kind.value for kind in ItemKind),
        *(kind.value for kind in (*_COMMITTED, *_PARTS)),
        UNCLEARED_CASH,
    }
)
_UNCLEARED: Final = "receivables:uncleared"
_WHOLE_BPS: Final = 10_000


def component_column(kind: ComponentKind, *, counted: bool = False) -> str:
    """The name of the column of a component: its whole amount, or what of it counts.

    >>> component_column(ComponentKind.OPEN_ITEMS, counted=True)
    'open_items_counted_minor'
    """
    return f"{kind.value.replace('-', '_')}{'_counted' if counted else ''}_minor"


def limit_column(kind: LimitKind, what: str = "") -> str:
    """The name of the column of a kind of limit: its amount, or what is ``used`` or ``free`` of it.

    >>> limit_column(LimitKind.OWN), limit_column(LimitKind.OWN, "used")
    ('own_minor', 'own_used_minor')
    """
    return f"{kind.value}{f'_{what}' if what else ''}_minor"


def parts_to_columns(parts: Iterable[ExposurePart]) -> Mapping[str, list[Any]]:
    """The parts of exposures as columns, one row each, for the shell over data frames."""
    rows = list(parts)
    return {
        CREDITOR: [part.creditor for part in rows],
        CUSTOMER: [str(part.customer) for part in rows],
        CURRENCY: [part.currency for part in rows],
        KIND: [UNCLEARED_CASH if part.is_uncleared else part.kind.value for part in rows],
        OPEN_MINOR: [part.amount_minor for part in rows],
    }


def exposures(
    frame: NativeFrame,
    *,
    policy: ExposurePolicy,
    as_of: dt.date,
    keys: Sequence[str] | None = None,
    trusted: bool = False,
) -> NativeFrame:
    """The exposure of each group of rows: sorted, amounts in minor units as 64-bit integers.

    The frame has ``kind``, ``open_minor`` and the keys: ``customer`` and ``currency``, after
    ``creditor`` where there is such a column.  Kinds are those of items and of components
    (``invoice``, ``credit-note``, ``orders``…), and ``uncleared-cash`` for money that may still come
    back; what is open below zero is a credit, whatever its kind.  ``disputed_minor`` says what of a
    row is disputed (`receivables.disputes.columns.with_disputed` makes it), ``expected_on`` when a
    commitment is expected; both may be missing, and the second may have gaps.

    The result has the keys, for each component its amount (``orders_minor``) and what of it counts
    (``orders_counted_minor``), and ``total_minor``, which is not below zero.  Currencies are apart.

    Raises `DocumentError` for a frame without the columns or with a kind that nobody knows,
    `LimitError` where a sum could leave 64 bits, and `PolicyError` for keys without the currency.
    """
    check_day(as_of, name="as_of")
    table = open_table(
        frame,
        needs=(*((CUSTOMER, CURRENCY) if keys is None else keys), KIND, OPEN_MINOR),
        optional=(*((CREDITOR,) if keys is None else ()), DISPUTED_MINOR),
        nullable=(EXPECTED_ON,),
        sums=(OPEN_MINOR,),
        trusted=trusted,
    )
    names = _keys(table, keys)
    if not trusted:
        check_currencies(table.frame)
        _check_kinds(table)
    ops = column_ops()
    cells = _cells(table, policy=policy, as_of=as_of, ops=ops)
    rows = _grouped(cells, names, policy=policy, ops=ops)
    return table.native(table.sorted(rows, *names))


def _keys(table: Table[NativeFrame], keys: Sequence[str] | None) -> tuple[str, ...]:
    if keys is None:
        return (*((CREDITOR,) if table.has(CREDITOR) else ()), CUSTOMER, CURRENCY)
    if CURRENCY not in keys:
        msg = f"keys must include {CURRENCY}, because currencies are never added, got {list(keys)}"
        raise PolicyError(msg)
    return tuple(dict.fromkeys(keys))


def _check_kinds(table: Table[NativeFrame]) -> None:
    nw = narwhals()
    found = rows_of(table.frame.select(nw.col(KIND).cast(nw.String)).unique())
    unknown = sorted(str(kind) for (kind,) in found if kind not in _KNOWN)
    if unknown:
        msg = f"{KIND} must be among {', '.join(sorted(_KNOWN))}, got {', '.join(unknown[:5])}"
        raise DocumentError(msg)


def _cells(table: Table[NativeFrame], *, policy: ExposurePolicy, as_of: dt.date, ops: Ops) -> Frame:
    """The rows with what each adds to each component, as columns of their own."""
    nw, col = narwhals(), narwhals().col
    frame = table.frame.with_columns(col(KIND).cast(nw.String).alias(KIND))
    amount = col(OPEN_MINOR)
    nothing = amount * 0
    disputed = nothing
    if table.has(DISPUTED_MINOR):
        disputed = contested_part(col(DISPUTED_MINOR), open_minor=amount, ops=ops)
    disputed = ops.when(col(KIND) == ComponentKind.DISPUTED.value, amount, disputed)
    clear = clear_part(amount, disputed_minor=disputed)
    is_cash, is_debit = col(KIND).is_in(list(_CASH)), clear > 0
    committed = col(KIND).is_in([kind.value for kind in _COMMITTED])
    name = rules.of_item(is_cash=is_cash, is_debit=is_debit, ops=_TextOps(ops))
    columns = {ComponentKind.DISPUTED: ops.when(committed, nothing, disputed)}
    for kind in (ComponentKind.OPEN_ITEMS, ComponentKind.CREDITS, ComponentKind.UNAPPLIED_CASH):
        columns[kind] = ops.when(~committed & (name == kind.value), clear, nothing)
    for kind in _COMMITTED:
        counts = (col(KIND) == kind.value) & _is_near(table, policy, kind, as_of)
        columns[kind] = ops.when(counts, amount, nothing)
    uncleared = ops.when((col(KIND) == UNCLEARED_CASH) & ~is_debit, clear, nothing)
    return frame.with_columns(
        *(_whole(term).alias(component_column(kind)) for kind, term in columns.items()),
        _whole(uncleared).alias(_UNCLEARED),
    )


class _TextOps:
    """The words of a rule whose choices are texts, which a column takes for names of columns."""

    def __init__(self, ops: Ops) -> None:
        self._ops = ops

    def when(self, condition: Term, then: Term, otherwise: Term) -> Term:
        lit = narwhals().lit
        chosen = [lit(one) if isinstance(one, str) else one for one in (then, otherwise)]
        return self._ops.when(condition, *chosen)

    def minimum(self, left: Term, right: Term) -> Term:
        return self._ops.minimum(left, right)

    def maximum(self, left: Term, right: Term) -> Term:
        return self._ops.maximum(left, right)


def _is_near(
    table: Table[NativeFrame], policy: ExposurePolicy, kind: ComponentKind, as_of: dt.date
) -> Term:
    """Whether a commitment is expected within the horizon of its kind; what is not dated is."""
    nw = narwhals()
    horizon = policy.horizons.get(kind)
    if horizon is None or not table.has(EXPECTED_ON):
        return nw.lit(value=True)
    return nw.col(EXPECTED_ON).is_null() | (table.days_past(EXPECTED_ON, as_of=as_of) >= -horizon)


def _grouped(frame: Frame, keys: Sequence[str], *, policy: ExposurePolicy, ops: Ops) -> Frame:
    col = narwhals().col
    sums = [*(component_column(kind) for kind in ComponentKind), _UNCLEARED]
    summed = frame.group_by(*keys).agg(col(name).sum() for name in sums)
    # DuckDB sums into 128 bits; the door saw to it that 64 are enough.
    summed = summed.select(*keys, *(_whole(col(name)) for name in sums))
    counted = {
        component_column(kind, counted=True): _counted(kind, policy=policy, ops=ops)
        for kind in ComponentKind
    }
    summed = summed.with_columns(_whole(term).alias(name) for name, term in counted.items())
    total: Term = 0
    for name in counted:
        total = total + col(name)
    summed = summed.with_columns(_whole(total).alias(TOTAL_MINOR))
    floored, _ = rules.floored(col(TOTAL_MINOR), [], ops=ops)
    return summed.with_columns(_whole(floored).alias(TOTAL_MINOR)).select(
        *keys, *(component_column(kind) for kind in ComponentKind), *counted, TOTAL_MINOR
    )


def _counted(kind: ComponentKind, *, policy: ExposurePolicy, ops: Ops) -> Term:
    """What of a component counts: cleared and uncleared cash apart, as values are rounded."""
    col = narwhals().col
    amount = col(component_column(kind))
    is_cash = kind is ComponentKind.UNAPPLIED_CASH
    clear = amount - col(_UNCLEARED) if is_cash else amount
    found = rules.counted(
        clear,
        weight_bps=rules.weight_of(policy, kind),
        rounding=policy.rounding,
        ops=ops,
    )
    if not is_cash:
        return found
    weight = rules.weight_of(policy, kind, is_uncleared=True)
    return found + rules.counted(
        col(_UNCLEARED), weight_bps=weight, rounding=policy.rounding, ops=ops
    )


def limit_usage(
    frame: NativeFrame, *, rule: StackRule | str = StackRule.SUM, trusted: bool = False
) -> NativeFrame:
    """The frame with what is used and free of the limits of each row, all in its currency.

    The frame has ``total_minor``, the exposure, and the limits in force as columns: any of
    ``insured_minor``, ``discretionary_minor``, ``guaranteed_minor``, ``collateral_minor`` (after the
    haircut), ``own_minor`` and ``temporary_minor``, in minor units, zero where there is none.  What
    an insurer or guarantor bears is said by ``insured_cover_bps`` and so on, all of it where there is
    no such column.  A customer has its limits of one kind added up.

    For each kind of limit there come ``…_used_minor`` and ``…_free_minor``, then ``capacity_minor``,
    ``excess_minor``, ``covered_minor`` and ``own_risk_minor``; see `receivables.credit.limit_stack`.

    Raises `DocumentError` for a frame without any such column, with gaps, below zero, or with
    columns named like those that are added, and `LimitError` where a sum could leave 64 bits.
    """
    names = _column_names(frame)
    kinds = [kind for kind in _ORDER if limit_column(kind) in names]
    covers = [_cover(kind) for kind in kinds if kind not in _OWN and _cover(kind) in names]
    if not kinds:
        msg = f"columns must include one of {', '.join(map(limit_column, _ORDER))}, got none"
        raise DocumentError(msg)
    amounts = [limit_column(kind) for kind in kinds]
    whole = (TOTAL_MINOR, *amounts, *covers)
    table = open_table(frame, needs=whole, sums=(TOTAL_MINOR, *amounts), trusted=trusted)
    _check_free(table, kinds)
    _check_whole(table, whole)
    if not trusted:
        _check_range(table, amounts, covers)
    return table.native(_used(table, kinds, rule=StackRule(rule), ops=column_ops()))


def _cover(kind: LimitKind) -> str:
    return f"{kind.value}_cover_bps"


def _column_names(frame: object) -> set[str]:
    """The names of a frame's columns; what is no frame is refused by `open_table`, with a reason."""
    try:
        return set(narwhals().from_native(frame).collect_schema())
    except TypeError:
        return {limit_column(LimitKind.OWN)}


def _check_free(table: Table[NativeFrame], kinds: Sequence[LimitKind]) -> None:
    added = [limit_column(kind, what) for kind in kinds for what in ("used", "free")]
    added += [CAPACITY_MINOR, EXCESS_MINOR, COVERED_MINOR, OWN_RISK_MINOR]
    if taken := [name for name in added if table.has(name)]:
        msg = f"columns must not be named like those that are added, got {', '.join(taken)}"
        raise DocumentError(msg)


def _check_whole(table: Table[NativeFrame], names: Sequence[str]) -> None:
    for name in names:
        if not table.types[name].is_integer():
            msg = f"column {name} must hold whole numbers, got {table.types[name]}"
            raise DocumentError(msg)


def _check_range(table: Table[NativeFrame], amounts: Sequence[str], covers: Sequence[str]) -> None:
    """Refuse exposures and limits below zero, and parts outside 0 to 10,000 basis points."""
    nw, col = narwhals(), narwhals().col
    low = [(col(name) < 0).any() for name in (TOTAL_MINOR, *amounts, *covers)]
    high = [(col(name) > _WHOLE_BPS).any() for name in covers]
    named = [*(TOTAL_MINOR, *amounts, *covers), *covers]
    question = [term.alias(str(index)) for index, term in enumerate([*low, *high])]
    ((_, *wrong),) = rows_of(table.frame.select(nw.len(), *question))
    if found := sorted({name for name, is_wrong in zip(named, wrong, strict=True) if is_wrong}):
        msg = f"columns must be zero or more, and parts at most {_WHOLE_BPS}, got others in {', '.join(found)}"
        raise DocumentError(msg)


def _used(
    table: Table[NativeFrame], kinds: Sequence[LimitKind], *, rule: StackRule, ops: Ops
) -> Frame:
    """The rows with every limit's use; each step stands in columns of its own."""
    col = narwhals().col
    is_ceiling = rule is StackRule.TOTAL
    cover = [col(limit_column(kind)) for kind in kinds if kind not in _OWN]
    own = [col(limit_column(kind)) for kind in kinds if kind in _OWN]
    exposure = col(TOTAL_MINOR)
    frame = table.frame.with_columns(
        _whole(col(name)).alias(name)
        for name in (TOTAL_MINOR, *(limit_column(kind) for kind in kinds))
    )
    capacity = rules.capacity(cover, own, is_ceiling=is_ceiling) + exposure * 0
    frame = frame.with_columns(_whole(capacity).alias(CAPACITY_MINOR))
    amounts = {kind: col(limit_column(kind)) for kind in kinds}
    if is_ceiling:
        counting = rules.within_ceiling([*cover, *own], col(CAPACITY_MINOR), ops=ops)
        amounts = {kind: col(limit_column(kind, "free")) for kind in kinds}
        # What counts stands where what is free will stand.
        frame = frame.with_columns(
            _whole(term).alias(limit_column(kind, "free"))
            for kind, term in zip(kinds, counting, strict=True)
        )
    spent = rules.used_in_turn(exposure, list(amounts.values()), ops=ops)
    frame = frame.with_columns(
        _whole(term).alias(limit_column(kind, "used"))
        for kind, term in zip(kinds, spent, strict=True)
    )
    used = [col(limit_column(kind, "used")) for kind in kinds][: len(cover)]
    if is_ceiling:
        used = rules.used_in_turn(exposure, cover, ops=ops)
    frame = frame.with_columns(
        *(
            (amounts[kind] - col(limit_column(kind, "used"))).alias(limit_column(kind, "free"))
            for kind in kinds
        ),
        _whole(rules.above(exposure, col(CAPACITY_MINOR), ops=ops)).alias(EXCESS_MINOR),
        _whole(_covered(table, kinds, used)).alias(COVERED_MINOR),
    )
    frame = frame.with_columns((exposure - col(COVERED_MINOR)).alias(OWN_RISK_MINOR))
    ordered = [limit_column(kind, what) for kind in kinds for what in ("used", "free")]
    added = (CAPACITY_MINOR, EXCESS_MINOR, COVERED_MINOR, OWN_RISK_MINOR)
    return frame.select(*table.types, *ordered, *added)


def _covered(table: Table[NativeFrame], kinds: Sequence[LimitKind], used: Sequence[Term]) -> Term:
    """What others would bear of an exposure, by what is used of their limits, which come first."""
    col = narwhals().col
    total = col(TOTAL_MINOR) * 0
    for kind, spent in zip(kinds, used, strict=False):
        name = _cover(kind)
        total = total + (rules.borne(spent, col(name)) if table.has(name) else spent)
    return total


def _whole(term: Term) -> Term:
    return term.cast(narwhals().Int64)
