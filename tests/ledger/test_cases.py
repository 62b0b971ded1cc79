"""Events of cases: they name items of their customer, follow their life cycle, change no balance."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.casework import Dispute, DisputedPart, DisputeOutcome, DunningBlock, PromiseToPay
from receivables.errors import EventError
from receivables.ledger import (
    DeliveryReported,
    DeliveryStatus,
    DisputeOpened,
    DisputeResolved,
    DisputeUpdated,
    DocumentIssued,
    DunningBlocked,
    DunningUnblocked,
    Ledger,
    NoticedItem,
    NoticeSent,
    PeriodClosed,
    PromiseMade,
)
from receivables.money import money
from receivables.parties import Channel
from receivables.testing.builders import an_invoice
from receivables.testing.event_store import sample_events

_DAY = dt.date(2026, 10, 1)
_NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
_FACTS = {"effective_on": _DAY, "recorded_at": _NOW, "creditor": "MIRA"}


@pytest.fixture
def ledger():
    """Two customers, an invoice each."""
    return Ledger().record(
        *(
            DocumentIssued.of(
                an_invoice(number, customer=customer, document_date=_DAY, due_date=_DAY),
                recorded_at=_NOW,
            )
            for number, customer in (("F-1", "C-1"), ("F-2", "C-2"))
        )
    )


def _promise(name="P-1", **changes):
    facts = {"customer": "C-1", "amount": money("50", "EUR"), "due_on": _DAY, "items": ["F-1"]}
    promise = PromiseToPay(promise=name, **{**facts, **changes})
    return PromiseMade(event=f"promised:{name}", promise=promise, **_FACTS)


def _notice(name, level, **changes):
    item = NoticedItem(
        item="F-1", level=level, open_minor=10_000, document_date=_DAY, due_date=_DAY
    )
    facts = {
        "customer": "C-1",
        "currency": "EUR",
        "procedure": "standard",
        "procedure_version": "1",
        "level": level,
        "letter": "reminder-1",
        "items": [item],
    }
    return NoticeSent(event=name, **_FACTS, **{**facts, **changes})


def test_case_changes_no_balance(ledger):
    """What is open before a case is open after it."""
    before = ledger.open_items(as_of=_DAY)

    assert ledger.record(_promise()).open_items(as_of=_DAY) == before


def test_case_may_be_opened_in_a_closed_period(ledger):
    """The books are closed; people go on talking."""
    closed = PeriodClosed(event="closed", through=_DAY, **_FACTS)

    assert len(ledger.record(closed, _promise())) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": ["F-9"]}, "item must be on the ledger of MIRA, got 'F-9'"),
        ({"items": ["F-2"]}, "customer of F-2 must be 'C-2', got 'C-1'"),
    ],
)
def test_case_names_items_of_its_customer(ledger, changes, message):
    """An item that is not there, or is somebody else's, is refused."""
    with pytest.raises(EventError, match=message):
        ledger.record(_promise(**changes))


def test_case_follows_its_life_cycle(ledger):
    """What was not blocked cannot be unblocked, and nothing is opened twice."""
    block = DunningBlocked(
        event="b", block=DunningBlock(block="B-1", customer="C-1", reason="other"), **_FACTS
    )
    lifted = DunningUnblocked(event="u", customer="C-1", block="B-1", **_FACTS)

    with pytest.raises(EventError, match="block that is none must get DunningBlocked"):
        ledger.record(lifted)
    with pytest.raises(EventError, match="block that is blocked must get DunningUnblocked"):
        ledger.record(block, attrs.evolve(block, event="b2"))
    with pytest.raises(EventError, match="customer of block B-1 must be 'C-1', got 'C-2'"):
        ledger.record(block, attrs.evolve(lifted, customer="C-2"))
    with pytest.raises(EventError, match="effective_on must be 2026-10-01 or later"):
        ledger.record(block, attrs.evolve(lifted, effective_on=_DAY - dt.timedelta(days=1)))
    assert len(ledger.record(block, lifted)) == 4


def test_cases_are_seen_as_they_were(ledger):
    """A question about a past day, or a past moment, does not see what came later."""
    opened = DisputeOpened(
        event="d",
        dispute=Dispute(
            dispute="D-1",
            customer="C-1",
            parts=[DisputedPart(item="F-1", amount=money("20", "EUR"))],
            reason="price",
            owner="sales",
        ),
        **_FACTS,
    )
    later = DisputeUpdated(
        event="d2",
        dispute=attrs.evolve(opened.dispute, owner="billing"),
        creditor="MIRA",
        effective_on=_DAY + dt.timedelta(days=3),
        recorded_at=_NOW + dt.timedelta(days=1),
    )
    full = ledger.record(opened, later)

    assert full.casework("MIRA", as_of=_DAY) == (opened,)
    assert full.casework("MIRA", as_of=later.effective_on) == (opened, later)
    assert full.casework("MIRA", as_of=later.effective_on, known_at=_NOW) == (opened,)
    assert full.casework("MIRA", as_of=later.effective_on, kinds=(DisputeUpdated,)) == (later,)
    assert full.casework("OTHER", as_of=later.effective_on) == ()


def test_amounts_of_a_dispute_are_the_items_own(ledger):
    """Another currency than the item's, and more accepted than was contested, are refused."""

    def opened(amount, currency="EUR"):
        part = DisputedPart(item="F-1", amount=money(amount, currency))
        facts = {"customer": "C-1", "parts": [part], "reason": "price", "owner": "sales"}
        return DisputeOpened(event="d", dispute=Dispute(dispute="D-1", **facts), **_FACTS)

    def decided(item, amount):
        part = DisputedPart(item=item, amount=money(amount, "EUR"))
        facts = {"customer": "C-1", "outcome": DisputeOutcome.SPLIT, "accepted": [part]}
        return DisputeResolved(event="r", dispute="D-1", **facts, **_FACTS)

    with pytest.raises(EventError, match="currency of d must be EUR for F-1, got CAD"):
        ledger.record(opened("20", "CAD"))
    with pytest.raises(EventError, match="at most the 2000 contested of F-1, got 2001"):
        ledger.record(opened("20"), decided("F-1", "20.01"))
    with pytest.raises(EventError, match="customer of F-2 must be 'C-2'"):
        ledger.record(opened("20"), decided("F-2", "1"))
    assert len(ledger.record(opened("20"), decided("F-1", "20"))) == 4


def test_level_is_reached_from_the_one_before(ledger):
    """No level is skipped, none is sent twice, none leads back; another ladder is another count."""
    first, second = _notice("n-1", 1), _notice("n-2", 2)

    with pytest.raises(EventError, match="level of F-1 in standard must be 0 or 1, got 2"):
        ledger.record(second)
    with pytest.raises(EventError, match="must raise an item of standard to its next level"):
        ledger.record(first, _notice("n-3", 1))
    with pytest.raises(EventError, match="level of F-1 in standard must be 2 or 3, got 1"):
        ledger.record(first, second, _notice("n-4", 1))
    assert len(ledger.record(first, second)) == 4
    assert len(ledger.record(first, _notice("n-5", 1, procedure="other"))) == 4
    with pytest.raises(EventError, match="must raise an item"):
        ledger.record(first, _notice("n-6", 1, procedure="other", ladder="standard"))


def test_a_letter_is_of_a_level_that_an_item_reaches(ledger):
    """To list something new beside it sends no letter again, nor one of a level nobody reached."""
    ledger = ledger.record(
        DocumentIssued.of(
            an_invoice("F-3", customer="C-1", document_date=_DAY, due_date=_DAY), recorded_at=_NOW
        )
    )
    first = _notice("n-1", 1)
    charge = attrs.evolve(first.items[0], item="F-3", level=0)

    with pytest.raises(EventError, match="must raise an item of standard to its next level, 1"):
        ledger.record(first, _notice("n-2", 1, items=[*first.items, charge]))
    with pytest.raises(EventError, match="must raise an item of standard to its next level, 2"):
        ledger.record(_notice("n-3", 2, items=first.items))


def test_courtesy_is_sent_once_and_before_the_ladder(ledger):
    """Level 0 counts once, and a level may be listed again beside an item that climbs."""
    courtesy = _notice("n-0", 0)

    with pytest.raises(EventError, match="must raise an item"):
        ledger.record(courtesy, _notice("n-00", 0))
    assert len(ledger.record(courtesy, _notice("n-1", 1))) == 4


def test_delivery_is_of_a_notice_to_that_customer(ledger):
    """What was never sent cannot arrive."""
    facts = {"channel": Channel.POST, "status": DeliveryStatus.BOUNCED, **_FACTS}
    arrived = DeliveryReported(event="x", customer="C-1", delivery="n-1", **facts)

    with pytest.raises(EventError, match="delivery must be of a notice to C-1, got 'n-1'"):
        ledger.record(arrived)
    with pytest.raises(EventError, match="delivery must be of a notice to C-2"):
        ledger.record(_notice("n-1", 1), attrs.evolve(arrived, customer="C-2"))
    assert len(ledger.record(_notice("n-1", 1), arrived)) == 4


def test_story_has_every_kind_of_case():
    """The sample of the conformance class replays, with its cases."""
    ledger = Ledger.replay(sample_events())

    assert len(ledger.casework("MIRA", as_of=dt.date.max)) == 42
