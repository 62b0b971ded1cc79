"""Who owes and who is owed: creditor, customer, payer group, contacts, identifiers.

>>> customer = Customer(customer="C-017", name="Quincaillerie Tremblay inc.", locale="fr-CA",
...                     country="CA", identifiers=[Identifier("ca.bn", "123026635")])
>>> check_identifiers(customer, source="customers.csv")
()
"""

from __future__ import annotations

import enum
import importlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NewType

import attrs

from receivables.errors import DocumentError, MissingExtraError, PolicyError
from receivables.problems import Place, Problem, Severity

__all__ = [
    "UNIDENTIFIED",
    "Address",
    "Channel",
    "Contact",
    "Creditor",
    "CreditorId",
    "Customer",
    "CustomerId",
    "Identifier",
    "PayerGroup",
    "Role",
    "check_identifiers",
]

CreditorId = NewType("CreditorId", str)
CustomerId = NewType("CustomerId", str)

UNIDENTIFIED: Final = CustomerId("")
"""The customer of a receipt whose payer is not known yet."""

_LOCALE: Final = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_SCHEME: Final = re.compile(r"[a-z0-9]+(\.[a-z0-9_]+)?")


class Channel(enum.Enum):
    """How a contact is reached."""

    EMAIL = "email"
    POST = "post"
    PHONE = "phone"
    REGISTERED_POST = "registered-post"
    """A letter whose delivery is proved: *recommandé avec avis de réception*, *burofax*."""
    TEXT_MESSAGE = "text-message"
    VISIT = "visit"


class Role(enum.Enum):
    """What a contact is there for."""

    ACCOUNTS_PAYABLE = "accounts-payable"
    MANAGEMENT = "management"
    SALES = "sales"
    LEGAL = "legal"


def _check_locale(_instance: object, _attribute: object, value: str) -> None:
    if not _LOCALE.fullmatch(value):
        msg = f"locale must look like 'fr' or 'fr-CA', got {value!r}"
        raise PolicyError(msg)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _contacts(values: Iterable[Contact]) -> tuple[Contact, ...]:
    return tuple(values)


def _pairs(
    values: Mapping[str, str] | Iterable[tuple[str, str]],
) -> tuple[tuple[str, str], ...]:
    pairs = values.items() if isinstance(values, Mapping) else values
    return tuple((str(first), str(second)) for first, second in pairs)


def _customer_ids(values: Iterable[CustomerId]) -> tuple[CustomerId, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Address:
    """A postal address: lines as they stand on the envelope, then the parts a machine needs."""

    lines: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


@attrs.frozen(kw_only=True)
class Contact:
    """A person or a desk at the customer, with role, language and channel."""

    name: str
    role: Role = Role.ACCOUNTS_PAYABLE
    channel: Channel = Channel.POST
    locale: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(_check_locale)
    )
    email: str = ""
    phone: str = ""


@attrs.frozen
class Identifier:
    """A number that an authority gave: a scheme (a python-stdnum module, or ``iban``) and a value."""

    scheme: str = attrs.field(validator=attrs.validators.matches_re(_SCHEME))
    value: str


def _identifiers(values: Iterable[Identifier]) -> tuple[Identifier, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Creditor:
    """The company that is owed: the entity that invoices, receives and reminds."""

    creditor: CreditorId = attrs.field(converter=CreditorId)
    name: str
    locale: str = attrs.field(default="en", validator=_check_locale)
    country: str = ""
    currency: str = "EUR"
    address: Address = Address()
    identifiers: tuple[Identifier, ...] = attrs.field(default=(), converter=_identifiers)
    iban: str = ""
    """The account that letters ask to be paid on."""
    bic: str = ""
    bank_details: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    """How else letters ask to be paid, each with its label: a sort code, a transit number, a CLABE."""
    accounts: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Its other bank accounts: what comes from one of them is no receipt."""
    email: str = ""
    phone: str = ""
    legal_form: str = ""
    """What the law wants on a letterhead, as one line (form, capital, register)."""


@attrs.frozen(kw_only=True)
class Customer:
    """Who is invoiced; who pays may be another member of the same payer group."""

    customer: CustomerId = attrs.field(converter=CustomerId)
    name: str
    locale: str = attrs.field(default="en", validator=_check_locale)
    country: str = ""
    address: Address = Address()
    contacts: tuple[Contact, ...] = attrs.field(default=(), converter=_contacts)
    identifiers: tuple[Identifier, ...] = attrs.field(default=(), converter=_identifiers)
    ibans: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    aliases: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Other names under which this customer is known to pay."""
    payer_group: str = ""
    terms: str = ""
    """Payment terms as text, for documents that state none (`receivables.terms.parse_terms`)."""
    segment: str = ""
    """The group that policies choose by: ``key-account``, ``public``, ``small``…"""
    is_consumer: bool = False
    """Whether it is a natural person who buys for private use, whom other laws protect."""
    time_zone: str = ""
    """Its place as in the IANA database (``America/Montreal``), for the hours of calls."""
    owners: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    """Who looks after it, by what they are: ``(("collector", "j.roy"), ("salesperson", "m.diaz"))``."""

    @customer.validator
    def _check_customer(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "customer must have an identifier, got an empty one"
            raise DocumentError(msg)

    def contact_for(self, role: Role) -> Contact | None:
        """The first contact with a role, or None."""
        return next((contact for contact in self.contacts if contact.role is role), None)

    def owner(self, role: str) -> str:
        """Who looks after it as ``collector``, ``salesperson``…; empty where nobody does."""
        return dict(self.owners).get(role, "")


@attrs.frozen(kw_only=True)
class PayerGroup:
    """Customers that one payer may pay for: a head office and its branches."""

    name: str
    payer: CustomerId
    members: tuple[CustomerId, ...] = attrs.field(converter=_customer_ids)


def check_identifiers(party: Creditor | Customer, *, source: str) -> tuple[Problem, ...]:
    """Check the identifiers of a party by their own digits; a failure is a warning with its place.

    Schemes are modules of python-stdnum (``fr.siret``, ``es.nif``, ``ca.bn``, ``lei``…); IBANs are
    checked by schwifty.  Raises `PolicyError` for an unknown scheme and `MissingExtraError` where
    the extra ``bank`` is not installed.
    """
    ibans = party.ibans if isinstance(party, Customer) else (party.iban,)
    given = [*party.identifiers, *(Identifier("iban", iban) for iban in ibans if iban)]
    return tuple(
        Problem(
            "identifier.invalid",
            f"{identifier.scheme} {identifier.value!r} of {party.name} fails its check digits",
            place=Place(source, field=identifier.scheme),
            severity=Severity.WARNING,
        )
        for identifier in given
        if not _is_valid(identifier)
    )


def _is_valid(identifier: Identifier) -> bool:
    if identifier.scheme == "iban":
        iban: Any = _part("schwifty").IBAN(identifier.value, allow_invalid=True)
        return bool(iban.is_valid)
    _part("stdnum")
    try:
        module = importlib.import_module(f"stdnum.{identifier.scheme}")
    except ModuleNotFoundError:
        msg = f"scheme must be a module of python-stdnum, got {identifier.scheme!r}"
        raise PolicyError(msg) from None
    return bool(module.is_valid(identifier.value))


def _part(name: str) -> Any:  # noqa: ANN401  # a third-party module without types
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra(extra="bank", needed_for="checking identifiers") from None
