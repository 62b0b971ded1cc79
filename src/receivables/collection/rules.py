"""The rule of points, said once, over terms: values in `objects`, expressions in `columns`.

>>> from receivables.collection.model import PointScale
>>> points(45, scale=PointScale([(1, 5), (31, 15), (61, 25)]))
15
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from receivables._ops import PYTHON, Ops, Term
from receivables.collection.model import PointScale

__all__ = ["class_points", "points", "total"]


def points(value: Term, *, scale: PointScale, ops: Ops = PYTHON) -> Term:
    """The points of a value on a scale: those of the last step that it reaches."""
    given: Term = 0
    for first, step in scale.steps:
        given = ops.when(value >= first, step, given)
    return given


def class_points(name: Term, *, table: Mapping[str, int], ops: Ops = PYTHON) -> Term:
    """The points of a class by its name; 0 where the table does not have it.

    >>> class_points("high", table={"low": 0, "high": 20})
    20
    """
    given: Term = 0
    for known, step in table.items():
        given = ops.when(name == known, step, given)
    return given


def total(parts: Iterable[Term]) -> Term:
    """The points of all reasons together.

    >>> total([8, 15])
    23
    """
    added: Term = 0
    for part in parts:
        added = added + part
    return added
