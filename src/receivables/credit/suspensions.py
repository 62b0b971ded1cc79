"""Suspending and reinstating credit by rule, and what calls for a review before its day.

What a rule suspended a rule may lift; what a person suspended only a person does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from receivables.casework.credit import (
    CheckOutcome,
    CreditFinding,
    CreditRule,
    CreditSuspension,
    LimitKind,
)
from receivables.credit.limits import limit_history
from receivables.credit.policies import SUSPENSION_REASONS
from receivables.credit.recording import (
    SuspensionStanding,
    credit_reinstated,
    credit_suspended,
    insolvencies,
    reviews,
    suspensions_in_force,
)
from receivables.credit.reviewing import ReviewReasonKind, ReviewTriggered
from receivables.days import check_day
from receivables.ledger.credit import CreditReinstated, CreditSuspended
from receivables.ledger.model import ReceiptReturned
from receivables.ledger.objects import Ledger
from receivables.parties import UNIDENTIFIED, CustomerId
from receivables.promises import EXACT, PromisePolicy, PromiseState, judge

if TYPE_CHECKING:
    from receivables.credit.checking import CreditDesk

__all__ = [
    "CALENDAR_LACKS",
    "reinstate_by_rule",
    "review_triggers",
    "suspend_by_rule",
]

_BLOCKING: Final = (CheckOutcome.HOLD, CheckOutcome.REFUSE)
_INSURED: Final = (LimitKind.INSURED, LimitKind.DISCRETIONARY)


def suspend_by_rule(desk: CreditDesk, *, recorded_at: dt.datetime) -> tuple[CreditSuspended, ...]:
    """The suspensions that the desk's policy asks for on its day, proposed by customer and rule.

    A rule among the policy's `suspends` asks for one where it would hold or refuse though nothing is
    asked for.  A customer whom the same rule has suspended already is left out, and so is one whom a
    person reinstated on the day of the desk: once recorded, the same question proposes nothing.
    """
    policy = desk.policy
    if not policy.suspends:
        return ()
    standing = _standing_rules(desk)
    return tuple(
        _suspended(desk, customer, finding, recorded_at)
        for customer in desk.customers
        for finding in _causes(desk, customer)
        if (customer, finding.rule) not in standing
        and desk.ledger.get(
            f"credit-suspended:{desk.creditor}:{_name(desk, customer, finding.rule)}"
        )
        is None
    )


def reinstate_by_rule(
    desk: CreditDesk, *, recorded_at: dt.datetime
) -> tuple[CreditReinstated, ...]:
    """The ends of the suspensions whose cause is gone on the desk's day, by customer.

    Only what a rule of a policy of the same name suspended is lifted, whatever the version was.
    """
    found = []
    for standing in _by_rule(desk):
        rule = _rule_of(standing)
        causes = {finding.rule for finding in _causes(desk, standing.customer)}
        if rule is not None and rule not in causes:
            found.append(
                credit_reinstated(
                    standing.suspension,
                    creditor=desk.creditor,
                    on=desk.as_of,
                    recorded_at=recorded_at,
                    reason=f"{desk.policy.title}: {rule.value} does not speak any more",
                )
            )
    return tuple(found)


def _by_rule(desk: CreditDesk) -> tuple[SuspensionStanding, ...]:
    standing = suspensions_in_force(
        desk.ledger, desk.creditor, as_of=desk.as_of, known_at=desk.known_at
    )
    return tuple(
        one
        for one in standing
        if one.is_by_rule and one.suspension.rule.startswith(f"{desk.policy.name} ")
    )


def _standing_rules(desk: CreditDesk) -> set[tuple[str, CreditRule]]:
    rules = ((str(one.customer), _rule_of(one)) for one in _by_rule(desk))
    return {(customer, rule) for customer, rule in rules if rule is not None}


def _rule_of(standing: SuspensionStanding) -> CreditRule | None:
    """The rule that a suspension names after its policy; None where it is none of ours."""
    _, _, name = standing.suspension.rule.rpartition(": ")
    return next((rule for rule in SUSPENSION_REASONS if rule.value == name), None)


def _causes(desk: CreditDesk, customer: str) -> Iterator[CreditFinding]:
    """The rules that suspend and that speak of a customer, each once."""
    seen: set[CreditRule] = set()
    for finding in desk.state(customer):
        is_new = finding.rule not in seen
        if is_new and finding.rule in desk.policy.suspends and finding.outcome in _BLOCKING:
            seen.add(finding.rule)
            yield finding


def _name(desk: CreditDesk, customer: str, rule: CreditRule) -> str:
    return f"{customer}:{rule.value}:{desk.as_of}"


def _suspended(
    desk: CreditDesk, customer: str, finding: CreditFinding, recorded_at: dt.datetime
) -> CreditSuspended:
    suspension = CreditSuspension(
        suspension=_name(desk, customer, finding.rule),
        customer=customer,
        reason=SUSPENSION_REASONS[finding.rule],
        rule=f"{desk.policy.title}: {finding.rule.value}",
        reference=finding.pushed_over,
        note=f"{finding.figure} {finding.unit}, {finding.outcome.value} at {finding.threshold}",
    )
    return credit_suspended(
        suspension, creditor=desk.creditor, on=desk.as_of, recorded_at=recorded_at
    )


CALENDAR_LACKS: Final = (
    ReviewReasonKind.RETURNED_PAYMENT,
    ReviewReasonKind.BROKEN_PROMISE,
    ReviewReasonKind.LIMIT_EXCEEDED,
)
"""What a review calendar does not find by itself."""


def review_triggers(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    since: dt.date | None = None,
    desk: CreditDesk | None = None,
    promises: PromisePolicy = EXACT,
    kinds: Collection[ReviewReasonKind] = CALENDAR_LACKS,
) -> tuple[ReviewTriggered, ...]:
    """What calls for a review at the end of a day, as known at a moment, by customer and day.

    A payment that went back, a promise that was broken, and, with a `desk`, a limit that is
    exceeded: what `receivables.credit.review_calendar` takes as its triggers.  Proceedings and an
    insured limit that is over, which the calendar finds by itself, are told where `kinds` ask for
    them.  What happened up to the day of the customer's last review, that day included, was looked
    at then, and what happened before `since` is left out.
    """
    check_day(as_of, name="as_of")
    last = {
        one.customer: one.reviewed_on
        for one in reviews(ledger, creditor, as_of=as_of, known_at=known_at)
    }
    found = [
        *_returned(ledger, creditor, as_of, known_at),
        *_broken(ledger, creditor, as_of, known_at, promises),
        *_insolvent(ledger, creditor, as_of, known_at),
        *_withdrawn(ledger, creditor, as_of, known_at),
        *(() if desk is None else _exceeded(desk)),
    ]
    wanted = [
        one
        for one in found
        if one.kind in kinds
        and (since is None or one.on >= since)
        and (one.customer not in last or one.on > last[one.customer])
    ]
    return tuple(
        sorted(wanted, key=lambda one: (one.customer, one.on, one.kind.value, one.reference))
    )


def _insolvent(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> Iterator[ReviewTriggered]:
    for one in insolvencies(ledger, creditor, as_of=as_of, known_at=known_at):
        yield ReviewTriggered(
            customer=one.customer,
            kind=ReviewReasonKind.INSOLVENCY,
            on=one.reported_on,
            reference=one.insolvency.insolvency,
        )


def _returned(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> Iterator[ReviewTriggered]:
    for event in ledger.events:
        if (
            isinstance(event, ReceiptReturned)
            and event.creditor == creditor
            and event.customer != UNIDENTIFIED
            and event.effective_on <= as_of
            and (known_at is None or event.recorded_at <= known_at)
        ):
            yield ReviewTriggered(
                customer=event.customer,
                kind=ReviewReasonKind.RETURNED_PAYMENT,
                on=event.effective_on,
                reference=event.receipt,
            )


def _broken(
    ledger: Ledger,
    creditor: str,
    as_of: dt.date,
    known_at: dt.datetime | None,
    promises: PromisePolicy,
) -> Iterator[ReviewTriggered]:
    for one in judge(ledger, creditor, as_of=as_of, known_at=known_at, policy=promises):
        if one.state is PromiseState.BROKEN and one.decided_on is not None:
            yield ReviewTriggered(
                customer=one.promise.customer,
                kind=ReviewReasonKind.BROKEN_PROMISE,
                on=one.decided_on,
                reference=one.promise.promise,
            )


def _withdrawn(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> Iterator[ReviewTriggered]:
    """The insured limits that are over and that no other one followed."""
    history = limit_history(ledger, creditor, as_of=as_of, known_at=known_at)
    insured = [spell for spell in history if spell.limit.kind in _INSURED and spell.limit.customer]
    covered = {spell.limit.customer for spell in insured if spell.covers(as_of)}
    for spell in insured:
        last = spell.last
        if last is not None and last < as_of and spell.limit.customer not in covered:
            yield ReviewTriggered(
                customer=spell.limit.customer,
                kind=ReviewReasonKind.LIMIT_ENDED,
                on=last + dt.timedelta(days=1),
                reference=spell.limit.limit,
            )


def _exceeded(desk: CreditDesk) -> Iterator[ReviewTriggered]:
    """The customers whose exposure is above what they may owe, by the desk's own policy."""
    for customer in desk.customers:
        for finding in desk.state(customer):
            if finding.rule is CreditRule.LIMIT and finding.outcome in _BLOCKING:
                yield ReviewTriggered(
                    customer=CustomerId(customer),
                    kind=ReviewReasonKind.LIMIT_EXCEEDED,
                    on=desk.as_of,
                    reference=finding.pushed_over,
                )
