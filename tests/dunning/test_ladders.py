"""What a run proposes: courtesy before the due date, per document, referrals, and who waits."""

from __future__ import annotations

import attrs
import pytest

from receivables.dunning import (
    CourtesyReminder,
    CourtesyThreshold,
    DunningLevel,
    DunningScope,
    item_levels,
)
from receivables.dunning.model import STANDARD
from receivables.ledger import Ledger
from receivables.parties import Channel
from receivables.testing.builders import an_invoice, issued, recorded

from .worlds import CUSTOMER, HARD, climb, credit, held, in_town, late, on, reasons, run

POLITE = attrs.evolve(
    HARD,
    courtesy=CourtesyReminder(
        days_before_due=7,
        thresholds=[
            CourtesyThreshold(
                amount_minor=1_000_000, currency="EUR", country="FR", postal_prefixes=["75", "92"]
            ),
            CourtesyThreshold(amount_minor=500_000, currency="EUR"),
        ],
    ),
)
BIG = 600_000


@pytest.mark.parametrize(
    ("day", "minor", "expected"),
    [
        (-8, BIG, 0),
        (-7, BIG, 1),
        (0, BIG, 1),
        (1, BIG, 0),
        (-7, 500_000, 0),
        (-7, 500_001, 1),
    ],
)
def test_a_courtesy_reminder_goes_before_the_due_date(day, minor, expected):
    """From its days before, to the due date itself, for items above the threshold."""
    found = run([late(minor=minor)], day, procedure=POLITE)

    assert expected == len(found.notices)


def test_the_threshold_is_that_of_the_customer_s_place():
    """Six thousand are enough in Nantes, and not in Paris."""
    sent = {
        town: len(
            run(
                [late(minor=BIG)], -5, procedure=POLITE, customers={CUSTOMER: in_town(town)}
            ).notices
        )
        for town in ("75011", "44000")
    }

    assert sent == {"75011": 0, "44000": 1}


def test_a_currency_without_a_threshold_has_no_courtesy_reminder():
    """The thresholds are in euros, so that dollars have none."""
    assert run([late(minor=BIG, currency="CAD")], -5, procedure=POLITE).notices == ()


def test_a_courtesy_reminder_stands_outside_the_ladder():
    """It has level 0, goes out once for an item, and the ladder begins at its first level after."""
    (sent,) = run([late(minor=BIG)], -5, procedure=POLITE).notices
    Ledger.replay([issued(_invoice()), attrs.evolve(sent, recorded_at=recorded(1))])

    assert (sent.level, sent.stage, sent.letter) == (0, "courtesy", "courtesy-reminder")
    assert run([late(minor=BIG)], -4, [sent], POLITE).notices == ()
    assert run([late(minor=BIG)], 5, [sent], POLITE).notices[0].level == 1


def _invoice():
    return an_invoice("F-1", total="6000.00", due_date=on(0), document_date=on(-30))


def test_a_courtesy_reminder_asks_for_what_is_not_held_and_credits_leave():
    """Holds and credits count as for every notice."""
    items = [late(minor=BIG), credit(minor=-50_000), late("F-0", 40_000, due_date=on(-20))]
    found = run(items, -5, procedure=POLITE, holdbacks=[held(amount=60_000)])

    courtesy = next(notice for notice in found.notices if notice.level == 0)
    assert (courtesy.items[0].asked_minor, courtesy.credit_minor) == (540_000, -10_000)


@pytest.mark.parametrize(
    ("holds", "expected"),
    [([held()], {"F-1": "disputed"}), ([held(amount=200_000)], {})],
)
def test_a_courtesy_reminder_that_is_held_is_said(holds, expected):
    """A whole hold is a reason; below the threshold there is nothing to say."""
    found = run([late(minor=BIG)], -5, procedure=POLITE, holdbacks=holds)

    assert (found.notices, reasons(found)) == ((), expected)


def test_a_courtesy_reminder_that_credits_cover_is_said():
    """Nobody is reminded of nothing."""
    found = run([late(minor=BIG), credit(minor=-BIG)], -5, procedure=POLITE)

    assert reasons(found) == {"F-1": "credits-cover"}


def test_a_charge_gets_no_courtesy_reminder():
    """It is not what the customer has to be reminded of in time."""
    fee = late("FEE-1", BIG, category="dunning-fee")

    assert run([fee], -5, procedure=POLITE).notices == ()


EACH = attrs.evolve(POLITE, per=DunningScope.DOCUMENT)


def test_a_notice_for_each_document():
    """Each names its document, and the installments of one stand together."""
    items = [
        late("F-1/1", document="F-1"),
        late("F-1/2", document="F-1", due_date=on(1)),
        late("F-2"),
    ]

    found = run(items, 8, procedure=EACH)

    assert [(one.document, len(one.items)) for one in found.notices] == [("F-1", 2), ("F-2", 1)]
    assert len({notice.event for notice in found.notices}) == 2


def test_credits_go_to_the_document_that_was_due_first():
    """What is left of them goes to the next one."""
    items = [late("F-2", due_date=on(1)), late("F-1"), credit(minor=-12_000)]

    found = run(items, 8, procedure=EACH)

    assert reasons(found) == {"F-1": "credits-cover"}
    assert [(one.document, one.total_minor) for one in found.notices] == [("F-2", 8_000)]


def test_courtesy_reminders_go_for_each_document_too():
    """Each has its share of the credits."""
    items = [late("F-1", BIG), late("F-2", BIG, due_date=on(1)), credit(minor=-BIG - 1)]

    found = run(items, -3, procedure=EACH)

    assert [(one.document, one.total_minor) for one in found.notices] == [("F-2", BIG - 1)]
    assert reasons(found) == {"F-1": "credits-cover"}


def test_the_last_level_proposes_to_refer_the_file():
    """It is a proposal with the amounts of the day, and comes again until somebody acts on it."""
    sent = climb([late()], 5, 20, 40)
    items = [late(), credit(minor=-4_000)]

    first, again = run(items, 60, sent), run(items, 61, sent)

    (proposal,) = first.referrals
    assert (proposal.kind.value, proposal.stage.value) == ("payment-order", "payment-order")
    assert (proposal.level, proposal.total_minor, proposal.credit_minor) == (4, 6_000, -4_000)
    assert (first.notices, first.skipped, len(again.referrals)) == ((), (), 1)


def test_a_file_that_credits_cover_is_not_referred():
    """There is nothing to claim."""
    found = run([late(), credit(minor=-10_000)], 60, climb([late()], 5, 20, 40))

    assert (found.referrals, reasons(found)) == ((), {"F-1": "credits-cover"})


def test_an_item_that_is_referred_is_held():
    """Whoever has the file is named."""
    found = run([late()], 60, climb([late()], 5, 20, 40), holdbacks=[held(reference="R-1")])

    assert (found.referrals, found.skipped[0].reference) == ((), "R-1")


WAITS = [
    (4, [], "not-yet"),
    (19, [5], "not-yet"),
    (29, [25], "too-soon"),
    (200, [5, 20, 40], None),
]


@pytest.mark.parametrize(("day", "sent_on", "expected"), WAITS)
def test_whoever_waits_is_said(day, sent_on, expected):
    """Each late item without a notice has its reason."""
    found = run([late()], day, climb([late()], *sent_on))

    assert reasons(found) == ({} if expected is None else {"F-1": expected})


def test_the_end_of_a_ladder_without_a_referral_is_said():
    """Every level was sent, and there is nobody to refer the file to."""
    sent = climb([late()], 8, 23, 45, procedure=STANDARD)

    assert reasons(run([late()], 90, sent, STANDARD)) == {"F-1": "ladder-ended"}


def test_items_that_are_not_late_enough_are_said_beside_a_notice():
    """The notice lists what has a level, and the run explains the rest."""
    found = run([late("F-1"), late("F-2", due_date=on(4))], 5)

    assert [item.item for item in found.notices[0].items] == ["F-1"]
    assert reasons(found) == {"F-2": "not-yet"}


def test_where_an_item_stands():
    """The level that is due, the days to the next one, and what may be asked."""
    items = [late(), late("F-2", due_date=on(18)), credit(), late("F-3", due_date=None)]
    found = item_levels(
        items, notices=climb([late()], 5), procedure=HARD, as_of=on(19), holdbacks=[held("F-2")]
    )

    assert [(one.item.item, one.level, one.level_due, one.days_to_next) for one in found] == [
        ("F-1", 1, 1, 1),
        ("F-2", 0, 0, -1),
    ]
    assert [one.asked_minor for one in found] == [10_000, 0]


def test_a_notice_carries_its_stage_and_its_ladder():
    """What was sent says what it was, for good."""
    (notice,) = run([late()], 5).notices

    assert (notice.stage, notice.ladder, notice.procedure) == ("reminder", "house", "hard")
    assert notice.event == "notice:MIRA:C-017:2026-06-06:house:F-1:1"


def test_a_channel_belongs_to_a_level():
    """It is given by name, as in a file."""
    assert DunningLevel(days_past_due=1, letter="x", channel="post").channel is Channel.POST
