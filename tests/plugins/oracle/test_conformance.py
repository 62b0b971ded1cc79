"""The adapters of the plug-in ``oracle`` obey the conformance classes of their hooks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from receivables.documents import DebitNote, Invoice, Line, Tax
from receivables.money import money
from receivables.outbox import AppliedPart, PostingBatch, ReceiptPosting
from receivables.testing.fakes.oracle import FakeOracleRest
from receivables.testing.ledger_service import ExpectedService, LedgerServiceTests
from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables.testing.posting_target import PostingTargetTests
from receivables.testing.services import ServiceCase
from receivables_plugins import oracle

TARGETS = {spec.name: spec for spec in oracle.receivables_posting_targets()}


class TestEbs(LedgerSourceTests):
    """The source ``oracle-ebs``, on a table by itself and on an archive of several."""

    @pytest.fixture
    def spec(self, ebs):
        return ebs.spec

    @pytest.fixture
    def samples(self, ebs, story):
        alone = [
            ebs.schedule("0010", "100.00"),
            ebs.schedule("0012", "-30.00", CLASS="CM"),
            ebs.receipt("0020", "-80.00"),
        ]
        whole = {
            "AR_PAYMENT_SCHEDULES_ALL": story["AR_PAYMENT_SCHEDULES_ALL"][:2],
            "AR_RECEIVABLE_APPLICATIONS_ALL": story["AR_RECEIVABLE_APPLICATIONS_ALL"][:1],
            "HZ_CUST_ACCOUNTS": [
                {"CUST_ACCOUNT_ID": "1007", "ACCOUNT_NUMBER": "00420", "PARTY_ID": "5"}
            ],
            "HZ_PARTIES": [{"PARTY_ID": "5", "PARTY_NAME": "Bräuhaus AG", "COUNTRY": "DE"}],
        }
        return [
            LedgerSample(
                name="schedules.csv",
                content=ebs.as_csv(alone),
                settings={"creditor": "MIRA"},
                expected=ExpectedLedger(
                    totals={"EUR": -10_00}, identities=["F-0010", "receipt-70020"]
                ),
            ),
            LedgerSample(
                name="extract.zip",
                content=ebs.as_zip(whole),
                settings={"creditor": "MIRA"},
                expected=ExpectedLedger(totals={"EUR": 0}, identities=["1007"]),
            ),
        ]


def _installment(identity, sequence, due, original, balance):
    return {
        "InstallmentId": identity,
        "InstallmentSequenceNumber": sequence,
        "InstallmentDueDate": due,
        "OriginalAmount": Decimal(original),
        "InstallmentBalanceDue": Decimal(balance),
        "DisputeAmount": None,
    }


def _invoice(identity, number, balance, installments, **fields):
    return {
        "CustomerTransactionId": identity,
        "TransactionNumber": number,
        "TransactionDate": "2026-09-01",
        "AccountingDate": "2026-09-01",
        "DueDate": "2026-10-01",
        "TransactionType": "Invoice",
        "BusinessUnit": "Vision Operations",
        "BillToCustomerNumber": "01007",
        "InvoiceCurrencyCode": "EUR",
        "InvoiceStatus": "Complete",
        "InvoiceBalanceAmount": Decimal(balance),
        "receivablesInvoiceInstallments": installments,
        **fields,
    }


def _receipt(identity, number, amount, unapplied):
    return {
        "StandardReceiptId": identity,
        "ReceiptNumber": number,
        "BusinessUnit": "Vision Operations",
        "ReceiptDate": "2026-09-20",
        "AccountingDate": "2026-09-20",
        "Amount": Decimal(amount),
        "UnappliedAmount": Decimal(unapplied),
        "Currency": "EUR",
        "CustomerAccountNumber": "01007",
    }


def _application(identity, amount, target, on, **fields):
    return {
        "ApplicationId": identity,
        "ApplicationAmount": Decimal(amount),
        "EnteredCurrency": "EUR",
        "AccountingDate": on,
        "ApplicationStatus": "Applied",
        "IsLatestApplication": "Y",
        "ReferenceInstallmentId": target,
        "ReferenceTransactionId": None,
        **fields,
    }


def _rows():
    receipts = [_receipt(21, "R-1", "100.00", "0"), _receipt(22, "R-2", "80.00", "50.00")]
    return {
        "receivablesInvoices": [
            _invoice(1, "000117", "0", [_installment(11, 1, "2026-10-01", "100.00", "0")]),
            _invoice(
                2,
                "000118",
                "220.00",
                [
                    _installment(12, 1, "2026-10-01", "50.00", "20.00"),
                    _installment(13, 2, "2026-11-01", "200.00", "200.00"),
                ],
            ),
            _invoice(3, "000119", "10.50", [_installment(14, 1, "2026-10-01", "10.50", "10.50")]),
        ],
        "receivablesCreditMemos": [
            {
                "CustomerTransactionId": 31,
                "TransactionNumber": "C-1",
                "TransactionDate": "2026-09-05",
                "AccountingDate": "2026-09-05",
                "BusinessUnit": "Vision Operations",
                "BillToCustomerNumber": "01007",
                "CreditMemoCurrency": "EUR",
                "CreditMemoStatus": "Complete",
                "EnteredAmount": Decimal("-15.00"),
                "TransactionBalanceDue": Decimal("-15.00"),
            }
        ],
        "standardReceipts": receipts,
        "receivablesCustomerAccountActivities": [
            {
                "AccountId": 900,
                "AccountNumber": "01007",
                "CustomerName": "Bräuhaus AG",
                "LastUpdateDate": "2026-09-20T10:00:00+00:00",
                "standardReceiptApplications": [
                    _application(1, "100.00", 11, "2026-09-20", StandardReceiptId=21),
                    _application(2, "30.00", 12, "2026-09-25", StandardReceiptId=22),
                ],
                "creditMemoApplications": [],
                "transactionAdjustments": [],
            },
            {
                "AccountId": 901,
                "AccountNumber": "01008",
                "CustomerName": "Nobody",
                "standardReceiptApplications": [],
                "creditMemoApplications": [],
                "transactionAdjustments": [],
            },
        ],
    }


class TestFusion(LedgerServiceTests):
    """The service ``oracle-fusion``, with OAuth."""

    @pytest.fixture
    def spec(self):
        (spec,) = oracle.receivables_ledger_services()
        return spec

    @pytest.fixture
    def case(self):
        return ServiceCase(
            settings={
                "creditor": "MIRA",
                "url": "https://pod.example",
                "auth": "oauth",
                "token_url": "https://idcs.example/oauth2/v1/token",
                "client_id": "receivables",
                "client_secret": "pod-client",
            },
            secrets={"pod-client": "s3cr3t-of-the-client"},
            serve=lambda serving: FakeOracleRest(
                _rows(), serving, oauth=("receivables", "s3cr3t-of-the-client")
            ),
        )

    @pytest.fixture
    def expected(self):
        return ExpectedService(
            open_minor={"EUR": 165_50},
            open_on={
                dt.date(2026, 9, 1): {"EUR": 360_50},
                dt.date(2026, 9, 10): {"EUR": 345_50},
                dt.date(2026, 9, 20): {"EUR": 165_50},
                dt.date(2026, 9, 30): {"EUR": 165_50},
            },
            identities=["000118", "01007", "receipt-22", "C-1"],
            customers=2,
            problems=["oracle.settled-day-unknown"],
        )


class TestFusionBasic(TestFusion):
    """The same with a user and a password, which cannot be renewed."""

    @pytest.fixture
    def spec(self):
        (spec,) = oracle.receivables_ledger_services()
        return attrs.evolve(spec, capabilities=spec.capabilities - {"renews-tokens"})

    @pytest.fixture
    def case(self):
        return ServiceCase(
            settings={
                "creditor": "MIRA",
                "url": "https://pod.example/",
                "user": "ar.reader",
                "password": "pod",
            },
            secrets={"pod": "s3cr3t-of-the-reader"},
            serve=lambda serving: FakeOracleRest(
                _rows(), serving, basic=("ar.reader", "s3cr3t-of-the-reader")
            ),
        )


def _posting(receipt, customer="01007", **fields):
    return ReceiptPosting(
        receipt=receipt,
        customer=customer,
        amount=money("120.50", "EUR"),
        booking_date=dt.date(2026, 10, 5),
        applications=[AppliedPart(document="000118", amount_minor=100_00)],
        **fields,
    )


def _new_invoice(number="F-1", customer="01007", kind=Invoice):
    line = Line(
        description="Beer",
        net=money("100.00", "EUR"),
        taxes=[Tax(code="VAT19", base=money("100.00", "EUR"), amount=money("19.00", "EUR"))],
    )
    return kind(
        number=number,
        creditor="MIRA",
        customer=customer,
        document_date=dt.date(2026, 10, 1),
        due_date=dt.date(2026, 10, 31),
        lines=[line],
    )


POSTING = {
    "creditor": "MIRA",
    "url": "https://pod.example",
    "user": "ar.clerk",
    "password": "pod",
    "business-unit": "Vision Operations",
    "receipt-method": "Bank transfer",
    "transaction-source": "Manual",
    "tax-regime": "DE VAT",
    "debit-note-type": "Debit Memo",
}


class TestFusionPosting(PostingTargetTests):
    """The target ``oracle-fusion``."""

    @pytest.fixture
    def spec(self):
        return TARGETS["oracle-fusion"]

    @pytest.fixture
    def case(self):
        return ServiceCase(
            settings=POSTING,
            secrets={"pod": "s3cr3t-of-the-clerk"},
            serve=lambda serving: FakeOracleRest(
                _rows(),
                serving,
                basic=("ar.clerk", "s3cr3t-of-the-clerk"),
                accounts=["01007", "01008"],
            ),
        )

    @pytest.fixture
    def batch(self):
        records = [_posting("b-1"), _new_invoice(), _new_invoice("D-1", kind=DebitNote)]
        return PostingBatch.of(records, creditor="MIRA", target="oracle-fusion")

    @pytest.fixture
    def booked(self):
        return lambda fake: len(fake.created)

    @pytest.fixture
    def refused(self):
        records = [_posting("b-1"), _posting("b-2", customer="99999"), _posting("b-3")]
        batch = PostingBatch.of(records, creditor="MIRA", target="oracle-fusion")
        return batch, frozenset({"receipt:b-2"})


class TestFusionPostingByAction(TestFusionPosting):
    """The target ``oracle-fusion``, where receipts are applied after they are created."""

    @pytest.fixture
    def case(self):
        return ServiceCase(
            settings=POSTING | {"applies": "action", "upserts": False},
            secrets={"pod": "s3cr3t-of-the-clerk"},
            serve=lambda serving: FakeOracleRest(
                _rows(),
                serving,
                basic=("ar.clerk", "s3cr3t-of-the-clerk"),
                accounts=["01007", "01008"],
            ),
        )


class _FileTests(PostingTargetTests):
    """A target that only writes files has nothing that could be booked or refused."""

    @pytest.fixture
    def booked(self):
        return len

    @pytest.fixture
    def refused(self, batch):
        return batch, frozenset()


class TestAutoInvoice(_FileTests):
    """The target ``oracle-autoinvoice``."""

    settings = {  # noqa: RUF012  # the conformance class asks for it so
        "batch-source": "RECEIVABLES",
        "context": "RECEIVABLES",
        "currency": "EUR",
        "terms": "NET 30",
        "types": {"invoice": "Invoice", "debit-note": "Debit Memo"},
    }

    @pytest.fixture
    def spec(self):
        return TARGETS["oracle-autoinvoice"]

    @pytest.fixture
    def batch(self):
        records = [_new_invoice(), _new_invoice("D-1", kind=DebitNote)]
        return PostingBatch.of(records, creditor="MIRA", target="oracle-autoinvoice")


class TestLockbox(_FileTests):
    """The target ``oracle-lockbox``."""

    settings = {"lockbox": "5432"}  # noqa: RUF012  # the conformance class asks for it so

    @pytest.fixture
    def spec(self):
        return TARGETS["oracle-lockbox"]

    @pytest.fixture
    def batch(self):
        records = [_posting("b-1"), _posting("b-2")]
        return PostingBatch.of(records, creditor="MIRA", target="oracle-lockbox")
