"""From what adapters read to events of the ledger, with every refusal collected as a problem."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from receivables.adapters import LedgerRecord
from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind, SourceAllocation
from receivables.days import BusinessCalendar
from receivables.documents.model import CreditNote, DebitNote, Document, Invoice, OpenItem
from receivables.errors import DocumentError, EventError, PolicyError
from receivables.ledger.model import (
    Allocated,
    DocumentIssued,
    Event,
    EventId,
    ReceiptRecorded,
    Unallocated,
)
from receivables.ledger.objects import Ledger, LedgerDraft
from receivables.parties import Customer, CustomerId
from receivables.problems import Place, Problem, Severity
from receivables.receipts.model import Receipt
from receivables.terms.model import PaymentTerms
from receivables.terms.objects import parse_terms, with_terms

__all__ = ["Imported", "import_records"]


_NAMED: Final = "source-"
"""How the names of allocations begin that a source has made."""
_REASON: Final = "settled in the source"


@attrs.frozen(kw_only=True)
class Imported:
    """What became of the records: the ledger with them, the customers, and what was refused.

    `added` events are new, `known` ones were on the ledger already and say the same.
    """

    ledger: Ledger
    customers: Mapping[CustomerId, Customer]
    added: int = 0
    known: int = 0
    problems: tuple[Problem, ...] = ()


def import_records(
    records: Iterable[LedgerRecord],
    *,
    ledger: Ledger,
    recorded_at: dt.datetime,
    customers: Mapping[CustomerId, Customer] | None = None,
    default_terms: PaymentTerms | None = None,
    calendar: BusinessCalendar | None = None,
) -> Imported:
    """Record documents and receipts, and settle what the source says is settled.

    A document gets the due dates and the discounts that it does not state from its own terms, from
    its customer's, or from `default_terms`, in this order; `calendar` has the business days for
    terms that ask for them.  Terms that cannot be understood or applied are a problem
    ``terms.invalid``, and the document keeps what it states.  A record that the ledger refuses is a
    problem ``event.refused`` with its place, and the others go on.
    """
    known = dict(customers or {})
    run = _Import(LedgerDraft(ledger), recorded_at, known, default_terms, calendar)
    for allocation in _made_by_sources(ledger):
        run.count(allocation)
    for record in records:
        run.take(record)
    return Imported(
        ledger=run.draft.ledger(),
        customers=run.customers,
        added=run.added,
        known=run.known,
        problems=tuple(run.problems),
    )


@attrs.define
class _Import:
    draft: LedgerDraft
    recorded_at: dt.datetime
    customers: dict[CustomerId, Customer]
    default_terms: PaymentTerms | None
    calendar: BusinessCalendar | None = None
    settled: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    """What sources have settled of each item, in signed minor units."""
    parts: Counter[tuple[str, str, str]] = attrs.field(factory=Counter)
    """The same by the name that a source has for the part."""
    added: int = 0
    known: int = 0
    problems: list[Problem] = attrs.field(factory=list)

    def take(self, record: LedgerRecord) -> None:
        """Take one record of any type that a ledger source yields."""
        _TAKE[type(record)](self, record)

    def customer(self, customer: Customer) -> None:
        """Keep a customer; of two with one identifier, the one that says more."""
        known = self.customers.get(customer.customer)
        if known is None or _says(customer) >= _says(known):
            self.customers[customer.customer] = customer

    def document(self, document: Document) -> None:
        """Issue a document, once it has its due date."""
        event = DocumentIssued.of(self._dated(document), recorded_at=self.recorded_at)
        self._record(event, document.source)

    def receipt(self, receipt: Receipt) -> None:
        """Record a receipt."""
        event = ReceiptRecorded.of(receipt, recorded_at=self.recorded_at)
        self._record(event, receipt.source)

    def allocation(self, settled: SourceAllocation) -> None:
        """Settle the items of a group whole, or one item in part."""
        name = _allocation_name(settled)
        if EventId(f"allocated:{settled.creditor}:{name}") in self.draft:
            self.known += 1
            return
        try:
            event = self._allocated(settled, name)
        except EventError as error:
            self._refuse(error, settled.source)
        else:
            if event is not None and self._record(event, settled.source):
                self.count(event.allocation)

    def count(self, allocation: Allocation) -> None:
        """Remember what an allocation that a source has made settles."""
        label = allocation.reason.removeprefix(_REASON).strip()
        for leg in allocation.legs:
            self.settled[allocation.creditor, leg.item] += leg.amount_minor
            self.parts[allocation.creditor, leg.item, label] += leg.amount_minor

    def _allocated(self, settled: SourceAllocation, name: str) -> Allocated | None:
        items = [self.draft.item_now(settled.creditor, item) for item in settled.items]
        parts = [item.open_minor for item in items]
        if settled.settled_minor is not None and len(parts) == 1:
            parts = [self._part(settled, items[0])]
        legs = [Leg(item.item, part) for item, part in zip(items, parts, strict=True) if part]
        if not legs:
            return None
        rest = sum(leg.amount_minor for leg in legs)
        allocation = Allocation(
            allocation=name,
            creditor=settled.creditor,
            currency=items[0].currency,
            legs=legs,
            residuals=[Residual(ResidualKind.SETTLED_IN_SOURCE, rest)] if rest else [],
            reason=f"{_REASON} {settled.label}".strip(),
        )
        both_there = max(settled.settled_on, *(item.posting_date for item in items))
        effective_on = self.draft.open_day(settled.creditor, both_there)
        return self.draft.allocated(
            allocation, effective_on=effective_on, recorded_at=self.recorded_at
        )

    def _part(self, settled: SourceAllocation, item: OpenItem) -> int:
        """What is to be settled of one item: what is new of the part with a name, or of the whole.

        A list that says how much is settled says it of all that was settled so far; with a name,
        of all that was settled by what has that name.  What an earlier list said is settled already.
        """
        whole = settled.settled_minor or 0
        if settled.label:
            known = self.parts[settled.creditor, item.item, settled.label]
        else:
            known = self.settled[settled.creditor, item.item]
        new = whole - known
        if new and (new < 0) != (item.amount_minor < 0):
            msg = f"settled of {item.item} must be {known} or more, as it was before, got {whole}"
            raise EventError(msg)
        return new

    def _dated(self, document: Document) -> Document:
        customer = self.customers.get(document.customer)
        text = document.terms or (customer.terms if customer else "")
        try:
            terms = parse_terms(text) if text else self.default_terms
            return (
                document if terms is None else with_terms(document, terms, calendar=self.calendar)
            )
        except (DocumentError, PolicyError) as error:
            place = document.source or Place(f"document {document.number}")
            self.problems.append(Problem("terms.invalid", str(error), place=place))
            return document

    def _record(self, event: Event, place: Place | None) -> bool:
        """Record an event, or say why not; whether it is new."""
        try:
            is_new = self.draft.record(event)
        except EventError as error:
            self._refuse(error, place)
            return False
        self.added += is_new
        self.known += not is_new
        return is_new

    def _refuse(self, error: EventError, place: Place | None) -> None:
        where = place or Place("ledger")
        self.problems.append(
            Problem("event.refused", str(error), place=where, severity=Severity.ERROR)
        )


def _made_by_sources(ledger: Ledger) -> Iterator[Allocation]:
    """The allocations of a ledger that sources have made, but for those that were undone."""
    undone = {
        (event.creditor, event.allocation)
        for event in ledger.events
        if isinstance(event, Unallocated)
    }
    for event in ledger.events:
        if not isinstance(event, Allocated):
            continue
        made = event.allocation
        if made.allocation.startswith(_NAMED) and (made.creditor, made.allocation) not in undone:
            yield made


def _says(customer: Customer) -> int:
    """How many fields a customer record fills; a name alone must not replace an address."""
    return sum(bool(value) for value in attrs.astuple(customer, recurse=False))


def _allocation_name(settled: SourceAllocation) -> str:
    """The same group read again has the same name, whatever line it stands on."""
    parts = (settled.customer, settled.label, *sorted(settled.items), str(settled.settled_minor))
    return f"{_NAMED}{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()[:24]}"


_TAKE: Final[Mapping[type, Callable[[_Import, Any], None]]] = {
    CreditNote: _Import.document,
    Customer: _Import.customer,
    DebitNote: _Import.document,
    Invoice: _Import.document,
    Receipt: _Import.receipt,
    SourceAllocation: _Import.allocation,
}
