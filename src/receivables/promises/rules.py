"""The rules of promises and plans, said once, over terms: values in `objects`, expressions in `columns`.

>>> [STATES[promise_state(paid, 10_000, days, tolerance_minor=100, tolerance_days=2)].value
...  for paid, days in ((0, 2), (9_900, -5), (9_899, 3), (0, 3))]
['open', 'kept', 'partly-kept', 'broken']
"""

from __future__ import annotations

from typing import Final

from receivables._ops import PYTHON, Ops, Term
from receivables.promises.model import PromiseState

__all__ = ["STATES", "is_missed", "promise_state", "tolerated"]

STATES: Final = (
    PromiseState.OPEN,
    PromiseState.KEPT,
    PromiseState.PARTLY_KEPT,
    PromiseState.BROKEN,
)
"""What the numbers of `promise_state` stand for."""

_OPEN, _KEPT, _PARTLY_KEPT, _BROKEN = range(len(STATES))
_BPS_WHOLE: Final = 10_000


def promise_state(
    paid_minor: Term,
    promised_minor: Term,
    days_after: Term,
    *,
    tolerance_minor: Term,
    tolerance_days: int,
    ops: Ops = PYTHON,
) -> Term:
    """The index in `STATES` of a promise, by what came in time and the days since the promised one.

    No tolerance makes a promise kept without any money.
    """
    is_kept = (paid_minor >= promised_minor - tolerance_minor) & (paid_minor > 0)
    missed = ops.when(paid_minor > 0, _PARTLY_KEPT, _BROKEN)
    return ops.when(is_kept, _KEPT, ops.when(days_after > tolerance_days, missed, _OPEN))


def tolerated(
    amount_minor: Term, *, flat_minor: Term | None, bps: int | None, ops: Ops = PYTHON
) -> Term:
    """How much of an amount may be missing: the lower of a sum and of basis points, where given.

    The amount is divided before it is multiplied, so that 64 bits hold every step.

    >>> tolerated(12_345, flat_minor=200, bps=100), tolerated(12_345, flat_minor=None, bps=None)
    (123, 0)
    """
    if bps is None:
        return amount_minor * 0 if flat_minor is None else flat_minor
    whole = amount_minor // _BPS_WHOLE
    part = whole * bps + (amount_minor - whole * _BPS_WHOLE) * bps // _BPS_WHOLE
    return part if flat_minor is None else ops.minimum(part, flat_minor)


def is_missed(paid_minor: Term, due_minor: Term, days_after: Term, *, grace_days: int) -> Term:
    """Whether an installment lacks something so many days after it was due.

    >>> is_missed(9_999, 10_000, 6, grace_days=5), is_missed(9_999, 10_000, 5, grace_days=5)
    (True, False)
    """
    return (paid_minor < due_minor) & (days_after > grace_days)
