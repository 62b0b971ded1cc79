"""Adyen: settlement details and dispute reports, read from files by the names of their columns.

Written from Adyen's documentation; no file of a merchant was at hand, so that it is unverified.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.adyen.settings import AdyenSettings

if TYPE_CHECKING:
    from receivables.adapters import PayoutReader
    from receivables_plugins.adyen.reader import AdyenReader

__all__ = ["AdyenSettings", "receivables_payout_readers"]


def _build(settings: AdyenSettings) -> AdyenReader:
    from receivables_plugins.adyen.reader import AdyenReader  # noqa: PLC0415  # loaded when used

    return AdyenReader(settings)


@hookimpl
def receivables_payout_readers() -> Iterable[AdapterSpec[PayoutReader]]:
    """Register the reader ``adyen``."""
    return [
        AdapterSpec(
            name="adyen",
            summary="Adyen's settlement details and dispute reports, as CSV",
            factory=_build,
            settings=AdyenSettings,
            capabilities=frozenset({"disputes", "movements", "payouts"}),
            verified="own fake only",
            extra="adyen",
        )
    ]
