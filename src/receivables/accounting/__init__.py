"""Double entry for every event: charts, journal, tie-out, roll-forward, close, intercompany."""

from receivables.accounting.model import (
    Account,
    Chart,
    EntryId,
    Journal,
    JournalEntry,
    JournalLine,
    Role,
)

__all__ = [
    "Account",
    "Chart",
    "EntryId",
    "Journal",
    "JournalEntry",
    "JournalLine",
    "Role",
]
