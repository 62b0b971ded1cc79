"""Fees, interest and compensation: documents of their own, listed before they are sent."""

from __future__ import annotations

import attrs
import pytest

from receivables.documents import open_items
from receivables.dunning import DunningCharges, DunningWorld, dun, release, review
from receivables.errors import PolicyError
from receivables.interest import InterestPolicy, jurisdiction
from receivables.ledger import DocumentIssued, Ledger, NoticeSent
from receivables.money import money
from receivables.parties import Customer
from receivables.testing.builders import an_invoice, issued, recorded

from .worlds import (
    BUSINESSES,
    CUSTOMER,
    HARD,
    a_business,
    climb,
    french_interest,
    held,
    late,
    on,
    reasons,
    run,
)

INTEREST = DunningCharges(interest=french_interest(), payable_days=30)


def _categories(found):
    return [document.lines[0].category for document in found.documents]


def test_a_fee_is_a_document_of_its_own():
    """The notice lists it at level 0, asks for it, and names it."""
    found = run([late()], 20, climb([late()], 5))

    (fee,) = found.documents
    (notice,) = found.notices
    assert (fee.number, fee.total, fee.concerns) == ("FEE-F-1-2", money("15.00", "EUR"), ("F-1",))
    assert (fee.due_date, fee.lines[0].category) == (on(28), "dunning-fee")
    assert [(item.item, item.level) for item in notice.items] == [("F-1", 2), ("FEE-F-1-2", 0)]
    assert (notice.charges, notice.total_minor) == (("FEE-F-1-2",), 11_500)


def test_interest_and_compensation_come_with_the_level_that_says_so():
    """Each has a number of its own, and the notice asks for all of it."""
    found = run([late(minor=1_000_000)], 40, climb([late()], 5, 20), charges=INTEREST)

    amounts = {document.number: document.total for document in found.documents}
    # 40 days at 12.15 and 12.40 %: 29 until 30 June, 11 from 1 July.
    assert amounts == {
        "FEE-F-1-3": money("25.00", "EUR"),
        "CMP-F-1-3": money("40.00", "EUR"),
        "INT-F-1-3": money("133.90", "EUR"),
    }
    assert found.notices[0].total_minor == 1_000_000 + 2_500 + 4_000 + 13_390
    assert set(found.notices[0].charges) == set(amounts)


def test_what_was_charged_before_is_not_charged_again():
    """The next notice of the ledger charges what is new since."""
    ledger, world = _charged_ledger()
    again = dun(
        ledger,
        procedure=attrs.evolve(HARD, levels=[*HARD.levels[:3], _fourth()]),
        as_of=on(60),
        recorded_at=recorded(30),
        world=world,
    )

    (interest,) = again.documents
    assert (interest.number, interest.total) == ("INT-F-1-4", money("67.95", "EUR"))


def _fourth():
    return attrs.evolve(HARD.levels[2], days_past_due=60, fees_minor={})


def _charged_ledger():
    """A ledger on which an invoice of 10,000 went through three levels."""
    invoice = an_invoice("F-1", total="10000.00", due_date=on(0), document_date=on(-30))
    ledger = Ledger.replay([issued(invoice)])
    world = DunningWorld(customers=BUSINESSES, charges=INTEREST)
    for minute, day in enumerate((5, 20, 40), 5):
        found = dun(
            ledger, procedure=HARD, as_of=on(day), recorded_at=recorded(minute), world=world
        )
        ledger = ledger.record(*release(review(found, by="J. Roy"), recorded_at=recorded(minute)))
    return ledger, world


def test_what_is_released_is_what_the_ledger_takes():
    """Charges are issued before the notices that list them."""
    ledger, _ = _charged_ledger()

    kinds = [type(event) for event in ledger.events[1:]]
    assert kinds == [NoticeSent, *[DocumentIssued, NoticeSent], *[DocumentIssued] * 3, NoticeSent]


def _consumer():
    return {CUSTOMER: a_business(is_consumer=True)}


REFUSALS = [
    ({"customers": {}}, {"customer-unknown"}),
    ({"customers": _consumer()}, {"consumer", "no-policy"}),
    ({"customers": _consumer(), "charges": INTEREST}, {"consumer", "no-policy"}),
    ({}, {"no-policy"}),
    (
        {"charges": DunningCharges(interest=InterestPolicy(jurisdiction=jurisdiction("ca-qc")))},
        {"needs-notice"},
    ),
    (
        {
            "charges": DunningCharges(
                interest=InterestPolicy(jurisdiction=jurisdiction("fr-business"))
            )
        },
        {"missing-rate"},
    ),
]


@pytest.mark.parametrize(("given", "expected"), REFUSALS)
def test_what_is_not_charged_is_said(given, expected):
    """No fee is left out in silence: consumers, strangers, laws without a policy."""
    found = run([late()], 40, climb([late()], 5, 20), **given)

    assert expected == {one.reason.value for one in found.not_charged}
    assert {found.notices[0].event} == {one.notice for one in found.not_charged}


def test_a_fee_in_another_currency_is_said():
    """A level with fees in euros charges none in dollars."""
    items = [late(currency="CAD")]
    found = run(items, 20, climb(items, 5))

    assert [one.reason.value for one in found.not_charged] == ["other-currency"]
    assert found.documents == ()


def test_a_consumer_pays_no_fixed_sum():
    """Interest by the law of consumers, and nothing beside it."""
    german = InterestPolicy(
        jurisdiction=attrs.evolve(french_interest().jurisdiction, debtor="consumer"),
        rates=french_interest().rates,
    )
    charges = DunningCharges(interest=german)
    found = run([late()], 40, climb([late()], 5, 20), customers=_consumer(), charges=charges)

    assert _categories(found) == ["late-interest"]


def test_a_public_body_has_the_law_of_public_bodies():
    """The policy follows the kind of debtor."""
    public = InterestPolicy(jurisdiction=jurisdiction("fr-public"))
    charges = DunningCharges(interest=[french_interest(), public])

    assert charges.policy_for(a_business()).jurisdiction.name == "fr-business"
    assert charges.policy_for(a_business(segment="public")) is public


def test_payable_days_are_bounded():
    """A document is due on a day that there is."""
    with pytest.raises(PolicyError, match="payable_days"):
        DunningCharges(payable_days=-1)


def _fee(name="FEE-F-1-2", minor=1_500, **fields):
    return late(name, minor, category="dunning-fee", **fields)


def test_charges_wait_while_their_principal_is_late():
    """They are listed and asked for with it, and raise no notice of their own."""
    sent = climb([late()], 5)
    alone = run([late(), _fee("FEE-F-0-2")], 8, sent)
    together = run([late(), _fee("FEE-F-0-2")], 20, sent)

    assert (alone.notices, reasons(alone)["FEE-F-0-2"]) == ((), "with-principal")
    assert together.notices[0].total_minor == 10_000 + 1_500 + 1_500
    assert ("FEE-F-0-2", 0) in [(one.item, one.level) for one in together.notices[0].items]


def test_a_charge_is_not_forgotten_when_the_principal_is_paid():
    """It then climbs by itself, and bears neither fees nor interest."""
    sent = climb([_fee()], 5, 20, 40, charges=INTEREST)

    assert [notice.level for notice in sent] == [1, 2, 3]
    assert [notice.charges for notice in sent] == [(), (), ()]
    assert run([_fee()], 20, sent[:1]).documents == ()


def test_a_charge_waits_although_its_principal_is_in_dispute():
    """What is contested is not chased by way of its fees."""
    found = run([late(), _fee()], 8, holdbacks=[held("F-1")])

    assert reasons(found) == {"F-1": "disputed", "FEE-F-1-2": "with-principal"}


def test_a_run_that_broke_off_after_its_charges_makes_them_once():
    """A charge that is on the account already is listed, and not issued again."""
    sent = climb([late()], 5)
    first = run([late()], 20, sent)
    issued_items = [item for document in first.documents for item in open_items(document)]

    again = run([late(), *issued_items], 20, sent)

    assert again.documents == ()
    assert again.notices == first.notices


def test_who_is_no_customer_of_ours_is_a_stranger_to_charges():
    """A customer in the books and not among those given is reminded, and charged nothing."""
    found = run(
        [late()], 20, climb([late()], 5), customers={"C-9": Customer(customer="C-9", name="x")}
    )

    assert (len(found.notices), found.documents) == (1, ())


def test_an_item_bears_what_its_own_level_asks_for():
    """A first reminder beside a formal notice brings neither a fee nor interest on its item."""
    items = [late("F-1"), late("F-2", due_date=on(35))]
    found = run(items, 40, climb(items[:1], 5, 20), charges=INTEREST)

    assert [(one.item, one.level) for one in found.notices[0].items[:2]] == [("F-1", 3), ("F-2", 1)]
    assert {one.concerns for one in found.documents} == {("F-1",)}
