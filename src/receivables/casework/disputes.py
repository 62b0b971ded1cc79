"""Disputes: what a customer contests, why, and who has to answer."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from receivables.casework._checks import check_above_zero, check_named
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.money import Money, exact
from receivables.parties import CustomerId

__all__ = ["Dispute", "DisputeOutcome", "DisputeOwner", "DisputeReason", "DisputedPart"]


class DisputeReason(enum.Enum):
    """What the customer says is wrong, or why it kept something back."""

    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    NOT_DELIVERED = "not-delivered"
    LATE_DELIVERY = "late-delivery"
    SERVICE_NOT_FINISHED = "service-not-finished"
    BILLING_ERROR = "billing-error"
    DUPLICATE = "duplicate"
    """Invoiced twice, or paid already."""
    TAX = "tax"
    FREIGHT = "freight"
    DISCOUNT = "discount"
    """A discount or a rebate that was agreed, the customer says."""
    PROMOTION = "promotion"
    """A trade promotion that was deducted."""
    RETURNED_GOODS = "returned-goods"
    DOCUMENT_MISSING = "document-missing"
    COMMERCIAL = "commercial"
    OTHER = "other"


class DisputeOwner(enum.Enum):
    """Who has to find out."""

    SALES = "sales"
    TECHNICAL = "technical"
    QUALITY = "quality"
    BILLING = "billing"
    CREDIT = "credit"


class DisputeOutcome(enum.Enum):
    """What was decided."""

    VALID = "valid"
    """The customer is right: a credit note is asked for."""
    INVALID = "invalid"
    """The customer is wrong: the item is chased again."""
    SPLIT = "split"
    """A part is right."""
    WITHDRAWN = "withdrawn"
    """The customer took it back."""


@attrs.frozen(kw_only=True)
class DisputedPart:
    """How much of an item is contested; raises `DocumentError` for zero or less."""

    item: ItemId = attrs.field(converter=ItemId)
    amount: Money = attrs.field(converter=exact, validator=check_above_zero)


def _parts(values: Iterable[DisputedPart]) -> tuple[DisputedPart, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Dispute:
    """A case: the parts contested, the reason, the owner and the day by which it is answered.

    Raises `DocumentError` where there is no part, or two of one item.

    >>> from receivables.money import money
    >>> case = Dispute(dispute="D-1", customer="C-017", reason="quality", owner="quality",
    ...                parts=[DisputedPart(item="F-17", amount=money("120.00", "EUR"))],
    ...                answer_by=dt.date(2026, 11, 30))
    >>> case.parts[0].amount, case.owner.value
    (Money('120.00', 'EUR'), 'quality')
    """

    dispute: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    parts: tuple[DisputedPart, ...] = attrs.field(converter=_parts)
    reason: DisputeReason = attrs.field(converter=DisputeReason)
    owner: DisputeOwner = attrs.field(converter=DisputeOwner)
    answer_by: dt.date | None = None
    is_deduction: bool = False
    """Whether the customer has kept the amount back of a payment already."""
    assignee: str = ""
    """The person that has it on the desk."""
    escalated_to: str = ""
    contact: str = ""
    reference: str = ""
    """The customer's own number of it."""
    note: str = ""

    @parts.validator
    def _check_parts(self, _attribute: object, value: tuple[DisputedPart, ...]) -> None:
        items = [part.item for part in value]
        if not items or len(set(items)) != len(items):
            msg = f"parts of dispute {self.dispute} must be one or more, each of another item, got {items}"
            raise DocumentError(msg)
