"""Records that may be one customer, and what a merge would change."""

import importlib

import attrs
import pytest

from receivables.customers import (
    ChangeEvidence,
    DuplicatePolicy,
    DuplicateSign,
    duplicates,
    merge_proposal,
)
from receivables.errors import DocumentError, PolicyError
from receivables.parties import Address, Contact, Customer, Identifier


def _customer(name="", number=1, **values):
    return Customer(customer=f"C-{number}", name=name, **values)


def _signs(one, other, **policy):
    found = duplicates([one, other], policy=DuplicatePolicy(threshold=1, **policy))
    return {reason.sign.value for each in found for reason in each.reasons}


_ONE_NAME = [
    ("Quincaillerie Tremblay inc.", "QUINCAILLERIE TREMBLAY"),
    ("Aceros del Norte, S.A. de C.V.", "aceros del norte"),
    ("Roy & Fils S. A. R. L.", "ROY ET FILS"),
    ("Société à responsabilité limitée Martin", "Martin SARL"),
    ("Hermanos Díaz Sociedad Limitada", "Diaz Hermanos, S.L."),
    ("Smith Trading Company Ltd", "Smith Trading Co."),
]


@pytest.mark.parametrize(("one", "other"), _ONE_NAME)
def test_a_name_is_one_whatever_its_legal_form(one, other):
    """Legal forms of three languages, accents, order and signs make no other name."""
    assert "name-equal" in _signs(_customer(one), _customer(other, 2))


@pytest.mark.needs("rapidfuzz")
def test_a_slip_makes_a_similar_name():
    """A letter more or less is seen."""
    assert "name-similar" in _signs(
        _customer("Boulangerie Lafontaine"), _customer("Boulangerie Lafontane", 2)
    )


def test_abbreviations_are_seen_without_any_extra(monkeypatch):
    """Without the extra, a shortened name is similar, and a slip is not."""

    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)

    assert _signs(_customer("Coastal Marine Services"), _customer("Coastal Marine Svc", 2)) == {
        "name-similar"
    }
    assert _signs(_customer("Coastal Marine"), _customer("Coastal Marjne", 2)) == set()


_SHARED = {
    "identifier-equal": {"identifiers": [Identifier("es.cif", "B-58378431")]},
    "iban-equal": {"ibans": ["ES91 2100 0418 4502 0005 1332"]},
    "email-equal": {"contacts": [Contact(name="a", email="A@Roy.example")]},
    "phone-equal": {"contacts": [Contact(name="a", phone="(02) 40 12 34 56 7")]},
    "address-equal": {"address": Address(lines=["12, rue Félix"], postal_code="44000")},
}
_SHARED_TOO = {
    "identifier-equal": {"identifiers": [Identifier("es.cif", "b58378431")]},
    "iban-equal": {"ibans": ["ES9121000418450200051332"]},
    "email-equal": {"contacts": [Contact(name="b", email="a@roy.example")]},
    "phone-equal": {"contacts": [Contact(name="b", phone="+33 240 1234567")]},
    "address-equal": {"address": Address(lines=["12 RUE FELIX"], postal_code="44 000")},
}


@pytest.mark.parametrize("sign", _SHARED)
def test_what_two_records_share_is_a_reason(sign):
    """Numbers, accounts, addresses and ways to reach people are compared as they are meant."""
    one, other = _customer("Alpha", **_SHARED[sign]), _customer("Omega", 2, **_SHARED_TOO[sign])

    assert _signs(one, other) == {sign}


def test_a_company_number_is_seen_in_the_number_of_its_taxes():
    """A SIRET and a French VAT number are of one company."""
    one = _customer("Alpha", identifiers=[Identifier("fr.siret", "732 829 320 00074")])
    other = _customer("Omega", 2, identifiers=[Identifier("eu.vat", "FR44732829320")])

    assert _signs(one, other) == {"company-number-equal"}


def test_a_domain_counts_unless_anybody_may_have_it():
    """Two addresses of one company bring records together, two of a free host do not."""
    pairs = {
        host: [
            _customer("Alpha", contacts=[Contact(name="a", email=f"a@{host}")]),
            _customer("Omega", 2, contacts=[Contact(name="b", email=f"b@{host}")]),
        ]
        for host in ("roy.example", "gmail.com")
    }

    assert _signs(*pairs["roy.example"]) == {"email-domain-equal"}
    assert _signs(*pairs["gmail.com"]) == set()


def test_what_speaks_against_lowers_the_score():
    """Another country and another number of the same kind make one name two companies."""
    one = _customer("Roy", country="FR", identifiers=[Identifier("eu.vat", "FR44732829320")])
    other = _customer("Roy", 2, country="ES", identifiers=[Identifier("eu.vat", "ESB58378431")])

    assert duplicates([one, other]) == ()
    signs = _signs(one, other, weights={"name-equal": 90})
    assert signs == {"name-equal", "country-differs", "identifier-differs"}


def test_an_alias_is_a_name():
    """Who is known by another name is found by it."""
    one = _customer("Alpha", aliases=["Omega Group"])

    assert "alias-equal" in _signs(one, _customer("Omega Group SA", 2))


def test_what_everybody_shares_tells_nothing():
    """A block beyond the bound brings nobody together, so that large lists stay fast."""
    many = [
        _customer(f"Firm {chr(65 + n)}{n}", n, contacts=[Contact(name="x", phone="0240123456")])
        for n in range(30)
    ]

    assert duplicates(many, policy=DuplicatePolicy(threshold=30)) == ()
    assert len(duplicates(many, policy=DuplicatePolicy(threshold=30, block_max=30))) == 435


def test_masked_records_are_not_alike():
    """Two people who were masked have nothing in common."""
    pair = [_customer("[masked]", n, ibans=["[masked]"], aliases=["[masked]"]) for n in (1, 2)]

    assert duplicates(pair, policy=DuplicatePolicy(threshold=1)) == ()


@pytest.mark.parametrize(
    "table",
    [{"weights": {"shoe": 1}}, {"weights": {"iban-equal": "1"}}, {"threshold": -1}, {"x": 1}],
    ids=str,
)
def test_policies_are_refused(table):
    """Signs are those that are known, and weights are whole numbers."""
    with pytest.raises(PolicyError):
        DuplicatePolicy.from_table(table)


def test_weights_that_are_not_said_are_standard():
    """A table says only what is other."""
    policy = DuplicatePolicy.from_table({"weights": {"phone-equal": 1}})

    assert (
        policy.weights[DuplicateSign.IBAN_EQUAL]
        == DuplicatePolicy().weights[DuplicateSign.IBAN_EQUAL]
    )


def test_a_merge_unites_lists_and_tells_conflicts(norte, ana):
    """What the kept record lacks is taken over; what both say differently is told."""
    other = attrs.evolve(
        norte,
        customer="C-9",
        name="Aceros Norte",
        terms="net 60",
        segment="key",
        contacts=[ana],
        ibans=["ES7921000813610123456789"],
        locale="en",
    )
    merge = merge_proposal(norte, other)

    assert {one.field for one in merge.changes} == {"aliases", "ibans", "segment"}
    assert [(one.field, one.kept, one.dropped) for one in merge.conflicts] == [
        ("terms", "net 30", "net 60"),
        ("locale", "es-ES", "en"),
    ]
    assert merge.merged.aliases == ("Aceros Norte",)
    assert len(merge.merged.ibans) == 2


def test_a_merge_becomes_a_proposal(register, norte, propose):
    """Its record is proposed as any other change is, with its own evidence."""

    other = attrs.evolve(norte, customer="C-9", ibans=["ES7921000813610123456789"])
    merge = merge_proposal(norte, other)
    proof = ChangeEvidence(text="both are on the letterhead of the group")
    register = propose(register, merge.merged, evidence=[proof])

    assert register.standing("P-1").proposal.changes == merge.changes


def test_a_record_is_not_merged_with_itself(norte):
    """Two records are two."""
    with pytest.raises(DocumentError, match="twice"):
        merge_proposal(norte, norte)
