"""What rows of FSLEDG become: documents, parts that were settled, money on account, doubts."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.adapters import LedgerQuery
from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, DebitNote, Document, Invoice
from receivables.importing import import_records
from receivables.ledger.objects import Ledger
from receivables.reading import Collected, ReadNotes
from receivables.receipts import Receipt
from receivables.testing.builders import recorded
from receivables.testing.ledger_service import open_minor
from receivables_plugins import m3 as plugin
from receivables_plugins.m3._items import Items
from receivables_plugins.m3._rows import Identity, LedgerRow


def _read(
    m3: SimpleNamespace, rows: list[dict[str, str]], query: LedgerQuery | None = None, **more: Any
) -> Collected[Any]:
    [spec] = plugin.receivables_ledger_services()
    case = m3.cloud_case(**more)
    runtime = case.runtime(transport=m3.cloud(ledger=rows))
    read: Collected[Any] = (
        spec.build(case.settings, runtime=runtime).items(query or LedgerQuery()).collect()
    )
    return read


def _codes(read: Collected[Any]) -> list[str]:
    return [problem.code for problem in read.report.problems]


def test_an_invoice_is_the_sum_of_its_rows(m3: SimpleNamespace) -> None:
    """Two partial payments settle two parts of the whole document, each on its own day."""
    rows = [
        m3.ledger_row("7", "500.00"),
        m3.payment_row("7", "-200.00", "20260910"),
        m3.payment_row("7", "-50.00", "20261005"),
    ]
    invoice, *parts = _read(m3, rows).rows

    assert type(invoice) is Invoice
    assert (invoice.number, invoice.references) == ("7-2026", ("7",))
    assert invoice.due_date == dt.date(2026, 8, 31)
    assert [(part.settled_minor, part.settled_on) for part in parts] == [
        (200_00, dt.date(2026, 9, 10)),
        (50_00, dt.date(2026, 10, 5)),
    ]


def test_reading_again_adds_only_what_is_new(m3: SimpleNamespace) -> None:
    """A payment that came since the last read settles its own part, and no part twice."""
    rows = [m3.ledger_row("7", "500.00"), m3.payment_row("7", "-200.00", "20260910")]
    first = import_records(_read(m3, rows).rows, ledger=Ledger(), recorded_at=recorded())
    rows.append(m3.payment_row("7", "-50.00", "20261005"))
    again = import_records(_read(m3, rows).rows, ledger=first.ledger, recorded_at=recorded(5))

    assert again.problems == ()
    [item] = again.ledger.open_items(as_of=dt.date(2026, 10, 31))
    assert item.open_minor == 250_00


def test_one_number_in_two_years_is_two_invoices(m3: SimpleNamespace) -> None:
    """The year belongs to the identity, and leading zeros to the number."""
    rows = [m3.ledger_row("007", "1.00"), m3.ledger_row("007", "2.00", INYR="2025", JSNO="5")]

    assert sorted(row.number for row in _read(m3, rows).rows) == ["007-2025", "007-2026"]


def test_one_number_of_two_payers_is_told_apart(m3: SimpleNamespace) -> None:
    """The second payer's invoice has its whole identity for a number, and a warning says so."""
    rows = [m3.ledger_row("7", "1.00", PYNO="0042"), m3.ledger_row("7", "2.00", JSNO="5")]
    read = _read(m3, rows)

    assert [row.number for row in read.rows] == ["7-2026", "AAA-C-017-7-2026"]
    assert _codes(read) == ["document.duplicate"]
    assert read.report.complete


def test_due_dates_make_installments(m3: SimpleNamespace) -> None:
    """A payment settles the installment of its own due date first."""
    rows = [
        m3.ledger_row("7", "100.00", DUDT="20260831", JSNO="1"),
        m3.ledger_row("7", "100.00", DUDT="20260930", JSNO="2"),
        m3.payment_row("7", "-60.00", "20260905", DUDT="20260930"),
    ]
    invoice, part = _read(m3, rows).rows

    assert [each.due_date.day for each in invoice.installments] == [31, 30]
    assert part.items == ("7-2026/2",)


def test_money_without_an_invoice_is_a_receipt(m3: SimpleNamespace) -> None:
    """A payment alone is unapplied cash of its payer; what was used of it is settled."""
    rows = [
        m3.payment_row("PA-1", "-100.00", "20260901"),
        m3.payment_row("PA-1", "40.00", "20260910"),
    ]
    receipt, used = _read(m3, rows).rows

    assert type(receipt) is Receipt
    assert str(receipt.amount.amount) == "100.00"
    assert (used.settled_minor, used.settled_on) == (-40_00, dt.date(2026, 9, 10))


def test_an_overpaid_invoice_leaves_money_on_account(m3: SimpleNamespace) -> None:
    """What was paid beyond an invoice is a receipt, and the invoice is settled."""
    rows = [m3.ledger_row("7", "100.00"), m3.payment_row("7", "-130.00", "20260901")]
    read = _read(m3, rows)

    assert {type(row) for row in read.rows} == {Invoice, Receipt, SourceAllocation}
    assert open_minor(read.rows) == {"EUR": -30_00}


def test_a_payment_taken_back_owes_again(m3: SimpleNamespace) -> None:
    """A payment and its return leave the invoice open."""
    rows = [
        m3.ledger_row("7", "100.00"),
        m3.payment_row("7", "-100.00", "20260901"),
        m3.payment_row("7", "100.00", "20260915"),
    ]
    read = _read(m3, rows)

    assert [type(row) for row in read.rows] == [Invoice]
    assert open_minor(read.rows) == {"EUR": 100_00}


def test_money_that_went_out_is_a_debit_and_a_doubt(m3: SimpleNamespace) -> None:
    """A payment that raises what is owed counts, as a debit note, with a warning."""
    read = _read(m3, [m3.payment_row("PA-1", "25.00", "20260901")])

    assert [type(row) for row in read.rows] == [DebitNote]
    assert _codes(read) == ["m3.payment-positive"]


def test_a_negative_invoice_is_a_credit_note(m3: SimpleNamespace) -> None:
    """The sign tells, and a credit note lowers what is owed."""
    read = _read(m3, [m3.ledger_row("7", "-80.00")])

    assert [type(row) for row in read.rows] == [CreditNote]
    assert open_minor(read.rows) == {"EUR": -80_00}


def test_a_rest_that_was_reconciled_is_settled(m3: SimpleNamespace) -> None:
    """Where M3 says that an invoice is settled, a rest of its rows is too, with a warning."""
    closed = {"RECO": "9", "REDE": "20260920"}
    rows = [
        m3.ledger_row("7", "100.00", **closed),
        m3.payment_row("7", "-99.99", "20260918", **closed),
    ]
    read = _read(m3, rows, LedgerQuery(settled_since=dt.date(2026, 9, 1)))

    assert open_minor(read.rows) == {}
    assert _codes(read) == ["m3.reconciled-rest"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"TRCD": "35"}, "document.type-unknown"),
        ({"CUCD": "ZZZ"}, "currency.unknown"),
        ({"CUAM": "1.005"}, "amount.inexact"),
        ({"CUAM": "1,50"}, "amount.invalid"),
        ({"CUAM": "9" * 17}, "amount.limit"),
        ({"IVDT": "20260230"}, "date.invalid"),
        ({"IVDT": "0", "ACDT": "0"}, "date.missing"),
        ({"PYNO": ""}, "m3.field-missing"),
        ({"INYR": ""}, "m3.field-missing"),
    ],
)
def test_a_row_that_is_refused_takes_its_invoice_along(
    m3: SimpleNamespace, more: dict[str, str], code: str
) -> None:
    """A row in doubt is an error, the read is incomplete, and no half invoice comes of it."""
    rows = [m3.ledger_row("7", "100.00", JSNO="1") | more, m3.ledger_row("8", "10.00")]
    read = _read(m3, rows)

    assert code in _codes(read)
    assert not read.report.complete
    assert open_minor(read.rows) == {"EUR": 10_00}


def test_two_currencies_in_one_invoice_are_refused(m3: SimpleNamespace) -> None:
    """Amounts of several currencies are not added up."""
    rows = [m3.ledger_row("7", "100.00"), m3.payment_row("7", "-1.00", "20260901", CUCD="USD")]
    read = _read(m3, rows)

    assert _codes(read) == ["m3.currency-mixed"]
    assert read.rows == ()


def test_rows_of_another_company_are_left_out(m3: SimpleNamespace) -> None:
    """Only rows of the company of the settings count."""
    rows = [m3.ledger_row("7", "100.00"), m3.ledger_row("8", "10.00", CONO="2")]

    assert open_minor(_read(m3, rows).rows) == {"EUR": 100_00}


def test_items_can_be_the_customers(m3: SimpleNamespace) -> None:
    """Items are the payer's, or the customer's where the settings say so."""
    rows = [m3.ledger_row("7", "100.00", CUNO="0042")]

    assert [row.customer for row in _read(m3, rows).rows] == ["C-017"]
    assert [row.customer for row in _read(m3, rows, account="customer").rows] == ["0042"]


_ROWS = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(-50_000, 50_000),
        st.integers(0, 40),
        st.sampled_from([dt.date(2026, 8, 31), dt.date(2026, 9, 30), None]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=30)
@given(rows=_ROWS, day=st.integers(0, 40))
def test_what_is_open_is_the_sum_of_the_rows(
    *, rows: list[tuple[bool, int, int, dt.date | None]], day: int
) -> None:
    """Whatever the rows are, on any day the records leave open what the rows come to."""
    start = dt.date(2026, 8, 1)
    identity = Identity("AAA", "C-017", "7", "2026")
    made = [
        LedgerRow(
            identity=identity,
            customer="C-017",
            is_payment=is_payment,
            is_settled=False,
            settled_on=None,
            document_date=start,
            due_date=due_date,
            booked_on=start + dt.timedelta(days=days),
            currency="EUR",
            amount_minor=amount_minor,
            terms="",
            journal=f"2026-1-{place}",
        )
        for place, (is_payment, amount_minor, days, due_date) in enumerate(rows)
    ]
    as_of = start + dt.timedelta(days=day)
    service = plugin.ServiceSettings(creditor="MIRA", ionapi="m3-ionapi")
    items = Items(service, ReadNotes("m3"), as_of=as_of)
    records = list(items.records(identity, made))
    wanted = sum(row.amount_minor for row in made if row.booked_on <= as_of)

    assert open_minor(records) == ({"EUR": wanted} if wanted else {})
    assert all(isinstance(row, Document | Receipt | SourceAllocation) for row in records)
