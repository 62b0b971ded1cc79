"""QuickBooks: Online over its interface and in saved answers, Desktop in IIF, reports of both.

Nothing of it was tried on a live company.  Saved answers are compared with published payloads of
version 3; the service and the posting target with a fake that was written from the documentation;
IIF and the layouts of reports are written from documentation and practice alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.quickbooks.settings import (
    IifSettings,
    IifTargetSettings,
    ObjectsSettings,
    ReportSettings,
    ServiceSettings,
    TargetSettings,
)

if TYPE_CHECKING:
    from receivables.adapters import LedgerService, LedgerSource, PostingTarget
    from receivables.transports import Runtime
    from receivables_plugins.quickbooks.iif import IifSource
    from receivables_plugins.quickbooks.iif_target import IifTarget
    from receivables_plugins.quickbooks.report import ReportSource
    from receivables_plugins.quickbooks.service import QuickBooksService
    from receivables_plugins.quickbooks.source import ObjectsSource
    from receivables_plugins.quickbooks.target import QuickBooksTarget

__all__ = [
    "IifSettings",
    "IifTargetSettings",
    "ObjectsSettings",
    "ReportSettings",
    "ServiceSettings",
    "TargetSettings",
    "receivables_ledger_services",
    "receivables_ledger_sources",
    "receivables_posting_targets",
]

_EXTRA = "quickbooks"


def _service(settings: ServiceSettings, runtime: Runtime) -> QuickBooksService:
    from receivables_plugins.quickbooks.service import QuickBooksService  # noqa: PLC0415  # when used

    return QuickBooksService(settings, runtime)


def _objects(settings: ObjectsSettings) -> ObjectsSource:
    from receivables_plugins.quickbooks.source import ObjectsSource  # noqa: PLC0415  # when used

    return ObjectsSource(settings)


def _iif(settings: IifSettings) -> IifSource:
    from receivables_plugins.quickbooks.iif import IifSource  # noqa: PLC0415  # when used

    return IifSource(settings)


def _report(settings: ReportSettings) -> ReportSource:
    from receivables_plugins.quickbooks.report import ReportSource  # noqa: PLC0415  # when used

    return ReportSource(settings)


def _target(settings: TargetSettings, runtime: Runtime) -> QuickBooksTarget:
    from receivables_plugins.quickbooks.target import QuickBooksTarget  # noqa: PLC0415  # when used

    return QuickBooksTarget(settings, runtime)


def _iif_target(settings: IifTargetSettings) -> IifTarget:
    from receivables_plugins.quickbooks.iif_target import IifTarget  # noqa: PLC0415  # when used

    return IifTarget(settings)


@hookimpl
def receivables_ledger_services() -> Iterable[AdapterSpec[LedgerService]]:
    """Register the ledger service ``quickbooks``."""
    return [
        AdapterSpec(
            name="quickbooks",
            summary="QuickBooks Online, version 3: customers, items, settlements, control totals",
            factory=_service,
            settings=ServiceSettings,
            connects=True,
            capabilities=frozenset(
                {"as-of", "control-totals", "customers", "renews-tokens", "settled"}
            ),
            verified="own fake only",
            extra=_EXTRA,
        )
    ]


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the ledger sources ``quickbooks-objects``, ``quickbooks-iif``, ``quickbooks-report``."""
    every = frozenset({"customers", "documents", "receipts", "allocations"})
    return [
        AdapterSpec(
            name="quickbooks-objects",
            summary="saved answers of QuickBooks Online, in JSON or XML",
            factory=_objects,
            settings=ObjectsSettings,
            capabilities=every,
            verified="third-party recording",
            extra=_EXTRA,
        ),
        AdapterSpec(
            name="quickbooks-iif",
            summary="transactions and customers of QuickBooks Desktop (IIF)",
            factory=_iif,
            settings=IifSettings,
            capabilities=every - {"allocations"},
            verified="own fake only",
            extra=_EXTRA,
        ),
        AdapterSpec(
            name="quickbooks-report",
            summary="reports of open items of QuickBooks, exported as text or as a workbook",
            factory=_report,
            settings=ReportSettings,
            capabilities=every,
            verified="own fake only",
            extra=_EXTRA,
        ),
    ]


@hookimpl
def receivables_posting_targets() -> Iterable[AdapterSpec[PostingTarget]]:
    """Register the posting targets ``quickbooks`` and ``quickbooks-iif``."""
    kinds = frozenset({"receipts", "documents", "journal"})
    return [
        AdapterSpec(
            name="quickbooks",
            summary="payments, invoices, credit memos and journal entries in QuickBooks Online",
            factory=_target,
            settings=TargetSettings,
            connects=True,
            capabilities=kinds | {"send", "status"},
            verified="own fake only",
            extra=_EXTRA,
        ),
        AdapterSpec(
            name="quickbooks-iif",
            summary="a file of transactions (IIF) that a person imports into QuickBooks Desktop",
            factory=_iif_target,
            settings=IifTargetSettings,
            capabilities=kinds,
            verified="own fake only",
            extra=_EXTRA,
        ),
    ]
