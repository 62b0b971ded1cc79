"""From what the ledger says of receipts to what another system books: which documents each pays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from receivables.allocation.model import Allocation, ResidualKind
from receivables.documents.model import ItemId, OpenItem
from receivables.ledger.model import Allocated, ReceiptReturned, Unallocated
from receivables.ledger.objects import Ledger
from receivables.money import from_minor, to_minor
from receivables.outbox.model import AppliedPart, ReceiptPosting
from receivables.parties import UNIDENTIFIED
from receivables.receipts.model import Receipt

__all__ = ["receipt_postings"]


def receipt_postings(
    ledger: Ledger, creditor: str, *, first: dt.date, last: dt.date
) -> Iterator[ReceiptPosting]:
    """The receipts of some days, both included, with what they pay at the end of the last one.

    Receipts of unknown payers are left out: they have no customer to be booked on.  What went back
    by the end of the last day is no money: a receipt of which all did is left out.  Where several
    credits pay several documents in one allocation, they are taken in turn.  What else settled a
    part (a charge, a small difference) is no money, and is no part of an application.
    """
    events = _by_receipt(ledger, creditor, last)
    returned = _returned(ledger, creditor, last)
    for (owner, name), receipt in ledger.receipts().items():
        if owner != creditor or not first <= receipt.booking_date <= last:
            continue
        item = ledger.item(creditor, name, as_of=last)
        stayed = to_minor(receipt.amount) - returned.get(name, 0)
        if item is None or item.customer == UNIDENTIFIED or stayed <= 0:
            continue
        parts = [
            part for event in events.get(name, ()) for part in _parts(ledger, event, ItemId(name))
        ]
        yield _posting(receipt, item, parts, stayed)


def _by_receipt(ledger: Ledger, creditor: str, last: dt.date) -> Mapping[str, list[Allocated]]:
    """The allocations in force at the end of a day, by the receipts that they have a leg on."""
    undone = {
        event.allocation
        for event in ledger.events
        if isinstance(event, Unallocated)
        and event.creditor == creditor
        and event.effective_on <= last
    }
    found: dict[str, list[Allocated]] = {}
    for event in ledger.events:
        if not isinstance(event, Allocated) or event.allocation.creditor != creditor:
            continue
        if event.effective_on <= last and event.allocation.allocation not in undone:
            for leg in event.allocation.legs:
                if leg.amount_minor < 0:
                    found.setdefault(leg.item, []).append(event)
    return found


def _returned(ledger: Ledger, creditor: str, last: dt.date) -> Mapping[str, int]:
    """What went back of each receipt by the end of a day."""
    found: dict[str, int] = {}
    receipts = ledger.receipts()
    for event in ledger.events:
        if not isinstance(event, ReceiptReturned) or event.creditor != creditor:
            continue
        if event.effective_on <= last:
            amount = event.amount or receipts[creditor, event.receipt].amount
            found[event.receipt] = found.get(event.receipt, 0) + to_minor(amount)
    return found


def _posting(
    receipt: Receipt, item: OpenItem, parts: list[AppliedPart], stayed: int
) -> ReceiptPosting:
    return ReceiptPosting(
        receipt=receipt.receipt,
        customer=item.customer,
        amount=from_minor(stayed, receipt.currency),
        booking_date=receipt.booking_date,
        applications=_within(parts, stayed),
        account=receipt.account,
        method=receipt.method,
        reference=receipt.remittance.end_to_end,
        text=" ".join(receipt.remittance.text),
    )


def _within(parts: list[AppliedPart], most: int) -> list[AppliedPart]:
    """The applications that the receipt's money pays; none beyond it."""
    return parts if sum(part.amount_minor for part in parts) <= most else []


def _parts(ledger: Ledger, event: Allocated, receipt: ItemId) -> Iterator[AppliedPart]:
    """The parts of documents that one receipt pays in an allocation, credits taken in turn."""
    said = event.allocation
    if len(said.currencies) > 1:
        return  # what is paid in another currency is no application of an amount in this one
    owed = _owed(said)
    rest = [(name, paid, kept) for name, (paid, kept) in owed.items()]
    for leg in said.legs:
        left = -leg.amount_minor
        while left > 0 and rest:
            name, paid, kept = rest[0]
            part = min(left, paid)
            left -= part
            if part and leg.item == receipt:
                item = ledger.item(said.creditor, name, as_of=dt.date.max)
                if item is not None:
                    yield AppliedPart(
                        document=item.document,
                        amount_minor=part,
                        installment=item.installment,
                        discount_minor=kept if part == paid else 0,
                    )
            if part == paid:
                rest.pop(0)
            else:
                rest[0] = (name, paid - part, kept)


def _owed(said: Allocation) -> dict[ItemId, tuple[int, int]]:
    """What money and credits pay of each debit, and the settlement discount that goes with it."""
    owed = {leg.item: leg.amount_minor for leg in said.legs if leg.amount_minor > 0}
    discounts = dict.fromkeys(owed, 0)
    for residual in said.residuals:
        if residual.amount_minor <= 0:
            continue
        fits = [residual.item] if residual.item in owed else list(owed)[::-1]
        left = residual.amount_minor
        for name in fits:
            part = min(left, owed[name])
            owed[name] -= part
            left -= part
            if residual.kind is ResidualKind.SETTLEMENT_DISCOUNT:
                discounts[name] += part
    return {name: (minor, discounts[name]) for name, minor in owed.items()}
