"""Who gets what, over a whole batch: two receipts never take the same money of an item.

Receipts that want the same items are weighed together.  Every way to give each of them one of its
claims, or none, that takes no more of an item than is open has a weight, the product of the odds of
the claims; the best of them is the assignment, and the share of all those in which a receipt gets a
claim is the probability of the claim.  The best total wins, not the first comer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

__all__ = ["MILLION", "Assigned", "Option", "assign"]

MILLION: Final = 1_000_000
"""Certainty, in millionths."""


@attrs.frozen
class Option:
    """A claim as the assignment sees it: its odds, and what it takes of each item.

    The odds are whole numbers, on the scale on which "none" is `none` of `assign`.
    """

    odds: int
    takes: tuple[tuple[int, int], ...]


@attrs.frozen
class Assigned:
    """What one receipt gets: the place of the option, None for none, and how likely each is.

    `shares` are millionths.
    """

    option: int | None
    shares: tuple[int, ...]


def assign(
    wishes: Sequence[Sequence[Option]],
    open_minor: Mapping[int, int],
    *,
    none: int = 1,
    budget: int = 20_000,
) -> list[Assigned] | None:
    """Assign options to receipts; None where there are more ways than the budget lets it weigh.

    `open_minor` is what is open of each item, signed.  The order of the receipts decides between
    equal totals: the first comes first.

    >>> one, other = assign([[Option(9, ((1, 100),))], [Option(99, ((1, 100),))]], {1: 100})
    >>> one.option, other.option, other.shares
    (None, 0, (908256,))
    """
    run = _Run(wishes, open_minor, none, budget)
    if not run.weigh(0, 1):
        return None
    return [
        Assigned(choice, tuple(share * MILLION // run.total for share in shares))
        for choice, shares in zip(run.best, run.shares, strict=True)
    ]


class _Run:
    def __init__(
        self,
        wishes: Sequence[Sequence[Option]],
        open_minor: Mapping[int, int],
        none: int,
        budget: int,
    ) -> None:
        self._wishes = wishes
        self._left = dict(open_minor)
        self._none = none
        self._budget = budget
        self._chosen: list[int | None] = [None] * len(wishes)
        self._best_odds = 0
        self.best: list[int | None] = [None] * len(wishes)
        self.total = 0
        self.shares = [[0] * len(options) for options in wishes]

    def weigh(self, at: int, so_far: int) -> bool:
        """Weigh every way from one receipt on; whether the budget was enough."""
        self._budget -= 1
        if self._budget < 0:
            return False
        if at == len(self._wishes):
            self._count(so_far)
            return True
        for place, option in enumerate(self._wishes[at]):
            if self._take(option.takes):
                self._chosen[at] = place
                is_done = self.weigh(at + 1, so_far * option.odds)
                self._give_back(option.takes)
                if not is_done:
                    return False
        self._chosen[at] = None
        return self.weigh(at + 1, so_far * self._none)

    def _count(self, odds: int) -> None:
        self.total += odds
        if odds > self._best_odds:
            self._best_odds = odds
            self.best = list(self._chosen)
        for shares, place in zip(self.shares, self._chosen, strict=True):
            if place is not None:
                shares[place] += odds

    def _take(self, takes: Iterable[tuple[int, int]]) -> bool:
        takes = tuple(takes)
        for item, minor in takes:
            left = self._left[item]
            if (left > 0) != (minor > 0) or abs(minor) > abs(left):
                return False
        for item, minor in takes:
            self._left[item] -= minor
        return True

    def _give_back(self, takes: Iterable[tuple[int, int]]) -> None:
        for item, minor in takes:
            self._left[item] += minor
