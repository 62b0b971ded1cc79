"""From statements as banks deliver them to each entry once: again, overlapping, corrected, with gaps.

Banks deliver a statement twice, cut one day into several files, correct one under its old name, and
report in the course of a day what the statement of its evening has again.  `follow` reads the records
of all files and says which entries count: none is lost and none doubled without a word.

Entries are the same where they have the same reference of the bank, or look the same, and:

- in statements that follow one another by their balances, or are of different days, they are
  different entries, whatever they look like;
- in statements that overlap they are the same: by the running balance, where both lists go on in
  the same order from there, and else as often as the fuller one has them;
- where it cannot be told, both count, and a warning ``entry.repeated`` says so.

On a day that a final statement has, with balances that prove it, only final statements count; what
an earlier report of the day had besides is a warning ``entry.unconfirmed``.

>>> import datetime as dt
>>> entry = BankEntry(account="DE89", statement="S-1", index=1, amount_minor=5_00, currency="EUR",
...                   booking_date=dt.date(2026, 10, 5), text="REF 0042")
>>> statement = BankStatement(account="DE89", statement="S-1", currency="EUR", entries=1,
...                           booked_entries=1, opening_minor=0, closing_minor=5_00, credits_minor=5_00)
>>> records = [entry, statement, entry, statement]
>>> followed = follow(records)
>>> len(list(followed.entries(records))), [problem.code for problem in followed.problems]
(1, ['statement.duplicate'])
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from receivables.errors import PolicyError
from receivables.problems import Place, Problem, Severity
from receivables.receipts._gaps import gaps_between
from receivables.receipts._numbering import number_entries
from receivables.receipts._parts import Part
from receivables.receipts._relations import Relations
from receivables.receipts._versions import Counts, drop_versions
from receivables.receipts.identity import look_of, own_name
from receivables.receipts.model import BankEntry, BankStatement

if TYPE_CHECKING:
    from receivables.adapters import StatementRecord

__all__ = ["Counts", "Followed", "Follower", "follow"]


def follow(records: Iterable[StatementRecord], *, counts: Counts = Counts.LATER) -> Followed:
    """Follow the records of all statements, in reading order, and say which of them count.

    Of two deliveries of one statement with different figures `counts` says which is used.  The
    records are not kept: give them again to `Followed.entries`.
    """
    follower = Follower(counts=counts)
    for record in records:
        follower.see(record)
    return follower.close()


class Follower:
    """Follows records as they stream; it keeps the look of each entry, and no entry."""

    __slots__ = ("_counts", "_parts", "_under_way")

    def __init__(self, *, counts: Counts = Counts.LATER) -> None:
        self._counts = counts
        self._parts: list[Part] = []
        self._under_way: Part | None = None

    def see(self, record: StatementRecord, *, source: str = "") -> None:
        """Take the next record; `source` is the file that it is from, for messages."""
        part = self._under_way
        if part is None or part.name != record.statement or part.account != record.account:
            part = self._begin(record, source)
        if isinstance(record, BankStatement):
            part.close(record)
            self._under_way = None
        elif record.is_booked:
            day = record.booking_date or record.value_date
            part.looks.append(look_of(record))
            part.amounts.append(record.amount_minor)
            part.days.append(0 if day is None else day.toordinal())

    def _begin(self, record: StatementRecord, source: str) -> Part:
        self._end()
        if not source and isinstance(record, BankEntry) and record.source is not None:
            source = record.source.source
        part = Part(len(self._parts), record.account, record.statement, source=source)
        self._parts.append(part)
        self._under_way = part
        return part

    def _end(self) -> None:
        """Close a statement whose entries came, and it did not."""
        if self._under_way is not None:
            self._under_way.close(None)
            self._under_way = None

    def close(self) -> Followed:
        """Say which records count, after the last one."""
        self._end()
        problems: list[Problem] = []
        for parts in _by_account(self._parts):
            problems += drop_versions(parts, Relations(parts), self._counts)
            left = [part for part in parts if not part.is_dropped]
            doubts = number_entries(left)
            problems += gaps_between(left)
            for part in left:
                if part.ordinal in doubts:
                    problems += _doubts(
                        part, doubts[part.ordinal].repeated, doubts[part.ordinal].unconfirmed
                    )
        return Followed(parts=tuple(self._parts), problems=tuple(problems))


@attrs.frozen(kw_only=True)
class Followed:
    """Which records count, and what is to be said about the others: all of it warnings."""

    _parts: tuple[Part, ...] = attrs.field(repr=False, eq=False)
    problems: tuple[Problem, ...] = ()

    @property
    def statements(self) -> tuple[BankStatement, ...]:
        """The statements that count, in reading order."""
        return tuple(
            part.statement
            for part in self._parts
            if part.statement is not None and not part.is_dropped
        )

    def entries(self, records: Iterable[StatementRecord]) -> Iterator[BankEntry]:
        """The entries that count, of the very records that were followed, in their order.

        An entry that looks like another one and is not gets an identity of its own.  Raises
        `PolicyError` where other records come than those that were followed.
        """
        parts = iter(self._parts)
        part: Part | None = None
        place = 0
        for record in records:
            if part is None or not part.is_of(record):
                part, place = next(parts, None), 0
                if part is None or not part.is_of(record):
                    raise PolicyError(_OTHERS)
            if isinstance(record, BankStatement):
                _check_end(part, place)
                part = None
            elif not record.is_booked:
                if not part.is_dropped:
                    yield record
            else:
                if not part.is_dropped and place not in part.dropped:
                    number = part.numbers.get(place, 0)
                    yield _named(record, number) if number else record
                place += 1


_OTHERS = "records must be those that were followed, in the same order, got others"


def _check_end(part: Part, place: int) -> None:
    if place != len(part.looks):
        raise PolicyError(_OTHERS)


def _named(entry: BankEntry, number: int) -> BankEntry:
    return attrs.evolve(entry, identity=own_name(entry, number=number))


def _by_account(parts: Iterable[Part]) -> Iterable[list[Part]]:
    """The statements of each account and currency."""
    found: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        currency = "" if part.statement is None else part.statement.currency
        found.setdefault((part.account, currency), []).append(part)
    return found.values()


def _doubts(part: Part, repeated: int, unconfirmed: int) -> Iterator[Problem]:
    place = Place(part.source or part.title, field="statement")
    if repeated:
        message = (
            f"{repeated} entries of statement {part.title} of {part.account} look like entries of "
            "another one, and nothing tells whether they are the same; they count"
        )
        yield Problem("entry.repeated", message, place=place, severity=Severity.WARNING)
    if unconfirmed:
        message = (
            f"{unconfirmed} entries of statement {part.title} of {part.account} are not in the final "
            "statement of their day; only what is in that one counts"
        )
        yield Problem("entry.unconfirmed", message, place=place, severity=Severity.WARNING)
