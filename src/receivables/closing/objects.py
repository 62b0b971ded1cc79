"""The close: checks looked at, explanations held against them, the period closed, the file made.

A period is closed by an event; recording it is the caller's part, and from then on the ledger refuses
what is dated in the period.

>>> from receivables.closing.checks import MONTH_END
>>> papers = ClosingPapers(ledger=Ledger(), creditor="MIRA", first=dt.date(2026, 10, 1),
...                        last=dt.date(2026, 10, 31))
>>> checklist = examine(papers, checks=MONTH_END)
>>> [(finding.check, finding.items[0].text) for finding in checklist.open_findings]
[('bank-statements', 'no bank statement was given'), ('tie-out', 'no tie-out was given')]
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import attrs

from receivables.closing.checklist import (
    Checklist,
    CloseCheck,
    Closing,
    ClosingPapers,
    Explanation,
    Finding,
    FindingItem,
)
from receivables.errors import EventError, PolicyError
from receivables.ledger.model import EventId, PeriodClosed
from receivables.ledger.objects import Ledger
from receivables.ledger.wire import to_text

__all__ = ["JournalHead", "close", "examine", "journal_head"]

_GENESIS: Final = "0" * 64
_Key: TypeAlias = tuple[str, str, int, str]


def examine(
    papers: ClosingPapers,
    *,
    checks: Sequence[CloseCheck],
    explanations: Iterable[Explanation] = (),
) -> Checklist:
    """Look at the papers with every check, and hold what was explained against what is named.

    Raises `PolicyError` where two checks have one name.
    """
    names = [check.check for check in checks]
    if len(set(names)) != len(names):
        msg = f"checks must each have a name of their own, got {names}"
        raise PolicyError(msg)
    given = {(one.check, one.key, one.amount_minor, one.currency): one for one in explanations}
    used: set[_Key] = set()
    findings = []
    for check in checks:
        items = []
        for item in _distinct(check.examine(papers)):
            key = (check.check, item.key, item.amount_minor, item.currency)
            if key in given:
                used.add(key)
            items.append(_with(item, given.get(key)))
        findings.append(Finding(check=check.check, items=items))
    return Checklist(
        papers=papers,
        checks=checks,
        findings=findings,
        unused=[one for key, one in given.items() if key not in used],
    )


def _distinct(items: Iterable[FindingItem]) -> Iterator[FindingItem]:
    """The items with keys of their own, so that one explanation is never taken for two things."""
    counts: dict[str, int] = {}
    for item in items:
        count = counts[item.key] = counts.get(item.key, 0) + 1
        yield item if count == 1 else attrs.evolve(item, key=f"{item.key}#{count}")


def _with(item: FindingItem, explanation: Explanation | None) -> FindingItem:
    return item if explanation is None else attrs.evolve(item, explanation=explanation)


def close(checklist: Checklist, *, by: str, at: dt.datetime, reason: str = "") -> Closing:
    """Close the period of a checklist through its last day.

    Raises `EventError` naming the checks where something is open and not explained.  The ledger itself
    refuses to close what is closed already.
    """
    if not checklist.is_ready:
        named = [f"{one.check} ({len(one.open_items)})" for one in checklist.open_findings]
        msg = (
            f"period through {checklist.papers.last} must have nothing open, got {', '.join(named)}"
        )
        raise EventError(msg)
    papers = checklist.papers
    name = f"closed:{papers.creditor}:{papers.last}"
    before = sum(
        isinstance(event, PeriodClosed)
        and (event.creditor, event.through) == (papers.creditor, papers.last)
        for event in papers.ledger.events
    )
    event = PeriodClosed(
        # A period that was reopened is closed by an event of its own.
        event=EventId(f"{name}:{before + 1}" if before else name),
        effective_on=papers.last,
        recorded_at=at,
        creditor=papers.creditor,
        through=papers.last,
        by=by,
        reason=reason,
    )
    return Closing(event=event, checklist=checklist)


@attrs.frozen
class JournalHead:
    """Where the journal of events ends: how many there are, and the hash of the last."""

    events: int
    hash: str


def journal_head(ledger: Ledger) -> JournalHead:
    """The head of a ledger's events, computed as the store ``sql`` computes that of its journal.

    Two ledgers with the same head have the same events in the same order.

    >>> journal_head(Ledger()).events
    0
    """
    count, last = 0, _GENESIS
    for event in ledger.events:
        count += 1
        last = hashlib.sha256(f"{last}\n{count}\n{to_text(event)}".encode()).hexdigest()
    return JournalHead(count, last)
