"""From words to the fields of one due rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables.errors import PolicyError
from receivables.terms._words import Kind, Token
from receivables.terms.model import MonthEnd, NextDay

__all__ = ["CLAUSES_BY_SECOND", "Cursor", "Fields", "Rule", "natural_next_day", "read_rule"]

Fields: TypeAlias = dict[str, Any]
"""The fields of a rule, by the names that its class takes."""

CLAUSES_BY_SECOND: Final = frozenset({Kind.PERCENT, Kind.SLASH, Kind.CURRENCY})
"""What makes of the number before it the beginning of a clause, and no part of a rule."""

_MONTH_ENDS_FROM: Final = 28
"""The first day of the month that can be its last."""


@attrs.define
class Cursor:
    """Tokens, and how far they are read."""

    tokens: Sequence[Token]
    place: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.place >= len(self.tokens)

    def kind(self, ahead: int = 0) -> Kind | None:
        """What comes next, or so many tokens later."""
        place = self.place + ahead
        return self.tokens[place].kind if place < len(self.tokens) else None

    def take(self, *kinds: Kind) -> Token | None:
        """Read the next token if it is one of these."""
        if self.is_over or self.tokens[self.place].kind not in kinds:
            return None
        self.place += 1
        return self.tokens[self.place - 1]

    def need(self, *kinds: Kind) -> Token:
        """Read the next token, which must be one of these."""
        token = self.take(*kinds)
        if token is None:
            msg = f"{kinds[0].value} is missing before {self.next_text}"
            raise PolicyError(msg)
        return token

    def whole(self, *kinds: Kind) -> int:
        """Read a whole number."""
        token = self.need(Kind.NUMBER, *kinds)
        if not isinstance(token.value, int):
            msg = f"{token.text} is no whole number"
            raise PolicyError(msg)
        return token.value

    @property
    def next_text(self) -> str:
        """What comes next, for messages."""
        return "the end" if self.is_over else repr(self.tokens[self.place].text)


@attrs.define
class Rule:
    """A rule as it is read, word by word."""

    end_of_month: MonthEnd
    """What "45 end of month" means here."""
    is_alone: bool = False
    """Whether it is no discount's and no installment's."""
    fields: Fields = attrs.field(factory=dict)
    has_unit: bool = False
    """Whether a unit was written beside a number."""
    has_plus: bool = False
    said: NextDay | None = None

    def put(self, name: str, value: object) -> None:
        """Take a field; raises `PolicyError` where it is there already."""
        if name in self.fields:
            msg = f"{name.replace('_', ' ')} is said twice"
            raise PolicyError(msg)
        self.fields[name] = value

    def put_next_month(self, day: int) -> None:
        """Take a day of the next month: of the one after what was counted, if anything was."""
        if not self.fields.keys() & {"days", "weeks", "months", "month_end"}:
            self.put("months", 1)
            self.put("set_day", day)
            return
        if self.fields.setdefault("month_end", MonthEnd.AFTER_DAYS) is not MonthEnd.AFTER_DAYS:
            msg = f"day {day} of the next month contradicts the days after the end of month"
            raise PolicyError(msg)
        self.put("day", (day,))

    def finished(self) -> Fields:
        """The fields, with what the words say only together."""
        if "day" in self.fields:
            self.fields["next_day"] = self.said or natural_next_day(self.fields)
        return self.fields


def natural_next_day(fields: Mapping[str, Any]) -> NextDay:
    """What "on the 30" means: after the end of a month the following one, else the next there is.

    >>> natural_next_day({"month_end": MonthEnd.AFTER_DAYS, "day": (30,)})
    <NextDay.AFTER: 'after'>
    """
    at_end = fields.get("month_end") is MonthEnd.AFTER_DAYS and not fields.get("days_after")
    late = max(fields["day"]) >= _MONTH_ENDS_FROM
    return NextDay.AFTER if at_end and late else NextDay.ON_OR_AFTER


def read_rule(
    cursor: Cursor,
    *,
    end_of_month: MonthEnd,
    begun: Mapping[str, Any] | None = None,
    is_alone: bool = False,
) -> Rule:
    """Read a rule as far as it goes; `begun` is what was read of it before.

    Raises `PolicyError` where there is none.
    """
    rule = Rule(end_of_month, is_alone, dict(begun or {}))
    if cursor.take(Kind.NET):
        cursor.take(Kind.SLASH)
    while not (cursor.is_over or _ends(cursor, rule)):
        kind = cursor.kind()
        assert kind is not None  # noqa: S101  # the cursor is not over
        _READERS[kind](cursor, rule)
    if not rule.fields:
        msg = f"days or another rule is missing before {cursor.next_text}"
        raise PolicyError(msg)
    rule.finished()
    return rule


def _ends(cursor: Cursor, rule: Rule) -> bool:
    """Whether the next token is no part of the rule."""
    kind, after = cursor.kind(), cursor.kind(1)
    if kind is Kind.NUMBER and rule.fields:
        return after in CLAUSES_BY_SECOND
    if kind is Kind.NET and rule.fields:
        # "45 jours nets fin de mois" goes on after it, "2/10 net 30" begins anew.
        return after in _BEGIN or (after in _MONTH_ENDS and not rule.is_alone)
    return kind not in _READERS


def _net(cursor: Cursor, _rule: Rule) -> None:
    cursor.need(Kind.NET)


def _plus(cursor: Cursor, rule: Rule) -> None:
    cursor.need(Kind.PLUS)
    rule.has_plus = True


def _immediate(cursor: Cursor, rule: Rule) -> None:
    cursor.need(Kind.IMMEDIATE)
    rule.put("days", 0)


def _number(cursor: Cursor, rule: Rule) -> None:
    number = cursor.whole()
    if cursor.kind() in (Kind.NEXT_MONTH, Kind.OF_MONTH):
        _day_of_month(cursor, rule, number)
        return
    name = _unit(cursor, rule)
    if rule.fields.get("month_end") is MonthEnd.AFTER_DAYS:
        if name != "days" or not rule.has_plus:
            msg = f"{number} after the end of the month needs a + and days"
            raise PolicyError(msg)
        name = "days_after"
    rule.put(name, number)
    rule.has_plus = False


def _unit(cursor: Cursor, rule: Rule) -> str:
    """The field that a number goes to by the unit after it."""
    # "30 day 10" names a day of the month, "30 day" does not.
    if cursor.kind() is Kind.DAY and cursor.kind(1) in (Kind.NUMBER, Kind.ORDINAL):
        return "days"
    unit = cursor.take(Kind.DAYS, Kind.DAY, Kind.WEEKS, Kind.MONTHS)
    rule.has_unit = rule.has_unit or unit is not None
    names = {Kind.WEEKS: "weeks", Kind.MONTHS: "months"}
    return "days" if unit is None else names.get(unit.kind, "days")


def _ordinal(cursor: Cursor, rule: Rule) -> None:
    _day_of_month(cursor, rule, cursor.need(Kind.ORDINAL).value)


def _day_of_month(cursor: Cursor, rule: Rule, day: int) -> None:
    if cursor.take(Kind.NEXT_MONTH):
        rule.put_next_month(day)
        return
    cursor.need(Kind.OF_MONTH)
    rule.put("set_day", day)
    # "15th of month + 2" counts months, "15th of month + 30 days" counts days.
    if cursor.kind() is Kind.PLUS and cursor.kind(2) not in _UNITS:
        cursor.need(Kind.PLUS)
        rule.put("months", cursor.whole())


def _end_of_month(cursor: Cursor, rule: Rule) -> None:
    cursor.need(Kind.END_OF_MONTH)
    if rule.fields.keys() & {"days", "weeks", "months", "set_day"}:
        rule.put("month_end", rule.end_of_month)
        return
    ahead = 1 if cursor.kind() is Kind.PLUS else 0
    counts = cursor.kind(ahead) is Kind.NUMBER and cursor.kind(ahead + 1) not in (
        *CLAUSES_BY_SECOND,
        *(Kind.NEXT_MONTH, Kind.OF_MONTH),
    )
    rule.put("month_end", MonthEnd.BEFORE_DAYS if counts else MonthEnd.AFTER_DAYS)


def _end_of_next_month(cursor: Cursor, rule: Rule) -> None:
    cursor.need(Kind.END_OF_NEXT_MONTH)
    rule.put("months", 1)
    rule.put("month_end", MonthEnd.AFTER_DAYS)


def _part_of_month(cursor: Cursor, rule: Rule) -> None:
    is_ten = cursor.need(Kind.TEN_DAYS, Kind.HALF_MONTH).kind is Kind.TEN_DAYS
    rule.put("day", (10, 20, 31) if is_ten else (15, 31))
    rule.said = NextDay.ON_OR_AFTER


def _payment_days(cursor: Cursor, rule: Rule) -> None:
    word = cursor.need(Kind.ON, Kind.DAY, Kind.NEXT, Kind.AFTER)
    days = [cursor.whole(Kind.ORDINAL)]
    if cursor.kind() in (Kind.NEXT_MONTH, Kind.OF_MONTH):
        _day_of_month(cursor, rule, days[0])
        return
    while _continues(cursor):
        cursor.take(Kind.COMMA, Kind.AND)
        cursor.take(Kind.ON)
        days.append(cursor.whole(Kind.ORDINAL))
    rule.put("day", tuple(days))
    rule.said = {Kind.NEXT: NextDay.ON_OR_AFTER, Kind.AFTER: NextDay.AFTER}.get(word.kind)


def _continues(cursor: Cursor) -> bool:
    """Whether another payment day follows, and no clause of its own."""
    if cursor.kind() not in (Kind.COMMA, Kind.AND):
        return False
    ahead = 2 if cursor.kind(1) is Kind.ON else 1
    is_day = cursor.kind(ahead) in (Kind.NUMBER, Kind.ORDINAL)
    return is_day and cursor.kind(ahead + 1) not in (*_UNITS, *_COUNTED)


def _cut_off(cursor: Cursor, rule: Rule) -> None:
    cursor.need(Kind.CUT_OFF)
    cursor.take(Kind.ON)
    rule.put("cut_off", cursor.whole(Kind.ORDINAL))


def _adjustment(cursor: Cursor, rule: Rule) -> None:
    rule.put("adjustment", cursor.need(Kind.ADJUSTMENT).value)


_BEGIN: Final = (Kind.NUMBER, Kind.ORDINAL, Kind.SLASH, Kind.IMMEDIATE)
_MONTH_ENDS: Final = (Kind.END_OF_MONTH, Kind.END_OF_NEXT_MONTH)
_UNITS: Final = (Kind.DAYS, Kind.DAY, Kind.WEEKS, Kind.MONTHS)
_COUNTED: Final = (*CLAUSES_BY_SECOND, Kind.END_OF_MONTH, Kind.NEXT_MONTH, Kind.OF_MONTH)
_READERS: Final[Mapping[Kind, Callable[[Cursor, Rule], None]]] = MappingProxyType(
    {
        Kind.NET: _net,
        Kind.PLUS: _plus,
        Kind.IMMEDIATE: _immediate,
        Kind.NUMBER: _number,
        Kind.ORDINAL: _ordinal,
        Kind.END_OF_MONTH: _end_of_month,
        Kind.END_OF_NEXT_MONTH: _end_of_next_month,
        Kind.TEN_DAYS: _part_of_month,
        Kind.HALF_MONTH: _part_of_month,
        Kind.ON: _payment_days,
        Kind.DAY: _payment_days,
        Kind.NEXT: _payment_days,
        Kind.AFTER: _payment_days,
        Kind.CUT_OFF: _cut_off,
        Kind.ADJUSTMENT: _adjustment,
    }
)
