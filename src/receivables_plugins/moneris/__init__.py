"""Moneris: its Unified API, exports of Merchant Direct, receipts of its older gateway."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.moneris.settings import (
    MonerisDirectSettings,
    MonerisReceiptSettings,
    MonerisSettings,
)

if TYPE_CHECKING:
    from receivables.adapters import PayoutReader, PayoutService
    from receivables.transports import Runtime

__all__ = [
    "MonerisDirectSettings",
    "MonerisReceiptSettings",
    "MonerisSettings",
    "receivables_payout_readers",
    "receivables_payout_services",
]


def _build_direct(settings: MonerisDirectSettings) -> PayoutReader:
    from receivables_plugins.moneris.direct import (  # noqa: PLC0415  # loaded when used
        MonerisDirectReader,
    )

    return MonerisDirectReader(settings)


def _build_receipts(settings: MonerisReceiptSettings) -> PayoutReader:
    from receivables_plugins.moneris.receipts import (  # noqa: PLC0415  # loaded when used
        MonerisReceiptReader,
    )

    return MonerisReceiptReader(settings)


def _build_service(settings: MonerisSettings, runtime: Runtime) -> PayoutService:
    from receivables_plugins.moneris.service import (  # noqa: PLC0415  # loaded when used
        MonerisService,
    )

    return MonerisService(settings, runtime)


@hookimpl
def receivables_payout_readers() -> Iterable[AdapterSpec[PayoutReader]]:
    """Register the adapters ``moneris-direct`` and ``moneris-receipts``."""
    return [
        AdapterSpec(
            name="moneris-direct",
            summary="exports of Moneris Merchant Direct: deposits, fees, chargebacks, disputes",
            factory=_build_direct,
            settings=MonerisDirectSettings,
            capabilities={"disputes", "movements", "payouts"},
            extra="moneris",
        ),
        AdapterSpec(
            name="moneris-receipts",
            summary="XML receipts of the older Moneris gateway, proved by their batch totals",
            factory=_build_receipts,
            settings=MonerisReceiptSettings,
            capabilities={"movements"},
            extra="moneris",
        ),
    ]


@hookimpl
def receivables_payout_services() -> Iterable[AdapterSpec[PayoutService]]:
    """Register the adapter ``moneris``."""
    return [
        AdapterSpec(
            name="moneris",
            summary="Moneris Unified API: payments, refunds, disputes by case; deposits come from Merchant Direct",
            factory=_build_service,
            settings=MonerisSettings,
            connects=True,
            capabilities={"disputes", "renews-tokens"},
            extra="moneris",
        )
    ]
