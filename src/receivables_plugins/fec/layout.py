"""The eighteen fields of *LPF art. A47 A-1 VII*, which may be blank, and what a file is called.

https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000027804775
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from receivables.errors import PolicyError

__all__ = ["BY_SIDE", "HEADINGS", "MAY_BE_BLANK", "NUMBERS", "PAIRS", "fec_name"]

HEADINGS: Final = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
"""The names of the fields, which the first line of a file has in this order (VII 1° and 4°)."""

BY_SIDE: Final = (*HEADINGS[:11], "Montant", "Sens", *HEADINGS[13:])
"""The same where the books have an amount and a side instead of debit and credit (VII 2°)."""

MAY_BE_BLANK: Final = frozenset(
    {"CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise"}
)
"""The fields that are "à blanc si non utilisé"; every other one must be filled."""

NUMBERS: Final = frozenset({"Debit", "Credit", "Montant", "Montantdevise"})
"""The fields whose type is numeric."""

PAIRS: Final = (
    ("CompAuxNum", "CompAuxLib"),
    ("EcritureLet", "DateLet"),
    ("Montantdevise", "Idevise"),
)
"""Fields that are filled together or not at all."""

_SIREN: Final = re.compile(r"[0-9]{9}")


def fec_name(siren: str, closing: dt.date) -> str:
    """The name of the file of a firm for the year that ends on a day: *LPF art. A47 A-1 IX*.

    Raises `PolicyError` unless the SIREN has nine figures.

    >>> fec_name("732829320", dt.date(2026, 12, 31))
    '732829320FEC20261231.txt'
    """
    if not _SIREN.fullmatch(siren):
        msg = f"siren must have nine figures, got {siren!r}"
        raise PolicyError(msg)
    return f"{siren}FEC{closing:%Y%m%d}.txt"
