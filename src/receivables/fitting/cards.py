"""Fitting a scorecard: from a frame with an outcome to a card that anyone can read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables.errors import DocumentError, PolicyError
from receivables.fitting import _candidates, _merging, _pursuit, _quotients
from receivables.fitting._candidates import Candidate, coded, values_of
from receivables.fitting._intake import Array, Column, Data, intake, subset
from receivables.fitting._needs import numpy, sklearn
from receivables.fitting._pursuit import Model
from receivables.fitting.examining import DataWarning, examined, refused_columns
from receivables.fitting.measures import Separation, separation
from receivables.fitting.policies import STANDARD, FitPolicy, LeakPolicy
from receivables.scoring.scorecards import (
    Bin,
    BinKind,
    CardSource,
    Characteristic,
    Direction,
    Scorecard,
    woe_table,
)

__all__ = [
    "DroppedColumn",
    "FitReport",
    "Fitted",
    "fit_scorecard",
    "fitted_on",
]

_SHIFTS: Final = 8
_TIMES: Final = (1.0, 0.5, 2.0, 0.25, 4.0)
"""How strong the penalties of the last fit may be; of equals the first is taken."""
_IV_PLACES: Final = Decimal("0.0001")
_WOE_PLACES: Final = Decimal("0.000001")


@attrs.frozen(kw_only=True)
class DroppedColumn:
    """A column that no characteristic was made of, and why."""

    column: str
    reason: str
    """``constant``, ``identifier``, ``date``, ``missing-tells-outcome``, ``not-needed``…"""


@attrs.frozen(kw_only=True)
class FitReport:
    """What a fit was made of; its figures are those of the rows it was fitted on.

    The separation is flattered by that: `receivables.fitting.out_of_fold` and `out_of_time` say
    what a card is worth on rows that it has not seen.
    """

    rows: int
    bad: int
    separation: Separation
    """On the rows of fitting, with the points as they stand on the card."""
    unrounded_auc: float
    """The same with the figures before they became whole points."""
    fine_auc: float
    """The same before bins were put together."""
    warnings: tuple[DataWarning, ...]
    dropped: tuple[DroppedColumn, ...]
    policy: FitPolicy

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "rows": self.rows,
            "bad": self.bad,
            "separation": self.separation.to_dict(),
            "unrounded_auc": self.unrounded_auc,
            "fine_auc": self.fine_auc,
            "warnings": [one.to_dict() for one in self.warnings],
            "dropped": {one.column: one.reason for one in self.dropped},
        }


@attrs.frozen(kw_only=True)
class Fitted:
    """A fitted card and the report of its fitting."""

    scorecard: Scorecard
    report: FitReport


def fit_scorecard(
    frame: object,
    *,
    target: str,
    bad: object = None,
    columns: Iterable[str] | None = None,
    weights: str | None = None,
    date: str | None = None,
    policy: FitPolicy = STANDARD,
    **changes: Any,  # noqa: ANN401  # fields of the policy, and words about the card
) -> Fitted:
    """Fit a scorecard on a frame of any kind; equal for equal rows and seed.

    `bad` is the value of the target that means a bad outcome; 1 or true where it says no other.
    `columns` are those that may become characteristics, all others by default.  `weights` is a
    column of row weights, `date` one of observation dates (it is no characteristic).  Fields of the
    policy may be given by name, and so may ``name``, ``population``, ``meaning`` (what bad means)
    and ``labels`` of the card.

    Raises `DocumentError` for a frame without the columns or with a target that cannot be one,
    `PolicyError` for settings, `MissingExtraError` without the extra ``scoring``.
    """
    words = {
        key: changes.pop(key)
        for key in ("name", "population", "meaning", "labels")
        if key in changes
    }
    policy = policy.changed(**changes) if changes else policy
    data = intake(frame, target=target, bad=bad, columns=columns, weights=weights, date=date)
    words.setdefault("meaning", f"{target} = {'1' if bad is None else bad}")
    return fitted_on(data, policy=policy, **words)


def fitted_on(
    data: Data,
    *,
    policy: FitPolicy,
    warnings: tuple[DataWarning, ...] | None = None,
    **words: Any,  # noqa: ANN401  # words about the card
) -> Fitted:
    """Fit on columns that were taken in already."""
    found = examined(data, seed=policy.seed) if warnings is None else warnings
    _check_wishes(data, policy)
    dropped = refused_columns(data, found, policy=policy)
    usable = {name: one for name, one in data.columns.items() if name not in dropped}
    neutral = _neutral(found, policy)
    sample = _sample(data, policy=policy)
    model, rows = _chosen(sample, usable, policy=policy, neutral=neutral)
    if not model.chosen:
        msg = f"no column of {len(data.columns)} tells good from bad on rows that it was not fitted on"
        raise DocumentError(msg)
    fine_auc = separation(model.log_odds(), sample.bad, weights=sample.weights).auc
    full = _pursuit.rows_of(data.bad, data.weights, policy=policy, neutral=neutral)
    coarse = _settled(_merged(model, data, rows, policy=policy), full)
    card = _card(coarse, data, policy=policy, **words)
    points = _points(card, coarse)
    for name in usable:
        if not any(name in one.candidate.columns for one in coarse.chosen):
            dropped[name] = "not-needed"
    report = FitReport(
        rows=data.rows,
        bad=int(data.bad.sum()),
        separation=separation(-points, data.bad, weights=data.weights),
        unrounded_auc=separation(coarse.log_odds(), data.bad, weights=data.weights).auc,
        fine_auc=fine_auc,
        warnings=found,
        dropped=tuple(DroppedColumn(column=name, reason=why) for name, why in dropped.items()),
        policy=policy,
    )
    return Fitted(scorecard=card, report=report)


def _check_wishes(data: Data, policy: FitPolicy) -> None:
    for field, names in (("accept", policy.accept), ("directions", tuple(policy.directions))):
        unknown = [name for name in names if name not in data.columns and " / " not in name]
        if unknown:
            msg = f"{field} must name columns, got {', '.join(unknown)}"
            raise PolicyError(msg)


def _neutral(found: Iterable[DataWarning], policy: FitPolicy) -> frozenset[str]:
    if policy.leaks is not LeakPolicy.NEUTRAL:
        return frozenset()
    told = [name for one in found if one.code == "missing.tells-outcome" for name in one.columns]
    return frozenset(told) - frozenset(policy.accept)


def _sample(data: Data, *, policy: FitPolicy) -> Data:
    """The rows of the choice: all, or the bad ones as far as half of them go and good ones."""
    np = numpy()
    if data.rows <= policy.rows_max:
        return data
    luck = np.random.default_rng(policy.seed)
    parts = []
    weights = data.weights.copy()
    bad, good = np.flatnonzero(data.bad == 1), np.flatnonzero(data.bad == 0)
    room = policy.rows_max
    for rows, most in ((bad, max(room // 2, room - len(good))), (good, room)):
        kept = luck.permutation(rows)[: min(most, room)]
        weights[kept] *= weights[rows].sum() / weights[kept].sum()
        room -= len(kept)
        parts.append(kept)
    data = attrs.evolve(data, weights=weights)
    kept = np.sort(np.concatenate(parts))
    return subset(attrs.evolve(data, weights=weights * (len(kept) / weights[kept].sum())), kept)


def _chosen(
    sample: Data, usable: Mapping[str, Column], *, policy: FitPolicy, neutral: frozenset[str]
) -> tuple[Model, Any]:
    columns = {name: sample.columns[name] for name in usable}
    made = [_candidates.made(columns, (name,), bins=policy.fine_bins) for name in columns]
    singles = [one for one in made if one is not None]
    rows = _pursuit.rows_of(sample.bad, sample.weights, policy=policy, neutral=neutral)
    pairs = _quotients.quotients(columns, singles, rows) if policy.quotients else []
    return _pursuit.pursued([*singles, *pairs], rows), rows


def _merged(model: Model, data: Data, rows: Any, *, policy: FitPolicy) -> Model:  # noqa: ANN401  # rows of a pursuit
    """The model with few bins, coded for all rows; its figures are still to be fitted."""
    np = numpy()
    chance = _pursuit.probabilities(model.log_odds())
    curve = rows.weights * chance * (1 - chance)
    chosen = []
    for one in model.chosen:
        codes, size = one.candidate.codes, one.candidate.size
        few = _merging.merged(
            one.candidate,
            one.figures,
            curve=np.bincount(codes, curve, size),
            rows=np.bincount(codes, rows.weights, size),
            bins_max=policy.bins_max,
        )
        few.codes = coded(few, values_of(data.columns, few.columns))
        chosen.append(attrs.evolve(one, candidate=few, figures=np.zeros(few.size)))
    return Model(intercept=model.intercept, chosen=chosen)


def _settled(model: Model, rows: Any) -> Model:  # noqa: ANN401  # rows of a pursuit
    """The figures of the few bins, as strongly penalized as held-out rows want it.

    Every strength is judged by the log odds of each part from figures that were fitted on the
    others, once a logistic regression has stretched them; the figures are then fitted on all rows
    and stretched by the same factor, so that probabilities are what they say.
    """
    np = numpy()
    tried = [_tried(model, attrs.evolve(rows, policy=one)) for one in _strengths(rows.policy)]
    _, factor, best = min(tried, key=lambda each: each[0])
    model = _pursuit.fitted(model, best)
    for one in model.chosen:
        one.figures = one.figures * float(np.clip(factor, 0.5, 2.0))
    total = model.log_odds()
    for _ in range(_SHIFTS):
        chance = _pursuit.probabilities(total)
        slope = float((rows.weights * (rows.bad - chance)).sum())
        shift = slope / float((rows.weights * chance * (1 - chance)).sum())
        model.intercept += shift
        total = total + shift
    return model


def _strengths(policy: FitPolicy) -> list[FitPolicy]:
    """The policy with its penalties from a quarter to four times as strong."""
    return [
        attrs.evolve(
            policy,
            ridge=policy.ridge * times,
            category_ridge=policy.category_ridge * times,
            smoothness=policy.smoothness * times,
        )
        for times in _TIMES
    ]


def _tried(model: Model, rows: Any) -> tuple[float, float, Any]:  # noqa: ANN401  # rows of a pursuit
    """The loss on held-out rows, the factor that stretches log odds, and the rows themselves."""
    np = numpy()
    total = _pursuit.crossed(model, rows)
    factor, shift = 1.0, 0.0
    if float(total.std()) > 0:
        regression = sklearn("linear_model").LogisticRegression(C=1e6, max_iter=1_000)
        regression.fit(total[:, None], rows.bad, sample_weight=rows.weights)
        factor, shift = float(regression.coef_[0, 0]), float(regression.intercept_[0])
    odds = shift + factor * total
    loss = (rows.weights * (np.logaddexp(0.0, odds) - rows.bad * odds)).sum()
    return float(loss), factor, rows


def _points(card: Scorecard, model: Model) -> Array:
    """The points of every row, by the bins that the model has coded."""
    np = numpy()
    total = np.full(len(model.chosen[0].candidate.codes) if model.chosen else 1, card.base_points)
    for one, characteristic in zip(model.chosen, card.characteristics, strict=True):
        given = np.array([each.points for each in characteristic.bins])
        total = total + given[one.candidate.codes]
    return total


def _card(
    model: Model,
    data: Data,
    *,
    policy: FitPolicy,
    name: str = "scorecard",
    population: str = "",
    meaning: str = "",
    labels: Mapping[str, str] | None = None,
) -> Scorecard:
    dates = [] if data.dates is None else sorted(data.dates.tolist())
    return Scorecard(
        name=name,
        characteristics=[_characteristic(one, data, policy, labels or {}) for one in model.chosen],
        base_points=_whole(policy.scaling.points(_exact(-model.intercept)), policy),
        point_decimals=policy.point_decimals,
        scaling=policy.scaling,
        intercept=_exact(model.intercept).quantize(_WOE_PLACES),
        source=CardSource.FITTED,
        target=meaning,
        population=population,
        fitted_from=_first(dates),
        fitted_to=_first(dates[::-1]),
        fitted_rows=data.rows,
        fitted_bad=int(data.bad.sum()),
    )


def _first(dates: list[dt.date]) -> dt.date | None:
    return dates[0] if dates else None


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _whole(points: Decimal, policy: FitPolicy) -> int:
    return int(points.scaleb(policy.point_decimals).to_integral_value())


def _characteristic(
    one: _pursuit.Chosen, data: Data, policy: FitPolicy, labels: Mapping[str, str]
) -> Characteristic:
    np = numpy()
    candidate = one.candidate
    values = values_of(data.columns, candidate.columns)
    weights = (data.weights * (1 - data.bad), data.weights * data.bad)
    good, bad = (np.rint(np.bincount(candidate.codes, w, candidate.size)) for w in weights)
    seen = np.flatnonzero(good + bad)
    table = woe_table([int(x) for x in good[seen]], [int(x) for x in bad[seen]])
    woe: list[Decimal | None] = [None] * candidate.size
    for place, weight in zip(seen.tolist(), table.woe, strict=True):
        woe[place] = weight.quantize(_WOE_PLACES)
    factor = float(policy.scaling.factor)
    bins = [
        Bin(
            points=_whole(_exact(-factor * float(figure)), policy),
            good=int(good[place]),
            bad=int(bad[place]),
            woe=woe[place],
            **_ends(candidate, place),
        )
        for place, figure in enumerate(one.figures)
    ]
    numbers = values[np.isfinite(values)] if candidate.is_numeric else ()
    return Characteristic(
        name=candidate.name,
        column=candidate.columns[0],
        over=candidate.columns[1] if candidate.is_quotient else "",
        label=labels.get(candidate.name, ""),
        bins=bins,
        direction=_direction([each.points for each in bins[: candidate.ordered]]),
        iv=table.iv.quantize(_IV_PLACES),
        seen_from=_seen(numbers, lowest=True),
        seen_to=_seen(numbers, lowest=False),
    )


def _seen(numbers: Any, *, lowest: bool) -> Decimal | None:  # noqa: ANN401  # an array, or nothing
    """The lowest or the highest number, outwards to six digits."""
    if not len(numbers):
        return None
    value = Decimal(repr(float(min(numbers) if lowest else max(numbers))))
    step = Decimal(1).scaleb(value.adjusted() - 5) if value else Decimal(1)
    rounding = "ROUND_FLOOR" if lowest else "ROUND_CEILING"
    return (value / step).to_integral_value(rounding=rounding) * step


def _direction(points: list[int]) -> Direction:
    if len(points) > 1 and points == sorted(points):
        return Direction.RISING
    return (
        Direction.FALLING if len(points) > 1 and points == sorted(points)[::-1] else Direction.FREE
    )


def _ends(candidate: Candidate, place: int) -> dict[str, Any]:
    """What falls into a bin of a candidate."""
    if place == candidate.size - 1:
        return {"kind": BinKind.MISSING}
    if place == candidate.regular:
        return {"kind": BinKind.UNDEFINED if candidate.is_quotient else BinKind.OTHER}
    if not candidate.is_numeric:
        return {"kind": BinKind.GROUP, "categories": candidate.groups[place]}
    cuts = [None, *candidate.cuts, None]
    return {"kind": BinKind.INTERVAL, "lower": cuts[place], "upper": cuts[place + 1]}
