"""The contact log: what is in it, and what it answers."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.casework import ContactOutcome, ContactWish
from receivables.collection import LogKind, contact_log, contact_withdrawn
from receivables.ledger import DeliveryReported, DeliveryStatus
from receivables.parties import Channel
from receivables.testing.builders import a_notice, an_open_item, recorded

from .worlds import AS_OF, MIRA, day, invoice, ledger_of, note


def log_of(*events, **given):
    """The log of a ledger of events."""
    return contact_log(ledger_of(*events), MIRA, **{"as_of": AS_OF, **given})


def sent(days=20, *, number=1, **given):
    """The event of a notice."""
    item = an_open_item("FA-1", customer="C-1")
    return a_notice(
        [item],
        customer="C-1",
        event=f"notice:{number}",
        level=number,
        effective_on=day(days),
        **given,
    )


def reported(status, days, *, channel=Channel.REGISTERED_POST, **given):
    """The event of what became of the first notice."""
    return DeliveryReported(
        event=f"delivery:{status.value}:{days}:{channel.value}",
        effective_on=day(days),
        recorded_at=recorded(9),
        creditor=MIRA,
        customer="C-1",
        delivery="notice:1",
        channel=channel,
        status=status,
        **given,
    )


def test_the_newest_comes_first():
    """Calls, notices and what became of them stand on one line of time."""
    found = log_of(
        invoice(),
        sent(20, stage="formal-notice", released_by="m.diaz"),
        reported(DeliveryStatus.DISPATCHED, 19, proof="RA 1234"),
        note("K-1", days=18, direction="inbound"),
        note("K-2", days=3),
    )

    assert [LogKind.CONTACT, LogKind.CONTACT, LogKind.DELIVERY, LogKind.NOTICE] == [
        entry.kind for entry in found
    ]
    assert ("formal-notice, level 1", "m.diaz", None) == (
        found.entries[-1].said,
        found.entries[-1].by,
        found.entries[-1].channel,
    )
    assert 4 == len(found)


def test_a_withdrawn_note_is_not_in_it():
    """On the days before it was withdrawn it still is."""
    gone = contact_withdrawn(
        "K-1",
        customer="C-1",
        creditor=MIRA,
        on=day(1),
        recorded_at=recorded(10),
        reason="another customer",
    )
    events = (note("K-1", days=5), gone)

    assert () == log_of(*events).entries
    assert 1 == len(log_of(*events, as_of=day(2)))
    assert 1 == len(log_of(*events, known_at=recorded(9)))


def test_a_log_of_one_customer_has_its_entries():
    """And those of a day, as known at a moment."""
    events = (
        invoice(),
        note("K-1", days=5),
        note("K-2", customer="C-2", days=4),
        attrs.evolve(sent(3), recorded_at=recorded(12)),
    )

    assert ["K-2"] == [entry.reference for entry in log_of(*events, customer="C-2")]
    assert 2 == len(log_of(*events, customer="C-1"))
    assert 1 == len(log_of(*events, customer="C-1", known_at=recorded(9)))
    assert () == log_of(*events).of("C-9")


def test_the_last_contact_is_one_that_was_heard():
    """An attempt that reached nobody, and a letter on its way, are none."""
    found = log_of(
        invoice(),
        note("K-1", days=9),
        note("K-2", days=5, outcome="no-answer"),
        note("K-3", days=4, channel="email", outcome="bounced"),
        sent(2),
    )

    assert "K-1" == found.last_contact("C-1").reference
    assert found.last_contact("C-2") is None


def test_attempts_are_ours():
    """What the customer began, and a call that was not connected, are no attempts."""
    found = log_of(
        note("K-1", days=9),
        note("K-2", days=7, outcome="no-answer"),
        note("K-3", days=6, outcome="not-connected"),
        note("K-4", days=5, direction="inbound"),
        note("K-5", days=5, channel="email", outcome="sent"),
    )

    assert ["K-5", "K-2"] == [entry.reference for entry in found.attempts("C-1", since=day(7))]
    assert ["K-2"] == [
        entry.reference for entry in found.attempts("C-1", since=day(7), channel=Channel.PHONE)
    ]


def test_the_last_reason_is_the_last_that_was_given():
    """A later call without one does not take it back."""
    found = log_of(note("K-1", days=9, reason="cannot-pay"), note("K-2", days=2))

    assert "cannot-pay" == found.last_reason("C-1").value
    assert found.last_reason("C-2") is None


STEP = note("K-1", days=9, next_action="call again", next_on=day(4))
STEPS = [
    ((), "K-1"),
    ((note("K-2", days=5),), "K-1"),
    ((note("K-2", days=4),), None),
    ((note("K-2", days=2, outcome="no-answer"),), "K-1"),
    ((note("K-2", days=2, direction="inbound"),), "K-1"),
    ((note("K-2", days=6, next_action="write", next_on=day(-3)),), None),
    ((note("K-2", days=6, next_action="write", next_on=day(1)),), "K-2"),
]


@pytest.mark.parametrize(("events", "due"), STEPS)
def test_a_next_step_stands_until_it_is_taken(events, due):
    """A contact of ours on its day or later takes it; another note with a day takes its place."""
    found = log_of(STEP, *events).actions_due()

    assert ([] if due is None else [due]) == [entry.reference for entry in found]


def test_steps_are_due_by_a_day():
    """The oldest first, up to the day asked for."""
    found = log_of(
        note("K-1", days=9, next_action="a", next_on=day(-2)),
        note("K-2", customer="C-2", days=9, next_action="b", next_on=day(3)),
        note("K-3", customer="C-3", days=9),
    )

    assert ["K-2"] == [entry.reference for entry in found.actions_due()]
    assert ["K-2", "K-1"] == [entry.reference for entry in found.actions_due(by=day(-2))]
    assert [] == [entry.reference for entry in found.actions_due(by=day(4))]


def test_wishes_are_collected():
    """What they mean for a contact is asked elsewhere."""
    found = log_of(note("K-1", days=9, wishes=["cease"]), note("K-2", wishes=["no-email"]))

    assert {ContactWish.CEASE, ContactWish.NO_EMAIL} == found.wishes("C-1")


BAD = [
    ((reported(DeliveryStatus.BOUNCED, 5, address="old"),), [(Channel.REGISTERED_POST, "old")]),
    ((reported(DeliveryStatus.BOUNCED, 5), reported(DeliveryStatus.DELIVERED, 2)), []),
    ((reported(DeliveryStatus.BOUNCED, 5), reported(DeliveryStatus.DISPATCHED, 2)), []),
    ((reported(DeliveryStatus.REFUSED, 5),), []),
    ((note("K-1", outcome="bounced"), note("K-2", outcome="no-answer")), [(Channel.PHONE, "")]),
    (
        (
            reported(DeliveryStatus.BOUNCED, 5),
            reported(DeliveryStatus.DELIVERED, 2, channel=Channel.EMAIL),
        ),
        [(Channel.REGISTERED_POST, "")],
    ),
]


@pytest.mark.parametrize(("events", "bad"), BAD)
def test_an_address_is_bad_until_something_is_sent_to_it(events, bad):
    """Each channel is judged by its own last word."""
    found = log_of(invoice(), sent(20), *events)

    assert bad == [(one.channel, one.address) for one in found.bad_addresses()]
    assert bad == [(one.channel, one.address) for one in found.bad_addresses("C-1")]
    assert () == found.bad_addresses("C-2")


def test_an_entry_says_what_the_note_said():
    """Every field of the note is in its entry."""
    event = note(
        "K-1",
        person="Mme Roy",
        by="j.roy",
        said="next week",
        local_time="14:05",
        wishes=["call-back"],
        consent_until=day(-9),
        items=[],
    )

    (entry,) = log_of(event).entries

    names = attrs.fields_dict(type(event.contact)).keys() - {"contact"}
    assert {name: getattr(event.contact, name) for name in names} == {
        name: getattr(entry, name) for name in names
    }
    assert (ContactOutcome.REACHED, dt.date(2026, 10, 31)) == (entry.outcome, entry.on)
