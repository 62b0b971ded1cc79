"""Acme Books, a system that does not exist, as a plug-in of receivables.

Two adapters: ``acme-export`` reads its lists of open items, ``acme`` asks its interface.  This module
only describes them; what they need is imported when one of them is built.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_acme.settings import AcmeSettings, ExportSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerService, LedgerSource
    from receivables.transports import Runtime

__all__ = [
    "AcmeSettings",
    "ExportSettings",
    "receivables_ledger_services",
    "receivables_ledger_sources",
]


def _export(settings: ExportSettings) -> LedgerSource:
    from receivables_acme.export import AcmeExport  # noqa: PLC0415  # loaded when used

    return AcmeExport(settings)


def _service(settings: AcmeSettings, runtime: Runtime) -> LedgerService:
    from receivables_acme.service import AcmeService  # noqa: PLC0415  # loaded when used

    return AcmeService(settings, runtime)


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register ``acme-export``."""
    return [
        AdapterSpec(
            name="acme-export",
            summary="lists of open items as Acme Books exports them",
            factory=_export,
            settings=ExportSettings,
            capabilities={"customers", "documents", "allocations"},
            verified="own fake only",
        )
    ]


@hookimpl
def receivables_ledger_services() -> Iterable[AdapterSpec[LedgerService]]:
    """Register ``acme``."""
    return [
        AdapterSpec(
            name="acme",
            summary="Acme Books over its interface",
            factory=_service,
            settings=AcmeSettings,
            connects=True,
            capabilities={"customers"},
            verified="own fake only",
            extra="http",
        )
    ]
