"""Measures over time, as lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from receivables.errors import PolicyError
from receivables.i18n.labels import capitalized
from receivables.measures.model import Measure, MeasureSeries, MeasureUnit
from receivables.pictures._canvas import Axis, Canvas, Row, canvas_of, chosen, ppm, thinned
from receivables.pictures._look import SHAPES, STROKES, Theme

if TYPE_CHECKING:
    import altair as alt

__all__ = ["measure_lines"]

_POINTS_MOST = 400
_POINTS_MARKED = 40
_HUNDREDTHS = 100


def measure_lines(
    series: MeasureSeries,
    measures: Measure | Iterable[Measure] = (Measure.DSO, Measure.BEST_POSSIBLE_DSO),
    *,
    locale: str = "en",
    currency: str = "",
    theme: Theme | str = Theme.LIGHT,
    **group: str,
) -> alt.LayerChart:
    """A line for each measure of one group; a day on which a measure means nothing is a gap.

    The measures must count in one unit; `group` names creditor, segment or customer where figures are
    told apart by them.  Raises `PolicyError` otherwise.
    """
    wanted = [measures] if isinstance(measures, Measure) else list(dict.fromkeys(measures))
    units = {one.unit for one in wanted}
    if len(units) != 1 or len(wanted) > len(SHAPES):
        msg = f"measures must be 1 to {len(SHAPES)} of one unit, got {', '.join(one.value for one in wanted) or 'none'}"
        raise PolicyError(msg)
    codes = (figure.currency for table in series.tables for figure in table)
    code = chosen(codes, currency, what="currency")
    canvas = canvas_of(locale, theme)
    (unit,) = units
    rows = [
        row
        for one in wanted
        for row in _rows(canvas, one, series.of(one, currency=code, **group), currency=code)
    ]
    axis = _axis(canvas, unit, rows, currency=code)
    names = [_name(canvas, one) for one in wanted]
    title = names[0] if len(names) == 1 else canvas.word("picture", "measures over time")
    return canvas.finished(
        *_layers(canvas, rows, names, axis, series.days),
        title=title,
        details=[*(name for name in group.values() if name), code],
    )


def _name(canvas: Canvas, measure: Measure) -> str:
    return capitalized(canvas.word("table", measure.value))


def _rows(
    canvas: Canvas,
    measure: Measure,
    points: Iterable[tuple[dt.date, Fraction | None]],
    *,
    currency: str,
) -> Iterator[Row]:
    known = list(points)
    for place in thinned(len(known), most=_POINTS_MOST):
        day, value = known[place]
        yield {
            "day": day.isoformat(),
            "measure": _name(canvas, measure),
            "value": None if value is None else _drawn(measure.unit, value),
            "date": canvas.day(day),
            "figure": "–" if value is None else _written(canvas, measure.unit, value, currency),
        }


def _drawn(unit: MeasureUnit, value: Fraction) -> int:
    if unit is MeasureUnit.MONEY:
        return int(value)
    return round(value * _HUNDREDTHS) if unit is MeasureUnit.DAYS else ppm(value)


def _written(canvas: Canvas, unit: MeasureUnit, value: Fraction, currency: str) -> str:
    if unit is MeasureUnit.MONEY:
        return canvas.money(int(value), currency)
    if unit is MeasureUnit.SHARE:
        return canvas.share(value)
    return canvas.number(value, places=1 if unit is MeasureUnit.DAYS else 2)


def _axis(canvas: Canvas, unit: MeasureUnit, rows: Iterable[Row], *, currency: str) -> Axis:
    if unit is MeasureUnit.MONEY:
        return canvas.money_axis(currency, (int(row["value"] or 0) for row in rows))
    if unit is MeasureUnit.SHARE:
        return canvas.share_axis("")
    if unit is MeasureUnit.DAYS:
        return canvas.scaled_axis(canvas.word("picture", "days"), _HUNDREDTHS)
    return canvas.scaled_axis("", 1_000_000)


def _layers(
    canvas: Canvas, rows: list[Row], names: list[str], axis: Axis, days: tuple[dt.date, ...]
) -> list[alt.Chart]:
    alt, look = canvas.alt, canvas.look
    colours = [look.lines[at % len(look.lines)] for at in range(len(names))]
    legend = canvas.legend(symbolStrokeWidth=2) if len(names) > 1 else None
    base = canvas.chart(rows).encode(
        x=alt.X("day:T", **canvas.day_axis(days[0], days[-1], padding=12)),
        y=alt.Y("value:Q", axis=canvas.axis(axis), scale=alt.Scale(zero=False, nice=True)),
        color=alt.Color(
            "measure:N", sort=names, scale=alt.Scale(domain=names, range=colours), legend=legend
        ),
        tooltip=canvas.tooltips(
            measure=capitalized(canvas.word("table", "measure")),
            date=capitalized(canvas.word("table", "date")),
            figure=capitalized(canvas.word("table", "value")),
        ),
    )
    strokes = alt.Scale(domain=names, range=list(STROKES[: len(names)]))
    shapes = alt.Scale(domain=names, range=list(SHAPES[: len(names)]))
    line = base.mark_line(strokeWidth=2.2).encode(
        strokeDash=alt.StrokeDash("measure:N", sort=names, scale=strokes, legend=legend)
    )
    size = 60 if len(days) <= _POINTS_MARKED else 8
    points = base.mark_point(filled=True, opacity=1, size=size).encode(
        shape=alt.Shape("measure:N", sort=names, scale=shapes, legend=legend)
    )
    return [line, points]
