"""Cash rounding: the smallest coin, and a difference that stands apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.currencies import CASH_ROUNDINGS, CashRounding, cash_rounding
from receivables.errors import CurrencyMismatchError, PolicyError, UnknownCurrencyError
from receivables.money import Rounding, from_minor, money, to_minor

ROUNDED = [
    ("CAD", "", "4.92", "4.90"),
    ("CAD", "", "4.93", "4.95"),
    ("CAD", "", "-4.93", "-4.95"),
    ("CHF", "", "10.07", "10.05"),
    ("SEK", "", "10.49", "10.00"),
    ("SEK", "", "10.50", "11.00"),
    ("NOK", "", "-10.50", "-11.00"),
    ("DKK", "", "10.24", "10.00"),
    ("DKK", "", "10.25", "10.50"),
    ("DKK", "", "10.75", "11.00"),
    ("EUR", "NL", "9.98", "10.00"),
    ("EUR", "FI", "9.97", "9.95"),
]


@pytest.mark.parametrize(("currency", "country", "owed", "paid"), ROUNDED)
def test_cash_is_rounded_to_the_smallest_coin(currency, country, owed, paid):
    """A half goes away from zero, for what is paid back as for what is paid."""
    found = cash_rounding(currency, country=country).rounded(money(owed, currency))

    assert money(paid, currency) == found.cash


@given(st.sampled_from(CASH_ROUNDINGS), st.integers(-(10**9), 10**9), st.sampled_from(Rounding))
def test_the_difference_accounts_for_the_rounding(rule, minor, half):
    """What is owed plus the difference is what is paid, in whole coins, and never a whole one off."""
    rule = CashRounding(currency=rule.currency, step_minor=rule.step_minor, half=half)

    paid = rule.rounded(from_minor(minor, rule.currency))

    assert paid.cash == paid.exact + paid.difference
    assert to_minor(paid.cash) % rule.step_minor == 0
    assert abs(to_minor(paid.difference)) < rule.step_minor


def test_every_rule_says_where_it_is_from():
    """A rule names its source, and only what was read there counts as verified."""
    assert all(rule.source for rule in CASH_ROUNDINGS)
    assert ["CAD"] == [rule.currency for rule in CASH_ROUNDINGS if rule.is_verified]


@pytest.mark.parametrize(
    ("currency", "country", "reason"),
    [
        ("EUR", "", "country of BE, FI, IE, IT, NL, got none"),
        ("EUR", "FR", "got FR"),
        ("USD", "", "for USD, got none"),
    ],
)
def test_a_rule_that_is_not_known_is_refused(currency, country, reason):
    """Not knowing a rule is not the same as rounding to the cent."""
    with pytest.raises(PolicyError, match=reason):
        cash_rounding(currency, country=country)


def test_another_currency_is_refused():
    """A rule rounds its own currency."""
    with pytest.raises(CurrencyMismatchError):
        cash_rounding("CAD").rounded(money("1.00", "USD"))


@pytest.mark.parametrize("step", [0, -5, True, 0.05])
def test_a_step_is_a_whole_number_of_minor_units(step):
    """A step of nothing, or of less, rounds nothing."""
    with pytest.raises(PolicyError, match="step_minor"):
        CashRounding(currency="CAD", step_minor=step)


def test_a_rule_needs_a_currency():
    """A code that ISO 4217 does not list has no coins."""
    with pytest.raises(UnknownCurrencyError):
        CashRounding(currency="XYZ", step_minor=5)
