"""Workbooks of open items as people keep them, recognized by their headings in three languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.workbook.settings import WorkbookSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerSource

__all__ = ["WorkbookSettings", "receivables_ledger_sources"]


def _build(settings: WorkbookSettings) -> LedgerSource:
    from receivables_plugins.workbook.source import WorkbookSource  # noqa: PLC0415  # loaded when used

    return WorkbookSource(settings)


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the adapter ``excel``."""
    return [
        AdapterSpec(
            name="excel",
            summary="workbooks of open items, by their headings in English, French and Spanish",
            factory=_build,
            settings=WorkbookSettings,
            capabilities={"allocations", "customers", "documents"},
            verified="own fake only",
            extra="excel",
        )
    ]
