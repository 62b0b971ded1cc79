"""User code on values that must type-check: documents, receipts, allocations, the ledger, agings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import assert_type

import receivables as ar
from receivables.aging import Aging, AgingRow, age
from receivables.allocation import Allocation, allocate, allocate_oldest_first
from receivables.documents import CreditNote, Invoice, OpenItem, open_items
from receivables.ledger import (
    Account,
    AccountKey,
    DocumentIssued,
    Event,
    Ledger,
    ReceiptRecorded,
    account_key,
)
from receivables.money import ExchangeRate, Money, Rounding, money, to_minor
from receivables.receipts import Receipt


def documents(day: dt.date) -> tuple[OpenItem, ...]:
    """Plain text does for identifiers, and the front names are those of their homes."""
    invoice = ar.Invoice(
        number="2026-0117",
        creditor="MIRA",
        customer="C-017",
        document_date=day,
        total=money("1200.00", "EUR"),
        installments=[
            ar.Installment(day, money("600.00", "EUR")),
            ar.Installment(None, money("600.00", "EUR")),
        ],
    )
    assert_type(invoice, Invoice)
    assert_type(invoice.total, Money)
    assert_type(invoice.due_date, dt.date | None)
    note: ar.CreditNote = CreditNote(
        number="A-9",
        creditor="MIRA",
        customer="C-017",
        document_date=day,
        total=money(Decimal("50.00"), "EUR"),
    )
    return open_items(invoice) + open_items(note)


def settle(item: OpenItem, credit: OpenItem) -> tuple[Allocation, Allocation | None]:
    """Debits are settled whole, by an amount, or oldest first."""
    whole = allocate("a-1", credits=[credit], debits=[item])
    part = allocate("a-2", credits=[credit], debits={item: money("10.00", "EUR")})
    oldest = allocate_oldest_first("a-3", credit=credit, debits=[item])
    assert_type(whole, Allocation)
    assert_type(oldest, Allocation | None)
    return part, oldest


def ask(invoice: Invoice, receipt: Receipt, *, day: dt.date, moment: dt.datetime) -> Aging:
    """A ledger is a value; its questions take a day."""
    events: list[Event] = [
        DocumentIssued.of(invoice, recorded_at=moment),
        ReceiptRecorded.of(receipt, recorded_at=moment),
    ]
    ledger = Ledger().record(*events)
    assert_type(ledger, Ledger)
    assert_type(ledger.item("MIRA", "2026-0117", as_of=day), OpenItem | None)
    account = ledger.account("MIRA", "C-017", as_of=day, known_at=moment)
    assert_type(account, Account)
    assert_type(account.balances, Mapping[str, Money])
    assert_type(account_key("MIRA", "C-017"), AccountKey)
    aging = age(ledger.open_items(as_of=day), scheme=ar.AgingScheme(30, 60, 90), as_of=day)
    assert_type(aging.rows, tuple[AgingRow, ...])
    return aging


def convert(amount: Money, *, day: dt.date) -> int:
    """A rate says its direction, and the rounding is said at the call."""
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0887"), date=day, source="ECB")
    return to_minor(rate.convert(amount, rounding=Rounding.HALF_EVEN))
