"""Amounts and dates look as their readers expect, with the decimals of ISO 4217."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError, TranslationMissingError, UnknownCurrencyError
from receivables.i18n import DATE_STYLES, country_name, format_amount, format_date, format_money
from receivables.money import digits

_LOCALES = ("en", "en-CA", "en-IN", "fr", "fr-FR", "fr-CA", "es", "es-ES", "es-MX")
_DAY = dt.date(2026, 11, 2)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "locale", "expected"),
    [
        (123_450, "EUR", "fr-FR", "1\u202f234,50\u00a0€"),
        (123_450, "CAD", "fr-CA", "1\u00a0234,50\u00a0$"),
        (123_450, "USD", "fr-CA", "1\u00a0234,50\u00a0$\u00a0US"),
        (123_450, "EUR", "es-ES", "1.234,50\u00a0€"),
        (123_450, "EUR", "en", "€1,234.50"),
        (-5, "EUR", "en", "-€0.05"),
        (-123_450, "EUR", "fr", "-1\u202f234,50\u00a0€"),
        (123_450, "CHF", "en", "CHF\u00a01,234.50"),
        (12_345_678_900, "INR", "en-IN", "₹12,34,56,789.00"),
        (0, "JPY", "en", "¥0"),
        (1_234_567, "KWD", "fr", "1\u202f234,567\u00a0KWD"),
        # The cash digits of the locale data would say none, none and none.
        (150, "RSD", "en", "RSD\u00a01.50"),
        (150, "MGA", "en", "MGA\u00a01.50"),
        (1_500, "IQD", "en", "IQD\u00a01.500"),
    ],
)
def test_amount(amount_minor, currency, locale, expected):
    """The sign of the currency, the marks and the decimals are those of the reader."""
    assert expected == format_money(amount_minor, currency, locale)


@given(
    amount_minor=st.integers(-(10**15), 10**15),
    currency=st.sampled_from(["EUR", "USD", "CAD", "GBP", "JPY"]),
    locale=st.sampled_from(_LOCALES),
)
def test_amount_agrees_with_babel(amount_minor, currency, locale):
    """Where both know the digits, the quick way and Babel's give the same, but for blanks."""
    amount = Decimal(amount_minor).scaleb(-digits(currency))
    babel = format_currency(amount, currency, locale=locale.replace("-", "_"))

    assert _inked(babel) == _inked(format_money(amount_minor, currency, locale))


@given(
    amount_minor=st.integers(0, 10**15),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "RSD", "CLF", "ISK"]),
    locale=st.sampled_from(_LOCALES),
)
def test_no_digit_is_lost(amount_minor, currency, locale):
    """The digits of the text are those of the amount, with every decimal of its currency."""
    expected = str(amount_minor).rjust(digits(currency) + 1, "0")

    assert expected == re.sub(r"\D", "", format_money(amount_minor, currency, locale))


def _inked(text):
    return re.sub(r"\s", "", text)


def test_unknown_currency_is_refused():
    """A code that is no currency has no digits."""
    with pytest.raises(UnknownCurrencyError):
        format_money(100, "XXX", "fr")


@pytest.mark.parametrize(
    ("day", "locale", "style", "expected"),
    [
        (_DAY, "fr", "long", "2 novembre 2026"),
        (_DAY.replace(day=1), "fr-CA", "long", "1er novembre 2026"),
        (_DAY.replace(day=1), "fr", "medium", "1er nov. 2026"),
        (_DAY.replace(day=1), "fr", "short", "01/11/2026"),
        (_DAY.replace(day=11), "fr", "long", "11 novembre 2026"),
        (_DAY, "es-ES", "long", "2 de noviembre de 2026"),
        (_DAY, "es-ES", "short", "2/11/2026"),
        (_DAY, "en", "long", "November 2, 2026"),
        (_DAY, "en-GB", "long", "2 November 2026"),
        (_DAY, "en", "short", "11/2/2026"),
    ],
)
def test_date(day, locale, style, expected):
    """A date is spelt as in its locale, with the ordinal of French and four digits of a year."""
    assert expected == format_date(day, locale, style)


@pytest.mark.parametrize("style", DATE_STYLES)
@pytest.mark.parametrize("locale", _LOCALES)
def test_every_style_has_the_whole_year(style, locale):
    """No style leaves a century out."""
    assert "2026" in format_date(_DAY, locale, style)


def test_unknown_style_is_refused():
    """Only the styles of the list are dates."""
    with pytest.raises(PolicyError, match="style must be one of long, medium, short, got 'iso'"):
        format_date(_DAY, "fr", "iso")


def test_region_that_locale_data_lacks_is_its_language():
    """French in Germany is French."""
    assert format_date(_DAY, "fr", "long") == format_date(_DAY, "fr-DE", "long")


def test_language_that_locale_data_lacks_is_refused():
    """There is no stand-in for a language that nobody knows."""
    with pytest.raises(TranslationMissingError, match="got 'xx'"):
        format_money(100, "EUR", "xx")


def test_country_in_a_language():
    """A country has a name in each language, and a code that is none stands for itself."""
    assert (
        country_name("DE", "es"),
        country_name("DE", "en-CA"),
        country_name("ZZQ", "fr"),
    ) == ("Alemania", "Germany", "ZZQ")


@pytest.mark.parametrize(
    ("amount_minor", "currency", "locale", "expected"),
    [
        (123_450, "EUR", "fr-FR", "1\u202f234,50"),
        (-123_450, "EUR", "es-ES", "-1.234,50"),
        (-5, "USD", "en", "-0.05"),
        (1_500, "JPY", "en", "1,500"),
        (1_234_567, "KWD", "fr-CA", "1\u00a0234,567"),
    ],
)
def test_amount_without_its_currency(amount_minor, currency, locale, expected):
    """A table that names its currency once has numbers only, with the currency's decimals."""
    assert expected == format_amount(amount_minor, currency, locale)
