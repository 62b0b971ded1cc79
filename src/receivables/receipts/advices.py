"""Payment advices: what a payer or a bank says about payments outside of the bank statement.

A remittance advice says what a payment pays; a lockbox file lists the cheques of a deposit; a file
of rejections or returns says which collections failed, and why.  None of them is money: the money is
the entry of the statement, which an advice explains (`receivables.receipts.with_advices`).  An
advice reader yields `PaymentAdvice` values as they stream, and one `AdviceBatch` after the last
advice of each batch, whose control totals prove that all of them came.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from typing import Final

import attrs

from receivables.money import Money, from_minor
from receivables.problems import Place
from receivables.receipts.model import Payer, ReceiptMethod, Remittance, ReturnInfo

__all__ = ["AdviceBatch", "AdviceKind", "PaymentAdvice"]


def _pairs(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(values)


class AdviceKind(enum.Enum):
    """What an advice is about."""

    REMITTANCE = "remittance"
    """A payer says what its payment pays."""
    DEPOSIT = "deposit"
    """A bank lists what a deposit is made of: the cheques of a lockbox."""
    COLLECTION = "collection"
    """What we asked a bank to collect (ISO 20022 pain.008, a file of direct debits)."""
    STATUS = "status"
    """A bank says where a collection stands, and it did not fail."""
    REJECTION = "rejection"
    """A collection was refused before it was booked: nothing moved."""
    RETURN = "return"
    """A payment came back after it was booked."""
    CHANGE = "change"
    """The payer's account has changed: use the new details from now on."""


_FAILED: Final = frozenset({AdviceKind.REJECTION, AdviceKind.RETURN})


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class PaymentAdvice:
    """One payment, as a payer or a bank tells of it.

    `amount_minor` is what moves, or should have moved, towards us: positive for a payment to us and
    for a collection of ours, failed or not; negative for a payment of ours.
    """

    kind: AdviceKind
    batch: str
    """Identification of its batch; with `index` it names the advice within its file."""
    index: int
    amount_minor: int
    currency: str
    date: dt.date | None = None
    """When the payment was made, is due, or came back."""
    payer: Payer = attrs.field(default=Payer())
    remittance: Remittance = attrs.field(default=Remittance())
    references: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    """Other references, as pairs of name and value (trace number, mandate, cheque number…)."""
    returned: ReturnInfo | None = None
    """Why it failed, or what changed."""
    return_scheme: str = ""
    """Whose codes the reason is from: a scheme of `receivables.receipts.return_reason`."""
    account: str = ""
    """The creditor's account that it goes to, as the file has it."""
    method: ReceiptMethod = ReceiptMethod.UNSAID
    source: Place | None = attrs.field(default=None, eq=False)
    raw: str = attrs.field(default="", repr=False)
    """The lines of the file that it was read from, joined by line feeds, exactly as they stood."""

    @property
    def is_failed(self) -> bool:
        """Whether the payment was refused, or came back."""
        return self.kind in _FAILED

    @property
    def amount(self) -> Money:
        """The advice's signed amount."""
        return from_minor(self.amount_minor, self.currency)


@attrs.frozen(kw_only=True)
class AdviceBatch:
    """A batch after its last advice: identity, control totals, and whether they prove the advices.

    `debits_minor` and `credits_minor` sum the advices below and above zero, both positive.  The
    declared figures are those of the file, None where it does not say them; `declared_minor` is to
    be compared with `declared_of_minor`, which is what the format sums up.
    """

    batch: str
    currency: str
    advices: int
    credits_minor: int = 0
    debits_minor: int = 0
    declared_advices: int | None = None
    declared_minor: int | None = None
    compared_minor: int | None = None
    """The sum, as the format defines it, that `declared_minor` must be equal to."""
    created_at: str = ""
    sender: str = ""
    account: str = ""

    @property
    def difference_minor(self) -> int | None:
        """Declared less found: zero where it holds, None where it cannot be proved."""
        if self.declared_minor is None or self.compared_minor is None:
            return None
        return self.declared_minor - self.compared_minor

    @property
    def difference_count(self) -> int | None:
        """Advices declared less found: zero where it holds, None where it cannot be proved."""
        if self.declared_advices is None:
            return None
        return self.declared_advices - self.advices
