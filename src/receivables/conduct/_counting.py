"""The workshop: which contacts of the log a rule counts, which are excepted, and by what consent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from receivables.casework.contacts import Actor, ContactOutcome, ContactWish, Direction
from receivables.conduct.contacts import LoggedContact, PlannedContact
from receivables.conduct.model import ConductRule
from receivables.conduct.verdicts import CountedContact, RuleEvidence
from receivables.documents.model import ItemId
from receivables.parties import Channel

__all__ = [
    "Counted",
    "concerns",
    "counted_for",
    "debts_of",
    "in_order",
    "is_conversation",
    "noted",
]

_SPOKEN: Final = (Channel.PHONE, Channel.VISIT)


def in_order(
    history: Iterable[LoggedContact], *, planned: PlannedContact
) -> tuple[LoggedContact, ...]:
    """What had happened by the planned contact, in order; its own note is left out.

    On the day itself a note counts unless both times are known and its time is later.
    """
    known = (
        one
        for one in history
        if one.note.contact != planned.contact and not _is_later(one, planned)
    )
    return tuple(sorted(known, key=lambda one: (one.on, one.note.local_time)))


def _is_later(one: LoggedContact, planned: PlannedContact) -> bool:
    if one.on != planned.on:
        return one.on > planned.on
    times = (one.note.local_time, planned.local_time)
    return all(times) and times[0] > times[1]


def concerns(items: Sequence[ItemId], *, debt: ItemId | str) -> bool:
    """Whether a contact about some items is about a debt; about none named is about all."""
    return not items or not debt or debt in items


def debts_of(planned: PlannedContact, notes: Sequence[LoggedContact]) -> tuple[str, ...]:
    """The debts whose counts have to be looked at: those planned, or all that the log names."""
    named = planned.items or {item for one in notes for item in one.note.items}
    return tuple(sorted(named)) or ("",)


def is_conversation(one: LoggedContact) -> bool:
    """Whether it was a conversation with the customer, whoever began."""
    return one.note.outcome is ContactOutcome.REACHED and one.note.channel in _SPOKEN


@attrs.frozen(kw_only=True)
class Counted:
    """The contacts of one debt that count for a rule, those left out and why, and the consent."""

    debt: str
    counted: tuple[LoggedContact, ...]
    left_out: tuple[tuple[LoggedContact, str], ...]
    conversations: tuple[LoggedContact, ...]
    consent_until: dt.date | None
    """The last day of a consent that is not used up."""

    def evidence(self, rule: ConductRule, *, first: dt.date, last: dt.date) -> RuleEvidence:
        """What lies between two days."""
        return RuleEvidence(
            rule=rule.id,
            debt=self.debt,
            first=first,
            last=last,
            counted=tuple(noted(one) for one in self.counted if first <= one.on <= last),
            left_out=tuple(
                noted(one, left_out=why) for one, why in self.left_out if first <= one.on <= last
            ),
            consent_until=self.consent_until,
        )


def noted(one: LoggedContact, *, left_out: str = "") -> CountedContact:
    """A logged contact as evidence."""
    return CountedContact(
        contact=one.note.contact,
        on=one.on,
        local_time=one.note.local_time,
        channel=one.note.channel.value,
        direction=one.note.direction.value,
        outcome=one.note.outcome.value,
        left_out=left_out,
    )


def counted_for(
    rule: ConductRule, notes: Sequence[LoggedContact], *, debt: str, attorneys: Sequence[str]
) -> Counted:
    """Go through the log once: consent is given, lasts, and ends with a conversation.

    A contact made under a consent is left out of the count, and the conversation that it leads to
    uses the consent up, but counts as a conversation itself (comment 14(b)(3)(i)-3 to 12 CFR 1006).
    """
    counted: list[LoggedContact] = []
    left_out: list[tuple[LoggedContact, str]] = []
    conversations: list[LoggedContact] = []
    consent: dt.date | None = None
    for one in _relevant(rule, notes, debt):
        why = _left_out(rule, one, consent=consent, attorneys=attorneys)
        if why:
            left_out.append((one, why))
        else:
            counted.append(one)
        if _is_conversation_by(rule, one) and one.note.person not in set(attorneys) - {""}:
            conversations.append(one)
            consent = None
        consent = _consent_of(rule, one) or consent
    return Counted(
        debt=debt,
        counted=tuple(counted),
        left_out=tuple(left_out),
        conversations=tuple(conversations),
        consent_until=consent,
    )


def _is_conversation_by(rule: ConductRule, one: LoggedContact) -> bool:
    return is_conversation(one) and (not rule.channels or one.note.channel in rule.channels)


def _relevant(
    rule: ConductRule, notes: Sequence[LoggedContact], debt: str
) -> Iterator[LoggedContact]:
    """The notes of those whom the rule binds, on the channels of the rule or spoken, of a debt."""
    actors = rule.actors or frozenset(Actor)
    for one in notes:
        if one.note.actor not in actors:
            continue
        if rule.is_per_debt and not concerns(one.note.items, debt=debt):
            continue
        if not rule.channels or one.note.channel in rule.channels or _consent_of(rule, one):
            yield one


def _consent_of(rule: ConductRule, one: LoggedContact) -> dt.date | None:
    """The last day of the consent that a note records (12 CFR 1006.14(b)(3)(i): seven at most)."""
    until = one.note.consent_until
    if ContactWish.CALL_BACK not in one.note.wishes or until is None:
        return None
    if not rule.consent_days:
        return until
    return min(until, one.on + dt.timedelta(days=rule.consent_days - 1))


def _left_out(
    rule: ConductRule,
    one: LoggedContact,
    *,
    consent: dt.date | None,
    attorneys: Sequence[str],
) -> str:
    """Why a contact does not count; empty where it does."""
    note = one.note
    why = ""
    if rule.channels and note.channel not in rule.channels:
        why = "another channel"
    elif note.direction is Direction.INBOUND:
        why = "the customer began"
    elif note.outcome is ContactOutcome.NOT_CONNECTED:
        why = "not connected"
    elif note.person and note.person in attorneys:
        why = "with the attorney"
    elif rule.counts and note.outcome not in rule.counts:
        why = f"outcome {note.outcome.value}"
    elif consent is not None and one.on <= consent:
        why = "with prior consent"
    return why
