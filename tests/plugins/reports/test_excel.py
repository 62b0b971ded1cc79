"""The workbook, read back with openpyxl: types, formats, formulas and how it prints."""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
import zipfile
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.aging.model import AgeBasis, AgingScheme, Credits
from receivables.aging.objects import age
from receivables.errors import LimitError, MissingExtraError, PolicyError
from receivables.testing.report_writer import Owed, sample_aging, sample_items
from receivables_plugins.reports import ExcelSettings, receivables_report_writers

openpyxl = pytest.importorskip("openpyxl")

pytestmark = pytest.mark.needs("xlsxwriter")

_SPEC = next(spec for spec in receivables_report_writers() if spec.name == "excel")
_AS_OF = dt.date(2026, 10, 31)
_HEADINGS = 6
"""Rows above the first row of a table."""


def _open(content: bytes, *, values: bool = False):
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


@pytest.fixture
def book(aging, names):
    """The workbook in American English, with its formulas."""
    return _open(_SPEC.build().write(aging, names=names, locale="en-US"))


@pytest.fixture
def summary(book):
    return book["Summary"]


@pytest.fixture
def items(book):
    return book["Open items"]


def _rows(sheet, first, last=None):
    return list(sheet.iter_rows(min_row=first, max_row=last, values_only=True))


def test_sheet_says_what_it_shows(summary):
    """The title, the as-of date as a date, the basis and the way of credits stand on top."""
    assert summary["A1"].value == "Aging · Summary"
    assert (summary["A2"].value, summary["C2"].value) == ("As of", _at(2026, 10, 31))
    assert (summary["A3"].value, summary["C3"].value) == ("Aged by", "Due date")
    assert (summary["A4"].value, summary["C4"].value) == ("Credits", "in a column of their own")


def test_summary_has_a_row_per_customer_and_currency(summary):
    """Buckets, credits, total and the number of items stand beside customer and currency."""
    assert _rows(summary, 6, 7) == [
        (
            *("Creditor", "Customer", "Name", "Currency"),
            *("not yet due", "1-30 days", "31-60 days", "61-90 days", "over 90 days"),
            *("Credits", "Total", "Open items"),
        ),
        (
            *("MIRA", "0017", "Quincaillerie Tremblay inc.", "EUR"),
            *(1000, 0, 200.05, 0, 30, -50, 1180.05, 4),
        ),
    ]


def test_items_have_a_row_each(items):
    """Party, document, kind, dates, age, bucket, currency and open amount, a credit apart."""
    rows = _rows(items, 7, 10)

    assert [row[3:] for row in rows] == [
        ("001-4", "invoice", _at(2025, 12, 16), _at(2026, 1, 15), 289, "over 90 days", "EUR", 30),
        ("001-2", "invoice", _at(2026, 8, 16), _at(2026, 9, 15), 46, "31-60 days", "EUR", 200.05),
        ("001-C", "credit note", _at(2026, 9, 15), _at(2026, 10, 15), 16, "Credits", "EUR", -50),
        ("001-0", "invoice", _at(2026, 10, 16), _at(2026, 11, 15), -15, "not yet due", "EUR", 1000),
    ]


def _at(year, month, day):
    return dt.datetime(year, month, day)  # openpyxl's dates have no zone


def test_cells_have_the_type_of_what_they_hold(items):
    """Numbers of customers and documents are text, dates are dates, amounts are numbers."""
    row = items[7]

    assert [cell.data_type for cell in row] == [*("s" * 5), "d", "d", "n", "s", "s", "n"]
    assert row[1].value == "0017"
    assert row[6].number_format == "m/d/yyyy"


@pytest.mark.parametrize(
    ("row", "number_format"),
    [
        (7, "#,##0.00;[Red]-#,##0.00"),
        (8, "#,##0;[Red]-#,##0"),
        (10, "#,##0.000;[Red]-#,##0.000"),
    ],
)
def test_amounts_are_shown_with_the_digits_of_their_currency(summary, row, number_format):
    """Euros have two decimals, yen none, dinars three."""
    assert {summary.cell(row, column).number_format for column in range(5, 12)} == {number_format}


@pytest.mark.parametrize(
    ("locale", "number_format"),
    [("en-US", "m/d/yyyy"), ("en-GB", "dd/mm/yyyy"), ("fr", "dd/mm/yyyy"), ("fr-CA", "yyyy-mm-dd")],
)
def test_dates_are_shown_as_the_reader_writes_them(aging, locale, number_format):
    """A date has the short form of the reader's country, with four digits of the year."""
    book = _open(_SPEC.build().write(aging, names={}, locale=locale))

    assert book.worksheets[0]["C2"].number_format == number_format


@pytest.mark.parametrize("index", [0, 1])
def test_headings_stay_in_sight(book, index):
    """The headings are frozen, filtered by, and repeated on every landscape page."""
    sheet = book.worksheets[index]
    last = sheet.cell(_HEADINGS, sheet.max_column).coordinate

    assert sheet.freeze_panes == "D7"
    assert re.fullmatch(rf"A6:{last[:-1]}\d+", sheet.auto_filter.ref)
    assert sheet.print_title_rows == "$6:$6"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0


@pytest.mark.parametrize(("locale", "paper"), [("en-US", 1), ("fr-CA", 1), ("fr", 9), ("es-MX", 1)])
def test_paper_is_that_of_the_country(aging, locale, paper):
    """North America prints on US letter (1), the others on A4 (9)."""
    book = _open(_SPEC.build().write(aging, names={}, locale=locale))

    assert {int(sheet.page_setup.paperSize) for sheet in book} == {paper}


def test_filter_leaves_the_totals_out(summary):
    """The filter covers the rows of customers; totals stay below it."""
    assert summary.auto_filter.ref == "A6:L10"
    assert summary["A11"].value == "Total EUR"


def test_totals_are_formulas_by_currency(summary, aging, names):
    """Each total adds the rows of its own currency, and the value it was saved with is the sum."""
    content = _SPEC.build().write(aging, names=names, locale="en-US")
    saved = _open(content, values=True)["Summary"]

    assert summary["E11"].value == '=ROUND(SUMIFS($E$7:$E$10,$D$7:$D$10,"EUR"),2)'
    for row, currency in ((11, "EUR"), (14, "JPY"), (17, "KWD")):
        for column in range(5, 12):
            added = sum(
                Decimal(repr(saved.cell(line, column).value))
                for line in range(7, 11)
                if saved.cell(line, 4).value == currency
            )
            assert f'"{currency}"' in summary.cell(row, column).value
            assert Decimal(repr(saved.cell(row, column).value)) == added


def test_controls_are_formulas_that_come_to_zero(summary, aging, names):
    """Buckets and credits less the total, and the items less the total, are zero, by formula."""
    content = _SPEC.build().write(aging, names=names, locale="en-US")
    saved = _open(content, values=True)["Summary"]

    assert summary["A12"].value == "Check: buckets and credits less total"
    assert summary["K12"].value == "=ROUND(SUM(E11:J11)-K11,2)"
    assert summary["A13"].value == "Check: open items less total"
    expected = "=ROUND(SUMIFS('Open items'!$K$7:$K$13,'Open items'!$J$7:$J$13,\"EUR\")-K11,2)"
    assert summary["K13"].value == expected
    assert [saved.cell(row, 11).value for row in (12, 13, 15, 16, 18, 19)] == [0] * 6


def test_items_that_do_not_add_up_are_shown(aging, names):
    """Where the items are not those of the rows, the control says by how much."""
    short = attrs.evolve(aging, items=aging.items[1:])
    saved = _open(_SPEC.build().write(short, names=names, locale="en"), values=True)

    assert saved["Summary"]["K13"].value == -30


def test_there_is_no_total_of_all_currencies(summary):
    """Below the rows there are totals by currency and their controls, and nothing else."""
    labels = [summary.cell(row, 4).value for row in range(11, summary.max_row + 1)]

    assert labels == ["EUR"] * 3 + ["JPY"] * 3 + ["KWD"] * 3


def test_only_our_own_formulas_are_there(book):
    """No text has become a formula."""
    formulas = [cell.value for sheet in book for row in sheet for cell in row if _is_formula(cell)]

    assert len(formulas) == 3 * 7 + 3 * 2
    assert {formula.partition("(")[0] for formula in formulas} == {"=ROUND"}


def _is_formula(cell):
    return cell.data_type == "f"


def test_text_that_looks_like_a_formula_stays_text_when_edited(aging):
    """A name such as "=1+1" is a string and carries the mark that keeps it one."""
    content = _SPEC.build().write(aging, names={"0017": "=1+1"}, locale="en")
    cell = _open(content)["Summary"]["C7"]

    assert (cell.value, cell.quotePrefix) == ("=1+1", True)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert b"<is><t>=1+1</t></is>" in file.read("xl/worksheets/sheet1.xml")


def test_markup_of_the_writer_s_own_is_text(aging):
    """A name in the tags that the writing library keeps for itself does not break the file."""
    name = "<r><t>Acme</t></r>"
    book = _open(_SPEC.build().write(aging, names={"0017": name}, locale="en"))

    assert book["Summary"]["C7"].value == f"{name} "


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 10**15), st.integers(0, 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_amounts_are_exact_or_text(small, large, currency):
    """A number shows the amount to its last digit; where it could not, the cell is text."""
    aging = sample_aging([Owed("C-1", currency, buckets_minor=(small, large, 0, 0, small))])
    sheet = _open(_SPEC.build().write(aging, names={}, locale="en"), values=True).worksheets[0]
    first = 8 if sheet["A5"].value else 7
    cells = [sheet.cell(first, column) for column in range(5, 12)]
    (row,) = aging.rows

    for cell, amount_minor in zip(cells, (*row.buckets_minor, 0, row.total_minor), strict=True):
        # Excel shows 15 significant digits of a number.
        shown = cell.value if cell.data_type == "s" else f"{Decimal(cell.value):.15g}"
        assert Decimal(shown) == Decimal(amount_minor).scaleb(-_DECIMALS[currency])


_DECIMALS = {"EUR": 2, "JPY": 0, "KWD": 3}


def test_amounts_beyond_a_number_are_text_and_the_sheet_says_so():
    """Sixteen digits are written as text, without formulas that would leave them out."""
    owed = [
        Owed("C-1", "EUR", buckets_minor=(1_234_567_890_123_456, 0, 0, 0, 0)),
        Owed("C-1", "USD", buckets_minor=(100, 0, 0, 0, 0)),
    ]
    sheet = _open(_SPEC.build().write(sample_aging(owed), names={}, locale="en"))["Summary"]

    assert sheet["A5"].value.startswith("Amounts of more than 15 digits are written as text")
    assert (sheet["E8"].value, sheet["E8"].data_type) == ("12345678901234.56", "s")
    assert (sheet["A10"].value, sheet["E10"].value) == ("Total EUR", "12345678901234.56")
    assert (sheet["A11"].value, sheet["E11"].data_type) == ("Total USD", "f")


def test_items_beyond_a_number_leave_no_control_that_omits_them():
    """Where only an item is too large, as it is offset in its row, no formula adds around it."""
    owed = [
        Owed(
            "C-1",
            "EUR",
            buckets_minor=(1_234_567_890_123_456, 0, 0, 0, 0),
            credits_minor=-1_234_567_890_123_400,
        )
    ]
    scheme = AgingScheme(30, 60, 90, credits=Credits.NETTED)
    aging = age(sample_items(owed), scheme=scheme, as_of=_AS_OF)
    book = _open(_SPEC.build().write(aging, names={}, locale="en"))

    assert book["Summary"]["E8"].value == 0.56
    assert not [cell for sheet in book for row in sheet for cell in row if _is_formula(cell)]
    assert book["Open items"]["K9"].value == "12345678901234.56"
    assert book["Open items"]["A5"].value.startswith("Amounts of more than 15 digits")


def test_empty_aging_is_one_sheet_that_says_so():
    """Without anything open there is a summary with its headings, and no sheet of items."""
    book = _open(_SPEC.build().write(sample_aging([]), names={}, locale="fr"))

    assert book.sheetnames == ["Synthèse"]
    assert book.active["A5"].value == "Aucun poste ouvert."


def test_many_items_go_on_further_sheets(aging, names):
    """No item is left out where a sheet is full, and the control adds all sheets."""
    writer = _SPEC.build({"items-per-sheet": 3})
    content = writer.write(aging, names=names, locale="en")
    book = _open(content)
    documents = [row[3] for sheet in book.worksheets[1:] for row in _rows(sheet, 7)]

    assert book.sheetnames == ["Summary", "Open items", "Open items 2", "Open items 3"]
    assert documents == [aged.item.document for aged in aging.items]
    assert book["Summary"]["K13"].value.count("SUMIFS") == 3
    assert _open(content, values=True)["Summary"]["K13"].value == 0


@pytest.mark.parametrize("value", [0, -1, 1_000_001, True, "10"])
def test_items_per_sheet_are_bounded(value):
    """A sheet has room for one to a million items."""
    with pytest.raises(PolicyError, match="items per sheet must be"):
        ExcelSettings(items_per_sheet=value)


def test_summary_beyond_a_sheet_is_refused(aging):
    """More customers than a sheet has rows are refused, not cut off."""
    endless = attrs.evolve(aging, rows=aging.rows[:1] * 1_000_001, items=())

    with pytest.raises(LimitError, match="at most 1000000, got 1000001"):
        _SPEC.build().write(endless, names={}, locale="en")


@pytest.mark.parametrize(
    ("scheme", "facts", "heading", "dated"),
    [
        (
            AgingScheme(30, 60, 90, basis=AgeBasis.DOCUMENT_DATE, credits=Credits.IN_BUCKETS),
            ("Document date", "in the bucket of their own date"),
            "Age in days",
            "Document date",
        ),
        (
            AgingScheme(30, 60, 90, basis=AgeBasis.POSTING_DATE, credits=Credits.NETTED),
            ("Posting date", "set against the oldest bucket first"),
            "Age in days",
            "Posting date",
        ),
    ],
)
def test_other_schemes_are_named(scheme, facts, heading, dated):
    """The basis and the way of credits are those of the scheme, and so are the columns."""
    owed = [Owed("C-1", "EUR", buckets_minor=(100, 0, 0, 0, 500), credits_minor=-50)]
    aging = age(sample_items(owed), scheme=scheme, as_of=_AS_OF)
    book = _open(_SPEC.build().write(aging, names={}, locale="en"))
    sheet = book["Open items"]

    assert (sheet["C3"].value, sheet["C4"].value) == facts
    assert (sheet["H6"].value, sheet["F6"].value) == (heading, dated)


def test_item_without_a_due_date_has_an_empty_cell(aging, names):
    """A receipt has no due date, and nothing is put in its place."""
    first = aging.items[0]
    undated = attrs.evolve(first, item=attrs.evolve(first.item, due_date=None))
    changed = attrs.evolve(aging, items=(undated, *aging.items[1:]))
    book = _open(_SPEC.build().write(changed, names=names, locale="en"))

    assert book["Open items"]["G7"].value is None


def test_day_that_excel_does_not_know_is_text(aging, names):
    """A date before March 1900, which Excel counts wrongly, is written in ISO 8601."""
    first = aging.items[0]
    ancient = attrs.evolve(first, item=attrs.evolve(first.item, document_date=dt.date(1899, 7, 1)))
    changed = attrs.evolve(aging, items=(ancient, *aging.items[1:]))
    book = _open(_SPEC.build().write(changed, names=names, locale="en"))

    assert book["Open items"]["F7"].value == "1899-07-01"


def test_file_is_dated_on_the_as_of_date(book):
    """No clock is read: the workbook was made on the day that it shows."""
    assert book.properties.created == _at(2026, 10, 31)
    assert book.properties.title == "Aging"


def test_workbook_without_xlsxwriter_names_the_extra(monkeypatch):
    """Where XlsxWriter is missing, building the writer says what brings it."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'receivables\[excel\]'"):
        _SPEC.build()


def test_another_reader_sees_the_same(aging, names):
    """python-calamine reads the types that openpyxl reads."""
    calamine = pytest.importorskip(
        "python_calamine", reason="python-calamine, a second reader, is not installed"
    )
    content = _SPEC.build().write(aging, names=names, locale="en")
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    row = book.get_sheet_by_name("Open items").to_python()[_HEADINGS]

    assert row[1:4] == ["0017", "Quincaillerie Tremblay inc.", "001-4"]
    assert row[5:8] == [dt.date(2025, 12, 16), dt.date(2026, 1, 15), 289.0]
    assert row[10] == 30.0
