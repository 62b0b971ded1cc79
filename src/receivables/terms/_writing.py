"""From terms to the compact text form."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables.days import Adjustment
from receivables.errors import PolicyError
from receivables.terms._rule_reading import natural_next_day
from receivables.terms._words import LANGUAGES, WRITTEN, Kind, ordinal
from receivables.terms.model import (
    Baseline,
    DueRule,
    InstallmentTerms,
    MonthEnd,
    NextDay,
    PaymentTerms,
    SettlementDiscount,
    Share,
    TaxBasis,
)

__all__ = ["format_terms"]

_TEXTLESS: Final = (
    *("closures", "residue", "rounding", "zero_lines", "overrun", "missing_baseline"),
    *("round_to", "weight"),
)
"""Fields that no words say; a text is refused where one of them differs from its default."""

_SHARED_BY_LINES: Final = ("cut_off", "payment_days", "next_day", "adjustment")
_LIST_MIN: Final = 2


def format_terms(terms: PaymentTerms, *, language: str = "en") -> str:
    """Write the compact text form, in English, French or Spanish.

    Reading it gives equal terms.  Raises `PolicyError` for what has no words: closures, weights,
    multiples, and conventions that are not the usual ones.

    >>> from receivables.terms import parse_terms
    >>> format_terms(parse_terms("2% 10th prox, net 30"))
    '2% discount 10th prox, net 30'
    >>> format_terms(parse_terms("45 days end of month on the 10"), language="fr")
    '45 fin de mois le 10'
    """
    if language not in LANGUAGES:
        msg = f"language must be one of {', '.join(LANGUAGES)}, got {language!r}"
        raise PolicyError(msg)
    return _Writer(language).agreement(terms)


@attrs.frozen
class _Writer:
    language: str

    def word(self, meaning: Any) -> str:  # noqa: ANN401  # a kind of token, or a value
        return WRITTEN[self.language][meaning]

    def agreement(self, terms: PaymentTerms) -> str:
        _check_words(terms)
        parts = [self._discount(step.percent, step) for step in terms.discounts]
        if terms.installments:
            parts.extend(self._installments(terms))
        else:
            rule = self.rule(terms)
            # The word tells the days of the whole from those of a discount, and from nothing.
            needs_net = rule.isdigit() or (parts and rule[0].isdigit())
            parts.append(f"{self.word(Kind.NET)} {rule}" if needs_net else rule)
        parts.extend(self._shared(terms))
        return ", ".join(parts)

    def _discount(self, percent: Decimal, rule: DueRule) -> str:
        _check_words(rule)
        if rule == SettlementDiscount(percent=percent, days=rule.days):
            return f"{_number(percent)}/{rule.days}"
        return f"{_number(percent)}% {self.word(Kind.DISCOUNT)} {self.rule(rule)}"

    def _shared(self, terms: PaymentTerms) -> Iterator[str]:
        if terms.sequential:
            yield self.word(Kind.SEQUENTIAL)
        if terms.baseline is not Baseline.DOCUMENT_DATE:
            yield self.word(terms.baseline)
        if terms.tax_basis is not TaxBasis.INCLUDED:
            yield self.word(terms.tax_basis)

    def _installments(self, terms: PaymentTerms) -> list[str]:
        _check_shared(terms)
        for line in terms.installments:
            _check_words(line)
        if any(line.share is Share.WEIGHT for line in terms.installments):
            return [self._equal(terms.installments)]
        return [self._installment(line) for line in terms.installments]

    def _equal(self, lines: tuple[InstallmentTerms, ...]) -> str:
        """Equal parts: "30/60/90" and what their rules share; two of them need their unit."""
        texts = [self.rule(line).partition(" ") for line in lines]
        numbers = [head for head, _, _ in texts]
        tails = {tail for _, _, tail in texts}
        days = [str(line.days) for line in lines]
        alike = all(line == attrs.evolve(lines[0], days=line.days) for line in lines)
        rising = sorted({line.days for line in lines}) == [line.days for line in lines]
        if (
            not alike
            or numbers != days
            or len(tails) != 1
            or len(lines) < _LIST_MIN
            or lines[0].is_retention
            or not rising
        ):
            msg = "equal parts must differ by their days alone to have a text, got others"
            raise PolicyError(msg)
        unit = f" {self.word(Kind.DAYS)}" if len(lines) == _LIST_MIN else ""
        tail = f" {tails.pop()}".rstrip()
        return f"{'/'.join(numbers)}{unit}{tail}"

    def _installment(self, line: InstallmentTerms) -> str:
        words = [self._share(line)]
        if line.is_retention:
            words.append(self.word(Kind.RETENTION))
        return " ".join([*words, self.rule(line)])

    def _share(self, line: InstallmentTerms) -> str:
        if line.amount is not None:
            return f"{line.amount.amount} {line.amount.currency.code}"
        if line.percent is None:
            return self.word(Kind.REST)
        bases = {
            Share.PERCENT_OF_REST: f" {self.word(Kind.OF_REST)}",
            Share.PERCENT_OF_UNTAXED: f" {self.word(Kind.OF_UNTAXED)}",
        }
        return f"{_number(line.percent)}%{bases.get(line.share, '')}"

    def rule(self, rule: DueRule) -> str:
        """The words of a rule, without "net"."""
        words = [*self._counted(rule), *self._payment_days(rule)]
        if rule.cut_off is not None:
            words.append(f"{self.word(Kind.CUT_OFF)} {rule.cut_off}")
        if rule.adjustment is not Adjustment.NONE:
            words.append(self.word(rule.adjustment))
        return " ".join(words) if words else self.word(Kind.IMMEDIATE)

    def _counted(self, rule: DueRule) -> list[str]:
        spans = [*self._months(rule), *self._span(rule)]
        end = self.word(Kind.END_OF_MONTH)
        if rule.month_end is MonthEnd.NONE:
            return spans
        if rule.month_end is MonthEnd.BEFORE_DAYS:
            return [end, *(spans or ["0"])]
        after = [f"+ {rule.days_after}"] if rule.days_after else []
        # Nothing before the end of the month would leave "+ 10" to the other reading.
        return [*(spans or (["0"] if after else [])), end, *after]

    def _months(self, rule: DueRule) -> list[str]:
        if rule.set_day is None:
            return [f"{rule.months} {self.word(Kind.MONTHS)}"] if rule.months else []
        day = ordinal(rule.set_day, self.language)
        if rule.months == 1:
            return [f"{day} {self.word(Kind.NEXT_MONTH)}"]
        months = f" + {rule.months}" if rule.months else ""
        return [f"{day} {self.word(Kind.OF_MONTH)}{months}"]

    def _span(self, rule: DueRule) -> list[str]:
        """Weeks and days; days alone need no unit."""
        alone = not (rule.months or rule.weeks or rule.set_day)
        plus = "+ " if rule.set_day else ""
        weeks = [f"{plus}{rule.weeks} {self.word(Kind.WEEKS)}"] if rule.weeks else []
        if not rule.days:
            return weeks
        unit = "" if alone else f" {self.word(Kind.DAYS)}"
        return [*weeks, f"{plus}{rule.days}{unit}"]

    def _payment_days(self, rule: DueRule) -> list[str]:
        if not rule.payment_days:
            return []
        fields = {
            "month_end": rule.month_end,
            "days_after": rule.days_after,
            "day": rule.payment_days,
        }
        said = {NextDay.ON_OR_AFTER: Kind.NEXT, NextDay.AFTER: Kind.AFTER}[rule.next_day]
        word = Kind.ON if rule.next_day is natural_next_day(fields) else said
        days = f" {self.word(Kind.AND)} ".join(map(str, rule.payment_days))
        return [f"{self.word(word)} {days}"]


def _number(value: Decimal) -> str:
    """A decimal number without needless zeros.

    >>> _number(Decimal("2.50")), _number(Decimal("10"))
    ('2.5', '10')
    """
    return f"{value:f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))


def _check_words(rule: DueRule) -> None:
    """Refuse what no words say."""
    for field in attrs.fields(type(rule)):
        if field.name in _TEXTLESS and getattr(rule, field.name) != _default(field):
            msg = f"{field.name} has no text, got {getattr(rule, field.name)}"
            raise PolicyError(msg)
    if rule.next_day is not NextDay.ON_OR_AFTER and not rule.payment_days:
        msg = "next_day has no text without payment days"
        raise PolicyError(msg)


def _default(field: attrs.Attribute[Any]) -> object:
    return field.default


def _check_shared(terms: PaymentTerms) -> None:
    """Refuse what an agreement says of all its installments at once."""
    plain = PaymentTerms()
    for name in _SHARED_BY_LINES:
        if getattr(terms, name) != getattr(plain, name):
            msg = f"{name} has a text on installments only, got {getattr(terms, name)}"
            raise PolicyError(msg)
