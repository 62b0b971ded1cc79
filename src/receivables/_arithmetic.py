"""Integer arithmetic that says its rounding and loses no cent."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from receivables.errors import PolicyError

__all__ = ["Rounding", "mul_div", "split"]


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
