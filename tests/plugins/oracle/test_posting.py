"""Booking in Oracle: what is sent, what is refused and why, and the files for interface tables."""

from __future__ import annotations

import csv
import datetime as dt
import json
from decimal import Decimal

import pytest

from receivables.casework import LineOutcome
from receivables.documents import CreditNote, DebitNote, Installment, Invoice, Line, Tax
from receivables.errors import PolicyError
from receivables.money import ExchangeRate, money
from receivables.outbox import AppliedPart, PostingBatch, ReceiptPosting
from receivables.receipts import ReceiptMethod
from receivables.testing.fakes.oracle import FakeOracleRest
from receivables.testing.services import ServiceCase
from receivables_plugins import oracle

TARGETS = {spec.name: spec for spec in oracle.receivables_posting_targets()}
FUSION = {
    "creditor": "MIRA",
    "url": "https://pod.example",
    "user": "u",
    "password": "p",
    "business-unit": "Vision",
    "receipt-method": "Wire",
    "transaction-source": "Manual",
}
AUTO = {
    "batch-source": "BS",
    "context": "CTX",
    "currency": "EUR",
    "types": {"invoice": "Invoice", "debit-note": "DM", "credit-note": "CM"},
    "term-names": {"net 30": "NET 30"},
}


def _receipt(receipt="b-1", amount="100.00", parts=(), **fields):
    return ReceiptPosting(
        receipt=receipt,
        customer="0042",
        amount=money(amount, "EUR"),
        booking_date=dt.date(2026, 10, 5),
        applications=parts,
        **fields,
    )


def _document(kind=Invoice, number="F-1", **fields):
    said = {"total": money("119.00", "EUR"), "terms": "net 30"} | fields
    return kind(
        number=number,
        creditor="MIRA",
        customer="0042",
        document_date=dt.date(2026, 10, 1),
        due_date=dt.date(2026, 10, 31),
        **said,
    )


def _batch(*records):
    return PostingBatch.of(records, creditor="MIRA", target="oracle")


def _fusion(fake=None, **settings):
    fake = fake or FakeOracleRest(basic=("u", "s"))
    case = ServiceCase(settings=FUSION | settings, secrets={"p": "s"}, serve=lambda _: fake)
    return TARGETS["oracle-fusion"].build(case.settings, runtime=case.runtime(transport=fake)), fake


def _table(proposal):
    (payload,) = proposal.payloads
    return list(csv.DictReader(payload.content.decode().splitlines()))


def test_a_receipt_is_sent_with_what_it_pays():
    """Amounts are exact numbers, the number is the receipt's own, and references name documents."""
    parts = [AppliedPart(document="000118", amount_minor=60_50)]
    target, _ = _fusion(methods={"card": "Cards"})
    (payload,) = target.propose(
        _batch(_receipt(parts=parts, method=ReceiptMethod.CARD, text="10/2026"))
    ).payloads

    assert json.loads(payload.content, parse_float=Decimal) == {
        "ReceiptNumber": "b-1",
        "BusinessUnit": "Vision",
        "ReceiptMethod": "Cards",
        "ReceiptDate": "2026-10-05",
        "AccountingDate": "2026-10-05",
        "Amount": Decimal("100.00"),
        "Currency": "EUR",
        "CustomerAccountNumber": "0042",
        "Comments": "10/2026",
        "remittanceReferences": [
            {
                "ReceiptMatchBy": "Transaction Number",
                "ReferenceNumber": "000118",
                "ReferenceAmount": Decimal("60.50"),
            }
        ],
    }


def test_creating_says_that_nothing_is_to_be_doubled():
    """What is created is asked for before, and the request says ``Upsert-Mode``."""
    target, fake = _fusion()
    target.post(_batch(_receipt()))

    assert [request.method for request in fake.requests] == ["GET", "POST"]
    assert fake.requests[1].header("Upsert-Mode") == "true"
    assert not fake.requests[1].is_repeatable


def test_an_invoice_is_sent_line_by_line():
    """Each line is one piece at its net amount, with its taxes."""
    tax = Tax(code="VAT19", base=money("100.00", "EUR"), amount=money("19.00", "EUR"))
    line = Line(description="Beer", net=money("100.00", "EUR"), quantity=Decimal(3), taxes=[tax])
    invoice = _document(lines=[line], references=["PO-7"])
    target, fake = _fusion(tax_regime="DE")
    (answer,) = target.post(_batch(invoice)).answers
    (sent,) = fake.created

    assert (answer.outcome, answer.message) == (LineOutcome.POSTED, "")
    assert sent["EnteredAmount"] == Decimal("119.00")
    assert (sent["DueDate"], sent["PurchaseOrder"]) == ("2026-10-31", "PO-7")


def test_a_receipt_can_be_applied_afterwards():
    """With actions, each part goes to its own installment, and what cannot go is said."""
    fake = FakeOracleRest(basic=("u", "s"))
    target, _ = _fusion(fake, applies="action")
    target.post(_batch(_document(), _document(number="F-2", total=money("5.00", "EUR"))))
    parts = [
        AppliedPart(document="F-1", amount_minor=70_00),
        AppliedPart(document="F-1", installment=2, amount_minor=10_00),
        AppliedPart(document="F-2", amount_minor=20_00),
    ]
    (answer,) = target.post(_batch(_receipt(parts=parts))).answers

    assert answer.outcome is LineOutcome.POSTED
    assert "not applied to F-1: no such installment" in answer.message
    assert "not applied to F-2: The amount is more" in answer.message
    assert fake.rows["standardReceipts"][0]["UnappliedAmount"] == Decimal("30.00")


def test_a_number_that_is_taken_is_refused():
    """A receipt of the same number and another amount is somebody else's."""
    target, fake = _fusion()
    target.post(_batch(_receipt()))
    (answer,) = target.post(_batch(_receipt(amount="90.00"))).answers

    assert (answer.outcome, answer.code) == (LineOutcome.REFUSED, "oracle.number-taken")
    assert len(fake.created) == 1


def test_long_names_become_short_numbers():
    """A receipt whose name is too long has a number made of it, always the same."""
    target, fake = _fusion()
    batch = _batch(_receipt("x" * 40))
    target.post(batch)
    (answer,) = target.status(batch).answers

    assert len(fake.created[0]["ReceiptNumber"]) == 30
    assert answer.outcome is LineOutcome.POSTED


@pytest.mark.parametrize(
    ("record", "settings", "code"),
    [
        (_receipt(), {"receipt-method": ""}, "posting.refused"),
        (_receipt(text="4111 1111 1111 1111"), {}, "card.number"),
        (_document(CreditNote), {}, "posting.refused"),
        (_document(DebitNote), {}, "posting.refused"),
        (_document(), {"transaction-source": ""}, "posting.refused"),
        (_document(number="F" * 21), {}, "oracle.number-too-long"),
    ],
)
def test_what_cannot_be_sent_is_refused_before(record, settings, code):
    """A line that the system cannot take is refused with its reason, and nothing is sent for it."""
    target, fake = _fusion(**settings)
    proposal = target.propose(_batch(record))
    (answer,) = target.post(_batch(record)).answers

    assert (proposal.payloads, proposal.problems[0].code) == ((), code)
    assert not proposal.is_sendable
    assert (answer.outcome, fake.created) == (LineOutcome.REFUSED, [])
    assert answer.message


def test_taxes_need_a_regime_and_installments_need_terms():
    """What Receivables must be told, and settings do not say, is refused."""
    tax = Tax(code="V", base=money("1.00", "EUR"), amount=money("0.19", "EUR"))
    taxed = _document(
        total=money("1.19", "EUR"),
        lines=[Line(description="x", net=money("1.00", "EUR"), taxes=[tax])],
    )
    parts = [
        Installment(dt.date(2026, 10, 31), money("19.00", "EUR")),
        Installment(dt.date(2026, 11, 30), money("100.00", "EUR")),
    ]
    target, _ = _fusion()
    problems = target.propose(_batch(taxed, _document(number="F-2", installments=parts))).problems

    assert [problem.message.partition(" ")[0] for problem in problems] == [
        "tax_regime",
        "payment_terms",
    ]


def test_what_cannot_be_said_is_warned_of():
    """Discounts are granted there, and references name no installment."""
    part = AppliedPart(document="F-1", amount_minor=1, installment=2, discount_minor=1)
    target, _ = _fusion()
    proposal = target.propose(_batch(_receipt(parts=[part])))

    assert proposal.is_sendable
    assert [each.code for each in proposal.problems] == [
        "oracle.discount-unsaid",
        "oracle.installment-unsaid",
    ]


def test_rows_for_autoinvoice_name_themselves():
    """Context and attributes name each row for good; a tax is linked to its line."""
    tax = Tax(
        code="VAT19", base=money("100.00", "EUR"), amount=money("19.00", "EUR"), rate_bps=1900
    )
    line = Line(description="Beer,\n light", net=money("100.00", "EUR"), taxes=[tax])
    target = TARGETS["oracle-autoinvoice"].build(AUTO)
    rows = _table(target.propose(_batch(_document(total=money("119.00", "EUR"), lines=[line]))))

    assert [[row[f"INTERFACE_LINE_ATTRIBUTE{n}"] for n in (1, 2, 3, 4)] for row in rows] == [
        ["F-1", "1", "LINE", ""],
        ["F-1", "1", "TAX-1", ""],
    ]
    assert [row["AMOUNT"] for row in rows] == ["100.00", "19.00"]
    assert rows[0]["DESCRIPTION"] == "Beer, light"
    assert (rows[1]["LINK_TO_LINE_ATTRIBUTE3"], rows[1]["TAX_RATE"]) == ("LINE", "19.00")
    assert (rows[0]["TERM_NAME"], rows[0]["CONVERSION_RATE"]) == ("NET 30", "1")
    assert rows[0]["ORIG_SYSTEM_BILL_CUSTOMER_REF"] == "0042"


def test_a_credit_goes_on_account():
    """A credit note is negative and without terms, and is to be applied there, which is said."""
    target = TARGETS["oracle-autoinvoice"].build(AUTO | {"customer-by": "id"})
    proposal = target.propose(_batch(_document(CreditNote, corrects="F-1")))
    (row,) = _table(proposal)

    assert (row["AMOUNT"], row["TERM_NAME"], row["COMMENTS"]) == ("-119.00", "", "F-1")
    assert row["ORIG_SYSTEM_BILL_CUSTOMER_ID"] == "0042"
    assert [each.code for each in proposal.problems] == ["oracle.credit-on-account"]


def test_rates_of_documents_are_sent():
    """A stated rate is the user's; without one, Receivables looks its own up."""
    rate = ExchangeRate(base="USD", quote="EUR", rate=Decimal("0.9185"), date=dt.date(2026, 9, 30))
    dollars = {"total": money("10.00", "USD")}
    target = TARGETS["oracle-autoinvoice"].build(AUTO)
    stated, unstated = _table(
        target.propose(
            _batch(_document(exchange_rate=rate, **dollars), _document(number="F-2", **dollars))
        )
    )

    assert (stated["CONVERSION_TYPE"], stated["CONVERSION_RATE"]) == ("User", "0.9185")
    assert (unstated["CONVERSION_TYPE"], unstated["CONVERSION_RATE"]) == ("Corporate", "")


@pytest.mark.parametrize(
    ("record", "settings"),
    [
        (_receipt(), {}),
        (_document(terms="on sight"), {}),
        (_document(DebitNote), {"types": {"invoice": "Invoice"}}),
    ],
)
def test_autoinvoice_refuses_what_it_cannot_take(record, settings):
    """Receipts, terms and kinds without a name there are refused, and no file is made of them."""
    target = TARGETS["oracle-autoinvoice"].build(AUTO | settings)
    proposal = target.propose(_batch(record))

    assert (proposal.payloads, proposal.problems[0].code) == ((), "posting.refused")


def test_rows_for_lockbox_overflow():
    """A payment names eight documents, and more of them on overflow records."""
    parts = [
        AppliedPart(document=f"F-{n}", amount_minor=100 * n, installment=2) for n in range(1, 19)
    ]
    target = TARGETS["oracle-lockbox"].build({"lockbox": "5432", "customer-by": "id"})
    rows = _table(target.propose(_batch(_receipt(amount="200.00", parts=parts))))

    assert [row["RECORD_TYPE"] for row in rows] == ["6", "4", "4"]
    assert [row["OVERFLOW_INDICATOR"] for row in rows] == ["", "0", "9"]
    assert (rows[0]["REMITTANCE_AMOUNT"], rows[0]["CUSTOMER_ID"]) == ("200.00", "0042")
    assert (rows[0]["INVOICE8"], rows[1]["INVOICE1"], rows[2]["AMOUNT_APPLIED2"]) == (
        "F-8",
        "F-9",
        "18.00",
    )
    assert rows[1]["INVOICE1_INSTALLMENT"] == "2"
    assert {row["ITEM_NUMBER"] for row in rows} == {"1"}


@pytest.mark.parametrize("name", ["oracle-autoinvoice", "oracle-lockbox"])
def test_files_are_not_sent(name):
    """A target of files neither sends nor asks."""
    target = TARGETS[name].build(AUTO if name == "oracle-autoinvoice" else {"lockbox": "1"})
    for call in (target.post, target.status):
        with pytest.raises(PolicyError, match="sends nothing"):
            call(_batch(_receipt()))
