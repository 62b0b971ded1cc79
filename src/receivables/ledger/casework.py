"""Events about cases: blocks, promises, plans, disputes, contacts, requests, referrals, deliveries.

None of them changes a balance, so that a closed period takes them.  Each belongs to one case of one
customer, and the life cycle of its subject says what may follow.  What the customer's ledger says
of a day is in `Ledger.casework`.
"""

from __future__ import annotations

import enum
from typing import Any, ClassVar, Final

import attrs

from receivables.casework.blocks import DunningBlock
from receivables.casework.contacts import ContactNote
from receivables.casework.disputes import Dispute, DisputedPart, DisputeOutcome
from receivables.casework.losses import WriteOffRequest, WrittenOffPart
from receivables.casework.promises import PaymentPlan, PlanEnd, PromiseToPay
from receivables.casework.referrals import Referral, ReferralEnd, ReferredItem
from receivables.casework.requests import CustomerRequest, RequestOutcome
from receivables.documents.model import ItemId
from receivables.ledger.model import AccountKey, Event, EventId, account_key
from receivables.money import Money, exact
from receivables.parties import Channel, CreditorId, CustomerId
from receivables.receipts.model import ReceiptId

__all__ = [
    "CASE_EVENTS",
    "CaseEvent",
    "ContactLogged",
    "ContactWithdrawn",
    "DeliveryReported",
    "DeliveryStatus",
    "DisputeOpened",
    "DisputeResolved",
    "DisputeUpdated",
    "DunningBlocked",
    "DunningUnblocked",
    "PlanAccepted",
    "PlanEnded",
    "PlanOffered",
    "PromiseMade",
    "PromiseWithdrawn",
    "ReferralEnded",
    "ReferralReported",
    "Referred",
    "RequestAnswered",
    "RequestReceived",
]


@attrs.frozen(kw_only=True)
class CaseEvent(Event):
    """Something that happened to a case of one customer; it changes no balance.

    The field named like the subject holds the value that opened the case, or its identifier.
    """

    is_posting: ClassVar[bool] = False
    creditor: CreditorId = attrs.field(converter=CreditorId)

    @property
    def case(self) -> str:
        """The identifier of the case within its subject."""
        opened = self._opened
        return str(opened if isinstance(opened, str) else getattr(opened, self.subject))

    @property
    def owner(self) -> CustomerId:
        """The customer whose case it is."""
        opened: Any = self._opened
        holder: Any = self if isinstance(opened, str) else opened
        return CustomerId(holder.customer)

    @property
    def items_named(self) -> tuple[ItemId, ...]:
        """The items that it names, which must be on the ledger of its customer."""
        opened = self._opened
        if self.parts_named or isinstance(opened, str):
            return tuple(part.item for part in self.parts_named)
        return tuple(getattr(opened, "items", ()))

    @property
    def parts_named(self) -> tuple[DisputedPart | ReferredItem | WrittenOffPart, ...]:
        """The amounts that it names, item by item."""
        opened = self._opened
        if isinstance(opened, Dispute | WriteOffRequest):
            return opened.parts
        return opened.items if isinstance(opened, Referral) else ()

    @property
    def _opened(self) -> Any:  # noqa: ANN401  # a value of casework, or its identifier
        return getattr(self, self.subject)

    def _accounts(self) -> tuple[AccountKey, ...]:
        return (account_key(self.creditor, self.owner),)


@attrs.frozen(kw_only=True)
class DunningBlocked(CaseEvent):
    """No notice goes out for a customer, or for some items, from `effective_on` on."""

    subject: ClassVar[str] = "block"
    block: DunningBlock


@attrs.frozen(kw_only=True)
class DunningUnblocked(CaseEvent):
    """A block is lifted: notices go out again from `effective_on` on."""

    subject: ClassVar[str] = "block"
    customer: CustomerId = attrs.field(converter=CustomerId)
    block: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class PromiseMade(CaseEvent):
    """A customer promised to pay; whether it did is judged from the receipts, never recorded."""

    subject: ClassVar[str] = "promise"
    promise: PromiseToPay


@attrs.frozen(kw_only=True)
class PromiseWithdrawn(CaseEvent):
    """A promise does not count any more: it was a misunderstanding, or another took its place."""

    subject: ClassVar[str] = "promise"
    customer: CustomerId = attrs.field(converter=CustomerId)
    promise: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class PlanOffered(CaseEvent):
    """A payment plan was offered; nothing is paused yet."""

    subject: ClassVar[str] = "plan"
    plan: PaymentPlan


@attrs.frozen(kw_only=True)
class PlanAccepted(CaseEvent):
    """The customer accepted a plan, from `effective_on` on."""

    subject: ClassVar[str] = "plan"
    customer: CustomerId = attrs.field(converter=CustomerId)
    plan: str
    contact: str = ""
    """Who accepted it."""
    proof: str = ""
    """Where the signature is: a file, a message."""


@attrs.frozen(kw_only=True)
class PlanEnded(CaseEvent):
    """A plan is over, from `effective_on` on."""

    subject: ClassVar[str] = "plan"
    customer: CustomerId = attrs.field(converter=CustomerId)
    plan: str
    end: PlanEnd
    reason: str = ""


@attrs.frozen(kw_only=True)
class DisputeOpened(CaseEvent):
    """A customer contests something."""

    subject: ClassVar[str] = "dispute"
    dispute: Dispute


@attrs.frozen(kw_only=True)
class DisputeUpdated(CaseEvent):
    """A dispute is another now: other parts, another owner or day, escalated; all of it is said."""

    subject: ClassVar[str] = "dispute"
    dispute: Dispute
    reason: str = ""


def _parts(values: tuple[DisputedPart, ...]) -> tuple[DisputedPart, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DisputeResolved(CaseEvent):
    """A dispute was decided; `accepted` is what the customer is right about, item by item."""

    subject: ClassVar[str] = "dispute"
    customer: CustomerId = attrs.field(converter=CustomerId)
    dispute: str
    outcome: DisputeOutcome
    accepted: tuple[DisputedPart, ...] = attrs.field(default=(), converter=_parts)
    credit_note: str = ""
    """The number of the credit note, where it exists already."""
    reason: str = ""
    by: str = ""

    @property
    def parts_named(self) -> tuple[DisputedPart | ReferredItem | WrittenOffPart, ...]:
        """What was accepted, item by item."""
        return self.accepted


@attrs.frozen(kw_only=True)
class ContactLogged(CaseEvent):
    """Somebody spoke or wrote to a customer, or the other way round, on `effective_on`."""

    subject: ClassVar[str] = "contact"
    contact: ContactNote


@attrs.frozen(kw_only=True)
class ContactWithdrawn(CaseEvent):
    """A note of a contact was wrong; it stays readable, and counts no more."""

    subject: ClassVar[str] = "contact"
    customer: CustomerId = attrs.field(converter=CustomerId)
    contact: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class RequestReceived(CaseEvent):
    """A customer asked for something."""

    subject: ClassVar[str] = "request"
    request: CustomerRequest


@attrs.frozen(kw_only=True)
class RequestAnswered(CaseEvent):
    """What a customer asked for was answered."""

    subject: ClassVar[str] = "request"
    customer: CustomerId = attrs.field(converter=CustomerId)
    request: str
    outcome: RequestOutcome
    reason: str = ""
    by: str = ""


@attrs.frozen(kw_only=True)
class Referred(CaseEvent):
    """A file was handed over, on `effective_on`."""

    subject: ClassVar[str] = "referral"
    referral: Referral


@attrs.frozen(kw_only=True)
class ReferralReported(CaseEvent):
    """Who has the file reports: what came in, what it costs, what was done.

    The money itself is a receipt, and the fee a document of the books; here they are named.
    """

    subject: ClassVar[str] = "referral"
    customer: CustomerId = attrs.field(converter=CustomerId)
    referral: str
    recovered: Money | None = attrs.field(default=None, converter=attrs.converters.optional(exact))
    fee: Money | None = attrs.field(default=None, converter=attrs.converters.optional(exact))
    receipt: ReceiptId = attrs.field(default=ReceiptId(""), converter=ReceiptId)
    note: str = ""


@attrs.frozen(kw_only=True)
class ReferralEnded(CaseEvent):
    """A file came back, or is closed, from `effective_on` on."""

    subject: ClassVar[str] = "referral"
    customer: CustomerId = attrs.field(converter=CustomerId)
    referral: str
    end: ReferralEnd
    reason: str = ""


class DeliveryStatus(enum.Enum):
    """What is known of a notice on its way."""

    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    """It came back: nobody has read it."""
    REFUSED = "refused"
    """The addressee did not take it."""


@attrs.frozen(kw_only=True)
class DeliveryReported(CaseEvent):
    """What became of a notice on its way: dispatched, delivered, bounced, with the proof."""

    subject: ClassVar[str] = "delivery"
    customer: CustomerId = attrs.field(converter=CustomerId)
    delivery: EventId = attrs.field(converter=EventId)
    """The event of the notice that was on its way."""
    channel: Channel
    status: DeliveryStatus
    proof: str = ""
    """The number of the registered letter, the identity of the message."""
    address: str = ""


CASE_EVENTS: Final[tuple[type[CaseEvent], ...]] = (
    ContactLogged,
    ContactWithdrawn,
    DeliveryReported,
    DisputeOpened,
    DisputeResolved,
    DisputeUpdated,
    DunningBlocked,
    DunningUnblocked,
    PlanAccepted,
    PlanEnded,
    PlanOffered,
    PromiseMade,
    PromiseWithdrawn,
    ReferralEnded,
    ReferralReported,
    Referred,
    RequestAnswered,
    RequestReceived,
)
"""Every kind of event that belongs to a case."""
