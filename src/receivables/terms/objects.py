"""From terms to due dates, installments and discounts; what a discount costs; terms from tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

import attrs

from receivables import limits
from receivables._arithmetic import Rounding, mul_div, split
from receivables.days import BusinessCalendar
from receivables.documents.model import DiscountOffer, Document, Installment
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.money import Money, digits, from_minor, to_minor
from receivables.terms import rules
from receivables.terms._loading import load_terms
from receivables.terms._reading import parse_terms
from receivables.terms._writing import format_terms
from receivables.terms.model import (
    DueRule,
    InstallmentTerms,
    MissingBaseline,
    PaymentTerms,
    Share,
    TaxBasis,
    ZeroLines,
)

__all__ = [
    "DiscountCost",
    "baseline_date",
    "discount_costs",
    "due_date",
    "due_dates",
    "format_terms",
    "load_terms",
    "parse_terms",
    "schedule",
    "with_terms",
]

_PRECISION: Final = 60


def due_date(
    terms: DueRule, *, baseline_date: dt.date, calendar: BusinessCalendar | None = None
) -> dt.date:
    """The day on which a document is due, or the day that any other rule leads to.

    Raises `PolicyError` for terms with installments, which have several, and for an adjustment to
    business days without a calendar.

    >>> due_date(parse_terms("45 end of month"), baseline_date=dt.date(2026, 1, 20))
    datetime.date(2026, 3, 31)
    >>> due_date(parse_terms("end of month 45"), baseline_date=dt.date(2026, 1, 20))
    datetime.date(2026, 3, 17)
    """
    if isinstance(terms, PaymentTerms) and terms.installments:
        msg = f"due_date must be asked of terms without installments, got {len(terms.installments)}. Use due_dates"
        raise PolicyError(msg)
    return rules.due_day(terms, baseline_date=baseline_date, calendar=calendar)


def due_dates(
    terms: PaymentTerms, *, baseline_date: dt.date, calendar: BusinessCalendar | None = None
) -> tuple[dt.date, ...]:
    """The due date of each installment, or the one due date of terms without any.

    >>> [day.isoformat() for day in due_dates(parse_terms("30/60/90"), baseline_date=dt.date(2026, 1, 1))]
    ['2026-01-31', '2026-03-02', '2026-04-01']
    """
    return rules.line_days(terms, baseline_date=baseline_date, calendar=calendar)


def baseline_date(document: Document, terms: PaymentTerms) -> dt.date:
    """The date of a document that terms count from.

    Raises `DocumentError` where the document lacks it and the terms name no other.
    """
    dates: list[dt.date | None] = [
        getattr(document, name) for name in rules.BASELINES[terms.baseline]
    ]
    known = [date for date in dates if date is not None]
    if len(known) == len(dates):
        return max(known)
    if terms.missing_baseline is MissingBaseline.DOCUMENT_DATE:
        return max([document.document_date, *known])
    msg = f"{terms.baseline.value} of {document.number} must be known to count its terms, got none"
    raise DocumentError(msg)


def schedule(
    total: Money,
    terms: PaymentTerms,
    *,
    baseline_date: dt.date,
    tax: Money | None = None,
    calendar: BusinessCalendar | None = None,
) -> tuple[Installment, ...]:
    """The installments of an amount: due dates, parts that add up to it, discount offers.

    A discount is offered on what is positive and no retention, and only where it is more than
    nothing and less than the installment.  `tax` is the part of the total that is tax; without it
    a discount lowers no tax, and `DocumentError` is raised for terms that need to know it.

    >>> terms = parse_terms("2/10, 30% 30, 70% 60")
    >>> for part in schedule(Money("100.05", "EUR"), terms, baseline_date=dt.date(2026, 3, 1)):
    ...     print(part.due_date, part.amount.amount, *(str(o.until) for o in part.discounts))
    2026-03-31 30.02 2026-03-11
    2026-04-30 70.03 2026-03-11
    """
    return _Scheduling(terms, total, tax, baseline_date, calendar).installments()


def with_terms(
    document: Document, terms: PaymentTerms, *, calendar: BusinessCalendar | None = None
) -> Document:
    """The document with its installments, due dates and discounts from terms.

    A due date that the document states is never touched, nor are amounts and discounts that it
    states.  A credit note gets a due date and no discount.  Raises `DocumentError` where terms need
    a date or a tax that the document does not have, or another number of installments.
    """
    stated = document.installments
    if all(part.due_date is not None for part in stated):
        return _with_offers(document, terms, calendar=calendar)
    start, tax = baseline_date(document, terms), _tax(document)
    if len(stated) > 1 or stated[0].discounts:
        parts = _dated(document, terms, start=start, calendar=calendar)
        dated = attrs.evolve(document, installments=parts, due_date=_document_due(document, parts))
        return _with_offers(dated, terms, calendar=calendar)
    plan = attrs.evolve(terms, discounts=()) if document.kind.is_credit else terms
    parts = schedule(document.total, plan, baseline_date=start, tax=tax, calendar=calendar)
    if stated[0].is_retention:
        parts = tuple(attrs.evolve(part, is_retention=True, discounts=()) for part in parts)
    return attrs.evolve(document, due_date=_document_due(document, parts), installments=parts)


def _with_offers(
    document: Document, terms: PaymentTerms, *, calendar: BusinessCalendar | None
) -> Document:
    """The document, whose due dates all are known, with discounts where it states none."""
    stated = document.installments
    has_offers = any(part.discounts for part in stated)
    if has_offers or not terms.discounts or document.kind.is_credit:
        return document
    start = baseline_date(document, terms)
    run = _Scheduling(terms, document.total, _tax(document), start, calendar)
    taxes = run.taxes([to_minor(part.amount) for part in stated])
    return attrs.evolve(document, installments=run.offered(stated, taxes))


def _dated(
    document: Document,
    terms: PaymentTerms,
    *,
    start: dt.date,
    calendar: BusinessCalendar | None,
) -> tuple[Installment, ...]:
    """The installments that a document states, each with a due date."""
    stated = document.installments
    days = due_dates(terms, baseline_date=start, calendar=calendar)
    days = days * len(stated) if len(days) == 1 else days
    if len(days) != len(stated):
        msg = f"installments of {document.number} must be {len(days)} as in its terms, got {len(stated)}"
        raise DocumentError(msg)
    return tuple(
        attrs.evolve(part, due_date=part.due_date or day)
        for part, day in zip(stated, days, strict=True)
    )


def _document_due(document: Document, parts: Sequence[Installment]) -> dt.date | None:
    """The one due date of a document: the last that is no retention's."""
    days = [part.due_date for part in parts if not part.is_retention and part.due_date is not None]
    every = [part.due_date for part in parts if part.due_date is not None]
    return document.due_date or max(days or every, default=None)


def _tax(document: Document) -> Money | None:
    """The tax of a document; None where it has no lines to say so."""
    if not document.lines:
        return None
    minor = sum(to_minor(tax.amount) for line in document.lines for tax in line.taxes)
    return from_minor(minor, document.currency)


@attrs.frozen
class _Scheduling:
    """One amount on its way to installments."""

    terms: PaymentTerms
    total: Money
    tax: Money | None
    start: dt.date
    calendar: BusinessCalendar | None

    def __attrs_post_init__(self) -> None:
        amounts = [line.amount for line in self.terms.installments if line.amount is not None]
        others = {money.currency.code for money in (*amounts, self.tax or self.total)}
        if others - {self.currency}:
            msg = f"currency must be {self.currency} in terms and tax, got {', '.join(sorted(others))}"
            raise CurrencyMismatchError(msg)

    @property
    def currency(self) -> str:
        return self.total.currency.code

    @property
    def total_minor(self) -> int:
        return to_minor(self.total)

    @property
    def tax_minor(self) -> int:
        """The tax; raises `DocumentError` where the terms need it and nobody knows it."""
        if self.tax is None:
            msg = "tax must be given for terms that count without it, got none"
            raise DocumentError(msg)
        return to_minor(self.tax)

    def installments(self) -> tuple[Installment, ...]:
        """The parts, without those that are nothing; a total of nothing is due at once."""
        lines = self.terms.installments
        if not lines:
            day = due_date(self.terms, baseline_date=self.start, calendar=self.calendar)
            return self.offered([Installment(day, self.total)], self.taxes([self.total_minor]))
        if not self.total_minor:
            return (Installment(self.start, self.total),)
        amounts = self._amounts()
        days = due_dates(self.terms, baseline_date=self.start, calendar=self.calendar)
        parts = [
            Installment(day, from_minor(amount, self.currency), is_retention=line.is_retention)
            for line, day, amount in zip(lines, days, amounts, strict=True)
        ]
        kept = self._kept(self.offered(parts, self.taxes(amounts)))
        return tuple(kept)

    def _kept(self, parts: tuple[Installment, ...]) -> tuple[Installment, ...]:
        if self.terms.zero_lines is ZeroLines.KEEP:
            return parts
        return tuple(part for part in parts if to_minor(part.amount))

    def _amounts(self) -> tuple[int, ...]:
        lines = self.terms.installments
        needs_tax = any(line.share is Share.PERCENT_OF_UNTAXED for line in lines)
        return rules.divide(
            self.total_minor,
            [_portion(line, self.currency) for line in lines],
            untaxed_minor=self.total_minor - (self.tax_minor if needs_tax else 0),
            residue=self.terms.residue,
            rounding=self.terms.rounding,
            overrun=self.terms.overrun,
        )

    def taxes(self, amounts: Sequence[int]) -> tuple[int, ...]:
        """The tax in each part, in proportion; parts of the amount without tax carry none."""
        carriers = [abs(amount) for amount in amounts]
        for place, line in enumerate(self.terms.installments[: len(carriers)]):
            if line.share is Share.PERCENT_OF_UNTAXED:
                carriers[place] = 0
        minor = 0 if self.tax is None else to_minor(self.tax)
        return split(minor, carriers) if minor and any(carriers) else (0,) * len(carriers)

    def offered(
        self, parts: Sequence[Installment], taxes: Sequence[int]
    ) -> tuple[Installment, ...]:
        """The parts with the discounts of the terms, each step divided over them without a loss."""
        if not self.terms.discounts:
            return tuple(parts)
        if self.terms.tax_basis is not TaxBasis.INCLUDED:
            _ = self.tax_minor
        steps = [
            (until, *self._step(units, parts, taxes))
            for until, units in rules.discount_steps(
                self.terms, baseline_date=self.start, calendar=self.calendar
            )
        ]
        return tuple(
            attrs.evolve(
                part,
                discounts=self._offers(
                    part,
                    [(until, amounts[place], lowered[place]) for until, amounts, lowered in steps],
                ),
            )
            for place, part in enumerate(parts)
        )

    def _step(
        self, units: int, parts: Sequence[Installment], taxes: Sequence[int]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What a step takes off each part, and off its tax."""
        bases, lowered = [], []
        for part, tax in zip(parts, taxes, strict=True):
            minor = 0 if part.is_retention else max(to_minor(part.amount), 0)
            base = rules.discountable_minor(minor, tax, basis=self.terms.tax_basis)
            bases.append(max(base, 0) if minor else 0)
            included = minor and self.terms.tax_basis is TaxBasis.INCLUDED
            lowered.append(max(tax, 0) if included else 0)
        return self._share(bases, units), self._share(lowered, units)

    def _share(self, bases: Sequence[int], units: int) -> tuple[int, ...]:
        whole = rules.discount_minor(sum(bases), units, rounding=self.terms.rounding)
        return split(whole, bases) if whole else (0,) * len(bases)

    def _offers(
        self, part: Installment, steps: Sequence[tuple[dt.date, int, int]]
    ) -> tuple[DiscountOffer, ...]:
        """The offers on one part by their days, without those that are void."""
        return tuple(
            DiscountOffer(
                until=until,
                amount=from_minor(amount, self.currency),
                tax=from_minor(min(tax, amount), self.currency),
            )
            for until, amount, tax in steps
            if 0 < amount < to_minor(part.amount)
        )


def _portion(line: InstallmentTerms, currency: str) -> rules.Portion:
    unit = 1
    if line.round_to is not None:
        exact = Fraction(line.round_to) * 10 ** digits(currency)
        if exact.denominator != 1:
            msg = f"round_to must be whole minor units of {currency}, got {line.round_to}"
            raise PolicyError(msg)
        unit = exact.numerator
    return rules.Portion(
        share=line.share,
        part=Fraction(line.percent or 0) / Fraction(100),
        fixed_minor=0 if line.amount is None else to_minor(line.amount),
        weight=line.weight,
        unit=unit,
    )


@attrs.frozen(kw_only=True)
class DiscountCost:
    """What a step of a discount costs a year: a percentage for having the money some days earlier.

    >>> cost = DiscountCost(percent=Decimal(2), days=20)
    >>> cost.annual_percent(), cost.annual_percent(year_days=360), cost.effective_percent()
    (Decimal('37.24'), Decimal('36.73'), Decimal('44.59'))
    """

    percent: Decimal
    days: int = attrs.field()
    """From the last day of the discount to the due date."""

    @days.validator
    def _check_days(self, _attribute: object, value: int) -> None:
        if not 0 < value <= limits.DAYS_MAX:
            msg = f"days must be more than 0 to have a cost a year, got {value}"
            raise PolicyError(msg)

    @property
    def period_rate(self) -> Fraction:
        """What is given up over what would be paid, for these days."""
        percent = Fraction(self.percent)
        return percent / Fraction(100 - percent)

    def annual_rate(self, *, year_days: int = 365) -> Fraction:
        """The simple rate a year, exactly."""
        return self.period_rate * Fraction(year_days, self.days)

    def annual_percent(
        self, *, year_days: int = 365, places: int = 2, rounding: Rounding = Rounding.HALF_UP
    ) -> Decimal:
        """The simple rate a year in percent, rounded once."""
        rate = self.annual_rate(year_days=year_days) * 100
        return _decimal(rate, places=places, rounding=rounding)

    def effective_percent(
        self, *, year_days: int = 365, places: int = 2, rounding: Rounding = Rounding.HALF_UP
    ) -> Decimal:
        """The rate a year in percent with compounding, computed with sixty digits, rounded once."""
        periods = Fraction(year_days, self.days)
        growth = 1 + self.period_rate
        with localcontext(prec=_PRECISION) as context:
            base = context.divide(growth.numerator, growth.denominator)
            power = context.power(
                base, context.divide(Decimal(periods.numerator), Decimal(periods.denominator))
            )
            percent = (power - 1) * 100
        return _decimal(Fraction(percent), places=places, rounding=rounding)


def _decimal(value: Fraction, *, places: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    minor = mul_div(value.numerator, 10**places, value.denominator, rounding=rounding)
    return Decimal(minor).scaleb(-places)


def discount_costs(
    terms: PaymentTerms, *, baseline_date: dt.date, calendar: BusinessCalendar | None = None
) -> tuple[DiscountCost, ...]:
    """What each step of the discounts costs, for a document of a date, the earliest day first.

    Steps that end on the due date or later cost nothing a year, and are left out.

    >>> discount_costs(parse_terms("3/5, 2/10, net 30"), baseline_date=dt.date(2026, 3, 1))
    (DiscountCost(percent=Decimal('3'), days=25), DiscountCost(percent=Decimal('2'), days=20))
    """
    due = due_date(terms, baseline_date=baseline_date, calendar=calendar)
    costs = [
        ((due - until).days, _decimal(Fraction(units, rules.PERCENT_SCALE // 100), places=4))
        for until, units in rules.discount_steps(
            terms, baseline_date=baseline_date, calendar=calendar
        )
    ]
    return tuple(
        DiscountCost(percent=_short(percent), days=days) for days, percent in costs if days > 0
    )


def _short(value: Decimal) -> Decimal:
    """A decimal number without needless zeros, and without an exponent."""
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()
