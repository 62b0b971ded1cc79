"""The rules of interest and compensation, said once, over terms that never leave 64 bits.

An amount of minor units times a weight (a rate times days) over a denominator is interest.  The
product may have a hundred bits, so both are divided first and their rests carried: no intermediate
value is larger than the result, or than the square of the denominator.

>>> amount, weight, denominator = 10_000_00, 145_000 * 61, 365 * 1_000_000
>>> divided_amount, divided_weight = divided(amount, denominator), divided(weight, denominator)
>>> product = divided(rest_of(divided_amount, divided_weight), denominator)
>>> whole_of(divided_amount, weight, divided_weight, product), product.rest
(24232, 320000000)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from receivables._arithmetic import Rounding
from receivables._ops import PYTHON, Ops, Term
from receivables.errors import LimitError
from receivables.limits import AMOUNT_MINOR_MAX, INT64_MAX

__all__ = [
    "DENOMINATOR_MAX",
    "Divided",
    "carry",
    "check_denominators",
    "divided",
    "rest_of",
    "rounded",
    "tiered",
    "whole_of",
]

DENOMINATOR_MAX: Final = 1_500_000_000
"""The largest denominator: its square, twice, stays in 64 bits."""

assert 2 * DENOMINATOR_MAX * DENOMINATOR_MAX < INT64_MAX  # noqa: S101  # a relation between constants

_TWO: Final = 2


@attrs.frozen
class Divided:
    """A division: its whole part, and the rest, which is zero or more and less than the divisor."""

    whole: Term
    rest: Term


def check_denominators(denominators: Sequence[int], *, weight_max: int) -> None:
    """Refuse what could leave 64 bits: raises `LimitError`.

    One denominator may be `DENOMINATOR_MAX`; of two, eight times their product must fit.
    """
    together = 8 * denominators[0] * denominators[-1] if len(denominators) == _TWO else 0
    if max(denominators) > DENOMINATOR_MAX or together > INT64_MAX:
        msg = f"rates must have at most 4 decimals over columns, got denominators of {list(denominators)}"
        raise LimitError(msg)
    times = weight_max // min(denominators) + 1
    if AMOUNT_MINOR_MAX * times > INT64_MAX // 4:
        msg = f"interest must fit in 64 bits, got up to {times} times the amount"
        raise LimitError(msg)


def divided(number: Term, by: int) -> Divided:
    """A number of zero or more, divided.

    >>> divided(17, 5)
    Divided(whole=3, rest=2)
    """
    whole = number // by
    return Divided(whole, number - whole * by)


def rest_of(amount: Divided, weight: Divided) -> Term:
    """The part of amount times weight that is still to be divided, once more, by the same."""
    return amount.rest * weight.rest


def whole_of(amount: Divided, weight: Term, divided_weight: Divided, product: Divided) -> Term:
    """Amount times weight over the denominator, its whole part; the rest is that of `product`."""
    return amount.whole * weight + amount.rest * divided_weight.whole + product.whole


def rounded(number: Term, denominator: int, *, rounding: Rounding, ops: Ops = PYTHON) -> Term:
    """A number of zero or more over a denominator, rounded: for numbers well below 64 bits.

    >>> [rounded(25, 10, rounding=rounding) for rounding in Rounding]
    [2, 3, 3, 2]
    """
    if rounding is Rounding.DOWN:
        return number // denominator
    if rounding is Rounding.UP:
        return (number + (denominator - 1)) // denominator
    half_up = (number * 2 + denominator) // (2 * denominator)
    if rounding is Rounding.HALF_UP:
        return half_up
    # At a half the even one of two: half up gave the odd one where twice the rest is the divisor.
    is_half = half_up * (2 * denominator) == number * 2 + denominator
    is_odd = half_up - half_up // 2 * 2 == 1
    return ops.when(is_half & is_odd, half_up - 1, half_up)


def carry(
    whole: Term, rest: Term, denominator: int, *, rounding: Rounding, ops: Ops = PYTHON
) -> Term:
    """One where the rest is rounded up, otherwise zero, in the type of the amounts.

    >>> [carry(2, rest, 10, rounding=Rounding.HALF_EVEN) for rest in (4, 5, 6)]
    [0, 0, 1]
    """
    none, one = whole * 0, whole * 0 + 1
    if rounding is Rounding.DOWN:
        return none
    if rounding is Rounding.UP:
        return ops.when(rest > 0, one, none)
    if rounding is Rounding.HALF_UP:
        return ops.when(rest * 2 >= denominator, one, none)
    odd = whole - whole // 2 * 2
    at_half = ops.when(rest * 2 == denominator, odd, none)
    return ops.when(rest * 2 > denominator, one, at_half)


def tiered(amount: Term, tiers: Sequence[tuple[int, int]], *, ops: Ops = PYTHON) -> Term:
    """The sum of the highest tier that an amount reaches; tiers rise, and the first is for all.

    >>> [tiered(debt, [(0, 40), (1_000, 70)]) for debt in (999, 1_000)]
    [40, 70]
    """
    (_, lowest), *higher = tiers
    chosen: Term = amount * 0 + lowest
    for from_minor, sum_minor in higher:
        chosen = ops.when(amount >= from_minor, amount * 0 + sum_minor, chosen)
    return chosen
