"""The rules of disputes, said once, over terms: values in `objects`, expressions in `columns`.

>>> contested_part(12_000, open_minor=10_000), contested_part(12_000, open_minor=-500)
(10000, 0)
"""

from __future__ import annotations

from collections.abc import Sequence

from receivables._ops import PYTHON, Ops, Term
from receivables.allocation.rules import oldest_first

__all__ = [
    "clear_part",
    "contested_part",
    "days_late",
    "held_in_turn",
    "is_escalation_due",
    "is_late",
    "steps_reached",
]


def contested_part(stated_minor: Term, *, open_minor: Term, ops: Ops = PYTHON) -> Term:
    """What is still contested: what the customer said, capped at what is open, never below zero."""
    return ops.maximum(ops.minimum(stated_minor, open_minor), 0)


def held_in_turn(stated: Sequence[Term], *, open_minor: Term, ops: Ops = PYTHON) -> list[Term]:
    """What each of several disputes of one item holds back of what is open, the earliest first.

    >>> held_in_turn([6_000, 5_000], open_minor=10_000)
    [6000, 4000]
    """
    return oldest_first(ops.maximum(open_minor, 0), stated, ops=ops)


def clear_part(open_minor: Term, *, disputed_minor: Term) -> Term:
    """What is open and not disputed; a credit is clear as a whole."""
    return open_minor - disputed_minor


def is_late(days: Term) -> Term:
    """Whether so many days past the day of the answer are too late; the day itself is in time."""
    return days > 0


def days_late(days: Term, *, ops: Ops = PYTHON) -> Term:
    """The days past the day of the answer, zero before.

    >>> days_late(-3), days_late(4)
    (0, 4)
    """
    return ops.maximum(days, 0)


def steps_reached(
    days: Term, *, after_days: Sequence[int], none: Term = 0, ops: Ops = PYTHON
) -> Term:
    """How many steps a lateness in days has reached; `none` is a zero of the frame's own kind.

    >>> [steps_reached(days, after_days=(5, 15)) for days in (4, 5, 14, 15)]
    [0, 1, 1, 2]
    """
    reached = none
    for bound in after_days:
        reached = reached + ops.when(days >= bound, 1, 0)
    return reached


def is_escalation_due(reached: Term, *, climbed: Term) -> Term:
    """Whether a dispute has reached a step that it has not climbed."""
    return reached > climbed
