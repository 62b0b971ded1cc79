"""The sales invoices and payments of a Portuguese file: documents, receipts, what settles what.

A payment names the documents that it pays (*SourceDocumentID/OriginatingON*), each with its amount.
An invoice-receipt (*FR*) and a simplified invoice that says how it was paid were paid at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from receivables.adapters import LedgerRecord
from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, Document, ItemId, ItemKind
from receivables.markup import Node
from receivables.money import from_minor, to_minor
from receivables.parties import CustomerId
from receivables.problems import Place
from receivables.receipts import Receipt, ReferredDocument, Remittance
from receivables_plugins.saft._ledger import CLASSES
from receivables_plugins.saft._values import Head, Values
from receivables_plugins.saft.settings import SaftSettings

__all__ = ["SalesBook"]

_KINDS: Final[dict[str, ItemKind]] = {
    "FT": ItemKind.INVOICE,
    "FS": ItemKind.INVOICE,
    "FR": ItemKind.INVOICE,
    "VD": ItemKind.INVOICE,
    "TV": ItemKind.INVOICE,
    "AA": ItemKind.INVOICE,
    "DA": ItemKind.INVOICE,
    "ND": ItemKind.DEBIT_NOTE,
    "NC": ItemKind.CREDIT_NOTE,
    "TD": ItemKind.CREDIT_NOTE,
}
"""The kinds of document of *Portaria 302/2016* by *InvoiceType*; insurers have more of their own."""
_CASH_TYPES: Final = frozenset({"FR", "VD"})
_CANCELLED: Final = "A"


@attrs.define
class _Open:
    """What is left of a document, with its sign, and when it was posted."""

    customer: str
    left_minor: int
    total_minor: int
    posted: dt.date


@attrs.frozen(kw_only=True)
class _Part:
    """What a payment pays of a document, with the document's sign."""

    document: str
    amount_minor: int


class SalesBook:
    """Gives the records of invoices and payments, and remembers what is left of each document."""

    def __init__(self, head: Head, *, settings: SaftSettings, values: Values) -> None:
        self._head = head
        self._settings = settings
        self._values = values
        self._notes = values.notes
        self._open: dict[str, _Open] = {}
        self._names: set[str] = set()
        self.invoices = 0
        self.payments = 0

    def invoice(self, node: Node) -> Iterator[LedgerRecord]:
        """The document of an element *Invoice*, and its receipt where it was paid at once."""
        self.invoices += 1
        if node.text("DocumentStatus/InvoiceStatus") == _CANCELLED:
            return
        made = self._document(node)
        if made is None:
            return
        yield made
        sign = -1 if made.kind.is_credit else 1
        total = sign * to_minor(made.total)
        self._open[made.number] = _Open(made.customer, total, total, made.posting_date)
        if node.text("InvoiceType") in _CASH_TYPES and total:
            yield from self._paid_at_once(node, made)

    def _document(self, node: Node) -> Document | None:
        number, customer = node.text("InvoiceNo"), node.text("CustomerID")
        day = self._values.day(node, "InvoiceDate")
        total = self._values.minor(node, "DocumentTotals/GrossTotal", self._head.currency)
        kind = _KINDS.get(node.text("InvoiceType"))
        if kind is None:
            msg = f"type of {number} must be one that is known, got {node.text('InvoiceType')!r}"
            self._notes.error("document.type-unknown", msg, line=node.line, field="InvoiceType")
        if day is None or total is None or kind is None:
            return None
        if not self._is_sound(node, number, customer):
            return None
        made = CLASSES[kind](
            number=number,
            creditor=self._settings.creditor,
            customer=customer,
            document_date=day,
            total=from_minor(abs(total), self._head.currency),
            references=_references(node),
            source=Place(self._notes.source, line=node.line),
        )
        if isinstance(made, CreditNote) and (corrected := _corrected(node)):
            return attrs.evolve(made, corrects=corrected)
        return made

    def _paid_at_once(self, node: Node, made: Document) -> Iterator[LedgerRecord]:
        """The receipt of a document that was paid as it was issued; what was withheld is no money."""
        open_ = self._open[made.number]
        paid = abs(open_.left_minor) - self._withheld(node)
        items = [ItemId(made.number)]
        if paid > 0:
            items.append(ItemId(f"{made.number}~paid"))
            yield self._receipt(node, items[1], made.customer, paid, made.posting_date)
        open_.left_minor = 0
        yield self._settled(node, made.customer, items, made.posting_date, label=made.number)

    def _withheld(self, node: Node) -> int:
        path, currency = "WithholdingTaxAmount", self._head.currency
        taxes = node.all("WithholdingTax")
        return sum(self._values.minor(tax, path, currency) or 0 for tax in taxes)

    def payment(self, node: Node) -> Iterator[LedgerRecord]:
        """The receipt of an element *Payment*, and what it settles."""
        self.payments += 1
        if node.text("DocumentStatus/PaymentStatus") == _CANCELLED:
            return
        number, customer = node.text("PaymentRefNo"), node.text("CustomerID")
        day = self._values.day(node, "TransactionDate")
        gross = self._values.minor(node, "DocumentTotals/GrossTotal", self._head.currency)
        if not self._is_sound(node, number, customer) or day is None or gross is None:
            return
        parts = self._parts(node, gross)
        if gross > 0:
            named = [part.document for part in parts]
            yield self._receipt(node, ItemId(number), CustomerId(customer), gross, day, named)
        if parts:
            yield from self._settle(node, parts, gross=gross, day=day)

    def _parts(self, node: Node, gross: int) -> list[_Part]:
        """What a payment pays of each document, with the document's sign.

        The amounts of the lines are taken where they come to the total, with the discount; under
        cash accounting for VAT they are without tax, and then all must be paid whole, or nothing is
        taken.
        """
        parts = _by_document(part for line in node.all("Line") for part in self._line(line))
        path, currency = "DocumentTotals/Settlement/SettlementAmount", self._head.currency
        due = gross + (self._values.minor(node, path, currency) or 0)
        if sum(part.amount_minor for part in parts) == due:
            return parts
        whole = [attrs.evolve(part, amount_minor=self._left(part)) for part in parts]
        if sum(part.amount_minor for part in whole) == due:
            return whole
        if parts:
            msg = f"lines of payment {node.text('PaymentRefNo')} must come to its total, got others"
            self._notes.warn("saft.payment-differs", msg, line=node.line)
        return []

    def _line(self, line: Node) -> Iterator[_Part]:
        minor = self._values.sides(line, "CreditAmount", "DebitAmount", self._head.currency)
        found = line.all("SourceDocumentID")
        for source in found:
            # A line with several documents does not say what each of them gets.
            amount = minor or 0 if len(found) == 1 else 0
            yield _Part(document=source.text("OriginatingON"), amount_minor=amount)

    def _left(self, part: _Part) -> int:
        open_ = self._open.get(part.document)
        return open_.left_minor if open_ else 0

    def _settle(
        self, node: Node, parts: list[_Part], *, gross: int, day: dt.date
    ) -> Iterator[SourceAllocation]:
        number, customer = node.text("PaymentRefNo"), CustomerId(node.text("CustomerID"))
        known = [part for part in parts if self._can_take(part)]
        days = [day, *(self._open[part.document].posted for part in known)]
        is_whole = all(part.amount_minor == self._open[part.document].total_minor for part in known)
        own = [ItemId(number)] if gross > 0 else []
        for part in known:
            self._open[part.document].left_minor -= part.amount_minor
        if len(known) == len(parts) and is_whole:
            items = [*(ItemId(part.document) for part in known), *own]
            yield self._settled(node, customer, items, max(days), label=number)
            return
        for part in known:
            owner = CustomerId(self._open[part.document].customer)
            yield self._settled(
                node,
                owner,
                [ItemId(part.document)],
                max(days),
                label=number,
                part=part.amount_minor,
            )
        used = sum(part.amount_minor for part in known)
        if own and used > 0:
            part_minor = -used if used < gross else None
            yield self._settled(node, customer, own, max(days), label=number, part=part_minor)
        if len(known) < len(parts):
            msg = f"payment {number} must name documents of the file with as much open, got others"
            self._notes.warn("saft.document-unknown", msg, line=node.line)

    def _can_take(self, part: _Part) -> bool:
        left = self._left(part)
        return bool(left) and part.amount_minor * left > 0 and abs(part.amount_minor) <= abs(left)

    def _is_sound(self, node: Node, number: str, customer: str) -> bool:
        """Whether a document has its number and its customer, and is not there twice."""
        if not number:
            self._notes.error(
                "document.missing", "a document must have its number, got none", line=node.line
            )
        elif number in self._names:
            msg = f"documents must differ in their numbers, got {number} twice"
            self._notes.error("document.duplicate", msg, line=node.line)
        elif not customer:
            msg = f"document {number} must name its customer, got none"
            self._notes.error("customer.missing", msg, line=node.line, field="CustomerID")
        else:
            self._names.add(number)
            return True
        return False

    def _receipt(
        self,
        node: Node,
        name: ItemId,
        customer: CustomerId,
        minor: int,
        day: dt.date,
        named: Iterable[str] = (),
    ) -> Receipt:
        return Receipt(
            receipt=name,
            creditor=self._settings.creditor,
            customer=customer,
            amount=from_minor(minor, self._head.currency),
            booking_date=day,
            remittance=Remittance(
                documents=[ReferredDocument(number=one) for one in named if one],
                text=[text] if (text := node.text("Description")) else [],
            ),
            source=Place(self._notes.source, line=node.line),
        )

    def _settled(
        self,
        node: Node,
        customer: CustomerId,
        items: list[ItemId],
        day: dt.date,
        *,
        label: str,
        part: int | None = None,
    ) -> SourceAllocation:
        return SourceAllocation(
            creditor=self._settings.creditor,
            customer=customer,
            items=items,
            settled_on=day,
            settled_minor=part,
            label=label,
            source=Place(self._notes.source, line=node.line),
        )


def _by_document(parts: Iterable[_Part]) -> list[_Part]:
    """One part for each document, of which a payment may have a line for each rate of tax."""
    found: dict[str, _Part] = {}
    for part in parts:
        first = found.get(part.document)
        amount = part.amount_minor + (first.amount_minor if first else 0)
        found[part.document] = attrs.evolve(part, amount_minor=amount)
    return list(found.values())


def _references(node: Node) -> list[str]:
    """The orders that an invoice names, and the documents that a credit note corrects."""
    found: list[str] = []
    for line in node.all("Line"):
        orders = line.all("OrderReferences")
        found += [each.text("OriginatingON") for each in orders]
        found += [each.text("Reference") for each in line.all("References")]
    return list(dict.fromkeys(one for one in found if one))


def _corrected(node: Node) -> str:
    """The document that a credit note corrects, where it names one alone."""
    found = {each.text("Reference") for line in node.all("Line") for each in line.all("References")}
    return found.pop() if len(found) == 1 else ""
