"""When an item reaches a level."""

from __future__ import annotations

from receivables._ops import Term

__all__ = ["is_reached"]


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
