"""What a worksheet's texts mean in a book: receipts, items, customers, and what is left of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from receivables.book import Book
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.parties import CustomerId
from receivables.receipts.model import Receipt
from receivables.reviewing._words import plain

__all__ = ["Lookup"]

_COLUMNS: Final = ("creditor", "item", "document", "kind", "customer")


class Lookup:
    """The receipts and items of one creditor on a day; `remaining` is what rows may still take."""

    def __init__(self, book: Book, as_of: dt.date) -> None:
        creditor = book.creditor.creditor
        self.creditor = creditor
        self.receipts: dict[str, Receipt] = {
            plain(name): receipt
            for (owner, name), receipt in book.ledger.receipts().items()
            if owner == creditor
        }
        self.available: dict[ItemId, OpenItem] = {
            item.item: item
            for item in book.ledger.available_items(as_of=as_of)
            if item.creditor == creditor
        }
        self.remaining = {item: each.open_minor for item, each in self.available.items()}
        self._items: dict[str, ItemId] = {}
        self._documents: dict[str, list[ItemId]] = {}
        customers: set[str] = {plain(customer) for customer in book.customers}
        columns = book.ledger.to_columns().items
        kinds = zip(*(columns[name] for name in _COLUMNS), strict=True)
        for owner, item, document, kind, customer in kinds:
            if owner != creditor:
                continue
            customers.add(plain(str(customer)))
            if kind != ItemKind.UNAPPLIED_CASH.value:
                self._items[plain(str(item))] = ItemId(str(item))
                self._documents.setdefault(plain(str(document)), []).append(ItemId(str(item)))
        self._customers = customers - {""}

    def items(self, text: str) -> list[ItemId] | None:
        """The items that a cell names: one, a document's, or several with a plus between them.

        None where one of the names is nobody's.
        """
        if (alone := self._named(text)) is not None:
            return alone
        pieces = [self._named(piece.strip()) for piece in text.split(" + ")]
        found = [item for piece in pieces for item in piece or ()]
        return found if all(pieces) else None

    def _named(self, text: str) -> list[ItemId] | None:
        if text in self._items:
            return [self._items[text]]
        items = self._documents.get(text)
        if items is None:
            return None
        # Of a document in installments, those that are still to be paid; all, where none is.
        return [item for item in items if item in self.available] or items

    def customer(self, text: str) -> CustomerId | None:
        """The customer that a cell names; None for one that nobody knows."""
        return CustomerId(text) if text in self._customers else None

    def take(self, parts: Iterable[tuple[ItemId, int]]) -> None:
        """Use up what a receipt pays, so that the next one finds what is left."""
        for item, minor in parts:
            self.remaining[item] = self.remaining.get(item, 0) - minor
