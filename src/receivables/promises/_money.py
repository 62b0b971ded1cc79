"""The workshop: what settled which item when, read once from the events of a ledger.

A *piece* is what one source (a receipt, a credit note) pays of one item, as far as it was effective
by a day and known at a moment.  What is left of a receipt is a piece without an item.  Undoing an
allocation takes its part off the piece again, so that nothing counts that is not there.
"""

from __future__ import annotations

import bisect
import datetime as dt
import enum
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from receivables._arithmetic import split
from receivables.allocation.model import Allocation, AllocationId, ResidualKind
from receivables.documents.model import CreditNote, DebitNote, ItemId
from receivables.documents.objects import open_items
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Event,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.objects import Ledger
from receivables.money import to_minor
from receivables.parties import CustomerId

__all__ = ["UNAPPLIED", "Moneys", "Piece", "Source", "SourceKind", "read_moneys"]

UNAPPLIED: Final = ItemId("")
"""The item of a piece that settles nothing yet."""


class SourceKind(enum.Enum):
    """What pays."""

    MONEY = "money"
    CREDIT_NOTE = "credit-note"
    IN_SOURCE = "in-source"
    """The source system says that it is settled, and not by what."""
    NOTHING = "nothing"
    """A discount, a write-off, a charge that was borne."""


@attrs.define(eq=False)
class Source:
    """A receipt or a credit note: since when it is there, and what of it is free."""

    name: ItemId
    kind: SourceKind
    came_on: dt.date
    free_minor: int = 0


@attrs.define(eq=False)
class Piece:
    """What a source pays of an item: signed moves, each a day, an amount and its allocation."""

    source: Source
    item: ItemId
    currency: str
    owner: CustomerId
    moves: list[tuple[dt.date, int, AllocationId]] = attrs.field(factory=list)
    now_minor: int = 0
    taken_minor: int = 0
    """How much of it promises or plans have taken already."""

    def move(self, day: dt.date, minor: int, allocation: AllocationId) -> None:
        """Add a part, or take one off."""
        self.moves.append((day, minor, allocation))
        self.now_minor += minor

    def minor_by(self, day: dt.date) -> int:
        """What it paid at the end of a day."""
        return sum(minor for moved, minor, _ in self.moves if moved <= day)

    @property
    def free_minor(self) -> int:
        """What nobody has taken yet."""
        return max(self.now_minor - self.taken_minor, 0)

    @property
    def order(self) -> tuple[dt.date, ItemId, ItemId]:
        """The order in which pieces are taken: as they came in."""
        return (self.source.came_on, self.source.name, self.item)

    @property
    def allocations(self) -> tuple[AllocationId, ...]:
        """The allocations in force that it comes from."""
        totals: dict[AllocationId, int] = {}
        for _, minor, name in self.moves:
            totals[name] = totals.get(name, 0) + minor
        return tuple(sorted(name for name, minor in totals.items() if minor))


_Owner: TypeAlias = tuple[CustomerId, str]
"""A customer and a currency."""


@attrs.define(eq=False)
class Moneys:
    """Pieces by item and by customer, and the debit notes that name a plan."""

    by_item: dict[ItemId, list[Piece]] = attrs.field(factory=dict)
    by_owner: dict[_Owner, list[Piece]] = attrs.field(factory=dict)
    notes: dict[str, list[DebitNote]] = attrs.field(factory=dict)
    """By reference: the debit notes that name it, those that were cancelled left out."""

    def of_items(self, items: Iterable[ItemId], currency: str) -> Iterator[Piece]:
        """The pieces that settle some items, in a currency."""
        for item in dict.fromkeys(items):
            for piece in self.by_item.get(item, ()):
                if piece.currency == currency:
                    yield piece

    def of_owner(self, customer: CustomerId, currency: str, *, since: dt.date) -> Iterator[Piece]:
        """The pieces on a customer's items, and what is left of its receipts, that came since."""
        pieces = self.by_owner.get((customer, currency), [])
        first = bisect.bisect_left(pieces, since, key=lambda piece: piece.source.came_on)
        for index in range(first, len(pieces)):
            yield pieces[index]


def read_moneys(
    ledger: Ledger,
    creditor: str,
    *,
    items: Iterable[ItemId],
    customers: Collection[CustomerId] = (),
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> Moneys:
    """Read the events once, as effective by a day and known at a moment.

    Read are the pieces on `items`, and on the debit notes that concern them, and everything of the
    `customers`.
    """
    reader = _Reader(ledger, creditor, set(items), frozenset(customers))
    if reader.items or customers:
        for event in ledger.events:
            read = _READ.get(type(event))
            if (
                read is not None
                and event.effective_on <= as_of
                and (known_at is None or event.recorded_at <= known_at)
            ):
                read(reader, event)
    return reader.moneys()


@attrs.frozen
class _Part:
    source: Source
    item: ItemId
    currency: str
    minor: int


@attrs.define(eq=False)
class _Reader:
    """What was read so far."""

    ledger: Ledger
    creditor: str
    items: set[ItemId]
    customers: frozenset[CustomerId]
    receipts: dict[ItemId, ReceiptRecorded] = attrs.field(factory=dict)
    payers: dict[ItemId, CustomerId] = attrs.field(factory=dict)
    """The customers of receipts that were identified."""
    sources: dict[ItemId, Source] = attrs.field(factory=dict)
    pieces: dict[tuple[ItemId, SourceKind, ItemId, str], Piece] = attrs.field(factory=dict)
    allocated: dict[AllocationId, list[tuple[Piece, int]]] = attrs.field(factory=dict)
    used: dict[AllocationId, list[tuple[Source, int]]] = attrs.field(factory=dict)
    notes: dict[str, DebitNote] = attrs.field(factory=dict)

    def receive(self, event: ReceiptRecorded) -> None:
        """A receipt came in; it becomes a source when something is asked of it."""
        if event.receipt.creditor == self.creditor:
            self.receipts[ItemId(event.receipt.receipt)] = event

    def identify(self, event: ReceiptIdentified) -> None:
        """A receipt is somebody's."""
        if event.creditor == self.creditor:
            self.payers[ItemId(event.receipt)] = event.customer

    def give_back(self, event: ReceiptReturned) -> None:
        """A receipt went back, whole or in part."""
        if event.creditor == self.creditor:
            source = self._source(ItemId(event.receipt), event.effective_on)
            back = source.free_minor if event.amount is None else to_minor(event.amount)
            source.free_minor -= back

    def issue(self, event: DocumentIssued) -> None:
        """A credit note is a source; a debit note may be the interest of a plan."""
        document = event.document
        if not isinstance(document, CreditNote | DebitNote) or document.creditor != self.creditor:
            return
        if isinstance(document, CreditNote):
            for item in open_items(document):
                self.sources[item.item] = Source(
                    item.item, SourceKind.CREDIT_NOTE, event.effective_on
                )
        elif document.references and not self.items.isdisjoint(map(ItemId, document.concerns)):
            self.notes[document.number] = document
            self.items.update(item.item for item in open_items(document))

    def cancel(self, event: DocumentCancelled) -> None:
        """A cancelled note asks for nothing."""
        if event.creditor == self.creditor:
            self.notes.pop(event.number, None)

    def allocate(self, event: Allocated) -> None:
        """An allocation makes or grows pieces, and uses what is free of its sources."""
        allocation = event.allocation
        if allocation.creditor != self.creditor or not self._is_wanted(event):
            return
        name, day = allocation.allocation, event.effective_on
        used = [
            (self._source(leg.item, day), -leg.amount_minor)
            for leg in allocation.legs
            if leg.amount_minor < 0
        ]
        made = []
        for part in _parts(allocation, used, day):
            piece = self._piece(part, event)
            piece.move(day, part.minor, name)
            made.append((piece, part.minor))
        for source, minor in used:
            source.free_minor -= minor
        self.allocated[name] = made
        self.used[name] = used

    def _is_wanted(self, event: Allocated) -> bool:
        return not self.customers.isdisjoint(event.customers) or any(
            leg.item in self.items for leg in event.allocation.legs
        )

    def unallocate(self, event: Unallocated) -> None:
        """An allocation is undone: what it paid is not paid, what it used is free."""
        if event.creditor != self.creditor:
            return
        for piece, minor in self.allocated.get(event.allocation, ()):
            piece.move(event.effective_on, -minor, event.allocation)
        for source, minor in self.used.get(event.allocation, ()):
            source.free_minor += minor

    def moneys(self) -> Moneys:
        """What was read, in the order in which it came."""
        found = Moneys()
        for piece in self.pieces.values():
            found.by_item.setdefault(piece.item, []).append(piece)
        for piece in (*self.pieces.values(), *self._free_pieces()):
            if piece.owner in self.customers:
                found.by_owner.setdefault((piece.owner, piece.currency), []).append(piece)
        for pieces in found.by_owner.values():
            pieces.sort(key=lambda piece: piece.order)
        for note in self.notes.values():
            for reference in note.references:
                found.notes.setdefault(reference, []).append(note)
        return found

    def _free_pieces(self) -> Iterator[Piece]:
        """What is left of the receipts of the customers."""
        for name, event in self.receipts.items():
            customer = self.payers.get(name, event.receipt.customer)
            if customer in self.customers:
                source = self._source(name, event.effective_on)
                if source.free_minor > 0:
                    currency = event.receipt.currency
                    yield Piece(source, UNAPPLIED, currency, customer, now_minor=source.free_minor)

    def _source(self, name: ItemId, day: dt.date) -> Source:
        """A receipt or a credit note; a credit of a customer not asked for is there since a day."""
        found = self.sources.get(name)
        if found is None:
            event = self.receipts.get(name)
            found = Source(name, SourceKind.CREDIT_NOTE, day) if event is None else _money_of(event)
            self.sources[name] = found
        return found

    def _piece(self, part: _Part, event: Allocated) -> Piece:
        key = (part.source.name, part.source.kind, part.item, part.currency)
        if key not in self.pieces:
            owner = self._owner(part.item, event)
            self.pieces[key] = Piece(part.source, part.item, part.currency, owner)
        return self.pieces[key]

    def _owner(self, item: ItemId, event: Allocated) -> CustomerId:
        """Whose an item is; only an allocation between customers makes it a question."""
        if len(event.customers) == 1:
            return event.customers[0]
        found = self.ledger.item(self.creditor, item, as_of=event.effective_on)
        return CustomerId("") if found is None else found.customer


def _money_of(event: ReceiptRecorded) -> Source:
    receipt = event.receipt
    # The bank's day counts, where a closed period made the books later than the bank.
    came_on = min(receipt.booking_date, event.effective_on)
    return Source(
        ItemId(receipt.receipt), SourceKind.MONEY, came_on, free_minor=to_minor(receipt.amount)
    )


def _parts(
    allocation: Allocation, used: Sequence[tuple[Source, int]], day: dt.date
) -> Iterator[_Part]:
    """Who paid what: in each currency the sources fill the items, each in the order of the legs.

    Money goes first, then what the source system settled, then credit notes, because what they do
    not reach was not paid with money.  What nothing reaches was let go.
    """
    if not allocation.residuals and len(used) == 1:
        # The usual allocation, one receipt on some items, at a third of the cost.
        for leg in allocation.legs:
            if leg.amount_minor > 0:
                yield _Part(used[0][0], leg.item, allocation.currency_of(leg), leg.amount_minor)
        return
    for currency in allocation.currencies:
        items = _settled(allocation, currency)
        paying = sorted(
            _paying(allocation, used, currency, day), key=lambda one: _FIRST[one[0].kind]
        )
        reached = dict.fromkeys(items, 0)
        for source, item, minor in _filled(paying, items):
            reached[item] += minor
            yield _Part(source, item, currency, minor)
        for leg in allocation.legs:
            left = leg.amount_minor - reached.get(leg.item, 0)
            if leg.item in items and left:
                yield _Part(Source(leg.item, SourceKind.NOTHING, day), leg.item, currency, left)


_FIRST: Final = {kind: place for place, kind in enumerate(SourceKind)}


def _settled(allocation: Allocation, currency: str) -> dict[ItemId, int]:
    """What sources can have paid of each item: its leg, less the residuals that belong to it."""
    settled = {
        leg.item: leg.amount_minor
        for leg in allocation.legs
        if leg.amount_minor > 0 and allocation.currency_of(leg) == currency
    }
    for residual in allocation.residuals:
        if residual.item in settled and residual.amount_minor > 0 and residual.kind not in _PAYING:
            settled[residual.item] = max(settled[residual.item] - residual.amount_minor, 0)
    return settled


_PAYING: Final = {ResidualKind.CONVERSION, ResidualKind.SETTLED_IN_SOURCE}


def _paying(
    allocation: Allocation, used: Sequence[tuple[Source, int]], currency: str, day: dt.date
) -> Iterator[tuple[Source, int]]:
    """The sources that pay in a currency: its own, those converted into it, the source system."""
    spent = [leg for leg in allocation.legs if leg.amount_minor < 0]
    own = [allocation.currency_of(leg) == currency for leg in spent]
    for one, is_own in zip(used, own, strict=True):
        if is_own:
            yield one
    converted = _residual(allocation, ResidualKind.CONVERSION, currency)
    others = [one for one, is_own in zip(used, own, strict=True) if not is_own]
    if converted > 0 and others:
        shares = split(converted, [minor for _, minor in others])
        for (source, _), minor in zip(others, shares, strict=True):
            yield source, minor
    in_source = _residual(allocation, ResidualKind.SETTLED_IN_SOURCE, currency)
    if in_source > 0:
        yield Source(ItemId(allocation.allocation), SourceKind.IN_SOURCE, day), in_source


def _residual(allocation: Allocation, kind: ResidualKind, currency: str) -> int:
    return sum(
        residual.amount_minor
        for residual in allocation.residuals
        if residual.kind is kind and allocation.currency_of(residual) == currency
    )


def _filled(
    paying: Sequence[tuple[Source, int]], items: Mapping[ItemId, int]
) -> Iterator[tuple[Source, ItemId, int]]:
    """Each source pays the items in turn until it is used up."""
    left = dict(items)
    waiting = [item for item, minor in left.items() if minor]
    place = 0
    for source, amount in paying:
        unused = amount
        while unused and place < len(waiting):
            item = waiting[place]
            taken = min(unused, left[item])
            unused -= taken
            left[item] -= taken
            place += not left[item]
            yield source, item, taken


_READ: Final[Mapping[type[Event], Callable[[_Reader, Any], None]]] = {
    Allocated: _Reader.allocate,
    DocumentCancelled: _Reader.cancel,
    DocumentIssued: _Reader.issue,
    ReceiptIdentified: _Reader.identify,
    ReceiptRecorded: _Reader.receive,
    ReceiptReturned: _Reader.give_back,
    Unallocated: _Reader.unallocate,
}
