"""Amount times weight over columns, in steps that each add columns: named, a value is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from receivables import limits
from receivables._arithmetic import Rounding
from receivables._ops import Ops, Term
from receivables.frames import OPEN_MINOR, Frame, narwhals
from receivables.interest import rules
from receivables.interest.rules import Divided

__all__ = ["PREFIX", "TOTAL", "with_amount"]

PREFIX: Final = "_interest_"
"""How the columns of the reckoning begin; they leave again."""

TOTAL: Final = f"{PREFIX}total"
"""The column of the result."""

_PRODUCT: Final = f"{PREFIX}product"
_CARRIED: Final = f"{PREFIX}carried"
_WHOLE: Final = f"{PREFIX}whole"
_REST: Final = f"{PREFIX}rest"


def with_amount(
    rows: Frame,
    weights: Sequence[str],
    denominators: Sequence[int],
    *,
    weight_max: int,
    open_max: int,
    rounding: Rounding,
    ops: Ops,
) -> Frame:
    """The open amount times each weight over its denominator, summed and rounded once."""
    col = narwhals().col
    if len(weights) == 1 and 2 * (open_max * weight_max + denominators[0]) < limits.INT64_MAX:
        # The product fits, so that nothing needs to be carried.
        rows = _kept(rows, _PRODUCT, col(OPEN_MINOR) * col(weights[0]))
        total = rules.rounded(col(_PRODUCT), denominators[0], rounding=rounding, ops=ops)
        return _kept(rows, TOTAL, total)
    rules.check_denominators(denominators, weight_max=weight_max)
    rows, denominator = _carried(rows, weights, denominators)
    up = rules.carry(col(_WHOLE), col(_REST), denominator, rounding=rounding, ops=ops)
    return _kept(rows, TOTAL, col(_WHOLE) + up)


def _carried(rows: Frame, weights: Sequence[str], denominators: Sequence[int]) -> tuple[Frame, int]:
    """The sum of the shares as a whole and a rest over the product of the denominators."""
    col = narwhals().col
    wholes: list[Term] = []
    rests: list[str] = []
    for weight, by in zip(weights, denominators, strict=True):
        amount, times, product = (_names(f"{weight}_{part}") for part in ("a", "w", "p"))
        rows = _divided(rows, col(OPEN_MINOR), by, amount)
        rows = _divided(rows, col(weight), by, times)
        rows = _divided(rows, rules.rest_of(_terms(amount), _terms(times)), by, product)
        whole = rules.whole_of(_terms(amount), col(weight), _terms(times), _terms(product))
        wholes.append(whole)
        rests.append(product[1])
    if len(denominators) == 1:
        return rows.with_columns(wholes[0].alias(_WHOLE), col(rests[0]).alias(_REST)), denominators[
            0
        ]
    together = denominators[0] * denominators[1]
    joint = col(rests[0]) * denominators[1] + col(rests[1]) * denominators[0]
    rows = _divided(rows, joint, together, (_CARRIED, _REST))
    return _kept(rows, _WHOLE, wholes[0] + wholes[1] + col(_CARRIED)), together


def _names(stem: str) -> tuple[str, str]:
    return f"{stem}_whole", f"{stem}_rest"


def _terms(names: tuple[str, str]) -> Divided:
    col = narwhals().col
    return Divided(col(names[0]), col(names[1]))


def _divided(rows: Frame, number: Term, by: int, names: tuple[str, str]) -> Frame:
    parts = rules.divided(number, by)
    return rows.with_columns(parts.whole.alias(names[0]), parts.rest.alias(names[1]))


def _kept(rows: Frame, name: str, term: Term) -> Frame:
    return rows.with_columns(term.alias(name))
