"""Where write-offs stand on a day: who agreed, who has to, what was booked, undone and recovered.

>>> from receivables.casework import WrittenOffPart
>>> from receivables.money import money
>>> from receivables.testing.builders import issued, recorded
>>> from receivables.writeoffs.recording import write_off_approved, write_off_requested
>>> asked = WriteOffRequest(write_off="W-1", customer="C-017", reason="untraceable", by="A. Ito",
...                         parts=[WrittenOffPart(item="FA-1", amount=money("100.00", "EUR"))])
>>> day = dt.date(2026, 12, 1)
>>> ledger = Ledger().record(
...     issued(), write_off_requested(asked, creditor="MIRA", on=day, recorded_at=recorded(1)))
>>> [(one.state.value, one.waiting_for) for one in write_off_standings(ledger, "MIRA", as_of=day)]
[('waiting', ('head of credit',))]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from receivables.casework import WriteOffOutcome, WriteOffRequest
from receivables.days import check_day
from receivables.ledger.casework import CaseEvent
from receivables.ledger.credit import WriteOffDecided, WriteOffRequested
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId
from receivables.writeoffs._amounts import requested_minor, same_name
from receivables.writeoffs._booked import Booking, bookings_of, written_off_of
from receivables.writeoffs.model import (
    Approval,
    Recovery,
    WriteOffPolicy,
    WriteOffStanding,
    WriteOffState,
    WrittenOff,
)

__all__ = ["STANDARD", "recoveries", "write_off_standing", "write_off_standings", "written_off"]

STANDARD: Final = WriteOffPolicy()
"""The policy that holds where a house has none of its own."""

_ENDS: Final = {
    WriteOffOutcome.REFUSED: WriteOffState.REFUSED,
    WriteOffOutcome.WITHDRAWN: WriteOffState.WITHDRAWN,
}


def write_off_standings(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: WriteOffPolicy = STANDARD,
) -> tuple[WriteOffStanding, ...]:
    """Every request of a creditor as it stands at the end of a day, by the day it was made.

    Who has to agree is what `policy` says of what was asked for.  A refusal or a withdrawal ends a
    request: what is said afterwards counts for nothing, and whoever wants it asks anew.
    """
    check_day(as_of, name="as_of")
    kinds = (WriteOffRequested, WriteOffDecided)
    cases: dict[str, list[CaseEvent]] = {}
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds):
        cases.setdefault(event.case, []).append(event)
    if not cases:
        return ()
    booked: dict[str, list[Booking]] = {}
    for booking in bookings_of(ledger, creditor, as_of, known_at).bookings:
        booked.setdefault(booking.write_off, []).append(booking)
    found = [
        _standing(events, policy, written_off_of(ledger, booked.get(name, ()), as_of=as_of))
        for name, events in cases.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.requested_on, one.name)))


def write_off_standing(
    ledger: Ledger,
    creditor: str,
    write_off: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: WriteOffPolicy = STANDARD,
) -> WriteOffStanding | None:
    """One request as it stands at the end of a day; None where it was not made by then."""
    every = write_off_standings(ledger, creditor, as_of=as_of, known_at=known_at, policy=policy)
    return next((one for one in every if one.name == write_off), None)


def written_off(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[WrittenOff, ...]:
    """Every item of which something was ever written off by the end of a day, requested or not."""
    check_day(as_of, name="as_of")
    losses = bookings_of(ledger, creditor, as_of, known_at)
    return written_off_of(ledger, losses.bookings, as_of=as_of)


def recoveries(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[Recovery, ...]:
    """What came in by the end of a day for claims that had been written off, the earliest first."""
    check_day(as_of, name="as_of")
    found = bookings_of(ledger, creditor, as_of, known_at).recoveries
    return tuple(sorted(found, key=lambda one: (one.on, one.receipt, one.item)))


@attrs.define
class _Count:
    """The agreements of a request, counted one by one against the roles that have to agree."""

    request: WriteOffRequest
    policy: WriteOffPolicy
    slots: list[str]
    taken: dict[int, str] = attrs.field(factory=dict)
    """Who stands for which slot."""
    approvals: list[Approval] = attrs.field(factory=list)
    state: WriteOffState = WriteOffState.WAITING
    decided_on: dt.date | None = None
    decided_by: str = ""

    def decide(self, event: WriteOffDecided) -> None:
        """Take one decision in."""
        if self.state in _ENDS.values():
            self._ignore(event, f"{self.state.value} before")
        elif event.outcome in _ENDS:
            self._close(_ENDS[event.outcome], event)
        elif problem := self._problem(event.by):
            self._ignore(event, problem)
        elif not self._place(same_name(event.by), set()):
            able = any(self.policy.may_agree(event.by, role) for role in self.slots)
            self._ignore(event, "more than needed" if able else "no role")
        else:
            self.approvals.append(Approval(by=event.by, on=event.effective_on))
            if len(self.taken) == len(self.slots):
                self._close(WriteOffState.APPROVED, event)

    def _close(self, state: WriteOffState, event: WriteOffDecided) -> None:
        self.state, self.decided_on, self.decided_by = state, event.effective_on, event.by

    def _ignore(self, event: WriteOffDecided, why: str) -> None:
        if event.outcome is WriteOffOutcome.APPROVED:
            self.approvals.append(Approval(by=event.by, on=event.effective_on, ignored=why))

    def _problem(self, by: str) -> str:
        """Why a person's agreement cannot count, or nothing."""
        person, asker = same_name(by), same_name(self.request.by)
        if not person:
            return "nobody named"
        if self.policy.four_eyes and not asker:
            return "nobody says who asked"
        if self.policy.four_eyes and person == asker:
            return "asked for it"
        return "agreed before" if person in self.taken.values() else ""

    def _place(self, person: str, tried: set[int]) -> bool:
        """Find a slot for a person, moving others to slots that they can take as well."""
        for slot, role in enumerate(self.slots):
            if slot in tried or not self.policy.may_agree(person, role):
                continue
            tried.add(slot)
            if slot not in self.taken or self._place(self.taken[slot], tried):
                self.taken[slot] = person
                return True
        return False

    def with_roles(self) -> tuple[Approval, ...]:
        """The agreements, each with the role that it counts in."""
        roles = {person: self.slots[slot] for slot, person in self.taken.items()}
        return tuple(
            one if one.ignored else attrs.evolve(one, role=roles[same_name(one.by)])
            for one in self.approvals
        )

    def waiting_for(self) -> tuple[str, ...]:
        """A role for each agreement that is missing; of a request that has ended, none."""
        if self.state is not WriteOffState.WAITING:
            return ()
        return tuple(role for slot, role in enumerate(self.slots) if slot not in self.taken)


def _standing(
    events: Sequence[CaseEvent], policy: WriteOffPolicy, items: tuple[WrittenOff, ...]
) -> WriteOffStanding:
    first = events[0]
    assert isinstance(first, WriteOffRequested)  # noqa: S101  # its life cycle begins with it
    count = _Count(first.write_off, policy, _slots(policy, first.write_off))
    if not count.slots:
        count.state, count.decided_on = WriteOffState.APPROVED, first.effective_on
    for event in events[1:]:
        if isinstance(event, WriteOffDecided):
            count.decide(event)
    return WriteOffStanding(
        creditor=CreditorId(first.creditor),
        request=first.write_off,
        requested_on=first.effective_on,
        state=_state(count.state, items),
        approvals=count.with_roles(),
        waiting_for=count.waiting_for(),
        decided_on=count.decided_on,
        decided_by=count.decided_by,
        items=items,
    )


def _slots(policy: WriteOffPolicy, request: WriteOffRequest) -> list[str]:
    levels = policy.levels_for(requested_minor(request))
    return [level.role for level in levels for _ in range(level.count)]


def _state(decided: WriteOffState, items: Iterable[WrittenOff]) -> WriteOffState:
    booked = [item for item in items if item.booked_minor]
    if not booked:
        return decided
    is_left = any(item.booked_minor > item.reversed_minor for item in booked)
    return WriteOffState.BOOKED if is_left else WriteOffState.REVERSED
