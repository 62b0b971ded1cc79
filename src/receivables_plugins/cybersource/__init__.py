"""Cybersource: the reports that it writes, and the service that gives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.cybersource.settings import (
    CybersourceReportSettings,
    CybersourceSettings,
)

if TYPE_CHECKING:
    from receivables.adapters import PayoutReader, PayoutService
    from receivables.transports import Runtime

__all__ = [
    "CybersourceReportSettings",
    "CybersourceSettings",
    "receivables_payout_readers",
    "receivables_payout_services",
]


def _build_reader(settings: CybersourceReportSettings) -> PayoutReader:
    from receivables_plugins.cybersource.reader import (  # noqa: PLC0415  # loaded when used
        CybersourceReader,
    )

    return CybersourceReader(settings)


def _build_service(settings: CybersourceSettings, runtime: Runtime) -> PayoutService:
    from receivables_plugins.cybersource.service import (  # noqa: PLC0415  # loaded when used
        CybersourceService,
    )

    return CybersourceService(settings, runtime)


@hookimpl
def receivables_payout_readers() -> Iterable[AdapterSpec[PayoutReader]]:
    """Register the adapter ``cybersource`` for files."""
    return [
        AdapterSpec(
            name="cybersource",
            summary="reports of Cybersource in CSV and XML: requests, batches, events, chargebacks, funding",
            factory=_build_reader,
            settings=CybersourceReportSettings,
            capabilities={"disputes", "movements", "payouts"},
            extra="cybersource",
        )
    ]


@hookimpl
def receivables_payout_services() -> Iterable[AdapterSpec[PayoutService]]:
    """Register the adapter ``cybersource`` for the service."""
    return [
        AdapterSpec(
            name="cybersource",
            summary="Cybersource Reporting v3 with HTTP signature: reports, details, net fundings, chargebacks",
            factory=_build_service,
            settings=CybersourceSettings,
            connects=True,
            capabilities={"disputes"},
            extra="cybersource",
        )
    ]
