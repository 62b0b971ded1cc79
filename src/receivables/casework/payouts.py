"""What is kept of a payout for good: its money, and the bank entry that is no receipt because of it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from receivables.errors import DocumentError
from receivables.parties import CustomerId
from receivables.receipts.model import ReceiptId

__all__ = ["SettledPayout"]


def _receipt_ids(values: Iterable[str]) -> tuple[ReceiptId, ...]:
    return tuple(ReceiptId(value) for value in values)


@attrs.frozen(kw_only=True)
class SettledPayout:
    """A payout that has reached the bank, as far as the books need it; signed minor units.

    Reports go away and are asked for a month at a time, and statements are read again and again:
    what is kept here says forever that the entry is no receipt, and how the payout is posted.
    """

    payout: str = attrs.field()
    """The processor and its name of the payout: ``stripe:po_1``."""
    processor: str
    amount_minor: int
    """What the bank account got; negative where it was drawn from there."""
    currency: str
    fee_minor: int = 0
    reserved_minor: int = 0
    """What the processor newly holds back; negative where it let go of more."""
    account: str = ""
    """Our bank account."""
    receipts: tuple[ReceiptId, ...] = attrs.field(default=(), converter=_receipt_ids)
    """The names that receipts of its bank entry would have: none of them is one."""
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    """Empty: a payout is of no customer."""

    @payout.validator
    def _check_payout(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "payout must have a name, got an empty one"
            raise DocumentError(msg)
