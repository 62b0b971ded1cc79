"""From receivable lines to documents, receipts, opening items and what settles what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import attrs

from receivables.adapters import LedgerRecord
from receivables.allocation import SourceAllocation
from receivables.documents import (
    CreditNote,
    DebitNote,
    Document,
    Installment,
    Invoice,
    ItemId,
    ItemKind,
)
from receivables.money import from_minor
from receivables.parties import CustomerId
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import Payer, Receipt, ReferredDocument, Remittance
from receivables_plugins.saft._customers import PartyBalance
from receivables_plugins.saft._entries import Posting
from receivables_plugins.saft._values import Head
from receivables_plugins.saft.settings import SaftSettings

__all__ = ["CLASSES", "LedgerBook"]

CLASSES: Final[dict[ItemKind, type[Document]]] = {
    ItemKind.INVOICE: Invoice,
    ItemKind.DEBIT_NOTE: DebitNote,
    ItemKind.CREDIT_NOTE: CreditNote,
}


@attrs.define
class _Group:
    """Lines of one customer that say that they belong together."""

    line: int
    items: list[tuple[ItemId, dt.date]] = attrs.field(factory=list)
    sums: dict[str, int] = attrs.field(factory=dict)

    def add(self, item: ItemId, posting: Posting) -> None:
        """Take a line in."""
        self.items.append((item, posting.posting_date))
        self.sums[posting.currency] = self.sums.get(posting.currency, 0) + posting.amount_minor


class LedgerBook:
    """Gives records as lines go by, and remembers names, sums and groups; no line is kept."""

    def __init__(self, head: Head, *, settings: SaftSettings, notes: ReadNotes) -> None:
        self._head = head
        self._settings = settings
        self._notes = notes
        self._balances: list[PartyBalance] = []
        self._customers: set[str] = set()
        self._names: set[str] = set()
        self._groups: dict[tuple[str, str], _Group] = {}
        self._moved: dict[tuple[str, str], int] = {}

    def has(self, item: str) -> bool:
        """Whether there is an item of this name."""
        return item in self._names

    def add_customer(self, customer: CustomerId, balances: list[PartyBalance]) -> bool:
        """Take a customer of the master file; false where it came before."""
        if customer in self._customers:
            return False
        self._customers.add(customer)
        self._balances += balances
        return True

    def add_balance(self, balance: PartyBalance) -> None:
        """Take the balance of an account that is one customer's own."""
        self._balances.append(balance)

    def opening(self) -> Iterator[Document]:
        """An item for each opening balance, whose parts are not in the file, and a warning."""
        several = len({balance.account for balance in self._balances}) > 1
        day = self._head.start
        for balance in self._balances:
            amount = balance.opening_minor
            if not amount:
                continue
            if day is None:
                msg = f"an opening balance must have a day, got no period in the header ({balance.customer})"
                self._notes.error("date.missing", msg, line=balance.line)
                continue
            parts = ("opening", balance.customer, balance.account if several else "")
            name = ":".join(filter(None, parts))
            self._names.add(name)
            money = from_minor(abs(amount), self._head.currency)
            msg = f"{balance.customer} opens with {money} as one item, because its parts are not in the file"
            self._notes.warn("saft.opening-balance", msg, line=balance.line)
            yield CLASSES[ItemKind.INVOICE if amount > 0 else ItemKind.CREDIT_NOTE](
                number=name,
                creditor=self._settings.creditor,
                customer=balance.customer,
                document_date=day,
                total=money,
                source=Place(self._notes.source, line=balance.line),
            )

    def records(self, postings: list[Posting]) -> Iterator[LedgerRecord]:
        """The documents and receipts of the receivable lines of one transaction."""
        merged: dict[tuple[object, ...], list[Posting]] = {}
        for posting in postings:
            if not posting.customer:
                msg = f"a line on {posting.account} must name its customer, got none"
                self._notes.error("customer.missing", msg, line=posting.line, field="CustomerID")
                continue
            key = (posting.customer, posting.account)
            self._moved[key] = self._moved.get(key, 0) + posting.net_minor
            is_document = posting.kind is not ItemKind.UNAPPLIED_CASH
            own = (*key, posting.kind, posting.reference, posting.cross_reference, posting.currency)
            merged.setdefault(
                own if is_document and posting.reference else (posting.line, posting.record), []
            ).append(posting)
        for parts in merged.values():
            yield self._record(parts)

    def _record(self, parts: list[Posting]) -> LedgerRecord:
        first = parts[0]
        name = self._name(first)
        receipt = first.kind is ItemKind.UNAPPLIED_CASH
        record = self._receipt(first, name) if receipt else self._document(parts, name)
        if first.cross_reference and self._settings.cross_references:
            key = (first.customer, first.cross_reference)
            group = self._groups.setdefault(key, _Group(first.line))
            several = len(parts) > 1
            for place, part in enumerate(parts, start=1):
                group.add(ItemId(f"{name}/{place}" if several else name), part)
        return record

    def _name(self, posting: Posting) -> str:
        """Name a line for good: its reference where it sells, and else that and its transaction.

        A reference that was there already, in the same file, is followed by the transaction too.
        """
        may_keep = posting.is_sale or self._head.country == "PT"
        if posting.reference and may_keep and posting.reference not in self._names:
            self._names.add(posting.reference)
            return posting.reference
        base = "~".join(filter(None, (posting.reference, posting.transaction)))
        name, place = base or f"line-{posting.line}", 1
        while name in self._names:
            place += 1
            name = f"{base}.{place}"
        self._names.add(name)
        return name

    def _document(self, parts: list[Posting], name: str) -> Document:
        first = parts[0]
        amounts = [abs(part.amount_minor) for part in parts]
        others = (first.reference, first.creditor_reference)
        return CLASSES[first.kind](
            number=name,
            creditor=self._settings.creditor,
            customer=first.customer,
            document_date=first.document_date,
            posting_date=first.posting_date,
            due_date=first.due_date if len(parts) == 1 else None,
            total=from_minor(sum(amounts), first.currency),
            installments=[
                Installment(part.due_date, from_minor(amount, part.currency))
                for part, amount in zip(parts, amounts, strict=True)
            ],
            references=[other for other in others if other and other != name],
            source=Place(self._notes.source, line=first.line),
        )

    def _receipt(self, posting: Posting, name: str) -> Receipt:
        named = [ReferredDocument(number=posting.reference)] if posting.reference else []
        return Receipt(
            receipt=name,
            creditor=self._settings.creditor,
            customer=posting.customer,
            amount=from_minor(-posting.amount_minor, posting.currency),
            booking_date=posting.posting_date,
            payer=Payer(),
            remittance=Remittance(
                references=[posting.creditor_reference] if posting.creditor_reference else [],
                documents=named if self._head.country == "NO" else [],
                text=[posting.text] if posting.text else [],
            ),
            source=Place(self._notes.source, line=posting.line),
        )

    def allocations(self) -> Iterator[SourceAllocation]:
        """One for each group of lines that adds up to zero; the others are noted."""
        for (customer, label), group in self._groups.items():
            left = {code: minor for code, minor in group.sums.items() if minor}
            if left:
                rest = " and ".join(str(from_minor(minor, code)) for code, minor in left.items())
                msg = f"cross reference {label} of {customer} must add up to zero, got {rest}"
                self._notes.warn("lettering.unbalanced", msg, line=group.line)
            else:
                yield SourceAllocation(
                    creditor=self._settings.creditor,
                    customer=customer,
                    items=[item for item, _ in group.items],
                    settled_on=max(day for _, day in group.items),
                    label=label,
                    source=Place(self._notes.source, line=group.line),
                )

    def check_balances(self) -> None:
        """Note each customer whose opening balance and movements are not its closing balance."""
        moved = dict(self._moved)
        for balance in self._balances:
            if balance.account:
                movement = moved.get((balance.customer, balance.account), 0)
            else:
                movement = sum(
                    minor for (customer, _), minor in moved.items() if customer == balance.customer
                )
            if balance.closing_minor is None:
                continue
            found = (balance.opening_minor or 0) + movement
            if found != balance.closing_minor:
                code = self._head.currency
                msg = (
                    f"opening balance and movements of {balance.customer} must come to the closing "
                    f"balance {from_minor(balance.closing_minor, code)}, got {from_minor(found, code)}"
                )
                self._notes.error("saft.balance-differs", msg, line=balance.line)
