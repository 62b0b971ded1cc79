"""The workshop: promises judged from the money, the one promised for the earliest day first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import attrs

from receivables.casework.promises import PromiseToPay
from receivables.days import days_past
from receivables.ledger.casework import PromiseMade, PromiseWithdrawn
from receivables.ledger.objects import Ledger
from receivables.money import to_minor
from receivables.parties import CreditorId
from receivables.promises._money import Moneys, Piece, SourceKind, read_moneys
from receivables.promises.model import (
    JudgedPromise,
    PromiseEvidence,
    PromisePolicy,
    PromiseState,
)
from receivables.promises.rules import STATES, promise_state

__all__ = ["judged_promises"]

_ONE_DAY = dt.timedelta(days=1)


@attrs.frozen
class _Given:
    """A promise with the day on which it was given, and that on which it was withdrawn."""

    promise: PromiseToPay
    on: dt.date
    withdrawn_on: dt.date | None = None

    @property
    def order(self) -> tuple[dt.date, dt.date, str]:
        """Who is served first: the earlier promised day, then the earlier word, then the name."""
        return (self.promise.due_on, self.on, self.promise.promise)


def judged_promises(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None,
    policy: PromisePolicy,
) -> tuple[JudgedPromise, ...]:
    """Every promise of a creditor as it stands on a day, by promised day."""
    given = sorted(_given(ledger, creditor, as_of, known_at), key=lambda one: one.order)
    in_force = [one.promise for one in given if one.withdrawn_on is None]
    moneys = read_moneys(
        ledger,
        creditor,
        items=(item for promise in in_force for item in promise.items),
        customers={promise.customer for promise in in_force if not promise.items},
        as_of=as_of,
        known_at=known_at,
    )
    bench = _Bench(CreditorId(creditor), moneys, as_of, policy)
    return tuple(bench.judge(one) for one in given)


def _given(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> Iterable[_Given]:
    events = ledger.casework(
        creditor, as_of=as_of, known_at=known_at, kinds=(PromiseMade, PromiseWithdrawn)
    )
    found: dict[str, _Given] = {}
    for event in events:
        if isinstance(event, PromiseMade):
            found[event.case] = _Given(event.promise, event.effective_on)
        elif event.case in found:
            found[event.case] = attrs.evolve(found[event.case], withdrawn_on=event.effective_on)
    return found.values()


@attrs.frozen
class _Bench:
    """A day, a policy, and the money of which every promise takes its part."""

    creditor: CreditorId
    moneys: Moneys
    as_of: dt.date
    policy: PromisePolicy

    def judge(self, given: _Given) -> JudgedPromise:
        """What became of one promise; what it takes is gone for those after it."""
        promise = given.promise
        if given.withdrawn_on is not None:
            return self._judged(given, PromiseState.WITHDRAWN, given.withdrawn_on, ())
        evidence = self._taken(given)
        promised = to_minor(promise.amount)
        tolerance = self.policy.tolerated_minor(promise.amount)
        paid = sum(one.amount_minor for one in evidence)
        index: int = promise_state(
            paid,
            promised,
            days_past(promise.due_on, as_of=self.as_of),
            tolerance_minor=tolerance,
            tolerance_days=self.policy.tolerance_days,
        )
        state = STATES[index]
        decided_on = None
        if state is PromiseState.KEPT:
            decided_on = max(_reached_on(evidence, promised - tolerance), given.on)
        elif state is not PromiseState.OPEN:
            decided_on = max(self.policy.last_day(promise) + _ONE_DAY, given.on)
        return self._judged(given, state, decided_on, evidence)

    def _judged(
        self,
        given: _Given,
        state: PromiseState,
        decided_on: dt.date | None,
        evidence: tuple[PromiseEvidence, ...],
    ) -> JudgedPromise:
        paid = sum(one.amount_minor for one in evidence)
        is_withdrawn = state is PromiseState.WITHDRAWN
        return JudgedPromise(
            creditor=self.creditor,
            promise=given.promise,
            promised_on=given.on,
            state=state,
            decided_on=decided_on,
            last_day=self.policy.last_day(given.promise),
            paid_minor=paid,
            missing_minor=0 if is_withdrawn else to_minor(given.promise.amount) - paid,
            evidence=evidence,
            policy_version=self.policy.version,
        )

    def _taken(self, given: _Given) -> tuple[PromiseEvidence, ...]:
        """The pieces that count, taken as they came in, until the promise is full."""
        left = to_minor(given.promise.amount)
        taken = []
        for piece, available in self._available(given):
            part = min(left, available)
            if part > 0:
                piece.taken_minor += part
                left -= part
                taken.append(_evidence(piece, part))
            if not left:
                break
        return tuple(taken)

    def _available(self, given: _Given) -> Iterator[tuple[Piece, int]]:
        promise, last_day = given.promise, self.policy.last_day(given.promise)
        currency = promise.amount.currency.code
        if not promise.items:
            for piece in self.moneys.of_owner(promise.customer, currency, since=given.on):
                if piece.source.came_on > last_day:
                    return
                if self._counts(piece):
                    yield piece, piece.free_minor
            return
        named = sorted(self.moneys.of_items(promise.items, currency), key=lambda one: one.order)
        before = given.on - _ONE_DAY
        for piece in named:
            if self._counts(piece) and piece.source.came_on <= last_day:
                # What was there before the promise is none of it, even when it is allocated anew.
                since = piece.now_minor - piece.minor_by(before)
                yield piece, min(since, piece.free_minor)

    def _counts(self, piece: Piece) -> bool:
        kind = piece.source.kind
        return (
            kind is SourceKind.MONEY
            or (kind is SourceKind.CREDIT_NOTE and self.policy.counts_credit_notes)
            or (kind is SourceKind.IN_SOURCE and self.policy.counts_settled_in_source)
        )


def _evidence(piece: Piece, minor: int) -> PromiseEvidence:
    return PromiseEvidence(
        source=piece.source.name,
        item=piece.item,
        paid_on=piece.source.came_on,
        amount_minor=minor,
        allocations=piece.allocations,
    )


def _reached_on(evidence: Iterable[PromiseEvidence], least_minor: int) -> dt.date:
    """The day on which enough was there."""
    day, paid = dt.date.min, 0
    for one in evidence:
        if paid > 0 and paid >= least_minor:
            break
        day, paid = one.paid_on, paid + one.amount_minor
    return day
