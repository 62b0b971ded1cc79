"""Integer arithmetic that says its rounding and loses no cent."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final

from receivables._ops import PYTHON, Ops, Term
from receivables.errors import PolicyError

__all__ = [
    "SHARE_DIGIT",
    "SHARE_PLACES",
    "Rounding",
    "mul_div",
    "share_carried",
    "share_of",
    "share_rounded",
    "split",
]

SHARE_DIGIT: Final = 2**10
"""The base in which a share goes through its amount."""

SHARE_PLACES: Final = (4, 3, 2, 1, 0)
"""The places of the digits that hold the largest amount of `limits`, 10**15."""


class Rounding(enum.Enum):
    """How a division that leaves a rest is rounded; negative amounts mirror positive ones."""

    HALF_EVEN = "half-even"
    HALF_UP = "half-up"
    UP = "up"
    DOWN = "down"


def mul_div(amount: int, numerator: int, denominator: int, *, rounding: Rounding) -> int:
    """Compute ``amount * numerator / denominator`` exactly, then round once.

    >>> mul_div(12_345, 1_215 * 31, 10_000 * 365, rounding=Rounding.HALF_EVEN)
    127
    >>> mul_div(-5, 1, 2, rounding=Rounding.HALF_UP)
    -3
    """
    if denominator <= 0:
        msg = f"denominator must be positive, got {denominator}"
        raise PolicyError(msg)
    product = amount * numerator
    quotient, rest = divmod(abs(product), denominator)
    quotient += _carries(quotient, 2 * rest, denominator, rounding)
    return quotient if product >= 0 else -quotient


def _carries(quotient: int, twice_rest: int, denominator: int, rounding: Rounding) -> bool:
    if rounding is Rounding.DOWN:
        return False
    if rounding is Rounding.UP:
        return twice_rest > 0
    if twice_rest == denominator:
        return rounding is Rounding.HALF_UP or quotient % 2 == 1
    return twice_rest > denominator


def split(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split an amount by weights without losing a unit: largest remainder, earlier parts first.

    >>> split(100, (1, 1, 1))
    (34, 33, 33)
    >>> split(-100, (1, 1, 1))
    (-34, -33, -33)
    """
    total = sum(weights)
    if total <= 0 or any(weight < 0 for weight in weights):
        msg = f"weights must be zero or more and not all zero, got {tuple(weights)}"
        raise PolicyError(msg)
    parts = [divmod(abs(amount) * weight, total) for weight in weights]
    missing = abs(amount) - sum(quotient for quotient, _ in parts)
    by_rest = sorted(range(len(parts)), key=lambda index: (-parts[index][1], index))
    topped_up = set(by_rest[:missing])
    sign = 1 if amount >= 0 else -1
    return tuple(sign * (part[0] + (index in topped_up)) for index, part in enumerate(parts))


def share_of(part: int, amount: int, whole: int) -> int:
    """Compute ``part * amount / whole`` rounded half up, in steps that stay within 64 bits.

    All three are zero or more and at most 10**15, and so must the result be; a `whole` of zero gives
    zero.  The amount is gone through digit by digit, as in a long division by hand, so that no
    product is larger than 2.1 * 10**18: `receivables.frames.add_share` takes the same steps over
    columns.

    >>> share_of(11_946, 650, 14_946), share_of(10**15, 10**15 - 1, 10**15)
    (520, 999999999999999)
    """
    quotient, rest = 0, 0
    divisor = max(whole, 1)
    for place in SHARE_PLACES:
        rest = share_carried(rest, part=part, amount=amount, place=place)
        quotient = quotient * SHARE_DIGIT + rest // divisor
        rest = rest - rest // divisor * divisor
    return int(share_rounded(quotient, rest, divisor=divisor, whole=whole))


def share_carried(rest: Term, *, part: Term, amount: Term, place: int) -> Term:
    """What is divided in one step of a share: the rest carried over, and the next digit's product."""
    size = SHARE_DIGIT**place
    digit = amount // size - amount // (size * SHARE_DIGIT) * SHARE_DIGIT
    return rest * SHARE_DIGIT + digit * part


def share_rounded(
    quotient: Term, rest: Term, *, divisor: Term, whole: Term, ops: Ops = PYTHON
) -> Term:
    """A share once every digit was gone through: rounded half up, and zero of nothing."""
    rounded = quotient + ops.when(2 * rest >= divisor, whole * 0 + 1, whole * 0)
    return ops.when(whole > 0, rounded, whole * 0)
