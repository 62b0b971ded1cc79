"""Promises and plans over a ledger: what became of them, what they hold back, what follows.

>>> import datetime as dt
>>> from receivables.documents import Invoice
>>> from receivables.ledger import DocumentIssued, Ledger
>>> from receivables.money import money
>>> moment = dt.datetime(2026, 11, 2, 8, 0, tzinfo=dt.UTC)
>>> invoice = Invoice(number="F-17", creditor="MIRA", customer="C-017",
...                   document_date=dt.date(2026, 9, 30), due_date=dt.date(2026, 10, 30),
...                   total=money("1200.00", "EUR"))
>>> promise = PromiseToPay(promise="P-1", customer="C-017", amount=money("500.00", "EUR"),
...                        due_on=dt.date(2026, 11, 20), items=["F-17"])
>>> ledger = Ledger().record(
...     DocumentIssued.of(invoice, recorded_at=moment),
...     promise_made(promise, creditor="MIRA", on=dt.date(2026, 11, 2), recorded_at=moment))
>>> [one.state.value for day in (20, 21) for one in judge(ledger, "MIRA", as_of=dt.date(2026, 11, day))]
['open', 'broken']
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import attrs

from receivables.casework.holding import Holdback, HoldReason
from receivables.casework.promises import BreakClause, PaymentPlan, PlanEnd, PromiseToPay
from receivables.casework.referrals import Referral
from receivables.days import DayCount, check_day
from receivables.documents.model import DebitNote, ItemId, OpenItem
from receivables.errors import EventError, PolicyError
from receivables.ledger.casework import (
    PlanAccepted,
    PlanEnded,
    PlanOffered,
    PromiseMade,
    PromiseWithdrawn,
    ReferralEnded,
    Referred,
)
from receivables.ledger.model import EventId
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId, CustomerId
from receivables.promises._judging import judged_promises
from receivables.promises._offering import due_days, interest_note, laid_out, open_by_currency
from receivables.promises._plans import interest_items, plan_standings
from receivables.promises.model import (
    EXACT,
    JudgedPromise,
    KeptRate,
    PausedReferral,
    PlanStanding,
    PlanState,
    PromisePolicy,
    PromiseState,
)

__all__ = [
    "holdbacks",
    "interest_notes",
    "judge",
    "kept_rates",
    "offer_plan",
    "paused",
    "plan_accepted",
    "plan_ended",
    "plan_events_due",
    "plan_offered",
    "promise_made",
    "promise_withdrawn",
    "standings",
]

_ONE_DAY = dt.timedelta(days=1)


def judge(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: PromisePolicy = EXACT,
) -> tuple[JudgedPromise, ...]:
    """What became of every promise given up to the end of a day, by promised day.

    For a promise that names items money counts that was allocated to them since the day it was
    given, that day included, and that came in by its last day; for one that names none, money that
    came in since then, allocated to the customer's own items or to nothing yet.  One cent keeps one
    promise: that for the earliest day has it first, then the one given first.  The day of the money
    is that of the receipt, so that a promise that looked broken is kept once money that had come in
    time is allocated; and one that was kept is not any more once the money went back.
    """
    check_day(as_of, name="as_of")
    return judged_promises(ledger, creditor, as_of=as_of, known_at=known_at, policy=policy)


def standings(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[PlanStanding, ...]:
    """How every plan stands at the end of a day, by the day of its offer.

    Money counts that was allocated to the plan's items, or to the debit notes of its interest,
    since the day of the acceptance, that day included; it pays the oldest installment first, on the
    day on which it came in.  What was settled otherwise since the offer shortens the plan from its
    end.  Of two plans for one item the one accepted first has the money.  A plan that was recorded
    as completed is one only while its money is there.
    """
    check_day(as_of, name="as_of")
    return plan_standings(ledger, creditor, as_of=as_of, known_at=known_at)


def holdbacks(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: PromisePolicy = EXACT,
    besides: Iterable[Holdback] = (),
) -> tuple[Holdback, ...]:
    """What is not asked for on a day because it is promised, or because a plan covers it.

    An open promise holds back what it still lacks, from its items in their order, or from the
    customer's oldest items where it names none, never more than is open.  A plan that runs and is
    not broken holds its items whole, and the debit notes of its interest; what was promised of those
    is in that already.  `besides` are the holds of others (disputes, blocks, referrals): nobody
    promises what somebody contests, so that a promise goes over what they leave.
    """
    plans = standings(ledger, creditor, as_of=as_of, known_at=known_at)
    promises = judge(ledger, creditor, as_of=as_of, known_at=known_at, policy=policy)
    view = _View(ledger, CreditorId(creditor), as_of, known_at)
    running = [plan.plan for plan in plans if plan.state is PlanState.RUNNING]
    covered = interest_items(ledger, creditor, running)
    covered |= {item: plan.plan for plan in reversed(running) for item in plan.items}
    whole = {item: plan for item, plan in covered.items() if view.open_minor(item) > 0}
    waiting = [one for one in promises if one.state is PromiseState.OPEN and one.missing_minor]
    by_customer = view.items_of(one.promise.customer for one in waiting if not one.promise.items)
    held = _held_besides(besides, view)
    found = [
        Holdback(creditor=view.creditor, item=item, reason=HoldReason.PLAN, reference=plan)
        for item, plan in sorted(whole.items())
    ]
    for judged in waiting:
        for item, minor in view.shares(judged, held, by_customer):
            held[item] = held.get(item, 0) + minor
            if item not in whole:
                found.append(_promise_holdback(view.creditor, judged, item, minor))
    return tuple(found)


def _held_besides(besides: Iterable[Holdback], view: _View) -> dict[ItemId, int]:
    """What others hold of each item, those holds left out that are over."""
    held: dict[ItemId, int] = {}
    for hold in besides:
        if hold.creditor == view.creditor and (hold.until is None or view.as_of <= hold.until):
            whole = hold.amount_minor is None
            minor = view.open_minor(hold.item) if whole else hold.amount_minor
            held[hold.item] = held.get(hold.item, 0) + (minor or 0)
    return held


def _promise_holdback(
    creditor: CreditorId, judged: JudgedPromise, item: ItemId, minor: int
) -> Holdback:
    return Holdback(
        creditor=creditor,
        item=item,
        reason=HoldReason.PROMISE,
        reference=judged.promise.promise,
        amount_minor=minor,
        until=judged.last_day,
    )


@attrs.frozen
class _View:
    """The open items of a day."""

    ledger: Ledger
    creditor: CreditorId
    as_of: dt.date
    known_at: dt.datetime | None

    def item(self, name: str) -> OpenItem | None:
        """One item; None where it was not there yet."""
        return self.ledger.item(self.creditor, name, as_of=self.as_of, known_at=self.known_at)

    def open_minor(self, name: str) -> int:
        """What is open of an item; zero where it was not there yet."""
        found = self.item(name)
        return 0 if found is None else found.open_minor

    def items_of(self, customers: Iterable[CustomerId]) -> Mapping[CustomerId, list[OpenItem]]:
        """What some customers owe, the oldest first."""
        wanted = set(customers)
        found: dict[CustomerId, list[OpenItem]] = {customer: [] for customer in wanted}
        if not wanted:
            return found
        for item in self.ledger.open_items(as_of=self.as_of, known_at=self.known_at):
            if item.creditor == self.creditor and item.customer in wanted and item.open_minor > 0:
                found[item.customer].append(item)
        for items in found.values():
            items.sort(key=lambda item: (item.due_date or item.document_date, item.item))
        return found

    def shares(
        self,
        judged: JudgedPromise,
        held: Mapping[ItemId, int],
        by_customer: Mapping[CustomerId, list[OpenItem]],
    ) -> Iterator[tuple[ItemId, int]]:
        """How what a promise lacks goes over its items, as far as they have something free."""
        promise, left = judged.promise, judged.missing_minor
        named = [found for name in promise.items if (found := self.item(name)) is not None]
        for item in named if promise.items else by_customer[promise.customer]:
            if item.currency == promise.amount.currency.code:
                part = min(left, item.open_minor - held.get(item.item, 0))
                if part > 0:
                    left -= part
                    yield item.item, part


def paused(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[PausedReferral, ...]:
    """The referrals that wait on a day because a plan that runs covers some of their items."""
    running = [
        plan.plan
        for plan in standings(ledger, creditor, as_of=as_of, known_at=known_at)
        if plan.state is PlanState.RUNNING and plan.plan.pauses_referral
    ]
    by_customer: dict[CustomerId, list[PaymentPlan]] = {}
    for plan in running:
        by_customer.setdefault(plan.customer, []).append(plan)
    found = []
    for referral in _referrals(ledger, creditor, as_of, known_at):
        for plan in by_customer.get(referral.customer, ()):
            both = [one.item for one in referral.items if one.item in plan.items]
            if both:
                found.append(PausedReferral(referral=referral, plan=plan, items=both))
    return tuple(found)


def _referrals(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> Iterable[Referral]:
    found: dict[str, Referral] = {}
    kinds = (Referred, ReferralEnded)
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds):
        if isinstance(event, Referred):
            found[event.case] = event.referral
        else:
            found.pop(event.case, None)
    return found.values()


def offer_plan(  # noqa: PLR0913  # an agreement has that many terms, and each is said by name
    items: Iterable[OpenItem],
    *,
    plan: str,
    customer: str,
    as_of: dt.date,
    installments: int = 1,
    first_due_on: dt.date | None = None,
    every_months: int = 1,
    dates: Iterable[dt.date] = (),
    rate_bps: int = 0,
    day_count: DayCount = DayCount.ACT_365F,
    break_clause: BreakClause = BreakClause(),  # noqa: B008  # a frozen value
    accept_by: dt.date | None = None,
    pauses_referral: bool = True,
    by: str = "",
    note: str = "",
) -> PaymentPlan:
    """A plan over what is open of some items on a day: equal installments in each currency.

    The principal of each currency is what is open in it, to the minor unit; the earlier installments
    are a unit larger where it does not divide.  They are due on `dates`, or `installments` times
    `every_months` from `first_due_on` on.  Interest is simple, on the balance that is left, from
    `as_of` and then from one due day to the next at a yearly rate of `rate_bps` basis points, by
    default over actual days and a year of 365, rounded half to even per installment.  The plan says
    the yearly rate, as a contract must in Canada (Interest Act, R.S.C. 1985, c. I-15, s. 4).

    Raises `DocumentError` for items that owe nothing or are another customer's, and `PolicyError`
    for due days that do not rise or a rate below zero.

    >>> from receivables.testing.builders import an_open_item
    >>> plan = offer_plan([an_open_item("F-1", amount="1000.00")], plan="PP-1", customer="C-017",
    ...                   installments=3, first_due_on=dt.date(2026, 11, 30), rate_bps=600,
    ...                   as_of=dt.date(2026, 10, 31))
    >>> [(one.due_on.isoformat(), one.principal.amount, one.interest.amount)
    ...  for one in plan.installments]  # doctest: +NORMALIZE_WHITESPACE
    [('2026-11-30', Decimal('333.34'), Decimal('4.93')),
     ('2026-12-30', Decimal('333.33'), Decimal('3.29')),
     ('2027-01-30', Decimal('333.33'), Decimal('1.70'))]
    """
    check_day(as_of, name="as_of")
    covered = tuple(items)
    if rate_bps < 0:
        msg = f"rate_bps must be zero or more, got {rate_bps}"
        raise PolicyError(msg)
    totals = open_by_currency(covered, plan=plan, customer=customer)
    days = due_days(
        dates, count=installments, first=first_due_on, every_months=every_months, as_of=as_of
    )
    parts = [
        part
        for currency, total in totals.items()
        for part in laid_out(
            total, currency, days=days, as_of=as_of, rate_bps=rate_bps, day_count=day_count
        )
    ]
    return PaymentPlan(
        plan=plan,
        customer=CustomerId(customer),
        items=[item.item for item in covered],
        installments=sorted(parts, key=lambda part: (part.due_on, part.principal.currency.code)),
        accept_by=accept_by,
        break_clause=break_clause,
        pauses_referral=pauses_referral,
        rate_bps=rate_bps,
        by=by,
        note=note,
    )


def interest_notes(
    plan: PaymentPlan, items: Iterable[OpenItem], *, creditor: str, number: str, on: dt.date
) -> tuple[DebitNote, ...]:
    """The debit notes that ask for the interest of an accepted plan, one per currency.

    `items` are those that the plan was offered on: each has a line for its share, so that no other
    interest is charged on it for the same time.  The notes are due with the installments and name
    the plan, so that `standings` counts what is paid on them.  Where there are several currencies
    each is added to the number.
    """
    covered = [item for item in items if item.item in plan.items]
    currencies = tuple(plan.principal_minor)
    found = []
    for currency in currencies:
        name = number if len(currencies) == 1 else f"{number}-{currency}"
        note = interest_note(
            plan, covered, currency, creditor=CreditorId(creditor), number=name, on=on
        )
        if note is not None:
            found.append(note)
    return tuple(found)


def promise_made(
    promise: PromiseToPay, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> PromiseMade:
    """The event of a promise given on a day; raises `EventError` where its own day is earlier."""
    if promise.due_on < on:
        msg = f"due_on of promise {promise.promise} must be {on} or later, got {promise.due_on}"
        raise EventError(msg)
    return PromiseMade(
        event=EventId(f"promise-made:{creditor}:{promise.promise}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        promise=promise,
    )


def promise_withdrawn(
    promise: PromiseToPay,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> PromiseWithdrawn:
    """The event that takes a promise back."""
    return PromiseWithdrawn(
        event=EventId(f"promise-withdrawn:{creditor}:{promise.promise}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=promise.customer,
        promise=promise.promise,
        reason=reason,
    )


def plan_offered(
    plan: PaymentPlan, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> PlanOffered:
    """The event of a plan offered on a day: that for which its installments were reckoned."""
    return PlanOffered(
        event=EventId(f"plan-offered:{creditor}:{plan.plan}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        plan=plan,
    )


def plan_accepted(
    plan: PaymentPlan,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    contact: str = "",
    proof: str = "",
) -> PlanAccepted:
    """The event of a plan accepted on a day; raises `EventError` after the last day of the offer."""
    if plan.accept_by is not None and on > plan.accept_by:
        msg = f"plan {plan.plan} must be accepted by {plan.accept_by}, got {on}; offer it anew"
        raise EventError(msg)
    return PlanAccepted(
        event=EventId(f"plan-accepted:{creditor}:{plan.plan}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=plan.customer,
        plan=plan.plan,
        contact=contact,
        proof=proof,
    )


def plan_ended(
    plan: PaymentPlan,
    *,
    creditor: str,
    end: PlanEnd,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> PlanEnded:
    """The event that a plan is over from a day on."""
    return PlanEnded(
        event=EventId(f"plan-ended:{creditor}:{plan.plan}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=plan.customer,
        plan=plan.plan,
        end=end,
        reason=reason,
    )


def plan_events_due(
    ledger: Ledger, creditor: str, *, as_of: dt.date, recorded_at: dt.datetime
) -> tuple[PlanEnded, ...]:
    """The ends that the facts of a day say and nobody has recorded: lapsed, completed, broken.

    They are effective from the day after the last of the offer, the day of the last cent (the day
    itself where something was settled without money), and the day since which the plan is broken.
    Recording them makes them final but for a completed plan, whose money may still go back.
    """
    # What is recorded of later days counts too: an end comes once, and after what came before it.
    kinds = (PlanOffered, PlanAccepted, PlanEnded)
    recorded = ledger.casework(creditor, as_of=dt.date.max, kinds=kinds)
    last = {event.case: event for event in recorded}
    found = []
    for standing in standings(ledger, creditor, as_of=as_of):
        before = last[standing.plan.plan]
        is_passed = isinstance(before, PlanAccepted) and standing.accepted_on is None
        if standing.state in _PROPOSED and not isinstance(before, PlanEnded) and not is_passed:
            end = PlanEnd(standing.state.value)
            day = max(_end_day(standing, end, as_of), before.effective_on)
            found.append(
                plan_ended(
                    standing.plan, creditor=creditor, end=end, on=day, recorded_at=recorded_at
                )
            )
    return tuple(found)


_PROPOSED = {PlanState.LAPSED, PlanState.COMPLETED, PlanState.BROKEN}


def _end_day(standing: PlanStanding, end: PlanEnd, as_of: dt.date) -> dt.date:
    if end is PlanEnd.LAPSED:
        return (standing.plan.accept_by or as_of) + _ONE_DAY
    if end is PlanEnd.BROKEN:
        return standing.broken_since or as_of
    is_reduced = any(one.reduced_minor for one in standing.installments)
    return as_of if is_reduced else standing.completed_on or as_of


def kept_rates(
    judged: Iterable[JudgedPromise], *, by_collector: bool = False
) -> tuple[KeptRate, ...]:
    """How promises came out per customer, or per collector who took them, and currency.

    >>> kept_rates(())
    ()
    """
    groups: dict[tuple[str, str], list[JudgedPromise]] = {}
    for one in judged:
        who = one.promise.by if by_collector else one.promise.customer
        groups.setdefault((who, one.promise.amount.currency.code), []).append(one)
    return tuple(
        _rate(group, who, currency, by_collector=by_collector)
        for (who, currency), group in sorted(groups.items())
    )


def _rate(
    group: Iterable[JudgedPromise], who: str, currency: str, *, by_collector: bool
) -> KeptRate:
    counts = dict.fromkeys(PromiseState, 0)
    promised = paid = 0
    for one in group:
        counts[one.state] += 1
        if one.state.is_decided:
            promised += one.paid_minor + one.missing_minor
            paid += one.paid_minor
    return KeptRate(
        customer=CustomerId("" if by_collector else who),
        collector=who if by_collector else "",
        currency=currency,
        open=counts[PromiseState.OPEN],
        kept=counts[PromiseState.KEPT],
        partly_kept=counts[PromiseState.PARTLY_KEPT],
        broken=counts[PromiseState.BROKEN],
        withdrawn=counts[PromiseState.WITHDRAWN],
        promised_minor=promised,
        paid_minor=paid,
    )
