"""What was tried before a claim is given up, read from the ledger: notices, calls, promises, courts.

>>> from receivables.testing.builders import a_notice, issued
>>> ledger = Ledger().record(issued(), a_notice())
>>> [one.text for one in efforts(ledger, "MIRA", "C-017", as_of=dt.date(2026, 11, 30))]
['notice notice:MIRA:C-017:2026-10-31']
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from receivables.casework import (
    ContactNote,
    ContactOutcome,
    Direction,
    InsolvencyKind,
    ReferralEnd,
    ReferralKind,
    WriteOffReason,
    WriteOffRequest,
)
from receivables.conduct import LegalDeadline
from receivables.days import check_day, days_past
from receivables.documents.model import OpenItem
from receivables.dunning.model import Stage
from receivables.ledger.casework import (
    ContactLogged,
    ContactWithdrawn,
    DeliveryReported,
    DeliveryStatus,
    ReferralEnded,
    Referred,
)
from receivables.ledger.credit import InsolvencyEnded, InsolvencyReported
from receivables.ledger.model import NoticeSent
from receivables.ledger.objects import Ledger
from receivables.parties import Channel
from receivables.promises.model import PromiseState
from receivables.promises.objects import judge
from receivables.writeoffs._amounts import requested_minor
from receivables.writeoffs.model import (
    Effort,
    EffortKind,
    MissingEffort,
    WriteOffPolicy,
)

__all__ = ["efforts", "efforts_missing"]

_STAGES: Final = {
    Stage.FORMAL_NOTICE.value: EffortKind.FORMAL_NOTICE,
    Stage.REGISTERED_LETTER.value: EffortKind.REGISTERED_LETTER,
}
_CHANNELS: Final = {
    Channel.PHONE: EffortKind.CALL,
    Channel.VISIT: EffortKind.VISIT,
    Channel.REGISTERED_POST: EffortKind.REGISTERED_LETTER,
}
_POSTAL: Final = {Channel.POST, Channel.REGISTERED_POST}
"""What comes back from there shows that nobody of that name lives there; an e-mail shows nothing."""
_IN_COURT: Final = {ReferralKind.LAWYER, ReferralKind.PAYMENT_ORDER, ReferralKind.COURT}


@attrs.frozen(kw_only=True)
class _Asked:
    """Whose efforts are looked for: about any of the items, where some are named."""

    ledger: Ledger
    creditor: str
    customer: str
    items: frozenset[str]
    as_of: dt.date
    known_at: dt.datetime | None

    def is_about(self, items: Iterable[str]) -> bool:
        """Whether something that names these items, or none, is about what is asked for."""
        named = set(items)
        return not named or not self.items or bool(named & self.items)

    def knows(self, moment: dt.datetime) -> bool:
        """Whether it was known."""
        return self.known_at is None or moment <= self.known_at


def efforts(
    ledger: Ledger,
    creditor: str,
    customer: str,
    *,
    items: Iterable[str] = (),
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    deadlines: Iterable[LegalDeadline] = (),
) -> tuple[Effort, ...]:
    """What was tried for a customer's items up to the end of a day, the earliest first.

    Without items it is about all of the customer.  `deadlines` are last days for an action, as
    `receivables.conduct.legal_deadlines` reckons them: one that has passed for every item is an
    effort of its own.  An insolvency that was closed without a day on which nothing more will come
    counts as a report that was wrong.
    """
    check_day(as_of, name="as_of")
    asked = _Asked(
        ledger=ledger,
        creditor=creditor,
        customer=customer,
        items=frozenset(items),
        as_of=as_of,
        known_at=known_at,
    )
    found = [
        *_notices(asked),
        *_contacts(asked),
        *_promises(asked),
        *_referrals(asked),
        *_insolvencies(asked),
        *_barred(asked, tuple(deadlines)),
    ]
    unique = {(one.kind, one.reference): one for one in found}
    return tuple(sorted(unique.values(), key=lambda one: (one.on, one.kind.value, one.reference)))


def _notices(asked: _Asked) -> Iterator[Effort]:
    sent: dict[str, NoticeSent] = {}
    for event in asked.ledger.notices(as_of=asked.as_of):
        is_theirs = (event.creditor, event.customer) == (asked.creditor, asked.customer)
        named = [one.item for one in event.items]
        if is_theirs and asked.knows(event.recorded_at) and asked.is_about(named):
            sent[event.event] = event
            note = f"level {event.level}"
            yield Effort(
                kind=EffortKind.NOTICE, on=event.effective_on, reference=event.event, note=note
            )
            if event.stage in _STAGES:
                kind = _STAGES[event.stage]
                yield Effort(kind=kind, on=event.effective_on, reference=event.event, note=note)
    for report in asked.ledger.casework(
        asked.creditor, as_of=asked.as_of, known_at=asked.known_at, kinds=(DeliveryReported,)
    ):
        if isinstance(report, DeliveryReported) and report.delivery in sent:
            yield from _delivered(report)


def _delivered(report: DeliveryReported) -> Iterator[Effort]:
    day, name = report.effective_on, report.delivery
    if report.status is DeliveryStatus.BOUNCED:
        if report.channel in _POSTAL:
            yield Effort(
                kind=EffortKind.RETURNED_LETTER, on=day, reference=name, note=report.address
            )
    elif report.channel is Channel.REGISTERED_POST:
        yield Effort(kind=EffortKind.REGISTERED_LETTER, on=day, reference=name, note=report.proof)


def _contacts(asked: _Asked) -> Iterator[Effort]:
    kinds = (ContactLogged, ContactWithdrawn)
    events = asked.ledger.casework(
        asked.creditor, as_of=asked.as_of, known_at=asked.known_at, kinds=kinds
    )
    gone = {event.case for event in events if isinstance(event, ContactWithdrawn)}
    for event in events:
        if not isinstance(event, ContactLogged) or event.case in gone:
            continue
        note = event.contact
        if note.customer != asked.customer or not asked.is_about(note.items):
            continue
        if note.direction is Direction.OUTBOUND and (kind := _kind_of(note)) is not None:
            yield Effort(
                kind=kind, on=event.effective_on, reference=note.contact, note=note.outcome.value
            )


def _kind_of(note: ContactNote) -> EffortKind | None:
    if note.outcome is ContactOutcome.NOT_CONNECTED:
        return None
    if note.outcome is ContactOutcome.BOUNCED:
        return EffortKind.RETURNED_LETTER if note.channel in _POSTAL else None
    return _CHANNELS.get(note.channel, EffortKind.LETTER)


def _promises(asked: _Asked) -> Iterator[Effort]:
    for judged in judge(asked.ledger, asked.creditor, as_of=asked.as_of, known_at=asked.known_at):
        promise = judged.promise
        if promise.customer != asked.customer or judged.state is not PromiseState.BROKEN:
            continue
        if asked.is_about(promise.items):
            day = judged.decided_on or judged.last_day
            yield Effort(kind=EffortKind.PROMISE_BROKEN, on=day, reference=promise.promise)


def _referrals(asked: _Asked) -> Iterator[Effort]:
    handed: dict[str, Referred] = {}
    for event in asked.ledger.casework(
        asked.creditor,
        as_of=asked.as_of,
        known_at=asked.known_at,
        kinds=(Referred, ReferralEnded),
    ):
        if isinstance(event, Referred):
            named = [one.item for one in event.referral.items]
            if event.owner == asked.customer and asked.is_about(named):
                handed[event.case] = event
                yield from _handed(event)
        elif (
            isinstance(event, ReferralEnded)
            and event.case in handed
            and event.end is ReferralEnd.UNCOLLECTIBLE
        ):
            day = event.effective_on
            kind = EffortKind.UNCOLLECTIBLE
            yield Effort(kind=kind, on=day, reference=event.case, note=event.reason)


def _handed(event: Referred) -> Iterator[Effort]:
    day, name, to = event.effective_on, event.case, event.referral.to
    yield Effort(kind=EffortKind.REFERRAL, on=day, reference=name, note=to)
    if event.referral.kind in _IN_COURT:
        yield Effort(kind=EffortKind.LEGAL_CLAIM, on=day, reference=name, note=to)


def _insolvencies(asked: _Asked) -> Iterator[Effort]:
    events = asked.ledger.casework(
        asked.creditor,
        as_of=asked.as_of,
        known_at=asked.known_at,
        kinds=(InsolvencyReported, InsolvencyEnded),
    )
    ended = {event.case: event for event in events if isinstance(event, InsolvencyEnded)}
    for event in events:
        if not isinstance(event, InsolvencyReported) or event.owner != asked.customer:
            continue
        end = ended.get(event.case)
        if end is None or end.irrecoverable_on is not None:
            yield from _proceedings(event, end, asked.as_of)


def _proceedings(
    event: InsolvencyReported, end: InsolvencyEnded | None, as_of: dt.date
) -> Iterator[Effort]:
    known = event.insolvency
    name = event.case
    if known.opened_on > as_of:
        return
    note = known.kind.value
    yield Effort(kind=EffortKind.INSOLVENCY, on=known.opened_on, reference=name, note=note)
    if known.kind is InsolvencyKind.LIQUIDATION:
        yield Effort(
            kind=EffortKind.LIQUIDATION, on=known.opened_on, reference=name, note=known.court
        )
    if known.claim_filed_on is not None and known.claim_filed_on <= as_of:
        yield Effort(kind=EffortKind.CLAIM_FILED, on=known.claim_filed_on, reference=name)
    if end is not None and end.irrecoverable_on is not None and end.irrecoverable_on <= as_of:
        yield Effort(kind=EffortKind.CERTIFICATE, on=end.irrecoverable_on, reference=name)


def _barred(asked: _Asked, deadlines: tuple[LegalDeadline, ...]) -> Iterator[Effort]:
    """Every item that was named is barred, each by the last of its days."""
    last: dict[str, LegalDeadline] = {}
    for one in deadlines:
        if one.item not in last or last[one.item].day < one.day:
            last[one.item] = one
    wanted = asked.items or frozenset(last)
    if not wanted or any(name not in last or last[name].day >= asked.as_of for name in wanted):
        return
    for name in sorted(wanted):
        one = last[name]
        day = one.day + dt.timedelta(days=1)
        note = f"{one.article} ({one.status.value})"
        yield Effort(kind=EffortKind.LIMITATION, on=day, reference=name, note=note)


def efforts_missing(
    ledger: Ledger,
    request: WriteOffRequest,
    *,
    creditor: str,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: WriteOffPolicy,
    deadlines: Iterable[LegalDeadline] = (),
) -> tuple[MissingEffort, ...]:
    """What a policy asks for before a request is booked, and the ledger does not show on a day.

    Credits of the customer that are open in a currency of the request are ``credits-applied``:
    `needed` is 0 of them, `found` how many there are.  What was tried for one item is nothing for
    another: each item needs its own, and `found` is that of the item with the least.
    """
    rules = policy.rules_for(request.reason, requested_minor(request))
    days = _days_past_due(ledger, creditor, request, as_of, known_at)
    least: dict[tuple[str, str], MissingEffort] = {}
    known = tuple(deadlines)
    for item in request.items if rules else ():
        made = efforts(
            ledger,
            creditor,
            request.customer,
            items=[item],
            as_of=as_of,
            known_at=known_at,
            deadlines=known,
        )
        for rule in rules:
            for one in rule.missing(made, days_past_due=days, proof=request.proof):
                before = least.setdefault((one.rule, one.what), one)
                least[one.rule, one.what] = min(before, one, key=lambda each: each.found)
    found = list(least.values())
    if policy.credits_first and request.reason is not WriteOffReason.SMALL_BALANCE:
        count = len(_credits(ledger, creditor, request, as_of, known_at))
        if count:
            found.append(
                MissingEffort(rule="credits", what="credits-applied", needed=0, found=count)
            )
    return tuple(found)


def _days_past_due(
    ledger: Ledger,
    creditor: str,
    request: WriteOffRequest,
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> int:
    """The days since the latest due date of the items of a request; below zero before it."""
    days = []
    for name in request.items:
        item = ledger.item(creditor, name, as_of=as_of, known_at=known_at)
        if item is not None:
            days.append(days_past(item.due_date or item.document_date, as_of=as_of))
    return min(days, default=0)


def _credits(
    ledger: Ledger,
    creditor: str,
    request: WriteOffRequest,
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> list[OpenItem]:
    currencies = {part.amount.currency.code for part in request.parts}
    return [
        item
        for item in ledger.open_items(as_of=as_of, known_at=known_at)
        if (item.creditor, item.customer) == (creditor, request.customer)
        and item.open_minor < 0
        and item.currency in currencies
    ]
