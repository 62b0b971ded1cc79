"""A table in the words, dates and numbers of a reader."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import PolicyError, TranslationMissingError
from receivables.i18n.formats import format_number
from receivables.showing import show
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_it_is

DAY = dt.date(2026, 10, 31)
HOSTILE = "<script>alert('x')</script>\"&\u202e\x00\x1b[2J"


def table(**more):
    """A table with a column of every kind."""
    given = {
        "title": "aging",
        "as_of": DAY,
        "columns": [
            TableColumn(name="customer"),
            TableColumn(name="date", kind=CellKind.DATE),
            TableColumn(name="currency"),
            TableColumn(name="amount", kind=CellKind.MONEY),
            TableColumn(name="dso", kind=CellKind.DAYS),
            TableColumn(name="share", kind=CellKind.SHARE),
            TableColumn(name="items", kind=CellKind.COUNT),
        ],
        "rows": [
            ("C-1", DAY, "EUR", -123_456_705, Fraction(91, 2), Fraction(1, 3), 1_200),
            ("C-2", None, "JPY", 1_200, None, None, 0),
            ("C-3", DAY, "KWD", 0, 30, 1, 2),
        ],
        "totals": [(Phrase("total"), None, "EUR", -123_456_705, None, None, 1_202)],
    }
    return ResultTable(**{**given, **more})


FIRST_ROWS = {
    "en": "C-1 | Oct 31, 2026 | EUR | -1,234,567.05 | 45.5 | 33.3% | 1,200",
    "en-GB": "C-1 | 31 Oct 2026 | EUR | -1,234,567.05 | 45.5 | 33.3% | 1,200",
    "fr-FR": "C-1 | 31 oct. 2026 | EUR | -1~234~567,05 | 45,5 | 33,3_% | 1~200",
    "fr-CA": "C-1 | 31 oct. 2026 | EUR | -1_234_567,05 | 45,5 | 33,3_% | 1_200",
    "es-ES": "C-1 | 31 oct 2026 | EUR | -1.234.567,05 | 45,5 | 33,3_% | 1.200",
    "es-MX": "C-1 | 31 oct 2026 | EUR | -1,234,567.05 | 45.5 | 33.3% | 1,200",
}
"""A row by locale; ``~`` is the narrow space that does not break, ``_`` the wide one."""


@pytest.mark.parametrize("locale", FIRST_ROWS)
def test_cells_are_written_as_the_reader_expects(locale):
    """Groups, decimals, the space before percent and the order of a date follow the locale."""
    cells = show(table(), locale).lines[0].cells
    expected = FIRST_ROWS[locale].replace("~", "\u202f").replace("_", "\u00a0")

    assert expected == " | ".join(cells)


def test_currencies_have_their_own_decimals():
    """Yen none, dinars three; what nothing is known of is a dash."""
    shown = show(table(), "en")

    assert ["-1,234,567.05", "1,200", "0.000"] == [line.cells[3] for line in shown.lines]
    assert "–" == shown.lines[1].cells[1]


def test_a_column_with_decimals_has_them_everywhere():
    """Whole days under 45.5 are 30.0, so that figures stand under figures."""
    assert "30.0" == show(table(), "en").lines[2].cells[4]


def test_headings_titles_and_totals_are_translated():
    """Every word is the reader's, and begins with a large letter."""
    shown = show(table(), "fr")

    assert "Balance âgée" == shown.title
    assert ("au 31 oct. 2026",) == shown.details
    assert "DSO (jours)" == shown.headings[4]
    assert "Total" == shown.totals[0].cells[0]


def test_regions_differ_from_their_language():
    """British readers see ageing, Mexican ones a monto."""
    assert "Ageing" == show(table(), "en-GB").title
    assert "Monto" == show(table(), "es-MX").headings[3]


@pytest.mark.parametrize("part", ["title", "column", "cell", "note"])
def test_a_missing_translation_raises(part):
    """A word that a catalogue lacks is no English word on a French page."""
    missing = Phrase("colour of the customer")
    column = TableColumn(name="customer", heading=missing)
    ones = {
        "title": {"title": missing},
        "column": {"columns": [column], "rows": [], "totals": []},
        "cell": {
            "columns": [TableColumn(name="customer")],
            "rows": [(missing,)],
            "totals": [],
        },
        "note": {"notes": [missing]},
    }

    for locale in ("en", "fr", "es"):
        with pytest.raises(TranslationMissingError, match="colour of the customer"):
            show(table(**ones[part]), locale)


def test_names_that_people_gave_are_not_translated():
    """The name of a scenario is nobody's to translate."""
    columns = [TableColumn(name="worst", heading=as_it_is("worst case"))]

    assert ("Worst case",) == show(table(columns=columns, rows=[], totals=[]), "es").headings


@pytest.mark.parametrize("locale", ["de", "xx"])
def test_other_languages_are_refused(locale):
    """A language without words raises; English is no stand-in."""
    with pytest.raises(TranslationMissingError):
        show(table(), locale)


@pytest.mark.parametrize("result", [object(), 3, None, {"to_table": 1}])
def test_what_has_no_table_is_refused(result):
    """Only a table, or a result that has one, can be shown."""
    with pytest.raises(PolicyError, match="to_table"):
        show(result)


@pytest.mark.parametrize("rows", [0, -1, True, 1.5])
def test_rows_must_be_a_count(rows):
    """A table of no rows at all is a mistake."""
    with pytest.raises(PolicyError, match="rows must be"):
        show(table(), rows=rows)


def test_brackets_stand_for_a_minus_and_keep_figures_aligned():
    """Negative amounts in brackets hang into the margin; a voice says the minus."""
    shown = show(table(), "en", brackets=True)
    html = shown.html()

    assert "(1,234,567.05)" == shown.lines[0].cells[3]
    assert 'aria-label="-1,234,567.05"' in html
    first, second = shown.text().splitlines()[2:4]
    assert first.index("567.05)") + 6 == second.index("1,200") + 5


def test_what_rounds_to_nothing_has_no_bracket_and_no_minus():
    """A thousandth of a percent below zero is zero."""
    columns = [TableColumn(name="share", kind=CellKind.SHARE)]
    tiny = table(columns=columns, rows=[(Fraction(-1, 100_000),)], totals=[])

    assert [show(tiny, "en", brackets=each).lines[0].cells for each in (True, False)] == [
        ("0.0%",),
        ("0.0%",),
    ]


def test_zero_and_unknown_may_be_said_otherwise():
    """A zero amount may be a dash, and what is not known a question mark."""
    shown = show(table(), "en", zero="–", unknown="?")

    assert ("–", "?") == (shown.lines[2].cells[3], shown.lines[1].cells[1])


def test_a_long_table_is_cut_and_keeps_its_totals():
    """What is not shown is counted, and the totals are of everything."""
    rows = [("C", DAY, "EUR", 1, 1, 1, 1)] * 1_500
    shown = show(table(rows=rows), "fr", rows=100)

    assert 100 == len(shown.lines)
    assert ("1\u202f400 lignes de plus, comprises dans les totaux",) == shown.notes
    assert "Total" in shown.text()
    assert show(table(rows=rows, totals=[]), "en").notes == ("1,440 more rows",)


def test_columns_may_have_a_currency_of_their_own():
    """The heading says it, and the decimals follow."""
    columns = [
        TableColumn(name="currency"),
        TableColumn(name="amount", kind=CellKind.MONEY, currency="KWD"),
    ]
    shown = show(table(columns=columns, rows=[("EUR", 1_500)], totals=[]), "en")

    assert "Amount (KWD)" == shown.headings[1]
    assert ("EUR", "1.500") == shown.lines[0].cells


class _Tree(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))


def test_hostile_names_are_text_in_every_place():
    """Markup, signs that turn lines around and those that clear a screen do nothing."""
    evil = table(
        rows=[(HOSTILE, DAY, "EUR", 1, 1, 1, 1)],
        title=Phrase("tie-out of {creditor}", {"creditor": HOSTILE}),
        subtitle=Phrase("policy {name}", {"name": HOSTILE}),
    )
    shown = show(evil, "es")
    for page in (shown.html(), shown.page()):
        tree = _Tree(page)
        assert not {"script", "img"} & set(tree.tags)
        assert "&lt;script&gt;" in page
    for text in (shown.html(), shown.text()):
        assert not set("\u202e\x00\x1b") & set(text)


def test_html_can_be_read_by_everybody():
    """A caption, a scope for every heading, the language, numbers on the right, no colour of its own."""
    page = show(table(), "fr-CA", brackets=True).html()
    tree = _Tree(page)
    heads = [attrs for tag, attrs in tree.attributes if tag == "th"]

    assert tree.attributes[0] == ("div", {"class": "receivables-table", "lang": "fr-CA"})
    assert tree.tags.count("caption") == 1
    assert {attrs.get("scope") for attrs in heads} == {"col", "row"}
    assert '<td class="n" style="text-align:right" aria-label=' in page
    assert "tabular-nums" in page


def test_page_asks_for_nothing():
    """A page names no address, and forbids itself to load anything."""
    page = show(table(), "en").page()

    assert "default-src 'none'" in page
    assert "http:" not in page
    assert "https:" not in page
    assert '<meta name="color-scheme" content="light dark">' in page


@settings(max_examples=25)
@given(st.integers(-(10**15), 10**15), st.sampled_from(["en", "fr", "fr-CA", "es", "es-MX"]))
def test_no_figure_is_lost_in_any_locale(number, locale):
    """The digits of a number are those that are shown, whatever stands between them."""
    text = format_number(number, locale)

    assert str(abs(number)) == "".join(sign for sign in text if sign.isdigit())
    assert (number < 0) == any(sign in text for sign in "-−")
