"""What is wrong with a record by itself: identifiers, accounts, countries, ways to reach people.

>>> from receivables.parties import Identifier
>>> record = Customer(customer="C-017", name="Roy SARL", country="FR",
...                   identifiers=[Identifier("eu.vat", "DE136695976")])
>>> [problem.code for problem in check_customer(record, source="customers", digits=False)]
['identifier.country-differs']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from receivables.customers._names import MASK
from receivables.errors import MissingExtraError, PolicyError
from receivables.matching.rules import plain_reference
from receivables.parties import Customer, Identifier, check_identifiers
from receivables.problems import Place, Problem, Severity

__all__ = ["check_customer"]

_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_EMAIL: Final = re.compile(r"[^@\s<>,;:\"()\[\]]+@[^@\s<>,;:\"()\[\].]+(\.[^@\s<>,;:\"()\[\].]+)+")
_PHONE_MIN: Final = 5
_PHONE_MAX: Final = 15
"""Figures of a telephone number, at most (ITU-T E.164, 6.2.1)."""
_VAT_SCHEMES: Final = frozenset({"vat", "tva", "btw", "iva", "mwst", "ust_id_nr", "nif", "cif"})
_VAT_PREFIXES: Final = {"EL": "GR", "XI": "GB"}
"""Prefixes of VAT numbers that are no ISO code of a country (Directive 2006/112/EC, article 215)."""
_NEIGHBORS: Final = {"MC": "FR"}
"""Monaco has French VAT numbers and accounts of its own."""


def check_customer(customer: Customer, *, source: str, digits: bool = True) -> tuple[Problem, ...]:
    """Check one record; what is wrong is a warning with its place, and never raised.

    With `digits`, identifiers and accounts are checked by their own figures, where the extra
    ``bank`` is installed; where it is not, or a scheme is unknown, that is said.  The sum of an IBAN
    (ISO 13616, ISO 7064 MOD 97-10), countries and forms need no extra.  What is masked is left out.
    """
    shown = _without_masks(customer)
    found = [*_account_problems(shown), *_country_problems(shown), *_contact_problems(shown)]
    problems = [_problem(*each, source=source) for each in found]
    if digits:
        problems += _digit_problems(shown, source, {place for _, _, place in found})
    return tuple(problems)


def _problem(code: str, message: str, field: str, *, source: str) -> Problem:
    return Problem(code, message, place=Place(source, field=field), severity=Severity.WARNING)


def _without_masks(customer: Customer) -> Customer:
    return attrs.evolve(
        customer,
        identifiers=[one for one in customer.identifiers if one.value != MASK],
        ibans=[iban for iban in customer.ibans if iban != MASK],
    )


def _digit_problems(customer: Customer, source: str, places: set[str]) -> Iterator[Problem]:
    """What the figures say; an IBAN that is known to be wrong is not said to be wrong twice."""
    ibans = [iban for number, iban in enumerate(customer.ibans) if f"ibans[{number}]" not in places]
    for part in (
        attrs.evolve(customer, identifiers=(), ibans=ibans),
        *(attrs.evolve(customer, identifiers=[one], ibans=()) for one in customer.identifiers),
    ):
        try:
            yield from check_identifiers(part, source=source)
        except (MissingExtraError, PolicyError) as error:
            yield _problem("identifier.unchecked", str(error), "identifiers", source=source)


def _account_problems(customer: Customer) -> Iterator[tuple[str, str, str]]:
    for number, iban in enumerate(customer.ibans):
        place = f"ibans[{number}]"
        plain = plain_reference(iban)
        if not _IBAN.fullmatch(plain) or _remainder(plain) != 1:
            yield (
                "identifier.invalid",
                f"iban {iban!r} of {customer.name} fails its check digits",
                place,
            )
        elif customer.country and not _is_home(plain[:2], customer.country):
            msg = f"iban of {customer.name} must be of {customer.country} unless it was asked about, got {plain[:2]}"
            yield "identifier.country-differs", msg, place


def _remainder(plain: str) -> int:
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97


def _is_home(code: str, country: str) -> bool:
    return country in {code, _NEIGHBORS.get(code, "")} or _NEIGHBORS.get(country) == code


def _country_problems(customer: Customer) -> Iterator[tuple[str, str, str]]:
    for number, identifier in enumerate(customer.identifiers):
        code = _country_of(identifier)
        if code and customer.country and not _is_home(code, customer.country):
            msg = f"{identifier.scheme} {identifier.value!r} of {customer.name} must be of {customer.country}, got {code}"
            yield "identifier.country-differs", msg, f"identifiers[{number}]"
    address = customer.address.country
    if address and customer.country and address != customer.country:
        msg = f"address of {customer.name} must be in {customer.country} or be asked about, got {address}"
        yield "identifier.country-differs", msg, "address.country"


def _country_of(identifier: Identifier) -> str:
    """The country that an identifier is of: by its prefix, or by its scheme."""
    value = plain_reference(identifier.value)
    country, _, kind = identifier.scheme.partition(".")
    prefix = value[:2] if value[:2].isalpha() else ""
    if identifier.scheme == "eu.vat":
        return _VAT_PREFIXES.get(prefix, prefix)
    if kind in _VAT_SCHEMES and prefix and _VAT_PREFIXES.get(prefix, prefix) in _EU:
        return _VAT_PREFIXES.get(prefix, prefix)
    return country.upper() if len(country) == 2 and kind else ""  # noqa: PLR2004  # ISO 3166-1


_EU: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905  # a list of codes is read more easily so
)


def _contact_problems(customer: Customer) -> Iterator[tuple[str, str, str]]:
    for number, contact in enumerate(customer.contacts):
        if contact.email and contact.email != MASK and not _EMAIL.fullmatch(contact.email):
            msg = f"email of {contact.name} must look like name@host, got {contact.email!r}"
            yield "contact.invalid", msg, f"contacts[{number}].email"
        figures = sum(map(str.isdigit, contact.phone))
        if contact.phone and not _PHONE_MIN <= figures <= _PHONE_MAX:
            msg = f"phone of {contact.name} must have {_PHONE_MIN} to {_PHONE_MAX} figures, got {contact.phone!r}"
            yield "contact.invalid", msg, f"contacts[{number}].phone"
