"""What a matching run looks things up in: open items by reference, customers by account and name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.matching.rules import document_keys, name_key, plain_reference
from receivables.parties import Customer, CustomerId

__all__ = ["Index", "Payers"]

_NAME_CUT_MIN: Final = 15
"""Banks cut names at 35, 27 or 18 characters, blanks included; a shorter beginning proves nothing."""


class Index:
    """The open items of one creditor, kept up to date as proposals use them up."""

    def __init__(self, items: Iterable[OpenItem], settled: Iterable[str] = ()) -> None:
        self.items: dict[ItemId, OpenItem] = {}
        self.open_minor: dict[ItemId, int] = {}
        self._by_key: dict[str, set[str]] = {}
        self._by_document: dict[str, list[ItemId]] = {}
        self._by_customer: dict[tuple[CustomerId, str], list[ItemId]] = {}
        for item in items:
            self._add(item)
        for number in settled:
            self._add_keys(number, ())

    def _add(self, item: OpenItem) -> None:
        if item.kind is ItemKind.UNAPPLIED_CASH:
            return
        self.items[item.item] = item
        self.open_minor[item.item] = item.open_minor
        self._by_document.setdefault(item.document, []).append(item.item)
        self._by_customer.setdefault((item.customer, item.currency), []).append(item.item)
        self._add_keys(item.document, item.references)

    def _add_keys(self, number: str, references: Iterable[str]) -> None:
        for key in document_keys(number):
            self._by_key.setdefault(key, set()).add(number)
        for reference in references:
            self._by_key.setdefault(plain_reference(reference), set()).add(number)

    def knows(self, key: str) -> bool:
        """Whether any document goes by a key."""
        return key in self._by_key

    def documents(self, key: str) -> frozenset[str]:
        """The documents that go by a key, settled ones included."""
        return frozenset(self._by_key.get(key, ()))

    def of_document(self, number: str) -> list[ItemId]:
        """The items of a document that are still open, the first due first."""
        found = [item for item in self._by_document.get(number, ()) if self.open_minor[item]]
        return sorted(found, key=self._age)

    def of_customers(self, customers: Iterable[CustomerId], currency: str) -> list[ItemId]:
        """The items of customers that are still open, the first due first."""
        found = [
            item
            for customer in sorted(customers)
            for item in self._by_customer.get((customer, currency), ())
            if self.open_minor[item]
        ]
        return sorted(found, key=self._age)

    def use(self, parts: Mapping[ItemId, int]) -> None:
        """Take parts away, so that the next receipt does not pay them again."""
        for item, amount_minor in parts.items():
            self.open_minor[item] -= amount_minor

    def due(self, item: ItemId) -> dt.date:
        """The day an item is due, or its document date where it has none."""
        found = self.items[item]
        return found.due_date or found.document_date

    def _age(self, item: ItemId) -> tuple[dt.date, ItemId]:
        return (self.due(item), item)


@attrs.frozen
class Payers:
    """Customers by bank account, by name, and by the group that they pay with."""

    by_account: Mapping[str, frozenset[CustomerId]]
    by_name: Mapping[str, frozenset[CustomerId]]
    groups: Mapping[CustomerId, frozenset[CustomerId]]

    @classmethod
    def of(cls, customers: Iterable[Customer]) -> Payers:
        """Index customers."""
        accounts: dict[str, set[CustomerId]] = {}
        names: dict[str, set[CustomerId]] = {}
        members: dict[str, set[CustomerId]] = {}
        for customer in customers:
            for iban in customer.ibans:
                accounts.setdefault(plain_reference(iban), set()).add(customer.customer)
            for name in (customer.name, *customer.aliases):
                names.setdefault(name_key(name), set()).add(customer.customer)
            group = customer.payer_group or f"\x1f{customer.customer}"
            members.setdefault(group, set()).add(customer.customer)
        groups = {customer: frozenset(group) for group in members.values() for customer in group}
        return cls(_frozen(accounts), _frozen(names), groups)

    def with_account(self, account: str) -> frozenset[CustomerId]:
        """The customers known to pay from a bank account."""
        return (
            self.by_account.get(plain_reference(account), frozenset()) if account else frozenset()
        )

    def with_name(self, name: str) -> frozenset[CustomerId]:
        """The customers with a name, or whose name begins as a name that a bank cut short."""
        key = name_key(name)
        if not key or key in self.by_name:
            return self.by_name.get(key, frozenset())
        if len(key) < _NAME_CUT_MIN:
            return frozenset()
        found = [ids for full, ids in self.by_name.items() if full.startswith(key)]
        return frozenset().union(*found)

    def group_of(self, customers: Iterable[CustomerId]) -> frozenset[CustomerId]:
        """Everybody for whom these customers may pay, themselves included."""
        found = [self.groups.get(customer, frozenset({customer})) for customer in customers]
        return frozenset().union(*found)


def _frozen(index: Mapping[str, set[CustomerId]]) -> Mapping[str, frozenset[CustomerId]]:
    return {key: frozenset(ids) for key, ids in index.items()}
