"""A dated table of rates: what it finds, what it refuses, and what it never guesses."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from receivables.currencies import AppliedRate, ExchangeRates, MissingDay, QuotedRate, RateKind
from receivables.errors import (
    CurrencyMismatchError,
    LimitError,
    MissingRateError,
    PolicyError,
    UnknownCurrencyError,
)
from receivables.money import Rounding, money

from .worlds import rate

_FRIDAY = dt.date(2026, 10, 30)
_SATURDAY = dt.date(2026, 10, 31)
_SUNDAY = dt.date(2026, 11, 1)


def test_a_day_without_a_rate_is_refused_by_name():
    """No neighbor stands in, before or after, unless the policy says so."""
    table = ExchangeRates([rate(date=_FRIDAY), rate(value="1.09", date=_SUNDAY)])

    with pytest.raises(MissingRateError, match=r"spot rate of USD/EUR .* 2026-10-31, got .*10-30"):
        table.rate("USD", "EUR", on=_SATURDAY)


def test_a_pair_without_rates_says_so():
    """Where there is no rate of a pair at all, the message says none."""
    with pytest.raises(MissingRateError, match="GBP/EUR must be known for 2026-10-30, got none"):
        ExchangeRates([rate(date=_FRIDAY)]).rate("GBP", "EUR", on=_FRIDAY)


def test_the_previous_rate_stands_in_within_its_days():
    """A weekend takes the rate of Friday, and a rate that is too old is refused."""
    table = ExchangeRates([rate(date=_FRIDAY)], missing_day=MissingDay.previous(within_days=2))

    assert table.rate("USD", "EUR", on=_SUNDAY).legs[0].date == _FRIDAY
    with pytest.raises(MissingRateError):
        table.rate("USD", "EUR", on=_SUNDAY + dt.timedelta(days=1))


def test_a_later_rate_never_stands_in():
    """The day before the first rate has none, whatever the policy."""
    table = ExchangeRates([rate(date=_SUNDAY)], missing_day=MissingDay.previous(within_days=30))

    with pytest.raises(MissingRateError, match="got none"):
        table.rate("USD", "EUR", on=_SATURDAY)


def test_the_first_day_of_the_calendar_can_be_asked_for():
    """Looking back stops where the calendar does."""
    table = ExchangeRates([rate()], missing_day=MissingDay.previous(within_days=30))

    with pytest.raises(MissingRateError):
        table.rate("USD", "EUR", on=dt.date.min)


def test_a_closing_rate_is_the_spot_rate_of_its_day():
    """The closing rate is the spot rate at the end of the period, unless it is stated apart."""
    spot = ExchangeRates([rate(date=_FRIDAY)])
    stated = spot.with_rates([QuotedRate(rate(value="1.10", date=_FRIDAY), RateKind.CLOSING)])

    both = [
        table.rate("EUR", "USD", on=_FRIDAY, kind=RateKind.CLOSING).value
        for table in (spot, stated)
    ]

    assert [Fraction("1.08"), Fraction("1.10")] == both
    assert stated.rate("EUR", "USD", on=_FRIDAY).value == Fraction("1.08")


def test_a_closing_rate_is_no_spot_rate():
    """What is stated for closing only does not answer for a transaction."""
    table = ExchangeRates([QuotedRate(rate(), RateKind.CLOSING)])

    with pytest.raises(MissingRateError, match="spot"):
        table.rate("EUR", "USD", on=rate().date)


def test_an_average_answers_for_its_own_period():
    """The average of the month before does not stand in for this month's."""
    october = QuotedRate(rate(date=_SATURDAY), RateKind.AVERAGE)
    table = ExchangeRates([october], missing_day=MissingDay.previous(within_days=60))

    assert table.rate("EUR", "USD", on=_SATURDAY, kind=RateKind.AVERAGE).legs == (october.rate,)
    with pytest.raises(MissingRateError, match="average"):
        table.rate("EUR", "USD", on=dt.date(2026, 11, 30), kind=RateKind.AVERAGE)


def test_the_pivot_takes_two_rates_of_one_day():
    """Rates of two days are never multiplied with each other."""
    table = ExchangeRates(
        [rate(date=_SATURDAY), rate(date=_FRIDAY), rate(quote="JPY", value="160", date=_FRIDAY)],
        pivot="EUR",
        missing_day=MissingDay.previous(within_days=7),
    )

    legs = table.rate("USD", "JPY", on=_SATURDAY).legs

    assert [_FRIDAY, _FRIDAY] == [leg.date for leg in legs]


def test_a_pair_s_own_rate_goes_before_the_pivot():
    """A cross rate that is published is not worked out."""
    own = rate("USD", "JPY", "150", date=_FRIDAY)
    table = ExchangeRates(
        [own, rate(date=_FRIDAY), rate(quote="JPY", value="160", date=_FRIDAY)], pivot="EUR"
    )

    assert table.rate("USD", "JPY", on=_FRIDAY).legs == (own,)


def test_without_a_pivot_nothing_is_triangulated():
    """A cross rate is worked out only where a pivot is named."""
    table = ExchangeRates([rate(), rate(quote="JPY", value="160")])

    with pytest.raises(MissingRateError):
        table.rate("USD", "JPY", on=rate().date)


def test_the_intermediate_is_not_rounded():
    """One yen through the euro stays exact, where a rounded intermediate would lose it."""
    table = ExchangeRates([rate(), rate(quote="JPY", value="161.32")], pivot="EUR")

    converted = table.convert(money("1", "JPY"), to="USD", on=rate().date)

    assert money("0.01", "USD") == converted
    assert table.rate("JPY", "USD", on=rate().date).value == Fraction(10800, 1_613_200)


def test_no_inverse_is_rounded():
    """A million dollars at 1.08 are 925,925.93 euro; through 0.9259 they would be 25.93 less."""
    table = ExchangeRates([rate()])
    rounded = ExchangeRates([rate("USD", "EUR", "0.9259")])
    million = money("1000000.00", "USD")

    exact, less = (one.convert(million, to="EUR", on=rate().date) for one in (table, rounded))

    assert money("925925.93", "EUR") == exact
    assert money("25.93", "EUR") == exact - less


def test_one_currency_needs_no_rate():
    """Between a currency and itself the rate is one, on every day."""
    found = ExchangeRates().rate("EUR", "EUR", on=_FRIDAY)

    assert (found.value, found.legs) == (1, ())
    assert str(found) == "EUR in EUR on 2026-10-30: the same currency"


REFUSED_TABLES = {
    "two rates of one day": [rate(), rate(value="1.09")],
    "an inverse that was rounded": [rate(), rate("USD", "EUR", "0.9259")],
    "one currency twice": [rate("EUR", "EUR", "1")],
}


@pytest.mark.parametrize("rates", REFUSED_TABLES.values(), ids=REFUSED_TABLES)
def test_a_table_that_disagrees_with_itself_is_refused(rates):
    """One pair, one kind and one day have one rate."""
    with pytest.raises(PolicyError, match="rate must be"):
        ExchangeRates(rates)


def test_the_same_rate_may_come_twice():
    """A repetition, and an inverse that is exact, say nothing new."""
    table = ExchangeRates([rate(value="1.25"), rate(value="1.250"), rate("USD", "EUR", "0.8")])

    assert table.rate("USD", "EUR", on=rate().date).value == Fraction(4, 5)


@pytest.mark.parametrize("days", [-1, True, 1.5])
def test_days_back_are_whole_and_not_negative(days):
    """A policy looks back, by whole days."""
    with pytest.raises(PolicyError):
        MissingDay(days)


def test_what_is_no_currency_is_refused():
    """A code that ISO 4217 does not list is refused before any rate is looked for."""
    with pytest.raises(UnknownCurrencyError):
        ExchangeRates().rate("EUR", "XYZ", on=_FRIDAY)
    with pytest.raises(UnknownCurrencyError):
        ExchangeRates(pivot="XYZ")


def test_a_moment_is_no_day():
    """A moment is refused, because its day depends on a zone."""
    with pytest.raises(PolicyError):
        ExchangeRates([rate()]).rate("USD", "EUR", on=dt.datetime(2026, 10, 30, 12))


def test_what_becomes_too_large_is_refused():
    """An amount beyond the limit is refused by name, and not carried on."""
    applied = AppliedRate.of(rate("USD", "JPY", "1000000"), base="USD")

    with pytest.raises(LimitError, match="JPY"):
        applied.convert_minor(10**14)


def test_legs_must_lead_to_the_quote():
    """A chain of rates that does not lead from base to quote is no rate."""
    with pytest.raises(CurrencyMismatchError):
        AppliedRate(base="EUR", quote="JPY", on=_FRIDAY, legs=[rate()])


def test_rounding_is_commercial_unless_told_otherwise():
    """Half a cent goes away from zero, for a credit as for an invoice."""
    applied = AppliedRate.of(rate("USD", "EUR", "0.5"), base="USD")

    halves = [applied.convert(money(amount, "USD")) for amount in ("0.05", "-0.05")]

    assert [money("0.03", "EUR"), money("-0.03", "EUR")] == halves
    assert applied.convert_minor(5, rounding=Rounding.HALF_EVEN) == 2
