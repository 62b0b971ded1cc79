"""Amounts, dates and countries as a reader of a locale expects them, cheap enough for batches.

Locale data says where the symbol stands and which marks divide a number; how many decimals there
are comes from ISO 4217, because the cash digits of the locale data drop those of living currencies.
"""

from __future__ import annotations

import copy
import datetime as dt
import functools
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs

from receivables.errors import PolicyError, TranslationMissingError
from receivables.i18n.catalog import locale_chain
from receivables.money import digits

if TYPE_CHECKING:
    from babel import Locale

__all__ = [
    "DATE_STYLES",
    "country_name",
    "format_amount",
    "format_date",
    "format_decimal",
    "format_money",
    "format_number",
    "format_share",
    "locale_data",
]

DATE_STYLES: Final = ("long", "medium", "short")
"""The styles of CLDR: *2 novembre 2026*, *2 nov. 2026*, *02/11/2026*."""

_NO_BREAK: Final = "\u00a0"


@functools.lru_cache(maxsize=256)
def _locale(locale: str) -> Locale:
    # Imported here, because only a program that prints amounts should pay for Babel.
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415

    for name in locale_chain(locale):
        try:
            return Locale.parse(name, sep="-")
        except UnknownLocaleError:
            continue
    msg = f"locale must be in the Unicode locale data, got {locale!r}"
    raise TranslationMissingError(msg)


def locale_data(locale: str) -> Locale:
    """The Unicode locale data of a locale, or of its language; raises `TranslationMissingError`.

    >>> locale_data("es-MX").number_symbols["latn"]["decimal"]
    '.'
    """
    return _locale(locale)


@attrs.frozen(kw_only=True)
class _MoneyFormat:
    """What is around and inside an amount of one currency in one locale."""

    positive: tuple[str, str]
    negative: tuple[str, str]
    decimal: str
    group: str
    grouping: tuple[int, int]
    digits: int

    def apply(self, amount_minor: int) -> str:
        prefix, suffix = self.negative if amount_minor < 0 else self.positive
        text = str(abs(amount_minor)).rjust(self.digits + 1, "0")
        cut = len(text) - self.digits
        fraction = self.decimal + text[cut:] if self.digits else ""
        return f"{prefix}{self._grouped(text[:cut])}{fraction}{suffix}"

    def _grouped(self, whole: str) -> str:
        size, later = self.grouping
        if len(whole) <= size:
            return whole
        parts: list[str] = []
        while len(whole) > size:
            parts.append(whole[-size:])
            whole, size = whole[:-size], later
        return self.group.join([whole, *reversed(parts)])


def format_money(amount_minor: int, currency: str, locale: str) -> str:
    r"""An amount in minor units with its currency's sign; raises `UnknownCurrencyError`.

    >>> format_money(1_234_567_89, "EUR", "fr-FR")
    '1\u202f234\u202f567,89\xa0€'
    >>> format_money(-1_500, "JPY", "en"), format_money(1_234_500, "KWD", "en")
    ('-¥1,500', 'KWD\xa01,234.500')
    """
    return _money_format(currency, locale).apply(amount_minor)


def format_amount(amount_minor: int, currency: str, locale: str) -> str:
    r"""An amount in minor units without a sign of its currency, for a table that names it once.

    >>> format_amount(-1_234_567_89, "EUR", "fr-FR"), format_amount(1_500, "JPY", "en")
    ('-1\u202f234\u202f567,89', '1,500')
    """
    return _amount_format(currency, locale).apply(amount_minor)


@functools.lru_cache(maxsize=1_024)
def _amount_format(currency: str, locale: str) -> _MoneyFormat:
    minus = _locale(locale).number_symbols["latn"]["minusSign"]
    return attrs.evolve(_money_format(currency, locale), positive=("", ""), negative=(minus, ""))


@functools.lru_cache(maxsize=1_024)
def _money_format(currency: str, locale: str) -> _MoneyFormat:
    places = digits(currency)
    cldr = _locale(locale)
    pattern = copy.copy(cldr.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    symbols = cldr.number_symbols["latn"]
    body = f"1{symbols['decimal']}{'0' * places}" if places else "1"

    def affixes(value: int) -> tuple[str, str]:
        sample = pattern.apply(Decimal(value), cldr, currency=currency, currency_digits=False)
        prefix, _, suffix = sample.partition(body)
        return _apart(prefix), suffix

    return _MoneyFormat(
        positive=affixes(1),
        negative=affixes(-1),
        decimal=symbols["decimal"],
        group=symbols["group"],
        grouping=pattern.grouping,
        digits=places,
    )


def _apart(prefix: str) -> str:
    # CLDR, currencySpacing: a letter before a digit is kept apart by a no-break space.
    return prefix + _NO_BREAK if prefix[-1:].isalpha() else prefix


def format_decimal(number: Decimal, locale: str) -> str:
    """A number with two decimals, or as many more as it has, by the marks of a locale.

    >>> format_decimal(Decimal("12.4"), "fr"), format_decimal(Decimal("7.125"), "en")
    ('12,40', '7.125')
    """
    from babel.numbers import format_decimal as formatted  # noqa: PLC0415  # see `_locale`

    return str(formatted(number, format="#,##0.00########", locale=_locale(locale)))


def format_number(number: int | Fraction, locale: str, *, places: int = 0) -> str:
    r"""A number with so many decimals by the marks of a locale, a half rounded away from zero.

    >>> format_number(Fraction(-2_469, 2), "fr-FR", places=1), format_number(1_234, "es-MX")
    ('-1\u202f234,5', '1,234')
    """
    marks = _number_format(locale, places)
    scaled = abs(Fraction(number)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return marks.apply(-whole if number < 0 else whole)


@functools.lru_cache(maxsize=1_024)
def _number_format(locale: str, places: int) -> _MoneyFormat:
    cldr = _locale(locale)
    symbols = cldr.number_symbols["latn"]
    return _MoneyFormat(
        positive=("", ""),
        negative=(symbols["minusSign"], ""),
        decimal=symbols["decimal"],
        group=symbols["group"],
        grouping=cldr.decimal_formats[None].grouping,
        digits=places,
    )


def format_share(share: int | Fraction, locale: str, *, places: int = 1) -> str:
    r"""A part of one in percent, with the space that a locale puts before the sign.

    >>> format_share(Fraction(1, 3), "fr-FR"), format_share(Fraction(1, 3), "en-GB")
    ('33,3\xa0%', '33.3%')
    """
    before, after = _percent_signs(locale)
    return f"{before}{format_number(Fraction(share) * 100, locale, places=places)}{after}"


@functools.lru_cache(maxsize=256)
def _percent_signs(locale: str) -> tuple[str, str]:
    pattern = _locale(locale).percent_formats[None]
    return pattern.prefix[0], pattern.suffix[0]


@functools.lru_cache(maxsize=8_192)
def format_date(date: dt.date, locale: str, style: str = "long") -> str:
    """A date in one of `DATE_STYLES`; raises `PolicyError` for any other.

    >>> format_date(dt.date(2026, 11, 1), "fr-CA"), format_date(dt.date(2026, 11, 2), "es", "medium")
    ('1er novembre 2026', '2 nov 2026')
    """
    if style not in DATE_STYLES:
        msg = f"style must be one of {', '.join(DATE_STYLES)}, got {style!r}"
        raise PolicyError(msg)
    text = str(_date_pattern(locale, style).apply(date, _locale(locale)))
    if date.day == 1 and locale[:2] == "fr" and text.startswith("1 "):
        # French writes the first day as an ordinal; the locale data does not.
        return f"1er{text[1:]}"
    return text


@functools.lru_cache(maxsize=256)
def _date_pattern(locale: str, style: str) -> Any:  # noqa: ANN401  # Babel's pattern has no public type
    from babel.dates import parse_pattern  # noqa: PLC0415  # see `_locale`

    text = _locale(locale).date_formats[style].pattern
    # Two digits of a year belong on no document that is kept for ten years.
    whole_year = text if "yyyy" in text or "yy" not in text else text.replace("yy", "y")
    return parse_pattern(whole_year)


def country_name(country: str, locale: str) -> str:
    """The name of a country by its ISO 3166 code; a code that is unknown stands for itself.

    >>> country_name("DE", "fr")
    'Allemagne'
    """
    return str(_locale(locale).territories.get(country, country))
