"""Pairing the lines of two books: rules in their order, each a key that two lines must share.

What is searched here is which line of one book is which line of the other; it is no rule over terms,
and has one implementation.  It takes time in proportion to the lines, whatever their number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

import attrs

__all__ = ["Paired", "PairingRule", "pair"]

L = TypeVar("L")
R = TypeVar("R")


@attrs.frozen
class PairingRule(Generic[L, R]):
    """What two lines must have in common: a key of each side, None for a line it is not for.

    `fits` may refuse a pair whose keys are the same; the next line of that key is tried then.
    """

    name: str
    left: Callable[[L], Hashable | None]
    right: Callable[[R], Hashable | None]
    fits: Callable[[L, R], bool] | None = None


@attrs.frozen
class Paired(Generic[L, R]):
    """The pairs with the rule that found each, and what was left over on either side."""

    pairs: tuple[tuple[str, L, R], ...]
    left: tuple[L, ...]
    right: tuple[R, ...]


def pair(
    left: Iterable[L], right: Iterable[R], *, rules: Sequence[PairingRule[L, R]]
) -> Paired[L, R]:
    """Pair lines one to one, by the first rule that fits; lines of one key are taken in their order.

    >>> same = PairingRule("same", lambda line: line, lambda line: line)
    >>> either = PairingRule("either case", str.lower, str.lower)
    >>> pair(["a", "b", "c"], ["B", "a", "a"], rules=[same, either])
    Paired(pairs=(('same', 'a', 'a'), ('either case', 'b', 'B')), left=('c',), right=('a',))
    """
    pairs: list[tuple[str, L, R]] = []
    ours, theirs = list(left), list(right)
    for rule in rules:
        found = _by_one(ours, theirs, rule)
        pairs += [(rule.name, ours[here], theirs[there]) for here, there in found.items()]
        ours = [line for index, line in enumerate(ours) if index not in found]
        taken = set(found.values())
        theirs = [line for index, line in enumerate(theirs) if index not in taken]
    return Paired(tuple(pairs), tuple(ours), tuple(theirs))


def _by_one(ours: Sequence[L], theirs: Sequence[R], rule: PairingRule[L, R]) -> dict[int, int]:
    """The places of the pairs that one rule finds."""
    waiting: dict[Hashable, deque[int]] = {}
    for place, candidate in enumerate(theirs):
        if (key := rule.right(candidate)) is not None:
            waiting.setdefault(key, deque()).append(place)
    found: dict[int, int] = {}
    for index, line in enumerate(ours) if waiting else ():
        key = rule.left(line)
        for place in waiting.get(key, ()) if key is not None else ():
            if rule.fits is None or rule.fits(line, theirs[place]):
                found[index] = place
                waiting[key].remove(place)
                break
    return found
