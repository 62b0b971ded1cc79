"""Scales of bureaus: bands with words, and refusals for what they do not have."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.casework import ExternalScore
from receivables.errors import PolicyError
from receivables.scoring.scales import (
    SCALES,
    ExternalScale,
    NotOnScale,
    NotOnScaleReason,
    reading,
    scale,
)


def said(value, source="creditsafe", points=None):
    """A score from outside."""
    return ExternalScore(
        score="S-1",
        customer="C-017",
        source=source,
        value=value,
        points=points,
        rated_on=dt.date(2026, 10, 1),
    )


@pytest.mark.parametrize("case", ["creditsafe-71-100", "creditsafe-51-70", "creditsafe-21-29"])
def test_published_bands(case, oracles):
    """Both ends of a published band have its word."""
    row = oracles[case]

    risks = {reading(said(str(value))).band.risk for value in row["inputs"]["range"]}

    assert risks == {row["expected"]["risk"].lower()}


def test_every_number_of_a_scale_has_one_band():
    """Scales have no gap between their ends."""
    for one in SCALES.values():
        lowest = min(band.lowest for band in one.bands)
        highest = max(band.highest for band in one.bands)

        for points in range(lowest, highest + 1):
            assert sum(band.holds(points) for band in one.bands) == 1
        assert one.higher_is_better


def test_bands_go_from_the_least_risk_to_the_most():
    """The rank of a band counts from the best."""
    assert reading(said("100")).rank == 0
    assert reading(said("0")).rank == 4
    assert reading(said("80", "paydex")).band.risk == "low"


REFUSED = {
    "no such scale": (said("A", "moodys"), NotOnScaleReason.SCALE_UNKNOWN),
    "zero of one to a hundred": (said("0", "paydex"), NotOnScaleReason.VALUE_UNKNOWN),
    "above the scale": (said("101"), NotOnScaleReason.VALUE_UNKNOWN),
    "a letter": (said("A"), NotOnScaleReason.VALUE_UNKNOWN),
    "a number of a million digits": (said("9" * 1_000_000), NotOnScaleReason.VALUE_UNKNOWN),
    "two numbers": (said("72", points=27), NotOnScaleReason.CONTRADICTORY),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_scale_does_not_have_is_refused(name):
    """A refusal is a value with its reason, and never a neighboring band."""
    one, reason = REFUSED[name]

    found = reading(one)

    assert isinstance(found, NotOnScale)
    assert (found.source, found.value, found.reason) == (one.source, one.value, reason)


def test_a_scale_of_grades():
    """A scale of one's own, with letters, from a table."""
    table = {
        "title": "House",
        "higher-is-better": False,
        "verified": False,
        "bands": [{"risk": "low", "grades": ["A", "B+"]}, {"risk": "high", "grades": ["C"]}],
    }
    table["is-verified"] = table.pop("verified")
    house = ExternalScale.from_table(table, name="house")

    found = reading(said("B+", "house"), scales={"house": house})

    assert (found.band.risk, found.points, found.rank) == ("low", None, 0)
    assert reading(said("D", "house"), scales={"house": house}).reason.value == "value-unknown"


BAD = {
    "an unknown key": {"colour": "red"},
    "no band": {"title": "x"},
    "a band of nothing": {"title": "x", "bands": [{"risk": "low"}]},
    "a band of both": {
        "title": "x",
        "bands": [{"risk": "low", "lowest": 1, "highest": 2, "grades": ["A"]}],
    },
    "a band upside down": {"title": "x", "bands": [{"risk": "low", "lowest": 2, "highest": 1}]},
    "an overlap": {
        "title": "x",
        "bands": [
            {"risk": "low", "lowest": 5, "highest": 9},
            {"risk": "high", "lowest": 1, "highest": 5},
        ],
    },
    "a grade twice": {
        "title": "x",
        "bands": [{"risk": "low", "grades": ["A"]}, {"risk": "high", "grades": ["A"]}],
    },
    "grades as one text": {"title": "x", "bands": [{"risk": "low", "grades": "AB"}]},
    "a band with an unknown key": {"title": "x", "bands": [{"colour": "red"}]},
}


@pytest.mark.parametrize("name", BAD)
def test_an_impossible_scale_is_refused(name):
    """The scale is named, and what is wrong with it."""
    with pytest.raises(PolicyError, match=r"house|band"):
        ExternalScale.from_table(BAD[name], name="house")


def test_an_unknown_scale_is_refused():
    """Asking for a scale by name lists those there are."""
    assert scale("paydex").is_verified is False
    with pytest.raises(PolicyError, match="creditsafe, paydex"):
        scale("moodys")
