"""The workbook and the page for a board: what they hold, how they foot, and how they open."""

from __future__ import annotations

import datetime as dt
import io
import re
from fractions import Fraction

import attrs
import pytest

from receivables.aging import AgingScheme, Credits, age
from receivables.ledger import Ledger
from receivables.measures import (
    Measure,
    MeasureFigure,
    MeasurePolicy,
    MeasureSeries,
    MeasureTable,
)
from receivables.portfolio import ControlLine, PortfolioReport
from receivables.tables import ResultTable, TableColumn, as_it_is
from receivables.testing.builders import a_receipt, an_invoice, issued, received
from receivables.testing.portfolio_writer import PortfolioWriterTests, sample_portfolio
from receivables.testing.report_writer import Owed, sample_aging
from receivables_plugins import reports
from receivables_plugins.reports._lines import Bar, Line, bands, lines, ticks

_SPECS = {spec.name: spec for spec in reports.receivables_portfolio_writers()}
_OWED = (
    Owed("0017", "EUR", buckets_minor=(1_000_00, 0, 200_05, 0, 30_00), credits_minor=-50_00),
    Owed("0017", "JPY", buckets_minor=(0, 86_453, 0, 0, 0)),
    Owed("C-2", "EUR", buckets_minor=(0, 400_00, 0, 0, 0)),
)
_NAMES = {"0017": "Quincaillerie Tremblay inc.", "C-2": "Ferretería Núñez, S.A."}


@pytest.mark.needs("xlsxwriter", "openpyxl")
class TestWorkbook(PortfolioWriterTests):
    @pytest.fixture
    def spec(self):
        return _SPECS["board-excel"]

    @pytest.fixture
    def look(self, look_excel):
        return look_excel


class TestPage(PortfolioWriterTests):
    @pytest.fixture
    def spec(self):
        return _SPECS["board-html"]

    @pytest.fixture
    def look(self, look_html):
        return look_html


# A workbook that is opened elsewhere computes its formulas again: here with a small reader of the
# few that are written, so that a value beside a formula is proved and not only repeated.


class _Opened:
    """A workbook read back: its formulas and the values that stand beside them."""

    def __init__(self, content):
        openpyxl = pytest.importorskip("openpyxl")
        self.formulas = openpyxl.load_workbook(io.BytesIO(content))
        self.values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)

    def cells(self):
        for sheet in self.formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith("="):
                        yield sheet.title, cell.coordinate, cell.value

    def value(self, sheet, place):
        return self.values[sheet][place.replace("$", "")].value

    def span(self, sheet, area):
        cells = self.values[sheet][area.replace("$", "")]
        rows = cells if isinstance(cells, tuple) else ((cells,),)
        return [cell.value for row in rows for cell in (row if isinstance(row, tuple) else (row,))]

    def computed(self, sheet, formula):
        """What a formula comes to, or None where it is not one of sums."""
        if found := re.fullmatch(r"='((?:[^']|'')+)'!(\$?[A-Z]+\$?\d+)", formula):
            return self.value(found[1].replace("''", "'"), found[2])
        if found := re.fullmatch(r"=ROUND\(SUM\(([^()]+)\),(\d)\)", formula):
            amounts = [one for one in self.span(sheet, found[1]) if isinstance(one, (int, float))]
            return round(sum(amounts), int(found[2]))
        if found := re.fullmatch(r'=ROUND\(SUMIFS\(([^,]+),([^,]+),"(\w+)"\),(\d)\)', formula):
            pairs = zip(self.span(sheet, found[1]), self.span(sheet, found[2]), strict=True)
            return round(sum(one for one, code in pairs if code == found[3]), int(found[4]))
        return None


@pytest.fixture
def report():
    """A portfolio of two customers and two currencies with every part."""
    return sample_portfolio(_OWED)


@pytest.fixture
def opened(report):
    pytest.importorskip("xlsxwriter")
    return _Opened(_SPECS["board-excel"].build().write(report, names=_NAMES, locale="fr-CA"))


def test_every_sum_comes_to_what_stands_there(opened):
    """Each formula of sums, computed again from the cells that it names, gives the value beside it."""
    proved = 0
    for sheet, place, formula in opened.cells():
        expected = opened.computed(sheet, formula)
        if expected is not None:
            assert opened.value(sheet, place) == pytest.approx(expected, abs=1e-9), (sheet, place)
            proved += 1

    assert proved > 30


def test_the_aging_takes_its_amounts_from_the_items(opened):
    """A bucket of a customer is a reference to the drill-down, which adds up the items below it."""
    kinds = {formula.partition("(")[0].partition("!")[0] for _, _, formula in opened.cells()}

    assert "='Par client'" in kinds
    levels = [
        opened.formulas["Par client"].row_dimensions[row].outlineLevel
        for row in range(1, opened.formulas["Par client"].max_row + 1)
    ]
    assert levels.count(1) == len(sample_aging(_OWED).items)


def test_every_sheet_repeats_the_day_of_the_cover(opened):
    """One cell has the day, every sheet refers to it, and it is the day of the report."""
    book = opened.formulas
    cover, *others = book.sheetnames
    assert book.defined_names["AsOf"].attr_text == f"'{cover}'!$B$3"
    assert book[cover]["B3"].value.date() == dt.date(2026, 10, 31)
    assert {book[name]["B3"].value for name in others} == {"=AsOf"}


def test_it_prints(opened):
    """Every sheet has a print area, is as wide as a page, and its headings stay in sight."""
    book = opened.formulas
    for sheet in book:
        assert sheet.print_area, sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    frozen = {sheet.title: sheet.freeze_panes for sheet in book}
    assert frozen["Balance âgée"] and frozen["Postes ouverts"]  # noqa: PT018  # one sentence


@pytest.mark.parametrize(
    ("other_minor", "verdict"), [(None, "concorde"), (5, "NE CONCORDE PAS")], ids=["alone", "wrong"]
)
def test_the_control_line_says_whether_it_agrees(report, other_minor, verdict):
    """The cover compares ledger, aging and general ledger, by formulas and in words."""
    pytest.importorskip("xlsxwriter")
    (line, *_) = report.control
    wrong = line if other_minor is None else attrs.evolve(line, other_minor=line.ledger_minor + 5)
    content = (
        _SPECS["board-excel"]
        .build()
        .write(attrs.evolve(report, control=[wrong]), names=_NAMES, locale="fr")
    )
    opened = _Opened(content)
    cover = opened.values.worksheets[0]
    texts = {cell.value for row in cover.iter_rows() for cell in row}

    assert verdict in texts
    formulas = [
        formula for _, place, formula in opened.cells() if place.startswith(("C", "E", "F"))
    ]
    assert any(formula.startswith("=ROUND(ABS(") for formula in formulas)


@pytest.mark.needs("python_calamine")
def test_another_reader_sees_the_same_values(report):
    """Calamine, which computes nothing, finds the totals as numbers."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # a part that may be missing

    pytest.importorskip("xlsxwriter")
    content = _SPECS["board-excel"].build().write(report, names=_NAMES, locale="es-MX")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_name(book.sheet_names[1]).to_python()
    totals = {row[3]: row[-1] for row in rows if str(row[0]).startswith("Total")}

    assert totals == {"EUR": 1580.05, "JPY": 86453}


def test_a_chart_stands_beside_each_series(opened):
    """The aging, the measures and the cash have a chart for each currency."""
    charts = {sheet.title: len(sheet._charts) for sheet in opened.formulas if sheet._charts}

    assert set(charts.values()) == {2}
    assert len(charts) == 3


def test_the_page_asks_for_nothing(report):
    """No address, no script; what there is of style is inside."""
    page = _SPECS["board-html"].build().write(report, names=_NAMES, locale="fr").decode()

    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page
    assert page.count('<svg class="chart"') == 4


def test_the_control_of_the_page_is_told_in_words(report):
    """A difference is said, and not only coloured."""
    (line, *_) = report.control
    wrong = ControlLine(currency=line.currency, ledger_minor=1, aging_minor=2)
    write = _SPECS["board-html"].build().write

    assert (
        "DOES NOT AGREE"
        in write(attrs.evolve(report, control=[wrong]), names={}, locale="en").decode()
    )
    assert "DOES NOT AGREE" not in write(report, names={}, locale="en").decode()


def test_ticks_are_round():
    """An axis ends at or above the largest value, in at most five round steps."""
    for most in (1, 7, 37, 99, 100, 101, 12_345, 999_999):
        found = ticks(most)
        assert found[0] == 0
        assert most <= found[-1] <= 2 * most + 1
        assert len(found) <= 6


def test_gaps_break_a_line():
    """A day on which nothing is known has no point, and the line stops before it."""
    drawn = "".join(
        lines([Line(name="DSO", values=[30, None, 31, 32])], list("abcd"), title="DSO", say=str)
    )

    assert drawn.count("<polyline") == 2
    assert drawn.count("<circle") == 3


def test_a_band_is_told_with_its_bar():
    """Who points at a bar reads what is expected, and between which amounts."""
    drawn = "".join(bands([Bar(name="w1", expected=5, low=3, high=9)], title="cash", say=str))

    assert "w1: 5 (3 – 9)" in drawn


def test_a_report_without_parts_is_short():
    """An aging alone gives the cover, the aging and its items."""
    pytest.importorskip("xlsxwriter")
    aging = sample_aging(_OWED)
    bare = PortfolioReport(creditor="Mira", as_of=aging.as_of, aging=aging)
    opened = _Opened(_SPECS["board-excel"].build().write(bare, names={}, locale="en"))

    assert opened.formulas.sheetnames == ["Cover", "Aging", "By customer", "Open items"]


def _series(report, *values, customers=("",)):
    """The DSO of two days in euros."""
    return MeasureSeries(
        tables=[
            MeasureTable(
                as_of=day,
                policy=MeasurePolicy(),
                by=["customer"] if any(customers) else [],
                figures=[
                    MeasureFigure(measure=Measure.DSO, currency="EUR", customer=who, value=value)
                    for who, value in zip(customers, values, strict=True)
                ],
            )
            for day in (report.as_of - dt.timedelta(days=30), report.as_of)
        ]
    )


SERIES = {
    "of more digits than a number has": ((Fraction(10**33, 7),), ("",)),
    "by customer": ((Fraction(1), Fraction(2)), ("C-1", "C-2")),
    "below zero": ((Fraction(-7, 2),), ("",)),
}


@pytest.mark.parametrize("name", _SPECS)
@pytest.mark.parametrize(("values", "customers"), SERIES.values(), ids=SERIES)
@pytest.mark.needs("xlsxwriter")
def test_any_series_is_written(name, values, customers):
    """Figures of any size, and of more than one group, are in the file."""
    report = sample_portfolio(_OWED)
    series = _series(report, *values, customers=customers)
    found = attrs.evolve(report, series=series, measures=series.tables[-1])

    assert _SPECS[name].build().write(found, names=_NAMES, locale="fr")


TITLES = ["x" * 30 + "'y", "😀" * 20, "History", "a/b\\c[d]:e?*", "'quoted'", "=1+1", "\x01"]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.needs("xlsxwriter", "openpyxl")
def test_any_title_names_a_sheet(title):
    """A table whose title is no name of a sheet has a sheet all the same, twice where it comes twice."""
    table = ResultTable(
        title=as_it_is(title), columns=[TableColumn(name="customer")], rows=[("C-1",)]
    )
    report = attrs.evolve(sample_portfolio(_OWED), tables=[table, table])
    opened = _Opened(_SPECS["board-excel"].build().write(report, names=_NAMES, locale="es"))

    names = [name.casefold() for name in opened.formulas.sheetnames]
    assert len(names) == len(set(names))
    assert "history" not in names
    assert all(len(name.encode("utf-16-le")) <= 62 for name in names)


@pytest.mark.parametrize("credits", Credits)
@pytest.mark.needs("xlsxwriter", "openpyxl")
def test_what_stands_below_a_sum_makes_it(credits):
    """A sum of the drill-down is a formula only where its items are what it shows."""
    invoice = an_invoice("F-1", total="300.00", due_date=dt.date(2026, 10, 30))
    ledger = Ledger().record(issued(invoice), received(a_receipt(amount="120.00")))
    day = dt.date(2026, 11, 9)
    aging = age(
        ledger.open_items(as_of=day), scheme=AgingScheme(30, 60, credits=credits), as_of=day
    )
    report = PortfolioReport(creditor="Mirabelle", as_of=day, aging=aging)
    opened = _Opened(_SPECS["board-excel"].build().write(report, names={}, locale="en"))

    checked = 0
    for sheet, place, formula in opened.cells():
        found = re.fullmatch(r"=ROUND\(SUM\(([A-Z]+)(\d+):([A-Z]+)(\d+)\),2\)", formula)
        if found and found[1] == found[3]:
            span = range(int(found[2]), int(found[4]) + 1)
            below = sum(opened.value(sheet, f"{found[1]}{row}") or 0 for row in span)
            assert round(below, 2) == opened.value(sheet, place)
            checked += 1
    assert checked or credits is Credits.NETTED
