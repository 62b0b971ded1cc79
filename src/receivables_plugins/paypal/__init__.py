"""PayPal: settlement reports, pages of Transaction Search and of disputes, from files.

Transaction Search was read as its OpenAPI description has it; the footers of settlement reports and
their balances, and disputes, are written from documentation and are unverified.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.paypal.settings import PayPalSettings

if TYPE_CHECKING:
    from receivables.adapters import PayoutReader
    from receivables_plugins.paypal.reader import PayPalReader

__all__ = ["PayPalSettings", "receivables_payout_readers"]


def _build(settings: PayPalSettings) -> PayPalReader:
    from receivables_plugins.paypal.reader import PayPalReader  # noqa: PLC0415  # loaded when used

    return PayPalReader(settings)


@hookimpl
def receivables_payout_readers() -> Iterable[AdapterSpec[PayoutReader]]:
    """Register the reader ``paypal``."""
    return [
        AdapterSpec(
            name="paypal",
            summary="PayPal's settlement reports, and pages of Transaction Search and disputes",
            factory=_build,
            settings=PayPalSettings,
            capabilities=frozenset({"disputes", "movements", "payouts"}),
            verified="own fake only",
            extra="paypal",
        )
    ]
