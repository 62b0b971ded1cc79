"""Sums across currencies, settlements, revaluations and the French provision, over values."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.currencies import (
    ExchangeRates,
    carrying,
    exchange_provision,
    revaluation,
    settle_part,
    total,
)
from receivables.documents import Invoice, open_items
from receivables.errors import DocumentError, MissingRateError, PolicyError
from receivables.money import money

from .worlds import AS_OF, Item, rate

_RATES = ExchangeRates([rate(value="1.10"), rate(quote="GBP", value="0.80")])
_SOON = dt.date(2027, 3, 31)
_LATER = dt.date(2028, 3, 31)


def _revaluation(items, carried, **given):
    usual = {"rates": _RATES, "as_of": AS_OF, "functional": "EUR"}
    return revaluation(items, carrying=carried, **{**usual, **given})


def _losses_and_gains(*, due=(None, None)):
    """A loss of 168.35 and a gain of 90.91, both in dollars, maturing on two days."""
    items = [Item(item="F-1", due_date=due[0]), Item(item="F-2", due_date=due[1])]
    return _revaluation(items, {"F-1": 925_926, "F-2": 900_000})


def test_a_total_says_every_rate():
    """Each currency is summed, converted once, and named with its rate."""
    amounts = [money("1.00", "USD"), money("10.00", "EUR"), money("2.00", "USD")]

    found = total(amounts, in_currency="EUR", on=AS_OF, rates=_RATES)

    assert money("12.73", "EUR") == found.total
    assert ["EUR", "USD"] == [part.amount.currency.code for part in found.parts]
    assert ["USD in EUR on 2026-12-31: EUR/USD 1.10 of 2026-12-31 (example)"] == [
        str(used) for used in found.rates
    ]


def test_a_total_without_a_rate_is_refused():
    """Currencies are never added without a rate."""
    with pytest.raises(MissingRateError, match="JPY/EUR"):
        total([money("1", "JPY")], in_currency="EUR", on=AS_OF, rates=_RATES)


def test_a_total_of_nothing_is_nothing():
    """No amounts add up to zero of the currency asked for."""
    found = total([], in_currency="EUR", on=AS_OF, rates=_RATES)

    assert (money("0", "EUR"), ()) == (found.total, found.parts)


def test_every_part_realizes_its_difference():
    """Three receipts at three rates realize three differences, and the last leaves nothing."""
    invoice = money("10000.00", "USD")
    opened, carried = invoice, carrying(invoice, rate(value="1.08"))
    steps = [("3333.33", "1.05"), ("3333.33", "1.11"), ("3333.34", "1.08")]
    found = []
    for amount, value in steps:
        step = settle_part(
            money(amount, "USD"), open_amount=opened, carrying=carried, rate=rate(value=value)
        )
        opened, carried = step.remaining, step.remaining_carrying
        found.append(str(step.difference.amount))

    assert ["88.18", "-83.42", "0.01"] == found
    assert (money("0", "USD"), money("0", "EUR")) == (opened, carried)


def test_proceeds_may_be_known():
    """What the bank credited goes before any rate: its margin is part of the difference."""
    step = settle_part(
        money("4000.00", "USD"),
        open_amount=money("10000.00", "USD"),
        carrying=money("9259.26", "EUR"),
        proceeds=money("3800.00", "EUR"),
    )

    assert money("96.30", "EUR") == step.difference


def test_a_credit_mirrors_an_invoice():
    """Settling a part of a credit realizes the opposite of the same part of an invoice."""
    one, other = (
        settle_part(
            money(f"{sign}4000.00", "USD"),
            open_amount=money(f"{sign}10000.00", "USD"),
            carrying=money(f"{sign}9259.26", "EUR"),
            rate=rate(value="1.05"),
        )
        for sign in ("", "-")
    )

    assert one.difference == -other.difference
    assert one.remaining_carrying == -other.remaining_carrying


@pytest.mark.parametrize("given", [{}, {"rate": rate(), "proceeds": money("1.00", "EUR")}])
def test_a_settlement_has_a_rate_or_proceeds(given):
    """One of the two is given, and not both."""
    with pytest.raises(PolicyError, match="rate or proceeds"):
        settle_part(
            money("1.00", "USD"),
            open_amount=money("1.00", "USD"),
            carrying=money("1.00", "EUR"),
            **given,
        )


def test_a_revaluation_has_a_row_for_each_item():
    """Open, carried, revalued and the difference stand in each row, with the rate used."""
    found = _revaluation([Item()], {"F-1": 925_926})

    (row,) = found.rows
    assert (909_091, -16_835) == (row.revalued_minor, row.difference_minor)
    assert "1.10" in str(row.rate)
    assert [("MIRA", "F-1", "C-1", "USD", 1_000_000, 925_926, 909_091, -16_835)] == found.to_rows()
    assert list(found.columns) == found.to_frame("polars").columns


def test_open_items_can_be_revalued():
    """The open items of the ledger are what a revaluation asks for."""
    invoice = Invoice(
        number="2026-0117",
        creditor="MIRA",
        customer="C-017",
        document_date=dt.date(2026, 9, 1),
        due_date=_SOON,
        total=money("10000.00", "USD"),
    )

    found = _revaluation(open_items(invoice), {"2026-0117": 925_926})

    assert ("MIRA", "C-017", _SOON) == (
        found.creditor,
        found.rows[0].customer,
        found.rows[0].due_date,
    )
    assert money("-168.35", "EUR") == found.difference


def test_totals_keep_gains_and_losses_apart():
    """A total per currency says what was gained, what was lost, and both together."""
    items = [Item(item="F-1"), Item(item="F-2"), Item(item="F-3", currency="GBP", open_minor=800)]
    found = _revaluation(items, {"F-1": 925_926, "F-2": 900_000, "F-3": 1_000})

    usd, gbp = found.totals["USD"], found.totals["GBP"]

    assert (9_091, -16_835, -7_744) == (usd.gain_minor, usd.loss_minor, usd.difference_minor)
    assert (2, 2_000_000, 1) == (usd.items, usd.open_minor, gbp.items)
    assert gbp.difference_minor == 0


def test_items_in_the_functional_currency_have_no_row():
    """What is in the currency of the books has nothing to revalue, and needs no carrying amount."""
    items = [Item(currency="EUR"), Item(item="F-2")]

    found = _revaluation(items, {"F-2": 909_091})

    assert ["F-2"] == [row.item for row in found.rows]


def test_what_is_excluded_is_named_with_its_reason():
    """An item that is left out has no row, and stands in the revaluation all the same."""
    found = _revaluation([Item()], {}, excluded={"F-1": "advance, not monetary"})

    assert ((), (("F-1", "advance, not monetary"),)) == (found.rows, found.excluded)


def test_no_items_give_no_rows():
    """A creditor without open items has an empty revaluation."""
    assert _revaluation([], {}).difference == money("0", "EUR")


REFUSED = {
    "two creditors": (
        [Item(), Item(item="F-2", creditor="NORD")],
        {"F-1": 1, "F-2": 1},
        "one creditor, got MIRA, NORD",
    ),
    "the same item twice": ([Item(), Item()], {"F-1": 1}, "once each"),
    "no carrying amount": (
        [Item(item=f"F-{n}") for n in range(7)],
        {},
        "got none for F-0, F-1, F-2, F-3, F-4 and 2 more",
    ),
    "carried at something else": ([Item(currency="EUR")], {"F-1": 1}, "functional currency EUR"),
}


@pytest.mark.parametrize(("items", "carried", "reason"), REFUSED.values(), ids=REFUSED)
def test_items_that_cannot_be_revalued_are_refused(items, carried, reason):
    """What cannot be revalued is refused by name."""
    with pytest.raises(DocumentError, match=reason):
        _revaluation(items, carried)


def test_a_missing_closing_rate_is_refused():
    """A currency without a rate on the day stops the revaluation."""
    with pytest.raises(MissingRateError, match="closing rate of JPY/EUR"):
        _revaluation([Item(currency="JPY")], {"F-1": 1})


def test_every_loss_is_provided_for():
    """Without a global position, gains do not count."""
    provision = exchange_provision(_losses_and_gains())

    assert money("168.35", "EUR") == provision.amount
    assert [("USD", None)] == [(row.currency, row.fiscal_year) for row in provision.rows]


def test_a_global_position_limits_the_provision_to_the_net_loss():
    """Gains and losses that mature in one fiscal year are set against each other."""
    found = _losses_and_gains(due=(_SOON, dt.date(2027, 12, 31)))

    assert money("77.44", "EUR") == exchange_provision(found, global_position=True).amount


def test_a_global_position_does_not_reach_across_fiscal_years():
    """A gain that matures in another fiscal year does not lower the provision."""
    provision = exchange_provision(_losses_and_gains(due=(_SOON, _LATER)), global_position=True)

    assert money("168.35", "EUR") == provision.amount
    assert [2027, 2028] == [row.fiscal_year for row in provision.rows]


def test_the_fiscal_year_may_end_on_any_day():
    """By a year that ends in March, two days of one calendar year are of two fiscal years."""
    found = _losses_and_gains(due=(_SOON, dt.date(2027, 4, 1)))

    provision = exchange_provision(found, global_position=True, year_end=(3, 31))

    assert [2027, 2028] == [row.fiscal_year for row in provision.rows]


def test_a_global_position_does_not_reach_across_currencies():
    """A gain in one currency does not lower the provision for another."""
    items = [Item(), Item(item="F-2", currency="GBP", open_minor=80_000)]
    found = _revaluation(items, {"F-1": 925_926, "F-2": 90_000})

    assert money("168.35", "EUR") == exchange_provision(found, global_position=True).amount


def test_what_is_past_due_matures_after_the_closing():
    """Items past due, and items without a due date, are of the fiscal year to come."""
    found = _losses_and_gains(due=(dt.date(2026, 6, 1), None))

    rows = exchange_provision(found, global_position=True).rows

    assert [2027] == [row.fiscal_year for row in rows]


def test_what_is_hedged_is_not_provided_for():
    """A hedge takes its part of the loss out of the provision, and not out of the revaluation."""
    item = [Item()]
    half = _revaluation(item, {"F-1": 925_926}, hedged={"F-1": 500_000})
    whole = _revaluation(item, {"F-1": 925_926}, hedged={"F-1": 1_000_000})

    assert money("-168.35", "EUR") == half.difference
    assert money("84.17", "EUR") == exchange_provision(half).amount
    assert money("0", "EUR") == exchange_provision(whole).amount


@pytest.mark.parametrize("hedged", [1_000_001, -1])
def test_a_hedge_covers_a_part_of_the_item(hedged):
    """No more is hedged than is open."""
    with pytest.raises(DocumentError, match="hedged_minor of F-1"):
        _revaluation([Item()], {"F-1": 925_926}, hedged={"F-1": hedged})


def test_an_impossible_end_of_year_is_refused():
    """A fiscal year ends on a month and a day."""
    with pytest.raises(PolicyError, match="year_end"):
        exchange_provision(_losses_and_gains(), global_position=True, year_end=(13, 1))
