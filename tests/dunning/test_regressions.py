"""What went wrong once: charges that were lost, made twice, or made on what is contested."""

from __future__ import annotations

import attrs
import pytest

from receivables.allocation.model import Allocation, Leg
from receivables.casework import HoldReason
from receivables.dunning import (
    DunningCharges,
    DunningLevel,
    DunningProcedure,
    DunningWorld,
    RunExclusion,
    dun,
    release,
    review,
)
from receivables.interest import Charging, interest_documents, late_items
from receivables.ledger import DocumentIssued, Ledger
from receivables.money import money
from receivables.testing.builders import a_receipt, an_invoice, issued, received, recorded

from .worlds import BUSINESSES, DUE, HARD, climb, credit, french_interest, held, late, on, run

FIRST_FEE = DunningProcedure(
    name="dear",
    version="1",
    levels=[DunningLevel(days_past_due=5, letter="reminder-1", fees_minor={"EUR": 1_500})],
)
WITH_INTEREST = attrs.evolve(
    FIRST_FEE,
    levels=[DunningLevel(days_past_due=5, letter="reminder-1", charges_interest=True)],
)
CHARGES = DunningCharges(interest=french_interest())


def _invoice(number="F-1", **fields):
    return issued(an_invoice(number, total="1000.00", document_date=DUE, due_date=DUE, **fields))


def _released(ledger, procedure, day, *, minute):
    """The ledger after a run."""
    world = DunningWorld(customers=BUSINESSES, charges=CHARGES)
    found = dun(
        ledger, procedure=procedure, as_of=on(day), recorded_at=recorded(minute), world=world
    )
    return ledger.record(*release(review(found, by="J. Roy"), recorded_at=recorded(minute)))


@pytest.mark.parametrize("item", ["", "F-1"])
def test_an_exclusion_leaves_the_charges_of_other_creditors(item):
    """Two creditors may number their charges alike; taking out one notice keeps the other whole."""
    items = [late(), late(creditor="AUTRE")]
    found = run(items, 6, procedure=FIRST_FEE)
    (other,) = [one for one in found.notices if one.creditor == "AUTRE"]

    kept = review(found, [RunExclusion(notice=other.event, item=item, reason="paid")], by="J. Roy")

    assert [(one.creditor, one.number) for one in kept.documents] == [("MIRA", "FEE-F-1-1")]
    assert [(one.creditor, one.charges) for one in kept.notices] == [("MIRA", ("FEE-F-1-1",))]


def test_a_second_ladder_has_charges_of_its_own():
    """The fee of the first ladder, paid since, is neither given out again nor in the way."""
    ledger = _released(Ledger().record(_invoice()), FIRST_FEE, 6, minute=1)
    ledger = ledger.record(received(a_receipt("R-1", amount="15.00", booking_date=on(8)), minute=2))
    legs = [Leg("FEE-F-1-1", 1_500), Leg("R-1", -1_500)]
    paid = Allocation(allocation="a-1", creditor="MIRA", currency="EUR", legs=legs)
    ledger = ledger.record(ledger.allocated(paid, effective_on=on(8), recorded_at=recorded(3)))

    ledger = _released(ledger, attrs.evolve(FIRST_FEE, name="other"), 30, minute=4)

    assert [one.charges for one in ledger.notices()] == [("FEE-F-1-1",), ("FEE-F-1-1-other",)]


def test_a_run_for_a_past_day_does_not_charge_a_day_again():
    """Interest that was charged up to a later day is known to a run for an earlier one."""
    ledger = Ledger().record(_invoice())
    made = interest_documents(
        late_items(ledger, as_of=on(60)),
        policy=french_interest(),
        as_of=on(60),
        charging=Charging(number=lambda category, _customer: category),
    )
    issues = [DocumentIssued.of(note, recorded_at=recorded(1)) for note in made.documents]
    ledger = _released(ledger.record(*issues), WITH_INTEREST, 30, minute=2)

    assert [one.charges for one in ledger.notices()] == [()]


def _interest(found):
    return {one.number.partition("-")[0]: one.total for one in found.documents}


def test_what_is_contested_bears_no_interest_for_now():
    """Interest is charged on what is asked for; what is promised is owed, and bears it."""
    disputed = held(amount=60_000)
    promised = held(amount=30_000, reason=HoldReason.PROMISE)
    whole = run([late("F-1", 100_000)], 30, procedure=WITH_INTEREST, charges=CHARGES)
    part = run(
        [late("F-1", 100_000)],
        30,
        procedure=WITH_INTEREST,
        charges=CHARGES,
        holdbacks=[disputed, promised],
    )

    assert _interest(whole) == {"CMP": money("40.00", "EUR"), "INT": money("9.99", "EUR")}
    assert _interest(part) == {"CMP": money("40.00", "EUR"), "INT": money("4.00", "EUR")}


def test_what_credits_reach_bears_no_interest_for_now():
    """Money on the account that nobody has applied takes off the oldest item first."""
    items = [late("F-1", 100_000), late("F-2", 100_000), credit("R-1", -100_000)]
    found = run(items, 30, procedure=WITH_INTEREST, charges=CHARGES)

    (compensation, interest) = sorted(found.documents, key=lambda one: one.number)
    assert (compensation.concerns, interest.concerns) == (("F-2",), ("F-2",))


def test_a_payment_that_went_back_goes_on_where_it_stood():
    """What was reached stays reached: the next level follows, after its days."""
    sent = climb([late()], 5, 20)
    reopened = run([late()], 70, sent, HARD).notices

    assert [(one.level, one.letter) for one in reopened] == [(3, "formal-notice")]
