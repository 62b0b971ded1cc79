"""Saved answers are read as published payloads have them, and refused where they are not whole."""

from __future__ import annotations

import io

import pytest

from receivables.documents import CreditNote, Invoice
from receivables.parties import Customer
from receivables.receipts import Receipt
from receivables.testing.ledger_source import balances
from receivables_plugins.quickbooks import ObjectsSettings
from receivables_plugins.quickbooks.json_text import json_bytes
from receivables_plugins.quickbooks.source import ObjectsSource

from .conftest import sale


def read(content, **settings):
    """What the source makes of some bytes."""
    source = ObjectsSource(ObjectsSettings(creditor="MIRA", **{"currency": "USD", **settings}))
    return source.read(io.BytesIO(content), name="a").collect()


def codes(found):
    """The codes of the problems, each once."""
    return {problem.code for problem in found.report.problems}


def page(kind, rows, **more):
    """One answer to a query."""
    return json_bytes({"QueryResponse": {kind: rows, **more}})


PAYLOADS = [
    # file, kind of record, how many, the balance before anything is settled
    ("invoice.xml", Invoice, 1, {"USD": 50_00}),
    ("invoices.xml", Invoice, 1, {"USD": 50_00}),
    ("fetch_invoice_by_id.xml", Invoice, 1, {"USD": 50_00}),
    ("invoice_line_item_description_only.xml", Invoice, 1, {"USD": 0}),
    ("invoice_send.xml", Invoice, 1, {"USD": 50_00}),
    ("invoice_void_success_response.xml", Invoice, 1, {"USD": 50_00}),
    ("invoice_with_bundle_line_item.xml", Invoice, 1, {"CAD": 9_60}),
    ("invoice_with_discount_line_item_response.xml", Invoice, 1, {"USD": 45_00}),
    ("fetch_credit_memo.xml", CreditNote, 1, {"BRL": -10_00}),
    ("payment.xml", Receipt, 1, {"USD": -40_00}),
    ("payment_by_id.xml", Receipt, 1, {"USD": -40_00}),
    ("payments.xml", Receipt, 1, {"USD": -40_00}),
    ("fetch_payment_by_id.xml", Receipt, 1, {"USD": -40_00}),
    ("payment_with_line_extras.xml", Receipt, 1, {"USD": -2_400_00}),
    ("payment_void_response_success.xml", Receipt, 0, {}),
    ("change_data_capture_response.xml", Invoice, 1, {"USD": 0}),
    ("customers.xml", Customer, 5, {}),
    ("sales_receipts.xml", Receipt, 0, {}),
    ("refund_receipts.xml", Receipt, 0, {}),
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload[0])
def test_published_payloads_are_read(payload, shared):
    """Every file of documents and receipts reads without an error, to the amounts in it."""
    name, kind, count, totals = payload
    found = read((shared / "qbo_v3_xml" / name).read_bytes())

    assert found.report.complete
    assert sum(isinstance(row, kind) for row in found.rows) == count
    assert balances(found.rows) == totals


FAULTS = [
    ("fault.xml", "2050", 1),
    ("generic_error.xml", "10000", 2),
    ("query_validation_error.xml", "4001", 2),
    ("customer_duplicate_error.xml", "6240", 3),
    ("batch_response.xml", "2050", 4),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[0])
def test_published_faults_are_refused_with_their_place(fault, shared):
    """A fault makes the read incomplete, and says its code and the line that it stands on."""
    name, code, line = fault
    found = read((shared / "qbo_v3_xml" / name).read_bytes())
    first = found.report.problems[0]

    assert not found.report.complete
    assert first.code == "service.refused"
    assert code in first.message
    assert first.place.line == line


@pytest.mark.parametrize(
    "name", ["invoice", "payment", "credit_memo", "refund_receipt", "customer"]
)
def test_published_deletions_are_told(name, shared):
    """What was deleted there is no record, and a warning says so."""
    found = read((shared / "qbo_v3_xml" / f"{name}_changes.xml").read_bytes())

    assert (found.rows, codes(found)) == ((), {"quickbooks.deleted"})


def test_every_published_file_is_survived(shared):
    """Whatever else lies there is read to its end, and what is no answer is not complete."""
    for path in sorted((shared / "qbo_v3_xml").glob("*.xml")):
        found = read(path.read_bytes())

        assert found.report.complete is not bool(found.report.errors)


def refused_pages():
    """Contents, the codes of their problems, and why."""
    row = sale("1", "A", "2026-09-10", "10.00", "10.00")
    full = [{**row, "Id": str(n), "DocNumber": f"N{n}"} for n in range(1, 1001)]
    yield page("Invoice", [row], totalCount=2), {"service.incomplete"}, "fewer than counted"
    yield page("Invoice", full, startPosition=1), {"service.incomplete"}, "a full last page"
    yield page("Invoice", [row, {**row, "Balance": 5}]), {"document.duplicate"}, "other content"
    yield page("Invoice", [{**row, "TotalAmt": "x"}]), {"amount.invalid"}, "no number"
    yield page("Invoice", [{**row, "TotalAmt": "10.001"}]), {"amount.inexact"}, "too many decimals"
    yield page("Invoice", [{**row, "TotalAmt": "1E30"}]), {"amount.limit"}, "too much"
    yield page("Invoice", [{**row, "Balance": "10.01"}]), {"document.unbalanced"}, "more open"
    yield page("Invoice", [{**row, "TxnDate": "2026-02-30"}]), {"date.invalid"}, "no such day"
    yield page("Invoice", [{**row, "TxnDate": None}]), {"date.missing"}, "no day"
    yield page("Invoice", [{**row, "CustomerRef": None}]), {"customer.missing"}, "of nobody"
    yield page("Invoice", [{**row, "CurrencyRef": {"value": "XXZ"}}]), {"currency.unknown"}, "?"
    yield page("Invoice", [{**row, "Id": ""}]), {"document.missing"}, "without an identity"
    yield b'{"total": 1}', {"file.format"}, "no answer"
    yield b"[1, 2]", {"file.format"}, "no answer either"
    yield b'{"QueryResponse": {"Invoice": [', {"file.truncated"}, "cut off"
    yield b'{"QueryResponse": NaN}', {"file.format"}, "no number of JSON"
    yield b'{"QueryResponse": \xff}', {"encoding.invalid"}, "no UTF-8"
    yield b"[" * 100_000, {"file.format"}, "too deep"
    yield b"", {"file.empty"}, "nothing"


@pytest.mark.parametrize(("content", "expected", "why"), list(refused_pages()), ids=lambda _: "")
def test_what_is_not_whole_is_refused(content, expected, why):
    """Each way of not being whole has its code, and makes the read incomplete."""
    found = read(content)

    assert codes(found) == expected, why
    assert not found.report.complete


def test_the_same_object_twice_is_read_once():
    """A page that was saved twice gives its objects once, with a warning."""
    row = sale("1", "A", "2026-09-10", "10.00", "10.00")
    found = read(page("Invoice", [row]) + b"\n" + page("Invoice", [row]))

    assert len([each for each in found.rows if isinstance(each, Invoice)]) == 1
    assert codes(found) == {"quickbooks.repeated"}
    assert found.report.complete


def test_an_answer_over_many_lines_is_one_answer():
    """An answer that was laid out for people is read like one on a line."""
    row = sale("1", "A", "2026-09-10", "10.00", "10.00")
    spread = page("Invoice", [row]).replace(b", ", b",\n  ")

    assert read(spread).rows == read(page("Invoice", [row])).rows


def test_documents_of_other_currencies_have_their_rate():
    """A document that is not in the currency of the books says the rate that it was booked at."""
    row = sale("1", "A", "2026-09-10", "10.00", "10.00", ExchangeRate="0.73")
    [_, invoice] = read(page("Invoice", [row])).rows

    assert (invoice.exchange_rate.base, invoice.exchange_rate.quote) == ("CAD", "USD")


def test_journal_lines_on_unknown_accounts_are_spoken_of_once(shared):
    """Where nothing tells whether an account holds receivables, a warning says so once."""
    found = read((shared / "qbo_v3_xml" / "deposit.xml").read_bytes())
    told = read((shared / "qbo_v3_xml" / "deposit.xml").read_bytes(), receivable_accounts=["31"])

    assert (found.rows, codes(found)) == ((), {"quickbooks.account-unknown"})
    assert balances(told.rows) == {"USD": 62_50}
