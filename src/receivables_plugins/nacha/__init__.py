"""NACHA files of the American ACH network: payments, collections, returns and notices of change.

All standard entry classes are read, with IAT and ADV in their own layouts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec, NoSettings
from receivables.hookspecs import hookimpl

if TYPE_CHECKING:
    from receivables.adapters import AdviceReader
    from receivables_plugins.nacha.reader import NachaReader

__all__ = ["receivables_advice_readers"]


def _build(_settings: NoSettings) -> NachaReader:
    from receivables_plugins.nacha.reader import NachaReader  # noqa: PLC0415  # loaded when used

    return NachaReader()


@hookimpl
def receivables_advice_readers() -> Iterable[AdapterSpec[AdviceReader]]:
    """Register the adapter ``nacha``."""
    return [
        AdapterSpec(
            name="nacha",
            summary="NACHA files (ACH): payments with their addenda, returns, notices of change",
            factory=_build,
            capabilities=frozenset(
                {
                    "batches",
                    "control-totals",
                    "documents",
                    "payers",
                    "raw",
                    "references",
                    "returns",
                }
            ),
            verified="third-party recording",
        )
    ]
