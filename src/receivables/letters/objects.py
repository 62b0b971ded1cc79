"""Composing: a notice, a creditor and a customer become a letter in the customer's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import attrs

from receivables.days import days_past
from receivables.errors import DocumentError, PolicyError
from receivables.i18n import Catalog, format_date, format_money, substitute, words
from receivables.ledger.model import NoticedItem, NoticeSent
from receivables.letters.loading import packaged_texts
from receivables.letters.model import (
    Labelled,
    Letter,
    LetterRow,
    LetterTable,
    LetterText,
    Texts,
    is_email,
    plain,
)
from receivables.letters.rules import envelope_lines, file_stem, grouped_iban, identifier_line
from receivables.parties import Address, Contact, Creditor, Customer, Role

__all__ = ["compose", "known_letters"]

_DEADLINE_DAYS_MAX = 365
_NO_BREAK = "\u00a0"


@attrs.frozen(kw_only=True)
class _Job:
    """What every part of one letter needs."""

    notice: NoticeSent
    creditor: Creditor
    customer: Customer
    contact: Contact | None
    as_of: dt.date
    deadline_days: int
    locale: str
    catalog: Catalog

    def money(self, amount_minor: int) -> str:
        return format_money(amount_minor, self.notice.currency, self.locale)

    def date(self, day: dt.date) -> str:
        # The day and its month stay on one line, whichever comes first.
        return format_date(day, self.locale).replace(" ", _NO_BREAK, 1)

    @property
    def reference(self) -> str:
        parts = (self.customer.customer, self.as_of.isoformat(), str(self.notice.level))
        return plain("/".join(parts))


def compose(
    notice: NoticeSent,
    *,
    creditor: Creditor,
    customer: Customer,
    as_of: dt.date,
    deadline_days: int = 8,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter of a notice, dated `as_of`, in the language of the customer.

    The language is that of the accounts-payable contact where it has one, else the customer's own;
    the text is looked up exactly, then by language, because the law differs where the language
    does not.  `texts` stand in for the packaged ones altogether.  A contact's address that is not
    one e-mail address is left out, so that a draft opens without a recipient.

    Raises `TranslationMissingError` where there is no text, `DocumentError` where the notice is not
    of this creditor and customer or lacks what the text asks for, `PolicyError` for a deadline
    outside 1 to 365 days.
    """
    _check(notice, creditor, customer, deadline_days)
    contact = customer.contact_for(Role.ACCOUNTS_PAYABLE)
    locale = (contact.locale if contact else None) or customer.locale
    text = (packaged_texts() if texts is None else texts).find(notice.letter, locale)
    job = _Job(
        notice=notice,
        creditor=creditor,
        customer=customer,
        contact=contact,
        as_of=as_of,
        deadline_days=deadline_days,
        locale=locale,
        catalog=words(locale),
    )
    return _letter(job, text)


def known_letters(texts: Texts | None = None) -> Mapping[str, tuple[str, ...]]:
    """The kinds of letter there are, and the locales that each has a text for.

    >>> known_letters()["formal-notice"]
    ('en', 'en-CA', 'es', 'es-ES', 'fr', 'fr-CA', 'fr-FR')
    """
    found: dict[str, tuple[str, ...]] = {}
    for kind, locale in (packaged_texts() if texts is None else texts).by_key:
        found[kind] = (*found.get(kind, ()), locale)
    return found


def _check(notice: NoticeSent, creditor: Creditor, customer: Customer, deadline_days: int) -> None:
    if (notice.creditor, notice.customer) != (creditor.creditor, customer.customer):
        msg = (
            f"notice must be of {creditor.creditor} and {customer.customer}, "
            f"got {notice.creditor} and {notice.customer}"
        )
        raise DocumentError(msg)
    if not 1 <= deadline_days <= _DEADLINE_DAYS_MAX:
        msg = f"deadline_days must be 1 to {_DEADLINE_DAYS_MAX}, got {deadline_days}"
        raise PolicyError(msg)


def _letter(job: _Job, text: LetterText) -> Letter:
    values = _values(job, text)

    def filled(template: str) -> str:
        return substitute(template, values)

    word = job.catalog.text
    return Letter(
        kind=text.kind,
        locale=job.locale,
        date=job.as_of,
        sender=_sender(job),
        delivery=filled(text.delivery),
        recipient=_recipient(job),
        place_and_date=_place_and_date(job),
        reference=Labelled(word("letter", "our reference:"), job.reference),
        subject_label=word("letter", "subject:"),
        subject=filled(text.subject),
        salutation=filled(text.salutation),
        before=[filled(line) for line in text.before],
        table=_table(job),
        after=[filled(line) for line in text.after],
        payment=_payment(job),
        closing=filled(text.closing),
        signature=(plain(job.creditor.name),),
        legal=(_legal_line(job.creditor), *(filled(line) for line in text.legal)),
        page_label=word("letter", "page"),
        email_to=_email(job.contact),
        file_stem=_file_stem(job.notice, job.as_of),
    )


def _values(job: _Job, text: LetterText) -> dict[str, str]:
    due_dates = [item.due_date for item in job.notice.items if item.due_date is not None]
    if not due_dates and any("{oldest_due_date}" in line for line in text.lines):
        msg = f"items must have a due date for a text that names the oldest, got none in {job.notice.event}"
        raise DocumentError(msg)
    return {
        "creditor_name": plain(job.creditor.name),
        "currency": job.notice.currency,
        "customer": plain(job.customer.customer),
        "customer_name": plain(job.customer.name),
        "date": job.date(job.as_of),
        "deadline": job.date(job.as_of + dt.timedelta(days=job.deadline_days)),
        "deadline_days": str(job.deadline_days),
        "item_count": str(len(job.notice.items)),
        "oldest_due_date": job.date(min(due_dates)) if due_dates else "",
        "reference": job.reference,
        "total": job.money(job.notice.total_minor),
    }


def _sender(job: _Job) -> tuple[str, ...]:
    creditor = job.creditor
    address = _with_country(creditor.address, creditor.country)
    abroad = job.customer.address.country or job.customer.country
    lines = envelope_lines(
        creditor.name, address, from_country=abroad or address.country, locale=job.locale
    )
    return (*lines, *(plain(line) for line in (creditor.phone, creditor.email) if line))


def _recipient(job: _Job) -> tuple[str, ...]:
    customer = job.customer
    home = job.creditor.address.country or job.creditor.country
    name, *rest = envelope_lines(
        customer.name,
        _with_country(customer.address, customer.country),
        from_country=home,
        locale=job.locale,
    ) or ("",)
    desk = plain(job.contact.name) if job.contact else ""
    return (name, *([desk] if desk and desk != name else []), *rest)


def _with_country(address: Address, country: str) -> Address:
    return attrs.evolve(address, country=address.country or country)


def _place_and_date(job: _Job) -> str:
    place, date = plain(job.creditor.address.city), job.date(job.as_of)
    if not place:
        return date
    return job.catalog.text("letter", "{place}, {date}", place=place, date=date)


def _table(job: _Job) -> LetterTable:
    word = job.catalog.text
    headings = ("document", "document date", "due date", "days past due", "open amount")
    return LetterTable(
        headings=[word("heading", heading) for heading in headings],
        rows=_rows(job),
        number_columns=2,
        totals=_totals(job),
        carried_forward=word("letter", "carried forward"),
        brought_forward=word("letter", "brought forward"),
    )


def _rows(job: _Job) -> Iterator[LetterRow]:
    running_minor = 0
    for item in job.notice.items:
        running_minor += item.open_minor
        yield LetterRow(cells=_cells(job, item), running=job.money(running_minor))


def _cells(job: _Job, item: NoticedItem) -> tuple[str, ...]:
    late = 0 if item.due_date is None else days_past(item.due_date, as_of=job.as_of)
    return (
        plain(item.item),
        format_date(item.document_date, job.locale, "medium"),
        "" if item.due_date is None else format_date(item.due_date, job.locale, "medium"),
        str(late) if late > 0 else "",
        job.money(item.open_minor),
    )


def _totals(job: _Job) -> Iterator[Labelled]:
    notice, word = job.notice, job.catalog.text
    if notice.credit_minor:
        items_minor = notice.total_minor - notice.credit_minor
        yield Labelled(word("letter", "total of items"), job.money(items_minor))
        yield Labelled(word("letter", "credits deducted"), job.money(notice.credit_minor))
    yield Labelled(word("letter", "amount claimed"), job.money(notice.total_minor))


def _payment(job: _Job) -> Iterator[Labelled]:
    creditor, word = job.creditor, job.catalog.text
    yield Labelled(word("letter", "beneficiary"), plain(creditor.name))
    if creditor.iban:
        yield Labelled(word("letter", "IBAN"), grouped_iban(plain(creditor.iban)))
    if creditor.bic:
        yield Labelled(word("letter", "BIC"), plain(creditor.bic))
    yield Labelled(word("letter", "payment reference"), _payment_reference(job))


def _payment_reference(job: _Job) -> str:
    # What cash application finds best: the one document, or else the customer.
    items = job.notice.items
    return plain(items[0].item if len(items) == 1 else job.customer.customer)


def _legal_line(creditor: Creditor) -> str:
    identifiers = (one for one in creditor.identifiers if one.scheme != "iban")
    parts = (creditor.name, creditor.legal_form, *map(identifier_line, identifiers))
    return " · ".join(part for text in parts if (part := plain(text)))


def _email(contact: Contact | None) -> str:
    return contact.email if contact is not None and is_email(contact.email) else ""


def _file_stem(notice: NoticeSent, as_of: dt.date) -> str:
    parts = (notice.creditor, notice.customer, notice.currency, as_of.isoformat(), notice.letter)
    return file_stem(*parts)
