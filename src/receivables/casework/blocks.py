"""Blocks: a customer, or some items, that no notice goes out for, with a reason and an end."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from receivables.casework._checks import check_named, item_ids
from receivables.documents.model import ItemId
from receivables.parties import CustomerId

__all__ = ["BlockReason", "DunningBlock"]


class BlockReason(enum.Enum):
    """Why no notice goes out."""

    COMMERCIAL = "commercial"
    """Sales asked for it."""
    PAYMENT_IN_TRANSIT = "payment-in-transit"
    INSOLVENCY = "insolvency"
    """Proceedings were opened: the law stops individual claims."""
    LEGAL_ADVICE = "legal-advice"
    DECEASED = "deceased"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class DunningBlock:
    """Nothing is asked of a customer, or for the items named, until a day or until it is lifted.

    `until` is the last day of the block.  Raises `DocumentError` where block or customer is empty.

    >>> DunningBlock(block="B-1", customer="C-017", reason="insolvency").items
    ()
    """

    block: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    reason: BlockReason = attrs.field(converter=BlockReason)
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=item_ids)
    """The items that are blocked; all of the customer's, later ones too, where it is empty."""
    until: dt.date | None = None
    note: str = ""
    by: str = ""
