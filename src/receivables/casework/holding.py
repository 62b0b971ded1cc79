"""What is held back from being asked for: whoever chases a customer leaves it out.

>>> Holdback(creditor="MIRA", item="F-17", reason=HoldReason.DISPUTE, reference="D-1",
...          amount_minor=12_000).is_partial
True
"""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.parties import CreditorId

__all__ = ["HoldReason", "Holdback"]


class HoldReason(enum.Enum):
    """Why an item, or a part of it, is not asked for now."""

    BLOCK = "block"
    """Somebody blocked the customer or the item."""
    DISPUTE = "dispute"
    """The customer contests it, and nobody has decided yet."""
    CREDIT = "credit"
    """The customer is right, and the credit note is not there yet."""
    PROMISE = "promise"
    """The customer promised to pay it by a day that has not passed."""
    PLAN = "plan"
    """A payment plan that is kept covers it."""
    REFERRAL = "referral"
    """An agency, a lawyer, a court or an insurer has the file."""


@attrs.frozen(kw_only=True)
class Holdback:
    """A part of an item that is not asked for, why, and until when.

    `amount_minor` is in minor units of the item's currency; None holds the whole item.  `until` is
    the last day of the hold; None where it lasts until something happens.  `reference` names the
    dispute, promise, plan, block or referral.  Raises `DocumentError` for an amount of zero or less.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    item: ItemId = attrs.field(converter=ItemId)
    reason: HoldReason
    reference: str
    amount_minor: int | None = attrs.field(default=None)
    until: dt.date | None = None
    note: str = ""

    @amount_minor.validator
    def _check_amount(self, _attribute: object, value: int | None) -> None:
        if value is not None and value <= 0:
            msg = f"amount_minor must be above zero, or None for the whole item, got {value}"
            raise DocumentError(msg)

    @property
    def is_partial(self) -> bool:
        """Whether a part of the item may still be asked for."""
        return self.amount_minor is not None
