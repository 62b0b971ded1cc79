"""Writes the journal as an hledger file, which `hledger check --strict` accepts.

Every account and every commodity is declared, and prices are written out, so that hledger infers
nothing.  See https://hledger.org/hledger.html#journal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.hledger.settings import HledgerSettings

if TYPE_CHECKING:
    from receivables.adapters import JournalWriter

__all__ = ["HledgerSettings", "receivables_journal_writers"]


def _build(settings: HledgerSettings) -> JournalWriter:
    from receivables_plugins.hledger.writer import HledgerWriter  # noqa: PLC0415  # when used

    return HledgerWriter(settings)


@hookimpl
def receivables_journal_writers() -> Iterable[AdapterSpec[JournalWriter]]:
    """Register the adapter ``hledger``."""
    return [
        AdapterSpec(
            name="hledger",
            summary="the journal as an hledger file that hledger check --strict accepts",
            factory=_build,
            settings=HledgerSettings,
            capabilities=frozenset({"deterministic", "entities"}),
            verified="live",
        )
    ]
