"""A statement as `continuity` remembers it: its figures, and the look of each booked entry."""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final, TypeAlias

from receivables.receipts.model import BankEntry, BankStatement

__all__ = ["Part", "Span", "offsets_of"]

Span: TypeAlias = tuple[int, int]
"""First and last day, both included, as ordinals of the calendar."""

_OPENINGS: Final = ("OPBD", "PRCD")
_CLOSINGS: Final = ("CLBD",)
_STARTS_MAX: Final = 64
"""How many places of a statement are tried as the beginning of another one.

Only an account that returns to one balance again and again has more than one such place.
"""


class Part:
    """One statement under way, or read: what its entries look like, in their order.

    Only booked entries stand in it; `amounts` and `days` (ordinals, zero where there is none) go along
    with `looks`.  `numbers` has, by position, how many of the same look came before and are others,
    where there are any; `dropped` are the positions of entries that were read before.
    """

    __slots__ = (
        "_balances",
        "_places",
        "account",
        "amounts",
        "days",
        "dropped",
        "is_dropped",
        "looks",
        "name",
        "numbers",
        "ordinal",
        "source",
        "span",
        "statement",
    )

    def __init__(self, ordinal: int, account: str, name: str, *, source: str) -> None:
        self.ordinal = ordinal
        self.account = account
        self.name = name
        self.source = source
        self.statement: BankStatement | None = None
        self.looks: list[bytes] = []
        self.amounts = array("q")
        self.days = array("i")
        self.numbers: dict[int, int] = {}
        self.dropped: set[int] = set()
        self.is_dropped = False
        self.span: Span | None = None
        self._balances: Mapping[int, Sequence[int]] | None = None
        self._places: Mapping[bytes, Sequence[int]] | None = None

    def is_of(self, record: BankEntry | BankStatement) -> bool:
        """Whether a record is of this statement."""
        return self.name == record.statement and self.account == record.account

    def close(self, statement: BankStatement | None) -> None:
        """Take the statement after its last entry; None where it never came."""
        self.statement = statement
        self.span = self._span_of_balances() or self._span_of_entries()

    def _span_of_balances(self) -> Span | None:
        if self.statement is None:
            return None
        first = _day(self.statement, _OPENINGS)
        last = _day(self.statement, _CLOSINGS)
        if first is None or last is None or first > last:
            return None
        return first.toordinal(), last.toordinal()

    def _span_of_entries(self) -> Span | None:
        days = [day for day in self.days if day]
        return (min(days), max(days)) if days else None

    @property
    def is_final(self) -> bool:
        """Whether it has both balances, so that it is the bank's last word on its days."""
        return self.opening is not None and self.closing is not None

    @property
    def is_proven(self) -> bool:
        """Whether its balances prove its entries."""
        return self.statement is not None and self.statement.difference_minor == 0

    @property
    def opening(self) -> int | None:
        """The opening balance in minor units."""
        return None if self.statement is None else self.statement.opening_minor

    @property
    def closing(self) -> int | None:
        """The closing balance in minor units."""
        return None if self.statement is None else self.statement.closing_minor

    @property
    def numbering(self) -> tuple[int | None, int | None]:
        """Sequence number and page."""
        said = self.statement
        return (None, None) if said is None else (said.sequence, said.page)

    @property
    def title(self) -> str:
        """How to call it in a message."""
        said = self.statement
        name = self.name or "without a name"
        if said is None:
            return name
        number = "" if said.sequence is None else f" number {said.sequence}"
        page = "" if said.page is None else f" page {said.page}"
        return f"{name}{number}{page}"

    def places(self, look: bytes) -> Sequence[int]:
        """The positions of the entries that look so."""
        if self._places is None:
            places: dict[bytes, list[int]] = {}
            for position, each in enumerate(self.looks):
                places.setdefault(each, []).append(position)
            self._places = places
        return self._places.get(look, ())

    def places_of_balance(self, balance: int) -> Sequence[int]:
        """The positions at which the running balance is as given, before the entry there."""
        if self._balances is None:
            balances: dict[int, list[int]] = {}
            if self.opening is not None:
                for place, each in enumerate(accumulate(self.amounts, initial=self.opening)):
                    balances.setdefault(each, []).append(place)
            self._balances = balances
        return self._balances.get(balance, ())

    def number(self, position: int) -> int:
        """How many entries that look the same came before it, and are others."""
        return self.numbers.get(position, 0)

    def looks_on(self, span: Span) -> Counter[bytes]:
        """How often each look is there on some days."""
        first, last = span
        return Counter(
            look
            for look, day in zip(self.looks, self.days, strict=True)
            if first <= day <= last or not day
        )


def _day(statement: BankStatement, types: Sequence[str]) -> dt.date | None:
    days = [one.date for one in statement.balances if one.type in types and one.date is not None]
    return days[0] if days else None


def offsets_of(one: Part, other: Part) -> tuple[int, ...]:
    """Where `other` begins inside `one`, or before it, so that position i is i + offset.

    The running balance of the one must be the opening balance of the other there, and each must
    list the same entries in the same order as far as both go.  The place where both have most in
    common; two, where two have as much.
    """
    inside, before = _start_of(one, other), _start_of(other, one)
    found = []
    if inside is not None:
        found.append((_common(one, other, inside), inside))
    if before is not None and (before, inside) != (0, 0):
        found.append((_common(other, one, before), -before))
    most = max(found, default=(0, 0))[0]
    return tuple(offset for common, offset in found if common == most)


def _common(one: Part, other: Part, place: int) -> int:
    """How many entries both list, from a place of the one on."""
    return min(len(one.looks) - place, len(other.looks))


def _start_of(one: Part, other: Part) -> int | None:
    if other.opening is None:
        return None
    for place in one.places_of_balance(other.opening)[:_STARTS_MAX]:
        common = _common(one, other, place)
        if common and one.looks[place : place + common] == other.looks[:common]:
            return place
    return None
