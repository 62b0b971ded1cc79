"""The reader of advices: records 31, then 34, then 39; in lists of bills 36 sums up a part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import AdviceRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts.advices import AdviceBatch, PaymentAdvice
from receivables_plugins.cfonb.advising import AMOUNT, DATE, OPERATION, Advising
from receivables_plugins.cfonb.names import Names
from receivables_plugins.cfonb.records import records
from receivables_plugins.cfonb.settings import CfonbSettings
from receivables_plugins.cfonb.values import Days, RefusedError, iban, shown, unsigned

__all__ = ["Cfonb240Reader"]

_WIDTH: Final = 240
_NEEDED: Final = {"31": 42, "34": _WIDTH, "36": _WIDTH, "39": _WIDTH}
"""Where the last field that is needed ends; behind it blanks may have been cut off."""
_OURS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?[\r\n ]*31[0-9]{6}[0-9 ]{2}[0-9]{6}[A-Z ].{4}[0-9A-Z ]{21}"
)
_ORDER: Final = "cfonb240.record-order"


class Cfonb240Reader:
    """Reads CFONB 240, streaming; memory stays flat."""

    def __init__(self, settings: CfonbSettings | None = None) -> None:
        self._settings = settings or CfonbSettings()

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes are a header with a number, a day and an account."""
        return _OURS.match(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read; problems are noted with their line and their field, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings).rows(stream), notes)


class _Batch:
    """A batch under way: the account of its header, its advices, and what its records sum up to."""

    def __init__(self, name: str, header: str, account: str) -> None:
        self.name = name
        self.own = header[21:42].strip()
        self.advices = 0
        self._account = account
        self._currency = ""
        self._credits_minor = 0
        self._debits_minor = 0
        self.total_minor = 0
        self.part_minor = 0

    def add(self, advice: PaymentAdvice) -> None:
        """Count an advice."""
        self.advices += 1
        self._currency = advice.currency
        if advice.amount_minor >= 0:
            self._credits_minor += advice.amount_minor
        else:
            self._debits_minor -= advice.amount_minor

    def sum_up(self, amount_minor: int) -> None:
        """Add a record to what 36 and 39 declare, whether or not it becomes an advice."""
        self.total_minor += amount_minor
        self.part_minor += amount_minor

    def finish(self, declared_minor: int | None = None) -> AdviceBatch:
        """The batch, after its last advice."""
        return AdviceBatch(
            batch=self.name,
            currency=self._currency or "EUR",
            advices=self.advices,
            credits_minor=self._credits_minor,
            debits_minor=self._debits_minor,
            declared_minor=declared_minor,
            compared_minor=self.total_minor,
            account=self._account,
        )


class _Reading:
    """One file under way."""

    def __init__(self, notes: ReadNotes, settings: CfonbSettings) -> None:
        self._notes = notes
        self._settings = settings
        self._days = Days()
        self._names = Names()
        self._advising = Advising(notes, days=self._days, country=settings.country)
        self._out: list[AdviceRecord] = []
        self._batch: _Batch | None = None
        self._number = 0
        self._is_other = False
        self._line = 0

    def rows(self, stream: BinaryIO) -> Iterator[AdviceRecord]:
        """Advices as they come, and after the last one of a batch the batch."""
        encoding = self._settings.encoding
        out = self._out
        for numbers, lines in records(stream, width=_WIDTH, notes=self._notes, encoding=encoding):
            for number, line in zip(numbers, lines, strict=True):
                # The common case: a payment of the batch that is open.
                if line[:2] == "34" and len(line) == _WIDTH and self._batch is not None:
                    self._line = number
                    self._check_number(line, number)
                    yield from self._advice(line, number, self._batch)
                elif line and not line.isspace():
                    self._take(line, number)
                    yield from out
                    out.clear()
            if self._is_other:
                return
        self._finish()
        yield from out

    def _take(self, line: str, number: int) -> None:
        """Take a record, whatever it is."""
        kind = line[:2]
        is_first, self._line = not self._line, number
        if self._is_other:
            return
        if kind not in _NEEDED or not _NEEDED[kind] <= len(line) <= _WIDTH:
            self._refuse(line, number, is_first=is_first)
            return
        self._check_number(line, number)
        try:
            {
                "31": self._open,
                "34": self._advise,
                "36": self._sum_part,
                "39": self._close,
            }[kind](line, number)
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=number, field=error.field)

    def _refuse(self, line: str, number: int, *, is_first: bool) -> None:
        """Note a record that cannot be read; what does not even begin like one is another format."""
        if is_first and line[:2] not in _NEEDED:
            self._is_other = True
            msg = f"file must begin with a record 31, got {shown(line)}"
            self._notes.error("file.format", msg, line=number)
            return
        msg = f"record must be 31, 34, 36 or 39 of {_WIDTH} characters, got {len(line)}: {shown(line)}"
        self._notes.error("cfonb240.record-invalid", msg, line=number)

    def _check_number(self, line: str, number: int) -> None:
        """Warn where the records of a batch are not numbered one by one; the totals are the proof."""
        text = line[2:8]
        if not (text.isascii() and text.isdecimal()):
            return
        before, self._number = self._number, int(text)
        if line[:2] != "31" and before and self._number != before + 1:
            msg = f"record must have the number {before + 1}, got {self._number}"
            self._notes.warn("cfonb240.number-differs", msg, line=number, field="number")

    def _open(self, line: str, number: int) -> None:
        if self._batch is not None:
            msg = "record 39 must end a batch before the next one begins, got a record 31"
            self._notes.error(_ORDER, msg, line=number)
            self._out.append(self._batch.finish())
        self._batch = self._begun(line, header=line)

    def _begun(self, line: str, *, header: str) -> _Batch:
        """A batch from its header, or from a record that has none before it."""
        account = ""
        if header:
            parts = (header[21:26], header[26:31], header[31:42])
            account = iban(*parts, country=self._settings.country)
        try:
            day = self._days[line[DATE.zone]]
        except RefusedError:
            day = None
        name = "/".join(filter(None, (str(day or DATE.of(line)), OPERATION.of(line))))
        return _Batch(self._names.of(account, name), header, account)

    def _advise(self, line: str, number: int) -> None:
        """Take a payment that has no header before it."""
        msg = "record 31 must begin a batch before its records, got a record 34"
        self._notes.error(_ORDER, msg, line=number)
        self._batch = self._begun(line, header="")
        self._out += self._advice(line, number, self._batch)

    def _advice(self, line: str, number: int, batch: _Batch) -> tuple[PaymentAdvice, ...]:
        """The advice of a record, where it can be read."""
        try:
            minor = unsigned(line[228:240])
            batch.sum_up(minor)
            advice = self._advising.advice(
                line, minor, batch=batch.name, index=batch.advices + 1, own=batch.own, line=number
            )
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=number, field=error.field)
            return ()
        batch.add(advice)
        return (advice,)

    def _sum_part(self, line: str, number: int) -> None:
        """Compare what a record 36 declares with the records since the one before."""
        if self._batch is None:
            msg = "record 31 must begin a batch before its records, got a record 36"
            self._notes.error(_ORDER, msg, line=number)
            return
        found, self._batch.part_minor = self._batch.part_minor, 0
        self._compare(unsigned(line[AMOUNT.zone]), found, "36", number)

    def _close(self, line: str, number: int) -> None:
        if self._batch is None:
            msg = "record 31 must begin a batch before its end, got a record 39"
            self._notes.error(_ORDER, msg, line=number)
            return
        batch, self._batch = self._batch, None
        declared = None
        try:
            declared = unsigned(line[AMOUNT.zone])
            self._compare(declared, batch.total_minor, "39", number)
        finally:
            self._out.append(batch.finish(declared))

    def _compare(self, declared_minor: int, found_minor: int, kind: str, number: int) -> None:
        if declared_minor != found_minor:
            msg = f"total of record {kind} must be the sum of its records, {found_minor} cents, got {declared_minor}"
            self._notes.error("cfonb240.total-differs", msg, line=number, field="total")

    def _finish(self) -> None:
        """What the end of the file leaves unfinished."""
        if not self._line:
            self._notes.error("file.empty", "file must hold a batch, got nothing")
        elif self._batch is not None:
            msg = "file must end with a record 39, got the end of a batch without one"
            self._notes.error("file.truncated", msg, line=self._line)
            self._out.append(self._batch.finish())
