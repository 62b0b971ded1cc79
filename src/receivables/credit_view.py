"""A creditor's credit at the end of a day: exposure, limits, ratings, reviews, checks, files.

`Book.credit` gives it.  What is asked for is worked out once, and kept with the view.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Protocol, TypedDict, TypeVar

import attrs

from receivables.casework import (
    CreditLimit,
    CreditRequest,
    ExternalScore,
    FinancialStatement,
    LimitKind,
    LimitScope,
)
from receivables.collection.model import Deadline
from receivables.credit import (
    CreditCheck,
    CreditDesk,
    CreditPolicy,
    CreditSimulation,
    DecisionStanding,
    InsolvencyStanding,
    ReviewStanding,
    SuspensionStanding,
    decisions,
    insolvencies,
    reviews,
    simulate,
    suspensions_in_force,
)
from receivables.credit._tables import limit_usage_table
from receivables.credit.classes import RiskRating
from receivables.credit.exposure import exposure_from_ledger
from receivables.credit.insurance import (
    InsuranceDeadline,
    InsurancePolicy,
    InsuredItem,
    discretionary_limit,
    insurance_deadlines,
    insured_items,
    worklist_deadlines,
)
from receivables.credit.limits import (
    currencies_of,
    limit_stack,
    limit_stacks,
    limits_in_force,
)
from receivables.credit.model import Commitment, Exposure, LimitStack
from receivables.credit.recommendations import (
    CreditCase,
    CreditRecommendation,
    FailureSign,
    recommend,
)
from receivables.credit.recommending import (
    LimitFigures,
    RecommendedLimit,
    cover_of,
    recommend_limit,
    statement_figures,
)
from receivables.credit.reviewing import ReviewDue, review_calendar
from receivables.credit.suspensions import review_triggers
from receivables.credit_settings import CreditSettings
from receivables.currencies import ExchangeRates, RateKind
from receivables.days import days_past, to_day
from receivables.disputes import DisputePolicy, DisputeStanding
from receivables.disputes import standings as dispute_standings
from receivables.documents.model import Document, OpenItem
from receivables.errors import MissingRateError, PolicyError
from receivables.ledger.casework import CaseEvent
from receivables.ledger.credit import (
    FinancialsReceived,
    FinancialsWithdrawn,
    ScoreReceived,
    ScoreWithdrawn,
)
from receivables.ledger.model import DocumentCancelled, DocumentIssued
from receivables.ledger.objects import Ledger
from receivables.letters.credit_file import (
    CreditFile,
    FileCase,
    FileCaseKind,
    HistoryLine,
    ScoreLine,
    compose_credit_file,
)
from receivables.letters.model import Letter
from receivables.money import Money, from_minor, to_minor
from receivables.parties import UNIDENTIFIED, Creditor, Customer, CustomerId
from receivables.promises import JudgedPromise, PromisePolicy, PromiseState, judge
from receivables.scoring import PaymentBehaviour, behaviour
from receivables.scoring.failure import FailureScore, NotScored, all_scores
from receivables.scoring.failure_models import MODELS, CompanyKind
from receivables.scoring.ratios import ratios
from receivables.scoring.scorecards import Score, Scorecard, score
from receivables.tables import ResultTable, as_html

__all__ = ["CreditView"]

_EXACT: Final = Context(prec=28)
_YEAR_DAYS: Final = 365
_HUNDREDTHS: Final = 100
_POINTS: Final = "points"
_PROMPTNESS: Final = "paydex"


@attrs.frozen(kw_only=True, slots=False, eq=False)
class CreditView:
    """How far a creditor's customers are trusted, as it stands at the end of a day.

    `known_at` is a moment in UTC; without one it is as known now.  Amounts are minor units of each
    limit's currency, and of the creditor's where there is no limit.
    """

    ledger: Ledger = attrs.field(repr=False)
    owner: Creditor
    customers: Mapping[CustomerId, Customer] = attrs.field(repr=False)
    as_of: dt.date
    known_at: dt.datetime | None = None
    settings: CreditSettings = attrs.field(factory=CreditSettings, repr=False)
    scorecard: Scorecard | None = attrs.field(default=None, repr=False)
    commitments: tuple[Commitment, ...] = attrs.field(default=(), repr=False)
    rates: ExchangeRates | None = attrs.field(default=None, repr=False)
    promises: PromisePolicy = attrs.field(factory=PromisePolicy, repr=False)
    disputes: DisputePolicy = attrs.field(factory=DisputePolicy, repr=False)

    @property
    def creditor(self) -> str:
        """Whose customers they are."""
        return self.owner.creditor

    def to_table(self) -> ResultTable:
        """The use of every customer's limits: exposure, limit, what is free, our own risk."""
        return limit_usage_table(self.stacks.values(), as_of=self.as_of)

    def _repr_html_(self) -> str:
        return as_html(self.to_table())

    def on(self, day: dt.date, *, known_at: dt.datetime | None = None) -> CreditView:
        """The same at the end of another day, as known at a moment, or else as known here."""
        return attrs.evolve(self, as_of=day, known_at=known_at or self.known_at)

    @cached_property
    def names(self) -> tuple[CustomerId, ...]:
        """Every customer of the list, of the ledger, of a limit and of a commitment, sorted."""
        committed = [one.customer for one in self.commitments]
        limited = [limit.customer for limit in self._granted]
        known = {*self.customers, *self.behaviour, *self._owing, *committed, *limited}
        return tuple(sorted(known - {UNIDENTIFIED, CustomerId("")}))

    @cached_property
    def _owing(self) -> Mapping[CustomerId, tuple[OpenItem, ...]]:
        """What is open of each customer, debits and credits."""
        found: dict[CustomerId, list[OpenItem]] = {}
        for item in self.ledger.open_items(as_of=self.as_of, known_at=self.known_at):
            if item.creditor == self.creditor:
                found.setdefault(item.customer, []).append(item)
        return {name: tuple(items) for name, items in found.items()}

    def exposures_by(self, scope: LimitScope | str) -> Mapping[str, Exposure]:
        """What each customer, payer group or country may cost us."""
        return exposure_from_ledger(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            currency=self.owner.currency,
            currencies=currencies_of(self.limits, scope=LimitScope(scope)),
            policy=self.settings.policy.exposure,
            disputes=self.disputes,
            commitments=self.commitments,
            customers=self.customers.values(),
            by=scope,
            rates=self.rates,
        )

    @cached_property
    def exposures(self) -> Mapping[str, Exposure]:
        """What each customer may cost us, in parts."""
        return self.exposures_by(LimitScope.CUSTOMER)

    @cached_property
    def limits(self) -> tuple[CreditLimit, ...]:
        """The limits in force, with what insurance policies give without asking."""
        return (*self._granted, *self.discretionary)

    @cached_property
    def _granted(self) -> tuple[CreditLimit, ...]:
        return limits_in_force(self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at)

    @cached_property
    def discretionary(self) -> tuple[CreditLimit, ...]:
        """What insurance policies give customers of the list without asking, on this day."""
        named = _by_customer(self._granted)
        return tuple(
            found
            for policy in self._giving
            for name, customer in self.customers.items()
            if (found := self._discretionary(policy, customer, named.get(name, ()))) is not None
        )

    @property
    def _giving(self) -> list[InsurancePolicy]:
        """The policies that give limits without asking."""
        return [one for one in self.settings.insurance if one.discretionary_amount is not None]

    def _discretionary(
        self, policy: InsurancePolicy, customer: Customer, named: Iterable[CreditLimit]
    ) -> CreditLimit | None:
        known = self.behaviour.get(customer.customer)
        return discretionary_limit(
            policy,
            customer,
            as_of=self.as_of,
            limits=named,
            oldest_days=_oldest_days(known),
            known_since=known.known_since if known else None,
        )

    @cached_property
    def _given_then(self) -> tuple[CreditLimit, ...]:
        """What policies gave without asking on the day of each document that is open.

        A customer that is overdue today gets no such limit any more, and what it bought before is
        insured all the same.  Whether it was overdue then is seen from what is still open, as
        everywhere in insurance.
        """
        return tuple(
            limit
            for policy in self._giving
            for name, items in self._owing.items()
            if name in self.customers
            for limit in self._given_to(policy, self.customers[name], items)
        )

    def _given_to(
        self, policy: InsurancePolicy, customer: Customer, items: Iterable[OpenItem]
    ) -> Iterator[CreditLimit]:
        owed = [item for item in items if item.open_minor > 0]
        known = self.behaviour.get(customer.customer)
        oldest = min((item.due_date for item in owed if item.due_date), default=dt.date.max)
        for day in sorted({item.document_date for item in owed}):
            found = discretionary_limit(
                policy,
                customer,
                as_of=day,
                oldest_days=max(0, days_past(oldest, as_of=day)),
                known_since=known.known_since if known else None,
            )
            if found is not None:
                yield attrs.evolve(found, limit=f"{found.limit}:{day}", since=day, until=day)

    @cached_property
    def _limits_of(self) -> Mapping[CustomerId, tuple[CreditLimit, ...]]:
        """The limits in force of each customer, those of groups and countries left out."""
        return _by_customer(self.limits)

    def stacks_by(self, scope: LimitScope | str) -> Mapping[str, LimitStack]:
        """The limits of each customer, payer group or country against its exposure.

        Who has a limit and owes nothing is there as well.
        """
        kind = LimitScope(scope)
        known = self.exposures if kind is LimitScope.CUSTOMER else self.exposures_by(kind)
        idle = {
            holder: self._nothing(holder, currency, kind)
            for holder, currency in currencies_of(self.limits, scope=kind).items()
            if holder not in known
        }
        return limit_stacks(
            dict(sorted({**known, **idle}.items())),
            self.limits,
            as_of=self.as_of,
            rule=self.settings.policy.stack,
            rates=self.rates,
            insurance=self.settings.insurance,
        )

    def _nothing(self, holder: str, currency: str, scope: LimitScope) -> Exposure:
        return Exposure(
            creditor=self.creditor,
            holder=holder,
            scope=scope,
            currency=currency,
            as_of=self.as_of,
            components=(),
        )

    @cached_property
    def stacks(self) -> Mapping[str, LimitStack]:
        """The limits of each customer against its exposure."""
        return self.stacks_by(LimitScope.CUSTOMER)

    @cached_property
    def behaviour(self) -> Mapping[CustomerId, PaymentBehaviour]:
        """How each customer pays."""
        return behaviour(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            policy=self.settings.behaviour,
            rates=self.rates or ExchangeRates(),
            promises=self.promises,
        )

    @cached_property
    def financials(self) -> Mapping[CustomerId, tuple[FinancialStatement, ...]]:
        """The financial statements that are known of each customer, the last year first."""
        found: dict[CustomerId, list[FinancialStatement]] = {}
        kinds = (FinancialsReceived, FinancialsWithdrawn)
        gone = {event.case for event in self._events(FinancialsWithdrawn)}
        for event in self._events(*kinds):
            if isinstance(event, FinancialsReceived) and event.case not in gone:
                found.setdefault(event.owner, []).append(event.financials)
        return {
            name: tuple(
                sorted(
                    of_name,
                    # A customer's own accounts go before those of its whole group.
                    key=lambda one: (one.period_end, not one.is_consolidated, one.financials),
                    reverse=True,
                )
            )
            for name, of_name in found.items()
        }

    @cached_property
    def external_scores(self) -> Mapping[CustomerId, tuple[ExternalScore, ...]]:
        """What bureaus and insurers say of each customer: the last of each source that is valid."""
        gone = {event.case for event in self._events(ScoreWithdrawn)}
        found: dict[CustomerId, dict[str, ExternalScore]] = {}
        for event in self._events(ScoreReceived):
            if isinstance(event, ScoreReceived) and event.case not in gone:
                told = event.score
                if told.valid_until is not None and told.valid_until < self.as_of:
                    continue
                mine = found.setdefault(event.owner, {})
                before = mine.get(told.source)
                if before is None or before.rated_on <= told.rated_on:
                    mine[told.source] = told
        return {name: tuple(of_name.values()) for name, of_name in found.items()}

    def _events(self, *kinds: type[CaseEvent]) -> tuple[CaseEvent, ...]:
        return self.ledger.casework(
            self.creditor, as_of=self.as_of, known_at=self.known_at, kinds=kinds
        )

    def characteristics(self, customer: str) -> Mapping[str, object]:
        """What a scorecard may look at: how the customer pays, and the ratios of its last statement."""
        name = CustomerId(customer)
        found: dict[str, object] = {}
        if (known := self.behaviour.get(name)) is not None:
            found.update(known.characteristics())
        if statements := self.financials.get(name):
            found.update({key: _decimal(one) for key, one in ratios(statements[0]).items()})
        return found

    @cached_property
    def scores(self) -> Mapping[CustomerId, Score]:
        """The score of each customer by the scorecard; none where the book has no scorecard."""
        if self.scorecard is None:
            return {}
        card, found = self.scorecard, {}
        for name in self.names:
            known = self.characteristics(name)
            # What a card asks for and nobody knows is missing, which the card has a bin for.
            values = {column: known.get(column) for column in card.columns}
            found[name] = score(values, scorecard=card)
        return found

    @cached_property
    def failure_scores(self) -> Mapping[CustomerId, tuple[FailureScore | NotScored, ...]]:
        """What the failure models say of the last financial statement of each customer."""
        return {
            name: all_scores(
                statements[0],
                previous=_year_before(statements),
                company=self._company(name),
                price_index=self.settings.price_index,
            )
            for name, statements in self.financials.items()
        }

    def _company(self, name: CustomerId) -> CompanyKind:
        segment = self.customers[name].segment if name in self.customers else ""
        companies = self.settings.companies
        return companies.get(segment) or companies.get("*") or CompanyKind()

    @cached_property
    def ratings(self) -> Mapping[CustomerId, RiskRating]:
        """The risk class of each customer, with every score that was looked at."""
        return {name: self.settings.classes.rate(self._scales(name)) for name in self.names}

    def _scales(self, name: CustomerId) -> dict[str, int | str | None]:
        scales: dict[str, int | str | None] = {}
        if name in self.scores:
            scales[_POINTS] = self.scores[name].points
        known = self.behaviour.get(name)
        if known is not None and known.figures is not None:
            scales[_PROMPTNESS] = known.figures.paydex_with_open()
        for one in self.external_scores.get(name, ()):
            scales[one.source] = one.value if one.points is None else one.points
        return scales

    @cached_property
    def risk_classes(self) -> Mapping[str, str]:
        """The name of each customer's risk class."""
        return {name: rating.risk_class for name, rating in self.ratings.items()}

    @cached_property
    def desk(self) -> CreditDesk:
        """The desk that checks requests against all this."""
        return CreditDesk(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            policy=self.settings.policy,
            customers=self.customers.values(),
            commitments=self.commitments,
            limits=self.discretionary,
            risk_classes=self.risk_classes,
            insurance=self.settings.insurance,
            rates=self.rates,
            currency=self.owner.currency,
            promises=self.promises,
        )

    def check(self, request: CreditRequest) -> CreditCheck:
        """Whether a customer may have on credit what it asks for, and why not."""
        return self.desk.check(request)

    def simulate(
        self, *, first: dt.date | str, policy: CreditPolicy | None = None
    ) -> CreditSimulation:
        """What a policy, that of the settings or another, would have said of the sales since a day.

        What became of them is judged on the day of the view; see `receivables.credit.compare`.
        """
        return simulate(
            self.ledger,
            self.creditor,
            policy or self.settings.policy,
            first=to_day(first, name="first"),
            last=self.as_of,
            customers=self.customers.values(),
            commitments=self.commitments,
            insurance=self.settings.insurance,
            rates=self.rates,
            currency=self.owner.currency,
            promises=self.promises,
        )

    @cached_property
    def suspensions(self) -> tuple[SuspensionStanding, ...]:
        """Whose credit is suspended, and why."""
        return suspensions_in_force(
            self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at
        )

    @cached_property
    def insolvencies(self) -> tuple[InsolvencyStanding, ...]:
        """Who is in proceedings."""
        return insolvencies(self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at)

    @cached_property
    def last_reviews(self) -> Mapping[CustomerId, ReviewStanding]:
        """The last review of each customer."""
        held = reviews(self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at)
        return {one.customer: one for one in held}

    @cached_property
    def reviews_due(self) -> tuple[ReviewDue, ...]:
        """The reviews that are overdue, due or coming, the earliest first."""
        return review_calendar(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            policy=self.settings.reviews,
            classes=self.risk_classes,
            exposures={
                name: from_minor(exposure.total_minor, exposure.currency)
                for name, exposure in self.exposures.items()
                if name
            },
            triggers=review_triggers(
                self.ledger,
                self.creditor,
                as_of=self.as_of,
                known_at=self.known_at,
                desk=self.desk,
                promises=self.promises,
            ),
        )

    def insured_items(self, policy: InsurancePolicy) -> tuple[InsuredItem, ...]:
        """What an insurance policy insures of what is open, and why not more."""
        return insured_items(
            self.ledger,
            self.creditor,
            policy,
            as_of=self.as_of,
            known_at=self.known_at,
            limits=self._given_then,
            customers=self.customers.values(),
            rates=self.rates,
        )

    @cached_property
    def insurance_deadlines(self) -> tuple[InsuranceDeadline, ...]:
        """The days that the insurance policies set for what is overdue, the first to come first."""
        found = [
            deadline
            for policy in self.settings.insurance
            for deadline in insurance_deadlines(
                self.ledger,
                self.creditor,
                policy,
                as_of=self.as_of,
                known_at=self.known_at,
                limits=self._given_then,
                customers=self.customers.values(),
                rates=self.rates,
            )
        ]
        return tuple(sorted(found, key=lambda one: one.on))

    @property
    def worklist_deadlines(self) -> tuple[Deadline, ...]:
        """The same for a worklist, as far as something is still to be done."""
        return tuple(worklist_deadlines(self.insurance_deadlines))

    @cached_property
    def own_limits(self) -> Mapping[str, Money]:
        """What each customer that has a limit may owe in all.

        A customer whose limits are in several currencies is left out where their rates are not
        known.
        """
        currencies = currencies_of(self.limits)
        found: dict[str, Money] = {}
        for name, currency in currencies.items():
            try:
                stack = self._unused(CustomerId(name), currency)
            except MissingRateError:
                continue
            if stack.has_limit:
                found[name] = from_minor(stack.capacity_minor, currency)
        return found

    def _unused(self, name: CustomerId, currency: str) -> LimitStack:
        """The limits of a customer against an exposure of nothing."""
        nothing = self._nothing(name, currency, LimitScope.CUSTOMER)
        return limit_stack(
            nothing,
            self._limits_of.get(name, ()),
            as_of=self.as_of,
            rule=self.settings.policy.stack,
            rates=self.rates,
            insurance=self.settings.insurance,
        )

    def recommended_limit(
        self, customer: str, *, requested: Money | None = None
    ) -> RecommendedLimit:
        """The limit that a customer's class and figures recommend, cap by cap."""
        name = CustomerId(customer)
        rating = self.ratings.get(name) or self.settings.classes.rate({})
        return recommend_limit(
            self._figures(name, requested),
            risk_class=rating.risk_class,
            policy=self.settings.limits,
        )

    def recommendation(
        self, customer: str, *, requested: Money | None = None
    ) -> CreditRecommendation:
        """What to do with a customer's credit, with every reason."""
        name = CustomerId(customer)
        stack = self._stack(name)
        statements = self.financials.get(name, ())
        last = self.last_reviews.get(name)
        return recommend(
            CreditCase(
                creditor=self.owner.creditor,
                customer=name,
                as_of=self.as_of,
                recommended=self.recommended_limit(name, requested=requested),
                current_minor=_own_minor(stack),
                exposure_minor=stack.exposure.total_minor,
                rating=self.ratings.get(name),
                previous_class=last.review.risk_class if last else "",
                suspensions=self._suspensions_of.get(name, ()),
                insolvencies=self._insolvencies_of.get(name, ()),
                behaviour=self.behaviour.get(name),
                failures=self._failures(name),
                statement_on=statements[0].period_end if statements else None,
            ),
            policy=self.settings.recommendations,
            classes=self.settings.classes,
        )

    @cached_property
    def recommendations(self) -> tuple[CreditRecommendation, ...]:
        """What is recommended for every customer."""
        return tuple(map(self.recommendation, self.names))

    def _stack(self, name: CustomerId) -> LimitStack:
        if name in self.stacks:
            return self.stacks[name]
        currency = next(iter(currencies_of(self._limits_of.get(name, ())).values()), "")
        return self._unused(name, currency or self.owner.currency)

    def _failures(self, name: CustomerId) -> list[FailureSign]:
        return [
            FailureSign(model=MODELS[one.model].title, value=one.value, zone=one.zone.standing)
            for one in self.failure_scores.get(name, ())
            if isinstance(one, FailureScore)
        ]

    def _figures(self, name: CustomerId, requested: Money | None) -> LimitFigures:
        currency = self._stack(name).exposure.currency
        mine = self._limits_of.get(name, ())
        insured, cover_bps = cover_of(
            [one for one in mine if one.amount.currency.code == currency], currency=currency
        )
        known = self.behaviour.get(name)
        late = known.figures.with_open_days_late if known and known.figures else None
        bureau = [
            to_minor(one.limit)
            for one in self.external_scores.get(name, ())
            if one.limit is not None and one.limit.currency.code == currency
        ]
        had_cover = any(one.kind is LimitKind.INSURED for one in mine)
        return LimitFigures(
            currency=currency,
            **self._of_statement(name, currency),
            purchases_minor=self._bought(name, currency),
            delay_days=None if late is None else late // _HUNDREDTHS,
            insured_minor=insured if had_cover or insured else None,
            cover_bps=cover_bps,
            bureau_minor=min(bureau, default=None),
            requested_minor=None if requested is None else to_minor(requested),
        )

    def _of_statement(self, name: CustomerId, currency: str) -> dict[str, Any]:
        statements = self.financials.get(name)
        if not statements:
            return {}
        last = statements[0]
        if last.currency == currency:
            return statement_figures(last, currency=currency)
        rates = self.rates or ExchangeRates()
        try:
            rate = rates.rate(last.currency, currency, on=self.as_of, kind=RateKind.CLOSING)
        except MissingRateError:
            return {}  # the caps that need the statement say that they have no figure
        return statement_figures(last, currency=currency, rate=rate.value)

    def _bought(self, name: CustomerId, currency: str) -> int | None:
        """What a customer bought in the last year, tax included; None where it bought nothing."""
        return self._purchases.get((name, currency))

    @cached_property
    def _purchases(self) -> Mapping[tuple[CustomerId, str], int]:
        issued: dict[str, Document] = {}
        for event in self.ledger.events:
            if self.known_at is not None and event.recorded_at > self.known_at:
                continue
            age = days_past(event.effective_on, as_of=self.as_of)
            if age < 0:
                continue
            if isinstance(event, DocumentIssued) and event.document.creditor == self.creditor:
                issued[event.document.number] = event.document
            elif isinstance(event, DocumentCancelled) and event.creditor == self.creditor:
                # What was cancelled was not bought.
                issued.pop(event.number, None)
        found: dict[tuple[CustomerId, str], int] = {}
        for document in issued.values():
            if days_past(document.posting_date, as_of=self.as_of) >= _YEAR_DAYS:
                continue
            sign = -1 if document.kind.is_credit else 1
            key = (document.customer, document.total.currency.code)
            found[key] = found.get(key, 0) + sign * to_minor(document.total)
        return MappingProxyType({key: max(0, minor) for key, minor in found.items()})

    def file(self, customer: str, *, requested: Money | None = None) -> CreditFile:
        """The credit file of a customer: all that a decision rests on, on one page."""
        name = CustomerId(customer)
        if name not in self.customers:
            msg = f"customer must be in the customer list, got {customer!r}"
            raise PolicyError(msg)
        stack = self._stack(name)
        return CreditFile(
            creditor=self.owner,
            customer=self.customers[name],
            as_of=self.as_of,
            currency=stack.exposure.currency,
            rating=self.ratings.get(name),
            contributions=self._contributions(name),
            stack=stack,
            behaviour=self.behaviour.get(name),
            failures=self._failures(name),
            external=self.external_scores.get(name, ()),
            deadlines=self._deadlines_of.get(name, ()),
            cases=self._cases.get(name, ()),
            history=tuple(self._history(name)),
            recommendation=self.recommendation(name, requested=requested),
            review=self._reviews_of.get(name),
        )

    def file_letter(self, customer: str, *, locale: str = "") -> Letter:
        """The same as a sheet for the renderers of letters, in a language."""
        return compose_credit_file(self.file(customer), locale=locale)

    def _contributions(self, name: CustomerId) -> list[ScoreLine]:
        score = self.scores.get(name)
        if score is None:
            return []
        return [
            ScoreLine(characteristic=one.label, value=one.bin, points=one.points)
            for one in score.contributions
        ]

    @cached_property
    def _cases(self) -> Mapping[CustomerId, tuple[FileCase, ...]]:
        """The open disputes and promises of each customer, and the promises that were broken."""
        found: dict[CustomerId, list[FileCase]] = {}
        day: _Asked = {"as_of": self.as_of, "known_at": self.known_at}
        standing = dispute_standings(self.ledger, self.creditor, **day, policy=self.disputes)
        for one in standing:
            if one.is_open:
                found.setdefault(one.customer, []).extend(_disputed(one))
        judged = judge(self.ledger, self.creditor, **day, policy=self.promises)
        for promise in judged:
            if promise.state in _PROMISED:
                found.setdefault(promise.promise.customer, []).append(_promised(promise))
        return {name: tuple(cases) for name, cases in found.items()}

    def _history(self, name: CustomerId) -> Iterator[HistoryLine]:
        last = self.last_reviews.get(name)
        if last is not None:
            yield HistoryLine.of_review(last.review, on=last.reviewed_on, locale=self.owner.locale)
        for one in self._decisions_of.get(name, ()):
            yield HistoryLine(
                on=one.decided_on,
                what=f"{one.decision.request.request}: {one.decision.outcome.value}",
                by=one.released.by if one.released else one.decision.by,
                limit=None,
            )

    @cached_property
    def _decisions_of(self) -> Mapping[CustomerId, tuple[DecisionStanding, ...]]:
        """The decisions on the requests of each customer, the last one first."""
        decided = decisions(self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at)
        return _by_customer(sorted(decided, key=lambda one: one.decided_on, reverse=True))

    @cached_property
    def _suspensions_of(self) -> Mapping[CustomerId, tuple[SuspensionStanding, ...]]:
        return _by_customer(self.suspensions)

    @cached_property
    def _insolvencies_of(self) -> Mapping[CustomerId, tuple[InsolvencyStanding, ...]]:
        return _by_customer(self.insolvencies)

    @cached_property
    def _deadlines_of(self) -> Mapping[CustomerId, tuple[InsuranceDeadline, ...]]:
        return _by_customer(self.insurance_deadlines)

    @cached_property
    def _reviews_of(self) -> Mapping[CustomerId, ReviewDue]:
        return {name: due[0] for name, due in _by_customer(self.reviews_due).items()}


_PROMISED: Final = {
    PromiseState.OPEN: FileCaseKind.PROMISE,
    PromiseState.BROKEN: FileCaseKind.BROKEN_PROMISE,
}


class _Asked(TypedDict):
    """The day, and the moment of what is known."""

    as_of: dt.date
    known_at: dt.datetime | None


class _Customers(Protocol):
    """Something that is of a customer."""

    @property
    def customer(self) -> CustomerId: ...


_Of = TypeVar("_Of", bound=_Customers)


def _by_customer(values: Iterable[_Of]) -> dict[CustomerId, tuple[_Of, ...]]:
    """Values by their customer, in their order; those of nobody are left out."""
    found: dict[CustomerId, list[_Of]] = {}
    for value in values:
        if value.customer:
            found.setdefault(value.customer, []).append(value)
    return {name: tuple(of_name) for name, of_name in found.items()}


def _disputed(one: DisputeStanding) -> Iterator[FileCase]:
    for currency, minor in one.held_minor.items():
        yield FileCase(
            kind=FileCaseKind.DISPUTE,
            reference=one.name,
            on=one.opened_on,
            amount=from_minor(minor, currency),
        )


def _promised(one: JudgedPromise) -> FileCase:
    promise = one.promise
    return FileCase(
        kind=_PROMISED[one.state],
        reference=promise.promise,
        on=promise.due_on,
        amount=promise.amount,
    )


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else _EXACT.divide(Decimal(value.numerator), value.denominator)


def _oldest_days(known: PaymentBehaviour | None) -> int:
    figures = known.figures if known else None
    return max(0, figures.oldest_overdue_days or 0) if figures else 0


def _year_before(statements: Iterable[FinancialStatement]) -> FinancialStatement | None:
    """The statement before the last: of the same currency and scope, and an earlier year."""
    last, *others = statements
    return next(
        (
            one
            for one in others
            if (one.currency, one.is_consolidated) == (last.currency, last.is_consolidated)
            and one.period_end < last.period_end
        ),
        None,
    )


def _own_minor(stack: LimitStack) -> int | None:
    """Our own limit of a customer; None where nobody ever granted one."""
    kinds = (LimitKind.OWN, LimitKind.TEMPORARY)
    own = [one.amount_minor for one in stack.limits if one.kind in kinds]
    return sum(own) if own else None
