"""The adapters of QuickBooks keep their contracts."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.accounting.model import GlAccount, JournalEntry, JournalLine, Role
from receivables.documents import CreditNote, Invoice
from receivables.money import money
from receivables.outbox import AppliedPart, PostingBatch, ReceiptPosting
from receivables.testing.ledger_service import ExpectedService, LedgerServiceTests
from receivables.testing.posting_target import PostingTargetTests
from receivables_plugins import quickbooks

DAY = dt.date(2026, 10, 30)
ITEMS = {"": "1"}
ACCOUNTS = {"411000": "84", "512000": "35"}


class TestService(LedgerServiceTests):
    """The conformance class, over a small company."""

    @pytest.fixture
    def spec(self):
        return quickbooks.receivables_ledger_services()[0]

    @pytest.fixture
    def case(self, company_case):
        return company_case

    @pytest.fixture
    def expected(self):
        # 500 + 200 + 50 of invoices, 90 of a journal entry, less 35, 40 and 10.
        return ExpectedService(
            open_minor={"CAD": 755_00},
            open_on={
                # 0043 was whole until its payment of 15 September.
                dt.date(2026, 9, 14): {"CAD": 500_00 + 300_00 + 150_00 - 60_00},
                dt.date(2026, 10, 1): {"CAD": 500_00 + 200_00 + 150_00 + 50_00 - 60_00 + 90_00},
            },
            identities=["0042", "JournalEntry-160-0", "Payment-152", "Deposit-170-1"],
            customers=2,
        )


def entry():
    """An entry of two lines."""
    customer = {"role": Role.RECEIVABLE, "customer": "58"}
    return JournalEntry(
        entry="E-7",
        creditor="MIRA",
        date=DAY,
        kind="late-interest",
        functional_currency="CAD",
        lines=[
            JournalLine(
                account=GlAccount("411000", "Clients"),
                amount_minor=12_50,
                functional_minor=12_50,
                currency="CAD",
                **customer,
            ),
            JournalLine(
                account=GlAccount("512000", "Banque"),
                role=Role.BANK,
                amount_minor=-12_50,
                functional_minor=-12_50,
                currency="CAD",
            ),
        ],
    )


def receipt(name="R-1", document="0042", minor=120_00):
    """A receipt that pays a part of a document."""
    return ReceiptPosting(
        receipt=name,
        customer="58",
        amount=money("150.00", "CAD"),
        booking_date=DAY,
        applications=[AppliedPart(document=document, amount_minor=minor)],
    )


def document(kind, number, customer="58"):
    """An invoice or a credit note."""
    return kind(
        number=number,
        creditor="MIRA",
        customer=customer,
        document_date=DAY,
        due_date=DAY,
        total=money("99.00", "CAD"),
    )


RECORDS = (
    receipt(),
    document(Invoice, "2026-0117"),
    document(CreditNote, "A-9"),
    entry(),
    receipt("R-2", document="2026-0117", minor=99_00),
)


class TestTarget(PostingTargetTests):
    """The conformance class, one write at a time."""

    batch_size = 1

    @pytest.fixture
    def spec(self):
        return quickbooks.receivables_posting_targets()[0]

    @pytest.fixture
    def case(self, company_case):
        more = {"items": ITEMS, "accounts": ACCOUNTS, "batch-size": self.batch_size}
        return attrs.evolve(company_case, settings={**company_case.settings, **more})

    @pytest.fixture
    def batch(self):
        return PostingBatch.of(RECORDS, creditor="MIRA", target="quickbooks")

    @pytest.fixture
    def booked(self):
        return lambda fake: len(fake.booked)

    @pytest.fixture
    def refused(self):
        records = [
            document(Invoice, "0043"),
            document(Invoice, "2026-0118", customer="999"),
            receipt("R-3", document="none"),
            receipt("R-4", document="0043", minor=150_00),
            document(Invoice, "2026-0119"),
        ]
        lines = {"invoice:0043", "invoice:2026-0118", "receipt:R-3"}
        batch = PostingBatch.of(records, creditor="MIRA", target="quickbooks")
        return batch, frozenset(lines)


class TestTargetInBatches(TestTarget):
    """The conformance class, several writes together."""

    batch_size = 3
