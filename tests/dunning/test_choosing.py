"""Which procedure a customer gets: the first rule that fits, and it says why."""

from __future__ import annotations

import attrs
import pytest

from receivables.dunning import STANDARD, ChoiceRule, ProcedureChoice
from receivables.errors import PolicyError
from receivables.parties import Address

from .worlds import HARD, a_business, climb, late, run

FITS = [
    ({"segments": ["key"]}, {"segment": "key"}, "segment is key"),
    ({"countries": "FR"}, {"country": "FR"}, "country is FR"),
    ({"countries": "FR"}, {"address": Address(country="FR")}, "country is FR"),
    ({"regions": ["QC"]}, {"address": Address(region="QC")}, "region is QC"),
    ({"languages": ["fr"]}, {"locale": "fr-CA"}, "language is fr"),
    ({"languages": ["fr-CA"]}, {"locale": "fr-CA"}, "language is fr-CA"),
    ({"is_consumer": True}, {"is_consumer": True}, "it is a consumer"),
    ({"least_minor": {"EUR": 500}}, {}, "10000 minor units of EUR are 500 or more"),
]


def _choice(**conditions):
    return ProcedureChoice(
        rules=[ChoiceRule(name="hard ones", procedure=HARD, **conditions)], default=STANDARD
    )


@pytest.mark.parametrize(("conditions", "fields", "why"), FITS)
def test_a_rule_that_fits_says_why(conditions, fields, why):
    """Every condition can decide, and the reason names what it found."""
    made = _choice(**conditions).choose(a_business(**fields), currency="EUR", amount_minor=10_000)

    assert (made.procedure, made.rule, made.why) == (HARD, "hard ones", why)


MISSES = [
    ({"segments": ["key"]}, a_business()),
    ({"segments": ["key"]}, None),
    ({"is_consumer": False}, None),
    ({"is_consumer": True}, a_business()),
    ({"least_minor": {"EUR": 10_001}}, a_business()),
    ({"least_minor": {"CAD": 1}}, a_business()),
    ({"segments": ["key"], "countries": ["FR"]}, a_business(segment="key", country="ES")),
]


@pytest.mark.parametrize(("conditions", "customer"), MISSES)
def test_a_rule_that_does_not_fit_leaves_the_default(conditions, customer):
    """All conditions must hold, and a customer that nobody knows fits none of them."""
    made = _choice(**conditions).choose(customer, currency="EUR", amount_minor=10_000)

    assert (made.procedure, made.rule, made.why) == (STANDARD, "", "no rule fits")


def test_a_rule_without_a_condition_is_refused():
    """What holds for everybody is the default."""
    with pytest.raises(PolicyError, match="use the default"):
        ChoiceRule(name="all", procedure=HARD)


def test_a_run_says_who_got_which_procedure():
    """Each customer with something late is named with its procedure and the rule."""
    customers = {"C-1": a_business("C-1", segment="key"), "C-2": a_business("C-2")}
    items = [late("F-1", customer="C-1"), late("F-2", customer="C-2")]

    found = run(items, 8, procedure=_choice(segments=["key"]), customers=customers)

    assert [(one.customer, one.procedure.name, one.rule) for one in found.chosen] == [
        ("C-1", "hard", "hard ones"),
        ("C-2", "standard", ""),
    ]
    assert [notice.procedure for notice in found.notices] == ["hard", "standard"]
    assert found.procedures == (HARD, STANDARD)


def test_procedures_of_one_ladder_count_together():
    """A customer who changes to another procedure of the ladder goes on where it stood."""
    gentle = attrs.evolve(HARD, name="gentle", levels=HARD.levels[:2])
    sent = climb([late()], 5, 20)

    assert run([late()], 40, sent, procedure=gentle).notices == ()
    assert run([late()], 40, sent).notices[0].level == 3
