"""What is wrong with a record by itself."""

import importlib

import attrs
import pytest

from receivables.customers import check_customer
from receivables.parties import Address, Contact, Identifier


def _codes(customer, **values):
    return [(p.code, p.place.field) for p in check_customer(customer, source="c", **values)]


def test_a_sound_record_has_no_problems(norte):
    """Identifiers, account, country and contacts are in order."""
    assert check_customer(norte, source="customers", digits=False) == ()


@pytest.mark.needs("stdnum", "schwifty")
def test_identifiers_are_checked_by_their_digits(norte):
    """A figure that is wrong is found, once."""
    wrong = attrs.evolve(
        norte, identifiers=[Identifier("es.cif", "B58378432")], ibans=["ES9021000418450200051332"]
    )

    assert _codes(wrong) == [("identifier.invalid", "ibans[0]"), ("identifier.invalid", "es.cif")]


_ODD = {
    "iban digits": ({"ibans": ["ES9021000418450200051332"]}, ("identifier.invalid", "ibans[0]")),
    "iban form": ({"ibans": ["12345"]}, ("identifier.invalid", "ibans[0]")),
    "iban country": (
        {"ibans": ["FR7630006000011234567890189"]},
        ("identifier.country-differs", "ibans[0]"),
    ),
    "vat prefix": (
        {"identifiers": [Identifier("eu.vat", "FR 44 732829320")]},
        ("identifier.country-differs", "identifiers[0]"),
    ),
    "scheme": (
        {"identifiers": [Identifier("fr.siret", "73282932000074")]},
        ("identifier.country-differs", "identifiers[0]"),
    ),
    "address": (
        {"address": Address(country="PT")},
        ("identifier.country-differs", "address.country"),
    ),
    "email": (
        {"contacts": [Contact(name="a", email="a@b")]},
        ("contact.invalid", "contacts[0].email"),
    ),
    "two emails": (
        {"contacts": [Contact(name="a", email="a@b.es, c@d.es")]},
        ("contact.invalid", "contacts[0].email"),
    ),
    "phone": (
        {"contacts": [Contact(name="a", phone="none")]},
        ("contact.invalid", "contacts[0].phone"),
    ),
}


@pytest.mark.parametrize(("changes", "problem"), _ODD.values(), ids=_ODD)
def test_what_is_odd_is_a_warning(norte, changes, problem):
    """Each is told with its field, and needs no extra."""
    assert _codes(attrs.evolve(norte, **changes), digits=False) == [problem]


@pytest.mark.parametrize(
    ("country", "identifier"),
    [
        ("GR", Identifier("eu.vat", "EL094259216")),
        ("GB", Identifier("eu.vat", "XI110305878")),
        ("MC", Identifier("fr.tva", "FR12345678901")),
        ("ES", Identifier("lei", "213800KUD8LAJWSQ9D15")),
    ],
)
def test_prefixes_that_are_no_codes_of_countries_are_known(norte, country, identifier):
    """Greece is EL, Northern Ireland XI, Monaco French, and an LEI of no country."""
    customer = attrs.evolve(
        norte, country=country, address=Address(), identifiers=[identifier], ibans=[]
    )

    assert _codes(customer, digits=False) == []


def test_what_cannot_be_checked_is_said(norte, monkeypatch):
    """Without the extra, or for a scheme that nobody knows, it is told that figures were not checked."""
    unknown = attrs.evolve(norte, identifiers=[Identifier("xx.nothing", "1")], country="")
    monkeypatch.setattr(importlib, "import_module", _missing)

    assert {code for code, _ in _codes(unknown)} == {"identifier.unchecked"}


def _missing(name):
    raise ModuleNotFoundError(name)


def test_masked_data_are_not_checked(norte):
    """What was masked is neither right nor wrong."""
    masked = attrs.evolve(norte, ibans=["[masked]"], identifiers=[Identifier("es.cif", "[masked]")])

    assert _codes(masked, digits=False) == []
