"""Statements of banks and card issuers as OFX and QFX: SGML (1.x) and XML (2.x), as found in the wild."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec, NoSettings
from receivables.hookspecs import hookimpl

if TYPE_CHECKING:
    from receivables.adapters import StatementReader
    from receivables_plugins.ofx.reader import OfxReader

__all__ = ["receivables_statement_readers"]


def _build(_settings: NoSettings) -> OfxReader:
    from receivables_plugins.ofx.reader import OfxReader  # noqa: PLC0415  # loaded when used

    return OfxReader()


@hookimpl
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:
    """Register the adapter ``ofx``."""
    return [
        AdapterSpec(
            name="ofx",
            summary="OFX and QFX statements of bank accounts and credit cards",
            factory=_build,
            capabilities=frozenset({"payers", "pending", "raw"}),
            verified="third-party recording",
        )
    ]
