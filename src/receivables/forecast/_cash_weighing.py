"""What each period brings, before it becomes a forecast: sums, moments, and what can come at all."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import attrs

from receivables.days import add_months, month_end
from receivables.errors import PolicyError
from receivables.forecast._cash_bands import Exposure, Moments, moments
from receivables.forecast._cash_parts import CashPart, Known, Taken
from receivables.forecast.model import WHOLE_PPM, CashGrain, CashSource

__all__ = ["Span", "Weighed", "WeighedPeriod", "spans_of", "weighed"]

_BPS: Final = 10_000
_PERIODS: Final = {CashGrain.DAY: 28, CashGrain.WEEK: 13, CashGrain.MONTH: 6}
"""How many periods there are where nobody says: four weeks, a quarter, half a year."""
_PERIODS_MAX: Final = 3_700
"""Ten years of days; what is further away is no forecast."""
_SUNDAY: Final = 6
_ONE_DAY: Final = dt.timedelta(days=1)


@attrs.frozen
class Span:
    """The days of a period, and whether they are a part of a week or month."""

    first: dt.date
    last: dt.date
    is_partial: bool


def spans_of(
    first: dt.date, grain: CashGrain, *, periods: int | None, until: dt.date | None
) -> list[Span]:
    """The periods, one after the other."""
    if periods is not None and until is not None:
        msg = f"periods and until must not both be given, got {periods} and {until}"
        raise PolicyError(msg)
    if until is not None and until < first:
        msg = f"until must be {first} or later, got {until}"
        raise PolicyError(msg)
    count = _PERIODS[grain] if periods is None else periods
    if not 1 <= count <= _PERIODS_MAX:
        msg = f"periods must be 1 to {_PERIODS_MAX}, got {count}"
        raise PolicyError(msg)
    spans: list[Span] = []
    while len(spans) < count if until is None else first <= until:
        last = _last_of(first, grain)
        end = last if until is None else min(last, until)
        spans.append(Span(first, end, end < last or first > _first_of(last, grain)))
        first = last + _ONE_DAY
        if len(spans) > _PERIODS_MAX:
            msg = f"periods must be 1 to {_PERIODS_MAX}, got more until {until}"
            raise PolicyError(msg)
    return spans


def _last_of(day: dt.date, grain: CashGrain) -> dt.date:
    if grain is CashGrain.DAY:
        return day
    if grain is CashGrain.WEEK:
        return day + (_SUNDAY - day.weekday()) * _ONE_DAY
    return month_end(day)


def _first_of(last: dt.date, grain: CashGrain) -> dt.date:
    if grain is CashGrain.DAY:
        return last
    if grain is CashGrain.WEEK:
        return last - _SUNDAY * _ONE_DAY
    return add_months(last + _ONE_DAY, -1)


class _Edges:
    """Up to which of its own days a part has come by the end of each period.

    A shift, a run and a holiday each put days off and keep their order, so that what has come by the
    end of a period is what has its own day by an earlier one.
    """

    def __init__(self, known: Known, lasts: Sequence[dt.date]) -> None:
        self._known = known
        self._open = [known.scenario.last_open_day(last) for last in lasts]
        self._found: dict[object, list[dt.date]] = {}
        self._latest = lasts[-1]

    def chances(self, part: CashPart) -> tuple[int, ...]:
        """The chance of a part by the end of each period, in parts per million."""
        key = (part.rule.shift_days, *((one.creditor, one.customer) for one in part.runs))
        edges = self._found.get(key)
        if edges is None:
            edges = self._found[key] = self._edges(part)
        reached, days, pays = part.reached_ppm, part.days, _BPS - part.rule.unpaid_bps
        places = (bisect_right(days, edge) for edge in edges)
        found = (reached[place - 1] if place else 0 for place in places)
        return tuple(found) if pays == _BPS else tuple(one * pays // _BPS for one in found)

    def _edges(self, part: CashPart) -> list[dt.date]:
        shift = part.rule.shift_days * _ONE_DAY
        if not part.runs:
            return [edge - shift for edge in self._open]
        days = sorted(
            {day for run in part.runs for day in run.days(self._known.as_of, self._latest)}
        )
        before = self._known.as_of - _ONE_DAY
        places = (bisect_right(days, edge) for edge in self._open)
        return [(days[place - 1] if place else before) - shift for place in places]


@attrs.define
class _Group:
    """One creditor and currency: what each source brings by each day, and what each customer may."""

    by_source: dict[CashSource, list[int]] = attrs.field(factory=dict)
    """Of each source the amounts times chances by the end of each period, and whole."""
    customers: dict[str, list[tuple[int, tuple[int, ...]]]] = attrs.field(factory=dict)

    def add(self, part: CashPart, chances: tuple[int, ...]) -> None:
        sums = self.by_source.get(part.source)
        if sums is None:
            sums = self.by_source[part.source] = [0] * (len(chances) + 1)
        amount = part.amount_minor
        for place, chance in enumerate(chances):
            sums[place] += amount * chance
        sums[-1] += amount * WHOLE_PPM
        self.customers.setdefault(part.customer, []).append((amount, chances))

    def exposures(self, place: int) -> Iterable[list[Exposure]]:
        """What the items of each customer may bring in a period, those left out that bring nothing."""
        for parts in self.customers.values():
            found = [
                Exposure(amount, after, by)
                for amount, chances in parts
                if (after := chances[place - 1] if place else 0) < (by := chances[place])
            ]
            if found:
                yield found


@attrs.frozen(kw_only=True)
class WeighedPeriod:
    """A period of a creditor and currency: its cash by source, and how that may vary."""

    span: Span
    creditor: str
    currency: str
    by_source: Mapping[CashSource, int]
    moments: Moments

    @property
    def expected_minor(self) -> int:
        """What is expected of all sources."""
        return sum(self.by_source.values())


@attrs.frozen(kw_only=True)
class Weighed:
    """All periods, and what lies beyond them by creditor, currency and source."""

    periods: list[WeighedPeriod]
    beyond_minor: Mapping[tuple[str, str], int]
    beyond_by_source: Mapping[tuple[str, str, CashSource], int]


def weighed(taken: Taken, spans: Sequence[Span], known: Known) -> Weighed:
    """Sum the parts by period and source, each sum rounded once, and take their moments."""
    edges = _Edges(known, [span.last for span in spans])
    groups = {group: _Group() for group in taken.open_minor}
    for part in taken.parts:
        group = groups.setdefault((part.creditor, part.currency), _Group())
        group.add(part, edges.chances(part))
    periods: list[WeighedPeriod] = []
    beyond = dict.fromkeys(sorted(groups), 0)
    by_source: dict[tuple[str, str, CashSource], int] = {}
    for (creditor, currency), group in sorted(groups.items()):
        rounded = {source: _rounded(sums) for source, sums in group.by_source.items()}
        for source, parts in rounded.items():
            by_source[creditor, currency, source] = parts[-1]
            beyond[creditor, currency] += parts[-1]
        periods.extend(
            WeighedPeriod(
                span=span,
                creditor=creditor,
                currency=currency,
                by_source={
                    source: parts[place] for source, parts in rounded.items() if parts[place]
                },
                moments=moments(group.exposures(place), days=(span.last - span.first).days + 1),
            )
            for place, span in enumerate(spans)
        )
    return Weighed(periods=periods, beyond_minor=beyond, beyond_by_source=by_source)


def _rounded(sums: Sequence[int]) -> list[int]:
    """What comes in each period and beyond them: sums up to the end of each, rounded half up once."""
    whole = [(2 * one + WHOLE_PPM) // (2 * WHOLE_PPM) for one in sums]
    return [after - before for before, after in pairwise([0, *whole])]
