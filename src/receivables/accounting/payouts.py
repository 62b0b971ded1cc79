"""The entries of payouts: what reached the bank, what the processor kept, what it owed us.

A payment by card is posted in gross on the account of its processor when it is received.  The payout
takes it off there: the bank gets the net amount, the fees are an expense, and what the processor
holds back stays owed by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.accounting.manual import ManualEntries, Said
from receivables.casework.payouts import SettledPayout
from receivables.money import from_minor
from receivables.receipts.payouts import MovementKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from receivables.accounting._fold import Rates
    from receivables.accounting.model import JournalEntry
    from receivables.receipts.settling import MatchedPayout

__all__ = ["payout_entry", "settled_payout", "settled_payout_entry"]


def settled_payout(matched: MatchedPayout, *, receipts: Iterable[str] = ()) -> SettledPayout:
    """What is kept of a payout; `receipts` are the names that receipts of its entry would have."""
    payout, entry = matched.payout, matched.entry
    totals = payout.totals
    held = totals.get(MovementKind.RESERVE_HELD, 0) + totals.get(MovementKind.RESERVE_RELEASED, 0)
    return SettledPayout(
        payout=f"{payout.processor}:{payout.payout}",
        processor=payout.processor,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        fee_minor=payout.fee_minor - totals.get(MovementKind.FEE, 0),
        reserved_minor=-held,
        account=payout.account if entry is None else entry.account,
        receipts=receipts,
    )


def payout_entry(
    matched: MatchedPayout, by_hand: ManualEntries, *, rates: Rates | None = None
) -> JournalEntry:
    """The entry of a payout, on the day of its bank entry, or on its own day without one.

    Fees are those inside the movements and those that stand by themselves.  Corrections by the
    processor that are neither stay on its account, for a person to look at.  Raises
    `MissingRateError` for a payout in a foreign currency without a rate of its day.
    """
    return settled_payout_entry(settled_payout(matched), by_hand, on=matched.day, rates=rates)


def settled_payout_entry(
    settled: SettledPayout, by_hand: ManualEntries, *, on: dt.date, rates: Rates | None = None
) -> JournalEntry:
    """The entry of a payout that was recorded, on a day; raises as `payout_entry` does."""
    name = settled.payout.removeprefix(f"{settled.processor}:")
    said = Said(
        on=on,
        name=f"payout:{by_hand.creditor}:{settled.payout}",
        account=settled.processor,
        bank=settled.account,
        document=name,
        text=f"{settled.processor} {name}",
    )
    return by_hand.processor_payout(
        from_minor(settled.amount_minor, settled.currency),
        fee=from_minor(settled.fee_minor, settled.currency),
        reserved=from_minor(settled.reserved_minor, settled.currency),
        rates=rates,
        **said,
    )
