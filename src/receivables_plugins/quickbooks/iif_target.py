"""The posting target ``quickbooks-iif``: one file of transactions, imported by a person.

QuickBooks Desktop does not notice a file that is imported twice, and applies no payment to anything:
whoever imports it does both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final, NoReturn

from receivables.accounting.model import JournalEntry
from receivables.archives import in_units
from receivables.documents import CreditNote, Document
from receivables.errors import PolicyError
from receivables.money import to_minor
from receivables.outbox import (
    Payload,
    PostingBatch,
    PostingLine,
    PostingProposal,
    ReceiptPosting,
)
from receivables.problems import Place, Problem
from receivables_plugins.quickbooks.settings import IifTargetSettings

__all__ = ["IifTarget"]

_COLUMNS: Final = (
    *("TRNSTYPE", "DATE", "ACCNT", "NAME", "AMOUNT", "DOCNUM", "MEMO", "DUEDATE", "CLEAR"),
)
_MEMO_MAX: Final = 200
_ENCODING: Final = "cp1252"
"""Desktop reads such files in the code page of Windows."""


class _RefusedError(Exception):
    """Why a record cannot be written."""


class IifTarget:
    """Writes proposals; it sends nothing and knows of nothing that was imported."""

    def __init__(self, settings: IifTargetSettings) -> None:
        self._settings = settings

    def __repr__(self) -> str:
        return "IifTarget()"

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """One file for the whole batch, and the lines that cannot be in it."""
        problems: list[Problem] = []
        rows: list[str] = []
        for line in batch.lines:
            try:
                rows += list(self._rows(line))
            except _RefusedError as refused:
                place = Place(batch.posting, field=line.line)
                problems.append(Problem("posting.refused", str(refused), place=place))
        heading = [_line(f"!{kind}", dict(zip(_COLUMNS, _COLUMNS, strict=True))) for kind in _KINDS]
        content = "".join([*heading, "!ENDTRNS\r\n", *rows])
        payload = Payload(
            name=f"{batch.posting}.iif",
            media_type="text/plain",
            content=content.encode(_ENCODING),
        )
        return PostingProposal(batch=batch, payloads=[payload] if rows else [], problems=problems)

    def post(self, batch: PostingBatch) -> NoReturn:
        """A file is imported by a person: raises `PolicyError`."""
        raise _by_hand(batch)

    def status(self, batch: PostingBatch) -> NoReturn:
        """Nothing is known of what a person imported: raises `PolicyError`."""
        raise _by_hand(batch)

    def _rows(self, line: PostingLine) -> Iterator[str]:
        record = line.record
        if isinstance(record, ReceiptPosting):
            found = self._payment(record)
        elif isinstance(record, JournalEntry):
            found = self._entry(record)
        else:
            found = self._sale(record)
        cells = list(found)
        memo = f"{cells[0].get('MEMO', '')} [{line.line}]".strip()[:_MEMO_MAX]
        yield _line("TRNS", {**cells[0], "MEMO": memo})
        for each in cells[1:]:
            yield _line("SPL", each)
        yield "ENDTRNS\r\n"

    def _name(self, customer: str) -> str:
        return self._settings.customers.get(customer, customer)

    def _payment(self, record: ReceiptPosting) -> Iterator[dict[str, str]]:
        name, day = self._name(record.customer), _day(record.booking_date)
        shared = {"TRNSTYPE": "PAYMENT", "DATE": day, "NAME": name}
        amount = record.amount.amount
        bank = self._settings.accounts.get(record.account, self._settings.deposit_account)
        pays = ", ".join(part.document for part in record.applications)
        memo = f"{record.text} {pays}".strip()
        number = record.reference
        yield {**shared, "ACCNT": bank, "AMOUNT": f"{amount:f}", "DOCNUM": number, "MEMO": memo}
        receivable = self._settings.receivable_account
        yield {**shared, "ACCNT": receivable, "AMOUNT": f"{-amount:f}", "DOCNUM": number}

    def _sale(self, record: Document) -> Iterator[dict[str, str]]:
        if len(record.installments) > 1:
            msg = f"a document must have one due date there, got {len(record.installments)} installments"
            raise _RefusedError(msg)
        is_credit = isinstance(record, CreditNote)
        sign = -1 if is_credit else 1
        shared = {
            "TRNSTYPE": "CREDIT MEMO" if is_credit else "INVOICE",
            "DATE": _day(record.document_date),
            "NAME": self._name(record.customer),
            "DOCNUM": record.number,
        }
        due = record.installments[0].due_date
        head = {"ACCNT": self._settings.receivable_account, "DUEDATE": _day(due) if due else ""}
        yield {**shared, **head, "AMOUNT": f"{sign * record.total.amount:f}"}
        income = self._settings.income_accounts
        taxed = 0
        for line in record.lines:
            taxed += line.gross_minor - to_minor(line.net)
            account = _mapped(income, line.category, "income_accounts")
            amount = f"{-sign * line.net.amount:f}"
            yield {**shared, "ACCNT": account, "AMOUNT": amount, "MEMO": line.description}
        if not record.lines:
            amount = f"{-sign * record.total.amount:f}"
            account = _mapped(income, "", "income_accounts")
            yield {**shared, "ACCNT": account, "AMOUNT": amount}
        if taxed:
            amount = f"{-sign * in_units(taxed, record.currency):f}"
            yield {**shared, "ACCNT": self._settings.tax_account, "AMOUNT": amount}

    def _entry(self, record: JournalEntry) -> Iterator[dict[str, str]]:
        if len({line.currency for line in record.lines}) != 1:
            msg = "an entry must have one currency there, got several or none"
            raise _RefusedError(msg)
        if not any(line.amount_minor for line in record.lines):
            msg = "an entry must have amounts in its own currency there, got none"
            raise _RefusedError(msg)
        for line in record.lines:
            if line.amount_minor:
                yield {
                    "TRNSTYPE": "GENERAL JOURNAL",
                    "DATE": _day(record.date),
                    "ACCNT": _mapped(self._settings.accounts, line.account.number, "accounts"),
                    "NAME": self._name(line.customer) if line.customer else "",
                    "AMOUNT": f"{in_units(line.amount_minor, line.currency):f}",
                    "DOCNUM": record.document,
                    "MEMO": line.text or record.text,
                }


_KINDS: Final = ("TRNS", "SPL")


def _by_hand(batch: PostingBatch) -> PolicyError:
    msg = f"a file must be imported by a person, who knows whether it was, got {batch.posting}"
    return PolicyError(msg)


def _mapped(table: Mapping[str, str], key: str, name: str) -> str:
    if key not in table:
        msg = f"{name} must have a name there for {key!r} in the settings, got none"
        raise _RefusedError(msg)
    return table[key]


def _day(day: dt.date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _line(kind: str, cells: Mapping[str, str]) -> str:
    """One row; what would part cells or lines is a blank."""
    values = [kind, *(" ".join(cells.get(name, "").split()) for name in _COLUMNS)]
    line = "\t".join(values)
    try:
        line.encode(_ENCODING)
    except UnicodeEncodeError:
        # A name with another letter in it would be that of a new customer there.
        msg = f"texts must be of the code page of Windows there, got {line!r}"
        raise _RefusedError(msg) from None
    return line + "\r\n"
