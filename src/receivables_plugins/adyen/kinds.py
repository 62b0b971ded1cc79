"""What Adyen calls things, and which kinds of movements they are; what is not here is never guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from receivables.receipts.payouts import DisputeStage, MovementKind

__all__ = ["PAYOUT", "kind_of", "offset_of", "stage_of"]

PAYOUT: Final = "MerchantPayout"
"""The type of the row that pays a batch out."""

_RESERVE: Final = "reserve"

_KINDS: Final[Mapping[str, MovementKind | str]] = MappingProxyType(
    {
        "balancetransfer": MovementKind.BROUGHT_FORWARD,
        "bankinstructionreturned": MovementKind.TRANSFER,
        "chargeback": MovementKind.CHARGEBACK,
        "chargebackreversed": MovementKind.CHARGEBACK_REVERSAL,
        "depositcorrection": _RESERVE,
        "fee": MovementKind.FEE,
        "internalcompanypayout": MovementKind.TRANSFER,
        "internaltransfer": MovementKind.TRANSFER,
        "invoicededuction": MovementKind.FEE,
        "manualcorrected": MovementKind.ADJUSTMENT,
        "misccosts": MovementKind.FEE,
        "refunded": MovementKind.REFUND,
        "refundedreversed": MovementKind.REFUND,
        "reserveadjustment": _RESERVE,
        "secondchargeback": MovementKind.CHARGEBACK,
        "settled": MovementKind.PAYMENT,
        "settledreversed": MovementKind.FAILED,
    }
)

_STAGES: Final[Mapping[str, DisputeStage]] = MappingProxyType(
    {
        "chargeback": DisputeStage.CHARGEBACK,
        "chargebackreversed": DisputeStage.WON,
        "notificationofchargeback": DisputeStage.CHARGEBACK,
        "notificationoffraud": DisputeStage.INQUIRY,
        "prearbitrationlost": DisputeStage.LOST,
        "prearbitrationwon": DisputeStage.WON,
        "requestforinformation": DisputeStage.INQUIRY,
        "secondchargeback": DisputeStage.LOST,
    }
)

_OFFSETS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "AEDT": 11 * 60,
        "AEST": 10 * 60,
        "BRT": -3 * 60,
        "BST": 60,
        "CEST": 2 * 60,
        "CET": 60,
        "EDT": -4 * 60,
        "EEST": 3 * 60,
        "EET": 2 * 60,
        "EST": -5 * 60,
        "GMT": 0,
        "HKT": 8 * 60,
        "JST": 9 * 60,
        "MDT": -6 * 60,
        "MST": -7 * 60,
        "NZDT": 13 * 60,
        "NZST": 12 * 60,
        "PDT": -7 * 60,
        "PST": -8 * 60,
        "SGT": 8 * 60,
        "UTC": 0,
        "WEST": 60,
        "WET": 0,
    }
)
"""Minutes ahead of UTC, for the letters that mean one zone only (CST and IST mean several)."""


def kind_of(type_: str, *, net_minor: int, own: Mapping[str, MovementKind]) -> MovementKind | None:
    """The kind of a row by its type; None where nobody has said what its word means.

    What is held back as a deposit, and given back of it, is a reserve.

    >>> kind_of("DepositCorrection", net_minor=-5000, own={})
    <MovementKind.RESERVE_HELD: 'reserve-held'>
    >>> kind_of("PaidOut", net_minor=-5000, own={}) is None
    True
    """
    found = own.get(type_) or _KINDS.get(type_.casefold())
    if found == _RESERVE:
        return MovementKind.RESERVE_HELD if net_minor < 0 else MovementKind.RESERVE_RELEASED
    return found if isinstance(found, MovementKind) else None


def stage_of(record_type: str) -> DisputeStage | None:
    """How far a dispute has come by the type of its record; None for one that is not known."""
    return _STAGES.get("".join(record_type.split()).replace("_", "").casefold())


def offset_of(letters: str) -> dt.tzinfo | None:
    """The zone of its letters, where they mean only one.

    >>> offset_of("CEST"), offset_of("CST") is None
    (datetime.timezone(datetime.timedelta(seconds=7200)), True)
    """
    minutes = _OFFSETS.get(letters.strip().upper())
    if minutes is None:
        return None
    return dt.timezone(dt.timedelta(minutes=minutes)) if minutes else dt.UTC
