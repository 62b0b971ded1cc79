r"""What the three writers share: words in the reader's language, amounts as decimals, clean text.

>>> in_units(-123456, "EUR"), in_units(5, "JPY")
(Decimal('-1234.56'), Decimal('5'))
>>> one_line("Line one\r\nline two")
'Line one line two'
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import attrs
from babel import Locale, UnknownLocaleError

from receivables.aging.model import AgeBasis, AgedItem, Aging, AgingScheme, Credits
from receivables.documents.model import OpenItem
from receivables.errors import TranslationMissingError
from receivables.i18n import bucket_labels, format_date, kind_label, locale_chain, words
from receivables.money import digits
from receivables.parties import UNIDENTIFIED
from receivables.showing import show
from receivables.tables import Phrase, ResultTable

__all__ = ["Fact", "View", "in_units", "one_line", "starts_formula"]

_BASIS: Final[Mapping[AgeBasis, str]] = MappingProxyType(
    {
        AgeBasis.DUE_DATE: "due date",
        AgeBasis.DOCUMENT_DATE: "document date",
        AgeBasis.POSTING_DATE: "posting date",
    }
)
_CREDITS: Final[Mapping[Credits, str]] = MappingProxyType(
    {
        Credits.APART: "in a column of their own",
        Credits.NETTED: "set against the oldest bucket first",
        Credits.IN_BUCKETS: "in the bucket of their own date",
    }
)

# Control characters, and the separators of Unicode that break a line.
_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Half of a surrogate pair cannot be encoded, and XML 1.0 (section 2.2, Char) forbids the other two.
_NO_CHARACTERS: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
# What a spreadsheet takes for a formula, in the full width of East Asia too (OWASP, CSV Injection).
_FORMULA: Final = re.compile(r"[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
# A label without its unit, such as "1-30", which a spreadsheet takes for a date.
_BARE: Final = re.compile(r".*\d")


@attrs.frozen
class Fact:
    """A line above the table: what it is called and what it says."""

    label: str
    value: str


def in_units(amount_minor: int, currency: str) -> Decimal:
    """An amount in minor units as a decimal with the currency's own digits."""
    return Decimal(amount_minor).scaleb(-digits(currency))


def one_line(text: str) -> str:
    """A text without line breaks, control characters and halves of characters."""
    return _NO_CHARACTERS.sub("\ufffd", _BREAKS.sub(" ", text))


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula.

    >>> starts_formula("=1+1"), starts_formula(" @SUM(A1)"), starts_formula("3 = 3")
    (True, True, False)
    """
    return _FORMULA.match(text) is not None


def _known(locale: str) -> Locale:
    for name in locale_chain(locale):
        try:
            return Locale.parse(name, sep="-")
        except UnknownLocaleError:
            continue
    msg = f"locale must be in the Unicode locale data, got {locale!r}"
    raise TranslationMissingError(msg)


class View:
    """An aging with the words around it, in the language of one reader."""

    def __init__(self, aging: Aging, *, names: Mapping[str, str], locale: str) -> None:
        self.aging = aging
        self.locale = locale
        self._names = names
        self._words = words(locale)
        self.region = _known(locale)
        labels = bucket_labels(aging.scheme, locale)
        self.buckets = tuple(map(self._with_unit, labels))

    def _with_unit(self, label: str) -> str:
        bare = _BARE.fullmatch(label)
        return self._words.text("report", "{bucket} days", bucket=label) if bare else label

    def heading(self, message: str) -> str:
        """The heading of a column in the reader's language."""
        return self._words.text("heading", message)

    def say(self, message: str, **values: str | int) -> str:
        """Another word of the report in the reader's language."""
        return self._words.text("report", message, **values)

    def phrase(self, phrase: Phrase) -> str:
        """Words of a result's table in the reader's language."""
        shown = show(ResultTable(title=phrase, columns=(), rows=()), self.locale)
        return one_line(shown.title)

    @property
    def scheme(self) -> AgingScheme:
        """The scheme of the aging."""
        return self.aging.scheme

    @property
    def title(self) -> str:
        """What the report is."""
        return self.heading("aging")

    @property
    def basis(self) -> str:
        """The date that age is counted from."""
        return self.heading(_BASIS[self.scheme.basis])

    @property
    def as_of(self) -> Fact:
        """The day that the aging is of."""
        day = format_date(self.aging.as_of, self.locale, "long")
        return Fact(self.heading("as of"), day)

    @property
    def method(self) -> tuple[Fact, ...]:
        """The basis and what became of credits: without them a figure means nothing."""
        return (
            Fact(self.say("aged by"), self.basis),
            Fact(self.heading("credits"), self.say(_CREDITS[self.scheme.credits])),
        )

    @property
    def days(self) -> str:
        """The heading of the column of days, which depends on the basis."""
        if self.scheme.basis is AgeBasis.DUE_DATE:
            return self.heading("days past due")
        return self.say("age in days")

    @property
    def dated_by(self) -> str:
        """The heading of an item's own date: posting, where age counts from it, or document."""
        return self.heading("posting date" if self._by_posting else "document date")

    def own_date(self, item: OpenItem) -> dt.date:
        """The date under that heading."""
        return item.posting_date if self._by_posting else item.document_date

    @property
    def _by_posting(self) -> bool:
        return self.scheme.basis is AgeBasis.POSTING_DATE

    def name(self, customer: str) -> str:
        """The customer's name, or nothing where it is not known."""
        unknown = self.say("unidentified receipts") if customer == UNIDENTIFIED else ""
        return one_line(self._names.get(customer, unknown))

    def kind(self, aged: AgedItem) -> str:
        """What an open item comes from."""
        return kind_label(aged.item.kind, self.locale)

    def bucket(self, aged: AgedItem) -> str:
        """Where an item stands in the summary: no bucket for a credit with a column of its own."""
        apart = self.scheme.credits is not Credits.IN_BUCKETS
        if apart and aged.item.open_minor < 0:
            return self.heading("credits")
        return self.buckets[aged.bucket]

    def total(self, currency: str) -> str:
        """The heading of a currency's total."""
        return f"{self.heading('total')} {currency}"
