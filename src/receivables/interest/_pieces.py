"""Interest as straight lines: what a day late weighs, by how late an item is."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import attrs

from receivables.days import DayCount
from receivables.errors import MissingRateError, PolicyError
from receivables.interest._selection import rate_on, rate_starts
from receivables.interest.accrual import InterestPolicy

__all__ = ["Piece", "Pieces", "pieces_of"]

_YEARS: Final = {
    DayCount.ACT_360: ((360, 1),),
    DayCount.ACT_365F: ((365, 1),),
    DayCount.ACT_365_25: ((1461, 4),),
    DayCount.ACT_ACT_ISDA: ((365, 1), (366, 1)),
}
"""The length of a year as a fraction; years and leap years where they differ."""

_PERCENT: Final = 100


@attrs.frozen(kw_only=True)
class Piece:
    """Items late by more than `days_over` and up to `days_max` days: weight is base + slope x days.

    There is one base and one slope for each denominator.  `missing` is what an item in the piece
    would need and no table has.
    """

    days_over: int
    days_max: int
    base: tuple[int, ...]
    slope: tuple[int, ...]
    missing: MissingRateError | None = None


@attrs.frozen(kw_only=True)
class Pieces:
    """Pieces, the latest first; interest is the amount times each weight over its denominator."""

    pieces: tuple[Piece, ...]
    denominators: tuple[int, ...]
    weight_max: int


@attrs.frozen(kw_only=True)
class _Span:
    """Nights of one rate, in days before `as_of`: from `oldest` to `newest`, the latter excluded."""

    newest: int
    oldest: int
    rate: Decimal | None
    group: int
    missing: MissingRateError | None


def pieces_of(policy: InterestPolicy, *, as_of: dt.date, days_max: int) -> Pieces:
    """The pieces for items that have been late for up to `days_max` days.

    Raises `PolicyError` for a day count that no number of days can answer.
    """
    law = policy.jurisdiction
    if law.day_count not in _YEARS:
        msg = f"day_count must be one of actual days over columns, got {law.day_count.value}; use interest_on"
        raise PolicyError(msg)
    years = _YEARS[law.day_count]
    spans = _spans(policy, as_of, days_max)
    scale = _scale([span.rate for span in spans if span.rate is not None])
    factors = [times for _, times in years]
    pieces = tuple(
        _frozen_pieces(spans, scale, factors)
        if law.is_frozen
        else _reset_pieces(spans, scale, factors)
    )
    weights = [
        base + slope * days
        for piece in pieces
        for days in (piece.days_over, piece.days_max)
        for base, slope in zip(piece.base, piece.slope, strict=True)
    ]
    return Pieces(
        pieces=pieces,
        denominators=tuple(_PERCENT * scale * length for length, _ in years),
        weight_max=max(weights),
    )


def _scale(rates: Sequence[Decimal]) -> int:
    """The power of ten that makes every rate whole."""
    places = [-int(rate.normalize().as_tuple().exponent) for rate in rates]
    return int(10 ** max([0, *places]))


def _spans(policy: InterestPolicy, as_of: dt.date, days_max: int) -> list[_Span]:
    """Spans of one rate and one length of year, the latest first."""
    law = policy.jurisdiction
    first = as_of - dt.timedelta(days=days_max) + law.day_span.offset
    end = as_of + law.day_span.offset
    # A frozen rate is that of the first day, so each first day is asked for its own.
    reset = attrs.evolve(policy, jurisdiction=attrs.evolve(law, is_frozen=False))
    starts = set(rate_starts(reset, first, end))
    if law.day_count is DayCount.ACT_ACT_ISDA:
        starts |= {dt.date(year, 1, 1) for year in range(first.year + 1, end.year + 1)}
    days = [first, *sorted(day for day in starts if first < day < end), end]
    return [
        _span(reset, day, after, end) for day, after in reversed(list(itertools.pairwise(days)))
    ]


def _span(policy: InterestPolicy, first: dt.date, after: dt.date, end: dt.date) -> _Span:
    rate, missing = None, None
    try:
        rate = rate_on(policy, first, anchor=first).percent
    except MissingRateError as error:
        missing = error
    is_actual = policy.jurisdiction.day_count is DayCount.ACT_ACT_ISDA
    return _Span(
        newest=(end - after).days,
        oldest=(end - first).days,
        rate=rate,
        group=int(is_actual and calendar.isleap(first.year)),
        missing=missing,
    )


def _whole(rate: Decimal | None, scale: int) -> int:
    return 0 if rate is None else int(rate * scale)


def _reset_pieces(spans: Sequence[_Span], scale: int, factors: Sequence[int]) -> list[Piece]:
    """An item bears the rate of each span that it lies in."""
    pieces: list[Piece] = []
    total = [0] * len(factors)
    missing: MissingRateError | None = None
    for span in spans:
        missing = span.missing or missing
        slope = [0] * len(factors)
        slope[span.group] = _whole(span.rate, scale) * factors[span.group]
        base = [sum_ - by_day * span.newest for sum_, by_day in zip(total, slope, strict=True)]
        pieces.append(_piece(span, base, slope, missing))
        total[span.group] += slope[span.group] * (span.oldest - span.newest)
    return pieces


def _frozen_pieces(spans: Sequence[_Span], scale: int, factors: Sequence[int]) -> list[Piece]:
    """An item bears the rate of its first day on all its days."""
    pieces: list[Piece] = []
    days = [0] * len(factors)
    for span in spans:
        rate = _whole(span.rate, scale)
        weights = [rate * factor for factor in factors]
        slope = [0] * len(factors)
        slope[span.group] = weights[span.group]
        base = [weight * before for weight, before in zip(weights, days, strict=True)]
        base[span.group] -= slope[span.group] * span.newest
        pieces.append(_piece(span, base, slope, span.missing))
        days[span.group] += span.oldest - span.newest
    return pieces


def _piece(
    span: _Span, base: Sequence[int], slope: Sequence[int], missing: MissingRateError | None
) -> Piece:
    return Piece(
        days_over=span.newest,
        days_max=span.oldest,
        base=tuple(base),
        slope=tuple(slope),
        missing=missing,
    )
