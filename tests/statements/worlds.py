"""A small world: one creditor, two customers, and verbs that record what happens to them."""

from __future__ import annotations

import datetime as dt

from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.documents import CreditNote, Invoice
from receivables.ledger import (
    DocumentCancelled,
    DocumentIssued,
    Ledger,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
)
from receivables.money import money
from receivables.receipts import Receipt

LEARNED = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def day(month, number=1, year=2026):
    """A day of 2026."""
    return dt.date(year, month, number)


SEPTEMBER, OCTOBER, NOVEMBER = (day(month) for month in (9, 10, 11))


class World:
    """A ledger under construction; each verb records one event on one day."""

    def __init__(self):
        self.ledger = Ledger()
        self.minute = 0

    @property
    def now(self):
        """A moment after the last."""
        self.minute += 1
        return LEARNED + dt.timedelta(minutes=self.minute)

    def record(self, *events):
        """Record, and give the world back."""
        self.ledger = self.ledger.record(*events)
        return self

    def invoice(self, number, amount, on=SEPTEMBER, *, customer="C-1", currency="EUR", **more):
        """An invoice of a day, due a month later unless said otherwise."""
        given = {"due_date": on + dt.timedelta(days=30), **more}
        if "installments" in given:
            given.pop("due_date")
        document = Invoice(
            number=number,
            creditor="MIRA",
            customer=customer,
            document_date=on,
            total=money(amount, currency),
            **given,
        )
        return self.record(DocumentIssued.of(document, recorded_at=self.now))

    def credit(self, number, amount, on=SEPTEMBER, *, customer="C-1"):
        """A credit note."""
        document = CreditNote(
            number=number,
            creditor="MIRA",
            customer=customer,
            document_date=on,
            total=money(amount, "EUR"),
        )
        return self.record(DocumentIssued.of(document, recorded_at=self.now))

    def receipt(self, name, amount, on=OCTOBER, *, customer="C-1", currency="EUR"):
        """Money that came in."""
        receipt = Receipt(
            receipt=name,
            creditor="MIRA",
            customer=customer,
            amount=money(amount, currency),
            booking_date=on,
        )
        return self.record(ReceiptRecorded.of(receipt, recorded_at=self.now))

    def apply(self, name, legs, on=OCTOBER, *residuals, currency="EUR"):
        """An allocation; legs by item in minor units."""
        allocation = Allocation(
            allocation=name,
            creditor="MIRA",
            currency=currency,
            legs=[Leg(item, minor) for item, minor in legs.items()],
            residuals=residuals,
        )
        event = self.ledger.allocated(allocation, effective_on=on, recorded_at=self.now)
        return self.record(event)

    def undo(self, name, on=NOVEMBER):
        """The undo of an allocation."""
        event = self.ledger.unallocated("MIRA", name, effective_on=on, recorded_at=self.now)
        return self.record(event)

    def returned(self, name, on=NOVEMBER, *, customer="C-1", amount=None):
        """Money that went back."""
        return self.record(
            ReceiptReturned(
                event=f"returned:{name}:{on}",
                effective_on=on,
                recorded_at=self.now,
                creditor="MIRA",
                customer=customer,
                receipt=name,
                amount=amount,
            )
        )

    def cancel(self, number, on=NOVEMBER, *, customer="C-1"):
        """The cancellation of a document."""
        return self.record(
            DocumentCancelled(
                event=f"cancelled:{number}",
                effective_on=on,
                recorded_at=self.now,
                creditor="MIRA",
                customer=customer,
                number=number,
                reason="issued twice",
            )
        )

    def identify(self, name, customer, on=NOVEMBER):
        """The payer of a receipt became known."""
        return self.record(
            ReceiptIdentified(
                event=f"identified:{name}",
                effective_on=on,
                recorded_at=self.now,
                creditor="MIRA",
                receipt=name,
                customer=customer,
            )
        )


def discount(minor, item=""):
    """A settlement discount."""
    return Residual(ResidualKind.SETTLEMENT_DISCOUNT, minor, item=item)
