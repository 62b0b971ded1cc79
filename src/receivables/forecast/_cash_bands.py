"""How far the cash of a period may lie from what is expected: moments, and the curve through them.

Items of one customer are paid in runs: with a share of `CashRisk.together_bps` they move as one
(each is as late in its own distribution as the others in theirs), and by themselves otherwise.
Customers are independent but for two things that happen to all of them: around some days all pay
sooner or later than they used to, so that cash moves over the end of a period (by so much of what
is in doubt on that day; two ends share less of it the more days lie between them), and all bring
more or less.  The first two moments of that are exact in integers; a gamma curve with them gives the band, by the cube root of Wilson and
Hilferty (1931), mirrored where nearly all of it is expected, and kept within what can come.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import isqrt
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.forecast.model import WHOLE_PPM

__all__ = [
    "MEASURED",
    "Band",
    "CashRisk",
    "Exposure",
    "Moments",
    "band_of",
    "moments",
    "normal_quantile_ppm",
]

_BPS: Final = 10_000
_HALF: Final = 5_000
_ONE_DAY_SHARED_PPM: Final = 857_143
"""How much of what moves all on one day is there on the next: a week halves it, and more."""

_NORMAL: Final = (
    *((5_000, 0), (5_500, 125_661), (6_000, 253_347), (6_500, 385_320), (7_000, 524_401)),
    *((7_500, 674_490), (8_000, 841_621), (8_500, 1_036_433), (9_000, 1_281_552)),
    *((9_250, 1_439_531), (9_500, 1_644_854), (9_750, 1_959_964), (9_900, 2_326_348)),
    *((9_950, 2_575_829), (9_990, 3_090_232), (9_999, 3_719_016), (10_000, 4_264_891)),
)
"""Quantiles of the normal curve in parts per million of a standard deviation, by chance in basis
points; the last is that of 0.99999, because certainty has none."""


def _check_share(instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    del instance
    if not 0 <= value <= _BPS:
        msg = f"{attribute.name} must be 0 to {_BPS}, got {value}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class CashRisk:
    """How much what is expected moves together, in basis points; `receivables.forecast.fitted_risk` measures it.

    Raises `PolicyError` for shares beyond the whole.
    """

    together_bps: int = attrs.field(default=2_500, validator=_check_share)
    """The share of the items of one customer that move as one; 0 for items that know nothing of each
    other."""
    timing_bps: int = attrs.field(default=3_000, validator=_check_share)
    """The standard deviation of how all pay sooner or later around a day: of the logarithm of the odds
    of being paid by then."""
    level_bps: int = attrs.field(default=200, validator=_check_share)
    """The standard deviation of how all bring more or less, of what is expected."""


MEASURED: Final = CashRisk()
"""What a back-test on real invoices of 2019 gave."""


@attrs.frozen
class Exposure:
    """What an item may bring in a period: between which two chances of being paid by a day it lies."""

    amount_minor: int
    after_ppm: int
    by_ppm: int


@attrs.frozen
class Band:
    """Between what and what, in minor units."""

    low_minor: int
    high_minor: int


def normal_quantile_ppm(bps: int) -> int:
    """The normal quantile of a chance, in parts per million, by straight lines between known ones.

    >>> normal_quantile_ppm(9_000), normal_quantile_ppm(1_000)
    (1281552, -1281552)
    """
    if bps < _HALF:
        return -normal_quantile_ppm(_BPS - bps)
    place = min(bisect_right(_NORMAL, (bps, WHOLE_PPM * 9)), len(_NORMAL) - 1)
    (left, low), (right, high) = _NORMAL[place - 1], _NORMAL[place]
    return low + (high - low) * (bps - left) // (right - left)


@attrs.frozen(kw_only=True)
class Moments:
    """What customers bring in a period: its mean, and its variance apart and together.

    The mean is in millionths of minor units, the variances in millionths of millionths of their
    squares; `most` is what can come at all, in minor units.
    """

    mean: int
    apart: int
    together: int
    doubt_before: int
    """How much of what came before it is in doubt on the day it begins, in millionths of millionths:
    by how much the mean moves with the odds of all."""
    doubt_after: int
    """The same on the day on which it ends."""
    days: int
    most: int

    def variance(self, risk: CashRisk) -> int:
        """The variance under a way to move together, in squared minor units."""
        share = risk.together_bps
        customers = ((_BPS - share) * self.apart + share * self.together) // _BPS
        level = self.mean * risk.level_bps // (_BPS * WHOLE_PPM)
        shared = pow(_ONE_DAY_SHARED_PPM, self.days) * WHOLE_PPM // pow(WHOLE_PPM, self.days)
        before, after = (
            doubt * risk.timing_bps // (_BPS * WHOLE_PPM**2)
            for doubt in (self.doubt_before, self.doubt_after)
        )
        timing = before * before + after * after - 2 * before * after * shared // WHOLE_PPM
        return int(customers // WHOLE_PPM**2 + level * level + timing)

    def band(self, expected: int, *, risk: CashRisk, coverage_bps: int) -> Band:
        """The band around what is expected, in minor units."""
        return band_of(
            mean=expected,
            variance=self.variance(risk),
            most=max(self.most, expected),
            coverage_bps=coverage_bps,
        )


def moments(customers: Iterable[Sequence[Exposure]], *, days: int) -> Moments:
    """The moments of a period of so many days from what the items of each customer may bring."""
    mean = apart = together = before = after = most = 0
    for exposures in customers:
        own, own_mean = _apart(exposures)
        apart += own
        together += own if len(exposures) == 1 else _together(exposures, own_mean)
        mean += own_mean
        most += sum(one.amount_minor for one in exposures)
        before += sum(one.amount_minor * _doubt(one.after_ppm) for one in exposures)
        after += sum(one.amount_minor * _doubt(one.by_ppm) for one in exposures)
    return Moments(
        mean=mean,
        apart=apart,
        together=together,
        doubt_before=before,
        doubt_after=after,
        days=days,
        most=most,
    )


def _doubt(chance_ppm: int) -> int:
    """By how much a chance moves with the logarithm of its odds."""
    return chance_ppm * (WHOLE_PPM - chance_ppm)


def _apart(exposures: Sequence[Exposure]) -> tuple[int, int]:
    """The variance of independent items (a millionth of a millionth) and their mean (a millionth)."""
    total = mean = 0
    for one in exposures:
        chance = one.by_ppm - one.after_ppm
        total += one.amount_minor * one.amount_minor * chance * (WHOLE_PPM - chance)
        mean += one.amount_minor * chance
    return total, mean


def _together(exposures: Sequence[Exposure], mean: int) -> int:
    """The variance of items that share one draw: the sum of what is paid, squared, over all draws."""
    steps: dict[int, int] = {}
    for one in exposures:
        steps[one.after_ppm] = steps.get(one.after_ppm, 0) + one.amount_minor
        steps[one.by_ppm] = steps.get(one.by_ppm, 0) - one.amount_minor
    squares = paid = last = 0
    for place in sorted(steps):
        squares += paid * paid * (place - last)
        paid += steps[place]
        last = place
    return squares * WHOLE_PPM - mean * mean


def band_of(*, mean: int, variance: int, most: int, coverage_bps: int) -> Band:
    """The band that holds an amount with this chance, as much left out on either side.

    `most` is what can come at all.  What is expected always lies within the band.
    """
    if not 0 < coverage_bps < _BPS:
        msg = f"coverage_bps must be above 0 and below {_BPS}, got {coverage_bps}"
        raise PolicyError(msg)
    rest = (_BPS - coverage_bps) // 2
    low = _quantile(mean, variance, most, rest)
    high = _quantile(mean, variance, most, _BPS - rest)
    return Band(min(low, mean), max(high, mean))


def _quantile(mean: int, variance: int, most: int, bps: int) -> int:
    if mean <= 0 or variance <= 0:
        return mean
    if 2 * mean > most:
        rest = most - mean
        return max(most - _gamma(rest, variance, _BPS - bps), 0) if rest > 0 else mean
    return min(_gamma(mean, variance, bps), most)


def _gamma(mean: int, variance: int, bps: int) -> int:
    """The quantile of a gamma curve with these moments, after Wilson and Hilferty."""
    unit = WHOLE_PPM
    squared = variance * unit * unit // (mean * mean)
    root = unit - squared // (9 * unit) + normal_quantile_ppm(bps) * isqrt(squared) // (3 * unit)
    return mean * max(root, 0) ** 3 // unit**3
