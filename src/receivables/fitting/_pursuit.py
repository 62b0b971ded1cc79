"""The workshop: choosing characteristics one by one, and their points all together.

The model is additive: the log odds of being bad are a constant and one figure for the bin of each
characteristic.  Figures are fitted by Newton's steps, one characteristic after the other
(backfitting; Hastie and Tibshirani, *Generalized Additive Models*, 1990), under a ridge penalty and
one on the differences of neighboring bins (a fused ridge; Eilers and Marx, *Flexible smoothing with
B-splines and penalties*, 1996), and kept monotone by pooling adjacent violators (Ayer et al., 1955).
The next characteristic is the one that improves the likelihood most on rows that its figures were
not fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs

from receivables.fitting._candidates import Candidate, penalty
from receivables.fitting._intake import Array
from receivables.fitting._needs import numpy
from receivables.fitting.policies import FitPolicy, MonotonePolicy
from receivables.scoring.scorecards import Direction

__all__ = ["Chosen", "Model", "fitted", "gains", "pooled", "probabilities", "pursued", "step"]

_SCREEN: Final = 40
"""Candidates whose gain is taken on held-out rows, of those with the largest plain gain."""
_FREE_BY: Final = 0.95
"""A monotone shape is kept where it has so much of the gain of a free one."""
_ALIKE: Final = 0.97
"""Two characteristics whose bins are correlated more than this say the same."""
_PASSES: Final = 2
_LAST_PASSES: Final = 8
_QUOTIENT_LEAD: Final = 0.95
"""A quotient must beat a plain column by this much: what is simpler is chosen."""
_FREE, _UP, _DOWN = 0, 1, -1
_TINY: Final = 1e-9


@attrs.define(kw_only=True, eq=False)
class Chosen:
    """A characteristic of the model: its shape, and the log odds of being bad of each bin."""

    candidate: Candidate
    shape: int
    """1 where the odds of being bad rise with the value, -1 where they fall, 0 for free."""
    figures: Array
    gain: float = 0.0


@attrs.define(kw_only=True, eq=False)
class Model:
    """An additive model: the constant and the chosen characteristics."""

    intercept: float
    chosen: list[Chosen]

    def log_odds(self) -> Array:
        """The log odds of being bad of every row that the candidates are coded for."""
        total: Any = self.intercept
        for one in self.chosen:
            total = total + one.figures[one.candidate.codes]
        return total


def probabilities(log_odds: Array) -> Array:
    """The probabilities of log odds."""
    np = numpy()
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -35.0, 35.0)))


def pooled(figures: Array, weights: Array) -> Array:
    """The nearest figures that never fall: adjacent violators are pooled."""
    np = numpy()
    means: list[float] = []
    sums: list[float] = []
    sizes: list[int] = []
    for figure, weight in zip(figures.tolist(), weights.tolist(), strict=True):
        means.append(figure)
        sums.append(weight)
        sizes.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            both = sums[-2] + sums[-1]
            means[-2] = (means[-2] * sums[-2] + means[-1] * sums[-1]) / both
            sums[-2] = both
            sizes[-2] += sizes[-1]
            means.pop()
            sums.pop()
            sizes.pop()
    return np.repeat(means, sizes)


def step(
    slope: Array, curve: Array, figures: Array, *, matrix: Array, shape: int, ordered: int
) -> Array:
    """The figures after a Newton step under the penalty, monotone where asked."""
    np = numpy()
    after = figures + np.linalg.solve(np.diag(curve) + matrix, slope - matrix @ figures)
    if shape and ordered > 1:
        after[:ordered] = shape * pooled(shape * after[:ordered], curve[:ordered] + 1e-3)
    return after


@attrs.define(kw_only=True, eq=False)
class _Rows:
    """What stays the same through a pursuit."""

    bad: Array
    weights: Array
    parts: Array
    """The part, out of `folds`, that judges each row."""
    policy: FitPolicy
    neutral: frozenset[str]
    """Columns whose missing bin must tell nothing."""


def _backfit(model: Model, rows: _Rows, *, passes: int) -> Model:
    np = numpy()
    total = model.log_odds()
    for _ in range(passes):
        for one in model.chosen:
            codes, size = one.candidate.codes, one.candidate.size
            slope, curve = _derivatives(total, rows)
            after = step(
                np.bincount(codes, slope, size),
                np.bincount(codes, curve, size),
                one.figures,
                matrix=_matrix(one.candidate, rows.policy),
                shape=one.shape,
                ordered=one.candidate.ordered,
            )
            _settle(after, one.candidate, rows)
            middle = float(after @ np.bincount(codes, rows.weights, size) / rows.weights.sum())
            after = after - middle
            if _is_neutral(one.candidate, rows):
                # The gap is neutral towards the average row, whatever the others are.
                after[-1] = 0.0
            total = total + (after - one.figures)[codes] + middle
            model.intercept += middle
            one.figures = after
        slope, curve = _derivatives(total, rows)
        shift = float(slope.sum() / max(curve.sum(), _TINY))
        total = total + shift
        model.intercept += shift
    return model


def _derivatives(log_odds: Array, rows: _Rows) -> tuple[Array, Array]:
    chance = probabilities(log_odds)
    return rows.weights * (rows.bad - chance), rows.weights * chance * (1.0 - chance)


def _matrix(candidate: Candidate, policy: FitPolicy) -> Array:
    ridge = policy.ridge if candidate.is_numeric else policy.category_ridge
    return penalty(candidate, ridge=ridge, smoothness=policy.smoothness)


def _is_neutral(candidate: Candidate, rows: _Rows) -> bool:
    return any(name in rows.neutral for name in candidate.columns)


def _settle(figures: Array, candidate: Candidate, rows: _Rows) -> None:
    """Give a bin without rows the figure of the average, so that nothing is made up for it."""
    np = numpy()
    seen = np.bincount(candidate.codes, rows.weights, candidate.size)
    empty = seen[candidate.regular :] <= 0
    figures[candidate.regular :][empty] = 0.0


def gains(
    candidate: Candidate, slope: Array, curve: Array, rows: _Rows, *, shapes: Sequence[int]
) -> dict[int, float]:
    """How much each shape improves the likelihood on held-out rows, to the second order."""
    np = numpy()
    folds, size = rows.policy.folds, candidate.size
    both = candidate.codes * folds + rows.parts
    slopes = np.bincount(both, slope, size * folds).reshape(size, folds)
    curves = np.bincount(both, curve, size * folds).reshape(size, folds)
    matrix = _matrix(candidate, rows.policy)
    inside = curves.sum(1, keepdims=True) - curves
    outside = slopes.sum(1, keepdims=True) - slopes
    left = matrix[None] + np.einsum("ik,ij->kij", inside, np.eye(size))
    free = np.linalg.solve(left, outside.T[:, :, None])[:, :, 0]
    if _is_neutral(candidate, rows):
        free[:, -1] = 0.0
    found = {}
    for shape in shapes:
        figures = free if shape == _FREE else _shaped(free, inside, shape, candidate.ordered)
        found[shape] = float((2 * slopes.T * figures - curves.T * figures**2).sum())
    return found


def _shaped(free: Array, curves: Array, shape: int, ordered: int) -> Array:
    after = free.copy()
    for fold in range(len(free)):
        weights = curves[:ordered, fold] + 1e-3
        after[fold, :ordered] = shape * pooled(shape * free[fold, :ordered], weights)
    return after


def _shapes(candidate: Candidate, policy: FitPolicy) -> tuple[int, ...]:
    if not candidate.ordered:
        return (_FREE,)
    asked = policy.directions.get(candidate.name)
    if asked is not None:
        # Points fall where the odds of being bad rise.
        return {Direction.RISING: (_DOWN,), Direction.FALLING: (_UP,)}.get(asked, (_FREE,))
    if policy.monotone is MonotonePolicy.NEVER and not candidate.is_quotient:
        return (_FREE,)
    if policy.monotone is MonotonePolicy.ALWAYS or candidate.is_quotient:
        return (_UP, _DOWN)
    return (_UP, _DOWN, _FREE)


def picked(found: dict[int, float]) -> tuple[float, int]:
    """The gain and the shape that is taken: monotone unless a free one is clearly better."""
    ways = [shape for shape in found if shape != _FREE]
    if not ways:
        return found[_FREE], _FREE
    best = max(ways, key=lambda shape: found[shape])
    if _FREE in found and found[best] < _FREE_BY * found[_FREE]:
        return found[_FREE], _FREE
    return found[best], best


def _next(candidates: Sequence[Candidate], model: Model, rows: _Rows) -> Chosen | None:
    np = numpy()
    slope, curve = _derivatives(model.log_odds(), rows)
    taken = [one.candidate for one in model.chosen]
    rough = [_rough(one, slope, curve, rows.policy.ridge) for one in candidates]
    best: Chosen | None = None
    for place in np.argsort(rough, kind="stable")[::-1][:_SCREEN].tolist():
        candidate = candidates[place]
        if any(alike(candidate, other) for other in taken):
            continue
        shapes = _shapes(candidate, rows.policy)
        gain, shape = picked(gains(candidate, slope, curve, rows, shapes=shapes))
        worth = gain * (_QUOTIENT_LEAD if candidate.is_quotient else 1.0)
        if worth > (best.gain if best else 0.0):
            figures = np.zeros(candidate.size)
            best = Chosen(candidate=candidate, shape=shape, figures=figures, gain=worth)
    return best


def _rough(candidate: Candidate, slope: Array, curve: Array, ridge: float) -> float:
    np = numpy()
    slopes = np.bincount(candidate.codes, slope, candidate.size)
    curves = np.bincount(candidate.codes, curve, candidate.size)
    return float((slopes**2 / (curves + ridge)).sum())


def alike(one: Candidate, other: Candidate, *, least: float = _ALIKE) -> bool:
    """Whether the bins of two candidates are correlated so much that they say the same."""
    if one is other:
        return True
    if not (one.ordered and other.ordered):
        return False
    np = numpy()
    deviations = one.codes.std() * other.codes.std()
    if not deviations:
        return True
    middle = ((one.codes - one.codes.mean()) * (other.codes - other.codes.mean())).mean()
    return bool(np.abs(middle / deviations) > least)


def parts_of(bad: Array, *, folds: int, seed: int) -> Array:
    """A part for every row, the bad ones spread evenly; the same for the same seed."""
    np = numpy()
    luck = np.random.default_rng(seed)
    parts = np.empty(len(bad), dtype=np.int64)
    for kind in (0.0, 1.0):
        rows = np.flatnonzero(bad == kind)
        parts[rows] = luck.permutation(len(rows)) % folds
    return parts


def rows_of(bad: Array, weights: Array, *, policy: FitPolicy, neutral: frozenset[str]) -> _Rows:
    """The rows of a pursuit with the parts that judge them."""
    parts = parts_of(bad, folds=policy.folds, seed=policy.seed)
    return _Rows(bad=bad, weights=weights, parts=parts, policy=policy, neutral=neutral)


def empty_model(rows: _Rows) -> Model:
    """The model that knows only how many are bad."""
    np = numpy()
    share = float((rows.bad * rows.weights).sum() / rows.weights.sum())
    return Model(intercept=float(np.log(share / (1 - share))), chosen=[])


def pursued(candidates: Sequence[Candidate], rows: _Rows) -> Model:
    """The model of the characteristics that gain most on held-out rows, at most so many."""
    model = empty_model(rows)
    while len(model.chosen) < rows.policy.max_characteristics:
        found = _next(candidates, model, rows)
        if found is None:
            break
        model.chosen.append(found)
        model = _backfit(model, rows, passes=_PASSES)
    return _backfit(model, rows, passes=_LAST_PASSES)


def fitted(model: Model, rows: _Rows) -> Model:
    """The figures of characteristics that are chosen already, fitted anew on other rows."""
    start = empty_model(rows)
    start.chosen = [
        attrs.evolve(one, figures=numpy().zeros(one.candidate.size)) for one in model.chosen
    ]
    return _backfit(start, rows, passes=_LAST_PASSES + _PASSES)


def crossed(model: Model, rows: _Rows) -> Array:
    """The log odds of every row from figures that were fitted on the other parts."""
    np = numpy()
    total = np.zeros(len(rows.bad))
    for part in range(rows.policy.folds):
        inside, outside = (np.flatnonzero(rows.parts != part), np.flatnonzero(rows.parts == part))
        few = attrs.evolve(
            rows, bad=rows.bad[inside], weights=rows.weights[inside], parts=rows.parts[inside]
        )
        kept = Model(intercept=0.0, chosen=[_on(one, inside) for one in model.chosen])
        refitted = fitted(kept, few)
        total[outside] = refitted.intercept
        for one, other in zip(refitted.chosen, model.chosen, strict=True):
            total[outside] += one.figures[other.candidate.codes[outside]]
    return total


def _on(one: Chosen, places: Array) -> Chosen:
    """A characteristic on some of the rows."""
    candidate = attrs.evolve(one.candidate, codes=one.candidate.codes[places])
    return attrs.evolve(one, candidate=candidate)
