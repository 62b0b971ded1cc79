"""The reader: recognizes BAI2 by its first record, and streams entries and statements out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import attrs

from receivables.adapters import StatementRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts.model import BankEntry, EntryDetail
from receivables_plugins.bai2.codes import DEPOSIT_OF_ITEM
from receivables_plugins.bai2.entries import EntryBuilder
from receivables_plugins.bai2.records import Record, records_of
from receivables_plugins.bai2.settings import Bai2Settings
from receivables_plugins.bai2.statements import AccountUnderWay, Control, FileHeader, Group

__all__ = ["Bai2Reader"]

_OURS: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*01,[^,\n]*,[^,\n]*,\d{6},[^,\n]*,")
_DEPOSITS: Final = frozenset(DEPOSIT_OF_ITEM.values())
_UNSAID: Final = EntryDetail()
_ITEMS_MAX: Final = 10_000
"""Items of one deposit that are held until it is complete: a bound on memory."""


class Bai2Reader:
    """Reads balance reports of BAI version 2, streaming; memory stays flat."""

    def __init__(self, settings: Bai2Settings | None = None) -> None:
        self._settings = settings or Bai2Settings()

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes are a file header (record 01)."""
        return _OURS.match(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[StatementRecord]:
        """Read; problems are noted with their line and field, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings).rows(stream), notes)


class _Reading:
    """One file under way."""

    def __init__(self, notes: ReadNotes, settings: Bai2Settings) -> None:
        self._notes = notes
        self._builder = EntryBuilder(notes, settings)
        self._file: FileHeader | None = None
        self._group: Group | None = None
        self._account: AccountUnderWay | None = None
        self._held: list[BankEntry] = []
        self._names: dict[tuple[str, str], int] = {}
        self._others = {
            "01": self._begin_file,
            "02": self._begin_group,
            "03": self._begin_account,
            "49": self._end_account,
            "98": self._end_group,
            "99": self._end_file,
        }
        self._is_ended = False
        self._is_foreign = False

    def rows(self, stream: BinaryIO) -> Iterator[StatementRecord]:
        """Entries as they are complete, and after the last one of an account its statement."""
        record: Record | None = None
        for record in records_of(stream, self._notes):  # asked for after the loop
            account = self._account
            if record.code == "16" and account is not None:
                entry = self._entry(record, account)
                if entry is None:
                    continue
                if self._held or entry.bank_code in _DEPOSITS:
                    yield from self._with_held(account, entry)
                    continue
                account.add(entry.amount_minor, is_booked=entry.is_booked)
                yield entry
            else:
                yield from self._other(record)
        self._finish(record)

    def _other(self, record: Record) -> Iterable[StatementRecord]:
        if record.is_broken:
            msg = "a line must begin with the code of a record, got one that does not"
            self._notes.error("bai2.record-broken", msg, line=record.line)
        return self._others.get(record.code, self._refuse)(record)

    def _finish(self, last: Record | None) -> None:
        if last is None and not self._notes.error_count:
            self._notes.error(
                "file.empty", "file must hold records of BAI2, got none that is whole"
            )
        elif not self._is_ended:
            msg = (
                "file must end with record 99, got its end before; a record that is cut is not read"
            )
            self._notes.error("file.truncated", msg, line=None if last is None else last.line)

    def _entry(self, record: Record, account: AccountUnderWay) -> BankEntry | None:
        account.records += record.count if record.is_odd else len(record.lines)
        entry = self._builder.entry(record, account.entries) if account.currency else None
        if entry is None:
            account.sum_minor += self._builder.amount_of(record)
        else:
            account.sum_minor += abs(entry.amount_minor)
        return entry

    def _with_held(self, account: AccountUnderWay, entry: BankEntry) -> list[StatementRecord]:
        """Hold a deposit and its items until what follows is no item of it."""
        held = self._held
        is_item = bool(held) and DEPOSIT_OF_ITEM.get(entry.bank_code) == held[0].bank_code
        if is_item and len(held) <= _ITEMS_MAX:
            held.append(entry)
            return []
        released = self._released(account)
        if entry.bank_code in _DEPOSITS:
            self._held = [entry]
            return released
        account.add(entry.amount_minor, is_booked=entry.is_booked)
        return [*released, entry]

    def _released(self, account: AccountUnderWay) -> list[StatementRecord]:
        """What was held: items that add up to their deposit are its parts, others are entries."""
        held, self._held = self._held, []
        if len(held) > 1 and sum(one.amount_minor for one in held[1:]) == held[0].amount_minor:
            held = [_deposit(held)]
        for entry in held:
            account.add(entry.amount_minor, is_booked=entry.is_booked)
        return [*held]

    def _begin_file(self, record: Record) -> Iterable[StatementRecord]:
        found = list(self._closed(record, "99")) if self._file and not self._is_ended else []
        self._is_ended = False
        self._file = FileHeader(record)
        return found

    def _begin_group(self, record: Record) -> Iterable[StatementRecord]:
        found = list(self._closed(record, "98")) if self._group else []
        if self._file is None:
            self._file = FileHeader(None)
            self._note_order(record)
        self._group = Group(record, self._notes)
        return found

    def _begin_account(self, record: Record) -> Iterable[StatementRecord]:
        found = list(self._closed(record, "49")) if self._account else []
        group = self._group
        if group is None or self._file is None:
            return self._refuse(record)
        account = AccountUnderWay(record, group, self._notes, created_at=self._file.created_at)
        key = (account.account, group.moment)
        self._names[key] = self._names.get(key, 0) + 1
        account.name(
            group.moment if self._names[key] == 1 else f"{group.moment}#{self._names[key]}"
        )
        self._account = account
        return found

    def _end_account(self, record: Record) -> Iterable[StatementRecord]:
        account, self._account = self._account, None
        if account is None:
            return self._refuse(record)
        released = self._released(account)
        total = account.check(record, self._notes, what="")
        if self._group is not None:
            _close(self._group, account, total)
        return [*released, account.finish(line=record.line)]

    def _end_group(self, record: Record) -> Iterable[StatementRecord]:
        found = list(self._closed(record, "49")) if self._account else []
        group, self._group = self._group, None
        if group is None or self._file is None:
            return self._refuse(record)
        _close(self._file, group, group.check(record, self._notes, what="accounts"))
        return found

    def _end_file(self, record: Record) -> Iterable[StatementRecord]:
        found = list(self._closed(record, "98")) if self._group else []
        self._is_ended = True
        if self._file is None:
            return self._refuse(record)
        self._file.check(record, self._notes, what="groups")
        return found

    def _closed(self, record: Record, trailer: str) -> Iterator[StatementRecord]:
        """What is under way, where its trailer is missing."""
        msg = f"record {trailer} must stand before record {record.code}, got none"
        self._notes.error("bai2.record-order", msg, line=record.line)
        account, self._account = self._account, None
        if account is not None:
            yield from self._released(account)
            if self._group is not None:
                _close(self._group, account, account.sum_minor)
            yield account.finish(line=record.line)
        if trailer != "49" and self._group is not None and self._file is not None:
            _close(self._file, self._group, self._group.sum_minor)
            self._group = None

    def _refuse(self, record: Record) -> Iterable[StatementRecord]:
        if record.code:
            self._note_order(record)
        elif not self._is_foreign:
            self._is_foreign = True
            msg = "file must begin with a record of BAI2 (01), got another line"
            self._notes.error("file.format", msg, line=record.line)
        return ()

    def _note_order(self, record: Record) -> None:
        msg = f"record {record.code} must stand inside of what encloses it, got it alone"
        self._notes.error("bai2.record-order", msg, line=record.line)


def _close(above: Control, closed: Control, total: int) -> None:
    """Add what a trailer closed to what encloses it."""
    above.sum_minor += total
    above.records += closed.records
    above.children += 1


def _deposit(held: list[BankEntry]) -> BankEntry:
    """A deposit with its items as its transactions."""
    deposit, *items = held
    details = [
        attrs.evolve(next(iter(item.details), _UNSAID), amount_minor=item.amount_minor)
        for item in items
    ]
    return attrs.evolve(
        deposit,
        batch_count=len(items),
        details=details,
        raw="\n".join(entry.raw for entry in held),
    )
