"""From what credit sources read to events of the ledger, and to commitments that stand beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from receivables.casework import CreditLimit, ExternalScore, FinancialStatement, Insolvency
from receivables.credit.model import Commitment, ComponentKind
from receivables.credit.recording import (
    financials_received,
    insolvency_reported,
    limit_granted,
    score_received,
)
from receivables.errors import EventError
from receivables.ledger.casework import CaseEvent
from receivables.ledger.objects import Ledger, LedgerDraft
from receivables.problems import Place, Problem, Severity

if TYPE_CHECKING:
    from receivables.adapters import CreditRecord

__all__ = ["CreditImported", "import_credit"]


@attrs.frozen(kw_only=True)
class CreditImported:
    """What became of the records: the ledger with them, the commitments, and what was refused."""

    ledger: Ledger
    commitments: tuple[Commitment, ...] = ()
    added: int = 0
    known: int = 0
    problems: tuple[Problem, ...] = ()


def import_credit(
    records: Iterable[CreditRecord],
    *,
    creditor: str,
    ledger: Ledger,
    recorded_at: dt.datetime,
) -> CreditImported:
    """Record scores, financial statements, limits and insolvencies; keep commitments as they are.

    A score counts from the day it was given, a limit from its first day, an insolvency from the day
    it was opened; a financial statement, and whatever names no day, from the day of the recording.
    What was read before and says the same changes nothing, and a commitment counts once.  A record that the ledger refuses, or
    that says something else under a known name, is a problem ``event.refused``, and the others go
    on.

    >>> from receivables.money import money
    >>> limit = CreditLimit(limit="L-1", customer="C-017", amount=money("5000.00", "EUR"))
    >>> moment = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
    >>> done = import_credit([limit], creditor="MIRA", ledger=Ledger(), recorded_at=moment)
    >>> done.added, import_credit([limit], creditor="MIRA", ledger=done.ledger,
    ...                           recorded_at=moment).known
    (1, 1)
    """
    run = _Import(creditor=creditor, draft=LedgerDraft(ledger), before=ledger, now=recorded_at)
    for record in records:
        run.take(record)
    return CreditImported(
        ledger=run.draft.ledger(),
        commitments=tuple(run.commitments),
        added=run.added,
        known=run.known,
        problems=tuple(run.problems),
    )


@attrs.define(kw_only=True)
class _Import:
    creditor: str
    draft: LedgerDraft
    before: Ledger
    now: dt.datetime
    commitments: list[Commitment] = attrs.field(factory=list)
    made: dict[str, CaseEvent] = attrs.field(factory=dict)
    committed: dict[tuple[str, str, ComponentKind, str], Commitment] = attrs.field(factory=dict)
    added: int = 0
    known: int = 0
    problems: list[Problem] = attrs.field(factory=list)

    def take(self, record: CreditRecord) -> None:
        """Take one record of any type that a credit source yields."""
        if isinstance(record, Commitment):
            self._commit(record)
            return
        subject, day = _DAYS[type(record)]
        since = day(record) or self.now.date()
        name = f"{subject} {getattr(record, subject)}"
        try:
            event: CaseEvent = _EVENTS[type(record)](
                record,
                creditor=self.creditor,
                on=since,
                recorded_at=self.now,
            )
            self._record(event, subject)
        except EventError as error:
            holder = record.customer or record.holder  # type: ignore[union-attr]  # a limit of no customer has a holder
            self._refuse(str(error), f"{name} of {holder}")

    def _commit(self, commitment: Commitment) -> None:
        """Keep a commitment; one that several files name alike counts once."""
        key = (commitment.creditor, commitment.customer, commitment.kind, commitment.commitment)
        earlier = self.committed.get(key)
        if earlier is None:
            self.committed[key] = commitment
            self.commitments.append(commitment)
        elif earlier != commitment:
            what = f"{commitment.kind.value} {commitment.commitment}"
            msg = f"{what} must be said once, got {earlier.amount!r} and {commitment.amount!r}"
            self._refuse(msg, f"{what} of {commitment.customer}")

    def _refuse(self, message: str, place: str) -> None:
        self.problems.append(
            Problem("event.refused", message, place=Place(place), severity=Severity.ERROR)
        )

    def _record(self, event: CaseEvent, subject: str) -> None:
        earlier = self.made.get(event.event) or self.before.get(event.event)
        if earlier is not None and getattr(earlier, subject) == getattr(event, subject):
            self.known += 1
            return
        self.added += self.draft.record(event)
        self.made[event.event] = event


_DAYS: Final[Mapping[type, tuple[str, Callable[[Any], dt.date | None]]]] = {
    CreditLimit: ("limit", lambda limit: limit.since),
    ExternalScore: ("score", lambda score: score.rated_on),
    FinancialStatement: ("financials", lambda _financials: None),
    Insolvency: ("insolvency", lambda insolvency: insolvency.opened_on),
}
"""The subject of each kind of record, and the day from which it counts."""

_EVENTS: Final[Mapping[type, Callable[..., CaseEvent]]] = {
    CreditLimit: limit_granted,
    ExternalScore: score_received,
    FinancialStatement: financials_received,
    Insolvency: insolvency_reported,
}
