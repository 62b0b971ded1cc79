"""How customers have paid: what each receipt paid of each item, how late, and whether in full.

>>> from receivables.ledger import Ledger
>>> from receivables.testing.builders import a_receipt, an_allocation, an_invoice, issued, received
>>> ledger = Ledger().record(
...     issued(an_invoice(due_date=dt.date(2026, 10, 10))), received(a_receipt()), an_allocation()
... )
>>> history = payment_history(ledger, "MIRA", as_of=dt.date(2026, 10, 31))
>>> [(part.item, part.amount_minor, part.days_late) for part in history.by_customer["C-017"]]
[('FA-1', 10000, 5)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import attrs

from receivables.days import days_past
from receivables.documents.model import ItemId, OpenItem
from receivables.ledger.model import (
    Allocated,
    Event,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.objects import Ledger
from receivables.parties import UNIDENTIFIED, CustomerId

__all__ = ["PaidPart", "PaymentHistory", "payment_history"]


@attrs.frozen(kw_only=True)
class PaidPart:
    """What was paid of an item by money: how much, when, how late, and whether something was left."""

    item: ItemId
    receipt: ItemId
    """The last receipt that paid it, where several did at once."""
    currency: str
    amount_minor: int
    paid_on: dt.date
    """The day on which the receipt was booked, whenever it was applied."""
    days_late: int | None
    """Days past the due date, below zero before it; None where the item has none."""
    is_partial: bool


@attrs.frozen(kw_only=True)
class PaymentHistory:
    """Payments and returns of each customer up to a day, in the order of their days."""

    by_customer: Mapping[CustomerId, tuple[PaidPart, ...]]
    returns: Mapping[CustomerId, tuple[tuple[dt.date, str], ...]]
    """The day and the receipt of each return."""


def payment_history(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> PaymentHistory:
    """How a creditor's customers paid up to the end of a day, as known at a moment.

    Only money counts: of what an allocation takes off an item, the share that its receipts bear of
    all that it takes off.  An allocation that was undone by the day counts as if it had never been.
    """
    read = _read(ledger, creditor, as_of, known_at)
    parts: dict[CustomerId, list[PaidPart]] = {}
    items = _Items(ledger=ledger, creditor=creditor, as_of=as_of, known_at=known_at)
    for event in read.allocations:
        for customer, part in _paid(event, read.booked, items):
            parts.setdefault(customer, []).append(part)
    return PaymentHistory(
        by_customer=MappingProxyType(
            {
                name: tuple(sorted(of_name, key=lambda part: (part.paid_on, part.item)))
                for name, of_name in parts.items()
            }
        ),
        returns=MappingProxyType(
            {name: tuple(sorted(of_name)) for name, of_name in read.returns.items()}
        ),
    )


@attrs.define
class _Read:
    """The events that payments are made of."""

    booked: dict[ItemId, dt.date] = attrs.field(factory=dict)
    allocations: list[Allocated] = attrs.field(factory=list)
    returns: dict[CustomerId, list[tuple[dt.date, str]]] = attrs.field(factory=dict)


def _read(ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None) -> _Read:
    read, undone = _Read(), set()
    for event in ledger.events:
        if not _is_seen(event, as_of, known_at):
            continue
        if isinstance(event, Allocated) and event.allocation.creditor == creditor:
            read.allocations.append(event)
        elif isinstance(event, ReceiptRecorded) and event.receipt.creditor == creditor:
            read.booked[ItemId(event.receipt.receipt)] = event.receipt.booking_date
        elif isinstance(event, Unallocated) and event.creditor == creditor:
            undone.add(event.allocation)
        elif isinstance(event, ReceiptReturned) and event.creditor == creditor:
            _add_return(read, event)
    read.allocations = [one for one in read.allocations if one.allocation.allocation not in undone]
    # What is left of an item is counted in the order of the days, whatever was recorded first.
    read.allocations.sort(key=lambda one: one.effective_on)
    return read


def _is_seen(event: Event, as_of: dt.date, known_at: dt.datetime | None) -> bool:
    known = known_at is None or event.recorded_at <= known_at
    return event.effective_on <= as_of and known


def _add_return(read: _Read, event: ReceiptReturned) -> None:
    if event.customer != UNIDENTIFIED:
        read.returns.setdefault(event.customer, []).append((event.effective_on, event.receipt))


@attrs.define(kw_only=True)
class _Items:
    """The items that were paid, looked up once, with what is left of each on the way."""

    ledger: Ledger
    creditor: str
    as_of: dt.date
    known_at: dt.datetime | None
    found: dict[ItemId, OpenItem | None] = attrs.field(factory=dict)
    left: dict[ItemId, int] = attrs.field(factory=dict)

    def item(self, name: ItemId) -> OpenItem | None:
        if name not in self.found:
            self.found[name] = self.ledger.item(
                self.creditor, name, as_of=self.as_of, known_at=self.known_at
            )
        return self.found[name]

    def take(self, item: OpenItem, minor: int) -> int:
        """What is left of an item after so much was taken off it."""
        left = self.left.get(item.item, item.amount_minor) - minor
        self.left[item.item] = left
        return left


def _paid(
    event: Allocated, booked: Mapping[ItemId, dt.date], items: _Items
) -> Iterator[tuple[CustomerId, PaidPart]]:
    legs = event.allocation.legs
    receipts = [(booked[leg.item], leg) for leg in legs if leg.item in booked]
    if not receipts:
        for leg in legs:
            if leg.amount_minor > 0 and (item := items.item(leg.item)):
                items.take(item, leg.amount_minor)
        return
    paid_on, last = max(receipts, key=lambda one: (one[0], one[1].item))
    cash = -sum(leg.amount_minor for _, leg in receipts)
    whole = sum(leg.amount_minor for leg in legs if leg.amount_minor > 0)
    across = len(event.allocation.currencies) > 1
    for leg in legs:
        item = items.item(leg.item) if leg.amount_minor > 0 else None
        if item is None:
            continue
        # Across currencies the sums do not compare: what a receipt has a part in, it has paid.
        minor = leg.amount_minor if across else leg.amount_minor * min(cash, whole) // whole
        left = items.take(item, leg.amount_minor)
        if minor:
            yield item.customer, _part(item, last.item, minor, paid_on, is_partial=left > 0)


def _part(
    item: OpenItem, receipt: ItemId, minor: int, paid_on: dt.date, *, is_partial: bool
) -> PaidPart:
    late = None if item.due_date is None else days_past(item.due_date, as_of=paid_on)
    return PaidPart(
        item=item.item,
        receipt=receipt,
        currency=item.currency,
        amount_minor=minor,
        paid_on=paid_on,
        days_late=late,
        is_partial=is_partial,
    )
