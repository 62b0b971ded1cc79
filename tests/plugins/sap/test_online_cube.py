"""Rows of the cube: kinds, signs, what is left out, due dates, and what is wrong with a row."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from receivables.documents import CreditNote, DebitNote, Invoice
from receivables.errors import PolicyError
from receivables.problems import Severity
from receivables.receipts import Receipt
from receivables.testing.fakes.odata import FakeOData
from receivables.testing.ledger_source import balances
from receivables_plugins.sap import SapCubeSettings
from receivables_plugins.sap.cube import CubeSource


@pytest.fixture
def read(said_by):
    """What becomes of rows, or of bytes, under some settings."""

    def collected(rows, **settings):
        path = "/cube"
        content = rows if isinstance(rows, bytes) else said_by(FakeOData({path: rows}), path)
        return CubeSource(SapCubeSettings(**settings)).read(io.BytesIO(content), name="c").collect()

    return collected


def codes(read):
    return {problem.code for problem in read.report.problems}


def test_signed_and_unsigned_feeds_give_the_same(read, cube_rows, unsigned):
    """The neutral items of a feed do not depend on how it writes signs."""
    signed = read(cube_rows)
    other = read(unsigned(cube_rows), signs="unsigned")

    assert other.rows == signed.rows
    assert balances(signed.rows) == {"EUR": -370_00, "JPY": 1000}


@pytest.mark.parametrize(
    ("signs", "amount", "code"),
    [("signed", "100.00", "H"), ("signed", "-100.00", "S"), ("unsigned", "-100.00", "H")],
)
def test_wrong_signs_are_proved(read, cube_row, signs, amount, code):
    """A credit above zero refutes that amounts are signed, a negative one that they are not."""
    for kind in ("D", "S"):
        row = cube_row(amount=amount, DebitCreditCode=code, FinancialAccountType=kind)
        found = read([row], signs=signs)

        assert found.rows == ()
        assert codes(found) == {"amount.sign"}
        assert not found.report.complete


def test_an_unsigned_amount_without_a_code_is_refused(read, cube_row):
    """Where nothing says debit or credit, an unsigned amount is not guessed."""
    found = read([cube_row(DebitCreditCode="")], signs="unsigned")

    assert (found.rows, codes(found)) == ((), {"amount.sign"})


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"PostingKey": "01"}, Invoice),
        ({"PostingKey": "", "AccountingDocumentType": "DR"}, Invoice),
        ({"PostingKey": "06", "AccountingDocumentType": "DZ"}, DebitNote),
        ({"PostingKey": "15", "AccountingDocumentType": "AB", "amount": "-5.00"}, Receipt),
        ({"PostingKey": "11", "amount": "-5.00"}, CreditNote),
        ({"PostingKey": "", "AccountingDocumentType": "ZP", "amount": "-5.00"}, Receipt),
    ],
)
def test_key_and_type_say_the_kind(read, cube_row, said, kind):
    """The posting key says what a line is, and the document type where there is no key."""
    found = read([cube_row(**said)])

    assert [type(row) for row in found.rows] == [kind]
    assert found.report.problems == ()


def test_an_unknown_type_is_told_by_its_sign_and_named(read, cube_row):
    """A type of the house is not guessed: the sign tells, and a warning names the type."""
    row = cube_row(PostingKey="", AccountingDocumentType="Z9")
    found, mapped = read([row]), read([row], document_types={"Z9": ["debit-note", "receipt"]})

    assert [type(row) for row in found.rows] == [Invoice]
    assert "Z9" in found.report.problems[0].message
    assert [type(row) for row in mapped.rows] == [DebitNote]
    assert mapped.report.problems == ()


@pytest.mark.parametrize(
    ("settings", "amount", "kinds", "problem"),
    [
        ({}, "-5.00", [Receipt], None),
        ({}, "5.00", [DebitNote], None),
        ({"special_gl": {}}, "-5.00", [], Severity.WARNING),
        ({"special_gl": {"A": "document"}}, "-5.00", [CreditNote], None),
        ({"special_gl": {"A": "document"}}, "5.00", [DebitNote], None),
        ({"special_gl": {"A": "refuse"}}, "-5.00", [], Severity.ERROR),
        ({"special_gl": {}, "special_gl_default": "refuse"}, "-5.00", [], Severity.ERROR),
    ],
)
def test_special_gl_is_never_aged_in_silence(read, cube_row, settings, amount, kinds, problem):
    """What becomes of special general ledger is said by settings, and never passed over."""
    found = read([cube_row(amount=amount, SpecialGLCode="A", PostingKey="19")], **settings)

    assert [type(row) for row in found.rows] == kinds
    assert [each.severity for each in found.report.problems] == ([problem] if problem else [])
    assert all(row.is_advance for row in found.rows if isinstance(row, Receipt))


@pytest.mark.parametrize("said", [{"AccountingDocumentCategory": "V"}, {"SpecialGLCode": "G"}])
def test_noted_and_parked_lines_are_left_out(read, cube_row, said):
    """What is in no balance is left out with a warning, and the read stays whole."""
    found = read([cube_row(**said)])

    assert (found.rows, codes(found), found.report.complete) == ((), {"sap.noted-item"}, True)


@pytest.mark.parametrize(
    "action", [{"special_gl": {"A": "age"}}, {"special_gl_default": "x"}, {"signs": "both"}]
)
def test_settings_are_checked(action):
    """Settings that mean nothing are refused."""
    with pytest.raises(PolicyError):
        SapCubeSettings(**action)


def test_the_due_date_of_sap_counts_and_is_checked(read, cube_row):
    """The day that SAP says is taken; where the line's own terms say another, a warning says so."""
    row = cube_row(NetDueDate=dt.date(2026, 12, 24))
    found = read([row])

    assert found.rows[0].due_date == dt.date(2026, 12, 24)
    assert codes(found) == {"sap.due-date"}


def test_without_a_due_date_the_terms_say_it(read, cube_row):
    """Where SAP says no due date, the baseline and the net days of the line do."""
    found = read([cube_row(NetDueDate=None), cube_row("0100000002", "-5.00", NetDueDate=None)])

    assert [row.due_date for row in found.rows] == [dt.date(2026, 10, 10), dt.date(2026, 9, 10)]
    assert found.report.problems == ()


def test_discounts_are_offered_until_their_days(read, cube_row):
    """Percentages and days of the terms become discount offers of the invoice."""
    found = read(
        [
            cube_row(
                CashDiscount1Days=10,
                CashDiscount1Percent=3,
                CashDiscount2Days=20,
                CashDiscount2Percent=2,
            )
        ]
    )
    offers = found.rows[0].installments[0].discounts

    assert [(str(offer.until), str(offer.amount.amount)) for offer in offers] == [
        ("2026-09-20", "3.00"),
        ("2026-09-30", "2.00"),
    ]


def test_a_clearing_settles_its_lines_together(read, cube_rows):
    """Lines that one document cleared are one allocation on the day of the clearing."""
    allocations = read(cube_rows).rows[-1:]

    assert [(each.items, each.settled_on, each.label) for each in allocations] == [
        (
            ("0100000003-2026-001", "1400000009-2026-001"),
            dt.date(2026, 10, 20),
            "1400000009-2026",
        )
    ]


def test_a_clearing_taken_back_leaves_the_line_open(read, cube_row):
    """A line whose clearing was reversed is open."""
    row = cube_row(ClearingDate=dt.date(2026, 10, 1), ClearingIsReversed=True, IsCleared=True)

    assert len(read([row]).rows) == 1


def test_a_partial_payment_names_its_invoice(read, cube_row):
    """A payment that refers to an invoice says so, and stays an item of its own."""
    said = {"InvoiceReference": "0100000001", "InvoiceReferenceFiscalYear": "2026"}
    row = cube_row("1400000010", "-40.00", is_payment=True, InvoiceItemReference="001", **said)

    assert read([row]).rows[0].remittance.documents[0].number == "0100000001-2026-001"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"AmountInTransactionCurrency": "12.3.4"}, "amount.invalid"),
        ({"AmountInTransactionCurrency": "1.005"}, "amount.inexact"),
        ({"AmountInTransactionCurrency": "1" * 20}, "amount.limit"),
        ({"TransactionCurrency": ""}, "currency.missing"),
        ({"TransactionCurrency": "EURO"}, "currency.unknown"),
        ({"PostingDate": "/Date(x)/"}, "date.invalid"),
        ({"NetDueDate": "2026-02-30T00:00:00"}, "date.invalid"),
        ({"PostingDate": "", "DocumentDate": "00000000"}, "date.missing"),
        ({"AccountingDocument": ""}, "document.missing"),
        ({"Customer": ""}, "customer.missing"),
        ({"CompanyCode": ""}, "sap.company-missing"),
        ({"DebitCreditCode": "X"}, "amount.sign"),
        ({"NetPaymentDays": "1000"}, "terms.invalid"),
    ],
)
def test_a_wrong_row_is_a_problem(read, cube_row, said, code):
    """A row that cannot be taken is an error with its code, and the others are taken."""
    found = read([cube_row("0100000009", **said), cube_row()])

    assert len(found.rows) == 1
    assert codes(found) == {code}
    assert not found.report.complete


def test_a_row_twice_counts_once(read, cube_row):
    """The same row again is a warning; the same key with another amount is an error."""
    again = read([cube_row(), cube_row()])
    other = read([cube_row(), cube_row(amount="99.00")])

    assert (len(again.rows), again.report.complete) == (1, True)
    assert (len(other.rows), other.report.complete) == (1, False)
    assert codes(again) == codes(other) == {"document.duplicate"}


def test_numbers_and_texts_may_be_mixed(read, as_json, cube_row):
    """Amounts and keys may be texts or numbers, and what is not there may be said at length."""
    rows = [
        {**row, "PostingDate": "2026-09-10", "DocumentDate": {"@null": True}, "NetDueDate": None}
        for row in (
            {**cube_row(), "AmountInTransactionCurrency": 100, "AccountingDocument": 100000001},
            {**cube_row("0100000002"), "AmountInTransactionCurrency": {"$": "100.00"}},
        )
    ]
    for row in rows:
        row.update({"DueCalculationBaseDate": {"@null": "true"}, "ClearingDate": {"@null": True}})
        row.update({key: None for key, value in row.items() if "Discount" in key})
        row.update({"AmountInCompanyCodeCurrency": "", "NetPaymentDays": ""})
    found = read(
        as_json({"feed": {"count": 2, "entry": [{"content": {"properties": row}} for row in rows]}})
    )

    assert [row.number for row in found.rows] == ["0100000001-2026-001", "0100000002-2026-001"]
    assert codes(found) == {"sap.key-filled"}


def test_fewer_rows_than_counted_are_incomplete(read, as_json):
    """A feed that delivers less than it counts is not complete."""
    row = {"AccountingDocument": "1", "PostingDate": "20260910", "AmountInTransactionCurrency": "1"}
    feed = {"feed": {"count": 3, "entry": {"content": {"m:properties": row}}}}
    found = read(as_json(feed), creditor="C", customer="K", currency="EUR")

    assert len(found.rows) == 1
    assert "service.incomplete" in codes(found)
    assert not found.report.complete


def test_a_file_that_links_on_is_incomplete(read, as_json):
    """A page whose next one is not in the file is not all there is; with it, it is."""
    row = {"AccountingDocument": "1", "PostingDate": "20260910", "AmountInTransactionCurrency": "1"}
    said = {"creditor": "C", "customer": "K", "currency": "EUR"}
    first = as_json({"value": [row], "@odata.count": 2, "@odata.nextLink": "x"})
    last = as_json({"@odata.count": 2, "value": [{**row, "AccountingDocument": "2"}]})

    assert "service.incomplete" in codes(read(first, **said))
    assert read(first + b"\n" + last, **said).report.complete
    assert read(b"[" + first + b"," + last + b"]", **said).report.complete


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"[]", "file.empty"),
        (b"7", "file.format"),
        (b'{"d": {"results": [', "file.truncated"),
        (b'{"d": {"results": [{"a": 1', "file.truncated"),
        (b'{"d": nonsense}', "file.format"),
        (b'{"value": [NaN]}', "file.format"),
        (b'{"value": ["\xff"]}', "encoding.invalid"),
        (b"[" * 100_000, "file.format"),
        (b'{"error": {"code": "SY/530", "message": "no"}}', "service.refused"),
    ],
)
def test_what_is_no_file_of_rows_is_said(read, content, code):
    """A file that is cut off, broken, empty or an error is a problem, and nothing is raised."""
    assert code in codes(read(content))


def test_amounts_of_the_books_can_be_asked_for(read, cube_row):
    """Items may be read in the currency of the company code."""
    row = cube_row(TransactionCurrency="USD", AmountInCompanyCodeCurrency="91.50")

    assert balances(read([row], amounts="company-code").rows) == {"EUR": 91_50}


def test_a_creditor_has_one_company_code(read, cube_row):
    """A creditor stands for the only company code; several of them must be listed."""
    rows = [cube_row(), cube_row(CompanyCode="2000")]
    one, both = read(rows[:1], creditor="MIRA"), read(rows, creditor="MIRA")
    listed = read(rows, creditor="MIRA", creditors={"2000": "LUNA"})

    assert [row.creditor for row in one.rows] == ["MIRA"]
    assert codes(both) == {"sap.companies-mixed"}
    assert [row.creditor for row in listed.rows] == ["MIRA", "LUNA"]


@pytest.mark.parametrize(
    "content",
    [b'{"d": {"__count": "0", "results": []}}', b'{"@odata.count": 0, "value": []}'],
    ids=["v2", "v4"],
)
def test_an_answer_that_counts_nothing_is_whole(content):
    """Nothing is open, and the file says so."""
    source = CubeSource(SapCubeSettings(creditor="MIRA"))
    found = source.read(io.BytesIO(content), name="cube.json").collect()

    assert (found.rows, found.report.complete, found.report.problems) == ((), True, ())
