"""Statements of account as values: what is open, or what moved, per customer and currency.

Every amount is in signed minor units: what the customer owes is positive, a credit negative.  The
parts of a statement prove themselves when they are built: the opening balance and the movements give
the closing balance, and so do the open items and their aging.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from receivables.aging.model import Aging, AgingRow, AgingScheme, Undated
from receivables.allocation.model import AllocationId, ResidualKind
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.errors import DocumentError
from receivables.ledger.model import EventId
from receivables.parties import CreditorId, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "STANDARD_SCHEME",
    "SettledPart",
    "SettlingItem",
    "StatementForm",
    "StatementItem",
    "StatementMovement",
    "StatementMovementKind",
    "StatementOfAccount",
    "StatementPart",
    "StatementTotal",
]

STANDARD_SCHEME: Final = AgingScheme(30, 60, 90, undated=Undated.DOCUMENT_DATE)
"""The aging at the foot of a statement, unless another is asked for.

An item without a due date is aged by its document date, because a statement must not fail on it.
"""


class StatementForm(enum.Enum):
    """What a statement shows."""

    OPEN_ITEM = "open-item"
    """The items that are open on the day, and what settled a part of each."""
    RUNNING_BALANCE = "running-balance"
    """Every movement of a period, with the balance after each."""


class StatementMovementKind(enum.Enum):
    """Why a balance moved.

    Every `ResidualKind` is a kind of movement by its value; a movement that has no name yet is
    `OTHER`, so that nothing goes missing.
    """

    INVOICE = "invoice"
    DEBIT_NOTE = "debit-note"
    CREDIT_NOTE = "credit-note"
    CANCELLATION = "cancellation"
    RECEIPT = "receipt"
    IDENTIFIED_RECEIPT = "identified-receipt"
    """A receipt that came on the account, or left it, when its payer became known."""
    RETURN = "return"
    """Money that came in and went back."""
    TRANSFER = "transfer"
    """Set against the account of another customer: a head office that pays for a branch."""
    SETTLED_IN_SOURCE = "settled-in-source"
    SETTLEMENT_DISCOUNT = "settlement-discount"
    SMALL_DIFFERENCE = "small-difference"
    BANK_CHARGE = "bank-charge"
    COLLECTION_FEE = "collection-fee"
    CASH_ROUNDING = "cash-rounding"
    CONVERSION = "conversion"
    WITHHOLDING_TAX = "withholding-tax"
    RETENTION = "retention"
    DEDUCTION = "deduction"
    WRITE_OFF = "write-off"
    RECOVERY = "recovery"
    REFUND = "refund"
    INTERCOMPANY = "intercompany"
    OTHER = "other"


def _settling(values: Iterable[SettlingItem]) -> tuple[SettlingItem, ...]:
    return tuple(values)


def _residuals(values: Iterable[ResidualKind]) -> tuple[ResidualKind, ...]:
    return tuple(values)


def _settled(values: Iterable[SettledPart]) -> tuple[SettledPart, ...]:
    return tuple(values)


def _items(values: Iterable[StatementItem]) -> tuple[StatementItem, ...]:
    return tuple(values)


def _movements(values: Iterable[StatementMovement]) -> tuple[StatementMovement, ...]:
    return tuple(values)


def _parts(values: Iterable[StatementPart]) -> tuple[StatementPart, ...]:
    return tuple(values)


def _customers(values: Iterable[CustomerId]) -> tuple[CustomerId, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class SettlingItem:
    """An item on the other side of a settlement: the receipt or the credit note that paid."""

    item: ItemId
    document: str
    kind: ItemKind
    customer: CustomerId
    document_date: dt.date


@attrs.frozen(kw_only=True)
class SettledPart:
    """A part of an item that was settled, and by what.

    `by` has one item where one settled the part.  It has several, or items and `residuals`, where
    an allocation of many against many does not say which paid which: the part was settled by all of
    them together, and no share is invented.  Both are empty for what no allocation took away.
    """

    on: dt.date
    amount_minor: int
    """Signed like the item."""
    allocation: AllocationId = attrs.field(default=AllocationId(""))
    by: tuple[SettlingItem, ...] = attrs.field(default=(), converter=_settling)
    residuals: tuple[ResidualKind, ...] = attrs.field(default=(), converter=_residuals)
    event: EventId = attrs.field(default=EventId(""))


@attrs.frozen(kw_only=True)
class StatementItem:
    """An open item with its age and what settled the rest of it."""

    item: OpenItem
    days_past_due: int | None
    """0 on the due date, negative before it; None for credits and where no due date is known."""
    settled_parts: tuple[SettledPart, ...] = attrs.field(default=(), converter=_settled)

    @property
    def settled_minor(self) -> int:
        """What was settled of the item up to the day; the settled parts add up to it."""
        return self.item.amount_minor - self.item.open_minor

    @property
    def is_unapplied(self) -> bool:
        """Whether it is money that is not applied to anything yet."""
        return self.item.kind is ItemKind.UNAPPLIED_CASH


@attrs.frozen(kw_only=True)
class StatementMovement:
    """One thing that changed a balance: when, why, by how much, and what the balance was then."""

    on: dt.date
    recorded_at: dt.datetime
    kind: StatementMovementKind
    document: str
    """The document or the receipt, two or three of them where they share it; a transfer's allocation."""
    amount_minor: int
    balance_minor: int = 0
    """The balance of the customer in the currency after it."""
    document_date: dt.date | None = None
    due_date: dt.date | None = None
    """None where there is none, and where the document has several."""
    is_reversal: bool = False
    """Whether it takes an earlier movement of its kind back."""
    others: tuple[CustomerId, ...] = attrs.field(default=(), converter=_customers)
    """The other customers of a transfer."""
    event: EventId = attrs.field(default=EventId(""))
    """The event behind it; empty where none is known."""
    note: str = ""
    """What the event said: a reason, or the name of a kind of event that has no word yet."""


def _check_sum(part: StatementPart, name: str, found: int) -> None:
    if found != part.closing_minor:
        msg = f"{name} of {part.customer} in {part.currency} must give the closing balance {part.closing_minor}, got {found}"
        raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class StatementPart:
    """One customer's account in one currency.

    Raises `DocumentError` where the opening balance and the movements, the open items, or the aging
    do not give the closing balance.
    """

    creditor: CreditorId
    customer: CustomerId
    currency: str
    opening_minor: int | None = None
    """The balance before the first day of the period; None in the open-item form."""
    movements: tuple[StatementMovement, ...] = attrs.field(default=(), converter=_movements)
    closing_minor: int
    items: tuple[StatementItem, ...] = attrs.field(default=(), converter=_items)
    """What is open at the end of the day, unapplied cash included, the oldest first."""
    aging: AgingRow

    def __attrs_post_init__(self) -> None:
        _check_sum(self, "open items", sum(each.item.open_minor for each in self.items))
        _check_sum(self, "aging", self.aging.total_minor)
        if self.opening_minor is not None:
            moved = sum(movement.amount_minor for movement in self.movements)
            _check_sum(self, "movements", self.opening_minor + moved)

    @property
    def owed(self) -> tuple[StatementItem, ...]:
        """The open documents, credit notes included."""
        return tuple(each for each in self.items if not each.is_unapplied)

    @property
    def unapplied(self) -> tuple[StatementItem, ...]:
        """The money that came in and is not applied to a document yet."""
        return tuple(each for each in self.items if each.is_unapplied)

    @property
    def unapplied_minor(self) -> int:
        """The sum of the unapplied cash, negative or zero."""
        return sum(each.item.open_minor for each in self.unapplied)


@attrs.frozen(kw_only=True)
class StatementTotal:
    """The sum over the customers of a statement in one currency."""

    currency: str
    opening_minor: int | None
    movements_minor: int
    closing_minor: int
    unapplied_minor: int
    aging: AgingRow


_OPEN_COLUMNS: Final = (
    "creditor",
    "customer",
    "currency",
    "item",
    "document",
    "kind",
    "document_date",
    "due_date",
    "days_past_due",
    "amount_minor",
    "settled_minor",
    "open_minor",
)
_RUNNING_COLUMNS: Final = (
    "creditor",
    "customer",
    "currency",
    "effective_on",
    "kind",
    "document",
    "document_date",
    "due_date",
    "amount_minor",
    "balance_minor",
)


@attrs.frozen(kw_only=True)
class StatementOfAccount(ShowsTable):
    """What a customer, or a payer group, owes on a day, and how it came to that.

    A part for each currency and customer, by currency, then in the order of `customers`; amounts of
    different currencies are never added.
    """

    creditor: CreditorId
    customer: CustomerId
    """Who gets the statement: the customer, or the payer of a group."""
    customers: tuple[CustomerId, ...] = attrs.field(converter=_customers)
    """Whose accounts it shows."""
    as_of: dt.date
    since: dt.date | None = None
    """The first day of the period; None for everything from the beginning."""
    known_at: dt.datetime | None = None
    form: StatementForm
    scheme: AgingScheme
    parts: tuple[StatementPart, ...] = attrs.field(converter=_parts)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency in which something is open or moved."""
        return tuple(dict.fromkeys(part.currency for part in self.parts))

    @property
    def aging(self) -> Aging:
        """The aging of the statement, a row per part."""
        return Aging(
            as_of=self.as_of, scheme=self.scheme, rows=tuple(part.aging for part in self.parts)
        )

    @property
    def totals(self) -> Mapping[str, StatementTotal]:
        """One total per currency, over the customers."""
        aging = self.aging.totals
        return {code: self._total(code, aging[code]) for code in self.currencies}

    def _total(self, currency: str, aging: AgingRow) -> StatementTotal:
        parts = [part for part in self.parts if part.currency == currency]
        is_running = self.form is StatementForm.RUNNING_BALANCE
        return StatementTotal(
            currency=currency,
            opening_minor=sum(part.opening_minor or 0 for part in parts) if is_running else None,
            movements_minor=sum(each.amount_minor for part in parts for each in part.movements),
            closing_minor=sum(part.closing_minor for part in parts),
            unapplied_minor=sum(part.unapplied_minor for part in parts),
            aging=aging,
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`, which depend on the form."""
        is_running = self.form is StatementForm.RUNNING_BALANCE
        return _RUNNING_COLUMNS if is_running else _OPEN_COLUMNS

    def to_rows(self) -> list[tuple[str | int | dt.date | None, ...]]:
        """The open items, or the opening balance and the movements of each part, as tuples.

        They are in the order of `columns`, amounts in minor units, and an opening balance has the
        kind ``opening-balance`` and no amount.
        """
        is_running = self.form is StatementForm.RUNNING_BALANCE
        rows = _running_rows if is_running else _open_rows
        return [row for part in self.parts for row in rows(part, self.since)]

    def to_dicts(self) -> list[dict[str, str | int | dt.date | None]]:
        """The rows as dictionaries by the names of `columns`."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.to_rows()]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """The rows as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``."""
        from receivables import frames  # noqa: PLC0415  # values must be cheap to import

        rows = self.to_rows()
        columns = {name: [row[index] for row in rows] for index, name in enumerate(self.columns)}
        return frames.frame_of(columns, backend=backend)

    def to_table(self) -> ResultTable:
        """The rows of the statement by its form, and a balance per currency."""
        from receivables.statements import _tables  # noqa: PLC0415  # values must be cheap to import

        return _tables.statement_table(self)

    def __str__(self) -> str:
        from receivables.statements import _tables  # noqa: PLC0415  # values must be cheap to import

        return _tables.as_text(self)


_Row = tuple[str | int | dt.date | None, ...]


def _open_rows(part: StatementPart, _since: dt.date | None) -> list[_Row]:
    return [
        (
            *(part.creditor, part.customer, part.currency),
            each.item.item,
            each.item.document,
            each.item.kind.value,
            each.item.document_date,
            each.item.due_date,
            each.days_past_due,
            each.item.amount_minor,
            each.settled_minor,
            each.item.open_minor,
        )
        for each in part.items
    ]


def _running_rows(part: StatementPart, since: dt.date | None) -> list[_Row]:
    party = (part.creditor, part.customer, part.currency)
    opening: _Row = (*party, since, "opening-balance", "", None, None, 0, part.opening_minor)
    return [
        opening,
        *(
            (
                *party,
                each.on,
                each.kind.value,
                each.document,
                each.document_date,
                each.due_date,
                each.amount_minor,
                each.balance_minor,
            )
            for each in part.movements
        ),
    ]
