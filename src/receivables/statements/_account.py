"""The workshop: a creditor's ledger read once, from which the movements of any account are told.

What moved is taken from the ledger's own columns, an entry for each item that was created and each
amount that was taken off one or given back.  Events only explain the entries: an entry that no known
event explains is a movement of its own, of kind `OTHER`, and never goes missing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables.allocation.model import Allocation, AllocationId, Leg, Residual
from receivables.documents.model import ItemId, ItemKind
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Event,
    EventId,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
    account_key,
)
from receivables.ledger.objects import Ledger
from receivables.parties import CustomerId
from receivables.statements.model import (
    SettledPart,
    SettlingItem,
    StatementMovement,
    StatementMovementKind,
)

__all__ = ["Moved", "Reader"]

_AllocationEvent: TypeAlias = Allocated | Unallocated

_KINDS: Final[Mapping[type[Event], StatementMovementKind]] = MappingProxyType(
    {
        DocumentCancelled: StatementMovementKind.CANCELLATION,
        ReceiptRecorded: StatementMovementKind.RECEIPT,
        ReceiptReturned: StatementMovementKind.RETURN,
    }
)
_NAMED_MAX: Final = 3
"""Documents that a movement names; more of them say nothing in a line."""

_BY_VALUE: Final = {kind.value: kind for kind in StatementMovementKind}


@attrs.frozen(kw_only=True)
class _Fact:
    """What an item is, whatever is open of it."""

    document: str
    kind: ItemKind
    currency: str
    document_date: dt.date
    due_date: dt.date | None
    customer: CustomerId
    """Whose it was when it was created."""


@attrs.frozen
class _Entry:
    """An amount that came on an item or went off it, known since a moment."""

    item: ItemId
    on: dt.date
    recorded_at: dt.datetime
    amount_minor: int
    is_new: bool = attrs.field(default=False, kw_only=True)
    """Whether the item was created by it."""


@attrs.frozen(kw_only=True)
class Moved:
    """A movement with its currency and its place in the order of recording."""

    currency: str
    place: int
    movement: StatementMovement


class Reader:
    """One creditor's ledger as known at a moment (or now), indexed by customer and item."""

    def __init__(self, ledger: Ledger, creditor: str, known_at: dt.datetime | None) -> None:
        self._creditor = creditor
        self._known_at = known_at
        self._facts: dict[ItemId, _Fact] = {}
        self._entries: dict[ItemId, list[_Entry]] = defaultdict(list)
        self._places: dict[EventId, int] = {}
        self._postings: dict[tuple[dt.date, dt.datetime], list[Event]] = defaultdict(list)
        self._identified: dict[ItemId, list[ReceiptIdentified]] = defaultdict(list)
        self._done: dict[AllocationId, Allocation] = {}
        self._allocating: dict[ItemId, list[_AllocationEvent]] = defaultdict(list)
        self._allocating_for: dict[CustomerId, list[_AllocationEvent]] = defaultdict(list)
        self._first_owners: dict[ItemId, CustomerId] = {}
        self._read_events(ledger)
        self._read_items(ledger)
        self._items_of = self._by_customer()

    # Reading

    def _knows(self, moment: Any) -> bool:  # noqa: ANN401  # a cell of a column
        return self._known_at is None or moment <= self._known_at

    def _read_events(self, ledger: Ledger) -> None:
        for place, event in enumerate(ledger.events):
            if isinstance(event, ReceiptRecorded) and event.receipt.creditor == self._creditor:
                self._first_owners[ItemId(event.receipt.receipt)] = event.receipt.customer
            if not self._knows(event.recorded_at):
                continue
            self._places[event.event] = place
            if isinstance(event, Allocated):
                if event.allocation.creditor == self._creditor:
                    self._done[event.allocation.allocation] = event.allocation
                    self._note(event, event.allocation)
            elif isinstance(event, Unallocated):
                if event.creditor == self._creditor:
                    self._note(event, self._done[event.allocation])
            elif isinstance(event, ReceiptIdentified):
                if event.creditor == self._creditor:
                    self._identified[ItemId(event.receipt)].append(event)
            else:
                self._postings[event.effective_on, event.recorded_at].append(event)

    def _note(self, event: _AllocationEvent, allocation: Allocation) -> None:
        for leg in allocation.legs:
            self._allocating[leg.item].append(event)
        for name, _ in allocation.owed:
            self._allocating[name].append(event)
        for customer in event.customers:
            self._allocating_for[customer].append(event)

    def _read_items(self, ledger: Ledger) -> None:
        columns = ledger.to_columns()
        for row in _rows(columns.items):
            if row["creditor"] != self._creditor or not self._knows(row["recorded_at"]):
                continue
            item = row["item"]
            self._facts[item] = _Fact(
                document=row["document"],
                kind=ItemKind(row["kind"]),
                currency=row["currency"],
                document_date=row["document_date"],
                due_date=row["due_date"],
                # The columns have the last owner; who had a receipt first is in its event.
                customer=self._first_owners.get(item, row["customer"]),
            )
            entry = _Entry(
                item, row["effective_on"], row["recorded_at"], row["amount_minor"], is_new=True
            )
            self._entries[item].append(entry)
        for row in _rows(columns.moves):
            if row["creditor"] == self._creditor and self._knows(row["recorded_at"]):
                minor = -row["amount_minor"]
                entry = _Entry(row["item"], row["effective_on"], row["recorded_at"], minor)
                self._entries[row["item"]].append(entry)

    def _by_customer(self) -> dict[CustomerId, list[ItemId]]:
        found: dict[CustomerId, list[ItemId]] = defaultdict(list)
        for item, fact in self._facts.items():
            owners = [fact.customer, *(event.customer for event in self._identified.get(item, ()))]
            for owner in dict.fromkeys(owners):
                found[owner].append(item)
        return found

    # Asking

    @property
    def customers(self) -> tuple[CustomerId, ...]:
        """Every customer who has, or had, an item."""
        return tuple(sorted(self._items_of))

    def movements(self, customer: CustomerId) -> list[Moved]:
        """Everything that moved a customer's balances, in the order of days, then of recording."""
        moved = [
            *self._plain_movements(customer),
            *self._owner_movements(customer),
            *self._allocated_movements(customer),
        ]
        return sorted(moved, key=lambda each: (each.movement.on, each.place))

    def settled_parts(self, item: ItemId, *, as_of: dt.date) -> tuple[SettledPart, ...]:
        """What settled an item up to the end of a day: they add up to what is not open any more."""
        known = [event for event in self._allocating.get(item, ()) if event.effective_on <= as_of]
        undone = {event.allocation for event in known if isinstance(event, Unallocated)}
        by_allocation = [
            part
            for event in known
            if isinstance(event, Allocated) and event.allocation.allocation not in undone
            for part in self._parts_settled_by(event, item)
        ]
        otherwise = [
            SettledPart(
                on=entry.on, amount_minor=-entry.amount_minor, event=self._cause(entry).event
            )
            for entry in self._unexplained(item)
            if not entry.is_new and entry.on <= as_of
        ]
        return tuple(sorted([*by_allocation, *otherwise], key=lambda each: each.on))

    # Movements

    def _owner(self, item: ItemId, day: dt.date) -> CustomerId:
        owner = self._facts[item].customer
        for event in self._identified.get(item, ()):
            if event.effective_on <= day:
                owner = event.customer
        return owner

    def _unexplained(self, item: ItemId) -> Iterator[_Entry]:
        """The entries of an item that are no part of an allocation or of its undo."""
        left = Counter(self._entries[item])
        for event in self._allocating.get(item, ()):
            left.subtract(_effects(event, self._allocation_of(event), item))
        yield from (+left).elements()

    def _allocation_of(self, event: _AllocationEvent) -> Allocation:
        return event.allocation if isinstance(event, Allocated) else self._done[event.allocation]

    def _plain_movements(self, customer: CustomerId) -> Iterator[Moved]:
        """What documents and receipts did: one movement per event, over all installments."""
        found: dict[tuple[Any, ...], list[tuple[_Entry, StatementMovement]]] = {}
        for item in self._items_of.get(customer, ()):
            for entry in self._unexplained(item):
                if self._owner(item, entry.on) == customer:
                    movement = self._cause(entry)
                    key = (
                        movement.event or item,
                        movement.kind,
                        entry.on,
                        self._facts[item].currency,
                    )
                    found.setdefault(key, []).append((entry, movement))
        for group in found.values():
            (entry, first), due = group[0], {movement.due_date for _, movement in group}
            yield self._moved(
                self._facts[entry.item].currency,
                attrs.evolve(
                    first,
                    amount_minor=sum(movement.amount_minor for _, movement in group),
                    due_date=due.pop() if len(due) == 1 else None,
                ),
            )

    def _moved(self, currency: str, movement: StatementMovement) -> Moved:
        return Moved(
            currency=currency, place=self._places.get(movement.event, -1), movement=movement
        )

    def _cause(self, entry: _Entry) -> StatementMovement:
        """The movement of an entry, by the event that names its item, or that stands alone there."""
        fact = self._facts[entry.item]
        events = self._postings.get((entry.on, entry.recorded_at), [])
        named = [event for event in events if _names(event, entry, fact, self._creditor)]
        event = named[0] if named else self._alone(events, entry)
        kind = _kind(event) if event is not None else StatementMovementKind.OTHER
        is_document = kind.value in {"invoice", "debit-note", "credit-note"}
        return StatementMovement(
            on=entry.on,
            recorded_at=entry.recorded_at,
            kind=kind,
            document=fact.document,
            amount_minor=entry.amount_minor,
            document_date=fact.document_date,
            due_date=fact.due_date if is_document else None,
            event=EventId("") if event is None else event.event,
            note=_note_of(event, kind),
        )

    def _alone(self, events: Sequence[Event], entry: _Entry) -> Event | None:
        """The one event of an instant that concerns the account and may have moved something."""
        account = account_key(self._creditor, self._owner(entry.item, entry.on))
        found = [event for event in events if account in event.accounts and event.is_posting]
        return found[0] if len(found) == 1 else None

    def _owner_movements(self, customer: CustomerId) -> Iterator[Moved]:
        """Receipts that came from another account, or left for one, when their payer was known."""
        for item in self._items_of.get(customer, ()):
            for event in self._identified.get(item, ()):
                before = self._owner(item, event.effective_on - dt.timedelta(days=1))
                after = self._owner(item, event.effective_on)
                if before == after or customer not in (before, after):
                    continue
                earlier = [each for each in self._entries[item] if each.on < event.effective_on]
                opened = sum(each.amount_minor for each in earlier)
                fact = self._facts[item]
                movement = StatementMovement(
                    on=event.effective_on,
                    recorded_at=event.recorded_at,
                    kind=StatementMovementKind.IDENTIFIED_RECEIPT,
                    document=fact.document,
                    amount_minor=opened if customer == after else -opened,
                    document_date=fact.document_date,
                    is_reversal=customer == before,
                    event=event.event,
                    note=event.reason,
                )
                if opened:
                    yield self._moved(fact.currency, movement)

    def _allocated_movements(self, customer: CustomerId) -> Iterator[Moved]:
        """What allocations took off an account without an item of it: residuals and transfers."""
        for event in self._allocating_for.get(customer, ()):
            allocation = self._allocation_of(event)
            for currency in allocation.currencies:
                for movement in self._parts_of(event, allocation, customer, currency):
                    yield self._moved(currency, movement)

    def _parts_of(
        self, event: _AllocationEvent, allocation: Allocation, customer: CustomerId, currency: str
    ) -> Iterator[StatementMovement]:
        undone = isinstance(event, Unallocated)
        base = StatementMovement(
            on=event.effective_on,
            recorded_at=event.recorded_at,
            kind=StatementMovementKind.TRANSFER,
            document=allocation.allocation,
            amount_minor=0,
            is_reversal=undone,
            event=event.event,
        )
        sign, legs = (1 if undone else -1), _of(allocation, allocation.legs, currency)
        rest = sum(
            leg.amount_minor
            for leg in legs
            if self._owner(leg.item, event.effective_on) == customer
        )
        for residual in _of(allocation, allocation.residuals, currency):
            if self._residual_owner(legs, residual, event.effective_on) != customer:
                continue
            rest -= residual.amount_minor
            if not residual.kind.opens_item:
                # What stays owed is an item of its own, and the balance did not move.
                yield attrs.evolve(
                    base,
                    kind=_BY_VALUE.get(residual.kind.value, StatementMovementKind.OTHER),
                    document=self._document_of(legs, residual),
                    amount_minor=sign * residual.amount_minor,
                    note=residual.reason,
                )
        if rest:
            others = [name for name in event.customers if name != customer]
            yield attrs.evolve(base, amount_minor=sign * rest, others=others)

    def _residual_owner(
        self, legs: Sequence[Leg], residual: Residual, day: dt.date
    ) -> CustomerId | None:
        """Whose balance a residual changed; None where it cannot be told, and is a transfer."""
        if residual.item in self._facts:
            return self._owner(residual.item, day)
        owners = {self._owner(leg.item, day) for leg in _side(legs, residual.amount_minor)}
        return owners.pop() if len(owners) == 1 else None

    def _document_of(self, legs: Sequence[Leg], residual: Residual) -> str:
        """The document that a residual was taken off, or the few that share it."""
        side = [leg.item for leg in _side(legs, residual.amount_minor)]
        items = [residual.item] if residual.item in self._facts else side
        names = dict.fromkeys(self._facts[item].document for item in items)
        return ", ".join(names) if len(names) <= _NAMED_MAX else ""

    # What settled an item

    def _parts_settled_by(self, event: Allocated, item: ItemId) -> Iterator[SettledPart]:
        allocation = event.allocation
        leg = next((each for each in allocation.legs if each.item == item), None)
        if leg is None:
            return
        currency = allocation.currency_of(leg)
        legs = _of(allocation, allocation.legs, currency)
        residuals = _of(allocation, allocation.residuals, currency)
        base = SettledPart(
            on=event.effective_on,
            amount_minor=0,
            allocation=allocation.allocation,
            event=event.event,
        )
        alone = len(_side(legs, leg.amount_minor)) == 1
        own = [each for each in residuals if _belongs(each, leg, alone=alone)]
        rest = leg.amount_minor - sum(each.amount_minor for each in own)
        yield from self._by_items(base, leg, legs, residuals, rest)
        for residual in own:
            yield attrs.evolve(base, amount_minor=residual.amount_minor, residuals=[residual.kind])

    def _by_items(
        self,
        base: SettledPart,
        leg: Leg,
        legs: Sequence[Leg],
        residuals: Sequence[Residual],
        rest: int,
    ) -> Iterator[SettledPart]:
        """The part that items settled: one by one where the allocation tells, else together."""
        if not rest:
            return
        counter = _side(legs, -leg.amount_minor)
        alone = len(_side(legs, leg.amount_minor)) == 1
        shares = {each.item: _share(each, residuals) for each in counter}
        if len(counter) == 1:
            yield attrs.evolve(base, amount_minor=rest, by=[self._settling(counter[0].item)])
        elif counter and alone and sum(shares.values()) == rest:
            for item, share in shares.items():
                yield attrs.evolve(base, amount_minor=share, by=[self._settling(item)])
        else:
            kinds = dict.fromkeys(each.kind for each in residuals if not each.item)
            names = [self._settling(each.item) for each in counter]
            yield attrs.evolve(base, amount_minor=rest, by=names, residuals=kinds)

    def _settling(self, item: ItemId) -> SettlingItem:
        fact = self._facts[item]
        return SettlingItem(
            item=item,
            document=fact.document,
            kind=fact.kind,
            customer=fact.customer,
            document_date=fact.document_date,
        )


def _rows(columns: Mapping[str, list[object]]) -> Iterator[dict[str, Any]]:
    names = list(columns)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))


def _effects(event: _AllocationEvent, allocation: Allocation, item: ItemId) -> list[_Entry]:
    """The entries that an allocation, or its undo, makes on one item."""
    is_new, sign = isinstance(event, Allocated), 1 if isinstance(event, Allocated) else -1
    on, known = event.effective_on, event.recorded_at
    legs = [
        _Entry(item, on, known, -sign * leg.amount_minor)
        for leg in allocation.legs
        if leg.item == item
    ]
    owed = [
        _Entry(item, on, known, sign * residual.amount_minor, is_new=is_new)
        for name, residual in allocation.owed
        if name == item
    ]
    return legs + owed


def _names(event: Event, entry: _Entry, fact: _Fact, creditor: str) -> bool:
    """Whether an event is about the item of an entry, and could have made it."""
    if isinstance(event, DocumentIssued):
        document = event.document
        return entry.is_new and _is(creditor, document.creditor, fact.document, document.number)
    if isinstance(event, ReceiptRecorded):
        receipt = event.receipt
        return entry.is_new and _is(creditor, receipt.creditor, entry.item, receipt.receipt)
    if isinstance(event, DocumentCancelled):
        return not entry.is_new and _is(creditor, event.creditor, fact.document, event.number)
    if isinstance(event, ReceiptReturned):
        return not entry.is_new and _is(creditor, event.creditor, entry.item, event.receipt)
    return False


def _is(creditor: str, its_creditor: str, name: str, its_name: str) -> bool:
    return creditor == its_creditor and name == its_name


def _kind(event: Event) -> StatementMovementKind:
    if isinstance(event, DocumentIssued):
        return StatementMovementKind(event.document.kind.value)
    return _KINDS.get(type(event), StatementMovementKind.OTHER)


def _note_of(event: Event | None, kind: StatementMovementKind) -> str:
    if event is None:
        return ""
    if kind is StatementMovementKind.OTHER:
        return type(event).__name__
    return str(getattr(event, "reason", "")) if isinstance(event, DocumentCancelled) else ""


def _of(allocation: Allocation, parts: Sequence[Any], currency: str) -> list[Any]:
    """The legs or residuals of an allocation that are in one currency."""
    return [part for part in parts if allocation.currency_of(part) == currency]


def _side(legs: Sequence[Leg], amount_minor: int) -> list[Leg]:
    """The legs with the sign of an amount."""
    return [leg for leg in legs if (leg.amount_minor > 0) == (amount_minor > 0)]


def _belongs(residual: Residual, leg: Leg, *, alone: bool) -> bool:
    """Whether a residual took off the item of a leg: it says so, or no other leg is on its side."""
    if residual.item:
        return residual.item == leg.item
    return alone and (residual.amount_minor > 0) == (leg.amount_minor > 0)


def _share(leg: Leg, residuals: Sequence[Residual]) -> int:
    """What a leg pays of the other side, its own residuals taken off."""
    own = sum(each.amount_minor for each in residuals if each.item == leg.item)
    return own - leg.amount_minor
