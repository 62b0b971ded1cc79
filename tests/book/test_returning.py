"""Returns of a statement: applied where they lead to one receipt, said where they do not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from receivables.ledger import Ledger, PeriodClosed, ReceiptRecorded, ReceiptReturned
from receivables.money import money
from receivables.receipts import (
    BankEntry,
    EntryDetail,
    Payer,
    Receipt,
    Remittance,
    ReturnInfo,
    ReturnReason,
)
from receivables.returning import Returned, apply_returns

LEARNED = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
PAYER = Payer(account="FR1420041010050500013M02606")


def receipt(name: str, amount: str = "100.00", **more: Any) -> Receipt:
    facts = {"creditor": "MIRA", "customer": "C-1", "booking_date": dt.date(2026, 10, 5)}
    return Receipt(receipt=name, amount=money(amount, "EUR"), payer=PAYER, **{**facts, **more})


def entry(amount_minor: int = -10_000, **detail: Any) -> BankEntry:
    facts = {"payer": PAYER, "returned": ReturnInfo(code="AM04")}
    return BankEntry(
        account="FR76",
        statement="S-1",
        index=1,
        amount_minor=amount_minor,
        currency="EUR",
        booking_date=dt.date(2026, 10, 12),
        details=[EntryDetail(amount_minor=amount_minor, **{**facts, **detail})],
    )


def ledger(*receipts: Receipt) -> Ledger:
    return Ledger().record(*(ReceiptRecorded.of(each, recorded_at=LEARNED) for each in receipts))


def applied(start: Ledger, *entries: BankEntry) -> Returned:
    return apply_returns(entries, ledger=start, creditor="MIRA", recorded_at=LEARNED)


def returned(found: Returned) -> list[ReceiptReturned]:
    return [event for event in found.events if isinstance(event, ReceiptReturned)]


def test_the_reference_of_the_payment_leads_to_it() -> None:
    """Of two equal receipts of one payer the one is returned whose reference the bank repeats."""
    one = receipt("r-1", remittance=Remittance(end_to_end="E-1"))
    other = receipt("r-2", remittance=Remittance(end_to_end="E-2"))

    found = applied(ledger(one, other), entry(remittance=Remittance(end_to_end="E-2")))

    (event,) = returned(found)
    assert (event.receipt, event.reason) == ("r-2", ReturnReason.INSUFFICIENT_FUNDS)
    assert event.reason_code == "AM04"
    assert found.problems == ()


def test_account_and_amount_lead_to_one_receipt() -> None:
    """Without a reference the payer's account and the very amount do, where they fit one receipt."""
    found = applied(ledger(receipt("r-1"), receipt("r-2", "90.00")), entry())

    assert [event.receipt for event in returned(found)] == ["r-1"]


def test_a_charge_inside_the_amount_is_the_banks() -> None:
    """What the bank keeps for the return is its fee, and no part of what goes back."""
    found = applied(ledger(receipt("r-1")), entry(-11_500, charges_minor=1_500))

    (event,) = returned(found)
    assert (event.amount, event.fee) == (None, money("15.00", "EUR"))


@pytest.mark.parametrize(
    ("receipts", "detail"),
    [
        ([receipt("r-1"), receipt("r-2")], {}),
        ([receipt("r-1", "99.99")], {}),
        ([receipt("r-1", creditor="MIRA-ES")], {}),
        ([receipt("r-1", booking_date=dt.date(2026, 10, 13))], {}),
        ([receipt("r-1")], {"payer": Payer()}),
    ],
    ids=["two fit", "another amount", "another creditor", "later than the return", "no evidence"],
)
def test_what_leads_to_no_one_receipt_is_for_a_person(receipts: Any, detail: Any) -> None:
    """Nothing is undone on a guess; the warning names amount, day and reason."""
    found = applied(ledger(*receipts), entry(**detail))

    assert found.events == ()
    (problem,) = found.problems
    assert (problem.code, problem.is_error) == ("receipt.returned", False)
    assert "100.00 EUR went back on 2026-10-12 (AM04)" in problem.message


def test_the_same_entry_again_is_known() -> None:
    """A statement that is read twice returns nothing twice."""
    first = applied(ledger(receipt("r-1")), entry())

    again = applied(first.ledger, entry())

    assert (again.events, again.problems) == ((), ())


def test_a_closed_period_is_said_in_the_ledgers_words() -> None:
    """A return dated in a closed month is a warning with the next open day."""
    closed = PeriodClosed(
        event="closed",
        effective_on=dt.date(2026, 10, 31),
        recorded_at=LEARNED,
        creditor="MIRA",
        through=dt.date(2026, 10, 31),
    )

    found = applied(ledger(receipt("r-1")).record(closed), entry())

    (problem,) = found.problems
    assert "2026-11-01 or later" in problem.message
