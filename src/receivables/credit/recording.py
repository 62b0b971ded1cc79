"""The events of credit, and where they stand on a day: limits, decisions, suspensions, reviews, insolvencies.

Every event has the identity of what happened, so that whoever says it twice says it once.

>>> from receivables.money import money
>>> from receivables.testing.builders import recorded
>>> limit = CreditLimit(limit="L-1", customer="C-017", amount=money("5000.00", "EUR"))
>>> limit_granted(limit, creditor="MIRA", on=dt.date(2026, 11, 2), recorded_at=recorded()).event
'limit-granted:MIRA:L-1'
"""

from __future__ import annotations

import datetime as dt

import attrs

from receivables.casework.credit import (
    CheckOutcome,
    CreditDecision,
    CreditLimit,
    CreditReview,
    CreditSuspension,
    ExternalScore,
)
from receivables.casework.financials import FinancialStatement
from receivables.casework.losses import Insolvency, InsurerNotice
from receivables.days import check_day
from receivables.errors import EventError
from receivables.ledger.credit import (
    CreditChecked,
    CreditReinstated,
    CreditReleased,
    CreditReviewed,
    CreditSuspended,
    FinancialsReceived,
    FinancialsWithdrawn,
    InsolvencyEnded,
    InsolvencyReported,
    InsurerNotified,
    LimitEnded,
    LimitGranted,
    ScoreReceived,
    ScoreWithdrawn,
)
from receivables.ledger.model import EventId
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "DecisionStanding",
    "InsolvencyStanding",
    "ReviewStanding",
    "SuspensionStanding",
    "credit_checked",
    "credit_reinstated",
    "credit_released",
    "credit_reviewed",
    "credit_suspended",
    "decisions",
    "financials_received",
    "financials_withdrawn",
    "insolvencies",
    "insolvency_ended",
    "insolvency_reported",
    "insurer_notified",
    "limit_ended",
    "limit_granted",
    "reviews",
    "score_received",
    "score_withdrawn",
    "suspensions_in_force",
]


def limit_granted(
    limit: CreditLimit, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> LimitGranted:
    """The event of a limit that was granted on a day; it counts within its own days.

    Raises `EventError` where its last day has passed already.
    """
    if limit.until is not None and limit.until < on:
        msg = f"until of limit {limit.limit} must be {on} or later, got {limit.until}"
        raise EventError(msg)
    return LimitGranted(
        event=EventId(f"limit-granted:{creditor}:{limit.limit}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        limit=limit,
    )


def limit_ended(
    limit: CreditLimit,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
    by: str = "",
) -> LimitEnded:
    """The event that a limit does not count any more, from a day on.

    >>> from receivables.money import money
    >>> from receivables.testing.builders import recorded
    >>> limit = CreditLimit(limit="L-1", group="Harfang", amount=money("5000.00", "EUR"))
    >>> limit_ended(limit, creditor="MIRA", on=dt.date(2026, 11, 2), recorded_at=recorded()).customer
    ''
    """
    return LimitEnded(
        event=EventId(f"limit-ended:{creditor}:{limit.limit}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=limit.customer,
        limit=limit.limit,
        reason=reason,
        by=by,
    )


def credit_suspended(
    suspension: CreditSuspension, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> CreditSuspended:
    """The event of a suspension from a day on; raises `EventError` where its last day is earlier."""
    if suspension.until is not None and suspension.until < on:
        msg = (
            f"until of suspension {suspension.suspension} must be {on} or later, "
            f"got {suspension.until}"
        )
        raise EventError(msg)
    return CreditSuspended(
        event=EventId(f"credit-suspended:{creditor}:{suspension.suspension}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        suspension=suspension,
    )


def credit_reinstated(
    suspension: CreditSuspension,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
    by: str = "",
) -> CreditReinstated:
    """The event that a suspension is over: the customer gets credit again from a day on."""
    return CreditReinstated(
        event=EventId(f"credit-reinstated:{creditor}:{suspension.suspension}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=suspension.customer,
        suspension=suspension.suspension,
        reason=reason,
        by=by,
    )


def credit_checked(
    decision: CreditDecision, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> CreditChecked:
    """The event of a request that was decided on a day; raises `EventError` where it holds no day."""
    if decision.until is not None and decision.until < on:
        msg = f"until of decision {decision.decision} must be {on} or later, got {decision.until}"
        raise EventError(msg)
    return CreditChecked(
        event=EventId(f"credit-checked:{creditor}:{decision.decision}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        decision=decision,
    )


def credit_released(
    decision: CreditDecision,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    by: str,
    reason: str,
    until: dt.date | None = None,
) -> CreditReleased:
    """The event that somebody let pass what had been held or refused.

    Raises `EventError` where nothing was held, where nobody says who released it and why, and where
    the release is over before it starts.
    """
    if decision.outcome in (CheckOutcome.ALLOW, CheckOutcome.WARN):
        msg = f"decision {decision.decision} must be a hold or a refusal to be released, got {decision.outcome.value}"
        raise EventError(msg)
    if not (by and reason):
        msg = f"release of {decision.decision} must say by whom and why, got {by!r} and {reason!r}"
        raise EventError(msg)
    if until is not None and until < on:
        msg = f"until of the release of {decision.decision} must be {on} or later, got {until}"
        raise EventError(msg)
    return CreditReleased(
        event=EventId(f"credit-released:{creditor}:{decision.decision}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=decision.customer,
        decision=decision.decision,
        by=by,
        reason=reason,
        until=until,
    )


def credit_reviewed(
    review: CreditReview, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> CreditReviewed:
    """The event of a review that was held on a day."""
    return CreditReviewed(
        event=EventId(f"credit-reviewed:{creditor}:{review.review}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        review=review,
    )


def score_received(
    score: ExternalScore, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> ScoreReceived:
    """The event of a score that came in on a day; raises `EventError` where it is of a later one."""
    if score.rated_on > on:
        msg = f"rated_on of score {score.score} must be {on} or earlier, got {score.rated_on}"
        raise EventError(msg)
    return ScoreReceived(
        event=EventId(f"score-received:{creditor}:{score.score}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        score=score,
    )


def score_withdrawn(
    score: ExternalScore,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> ScoreWithdrawn:
    """The event that a score was wrong, or meant somebody else."""
    return ScoreWithdrawn(
        event=EventId(f"score-withdrawn:{creditor}:{score.score}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=score.customer,
        score=score.score,
        reason=reason,
    )


def financials_received(
    financials: FinancialStatement, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> FinancialsReceived:
    """The event of a financial statement that came in on a day, whatever year it is of."""
    return FinancialsReceived(
        event=EventId(f"financials-received:{creditor}:{financials.financials}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        financials=financials,
    )


def financials_withdrawn(
    financials: FinancialStatement,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> FinancialsWithdrawn:
    """The event that a financial statement was wrong."""
    return FinancialsWithdrawn(
        event=EventId(f"financials-withdrawn:{creditor}:{financials.financials}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=financials.customer,
        financials=financials.financials,
        reason=reason,
    )


def insurer_notified(
    notice: InsurerNotice, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> InsurerNotified:
    """The event that a credit insurer was told something on a day."""
    return InsurerNotified(
        event=EventId(f"insurer-notified:{creditor}:{notice.insurer_notice}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        insurer_notice=notice,
    )


def insolvency_reported(
    insolvency: Insolvency, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> InsolvencyReported:
    """The event that we learned of proceedings on a day; raises `EventError` where they open later."""
    if insolvency.opened_on > on:
        msg = (
            f"opened_on of insolvency {insolvency.insolvency} must be {on} or earlier, "
            f"got {insolvency.opened_on}"
        )
        raise EventError(msg)
    return InsolvencyReported(
        event=EventId(f"insolvency-reported:{creditor}:{insolvency.insolvency}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        insolvency=insolvency,
    )


def insolvency_ended(
    insolvency: Insolvency,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
    irrecoverable_on: dt.date | None = None,
) -> InsolvencyEnded:
    """The event that proceedings were closed, or that the report was wrong."""
    return InsolvencyEnded(
        event=EventId(f"insolvency-ended:{creditor}:{insolvency.insolvency}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=insolvency.customer,
        insolvency=insolvency.insolvency,
        reason=reason,
        irrecoverable_on=irrecoverable_on,
    )


@attrs.frozen(kw_only=True)
class SuspensionStanding:
    """A suspension that is in force, and the day since which it is."""

    suspension: CreditSuspension
    suspended_on: dt.date

    @property
    def customer(self) -> CustomerId:
        """Whose credit is suspended."""
        return self.suspension.customer

    @property
    def is_by_rule(self) -> bool:
        """Whether a rule asked for it, so that a rule may lift it."""
        return bool(self.suspension.rule) and not self.suspension.by


@attrs.frozen(kw_only=True)
class DecisionStanding:
    """The last decision on a request, and its release where somebody gave one."""

    decision: CreditDecision
    decided_on: dt.date
    released: CreditReleased | None = None

    @property
    def customer(self) -> CustomerId:
        """Whose request it is."""
        return self.decision.customer

    @property
    def until(self) -> dt.date | None:
        """The last day on which it holds, or its release; None where it has none."""
        return self.decision.until if self.released is None else self.released.until

    def passes(self, day: dt.date) -> bool:
        """Whether what was asked for may go out on a day: allowed or released, and not run out."""
        is_milder = self.decision.outcome in (CheckOutcome.ALLOW, CheckOutcome.WARN)
        is_open = self.until is None or day <= self.until
        return (is_milder or self.released is not None) and self.decided_on <= day and is_open


@attrs.frozen(kw_only=True)
class ReviewStanding:
    """The last review of a customer, and the day on which it was held."""

    review: CreditReview
    reviewed_on: dt.date
    recorded_at: dt.datetime

    @property
    def customer(self) -> CustomerId:
        """Whose credit was reviewed."""
        return self.review.customer


@attrs.frozen(kw_only=True)
class InsolvencyStanding:
    """Proceedings that are under way, and the day on which we learned of them."""

    insolvency: Insolvency
    reported_on: dt.date

    @property
    def customer(self) -> CustomerId:
        """Who is insolvent."""
        return self.insolvency.customer


def suspensions_in_force(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[SuspensionStanding, ...]:
    """The suspensions in force at the end of a day, as known at a moment, by customer and name.

    One that has a last day is over after it; one without lasts until it is lifted.
    """
    check_day(as_of, name="as_of")
    kinds = (CreditSuspended, CreditReinstated)
    found: dict[str, SuspensionStanding] = {}
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds):
        if not isinstance(event, CreditSuspended):
            found.pop(event.case, None)
        elif event.suspension.until is None or as_of <= event.suspension.until:
            found[event.case] = SuspensionStanding(
                suspension=event.suspension, suspended_on=event.effective_on
            )
    return tuple(sorted(found.values(), key=lambda one: (one.customer, one.suspension.suspension)))


def decisions(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[DecisionStanding, ...]:
    """The last decision on each request at the end of a day, by request.

    Of two decisions of one day the one recorded later counts.
    """
    check_day(as_of, name="as_of")
    kinds = (CreditChecked, CreditReleased)
    checked: dict[str, CreditChecked] = {}
    released: dict[str, CreditReleased] = {}
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds):
        if isinstance(event, CreditChecked):
            checked[event.case] = event
        elif isinstance(event, CreditReleased):
            released[event.case] = event
    found: dict[str, DecisionStanding] = {}
    for event in sorted(checked.values(), key=lambda one: (one.effective_on, one.recorded_at)):
        found[event.decision.request.request] = DecisionStanding(
            decision=event.decision,
            decided_on=event.effective_on,
            released=released.get(event.case),
        )
    return tuple(found[name] for name in sorted(found))


def reviews(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[ReviewStanding, ...]:
    """The last review of each customer at the end of a day, by customer."""
    check_day(as_of, name="as_of")
    held = [
        event
        for event in ledger.casework(
            creditor, as_of=as_of, known_at=known_at, kinds=(CreditReviewed,)
        )
        if isinstance(event, CreditReviewed)
    ]
    held.sort(key=lambda event: (event.effective_on, event.recorded_at))
    last = {event.owner: event for event in held}
    return tuple(
        ReviewStanding(
            review=event.review, reviewed_on=event.effective_on, recorded_at=event.recorded_at
        )
        for _, event in sorted(last.items())
    )


def insolvencies(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[InsolvencyStanding, ...]:
    """The proceedings under way at the end of a day, as known at a moment, by customer and name."""
    check_day(as_of, name="as_of")
    kinds = (InsolvencyReported, InsolvencyEnded)
    found: dict[str, InsolvencyStanding] = {}
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds):
        if isinstance(event, InsolvencyReported):
            found[event.case] = InsolvencyStanding(
                insolvency=event.insolvency, reported_on=event.effective_on
            )
        else:
            found.pop(event.case, None)
    return tuple(sorted(found.values(), key=lambda one: (one.customer, one.insolvency.insolvency)))
