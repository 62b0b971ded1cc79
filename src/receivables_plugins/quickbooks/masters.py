"""Customers of Online as ours; there is neither a credit limit nor a language to be had there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from receivables.errors import ReceivablesError
from receivables.parties import Address, Channel, Contact, Customer
from receivables.reading import ReadNotes
from receivables_plugins.quickbooks.objects import Fields, Found
from receivables_plugins.quickbooks.settings import ObjectsSettings

__all__ = ["Terms", "customer_of"]

_COUNTRIES: Final[Mapping[str, str]] = {
    "australia": "AU",
    "brasil": "BR",
    "brazil": "BR",
    "can": "CA",
    "canada": "CA",
    "england": "GB",
    "france": "FR",
    "germany": "DE",
    "india": "IN",
    "ireland": "IE",
    "mexico": "MX",
    "méxico": "MX",
    "spain": "ES",
    "uk": "GB",
    "united kingdom": "GB",
    "united states": "US",
    "united states of america": "US",
    "usa": "US",
}
_CODE_LENGTH: Final = 2


class Terms:
    """Payment terms by identifier, as a text that `receivables.terms.parse_terms` understands."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def learn(self, fields: Fields) -> None:
        """Take in an object of kind ``Term``; those that name a day of the month are left out."""
        days = fields.text("DueDays")
        if not days.isdigit():
            return
        percent, until = fields.text("DiscountPercent"), fields.text("DiscountDays")
        has_discount = until.isdigit() and percent.strip("0.") != ""
        offer = f"{percent}/{until}, " if has_discount else ""
        self._texts[fields.identity] = f"{offer}net {days}"

    def text(self, identity: str) -> str:
        """The text of some terms; empty where they are not known."""
        return self._texts.get(identity, "")


def customer_of(
    found: Found, *, settings: ObjectsSettings, terms: Terms, notes: ReadNotes
) -> Customer | None:
    """One customer; None where it was refused.

    A customer and its sub-customers (jobs) are one payer group, named after the one at the top.
    """
    fields = Fields(found, notes=notes)
    if not fields.identity:
        fields.refuse("customer.missing", "Id must be given, got none", field="Id")
        return None
    try:
        return _customer(fields, settings, terms)
    except (ReceivablesError, ValueError) as error:
        fields.refuse("customer.invalid", str(error), field="DisplayName")
        return None


def _customer(fields: Fields, settings: ObjectsSettings, terms: Terms) -> Customer:
    shown = fields.text("DisplayName") or fields.text("FullyQualifiedName")
    name = shown or fields.text("CompanyName") or fields.identity
    whole = fields.text("FullyQualifiedName") or name
    other = (whole, fields.text("CompanyName"), fields.text("PrintOnCheckName"))
    address = _address(fields, settings)
    return Customer(
        customer=fields.identity,
        name=name,
        locale=settings.locale,
        country=address.country,
        address=address,
        contacts=_contacts(fields, name),
        aliases=tuple(dict.fromkeys(text for text in other if text and text != name)),
        payer_group=whole.partition(":")[0],
        terms=terms.text(fields.text("SalesTermRef")),
    )


def _address(fields: Fields, settings: ObjectsSettings) -> Address:
    said = fields.text("BillAddr/Country")
    is_code = len(said) == _CODE_LENGTH and said.isalpha() and said.casefold() != "uk"
    code = said.upper() if is_code else _COUNTRIES.get(said.casefold(), "")
    lines = [fields.text(f"BillAddr/Line{number}") for number in range(1, 6)]
    return Address(
        lines=[line for line in lines if line],
        postal_code=fields.text("BillAddr/PostalCode"),
        city=fields.text("BillAddr/City"),
        region=fields.text("BillAddr/CountrySubDivisionCode"),
        country=code or settings.country,
    )


def _contacts(fields: Fields, name: str) -> list[Contact]:
    email = fields.text("PrimaryEmailAddr/Address")
    phone = fields.text("PrimaryPhone/FreeFormNumber")
    person = " ".join(filter(None, (fields.text("GivenName"), fields.text("FamilyName"))))
    if not (email or phone or person):
        return []
    channel = Channel.EMAIL if email else Channel.POST
    return [Contact(name=person or name, channel=channel, email=email, phone=phone)]
