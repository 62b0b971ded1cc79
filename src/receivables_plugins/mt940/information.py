"""What the information of an entry (``:86:``) can say, and how its lines are put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from receivables.receipts.model import ReceiptMethod, ReferredDocument

__all__ = ["PLAIN_WRAP", "Information", "joined", "reference"]

_NO_REFERENCES: Final = frozenset({"NONREF", "NOREF", "NOTPROVIDED", "NOTAVAILABLE", "N/A"})
_WRAP: Final = 56
"""A line of at least so many characters was cut in the middle of what it says.

SWIFT cuts after 65; some banks count the tag, and some cut before a word between slashes.
"""
PLAIN_WRAP: Final = 64
"""The same for lines without structure, which people also break where a sentence ends."""


class Information:
    """What an information says; each attribute is empty where it does not say it."""

    name: str = ""
    account: str = ""
    ultimate_name: str = ""
    end_to_end: str = ""
    code: str = ""
    booking_text: str = ""
    text: tuple[str, ...] = ()
    structured: tuple[str, ...] = ()
    documents: tuple[ReferredDocument, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    method: ReceiptMethod | None = None
    is_return: bool = False
    return_code: str = ""
    return_text: str = ""
    batch_count: int | None = None
    ordered: str = ""
    """An original amount, as it is written."""
    charges: str = ""


def reference(text: str) -> str:
    """A reference, or nothing where the text only says that there is none.

    >>> reference(" NOTPROVIDED "), reference("INV-7")
    ('', 'INV-7')
    """
    text = text.strip()
    return "" if text in _NO_REFERENCES else text


def joined(lines: Sequence[str], *, wrap: int = _WRAP) -> str:
    """Lines as one text: what was cut is put together, and a line that ended early ends a word.

    >>> joined(["/REMI/" + "x" * 48 + "/EREF/NOTPRO", "VIDED", "and more"])[-20:]
    'NOTPROVIDED and more'
    """
    if len(lines) == 1:
        return lines[0]
    text = lines[0]
    length = len(text) + 4  # The tag stood before it.
    for line in lines[1:]:
        if length >= wrap or line[:1] in {"?", "/", ">"}:
            text += line
        else:
            text += f" {line}"
        length = len(line)
    return text
