"""Alerts: rules as data that say when a measure of a group wants to be looked at.

>>> from fractions import Fraction
>>> from receivables.measures.model import MeasureFigure, MeasurePolicy, MeasureTable
>>> tables = [
...     MeasureTable(as_of=dt.date(2026, month, 28), policy=MeasurePolicy(), figures=[
...         MeasureFigure(measure=Measure.DSO, currency="EUR", value=Fraction(days))])
...     for month, days in ((8, 41), (9, 44), (10, 49))
... ]
>>> rule = AlertRule(name="dso-rises", measure="dso", kind="rise", limit=5, periods=2)
>>> [one] = alerts(MeasureSeries(tables=tables), [rule])
>>> str(one.sentence)
'dso is 49.0 days, 8.0 days more than on 2026-08-28'
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables._iso4217 import DIGITS
from receivables.errors import PolicyError
from receivables.measures._moves import GroupKey
from receivables.measures._naming import Named
from receivables.measures.model import (
    Measure,
    MeasureFigure,
    MeasureSeries,
    MeasureTable,
    MeasureUnit,
)
from receivables.tables import CellKind, Figure, Phrase, PhraseValue, ResultTable, TableColumn

__all__ = [
    "Alert",
    "AlertKind",
    "AlertRule",
    "AlertSeverity",
    "AlertState",
    "alert_rules",
    "alert_table",
    "alerts",
    "exact_number",
    "load_alert_rules",
    "standard_alert_rules",
]

_BPS: Final = 10_000
_PERIODS_MAX: Final = 400
_DECIMAL: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_HISTORY_MIN: Final = 3
"""How many earlier values say what is usual, at the least."""

_LOWER_IS_WORSE: Final = frozenset(
    {
        Measure.CEI,
        Measure.TURNOVER,
        Measure.CURRENT_SHARE,
        Measure.PROMISE_KEPT_RATE,
        Measure.CASH_APPLICATION_RATE,
        Measure.SALES,
    }
)


class AlertKind(Named):
    """What a rule compares the value of the last day with."""

    ABOVE = "above"
    """More than the limit."""
    BELOW = "below"
    """Less than the limit."""
    RISE = "rise"
    """At least the limit more than `periods` days of the series before."""
    FALL = "fall"
    """At least the limit less than then."""
    WORSENING = "worsening"
    """Worse than on the day before, `periods` times running; `limit` is the least change each time."""
    UNUSUAL = "unusual"
    """At least `limit` standard deviations from the mean of the `periods` values before, to the worse."""


class AlertSeverity(Named):
    """How much an alert matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertState(Named):
    """Whether a rule speaks, or cannot."""

    RAISED = "raised"
    NOT_JUDGED = "not-judged"
    """A value is missing; the alert says which."""


def exact_number(value: object) -> Fraction:
    """A limit from a whole number or a decimal text, exactly; raises `PolicyError` for a float."""
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Fraction(value)
    msg = f"limit must be a whole number or a decimal text, got {value!r}"
    raise PolicyError(msg)


def _group(values: Mapping[str, object]) -> Mapping[str, str]:
    names = ("creditor", "segment", "customer", "currency")
    if unknown := sorted(set(values) - set(names)):
        msg = f"group must name {', '.join(names)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    if len(texts) < len(values):
        msg = f"values of a group must be texts, got {dict(values)}"
        raise PolicyError(msg)
    return MappingProxyType(texts)


def _amounts(values: Mapping[str, int]) -> Mapping[str, int]:
    for currency, minor in values.items():
        if currency not in DIGITS or type(minor) is not int or minor < 0:
            msg = f"minimums_minor must be minor units of known currencies, got {currency!r}: {minor!r}"
            raise PolicyError(msg)
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class AlertRule:
    """When a measure of a group wants to be looked at.

    `limit` is in days for measures in days, in basis points for shares, in minor units for amounts,
    plain for ratios, and in standard deviations for `AlertKind.UNUSUAL`.  With `is_relative` a rise,
    a fall or a worsening is in basis points of the earlier value, whatever the measure.  `group`
    names the groups that are looked at, all of them where it is empty.  A group whose receivables
    are below the minimum of its currency is passed over, so that small accounts do not shout.

    Raises `PolicyError` for a rule that cannot be.
    """

    name: str = attrs.field()
    measure: Measure = attrs.field(converter=Measure)
    kind: AlertKind = attrs.field(converter=AlertKind)
    limit: Fraction = attrs.field(default=Fraction(0), converter=exact_number)
    periods: int = attrs.field(default=1)
    severity: AlertSeverity = attrs.field(default=AlertSeverity.WARNING, converter=AlertSeverity)
    group: Mapping[str, str] = attrs.field(factory=dict, converter=_group)
    minimums_minor: Mapping[str, int] = attrs.field(factory=dict, converter=_amounts)
    is_relative: bool = attrs.field(default=False)

    @name.validator
    def _check_name(self, _attribute: object, value: object) -> None:
        if not isinstance(value, str) or not value:
            msg = f"name of a rule must be a text that is not empty, got {value!r}"
            raise PolicyError(msg)

    @limit.validator
    def _check_limit(self, _attribute: object, value: Fraction) -> None:
        is_level = self.kind in (AlertKind.ABOVE, AlertKind.BELOW)
        if value < 0 and not is_level:
            msg = f"limit of {self.name} must not be below zero, got {value}"
            raise PolicyError(msg)
        if self.kind is AlertKind.UNUSUAL and not value:
            msg = f"limit of {self.name} must be above zero, got {value}"
            raise PolicyError(msg)

    @periods.validator
    def _check_periods(self, _attribute: object, value: int) -> None:
        least = _HISTORY_MIN if self.kind is AlertKind.UNUSUAL else 1
        if type(value) is not int or not least <= value <= _PERIODS_MAX:
            msg = f"periods of {self.name} must be from {least} to {_PERIODS_MAX}, got {value!r}"
            raise PolicyError(msg)

    @is_relative.validator
    def _check_relative(self, _attribute: object, value: bool) -> None:  # noqa: FBT001  # a validator
        changes = (AlertKind.RISE, AlertKind.FALL, AlertKind.WORSENING)
        if value and self.kind not in changes:
            msg = f"is_relative of {self.name} must be for a change, got {self.kind.value}"
            raise PolicyError(msg)

    @property
    def scale(self) -> int:
        """What one of the measure is in the unit of the limit."""
        return _BPS if self.is_relative or self.measure.unit is MeasureUnit.SHARE else 1

    @property
    def worse(self) -> int:
        """1 where more is worse, -1 where less is."""
        return -1 if self.measure in _LOWER_IS_WORSE else 1

    def looks_at(self, group: GroupKey) -> bool:
        """Whether the rule is about a group."""
        values = dict(zip(("creditor", "segment", "customer", "currency"), group, strict=True))
        return all(values[name] == value for name, value in self.group.items())


@attrs.frozen(kw_only=True)
class Alert:
    """What a rule says of a group: the value, what it was compared with, and a sentence.

    Of a rule that could not be judged `missing` says why, in a code: ``no-figure``, ``no-value`` or
    a code of `MeasureFigure.missing`, ``no-earlier-value``, ``no-variation``, ``no-receivables``.
    """

    rule: AlertRule
    state: AlertState = AlertState.RAISED
    as_of: dt.date
    creditor: str = ""
    segment: str = ""
    customer: str = ""
    currency: str = ""
    value: Fraction | None = None
    compared_to: Fraction | None = None
    """The limit, the earlier value, or the mean, in the unit of the measure."""
    compared_on: dt.date | None = None
    """The day of the earlier value."""
    missing: str = ""
    sentence: Phrase

    @property
    def group(self) -> GroupKey:
        """Creditor, segment, customer and currency, as those of `MeasureFigure`."""
        return (self.creditor, self.segment, self.customer, self.currency)

    @property
    def is_raised(self) -> bool:
        """Whether it is an alert, and not a rule that could not be judged."""
        return self.state is AlertState.RAISED

    def __str__(self) -> str:
        named = ", ".join(part for part in self.group if part)
        return f"{self.rule.severity.value}: {f'{named}: ' if named else ''}{self.sentence}"


_History: TypeAlias = "Sequence[tuple[dt.date, MeasureFigure | None]]"


def alerts(series: MeasureSeries, rules: Iterable[AlertRule]) -> tuple[Alert, ...]:
    """What rules say of the last day of a series, by rule and group.

    A rule that a missing value keeps from being judged says so; one that is judged and finds
    nothing says nothing.  Raises `PolicyError` for a series without days and for two rules of one
    name.
    """
    given = tuple(rules)
    names = [rule.name for rule in given]
    if len(set(names)) != len(names):
        msg = f"rules must have different names, got {', '.join(names)}"
        raise PolicyError(msg)
    if not series.tables:
        msg = "series must have at least one day, got none"
        raise PolicyError(msg)
    days = [_Day.of(table) for table in series.tables]
    return tuple(found for rule in given for found in _judged(rule, days))


@attrs.frozen
class _Day:
    """A table with its figures by group and measure."""

    as_of: dt.date
    figures: Mapping[tuple[GroupKey, Measure], MeasureFigure]
    groups: tuple[GroupKey, ...]

    @classmethod
    def of(cls, table: MeasureTable) -> _Day:
        figures = {(one.group, one.measure): one for one in table}
        return cls(table.as_of, figures, table.groups)


def _judged(rule: AlertRule, days: Sequence[_Day]) -> Iterator[Alert]:
    last = days[-1]
    groups = [group for group in last.groups if rule.looks_at(group)]
    # What was not measured at all is said once, and not of every group.
    if not any((group, rule.measure) in last.figures for group in groups):
        yield _not_judged(
            rule, last.as_of, ("", "", "", rule.group.get("currency", "")), "no-figure"
        )
        return
    for group in groups:
        history = [(day.as_of, day.figures.get((group, rule.measure))) for day in days]
        found = _of_group(rule, group, history, last)
        if found is not None:
            yield found


def _of_group(rule: AlertRule, group: GroupKey, history: _History, last: _Day) -> Alert | None:
    minimum = rule.minimums_minor.get(group[3])
    if minimum:
        held = last.figures.get((group, Measure.RECEIVABLES))
        if held is None or held.value is None:
            return _not_judged(rule, last.as_of, group, "no-receivables")
        if held.value < minimum:
            return None
    return _Judging(rule, group, history).judge()


@attrs.frozen
class _Judging:
    """One rule and one group."""

    rule: AlertRule
    group: GroupKey
    history: _History

    @property
    def day(self) -> dt.date:
        return self.history[-1][0]

    def judge(self) -> Alert | None:
        value = self._value(-1)
        if value is None:
            figure = self.history[-1][1]
            return self._missing("no-figure" if figure is None else figure.missing or "no-value")
        return _JUDGES[self.rule.kind](self, value)

    def _value(self, place: int) -> Fraction | None:
        if not -len(self.history) <= place < len(self.history):
            return None
        figure = self.history[place][1]
        return None if figure is None else figure.value

    def level(self, value: Fraction) -> Alert | None:
        """Above or below the limit."""
        limit = Fraction(
            self.rule.limit, _BPS if self.rule.measure.unit is MeasureUnit.SHARE else 1
        )
        is_above = self.rule.kind is AlertKind.ABOVE
        if not (value > limit if is_above else value < limit):
            return None
        words = (
            "{measure} is {value}, above {limit}"
            if is_above
            else "{measure} is {value}, below {limit}"
        )
        return self._raised(value, words, compared_to=limit, limit=self._shown(limit))

    def change(self, value: Fraction) -> Alert | None:
        """A rise or a fall against an earlier value."""
        place = -1 - self.rule.periods
        earlier = self._value(place)
        if earlier is None or (self.rule.is_relative and not earlier):
            return self._missing("no-earlier-value")
        sign = 1 if self.rule.kind is AlertKind.RISE else -1
        moved = sign * (value - earlier)
        if moved <= 0 or self._size(moved, earlier) < self.rule.limit:
            return None
        words = "{measure} is {value}, {change} more than on {day}"
        if sign < 0:
            words = "{measure} is {value}, {change} less than on {day}"
        day = self.history[place][0]
        return self._raised(
            value,
            words,
            compared_to=earlier,
            compared_on=day,
            change=self._shown(moved),
            day=day,
        )

    def worsening(self, value: Fraction) -> Alert | None:
        """Worse from day to day, so many times running."""
        values = [self._value(place) for place in range(-1 - self.rule.periods, 0)]
        known = [one for one in values if one is not None]
        if len(known) != len(values):
            return self._missing("no-earlier-value")
        for before, after in itertools.pairwise(known):
            moved = self.rule.worse * (after - before)
            if self.rule.is_relative and not before:
                return self._missing("no-earlier-value")
            if moved <= 0 or self._size(moved, before) < self.rule.limit:
                return None
        day = self.history[-1 - self.rule.periods][0]
        return self._raised(
            value,
            "{measure} is {value}, worse {times} times running since {day}, when it was {earlier}",
            compared_to=known[0],
            compared_on=day,
            times=self.rule.periods,
            day=day,
            earlier=self._shown(known[0]),
        )

    def unusual(self, value: Fraction) -> Alert | None:
        """Far from what it was before, to the worse, by exact squares."""
        past = [self._value(place) for place in range(-1 - self.rule.periods, -1)]
        known = [one for one in past if one is not None]
        if len(known) != len(past):
            return self._missing("no-earlier-value")
        mean = Fraction(sum(known), len(known))
        variance = Fraction(sum((one - mean) ** 2 for one in known), len(known) - 1)
        away = self.rule.worse * (value - mean)
        if not variance:
            return self._missing("no-variation") if away else None
        if away <= 0 or away**2 < self.rule.limit**2 * variance:
            return None
        # The root of a whole number of hundredths, rounded down, for the sentence alone.
        squares = Fraction(away**2 * 10_000, variance)
        times = Fraction(math.isqrt(squares.numerator // squares.denominator), 100)
        return self._raised(
            value,
            "{measure} is {value}, {times} standard deviations from its mean of {mean}",
            compared_to=mean,
            times=Figure(value=times, kind=CellKind.RATIO),
            mean=self._shown(mean),
        )

    def _size(self, moved: Fraction, earlier: Fraction) -> Fraction:
        """A change in the unit of the limit."""
        whole = abs(earlier) if self.rule.is_relative else Fraction(1)
        return Fraction(moved * self.rule.scale, whole)

    def _shown(self, value: Fraction) -> Figure:
        return _shown(self.rule.measure, value, self.group[3])

    def _missing(self, code: str) -> Alert:
        return _not_judged(self.rule, self.day, self.group, code)

    def _raised(
        self,
        value: Fraction,
        words: str,
        *,
        compared_to: Fraction,
        compared_on: dt.date | None = None,
        **values: PhraseValue,
    ) -> Alert:
        creditor, segment, customer, currency = self.group
        told = {"measure": Phrase(self.rule.measure.value), "value": self._shown(value), **values}
        return Alert(
            rule=self.rule,
            as_of=self.day,
            creditor=creditor,
            segment=segment,
            customer=customer,
            currency=currency,
            value=value,
            compared_to=compared_to,
            compared_on=compared_on,
            sentence=Phrase(words, told),
        )


_JUDGES: Final[Mapping[AlertKind, Callable[[_Judging, Fraction], Alert | None]]] = {
    AlertKind.ABOVE: _Judging.level,
    AlertKind.BELOW: _Judging.level,
    AlertKind.RISE: _Judging.change,
    AlertKind.FALL: _Judging.change,
    AlertKind.WORSENING: _Judging.worsening,
    AlertKind.UNUSUAL: _Judging.unusual,
}


def _not_judged(rule: AlertRule, day: dt.date, group: GroupKey, code: str) -> Alert:
    creditor, segment, customer, currency = group
    return Alert(
        rule=rule,
        state=AlertState.NOT_JUDGED,
        as_of=day,
        creditor=creditor,
        segment=segment,
        customer=customer,
        currency=currency,
        missing=code,
        sentence=Phrase(
            "{rule} cannot be judged: {missing}",
            {"rule": rule.name, "missing": Phrase(code.replace("-", " "))},
        ),
    )


_KINDS: Final[Mapping[MeasureUnit, CellKind]] = MappingProxyType(
    {
        MeasureUnit.DAYS: CellKind.DAYS,
        MeasureUnit.SHARE: CellKind.SHARE,
        MeasureUnit.RATIO: CellKind.RATIO,
        MeasureUnit.MONEY: CellKind.MONEY,
    }
)


def _shown(measure: Measure, value: Fraction, currency: str) -> Figure:
    """A value of a measure among words."""
    if measure.unit is MeasureUnit.MONEY:
        return Figure(value=int(value), kind=CellKind.MONEY, currency=currency)
    return Figure(value=value, kind=_KINDS[measure.unit], places=measure.places)


def alert_table(found: Iterable[Alert]) -> ResultTable:
    """Alerts as a table: how much each matters, of whom, and its sentence.

    >>> alert_table([]).rows
    ()
    """
    given = tuple(found)
    columns = ("severity", "state", "rule", "creditor", "segment", "customer", "currency")
    return ResultTable(
        title=Phrase("alerts"),
        columns=[
            *(TableColumn(name=name) for name in columns),
            TableColumn(name="sentence", heading=Phrase("what is to be seen")),
        ],
        rows=[
            [
                Phrase(one.rule.severity.value),
                Phrase(one.state.value.replace("-", " ")),
                one.rule.name,
                *one.group,
                one.sentence,
            ]
            for one in given
        ],
    )


_KEYS: Final = (
    "name",
    "measure",
    "kind",
    "limit",
    "periods",
    "severity",
    "group",
    "minimums_minor",
    "is_relative",
)


def alert_rules(table: Mapping[str, Any], *, name: str = "alerts") -> tuple[AlertRule, ...]:
    """Rules from a table as TOML gives it, with hyphens or underscores in its keys.

    Raises `PolicyError` naming the table for a key that means nothing and a value that cannot be.

    >>> [rule] = alert_rules({"rules": [
    ...     {"name": "slow", "measure": "dso", "kind": "above", "limit": "45.5"}]})
    >>> rule.limit
    Fraction(91, 2)
    """
    if unknown := sorted(set(table) - {"name", "version", "rules"}):
        msg = f"keys of {name} must be among name, version, rules, got {', '.join(unknown)}"
        raise PolicyError(msg)
    rows = table.get("rules", ())
    if isinstance(rows, (str, Mapping)) or not isinstance(rows, Sequence):
        msg = f"rules of {name} must be an array of tables, got {rows!r}"
        raise PolicyError(msg)
    return tuple(_rule(row, name) for row in rows)


def _rule(row: object, name: str) -> AlertRule:
    if not isinstance(row, Mapping):
        msg = f"rules of {name} must be an array of tables, got {row!r}"
        raise PolicyError(msg)
    values = {str(key).replace("-", "_"): value for key, value in row.items()}
    if unknown := sorted(set(values) - set(_KEYS)):
        msg = f"keys of a rule of {name} must be among {', '.join(_KEYS)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    try:
        return AlertRule(**values)
    except (TypeError, ValueError, AttributeError) as error:
        msg = f"rule {values.get('name', '')!r} of {name} must be valid, got {error}"
        raise PolicyError(msg) from error


def load_alert_rules(text: str, *, name: str = "alerts") -> tuple[AlertRule, ...]:
    """Rules from the text of a TOML file; raises `PolicyError` for one that is none."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error
    return alert_rules(table, name=name)


@cache
def standard_alert_rules() -> tuple[AlertRule, ...]:
    """The rules that come with the library; read them as a beginning, and choose limits of one's own.

    >>> standard_alert_rules()[0].name
    'dso-rises'
    """
    file = resources.files("receivables.measures") / "packs" / "alerts.toml"
    return load_alert_rules(file.read_text(encoding="utf-8"), name=file.name)
