"""Lockbox files of banks in North America (BAI, not BAI2): the cheques of a deposit, one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.lockbox.settings import LockboxSettings

if TYPE_CHECKING:
    from receivables.adapters import AdviceReader
    from receivables_plugins.lockbox.reader import LockboxReader

__all__ = ["receivables_advice_readers"]


def _build(settings: LockboxSettings) -> LockboxReader:
    from receivables_plugins.lockbox.reader import LockboxReader  # noqa: PLC0415  # loaded when used

    return LockboxReader(settings)


@hookimpl
def receivables_advice_readers() -> Iterable[AdapterSpec[AdviceReader]]:
    """Register the adapter ``lockbox``."""
    return [
        AdapterSpec(
            name="lockbox",
            summary="BAI lockbox deposits: cheques, payers' accounts, documents paid",
            factory=_build,
            settings=LockboxSettings,
            capabilities=frozenset(
                {"batches", "control-totals", "documents", "payers", "raw", "references"}
            ),
            verified="third-party recording",
        )
    ]
