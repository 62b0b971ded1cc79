"""What has been sent and what came back, from the events; and what is still to be sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from receivables.casework.postings import LineAnswer, LineOutcome, PostingNotice
from receivables.ledger.model import EventId
from receivables.ledger.objects import Ledger
from receivables.ledger.postings import PostingAnswered, PostingSent
from receivables.outbox.model import (
    PostingBatch,
    PostingLine,
    PostingRecord,
    PostingResult,
    plain_key,
)
from receivables.parties import CreditorId

__all__ = [
    "PostingStanding",
    "answered",
    "batches",
    "sent",
    "standings",
]

_LAST_DAY: Final = dt.date.max


@attrs.frozen(kw_only=True)
class PostingStanding:
    """A batch as it stands: what was sent, when, and the last answer on each of its lines."""

    notice: PostingNotice
    sent_at: dt.datetime
    answers: Mapping[str, LineAnswer]

    def outcome(self, line: str) -> LineOutcome:
        """What is known of a line; a line without an answer is unknown."""
        answer = self.answers.get(line)
        return LineOutcome.UNKNOWN if answer is None else answer.outcome

    @property
    def unknown(self) -> tuple[str, ...]:
        """The lines of which nobody knows whether they are booked."""
        lines = self.notice.lines
        return tuple(line for line in lines if self.outcome(line) is LineOutcome.UNKNOWN)


def standings(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date = _LAST_DAY,
    known_at: dt.datetime | None = None,
) -> tuple[PostingStanding, ...]:
    """Every batch that was sent by the end of a day, as known at a moment, the first one first."""
    found: dict[str, tuple[PostingSent, dict[str, LineAnswer]]] = {}
    kinds = (PostingSent, PostingAnswered)
    events: Any = ledger.casework(CreditorId(creditor), as_of=as_of, known_at=known_at, kinds=kinds)
    for event in events:
        if isinstance(event, PostingSent):
            found[event.case] = (event, {})
        elif isinstance(event, PostingAnswered) and event.posting in found:
            found[event.posting][1].update((each.line, each) for each in event.answers)
    return tuple(
        PostingStanding(notice=event.posting, sent_at=event.recorded_at, answers=answers)
        for event, answers in found.values()
    )


def batches(
    records: Iterable[PostingRecord],
    *,
    ledger: Ledger,
    creditor: str,
    target: str,
    size: int = 100,
) -> Iterator[PostingBatch]:
    """Batches of what was never sent to a target, or was refused there; each record once.

    A line that is booked there, or of which nobody knows, is in none of them: `status` of the
    target must say first.  A line that was refused gets another key (``~2``, ``~3``…), so that the
    target takes it for what it is: something new.
    """
    tried: dict[str, int] = {}
    barred: set[str] = set()
    for standing in standings(ledger, creditor):
        if standing.notice.target != target:
            continue
        for name in standing.notice.lines:
            plain = plain_key(name)
            tried[plain] = tried.get(plain, 0) + 1
            if standing.outcome(name) is not LineOutcome.REFUSED:
                barred.add(plain)
    waiting: list[PostingLine] = []
    for record in records:
        line = PostingLine.of(record)
        if line.line in barred:
            continue
        barred.add(line.line)
        again = tried.get(line.line, 0)
        waiting.append(line.again(again + 1))
        if len(waiting) == size:
            yield PostingBatch.of_lines(waiting, creditor=creditor, target=target)
            waiting = []
    if waiting:
        yield PostingBatch.of_lines(waiting, creditor=creditor, target=target)


def sent(
    batch: PostingBatch, *, on: dt.date, recorded_at: dt.datetime, by: str = ""
) -> PostingSent:
    """The event to record before a batch is sent."""
    notice = PostingNotice(
        posting=batch.posting,
        target=batch.target,
        lines=[line.line for line in batch.lines],
        digest=batch.digest,
        by=by,
    )
    return PostingSent(
        event=EventId(f"posting:{batch.creditor}:{batch.posting}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=batch.creditor,
        posting=notice,
    )


def answered(
    result: PostingResult,
    *,
    creditor: str,
    number: int,
    on: dt.date,
    recorded_at: dt.datetime,
    by: str = "",
) -> PostingAnswered:
    """The event of an answer; `number` counts the answers on a batch, from 1."""
    return PostingAnswered(
        event=EventId(f"posting-answer:{creditor}:{result.posting}:{number}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        posting=result.posting,
        answers=result.answers,
        by=by,
    )
