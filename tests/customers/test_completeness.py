"""How complete a record is, and why what is missing matters."""

import attrs
import pytest

from receivables.customers import CompletenessPolicy, completeness
from receivables.errors import PolicyError
from receivables.parties import Address, Customer, Role


def test_a_whole_record_is_complete(norte):
    """Everything that the standard asks for is there."""
    assert (completeness(norte).score, completeness(norte).is_complete) == (100, True)


def test_an_empty_record_is_not(norte):
    """What weighs most comes first, with the reason why it matters."""
    found = completeness(Customer(customer="C-1", name=""))

    assert found.score == 0
    assert found.missing[0].weight == max(one.weight for one in found.missing)
    assert all(one.why for one in found.missing)


def test_dunning_by_email_needs_the_address_of_whoever_pays(norte, ana):
    """The address of somebody in sales does not serve."""
    sales = attrs.evolve(norte, contacts=[attrs.evolve(ana, role=Role.SALES)])
    missing = [(one.need, one.of) for one in completeness(sales).missing]

    assert missing == [("email", "accounts-payable"), ("phone", "accounts-payable")]


def test_rules_depend_on_the_customer(norte):
    """A consumer has no company number, and Hong Kong no postal codes."""
    bare = attrs.evolve(norte, identifiers=[])
    away = attrs.evolve(norte, country="HK", address=Address(lines=["1 Road"], city="Hong Kong"))

    assert [one.need for one in completeness(bare).missing] == ["identifier"]
    assert completeness(attrs.evolve(bare, is_consumer=True)).is_complete
    assert completeness(away).is_complete


def test_masked_data_are_missing(norte):
    """What was masked serves no letter."""
    masked = attrs.evolve(norte, name="[masked]", ibans=["[masked]"])

    assert [one.need for one in completeness(masked).missing] == ["name", "iban"]


@pytest.mark.parametrize(
    ("rule", "score"),
    [
        ({"need": "identifier", "of": "es.cif"}, 100),
        ({"need": "identifier", "of": "fr.siret"}, 0),
        ({"need": "identifier", "of": "fr.siret", "countries": ["FR"]}, 100),
        ({"need": "owner", "of": "collector"}, 0),
        ({"need": "time-zone", "segments": ["key-account"]}, 100),
        ({"need": "region", "except-countries": ["ES"]}, 100),
        ({"need": "contact", "of": "legal"}, 0),
        ({"need": "segment"}, 0),
    ],
    ids=str,
)
def test_a_house_says_what_it_needs(norte, rule, score):
    """Rules are data: what, of whom, for which countries and segments."""
    policy = CompletenessPolicy.from_table({"rules": [{"weight": 3, "why": "we want it", **rule}]})

    assert completeness(norte, policy=policy).score == score


@pytest.mark.parametrize(
    "table",
    [
        {"rules": [{"need": "shoe-size", "weight": 1, "why": "x"}]},
        {"rules": [{"need": "email", "of": "boss", "weight": 1, "why": "x"}]},
        {"rules": [{"need": "email", "weight": -1, "why": "x"}]},
        {"rules": [{"need": "email"}]},
        {"rules": ["email"]},
        {"rules": 3},
        {"rule": []},
    ],
    ids=str,
)
def test_policies_are_refused(table):
    """A rule has a need that is known, a weight and a reason."""
    with pytest.raises(PolicyError):
        CompletenessPolicy.from_table(table)
