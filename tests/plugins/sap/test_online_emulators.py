"""An invoice out of one emulator, its payment out of another, and the clearing of it, end to end."""

from __future__ import annotations

import datetime as dt
import io
import json
import socket
import subprocess
import sys
import time

import pytest

from receivables.adapters import LedgerQuery
from receivables.allocation import SourceAllocation
from receivables.book import Book
from receivables.importing import import_records
from receivables.ledger import Ledger, ReceiptRecorded
from receivables.money import money, to_minor
from receivables.outbox import AppliedPart, PostingBatch, ReceiptPosting
from receivables.reading import ReadNotes
from receivables.receipts import receipts_from
from receivables.receipts.model import BankEntry
from receivables.settings import FolderSettings
from receivables.testing.builders import a_creditor
from receivables.transports import Request
from receivables_plugins import iso20022, sap
from receivables_plugins.sap import SapBapiSettings, SapSettings
from receivables_plugins.sap.odata import Query, connected
from receivables_plugins.sap.posting_files import BapiTarget

pytestmark = pytest.mark.needs("mocksap", "mockbank", "httpx")

NOW = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)
UNSERVED = ("email", "tax", "customer", "company", "dunning")
STATEMENT = """<?xml version="1.0" encoding="utf-8"?><FINSTA01><IDOC BEGIN="1">
<EDI_DC40 SEGMENT="1"><IDOCTYP>FINSTA01</IDOCTYP><MESTYP>FINSTA</MESTYP></EDI_DC40>
<E1IDKU1 SEGMENT="1"><BGMREF>1</BGMREF><E1EDK03 SEGMENT="1"><IDDAT>026</IDDAT><DATUM>20261126</DATUM>
</E1EDK03><E1IDPF1 SEGMENT="1"><LINACTION>RCV</LINACTION><E1EDP02 SEGMENT="1"><QUALF>010</QUALF>
<BELNR>{reference}</BELNR></E1EDP02><E1IDPU5 SEGMENT="1"><MOAQUAL>001</MOAQUAL><MOABETR>{amount}
</MOABETR><CUXWAERZ>{currency}</CUXWAERZ></E1IDPU5></E1IDPF1></E1IDKU1></IDOC></FINSTA01>"""


@pytest.fixture(scope="module")
def serving():
    """Starts an emulator on a free port, waits until it answers, and ends it afterwards."""
    started = []

    def served(module, *options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", module, "--port", str(port), "-q", *options]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        for _ in range(100):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    return f"http://127.0.0.1:{port}"
            time.sleep(0.1)
        pytest.fail(f"{module} must answer within ten seconds, got nothing")

    yield served
    for process in started:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def runtime():
    """The real transport, which is closed afterwards."""
    from receivables.transports.http import HttpTransport, secrets_from  # noqa: PLC0415  # an extra
    from receivables.transports.model import Runtime  # noqa: PLC0415  # beside it

    transport = HttpTransport(seconds=30)
    secrets = secrets_from({"sap-password": "s3cr3t"})
    yield Runtime(transport=transport, secret=secrets.__getitem__, now=lambda: NOW)
    transport.close()


@pytest.fixture
def said(serving):
    """Settings for the emulator of SAP, which differs from the real one in what they say."""
    return {
        "url": serving("mocksap", "--auth", "READER:s3cr3t"),
        "user": "READER",
        "password": "sap-password",
        "signs": "unsigned",
        "account_filter": "AccountingDocumentItemType eq 'D'",
        "open_filter": "ClearingAccountingDocument eq ''",
        "selects": False,
        "page_size": 2,
        "partners": "/sap/opu/odata/sap/API_BUSINESS_PARTNER_SRV",
        "masters": dict.fromkeys(UNSERVED, ""),
    }


@pytest.fixture
def bank(serving, runtime):
    """Asks the emulator of a bank."""
    url = serving("mockbank", "--clock", "2026-11-20T09:00")

    def asked(method, path, body=None):
        said = {"Content-Type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        answer = runtime.transport(Request(method, url + path, headers=said, body=content))
        assert answer.is_success, answer.body
        return answer.body

    return asked


@pytest.fixture
def book_of():
    """A book of records read from SAP."""

    def made(records, customers):
        imported = import_records([*customers, *records], ledger=Ledger(), recorded_at=NOW)
        assert imported.problems == ()
        settings = FolderSettings(creditor=a_creditor(creditor="1710"))
        return Book(settings=settings, customers=imported.customers, ledger=imported.ledger)

    return made


def receipts_of(statements):
    reader = iso20022.receivables_statement_readers()[0].build({})
    entries = []
    for part in statements.split(b"<?xml")[1:]:
        read = reader.read(io.BytesIO(b"<?xml" + part), name="camt.053.xml").collect()
        assert read.report.complete
        entries += [row for row in read.rows if isinstance(row, BankEntry)]
    return list(receipts_from(entries, creditor="1710"))


def pay(bank, invoice):
    """Let a customer pay an invoice, and give the receipts of the bank's statements."""
    paid = {"account": "ACME", "amount": to_minor(invoice.total), "debtor": {"name": "A customer"}}
    bank("POST", "/_mock/credits", {**paid, "note": f"INVOICE {invoice.references[0]}"})
    bank("POST", "/_mock/advance?days=4")
    return receipts_of(bank("GET", "/_mock/mailbox?raw&type=camt.053"))


def clear(connection, invoice):
    """Tell SAP of the payment by an IDoc, which names the billing document as its payer would."""
    path = "/sap/opu/odata/sap/API_BILLING_DOCUMENT_SRV/A_BillingDocument"
    document = f"AccountingDocument eq '{invoice.references[0]}'"
    billed = connection.rows(Query(path=path, filter=document), ReadNotes("billing"))
    number = next(row["BillingDocument"] for row in billed)
    content = STATEMENT.format(reference=number, amount=invoice.total.amount, currency="EUR")
    request = Request(
        "POST",
        connection.url_of("/sap/bc/idoc"),
        headers={"Content-Type": "application/xml", "Accept": "application/json"},
        body=content.encode(),
    )
    assert connection.transport(request).json()["APPLIED"][0]["CLEARED"]


def test_an_invoice_is_paid_and_cleared(said, runtime, bank, book_of):
    """The invoice is read, the payment applied to it, and what SAP cleared then is read again."""
    service = sap.receivables_ledger_services()[0].build(said, runtime=runtime)
    items = service.items(LedgerQuery()).collect().require_complete()
    customers = service.customers(LedgerQuery()).collect().require_complete().rows
    book = book_of(items.rows, customers)
    invoice = items.rows[0]
    receipts = pay(bank, invoice)
    book = book.record(*(ReceiptRecorded.of(each, recorded_at=NOW) for each in receipts))
    applied = book.apply_certain(as_of="2026-11-30", recorded_at=NOW).book
    clear(connected(SapSettings(**said), runtime), invoice)
    settled = service.items(LedgerQuery(settled_since=dt.date(2020, 1, 1))).collect()
    cleared = [row for row in settled.rows if isinstance(row, SourceAllocation)]

    assert [to_minor(each.amount) for each in receipts] == [to_minor(invoice.total)]
    still_open = {item.item for item in applied.open_items(as_of="2026-11-30")}
    assert still_open == {row.number for row in items.rows[1:]}
    assert [row for row in cleared if invoice.number in row.items]
    assert invoice.number not in {row.number for row in service.items(LedgerQuery())}


def test_the_tables_of_a_posting_are_taken(said, runtime):
    """A receipt as the tables of the function is booked by the emulator, token and all."""
    posting = ReceiptPosting(
        receipt="R-1",
        customer="1000006",
        amount=money("150.00", "EUR"),
        booking_date=dt.date(2026, 10, 30),
        applications=[AppliedPart(document="0100000001-2025-000001", amount_minor=98_00)],
    )
    batch = PostingBatch.of([posting], creditor="1710", target="sap-bapi")
    target = BapiTarget(SapBapiSettings(bank_account="113100"))
    connection = connected(SapSettings(**said), runtime)
    request = Request(
        "POST",
        connection.url_of("/sap/bc/rfc/BAPI_ACC_DOCUMENT_POST"),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
        body=target.propose(batch).payloads[0].content,
    )
    answer = connection.transport(request).json()

    assert [row["TYPE"] for row in answer["RETURN"]] == ["S"]
