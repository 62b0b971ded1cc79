"""What the source ``saft`` makes of a Portuguese file."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, Document, Invoice
from receivables.receipts import Receipt


def _of(read, kind):
    return [row for row in read.rows if isinstance(row, kind)]


def _codes(read):
    return [problem.code for problem in read.report.problems]


def _settled(read):
    return [(row.items, row.settled_minor) for row in _of(read, SourceAllocation)]


def test_payment_settles_the_documents_that_it_names(portugal, read):
    """Documents and receipt are settled whole, on the day of the payment."""
    portugal.customer("C1").invoice("FT A/1", "100").invoice("FT A/2", "20")
    portugal.payment("RG A/1", "120", ("FT A/1", 100), ("FT A/2", 20))

    collected = read(portugal)

    assert collected.report.problems == ()
    assert _settled(collected) == [(("FT A/1", "FT A/2", "RG A/1"), None)]
    assert _of(collected, SourceAllocation)[0].settled_on == dt.date(2026, 2, 15)


def test_payment_of_a_part_settles_a_part(portugal, read):
    """The document in part, by the amount of the line, and the receipt whole."""
    portugal.customer("C1").invoice("FT A/1", "100").payment("RG A/1", "30", ("FT A/1", 30))
    portugal.payment("RG A/2", "70", ("FT A/1", 70), date="2026-03-01")

    assert _settled(read(portugal)) == [
        (("FT A/1",), 30_00),
        (("RG A/1",), None),
        (("FT A/1",), 70_00),
        (("RG A/2",), None),
    ]


def test_lines_of_a_payment_for_one_document_are_one_part(portugal, read):
    """A receipt has a line for each rate of tax; together they are what it pays of the document."""
    portugal.customer("C1").invoice("FT A/1", "100")
    portugal.payment("RG A/1", "60", ("FT A/1", 30), ("FT A/1", 30))

    assert _settled(read(portugal)) == [(("FT A/1",), 60_00), (("RG A/1",), None)]


def test_credit_note_counts_against_the_invoice_in_a_payment(portugal, read):
    """A debit line of a payment uses a credit note; the three come to zero."""
    portugal.customer("C1").invoice("FT A/1", "100").invoice("NC A/1", "40", kind="NC")
    portugal.payment("RG A/1", "60", ("FT A/1", 100), ("NC A/1", -40))

    assert _settled(read(portugal)) == [(("FT A/1", "NC A/1", "RG A/1"), None)]


def test_payment_without_tax_on_its_lines_is_of_whole_documents(portugal, read):
    """Under cash accounting for VAT lines are net; the documents together are what was paid."""
    portugal.customer("C1").invoice("FT A/1", "123").payment("RC A/1", "123", ("FT A/1", 100))

    assert _settled(read(portugal)) == [(("FT A/1", "RC A/1"), None)]


def test_payment_that_does_not_come_out_settles_nothing(portugal, read):
    """It stays as money received, with a warning."""
    portugal.customer("C1").invoice("FT A/1", "123").payment("RC A/1", "50", ("FT A/1", 40))

    collected = read(portugal)

    assert _settled(collected) == []
    assert len(_of(collected, Receipt)) == 1
    assert _codes(collected) == ["saft.payment-differs"]


def test_document_of_an_earlier_file_is_not_known(portugal, read):
    """What a payment pays of it stays on the receipt, and the report says so."""
    portugal.customer("C1").invoice("FT A/9", "20")
    portugal.payment("RG A/1", "120", ("FT A/1", 100), ("FT A/9", 20))

    collected = read(portugal)

    assert _settled(collected) == [(("FT A/9",), 20_00), (("RG A/1",), -20_00)]
    assert _codes(collected) == ["saft.document-unknown"]


def test_invoice_receipt_is_paid_at_once(portugal, read):
    """An invoice-receipt is an invoice with the money for it."""
    collected = read(portugal.customer("C1").invoice("FR A/1", "10", kind="FR"))

    assert _settled(collected) == [(("FR A/1", "FR A/1~paid"), None)]


def test_cancelled_documents_are_none(portugal, read):
    """An annulled invoice or payment is in no balance."""
    portugal.customer("C1").invoice("FT A/1", "10", status="A").payment("RG A/1", "5", status="A")

    assert _of(read(portugal), (Document, Receipt)) == []


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ({"kind": "XX"}, "document.type-unknown"),
        ({"customer": ""}, "customer.missing"),
        ({"number": ""}, "document.missing"),
        ({"number": "FT A/0"}, "document.duplicate"),
        ({"date": "15/01/2026"}, "date.invalid"),
        ({"total": "1.234,00"}, "amount.invalid"),
    ],
)
def test_wrong_invoices_are_noted(portugal, read, made, code):
    """What breaks a rule is an error, and never guessed."""
    portugal.customer("C1").invoice("FT A/0", "1")
    given = {"number": "FT A/1", "total": "10", **made}
    portugal.invoice(given.pop("number"), given.pop("total"), **given)

    collected = read(portugal)

    assert _codes(collected) == [code]
    assert not collected.report.complete


def test_credit_note_says_what_it_corrects(portugal, read):
    """The reference of its lines is the document that it corrects."""
    line = "<References><Reference>FT A/1</Reference></References>"
    portugal.customer("C1").invoice("NC A/1", "4", kind="NC", line=line)

    assert _of(read(portugal), CreditNote)[0].corrects == "FT A/1"


def test_ledger_of_an_accounting_file_is_read_with_its_balances(portugal, read):
    """Entries on an account of one customer are of that customer, and its balance is checked."""
    portugal.basis = "C"
    portugal.customer("C1").account("211110001", 50, 150)
    portugal.entry("1", ("211110001", 100, "FT A/1"), ("711", -100, "FT A/1"))

    collected = read(portugal)

    assert [row.number for row in _of(collected, Invoice)] == ["opening:C1", "FT A/1"]
    assert collected.report.complete
    assert _codes(collected) == ["saft.opening-balance"]


def test_account_of_several_customers_cannot_open_for_one(portugal, read):
    """A balance that is of nobody in particular makes the read incomplete."""
    portugal.basis = "C"
    portugal.customer("C1").customer("C2").account("211110001", 50, 50)
    portugal.entry("1", ("12", 1, "x"), ("711", -1, "x"))

    assert _codes(read(portugal)) == ["saft.opening-shared"]
