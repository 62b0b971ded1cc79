"""What addenda say: free text, an X12 820 cut every 80 characters, corrected data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from receivables.receipts import ReferredDocument
from receivables.receipts.x12 import (
    OpenItemReading,
    element,
    find_delimiters,
    split_segments,
)

__all__ = ["Said", "corrections", "is_x12", "joined", "said_by"]

_WIDTH: Final = 80

# What payers part the elements with; U+00A6 is what some programs make of the bar.
_MARKS: Final = frozenset("*|^~+:>\u00a6\x1d")

# Which fields the corrected data of a notice of change holds, in their order.
_CORRECTED: Final = MappingProxyType(
    {
        "C01": ("account",),
        "C02": ("routing",),
        "C03": ("routing", "account"),
        "C04": ("name",),
        "C05": ("transaction-code",),
        "C06": ("account", "transaction-code"),
        "C07": ("routing", "account", "transaction-code"),
        "C09": ("identification",),
    }
)
_ROUTING_LENGTH: Final = 9


@attrs.frozen(kw_only=True)
class Said:
    """What the addenda of an entry say of what it pays."""

    text: tuple[str, ...] = ()
    documents: tuple[ReferredDocument, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    payer: str = ""
    total_minor: int | None = None
    """What the open items add up to; None where they say no amounts."""


def joined(addenda: Sequence[str]) -> str:
    """The information of several addenda in one text: cut anywhere, so joined without a blank.

    >>> joined(["705" + "RMR*IV*26".ljust(80) + "00010000001", "705801*PI*100"]).split()
    ['RMR*IV*26', '801*PI*100']
    """
    if len(addenda) == 1:
        return addenda[0][3:83].rstrip()
    return "".join([record[3:83].ljust(_WIDTH) for record in addenda]).rstrip()


def is_x12(text: str) -> bool:
    """Whether a text can be segments: a name of two or three characters, then a mark.

    >>> is_x12("RMR*IV*26801"), is_x12("Invoice 26801")
    (True, False)
    """
    return (text[2:3] in _MARKS or text[3:4] in _MARKS) and find_delimiters(text) is not None


def said_by(text: str, note: Callable[[str, str, str], object]) -> Said:
    """Read a text as segments of X12 where it is that; any other text is kept as it came."""
    delimiters = find_delimiters(text) if is_x12(text) else None
    if delimiters is None:
        return Said(text=(text,) if text else ())
    reading = OpenItemReading("USD", note=note)
    header = _Header()
    for elements in split_segments(text, delimiters):
        header.take(elements)
        reading.take(elements)
    documents = reading.finish()
    if not documents:
        return Said(text=(text,), references=tuple(header.references), payer=header.payer)
    return Said(
        text=tuple(header.text),
        documents=documents,
        references=(*header.references, *reading.references),
        payer=header.payer,
        total_minor=reading.total_minor if reading.has_amounts else None,
    )


class _Header:
    """What stands before the first open item, and the notes."""

    def __init__(self) -> None:
        self.references: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.payer = ""
        self._is_over = False

    def take(self, elements: Sequence[str]) -> None:
        tag = elements[0]
        if tag == "NTE" and element(elements, 2):
            self.text.append(element(elements, 2))
        self._is_over = self._is_over or tag == "RMR"
        if self._is_over:
            return
        if tag == "TRN" and element(elements, 2):
            self.references.append(("TRN", element(elements, 2)))
        elif tag == "REF" and element(elements, 1) and element(elements, 2):
            self.references.append((element(elements, 1), element(elements, 2)))
        elif tag == "N1" and element(elements, 1) == "PR":
            self.payer = self.payer or element(elements, 2)


def corrections(code: str, data: str) -> tuple[tuple[str, str], ...]:
    """The fields that a notice of change corrects, as far as its code says which they are.

    >>> corrections("C03", "231380104           123456789")
    (('corrected-routing', '231380104'), ('corrected-account', '123456789'))
    """
    names = _CORRECTED.get(code, ())
    if len(names) == 1:
        values = [data.strip()]
    elif names[:1] == ("routing",):
        # The routing number fills its nine places, so that no blank need follow it.
        values = [data[:_ROUTING_LENGTH].strip(), *data[_ROUTING_LENGTH:].split()]
    else:
        values = data.split()
    if not names or len(values) != len(names):
        return ()
    return tuple((f"corrected-{name}", value) for name, value in zip(names, values, strict=True))
