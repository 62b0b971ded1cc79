"""The reader of reports of Cybersource, recognized by what they say of themselves or by headings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from receivables.adapters import PayoutRecord
from receivables.reading import Read, ReadNotes
from receivables_plugins.cybersource.records import Recording
from receivables_plugins.cybersource.rows import ReportRows, report_in
from receivables_plugins.cybersource.settings import CybersourceReportSettings

__all__ = ["CybersourceReader", "records_in"]


def records_in(
    stream: BinaryIO, *, settings: CybersourceReportSettings, notes: ReadNotes
) -> Iterator[PayoutRecord]:
    """The records of one report; a payout comes after its movements."""
    rows = ReportRows(stream, settings=settings, notes=notes)
    recording: Recording | None = None
    for row in rows:
        if recording is None:
            assert rows.report is not None  # noqa: S101  # a row comes of a report that is known
            recording = Recording(rows.report, settings=settings, notes=notes)
        yield from recording.records(row)
    if recording is not None:
        lost = notes.error_count - rows.harmless - recording.placed
        yield from recording.end(is_whole=not lost)


class CybersourceReader:
    """Reads reports in CSV and XML: requests, batches, events, chargebacks, funding."""

    def __init__(self, settings: CybersourceReportSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes name a report of Cybersource, or have the headings of one."""
        del name  # files are called as who fetched them likes
        return report_in(head, self._settings) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[PayoutRecord]:
        """Read; problems are noted with their line and heading, and never raised."""
        notes = ReadNotes(name)
        return Read(records_in(stream, settings=self._settings, notes=notes), notes)
