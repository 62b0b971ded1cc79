"""How an amount goes over parts: in turn, in proportion, in proportion up to a limit each."""

from __future__ import annotations

from collections.abc import Sequence

from receivables._arithmetic import Rounding, mul_div, split
from receivables._ops import PYTHON, Ops, Term

__all__ = ["oldest_first", "proportional", "share_within", "to_step"]


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


def proportional(amount: int, parts: Sequence[int]) -> list[int]:
    """Spend an amount on parts in proportion to them, by largest remainder; never more than each.

    >>> proportional(100, [100, 100, 100])
    [34, 33, 33]
    >>> proportional(500, [100, 50])
    [100, 50]
    """
    total = sum(parts)
    if amount >= total:
        return list(parts)
    return list(split(amount, parts))


def share_within(amount: int, weights: Sequence[int], *, limits: Sequence[int]) -> list[int]:
    """Share an amount by weights, no share above its limit; what one cannot take goes to the others.

    Returns shares that add up to the amount, or to all limits where that is less.

    >>> share_within(9, [1000, 10], limits=[5, 5])
    [5, 4]
    >>> share_within(4, [1, 1, 2], limits=[5, 5, 5])
    [1, 1, 2]
    """
    shares = [0] * len(weights)
    left = min(amount, sum(limits))
    while left:
        room = [limit - share for limit, share in zip(limits, shares, strict=True)]
        open_weights = [weight if space else 0 for weight, space in zip(weights, room, strict=True)]
        if not any(open_weights):
            open_weights = [int(space > 0) for space in room]
        more = split(left, open_weights)
        taken = [min(part, space) for part, space in zip(more, room, strict=True)]
        shares = [share + part for share, part in zip(shares, taken, strict=True)]
        left -= sum(taken)
    return shares


def to_step(amount: int, step: int) -> int:
    """Round an amount to the nearest multiple of a step, half a step away from zero.

    The step is that of the smallest coin: CAD 0.05 since 2013 (*Budget 2012*), after tax and for
    cash alone.

    >>> [to_step(amount, 5) for amount in (1, 2, 3, 4, 6, 7, 8, 9)]
    [0, 0, 5, 5, 5, 5, 10, 10]
    """
    return step * mul_div(amount, 1, step, rounding=Rounding.HALF_UP)
