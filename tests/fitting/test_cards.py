"""Fitting a scorecard: what comes out, what is left out, that the same comes out again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from receivables.errors import DocumentError, PolicyError
from receivables.fitting import FitPolicy, fit_scorecard, validate
from receivables.scoring.scorecard_columns import points
from receivables.scoring.scorecards import (
    Direction,
    Scorecard,
    dump_scorecard,
    load_scorecard,
    score,
)

from .worlds import customers, leaking


@pytest.fixture(scope="module")
def frame():
    """Twelve hundred customers."""
    return customers()


@pytest.fixture(scope="module")
def fitted(frame):
    """A card fitted on them."""
    return fit_scorecard(frame, target="failed")


def test_a_card_is_plain_data(fitted):
    """It is written as TOML and read back the same."""
    card = fitted.scorecard

    assert card == load_scorecard(dump_scorecard(card), name="card.toml")
    assert card.fitted_rows == 1_200
    assert card.intercept is not None


def test_what_tells_is_found_and_what_does_not_is_not(fitted):
    """The quotient of costs and sales says more than both; noise says nothing that lasts."""
    names = [one.name for one in fitted.scorecard.characteristics]

    assert {"margin", "cover", "sector"} <= set(names)
    assert {"sales / costs", "costs / sales"} & set(names)
    assert fitted.report.separation.auc > 0.8


def test_bins_are_few_and_have_everything(fitted):
    """At most eight bins of values, one for what is missing, and counts that add up."""
    for one in fitted.scorecard.characteristics:
        assert 2 <= len(one.intervals) + len(one.groups) <= 8
        assert 1_200 == sum(each.rows for each in one.bins)


def test_points_go_one_way_where_the_risk_does(fitted):
    """A higher margin is never worse."""
    assert Direction.RISING is fitted.scorecard.characteristic("margin").direction


def test_the_card_scores_what_the_fit_scored(frame, fitted):
    """Rows, columns and the validation agree to the point."""
    card = fitted.scorecard
    by_columns = points(pl.from_pandas(frame), scorecard=card)["points"].to_list()
    by_rows = [score(row, scorecard=card).points for row in frame.to_dict("records")]
    checked = validate(frame, scorecard=card, target="failed")

    assert by_rows == by_columns == checked.points.tolist()
    assert fitted.report.separation == checked.separation


@pytest.mark.parametrize(
    "kind", [pl.from_pandas, lambda f: pl.from_pandas(f).lazy(), pa.Table.from_pandas]
)
def test_every_kind_of_frame_gives_the_same_card(kind, frame, fitted):
    """Polars, lazy and eager, and Arrow."""
    assert fitted.scorecard == fit_scorecard(kind(frame), target="failed").scorecard


def test_the_same_rows_and_seed_give_the_same_card(frame, fitted):
    """Nothing depends on luck that is not seeded."""
    assert fitted.scorecard == fit_scorecard(frame, target="failed").scorecard


def test_probabilities_are_what_they_say(frame, fitted):
    """As many bad ones are expected as there are, but for rounding points."""
    checked = validate(frame, scorecard=fitted.scorecard, target="failed")

    assert abs(checked.calibration.expected_bad - checked.calibration.observed_bad) < 8


def test_there_may_be_fewer_characteristics(frame):
    """As many as asked, and of the columns that are named."""
    few = fit_scorecard(frame, target="failed", max_characteristics=2, quotients=False)
    named = fit_scorecard(frame, target="failed", columns=["margin", "noise"])

    assert 2 == len(few.scorecard.characteristics)
    assert (
        {"margin"} <= {one.name for one in named.scorecard.characteristics} <= {"margin", "noise"}
    )


def test_directions_may_be_said(frame):
    """Against the data, no direction of one's own leaves a bin that breaks it."""
    made = fit_scorecard(
        frame, target="failed", columns=["margin", "cover"], directions={"margin": "rising"}
    )

    given = [one.points for one in made.scorecard.characteristic("margin").intervals]
    assert given == sorted(given)


def test_tenths_of_points_are_finer(frame):
    """One decimal of points loses less of the figures."""
    made = fit_scorecard(frame, target="failed", point_decimals=1, pdo=40)

    assert 40 == made.scorecard.scaling.pdo
    assert abs(made.report.separation.auc - made.report.unrounded_auc) < 5e-4


def test_a_column_whose_gaps_tell_the_outcome_is_left_out():
    """The library warns of it, and drops it unless it is accepted."""
    frame = leaking()
    usual = fit_scorecard(frame, target="failed")
    accepted = fit_scorecard(frame, target="failed", accept=["rating"])

    codes = {(one.code, one.columns) for one in usual.report.warnings}
    assert ("missing.tells-outcome", ("rating",)) in codes
    assert "missing-tells-outcome" == {d.column: d.reason for d in usual.report.dropped}["rating"]
    assert "rating" in {one.name for one in accepted.scorecard.characteristics}
    assert accepted.report.separation.auc > usual.report.separation.auc + 0.03


def test_a_gap_may_be_made_neutral():
    """Then the values stay, and what is missing has the points of the average."""
    made = fit_scorecard(leaking(), target="failed", leaks="neutral")

    for one in made.scorecard.characteristics:
        if one.name == "rating":
            assert 0 == one.bin_of_kind(one.bins[-1].kind).points


def test_weights_count():
    """A row of weight two is two rows."""
    frame = customers(600)
    frame["times"] = np.where(frame["failed"] == 1, 2, 1)
    twice = pd.concat([frame, frame[frame["failed"] == 1]], ignore_index=True)

    weighed = fit_scorecard(frame, target="failed", weights="times", quotients=False)
    repeated = fit_scorecard(twice.drop(columns="times"), target="failed", quotients=False)

    assert abs(weighed.scorecard.intercept - repeated.scorecard.intercept) < 1


def _with(**columns):
    frame = customers(600)
    for name, values in columns.items():
        frame[name] = values
    return frame


ODD = [
    _with(same=1),
    _with(empty=np.nan),
    _with(gaps=[None, "a", "b"] * 200),
    _with(infinite=[np.inf, 1.0, -np.inf] * 200),
    _with(text=[f"{n % 17}.5" for n in range(600)]),
    _with(number=range(600)),
    _with(name=[f"C-{n}" for n in range(600)]),
    _with(flag=[True, False] * 300),
    _with(day=pd.date_range("2024-01-01", periods=600)),
    _with(many=[f"c{n % 90}" for n in range(600)]),
    _with(huge=[10.0**n for n in range(-300, 300)]),
    _with(tiny=[n * 5e-324 for n in range(600)]),
    _with(**{"with space/and sign": range(0, 1200, 2)}),
    _with(whole=pd.array([1, 2, None] * 200, dtype="Int64")),
]


@pytest.mark.parametrize("frame", ODD, ids=lambda frame: frame.columns[-1])
def test_odd_columns_do_no_harm(frame):
    """Constants, infinities, names, days, numbers as text, gaps of every kind."""
    made = fit_scorecard(frame, target="failed")

    assert made.report.separation.auc > 0.75
    assert made.scorecard == Scorecard.from_table(made.scorecard.to_table())


def test_few_bad_rows_are_enough_to_try():
    """Twenty bad rows give a small card and a notice."""
    made = fit_scorecard(customers(800, bad_share=0.025), target="failed")

    assert "outcome.few-bad" in {one.code for one in made.report.warnings}


REFUSED = [
    (lambda f: f, {"target": "nothing"}, DocumentError, "columns must include nothing"),
    (lambda f: f, {"target": "sector"}, PolicyError, "must say which value is bad"),
    (lambda f: f, {"target": "sector", "bad": "banks"}, PolicyError, "must be one of"),
    (lambda f: f.assign(failed=0), {"target": "failed"}, PolicyError, "which value is bad"),
    (lambda f: f[f.failed == 0], {"target": "failed", "bad": 0}, DocumentError, "of each kind"),
    (lambda f: f.assign(failed=None), {"target": "failed"}, DocumentError, "must have no gaps"),
    (lambda f: [1], {"target": "failed"}, DocumentError, "must be a data frame"),
    (
        lambda f: f,
        {"target": "failed", "columns": ["failed"]},
        DocumentError,
        "not hold the target",
    ),
    (lambda f: f, {"target": "failed", "weights": "margin"}, DocumentError, "zero or more"),
    (lambda f: f, {"target": "failed", "date": "sector"}, DocumentError, "must hold dates"),
    (lambda f: f, {"target": "failed", "bins": 3}, PolicyError, "got bins"),
    (lambda f: f, {"target": "failed", "bins_max": 1}, PolicyError, "bins_max must be"),
    (lambda f: f, {"target": "failed", "ridge": 0}, PolicyError, "ridge must be above zero"),
    (lambda f: f, {"target": "failed", "pdo": 0}, PolicyError, "pdo must be above zero"),
    (lambda f: f, {"target": "failed", "monotone": "x"}, PolicyError, "x"),
    (lambda f: f, {"target": "failed", "accept": ["x"]}, PolicyError, "accept must name columns"),
    (lambda f: f[["failed"]].assign(x=1), {"target": "failed"}, DocumentError, "no column"),
]


@pytest.mark.parametrize(("change", "given", "kind", "message"), REFUSED)
def test_what_cannot_be_fitted_is_refused(change, given, kind, message, frame):
    """Targets that are none, columns that are not there, settings that cannot be."""
    with pytest.raises(kind, match=message):
        fit_scorecard(change(frame), **given)


def test_a_policy_is_a_table():
    """Words may be joined by hyphens; the scaling may be named by its parts."""
    policy = FitPolicy.from_table({"bins-max": 5, "base-odds": 30, "monotone": "always"})

    assert (5, 30) == (policy.bins_max, policy.scaling.base_odds)
    assert FitPolicy(bins_max=5, monotone="always").changed(base_odds=30) == policy


def test_many_rows_are_sampled_for_the_choice():
    """The choice is made on some rows, the points are fitted on all."""
    frame = customers(4_000)

    made = fit_scorecard(frame, target="failed", rows_max=1_000)

    assert 4_000 == made.scorecard.fitted_rows
    assert made.report.separation.auc > 0.8
    assert 4_000 == sum(each.rows for each in made.scorecard.characteristics[0].bins)
