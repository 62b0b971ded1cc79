"""The reader: recognizes an AEB43 file by its first records, and streams entries and statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import attrs

from receivables import limits
from receivables.adapters import StatementRecord
from receivables.money import digits
from receivables.reading import Read, ReadNotes
from receivables.receipts.model import BankEntry
from receivables.receipts.tallying import StatementTally, prove
from receivables.texts import line_blocks
from receivables_plugins.aeb43.movements import WIDTH, Movements
from receivables_plugins.aeb43.settings import Aeb43Settings
from receivables_plugins.aeb43.values import Days, currency_of, iban_of, scaled

__all__ = ["Aeb43Reader"]

_OURS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:00[0-9]{10}[^\r\n]{0,68}[\r\n]*)?"
    rb"11[0-9]{30}[0-2][0-9]{14}[0-9]{3}"
)
_FIRST: Final = frozenset({"00", "11"})
_FOLLOWING: Final = frozenset({"24", "2"})
"""What belongs to a movement besides its texts; the second is what is left of a record cut off."""

_MOVEMENT_LINES_MAX: Final = 1_000
"""Records of one movement; the standard has seven."""

_NOTHING: Final = " \t\x00\x1a"
"""What old systems write after the last record."""


class Aeb43Reader:
    """Reads AEB43 files, streaming; memory stays flat."""

    def __init__(self, settings: Aeb43Settings | None = None) -> None:
        self._settings = settings or Aeb43Settings()

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes are the record of an account, after that of a file or not."""
        return _OURS.match(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[StatementRecord]:
        """Read; problems are noted with their line and their columns, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings).rows(stream), notes)


@attrs.frozen(kw_only=True)
class _Account:
    """An account under way, as its record 11 says it."""

    code: str
    currency_number: str
    opening_minor: int | None = None
    first_day: str = ""
    last_day: str = ""
    tally: StatementTally | None = None
    """None where the currency is not known, so that movements are no amounts."""


class _Reading:
    """One file under way."""

    def __init__(self, notes: ReadNotes, settings: Aeb43Settings) -> None:
        self._notes = notes
        self._encoding = settings.encoding or None
        self._sepa_records = settings.sepa_records
        self._days = Days()
        self._account: _Account | None = None
        self._movements: Movements | None = None
        self._pending: list[str] = []
        """The record 22 under way, with its 23 and 24."""
        self._pending_at = 0
        self._line = 0
        self._uncounted = 0
        """Lines until now that record 88 does not count."""
        self._has_head = self._has_begun = self._is_refused = self._is_ended = False

    def rows(self, stream: BinaryIO) -> Iterator[StatementRecord]:
        """Entries as they are complete, and after the last one of an account its statement."""
        pending = self._pending
        number = 0
        for block in line_blocks(stream, notes=self._notes, encoding=self._encoding):
            for line in self._narrow(block):
                number += 1
                code = line[:2]
                if pending and code == "23":
                    pending.append(line)
                elif code == "22" and self._account is not None:
                    if pending and (entry := self._entry()) is not None:
                        yield entry
                    pending.append(line)
                    self._pending_at = number
                elif pending and code in _FOLLOWING:
                    pending.append(line)
                else:
                    self._line = number
                    yield from self._other(code, line)
                    if self._is_refused:
                        return
            self._line = number
            if len(pending) > _MOVEMENT_LINES_MAX:
                msg = f"a movement must have at most {_MOVEMENT_LINES_MAX} records, got more"
                self._notes.error("file.too-large", msg, line=number)
                return
        yield from self._end()

    def _narrow(self, block: list[str]) -> Iterable[str]:
        """The records of a block: its lines, but for a file without line ends, which is cut."""
        if not block or max(map(len, block)) <= WIDTH:
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
            if is_long:
                msg = f"record must have {WIDTH} characters, got {len(line)}"
                self._notes.warn("aeb43.record-length", msg, line=number)
            yield line

    def _entry(self) -> BankEntry | None:
        """The entry of the records under way."""
        entry = None
        if self._pending and self._movements is not None:
            entry = self._movements.entry(self._pending, self._pending_at)
        self._pending.clear()
        return entry

    def _other(self, code: str, line: str) -> Iterator[StatementRecord]:
        """Take a record that is no movement, or one that stands where no movement can."""
        if not line.strip(_NOTHING):
            self._uncounted += 1
            return
        if not self._has_begun and code not in _FIRST:
            msg = f"file must begin with record 00 or 11, got {line[:WIDTH]!r}"
            self._notes.error("file.format", msg, line=self._line)
            self._is_refused = True
            return
        self._has_begun, self._is_ended = True, False
        if (entry := self._entry()) is not None:
            yield entry
        if code == "00":
            self._uncounted += 1
            self._has_head = True
        elif code == "11":
            yield from self._close("record 33 must come before the next account")
            self._account = self._begun(line)
        elif code == "33" and self._account is not None:
            yield from self._finished(self._account, line)
        elif code == "88":
            yield from self._close("record 33 must come before record 88")
            self._check_file_end(line)
        else:
            self._note_stray(code)

    def _note_stray(self, code: str) -> None:
        if code in {"22", "23", "24", "33"}:
            msg = f"record {code} must follow what it belongs to, got it alone"
            self._notes.error("aeb43.record-order", msg, line=self._line)
        else:
            msg = f"record must be 00, 11, 22, 23, 24, 33 or 88, got {code!r}"
            self._notes.error("aeb43.record-unknown", msg, line=self._line)

    def _begun(self, line: str) -> _Account:
        number = line[47:50]
        currency = currency_of(number)
        code = line[2:20]
        if not currency:
            msg = f"currency must be three digits of ISO 4217, got {number!r}; its movements are left out"
            self._notes.error("currency.unknown", msg, line=self._line, field="48-50")
            self._movements = None
            return _Account(code=code, currency_number=number)
        account = iban_of(code[:4], code[4:8], code[8:])
        period = (line[20:26], line[26:32])
        statement = "/".join((*(str(self._days[day] or day) for day in period), currency))
        tally = StatementTally(account, statement, currency)
        self._movements = Movements(
            tally, notes=self._notes, days=self._days, sepa_records=self._sepa_records
        )
        return _Account(
            code=code,
            currency_number=number,
            opening_minor=self._balance(line[32:47], currency, "33-47"),
            first_day=period[0],
            last_day=period[1],
            tally=tally,
        )

    def _balance(self, text: str, currency: str, field: str) -> int | None:
        """A sign and fourteen digits as signed minor units; None where they are none."""
        sign, amount = text[:1], text[1:]
        if len(amount) != 14 or not (amount.isascii() and amount.isdigit()):  # noqa: PLR2004  # digits
            msg = f"balance must be fourteen digits, got {amount!r}"
            self._notes.error("amount.invalid", msg, line=self._line, field=field)
            return None
        hundredths = int(amount)
        minor = scaled(hundredths, digits(currency))
        if hundredths and sign not in {"1", "2"}:
            msg = f"sign of a balance must be 1 (debit) or 2 (credit), got {sign!r}"
            self._notes.error("aeb43.sign-invalid", msg, line=self._line, field=field)
            return None
        if minor is None or minor > limits.AMOUNT_MINOR_MAX:
            msg = f"balance must be minor units of {currency}, got {hundredths} hundredths"
            code = "amount.inexact" if minor is None else "amount.limit"
            self._notes.error(code, msg, line=self._line, field=field)
            return None
        return -minor if minor and sign == "1" else minor

    def _finished(self, account: _Account, line: str) -> Iterator[StatementRecord]:
        """The statement of an account, at its record 33."""
        self._account = None
        if line[2:20] != account.code:
            msg = f"account must be {account.code} as in record 11, got {line[2:20]!r}"
            self._notes.error("aeb43.account-differs", msg, line=self._line, field="3-20")
        if line[73:76] != account.currency_number:
            msg = f"currency must be {account.currency_number} as in record 11, got {line[73:76]!r}"
            self._notes.error("aeb43.currency-differs", msg, line=self._line, field="74-76")
        if account.tally is not None and self._movements is not None:
            self._check_counts(line, self._movements)
            closing = self._balance(line[58:73], account.tally.currency, "59-73")
            yield from self._statement(account, closing)

    def _statement(self, account: _Account, closing_minor: int | None) -> Iterator[StatementRecord]:
        if account.tally is not None:
            statement = account.tally.finish(
                opening_minor=account.opening_minor,
                closing_minor=closing_minor,
                first_day=self._days[account.first_day],
                last_day=self._days[account.last_day],
            )
            prove(statement, self._notes, line=self._line)
            yield statement

    def _check_counts(self, line: str, came: Movements) -> None:
        """Compare what came with the counts and sums of record 33."""
        counts = (line[20:25], line[39:44])
        is_counted = all(
            said.isascii() and said.isdigit() and 0 <= int(said) - count <= came.zeros
            for said, count in zip(counts, (came.debits, came.credits), strict=True)
        )
        if not is_counted:
            msg = (
                f"debits and credits must be {counts[0]} and {counts[1]} as record 33 says, "
                f"got {came.debits} and {came.credits}"
            )
            self._notes.error("aeb43.count-differs", msg, line=self._line, field="21-25, 40-44")
        sums = (line[25:39], line[44:58])
        if sums != (f"{came.debited:014}", f"{came.credited:014}"):
            msg = (
                f"sums of debits and credits must be {sums[0]} and {sums[1]} hundredths "
                f"as record 33 says, got {came.debited} and {came.credited}"
            )
            self._notes.error("aeb43.sum-differs", msg, line=self._line, field="26-39, 45-58")

    def _close(self, reason: str) -> Iterator[StatementRecord]:
        """End an account that has no record 33."""
        account, self._account = self._account, None
        if account is not None:
            self._notes.error("aeb43.record-order", reason, line=self._line)
            yield from self._statement(account, None)

    def _check_file_end(self, line: str) -> None:
        said = line[20:26]
        count = self._line - 1 - self._uncounted
        # The record of the file is not counted by the standard, and is by some banks.
        if said not in {f"{count:06}", f"{count + self._has_head:06}"}:
            msg = f"records must be {said} as record 88 says, got {count}"
            self._notes.error("aeb43.count-differs", msg, line=self._line, field="21-26")
        self._uncounted = self._line
        self._has_head = False
        self._is_ended = True

    def _end(self) -> Iterator[StatementRecord]:
        """What is left at the end of the file, which may have been cut."""
        if self._is_ended:
            return
        if not self._has_begun:
            self._notes.error("file.empty", "file must hold records, got none")
            return
        if self._pending and len(self._pending[-1]) < WIDTH:
            self._pending.clear()
        if (entry := self._entry()) is not None:
            yield entry
        msg = "file must end with record 88, got its end without; what came last may lack something"
        self._notes.error("file.truncated", msg, line=self._line)
        account, self._account = self._account, None
        if account is not None:
            yield from self._statement(account, None)
