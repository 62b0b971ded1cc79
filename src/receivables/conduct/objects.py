"""The question put to the law: may this contact take place, why not, from when, and what is due.

>>> import datetime as dt
>>> from receivables.casework.contacts import ContactNote
>>> from receivables.parties import Customer
>>> debtor = Customer(customer="C-9", name="J. Doe", country="US", is_consumer=True)
>>> spoke = ContactNote(contact="K-1", customer="C-9", channel="phone", outcome="reached",
...                     actor="agency", items=["F-1"])
>>> again = PlannedContact(channel="phone", actor="agency", on=dt.date(2026, 4, 8),
...                        local_time="10:00", items=["F-1"])
>>> said = check(again, history=[LoggedContact(on=dt.date(2026, 4, 6), note=spoke)], customer=debtor,
...              facts=DebtFacts(validation_sent=dt.date(2026, 4, 6)))
>>> print(said)
refused until 2026-04-13 08:00
12 CFR 1006.14(b)(2)(i)(B): conversation about F-1 on 2026-04-06, none for 7 days from that day on (presumed)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from receivables.conduct._counting import in_order
from receivables.conduct._speaking import SPEAKING, Case, Said
from receivables.conduct.contacts import (
    ConductPolicy,
    DebtFacts,
    LoggedContact,
    PlannedContact,
)
from receivables.conduct.loading import packs_for
from receivables.conduct.model import ConductPack, ConductRule, RuleEffect
from receivables.conduct.verdicts import Duty, LocalMoment, Proof, Reason, Verdict
from receivables.days import BusinessCalendar
from receivables.errors import DocumentError, PolicyError
from receivables.interest.model import Debtor
from receivables.interest.rates import SourceStatus
from receivables.parties import Customer

__all__ = ["check"]

_UNSAID: Final = SourceStatus.NOT_FOUND
_STEPS_MAX: Final = 1_000
"""Moments that the search for an allowed one looks at; each is later than the one before."""


def check(
    planned: PlannedContact,
    *,
    history: Iterable[LoggedContact],
    customer: Customer,
    facts: DebtFacts | None = None,
    policy: ConductPolicy | None = None,
) -> Verdict:
    """Ask every rule that concerns a contact; the answer depends on the arguments alone.

    `history` is the log of the customer without what was withdrawn (`logged_contacts`); what is
    later than the contact is left out.  The rules are those of the customer's place, or the packs
    of the policy; whom they protect is said by `customer.is_consumer`.

    Raises `DocumentError` for a note of another customer, and `PolicyError` where a rule is set
    aside that no pack has.
    """
    known = tuple(history)
    _check_customer(known, customer)
    asked = policy or ConductPolicy()
    packs = packs_for(customer) if asked.packs is None else asked.packs
    _check_set_aside(planned, packs)
    case = Case(
        planned=planned,
        notes=in_order(known, planned=planned),
        facts=facts or DebtFacts(),
        policy=asked,
        debtor=Debtor.CONSUMER if customer.is_consumer else Debtor.BUSINESS,
        at=LocalMoment(planned.on, planned.local_time),
    )
    return _verdict(case, packs, customer)


def _check_customer(history: Iterable[LoggedContact], customer: Customer) -> None:
    for one in history:
        if one.note.customer != customer.customer:
            msg = f"history must be of customer {customer.customer}, got contact {one.note.contact} of {one.note.customer}"
            raise DocumentError(msg)


def _check_set_aside(planned: PlannedContact, packs: Iterable[ConductPack]) -> None:
    known = {rule.id for one in packs for rule in one.rules}
    if unknown := sorted(planned.set_aside.keys() - known):
        msg = f"set_aside must name rules of the packs, got {', '.join(unknown)}"
        raise PolicyError(msg)


def _concerned(
    case: Case, packs: Iterable[ConductPack]
) -> Iterator[tuple[ConductPack, ConductRule]]:
    planned = case.planned
    for one in packs:
        for rule in one.rules:
            binds = rule.binds(planned.actor, debtor=case.debtor, channel=planned.channel)
            if binds and planned.purpose not in rule.except_for:
                yield one, rule


def _verdict(case: Case, packs: tuple[ConductPack, ...], customer: Customer) -> Verdict:
    concerned = tuple(_concerned(case, packs))
    said = [
        (one, rule, spoken)
        for one, rule in concerned
        if (spoken := SPEAKING[rule.kind](rule, case)) is not None
    ]
    reasons = (
        *(_reason(one, rule, spoken, case) for one, rule, spoken in said if spoken.text),
        *_gaps(case, packs, customer, [rule for _, rule in concerned]),
    )
    allowed = not any(reason.refuses for reason in reasons)
    return Verdict(
        allowed=allowed,
        reasons=reasons,
        until=None if allowed else _until(case, [rule for _, rule in concerned]),
        duties=tuple(_duty(one, rule, spoken) for one, rule, spoken in said if spoken.duty),
        proof=Proof(
            customer=customer.customer,
            planned=case.planned,
            facts=case.facts,
            is_consumer=customer.is_consumer,
            packs={one.name: one.version for one in packs},
            calendar=_calendar_kept(case),
            saturdays=case.policy.saturdays,
            asked=tuple(rule.id for _, rule in concerned),
            evidence=tuple(seen for _, _, spoken in said for seen in spoken.evidence),
        ),
    )


def _calendar_kept(case: Case) -> BusinessCalendar | None:
    """The calendar with the holidays of the years that could matter, and not of a century."""
    calendar = case.policy.calendar
    if calendar is None:
        return None
    year = case.planned.on.year
    near = frozenset(day for day in calendar.holidays if abs(day.year - year) <= 1)
    return BusinessCalendar(holidays=near, weekend=calendar.weekend)  # type: ignore[arg-type]  # converted


def _reason(one: ConductPack, rule: ConductRule, said: Said, case: Case) -> Reason:
    return Reason(
        rule=rule.id,
        pack=one.name,
        article=rule.article,
        effect=rule.effect,
        status=rule.status,
        text=said.text,
        until=_without_time(said.until, case),
        set_aside=case.planned.set_aside.get(rule.id, ""),
    )


def _duty(one: ConductPack, rule: ConductRule, said: Said) -> Duty:
    return Duty(
        rule=rule.id,
        pack=one.name,
        article=rule.article,
        status=rule.status,
        mention=rule.mention or rule.kind.value,
        text=said.duty,
        by=said.by,
    )


def _gaps(
    case: Case,
    packs: Iterable[ConductPack],
    customer: Customer,
    concerned: Iterable[ConductRule],
) -> Iterator[Reason]:
    """What could not be asked: a place without rules, holidays that nobody gave."""
    if not any(one.country for one in packs):
        place = customer.country or customer.address.country or "no country"
        yield _gap("conduct.no-pack", f"no pack of a place was asked ({place})")
    if case.policy.calendar is None and any(not rule.open_on_holidays for rule in concerned):
        yield _gap("conduct.no-holidays", "no holidays were given, and a rule depends on them")


def _gap(name: str, text: str) -> Reason:
    return Reason(
        rule=name,
        pack="",
        article="",
        effect=RuleEffect.NOTED,
        status=_UNSAID,
        text=text,
    )


def _until(case: Case, concerned: Iterable[ConductRule]) -> LocalMoment | None:
    """The first moment at which no rule refuses: each refusal that time ends is waited for."""
    asked = [
        rule for rule in concerned if rule.effect.refuses and rule.id not in case.planned.set_aside
    ]
    moved = case
    for _ in range(_STEPS_MAX):
        refused = [
            said for rule in asked if (said := SPEAKING[rule.kind](rule, moved)) and said.text
        ]
        if not refused:
            return moved.at
        later = _latest(refused, case)
        if later is None:
            return None
        moved = attrs.evolve(case, at=later)
    return None


def _latest(refused: Iterable[Said], case: Case) -> LocalMoment | None:
    moments = [_without_time(said.until, case) for said in refused]
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


def _without_time(moment: LocalMoment | None, case: Case) -> LocalMoment | None:
    """A whole day where a whole day was asked."""
    if moment is None or case.planned.local_time:
        return moment
    return LocalMoment(moment.on)
