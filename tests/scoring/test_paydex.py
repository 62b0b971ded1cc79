"""The PAYDEX-like scale: what was published, what lies between, and that nothing goes up with delay."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.scoring import (
    PAYDEX_LIKE,
    PAYDEX_LIKE_14_21,
    PromptnessPoint,
    PromptnessScale,
    paydex,
    paydex_band,
)

PUBLISHED = [
    (100, -30),
    (90, -20),
    *((85 + step, -10 - 2 * step) for step in range(5)),
    (80, 0),
    (70, 15),
    (60, 22),
    (59, 23),
    (55, 26),
    (52, 29),
    (50, 30),
    *((49 - step, 33 + 3 * step) for step in range(10)),
    (30, 90),
    (20, 120),
]

days = st.fractions(-100, 400, max_denominator=1_000)


@pytest.mark.parametrize(("score", "late"), PUBLISHED)
def test_published_points_are_kept(score, late):
    """Days give the score, the score gives the days, and the band says that it is published."""
    band = paydex_band(score)

    assert score == paydex(late)
    assert (late, True) == (band.days, band.is_published)


def test_the_oracles_agree(oracles):
    """Every published row holds in both directions."""
    rows = [row for name, row in oracles.items() if name.startswith("paydex-")]

    assert rows
    for row in rows:
        score, late = row["inputs"]["paydex"], row["expected"]["avg_days_vs_terms"]
        assert score == paydex(late), row["id"]
        assert late == paydex_band(score).days, row["id"]


def test_what_no_source_prints_says_so():
    """Between two published points the days lie on a line, and the band is marked."""
    marked = {score for score in range(1, 101) if not paydex_band(score).is_published}

    assert Fraction(3, 2) == paydex_band(79).days
    assert marked == set(range(1, 101)) - {score for score, _ in PUBLISHED}
    assert {61, 75, 84, 19, 1} <= marked


@given(one=days, other=days)
def test_more_days_never_give_a_higher_score(one, other):
    """The scale falls, to the fraction of a day."""
    early, late = sorted((one, other))

    assert paydex(early) >= paydex(late)


@pytest.mark.parametrize("scale", [PAYDEX_LIKE, PAYDEX_LIKE_14_21])
def test_bands_leave_no_gap(scale):
    """Each begins where the next better one ends, and a day's fraction more is the next lower score."""
    bands = [paydex_band(score, scale=scale) for score in range(100, 0, -1)]

    assert (None, None) == (bands[0].beyond, bands[-1].days)
    for better, worse in itertools.pairwise(bands):
        assert better.days == worse.beyond
        assert better.score == paydex(better.days, scale=scale)
        assert worse.score == paydex(better.days + Fraction(1, 10**6), scale=scale)


@pytest.mark.parametrize(("late", "score"), [(-10_000, 100), (10_000, 1), (Decimal("-0.01"), 80)])
def test_the_ends_hold_everything_beyond(late, score):
    """Nothing is better than the best score, and nothing worse than the worst."""
    assert score == paydex(late)


def test_charts_of_third_parties_are_a_scale_of_their_own():
    """They print 14 and 21 days where the bureau has 15 and 22."""
    assert (70, 60) == (paydex(14, scale=PAYDEX_LIKE_14_21), paydex(21, scale=PAYDEX_LIKE_14_21))
    assert (68, 59) == (paydex(15, scale=PAYDEX_LIKE_14_21), paydex(22, scale=PAYDEX_LIKE_14_21))


@pytest.mark.parametrize("late", [1.5, "3", None, True, Decimal("NaN"), Decimal("Infinity")])
def test_days_that_are_no_exact_number_are_refused(late):
    """A float is none."""
    with pytest.raises(PolicyError, match="days must be a"):
        paydex(late)


@pytest.mark.parametrize("score", [0, 101, 80.0, "80", True])
def test_a_score_that_the_scale_does_not_have_is_refused(score):
    """Scores are whole numbers from 1 to 100."""
    with pytest.raises(PolicyError, match="score must be a whole number from 1 to 100"):
        paydex_band(score)


@pytest.mark.parametrize(
    "points",
    [
        [],
        [PromptnessPoint(80, 0)],
        [PromptnessPoint(80, 0), PromptnessPoint(80, 100)],
        [PromptnessPoint(80, 100), PromptnessPoint(70, 100)],
    ],
)
def test_a_scale_that_does_not_fall_is_refused(points):
    """Scores fall and days rise."""
    with pytest.raises(PolicyError, match="points of own must be two or more"):
        PromptnessScale(name="own", version="1", points=points)
