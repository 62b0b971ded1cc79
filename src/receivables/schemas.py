"""The standard frames as a format: which columns each has, of which type, with which gaps and key.

>>> import polars as pl
>>> frame = pl.DataFrame({"customer": ["C-1", None], "currency": ["EUR", "EURO"],
...                       "open_minor": [1.5, 2.0]})
>>> for violation in check_frame(frame, OPEN_ITEMS):
...     print(violation.fault.value, violation)
missing-column column due_date must be there
wrong-type column open_minor must hold whole minor units, got Float64; a join with gaps makes floats in pandas, nullable Int64 columns do not
gaps column customer must have no gaps, got 1 in 2 rows
unknown-currency currency must be an ISO 4217 code with a minor unit, got EURO
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables import frames
from receivables.frames import ColumnType, FrameViolation

__all__ = [
    "EVENTS",
    "ITEMS",
    "MEANINGS",
    "MOVES",
    "OPEN_ITEMS",
    "PAYMENTS",
    "SCHEMAS",
    "FrameColumn",
    "FrameSchema",
    "check_frame",
]

MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        frames.CREDITOR: "the company that is owed",
        frames.CUSTOMER: "the customer who owes; empty where a receipt's payer is unknown",
        frames.CURRENCY: "the currency of every amount of the row",
        frames.ITEM: "the item: a document, an installment of one, or a receipt",
        frames.DOCUMENT: "the document that the item came from",
        frames.KIND: "the kind of the item or of the event",
        frames.OPEN_MINOR: "what is open on the day asked for, credits below zero",
        frames.AMOUNT_MINOR: "the whole amount, credits below zero; of a move what it settled",
        frames.CARRYING_MINOR: "what the books carry the item at, in the functional currency",
        frames.REVALUED_MINOR: "what it is worth at the closing rate, in the functional currency",
        frames.DIFFERENCE_MINOR: "the revalued less the carrying amount",
        frames.DOCUMENT_DATE: "the date on the document",
        frames.POSTING_DATE: "the day from which the books count it",
        frames.DUE_DATE: "the last day to pay on time",
        frames.INSTALLMENT: "which installment of its document, from 1",
        frames.EFFECTIVE_ON: "the day from which the fact counts",
        frames.RECORDED_AT: "the moment at which it became known here",
        frames.DELIVERY_DATE: "the day of delivery or service",
        frames.RECEIVED_ON: "the day on which the customer received the invoice",
        frames.TERMS: "the key of the payment terms",
        frames.TAX_MINOR: "the tax within the amount",
        frames.DISCOUNT_DATE: "the last day of the settlement discount",
        frames.DISCOUNT_MINOR: "the settlement discount",
        frames.LEVEL: "the last dunning level",
        frames.NOTICED_ON: "the day of the last notice",
        frames.HELD_MINOR: "what is held back from dunning",
        frames.CONTESTED_MINOR: "what is in dispute",
        frames.OPENED_ON: "the day on which the case was opened",
        frames.ANSWER_BY: "the day by which an answer is due",
        frames.WRITTEN_OFF_MINOR: "what was written off",
        frames.RECOVERED_MINOR: "what came in after the write-off",
        frames.CLAIMED_MINOR: "what was claimed from an insurer or an estate",
        frames.PAID_ON: "the day of payment; a gap where nothing was paid yet",
        frames.SEGMENT: "the segment of customers",
        frames.SPECIFIC: "the key of a specific assessment; a gap where there is none",
        frames.SPECIFIC_BPS: "the rate of the specific assessment, in basis points",
        frames.COVERED_MINOR: "what an insurance or a security covers",
        frames.COVER_BPS: "the cover, in basis points",
        frames.EXPECTED_ON: "the day on which payment is expected",
        frames.COLLECTOR: "who works the account",
        frames.KNOWN_ON: "the day from which it was known",
        frames.SALES_MINOR: "what was sold in the period",
        frames.SEQUENCE: "the place of the event in the journal, from 1 without gaps",
        frames.EVENT: "the identity of the event",
        frames.BODY: "the whole event, as one line of JSON",
    }
)
"""What every standard column means, in one line."""


@attrs.frozen(kw_only=True)
class FrameColumn:
    """A column of a format: a standard one, and what this format asks of it."""

    name: str = attrs.field()
    is_nullable: bool = False
    """Whether it may have gaps."""
    is_optional: bool = False
    """Whether it may be missing."""

    @name.validator
    def _check_name(self, _attribute: object, value: str) -> None:
        if value not in frames.COLUMNS:
            msg = f"name must be that of a standard column, got {value!r}"
            raise ValueError(msg)

    @property
    def type(self) -> ColumnType:
        """What it holds."""
        return frames.COLUMNS[self.name]

    @property
    def meaning(self) -> str:
        """What it means, in one line."""
        return MEANINGS[self.name]


@attrs.frozen(kw_only=True)
class FrameSchema:
    """A format of a frame: its columns in their order, and the key that each row has alone."""

    name: str
    meaning: str
    columns: tuple[FrameColumn, ...]
    key: tuple[str, ...] = ()
    """The columns that no two rows have in common; none where rows may repeat."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns that must be there."""
        return tuple(column.name for column in self.columns if not column.is_optional)


def _columns(
    names: tuple[str, ...], *, nullable: frozenset[str], optional: frozenset[str] = frozenset()
) -> tuple[FrameColumn, ...]:
    return tuple(
        FrameColumn(name=name, is_nullable=name in nullable, is_optional=name in optional)
        for name in names
    )


ITEMS: Final = FrameSchema(
    name="items",
    meaning="every item that a ledger ever had, whole",
    columns=_columns(
        frames.ITEM_COLUMNS, nullable=frozenset({frames.DUE_DATE, frames.INSTALLMENT})
    ),
    key=(frames.CREDITOR, frames.ITEM),
)
"""What `Ledger.to_frames` gives, and `receivables.ledger.columns.balances` takes."""

MOVES: Final = FrameSchema(
    name="moves",
    meaning="what was settled of each item, signed like it",
    columns=_columns(frames.MOVE_COLUMNS, nullable=frozenset()),
)
"""The other frame of `balances`: an item has any number of moves."""

OPEN_ITEMS: Final = FrameSchema(
    name="open items",
    meaning="what is open on a day",
    columns=_columns(
        (
            *(frames.CREDITOR, frames.ITEM, frames.CUSTOMER, frames.CURRENCY, frames.OPEN_MINOR),
            *(frames.DOCUMENT_DATE, frames.POSTING_DATE, frames.DUE_DATE),
        ),
        nullable=frozenset({frames.DUE_DATE}),
        optional=frozenset(
            {frames.CREDITOR, frames.ITEM, frames.DOCUMENT_DATE, frames.POSTING_DATE}
        ),
    ),
)
"""What aging, interest, dunning, exposure and the allowance start from."""

PAYMENTS: Final = FrameSchema(
    name="payments",
    meaning="what was sold, or a part of it, and when it was paid",
    columns=_columns(
        (
            *(frames.CUSTOMER, frames.CURRENCY, frames.AMOUNT_MINOR, frames.DOCUMENT_DATE),
            *(frames.DUE_DATE, frames.PAID_ON, frames.EFFECTIVE_ON),
        ),
        nullable=frozenset({frames.DUE_DATE, frames.PAID_ON}),
        optional=frozenset({frames.DOCUMENT_DATE, frames.EFFECTIVE_ON}),
    ),
)
"""The history that behaviour is measured on."""

EVENTS: Final = FrameSchema(
    name="events",
    meaning="the journal of a ledger, an event a row, in the order of recording",
    columns=_columns(
        (
            *(frames.SEQUENCE, frames.EVENT, frames.KIND, frames.CREDITOR, frames.CUSTOMER),
            *(frames.EFFECTIVE_ON, frames.RECORDED_AT, frames.AMOUNT_MINOR, frames.CURRENCY),
            frames.BODY,
        ),
        nullable=frozenset({frames.CUSTOMER, frames.AMOUNT_MINOR, frames.CURRENCY}),
    ),
    key=(frames.EVENT,),
)
"""What `Ledger.to_frames` gives, and `Ledger.from_frames` makes a ledger of."""

SCHEMAS: Final[Mapping[str, FrameSchema]] = MappingProxyType(
    {schema.name: schema for schema in (ITEMS, MOVES, OPEN_ITEMS, PAYMENTS, EVENTS)}
)
"""Every format by its name."""


def check_frame(frame: object, schema: FrameSchema) -> tuple[FrameViolation, ...]:
    """Everything that is wrong with a frame of any kind; nothing is raised for it.

    Missing columns come first, then wrong types, gaps, limits, keys and currencies.  Columns that
    the schema does not know are left alone.  Raises `DocumentError` for what is no frame at all.
    """
    table, found = frames.inspect(
        frame,
        needs=schema.required,
        optional=[column.name for column in schema.columns if column.is_optional],
        nullable=[column.name for column in schema.columns if column.is_nullable],
        sums=[column.name for column in schema.columns if column.type is ColumnType.MINOR],
        unique=schema.key,
    )
    # The door asks for the currencies itself where something else is wrong.
    if found or frames.CURRENCY not in schema.names:
        return found
    return frames.unknown_currencies(table.frame)
