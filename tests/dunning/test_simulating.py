"""What a procedure would have sent, beside another, and before it takes effect."""

from __future__ import annotations

import attrs
import pytest

from receivables.dunning import (
    DunningCharges,
    DunningKnowledge,
    DunningWorld,
    compare,
    dun,
    preview,
    release,
    review,
    run_days,
    simulate,
)
from receivables.errors import PolicyError
from receivables.ledger import Ledger
from receivables.testing.builders import (
    a_receipt,
    an_allocation,
    an_invoice,
    issued,
    received,
    recorded,
)

from .worlds import BUSINESSES, HARD, french_interest, on

WORLD = DunningWorld(customers=BUSINESSES)
SOFT = attrs.evolve(
    HARD, name="soft", levels=[attrs.evolve(HARD.levels[0], days_past_due=15), *HARD.levels[1:3]]
)


def _invoice(name="F-1", day=0, **fields):
    return issued(an_invoice(name, due_date=on(day), document_date=on(day - 30), **fields))


def _book(*more):
    return Ledger.replay([_invoice(), _invoice("F-2", 10, customer="C-1"), *more])


def _year(ledger, procedure=HARD, **given):
    days = run_days(on(-10), on(70), every=5)
    return simulate(ledger, procedure, days=days, **{"world": WORLD, **given})


def test_a_simulation_climbs_the_ladder():
    """Its own notices count for its next days, and nothing is recorded."""
    ledger = _book()
    found = _year(ledger)

    sent = [(one.customer, one.level, (one.effective_on - on(0)).days) for one in found.notices]
    assert sent == [
        ("C-017", 1, 5),
        ("C-1", 1, 15),
        ("C-017", 2, 20),
        ("C-1", 2, 30),
        ("C-017", 3, 40),
        ("C-1", 3, 50),
    ]
    assert [(day, one.customer) for day, one in found.referrals] == [
        (on(60), "C-017"),
        (on(70), "C-1"),
    ]
    assert ledger.notices() == ()


def test_the_rows_say_what_was_asked_and_charged():
    """They are plain, for a table."""
    rows = _year(_book()).rows()

    second = next(row for row in rows if row["level"] == 2)
    assert (second["asked_minor"], second["charged_minor"]) == (11_500, 1_500)
    assert set(second) >= {"day", "customer", "currency", "letter", "stage", "items"}


def test_two_procedures_are_compared():
    """By stage and by customer, with amounts and fees."""
    ledger = _book()
    found = compare(_year(ledger), _year(ledger, SOFT))

    stages = {row["stage"]: (row["old_notices"], row["new_notices"]) for row in found.by_level()}
    customers = {row["customer"]: row["new_charged_minor"] for row in found.by_customer()}
    assert stages == {"reminder": (2, 2), "final-reminder": (2, 2), "formal-notice": (2, 2)}
    assert customers == {"C-017": 4_000, "C-1": 4_000}


def test_simulations_of_other_days_are_not_compared():
    """The difference would be that of the days."""
    with pytest.raises(PolicyError, match="days must be"):
        compare(_year(_book()), simulate(_book(), HARD, days=[on(0)]))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (lambda: simulate(_book(), HARD, days=[]), "days must be one or more"),
        (lambda: run_days(on(0), on(9), every=0), "every must be 1"),
    ],
)
def test_a_simulation_needs_days(question, reason):
    """There must be a day, and a step forward."""
    with pytest.raises(PolicyError, match=reason):
        question()


def _really(ledger, days, world=WORLD):
    """A ledger on which the procedure ran."""
    for day in days:
        minute = (day - on(-10)).days + 1
        found = dun(ledger, procedure=HARD, as_of=day, recorded_at=recorded(minute), world=world)
        ledger = ledger.record(*release(review(found, by="J. Roy"), recorded_at=recorded(minute)))
    return ledger


def _plain(notices):
    blank = {"run": "", "released_by": "", "recorded_at": recorded()}
    return [attrs.evolve(notice, **blank) for notice in notices]


@pytest.mark.parametrize("interest", [False, True])
def test_a_simulation_of_what_really_ran_is_what_was_recorded(interest):
    """Notices, charges, interest: the same, to the cent."""
    charges = DunningCharges(interest=french_interest()) if interest else DunningCharges()
    world = DunningWorld(customers=BUSINESSES, charges=charges)
    days = run_days(on(-10), on(55), every=5)
    ledger = _really(_book(), days, world)

    found = simulate(ledger, HARD, days=days, world=world)

    assert _plain(found.notices) == _plain(ledger.notices())
    assert len(found.notices) == 6


def test_charges_of_the_real_ladder_are_not_asked_for():
    """What the other procedure charged plays no part."""
    days = run_days(on(-10), on(55), every=5)
    ledger = _really(_book(), days)

    found = simulate(ledger, attrs.evolve(SOFT, levels=SOFT.levels[:1]), days=days, world=WORLD)

    assert {item.item for one in found.notices for item in one.items} == {"F-1", "F-2"}


def test_what_was_known_then_is_not_what_is_known_now():
    """A payment of before that was booked late stops the letters of today's view only."""
    paid = received(a_receipt("r-1", booking_date=on(3)), minute=10)
    applied = an_allocation({"F-1": 10_000, "r-1": -10_000}, effective_on=on(3), minute=11)
    ledger = _book(paid, applied)

    now, then = (
        simulate(ledger, HARD, days=[on(5)], known=known)
        for known in (DunningKnowledge.NOW, DunningKnowledge.THEN)
    )

    # The builders record everything in November, months after the day asked for.
    assert [len(now.notices), len(then.notices)] == [0, 0]
    later = simulate(ledger, HARD, days=[recorded().date()], known=DunningKnowledge.THEN)
    assert [notice.customer for notice in later.notices] == ["C-1"]


def test_a_simulation_may_go_on_from_notices():
    """Where it starts in the middle, what was sent before counts."""
    first = _year(_book()).notices[:1]

    found = simulate(_book(), HARD, days=[on(20)], start=first, world=WORLD)

    assert [(one.customer, one.level) for one in found.notices] == [("C-017", 2), ("C-1", 1)]


def test_a_preview_says_what_changes_for_whom():
    """On the live books, before the new version takes effect."""
    found = preview(
        _book(), current=HARD, new=SOFT, as_of=on(16), recorded_at=recorded(5), world=WORLD
    )

    assert [(row["customer"], row["old_letter"], row["new_letter"]) for row in found.rows()] == [
        ("C-1", "reminder-1", "")
    ]
    assert found.changes[0].old_asked_minor == 10_000


def test_a_preview_of_the_same_is_empty():
    """Nothing changes for anybody."""
    found = preview(_book(), current=HARD, new=HARD, as_of=on(16), recorded_at=recorded(5))

    assert (found.changes, len(found.old.notices)) == ((), 2)
