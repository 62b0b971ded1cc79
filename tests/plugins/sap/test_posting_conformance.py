"""The targets ``sap`` and ``sap-bapi`` keep the contract of posting targets."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

import pytest

from receivables.accounting import GlAccount, JournalEntry, JournalLine, Role
from receivables.money import money
from receivables.outbox import AppliedPart, PostingBatch, ReceiptPosting
from receivables.testing.posting_target import PostingTargetTests
from receivables_plugins import sap


def an_entry(name="E-1", account="658000", minor=12_34):
    receivable = JournalLine(
        account=GlAccount("121000", "Receivables"),
        role=Role.RECEIVABLE,
        amount_minor=-minor,
        currency="EUR",
        functional_minor=-minor,
        customer="0000000017",
        item="0100000001-2026-001",
    )
    loss = JournalLine(
        account=GlAccount(account, "Differences"),
        role=Role.DIFFERENCE_LOSS,
        amount_minor=minor,
        currency="EUR",
        functional_minor=minor,
    )
    return JournalEntry(
        entry=name,
        creditor="1710",
        date=dt.date(2026, 10, 31),
        kind="Allocated",
        functional_currency="EUR",
        lines=[loss, receivable],
        text="small difference & co",
    )


def a_receipt_posting(receipt="R-1"):
    return ReceiptPosting(
        receipt=receipt,
        customer="0000000017",
        amount=money("150.00", "EUR"),
        booking_date=dt.date(2026, 10, 30),
        applications=[
            AppliedPart(document="0100000001-2026-001", amount_minor=98_00, discount_minor=2_00)
        ],
        reference="E2E-77",
    )


@pytest.fixture
def mixed_batch():
    """A receipt and an entry."""
    return PostingBatch.of([a_receipt_posting(), an_entry()], creditor="1710", target="sap")


class TestSapTarget(PostingTargetTests):
    """Journal entries over SOAP."""

    @pytest.fixture
    def spec(self):
        return sap.receivables_posting_targets()[0]

    @pytest.fixture
    def case(self, posting_case):
        return posting_case

    @pytest.fixture
    def batch(self, mixed_batch):
        return mixed_batch

    @pytest.fixture
    def booked(self):
        return lambda fake: len(fake.posted)

    @pytest.fixture
    def refused(self):
        wrong = an_entry("E-2", account="999999")
        batch = PostingBatch.of(
            [a_receipt_posting(), wrong, an_entry()], creditor="1710", target="sap"
        )
        return batch, frozenset({"entry:E-2"})


class TestBapiTarget(PostingTargetTests):
    """Payloads for function calls and IDocs."""

    settings = MappingProxyType({"bank_account": "113100", "discount_account": "880000"})

    @pytest.fixture
    def spec(self):
        return next(spec for spec in sap.receivables_posting_targets() if spec.name == "sap-bapi")

    @pytest.fixture
    def batch(self, mixed_batch):
        return mixed_batch

    @pytest.fixture
    def booked(self):
        return lambda fake: 0

    @pytest.fixture
    def refused(self, mixed_batch):
        return mixed_batch, frozenset()
