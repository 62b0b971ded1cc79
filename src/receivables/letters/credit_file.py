r"""The credit file of a customer: all that a decision rests on, on one page.

>>> from receivables.testing.builders import a_creditor, a_customer
>>> file = CreditFile(creditor=a_creditor(), customer=a_customer(), as_of=dt.date(2026, 10, 31),
...                   currency="EUR", external=[ExternalScore(score="S-1", customer="C-017",
...                   source="paydex", value="62", rated_on=dt.date(2026, 9, 30))])
>>> letter = compose_credit_file(file, locale="en")
>>> letter.is_sheet, letter.table.caption, [row.cells for row in letter.table.rows]
(True, 'Scores from outside', [('paydex', 'Sep 30, 2026', '62', '')])
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from html import escape
from typing import Any, Final, TypeVar

import attrs

from receivables.casework.credit import CreditReview, ExternalScore
from receivables.credit.classes import RiskRating
from receivables.credit.insurance import InsuranceDeadline, StepState
from receivables.credit.limit_policies import CapKind
from receivables.credit.model import ExposureComponent, LimitStack, LimitStanding
from receivables.credit.recommendations import CreditRecommendation, FailureSign
from receivables.credit.recommending import LimitCap
from receivables.credit.reviewing import ReviewDue
from receivables.days import check_day
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.i18n import format_decimal
from receivables.letters._desk import Desk
from receivables.letters.credit_words import (
    action_label,
    cap_label,
    class_label,
    component_label,
    explain_recommendation,
    explain_review,
    limit_label,
    payment_label,
    percent,
    zone_label,
)
from receivables.letters.model import Labelled, Letter, LetterRow, LetterTable, plain
from receivables.letters.rules import file_stem
from receivables.money import Money, digits, from_minor, to_minor
from receivables.parties import Creditor, Customer
from receivables.scoring.behaviour import PaymentBehaviour, PaymentFigures
from receivables.scoring.scorecards import Score

__all__ = [
    "CreditFile",
    "FileCase",
    "FileCaseKind",
    "HistoryLine",
    "ScoreLine",
    "compose_credit_file",
    "credit_file_html",
]

_KIND: Final = "credit-file"

_ROWS_MOST: Final = {
    "caps": 12,
    "scores": 4,
    "contributions": 7,
    "exposure": 8,
    "limits": 6,
    "failure models": 4,
    "external scores": 4,
    "deadlines": 5,
    "cases": 6,
    "history": 6,
}
"""Rows of each table: together they fill a sheet of A4, or of US letter, and no more."""
_REASONS_MOST: Final = 6
_FIRST_MOST: Final = 24
"""Signs of a foreign text in the first column of a table, so that it takes one line."""
_TEXT_MOST: Final = 14
"""The same in a column beside it."""
_SENTENCE_MOST: Final = 150
_TITLE_MOST: Final = 70
_WHY_MOST: Final = 40
_LEGAL_MOST: Final = 240

_Row = TypeVar("_Row")


def _tuple(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ScoreLine:
    """What one characteristic gives to a score: its name, its value or bin as text, and its points."""

    characteristic: str
    value: str = ""
    points: Decimal | int = 0

    @classmethod
    def of(cls, score: Score, *, decimals: int = 0) -> tuple[ScoreLine, ...]:
        """The lines of a score, one for each characteristic: its label, its bin and its points.

        `decimals` are those of the card's points (`Scorecard.point_decimals`).
        """
        return tuple(
            cls(
                characteristic=one.label or one.characteristic,
                value=one.bin,
                points=Decimal(one.points).scaleb(-decimals),
            )
            for one in score.contributions
        )


class FileCaseKind(enum.Enum):
    """What is not settled with a customer."""

    DISPUTE = "dispute"
    PROMISE = "promise"
    BROKEN_PROMISE = "broken promise"


@attrs.frozen(kw_only=True)
class FileCase:
    """A dispute that is open, or a promise that is running or was broken."""

    kind: FileCaseKind = attrs.field(converter=FileCaseKind)
    reference: str
    on: dt.date
    """When it was opened, or the day that was promised."""
    amount: Money


@attrs.frozen(kw_only=True)
class HistoryLine:
    """A decision or a review of the past: its day, what was decided, by whom, and the limit."""

    on: dt.date
    what: str
    by: str = ""
    limit: Money | None = None

    @classmethod
    def of_review(cls, review: CreditReview, *, on: dt.date, locale: str) -> HistoryLine:
        """The line of a review, in the language of a locale.

        >>> review = CreditReview(review="R-1", customer="C-017", action="reduce", by="J. Roy")
        >>> HistoryLine.of_review(review, on=dt.date(2026, 5, 4), locale="fr").what
        'réduire'
        """
        label = action_label(review.action, locale)
        named = f"{label} ({review.risk_class})" if review.risk_class else label
        return cls(on=on, what=named, by=review.by, limit=review.limit)


@attrs.frozen(kw_only=True)
class CreditFile:
    """What is known of a customer's credit at the end of a day, for one page.

    Amounts of the exposure, the limits and the recommendation are in minor units of `currency`.  It
    shows itself in a notebook in the language of `locale`, the creditor's where none is said.

    Raises `DocumentError` where a part is of another customer, and `CurrencyMismatchError` where one
    is in another currency.
    """

    creditor: Creditor
    customer: Customer
    as_of: dt.date
    currency: str
    locale: str = ""
    rating: RiskRating | None = None
    contributions: tuple[ScoreLine, ...] = attrs.field(default=(), converter=_tuple)
    stack: LimitStack | None = None
    behaviour: PaymentBehaviour | None = None
    failures: tuple[FailureSign, ...] = attrs.field(default=(), converter=_tuple)
    external: tuple[ExternalScore, ...] = attrs.field(default=(), converter=_tuple)
    deadlines: tuple[InsuranceDeadline, ...] = attrs.field(default=(), converter=_tuple)
    cases: tuple[FileCase, ...] = attrs.field(default=(), converter=_tuple)
    history: tuple[HistoryLine, ...] = attrs.field(default=(), converter=_tuple)
    recommendation: CreditRecommendation | None = None
    review: ReviewDue | None = None

    def __attrs_post_init__(self) -> None:
        check_day(self.as_of, name="as_of")
        digits(self.currency)
        mine = self.customer.customer
        owners = [
            *(one.customer for one in self.external),
            *(one.customer for one in self.deadlines),
            *(one.customer for one in (self.behaviour, self.recommendation, self.review) if one),
        ]
        if others := sorted({str(owner) for owner in owners} - {str(mine)}):
            msg = f"credit file must be of {mine} alone, got {', '.join(others)}"
            raise DocumentError(msg)
        codes = [] if self.stack is None else [self.stack.exposure.currency]
        codes += [] if self.recommendation is None else [self.recommendation.currency]
        if others := sorted({*codes} - {self.currency}):
            msg = f"credit file must be in {self.currency}, got {', '.join(others)}"
            raise CurrencyMismatchError(msg)

    def _repr_html_(self) -> str:
        return credit_file_html(self)


def compose_credit_file(file: CreditFile, *, locale: str = "") -> Letter:
    """The credit file as a sheet, which the renderers of letters make into one page.

    It is in the language of `locale`, of the file, or of the creditor.  Lists are cut to what a page
    holds, and say how much more there is.  Raises `TranslationMissingError` for another language.
    """
    desk = _Desk(file=file, locale=locale or file.locale or file.creditor.locale)
    first, *rest = (*desk.tables(),) or (LetterTable(),)
    office = desk.office
    reference = f"{file.customer.customer}/{file.as_of.isoformat()}"
    names = (file.creditor.creditor, file.customer.customer, file.as_of.isoformat(), _KIND)
    return Letter(
        kind=_KIND,
        locale=desk.locale,
        date=file.as_of,
        sender=[_cut(file.creditor.name, _TITLE_MOST), *office.sender[1:]],
        place_and_date=desk.say("as of {date}", date=office.date(file.as_of)),
        reference=Labelled(office.word("letter", "our reference:"), plain(reference)),
        subject_label="",
        subject=desk.say("Credit file: {name}", name=_cut(file.customer.name, _TITLE_MOST)),
        salutation="",
        before=[*desk.opening()],
        table=first,
        tables=rest,
        closing="",
        legal=(_cut(office.legal_line, _LEGAL_MOST),),
        page_label=office.word("letter", "page"),
        is_sheet=True,
        file_stem=file_stem(*names),
    )


def _weight(line: ScoreLine) -> Decimal:
    return abs(Decimal(line.points))


def _cut(text: str, most: int) -> str:
    """A text as one line of so many signs at most."""
    line = plain(text)
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _first(text: str) -> str:
    return _cut(text, _FIRST_MOST)


def _text(text: str) -> str:
    return _cut(text, _TEXT_MOST)


@attrs.frozen(kw_only=True)
class _Desk:
    """A file and the language that it is read in."""

    file: CreditFile
    locale: str

    @property
    def office(self) -> Desk:
        """The desk of letters, for what every sheet has."""
        return Desk(
            creditor=self.file.creditor,
            customer=self.file.customer,
            contact=None,
            dated=self.file.as_of,
            locale=self.locale,
        )

    def say(self, message: str, **values: str | int) -> str:
        """A word of credit files."""
        return self.office.word("credit file", message, **values)

    def amount(self, minor: int | None) -> str:
        """An amount without its currency, which the sheet names once; nothing for None."""
        return "" if minor is None else self.office.amount(minor, self.file.currency)

    def money(self, amount: Money | None) -> str:
        """An amount: with its currency only where that is another than the file's."""
        if amount is None:
            return ""
        code = amount.currency.code
        if code == self.file.currency:
            return self.amount(to_minor(amount))
        return self.office.money(to_minor(amount), code)

    def date(self, day: dt.date | None) -> str:
        """A date in a table."""
        return self.office.cell_date(day, "medium")

    def opening(self) -> Iterator[str]:
        """What is recommended and why, the class, the terms and the next review."""
        advice, review = self.file.recommendation, self.file.review
        if advice is not None:
            what, *reasons = explain_recommendation(advice, locale=self.locale)
            yield self.say("Recommendation: {what}.", what=what)
            yield from (f"– {_cut(one, _SENTENCE_MOST)}" for one in reasons[:_REASONS_MOST])
            if more := len(reasons) - _REASONS_MOST if len(reasons) > _REASONS_MOST else 0:
                yield f"– {self.say('and {count} more', count=more)}"
        facts = [*self._facts()]
        if review is not None:
            why = _cut(explain_review(review.reasons[0], locale=self.locale), _WHY_MOST)
            date = self.office.date(review.due_on)
            facts.append(self.say("Next review: {date} ({why}).", date=date, why=why))
        yield " ".join((*facts, self.say("Amounts in {currency}.", currency=self.file.currency)))

    def _facts(self) -> Iterator[str]:
        advice, rating = self.file.recommendation, self.file.rating
        if advice is not None and advice.is_suspended:
            yield self.say("Credit is suspended.")
        name = (
            advice.risk_class if advice is not None else "" if rating is None else rating.risk_class
        )
        if name:
            yield self.say(
                "Risk class: {class}.", **{"class": class_label(_text(name), self.locale)}
            )
        if advice is not None:
            terms = payment_label(advice.payment, advice.terms_days, self.locale)
            yield self.say("Terms: {terms}.", terms=terms)

    def tables(self) -> Iterator[LetterTable]:
        """Every table that has something to say, in the order in which a decision is read."""
        for table in (
            self._caps(),
            self._scores(),
            self._contributions(),
            self._failures(),
            self._external(),
            self._exposure(),
            self._limits(),
            self._behaviour(),
            self._deadlines(),
            self._cases(),
            self._history(),
        ):
            if table.rows or table.totals:
                yield table

    def _table(  # the parts of a table, each by its name
        self,
        caption: str,
        headings: Sequence[str],
        values: Sequence[_Row],
        cells: Callable[[_Row], Sequence[str]],
        *,
        numbers: int = 1,
        totals: Iterable[Labelled] = (),
    ) -> LetterTable:
        most = _ROWS_MOST.get(caption, len(values))
        # The line that says how much more there is takes the place of a row.
        kept = values if len(values) <= most else values[: most - 1]
        rows = [[*cells(one)] for one in kept]
        if more := len(values) - len(kept):
            blanks = [""] * (len(headings) - 1)
            rows.append([self.say("and {count} more", count=more), *blanks])
        return LetterTable(
            caption=self.say(caption),
            headings=headings,
            rows=[LetterRow(cells=row) for row in rows],
            number_columns=numbers,
            totals=totals,
        )

    def _caps(self) -> LetterTable:
        advice = self.file.recommendation
        caps = () if advice is None else advice.recommended.caps
        used = [cap for cap in caps if cap.share_bps is not None]
        totals = []
        if advice is not None:
            amount = self.amount(advice.recommended.limit_minor)
            totals.append(Labelled(self.say("recommended limit"), amount))
        headings = [self.say(name) for name in ("cap", "figure", "share", "limit")]
        return self._table("caps", headings, used, self._cap, numbers=3, totals=totals)

    def _cap(self, cap: LimitCap) -> Sequence[str]:
        advice = self.file.recommendation
        binding = None if advice is None else advice.recommended.binding
        together = binding is CapKind.COMBINED and cap.is_combined
        name = cap_label(cap.kind, self.locale)
        if cap.kind is binding or together:
            name = self.office.word("credit cap", "{cap} (binding)", cap=name)
        figure = self.amount(cap.figure_minor) if cap.is_known else self.say("not known")
        return name, figure, percent(cap.share_bps or 0, self.locale), self.amount(cap.cap_minor)

    def _scores(self) -> LetterTable:
        considered = () if self.file.rating is None else self.file.rating.considered

        def cells(one: tuple[str, str, str]) -> Sequence[str]:
            scale, value, name = one
            return _first(scale), class_label(_text(name), self.locale), _text(value)

        headings = [self.say(name) for name in ("score", "class", "value")]
        return self._table("scores", headings, considered, cells)

    def _contributions(self) -> LetterTable:
        # What moves the score most is read first; of equals the one that was given first.
        lines = sorted(self.file.contributions, key=_weight, reverse=True)

        def cells(one: ScoreLine) -> Sequence[str]:
            return _first(one.characteristic), _text(one.value), self._points(one.points)

        headings = [self.say(name) for name in ("characteristic", "value", "points")]
        return self._table("contributions", headings, lines, cells)

    def _points(self, points: Decimal | int) -> str:
        if points == int(points):
            return str(int(points))
        return format_decimal(Decimal(points).quantize(Decimal("0.01")), self.locale)

    def _failures(self) -> LetterTable:
        def cells(one: FailureSign) -> Sequence[str]:
            value = format_decimal(one.value.quantize(Decimal("0.01")), self.locale)
            zone = zone_label(one.zone, self.locale)
            if not one.is_verified:
                zone = self.office.word("failure zone", "{zone}, unverified", zone=zone)
            return _first(one.model), zone, value

        headings = [self.say(name) for name in ("model", "zone", "value")]
        return self._table("failure models", headings, self.file.failures, cells)

    def _external(self) -> LetterTable:
        scores = sorted(self.file.external, key=lambda one: one.rated_on, reverse=True)

        def cells(one: ExternalScore) -> Sequence[str]:
            return (
                _first(one.source),
                self.date(one.rated_on),
                _text(one.value),
                self.money(one.limit),
            )

        headings = [
            self.say("source"),
            self.office.word("heading", "date"),
            self.say("value"),
            self.say("limit"),
        ]
        return self._table("external scores", headings, scores, cells, numbers=2)

    def _exposure(self) -> LetterTable:
        stack = self.file.stack
        parts = () if stack is None else stack.exposure.components

        def cells(one: ExposureComponent) -> Sequence[str]:
            name = component_label(one.kind, self.locale)
            share = percent(one.weight_bps, self.locale)
            return name, self.amount(one.amount_minor), share, self.amount(one.weighted_minor)

        totals = []
        if stack is not None:
            totals.append(Labelled(self.say("exposure"), self.amount(stack.exposure.total_minor)))
        headings = [
            self.say("component"),
            self.office.word("heading", "amount"),
            self.say("weight"),
            self.say("counted"),
        ]
        return self._table("exposure", headings, parts, cells, numbers=3, totals=totals)

    def _limits(self) -> LetterTable:
        stack = self.file.stack
        limits = () if stack is None else stack.limits

        def cells(one: LimitStanding) -> Sequence[str]:
            name = limit_label(one.kind, self.locale)
            amounts = (one.amount_minor, one.used_minor, one.free_minor)
            return name, self.date(one.limit.until), *map(self.amount, amounts)

        totals = [] if stack is None else [*self._standing(stack)]
        headings = [self.say(name) for name in ("limit", "until")]
        headings.append(self.office.word("heading", "amount"))
        headings += [self.say(name) for name in ("used", "free")]
        return self._table("limits", headings, limits, cells, numbers=3, totals=totals)

    def _standing(self, stack: LimitStack) -> Iterator[Labelled]:
        yield Labelled(self.say("capacity"), self.amount(stack.capacity_minor))
        if stack.excess_minor:
            yield Labelled(self.say("excess"), self.amount(stack.excess_minor))
        else:
            yield Labelled(self.say("free"), self.amount(stack.free_minor))
        if stack.covered_minor:
            yield Labelled(self.say("own risk"), self.amount(stack.own_risk_minor))

    def _behaviour(self) -> LetterTable:
        facts = [*self._behaviour_facts()]
        headings = [self.say("figure of behaviour"), self.say("value")]
        return self._table("behaviour", headings, facts, lambda one: one)

    def _behaviour_facts(self) -> Iterator[tuple[str, str]]:
        behaviour = self.file.behaviour
        if behaviour is None or not behaviour.is_known:
            return
        figures = behaviour.by_currency.get(self.file.currency) or behaviour.figures
        if figures is not None:
            yield from self._figures(figures)
        counts = (
            ("returned payments", behaviour.returned_payments),
            ("broken promises", behaviour.promises_broken),
            ("disputes opened", behaviour.disputes_opened),
        )
        yield from ((self.say(name), str(count)) for name, count in counts)

    def _figures(self, figures: PaymentFigures) -> Iterator[tuple[str, str]]:
        days = (
            ("days beyond terms", figures.paid_days_late),
            ("trend", figures.trend_days_late),
            ("spread", figures.deviation_days_late),
        )
        for name, hundredths in days:
            if hundredths is not None:
                number = format_decimal(Decimal(hundredths).scaleb(-2), self.locale)
                yield self.say(name), number
        score = figures.paydex()
        if score is not None:
            yield self.say("payment score"), str(score)
        if figures.late_bps is not None:
            yield self.say("late share"), percent(figures.late_bps, self.locale)
        yield (
            self.say("overdue amount"),
            self.office.amount(figures.overdue_minor, figures.currency),
        )
        if figures.oldest_overdue_days is not None:
            yield self.say("oldest overdue"), str(max(0, figures.oldest_overdue_days))

    def _deadlines(self) -> LetterTable:
        # What is done is over, and what comes first is read first.
        over = (StepState.DONE, StepState.DONE_LATE)
        lines = sorted(
            (one for one in self.file.deadlines if one.state not in over),
            key=lambda one: (one.on, one.item),
        )

        def cells(one: InsuranceDeadline) -> Sequence[str]:
            what = self.office.word("insurance step", one.step.value)
            owed = from_minor(one.open_minor, one.currency)
            return what, _text(one.item), self.date(one.on), self.money(owed)

        headings = [self.say("what"), *self._words("document", "date", "amount")]
        return self._table("deadlines", headings, lines, cells)

    def _cases(self) -> LetterTable:
        lines = sorted(self.file.cases, key=lambda one: (one.on, one.reference))

        def cells(one: FileCase) -> Sequence[str]:
            return (
                self.say(one.kind.value),
                _text(one.reference),
                self.date(one.on),
                self.money(one.amount),
            )

        headings = [self.say("what"), *self._words("reference", "date", "amount")]
        return self._table("cases", headings, lines, cells)

    def _history(self) -> LetterTable:
        lines = sorted(self.file.history, key=lambda one: one.on, reverse=True)

        def cells(one: HistoryLine) -> Sequence[str]:
            return _first(one.what), _text(one.by), self.date(one.on), self.money(one.limit)

        headings = [
            self.say("decision"),
            self.say("by"),
            self.office.word("heading", "date"),
            self.say("limit"),
        ]
        return self._table("history", headings, lines, cells)

    def _words(self, *names: str) -> list[str]:
        return [self.office.word("heading", name) for name in names]


def credit_file_html(file: CreditFile, *, locale: str = "") -> str:
    """The credit file for a notebook: the same sheet as plain HTML, numbers to the right.

    Nothing is loaded from anywhere, and whatever a name holds is text.
    """
    letter = compose_credit_file(file, locale=locale)
    return "".join(_html(letter))


_RIGHT: Final = ' style="text-align:right"'
_LEFT: Final = ' style="text-align:left"'


def _html(letter: Letter) -> Iterator[str]:
    yield f'<article lang="{escape(letter.locale)}"><h3>{escape(letter.subject)}</h3>'
    yield f"<p>{escape(letter.place_and_date)}</p>"
    yield from (f"<p>{escape(paragraph)}</p>" for paragraph in letter.before)
    for table in (letter.table, *letter.tables):
        if table.rows or table.totals:
            yield from _html_table(table)
    yield "</article>"


def _html_table(table: LetterTable) -> Iterator[str]:
    columns = len(table.headings)
    sides = [_RIGHT if at >= columns - table.number_columns else _LEFT for at in range(columns)]
    yield f"<table><caption{_LEFT}><strong>{escape(table.caption)}</strong></caption><thead><tr>"
    for heading, side in zip(table.headings, sides, strict=True):
        yield f'<th scope="col"{side}>{escape(heading)}</th>'
    yield "</tr></thead><tbody>"
    for row in table.rows:
        cells = zip(row.cells, sides, strict=True)
        yield f"<tr>{''.join(f'<td{side}>{escape(cell)}</td>' for cell, side in cells)}</tr>"
    yield "</tbody><tfoot>"
    for total in table.totals:
        yield f'<tr><th scope="row" colspan="{columns - 1}"{_LEFT}>{escape(total.label)}</th>'
        yield f"<td{_RIGHT}><strong>{escape(total.text)}</strong></td></tr>"
    yield "</tfoot></table>"
