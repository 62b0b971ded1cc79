"""The words of a worksheet, in the reader's language; read back in any language of the library."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.allocation.model import ResidualKind
from receivables.i18n import LANGUAGES, Catalog, format_amount, words
from receivables.reviewing.model import Decision

__all__ = [
    "COLUMNS",
    "EDITED",
    "KEY",
    "RESIDUALS",
    "Column",
    "Marks",
    "column_of",
    "decision_of",
    "decision_word",
    "heading",
    "marks_of",
    "plain",
    "residual_of",
    "residual_word",
]


@attrs.frozen
class Column:
    """A column of the worksheet: its name here, its heading in the catalogues, its width."""

    name: str
    message: str
    width: int


COLUMNS: Final = (
    Column("receipt", "receipt", 16),
    Column("booking_date", "booking date", 17),
    Column("payer", "payer", 26),
    Column("payer_account", "payer account", 28),
    Column("amount", "amount", 14),
    Column("currency", "currency", 8),
    Column("text", "remittance text", 36),
    Column("outcome", "outcome", 19),
    Column("sure", "sure (%)", 9),
    Column("decision", "decision", 11),
    Column("customer", "customer", 12),
    Column("item", "document", 18),
    Column("pays", "pays", 14),
    Column("residual", "residual", 24),
    Column("residual_amount", "residual amount", 17),
    Column("residual_reason", "residual reason", 18),
    Column("unapplied", "unapplied", 14),
    Column("why", "reasons", 60),
    Column("alternatives", "alternatives", 40),
)
"""The columns of the worksheet, from left to right."""

EDITED: Final = (
    "receipt",
    "decision",
    "customer",
    "item",
    "pays",
    "residual",
    "residual_amount",
    "residual_reason",
)
"""The columns that are read back; what stands in any other is for the eye."""

KEY: Final = Column("key", "key", 10)
"""The last column of a table without hidden sheets."""

RESIDUALS: Final[Mapping[ResidualKind, str]] = MappingProxyType(
    {
        ResidualKind.BANK_CHARGE: "bank charge",
        ResidualKind.CASH_ROUNDING: "cash rounding",
        ResidualKind.DEDUCTION: "deduction",
        ResidualKind.RETENTION: "retention",
        ResidualKind.SETTLEMENT_DISCOUNT: "settlement discount",
        ResidualKind.SMALL_DIFFERENCE: "small difference",
        ResidualKind.WITHHOLDING_TAX: "withholding tax",
        ResidualKind.WRITE_OFF: "write-off",
    }
)
"""The residuals that a person may say, and their words."""


def plain(text: str) -> str:
    r"""A text as it is compared: no control characters, one blank where there are several.

    >>> plain(" FA-1\r\n  x"), plain("'=1")
    ('FA-1 x', "'=1")
    """
    kept = (character if character.isprintable() else " " for character in text)
    return " ".join("".join(kept).split())


def heading(column: Column, catalog: Catalog) -> str:
    """The heading of a column."""
    return catalog.text("match", column.message)


@functools.cache
def _columns() -> Mapping[str, str]:
    return {
        heading(column, words(language)).casefold(): column.name
        for language in LANGUAGES
        for column in (*COLUMNS, KEY)
    }


def column_of(text: str) -> str:
    """The column that a heading names, in any language; empty for a heading of no column.

    >>> column_of("Décision"), column_of("paga"), column_of("Notes")
    ('decision', 'pays', '')
    """
    return _columns().get(plain(text).casefold(), "")


def decision_word(decision: Decision, catalog: Catalog) -> str:
    """A decision in the reader's language; nothing where none was made."""
    return catalog.text("match", decision.value) if decision.value else ""


@functools.cache
def _decisions() -> Mapping[str, Decision]:
    made = (Decision.APPLY, Decision.LEAVE)
    said = {
        decision_word(each, words(language)).casefold(): each
        for language in LANGUAGES
        for each in made
    }
    return {"": Decision.OPEN, **said}


def decision_of(text: str) -> Decision | None:
    """The decision that a cell says, in any language; None for a word that is none.

    >>> decision_of("lettrer"), decision_of(""), decision_of("perhaps")
    (<Decision.APPLY: 'apply'>, <Decision.OPEN: ''>, None)
    """
    return _decisions().get(plain(text).casefold())


def residual_word(kind: ResidualKind, catalog: Catalog) -> str:
    """A kind of residual in the reader's language; its code where no person says it."""
    return catalog.text("residual", RESIDUALS[kind]) if kind in RESIDUALS else kind.value


@functools.cache
def _residuals() -> Mapping[str, ResidualKind]:
    by_word = {
        residual_word(kind, words(language)).casefold(): kind
        for language in LANGUAGES
        for kind in RESIDUALS
    }
    return {**{kind.value: kind for kind in ResidualKind}, **by_word}


def residual_of(text: str) -> ResidualKind | None:
    """The kind of residual that a cell says, in any language or by its code; None for another word.

    >>> residual_of("Escompte"), residual_of("bank-charge")
    (<ResidualKind.SETTLEMENT_DISCOUNT: 'settlement-discount'>, <ResidualKind.BANK_CHARGE: 'bank-charge'>)
    """
    return _residuals().get(plain(text).casefold())


@attrs.frozen
class Marks:
    """What stands before the decimals of an amount, and between its thousands; None is not known."""

    decimal: str | None = None
    grouping: str | None = None


@functools.cache
def marks_of(locale: str) -> Marks:
    """The marks of a locale.

    >>> marks_of("es-ES"), marks_of("fr-FR")
    (Marks(decimal=',', grouping='.'), Marks(decimal=',', grouping=' '))
    """
    shown = format_amount(123_456_789_00, "EUR", locale)
    group = shown[3]
    if group.isspace():
        group = " "
    return Marks(shown[-3], {"’": "'"}.get(group, group))
