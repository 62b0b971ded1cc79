"""Dunning procedures as data: levels that follow one another, versioned.

>>> STANDARD.levels[-1].letter
'formal-notice'
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables import limits
from receivables.errors import PolicyError
from receivables.ledger.model import NoticeSent
from receivables.money import digits
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "STANDARD",
    "DunningLevel",
    "DunningProcedure",
    "DunningRun",
    "SkipReason",
    "Skipped",
]


@attrs.frozen(kw_only=True)
class DunningLevel:
    """One step: from how many days past due, how long after the step before, and which letter."""

    days_past_due: int = attrs.field()
    days_after_previous: int = attrs.field(default=10)
    letter: str

    @days_past_due.validator
    @days_after_previous.validator
    def _check_days(self, attribute: attrs.Attribute[int], value: int) -> None:
        if not 1 <= value <= limits.TERM_DAYS_MAX:
            msg = f"{attribute.name} must be 1 to {limits.TERM_DAYS_MAX}, got {value}"
            raise PolicyError(msg)


def _levels(values: Iterable[DunningLevel]) -> tuple[DunningLevel, ...]:
    return tuple(values)


def _minimums(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted(values.items())))


@attrs.frozen(kw_only=True)
class DunningProcedure:
    """A ladder of levels, tried from the first; a level follows only the one before it.

    `minimums_minor` gives, per currency in minor units, what a notice must ask for to be sent.
    `grace_days` are added to every level.  A change of anything needs a new `version`.
    Raises `PolicyError` where the days past due do not rise.
    """

    name: str
    version: str
    levels: tuple[DunningLevel, ...] = attrs.field(converter=_levels)
    grace_days: int = 0
    minimums_minor: Mapping[str, int] = attrs.field(factory=dict, converter=_minimums)

    @levels.validator
    def _check_levels(self, _attribute: object, value: tuple[DunningLevel, ...]) -> None:
        if not 1 <= len(value) <= limits.LEVELS_MAX:
            msg = f"levels must be 1 to {limits.LEVELS_MAX}, got {len(value)}"
            raise PolicyError(msg)
        days = [level.days_past_due for level in value]
        if days != sorted(set(days)):
            msg = f"days_past_due must rise from level to level, got {days}"
            raise PolicyError(msg)

    @minimums_minor.validator
    def _check_minimums(self, _attribute: object, value: Mapping[str, int]) -> None:
        for currency, minimum in value.items():
            digits(currency)
            if minimum < 0:
                msg = f"minimums_minor must not be negative, got {minimum} for {currency}"
                raise PolicyError(msg)


STANDARD: Final = DunningProcedure(
    name="standard",
    version="1",
    levels=[
        DunningLevel(days_past_due=8, letter="reminder-1"),
        DunningLevel(days_past_due=23, letter="reminder-2"),
        DunningLevel(days_past_due=45, days_after_previous=15, letter="formal-notice"),
    ],
    minimums_minor={"CAD": 1500, "EUR": 1000},
)
"""A courteous reminder, a firm one, a formal notice: the usual ladder between businesses."""


class SkipReason(enum.Enum):
    """Why a customer with something past due gets no notice."""

    CREDITS_COVER = "credits-cover"
    BELOW_MINIMUM = "below-minimum"


@attrs.frozen(kw_only=True)
class Skipped:
    """A customer who would have been reminded, and why not; the amount is what is left to ask."""

    creditor: CreditorId
    customer: CustomerId
    currency: str
    amount_minor: int
    reason: SkipReason


@attrs.frozen(kw_only=True)
class DunningRun:
    """What a procedure proposes on a day: the notices, and who was left out with the reason.

    The notices are events; recording them releases the run, and running it again then proposes
    nothing.
    """

    as_of: dt.date
    procedure: DunningProcedure
    notices: tuple[NoticeSent, ...]
    skipped: tuple[Skipped, ...] = ()
