"""Any delimited list as a ledger source: open items, invoices, customers or receipts, by settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables.tabular import TableSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerSource
    from receivables_plugins.csv.source import CsvSource

__all__ = ["TableSettings", "receivables_ledger_sources"]


def _build(settings: TableSettings) -> CsvSource:
    from receivables_plugins.csv.source import CsvSource  # noqa: PLC0415  # loaded when used

    return CsvSource(settings)


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the adapter ``csv``."""
    return [
        AdapterSpec(
            name="csv",
            summary="any delimited list of documents, customers or receipts, by its headings",
            factory=_build,
            settings=TableSettings,
            capabilities=frozenset({"customers", "documents", "receipts", "allocations"}),
            verified="third-party recording",
        )
    ]
