"""Credit notes that decisions ask for: what billing still has to issue.

A credit note covers a decision where the decision names it, where it corrects or refers to the
document and was issued since the dispute was opened, or where it names no document, was issued since
then and has been set against the item.  No credit note covers more than its total.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import attrs

from receivables.casework import DisputedPart, Holdback, HoldReason
from receivables.disputes import rules
from receivables.disputes.model import CreditNoteRequest, DisputeStanding
from receivables.disputes.objects import holdbacks, standings
from receivables.documents.model import CreditNote, ItemId
from receivables.documents.objects import open_items
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Event,
    Unallocated,
)
from receivables.ledger.objects import Ledger
from receivables.money import to_minor

__all__ = ["credit_note_requests", "holdbacks_until_credited"]


def credit_note_requests(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[CreditNoteRequest, ...]:
    """What decisions gave customers right about and no credit note covers, the earliest first.

    A decision that names a credit note which is not on the ledger yet is taken at its word.  Of a
    document that was cancelled nothing is left to credit.
    """
    return _uncredited(ledger, creditor, as_of, known_at, takes_word=True)


def _uncredited(
    ledger: Ledger,
    creditor: str,
    as_of: dt.date,
    known_at: dt.datetime | None,
    *,
    takes_word: bool,
) -> tuple[CreditNoteRequest, ...]:
    """What no credit note covers; a decision that names one to come is believed, or not."""
    decided = [
        standing
        for standing in standings(ledger, creditor, as_of=as_of, known_at=known_at)
        if standing.accepted
    ]
    if not decided:
        return ()
    seen = [
        event
        for event in ledger.events
        if event.effective_on <= as_of and (known_at is None or event.recorded_at <= known_at)
    ]
    books = _books(seen, creditor)
    claims = _claims(decided)
    for claim in claims:
        if takes_word and _is_promised(claim, books):
            claim.left = 0
    for cover in (_by_decision, _by_document, _by_allocation):
        for claim in claims:
            cover(claim, books)
    return tuple(
        _request(claim) for claim in claims if claim.left and claim.document not in books.cancelled
    )


def holdbacks_until_credited(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[Holdback, ...]:
    """What customers are right about and no credit note covers yet, for whoever does not ask for it.

    `receivables.disputes.holdbacks` ends with the decision; these begin with it, and end with the
    credit note: one that a decision names is not there before it is on the ledger.  Together they
    never hold more than is open of an item.
    """
    left: dict[ItemId, int] = {}
    found: list[Holdback] = []
    held = _by_item(holdbacks(ledger, creditor, as_of=as_of, known_at=known_at))
    for request in _uncredited(ledger, creditor, as_of, known_at, takes_word=False):
        item = ledger.item(creditor, request.item, as_of=as_of, known_at=known_at)
        open_minor = 0 if item is None else item.open_minor
        free = left.setdefault(
            request.item, open_minor - _held(held.get(request.item, ()), open_minor)
        )
        amount = rules.contested_part(request.amount_minor, open_minor=free)
        left[request.item] = free - amount
        if amount:
            found.append(_holdback(request, None if amount == open_minor else amount))
    return tuple(found)


def _by_item(held: Iterable[Holdback]) -> Mapping[ItemId, list[Holdback]]:
    found: dict[ItemId, list[Holdback]] = {}
    for hold in held:
        found.setdefault(hold.item, []).append(hold)
    return found


def _held(held: Iterable[Holdback], open_minor: int) -> int:
    """What open disputes hold of an item already."""
    return sum(open_minor if hold.amount_minor is None else hold.amount_minor for hold in held)


def _holdback(request: CreditNoteRequest, amount_minor: int | None) -> Holdback:
    return Holdback(
        creditor=request.creditor,
        item=request.item,
        reason=HoldReason.CREDIT,
        reference=request.dispute,
        amount_minor=amount_minor,
    )


@attrs.define
class _Note:
    """A credit note, and what of it covers nothing so far."""

    document: CreditNote
    issued_on: dt.date
    left: int

    def names(self, document: str) -> bool:
        """Whether it corrects or refers to a document."""
        return bool(document) and (
            document == self.document.corrects or document in self.document.references
        )


@attrs.define
class _Claim:
    """An accepted part, and what of it no credit note has covered so far."""

    standing: DisputeStanding
    part: DisputedPart
    document: str
    left: int

    def take(self, note: _Note, most: int) -> int:
        """Cover as much as the claim needs, the note has left, and is allowed."""
        if note.document.currency != self.part.amount.currency.code:
            return 0
        taken = min(self.left, note.left, most)
        self.left -= taken
        note.left -= taken
        return taken


@attrs.frozen
class _Books:
    """The credit notes and allocations of a creditor that stood at the end of a day."""

    notes: dict[str, _Note] = attrs.field(factory=dict)
    items: dict[str, str] = attrs.field(factory=dict)
    """The credit note of each of its open items."""
    allocations: dict[str, Allocated] = attrs.field(factory=dict)
    cancelled: set[str] = attrs.field(factory=set)

    def notes_in_order(self) -> list[_Note]:
        return sorted(self.notes.values(), key=lambda note: (note.issued_on, note.document.number))


def _books(events: Iterable[Event], creditor: str) -> _Books:
    books = _Books()
    for event in events:
        match event:
            case DocumentIssued(document=CreditNote() as note) if note.creditor == creditor:
                books.notes[note.number] = _Note(note, event.effective_on, to_minor(note.total))
                books.items.update({item.item: note.number for item in open_items(note)})
            case DocumentCancelled() if event.creditor == creditor:
                books.cancelled.add(event.number)
                books.notes.pop(event.number, None)
            case Allocated() if event.allocation.creditor == creditor:
                books.allocations[event.allocation.allocation] = event
            case Unallocated() if event.creditor == creditor:
                books.allocations.pop(event.allocation, None)
    return books


def _claims(decided: Iterable[DisputeStanding]) -> list[_Claim]:
    """The accepted parts in the order in which they were decided."""
    documents = {
        (standing.name, part.item): part.document for standing in decided for part in standing.parts
    }
    claims = [
        _Claim(standing, part, documents[standing.name, part.item], to_minor(part.amount))
        for standing in decided
        for part in standing.accepted
    ]
    return sorted(claims, key=lambda claim: (str(claim.standing.decided_on), claim.standing.name))


def _is_promised(claim: _Claim, books: _Books) -> bool:
    """Whether the decision names a credit note that is not on the ledger yet."""
    number = claim.standing.credit_note
    return bool(number) and number not in books.notes and number not in books.cancelled


def _by_decision(claim: _Claim, books: _Books) -> None:
    number = claim.standing.credit_note
    if number in books.notes:
        claim.take(books.notes[number], claim.left)


def _by_document(claim: _Claim, books: _Books) -> None:
    for note in books.notes_in_order():
        if note.issued_on >= claim.standing.opened_on and note.names(claim.document):
            claim.take(note, claim.left)


def _by_allocation(claim: _Claim, books: _Books) -> None:
    for event in books.allocations.values():
        if event.effective_on < claim.standing.opened_on:
            continue
        legs = {leg.item: leg.amount_minor for leg in event.allocation.legs}
        most = max(legs.get(claim.part.item, 0), 0)
        for note, used in _notes_of(legs, books, since=claim.standing.opened_on):
            most -= claim.take(note, min(most, used))


def _notes_of(
    legs: Mapping[ItemId, int], books: _Books, *, since: dt.date
) -> Iterator[tuple[_Note, int]]:
    """The credit notes of an allocation that name no document, with what it uses of each."""
    for item, minor in legs.items():
        note = books.notes.get(books.items.get(item, ""))
        if note is not None and not note.document.corrects and note.issued_on >= since:
            yield note, -minor


def _request(claim: _Claim) -> CreditNoteRequest:
    standing = claim.standing
    return CreditNoteRequest(
        creditor=standing.creditor,
        customer=standing.customer,
        dispute=standing.name,
        item=claim.part.item,
        document=claim.document,
        currency=claim.part.amount.currency.code,
        accepted_minor=to_minor(claim.part.amount),
        amount_minor=claim.left,
        reason=standing.dispute.reason,
        decided_on=standing.decided_on or standing.opened_on,
        is_deduction=standing.dispute.is_deduction,
        note=standing.dispute.note,
    )
