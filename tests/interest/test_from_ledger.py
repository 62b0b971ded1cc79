"""From a ledger to late items: payments on their day, returns, what is kept back, what was charged."""

from __future__ import annotations

import datetime as dt

import attrs

from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.documents import Installment, Line
from receivables.interest import (
    Charging,
    PaidOn,
    charged_on,
    interest_documents,
    interest_on,
    late_items,
    reversal_of,
)
from receivables.ledger import (
    DocumentIssued,
    DueDateChanged,
    Ledger,
    Return,
    plan_return,
)
from receivables.money import money
from receivables.testing.builders import (
    CREDITOR,
    CUSTOMER,
    a_cancellation,
    a_credit_note,
    a_debit_note,
    a_receipt,
    an_allocation,
    an_invoice,
    an_unallocation,
    issued,
    received,
    recorded,
)

from .worlds import one_rate, policy

ISSUED = dt.date(2025, 1, 1)
DUE = dt.date(2025, 1, 31)
AS_OF = dt.date(2025, 6, 30)


def _day(days):
    return DUE + dt.timedelta(days=days)


def _invoice(number="FA-1", **fields):
    return issued(an_invoice(number, document_date=ISSUED, due_date=DUE, **fields), minute=0)


def _receipt(days, receipt="r-1", amount="100.00"):
    return received(a_receipt(receipt, booking_date=_day(days), amount=amount))


def _allocated(days, legs=None, **fields):
    return an_allocation(legs, effective_on=_day(days), **fields)


def _steps(ledger, **fields):
    return [
        (late.item, [((step.day - DUE).days, step.open_minor) for step in late.steps])
        for late in late_items(ledger, as_of=AS_OF, **fields)
    ]


def test_an_open_item_is_open_since_it_came():
    """Its balance begins with the posting, and it is late since its due date."""
    assert [("FA-1", [(-30, 10_000)])] == _steps(Ledger().record(_invoice()))


def test_a_payment_counts_from_the_day_it_came_in():
    """Money that we allocated late was not paid late; the ledger's own days can be had too."""
    ledger = Ledger().record(_invoice(), _receipt(5), _allocated(40))

    assert [("FA-1", [(-30, 10_000), (5, 0), (40, 0)])] == _steps(ledger)
    assert [("FA-1", [(-30, 10_000), (40, 0)])] == _steps(ledger, paid_on=PaidOn.ALLOCATION)


def test_what_was_paid_in_time_is_not_late():
    """Neither is what is not due yet, nor a credit, nor money."""
    paid = Ledger().record(_invoice(), _receipt(0), _allocated(3))
    young = Ledger().record(
        issued(an_invoice("FA-2", document_date=AS_OF, due_date=AS_OF), minute=0),
        issued(a_credit_note("A-1", document_date=ISSUED), minute=1),
    )

    assert [] == _steps(paid)
    assert [] == _steps(young)


def test_part_payments_are_steps():
    """Each part counts from its own day."""
    ledger = Ledger().record(
        _invoice(),
        _receipt(5, amount="30.00"),
        _allocated(5, {"FA-1": 3_000, "r-1": -3_000}),
        received(a_receipt("r-2", booking_date=_day(20), amount="70.00"), minute=3),
        _allocated(20, {"FA-1": 7_000, "r-2": -7_000}, allocation="a-2", minute=4),
    )

    assert [("FA-1", [(-30, 10_000), (5, 7_000), (20, 0)])] == _steps(ledger)


def test_two_credits_count_from_the_later_one():
    """Where a credit note and money settle an item together, it is settled when both are there."""
    ledger = Ledger().record(
        _invoice(),
        issued(a_credit_note("A-1", document_date=_day(2), total="40.00"), minute=1),
        received(a_receipt(booking_date=_day(9), amount="60.00"), minute=2),
        _allocated(30, {"FA-1": 10_000, "A-1": -4_000, "r-1": -6_000}, minute=3),
    )

    assert [("FA-1", [(-30, 10_000), (9, 0), (30, 0)])] == _steps(ledger)


def test_a_payment_that_bounced_was_none():
    """Interest runs through the days on which a cheque seemed to pay; the ledger's days say otherwise."""
    ledger = Ledger().record(_invoice(), _receipt(5), _allocated(5))
    returned = Return(name="b-1", creditor=CREDITOR, receipt="r-1", effective_on=_day(12))
    ledger = ledger.record(*plan_return(ledger, returned, recorded_at=recorded(9)))

    (late,) = late_items(ledger, as_of=AS_OF)
    assert {10_000} == {late.bearing_minor(_day(day)) for day in range(150)}
    (booked,) = late_items(ledger, as_of=AS_OF, paid_on=PaidOn.ALLOCATION)
    assert [10_000, 0, 10_000] == [booked.bearing_minor(_day(day)) for day in (4, 5, 12)]


def test_an_undone_allocation_counts_until_it_is_undone():
    """On a day before the undo the item is seen as paid; after it, as never paid."""
    allocated = _allocated(5)
    ledger = Ledger().record(
        _invoice(), _receipt(5), allocated, an_unallocation(allocated, effective_on=_day(50))
    )

    before = late_items(ledger, as_of=_day(49))
    after = late_items(ledger, as_of=_day(51))

    assert [0, 10_000] == [found[0].bearing_minor(_day(20)) for found in (before, after)]


def test_what_is_kept_back_is_late_once():
    """A deduction stays owed as an item of its own, from the day the rest was paid."""
    kept = Residual(ResidualKind.DEDUCTION, 2_000, item="FA-1", reason="damaged")
    legs = {"FA-1": 10_000, "r-1": -8_000}
    event = _allocated(30, {**legs, "r-1": -10_000})
    allocation = Allocation(
        allocation="a-1",
        creditor=CREDITOR,
        currency="EUR",
        legs=[attrs.evolve(leg, amount_minor=legs[leg.item]) for leg in event.allocation.legs],
        residuals=[kept],
    )
    ledger = Ledger().record(
        _invoice(), _receipt(10, amount="80.00"), attrs.evolve(event, allocation=allocation)
    )

    found = late_items(ledger, as_of=AS_OF)

    assert ["FA-1", "a-1:deduction:1"] == [late.item for late in found]
    assert [10_000, 2_000, 2_000] == [
        sum(late.bearing_minor(_day(day)) for late in found) for day in (9, 10, 60)
    ]
    undone = ledger.record(
        ledger.unallocated(CREDITOR, "a-1", effective_on=_day(70), recorded_at=recorded(9))
    )
    assert [("FA-1", 10_000)] == [
        (late.item, late.bearing_minor(_day(20))) for late in late_items(undone, as_of=AS_OF)
    ]


def test_a_cancelled_document_bears_nothing_from_then_on():
    """What was cancelled is not owed any more."""
    ledger = Ledger().record(_invoice(), a_cancellation("FA-1", effective_on=_day(10), minute=1))

    assert [("FA-1", [(-30, 10_000), (10, 0)])] == _steps(ledger)


def test_an_invoice_that_was_posted_late_was_due_all_the_same():
    """Its balance begins with its due date."""
    late_posting = an_invoice(document_date=ISSUED, due_date=DUE, posting_date=_day(20))

    assert [("FA-1", [(0, 10_000)])] == _steps(Ledger().record(issued(late_posting, minute=0)))


def test_the_due_date_is_the_one_last_said():
    """A deferral moves the start of interest."""
    moved = DueDateChanged(
        event="due:1",
        effective_on=_day(1),
        recorded_at=recorded(5),
        creditor=CREDITOR,
        customer=CUSTOMER,
        item="FA-1",
        due_date=_day(30),
    )

    (late,) = late_items(Ledger().record(_invoice(), moved), as_of=AS_OF)

    assert _day(30) == late.due_date


def test_installments_and_retentions_are_items_of_their_own():
    """Each part is late by its own due date, and a retention is marked."""
    parts = [
        Installment(DUE, money("90.00", "EUR")),
        Installment(_day(20), money("10.00", "EUR"), is_retention=True),
    ]
    invoice = an_invoice(document_date=ISSUED, installments=parts)

    found = late_items(Ledger().record(issued(invoice, minute=0)), as_of=AS_OF)

    assert [("FA-1/1", DUE, False), ("FA-1/2", _day(20), True)] == [
        (late.item, late.due_date, late.is_retention) for late in found
    ]


def test_another_creditor_can_be_left_out():
    """A ledger of two creditors charges for one."""
    ledger = Ledger().record(
        _invoice(), issued(an_invoice("N-1", creditor="NORD", document_date=ISSUED), minute=1)
    )

    assert ["FA-1"] == [item for item, _ in _steps(ledger, creditor=CREDITOR)]
    assert ["FA-1", "N-1"] == [item for item, _ in _steps(ledger)]


def test_charges_are_charged_once_and_bear_nothing_themselves():
    """Notes that are on the ledger are known to the next run; a reversal or a cancellation frees them."""
    rule = policy("eu", one_rate("ecb.mro", "2.00"))
    charging = Charging(number=lambda kind, _: kind)
    ledger = Ledger().record(
        _invoice(), issued(a_debit_note("D-1", document_date=ISSUED), minute=0)
    )

    def run(ledger, as_of=AS_OF):
        return interest_documents(
            late_items(ledger, as_of=as_of),
            policy=rule,
            as_of=as_of,
            charging=charging,
            charged=charged_on(ledger),
        )

    notes = run(ledger).documents
    charged = ledger.record(*(DocumentIssued.of(note, recorded_at=recorded(5)) for note in notes))

    assert [("FA-1", "D-1")] == list({tuple(sorted(note.concerns, reverse=True)) for note in notes})
    assert () == run(charged).documents
    later = run(charged, as_of=AS_OF + dt.timedelta(days=60))
    assert {"FA-1", "D-1"} == {charge.item for charge in later.charges}
    assert {"late-interest"} == {charge.category for charge in later.charges}
    back = reversal_of(notes[1], number="A-9", document_date=AS_OF)
    reversed_ = charged.record(issued(back, minute=6))
    assert notes[1].total == run(reversed_).documents[0].total
    cancelled = charged.record(a_cancellation(notes[1].number, effective_on=AS_OF, minute=6))
    assert notes[1].total == run(cancelled).documents[0].total
    assert () == charged_on(charged, as_of=ISSUED)


def test_interest_of_a_ledger_is_explained():
    """From the ledger to the figure: two parts, two rates of balance."""
    ledger = Ledger().record(
        _invoice(total="1000.00"),
        _receipt(10, amount="400.00"),
        _allocated(10, {"FA-1": 40_000, "r-1": -40_000}),
    )
    (late,) = late_items(ledger, as_of=_day(20))

    found = interest_on(late, policy=policy("es", agreed="10"), as_of=_day(20))

    assert [(10, 100_000), (10, 60_000)] == [
        (one.days, one.balance_minor) for one in found.segments
    ]
    assert money("4.38", "EUR") == found.amount


def _fixed_sums(ledger, as_of=AS_OF):
    charging = Charging(number=lambda category, _customer: category)
    found = interest_documents(
        late_items(ledger, as_of=as_of),
        policy=policy("fr-business", one_rate("ecb.mro", "2.15")),
        as_of=as_of,
        charging=charging,
    )
    return [one.item for one in found.charges if one.category == "compensation"]


def _paid_short(days, **residual):
    kept = Residual(ResidualKind.DEDUCTION, 1_000, item="FA-1", **residual)
    legs = [Leg("FA-1", 10_000), Leg("r-1", -9_000)]
    made = Allocation(
        allocation="a-1", creditor="MIRA", currency="EUR", legs=legs, residuals=[kept]
    )
    ledger = Ledger().record(_invoice(), _receipt(days, amount="90.00"))
    return ledger.record(ledger.allocated(made, effective_on=_day(days), recorded_at=recorded(2)))


def test_a_late_payment_that_was_short_gives_one_fixed_sum():
    """The rest of an invoice is no second late payment, unless the invoice itself was in time."""
    later = {"due_date": _day(90)}

    assert ["FA-1"] == _fixed_sums(_paid_short(10))
    assert ["a-1:deduction:1"] == _fixed_sums(_paid_short(-1))
    assert ["FA-1", "a-1:deduction:1"] == sorted(_fixed_sums(_paid_short(10, **later)))


def test_fees_bear_nothing():
    """No interest and no fixed sum on what was charged for a reminder or a returned debit."""
    fees = [
        issued(
            a_debit_note(
                name,
                document_date=ISSUED,
                due_date=DUE,
                lines=[Line(description=name, net=money("15.00", "EUR"), category=category)],
            ),
            minute=1,
        )
        for name, category in (("D-1", "dunning-fee"), ("D-2", "return-fee"))
    ]

    assert [] == _steps(Ledger().record(*fees))
