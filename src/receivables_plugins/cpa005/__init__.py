"""Payments Canada Standard 005: credits, pre-authorized debits, and what comes back of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.cpa005.settings import Cpa005Settings

if TYPE_CHECKING:
    from receivables.adapters import AdviceReader
    from receivables_plugins.cpa005.reader import Cpa005Reader

__all__ = ["Cpa005Settings", "receivables_advice_readers"]


def _build(settings: Cpa005Settings) -> Cpa005Reader:
    from receivables_plugins.cpa005.reader import Cpa005Reader  # noqa: PLC0415  # loaded when used

    return Cpa005Reader(settings)


@hookimpl
def receivables_advice_readers() -> Iterable[AdapterSpec[AdviceReader]]:
    """Register the adapter ``cpa005``."""
    return [
        AdapterSpec(
            name="cpa005",
            summary="Payments Canada Standard 005 (AFT): credits, debits and returned items",
            factory=_build,
            settings=Cpa005Settings,
            capabilities=frozenset(
                {"batches", "control-totals", "payers", "raw", "references", "returns"}
            ),
            # The corpus has files of an independent writer, and none of a bank.
            verified="independent emulator",
        )
    ]
