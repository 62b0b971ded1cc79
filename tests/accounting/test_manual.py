"""Entries by hand: balanced, named, in any currency, and taken back by their mirror."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.accounting import PostingRules, reversal
from receivables.errors import CurrencyMismatchError, DocumentError, MissingRateError, PolicyError
from receivables.money import money

DAY = dt.date(2026, 3, 2)
SAID = {"on": DAY, "name": "n-1"}
TEN = money("10.00", "EUR")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda hand: hand.doubtful(TEN, **SAID), {"416": 1000, "411": -1000}),
        (lambda hand: hand.disputed(TEN, **SAID), {"416": 1000, "411": -1000}),
        (lambda hand: hand.allowance(TEN, **SAID), {"68174": 1000, "491": -1000}),
        (lambda hand: hand.allowance(-TEN, **SAID), {"491": 1000, "78174": -1000}),
        (lambda hand: hand.write_off(TEN, **SAID), {"654": 1000, "416": -1000}),
        (
            lambda hand: hand.write_off(TEN, is_doubtful=False, **SAID),
            {"654": 1000, "411": -1000},
        ),
        (lambda hand: hand.recovery(TEN, **SAID), {"512": 1000, "7583": -1000}),
        (lambda hand: hand.payout(TEN, **SAID), {"512": 1000, "467": -1000}),
        (lambda hand: hand.cheques_deposited(TEN, **SAID), {"512": 1000, "5112": -1000}),
        (lambda hand: hand.bill_accepted(TEN, **SAID), {"413": 1000, "411": -1000}),
        (
            lambda hand: hand.bill_collected(TEN, fee=money("1.00", "EUR"), **SAID),
            {"512": 900, "627": 100, "413": -1000},
        ),
        (lambda hand: hand.advance_cleared(TEN, **SAID), {"4191": 1000, "411": -1000}),
        (lambda hand: hand.factored(TEN, **SAID), {"512": 1000, "411": -1000}),
        (lambda hand: hand.interest_accrued(TEN, **SAID), {"4188": 1000, "7631": -1000}),
        (
            lambda hand: hand.received_by_affiliate(TEN, affiliate="SUD", **SAID),
            {"451": 1000, "411": -1000},
        ),
    ],
)
def test_each_verb_posts_its_accounts(make, expected, house, net_of):
    """Every entry by hand debits and credits what the French chart asks for."""
    assert net_of([make(house().by_hand)]) == expected


def test_what_is_said_stands_in_the_entry(house):
    """Name, day, customer, item and counterparty are carried into the lines."""
    entry = house().by_hand.received_for_affiliate(
        TEN, affiliate="SUD", customer="C-1", item="R-1", text="for SUD", **SAID
    )

    line = entry.lines[1]
    assert (entry.entry, entry.date, entry.text) == ("n-1", DAY, "for SUD")
    assert (line.customer, line.item, line.counterparty) == ("C-1", "R-1", "SUD")


def test_a_foreign_entry_balances_in_both_currencies(house, usd):
    """What is left bears what rounding leaves in the functional currency."""
    hand = house().by_hand

    entry = hand.payout(
        money("100.00", "USD"), fee=money("3.33", "USD"), rate=usd("1.0837"), **SAID
    )

    assert [line.amount_minor for line in entry.lines] == [9667, 333, -10000]
    assert [line.functional_minor for line in entry.lines] == [8921, 307, -9228]


@pytest.mark.parametrize(
    ("error", "make"),
    [
        (DocumentError, lambda hand: hand.payout(TEN, fee=money("10.01", "EUR"), **SAID)),
        (DocumentError, lambda hand: hand.payout(TEN, fee=money("-0.01", "EUR"), **SAID)),
        (MissingRateError, lambda hand: hand.doubtful(money("1.00", "USD"), **SAID)),
        (CurrencyMismatchError, lambda hand: hand.payout(TEN, fee=money("1.00", "USD"), **SAID)),
        (PolicyError, lambda hand: hand.entry("picnic", {"amount": TEN}, **SAID)),
    ],
)
def test_what_cannot_be_is_refused(error, make, house):
    """Parts beyond the whole, a foreign amount without a rate, and a row that is not there."""
    with pytest.raises(error):
        make(house().by_hand)


def test_a_row_of_the_house(house, net_of):
    """A house may bring rows of its own for what it does by hand."""
    rows = {("by hand", "picnic"): ["debit bank-charge amount", "credit cash amount"]}
    hand = house(rules=PostingRules(rows=rows)).by_hand

    assert net_of([hand.entry("picnic", {"amount": TEN}, **SAID)]) == {"627": 1000, "53": -1000}


def test_a_reversal_is_the_mirror(house, net_of):
    """An entry and its reversal leave nothing; a reversal is not dated before what it reverses."""
    entry = house().by_hand.interest_accrued(TEN, **SAID)

    back = reversal(entry, on=dt.date(2026, 4, 1), name="n-2")

    assert net_of([entry, back]) == {}
    assert (back.entry, back.date) == ("n-2", dt.date(2026, 4, 1))
    with pytest.raises(PolicyError, match="on must be 2026-03-02 or later"):
        reversal(entry, on=dt.date(2026, 3, 1), name="n-3")


def test_a_processor_may_have_an_account_of_its_own(house, net_of):
    """The chart of a house may name an account for a processor, as for a bank."""
    mine = house()
    account = mine.chart.categories["goods"]
    mine.chart = mine.chart.with_accounts(banks={"stripe": account})

    entry = mine.by_hand.payout(TEN, account="stripe", **SAID)

    assert entry.lines[-1].account == account
