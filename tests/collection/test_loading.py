"""Policies from files: what is read, and what is refused by name."""

from __future__ import annotations

import pytest

from receivables.casework import RequestKind
from receivables.collection import (
    STANDARD,
    CashTable,
    Route,
    SignKind,
    WorklistPolicy,
    WorkReasonKind,
    load_request_policy,
    load_warning_policy,
    load_worklist_policy,
    request_policy,
    warning_policy,
    worklist_policy,
)
from receivables.errors import PolicyError
from receivables.parties import Channel

WHOLE = """
name = "house"
version = "2026-11"
horizon-days = 5
memory-days = 90
channels = ["email", "phone"]
default-role = "clerk"

[steps]
age = [[1, 5], [31, 20]]
broken-promise = [[1, 20]]

[amounts.amount]
"*" = [[1, 1]]
EUR = [[1000, 10]]

[risks]
watch = 5

[weights]
age = 150

[minimums]
EUR = 50

[people]
technician = "t.ng"

[[routes]]
role = "technician"
leading = ["dispute"]
dispute-reasons = ["quality"]
amount-from = { EUR = 100 }
age-from = 3

[cash]
chances-bps = { "" = 4000, will-pay = 9000 }
age-factors = [[0, 10000], [60, 5000]]
risk-factors = { watch = 5000 }
worth-ppm = { EUR = 1000000 }

[[cash.minutes]]
minutes = 8

[[cash.minutes]]
channel = "phone"
reason = "quality"
minutes = 15
"""

REFUSED = [
    ("colour = 1", "keys of w.toml must be among"),
    ("[[routes]]\nrole = 'x'\nwho = 'y'", "keys of w.toml: route 1 must be among"),
    ("[[cash.minutes]]\nlong = 5", "keys of w.toml: minutes 1 must be among"),
    ("[cash]\nluck = 1", "keys of w.toml: cash must be among"),
    ("[steps]\nage = 5", "w.toml"),
    ("steps = 5", "w.toml must hold a policy"),
    ("[steps]\nage = [[1, 5], [2, 1]]", "w.toml: steps must rise"),
    ("channels = ['pigeon']", "w.toml must hold a policy"),
    ("routes = [5]", "w.toml: route 1 must be a table"),
    ("[[routes]]\nage-from = 3", "w.toml must hold a policy"),
    ("name = ", "w.toml must be TOML"),
    ("#" * 1_000_001, "w.toml must have at most"),
]


def test_every_part_is_read():
    """Words of a key are joined by hyphens; the rest is as the classes take it."""
    policy = load_worklist_policy(WHOLE, name="w.toml")

    assert ("house", "2026-11", 5, 90, "clerk") == (
        policy.name,
        policy.version,
        policy.horizon_days,
        policy.memory_days,
        policy.default_role,
    )
    assert 30 == policy.scale(WorkReasonKind.AGE).at(31)
    assert 10 == policy.scale(WorkReasonKind.AMOUNT, currency="EUR").at(100_000)
    assert (Channel.EMAIL, Channel.PHONE) == policy.channels
    assert 3 == policy.routes[0].age_from
    assert 9_000 == policy.cash.chances_bps["will-pay"]
    assert 2 == len(policy.cash.minutes)


def test_what_is_not_said_is_standard():
    """An empty table is the standard policy."""
    assert STANDARD == worklist_policy({})
    assert WorklistPolicy(cash=CashTable()) == worklist_policy({"cash": {}})
    assert (Route(role="x"),) == worklist_policy({"routes": [{"role": "x"}]}).routes


@pytest.mark.parametrize(("contents", "words"), REFUSED)
def test_a_mistake_is_named(contents, words):
    """The message names the file, and the place in it."""
    with pytest.raises(PolicyError, match=words):
        load_worklist_policy(contents, name="w.toml")


def test_thresholds_of_signs_are_read():
    """Figures and the signs that nobody wants."""
    policy = load_warning_policy("months = 6\noff = ['limit-used']", name="s.toml")

    assert (6, {SignKind.LIMIT_USED}) == (policy.months, policy.off)


def test_days_of_requests_are_read():
    """What is not said is as usual."""
    policy = load_request_policy("version = '2'\n[days]\nproof = 7", name="r.toml")

    assert (7, 3) == (policy.days[RequestKind.PROOF], policy.days[RequestKind.DUPLICATE])


REFUSED_TABLES = [
    (warning_policy, {"months": 0}, "months must be a whole number of 1 or more"),
    (warning_policy, {"late-days": -1}, "late_days must be a whole number of 0 or more"),
    (warning_policy, {"months": "three"}, "months must be a whole number"),
    (warning_policy, {"off": ["rain"]}, "off must be among"),
    (request_policy, {"days": {"coffee": 1}}, "days must be by one of"),
    (request_policy, {"days": {"proof": -1}}, "days for proof must be 0 to 999"),
    (request_policy, {"days": {"proof": True}}, "days for proof must be 0 to 999"),
    (request_policy, {"days": {"proof": "1"}}, "must hold a policy"),
    (request_policy, {"day": 1}, "keys of request policy must be among"),
]


@pytest.mark.parametrize(("read", "data", "words"), REFUSED_TABLES)
def test_a_mistake_in_a_table_is_named(read, data, words):
    """Unknown words and impossible figures are refused."""
    with pytest.raises(PolicyError, match=words):
        read(data)
