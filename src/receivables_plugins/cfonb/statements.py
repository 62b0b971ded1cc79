"""The reader of account statements: records 01, then 04 with their 05, then 07, again and again.

01 is the balance before, 04 a movement, 05 a complement of it, 07 the balance after.  A statement
has no number: it is named by the day of its opening balance and its currency.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import StatementRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts.model import BankEntry
from receivables.receipts.tallying import StatementTally, prove
from receivables_plugins.cfonb.movements import Movements
from receivables_plugins.cfonb.names import Names
from receivables_plugins.cfonb.records import records
from receivables_plugins.cfonb.settings import CfonbSettings
from receivables_plugins.cfonb.values import RefusedError, iban, shown

__all__ = ["Cfonb120Reader"]

_WIDTH: Final = 120
_NEEDED: Final = {"01": 104, "04": 104, "05": 48, "07": 104}
"""Where the last field that is needed ends; behind it blanks may have been cut off."""
_OURS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?[\r\n ]*0[1457][0-9A-Z ]{5}.{4}[0-9A-Z ]{5}[A-Z]{3}[0-9].[0-9A-Za-z ]{11}"
)
_COMPLEMENTS_MAX: Final = 10_000
"""Complements of one movement: none is known with more than twenty, and a bound on memory."""
_RECORD: Final = "cfonb120.record-invalid"
_ORDER: Final = "cfonb120.record-order"


class Cfonb120Reader:
    """Reads CFONB 120, streaming; memory stays flat."""

    def __init__(self, settings: CfonbSettings | None = None) -> None:
        self._settings = settings or CfonbSettings()

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes are a record with a bank, a currency and an account."""
        return _OURS.match(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[StatementRecord]:
        """Read; problems are noted with their line and their field, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings).rows(stream), notes)


class _Reading:
    """One file under way: the statement that is open, and the movement that may have complements."""

    def __init__(self, notes: ReadNotes, settings: CfonbSettings) -> None:
        self._notes = notes
        self._settings = settings
        self._movements = Movements(notes)
        self._names = Names()
        self._out: list[StatementRecord] = []
        self._tally: StatementTally | None = None
        self._opened = ""
        self._opening_minor: int | None = None
        self._opening_day: dt.date | None = None
        self._movement = ""
        self._movement_line = 0
        self._more: list[str] = []
        self._is_skipping = False
        self._is_other = False
        self._line = 0

    def rows(self, stream: BinaryIO) -> Iterator[StatementRecord]:
        """Entries as they are complete, and after the last one of a statement the statement."""
        encoding = self._settings.encoding
        more = self._more
        bank = zone = account = ""
        for numbers, lines in records(stream, width=_WIDTH, notes=self._notes, encoding=encoding):
            for number, line in zip(numbers, lines, strict=True):
                kind = line[:2]
                # The common cases: a complement of the movement that is open, and the next movement
                # of the statement that is open.
                if kind == "05" and line[21:32] == account and len(line) == _WIDTH:
                    more.append(line)
                elif (
                    kind == "04"
                    and line[11:32] == zone
                    and line[2:7] == bank
                    and len(line) == _WIDTH
                ):
                    yield from self._flush()
                    self._movement, self._movement_line = line, number
                    self._is_skipping = False
                    account = line[21:32]
                elif line and not line.isspace():
                    self._take(line, number)
                    yield from self._given()
                    bank, zone = self._opened[2:7], self._opened[11:32]
                    account = self._movement[21:32]
            if self._is_other:
                return
            if len(more) > _COMPLEMENTS_MAX:
                msg = f"complements of a movement must be at most {_COMPLEMENTS_MAX}, got more"
                self._notes.error("file.too-large", msg, line=self._movement_line)
                break
        self._finish()
        yield from self._given()

    def _take(self, line: str, number: int) -> None:
        """Take a record, whatever it is."""
        kind = line[:2]
        is_first, self._line = not self._line, number
        if self._is_other:
            return
        if kind not in _NEEDED or not _NEEDED[kind] <= len(line) <= _WIDTH:
            self._refuse(line, number, is_first=is_first)
        elif kind == "05":
            self._complement(line, number)
        else:
            self._out += self._flush()
            {"01": self._open, "04": self._begin_movement, "07": self._close}[kind](line, number)

    def _refuse(self, line: str, number: int, *, is_first: bool) -> None:
        """Note a record that cannot be read; what does not even begin like one is another format."""
        kind = line[:2]
        if is_first and kind not in _NEEDED:
            self._is_other = True
            msg = f"file must begin with a record 01, got {shown(line)}"
            self._notes.error("file.format", msg, line=number)
            return
        msg = f"record must be 01, 04, 05 or 07 of {_WIDTH} characters, got {len(line)}: {shown(line)}"
        self._notes.error(_RECORD, msg, line=number)
        if kind == "04":
            # The complements that follow are of the movement that cannot be read.
            self._out += self._flush()
            self._is_skipping = True

    def _open(self, line: str, number: int) -> None:
        if self._tally is not None:
            self._break("record 07 must end a statement before the next one begins", number)
        self._begin_statement(line)
        self._opening_minor = self._balance(line, number)
        self._opening_day = self._movements.day(line[34:40], number, "balance date")

    def _begin_statement(self, line: str) -> None:
        """Begin a statement from its record 01, or from a movement that has none before it."""
        account = iban(line[2:7], line[11:16], line[21:32], country=self._settings.country)
        currency = line[16:19].strip()
        try:
            day = self._movements.days[line[34:40]]
        except RefusedError:
            day = None
        name = self._names.of(account, f"{day or line[34:40].strip()}/{currency}")
        self._opened = line
        self._opening_minor = self._opening_day = None
        self._is_skipping = False
        self._tally = StatementTally(account, name, currency)

    def _balance(self, line: str, number: int) -> int | None:
        try:
            return self._movements.amounts.signed(line[90:104], line[16:20])
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=number, field=f"balance {error.field}")
            return None

    def _begin_movement(self, line: str, number: int) -> None:
        if self._tally is None:
            msg = "record 01 must begin a statement before its movements, got a movement"
            self._notes.error(_ORDER, msg, line=number)
            self._begin_statement(line)
        elif not self._is_of_statement(line):
            self._break("a movement must be on the account of its statement", number)
            self._begin_statement(line)
        self._check_bank(line, number)
        self._movement, self._movement_line = line, number
        self._is_skipping = False

    def _is_of_statement(self, line: str) -> bool:
        """Whether a record has the account number and the currency of the statement."""
        return line[21:32] == self._opened[21:32] and line[16:19] == self._opened[16:19]

    def _check_bank(self, line: str, number: int) -> None:
        """Warn of another bank or branch: banks that merged have been seen to mix their codes."""
        if line[2:7] != self._opened[2:7] or line[11:16] != self._opened[11:16]:
            msg = f"bank and branch must be those of the statement, got {shown(line[2:16])}"
            self._notes.warn("cfonb120.bank-differs", msg, line=number, field="bank")

    def _complement(self, line: str, number: int) -> None:
        """Take a complement that lacks its blanks, or say what it does not belong to."""
        if self._movement and line[21:32] == self._movement[21:32]:
            self._more.append(line)
        elif not self._is_skipping:
            msg = "record 04 must come before its complements, got a complement"
            self._notes.error(_ORDER, msg, line=number)

    def _flush(self) -> tuple[BankEntry, ...]:
        """The entry of the movement under way, which no further complement can follow."""
        line, number = self._movement, self._movement_line
        if self._tally is None or not line:
            return ()
        found: tuple[BankEntry, ...] = ()
        try:
            found = (self._movements.entry(line, self._more, tally=self._tally, number=number),)
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=number, field=error.field)
        self._movement = ""
        self._more.clear()
        return found

    def _given(self) -> list[StatementRecord]:
        out, self._out = self._out, []
        return out

    def _close(self, line: str, number: int) -> None:
        self._is_skipping = False
        if self._tally is None or not self._is_of_statement(line):
            msg = f"record 07 must end the statement of its account, got {shown(line[2:32])}"
            self._notes.error(_ORDER, msg, line=number)
            return
        self._check_bank(line, number)
        closing = self._balance(line, number)
        statement = self._tally.finish(
            opening_minor=self._opening_minor,
            closing_minor=closing,
            first_day=self._opening_day,
            last_day=self._movements.day(line[34:40], number, "balance date"),
        )
        prove(statement, self._notes, line=number)
        self._out.append(statement)
        self._tally, self._opened = None, ""

    def _break(self, rule: str, number: int) -> None:
        """End a statement that has no record 07."""
        self._notes.error(_ORDER, f"{rule}, got {shown(self._opened[2:32])} open", line=number)
        self._end_unfinished()

    def _end_unfinished(self) -> None:
        if self._tally is not None:
            unfinished = self._tally.finish(
                opening_minor=self._opening_minor, first_day=self._opening_day
            )
            self._out.append(unfinished)
            self._tally, self._opened = None, ""

    def _finish(self) -> None:
        """What the end of the file leaves unfinished; a last movement may lack complements."""
        if not self._line:
            self._notes.error("file.empty", "file must hold a statement, got nothing")
        elif self._tally is not None:
            left = ", its last movement is left out" if self._movement else ""
            msg = f"file must end with a record 07, got the end of a statement without one{left}"
            self._notes.error("file.truncated", msg, line=self._movement_line or self._line)
            self._end_unfinished()
