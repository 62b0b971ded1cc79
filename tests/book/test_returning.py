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
from receivables.receipts.settling import TakenBack
from receivables.returning import Returned, apply_returns, apply_taken_back

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


def taken(name: str = "stripe:re_1", amount: str = "40.00", **more: Any) -> TakenBack:
    facts = {
        "receipt": "stripe:ch_1",
        "taken_on": dt.date(2026, 10, 12),
        "reason": ReturnReason.REFUND_REQUESTED,
    }
    return TakenBack(
        name=name, amount=money(amount, more.pop("currency", "EUR")), **{**facts, **more}
    )


def by_card(**more: Any) -> Ledger:
    """A ledger with a payment by card."""
    return ledger(receipt("stripe:ch_1", account="stripe", **more))


def went_back(start: Ledger, *records: TakenBack) -> Returned:
    return apply_taken_back(records, ledger=start, creditor="MIRA", recorded_at=LEARNED)


def test_a_refund_in_part_leaves_the_rest() -> None:
    """Two refunds of one payment are two returns, and a third that is too much is said."""
    many = [taken(), taken("stripe:re_2", "60.00"), taken("stripe:re_3", "0.01")]
    found = went_back(by_card(), *many)

    assert [event.amount for event in returned(found)] == [
        money("40.00", "EUR"),
        money("60.00", "EUR"),
    ]
    assert [one.code for one in found.problems] == ["receipt.returned"]
    assert went_back(found.ledger, *many[:2]).events == ()


@pytest.mark.parametrize("whole", ["40.00", "100.00"])
def test_a_refund_in_another_currency_is_for_a_person(whole: str) -> None:
    """A hundred dollars are no hundred euros; nothing is recorded, and nothing is raised."""
    found = went_back(by_card(), taken(amount=whole, currency="USD"))

    assert found.events == ()
    assert [one.code for one in found.problems] == ["receipt.returned"]


def test_a_refund_of_a_closed_period_goes_back_on_the_first_open_day() -> None:
    """The report came after the closing, and the money is gone all the same."""
    closed = PeriodClosed(
        event="closed", effective_on=LEARNED.date(), recorded_at=LEARNED, creditor="MIRA",
        through=dt.date(2026, 10, 31),
    )  # fmt: skip
    found = went_back(by_card().record(closed), taken())

    assert [event.effective_on for event in returned(found)] == [dt.date(2026, 11, 1)]
    assert found.problems == ()
