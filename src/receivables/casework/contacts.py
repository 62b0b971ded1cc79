"""The contact log: who spoke to whom, when, what was said, and what comes next."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable
from typing import Final

import attrs

from receivables.casework._checks import check_named, item_ids
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.parties import Channel, CustomerId

__all__ = [
    "Actor",
    "ContactNote",
    "ContactOutcome",
    "ContactWish",
    "Direction",
    "NonPaymentReason",
]

_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class NonPaymentReason(enum.Enum):
    """Why the customer has not paid, in its own words put into one vocabulary."""

    CANNOT_PAY = "cannot-pay"
    BILLING_ERROR = "billing-error"
    SERVICE_NOT_FINISHED = "service-not-finished"
    QUALITY = "quality"
    COMMERCIAL_DISPUTE = "commercial-dispute"
    DOCUMENT_MISSING = "document-missing"
    MANAGING_AGENT_CHANGED = "managing-agent-changed"
    WILL_PAY = "will-pay"
    OTHER = "other"


class Direction(enum.Enum):
    """Who began."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Actor(enum.Enum):
    """Who does the contacting: the law asks less of a creditor than of a collector."""

    CREDITOR = "creditor"
    """The creditor's own people, in its own name."""
    AGENCY = "agency"
    """A third party that collects for the creditor."""
    LAWYER = "lawyer"


class ContactOutcome(enum.Enum):
    """What came of it."""

    REACHED = "reached"
    """A conversation with the customer."""
    MESSAGE_LEFT = "message-left"
    NO_ANSWER = "no-answer"
    """It rang, or a voicemail answered and no message was left: the attempt counts."""
    NOT_CONNECTED = "not-connected"
    """Busy, or not in service: no call was placed."""
    WRONG_PERSON = "wrong-person"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    """It came back: the address or the number is wrong."""
    REFUSED = "refused"


class ContactWish(enum.Enum):
    """What the customer asked for about being contacted; it holds until another note says other."""

    CALL_BACK = "call-back"
    """Consent to be contacted, until `consent_until`."""
    CEASE = "cease"
    WRITTEN_ONLY = "written-only"
    ATTORNEY = "attorney"
    """Talk to my lawyer."""
    NOT_AT_WORK = "not-at-work"
    NO_EMAIL = "no-email"
    NO_TEXT_MESSAGE = "no-text-message"
    INCONVENIENT_TIME = "inconvenient-time"


def _wishes(values: Iterable[ContactWish | str]) -> tuple[ContactWish, ...]:
    return tuple(map(ContactWish, values))


@attrs.frozen(kw_only=True)
class ContactNote:
    """One contact: a call, a letter, an e-mail, a message, a visit; the event says on which day.

    `local_time` is the time at the customer's place, as ``HH:MM``, or empty where it does not
    matter.  Raises `DocumentError` for a time of another form, a next action without its day, and a
    consent without its last day.

    >>> ContactNote(contact="K-1", customer="C-017", channel="phone", outcome="reached",
    ...             said="the cheque goes out on Friday", reason="will-pay").direction.value
    'outbound'
    """

    contact: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    channel: Channel = attrs.field(converter=Channel)
    outcome: ContactOutcome = attrs.field(converter=ContactOutcome)
    direction: Direction = attrs.field(default=Direction.OUTBOUND, converter=Direction)
    actor: Actor = attrs.field(default=Actor.CREDITOR, converter=Actor)
    local_time: str = attrs.field(default="")
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=item_ids)
    """What it was about; everything that is owed where it is empty."""
    person: str = ""
    """Who was spoken to, or written to."""
    by: str = ""
    """Who spoke or wrote."""
    said: str = ""
    reason: NonPaymentReason | None = attrs.field(
        default=None, converter=attrs.converters.optional(NonPaymentReason)
    )
    next_action: str = ""
    next_on: dt.date | None = attrs.field(default=None)
    wishes: tuple[ContactWish, ...] = attrs.field(default=(), converter=_wishes)
    consent_until: dt.date | None = attrs.field(default=None)
    """The last day on which the customer agreed to be contacted."""

    @local_time.validator
    def _check_time(self, _attribute: object, value: str) -> None:
        if value and not _TIME.fullmatch(value):
            msg = f"local_time must look like '14:05', got {value!r}"
            raise DocumentError(msg)

    @next_on.validator
    def _check_next(self, _attribute: object, value: dt.date | None) -> None:
        if self.next_action and value is None:
            msg = f"next_on of contact {self.contact} must say when {self.next_action!r} is due, got none"
            raise DocumentError(msg)

    @consent_until.validator
    def _check_consent(self, _attribute: object, value: dt.date | None) -> None:
        if value is None and ContactWish.CALL_BACK in self.wishes:
            msg = f"consent_until of contact {self.contact} must say until when, got none"
            raise DocumentError(msg)
