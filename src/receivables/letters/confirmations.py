"""Composing balance confirmations: the letter, the reply that goes to the auditor, the open items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import attrs

from receivables.errors import DocumentError
from receivables.i18n import substitute
from receivables.letters._desk import Desk
from receivables.letters._statement_tables import Work, check_parties, open_item_tables
from receivables.letters.loading import packaged_texts
from receivables.letters.model import (
    Labelled,
    Letter,
    LetterRow,
    LetterTable,
    LetterText,
    ReplySlip,
    Texts,
    plain,
)
from receivables.letters.rules import envelope_lines, file_stem
from receivables.parties import Creditor, Customer
from receivables.statements.confirmations import BalanceConfirmation, ConfirmationForm

__all__ = ["compose_confirmation"]

_KINDS: Mapping[ConfirmationForm, str] = {
    ConfirmationForm.POSITIVE: "balance-confirmation",
    ConfirmationForm.NEGATIVE: "balance-confirmation-negative",
    ConfirmationForm.BLANK: "balance-confirmation-blank",
}


def compose_confirmation(
    confirmation: BalanceConfirmation,
    *,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    names: Mapping[str, str] | None = None,
    texts: Texts | None = None,
) -> Letter:
    """Compose the request to confirm a balance, in the language of the customer.

    The reply is addressed to whom the confirmation names, mostly the auditor.  The blank form says
    no amount, and has no annex.

    Raises `TranslationMissingError` where there is no text, and `DocumentError` where the
    confirmation is not of this creditor and customer, or lacks a day that the text asks for.
    """
    check_parties(confirmation.statement, creditor, customer)
    desk = Desk.of(creditor, customer, dated=dated)
    found = packaged_texts() if texts is None else texts
    text = found.find(_KINDS[confirmation.form], desk.locale)
    return _letter(_Work(confirmation=confirmation, desk=desk, names=names or {}), text)


@attrs.frozen(kw_only=True)
class _Work:
    """What every part of one letter needs."""

    confirmation: BalanceConfirmation
    desk: Desk
    names: Mapping[str, str]

    @property
    def is_blank(self) -> bool:
        return self.confirmation.form is ConfirmationForm.BLANK

    @property
    def balances(self) -> Mapping[str, int]:
        """What to confirm: an empty account is asked about in the creditor's currency."""
        return self.confirmation.balances or {self.desk.creditor.currency: 0}

    @property
    def reference(self) -> str:
        return plain(f"{self.desk.customer.customer}/{self.confirmation.as_of.isoformat()}")


def _letter(work: _Work, text: LetterText) -> Letter:
    desk, values = work.desk, _values(work, text)

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
        reference=Labelled(desk.word("letter", "our reference:"), work.reference),
        subject_label=desk.word("letter", "subject:"),
        subject=filled(text.subject),
        salutation=filled(text.salutation),
        before=[filled(line) for line in text.before],
        tables=() if work.is_blank else (_balance_table(work),),
        after=[filled(line) for line in text.after],
        closing=filled(text.closing),
        signature=(plain(desk.creditor.name),),
        legal=(desk.legal_line, *(filled(line) for line in text.legal)),
        reply=_reply(work, text, values),
        annex_title=_annex_title(work),
        annex=_annex(work),
        page_label=desk.word("letter", "page"),
        email_to=desk.email_to,
        file_stem=_file_stem(work.confirmation, text.kind),
    )


def _values(work: _Work, text: LetterText) -> dict[str, str]:
    desk, confirmation = work.desk, work.confirmation
    reply_by = confirmation.reply_by
    if reply_by is None and any("{reply_by}" in line for line in text.lines):
        msg = f"reply_by must be given for a text that names it, got a confirmation of {confirmation.customer} without"
        raise DocumentError(msg)
    return {
        "as_of": desk.date(confirmation.as_of),
        "creditor_name": plain(desk.creditor.name),
        "customer": plain(desk.customer.customer),
        "customer_name": plain(desk.customer.name),
        "date": desk.date(desk.dated),
        "reference": work.reference,
        "reply_by": "" if reply_by is None else desk.date(reply_by),
        "reply_email": plain(confirmation.reply_to.email),
        "reply_reference": plain(confirmation.reply_to.reference) or work.reference,
        "reply_to": plain(confirmation.reply_to.name),
    }


def _balance_table(work: _Work) -> LetterTable:
    desk = work.desk
    rows = [
        LetterRow(cells=[desk.word("statement", "account in {currency}", currency=code), *cells])
        for code, minor in work.balances.items()
        for cells in [_favor(work, minor, code)]
    ]
    headings = [desk.word("heading", "currency"), "", desk.word("heading", "balance")]
    return LetterTable(headings=headings, rows=rows)


def _favor(work: _Work, amount_minor: int, currency: str) -> tuple[str, str]:
    """In whose favor a balance is, and the balance without its sign.

    By name, because "ours" would be the other side's on the reply.
    """
    desk = work.desk
    money = desk.money(abs(amount_minor), currency)
    if not amount_minor:
        return ("", money)
    name = desk.customer.name if amount_minor < 0 else desk.creditor.name
    return (desk.word("statement", "in favor of {name}", name=plain(name)), money)


def _reply(work: _Work, text: LetterText, values: Mapping[str, str]) -> ReplySlip | None:
    reply = text.reply
    if reply is None:
        return None
    return ReplySlip(
        title=substitute(reply.title, values),
        to=_reply_address(work),
        paragraphs=[
            *(substitute(line, values) for line in reply.paragraphs),
            *_balance_lines(work),
        ],
        choices=[substitute(line, values) for line in reply.choices],
        fields=[
            *_balance_fields(work, reply.balance),
            *(substitute(line, values) for line in reply.fields),
        ],
    )


def _reply_address(work: _Work) -> tuple[str, ...]:
    to = work.confirmation.reply_to
    home = work.desk.customer.address.country or work.desk.customer.country
    lines = envelope_lines(
        to.name, to.address, from_country=home or to.address.country, locale=work.desk.locale
    )
    return (*lines, *([plain(to.email)] if to.email else []))


def _balance_lines(work: _Work) -> Iterator[str]:
    """The balances once more, so that the reply says by itself what is agreed with."""
    if not work.is_blank:
        for code, minor in work.balances.items():
            side, money = _favor(work, minor, code)
            yield " ".join(part for part in (money, side) if part)


def _balance_fields(work: _Work, template: str) -> Iterator[str]:
    if template:
        for code in work.balances:
            yield substitute(template, {"currency": code})


def _annex_title(work: _Work) -> str:
    return "" if work.is_blank else work.desk.word("statement", "annex: open items")


def _annex(work: _Work) -> tuple[LetterTable, ...]:
    if work.is_blank:
        return ()
    statement = work.confirmation.statement
    return open_item_tables(Work(statement=statement, desk=work.desk, names=work.names))


def _file_stem(confirmation: BalanceConfirmation, kind: str) -> str:
    day = confirmation.as_of.isoformat()
    return file_stem(confirmation.creditor, confirmation.customer, day, kind)
