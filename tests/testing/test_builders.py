"""Builders: plain defaults that fit together, and every field can be said otherwise."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.documents import Installment, ItemKind, Line, open_items
from receivables.errors import DocumentError
from receivables.ledger import Ledger
from receivables.money import money
from receivables.parties import Role
from receivables.testing import builders as b

DAY = b.TODAY


def test_the_defaults_make_a_history():
    """Issue, receive, allocate and undo with defaults only: the ledger accepts it."""
    done = b.an_allocation()
    ledger = Ledger().record(b.issued(), b.received(), done, b.an_unallocation(done), b.a_notice())

    assert 5 == len(ledger)
    assert [10_000, -10_000] == [item.open_minor for item in ledger.open_items(as_of=DAY)]


def test_other_events_fit_as_well():
    """A cancellation, an identification and a return are accepted after what they are about."""
    receipt = b.a_receipt(customer="")
    ledger = Ledger().record(
        b.issued(),
        b.received(receipt),
        b.an_identification(),
        b.a_return(),
        b.a_cancellation(minute=9),
    )

    assert () == ledger.open_items(as_of=DAY)


def test_recording_times_follow_the_minutes():
    """A later minute is a later moment, in UTC."""
    assert dt.timedelta(minutes=5) == b.recorded(6) - b.recorded(1)
    assert b.recorded().tzinfo is dt.UTC


DOCUMENTS = {
    "invoice": (b.an_invoice, ItemKind.INVOICE, 10_000),
    "debit note": (b.a_debit_note, ItemKind.DEBIT_NOTE, 4_000),
    "credit note": (b.a_credit_note, ItemKind.CREDIT_NOTE, -3_000),
}


@pytest.mark.parametrize(("build", "kind", "minor"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_come_complete(build, kind, minor):
    """Each kind of document has an open item with the sign of its kind."""
    (item,) = open_items(build())

    assert (kind, minor) == (item.kind, item.open_minor)


def test_due_dates_follow_the_date():
    """An invoice is due thirty days after its date unless it says otherwise."""
    built = b.an_invoice(document_date=dt.date(2026, 1, 1))
    undated = b.an_invoice(due_date=None)

    assert dt.date(2026, 1, 31) == built.due_date
    assert undated.due_date is None


def test_parts_can_be_said():
    """Lines and installments take the place of the default total and due date."""
    lines = b.an_invoice(lines=[Line(description="a chair", net=money("250.00", "EUR"))])
    parts = [Installment(DAY, money("60.00", "EUR")), Installment(None, money("40.00", "EUR"))]

    assert money("250.00", "EUR") == lines.total
    assert 2 == len(open_items(b.an_invoice(installments=parts)))


def test_amounts_can_be_said_in_three_ways():
    """Text, money and minor units say the same."""
    items = [
        b.an_open_item(amount="12.00"),
        b.an_open_item(amount=money("12.00", "EUR")),
        b.an_open_item(amount_minor=1200),
    ]

    assert {1200} == {item.open_minor for item in items}


def test_an_open_item_below_zero_is_a_credit():
    """The sign decides the kind, unless the kind is given; credits have no due date."""
    note = b.an_open_item(amount="-5.00")
    cash = b.an_open_item("r-1", amount="-5.00", kind=ItemKind.UNAPPLIED_CASH)

    assert (ItemKind.CREDIT_NOTE, None) == (note.kind, note.due_date)
    assert ItemKind.UNAPPLIED_CASH is cash.kind


def test_parties_can_be_reached():
    """The customer has a desk that pays, the creditor an address."""
    assert b.a_customer().contact_for(Role.ACCOUNTS_PAYABLE).email.endswith("example.com")
    assert "Nantes" == b.a_creditor().address.city


def test_receipts_say_who_and_what():
    """Payer and text of a receipt are given as plain texts."""
    receipt = b.a_receipt(payer="HOTEL DU HARFANG", text="FACT 17")

    assert ("HOTEL DU HARFANG", ("FACT 17",)) == (receipt.payer.name, receipt.remittance.text)


def test_builders_do_not_forgive():
    """What the values refuse, the builders refuse."""
    with pytest.raises(DocumentError):
        b.an_invoice(total="-1.00")
    with pytest.raises(DocumentError):
        b.an_allocation({"FA-1": 100, "r-1": -99})
