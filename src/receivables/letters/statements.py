"""Composing statements of account: open items or movements, per currency, in the customer's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from receivables.errors import DocumentError
from receivables.i18n import substitute
from receivables.letters._desk import Desk
from receivables.letters._statement_tables import Work, check_parties, statement_tables
from receivables.letters.loading import packaged_texts
from receivables.letters.model import Labelled, Letter, LetterText, Texts, plain
from receivables.letters.rules import file_stem
from receivables.parties import Creditor, Customer
from receivables.statements.model import StatementOfAccount

__all__ = ["compose_statement"]

_KIND: Final = "statement"


def compose_statement(
    statement: StatementOfAccount,
    *,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date | None = None,
    names: Mapping[str, str] | None = None,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter of a statement of account, in the language of the customer.

    A group's statement is addressed to its payer; `names` are the names of its members, by
    identifier.  The letter is dated on the day of the statement, unless `dated` says otherwise.

    Raises `TranslationMissingError` where there is no text, and `DocumentError` where the statement
    is not of this creditor and customer.
    """
    check_parties(statement, creditor, customer)
    desk = Desk.of(creditor, customer, dated=dated or statement.as_of)
    text = (packaged_texts() if texts is None else texts).find(_KIND, desk.locale)
    return _letter(Work(statement=statement, desk=desk, names=names or {}), text)


def _letter(work: Work, text: LetterText) -> Letter:
    desk, statement, values = work.desk, work.statement, _values(work, text)

    def filled(template: str) -> str:
        return substitute(template, values)

    owes = any(total.closing_minor > 0 for total in statement.totals.values())
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
        tables=statement_tables(work),
        after=[filled(line) for line in text.after],
        payment=desk.payment(desk.customer.customer) if owes else (),
        closing=filled(text.closing),
        signature=(plain(desk.creditor.name),),
        legal=(desk.legal_line, *(filled(line) for line in text.legal)),
        page_label=desk.word("letter", "page"),
        email_to=desk.email_to,
        file_stem=file_stem(
            statement.creditor, statement.customer, statement.as_of.isoformat(), text.kind
        ),
    )


def _values(work: Work, text: LetterText) -> dict[str, str]:
    statement, desk = work.statement, work.desk
    if statement.since is None and any("{since}" in line for line in text.lines):
        msg = f"since must be given for a text that names it, got a statement of {statement.customer} without"
        raise DocumentError(msg)
    totals = statement.totals
    balances = [desk.money(totals[code].closing_minor, code) for code in totals]
    return {
        "as_of": desk.date(statement.as_of),
        "balances": ", ".join(balances) or desk.money(0, desk.creditor.currency),
        "creditor_name": plain(desk.creditor.name),
        "customer": plain(desk.customer.customer),
        "customer_name": plain(desk.customer.name),
        "date": desk.date(desk.dated),
        "reference": work.reference,
        "since": "" if statement.since is None else desk.date(statement.since),
    }
