"""What Stripe calls things, and which kinds of movements they are; what is not here is never guessed.

Stripe advises to classify by ``reporting_category`` and not by ``type``, because ``adjustment`` is
many things; only where a list has no category does the type tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from receivables.receipts.payouts import DisputeStage, MovementKind

__all__ = ["is_payout", "kind_of", "stage_of"]

_RESERVE: Final = "reserve"
_PAYOUT: Final = "payout"

_CATEGORIES: Final[Mapping[str, MovementKind | str]] = MappingProxyType(
    {
        "charge": MovementKind.PAYMENT,
        "charge_failure": MovementKind.FAILED,
        "connect_reserved_funds": _RESERVE,
        "currency_conversion": MovementKind.CONVERSION,
        "dispute": MovementKind.CHARGEBACK,
        "dispute_reversal": MovementKind.CHARGEBACK_REVERSAL,
        "fee": MovementKind.FEE,
        "network_cost": MovementKind.FEE,
        "other_adjustment": MovementKind.ADJUSTMENT,
        "partial_capture_reversal": MovementKind.REFUND,
        "payout_minimum_balance_hold": MovementKind.RESERVE_HELD,
        "payout_minimum_balance_release": MovementKind.RESERVE_RELEASED,
        "payout_reversal": MovementKind.TRANSFER,
        "refund": MovementKind.REFUND,
        "refund_failure": MovementKind.REFUND,
        "risk_reserved_funds": _RESERVE,
        "tax": MovementKind.FEE,
        "topup": MovementKind.TRANSFER,
        "topup_reversal": MovementKind.TRANSFER,
        "transfer": MovementKind.TRANSFER,
        "transfer_reversal": MovementKind.TRANSFER,
    }
)

_TYPES: Final[Mapping[str, MovementKind | str]] = MappingProxyType(
    {
        "charge": MovementKind.PAYMENT,
        "payment": MovementKind.PAYMENT,
        "payment_failure_refund": MovementKind.FAILED,
        "payment_network_reserve_hold": MovementKind.RESERVE_HELD,
        "payment_network_reserve_release": MovementKind.RESERVE_RELEASED,
        "payment_refund": MovementKind.REFUND,
        "payout_cancel": MovementKind.TRANSFER,
        "payout_failure": MovementKind.TRANSFER,
        "payout_minimum_balance_hold": MovementKind.RESERVE_HELD,
        "payout_minimum_balance_release": MovementKind.RESERVE_RELEASED,
        "refund": MovementKind.REFUND,
        "refund_failure": MovementKind.REFUND,
        "reserve_hold": MovementKind.RESERVE_HELD,
        "reserve_release": MovementKind.RESERVE_RELEASED,
        "reserve_transaction": _RESERVE,
        "reserved_funds": _RESERVE,
        "stripe_fee": MovementKind.FEE,
        "stripe_fx_fee": MovementKind.FEE,
        "tax_fee": MovementKind.FEE,
        "topup": MovementKind.TRANSFER,
        "topup_reversal": MovementKind.TRANSFER,
        "transfer": MovementKind.TRANSFER,
        "transfer_cancel": MovementKind.TRANSFER,
        "transfer_failure": MovementKind.TRANSFER,
        "transfer_refund": MovementKind.TRANSFER,
    }
)

_STAGES: Final[Mapping[str, DisputeStage]] = MappingProxyType(
    {
        "lost": DisputeStage.LOST,
        "needs_response": DisputeStage.CHARGEBACK,
        "prevented": DisputeStage.WITHDRAWN,
        "under_review": DisputeStage.CHARGEBACK,
        "warning_closed": DisputeStage.WITHDRAWN,
        "warning_needs_response": DisputeStage.INQUIRY,
        "warning_under_review": DisputeStage.INQUIRY,
        "won": DisputeStage.WON,
    }
)


def is_payout(category: str, type_: str) -> bool:
    """Whether a balance transaction is a payout itself, and no movement of one.

    >>> is_payout("payout", "payout"), is_payout("payout_reversal", "payout_failure")
    (True, False)
    """
    return (category or type_) == _PAYOUT


def kind_of(
    category: str, type_: str, *, amount_minor: int, source: str, own: Mapping[str, MovementKind]
) -> MovementKind | None:
    """The kind of a balance transaction; None where nobody has said what its word means.

    >>> kind_of("", "adjustment", amount_minor=-1500, source="dp_1", own={})
    <MovementKind.CHARGEBACK: 'chargeback'>
    >>> kind_of("climate_order_purchase", "", amount_minor=-100, source="", own={}) is None
    True
    """
    word = category or type_
    found = own.get(word) or (_CATEGORIES.get(category) if category else _TYPES.get(type_))
    if found == _RESERVE:
        return MovementKind.RESERVE_HELD if amount_minor < 0 else MovementKind.RESERVE_RELEASED
    if found is None and not category and type_ == "adjustment":
        return _adjustment(amount_minor, source)
    return found if isinstance(found, MovementKind) else None


def _adjustment(amount_minor: int, source: str) -> MovementKind:
    """What an adjustment is of, by what it names as its source."""
    if source.startswith(("dp_", "du_")):
        is_taken = amount_minor < 0
        return MovementKind.CHARGEBACK if is_taken else MovementKind.CHARGEBACK_REVERSAL
    return MovementKind.REFUND if source.startswith(("re_", "pyr_")) else MovementKind.ADJUSTMENT


def stage_of(status: str) -> DisputeStage | None:
    """How far a dispute has come by its status; None for a status that is none that is known.

    >>> stage_of("warning_needs_response").value
    'inquiry'
    """
    return _STAGES.get(status)
