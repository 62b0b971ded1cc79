"""The movements of a sub-ledger: what each event changes on whose account, and why.

>>> from receivables.testing.builders import an_invoice, issued
>>> [each] = movements(Ledger().record(issued(an_invoice("FA-1", total="120.00"))))
>>> each.kind.value, each.document, each.amount_minor
('invoices', 'FA-1', 12000)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from receivables.accounting.model import Journal
from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.closing.model import Movement, MovementKind
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.documents.objects import open_items
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Event,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.objects import Ledger
from receivables.money import to_minor
from receivables.parties import UNIDENTIFIED, CustomerId

__all__ = ["RESIDUAL_KINDS", "control_movements", "movements"]

_OnReceipt: TypeAlias = ReceiptIdentified | ReceiptReturned

_DOCUMENT_KINDS: Final = {
    ItemKind.INVOICE: MovementKind.INVOICES,
    ItemKind.DEBIT_NOTE: MovementKind.DEBIT_NOTES,
    ItemKind.CREDIT_NOTE: MovementKind.CREDIT_NOTES,
}

RESIDUAL_KINDS: Final[Mapping[ResidualKind, MovementKind]] = {
    ResidualKind.SETTLED_IN_SOURCE: MovementKind.SETTLED_IN_SOURCE,
    ResidualKind.SETTLEMENT_DISCOUNT: MovementKind.SETTLEMENT_DISCOUNTS,
    ResidualKind.SMALL_DIFFERENCE: MovementKind.SMALL_DIFFERENCES,
    ResidualKind.BANK_CHARGE: MovementKind.BANK_CHARGES,
    ResidualKind.COLLECTION_FEE: MovementKind.COLLECTION_FEES,
    ResidualKind.CASH_ROUNDING: MovementKind.CASH_ROUNDING,
    ResidualKind.CONVERSION: MovementKind.CONVERSIONS,
    ResidualKind.WITHHOLDING_TAX: MovementKind.WITHHOLDING_TAX,
    ResidualKind.RETENTION: MovementKind.RETENTIONS,
    ResidualKind.DEDUCTION: MovementKind.DEDUCTIONS,
    ResidualKind.WRITE_OFF: MovementKind.WRITE_OFFS,
    ResidualKind.RECOVERY: MovementKind.RECOVERIES,
    ResidualKind.REFUND: MovementKind.REFUNDS,
    ResidualKind.INTERCOMPANY: MovementKind.INTERCOMPANY,
}
"""The movement of each kind of residual; a test compares it with the kinds."""

_Key: TypeAlias = tuple[CustomerId, str]
"""Customer and currency."""


def movements(ledger: Ledger, *, known_at: dt.datetime | None = None) -> tuple[Movement, ...]:
    """Every movement of a ledger, in the order of recording; with `known_at`, as known then.

    Summed up to a day they are the open balance of that day, by creditor, customer and currency.  An
    allocation within one customer's account moves nothing but its residuals.
    """
    walk = _Walk(ledger, known_at)
    return tuple(
        movement
        for event in ledger.events
        if known_at is None or event.recorded_at <= known_at
        for movement in walk.of(event)
    )


class _Walk:
    """Knows of a ledger what an event does not say itself."""

    def __init__(self, ledger: Ledger, known_at: dt.datetime | None) -> None:
        self._ledger = ledger
        self._known_at = known_at
        self._documents: dict[tuple[str, str], DocumentIssued] = {}
        self._allocations: dict[tuple[str, str], Allocation] = {}
        self._unidentified: dict[tuple[str, str], list[tuple[dt.date, int]]] = {}
        self._identified: dict[tuple[str, str], tuple[dt.date, CustomerId]] = {}

    def of(self, event: Event) -> Iterator[Movement]:
        """The movements of one event; none for one that moves no money."""
        change = _CHANGES.get(type(event))
        if change is not None:
            yield from change(self, event)

    def issued(self, event: DocumentIssued) -> Iterator[Movement]:
        document = event.document
        self._documents[document.creditor, document.number] = event
        kind = _DOCUMENT_KINDS[document.kind]
        for item in open_items(document):
            if item.amount_minor:
                yield _movement(
                    event,
                    kind,
                    document.creditor,
                    (document.customer, item.currency),
                    item.amount_minor,
                    document=document.number,
                    item=item.item,
                )

    def cancelled(self, event: DocumentCancelled) -> Iterator[Movement]:
        issued = self._documents[event.creditor, event.number]
        for item in open_items(issued.document):
            if item.amount_minor:
                yield _movement(
                    event,
                    MovementKind.CANCELLATIONS,
                    event.creditor,
                    (event.customer, item.currency),
                    -item.amount_minor,
                    document=event.number,
                    item=item.item,
                )

    def received(self, event: ReceiptRecorded) -> Iterator[Movement]:
        receipt = event.receipt
        if receipt.customer == UNIDENTIFIED:
            step = (event.effective_on, -to_minor(receipt.amount))
            self._unidentified[receipt.creditor, receipt.receipt] = [step]
        yield _movement(
            event,
            MovementKind.RECEIPTS,
            receipt.creditor,
            (receipt.customer, receipt.currency),
            -to_minor(receipt.amount),
            document=receipt.receipt,
            item=receipt.receipt,
        )

    def identified(self, event: ReceiptIdentified) -> Iterator[Movement]:
        """What stood on the unidentified receipts goes to the customer, from the days it stood there."""
        key = (str(event.creditor), str(event.receipt))
        self._identified[key] = (event.effective_on, event.customer)
        by_day: dict[dt.date, int] = {}
        for day, minor in self._unidentified.get(key, ()):
            later = max(day, event.effective_on)
            by_day[later] = by_day.get(later, 0) + minor
        for day, minor in sorted(by_day.items()):
            yield from self._handed_over(event, event.receipt, event.customer, day, minor)

    def returned(self, event: ReceiptReturned) -> Iterator[Movement]:
        item = self._item(event.creditor, event.receipt, event.effective_on)
        back = -item.amount_minor if event.amount is None else to_minor(event.amount)
        yield _movement(
            event,
            MovementKind.RETURNS,
            event.creditor,
            (event.customer, item.currency),
            back,
            document=event.receipt,
            item=event.receipt,
        )
        if event.customer != UNIDENTIFIED:
            return
        key = (str(event.creditor), str(event.receipt))
        self._unidentified.setdefault(key, []).append((event.effective_on, back))
        if key in self._identified:
            # It went back on a day before the payer was known, and is recorded after that.
            day, customer = self._identified[key]
            yield from self._handed_over(event, event.receipt, customer, day, back)

    def _handed_over(
        self, event: _OnReceipt, receipt: str, customer: CustomerId, day: dt.date, minor: int
    ) -> Iterator[Movement]:
        """A part of a receipt that goes from nobody's account to a customer's on a day."""
        currency = self._item(event.creditor, receipt, day).currency
        for owner, part in ((UNIDENTIFIED, -minor), (customer, minor)):
            if minor:
                moved = _movement(
                    event,
                    MovementKind.TRANSFERS,
                    event.creditor,
                    (owner, currency),
                    part,
                    document=receipt,
                    item=receipt,
                )
                yield attrs.evolve(moved, date=day)

    def allocated(self, event: Allocated) -> Iterator[Movement]:
        allocation = event.allocation
        self._allocations[allocation.creditor, allocation.allocation] = allocation
        yield from self._settled(event, allocation, event.customers, sign=-1)

    def unallocated(self, event: Unallocated) -> Iterator[Movement]:
        allocation = self._allocations[event.creditor, event.allocation]
        yield from self._settled(event, allocation, event.customers, sign=1)

    def _settled(
        self, event: Event, allocation: Allocation, customers: tuple[CustomerId, ...], *, sign: int
    ) -> Iterator[Movement]:
        """What residuals take off, and what goes from one customer to another by the legs."""
        owners = self._owners(event, allocation, customers)
        left: dict[_Key, int] = {}
        for leg in allocation.legs:
            key = (owners[leg.item], allocation.currency_of(leg))
            left[key] = left.get(key, 0) + sign * leg.amount_minor
        for residual, item, side in _parts(allocation):
            key = _residual_key(residual, allocation, owners)
            minor = sign * side * residual.amount_minor
            if item == residual.item:
                left[key] = left.get(key, 0) - minor
            yield _movement(
                event,
                RESIDUAL_KINDS[residual.kind],
                allocation.creditor,
                key,
                minor,
                document=allocation.allocation,
                item=item,
            )
        for key, minor in left.items():
            if minor:
                yield _movement(
                    event,
                    MovementKind.TRANSFERS,
                    allocation.creditor,
                    key,
                    minor,
                    document=allocation.allocation,
                )

    def _owners(
        self, event: Event, allocation: Allocation, customers: tuple[CustomerId, ...]
    ) -> dict[ItemId, CustomerId]:
        if len(customers) == 1:
            return {leg.item: customers[0] for leg in allocation.legs}
        creditor, day = allocation.creditor, event.effective_on
        return {leg.item: self._item(creditor, leg.item, day).customer for leg in allocation.legs}

    def _item(self, creditor: str, item: str, day: dt.date) -> OpenItem:
        found = self._ledger.item(creditor, item, as_of=day, known_at=self._known_at)
        assert found is not None  # noqa: S101  # the ledger refuses an event on an item before its day
        return found


_CHANGES: Final[Mapping[type[Event], Callable[[_Walk, Any], Iterator[Movement]]]] = {
    Allocated: _Walk.allocated,
    DocumentCancelled: _Walk.cancelled,
    DocumentIssued: _Walk.issued,
    ReceiptIdentified: _Walk.identified,
    ReceiptRecorded: _Walk.received,
    ReceiptReturned: _Walk.returned,
    Unallocated: _Walk.unallocated,
}


def _movement(
    event: Event,
    kind: MovementKind,
    creditor: str,
    key: _Key,
    amount_minor: int,
    *,
    document: str,
    item: str = "",
) -> Movement:
    return Movement(
        kind=kind,
        date=event.effective_on,
        creditor=creditor,
        customer=key[0],
        currency=key[1],
        amount_minor=amount_minor,
        document=document,
        item=item,
        event=event.event,
        recorded_at=event.recorded_at,
    )


def _parts(allocation: Allocation) -> Iterator[tuple[Residual, ItemId, int]]:
    """Each residual off the item that it settled; what stays owed is also put on a new item."""
    owed = iter(allocation.owed)
    for residual in allocation.residuals:
        yield residual, residual.item, 1
        if residual.kind.opens_item:
            item, _ = next(owed)
            yield residual, item, -1


def _residual_key(
    residual: Residual, allocation: Allocation, owners: Mapping[ItemId, CustomerId]
) -> _Key:
    """Whose account a residual concerns: that of its item, else of a leg of its currency and sign."""
    currency = allocation.currency_of(residual)
    if residual.item in owners:
        return (owners[residual.item], currency)

    def fit(leg: Leg) -> tuple[bool, bool]:
        same_sign = (leg.amount_minor > 0) == (residual.amount_minor > 0)
        return (allocation.currency_of(leg) != currency, not same_sign)

    return (owners[min(allocation.legs, key=fit).item], currency)


def control_movements(journal: Journal, *, functional: bool = True) -> tuple[Movement, ...]:
    """One movement per line of a journal's control accounts: what a general ledger should hold too.

    In the functional currency by default, else in that of each line.  The kind says what happened,
    as far as the kind of the entry tells.
    """
    return tuple(
        Movement(
            kind=_ENTRY_KINDS.get(entry.kind, MovementKind.UNEXPLAINED),
            date=entry.date,
            creditor=entry.creditor,
            customer=line.customer,
            currency=entry.functional_currency if functional else line.currency,
            amount_minor=line.functional_minor if functional else line.amount_minor,
            document=entry.document,
            item=line.item,
            event=entry.event or entry.entry,
            account=line.account.number,
            recorded_at=entry.recorded_at,
        )
        for entry in journal
        for line in entry.lines
        if line.role.is_control and (line.functional_minor if functional else line.amount_minor)
    )


_ENTRY_KINDS: Final = {
    "DocumentIssued": MovementKind.INVOICES,
    "DocumentCancelled": MovementKind.CANCELLATIONS,
    "ReceiptRecorded": MovementKind.RECEIPTS,
    "ReceiptReturned": MovementKind.RETURNS,
    "ReceiptIdentified": MovementKind.TRANSFERS,
    "Allocated": MovementKind.TRANSFERS,
    "Unallocated": MovementKind.TRANSFERS,
    "revaluation": MovementKind.REVALUATION,
}
