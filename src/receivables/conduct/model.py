"""The law of contacting debtors as data: rules with their articles, wording, and packs of them.

>>> Window(weekdays=[0, 1, 2, 3, 4], first="08:00", last="20:00").holds("20:00")
True
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.casework.contacts import Actor, ContactOutcome, ContactWish
from receivables.days import check_day
from receivables.errors import PolicyError
from receivables.interest.model import Debtor
from receivables.interest.rates import SourceStatus
from receivables.parties import Channel

__all__ = [
    "ChargeKind",
    "ConductPack",
    "ConductRule",
    "ContactPurpose",
    "MentionMoment",
    "RuleEffect",
    "RuleKind",
    "Window",
    "WordingRule",
    "check_time",
]

_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_WEEKDAYS: Final = range(7)


class RuleKind(enum.Enum):
    """What a rule looks at, and so which of its figures count."""

    CALL_FREQUENCY = "call-frequency"
    """At most `contacts_max` in `days` consecutive days, the day itself included."""
    REST_AFTER_CONVERSATION = "rest-after-conversation"
    """None within `days` days of a conversation, whose day is the first of them."""
    HOURS = "hours"
    """Only in one of the `windows`, at the debtor's place."""
    NOTICE_FIRST = "notice-first"
    """A written notice, and then `days` days."""
    WISH = "wish"
    """What the customer asked for."""
    WORKPLACE = "workplace"
    LANGUAGE = "language"
    """In one of the `languages`, unless the customer asked for another."""
    CHARGE = "charge"
    """None of the `charges` is asked for."""
    TIME_BARRED = "time-barred"
    """No threat of an action that comes too late."""
    CONTESTED = "contested"
    """A debt that was contested in writing is not chased."""
    VALIDATION_NOTICE = "validation-notice"
    """A notice about the debt, within `days` days of the first communication."""
    OVERSHADOWING = "overshadowing"
    """Nothing that takes the time to contest away."""
    MENTION = "mention"
    """Something that has to be said."""
    ACT = "act"
    """Something that must not be done; the figures of a contact do not show it."""


class RuleEffect(enum.Enum):
    """What it means that a rule speaks."""

    FORBIDDEN = "forbidden"
    PRESUMED = "presumed"
    """Presumed to be a violation; the contrary may be shown."""
    ASKED = "asked"
    """No law: the customer asked for it."""
    NOTED = "noted"
    """Nothing is refused; the figures are worth a look."""

    @property
    def refuses(self) -> bool:
        """Whether a contact is refused for it."""
        return self is not RuleEffect.NOTED


class ContactPurpose(enum.Enum):
    """What a contact is for: the law lets through some of what it stops otherwise."""

    DEMAND = "demand"
    NOTICE = "notice"
    """A notice that the law asks for."""
    ANSWER = "answer"
    """The answer to what the customer asked, on the way it came."""
    CLOSING = "closing"
    """That nothing more is asked, or that a remedy is now used."""


class ChargeKind(enum.Enum):
    """What is asked for beside the debt."""

    INTEREST = "interest"
    COMPENSATION = "compensation"
    """The fixed sum for recovery costs between businesses."""
    COLLECTION_FEE = "collection-fee"
    """The costs of collecting, under whatever name."""


class MentionMoment(enum.Enum):
    """In which communications something has to be said."""

    FIRST = "first"
    LATER = "later"
    EACH = "each"


def check_time(value: object, *, name: str) -> None:
    """Refuse what is no time of day; raises `PolicyError`.

    >>> check_time("8:00", name="first")
    Traceback (most recent call last):
        ...
    receivables.errors.PolicyError: first must look like '14:05', got '8:00'
    """
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        msg = f"{name} must look like '14:05', got {value!r}"
        raise PolicyError(msg)


def _check_time(_instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    check_time(value, name=attribute.name)


def _check_day(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    check_day(value, name=attribute.name)


def _named(_instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if not value:
        msg = f"{attribute.name} must be given, got an empty text"
        raise PolicyError(msg)


def _weekdays(values: Iterable[int]) -> frozenset[int]:
    found = frozenset(values)
    if not found <= set(_WEEKDAYS):
        msg = f"weekdays must be 0 (Monday) to 6, got {sorted(found)}"
        raise PolicyError(msg)
    return found


def _actors(values: Iterable[Actor | str]) -> frozenset[Actor]:
    return frozenset(map(Actor, values))


def _debtors(values: Iterable[Debtor | str]) -> frozenset[Debtor]:
    return frozenset(map(Debtor, values))


def _channels(values: Iterable[Channel | str]) -> frozenset[Channel]:
    return frozenset(map(Channel, values))


def _purposes(values: Iterable[ContactPurpose | str]) -> frozenset[ContactPurpose]:
    return frozenset(map(ContactPurpose, values))


def _outcomes(values: Iterable[ContactOutcome | str]) -> frozenset[ContactOutcome]:
    return frozenset(map(ContactOutcome, values))


def _charges(values: Iterable[ChargeKind | str]) -> frozenset[ChargeKind]:
    return frozenset(map(ChargeKind, values))


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        msg = f"texts must be a list of texts, got the text {values!r}"
        raise PolicyError(msg)
    return tuple(values)


@attrs.frozen(kw_only=True)
class Window:
    """Hours of some weekdays, both ends included, at the debtor's place."""

    weekdays: frozenset[int] = attrs.field(default=tuple(_WEEKDAYS), converter=_weekdays)
    """Monday is 0."""
    first: str = attrs.field(validator=_check_time)
    last: str = attrs.field(validator=_check_time)

    @last.validator
    def _check_last(self, _attribute: object, value: str) -> None:
        if value < self.first:
            msg = f"last must not be before {self.first}, got {value}"
            raise PolicyError(msg)

    def holds(self, local_time: str) -> bool:
        """Whether a time lies in it."""
        return self.first <= local_time <= self.last


def _windows(values: Iterable[Window]) -> tuple[Window, ...]:
    return tuple(sorted(values, key=lambda window: window.first))


@attrs.frozen(kw_only=True)
class ConductRule:
    """One rule: where it stands, whom it binds, what it looks at, and what it means.

    `actors`, `debtors` and `channels` are those that it concerns; all of them where it is empty.
    The other figures count by its kind.  Raises `PolicyError` where its kind lacks one of them.

    >>> rule = ConductRule(id="house.two-a-week", kind="call-frequency", article="our own rule",
    ...                    text="at most two calls a week", source="house", status="verified",
    ...                    effect="forbidden", contacts_max=2, days=7)
    >>> rule.binds(Actor.CREDITOR, debtor=Debtor.BUSINESS, channel=Channel.PHONE)
    True
    """

    id: str = attrs.field(validator=_named)
    kind: RuleKind = attrs.field(converter=RuleKind)
    article: str = attrs.field(validator=_named)
    text: str = attrs.field(validator=_named)
    source: str = attrs.field(validator=_named)
    status: SourceStatus = attrs.field(converter=SourceStatus)
    effect: RuleEffect = attrs.field(default=RuleEffect.FORBIDDEN, converter=RuleEffect)
    actors: frozenset[Actor] = attrs.field(default=(), converter=_actors)
    debtors: frozenset[Debtor] = attrs.field(default=(), converter=_debtors)
    channels: frozenset[Channel] = attrs.field(default=(), converter=_channels)
    except_for: frozenset[ContactPurpose] = attrs.field(default=(), converter=_purposes)
    """The purposes that it does not stop."""
    contacts_max: int = 0
    days: int = 0
    minutes: int = 0
    counts: frozenset[ContactOutcome] = attrs.field(default=(), converter=_outcomes)
    """The outcomes that count as a contact; all but a failed connection where it is empty."""
    is_per_debt: bool = False
    """Whether each debt has a count of its own."""
    after_conversation: bool = False
    """Whether it begins with the first conversation."""
    windows: tuple[Window, ...] = attrs.field(default=(), converter=_windows)
    open_on_holidays: bool = True
    unsure_weekdays: frozenset[int] = attrs.field(default=(), converter=_weekdays)
    """Weekdays on which versions of the text differ: the policy decides."""
    notice_channels: frozenset[Channel] = attrs.field(default=(), converter=_channels)
    wish: ContactWish | None = attrs.field(
        default=None, converter=attrs.converters.optional(ContactWish)
    )
    in_writing: bool = False
    """Whether a wish counts only where it was written."""
    lifted_by_consent: bool = False
    consent_days: int = 0
    """The days that a consent counts at most, its own day included; as long as it says, if 0."""
    at_work: bool = False
    languages: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    charges: frozenset[ChargeKind] = attrs.field(default=(), converter=_charges)
    before_title: bool = False
    """Whether a court's title ends it."""
    within_validation: bool = False
    """Whether only what came before the end of the validation period counts."""
    mention: str = ""
    moment: MentionMoment = attrs.field(default=MentionMoment.EACH, converter=MentionMoment)

    @kind.validator
    def _check_kind(self, _attribute: object, value: RuleKind) -> None:
        for name in _NEEDED.get(value, ()):
            if not getattr(self, name):
                msg = f"{name} of rule {self.id} must be given for {value.value}, got none"
                raise PolicyError(msg)

    def binds(self, actor: Actor, *, debtor: Debtor, channel: Channel) -> bool:
        """Whether it concerns such a contact."""
        return (
            (not self.actors or actor in self.actors)
            and (not self.debtors or debtor in self.debtors)
            and (not self.channels or channel in self.channels)
        )


_NEEDED: Final[Mapping[RuleKind, tuple[str, ...]]] = MappingProxyType(
    {
        RuleKind.CALL_FREQUENCY: ("contacts_max", "days"),
        RuleKind.REST_AFTER_CONVERSATION: ("days",),
        RuleKind.HOURS: ("windows",),
        RuleKind.NOTICE_FIRST: ("days", "notice_channels"),
        RuleKind.WISH: ("wish",),
        RuleKind.LANGUAGE: ("languages",),
        RuleKind.CHARGE: ("charges",),
        RuleKind.VALIDATION_NOTICE: ("days",),
        RuleKind.MENTION: ("mention",),
    }
)
"""The figures that a kind of rule cannot do without."""


def _patterns(values: Iterable[str]) -> tuple[str, ...]:
    found = _texts(values)
    for value in found:
        try:
            re.compile(value)
        except re.error as error:
            msg = f"patterns must be regular expressions, got {value!r} ({error})"
            raise PolicyError(msg) from error
    return found


@attrs.frozen(kw_only=True)
class WordingRule:
    """What a letter must not say, or has to say; patterns are regular expressions, case ignored."""

    id: str = attrs.field(validator=_named)
    claim: str = attrs.field(validator=_named)
    """What the words claim, in one sentence."""
    patterns: tuple[str, ...] = attrs.field(converter=_patterns)
    """One of them found is enough."""
    is_required: bool = False
    article: str = attrs.field(validator=_named)
    source: str = attrs.field(validator=_named)
    status: SourceStatus = attrs.field(converter=SourceStatus)
    actors: frozenset[Actor] = attrs.field(default=(), converter=_actors)
    debtors: frozenset[Debtor] = attrs.field(default=(), converter=_debtors)
    letters: frozenset[str] = attrs.field(default=(), converter=frozenset)
    """The kinds of letters that it concerns; every kind where it is empty."""
    where: tuple[str, ...] = attrs.field(default=(), converter=_patterns)
    """It concerns only texts in which one of these is found, where there are any."""

    @patterns.validator
    def _check_patterns(self, _attribute: object, value: tuple[str, ...]) -> None:
        if not value:
            msg = f"patterns of {self.id} must be one or more, got none"
            raise PolicyError(msg)

    def concerns(self, *, debtor: Debtor, actor: Actor, letter: str) -> bool:
        """Whether it concerns such a letter."""
        return (
            (not self.debtors or debtor in self.debtors)
            and (not self.actors or actor in self.actors)
            and (not self.letters or letter in self.letters)
        )


def _rules(values: Iterable[ConductRule]) -> tuple[ConductRule, ...]:
    return tuple(values)


def _wording(values: Iterable[WordingRule]) -> tuple[WordingRule, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ConductPack:
    """The rules of a place, with the day on which they were last looked at."""

    name: str = attrs.field(validator=_named)
    title: str = attrs.field(validator=_named)
    version: dt.date = attrs.field(validator=_check_day)
    """The day on which its texts were last compared with their sources."""
    country: str = ""
    """Where it applies; everywhere where it is empty."""
    regions: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """The parts of the country, as they stand in addresses; the whole of it where it is empty."""
    postal_codes: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """How postal codes of these parts begin, for addresses without a region."""
    rules: tuple[ConductRule, ...] = attrs.field(default=(), converter=_rules)
    wording: tuple[WordingRule, ...] = attrs.field(default=(), converter=_wording)
    notes: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    @rules.validator
    def _check_rules(self, _attribute: object, value: tuple[ConductRule, ...]) -> None:
        self._check_unique([rule.id for rule in value])

    @wording.validator
    def _check_wording(self, _attribute: object, value: tuple[WordingRule, ...]) -> None:
        self._check_unique([rule.id for rule in value])

    def _check_unique(self, ids: list[str]) -> None:
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            msg = f"rules of {self.name} must have names of their own, got {', '.join(twice)} twice"
            raise PolicyError(msg)

    @property
    def unverified(self) -> tuple[str, ...]:
        """The rules whose article was not read in a source."""
        found = [rule.id for rule in self.rules if not rule.status.is_verified]
        return (*found, *(rule.id for rule in self.wording if not rule.status.is_verified))
