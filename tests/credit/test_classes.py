"""A score has one class: bands have no gap and no overlap, and nobody is guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.credit.classes import STANDARD_CLASSES, RiskClasses, ScoreBand
from receivables.credit.recommendation_columns import risk_classes
from receivables.errors import DocumentError, PolicyError

from .limit_worlds import KINDS, dicts_of, frame_of

_HOUSE = RiskClasses(
    names=("good", "middling", "bad"),
    bands={
        "points": [
            ScoreBand("good", low=60),
            ScoreBand("middling", low=40, high=59),
            ScoreBand("bad", high=39),
        ],
        # A scale on which more is worse.
        "default-rate": [
            ScoreBand("good", low=0, high=100),
            ScoreBand("bad", low=101, high=10_000),
        ],
    },
    words={"insurer": {"DRA 1": "good", "dra  5": "bad", "NR": "unrated"}},
)


@pytest.mark.parametrize(
    ("points", "scale", "expected"),
    [
        (60, "points", "good"),
        (59, "points", "middling"),
        (40, "points", "middling"),
        (39, "points", "bad"),
        (-500, "points", "bad"),
        (None, "points", "unrated"),
        (101, "default-rate", "bad"),
        (-1, "default-rate", "unrated"),
        (10_001, "default-rate", "unrated"),
    ],
)
def test_class_of_points(points, scale, expected):
    """Both ends of a band belong to it; what is outside the scale is unrated, and not the worst."""
    assert expected == _HOUSE.of_points(points, scale=scale)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("DRA 1", "good"), ("Dra 5", "bad"), ("nr", "unrated"), ("DRA 9", "unrated")],
)
def test_class_of_a_word(value, expected):
    """Words are found whatever their case and blanks; an unknown one is unrated."""
    assert expected == _HOUSE.of_value(value, scale="insurer")


def test_a_number_as_text_is_its_points():
    """What a bureau writes as text is looked up as a number where the scale has numbers."""
    assert ("middling", "bad") == (
        _HOUSE.of_value("47", scale="points"),
        _HOUSE.of_value("47", scale="points", points=3),
    )


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("worst", ("bad", "insurer")), ("best", ("good", "points")), ("first", ("good", "points"))],
)
def test_which_score_decides(choice, expected):
    """The policy says which of several scores decides; every one is kept."""
    classes = RiskClasses(names=_HOUSE.names, bands=_HOUSE.bands, words=_HOUSE.words, choice=choice)

    rating = classes.rate({"insurer": "DRA 5", "points": 61, "default-rate": None})

    assert expected == (rating.risk_class, rating.scale)
    assert 3 == len(rating.considered)


def test_without_a_score_nobody_is_rated():
    """A scale that the policy does not name rates nobody."""
    rating = _HOUSE.rate({"unheard-of": 99, "points": None})

    assert ("unrated", "", False) == (rating.risk_class, rating.scale, rating.is_rated)


@given(points=st.integers(-2_000, 2_000))
def test_every_score_has_one_band(points):
    """The bands of the standard classes hold every score once, and rise with it."""
    held = [
        band
        for band in STANDARD_CLASSES.bands["points"]
        if (band.low is None or band.low <= points) and (band.high is None or points <= band.high)
    ]

    assert [STANDARD_CLASSES.of_points(points)] == [band.risk_class for band in held]
    better = STANDARD_CLASSES.of_points(points + 1)
    assert not STANDARD_CLASSES.is_worse(better, than=held[0].risk_class)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None)
@given(scores=st.lists(st.none() | st.integers(-10, 110), max_size=6))
def test_columns_have_the_same_classes(kind, scores):
    """One set of bands gives one class, on values and columns."""
    frame = frame_of(kind, {"customer": list(map(str, range(len(scores)))), "paydex": scores})

    rows = dicts_of(risk_classes(frame, scale="paydex"))

    assert [STANDARD_CLASSES.of_points(one, scale="paydex") for one in scores] == [
        row["risk_class"] for row in rows
    ]


def _bands(*rows):
    return {"names": ["A", "B"], "bands": {"points": [*rows]}}


REFUSED = [
    ({"names": []}, "names must be 1 to 50 classes"),
    ({"names": ["A", "A"]}, "each once"),
    ({"names": ["A", "unrated"]}, "other words than 'unrated'"),
    (_bands(), "bands of points must be 1 to 1000, got 0"),
    (_bands({"class": "A", "from": 50}, {"class": "B", "to": 48}), "got none for 49 to 49"),
    (_bands({"class": "A", "from": 50}, {"class": "B", "to": 50}), "must not overlap"),
    (_bands({"class": "A", "from": 50}, {"class": "B"}), "must not overlap"),
    (_bands({"class": "A", "from": 50}, {"class": "B", "from": 20}), "must not overlap"),
    (_bands({"class": "A", "from": 50, "to": 40}), "high of band A must be 50 or more"),
    (_bands({"class": "C", "from": 50}), "must be among A, B, got C"),
    (_bands({"class": "A", "from": "50"}), "whole numbers"),
    (_bands({"class": "A", "form": 50}), "must be tables of class, from and to"),
    (
        _bands(
            {"class": "A", "to": 10},
            {"class": "B", "from": 11, "to": 20},
            {"class": "A", "from": 21},
        ),
        "must only rise or only fall",
    ),
    ({"names": ["A"], "words": {"x": {"y": "B"}}}, "classes of x must be among A, got B"),
    ({"names": ["A"], "bnads": {}}, "keys of house must be among"),
    ({"names": ["A"], "choice": "median"}, "house must hold a policy"),
]


@pytest.mark.parametrize(("table", "words"), REFUSED)
def test_classes_that_cannot_be_are_refused(table, words):
    """The message names the table and what is wrong in it."""
    with pytest.raises(PolicyError, match=words) as refused:
        RiskClasses.from_table(table, name="house")

    assert str(refused.value).startswith(("house", "keys of house", "bands of house"))


def test_an_unknown_class_or_scale_is_refused():
    """A misspelt name is no class and no scale."""
    with pytest.raises(PolicyError, match="class must be among"):
        STANDARD_CLASSES.place("G")
    with pytest.raises(PolicyError, match="scale must be among"):
        STANDARD_CLASSES.of_points(1, scale="fico")
    with pytest.raises(DocumentError, match="must include paydex"):
        risk_classes(frame_of("polars", {"points": [1]}), scale="paydex")
