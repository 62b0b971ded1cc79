"""How references and names are compared: pure functions of text.

This is a search, not a rule over terms: there is one implementation, for values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

__all__ = ["abbreviates", "document_keys", "name_key", "name_words", "plain_reference"]

_WORD: Final = re.compile(r"[A-Z0-9]+")
_DIGITS: Final = re.compile(r"\d+")

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
    if text.isascii():
        return _WORD.findall(text.upper())
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


def name_key(name: str) -> str:
    """A party's name without case, accents, punctuation and legal form.

    >>> name_key("Quincaillerie Tremblay inc.") == name_key("QUINCAILLERIE TREMBLAY, INC")
    True
    """
    return "".join(name_words(name))


def name_words(name: str) -> list[str]:
    """The words of a party's name, in capitals, without accents, punctuation and legal form.

    >>> name_words("Hôtel des Acacias S.A.R.L.")
    ['HOTEL', 'DES', 'ACACIAS']
    """
    words = _words(name.replace(".", ""))
    return [word for word in words if word not in _LEGAL_FORMS] or words


def abbreviates(short: Sequence[str], full: Sequence[str]) -> bool:
    """Whether words are those of a name in their order, some of them shortened or left out.

    A shortened word begins as the whole one does, and has its letters in their order.  The first
    word is never left out, and never shortened to less than three letters.

    >>> abbreviates(["COASTAL", "MARINE", "SVC"], ["COASTAL", "MARINE", "SERVICES"])
    True
    >>> abbreviates(["COASTAL", "LAND"], ["COASTAL", "MARINE", "SERVICES"])
    False
    """
    if not short or not full or len(short[0]) < _FIRST_MIN or not _shortens(short[0], full[0]):
        return False
    rest = iter(full[1:])
    return all(any(_shortens(word, whole) for whole in rest) for word in short[1:])


_FIRST_MIN: Final = 3


def _shortens(word: str, whole: str) -> bool:
    letters = iter(whole)
    return word[0] == whole[0] and all(letter in letters for letter in word)
