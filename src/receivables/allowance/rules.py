"""The rules of a loss allowance, said once, over terms: values in `objects`, expressions in `columns`.

Amounts are minor units; what a rate is taken of is never negative.

>>> counted(12_000, gross=10_000), counted(-500, gross=-500)
(10000, 0)
"""

from __future__ import annotations

from collections.abc import Sequence

from receivables._arithmetic import Rounding
from receivables._ops import PYTHON, Ops, Term

__all__ = [
    "clear",
    "counted",
    "covered",
    "divided",
    "gone_part",
    "limb_bits",
    "share",
    "stays_part",
]

_WHOLE_BPS = 10_000
_WORD = 2**61
"""What a product may reach, so that twice of it and a rounding term still fit in 64 bits."""


def clear(open_minor: Term, *, contested_minor: Term, ops: Ops = PYTHON) -> Term:
    """What is open and not contested; a credit is clear as a whole.

    >>> clear(10_000, contested_minor=12_000), clear(-500, contested_minor=200)
    (0, -500)
    """
    contested = ops.maximum(ops.minimum(contested_minor, open_minor), 0)
    return open_minor - contested


def counted(base: Term, *, gross: Term, ops: Ops = PYTHON) -> Term:
    """What the rate of a bucket is taken of: its base, not below zero, not above what is open."""
    return ops.minimum(ops.maximum(base, 0), ops.maximum(gross, 0))


def covered(limit: Term, buckets: Sequence[Term], *, ops: Ops = PYTHON) -> list[Term]:
    """How far a cover reaches into each bucket, the oldest first, as an insurer counts its limit.

    >>> covered(100, [80, 50, 30])
    [20, 50, 30]
    """
    reached: list[Term] = []
    left = limit
    # What is left before a bucket is said by a sum: said by what the older ones took, a term would
    # grow threefold with each of them.
    for part in reversed(buckets):
        reached.append(ops.maximum(ops.minimum(left, part), 0))
        left = left - part
    return list(reversed(reached))


def share(amount: Term, bps: Term) -> Term:
    """So many basis points of an amount, rounded down, without a product beyond 64 bits.

    >>> share(12_345, 9_000)
    11110
    """
    whole = amount // _WHOLE_BPS
    rest = amount - whole * _WHOLE_BPS
    return whole * bps + (rest * bps) // _WHOLE_BPS


def divided(product: Term, denominator: Term, *, rounding: Rounding, ops: Ops = PYTHON) -> Term:
    """A product that is not negative over a denominator, rounded once as `mul_div` rounds.

    >>> [divided(5, 2, rounding=rounding) for rounding in Rounding]
    [2, 3, 3, 2]
    """
    if rounding is Rounding.DOWN:
        return product // denominator
    if rounding is Rounding.UP:
        return (product + denominator - 1) // denominator
    quotient = (product * 2 + denominator) // (denominator * 2)
    if rounding is Rounding.HALF_UP:
        return quotient
    # A tie was carried up just now; the even neighbor lies one below where that gave an odd one.
    is_tie = quotient * denominator * 2 == product * 2 + denominator
    is_odd = quotient - (quotient // 2) * 2 == 1
    return ops.when(is_tie & is_odd, quotient - 1, quotient)


def limb_bits(largest: int) -> int:
    """How many bits of an amount may be multiplied at a time; `largest` is numerator and denominator.

    >>> limb_bits(1_000_000)
    41
    """
    return (_WORD // largest).bit_length() - 1


def stays_part(opening: Term, left: Term, *, ops: Ops = PYTHON) -> Term:
    """What of an opening amount is open still; what was opened again since was not there then.

    >>> stays_part(100, 30), stays_part(100, 120), stays_part(100, -5)
    (30, 100, 0)
    """
    return ops.minimum(ops.maximum(left, left * 0), opening)


def gone_part(moved: Term, room: Term, *, ops: Ops = PYTHON) -> Term:
    """What one cause took of what is gone: nothing below zero, and no more than others leave.

    >>> gone_part(40, 70), gone_part(-10, 70), gone_part(90, 70)
    (40, 0, 70)
    """
    return ops.minimum(ops.maximum(moved, moved * 0), room)
