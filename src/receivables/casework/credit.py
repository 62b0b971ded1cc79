"""What was decided about a customer's credit: limits, checks, suspensions, reviews, and what others say of it."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from receivables.casework._checks import check_above_zero, check_named
from receivables.errors import DocumentError
from receivables.money import Money, exact, to_minor
from receivables.parties import CustomerId

__all__ = [
    "CheckOutcome",
    "Collateral",
    "CollateralKind",
    "CreditDecision",
    "CreditFinding",
    "CreditLimit",
    "CreditRequest",
    "CreditRequestKind",
    "CreditReview",
    "CreditRule",
    "CreditSuspension",
    "ExternalScore",
    "LimitKind",
    "LimitScope",
    "ReviewAction",
    "SuspensionReason",
]

_WHOLE_BPS = 10_000


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


class LimitKind(enum.Enum):
    """What a limit rests on."""

    OWN = "own"
    """What we trust the customer with ourselves."""
    TEMPORARY = "temporary"
    """More of our own, between two days."""
    INSURED = "insured"
    """What a credit insurer covers by name."""
    DISCRETIONARY = "discretionary"
    """What an insurance covers without asking, by the rules of its policy."""
    GUARANTEED = "guaranteed"
    """What a guarantor answers for."""
    COLLATERAL = "collateral"
    """What is secured by something of value."""


class LimitScope(enum.Enum):
    """Whom a limit is for."""

    CUSTOMER = "customer"
    GROUP = "group"
    """A payer group, all its members together."""
    COUNTRY = "country"
    """Every customer of a country together."""


class CollateralKind(enum.Enum):
    """What secures a claim."""

    CASH_DEPOSIT = "cash-deposit"
    BANK_GUARANTEE = "bank-guarantee"
    LETTER_OF_CREDIT = "letter-of-credit"
    PARENT_GUARANTEE = "parent-guarantee"
    PERSONAL_GUARANTEE = "personal-guarantee"
    PLEDGE = "pledge"
    MORTGAGE = "mortgage"
    RETENTION_OF_TITLE = "retention-of-title"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class Collateral:
    """Something that secures a claim: what it is worth, who comes before us, and what is taken off.

    `haircut_bps` is what its value is cut by, in basis points; `prior` is what creditors of a better
    rank may take first, in the currency of `value`.  Where somebody comes before us, and nobody
    knows for how much, nothing can be lent on it: of a rank below the first say `prior`.  Raises `DocumentError` for a haircut outside 0
    to 10,000 and a rank below 1.

    >>> from receivables.money import money
    >>> deed = Collateral(kind="mortgage", value=money("100000.00", "EUR"), rank=2,
    ...                   prior=money("40000.00", "EUR"), haircut_bps=3_000)
    >>> deed.lending_minor
    3000000
    """

    kind: CollateralKind = attrs.field(converter=CollateralKind)
    value: Money = attrs.field(converter=exact, validator=check_above_zero)
    rank: int = attrs.field(default=1, validator=attrs.validators.instance_of(int))
    prior: Money | None = attrs.field(default=None, converter=attrs.converters.optional(exact))
    haircut_bps: int = attrs.field(default=0, validator=attrs.validators.instance_of(int))
    valued_on: dt.date | None = None
    provider: str = ""
    """The bank, the parent company, the person that gives it."""
    reference: str = ""

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.haircut_bps <= _WHOLE_BPS:
            msg = f"haircut_bps must be from 0 to {_WHOLE_BPS}, got {self.haircut_bps}"
            raise DocumentError(msg)
        if self.rank < 1:
            msg = f"rank must be 1 or more, got {self.rank}"
            raise DocumentError(msg)
        if self.prior is not None and self.prior.currency != self.value.currency:
            msg = f"prior must be in {self.value.currency.code}, got {self.prior.currency.code}"
            raise DocumentError(msg)

    @property
    def lending_minor(self) -> int:
        """What may be lent on it, in minor units: its value less the haircut, less what comes before."""
        if self.rank > 1 and self.prior is None:
            return 0
        kept = to_minor(self.value) * (_WHOLE_BPS - self.haircut_bps) // _WHOLE_BPS
        return max(0, kept - (to_minor(self.prior) if self.prior is not None else 0))


@attrs.frozen(kw_only=True)
class CreditLimit:
    """A limit that somebody granted: for whom, resting on what, how much, from when to when.

    One of `customer`, `group` and `country` is named, and says the scope.  `cover_bps` is the part
    of a loss that the insurer or guarantor bears, in basis points.  Raises `DocumentError` where
    nobody or more than one is named, the amount is negative, or it ends before it starts.

    >>> from receivables.money import money
    >>> limit = CreditLimit(limit="L-1", customer="C-017", amount=money("5000.00", "EUR"))
    >>> limit.scope.value, limit.kind.value, limit.in_force(dt.date(2026, 10, 31))
    ('customer', 'own', True)
    """

    limit: str = attrs.field(validator=check_named)
    amount: Money = attrs.field(converter=exact)
    kind: LimitKind = attrs.field(default=LimitKind.OWN, converter=LimitKind)
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    group: str = ""
    country: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    """The last day of the limit; None where it lasts until it is ended."""
    cover_bps: int = attrs.field(default=_WHOLE_BPS, validator=attrs.validators.instance_of(int))
    policy: str = ""
    """The insurance policy that it belongs to."""
    collateral: Collateral | None = None
    reference: str = ""
    """The decision of the insurer, the deed, the minutes."""
    by: str = ""
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        named = [name for name in (self.customer, self.group, self.country) if name]
        if len(named) != 1:
            msg = f"limit {self.limit} must be for a customer, a group or a country, got {named}"
            raise DocumentError(msg)
        if to_minor(self.amount) < 0:
            msg = f"amount of limit {self.limit} must be zero or more, got {self.amount}"
            raise DocumentError(msg)
        if not 0 < self.cover_bps <= _WHOLE_BPS:
            msg = f"cover_bps must be from 1 to {_WHOLE_BPS}, got {self.cover_bps}"
            raise DocumentError(msg)
        if self.since is not None and self.until is not None and self.until < self.since:
            msg = f"until of limit {self.limit} must be {self.since} or later, got {self.until}"
            raise DocumentError(msg)
        if (self.kind is LimitKind.COLLATERAL) != (self.collateral is not None):
            msg = (
                f"limit {self.limit} must say its collateral where it rests on one, and only there"
            )
            raise DocumentError(msg)

    @property
    def scope(self) -> LimitScope:
        """Whom it is for."""
        if self.customer:
            return LimitScope.CUSTOMER
        return LimitScope.GROUP if self.group else LimitScope.COUNTRY

    @property
    def holder(self) -> str:
        """The customer, the group or the country that it is for."""
        return self.customer or self.group or self.country

    def in_force(self, day: dt.date) -> bool:
        """Whether it counts on a day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


class SuspensionReason(enum.Enum):
    """Why a customer gets no credit for now."""

    MANUAL = "manual"
    LIMIT_EXCEEDED = "limit-exceeded"
    PAST_DUE = "past-due"
    BROKEN_PROMISE = "broken-promise"
    RETURNED_PAYMENT = "returned-payment"
    INSURANCE_WITHDRAWN = "insurance-withdrawn"
    REVIEW_EXPIRED = "review-expired"
    INSOLVENCY = "insolvency"
    FRAUD = "fraud"


@attrs.frozen(kw_only=True)
class CreditSuspension:
    """A customer's credit is suspended: by a person, or by a rule that is named.

    `until` is the last day; None where it lasts until somebody reinstates it.

    >>> CreditSuspension(suspension="S-1", customer="C-017", reason="manual", by="J. Roy").reason.value
    'manual'
    """

    suspension: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    reason: SuspensionReason = attrs.field(converter=SuspensionReason)
    until: dt.date | None = None
    rule: str = ""
    """The rule of the policy that asked for it, with the policy's version."""
    reference: str = ""
    """The receipt, promise, insolvency or review that it comes from."""
    by: str = ""
    note: str = ""


class CreditRequestKind(enum.Enum):
    """What credit is asked for."""

    QUOTE = "quote"
    ORDER = "order"
    DELIVERY = "delivery"
    INVOICE = "invoice"


@attrs.frozen(kw_only=True)
class CreditRequest:
    """What somebody wants to sell on credit, before the document exists.

    `releases` names the commitment that it would take the place of, so that an order that is now
    delivered does not count twice.  Raises `DocumentError` for an amount of zero or less.

    >>> from receivables.money import money
    >>> CreditRequest(request="SO-9", customer="C-017", amount=money("900.00", "EUR"),
    ...               on=dt.date(2026, 11, 2)).kind.value
    'order'
    """

    request: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    amount: Money = attrs.field(converter=exact, validator=check_above_zero)
    on: dt.date
    kind: CreditRequestKind = attrs.field(
        default=CreditRequestKind.ORDER, converter=CreditRequestKind
    )
    due_date: dt.date | None = None
    """When it would be due, for what insurers ask of terms; None where nobody knows yet."""
    releases: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    by: str = ""


class CheckOutcome(enum.Enum):
    """What becomes of a request for credit, the mildest first."""

    ALLOW = "allow"
    WARN = "warn"
    HOLD = "hold"
    REFUSE = "refuse"

    @property
    def severity(self) -> int:
        """0 for `ALLOW`, and one more for each that is worse."""
        return list(CheckOutcome).index(self)


class CreditRule(enum.Enum):
    """What a credit check looks at."""

    LIMIT = "limit"
    GROUP_LIMIT = "group-limit"
    COUNTRY_LIMIT = "country-limit"
    COVER = "cover"
    """What of the exposure nobody but us would bear."""
    OLDEST_ITEM = "oldest-item"
    """How many days the oldest item is past due."""
    DAYS_PAST_DUE = "days-past-due"
    """How many days past due the overdue amounts are on average, weighted by amount."""
    SHARE_PAST_DUE = "share-past-due"
    DUNNING_LEVEL = "dunning-level"
    BROKEN_PROMISE = "broken-promise"
    RETURNED_PAYMENT = "returned-payment"
    REVIEW_EXPIRED = "review-expired"
    INSURANCE_LAPSED = "insurance-lapsed"
    COUNTRY = "country"
    INSOLVENCY = "insolvency"
    SUSPENDED = "suspended"
    NO_LIMIT = "no-limit"
    """Nobody has granted the customer anything."""
    RISK_CLASS = "risk-class"
    TERMS = "terms"
    """The terms are longer than the insurer, or the policy, takes."""


@attrs.frozen(kw_only=True)
class CreditFinding:
    """A rule that spoke: what it found, from where on it speaks, and what it is about.

    `figure` and `threshold` are in `unit`: ``minor`` units of `currency`, ``days``, ``bps``,
    ``count`` or ``level``.  `pushed_over` is the item, commitment or request with which the
    threshold was passed.
    """

    rule: CreditRule = attrs.field(converter=CreditRule)
    outcome: CheckOutcome = attrs.field(converter=CheckOutcome)
    figure: int
    threshold: int
    unit: str = "minor"
    currency: str = ""
    pushed_over: str = ""
    references: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    note: str = ""


def _findings(values: Iterable[CreditFinding]) -> tuple[CreditFinding, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CreditDecision:
    """What was decided on a request: by which rules, by whom, and until when it holds.

    Raises `DocumentError` where the decision is milder than the rules and nobody says why.
    """

    decision: str = attrs.field(validator=check_named)
    request: CreditRequest
    outcome: CheckOutcome = attrs.field(converter=CheckOutcome)
    findings: tuple[CreditFinding, ...] = attrs.field(default=(), converter=_findings)
    policy: str = ""
    """The policy and its version."""
    until: dt.date | None = None
    by: str = ""
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        worst = max((one.outcome.severity for one in self.findings), default=0)
        if self.outcome.severity < worst and not (self.by and self.reason):
            msg = f"decision {self.decision} must say by whom and why, where it is milder than its rules"
            raise DocumentError(msg)

    @property
    def customer(self) -> CustomerId:
        """Whose request it is."""
        return self.request.customer

    @property
    def is_override(self) -> bool:
        """Whether a person was milder than the rules."""
        worst = max((one.outcome.severity for one in self.findings), default=0)
        return self.outcome.severity < worst


class ReviewAction(enum.Enum):
    """What a review of a customer's credit comes to."""

    GRANT = "grant"
    RAISE = "raise"
    KEEP = "keep"
    REDUCE = "reduce"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"


@attrs.frozen(kw_only=True)
class CreditReview:
    """A review that was held: what was seen, what was decided, and when the next one is due.

    `score` is in points of `scorecard`; `limit` is what was decided, which a `CreditLimit` of its
    own puts into force.
    """

    review: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    action: ReviewAction = attrs.field(converter=ReviewAction)
    risk_class: str = ""
    score: int | None = None
    scorecard: str = ""
    limit: Money | None = attrs.field(default=None, converter=attrs.converters.optional(exact))
    recommended: Money | None = attrs.field(
        default=None, converter=attrs.converters.optional(exact)
    )
    next_on: dt.date | None = None
    by: str = ""
    reason: str = ""


@attrs.frozen(kw_only=True)
class ExternalScore:
    """What a bureau or an insurer says of a customer: its scale, its value, and its own limit.

    `value` is the text as given (``"72"``, ``"B+"``, ``"DRA 5"``); `points` is the number, where the
    scale has numbers.
    """

    score: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    source: str = attrs.field(validator=check_named)
    """Whose it is, and on which scale: ``paydex``, ``creditsafe``, ``coface-dra``…"""
    value: str = attrs.field(validator=check_named)
    points: int | None = None
    rated_on: dt.date
    valid_until: dt.date | None = None
    limit: Money | None = attrs.field(default=None, converter=attrs.converters.optional(exact))
    note: str = ""
