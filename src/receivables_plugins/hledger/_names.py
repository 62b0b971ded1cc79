"""Names that hledger can read: accounts, descriptions, codes and tags.

>>> component("411 Créances: clients;  UE")
'411 Créances- clients, UE'
>>> value("a, b [2026-01-01]")
'a b (2026-01-01)'
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from receivables.accounting.writing import Nature, one_line

__all__ = ["TYPES", "code", "component", "description", "tag", "value"]

TYPES: Final = {
    Nature.ASSET: "A",
    Nature.LIABILITY: "L",
    Nature.EQUITY: "E",
    Nature.INCOME: "R",
    Nature.EXPENSE: "X",
}
"""The letter by which hledger knows the type of an account."""

# What most identifiers are made of, and nothing has to be done about.
_SOUND: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_:./-]*")
_BLANKS: Final = re.compile(r"\s+")
_NOT_TAG: Final = re.compile(r"[^\w-]+")
# A colon parts an account name into levels, and a semicolon could begin a comment.
_IN_ACCOUNT: Final = str.maketrans({":": "-", ";": ","})
# A comma ends the value of a tag, and hledger reads dates in brackets behind a posting.
_IN_VALUE: Final = str.maketrans({",": " ", "[": "(", "]": ")"})
_IN_CODE: Final = str.maketrans({")": "]", "(": "[", ";": ","})


def _plain(text: str) -> str:
    """A text on one line with single blanks: two end the name of an account."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _BLANKS.sub(" ", one_line(text))


def component(text: str) -> str:
    """A component of an account name, without anything that is not printed."""
    text = _plain(text).translate(_IN_ACCOUNT)
    shown = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")
    return _BLANKS.sub(" ", shown).strip() or "-"


def description(text: str) -> str:
    """The description of a transaction, in which a semicolon would begin a comment."""
    return _plain(text).replace(";", ",")


def code(text: str) -> str:
    """The code of a transaction, which stands in parentheses."""
    return text if _SOUND.fullmatch(text) else _plain(text).translate(_IN_CODE)


def value(text: str) -> str:
    """The value of a tag."""
    return text if _SOUND.fullmatch(text) else _plain(_plain(text).translate(_IN_VALUE))


def tag(text: str) -> str:
    """The name of a tag that a dimension becomes.

    >>> tag("Cost center")
    'dim-Cost-center'
    """
    return f"dim-{_NOT_TAG.sub('-', text).strip('-')}"
