"""What the law answers: allowed or not, why, until when, what has to be said, and the proof.

All of it are plain values, so that an answer can be kept and read again years later.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import attrs

from receivables.conduct.contacts import DebtFacts, PlannedContact
from receivables.conduct.model import RuleEffect
from receivables.days import BusinessCalendar
from receivables.interest.rates import SourceStatus

__all__ = ["CountedContact", "Duty", "LocalMoment", "Proof", "Reason", "RuleEvidence", "Verdict"]


@attrs.frozen(order=True)
class LocalMoment:
    """A day and a time at the debtor's place; the time is empty where the whole day is meant.

    >>> str(LocalMoment(dt.date(2026, 4, 8), "08:00"))
    '2026-04-08 08:00'
    """

    on: dt.date
    local_time: str = ""

    def __str__(self) -> str:
        return f"{self.on.isoformat()} {self.local_time}".rstrip()


@attrs.frozen(kw_only=True)
class Reason:
    """A rule that spoke, with the figures that made it speak."""

    rule: str
    pack: str
    article: str
    effect: RuleEffect
    status: SourceStatus
    text: str
    until: LocalMoment | None = None
    """The first moment at which this rule has nothing more to say, where time alone ends it."""
    set_aside: str = ""
    """Why it does not hold for once."""

    @property
    def refuses(self) -> bool:
        """Whether the contact is refused for it."""
        return self.effect.refuses and not self.set_aside

    def __str__(self) -> str:
        return f"{self.article}: {self.text} ({self.effect.value})"


@attrs.frozen(kw_only=True)
class Duty:
    """Something that has to be said or done with a contact, by a day where there is one."""

    rule: str
    pack: str
    article: str
    status: SourceStatus
    mention: str
    """What it is, in one word for programs."""
    text: str
    by: dt.date | None = None


@attrs.frozen(kw_only=True)
class CountedContact:
    """A contact of the log that a rule looked at, and why it was left out, if it was."""

    contact: str
    on: dt.date
    local_time: str
    channel: str
    direction: str
    outcome: str
    left_out: str = ""


@attrs.frozen(kw_only=True)
class RuleEvidence:
    """What a rule looked at: the days from `first` to `last`, and the contacts on them."""

    rule: str
    debt: str = ""
    """The debt whose count it is, where each has its own."""
    first: dt.date
    last: dt.date
    counted: tuple[CountedContact, ...] = ()
    left_out: tuple[CountedContact, ...] = ()
    consent_until: dt.date | None = None
    """The last day of a consent to be contacted, where one is there and not used up."""


@attrs.frozen(kw_only=True)
class Proof:
    """All that an answer rests on: the contact, what was known, the rules by version, the counts."""

    customer: str
    planned: PlannedContact
    facts: DebtFacts
    is_consumer: bool
    packs: Mapping[str, dt.date]
    """The packs that were asked, each with the day of its version."""
    calendar: BusinessCalendar | None = None
    saturdays: bool = False
    asked: tuple[str, ...]
    """The rules that concern such a contact, whether they spoke or not."""
    evidence: tuple[RuleEvidence, ...] = ()


@attrs.frozen(kw_only=True)
class Verdict:
    """Whether a contact is allowed, with every rule that spoke, what is due, and the proof."""

    allowed: bool
    reasons: tuple[Reason, ...]
    until: LocalMoment | None = None
    """The earliest moment from which it is allowed if nothing else happens.

    None where it is allowed, and where no time that passes would allow it.
    """
    duties: tuple[Duty, ...]
    proof: Proof

    @property
    def refusals(self) -> tuple[Reason, ...]:
        """The rules for which it is refused."""
        return tuple(reason for reason in self.reasons if reason.refuses)

    @property
    def is_presumed_violation(self) -> bool:
        """Whether it is refused for presumptions only, whose contrary may be shown."""
        refusals = self.refusals
        return bool(refusals) and all(one.effect is RuleEffect.PRESUMED for one in refusals)

    @property
    def unverified(self) -> tuple[str, ...]:
        """The rules that spoke, or ask for something, and whose article was not read in a source."""
        spoke: tuple[Reason | Duty, ...] = (*self.reasons, *self.duties)
        return tuple(dict.fromkeys(one.rule for one in spoke if not one.status.is_verified))

    def __str__(self) -> str:
        if self.allowed:
            return "allowed"
        until = f" until {self.until}" if self.until else ""
        return "\n".join([f"refused{until}", *map(str, self.refusals)])

    def to_mapping(self) -> Mapping[str, Any]:
        """Texts, whole numbers, truth values, lists and mappings only: what JSON can keep."""
        plain: Mapping[str, Any] = _plain(self)
        return plain


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911  # one line for each kind of value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, LocalMoment):
        return str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if attrs.has(type(value)):
        return {
            field.name.lstrip("_"): _plain(getattr(value, field.name))
            for field in attrs.fields(type(value))
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, value))
    return value
