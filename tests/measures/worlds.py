"""Histories, frames and small ledgers for the tests of what moves a portfolio."""

from __future__ import annotations

import datetime as dt

from hypothesis import settings
from hypothesis import strategies as st

from receivables.aging import AgeBasis, AgingScheme, Credits, Undated
from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.documents import CreditNote, Invoice
from receivables.ledger import Allocated, DocumentIssued, Ledger, ReceiptRecorded
from receivables.money import from_minor
from receivables.testing.builders import a_receipt, recorded
from receivables.testing.strategies import histories

MONTHLY = AgingScheme(30, 60, 90)
LAWS = settings(max_examples=25, deadline=None)


class Books:
    """A ledger that grows by plain words: who, how much, when."""

    def __init__(self):
        self.ledger = Ledger()
        self._minute = 0

    def moment(self):
        """The moment of the next recording."""
        self._minute += 1
        return recorded(self._minute)

    def record(self, *events):
        """Record events as they are."""
        self.ledger = self.ledger.record(*events)

    def invoice(
        self, number, minor, *, on, days=30, customer="C-1", currency="EUR", creditor="MIRA"
    ):
        """An invoice of a day, due so many days later."""
        document = Invoice(
            number=number,
            creditor=creditor,
            customer=customer,
            document_date=on,
            due_date=on + dt.timedelta(days=days),
            total=from_minor(minor, currency),
        )
        self.record(DocumentIssued.of(document, recorded_at=self.moment()))

    def credit_note(self, number, minor, *, on, customer="C-1", currency="EUR"):
        """A credit note of a day."""
        document = CreditNote(
            number=number,
            creditor="MIRA",
            customer=customer,
            document_date=on,
            total=from_minor(minor, currency),
        )
        self.record(DocumentIssued.of(document, recorded_at=self.moment()))

    def receipt(self, name, minor, *, on, customer="C-1", currency="EUR"):
        """Money of a day."""
        receipt = a_receipt(
            name, amount=from_minor(minor, currency), customer=customer, booking_date=on
        )
        self.record(ReceiptRecorded.of(receipt, recorded_at=self.moment()))

    def allocate(self, name, legs, *, on, residuals=(), of="", currency="EUR", customers=("C-1",)):
        """Items against each other; residuals are pairs of a kind and an amount, of one item."""
        value = Allocation(
            allocation=name,
            creditor="MIRA",
            currency=currency,
            legs=[Leg(item, minor) for item, minor in legs.items()],
            residuals=[Residual(kind, minor, item=of) for kind, minor in residuals],
        )
        self.record(
            Allocated(
                event=f"allocated:MIRA:{name}",
                effective_on=on,
                recorded_at=self.moment(),
                allocation=value,
                customers=customers,
            )
        )

    def pay(self, item, minor, *, on, customer="C-1", currency="EUR"):
        """Money of a day for one item."""
        name = f"r-{item}-{on}"
        self.receipt(name, minor, on=on, customer=customer, currency=currency)
        legs = {item: minor, name: -minor}
        self.allocate(f"a-{name}", legs, on=on, currency=currency, customers=(customer,))

    def write_off(self, item, minor, *, on, customer="C-1"):
        """What is given up of an item."""
        residuals = [(ResidualKind.WRITE_OFF, minor)]
        self.allocate(f"w-{item}", {item: minor}, on=on, residuals=residuals, customers=(customer,))


def spans(draw, ledger):
    """Two days within what a ledger knows, the second later."""
    days = sorted({event.effective_on for event in ledger.events}) or [dt.date(2026, 1, 1)]
    low, high = days[0].toordinal() - 2, days[-1].toordinal() + 40
    first = draw(st.integers(low, high - 1))
    last = draw(st.integers(first + 1, high) | st.just(min(first + 30, high)))
    return dt.date.fromordinal(first), dt.date.fromordinal(last)


@st.composite
def worlds(draw, *, credits=None):
    """A ledger that came about legally, two days, and a scheme that refuses nothing."""
    ledger = Ledger.replay(draw(histories()))
    scheme = AgingScheme(
        *draw(st.sampled_from([(30, 60, 90), (-30, 30, 60), (15,), (7, 45)])),
        credits=credits or draw(st.sampled_from(Credits)),
        undated=Undated.DOCUMENT_DATE,
    )
    if draw(st.integers(0, 3)) == 0:
        scheme = AgingScheme(30, 60, basis=AgeBasis.DOCUMENT_DATE, credits=scheme.credits)
    return ledger, *spans(draw, ledger), scheme
