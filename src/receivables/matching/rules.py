"""How references and names are compared: pure functions of text.

This is a search, not a rule over terms: there is one implementation, for values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

__all__ = ["document_keys", "name_key", "plain_reference", "text_keys"]

_WORD: Final = re.compile(r"[A-Z0-9]+")
_DIGITS: Final = re.compile(r"\d+")
_JOINED_WORDS: Final = 5
"""A number may be written as up to five words: ``FA 2026 - 01 17``."""

_LEGAL_FORMS: Final = frozenset(
    [
        "SA",
        "SAS",
        "SASU",
        "SARL",
        "EURL",
        "SCI",
        "SNC",
        "SL",
        "SLU",
        "SAU",
        "SC",
        "GMBH",
        "AG",
        "KG",
        "OHG",
        "UG",
        "EK",
        "INC",
        "LTD",
        "LTEE",
        "LIMITED",
        "LIMITEE",
        "CORP",
        "CORPORATION",
        "LLC",
        "LLP",
        "PLC",
        "BV",
        "NV",
        "SPA",
        "SRL",
        "CIE",
        "ENR",
    ]
)


def plain_reference(text: str) -> str:
    """A reference reduced to its letters and digits, in capitals, without accents.

    >>> plain_reference("Fa. 2026-0117")
    'FA20260117'
    """
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text.upper())
    return _WORD.findall("".join(char for char in decomposed if not unicodedata.combining(char)))


def document_keys(number: str) -> frozenset[str]:
    """The forms under which a payer may write a document number, prefix and zeros dropped.

    >>> sorted(document_keys("FA-2026-00117"))
    ['202600117', 'FA202600117']
    >>> sorted(document_keys("000123"))
    ['000123', '123']
    """
    whole = plain_reference(number)
    keys = {whole, whole.lstrip("0")}
    if (digits := "".join(_DIGITS.findall(whole))) != whole:
        keys |= {digits, digits.lstrip("0")}
    return frozenset(key for key in keys if key)


def text_keys(text: str, *, is_known: Callable[[str], bool], shortest: int) -> Iterator[str]:
    """The known keys in a text: the longest run of words first, and none inside a found one.

    >>> list(text_keys("fact 2026-0117 du 2026", is_known={"20260117", "2026"}.__contains__,
    ...                shortest=4))
    ['20260117', '2026']
    """
    words = _words(text)
    start = 0
    while start < len(words):
        for count in range(min(_JOINED_WORDS, len(words) - start), 0, -1):
            joined = "".join(words[start : start + count])
            found = _known_form(joined, is_known, shortest)
            if found:
                yield found
                start += count - 1
                break
        start += 1


def _known_form(joined: str, is_known: Callable[[str], bool], shortest: int) -> str | None:
    for form in (joined, joined.lstrip("0")):
        if len(form) >= shortest and _DIGITS.search(form) and is_known(form):
            return form
    return None


def name_key(name: str) -> str:
    """A party's name without case, accents, punctuation and legal form.

    >>> name_key("Quincaillerie Tremblay inc.") == name_key("QUINCAILLERIE TREMBLAY, INC")
    True
    """
    words = _words(name.replace(".", ""))
    kept = [word for word in words if word not in _LEGAL_FORMS]
    return "".join(kept or words)
