"""A cash forecast: what is expected in each period, and between what and what."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

from receivables.errors import PolicyError
from receivables.forecast.model import CashForecast, CashGrain, CashPeriod
from receivables.i18n.formats import format_share
from receivables.i18n.labels import capitalized
from receivables.pictures._canvas import Canvas, Row, canvas_of, chosen
from receivables.pictures._look import Theme

if TYPE_CHECKING:
    import altair as alt

__all__ = ["cash_bands"]

_BARS_MOST = 32
_LABELS_MOST = 14


def cash_bands(
    forecast: CashForecast,
    *,
    locale: str = "en",
    currency: str = "",
    creditor: str = "",
    theme: Theme | str = Theme.LIGHT,
) -> alt.LayerChart:
    """A bar for each period with what it may reach from and to; a line in a band where they are many.

    `currency` and `creditor` may be left out where there is one only.  Raises `PolicyError` otherwise,
    and for a forecast without periods.
    """
    code = chosen((one.currency for one in forecast.periods), currency, what="currency")
    every = [one for one in forecast.periods if one.currency == code]
    owner = chosen((one.creditor for one in every), creditor, what="creditor")
    periods = [one for one in every if one.creditor == owner]
    if not periods:
        msg = "periods must be 1 or more, got none"
        raise PolicyError(msg)
    canvas = canvas_of(locale, theme)
    rows = [_row(canvas, one, forecast.grain) for one in periods]
    draw = _bars if len(rows) <= _BARS_MOST else _lines
    band = Fraction(forecast.coverage_bps, 10_000)
    chance = format_share(band, canvas.locale, places=0)
    later = forecast.beyond_minor.get((owner, code), 0)
    beyond = canvas.word("picture", "later or never: {amount}", amount=canvas.money(later, code))
    return canvas.finished(
        *draw(canvas, rows, periods),
        title=canvas.word("picture", "expected cash"),
        details=[
            canvas.as_of(forecast.as_of),
            canvas.word("picture", "{chance} of outcomes lie within the band", chance=chance),
            beyond if later else "",
        ],
    )


def _row(canvas: Canvas, one: CashPeriod, grain: CashGrain) -> Row:
    return {
        "first": one.first.isoformat(),
        "label": _label(canvas, one, grain),
        "expected": one.expected_minor,
        "low": one.low_minor,
        "high": one.high_minor,
        "period": f"{canvas.day(one.first)} – {canvas.day(one.last)}",
        "amount": canvas.money(one.expected_minor, one.currency),
        "least": canvas.money(one.low_minor, one.currency),
        "most": canvas.money(one.high_minor, one.currency),
    }


def _label(canvas: Canvas, one: CashPeriod, grain: CashGrain) -> str:
    """Month and year of a month; the first day, without the year, of a week or a day."""
    from babel.dates import format_skeleton  # noqa: PLC0415  # cheap to import only when drawn

    from receivables.i18n.formats import locale_data  # noqa: PLC0415  # see above

    skeleton = "yMMM" if grain is CashGrain.MONTH else "MMMd"
    day = dt.datetime.combine(one.first, dt.time())
    return str(format_skeleton(skeleton, day, locale=locale_data(canvas.locale)))


def _tips(canvas: Canvas) -> list[object]:
    return canvas.tooltips(
        period=capitalized(canvas.word("picture", "period")),
        amount=capitalized(canvas.word("table", "expected")),
        least=capitalized(canvas.word("table", "low")),
        most=capitalized(canvas.word("table", "high")),
    )


def _bars(canvas: Canvas, rows: list[Row], periods: list[CashPeriod]) -> list[alt.Chart]:
    alt, look = canvas.alt, canvas.look
    axis = canvas.money_axis(periods[0].currency, (one.high_minor for one in periods))
    order = [row["first"] for row in rows]
    tilt = 0 if len(rows) <= _LABELS_MOST else -50
    names = {str(row["first"]): str(row["label"]) for row in rows}
    x = alt.X(
        "first:N",
        sort=order,
        axis=alt.Axis(title=None, labelAngle=tilt, labelExpr=_lookup(names)),
    )
    base = canvas.chart(rows).encode(x=x, tooltip=_tips(canvas))
    bars = base.mark_bar(color=look.band, stroke=look.ink, strokeWidth=0.6, width={"band": 0.7})
    rules = base.mark_rule(color=look.ink, strokeWidth=1.6)
    ends = base.mark_tick(color=look.ink, thickness=1.6, size=12)
    return [
        bars.encode(y=alt.Y("expected:Q", axis=canvas.axis(axis), scale=_room(canvas, periods))),
        rules.encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        ends.encode(y=alt.Y("low:Q")),
        ends.encode(y=alt.Y("high:Q")),
    ]


def _room(canvas: Canvas, periods: list[CashPeriod]) -> object:
    """A scale from zero to a little above the highest end."""
    most = max(max(one.high_minor, one.expected_minor) for one in periods)
    least = min(0, *(min(one.low_minor, one.expected_minor) for one in periods))
    return canvas.alt.Scale(domain=[least, most + max(most - least, 1) // 16], nice=True)


def _lookup(names: dict[str, str]) -> str:
    """What writes a label for a value, by an object of Vega."""
    import json  # noqa: PLC0415  # for pictures only

    return f"({json.dumps(names)})[datum.value]"


def _lines(canvas: Canvas, rows: list[Row], periods: list[CashPeriod]) -> list[alt.Chart]:
    alt, look = canvas.alt, canvas.look
    axis = canvas.money_axis(periods[0].currency, (one.high_minor for one in periods))
    days = canvas.day_axis(periods[0].first, periods[-1].last)
    base = canvas.chart(rows).encode(x=alt.X("first:T", **days), tooltip=_tips(canvas))
    band = base.mark_area(color=look.band, opacity=1, interpolate="step-after").encode(
        y=alt.Y("low:Q", axis=canvas.axis(axis), scale=_room(canvas, periods)),
        y2=alt.Y2("high:Q"),
    )
    line = base.mark_line(color=look.ink, strokeWidth=1.8, interpolate="step-after")
    return [band, line.encode(y=alt.Y("expected:Q"))]
