"""The rules of currencies: conversion over terms, relief pro rata, differences, provision.

Amounts are signed minor units.  Rounding is commercial unless told otherwise: half away from zero,
so that a credit note mirrors its invoice.

>>> relieved(925_926, 400_000, 1_000_000)
370370
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from typing import Final

from receivables import limits
from receivables._arithmetic import Rounding, mul_div
from receivables._ops import PYTHON, Ops, Term
from receivables.currencies.model import AppliedRate
from receivables.errors import DocumentError, LimitError, PolicyError

__all__ = [
    "converted",
    "divided",
    "fiscal_year",
    "limb_bits",
    "limbs",
    "provided",
    "realized",
    "relieved",
    "revalue",
    "uncarried_message",
]

_WORD: Final = limits.INT64_MAX // 4
"""What a sum of two products may reach, so that a rounding term can be added in 64 bits."""


def relieved(carrying_minor: int, leg_minor: int, open_minor: int) -> int:
    """The part of a carrying amount that goes with a part of what is open, pro rata.

    Settling all that is open relieves all that is carried, so the last of any number of parts
    leaves nothing behind.  Raises `DocumentError` where the leg is no part of what is open.

    >>> relieved(555_556, 600_000, 600_000)
    555556
    """
    if not 0 < abs(leg_minor) <= abs(open_minor) or leg_minor * open_minor < 0:
        msg = f"leg_minor must be a part of {open_minor}, got {leg_minor}"
        raise DocumentError(msg)
    return mul_div(carrying_minor, abs(leg_minor), abs(open_minor), rounding=Rounding.HALF_UP)


def realized(proceeds_minor: int, relieved_minor: int) -> int:
    """What a settlement gained, or lost where it is negative, in the functional currency.

    The difference between the value at settlement and the amount carried until then (IAS 21.28).

    >>> realized(380_952, 370_370)
    10582
    """
    return proceeds_minor - relieved_minor


def revalue(
    open_minor: int,
    carrying_minor: int,
    rate: AppliedRate,
    *,
    rounding: Rounding = Rounding.HALF_UP,
) -> int:
    """What an open amount gained, or lost where it is negative, against its carrying amount.

    Monetary items are translated at the closing rate (IAS 21.23); `rate` leads from the item's
    currency to the functional one.
    """
    return rate.convert_minor(open_minor, rounding=rounding) - carrying_minor


def divided(
    product: Term,
    denominator: int,
    *,
    is_negative: Term,
    rounding: Rounding,
    ops: Ops = PYTHON,
) -> Term:
    """A product over a denominator, rounded once and by one division, as `mul_div` rounds.

    `is_negative` is whether the amount is; it is asked apart because of a long division, where
    only the first digit shows the sign.  Division rounds down, so what is added before decides.

    >>> [divided(-5, 2, is_negative=True, rounding=rounding) for rounding in Rounding]
    [-2, -3, -3, -2]
    """
    half, most = denominator // 2, denominator - 1
    if rounding is Rounding.DOWN:
        return (product + ops.when(is_negative, most, 0)) // denominator
    if rounding is Rounding.UP:
        return (product + ops.when(is_negative, 0, most)) // denominator
    if denominator % 2:
        # There is no tie to decide.
        return (product + half) // denominator
    if rounding is Rounding.HALF_UP:
        return (product + ops.when(is_negative, half - 1, half)) // denominator
    quotient = (product + half) // denominator
    # A tie was carried up just now; the even neighbor lies one below where that gave an odd one.
    is_tie = quotient * denominator == product + half
    is_odd = quotient - (quotient // 2) * 2 == 1
    return ops.when(is_tie & is_odd, quotient - 1, quotient)


def converted(
    amount: Term,
    ratio: tuple[int, int],
    *,
    rounding: Rounding = Rounding.HALF_UP,
    ops: Ops = PYTHON,
) -> Term:
    """An amount times a ratio, rounded once; columns must be known to stay within 64 bits.

    >>> converted(-1_000_000, (25, 27)), converted(4, (1, 8)), converted(-4, (1, 8))
    (-925926, 1, -1)
    """
    numerator, denominator = ratio
    return divided(
        amount * numerator, denominator, is_negative=amount < 0, rounding=rounding, ops=ops
    )


def limb_bits(ratio: tuple[int, int], *, largest: int) -> int | None:
    """How many bits of amounts up to `largest` may be multiplied at a time in 64 bits; None for all.

    Raises `LimitError` where not even one bit may be.
    """
    numerator, denominator = ratio
    if largest * numerator + denominator <= _WORD:
        return None
    bits = (_WORD // (numerator + denominator)).bit_length() - 1
    if bits < 1:
        msg = f"rate must have fewer digits to be used in columns, got {numerator}/{denominator}"
        raise LimitError(msg)
    return bits


def limbs(amount: Term, bits: int, *, largest: int) -> list[Term]:
    """The digits of an amount that is written with so many bits to a digit, the first one signed.

    >>> limbs(0x1234, 4, largest=0x1234), limbs(-1, 4, largest=16)
    ([1, 2, 3, 4], [-1, 15])
    """
    count = -(-largest.bit_length() // bits)
    above = [amount // 2 ** (bits * place) for place in reversed(range(count))]
    rest = [low - high * 2**bits for high, low in itertools.pairwise(above)]
    return [above[0], *rest]


def fiscal_year(day: dt.date, *, year_end: tuple[int, int]) -> int:
    """The fiscal year of a day, by the calendar year that it ends in; `year_end` is month and day.

    >>> fiscal_year(dt.date(2026, 7, 1), year_end=(6, 30))
    2027
    """
    month, last = year_end
    if not (1 <= month <= 12 and 1 <= last <= 31):  # noqa: PLR2004  # months and days
        msg = f"year_end must be a month and a day, got {year_end}"
        raise PolicyError(msg)
    return day.year + ((day.month, day.day) > year_end)


def provided(differences: Iterable[int], *, netted: bool) -> int:
    """What is provided for latent differences: each loss, or the net loss where they are netted.

    >>> provided([300, -500], netted=False), provided([300, -500], netted=True)
    (500, 200)
    """
    found: Sequence[int] = tuple(differences)
    if netted:
        return max(0, -sum(found))
    return -sum(minor for minor in found if minor < 0)


def uncarried_message(functional: str, which: object) -> str:
    """What is said of items in the functional currency that are carried at something else."""
    return (
        f"carrying of items in the functional currency {functional} must be what is open, "
        f"got another amount for {which}"
    )
