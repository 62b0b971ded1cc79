"""The portfolio as a workbook that one would send to the board.

The cover has the day (the cell ``AsOf``, which every sheet repeats), what must agree, and the way to
every sheet.  The aging takes its amounts from the drill-down by customer, which adds up its items;
whoever changes a figure sees the control line change.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import attrs

from receivables.aging.model import AgedItem, Aging, AgingRow
from receivables.errors import LimitError
from receivables.measures import Measure
from receivables.money import digits
from receivables.portfolio import ControlLine, PortfolioReport
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn

from ._board_sheet import BoardSheet, area, letters, quoted, sheet_name
from ._excel import OPTIONS, needed_xlsxwriter
from ._lines import is_by_currency
from ._palette import colours
from ._sheet import Styles, is_exact
from ._view import View, in_units, one_line

__all__ = ["BoardWorkbook"]

_ROWS_MAX: Final = 1_000_000
_PARTIES: Final = 4
"""Columns before the buckets: customer, name, document, currency."""
_TOTAL: Final[Mapping[str, object]] = {"bold": True, "top": 1}
_VERDICT: Final = 5
"""The column of the cover that says whether a line agrees."""
_SERIES: Final = (
    Measure.DSO,
    Measure.BEST_POSSIBLE_DSO,
    Measure.DSO_COUNT_BACK,
    Measure.AVERAGE_DAYS_DELINQUENT,
)
_LARGEST: Final = 25
"""Holders in the sheet of concentration."""


class BoardWorkbook:
    """Writes the portfolio as one workbook.

    Raises `MissingExtraError` where XlsxWriter is not installed, and `LimitError` where there are
    more items than a sheet holds.
    """

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    suffix = ".xlsx"

    def __init__(self) -> None:
        self._xlsxwriter: Any = needed_xlsxwriter()

    def write(self, report: PortfolioReport, *, names: Mapping[str, str], locale: str) -> bytes:
        """Write; equal reports give equal bytes, because the file is dated on the as-of date."""
        rows = len(report.aging.items) + len(report.aging.rows)
        if rows > _ROWS_MAX:
            msg = f"items and customers of a workbook must be at most {_ROWS_MAX}, got {rows}"
            raise LimitError(msg)
        view = View(report.aging, names=names, locale=locale)
        stream = io.BytesIO()
        with self._xlsxwriter.Workbook(stream, dict(OPTIONS)) as book:
            made = dt.datetime.combine(report.as_of, dt.time())
            book.set_properties(
                {
                    "title": view.say("portfolio"),
                    "company": one_line(report.creditor),
                    "created": made,
                }
            )
            _Board(report=report, view=view, book=book, styles=Styles(book, view)).write()
        return stream.getvalue()


@attrs.frozen(kw_only=True)
class _Planned:
    """A sheet before it is written: its name and who writes it."""

    name: str
    write: Callable[[BoardSheet], None]


@attrs.frozen(kw_only=True)
class _Group:
    """One customer in one currency: the row of the aging and the items behind it."""

    row: AgingRow
    items: Sequence[AgedItem]
    place: int
    """The row of the drill-down, from zero."""


class _Board:
    """One workbook being written: every sheet is planned before the first is begun."""

    def __init__(self, *, report: PortfolioReport, view: View, book: Any, styles: Styles) -> None:  # noqa: ANN401  # a workbook of XlsxWriter
        self.report = report
        self.view = view
        self.book = book
        self.styles = styles
        self.labels = (*view.buckets, view.heading("credits"))
        self.inexact = _inexact(report.aging)
        self.first_row = _FIRST_ROW + len(self._notes)
        self.groups = tuple(_grouped(report.aging, first=self.first_row))
        self.totals: dict[str, str] = {}
        """Where the total of each currency stands, for the control line."""
        self.plans: list[_Planned] = []

    def write(self) -> None:
        """Write every sheet, the cover first, which tells where the others are."""
        self._plan("cover", self._cover)
        self._plan("aging", self._aging)
        if self.report.aging.items:
            self._plan("by customer", self._drill_down)
            self._plan("open items", self._items)
        self._plan_results()
        cover = quoted(self.plans[0].name)
        self.book.define_name("AsOf", f"={cover}!$B$3")
        self._place_totals()
        for plan in self.plans:
            plan.write(BoardSheet(plan.name, view=self.view, styles=self.styles))

    def _plan_results(self) -> None:
        report = self.report
        if report.past_agings:
            self._plan("aging over time", self._aging_over_time)
        if report.movement is not None:
            self._plan("movement", self._result(report.movement.to_table()))
        if report.measures is not None:
            self._plan("measures", self._result(report.measures.to_table()))
        if report.series is not None and report.series.tables:
            self._plan("measures over time", self._measures_over_time)
        if report.by_customer is not None:
            self._plan("measures by customer", self._result(report.by_customer.to_table()))
        if report.forecast is not None:
            self._plan("cash forecast", self._forecast)
        if report.rolls is not None:
            self._plan("roll rates", self._result(report.rolls.to_table()))
        for one in report.concentrations:
            self._plan("concentration", self._result(_largest(one.to_table())))
        for table in report.tables:
            self._plan_table(table)

    def _plan(self, what: str, write: Callable[[BoardSheet], None]) -> None:
        taken = [plan.name for plan in self.plans]
        self.plans.append(_Planned(name=sheet_name(self.view.say(what), taken), write=write))

    def _plan_table(self, table: ResultTable) -> None:
        taken = [plan.name for plan in self.plans]
        name = sheet_name(self.view.phrase(table.title), taken)
        self.plans.append(_Planned(name=name, write=self._result(table)))

    def _name(self, write: Callable[[BoardSheet], None]) -> str:
        return next(plan.name for plan in self.plans if plan.write == write)

    def _place_totals(self) -> None:
        """Where the totals of the aging will stand: below its rows, in the column of totals."""
        column = letters(_PARTIES + len(self.labels))
        name = quoted(self._name(self._aging))
        start = self.first_row + len(self.report.aging.rows)
        for place, currency in enumerate(self.report.aging.totals):
            self.totals[currency] = f"{name}!${column}${start + place + 1}"

    # The cover.

    def _cover(self, sheet: BoardSheet) -> None:
        report, view, raw = self.report, self.view, sheet.raw
        for column, width in enumerate((34, 18, 18, 18, 18, 26)):
            raw.set_column(column, column, width)
        raw.hide_gridlines(2)
        raw.set_row(0, 34)
        sheet.text(0, view.say("portfolio"), bold=True, font_size=22)
        sheet.row = 1
        sheet.text(0, one_line(report.creditor), font_size=14)
        sheet.row = 2
        sheet.text(0, view.as_of.label, bold=True)
        raw.write_datetime(2, 1, report.as_of, self.styles.date())
        for sheet.row, fact in enumerate(view.method, start=3):
            sheet.text(0, fact.label, bold=True)
            sheet.text(1, fact.value)
        sheet.row += 2
        self._control(sheet)
        sheet.row += 1
        if report.measures is not None:
            table = report.measures.to_table()
            sheet.text(0, view.say("measures"), bold=True, font_size=14)
            sheet.row += 1
            _key_figures(sheet, table)
            sheet.row += 1
        sheet.text(0, view.say("contents"), bold=True, font_size=14)
        sheet.row += 1
        for plan in self.plans[1:]:
            target = f"internal:{quoted(plan.name)}!A1"
            raw.write_url(sheet.row, 0, target, self.styles.make(underline=1), plan.name)
            sheet.row += 1
        sheet.finish(6)

    def _control(self, sheet: BoardSheet) -> None:
        view, raw = self.view, sheet.raw
        sheet.text(0, view.say("control"), bold=True, font_size=14)
        sheet.row += 1
        headings = ("ledger", "aging", "general ledger", "difference")
        names = (view.heading("currency"), *map(view.say, headings), "")
        for column, name in enumerate(names):
            raw.write_string(
                sheet.row, column, name, self.styles.heading(right=0 < column < _VERDICT)
            )
        sheet.row += 1
        first = sheet.row
        for line in self.report.control:
            self._control_line(sheet, line)
        for sign, colour in (("=", "#1B7837"), ("<>", "#B2182B")):
            look = self.book.add_format({"font_color": colour, "bold": True})
            rule = {"type": "formula", "criteria": f"=$E{first + 1}{sign}0", "format": look}
            raw.conditional_format(first, 4, max(sheet.row - 1, first), 5, rule)

    def _control_line(self, sheet: BoardSheet, line: ControlLine) -> None:
        currency, row = line.currency, sheet.row + 1
        sheet.text(0, currency)
        sheet.amount(1, line.ledger_minor, currency)
        place = self.totals.get(currency)
        if place is None or currency in self.inexact:
            sheet.amount(2, line.aging_minor, currency)
        else:
            value = in_units(line.aging_minor, currency)
            sheet.formula(2, f"={place}", value=value, currency=currency)
        if line.other_minor is not None:
            sheet.amount(3, line.other_minor, currency)
        gap = f"ABS(B{row}-C{row})+IF(ISNUMBER(D{row}),ABS(B{row}-D{row}),0)"
        if currency in self.inexact or not is_exact(line.ledger_minor):
            sheet.amount(4, line.difference_minor, currency)
        else:
            value = in_units(line.difference_minor, currency)
            formula = f"=ROUND({gap},{digits(currency)})"
            sheet.formula(4, formula, value=value, currency=currency)
        good, bad = self.view.say("agrees"), self.view.say("does not agree")
        verdict = f'=IF(E{row}=0,"{_inside(good)}","{_inside(bad)}")'
        said = bad if line.difference_minor else good
        sheet.raw.write_formula(sheet.row, 5, verdict, self.styles.make(bold=True, indent=1), said)
        sheet.row += 1

    # The aging, from its items upwards.

    def _aging(self, sheet: BoardSheet) -> None:
        view, aging = self.view, self.report.aging
        sheet.widths([16, 34, 10, 9, *([15] * (len(self.labels) + 1))])
        sheet.headed(self.report.creditor, self._notes)
        names = ("customer", "name", "items", "currency")
        headings = (*map(view.heading, names), *self.labels, view.heading("total"))
        right = frozenset({2, *range(_PARTIES, len(headings))})
        sheet.headings(headings, right=right, rows=len(aging.rows))
        body = range(sheet.row, sheet.row + len(aging.rows))
        for group in self.groups:
            self._aging_row(sheet, group)
        for currency, total in aging.totals.items():
            self._aging_total(sheet, total, None if currency in self.inexact else body)
        for currency, total in aging.totals.items():
            self._aging_shares(sheet, total, currency)
        sheet.texts_are_meant(f"A{body.start + 1}:B{body.stop + 1}")
        sheet.finish(len(headings))

    @property
    def _notes(self) -> list[str]:
        notes = [] if self.report.aging.rows else [self.view.say("nothing is open")]
        return [*notes, *([self.view.say("text instead of numbers")] if self.inexact else [])]

    def _aging_row(self, sheet: BoardSheet, group: _Group) -> None:
        row, currency = group.row, group.row.currency
        sheet.text(0, one_line(row.customer))
        sheet.text(1, self.view.name(row.customer))
        sheet.integer(2, row.items)
        sheet.text(3, currency, indent=1)
        amounts = (*row.buckets_minor, row.credits_minor)
        is_plain = currency in self.inexact
        has_items = bool(group.items) and not is_plain
        source = quoted(self._name(self._drill_down)) if has_items else ""
        for place, amount in enumerate(amounts, start=_PARTIES):
            if has_items and amount:
                formula = f"={source}!{letters(place)}{group.place + 1}"
                value = in_units(amount, currency)
                sheet.formula(place, formula, value=value, currency=currency)
            else:
                sheet.amount(place, amount, currency)
        self._across(sheet, row, len(amounts), is_plain=is_plain)
        sheet.row += 1

    def _across(
        self, sheet: BoardSheet, row: AgingRow, count: int, *, is_plain: bool, **look: object
    ) -> None:
        """Write the total of a row as the sum of what stands before it."""
        place, here = _PARTIES + count, sheet.row + 1
        if is_plain:
            sheet.amount(place, row.total_minor, row.currency, **look)
            return
        span = f"{letters(_PARTIES)}{here}:{letters(place - 1)}{here}"
        formula = f"=ROUND(SUM({span}),{digits(row.currency)})"
        value = in_units(row.total_minor, row.currency)
        sheet.formula(place, formula, value=value, currency=row.currency, **look)

    def _aging_total(self, sheet: BoardSheet, total: AgingRow, body: range | None) -> None:
        currency = total.currency
        sheet.text(0, self.view.total(currency), **_TOTAL)
        sheet.raw.write_blank(sheet.row, 1, None, self.styles.make(**_TOTAL))
        sheet.integer(2, total.items, **_TOTAL)
        sheet.text(3, currency, indent=1, **_TOTAL)
        amounts = (*total.buckets_minor, total.credits_minor)
        for place, amount in enumerate(amounts, start=_PARTIES):
            if body is None:
                sheet.amount(place, amount, currency, **_TOTAL)
                continue
            added = f'SUMIFS({area(body, place)},{area(body, 3)},"{currency}")'
            value = in_units(amount, currency)
            formula = f"=ROUND({added},{digits(currency)})"
            sheet.formula(place, formula, value=value, currency=currency, **_TOTAL)
        self._across(sheet, total, len(amounts), is_plain=body is None, **_TOTAL)
        sheet.row += 1

    def _aging_shares(self, sheet: BoardSheet, total: AgingRow, currency: str) -> None:
        """Write what part of the total each bucket is."""
        if not total.total_minor or currency in self.inexact:
            return
        sheet.text(0, f"{self.view.say('share')} {currency}", italic=True)
        of = self.totals[currency].rpartition("!")[2]
        row = of.rpartition("$")[2]
        amounts = (*total.buckets_minor, total.credits_minor, total.total_minor)
        style = self.styles.make(num_format="0.0%", italic=True)
        for place, amount in enumerate(amounts, start=_PARTIES):
            formula = f"=IF({of}=0,0,{letters(place)}${row}/{of})"
            value = round(amount / total.total_minor, 10)
            sheet.raw.write_formula(sheet.row, place, formula, style, value)
        sheet.row += 1

    def _drill_down(self, sheet: BoardSheet) -> None:
        view = self.view
        sheet.widths([16, 34, 18, 9, *([15] * (len(self.labels) + 1)), 12, 9])
        sheet.headed(self.report.creditor, self._notes)
        names = ("customer", "name", "document", "currency")
        last = (view.heading("total"), view.heading("due date"), view.days)
        headings = (*map(view.heading, names), *self.labels, *last)
        right = frozenset({*range(_PARTIES, len(headings) - 2), len(headings) - 1})
        sheet.headings(headings, right=right, rows=0)
        # What is folded away stands below the sum that it makes.
        sheet.raw.outline_settings(True, False, True, False)  # noqa: FBT003  # positions of XlsxWriter
        for group in self.groups:
            self._drill_sum(sheet, group)
            for aged in group.items:
                self._drill_item(sheet, aged)
        sheet.finish(len(headings))

    def _drill_sum(self, sheet: BoardSheet, group: _Group) -> None:
        row, currency = group.row, group.row.currency
        sheet.raw.set_row(sheet.row, None, None, {"collapsed": bool(group.items)})
        sheet.text(0, one_line(row.customer), bold=True)
        sheet.text(1, self.view.name(row.customer), bold=True)
        sheet.text(3, currency, bold=True)
        amounts = (*row.buckets_minor, row.credits_minor)
        is_plain = currency in self.inexact
        first, end = sheet.row + 2, sheet.row + 1 + len(group.items)
        below = [0] * len(amounts)
        for aged in group.items:
            below[self._bucket(aged)] += aged.item.open_minor
        for place, amount in enumerate(amounts, start=_PARTIES):
            # Where credits are set against the buckets, these are not what stands below them.
            if is_plain or not amount or below[place - _PARTIES] != amount:
                sheet.amount(place, amount, currency, bold=True)
                continue
            name = letters(place)
            formula = f"=ROUND(SUM({name}{first}:{name}{end}),{digits(currency)})"
            value = in_units(amount, currency)
            sheet.formula(place, formula, value=value, currency=currency, bold=True)
        self._across(sheet, row, len(amounts), is_plain=is_plain, bold=True)
        sheet.row += 1

    def _drill_item(self, sheet: BoardSheet, aged: AgedItem) -> None:
        item = aged.item
        sheet.raw.set_row(sheet.row, None, None, {"level": 1, "hidden": True})
        sheet.text(2, one_line(item.document or item.item))
        sheet.text(3, item.currency)
        place = _PARTIES + self._bucket(aged)
        sheet.amount(place, item.open_minor, item.currency)
        end = _PARTIES + len(self.labels)
        if item.due_date is not None:
            sheet.date(end + 1, item.due_date)
        sheet.integer(end + 2, aged.days)
        sheet.row += 1

    def _bucket(self, aged: AgedItem) -> int:
        """The column of an item among the buckets; credits that stand apart have the last."""
        is_credit = self.view.bucket(aged) == self.view.heading("credits")
        return len(self.labels) - 1 if is_credit else aged.bucket

    def _items(self, sheet: BoardSheet) -> None:
        view, heading = self.view, self.view.heading
        sheet.widths([14, 34, 18, 16, 12, 12, 10, 20, 9, 16])
        sheet.headed(self.report.creditor, self._notes)
        parties = map(heading, ("customer", "name", "document", "kind"))
        dates = (view.dated_by, heading("due date"), view.days)
        headings = (*parties, *dates, *map(heading, ("bucket", "currency", "open amount")))
        sheet.headings(headings, right=frozenset({6, 9}), rows=len(self.report.aging.items))
        first = sheet.row
        for aged in self.report.aging.items:
            self._item(sheet, aged)
        sheet.texts_are_meant(f"A{first + 1}:J{max(sheet.row, first + 1)}")
        sheet.finish(len(headings))

    def _item(self, sheet: BoardSheet, aged: AgedItem) -> None:
        item, view = aged.item, self.view
        sheet.text(0, one_line(item.customer))
        sheet.text(1, view.name(item.customer))
        sheet.text(2, one_line(item.document or item.item))
        sheet.text(3, view.kind(aged))
        sheet.date(4, view.own_date(item))
        if item.due_date is not None:
            sheet.date(5, item.due_date)
        sheet.integer(6, aged.days)
        sheet.text(7, view.bucket(aged))
        sheet.text(8, item.currency)
        sheet.amount(9, item.open_minor, item.currency)
        sheet.row += 1

    # Results, with their pictures.

    def _result(self, table: ResultTable) -> Callable[[BoardSheet], None]:
        def write(sheet: BoardSheet) -> None:
            sheet.headed(self.report.creditor)
            sheet.table(table)
            sheet.finish(len(table.columns))

        return write

    def _aging_over_time(self, sheet: BoardSheet) -> None:
        agings = (*self.report.past_agings, self.report.aging)
        sheet.headed(self.report.creditor)
        table = _over_time(agings)
        body = sheet.table(table)
        painted = (*colours(self.report.aging.scheme), "#8C959F")
        for currency in self.report.aging.totals:
            rows = [
                body.start + index for index, row in enumerate(table.rows) if row[1] == currency
            ]
            chart = self.book.add_chart({"type": "column", "subtype": "stacked"})
            for column, label in enumerate(self.labels, start=2):
                chart.add_series(
                    {
                        "name": label,
                        "categories": _cells(sheet.name, rows, 0),
                        "values": _cells(sheet.name, rows, column),
                        "fill": {"color": painted[column - 2]},
                        "border": {"color": "#FFFFFF", "width": 0.5},
                        "gap": 60,
                    }
                )
            self._insert(sheet, chart, f"{sheet.name} · {currency}")
        sheet.finish(len(table.columns))

    def _measures_over_time(self, sheet: BoardSheet) -> None:
        series = self.report.series
        assert series is not None  # noqa: S101  # the sheet was planned because there is one
        sheet.headed(self.report.creditor)
        table = series.to_table()
        body = sheet.table(table)
        names = [column.name for column in table.columns]
        place = names.index("currency")
        drawn = [one for one in _SERIES if one.value in names and is_by_currency(series)]
        currencies = sorted({str(row[place]) for row in table.rows})
        for currency in currencies if drawn else ():
            rows = [
                body.start + index for index, row in enumerate(table.rows) if row[place] == currency
            ]
            chart = self.book.add_chart({"type": "line"})
            for number, measure in enumerate(drawn):
                column = names.index(measure.value)
                chart.add_series(
                    {
                        "name": self.view.phrase(table.columns[column].heading),
                        "categories": _cells(sheet.name, rows, 0),
                        "values": _cells(sheet.name, rows, column),
                        "line": {"color": _LINES[number], "dash_type": _DASHES[number]},
                        "marker": {"type": "automatic"},
                    }
                )
            self._insert(sheet, chart, f"{sheet.name} · {currency}")
        sheet.finish(len(table.columns))

    def _forecast(self, sheet: BoardSheet) -> None:
        forecast = self.report.forecast
        assert forecast is not None  # noqa: S101  # the sheet was planned because there is one
        sheet.headed(self.report.creditor)
        table = forecast.to_table()
        body = sheet.table(table)
        names = [column.name for column in table.columns]
        place = names.index("currency")
        currencies = sorted({str(row[place]) for row in table.rows})
        for currency in currencies:
            rows = [
                body.start + index
                for index, row in enumerate(table.rows)
                if row[place] == currency and isinstance(row[names.index("first")], dt.date)
            ]
            chart = self.book.add_chart({"type": "column"})
            lines = self.book.add_chart({"type": "line"})
            for name, colour in (
                ("expected_minor", "#4575B4"),
                ("low_minor", "#1B1F24"),
                ("high_minor", "#1B1F24"),
            ):
                column = names.index(name)
                series = {
                    "name": self.view.phrase(table.columns[column].heading),
                    "categories": _cells(sheet.name, rows, names.index("first")),
                    "values": _cells(sheet.name, rows, column),
                }
                if name == "expected_minor":
                    chart.add_series({**series, "fill": {"color": colour}})
                else:
                    lines.add_series({**series, "line": {"color": colour, "dash_type": "dash"}})
            chart.combine(lines)
            self._insert(sheet, chart, f"{sheet.name} · {currency}")
        sheet.finish(len(table.columns))

    def _insert(self, sheet: BoardSheet, chart: Any, title: str) -> None:  # noqa: ANN401  # a chart of XlsxWriter
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 860, "height": 320})
        days = {"num_format": self.styles.date_pattern, "text_axis": True}
        chart.set_x_axis({**days, "num_font": {"rotation": -45}, "label_position": "low"})
        chart.set_y_axis(
            {
                "num_format": "#,##0",
                "major_gridlines": {"visible": True, "line": {"color": "#D0D7DE"}},
            }
        )
        sheet.row += 1
        sheet.raw.insert_chart(sheet.row, 0, chart, {"description": title})
        sheet.row += 17


_FIRST_ROW: Final = 5
"""Rows above the first row of a sheet without notes: title, creditor, day, an empty one, headings."""
_LINES: Final = ("#0072B2", "#009E73", "#D55E00", "#7F4FA0")
_DASHES: Final = ("solid", "dash", "square_dot", "long_dash_dot")


def _grouped(aging: Aging, *, first: int) -> Iterator[_Group]:
    """The rows of an aging with their items, and where each stands in the drill-down."""
    items: dict[tuple[str, str, str], list[AgedItem]] = {}
    for aged in aging.items:
        one = aged.item
        items.setdefault((one.creditor, one.customer, one.currency), []).append(aged)
    place = first
    for row in aging.rows:
        own = items.get((row.creditor, row.customer, row.currency), [])
        yield _Group(row=row, items=own, place=place)
        place += 1 + len(own)


def _inexact(aging: Aging) -> frozenset[str]:
    """The currencies in which an amount has more digits than a number keeps."""
    rows = (*aging.rows, *aging.totals.values())
    amounts = itertools.chain(
        ((row.currency, minor) for row in rows for minor in _amounts(row)),
        ((aged.item.currency, aged.item.open_minor) for aged in aging.items),
    )
    return frozenset(currency for currency, minor in amounts if not is_exact(minor))


def _amounts(row: AgingRow) -> tuple[int, ...]:
    return (*row.buckets_minor, row.credits_minor, row.total_minor)


def _inside(text: str) -> str:
    """A text within the quotes of a formula."""
    return text.replace('"', '""')


def _cells(name: str, rows: Sequence[int], column: int) -> str:
    """The cells of rows that may not lie together, as a formula of a chart has them."""
    spans: list[tuple[int, int]] = []
    for row in rows:
        if spans and spans[-1][1] == row - 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    at = letters(column)
    parts = [f"{quoted(name)}!${at}${start + 1}:${at}${end + 1}" for start, end in spans]
    return "=" + (parts[0] if len(parts) == 1 else f"({','.join(parts)})")


def _over_time(agings: Sequence[Aging]) -> ResultTable:
    """The totals of several days, currency by currency, in order of days."""
    rows: list[tuple[Any, ...]] = []
    for currency in sorted({code for one in agings for code in one.totals}):
        for aging in agings:
            total = aging.totals.get(currency)
            if total is not None:
                rows.append((aging.as_of, currency, *_amounts(total)))
    own = agings[-1].to_table().columns
    buckets = [one for one in own if one.name.startswith(("bucket_", "credits", "total"))]
    columns = [TableColumn(name="as_of", heading="as of", kind=CellKind.DATE)]
    columns += [one for one in own if one.name == "currency"] + buckets
    return ResultTable(title="aging over time", columns=columns, rows=rows)


def _largest(table: ResultTable) -> ResultTable:
    return attrs.evolve(table, rows=table.rows[:_LARGEST])


def _key_figures(sheet: BoardSheet, table: ResultTable) -> None:
    """Write the measures of the cover downwards: a line each, a column for each currency."""
    names = [column.name for column in table.columns]
    place = names.index("currency")
    for column, row in enumerate(table.rows, start=1):
        sheet.text(column, str(row[place]), bold=True, align="right")
    sheet.row += 1
    for index, heading in enumerate(table.columns):
        if heading.kind is CellKind.TEXT:
            continue
        sheet.text(0, sheet.view.phrase(heading.heading))
        for column, row in enumerate(table.rows, start=1):
            cell = row[index]
            if cell is None or isinstance(cell, (str, Phrase, dt.date)):
                sheet.raw.write_string(sheet.row, column, "–", sheet.styles.make(align="right"))
            elif heading.kind is CellKind.MONEY:
                sheet.amount(column, int(cell), str(row[place]))
            else:
                sheet.number(column, Fraction(cell), heading)
        sheet.row += 1
