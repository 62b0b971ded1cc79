"""From the records of all statements and advices of a folder to the entries that count.

Statements are followed (`receivables.receipts.follow`), so that each entry counts once, and joined
with the advices that explain them (`receivables.receipts.with_advices`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from receivables.parties import CreditorId
from receivables.problems import Place, Problem, Severity
from receivables.receipts.continuity import Follower
from receivables.receipts.joining import Joined, Unused, UnusedAdvice, with_advices
from receivables.receipts.objects import receipts_from

if TYPE_CHECKING:
    from receivables.adapters import StatementRecord
    from receivables.ledger.objects import Ledger
    from receivables.receipts.advices import PaymentAdvice
    from receivables.receipts.model import BankEntry, BankStatement, Receipt

__all__ = ["Received", "StatementFile", "receive"]


def _records(values: Iterable[StatementRecord]) -> tuple[StatementRecord, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class StatementFile:
    """What was read from one file of statements."""

    name: str
    records: tuple[StatementRecord, ...] = attrs.field(converter=_records, repr=False)
    after: dt.date | None = None
    """Entries booked on or before this day are in the books already, and left out."""


@attrs.frozen(kw_only=True)
class Received:
    """The statements and entries that count, the advices that explain none, and what is to be said."""

    entries: tuple[BankEntry, ...]
    statements: tuple[BankStatement, ...] = ()
    unused: tuple[UnusedAdvice, ...] = ()
    problems: tuple[Problem, ...] = ()


def receive(
    files: Sequence[StatementFile],
    advices: Iterable[PaymentAdvice] = (),
    *,
    ledger: Ledger,
    creditor: str,
) -> Received:
    """Follow the statements of files in their order, and join their entries with advices.

    A credit that is on the ledger as it stands is left so: an advice that comes late does not make
    other receipts of it.  All problems are warnings.
    """
    follower = Follower()
    for file in files:
        for record in file.records:
            follower.see(record, source=file.name)
    followed = follower.close()
    replay = _Replay(files)
    entries = [each for each in followed.entries(replay) if replay.is_after(each)]
    joined = _joined(entries, tuple(advices), ledger, creditor)
    return Received(
        entries=joined.entries,
        statements=followed.statements,
        unused=joined.unused,
        problems=(*followed.problems, *_unused_problems(joined.unused)),
    )


class _Replay:
    """The records of all files again; it knows from which of them the last one came."""

    def __init__(self, files: Sequence[StatementFile]) -> None:
        self._files = files
        self._after: dt.date | None = None

    def __iter__(self) -> Iterator[StatementRecord]:
        for file in self._files:
            self._after = file.after
            yield from file.records

    def is_after(self, entry: BankEntry) -> bool:
        """Whether an entry of the file that is being read is not in the books already."""
        day = entry.booking_date or entry.value_date
        return self._after is None or day is None or day > self._after


def _joined(
    entries: Sequence[BankEntry],
    advices: Sequence[PaymentAdvice],
    ledger: Ledger,
    creditor: str,
) -> Joined:
    if not advices:
        return Joined(entries=tuple(entries))
    known = ledger.receipts()
    owner = CreditorId(creditor)

    def settled(entry: BankEntry) -> bool:
        plain = receipts_from([entry], creditor=creditor)
        return any(_says_the_same(known.get((owner, each.receipt)), each) for each in plain)

    return with_advices(entries, advices, settled=settled)


def _says_the_same(recorded: Receipt | None, read: Receipt) -> bool:
    return recorded is not None and (recorded.amount, recorded.payer, recorded.remittance) == (
        read.amount,
        read.payer,
        read.remittance,
    )


_WHY: Final = {
    Unused.NO_ENTRY: "explain no entry of any statement",
    Unused.AMBIGUOUS: "fit several entries, or one entry with others",
    Unused.AMOUNT_DIFFERS: "have the reference of an entry of another amount",
    Unused.DUPLICATE: "were read before",
}


def _unused_problems(unused: Iterable[UnusedAdvice]) -> Iterator[Problem]:
    """Say once for each file and reason how many advices explain nothing."""
    counts = Counter(
        ("" if each.advice.source is None else each.advice.source.source, each.reason)
        for each in unused
        if each.reason is not Unused.NOTHING_MOVED
    )
    for (source, reason), count in counts.items():
        message = f"{count} advices {_WHY[reason]}"
        place = Place(source or "advices")
        yield Problem("advice.unused", message, place=place, severity=Severity.WARNING)
