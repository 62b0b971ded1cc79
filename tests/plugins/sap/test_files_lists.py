"""Item lists as users export them: rules and bars, tabs, four languages, any number format."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.allocation import SourceAllocation
from receivables.documents import Document, Invoice
from receivables.errors import PolicyError
from receivables.parties import Customer
from receivables.receipts import Receipt
from receivables.testing.ledger_source import balances
from receivables_plugins.sap.lists import ListSource
from receivables_plugins.sap.lists_settings import SapListSettings

ENGLISH = ("DocumentNo", "Type", "Pstng Date", "Net due dt", "Amt in loc.cur.", "LCurr", "Text")
ROWS = (
    ("1800000001", "RV", "31.01.2026", "02.03.2026", "1.120,00 ", "EUR", "first"),
    ("1800000002", "DG", "01.02.2026", "01.02.2026", "20,00-", "EUR", "second"),
)
WIDTHS = (10, 4, 10, 10, 15, 5, 12)


def bars(*rows, headings=ENGLISH, widths=WIDTHS, head="Customer    42\n\n", repeat=0):
    """A list with rules and bars; the heading comes again after every `repeat` rows."""

    def line(cells):
        return (
            "|"
            + "|".join(cell.ljust(width)[:width] for cell, width in zip(cells, widths, strict=True))
            + "|"
        )

    rule = "-" * (sum(widths) + len(widths) + 1)
    top = [
        rule,
        line([heading[:width] for heading, width in zip(headings, widths, strict=True)]),
        rule,
    ]
    body = []
    for place, row in enumerate(rows):
        if repeat and place and place % repeat == 0:
            body += top
        body.append(line(row))
    return head + "\n".join([*top, *body, rule]) + "\n"


def tabs(*rows, headings=ENGLISH):
    """A list with tabs, an empty first column and empty lines as a spreadsheet gets it."""
    lines = ["\t".join(["", *line]) for line in (headings, *rows)]
    return "31.03.2026\tList\n\n" + lines[0] + "\n\n" + "\n".join(lines[1:]) + "\n"


def _read(text, **said):
    given = {"creditor": "MIRA", "customer": "42", **said}
    source = ListSource(SapListSettings(**given))
    return source.read(io.BytesIO(text.encode()), name="list.txt").collect()


def _of(read, kind):
    return [row for row in read.rows if isinstance(row, kind)]


def _codes(read):
    return [problem.code for problem in read.report.problems]


@pytest.mark.parametrize("made", [bars(*ROWS), tabs(*ROWS), bars(*ROWS, repeat=1)])
def test_items_are_read_with_their_signs_and_due_dates(made):
    """Bars or tabs, with headings that come again on every page."""
    read = _read(made)
    invoice, credit = _of(read, Document)

    assert balances(read.rows) == {"EUR": 1_100_00}
    assert (invoice.number, invoice.due_date) == ("1800000001-2026", dt.date(2026, 3, 2))
    assert credit.customer == "42"
    assert read.report.problems == ()


GERMAN = ("Belegnr", "Art", "Buch.dat.", "Nettofäll.", "Betrag in HW", "HWähr", "Text")
FRENCH = ("N° pièce", "Type", "Date cpt.", "Éch. nette", "Montant en DI", "DevI", "Texte")
SPANISH = ("Nº doc.", "Clase", "Fe.contab.", "Venc.neto", "Importe en ML", "MonL", "Texto")


@pytest.mark.parametrize("headings", [ENGLISH, GERMAN, FRENCH, SPANISH])
@pytest.mark.parametrize("made", [bars, tabs])
def test_headings_are_known_in_four_languages(headings, made):
    """The same items come out of each."""
    assert balances(_read(made(*ROWS, headings=headings)).rows) == {"EUR": 1_100_00}


@pytest.mark.parametrize("name", ["Kunde", "Debitor", "Client", "Cliente", "Customer"])
def test_account_above_its_items_is_their_customer(name):
    """It stands there in any language, and not on the items."""
    read = _read(bars(*ROWS, head=f"{name}      0815\nName       Brasserie\n\n"), customer="")

    assert {row.customer for row in _of(read, Document)} == {"0815"}
    assert _of(read, Customer)[0].name == "Brasserie"


def test_every_account_has_its_own_items():
    """A list of several accounts says each before its own."""
    text = bars(ROWS[0], head="Customer    1\nName    A\n\n") + bars(
        ROWS[1], head="Customer    2\n\n"
    )
    found = _of(_read(text, customer=""), (Document, Customer))

    assert [row.customer for row in found] == ["1", "1", "2"]


@pytest.mark.parametrize(
    "text",
    [
        "a|b",
        "|||",
        "a|b|c|d|e|f",
        "first\nsecond",
        "x\ny\nz",
        "| |\n|  |",
        "*",
        "----",
        "- - -",
        "a\n|b",
    ],
)
def test_hostile_texts_change_no_item(text):
    """Bars, line ends, stars and rules in a text are what they are: a text."""
    row = (*ROWS[0][:-1], text)
    read = _read(bars(row, ROWS[1], ("1800000003", *ROWS[1][1:])))

    assert balances(read.rows) == {"EUR": 1_080_00}
    assert read.report.problems == ()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(alphabet="ab|*- \n", max_size=12), min_size=1, max_size=6))
def test_any_text_leaves_every_item_as_it_is(texts):
    """Cut by the places of the heading, each row gives its own amount."""
    rows = [
        (f"{place:010}", "RV", "31.01.2026", "02.03.2026", "1.120,00", "EUR", text)
        for place, text in enumerate(texts, 1)
    ]

    assert balances(_read(bars(*rows)).rows) == {"EUR": len(texts) * 1_120_00}


def test_row_that_does_not_fit_is_an_error_and_the_next_is_read():
    """A row that lost characters is noted with its line."""
    text = bars(*ROWS).replace("|RV  |", "|RV|")
    read = _read(text)

    assert _codes(read) == ["row.length"]
    assert balances(read.rows) == {"EUR": -20_00}


def _total(amount, stars="*"):
    return (stars, "", "", "", amount, "EUR", "")


@pytest.mark.parametrize("made", [bars, tabs])
def test_totals_prove_the_rows(made):
    """A subtotal, and a total of it, agree with what was read."""
    read = _read(made(*ROWS, _total("1.100,00"), _total("1.100,00", "**")))

    assert balances(read.rows) == {"EUR": 1_100_00}
    assert read.report.complete


@pytest.mark.parametrize("made", [bars, tabs])
def test_total_that_differs_is_an_error(made):
    """A row that is missing is found by the total of its list."""
    read = _read(made(ROWS[0], _total("1.100,00")))

    assert _codes(read) == ["sap.total-differs"]
    assert not read.report.complete


def test_subtotals_are_of_the_rows_since_the_last_one():
    """The total of all is of more stars."""
    made = bars(ROWS[0], _total("1.120,00"), ROWS[1], _total("20,00-"), _total("1.100,00", "**"))

    assert _read(made).report.complete


@pytest.mark.parametrize(
    ("amounts", "days", "expected"),
    [
        (("1,120.00", "20.00-"), ("01/31/2026", "02/01/2026"), 1_100_00),
        (("1 120,00", "-20,00"), ("2026-01-31", "2026-02-01"), 1_100_00),
        (("1'120.00", "(20.00)"), ("31/01/2026", "01/02/2026"), 1_100_00),
        (("1120.00", "20.00-"), ("20260131", "20260201"), 1_100_00),
    ],
)
def test_formats_are_proved_by_the_values(amounts, days, expected):
    """One amount and one day that can be read in one way decide for all."""
    rows = [
        (*row[:2], day, day, amount, *row[5:])
        for row, amount, day in zip(ROWS, amounts, days, strict=True)
    ]

    assert balances(_read(bars(*rows)).rows) == {"EUR": expected}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("1", "RV", "01/02/2026", "01/02/2026", "1,00", "EUR", ""), "locale.ambiguous"),
        (("1", "RV", "31.01.2026", "31.01.2026", "1.120", "JPY", ""), "locale.ambiguous"),
        (("1", "RV", "31.31.2026", "31.01.2026", "1,00", "EUR", ""), "date.invalid"),
        (("1", "RV", "31.01.2026", "31.01.2026", "1,00 CR", "EUR", ""), "amount.invalid"),
        (("", "RV", "31.01.2026", "31.01.2026", "1,00", "EUR", ""), "document.missing"),
        (("1", "RV", "", "31.01.2026", "1,00", "EUR", ""), "date.missing"),
        (("1", "RV", "31.01.2026", "31.01.2026", "", "EUR", ""), "amount.invalid"),
        (("1", "RV", "31.01.2026", "31.01.2026", "1,0010", "EUR", ""), "amount.inexact"),
        (("1", "RV", "31.01.2026", "31.01.2026", "1,00", "XQX", ""), "currency.unknown"),
        (("1", "RV", "31.01.2026", "31.01.2026", "1,00", "", ""), "currency.missing"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused(row, code):
    """It is an error, and nothing is guessed."""
    read = _read(bars(row))

    assert code in _codes(read)
    assert not read.report.complete
    assert balances(read.rows) == {}


def test_declared_formats_settle_what_is_ambiguous():
    """What the values do not prove, the settings say."""
    row = ("1", "RV", "01/02/2026", "01/02/2026", "1.120", "JPY", "")
    read = _read(bars(row), decimal=",", grouping=".", date_format="%m/%d/%Y")

    assert balances(read.rows) == {"JPY": 1_120}
    assert _of(read, Invoice)[0].posting_date == dt.date(2026, 1, 2)


def test_unknown_headings_are_mapped_by_the_settings():
    """A heading of a layout of one's own is said once."""
    headings = ("Our No.", *ENGLISH[1:])

    assert _codes(_read(bars(*ROWS, headings=headings))) == ["column.missing"]
    assert balances(_read(bars(*ROWS, headings=headings), columns={"document": "Our No."}).rows)


def test_currency_belongs_to_the_amount_before_it():
    """Two columns with one heading are told apart by their places."""
    headings = (
        "DocumentNo",
        "Pstng Date",
        "Amount in doc. curr.",
        "Curr.",
        "Amount in local currency",
        "Curr.",
    )
    row = ("1", "31.01.2026", "100,00", "USD", "90,00", "EUR")
    widths = (10, 10, 20, 5, 24, 5)
    text = bars(row, headings=headings, widths=widths)

    assert balances(_read(text).rows) == {"USD": 100_00}
    assert balances(_read(text, amounts="local").rows) == {"EUR": 90_00}


def test_lines_of_a_document_without_item_numbers_are_numbered():
    """Each is an item, in the order of the list, and the report says so."""
    read = _read(bars(ROWS[0], ROWS[0]))

    assert [row.number for row in _of(read, Document)] == ["1800000001-2026", "1800000001-2026-2"]
    assert _codes(read) == ["sap.item-unsaid"]


def test_cleared_items_are_settled():
    """Items with one clearing document are settled on its day."""
    headings = (
        "DocumentNo",
        "Type",
        "Pstng Date",
        "Clrng doc.",
        "Amt in loc.cur.",
        "LCurr",
        "Clearing",
    )
    rows = [
        ("1800000001", "RV", "31.01.2026", "1400000007", "20,00", "EUR", "10.02.2026"),
        ("1400000007", "DZ", "10.02.2026", "1400000007", "20,00-", "EUR", "10.02.2026"),
    ]
    read = _read(bars(*rows, headings=headings))

    assert len(_of(read, Receipt)) == 1
    assert _of(read, SourceAllocation)[0].settled_on == dt.date(2026, 2, 10)


def test_cells_of_a_spreadsheet_may_break_a_line():
    """A text with a line end is put together where the tabs then fit."""
    row = (*ROWS[0][:-1], "first\nsecond")
    headings = (*ENGLISH, "Reference")
    read = _read(tabs((*row, "4711"), (*ROWS[1], "4712"), headings=headings))

    assert balances(read.rows) == {"EUR": 1_100_00}
    assert "4711" in _of(read, Invoice)[0].references


@pytest.mark.parametrize(
    "given",
    [
        {"columns": {"colour": "x"}},
        {"amounts": "group"},
        {"decimal": ";"},
        {"delimiter": "#"},
        {"date_format": "%B %Y"},
        {"currency": "XQX"},
    ],
)
def test_impossible_settings_are_refused(given):
    """The message names what is possible."""
    with pytest.raises((PolicyError, LookupError)):
        SapListSettings(**given)


def test_list_without_a_company_code_needs_a_creditor():
    """Whose the items are is not guessed."""
    assert "settings.invalid" in _codes(_read(bars(*ROWS), creditor=""))
