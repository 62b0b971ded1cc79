"""The rule of a scorecard, said once, over terms: which bin a value falls into, what it gives.

>>> placed(42, first="low", steps=[(10, "middle"), (40, "high")])
'high'
>>> placed(40, first="low", steps=[(10, "middle"), (40, "high")], closed_above=True)
'middle'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from receivables._ops import PYTHON, Ops, Term

__all__ = ["added", "grouped", "placed"]


def placed(
    value: Term,
    *,
    first: Term,
    steps: Sequence[tuple[Term, Term]],
    closed_above: bool = False,
    ops: Ops = PYTHON,
) -> Term:
    """What the last step reached gives, `first` below all of them.

    A step begins at its cut, which belongs to it; with `closed_above` the cut belongs to the step
    below.
    """
    given = first
    for cut, what in steps:
        given = ops.when(value > cut if closed_above else value >= cut, what, given)
    return given


def grouped(
    value: Term, *, groups: Iterable[tuple[str, Term]], other: Term, ops: Ops = PYTHON
) -> Term:
    """What the group of a category gives; `other` where no group has it.

    >>> grouped("rent", groups=[("own", 12), ("rent", -8)], other=0)
    -8
    """
    given = other
    for category, what in groups:
        given = ops.when(value == category, what, given)
    return given


def added(base: Term, parts: Iterable[Term]) -> Term:
    """The points of all characteristics and the base.

    >>> added(500, [12, -8])
    504
    """
    total = base
    for part in parts:
        total = total + part
    return total
