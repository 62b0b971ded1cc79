"""Where disputes stand on a day, what they hold back, and what that changes elsewhere.

>>> from receivables.casework import Dispute, DisputedPart
>>> from receivables.disputes.recording import dispute_opened
>>> from receivables.ledger import Ledger
>>> from receivables.money import money
>>> from receivables.testing.builders import an_invoice, issued, recorded
>>> case = Dispute(dispute="D-1", customer="C-017", reason="quality", owner="quality",
...                parts=[DisputedPart(item="FA-1", amount=money("30.00", "EUR"))])
>>> ledger = Ledger().record(
...     issued(an_invoice()),
...     dispute_opened(case, creditor="MIRA", on=dt.date(2026, 11, 2), recorded_at=recorded(1)),
... )
>>> [(one.item, one.amount_minor) for one in holdbacks(ledger, "MIRA", as_of=dt.date(2026, 11, 3))]
[('FA-1', 3000)]
>>> holdbacks(ledger, "MIRA", as_of=dt.date(2026, 11, 1))
()
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from receivables.aging.model import AgingScheme
from receivables.aging.objects import age
from receivables.casework import Dispute, DisputedPart, Holdback, HoldReason
from receivables.days import check_day, days_past
from receivables.disputes import rules
from receivables.disputes.model import (
    ContestedPart,
    DisputedAging,
    DisputeEffect,
    DisputePolicy,
    DisputeStanding,
    DisputeState,
    EscalationStep,
)
from receivables.documents.model import OpenItem
from receivables.ledger.casework import (
    CaseEvent,
    DisputeOpened,
    DisputeResolved,
    DisputeUpdated,
)
from receivables.ledger.objects import Ledger
from receivables.money import to_minor
from receivables.parties import CreditorId

__all__ = [
    "age_disputed",
    "allowance_effect",
    "exposure_effect",
    "holdbacks",
    "open_disputes",
    "split_disputed",
    "standing_of",
    "standings",
    "to_columns",
]

_POLICY: Final = DisputePolicy()
_EVENTS: Final = (DisputeOpened, DisputeUpdated, DisputeResolved)

_Key: TypeAlias = tuple[str, str]
"""A dispute and an item."""


def standings(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: DisputePolicy = _POLICY,
) -> tuple[DisputeStanding, ...]:
    """Every dispute of a creditor at the end of a day, as known at a moment, the earliest first."""
    check_day(as_of, name="as_of")
    cases = _cases(ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=_EVENTS))
    items = _items(ledger, creditor, cases, as_of, known_at)
    held = _held(cases, items)
    return tuple(
        _standing(
            case, creditor=creditor, as_of=as_of, policy=policy, parts=_parts(case, items, held)
        )
        for case in cases
    )


def open_disputes(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: DisputePolicy = _POLICY,
) -> tuple[DisputeStanding, ...]:
    """The disputes that nobody had decided at the end of a day, the earliest first."""
    found = standings(ledger, creditor, as_of=as_of, known_at=known_at, policy=policy)
    return tuple(standing for standing in found if standing.is_open)


def standing_of(
    ledger: Ledger,
    creditor: str,
    dispute: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: DisputePolicy = _POLICY,
) -> DisputeStanding | None:
    """Where one dispute stands; None before it was opened."""
    found = standings(ledger, creditor, as_of=as_of, known_at=known_at, policy=policy)
    return next((standing for standing in found if standing.name == dispute), None)


def holdbacks(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[Holdback, ...]:
    """What open disputes keep from being asked for: of each item its contested part, no more.

    A dispute that contests all that is open of an item holds it whole.  Disputes of one item add
    up, the earliest first, and never to more than is open; one that finds nothing left holds nothing.
    """
    return tuple(
        Holdback(
            creditor=standing.creditor,
            item=part.item,
            reason=HoldReason.DISPUTE,
            reference=standing.name,
            amount_minor=None if part.is_whole else part.held_minor,
            note=standing.dispute.reason.value,
        )
        for standing in standings(ledger, creditor, as_of=as_of, known_at=known_at)
        for part in standing.parts
        if part.held_minor
    )


def split_disputed(
    items: Iterable[OpenItem], standings: Iterable[DisputeStanding]
) -> tuple[tuple[OpenItem, ...], tuple[OpenItem, ...]]:
    """The clear and the disputed part of each open item, as open items of their own.

    For each item the open amounts of the two add up to that of the whole; a part of nothing is left
    out, and credits are clear.
    """
    stated = _stated(standings)
    clear: list[OpenItem] = []
    disputed: list[OpenItem] = []
    for item in items:
        contested = rules.contested_part(
            stated.get((item.creditor, item.item), 0), open_minor=item.open_minor
        )
        rest = rules.clear_part(item.open_minor, disputed_minor=contested)
        if rest:
            clear.append(_with_open(item, rest))
        if contested:
            disputed.append(_with_open(item, contested))
    return tuple(clear), tuple(disputed)


def age_disputed(
    items: Iterable[OpenItem],
    standings: Iterable[DisputeStanding],
    *,
    scheme: AgingScheme,
    as_of: dt.date,
) -> DisputedAging:
    """Age open items with what is disputed of them apart; raises what `receivables.aging.age` does."""
    given = tuple(items)
    clear, disputed = split_disputed(given, standings)
    return DisputedAging(
        whole=age(given, scheme=scheme, as_of=as_of),
        clear=age(clear, scheme=scheme, as_of=as_of),
        disputed=age(disputed, scheme=scheme, as_of=as_of),
    )


def exposure_effect(
    items: Iterable[OpenItem],
    standings: Iterable[DisputeStanding],
    *,
    policy: DisputePolicy = _POLICY,
) -> tuple[DisputeEffect, ...]:
    """What disputes change in the exposure to each customer, by currency."""
    return _effects(items, standings, counts=policy.counts_in_exposure)


def allowance_effect(
    items: Iterable[OpenItem],
    standings: Iterable[DisputeStanding],
    *,
    policy: DisputePolicy = _POLICY,
) -> tuple[DisputeEffect, ...]:
    """What disputes change in what an allowance is reckoned on, by customer and currency.

    A contested amount may be lost because it was never owed, which is no credit loss: a policy that
    expects credit notes apart leaves it out here.
    """
    return _effects(items, standings, counts=policy.counts_in_allowance)


def to_columns(standings: Iterable[DisputeStanding]) -> Mapping[str, list[Any]]:
    """The contested parts as columns, one row each, for the shell over data frames.

    Decided disputes have rows too, with nothing contested.
    """
    rows = [(standing, part) for standing in standings for part in standing.parts]
    return {
        "creditor": [str(standing.creditor) for standing, _ in rows],
        "dispute": [standing.name for standing, _ in rows],
        "customer": [str(standing.customer) for standing, _ in rows],
        "item": [str(part.item) for _, part in rows],
        "currency": [part.currency for _, part in rows],
        "contested_minor": [
            part.stated_minor if standing.is_open else 0 for standing, part in rows
        ],
        "opened_on": [standing.opened_on for standing, _ in rows],
        "answer_by": [standing.answer_by for standing, _ in rows],
        "owner": [standing.dispute.owner.value for standing, _ in rows],
        "reason": [standing.dispute.reason.value for standing, _ in rows],
    }


@attrs.frozen
class _Case:
    """The events of one dispute up to a day."""

    events: tuple[CaseEvent, ...]
    dispute: Dispute
    decision: DisputeResolved | None

    @property
    def opened_on(self) -> dt.date:
        return self.events[0].effective_on

    @property
    def name(self) -> str:
        return self.dispute.dispute


def _cases(events: Iterable[CaseEvent]) -> list[_Case]:
    """The disputes, the earliest first, and by identity where they were opened on one day."""
    happened: dict[str, list[CaseEvent]] = {}
    for event in events:
        happened.setdefault(event.case, []).append(event)
    return sorted(map(_case, happened.values()), key=lambda case: (case.opened_on, case.name))


def _case(events: Sequence[CaseEvent]) -> _Case:
    said = [one.dispute for one in events if isinstance(one, DisputeOpened | DisputeUpdated)]
    last = events[-1]
    return _Case(tuple(events), said[-1], last if isinstance(last, DisputeResolved) else None)


def _items(
    ledger: Ledger,
    creditor: str,
    cases: Iterable[_Case],
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> Mapping[str, OpenItem]:
    """The items that are contested, as they stood; those that were not there yet are left out."""
    found: dict[str, OpenItem] = {}
    for part in (part for case in cases for part in case.dispute.parts):
        item = ledger.item(creditor, part.item, as_of=as_of, known_at=known_at)
        if item is not None:
            found[part.item] = item
    return found


def _held(cases: Iterable[_Case], items: Mapping[str, OpenItem]) -> Mapping[_Key, int]:
    """What each open dispute holds back of each item, the disputes opened earlier first."""
    by_item: dict[str, list[tuple[str, int]]] = {}
    for case in cases:
        for part in case.dispute.parts if case.decision is None else ():
            by_item.setdefault(part.item, []).append((case.name, to_minor(part.amount)))
    held: dict[_Key, int] = {}
    for item, stated in by_item.items():
        open_minor = items[item].open_minor if item in items else 0
        amounts = rules.held_in_turn([minor for _, minor in stated], open_minor=open_minor)
        for (name, _), amount in zip(stated, amounts, strict=True):
            held[name, item] = amount
    return held


def _parts(
    case: _Case, items: Mapping[str, OpenItem], held: Mapping[_Key, int]
) -> tuple[ContestedPart, ...]:
    return tuple(
        _part(
            part,
            items.get(part.item),
            is_open=case.decision is None,
            held=held.get((case.name, part.item), 0),
        )
        for part in case.dispute.parts
    )


def _part(part: DisputedPart, item: OpenItem | None, *, is_open: bool, held: int) -> ContestedPart:
    stated, open_minor = to_minor(part.amount), 0 if item is None else item.open_minor
    return ContestedPart(
        item=part.item,
        document="" if item is None else item.document,
        currency=part.amount.currency.code,
        stated_minor=stated,
        open_minor=open_minor,
        contested_minor=rules.contested_part(stated, open_minor=open_minor) if is_open else 0,
        held_minor=held,
    )


def _standing(
    case: _Case,
    *,
    creditor: str,
    as_of: dt.date,
    policy: DisputePolicy,
    parts: tuple[ContestedPart, ...],
) -> DisputeStanding:
    dispute, decision = case.dispute, case.decision
    until = as_of if decision is None else decision.effective_on
    answer_by = dispute.answer_by or policy.answer_by(dispute.reason, opened_on=case.opened_on)
    late = rules.days_late(days_past(answer_by, as_of=until))
    steps = policy.steps_for(dispute.owner)
    climbed = _climbed(dispute, steps)
    return DisputeStanding(
        creditor=CreditorId(creditor),
        dispute=dispute,
        opened_on=case.opened_on,
        answer_by=answer_by,
        state=_state(case, is_late=rules.is_late(late)),
        days_open=days_past(case.opened_on, as_of=until),
        days_late=late,
        parts=parts,
        escalation_level=climbed,
        escalation_due=_due(steps, late, climbed=climbed) if decision is None else None,
        decided_on=None if decision is None else decision.effective_on,
        outcome=None if decision is None else decision.outcome,
        accepted=() if decision is None else decision.accepted,
        credit_note="" if decision is None else decision.credit_note,
        history=case.events,
    )


def _state(case: _Case, *, is_late: bool) -> DisputeState:
    if case.decision is not None:
        return DisputeState.DECIDED
    if case.dispute.escalated_to:
        return DisputeState.ESCALATED
    return DisputeState.OVERDUE if is_late else DisputeState.OPEN


def _climbed(dispute: Dispute, steps: Sequence[EscalationStep]) -> int:
    """How many steps are behind a dispute; one that somebody else got by hand has climbed none."""
    names = [step.to for step in steps]
    return names.index(dispute.escalated_to) + 1 if dispute.escalated_to in names else 0


def _due(steps: Sequence[EscalationStep], late: int, *, climbed: int) -> EscalationStep | None:
    reached = rules.steps_reached(late, after_days=[step.after_days for step in steps])
    return steps[reached - 1] if rules.is_escalation_due(reached, climbed=climbed) else None


def _stated(standings: Iterable[DisputeStanding]) -> Mapping[tuple[str, str], int]:
    """What open disputes contest of each item of each creditor, added up."""
    stated: dict[tuple[str, str], int] = {}
    for standing in standings:
        for part in standing.parts if standing.is_open else ():
            key = (str(standing.creditor), str(part.item))
            stated[key] = stated.get(key, 0) + part.stated_minor
    return stated


def _with_open(item: OpenItem, open_minor: int) -> OpenItem:
    return item if item.open_minor == open_minor else attrs.evolve(item, open_minor=open_minor)


def _effects(
    items: Iterable[OpenItem], standings: Iterable[DisputeStanding], *, counts: bool
) -> tuple[DisputeEffect, ...]:
    debits = [item for item in items if item.open_minor > 0]
    _, disputed = split_disputed(debits, standings)
    whole, apart = _by_account(debits), _by_account(disputed)
    return tuple(
        DisputeEffect(
            creditor=key[0],
            customer=key[1],
            currency=key[2],
            open_minor=open_minor,
            disputed_minor=apart.get(key, 0),
            counted_minor=open_minor - (0 if counts else apart.get(key, 0)),
            excluded_minor=0 if counts else apart.get(key, 0),
        )
        for key, open_minor in sorted(whole.items())
    )


def _by_account(items: Iterable[OpenItem]) -> dict[tuple[Any, Any, str], int]:
    totals: dict[tuple[Any, Any, str], int] = {}
    for item in items:
        key = (item.creditor, item.customer, item.currency)
        totals[key] = totals.get(key, 0) + item.open_minor
    return totals
