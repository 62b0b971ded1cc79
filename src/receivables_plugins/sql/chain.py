"""The hash chain over the journal, and what breaks it.

The hash of event *n* is the SHA-256, in 64 lower-case hexadecimal digits, of these bytes in UTF-8::

    previous LF seq LF body

`previous` is the hash of event *n* - 1, and 64 zeros for the first; `seq` is *n* in decimal digits,
counted from 1; LF is one line feed; `body` is the event as `receivables.ledger.wire.to_text` wrote
it, `recorded_at` included.  The other columns repeat what the body says, and are compared with it.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import attrs

from receivables.errors import TamperedJournalError
from receivables.ledger import Event
from receivables.ledger.wire import from_text
from receivables.reading import ReadNotes

__all__ = [
    "GENESIS",
    "AccountRow",
    "EventRow",
    "Head",
    "account_rows",
    "chain_hash",
    "check_journal",
    "columns_of",
    "restored",
]

GENESIS: Final = "0" * 64
"""What stands where the first event has no predecessor."""

EventRow: TypeAlias = tuple[int, str, str, str, str, str, str, str]
"""A row of ``events``: seq, event, kind, effective_on, recorded_at, body, prev, hash."""

AccountRow: TypeAlias = tuple[str, int, int]
"""A row of ``account_events``: account, version, seq."""

_COLUMNS: Final = ("event", "kind", "effective_on", "recorded_at")
_TAMPERED: Final = "journal.tampered"
_TRUNCATED: Final = "journal.truncated"
_UNREADABLE: Final = "journal.unreadable"
_VERSION: Final = "account_events.version"


@attrs.frozen
class Head:
    """Where a journal ends: how many events, and the hash of the last."""

    events: int = 0
    head: str = GENESIS


def chain_hash(previous: str, seq: int, body: str) -> str:
    """The hash of an event in the chain.

    >>> chain_hash(GENESIS, 1, "{}")[:16]
    '857ee6299d26533d'
    """
    return hashlib.sha256(f"{previous}\n{seq}\n{body}".encode()).hexdigest()


def columns_of(event: Event) -> tuple[str, str, str, str]:
    """What the columns event, kind, effective_on and recorded_at repeat of the body."""
    day, moment = event.effective_on.isoformat(), _moment_text(event.recorded_at)
    return event.event, type(event).__name__, day, moment


@functools.lru_cache(maxsize=256)  # A batch is recorded at one moment, mostly.
def _moment_text(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def account_rows(accounts: Iterable[str], seq: int, versions: dict[str, int]) -> list[AccountRow]:
    """The rows of an event's accounts, each once; `versions` counts on."""
    rows: list[AccountRow] = []
    for account in accounts:
        versions[account] = versions.get(account, 0) + 1
        rows.append((account, versions[account], seq))
    return rows


def restored(rows: Iterable[tuple[int, str, str]], head: Head) -> Iterator[Event]:
    """The events of rows of seq, body and hash, each only after its hash was recomputed.

    Raises `TamperedJournalError` at the first one that does not hold, or at a wrong end.
    """
    end = Head()
    for seq, body, stored in rows:
        computed = chain_hash(end.head, end.events + 1, body)
        if seq != end.events + 1 or computed != stored:
            msg = f"event {end.events + 1} of the journal must be what was written, got row {seq}. Use verify()"
            raise TamperedJournalError(msg)
        end = Head(seq, stored)
        yield from_text(body, checked=False)
    if end != head:
        msg = f"journal must end after {head.events} events, as its head says, got {end.events}. Use verify()"
        raise TamperedJournalError(msg)


def check_journal(
    rows: Iterable[EventRow],
    accounts: Iterable[AccountRow],
    *,
    head: Head | None,
    notes: ReadNotes,
) -> Head:
    """Note every break in the journal and return where it ends; both kinds of rows come by seq."""
    index = _AccountIndex(accounts, notes)
    previous, count = Head(), 0
    after_last = (0, "", "", "", "", "", "" if head is None else head.head, "")
    for row, following in itertools.pairwise(itertools.chain(rows, [after_last])):
        _check_link(row, previous, notes)
        is_whole = _check_hash(row, following[6], notes)
        event = _readable(row, notes, is_whole=is_whole)
        if event is not None:
            _check_columns(row, event, notes)
        index.check(event, row[0])
        previous, count = Head(row[0], row[7]), count + 1
    index.check_rest()
    end = Head(count, previous.head)
    _check_head(end, head, notes)
    return end


def _check_link(row: EventRow, previous: Head, notes: ReadNotes) -> None:
    seq, prev = row[0], row[6]
    if seq != previous.events + 1:
        due = previous.events + 1
        notes.error(_TAMPERED, f"event {due} is due here, got {seq}", line=seq, field="seq")
    if prev != previous.head:
        message = "the hash of the event before is not the one that was written here"
        notes.error(_TAMPERED, message, line=seq, field="prev")


def _check_hash(row: EventRow, next_prev: str, notes: ReadNotes) -> bool:
    """Whether the hash of a row holds."""
    seq, body, prev, stored = row[0], row[5], row[6], row[7]
    computed = chain_hash(prev, seq, body)
    if computed == stored:
        return True
    # What the next row (or the head) remembers tells which of the two was changed.
    column = "hash" if computed == next_prev else "body"
    message = f"prev, seq and body must hash to {stored}, got {computed}"
    notes.error(_TAMPERED, message, line=seq, field=column)
    return False


def _readable(row: EventRow, notes: ReadNotes, *, is_whole: bool) -> Event | None:
    try:
        return from_text(row[5])
    except ValueError as error:
        if is_whole:  # A body that was edited is noted already.
            notes.error(_UNREADABLE, str(error), line=row[0], field="body")
        return None


def _check_columns(row: EventRow, event: Event, notes: ReadNotes) -> None:
    for name, stored, said in zip(_COLUMNS, row[1:5], columns_of(event), strict=True):
        if stored != said:
            message = f"{name} must be {said!r}, as the body says, got {stored!r}"
            notes.error(_TAMPERED, message, line=row[0], field=name)


def _check_head(end: Head, head: Head | None, notes: ReadNotes) -> None:
    if head is None:
        notes.error(_TRUNCATED, "the row of the head is missing", field="journal.head")
    elif end.events != head.events:
        message = f"the journal must end after {head.events} events, got {end.events}"
        notes.error(_TRUNCATED, message, line=end.events, field="journal.events")
    elif end.head != head.head:
        message = f"the last hash must be {head.head}, got {end.head}"
        notes.error(_TRUNCATED, message, line=end.events, field="journal.head")


class _AccountIndex:
    """The rows of ``account_events`` by seq, taken as the events come."""

    def __init__(self, rows: Iterable[AccountRow], notes: ReadNotes) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)
        self._versions: dict[str, int] = {}
        self._notes = notes

    def check(self, event: Event | None, seq: int) -> None:
        """Compare the rows of one event with the accounts that it names; None names what they do."""
        stored = set()
        for row in self._take(seq):
            if row[2] < seq:
                self._stray(row)
            if row[2] < seq or event is None:
                # The event is gone or unreadable: those after it are not to be accused for it.
                self._versions[row[0]] = row[1]
            else:
                stored.add(row)
        if event is not None:
            self._compare(stored, set(account_rows(set(event.accounts), seq, self._versions)))

    def _compare(self, stored: set[AccountRow], due: set[AccountRow]) -> None:
        for account, version, seq in sorted(due - stored):
            message = f"account {account!r} must have this event as version {version}, got none"
            self._notes.error(_TAMPERED, message, line=seq, field=_VERSION)
        for row in sorted(stored - due):
            self._stray(row)

    def check_rest(self) -> None:
        """Note the rows that belong to no event."""
        while self._next is not None:
            self._stray(self._next)
            self._next = next(self._rows, None)

    def _take(self, seq: int) -> Iterator[AccountRow]:
        while self._next is not None and self._next[2] <= seq:
            yield self._next
            self._next = next(self._rows, None)

    def _stray(self, row: AccountRow) -> None:
        account, version, seq = row
        message = f"no event {seq} is version {version} of account {account!r}"
        self._notes.error(_TAMPERED, message, line=seq, field=_VERSION)
