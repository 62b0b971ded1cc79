"""Reading Fusion Cloud: pages, expanded children, filters, applications, what is said of doubts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from receivables.adapters import LedgerQuery
from receivables.documents import CreditNote, DebitNote, Invoice
from receivables.errors import PolicyError
from receivables.testing.fakes.oracle import FakeOracleRest
from receivables.testing.services import ServiceCase, Serving
from receivables.transports import Request, Response
from receivables_plugins import oracle

(SPEC,) = oracle.receivables_ledger_services()
SETTINGS = {"creditor": "MIRA", "url": "https://pod.example", "user": "u", "password": "p"}
NOW = LedgerQuery()
ALL = LedgerQuery(settled_since=dt.date(2026, 1, 1))


def _installment(identity, original, balance=None, sequence=1):
    return {
        "InstallmentId": identity,
        "InstallmentSequenceNumber": sequence,
        "InstallmentDueDate": "2026-10-01",
        "OriginalAmount": Decimal(original),
        "InstallmentBalanceDue": Decimal(original if balance is None else balance),
    }


def _invoice(original="100.00", balance=None, *, identity=1, **fields):
    left = original if balance is None else balance
    return {
        "CustomerTransactionId": identity,
        "TransactionNumber": f"F-{identity}",
        "TransactionDate": "2026-09-01",
        "AccountingDate": "2026-09-02",
        "TransactionType": "Invoice",
        "BusinessUnit": "Vision",
        "BillToCustomerNumber": "01007",
        "InvoiceCurrencyCode": "EUR",
        "InvoiceStatus": "Complete",
        "InvoiceBalanceAmount": Decimal(left),
        "receivablesInvoiceInstallments": [_installment(10 + identity, original, left)],
        **fields,
    }


def _receipt(amount="100.00", unapplied="100.00", **fields):
    return {
        "StandardReceiptId": 5,
        "ReceiptNumber": "R-5",
        "BusinessUnit": "Vision",
        "ReceiptDate": "2026-09-20",
        "Amount": Decimal(amount),
        "UnappliedAmount": None if unapplied is None else Decimal(unapplied),
        "Currency": "EUR",
        "CustomerAccountNumber": "01007",
        **fields,
    }


def _account(applications=(), **children):
    return {
        "AccountId": 9,
        "AccountNumber": "01007",
        "CustomerName": "Bräuhaus AG",
        "standardReceiptApplications": list(applications),
        "creditMemoApplications": [],
        "transactionAdjustments": [],
        **children,
    }


def _application(amount="100.00", **fields):
    return {
        "ApplicationId": 77,
        "StandardReceiptId": 5,
        "ApplicationAmount": Decimal(amount),
        "EnteredCurrency": "EUR",
        "AccountingDate": "2026-09-25",
        "ApplicationStatus": "Applied",
        "IsLatestApplication": "Y",
        "ReferenceInstallmentId": 11,
        "ReferenceTransactionId": 1,
        **fields,
    }


def _rows(invoices=(), receipts=(), accounts=(), memos=()):
    return {
        "receivablesInvoices": invoices,
        "receivablesCreditMemos": memos,
        "standardReceipts": receipts,
        "receivablesCustomerAccountActivities": accounts,
    }


def _read(rows, query=NOW, serving=None, **settings):
    fake = FakeOracleRest(rows, serving or Serving(), basic=("u", "s3cr3t"))
    case = ServiceCase(settings=SETTINGS | settings, secrets={"p": "s3cr3t"}, serve=lambda _: fake)
    service = SPEC.build(case.settings, runtime=case.runtime(transport=fake))
    return service.items(query).collect(), fake


def test_every_request_says_its_order_and_asks_for_a_count(ebs):
    """Pages fit together because they have an order, and end where the system counts to."""
    read, fake = _read(
        _rows([_invoice(identity=n) for n in range(1, 8)]), serving=Serving(page_size=3)
    )
    asked = [parse_qs(urlsplit(request.url).query) for request in fake.requests]

    assert len(ebs.left_open(read.require_complete().rows)) == 7
    assert [each["offset"] for each in asked][:3] == [["0"], ["3"], ["6"]]
    assert all(each["totalResults"] == ["true"] and "orderBy" in each for each in asked)
    assert asked[0]["q"] == ["InvoiceBalanceAmount != 0"]


def test_filters_can_be_left_to_us(ebs):
    """Where a pod does not take the conditions, all comes, and what is settled is left out here."""
    rows = _rows([_invoice(), _invoice(balance="0", identity=2)])
    read, fake = _read(rows, filters_open=False)

    assert ebs.left_open(read.require_complete().rows) == {"F-1": 10000}
    assert all("q=" not in request.url for request in fake.requests)


@pytest.mark.parametrize(
    "customers", [["01007"], ["01007", "O'Neill"], [str(n) for n in range(30)]]
)
def test_customers_can_be_chosen(ebs, customers):
    """A few customers are asked for by name, many are picked out of all."""
    rows = _rows([_invoice(), _invoice(identity=2, BillToCustomerNumber="5")])
    read, _ = _read(rows, LedgerQuery(customers=customers))
    expected = {"F-1"} if "01007" in customers else {"F-2"}

    assert set(ebs.left_open(read.require_complete().rows)) == expected


def test_business_units_can_be_chosen():
    """Only the business units of the settings are asked for."""
    _, fake = _read(_rows([_invoice()]), business_units=["Vision", "Vision FR"])

    assert (
        "BusinessUnit in ('Vision','Vision FR')"
        in parse_qs(urlsplit(fake.requests[0].url).query)["q"][0]
    )


def test_children_that_do_not_fit_are_fetched(ebs):
    """An invoice of thirty installments comes with some of them, and the others are asked for."""
    parts = [_installment(100 + n, "1.00", sequence=n) for n in range(1, 31)]
    row = _invoice("30.00", receivablesInvoiceInstallments=parts)
    read, fake = _read(_rows([row]))

    assert len(read.require_complete().rows[0].installments) == 30
    assert any("/child/receivablesInvoiceInstallments" in request.url for request in fake.requests)


def test_a_list_of_children_is_whole(ebs):
    """An earlier version of the framework gives children as a list."""

    class Earlier(FakeOracleRest):
        def __call__(self, request):
            return super().__call__(request.with_headers({"REST-Framework-Version": "2"}))

    fake = Earlier(_rows([_invoice()]), basic=("u", "s3cr3t"))
    case = ServiceCase(settings=SETTINGS, secrets={"p": "s3cr3t"}, serve=lambda _: fake)
    read = SPEC.build(SETTINGS, runtime=case.runtime(transport=fake)).items(NOW).collect()

    assert ebs.left_open(read.require_complete().rows) == {"F-1": 10000}


def test_a_part_that_is_settled_has_a_day_with_applications(ebs):
    """Without them the day of reading stands for it, and that is said; with them nothing is."""
    rows = _rows(
        [_invoice(balance="40.00")], [_receipt("60.00", "0")], [_account([_application("60.00")])]
    )
    now, _ = _read(rows)
    dated, _ = _read(rows, ALL)

    assert ebs.codes(now.require_complete()) == ["oracle.settled-day-unknown"]
    assert now.rows[-1].settled_on == dt.date(2026, 10, 31)
    assert dated.require_complete().report.problems == ()
    assert {row.settled_on for row in dated.rows[2:]} == {dt.date(2026, 9, 25)}


@pytest.mark.parametrize("status", ["Applied", "APP", "Activity"])
def test_states_that_settle(ebs, status):
    """What is applied settles both sides, an activity the receipt alone."""
    rows = _rows(
        [_invoice(balance="0")],
        [_receipt(unapplied="0")],
        [_account([_application(ApplicationStatus=status)])],
    )
    read, _ = _read(rows, ALL)

    assert ebs.left_open(read.rows) == {}
    assert ("oracle.settled-day-unknown" in ebs.codes(read)) is (status == "Activity")


@pytest.mark.parametrize(
    "fields", [{"ApplicationStatus": "On Account"}, {"IsLatestApplication": "N"}]
)
def test_states_that_settle_nothing(ebs, fields):
    """Cash on account, and an application that another one replaced, settle nothing."""
    rows = _rows([_invoice()], [_receipt()], [_account([_application(**fields)])])
    read, _ = _read(rows, ALL)

    assert ebs.left_open(read.require_complete().rows) == {"F-1": 10000, "receipt-5": -10000}


def test_a_state_that_is_unknown_is_said():
    """A state that nobody knows is an error."""
    rows = _rows([_invoice()], [_receipt()], [_account([_application(ApplicationStatus="Odd")])])
    read, _ = _read(rows, ALL)

    assert [problem.code for problem in read.report.errors] == ["oracle.status-unknown"]


def test_applications_beyond_the_balance_are_said(ebs):
    """Where applications take more than the balance says, nobody knows which is right."""
    rows = _rows([_invoice()], [_receipt()], [_account([_application("30.00")])])
    read, _ = _read(rows, ALL)

    assert ebs.codes(read) == ["oracle.remaining-differs"]
    assert not read.report.complete


def test_adjustments_and_credit_memos_settle(ebs):
    """A write-off and a credit memo take off an invoice, found by its transaction where need be."""
    adjustment = {
        "AdjustmentId": 3,
        "AdjustmentAmount": Decimal("-5.00"),
        "AccountingDate": "2026-09-26",
        "ProcessStatus": "Approved",
        "ReferenceInstallmentId": None,
        "ReferenceTransactionId": 1,
    }
    memo = {
        "CustomerTransactionId": 8,
        "TransactionNumber": "C-8",
        "TransactionDate": "2026-09-10",
        "BusinessUnit": "Vision",
        "BillToCustomerNumber": "01007",
        "CreditMemoCurrency": "EUR",
        "EnteredAmount": Decimal("20.00"),
        "TransactionBalanceDue": Decimal(0),
    }
    applied = _application("20.00", CreditMemoId=8, ReferenceInstallmentId=11)
    account = _account(creditMemoApplications=[applied], transactionAdjustments=[adjustment])
    read, _ = _read(_rows([_invoice(balance="75.00")], accounts=[account], memos=[memo]), ALL)

    assert ebs.left_open(read.require_complete().rows, "2026-09-25") == {"F-1": 8000}
    assert ebs.left_open(read.rows) == {"F-1": 7500}
    assert CreditNote in {type(row) for row in read.rows}


def test_kinds_of_documents(ebs):
    """Debit notes are told by their transaction type, credits by their sign."""
    rows = _rows(
        [
            _invoice(),
            _invoice(identity=2, TransactionType="Debit Memo"),
            _invoice("-10.00", identity=3),
            _invoice(identity=4, InvoiceStatus="Incomplete"),
        ]
    )
    read, _ = _read(rows, debit_note_types=["Debit Memo"])

    assert [type(row) for row in read.rows] == [Invoice, DebitNote, CreditNote]
    assert ebs.codes(read) == ["oracle.incomplete", "oracle.sign-reversed"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"BillToCustomerNumber": None}, "customer.missing"),
        ({"TransactionNumber": None}, "document.missing"),
        ({"TransactionDate": None, "AccountingDate": None}, "date.missing"),
        ({"InvoiceCurrencyCode": "XXX1"}, "currency.unknown"),
        ({"InvoiceBalanceAmount": Decimal("1.00")}, "oracle.remaining-differs"),
        ({"receivablesInvoiceInstallments": [_installment(11, "1.005")]}, "amount.inexact"),
    ],
)
def test_a_row_that_cannot_be_read_is_said(ebs, fields, code):
    """What is wrong with a row is an error of the read."""
    read, _ = _read(_rows([_invoice(**fields)]))

    assert code in ebs.codes(read)
    assert not read.report.complete


@pytest.mark.parametrize(
    ("receipt", "code"),
    [
        (_receipt(unapplied=None), "oracle.unapplied-unsaid"),
        (_receipt("-1.00"), "amount.sign"),
        (_receipt(ReceiptDate=None), "date.missing"),
    ],
)
def test_a_receipt_that_cannot_be_read_is_said(ebs, receipt, code):
    """A receipt whose balance, sign or day is not there is an error of the read."""
    read, _ = _read(_rows(receipts=[receipt]), filters_open=False)

    assert (read.rows, ebs.codes(read)) == ((), [code])


def test_a_dispute_is_said(ebs):
    """An amount in dispute is a warning."""
    part = _installment(11, "100.00") | {"DisputeAmount": Decimal("12.00")}
    read, _ = _read(_rows([_invoice(receivablesInvoiceInstallments=[part])]))

    assert ebs.codes(read.require_complete()) == ["oracle.in-dispute"]


@pytest.mark.parametrize(
    "body",
    [b"<html>proxy</html>", b"[]", b'{"items": 3}', b'{"items": [3], "hasMore": false}', b""],
)
def test_answers_of_somebody_else_are_no_ledger(body):
    """An answer that is no collection is an error, whatever its status."""
    case = ServiceCase(settings=SETTINGS, secrets={"p": "s"}, serve=lambda _: None)
    runtime = case.runtime(transport=lambda _: Response(200, body=body))
    read = SPEC.build(SETTINGS, runtime=runtime).items(NOW).collect()

    assert (read.rows, read.report.complete) == ((), False)
    assert read.report.problems[0].code == "service.refused"


def test_a_page_without_rows_that_promises_more_ends_the_read():
    """A system that goes on promising is left, and the read is not whole."""
    case = ServiceCase(settings=SETTINGS, secrets={"p": "s"}, serve=lambda _: None)
    page = b'{"items": [], "hasMore": true}'
    runtime = case.runtime(transport=lambda _: Response(200, body=page))
    read = SPEC.build(SETTINGS, runtime=runtime).items(NOW).collect()

    assert read.report.problems[0].code == "service.incomplete"


def test_a_row_that_comes_again_is_taken_once(ebs):
    """A row that moved to the next page while it was read is the same row."""

    class Moving(FakeOracleRest):
        def __call__(self, request):
            if "offset=1" in request.url:
                first = self.rows["receivablesInvoices"][0]
                self.rows["receivablesInvoices"].insert(0, first | {"CustomerTransactionId": 0})
            return super().__call__(request)

    fake = Moving(_rows([_invoice(), _invoice(identity=2)]), Serving(page_size=1), basic=("u", "s"))
    case = ServiceCase(settings=SETTINGS, secrets={"p": "s"}, serve=lambda _: fake)
    read = SPEC.build(SETTINGS, runtime=case.runtime(transport=fake)).items(NOW).collect()

    assert "oracle.row-repeated" in ebs.codes(read)
    assert not read.report.complete


def test_customers_that_changed():
    """Customers can be chosen by when they were changed."""
    rows = _rows(
        accounts=[
            _account(LastUpdateDate="2026-09-20T10:00:00+00:00"),
            _account(AccountId=10, AccountNumber="2", LastUpdateDate="2026-10-02T10:00:00Z"),
        ]
    )
    fake = FakeOracleRest(rows, basic=("u", "s"))
    case = ServiceCase(settings=SETTINGS, secrets={"p": "s"}, serve=lambda _: fake)
    service = SPEC.build(SETTINGS, runtime=case.runtime(transport=fake))
    since = LedgerQuery(changed_since=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))

    assert [row.customer for row in service.customers(since)] == ["2"]
    assert service.credit(NOW).collect().rows == ()
    assert service.control_totals() == ()
    with pytest.raises(PolicyError, match="customers alone"):
        service.items(since)


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "http://pod.example"},
        {"url": "https://user:secret@pod.example"},
        {"password": ""},
        {"auth": "oauth"},
        {"auth": "kerberos"},
        {"page-size": 501},
        {"page-size": 0},
        {"creditor": ""},
        {"version": "../admin"},
    ],
)
def test_impossible_settings_are_refused(settings):
    """A setting that cannot be is misuse, and raises."""
    with pytest.raises(PolicyError):
        SPEC.build(SETTINGS | settings, runtime=object())


def test_errors_have_two_forms():
    """A fake of the service answers in plain text, or with details, as its version says."""
    fake = FakeOracleRest(_rows([_invoice()]))
    url = "https://pod.example/fscmRestApi/resources/11/receivablesInvoices?q=Nonsense%20%3D%201"
    plain = fake(Request("GET", url))
    detailed = fake(Request("GET", url, headers={"REST-Framework-Version": "4"}))

    assert (plain.status, plain.header("Content-Type")) == (400, "text/plain")
    assert detailed.json()["o:errorDetails"][0]["detail"] == plain.body.decode()


def test_a_fake_without_an_order_gives_another_one_each_time():
    """Without ``orderBy`` the same request gives rows in another order, 25 at a time."""
    fake = FakeOracleRest(_rows([_invoice(identity=n) for n in range(1, 31)]))
    url = "https://pod.example/fscmRestApi/resources/11/receivablesInvoices"
    first, second = (fake(Request("GET", url)).json() for _ in range(2))

    assert first["items"] != second["items"]
    assert (first["count"], first["hasMore"], "totalResults" in first) == (25, True, False)
    assert fake(Request("GET", f"{url}?limit=9999")).json()["limit"] == 100
