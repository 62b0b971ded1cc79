"""When one item may be paid: the chance of each day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from receivables.errors import PolicyError
from receivables.forecast.model import WHOLE_PPM, PaymentForecast
from receivables.i18n.labels import capitalized
from receivables.pictures._canvas import Canvas, Row, canvas_of
from receivables.pictures._look import Theme

if TYPE_CHECKING:
    import altair as alt

__all__ = ["payment_chances"]

_BARS_MOST: Final = 130
_TAIL_PPM: Final = 2_000
"""What is rarer than this at the end is added up, so that the picture shows what matters."""


def payment_chances(
    forecast: PaymentForecast,
    *,
    locale: str = "en",
    theme: Theme | str = Theme.LIGHT,
    coverage_bps: int = 8_000,
) -> alt.LayerChart:
    """A bar for the chance of each day, with the due date, the median and the band of a coverage.

    Where there are very many days, a bar stands for several.  Raises `PolicyError` for a forecast
    without days.
    """
    if not forecast.days:
        msg = "days must be 1 or more, got none"
        raise PolicyError(msg)
    canvas = canvas_of(locale, theme)
    low, high = forecast.band(coverage_bps)
    rows = list(_rows(canvas, forecast, within=(low, high)))
    item, median = forecast.item, forecast.expected_on
    said = [canvas.money(item.amount_minor, item.currency), canvas.as_of(forecast.as_of)]
    if median is not None:
        said.append(canvas.word("picture", "median {day}", day=canvas.day(median)))
    shown = sum(int(row["chance"] or 0) for row in rows)
    rest = canvas.share(Fraction(WHOLE_PPM - shown, WHOLE_PPM))
    said.append(canvas.word("picture", "later or never: {share}", share=rest))
    return canvas.finished(
        *_layers(canvas, rows, forecast, coverage_bps=coverage_bps),
        title=canvas.word("picture", "when {item} will be paid", item=item.item),
        details=said,
        height=240,
    )


def _rows(
    canvas: Canvas, forecast: PaymentForecast, *, within: tuple[dt.date | None, dt.date | None]
) -> Iterator[Row]:
    pairs = list(zip(forecast.days, forecast.chances_ppm, strict=True))
    pairs = [pair for pair in pairs if pair[1]]
    tail = 0
    while len(pairs) > 1 and tail + pairs[-1][1] <= _TAIL_PPM:
        tail += pairs.pop()[1]
    span = (pairs[-1][0] - pairs[0][0]).days + 1 if pairs else 1
    width = -(-span // _BARS_MOST)
    chances: dict[dt.date, int] = {}
    for day, chance in pairs:
        first = pairs[0][0] + dt.timedelta((day - pairs[0][0]).days // width * width)
        chances[first] = chances.get(first, 0) + chance
    low, high = within[0] or dt.date.max, within[1] or dt.date.max
    for first, chance in chances.items():
        last = first + dt.timedelta(width - 1)
        yield {
            "first": f"{first.isoformat()}",
            "after": f"{first + dt.timedelta(width)}",
            "chance": chance,
            "days": canvas.day(first)
            if width == 1
            else f"{canvas.day(first)} – {canvas.day(last)}",
            "share": canvas.share(Fraction(chance, WHOLE_PPM)),
            "inside": "1" if low <= last and first <= high else "0",
        }


def _layers(
    canvas: Canvas, rows: list[Row], forecast: PaymentForecast, *, coverage_bps: int
) -> list[alt.Chart]:
    alt, look = canvas.alt, canvas.look
    due = forecast.item.due_date
    ends = [dt.date.fromisoformat(str(row["after"])) for row in rows]
    starts = [dt.date.fromisoformat(str(row["first"])) for row in rows]
    days = canvas.day_axis(min([*starts, *([due] if due else [])]), max(ends))
    axis = canvas.share_axis(canvas.word("picture", "chance"))
    inside = canvas.word(
        "picture", "{chance} band", chance=canvas.share(Fraction(coverage_bps, 10_000), places=0)
    )
    outside = canvas.word("picture", "outside the band")
    drawn = [{**row, "part": inside if row["inside"] == "1" else outside} for row in rows]
    # Room above the highest bar for the word at the due date.
    room = max(int(row["chance"] or 0) for row in rows) * 9 // 8
    bars = (
        canvas.chart(drawn)
        .mark_bar(stroke=look.ink, strokeWidth=0.5)
        .encode(
            x=alt.X("first:T", **days),
            x2=alt.X2("after:T"),
            y=alt.Y("chance:Q", axis=canvas.axis(axis), scale=alt.Scale(domain=[0, room])),
            y2=alt.datum(0),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=[inside, outside], range=[look.main, look.faint]),
                legend=canvas.legend(),
            ),
            tooltip=canvas.tooltips(
                days=capitalized(canvas.word("table", "date")),
                share=capitalized(canvas.word("picture", "chance")),
            ),
        )
    )
    if due is None:
        return [bars]
    mark = canvas.chart([{"day": due.isoformat(), "label": canvas.word("picture", "due")}])
    place = mark.encode(x=alt.X("day:T", **days))
    rule = place.mark_rule(color=look.ink, strokeDash=[5, 3], strokeWidth=1.6)
    text = place.mark_text(align="left", dx=4, dy=2, baseline="top", fontSize=12, color=look.ink)
    return [bars, rule, text.encode(text="label:N", y=alt.value(0))]
