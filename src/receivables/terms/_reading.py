"""From the compact text form to terms."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables import limits
from receivables.errors import PolicyError, ReceivablesError
from receivables.money import Money, money
from receivables.terms._rule_reading import CLAUSES_BY_SECOND, Cursor, Fields, Rule, read_rule
from receivables.terms._words import Kind, tokens
from receivables.terms.model import (
    InstallmentTerms,
    MonthEnd,
    PaymentTerms,
    SettlementDiscount,
    Share,
)

__all__ = ["parse_terms"]

_EXAMPLES: Final = (
    "'net 30', '45 end of month', 'end of month 45', '10th prox', '2/10 net 30', '30/60/90' "
    "or '30% 30, 70% 60'"
)
_SHOWN_MAX: Final = 60


def parse_terms(text: str, *, end_of_month: MonthEnd | None = None) -> PaymentTerms:
    """Read the compact text form, in English, French or Spanish; raises `PolicyError`.

    "45 end of month" adds the days first, and "end of month 45" goes to the end of the month first.
    Americans mean the latter by the former, mostly of discounts, so a discount "2/10 end of month"
    lasts ten days after the end of the month; `end_of_month` names one reading for both.  After
    the end of a month, "on the 10" is the 10th of the following one.

    >>> parse_terms("2/10, 1/20, net 30").days
    30
    >>> parse_terms("45 jours fin de mois").month_end
    <MonthEnd.AFTER_DAYS: 'after-days'>
    >>> parse_terms("fin de mois + 45").month_end
    <MonthEnd.BEFORE_DAYS: 'before-days'>
    >>> parse_terms("30 days end of month on the 10").day
    10
    """
    if end_of_month is MonthEnd.NONE:
        msg = "end_of_month must be after-days or before-days, got none"
        raise PolicyError(msg)
    shown = text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
    try:
        return _Reader(Cursor(_tokens(text)), end_of_month).terms()
    except ReceivablesError as error:
        msg = f"terms must look like {_EXAMPLES}, got {shown!r}: {error}"
        raise PolicyError(msg) from None


def _tokens(text: str) -> list[Any]:
    if len(text) > limits.TEXT_MAX:
        msg = f"it has {len(text)} characters, and {limits.TEXT_MAX} are the most"
        raise PolicyError(msg)
    return list(tokens(text))


@attrs.frozen(kw_only=True)
class _Clause:
    """One part of an agreement as it was read: what it is a part of, and its rule."""

    rule: Rule
    share: Share | None = None
    percent: Decimal | None = None
    amount: Money | None = None
    numbers: tuple[int, ...] = ()
    """The days of "30/60/90"."""
    is_pair: bool = False
    """Whether it is "2/10", which can be a discount or two installments."""
    is_discount: bool = False
    is_retention: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a rule and nothing else."""
        return not (self.share or self.numbers or self.is_pair or self.is_discount)

    def as_discount(self) -> SettlementDiscount:
        return SettlementDiscount(percent=self.percent, **self.rule.fields)

    def as_equal_parts(self) -> list[InstallmentTerms]:
        rules = [{**self.rule.fields, "days": days} for days in self.numbers]
        return [InstallmentTerms(share=Share.WEIGHT, **rule) for rule in rules]

    def as_installment(self) -> InstallmentTerms:
        share = self.share or Share.REMAINDER
        percent = None if share in (Share.REMAINDER, Share.FIXED) else self.percent
        return InstallmentTerms(
            share=share,
            percent=percent,
            amount=self.amount,
            is_retention=self.is_retention,
            **self.rule.fields,
        )


@attrs.define
class _Reader:
    """A reader of clauses, and of what is said of the whole agreement."""

    cursor: Cursor
    end_of_month: MonthEnd | None
    shared: Fields = attrs.field(factory=dict)

    def terms(self) -> PaymentTerms:
        """The agreement."""
        clauses: list[_Clause] = []
        while True:
            while self.cursor.take(Kind.COMMA, Kind.AND, Kind.PLUS):
                pass
            if self.cursor.is_over:
                return _assembled(clauses, self.shared, self.end_of_month or MonthEnd.AFTER_DAYS)
            if not self._take_shared():
                clauses.append(self._clause())

    def _take_shared(self) -> bool:
        """Read a word that is said of the whole agreement, if there is one."""
        token = self.cursor.take(Kind.BASELINE, Kind.TAX, Kind.SEQUENTIAL)
        if token is None:
            return False
        name = {Kind.BASELINE: "baseline", Kind.TAX: "tax_basis"}.get(token.kind, "sequential")
        if name in self.shared:
            msg = f"{token.text!r} comes after another word of its kind"
            raise PolicyError(msg)
        self.shared[name] = True if token.kind is Kind.SEQUENTIAL else token.value
        return True

    def _clause(self) -> _Clause:
        cursor = self.cursor
        if cursor.take(Kind.RETENTION):
            return attrs.evolve(self._clause(), is_retention=True)
        if cursor.take(Kind.DISCOUNT):
            percent = self._percent()
            return _Clause(percent=percent, is_discount=True, rule=self._rule())
        if cursor.take(Kind.REST):
            retention = self._is_retention()
            return _Clause(share=Share.REMAINDER, is_retention=retention, rule=self._rule())
        if cursor.kind() is Kind.NUMBER and cursor.kind(1) in CLAUSES_BY_SECOND:
            readers = {Kind.PERCENT: self._percentage, Kind.SLASH: self._slashed}
            return readers.get(cursor.kind(1), self._fixed)()  # type: ignore[arg-type]  # a kind
        return _Clause(rule=self._rule(is_alone=True))

    def _rule(
        self, *, begun: Fields | None = None, is_discount: bool = False, is_alone: bool = False
    ) -> Rule:
        usual = MonthEnd.BEFORE_DAYS if is_discount else MonthEnd.AFTER_DAYS
        return read_rule(
            self.cursor,
            end_of_month=self.end_of_month or usual,
            begun=begun,
            is_alone=is_alone,
        )

    def _is_retention(self) -> bool:
        return self.cursor.take(Kind.RETENTION) is not None

    def _percent(self) -> Decimal:
        percent = Decimal(self.cursor.need(Kind.NUMBER).value)
        self.cursor.need(Kind.PERCENT)
        return percent

    def _percentage(self) -> _Clause:
        percent = self._percent()
        bases = {Kind.OF_REST: Share.PERCENT_OF_REST, Kind.OF_UNTAXED: Share.PERCENT_OF_UNTAXED}
        base = self.cursor.take(*bases)
        is_discount = self.cursor.take(Kind.DISCOUNT) is not None
        share = Share.PERCENT_OF_TOTAL if base is None else bases[base.kind]
        return _Clause(
            share=None if is_discount else share,
            percent=percent,
            is_discount=is_discount,
            is_retention=self._is_retention(),
            rule=self._rule(),
        )

    def _fixed(self) -> _Clause:
        amount = self.cursor.need(Kind.NUMBER).value
        currency = self.cursor.need(Kind.CURRENCY).value
        return _Clause(
            share=Share.FIXED,
            amount=money(amount, currency),
            is_retention=self._is_retention(),
            rule=self._rule(),
        )

    def _slashed(self) -> _Clause:
        """A discount "2/10", or installments "30/60/90" that share what follows."""
        cursor = self.cursor
        first = cursor.need(Kind.NUMBER).value
        cursor.need(Kind.SLASH)
        if not (cursor.kind() is Kind.NUMBER and cursor.kind(1) is Kind.SLASH):
            return _Clause(percent=Decimal(first), is_pair=True, rule=self._rule(is_discount=True))
        numbers = [first, cursor.whole()]
        while cursor.take(Kind.SLASH):
            numbers.append(cursor.whole())
        unit = cursor.take(Kind.DAYS, Kind.DAY)
        rule = self._rule(begun={"days": numbers[-1]})
        rule.has_unit = unit is not None
        return _Clause(numbers=tuple(numbers), rule=rule)


def _assembled(clauses: Sequence[_Clause], shared: Fields, end_of_month: MonthEnd) -> PaymentTerms:
    """Make one agreement of its clauses; raises `PolicyError` where they make none, or two."""
    clauses = _with_lists(clauses, end_of_month)
    plain = [one for one in clauses if one.is_plain]
    parts = [one for one in clauses if one.share]
    lists = [one for one in clauses if one.numbers]
    if plain and parts and all(_may_be_discount(one) for one in parts):
        clauses = [_as_discount(one) if one.share else one for one in clauses]
        parts = []
    bodies = len(lists) + (1 if parts and len(plain) <= 1 else len(plain))
    if bodies != 1:
        msg = "it says more than one due date" if bodies else _only_discounts(clauses)
        raise PolicyError(msg)
    discounts = [one.as_discount() for one in clauses if one.is_discount or one.is_pair]
    if not (parts or lists):
        return PaymentTerms(discounts=discounts, **plain[0].rule.fields, **shared)
    installments = (
        lists[0].as_equal_parts()
        if lists
        else [one.as_installment() for one in clauses if one.share or one.is_plain]
    )
    return PaymentTerms(discounts=discounts, installments=installments, **shared)


def _only_discounts(clauses: Sequence[_Clause]) -> str:
    if any(one.is_pair for one in clauses):
        return "alone that is a discount or two installments; add 'net 30', or 'days' to the latter"
    return "it says no due date"


def _may_be_discount(clause: _Clause) -> bool:
    return clause.share is Share.PERCENT_OF_TOTAL and not clause.is_retention


def _as_discount(clause: _Clause) -> _Clause:
    """Take "2% 10" for a discount, beside "net 30"."""
    return attrs.evolve(clause, share=None, is_discount=True)


def _with_lists(clauses: Sequence[_Clause], end_of_month: MonthEnd) -> Sequence[_Clause]:
    """The clauses with "30/60 days" and "30, 60 and 90 days" as what "30/60/90" is."""
    last = clauses[-1] if clauses else None
    if last is None or not last.rule.has_unit or "days" not in last.rule.fields:
        return clauses
    if len(clauses) == 1 and last.is_pair and last.percent == int(last.percent or 0):
        fields = dict(last.rule.fields)
        if "month_end" in fields:
            fields["month_end"] = end_of_month
        rule = attrs.evolve(last.rule, fields=fields)
        numbers = (int(last.percent or 0), fields["days"])
        return [_Clause(numbers=numbers, rule=rule)] if numbers[0] < numbers[1] else clauses
    bare = all(one.is_plain and one.rule.fields.keys() == {"days"} for one in clauses[:-1])
    numbers = tuple(one.rule.fields.get("days", 0) for one in clauses)
    if len(clauses) > 1 and bare and last.is_plain and list(numbers) == sorted(set(numbers)):
        return [_Clause(numbers=numbers, rule=last.rule)]
    return clauses
