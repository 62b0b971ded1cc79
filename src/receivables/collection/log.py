"""The contact log of a creditor: calls, letters, e-mails, visits and notices on one line of time.

>>> from receivables.ledger import Ledger
>>> note = ContactNote(contact="K-1", customer="C-017", channel="phone", outcome="reached",
...                    reason="will-pay", next_action="ask for the cheque",
...                    next_on=dt.date(2026, 11, 6))
>>> learned = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
>>> event = contact_logged(note, creditor="MIRA", on=dt.date(2026, 11, 2), recorded_at=learned)
>>> log = contact_log(Ledger().record(event), "MIRA", as_of=dt.date(2026, 11, 6))
>>> log.last_reason("C-017").value, [entry.next_action for entry in log.actions_due()]
('will-pay', ['ask for the cheque'])
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from receivables.casework import (
    Actor,
    ContactNote,
    ContactOutcome,
    ContactWish,
    Direction,
    NonPaymentReason,
)
from receivables.days import check_day
from receivables.documents.model import ItemId
from receivables.ledger.casework import (
    CaseEvent,
    ContactLogged,
    ContactWithdrawn,
    DeliveryReported,
    DeliveryStatus,
)
from receivables.ledger.model import EventId, NoticeSent
from receivables.ledger.objects import Ledger
from receivables.parties import Channel, CreditorId, CustomerId

__all__ = [
    "BadAddress",
    "ContactLog",
    "LogEntry",
    "LogKind",
    "contact_log",
    "contact_logged",
    "contact_withdrawn",
]


class LogKind(enum.Enum):
    """What an entry of the log comes from."""

    CONTACT = "contact"
    """Somebody wrote it down."""
    NOTICE = "notice"
    """A dunning notice that went out."""
    DELIVERY = "delivery"
    """What became of a notice on its way."""


_NO_CONTACT: Final = frozenset(
    {
        ContactOutcome.NO_ANSWER,
        ContactOutcome.NOT_CONNECTED,
        ContactOutcome.WRONG_PERSON,
        ContactOutcome.BOUNCED,
    }
)
"""Outcomes after which the customer knows nothing: what was to be done is still to be done."""

_SILENT: Final = frozenset(
    {ContactOutcome.NO_ANSWER, ContactOutcome.NOT_CONNECTED, ContactOutcome.WRONG_PERSON}
)
"""Outcomes that say nothing of whether an address is good."""

_OUTCOMES: Final[Mapping[DeliveryStatus, ContactOutcome]] = MappingProxyType(
    {
        DeliveryStatus.DISPATCHED: ContactOutcome.SENT,
        DeliveryStatus.DELIVERED: ContactOutcome.DELIVERED,
        DeliveryStatus.BOUNCED: ContactOutcome.BOUNCED,
        DeliveryStatus.REFUSED: ContactOutcome.REFUSED,
    }
)


@attrs.frozen(kw_only=True)
class LogEntry:
    """One line of the log: on which day who did what by which channel, and what came of it."""

    customer: CustomerId
    on: dt.date
    recorded_at: dt.datetime
    kind: LogKind
    reference: str
    """The contact's name, or the event of the notice."""
    channel: Channel | None = None
    """None for a notice whose way is not known."""
    outcome: ContactOutcome = ContactOutcome.SENT
    direction: Direction = Direction.OUTBOUND
    actor: Actor = Actor.CREDITOR
    local_time: str = ""
    person: str = ""
    by: str = ""
    said: str = ""
    """What was said, or the letter that was sent and its level."""
    reason: NonPaymentReason | None = None
    next_action: str = ""
    next_on: dt.date | None = None
    wishes: tuple[ContactWish, ...] = ()
    consent_until: dt.date | None = None
    items: tuple[ItemId, ...] = ()
    address: str = ""
    proof: str = ""

    @property
    def is_contact(self) -> bool:
        """Whether the customer heard of it, or said it."""
        return self.kind is LogKind.CONTACT and self.outcome not in _NO_CONTACT


@attrs.frozen(kw_only=True)
class BadAddress:
    """A channel on which something to a customer came back, and nothing was sent since."""

    customer: CustomerId
    channel: Channel
    since: dt.date
    address: str = ""
    """The address that it was, where the report says so."""
    reference: str = ""


def _entries(values: Iterable[LogEntry]) -> tuple[LogEntry, ...]:
    return tuple(values)


_ByCustomer: TypeAlias = Mapping[CustomerId, tuple[LogEntry, ...]]


def _by_customer(entries: tuple[LogEntry, ...]) -> _ByCustomer:
    found: dict[CustomerId, list[LogEntry]] = {}
    for entry in entries:
        found.setdefault(entry.customer, []).append(entry)
    return MappingProxyType({name: tuple(of_name) for name, of_name in found.items()})


@attrs.frozen(kw_only=True)
class ContactLog:
    """What was said and sent up to the end of a day, the newest first; withdrawn notes are out."""

    creditor: CreditorId = attrs.field(converter=CreditorId)
    as_of: dt.date
    entries: tuple[LogEntry, ...] = attrs.field(default=(), converter=_entries, repr=False)
    by_customer: _ByCustomer = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(lambda self: _by_customer(self.entries), takes_self=True),
    )
    """The entries of each customer, the newest first."""

    def __iter__(self) -> Iterator[LogEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def of(self, customer: str) -> tuple[LogEntry, ...]:
        """The entries of a customer, the newest first."""
        return self.by_customer.get(CustomerId(customer), ())

    def last_contact(self, customer: str) -> LogEntry | None:
        """The last time that a customer heard of us, or we of it; None where it never did."""
        return next((entry for entry in self.of(customer) if entry.is_contact), None)

    def last_reason(self, customer: str) -> NonPaymentReason | None:
        """Why a customer has not paid, as it said last."""
        return next((entry.reason for entry in self.of(customer) if entry.reason), None)

    def attempts(
        self, customer: str, *, since: dt.date, channel: Channel | None = None
    ) -> tuple[LogEntry, ...]:
        """Our contacts and attempts from a day on; a call that was not connected is none."""
        return tuple(
            entry
            for entry in self.of(customer)
            if entry.on >= since
            and entry.kind is LogKind.CONTACT
            and entry.direction is Direction.OUTBOUND
            and entry.outcome is not ContactOutcome.NOT_CONNECTED
            and (channel is None or entry.channel is channel)
        )

    def next_action(self, customer: str) -> LogEntry | None:
        """The note whose next action still stands; None where nothing is to be done.

        The latest note that names a next day counts.  It is done once we have contacted the
        customer on that day or later; an attempt that reached nobody leaves it as it is.
        """
        contacted: dt.date | None = None
        for entry in self.of(customer):
            if entry.next_on is not None:
                done = contacted is not None and contacted >= entry.next_on
                return None if done else entry
            is_ours = entry.is_contact and entry.direction is Direction.OUTBOUND
            if is_ours and contacted is None:
                contacted = entry.on
        return None

    def actions_due(self, *, by: dt.date | None = None) -> tuple[LogEntry, ...]:
        """The notes whose next action is due by a day, that of the log itself unless said, oldest first."""
        day = self.as_of if by is None else by
        found = [entry for name in self.by_customer if (entry := self.next_action(name))]
        due = [(entry.next_on, entry.customer, entry) for entry in found if entry.next_on]
        return tuple(entry for next_on, _, entry in sorted(due, key=_first_two) if next_on <= day)

    def wishes(self, customer: str) -> frozenset[ContactWish]:
        """Every wish that a customer has expressed; what it means for a contact is asked elsewhere."""
        return frozenset(wish for entry in self.of(customer) for wish in entry.wishes)

    def bad_addresses(self, customer: str = "") -> tuple[BadAddress, ...]:
        """The channels that a message came back on last."""
        names = [CustomerId(customer)] if customer else sorted(self.by_customer)
        return tuple(bad for name in names for bad in _bad(self.of(name)))


def _first_two(due: tuple[dt.date, CustomerId, LogEntry]) -> tuple[dt.date, CustomerId]:
    return due[0], due[1]


def _bad(entries: Iterable[LogEntry]) -> Iterator[BadAddress]:
    """Of each channel the latest word, where it is that something came back.

    Whatever was sent afterwards clears it: somebody has mended the address.
    """
    seen: set[Channel] = set()
    for entry in entries:
        if entry.channel is None or entry.channel in seen or entry.outcome in _SILENT:
            continue
        seen.add(entry.channel)
        if entry.outcome is ContactOutcome.BOUNCED:
            yield BadAddress(
                customer=entry.customer,
                channel=entry.channel,
                since=entry.on,
                address=entry.address,
                reference=entry.reference,
            )


def contact_log(
    ledger: Ledger,
    creditor: str,
    *,
    customer: str | None = None,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> ContactLog:
    """The contact log of a creditor at the end of a day, as known at a moment, the newest first.

    Letters are in it as notices that went out, and what became of them; notes that were withdrawn
    by that day are not.  With a `customer`, its entries alone.
    """
    check_day(as_of, name="as_of")
    kinds = (ContactLogged, ContactWithdrawn, DeliveryReported)
    events = ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds)
    entries = [*_noted(events), *_noticed(ledger, creditor, as_of, known_at)]
    if customer is not None:
        entries = [entry for entry in entries if entry.customer == customer]
    entries.sort(key=lambda entry: (entry.on, entry.recorded_at, entry.reference), reverse=True)
    return ContactLog(creditor=CreditorId(creditor), as_of=as_of, entries=entries)


def _noted(events: Iterable[CaseEvent]) -> Iterator[LogEntry]:
    given = tuple(events)
    withdrawn = {event.case for event in given if isinstance(event, ContactWithdrawn)}
    for event in given:
        if isinstance(event, ContactLogged) and event.case not in withdrawn:
            yield _contact(event)
        elif isinstance(event, DeliveryReported):
            yield _delivery(event)


def _contact(event: ContactLogged) -> LogEntry:
    note = event.contact
    return LogEntry(
        customer=note.customer,
        on=event.effective_on,
        recorded_at=event.recorded_at,
        kind=LogKind.CONTACT,
        reference=note.contact,
        channel=note.channel,
        outcome=note.outcome,
        direction=note.direction,
        actor=note.actor,
        local_time=note.local_time,
        person=note.person,
        by=note.by,
        said=note.said,
        reason=note.reason,
        next_action=note.next_action,
        next_on=note.next_on,
        wishes=note.wishes,
        consent_until=note.consent_until,
        items=note.items,
    )


def _delivery(event: DeliveryReported) -> LogEntry:
    return LogEntry(
        customer=event.customer,
        on=event.effective_on,
        recorded_at=event.recorded_at,
        kind=LogKind.DELIVERY,
        reference=event.delivery,
        channel=event.channel,
        outcome=_OUTCOMES[event.status],
        address=event.address,
        proof=event.proof,
    )


def _noticed(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> Iterator[LogEntry]:
    for notice in ledger.notices(as_of=as_of):
        known = known_at is None or notice.recorded_at <= known_at
        if notice.creditor == creditor and known:
            yield _notice(notice)


def _notice(notice: NoticeSent) -> LogEntry:
    return LogEntry(
        customer=notice.customer,
        on=notice.effective_on,
        recorded_at=notice.recorded_at,
        kind=LogKind.NOTICE,
        reference=notice.event,
        by=notice.released_by,
        said=f"{notice.stage or notice.letter}, level {notice.level}",
        items=tuple(item.item for item in notice.items),
    )


def contact_logged(
    note: ContactNote, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> ContactLogged:
    """The event that puts a contact into the log, on the day on which it took place."""
    return ContactLogged(
        event=EventId(f"contact:{creditor}:{note.contact}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        contact=note,
    )


def contact_withdrawn(
    contact: str,
    *,
    customer: str,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> ContactWithdrawn:
    """The event that takes a note out of the log again; the note stays readable in the ledger."""
    return ContactWithdrawn(
        event=EventId(f"contact-withdrawn:{creditor}:{contact}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=CustomerId(customer),
        contact=contact,
        reason=reason,
    )
