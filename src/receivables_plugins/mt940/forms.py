"""From the information of an entry (``:86:``) to what it says, in whichever form the bank gives it.

>>> InformationReader().read(["/TRTP/SEPA OVERBOEKING/IBAN/NL0/NAME/N. Body/REMI/Invoice 7/EREF/NOTPRO",
...                           "VIDED"]).text
('Invoice 7',)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from receivables_plugins.mt940.german import SEPARATORS, SubfieldReader
from receivables_plugins.mt940.information import PLAIN_WRAP, Information, joined
from receivables_plugins.mt940.tokens import TokenReader

__all__ = ["OWN_TAG", "InformationReader"]

OWN_TAG: Final = ":NS:"
"""What German banks write before lines that SWIFT does not know: two digits and a text each."""

_CODE_LENGTH: Final = 3
_NAME: Final = frozenset({"15", "16"})
_ACCOUNT: Final = "34"
_TEXT_MAX: Final = "20"


class InformationReader:
    """Reads the informations of one file."""

    def __init__(self) -> None:
        self._read_subfields = SubfieldReader().read
        self._read_tokens = TokenReader().read

    def read(self, lines: Sequence[str]) -> Information:
        """Read an information from its lines, without the tag; what has no structure is text."""
        text = lines[0] if len(lines) == 1 else joined(lines)
        if text[:1] == " ":
            text = text.lstrip()
        if text[:1] != "/" and text[3:4] in SEPARATORS and text[:3].isdecimal():
            return self._read_subfields(text)
        if text[:1] == "/" or "/TRTP/" in text:
            found = self._read_tokens(text)
            if found is not None:
                return found
        return _own(lines) if text.startswith(OWN_TAG) else _plain(lines)


def _plain(lines: Sequence[str]) -> Information:
    """Lines without structure; a German bank says 999 before them."""
    info = Information()
    text = " ".join(joined(lines, wrap=PLAIN_WRAP).split())
    if text.startswith("999"):
        info.code, text = text[:_CODE_LENGTH], text[_CODE_LENGTH:].strip()
    if text:
        info.text = (text,)
    return info


def _own(lines: Sequence[str]) -> Information:
    """Lines of a bank's own: 01 to 14 are text, 15 and 16 the name, 34 the account [observed]."""
    info = Information()
    numbered = [
        (line[:2], line[2:].rstrip()) for line in (lines[0].removeprefix(OWN_TAG), *lines[1:])
    ]
    info.name = "".join(text for number, text in numbered if number in _NAME)
    info.account = next((text for number, text in numbered if number == _ACCOUNT), "")
    kept = [text for number, text in numbered if number < _TEXT_MAX and number not in _NAME]
    info.text = tuple(filter(None, kept))
    return info
