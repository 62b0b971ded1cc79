"""Returns: what went back opens what it had settled, and nothing else changes."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.documents import DebitNote, Invoice, Line
from receivables.errors import EventError, PeriodClosedError
from receivables.ledger import (
    Allocated,
    DocumentIssued,
    Ledger,
    PeriodClosed,
    ReceiptRecorded,
    ReopenedDue,
    Return,
    Unallocated,
    plan_return,
)
from receivables.money import from_minor, money, to_minor
from receivables.receipts import Receipt, ReturnReason
from receivables.testing.strategies import histories

PAID = dt.date(2026, 9, 1)
BACK = dt.date(2026, 9, 15)
LEARNED = dt.datetime(2026, 9, 20, 8, tzinfo=dt.UTC)
AMOUNTS = {"F-1": "100.00", "F-2": "200.00", "F-3": "300.00"}


def invoice(number, total):
    return Invoice(
        number=number,
        creditor="MIRA",
        customer="C-017",
        document_date=dt.date(2026, 7, 1),
        due_date=dt.date(2026, 7, 31),
        total=money(total, "EUR"),
    )


@pytest.fixture
def paid():
    """Three invoices that one cheque of 590 paid, with a discount of 10 on the third."""
    issued = [
        DocumentIssued.of(invoice(number, total), recorded_at=LEARNED)
        for number, total in AMOUNTS.items()
    ]
    receipt = Receipt(
        receipt="r-1",
        creditor="MIRA",
        customer="C-017",
        amount=money("590.00", "EUR"),
        booking_date=PAID,
    )
    ledger = Ledger().record(*issued, ReceiptRecorded.of(receipt, recorded_at=LEARNED))
    allocation = Allocation(
        allocation="a-1",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg("F-1", 10_000), Leg("F-2", 20_000), Leg("F-3", 30_000), Leg("r-1", -59_000)],
        residuals=[Residual(ResidualKind.SETTLEMENT_DISCOUNT, 1_000, item="F-3")],
    )
    return ledger.record(ledger.allocated(allocation, effective_on=PAID, recorded_at=LEARNED))


def returned(**changes):
    facts = {"name": "back-1", "creditor": "MIRA", "receipt": "r-1", "effective_on": BACK}
    return Return(**{**facts, **changes})


def opens(ledger, day):
    return {item.item: item.open_minor for item in ledger.open_items(as_of=day)}


def test_a_bounced_cheque_opens_everything_it_had_paid(paid):
    """The whole receipt goes back: the invoices are open, the discount is gone, the past stays."""
    after = paid.record(*plan_return(paid, returned(), recorded_at=LEARNED))

    assert opens(after, BACK) == {"F-1": 10_000, "F-2": 20_000, "F-3": 30_000}
    assert opens(after, BACK - dt.timedelta(days=1)) == {}
    assert {item.due_date for item in after.open_items(as_of=BACK)} == {dt.date(2026, 7, 31)}


@pytest.mark.parametrize(
    ("amount", "reopen", "expected"),
    [
        ("200.00", (), {"F-2": 20_000}),
        ("290.00", (), {"F-3": 30_000}),
        ("100.00", ("F-2",), {"F-2": 10_000}),
        ("300.00", ("F-1",), {"F-1": 10_000, "F-3": 21_000}),
        ("50.00", (), {"F-3": 6_000}),
    ],
)
def test_a_part_opens_what_it_fits_or_what_is_named(paid, amount, reopen, expected):
    """A contested card payment opens its own invoice; a discount goes where its item is opened."""
    part = returned(amount=money(amount, "EUR"), reopen=reopen)

    after = paid.record(*plan_return(paid, part, recorded_at=LEARNED))

    assert opens(after, BACK) == expected


def test_the_due_date_is_the_day_of_the_return_where_asked(paid):
    """The policy may count the age from the return; earlier days keep the original due date."""
    late = returned(due=ReopenedDue.RETURN_DATE, amount=money("100.00", "EUR"))

    after = paid.record(*plan_return(paid, late, recorded_at=LEARNED))

    assert [item.due_date for item in after.open_items(as_of=BACK)] == [BACK]
    assert after.item("MIRA", "F-1", as_of=PAID).due_date == dt.date(2026, 7, 31)
    assert after.to_columns(as_of=PAID).items["due_date"][0] == dt.date(2026, 7, 31)
    assert after.to_columns().items["due_date"][0] == BACK


def test_the_fee_is_passed_on_by_a_document_of_its_own(paid):
    """What the bank charged is on the event, what we charge is a debit note."""
    note = DebitNote(
        number="N-1",
        creditor="MIRA",
        customer="C-017",
        document_date=BACK,
        lines=[Line(description="fee", net=money("15.00", "EUR"), category="return-fee")],
        concerns=["F-1"],
    )
    bounced = returned(
        fee=money("15.00", "EUR"),
        recharge=note,
        reason=ReturnReason.INSUFFICIENT_FUNDS,
        reason_code="AM04",
    )

    after = paid.record(*plan_return(paid, bounced, recorded_at=LEARNED))

    event = after.get("returned:MIRA:back-1")
    assert (event.fee, event.reason_code) == (money("15.00", "EUR"), "AM04")
    assert opens(after, BACK)["N-1"] == 1_500
    assert after.item("MIRA", "N-1", as_of=BACK).category == "return-fee"


def test_the_same_return_again_is_known(paid):
    """A statement that comes twice returns nothing twice."""
    after = paid.record(*plan_return(paid, returned(), recorded_at=LEARNED))

    assert plan_return(after, returned(), recorded_at=LEARNED) == ()


def test_more_than_what_came_in_cannot_go_back(paid):
    """The amount of a return is at most that of its receipt."""
    with pytest.raises(EventError, match="at most"):
        plan_return(paid, returned(amount=money("590.01", "EUR")), recorded_at=LEARNED)


def test_a_closed_period_refuses_the_undo_and_names_the_next_open_day(paid):
    """A return dated in a closed month is refused; on the day that the message names it is not."""
    closed = paid.record(
        PeriodClosed(
            event="closed",
            effective_on=BACK,
            recorded_at=LEARNED,
            creditor="MIRA",
            through=dt.date(2026, 9, 30),
        )
    )

    with pytest.raises(PeriodClosedError, match="2026-10-01 or later"):
        plan_return(closed, returned(), recorded_at=LEARNED)

    day = closed.open_day("MIRA", BACK)
    after = closed.record(*plan_return(closed, returned(effective_on=day), recorded_at=LEARNED))
    assert opens(after, day) == {"F-1": 10_000, "F-2": 20_000, "F-3": 30_000}


def test_what_is_kept_back_must_be_open_to_be_undone(paid):
    """A deduction that was settled since stands in the way, and is named."""
    ledger = paid.record(paid.unallocated("MIRA", "a-1", effective_on=PAID, recorded_at=LEARNED))
    short = Allocation(
        allocation="a-2",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg("F-1", 10_000), Leg("r-1", -9_000)],
        residuals=[Residual(ResidualKind.DEDUCTION, 1_000, item="F-1", reason="damaged")],
    )
    ledger = ledger.record(ledger.allocated(short, effective_on=PAID, recorded_at=LEARNED))
    assert opens(ledger, PAID)["a-2:deduction:1"] == 1_000
    agreed = Allocation(
        allocation="a-3",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg("a-2:deduction:1", 1_000), Leg("r-1", -1_000)],
    )
    settled = ledger.record(ledger.allocated(agreed, effective_on=PAID, recorded_at=LEARNED))

    undo = settled.unallocated("MIRA", "a-2", effective_on=BACK, recorded_at=LEARNED)
    with pytest.raises(EventError, match="a-2:deduction:1 must be wholly open"):
        settled.record(undo)
    assert plan_return(settled, returned(), recorded_at=LEARNED)


@given(events=histories(), data=st.data())
def test_a_return_takes_its_amount_and_leaves_a_legal_ledger(events, data):
    """Law: after any return, balances differ by exactly what went back and what residuals took."""
    ledger = Ledger.replay(event for event in events if not isinstance(event, PeriodClosed))
    receipts = [
        item
        for item in ledger.receipts().values()
        if f"returned:{item.receipt}" not in ledger and _left(ledger, item) > 0
    ]
    if not receipts:
        return
    receipt = data.draw(st.sampled_from(receipts))
    amount = from_minor(data.draw(st.integers(1, _left(ledger, receipt))), receipt.currency)
    back = Return(
        name="law",
        creditor=receipt.creditor,
        receipt=receipt.receipt,
        effective_on=dt.date(2029, 1, 1),
        amount=amount,
    )
    moment = ledger.last_recorded_at

    try:
        planned = plan_return(ledger, back, recorded_at=moment)
    except EventError as error:
        if "must be wholly open" not in str(error):
            raise
        return  # what was kept back is settled by now
    after = ledger.record(*planned)

    regained = sum(
        sum(each.amount_minor for each in _allocation(ledger, event).residuals if _ends(each))
        for event in planned
        if isinstance(event, Unallocated)
    )
    given_again = sum(
        sum(each.amount_minor for each in event.allocation.residuals if _ends(each))
        for event in planned
        if isinstance(event, Allocated)
    )
    gained = _total(after, receipt.currency) - _total(ledger, receipt.currency)
    assert gained == to_minor(amount) + regained - given_again


def _ends(residual):
    return not residual.kind.opens_item


def _allocation(ledger, event):
    return ledger.get(f"allocated:{event.allocation}").allocation


def _left(ledger, receipt):
    gone = [
        to_minor(event.amount)
        for event in ledger.events
        if getattr(event, "receipt", None) == receipt.receipt and hasattr(event, "fee")
    ]
    item = ledger.item(receipt.creditor, receipt.receipt, as_of=dt.date.max)
    return 0 if item.customer == "" else to_minor(receipt.amount) - sum(gone)


def _total(ledger, currency):
    items = ledger.open_items(as_of=dt.date(2030, 1, 1))
    return sum(item.open_minor for item in items if item.currency == currency)
