"""Money enters exactly or not at all; rates say their direction."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moneyed import Money as RawMoney

from receivables import limits
from receivables._arithmetic import Rounding
from receivables._iso4217 import DIGITS
from receivables.errors import (
    CurrencyMismatchError,
    InexactAmountError,
    LimitError,
    MoneyError,
    UnknownCurrencyError,
)
from receivables.money import (
    ExchangeRate,
    digits,
    exact,
    from_minor,
    minor_of,
    money,
    to_minor,
)

CURRENCIES = st.sampled_from(sorted(DIGITS))
MINOR = st.integers(-limits.AMOUNT_MINOR_MAX, limits.AMOUNT_MINOR_MAX)

REFUSED = [
    ("10.005", "EUR", InexactAmountError, "at most 2 decimals in EUR, got 10.005"),
    ("0.5", "JPY", InexactAmountError, "at most 0 decimals in JPY"),
    ("1.2345", "KWD", InexactAmountError, "at most 3 decimals in KWD"),
    (10.5, "EUR", InexactAmountError, "must not be a float"),
    (True, "EUR", InexactAmountError, "must not be a bool"),
    ("ten", "EUR", MoneyError, "must be a number, got 'ten'"),
    (None, "EUR", MoneyError, "must be a number, got None"),
    ("NaN", "EUR", MoneyError, "finite"),
    ("sNaN", "EUR", MoneyError, "finite"),
    ("Infinity", "EUR", MoneyError, "finite"),
    ("1E+40", "EUR", LimitError, "at most 1000000000000000 minor units"),
    ("1E+999990", "EUR", LimitError, "at most"),
    ("1E+99999999", "EUR", LimitError, "at most"),
    ("1E-99999999", "EUR", InexactAmountError, "at most 2 decimals"),
    ("0." + "1" * 80, "EUR", InexactAmountError, "at most 2 decimals"),
    ("1E-9999", "EUR", InexactAmountError, "at most 2 decimals"),
    ("10000000000000.01", "EUR", LimitError, "at most"),
    ("1", "XAU", UnknownCurrencyError, "got 'XAU'"),
    ("1", "eur", UnknownCurrencyError, "got 'eur'"),
    ("1", "", UnknownCurrencyError, "got ''"),
]


@pytest.mark.parametrize(("amount", "currency", "error", "reason"), REFUSED)
def test_what_is_not_exactly_money_is_refused(amount, currency, error, reason):
    """A tenth of a cent, a float, an unknown code: each is refused with its reason."""
    with pytest.raises(error, match=reason):
        money(amount, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("10.50", "EUR", 1_050),
        ("10.5000", "EUR", 1_050),
        (Decimal("-0.01"), "USD", -1),
        (7, "JPY", 7),
        ("1.234", "KWD", 1_234),
        ("1.2345", "CLF", 12_345),
        ("1E+3", "EUR", 100_000),
        ("-0", "EUR", 0),
        ("10000000000000", "EUR", limits.AMOUNT_MINOR_MAX),
    ],
)
def test_exact_amounts_are_taken(amount, currency, minor):
    """Trailing zeros and exponents are no decimals."""
    assert minor == to_minor(money(amount, currency))


@given(currency=CURRENCIES, minor=MINOR)
def test_minor_units_make_a_round_trip(currency, minor):
    """Minor units to money and back is nothing lost, in every ISO currency."""
    assert minor == to_minor(from_minor(minor, currency))


@given(currency=CURRENCIES, minor=MINOR)
def test_exact_is_idempotent_and_keeps_the_value(currency, minor):
    """Normalizing an exact amount changes how it is written, not what it is."""
    amount = from_minor(minor, currency)

    assert amount == exact(amount) == exact(exact(amount))
    assert digits(currency) == -amount.amount.as_tuple().exponent


def test_exact_refuses_what_py_moneyed_lets_pass():
    """The library behind accepts a tenth of a cent; the door does not."""
    with pytest.raises(InexactAmountError):
        exact(RawMoney("10.005", "EUR"))


@pytest.mark.parametrize("value", [10, "10.00", Decimal(10), None])
def test_only_money_is_money(value):
    """A bare number has no currency."""
    with pytest.raises(MoneyError, match="must be Money"):
        exact(value)


def test_digits_come_from_iso_and_not_from_the_locale_data():
    """Locale data drops the decimals of living currencies."""
    assert {"RSD": 2, "MGA": 2, "IQD": 3, "ISK": 0, "UGX": 0} == {
        code: digits(code) for code in ("RSD", "MGA", "IQD", "ISK", "UGX")
    }


def test_a_currency_that_py_moneyed_lacks_is_money_all_the_same():
    """ISO 4217 decides what a currency is."""
    assert [(code, 1) for code in sorted(DIGITS)] == [
        (code, minor_of(from_minor(1, code).amount, code)) for code in sorted(DIGITS)
    ]


RATE = ExchangeRate(
    base="EUR", quote="JPY", rate=Decimal("161.37"), date=dt.date(2026, 10, 30), source="ECB"
)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(money("100.00", "EUR"), money(16_137, "JPY")), (money(16_137, "JPY"), money("100", "EUR"))],
)
def test_a_rate_converts_both_ways(amount, expected):
    """One unit of the base is `rate` units of the quote, and back by its inverse."""
    assert expected == RATE.convert(amount, rounding=Rounding.HALF_EVEN)


@given(minor=st.integers(-(10**9), 10**9), rounding=st.sampled_from(Rounding))
def test_a_conversion_rounds_once(minor, rounding):
    """The converted amount is less than a minor unit away from the exact one."""
    exact_yen = Fraction(minor, 100) * Fraction("161.37")

    converted = to_minor(RATE.convert(from_minor(minor, "EUR"), rounding=rounding))

    assert abs(converted - exact_yen) < 1


def test_a_third_currency_is_not_converted():
    """A rate is about two currencies."""
    with pytest.raises(CurrencyMismatchError, match="EUR or JPY, got USD"):
        RATE.convert(money("1", "USD"), rounding=Rounding.HALF_UP)


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_an_impossible_rate_is_refused(rate):
    """A rate is a positive, finite decimal."""
    with pytest.raises(MoneyError, match="rate must be a positive Decimal"):
        ExchangeRate(base="EUR", quote="USD", rate=rate, date=dt.date(2026, 1, 1))


@pytest.mark.parametrize("rate", [1.0887, "1.0887", 1])
def test_a_rate_that_is_no_decimal_is_refused(rate):
    """A float is no rate, nor is a text."""
    with pytest.raises((MoneyError, TypeError)):
        ExchangeRate(base="EUR", quote="USD", rate=rate, date=dt.date(2026, 1, 1))
