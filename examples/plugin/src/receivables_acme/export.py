"""The ledger source ``acme-export``: a list with headings, so all it takes is to say which is which."""

from __future__ import annotations

import io
from typing import BinaryIO, Final

from receivables.adapters import LedgerRecord
from receivables.reading import Read, ReadNotes
from receivables.tabular import TableSettings, records
from receivables.texts import TextLines
from receivables_acme.settings import ExportSettings

__all__ = ["AcmeExport"]

_HEADINGS: Final = {
    "number": "Doc",
    "customer": "Account",
    "customer-name": "Name",
    "type": "Kind",
    "document-date": "Dated",
    "due-date": "Due",
    "amount": "Total",
    "open-amount": "Open",
    "currency": "Cur",
}
_FIRST: Final = ";".join(_HEADINGS.values())


class AcmeExport:
    """Reads a list of open items."""

    def __init__(self, settings: ExportSettings) -> None:
        self._table = TableSettings(
            creditor=settings.creditor or "OWN",
            columns=_HEADINGS,
            types={"IN": "invoice", "CR": "credit-note"},
            delimiter=";",
            decimal=".",
            date_format="%Y-%m-%d",
            snapshot_date=settings.snapshot_date,
        )

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first line has the headings of an export."""
        lines = list(TextLines(io.BytesIO(head), notes=ReadNotes(name), encoding="utf-8"))
        return bool(lines) and lines[0].strip() == _FIRST

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read the list; what is wrong in it is noted with its line."""
        notes = ReadNotes(name)
        lines = TextLines(stream, notes=notes, encoding="utf-8")
        return Read(records(lines, settings=self._table, notes=notes), notes)
