"""Recommended limits over data frames: one row per customer, the caller's own kind of frame back.

>>> import polars as pl
>>> frame = pl.DataFrame({
...     "customer": ["C-017", "C-018"], "currency": ["EUR", "EUR"], "points": [612, None],
...     "tangible_net_worth_minor": [80_000_00, None], "sales_minor": [700_000_00, None],
...     "purchases_minor": [304_166_67, 12_000_00], "delay_days": [15, None],
... })
>>> recommended_limits(frame).select("risk_class", "cap_need_minor", "binding_cap", "limit_minor").rows()
[('B', 5000000, 'tangible-net-worth', 2800000), ('unrated', 98630, 'need', 90000)]
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from receivables import limits
from receivables._ops import Ops, Term
from receivables.credit import recommendation_rules as rules
from receivables.credit._capping import FIGURES, Given, blocked_by, caps_of, figures_of, found_of
from receivables.credit.classes import STANDARD_CLASSES, UNRATED, RiskClasses
from receivables.credit.limit_policies import (
    STANDARD_LIMITS,
    CapKind,
    LimitPolicy,
)
from receivables.errors import DocumentError, LimitError
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

__all__ = ["recommended_limits", "risk_classes"]

_CLASS: Final = "risk_class"
_AMOUNTS: Final = tuple(dict.fromkeys(FIGURES.values()))
_COUNTS: Final = {
    "tax_bps": (0, rules.WHOLE_BPS),
    "cover_bps": (0, rules.WHOLE_BPS),
    "terms_days": (0, limits.TERM_DAYS_MAX),
    "delay_days": (-limits.TERM_DAYS_MAX, limits.TERM_DAYS_MAX),
}
"""What is no amount, and between which values it lies."""
_OTHER: Final = ""
"""The place of every class that the policy does not name."""


def risk_classes(
    frame: NativeFrame,
    *,
    classes: RiskClasses = STANDARD_CLASSES,
    scale: str = "points",
    trusted: bool = False,
) -> NativeFrame:
    """The frame with ``risk_class``, from the column of points that is called as the scale.

    A gap, and a score outside the scale, is *unrated*.  Raises `PolicyError` for a scale without
    bands and `DocumentError` for a frame without the column.

    >>> import polars as pl
    >>> risk_classes(pl.DataFrame({"paydex": [80, 62, None]}), scale="paydex")["risk_class"].to_list()
    ['A', 'C', 'unrated']
    """
    classes.bands_of(scale)
    table = open_table(frame, needs=(scale,), nullable=(scale,), trusted=trusted)
    _check_whole(table, scale)
    return table.native(_with_class(table.frame, classes, scale, column_ops()))


def recommended_limits(
    frame: NativeFrame,
    *,
    policy: LimitPolicy = STANDARD_LIMITS,
    classes: RiskClasses = STANDARD_CLASSES,
    scale: str = "points",
    trusted: bool = False,
) -> NativeFrame:
    """The frame with every cap of a policy, the one that binds, and the limit that they come to.

    It has ``customer``, ``currency`` and either ``risk_class`` or the points of a scale; and as many
    of the figures of `LimitFigures` as there are, by their names, in minor units, days and basis
    points.  A gap is what nobody knows.  New are ``cap_<kind>_minor``, a gap where nothing is capped,
    ``binding_cap``, ``limit_minor``, and ``payment`` and ``limit_days`` for the terms of the class.

    Raises `DocumentError` for missing columns and wrong types, `LimitError` for figures beyond their
    limits, and `PolicyError` for a policy that names a class which the classes have not.
    """
    policy.check_classes(classes)
    table = _opened(frame, scale, trusted=trusted)
    ops = column_ops()
    work = table.frame
    if not table.has(_CLASS):
        work = _with_class(work, classes, scale, ops)
    desk = _Desk(table=table, policy=policy, frame=work)
    return table.native(desk.finished())


def _opened(frame: NativeFrame, scale: str, *, trusted: bool) -> Table[NativeFrame]:
    table = open_table(
        frame,
        needs=(CUSTOMER, CURRENCY),
        nullable=(_CLASS, scale, *_AMOUNTS, *_COUNTS),
        trusted=trusted,
    )
    if not table.has(_CLASS) and not table.has(scale):
        msg = f"columns must include {_CLASS} or {scale}, got {', '.join(table.types)}"
        raise DocumentError(msg)
    if table.has(_CLASS):
        if table.types[_CLASS].is_integer():
            msg = f"column {_CLASS} must hold text, got {table.types[_CLASS]}"
            raise DocumentError(msg)
    else:
        _check_whole(table, scale)
    figures = [name for name in (*_AMOUNTS, *_COUNTS) if table.has(name)]
    for name in figures:
        _check_whole(table, name)
    if not trusted:
        check_currencies(table.frame)
        _check_bounds(table, figures)
    return table


def _check_whole(table: Table[NativeFrame], name: str) -> None:
    type_ = table.types[name]
    # A column of nothing but gaps was given the type of text, and can be any.
    is_empty = table.nulls is None or _is_empty(table, name)
    if not type_.is_integer() and not is_empty:
        msg = f"column {name} must hold whole numbers, got {type_}"
        raise DocumentError(msg)


def _is_empty(table: Table[NativeFrame], name: str) -> bool:
    ((count,),) = rows_of(table.frame.select(narwhals().col(name).count()))
    return not count


def _check_bounds(table: Table[NativeFrame], names: Sequence[str]) -> None:
    """Refuse figures that would leave 64 bits, or that are no days and no basis points."""
    if not names:
        return
    bounds = {
        name: _COUNTS.get(name, (-limits.AMOUNT_MINOR_MAX, limits.AMOUNT_MINOR_MAX))
        for name in names
    }
    # A gap is within every bound, and no rows are too.
    values = {name: _known(name).value for name in names}
    beyond = {
        name: (values[name] < least) | (values[name] > most)
        for name, (least, most) in bounds.items()
    }
    (found,) = rows_of(table.frame.select(*(one.any().alias(name) for name, one in beyond.items())))
    for name, is_beyond in zip(names, found, strict=True):
        if is_beyond:
            rows = rows_of(table.frame.filter(beyond[name]).select(name).head(1))
            least, most = bounds[name]
            msg = f"column {name} must be {least} to {most}, got {rows[0][0]}"
            raise LimitError(msg)


def _with_class(frame: Frame, classes: RiskClasses, scale: str, ops: Ops) -> Frame:
    nw = narwhals()
    place = rules.place_of(
        _known(scale), classes.bands_of(scale), unrated=len(classes.names), ops=ops
    )
    named = frame.with_columns(_place=place)
    names = _by_value(nw.col("_place"), dict(enumerate(classes.all_names)), UNRATED, ops)
    return named.with_columns(names.alias(_CLASS)).drop("_place")


def _known(name: str) -> rules.Known:
    column = narwhals().col(name).cast(narwhals().Int64)
    return rules.Known(~column.is_null(), column.fill_null(0))


def _by_value(column: Term, values: Mapping[Any, Any], otherwise: Any, ops: Ops) -> Term:  # noqa: ANN401  # texts or numbers
    nw = narwhals()
    found: Term = nw.lit(otherwise)
    for value, text in values.items():
        found = ops.when(column == value, nw.lit(text), found)
    return found


class _Desk:
    """A frame to which every step adds what it works out, under names of its own.

    An engine computes an expression as often as it is named: what is needed twice is held.
    """

    def __init__(self, *, table: Table[Any], policy: LimitPolicy, frame: Frame) -> None:
        self.ops, self.policy = column_ops(), policy
        self._table, self._frame = table, frame
        self._columns = list(dict.fromkeys((*table.types, _CLASS)))
        self._held = itertools.count()
        codes = rows_of(frame.select(CURRENCY).unique())
        self._currencies = sorted(str(code) for (code,) in codes)
        # The classes that the policy tells apart; all others are alike.
        self._named = (*policy.named, _OTHER)
        self._place = self._placed()

    def hold(self, terms: Sequence[Term]) -> list[Term]:
        """Add terms to the frame, all at once; from there on they are columns."""
        nw = narwhals()
        names = [f"_held_{next(self._held)}" for _ in terms]
        self._frame = self._frame.with_columns(
            term.alias(name) for term, name in zip(terms, names, strict=True)
        )
        return [nw.col(name) for name in names]

    def finished(self) -> Frame:
        """The frame with what it was asked for, and without the work."""
        nw, policy = narwhals(), self.policy
        given = self._given()
        caps = caps_of(figures_of(given, policy), given)
        found, binding = found_of(caps, given, policy)
        terms = [policy.terms_of(name) for name in self._named]
        is_credit = self._at([int(one.payment.is_credit) for one in terms]) == 1
        blocked = _truth(blocked_by(caps, given, policy))
        found, may, step = self.hold([_whole(found), is_credit & ~blocked, self._step()])
        bound: Term = nw.lit(None, nw.String)
        for kind, cap in reversed(binding.items()):
            bound = self.ops.when(cap == found, nw.lit(kind.value), bound)
        payments = {place: one.payment.value for place, one in enumerate(terms)}
        return self._frame.select(
            *self._columns,
            *(nw.when(cap >= 0).then(cap).alias(_cap(kind)) for kind, cap in caps.items()),
            bound.alias("binding_cap"),
            rules.limit_of(found, may=may, step=step, ops=self.ops).alias("limit_minor"),
            _by_value(self._place, payments, payments[len(terms) - 1], self.ops).alias("payment"),
            self._at([one.terms_days for one in terms]).alias("limit_days"),
        )

    def _placed(self) -> Term:
        nw = narwhals()
        (name,) = self.hold([nw.col(_CLASS).cast(nw.String).fill_null(UNRATED)])
        zero = nw.lit(0).cast(nw.Int64)
        place: Term = zero + len(self.policy.named)
        for index, each in enumerate(self.policy.named):
            place = self.ops.when(name == each, zero + index, place)
        (held,) = self.hold([place])
        return held

    def _given(self) -> Given:
        policy = self.policy
        figures = self._figures()
        kinds = policy.kinds
        shares = self.hold([self._at(self._shares(kind)) for kind in kinds])
        # A share below zero is one that the class has not.
        clipped = self.hold([self.ops.maximum(one, one * 0) for one in shares])
        known = {
            kind: rules.Known(share >= 0, value)
            for kind, share, value in zip(kinds, shares, clipped, strict=True)
        }
        terms = [policy.terms_of(name) for name in self._named]
        days, appetite, ceiling = self.hold(
            [
                self._at([one.terms_days for one in terms]),
                self._by_currency(policy.appetite_minor),
                self._by_currency(self._ceiling),
            ]
        )
        (most,) = self.hold([self.ops.maximum(ceiling, ceiling * 0)])
        return Given(
            ops=self.ops,
            hold=self.hold,
            figure=figures.__getitem__,
            share=known.__getitem__,
            terms_days=days,
            appetite_minor=appetite,
            ceiling=rules.Known(ceiling >= 0, most),
        )

    def _shares(self, kind: CapKind) -> list[int]:
        found = [self.policy.share_of(kind, name) for name in self._named]
        return [rules.NOT_KNOWN if one is None else one for one in found]

    def _ceiling(self, name: str, currency: str) -> int:
        found = self.policy.ceiling_minor(name, currency)
        return rules.NOT_KNOWN if found is None else found

    def _figures(self) -> dict[str, rules.Known]:
        """Every figure that is asked for, without gaps, and whether it is known.

        Amounts are zero or more.
        """
        wanted = [FIGURES[kind] for kind in self.policy.kinds if kind in FIGURES]
        more = {
            CapKind.NEED: ("tax_bps", "terms_days", "delay_days"),
            CapKind.COVER: ("cover_bps",),
        }
        counts = [
            name for kind, names in more.items() if kind in self.policy.kinds for name in names
        ]
        names = list(dict.fromkeys((*wanted, *counts)))
        found = [self._figure(name) for name in names]
        flags = self.hold([one.is_known for one in found])
        values = self.hold([one.value for one in found])
        clipped = [
            self.ops.maximum(value, value * 0) if name in _AMOUNTS else value
            for name, value in zip(names, values, strict=True)
        ]
        return {
            name: rules.Known(flag, value)
            for name, flag, value in zip(names, flags, self.hold(clipped), strict=True)
        }

    def _figure(self, name: str) -> rules.Known:
        if self._table.has(name):
            return _known(name)
        nothing = self._place * 0
        return rules.Known(nothing > 0, nothing)

    def _by_currency(self, amount: Callable[[str, str], int]) -> Term:
        """An amount of each class in each currency of the frame."""
        found = self._place * 0
        for currency in self._currencies:
            at = self._at([amount(name, currency) for name in self._named])
            found = self.ops.when(narwhals().col(CURRENCY) == currency, at, found)
        return found

    def _step(self) -> Term:
        step = self._place * 0 + 1
        for currency in self._currencies:
            own = self._place * 0 + self.policy.step_minor(currency)
            step = self.ops.when(narwhals().col(CURRENCY) == currency, own, step)
        return step

    def _at(self, values: Sequence[int]) -> Term:
        return rules.at_place(self._place, values, ops=self.ops)


def _cap(kind: CapKind) -> str:
    return f"cap_{kind.value.replace('-', '_')}_minor"


def _whole(term: Term) -> Term:
    nw = narwhals()
    return (nw.lit(term) if isinstance(term, int) else term).cast(nw.Int64)


def _truth(term: Term) -> Term:
    return narwhals().lit(value=term) if isinstance(term, bool) else term
