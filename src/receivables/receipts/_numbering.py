"""Which entries of several statements are one entry, counted by the look that they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from receivables.receipts._parts import Part, Span
from receivables.receipts._relations import Relation, Relations, Standing
from receivables.receipts.identity import has_reference

__all__ = ["Doubts", "number_entries"]

_HOLDERS_MAX: Final = 50
"""How many statements with one look are compared with another; the latest ones are."""


@attrs.define(kw_only=True)
class Doubts:
    """What cannot be told of a statement: how many of its entries, by what the doubt is."""

    repeated: int = 0
    """They look like entries of another statement, and count all the same."""
    unconfirmed: int = 0
    """The final statement of their day does not have them, so they do not count."""


def number_entries(parts: Sequence[Part]) -> dict[int, Doubts]:
    """Number the entries of one account's statements, and mark those that were read before.

    What cannot be told is counted by the ordinal of the statement.
    """
    account = _Account(parts, Relations(parts))
    account.run()
    return account.doubts


@attrs.define
class _Account:
    """The statements of one account while their entries are numbered."""

    parts: Sequence[Part]
    relations: Relations
    doubts: dict[int, Doubts] = attrs.field(factory=dict)
    holders: dict[bytes, tuple[Part, ...]] = attrs.field(factory=dict)
    heights: dict[bytes, int] = attrs.field(factory=dict)
    """How many entries that look so there are, where it is more than one statement's."""

    def run(self) -> None:
        """Number the final statements first: they are the bank's last word on their days."""
        final = [part for part in self.parts if part.is_final]
        interim = [part for part in self.parts if not part.is_final]
        for part in final:
            self._take(part)
        if interim and final:
            closed = _ClosedDays(part for part in final if part.is_proven)
            looks = {look: self.heights.get(look, 1) for look in self.holders}
            for part in interim:
                self._confirm(part, closed.among(part.days), looks)
        for part in interim:
            self._take(part)

    def _take(self, part: Part) -> None:
        """Number the entries of a part that are not dropped yet."""
        distinct = dict.fromkeys(part.looks, (part,))
        if part.dropped:
            unusual = set(distinct)
        else:
            unusual = self.holders.keys() & distinct.keys()
            if len(distinct) < len(part.looks):
                unusual |= {look for look, count in Counter(part.looks).items() if count > 1}
        # Nearly every entry looks like no other: those are done in one go.
        for look in unusual:
            del distinct[look]
        self.holders.update(distinct)
        for look in unusual:
            places = [place for place in part.places(look) if place not in part.dropped]
            held = self.holders.get(look, ())
            if places:
                self._number(part, look, places, held)
                self.holders[look] = (*held[1 - _HOLDERS_MAX :], part)

    def _number(self, part: Part, look: bytes, places: Sequence[int], held: Sequence[Part]) -> None:
        """Number the entries of one look, beside those of other statements that look so too."""
        found = _Found(is_unsure=len(held) == _HOLDERS_MAX)
        for holder in held:
            found.add(self.relations.between(holder, part), holder, part, look)
        again = found.settle()
        # Numbers are given without a gap, so the next one is how many there are.
        fresh = self.heights.get(look, 1 if held else 0)
        for place in places:
            number = found.fixed.get(place)
            if number is None and again:
                number = again.pop()
            if number is not None:
                part.dropped.add(place)
                part.numbers[place] = number
                continue
            if fresh:
                part.numbers[place] = fresh
            fresh += 1
            if found.is_unsure:
                self.doubts.setdefault(part.ordinal, Doubts()).repeated += 1
        self.heights[look] = fresh

    def _confirm(self, part: Part, closed: frozenset[int], looks: Mapping[bytes, int]) -> None:
        """Drop the entries of the days that final statements have, and count what these lack."""
        seen: Counter[bytes] = Counter()
        for place, (look, day) in enumerate(zip(part.looks, part.days, strict=True)):
            if day in closed:
                part.dropped.add(place)
                seen[look] += 1
        lacking = sum(max(count - looks.get(look, 0), 0) for look, count in seen.items())
        if lacking:
            self.doubts[part.ordinal] = Doubts(unconfirmed=lacking)


@attrs.define
class _Found:
    """What the statements with one look say about the numbers of another one's entries.

    `fixed` are numbers by position, `same` those of entries that are the same, `others` those of
    entries that are not, `torn` and `unknown` those of which it cannot be told, with signs of both
    or of neither.
    """

    fixed: dict[int, int] = attrs.field(factory=dict)
    same: set[int] = attrs.field(factory=set)
    others: set[int] = attrs.field(factory=set)
    torn: set[int] = attrs.field(factory=set)
    unknown: set[int] = attrs.field(factory=set)
    is_unsure: bool = False

    def add(self, relation: Relation, holder: Part, part: Part, look: bytes) -> None:
        """Take in a statement that has the look, by how it stands to the one being numbered."""
        numbers = {place: holder.number(place) for place in holder.places(look)}
        if relation.offset is not None:
            self._align(relation.offset, numbers, len(part.looks))
        elif relation.standing is Standing.OVERLAPS or (
            relation.standing is not Standing.FOLLOWS and has_reference(look)
        ):
            self.same.update(numbers.values())
        elif relation.standing in {Standing.TORN, Standing.UNKNOWN}:
            torn = relation.standing is Standing.TORN
            (self.torn if torn else self.unknown).update(numbers.values())
            self.is_unsure = True
        else:
            self.others.update(numbers.values())

    def settle(self) -> list[int]:
        """The numbers of entries that are the same without saying at which position, highest first.

        A position is let go that one statement says is an entry which another says it is not; only
        an account that returns to one balance within a day has such a contradiction.
        """
        denied = self.others | self.torn
        taken = set(denied)
        settled: dict[int, int] = {}
        for place, number in sorted(self.fixed.items()):
            # Two entries of one statement are never one entry.
            if number in taken:
                self.is_unsure = True
            else:
                taken.add(number)
                settled[place] = number
        self.fixed = settled
        return sorted(self.same - taken - self.unknown, reverse=True)

    def _align(self, offset: int, numbers: Mapping[int, int], length: int) -> None:
        for place, number in numbers.items():
            if 0 <= place - offset < length:
                self.fixed[place - offset] = number
            else:
                self.others.add(number)


class _ClosedDays:
    """The days that final statements have whole, as ordinals.

    The day of an opening balance is often the day before, so it counts where it has an entry.
    """

    def __init__(self, final: Iterable[Part]) -> None:
        self._days: set[int] = set()
        self._spans: list[Span] = []
        for part in final:
            self._days.update(part.days)
            if part.span is not None:
                first, last = part.span
                self._spans.append((first if first == last else first + 1, last))
        self._spans.sort()

    def among(self, days: Iterable[int]) -> frozenset[int]:
        """Those of some days that are closed."""
        closed = set()
        spans = iter(self._spans)
        until = 0
        following = next(spans, None)
        for day in sorted(set(days)):
            while following is not None and following[0] <= day:
                until = max(until, following[1])
                following = next(spans, None)
            if day and (day <= until or day in self._days):
                closed.add(day)
        return frozenset(closed)
