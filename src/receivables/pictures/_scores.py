"""What made a score: from where everybody begins, characteristic by characteristic, to the points."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import attrs

from receivables.i18n.labels import capitalized
from receivables.pictures._canvas import Canvas, Row, canvas_of
from receivables.pictures._look import Theme
from receivables.scoring.failure import FailureScore
from receivables.scoring.scorecards import Against, Score
from receivables.tables import printable

if TYPE_CHECKING:
    import altair as alt

__all__ = ["score_waterfall"]

_UNIT: Final = 10_000
"""Failure scores are drawn in ten-thousandths."""
_ROW: Final = 30


@attrs.frozen
class _Step:
    """One bar: from where to where; `is_level` for the first and the last."""

    name: str
    start: int
    end: int
    detail: str = ""
    is_level: bool = False


def score_waterfall(
    score: Score | FailureScore,
    *,
    against: Against = Against.NEUTRAL,
    locale: str = "en",
    theme: Theme | str = Theme.LIGHT,
) -> alt.LayerChart:
    """A step for each characteristic, from a point of comparison down to the score, or up to it.

    A scorecard is measured against the average row of fitting, or against the best that could be
    reached; a failure model from its constant.  Each step says its sign, so that no colour is needed.
    """
    canvas = canvas_of(locale, theme)
    if isinstance(score, FailureScore):
        steps, unit, places = _failure_steps(canvas, score), _UNIT, 2
        name, turned = canvas.word("table", "failure score by {model}", model=score.model), False
    else:
        exponent = score.shown.as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
        steps, unit = _card_steps(canvas, score, against), 10**places
        name = canvas.word("table", "score by {card}", card=f"{score.scorecard} {score.version}")
        turned = not score.higher_is_better
    rows = [_row(canvas, one, unit, places, turned=turned) for one in steps]
    return canvas.finished(
        *_layers(canvas, rows, unit, levels=(steps[0].end, steps[-1].end)),
        title=name,
        height=_ROW * len(rows),
    )


def _card_steps(canvas: Canvas, score: Score, against: Against) -> list[_Step]:
    is_best = against is Against.BEST
    targets = [one.best_points if is_best else one.neutral_points for one in score.contributions]
    level = score.base_points + sum(targets)
    first = canvas.word("picture", "best possible" if is_best else "average")
    steps = [_Step(capitalized(first), 0, level, is_level=True)]
    for one, target in zip(score.contributions, targets, strict=True):
        end = level + one.points - target
        name = one.label or one.characteristic
        # Two characteristics may look at one figure: the name of a step must be its own.
        said = f"{name}: {one.value}" if one.value else name
        steps.append(_Step(printable(said), level, end, printable(one.value)))
        level = end
    return [*steps, _Step(capitalized(canvas.word("table", "score")), 0, level, is_level=True)]


def _failure_steps(canvas: Canvas, score: FailureScore) -> list[_Step]:
    level = _units(score.constant)
    steps = [_Step(capitalized(canvas.word("table", "constant")), 0, level, is_level=True)]
    for one in score.contributions:
        end = level + _units(one.points)
        steps.append(_Step(one.ratio, level, end, f"{one.value:f}"))
        level = end
    return [*steps, _Step(capitalized(canvas.word("table", "score")), 0, level, is_level=True)]


def _units(value: Decimal) -> int:
    return round(Fraction(value) * _UNIT)


def _row(canvas: Canvas, step: _Step, unit: int, places: int, *, turned: bool) -> Row:
    moved = step.end - step.start
    figure = canvas.number(Fraction(abs(moved), unit), places=places)
    sign = "" if step.is_level else ("+" if moved > 0 else "−" if moved < 0 else "±")
    kind = "level" if step.is_level or not moved else "up" if (moved > 0) != turned else "down"
    return {
        "name": step.name,
        "start": min(step.start, step.end),
        "end": max(step.start, step.end),
        "kind": kind,
        "figure": f"{sign}{figure}" if moved >= 0 or not step.is_level else f"−{figure}",
        "value": step.detail,
    }


def _layers(
    canvas: Canvas, rows: Sequence[Row], unit: int, *, levels: tuple[int, int]
) -> list[alt.Chart]:
    alt, look = canvas.alt, canvas.look
    names = [row["name"] for row in rows]
    axis = canvas.scaled_axis(canvas.word("table", "points"), unit)
    lowest = min(int(row["start"] or 0) for row in rows if row["kind"] != "level" or row["start"])
    least = min(lowest, *levels)
    most = max(int(row["end"] or 0) for row in rows)
    room = max((most - least) // 6, 1)
    # Points have no meaning at zero: the steps are what one looks at.
    scale = alt.Scale(domain=[least - room, most + room], nice=True, zero=False, clamp=True)
    base = canvas.chart(rows).encode(
        y=alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=300)),
        tooltip=canvas.tooltips(
            name=capitalized(canvas.word("table", "characteristic")),
            value=capitalized(canvas.word("table", "value")),
            figure=capitalized(canvas.word("table", "points")),
        ),
    )
    bars = base.mark_bar(stroke=look.ink, strokeWidth=0.6, size=18).encode(
        x=alt.X("start:Q", axis=canvas.axis(axis), scale=scale),
        x2=alt.X2("end:Q"),
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(
                domain=["level", "up", "down"], range=[look.credits, look.better, look.worse]
            ),
            legend=None,
        ),
    )
    text = base.mark_text(align="left", dx=6, fontSize=12, color=look.ink).encode(
        x=alt.X("end:Q", scale=scale), text="figure:N"
    )
    return [bars, text]
