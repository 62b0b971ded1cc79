"""The rules of dunning, said once, over terms: values in `objects`, expressions in `columns`.

>>> is_reached(8, 999, from_days=8, after_previous=10)
True
"""

from __future__ import annotations

from receivables._ops import PYTHON, Ops, Term
from receivables.dunning.model import DunningProcedure

__all__ = ["asked", "capped_credit", "days_to_next", "is_reached", "level_due", "wait"]


def is_reached(
    days_past_due: Term, days_since_previous: Term, *, from_days: int, after_previous: int
) -> Term:
    """Whether an item is late enough, and the step before long enough ago.

    >>> is_reached(8, 999, from_days=8, after_previous=10)
    True
    >>> is_reached(30, 0, from_days=23, after_previous=10)
    False
    """
    return (days_past_due >= from_days) & (days_since_previous >= after_previous)


def level_due(
    level: Term,
    days_past_due: Term,
    days_since_previous: Term,
    *,
    procedure: DunningProcedure,
    ops: Ops = PYTHON,
) -> Term:
    """The level that an item stands on after a run: the one before, or the next, never further.

    Before its first level there is nothing to wait for but the due date.

    >>> from receivables.dunning.model import STANDARD
    >>> [level_due(level, 23, 15, procedure=STANDARD) for level in (0, 1, 2, 3)]
    [1, 2, 2, 3]
    """
    chosen = level
    for index, step in enumerate(procedure.levels):
        late = days_past_due >= step.days_past_due + procedure.grace_days
        reached = (
            is_reached(
                days_past_due,
                days_since_previous,
                from_days=step.days_past_due + procedure.grace_days,
                after_previous=step.days_after_previous,
            )
            if index
            else late
        )
        chosen = ops.when((level == index) & reached, level + 1, chosen)
    return chosen


def wait(
    days_past_due: Term,
    days_since_previous: Term,
    *,
    from_days: int,
    after_previous: int,
    ops: Ops = PYTHON,
) -> Term:
    """The days until a level is reached, if nothing changes; 0 where it is.

    >>> wait(20, 8, from_days=23, after_previous=10), wait(40, 8, from_days=23, after_previous=10)
    (3, 2)
    """
    longest = ops.maximum(from_days - days_past_due, after_previous - days_since_previous)
    return ops.maximum(longest, days_past_due * 0)


def days_to_next(
    level: Term,
    days_past_due: Term,
    days_since_previous: Term,
    *,
    procedure: DunningProcedure,
    ops: Ops = PYTHON,
) -> Term:
    """The days until an item reaches its next level, if nothing changes; -1 where there is none.

    >>> from receivables.dunning.model import STANDARD
    >>> [days_to_next(level, 20, 8, procedure=STANDARD) for level in (0, 1, 2, 3)]
    [0, 3, 25, -1]
    """
    # A constant of the days' own type: a literal would be another kind of integer in pandas.
    chosen = days_past_due * 0 - 1
    for index, step in enumerate(procedure.levels):
        left = wait(
            days_past_due,
            days_since_previous if index else days_past_due * 0 + step.days_after_previous,
            from_days=step.days_past_due + procedure.grace_days,
            after_previous=step.days_after_previous,
            ops=ops,
        )
        chosen = ops.when(level == index, left, chosen)
    return chosen


def asked(open_minor: Term, held_minor: Term, *, ops: Ops = PYTHON) -> Term:
    """What may be asked of an item: what is open less what is held back, never below zero.

    >>> asked(10_000, 12_000), asked(10_000, 4_000), asked(-500, 0)
    (0, 6000, 0)
    """
    return ops.maximum(open_minor - held_minor, open_minor * 0)


def capped_credit(credit_minor: Term, asked_minor: Term, *, ops: Ops = PYTHON) -> Term:
    """The credits, negative, as far as they reach into what is asked for.

    >>> capped_credit(-4_000, 10_000), capped_credit(-12_000, 10_000)
    (-4000, -10000)
    """
    return ops.maximum(credit_minor, -asked_minor)
