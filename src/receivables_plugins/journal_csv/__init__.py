"""Writes the journal as comma-separated values, one line of the file for each line of an entry.

The form is that of RFC 4180, the figures are the same in every country, and no text can become a
formula in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec, NoSettings
from receivables.hookspecs import hookimpl

if TYPE_CHECKING:
    from receivables.adapters import JournalWriter

__all__ = ["receivables_journal_writers"]


def _build(_settings: NoSettings) -> JournalWriter:
    from receivables_plugins.journal_csv.writer import JournalCsvWriter  # noqa: PLC0415  # when used

    return JournalCsvWriter()


@hookimpl
def receivables_journal_writers() -> Iterable[AdapterSpec[JournalWriter]]:
    """Register the adapter ``journal-csv``."""
    return [
        AdapterSpec(
            name="journal-csv",
            summary="the journal as comma-separated values, the same in every country",
            factory=_build,
            capabilities=frozenset({"deterministic", "entities"}),
            verified="independent emulator",
        )
    ]
