"""Bank statements of Belgium: CODA, the coded statement of account of Febelfin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.coda.settings import CodaSettings

if TYPE_CHECKING:
    from receivables.adapters import StatementReader
    from receivables_plugins.coda.reader import CodaReader

__all__ = ["receivables_statement_readers"]


def _build(settings: CodaSettings) -> CodaReader:
    from receivables_plugins.coda.reader import CodaReader  # noqa: PLC0415  # loaded when used

    return CodaReader(settings)


@hookimpl
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:
    """Register the adapter ``coda``."""
    return [
        AdapterSpec(
            name="coda",
            summary="Belgian coded statements of account (CODA), versions 1 and 2",
            factory=_build,
            settings=CodaSettings,
            capabilities=frozenset(
                {"balances", "batches", "payers", "pending", "raw", "references", "returns"}
            ),
            verified="third-party recording",
        )
    ]
