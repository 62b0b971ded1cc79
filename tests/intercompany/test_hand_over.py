"""Receipts that one entity took and another owns."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import attrs
import pytest

from receivables.accounting import chart, journal
from receivables.errors import CurrencyMismatchError, DocumentError, EventError
from receivables.intercompany import (
    HandOver,
    collected_for,
    intercompany_lines,
    lines_from_journal,
    undo_collected_for,
)
from receivables.ledger import Ledger
from receivables.money import money
from receivables.receipts import ReceiptMethod
from receivables.testing.builders import (
    a_receipt,
    an_allocation,
    an_invoice,
    issued,
    received,
    recorded,
)

DAY = dt.date(2026, 10, 20)


def _found(**fields):
    known = {"creditor": "MIRA", "receipt": "r-1", "owner": "SUD", "effective_on": DAY, **fields}
    return HandOver(**known)


def _ledger(**fields):
    return Ledger().record(received(a_receipt(**{"amount": "1000.00", "customer": "", **fields})))


def _handed_over(ledger, found):
    return ledger.record(*collected_for(ledger, found, recorded_at=recorded(30)).events)


def _open(ledger):
    return {
        (item.creditor, item.customer, item.item): item.open_minor
        for item in ledger.open_items(as_of=dt.date(2026, 12, 31))
    }


def test_the_money_goes_over_to_its_owner():
    """In the receiver's book the receipt is used up; in the owner's it is unapplied cash."""
    ledger = _handed_over(_ledger(), _found(customer="C-9"))

    assert _open(ledger) == {("SUD", "C-9", "MIRA>SUD:r-1"): -100_000}


def test_the_owner_s_receipt_says_who_took_it():
    """Its method, the entity that took it, and what the payer said are kept."""
    ledger = _handed_over(_ledger(text="for 2026-0117"), _found())

    receipt = ledger.receipts()["SUD", "MIRA>SUD:r-1"]

    assert (receipt.method, receipt.affiliate) == (ReceiptMethod.INTERCOMPANY, "MIRA")
    assert receipt.remittance.text == ("for 2026-0117",)


def test_both_books_say_the_same_with_opposite_signs():
    """The lines of the two books are one reference, one day, one amount, and add up to zero."""
    ledger = _handed_over(_ledger(), _found())

    at_mira, at_sud = intercompany_lines(ledger)

    assert (at_mira.reference, at_mira.date) == (at_sud.reference, at_sud.date)
    assert (at_mira.amount_minor, at_sud.amount_minor) == (-100_000, 100_000)


def test_the_journals_mirror_each_other():
    """A owes B in the one journal what B claims from A in the other (PCG 451)."""
    ledger = _handed_over(_ledger(), _found(customer="C-9"))
    books = journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR")

    lines = lines_from_journal(books)

    assert [(line.creditor, line.counterparty, line.amount_minor) for line in lines] == [
        ("MIRA", "SUD", -100_000),
        ("SUD", "MIRA", 100_000),
    ]
    assert {line.reference for line in lines} == {"MIRA>SUD:r-1"}


def test_a_part_may_belong_to_another():
    """What is handed over is taken off; the rest stays the receiver's."""
    ledger = _handed_over(_ledger(customer="C-017"), _found(amount=money("600.00", "EUR")))

    assert _open(ledger) == {
        ("MIRA", "C-017", "r-1"): -40_000,
        ("SUD", "", "MIRA>SUD:r-1"): -60_000,
    }


def test_an_unknown_payer_is_the_affiliate_in_the_receiver_s_book():
    """The receipt is identified as the owner's account before it is handed over."""
    mirrored = collected_for(_ledger(), _found(affiliate="IC-SUD"), recorded_at=recorded(30))

    assert mirrored.at_receiver[0].customer == "IC-SUD"
    assert len(mirrored.at_receiver) == 2


def test_undoing_brings_both_books_back():
    """The owner's allocations are opened, its receipt taken back, the receiver's unapplied again."""
    before = _ledger(customer="C-017").record(
        issued(an_invoice("F-9", creditor="SUD", total="1000.00", customer="C-9"), minute=3)
    )
    found = _found(customer="C-9")
    settled = _handed_over(before, found)
    allocation = an_allocation({"F-9": 100_000, "MIRA>SUD:r-1": -100_000}).allocation
    allocation = attrs.evolve(allocation, creditor="SUD")
    settled = settled.record(
        settled.allocated(allocation, effective_on=dt.date(2026, 10, 25), recorded_at=recorded(40))
    )

    undone = undo_collected_for(settled, found, effective_on=DAY, recorded_at=recorded(50))
    after = settled.record(*undone.events)

    assert _open(after) == _open(before)
    assert {event.effective_on for event in undone.events} == {dt.date(2026, 10, 25)}
    assert sum(line.amount_minor for line in intercompany_lines(after)) == 0


def test_two_ledgers_may_hold_the_two_books():
    """Each side's events are recorded in its own ledger."""
    receiver, found = _ledger(), _found(customer="C-9")
    mirrored = collected_for(receiver, found, recorded_at=recorded(30))
    receiver = receiver.record(*mirrored.at_receiver)
    owner = Ledger().record(*mirrored.at_owner)

    undone = undo_collected_for(
        receiver, found, effective_on=DAY, recorded_at=recorded(40), owner_ledger=owner
    )

    assert _open(owner.record(*undone.at_owner)) == {}
    assert _open(receiver.record(*undone.at_receiver)) == {("MIRA", "SUD", "r-1"): -100_000}


REFUSALS = {
    "an unknown receipt": ({"receipt": "r-9"}, EventError),
    "more than there is": ({"amount": money("1000.01", "EUR")}, EventError),
    "nothing": ({"amount": money("0.00", "EUR")}, EventError),
    "a day before it came in": ({"effective_on": dt.date(2026, 10, 1)}, EventError),
    "another currency": ({"amount": money("5.00", "USD")}, CurrencyMismatchError),
    "to itself": ({"owner": "MIRA"}, DocumentError),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_handed_over_is_refused(case):
    """Nothing is made up that the receiver's book does not hold."""
    fields, error = REFUSALS[case]

    with pytest.raises(error):
        collected_for(_ledger(), _found(**fields), recorded_at=recorded(30))


def test_the_receiver_s_books_are_those_of_the_worked_case(root):
    """Case "interco" of the worked journal cases (PCG 2026): 512 to 451, and nothing else."""
    path = root.parent / "shared" / "oracles" / "journal.jsonl"
    if not path.exists():
        pytest.skip("shared oracles are not beside this checkout")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    (case,) = [row for row in rows if row["id"] == "interco"]
    ledger = _handed_over(_ledger(), _found())
    books = journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR")

    expected = {
        number: int(Decimal(debit) * 100) - int(Decimal(credit) * 100)
        for number, debit, credit in case["expected"]["fr"]
    }

    balances = books.balances()
    assert expected == {
        number: minor
        for (creditor, number), minor in balances.items()
        if minor and creditor == "MIRA"
    }
