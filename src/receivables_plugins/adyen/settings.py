"""What the adapter of Adyen must be told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from receivables.receipts.payout_reports import check_kinds, check_time_zone
from receivables.receipts.payouts import MovementKind

__all__ = ["AdyenSettings"]


def _kinds(values: Mapping[str, str]) -> Mapping[str, MovementKind]:
    return MappingProxyType(dict(check_kinds(values)))


@attrs.frozen(kw_only=True)
class AdyenSettings:
    """How reports of Adyen are read; raises `PolicyError` for a value that is not possible.

    >>> AdyenSettings(kinds={"PaidOut": "transfer"}).kinds["PaidOut"]
    <MovementKind.TRANSFER: 'transfer'>
    """

    time_zone: str = attrs.field(default="UTC")
    """The zone whose days count."""
    report_time_zone: str = attrs.field(default="")
    """The zone that reports are written in, where they name it by letters that are not known."""
    kinds: Mapping[str, MovementKind] = attrs.field(factory=dict, converter=_kinds)
    """Kinds of movements by the ``Type`` of a row, beyond those that are known."""

    @time_zone.validator
    def _check_time_zone(self, _attribute: object, value: str) -> None:
        check_time_zone(value)

    @report_time_zone.validator
    def _check_report_time_zone(self, _attribute: object, value: str) -> None:
        if value:
            check_time_zone(value)
