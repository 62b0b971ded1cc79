"""The workshop: a ledger as it stood at the end of a day, indexed by customer for credit checks."""

from __future__ import annotations

import bisect
import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from receivables.casework.credit import CreditLimit, CreditReview, LimitKind, LimitScope
from receivables.casework.holding import Holdback
from receivables.credit._accounts import Cell, Scales, cell_of
from receivables.credit._credit_tables import amount_in
from receivables.credit._speaking_rules import Found, Held, PastDue
from receivables.credit.exposure import exposure_parts, uncleared_receipts
from receivables.credit.limits import limit_history
from receivables.credit.model import Commitment, ExposurePart, ExposurePolicy, LimitSpell
from receivables.credit.policies import RuleLevels
from receivables.credit.recording import insolvencies, reviews, suspensions_in_force
from receivables.disputes import holdbacks, holdbacks_until_credited
from receivables.disputes.rules import contested_part
from receivables.documents.model import OpenItem
from receivables.ledger.model import ReceiptReturned
from receivables.ledger.objects import Ledger
from receivables.parties import UNIDENTIFIED, Customer
from receivables.promises import PromisePolicy, PromiseState, judge
from receivables.receipts.model import ReturnReason

if TYPE_CHECKING:
    from receivables.credit.insurance import InsurancePolicy

__all__ = [
    "BookIndex",
    "Debt",
    "IndexedFigures",
    "IndexedParts",
    "Returned",
    "cover_of",
    "holder_of",
    "insured_terms",
    "past_due_in",
]

_INSURED = frozenset({LimitKind.INSURED, LimitKind.DISCRETIONARY})


@attrs.frozen
class Returned:
    """A payment that went back."""

    on: dt.date
    receipt: str
    reason: ReturnReason


@attrs.define  # made by the hundred thousand: frozen in twice the time; nobody changes it
class Debt:
    """What of an item counts as owed: all of it, or what nobody contests."""

    item: str
    currency: str
    minor: int
    due_date: dt.date | None


def holder_of(customer: Customer, scope: LimitScope) -> str:
    """The payer group or the country of a customer, as limits name it."""
    if scope is LimitScope.GROUP:
        return customer.payer_group
    return (customer.country or customer.address.country).upper()


def cover_of(
    spells: Iterable[LimitSpell], as_of: dt.date, insurance: Iterable[InsurancePolicy] = ()
) -> tuple[dt.date, str] | None:
    """The last day of the insured limits of a customer, and the one that lasts longest.

    A limit lasts no longer than its insurance.  None where there were none, where one has no end,
    and where somebody has granted another limit since the last one ended: then it was decided to do
    without.
    """
    ends = {policy.number: policy.until for policy in insurance}
    begun = [spell for spell in spells if spell.first <= as_of]
    insured = [
        (min(spell.last or dt.date.max, ends.get(spell.limit.policy) or dt.date.max), spell)
        for spell in begun
        if spell.limit.kind in _INSURED
    ]
    if not insured:
        return None
    ended, last = max(insured, key=lambda one: (one[0], one[1].limit.limit))
    without = any(
        spell.limit.kind not in _INSURED and spell.first > ended and spell.covers(as_of)
        for spell in begun
    )
    return None if without or ended == dt.date.max else (ended, last.limit.limit)


def insured_terms(
    limits: Iterable[CreditLimit], insurance: Iterable[InsurancePolicy]
) -> int | None:
    """The longest terms of payment, in days, that the insurers of some limits take; None for any."""
    terms = {policy.number: policy.terms_days for policy in insurance}
    found = [
        days
        for limit in limits
        if limit.kind in _INSURED and (days := terms.get(limit.policy)) is not None
    ]
    return min(found, default=None)


@attrs.frozen
class IndexedParts:
    """What the exposure to each customer is made of, thing by thing and as sums."""

    by_customer: Mapping[str, Sequence[ExposurePart]]
    cells: Mapping[str, Mapping[Cell, int]]


@attrs.define(kw_only=True, slots=False, eq=False)
class BookIndex:
    """Everything that the rules ask of a ledger on a day, each part read when first asked for."""

    ledger: Ledger
    creditor: str
    as_of: dt.date
    known_at: dt.datetime | None
    customers: Mapping[str, Customer]
    commitments: tuple[Commitment, ...]
    promises: PromisePolicy
    given: tuple[CreditLimit, ...] = ()
    """Limits that the ledger does not have, such as discretionary ones, as they are on the day."""

    @functools.cached_property
    def items(self) -> Mapping[str, Sequence[OpenItem]]:
        """The open items of each customer, by due date."""
        found: dict[str, list[OpenItem]] = {}
        for item in self.ledger.open_items(as_of=self.as_of, known_at=self.known_at):
            if item.creditor == self.creditor and item.customer != UNIDENTIFIED:
                found.setdefault(item.customer, []).append(item)
        for items in found.values():
            items.sort(key=lambda item: (item.due_date or dt.date.max, item.item))
        return found

    @functools.cached_property
    def held(self) -> tuple[Holdback, ...]:
        """What is contested."""
        return tuple(
            hold
            for read in (holdbacks, holdbacks_until_credited)
            for hold in read(self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at)
        )

    @functools.cached_property
    def contested(self) -> Mapping[str, int | None]:
        """What is contested of each item, in minor units; None where all of it is."""
        found: dict[str, int | None] = {}
        for hold in self.held:
            before, more = found.get(hold.item, 0), hold.amount_minor
            found[hold.item] = None if before is None or more is None else before + more
        return found

    def parts(self, policy: ExposurePolicy) -> IndexedParts:
        """What the exposure to each customer is made of, and its sums."""
        receipts = uncleared_receipts(
            self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at, policy=policy
        )
        every = exposure_parts(
            [item for items in self.items.values() for item in items],
            creditor=self.creditor,
            as_of=self.as_of,
            policy=policy,
            commitments=self.commitments,
            held=self.held,
            receipts=receipts,
        )
        found: dict[str, list[ExposurePart]] = {}
        cells: dict[str, dict[Cell, int]] = {}
        for part in every:
            cell = cell_of(part)
            sums = cells.get(part.customer)
            if sums is None:
                sums = cells[part.customer] = {}
                found[part.customer] = []
            sums[cell] = sums.get(cell, 0) + part.amount_minor
            found[part.customer].append(part)
        return IndexedParts(found, cells)

    @functools.cached_property
    def levels(self) -> Mapping[str, int]:
        """The highest level that a notice has reached for each item."""
        found: dict[str, int] = {}
        for notice in self.ledger.notices(as_of=self.as_of):
            is_known = self.known_at is None or notice.recorded_at <= self.known_at
            if notice.creditor == self.creditor and is_known:
                for item in notice.items:
                    found[item.item] = max(found.get(item.item, 0), item.level)
        return found

    @functools.cached_property
    def returned(self) -> Mapping[str, Sequence[Returned]]:
        """The payments of each customer that went back, the earliest first."""
        found: dict[str, list[Returned]] = {}
        for event in self.ledger.events:
            if (
                isinstance(event, ReceiptReturned)
                and event.creditor == self.creditor
                and event.effective_on <= self.as_of
                and (self.known_at is None or event.recorded_at <= self.known_at)
            ):
                one = Returned(event.effective_on, event.receipt, event.reason)
                found.setdefault(event.customer, []).append(one)
        for of_customer in found.values():
            of_customer.sort(key=lambda one: (one.on, one.receipt))
        return found

    @functools.cached_property
    def broken(self) -> Mapping[str, Sequence[tuple[dt.date, str]]]:
        """The promises of each customer that were broken, with the day, the earliest first."""
        found: dict[str, list[tuple[dt.date, str]]] = {}
        judged = judge(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            policy=self.promises,
        )
        for one in judged:
            if one.state is PromiseState.BROKEN and one.decided_on is not None:
                mark = (one.decided_on, one.promise.promise)
                found.setdefault(one.promise.customer, []).append(mark)
        for of_customer in found.values():
            of_customer.sort()
        return found

    @functools.cached_property
    def spells(self) -> Mapping[tuple[LimitScope, str], Sequence[LimitSpell]]:
        """Every limit of each holder, with the days on which it counts."""
        found: dict[tuple[LimitScope, str], list[LimitSpell]] = {}
        history = limit_history(
            self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at
        )
        given = [LimitSpell(limit=one, first=self.as_of, last=one.until) for one in self.given]
        for spell in (*history, *given):
            holder = spell.limit.holder
            if spell.limit.scope is LimitScope.COUNTRY:
                holder = holder.upper()
            found.setdefault((spell.limit.scope, holder), []).append(spell)
        return found

    def limits(self, scope: LimitScope, holder: str) -> tuple[CreditLimit, ...]:
        """The limits of a holder that count on the day."""
        return tuple(
            spell.limit
            for spell in self.spells.get((scope, holder), ())
            if spell.covers(self.as_of)
        )

    @functools.cached_property
    def suspended(self) -> Mapping[str, Sequence[Held]]:
        """The suspensions of each customer by their reasons."""
        found: dict[str, list[Held]] = {}
        standing = suspensions_in_force(
            self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at
        )
        for one in standing:
            held = Held(one.suspension.reason.value, one.suspension.suspension)
            found.setdefault(one.customer, []).append(held)
        return found

    @functools.cached_property
    def insolvent(self) -> Mapping[str, Sequence[Held]]:
        """The proceedings of each customer by their kinds."""
        found: dict[str, list[Held]] = {}
        standing = insolvencies(
            self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at
        )
        for one in standing:
            held = Held(one.insolvency.kind.value, one.insolvency.insolvency)
            found.setdefault(one.customer, []).append(held)
        return found

    @functools.cached_property
    def reviewed(self) -> Mapping[str, CreditReview]:
        """The last review of each customer."""
        return {
            one.customer: one.review
            for one in reviews(self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at)
        }

    @functools.cached_property
    def members(self) -> Mapping[tuple[LimitScope, str], Sequence[str]]:
        """The customers of each payer group and of each country."""
        found: dict[tuple[LimitScope, str], list[str]] = {}
        for name, customer in self.customers.items():
            for scope in (LimitScope.GROUP, LimitScope.COUNTRY):
                if holder := holder_of(customer, scope):
                    found.setdefault((scope, holder), []).append(name)
        return found

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Every customer that the ledger, the commitments or the list of customers name, sorted."""
        limited = [holder for scope, holder in self.spells if scope is LimitScope.CUSTOMER]
        committed = [one.customer for one in self.commitments]
        known = {*self.customers, *self.items, *self.returned, *limited, *committed}
        return tuple(sorted({*known, *self.suspended, *self.insolvent, *self.reviewed}))

    def debts(self, customer: str, *, counts_disputed: bool) -> tuple[Debt, ...]:
        """What a customer owes, by due date; without what is contested where that does not count."""
        found = []
        for item in self.items.get(customer, ()):
            minor = item.open_minor
            if minor > 0 and not counts_disputed and item.item in self.contested:
                stated = self.contested[item.item]
                held = contested_part(minor if stated is None else stated, open_minor=minor)
                minor -= held
            if minor > 0:
                found.append(Debt(item.item, item.currency, minor, item.due_date))
        return tuple(found)


def past_due_in(
    scales: Scales,
    currency: str,
    overdue: Mapping[str, int],
    days: Mapping[str, int],
    owed: Mapping[str, int],
) -> PastDue:
    """What is past due in several currencies as sums in one, each converted once."""

    def total(sums: Mapping[str, int]) -> int:
        return sum(scales.whole(minor, code, currency) for code, minor in sums.items())

    return PastDue(total(overdue), total(days), total(owed))


@attrs.define(kw_only=True)
class IndexedFigures:
    """The figures of a customer from the index of a book."""

    index: BookIndex
    customer: str
    currency: str
    scales: Scales
    debts: tuple[Debt, ...]
    country: str
    risk_class: str
    insolvencies: tuple[Held, ...]
    suspended: tuple[Held, ...]
    review: tuple[dt.date, str] | None
    is_reviewed: bool
    cover: tuple[dt.date, str] | None
    has_limit: bool

    _late: tuple[Debt, ...] | None = attrs.field(default=None, init=False)

    def late(self) -> tuple[Debt, ...]:
        """What is past due, the oldest first."""
        if self._late is None:
            day = self.index.as_of
            self._late = tuple(
                debt for debt in self.debts if debt.due_date is not None and debt.due_date < day
            )
        return self._late

    def aged(self, debt: Debt) -> int:
        """The days that a debt is past due."""
        return (self.index.as_of - (debt.due_date or self.index.as_of)).days

    def counting(self, terms: RuleLevels) -> tuple[Debt, ...]:
        """What is past due and not below the least amount that counts."""
        if not terms.minimum:
            return self.late()
        return tuple(
            debt
            for debt in self.late()
            if debt.minor >= (amount_in(terms.minimum, debt.currency) or 0)
        )

    def oldest(self, terms: RuleLevels) -> Found:
        """The days past due of the oldest item that counts, and those that the rule speaks of."""
        found = self.counting(terms)
        if not found:
            return Found(0)
        days = self.aged(found[0])
        reached = terms.reached(days, is_above=False)
        least = days if reached is None else reached[1]
        return Found(days, tuple(debt.item for debt in found if self.aged(debt) >= least))

    def in_limit_currency(self, debt: Debt) -> int:
        """A debt in the currency of the limit."""
        return self.scales.whole(debt.minor, debt.currency, self.currency)

    def past_due(self, _terms: RuleLevels) -> PastDue:
        """What is past due, and all that is owed."""
        overdue: dict[str, int] = {}
        days: dict[str, int] = {}
        owed: dict[str, int] = {}
        for debt in self.debts:
            owed[debt.currency] = owed.get(debt.currency, 0) + debt.minor
        for debt in self.late():
            overdue[debt.currency] = overdue.get(debt.currency, 0) + debt.minor
            days[debt.currency] = days.get(debt.currency, 0) + debt.minor * self.aged(debt)
        return past_due_in(self.scales, self.currency, overdue, days, owed)

    def level(self) -> Found:
        """The highest dunning level of an open item, and the items that stand on one."""
        levels = self.index.levels
        found = [
            (levels[item.item], item.item)
            for item in self.index.items.get(self.customer, ())
            if item.open_minor > 0 and levels.get(item.item)
        ]
        found.sort(key=lambda one: (-one[0], one[1]))
        return Found(found[0][0] if found else 0, tuple(item for _, item in found))

    def broken(self, since: dt.date) -> tuple[str, ...]:
        """The promises that were broken on a day or later, the earliest first."""
        marks = self.index.broken.get(self.customer, ())
        return tuple(name for _, name in marks[bisect.bisect_left(marks, (since, "")) :])

    def returned(self, since: dt.date, terms: RuleLevels) -> tuple[str, ...]:
        """The receipts that went back on a day or later for a reason that counts."""
        return tuple(
            one.receipt
            for one in self.index.returned.get(self.customer, ())
            if one.on >= since and one.reason in terms.reasons
        )

    def items_past_due(self, share_bps: int | None = None) -> tuple[str, ...]:
        """What is past due, the oldest first; before them the item with which a share was passed."""
        late = self.late()
        items = tuple(debt.item for debt in late)
        if share_bps is None:
            return items
        owed = sum(self.in_limit_currency(debt) for debt in self.debts)
        overdue = 0
        for debt in late:
            overdue += self.in_limit_currency(debt)
            if overdue * 10_000 > share_bps * owed:
                return (debt.item, *(item for item in items if item != debt.item))
        return items
