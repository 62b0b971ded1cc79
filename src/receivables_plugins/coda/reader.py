"""The reader: recognizes a CODA file by its first record, and streams entries and statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

import attrs

from receivables import limits
from receivables.adapters import StatementRecord
from receivables.errors import UnknownCurrencyError
from receivables.money import digits
from receivables.reading import Read, ReadNotes
from receivables.receipts.model import BankBalance, BankEntry
from receivables.receipts.tallying import StatementTally, prove
from receivables.texts import line_blocks
from receivables_plugins.coda.movements import WHOLE, Movements
from receivables_plugins.coda.parts import WIDTH
from receivables_plugins.coda.settings import CodaSettings
from receivables_plugins.coda.values import Days, own_account, scaled

__all__ = ["CodaReader"]

_OURS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*0[0 ]{4}[0-9]{6}[0-9 ]{5}[D ] {7}[^\r\n]{103,113}[12](?=\s|1|\Z)"
)
_FIRST: Final = re.compile(r"0[0 ]{4}[0-9]{6}[0-9 ]{5}")
_NOTHING: Final = " \t\x00\x1a"
"""What old systems write after the last record."""

_FOLLOWING: Final = frozenset({"22", "23", "31", "32", "33", "2", "3"})
"""What belongs to a movement; the last two are what is left of a record that was cut off."""

_MOVEMENT_LINES_MAX: Final = 100_000
"""Records of one movement: four digits of details, each with ten records, are less."""

_VERSIONS: Final = frozenset({"1", "2"})


class CodaReader:
    """Reads CODA files of versions 1 and 2, streaming; memory stays flat."""

    def __init__(self, settings: CodaSettings | None = None) -> None:
        self._settings = settings or CodaSettings()

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes are the record 0 of a CODA file, with its application code."""
        return _OURS.match(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[StatementRecord]:
        """Read; problems are noted with their line and their columns, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings).rows(stream), notes)


@attrs.define(kw_only=True)
class _Statement:
    """A statement from its record 0 to its record 9."""

    created_at: str
    version: str
    is_copy: bool
    application: str
    """The code of a separate application; zeros for the account's own statement."""
    account_text: str = ""
    sequence: int | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None
    first_day: str = ""
    last_day: str = ""
    has_old_balance: bool = False
    has_new_balance: bool = False
    tally: StatementTally | None = None
    """None where the account's currency is not known, so that movements are no amounts."""

    @property
    def is_separate(self) -> bool:
        """Whether it may hold details of what another statement books."""
        return bool(self.application.strip("0 "))


class _Reading:
    """One file under way."""

    def __init__(self, notes: ReadNotes, settings: CodaSettings) -> None:
        self._notes = notes
        self._encoding = settings.encoding or None
        self._days = Days()
        self._statement: _Statement | None = None
        self._movements: Movements | None = None
        self._pending: list[str] = []
        """The movement under way, with its details."""
        self._pending_at = 0
        self._line = 0
        self._uncounted = 0
        """Lines until now that record 9 does not count."""
        self._has_begun = self._is_refused = self._expects_more = False

    def rows(self, stream: BinaryIO) -> Iterator[StatementRecord]:
        """Entries as they are complete, and after the last one of a statement the statement."""
        pending = self._pending
        number = 0
        for block in line_blocks(stream, notes=self._notes, encoding=self._encoding):
            for line in self._narrow(block):
                number += 1
                kind = line[:2]
                if pending and kind in _FOLLOWING:
                    pending.append(line)
                elif kind == "21" and self._movements is not None:
                    if (
                        pending
                        and (line[6:10] == WHOLE or _is_next(line, pending[0]))
                        and (entry := self._entry()) is not None
                    ):
                        yield entry
                    if not pending:
                        self._pending_at = number
                    pending.append(line)
                else:
                    self._line = number
                    yield from self._other(kind, line)
                    if self._is_refused:
                        return
            self._line = number
            if len(pending) > _MOVEMENT_LINES_MAX:
                self._refuse_length()
                return
        yield from self._end()

    def _narrow(self, block: list[str]) -> Iterable[str]:
        """The records of a block: its lines, but for a file without line ends, which is cut."""
        if not block or (min(map(len, block)) == WIDTH == max(map(len, block))):
            return block
        return self._cut(block)

    def _cut(self, block: list[str]) -> Iterator[str]:
        number = self._line
        for line in block:
            number += 1
            is_long = bool(line[WIDTH:].strip(_NOTHING))
            if is_long and len(line) >= 2 * WIDTH:
                pieces = [line[at : at + WIDTH] for at in range(0, len(line), WIDTH)]
                number += len(pieces) - 1
                yield from pieces
                continue
            if is_long or (len(line) < WIDTH and line.strip(_NOTHING)):
                self._note_length(line, number)
            yield line

    def _note_length(self, line: str, number: int) -> None:
        if self._has_begun or _FIRST.match(line):
            msg = f"record must have {WIDTH} characters, got {len(line)}"
            self._notes.warn("coda.record-length", msg, line=number)

    def _entry(self) -> BankEntry | None:
        """The entry of the records under way."""
        entry = None
        if self._pending and self._movements is not None:
            entry = self._movements.entry(self._pending, self._pending_at)
        self._pending.clear()
        return entry

    def _refuse_length(self) -> None:
        msg = f"a movement must have at most {_MOVEMENT_LINES_MAX} records, got more"
        self._notes.error("file.too-large", msg, line=self._line)

    def _other(self, kind: str, line: str) -> Iterator[StatementRecord]:
        """Take a record that is no movement, or one that stands where no movement can."""
        if not line.strip(_NOTHING):
            self._uncounted += 1
            return
        if not self._has_begun and not _FIRST.match(line):
            msg = f"file must begin with record 0, got {line[:WIDTH]!r}"
            self._notes.error("file.format", msg, line=self._line)
            self._is_refused = True
            return
        self._has_begun = True
        if (entry := self._entry()) is not None:
            yield entry
        if kind[0] in "049":
            self._uncounted += 1
        if kind[0] == "0":
            yield from self._close("record 9 must come before the next record 0")
            self._begin(line)
        elif self._statement is None:
            self._note_stray(kind)
        elif kind[0] == "9":
            yield from self._finished(self._statement, line)
        else:
            self._take(self._statement, kind, line)

    def _take(self, statement: _Statement, kind: str, line: str) -> None:
        """Take a balance; a free communication (4) is to all customers, and says nothing here."""
        if kind[0] == "1":
            self._take_old_balance(statement, line)
        elif kind[0] == "8":
            self._take_new_balance(statement, line)
        elif kind[0] in "23" and statement.has_old_balance and statement.tally is None:
            return  # its currency is not known, which was noted
        elif kind[0] != "4":
            self._note_stray(kind)

    def _note_stray(self, kind: str) -> None:
        if kind[0] in "123489":
            msg = f"record {kind} must follow what it belongs to, got it alone"
            self._notes.error("coda.record-order", msg, line=self._line)
        else:
            msg = f"record must be 0, 1, 2, 3, 4, 8 or 9, got {kind!r}"
            self._notes.error("coda.record-unknown", msg, line=self._line)

    def _begin(self, line: str) -> None:
        version = line[127:128]
        if version not in _VERSIONS:
            msg = f"version must be 1 or 2, got {version!r}; its movements are left out"
            self._notes.error("coda.version-unknown", msg, line=self._line, field="128")
        day = self._days[line[5:11]]
        self._statement = _Statement(
            created_at="" if day is None else str(day),
            version=version,
            is_copy=line[16:17] == "D",
            application=line[83:88],
        )
        self._movements = None
        self._expects_more = False

    def _take_old_balance(self, statement: _Statement, line: str) -> None:
        account, currency = own_account(line, statement.version)
        if statement.has_old_balance:
            msg = "old balance must come once, got another"
            self._notes.error("coda.record-order", msg, line=self._line)
            return
        statement.has_old_balance = True
        statement.account_text = line[5:42]
        statement.first_day = line[58:64]
        try:
            digits(currency)
        except UnknownCurrencyError:
            msg = (
                f"currency must be a code of ISO 4217, got {currency!r}; its movements are left out"
            )
            self._notes.error("currency.unknown", msg, line=self._line)
            return
        if statement.version not in _VERSIONS:
            return
        statement.sequence = _number(line[125:128]) or _number(line[2:5])
        statement.opening_minor = self._balance(line[42:58], currency, "43-58")
        day = self._days[statement.first_day]
        name = [str(day or statement.created_at), f"{statement.sequence or 0:03}"]
        if statement.is_separate:
            name.append(statement.application)
        statement.tally = StatementTally(account, "/".join(name), currency)
        self._movements = Movements(
            statement.tally,
            notes=self._notes,
            days=self._days,
            version=statement.version,
            is_separate=statement.is_separate,
        )

    def _take_new_balance(self, statement: _Statement, line: str) -> None:
        if statement.has_new_balance:
            msg = "new balance must come once, got another"
            self._notes.error("coda.record-order", msg, line=self._line)
            return
        statement.has_new_balance = True
        statement.last_day = line[57:63]
        if line[4:41] != statement.account_text:
            said, got = statement.account_text.strip(), line[4:41].strip()
            msg = f"account must be {said!r} as in record 1, got {got!r}"
            self._notes.error("coda.account-differs", msg, line=self._line, field="5-41")
        if statement.tally is not None:
            currency = statement.tally.currency
            statement.closing_minor = self._balance(line[41:57], currency, "42-57")

    def _balance(self, text: str, currency: str, field: str) -> int | None:
        """A sign and fifteen digits as signed minor units; None where they are none."""
        sign, amount = text[:1], text[1:]
        if sign not in {"0", "1"} or len(amount) != 15 or not _is_number(amount):  # noqa: PLR2004  # digits
            msg = f"balance must be a sign (0 or 1) and fifteen digits, got {text!r}"
            self._notes.error("amount.invalid", msg, line=self._line, field=field)
            return None
        minor = scaled(int(amount), digits(currency))
        if minor is None or minor > limits.AMOUNT_MINOR_MAX:
            msg = f"balance must be minor units of {currency}, got {int(amount)} thousandths"
            code = "amount.inexact" if minor is None else "amount.limit"
            self._notes.error(code, msg, line=self._line, field=field)
            return None
        return -minor if minor and sign == "1" else minor

    def _finished(self, statement: _Statement, line: str) -> Iterator[StatementRecord]:
        """The statement, at its record 9."""
        if self._movements is not None:
            self._check_controls(line, self._movements)
        self._expects_more = line[127:128] == "1"
        yield from self._made(statement)
        self._uncounted = self._line

    def _check_controls(self, line: str, came: Movements) -> None:
        """Compare what came with the count and the sums of record 9."""
        count = self._line - self._uncounted
        if line[16:22] != f"{count:06}":
            msg = f"records must be {line[16:22]} as record 9 says, got {count}"
            self._notes.error("coda.count-differs", msg, line=self._line, field="17-22")
        if (line[22:37], line[37:52]) != (f"{came.debited:015}", f"{came.credited:015}"):
            msg = (
                f"sums of debits and credits must be {line[22:37]} and {line[37:52]} thousandths "
                f"as record 9 says, got {came.debited} and {came.credited}"
            )
            self._notes.error("coda.sum-differs", msg, line=self._line, field="23-52")

    def _made(self, statement: _Statement) -> Iterator[StatementRecord]:
        """The statement itself, proved by its balances where it books anything."""
        self._statement = self._movements = None
        tally = statement.tally
        if tally is None:
            return
        opening, closing = statement.opening_minor, statement.closing_minor
        if not statement.has_new_balance and not tally.entries:
            closing = opening  # a statement without movements has no new balance
        balances: Sequence[BankBalance] = ()
        is_part = tally.booked < tally.entries  # the balances are those of another statement
        if is_part:
            said = [minor for minor in (opening, closing) if minor is not None]
            balances = [
                BankBalance(type="INFO", amount_minor=one, currency=tally.currency) for one in said
            ]
            opening = closing = None
        made = tally.finish(
            opening_minor=opening,
            closing_minor=closing,
            first_day=self._days[statement.first_day],
            last_day=self._days[statement.last_day],
            sequence=statement.sequence,
            is_copy=statement.is_copy,
            created_at=statement.created_at,
            balances=balances,
        )
        prove(made, self._notes, line=self._line, is_part=is_part)
        yield made

    def _close(self, reason: str) -> Iterator[StatementRecord]:
        """End a statement that has no record 9."""
        statement = self._statement
        if statement is not None:
            self._notes.error("coda.record-order", reason, line=self._line)
            yield from self._made(statement)

    def _end(self) -> Iterator[StatementRecord]:
        """What is left at the end of the file, which may have been cut."""
        if not self._has_begun:
            self._notes.error("file.empty", "file must hold records, got none")
            return
        if not _is_whole(self._pending):
            self._pending.clear()
        if (entry := self._entry()) is not None:
            yield entry
        statement = self._statement
        if statement is not None:
            msg = "file must end with record 9, got its end without; what came last was left out"
            self._notes.error("file.truncated", msg, line=self._line)
            yield from self._made(statement)
        elif self._expects_more:
            msg = "another statement must follow as record 9 says, got the end of the file"
            self._notes.warn("coda.more-expected", msg, line=self._line)


def _is_next(line: str, first: str) -> bool:
    """Whether a detail is none of the movement under way.

    One that is cut before its detail number does not say.
    """
    return len(line) >= len(first[:10]) and line[2:6] != first[2:6]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _number(text: str) -> int:
    return int(text) if _is_number(text) else 0


def _is_whole(lines: Sequence[str]) -> bool:
    """Whether nothing follows the last of a movement's records, as the records themselves say."""
    if not lines:
        return True
    last = lines[-1]
    if last[125:126] != "0" or last[127:128] != "0":
        return False
    level = lines[0][124]
    return level in "0 " or any(line[:2] == "21" and line[124] == level for line in lines[1:])
