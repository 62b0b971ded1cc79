"""Composing balance confirmations: the letter, the reply that goes to the auditor, the open items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import attrs

from receivables.i18n import substitute
from receivables.letters._desk import Desk
from receivables.letters._sheet import Sheet
from receivables.letters._statement_tables import Work, check_parties, open_item_tables
from receivables.letters.model import Letter, LetterRow, LetterTable, ReplySlip, Texts, plain
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
    work = _Work(confirmation=confirmation, desk=desk, names=names or {})
    kind = _KINDS[confirmation.form]
    sheet = Sheet.of(kind, desk, texts=texts, told=_told(work), reference=work.reference)
    return sheet.letter(
        tables=() if work.is_blank else (_balance_table(work),),
        reply=_reply(work, sheet),
        annex_title=_annex_title(work),
        annex=_annex(work),
        file_stem=_file_stem(confirmation, kind),
    )


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


def _told(work: _Work) -> Mapping[str, str | None]:
    desk, confirmation = work.desk, work.confirmation
    to, by = confirmation.reply_to, confirmation.reply_by
    return {
        "as_of": desk.date(confirmation.as_of),
        "reply_by": None if by is None else desk.date(by),
        "reply_email": plain(to.email),
        "reply_reference": plain(to.reference) or work.reference,
        "reply_to": plain(to.name),
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


def _reply(work: _Work, sheet: Sheet) -> ReplySlip | None:
    reply, slip = sheet.text.reply, sheet.reply
    if reply is None or slip is None:
        return None
    return attrs.evolve(
        slip,
        to=_reply_address(work),
        paragraphs=[*slip.paragraphs, *_balance_lines(work)],
        fields=[*_balance_fields(work, reply.balance), *slip.fields],
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
