"""Card numbers: recognized so that they can be kept out, and never kept.

A card number is 13 to 19 figures with a known beginning whose last figure checks (ISO/IEC 7812-1,
annex B: Luhn).  PCI DSS 4.0, requirement 3.4.1, allows at most the first six and the last four of
them to be shown; here only the last four stay.

>>> masked("paid with 4111 1111 1111 1111, thanks")
'paid with ************1111, thanks'
>>> holds_card_number("invoice 4111111111111112")
False
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["holds_card_number", "masked"]

_RUN: Final = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ \u00a0.-]?[0-9]){12,18}(?![0-9A-Za-z])")
_BEGINNING: Final = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|095|6|[89])"
    r"|35(?:2[89]|[3-8])|6(?:011|4[4-9]|5|2|0|3[0479]|7)|50|5[6-8]|9792|220[0-4]"
)
_KEPT: Final = 4


def holds_card_number(text: str) -> bool:
    """Whether something in a text looks like a card number, with or without blanks in it."""
    return any(_is_card(found.group()) for found in _RUN.finditer(text))


def masked(text: str) -> str:
    """The text with all but the last four figures of every card number replaced by asterisks."""
    return _RUN.sub(lambda found: _mask(found.group()), text)


def _mask(run: str) -> str:
    if not _is_card(run):
        return run
    figures = _figures(run)
    return "*" * (len(figures) - _KEPT) + figures[-_KEPT:]


def _figures(run: str) -> str:
    return "".join(each for each in run if each.isdigit())


def _is_card(run: str) -> bool:
    figures = _figures(run)
    return bool(_BEGINNING.match(figures)) and _luhn(figures)


def _luhn(figures: str) -> bool:
    total = 0
    for place, figure in enumerate(reversed(figures)):
        value = int(figure) * (1 + place % 2)
        total += value - 9 * (value > 9)  # noqa: PLR2004  # two figures
    return total % 10 == 0
