"""Postings to SAP: what is sent, what is refused before, how answers are told apart."""

from __future__ import annotations

import datetime as dt
import json
import xml.etree.ElementTree as ET

import pytest

from receivables.accounting import GlAccount, JournalEntry, JournalLine, Role
from receivables.casework import LineOutcome
from receivables.documents import Invoice
from receivables.money import money
from receivables.outbox import AppliedPart, PostingBatch, ReceiptPosting
from receivables.testing.services import Fault, Serving
from receivables.transports import Response, Runtime, Secret
from receivables_plugins.sap import SapBapiSettings, SapPostingSettings
from receivables_plugins.sap.posting import SapTarget
from receivables_plugins.sap.posting_files import BapiTarget


@pytest.fixture
def paid():
    """A receipt of 150.00 that pays 98.00 of an invoice with a discount of 2.00."""

    def made(receipt="R-1", **said):
        part = AppliedPart(document="F-1", amount_minor=98_00, discount_minor=2_00)
        known = {
            "receipt": receipt,
            "customer": "0000000017",
            "amount": money("150.00", "EUR"),
            "booking_date": dt.date(2026, 10, 30),
            "applications": [part],
            "text": "Dupont & Fils <1>",
        }
        return ReceiptPosting(**{**known, **said})

    return made


@pytest.fixture
def batch(paid):
    """A batch of one receipt."""
    return PostingBatch.of([paid()], creditor="1710", target="sap")


@pytest.fixture
def target():
    """A target whose service gives one answer."""

    def built(answer, **settings):
        sent = []

        def transport(request):
            sent.append(request)
            return answer

        said = {"bank_account": "113100", "discount_account": "880000", "looks_first": False}
        runtime = Runtime(transport=transport, secret=lambda name: Secret("p"))
        full = {"url": "https://sap.example", "user": "U", "password": "p", **said, **settings}
        return SapTarget(SapPostingSettings(**full), runtime), sent

    return built


def parsed(content):
    return ET.fromstring(content)  # noqa: S314  # what was written here


def lines_of(content):
    root = parsed(content)
    kinds = {"Item": "GLAccount", "DebtorItem": "Debtor"}
    return [
        (each.findtext(kinds[each.tag]), each.findtext("AmountInTransactionCurrency"))
        for each in root.iter()
        if each.tag in kinds
    ]


def test_a_receipt_is_bank_discount_and_customer(target, batch):
    """The bank is debited, the discount too, and the customer credited for each document."""
    content = target(Response(200))[0].propose(batch).payloads[0].content

    assert lines_of(content) == [
        ("0000113100", "150.00"),
        ("0000880000", "2.00"),
        ("0000000017", "-100.00"),
        ("0000000017", "-52.00"),
    ]
    assert b"Dupont &amp; Fils &lt;1&gt;" in content


def test_names_never_change(target, batch):
    """The same batch has the same message, whoever sends it and whenever."""
    first, second = (target(Response(200))[0].propose(batch).payloads for _ in range(2))
    identifiers = [each.text for each in parsed(first[0].content).iter("ID")]

    assert first[0].content == second[0].content
    assert [len(each) for each in identifiers] == [32, 32]


@pytest.mark.parametrize(
    ("said", "settings", "reason"),
    [
        ({}, {"bank_account": ""}, "bank_account"),
        ({}, {"discount_account": ""}, "discount_account"),
        ({"customer": "C-123456789"}, {}, "1 to 10 characters"),
        ({}, {"company_codes": {"1710": "17100"}}, "1 to 4 characters"),
    ],
)
def test_what_sap_cannot_take_is_refused_before(target, paid, said, settings, reason):
    """A line that cannot be booked is a problem of the proposal, and is never sent."""
    batch = PostingBatch.of([paid(**said)], creditor="1710", target="sap")
    sender, sent = target(Response(200), **settings)
    result = sender.post(batch)

    assert reason in sender.propose(batch).problems[0].message
    assert [answer.outcome for answer in result.answers] == [LineOutcome.REFUSED]
    assert sent == []


def test_documents_and_mixed_currencies_are_refused(target):
    """Invoices are billed in SAP itself, and an entry of SAP has one currency."""
    invoice = Invoice(
        number="F-1",
        creditor="1710",
        customer="C",
        document_date=dt.date(2026, 10, 1),
        total=money("1.00", "EUR"),
    )
    lines = [
        JournalLine(
            account=GlAccount("1", "one"),
            role=Role.BANK,
            amount_minor=minor,
            currency=currency,
            functional_minor=minor,
        )
        for currency in ("EUR", "USD")
        for minor in (1, -1)
    ]
    entry = JournalEntry(
        entry="E",
        creditor="1710",
        date=dt.date(2026, 10, 1),
        kind="x",
        functional_currency="EUR",
        lines=lines,
    )
    batch = PostingBatch.of([invoice, entry], creditor="1710", target="sap")

    assert len(target(Response(200))[0].propose(batch).problems) == 2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Response(400, body=b"<x>bad</x>"), LineOutcome.REFUSED),
        (Response(403), LineOutcome.REFUSED),
        (Response(408), LineOutcome.UNKNOWN),
        (Response(500, body=b"<Fault><faultstring>x</faultstring></Fault>"), LineOutcome.UNKNOWN),
        (Response(200, body=b"<html/>"), LineOutcome.UNKNOWN),
        (Response(200, body=b"not xml"), LineOutcome.UNKNOWN),
        (Response(502), LineOutcome.UNKNOWN),
    ],
)
def test_only_what_is_certain_is_refused(target, batch, answer, outcome):
    """Where nobody knows whether something was booked, the outcome is unknown."""
    result = target(answer)[0].post(batch)

    assert [each.outcome for each in result.answers] == [outcome]


def test_an_answer_without_identifiers_is_told_by_its_place(target, batch):
    """Confirmations that name no message are taken in order, where there are as many."""
    body = (
        b"<e><JournalEntryCreateConfirmation><JournalEntryCreateConfirmation>"
        b"<AccountingDocument>0100000008</AccountingDocument><CompanyCode>1710</CompanyCode>"
        b"<FiscalYear>2026</FiscalYear></JournalEntryCreateConfirmation>"
        b"</JournalEntryCreateConfirmation></e>"
    )
    result = target(Response(200, body=body))[0].post(batch)

    assert result.answers[0].reference == "1710/2026/0100000008"


def test_what_is_booked_is_not_sent_again(posting_case, batch):
    """A second post finds the first one, even where the service keeps no identifiers."""
    fake = posting_case.serve(Serving())
    fake._keeps_messages = False
    runtime = posting_case.runtime(transport=fake)
    sender = SapTarget(SapPostingSettings(**posting_case.settings), runtime)
    first, second = sender.post(batch), sender.post(batch)

    assert first.answers == second.answers
    assert len(fake.posted) == 1


def test_a_service_that_keeps_identifiers_may_be_asked_again(posting_case, batch):
    """Where the settings say so, a lost answer is asked for again under the same name."""
    said = {**posting_case.settings, "is_idempotent": True, "looks_first": False}
    runtime = posting_case.runtime(faults=[Fault.ACCEPTED_THEN_TIME_OUT])
    result = SapTarget(SapPostingSettings(**said), runtime).post(batch)

    assert [each.outcome for each in result.answers] == [LineOutcome.POSTED]


def test_the_tables_of_the_function_balance(batch):
    """The tables of the function have each line with its amount, and come to zero."""
    said = SapBapiSettings(bank_account="113100", discount_account="880000")
    proposal = BapiTarget(said).propose(batch)
    tables = json.loads(proposal.payloads[0].content)
    amounts = [row["AMT_DOCCUR"] for row in tables["CURRENCYAMOUNT"]]

    assert amounts == ["150.00", "2.00", "-100.00", "-52.00"]
    assert [row["CUSTOMER"] for row in tables["ACCOUNTRECEIVABLE"]] == ["0000000017"] * 2
    assert tables["DOCUMENTHEADER"]["DOC_TYPE"] == "DZ"


def test_the_idoc_has_unsigned_amounts_and_a_side(batch):
    """Lines of the IDoc say debit or credit, with amounts above zero."""
    said = SapBapiSettings(bank_account="113100", discount_account="880000")
    root = parsed(BapiTarget(said).propose(batch).payloads[1].content)
    lines = [
        (each.findtext("BSCHL"), each.findtext("SHKZG"), each.findtext("WRBTR"))
        for each in root.iter("E1FISEG")
    ]

    assert lines == [
        ("40", "S", "150.00"),
        ("40", "S", "2.00"),
        ("15", "H", "100.00"),
        ("15", "H", "52.00"),
    ]


def test_what_only_proposes_knows_nothing(batch):
    """The target that makes files sends nothing, and says so."""
    target = BapiTarget(SapBapiSettings(bank_account="1", discount_account="2"))

    assert not target.post(batch).is_settled
    assert not target.status(batch).is_settled
