"""Card numbers: recognized so that they can be kept out, and never kept.

A card number is 13 to 19 figures with a known beginning whose last figure checks (ISO/IEC 7812-1,
annex B: Luhn).  PCI DSS 4.0, requirement 3.4.1, allows at most the first six and the last four of
them to be shown; here only the last four stay.

>>> masked("paid with 4111 1111 1111 1111 12/27, thanks")
'paid with ************1111 12/27, thanks'
>>> holds_card_number("invoice 4111111111111112")
False
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, TypeAlias

__all__ = ["holds_card_number", "masked"]

_Span: TypeAlias = tuple[int, int]

_BETWEEN: Final = r"[ \u00a0\u2007\u2009\u202f./_\u2010-\u2015\u2212-]{0,2}"
_MAYBE: Final = re.compile(rf"[0-9](?<![0-9A-Za-z][0-9])(?:{_BETWEEN}[0-9]){{12}}")
"""What must be there for a closer look to be worth its time; it begins with what is rare in texts."""
_GROUP: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]+(?![0-9A-Za-z])")
_GAP: Final = re.compile(_BETWEEN)
_IBAN: Final = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?:[ \u00a0]?[0-9A-Z]){11,30}")
_BEGINNING: Final = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|095|6|[89])"
    r"|35(?:2[89]|[3-8])|6(?:011|4[4-9]|5|2|0|3[0479]|7)|50|5[6-8]|9792|220[0-4]"
)
_LAYOUT: Final = re.compile(r"1[3-9]|4 4 4 [1-4]|4 4 4 4 [1-3]|4 6 [45]")
"""How many figures stand together where a card is written in groups: on it, or all in one."""
_GAP_MAX: Final = 2
_FIGURES_MIN: Final = 13
_FIGURES_MAX: Final = 19
_KEPT: Final = 4


def holds_card_number(text: str) -> bool:
    """Whether something in a text looks like a card number, with or without blanks in it.

    Other figures may stand beside it, an expiry date or a check, and figures of any script count.
    """
    if len(text) < _FIGURES_MIN:
        return False
    if not text.isascii():
        return _first(_plain(text)) is not None
    if text.isdigit():  # a name that is a number is the whole of one group
        return len(text) <= _FIGURES_MAX and _is_card(text)
    return _MAYBE.search(text) is not None and _first(text) is not None


def masked(text: str) -> str:
    """The text with all but the last four figures of every card number replaced by asterisks."""
    plain = _plain(text)
    while (found := _first(plain)) is not None:
        start, end = found
        figures = _figures(plain[start:end])
        mask = "*" * (len(figures) - _KEPT) + figures[-_KEPT:]
        plain = plain[:start] + mask + plain[end:]
        text = text[:start] + mask + text[end:]
    return text


def _plain(text: str) -> str:
    """The text with the figures of other scripts as those of ours, sign by sign."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def _first(text: str) -> _Span | None:
    """Where the first card number of a text begins and ends."""
    if _MAYBE.search(text) is None:
        return None
    return next((span for run in _runs(text) if (span := _in_run(text, run))), None)


def _runs(text: str) -> Iterator[list[_Span]]:
    """Groups of figures that only blanks, points, strokes and dashes stand between."""
    ibans = [each.span() for each in _IBAN.finditer(text) if _is_iban(each.group())]
    run: list[_Span] = []
    for found in _GROUP.finditer(text):
        start, end = found.span()
        if ibans and any(first <= start < last for first, last in ibans):
            continue
        if run and (
            start - run[-1][1] > _GAP_MAX or _GAP.fullmatch(text, run[-1][1], start) is None
        ):
            yield run
            run = []
        run.append((start, end))
    yield run


def _in_run(text: str, run: list[_Span]) -> _Span | None:
    """The first card number among the groups of a run.

    From the beginning of a run, the longest number that can be one may be written in any groups;
    elsewhere it must be in those of a card, because dates and references have figures as well.
    """
    if len(run) == 1:
        [(start, end)] = run
        may_be = _FIGURES_MIN <= end - start <= _FIGURES_MAX
        return (start, end) if may_be and _is_card(text[start:end]) else None
    for index in range(len(run)):
        windows = _windows(run, index)
        for place, groups in enumerate(windows):
            start, end = groups[0][0], groups[-1][1]
            is_whole = index == 0 and place == 0
            layout = " ".join(str(last - first) for first, last in groups)
            may_be = is_whole or _LAYOUT.fullmatch(layout) is not None
            if may_be and _is_card(_figures(text[start:end])):
                return start, end
    return None


def _windows(run: list[_Span], index: int) -> list[list[_Span]]:
    """The groups from one on that have as many figures as a card number, the longest first."""
    found: list[list[_Span]] = []
    figures = 0
    for last in range(index, len(run)):
        figures += run[last][1] - run[last][0]
        if figures > _FIGURES_MAX:
            break
        if figures >= _FIGURES_MIN:
            found.insert(0, run[index : last + 1])
    return found


def _figures(run: str) -> str:
    return "".join(each for each in run if each.isdigit())


def _is_card(figures: str) -> bool:
    return bool(_BEGINNING.match(figures)) and _luhn(figures)


def _luhn(figures: str) -> bool:
    total = 0
    for place, figure in enumerate(reversed(figures)):
        value = int(figure) * (1 + place % 2)
        total += value - 9 * (value > 9)  # noqa: PLR2004  # two figures
    return total % 10 == 0


def _is_iban(text: str) -> bool:
    """Whether the check figures of an account are right (ISO 13616); it is written in fours as well."""
    sign = "".join(text.split())
    return int("".join(str(int(each, 36)) for each in sign[4:] + sign[:4])) % 97 == 1
