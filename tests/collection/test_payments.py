"""Payment histories: what money paid of what, how late, and whether in full."""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import given

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.collection import payment_history
from receivables.documents import ItemId
from receivables.ledger import Ledger
from receivables.testing.builders import (
    a_credit_note,
    a_receipt,
    a_return,
    an_allocation,
    an_unallocation,
    issued,
    received,
)
from receivables.testing.strategies import histories

from .worlds import AS_OF, MIRA, day, invoice, ledger_of, paid


def parts(*events, **given):
    """What was paid of the first customer's items: item, minor units, days late, partial."""
    found = payment_history(ledger_of(*events), MIRA, **{"as_of": AS_OF, **given})
    return [
        (part.item, part.amount_minor, part.days_late, part.is_partial)
        for part in found.by_customer.get("C-1", ())
    ]


def test_a_payment_is_late_by_the_day_of_the_receipt():
    """Whenever it was applied."""
    receipt = received(a_receipt("r-1", customer="C-1", booking_date=day(25)))
    applied = an_allocation(customers=("C-1",), effective_on=day(2))

    assert [("FA-1", 10_000, 5, False)] == parts(invoice("FA-1", days=30), receipt, applied)


def test_a_payment_that_leaves_something_is_partial():
    """The one that pays the rest is not."""
    events = (
        invoice("FA-1", days=30),
        *paid("FA-1", days=31, amount="60.00", minor=6_000),
        *paid("FA-1", days=20, amount="40.00", minor=4_000),
    )

    assert [("FA-1", 6_000, -1, True), ("FA-1", 4_000, 10, False)] == parts(*events)


def test_money_alone_is_payment():
    """A credit note that settles a part takes it off, and pays nothing."""
    legs = {"FA-1": 10_000, "r-1": -6_000, "AV-1": -4_000}
    events = (
        invoice("FA-1", days=30),
        issued(a_credit_note("AV-1", customer="C-1", total="40.00")),
        received(a_receipt("r-1", customer="C-1", amount="60.00", booking_date=day(30))),
        an_allocation(legs, customers=("C-1",), effective_on=day(10)),
    )
    alone = an_allocation(
        {"FA-1": 4_000, "AV-1": -4_000},
        allocation="a-0",
        customers=("C-1",),
        effective_on=day(12),
    )
    rest = paid("FA-1", days=1, amount="60.00", minor=6_000)

    assert [("FA-1", 6_000, 0, False)] == parts(*events)
    assert [("FA-1", 6_000, 29, False)] == parts(*events[:2], alone, *rest)


def test_what_was_undone_was_never_paid():
    """From the day of the undoing on; before it, it was."""
    bought, applied = paid("FA-1", days=20)
    back = an_unallocation(applied, effective_on=day(10))
    returned = a_return(bought.receipt.receipt, customer="C-1", effective_on=day(10))
    events = (invoice("FA-1"), bought, applied, back, returned)

    assert [] == parts(*events)
    assert [("FA-1", 10_000, 10, False)] == parts(*events, as_of=day(11))
    found = payment_history(ledger_of(*events), MIRA, as_of=AS_OF)
    assert {"C-1": ((day(10), bought.receipt.receipt),)} == found.returns


def test_an_item_without_a_due_date_is_not_late():
    """It was paid all the same."""
    document = attrs.evolve(
        invoice("FA-1").document, due_date=None, installments=invoice("FA-1").document.installments
    )
    undated = attrs.evolve(
        document, installments=[attrs.evolve(document.installments[0], due_date=None)]
    )

    assert [("FA-1", 10_000, None, False)] == parts(issued(undated), *paid("FA-1"))


def test_a_deduction_that_stays_owed_is_not_paid():
    """A receipt of ninety for an invoice of a hundred paid ninety hundredths of it."""
    allocation = Allocation(
        allocation="a-1",
        creditor=MIRA,
        currency="EUR",
        legs=[Leg(ItemId("FA-1"), 10_000), Leg(ItemId("r-1"), -9_000)],
        residuals=[Residual(ResidualKind.DEDUCTION, 1_000, item=ItemId("FA-1"))],
    )
    applied = attrs.evolve(
        an_allocation(customers=("C-1",), effective_on=day(3)), allocation=allocation
    )
    receipt = received(a_receipt("r-1", customer="C-1", amount="90.00", booking_date=day(3)))

    assert [("FA-1", 9_000, 27, False)] == parts(invoice("FA-1"), receipt, applied)


def test_across_currencies_a_receipt_pays_its_whole_leg():
    """Dollars paid an invoice in euros."""
    allocation = Allocation(
        allocation="a-1",
        creditor=MIRA,
        currency="EUR",
        legs=[Leg(ItemId("FA-1"), 10_000), Leg(ItemId("r-1"), -11_500, currency="USD")],
        residuals=[
            Residual(ResidualKind.CONVERSION, 10_000),
            Residual(ResidualKind.CONVERSION, -11_500, currency="USD"),
        ],
    )
    applied = attrs.evolve(
        an_allocation(customers=("C-1",), effective_on=day(3)), allocation=allocation
    )
    receipt = received(
        a_receipt("r-1", customer="C-1", amount="115.00", currency="USD", booking_date=day(3))
    )

    assert [("FA-1", 10_000, 27, False)] == parts(invoice("FA-1"), receipt, applied)


def test_other_creditors_stay_out():
    """A history is one creditor's."""
    assert (
        {} == payment_history(ledger_of(invoice(), *paid("FA-1")), "NORD", as_of=AS_OF).by_customer
    )


@given(events=histories())
def test_no_more_is_paid_than_receipts_brought(events):
    """Whatever happened, the parts of a currency are no more than its receipts."""
    ledger = Ledger.replay(events)
    receipts = {}
    for receipt in ledger.receipts().values():
        code = receipt.amount.currency.code
        receipts[code] = receipts.get(code, 0) + abs(receipt.amount.get_amount_in_sub_unit())

    found = payment_history(ledger, MIRA, as_of=dt.date.max)

    totals = {}
    for part in (part for of_one in found.by_customer.values() for part in of_one):
        assert part.amount_minor > 0
        totals[part.currency] = totals.get(part.currency, 0) + part.amount_minor
    if len(receipts) == 1:
        assert all(minor <= receipts.get(code, 0) for code, minor in totals.items())
