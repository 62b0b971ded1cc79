"""Booking in another system: proposed first, kept before it is sent, sent once, asked about when lost.

The order is what makes it safe.  The event `PostingSent` is in the journal before anything leaves;
whatever happens then, a line of it is never sent again before its answer says that it was refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from receivables.adapters import EventStore, PostingTarget
from receivables.casework.postings import LineOutcome
from receivables.errors import AdapterError
from receivables.ledger.casework import CaseEvent
from receivables.ledger.model import AccountKey
from receivables.ledger.objects import Ledger
from receivables.outbox import (
    PostingBatch,
    PostingLine,
    PostingProposal,
    PostingRecord,
    PostingResult,
    answered,
    batches,
    sent,
    standings,
)
from receivables.outbox.model import plain_key
from receivables.problems import Place, Problem

__all__ = ["Sender", "Sent", "propose", "unanswered"]


@attrs.frozen(kw_only=True)
class Sent:
    """What became of what was sent: the ledger with its events, the results, what was refused."""

    ledger: Ledger
    results: tuple[PostingResult, ...] = ()
    problems: tuple[Problem, ...] = ()

    def count(self, outcome: LineOutcome) -> int:
        """How many lines have an outcome."""
        return sum(len(result.of(outcome)) for result in self.results)


def propose(
    records: Iterable[PostingRecord],
    *,
    ledger: Ledger,
    creditor: str,
    name: str,
    target: PostingTarget,
    size: int = 100,
) -> Iterator[PostingProposal]:
    """What would be sent of some records to the target `name`; nothing is sent or recorded.

    What is booked there already, or may be, is left out.
    """
    for batch in batches(records, ledger=ledger, creditor=creditor, target=name, size=size):
        yield target.propose(batch)


def unanswered(
    records: Iterable[PostingRecord], *, ledger: Ledger, creditor: str, name: str
) -> Iterator[PostingBatch]:
    """The batches of which some lines are neither booked nor refused, as far as anybody knows.

    They are built again from `records`, which must hold what was sent.
    """
    by_line = {line.line: line.record for line in map(PostingLine.of, records)}
    for standing in standings(ledger, creditor):
        if standing.notice.target != name or not standing.unknown:
            continue
        lines = [
            PostingLine(line, by_line[plain])
            for line in standing.unknown
            if (plain := plain_key(line)) in by_line
        ]
        if lines:
            posting = standing.notice.posting
            yield PostingBatch(posting=posting, creditor=creditor, target=name, lines=lines)


@attrs.define(kw_only=True)
class Sender:
    """Sends batches to one target and keeps in the journal what was sent and what came back."""

    target: PostingTarget
    store: EventStore
    ledger: Ledger
    creditor: str
    now: Callable[[], dt.datetime]
    by: str = ""

    def send(self, proposals: Iterable[PostingProposal]) -> Sent:
        """Send what was proposed, batch by batch; lines that cannot be taken are left out and said.

        A batch that was sent before is asked about, and never sent again.  Lines that are booked, or
        may be, since their batch was proposed are left out as well.
        """
        results: list[PostingResult] = []
        problems: list[Problem] = []
        for proposal in proposals:
            problems += [each for each in proposal.problems if each.is_error]
            batch = _without(proposal)
            batch = None if batch is None else self._fresh(batch, problems)
            if batch is not None:
                results.append(self._sent(batch))
        problems += [each for result in results for each in _refusals(result)]
        return Sent(ledger=self.ledger, results=tuple(results), problems=tuple(problems))

    def ask(self, lost: Sequence[PostingBatch]) -> Sent:
        """Ask the target what became of batches whose answers were lost; nothing is sent."""
        results = []
        for batch in lost:
            result = self._tried(self.target.status, batch)
            self._keep_answer(result)
            results.append(result)
        problems = [each for result in results for each in _refusals(result)]
        return Sent(ledger=self.ledger, results=tuple(results), problems=tuple(problems))

    def _fresh(self, batch: PostingBatch, problems: list[Problem]) -> PostingBatch | None:
        """The batch without lines that another one has taken meanwhile; None where no line is left."""
        used: set[str] = set()
        barred: set[str] = set()
        for standing in standings(self.ledger, self.creditor):
            if standing.notice.target != batch.target:
                continue
            if standing.notice.posting == batch.posting:
                return batch
            names = standing.notice.lines
            # A key that was refused is done with as well: the line needs another one.
            used.update(names)
            barred.update(
                plain_key(name)
                for name in names
                if standing.outcome(name) is not LineOutcome.REFUSED
            )
        taken = {each.line for each in batch.lines if each.line in used or each.plain in barred}
        for name in sorted(taken):
            msg = f"{name} must be proposed again, because it was sent in another batch since"
            problems.append(Problem("posting.refused", msg, place=Place(batch.posting, field=name)))
        return _left_of(batch, taken)

    def _sent(self, batch: PostingBatch) -> PostingResult:
        moment = self._moment()
        event = sent(batch, on=moment.date(), recorded_at=moment, by=self.by)
        # A notice that somebody else kept meanwhile is not ours to send.
        is_ours = event.event not in self.ledger and self._keep(event)
        result = self._tried(self.target.post if is_ours else self.target.status, batch)
        self._keep_answer(result)
        return result

    def _moment(self) -> dt.datetime:
        """Now, or the moment of the last recording where the clock runs behind it."""
        now = self.now()
        return max(now, self.ledger.last_recorded_at or now)

    def _tried(
        self, verb: Callable[[PostingBatch], PostingResult], batch: PostingBatch
    ) -> PostingResult:
        """What a verb of the target says; where it breaks its word and raises, nothing is known."""
        try:
            result = verb(batch)
        except AdapterError as error:
            return PostingResult.unknown(batch, message=str(error))
        said = {answer.line: answer for answer in result.answers}
        unknown = PostingResult.unknown(batch)
        answers = [said.get(answer.line, answer) for answer in unknown.answers]
        return PostingResult(posting=batch.posting, answers=answers)

    def _keep_answer(self, result: PostingResult) -> None:
        moment = self._moment()
        number = 1
        while f"posting-answer:{self.creditor}:{result.posting}:{number}" in self.ledger:
            number += 1
        self._keep(
            answered(
                result,
                creditor=self.creditor,
                number=number,
                on=moment.date(),
                recorded_at=moment,
                by=self.by,
            )
        )

    def _keep(self, event: CaseEvent) -> bool:
        """Record an event where it will be found after a crash; whether it was not there before."""
        ledger = self.ledger.record(event)
        appended = self.store.append([event], expected=_versions(self.ledger, event))
        self.ledger = ledger
        return bool(appended.added)


def _versions(ledger: Ledger, event: CaseEvent) -> Mapping[AccountKey, int]:
    known = ledger.versions
    return {account: known.get(account, 0) for account in event.accounts}


def _without(proposal: PostingProposal) -> PostingBatch | None:
    """The batch without the lines that cannot be taken; None where no line is left.

    An error that is of no line is one of the whole batch.
    """
    bad = {problem.place.field or "" for problem in proposal.problems if problem.is_error}
    names = {line.line for line in proposal.batch.lines}
    return _left_of(proposal.batch, bad if bad.issubset(names) else names)


def _left_of(batch: PostingBatch, without: set[str]) -> PostingBatch | None:
    lines = [line for line in batch.lines if line.line not in without]
    if len(lines) == len(batch.lines):
        return batch
    if not lines:
        return None
    return PostingBatch.of_lines(lines, creditor=batch.creditor, target=batch.target)


def _refusals(result: PostingResult) -> Iterator[Problem]:
    for answer in result.of(LineOutcome.REFUSED):
        said = f"{answer.code} {answer.message}".strip() or "no reason given"
        place = Place(result.posting, field=answer.line)
        yield Problem("posting.refused", f"{answer.line} must be booked, got {said}", place=place)
