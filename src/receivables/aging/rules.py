"""The rules of aging, said once, over terms: values in `objects`, expressions in `columns`.

>>> from receivables.aging.model import AgingScheme
>>> scheme = AgingScheme(30, 60, 90)
>>> [bucket(days, scheme=scheme) for days in (-5, 0, 1, 30, 31, 400)]
[0, 0, 1, 1, 2, 4]
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from receivables._ops import PYTHON, Ops, Term
from receivables.aging.model import AgingScheme, Credits

__all__ = ["bucket", "credit_part", "in_buckets", "net_oldest_first", "undated_message"]


def in_buckets(days: Term, *, scheme: AgingScheme) -> list[Term]:
    """Whether an age in days belongs to each bucket; an upper bound belongs to its own.

    >>> from receivables.aging.model import AgingScheme
    >>> in_buckets(30, scheme=AgingScheme(30, 60))
    [False, True, False, False]
    """
    bounds = scheme.upper_bounds
    between = [(days > low) & (days <= high) for low, high in itertools.pairwise(bounds)]
    return [days <= bounds[0], *between, days > bounds[-1]]


def bucket(days: Term, *, scheme: AgingScheme, ops: Ops = PYTHON) -> Term:
    """The index of the bucket that an age in days belongs to."""
    chosen: Term = len(scheme.upper_bounds)
    holds = in_buckets(days, scheme=scheme)
    for index in reversed(range(len(scheme.upper_bounds))):
        chosen = ops.when(holds[index], index, chosen)
    return chosen


def credit_part(open_minor: Term, *, scheme: AgingScheme, ops: Ops = PYTHON) -> Term:
    """The part of an open amount that the buckets do not hold, negative or zero.

    >>> from receivables.aging.model import AgingScheme
    >>> credit_part(-500, scheme=AgingScheme(30))
    -500
    """
    if scheme.credits is Credits.IN_BUCKETS:
        # A zero of the amount's own type: a literal would be another kind of integer in pandas.
        return open_minor * 0
    return ops.minimum(open_minor, 0)


def net_oldest_first(
    buckets: Sequence[Term], credits: Term, *, ops: Ops = PYTHON
) -> tuple[list[Term], Term]:
    """Set credits against the oldest bucket first; returns the buckets and what is left of them.

    >>> net_oldest_first([100, 50, 30], -60)
    ([100, 20, 0], 0)
    """
    left: list[Term] = []
    rest = credits
    # What the older buckets leave of the credits is said by a sum: said by what each of them took, a
    # term would grow threefold with every bucket.
    for part in reversed(buckets):
        left.append(ops.minimum(part, ops.maximum(part + rest, 0)))
        rest = rest + part
    return list(reversed(left)), ops.minimum(rest, 0)


def undated_message(named: Sequence[object], *, count: int) -> str:
    """What is said of debits without a due date, naming the first of them."""
    names = ", ".join(map(str, named))
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return (
        f"due_date must be known to age by it, got none on {names}{more}. "
        "Use undated=Undated.DOCUMENT_DATE or another basis"
    )
