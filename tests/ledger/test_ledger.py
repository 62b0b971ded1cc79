"""The ledger: right on any day, as known now or then; what is illegal changes nothing."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.allocation import Allocation, Leg
from receivables.documents import Installment, ItemKind
from receivables.errors import EventError
from receivables.ledger import (
    DocumentCancelled,
    DocumentIssued,
    Ledger,
    NoticeSent,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    account_key,
)
from receivables.money import money
from receivables.testing.builders import a_receipt, an_invoice

D = dt.date
T0 = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
T1 = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
T2 = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
RECEIVED = D(2026, 1, 20)
LATE = D(2026, 12, 31)


@pytest.fixture
def ledger() -> Ledger:
    """An invoice of 100.00 of 5 January, a receipt of 60.00 of 20 January, both known on 1 January."""
    invoice = an_invoice(
        number="F-1",
        creditor="MIRA",
        customer="C-1",
        document_date=D(2026, 1, 5),
        total=money("100.00", "EUR"),
    )
    receipt = a_receipt(
        receipt="r-1",
        creditor="MIRA",
        customer="C-1",
        booking_date=D(2026, 1, 20),
        amount=money("60.00", "EUR"),
    )
    return Ledger().record(
        DocumentIssued.of(invoice, recorded_at=T0), ReceiptRecorded.of(receipt, recorded_at=T0)
    )


def part(amount: int = 6000, name: str = "a-1") -> Allocation:
    return Allocation(
        allocation=name,
        creditor="MIRA",
        currency="EUR",
        legs=[Leg("F-1", amount), Leg("r-1", -amount)],
    )


def allocated(ledger: Ledger, day: dt.date = RECEIVED, at: dt.datetime = T1) -> Ledger:
    return ledger.record(ledger.allocated(part(), effective_on=day, recorded_at=at))


def opens(ledger: Ledger, day: dt.date, known_at: dt.datetime | None = None) -> dict[str, int]:
    return {item.item: item.open_minor for item in ledger.open_items(as_of=day, known_at=known_at)}


def test_items_appear_on_their_day(ledger: Ledger) -> None:
    """A document is open from its posting date, a receipt from its booking date."""
    assert opens(ledger, D(2026, 1, 4)) == {}
    assert opens(ledger, D(2026, 1, 5)) == {"F-1": 10000}
    assert opens(ledger, D(2026, 1, 20)) == {"F-1": 10000, "r-1": -6000}


def test_an_allocation_counts_from_its_day(ledger: Ledger) -> None:
    """The day before the allocation is as if it had not happened."""
    done = allocated(ledger, D(2026, 1, 25))

    assert opens(done, D(2026, 1, 24)) == {"F-1": 10000, "r-1": -6000}
    assert opens(done, D(2026, 1, 25)) == {"F-1": 4000}


def test_balances_as_known_then(ledger: Ledger) -> None:
    """What was learned later does not change what was known."""
    done = allocated(ledger, D(2026, 1, 20), at=T1)

    assert opens(done, LATE) == {"F-1": 4000}
    assert opens(done, LATE, known_at=T0) == {"F-1": 10000, "r-1": -6000}
    assert opens(done, LATE, known_at=T0 - dt.timedelta(seconds=1)) == {}


def test_an_undo_is_exact(ledger: Ledger) -> None:
    """After unallocation everything is open again, and the time between keeps its truth."""
    done = allocated(ledger, D(2026, 1, 20))
    undone = done.record(
        done.unallocated("MIRA", "a-1", effective_on=D(2026, 2, 10), recorded_at=T2)
    )

    assert opens(undone, D(2026, 2, 9)) == {"F-1": 4000}
    assert opens(ledger, LATE) == opens(undone, LATE)


def test_the_old_ledger_stays(ledger: Ledger) -> None:
    """Recording gives a new ledger; the one before is still there."""
    before = opens(ledger, LATE)

    after = allocated(ledger)

    assert before == opens(ledger, LATE)
    assert len(after.since(ledger)) == 1


def test_the_same_event_again_is_one_event(ledger: Ledger) -> None:
    """A known event recorded again, at another time, changes nothing."""
    (first, _) = ledger.events

    again = ledger.record(attrs.evolve(first, recorded_at=T2))

    assert ledger.events == again.events
    assert ledger.versions == again.versions


def test_a_known_event_with_another_content_is_refused(ledger: Ledger) -> None:
    """A document that comes back with another total is not taken over in silence."""
    other = an_invoice(
        number="F-1",
        creditor="MIRA",
        customer="C-1",
        document_date=D(2026, 1, 5),
        total=money("101.00", "EUR"),
    )

    with pytest.raises(EventError, match="must say what it said"):
        ledger.record(DocumentIssued.of(other, recorded_at=T1))


def test_accounts_are_folds(ledger: Ledger) -> None:
    """An account holds its open items, its balance and the number of its events."""
    account = ledger.account("MIRA", "C-1", as_of=LATE)

    assert {"EUR": money("40.00", "EUR")} == account.balances
    assert 2 == account.version == ledger.versions[account_key("MIRA", "C-1")]
    assert ledger.account("MIRA", "nobody", as_of=LATE).items == ()


def test_an_unidentified_receipt_is_nobodys(ledger: Ledger) -> None:
    """A receipt without customer is on no customer's account until its payer is known."""
    receipt = a_receipt(receipt="r-2", creditor="MIRA", customer="", booking_date=D(2026, 2, 1))
    received = ledger.record(ReceiptRecorded.of(receipt, recorded_at=T1))
    known = received.record(
        ReceiptIdentified(
            event="identified:r-2",
            effective_on=D(2026, 2, 3),
            recorded_at=T2,
            creditor="MIRA",
            receipt="r-2",
            customer="C-1",
        )
    )

    def owner(day: dt.date, known_at: dt.datetime | None = None) -> str:
        item = known.item("MIRA", "r-2", as_of=day, known_at=known_at)
        assert item is not None
        return item.customer

    assert [owner(D(2026, 2, 1)), owner(LATE, T1), owner(LATE)] == ["", "", "C-1"]


def test_a_cancelled_document_is_owed_no_more(ledger: Ledger) -> None:
    """Cancelling takes the whole document off the account from its day on."""
    cancelled = ledger.record(_cancel(D(2026, 1, 10)))

    assert opens(cancelled, D(2026, 1, 9))["F-1"] == 10000
    assert "F-1" not in opens(cancelled, D(2026, 1, 10))


def test_a_returned_receipt_is_gone(ledger: Ledger) -> None:
    """Money that went back is no credit any more."""
    returned = ledger.record(_return(D(2026, 1, 30)))

    assert opens(returned, D(2026, 1, 30)) == {"F-1": 10000}


def _cancel(day: dt.date, **changes: str) -> DocumentCancelled:
    names = {"creditor": "MIRA", "customer": "C-1", "number": "F-1"} | changes
    return DocumentCancelled(event="cancelled:F-1", effective_on=day, recorded_at=T2, **names)


def _return(day: dt.date, **changes: str) -> ReceiptReturned:
    names = {"creditor": "MIRA", "customer": "C-1", "receipt": "r-1"} | changes
    return ReceiptReturned(
        event="returned:r-1", effective_on=day, recorded_at=T2, reason_code="MD06", **names
    )


def _notice() -> NoticeSent:
    return NoticeSent(
        event="notice:x",
        effective_on=D(2026, 2, 1),
        recorded_at=T2,
        creditor="MIRA",
        customer="C-1",
        currency="EUR",
        procedure="standard",
        procedure_version="1",
        level=1,
        letter="reminder-1",
        items=(),
    )


def test_a_notice_changes_no_balance(ledger: Ledger) -> None:
    """A reminder is a fact of the account, not a claim."""
    reminded = ledger.record(_notice())

    assert opens(ledger, LATE) == opens(reminded, LATE)
    assert (reminded.get("notice:x"),) == reminded.notices()
    assert reminded.notices(as_of=D(2026, 1, 31)) == ()


ILLEGAL = {
    "allocate more than is open": lambda led: led.allocated(
        part(6001), effective_on=LATE, recorded_at=T1
    ),
    "allocate before the receipt came": lambda led: led.allocated(
        part(), effective_on=D(2026, 1, 19), recorded_at=T1
    ),
    "record before the last recording": lambda led: led.allocated(
        part(), effective_on=LATE, recorded_at=T0 - dt.timedelta(days=1)
    ),
    "wrong customers": lambda led: attrs.evolve(
        led.allocated(part(), effective_on=LATE, recorded_at=T1), customers=("C-2",)
    ),
    "wrong currency": lambda led: attrs.evolve(
        led.allocated(part(), effective_on=LATE, recorded_at=T1),
        allocation=attrs.evolve(part(), currency="CAD"),
    ),
    "wrong sign": lambda led: led.allocated(part(-10), effective_on=LATE, recorded_at=T1),
    "cancel before it was issued": lambda _: _cancel(D(2026, 1, 4)),
    "cancel for another customer": lambda _: _cancel(LATE, customer="C-2"),
    "cancel an unknown document": lambda _: _cancel(LATE, number="F-9"),
    "return for another customer": lambda _: _return(LATE, customer="C-2"),
    "return an unknown receipt": lambda _: _return(LATE, receipt="r-9"),
    "the same number twice": lambda led: attrs.evolve(led.events[0], event="other"),
}


@pytest.mark.parametrize("why", ILLEGAL)
def test_an_illegal_event_raises_and_changes_nothing(ledger: Ledger, why: str) -> None:
    """What the life cycle or the balance forbids is refused whole."""
    before = (ledger.events, opens(ledger, LATE), ledger.versions)

    with pytest.raises(EventError):
        ledger.record(ILLEGAL[why](ledger))
    assert before == (ledger.events, opens(ledger, LATE), ledger.versions)


AFTER_ALLOCATION = {
    "cancel what is allocated": lambda _: _cancel(D(2026, 1, 10)),
    "return what is allocated": lambda _: _return(LATE),
    "allocate again, earlier": lambda led: led.allocated(
        part(100, "a-2"), effective_on=D(2026, 1, 20), recorded_at=T2
    ),
    "undo before it was done": lambda led: led.unallocated(
        "MIRA", "a-1", effective_on=D(2026, 1, 19), recorded_at=T2
    ),
    "the same allocation twice": lambda led: attrs.evolve(
        led.allocated(part(100), effective_on=LATE, recorded_at=T2), event="other"
    ),
}


@pytest.mark.parametrize("why", AFTER_ALLOCATION)
def test_what_is_allocated_is_protected(ledger: Ledger, why: str) -> None:
    """What was allocated cannot be used, cancelled or returned before it is undone."""
    done = allocated(ledger)

    with pytest.raises(EventError):
        done.record(AFTER_ALLOCATION[why](done))


def test_a_backdated_use_is_refused_where_the_money_is_used_later(ledger: Ledger) -> None:
    """An allocation must fit every later day, not only its own."""
    done = allocated(ledger, D(2026, 3, 1))

    assert opens(done, D(2026, 2, 1)) == {"F-1": 10000, "r-1": -6000}
    with pytest.raises(EventError, match="at most the 0 open"):
        done.record(done.allocated(part(100, "a-2"), effective_on=D(2026, 2, 1), recorded_at=T2))
    assert [(item.item, item.open_minor) for item in done.available_items(as_of=D(2026, 2, 1))] == [
        ("F-1", 4000)
    ]


def test_undoing_twice_is_refused(ledger: Ledger) -> None:
    """An undone allocation has no second undo."""
    done = allocated(ledger)
    undo = done.unallocated("MIRA", "a-1", effective_on=LATE, recorded_at=T2)
    undone = done.record(undo)

    with pytest.raises(EventError, match="undone"):
        undone.record(attrs.evolve(undo, event="other"))


def test_a_batch_is_all_or_none(ledger: Ledger) -> None:
    """One illegal event among legal ones leaves the ledger as it was."""
    legal = ledger.allocated(part(), effective_on=LATE, recorded_at=T1)

    with pytest.raises(EventError):
        ledger.record(legal, _cancel(LATE))
    assert len(ledger) == 2


def test_recorded_at_is_utc() -> None:
    """A naive or local moment is refused: days are calendar dates, moments are UTC."""
    with pytest.raises(EventError, match="must be in UTC"):
        DocumentIssued.of(an_invoice(), recorded_at=dt.datetime(2026, 1, 1))


def test_installments_are_items_of_their_own() -> None:
    """Each installment is open, allocated and aged by itself."""
    parts = [
        Installment(D(2026, 2, 28), money("60.00", "EUR")),
        Installment(D(2026, 3, 31), money("40.00", "EUR")),
    ]
    invoice = an_invoice(
        number="F-1", creditor="MIRA", total=money("100.00", "EUR"), installments=parts
    )

    ledger = Ledger().record(DocumentIssued.of(invoice, recorded_at=T0))

    assert opens(ledger, LATE) == {"F-1/1": 6000, "F-1/2": 4000}
    assert {ItemKind.INVOICE} == {item.kind for item in ledger.open_items(as_of=LATE)}


def test_columns_say_the_same(ledger: Ledger) -> None:
    """The columns hold one row per item and one per move."""
    columns = allocated(ledger).to_columns()

    assert columns.items["item"] == ["F-1", "r-1"]
    assert columns.moves["amount_minor"] == [6000, -6000]
