"""How much hangs on how few, as a curve."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from receivables.credit.concentration import Concentration
from receivables.errors import PolicyError
from receivables.i18n.labels import capitalized
from receivables.pictures._canvas import Canvas, Row, canvas_of, ppm, thinned
from receivables.pictures._look import Theme

if TYPE_CHECKING:
    import altair as alt

__all__ = ["concentration_curve"]

_POINTS_MOST: Final = 300
_EXACT_POINTS: Final = 20
_LABELLED: Final = (1, 5, 10)


def concentration_curve(
    concentration: Concentration,
    *,
    locale: str = "en",
    theme: Theme | str = Theme.LIGHT,
) -> alt.LayerChart:
    """What the largest holders owe together, from the largest on; the straight line is where all owe alike.

    The share of the one, the five and the ten largest is written at the curve.  Of very many holders
    some hundred points are drawn.  Raises `PolicyError` where nothing is owed.
    """
    holdings = concentration.holdings
    if not holdings:
        msg = "holdings must be 1 or more, got none"
        raise PolicyError(msg)
    canvas = canvas_of(locale, theme)
    by = canvas.word("table", concentration.by.value)
    hhi = canvas.word("picture", "HHI {hhi}", hhi=canvas.number(concentration.hhi))
    day = [] if concentration.as_of is None else [canvas.as_of(concentration.as_of)]
    whole = canvas.money(concentration.total_minor, concentration.currency)
    return canvas.finished(
        *_layers(canvas, _rows(canvas, concentration)),
        title=canvas.word("table", "concentration by {by}", by=by),
        details=[*day, whole, hhi],
    )


def _rows(canvas: Canvas, found: Concentration) -> list[Row]:
    count = len(found.holdings)
    places = thinned(count, most=_POINTS_MOST, keep=_EXACT_POINTS)
    rows: list[Row] = [{"x": 0, "y": 0, "largest": "0", "share": canvas.share(0), "label": ""}]
    for place in places:
        part = Fraction(found.holdings[place].cumulative_ppb, 1_000_000_000)
        rank = place + 1
        is_named = rank in _LABELLED and rank < count
        share = canvas.share(part)
        rows.append(
            {
                "x": ppm(Fraction(rank, count)),
                "y": ppm(part),
                "largest": canvas.number(rank),
                "share": share,
                "label": _label(canvas, rank, share) if is_named else "",
            }
        )
    return rows


def _label(canvas: Canvas, rank: int, share: str) -> str:
    if rank == 1:
        return canvas.word("picture", "the largest: {share}", share=share)
    return canvas.word("picture", "{count} largest: {share}", count=rank, share=share)


def _layers(canvas: Canvas, rows: list[Row]) -> list[alt.Chart]:
    alt, look = canvas.alt, canvas.look
    across = canvas.share_axis(canvas.word("picture", "share of the number, the largest first"))
    up = canvas.share_axis(canvas.word("picture", "share of what is owed"))
    whole = alt.Scale(domain=[0, 1_000_000], nice=False)
    base = canvas.chart(rows).encode(
        x=alt.X("x:Q", axis=canvas.axis(across, grid=False), scale=whole),
        y=alt.Y("y:Q", axis=canvas.axis(up), scale=whole),
        tooltip=canvas.tooltips(
            largest=capitalized(canvas.word("picture", "how many of the largest")),
            share=capitalized(canvas.word("picture", "share of what is owed")),
        ),
    )
    named = [row for row in rows if row["label"]]
    at = canvas.chart(named).encode(x="x:Q", y="y:Q")
    even = (
        canvas.chart([{"x": 0, "y": 0}, {"x": 1_000_000, "y": 1_000_000}])
        .mark_line(color=look.ink, strokeDash=[4, 4], strokeWidth=1)
        .encode(x="x:Q", y="y:Q")
    )
    return [
        even,
        base.mark_line(color=look.main, strokeWidth=2.4),
        at.mark_point(color=look.main, filled=True, size=70, opacity=1),
        at.mark_text(align="left", dx=9, dy=12, fontSize=12, color=look.ink).encode(text="label:N"),
    ]
