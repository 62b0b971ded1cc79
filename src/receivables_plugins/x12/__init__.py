"""EDI in ANSI X12: the remittance advice (820) and the lockbox (823)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.x12.settings import X12Settings

if TYPE_CHECKING:
    from receivables.adapters import AdviceReader
    from receivables_plugins.x12.reader import X12Reader

__all__ = ["X12Settings", "receivables_advice_readers"]


def _build(settings: X12Settings) -> X12Reader:
    from receivables_plugins.x12.reader import X12Reader  # noqa: PLC0415  # loaded when used

    return X12Reader(settings)


@hookimpl
def receivables_advice_readers() -> Iterable[AdapterSpec[AdviceReader]]:
    """Register the adapter ``x12``."""
    return [
        AdapterSpec(
            name="x12",
            summary="EDI in ANSI X12: remittance advice (820) and lockbox (823)",
            factory=_build,
            settings=X12Settings,
            capabilities=frozenset(
                {
                    "batches",
                    "control-totals",
                    "documents",
                    "payers",
                    "raw",
                    "references",
                }
            ),
            verified="third-party recording",
        )
    ]
