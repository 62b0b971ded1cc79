"""What a card is worth on rows that it has not seen: out of time, out of fold, on another frame."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from receivables.errors import DocumentError, PolicyError
from receivables.fitting._candidates import quotient_values
from receivables.fitting._intake import Array, Column, Data, frame_columns, intake, subset
from receivables.fitting._needs import numpy
from receivables.fitting._pursuit import parts_of
from receivables.fitting.cards import fitted_on
from receivables.fitting.examining import examined
from receivables.fitting.measures import (
    Calibration,
    LiftRow,
    Separation,
    brier,
    calibration,
    lift,
    separation,
    stability,
)
from receivables.fitting.policies import STANDARD, FitPolicy
from receivables.scoring._scorecard_model import category_of
from receivables.scoring.scorecards import BinKind, Characteristic, Scorecard

__all__ = [
    "Validation",
    "bin_places",
    "out_of_fold",
    "out_of_time",
    "scored",
    "validate",
    "validate_fit",
]

_LATE: Final = 0.3
_FOLDS: Final = 5
_SCORE_BINS: Final = 10


@attrs.frozen(kw_only=True)
class Validation:
    """How a card, or a way of fitting one, does on rows that were not fitted on."""

    method: str
    """``out-of-time``, ``out-of-fold``, or ``given`` for a card on a frame."""
    rows: int
    bad: int
    separation: Separation
    brier: float
    calibration: Calibration
    lift: tuple[LiftRow, ...]
    cards: tuple[Scorecard, ...]
    """The cards that scored: one, or one of each fold."""
    points: Array = attrs.field(eq=False, repr=False)
    """The points of every row that was scored, in the order of the frame."""
    cut: dt.date | None = None
    """The first day of the rows that were scored, out of time."""
    score_stability: float | None = None
    """The stability index of the scores, against the rows of fitting or the reference."""
    characteristic_stability: Mapping[str, float] = attrs.field(factory=dict)
    """The stability index of the bins of each characteristic, against the same."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "method": self.method,
            "rows": self.rows,
            "bad": self.bad,
            "separation": self.separation.to_dict(),
            "brier": self.brier,
            "calibration": self.calibration.to_dict(),
            "lift": [attrs.asdict(row) for row in self.lift],
            "cut": None if self.cut is None else self.cut.isoformat(),
            "score_stability": self.score_stability,
            "characteristic_stability": dict(self.characteristic_stability),
            "characteristics": [[one.name for one in card.characteristics] for card in self.cards],
        }


def validate(
    frame: object,
    *,
    scorecard: Scorecard,
    target: str,
    bad: object = None,
    weights: str | None = None,
    reference: object = None,
) -> Validation:
    """A card on the rows of a frame; they must not be those that it was fitted on.

    `reference` is a frame to compare distributions with, such as the rows of fitting; without it
    the counts of the bins that the card keeps stand in.
    """
    needed = scorecard.columns
    data = intake(frame, target=target, bad=bad, columns=needed, weights=weights)
    points, codes = scored(data, scorecard)
    before = None
    if reference is not None:
        columns = frame_columns(reference, needed)
        rows = len(next(iter(columns.values())).values)
        other = Data(columns=columns, bad=numpy().zeros(rows), weights=numpy().ones(rows))
        before = scored(other, scorecard)
    return _validation(
        points,
        data,
        method="given",
        cards=(scorecard,),
        score_stability=None if before is None else _score_stability(before[0], points),
        characteristic_stability=_characteristic_stability(
            scorecard, codes, before=None if before is None else before[1]
        ),
    )


def out_of_time(
    frame: object,
    *,
    target: str,
    date: str,
    cut: dt.date | None = None,
    bad: object = None,
    columns: Iterable[str] | None = None,
    weights: str | None = None,
    policy: FitPolicy = STANDARD,
    **changes: Any,  # noqa: ANN401  # fields of the policy
) -> Validation:
    """Fit on the rows before a day, and score those from it on.

    Without a `cut` it is the day that leaves some three rows in ten behind it.
    """
    policy = policy.changed(**changes) if changes else policy
    data = intake(frame, target=target, bad=bad, columns=columns, weights=weights, date=date)
    np = numpy()
    days = np.array([day.toordinal() for day in _days(data)])
    first = cut.toordinal() if cut else int(np.quantile(days, 1 - _LATE, method="higher"))
    early, late = np.flatnonzero(days < first), np.flatnonzero(days >= first)
    for name, rows in (("before", early), ("from", late)):
        if not 0 < int(data.bad[rows].sum()) < len(rows):
            msg = f"cut must leave good and bad rows on both sides, got {len(rows)} rows of one kind {name} {dt.date.fromordinal(first)}"
            raise DocumentError(msg)
    card = _fit(subset(data, early), policy)
    before, then = scored(subset(data, early), card)
    points, now = scored(subset(data, late), card)
    return _validation(
        points,
        subset(data, late),
        method="out-of-time",
        cards=(card,),
        cut=dt.date.fromordinal(first),
        score_stability=_score_stability(before, points),
        characteristic_stability=_characteristic_stability(card, now, before=then),
    )


def _days(data: Data) -> list[dt.date]:
    return [] if data.dates is None else list(data.dates)


def out_of_fold(
    frame: object,
    *,
    target: str,
    folds: int = _FOLDS,
    bad: object = None,
    columns: Iterable[str] | None = None,
    weights: str | None = None,
    policy: FitPolicy = STANDARD,
    seed: int | None = None,
    **changes: Any,  # noqa: ANN401  # fields of the policy
) -> Validation:
    """Fit on all folds but one and score that one, in turn.

    Everything is done inside: the bins, the choice of characteristics, the columns that are
    refused.  Bad rows are spread evenly over the folds, by the `seed` (that of the policy).  Use it
    where there is no date; rows of several periods belong `out_of_time`.
    """
    if folds < 2:  # noqa: PLR2004  # one to score, one to fit
        msg = f"folds must be 2 or more, got {folds}"
        raise PolicyError(msg)
    policy = policy.changed(**changes) if changes else policy
    data = intake(frame, target=target, bad=bad, columns=columns, weights=weights)
    np = numpy()
    parts = parts_of(data.bad, folds=folds, seed=(policy.seed if seed is None else seed) + 10_007)
    points = np.zeros(data.rows)
    cards = []
    for part in range(folds):
        card = _fit(subset(data, np.flatnonzero(parts != part)), policy)
        rows = np.flatnonzero(parts == part)
        points[rows] = scored(subset(data, rows), card)[0]
        cards.append(card)
    return _validation(points, data, method="out-of-fold", cards=tuple(cards))


def validate_fit(
    frame: object,
    *,
    target: str,
    date: str | None = None,
    **given: Any,  # noqa: ANN401  # as of the two it chooses between
) -> Validation:
    """Out of time where there is a date, out of fold where there is none."""
    if date is None:
        return out_of_fold(frame, target=target, **given)
    return out_of_time(frame, target=target, date=date, **given)


def _fit(data: Data, policy: FitPolicy) -> Scorecard:
    warnings = examined(data, seed=policy.seed, only_refusing=True)
    return fitted_on(data, policy=policy, warnings=warnings).scorecard


def scored(data: Data, card: Scorecard) -> tuple[Array, list[Array]]:
    """The points of every row, and the place of its bin on each characteristic."""
    np = numpy()
    total = np.full(data.rows, card.base_points, dtype=float)
    places = []
    for one in card.characteristics:
        place = bin_places(data, one)
        total += np.array([each.points for each in one.bins], dtype=float)[place]
        places.append(place)
    return total * 10.0**-card.point_decimals, places


def bin_places(data: Data, one: Characteristic) -> Array:
    """The place among the bins of a characteristic for every row, by the rule of the card."""
    np = numpy()
    if not one.is_numeric:
        return _group_places(data.columns[one.column], one)
    parts = [_as_numbers(data.columns[name]) for name in one.columns]
    values = quotient_values(*parts) if one.over else parts[0]
    cuts = np.array([float(each.lower) for each in one.intervals if each.lower is not None])
    side = "left" if one.closed_above else "right"
    places = np.searchsorted(cuts, np.nan_to_num(values, posinf=0.0), side=side)
    table = np.array([one.bins.index(each) for each in one.intervals])[places]
    if one.over:
        table[np.isinf(values)] = one.bins.index(one.bin_of_kind(BinKind.UNDEFINED))
    table[np.isnan(values)] = one.bins.index(one.bin_of_kind(BinKind.MISSING))
    return table


def _group_places(column: Column, one: Characteristic) -> Array:
    names = [category_of(value) for value in column.values.tolist()]
    place: dict[str | None, int] = {
        name: one.bins.index(each) for each in one.groups for name in each.categories
    }
    place[None] = one.bins.index(one.bin_of_kind(BinKind.MISSING))
    other = one.bins.index(one.bin_of_kind(BinKind.OTHER))
    return numpy().array([place.get(name, other) for name in names], dtype=int)


def _as_numbers(column: Column) -> Array:
    if column.kind == "number":
        return column.values
    if column.missing.all():
        return numpy().full(len(column.values), math.nan)
    msg = f"column {column.name} must hold numbers, got {column.kind} values"
    raise DocumentError(msg)


def _validation(
    points: Array,
    data: Data,
    *,
    method: str,
    cards: tuple[Scorecard, ...],
    **more: Any,  # noqa: ANN401  # fields of the value
) -> Validation:
    np = numpy()
    card = cards[0]
    turn = 1.0 if card.higher_is_better else -1.0
    factor, offset = float(card.scaling.factor), float(card.scaling.offset)
    chance = 1.0 / (1.0 + np.exp(np.clip(turn * (points - offset) / factor, -35, 35)))
    return Validation(
        method=method,
        rows=data.rows,
        bad=int(data.bad.sum()),
        separation=separation(-turn * points, data.bad, weights=data.weights),
        brier=brier(chance, data.bad, weights=data.weights),
        calibration=calibration(chance, data.bad),
        lift=lift(-turn * points, data.bad),
        cards=cards,
        points=points,
        **more,
    )


def _score_stability(before: Array, after: Array) -> float:
    np = numpy()
    edges = np.unique(np.quantile(before, np.linspace(0, 1, _SCORE_BINS + 1)[1:-1]))
    size = len(edges) + 1
    counts = [
        np.bincount(np.searchsorted(edges, points, side="right"), minlength=size)
        for points in (before, after)
    ]
    return stability(*counts)


def _characteristic_stability(
    card: Scorecard, after: list[Array], *, before: list[Array] | None
) -> dict[str, float]:
    np = numpy()
    found = {}
    for place, one in enumerate(card.characteristics):
        size = len(one.bins)
        now = np.bincount(after[place], minlength=size)
        if before is not None:
            then = np.bincount(before[place], minlength=size)
        else:
            then = np.array([each.rows or 0 for each in one.bins])
        seen = (then + now) > 0
        if then.sum() > 0:
            found[one.name] = stability(then[seen], now[seen])
    return found
