"""Scenarios of a cash forecast: how much later, how much never, for whom, and what becomes of disputes.

>>> STRESS.shift_days, STRESS.unpaid_bps
(15, 300)
>>> scenario_from_table({"name": "strike", "shift-days": 5}, name="mine").shift_days
5
"""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables import limits
from receivables.errors import PolicyError
from receivables.forecast.model import CashForecast, CashPeriod, ForecastItem
from receivables.tables import (
    CellKind,
    Phrase,
    ResultTable,
    TableColumn,
    as_html,
    as_it_is,
    as_text,
)

__all__ = [
    "BASE",
    "CAUTIOUS",
    "SHIPPED",
    "STRESS",
    "CashScenario",
    "ScenarioComparison",
    "ScenarioRule",
    "compare",
    "load_scenarios",
    "scenario_from_table",
]

_BPS: Final = 10_000
_FILE_MAX: Final = 1_000_000
"""Characters of one file of scenarios."""
_HOLIDAY_MAX: Final = 366
"""Days of one closure: a year without a payment is no holiday."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _check_days(instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    del instance
    if not 0 <= value <= limits.TERM_DAYS_MAX:
        msg = f"{attribute.name} must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
        raise PolicyError(msg)


def _check_share(instance: object, attribute: attrs.Attribute[Any], value: int | None) -> None:
    del instance
    if value is not None and not 0 <= value <= _BPS:
        msg = f"{attribute.name} must be 0 to {_BPS}, got {value}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class ScenarioRule:
    """For some customers, segments or risk classes: how many days later, and what share never comes.

    What is empty fits everybody; the risk class of an item is its feature ``risk_class``.  Raises
    `PolicyError` for a share beyond the whole, or days below zero.
    """

    customers: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    segments: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    risk_classes: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    shift_days: int = attrs.field(default=0, validator=_check_days)
    unpaid_bps: int = attrs.field(default=0, validator=_check_share)

    def fits(self, item: ForecastItem) -> bool:
        """Whether it is about an item."""
        return (
            (not self.customers or item.customer in self.customers)
            and (not self.segments or item.segment in self.segments)
            and (
                not self.risk_classes
                or str(item.features.get("risk_class", "")) in self.risk_classes
            )
        )


@functools.lru_cache(maxsize=64)
def _general(shift_days: int, unpaid_bps: int) -> ScenarioRule:
    """The rule for everybody; asked for each item, and the same for most."""
    return ScenarioRule(shift_days=shift_days, unpaid_bps=unpaid_bps)


def _rules(values: Iterable[ScenarioRule]) -> tuple[ScenarioRule, ...]:
    return tuple(values)


def _spans(values: Iterable[Sequence[dt.date]]) -> tuple[tuple[dt.date, dt.date], ...]:
    spans = []
    for one in values:
        first, last = one
        if not 0 <= (last - first).days < _HOLIDAY_MAX:
            msg = f"holidays must end on or after their first day, within a year, got {first} to {last}"
            raise PolicyError(msg)
        spans.append((first, last))
    return tuple(sorted(spans))


@attrs.frozen(kw_only=True)
class CashScenario:
    """What differs from what is expected, as data; nothing does where nothing is said.

    The first of the `rules` that fits an item speaks for it, in the place of the days and the share
    of the scenario itself.  Direct debits and payment orders that are known come as they are: only
    holidays move them.  Raises `PolicyError` for a share beyond the whole, or days below zero.
    """

    name: str
    shift_days: int = attrs.field(default=0, validator=_check_days)
    """How many days later than expected everything comes."""
    unpaid_bps: int = attrs.field(default=0, validator=_check_share)
    """What share of what is expected never comes."""
    rules: tuple[ScenarioRule, ...] = attrs.field(default=(), converter=_rules)
    promises_kept_bps: int = attrs.field(default=_BPS, validator=_check_share)
    """How much of what promises and plans usually bring they bring now."""
    disputes_paid_bps: int | None = attrs.field(default=None, validator=_check_share)
    """What share of contested amounts is paid once decided; None for what it usually is."""
    dispute_shift_days: int = attrs.field(default=0, validator=_check_days)
    """How many days later than usual disputes are decided; on top of `shift_days`."""
    holidays: tuple[tuple[dt.date, dt.date], ...] = attrs.field(default=(), converter=_spans)
    """First and last days between which no cash comes; it comes on the day after."""

    def rule_of(self, item: ForecastItem) -> ScenarioRule:
        """What it says about an item."""
        for rule in self.rules:
            if rule.fits(item):
                return rule
        return _general(self.shift_days, self.unpaid_bps)

    def last_open_day(self, day: dt.date) -> dt.date:
        """The last day at or before a day on which cash comes."""
        for first, last in reversed(self.holidays):
            if first <= day <= last:
                day = first - dt.timedelta(days=1)
        return day


BASE: Final = CashScenario(name="base")
"""What is expected."""

CAUTIOUS: Final = CashScenario(
    name="cautious",
    shift_days=5,
    unpaid_bps=50,
    promises_kept_bps=8_000,
    dispute_shift_days=15,
)
"""A week of working days later, and half a percent less: a bad month, not a bad year."""

STRESS: Final = CashScenario(
    name="stress",
    shift_days=15,
    unpaid_bps=300,
    promises_kept_bps=5_000,
    disputes_paid_bps=0,
    dispute_shift_days=30,
)
"""Two weeks later, three percent never, half of the promises broken, every dispute lost."""

SHIPPED: Final = (BASE, CAUTIOUS, STRESS)
"""The scenarios that come with the library; their figures are assumptions, not measurements."""

_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dispute-shift-days": "whole number",
        "disputes-paid-bps": "whole number",
        "holidays": "list",
        "name": "text",
        "promises-kept-bps": "whole number",
        "rules": "list",
        "shift-days": "whole number",
        "unpaid-bps": "whole number",
    }
)
_RULE_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "customers": "list",
        "risk-classes": "list",
        "segments": "list",
        "shift-days": "whole number",
        "unpaid-bps": "whole number",
    }
)
_HOLIDAY_KEYS: Final[Mapping[str, str]] = MappingProxyType({"first": "day", "last": "day"})
_TYPES: Final[Mapping[str, type]] = MappingProxyType(
    {"day": dt.date, "list": list, "text": str, "whole number": int}
)


def scenario_from_table(table: Mapping[str, Any], *, name: str = "scenario") -> CashScenario:
    """A scenario from a table of a file; raises `PolicyError` that names the wrong key.

    >>> scenario_from_table({"nam": "x"}, name="cash.toml")
    Traceback (most recent call last):
        ...
    receivables.errors.PolicyError: cash.toml must have keys among dispute-shift-days, disputes-paid-bps, holidays, name, promises-kept-bps, rules, shift-days, unpaid-bps, got nam
    """
    found = _checked(table, _KEYS, name)
    if "name" not in found:
        msg = f"{name} must have a name, got none"
        raise PolicyError(msg)
    found["rules"] = [
        _rule(one, name=f"{name}: rules {place}")
        for place, one in enumerate(found.get("rules", ()), start=1)
    ]
    found["holidays"] = [
        _holiday(one, name=f"{name}: holidays {place}")
        for place, one in enumerate(found.get("holidays", ()), start=1)
    ]
    return CashScenario(**found)


def load_scenarios(text: str, *, name: str = "scenarios") -> tuple[CashScenario, ...]:
    """The scenarios of a TOML text, each a table of the list ``scenario``.

    >>> load_scenarios('[[scenario]]' + chr(10) + 'name = "slow"' + chr(10) + 'shift-days = 7')[0].name
    'slow'
    """
    if len(text) > _FILE_MAX:
        msg = f"{name} must be at most {_FILE_MAX} characters, got {len(text)}"
        raise PolicyError(msg)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error
    listed = _checked(tables, {"scenario": "list"}, name).get("scenario", [])
    found = tuple(
        scenario_from_table(one, name=f"{name}: scenario {place}")
        for place, one in enumerate(listed, start=1)
    )
    if len({one.name for one in found}) < len(found):
        msg = f"scenarios of {name} must have names of their own, got {', '.join(one.name for one in found)}"
        raise PolicyError(msg)
    return found


def _rule(table: object, *, name: str) -> ScenarioRule:
    found = _checked(table, _RULE_KEYS, name)
    for key in ("customers", "risk_classes", "segments"):
        if not all(isinstance(one, str) for one in found.get(key, ())):
            msg = f"{key} of {name} must be texts, got {found[key]!r}"
            raise PolicyError(msg)
    return ScenarioRule(**found)


def _holiday(table: object, *, name: str) -> tuple[dt.date, dt.date]:
    found = _checked(table, _HOLIDAY_KEYS, name)
    if len(found) < len(_HOLIDAY_KEYS):
        msg = f"{name} must have first and last, got {', '.join(found) or 'none'}"
        raise PolicyError(msg)
    return found["first"], found["last"]


def _checked(table: object, keys: Mapping[str, str], name: str) -> dict[str, Any]:
    """The values of a table by the names of their fields."""
    if not isinstance(table, Mapping):
        msg = f"{name} must be a table, got {table!r}"
        raise PolicyError(msg)
    if unknown := sorted(map(str, table.keys() - keys.keys())):
        msg = f"{name} must have keys among {', '.join(keys)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    for key, value in table.items():
        wanted = _TYPES[keys[key]]
        if not isinstance(value, wanted) or isinstance(value, (bool, dt.datetime)):
            msg = f"{key} of {name} must be a {keys[key]}, got {value!r}"
            raise PolicyError(msg)
    return {key.replace("-", "_"): value for key, value in table.items()}


def _forecasts(values: Iterable[CashForecast]) -> tuple[CashForecast, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ScenarioComparison:
    """Forecasts of the same periods under several scenarios, side by side, the first to compare with."""

    forecasts: tuple[CashForecast, ...] = attrs.field(converter=_forecasts)

    def difference_minor(self, scenario: str, creditor: str, currency: str) -> int:
        """How much less or more than under the first scenario comes within all periods.

        Raises `PolicyError` for a scenario that is not among them.
        """
        for one in self.forecasts:
            if one.scenario == scenario:
                first = self.forecasts[0].expected_minor(creditor, currency)
                return one.expected_minor(creditor, currency) - first
        msg = f"scenario must be among {', '.join(one.scenario for one in self.forecasts)}, got {scenario}"
        raise PolicyError(msg)

    def to_table(self) -> ResultTable:
        """A row for each period, a column for each scenario; below them what comes later or never."""
        first = self.forecasts[0]
        beyond = [
            (
                Phrase("later or never"),
                None,
                *group,
                *(one.beyond_minor.get(group, 0) for one in self.forecasts),
            )
            for group in first.groups
        ]
        return ResultTable(
            title=Phrase("expected cash by scenario"),
            columns=[
                TableColumn(name="first", kind=CellKind.DATE),
                TableColumn(name="last", kind=CellKind.DATE),
                TableColumn(name="creditor"),
                TableColumn(name="currency"),
                *(
                    TableColumn(
                        name=one.scenario, heading=as_it_is(one.scenario), kind=CellKind.MONEY
                    )
                    for one in self.forecasts
                ),
            ],
            rows=[
                (*_head(periods[0]), *(one.expected_minor for one in periods))
                for periods in zip(*(one.periods for one in self.forecasts), strict=True)
            ],
            totals=beyond,
            as_of=first.as_of,
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def _head(period: CashPeriod) -> tuple[dt.date, dt.date, str, str]:
    return period.first, period.last, period.creditor, period.currency


def compare(forecasts: Iterable[CashForecast]) -> ScenarioComparison:
    """Put forecasts of the same day, periods and items side by side.

    Raises `PolicyError` where there is none, where they are of different periods, or where two have
    the same scenario.
    """
    found = tuple(forecasts)
    if not found:
        msg = "forecasts must be one or more, got none"
        raise PolicyError(msg)
    heads = {(one.as_of, tuple(map(_head, one.periods))) for one in found}
    if len(heads) > 1:
        msg = f"forecasts must be of the same day and periods, got {len(heads)} kinds"
        raise PolicyError(msg)
    names = [one.scenario for one in found]
    if len(set(names)) < len(names):
        msg = f"scenarios must be different, got {', '.join(names)}"
        raise PolicyError(msg)
    return ScenarioComparison(forecasts=found)
