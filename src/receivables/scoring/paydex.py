"""A score of how promptly somebody pays, from 1 to 100, on the points that a bureau has published.

It is *like* PAYDEX and is not it: the bureau counts the experiences of many suppliers, this one
those of one creditor.  Days beyond terms are weighted by amounts, and those before the due date
count below zero.

>>> [paydex(days) for days in (-30, 0, 15, 48, 400)]
[100, 80, 70, 44, 1]
>>> paydex_band(86).days, paydex_band(86).is_published
(Fraction(-12, 1), True)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs

from receivables.errors import PolicyError
from receivables.scoring import rules

__all__ = [
    "PAYDEX_LIKE",
    "PAYDEX_LIKE_14_21",
    "PaydexBand",
    "PromptnessPoint",
    "PromptnessScale",
    "paydex",
    "paydex_band",
]

_HUNDRED: Final = 100


@attrs.frozen
class PromptnessPoint:
    """A score, and the days beyond terms up to which it is reached, in hundredths of a day."""

    score: int
    days_hundredths: int
    is_published: bool = True
    """Whether a source prints the point; the others are ours."""


def _points(values: Iterable[PromptnessPoint]) -> tuple[PromptnessPoint, ...]:
    return tuple(values)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PromptnessScale:
    """Points from the best score to the worst, with where they were read; a line runs between two.

    Raises `PolicyError` where scores do not fall, or days do not rise, from point to point.
    """

    name: str
    version: str
    points: tuple[PromptnessPoint, ...] = attrs.field(converter=_points)
    sources: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    note: str = ""

    @points.validator
    def _check_points(self, _attribute: object, value: tuple[PromptnessPoint, ...]) -> None:
        falls = all(
            before.score > after.score and before.days_hundredths < after.days_hundredths
            for before, after in itertools.pairwise(value)
        )
        if len(value) <= 1 or not falls:
            msg = f"points of {self.name} must be two or more, scores falling and days rising, got {[(one.score, one.days_hundredths) for one in value]}"
            raise PolicyError(msg)

    @property
    def corners(self) -> tuple[PromptnessPoint, ...]:
        """The points without those that lie on the line between their neighbors: all a rule needs."""
        kept = list(self.points[:1])
        for point, after in itertools.pairwise(self.points[1:]):
            if _steepness(kept[-1], point) != _steepness(point, after):
                kept.append(point)
        return (*kept, self.points[-1])

    @property
    def best(self) -> int:
        """The highest score."""
        return self.points[0].score

    @property
    def worst(self) -> int:
        """The lowest score, whatever the days."""
        return self.points[-1].score


def _steepness(better: PromptnessPoint, worse: PromptnessPoint) -> Fraction:
    """The days of one point of the score."""
    return Fraction(worse.days_hundredths - better.days_hundredths, better.score - worse.score)


def _whole_days(*pairs: tuple[int, int]) -> tuple[PromptnessPoint, ...]:
    return tuple(PromptnessPoint(score, days * _HUNDRED) for score, days in pairs)


_TOP: Final = _whole_days(
    (100, -30), (90, -20), (89, -18), (88, -16), (87, -14), (86, -12), (85, -10), (80, 0)
)
_BOTTOM: Final = (
    *_whole_days((50, 30), *((score, 180 - 3 * score) for score in range(49, 39, -1))),
    *_whole_days((30, 90), (20, 120)),
    # Beyond 120 days the sources say "below 20" and no more; three days to a point go on.
    PromptnessPoint(1, 177 * _HUNDRED, is_published=False),
)
_SOURCES: Final = (
    "http://www.dandb.com/glossary/paydex/",
    "https://docs.dnb.com, frequently asked questions on PAYDEX",
)

PAYDEX_LIKE: Final = PromptnessScale(
    name="paydex-like",
    version="1",
    points=(*_TOP, *_whole_days((70, 15), (60, 22), (59, 23), (55, 26), (52, 29)), *_BOTTOM),
    sources=_SOURCES,
    note=(
        "published: 100, 90, 85 to 89, 80, 70, 60, 59, 55, 52, 40 to 50, 30, 20; what lies between "
        "(61 to 84 mostly) is on the line between two published points, and below 20 on the line "
        "of 30 and 20"
    ),
)
"""The points that the bureau has published; what lies between them is interpolated, and says so."""

PAYDEX_LIKE_14_21: Final = PromptnessScale(
    name="paydex-like-14-21",
    version="1",
    points=(*_TOP, *_whole_days((70, 14), (60, 21), (59, 23), (55, 26), (52, 29)), *_BOTTOM),
    sources=("charts of third parties",),
    note="as paydex-like, with 14 and 21 days at 70 and 60, which charts of third parties print",
)
"""The same with 14 and 21 days in place of 15 and 22, as charts of third parties have it."""


@attrs.frozen(kw_only=True)
class PaydexBand:
    """The days beyond terms that give a score: above `beyond`, up to `days`."""

    score: int
    beyond: Fraction | None
    """None for the best score, which any earlier payment has too."""
    days: Fraction | None
    """None for the worst score, which any later payment has too."""
    is_published: bool
    """Whether a source prints the days of this very score; else they are on a line of ours."""


def paydex(days: int | Decimal | Fraction, *, scale: PromptnessScale = PAYDEX_LIKE) -> int:
    """The score of an average of days beyond terms, weighted by amounts.

    A score is given up to the days that the scale has for it, so that a day's fraction more gives
    the next lower one: whole points, rounded down.  Raises `PolicyError` for what is no exact number.

    >>> paydex(Fraction(1, 100)), paydex(Decimal("14.99")), paydex(-31)
    (79, 70, 100)
    """
    if isinstance(days, bool) or not isinstance(days, int | Decimal | Fraction):
        msg = f"days must be a whole number, a Decimal or a Fraction, got {days!r}"
        raise PolicyError(msg)
    if isinstance(days, Decimal) and not days.is_finite():
        msg = f"days must be a number, got {days}"
        raise PolicyError(msg)
    score: int = rules.promptness(Fraction(days) * _HUNDRED, scale=scale.corners)
    return score


def paydex_band(score: int, *, scale: PromptnessScale = PAYDEX_LIKE) -> PaydexBand:
    """The days that give a score; raises `PolicyError` for one that the scale does not have.

    >>> band = paydex_band(79)
    >>> band.beyond, band.days, band.is_published
    (Fraction(0, 1), Fraction(3, 2), False)
    >>> paydex_band(100).beyond, paydex_band(1).days
    (None, None)
    """
    if type(score) is not int or not scale.worst <= score <= scale.best:
        msg = f"score must be a whole number from {scale.worst} to {scale.best}, got {score!r}"
        raise PolicyError(msg)
    return PaydexBand(
        score=score,
        beyond=None if score == scale.best else _days_of(score + 1, scale),
        days=None if score == scale.worst else _days_of(score, scale),
        is_published=any(one.score == score and one.is_published for one in scale.points),
    )


def _days_of(score: int, scale: PromptnessScale) -> Fraction:
    """The days up to which a score is given, on the line between its neighbors."""
    for better, worse in itertools.pairwise(scale.points):
        if worse.score <= score <= better.score:
            share = Fraction(better.score - score, better.score - worse.score)
            span = worse.days_hundredths - better.days_hundredths
            return (better.days_hundredths + share * span) / Fraction(_HUNDRED)
    raise AssertionError(score)  # pragma: no cover  # the score was checked against the scale
