"""The rules of classes and recommended limits, said once, over terms that never leave 64 bits.

A figure that nobody knows has a flag beside it, and the cap on it is `NOT_KNOWN`.

>>> share_of(80_000_00, 3_500, 10_000)
2800000
>>> need(600_000_00, tax_bps=2_000, days=60)
11835616
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import attrs

from receivables import limits
from receivables._ops import PYTHON, Ops, Term
from receivables.interest.rules import divided, rest_of, whole_of

__all__ = [
    "CAP_MAX",
    "DAYS_OF_YEAR",
    "NOT_KNOWN",
    "SHARE_BPS_MAX",
    "WHOLE_BPS",
    "Known",
    "at_place",
    "average",
    "cap",
    "cover",
    "limit_of",
    "lowest",
    "need",
    "own_cover",
    "place_of",
    "share_of",
    "total",
]

NOT_KNOWN: Final = -1
"""A cap that does not bind, because its figure is not known or its class does not use it."""

WHOLE_BPS: Final = 10_000
SHARE_BPS_MAX: Final = 100_000
"""Ten times a figure: the largest share that a cap may be of it."""
DAYS_OF_YEAR: Final = 365

CAP_MAX: Final = limits.INT64_MAX // 4
"""Above every cap: what the lowest of none is."""

# A cap is at most ten times an amount, and a need at most eleven years of purchases with their tax.
assert limits.AMOUNT_MINOR_MAX * 100 < CAP_MAX  # noqa: S101  # a relation between constants


@attrs.frozen
class Known:
    """A figure and whether it is known; where it is not, the figure is zero."""

    is_known: Term
    value: Term


def place_of(
    score: Known,
    bands: Sequence[tuple[int | None, int | None, int]],
    *,
    unrated: int,
    ops: Ops = PYTHON,
) -> Term:
    """The place of the class of a score: that of its band, and `unrated` where it is in none.

    >>> place_of(Known(True, 70), [(50, 79, 1), (80, 100, 0)], unrated=2)
    1
    """
    # In the type of the score: a literal would be a smaller integer on some engines, and wrap.
    zero = score.value * 0
    place: Term = zero + unrated
    for low, high, found in bands:
        inside = score.is_known
        if low is not None:
            inside = inside & (score.value >= low)
        if high is not None:
            inside = inside & (score.value <= high)
        place = ops.when(inside, zero + found, place)
    return place


def at_place(place: Term, values: Sequence[int], *, ops: Ops = PYTHON) -> Term:
    """The value of a class in a table that has one for each place.

    >>> at_place(1, [5_000, 3_500, -1])
    3500
    """
    zero = place * 0
    found: Term = zero + values[-1]
    for index, value in enumerate(values[:-1]):
        if value != values[-1]:
            found = ops.when(place == index, zero + value, found)
    return found


def share_of(amount: Term, weight: Term, denominator: int) -> Term:
    """Amount times weight over a denominator, both zero or more, rounded down, exact in 64 bits."""
    parts, weights = divided(amount, denominator), divided(weight, denominator)
    product = divided(rest_of(parts, weights), denominator)
    return whole_of(parts, weight, weights, product)


def need(
    purchases: Term, *, tax_bps: Term = 0, days: Term, days_of_year: int = DAYS_OF_YEAR
) -> Term:
    """What a year's purchases leave open at a time: with tax, for the days until they are paid.

    Sales with tax × (terms + expected delay) / 365 (mydsomanager.com, credit limit calculator),
    rounded down to a minor unit; purchases and days are zero or more.
    """
    weight = (tax_bps + WHOLE_BPS) * days
    return share_of(purchases, weight, WHOLE_BPS * days_of_year)


def cover(insured: Term, cover_bps: Term, appetite: Term) -> Term:
    """What may be owed where an insurer covers a part: what it would pay, and what we dare ourselves.

    >>> cover(100_000, 9_000, 5_000)
    95000
    """
    return share_of(insured, cover_bps, WHOLE_BPS) + appetite


def own_cover(insured: Term, cover_bps: Term, appetite: Term, *, ops: Ops = PYTHON) -> Term:
    """The same, with no more left to us than we dare: appetite ÷ (1 − quota) within the cover.

    >>> own_cover(100_000, 9_000, 5_000), own_cover(100_000, 9_000, 20_000)
    (50000, 110000)
    """
    paid = share_of(insured, cover_bps, WHOLE_BPS)
    stays = insured - paid
    # The part that stays with us, in basis points; where it is none, any divisor does.
    own = WHOLE_BPS - ops.minimum(cover_bps, cover_bps * 0 + WHOLE_BPS - 1)
    # An appetite above what stays is answered by the other branch, and must not wrap in this one.
    dared = ops.minimum(appetite, stays)
    whole = dared // own
    most = whole * WHOLE_BPS + (dared - whole * own) * WHOLE_BPS // own
    return ops.when(appetite >= stays, paid + appetite, ops.minimum(most, insured))


def cap(figure: Known, share_bps: Known, *, ops: Ops = PYTHON) -> Term:
    """A share of a figure of zero or more; `NOT_KNOWN` where either is not known.

    >>> cap(Known(True, 80_000), Known(True, 3_500)), cap(Known(False, 0), Known(True, 3_500))
    (28000, -1)
    """
    found = share_of(figure.value, share_bps.value, WHOLE_BPS)
    is_used = figure.is_known & share_bps.is_known
    return ops.when(is_used, found, figure.value * 0 + NOT_KNOWN)


def _as_it_is(terms: Sequence[Term]) -> Sequence[Term]:
    return terms


def lowest(
    caps: Sequence[Term],
    *,
    ops: Ops = PYTHON,
    hold: Callable[[Sequence[Term]], Sequence[Term]] = _as_it_is,
) -> Term:
    """The lowest of the caps that are known; `CAP_MAX` where none is.

    They are compared two by two, and `hold` keeps what each round leaves: an expression that names
    another one twice would otherwise double with every cap.

    >>> lowest([50_000, -1, 28_000]), lowest([]) == CAP_MAX
    (28000, True)
    """
    left = hold([ops.when(one >= 0, one, one * 0 + CAP_MAX) for one in caps])
    while len(left) > 1:
        pairs = zip(left[::2], left[1::2], strict=False)
        lower = [ops.minimum(one, other) for one, other in pairs]
        left = hold([*lower, *left[len(left) // 2 * 2 :]])
    return left[0] if left else CAP_MAX


def total(caps: Sequence[Term], *, ops: Ops = PYTHON) -> Term:
    """The caps that are known, added; `CAP_MAX` where none is."""
    return _joined(caps, ops=ops, is_average=False)


def average(caps: Sequence[Term], *, ops: Ops = PYTHON) -> Term:
    """The average of the caps that are known, rounded down; `CAP_MAX` where none is.

    >>> average([100, -1, 51])
    75
    """
    return _joined(caps, ops=ops, is_average=True)


def _joined(caps: Sequence[Term], *, ops: Ops, is_average: bool) -> Term:
    added: Term = 0
    count: Term = 0
    for one in caps:
        added = added + ops.maximum(one, one * 0)
        count = count + ops.when(one >= 0, one * 0 + 1, one * 0)
    if is_average:
        added = added // ops.maximum(count, count * 0 + 1)
    return ops.when(count > 0, added, added * 0 + CAP_MAX)


def limit_of(found: Term, *, may: Term, step: Term, ops: Ops = PYTHON) -> Term:
    """What caps come to, rounded down to a step; zero where it may not be, or nothing caps it.

    >>> limit_of(28_370, may=True, step=500), limit_of(28_370, may=False, step=500)
    (28000, 0)
    """
    may = may & (found < CAP_MAX)
    return ops.when(may, found // step * step, found * 0)
