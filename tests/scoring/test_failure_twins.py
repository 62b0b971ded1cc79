"""The column shell scores what the object shell scores, on every kind of frame."""

from __future__ import annotations

import attrs
import pandas as pd
import polars as pl
import pytest
from hypothesis import Phase, given, settings

from receivables.casework import FIGURES
from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.scoring.failure import FailureScore, failure_score, failure_score_of_ratios
from receivables.scoring.failure_columns import failure_scores, failure_scores_of_ratios
from receivables.scoring.failure_models import MODELS, CompanyKind, Sector

from .statements_worlds import KINDS, TRADER, dicts_of, figure_rows, frame_of, previous, statement

# One frame of many rows: what takes time is the planning of a frame, and not its rows.
ONE = settings(max_examples=1, deadline=None, phases=[Phase.generate])
MANY = settings(max_examples=3, deadline=None)
ANY = CompanyKind(sector="trade", is_listed=True, is_emerging=True)


def _of_any(model):
    """The model for every company, because a frame does not say what its companies are."""
    domain = attrs.evolve(model.domain, sectors=frozenset(Sector), is_listed=None, is_emerging=None)
    return attrs.evolve(model, domain=domain)


GROUPS = {
    "altman": [MODELS["altman-z"], MODELS["altman-z-double-prime-em"]],
    "french": [MODELS["conan-holder"], MODELS["taffler"]],
    "probabilities": [MODELS["ohlson-o"], MODELS["zmijewski"]],
}


def _expected(row, models, *, assumed):
    figures = {name: row[name] for name in FIGURES}
    year = statement(**figures, months=row["months"])
    before = previous(net_income=row["previous_net_income"], months=row["months"])
    found = {}
    for model in models:
        one = failure_score(
            _of_any(model),
            year,
            previous=before,
            company=ANY,
            price_index=40,
            assumed=assumed,
        )
        key = model.name.replace("-", "_")
        is_score = isinstance(one, FailureScore)
        found[f"{key}_e4"] = one.ten_thousandths if is_score else None
        found[f"{key}_zone"] = one.zone.name if is_score else None
    return found


def _check_twins(kind, rows, models, *, assumed):
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    frame = frame_of(kind, columns)

    found = dicts_of(failure_scores(frame, models=models, price_index=40, assumed=assumed))

    for row, given_ in zip(found, rows, strict=True):
        wanted = _expected(given_, models, assumed=assumed)
        assert {name: row[name] for name in wanted} == wanted


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("kind", KINDS)
@ONE
@given(rows=figure_rows(least=20))
def test_scores_are_equal(kind, group, rows):
    """One statement gives one score and one zone, or none, on values and every kind of frame."""
    _check_twins(kind, rows, GROUPS[group], assumed=True)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("assumed", [False, True])
@MANY
@given(rows=figure_rows())
def test_many_scores_are_equal(group, assumed, rows):
    """So they are over many frames of one kind, with what is assumed and without."""
    _check_twins("polars", rows, GROUPS[group], assumed=assumed)


@pytest.mark.parametrize("kind", KINDS)
def test_ratios_are_scored_alike(kind):
    """Ratios in whole parts of one give what they give as numbers."""
    model = MODELS["springate"]
    columns = {name: [25, -40, None] for name in model.ratios}

    rows = dicts_of(failure_scores_of_ratios(frame_of(kind, columns), models=[model], per_one=100))

    scores = [
        failure_score_of_ratios(
            model, dict.fromkeys(model.ratios, value), company=TRADER
        ).ten_thousandths
        for value in ("0.25", "-0.40")
    ]
    assert [row["springate_e4"] for row in rows] == [*scores, None]
    assert [row["springate_zone"] for row in rows] == ["safe", "distress", None]


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """Its own columns stay as they are, and no column of the work is left."""
    columns = {"customer": ["C-1"], **{name: [10] for name in FIGURES}}
    given_ = frame_of(kind, columns)

    found = failure_scores(given_, models=[MODELS["springate"]])

    assert type(found) is type(given_)
    (row,) = dicts_of(found)
    assert set(row) == {*columns, "springate_e4", "springate_zone"}


def test_frames_of_numpy_stay_whole():
    """Scores with gaps are nullable integers in pandas, and no floats."""
    frame = pd.DataFrame({name: [10, 10] for name in FIGURES} | {"total_assets": [10, 0]})

    found = failure_scores(frame, models=[MODELS["springate"]])

    assert str(found["springate_e4"].dtype) == "Int64"
    assert found["springate_e4"].isna().tolist() == [False, True]


def test_a_frame_may_vouch_for_itself():
    """A trusted lazy frame is asked nothing, and gives the same."""
    frame = pl.DataFrame({name: [10] for name in FIGURES})

    trusted = failure_scores(frame.lazy(), models=[MODELS["springate"]], trusted=True)

    assert trusted.collect().equals(failure_scores(frame, models=[MODELS["springate"]]))


def test_what_is_scored_again_is_written_over():
    """Running twice leaves one column of each score."""
    frame = pl.DataFrame({name: [10] for name in FIGURES})
    once = failure_scores(frame, models=[MODELS["springate"]])

    assert failure_scores(once, models=[MODELS["springate"]]).equals(once)


def test_empty_and_bare_frames_are_scored():
    """No rows give no rows; a column of nothing but gaps is a figure that nobody says."""
    empty = pl.DataFrame({name: [] for name in FIGURES}, schema=dict.fromkeys(FIGURES, pl.Int64))
    bare = pl.DataFrame({name: [10] for name in FIGURES}).with_columns(pl.lit(None).alias("ebit"))

    assert failure_scores(empty, models=[MODELS["springate"]]).height == 0
    row = failure_scores(bare, models=[MODELS["conan-holder"]]).to_dicts()[0]
    assert row["conan_holder_zone"] is not None


_WHOLE = {name: [10] for name in FIGURES}
REFUSED = {
    "no model": (_WHOLE, {"models": []}, PolicyError, "models must be one or more"),
    "no price index": (
        _WHOLE,
        {"models": [MODELS["ohlson-o"]]},
        PolicyError,
        "price index must be given",
    ),
    "ratios that no figures give": (
        _WHOLE,
        {"models": [MODELS["banque-de-france-1983"]]},
        PolicyError,
        "must have ratios of figures only",
    ),
    "no column": (
        {"total_assets": [1], "sales": [1]},
        {"models": [MODELS["springate"]]},
        DocumentError,
        "columns must include working_capital",
    ),
    "no year before": (
        _WHOLE,
        {"models": [MODELS["ohlson-o"]], "price_index": 1},
        DocumentError,
        "previous_net_income",
    ),
    "a float": (
        _WHOLE | {"total_assets": [1.5]},
        {"models": [MODELS["springate"]]},
        DocumentError,
        "whole numbers",
    ),
    "a text": (
        _WHOLE | {"total_assets": ["1"]},
        {"models": [MODELS["springate"]]},
        DocumentError,
        "whole numbers",
    ),
    "a figure beyond the bound": (
        _WHOLE | {"total_assets": [10**15]},
        {"models": [MODELS["springate"]]},
        LimitError,
        "total_assets must be at most",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_impossible_frames_are_refused(name):
    """A frame that cannot be scored is refused with what it lacks."""
    columns, arguments, error, message = REFUSED[name]

    with pytest.raises(error, match=message):
        failure_scores(pl.DataFrame(columns), **arguments)


def test_impossible_ratios_are_refused():
    """Parts of one are a power of ten, and every ratio has its column."""
    frame = pl.DataFrame({"sales_to_assets": [1]})

    with pytest.raises(PolicyError, match="per_one must be a power of ten"):
        failure_scores_of_ratios(frame, models=[MODELS["springate"]], per_one=7)
    with pytest.raises(DocumentError, match="columns must include"):
        failure_scores_of_ratios(frame, models=[MODELS["springate"]])
