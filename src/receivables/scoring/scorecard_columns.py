"""Scorecards over data frames: the points of every row by the rule of the objects.

>>> import polars as pl
>>> from receivables.scoring.scorecards import Bin, Characteristic, Scorecard
>>> home = Characteristic(name="home", bins=[
...     Bin(kind="group", categories=["own"], points=12),
...     Bin(kind="group", categories=["rent", "free"], points=-8),
...     Bin(kind="other", points=-3), Bin(kind="missing", points=-5)])
>>> card = Scorecard(name="homes", characteristics=[home], base_points=500)
>>> points(pl.DataFrame({"home": ["own", "tent", None]}), scorecard=card).rows()
[('own', 12, 512), ('tent', -3, 497), (None, -5, 495)]
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from receivables._ops import Ops, Term
from receivables.errors import DocumentError
from receivables.frames import NativeFrame, Table, Type, column_ops, narwhals, open_table
from receivables.scoring._scorecard_model import BinKind, Characteristic, Scorecard
from receivables.scoring._scorecard_rules import added, grouped, placed

__all__ = ["points"]

_WORK: Final = "_card_"
_MISSING: Final = 1
_UNDEFINED: Final = 2


def points(frame: NativeFrame, *, scorecard: Scorecard, parts: bool = True) -> NativeFrame:
    """The frame with ``points``, and with ``points_<characteristic>`` unless `parts` is False.

    Points are 64-bit whole numbers in the unit of the card.  Numbers are compared as 64-bit floats,
    which puts each on the side of a cut that its decimal is on; a quotient is divided as floats.
    Gaps, empty texts, and numbers that are not finite are missing.

    Raises `DocumentError` for a column that is not there, or of the wrong type.
    """
    table = open_table(frame, needs=(), trusted=True)
    _check(table, scorecard)
    ops = column_ops()
    worked = table.frame.with_columns(
        term.alias(name) for name, term in _terms(table.types, scorecard).items()
    )
    nw = narwhals()
    names = {one.name: f"points_{one.name}" for one in scorecard.characteristics}
    scored = worked.with_columns(
        _points(one, place, ops=ops).cast(nw.Int64).alias(names[one.name])
        for place, one in enumerate(scorecard.characteristics)
    )
    total = added(nw.lit(scorecard.base_points).cast(nw.Int64), map(nw.col, names.values()))
    scored = scored.with_columns(total.alias("points"))
    extra = [name for name in names.values() if not parts]
    return table.native(scored.drop(*_work_names(table.types, scorecard), *extra))


def _check(table: Table[NativeFrame], card: Scorecard) -> None:
    absent = [name for name in card.columns if not table.has(name)]
    if absent:
        msg = f"columns must include {', '.join(card.columns)}, got no {', '.join(absent)}"
        raise DocumentError(msg)
    for one in card.characteristics:
        for name in one.columns:
            _check_type(table.types[name], name, is_numeric=one.is_numeric)


def _check_type(type_: Type, name: str, *, is_numeric: bool) -> None:
    nw = narwhals()
    is_text = type_ in (nw.String, nw.Categorical, nw.Enum)
    # A column of nothing but gaps may have no type at all.
    is_plain = type_ in (nw.Boolean, nw.Unknown) or type_.is_numeric()
    is_known = is_plain or (is_text and not is_numeric)
    if not is_known:
        msg = f"column {name} must hold {'numbers' if is_numeric else 'text, whole numbers or truth values'}, got {type_}"
        raise DocumentError(msg)


def _terms(types: Mapping[str, Type], card: Scorecard) -> dict[str, Term]:
    """The values that are compared, one column each, with gaps filled and marked."""
    terms = {}
    for place, one in enumerate(card.characteristics):
        if one.is_numeric:
            terms.update(_numeric_terms(one, place))
        else:
            terms[f"{_WORK}{place}"] = _category(one.column, types[one.column])
    return terms


def _work_names(types: Mapping[str, Type], card: Scorecard) -> list[str]:
    return list(_terms(types, card))


def _numeric_terms(one: Characteristic, place: int) -> dict[str, Term]:
    """The number, and whether it is missing or undefined: 0, 1, 2."""
    nw = narwhals()
    ops = column_ops()
    numbers = [nw.col(name).cast(nw.Float64) for name in one.columns]
    gaps = [number.is_null() | ~number.fill_null(0).is_finite() for number in numbers]
    zero = nw.lit(0).cast(nw.Float64)
    unit = nw.lit(1).cast(nw.Float64)
    whole, missing = (nw.lit(flag).cast(nw.Int64) for flag in (0, _MISSING))
    if not one.over:
        return {
            f"{_WORK}{place}": ops.when(gaps[0], zero, numbers[0]),
            f"{_WORK}{place}_is": ops.when(gaps[0], missing, whole),
        }
    undefined = nw.lit(_UNDEFINED).cast(nw.Int64)
    above = ops.when(gaps[0], zero, numbers[0])
    below = ops.when(gaps[1], unit, numbers[1])
    is_void = below <= zero
    shared = operator.truediv(above, ops.when(is_void, unit, below))
    is_void = is_void | ~shared.is_finite()
    return {
        f"{_WORK}{place}": ops.when(is_void, zero, shared),
        f"{_WORK}{place}_is": ops.when(
            gaps[0] | gaps[1], missing, ops.when(is_void, undefined, whole)
        ),
    }


def _category(name: str, type_: Type) -> Term:
    """The category as text, empty where it is missing."""
    nw = narwhals()
    column = nw.col(name)
    if type_ == nw.Boolean:
        return column_ops().when(
            column.is_null(),
            nw.lit(""),
            column_ops().when(column, nw.lit("true"), nw.lit("false")),
        )
    if type_.is_float() or type_.is_decimal():
        return _whole_category(column)
    return column.cast(nw.String).fill_null("")


def _whole_category(column: Term) -> Term:
    """A category that an engine made a float of, because it has gaps: its whole number as text."""
    nw = narwhals()
    number = column.cast(nw.Float64)
    is_gap = number.is_null() | ~number.fill_null(0).is_finite()
    filled = column_ops().when(is_gap, nw.lit(0).cast(nw.Float64), number)
    whole = filled.cast(nw.Int64)
    is_whole = whole.cast(nw.Float64) == filled
    text = column_ops().when(is_whole, whole.cast(nw.String), filled.cast(nw.String))
    return column_ops().when(is_gap, nw.lit(""), text)


def _points(one: Characteristic, place: int, *, ops: Ops) -> Term:
    nw = narwhals()
    value = nw.col(f"{_WORK}{place}")
    missing = _lit(one.bin_of_kind(BinKind.MISSING).points)
    if not one.is_numeric:
        groups = [(name, _lit(each.points)) for each in one.groups for name in each.categories]
        other = _lit(one.bin_of_kind(BinKind.OTHER).points)
        return ops.when(value == "", missing, grouped(value, groups=groups, other=other, ops=ops))
    first, *rest = one.intervals
    steps = [(_float(each.lower), _lit(each.points)) for each in rest if each.lower is not None]
    given = placed(
        value, first=_lit(first.points), steps=steps, closed_above=one.closed_above, ops=ops
    )
    state = nw.col(f"{_WORK}{place}_is")
    if one.over:
        given = ops.when(
            state == _UNDEFINED, _lit(one.bin_of_kind(BinKind.UNDEFINED).points), given
        )
    return ops.when(state == _MISSING, missing, given)


def _lit(points: int) -> Term:
    nw = narwhals()
    return nw.lit(points).cast(nw.Int64)


def _float(cut: Decimal) -> Term:
    """A cut as the nearest 64-bit float, which dividing two whole numbers gives."""
    above, below = cut.as_integer_ratio()
    return operator.truediv(above, below)
