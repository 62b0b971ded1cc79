"""A credit policy over the past: what it would have held, and what became of those sales.

Each invoice is taken as the request for credit that it would have been, on its posting date, from
nothing but what was there before it.  The past is gone through once, whatever the policy asks.
"""

from __future__ import annotations

import bisect
import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from receivables.allocation.model import ResidualKind
from receivables.casework.credit import (
    CheckOutcome,
    CreditLimit,
    CreditRequest,
    CreditRequestKind,
    CreditRule,
    LimitScope,
)
from receivables.collection.payments import payment_history
from receivables.credit._accounts import Account, Asked, Cell, Scales
from receivables.credit._book_index import cover_of, holder_of, insured_terms
from receivables.credit._past_books import CustomerBook, PastBooks, When
from receivables.credit._speaking_rules import (
    Found,
    Held,
    PastDue,
    RulePlan,
    about_cover,
    about_customer,
    about_limit,
    about_request,
)
from receivables.credit.limits import currencies_of, limit_history, limit_stack
from receivables.credit.model import (
    Commitment,
    ComponentKind,
    Exposure,
    ExposureComponent,
    LimitSpell,
    LimitStack,
)
from receivables.credit.policies import CreditPolicy, RuleLevels
from receivables.currencies.model import ExchangeRates
from receivables.days import check_day, days_past
from receivables.disputes import holdbacks, holdbacks_until_credited
from receivables.documents.model import Invoice
from receivables.documents.objects import open_items
from receivables.errors import PolicyError
from receivables.ledger.casework import DisputeOpened, PromiseMade
from receivables.ledger.credit import LimitEnded, LimitGranted
from receivables.ledger.model import Allocated, DocumentIssued, Event, Unallocated
from receivables.ledger.objects import Ledger
from receivables.money import to_minor
from receivables.parties import UNIDENTIFIED, Customer, CustomerId
from receivables.promises import EXACT, PromisePolicy, PromiseState, judge

if TYPE_CHECKING:
    from receivables.credit.insurance import InsurancePolicy

__all__ = [
    "CreditKnowledge",
    "CreditSimulation",
    "SimulatedSale",
    "SimulatedTotal",
    "compare",
    "simulate",
]

_OUTCOMES: Final = tuple(CheckOutcome)
_SEVERITY: Final = {outcome: place for place, outcome in enumerate(_OUTCOMES)}
_PLACES: Final = {rule: place for place, rule in enumerate(CreditRule)}
_PASSING: Final = (CheckOutcome.ALLOW, CheckOutcome.WARN)
_LOST_AFTER_DAYS: Final = 90

_HolderKey: TypeAlias = tuple[LimitScope, str]


class CreditKnowledge(enum.Enum):
    """Which past a simulation looks at on each of its days."""

    NOW = "now"
    """Each day as it is known now, with what was learned of it since."""
    THEN = "then"
    """Each day as it was known at its end, midnight UTC."""

    def seen_on(self, event: Event) -> dt.date:
        """The day from which an event is seen."""
        if self is CreditKnowledge.NOW:
            return event.effective_on
        return max(event.effective_on, event.recorded_at.date())

    def moment(self, day: dt.date) -> dt.datetime | None:
        """The moment up to which events count; None for all of them."""
        if self is CreditKnowledge.NOW:
            return None
        return dt.datetime.combine(day, dt.time.max, dt.UTC)


def _rules(values: Iterable[CreditRule]) -> tuple[CreditRule, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class SimulatedSale:
    """An invoice of the past: what a policy would have said of it, and what became of it.

    Amounts are minor units of `currency`.  What is neither paid, nor lost, nor open was credited,
    discounted or settled otherwise.
    """

    number: str
    customer: CustomerId
    on: dt.date
    currency: str
    amount_minor: int
    outcome: CheckOutcome
    rules: tuple[CreditRule, ...] = attrs.field(converter=_rules)
    """The rules that spoke."""
    in_time_minor: int = 0
    """Paid within terms, by money."""
    late_minor: int = 0
    """Paid by money, and late."""
    written_off_minor: int = 0
    defaulted_minor: int = 0
    """Still open, and so long past due that it counts as lost."""
    open_minor: int = 0
    """Open, and not past due for so long."""

    @property
    def passes(self) -> bool:
        """Whether the policy would have let it go out."""
        return self.outcome in _PASSING

    @property
    def lost_minor(self) -> int:
        """What was lost: written off, or open far too long."""
        return self.written_off_minor + self.defaulted_minor

    @property
    def is_good(self) -> bool:
        """Whether it was a good sale: paid within terms, and nothing of it late, lost or open."""
        bad = self.late_minor or self.lost_minor or self.open_minor
        return self.in_time_minor > 0 and not bad


@attrs.frozen(kw_only=True)
class SimulatedTotal:
    """What a policy would have let pass or held in a currency, and what became of it, minor units."""

    policy: str
    outcome: CheckOutcome
    currency: str
    sales: int
    amount_minor: int
    in_time_minor: int
    late_minor: int
    written_off_minor: int
    defaulted_minor: int
    open_minor: int
    lost_sales: int
    """How many of the sales lost something."""
    good_sales: int
    """How many were paid within terms in full."""
    good_minor: int

    @property
    def lost_minor(self) -> int:
        """What was lost: written off, or open far too long."""
        return self.written_off_minor + self.defaulted_minor


def _sales(values: Iterable[SimulatedSale]) -> tuple[SimulatedSale, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CreditSimulation:
    """A policy over a period: every sale with its outcome, and what had become of it by a day."""

    policy: str
    first: dt.date
    last: dt.date
    judged_on: dt.date
    """The day at whose end it is known what became of the sales."""
    knowledge: CreditKnowledge
    sales: tuple[SimulatedSale, ...] = attrs.field(converter=_sales, repr=False)

    @property
    def held(self) -> tuple[SimulatedSale, ...]:
        """The sales that would have been held or refused."""
        return tuple(sale for sale in self.sales if not sale.passes)

    def totals(self) -> tuple[SimulatedTotal, ...]:
        """One total per currency and outcome, the mildest outcome first."""
        groups: dict[tuple[str, int], list[SimulatedSale]] = {}
        for sale in self.sales:
            key = (sale.currency, _SEVERITY[sale.outcome])
            groups.setdefault(key, []).append(sale)
        return tuple(_total(self.policy, groups[key]) for key in sorted(groups))

    def by_rule(self) -> Mapping[CreditRule, int]:
        """How many of the sales that would have been held each rule spoke on."""
        found: dict[CreditRule, int] = {}
        for sale in self.held:
            for rule in sale.rules:
                found[rule] = found.get(rule, 0) + 1
        return {rule: found[rule] for rule in CreditRule if rule in found}

    def rows(self) -> list[dict[str, Any]]:
        """The sales as plain rows, for a table."""
        return [
            {
                **attrs.asdict(sale, recurse=False),
                "outcome": sale.outcome.value,
                "rules": ", ".join(rule.value for rule in sale.rules),
                "lost_minor": sale.lost_minor,
            }
            for sale in self.sales
        ]


def _total(policy: str, sales: list[SimulatedSale]) -> SimulatedTotal:
    good = [sale for sale in sales if sale.is_good]
    return SimulatedTotal(
        policy=policy,
        outcome=sales[0].outcome,
        currency=sales[0].currency,
        sales=len(sales),
        amount_minor=sum(sale.amount_minor for sale in sales),
        in_time_minor=sum(sale.in_time_minor for sale in sales),
        late_minor=sum(sale.late_minor for sale in sales),
        written_off_minor=sum(sale.written_off_minor for sale in sales),
        defaulted_minor=sum(sale.defaulted_minor for sale in sales),
        open_minor=sum(sale.open_minor for sale in sales),
        lost_sales=sum(sale.lost_minor > 0 for sale in sales),
        good_sales=len(good),
        good_minor=sum(sale.amount_minor for sale in good),
    )


def compare(*simulations: CreditSimulation) -> list[dict[str, Any]]:
    """Several policies over one past, as plain rows: what each held, what it saved, what it cost.

    `saved_minor` is what was lost of the sales that a policy would have held, `missed_minor` what was
    lost of those that it would have let pass, `good_held_minor` the sales paid within terms that it
    would have held.  Raises `PolicyError` for simulations of different days.
    """
    days = {(one.first, one.last, one.judged_on, one.knowledge) for one in simulations}
    if len(days) > 1:
        msg = f"simulations must be of the same days, got {len(days)} different periods"
        raise PolicyError(msg)
    return [row for one in simulations for row in _compared(one)]


def _compared(one: CreditSimulation) -> Iterator[dict[str, Any]]:
    totals = one.totals()
    for currency in sorted({total.currency for total in totals}):
        own = [total for total in totals if total.currency == currency]
        passed = [total for total in own if total.outcome in _PASSING]
        held = [total for total in own if total.outcome not in _PASSING]
        yield {
            "policy": one.policy,
            "currency": currency,
            "sales": sum(total.sales for total in own),
            "amount_minor": sum(total.amount_minor for total in own),
            "held_sales": sum(total.sales for total in held),
            "held_minor": sum(total.amount_minor for total in held),
            "saved_minor": sum(total.lost_minor for total in held),
            "missed_minor": sum(total.lost_minor for total in passed),
            "good_held_sales": sum(total.good_sales for total in held),
            "good_held_minor": sum(total.good_minor for total in held),
        }


def simulate(  # noqa: PLR0913  # what is not on the ledger, each by its name
    ledger: Ledger,
    creditor: str,
    policy: CreditPolicy,
    *,
    first: dt.date,
    last: dt.date,
    judged_on: dt.date | None = None,
    known: CreditKnowledge | str = CreditKnowledge.NOW,
    customers: Iterable[Customer] = (),
    commitments: Iterable[Commitment] = (),
    insurance: Iterable[InsurancePolicy] = (),
    rates: ExchangeRates | None = None,
    currency: str = "EUR",
    promises: PromisePolicy = EXACT,
    lost_after_days: int = _LOST_AFTER_DAYS,
    grace_days: int = 0,
) -> CreditSimulation:
    """What a policy would have said of every invoice posted from one day to another.

    An invoice is checked before it counts, from what was seen before it: of its own day what was
    recorded earlier, and promises and disputes as they stood at the day's end.  Risk classes are
    those of the reviews that had been held.  Sales that would have been held stay on the books, as
    they were: other sales might have followed from another answer.  By the end of `judged_on` (`last`
    unless said) a sale counts as lost where it was written off, or is open `lost_after_days` or more
    past due; it counts as paid in time up to `grace_days` after its due date.

    Raises `PolicyError` for a period that ends before it starts.
    """
    for name, day in (("first", first), ("last", last)):
        check_day(day, name=name)
    judged = last if judged_on is None else judged_on
    if not first <= last <= judged:
        msg = f"first, last and judged_on must follow each other, got {first}, {last} and {judged}"
        raise PolicyError(msg)
    past = _Past(
        ledger=ledger,
        creditor=creditor,
        policy=policy,
        known=CreditKnowledge(known),
        customers={one.customer: one for one in customers},
        insurance=tuple(insurance),
        rates=rates,
        currency=currency,
        promises=promises,
    )
    past.books.commit(commitments)
    fates = _Fates.read(
        ledger, creditor, on=judged, lost_after_days=lost_after_days, grace_days=grace_days
    )
    return CreditSimulation(
        policy=policy.title,
        first=first,
        last=last,
        judged_on=judged,
        knowledge=past.known,
        sales=[fates.of(event, outcome, spoke) for event, outcome, spoke in past.play(first, last)],
    )


@attrs.define(kw_only=True)
class _PastFigures:
    """The figures of a customer as they stand on the way."""

    past: _Past
    book: CustomerBook
    customer: str
    when: When
    currency: str
    country: str
    has_limit: bool
    cover: tuple[dt.date, str] | None

    @property
    def day(self) -> dt.date:
        return self.when[0]

    @property
    def risk_class(self) -> str:
        return "" if self.book.review is None else self.book.review[1].risk_class

    @property
    def insolvencies(self) -> tuple[Held, ...]:
        return tuple(self.book.insolvent[name] for name in sorted(self.book.insolvent))

    @property
    def suspended(self) -> tuple[Held, ...]:
        found = self.book.suspended
        return tuple(
            held
            for name in sorted(found)
            for until, held in (found[name],)
            if until is None or self.day <= until
        )

    @property
    def is_reviewed(self) -> bool:
        return self.book.review is not None

    @property
    def review(self) -> tuple[dt.date, str] | None:
        last = None if self.book.review is None else self.book.review[1]
        return None if last is None or last.next_on is None else (last.next_on, last.review)

    def oldest(self, terms: RuleLevels) -> Found:
        return self.past.books.oldest(self.book, terms)

    def past_due(self, _terms: RuleLevels) -> PastDue:
        return self.past.books.past_due(self.book, self.currency)

    def level(self) -> Found:
        return self.past.books.level(self.book)

    def broken(self, since: dt.date) -> tuple[str, ...]:
        return tuple(
            name for day, name in self.past.broken_of(self.customer, self.day) if day >= since
        )

    def returned(self, since: dt.date, terms: RuleLevels) -> tuple[str, ...]:
        found = sorted((one.on, one.receipt, one.reason) for _, one in self.book.returned)
        return tuple(
            name for day, name, reason in found if day >= since and reason in terms.reasons
        )

    def items_past_due(self, share_bps: int | None = None) -> tuple[str, ...]:
        del share_bps  # a simulation says which rules spoke, not of which items
        return ()


_Said: TypeAlias = tuple[CheckOutcome, tuple[CreditRule, ...]]


@attrs.define(kw_only=True)
class _Past:
    """A policy on its way through the past."""

    ledger: Ledger
    creditor: str
    policy: CreditPolicy
    known: CreditKnowledge
    customers: Mapping[CustomerId, Customer]
    insurance: tuple[InsurancePolicy, ...]
    rates: ExchangeRates | None
    currency: str
    promises: PromisePolicy
    books: PastBooks = attrs.field(init=False)
    shared: dict[_HolderKey, dict[str, dict[Cell, int]]] = attrs.field(factory=dict)
    """The sums of payer groups and countries that have limits, owner by owner."""
    accounts: dict[_HolderKey, Account] = attrs.field(factory=dict)
    limits: dict[_HolderKey, list[tuple[When, LimitGranted | LimitEnded]]] = attrs.field(
        factory=dict
    )
    small: dict[tuple[_HolderKey, int], Ledger] = attrs.field(factory=dict)
    """Ledgers of nothing but the limits of one holder."""
    settled: dict[tuple[_HolderKey, int], tuple[LimitSpell, ...]] = attrs.field(factory=dict)
    capacities: dict[tuple[_HolderKey, str, tuple[str, ...]], tuple[int, bool]] = attrs.field(
        factory=dict
    )
    plans: dict[str, RulePlan] = attrs.field(factory=dict)
    promising: frozenset[str] = frozenset()
    broken: tuple[dt.date, Mapping[str, list[tuple[dt.date, str]]]] = (dt.date.min, {})
    is_disputed: bool = False

    def __attrs_post_init__(self) -> None:
        self.books = PastBooks(
            creditor=self.creditor,
            policy=self.policy.exposure,
            counts_disputed=self.policy.counts_disputed,
            rates=self.rates,
            contested_on=self._contested_on,
        )
        self._read()

    def _read(self) -> None:
        """What has to be known of the whole way before it begins: who has limits, who promises."""
        holders: dict[str, _HolderKey] = {}
        promising = set()
        for place, event in enumerate(self.ledger.events):
            if isinstance(event, LimitGranted) and event.creditor == self.creditor:
                limit = event.limit
                country = limit.scope is LimitScope.COUNTRY
                key = (limit.scope, limit.holder.upper() if country else limit.holder)
                holders[limit.limit] = key
                self.limits.setdefault(key, []).append(((self.known.seen_on(event), place), event))
            elif isinstance(event, LimitEnded) and event.creditor == self.creditor:
                key = holders[event.limit]
                self.limits[key].append(((self.known.seen_on(event), place), event))
            elif isinstance(event, PromiseMade) and event.creditor == self.creditor:
                promising.add(str(event.owner))
            elif isinstance(event, DisputeOpened) and event.creditor == self.creditor:
                self.is_disputed = True
        for events in self.limits.values():
            events.sort(key=lambda one: one[0])
        self.promising = frozenset(promising)
        if any(scope is not LimitScope.CUSTOMER for scope, _ in self.limits):
            self.books.listen.append(self._share)

    def _share(self, customer: str, cell: Cell, minor: int) -> None:
        """Put a change of a customer's sums to those of its payer group and its country."""
        known = self.customers.get(CustomerId(customer))
        if known is None:
            return
        for scope in (LimitScope.GROUP, LimitScope.COUNTRY):
            key = (scope, holder_of(known, scope))
            if key in self.limits:
                owner = customer if scope is LimitScope.COUNTRY else key[1]
                cells = self.shared.setdefault(key, {}).setdefault(owner, {})
                cells[cell] = cells.get(cell, 0) + minor
                if (account := self.accounts.get(key)) is not None:
                    account.add(customer, cell, minor)

    def play(
        self, first: dt.date, last: dt.date
    ) -> Iterator[tuple[DocumentIssued, CheckOutcome, tuple[CreditRule, ...]]]:
        """Every invoice of a period with what the policy says of it."""
        for day, place, is_seen, event in self._ticks(first, last):
            self.books.go_to(day)
            if is_seen:
                self.books.take(event, (day, place))
            elif isinstance(event, DocumentIssued):
                yield event, *self._check(event, (day, place))

    def _ticks(self, first: dt.date, last: dt.date) -> list[tuple[dt.date, int, bool, Event]]:
        """What happens, in its order: an invoice is checked before it is seen."""
        found: list[tuple[dt.date, int, bool, Event]] = []
        for place, event in enumerate(self.ledger.events):
            if event.accounts[0].partition("|")[0] != self.creditor:
                continue
            seen = self.known.seen_on(event)
            if seen <= last:
                found.append((seen, place, True, event))
            if (
                isinstance(event, DocumentIssued)
                and isinstance(event.document, Invoice)
                and first <= event.effective_on <= last
                and to_minor(event.document.total) > 0
            ):
                found.append((event.effective_on, place, False, event))
        found.sort(key=lambda tick: tick[:3])
        return found

    def _check(self, event: DocumentIssued, when: When) -> _Said:
        request = _request(event)
        asked, day = Asked.of(request), when[0]
        known = self.customers.get(request.customer)
        plan = self._plan("" if known is None else known.segment)
        book = self.books.book(request.customer)
        own = self._own(request.customer, book, when)
        spells = self._spells((LimitScope.CUSTOMER, request.customer), when)
        group = self._shared_account(LimitScope.GROUP, known, when)
        figures = _PastFigures(
            past=self,
            book=book,
            customer=request.customer,
            when=when,
            currency=own.currency,
            country="" if known is None else holder_of(known, LimitScope.COUNTRY),
            has_limit=own.has_limit or (group is not None and group.has_limit),
            cover=cover_of(spells, day, self.insurance),
        )
        insured = insured_terms(
            (spell.limit for spell in spells if spell.covers(day)), self.insurance
        )
        found = [*about_customer(plan, figures, day), *about_request(plan, request, insured)]
        accounts = {
            CreditRule.LIMIT: own,
            CreditRule.GROUP_LIMIT: group,
            CreditRule.COUNTRY_LIMIT: self._shared_account(LimitScope.COUNTRY, known, when),
        }
        said = [(finding.outcome, finding.rule) for finding in found]
        said += self._over(plan, accounts, asked)
        said += self._uncovered(plan, own, asked, when)
        worst = max((_SEVERITY[outcome] for outcome, _ in said), default=0)
        spoke = {rule for _, rule in said}
        return _OUTCOMES[worst], tuple(sorted(spoke, key=_PLACES.__getitem__))

    def _over(
        self, plan: RulePlan, accounts: Mapping[CreditRule, Account | None], asked: Asked
    ) -> Iterator[tuple[CheckOutcome, CreditRule]]:
        """The limits that an invoice would exceed."""
        for rule, terms in plan.of_limits:
            account = accounts[rule]
            if account is not None and account.has_limit:
                after = account.with_requests((asked,), _none_named)
                said = about_limit(
                    terms, after, capacity_minor=account.capacity_minor, currency=account.currency
                )
                if said is not None:
                    yield said[0], rule

    def _uncovered(
        self, plan: RulePlan, own: Account, asked: Asked, when: When
    ) -> Iterator[tuple[CheckOutcome, CreditRule]]:
        """What nobody but us would have borne."""
        if plan.cover is None:
            return
        total = own.with_requests((asked,), _none_named)
        key = (LimitScope.CUSTOMER, own.holder)
        risk = self._stack(key, own.currency, when, total_minor=total).own_risk_minor
        said = about_cover(plan.cover, risk, own.currency)
        if said is not None:
            yield said[0], CreditRule.COVER

    def _plan(self, segment: str) -> RulePlan:
        if segment not in self.plans:
            self.plans[segment] = RulePlan.of(self.policy.terms(segment))
        return self.plans[segment]

    def _spells(self, key: _HolderKey, when: When) -> tuple[LimitSpell, ...]:
        """The limits of a holder as they were seen at a moment."""
        events = self.limits.get(key, ())
        count = bisect.bisect_left(events, when, key=_when_of)
        if not count:
            return ()
        place = (key, count)
        if (known := self.settled.get(place)) is not None:
            return known
        if place not in self.small:
            in_order = sorted(events[:count], key=lambda one: one[0][1])
            self.small[place] = Ledger.replay(event for _, event in in_order)
        found = limit_history(self.small[place], self.creditor, as_of=when[0])
        # Once every limit has begun, no later day sees another history of the same events.
        starts = [limit.since for limit in _limits_of(events[:count]) if limit.since is not None]
        if all(start <= when[0] for start in starts):
            self.settled[place] = found
        return found

    def _stack(
        self, key: _HolderKey, currency: str, when: When, *, total_minor: int = 0
    ) -> LimitStack:
        exposure = Exposure(
            creditor=self.creditor,
            holder=key[1],
            scope=key[0],
            currency=currency,
            as_of=when[0],
            components=(_lump(total_minor),) if total_minor else (),
        )
        return limit_stack(
            exposure,
            [spell.limit for spell in self._spells(key, when) if spell.covers(when[0])],
            as_of=when[0],
            rule=self.policy.stack,
            rates=self.rates,
            insurance=self.insurance,
        )

    def _currency(self, key: _HolderKey, when: When) -> str:
        limits = [spell.limit for spell in self._spells(key, when) if spell.covers(when[0])]
        return currencies_of(limits, scope=key[0]).get(key[1], self.currency)

    def _own(self, customer: str, book: CustomerBook, when: When) -> Account:
        """The account of a customer: few sums, which are added anew for each of its invoices."""
        key = (LimitScope.CUSTOMER, customer)
        account = Account(
            scope=LimitScope.CUSTOMER,
            holder=customer,
            currency=self._currency(key, when),
            scales=self.books.scales,
            owners={customer: book.cells},
        )
        return self._limited(account, when)

    def _limited(self, account: Account, when: When) -> Account:
        key = (account.scope, account.holder)
        limits = [spell.limit for spell in self._spells(key, when) if spell.covers(when[0])]
        if not limits:
            account.capacity_minor, account.has_limit = 0, False
            return account
        place = (key, account.currency, tuple(limit.limit for limit in limits))
        if (known := self.capacities.get(place)) is None:
            stack = self._stack(key, account.currency, when)
            known = (stack.capacity_minor, stack.has_limit)
            # Neither a rate nor an insurance that ends can change it on another day.
            if not self.insurance and all(_stays(limit, account.currency) for limit in limits):
                self.capacities[place] = known
        account.capacity_minor, account.has_limit = known
        return account

    def _shared_account(
        self, scope: LimitScope, known: Customer | None, when: When
    ) -> Account | None:
        """The account of a payer group or a country that ever had a limit, kept up to date."""
        key = (scope, "" if known is None else holder_of(known, scope))
        if key not in self.limits:
            return None
        currency, account = self._currency(key, when), self.accounts.get(key)
        if account is None or account.currency != currency or _is_stale(account, self.books.scales):
            owners = {owner: dict(cells) for owner, cells in self.shared.get(key, {}).items()}
            account = Account(
                scope=scope,
                holder=key[1],
                currency=currency,
                scales=self.books.scales,
                owners=owners,
            )
            self.accounts[key] = account
        return self._limited(account, when)

    def broken_of(self, customer: str, day: dt.date) -> list[tuple[dt.date, str]]:
        """The promises that a customer had broken by the end of a day."""
        if customer not in self.promising:
            return []
        if self.broken[0] != day:
            found: dict[str, list[tuple[dt.date, str]]] = {}
            judged = judge(
                self.ledger,
                self.creditor,
                as_of=day,
                known_at=self.known.moment(day),
                policy=self.promises,
            )
            for one in judged:
                if one.state is PromiseState.BROKEN and one.decided_on is not None:
                    mark = (one.decided_on, one.promise.promise)
                    found.setdefault(one.promise.customer, []).append(mark)
            self.broken = (day, found)
        return sorted(self.broken[1].get(customer, ()))

    def _contested_on(self, day: dt.date) -> Mapping[str, int | None]:
        """What was contested at the end of a day, by item; None where all of it was."""
        if not self.is_disputed:
            return {}
        found: dict[str, int | None] = {}
        moment = self.known.moment(day)
        for read in (holdbacks, holdbacks_until_credited):
            for hold in read(self.ledger, self.creditor, as_of=day, known_at=moment):
                before, more = found.get(hold.item, 0), hold.amount_minor
                found[hold.item] = None if before is None or more is None else before + more
        return found


def _none_named(_customer: str, _name: str) -> tuple[()]:
    return ()


def _when_of(seen: tuple[When, LimitGranted | LimitEnded]) -> When:
    return seen[0]


def _limits_of(
    events: Iterable[tuple[When, LimitGranted | LimitEnded]],
) -> Iterator[CreditLimit]:
    return (event.limit for _, event in events if isinstance(event, LimitGranted))


def _stays(limit: CreditLimit, currency: str) -> bool:
    """Whether a limit counts for the same on every day."""
    secured = limit.collateral
    in_currency = limit.amount.currency.code == currency
    return in_currency and (secured is None or secured.value.currency.code == currency)


def _is_stale(account: Account, scales: Scales) -> bool:
    """Whether rates of another day are in an account's sums."""
    if account.scales.as_of == scales.as_of:
        return False
    return any(cell[2] != account.currency for cells in account.owners.values() for cell in cells)


def _lump(total_minor: int) -> ExposureComponent:
    """An exposure of which only the total matters."""
    return ExposureComponent(
        kind=ComponentKind.OPEN_ITEMS,
        amount_minor=total_minor,
        weight_bps=10_000,
        weighted_minor=total_minor,
    )


def _request(event: DocumentIssued) -> CreditRequest:
    """The request for credit that an invoice would have been."""
    document = event.document
    dues = [item.due_date for item in open_items(document) if item.due_date is not None]
    return CreditRequest(
        request=document.number,
        customer=document.customer,
        amount=document.total,
        on=event.effective_on,
        kind=CreditRequestKind.INVOICE,
        due_date=max(dues, default=None),
    )


@attrs.define
class _Fate:
    """What became of a document, in minor units."""

    in_time: int = 0
    late: int = 0
    written_off: int = 0
    defaulted: int = 0
    open: int = 0


@attrs.frozen
class _Fates:
    """What had become of every document by the end of a day."""

    by_document: Mapping[str, _Fate]

    @classmethod
    def read(
        cls, ledger: Ledger, creditor: str, *, on: dt.date, lost_after_days: int, grace_days: int
    ) -> _Fates:
        """Read the ledger once more, as it is known now."""
        fates: dict[str, _Fate] = {}
        for item in ledger.open_items(as_of=on):
            if item.creditor == creditor and item.customer != UNIDENTIFIED and item.open_minor > 0:
                fate = fates.setdefault(item.document, _Fate())
                days = 0 if item.due_date is None else days_past(item.due_date, as_of=on)
                if days >= lost_after_days:
                    fate.defaulted += item.open_minor
                else:
                    fate.open += item.open_minor
        documents = _Documents(ledger, creditor, on)
        for parts in payment_history(ledger, creditor, as_of=on).by_customer.values():
            for part in parts:
                fate = fates.setdefault(documents.of(part.item), _Fate())
                if part.days_late is None or part.days_late <= grace_days:
                    fate.in_time += part.amount_minor
                else:
                    fate.late += part.amount_minor
        for name, minor in _written_off(ledger, creditor, on):
            fates.setdefault(documents.of(name), _Fate()).written_off += minor
        return cls(fates)

    def of(
        self, event: DocumentIssued, outcome: CheckOutcome, rules: tuple[CreditRule, ...]
    ) -> SimulatedSale:
        """A sale with what became of it."""
        document = event.document
        fate = self.by_document.get(document.number, _Fate())
        return SimulatedSale(
            number=document.number,
            customer=document.customer,
            on=event.effective_on,
            currency=document.total.currency.code,
            amount_minor=to_minor(document.total),
            outcome=outcome,
            rules=rules,
            in_time_minor=fate.in_time,
            late_minor=fate.late,
            written_off_minor=fate.written_off,
            defaulted_minor=fate.defaulted,
            open_minor=fate.open,
        )


@attrs.define
class _Documents:
    """The document of each item, looked up once."""

    ledger: Ledger
    creditor: str
    on: dt.date
    found: dict[str, str] = attrs.field(factory=dict)

    def of(self, item: str) -> str:
        if item not in self.found:
            known = self.ledger.item(self.creditor, item, as_of=self.on)
            self.found[item] = "" if known is None else known.document
        return self.found[item]


def _written_off(ledger: Ledger, creditor: str, on: dt.date) -> Iterator[tuple[str, int]]:
    """What was given up of each item by the end of a day, in minor units."""
    done: dict[str, Allocated] = {}
    for event in ledger.events:
        if event.effective_on > on:
            continue
        if isinstance(event, Allocated) and event.allocation.creditor == creditor:
            done[event.allocation.allocation] = event
        elif isinstance(event, Unallocated) and event.creditor == creditor:
            done.pop(event.allocation, None)
    for event in done.values():
        settled = [leg.item for leg in event.allocation.legs if leg.amount_minor > 0]
        for residual in event.allocation.residuals:
            if residual.kind is ResidualKind.WRITE_OFF and (residual.item or settled):
                yield residual.item or settled[0], residual.amount_minor
