"""From the rows of one identity to a document, what settled it, or money on account.

What is open of an identity is the sum of ``ESCUAM`` over its rows.  Rows of invoices make the
document, in full; rows of payments, and the reconciliation of what they leave, settle it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Context
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
)
from receivables.errors import DocumentError
from receivables.money import ExchangeRate, from_minor, to_minor
from receivables.parties import CustomerId
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import Receipt
from receivables_plugins.m3._rows import Identity, LedgerRow
from receivables_plugins.m3.settings import LedgerSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["Items"]

_RATES: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)
"""Fifteen digits of a rate give back every local amount within the limits of the library."""


@attrs.frozen
class _Event:
    """A part that was settled: when, how much (positive), of which due date, and its name."""

    day: dt.date
    minor: int
    due_date: dt.date | None
    label: str


@attrs.frozen(kw_only=True)
class _Part:
    """One installment: its due date and its amount without a sign."""

    due_date: dt.date | None
    minor: int


class Items:
    """Turns groups of rows into records; remembers which numbers it gave.

    Each payment settles its own part on its own day, under the name of its journal line, so that a
    past day is as it was, and a later read adds what is new.
    """

    def __init__(
        self,
        settings: LedgerSettings,
        notes: ReadNotes,
        *,
        as_of: dt.date | None = None,
    ) -> None:
        self._settings = settings
        self._notes = notes
        self._as_of = as_of
        self._numbers: dict[str, Identity] = {}

    def records(
        self, identity: Identity, rows: Iterable[LedgerRow], *, with_settled: bool = True
    ) -> Iterator[LedgerRecord]:
        """The records of one identity; nothing where it was not there yet on the day.

        Without `with_settled`, nothing of an identity that has nothing open comes.
        """
        known = [row for row in rows if self._as_of is None or row.booked_on <= self._as_of]
        if not known:
            return
        if len({row.currency for row in known}) > 1:
            msg = f"rows of {_said(identity)} must have one currency, got several"
            self._notes.error("m3.currency-mixed", msg, line=known[0].line)
            return
        settled_on = self._settled_on(known)
        is_open = settled_on is None and sum(row.amount_minor for row in known) != 0
        if not is_open and not with_settled:
            return
        try:
            yield from self._of(identity, known, settled_on)
        except DocumentError as error:
            self._notes.error("document.unbalanced", str(error), line=known[0].line)

    def _of(
        self, identity: Identity, rows: list[LedgerRow], settled_on: dt.date | None
    ) -> Iterator[LedgerRecord]:
        invoices = [row for row in rows if not row.is_payment]
        payments = sorted((row for row in rows if row.is_payment), key=lambda row: row.booked_on)
        total = sum(row.amount_minor for row in invoices)
        if not total:
            yield from self._on_account(identity, payments, settled_on)
            return
        document = self._document(identity, invoices, total)
        yield document
        yield from self._settlements(identity, document, payments, settled_on)

    def _settled_on(self, rows: list[LedgerRow]) -> dt.date | None:
        """The day on which all of it was reconciled, as known on the day; None where it is open."""
        if not all(row.is_settled for row in rows):
            return None
        day = max((row.settled_on or row.booked_on) for row in rows)
        return None if self._as_of is not None and day > self._as_of else day

    def _document(self, identity: Identity, rows: list[LedgerRow], total: int) -> Document:
        first = min(rows, key=lambda row: (row.document_date, row.booked_on))
        parts = _parts(rows, total)
        number = self._number(identity, first.line)
        given = [identity.number] if number != identity.number else []
        one_due = parts[0].due_date if len(parts) == 1 else None
        kind: type[Document] = Invoice if total > 0 else CreditNote
        return kind(
            number=number,
            creditor=self._settings.creditor,
            customer=self._customer(rows[0]),
            document_date=first.document_date,
            posting_date=min(row.booked_on for row in rows),
            due_date=one_due,
            total=from_minor(abs(total), first.currency),
            installments=[
                Installment(part.due_date, from_minor(part.minor, first.currency)) for part in parts
            ],
            terms=self._settings.terms.get(first.terms, ""),
            references=given,
            exchange_rate=_rate(rows, total),
            source=Place(self._notes.source, line=first.line, field=first.journal or None),
        )

    def _customer(self, row: LedgerRow) -> CustomerId:
        by_payer = self._settings.account == "payer"
        return CustomerId(row.identity.payer if by_payer else row.customer)

    def _number(self, identity: Identity, line: int | None) -> str:
        parts = {
            "DIVI": identity.division,
            "PYNO": identity.payer,
            "CINO": identity.number,
            "INYR": identity.year,
        }
        number = "-".join(parts[part] for part in self._settings.document_number)
        first = self._numbers.setdefault(number, identity)
        if first == identity:
            return number
        whole = _said(identity)
        msg = f"number must be unique, got {number!r} of {_said(first)} as well. Read as {whole!r}"
        self._notes.warn("document.duplicate", msg, line=line, field="CINO")
        self._numbers[whole] = identity
        return whole

    def _settlements(
        self,
        identity: Identity,
        document: Document,
        payments: list[LedgerRow],
        settled_on: dt.date | None,
    ) -> Iterator[LedgerRecord]:
        if not payments and settled_on is None:
            return
        sign = -1 if isinstance(document, CreditNote) else 1
        total = to_minor(document.total)
        named = _named(payments)
        events = [
            _Event(row.booked_on, -sign * row.amount_minor, row.due_date, label)
            for row, label in named
            if row.amount_minor
        ]
        paid = sum(event.minor for event in events)
        if settled_on is not None and paid != total:
            events.append(_Event(settled_on, total - paid, None, "reconciled"))
            self._notes.warn(
                "m3.reconciled-rest",
                f"{document.number} is reconciled with a rest of its rows, got {total - paid} minor units",
                line=document.source.line if document.source else None,
            )
            paid = total
        if all(event.minor > 0 for event in events):
            yield from self._beyond(identity, document, named, sign)
        else:
            if not 0 <= paid <= total:
                surplus = -sign * (paid if paid < 0 else paid - total)
                yield from self._surplus(identity, document, surplus, payments[-1])
            events = _netted(events, min(max(paid, 0), total))
        yield from self._allocations(document, events, sign)

    def _allocations(
        self, document: Document, events: Sequence[_Event], sign: int
    ) -> Iterator[SourceAllocation]:
        one = len(document.installments) == 1
        for place, event, is_last in _taken(document, events):
            name = document.number if one else f"{document.number}/{place + 1}"
            yield SourceAllocation(
                creditor=document.creditor,
                customer=document.customer,
                items=[ItemId(name)],
                settled_on=max(event.day, document.posting_date),
                settled_minor=None if is_last else sign * event.minor,
                label=event.label,
                source=document.source,
            )

    def _beyond(
        self,
        identity: Identity,
        document: Document,
        payments: Sequence[tuple[LedgerRow, str]],
        sign: int,
    ) -> Iterator[LedgerRecord]:
        """What payments are more than the document, each on its own day."""
        left, suffix = to_minor(document.total), ""
        for row, label in payments:
            minor = -sign * row.amount_minor
            over = max(0, minor - left)
            left -= minor - over
            if over:
                yield from self._surplus(identity, document, -sign * over, row, suffix=suffix)
                suffix = f"-{label}"

    def _surplus(
        self,
        identity: Identity,
        document: Document,
        minor: int,
        row: LedgerRow,
        *,
        suffix: str = "",
    ) -> Iterator[LedgerRecord]:
        """What was paid beyond the document: money on account, or a debit where it went back."""
        if minor < 0:
            yield self._receipt(identity, row, -minor, suffix=suffix)
            return
        yield self._debit(f"{document.number}-20{suffix}", row, minor)

    def _on_account(
        self, identity: Identity, rows: list[LedgerRow], settled_on: dt.date | None
    ) -> Iterator[LedgerRecord]:
        """Payments of no invoice: receipts, and what of them was used; or money that went back."""
        received = [(row, label) for row, label in _named(rows) if row.amount_minor < 0]
        used = [(row, label) for row, label in _named(rows) if row.amount_minor > 0]
        came, went = (
            -sum(row.amount_minor for row, _ in received),
            sum(row.amount_minor for row, _ in used),
        )
        if went > came:
            yield self._debit(self._number(identity, rows[0].line), used[-1][0], went - came)
            return
        events = [_Event(row.booked_on, row.amount_minor, None, label) for row, label in used]
        if settled_on is not None and came > went:
            events.append(_Event(settled_on, came - went, None, "reconciled"))
        room: list[tuple[Receipt, int]] = []
        for place, (row, label) in enumerate(received):
            suffix = f"-{label}" if place else ""
            receipt = self._receipt(identity, row, -row.amount_minor, suffix=suffix)
            room.append((receipt, -row.amount_minor))
            yield receipt
        yield from _used(room, events)

    def _receipt(
        self, identity: Identity, row: LedgerRow, minor: int, *, suffix: str = ""
    ) -> Receipt:
        return Receipt(
            receipt=f"{_said(identity)}-20{suffix}",
            creditor=self._settings.creditor,
            customer=self._customer(row),
            amount=from_minor(minor, row.currency),
            booking_date=row.booked_on,
            source=Place(self._notes.source, line=row.line, field=row.journal or None),
        )

    def _debit(self, number: str, row: LedgerRow, minor: int) -> DebitNote:
        """Money that went back to the payer; the sum is sure, what it was is for a person to see."""
        msg = f"payments of {_said(row.identity)} must lower what is owed, got {minor} minor units more"
        self._notes.warn("m3.payment-positive", msg, line=row.line, field="CUAM")
        return DebitNote(
            number=number,
            creditor=self._settings.creditor,
            customer=self._customer(row),
            document_date=row.document_date,
            posting_date=row.booked_on,
            due_date=row.due_date or row.booked_on,
            total=from_minor(minor, row.currency),
            references=[row.identity.number],
            source=Place(self._notes.source, line=row.line, field=row.journal or None),
        )


def _said(identity: Identity) -> str:
    """The whole identity, which names one thing for good."""
    parts = (identity.division, identity.payer, identity.number, identity.year)
    return "-".join(part for part in parts if part)


def _parts(rows: list[LedgerRow], total: int) -> list[_Part]:
    """The installments: a due date each; one alone where corrections turn the sign of any."""
    if len(rows) == 1:
        return [_Part(due_date=rows[0].due_date, minor=abs(total))]
    sign = 1 if total > 0 else -1
    by_due: dict[dt.date | None, int] = {}
    for row in rows:
        by_due[row.due_date] = by_due.get(row.due_date, 0) + sign * row.amount_minor
    found = {due: minor for due, minor in by_due.items() if minor}
    if any(minor < 0 for minor in found.values()):
        largest = max(rows, key=lambda row: abs(row.amount_minor))
        return [_Part(due_date=largest.due_date, minor=abs(total))]
    ordered = sorted(found, key=lambda due: due or dt.date.max)
    return [_Part(due_date=due, minor=found[due]) for due in ordered]


def _named(rows: Iterable[LedgerRow]) -> list[tuple[LedgerRow, str]]:
    """Payments with a name each that a later extract gives again: journal line, else day and amount."""
    found: list[tuple[LedgerRow, str]] = []
    times: dict[str, int] = {}
    for row in rows:
        name = row.journal or f"{row.booked_on} {row.amount_minor}"
        times[name] = times.get(name, 0) + 1
        found.append((row, name if times[name] == 1 else f"{name} {times[name]}"))
    return found


def _used(
    room: Sequence[tuple[Receipt, int]], events: Iterable[_Event]
) -> Iterator[SourceAllocation]:
    """What was used of receipts, the oldest first."""
    left = [minor for _, minor in room]
    for event in events:
        rest = event.minor
        for place, (receipt, _) in enumerate(room):
            minor = min(rest, left[place])
            if minor:
                left[place] -= minor
                rest -= minor
                yield SourceAllocation(
                    creditor=receipt.creditor,
                    customer=receipt.customer,
                    items=[ItemId(receipt.receipt)],
                    settled_on=max(event.day, receipt.booking_date),
                    settled_minor=-minor if left[place] else None,
                    label=event.label,
                    source=receipt.source,
                )


def _taken(document: Document, events: Sequence[_Event]) -> Iterator[tuple[int, _Event, bool]]:
    """Which part of which installment each event settles, and whether it settles the rest of it."""
    left = [to_minor(part.amount) for part in document.installments]
    dues = [part.due_date for part in document.installments]
    for event in events:
        rest = event.minor
        for place in _order(dues, event.due_date):
            minor = min(rest, left[place])
            if minor:
                left[place] -= minor
                rest -= minor
                yield place, attrs.evolve(event, minor=minor), not left[place]


def _order(dues: Sequence[dt.date | None], due_date: dt.date | None) -> list[int]:
    """Which installments a payment settles: that of its own due date, then the earliest."""
    places = list(range(len(dues)))
    return sorted(places, key=lambda place: (due_date is None or dues[place] != due_date, place))


def _netted(events: list[_Event], minor: int) -> list[_Event]:
    """Payments of which some were taken back: what is left of them, on the day of the last.

    It has no name, because a later extract says it of all that was settled so far.
    """
    if not minor:
        return []
    last = max(events, key=lambda event: event.day)
    return [_Event(last.day, minor, None, "")]


def _rate(rows: list[LedgerRow], total: int) -> ExchangeRate | None:
    """The rate that gives the local amounts of the general ledger, where they are known."""
    known = [row for row in rows if row.local_minor is not None and row.local_currency]
    if len(known) < len(rows) or not known or known[0].local_currency == known[0].currency:
        return None
    currency, local = known[0].currency, known[0].local_currency
    local_minor = sum(row.local_minor or 0 for row in known)
    if local_minor * total <= 0:
        return None
    there = from_minor(abs(local_minor), local).amount
    here = from_minor(abs(total), currency).amount
    day = min(row.booked_on for row in rows)
    rate = _RATES.divide(there, here)
    return ExchangeRate(base=currency, quote=local, rate=rate, date=day, source="M3 FGLEDG")
