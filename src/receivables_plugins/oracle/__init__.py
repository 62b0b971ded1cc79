"""Oracle Receivables: extracts and files of E-Business Suite, and Fusion Cloud over REST.

No public recording of these interfaces exists: names and rules are those of Oracle's documentation
and of practice, and everything here was tried on fakes and hand-made tables alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.oracle.settings import (
    AutoInvoiceSettings,
    EbsSettings,
    FusionPostingSettings,
    FusionSettings,
    LockboxFileSettings,
)

if TYPE_CHECKING:
    from receivables.adapters import LedgerService, LedgerSource, PostingTarget
    from receivables.transports import Runtime
    from receivables_plugins.oracle.fusion import FusionService
    from receivables_plugins.oracle.fusion_posting import FusionPosting
    from receivables_plugins.oracle.interface_files import AutoInvoice, LockboxFile
    from receivables_plugins.oracle.source import EbsSource

__all__ = [
    "receivables_ledger_services",
    "receivables_ledger_sources",
    "receivables_posting_targets",
]


def _build_source(settings: EbsSettings) -> EbsSource:
    from receivables_plugins.oracle.source import EbsSource  # noqa: PLC0415  # loaded when used

    return EbsSource(settings)


def _build_service(settings: FusionSettings, runtime: Runtime) -> FusionService:
    from receivables_plugins.oracle.fusion import FusionService  # noqa: PLC0415  # loaded when used

    return FusionService(settings, runtime)


def _build_target(settings: FusionPostingSettings, runtime: Runtime) -> FusionPosting:
    from receivables_plugins.oracle.fusion_posting import (  # noqa: PLC0415  # loaded when used
        FusionPosting,
    )

    return FusionPosting(settings, runtime)


def _build_autoinvoice(settings: AutoInvoiceSettings) -> AutoInvoice:
    from receivables_plugins.oracle.interface_files import (  # noqa: PLC0415  # loaded when used
        AutoInvoice,
    )

    return AutoInvoice(settings)


def _build_lockbox(settings: LockboxFileSettings) -> LockboxFile:
    from receivables_plugins.oracle.interface_files import (  # noqa: PLC0415  # loaded when used
        LockboxFile,
    )

    return LockboxFile(settings)


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the adapter ``oracle-ebs``."""
    return [
        AdapterSpec(
            name="oracle-ebs",
            summary="extracts of Oracle Receivables tables: schedules, receipts, applications",
            factory=_build_source,
            settings=EbsSettings,
            capabilities=frozenset({"customers", "documents", "receipts", "allocations"}),
            verified="own fake only",
        )
    ]


@hookimpl
def receivables_ledger_services() -> Iterable[AdapterSpec[LedgerService]]:
    """Register the adapter ``oracle-fusion``."""
    return [
        AdapterSpec(
            name="oracle-fusion",
            summary="Oracle Fusion Cloud over REST: invoices, credit memos, receipts, applications",
            factory=_build_service,
            settings=FusionSettings,
            connects=True,
            capabilities=frozenset({"as-of", "customers", "renews-tokens", "settled"}),
            verified="own fake only",
            extra="oracle",
        )
    ]


@hookimpl
def receivables_posting_targets() -> Iterable[AdapterSpec[PostingTarget]]:
    """Register the adapters ``oracle-autoinvoice``, ``oracle-fusion`` and ``oracle-lockbox``."""
    return [
        AdapterSpec(
            name="oracle-autoinvoice",
            summary="documents as rows for RA_INTERFACE_LINES_ALL (AutoInvoice)",
            factory=_build_autoinvoice,
            settings=AutoInvoiceSettings,
            capabilities=frozenset({"documents"}),
            verified="own fake only",
        ),
        AdapterSpec(
            name="oracle-fusion",
            summary="receipts and invoices in Oracle Fusion Cloud over REST",
            factory=_build_target,
            settings=FusionPostingSettings,
            connects=True,
            capabilities=frozenset({"documents", "receipts", "send", "status"}),
            verified="own fake only",
            extra="oracle",
        ),
        AdapterSpec(
            name="oracle-lockbox",
            summary="receipts as rows for AR_PAYMENTS_INTERFACE_ALL (lockbox)",
            factory=_build_lockbox,
            settings=LockboxFileSettings,
            capabilities=frozenset({"receipts"}),
            verified="own fake only",
        ),
    ]
