"""The workshop: what a habit is learned by, as data."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from receivables import limits
from receivables.errors import PolicyError

__all__ = ["HabitKey", "HabitLevel", "HabitPolicy", "QuantileHabit"]

_BPS: Final = 10_000
_DAYS_MAX: Final = 400
"""Paying days that are told apart on either side of the due date."""
_STRENGTH_MAX: Final = 10_000
_LEVELS_MAX: Final = 12


class HabitKey(enum.Enum):
    """What items may have in common, so that one says something of the other."""

    CUSTOMER = "customer"
    CREDITOR = "creditor"
    CURRENCY = "currency"
    SEGMENT = "segment"
    TERMS = "terms"
    """The days from the document's date to the due date."""
    WEEKDAY = "weekday"
    """The weekday of the due date: what is due on a Saturday is paid on Friday, or on Monday."""
    MONTH_DAY = "month-day"
    """The day of the month of the due date, for those who pay on the tenth."""


def _keys(values: Iterable[HabitKey | str]) -> tuple[HabitKey, ...]:
    words = ", ".join(key.value for key in HabitKey)
    try:
        return tuple(HabitKey(value) for value in values)
    except ValueError as error:
        msg = f"by must be among {words}, got {error}"
        raise PolicyError(msg) from None


@attrs.frozen(kw_only=True)
class HabitLevel:
    """A group of items that pay alike, and how many items of its own weigh as much as the group above.

    >>> HabitLevel(by=["customer", "terms"], strength=4).by
    (<HabitKey.CUSTOMER: 'customer'>, <HabitKey.TERMS: 'terms'>)
    """

    by: tuple[HabitKey, ...] = attrs.field(converter=_keys)
    strength: int = attrs.field()

    @by.validator
    def _check_by(self, _attribute: object, value: tuple[HabitKey, ...]) -> None:
        if not value or len(set(value)) < len(value):
            msg = f"by must name one thing or more, each once, got {[key.value for key in value]}"
            raise PolicyError(msg)

    @strength.validator
    def _check_strength(self, _attribute: object, value: int) -> None:
        _check_whole("strength", value, least=1, most=_STRENGTH_MAX)


def _levels(values: Iterable[HabitLevel]) -> tuple[HabitLevel, ...]:
    return tuple(values)


def _check_whole(name: str, value: object, *, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        msg = f"{name} must be a whole number of {least} to {most}, got {value!r}"
        raise PolicyError(msg)


_WIDELY: Final = (
    HabitLevel(by=(HabitKey.WEEKDAY,), strength=10),
    HabitLevel(by=(HabitKey.CUSTOMER,), strength=3),
    HabitLevel(by=(HabitKey.CUSTOMER, HabitKey.SEGMENT), strength=3),
    HabitLevel(by=(HabitKey.CUSTOMER, HabitKey.MONTH_DAY), strength=4),
    HabitLevel(by=(HabitKey.CUSTOMER, HabitKey.TERMS), strength=6),
    HabitLevel(by=(HabitKey.CUSTOMER, HabitKey.TERMS, HabitKey.WEEKDAY), strength=6),
)
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "early_days": (0, _DAYS_MAX),
    "late_days": (5, _DAYS_MAX),
    "further_days": (1, _DAYS_MAX),
    "pooled_after": (0, _DAYS_MAX),
    "weekday_least_bps": (0, _BPS // 7),
    "weekday_payments": (1, limits.TERM_DAYS_MAX),
}


@attrs.frozen(kw_only=True)
class HabitPolicy:
    """What a customer's habit is learned by: data, so that it can be said, kept and compared.

    The levels are gone through in their order, each leaning on what the one before says; below all
    of them is the whole portfolio.  What lies wholly in two groups speaks in both: a customer with
    one kind of terms is heard again at its terms, and needs fewer items to be believed.  Days of lateness are paying days.  The strengths and half-life
    shipped were chosen on windows of one American book before August 2019.

    >>> HabitPolicy().half_life_days
    365
    """

    levels: tuple[HabitLevel, ...] = attrs.field(default=_WIDELY, converter=_levels)
    half_life_days: int | None = 365
    """After how many days an item counts half; None where old ones count like new ones."""
    early_days: int = 65
    """How early a payment can be and still be told from an earlier one."""
    late_days: int = 130
    """How late; whoever is later is one group."""
    further_days: int = 130
    """How far beyond today an item that is later still is looked at."""
    pooled_after: int = 15
    """Beyond so many days late the portfolio's days are taken together, in ever wider spans."""
    weekday_least_bps: int = 200
    """The share of all payments that makes a weekday a paying day."""
    weekday_payments: int = 50
    """How many payments it takes to tell; before that, Monday to Friday."""

    def __attrs_post_init__(self) -> None:
        if len(self.levels) > _LEVELS_MAX:
            msg = f"levels must be at most {_LEVELS_MAX}, got {len(self.levels)}"
            raise PolicyError(msg)
        for name, (least, most) in _RANGES.items():
            _check_whole(name, getattr(self, name), least=least, most=most)
        if self.half_life_days is not None:
            _check_whole("half_life_days", self.half_life_days, least=1, most=limits.TERM_DAYS_MAX)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "habit") -> HabitPolicy:
        """A policy from a table as TOML gives it, with hyphens or underscores in its keys.

        Levels are tables with ``by`` and ``strength``; a half-life of 0 is none.  Raises
        `PolicyError` naming the table and what is wrong.

        >>> policy = HabitPolicy.from_table({
        ...     "half-life-days": 0, "levels": [{"by": ["customer"], "strength": 2}],
        ... })
        >>> policy.half_life_days, len(policy.levels)
        (None, 1)
        """
        values = {str(key).replace("-", "_"): value for key, value in table.items()}
        known = [field.name for field in attrs.fields(cls)]
        if unknown := sorted(values.keys() - set(known)):
            words = ", ".join(one.replace("_", "-") for one in known)
            msg = f"keys of {name} must be among {words}, got {', '.join(unknown)}"
            raise PolicyError(msg)
        if values.get("half_life_days") == 0:
            values["half_life_days"] = None
        try:
            if "levels" in values:
                values["levels"] = [HabitLevel(**level) for level in values["levels"]]
            return cls(**values)
        except (PolicyError, TypeError) as error:
            msg = f"{name}: {error}"
            raise PolicyError(msg) from error


_QUANTILE_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "early_days": (0, _DAYS_MAX),
    "late_days": (5, _DAYS_MAX),
    "settled_days": (0, _DAYS_MAX),
    "window_days": (1, 10 * limits.TERM_DAYS_MAX),
    "strength": (1, _STRENGTH_MAX),
    "weekday_strength": (1, _STRENGTH_MAX),
    "tail_days": (1, _DAYS_MAX),
    "coverage_bps": (1, _BPS - 1),
}


def _weekdays(values: Iterable[int]) -> tuple[int, ...]:
    found = tuple(sorted(set(values)))
    if not found or not all(day in range(7) for day in found):
        msg = f"weekdays must be one or more of 0 (Monday) to 6, got {found}"
        raise PolicyError(msg)
    return found


@attrs.frozen(kw_only=True)
class QuantileHabit:
    """The habit as data frames can say it: the middle and the band of how late a customer pays.

    It says no chance for each day, and is for more items than `HabitModel` should hold as values.
    Counted are the items that were due within `window_days` and more than `settled_days` ago, so that
    what is not paid yet hardly matters; it counts as later than all.  The customer's quantiles lean on
    everybody's, and those of its items that are due on one weekday lean on the customer's.

    >>> QuantileHabit(strength=3).strength
    3
    """

    strength: int = 2
    """How many items of its own weigh as much as everybody's, for a customer."""
    weekday_strength: int = 4
    """The same, for its items due on one weekday."""
    early_days: int = 60
    """How many paying days before the due date are told apart."""
    late_days: int = 90
    """How many after it."""
    window_days: int = 365
    settled_days: int = 30
    tail_days: int = 30
    """The paying days that are expected for what is later than anything that was ever paid."""
    coverage_bps: int = 8_000
    weekdays: tuple[int, ...] = attrs.field(default=(0, 1, 2, 3, 4), converter=_weekdays)
    """The weekdays on which anybody pays; holidays are not known to it."""

    def __attrs_post_init__(self) -> None:
        for name, (least, most) in _QUANTILE_RANGES.items():
            _check_whole(name, getattr(self, name), least=least, most=most)

    @property
    def low_bps(self) -> int:
        """What lies below the band."""
        return (_BPS - self.coverage_bps) // 2

    @property
    def cells(self) -> int:
        """How many places the scale of lateness has; the last is of what is not paid yet."""
        return self.early_days + self.late_days + 2
