"""PayPal's transaction event codes, and which kinds of movements they are.

The first two figures are the group (PayPal, *Transaction event codes*); a code of a group that is
mixed must be known by itself.  What is not here is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from receivables.receipts.payouts import DisputeStage, MovementKind

__all__ = ["is_withdrawal", "kind_of", "moves_no_money", "stage_of"]

_RESERVE: Final = "reserve"
_WITHDRAWAL: Final = "T04"
_DISPLAY: Final = frozenset({"T13", "T98"})
"""Authorizations, and what is only shown."""

_GROUPS: Final[Mapping[str, MovementKind | str]] = MappingProxyType(
    {
        "T01": MovementKind.FEE,
        "T02": MovementKind.CONVERSION,
        "T03": MovementKind.TRANSFER,
        "T04": MovementKind.TRANSFER,
        "T05": MovementKind.ADJUSTMENT,
        "T06": MovementKind.TRANSFER,
        "T07": MovementKind.TRANSFER,
        "T08": MovementKind.ADJUSTMENT,
        "T09": MovementKind.ADJUSTMENT,
        "T10": MovementKind.ADJUSTMENT,
        "T14": MovementKind.ADJUSTMENT,
        "T15": _RESERVE,
        "T16": MovementKind.TRANSFER,
        "T17": MovementKind.TRANSFER,
        "T18": MovementKind.TRANSFER,
        "T19": MovementKind.ADJUSTMENT,
        "T20": MovementKind.TRANSFER,
        "T21": _RESERVE,
        "T22": MovementKind.TRANSFER,
        "T99": MovementKind.ADJUSTMENT,
    }
)

_CODES: Final[Mapping[str, MovementKind | str]] = MappingProxyType(
    {
        "T1100": MovementKind.REFUND,
        "T1101": MovementKind.TRANSFER,
        "T1102": MovementKind.ADJUSTMENT,
        "T1104": MovementKind.TRANSFER,
        "T1105": _RESERVE,
        "T1106": MovementKind.CHARGEBACK,
        "T1107": MovementKind.REFUND,
        "T1108": MovementKind.FEE,
        "T1109": MovementKind.FEE,
        "T1110": _RESERVE,
        "T1111": _RESERVE,
        "T1114": MovementKind.ADJUSTMENT,
        "T1115": MovementKind.ADJUSTMENT,
        "T1116": _RESERVE,
        "T1200": MovementKind.ADJUSTMENT,
        "T1201": MovementKind.CHARGEBACK,
        "T1202": MovementKind.CHARGEBACK_REVERSAL,
        "T1203": MovementKind.ADJUSTMENT,
        "T1204": MovementKind.ADJUSTMENT,
        "T1205": MovementKind.CHARGEBACK_REVERSAL,
        "T1207": MovementKind.CHARGEBACK,
        "T1208": MovementKind.CHARGEBACK_REVERSAL,
    }
)

_STAGES: Final[Mapping[str, DisputeStage]] = MappingProxyType(
    {
        "ARBITRATION": DisputeStage.ARBITRATION,
        "CHARGEBACK": DisputeStage.CHARGEBACK,
        "INQUIRY": DisputeStage.INQUIRY,
        "PRE_ARBITRATION": DisputeStage.PRE_ARBITRATION,
    }
)
_OUTCOMES: Final[Mapping[str, DisputeStage]] = MappingProxyType(
    {
        "ACCEPTED": DisputeStage.LOST,
        "CANCELED_BY_BUYER": DisputeStage.WITHDRAWN,
        "DENIED": DisputeStage.WON,
        "RESOLVED_BUYER_FAVOUR": DisputeStage.LOST,
        "RESOLVED_SELLER_FAVOUR": DisputeStage.WON,
        "RESOLVED_WITH_PAYOUT": DisputeStage.WON,
    }
)


def is_withdrawal(code: str, gross_minor: int) -> bool:
    """Whether a transaction sends money to a bank account of ours.

    >>> is_withdrawal("T0400", -5000), is_withdrawal("T0400", 5000)
    (True, False)
    """
    return code[:3] == _WITHDRAWAL and gross_minor < 0


def moves_no_money(code: str) -> bool:
    """Whether a transaction is an authorization, or only shown."""
    return code[:3] in _DISPLAY


def kind_of(code: str, *, gross_minor: int, own: Mapping[str, MovementKind]) -> MovementKind | None:
    """The kind of a transaction by its code; None where nobody has said what it means.

    A payment that we made is none of a customer: it is an adjustment.

    >>> kind_of("T0006", gross_minor=10000, own={}), kind_of("T1201", gross_minor=-5000, own={})
    (<MovementKind.PAYMENT: 'payment'>, <MovementKind.CHARGEBACK: 'chargeback'>)
    >>> kind_of("T3000", gross_minor=100, own={}) is None
    True
    """
    group = code[:3]
    found = own.get(code) or own.get(group) or _CODES.get(code) or _GROUPS.get(group)
    if found is None and group == "T00":
        return MovementKind.PAYMENT if gross_minor >= 0 else MovementKind.ADJUSTMENT
    if found == _RESERVE:
        return MovementKind.RESERVE_HELD if gross_minor < 0 else MovementKind.RESERVE_RELEASED
    return found if isinstance(found, MovementKind) else None


def stage_of(status: str, stage: str, outcome: str) -> DisputeStage | None:
    """How far a dispute has come; a resolved one is what its outcome says.

    >>> stage_of("RESOLVED", "CHARGEBACK", "RESOLVED_SELLER_FAVOUR").value
    'won'
    """
    if status == "RESOLVED":
        return _OUTCOMES.get(outcome)
    return _STAGES.get(stage)
