"""What the communication of a movement says: free text, or a structure by its type.

The layouts are those of Febelfin's standard, annex III, as Noviat's module and Tryton's reader have
them; types 001, 008 and 009 stand in information records, the others in movements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.receipts.model import ReturnInfo
from receivables_plugins.coda.codes import R_TYPES, REFUSALS

__all__ = [
    "BELGIAN",
    "NO_REFERENCE",
    "Original",
    "Said",
    "read_communication",
    "returned_of",
    "squeezed",
]

_FIGURES: Final = frozenset({"104", "106", "108", "121", "122", "123", "124", "125", "126"})
"""Calculations, credits and investments: figures of the bank, and nothing that a payer says."""

_TERMINALS: Final = {"111": 35, "113": 40, "114": 27, "115": 67}
"""Where the name and the place of a card terminal stand."""

_AMOUNT: Final = re.compile(r"[0-9]{15}")
_REASON: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{2}")
BELGIAN: Final = frozenset({"101", "102"})
"""Structured communications of twelve digits, as the payer gave them or as the bank rebuilt them."""

NO_REFERENCE: Final = frozenset({"", "000000000000"})
"""A reference that is none."""


@attrs.frozen(kw_only=True)
class Original:
    """The amount before charges and exchange (type 105), in thousandths."""

    thousandths: int
    currency: str


@attrs.frozen(kw_only=True, slots=False)  # one for each movement: without slots in half the time
class Said:
    """What a communication says, each thing in its place."""

    text: str = ""
    references: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    """Other references, as pairs of name and value."""
    returned: ReturnInfo | None = None
    original: Original | None = None


def squeezed(text: str) -> str:
    """A text of fixed width without the blanks that fill it."""
    return " ".join(text.split())


def read_communication(text: str) -> Said:
    """Read a structured communication: three digits of its type, and what the type lays down.

    A type that is not known is text.

    >>> read_communication("101090933755493").references
    ('090933755493',)
    """
    kind, data = text[:3], text[3:]
    if kind in _LAYOUTS:
        return _LAYOUTS[kind](data)
    if kind in _TERMINALS:
        at = _TERMINALS[kind]
        return Said(text=squeezed(data[at : at + 26]))
    return Said(text="" if kind in _FIGURES else squeezed(data))


def _iso_reference(data: str) -> Said:
    """Type 100: a creditor reference of ISO 11649, which has up to 25 characters."""
    return _reference(data[:35])


def _belgian_reference(data: str) -> Said:
    """Types 101 and 102: twelve digits, as the payer gave them or as the bank rebuilt them."""
    return _reference(data[:12])


def _number(data: str) -> Said:
    """Type 103: the number of a cheque or of a card."""
    number = squeezed(data)
    return Said(others=(("number", number),) if number else ())


def _reference(data: str) -> Said:
    reference = data.strip()
    return Said(references=() if reference in NO_REFERENCE else (reference,))


def _original(data: str) -> Said:
    """Type 105: gross amount in the account's currency and in the original one, rate, reference."""
    said = _reference(data[45:57])
    amount, currency = data[15:30], data[42:45].strip()
    if currency and _AMOUNT.fullmatch(amount) and int(amount):
        original = Original(thousandths=int(amount), currency=currency)
        return attrs.evolve(said, original=original)
    return said


def _old_direct_debit(data: str) -> Said:
    """Type 107: a direct debit of the scheme before SEPA (DOM80), until version 2.3."""
    refusal = REFUSALS.get(data[48:49])
    number = data[:12].strip()
    return Said(
        text=squeezed(data[18:48]),
        others=(("MndtId", number),) if number else (),
        returned=None if refusal is None else ReturnInfo(text=refusal),
    )


def _direct_debit(data: str) -> Said:
    """Type 127: settlement date, type, scheme, paid or why not, creditor, mandate, text, R."""
    pairs = (("CdtrSchmeId", data[9:44].strip()), ("MndtId", data[44:79].strip()))
    refusal = REFUSALS.get(data[8:9], "")
    return Said(
        text=squeezed(data[79:141]),
        others=tuple(pair for pair in pairs if pair[1]),
        returned=returned_of(data[141:142], data[142:146], words=refusal),
    )


def returned_of(r_type: str, reason: str, *, words: str = "") -> ReturnInfo | None:
    """What an R-transaction says of itself; None where it is none.

    >>> found = returned_of("2", "AM04")
    >>> found.code, found.text
    ('AM04', 'return')
    >>> returned_of("0", "    ") is None
    True
    """
    code = reason if _REASON.fullmatch(reason) else ""
    kind = R_TYPES.get(r_type, "")
    if not (code or kind or words):
        return None
    return ReturnInfo(code=code, text=", ".join(filter(None, (kind, words))))


_LAYOUTS: Final[Mapping[str, Callable[[str], Said]]] = MappingProxyType(
    {
        "100": _iso_reference,
        "101": _belgian_reference,
        "102": _belgian_reference,
        "103": _number,
        "105": _original,
        "107": _old_direct_debit,
        "127": _direct_debit,
    }
)
