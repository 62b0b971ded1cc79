"""The French accounting export (*fichier des écritures comptables*): read, written and checked.

The file that every firm with computerized accounts must be able to hand over: *LPF art. L47 A and
A47 A-1*.  It has no due dates, so documents that are read come without one.  A journal is written as
such a file, and `receivables_plugins.fec.check.check_fec` checks any file against the article.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.fec.settings import FecSettings
from receivables_plugins.fec.writer_settings import FecWriterSettings

if TYPE_CHECKING:
    from receivables.adapters import JournalWriter, LedgerSource
    from receivables_plugins.fec.source import FecSource
    from receivables_plugins.fec.writer import FecWriter

__all__ = [
    "FecSettings",
    "FecWriterSettings",
    "receivables_journal_writers",
    "receivables_ledger_sources",
]


def _build(settings: FecSettings) -> FecSource:
    from receivables_plugins.fec.source import FecSource  # noqa: PLC0415  # loaded when used

    return FecSource(settings)


def _build_writer(settings: FecWriterSettings) -> FecWriter:
    from receivables_plugins.fec.writer import FecWriter  # noqa: PLC0415  # loaded when used

    return FecWriter(settings)


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the adapter ``fec``."""
    return [
        AdapterSpec(
            name="fec",
            summary="French accounting export (FEC): customers, documents, receipts, lettering",
            factory=_build,
            settings=FecSettings,
            capabilities=frozenset({"customers", "documents", "receipts", "allocations"}),
            verified="third-party recording",
        )
    ]


@hookimpl
def receivables_journal_writers() -> Iterable[AdapterSpec[JournalWriter]]:
    """Register the adapter ``fec``."""
    return [
        AdapterSpec(
            name="fec",
            summary="the journal as a French accounting export (FEC), numbered, dated and lettered",
            factory=_build_writer,
            settings=FecWriterSettings,
            capabilities=frozenset({"deterministic"}),
            verified="own fake only",
        )
    ]
