"""What is left of an item in both currencies, and on which account it stands, on every day.

Events are recorded in another order than they take effect.  A part that is taken on a day relieves
the carrying amount pro rata of what stood there at the end of that day as known so far; where that
leaves a carrying amount on a later day on which nothing is open any more, the rest is relieved on
that day.  Nothing that was posted before is touched: what is returned is only ever added.
"""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from typing import NamedTuple, TypeAlias

from receivables._arithmetic import Rounding, mul_div
from receivables.accounting.model import GlAccount, Role
from receivables.errors import EventError
from receivables.receipts.model import Receipt

__all__ = ["Item", "Move", "Place", "half_up", "shares"]


class Place(NamedTuple):
    """Where an item stands: an account, what it is for, and whose it is."""

    account: GlAccount
    role: Role
    customer: str


Move: TypeAlias = tuple[dt.date, int, int]
"""What goes off an item on a day, in its own and in the functional currency.

A plain tuple: of the millions that a long journal needs, the collector forgets these.
"""


def half_up(amount: int, part: int, whole: int) -> int:
    """``amount * part / whole``, rounded half up on the absolute value; signs of both count."""
    signed = amount if whole > 0 else -amount
    return mul_div(signed, part, abs(whole), rounding=Rounding.HALF_UP)


def shares(amount: int, parts: list[int], whole: int) -> list[int]:
    """An amount split like parts of a whole, half up each; what rounding leaves is on the largest.

    The parts may have either sign.

    >>> shares(100, [1, 1, 1], 3)
    [34, 33, 33]
    """
    if len(parts) == 1:
        return [amount]
    split = [half_up(amount, part, whole) for part in parts] if whole else [0] * len(parts)
    rest = amount - sum(split)
    if rest and parts:
        largest = max(range(len(parts)), key=lambda index: abs(parts[index]))
        split[largest] += rest
    return split


class Item:
    """An open item as the journal sees it; mutable, and never seen outside the fold."""

    __slots__ = (
        "carrying",
        "currency",
        "dimensions",
        "document",
        "is_foreign",
        "last_day",
        "name",
        "open",
        "place",
        "places",
        "receipt",
        "steps",
    )

    def __init__(
        self, name: str, currency: str, place: Place, *, start: Move, is_foreign: bool
    ) -> None:
        self.name = name
        self.currency = currency
        self.place = place
        self.places: list[tuple[dt.date, Place]] | None = None
        self.is_foreign = is_foreign
        self.last_day, self.open, self.carrying = start
        self.steps: tuple[Move, ...] = (start,)
        self.document = ""
        self.dimensions: tuple[tuple[str, str], ...] = ()
        self.receipt: Receipt | None = None

    def take(self, day: dt.date, minor: int) -> list[Move]:
        """Take a part off, with the item's sign, and say what it relieves: first that of the day."""
        if day < self.last_day:
            return self._take_earlier(day, minor)
        move = (day, minor, self._relief(minor, self.open, self.carrying))
        self._add(day, -minor, -move[2])
        return [move]

    def give(self, day: dt.date, minor: int, functional: int) -> None:
        """Give back exactly what is said, or take it where it is negative."""
        self._add(day, minor, functional)

    def place_on(self, day: dt.date) -> Place:
        """Where the item stands at the end of a day."""
        if self.places is None:
            return self.place
        found = self.places[0][1]
        for since, place in self.places:
            if since <= day:
                found = place
        return found

    def relocate(self, day: dt.date, place: Place) -> list[Move]:
        """Put the item elsewhere from a day on, and say what goes there on which days."""
        if self.places is None:
            self.places = [(dt.date.min, self.place)]
        before = [step for step in self.steps if step[0] <= day]
        later = [step for step in self.steps if step[0] > day]
        self.places.append((day, place))
        self.place = place
        return [(day, sum(step[1] for step in before), sum(step[2] for step in before)), *later]

    def changes_after(self, day: dt.date) -> list[tuple[dt.date, Place, Place]]:
        """When the item goes elsewhere after a day: the day, from where, to where."""
        places = self.places or []
        return [
            (since, before, after)
            for (_, before), (since, after) in itertools.pairwise(places)
            if since > day
        ]

    def _relief(self, minor: int, open_minor: int, carrying: int) -> int:
        if abs(minor) > abs(open_minor) or (minor > 0) != (open_minor > 0):
            msg = f"events must leave nothing less than zero of {self.name}, got {minor} taken of {open_minor}"
            raise EventError(msg)
        if minor == open_minor:
            return carrying
        return half_up(carrying, minor, open_minor) if self.is_foreign else minor

    def _add(self, day: dt.date, minor: int, functional: int) -> None:
        self.open += minor
        self.carrying += functional
        step = (day, minor, functional)
        if day >= self.last_day:
            self.last_day = day
            self.steps = (*self.steps, step)
        else:
            place = bisect.bisect_right(self.steps, day, key=_day)
            self.steps = (*self.steps[:place], step, *self.steps[place:])

    def _take_earlier(self, day: dt.date, minor: int) -> list[Move]:
        known = bisect.bisect_right(self.steps, day, key=_day)
        open_minor = sum(step[1] for step in self.steps[:known])
        carrying = sum(step[2] for step in self.steps[:known])
        relief = self._relief(minor, open_minor, carrying)
        moves = [(day, minor, relief)]
        open_minor, carrying = open_minor - minor, carrying - relief
        for since, steps in itertools.groupby(self.steps[known:], key=_day):
            for _, step_minor, step_functional in steps:
                open_minor += step_minor
                carrying += step_functional
            if carrying and not open_minor:
                moves.append((since, 0, carrying))
                carrying = 0
        for since, taken, relieved in moves:
            self._add(since, -taken, -relieved)
        return moves


def _day(step: Move) -> dt.date:
    return step[0]
