"""Closed periods, held items, moved due dates: what each refuses, and what it leaves alone."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.allocation import allocate
from receivables.documents import Invoice
from receivables.errors import EventError, PeriodClosedError
from receivables.ledger import (
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    ItemHeld,
    ItemReleased,
    Ledger,
    PeriodClosed,
    PeriodReopened,
    ReceiptRecorded,
    period_account,
)
from receivables.money import money
from receivables.receipts import Receipt

LEARNED = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
OCTOBER = dt.date(2026, 10, 31)


def invoice(number, day, creditor="MIRA"):
    return Invoice(
        number=number,
        creditor=creditor,
        customer="C-017",
        document_date=day,
        due_date=day + dt.timedelta(days=30),
        total=money("100.00", "EUR"),
    )


def issued(number, day, creditor="MIRA"):
    return DocumentIssued.of(invoice(number, day, creditor), recorded_at=LEARNED)


def closed(through=OCTOBER, name="close"):
    return PeriodClosed(
        event=name, effective_on=through, recorded_at=LEARNED, creditor="MIRA", through=through
    )


def on_item(cls, item, day, **more):
    return cls(
        event=f"{cls.__name__}:{item}:{day}",
        effective_on=day,
        recorded_at=LEARNED,
        creditor="MIRA",
        customer="C-017",
        item=item,
        **more,
    )


@pytest.fixture
def ledger():
    """An invoice and a receipt of October, not settled."""
    receipt = Receipt(
        receipt="r-1",
        creditor="MIRA",
        customer="C-017",
        amount=money("120.00", "EUR"),
        booking_date=dt.date(2026, 10, 20),
    )
    return Ledger().record(
        issued("F-1", dt.date(2026, 10, 1)), ReceiptRecorded.of(receipt, recorded_at=LEARNED)
    )


def paying(ledger, day):
    items = {item.item: item for item in ledger.open_items(as_of=dt.date(2026, 12, 31))}
    allocation = allocate("a-1", credits=[items["r-1"]], debits=[items["F-1"]])
    return ledger.allocated(allocation, effective_on=day, recorded_at=LEARNED)


def test_a_closed_period_refuses_acts_and_names_the_next_open_day(ledger):
    """Documents, allocations and cancellations of a closed month are refused."""
    shut = ledger.record(closed())
    cancelled = DocumentCancelled(
        event="c",
        effective_on=OCTOBER,
        recorded_at=LEARNED,
        creditor="MIRA",
        customer="C-017",
        number="F-1",
    )

    for event in (issued("F-2", OCTOBER), paying(shut, OCTOBER), cancelled):
        with pytest.raises(PeriodClosedError, match="2026-11-01 or later"):
            shut.record(event)
    assert shut.closed_through("MIRA") == OCTOBER
    assert shut.open_day("MIRA", OCTOBER) == dt.date(2026, 11, 1)
    assert shut.record(paying(shut, dt.date(2026, 11, 1))).events


def test_a_closed_period_refuses_the_undo_too(ledger):
    """What was settled in a closed month is undone in an open one, and the month stays as it was."""
    shut = ledger.record(paying(ledger, OCTOBER)).record(closed())
    before = shut.open_items(as_of=OCTOBER)

    undo = shut.unallocated("MIRA", "a-1", effective_on=OCTOBER, recorded_at=LEARNED)
    with pytest.raises(PeriodClosedError):
        shut.record(undo)

    late = shut.unallocated("MIRA", "a-1", effective_on=dt.date(2026, 11, 1), recorded_at=LEARNED)
    after = shut.record(late)
    assert after.open_items(as_of=OCTOBER) == before
    assert len(after.open_items(as_of=dt.date(2026, 11, 1))) == 2


def test_what_was_recorded_before_the_close_is_known_again(ledger):
    """Reading the same export again after the close is no new event, and so not refused."""
    shut = ledger.record(closed())

    assert shut.record(*ledger.events).events == shut.events


def test_another_creditor_stays_open(ledger):
    """Each entity closes its own books."""
    shut = ledger.record(closed())

    assert shut.record(issued("F-9", OCTOBER, creditor="MIRA-ES"))
    assert shut.closed_through("MIRA-ES") is None


def test_a_period_can_be_opened_again(ledger):
    """The days from the one that is named are open; the ones before stay closed."""
    reopened = PeriodReopened(
        event="reopen",
        effective_on=OCTOBER,
        recorded_at=LEARNED,
        creditor="MIRA",
        opens_on=dt.date(2026, 10, 15),
        by="J. Roy",
    )
    again = ledger.record(closed(), reopened)

    assert again.record(issued("F-2", dt.date(2026, 10, 15)))
    with pytest.raises(PeriodClosedError):
        again.record(issued("F-2", dt.date(2026, 10, 14)))
    assert again.versions[period_account("MIRA")] == 2


@pytest.mark.parametrize("through", [OCTOBER, dt.date(2026, 9, 30)])
def test_closing_goes_forward(ledger, through):
    """A day that is closed already is not closed again."""
    with pytest.raises(EventError, match="later than"):
        ledger.record(closed(), closed(through, name="again"))


def test_only_closed_days_can_be_opened(ledger):
    """There is nothing to open where nothing is closed."""
    reopened = PeriodReopened(
        event="reopen",
        effective_on=OCTOBER,
        recorded_at=LEARNED,
        creditor="MIRA",
        opens_on=dt.date(2026, 11, 15),
    )

    with pytest.raises(EventError):
        ledger.record(reopened)
    with pytest.raises(EventError, match="or earlier"):
        ledger.record(closed(), reopened)


def test_a_held_item_is_open_and_not_available(ledger):
    """A held overpayment is on the account, ages, and is not applied by itself."""
    held = ledger.record(on_item(ItemHeld, "r-1", dt.date(2026, 10, 21), reason="overpaid"))

    assert [item.item for item in held.available_items(as_of=OCTOBER)] == ["F-1"]
    assert len(held.open_items(as_of=OCTOBER)) == 2
    assert len(held.available_items(as_of=dt.date(2026, 10, 20))) == 2
    assert held.is_held("MIRA", "r-1", as_of=OCTOBER)


def test_a_hold_ends_by_itself_or_by_a_word(ledger):
    """A hold with a last day is over after it; a release ends it from its day on."""
    day = dt.date(2026, 10, 21)
    timed = ledger.record(on_item(ItemHeld, "r-1", day, until=dt.date(2026, 10, 25)))
    released = ledger.record(on_item(ItemHeld, "r-1", day), on_item(ItemReleased, "r-1", OCTOBER))

    assert timed.is_held("MIRA", "r-1", as_of=dt.date(2026, 10, 25))
    assert not timed.is_held("MIRA", "r-1", as_of=dt.date(2026, 10, 26))
    assert released.is_held("MIRA", "r-1", as_of=dt.date(2026, 10, 30))
    assert not released.is_held("MIRA", "r-1", as_of=OCTOBER)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([(ItemReleased, OCTOBER, {})], "must get"),
        ([(ItemHeld, OCTOBER, {}), (ItemHeld, OCTOBER, {})], "must get|must say"),
        ([(ItemHeld, OCTOBER, {"until": dt.date(2026, 10, 1)})], "until must be"),
        ([(ItemHeld, OCTOBER, {}), (ItemReleased, dt.date(2026, 10, 1), {})], "or later"),
    ],
)
def test_impossible_holds_are_refused(ledger, events, message):
    """A hold is released once, after it began, and does not end before it begins."""
    day = dt.date(2026, 10, 21)
    made = [
        on_item(cls, "r-1", at if index else max(at, day), **more)
        for index, (cls, at, more) in enumerate(events)
    ]
    if len(made) > 1 and type(made[0]) is type(made[1]):
        made[1] = on_item(ItemHeld, "r-1", dt.date(2026, 11, 1))

    with pytest.raises(EventError, match=message):
        ledger.record(*made)


def test_a_due_date_moves_from_a_day_on(ledger):
    """An agreed extension changes the age from its day on; the past keeps the old date."""
    later = dt.date(2026, 12, 15)
    moved = ledger.record(on_item(DueDateChanged, "F-1", OCTOBER, due_date=later))

    assert moved.item("MIRA", "F-1", as_of=OCTOBER).due_date == later
    assert moved.item("MIRA", "F-1", as_of=dt.date(2026, 10, 30)).due_date == OCTOBER
    known = LEARNED - dt.timedelta(seconds=1)
    assert moved.item("MIRA", "F-1", as_of=OCTOBER, known_at=known) is None
    with pytest.raises(EventError, match="or later"):
        ledger.record(on_item(DueDateChanged, "F-1", dt.date(2026, 9, 1), due_date=later))
