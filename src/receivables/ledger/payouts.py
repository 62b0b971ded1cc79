"""The event of a payout that reached the bank; it changes no balance of a customer."""

from __future__ import annotations

from typing import ClassVar, Final

import attrs

from receivables.casework.payouts import SettledPayout
from receivables.ledger.casework import CaseEvent

__all__ = ["PAYOUT_EVENTS", "PayoutSettled"]


@attrs.frozen(kw_only=True)
class PayoutSettled(CaseEvent):
    """A bank entry was recognized as the payout of a processor, on `effective_on`, for good."""

    subject: ClassVar[str] = "payout"
    payout: SettledPayout


PAYOUT_EVENTS: Final[tuple[type[CaseEvent], ...]] = (PayoutSettled,)
"""Every kind of event of this module."""
