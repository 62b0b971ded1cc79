"""How two statements of one account stand to each other: one after the other, or one over the other."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import attrs

from receivables.receipts._parts import Part, Span, offsets_of

__all__ = ["Relation", "Relations", "Standing"]

_STEPS_MAX: Final = 200_000
"""How many steps from statement to statement are tried in all, before the rest cannot be told.

Only where several statements begin with one balance are there ways to be tried.
"""

_PROOF: Final = 2
"""How many entries must be the same before two lists without balances are one list."""


class Standing(enum.Enum):
    """How a statement stands to another one."""

    FOLLOWS = "follows"
    """The balances lead from the one to the other: their entries are different ones."""
    APART = "apart"
    """They are of different days."""
    OVERLAPS = "overlaps"
    """What looks the same in both is the same."""
    TORN = "torn"
    """They could be one after the other, and one over the other as well, or so in two ways."""
    UNKNOWN = "unknown"


@attrs.frozen(kw_only=True)
class Relation:
    """How a statement stands to another one; with an offset, entry i here is i + offset there."""

    standing: Standing
    offset: int | None = None


_FOLLOWS: Final = Relation(standing=Standing.FOLLOWS)
_APART: Final = Relation(standing=Standing.APART)
_OVERLAPS: Final = Relation(standing=Standing.OVERLAPS)
_TORN: Final = Relation(standing=Standing.TORN)
_UNKNOWN: Final = Relation(standing=Standing.UNKNOWN)


class Relations:
    """The relations between the statements of one account, found out where they are asked for."""

    def __init__(self, parts: Iterable[Part]) -> None:
        final = [part for part in parts if part.is_final]
        self._opening = _by(final, lambda part: part.opening)
        self._chains = _chains(final, self._opening)
        self._steps_left = _STEPS_MAX
        self._known: dict[tuple[int, int], Relation] = {}

    def between(self, one: Part, other: Part) -> Relation:
        """How `other` stands to `one`; the offset leads from `other` to `one`."""
        key = (one.ordinal, other.ordinal)
        if key not in self._known:
            self._known[key] = self._between(one, other)
        return self._known[key]

    def follows(self, one: Part, other: Part) -> bool:
        """Whether the balances lead from one of them to the other, either way."""
        chain = self._chains.get(one.ordinal)
        if chain is not None and chain == self._chains.get(other.ordinal):
            return True
        return self._leads(one, other) or self._leads(other, one)

    @property
    def is_exhausted(self) -> bool:
        """Whether too many steps were tried, so that what was not found may be there."""
        return self._steps_left <= 0

    def _between(self, one: Part, other: Part) -> Relation:
        if one.span is None or other.span is None:
            return _UNKNOWN
        shared = (max(one.span[0], other.span[0]), min(one.span[1], other.span[1]))
        days = shared[1] - shared[0] + 1
        if days <= 0:
            return _FOLLOWS if self.follows(one, other) else _APART
        if one.is_final and other.is_final:
            return self._between_final(one, other, days)
        return _between_lists(one, other, shared)

    def _between_final(self, one: Part, other: Part, days: int) -> Relation:
        offsets = offsets_of(one, other)
        follows = self.follows(one, other)
        # The day of an opening balance is often the day before, so two shared days are none.
        is_deep = days > _PROOF
        if offsets:
            if follows and not is_deep:
                return _FOLLOWS if _numbered_apart(one, other) else _TORN
            over = Relation(standing=Standing.OVERLAPS, offset=offsets[0])
            is_clear = len(offsets) == 1 and (follows or not self.is_exhausted)
            return over if is_clear else _TORN
        if follows or self.is_exhausted:
            return _FOLLOWS if follows and not is_deep else _UNKNOWN
        return _OVERLAPS if is_deep or _same_end(one, other) else _UNKNOWN

    def _leads(self, one: Part, other: Part) -> bool:
        """Whether balances lead from the closing of the one to the opening of the other."""
        if not (one.is_final and other.is_final):
            return False
        todo = [one]
        seen = {one.ordinal}
        while todo and self._steps_left > 0:
            at = todo.pop()
            following = self._opening.get(at.closing, ())
            self._steps_left -= len(following) + 1
            for each in following:
                if each is at or each.ordinal in seen or not _is_before(at, each):
                    continue
                if each is other:
                    return True
                if _is_before(each, other):
                    seen.add(each.ordinal)
                    todo.append(each)
        return False


def _by(parts: Iterable[Part], key: Callable[[Part], int | None]) -> dict[int | None, list[Part]]:
    found: dict[int | None, list[Part]] = {}
    for part in parts:
        found.setdefault(key(part), []).append(part)
    return found


def _chains(
    final: Sequence[Part], opening: Mapping[int | None, Sequence[Part]]
) -> Mapping[int, int]:
    """By the ordinal of a statement the chain that it is in, where each has one way to the next."""
    closing = _by(final, lambda part: part.closing)
    following: dict[int, Part] = {}
    for part in final:
        after = opening.get(part.closing, ())
        if len(after) == 1 == len(closing[part.closing]) and _is_before(part, after[0]):
            following[part.ordinal] = after[0]
    inner = {part.ordinal for part in following.values()}
    chains: dict[int, int] = {}
    for part in final:
        if part.ordinal in inner:
            continue
        at: Part | None = part
        while at is not None:
            chains[at.ordinal] = part.ordinal
            at = following.get(at.ordinal)
    return chains


def _is_before(one: Part, other: Part) -> bool:
    """Whether a statement may come before another by its days."""
    if one.span is None or other.span is None:
        return False
    return one.span[0] <= other.span[0] and one.span[1] <= other.span[1]


def _numbered_apart(one: Part, other: Part) -> bool:
    return one.numbering != other.numbering and None not in (one.numbering[0], other.numbering[0])


def _same_end(one: Part, other: Part) -> bool:
    """Whether both begin at one balance on one day, or end so."""
    first, second = one.span, other.span
    if first is None or second is None:
        return False
    begin = one.opening == other.opening and first[0] == second[0]
    return begin or (one.closing == other.closing and first[1] == second[1])


def _between_lists(one: Part, other: Part, shared: Span) -> Relation:
    """Where one has no balances: it overlaps where one holds the other on the days of both."""
    if shared[0] < shared[1]:
        return _OVERLAPS
    mine, yours = one.looks_on(shared), other.looks_on(shared)
    few = min(mine.total(), yours.total())
    holds = mine <= yours or yours <= mine
    return _OVERLAPS if holds and few >= _PROOF else _UNKNOWN
