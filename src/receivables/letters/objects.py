"""Composing: a notice, a creditor and a customer become a letter in the customer's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import attrs

from receivables.days import days_past
from receivables.errors import DocumentError, PolicyError
from receivables.i18n import substitute
from receivables.ledger.model import NoticedItem, NoticeSent
from receivables.letters._desk import Desk
from receivables.letters.loading import packaged_texts
from receivables.letters.model import (
    Labelled,
    Letter,
    LetterRow,
    LetterTable,
    LetterText,
    Texts,
    plain,
)
from receivables.letters.rules import file_stem
from receivables.parties import Creditor, Customer

__all__ = ["compose", "known_letters"]

_DEADLINE_DAYS_MAX = 365


@attrs.frozen(kw_only=True)
class _Job:
    """What every part of one letter needs."""

    notice: NoticeSent
    desk: Desk
    deadline_days: int

    def money(self, amount_minor: int) -> str:
        return self.desk.money(amount_minor, self.notice.currency)

    @property
    def reference(self) -> str:
        desk = self.desk
        parts = (desk.customer.customer, desk.dated.isoformat(), str(self.notice.level))
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
    desk = Desk.of(creditor, customer, dated=as_of)
    text = (packaged_texts() if texts is None else texts).find(notice.letter, desk.locale)
    return _letter(_Job(notice=notice, desk=desk, deadline_days=deadline_days), text)


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
    desk, values = job.desk, _values(job, text)

    def filled(template: str) -> str:
        return substitute(template, values)

    return Letter(
        kind=text.kind,
        locale=desk.locale,
        date=desk.dated,
        sender=desk.sender,
        delivery=filled(text.delivery),
        recipient=desk.recipient,
        place_and_date=desk.place_and_date,
        reference=Labelled(desk.word("letter", "our reference:"), job.reference),
        subject_label=desk.word("letter", "subject:"),
        subject=filled(text.subject),
        salutation=filled(text.salutation),
        before=[filled(line) for line in text.before],
        table=_table(job),
        after=[filled(line) for line in text.after],
        payment=desk.payment(_payment_reference(job)),
        closing=filled(text.closing),
        signature=(plain(desk.creditor.name),),
        legal=(desk.legal_line, *(filled(line) for line in text.legal)),
        page_label=desk.word("letter", "page"),
        email_to=desk.email_to,
        file_stem=_file_stem(job.notice, desk.dated),
    )


def _values(job: _Job, text: LetterText) -> dict[str, str]:
    due_dates = [item.due_date for item in job.notice.items if item.due_date is not None]
    if not due_dates and any("{oldest_due_date}" in line for line in text.lines):
        msg = f"items must have a due date for a text that names the oldest, got none in {job.notice.event}"
        raise DocumentError(msg)
    desk = job.desk
    return {
        "creditor_name": plain(desk.creditor.name),
        "currency": job.notice.currency,
        "customer": plain(desk.customer.customer),
        "customer_name": plain(desk.customer.name),
        "date": desk.date(desk.dated),
        "deadline": desk.date(desk.dated + dt.timedelta(days=job.deadline_days)),
        "deadline_days": str(job.deadline_days),
        "item_count": str(len(job.notice.items)),
        "oldest_due_date": desk.date(min(due_dates)) if due_dates else "",
        "reference": job.reference,
        "total": job.money(job.notice.total_minor),
    }


def _table(job: _Job) -> LetterTable:
    word = job.desk.word
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
    desk = job.desk
    late = 0 if item.due_date is None else days_past(item.due_date, as_of=desk.dated)
    return (
        plain(item.item),
        desk.cell_date(item.document_date),
        desk.cell_date(item.due_date),
        str(late) if late > 0 else "",
        job.money(item.open_minor),
    )


def _totals(job: _Job) -> Iterator[Labelled]:
    notice, word = job.notice, job.desk.word
    if notice.credit_minor:
        items_minor = notice.total_minor - notice.credit_minor
        yield Labelled(word("letter", "total of items"), job.money(items_minor))
        yield Labelled(word("letter", "credits deducted"), job.money(notice.credit_minor))
    yield Labelled(word("letter", "amount claimed"), job.money(notice.total_minor))


def _payment_reference(job: _Job) -> str:
    # What cash application finds best: the one document, or else the customer.
    items = job.notice.items
    return items[0].item if len(items) == 1 else job.desk.customer.customer


def _file_stem(notice: NoticeSent, as_of: dt.date) -> str:
    parts = (notice.creditor, notice.customer, notice.currency, as_of.isoformat(), notice.letter)
    return file_stem(*parts)
