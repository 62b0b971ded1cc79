"""How well a score tells good from bad: AUC, KS, Gini, Brier, calibration, lift, stability.

>>> auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
0.75
>>> round(stability([500, 500], [400, 600]), 4)
0.0405
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import attrs

from receivables.errors import DocumentError, PolicyError
from receivables.fitting._intake import Array
from receivables.fitting._needs import numpy, sklearn

__all__ = [
    "Calibration",
    "CalibrationBin",
    "LiftRow",
    "Separation",
    "auc",
    "auc_interval",
    "brier",
    "calibration",
    "chi_tail",
    "lift",
    "separation",
    "stability",
]

_SMOOTHING: Final = 0.5
_Z: Final = {90: 1.6448536269514722, 95: 1.959963984540054, 99: 2.5758293035489004}


def _rows(risk: Any, bad: Any, weights: Any = None) -> tuple[Array, Array, Array]:  # noqa: ANN401  # arrays or lists
    np = numpy()
    scores, outcome = np.asarray(risk, dtype=float), np.asarray(bad, dtype=float)
    heavy = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=float)
    if not len(scores) == len(outcome) == len(heavy):
        msg = f"risk, bad and weights must be equally long, got {len(scores)}, {len(outcome)} and {len(heavy)}"
        raise DocumentError(msg)
    if not np.isfinite(scores).all() or not np.isin(outcome, (0.0, 1.0)).all():
        msg = "risk must be finite numbers and bad zeros and ones, got others"
        raise DocumentError(msg)
    if not 0 < float((outcome * heavy).sum()) < float(heavy.sum()):
        msg = "bad must have both kinds of rows, got one"
        raise DocumentError(msg)
    return scores, outcome, heavy


def _steps(scores: Array, outcome: Array, heavy: Array) -> tuple[Array, Array]:
    """The weight of the good and of the bad rows at each different score, riskiest first."""
    np = numpy()
    _, place = np.unique(-scores, return_inverse=True)
    size = int(place.max()) + 1
    good = np.bincount(place, heavy * (1 - outcome), size)
    return good, np.bincount(place, heavy * outcome, size)


def auc(risk: Any, bad: Any, *, weights: Any = None) -> float:  # noqa: ANN401  # arrays or lists
    """The chance that a bad row has the higher risk than a good one, ties counted half.

    Exact: equal to the Mann-Whitney statistic over the product of the two numbers of rows.
    """
    good, worse = _steps(*_rows(risk, bad, weights))
    below = good.sum() - numpy().cumsum(good)
    return float((worse * (below + good / 2)).sum() / (good.sum() * worse.sum()))


def auc_interval(risk: Any, bad: Any, *, percent: int = 95) -> tuple[float, float]:  # noqa: ANN401  # arrays or lists
    """The confidence interval of the AUC by its variance (DeLong, DeLong and Clarke-Pearson, 1988).

    `percent` is 90, 95 or 99; rows count alike.
    """
    np = numpy()
    if percent not in _Z:
        msg = f"percent must be one of {', '.join(map(str, _Z))}, got {percent}"
        raise PolicyError(msg)
    scores, outcome, _ = _rows(risk, bad)
    worse, good = scores[outcome == 1], scores[outcome == 0]
    low, high = np.sort(good), np.sort(worse)
    over = (_below(low, worse)) / len(good)
    under = 1 - _below(high, good) / len(worse)
    middle = float(over.mean())
    spread = _variance(over) / len(worse) + _variance(under) / len(good)
    half = _Z[percent] * spread**0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def _below(ordered: Array, values: Array) -> Array:
    np = numpy()
    left = np.searchsorted(ordered, values, side="left")
    return (left + np.searchsorted(ordered, values, side="right")) / 2


def _variance(values: Array) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


@attrs.frozen(kw_only=True)
class Separation:
    """How well a score tells good from bad, whatever it is scaled to."""

    auc: float
    auc_low: float
    """The ends of the 95 % confidence interval of the AUC, by its variance (DeLong)."""
    auc_high: float
    gini: float
    """Twice the AUC less one."""
    ks: float
    """The largest distance between the distributions of good and bad ones (Kolmogorov, Smirnov)."""
    rows: int
    bad: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return attrs.asdict(self)


def separation(risk: Any, bad: Any, *, weights: Any = None) -> Separation:  # noqa: ANN401  # arrays or lists
    """AUC with its interval, Gini and KS of a risk: the higher, the worse."""
    np = numpy()
    scores, outcome, heavy = _rows(risk, bad, weights)
    area = auc(scores, outcome, weights=heavy)
    good, worse = _steps(scores, outcome, heavy)
    distance = np.abs(np.cumsum(worse) / worse.sum() - np.cumsum(good) / good.sum())
    low, high = auc_interval(scores, outcome)
    return Separation(
        auc=area,
        auc_low=low,
        auc_high=high,
        gini=2 * area - 1,
        ks=float(distance.max()),
        rows=len(scores),
        bad=int(outcome.sum()),
    )


def brier(chance: Any, bad: Any, *, weights: Any = None) -> float:  # noqa: ANN401  # arrays or lists
    """The mean squared distance of a probability of being bad from the outcome (Brier, 1950)."""
    scores, outcome, heavy = _rows(chance, bad, weights)
    return float((heavy * (scores - outcome) ** 2).sum() / heavy.sum())


@attrs.frozen(kw_only=True)
class CalibrationBin:
    """Rows of like probability: what was said of them, and what became of them."""

    rows: int
    expected: float
    """The mean probability."""
    observed: float
    """The share that was bad."""


@attrs.frozen(kw_only=True)
class Calibration:
    """Whether probabilities are what they say.

    `intercept` and `slope` are of a logistic regression of the outcome on the log odds said: 0 and 1
    where all is well, a slope below 1 where the probabilities are too extreme (Cox, 1958).
    `hosmer_lemeshow` is the chi-square of the bins, `p_value` with as many degrees less two.
    """

    bins: tuple[CalibrationBin, ...]
    intercept: float
    slope: float
    expected_bad: float
    observed_bad: int
    hosmer_lemeshow: float
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return attrs.asdict(self)


def calibration(chance: Any, bad: Any, *, bins: int = 10) -> Calibration:  # noqa: ANN401  # arrays or lists
    """Compare probabilities of being bad with the outcome, in bins of equal size."""
    np = numpy()
    scores, outcome, _ = _rows(chance, bad)
    scores = np.clip(scores, 1e-9, 1 - 1e-9)
    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    table = tuple(
        CalibrationBin(
            rows=len(part),
            expected=float(scores[part].mean()),
            observed=float(outcome[part].mean()),
        )
        for part in parts
    )
    chi = sum(
        one.rows * (one.observed - one.expected) ** 2 / (one.expected * (1 - one.expected))
        for one in table
    )
    intercept, slope = _line(np.log(scores / (1 - scores)), outcome)
    return Calibration(
        bins=table,
        intercept=intercept,
        slope=slope,
        expected_bad=float(scores.sum()),
        observed_bad=int(outcome.sum()),
        hosmer_lemeshow=float(chi),
        p_value=chi_tail(float(chi), max(len(table) - 2, 1)),
    )


def _line(log_odds: Array, outcome: Array) -> tuple[float, float]:
    """The intercept and the slope of a logistic regression on one variable."""
    if float(log_odds.std()) == 0:
        return 0.0, 1.0
    regression = sklearn("linear_model").LogisticRegression(C=1e6, max_iter=1_000)
    regression.fit(log_odds[:, None], outcome)
    return float(regression.intercept_[0]), float(regression.coef_[0, 0])


def chi_tail(value: float, degrees: int) -> float:
    """The chance of a larger chi-square.

    >>> round(chi_tail(3.841, 1), 3), round(chi_tail(15.507, 8), 3)
    (0.05, 0.05)
    """
    half = max(value, 0.0) / 2
    if degrees % 2 == 0:
        terms = [math.exp(-half + n * _log(half) - math.lgamma(n + 1)) for n in range(degrees // 2)]
        return min(1.0, sum(terms))
    start = math.erfc(math.sqrt(half))
    terms = [
        math.exp(-half + (n - 0.5) * _log(half) - math.lgamma(n + 0.5))
        for n in range(1, (degrees - 1) // 2 + 1)
    ]
    return min(1.0, start + sum(terms))


def _log(value: float) -> float:
    return math.log(max(value, 1e-300))


@attrs.frozen(kw_only=True)
class LiftRow:
    """The riskiest rows down to a share of all."""

    share: float
    rows: int
    bad: int
    captured: float
    """The share of all bad rows among them."""
    lift: float
    """Their share of bad rows over that of all."""


def lift(
    risk: Any,  # noqa: ANN401  # an array or a list
    bad: Any,  # noqa: ANN401  # an array or a list
    *,
    shares: Sequence[float] = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5),
) -> tuple[LiftRow, ...]:
    """How many of the bad rows are among the riskiest ones; ties as they stand in the frame."""
    np = numpy()
    scores, outcome, _ = _rows(risk, bad)
    ordered = outcome[np.argsort(-scores, kind="stable")]
    rows = []
    for share in shares:
        count = max(1, round(share * len(ordered)))
        found = int(ordered[:count].sum())
        captured = found / ordered.sum()
        rows.append(
            LiftRow(
                share=share,
                rows=count,
                bad=found,
                captured=float(captured),
                lift=float(captured * len(ordered) / count),
            )
        )
    return tuple(rows)


def stability(expected: Sequence[float], actual: Sequence[float]) -> float:
    """The population stability index of two distributions over the same bins.

    The sum of (share now - share then) * ln(share now / share then); half a row is added to every
    bin of both where one is empty.  Usual bands: below 0.10 stable, above 0.25 another population.
    """
    np = numpy()
    then, now = np.asarray(expected, dtype=float), np.asarray(actual, dtype=float)
    if len(then) != len(now) or not then.sum() > 0 or not now.sum() > 0:
        msg = (
            f"expected and actual must be counts over the same bins, got {len(then)} and {len(now)}"
        )
        raise DocumentError(msg)
    if (then == 0).any() or (now == 0).any():
        then, now = then + _SMOOTHING, now + _SMOOTHING
    before, after = then / then.sum(), now / now.sum()
    return float(((after - before) * np.log(after / before)).sum())
