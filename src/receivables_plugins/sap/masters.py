"""Business partners of SAP as customers: addresses, mail, tax numbers, banks, company data, dunning.

The entity sets are read one after another and put together by partner, so that each is paged and
counted for itself.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from receivables.adapters import LedgerQuery
from receivables.errors import DocumentError, PolicyError
from receivables.parties import Address, Channel, Contact, Customer, CustomerId, Identifier
from receivables.reading import ReadNotes
from receivables_plugins.sap import rules
from receivables_plugins.sap.odata import Connection, Query, page_of, text_of
from receivables_plugins.sap.settings import SapSettings

__all__ = ["CustomerDunning", "Masters"]

_Row: TypeAlias = Mapping[str, Any]
_PARTNERS_AT_ONCE: Final = 40
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2}")
_VAT: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{2,13}")
_VAT_TYPE: Final = re.compile(r"[A-Z]{2}0")
_PERSON: Final = "1"
_KEYS: Final[Mapping[str, str]] = {
    "address": "BusinessPartner",
    "bank": "BusinessPartner",
    "company": "Customer",
    "customer": "Customer",
    "dunning": "Customer",
    "email": "AddressID",
    "tax": "BusinessPartner",
}
"""By which field the rows of an entity set belong to a partner, a customer or an address."""
_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "address": ("BusinessPartner", "AddressID"),
    "bank": ("BusinessPartner", "BankIdentification"),
    "company": ("Customer", "CompanyCode"),
    "customer": ("Customer",),
    "dunning": ("Customer", "CompanyCode", "DunningArea"),
    "email": ("AddressID", "Person", "OrdinalNumber"),
    "partner": ("BusinessPartner",),
    "tax": ("BusinessPartner", "BPTaxType"),
}
"""The keys of each entity set, by which its pages are ordered."""


@attrs.frozen(kw_only=True)
class CustomerDunning:
    """How SAP duns a customer in a company code and a dunning area (KNB5)."""

    customer: CustomerId
    company: str
    area: str = ""
    procedure: str = ""
    block: str = ""
    """Why it is not dunned; empty where it is."""
    level: int = 0
    last_on: dt.date | None = None
    legal_since: dt.date | None = None
    """Since when a court is asked for the claim; None where it is not."""
    recipient: str = ""
    clerk: str = ""


class Masters:
    """Reads business partners through a connection, and notes what goes wrong."""

    def __init__(self, said: SapSettings, connection: Connection, notes: ReadNotes) -> None:
        self._said = said
        self._connection = connection
        self._notes = notes

    def customers(self, query: LedgerQuery) -> Iterator[Customer]:
        """Every partner that is a customer, once."""
        partners = self._partners(query)
        is_some = bool(query.customers or query.changed_since)
        ids = [text_of(row.get("BusinessPartner")) for row in partners] if is_some else []
        numbers = [text_of(row.get("Customer")) for row in partners] if is_some else []
        if is_some and not partners:
            return
        parts = {
            name: self._by_key(name, numbers if _KEYS[name] == "Customer" else ids)
            for name in ("address", "tax", "bank", "customer", "company")
        }
        parts["email"] = self._by_key("email", _addresses(parts["address"]) if is_some else [])
        seen: set[str] = set()
        for row in partners:
            number = text_of(row.get("Customer"))
            if number in seen:
                msg = f"customer {number} is that of several partners; the first one counts"
                self._notes.warn("customer.duplicate", msg)
                continue
            seen.add(number)
            customer = self._customer(row, parts)
            if customer is not None:
                yield customer

    def dunning(self, query: LedgerQuery) -> Iterator[CustomerDunning]:
        """The dunning data of customers, one for each company code and dunning area."""
        for row in self._rows("dunning", "Customer", query.customers, self._companies()):
            level = text_of(row.get("DunningLevel"))
            try:
                last_on = rules.day_of(text_of(row.get("LastDunnedOn")))
                legal_since = rules.day_of(text_of(row.get("LegDunningProcedureOn")))
            except ValueError as error:
                self._notes.error("date.invalid", str(error), field="LastDunnedOn")
                continue
            yield CustomerDunning(
                customer=CustomerId(text_of(row.get("Customer"))),
                company=text_of(row.get("CompanyCode")),
                area=text_of(row.get("DunningArea")),
                procedure=text_of(row.get("DunningProcedure")),
                block=text_of(row.get("DunningBlock")),
                level=int(level) if level.isdigit() else 0,
                last_on=last_on,
                legal_since=legal_since,
                recipient=text_of(row.get("DunningRecipient")),
                clerk=text_of(row.get("DunningClerk")),
            )

    def _partners(self, query: LedgerQuery) -> list[_Row]:
        dialect = self._connection.dialect
        conditions = ["Customer ne ''"]
        if query.changed_since is not None:
            conditions.append(f"LastChangeDate ge {dialect.day(query.changed_since.date())}")
        rows = self._rows("partner", "Customer", query.customers, conditions)
        return [row for row in rows if text_of(row.get("Customer"))]

    def _companies(self) -> list[str]:
        said = self._connection.dialect.among("CompanyCode", self._said.company_codes)
        return [said] if said else []

    def _by_key(self, name: str, values: Sequence[str]) -> Mapping[str, list[_Row]]:
        found: dict[str, list[_Row]] = {}
        key = _KEYS[name]
        conditions = self._companies() if name == "company" else []
        for row in self._rows(name, key, values, conditions):
            found.setdefault(text_of(row.get(key)), []).append(row)
        return found

    def _rows(
        self, name: str, key: str, values: Sequence[str], conditions: Iterable[str] = ()
    ) -> Iterator[_Row]:
        entity_set = self._said.masters[name]
        if not entity_set:
            return
        for begin in range(0, max(1, len(values)), _PARTNERS_AT_ONCE):
            among = self._connection.dialect.among(key, values[begin : begin + _PARTNERS_AT_ONCE])
            query = Query(
                path=f"{self._said.partners_path}/{entity_set}",
                filter=" and ".join(part for part in (*conditions, among) if part),
                order=_ORDERS[name] if self._said.order else (),
                page_size=self._said.page_size,
            )
            yield from self._connection.rows(query, self._notes)

    def _customer(
        self, row: _Row, parts: Mapping[str, Mapping[str, list[_Row]]]
    ) -> Customer | None:
        partner, number = text_of(row.get("BusinessPartner")), text_of(row.get("Customer"))
        addresses = [*_inline(row.get("to_BusinessPartnerAddress"))]
        addresses = addresses or parts["address"].get(partner, [])
        address = addresses[0] if addresses else {}
        mails = parts["email"].get(text_of(address.get("AddressID")), [])
        company = (parts["company"].get(number) or [{}])[0]
        head = parts["customer"].get(number) or [{}]
        country = text_of(address.get("Country"))
        try:
            return Customer(
                customer=CustomerId(number),
                name=_name(row) or number,
                locale=_locale(row, address),
                country=country,
                address=_address(address),
                contacts=list(_contacts(row, address, mails)),
                identifiers=list(
                    _identifiers(parts["tax"].get(partner, []), head[0], self._said.tax_types)
                ),
                ibans=_ibans(parts["bank"].get(partner, [])),
                aliases=_aliases(row),
                payer_group=_group(company),
                terms=self._said.payment_terms.get(text_of(company.get("PaymentTerms")), ""),
                is_consumer=text_of(row.get("BusinessPartnerCategory")) == _PERSON,
                owners=list(_owners(company)),
            )
        except (DocumentError, PolicyError) as error:
            self._notes.error("customer.invalid", f"partner {partner}: {error}")
            return None


def _addresses(rows: Mapping[str, list[_Row]]) -> list[str]:
    return [text_of(row.get("AddressID")) for each in rows.values() for row in each]


def _inline(value: object) -> tuple[_Row, ...]:
    """Rows that came inside another row, where the service puts them there."""
    page = page_of(value)
    return page.rows if page else ()


def _name(row: _Row) -> str:
    names = ("BusinessPartnerFullName", "BusinessPartnerName", "OrganizationBPName1")
    return next((text_of(row[name]) for name in names if text_of(row.get(name))), "")


def _aliases(row: _Row) -> tuple[str, ...]:
    named = _name(row)
    names = ("BusinessPartnerName", "OrganizationBPName1", "SearchTerm1")
    found = dict.fromkeys(text_of(row.get(name)) for name in names)
    return tuple(text for text in found if text and text != named)


def _locale(row: _Row, address: _Row) -> str:
    given = [row.get("CorrespondenceLanguage"), address.get("Language"), row.get("Language")]
    texts = [text_of(value) for value in given]
    return next((text.lower() for text in texts if _LANGUAGE.fullmatch(text)), "en")


def _address(row: _Row) -> Address:
    street = " ".join(
        part for part in (text_of(row.get("StreetName")), text_of(row.get("HouseNumber"))) if part
    )
    box = text_of(row.get("POBox"))
    return Address(
        lines=tuple(part for part in (street, box) if part),
        postal_code=text_of(row.get("PostalCode")),
        city=text_of(row.get("CityName")),
        region=text_of(row.get("Region")),
        country=text_of(row.get("Country")),
    )


def _contacts(row: _Row, address: _Row, mails: Iterable[_Row]) -> Iterator[Contact]:
    """The mail addresses and the telephone of the first address, each as a way to the accounts."""
    name = _name(row) or text_of(row.get("Customer"))
    texts = [text_of(mail.get("EmailAddress")) for mail in mails]
    for text in dict.fromkeys([*texts, text_of(address.get("EmailAddress"))]):
        if text:
            yield Contact(name=name, channel=Channel.EMAIL, email=text)
    if phone := text_of(address.get("PhoneNumber")):
        yield Contact(name=name, channel=Channel.PHONE, phone=phone)


def _identifiers(
    taxes: Iterable[_Row], customer: _Row, types: Mapping[str, str]
) -> Iterator[Identifier]:
    seen: set[tuple[str, str]] = set()
    given = [(text_of(row.get("BPTaxType")), text_of(row.get("BPTaxNumber"))) for row in taxes]
    given.append(("VAT0", text_of(customer.get("VATRegistration"))))
    for kind, number in given:
        is_vat = kind == "VAT0" or (_VAT_TYPE.fullmatch(kind) and kind not in types)
        scheme = "eu.vat" if is_vat and _VAT.fullmatch(number) else types.get(kind, "")
        if scheme and number and (scheme, number) not in seen:
            seen.add((scheme, number))
            yield Identifier(scheme, number)


def _ibans(rows: Iterable[_Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for row in rows if (text := text_of(row.get("IBAN")))))


def _group(company: _Row) -> str:
    """The head office, or the customer that pays, where company data name one."""
    names = ("CustomerHeadOffice", "AlternativePayerAccount")
    return next((text_of(company[name]) for name in names if text_of(company.get(name))), "")


def _owners(company: _Row) -> Iterator[tuple[str, str]]:
    if clerk := text_of(company.get("AccountingClerk")):
        yield "accounting-clerk", clerk
