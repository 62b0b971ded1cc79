"""Files, groups and accounts: what encloses the entries, and the control totals that prove them.

Record 49 has the algebraic sum of all amounts of records 03 and 16 of its account, record 98 the sum
of the 49 of its group, record 99 that of the 98 of the file; each counts the records it closes, itself
included (BAI, Cash Management Balance Reporting Specifications, version 2).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from receivables.errors import UnknownCurrencyError
from receivables.money import digits
from receivables.reading import ReadNotes
from receivables.receipts.model import BankBalance, BankStatement
from receivables.receipts.tallying import StatementTally, prove
from receivables_plugins.bai2.codes import Level, type_code
from receivables_plugins.bai2.entries import Account, day_of, funds_fields, minor_of
from receivables_plugins.bai2.records import Record, fields_of

__all__ = ["AccountUnderWay", "Control", "FileHeader", "Group"]

_OPENING: Final = "010"
_CLOSING: Final = "015"
_TYPES: Final = {"030": "ITBD", "040": "OPAV", "045": "CLAV", "060": "ITAV"}
"""Balances by their names in ISO 20022; the others keep the code of BAI2."""
_CREDITS: Final = "100"
_DEBITS: Final = "400"
_DEFAULT_CURRENCY: Final = "USD"
_DELETION: Final = "2"
_TEST: Final = "4"
_PARTS: Final = frozenset({"1", "3", "4"})
"""As-of date modifiers of what is no final report of a whole day: interim, or of the same day."""
_END_OF_DAY: Final = frozenset({"2400", "9999"})
_FIELDS_MAX: Final = 100_000


class Control:
    """What a trailer proves: a sum, a count of the records, a count of what it encloses."""

    __slots__ = ("children", "records", "sum_minor")

    def __init__(self) -> None:
        self.sum_minor = 0
        self.records = 1
        self.children = 0

    def check(self, record: Record, notes: ReadNotes, *, what: str) -> int:
        """Compare with a trailer; its sum, which the next trailer above adds up, or ours."""
        fields = [*fields_of(record), *[""] * 3]
        children = fields[1] if what else ""
        counted = fields[2] if what else fields[1]
        self.records += record.count
        declared = self._declared(fields[0], record, notes)
        for text, count, name in (
            (children, self.children, what),
            (counted, self.records, "records"),
        ):
            if name and text.lstrip("0") != str(count).lstrip("0"):
                msg = f"{name} before the trailer must be {text or 'said'}, got {count}"
                notes.error("bai2.count-differs", msg, line=record.line, field=name)
        return self.sum_minor if declared is None else declared

    def _declared(self, text: str, record: Record, notes: ReadNotes) -> int | None:
        if not text:
            return None
        declared = minor_of(text)
        if declared is None:
            msg = f"control total must be digits without a decimal point, got {text[:40]!r}"
            notes.error("amount.invalid", msg, line=record.line, field="control total")
        elif declared != self.sum_minor:
            msg = f"amounts before the trailer must add up to {declared}, got {self.sum_minor}"
            notes.error("bai2.total-differs", msg, line=record.line, field="control total")
        return declared


class FileHeader(Control):
    """Record 01: when the file was made."""

    __slots__ = ("created_at",)

    def __init__(self, record: Record | None) -> None:
        super().__init__()
        fields = [*(fields_of(record) if record else ()), *[""] * 4]
        day = day_of(fields[2])
        self.created_at = "" if day is None else _moment(day, fields[3])
        self.records = record.count if record else 0


class Group(Control):
    """Record 02: of which day, in which currency, and whether it counts."""

    __slots__ = ("currency", "day", "is_booked", "is_part", "moment")

    def __init__(self, record: Record, notes: ReadNotes) -> None:
        super().__init__()
        fields = [*fields_of(record), *[""] * 7]
        _, _, status, date, time, currency, modifier = fields[:7]
        self.records = record.count
        self.day = day_of(date)
        self.moment = date if self.day is None else _moment(self.day, time)
        self.currency = currency.upper() or _DEFAULT_CURRENCY
        self.is_part = modifier in _PARTS
        self.is_booked = status not in {_DELETION, _TEST}
        if self.day is None:
            msg = f"as-of date must be a day YYMMDD, got {date[:40]!r}"
            notes.error("date.invalid", msg, line=record.line, field="as-of date")
        if not self.is_booked:
            what = "is withdrawn" if status == _DELETION else "is a test"
            msg = f"group must be an update or a correction, got one that {what}: nothing is booked"
            notes.error("bai2.group-status", msg, line=record.line, field="group status")


class AccountUnderWay(Control):
    """Record 03 and what follows it up to record 49: one statement of one account."""

    def __init__(self, record: Record, group: Group, notes: ReadNotes, *, created_at: str) -> None:
        super().__init__()
        self.line = record.line
        self.records = record.count
        self._group = group
        self._notes = notes
        self._created_at = created_at
        fields = [*fields_of(record), *[""] * 2]
        self.currency = self._checked((fields[1] or group.currency).upper())
        self.account = fields[0]
        self.entries: Account
        self._tally: StatementTally
        self._balances: dict[str, int] = {}
        self._totals: dict[str, int] = {}
        for code, minor in self._amounts(fields[2:-2]):
            self.sum_minor += minor
            kind = type_code(code)
            if code in {_CREDITS, _DEBITS}:
                self._totals.setdefault(code, minor)
            elif kind is not None and kind.level is Level.STATUS:
                self._balances.setdefault(code, minor)

    def name(self, statement: str) -> None:
        """Say how the statement is called, which is unlike any other of the account in the file."""
        self.entries = Account(
            self.account,
            statement,
            self.currency,
            day=self._group.day,
            is_booked=self._group.is_booked,
        )
        self._tally = StatementTally(self.account, statement, self.currency)
        self.add = self._tally.add
        """Count an entry that is given on."""

    def finish(self, *, line: int) -> BankStatement:
        """The statement after its last entry; what it does not prove is noted."""
        statement = self._tally.finish(
            opening_minor=self._balances.get(_OPENING),
            closing_minor=self._balances.get(_CLOSING),
            first_day=self._group.day,
            last_day=self._group.day,
            created_at=self._created_at,
            balances=[
                BankBalance(
                    type=_TYPES.get(code, code),
                    amount_minor=minor,
                    currency=self.currency,
                    date=self._group.day,
                )
                for code, minor in self._balances.items()
                if code not in {_OPENING, _CLOSING}
            ],
        )
        self._check_totals(statement)
        prove(statement, self._notes, line=line, is_part=self._group.is_part)
        return statement

    def _check_totals(self, statement: BankStatement) -> None:
        """Warn where the bank's totals say that it did not report every transaction."""
        found = {_CREDITS: statement.credits_minor, _DEBITS: statement.debits_minor}
        for code, minor in self._totals.items():
            if self._group.is_booked and abs(minor) != found[code]:
                name = "credits" if code == _CREDITS else "debits"
                msg = f"{name} must add up to the total {abs(minor)} of the account, got {found[code]}"
                self._notes.warn("bai2.detail-partial", msg, line=self.line, field=name)

    def _checked(self, currency: str) -> str:
        try:
            digits(currency)
        except UnknownCurrencyError as error:
            self._notes.error("currency.unknown", str(error), line=self.line, field="currency")
            return ""
        return currency

    def _amounts(self, fields: list[str]) -> Iterator[tuple[str, int]]:
        """Type codes and amounts of the summary, without the fields of the funds types."""
        at = 0
        while at < len(fields):
            if not fields[at]:
                # A type is never empty: this is a comma too many before a slash.
                at += 1
                continue
            code = fields[at]
            text = fields[at + 1] if at + 1 < len(fields) else ""
            minor = minor_of(text) if text else None
            extra = funds_fields(fields, at + 3)
            if type_code(code) is None or extra is None or (text and minor is None):
                shown = ",".join(fields[at : at + 4])[:60]
                msg = f"summary must be type, amount, count and funds type, got {shown!r}"
                self._notes.error("bai2.summary-invalid", msg, line=self.line, field="summary")
                return
            if minor is not None:
                yield code, minor
            at += 4 + extra


def _moment(day: dt.date, time: str) -> str:
    """A day and a time as ISO 8601 has them; 2400 and 9999 both mean the end of the day."""
    if time in _END_OF_DAY:
        return f"{day.isoformat()}T23:59:59"
    try:
        return f"{day.isoformat()}T{dt.time(int(time[:2]), int(time[2:4])).isoformat()}"
    except ValueError:
        return day.isoformat()
