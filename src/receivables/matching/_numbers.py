"""Document numbers as payers write them: with other separators, without zeros, cut, misspelt.

A number is compared by its figures.  ``FA-2026-00117`` has the letters ``FA``, the figures
``202600117``, and the short figures ``2026117`` that remain where each group loses its zeros.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

__all__ = [
    "Group",
    "Number",
    "Window",
    "cuts",
    "figures_of",
    "groups_of",
    "known_number",
    "misspellings",
    "number_of",
    "plain_text",
    "windows",
]

_GROUP: Final = re.compile(r"[A-Z]+|[0-9]+")
_FIGURES: Final = re.compile(r"[0-9]+")
_LETTERS: Final = re.compile(r"[A-Z]+")
_WINDOW_MAX: Final = 7
"""Groups of figures that are read as one: a reference of 27 digits is printed in six or seven."""


class Number(NamedTuple):
    """A document number taken apart."""

    letters: str
    figures: str
    """All figures, without leading zeros."""
    short: str
    """All figures, each group without its leading zeros."""
    last: str
    """The last group of figures, without leading zeros."""


class Group(NamedTuple):
    """A run of letters or of figures in a text, and whether it touches the one before."""

    text: str
    is_figures: bool
    start: int
    end: int


def figures_of(number: str) -> tuple[str, str, str]:
    """The figures, the short figures and the last group of a number, or its letters for all three.

    >>> figures_of("FA-2026-00117"), figures_of("ab-c")
    (('202600117', '2026117', '117'), ('ABC', 'ABC', 'ABC'))
    """
    groups = _FIGURES.findall(number)
    if not groups:
        letters = "".join(_LETTERS.findall(plain_text(number)))
        return letters, letters, letters
    last = groups[-1].lstrip("0")
    if len(groups) == 1:
        return last, last, last
    return "".join(groups).lstrip("0"), "".join([one.lstrip("0") for one in groups]), last


def number_of(number: str) -> Number:
    """Take a document number apart.

    >>> number_of("FA-2026-00117")
    Number(letters='FA', figures='202600117', short='2026117', last='117')
    """
    plain = plain_text(number)
    groups = _FIGURES.findall(plain)
    if not groups:
        return Number("".join(_LETTERS.findall(plain)), "", "", "")
    letters = "".join(_LETTERS.findall(plain))
    last = groups[-1].lstrip("0")
    if len(groups) == 1:
        return Number(letters, last, last, last)
    short = "".join([group.lstrip("0") for group in groups])
    return Number(letters, "".join(groups).lstrip("0"), short, last)


@functools.lru_cache(maxsize=65_536)
def known_number(number: str) -> Number:
    """The same, kept, for the numbers that a run comes back to."""
    return number_of(number)


def plain_text(text: str) -> str:
    """A text in capitals and without accents."""
    upper = text.upper()
    if upper.isascii():
        return upper
    decomposed = unicodedata.normalize("NFKD", upper)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def groups_of(text: str) -> list[Group]:
    """The runs of letters and figures of a plain text (`plain_text`)."""
    return [
        Group(found[0], found[0][0] <= "9", found.start(), found.end())
        for found in _GROUP.finditer(text)
    ]


class Window(NamedTuple):
    """Groups of figures read as one number, with the letters before and between them."""

    first: int
    last: int
    lead: str
    """The letters right before."""
    inside: str
    """The letters between its figures."""
    parts: int
    """How many groups of figures it has."""
    written: int
    """How many figures were written, zeros included."""
    start: int
    """Where it stands in the text."""
    end: int
    figures: str
    short: str


def windows(groups: list[Group], start: int, *, longest: int) -> Iterator[Window]:
    """Every way to read a number from a group of figures on, the longest first.

    Letters may stand right before the first figures, or between them; a word in between ends it,
    and so do more figures than the longest number has.
    """
    before = groups[start - 1] if start else None
    lead = before.text if before is not None and not before.is_figures else ""
    found: list[Window] = []
    letters = figures = short = ""
    count = 0
    for at in range(start, len(groups)):
        group = groups[at]
        if not group.is_figures:
            if len(group.text) > _LETTERS_INSIDE:
                break
            letters += group.text
            continue
        figures += group.text
        if count and len(figures) > longest:
            break
        short += group.text.lstrip("0")
        found.append(
            Window(
                start,
                at,
                lead,
                letters,
                count + 1,
                len(figures),
                groups[start].start,
                group.end,
                figures.lstrip("0"),
                short,
            )
        )
        count += 1
        if count == _WINDOW_MAX:
            break
    return reversed(found)


_LETTERS_INSIDE: Final = 3
"""Letters inside a number (``2026-FA-117``); a longer word is a word."""


def misspellings(figures: str) -> Iterator[str]:
    """Every number of the same length with one other figure, or with two neighbours exchanged.

    >>> found = set(misspellings("117"))
    >>> "118" in found, "171" in found, "117" in found, len(found)
    (True, True, False, 28)
    """
    for at, figure in enumerate(figures):
        before, after = figures[:at], figures[at + 1 :]
        for other in "0123456789":
            if other != figure:
                yield before + other + after
        if after and after[0] != figure:
            yield before + after[0] + figure + after[1:]


def cuts(figures: str, lengths: Iterable[int]) -> Iterator[str]:
    """Pieces of a long run of figures that have the length of a number: numbers run together."""
    for length in lengths:
        if len(figures) >= 2 * length and len(figures) % length == 0:
            for at in range(0, len(figures), length):
                yield figures[at : at + length]
