"""Payments and disputes: one payment for several debts goes to none that the debtor disputes.

>>> from receivables.testing.builders import an_open_item
>>> items = [an_open_item("A", amount="80.00"), an_open_item("B", amount="60.00")]
>>> [item.item for item in undisputed(items, disputed=["A"])]
['B']
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from receivables.documents.model import OpenItem

__all__ = ["undisputed"]


def undisputed(items: Iterable[OpenItem], *, disputed: Collection[str]) -> tuple[OpenItem, ...]:
    """The items that a payment may go to, for any order of allocation (12 CFR 1006.30(c)(1)).

    An order is told nothing of the others, so that what is left over stays unapplied.  Where the
    debtor said what it pays, that comes first (1006.30(c)(2)): the order ``as-stated``.
    """
    return tuple(item for item in items if item.item not in disputed)
