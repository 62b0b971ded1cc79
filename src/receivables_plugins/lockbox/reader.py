"""The reader: recognizes a lockbox file by its first record, and proves its totals.

Records follow each other as 1, 2, (5, (6, 4*)*, 7)*, 8, 9; each has its type in the first character.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, Final

from receivables.adapters import AdviceRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts.advices import AdviceBatch
from receivables.texts import line_blocks
from receivables_plugins.lockbox.cheques import Cheque, ChequeBuilder, day_of, minor_of, text_at
from receivables_plugins.lockbox.settings import LockboxSettings

__all__ = ["LockboxReader"]

_OURS: Final = re.compile(
    rb"\A\s*1[0-9 ]{2}[^\r\n]{20}[0-9]{6}[^\r\n]*\r?\n2[^\r\n]*\r?\n5", re.DOTALL
)
_HEADER: Final = {"sender": slice(13, 23), "date": slice(23, 29), "time": slice(29, 33)}
_DATE: Final = "%y%m%d"
_TIME: Final = re.compile(r"([01][0-9]|2[0-3])([0-5][0-9])")
_OVERFLOW_MAX: Final = 10_000
"""Overflow records of one cheque: a head office that pays a year of invoices."""


class LockboxReader:
    """Reads lockbox files of BAI, streaming; where the fields stand is in the settings."""

    def __init__(self, settings: LockboxSettings | None = None) -> None:
        self._settings = settings or LockboxSettings()

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first lines are a file header, a service record and a deposit."""
        return _OURS.match(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read; problems are noted with their line and field, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings).rows(stream), notes)


class _Total:
    """What is counted and summed up for a total to prove."""

    def __init__(self) -> None:
        self.count = 0
        self.minor = 0

    def add(self, count: int, minor: int) -> None:
        self.count += count
        self.minor += minor


class _Batch(_Total):
    """A batch under way."""

    def __init__(self, number: str, name: str) -> None:
        super().__init__()
        self.number = number
        self.name = name
        self.index = 0
        self.credits_minor = 0


class _Reading:
    """One file under way."""

    def __init__(self, notes: ReadNotes, settings: LockboxSettings) -> None:
        self._notes = notes
        self._settings = settings
        self._builder = ChequeBuilder(notes, settings)
        self._line = 0
        self._records = 0
        self._created_at = self._sender = self._lockbox = ""
        self._date: dt.date | None = None
        self._batch: _Batch | None = None
        self._total: _Total | None = None
        self._cheque: Cheque | None = None
        self._names: dict[str, int] = {}
        self._is_ended = False
        self._others = {
            "1": self._begin_file,
            "2": self._service,
            "4": self._overflow,
            "5": self._begin_deposit,
            "6": self._begin_cheque,
            "7": self._end_batch,
            "8": self._end_lockbox,
            "9": self._end_file,
        }

    def rows(self, stream: BinaryIO) -> Iterator[AdviceRecord]:
        """Cheques as they are complete, and after the last one of a batch the batch."""
        for lines in line_blocks(stream, notes=self._notes):
            for line in lines:
                self._line += 1
                if line.strip():
                    yield from self._taken(line)
        if not self._records and not self._notes.error_count:
            self._notes.error("file.empty", "file must hold a lockbox, got nothing")
        elif not self._is_ended:
            # The last cheque may be cut as well, so it is not given.
            msg = "file must end with record 9, got its end before; a cheque without its end is not read"
            self._notes.error("file.truncated", msg, line=self._line)

    def _taken(self, line: str) -> Iterable[AdviceRecord]:
        take = self._others.get(line[0])
        if take is None or self._is_ended or (not self._records and line[0] != "1"):
            code = "lockbox.record-unknown" if self._records else "file.format"
            msg = f"record must be one of a lockbox (1, 2, 4 to 9) in its order, got {line[:20]!r}"
            self._notes.error(code, msg, line=self._line)
            return ()
        self._records += 1
        if line[0] == "4":
            return take(line)
        cheque, self._cheque = self._cheque, None
        found = self._finished(cheque)
        return (*found, *take(line))

    def _finished(self, cheque: Cheque | None) -> Iterable[AdviceRecord]:
        """The advice of a cheque, once its overflow is over."""
        batch, total = self._batch, self._total
        if cheque is None or batch is None or total is None:
            return ()
        batch.index += 1
        advice = self._builder.advice(
            cheque, batch=batch.name, index=batch.index, date=self._date, account=self._lockbox
        )
        if advice is None:
            return ()
        batch.add(1, advice.amount_minor)
        batch.credits_minor += max(advice.amount_minor, 0)
        total.add(1, advice.amount_minor)
        return (advice,)

    def _begin_file(self, line: str) -> Iterable[AdviceRecord]:
        if self._records > 1:
            self._note_order("1")
        day = day_of(text_at(line, _HEADER, "date"), _DATE)
        time = _TIME.fullmatch(text_at(line, _HEADER, "time"))
        clock = f"T{time[1]}:{time[2]}:00" if time else ""
        self._created_at = f"{day.isoformat()}{clock}" if day else ""
        self._sender = text_at(line, _HEADER, "sender")
        return ()

    def _service(self, _line: str) -> Iterable[AdviceRecord]:
        return ()

    def _begin_deposit(self, line: str) -> Iterable[AdviceRecord]:
        found = self._closed("7") if self._batch else ()
        places = self._settings.deposit
        self._lockbox = text_at(line, places, "lockbox")
        written = text_at(line, places, "date")
        self._date = day_of(written, self._settings.date_format)
        if self._date is None:
            msg = f"date must be {self._settings.date_format}, got {written[:20]!r}"
            self._notes.error("date.invalid", msg, line=self._line, field="date")
        # One lockbox can have several deposits before its total.
        self._total = self._total or _Total()
        return found

    def _begin_cheque(self, line: str) -> Iterable[AdviceRecord]:
        if self._total is None:
            self._note_order("6")
            return ()
        number = text_at(line, self._settings.cheque, "batch")
        found: Iterable[AdviceRecord] = ()
        if self._batch is not None and self._batch.number != number:
            found = self._closed("7")
        if self._batch is None:
            self._batch = self._named(number)
        self._cheque = Cheque(self._line, line)
        return found

    def _named(self, number: str) -> _Batch:
        """A batch with a name unlike any other of the file."""
        day = self._date.isoformat() if self._date else ""
        name = f"{self._lockbox}/{day}/{number}"
        self._names[name] = count = self._names.get(name, 0) + 1
        return _Batch(number, name if count == 1 else f"{name}#{count}")

    def _overflow(self, line: str) -> Iterable[AdviceRecord]:
        cheque = self._cheque
        of_cheque, of_overflow = self._settings.cheque, self._settings.overflow
        if cheque is None or any(
            text_at(cheque.text, of_cheque, name) != text_at(line, of_overflow, name)
            for name in ("batch", "item")
            if name in of_cheque and name in of_overflow
        ):
            self._note_order("4")
        elif len(cheque.overflow) == _OVERFLOW_MAX:
            msg = f"cheque must have at most {_OVERFLOW_MAX} records of overflow, got more"
            self._notes.error("file.too-large", msg, line=self._line)
        else:
            cheque.overflow.append(line)
        return ()

    def _end_batch(self, line: str) -> Iterable[AdviceRecord]:
        if self._total is None:
            self._note_order("7")
            return ()
        places = self._settings.batch_total
        number = text_at(line, places, "batch")
        if self._batch is not None and "batch" in places and self._batch.number != number:
            self._note_order("7")
        batch = self._batch or self._named(number)
        self._batch = None
        declared = self._declared(line, places)
        self._prove(declared, batch, what="batch")
        return (self._batch_of(batch, declared),)

    def _end_lockbox(self, line: str) -> Iterable[AdviceRecord]:
        found = self._closed("7") if self._batch else ()
        total, self._total = self._total, None
        if total is None:
            self._note_order("8")
            return found
        self._prove(self._declared(line, self._settings.lockbox_total), total, what="lockbox")
        return found

    def _end_file(self, line: str) -> Iterable[AdviceRecord]:
        found = self._closed("7") if self._batch else ()
        if self._total is not None:
            self._note_order("9")
        self._is_ended = True
        declared, _ = self._declared(line, self._settings.trailer)
        if declared not in {None, self._records}:
            msg = f"records must be {declared} as the trailer says, got {self._records}"
            self._notes.error("lockbox.count-differs", msg, line=self._line, field="count")
        return found

    def _closed(self, missing: str) -> Iterable[AdviceRecord]:
        """The batch under way, where its total is missing."""
        batch, self._batch = self._batch, None
        self._note_order(missing)
        return () if batch is None else (self._batch_of(batch, (None, None)),)

    def _batch_of(self, batch: _Batch, declared: tuple[int | None, int | None]) -> AdviceBatch:
        count, minor = declared
        return AdviceBatch(
            batch=batch.name,
            currency=self._settings.currency,
            advices=batch.count,
            credits_minor=batch.credits_minor,
            debits_minor=batch.credits_minor - batch.minor,
            declared_advices=count,
            declared_minor=minor,
            compared_minor=batch.minor,
            created_at=self._created_at,
            sender=self._sender,
            account=self._lockbox,
        )

    def _declared(self, line: str, places: Mapping[str, slice]) -> tuple[int | None, int | None]:
        """Count and amount of a total; None where the record has no place for it."""
        found: dict[str, int] = {}
        for name in ("count", "amount"):
            if name not in places:
                continue
            text = text_at(line, places, name)
            minor = minor_of(text)
            if minor is None:
                msg = f"{name} of a total must be digits, got {text[:20]!r}"
                self._notes.error("amount.invalid", msg, line=self._line, field=name)
            else:
                found[name] = minor
        return found.get("count"), found.get("amount")

    def _prove(self, declared: tuple[int | None, int | None], found: _Total, *, what: str) -> None:
        count, minor = declared
        if count not in {None, found.count}:
            msg = f"cheques of the {what} must be {count} as its total says, got {found.count}"
            self._notes.error("lockbox.count-differs", msg, line=self._line, field="count")
        if minor not in {None, found.minor}:
            msg = f"cheques of the {what} must add up to {minor}, got {found.minor}"
            self._notes.error("lockbox.total-differs", msg, line=self._line, field="amount")

    def _note_order(self, record: str) -> None:
        msg = f"record {record} must stand where the order of a lockbox has it, got another order"
        self._notes.error("lockbox.record-order", msg, line=self._line)
