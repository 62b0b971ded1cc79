"""The events of disputes: opened, updated, escalated, decided; and disputes made of what is there.

Every event has the identity of what happened, so that whoever says it twice says it once.

>>> from receivables.money import money
>>> from receivables.testing.builders import recorded
>>> case = Dispute(dispute="D-1", customer="C-017", reason="price", owner="sales",
...                parts=[DisputedPart(item="FA-1", amount=money("30.00", "EUR"))])
>>> dispute_opened(case, creditor="MIRA", on=dt.date(2026, 11, 2), recorded_at=recorded()).event
'dispute-opened:MIRA:D-1'
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from receivables.allocation.model import Residual
from receivables.casework import (
    ContactNote,
    Dispute,
    DisputedPart,
    DisputeOutcome,
)
from receivables.days import days_past
from receivables.disputes.model import DisputePolicy, DisputeStanding, EscalationStep
from receivables.disputes.objects import open_disputes, standing_of
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.errors import CurrencyMismatchError, EventError
from receivables.ledger.casework import (
    CaseEvent,
    DisputeOpened,
    DisputeResolved,
    DisputeUpdated,
)
from receivables.ledger.model import Allocated, EventId
from receivables.ledger.objects import Ledger
from receivables.money import Money, to_minor
from receivables.parties import CreditorId

__all__ = [
    "check_dispute",
    "dispute_of_contact",
    "dispute_opened",
    "dispute_resolved",
    "dispute_updated",
    "escalations_due",
    "open_deduction",
    "undisputed_deductions",
]

_POLICY: Final = DisputePolicy()
_NOTHING: Final = frozenset({DisputeOutcome.INVALID, DisputeOutcome.WITHDRAWN})
"""The outcomes that give the customer right about nothing."""


def dispute_opened(
    dispute: Dispute, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> DisputeOpened:
    """The event of a dispute that a customer opened on a day; `check_dispute` checks it beforehand."""
    return DisputeOpened(
        event=EventId(f"dispute-opened:{creditor}:{dispute.dispute}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        dispute=dispute,
    )


def dispute_updated(
    dispute: Dispute,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
    revision: int = 0,
) -> DisputeUpdated:
    """The event of a dispute that is another from a day on; all of the dispute is said anew.

    `revision` tells a second update of the same day from the first: without it the ledger refuses
    another content under the same identity.

    >>> from receivables.money import money
    >>> from receivables.testing.builders import recorded
    >>> case = Dispute(dispute="D-1", customer="C-017", reason="price", owner="sales",
    ...                parts=[DisputedPart(item="FA-1", amount=money("30.00", "EUR"))])
    >>> dispute_updated(case, creditor="MIRA", on=dt.date(2026, 11, 5), recorded_at=recorded(),
    ...                 revision=1).event
    'dispute-updated:MIRA:D-1:2026-11-05:1'
    """
    again = f":{revision}" if revision else ""
    return DisputeUpdated(
        event=EventId(f"dispute-updated:{creditor}:{dispute.dispute}:{on}{again}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        dispute=dispute,
        reason=reason,
    )


def dispute_resolved(  # noqa: PLR0913  # a decision says all of this, and each has its name
    ledger: Ledger,
    dispute: str,
    *,
    creditor: str,
    outcome: DisputeOutcome | str,
    on: dt.date,
    recorded_at: dt.datetime,
    accepted: Iterable[DisputedPart] = (),
    credit_note: str = "",
    reason: str = "",
    by: str = "",
) -> DisputeResolved:
    """The event of a decision, checked against what the dispute contested on that day.

    VALID accepts all that was contested, and needs no parts; INVALID and WITHDRAWN accept nothing;
    SPLIT accepts the parts given: more than nothing, and less than all.  What was contested is what
    the customer said, whatever has been paid of it since.

    Raises `EventError` for a dispute that is unknown or decided, and for parts that the outcome
    forbids, and `CurrencyMismatchError` for a part in another currency.
    """
    standing = _undecided(ledger, creditor, dispute, on)
    parts = _accepted(standing, DisputeOutcome(outcome), tuple(accepted))
    return DisputeResolved(
        event=EventId(f"dispute-resolved:{creditor}:{dispute}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=standing.customer,
        dispute=dispute,
        outcome=DisputeOutcome(outcome),
        accepted=parts,
        credit_note=credit_note,
        reason=reason,
        by=by,
    )


def check_dispute(ledger: Ledger, dispute: Dispute, *, creditor: str, on: dt.date) -> None:
    """Refuse a dispute of items that are not the customer's, or of more than they were for.

    Raises `EventError`, or `CurrencyMismatchError` for a part in another currency than its item.
    """
    for part in dispute.parts:
        item = ledger.item(creditor, part.item, as_of=on)
        if item is None or item.customer != dispute.customer:
            msg = f"item of dispute {dispute.dispute} must be on the account of {dispute.customer} on {on}, got {part.item!r}"
            raise EventError(msg)
        _check_currency(part, item.currency)
        if to_minor(part.amount) > item.amount_minor:
            msg = f"what is contested of {part.item} must be at most {item.amount!r}, got {part.amount!r}"
            raise EventError(msg)


def escalations_due(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    recorded_at: dt.datetime,
    policy: DisputePolicy,
) -> tuple[DisputeUpdated, ...]:
    """The updates that give late disputes to whom the policy says, proposed for a day.

    A dispute that nobody looked after for long goes to the highest step that it has reached.  One on
    which something happened after that day is left out.  Once they are recorded, the same question
    proposes nothing.
    """
    later = _last_days(ledger, creditor)
    return tuple(
        _escalated(
            standing, standing.escalation_due, on=as_of, recorded_at=recorded_at, policy=policy
        )
        for standing in open_disputes(ledger, creditor, as_of=as_of, policy=policy)
        if standing.escalation_due is not None and later[standing.name] <= as_of
    )


def dispute_of_contact(
    ledger: Ledger,
    note: ContactNote,
    *,
    creditor: str,
    on: dt.date,
    parts: Iterable[DisputedPart] = (),
    policy: DisputePolicy = _POLICY,
) -> Dispute:
    """The dispute that a customer raised in a contact, with the reason and the owner of the policy.

    Without parts all that is open of the items of the note is contested.  Raises `EventError` where
    the reason of the note contests nothing, and where nothing is open.
    """
    reason = None if note.reason is None else policy.reason_of_contact(note.reason)
    if reason is None:
        said = "none" if note.reason is None else note.reason.value
        msg = f"reason of contact {note.contact} must contest something, got {said}"
        raise EventError(msg)
    contested = tuple(parts) or _open_parts(ledger, creditor, note.items, on)
    if not contested:
        msg = f"items of contact {note.contact} must have something open on {on}, got {list(note.items)}"
        raise EventError(msg)
    return Dispute(
        dispute=f"contact:{note.contact}",
        customer=note.customer,
        parts=contested,
        reason=reason,
        owner=policy.owner_of(reason),
        answer_by=policy.answer_by(reason, opened_on=on),
        contact=note.contact,
        note=note.said,
    )


def open_deduction(
    ledger: Ledger,
    item: OpenItem,
    *,
    on: dt.date | None = None,
    policy: DisputePolicy = _POLICY,
) -> Dispute:
    """The dispute about what a payer kept back: an open item that an allocation left open.

    The reason is read from the word that the payer or a rule gave for it; `on` is the day from which
    the answer is counted, the day of the deduction where it is None.  Its identity is the item's, so
    that a deduction becomes a dispute once.  Raises `EventError` for an item of another kind, and
    for one that is settled.
    """
    if item.kind is not ItemKind.DEDUCTION or item.open_minor <= 0:
        msg = f"item must be an open deduction, got {item.item} of kind {item.kind.value} with {item.open_amount!r} open"
        raise EventError(msg)
    residual = _residual(ledger, item)
    word = "" if residual is None else residual.reason
    reason = policy.reason_of_deduction(word)
    return Dispute(
        dispute=f"deduction:{item.item}",
        customer=item.customer,
        parts=[DisputedPart(item=item.item, amount=item.open_amount)],
        reason=reason,
        owner=policy.owner_of(reason),
        answer_by=policy.answer_by(reason, opened_on=on or item.posting_date),
        is_deduction=True,
        note=word,
    )


def undisputed_deductions(ledger: Ledger, creditor: str, *, as_of: dt.date) -> tuple[OpenItem, ...]:
    """The deductions that are open at the end of a day and that no dispute has ever named."""
    kinds = (DisputeOpened, DisputeUpdated)
    events = ledger.casework(creditor, as_of=as_of, kinds=kinds)
    named = {item for event in events for item in event.items_named}
    return tuple(
        item
        for item in ledger.open_items(as_of=as_of)
        if item.creditor == creditor and item.kind is ItemKind.DEDUCTION and item.item not in named
    )


def _undecided(ledger: Ledger, creditor: str, dispute: str, on: dt.date) -> DisputeStanding:
    standing = standing_of(ledger, creditor, dispute, as_of=on)
    if standing is None or not standing.is_open:
        found = "none" if standing is None else f"one that was decided on {standing.decided_on}"
        msg = f"dispute {dispute} of {creditor} must be open on {on}, got {found}"
        raise EventError(msg)
    return standing


def _accepted(
    standing: DisputeStanding, outcome: DisputeOutcome, given: tuple[DisputedPart, ...]
) -> tuple[DisputedPart, ...]:
    """The parts that a decision accepts; raises `EventError` where they are not what it says."""
    contested = {part.item: part.amount for part in standing.dispute.parts}
    _check_within(standing, given, contested)
    everything = tuple(standing.dispute.parts)
    is_all = {part.item: part.amount for part in given} == contested
    if outcome in _NOTHING:
        is_right, wanted = not given, "nothing"
    elif outcome is DisputeOutcome.VALID:
        is_right, wanted = not given or is_all, "all that was contested"
    else:
        is_right, wanted = bool(given) and not is_all, "more than nothing and less than all"
    if not is_right:
        parts = [(part.item, str(part.amount)) for part in given]
        msg = (
            f"accepted of {standing.name} must be {wanted} where it is {outcome.value}, got {parts}"
        )
        raise EventError(msg)
    return everything if outcome is DisputeOutcome.VALID else given


def _check_within(
    standing: DisputeStanding, given: Sequence[DisputedPart], contested: Mapping[ItemId, Money]
) -> None:
    names = [part.item for part in given]
    if len(set(names)) != len(names) or not set(names) <= set(contested):
        msg = f"accepted of {standing.name} must name items that are contested, each once, got {names}"
        raise EventError(msg)
    for part in given:
        most = contested[part.item]
        _check_currency(part, most.currency.code)
        if to_minor(part.amount) > to_minor(most):
            msg = f"accepted of {part.item} must be at most the {most!r} contested, got {part.amount!r}"
            raise EventError(msg)


def _check_currency(part: DisputedPart, currency: str) -> None:
    if part.amount.currency.code != currency:
        msg = f"currency of the part of {part.item} must be {currency}, got {part.amount.currency.code}"
        raise CurrencyMismatchError(msg)


def _last_days(ledger: Ledger, creditor: str) -> Mapping[str, dt.date]:
    """The day of the last event of each dispute, whatever is asked for."""
    kinds: tuple[type[CaseEvent], ...] = (DisputeOpened, DisputeUpdated, DisputeResolved)
    events = ledger.casework(creditor, as_of=dt.date.max, kinds=kinds)
    return {event.case: event.effective_on for event in events}


def _escalated(
    standing: DisputeStanding,
    step: EscalationStep,
    *,
    on: dt.date,
    recorded_at: dt.datetime,
    policy: DisputePolicy,
) -> DisputeUpdated:
    late = days_past(standing.answer_by, as_of=on)
    creditor, answer_by = standing.creditor, standing.answer_by
    return DisputeUpdated(
        event=EventId(
            f"dispute-escalated:{creditor}:{standing.name}:{answer_by}:{step.after_days}"
        ),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=creditor,
        dispute=attrs.evolve(standing.dispute, answer_by=answer_by, escalated_to=step.to),
        reason=f"{late} days past {answer_by}, version {policy.version}",
    )


def _open_parts(
    ledger: Ledger, creditor: str, names: Iterable[ItemId], on: dt.date
) -> tuple[DisputedPart, ...]:
    items = (ledger.item(creditor, name, as_of=on) for name in names)
    return tuple(
        DisputedPart(item=item.item, amount=item.open_amount)
        for item in items
        if item is not None and item.open_minor > 0
    )


def _residual(ledger: Ledger, item: OpenItem) -> Residual | None:
    """What was kept back, as the allocation says that opened the item."""
    allocation = item.item.rsplit(":", 2)[0]
    named = ledger.get(f"allocated:{item.creditor}:{allocation}")
    for event in (named, *ledger.events) if named is None else (named,):
        if isinstance(event, Allocated) and event.allocation.creditor == item.creditor:
            for name, residual in event.allocation.owed:
                if name == item.item:
                    return residual
    return None
