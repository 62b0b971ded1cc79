"""What the score of each customer is made of, read off the ledger once: everything else is pure.

>>> from receivables.ledger import Ledger
>>> from receivables.testing.builders import an_invoice, issued
>>> ledger = Ledger().record(issued(an_invoice(due_date=dt.date(2026, 10, 1))))
>>> (case,) = gather(ledger, "MIRA", as_of=dt.date(2026, 10, 31))
>>> case.customer, case.overdue[0].amount_minor, case.oldest_days
('C-017', 10000, 30)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from receivables.casework import ContactWish, Holdback
from receivables.collection.holding import held_on
from receivables.collection.log import ContactLog, contact_log
from receivables.collection.model import (
    Barred,
    CustomerCase,
    Deadline,
    DueMatter,
    OpenDispute,
    OverdueAmount,
    RankBy,
    Worklist,
    WorkReasonKind,
)
from receivables.collection.objects import rank
from receivables.collection.policies import STANDARD, WorklistPolicy
from receivables.collection.requests import RequestPolicy, open_requests
from receivables.days import check_day
from receivables.disputes.model import DisputePolicy, DisputeStanding
from receivables.disputes.objects import open_disputes
from receivables.documents.model import ItemId, OpenItem
from receivables.dunning.holding import HeldBack, held_back
from receivables.ledger.objects import Ledger
from receivables.money import Money, to_minor
from receivables.parties import UNIDENTIFIED, Channel, Customer, CustomerId
from receivables.promises.model import (
    EXACT,
    JudgedPromise,
    PlanStanding,
    PlanState,
    PromisePolicy,
    PromiseState,
)
from receivables.promises.objects import judge
from receivables.promises.objects import standings as plan_standings

__all__ = ["Allowed", "WorkInputs", "gather", "worklist"]

Allowed: TypeAlias = Callable[[CustomerId, Channel], Barred | None] | Mapping[str, Barred]
"""Whether a customer may be contacted today: asked, or looked up; None or nothing found allows."""

_WHOLE_BPS: Final = 10_000

_UNWANTED: Final[Mapping[ContactWish, frozenset[Channel]]] = MappingProxyType(
    {
        ContactWish.WRITTEN_ONLY: frozenset({Channel.PHONE, Channel.VISIT}),
        ContactWish.NO_EMAIL: frozenset({Channel.EMAIL}),
        ContactWish.NO_TEXT_MESSAGE: frozenset({Channel.TEXT_MESSAGE}),
    }
)
"""The channels that a wish takes away; whether anybody may be contacted at all is asked elsewhere."""


def _by_name(values: Iterable[Customer] | Mapping[str, Customer]) -> Mapping[CustomerId, Customer]:
    customers = values.values() if isinstance(values, Mapping) else values
    return MappingProxyType({customer.customer: customer for customer in customers})


def _deadlines(values: Iterable[Deadline]) -> tuple[Deadline, ...]:
    return tuple(values)


def _holdbacks(values: Iterable[Holdback]) -> tuple[Holdback, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class WorkInputs:
    """What a worklist needs and no ledger knows: master data, risk, law, and how cases are judged."""

    customers: Mapping[CustomerId, Customer] = attrs.field(default=(), converter=_by_name)
    deadlines: tuple[Deadline, ...] = attrs.field(default=(), converter=_deadlines)
    risks: Mapping[str, str] = attrs.field(factory=dict)
    """The risk class of each customer, by the names of the policy."""
    limits: Mapping[str, Money] = attrs.field(factory=dict)
    """The credit limit of each customer; what is open in another currency does not use it."""
    holdbacks: tuple[Holdback, ...] = attrs.field(default=(), converter=_holdbacks)
    """Holds besides those of blocks, promises, plans, disputes and referrals of the ledger."""
    allowed: Allowed = attrs.field(factory=dict)
    promises: PromisePolicy = EXACT
    disputes: DisputePolicy = attrs.field(factory=DisputePolicy)
    requests: RequestPolicy = attrs.field(factory=RequestPolicy)


_NOTHING: Final = WorkInputs()


def worklist(  # noqa: PLR0913  # one door: each of them is named where it is called
    ledger: Ledger,
    creditor: str,
    *,
    customers: Iterable[Customer] | Mapping[str, Customer] = (),
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: WorklistPolicy = STANDARD,
    by: RankBy | str = RankBy.POINTS,
    deadlines: Iterable[Deadline] = (),
    risks: Mapping[str, str] | None = None,
    limits: Mapping[str, Money] | None = None,
    holdbacks: Iterable[Holdback] = (),
    allowed: Allowed | None = None,
) -> Worklist:
    """Who to work on at the end of a day, as known at a moment, the most pressing first.

    What is disputed, promised, in a plan that is kept, blocked or referred is not asked for, and
    what is left of credits is taken off, the oldest amount first.  A customer with nothing to ask
    for is on the list all the same where something else is due: a promise, a request, a next step.
    Use `gather` and `rank` to judge promises, disputes and requests by policies of your own.
    """
    inputs = WorkInputs(
        customers=customers,
        deadlines=deadlines,
        risks=risks or {},
        limits=limits or {},
        holdbacks=holdbacks,
        allowed={} if allowed is None else allowed,
    )
    cases = gather(ledger, creditor, as_of=as_of, known_at=known_at, policy=policy, inputs=inputs)
    return rank(cases, policy=policy, as_of=as_of, by=by, creditor=creditor)


def gather(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: WorklistPolicy = STANDARD,
    inputs: WorkInputs = _NOTHING,
) -> tuple[CustomerCase, ...]:
    """A case for each customer that owes something or is waited for, by name.

    Nothing that took effect after the day, or was recorded after the moment, is seen.
    """
    check_day(as_of, name="as_of")
    view = _View(
        ledger=ledger,
        creditor=creditor,
        as_of=as_of,
        known_at=known_at,
        policy=policy,
        inputs=inputs,
    )
    sheets = _Sheets(view)
    sheets.add_items()
    sheets.add_promises()
    sheets.add_cases()
    log = contact_log(ledger, creditor, as_of=as_of, known_at=known_at)
    sheets.add_actions(log)
    return tuple(_case(view, log, name, sheet) for name, sheet in sorted(sheets.of.items()))


@attrs.frozen(kw_only=True)
class _View:
    """A creditor's ledger on a day, as known at a moment, with what it does not know."""

    ledger: Ledger
    creditor: str
    as_of: dt.date
    known_at: dt.datetime | None
    policy: WorklistPolicy
    inputs: WorkInputs

    @property
    def horizon(self) -> dt.date:
        """The last day of the days looked ahead."""
        return self.as_of + dt.timedelta(days=self.policy.horizon_days)

    @property
    def memory(self) -> dt.date:
        """The first day on which a broken promise is still held against a customer."""
        return self.as_of - dt.timedelta(days=self.policy.memory_days)

    def items(self) -> Iterator[OpenItem]:
        """The open items of the creditor's known customers."""
        for item in self.ledger.open_items(as_of=self.as_of, known_at=self.known_at):
            if item.creditor == self.creditor and item.customer != UNIDENTIFIED:
                yield item

    def holds(self, items: Iterable[OpenItem]) -> Mapping[tuple[str, str], HeldBack]:
        """Everything that is held back, by creditor and item."""
        found = held_on(
            self.ledger,
            self.creditor,
            items,
            as_of=self.as_of,
            known_at=self.known_at,
            promises=self.inputs.promises,
        )
        return held_back((*found, *self.inputs.holdbacks), as_of=self.as_of)


@attrs.define
class _Sheet:
    """What is collected of one customer."""

    debits: dict[str, list[tuple[int, ItemId, int]]] = attrs.field(factory=dict)
    """By currency: due day, item and what may be asked for of it, all past due."""
    net: dict[str, int] = attrs.field(factory=dict)
    credits: dict[str, int] = attrs.field(factory=dict)
    stakes: dict[str, int] = attrs.field(factory=dict)
    matters: list[DueMatter] = attrs.field(factory=list)
    disputes: list[OpenDispute] = attrs.field(factory=list)
    broken: int = 0

    def stake(self, currency: str, minor: int) -> None:
        if minor > 0:
            self.stakes[currency] = self.stakes.get(currency, 0) + minor


@attrs.define
class _Sheets:
    """The sheets of all customers, filled from one source after the other."""

    view: _View
    of: dict[CustomerId, _Sheet] = attrs.field(factory=dict)

    def sheet(self, customer: CustomerId) -> _Sheet:
        found = self.of.get(customer)
        if found is None:
            found = self.of[customer] = _Sheet()
        return found

    def add_items(self) -> None:
        items = list(self.view.items())
        holds = self.view.holds(items)
        today, horizon = self.view.as_of.toordinal(), self.view.horizon.toordinal()
        for item in items:
            sheet, currency = self.sheet(item.customer), item.currency
            sheet.net[currency] = sheet.net.get(currency, 0) + item.open_minor
            if item.open_minor < 0:
                sheet.credits[currency] = sheet.credits.get(currency, 0) - item.open_minor
            elif item.due_date is not None and (due := item.due_date.toordinal()) <= horizon:
                free = _free(item, holds)
                if free and due < today:
                    sheet.debits.setdefault(currency, []).append((due, item.item, free))
                elif free:
                    sheet.stake(currency, free)

    def add_promises(self) -> None:
        view = self.view
        judged = judge(
            view.ledger,
            view.creditor,
            as_of=view.as_of,
            known_at=view.known_at,
            policy=view.inputs.promises,
        )
        for promise in judged:
            self._add_promise(promise)
        plans = plan_standings(view.ledger, view.creditor, as_of=view.as_of, known_at=view.known_at)
        for plan in plans:
            self._add_plan(plan)

    def _add_promise(self, judged: JudgedPromise) -> None:
        promise, decided = judged.promise, judged.decided_on
        if judged.state is PromiseState.BROKEN and decided and decided >= self.view.memory:
            self.sheet(promise.customer).broken += 1
        if judged.state is PromiseState.OPEN:
            self._add_due(
                promise.customer,
                DueMatter(
                    kind=WorkReasonKind.PROMISE_DUE,
                    on=promise.due_on,
                    reference=promise.promise,
                    currency=promise.amount.currency.code,
                    amount_minor=judged.missing_minor,
                ),
            )

    def _add_plan(self, standing: PlanStanding) -> None:
        customer = standing.plan.customer
        broken = standing.broken_since
        if standing.state is PlanState.BROKEN and broken and broken >= self.view.memory:
            self.sheet(customer).broken += 1
        if standing.state is not PlanState.RUNNING:
            return
        for one in standing.installments:
            if one.missing_minor > 0:
                matter = DueMatter(
                    kind=WorkReasonKind.INSTALLMENT_DUE,
                    on=one.due_on,
                    reference=standing.plan.plan,
                    currency=one.currency,
                    amount_minor=one.missing_minor,
                )
                self._add_due(customer, matter)

    def _add_due(self, customer: CustomerId, matter: DueMatter) -> None:
        sheet = self.sheet(customer)
        sheet.matters.append(matter)
        if self.view.as_of <= matter.on <= self.view.horizon:
            sheet.stake(matter.currency, matter.amount_minor)

    def add_cases(self) -> None:
        view, inputs = self.view, self.view.inputs
        day, known = view.as_of, view.known_at
        for standing in open_disputes(
            view.ledger, view.creditor, as_of=day, known_at=known, policy=inputs.disputes
        ):
            sheet = self.sheet(standing.customer)
            sheet.matters.append(_dispute_matter(standing))
            sheet.disputes.append(_open_dispute(standing))
        for one in open_requests(
            view.ledger, view.creditor, as_of=day, known_at=known, policy=inputs.requests
        ):
            matter = DueMatter(
                kind=WorkReasonKind.REQUEST,
                on=one.answer_by,
                reference=one.request.request,
                text=one.request.kind.value,
            )
            self.sheet(one.request.customer).matters.append(matter)
        for deadline in inputs.deadlines:
            self.sheet(deadline.customer).matters.append(deadline.matter)

    def add_actions(self, log: ContactLog) -> None:
        for entry in log.actions_due():
            if entry.next_on is not None:
                matter = DueMatter(
                    kind=WorkReasonKind.NEXT_ACTION,
                    on=entry.next_on,
                    reference=entry.reference,
                    text=entry.next_action,
                )
                self.sheet(entry.customer).matters.append(matter)


def _free(item: OpenItem, holds: Mapping[tuple[str, str], HeldBack]) -> int:
    """What of an item may be asked for."""
    held = holds.get((item.creditor, item.item))
    return item.open_minor if held is None else item.open_minor - held.of(item.open_minor)


def _dispute_matter(standing: DisputeStanding) -> DueMatter:
    held = [(currency, minor) for currency, minor in standing.held_minor.items() if minor]
    currency, minor = held[0] if len(held) == 1 else ("", 0)
    return DueMatter(
        kind=WorkReasonKind.DISPUTE,
        on=standing.answer_by,
        reference=standing.name,
        currency=currency,
        amount_minor=minor,
        text=standing.dispute.reason.value,
    )


def _open_dispute(standing: DisputeStanding) -> OpenDispute:
    case = standing.dispute
    return OpenDispute(dispute=case.dispute, reason=case.reason, owner=case.owner)


def _case(view: _View, log: ContactLog, name: CustomerId, sheet: _Sheet) -> CustomerCase:
    customer = view.inputs.customers.get(name)
    is_logged = bool(log.of(name))
    last = log.last_contact(name) if is_logged else None
    channel = view.policy.channels[0]
    if is_logged:
        channel = _channel(view.policy.channels, log, name, customer)
    return CustomerCase(
        customer=name,
        overdue=tuple(_overdue(view, sheet)),
        stakes=sheet.stakes,
        matters=tuple(sheet.matters),
        risk=view.inputs.risks.get(name, ""),
        broken_promises=sheet.broken,
        limit_bps=_limit_bps(view.inputs.limits.get(name), sheet.net),
        disputes=tuple(sheet.disputes),
        last_reason=log.last_reason(name) if is_logged else None,
        last_contact_on=None if last is None else last.on,
        segment="" if customer is None else customer.segment,
        owners=() if customer is None else customer.owners,
        channel=channel,
        barred=_asked(view.inputs.allowed, name, channel),
    )


def _overdue(view: _View, sheet: _Sheet) -> Iterator[OverdueAmount]:
    """What may be asked for in each currency, once credits are set against the oldest of it."""
    today = view.as_of.toordinal()
    for currency, debits in sorted(sheet.debits.items()):
        debits.sort()
        credit = sheet.credits.get(currency, 0)
        left = _net(debits, credit) if credit else debits
        total = sum(minor for _, _, minor in left)
        if total and total >= view.policy.minimum_minor(currency):
            yield OverdueAmount(
                currency=currency,
                amount_minor=total,
                oldest_days=today - left[0][0],
                items=tuple([item for _, item, _ in left]),
            )


def _net(debits: Iterable[tuple[int, ItemId, int]], credit: int) -> list[tuple[int, ItemId, int]]:
    """The debits that credits leave, the oldest being paid off first."""
    left = []
    for due, item, minor in debits:
        taken = min(credit, minor)
        credit -= taken
        if minor > taken:
            left.append((due, item, minor - taken))
    return left


def _limit_bps(limit: Money | None, net: Mapping[str, int]) -> int:
    """How much of a limit is used, in basis points; a limit of nothing is used up by anything."""
    if limit is None:
        return 0
    used = max(net.get(limit.currency.code, 0), 0)
    whole = to_minor(limit)
    if whole <= 0:
        return _WHOLE_BPS if used else 0
    return used * _WHOLE_BPS // whole


def _channel(
    channels: Iterable[Channel], log: ContactLog, name: CustomerId, customer: Customer | None
) -> Channel:
    """The first channel that is neither bad nor unwanted; the first of all where none is left."""
    usable = tuple(channels)
    avoided = {channel for wish in log.wishes(name) for channel in _UNWANTED.get(wish, ())}
    emails = set() if customer is None else {one.email for one in customer.contacts if one.email}
    for bad in log.bad_addresses(name):
        is_mended = bad.channel is Channel.EMAIL and bad.address and bad.address not in emails
        if not (is_mended and emails):
            avoided.add(bad.channel)
    return next((channel for channel in usable if channel not in avoided), usable[0])


def _asked(allowed: Allowed, name: CustomerId, channel: Channel) -> Barred | None:
    return allowed.get(name) if isinstance(allowed, Mapping) else allowed(name, channel)
