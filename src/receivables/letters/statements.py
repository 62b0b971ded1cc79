"""Composing statements of account: open items or movements, per currency, in the customer's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from receivables.letters._desk import Desk
from receivables.letters._sheet import Sheet
from receivables.letters._statement_tables import Work, check_parties, statement_tables
from receivables.letters._tables import amounts
from receivables.letters.model import Letter, Texts
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
    work = Work(statement=statement, desk=desk, names=names or {})
    day = statement.as_of.isoformat()
    sheet = Sheet.of(_KIND, desk, texts=texts, told=_told(work), reference=work.reference)
    owes = any(total.closing_minor > 0 for total in statement.totals.values())
    return sheet.letter(
        tables=statement_tables(work),
        payment=desk.payment(customer.customer) if owes else (),
        file_stem=file_stem(statement.creditor, statement.customer, day, _KIND),
    )


def _told(work: Work) -> Mapping[str, str | None]:
    statement, desk = work.statement, work.desk
    totals = statement.totals
    return {
        "as_of": desk.date(statement.as_of),
        "balances": amounts(desk, {code: total.closing_minor for code, total in totals.items()}),
        "since": None if statement.since is None else desk.date(statement.since),
    }
