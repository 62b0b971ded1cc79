"""Which lines of the sub-ledger settle each other, and by which letters that is said.

The lines of one item on one account of one customer are lettered once they add up to zero, in the
books and in the currency of the item: the invoice, what was allocated to it, its exchange difference.
A letter belongs to the account of a customer, and is used again for the next customer.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, TypeAlias

import attrs

from receivables.accounting.model import JournalLine, Role

__all__ = ["Lettering", "is_of_customer", "letters"]

_Owner: TypeAlias = tuple[str, str]

_OF_CUSTOMERS: Final = frozenset(
    role for role in Role if role.is_control or role is Role.BILLS_RECEIVABLE
)


def is_of_customer(line: JournalLine) -> bool:
    """Whether a line says whose it is, on an account that is kept by customer."""
    return bool(line.customer or line.item) and line.role in _OF_CUSTOMERS


def letters(count: int) -> str:
    """The letters of a number from 1 on.

    >>> letters(1), letters(26), letters(27), letters(703)
    ('A', 'Z', 'AA', 'AAA')
    """
    text = ""
    while count:
        count, rest = divmod(count - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


@attrs.define
class _Item:
    """The sums of one item so far, its last day, and its letters once they were given."""

    last: dt.date
    lines: int = 0
    amount_minor: int = 0
    functional_minor: int = 0
    letters: str = ""

    @property
    def is_settled(self) -> bool:
        return self.lines > 1 and not self.amount_minor and not self.functional_minor


class Lettering:
    """Adds up every item, and then gives letters to those that are settled; that is all it keeps."""

    def __init__(self, *, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._items: dict[_Owner, dict[str, _Item]] = {}
        self._given: dict[_Owner, int] = {}

    def note(self, line: JournalLine, day: dt.date) -> None:
        """Take notice of one line of the sub-ledger, where it names an item."""
        if not (self._is_wanted and line.item):
            return
        items = self._items.setdefault((line.account.number, line.customer), {})
        item = items.get(line.item)
        if item is None:
            item = items[line.item] = _Item(day)
        item.lines += 1
        item.amount_minor += line.amount_minor
        item.functional_minor += line.functional_minor
        item.last = max(item.last, day)

    def of(self, line: JournalLine) -> tuple[str, dt.date] | None:
        """The letters of a line and their day, the last of the group; None where it is open."""
        owner = (line.account.number, line.customer)
        item = self._items.get(owner, {}).get(line.item)
        if item is None or not item.is_settled:
            return None
        if not item.letters:
            self._given[owner] = self._given.get(owner, 0) + 1
            item.letters = letters(self._given[owner])
        return item.letters, item.last
