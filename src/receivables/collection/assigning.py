"""Who does what today: the lines of a list given to people until their minutes or calls are used up.

>>> from receivables.collection.model import WorkReason, WorkReasonKind, WorkLine
>>> reason = WorkReason(kind=WorkReasonKind.AGE, points=15, days=42)
>>> lines = [WorkLine(customer=name, place=place, reasons=[reason], role="collector", minutes=10)
...          for place, name in enumerate(["C-1", "C-2", "C-3"], start=1)]
>>> found = assign(lines, [Capacity(person="j.roy", minutes=20)])
>>> [one.line.customer for one in found.given], [one.reason.value for one in found.left]
(['C-1', 'C-2'], ['capacity'])
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from receivables.collection.model import WorkLine
from receivables.errors import PolicyError

__all__ = ["AssignedLine", "Assignment", "Capacity", "LeftLine", "LeftReason", "assign"]

_DAY_MINUTES: Final = 24 * 60


@attrs.frozen(kw_only=True)
class Capacity:
    """What a person can do on a day in one role: so many minutes, and at most so many contacts.

    Raises `PolicyError` for an empty name, minutes beyond a day and contacts below zero.
    """

    person: str = attrs.field()
    role: str = "collector"
    minutes: int = attrs.field(default=420)
    calls: int | None = attrs.field(default=None)
    """At most so many lines; as many as the minutes allow where it is None."""

    @person.validator
    def _check_person(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "person must be named, got an empty text"
            raise PolicyError(msg)

    @minutes.validator
    def _check_minutes(self, _attribute: object, value: int) -> None:
        if isinstance(value, bool) or not 0 <= value <= _DAY_MINUTES:
            msg = f"minutes of {self.person} must be 0 to {_DAY_MINUTES}, got {value}"
            raise PolicyError(msg)

    @calls.validator
    def _check_calls(self, _attribute: object, value: int | None) -> None:
        if value is not None and value < 0:
            msg = f"calls of {self.person} must be 0 or more, got {value}"
            raise PolicyError(msg)


class LeftReason(enum.Enum):
    """Why a line was given to nobody today."""

    CAPACITY = "capacity"
    """Whoever could do it has no time left."""
    BARRED = "barred"
    """The customer may not be contacted today; the line says why and from when it may be."""
    NOBODY = "nobody"
    """Nobody works in the role today."""


@attrs.frozen(kw_only=True)
class AssignedLine:
    """A line, and who does it."""

    person: str
    line: WorkLine
    stands_in: bool = False
    """Whether the person that looks after the customer is not there today."""


@attrs.frozen(kw_only=True)
class LeftLine:
    """A line that nobody does today, and why."""

    line: WorkLine
    reason: LeftReason


def _given(values: Iterable[AssignedLine]) -> tuple[AssignedLine, ...]:
    return tuple(values)


def _left(values: Iterable[LeftLine]) -> tuple[LeftLine, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Assignment:
    """Every line of a list once: given to a person, or left with the reason, in the list's order."""

    given: tuple[AssignedLine, ...] = attrs.field(default=(), converter=_given)
    left: tuple[LeftLine, ...] = attrs.field(default=(), converter=_left)

    def of(self, person: str) -> tuple[WorkLine, ...]:
        """What a person does today, in the list's order."""
        return tuple(one.line for one in self.given if one.person == person)

    @property
    def minutes(self) -> Mapping[str, int]:
        """How many minutes each person is given, by name."""
        used: dict[str, int] = {}
        for one in self.given:
            used[one.person] = used.get(one.person, 0) + one.line.minutes
        return dict(sorted(used.items()))


@attrs.define
class _Load:
    """What is left of a capacity."""

    capacity: Capacity
    minutes: int = 0
    calls: int = 0

    def takes(self, line: WorkLine) -> bool:
        most = self.capacity.calls
        has_calls = most is None or self.calls < most
        return has_calls and self.minutes + line.minutes <= self.capacity.minutes

    def give(self, line: WorkLine) -> None:
        self.minutes += line.minutes
        self.calls += 1

    @property
    def rank(self) -> tuple[int, int, str]:
        """Least busy for its capacity first, so that half a day is given half as much."""
        share = self.minutes * 10_000 // max(self.capacity.minutes, 1)
        return share, self.calls, self.capacity.person


def assign(
    lines: Iterable[WorkLine], capacities: Iterable[Capacity], *, stand_ins: bool = True
) -> Assignment:
    """Give the lines of a list, in their order, to the people of today.

    A line goes to the person that looks after the customer in its role.  Where nobody does, or
    where that person is not there today and `stand_ins` is true, it goes to whoever of the role is
    least busy for the time that they have, the fewest lines and then the name deciding.  A line that
    does not fit is left, and a shorter one further down may still be given.

    Raises `PolicyError` for two capacities of one person in one role.
    """
    loads = _loads(capacities)
    given: list[AssignedLine] = []
    left: list[LeftLine] = []
    for line in lines:
        found = _place(line, loads, stand_ins=stand_ins)
        if isinstance(found, LeftReason):
            left.append(LeftLine(line=line, reason=found))
        else:
            found.give(line)
            person = found.capacity.person
            stands_in = bool(line.person) and line.person != person
            given.append(AssignedLine(person=person, line=line, stands_in=stands_in))
    return Assignment(given=given, left=left)


def _loads(capacities: Iterable[Capacity]) -> dict[str, dict[str, _Load]]:
    """The people of each role by name."""
    loads: dict[str, dict[str, _Load]] = {}
    for capacity in capacities:
        of_role = loads.setdefault(capacity.role, {})
        if capacity.person in of_role:
            msg = f"capacity of {capacity.person} as {capacity.role} must be given once, got two"
            raise PolicyError(msg)
        of_role[capacity.person] = _Load(capacity)
    return loads


def _place(
    line: WorkLine, loads: Mapping[str, Mapping[str, _Load]], *, stand_ins: bool
) -> _Load | LeftReason:
    if not line.may_contact:
        return LeftReason.BARRED
    people = loads.get(line.role, {})
    own = people.get(line.person)
    if own is not None:
        return own if own.takes(line) else LeftReason.CAPACITY
    if not people or (line.person and not stand_ins):
        return LeftReason.NOBODY
    free = [load for load in people.values() if load.takes(line)]
    return min(free, key=lambda load: load.rank) if free else LeftReason.CAPACITY
