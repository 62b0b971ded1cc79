"""What the adapter of PayPal must be told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from receivables.receipts.payout_reports import check_kinds, check_time_zone
from receivables.receipts.payouts import MovementKind

__all__ = ["PayPalSettings"]


def _kinds(values: Mapping[str, str]) -> Mapping[str, MovementKind]:
    return MappingProxyType(dict(check_kinds(values)))


@attrs.frozen(kw_only=True)
class PayPalSettings:
    """How reports of PayPal are read; raises `PolicyError` for a value that is not possible.

    >>> PayPalSettings(kinds={"T30": "payment"}).kinds["T30"]
    <MovementKind.PAYMENT: 'payment'>
    """

    time_zone: str = attrs.field(default="UTC")
    """The zone whose days count."""
    kinds: Mapping[str, MovementKind] = attrs.field(factory=dict, converter=_kinds)
    """Kinds of movements by event code (``T1100``) or group (``T30``), beyond those known."""

    @time_zone.validator
    def _check_time_zone(self, _attribute: object, value: str) -> None:
        check_time_zone(value)
