"""Events, the only way that anything changes, and the life cycles that allow them.

Every event has two times: `effective_on`, the day it counts from, and `recorded_at`, the moment we
learned it.  Balances can be asked for any day *as known now*, or *as known then*.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar, Final, NewType

import attrs

from receivables._fields import LATER
from receivables.allocation.model import Allocation, AllocationId
from receivables.documents.model import Document, ItemId
from receivables.errors import EventError
from receivables.money import Money, exact
from receivables.parties import UNIDENTIFIED, CreditorId, CustomerId
from receivables.receipts.facts import Fact, FactId
from receivables.receipts.model import Receipt, ReceiptId, ReturnReason

__all__ = [
    "LIFE_CYCLES",
    "AccountKey",
    "Allocated",
    "DocumentCancelled",
    "DocumentIssued",
    "DueDateChanged",
    "Event",
    "EventId",
    "FactLearned",
    "FactWithdrawn",
    "ItemHeld",
    "ItemReleased",
    "LifeCycle",
    "NoticeSent",
    "NoticedItem",
    "PeriodClosed",
    "PeriodReopened",
    "ReceiptIdentified",
    "ReceiptRecorded",
    "ReceiptReturned",
    "State",
    "Unallocated",
    "account_key",
    "period_account",
]

EventId = NewType("EventId", str)

AccountKey = NewType("AccountKey", str)
"""A customer's account with a creditor, as one string; `account_key` builds it."""

_SEPARATOR: Final = "|"


def account_key(creditor: str, customer: str) -> AccountKey:
    """The key of a customer's account; an empty customer is the account of unidentified receipts.

    >>> account_key("MIRA", "C-017")
    'MIRA|C-017'
    """
    if _SEPARATOR in creditor:
        msg = f"creditor must not contain {_SEPARATOR!r}, got {creditor!r}"
        raise EventError(msg)
    return AccountKey(f"{creditor}{_SEPARATOR}{customer}")


def period_account(creditor: str) -> AccountKey:
    """The key that counts how often a creditor's periods were closed or reopened.

    Whoever appends to a store expects its version too, so that nothing slips into a period that
    somebody else has just closed.

    >>> period_account("MIRA")
    'MIRA||periods'
    """
    return account_key(creditor, f"{_SEPARATOR}periods")


def _check_utc(_instance: object, _attribute: object, value: dt.datetime) -> None:
    if value.tzinfo is None or value.utcoffset() != dt.timedelta(0):
        msg = f"recorded_at must be in UTC, got {value.isoformat()}"
        raise EventError(msg)


def _customer_ids(values: Iterable[CustomerId]) -> tuple[CustomerId, ...]:
    return tuple(values)


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _noticed(values: Iterable[NoticedItem]) -> tuple[NoticedItem, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Event:
    """A fact: what, from which day, known since when.

    `event` names it for good: the same event recorded twice is one event, whatever the time of the
    second recording.  Events that concern a document, a receipt or an allocation name themselves.
    """

    subject: ClassVar[str]
    """What has a life cycle: ``document``, ``receipt``, ``allocation``, ``notice``, ``item``, ``period``."""
    is_posting: ClassVar[bool] = True
    """Whether it changes what a day's books say, so that a closed period refuses it."""

    event: EventId = attrs.field(converter=EventId)
    effective_on: dt.date
    recorded_at: dt.datetime = attrs.field(validator=_check_utc)

    @property
    def accounts(self) -> tuple[AccountKey, ...]:
        """The accounts that the event writes on, for optimistic concurrency."""
        return self._accounts()

    def _accounts(self) -> tuple[AccountKey, ...]:
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class DocumentIssued(Event):
    """A document was issued; its open items are on the account from `effective_on`."""

    subject: ClassVar[str] = "document"
    document: Document

    @classmethod
    def of(cls, document: Document, *, recorded_at: dt.datetime) -> DocumentIssued:
        """The event of a document, effective on its posting date."""
        return cls(
            event=EventId(f"issued:{document.creditor}:{document.number}"),
            effective_on=document.posting_date,
            recorded_at=recorded_at,
            document=document,
        )

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.document.creditor, self.document.customer),)


@attrs.frozen(kw_only=True)
class DocumentCancelled(Event):
    """A document was cancelled: nothing of it is owed from `effective_on`."""

    subject: ClassVar[str] = "document"
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    number: str
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.customer),)


@attrs.frozen(kw_only=True)
class ReceiptRecorded(Event):
    """Money came in; it is unapplied cash of its customer, or unidentified."""

    subject: ClassVar[str] = "receipt"
    receipt: Receipt

    @classmethod
    def of(cls, receipt: Receipt, *, recorded_at: dt.datetime) -> ReceiptRecorded:
        """The event of a receipt, effective on its booking date."""
        return cls(
            event=EventId(f"received:{receipt.creditor}:{receipt.receipt}"),
            effective_on=receipt.booking_date,
            recorded_at=recorded_at,
            receipt=receipt,
        )

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.receipt.creditor, self.receipt.customer),)


@attrs.frozen(kw_only=True)
class ReceiptIdentified(Event):
    """The payer of an unidentified receipt became known."""

    subject: ClassVar[str] = "receipt"
    creditor: CreditorId = attrs.field(converter=CreditorId)
    receipt: ReceiptId = attrs.field(converter=ReceiptId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (
            account_key(self.creditor, UNIDENTIFIED),
            account_key(self.creditor, self.customer),
        )


@attrs.frozen(kw_only=True)
class ReceiptReturned(Event):
    """Money went back to the payer (a return); its allocations were undone before.

    `receivables.ledger.plan_return` makes this event, and those that must come before it.
    """

    subject: ClassVar[str] = "receipt"
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    receipt: ReceiptId = attrs.field(converter=ReceiptId)
    reason_code: str = ""
    """The scheme's own code (ISO 20022 ``AM04``, NACHA ``R01``…), where the bank gave one."""
    amount: Money | None = attrs.field(
        default=None, converter=attrs.converters.optional(exact), metadata=LATER
    )
    """How much went back; the whole receipt where it is None."""
    reason: ReturnReason = attrs.field(default=ReturnReason.UNSPECIFIED, metadata=LATER)
    fee: Money | None = attrs.field(
        default=None, converter=attrs.converters.optional(exact), metadata=LATER
    )
    """What the bank charged us for it; what we charge the customer is a debit note."""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.customer),)


@attrs.frozen(kw_only=True)
class Allocated(Event):
    """Items were settled against each other; `customers` are those whose items have a leg."""

    subject: ClassVar[str] = "allocation"
    allocation: Allocation
    customers: tuple[CustomerId, ...] = attrs.field(converter=_customer_ids)

    def _accounts(self) -> tuple[AccountKey, ...]:
        return tuple(account_key(self.allocation.creditor, name) for name in self.customers)


@attrs.frozen(kw_only=True)
class Unallocated(Event):
    """An allocation was undone, exactly: every leg is open again from `effective_on`."""

    subject: ClassVar[str] = "allocation"
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customers: tuple[CustomerId, ...] = attrs.field(converter=_customer_ids)
    allocation: AllocationId = attrs.field(converter=AllocationId)
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return tuple(account_key(self.creditor, name) for name in self.customers)


@attrs.frozen(kw_only=True)
class ItemHeld(Event):
    """An item is kept out of automatic application: an overpayment held for the customer, say."""

    subject: ClassVar[str] = "item"
    is_posting: ClassVar[bool] = False
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    item: ItemId = attrs.field(converter=ItemId)
    until: dt.date | None = None
    """The last day of the hold; None where it lasts until it is released."""
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.customer),)


@attrs.frozen(kw_only=True)
class ItemReleased(Event):
    """A held item may be applied again, from `effective_on` on."""

    subject: ClassVar[str] = "item"
    is_posting: ClassVar[bool] = False
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    item: ItemId = attrs.field(converter=ItemId)
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.customer),)


@attrs.frozen(kw_only=True)
class DueDateChanged(Event):
    """An item is due on another day, from `effective_on` on; on earlier days it keeps its old one."""

    subject: ClassVar[str] = "item"
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    item: ItemId = attrs.field(converter=ItemId)
    due_date: dt.date
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.customer),)


@attrs.frozen(kw_only=True)
class PeriodClosed(Event):
    """The books of a creditor are closed up to a day: acts and undos of that time are refused."""

    subject: ClassVar[str] = "period"
    is_posting: ClassVar[bool] = False
    creditor: CreditorId = attrs.field(converter=CreditorId)
    through: dt.date
    """The last day that is closed."""
    by: str = ""
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (period_account(self.creditor),)


@attrs.frozen(kw_only=True)
class PeriodReopened(Event):
    """The books of a creditor are open again from a day on."""

    subject: ClassVar[str] = "period"
    is_posting: ClassVar[bool] = False
    creditor: CreditorId = attrs.field(converter=CreditorId)
    opens_on: dt.date
    """The first day that is open again."""
    by: str = ""
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (period_account(self.creditor),)


@attrs.frozen(kw_only=True)
class NoticedItem:
    """One item of a notice, frozen as it was asked for."""

    item: ItemId = attrs.field(converter=ItemId)
    level: int
    """The level that it stands on after the notice; 0 where it is listed and not claimed late."""
    open_minor: int
    """What it had open, in minor units."""
    document_date: dt.date
    due_date: dt.date | None
    held_minor: int = attrs.field(default=0, metadata=LATER)
    """The part of it that was not asked for: disputed, or promised."""

    @property
    def asked_minor(self) -> int:
        """What was asked for."""
        return self.open_minor - self.held_minor


@attrs.frozen(kw_only=True)
class NoticeSent(Event):
    """A dunning notice went out; what it asked for is frozen here, with the procedure's version."""

    subject: ClassVar[str] = "notice"
    is_posting: ClassVar[bool] = False
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str
    procedure: str
    procedure_version: str
    level: int
    letter: str
    """The kind of letter that the level asks for."""
    items: tuple[NoticedItem, ...] = attrs.field(converter=_noticed)
    credit_minor: int = 0
    """Credits that were set against the items, negative or zero."""
    stage: str = attrs.field(default="", metadata=LATER)
    """What the level is, such as ``formal-notice``: a value of `receivables.dunning.Stage`."""
    document: str = attrs.field(default="", metadata=LATER)
    """The one document that it is about, where the procedure writes for each."""
    charges: tuple[str, ...] = attrs.field(default=(), converter=_names, metadata=LATER)
    """The numbers of the debit notes (fees, interest, compensation) that were issued with it."""
    ladder: str = attrs.field(default="", metadata=LATER)
    """The ladder that its levels count in, where several procedures share one."""
    run: str = attrs.field(default="", metadata=LATER)
    """The run that it was proposed, reviewed and released in."""
    released_by: str = attrs.field(default="", metadata=LATER)

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.customer),)

    @property
    def total_minor(self) -> int:
        """What the notice asked for."""
        return sum(item.asked_minor for item in self.items) + self.credit_minor


@attrs.frozen(kw_only=True)
class FactLearned(Event):
    """Something was learned of how a customer pays, from `effective_on` on."""

    subject: ClassVar[str] = "fact"
    is_posting: ClassVar[bool] = False
    creditor: CreditorId = attrs.field(converter=CreditorId)
    fact: Fact

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.fact.customer),)


@attrs.frozen(kw_only=True)
class FactWithdrawn(Event):
    """What was learned of a customer does not hold any more, from `effective_on` on."""

    subject: ClassVar[str] = "fact"
    is_posting: ClassVar[bool] = False
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    fact: FactId = attrs.field(converter=FactId)
    reason: str = ""

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.customer),)


class State(enum.Enum):
    """Where a document, a receipt, an item, a notice, a period or a case stands."""

    NONE = "none"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    UNIDENTIFIED = "unidentified"
    IDENTIFIED = "identified"
    RETURNED = "returned"
    ACTIVE = "active"
    UNDONE = "undone"
    SENT = "sent"
    HELD = "held"
    RELEASED = "released"
    CLOSED = "closed"
    REOPENED = "reopened"
    KNOWN = "known"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"
    LIFTED = "lifted"
    GIVEN = "given"
    OFFERED = "offered"
    RUNNING = "running"
    ENDED = "ended"
    CONTESTED = "contested"
    DECIDED = "decided"
    LOGGED = "logged"
    WAITING = "waiting"
    ANSWERED = "answered"
    REFERRED = "referred"
    UNDER_WAY = "under-way"
    GRANTED = "granted"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    REVIEWED = "reviewed"
    NOTIFIED = "notified"
    SET = "set"


def _transitions(
    table: Mapping[tuple[State, str], State],
) -> Mapping[tuple[State, str], State]:
    return MappingProxyType(dict(table))


@attrs.frozen
class LifeCycle:
    """Which event leads from which state to which; what is not in the table is illegal."""

    subject: str
    transitions: Mapping[tuple[State, str], State] = attrs.field(converter=_transitions)

    def next_state(self, state: State, trigger: str) -> State:
        """The state after `trigger`; raises `EventError` where the table has no such row."""
        try:
            return self.transitions[state, trigger]
        except KeyError:
            known = ", ".join(name for before, name in self.transitions if before is state)
            msg = f"{self.subject} that is {state.value} must get {known or 'no event'}, got {trigger}"
            raise EventError(msg) from None


LIFE_CYCLES: Final[Mapping[str, LifeCycle]] = MappingProxyType(
    {
        "document": LifeCycle(
            "document",
            {
                (State.NONE, "DocumentIssued"): State.ISSUED,
                (State.ISSUED, "DocumentCancelled"): State.CANCELLED,
            },
        ),
        "receipt": LifeCycle(
            "receipt",
            {
                (State.NONE, "ReceiptRecorded"): State.IDENTIFIED,
                (State.NONE, "ReceiptRecorded without customer"): State.UNIDENTIFIED,
                (State.UNIDENTIFIED, "ReceiptIdentified"): State.IDENTIFIED,
                (State.UNIDENTIFIED, "ReceiptReturned"): State.RETURNED,
                (State.UNIDENTIFIED, "ReceiptReturned in part"): State.UNIDENTIFIED,
                (State.IDENTIFIED, "ReceiptReturned"): State.RETURNED,
                (State.IDENTIFIED, "ReceiptReturned in part"): State.IDENTIFIED,
            },
        ),
        "allocation": LifeCycle(
            "allocation",
            {
                (State.NONE, "Allocated"): State.ACTIVE,
                (State.ACTIVE, "Unallocated"): State.UNDONE,
            },
        ),
        "notice": LifeCycle("notice", {(State.NONE, "NoticeSent"): State.SENT}),
        "item": LifeCycle(
            "item",
            {
                (State.NONE, "ItemHeld"): State.HELD,
                (State.NONE, "DueDateChanged"): State.NONE,
                (State.HELD, "ItemReleased"): State.RELEASED,
                (State.HELD, "DueDateChanged"): State.HELD,
                (State.RELEASED, "ItemHeld"): State.HELD,
                (State.RELEASED, "DueDateChanged"): State.RELEASED,
            },
        ),
        "fact": LifeCycle(
            "fact",
            {
                (State.NONE, "FactLearned"): State.KNOWN,
                (State.KNOWN, "FactWithdrawn"): State.WITHDRAWN,
                (State.WITHDRAWN, "FactLearned"): State.KNOWN,
            },
        ),
        "block": LifeCycle(
            "block",
            {
                (State.NONE, "DunningBlocked"): State.BLOCKED,
                (State.BLOCKED, "DunningUnblocked"): State.LIFTED,
            },
        ),
        "promise": LifeCycle(
            "promise",
            {
                (State.NONE, "PromiseMade"): State.GIVEN,
                (State.GIVEN, "PromiseWithdrawn"): State.WITHDRAWN,
            },
        ),
        "plan": LifeCycle(
            "plan",
            {
                (State.NONE, "PlanOffered"): State.OFFERED,
                (State.OFFERED, "PlanAccepted"): State.RUNNING,
                (State.OFFERED, "PlanEnded"): State.ENDED,
                (State.RUNNING, "PlanEnded"): State.ENDED,
            },
        ),
        "dispute": LifeCycle(
            "dispute",
            {
                (State.NONE, "DisputeOpened"): State.CONTESTED,
                (State.CONTESTED, "DisputeUpdated"): State.CONTESTED,
                (State.CONTESTED, "DisputeResolved"): State.DECIDED,
            },
        ),
        "contact": LifeCycle(
            "contact",
            {
                (State.NONE, "ContactLogged"): State.LOGGED,
                (State.LOGGED, "ContactWithdrawn"): State.WITHDRAWN,
            },
        ),
        "request": LifeCycle(
            "request",
            {
                (State.NONE, "RequestReceived"): State.WAITING,
                (State.WAITING, "RequestAnswered"): State.ANSWERED,
            },
        ),
        "referral": LifeCycle(
            "referral",
            {
                (State.NONE, "Referred"): State.REFERRED,
                (State.REFERRED, "ReferralReported"): State.REFERRED,
                (State.REFERRED, "ReferralEnded"): State.ENDED,
                # What was recovered on the way may be reported afterwards.
                (State.ENDED, "ReferralReported"): State.ENDED,
            },
        ),
        "delivery": LifeCycle(
            "delivery",
            {
                (State.NONE, "DeliveryReported"): State.UNDER_WAY,
                (State.UNDER_WAY, "DeliveryReported"): State.UNDER_WAY,
            },
        ),
        "limit": LifeCycle(
            "limit",
            {
                (State.NONE, "LimitGranted"): State.GRANTED,
                (State.GRANTED, "LimitEnded"): State.ENDED,
            },
        ),
        "suspension": LifeCycle(
            "suspension",
            {
                (State.NONE, "CreditSuspended"): State.SUSPENDED,
                (State.SUSPENDED, "CreditReinstated"): State.REINSTATED,
            },
        ),
        "decision": LifeCycle(
            "decision",
            {
                (State.NONE, "CreditChecked"): State.DECIDED,
                (State.DECIDED, "CreditReleased"): State.RELEASED,
            },
        ),
        "review": LifeCycle("review", {(State.NONE, "CreditReviewed"): State.REVIEWED}),
        "score": LifeCycle(
            "score",
            {
                (State.NONE, "ScoreReceived"): State.KNOWN,
                (State.KNOWN, "ScoreWithdrawn"): State.WITHDRAWN,
            },
        ),
        "financials": LifeCycle(
            "financials",
            {
                (State.NONE, "FinancialsReceived"): State.KNOWN,
                (State.KNOWN, "FinancialsWithdrawn"): State.WITHDRAWN,
            },
        ),
        "insolvency": LifeCycle(
            "insolvency",
            {
                (State.NONE, "InsolvencyReported"): State.KNOWN,
                (State.KNOWN, "InsolvencyEnded"): State.ENDED,
            },
        ),
        "insurer_notice": LifeCycle(
            "insurer_notice", {(State.NONE, "InsurerNotified"): State.NOTIFIED}
        ),
        "specific": LifeCycle(
            "specific",
            {
                (State.NONE, "SpecificAllowanceSet"): State.SET,
                (State.SET, "SpecificAllowanceEnded"): State.ENDED,
            },
        ),
        "write_off": LifeCycle(
            "write_off",
            {
                (State.NONE, "WriteOffRequested"): State.WAITING,
                # Above some amounts more than one person has to agree.
                (State.WAITING, "WriteOffDecided"): State.WAITING,
            },
        ),
        "payout": LifeCycle("payout", {(State.NONE, "PayoutSettled"): State.ENDED}),
        "posting": LifeCycle(
            "posting",
            {
                (State.NONE, "PostingSent"): State.SENT,
                # What was unknown at first is answered later.
                (State.SENT, "PostingAnswered"): State.SENT,
            },
        ),
        "period": LifeCycle(
            "period",
            {
                (State.NONE, "PeriodClosed"): State.CLOSED,
                (State.CLOSED, "PeriodClosed"): State.CLOSED,
                (State.CLOSED, "PeriodReopened"): State.REOPENED,
                (State.REOPENED, "PeriodClosed"): State.CLOSED,
                (State.REOPENED, "PeriodReopened"): State.REOPENED,
            },
        ),
    }
)
"""One table per subject; the diagrams of the documentation are drawn from them."""
