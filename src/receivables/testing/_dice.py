"""Draws that give the same results on every machine and every version of Python.

Only `random.Random.random` is promised to stay the same for a seed, so every other draw is built on
it, in integers; a stream is named, so that a new draw in one place disturbs no other place.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, Generic, TypeVar

__all__ = ["PER_MILLE", "Dice", "Quantiles", "Weights"]

T = TypeVar("T")

PER_MILLE: Final = 1000
_FINE: Final = 1_000_000


class Dice:
    """A named stream of draws.

    >>> Dice(2026, "an example").below(6) == Dice(2026, "an example").below(6)
    True
    """

    __slots__ = ("_random",)

    def __init__(self, seed: int, *stream: object) -> None:
        name = "/".join(str(part) for part in (seed, *stream))
        self._random = random.Random(name).random  # noqa: S311  # invented data, no secret

    def below(self, count: int) -> int:
        """An integer from 0 to `count` - 1."""
        return int(self._random() * count)

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both possible."""
        return low + int(self._random() * (high - low + 1))

    def chance(self, per_mille: int) -> bool:
        """Whether something happens that does so in `per_mille` of a thousand cases."""
        return int(self._random() * PER_MILLE) < per_mille

    def pick(self, values: Sequence[T]) -> T:
        """One of several values, each as likely as the others."""
        return values[int(self._random() * len(values))]


class Weights(Generic[T]):
    """Values with weights: a table to draw from.

    >>> Weights((1, "never"), (0, "nothing")).draw(Dice(1))
    'never'
    """

    __slots__ = ("_sums", "_values")

    def __init__(self, *rows: tuple[int, T]) -> None:
        self._sums = tuple(accumulate(weight for weight, _ in rows))
        self._values = tuple(value for _, value in rows)

    def draw(self, dice: Dice) -> T:
        """One of the values."""
        return self._values[bisect_right(self._sums, dice.below(self._sums[-1]))]


class Quantiles:
    """A distribution of integers by its quantiles, in parts per thousand; even between two of them.

    >>> Quantiles((0, 10), (1000, 10)).draw(Dice(1))
    10
    """

    __slots__ = ("_shares", "_values")

    def __init__(self, *rows: tuple[int, int]) -> None:
        self._shares = tuple(share * _FINE // PER_MILLE for share, _ in rows)
        self._values = tuple(value for _, value in rows)

    def draw(self, dice: Dice) -> int:
        """One value of the distribution."""
        share = dice.below(_FINE)
        index = bisect_right(self._shares, share)
        low, high = self._values[index - 1], self._values[index]
        start, end = self._shares[index - 1], self._shares[index]
        return low + (high - low) * (share - start) // (end - start)
