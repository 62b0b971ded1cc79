"""The reader: recognizes a NACHA file, and streams advices and batches out of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import AdviceRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts import AdviceBatch, PaymentAdvice
from receivables.texts import fixed_records, record_pieces
from receivables_plugins.nacha.batches import Batch, date_of
from receivables_plugins.nacha.controls import Control, Sums, batch_control, file_control, prove
from receivables_plugins.nacha.entries import EntryReading
from receivables_plugins.nacha.records import RECORD_LENGTH, looks_like_nacha

__all__ = ["NachaReader"]

_FIRST: Final = frozenset("1569")
"""Records that a file can begin with: some banks leave the headers out."""

_ADDENDA_MAX: Final = 9_999
"""Addenda of one entry (CTX); four figures count them."""


class NachaReader:
    """Reads NACHA files, streaming; memory stays flat."""

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first record is a file header, a batch header or an entry."""
        return looks_like_nacha(head)

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read; problems are noted with their record and field, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes).rows(stream), notes)


class _Reading:
    """One file under way; the number of a record is that of its line."""

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._entries = EntryReading(notes)
        self._line = 0
        self._entry = ""
        self._entry_line = 0
        self._addenda: list[str] = []
        self._batch: Batch | None = None
        self._sums = Sums()
        self._batches = 0
        self._has_adv = False
        self._file = ""
        self._created_at = ""
        self._is_begun = False
        self._is_refused = False
        self._is_overfull = False
        self._is_open = True
        """Whether the file control is still to come."""

    def rows(self, stream: BinaryIO) -> Iterator[AdviceRecord]:
        """Advices as they are complete, and after the last one of a batch the batch."""
        for block in fixed_records(stream, notes=self._notes, length=RECORD_LENGTH):
            for line in block:
                self._line += 1
                kind = line[:1]
                # Nearly all records are entries and addenda, so they take the short way.
                if kind == "6" and self._is_begun and len(line) <= RECORD_LENGTH:
                    if self._entry:
                        advice = self._advice()
                        if advice is not None:
                            yield advice
                    self._entry = line
                    self._entry_line = self._line
                elif kind == "7" and self._entry and len(line) <= RECORD_LENGTH:
                    self._add(line)
                else:
                    yield from self._records(line)
                    if self._is_refused:
                        return
        if self._is_begun:
            yield from self._end()
        else:
            self._notes.error("file.empty", "file must hold a record, got nothing")

    def _records(self, line: str) -> Iterator[AdviceRecord]:
        """Each record of a line; what comes first must be one of NACHA."""
        if not self._is_begun and line.strip():
            self._is_begun = True
            if line[0] not in _FIRST:
                self._is_refused = True
                msg = "file must begin with a record 1, 5, 6 or 9 of NACHA, got another"
                self._notes.error("file.format", msg, line=self._line)
                return
        for piece in record_pieces(line, length=RECORD_LENGTH):
            yield from self._record(piece)

    def _record(self, record: str) -> Iterator[AdviceRecord]:
        kind = record[:1]
        if kind == "7" and self._entry:
            self._add(record)
            return
        yield from self._last_advice()
        if kind == "6":
            self._entry = record
            self._entry_line = self._line
        elif kind == "5":
            yield from self._close(None)
            self._open(record)
        elif kind == "8":
            yield from self._control(record)
        elif kind == "9":
            yield from self._file_control(record)
        elif kind == "1":
            yield from self._begin(record)
        elif record.strip():
            self._misplaced(record)

    def _add(self, record: str) -> None:
        addenda = self._addenda
        addenda.append(record)
        if len(addenda) > _ADDENDA_MAX:
            # Not kept, but counted, so that the control still says whether they are all.
            addenda.pop()
            batch = self._batch_under_way()
            batch.sums.records += 1
            if not self._is_overfull:
                self._is_overfull = True
                msg = f"an entry must have at most {_ADDENDA_MAX} addenda, got more"
                self._notes.error("file.too-large", msg, line=self._line, field="addenda")

    def _misplaced(self, record: str) -> None:
        if record[0] == "7":
            self._batch_under_way().sums.records += 1
            msg = "an addenda record must follow its entry, got one without"
            self._notes.error("nacha.addenda-misplaced", msg, line=self._line, field="record type")
        else:
            msg = f"record type must be 1, 5, 6, 7, 8 or 9, got {record[0]!r}"
            self._notes.error("nacha.record-unknown", msg, line=self._line, field="record type")

    def _last_advice(self) -> Iterator[AdviceRecord]:
        advice = self._advice() if self._entry else None
        if advice is not None:
            yield advice

    def _advice(self) -> PaymentAdvice | None:
        batch = self._batch or self._batch_under_way()
        entry, addenda = self._entry, self._addenda
        self._entry = ""
        batch.sums.records += 1
        if addenda:
            batch.sums.records += len(addenda)
            self._addenda = []
        return self._entries.advice(entry, addenda, batch=batch, line=self._entry_line)

    def _batch_under_way(self) -> Batch:
        if self._batch is None:
            msg = "an entry must stand in a batch, got one without a batch header"
            self._notes.error("nacha.header-missing", msg, line=self._line, field="record type")
            self._batch = Batch("", file=self._file, line=self._line)
        return self._batch

    def _open(self, header: str) -> None:
        self._is_open = True
        batch = self._batch = Batch(header, file=self._file, line=self._line)
        self._batches += 1
        self._has_adv = self._has_adv or batch.is_adv
        if len(header) < RECORD_LENGTH:
            msg = f"batch header must have {RECORD_LENGTH} characters, got {len(header)}"
            self._notes.error("nacha.record-length", msg, line=self._line, field="batch header")
        try:
            batch.date = date_of(batch.effective)
        except ValueError as error:
            # A wish of who sent it: the network moves the money on a day of its own.
            self._notes.warn("date.invalid", str(error), line=self._line, field="effective date")

    def _control(self, record: str) -> Iterator[AdviceBatch]:
        batch = self._batch
        if batch is None:
            msg = "a batch control must follow a batch header, got one without"
            self._notes.error("nacha.header-missing", msg, line=self._line, field="record type")
            return
        control = batch_control(record, is_adv=batch.is_adv)
        prove(control, batch.sums, self._notes, line=self._line)
        if batch.number and record[79:94].strip() != batch.number:
            msg = f"batch control must name its batch {batch.number}, got {record[79:94].strip()!r}"
            self._notes.warn("nacha.batch-differs", msg, line=self._line, field="batch number")
        yield from self._close(control)

    def _close(self, control: Control | None) -> Iterator[AdviceBatch]:
        batch, self._batch = self._batch, None
        if batch is None:
            return
        if control is None:
            msg = "a batch must end with its control (record 8), got none"
            self._notes.error("nacha.control-missing", msg, line=self._line, field="record type")
        self._sums.add(batch.sums)
        yield batch.finish(control, created_at=self._created_at)

    def _file_control(self, record: str) -> Iterator[AdviceBatch]:
        if not record.strip("9 "):
            # What fills the last block of ten records.
            return
        yield from self._close(None)
        control = file_control(record, is_adv=self._has_adv)
        prove(control, self._sums, self._notes, line=self._line, batches=self._batches)
        self._sums, self._batches, self._has_adv, self._is_open = Sums(), 0, False, False

    def _begin(self, record: str) -> Iterator[AdviceBatch]:
        yield from self._close(None)
        if self._is_open and self._batches:
            self._truncated()
        self._sums, self._batches, self._has_adv, self._is_open = Sums(), 0, False, True
        self._file = record[23:34].strip()
        time = record[29:33]
        try:
            day = date_of(record[23:29])
        except ValueError as error:
            self._notes.warn("date.invalid", str(error), line=self._line, field="creation date")
            day = None
        clock = f"T{time[:2]}:{time[2:]}" if time.isascii() and time.isdecimal() else ""
        self._created_at = "" if day is None else f"{day.isoformat()}{clock}"

    def _end(self) -> Iterator[AdviceRecord]:
        yield from self._last_advice()
        yield from self._close(None)
        if self._is_open:
            self._truncated()

    def _truncated(self) -> None:
        msg = "a file must end with its control (record 9), got none"
        self._notes.error("file.truncated", msg, line=self._line)
