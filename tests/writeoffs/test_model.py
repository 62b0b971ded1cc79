"""Policies of write-offs: approval by amount, efforts by reason, and what they refuse."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.casework import HoldReason, WriteOffReason
from receivables.errors import PolicyError
from receivables.money import money
from receivables.writeoffs import (
    ApprovalLevel,
    Effort,
    EffortRule,
    HeldPart,
    SmallBalancePolicy,
    WriteOffPolicy,
    load_relief_rules,
    load_write_off_policy,
    relief_rules,
    write_off_policy,
)

_BOUNDS = st.lists(st.integers(0, 10_000), min_size=1, max_size=5)


@given(bounds=_BOUNDS, amounts=st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)))
def test_more_never_needs_less(bounds, amounts):
    """Whoever has to agree to an amount has to agree to a larger one."""
    levels = [ApprovalLevel(role=f"role {bound}", above={"JPY": bound}) for bound in bounds]
    policy = WriteOffPolicy(levels=levels)
    low, high = sorted(amounts)

    fewer, more = (policy.levels_for({"JPY": minor}) for minor in (low, high))

    assert [level for level in more if level in fewer] == list(fewer)


def test_a_currency_that_a_level_does_not_name_needs_it():
    """Nothing slips by in an odd currency."""
    level = ApprovalLevel(role="board", above={"EUR": "50000.00"})

    assert not level.speaks({"EUR": 100})
    assert level.speaks({"JPY": 1})


def test_a_policy_may_be_changed_by_a_copy():
    """Amounts stay what they are when another field changes."""
    policy = SmallBalancePolicy(items={"EUR": "1.00"})

    assert policy == attrs.evolve(attrs.evolve(policy, min_days=5), min_days=policy.min_days)


def test_an_effort_may_stand_in_for_all():
    """A certificate makes three reminders needless, and a proof is still asked for."""
    rule = EffortRule(
        name="usual",
        needs={"notice": 3},
        days_past_due=90,
        instead=["certificate"],
        proof=True,
    )
    certificate = Effort(kind="certificate", on=dt.date(2026, 1, 1), reference="I-1")

    assert [one.what for one in rule.missing([], days_past_due=10)] == [
        "notice",
        "days-past-due",
        "proof",
    ]
    assert [one.what for one in rule.missing([certificate], days_past_due=0)] == ["proof"]
    assert rule.missing([certificate], days_past_due=0, proof="letter 7") == ()


def test_a_policy_comes_from_a_file():
    """All of it is data, in words of the field."""
    policy = load_write_off_policy(
        """
        version = "2026-11"
        reasons = ["insolvency", "small-balance"]
        four-eyes = false
        [[levels]]
        role = "head of credit"
        [people]
        "head of credit" = ["J. Roy", "M. Diaz"]
        [[efforts]]
        name = "judged"
        reasons = ["insolvency"]
        needs = { insolvency = 1 }
        instead = ["certificate"]
        [held]
        dispute = "refuse"
        [small-balances]
        items = { EUR = "2.00", JPY = 300 }
        sides = ["debit", "credit"]
        """,
        name="own.toml",
    )

    assert policy.reasons == {WriteOffReason.INSOLVENCY, WriteOffReason.SMALL_BALANCE}
    assert policy.may_agree("j. roy", "head of credit")
    assert not policy.may_agree("A. Ito", "head of credit")
    assert policy.held[HoldReason.DISPUTE] is HeldPart.REFUSE
    assert policy.held[HoldReason.BLOCK] is HeldPart.INCLUDE
    assert dict(policy.small_balances.items) == {
        "EUR": money("2.00", "EUR"),
        "JPY": money(300, "JPY"),
    }
    assert WriteOffPolicy.from_table({}) == WriteOffPolicy()
    assert SmallBalancePolicy.from_table({"min-days": 5}, name="x").min_days == 5


REFUSED = [
    ({"levls": []}, "keys of write-offs must be among"),
    ({"levels": []}, "must ask for somebody"),
    ({"levels": [{"role": ""}]}, "levels 1 must be valid"),
    ({"levels": [{"role": "x", "above": {"EUR": "-1.00"}}]}, "zero or more"),
    ({"levels": [{"role": "x", "above": {"EUR": "1.005"}}]}, "at most 2 decimals"),
    ({"levels": "x"}, "array of tables"),
    ({"people": {"nobody": ["J. Roy"]}}, "must say who may agree"),
    ({"people": {"head of credit": "J. Roy"}}, "list of names"),
    ({"reasons": ["boredom"]}, "WriteOffReason must be one of"),
    ({"reasons": "fraud"}, "given as a list"),
    ({"efforts": [{"name": "x", "needs": {"prayer": 1}}]}, "EffortKind must be one of"),
    ({"efforts": [{"name": "x", "needs": {"call": -1}}]}, "whole number"),
    ({"held": {"dispute": "maybe"}}, "HeldPart must be one of"),
    ({"small-balances": {"min-days": -1}}, "whole number"),
    ({"small-balances": {"sides": ["left"]}}, "SmallBalanceSide must be one of"),
    ({"small-balances": []}, "must be a table"),
]


@pytest.mark.parametrize(("table", "said"), REFUSED)
def test_what_cannot_be_is_refused_by_its_name(table, said):
    """A policy that makes no sense says which key it is."""
    with pytest.raises(PolicyError, match=said):
        write_off_policy(table)


def test_every_rule_of_relief_says_where_it_stands():
    """Each has an article and a source, and what was not read in one is marked."""
    rules = relief_rules()

    assert {"CA", "DE", "ES", "FR", "GB", "US"} == {rule.country for rule in rules}
    assert all(rule.article and rule.source for rule in rules)
    spanish = {"es-iva", "es-iva-small", "es-iva-concurso"}
    assert {"gb-vat", "us-income-tax", *spanish} == {
        rule.name for rule in rules if not rule.is_verified
    }


@pytest.mark.parametrize(
    "text", ["[[rool]]", "[[rule]]\nname = 'x'", "rule = 5", "[[rule]]\nmonths = 'six'", "["]
)
def test_a_file_of_rules_that_is_none_is_refused(text):
    """The message names the file."""
    with pytest.raises(PolicyError, match=r"own\.toml"):
        load_relief_rules(text, name="own.toml")
