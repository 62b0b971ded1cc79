"""The workshop: what each kind of rule says of a case; a table from kinds to functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.casework.contacts import ContactOutcome, ContactWish, Direction
from receivables.conduct import rules
from receivables.conduct._counting import Counted, concerns, counted_for, debts_of
from receivables.conduct.contacts import (
    ConductPolicy,
    DebtFacts,
    LoggedContact,
    PlannedContact,
)
from receivables.conduct.model import ConductRule, MentionMoment, RuleKind, Window
from receivables.conduct.validation import validation_period
from receivables.conduct.verdicts import LocalMoment, RuleEvidence
from receivables.days import BusinessCalendar
from receivables.interest.model import Debtor
from receivables.parties import Channel

__all__ = ["SPEAKING", "Case", "Said", "language_of"]

_DAY_START: Final = "00:00"
_DAY_END: Final = "23:59"
_SEARCHED_DAYS: Final = 366
"""Within a year some day is open, or none ever is."""

_WEEKDAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
"""By their numbers; the names of the standard library are those of the machine's own language."""

_WRITTEN: Final = frozenset(
    {Channel.EMAIL, Channel.POST, Channel.REGISTERED_POST, Channel.TEXT_MESSAGE}
)
_SENT: Final = frozenset({ContactOutcome.SENT, ContactOutcome.DELIVERED, ContactOutcome.REFUSED})
_CONVEYED: Final = frozenset(
    {ContactOutcome.REACHED, ContactOutcome.SENT, ContactOutcome.DELIVERED}
)
"""The outcomes in which something about the debt reached the debtor; a bare message does not."""


@attrs.frozen(kw_only=True)
class Case:
    """All that is asked: the contact, what happened before, what is known, how to count."""

    planned: PlannedContact
    notes: tuple[LoggedContact, ...]
    facts: DebtFacts
    policy: ConductPolicy
    debtor: Debtor
    at: LocalMoment
    """When the contact takes place; the search for the first allowed moment moves it."""

    @property
    def day(self) -> int:
        """Its day as a whole number."""
        return self.at.on.toordinal()

    @property
    def calendar(self) -> BusinessCalendar:
        """The calendar that was given, or weekends alone."""
        return self.policy.calendar or BusinessCalendar()


@attrs.frozen(kw_only=True)
class Said:
    """What a rule says: the figures, until when, or that something is due; and what it looked at."""

    text: str = ""
    """The figures, where it speaks against the contact."""
    until: LocalMoment | None = None
    duty: str = ""
    """What has to be done, where it only asks for something."""
    by: dt.date | None = None
    evidence: tuple[RuleEvidence, ...] = ()


def _from(day: int) -> LocalMoment:
    return LocalMoment(dt.date.fromordinal(day), _DAY_START)


def language_of(language: str) -> str:
    """The language alone: ``fr`` of ``fr-CA``."""
    return language.partition("-")[0].casefold()


def _counts(rule: ConductRule, case: Case) -> tuple[Counted, ...]:
    debts = debts_of(case.planned, case.notes) if rule.is_per_debt else ("",)
    return tuple(
        counted_for(rule, case.notes, debt=debt, attorneys=case.facts.attorneys) for debt in debts
    )


def _is_with_attorney(case: Case) -> bool:
    return bool(case.planned.person) and case.planned.person in case.facts.attorneys


def _is_consented(case: Case, counted: Counted) -> bool:
    return counted.consent_until is not None and case.at.on <= counted.consent_until


def _frequency(rule: ConductRule, case: Case) -> Said | None:
    if _is_with_attorney(case):
        return None
    first = dt.date.fromordinal(case.day - rule.days + 1)
    counts = _counts(rule, case)
    evidence = tuple(one.evidence(rule, first=first, last=case.at.on) for one in counts)
    full = [
        (len(seen.counted), one)
        for one, seen in zip(counts, evidence, strict=True)
        if _is_full(rule, one, seen) and not _is_consented(case, one)
    ]
    if not full:
        return Said(evidence=evidence)
    frees = [
        rules.free_from(
            [one.on.toordinal() for one in counted.counted],
            contacts_max=rule.contacts_max,
            days=rule.days,
        )
        for _, counted in full
    ]
    most, worst = max(full, key=lambda pair: pair[0])
    about = f" about {worst.debt}" if worst.debt else ""
    text = f"{most} counted{about} from {first} to {case.at.on}, at most {rule.contacts_max} in {rule.days} days"
    return Said(text=text, until=_from(max(frees)), evidence=evidence)


def _is_full(rule: ConductRule, one: Counted, seen: RuleEvidence) -> bool:
    if rule.after_conversation and not one.conversations:
        return False
    return len(seen.counted) >= rule.contacts_max


def _rest(rule: ConductRule, case: Case) -> Said | None:
    if _is_with_attorney(case):
        return None
    first = dt.date.fromordinal(case.day - rule.days + 1)
    counts = _counts(rule, case)
    evidence = tuple(
        attrs.evolve(one, counted=one.conversations, left_out=()).evidence(
            rule, first=first, last=case.at.on
        )
        for one in counts
    )
    resting = [
        (one.conversations[-1].on, one)
        for one in counts
        if one.conversations
        and rules.is_in_days(one.conversations[-1].on.toordinal(), day=case.day, days=rule.days)
        and not _is_consented(case, one)
    ]
    if not resting:
        return Said(evidence=evidence)
    spoke, one = max(resting, key=lambda pair: pair[0])
    about = f" about {one.debt}" if one.debt else ""
    until = rules.rests_until(spoke.toordinal(), days=rule.days)
    text = f"conversation{about} on {spoke}, none for {rule.days} days from that day on"
    return Said(text=text, until=_from(until), evidence=evidence)


def _hours(rule: ConductRule, case: Case) -> Said | None:
    windows = _open(rule, case, case.at.on)
    time = case.at.local_time
    if windows and not time:
        hours = " or ".join(f"{window.first} to {window.last}" for window in windows)
        return Said(duty=f"{hours} at the debtor's place")
    if any(window.holds(time) for window in windows):
        return None
    until = next(
        (
            LocalMoment(day, window.first)
            for day in _days_from(case.at.on)
            for window in _open(rule, case, day)
            if day > case.at.on or window.first > time
        ),
        None,
    )
    return Said(text=_closed(rule, case, windows), until=until)


def _closed(rule: ConductRule, case: Case, windows: tuple[Window, ...]) -> str:
    day = f"{_WEEKDAYS[case.at.on.weekday()]} {case.at.on}"
    if windows:
        hours = ", ".join(f"{window.first} to {window.last}" for window in windows)
        return f"{case.at.local_time} on {day}, where {hours} is open"
    if case.at.on.weekday() in rule.unsure_weekdays and not _is_holiday(rule, case, case.at.on):
        return f"{day} is closed: versions of the text differ, and the policy does not open it"
    return f"{day} is closed"


def _days_from(day: dt.date) -> Iterable[dt.date]:
    return (day + dt.timedelta(days=offset) for offset in range(_SEARCHED_DAYS))


def _is_holiday(rule: ConductRule, case: Case, day: dt.date) -> bool:
    return not rule.open_on_holidays and day in case.calendar.holidays


def _open(rule: ConductRule, case: Case, day: dt.date) -> tuple[Window, ...]:
    """The hours of a day: none on a holiday, nor on a weekday that the policy does not open."""
    if _is_holiday(rule, case, day):
        return ()
    if day.weekday() in rule.unsure_weekdays and not case.policy.saturdays:
        return ()
    return tuple(window for window in rule.windows if day.weekday() in window.weekdays)


def _notice_first(rule: ConductRule, case: Case) -> Said | None:
    sent = [
        one.on
        for one in case.notes
        if one.note.direction is Direction.OUTBOUND
        and one.note.channel in rule.notice_channels
        and one.note.outcome in _SENT
        and (not rule.actors or one.note.actor in rule.actors)
    ]
    known = case.facts.notice_sent
    sent = sorted([*sent, *([known] if known is not None else [])])
    if not sent:
        return Said(text="no written notice is known to have gone out")
    free = sent[0].toordinal() + rule.days
    if case.day >= free:
        return None
    return Said(text=f"notice sent on {sent[0]}, {rule.days} days to wait", until=_from(free))


def _wish(rule: ConductRule, case: Case) -> Said | None:
    asked = [one for one in case.notes if _asks(rule, one, case)]
    if not asked or _is_with_attorney(case) or (rule.at_work and not case.planned.is_workplace):
        return None
    if rule.lifted_by_consent and _is_lifted(rule, case, asked[-1]):
        return None
    text = f"asked on {asked[-1].on} (contact {asked[-1].note.contact})"
    if rule.wish is not ContactWish.INCONVENIENT_TIME:
        return Said(text=text)
    return _around(rule, case, asked, text)


def _asks(rule: ConductRule, one: LoggedContact, case: Case) -> bool:
    if rule.wish not in one.note.wishes:
        return False
    if rule.in_writing and one.note.channel not in _WRITTEN:
        return False
    if not rule.is_per_debt or not case.planned.items:
        return True
    return any(concerns(one.note.items, debt=item) for item in case.planned.items)


def _is_lifted(rule: ConductRule, case: Case, asked: LoggedContact) -> bool:
    """Whether a consent that came with the wish, or after it, still holds."""
    later = case.notes[case.notes.index(asked) :]
    bare = attrs.evolve(rule, channels=(), is_per_debt=False)
    found = counted_for(bare, later, debt="", attorneys=case.facts.attorneys)
    return _is_consented(case, found)


def _around(
    rule: ConductRule, case: Case, asked: Iterable[LoggedContact], text: str
) -> Said | None:
    """A time of day that was called inconvenient, and the minutes around it."""
    if not case.at.local_time:
        return Said(duty=f"{text}: keep {rule.minutes} minutes away from that time of day")
    now = _minutes(case.at.local_time)
    near = [
        _minutes(one.note.local_time)
        for one in asked
        if one.note.local_time and abs(_minutes(one.note.local_time) - now) < rule.minutes
    ]
    if not near:
        return None
    end = max(near) + rule.minutes
    return Said(text=text, until=_at_minute(case.at.on, end))


def _minutes(time: str) -> int:
    return 60 * int(time[:2]) + int(time[3:])


def _at_minute(day: dt.date, minute: int) -> LocalMoment:
    if minute > _minutes(_DAY_END):
        return LocalMoment(day + dt.timedelta(days=1), _DAY_START)
    return LocalMoment(day, f"{minute // 60:02d}:{minute % 60:02d}")


def _workplace(_rule: ConductRule, case: Case) -> Said | None:
    return Said(text="it is the debtor's place of work") if case.planned.is_workplace else None


def _language(rule: ConductRule, case: Case) -> Said | None:
    wanted = {language_of(one) for one in rule.languages}
    if case.facts.language_asked:
        wanted.add(language_of(case.facts.language_asked))
    used = {language_of(one) for one in case.planned.languages}
    if used & wanted:
        return None
    if not used:
        return Said(duty=f"in {', '.join(sorted(wanted))}, or in another language beside it")
    return Said(text=f"in {', '.join(sorted(used))} alone, not in {', '.join(sorted(wanted))}")


def _charge(rule: ConductRule, case: Case) -> Said | None:
    asked = sorted(one.value for one in case.planned.charges & rule.charges)
    if not asked or (rule.before_title and case.facts.has_title):
        return None
    return Said(text=f"it asks for {', '.join(asked)}")


def _time_barred(_rule: ConductRule, case: Case) -> Said | None:
    if not (case.facts.is_time_barred and case.planned.threatens_action):
        return None
    return Said(text="it threatens an action, and the debt is time-barred")


def _contested(rule: ConductRule, case: Case) -> Said | None:
    contested, verified = case.facts.contested_on, case.facts.verified_on
    if contested is None or contested > case.at.on:
        return None
    if rule.within_validation and _is_after_validation(case, contested):
        return None
    if verified is not None and contested <= verified <= case.at.on:
        return None
    return Said(text=f"contested in writing on {contested}, and not proved since")


def _is_after_validation(case: Case, day: dt.date) -> bool:
    sent = case.facts.validation_sent
    return sent is not None and day > validation_period(sent, calendar=case.calendar).end


def _validation_notice(rule: ConductRule, case: Case) -> Said | None:
    sent = case.facts.validation_sent
    if sent is not None and sent <= case.at.on:
        return None
    first = _first_communication(rule, case)
    by = (first or case.at.on) + dt.timedelta(days=rule.days)
    if case.at.on > by:
        return Said(text=f"first communication on {first}, and no notice sent by {by}")
    return Said(duty="send the validation notice", by=by)


def _first_communication(rule: ConductRule, case: Case) -> dt.date | None:
    return next((one.on for one in case.notes if _conveys(rule, one)), None)


def _conveys(rule: ConductRule, one: LoggedContact) -> bool:
    return one.note.outcome in _CONVEYED and (not rule.actors or one.note.actor in rule.actors)


def _overshadowing(_rule: ConductRule, case: Case) -> Said | None:
    if case.facts.validation_sent is None:
        return None
    end = validation_period(case.facts.validation_sent, calendar=case.calendar).end
    pay_by = case.planned.pay_by
    presses = case.planned.threatens_action or (pay_by is not None and pay_by <= end)
    if case.at.on > end or not presses:
        return None
    what = "an action is threatened" if case.planned.threatens_action else f"payment by {pay_by}"
    return Said(
        text=f"{what}, and the validation period ends on {end}", until=_from(end.toordinal() + 1)
    )


def _mention(rule: ConductRule, case: Case) -> Said | None:
    is_first = not any(_conveys(rule, one) for one in case.notes)
    if rule.moment is MentionMoment.FIRST and not is_first:
        return None
    if rule.moment is MentionMoment.LATER and is_first:
        return None
    return Said(duty=rule.text)


def _act(rule: ConductRule, case: Case) -> Said | None:
    """A prohibited act speaks only where it has days to look at, and then of what happened."""
    if not rule.days:
        return None
    first = dt.date.fromordinal(case.day - rule.days + 1)
    (count,) = _counts(attrs.evolve(rule, is_per_debt=False), case)
    seen = count.evidence(rule, first=first, last=case.at.on)
    if not seen.counted:
        return Said(evidence=(seen,))
    text = f"{len(seen.counted)} contacts from {first} to {case.at.on}; {rule.text}"
    return Said(text=text, evidence=(seen,))


SPEAKING: Final[Mapping[RuleKind, Callable[[ConductRule, Case], Said | None]]] = MappingProxyType(
    {
        RuleKind.ACT: _act,
        RuleKind.CALL_FREQUENCY: _frequency,
        RuleKind.CHARGE: _charge,
        RuleKind.CONTESTED: _contested,
        RuleKind.HOURS: _hours,
        RuleKind.LANGUAGE: _language,
        RuleKind.MENTION: _mention,
        RuleKind.NOTICE_FIRST: _notice_first,
        RuleKind.OVERSHADOWING: _overshadowing,
        RuleKind.REST_AFTER_CONVERSATION: _rest,
        RuleKind.TIME_BARRED: _time_barred,
        RuleKind.VALIDATION_NOTICE: _validation_notice,
        RuleKind.WISH: _wish,
        RuleKind.WORKPLACE: _workplace,
    }
)
"""What each kind of rule says; every kind has its function, which a test checks."""
