"""How far forecasts of items lay from what came: errors, coverage, reliability, and where draws fell."""

from __future__ import annotations

import datetime as dt
import enum
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

import attrs

from receivables.forecast.model import WHOLE_PPM, ForecastItem, PaymentForecast

__all__ = ["BandScore", "ItemGroup", "ItemScores", "LateBin", "Outcome", "scores_of"]

_BUCKETS: Final = (0, 15, 30, 60)
_CLOSE_DAYS: Final = 3
_BINS: Final = 10
_COVERAGES: Final = (5_000, 8_000, 9_000)
_ONE_DAY: Final = dt.timedelta(days=1)


class ItemGroup(enum.Enum):
    """Which items figures are about."""

    ALL = "all"
    NOT_DUE = "not yet due"
    OVERDUE = "overdue"


@attrs.frozen(kw_only=True)
class BandScore:
    """How many bands of a coverage held the day of payment, of those that the data can decide.

    A band is decided where it ends by the last day known, whatever became of the item; so that
    leaving the others out favours nobody.
    """

    coverage_bps: int
    decided: int
    covered: int
    days: int
    """The days of all decided bands, both ends counted."""

    @property
    def share(self) -> Fraction | None:
        """The share that held it; None where nothing was decided."""
        return Fraction(self.covered, self.decided) if self.decided else None

    @property
    def mean_days(self) -> Fraction | None:
        """The mean width in days, both ends counted."""
        return Fraction(self.days, self.decided) if self.decided else None


@attrs.frozen(kw_only=True)
class LateBin:
    """Items that were said to be late with a chance between two bounds, and how many were."""

    low_ppm: int
    high_ppm: int
    items: int
    late: int
    said_ppm: int
    """The chances that were said, summed."""

    @property
    def said(self) -> Fraction | None:
        """The mean chance that was said."""
        return Fraction(self.said_ppm, self.items * WHOLE_PPM) if self.items else None

    @property
    def seen(self) -> Fraction | None:
        """The share that was late."""
        return Fraction(self.late, self.items) if self.items else None


def _fractions(values: Iterable[Fraction]) -> tuple[Fraction, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ItemScores:
    """How a model did on a group of items; every share and mean is an exact fraction.

    An item that is still open at the end of the data (`still_open`) counts in days and buckets as
    if it were paid on the day after it, or on the day that was said where that is later: the least
    error that it can still have.
    """

    model: str
    group: ItemGroup
    items: int
    still_open: int
    mean_absolute_days: Fraction | None
    median_absolute_days: int | None
    bias_days: Fraction | None
    """The day that was said less the day of payment: above zero where forecasts were too late."""
    within_3_days: Fraction | None
    right_bucket: Fraction | None
    """On the due date or before, 1–15, 16–30, 31–60 and more than 60 days late."""
    bands: tuple[BandScore, ...]
    brier: Fraction | None
    """The mean squared distance of the chance of being late; of items that were not late yet."""
    reliability: tuple[LateBin, ...] = attrs.field(repr=False)
    pit: tuple[Fraction, ...] = attrs.field(converter=_fractions, repr=False)
    """The share of items whose payment fell in each tenth of its own distribution; a tenth each
    where the chances are right (the probability integral transform)."""

    def band(self, coverage_bps: int) -> BandScore:
        """The score of the bands of a coverage."""
        return next(one for one in self.bands if one.coverage_bps == coverage_bps)


@attrs.frozen
class Outcome:
    """A forecast, and what came of the item: the day it was paid, or that it was open on the last."""

    forecast: PaymentForecast
    truth: ForecastItem
    last: dt.date

    @property
    def paid_on(self) -> dt.date | None:
        """The day of payment, where it is known by the last day."""
        paid = self.truth.paid_on
        return paid if paid is not None and paid <= self.last else None

    @property
    def is_overdue(self) -> bool:
        """Whether it was overdue when the forecast was made."""
        return self.truth.pay_by < self.forecast.as_of

    @property
    def said_on(self) -> dt.date:
        """The median; the last day of the forecast where it is more likely never paid by then."""
        forecast = self.forecast
        said = forecast.expected_on
        if said is not None:
            return said
        return forecast.days[-1] if forecast.days else forecast.as_of

    def came_on(self, said: dt.date) -> dt.date:
        """The day of payment, or the one with the least error that it can still have."""
        return self.paid_on or max(self.last + _ONE_DAY, said)


@attrs.frozen
class _BandSeen:
    """A band that the data can decide: its days, and whether it held the day of payment."""

    days: int
    is_covered: bool


@attrs.frozen
class _Seen:
    """What one outcome adds to the scores."""

    is_overdue: bool
    is_open: bool
    error_days: int
    is_right: bool
    bands: tuple[_BandSeen | None, ...]
    late: tuple[int, bool] | None
    """The chance of being late and whether it was, of an item whose due date the data have seen."""
    drawn: tuple[int, int]
    """Between which of its own chances it was paid."""


def scores_of(outcomes: Iterable[Outcome], *, model: str) -> tuple[ItemScores, ...]:
    """The scores of all items, and of those not yet due and overdue."""
    seen = [_seen(one) for one in outcomes]
    overdue = [one for one in seen if one.is_overdue]
    current = [one for one in seen if not one.is_overdue]
    groups = {ItemGroup.ALL: seen, ItemGroup.NOT_DUE: current, ItemGroup.OVERDUE: overdue}
    return tuple(_scores(found, model, group) for group, found in groups.items())


def _seen(one: Outcome) -> _Seen:
    forecast, paid, due = one.forecast, one.paid_on, one.truth.pay_by
    said = one.said_on
    came = one.came_on(said)
    overdue = one.is_overdue
    is_late = paid is None or paid > due
    return _Seen(
        is_overdue=overdue,
        is_open=paid is None,
        error_days=(said - came).days,
        is_right=_bucket((said - due).days) == _bucket((came - due).days),
        bands=tuple(_band_seen(one, coverage) for coverage in _COVERAGES),
        late=None if overdue or due > one.last else (forecast.late_ppm, is_late),
        drawn=_drawn(one),
    )


def _band_seen(one: Outcome, coverage_bps: int) -> _BandSeen | None:
    first, last = one.forecast.band(coverage_bps)
    if first is None or last is None or last > one.last:
        return None
    paid = one.paid_on
    return _BandSeen((last - first).days + 1, paid is not None and first <= paid <= last)


def _drawn(one: Outcome) -> tuple[int, int]:
    """What is still open lies somewhere after the chance of the last day known."""
    paid, forecast = one.paid_on, one.forecast
    if paid is None:
        return forecast.paid_by_ppm(one.last), WHOLE_PPM
    return forecast.paid_by_ppm(paid - _ONE_DAY), forecast.paid_by_ppm(paid)


def _scores(seen: Sequence[_Seen], model: str, group: ItemGroup) -> ItemScores:
    count = len(seen)
    sizes = sorted(abs(one.error_days) for one in seen)
    late = [one.late for one in seen if one.late is not None]
    return ItemScores(
        model=model,
        group=group,
        items=count,
        still_open=sum(one.is_open for one in seen),
        mean_absolute_days=_share(sum(sizes), count),
        median_absolute_days=sizes[(count - 1) // 2] if count else None,
        bias_days=_share(sum(one.error_days for one in seen), count),
        within_3_days=_share(bisect_right(sizes, _CLOSE_DAYS), count),
        right_bucket=_share(sum(one.is_right for one in seen), count),
        bands=tuple(
            _band(coverage, [one.bands[place] for one in seen])
            for place, coverage in enumerate(_COVERAGES)
        ),
        brier=_brier(late),
        reliability=_reliability(late),
        pit=_pit(seen),
    )


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _bucket(days_late: int) -> int:
    return bisect_left(_BUCKETS, days_late)


def _band(coverage_bps: int, bands: Iterable[_BandSeen | None]) -> BandScore:
    decided = [one for one in bands if one is not None]
    return BandScore(
        coverage_bps=coverage_bps,
        decided=len(decided),
        covered=sum(one.is_covered for one in decided),
        days=sum(one.days for one in decided),
    )


def _brier(late: Sequence[tuple[int, bool]]) -> Fraction | None:
    total = sum((chance - WHOLE_PPM * was_late) ** 2 for chance, was_late in late)
    return _share(total, len(late) * WHOLE_PPM**2)


def _reliability(late: Iterable[tuple[int, bool]]) -> tuple[LateBin, ...]:
    size = WHOLE_PPM // _BINS
    bins: list[list[tuple[int, bool]]] = [[] for _ in range(_BINS)]
    for chance, was_late in late:
        bins[min(chance // size, _BINS - 1)].append((chance, was_late))
    return tuple(
        LateBin(
            low_ppm=place * size,
            high_ppm=(place + 1) * size,
            items=len(found),
            late=sum(was_late for _, was_late in found),
            said_ppm=sum(chance for chance, _ in found),
        )
        for place, found in enumerate(bins)
    )


def _pit(seen: Iterable[_Seen]) -> list[Fraction]:
    """Each item spread over the tenths between the chances before and after its payment."""
    bins = [0] * _BINS
    for one in seen:
        _spread(bins, *one.drawn)
    total = sum(bins)
    return [Fraction(one, total) if total else Fraction(0) for one in bins]


def _spread(bins: list[int], low: int, high: int) -> None:
    size = WHOLE_PPM // _BINS
    if high <= low:
        bins[min(low // size, _BINS - 1)] += WHOLE_PPM
        return
    done = 0
    for place in range(low // size, min((high - 1) // size, _BINS - 1) + 1):
        upper = min(high, (place + 1) * size)
        by = (upper - low) * WHOLE_PPM // (high - low)
        bins[place] += by - done
        done = by
