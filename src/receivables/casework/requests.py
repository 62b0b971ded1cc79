"""Requests from customers: what they want from us, and by when they have it."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from receivables.casework._checks import check_named, item_ids
from receivables.documents.model import ItemId
from receivables.parties import Channel, CustomerId

__all__ = ["CustomerRequest", "RequestKind", "RequestOutcome"]


class RequestKind(enum.Enum):
    """What a customer asks for."""

    DUPLICATE = "duplicate"
    """A copy of a document."""
    STATEMENT = "statement"
    """A statement of account."""
    PROOF = "proof"
    """The proof of a delivery, an order or an agreement."""
    ADDRESS_CHANGE = "address-change"
    ACCOUNT_HOLDER_CHANGE = "account-holder-change"
    """Somebody else takes over the account: a new managing agent, say."""
    OTHER = "other"


class RequestOutcome(enum.Enum):
    """What became of a request."""

    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@attrs.frozen(kw_only=True)
class CustomerRequest:
    """What a customer asked for, about which items, and the day by which it is answered.

    Raises `DocumentError` where request or customer is empty.

    >>> CustomerRequest(request="R-1", customer="C-017", kind="duplicate", items=["F-17"],
    ...                 answer_by=dt.date(2026, 11, 9)).kind.value
    'duplicate'
    """

    request: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    kind: RequestKind = attrs.field(converter=RequestKind)
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=item_ids)
    answer_by: dt.date | None = None
    channel: Channel | None = attrs.field(
        default=None, converter=attrs.converters.optional(Channel)
    )
    contact: str = ""
    by: str = ""
    note: str = ""
