"""The page: what its markup says, to eyes, ears and a printer."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import attrs
import pytest

from receivables.aging.model import AgeBasis, AgingScheme
from receivables.testing.report_writer import Owed, sample_aging
from receivables_plugins.reports._bars import Scale, share
from receivables_plugins.reports._html import HtmlWriter
from receivables_plugins.reports._palette import colours, ink_on

_FETCHES = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"}


@pytest.fixture
def content(aging, names):
    return HtmlWriter().write(aging, names=names, locale="fr-CA")


@pytest.fixture
def page(content, parse):
    return parse(content)


def _attributes(page, tag):
    return [attributes for name, attributes in page.elements if name == tag]


def test_page_is_in_the_reader_s_language(page):
    """The language is declared, and headings, date and amounts are in it."""
    assert _attributes(page, "html") == [{"lang": "fr-CA"}]
    assert {"Analyse chronologique", "31 octobre 2026", "Date d’échéance", "non échu"} <= set(
        page.texts
    )
    assert "1\u00a0180,05" in page.texts


def test_policy_forbids_everything_but_the_style(page):
    """The content security policy lets no script, picture or font in from anywhere."""
    policies = [
        one["content"]
        for one in _attributes(page, "meta")
        if one.get("http-equiv") == "Content-Security-Policy"
    ]

    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_page_needs_nothing_else(page, content):
    """No element fetches anything, no attribute runs anything, no style imports anything."""
    assert not {name for name, _ in page.elements} & _FETCHES
    assert not [
        name
        for _, attributes in page.elements
        for name in attributes
        if name.startswith("on") or name in {"src", "href", "style"}
    ]
    assert b"url(" not in content
    assert b"@import" not in content
    assert b"http://" not in content


def test_each_currency_has_its_section(page):
    """One section per currency, with a heading, a table and a row of totals of its own."""
    counted = Counter(name for name, _ in page.elements)

    assert (counted["section"], counted["table"], counted["tfoot"]) == (3, 3, 3)
    assert [text for text in page.texts if text in {"EUR", "JPY", "KWD"}] == ["EUR", "JPY", "KWD"]


def test_pictures_are_said_in_words(page):
    """Each bar is an image with a title and a description that names every amount in it."""
    bars = [one for one in _attributes(page, "svg") if one.get("class") == "bar"]
    said = (
        "non échu: 1\u00a0000,00\u00a0$; 31-60\u00a0j: 200,05\u00a0$; "
        "plus de 90\u00a0j: 30,00\u00a0$; Crédits et paiements: -50,00\u00a0$"
    )

    assert {one["role"] for one in bars} == {"img"}
    assert said.replace("$", "€") in page.texts
    assert "Quincaillerie Tremblay inc.: 1\u00a0180,05\u00a0€" in page.texts


def test_tables_are_marked_up_for_ears(page):
    """Headings have a scope, tables a caption, and the wide table can be scrolled by keyboard."""
    scopes = {one["scope"] for one in _attributes(page, "th")}
    regions = [one for one in _attributes(page, "div") if one.get("role") == "region"]

    assert scopes == {"col", "row"}
    assert len(_attributes(page, "caption")) == 3
    assert [one["tabindex"] for one in regions] == ["0"] * 3
    assert regions[0]["aria-label"] == "Soldes par client (EUR)"


def test_style_is_for_light_dark_and_paper(content):
    """The page follows the reader's choice of light or dark and has a style for print."""
    for rule in (b"prefers-color-scheme:dark", b"@media print", b"tabular-nums", b"size:landscape"):
        assert rule in content


def test_several_creditors_are_told_apart(aging, names, parse):
    """Where there is one creditor it is not repeated; where there are two, each row names its own."""
    first = attrs.evolve(aging.rows[0], creditor="SUD")
    two = attrs.evolve(aging, rows=(*aging.rows, first))

    assert "MIRA" not in parse(HtmlWriter().write(aging, names=names, locale="en")).texts
    assert {"MIRA", "SUD"} <= set(parse(HtmlWriter().write(two, names=names, locale="en")).texts)


def test_picture_shows_the_ten_largest(parse):
    """Twelve customers make ten bars beside the total, the largest first; the table has all."""
    owed = [
        Owed(f"C-{number:02}", "EUR", buckets_minor=(number, 0, 0, 0, 0)) for number in range(1, 13)
    ]
    page = parse(HtmlWriter().write(sample_aging(owed), names={}, locale="en"))
    titles = [text for text in page.texts if re.match(r"C-\d+: ", text)]

    assert titles[0] == "C-12: €0.12"
    assert len(titles) == 10
    assert {f"C-{number:02}" for number in range(1, 13)} <= set(page.texts)


def test_customer_who_is_only_owed_has_no_bar(parse):
    """A section without anything owed has its total and its table, and no picture of debtors."""
    owed = [Owed("C-1", "EUR", buckets_minor=(0, 0, 0, 0, 0), credits_minor=-5_00)]
    page = parse(HtmlWriter().write(sample_aging(owed), names={}, locale="en"))

    assert "Largest balances" not in page.texts
    assert "-5.00" in page.texts


def test_empty_aging_says_so(parse):
    """Without anything open there is a sentence and no section."""
    page = parse(HtmlWriter().write(sample_aging([]), names={}, locale="es"))

    assert "No hay partidas abiertas." in page.texts
    assert not _attributes(page, "section")


@pytest.mark.parametrize(
    "scheme",
    [
        AgingScheme(30),
        AgingScheme(30, 60, 90),
        AgingScheme(-30, -7, 0, 7, 30, 60, 90, 180, 360),
        AgingScheme(30, 60, 90, basis=AgeBasis.DOCUMENT_DATE),
        AgingScheme(*range(1, 62)),
    ],
)
def test_every_bucket_has_a_colour_and_an_ink_that_is_read_on_it(scheme):
    """Neighbours differ, and the ink contrasts by 4.5 to 1 at least (WCAG 2.2, 1.4.3)."""
    found = colours(scheme)

    assert len(found) == len(scheme.labels)
    assert all(here != there for here, there in itertools.pairwise(found))
    assert min(_contrast(colour, ink_on(colour)) for colour in found) >= 4.5


def test_buckets_past_due_darken():
    """The older the darker, so that grey print and every eye keep the order."""
    lights = [_luminance(colour) for colour in colours(AgingScheme(7, 30, 60, 90, 120))[1:]]

    assert lights == sorted(lights, reverse=True)


def _contrast(colour, ink):
    light, dark = sorted((_luminance(colour), _luminance(ink * 2 if len(ink) == 4 else ink)))[::-1]
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    text = colour.replace("#", "")[:6]
    channels = [int(text[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_scale_has_room_for_both_sides():
    """Credits stand to the left of zero, what is owed to its right, on one scale."""
    owed = [
        Owed("C-1", "EUR", buckets_minor=(300, 0, 0, 0, 0), credits_minor=-100),
        Owed("C-2", "EUR", buckets_minor=(0, 0, 0, 0, 0), credits_minor=-50),
    ]
    scale = Scale.of(sample_aging(owed).rows)

    assert scale == Scale(100, 300)
    assert [scale.at(amount) for amount in (-100, 0, 300)] == [0, 250, 1_000]
    assert share(1, 0) == 0
