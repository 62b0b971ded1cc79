"""From the rows of an edited worksheet to proposals, every row checked against the book."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import attrs

from receivables.allocation.model import Leg, Residual, ResidualKind
from receivables.book import Book
from receivables.documents.model import ItemId
from receivables.errors import DocumentError, EventError, MoneyError
from receivables.matching.model import (
    BASIS_POINTS,
    Evidence,
    EvidenceKind,
    MatchProposal,
    Outcome,
)
from receivables.money import minor_of, to_minor
from receivables.parties import UNIDENTIFIED, CustomerId
from receivables.reading import ReadNotes
from receivables.receipts.model import Receipt, ReceiptId
from receivables.reviewing._grid import Grid, GridRow
from receivables.reviewing._keys import Key, head_of
from receivables.reviewing._looking_up import Lookup
from receivables.reviewing._words import RESIDUALS, Marks, decision_of, marks_of, plain, residual_of
from receivables.reviewing.model import Decision, Reviewed, ReviewEntry
from receivables.texts import parse_amount

__all__ = ["decide"]

_SAID: Final = frozenset(RESIDUALS)
_LONG_AGO: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def decide(grid: Grid, *, book: Book, as_of: dt.date, notes: ReadNotes) -> Reviewed:
    """What the rows decide; receipts in the order of their first rows."""
    groups: dict[str, list[GridRow]] = {}
    for row in grid.rows:
        name = row.text("receipt")
        if name:
            groups.setdefault(name, []).append(row)
        else:
            msg = "row must name the receipt that it is about, got none"
            notes.error("receipt.missing", msg, line=row.line, field=grid.field("receipt"))
    desk = _Desk(grid, notes, Lookup(book, as_of), book)
    for name, rows in groups.items():
        desk.group(name, rows)
    sound = desk.proved()
    if sound and grid.head and grid.head != head_of(book.ledger):
        msg = f"review was written when the ledger had {grid.head.partition(':')[0]} events, and it has {len(book.ledger)} now; every row was checked against what is open now"
        notes.warn("review.stale", msg)
    return Reviewed(
        source=notes.source,
        sound=sound,
        known=tuple(desk.known),
        left=tuple(desk.left),
        problems=tuple(notes.problems),
    )


@attrs.frozen(kw_only=True)
class _Line:
    """One row, understood: `pays_minor` is None where the cell is empty."""

    row: GridRow
    items: tuple[ItemId, ...] = ()
    pays_minor: int | None = None
    residual: Residual | None = None

    @property
    def is_more(self) -> bool:
        """Whether it could be a further residual of an item that another row pays."""
        return self.pays_minor is None and self.residual is not None


@attrs.define
class _Desk:
    """The reading of one worksheet: what was decided so far."""

    grid: Grid
    notes: ReadNotes
    lookup: Lookup
    book: Book
    known: list[ReceiptId] = attrs.field(factory=list)
    left: list[ReceiptId] = attrs.field(factory=list)
    decided: list[tuple[MatchProposal, GridRow]] = attrs.field(factory=list)

    def error(self, code: str, message: str, row: GridRow, name: str) -> None:
        """Note what is wrong with a cell."""
        self.notes.error(code, message, line=row.line, field=self.grid.field(name))

    def group(self, name: str, rows: Sequence[GridRow]) -> None:
        """Take the rows of one receipt."""
        decision = self._decision(rows)
        receipt = self.lookup.receipts.get(name)
        if receipt is None:
            msg = f"receipt must be on the ledger of {self.lookup.creditor}, got {name!r}"
            self.error("review.receipt-unknown", msg, rows[0], "receipt")
        elif decision is Decision.APPLY:
            self._apply(receipt, rows)
        elif decision is not None:
            self.left.append(receipt.receipt)

    def _decision(self, rows: Sequence[GridRow]) -> Decision | None:
        """The decision that all rows of a receipt agree on; None where there is a fault."""
        before = self.notes.error_count
        said = [decision_of(row.text("decision")) for row in rows]
        for row, decision in zip(rows, said, strict=True):
            if decision is None:
                msg = f"decision must be apply, leave or empty, got {row.text('decision')!r}"
                self.error("review.decision-unknown", msg, row, "decision")
            elif said[0] is not None and decision is not said[0]:
                msg = "decision must be the same in all rows of a receipt; delete the rows of what it does not pay"
                self.error("review.rows-differ", msg, row, "decision")
        return said[0] if self.notes.error_count == before else None

    def _apply(self, receipt: Receipt, rows: Sequence[GridRow]) -> None:
        before = self.notes.error_count
        key = self.grid.keys.get(plain(receipt.receipt))
        lines = [self._line(row, receipt, key) for row in rows]
        customer = self._customer(rows)
        if self.notes.error_count > before:
            return
        request = _Request(receipt, key, lines, customer)
        cash = self.lookup.available.get(ItemId(receipt.receipt))
        if cash is None or cash.open_minor != cash.amount_minor:
            self._applied_meanwhile(request)
            return
        as_proposed = request.as_proposed()
        proposal = as_proposed or self._made(request, cash.customer)
        if proposal is not None and self._fits(proposal, request):
            self.decided.append((proposal, rows[0]))
            self.lookup.take(_taken(proposal))

    # Cells

    def _line(self, row: GridRow, receipt: Receipt, key: Key | None) -> _Line:
        named = row.text("item")
        items = self.lookup.items(named) if named else []
        if items is None:
            msg = f"document must be one of the ledger of {self.lookup.creditor}, got {named!r}"
            self.error("review.item-unknown", msg, row, "item")
        pays = self._amount(row, "pays", receipt, key)
        if pays and not named:
            msg = f"row must name the document that it pays, got none for {row.text('pays')}"
            self.error("document.missing", msg, row, "item")
        residual = self._residual(row, items or [], receipt, key)
        return _Line(row=row, items=tuple(items or ()), pays_minor=pays, residual=residual)

    def _amount(self, row: GridRow, name: str, receipt: Receipt, key: Key | None) -> int | None:
        cell = row.cells.get(name, "")
        if isinstance(cell, str) and not cell.strip():
            return None
        locale = key.locale if key else self.grid.locale
        marks = marks_of(locale) if locale else Marks()
        try:
            amount = (
                cell
                if isinstance(cell, Decimal)
                else parse_amount(cell, decimal=marks.decimal, grouping=marks.grouping)
            )
        except MoneyError as error:
            self.error("amount.invalid", str(error), row, name)
            return None
        try:
            return minor_of(amount, receipt.currency)
        except DocumentError as error:
            self.error("amount.inexact", str(error), row, name)
            return None

    def _residual(
        self, row: GridRow, items: Sequence[ItemId], receipt: Receipt, key: Key | None
    ) -> Residual | None:
        word, reason = row.text("residual"), row.text("residual_reason")
        minor = self._amount(row, "residual_amount", receipt, key)
        if not (word or reason or minor):
            return None
        kind = residual_of(word)
        if kind is None or not minor or len(items) != 1:
            msg = f"residual must have a kind, an amount and one document, got {word!r}, {minor or 0} minor units and {len(items)} documents"
            self.error("review.residual-invalid", msg, row, "residual")
            return None
        proposed = _proposed_residual(key, kind, minor, items[0])
        if proposed is None and kind not in _SAID:
            msg = f"residual of a review must be one of {', '.join(sorted(each.value for each in _SAID))}, got {kind.value}"
            self.error("review.residual-invalid", msg, row, "residual")
            return None
        try:
            made = proposed or Residual(kind, minor, item=items[0])
            same = plain(made.reason) == reason
            return made if same else attrs.evolve(made, reason=reason)
        except DocumentError as error:
            self.error("review.residual-invalid", str(error), row, "residual_amount")
            return None

    def _customer(self, rows: Sequence[GridRow]) -> str:
        """The customer that the rows name, empty where none does; different ones are a fault."""
        said = [(row, row.text("customer")) for row in rows if row.text("customer")]
        for row, name in said:
            if self.lookup.customer(name) is None:
                msg = f"customer must be a known one, got {name!r}"
                self.error("customer.unknown", msg, row, "customer")
            elif name != said[0][1]:
                msg = f"customer must be the same in all rows of a receipt, got {said[0][1]!r} and {name!r}"
                self.error("review.rows-differ", msg, row, "customer")
        return said[0][1] if said else ""

    # Proposals

    def _applied_meanwhile(self, request: _Request) -> None:
        """Say that a receipt cannot be applied any more, unless it was, just as the rows say."""
        receipt, row = request.receipt, request.lines[0].row
        done = self.book.ledger.allocations_of(receipt.creditor, receipt.receipt)
        for event in done:
            legs = {leg.item: leg.amount_minor for leg in event.allocation.legs}
            legs.pop(ItemId(receipt.receipt), None)
            if request.is_done_by(legs, event.allocation.residuals):
                self.known.append(receipt.receipt)
                return
        why = "it is held, returned, or not there yet on the day"
        if done or ItemId(receipt.receipt) in self.lookup.available:
            why = "it was applied to something else meanwhile"
        msg = f"receipt must be wholly unapplied, got {receipt.receipt}: {why}"
        self.error("review.receipt-applied", msg, row, "receipt")

    def _made(self, request: _Request, owner: CustomerId) -> MatchProposal | None:
        """The proposal of rows that a person has changed."""
        before = self.notes.error_count
        parts = self._parts(request)
        customer = self._owner(request, owner, parts)
        if self.notes.error_count > before:
            return None
        said = f"{self.notes.source}:{request.lines[0].row.line}"
        proposed = request.key.proposal if request.key else None
        return MatchProposal(
            receipt=request.receipt.receipt,
            creditor=request.receipt.creditor,
            outcome=Outcome.PROPOSED,
            amount_minor=to_minor(request.receipt.amount),
            currency=request.receipt.currency,
            customer=customer,
            parts=[Leg(item, minor) for item, minor in parts.items() if minor],
            evidence=[Evidence(EvidenceKind.SAID_BY_PERSON, said)],
            alternatives=proposed.alternatives if proposed else (),
            probability_bp=BASIS_POINTS,
            residuals=[line.residual for line in request.lines if line.residual],
        )

    def _parts(self, request: _Request) -> dict[ItemId, int]:
        """What each item is paid: as the rows say, and where they do not, what is open of it."""
        parts: dict[ItemId, int] = {}
        for line in request.lines:
            for item in line.items:
                if line.pays_minor is None or len(line.items) > 1:
                    continue
                if item in parts:
                    msg = f"document must be paid in one row of a receipt, got {item} again"
                    self.error("review.rows-differ", msg, line.row, "item")
                parts[item] = line.pays_minor
        empty = [
            (line, item)
            for line in request.lines
            for item in line.items
            if item not in parts and (line.pays_minor is None or len(line.items) > 1)
        ]
        off = request.off()
        named = dict.fromkeys(item for _, item in empty)
        whole = {item: self.lookup.remaining.get(item, 0) - off[item] for item in named}
        rest = to_minor(request.receipt.amount) - sum(parts.values())
        if len(whole) == 1:
            # One document without an amount takes what the receipt has left for it.
            whole = {item: min(minor, rest) for item, minor in whole.items()}
        self._check_joined(request.lines, whole)
        parts.update(whole)
        for line, item in empty:
            if not parts[item] and item in self.lookup.available:
                msg = f"nothing is left for {item}; say how much each document is paid"
                self.error("review.amount-exceeds", msg, line.row, "pays")
        return parts

    def _check_joined(self, lines: Sequence[_Line], whole: dict[ItemId, int]) -> None:
        """Several documents in one cell are paid whole, or have a row each."""
        for line in lines:
            if len(line.items) > 1 and line.pays_minor is not None:
                total = sum(whole.get(item, 0) for item in line.items)
                if total != line.pays_minor:
                    msg = f"several documents in one row must be paid whole, which is {total} minor units, got {line.pays_minor}; give each a row of its own"
                    self.error("review.rows-differ", msg, line.row, "pays")

    def _owner(self, request: _Request, owner: CustomerId, parts: Iterable[ItemId]) -> CustomerId:
        """Whose receipt it is: as the rows say, as the ledger knows, or as the documents tell."""
        row = request.lines[0].row
        proposed = request.key.proposal.customer if request.key else UNIDENTIFIED
        if request.customer:
            said = CustomerId(request.customer)
            if said != owner != UNIDENTIFIED and plain(proposed) != said:
                msg = f"customer must be {owner}, on whose account the receipt is, got {said}"
                self.error("review.customer-differs", msg, row, "customer")
            return said
        if owner != UNIDENTIFIED:
            return owner
        owners = {
            self.lookup.available[item].customer for item in parts if item in self.lookup.available
        }
        if len(owners) > 1:
            msg = f"receipt must have a customer, got none and documents of {', '.join(sorted(owners))}"
            self.error("customer.missing", msg, row, "customer")
        return next(iter(owners), UNIDENTIFIED)

    def _fits(self, proposal: MatchProposal, request: _Request) -> bool:
        """Check what a proposal takes against what is open, and against the receipt."""
        before = self.notes.error_count
        rows = {item: line.row for line in reversed(request.lines) for item in line.items}
        first = request.lines[0].row
        taken = Counter(dict(_taken(proposal)))
        for part in proposal.parts:
            row = rows.get(part.item, first)
            self._fits_item(part, taken[part.item], row, proposal.currency)
        for residual in proposal.residuals:
            if residual.item not in {part.item for part in proposal.parts}:
                msg = f"residual must be of a document that the receipt pays in part, got {residual.item!r}"
                row = rows.get(residual.item, first)
                self.error("review.residual-invalid", msg, row, "residual")
        used = proposal.amount_minor - proposal.unapplied_minor
        if not 0 <= used <= proposal.amount_minor or (proposal.parts and not used):
            msg = f"rows must use something of the receipt and at most {proposal.amount_minor} minor units, got {used}"
            self.error("review.amount-exceeds", msg, first, "pays")
        if not proposal.parts and proposal.customer == UNIDENTIFIED:
            msg = "a receipt that is applied should have a document or a customer, got neither; it changes nothing"
            self.notes.warn("review.empty", msg, line=first.line, field=self.grid.field("decision"))
        return self.notes.error_count == before

    def _fits_item(self, part: Leg, taken: int, row: GridRow, currency: str) -> None:
        """Check one part; `taken` is what it takes off its item, residuals included."""
        item = self.lookup.available.get(part.item)
        left = self.lookup.remaining.get(part.item, 0)
        if item is None:
            msg = (
                f"document must be open, got {part.item}, which is settled, held, or not there yet"
            )
            self.error("review.item-settled", msg, row, "item")
        elif item.currency != currency:
            msg = f"document must be in {currency}, got {part.item} in {item.currency}"
            self.error("review.item-currency", msg, row, "item")
        elif (part.amount_minor > 0) != (item.amount_minor > 0):
            msg = f"amount must have the sign of {part.item}, got {part.amount_minor} minor units of {item.open_minor}"
            self.error("amount.sign", msg, row, "pays")
        elif abs(taken) > abs(left) or (taken > 0) != (left > 0):
            msg = f"amount must be at most the {left} minor units that are left of {part.item}, got {taken}"
            self.error("review.amount-exceeds", msg, row, "pays")

    # Proof

    def proved(self) -> tuple[MatchProposal, ...]:
        """The decisions that the ledger takes, one after the other, tried out on a copy of it."""
        sound: list[MatchProposal] = []
        self._prove(self.book, self.decided, sound)
        return tuple(sound)

    def _prove(
        self,
        book: Book,
        decided: Sequence[tuple[MatchProposal, GridRow]],
        sound: list[MatchProposal],
    ) -> Book:
        """Confirm as many at once as go together: a refusal is looked for by halves."""
        row = decided[0][1] if len(decided) == 1 else None
        proposals = [proposal for proposal, _ in decided]
        tried = self._tried(book, proposals, row)
        if tried is not None:
            sound.extend(proposals)
            return tried
        if row is None:
            half = len(decided) // 2
            book = self._prove(book, decided[:half], sound)
            book = self._prove(book, decided[half:], sound)
        return book

    def _tried(
        self, book: Book, proposals: Sequence[MatchProposal], row: GridRow | None = None
    ) -> Book | None:
        """The book with proposals confirmed; None where it refuses them, noted where `row` is given."""
        moment = book.ledger.last_recorded_at or _LONG_AGO
        try:
            tried = book.confirm(proposals, recorded_at=moment, by=self.notes.source)
            undone = [each for each in proposals if not _is_done(tried, each)]
            refusal = "it was applied like this before, and undone" if undone else ""
        except (EventError, DocumentError) as error:
            refusal = str(error)
        if not refusal:
            return tried
        if row is not None:
            self.error("event.refused", refusal, row, "decision")
        return None


def _is_done(book: Book, proposal: MatchProposal) -> bool:
    """Whether a receipt is used as a proposal says."""
    cash = book.ledger.item(proposal.creditor, proposal.receipt, as_of=dt.date.max)
    return cash is not None and (not proposal.parts or -cash.open_minor == proposal.unapplied_minor)


def _taken(proposal: MatchProposal) -> list[tuple[ItemId, int]]:
    """What each item loses: the money, and what else closes it."""
    taken = Counter[ItemId]()
    for part in proposal.parts:
        taken[part.item] += part.amount_minor
    for residual in proposal.residuals:
        taken[residual.item] += residual.amount_minor
    return list(taken.items())


def _proposed_residual(
    key: Key | None, kind: ResidualKind, minor: int, item: ItemId
) -> Residual | None:
    """The residual that was proposed, with all that a row does not show; None where it is another."""
    residuals = key.proposal.residuals if key else ()
    look = (kind, minor, item)
    return next((one for one in residuals if (one.kind, one.amount_minor, one.item) == look), None)


@attrs.frozen
class _Request:
    """What the rows of one receipt ask for."""

    receipt: Receipt
    key: Key | None
    lines: Sequence[_Line]
    customer: str

    def off(self) -> Counter[ItemId]:
        """What residuals take off each item."""
        off = Counter[ItemId]()
        for line in self.lines:
            if line.residual is not None:
                off[line.residual.item] += line.residual.amount_minor
        return off

    def as_proposed(self) -> MatchProposal | None:
        """What was proposed, where the rows still say the same; None where they were changed."""
        if self.key is None:
            return None
        proposal = self.key.proposal
        entry = ReviewEntry(receipt=self.receipt, proposal=proposal)
        expected = Counter(
            (plain(row.item), row.pays_minor, row.residual, plain(row.customer))
            for row in entry.rows
        )
        found = Counter(
            (
                line.row.text("item"),
                line.pays_minor,
                line.residual,
                line.row.text("customer"),
            )
            for line in self.lines
        )
        return proposal if expected == found else None

    def is_done_by(self, legs: dict[ItemId, int], residuals: Iterable[Residual]) -> bool:
        """Whether an allocation did what the rows say; a row without an amount agrees with any."""
        off = self.off()
        items = {item for line in self.lines for item in line.items}
        look = [(each.kind, each.amount_minor, each.item, each.reason) for each in residuals]
        own = [line.residual for line in self.lines if line.residual is not None]
        if items != set(legs) or Counter(look) != Counter(
            (each.kind, each.amount_minor, each.item, each.reason) for each in own
        ):
            return False
        said = {
            line.items[0]: line.pays_minor
            for line in self.lines
            if line.pays_minor is not None and len(line.items) == 1
        }
        return all(legs[item] == minor + off[item] for item, minor in said.items())
