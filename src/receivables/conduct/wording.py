"""The words of a letter against the law: what must not be claimed, and what has to be said.

>>> found = check_wording(["L’indemnité forfaitaire de 40 € est due."], jurisdiction="france",
...                       debtor="consumer")
>>> [(one.rule.id, one.line, one.found) for one in found]
[('france.words.fixed-sum', 1, 'indemnité forfaitaire')]
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

import attrs

from receivables.casework.contacts import Actor
from receivables.conduct.loading import pack
from receivables.conduct.model import ConductPack, WordingRule
from receivables.errors import PolicyError
from receivables.interest.model import Debtor

__all__ = ["WordingFinding", "check_wording", "forbidden_in", "required_in"]


@attrs.frozen(kw_only=True)
class WordingFinding:
    """A claim that is forbidden and was found, or that is required and was not."""

    rule: WordingRule
    line: int
    """The line it stands on, from 1; 0 where something is missing."""
    found: str
    """The words, or nothing where they are missing."""

    def __str__(self) -> str:
        if self.rule.is_required:
            return f"{self.rule.article} asks for it to say {self.rule.claim}"
        return f"line {self.line}: {self.found!r} claims {self.rule.claim} ({self.rule.article})"


def forbidden_in(
    jurisdiction: ConductPack | str,
    *,
    debtor: Debtor | str = Debtor.BUSINESS,
    actor: Actor | str = Actor.CREDITOR,
    letter: str = "",
) -> tuple[WordingRule, ...]:
    """The claims that a letter must not make; `jurisdiction` is a pack or the name of one.

    >>> [rule.id for rule in forbidden_in("france", debtor="business")][0]
    'france.words.fees'
    """
    return _wording(jurisdiction, is_required=False, debtor=debtor, actor=actor, letter=letter)


def required_in(
    jurisdiction: ConductPack | str,
    *,
    debtor: Debtor | str = Debtor.BUSINESS,
    actor: Actor | str = Actor.CREDITOR,
    letter: str = "",
) -> tuple[WordingRule, ...]:
    """What a letter of a kind has to say; some of it only where the letter speaks of a thing.

    >>> [rule.claim for rule in required_in("france", letter="formal-notice")]
    ['that it is a formal notice']
    """
    return _wording(jurisdiction, is_required=True, debtor=debtor, actor=actor, letter=letter)


def _wording(
    jurisdiction: ConductPack | str,
    *,
    is_required: bool,
    debtor: Debtor | str,
    actor: Actor | str,
    letter: str,
) -> tuple[WordingRule, ...]:
    one = pack(jurisdiction) if isinstance(jurisdiction, str) else jurisdiction
    return tuple(
        rule
        for rule in one.wording
        if rule.is_required is is_required
        and rule.concerns(debtor=Debtor(debtor), actor=Actor(actor), letter=letter)
    )


def check_wording(
    lines: Iterable[str],
    *,
    jurisdiction: ConductPack | str,
    debtor: Debtor | str = Debtor.BUSINESS,
    actor: Actor | str = Actor.CREDITOR,
    letter: str = "",
) -> tuple[WordingFinding, ...]:
    """What is wrong with the words of a letter: each forbidden claim by line, then what is missing.

    `letter` is its kind, such as ``formal-notice``; what only some kinds have to say is asked for
    where the kind is given.  Patterns find the usual words, and prove nothing about others.
    Raises `PolicyError` for a lone text in the place of lines.
    """
    if isinstance(lines, str):
        msg = f"lines must be a list of lines, got the text {lines[:40]!r}"
        raise PolicyError(msg)
    known = tuple(lines)
    forbidden = forbidden_in(jurisdiction, debtor=debtor, actor=actor, letter=letter)
    required = required_in(jurisdiction, debtor=debtor, actor=actor, letter=letter)
    found = [
        WordingFinding(rule=rule, line=number, found=words)
        for number, line in enumerate(known, start=1)
        for rule in forbidden
        if (words := _first(rule.patterns, line))
    ]
    whole = "\n".join(known)
    missing = [
        WordingFinding(rule=rule, line=0, found="") for rule in required if _is_missing(rule, whole)
    ]
    return (*found, *missing)


def _is_missing(rule: WordingRule, whole: str) -> bool:
    if rule.where and not _first(rule.where, whole):
        return False
    return not _first(rule.patterns, whole)


def _first(patterns: Sequence[str], text: str) -> str:
    """The words that the first pattern finds; spaces and apostrophes of every kind are alike."""
    plain = _plain(text)
    for pattern in patterns:
        if match := _compiled(_plain(pattern)).search(plain):
            return match.group() or pattern
    return ""


_ALIKE = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " ", "‑": "-"})


def _plain(text: str) -> str:
    return text.translate(_ALIKE)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
