"""What a card is worth on rows that it has not seen."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from receivables.errors import DocumentError, PolicyError
from receivables.fitting import fit_scorecard, out_of_fold, out_of_time, validate, validate_fit
from receivables.scoring.scorecards import score

from .worlds import customers, dated


def test_out_of_fold_is_less_flattering():
    """Every row is scored once, by a card that has not seen it."""
    frame = customers()

    held = out_of_fold(frame, target="failed", folds=3, quotients=False)
    seen = fit_scorecard(frame, target="failed", quotients=False).report

    assert 3 == len(held.cards)
    assert 1_200 == held.rows == len(held.points)
    assert 0.7 < held.separation.auc < seen.separation.auc
    assert 0.7 < held.calibration.slope < 1.3


def test_noise_is_worth_nothing_out_of_fold():
    """The choice of columns is inside the fold, so that luck is not taken for skill."""
    luck = np.random.default_rng(4)
    frame = customers()[["failed"]].assign(**{f"n{i}": luck.normal(size=1_200) for i in range(25)})

    held = out_of_fold(frame, target="failed", folds=4)

    assert held.separation.auc_low < 0.5 < held.separation.auc_high + 0.03


def test_out_of_time_is_the_default_where_there_is_a_date():
    """The late rows are scored by a card of the early ones."""
    frame = dated()

    held = validate_fit(frame, target="failed", date="observed", quotients=False)

    assert "out-of-time" == held.method
    assert 0.25 < held.rows / 1_200 < 0.35
    assert held.cards[0].fitted_to < held.cut
    assert held.score_stability < 0.1
    assert set(held.characteristic_stability) == {c.name for c in held.cards[0].characteristics}


def test_the_cut_may_be_said():
    """The rows of the day itself are scored."""
    held = out_of_time(
        dated(), target="failed", date="observed", cut=dt.date(2025, 6, 1), quotients=False
    )

    assert dt.date(2025, 6, 1) == held.cut
    assert held.rows == sum(day >= held.cut for day in dated()["observed"])


def test_without_a_date_it_is_out_of_fold():
    """And says so."""
    assert (
        "out-of-fold"
        == validate_fit(customers(600), target="failed", folds=2, quotients=False).method
    )


def test_another_population_shows_in_the_stability():
    """A card is compared with the counts that it keeps, or with a reference."""
    card = fit_scorecard(customers(), target="failed", quotients=False).scorecard
    other = customers(seed=2)
    other["margin"] += 10

    by_counts = validate(other, scorecard=card, target="failed")
    by_frame = validate(other, scorecard=card, target="failed", reference=customers())

    assert by_counts.characteristic_stability["margin"] > 0.25
    assert by_counts.characteristic_stability["sector"] < 0.1
    assert by_frame.score_stability > 0.25


def test_a_validation_is_plain_data():
    """For JSON."""
    held = out_of_fold(customers(600), target="failed", folds=2, quotients=False)

    told = json.loads(json.dumps(held.to_dict()))

    assert held.separation.auc == told["separation"]["auc"]
    assert 10 == len(told["calibration"]["bins"])


REFUSED = [
    (lambda: out_of_fold(customers(600), target="failed", folds=1), PolicyError, "folds must be"),
    (
        lambda: out_of_time(dated(), target="failed", date="observed", cut=dt.date(2020, 1, 1)),
        DocumentError,
        "cut must leave",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED)
def test_what_cannot_be_validated_is_refused(call, kind, message):
    """One fold, and a day before all rows."""
    with pytest.raises(kind, match=message):
        call()


def _characteristics(held):
    return {len(card.characteristics) for card in held.cards}


def test_the_polish_card_is_good_out_of_fold(polish):
    """A third of the rows, scored by a card of the other two: AUC of 0.86 and better."""
    order = np.random.default_rng(1).permutation(len(polish))
    early, late = polish.iloc[order[1_900:]], polish.iloc[order[:1_900]]

    card = fit_scorecard(early, target="failed").scorecard
    held = validate(late, scorecard=card, target="failed")

    assert len(card.characteristics) <= 15
    assert max(len(one.intervals) for one in card.characteristics) <= 8
    assert held.separation.auc > 0.855
    row = late.iloc[0].to_dict()
    assert held.points[0] == score(row, scorecard=card).points


@pytest.mark.slow
def test_the_polish_proof_holds(polish):
    """Fifteen characteristics, everything inside the fold, two draws of folds: 0.87."""
    areas = [out_of_fold(polish, target="failed", seed=seed).separation.auc for seed in (0, 1)]

    assert sum(areas) / 2 >= 0.87


@pytest.mark.slow
def test_the_german_card_is_as_good_as_any(german):
    """Above the scorecard of 0.784 and the boosting of 0.773."""
    areas = [
        out_of_fold(german, target="creditability", bad="bad", seed=seed).separation.auc
        for seed in (0, 1, 2, 3)
    ]

    assert sum(areas) / 4 >= 0.784
