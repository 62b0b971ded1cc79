"""The French accounting export (*fichier des écritures comptables*) as a ledger source.

The file that every firm with computerized accounts must be able to hand over: *LPF art. L47 A and
A47 A-1*.  It has no due dates, so documents come without one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.fec.settings import FecSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerSource
    from receivables_plugins.fec.source import FecSource

__all__ = ["FecSettings", "receivables_ledger_sources"]


def _build(settings: FecSettings) -> FecSource:
    from receivables_plugins.fec.source import FecSource  # noqa: PLC0415  # loaded when used

    return FecSource(settings)


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
