"""From a transaction of the ledger to the receivable lines in it, and what happened by it.

A file has no document types, but the other lines of the same transaction say what happened:

=====================  ==========================  ======================
the transaction has    a debit becomes             a credit becomes
=====================  ==========================  ======================
income                 an invoice                  a credit note
cash                   a debit note (money back)   a receipt
both                   an invoice                  a receipt
neither                a debit note                a credit note
=====================  ==========================  ======================

A journal can be declared by its identifier, which goes before the rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Final

import attrs

from receivables.documents import ItemKind
from receivables.markup import Node
from receivables_plugins.saft._values import Head, Values
from receivables_plugins.saft.settings import Plan, SaftSettings

__all__ = ["Posting", "TransactionReader"]

_SALES: Final = 1
_CASH: Final = 2
_SIDES: Final = (("DebitAmount", 1), ("CreditAmount", -1))
_DECLARED: Final = {"sales": _SALES, "cash": _CASH, "opening": _SALES, "other": 0}


@attrs.frozen(kw_only=True)
class Posting:
    """One receivable line; `net_minor` is debit less credit in the books, never zero."""

    customer: str
    account: str
    kind: ItemKind
    is_sale: bool
    reference: str
    transaction: str
    """The transaction with its journal, unique within the file."""
    record: str
    net_minor: int
    amount_minor: int
    """The amount of the item in `currency`, with the sign of the line."""
    currency: str
    document_date: dt.date
    posting_date: dt.date
    due_date: dt.date | None
    cross_reference: str
    creditor_reference: str
    text: str
    line: int


class TransactionReader:
    """Reads transactions of one file, and adds up what the file says they add up to."""

    def __init__(self, head: Head, *, settings: SaftSettings, values: Values) -> None:
        self._head = head
        self._settings = settings
        self._values = values
        self._plan: Plan = settings.plan(head.country)
        self.accounts: set[str] = set()
        """Accounts that customers name; empty where none does."""
        self.count = 0
        self.debit_minor = 0
        self.credit_minor = 0
        self.moved_minor: dict[str, int] = {}
        """Debit less credit of each receivable account."""

    def is_receivable(self, account: str) -> bool:
        """Whether an account holds receivables: one declared, one customers have, or one by plan."""
        if self._settings.accounts:
            return account.startswith(self._settings.accounts)
        return account in self.accounts or account.startswith(self._plan.receivable)

    def postings(self, node: Node, journal: str) -> Iterator[Posting]:
        """The receivable lines of an element *Transaction*; a line of no amount is none."""
        self.count += 1
        lines = _lines(node)
        # Looked up once for each line: a file has many times more lines than customers.
        fields = [{child.name: child for child in line.children} for line in lines]
        accounts = [_content(each, "AccountID") for each in fields]
        amounts = [self._net(line, each) for line, each in zip(lines, fields, strict=True)]
        flags = self._flags(accounts, journal)
        for line, account, net in zip(lines, accounts, amounts, strict=True):
            if net and self.is_receivable(account):
                self.moved_minor[account] = self.moved_minor.get(account, 0) + net
                posting = self._posting(node, line, net=net, flags=flags, journal=journal)
                if posting is not None:
                    yield posting

    def _net(self, line: Node, fields: Mapping[str, Node]) -> int | None:
        """Debit less credit of a line; what it is on either side is added up."""
        net, found = 0, False
        for name, sign in _SIDES:
            side = fields.get(name)
            if side is None:
                continue
            found = True
            inner = side.find("Amount") if self._head.country == "NO" else None
            minor = self._values.minor_of(inner or side, self._head.currency)
            if minor is None:
                return None
            net += sign * minor
            self.debit_minor += minor if sign > 0 else 0
            self.credit_minor += 0 if sign > 0 else minor
        if not found:
            msg = "a line must have a debit or a credit amount, got neither"
            self._values.notes.error("amount.invalid", msg, line=line.line)
        return net if found else None

    def _flags(self, accounts: Collection[str], journal: str) -> int:
        declared = self._settings.journals.get(journal)
        if declared is not None:
            return _DECLARED[declared]
        found = 0
        for account in accounts:
            if account.startswith(self._plan.income):
                found |= _SALES
            elif account.startswith(self._plan.cash):
                found |= _CASH
        return found

    def _posting(
        self, node: Node, line: Node, *, net: int, flags: int, journal: str
    ) -> Posting | None:
        notes = self._values.notes
        posted = self._values.day(node, "GLPostingDate") if self._head.country == "PT" else None
        dated = self._values.day(node, "TransactionDate")
        if dated is None:
            if not node.text("TransactionDate"):
                msg = "a transaction must have its date, got none"
                notes.error("date.missing", msg, line=node.line, field="TransactionDate")
            return None
        amount, currency = self._amount(line, net)
        return Posting(
            customer=line.text("CustomerID") or node.text("CustomerID"),
            account=line.text("AccountID"),
            kind=_kind(flags, is_debit=net > 0),
            is_sale=bool(flags & _SALES),
            reference=line.text("ReferenceNumber") or line.text("SourceDocumentID"),
            transaction="-".join(filter(None, (journal, node.text("TransactionID")))),
            record=line.text("RecordID"),
            net_minor=net,
            amount_minor=amount,
            currency=currency,
            document_date=dated,
            posting_date=posted or dated,
            due_date=self._values.day(line, "DueDate"),
            cross_reference=line.text("CrossReference"),
            creditor_reference=line.text("CID"),
            text=line.text("Description") or node.text("Description"),
            line=line.line,
        )

    def _amount(self, line: Node, net: int) -> tuple[int, str]:
        """What the item is of: the amount in the books, or the one in the line's own currency."""
        side = line.find("DebitAmount") or line.find("CreditAmount")
        code = "" if side is None else side.text("CurrencyCode")
        if self._settings.amounts == "books" or side is None or code in {"", self._head.currency}:
            return net, self._head.currency
        try:
            foreign = self._values.minor(side, "CurrencyAmount", code)
        except LookupError as error:
            self._values.notes.error("currency.unknown", str(error), line=line.line)
            return net, self._head.currency
        if not foreign:
            return net, self._head.currency
        return (abs(foreign) if net > 0 else -abs(foreign)), code


def _content(fields: Mapping[str, Node], name: str) -> str:
    field = fields.get(name)
    return "" if field is None else field.content


def _lines(node: Node) -> list[Node]:
    """The lines of a transaction: *Line*, or *DebitLine* and *CreditLine* within *Lines*."""
    inner = node.find("Lines")
    if inner is None:
        return node.all("Line")
    return [each for each in inner.children if each.name in {"DebitLine", "CreditLine"}]


def _kind(flags: int, *, is_debit: bool) -> ItemKind:
    if is_debit:
        return ItemKind.INVOICE if flags & _SALES else ItemKind.DEBIT_NOTE
    return ItemKind.UNAPPLIED_CASH if flags & _CASH else ItemKind.CREDIT_NOTE
