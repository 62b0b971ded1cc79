"""From rows to invoices, credit notes and debit notes, and what the list says is settled."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import attrs

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
from receivables.errors import DocumentError
from receivables.money import from_minor
from receivables.parties import Customer, CustomerId
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.tabular._cells import Cells
from receivables.tabular._numbers import Identities
from receivables.tabular._table import Row
from receivables.tabular.settings import TYPES, TableSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["documents"]

_CLASSES: Final[dict[ItemKind, type[Document]]] = {
    ItemKind.INVOICE: Invoice,
    ItemKind.CREDIT_NOTE: CreditNote,
    ItemKind.DEBIT_NOTE: DebitNote,
}


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class _Part:
    """What one row says: a document, or one installment of it; amounts without their sign."""

    line: int
    number: str
    customer: str
    name: str
    kind: ItemKind
    currency: str
    document_date: dt.date
    posting_date: dt.date
    due_date: dt.date | None
    installment: int
    amount_minor: int
    settled_minor: int
    settled_on: dt.date | None
    terms: str
    references: tuple[str, ...]

    @property
    def head(self) -> tuple[object, ...]:
        """What all installments of one document have in common."""
        return (self.customer, self.kind, self.currency, self.document_date, self.posting_date)


def documents(
    rows: Iterable[Row], *, settings: TableSettings, notes: ReadNotes
) -> Iterator[LedgerRecord]:
    """Give each document after its customer, and before what is settled of it.

    Rows stream, unless there is an installment column: then a document is whole only once the last
    row was seen, and all wait until then.
    """
    reader = _Documents(settings, notes)
    source = iter(rows)
    for first in source:
        every = itertools.chain([first], source)
        has_installments = "installment" in first.cells
        yield from reader.by_installment(every) if has_installments else reader.by_row(every)


class _Documents:
    """Builds documents, and remembers the numbers and the customers that it gave."""

    def __init__(self, settings: TableSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._numbers = Identities(settings, field="number", code="document.duplicate")
        self._named: set[str] = set()
        self._kinds = settings.types or {name: name for name in TYPES}

    def by_row(self, rows: Iterable[Row]) -> Iterator[LedgerRecord]:
        """One document a row."""
        for row in rows:
            cells = Cells(row, settings=self._settings, notes=self._notes)
            part = self._part(cells)
            if part is not None and (number := self._numbers.take(cells)):
                yield from self._records([part], number)

    def by_installment(self, rows: Iterable[Row]) -> Iterator[LedgerRecord]:
        """One document for all the rows of a number, which must agree on all but the installment."""
        parts: dict[str, list[_Part]] = {}
        broken: set[str] = set()
        for row in rows:
            cells = Cells(row, settings=self._settings, notes=self._notes)
            part = self._part(cells)
            if part is None or not self._fits(part, parts.get(part.number, []), cells):
                # A document that lacks an installment would say less than is owed.
                broken.add(row.get("number"))
            else:
                parts.setdefault(part.number, []).append(part)
        for number, found in parts.items():
            if number not in broken:
                yield from self._records(sorted(found, key=lambda one: one.installment), number)

    def _fits(self, part: _Part, others: list[_Part], cells: Cells) -> bool:
        if others and part.head != others[0].head:
            msg = f"installments of {part.number} must agree on customer, type, currency and dates"
            cells.refuse("document.duplicate", f"{msg}, got another on this line", field="number")
        elif part.installment in {other.installment for other in others}:
            msg = f"installment {part.installment} of {part.number} must stand once, got two"
            cells.refuse("document.duplicate", msg, field="installment")
        return not cells.is_refused

    def _part(self, cells: Cells) -> _Part | None:
        """Read one row; None where anything in it was refused."""
        currency = cells.currency()
        amount_minor = cells.needed_amount_minor("amount", currency)
        document_date = cells.needed_day("document-date")
        posting_date = cells.day("posting-date") or document_date
        settled_minor = _settled_minor(cells, amount_minor, currency)
        part = _Part(
            line=cells.row.line,
            number=cells.identity("number"),
            customer=cells.identity("customer"),
            name=cells.text("customer-name"),
            kind=self._kind(cells, amount_minor),
            currency=currency,
            document_date=document_date,
            posting_date=posting_date,
            due_date=cells.day("due-date"),
            installment=_installment(cells),
            amount_minor=abs(amount_minor),
            settled_minor=settled_minor,
            settled_on=self._settled_on(cells, settled_minor, posting_date),
            terms=cells.text("terms"),
            references=cells.parts("references"),
        )
        return None if cells.is_refused else part

    def _kind(self, cells: Cells, amount_minor: int) -> ItemKind:
        """The kind that the file's code is mapped to; without codes, the sign tells.

        A code that is not mapped is never guessed.  A credit note may be written with or without a
        minus; an invoice or a debit note with a minus contradicts itself.
        """
        if "type" not in cells.row.cells:
            return ItemKind.CREDIT_NOTE if amount_minor < 0 else ItemKind.INVOICE
        code = cells.text("type")
        kind = TYPES.get(self._kinds.get(code, ""))
        if kind is None:
            known = ", ".join(sorted(self._kinds))
            msg = f"type must be mapped in the settings ({known}), got {code!r}"
            cells.refuse("document.type-unknown", msg, field="type")
        elif amount_minor < 0 and not kind.is_credit:
            msg = f"amount must not be negative on a row of type {code!r}"
            cells.refuse("amount.sign", f"{msg}, got {cells.text('amount')}", field="amount")
        return kind or ItemKind.INVOICE

    def _settled_on(
        self, cells: Cells, settled_minor: int, posting_date: dt.date
    ) -> dt.date | None:
        """The row's own day of settlement, else the day of the list; never before the posting."""
        day = cells.day("settled-on") or self._settings.snapshot_date
        if not settled_minor or cells.is_refused:
            return None
        if day is None:
            msg = "snapshot-date must be given where an open amount differs from the amount"
            cells.refuse("settings.invalid", f"{msg}, got none", field="open-amount")
        elif day < posting_date:
            field = "settled-on" if cells.text("settled-on") else "open-amount"
            msg = f"settlement must not be before {posting_date}, got {day}, so that day was taken"
            cells.warn("date.order", msg, field=field)
            return posting_date
        return day

    def _records(self, parts: list[_Part], number: str) -> Iterator[LedgerRecord]:
        try:
            document = self._document(parts, number)
        except DocumentError as error:
            self._notes.error("document.unbalanced", str(error), line=parts[0].line)
            return
        if parts[0].name and document.customer not in self._named:
            self._named.add(document.customer)
            yield Customer(customer=document.customer, name=parts[0].name)
        yield document
        for place, part in enumerate(parts, start=1):
            if part.settled_on is not None:
                item = number if len(parts) == 1 else f"{number}/{place}"
                yield self._settled(part, ItemId(item), part.settled_on)

    def _document(self, parts: list[_Part], number: str) -> Document:
        if len(parts) == 1:
            return self._whole(parts[0], number)
        first = parts[0]
        given = [reference for part in parts for reference in part.references]
        own = [first.number] if number != first.number else []
        total_minor = sum(part.amount_minor for part in parts)
        return _CLASSES[first.kind](
            number=number,
            creditor=self._settings.creditor,
            customer=CustomerId(first.customer),
            document_date=first.document_date,
            posting_date=first.posting_date,
            total=from_minor(total_minor, first.currency),
            installments=[
                Installment(part.due_date, from_minor(part.amount_minor, part.currency))
                for part in parts
            ],
            terms=first.terms,
            references=tuple(dict.fromkeys((*own, *given))),
            source=Place(self._notes.source, line=first.line),
        )

    def _whole(self, part: _Part, number: str) -> Document:
        """A document in one piece, whose only installment is made of its due date and its total."""
        references = part.references
        if number != part.number:
            references = (part.number, *references)
        return _CLASSES[part.kind](
            number=number,
            creditor=self._settings.creditor,
            customer=CustomerId(part.customer),
            document_date=part.document_date,
            posting_date=part.posting_date,
            due_date=part.due_date,
            total=from_minor(part.amount_minor, part.currency),
            terms=part.terms,
            references=tuple(dict.fromkeys(references)) if len(references) > 1 else references,
            source=Place(self._notes.source, line=part.line),
        )

    def _settled(self, part: _Part, item: ItemId, day: dt.date) -> SourceAllocation:
        sign = -1 if part.kind.is_credit else 1
        is_whole = part.settled_minor == part.amount_minor
        return SourceAllocation(
            creditor=self._settings.creditor,
            customer=CustomerId(part.customer),
            items=[item],
            settled_on=day,
            settled_minor=None if is_whole else sign * part.settled_minor,
            source=Place(self._notes.source, line=part.line),
        )


def _installment(cells: Cells) -> int:
    text = cells.text("installment")
    if not text:
        return 1
    if text.isascii() and text.isdigit() and int(text[:9]) > 0:
        return int(text[:9])
    msg = f"installment must be a whole number from 1, got {text!r}"
    cells.refuse("document.unbalanced", msg, field="installment")
    return 1


def _settled_minor(cells: Cells, amount_minor: int, currency: str) -> int:
    """How much of a row is settled: all of it on a day, or what its open amount lacks."""
    open_minor = cells.amount_minor("open-amount", currency)
    if open_minor is None:
        return abs(amount_minor) if cells.text("settled-on") else 0
    if open_minor * amount_minor < 0 or abs(open_minor) > abs(amount_minor):
        msg = f"open amount must be a part of the amount, got {cells.text('open-amount')}"
        cells.refuse("document.unbalanced", msg, field="open-amount")
    elif open_minor == amount_minor and amount_minor and cells.text("settled-on"):
        msg = "a row with a day of settlement must have something settled, got all of it open"
        cells.refuse("document.unbalanced", msg, field="settled-on")
    return abs(amount_minor) - abs(open_minor)
