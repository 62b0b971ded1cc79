"""Conformance of report writers: subclass `ReportWriterTests` and give it two fixtures.

A test module of a plug-in says what it brings and how its file is read back::

    class TestMyWriter(ReportWriterTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def look(self):
            return lambda content: Shown(texts=my_reader(content))

>>> aging = sample_aging([Owed("C-1", "EUR", buckets_minor=(100, 0, 50, 0, 0), credits_minor=-30)])
>>> aging.totals["EUR"].buckets_minor, aging.totals["EUR"].total_minor
((100, 0, 50, 0, 0), 120)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import attrs
import pytest

from receivables.adapters import AdapterSpec, ReportWriter
from receivables.aging.model import Aging, AgingScheme
from receivables.aging.objects import age
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.errors import TranslationMissingError
from receivables.parties import CreditorId, CustomerId
from receivables.testing._abilities import AbilityTests
from receivables.testing._figures import figure, figures, sums_across

__all__ = [
    "HOSTILE_NAMES",
    "LOCALES",
    "Look",
    "Owed",
    "ReportWriterTests",
    "Shown",
    "sample_aging",
    "sample_items",
]

LOCALES: Final = ("en", "fr", "es", "en-US", "fr-CA", "es-MX")
"""The locales in which every report must be written."""

HOSTILE_NAMES: Final = (
    '=HYPERLINK("http://example.org","pay here")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    " =1+1",
    "\uff1d1+1",
    "Acme;=1+1",
    "Acme,@SUM(A1)",
    "<script>alert(1)</script>",
    "<b onmouseover=alert(1)>Acme</b>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><h1>Acme</h1>",
    "<r><t>Acme</t></r>",
    'Dupont & Fils; "les vrais"',
    "{total}{{7*7}}%s",
    "_x0041_cme",
    "\u202egnp.exe",
    "0012",
    "1E5",
)
"""Names of customers that a careless writer turns into a formula, markup or a number."""

_AS_OF: Final = dt.date(2026, 10, 31)
_SCHEME: Final = AgingScheme(30, 60, 90)
_DATES: Final = (
    dt.date(2026, 11, 15),
    dt.date(2026, 10, 15),
    dt.date(2026, 9, 15),
    dt.date(2026, 8, 15),
    dt.date(2026, 1, 15),
)


@attrs.frozen(kw_only=True)
class Shown:
    """What a reader of a file sees: its texts, amounts with all decimals, and what is computed."""

    texts: tuple[str, ...] = attrs.field(converter=tuple)
    formulas: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    """What the program that opens the file would compute."""


Look: TypeAlias = Callable[[bytes], Shown]


@attrs.frozen
class Owed:
    """What one customer owes in one currency, by the five buckets of the scheme 30, 60, 90."""

    customer: str
    currency: str
    buckets_minor: tuple[int, ...] = attrs.field(kw_only=True)
    credits_minor: int = attrs.field(default=0, kw_only=True)


def sample_items(owed: Iterable[Owed]) -> list[OpenItem]:
    """One open item behind every amount that is not zero; credits are dated in the second bucket."""
    ordered = sorted(owed, key=lambda one: (one.customer, one.currency))
    return [item for number, one in enumerate(ordered, start=1) for item in _items(one, number)]


def sample_aging(owed: Iterable[Owed], *, scheme: AgingScheme = _SCHEME) -> Aging:
    """An aging of `sample_items` as of 31 October 2026."""
    return age(sample_items(owed), scheme=scheme, as_of=_AS_OF)


def _items(owed: Owed, number: int) -> Iterator[OpenItem]:
    for bucket, amount_minor in enumerate(owed.buckets_minor):
        if amount_minor:
            yield _item(owed, f"00{number}-{bucket}", due=_DATES[bucket], amount_minor=amount_minor)
    if owed.credits_minor:
        yield _item(owed, f"00{number}-C", due=_DATES[1], amount_minor=owed.credits_minor)


def _item(owed: Owed, number: str, *, due: dt.date, amount_minor: int) -> OpenItem:
    issued = due - dt.timedelta(days=30)
    return OpenItem(
        item=ItemId(number),
        document=number,
        kind=ItemKind.INVOICE if amount_minor > 0 else ItemKind.CREDIT_NOTE,
        creditor=CreditorId("MIRA"),
        customer=CustomerId(owed.customer),
        currency=owed.currency,
        amount_minor=amount_minor,
        document_date=issued,
        posting_date=issued,
        due_date=due,
    )


# Totals, and sums of totals across currencies, whose digits occur nowhere else.
_MIXED: Final = (
    Owed("C-1", "EUR", buckets_minor=(1_234_57, 0, 771_13, 0, 19), credits_minor=-311_41),
    Owed("C-1", "JPY", buckets_minor=(0, 86_453, 0, 0, 0)),
    Owed("C-1", "KWD", buckets_minor=(0, 0, 0, 0, 7_919_833)),
    Owed("C-2", "EUR", buckets_minor=(0, 0, 4_391_07, 0, 0)),
    Owed("C-2", "USD", buckets_minor=(0, 0, 0, 0, 0), credits_minor=-653_29),
    Owed("C-3", "USD", buckets_minor=(0, 5_077_31, 0, 0, 0)),
)
_NAMES: Final = MappingProxyType({"C-1": "Acme", "C-2": "Bêta & Cie", "C-3": "Çelik"})


class ReportWriterTests(AbilityTests):
    """What every report writer must do; give the fixtures `spec` and `look`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "deterministic": ("test_same_aging_gives_same_bytes",),
            "items": ("test_every_item_is_shown",),
        }
    )
    """Each ability that a writer may declare, and the tests that ask for it."""

    @pytest.fixture
    def look(self) -> Look:
        """How a file of the writer is read back."""
        raise NotImplementedError

    @pytest.fixture
    def writer(self, spec: AdapterSpec[Any]) -> ReportWriter:
        """The writer with its default settings."""
        writer: ReportWriter = spec.build()
        return writer

    def test_file_says_what_it_is(self, writer: ReportWriter) -> None:
        """The media type and the suffix name a kind of file."""
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", writer.media_type)
        assert re.fullmatch(r"\.[a-z0-9]+", writer.suffix)

    @pytest.mark.parametrize("locale", LOCALES)
    def test_empty_aging_is_written(self, writer: ReportWriter, look: Look, locale: str) -> None:
        """An aging of nothing is a file that says when it was empty."""
        content = writer.write(sample_aging([]), names={}, locale=locale)

        assert content
        assert look(content).texts

    @pytest.mark.parametrize("locale", LOCALES)
    def test_every_total_is_shown(self, writer: ReportWriter, look: Look, locale: str) -> None:
        """Each row and each currency has its total, to the last minor unit, in every language."""
        aging = sample_aging(_MIXED)
        shown = figures(look(writer.write(aging, names=_NAMES, locale=locale)).texts)

        for row in (*aging.rows, *aging.totals.values()):
            assert figure(row.total_minor, row.currency) in shown

    def test_every_name_is_shown(self, writer: ReportWriter, look: Look) -> None:
        """Each customer is named, whatever the letters."""
        texts = look(writer.write(sample_aging(_MIXED), names=_NAMES, locale="en")).texts

        assert set(_NAMES.values()) <= {text.strip() for text in texts}

    def test_customer_without_a_name_is_shown(self, writer: ReportWriter, look: Look) -> None:
        """A customer who is in no list of names stands there with the identifier."""
        texts = look(writer.write(sample_aging(_MIXED), names={}, locale="en")).texts

        assert {"C-1", "C-2", "C-3"} <= {text.strip() for text in texts}

    def test_currencies_are_never_added(self, writer: ReportWriter, look: Look) -> None:
        """No sum over two or more currencies stands anywhere."""
        aging = sample_aging(_MIXED)
        shown = figures(look(writer.write(aging, names=_NAMES, locale="en")).texts)

        assert not shown & sums_across(aging)

    @pytest.mark.parametrize("name", HOSTILE_NAMES)
    def test_hostile_name_is_only_text(self, writer: ReportWriter, look: Look, name: str) -> None:
        """A name is printed literally; at most an apostrophe keeps it from being a formula."""
        aging = sample_aging([Owed("C-1", "EUR", buckets_minor=(100_00, 0, 0, 0, 0))])
        shown = look(writer.write(aging, names={"C-1": name}, locale="en"))

        assert name.strip() in {text.replace("'", "").strip() for text in shown.texts}
        assert not [formula for formula in shown.formulas if name.strip() in formula]

    def test_language_without_words_is_refused(self, writer: ReportWriter) -> None:
        """A language that has no words is refused; English is no stand-in."""
        with pytest.raises(TranslationMissingError):
            writer.write(sample_aging(_MIXED), names=_NAMES, locale="de")

    def test_same_aging_gives_same_bytes(
        self, spec: AdapterSpec[Any], writer: ReportWriter
    ) -> None:
        """Equal agings give equal files, from the same writer and from another."""
        _ask(spec, "deterministic")
        aging = sample_aging(_MIXED)
        first = writer.write(aging, names=_NAMES, locale="fr")

        assert writer.write(sample_aging(reversed(_MIXED)), names=_NAMES, locale="fr") == first
        assert spec.build().write(aging, names=_NAMES, locale="fr") == first

    def test_every_item_is_shown(
        self, spec: AdapterSpec[Any], writer: ReportWriter, look: Look
    ) -> None:
        """Each open item stands there with its document number, leading zeros and all."""
        _ask(spec, "items")
        aging = sample_aging(_MIXED)
        texts = look(writer.write(aging, names=_NAMES, locale="es")).texts

        assert {aged.item.document for aged in aging.items} <= set(texts)


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
