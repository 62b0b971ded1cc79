"""The rules of write-offs, said once, over terms: values in `objects`, expressions in `columns`.

The share of a tax in an amount is A × B / C, rounded half up (`receivables._arithmetic.share_of`).

>>> relief(share_of(11_946, 650, 14_946), tax_minor=650)
520
>>> due_again(share_of(6_000, 650, 14_946), claimed_minor=520)
261
"""

from __future__ import annotations

from receivables._arithmetic import share_of
from receivables._ops import PYTHON, Ops, Term

__all__ = ["due_again", "is_small", "relief", "share_of"]


def relief(
    share_minor: Term, *, tax_minor: Term, claimed_minor: Term = 0, ops: Ops = PYTHON
) -> Term:
    """The tax that comes back of what is written off, never more than is left of the tax.

    The share is A × B / C: A the tax of the document, B what is written off of it, C its total, tax
    included (Excise Tax Act s. 231(1), Act respecting the Québec sales tax s. 444).
    `claimed_minor` is what came back before, less what became due again.  Minor units.
    """
    left = ops.maximum(tax_minor - claimed_minor, tax_minor * 0)
    return ops.minimum(share_minor, left)


def due_again(share_minor: Term, *, claimed_minor: Term, ops: Ops = PYTHON) -> Term:
    """The tax in what came in afterwards, never more than came back before.

    The share is A × B / C: A what was recovered, B the tax of the document, C its total (Excise Tax
    Act s. 231(3), Act respecting the Québec sales tax s. 446).  Minor units.
    """
    return ops.minimum(share_minor, claimed_minor)


def is_small(
    open_minor: Term,
    days: Term,
    *,
    most_minor: Term,
    min_days: int,
    debits: bool = True,
    credits: bool = False,
) -> Term:
    """Whether an open amount is small and old enough to be cleaned up, on the sides that are.

    >>> is_small(40, 120, most_minor=50, min_days=90), is_small(-40, 120, most_minor=50, min_days=90)
    (True, False)
    """
    is_debit = (open_minor > 0) & (open_minor <= most_minor)
    is_credit = (open_minor < 0) & (open_minor >= 0 - most_minor)
    # False, as a term of the engine's own.
    never = (open_minor > 0) & (open_minor < 0)
    side = (is_debit if debits else never) | (is_credit if credits else never)
    return side & (days >= min_days)
