"""The entries of payouts: what reached the bank, what the processor kept, what it owed us.

A payment by card is posted in gross on the account of its processor when it is received.  The payout
takes it off there: the bank gets the net amount, the fees are an expense, and what the processor
holds back stays owed by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.accounting.manual import ManualEntries, Said
from receivables.money import from_minor
from receivables.receipts.payouts import MovementKind

if TYPE_CHECKING:
    from receivables.accounting._fold import Rates
    from receivables.accounting.model import JournalEntry
    from receivables.receipts.settling import MatchedPayout

__all__ = ["payout_entry"]


def payout_entry(
    matched: MatchedPayout, by_hand: ManualEntries, *, rates: Rates | None = None
) -> JournalEntry:
    """The entry of a payout, on the day of its bank entry, or on its own day without one.

    Fees are those inside the movements and those that stand by themselves.  Corrections by the
    processor that are neither stay on its account, for a person to look at.  Raises
    `MissingRateError` for a payout in a foreign currency without a rate of its day.
    """
    payout, entry = matched.payout, matched.entry
    day = payout.paid_on if entry is None else entry.booking_date or payout.paid_on
    totals = payout.totals
    fee = payout.fee_minor - totals.get(MovementKind.FEE, 0)
    held = -totals.get(MovementKind.RESERVE_HELD, 0) - totals.get(MovementKind.RESERVE_RELEASED, 0)
    said = Said(
        on=day,
        name=f"payout:{by_hand.creditor}:{payout.processor}:{payout.payout}",
        account=payout.processor,
        bank=payout.account if entry is None else entry.account,
        document=payout.payout,
        text=f"{payout.processor} {payout.payout}",
    )
    return by_hand.processor_payout(
        from_minor(payout.amount_minor, payout.currency),
        fee=from_minor(fee, payout.currency),
        reserved=from_minor(held, payout.currency),
        rates=rates,
        **said,
    )
