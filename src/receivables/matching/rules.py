"""How references and names are compared: pure functions of text.

This is a search, not a rule over terms: there is one implementation, for values.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["document_keys", "name_key", "name_words", "plain_reference"]

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
