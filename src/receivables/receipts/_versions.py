"""A statement that comes again: the same one, a copy of it, or a corrected one under its name."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator

import attrs

from receivables.problems import Place, Problem, Severity
from receivables.receipts._parts import Part, offsets_of
from receivables.receipts._relations import Relations

__all__ = ["Counts", "drop_versions"]


class Counts(enum.Enum):
    """Which of two deliveries of one statement counts, where their figures differ."""

    LATER = "later"
    """The one made later, where both say when; else the one that has all of the other and more;
    else the one that was read later."""
    EARLIER = "earlier"
    """The one made earlier, where both say when; else the one that was read earlier."""


def drop_versions(parts: Iterable[Part], relations: Relations, counts: Counts) -> Iterator[Problem]:
    """Drop the statements of an account that another delivery stands for, and say so."""
    versions = _Versions(relations, counts)
    for part in parts:
        problem = versions.take(part)
        if problem is not None:
            yield problem


@attrs.define
class _Versions:
    relations: Relations
    counts: Counts
    same: dict[Hashable, Part] = attrs.field(factory=dict)
    ends: dict[Hashable, Part] = attrs.field(factory=dict)

    def take(self, part: Part) -> Problem | None:
        """Drop a part, or the one that it replaces."""
        said = part.statement
        if said is None or not (said.statement or said.sequence is not None):
            return None
        identity = (said.statement, said.sequence, said.page)
        figures = (*identity, part.span, part.opening, part.closing, len(part.looks))
        # Lists of one bank under one name tell apart only by when they were made.
        moment = None if part.is_final else said.created_at
        known = self.same.setdefault((*figures, moment, _sum_of(part)), part)
        if known is not part:
            part.is_dropped = True
            return _again(part, known)
        ends = [
            (*identity, part.span, "opening", part.opening),
            (*identity, part.span, "closing", part.closing),
        ]
        other = self._other(part, ends) if part.is_final else None
        if other is None:
            self.ends.update(dict.fromkeys(ends, part))
            return None
        kept, dropped = self._decide(other, part)
        dropped.is_dropped = True
        self.ends.update(dict.fromkeys(ends, kept))
        return _corrected(kept, dropped)

    def _other(self, part: Part, ends: Iterable[Hashable]) -> Part | None:
        """The other version of a statement: of its name and days, and with one end in common."""
        for end in ends:
            other = self.ends.get(end)
            if other is None or other.is_dropped:
                continue
            follows = self.relations.follows(other, part)
            if not follows and not self.relations.is_exhausted:
                return other
        return None

    def _decide(self, one: Part, other: Part) -> tuple[Part, Part]:
        """Which of two versions is kept and which is dropped; `other` was read later."""
        early, late = one, other
        moments = [part.statement.created_at if part.statement else "" for part in (one, other)]
        if all(moments) and moments[0] != moments[1]:
            if moments[0] > moments[1]:
                early, late = other, one
        elif self.counts is Counts.LATER and offsets_of(one, other):
            early, late = sorted((one, other), key=lambda part: len(part.looks))
        return (late, early) if self.counts is Counts.LATER else (early, late)


def _sum_of(part: Part) -> int:
    """A number that is the same for the same entries, in whatever order."""
    return sum(int.from_bytes(look, "big") for look in part.looks)


def _again(part: Part, known: Part) -> Problem:
    said = part.statement
    is_copy = said is not None and said.is_copy
    what = "is a copy of one that was read" if is_copy else "was read before"
    where = f" in {known.source}" if known.source not in {"", part.source} else ""
    message = f"statement {part.title} of {part.account} {what}{where}; it counts once"
    return _warning("statement.duplicate", message, part)


def _corrected(kept: Part, dropped: Part) -> Problem:
    lost = (Counter(dropped.looks) - Counter(kept.looks)).total()
    added = (Counter(kept.looks) - Counter(dropped.looks)).total()
    message = (
        f"statement {kept.title} of {kept.account} came twice with different figures; {_where(kept)} "
        f"counts and {_where(dropped)} does not: {added} entries are only in the one that counts, "
        f"{lost} only in the other"
    )
    return _warning("statement.corrected", message, dropped)


def _where(part: Part) -> str:
    made = part.statement.created_at if part.statement is not None else ""
    said = f"that made {made}" if made else "that"
    return (
        f"{said} in {part.source}" if part.source else f"{said} read as number {part.ordinal + 1}"
    )


def _warning(code: str, message: str, part: Part) -> Problem:
    place = Place(part.source or part.title, field="statement")
    return Problem(code, message, place=place, severity=Severity.WARNING)
