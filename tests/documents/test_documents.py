"""Documents: totals that agree with their parts, open items one per installment."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.documents import (
    CreditNote,
    DebitNote,
    Installment,
    Invoice,
    ItemKind,
    Line,
    Tax,
    open_items,
)
from receivables.errors import (
    CurrencyMismatchError,
    DocumentError,
    InexactAmountError,
    ReceivablesError,
)
from receivables.money import Money, money

D = dt.date
BASE = {"number": "F-1", "creditor": "MIRA", "customer": "C-1", "document_date": D(2026, 9, 30)}


def eur(amount: str) -> Money:
    return money(amount, "EUR")


def test_the_total_is_the_sum_of_lines_and_taxes() -> None:
    """A document with lines needs no total of its own."""
    tax = Tax(code="FR-20", base=eur("100.00"), amount=eur("20.00"), rate_bps=2000)
    line = Line(description="violon", net=eur("100.00"), quantity=Decimal(1), taxes=[tax])

    assert eur("120.00") == Invoice(**BASE, lines=[line]).total


def test_each_installment_is_an_open_item() -> None:
    """A document in three parts has three items with their own due dates and names."""
    parts = [Installment(D(2026, month, 28), eur(f"{month}.00")) for month in (10, 11, 12)]
    invoice = Invoice(**BASE, total=eur("33.00"), installments=parts)

    items = open_items(invoice)

    assert [item.item for item in items] == ["F-1/1", "F-1/2", "F-1/3"]
    assert [item.open_minor for item in items] == [1000, 1100, 1200]
    assert [D(2026, 10, 28), D(2026, 11, 28), D(2026, 12, 28)] == [item.due_date for item in items]


@pytest.mark.parametrize(
    ("cls", "kind", "sign"),
    [
        (Invoice, ItemKind.INVOICE, 1),
        (DebitNote, ItemKind.DEBIT_NOTE, 1),
        (CreditNote, ItemKind.CREDIT_NOTE, -1),
    ],
)
def test_the_class_says_which_way_it_counts(cls: type, kind: ItemKind, sign: int) -> None:
    """Totals are never negative; a credit note's item is."""
    (item,) = open_items(cls(**BASE, total=eur("7.00")))

    assert (kind, sign * 700) == (item.kind, item.open_minor)
    assert item.open_amount == item.amount
    assert not item.is_settled


def test_the_posting_date_defaults_to_the_document_date() -> None:
    """Where a source has one date only, it serves for both."""
    assert D(2026, 9, 30) == Invoice(**BASE, total=eur("1.00")).posting_date


REFUSED = {
    "negative total": (DocumentError, {"total": Money("-1.00", "EUR")}),
    "neither lines nor total": (DocumentError, {}),
    "tenth of a cent": (InexactAmountError, {"total": Money("1.005", "EUR")}),
    "blank number": (DocumentError, {"number": " F-1", "total": Money("1.00", "EUR")}),
    "empty number": (DocumentError, {"number": "", "total": Money("1.00", "EUR")}),
    "no customer": (DocumentError, {"customer": "", "total": Money("1.00", "EUR")}),
    "installments that do not add up": (
        DocumentError,
        {
            "total": Money("2.00", "EUR"),
            "installments": [Installment(D(2026, 1, 1), Money("1.00", "EUR"))],
        },
    ),
    "no installment": (DocumentError, {"total": Money("2.00", "EUR"), "installments": []}),
    "total that is not the lines": (
        DocumentError,
        {
            "total": Money("2.00", "EUR"),
            "lines": [Line(description="x", net=Money("1.00", "EUR"))],
        },
    ),
    "two currencies": (
        CurrencyMismatchError,
        {
            "lines": [
                Line(description="x", net=Money("1.00", "EUR")),
                Line(description="y", net=Money("1.00", "CAD")),
            ]
        },
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_impossible_documents_are_refused(why: str) -> None:
    """A document is complete and consistent once built, or it is not built."""
    error, changes = REFUSED[why]

    with pytest.raises(error) as raised:
        Invoice(**{**BASE, **changes})
    assert isinstance(raised.value, ReceivablesError)
