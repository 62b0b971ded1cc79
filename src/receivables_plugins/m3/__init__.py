"""Infor M3, the former Movex: its MI programs over REST, its extracts, and postings into it.

Nobody publishes real answers of M3 for accounts receivable.  These adapters rest on the field lists
of one installation, on the documentation and on practice, and are tried on a fake of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.m3.settings import ExtractSettings, PostingSettings, ServiceSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerService, LedgerSource, PostingTarget
    from receivables.transports import Runtime

__all__ = [
    "ExtractSettings",
    "PostingSettings",
    "ServiceSettings",
    "receivables_ledger_services",
    "receivables_ledger_sources",
    "receivables_posting_targets",
]


def _build_service(settings: ServiceSettings, runtime: Runtime) -> LedgerService:
    from receivables_plugins.m3.service import ledger_service  # noqa: PLC0415  # loaded when used

    return ledger_service(settings, runtime)


def _build_extract(settings: ExtractSettings) -> LedgerSource:
    from receivables_plugins.m3.extract import M3ExtractSource  # noqa: PLC0415  # loaded when used

    return M3ExtractSource(settings)


def _build_target(settings: PostingSettings, runtime: Runtime) -> PostingTarget:
    from receivables_plugins.m3.posting import M3PostingTarget  # noqa: PLC0415  # loaded when used

    return M3PostingTarget(settings, runtime)


@hookimpl
def receivables_ledger_services() -> Iterable[AdapterSpec[LedgerService]]:
    """Register the service ``m3``."""
    return [
        AdapterSpec(
            name="m3",
            summary="Infor M3 (Movex): customers, open items and credit by MI programs over REST",
            factory=_build_service,
            settings=ServiceSettings,
            connects=True,
            capabilities=frozenset({"as-of", "credit", "customers", "renews-tokens", "settled"}),
            verified="own fake only",
            extra="m3",
        )
    ]


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the source ``m3-extract``."""
    return [
        AdapterSpec(
            name="m3-extract",
            summary="Extracts of Infor M3 (Movex): FSLEDG, OCUSMA, OINVOH, FGLEDG, delimited or fixed",
            factory=_build_extract,
            settings=ExtractSettings,
            capabilities=frozenset({"allocations", "customers", "documents", "receipts"}),
            verified="own fake only",
        )
    ]


@hookimpl
def receivables_posting_targets() -> Iterable[AdapterSpec[PostingTarget]]:
    """Register the posting target ``m3``."""
    return [
        AdapterSpec(
            name="m3",
            summary="Infor M3 (Movex): receipts by ARS040MI, journal entries by GLS840MI",
            factory=_build_target,
            settings=PostingSettings,
            connects=True,
            capabilities=frozenset({"journal", "receipts", "send", "status"}),
            verified="own fake only",
            extra="m3",
        )
    ]
