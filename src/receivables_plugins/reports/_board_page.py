"""The portfolio as one page for a board: what must agree, the figures, the aging, what will come in.

The page needs nothing else: no script, no font, no picture from elsewhere, and its content security
policy forbids all of them.  It prints, and follows the reader's light or dark.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from html import escape
from typing import Final

import attrs

from receivables.forecast import CashForecast
from receivables.i18n import format_date, format_money, format_number
from receivables.measures import Measure
from receivables.portfolio import PortfolioReport
from receivables.showing import show
from receivables.tables import ResultTable

from ._bars import Scale, bar
from ._html import Section, head, section
from ._lines import Bar, Line, bands, is_by_currency, lines
from ._view import View, one_line

__all__ = ["BoardPage"]

_ROWS_SHOWN: Final = 40
"""Rows of a further table; a page is read from top to bottom, a workbook is searched."""
_SERIES: Final = (
    Measure.DSO,
    Measure.BEST_POSSIBLE_DSO,
    Measure.DSO_COUNT_BACK,
    Measure.AVERAGE_DAYS_DELINQUENT,
)


class BoardPage:
    """Writes a self-contained page in UTF-8."""

    media_type = "text/html"
    suffix = ".html"

    def write(self, report: PortfolioReport, *, names: Mapping[str, str], locale: str) -> bytes:
        """Write; equal reports give equal bytes."""
        view = View(report.aging, names=names, locale=locale)
        return "\n".join(_Page(report=report, view=view).lines()).encode()


@attrs.frozen(kw_only=True)
class _Page:
    """One page being written."""

    report: PortfolioReport
    view: View

    def lines(self) -> Iterator[str]:
        """The page, line by line."""
        report, view = self.report, self.view
        title = f"{view.say('portfolio')} · {one_line(report.creditor)} · {view.as_of.value}"
        yield from head(view, title)
        yield f"<body><header><h1>{escape(view.say('portfolio'))}</h1>"
        yield f'<p class="whose"><bdi>{escape(one_line(report.creditor))}</bdi></p><dl class="facts">'
        for fact in (view.as_of, *view.method):
            yield f"<div><dt>{escape(fact.label)}</dt><dd>{escape(fact.value)}</dd></div>"
        yield "</dl></header><main>"
        if not report.aging.rows:
            yield f"<p>{escape(view.say('nothing is open'))}</p>"
        yield from self._control()
        yield from self._key_figures()
        for currency, total in report.aging.totals.items():
            rows = [row for row in report.aging.rows if row.currency == currency]
            yield from section(Section(view=view, total=total, rows=rows))
            yield from self._over_time(currency)
        yield from self._series()
        yield from self._forecast()
        for table in self._results():
            yield f"<section><h2>{escape(view.phrase(table.title))}</h2>"
            yield from self._table(table)
            yield "</section>"
        yield "</main></body></html>"
        yield ""

    def _results(self) -> Iterator[ResultTable]:
        report = self.report
        if report.movement is not None:
            table = report.movement.to_table()
            yield attrs.evolve(table, rows=table.totals or table.rows, totals=())
        for concentration in report.concentrations:
            yield concentration.to_table()
        if report.rolls is not None:
            yield report.rolls.to_table()
        yield from report.tables

    # What must agree.

    def _control(self) -> Iterator[str]:
        lines, view = self.report.control, self.view
        if not lines:
            return
        yield f"<section><h2>{escape(view.say('control'))}</h2><table><thead><tr>"
        says = map(view.say, ("ledger", "aging", "general ledger", "difference"))
        for heading in (view.heading("currency"), *says, ""):
            yield f'<th scope="col">{escape(heading)}</th>'
        yield "</tr></thead><tbody>"
        for line in lines:
            amounts = (line.ledger_minor, line.aging_minor, line.other_minor, line.difference_minor)
            cells = "".join(f"<td>{self._amount(one, line.currency)}</td>" for one in amounts)
            good = not line.difference_minor
            word = escape(view.say("agrees" if good else "does not agree"))
            mark = f'<td class="{"good" if good else "bad"}">{word}</td>'
            yield f'<tr><th scope="row">{escape(line.currency)}</th>{cells}{mark}</tr>'
        yield "</tbody></table></section>"

    def _amount(self, minor: int | None, currency: str) -> str:
        return "–" if minor is None else escape(format_money(minor, currency, self.view.locale))

    # The figures.

    def _key_figures(self) -> Iterator[str]:
        measures = self.report.measures
        if measures is None or not measures.figures:
            return
        table = measures.to_table()
        shown = show(table, self.view.locale, rows=max(len(table.rows), 1))
        place = [column.name for column in table.columns].index("currency")
        yield f"<section><h2>{escape(self.view.say('measures'))}</h2>"
        for line in shown.lines:
            yield f'<h3>{escape(line.cells[place])}</h3><dl class="figures">'
            cells = zip(shown.headings, line.cells, shown.right, strict=True)
            for label, cell, is_number in cells:
                if is_number:
                    yield f"<div><dt>{escape(label)}</dt><dd>{escape(cell)}</dd></div>"
            yield "</dl>"
        yield "</section>"

    def _over_time(self, currency: str) -> Iterator[str]:
        agings = [
            one for one in (*self.report.past_agings, self.report.aging) if currency in one.totals
        ]
        if len(agings) < 2:  # noqa: PLR2004  # one day is no course of time
            return
        rows = [one.totals[currency] for one in agings]
        words, scale = Section(view=self.view, total=rows[-1], rows=()), Scale.of(rows)
        heading = f"{self.view.say('aging over time')} · {currency}"
        yield f'<section><h3>{escape(heading)}</h3><figure><ul class="bars">'
        for aging, row in zip(agings, rows, strict=True):
            day = format_date(aging.as_of, self.view.locale, "medium")
            total = words.money(row.total_minor)
            yield f'<li><span class="who">{escape(day)}</span>'
            yield from bar(row, scale, title=f"{day}: {total}", words=words)
            yield f'<span class="sum">{escape(total)}</span></li>'
        yield "</ul></figure></section>"

    def _series(self) -> Iterator[str]:
        series = self.report.series
        if series is None or len(series.tables) < 2:  # noqa: PLR2004  # one day is no course of time
            return
        if not is_by_currency(series):
            return
        days = [format_date(day, self.view.locale, "short") for day in series.days]
        currencies = sorted({one.currency for table in series.tables for one in table})
        yield f"<section><h2>{escape(self.view.say('measures over time'))}</h2>"
        for currency in currencies:
            values = {
                measure: [value for _, value in series.of(measure, currency=currency)]
                for measure in _SERIES
            }
            drawn = [
                Line(name=self._measure(measure), values=own)
                for measure, own in values.items()
                if any(value is not None for value in own)
            ]
            if drawn:
                title = f"{self.view.say('measures over time')} · {currency}"
                yield f"<h3>{escape(currency)}</h3><figure>"
                yield from lines(drawn, days, title=title, say=self._plain)
                yield from _keys([line.name for line in drawn])
                yield "</figure>"
        yield "</section>"

    def _measure(self, measure: Measure) -> str:
        """The heading of a measure, as the table of measures has it."""
        series = self.report.series
        tables = series.tables if series is not None else ()
        columns = (column for table in tables for column in table.to_table().columns)
        return next(
            self.view.phrase(column.heading) for column in columns if column.name == measure.value
        )

    def _plain(self, value: Fraction) -> str:
        """Days with one decimal, a half away from zero."""
        tenths = (20 * abs(value) + 1) // 2
        return format_number(value, self.view.locale, places=1 if tenths % 10 else 0)

    # What will come in.

    def _forecast(self) -> Iterator[str]:
        forecast = self.report.forecast
        if forecast is None:
            return
        yield f"<section><h2>{escape(self.view.say('cash forecast'))}</h2>"
        for currency in sorted({one.currency for one in forecast.periods}):
            yield f"<h3>{escape(currency)}</h3><figure>"
            yield from self._bands(forecast, currency)
            yield "</figure>"
        yield from self._table(forecast.to_table())
        yield "</section>"

    def _bands(self, forecast: CashForecast, currency: str) -> Iterator[str]:
        locale = self.view.locale
        bars: dict[dt.date, Bar] = {}
        for one in forecast.periods:
            if one.currency != currency:
                continue
            before = bars.get(one.first)
            bars[one.first] = Bar(
                name=format_date(one.first, locale, "short"),
                expected=one.expected_minor + (before.expected if before else 0),
                low=one.low_minor + (before.low if before else 0),
                high=one.high_minor + (before.high if before else 0),
            )

        def say(minor: Fraction) -> str:
            return format_money(round(minor), currency, locale)

        title = f"{self.view.say('cash forecast')} · {currency}"
        yield from bands([bars[day] for day in sorted(bars)], title=title, say=say)

    # Further tables.

    def _table(self, table: ResultTable) -> Iterator[str]:
        shown = show(table, self.view.locale, rows=_ROWS_SHOWN)
        title = escape(shown.title)
        if shown.details:
            yield f"<p>{escape(', '.join(shown.details))}</p>"
        yield f'<div class="wide" role="region" tabindex="0" aria-label="{title}"><table>'
        yield f"<thead>{_row(shown.headings, shown.right, tag='th')}</thead><tbody>"
        for line in shown.lines:
            yield _row(line.cells, shown.right)
        yield "</tbody><tfoot>"
        for line in shown.totals:
            yield _row(line.cells, shown.right)
        yield "</tfoot></table></div>"
        for note in shown.notes:
            yield f"<p><small>{escape(note)}</small></p>"


def _row(cells: Sequence[str], right: Sequence[bool], *, tag: str = "td") -> str:
    scope = ' scope="col"' if tag == "th" else ""
    sides = ("" if is_number else ' class="text"' for is_number in right)
    written = (
        f"<{tag}{scope}{side}><bdi>{escape(one_line(cell))}</bdi></{tag}>"
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(written)}</tr>"


def _keys(names: Sequence[str]) -> Iterator[str]:
    """What each line stands for."""
    yield '<dl class="key">'
    for number, name in enumerate(names):
        stroke = f'<line class="l{number}" x1="0" x2="28" y1="7" y2="7"/>'
        swatch = f'<svg width="28" height="14" aria-hidden="true">{stroke}</svg>'
        yield f"<div>{swatch}<dt>{escape(name)}</dt></div>"
    yield "</dl>"
