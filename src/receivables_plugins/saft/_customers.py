"""From the customers of a master file to customers, with the balances that it says they have."""

from __future__ import annotations

from typing import Final

import attrs

from receivables.markup import Node
from receivables.parties import Address, Contact, Customer, CustomerId, Identifier
from receivables_plugins.saft._values import Head, Values

__all__ = ["PartyBalance", "customer_of", "party_balances"]

_NO_TAX_NUMBER: Final = frozenset({"", "999999990"})
"""What a Portuguese file has for a final consumer, who is nobody in particular."""
_UNKNOWN: Final = "Desconhecido"


@attrs.frozen(kw_only=True)
class PartyBalance:
    """What a customer owes on an account at both ends of the period; None where it is not said."""

    customer: CustomerId
    account: str
    """The account, empty where the file does not name one."""
    opening_minor: int | None
    closing_minor: int | None
    line: int


def customer_of(node: Node, head: Head, *, locale: str) -> Customer | None:
    """Read an element *Customer*; None where it has no identifier."""
    identity = node.text("CustomerID")
    if not identity:
        return None
    party = _norwegian(node) if head.country == "NO" else _portuguese(node)
    return Customer(
        customer=identity,
        name=node.text("Name") or node.text("CompanyName") or identity,
        locale=locale,
        terms=_terms(node),
        contacts=_contacts(node),
        ibans=[iban for each in node.all("BankAccount") if (iban := each.text("IBANNumber"))],
        country=party.address.country,
        address=party.address,
        identifiers=party.identifiers,
    )


@attrs.frozen
class _Party:
    address: Address
    identifiers: list[Identifier]


def _norwegian(node: Node) -> _Party:
    number = node.text("RegistrationNumber").replace(" ", "")
    found = [Identifier("no.orgnr", number)] if number else []
    tax = (each.text("TaxRegistrationNumber") for each in node.all("TaxRegistration"))
    found += [Identifier("no.mva", text.replace(" ", "")) for text in tax if text]
    places = node.all("Address")
    kinds = {each.text("AddressType"): each for each in reversed(places)}
    chosen = kinds.get("PostalAddress") or (places[0] if places else None)
    return _Party(Address() if chosen is None else _address(chosen), found)


def _portuguese(node: Node) -> _Party:
    tax = node.text("CustomerTaxID")
    place = node.find("BillingAddress")
    address = Address() if place is None else _address(place)
    country = address.country
    is_known = tax not in _NO_TAX_NUMBER and country in {"PT", ""}
    return _Party(address, [Identifier("pt.nif", tax)] if is_known else [])


def _address(node: Node) -> Address:
    street = " ".join(filter(None, (node.text("StreetName"), node.text("Number"))))
    street = street or " ".join(
        filter(None, (node.text("StreetName"), node.text("BuildingNumber")))
    )
    lines = [street or _said(node, "AddressDetail"), node.text("AdditionalAddressDetail")]
    country = _said(node, "Country")
    return Address(
        lines=[line for line in lines if line],
        postal_code=_said(node, "PostalCode"),
        city=_said(node, "City"),
        region=node.text("Region"),
        country=country,
    )


def _said(node: Node, name: str) -> str:
    """A text, empty where the file says that it is unknown."""
    text = node.text(name)
    return "" if text == _UNKNOWN else text


def _contacts(node: Node) -> list[Contact]:
    found = []
    for each in node.all("Contact"):
        person = (each.text("ContactPerson/FirstName"), each.text("ContactPerson/LastName"))
        name = " ".join(filter(None, person))
        email, phone = each.text("Email"), each.text("Telephone")
        if name or email or phone:
            found.append(Contact(name=name or email or phone, email=email, phone=phone))
    if node.text("Email") or node.text("Telephone"):
        name = node.text("Contact") or node.text("Email") or node.text("Telephone")
        found.append(Contact(name=name, email=node.text("Email"), phone=node.text("Telephone")))
    return found


def _terms(node: Node) -> str:
    """Net days or months, where the file says either; a free billing month is not said by them."""
    terms = node.find("PartyInfo/PaymentTerms")
    if terms is None or terms.text("FreeBillingMonth") in {"true", "1"}:
        return ""
    days, months = terms.text("Days"), terms.text("Months")
    if days.isdecimal() and int(days[:4]):
        return f"net {int(days[:4])}"
    return f"net {int(months[:2])} months" if months.isdecimal() and int(months[:2]) else ""


def party_balances(
    node: Node, customer: CustomerId, values: Values, currency: str
) -> list[PartyBalance]:
    """The balances of a customer: one where it has one account, or one for each (from 1.30 on)."""
    places = node.all("BalanceAccount") or [node]
    return [
        PartyBalance(
            customer=customer,
            account=place.text("AccountID"),
            opening_minor=values.sides(
                place, "OpeningDebitBalance", "OpeningCreditBalance", currency
            ),
            closing_minor=values.sides(
                place, "ClosingDebitBalance", "ClosingCreditBalance", currency
            ),
            line=node.line,
        )
        for place in places
    ]
