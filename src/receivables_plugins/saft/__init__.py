"""Standard audit files (SAF-T) of Norway and Portugal in, and of Norway out.

What is read is written from the schemas of the two tax authorities, the example file of the
Norwegian one and public descriptions; no file of a company was there to try.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.saft.settings import SaftSettings
from receivables_plugins.saft.writer_settings import SaftWriterSettings

if TYPE_CHECKING:
    from receivables.adapters import JournalWriter, LedgerSource
    from receivables_plugins.saft.source import SaftSource
    from receivables_plugins.saft.writer import SaftWriter

__all__ = [
    "SaftSettings",
    "SaftWriterSettings",
    "receivables_journal_writers",
    "receivables_ledger_sources",
]


def _build(settings: SaftSettings) -> SaftSource:
    from receivables_plugins.saft.source import SaftSource  # noqa: PLC0415  # loaded when used

    return SaftSource(settings)


def _build_writer(settings: SaftWriterSettings) -> SaftWriter:
    from receivables_plugins.saft.writer import SaftWriter  # noqa: PLC0415  # loaded when used

    return SaftWriter(settings)


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the adapter ``saft``."""
    return [
        AdapterSpec(
            name="saft",
            summary="standard audit file (SAF-T) of Norway or Portugal: customers, documents, receipts",
            factory=_build,
            settings=SaftSettings,
            capabilities=frozenset({"customers", "documents", "receipts", "allocations"}),
            verified="own fake only",
            extra="saft",
        )
    ]


@hookimpl
def receivables_journal_writers() -> Iterable[AdapterSpec[JournalWriter]]:
    """Register the adapter ``saft``."""
    return [
        AdapterSpec(
            name="saft",
            summary="the journal as a Norwegian standard audit file (SAF-T Financial 1.10 or 1.30)",
            factory=_build_writer,
            settings=SaftWriterSettings,
            capabilities=frozenset({"deterministic"}),
            verified="own fake only",
            extra="saft",
        )
    ]
