"""The workshop: from counts to the chance of each day, group by group, from the wide to the narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from receivables.forecast import rules
from receivables.forecast._habit_policy import HabitPolicy
from receivables.forecast._habit_study import Counts, Group, Seen

__all__ = ["Chances", "Spread"]

_PPB_OF_PPM: Final = 1_000
_LEAST_LEFT: Final = 500_000
"""Parts per billion below which nobody looks further: half a thousandth."""
_UNKNOWN_EARLY: Final = 5_000_000
"""The chance of a day before the due date where no payment was ever seen: one in two hundred."""
_UNKNOWN_LATE: Final = 100_000_000
"""The same from the due date on: one in ten."""
_UNKNOWN_STRENGTH: Final = 1
"""How many payments outweigh what is assumed without any."""

Spread = tuple[tuple[tuple[int, int], ...], int]
"""The chances of paying days, in parts per million, by how many there are before them from the first
day on; and the chance of none of them."""


@attrs.define(eq=False)
class Chances:
    """The chance of each day of lateness that an item that is still open is paid on it, by group."""

    seen: Seen
    _by_path: dict[tuple[Group, ...], list[int]] = attrs.field(factory=dict)
    _every: list[int] | None = None
    _spreads: dict[tuple[int, int], Spread] = attrs.field(factory=dict)

    def of(self, groups: Sequence[Group]) -> list[int]:
        """The chances, in parts per billion, of an item of such groups, the wide ones first."""
        if self._every is None:
            self._every = _of_every(self.seen)
        chances = self._every
        path: tuple[Group, ...] = ()
        for group, level in zip(groups, self.seen.policy.levels, strict=True):
            # What a group leans on may differ within it, where levels do not lie within each other.
            path = (*path, group)
            known = self._by_path.get(path)
            if known is None:
                counts = self.seen.counts[group]
                known = self._by_path[path] = _shrunk(counts, chances, level.strength)
            chances = known
        return chances

    def spread(self, groups: Sequence[Group], *, first: int) -> Spread:
        """When an item is paid that is open until the day of lateness `first`, which may be any."""
        chances = self.of(groups)
        key = (id(chances), first)
        found = self._spreads.get(key)
        if found is None:
            found = self._spreads[key] = _spread(chances, first, self.seen.policy)
        return found


def _of_every(seen: Seen) -> list[int]:
    """The chances of the portfolio; where payments are rare they are those of several days."""
    policy = seen.policy
    at_risk = list(seen.every.at_risk(0, seen.cells))
    chances: list[int] = []
    for first, last in _spans(policy):
        paid, whole = sum(seen.every.paid[first:last]), sum(at_risk[first:last])
        unknown = _UNKNOWN_EARLY if first < policy.early_days else _UNKNOWN_LATE
        chance = rules.shrunk_chance(
            paid,
            at_risk=whole,
            parent=unknown,
            strength=rules.RECENT * _UNKNOWN_STRENGTH,
        )
        chances += [chance] * (last - first)
    return chances


def _spans(policy: HabitPolicy) -> list[tuple[int, int]]:
    """The days of lateness that are taken together: each a third wider than it lies late."""
    cells = policy.early_days + policy.late_days + 1
    first = policy.early_days + policy.pooled_after + 1
    spans = [(cell, cell + 1) for cell in range(min(first, cells))]
    while first < cells:
        width = max(1, (first - policy.early_days) // 3)
        spans.append((first, min(first + width, cells)))
        first += width
    return spans


def _shrunk(counts: Counts, parents: list[int], strength: int) -> list[int]:
    """The chances of a group, which are those of the group above where nothing of it was open."""
    first, last = counts.span()
    whole = rules.RECENT * strength
    seen = zip(
        counts.paid[first:last], counts.at_risk(first, last), parents[first:last], strict=True
    )
    chances = [
        rules.shrunk_chance(paid, at_risk=at_risk, parent=parent, strength=whole)
        for paid, at_risk, parent in seen
    ]
    return [*parents[:first], *chances, *parents[last:]] if chances else parents


def _spread(chances: Sequence[int], first: int, policy: HabitPolicy) -> Spread:
    """Go from day to day: what is left, times the chance of the day."""
    left, last = rules.WHOLE_PPB, len(chances) - 1
    told, found = 0, []
    for step in range(max(last - first, policy.further_days) + 1):
        left -= left * chances[min(max(first + step, 0), last)] // rules.WHOLE_PPB
        reached = (rules.WHOLE_PPB - left) // _PPB_OF_PPM
        if reached > told:
            found.append((step, reached - told))
            told = reached
        if left < _LEAST_LEFT:
            break
    return tuple(found), rules.WHOLE_PPB // _PPB_OF_PPM - told
