"""Policies of a worklist: what they refuse, whom they route to, what they expect."""

from __future__ import annotations

import pytest

from receivables.casework import DisputeOwner, DisputeReason, NonPaymentReason
from receivables.collection import (
    STANDARD,
    CashTable,
    MinutesRule,
    OpenDispute,
    Route,
    WorklistPolicy,
    WorkReasonKind,
)
from receivables.errors import PolicyError
from receivables.parties import Channel

from .worlds import case, owing

REFUSED = [
    ({"steps": {"amount": [(1, 5)]}}, "steps must be among"),
    ({"steps": {"colour": [(1, 5)]}}, "a reason must be one of"),
    ({"steps": {"age": [(5, 5), (9, 1)]}}, "never fall"),
    ({"steps": {"age": [(0, 5)]}}, "steps of age must begin at 1 or more"),
    ({"amounts": {"amount": {"EUR": [(0, 5)]}}}, "steps of amount must begin at 1 or more"),
    ({"amounts": {"age": {"*": [(1, 5)]}}}, "amounts must be among amount, stake"),
    ({"amounts": {"amount": {"XYZ": [(1, 5)]}}}, "ISO 4217 code or '\\*'"),
    ({"risks": {"high": -1}}, "risks of 'high' must be a whole number"),
    ({"weights": {"age": 1_001}}, "weights of 'age' must be a whole number from 0 to 1000"),
    ({"steps": {"age": [(1, 9_000)]}, "weights": {"age": 200}}, "points must be 0 to 10000"),
    ({"minimums": {"EUR": 1.5}}, "minimums of 'EUR' must be a whole number"),
    ({"minimums": {"XYZ": 1}}, "ISO 4217"),
    ({"horizon_days": -1}, "horizon_days must be 0 to 3660"),
    ({"memory_days": 4_000}, "memory_days must be 0 to 3660"),
    ({"channels": []}, "channels must be one or more"),
    ({"channels": ["phone", "phone"]}, "channels must be one or more, each once"),
]
REFUSED_TABLES = [
    ({"chances_bps": {"": 10_001}}, "chances_bps of ''"),
    ({"chances_bps": {"moon": 100}}, "must be by a reason for non-payment, got moon"),
    ({"age_factors": [(5, 100), (1, 50)]}, "age_factors must rise"),
    ({"risk_factors": {"high": 20_000}}, "risk_factors of 'high'"),
    ({"minutes": [MinutesRule(minutes=5, channel="phone")]}, "one rule for any channel"),
    ({"worth_ppm": {"EUR": -1}}, "worth_ppm of 'EUR'"),
]
REFUSED_ROUTES = [
    ({"leading": "age"}, "must be given as a list"),
    ({"segments": "key"}, "must be given as a list"),
    ({"dispute_reasons": ["weather"]}, "DisputeReason must be one of"),
    ({"amount_from": {"EUR": -5}}, "amount_from of 'EUR'"),
]


@pytest.mark.parametrize(("fields", "words"), REFUSED)
def test_an_impossible_policy_is_refused(fields, words):
    """The message names the field and what it must be."""
    with pytest.raises(PolicyError, match=words):
        WorklistPolicy(**fields)


@pytest.mark.parametrize(("fields", "words"), REFUSED_TABLES)
def test_an_impossible_table_of_cash_is_refused(fields, words):
    """Shares are within the whole, and there is a rule for every contact."""
    with pytest.raises(PolicyError, match=words):
        CashTable(**fields)


@pytest.mark.parametrize(("fields", "words"), REFUSED_ROUTES)
def test_an_impossible_route_is_refused(fields, words):
    """Conditions are lists of known words."""
    with pytest.raises(PolicyError, match=words):
        Route(role="technician", **fields)


def test_a_contact_takes_a_minute_at_least():
    """No time at all is refused."""
    with pytest.raises(PolicyError, match="minutes must be 1 or more"):
        MinutesRule(minutes=0)


def test_an_amount_is_scaled_in_its_own_minor_units():
    """A thousand yen are a thousand units, and a thousand euros a hundred thousand."""
    scale = {"JPY": 1_000, "EUR": 100_000}
    for currency, minor in scale.items():
        points = STANDARD.scale(WorkReasonKind.AMOUNT, currency=currency)

        assert (8, 5) == (points.at(minor), points.at(minor - 1))


def test_a_currency_without_a_scale_is_refused():
    """Nobody guesses what an amount of another currency is worth."""
    policy = WorklistPolicy(amounts={"amount": {"EUR": [(1, 5)]}})

    with pytest.raises(PolicyError, match="must have a scale for JPY"):
        policy.scale(WorkReasonKind.AMOUNT, currency="JPY")


def test_a_reason_without_a_scale_gives_nothing():
    """A policy scores what it names."""
    policy = WorklistPolicy(steps={}, amounts={})

    assert 0 == policy.scale(WorkReasonKind.AGE).at(500)
    assert 0 == policy.scale(WorkReasonKind.STAKE, currency="EUR").at(10**9)


def test_an_unknown_risk_class_is_refused():
    """A class that is misspelt does not count as none."""
    with pytest.raises(PolicyError, match="risk must be one of low, medium, high, got 'hgih'"):
        STANDARD.risk_points("hgih")


def test_a_minimum_is_in_whole_units():
    """A minimum of its own comes before that of every currency."""
    policy = WorklistPolicy(minimums={"*": 50, "JPY": 5_000})

    assert (5_000, 5_000, 0) == (
        policy.minimum_minor("EUR"),
        policy.minimum_minor("JPY"),
        STANDARD.minimum_minor("EUR"),
    )


QUALITY = OpenDispute(dispute="D-1", reason=DisputeReason.QUALITY, owner=DisputeOwner.QUALITY)
ROUTED = [
    ({"leading": ["age"]}, True),
    ({"leading": ["dispute"]}, False),
    ({"dispute_reasons": ["quality", "price"]}, True),
    ({"dispute_owners": ["sales"]}, False),
    ({"last_reasons": ["will-pay"]}, True),
    ({"segments": ["key"]}, True),
    ({"segments": ["small"]}, False),
    ({"risks": ["high"]}, True),
    ({"amount_from": {"EUR": 1_200}}, True),
    ({"amount_from": {"*": 1_200}}, True),
    ({"amount_from": {"EUR": 1_201}}, False),
    ({"amount_from": {"JPY": 1}}, False),
    ({"age_from": 45}, True),
    ({"age_from": 46}, False),
    ({"segments": ["key"], "age_from": 46}, False),
]


@pytest.mark.parametrize(("conditions", "takes"), ROUTED)
def test_a_route_takes_what_fits_every_condition(conditions, takes):
    """Each condition that is given must hold."""
    one = case(
        disputes=(QUALITY,), last_reason=NonPaymentReason.WILL_PAY, segment="key", risk="high"
    )

    assert takes is Route(role="x", **conditions).takes(one, WorkReasonKind.AGE)


def test_the_first_route_counts():
    """What no route takes goes to the collector."""
    routes = [Route(role="salesperson", risks=["high"]), Route(role="technician")]
    policy = WorklistPolicy(routes=routes)

    assert "salesperson" == policy.role_of(case(risk="high"), WorkReasonKind.AGE)
    assert "technician" == policy.role_of(case(), WorkReasonKind.AGE)
    assert "collector" == STANDARD.role_of(case(), WorkReasonKind.AGE)


def test_the_standard_routes_know_who_can_answer():
    """A dispute about the work goes to the technician, a large old debt to the branch manager."""
    large = case(overdue=(owing(10_000_000, 61),))

    assert "technician" == STANDARD.role_of(case(disputes=(QUALITY,)), WorkReasonKind.DISPUTE)
    assert "branch-manager" == STANDARD.role_of(large, WorkReasonKind.AGE)


CHANCES = [
    ({}, 4_000),
    ({"overdue": ()}, 5_000),
    ({"overdue": (owing(1, 200),)}, 1_250),
    ({"last_reason": NonPaymentReason.CANNOT_PAY}, 1_200),
    ({"risk": "high"}, 2_000),
]


@pytest.mark.parametrize(("given", "bps"), CHANCES)
def test_a_chance_is_read_off_the_tables(given, bps):
    """Reason, age and risk multiply, in basis points."""
    table = CashTable(risk_factors={"high": 5_000})

    assert bps == table.chance_bps(case(**given))


MINUTES = [
    ({"channel": Channel.PHONE, "last_reason": NonPaymentReason.CANNOT_PAY}, 20),
    ({"channel": Channel.PHONE}, 10),
    ({"channel": Channel.EMAIL, "last_reason": NonPaymentReason.CANNOT_PAY}, 5),
    ({"channel": Channel.TEXT_MESSAGE, "last_reason": NonPaymentReason.QUALITY}, 10),
]


@pytest.mark.parametrize(("given", "minutes"), MINUTES)
def test_the_rule_that_says_most_counts(given, minutes):
    """Channel and reason before channel, channel before reason."""
    assert minutes == CashTable().minutes_of(case(**given))
