"""The rules of frequency and of periods, said once, over terms: days are whole numbers.

>>> calls = [1, 2, 2, 3, 3, 6, 6]
>>> in_days(calls, day=7, days=7), free_from(calls, contacts_max=7, days=7)
(7, 8)
"""

from __future__ import annotations

from collections.abc import Sequence

from receivables._ops import Term

__all__ = ["free_from", "in_days", "is_in_days", "rests_until"]


def is_in_days(counted: Term, *, day: Term, days: int) -> Term:
    """Whether a day is one of the `days` consecutive days that end with `day`.

    >>> is_in_days(1, day=7, days=7), is_in_days(1, day=8, days=7)
    (True, False)
    """
    return (counted > day - days) & (counted <= day)


def in_days(counted: Sequence[Term], *, day: Term, days: int) -> Term:
    """How many of the counted days are among the `days` that end with `day`."""
    return sum(1 for one in counted if is_in_days(one, day=day, days=days))


def free_from(counted: Sequence[int], *, contacts_max: int, days: int) -> int:
    """The first day on which one more is not too many; needs `contacts_max` counted days or more.

    The last of the `contacts_max` most recent ones has to leave the `days`.

    >>> free_from([1, 2, 3], contacts_max=2, days=7)
    9
    """
    return sorted(counted)[-contacts_max] + days


def rests_until(conversation: Term, *, days: int) -> Term:
    """The first day after the rest, of which the day of the conversation is the first.

    >>> rests_until(3, days=7)
    10
    """
    return conversation + days
