"""Bank statements of ISO 20022: camt.053, and the reports of the same structure, camt.052 and .054.

Versions .01 to .14 are read with the parser of the standard library; the namespace is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec, NoSettings
from receivables.hookspecs import hookimpl

if TYPE_CHECKING:
    from receivables.adapters import StatementReader
    from receivables_plugins.iso20022.reader import Camt053Reader

__all__ = ["receivables_statement_readers"]


def _build(_settings: NoSettings) -> Camt053Reader:
    from receivables_plugins.iso20022.reader import Camt053Reader  # noqa: PLC0415  # loaded when used

    return Camt053Reader()


@hookimpl
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:
    """Register the adapter ``camt053``."""
    return [
        AdapterSpec(
            name="camt053",
            summary="ISO 20022 bank statements (camt.053), reports (.052) and notifications (.054)",
            factory=_build,
            capabilities=frozenset(
                {
                    "balances",
                    "batches",
                    "pages",
                    "payers",
                    "pending",
                    "references",
                    "returns",
                }
            ),
            verified="third-party recording",
        )
    ]
