"""Credit insurance: the policy, which items it insures, and the days that it sets.

Nothing here knows the conditions of an insurer: every number is read from the contract by whoever
holds it.

>>> from receivables.testing.builders import an_open_item
>>> policy = InsurancePolicy.from_table({
...     "number": "EH-1", "insurer": "Assureur", "currency": "EUR", "insured-bps": 9_000,
...     "extension-days": 60, "notify-days": 30, "claim-days": 150,
... })
>>> item = an_open_item(amount="1200.00", due_date=dt.date(2026, 8, 31))
>>> one = InsuredItem(item=item, original_due_date=item.due_date, minor=120_000, insured_minor=120_000)
>>> [(step.step.value, step.on.isoformat()) for step in deadlines_of([one], policy,
...                                                                  as_of=dt.date(2026, 10, 31))]
[('cover-stops', '2026-10-31'), ('notify', '2026-11-29'), ('claim', '2027-03-29')]
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables import limits as bounds
from receivables.casework.credit import CreditLimit, LimitKind
from receivables.casework.losses import Insolvency, InsurerNoticeKind
from receivables.casework.referrals import Referral, ReferralKind
from receivables.collection import Deadline, DeadlineKind
from receivables.credit import rules
from receivables.credit._converting import in_currency
from receivables.credit._policy_tables import built_from, day_in, money_in, plain_key
from receivables.credit.limits import limit_history
from receivables.credit.model import LimitSpell
from receivables.currencies.model import ExchangeRates
from receivables.days import check_day, days_past
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import PolicyError
from receivables.ledger.casework import Referred
from receivables.ledger.credit import InsolvencyEnded, InsolvencyReported, InsurerNotified
from receivables.ledger.objects import Ledger
from receivables.money import Money, digits, exact, from_minor, to_minor
from receivables.parties import Customer, CustomerId

__all__ = [
    "CoverGap",
    "DayBasis",
    "InsuranceDeadline",
    "InsurancePolicy",
    "InsuranceStep",
    "InsuredItem",
    "LimitCaps",
    "StepState",
    "cover_stopped",
    "deadlines_of",
    "discretionary_limit",
    "insurance_deadlines",
    "insured_items",
    "worklist_deadlines",
]

_WHOLE_BPS: Final = 10_000
_KINDS: Final = frozenset({LimitKind.INSURED, LimitKind.DISCRETIONARY})
_LAST_DAY: Final = dt.date.max


class LimitCaps(enum.Enum):
    """What the limit of a customer caps."""

    LOSS = "loss"
    """The loss, of which the insurer then bears its part."""
    INDEMNITY = "indemnity"
    """What the insurer pays, after its part was taken."""


class DayBasis(enum.Enum):
    """What the days of an insurance policy are counted from."""

    DUE_DATE = "due-date"
    """The due date as it was agreed first, whatever was granted since."""
    EXTENSION_END = "extension-end"
    """The last day of the maximum extension period."""
    NOTICE = "notice"
    """The day on which the insurer was told, or the last one to tell it."""


def _optional_money(value: Money | None) -> Money | None:
    return None if value is None else exact(value)


def _names(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str):
        msg = f"names must be a list, got the text {values!r}"
        raise PolicyError(msg)
    return frozenset(values)


def _countries(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.upper() for value in _names(values))


@attrs.frozen(kw_only=True)
class InsurancePolicy:
    """What a credit insurer has agreed to: its part of a loss, what we keep, and by when it is told.

    Days are calendar days; amounts are in `currency`.  A customer may be given `extension_days` more
    than the due date that was agreed first; whoever owes beyond that stops the cover of what is
    delivered from then on, unless `stops_cover` is false.  What the insurer pays of a loss is
    reckoned in the order of `receivables.credit.claiming`.

    Raises `PolicyError` for a part outside 1 to 10,000 basis points, days outside 0 to
    `limits.TERM_DAYS_MAX`, an amount in another currency or below zero, and an end before the start.
    """

    number: str
    insurer: str
    currency: str
    insured_bps: int
    """The part of a loss that the insurer bears, in basis points."""
    extension_days: int
    """The maximum extension period, from the due date that was agreed first."""
    notify_days: int
    """By when an overdue is to be told (a notification of overdue account)."""
    claim_days: int
    """By when a claim is to be filed."""
    version: str = "1"
    since: dt.date | None = None
    until: dt.date | None = None
    notify_from: DayBasis = attrs.field(default=DayBasis.EXTENSION_END, converter=DayBasis)
    claim_from: DayBasis = attrs.field(default=DayBasis.EXTENSION_END, converter=DayBasis)
    waiting_days: int = 0
    """The waiting period: so many days after the insurer was told the loss counts as one."""
    insolvency_days: int | None = None
    """By when an insolvency is to be told, from the day that it was opened on; None where the policy does not say."""
    terms_days: int | None = None
    """The longest terms of payment, from the document date; None where it does not say."""
    limit_caps: LimitCaps = attrs.field(default=LimitCaps.LOSS, converter=LimitCaps)
    minimum_retention: Money | None = attrs.field(default=None, converter=_optional_money)
    """The least that we keep of every loss."""
    first_loss: Money | None = attrs.field(default=None, converter=_optional_money)
    """The aggregate first loss: what we keep of all losses of a period together, before the insurer pays."""
    maximum_indemnity: Money | None = attrs.field(default=None, converter=_optional_money)
    """The most that the insurer pays in a period."""
    discretionary_amount: Money | None = attrs.field(default=None, converter=_optional_money)
    """The discretionary limit of a customer that the insurer was not asked about; None for none."""
    discretionary_bps: int | None = None
    """The insurer's part under it, in basis points; `insured_bps` where it does not say."""
    discretionary_overdue_days: int = 0
    """How many days past due a customer may be to have it."""
    discretionary_known_days: int = 0
    """For how many days we must have dealt with a customer for it to have it."""
    excluded: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    """Customers that are not insured."""
    excluded_countries: frozenset[str] = attrs.field(default=frozenset(), converter=_countries)
    stops_cover: bool = True

    def __attrs_post_init__(self) -> None:
        digits(self.currency)
        if not self.number or not self.insurer:
            msg = f"number and insurer of an insurance policy must be named, got {self.number!r} and {self.insurer!r}"
            raise PolicyError(msg)
        for name in _PARTS:
            _check_range(name, getattr(self, name), least=1, most=_WHOLE_BPS)
        for name in _DAYS:
            _check_range(name, getattr(self, name), least=0, most=bounds.TERM_DAYS_MAX)
        for name in _AMOUNTS:
            self._check_amount(name, getattr(self, name))
        if self.notify_from is DayBasis.NOTICE:
            msg = "notify_from must be due-date or extension-end, got notice"
            raise PolicyError(msg)
        if self.since is not None and self.until is not None and self.until < self.since:
            msg = f"until of policy {self.number} must be {self.since} or later, got {self.until}"
            raise PolicyError(msg)

    def _check_amount(self, name: str, value: Money | None) -> None:
        if value is None:
            return
        if value.currency.code != self.currency or to_minor(value) < 0:
            msg = f"{name} must be zero or more in {self.currency}, got {value!r}"
            raise PolicyError(msg)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "insurance") -> InsurancePolicy:
        """A policy from a table as TOML gives it, with hyphens or underscores in its keys.

        Amounts are texts in the policy's currency.  Raises `PolicyError` naming the table for a key
        that means nothing or lacks, and for a value that cannot be.

        >>> InsurancePolicy.from_table({"number": "EH-1"})
        Traceback (most recent call last):
            ...
        receivables.errors.PolicyError: insurance must have insurer, currency, insured-bps, extension-days, notify-days, claim-days
        """
        values = {plain_key(key): value for key, value in table.items()}
        if lacking := [key for key in _NEEDED if key not in values]:
            msg = f"{name} must have {', '.join(key.replace('_', '-') for key in lacking)}"
            raise PolicyError(msg)
        currency = str(values["currency"])
        for key in _AMOUNTS:
            if values.get(key) is not None:
                values[key] = money_in(
                    values[key], key=key.replace("_", "-"), name=name, currency=currency
                )
        for key in ("since", "until"):
            if values.get(key) is not None:
                values[key] = day_in(values[key], key=key, name=name)
        known = tuple(field.name for field in attrs.fields(cls))
        return built_from(cls, values, known=known, name=name)

    def in_force(self, day: dt.date) -> bool:
        """Whether the policy insures what is delivered on a day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )

    def insured_part(self, kind: LimitKind) -> int:
        """The insurer's part of a loss under a limit of a kind, in basis points."""
        if kind is LimitKind.DISCRETIONARY and self.discretionary_bps is not None:
            return self.discretionary_bps
        return self.insured_bps if kind in _KINDS else _WHOLE_BPS

    def extension_end(self, due_date: dt.date) -> dt.date:
        """The last day of the maximum extension period of a due date."""
        return _later_by(due_date, self.extension_days)

    def notify_by(self, due_date: dt.date) -> dt.date:
        """The last day to tell the insurer of what was due on a day."""
        from_due = self.notify_from is DayBasis.DUE_DATE
        return _later_by(due_date if from_due else self.extension_end(due_date), self.notify_days)


_NEEDED: Final = (
    "number",
    "insurer",
    "currency",
    "insured_bps",
    "extension_days",
    "notify_days",
    "claim_days",
)
_PARTS: Final = ("insured_bps", "discretionary_bps")
_DAYS: Final = (
    "extension_days",
    "notify_days",
    "claim_days",
    "waiting_days",
    "insolvency_days",
    "terms_days",
    "discretionary_overdue_days",
    "discretionary_known_days",
)
_AMOUNTS: Final = (
    "minimum_retention",
    "first_loss",
    "maximum_indemnity",
    "discretionary_amount",
)
_OPTIONAL: Final = frozenset({"discretionary_bps", "insolvency_days", "terms_days"})


def _check_range(name: str, value: object, *, least: int, most: int) -> None:
    if value is None and name in _OPTIONAL:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        msg = f"{name} must be a whole number from {least} to {most}, got {value!r}"
        raise PolicyError(msg)


def _later_by(day: dt.date, days: int) -> dt.date:
    """A day so many days later, and the last of the calendar where there is none."""
    return day + dt.timedelta(days=min(days, (_LAST_DAY - day).days))


class CoverGap(enum.Enum):
    """Why an item of an insured customer is not insured."""

    NO_LIMIT = "no-limit"
    """No limit of the policy stood for the customer when it was delivered to."""
    POLICY = "policy"
    """The policy was not in force."""
    CUSTOMER = "customer"
    COUNTRY = "country"
    TERMS = "terms"
    """The terms are longer than the policy takes."""
    STOPPED = "stopped"
    """The customer owed beyond the maximum extension, so that nothing new was covered."""


@attrs.frozen(kw_only=True)
class InsuredItem:
    """An open item under an insurance policy: what of it is insured, by which limit, or why not.

    `minor` and `insured_minor` are in minor units of the policy's currency.  Items are insured in
    the order of their documents, each by what the limit leaves after those before it.
    """

    item: OpenItem
    original_due_date: dt.date
    minor: int
    insured_minor: int
    limit: CreditLimit | None = None
    gap: CoverGap | None = None

    @property
    def is_insured(self) -> bool:
        """Whether any of it is insured."""
        return self.gap is None and self.insured_minor > 0

    def days_overdue(self, as_of: dt.date) -> int:
        """Days past the due date that was agreed first, on a day; negative before it."""
        return days_past(self.original_due_date, as_of=as_of)


class InsuranceStep(enum.Enum):
    """What happens on a day that an insurance policy sets."""

    COVER_STOPS = "cover-stops"
    """The first day on which nothing new that is delivered to the customer is covered."""
    NOTIFY = "notify"
    """The last day to tell the insurer of an overdue."""
    NOTIFY_INSOLVENCY = "notify-insolvency"
    """The last day to tell it of an insolvency."""
    LOSS = "loss"
    """The day on which the waiting period is over, and the loss counts as one."""
    CLAIM = "claim"
    """The last day to file a claim."""


class StepState(enum.Enum):
    """Whether a day of an insurance policy was kept."""

    TO_COME = "to-come"
    DONE = "done"
    DONE_LATE = "done-late"
    MISSED = "missed"
    REACHED = "reached"
    """Nothing was to be done; the day has come."""


_NOTHING_TO_DO: Final = frozenset({InsuranceStep.COVER_STOPS, InsuranceStep.LOSS})


@attrs.frozen(kw_only=True)
class InsuranceDeadline:
    """A day that an insurance policy sets for an item, the rule that gave it, and whether it was kept.

    `open_minor` is what is open of the item, in minor units of `currency`.  `rule` is the key of the
    policy, `days` what it says, and `counted_from` the day that it was counted from.
    """

    customer: CustomerId = attrs.field(converter=CustomerId)
    item: ItemId = attrs.field(converter=ItemId)
    currency: str
    open_minor: int
    step: InsuranceStep
    on: dt.date
    as_of: dt.date
    policy: str
    """The number of the policy, and its version."""
    rule: str
    days: int
    counted_from: dt.date
    done_on: dt.date | None = None

    @property
    def state(self) -> StepState:
        """Whether it was kept, as it stands on `as_of`."""
        if self.done_on is not None:
            return StepState.DONE if self.done_on <= self.on else StepState.DONE_LATE
        if self.step in _NOTHING_TO_DO:
            return StepState.REACHED if self.on <= self.as_of else StepState.TO_COME
        return StepState.MISSED if self.on < self.as_of else StepState.TO_COME

    @property
    def explanation(self) -> str:
        """The rule in words."""
        return f"{self.rule} {self.days} from {self.counted_from} ({self.policy})"


def discretionary_limit(
    policy: InsurancePolicy,
    customer: Customer,
    *,
    as_of: dt.date,
    limits: Iterable[CreditLimit] = (),
    oldest_days: int = 0,
    known_since: dt.date | None = None,
) -> CreditLimit | None:
    """The limit that a policy gives a customer without asking, on a day; None where it gives none.

    None is given where the policy has none, is not in force or excludes the customer, where the
    insurer has decided on the customer by name (`limits` in force), where the customer's oldest item
    is more days past due than allowed (`oldest_days`), and where we have not dealt with it for long
    enough (`known_since`).

    >>> from receivables.money import money
    >>> from receivables.testing.builders import a_customer
    >>> policy = InsurancePolicy(number="EH-1", insurer="Assureur", currency="EUR", insured_bps=9_000,
    ...                          extension_days=60, notify_days=30, claim_days=150,
    ...                          discretionary_amount=money("10000.00", "EUR"))
    >>> limit = discretionary_limit(policy, a_customer(), as_of=dt.date(2026, 10, 31))
    >>> limit.limit, limit.kind.value
    ('EH-1:discretionary:C-017', 'discretionary')
    >>> discretionary_limit(policy, a_customer(), as_of=dt.date(2026, 10, 31), oldest_days=1)
    """
    check_day(as_of, name="as_of")
    named = [
        limit
        for limit in limits
        if limit.customer == customer.customer
        and limit.kind is LimitKind.INSURED
        and limit.policy == policy.number
        and limit.in_force(as_of)
    ]
    known_for = 0 if known_since is None else days_past(known_since, as_of=as_of)
    if (
        policy.discretionary_amount is None
        or named
        or not policy.in_force(as_of)
        or _excluded(policy, customer) is not None
        or oldest_days > policy.discretionary_overdue_days
        or known_for < policy.discretionary_known_days
    ):
        return None
    return CreditLimit(
        limit=f"{policy.number}:discretionary:{customer.customer}",
        customer=customer.customer,
        amount=policy.discretionary_amount,
        kind=LimitKind.DISCRETIONARY,
        until=policy.until,
        cover_bps=policy.insured_part(LimitKind.DISCRETIONARY),
        policy=policy.number,
        reference=f"{policy.number} version {policy.version}",
    )


def _excluded(policy: InsurancePolicy, customer: Customer) -> CoverGap | None:
    """Whether a policy excludes a customer, and why."""
    if customer.customer in policy.excluded:
        return CoverGap.CUSTOMER
    country = (customer.country or customer.address.country).upper()
    return CoverGap.COUNTRY if country in policy.excluded_countries else None


def insured_items(
    ledger: Ledger,
    creditor: str,
    policy: InsurancePolicy,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    limits: Iterable[CreditLimit] = (),
    customers: Iterable[Customer] = (),
    rates: ExchangeRates | None = None,
) -> tuple[InsuredItem, ...]:
    """The open items of the customers that have, or had, a limit of a policy, and what is insured.

    They stand by customer and in the order of their documents, not due and overdue ones alike.  What
    counts is the limit of the day of the document, also where it was ended since.  `limits` are more
    limits of the policy than the ledger has, such as discretionary ones.  Items without a due date,
    and credits, are left out: an insurer sets credits against the claim when it settles.

    Whether cover had stopped is seen from the items that are still open; one that was paid since
    stops nothing any more.  Raises `MissingRateError` for an item in a currency without a rate.
    """
    check_day(as_of, name="as_of")
    spells = [
        *limit_history(ledger, creditor, as_of=as_of, known_at=known_at),
        *(
            LimitSpell(limit=limit, first=limit.since or dt.date.min, last=limit.until)
            for limit in limits
        ),
    ]
    by_customer: dict[CustomerId, list[LimitSpell]] = {}
    for spell in spells:
        if spell.limit.kind in _KINDS and spell.limit.policy == policy.number:
            by_customer.setdefault(spell.limit.customer, []).append(spell)
    excluded = {one.customer: gap for one in customers if (gap := _excluded(policy, one))}
    owed: dict[CustomerId, list[tuple[OpenItem, dt.date]]] = {}
    for item in ledger.open_items(as_of=as_of, known_at=known_at):
        if item.creditor == creditor and item.open_minor > 0 and item.customer in by_customer:
            due = _original_due(ledger, item, known_at)
            if due is not None:
                owed.setdefault(item.customer, []).append((item, due))
    desk = _Insured(policy=policy, as_of=as_of, rates=rates)
    return tuple(
        one
        for customer in sorted(owed)
        for one in desk.items(owed[customer], by_customer[customer], excluded.get(customer))
    )


def _original_due(ledger: Ledger, item: OpenItem, known_at: dt.datetime | None) -> dt.date | None:
    """The due date that was agreed first: an extension is counted from there."""
    first = ledger.item(item.creditor, item.item, as_of=item.posting_date, known_at=known_at)
    return item.due_date if first is None or first.due_date is None else first.due_date


@attrs.frozen(kw_only=True)
class _Insured:
    """One policy on one day, customer by customer."""

    policy: InsurancePolicy
    as_of: dt.date
    rates: ExchangeRates | None

    def items(
        self,
        owed: Iterable[tuple[OpenItem, dt.date]],
        spells: Sequence[LimitSpell],
        excluded: CoverGap | None,
    ) -> list[InsuredItem]:
        """What of each item is insured, in the order of the documents."""
        ordered = sorted(owed, key=lambda one: (one[0].document_date, one[0].item))
        stops = self._stops_on(due for _, due in ordered)
        found: list[InsuredItem] = []
        used = 0
        for item, due in ordered:
            limit = _limit_on(spells, item.document_date)
            gap = excluded or self._gap(item, due, limit, stops)
            minor = self._in_currency(item.open_minor, item.currency)
            insured = 0
            if gap is None and limit is not None:
                insured = min(minor, self._room(limit, used))
            used += insured
            found.append(
                InsuredItem(
                    item=item,
                    original_due_date=due,
                    minor=minor,
                    insured_minor=insured,
                    limit=limit,
                    gap=gap,
                )
            )
        return found

    def _stops_on(self, dues: Iterable[dt.date]) -> dt.date | None:
        """The first day on which nothing new is covered; None where that has not come."""
        ends = [self.policy.extension_end(due) for due in dues]
        if not ends or not self.policy.stops_cover or min(ends) >= self.as_of:
            return None
        return _later_by(min(ends), 1)

    def _gap(
        self,
        item: OpenItem,
        due: dt.date,
        limit: CreditLimit | None,
        stops: dt.date | None,
    ) -> CoverGap | None:
        policy = self.policy
        if item.customer in policy.excluded:
            return CoverGap.CUSTOMER
        if not policy.in_force(item.document_date):
            return CoverGap.POLICY
        if limit is None:
            return CoverGap.NO_LIMIT
        if policy.terms_days is not None:
            terms = days_past(item.document_date, as_of=due)
            if terms > policy.terms_days:
                return CoverGap.TERMS
        return CoverGap.STOPPED if stops is not None and item.document_date >= stops else None

    def _room(self, limit: CreditLimit, used: int) -> int:
        """What a limit leaves after the items before; without end where it caps the indemnity."""
        if self.policy.limit_caps is LimitCaps.INDEMNITY:
            return bounds.SUM_MINOR_MAX
        amount = self._in_currency(to_minor(limit.amount), limit.amount.currency.code)
        left: int = rules.above(amount, used)
        return left

    def _in_currency(self, minor: int, code: str) -> int:
        return in_currency(minor, code, self.policy.currency, as_of=self.as_of, rates=self.rates)


def _limit_on(spells: Iterable[LimitSpell], day: dt.date) -> CreditLimit | None:
    """The limit of a day; one that the insurer gave by name goes before a discretionary one."""
    found = [spell.limit for spell in spells if spell.covers(day)]
    named = [limit for limit in found if limit.kind is LimitKind.INSURED]
    return next(iter(named or found), None)


_Done: TypeAlias = Mapping[ItemId, dt.date]


@attrs.frozen(kw_only=True)
class _Kept:
    """What was done for a policy: told, claimed, and which customers are insolvent since when."""

    notified: _Done = attrs.field(factory=dict)
    claimed: _Done = attrs.field(factory=dict)
    told_insolvent: Mapping[CustomerId, dt.date] = attrs.field(factory=dict)
    insolvent: Mapping[CustomerId, Insolvency] = attrs.field(factory=dict)


def insurance_deadlines(
    ledger: Ledger,
    creditor: str,
    policy: InsurancePolicy,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    limits: Iterable[CreditLimit] = (),
    customers: Iterable[Customer] = (),
    rates: ExchangeRates | None = None,
) -> tuple[InsuranceDeadline, ...]:
    """The days that a policy sets for each insured item that is overdue, the first to come first.

    What was done is read from the ledger: an `InsurerNotified` of the policy that names the item, a
    referral of kind ``insurer`` with the policy's number as mandate, or to its insurer without one.
    An insolvency that was reported and not ended adds the day by which the insurer must know.

    Raises `MissingRateError` for an item in a currency without a rate.
    """
    items = insured_items(
        ledger,
        creditor,
        policy,
        as_of=as_of,
        known_at=known_at,
        limits=limits,
        customers=customers,
        rates=rates,
    )
    kept = _kept(ledger, creditor, policy, as_of, known_at)
    return _deadlines(items, policy, kept, as_of)


def deadlines_of(
    items: Iterable[InsuredItem],
    policy: InsurancePolicy,
    *,
    as_of: dt.date,
    notified: Mapping[ItemId, dt.date] | None = None,
    claimed: Mapping[ItemId, dt.date] | None = None,
    insolvencies: Iterable[Insolvency] = (),
) -> tuple[InsuranceDeadline, ...]:
    """The days that a policy sets for insured items, where what was done is known otherwise.

    `notified` and `claimed` are the days on which the insurer was told of an item, and on which a
    claim for it was filed.
    """
    kept = _Kept(
        notified=notified or {},
        claimed=claimed or {},
        insolvent={one.customer: one for one in insolvencies},
    )
    return _deadlines(items, policy, kept, as_of)


def _deadlines(
    items: Iterable[InsuredItem], policy: InsurancePolicy, kept: _Kept, as_of: dt.date
) -> tuple[InsuranceDeadline, ...]:
    check_day(as_of, name="as_of")
    found = [
        one
        for item in items
        if item.is_insured
        for one in (
            *_of_overdue(item, policy, kept, as_of),
            *_of_insolvency(item, policy, kept, as_of),
        )
    ]
    order = list(InsuranceStep)
    return tuple(
        sorted(found, key=lambda one: (one.on, one.customer, one.item, order.index(one.step)))
    )


def _of_overdue(
    one: InsuredItem, policy: InsurancePolicy, kept: _Kept, as_of: dt.date
) -> list[InsuranceDeadline]:
    """The days of one item that is past due."""
    if one.days_overdue(as_of) <= 0:
        return []
    due, item = one.original_due_date, one.item.item
    bases = {DayBasis.DUE_DATE: due, DayBasis.EXTENSION_END: policy.extension_end(due)}
    told_on = kept.notified.get(item)
    bases[DayBasis.NOTICE] = policy.notify_by(due) if told_on is None else told_on
    made = _Maker(one=one, policy=policy, as_of=as_of)
    days = [
        made.of(InsuranceStep.NOTIFY, "notify-days", bases[policy.notify_from], done_on=told_on),
        made.of(
            InsuranceStep.CLAIM,
            "claim-days",
            bases[policy.claim_from],
            done_on=kept.claimed.get(item),
        ),
    ]
    if policy.stops_cover:
        # The extension itself is still covered; what is delivered on the day after is not.
        days.append(made.of(InsuranceStep.COVER_STOPS, "extension-days", due, after=1))
    if policy.waiting_days:
        days.append(made.of(InsuranceStep.LOSS, "waiting-days", bases[DayBasis.NOTICE]))
    return days


def _of_insolvency(
    one: InsuredItem, policy: InsurancePolicy, kept: _Kept, as_of: dt.date
) -> list[InsuranceDeadline]:
    insolvency = kept.insolvent.get(one.item.customer)
    if insolvency is None or policy.insolvency_days is None:
        return []
    made = _Maker(one=one, policy=policy, as_of=as_of)
    return [
        made.of(
            InsuranceStep.NOTIFY_INSOLVENCY,
            "insolvency-days",
            insolvency.opened_on,
            done_on=kept.told_insolvent.get(one.item.customer),
        )
    ]


@attrs.frozen(kw_only=True)
class _Maker:
    """The deadlines of one item."""

    one: InsuredItem
    policy: InsurancePolicy
    as_of: dt.date

    def of(
        self,
        step: InsuranceStep,
        rule: str,
        counted_from: dt.date,
        *,
        after: int = 0,
        done_on: dt.date | None = None,
    ) -> InsuranceDeadline:
        """A deadline by a rule of the policy."""
        days = int(getattr(self.policy, plain_key(rule)))
        item = self.one.item
        return InsuranceDeadline(
            customer=item.customer,
            item=item.item,
            currency=item.currency,
            open_minor=item.open_minor,
            step=step,
            on=_later_by(counted_from, days + after),
            as_of=self.as_of,
            policy=f"{self.policy.number} version {self.policy.version}",
            rule=rule,
            days=days,
            counted_from=counted_from,
            done_on=done_on,
        )


def _kept(
    ledger: Ledger,
    creditor: str,
    policy: InsurancePolicy,
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> _Kept:
    """What the ledger says was done for a policy up to a day."""
    notified: dict[ItemId, dt.date] = {}
    claimed: dict[ItemId, dt.date] = {}
    told: dict[CustomerId, dt.date] = {}
    insolvent: dict[str, Insolvency] = {}
    kinds = (InsurerNotified, Referred, InsolvencyReported, InsolvencyEnded)
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds):
        if isinstance(event, InsurerNotified) and event.insurer_notice.policy == policy.number:
            notice = event.insurer_notice
            if notice.kind is InsurerNoticeKind.OVERDUE:
                _note(notified, notice.items, event.effective_on)
            if notice.kind is InsurerNoticeKind.INSOLVENCY:
                _note(told, (notice.customer,), event.effective_on)
        elif isinstance(event, Referred) and _is_claim(event.referral, policy):
            _note(claimed, (part.item for part in event.referral.items), event.effective_on)
        elif isinstance(event, InsolvencyReported):
            insolvent[event.insolvency.insolvency] = event.insolvency
        elif isinstance(event, InsolvencyEnded):
            insolvent.pop(event.insolvency, None)
    return _Kept(
        notified=notified,
        claimed=claimed,
        told_insolvent=told,
        insolvent={one.customer: one for one in insolvent.values()},
    )


def _note(done: dict[Any, dt.date], names: Iterable[Any], day: dt.date) -> None:
    """Keep the first day of each."""
    for name in names:
        done[name] = min(day, done.get(name, day))


def _is_claim(referral: Referral, policy: InsurancePolicy) -> bool:
    if referral.kind is not ReferralKind.INSURER:
        return False
    return referral.mandate == policy.number or (
        not referral.mandate and referral.to == policy.insurer
    )


def cover_stopped(
    deadlines: Iterable[InsuranceDeadline],
) -> Mapping[CustomerId, InsuranceDeadline]:
    """The customers to whom nothing new is covered any more, each with what stopped it first."""
    stopped: dict[CustomerId, InsuranceDeadline] = {}
    for one in deadlines:
        if one.step is InsuranceStep.COVER_STOPS and one.state is StepState.REACHED:
            before = stopped.setdefault(one.customer, one)
            stopped[one.customer] = min(before, one, key=lambda each: (each.on, each.item))
    return MappingProxyType(dict(sorted(stopped.items())))


def worklist_deadlines(
    deadlines: Iterable[InsuranceDeadline], *, with_missed: bool = True
) -> tuple[Deadline, ...]:
    """What is still to be done for an insurer, as deadlines of a worklist.

    The items of one customer that have one day, one step and one currency stand together.  A day
    that has passed stays on the list until it is done, unless `with_missed` is false; the day on
    which cover stops is on it until it comes, and the end of a waiting period is not.
    """
    together: dict[tuple[Any, ...], list[InsuranceDeadline]] = {}
    for one in deadlines:
        is_due = one.state is StepState.TO_COME or (with_missed and one.state is StepState.MISSED)
        if is_due and one.step is not InsuranceStep.LOSS:
            key = (one.on, one.customer, one.step.value, one.currency, one.policy)
            together.setdefault(key, []).append(one)
    return tuple(_on_list(together[key]) for key in sorted(together))


def _on_list(group: Sequence[InsuranceDeadline]) -> Deadline:
    first = group[0]
    stops = first.step is InsuranceStep.COVER_STOPS
    return Deadline(
        customer=first.customer,
        kind=DeadlineKind.CONTRACT if stops else DeadlineKind.INSURER_DECLARATION,
        on=first.on,
        items=[one.item for one in group],
        amount=from_minor(sum(one.open_minor for one in group), first.currency),
        reference=first.policy,
        note=f"{first.step.value}: {first.explanation}",
    )
