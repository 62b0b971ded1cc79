"""The rules of credit, said once, over terms: values in the shells, expressions in `columns`.

>>> counted(-1_001, weight_bps=5_000)
-501
>>> used_in_turn(120, [100, 50]), capacity([100], [50], is_ceiling=True)
([100, 20], 50)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from receivables._arithmetic import Rounding
from receivables._ops import PYTHON, Ops, Term
from receivables.allocation.rules import oldest_first
from receivables.credit.model import ComponentKind, ExposurePolicy
from receivables.currencies.rules import divided

__all__ = [
    "above",
    "borne",
    "capacity",
    "counted",
    "floored",
    "of_item",
    "used_in_turn",
    "weight_of",
    "within",
    "within_ceiling",
]

_WHOLE_BPS: Final = 10_000


def of_item(*, is_cash: Term, is_debit: Term, ops: Ops = PYTHON) -> Term:
    """The component of an open item that is not disputed, as its name, by the sign of what is open.

    >>> of_item(is_cash=False, is_debit=True), of_item(is_cash=True, is_debit=False)
    ('open-items', 'unapplied-cash')
    """
    credit = ops.when(is_cash, ComponentKind.UNAPPLIED_CASH.value, ComponentKind.CREDITS.value)
    return ops.when(is_debit, ComponentKind.OPEN_ITEMS.value, credit)


def weight_of(policy: ExposurePolicy, kind: ComponentKind, *, is_uncleared: bool = False) -> int:
    """By how many basis points something of a component counts.

    Money that may still come back counts as unapplied cash only by what a cheque does not count
    for: with both at 10,000 it lowers nothing before it has cleared, and no weights make money that
    came in raise what is owed.

    >>> weight_of(ExposurePolicy(weights={"cheques": 4_000}), ComponentKind.UNAPPLIED_CASH,
    ...           is_uncleared=True)
    6000
    """
    weight = policy.weight(kind)
    if not is_uncleared:
        return weight
    return max(0, weight - policy.weight(ComponentKind.CHEQUES))


def counted(
    amount_minor: Term,
    *,
    weight_bps: int,
    ratio: tuple[int, int] = (1, 1),
    rounding: Rounding = Rounding.HALF_UP,
    ops: Ops = PYTHON,
) -> Term:
    """A sum of minor units by its weight and at a rate, in one division that is rounded once.

    Every rounding keeps the order of amounts, so that more owed never counts for less.  The
    division goes first and the rest carries on, which keeps columns within 64 bits.

    >>> [counted(5, weight_bps=5_000, rounding=rounding) for rounding in Rounding]
    [2, 3, 3, 2]
    """
    numerator, denominator = weight_bps * ratio[0], _WHOLE_BPS * ratio[1]
    shared = math.gcd(numerator, denominator)
    numerator, denominator = numerator // shared, denominator // shared
    if numerator == denominator:
        return amount_minor
    # By twice the denominator, so that what is taken out first is even and no tie turns on it.
    whole = amount_minor // (2 * denominator)
    rest = amount_minor - whole * (2 * denominator)
    small = divided(
        rest * numerator, denominator, is_negative=amount_minor < 0, rounding=rounding, ops=ops
    )
    return whole * (2 * numerator) + small


def above(amount_minor: Term, bound: Term, *, ops: Ops = PYTHON) -> Term:
    """What of an amount is above a bound, zero where nothing is.

    >>> above(120, 100), above(80, 100)
    (20, 0)
    """
    return ops.maximum(amount_minor - bound, 0)


def floored(total: Term, credits: Sequence[Term], *, ops: Ops = PYTHON) -> tuple[Term, list[Term]]:
    """A total that is not below zero, with what of each credit counts: the first give way first.

    Credits are zero or below, and a part of the total.

    >>> floored(-30, [-50, -10])
    (0, [-20, -10])
    """
    too_much = oldest_first(ops.maximum(-total, 0), [-part for part in credits], ops=ops)
    kept = [part + taken for part, taken in zip(credits, too_much, strict=True)]
    return ops.maximum(total, 0), kept


def used_in_turn(exposure_minor: Term, amounts: Sequence[Term], *, ops: Ops = PYTHON) -> list[Term]:
    """What of each limit is used, in their order; exposure and amounts are zero or more.

    Each is what is used up to it, less what is used before it: reckoned from sums, the expressions
    of columns do not double from limit to limit.
    """
    used: list[Term] = []
    reached: Term = 0
    before: Term = 0
    for amount in amounts:
        reached = reached + amount
        up_to = ops.minimum(exposure_minor, reached)
        used.append(up_to - before)
        before = up_to
    return used


def capacity(cover: Sequence[Term], own: Sequence[Term], *, is_ceiling: bool) -> Term:
    """What may be owed: all limits together, or the own ones alone where they are the most.

    >>> capacity([100, 20], [50], is_ceiling=False)
    170
    """
    counting = list(own) if is_ceiling else [*cover, *own]
    return sum(counting[1:], start=counting[0]) if counting else 0


def within_ceiling(amounts: Sequence[Term], ceiling: Term, *, ops: Ops = PYTHON) -> list[Term]:
    """What each limit counts for where all of them together count for no more than a ceiling.

    >>> within_ceiling([100, 50], 50)
    [50, 0]
    """
    return used_in_turn(ceiling, amounts, ops=ops)


def borne(used_minor: Term, cover_bps: Term) -> Term:
    """What somebody else would bear of what is used, in minor units, rounded down.

    >>> borne(1_005, 9_000)
    904
    """
    whole = used_minor // _WHOLE_BPS
    rest = used_minor - whole * _WHOLE_BPS
    return whole * cover_bps + rest * cover_bps // _WHOLE_BPS


def within(amount_minor: Term, most: Term, *, ops: Ops = PYTHON) -> Term:
    """An amount, or the most that it may be.

    >>> within(90_000, 95_000), within(90_000, 50_000)
    (90000, 50000)
    """
    return ops.minimum(amount_minor, most)
