"""What is held back is not asked for: disputes, promises, blocks, addresses that are bad."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.casework import DunningBlock, HoldReason
from receivables.dunning import DunningLevel, active_blocks, block_holdbacks, dun
from receivables.dunning.holding import SKIP_REASONS
from receivables.dunning.model import DunningProcedure
from receivables.ledger import Ledger
from receivables.ledger.casework import (
    DeliveryReported,
    DeliveryStatus,
    DunningBlocked,
    DunningUnblocked,
)
from receivables.parties import Channel, Contact
from receivables.testing.builders import an_invoice, issued, recorded

from .worlds import CUSTOMER, HARD, a_business, climb, credit, held, late, on, reasons, run


@pytest.mark.parametrize("reason", HoldReason)
def test_an_item_that_is_held_as_a_whole_does_not_climb(reason):
    """It is neither asked for nor takes a level, and the run says why and until when."""
    hold = held(reason=reason, reference="X-1", until=on(30), note="said so")

    found = run([late()], 8, holdbacks=[hold])

    (one,) = found.skipped
    assert found.notices == ()
    assert (one.items, one.reference, one.until, one.note) == (("F-1",), "X-1", on(30), "said so")
    assert one.amount_minor == 10_000
    assert one.reason is SKIP_REASONS[reason]


def test_of_a_partial_hold_the_rest_is_asked_for():
    """A dispute about a part holds back its part only, and the item climbs."""
    (notice,) = run([late()], 8, holdbacks=[held(amount=4_000)]).notices

    assert (notice.items[0].held_minor, notice.items[0].asked_minor) == (4_000, 6_000)
    assert (notice.level, notice.total_minor) == (1, 6_000)


HOLDS = [
    ([held(amount=4_000), held(amount=3_000)], 3_000),
    ([held(amount=7_000), held(amount=7_000)], None),
    ([held(amount=4_000), held()], None),
    ([held(), held(amount=4_000)], None),
    ([held(until=on(7))], 10_000),
    ([held(until=on(8))], None),
    ([held("F-9")], 10_000),
    ([held(creditor="NORD")], 10_000),
]


@pytest.mark.parametrize(("holds", "asked"), HOLDS)
def test_holds_add_up(holds, asked):
    """Several holds on one item add up, never beyond what is open; a hold that is over is none."""
    found = run([late()], 8, holdbacks=holds)

    assert [asked] * (asked is not None) == [one.total_minor for one in found.notices]


def test_one_item_in_dispute_does_not_stop_the_others():
    """The rest of the customer's items is asked for."""
    found = run([late("F-1"), late("F-2")], 8, holdbacks=[held("F-1")])

    assert [item.item for item in found.notices[0].items] == ["F-2"]
    assert reasons(found) == {"F-1": "disputed"}


def test_credits_count_against_what_is_left():
    """Holds first, credits then, and never below nothing."""
    items = [late(), credit(minor=-9_000)]

    found = run(items, 8, holdbacks=[held(amount=4_000)])

    assert (found.notices, reasons(found)) == ((), {"F-1": "credits-cover"})
    assert found.skipped[0].amount_minor == 0


def _blocked(block, day=0, minute=1):
    return DunningBlocked(
        event=f"block:MIRA:{block.block}",
        effective_on=on(day),
        recorded_at=recorded(minute),
        creditor="MIRA",
        block=block,
    )


def _lifted(name, day):
    return DunningUnblocked(
        event=f"unblocked:MIRA:{name}",
        effective_on=on(day),
        recorded_at=recorded(2),
        creditor="MIRA",
        customer=CUSTOMER,
        block=name,
    )


def _book(*events):
    documents = [an_invoice(name, due_date=on(0), document_date=on(-30)) for name in ("F-1", "F-2")]
    return Ledger.replay([*(issued(one) for one in documents), *events])


BLOCKS = [
    ([], 10, []),
    (
        [_blocked(DunningBlock(block="B", customer=CUSTOMER, reason="insolvency"))],
        10,
        ["F-1", "F-2"],
    ),
    (
        [_blocked(DunningBlock(block="B", customer=CUSTOMER, reason="other", items=["F-2"]))],
        10,
        ["F-2"],
    ),
    (
        [_blocked(DunningBlock(block="B", customer=CUSTOMER, reason="other", until=on(10)))],
        10,
        ["F-1", "F-2"],
    ),
    ([_blocked(DunningBlock(block="B", customer=CUSTOMER, reason="other", until=on(10)))], 11, []),
    ([_blocked(DunningBlock(block="B", customer=CUSTOMER, reason="other"), day=11)], 10, []),
    (
        [_blocked(DunningBlock(block="B", customer=CUSTOMER, reason="other")), _lifted("B", 9)],
        10,
        [],
    ),
    (
        [_blocked(DunningBlock(block="B", customer=CUSTOMER, reason="other")), _lifted("B", 11)],
        10,
        ["F-1", "F-2"],
    ),
    ([_blocked(DunningBlock(block="B", customer="C-9", reason="other"))], 10, []),
]


@pytest.mark.parametrize(("events", "day", "expected"), BLOCKS)
def test_blocks_hold_from_their_day_to_their_end(events, day, expected):
    """A block of a customer holds every item, later ones too; one of items holds those."""
    ledger = _book(*events)

    holds = block_holdbacks(ledger, ledger.open_items(as_of=on(day)), as_of=on(day))

    assert expected == [hold.item for hold in holds]
    on_then = active_blocks(ledger, "MIRA", as_of=on(day))
    assert {"B"} >= {block.block for block in on_then}


def test_a_run_from_a_ledger_knows_the_blocks():
    """Who is blocked is left out with the reason and the end."""
    block = DunningBlock(block="B", customer=CUSTOMER, reason="insolvency", note="SAS in court")
    ledger = _book(_blocked(block))

    found = dun(ledger, procedure=HARD, as_of=on(10), recorded_at=recorded(9))

    assert reasons(found) == {"F-1": "blocked", "F-2": "blocked"}
    assert (found.skipped[0].reference, found.skipped[0].note) == ("B", "insolvency: SAS in court")


def test_a_block_that_is_not_known_yet_holds_nothing():
    """As known before the recording there is no block."""
    block = DunningBlock(block="B", customer=CUSTOMER, reason="other")
    ledger = _book(_blocked(block, minute=30))
    items = ledger.open_items(as_of=on(10))

    assert block_holdbacks(ledger, items, as_of=on(10), known_at=recorded(20)) == ()


MAILED = DunningProcedure(
    name="mailed",
    version="1",
    levels=[
        DunningLevel(days_past_due=5, letter="reminder-1", channel="email"),
        DunningLevel(days_past_due=15, letter="reminder-2", channel="email"),
    ],
)


def _report(notice, status, *, day=6, channel=Channel.EMAIL):
    return DeliveryReported(
        event=f"delivery:{status.value}:{day}",
        effective_on=on(day),
        recorded_at=recorded(),
        creditor="MIRA",
        customer=CUSTOMER,
        delivery=notice.event,
        channel=channel,
        status=status,
        address="x@example.com",
    )


def _second(*reports, procedure=MAILED, **given):
    return run(
        [late()],
        20,
        climb([late()], 5, procedure=procedure),
        procedure,
        deliveries=reports,
        **given,
    )


def test_a_notice_that_bounced_stops_the_next_on_that_channel():
    """The level stays, nothing climbs, and the run says that the address is bad."""
    (sent,) = climb([late()], 5, procedure=MAILED)
    found = _second(_report(sent, DeliveryStatus.BOUNCED))

    (one,) = found.skipped
    assert (found.notices, one.reason.value, one.level) == ((), "bad-address", 2)
    assert (one.reference, one.note) == (sent.event, "email x@example.com")


def test_a_notice_that_was_sent_again_lets_the_next_go():
    """A later report of the channel clears the address."""
    (sent,) = climb([late()], 5, procedure=MAILED)
    reports = [
        _report(sent, DeliveryStatus.DISPATCHED, day=9),
        _report(sent, DeliveryStatus.BOUNCED, day=6),
    ]

    assert _second(*reports).notices[0].level == 2


GOOD = [DeliveryStatus.DISPATCHED, DeliveryStatus.DELIVERED, DeliveryStatus.REFUSED]


@pytest.mark.parametrize("status", GOOD)
def test_a_notice_that_was_refused_counts_as_delivered(status):
    """Whoever refused it knew what it was."""
    (sent,) = climb([late()], 5, procedure=MAILED)

    assert _second(_report(sent, status)).notices[0].level == 2


def test_another_channel_is_not_stopped():
    """A letter by post goes out although an e-mail came back."""
    (sent,) = climb([late()], 5, procedure=MAILED)
    bounced = _report(sent, DeliveryStatus.BOUNCED, channel=Channel.POST)

    assert _second(bounced).notices[0].level == 2


def test_a_level_without_a_channel_goes_as_usual():
    """Where nobody says how, the customer's own channel decides, and any bounce where it has none."""
    (sent,) = climb([late()], 5)
    bounced = _report(sent, DeliveryStatus.BOUNCED)
    contact = Contact(name="Desk", channel=Channel.POST)
    by_post = {CUSTOMER: a_business(contacts=[contact])}

    assert _second(bounced, procedure=HARD).notices == ()
    assert _second(bounced, procedure=HARD, customers=by_post).notices[0].level == 2


def test_reports_of_one_day_count_in_the_order_of_their_recording():
    """The later one says how it ended."""
    (sent,) = climb([late()], 5, procedure=MAILED)
    first = _report(sent, DeliveryStatus.BOUNCED)
    later = attrs.evolve(
        first,
        event="delivery:again",
        status=DeliveryStatus.DELIVERED,
        recorded_at=first.recorded_at + dt.timedelta(minutes=1),
    )

    assert _second(later, first).notices[0].level == 2
