"""Creditors and customers: complete once built, identifiers checked by their own digits."""

from __future__ import annotations

import pytest

from receivables.errors import DocumentError, PolicyError
from receivables.parties import (
    Contact,
    Creditor,
    Customer,
    Identifier,
    Role,
    check_identifiers,
)


def _customer(**given):
    return Customer(**{"customer": "C-017", "name": "Quincaillerie Tremblay inc.", **given})


VALID = [
    Identifier("fr.siret", "73282932000074"),
    Identifier("es.nif", "B58378431"),
    Identifier("ca.bn", "123026635"),
    Identifier("iban", "FR7630006000011234567890189"),
]

INVALID = [
    Identifier("fr.siret", "73282932000075"),
    Identifier("es.nif", "B58378430"),
    Identifier("ca.bn", "123026636"),
    Identifier("iban", "FR7630006000011234567890188"),
    Identifier("iban", ""),
]


@pytest.mark.parametrize("identifier", VALID)
def test_an_identifier_with_the_right_digits_is_no_problem(identifier):
    """Each scheme has check digits of its own."""
    assert () == check_identifiers(_customer(identifiers=[identifier]), source="customers.csv")


@pytest.mark.parametrize("identifier", INVALID)
def test_an_identifier_with_wrong_digits_is_a_warning_with_its_place(identifier):
    """A wrong number is reported, named, and does not make the read incomplete."""
    (problem,) = check_identifiers(_customer(identifiers=[identifier]), source="customers.csv")

    assert ("identifier.invalid", False) == (problem.code, problem.is_error)
    assert ("customers.csv", identifier.scheme) == (problem.place.source, problem.place.field)


def test_ibans_of_both_parties_are_checked():
    """A customer has several, a creditor one."""
    customer = _customer(ibans=["FR7630006000011234567890189", "FR00"])
    creditor = Creditor(creditor="MIRA", name="Mira", iban="DE00")

    assert 1 == len(check_identifiers(customer, source="customers.csv"))
    assert 1 == len(check_identifiers(creditor, source="settings.toml"))


@pytest.mark.parametrize("scheme", ["xx.nothing", "fr.nothing", "nothing"])
def test_an_unknown_scheme_is_a_mistake_of_the_configuration(scheme):
    """A scheme that python-stdnum does not have raises."""
    with pytest.raises(PolicyError, match="scheme must be a module of python-stdnum"):
        check_identifiers(_customer(identifiers=[Identifier(scheme, "1")]), source="x")


@pytest.mark.parametrize("locale", ["FR", "fr_CA", "french", "fr-ca", ""])
def test_a_locale_looks_like_one(locale):
    """Language, then perhaps a country, as in BCP 47."""
    with pytest.raises(PolicyError, match="locale must look like"):
        _customer(locale=locale)


def test_a_customer_has_an_identifier():
    """Only an unidentified receipt has no customer."""
    with pytest.raises(DocumentError, match="customer must have an identifier"):
        _customer(customer="")


def test_contacts_are_found_by_role():
    """The first contact of a role is the one to write to."""
    desk = Contact(name="Compta", role=Role.ACCOUNTS_PAYABLE)
    chief = Contact(name="Mme Roy", role=Role.MANAGEMENT)
    customer = _customer(contacts=[desk, chief])

    assert chief == customer.contact_for(Role.MANAGEMENT)
    assert customer.contact_for(Role.LEGAL) is None
