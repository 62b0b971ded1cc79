"""Credit policies: what they take and refuse, what they say, those that come with the library."""

from __future__ import annotations

import pytest

from receivables.casework.credit import CheckOutcome, CreditRule
from receivables.credit import policies
from receivables.credit.model import ComponentKind, StackRule
from receivables.credit.policies import (
    CreditPolicy,
    RuleAmounts,
    RuleLevels,
    RuleNames,
    credit_policies,
    credit_policy,
    load_credit_policy,
)
from receivables.errors import PolicyError
from receivables.receipts import ReturnReason

TABLE = {
    "version": "2026-11",
    "stack": "total",
    "valid-days": 14,
    "counts-disputed": False,
    "suspends": ["oldest-item"],
    "exposure": {"weights": {"orders": 5_000}, "clearing-days": 8},
    "rules": {
        "limit": {"warn": 9_000, "hold": 10_000, "tolerance": {"EUR": 250}},
        "oldest-item": {"hold": 30, "minimum": {"*": 50}},
        "returned-payment": {"hold": 1, "within-days": 90, "reasons": ["fraud"]},
        "country": {"allow": ["FR"], "refuse": ["XX"], "outcome": "warn"},
        "cover": {"hold": {"EUR": 5_000}},
        "no-limit": {"outcome": "hold"},
    },
    "segments": {"public": {"off": ["no-limit"], "rules": {"oldest-item": {"hold": 60}}}},
}


def test_a_policy_is_read_from_a_table():
    """Every key of a table is a field, with hyphens for underscores."""
    policy = CreditPolicy.from_table(TABLE, name="house")

    assert (policy.title, policy.stack, policy.valid_days) == ("house 2026-11", StackRule.TOTAL, 14)
    assert policy.exposure.weight(ComponentKind.ORDERS) == 5_000
    assert policy.rules[CreditRule.RETURNED_PAYMENT].reasons == {ReturnReason.FRAUD}
    assert policy.rules[CreditRule.COVER] == RuleAmounts(hold={"EUR": 5_000})
    assert policy == CreditPolicy.from_table(TABLE, name="house")


def test_a_rule_that_is_not_named_is_off():
    """Nothing is looked at that the policy does not name."""
    policy = CreditPolicy.from_table({}, name="empty")

    assert dict(policy.terms()) == {}
    assert not policy.uses(*CreditRule)


def test_a_segment_has_its_own_terms():
    """A segment replaces a rule, or has it off; the others are as for everybody."""
    policy = CreditPolicy.from_table(TABLE, name="house")
    public = policy.terms("public")

    assert public[CreditRule.OLDEST_ITEM] == RuleLevels(hold=60)
    assert CreditRule.NO_LIMIT not in public
    assert public[CreditRule.LIMIT] == policy.terms("")[CreditRule.LIMIT]
    assert policy.terms("unheard-of") == policy.rules


def test_a_policy_may_start_from_another():
    """What a table names takes the place of what the ready policy says; the rest stays."""
    table = {
        "extends": "standard",
        "off": ["country-limit"],
        "rules": {"oldest-item": {"hold": 45}},
    }
    policy = CreditPolicy.from_table(table, name="house")
    standard = credit_policy("standard")

    assert policy.rules[CreditRule.OLDEST_ITEM] == RuleLevels(hold=45)
    assert CreditRule.COUNTRY_LIMIT not in policy.rules
    assert policy.rules[CreditRule.LIMIT] == standard.rules[CreditRule.LIMIT]
    assert (policy.suspends, policy.counts_disputed) == (standard.suspends, False)


def test_findings_come_in_one_order_whatever_the_order_of_a_file():
    """The rules of a policy stand in the order in which they are declared."""
    rules = {"no-limit": {"outcome": "hold"}, "limit": {"hold": 1}}
    policy = CreditPolicy.from_table({"rules": rules}, name="house")

    assert list(policy.rules) == [CreditRule.LIMIT, CreditRule.NO_LIMIT]


REFUSED = [
    ("not a table", "house must be a table, got 'not a table'"),
    ({"limits": {}}, "keys must be among .*, got limits"),
    ({"rules": {"limits": {}}}, "a rule must be among .*, got 'limits'"),
    ({"rules": {"limit": 3}}, "limit must be a table, got 3"),
    ({"rules": {"limit": {}}}, "warn, hold or refuse must be given, got none of them in limit"),
    ({"rules": {"limit": {"warn": 2, "hold": 1}}}, r"must rise, got \[2, 1\] in limit"),
    ({"rules": {"limit": {"hold": 1.5}}}, "hold must be a whole number up to .* in limit"),
    ({"rules": {"limit": {"hold": True}}}, "hold must be a whole number up to .* in limit"),
    ({"rules": {"limit": {"hold": -1}}}, "figures of limit must be 0 or more, got -1"),
    ({"rules": {"limit": {"hold": 1, "tolerance": {"EUR": 1.5}}}}, "amount in EUR must be"),
    ({"rules": {"limit": {"hold": 1, "tolerance": 5}}}, "amounts must be a table of currencies"),
    ({"rules": {"limit": {"hold": 1, "minimum": {}}}}, "keys of limit must be among"),
    ({"rules": {"oldest-item": {"hold": 0}}}, "figures of oldest-item must be 1 or more, got 0"),
    ({"rules": {"broken-promise": {"hold": 1}}}, "within_days of broken-promise must be given"),
    (
        {"rules": {"broken-promise": {"hold": 1, "within-days": 0}}},
        "within_days must be 1 to .* in broken-promise",
    ),
    (
        {"rules": {"returned-payment": {"hold": 1, "within-days": 9, "reasons": ["late"]}}},
        "reasons must be among .*late.* in returned-payment",
    ),
    (
        {"rules": {"returned-payment": {"hold": 1, "within-days": 9, "reasons": "fraud"}}},
        "reasons must be a list, got the text 'fraud'",
    ),
    ({"rules": {"cover": {}}}, "warn, hold or refuse must be given, got none of them in cover"),
    ({"rules": {"cover": {"warn": {"EUR": 2}, "hold": {"EUR": 1}}}}, "must rise, got 2 and 1 EUR"),
    ({"rules": {"country": {}}}, "names or an outcome must be given, got neither in country"),
    ({"rules": {"country": {"hold": "FR"}}}, "names must be a list of texts, got 'FR'"),
    ({"rules": {"country": {"warn": ["FR"], "hold": ["FR"]}}}, "one list each, got FR on several"),
    ({"rules": {"country": {"outcome": "stop"}}}, "outcome must be among .*, got 'stop'"),
    ({"rules": {"insolvency": {"hold": ["sad"]}}}, "names of insolvency must be among .*, got sad"),
    ({"segments": {"public": 3}}, "segment public must be a table, got 3"),
    ({"segments": {"public": {"limit": {}}}}, "keys of segment public must be among off, rules"),
    ({"segments": {"public": {"rules": {"limit": {}}}}}, "warn, hold or refuse must be given"),
    ({"off": "limit"}, "off must be a list of rules, got the text 'limit'"),
    ({"suspends": "limit"}, "suspends must be a list of rules, got the text 'limit'"),
    ({"suspends": ["terms"]}, "suspends must be among .*, got terms"),
    ({"stack": "both"}, "stack must be among sum, total, got 'both'"),
    ({"valid-days": -1}, "valid_days must be 0 to .*, got -1"),
    ({"extends": "soft"}, "policy must be one of lenient, standard, strict, got 'soft'"),
    ({"exposure": {"weights": {"orders": 11_000}}}, "weight of orders must be from 0 to 10000"),
]


@pytest.mark.parametrize(("table", "message"), REFUSED)
def test_a_table_that_says_something_impossible_is_refused(table, message):
    """The refusal names the policy and the key that is wrong."""
    with pytest.raises(
        PolicyError, match=f"house.*{message}" if table != REFUSED[0][0] else message
    ):
        CreditPolicy.from_table(table, name="house")


def test_terms_of_another_kind_are_refused():
    """A rule takes only terms of its own shape."""
    with pytest.raises(PolicyError, match="terms of limit must be RuleLevels, got RuleNames"):
        CreditPolicy(name="house", rules={CreditRule.LIMIT: RuleNames(outcome="hold")})


def test_a_file_that_is_none_is_refused():
    """What is no TOML, or far too long, is named with the file."""
    with pytest.raises(PolicyError, match=r"own\.toml must be TOML"):
        load_credit_policy("rules = ", name="own.toml")
    with pytest.raises(PolicyError, match=r"own\.toml must have at most"):
        load_credit_policy("#" * 1_000_001, name="own.toml")


@pytest.mark.parametrize("name", sorted(credit_policies()))
def test_a_ready_policy_says_what_it_is(name):
    """Each has its name, a version, a note and rules about limits and about who has none."""
    policy = credit_policy(name)

    assert (policy.name, bool(policy.version), bool(policy.note)) == (name, True, True)
    assert policy.uses(CreditRule.LIMIT)
    assert policy.uses(CreditRule.NO_LIMIT)


def test_the_strict_policy_is_no_milder_than_the_standard_one_and_that_than_the_lenient():
    """Each figure from which they hold comes no later in the stricter policy."""
    lenient, standard, strict = map(credit_policy, ("lenient", "standard", "strict"))
    for mild, hard in ((lenient, standard), (standard, strict)):
        for rule, terms in mild.rules.items():
            other = hard.rules.get(rule)
            if isinstance(terms, RuleLevels) and isinstance(other, RuleLevels):
                assert min(other.steps, key=_figure)[1] <= min(terms.steps, key=_figure)[1]


def _figure(step):
    return step[1]


def test_every_rule_has_a_shape():
    """No rule is without terms that a policy could give it."""
    assert set(policies._SHAPES) == set(CreditRule)


def test_the_worst_list_counts():
    """A name is judged by its list, one on no list by the outcome for all others."""
    names = RuleNames(allow=["A"], warn=["B"], hold=["C"], refuse=["D"])

    assert [names.of(name) for name in "ABCDE"] == [
        CheckOutcome.ALLOW,
        CheckOutcome.WARN,
        CheckOutcome.HOLD,
        CheckOutcome.REFUSE,
        CheckOutcome.ALLOW,
    ]
