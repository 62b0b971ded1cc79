"""What is asked of the law: a contact that is planned, what was logged before, what is known.

>>> PlannedContact(channel="phone", actor="agency", on=dt.date(2026, 4, 7), local_time="10:30").items
()
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from receivables.casework.contacts import Actor, ContactNote
from receivables.conduct.model import ChargeKind, ConductPack, ContactPurpose, check_time
from receivables.days import BusinessCalendar, check_day
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.parties import Channel

__all__ = ["ConductPolicy", "DebtFacts", "LoggedContact", "PlannedContact"]


def _check_day(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    check_day(value, name=attribute.name)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        msg = f"texts must be a list of texts, got the text {values!r}"
        raise PolicyError(msg)
    return tuple(values)


def _items(values: Iterable[str]) -> tuple[ItemId, ...]:
    return tuple(map(ItemId, _texts(values)))


def _charges(values: Iterable[ChargeKind | str]) -> frozenset[ChargeKind]:
    return frozenset(map(ChargeKind, values))


def _frozen(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(values))


def _packs(values: Iterable[ConductPack] | None) -> tuple[ConductPack, ...] | None:
    return None if values is None else tuple(values)


@attrs.frozen(kw_only=True)
class LoggedContact:
    """A note of the contact log with the day on which the contact took place."""

    on: dt.date = attrs.field(validator=_check_day)
    note: ContactNote


@attrs.frozen(kw_only=True)
class PlannedContact:
    """A contact that somebody wants to make, or made: when, how, about what, with what in it.

    Raises `PolicyError` for a time of another form, or a rule that is set aside without a reason.
    """

    channel: Channel = attrs.field(converter=Channel)
    on: dt.date = attrs.field(validator=_check_day)
    """The day at the debtor's place."""
    local_time: str = attrs.field(default="")
    """The time there, as ``HH:MM``; empty asks for the whole day."""
    actor: Actor = attrs.field(default=Actor.CREDITOR, converter=Actor)
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=_items)
    """The debts that it is about; everything that is owed where it is empty."""
    purpose: ContactPurpose = attrs.field(default=ContactPurpose.DEMAND, converter=ContactPurpose)
    person: str = ""
    """Whom it is for, where that is not the customer itself."""
    languages: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """The languages that it is in, such as ``fr``, or ``fr`` and ``en``."""
    is_workplace: bool = False
    charges: frozenset[ChargeKind] = attrs.field(default=(), converter=_charges)
    """What it asks for beside the debt."""
    threatens_action: bool = False
    """Whether it speaks of going to court."""
    pay_by: dt.date | None = None
    """The day by which it asks to be paid."""
    contact: str = ""
    """The number of its own note, where it was logged already: that note does not count."""
    set_aside: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    """Rules that do not hold for once, by their identifiers, each with the reason."""

    @local_time.validator
    def _check_time(self, _attribute: object, value: str) -> None:
        if value:
            check_time(value, name="local_time")

    @set_aside.validator
    def _check_reasons(self, _attribute: object, value: Mapping[str, str]) -> None:
        if bare := sorted(rule for rule, reason in value.items() if not reason.strip()):
            msg = f"set_aside must give a reason for each rule, got none for {', '.join(bare)}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class DebtFacts:
    """What is known of the debts of a contact, beyond the log."""

    notice_sent: dt.date | None = None
    """When the first written notice went out, where the log does not have it."""
    validation_sent: dt.date | None = None
    """When the validation notice of Regulation F went out."""
    contested_on: dt.date | None = None
    """When the debtor contested the debt in writing."""
    verified_on: dt.date | None = None
    """When the debtor got the proof of a debt that it contested."""
    is_time_barred: bool = False
    """Whether it is too late for an action (see `limitation`)."""
    has_title: bool = False
    """Whether a court's decision can be enforced."""
    language_asked: str = ""
    """The language that the customer asked for."""
    attorneys: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Who speaks for the debtor: contacts with them are not contacts with it."""


@attrs.frozen(kw_only=True)
class ConductPolicy:
    """Which rules are asked, and what the law leaves to be said."""

    packs: tuple[ConductPack, ...] | None = attrs.field(default=None, converter=_packs)
    """The packs that are asked; those of the customer's place where none is given."""
    calendar: BusinessCalendar | None = None
    """The holidays at the customer's place, and the business days by which periods are counted."""
    saturdays: bool = False
    """Whether a weekday on which versions of a text differ is open (Saturdays in Québec)."""
