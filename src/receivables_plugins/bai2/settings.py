"""What a bank and its customer agreed on beyond BAI2: keywords in texts, and words of returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["KEYWORDS", "RETURN_TEXTS", "Bai2Settings"]

END_TO_END: Final = "end-to-end"
PAYER: Final = "payer"
PAYER_ACCOUNT: Final = "payer-account"
_MEANINGS: Final = (END_TO_END, PAYER, PAYER_ACCOUNT)

KEYWORDS: Final[Mapping[str, str]] = MappingProxyType(
    {"DACT": PAYER_ACCOUNT, "DBNM": PAYER, "EREF": END_TO_END}
)
"""Keywords that open a continuation (``88,EREF: 4711``) and what follows them; seen at one bank."""

RETURN_TEXTS: Final = (
    "CHEQUE RETURNED",
    "CHECK RETURNED",
    "RETURNED CHECK",
    "RETURNED CHEQUE",
    "RETURNED ITEM",
    "RTD CHQ",
    "RTN-",
)
"""How the text of a debit begins that takes a deposit back under a code that only says debit (409)."""


def _table(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({key.upper(): meaning for key, meaning in values.items()})


def _beginnings(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value.upper() for value in values)


@attrs.frozen(kw_only=True)
class Bai2Settings:
    """Settings of the adapter ``bai2``.

    `keywords` maps the keyword that opens a continuation to ``end-to-end``, ``payer`` or
    ``payer-account``.  `return_texts` are beginnings of texts of a debit of code 409 that takes a
    deposit back; a text that speaks of a fee or a charge is none.

    >>> Bai2Settings(keywords={"obo": "payer"}).keywords["OBO"]
    'payer'
    """

    keywords: Mapping[str, str] = attrs.field(default=KEYWORDS, converter=_table)
    return_texts: tuple[str, ...] = attrs.field(default=RETURN_TEXTS, converter=_beginnings)

    @keywords.validator
    def _check_keywords(self, _attribute: object, value: Mapping[str, str]) -> None:
        for meaning in value.values():
            if meaning not in _MEANINGS:
                msg = f"keywords must mean one of {', '.join(_MEANINGS)}, got {meaning!r}"
                raise ValueError(msg)
