"""Which of many amounts add up to a target: an exact search that says how it ended.

The search goes through the large amounts one by one and looks the rest up in a table of all sums of
the smallest ones (a meeting in the middle; Horowitz and Sahni, 1974), leaving out every branch that
can no longer reach the target.  It is exact where it ends, and where its budget ends first it says
so: "gave up" is never "none".
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from receivables.errors import PolicyError

__all__ = ["SearchOutcome", "SubsetSearch", "subsets_adding_up"]

_TABLE_MAX: Final = 13
"""Amounts in the table of sums: 8,192 sums are quick to make, and each step looks up all of them."""


class SearchOutcome(enum.Enum):
    """How a search ended."""

    UNIQUE = "found-unique"
    """One subset, and the search proved that there is no other."""
    SEVERAL = "found-not-unique"
    NONE = "none"
    """The search proved that there is none."""
    GAVE_UP = "gave-up"
    """The budget ended first; what was found until then is among the subsets, if anything was."""


@attrs.frozen
class SubsetSearch:
    """How a search ended, and the subsets it found, as places in the sequence searched.

    `steps` are the branches it looked at, the sums of its table included.
    """

    outcome: SearchOutcome
    subsets: tuple[tuple[int, ...], ...] = ()
    steps: int = 0


def subsets_adding_up(
    amounts: Sequence[int], target: int, *, budget: int = 100_000, most: int = 2
) -> SubsetSearch:
    """Search the subsets of signed minor units that add up to `target`, which is not zero.

    Only irreducible subsets count: one that contains a smaller answer (an invoice and a credit note
    that cancel each other besides) says nothing new.  The search ends with `most` answers, with a
    proof that there are no more, or when it has looked at `budget` branches.

    Raises `PolicyError` for a target of zero, or a `budget` or a `most` below 1.

    >>> subsets_adding_up([120_00, 80_00, 45_50, -20_00], 100_00)
    SubsetSearch(outcome=<SearchOutcome.UNIQUE: 'found-unique'>, subsets=((0, 3),), steps=13)
    >>> subsets_adding_up([5, 5, 10], 10).outcome
    <SearchOutcome.SEVERAL: 'found-not-unique'>
    >>> subsets_adding_up([7, 9], 10).outcome
    <SearchOutcome.NONE: 'none'>
    """
    if target == 0 or budget < 1 or most < 1:
        msg = f"target must not be zero, budget and most must be 1 or more, got {target}, {budget}, {most}"
        raise PolicyError(msg)
    search = _Search(list(enumerate(amounts)), target, budget)
    found: dict[tuple[int, ...], None] = {}
    unproved: list[tuple[int, ...]] = []
    for subset in search.answers():
        core, is_proved = (subset, True)
        if not search.is_positive:
            core, is_proved = _core(subset, amounts, target, search)
        if not is_proved:
            # It may hold a smaller answer that was counted already, so it proves nothing.
            search.is_whole = False
            unproved.append(tuple(sorted(core)))
            break
        found[tuple(sorted(core))] = None
        if len(found) >= max(most, 2):
            break
    kept = (*found, *(one for one in unproved if one not in found))
    return SubsetSearch(_outcome(len(found), search), kept[:most], search.steps)


def _outcome(found: int, search: _Search) -> SearchOutcome:
    if found > 1:
        return SearchOutcome.SEVERAL
    if not search.is_whole:
        return SearchOutcome.GAVE_UP
    return SearchOutcome.UNIQUE if found else SearchOutcome.NONE


def _core(
    subset: list[int], amounts: Sequence[int], target: int, search: _Search
) -> tuple[list[int], bool]:
    """An irreducible answer within an answer, and whether that it is one was proved."""
    while True:
        inner = _Search([(place, amounts[place]) for place in subset], target, search.left)
        smaller = next((one for one in inner.answers() if len(one) < len(subset)), None)
        search.steps += inner.steps
        if smaller is None:
            return subset, inner.is_whole
        subset = smaller


class _Search:
    """One search: the amounts by size, the table of the smallest, and what was spent."""

    def __init__(self, amounts: Iterable[tuple[int, int]], target: int, budget: int) -> None:
        self._target = target
        self._budget = budget
        self.steps = 0
        self.is_whole = True
        usable = [(amount, place) for place, amount in amounts if amount]
        self.is_positive = all(amount > 0 for amount, _ in usable) and target > 0
        if self.is_positive:
            usable = [(amount, place) for amount, place in usable if amount <= target]
        usable.sort(key=lambda one: (-abs(one[0]), one[1]))
        cut = len(usable) - min(_TABLE_MAX, (len(usable) + 1) // 2)
        self._head = usable[:cut]
        self._tail = usable[cut:]

    @property
    def left(self) -> int:
        """What is left of the budget."""
        return max(self._budget - self.steps, 0)

    def answers(self) -> Iterator[list[int]]:
        """Every subset that adds up, some of them reducible, until the budget ends."""
        sums = self._sums()
        first = dict(zip(reversed(sums), range(len(sums) - 1, -1, -1), strict=True))
        above, below = self._reach()
        places = len(self._head)
        stack: list[tuple[int, int, tuple[int, ...]]] = [(0, self._target, ())]
        while stack:
            at, rest, chosen = stack.pop()
            if not below[at] <= rest <= above[at]:
                continue
            if self.steps >= self._budget:
                self.is_whole = False
                return
            self.steps += 1
            if at < places:
                amount, place = self._head[at]
                stack.append((at + 1, rest, chosen))
                stack.append((at + 1, rest - amount, (*chosen, place)))
            elif rest in first:
                yield from self._found(sums, rest, first[rest], chosen)

    def _found(
        self, sums: list[int], rest: int, mask: int, chosen: tuple[int, ...]
    ) -> Iterator[list[int]]:
        """Every set of small amounts that makes up the rest, with what is chosen already."""
        while True:
            if subset := [*chosen, *self._places(mask)]:
                yield subset
            try:
                mask = sums.index(rest, mask + 1)
            except ValueError:
                return

    def _sums(self) -> list[int]:
        """The sum of every set of small amounts, at the place that its bits say."""
        sums = [0]
        for amount, _ in self._tail:
            sums += [one + amount for one in sums]
        self.steps += len(sums)
        return sums

    def _places(self, mask: int) -> Iterator[int]:
        for bit, (_, place) in enumerate(self._tail):
            if mask >> bit & 1:
                yield place

    def _reach(self) -> tuple[list[int], list[int]]:
        """The largest and the smallest sum that can still come, from each place on."""
        above = [sum(amount for amount, _ in self._tail if amount > 0)]
        below = [sum(amount for amount, _ in self._tail if amount < 0)]
        for amount, _ in reversed(self._head):
            above.append(above[-1] + max(amount, 0))
            below.append(below[-1] + min(amount, 0))
        return above[::-1], below[::-1]
