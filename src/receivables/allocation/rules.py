"""How far an amount goes over parts in their order."""

from __future__ import annotations

from collections.abc import Sequence

from receivables._ops import PYTHON, Ops, Term

__all__ = ["oldest_first"]


def oldest_first(amount: Term, parts: Sequence[Term], *, ops: Ops = PYTHON) -> list[Term]:
    """Spend an amount on parts in their order; returns what each part gets, never more than it is.

    >>> oldest_first(150, [100, 80, 50])
    [100, 50, 0]
    """
    spent: list[Term] = []
    left = amount
    for part in parts:
        taken = ops.minimum(left, part)
        spent.append(taken)
        left = left - taken
    return spent
