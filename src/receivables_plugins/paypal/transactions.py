"""From a transaction of PayPal to a movement, whatever report it stands in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import attrs

from receivables.receipts.model import Payer
from receivables.receipts.payout_reports import ReportRow
from receivables.receipts.payouts import MovementKind, ProcessorMovement
from receivables_plugins.paypal.codes import kind_of

__all__ = ["PROCESSOR", "Facts", "movement_of"]

PROCESSOR: Final = "paypal"


@attrs.frozen(kw_only=True)
class Facts:
    """What a row says, signed: money that comes in is positive, a fee that we pay is positive."""

    row: ReportRow
    name: str
    code: str
    gross_minor: int
    fee_minor: int
    currency: str
    occurred_on: dt.date
    original: str = ""
    reference: str = ""
    payer: str = ""
    text: str = ""
    method: str = ""

    @property
    def net_minor(self) -> int:
        """What it adds to the balance."""
        return self.gross_minor - self.fee_minor


def movement_of(
    facts: Facts, *, kinds: Mapping[str, MovementKind], payout: str = ""
) -> ProcessorMovement | None:
    """The movement of a transaction; None, with a note, for a code that nobody has mapped."""
    row = facts.row
    kind = kind_of(facts.code, gross_minor=facts.gross_minor, own=kinds)
    if kind is None:
        msg = f"event code {facts.code!r} must be given a kind in the settings, got none"
        row.refuse("paypal.code-unknown", msg, field="transaction event code")
        return None
    return ProcessorMovement(
        movement=facts.name,
        processor=PROCESSOR,
        kind=kind,
        gross_minor=facts.gross_minor,
        fee_minor=facts.fee_minor,
        currency=facts.currency,
        occurred_on=facts.occurred_on,
        payout=payout,
        original=facts.original if kind.is_of_customer else "",
        reference=facts.reference,
        payer=Payer(name=facts.payer),
        text=facts.text,
        raw_kind=facts.code,
        method=facts.method,
        source=row.place,
    )
