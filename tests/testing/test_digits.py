"""Invented numbers pass the checkers that others wrote."""

from __future__ import annotations

import pytest

from receivables.parties import Identifier, check_identifiers
from receivables.testing.builders import a_creditor, a_customer
from receivables.testing.company import generate

pytestmark = pytest.mark.needs("stdnum", "schwifty")


@pytest.fixture(scope="module")
def made():
    """A company large enough to have customers of every country."""
    return generate(invoices=900, customers=120)


def test_parties_pass_their_checks(made):
    """Company numbers, VAT numbers and IBANs have the check digits that they must have."""
    parties = [made.creditor, *made.customers]

    assert [] == [
        problem for party in parties for problem in check_identifiers(party, source="made")
    ]


def test_every_country_has_numbers_to_check(made):
    """France, Québec, Spain and Germany are all there, each with an identifier."""
    schemes = {number.scheme for customer in made.customers for number in customer.identifiers}

    assert {"ca.bn", "de.vat", "es.cif", "fr.siret"} == schemes


def test_bank_accounts_pass_their_checks(made):
    """The accounts of payers and of the company itself are valid IBANs, or no IBANs at all."""
    from stdnum import iban  # noqa: PLC0415  # only where it is installed

    accounts = {
        detail.payer.account
        for entry in made.entries
        for detail in entry.details
        if detail.payer.account[:2].isalpha()
    } | {account.iban for account in made.accounts}

    assert [] == [account for account in accounts if not iban.is_valid(account)]


def test_structured_references_pass_their_checks(made):
    """Every creditor reference obeys ISO 11649."""
    from stdnum import iso11649  # noqa: PLC0415  # only where it is installed

    references = [sale.reference for sale in made.sales if sale.reference]

    assert [] == [reference for reference in references if not iso11649.is_valid(reference)]
    assert len(references) == len(set(references))


def test_builders_have_valid_numbers():
    """The creditor of the builders has an IBAN that passes, and a wrong one is found."""
    wrong = a_customer(identifiers=[Identifier("fr.siret", "00004217600017")])

    assert () == check_identifiers(a_creditor(), source="builders")
    assert 1 == len(check_identifiers(wrong, source="builders"))
