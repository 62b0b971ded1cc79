"""Lines and bands over time as SVG: measures of several days, and the cash that is expected.

Positions are whole units of a fixed grid, so that a page is the same on every machine; colours and
inks come from the style sheet, which knows light, dark and paper.  Lines differ by their dashes too,
so that nobody needs colours to tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from html import escape
from typing import Final

import attrs

from receivables.measures import MeasureSeries

__all__ = ["Bar", "Line", "bands", "is_by_currency", "lines", "ticks"]

_WIDTH: Final = 720
_HEIGHT: Final = 220
_LEFT: Final = 84
_TOP: Final = 12
_BOTTOM: Final = 34
_TICKS: Final = 4
_LABELS_MAX: Final = 13
"""Days written below the axis; more would run into each other."""


@attrs.frozen(kw_only=True)
class Line:
    """One line: what it is called and its values, None where nothing is known."""

    name: str
    values: Sequence[Fraction | None]


@attrs.frozen(kw_only=True)
class Bar:
    """One bar with its band."""

    name: str
    expected: int
    low: int
    high: int


def is_by_currency(series: MeasureSeries) -> bool:
    """Whether each currency has one line; those of many customers are a table and no picture."""
    return not any(any(one.group[:-1]) for table in series.tables for one in table)


def ticks(most: Fraction) -> list[Fraction]:
    """Round figures from zero to the first at or above `most`.

    >>> [int(one) for one in ticks(Fraction(37))], [str(one) for one in ticks(Fraction(1, 2))]
    ([0, 10, 20, 30, 40], ['0', '1/5', '2/5', '3/5'])
    """
    if most <= 0:
        return [Fraction(0), Fraction(1)]
    step = Fraction(1)
    while step * _TICKS < most:
        step *= 10
    while step * _TICKS >= most * 10:
        step /= 10
    step = next(
        step * part
        for part in (Fraction(1, 10), Fraction(1, 5), Fraction(1, 4), Fraction(1, 2), Fraction(1))
        if step * part * _TICKS >= most
    )
    count = -(-most // step)
    return [step * index for index in range(int(count) + 1)]


@attrs.frozen(kw_only=True)
class _Grid:
    """Where values and days stand."""

    top: Fraction
    count: int

    def y(self, value: Fraction) -> int:
        room = _HEIGHT - _TOP - _BOTTOM
        return _HEIGHT - _BOTTOM - round(value / self.top * room)

    def x(self, place: int) -> int:
        room = _WIDTH - _LEFT - 24
        return _LEFT + 12 + room * (2 * place + 1) // (2 * max(self.count, 1))

    @property
    def wide(self) -> int:
        """How wide a bar is."""
        return max((_WIDTH - _LEFT - 24) * 6 // (10 * max(self.count, 1)), 2)


def lines(
    series: Sequence[Line], days: Sequence[str], *, title: str, say: Callable[[Fraction], str]
) -> Iterator[str]:
    """Lines over days, each point with its figure for who points at it."""
    known = [value for line in series for value in line.values if value is not None]
    levels = ticks(max(known, default=Fraction(0)))
    grid = _Grid(top=levels[-1], count=len(days))
    yield from _head(title, series, days, say)
    yield from _axes(grid, levels, days, say)
    for number, line in enumerate(series):
        runs = _runs(line.values)
        for run in runs:
            points = " ".join(
                f"{grid.x(place)},{grid.y(max(value, Fraction(0)))}" for place, value in run
            )
            yield f'<polyline class="l{number}" points="{points}"/>'
            for place, value in run:
                what = escape(f"{line.name}, {days[place]}: {say(value)}")
                at = f'cx="{grid.x(place)}" cy="{grid.y(max(value, Fraction(0)))}"'
                yield f'<circle class="p{number}" r="3" {at}><title>{what}</title></circle>'
    yield "</svg>"


def _runs(values: Sequence[Fraction | None]) -> list[list[tuple[int, Fraction]]]:
    """The stretches without a gap; what is below zero is drawn at zero, and told as it is."""
    runs: list[list[tuple[int, Fraction]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((place, value))
    return [run for run in runs if run]


def bands(bars: Sequence[Bar], *, title: str, say: Callable[[Fraction], str]) -> Iterator[str]:
    """Bars of what is expected, each with a stroke from the low to the high end of its band."""
    levels = ticks(Fraction(max((bar.high for bar in bars), default=0)))
    grid = _Grid(top=levels[-1], count=len(bars))
    days = [bar.name for bar in bars]
    values = [Line(name=title, values=[Fraction(bar.expected) for bar in bars])]
    yield from _head(title, values, days, say)
    yield from _axes(grid, levels, days, say)
    for place, bar in enumerate(bars):
        left, top = grid.x(place) - grid.wide // 2, grid.y(Fraction(max(bar.expected, 0)))
        low, high = grid.y(Fraction(max(bar.low, 0))), grid.y(Fraction(max(bar.high, 0)))
        what = f"{bar.name}: {say(Fraction(bar.expected))} ({say(Fraction(bar.low))} – {say(Fraction(bar.high))})"
        height = grid.y(Fraction(0)) - top
        yield f'<rect class="cash" x="{left}" y="{top}" width="{grid.wide}" height="{height}">'
        yield f"<title>{escape(what)}</title></rect>"
        middle = grid.x(place)
        yield f'<path class="band" d="M{middle} {low}V{high}M{middle - 6} {low}h12M{middle - 6} {high}h12"/>'
    yield "</svg>"


def _head(
    title: str, series: Sequence[Line], days: Sequence[str], say: Callable[[Fraction], str]
) -> Iterator[str]:
    told = "; ".join(
        f"{line.name}, {day}: {say(value)}"
        for line in series
        for day, value in zip(days, line.values, strict=True)
        if value is not None
    )
    yield f'<svg class="chart" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
    yield f"<title>{escape(title)}</title><desc>{escape(told)}</desc>"


def _axes(
    grid: _Grid, levels: Sequence[Fraction], days: Sequence[str], say: Callable[[Fraction], str]
) -> Iterator[str]:
    for level in levels:
        y = grid.y(level)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - 12}" y1="{y}" y2="{y}"/>'
        yield f'<text class="tick" x="{_LEFT - 8}" y="{y + 4}">{escape(say(level))}</text>'
    every = -(-len(days) // _LABELS_MAX)
    for place in range(0, len(days), max(every, 1)):
        yield f'<text class="day" x="{grid.x(place)}" y="{_HEIGHT - 12}">{escape(days[place])}</text>'
