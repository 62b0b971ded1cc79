"""Credit checks before the document exists: what may be sold, which rules spoke, what would release it.

A `CreditDesk` looks at a ledger as it stood at the end of a day, once; every check is then a look at
what it has found.  Nothing is recorded and nothing changes.

>>> from receivables.casework.credit import CreditLimit
>>> from receivables.credit.policies import credit_policy
>>> from receivables.credit.recording import limit_granted
>>> from receivables.money import money
>>> from receivables.testing.builders import a_customer, an_invoice, issued, recorded
>>> day = dt.date(2026, 10, 20)
>>> limit = CreditLimit(limit="L-1", customer="C-017", amount=money("1000.00", "EUR"))
>>> ledger = Ledger().record(
...     issued(an_invoice(total="700.00")),
...     limit_granted(limit, creditor="MIRA", on=day, recorded_at=recorded(1)),
... )
>>> desk = CreditDesk(ledger, "MIRA", as_of=day, policy=credit_policy("standard"),
...                   customers=[a_customer()])
>>> order = CreditRequest(request="SO-9", customer="C-017", amount=money("400.00", "EUR"), on=day)
>>> check = desk.check(order)
>>> check.outcome.value, check.findings[0].rule.value, check.findings[0].pushed_over
('hold', 'limit', 'SO-9')
>>> [(one.kind.value, one.outcome.value, one.amount_minor) for one in check.releases][:2]
[('smaller-request', 'allow', 20000), ('payment', 'allow', 20000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from receivables.casework.credit import (
    CheckOutcome,
    CreditDecision,
    CreditFinding,
    CreditLimit,
    CreditRequest,
    CreditRule,
    LimitScope,
)
from receivables.credit import _check_releases as releasing
from receivables.credit._accounts import Account, Asked, Cell, Scales, Walked, cell_of, crossing
from receivables.credit._book_index import (
    BookIndex,
    IndexedFigures,
    cover_of,
    holder_of,
    insured_terms,
)
from receivables.credit._check_releases import LimitCase, Release, ReleaseKind
from receivables.credit._releasing import raise_needed
from receivables.credit._speaking_rules import (
    RulePlan,
    about_cover,
    about_customer,
    about_limit,
    about_request,
)
from receivables.credit.exposure import exposures_of
from receivables.credit.limits import currencies_of, limit_stack
from receivables.credit.model import (
    Commitment,
    ComponentKind,
    Exposure,
    ExposureComponent,
    ExposurePart,
    LimitStack,
)
from receivables.credit.policies import CreditPolicy, RuleLevels
from receivables.currencies.model import ExchangeRates
from receivables.days import check_day
from receivables.errors import DocumentError
from receivables.ledger.objects import Ledger
from receivables.parties import Customer, CustomerId
from receivables.promises import EXACT, PromisePolicy

if TYPE_CHECKING:
    from receivables.credit.insurance import InsurancePolicy

__all__ = ["CreditCheck", "CreditDesk", "Release", "ReleaseKind"]

_OUTCOMES: Final = tuple(CheckOutcome)
_SEVERITY: Final = {outcome: place for place, outcome in enumerate(_OUTCOMES)}
_PLACES: Final = {rule: place for place, rule in enumerate(CreditRule)}
_COMMITTED: Final = frozenset(
    {ComponentKind.DELIVERIES, ComponentKind.ORDERS, ComponentKind.BILLS, ComponentKind.CHEQUES}
)

_SCOPES: Final = (
    (CreditRule.LIMIT, LimitScope.CUSTOMER),
    (CreditRule.GROUP_LIMIT, LimitScope.GROUP),
    (CreditRule.COUNTRY_LIMIT, LimitScope.COUNTRY),
)


@attrs.frozen(kw_only=True)
class CreditCheck:
    """What a policy says of a request: the outcome, the rules that spoke, and what would release it.

    The outcome is the worst of the findings.  `before_minor` is the exposure without the request and
    `after_minor` the one with it, `capacity_minor` what may be owed, all in minor units of the
    `currency` of the customer's limit.
    """

    request: CreditRequest
    as_of: dt.date
    policy: str
    outcome: CheckOutcome
    findings: tuple[CreditFinding, ...] = ()
    releases: tuple[Release, ...] = ()
    currency: str
    before_minor: int
    after_minor: int
    capacity_minor: int
    has_limit: bool
    until: dt.date
    """The last day on which a decision made of it holds."""

    @property
    def passes(self) -> bool:
        """Whether what was asked for may go out: allowed, with or without a warning."""
        return self.outcome in (CheckOutcome.ALLOW, CheckOutcome.WARN)

    @property
    def free_minor(self) -> int:
        """What may still be sold after the request; below zero where the limit is exceeded."""
        return self.capacity_minor - self.after_minor

    @property
    def decision(self) -> CreditDecision:
        """The decision of the rules, ready to be recorded (`receivables.credit.credit_checked`)."""
        return self.decided()

    def decided(
        self,
        outcome: CheckOutcome | str | None = None,
        *,
        by: str = "",
        reason: str = "",
        name: str = "",
        until: dt.date | None = None,
    ) -> CreditDecision:
        """The decision of a person on the request, that of the rules where it says nothing else.

        It is named after the request and the day unless `name` says otherwise.  Raises
        `DocumentError` where it is milder than the rules and nobody says why.
        """
        return CreditDecision(
            decision=name or f"{self.request.request}:{self.as_of}",
            request=self.request,
            outcome=self.outcome if outcome is None else outcome,
            findings=self.findings,
            policy=self.policy,
            until=until or self.until,
            by=by,
            reason=reason,
        )

    def releases_of(self, rule: CreditRule | str) -> tuple[Release, ...]:
        """What would release one rule."""
        wanted = CreditRule(rule)
        return tuple(one for one in self.releases if one.rule is wanted)


_AccountKey: TypeAlias = tuple[LimitScope, str]
_ByName: TypeAlias = Mapping[tuple[str, str], Iterable[ExposurePart]]
_OwnRisk: TypeAlias = Callable[[int], int]


@attrs.define(kw_only=True)
class _Standing:
    """What is known of a customer whatever it asks for."""

    customer: str
    plan: RulePlan
    figures: IndexedFigures
    findings: tuple[CreditFinding, ...]
    own: Account
    accounts: tuple[tuple[CreditRule, RuleLevels, Account], ...]
    insured_days: int | None
    """The longest terms that the customer's insurer takes."""
    releases: tuple[Release, ...] | None = None


@attrs.define
class _Memory:
    """What a desk has worked out so far; it changes no answer."""

    standings: dict[str, _Standing] = attrs.field(factory=dict)
    accounts: dict[_AccountKey, Account] = attrs.field(factory=dict)
    pushed: dict[tuple[_AccountKey, int], str] = attrs.field(factory=dict)
    plans: dict[str, RulePlan] = attrs.field(factory=dict)


class CreditDesk:
    """A ledger at the end of a day under a credit policy, ready to check any number of requests.

    `customers` say who belongs to which group, country and segment, `commitments` what is ordered
    and not invoiced, `limits` what is in force besides the limits of the ledger (discretionary
    ones), `risk_classes` the class of each customer, that of its last review where they say none,
    `insurance` the policies that insured limits belong to.  `currency` is that of customers without
    a limit.  The same desk gives the same answer to the same request, always.
    """

    __slots__ = (
        "_index",
        "_insurance",
        "_memory",
        "_named",
        "_parts",
        "_reserved",
        "_risk_classes",
        "_scales",
        "currency",
        "policy",
    )

    def __init__(  # noqa: PLR0913  # what is not on the ledger, each by its name
        self,
        ledger: Ledger,
        creditor: str,
        *,
        as_of: dt.date,
        policy: CreditPolicy,
        known_at: dt.datetime | None = None,
        customers: Iterable[Customer] = (),
        commitments: Iterable[Commitment] = (),
        limits: Iterable[CreditLimit] = (),
        risk_classes: Mapping[str, str] | None = None,
        insurance: Iterable[InsurancePolicy] = (),
        rates: ExchangeRates | None = None,
        currency: str = "EUR",
        promises: PromisePolicy = EXACT,
    ) -> None:
        check_day(as_of, name="as_of")
        self._index = BookIndex(
            ledger=ledger,
            creditor=creditor,
            as_of=as_of,
            known_at=known_at,
            customers={one.customer: one for one in customers},
            commitments=tuple(commitments),
            promises=promises,
            given=tuple(limits),
        )
        self._risk_classes = dict(risk_classes or {})
        self._insurance = tuple(insurance)
        self.currency = currency
        self._reserved: Mapping[str, tuple[Asked, ...]] = {}
        self._scales = Scales(policy.exposure, rates, as_of)
        self.policy = policy
        self._parts = self._index.parts(policy.exposure)
        self._named = self._by_name(self._parts.by_customer)
        self._memory = _Memory()

    def _by_name(self, parts: Mapping[str, Iterable[ExposurePart]]) -> _ByName:
        """The commitments that count, by customer and name."""
        named: dict[tuple[str, str], list[ExposurePart]] = {}
        for customer in {one.customer for one in self._index.commitments}:
            for part in parts.get(customer, ()):
                if part.kind in _COMMITTED:
                    named.setdefault((customer, part.reference), []).append(part)
        return named

    @property
    def ledger(self) -> Ledger:
        """The ledger that it looks at."""
        return self._index.ledger

    @property
    def creditor(self) -> str:
        """Whose ledger it is."""
        return self._index.creditor

    @property
    def as_of(self) -> dt.date:
        """The day at whose end it looks."""
        return self._index.as_of

    @property
    def known_at(self) -> dt.datetime | None:
        """The moment whose knowledge it has; None for all that is known."""
        return self._index.known_at

    @property
    def customers(self) -> tuple[str, ...]:
        """Every customer that it knows anything of, sorted."""
        return self._index.names

    @property
    def reserved(self) -> tuple[CreditRequest, ...]:
        """What was reserved, customer by customer."""
        return tuple(one.request for asked in self._reserved.values() for one in asked)

    def __repr__(self) -> str:
        return f"<CreditDesk of {self.creditor} on {self.as_of} under {self.policy.title}>"

    def under(self, policy: CreditPolicy) -> CreditDesk:
        """The same ledger and day under another policy; what was reserved stays reserved."""
        if policy.exposure == self.policy.exposure:
            return self._copy(policy=policy, _memory=_Memory())
        scales = Scales(policy.exposure, self._scales.rates, self.as_of)
        parts = self._index.parts(policy.exposure)
        return self._copy(
            policy=policy,
            _memory=_Memory(),
            _scales=scales,
            _parts=parts,
            _named=self._by_name(parts.by_customer),
        )

    def _copy(self, **changes: Any) -> CreditDesk:  # noqa: ANN401  # the slots have many types
        other = object.__new__(CreditDesk)
        for name in CreditDesk.__slots__:
            setattr(other, name, changes.get(name, getattr(self, name)))
        return other

    def reserve(self, *requests: CreditRequest) -> CreditDesk:
        """A desk for which some requests are granted already, so that no other gets the same room.

        A request that is reserved again takes the place of the one before.
        """
        reserved = dict(self._reserved)
        for request in requests:
            before = reserved.get(request.customer, ())
            kept = tuple(one for one in before if one.request.request != request.request)
            reserved[request.customer] = (*kept, Asked.of(request))
        return self._copy(_reserved=reserved)

    def check_in_turn(self, requests: Iterable[CreditRequest]) -> tuple[CreditCheck, ...]:
        """Check several requests, each that passes being reserved before the next one."""
        desk, found = self, []
        for request in requests:
            check = desk.check(request)
            found.append(check)
            if check.passes:
                desk = desk.reserve(request)
        return tuple(found)

    def check(self, request: CreditRequest) -> CreditCheck:
        """What the policy says of a request on the day of the desk.

        Raises `DocumentError` for a request of an earlier day than the desk's, and
        `MissingRateError` for an amount in a currency without a rate.
        """
        if request.on < self.as_of:
            msg = f"on of request {request.request} must be {self.as_of} or later, got {request.on}"
            raise DocumentError(msg)
        standing, asked = self._standing(request.customer), Asked.of(request)
        findings = [
            *standing.findings,
            *about_request(standing.plan, request, standing.insured_days),
        ]
        releases = list(self._standing_releases(standing, asked))
        for finding in findings[len(standing.findings) :]:
            releases += releasing.of_terms(finding, standing.plan.of_request)
        before, after = self._exposures(standing.own, asked)
        for rule, terms, account in standing.accounts:
            around = (before, after) if account is standing.own else None
            for finding, case in self._over(rule, terms, account, asked, around):
                findings.append(finding)
                releases += releasing.of_limit(finding, case)
        for finding, found in self._uncovered(standing, after):
            findings.append(finding)
            releases += found
        if len(findings) > 1:
            findings.sort(key=_place)
            releases.sort(key=_place)
        worst = max((_SEVERITY[one.outcome] for one in findings), default=0)
        return CreditCheck(
            request=request,
            as_of=self.as_of,
            policy=self.policy.title,
            outcome=_OUTCOMES[worst],
            findings=tuple(findings),
            releases=tuple(releases),
            currency=standing.own.currency,
            before_minor=before,
            after_minor=after,
            capacity_minor=standing.own.capacity_minor,
            has_limit=standing.figures.has_limit,
            until=request.on + dt.timedelta(days=self.policy.valid_days),
        )

    def state(self, customer: str) -> tuple[CreditFinding, ...]:
        """What the rules say of a customer that asks for nothing, its limits included."""
        standing = self._standing(customer)
        found = list(standing.findings)
        for rule, terms, account in standing.accounts:
            total = self._with(account, ())
            said = about_limit(
                terms, total, capacity_minor=account.capacity_minor, currency=account.currency
            )
            if said is not None:
                pushed = self._pushed(account, said[1], "")
                found.append(_limit_finding(rule, said, total, account, pushed))
        return tuple(sorted(found, key=_place))

    def exposure(self, customer: str) -> Exposure:
        """The exposure to a customer in parts; what was reserved is no part of it."""
        own = self._standing(customer).own
        found = exposures_of(
            self._parts.by_customer.get(customer, ()),
            creditor=self.creditor,
            as_of=self.as_of,
            currency=own.currency,
            policy=self.policy.exposure,
            rates=self._scales.rates,
        )
        empty = Exposure(
            creditor=self.creditor,
            holder=customer,
            currency=own.currency,
            as_of=self.as_of,
            components=(),
        )
        return found.get(customer, empty)

    def limits(self, customer: str) -> LimitStack:
        """The limits of a customer against its exposure."""
        return self._stack(self.exposure(customer))

    def _stack(self, exposure: Exposure) -> LimitStack:
        return limit_stack(
            exposure,
            self._index.limits(exposure.scope, exposure.holder),
            as_of=self.as_of,
            rule=self.policy.stack,
            rates=self._scales.rates,
            insurance=self._insurance,
        )

    def _standing(self, customer: str) -> _Standing:
        found = self._memory.standings.get(customer)
        if found is None:
            found = self._looked_up(customer)
            self._memory.standings[customer] = found
        return found

    def _looked_up(self, customer: str) -> _Standing:
        known = self._index.customers.get(CustomerId(customer))
        plan = self._plan(known.segment if known is not None else "")
        accounts = dict(self._accounts(customer, known))
        own, group = accounts[CreditRule.LIMIT], accounts.get(CreditRule.GROUP_LIMIT)
        figures = self._figures(customer, known, own.currency)
        figures.has_limit = own.has_limit or (group is not None and group.has_limit)
        return _Standing(
            customer=customer,
            plan=plan,
            figures=figures,
            findings=about_customer(plan, figures, self.as_of),
            own=own,
            accounts=tuple(
                (rule, terms, account)
                for rule, terms in plan.of_limits
                if (account := accounts.get(rule)) is not None and account.has_limit
            ),
            insured_days=insured_terms(
                self._index.limits(LimitScope.CUSTOMER, customer), self._insurance
            ),
        )

    def _plan(self, segment: str) -> RulePlan:
        found = self._memory.plans.get(segment)
        if found is None:
            found = RulePlan.of(self.policy.terms(segment))
            self._memory.plans[segment] = found
        return found

    def _figures(self, customer: str, known: Customer | None, currency: str) -> IndexedFigures:
        index = self._index
        review = index.reviewed.get(customer)
        return IndexedFigures(
            index=index,
            customer=customer,
            currency=currency,
            scales=self._scales,
            debts=index.debts(customer, counts_disputed=self.policy.counts_disputed),
            country="" if known is None else holder_of(known, LimitScope.COUNTRY),
            risk_class=self._risk_classes.get(
                customer, "" if review is None else review.risk_class
            ),
            insolvencies=tuple(index.insolvent.get(customer, ())),
            suspended=tuple(index.suspended.get(customer, ())),
            review=(
                None
                if review is None or review.next_on is None
                else (review.next_on, review.review)
            ),
            is_reviewed=review is not None,
            cover=cover_of(
                index.spells.get((LimitScope.CUSTOMER, customer), ()), self.as_of, self._insurance
            ),
            has_limit=False,
        )

    def _accounts(
        self, customer: str, known: Customer | None
    ) -> Iterator[tuple[CreditRule, Account]]:
        """The accounts that a customer's requests count in: its own, and those with a limit."""
        yield CreditRule.LIMIT, self._account(LimitScope.CUSTOMER, customer)
        for rule, scope in _SCOPES[1:]:
            holder = "" if known is None else holder_of(known, scope)
            if holder and (scope, holder) in self._index.spells:
                yield rule, self._account(scope, holder)

    def _account(self, scope: LimitScope, holder: str) -> Account:
        key = (scope, holder)
        found = self._memory.accounts.get(key)
        if found is None:
            found = self._summed(scope, holder)
            self._memory.accounts[key] = found
        return found

    def _summed(self, scope: LimitScope, holder: str) -> Account:
        limits = self._index.limits(scope, holder)
        currency = currencies_of(limits, scope=scope).get(holder, self.currency)
        members = (holder,) if scope is LimitScope.CUSTOMER else self._index.members[scope, holder]
        owners: dict[str, dict[Cell, int]] = {}
        for member in members:
            sums = self._parts.cells.get(member, {})
            cells = owners.setdefault(member if scope is LimitScope.COUNTRY else holder, {})
            for cell, minor in sums.items():
                cells[cell] = cells.get(cell, 0) + minor
        account = Account(
            scope=scope, holder=holder, currency=currency, scales=self._scales, owners=owners
        )
        if limits:
            empty = Exposure(
                creditor=self.creditor,
                holder=holder,
                scope=scope,
                currency=currency,
                as_of=self.as_of,
                components=(),
            )
            stack = self._stack(empty)
            account.capacity_minor, account.has_limit = stack.capacity_minor, stack.has_limit
            account.limits = tuple(one.limit.limit for one in stack.limits)
        return account

    def _named_parts(self, customer: str, name: str) -> Iterable[ExposurePart]:
        return self._named.get((customer, name), ())

    def _with(
        self,
        account: Account,
        asked: Iterable[Asked],
        *,
        without: str = "",
    ) -> int:
        """The exposure of an account with what was reserved, but for one request, and what is asked."""
        held = self._held(account, without) if self._reserved else ()
        requests = (*held, *asked)
        if not requests:
            return account.total_minor
        return account.with_requests(requests, self._named_parts)

    def _held(self, account: Account, without: str) -> tuple[Asked, ...]:
        """What was reserved by the customers of an account."""
        if account.scope is LimitScope.CUSTOMER:
            found = self._reserved.get(account.holder, ())
        else:
            known = self._index.customers
            found = tuple(
                one
                for name, requests in self._reserved.items()
                if (member := known.get(CustomerId(name))) is not None
                and holder_of(member, account.scope) == account.holder
                for one in requests
            )
        return tuple(one for one in found if one.request.request != without)

    def _exposures(self, account: Account, asked: Asked) -> tuple[int, int]:
        """The exposure without a request and with it."""
        name = asked.request.request
        return self._with(account, (), without=name), self._with(account, (asked,), without=name)

    def _over(
        self,
        rule: CreditRule,
        terms: RuleLevels,
        account: Account,
        asked: Asked,
        around: tuple[int, int] | None,
    ) -> Iterator[tuple[CreditFinding, LimitCase]]:
        """The finding of a limit that a request would exceed, with what its releases need."""
        before, after = around or self._exposures(account, asked)
        said = about_limit(
            terms, after, capacity_minor=account.capacity_minor, currency=account.currency
        )
        if said is None:
            return
        name = asked.request.request
        pushed = name if before <= said[1] else self._pushed(account, said[1], name)
        yield (
            _limit_finding(rule, said, after, account, pushed),
            LimitCase(
                account=account,
                terms=terms,
                asked=asked,
                before_minor=before,
                after_minor=after,
                exposure_with=lambda other: self._with(account, (other,), without=name),
                stack=self.policy.stack,
            ),
        )

    def _pushed(self, account: Account, threshold: int, asked: str) -> str:
        """The item, commitment or reserved request with which an exposure passed a threshold."""
        key = ((account.scope, account.holder), threshold)
        if account.total_minor > threshold:
            if key not in self._memory.pushed:
                self._memory.pushed[key] = crossing(account, self._steps(account), threshold)
            return self._memory.pushed[key]
        taken: list[Asked] = []
        for one in self._held(account, asked):
            taken.append(one)
            if account.with_requests(taken, self._named_parts) > threshold:
                return one.request.request
        return asked

    def _steps(self, account: Account) -> Iterator[Walked]:
        if account.scope is LimitScope.CUSTOMER:
            members: Iterable[str] = (account.holder,)
        else:
            members = self._index.members[account.scope, account.holder]
        for member in members:
            for part in self._parts.by_customer.get(member, ()):
                yield Walked(
                    part.on or dt.date.min,
                    part.reference,
                    member,
                    cell_of(part),
                    part.amount_minor,
                )

    def _uncovered(
        self, standing: _Standing, after: int
    ) -> Iterator[tuple[CreditFinding, list[Release]]]:
        """The finding about what nobody but us would bear of the exposure."""
        terms = standing.plan.cover
        if terms is None:
            return
        own_risk = self._own_risk(standing.own)
        risk = own_risk(after)
        said = about_cover(terms, risk, standing.own.currency)
        if said is None:
            return
        finding = CreditFinding(
            rule=CreditRule.COVER,
            outcome=said[0],
            figure=risk,
            threshold=said[1],
            currency=standing.own.currency,
            references=standing.own.limits,
        )
        yield finding, list(releasing.of_cover(finding, terms, after, own_risk))

    def _own_risk(self, account: Account) -> _OwnRisk:
        def own_risk(total: int) -> int:
            exposure = Exposure(
                creditor=self.creditor,
                holder=account.holder,
                scope=account.scope,
                currency=account.currency,
                as_of=self.as_of,
                components=(_lump(total),) if total else (),
            )
            return self._stack(exposure).own_risk_minor

        return own_risk

    def _standing_releases(self, standing: _Standing, asked: Asked) -> Iterator[Release]:
        if standing.releases is None:
            standing.releases = tuple(
                release
                for finding in standing.findings
                for release in releasing.of_customer(
                    finding, standing.plan.terms[finding.rule], standing.figures
                )
            )
        for release in standing.releases:
            if release.rule is CreditRule.NO_LIMIT:
                yield self._granted(release, standing, asked)
            else:
                yield release

    def _granted(self, release: Release, standing: _Standing, asked: Asked) -> Release:
        """The least limit that would hold a request of a customer who has none."""
        _, after = self._exposures(standing.own, asked)
        terms = standing.plan.terms.get(CreditRule.LIMIT)
        bps = terms.steps[-1][1] if isinstance(terms, RuleLevels) else 10_000
        more = raise_needed(after, bps, capacity_minor=0, tolerance_minor=0)
        return attrs.evolve(release, amount_minor=more or after, currency=standing.own.currency)


def _place(said: CreditFinding | Release) -> int:
    """The place of a finding or a release: the rules as they are declared."""
    return _PLACES[said.rule]


def _limit_finding(
    rule: CreditRule,
    said: tuple[CheckOutcome, int],
    exposure_minor: int,
    account: Account,
    pushed: str,
) -> CreditFinding:
    return CreditFinding(
        rule=rule,
        outcome=said[0],
        figure=exposure_minor,
        threshold=said[1],
        currency=account.currency,
        pushed_over=pushed,
        references=account.limits,
    )


def _lump(total_minor: int) -> ExposureComponent:
    """An exposure of which only the total matters."""
    return ExposureComponent(
        kind=ComponentKind.OPEN_ITEMS,
        amount_minor=total_minor,
        weight_bps=10_000,
        weighted_minor=total_minor,
    )
