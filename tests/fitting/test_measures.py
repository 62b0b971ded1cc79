"""The measures of a score agree with other makers', and with what they mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2
from sklearn.metrics import roc_auc_score, roc_curve

from receivables.errors import DocumentError, PolicyError
from receivables.fitting import (
    auc,
    auc_interval,
    brier,
    calibration,
    lift,
    separation,
    stability,
)
from receivables.fitting.measures import chi_tail


@st.composite
def outcomes(draw):
    """Risks with ties, and outcomes of both kinds."""
    size = draw(st.integers(4, 60))
    risk = draw(st.lists(st.integers(0, 8), min_size=size, max_size=size))
    bad = draw(
        st.lists(st.integers(0, 1), min_size=size, max_size=size).filter(
            lambda rows: 0 < sum(rows) < len(rows)
        )
    )
    return risk, bad


@given(rows=outcomes())
def test_the_area_is_the_one_of_scikit_learn(rows):
    """Ties count half."""
    risk, bad = rows

    assert math.isclose(roc_auc_score(bad, risk), auc(risk, bad), abs_tol=1e-12)


@given(rows=outcomes())
def test_the_distance_is_the_largest_of_the_curve(rows):
    """KS is the largest difference of the two rates of the curve."""
    risk, bad = rows
    false, true, _ = roc_curve(bad, risk, drop_intermediate=False)

    assert math.isclose(max(abs(true - false)), separation(risk, bad).ks, abs_tol=1e-12)


@given(rows=outcomes())
def test_turning_the_risk_turns_the_area(rows):
    """Gini changes its sign."""
    risk, bad = rows
    turned = [-value for value in risk]

    assert math.isclose(auc(risk, bad) + auc(turned, bad), 1, abs_tol=1e-12)


def test_weights_are_rows():
    """A weight of two is the row twice."""
    risk, bad = [1, 2, 3, 4], [0, 1, 0, 1]

    assert auc([1, 2, 2, 3, 4], [0, 1, 1, 0, 1]) == auc(risk, bad, weights=[1, 2, 1, 1])


def test_the_interval_covers():
    """Of two hundred samples about ninety-five in a hundred cover the true area."""
    luck = np.random.default_rng(5)
    true = 0.5 * (1 + math.erf(1.0 / 2))
    covered = 0
    for _ in range(200):
        bad = np.repeat([0, 1], [150, 50])
        low, high = auc_interval(luck.normal(bad.astype(float), 1), bad)
        covered += low <= true <= high

    assert 180 <= covered <= 198


def test_brier_is_the_mean_square():
    """Certainty that is right costs nothing, and that is wrong costs one."""
    assert 0 == brier([0, 1], [0, 1])
    assert 0.25 == brier([0.5, 0.5], [0, 1])


def test_calibration_finds_what_is_too_extreme():
    """Log odds twice too large have a slope of one half."""
    luck = np.random.default_rng(2)
    odds = luck.normal(-1, 1, 20_000)
    bad = luck.random(20_000) < 1 / (1 + np.exp(-odds))

    right = calibration(1 / (1 + np.exp(-odds)), bad)
    extreme = calibration(1 / (1 + np.exp(-2 * odds)), bad)

    assert abs(right.slope - 1) < 0.06
    assert abs(extreme.slope - 0.5) < 0.04
    assert right.p_value > 0.001 > extreme.p_value
    assert 10 == len(right.bins)


@pytest.mark.parametrize(("value", "degrees"), [(0.5, 1), (3.0, 2), (7.7, 3), (20.0, 8), (9.0, 7)])
def test_the_tail_is_the_one_of_scipy(value, degrees):
    """Odd and even degrees."""
    assert math.isclose(chi2.sf(value, degrees), chi_tail(value, degrees), rel_tol=1e-9)


def test_the_riskiest_tenth_may_hold_all():
    """A tenth of the rows with all bad ones lifts tenfold."""
    (row,) = lift(range(100), [0] * 90 + [1] * 10, shares=[0.1])

    assert (10, 10, 1.0, 10.0) == (row.rows, row.bad, row.captured, row.lift)


def test_stability_is_zero_for_the_same_and_grows():
    """An empty bin is smoothed and finite."""
    assert 0 == stability([10, 20], [100, 200])
    assert 0.25 < stability([90, 10], [50, 50])
    assert math.isfinite(stability([100, 0], [50, 50]))


REFUSED = [
    (lambda: auc([1, 2], [1, 1]), DocumentError, "both kinds"),
    (lambda: auc([1, 2], [0, 2]), DocumentError, "zeros and ones"),
    (lambda: auc([1, math.inf], [0, 1]), DocumentError, "finite"),
    (lambda: auc([1], [0, 1]), DocumentError, "equally long"),
    (lambda: auc_interval([1, 2], [0, 1], percent=80), PolicyError, "percent"),
    (lambda: stability([1], [1, 2]), DocumentError, "same bins"),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED)
def test_what_cannot_be_measured_is_refused(call, kind, message):
    """One kind of rows, other outcomes, other lengths."""
    with pytest.raises(kind, match=message):
        call()
