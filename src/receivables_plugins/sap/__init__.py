"""SAP: the open item cube, masters and credit over OData, postings over SOAP, BAPI and IDoc.

Written from published interfaces and tried on an independent emulator and on feeds that a city
keeps; no SAP system has been reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.sap.files import credit_files, ledger_files
from receivables_plugins.sap.settings import (
    SapBapiSettings,
    SapCubeSettings,
    SapPostingSettings,
    SapSettings,
)

if TYPE_CHECKING:
    from receivables.adapters import CreditSource, LedgerService, LedgerSource, PostingTarget
    from receivables.transports import Runtime
    from receivables_plugins.sap.cube import CubeSource
    from receivables_plugins.sap.posting import SapTarget
    from receivables_plugins.sap.posting_files import BapiTarget
    from receivables_plugins.sap.service import SapService

__all__ = [
    "SapBapiSettings",
    "SapCubeSettings",
    "SapPostingSettings",
    "SapSettings",
    "receivables_credit_sources",
    "receivables_ledger_services",
    "receivables_ledger_sources",
    "receivables_posting_targets",
]


def _build_service(settings: SapSettings, runtime: Runtime) -> SapService:
    from receivables_plugins.sap.service import SapService  # noqa: PLC0415  # loaded when used

    return SapService(settings, runtime)


def _build_cube(settings: SapCubeSettings) -> CubeSource:
    from receivables_plugins.sap.cube import CubeSource  # noqa: PLC0415  # loaded when used

    return CubeSource(settings)


def _build_target(settings: SapPostingSettings, runtime: Runtime) -> SapTarget:
    from receivables_plugins.sap.posting import SapTarget  # noqa: PLC0415  # loaded when used

    return SapTarget(settings, runtime)


def _build_bapi(settings: SapBapiSettings) -> BapiTarget:
    from receivables_plugins.sap.posting_files import BapiTarget  # noqa: PLC0415  # loaded when used

    return BapiTarget(settings)


def _cube_sources() -> list[AdapterSpec[LedgerSource]]:
    return [
        AdapterSpec(
            name="sap-cube",
            summary="answers of SAP's open item cube (OData) kept in a JSON file",
            factory=_build_cube,
            settings=SapCubeSettings,
            capabilities={"documents", "receipts", "allocations"},
            verified="third-party recording",
        )
    ]


@hookimpl
def receivables_ledger_services() -> Iterable[AdapterSpec[LedgerService]]:
    """Register the adapter ``sap``."""
    return [
        AdapterSpec(
            name="sap",
            summary="SAP over OData: open and cleared items, business partners, credit management",
            factory=_build_service,
            settings=SapSettings,
            connects=True,
            capabilities={"as-of", "credit", "customers", "renews-tokens", "settled"},
            verified="independent emulator",
            extra="sap",
        )
    ]


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the adapters ``sap-cube``, ``sap-tables``, ``sap-list`` and ``sap-idoc``."""
    return [*_cube_sources(), *ledger_files()]


@hookimpl
def receivables_credit_sources() -> Iterable[AdapterSpec[CreditSource]]:
    """Register the adapter ``sap-credit``."""
    return credit_files()


@hookimpl
def receivables_posting_targets() -> Iterable[AdapterSpec[PostingTarget]]:
    """Register the adapters ``sap`` and ``sap-bapi``."""
    return [
        AdapterSpec(
            name="sap",
            summary="SAP's journal entry service (SOAP): entries and receipts, with their status",
            factory=_build_target,
            settings=SapPostingSettings,
            connects=True,
            capabilities={"journal", "receipts", "send", "status"},
            verified="own fake only",
            extra="sap",
        ),
        AdapterSpec(
            name="sap-bapi",
            summary="payloads of BAPI_ACC_DOCUMENT_POST and of the IDoc FIDCCP02, to be sent by others",
            factory=_build_bapi,
            settings=SapBapiSettings,
            capabilities={"journal", "receipts"},
            verified="independent emulator",
        ),
    ]
