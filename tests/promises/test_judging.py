"""Promises are judged from the money: cases by hand."""

from __future__ import annotations

import attrs
import pytest

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind, Tolerance
from receivables.errors import EventError, PolicyError
from receivables.money import money
from receivables.promises import PromisePolicy, kept_rates
from receivables.testing.builders import (
    a_receipt,
    a_return,
    an_allocation,
    an_identification,
    received,
    recorded,
)

from .worlds import Story, day


def test_a_promise_is_open_until_its_day_has_passed():
    """On the promised day itself the money may still come."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])

    assert {"P-1": "open"} == story.states(day(10))
    assert {"P-1": "broken"} == story.states(day(11))
    assert day(11) == story.judged(day(20))["P-1"].decided_on


def test_a_promise_is_kept_on_the_day_of_the_money():
    """What was promised came in: kept, with the receipt and its allocation as evidence."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.money("r-1", "100.00", on=day(5), pays={"F-1": 10_000})

    judged = story.judged(day(5))["P-1"]

    (evidence,) = judged.evidence
    assert ("kept", day(5)) == (judged.state.value, judged.decided_on)
    assert ("r-1", "F-1", day(5), 10_000) == (
        evidence.source,
        evidence.item,
        evidence.paid_on,
        evidence.amount_minor,
    )
    assert [one.allocation.allocation for one in story.ledger.allocations_of("MIRA", "F-1")] == [
        *evidence.allocations
    ]
    assert {"P-1": "open"} == story.states(day(4))


def test_a_part_keeps_a_part():
    """A partial payment leaves the promise open, then partly kept."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.money("r-1", "60.00", on=day(5), pays={"F-1": 6_000})

    judged = story.judged(day(11))["P-1"]

    assert {"P-1": "open"} == story.states(day(10))
    assert "partly-kept" == judged.state.value
    assert (money("60.00", "EUR"), money("40.00", "EUR")) == (judged.paid, judged.missing)


@pytest.mark.parametrize(("days", "state"), [(0, "broken"), (1, "kept"), (2, "kept")])
def test_a_day_late(days, state):
    """Money of the day after counts where the tolerance reaches it."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.money("r-1", "100.00", on=day(11), pays={"F-1": 10_000})

    assert {"P-1": state} == story.states(day(20), policy=PromisePolicy(tolerance_days=days))


@pytest.mark.parametrize(
    ("tolerance", "state"),
    [
        (Tolerance(), "partly-kept"),
        (Tolerance(amounts=[money("0.99", "EUR")]), "partly-kept"),
        (Tolerance(amounts=[money("1.00", "EUR")]), "kept"),
        (Tolerance(amounts=[money("1.00", "USD")]), "partly-kept"),
        (Tolerance(bps=100), "kept"),
        (Tolerance(amounts=[money("0.50", "EUR")], bps=100), "partly-kept"),
    ],
)
def test_a_euro_short(tolerance, state):
    """A shortfall is let go up to the tolerance of the currency, the lower of sum and part."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.money("r-1", "99.00", on=day(5), pays={"F-1": 9_900})

    policy = PromisePolicy(tolerance=tolerance)

    assert {"P-1": state} == story.states(day(11), policy=policy)


def test_no_tolerance_keeps_a_promise_without_money():
    """Even where everything may be missing, nothing is not enough."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])

    policy = PromisePolicy(tolerance=Tolerance(bps=10_000))

    assert {"P-1": "broken"} == story.states(day(11), policy=policy)


def test_one_cent_keeps_one_promise():
    """Of two promises for one item the one for the earlier day has the money."""
    story = Story().invoice(total="300.00")
    story.promise("P-2", due=day(20), items=["F-1"]).promise("P-1", due=day(10), items=["F-1"])
    story.money("r-1", "150.00", on=day(5), pays={"F-1": 15_000})

    judged = story.judged(day(21))

    assert {"P-1": "kept", "P-2": "partly-kept"} == story.states(day(21))
    assert [10_000, 5_000] == [judged[name].paid_minor for name in ("P-1", "P-2")]


def test_late_money_keeps_the_next_promise():
    """Money that comes after the last day of a broken promise is there for the one that followed."""
    story = Story().invoice().promise("P-1", due=day(5), items=["F-1"])
    story.promise("P-2", on=day(8), due=day(20), items=["F-1"])
    story.money("r-1", "100.00", on=day(15), pays={"F-1": 10_000})

    assert {"P-1": "broken", "P-2": "kept"} == story.states(day(15))


def test_a_promise_without_items_counts_every_receipt():
    """Unapplied cash and any item of the customer count, once each."""
    story = Story().invoice("F-1").invoice("F-2").promise(amount="150.00", due=day(10))
    story.money("r-1", "100.00", on=day(5), pays={"F-2": 4_000}).money("r-2", "60.00", on=day(6))

    judged = story.judged(day(6))["P-1"]

    assert "kept" == judged.state.value
    assert [("r-1", "", 6_000), ("r-1", "F-2", 4_000), ("r-2", "", 5_000)] == [
        (one.source, one.item, one.amount_minor) for one in judged.evidence
    ]


def test_a_promise_without_items_wants_new_money():
    """What was unapplied before the promise does not keep it."""
    story = Story().invoice().money("r-0", "100.00", on=day(15, 10)).promise(due=day(10))

    assert {"P-1": "broken"} == story.states(day(11))


def test_a_promise_without_items_wants_it_in_time():
    """A receipt after the last day does not keep it."""
    story = Story().invoice().promise(due=day(10)).money("r-1", "100.00", on=day(11))

    assert {"P-1": "broken"} == story.states(day(12))
    assert {"P-1": "kept"} == story.states(day(12), policy=PromisePolicy(tolerance_days=1))


def test_money_for_somebody_else_does_not_count():
    """What a customer pays for another keeps the other's promise, not its own."""
    story = Story().invoice().invoice("F-9", customer="C-099")
    story.promise(due=day(10)).promise("P-9", due=day(10), customer="C-099")
    story.money("r-1", "100.00", on=day(5), pays={"F-9": 10_000})

    assert {"P-1": "broken", "P-9": "kept"} == story.states(day(11))


def test_unapplied_cash_applied_to_a_named_item_counts():
    """A promise for an item counts what is allocated to it since, wherever it waited."""
    story = Story().invoice().money("r-0", "100.00", on=day(15, 10))
    story.promise(due=day(10), items=["F-1"]).settle("r-0", {"F-1": 10_000}, on=day(3))

    judged = story.judged(day(5))["P-1"]

    assert ("kept", day(1)) == (judged.state.value, judged.decided_on)


def test_money_of_before_does_not_count_when_it_is_allocated_anew():
    """An allocation that is undone and made again brings no new money."""
    story = Story().invoice(total="300.00")
    story.money("r-0", "100.00", on=day(15, 10)).settle(
        "r-0", {"F-1": 10_000}, on=day(15, 10), name="a-0"
    )
    story.promise(due=day(10), items=["F-1"])
    story.undo("a-0", on=day(3)).settle("r-0", {"F-1": 10_000}, on=day(4), name="a-1")

    assert {"P-1": "broken"} == story.states(day(11))


def test_a_kept_promise_is_broken_again_when_the_money_bounces():
    """A receipt that goes back takes its promise with it, from that day on."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.money("r-1", "100.00", on=day(5), pays={"F-1": 10_000}).bounce("r-1", on=day(12))

    assert {"P-1": "kept"} == story.states(day(11))
    assert {"P-1": "broken"} == story.states(day(12))


def test_a_part_that_bounces_leaves_a_part():
    """Where a part of a receipt goes back, the rest still counts."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.money("r-1", "100.00", on=day(5), pays={"F-1": 10_000})
    story.bounce("r-1", on=day(12), amount="30.00")

    judged = story.judged(day(12))["P-1"]

    assert ("partly-kept", 7_000) == (judged.state.value, judged.paid_minor)


def test_an_undone_allocation_counts_no_more():
    """A promise for an item needs money on it; one without items has it still, unapplied."""
    story = Story().invoice().invoice("F-2", customer="C-099")
    story.promise("P-1", due=day(10), items=["F-1"])
    story.money("r-1", "100.00", on=day(5)).settle("r-1", {"F-1": 10_000}, on=day(5), name="a-1")
    story.undo("a-1", on=day(7))

    assert {"P-1": "kept"} == story.states(day(6))
    assert {"P-1": "open"} == story.states(day(7))


def test_an_undone_allocation_leaves_unapplied_cash():
    """A promise without items has the money still, once it is unapplied again."""
    story = Story().invoice().promise(due=day(10))
    story.money("r-1", "100.00", on=day(5)).settle("r-1", {"F-1": 10_000}, on=day(5), name="a-1")
    story.undo("a-1", on=day(7))

    assert [("F-1", 10_000)] == _evidence(story, day(6))
    assert [("", 10_000)] == _evidence(story, day(7))


def _evidence(story, as_of):
    return [(one.item, one.amount_minor) for one in story.judged(as_of)["P-1"].evidence]


def test_money_converted_into_the_currency_counts():
    """Euros that paid an item in dollars keep a promise in dollars."""
    story = Story().invoice("F-2", total="100.00", currency="USD")
    story.promise(due=day(10), items=["F-2"], currency="USD").money("r-1", "90.00", on=day(5))
    allocation = Allocation(
        allocation="a-1",
        creditor="MIRA",
        currency="USD",
        legs=[Leg("F-2", 10_000), Leg("r-1", -9_000, currency="EUR")],
        residuals=[
            Residual(ResidualKind.CONVERSION, 10_000, item="F-2"),
            Residual(ResidualKind.CONVERSION, -9_000, item="r-1", currency="EUR"),
        ],
    )
    story.add(story.ledger.allocated(allocation, effective_on=day(5), recorded_at=story.now))

    assert {"P-1": "kept"} == story.states(day(5))
    assert [("F-2", 10_000)] == _evidence(story, day(5))


def test_a_head_office_keeps_the_promise_of_a_branch():
    """Money of another customer counts where it pays the promising customer's items."""
    story = Story().invoice("F-9", customer="C-099").invoice("F-1")
    story.promise("P-1", due=day(10), customer="C-099")
    story.money("r-1", "200.00", on=day(5), pays={"F-1": 10_000, "F-9": 10_000})

    assert [("F-9", 10_000)] == _evidence(story, day(5))


def test_the_day_of_the_bank_counts():
    """Money that a closed period put into the next month's books came when the bank says."""
    story = Story().invoice().promise(due=day(10))
    receipt = a_receipt("r-1", booking_date=day(9))
    moved = attrs.evolve(received(receipt, minute=9), effective_on=day(1, 12))
    story.add(moved)

    assert {"P-1": "broken"} == story.states(day(30))
    assert {"P-1": "kept"} == story.states(day(1, 12))


def test_money_in_time_that_is_allocated_late_mends_a_promise():
    """The day of the money counts, and not that of the clerk."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.money("r-1", "100.00", on=day(9), pays={"F-1": 10_000}, applied_on=day(14))

    assert {"P-1": "broken"} == story.states(day(13))
    assert {"P-1": "kept"} == story.states(day(14))
    assert day(9) == story.judged(day(14))["P-1"].decided_on


def test_money_of_an_unknown_payer_counts_once_it_is_known():
    """A receipt without a customer keeps nothing until somebody says whose it is."""
    story = Story().invoice().promise(due=day(10))
    story.money("r-1", "100.00", on=day(9), customer="")
    story.add(an_identification("r-1", effective_on=day(12), minute=story.minute + 1))

    assert {"P-1": "broken"} == story.states(day(11))
    assert {"P-1": "kept"} == story.states(day(12))


def test_money_that_went_back_unapplied_does_not_count():
    """A return takes unapplied cash from a promise without items too."""
    story = Story().invoice().promise(due=day(10)).money("r-1", "100.00", on=day(9))
    story.add(a_return("r-1", effective_on=day(12), minute=story.minute + 1))

    assert {"P-1": "kept"} == story.states(day(11))
    assert {"P-1": "broken"} == story.states(day(12))


def test_more_than_was_promised_is_there_for_others():
    """A promise takes no more than it is for."""
    story = Story().invoice(total="300.00").promise(due=day(10), items=["F-1"])
    story.money("r-1", "250.00", on=day(5), pays={"F-1": 25_000})

    judged = story.judged(day(5))["P-1"]

    assert (10_000, 0) == (judged.paid_minor, judged.missing_minor)


def test_another_currency_does_not_count():
    """Dollars keep a promise in dollars."""
    story = Story().invoice().invoice("F-2", total="100.00", currency="USD")
    story.promise("P-1", due=day(10)).promise("P-2", due=day(10), currency="USD")
    story.money("r-1", "100.00", on=day(5), currency="USD", pays={"F-2": 10_000})

    assert {"P-1": "broken", "P-2": "kept"} == story.states(day(11))


def test_a_credit_note_counts_where_the_policy_says_so():
    """A promise to pay needs money, unless credits are to count."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.credit("A-1", on=day(5), pays={"F-1": 10_000})

    lenient = PromisePolicy(counts_credit_notes=True)

    assert {"P-1": "broken"} == story.states(day(11))
    assert {"P-1": "kept"} == story.states(day(11), policy=lenient)


def test_what_the_source_settled_counts_where_the_policy_says_so():
    """Where a source system names no receipt, its word may do."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    story.money("r-1", "60.00", on=day(5))
    residual = Residual(ResidualKind.SETTLED_IN_SOURCE, 4_000)
    story.settle("r-1", {"F-1": 10_000}, on=day(5), residuals=[residual])

    lenient = PromisePolicy(counts_settled_in_source=True)

    assert 6_000 == story.judged(day(11))["P-1"].paid_minor
    assert {"P-1": "kept"} == story.states(day(11), policy=lenient)


def test_a_discount_is_no_money():
    """What was let go of an item does not keep the promise to pay it."""
    story = Story().invoice().promise(due=day(10), items=["F-1"]).money("r-1", "98.00", on=day(5))
    residual = Residual(ResidualKind.SETTLEMENT_DISCOUNT, 200, item="F-1")
    story.settle("r-1", {"F-1": 10_000}, on=day(5), residuals=[residual])

    assert 9_800 == story.judged(day(11))["P-1"].paid_minor


def test_money_goes_before_credits_in_one_allocation():
    """Where a receipt and a credit note settle two items, the money is on the first."""
    story = Story().invoice("F-1").invoice("F-2").credit("A-1", on=day(2))
    story.promise("P-1", due=day(10), items=["F-1"]).promise("P-2", due=day(10), items=["F-2"])
    story.money("r-1", "120.00", on=day(5))
    story.add(_mixed(story))

    judged = story.judged(day(11))

    assert [10_000, 2_000] == [judged[name].paid_minor for name in ("P-1", "P-2")]


def _mixed(story):
    legs = {"F-1": 10_000, "F-2": 10_000, "A-1": -8_000, "r-1": -12_000}
    return an_allocation(legs, effective_on=day(5), minute=story.minute + 1)


def test_a_withdrawn_promise_takes_nothing():
    """Once it is withdrawn, its money is there for the others."""
    story = Story().invoice()
    story.promise("P-1", due=day(10), items=["F-1"]).promise("P-2", due=day(12), items=["F-1"])
    story.money("r-1", "100.00", on=day(5), pays={"F-1": 10_000}).withdraw("P-1", on=day(7))

    judged = story.judged(day(7))["P-1"]

    assert {"P-1": "kept", "P-2": "open"} == story.states(day(6))
    assert {"P-1": "withdrawn", "P-2": "kept"} == story.states(day(7))
    assert (day(7), 0, 0) == (judged.decided_on, judged.paid_minor, judged.missing_minor)


def test_what_was_not_known_does_not_count():
    """A question for a moment gets the answer of that moment."""
    story = Story().invoice().promise(due=day(10), items=["F-1"])
    before = recorded(story.minute)
    story.money("r-1", "100.00", on=day(5), pays={"F-1": 10_000})

    assert {"P-1": "broken"} == story.states(day(11), known_at=before)
    assert {"P-1": "kept"} == story.states(day(11))


def test_a_promise_of_yesterday_is_refused():
    """Whoever records a promise whose day has passed is told."""
    with pytest.raises(EventError, match="due_on of promise P-1 must be 2026-11-05 or later"):
        Story().invoice().promise(on=day(5), due=day(4), items=["F-1"])


@pytest.mark.parametrize("days", [-1, 1_000])
def test_tolerance_days_have_bounds(days):
    """Days below zero and beyond the limit are refused."""
    with pytest.raises(PolicyError, match="tolerance_days must be 0 to 999"):
        PromisePolicy(tolerance_days=days)


def test_rates_count_what_is_decided():
    """A rate is of promises kept, partly kept or broken; the open ones are only counted."""
    story = Story().invoice(total="900.00")
    for name, due, by in (("P-1", 5, "amel"), ("P-2", 6, "bo"), ("P-3", 30, "amel")):
        story.promise(name, due=day(due), items=["F-1"], by=by)
    story.money("r-1", "150.00", on=day(4), pays={"F-1": 15_000})
    judged = story.judged(day(7)).values()

    (rate,) = kept_rates(judged)
    amel, bo = kept_rates(judged, by_collector=True)

    assert (1, 1, 0, 1) == (rate.kept, rate.partly_kept, rate.broken, rate.open)
    assert (5_000, 7_500) == (rate.kept_bps, rate.paid_bps)
    assert ("C-017", "", "EUR") == (rate.customer, rate.collector, rate.currency)
    assert [("amel", 10_000), ("bo", 0)] == [(one.collector, one.kept_bps) for one in (amel, bo)]
    assert (20_000, 15_000) == (rate.promised_minor, rate.paid_minor)


def test_rates_of_nothing_decided_are_none():
    """Without a decided promise there is no rate."""
    (rate,) = kept_rates(Story().invoice().promise(due=day(9)).judged(day(2)).values())

    assert (None, None, 1) == (rate.kept_bps, rate.paid_bps, rate.open)
