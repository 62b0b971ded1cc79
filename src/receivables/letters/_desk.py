"""The workshop: what every letter has, whatever it is about: parties, place, day, payment, names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from receivables.i18n import format_amount, format_date, format_money, words
from receivables.letters.model import Labelled, is_email, plain
from receivables.letters.rules import envelope_lines, grouped_iban, identifier_line
from receivables.parties import Address, Contact, Creditor, Customer, Role

__all__ = ["Desk"]

_NO_BREAK = "\u00a0"


@attrs.frozen(kw_only=True)
class Desk:
    """Who writes to whom, in which language, dated which day."""

    creditor: Creditor
    customer: Customer
    contact: Contact | None
    dated: dt.date
    locale: str

    @classmethod
    def of(cls, creditor: Creditor, customer: Customer, *, dated: dt.date) -> Desk:
        """The desk of a letter: in the language of the accounts-payable contact, or the customer's."""
        contact = customer.contact_for(Role.ACCOUNTS_PAYABLE)
        locale = (contact.locale if contact else None) or customer.locale
        return cls(
            creditor=creditor,
            customer=customer,
            contact=contact,
            dated=dated,
            locale=locale,
        )

    def word(self, context: str, message: str, **values: str | int) -> str:
        """A word in the language of the letter."""
        return words(self.locale).text(context, message, **values)

    def money(self, amount_minor: int, currency: str) -> str:
        """An amount with the sign of its currency."""
        return format_money(amount_minor, currency, self.locale)

    def amount(self, amount_minor: int, currency: str) -> str:
        """An amount without its currency, for a table that names it once."""
        return format_amount(amount_minor, currency, self.locale)

    def rate(self, rate_bps: int) -> str:
        """A yearly rate in percent, from basis points."""
        # A basis point is to a percent what a cent is to a euro.
        return self.word("letter", "{number}%", number=self.amount(rate_bps, "EUR"))

    def date(self, day: dt.date) -> str:
        """A date in a sentence: the day and its month stay on one line, whichever comes first."""
        return format_date(day, self.locale).replace(" ", _NO_BREAK, 1)

    def cell_date(self, day: dt.date | None, style: str = "medium") -> str:
        """A date in a table; nothing where there is none."""
        return "" if day is None else format_date(day, self.locale, style)

    @property
    def sender(self) -> tuple[str, ...]:
        """The creditor as on an envelope, with telephone and e-mail."""
        creditor = self.creditor
        address = _with_country(creditor.address, creditor.country)
        abroad = self.customer.address.country or self.customer.country
        lines = envelope_lines(
            creditor.name, address, from_country=abroad or address.country, locale=self.locale
        )
        return (*lines, *(plain(line) for line in (creditor.phone, creditor.email) if line))

    @property
    def recipient(self) -> tuple[str, ...]:
        """The customer as on an envelope, with the desk below the name."""
        customer = self.customer
        home = self.creditor.address.country or self.creditor.country
        name, *rest = envelope_lines(
            customer.name,
            _with_country(customer.address, customer.country),
            from_country=home,
            locale=self.locale,
        ) or ("",)
        desk = plain(self.contact.name) if self.contact else ""
        return (name, *([desk] if desk and desk != name else []), *rest)

    @property
    def place_and_date(self) -> str:
        """The place where the letter is written, and its day."""
        place, date = plain(self.creditor.address.city), self.date(self.dated)
        if not place:
            return date
        return self.word("letter", "{place}, {date}", place=place, date=date)

    @property
    def legal_line(self) -> str:
        """What the law wants on a letterhead: name, form, numbers."""
        creditor = self.creditor
        identifiers = (one for one in creditor.identifiers if one.scheme != "iban")
        lines = (identifier_line(one, self.locale) for one in identifiers)
        parts = (creditor.name, creditor.legal_form, *lines)
        return " · ".join(part for text in parts if (part := plain(text)))

    @property
    def email_to(self) -> str:
        """The address of the contact; nothing unless it is one plain address."""
        contact = self.contact
        return contact.email if contact is not None and is_email(contact.email) else ""

    def payment(self, reference: str) -> Iterator[Labelled]:
        """How the creditor is paid."""
        creditor = self.creditor
        yield Labelled(self.word("letter", "beneficiary"), plain(creditor.name))
        if creditor.iban:
            yield Labelled(self.word("letter", "IBAN"), grouped_iban(plain(creditor.iban)))
        if creditor.bic:
            yield Labelled(self.word("letter", "BIC"), plain(creditor.bic))
        for label, text in creditor.bank_details:
            yield Labelled(plain(label), plain(text))
        yield Labelled(self.word("letter", "payment reference"), plain(reference))


def _with_country(address: Address, country: str) -> Address:
    return attrs.evolve(address, country=address.country or country)
