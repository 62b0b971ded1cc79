"""Balance reports of banks in North America and beyond: BAI version 2, with its return items."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.bai2.settings import Bai2Settings

if TYPE_CHECKING:
    from receivables.adapters import StatementReader
    from receivables_plugins.bai2.reader import Bai2Reader

__all__ = ["receivables_statement_readers"]


def _build(settings: Bai2Settings) -> Bai2Reader:
    from receivables_plugins.bai2.reader import Bai2Reader  # noqa: PLC0415  # loaded when used

    return Bai2Reader(settings)


@hookimpl
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:
    """Register the adapter ``bai2``."""
    return [
        AdapterSpec(
            name="bai2",
            summary="BAI2 balance and transaction reports",
            factory=_build,
            settings=Bai2Settings,
            capabilities=frozenset({"balances", "batches", "payers", "raw", "returns"}),
            verified="third-party recording",
        )
    ]
