"""Write-offs made: proposed from the ledger, asked for, agreed to, booked, undone.

Every event has the identity of what happened, so that whoever says it twice says it once.

>>> from receivables.testing.builders import issued, recorded
>>> ledger, day = Ledger().record(issued()), dt.date(2026, 12, 1)
>>> asked = propose_write_off(ledger, write_off="W-1", creditor="MIRA", customer="C-017",
...                           reason="untraceable", by="A. Ito", as_of=day)
>>> [(part.item, part.amount) for part in asked.parts]
[('FA-1', Money('100.00', 'EUR'))]
>>> write_off_requested(asked, creditor="MIRA", on=day, recorded_at=recorded(1)).event
'write-off-requested:MIRA:W-1'
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.casework import (
    Holdback,
    WriteOffOutcome,
    WriteOffReason,
    WriteOffRequest,
    WrittenOffPart,
)
from receivables.collection.holding import held_on
from receivables.conduct import LegalDeadline
from receivables.days import check_day
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import CurrencyMismatchError, EventError
from receivables.ledger.credit import WriteOffDecided, WriteOffRequested
from receivables.ledger.model import Allocated, EventId, Unallocated
from receivables.ledger.objects import Ledger
from receivables.money import Money, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId
from receivables.writeoffs._booked import WRITE_OFF, Booking, bookings_of, tax_evidence
from receivables.writeoffs.efforts import efforts, efforts_missing
from receivables.writeoffs.model import HeldPart, MissingEffort, WriteOffPolicy, WriteOffState
from receivables.writeoffs.objects import STANDARD, write_off_standing
from receivables.writeoffs.reliefs import TaxRelief

__all__ = [
    "book_write_off",
    "propose_write_off",
    "reverse_write_off",
    "write_off_approved",
    "write_off_refused",
    "write_off_requested",
    "write_off_withdrawn",
]

_WHOLE_CUSTOMER: Final = frozenset(
    {WriteOffReason.INSOLVENCY, WriteOffReason.DECEASED, WriteOffReason.FRAUD}
)
"""Reasons that are of the customer, so that what is not yet due is given up as well."""


def propose_write_off(  # noqa: PLR0913  # a request says all of this, and each has its name
    ledger: Ledger,
    *,
    write_off: str,
    creditor: str,
    customer: str,
    reason: WriteOffReason | str,
    as_of: dt.date,
    items: Iterable[str] | None = None,
    amounts: Mapping[str, Money] | None = None,
    policy: WriteOffPolicy = STANDARD,
    proof: str = "",
    by: str = "",
    note: str = "",
    deadlines: Iterable[LegalDeadline] = (),
) -> WriteOffRequest:
    """The request to give up what is open of a customer on a day, with the efforts that were made.

    Without `items` it is about every debit that is past due or undated, and about what is not due
    either where the reason is the customer's (insolvency, death, fraud).  `amounts` give up a part
    of an item.  What something holds back is treated as the policy says, by the reason of the hold.

    Raises `EventError` for a reason that the policy does not know, an item that has nothing open, a
    part above what is open, or where nothing is left to give up.
    """
    why = WriteOffReason(reason)
    if why not in policy.reasons:
        known = ", ".join(sorted(one.value for one in policy.reasons))
        msg = f"reason of write-off {write_off} must be one of {known}, got {why.value}"
        raise EventError(msg)
    parts = _proposed(
        ledger, creditor, customer, why, as_of, policy, _wanted(items, amounts), amounts
    )
    if not parts:
        msg = (
            f"write-off {write_off} must have something open of {customer} on {as_of}, got nothing"
        )
        raise EventError(msg)
    made = efforts(
        ledger,
        creditor,
        customer,
        items=(part.item for part in parts),
        as_of=as_of,
        deadlines=deadlines,
    )
    texts = tuple(effort.text for effort in made)
    return WriteOffRequest(
        write_off=write_off,
        customer=CustomerId(customer),
        parts=parts,
        reason=why,
        efforts=texts,
        proof=proof,
        policy=policy.label,
        by=by,
        note=note,
    )


def _proposed(
    ledger: Ledger,
    creditor: str,
    customer: str,
    why: WriteOffReason,
    as_of: dt.date,
    policy: WriteOffPolicy,
    wanted: set[str] | None,
    amounts: Mapping[str, Money] | None,
) -> list[WrittenOffPart]:
    """The parts of a request: the items that are wanted, or those that the reason is about."""
    free = _free(ledger, creditor, customer, as_of=as_of, policy=policy, wanted=wanted)
    return [
        _part(item, minor, amounts or {})
        for item, minor in free
        if wanted is not None
        or why in _WHOLE_CUSTOMER
        or item.due_date is None
        or item.due_date < as_of
    ]


def _wanted(items: Iterable[str] | None, amounts: Mapping[str, Money] | None) -> set[str] | None:
    """The items that are named, either way; None where none are."""
    if items is None and amounts is None:
        return None
    return set(items or ()) | set(amounts or ())


def _part(item: OpenItem, free_minor: int, amounts: Mapping[str, Money]) -> WrittenOffPart:
    amount = amounts.get(item.item)
    if amount is None:
        return WrittenOffPart(item=item.item, amount=from_minor(free_minor, item.currency))
    if amount.currency.code != item.currency:
        msg = f"amount of {item.item} must be in {item.currency}, got {amount!r}"
        raise CurrencyMismatchError(msg)
    if not 0 < to_minor(amount) <= free_minor:
        most = from_minor(free_minor, item.currency)
        msg = f"amount of {item.item} must be above zero and at most {most!r}, got {amount!r}"
        raise EventError(msg)
    return WrittenOffPart(item=item.item, amount=amount)


def _free(
    ledger: Ledger,
    creditor: str,
    customer: str,
    *,
    as_of: dt.date,
    policy: WriteOffPolicy,
    wanted: set[str] | None,
) -> list[tuple[OpenItem, int]]:
    """The debits of a customer with what may be given up of each; all that are wanted, or refused.

    What may be given up is open on the day and on every later one that the ledger knows.
    """
    check_day(as_of, name="as_of")
    every = [
        item
        for item in ledger.available_items(as_of=as_of)
        if (item.creditor, item.customer) == (creditor, customer) and item.open_minor > 0
    ]
    chosen = [item for item in every if wanted is None or item.item in wanted]
    if wanted is not None and (unknown := sorted(wanted - {item.item for item in chosen})):
        msg = f"items must be open debits of {customer} on {as_of} that nobody holds, got {', '.join(unknown)}"
        raise EventError(msg)
    holds: dict[ItemId, list[Holdback]] = {}
    for hold in held_on(ledger, creditor, every, as_of=as_of):
        holds.setdefault(hold.item, []).append(hold)
    found = [(item, _free_part(item, holds.get(item.item, ()), policy, as_of)) for item in chosen]
    if wanted is not None and (held := [item for item, minor in found if minor <= 0]):
        by = ", ".join(hold.reference for hold in holds[held[0].item])
        msg = (
            f"{held[0].item} must have something to give up on {as_of}, got all of it held by {by}"
        )
        raise EventError(msg)
    return [(item, minor) for item, minor in found if minor > 0]


def _free_part(
    item: OpenItem, holds: Iterable[Holdback], policy: WriteOffPolicy, as_of: dt.date
) -> int:
    left = item.open_minor
    for hold in holds:
        if hold.until is not None and hold.until < as_of:
            continue
        treatment = policy.held[hold.reason]
        if treatment is HeldPart.REFUSE:
            msg = f"{item.item} must not be held by a {hold.reason.value} on {as_of}, got {hold.reference}"
            raise EventError(msg)
        if treatment is HeldPart.LEAVE:
            left -= item.open_minor if hold.amount_minor is None else hold.amount_minor
    return max(0, left)


def write_off_requested(
    request: WriteOffRequest, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> WriteOffRequested:
    """The event of a request that somebody made on a day."""
    return WriteOffRequested(
        event=EventId(f"write-off-requested:{creditor}:{request.write_off}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        write_off=request,
    )


def write_off_approved(
    request: WriteOffRequest,
    *,
    creditor: str,
    by: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> WriteOffDecided:
    """The event of somebody's agreement; its identity is that of the request and the person."""
    return _decided(request, WriteOffOutcome.APPROVED, creditor, by, on, recorded_at, reason)


def write_off_refused(
    request: WriteOffRequest,
    *,
    creditor: str,
    by: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> WriteOffDecided:
    """The event of a refusal, which ends the request."""
    return _decided(request, WriteOffOutcome.REFUSED, creditor, by, on, recorded_at, reason)


def write_off_withdrawn(
    request: WriteOffRequest,
    *,
    creditor: str,
    by: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> WriteOffDecided:
    """The event of a withdrawal, which ends the request."""
    return _decided(request, WriteOffOutcome.WITHDRAWN, creditor, by, on, recorded_at, reason)


def _decided(
    request: WriteOffRequest,
    outcome: WriteOffOutcome,
    creditor: str,
    by: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str,
) -> WriteOffDecided:
    if not by.strip():
        msg = f"by of the decision on {request.write_off} must be named, got an empty text"
        raise EventError(msg)
    return WriteOffDecided(
        event=EventId(f"write-off-{outcome.value}:{creditor}:{request.write_off}:{by}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=request.customer,
        write_off=request.write_off,
        outcome=outcome,
        by=by,
        reason=reason,
    )


def book_write_off(  # noqa: PLR0913  # what a booking rests on, each by its name
    ledger: Ledger,
    write_off: str,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    policy: WriteOffPolicy = STANDARD,
    relief: Iterable[TaxRelief] = (),
    despite: str = "",
    deadlines: Iterable[LegalDeadline] = (),
) -> tuple[Allocated, ...]:
    """The allocations that give up what a request names, one per item, once enough people agreed.

    Of each item it takes what was asked for, and no more than is open then and on every later day
    that the ledger knows; an item that was paid since is left out, and so is one that is booked
    already.  `relief` says which tax comes back (`tax_relief`); of a relief that lacks a condition
    nothing is taken.  `despite` says why it is booked although an effort is missing, and is kept.

    Raises `EventError` for a request that is unknown or not agreed to, for efforts that are missing
    and nobody explains, for a relief of another amount, and where nothing is left to book.
    """
    standing = write_off_standing(ledger, creditor, write_off, as_of=on, policy=policy)
    if standing is None or standing.state in _NOT_AGREED:
        found = "none" if standing is None else f"one that is {standing.state.value}"
        waits = "" if standing is None else _waits(standing.waiting_for)
        msg = f"write-off {write_off} must be agreed to by {on}, got {found}{waits}"
        raise EventError(msg)
    request = standing.request
    lacking = efforts_missing(
        ledger, request, creditor=creditor, as_of=on, policy=policy, deadlines=deadlines
    )
    if lacking and not despite.strip():
        msg = f"efforts of write-off {write_off} must be made or explained by despite, got {_lack(lacking)}"
        raise EventError(msg)
    amounts = _bookable(ledger, request, creditor, on, policy)
    back = _taxes_by_item(relief, amounts)
    evidence = [(WRITE_OFF, write_off), ("policy", request.policy or policy.label)]
    if despite.strip():
        evidence.append(("despite", despite))
    return tuple(
        ledger.allocated(
            _allocation(part, minor, back.get(part.item, {}), creditor, request, evidence),
            effective_on=on,
            recorded_at=recorded_at,
        )
        for part, minor in amounts.values()
    )


_NOT_AGREED: Final = {WriteOffState.WAITING, WriteOffState.REFUSED, WriteOffState.WITHDRAWN}


def _waits(roles: Iterable[str]) -> str:
    named = ", ".join(roles)
    return f" for {named}" if named else ""


def _lack(lacking: Iterable[MissingEffort]) -> str:
    return ", ".join(f"{one.found} of {one.needed} {one.what}" for one in lacking)


def _bookable(
    ledger: Ledger,
    request: WriteOffRequest,
    creditor: str,
    on: dt.date,
    policy: WriteOffPolicy,
) -> dict[ItemId, tuple[WrittenOffPart, int]]:
    """What may be booked of each part of a request; raises `EventError` where there is nothing."""
    every = _free(ledger, creditor, request.customer, as_of=on, policy=policy, wanted=None)
    free = {item.item: minor for item, minor in every}
    known = {
        allocation.allocation.allocation
        for part in request.parts
        for allocation in _ever_allocated(ledger, creditor, request, part)
    }
    found = {
        part.item: (part, min(to_minor(part.amount), free[part.item]))
        for part in request.parts
        if part.item in free and _name(request, part.item) not in known
    }
    if not found:
        msg = f"write-off {request.write_off} must have something left to book on {on}, got nothing open that is not booked"
        raise EventError(msg)
    return found


def _name(request: WriteOffRequest, item: str) -> str:
    return f"write-off:{request.write_off}:{item}"


def _ever_allocated(
    ledger: Ledger, creditor: str, request: WriteOffRequest, part: WrittenOffPart
) -> Iterator[Allocated]:
    """The booking of a part, undone or not: what was undone is asked for anew."""
    event = ledger.get(f"allocated:{creditor}:{_name(request, part.item)}")
    if isinstance(event, Allocated):
        yield event


def _taxes_by_item(
    relief: Iterable[TaxRelief], amounts: Mapping[ItemId, tuple[WrittenOffPart, int]]
) -> dict[ItemId, dict[str, int]]:
    """The tax that comes back by item and code."""
    found: dict[ItemId, dict[str, int]] = {}
    for one in relief:
        if one.item not in amounts:
            continue
        booked = amounts[one.item][1]
        if one.unpaid_minor != booked:
            msg = f"relief of {one.item} must be of the {booked} that is booked, got one of {one.unpaid_minor}"
            raise EventError(msg)
        of_item = found.setdefault(one.item, {})
        of_item[one.code] = of_item.get(one.code, 0) + one.claimable_minor
    return found


def _allocation(
    part: WrittenOffPart,
    minor: int,
    taxes: Mapping[str, int],
    creditor: str,
    request: WriteOffRequest,
    evidence: Iterable[tuple[str, str]],
) -> Allocation:
    return Allocation(
        allocation=_name(request, part.item),
        creditor=CreditorId(creditor),
        currency=part.amount.currency.code,
        legs=[Leg(part.item, minor)],
        residuals=[
            Residual(
                ResidualKind.WRITE_OFF,
                minor,
                tax_minor=sum(taxes.values()),
                item=part.item,
                reason=request.reason.value,
            )
        ],
        reason=request.note or f"write-off {request.write_off}",
        evidence=[*evidence, *tax_evidence(part.item, taxes)],
    )


def reverse_write_off(
    ledger: Ledger,
    write_off: str,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
    items: Iterable[str] | None = None,
) -> tuple[Unallocated, ...]:
    """The events that undo what a request gave up, of all its items or of some.

    The tax that came back is due again with them.  Raises `EventError` where nothing of it is
    booked, and for an item of which something came in afterwards: undo the recovery first.
    """
    wanted = None if items is None else set(items)
    losses = bookings_of(ledger, creditor, on, None)
    # What was undone or recovered on a later day counts as well: an undo today must not collide.
    later = bookings_of(ledger, creditor, dt.date.max, None)
    alive = {one.allocation: one for one in later.bookings if not one.is_undone}
    chosen: list[Booking] = [
        attrs.evolve(alive[one.allocation])
        for one in losses.bookings
        if one.write_off == write_off
        and one.allocation in alive
        and (wanted is None or one.item in wanted)
    ]
    if not chosen or (wanted is not None and wanted != {one.item for one in chosen}):
        msg = f"write-off {write_off} must have something booked to undo on {on}, got {sorted(one.item for one in chosen)}"
        raise EventError(msg)
    for one in chosen:
        if one.recovered_minor:
            msg = f"{one.item} must have no recovery before its write-off is undone, got {one.recovered_minor}"
            raise EventError(msg)
    return tuple(
        ledger.unallocated(
            creditor, one.allocation, effective_on=on, recorded_at=recorded_at, reason=reason
        )
        for one in chosen
    )
