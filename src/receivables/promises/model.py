"""How promises and plans are judged, and what the judgment says.

>>> from receivables.money import money
>>> policy = PromisePolicy(tolerance_days=2, tolerance=Tolerance(bps=200))
>>> policy.tolerated_minor(money("500.00", "EUR"))
1000
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables import limits
from receivables.allocation.model import AllocationId, Tolerance
from receivables.casework.promises import PaymentPlan, PromiseToPay
from receivables.casework.referrals import Referral
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.money import Money, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "EXACT",
    "InstallmentStanding",
    "InstallmentState",
    "JudgedPromise",
    "KeptRate",
    "PausedReferral",
    "PlanStanding",
    "PlanState",
    "PromiseEvidence",
    "PromisePolicy",
    "PromiseState",
]

_BPS_WHOLE: Final = 10_000


class PromiseState(enum.Enum):
    """What became of a promise to pay; the money says it, never a person."""

    OPEN = "open"
    """Its last day has not passed, and the money is not there."""
    KEPT = "kept"
    PARTLY_KEPT = "partly-kept"
    """Its last day has passed, and a part of the money came in time."""
    BROKEN = "broken"
    """Its last day has passed, and nothing came in time."""
    WITHDRAWN = "withdrawn"

    @property
    def is_decided(self) -> bool:
        """Whether it counts in a kept rate: kept, partly kept or broken."""
        return self not in (PromiseState.OPEN, PromiseState.WITHDRAWN)


@attrs.frozen(kw_only=True)
class PromisePolicy:
    """When a promise counts as kept, and which settlements count as payment.

    `tolerance_days` are the days after the promised one on which money still comes in time;
    `tolerance` is how much less may come, the lower of its amounts and its basis points where it
    has both (its `totals` mean nothing here).  Without anything said, nothing is tolerated and
    money alone counts.  Raises `PolicyError` for days below zero or beyond `limits.TERM_DAYS_MAX`.
    """

    version: str = "1"
    tolerance_days: int = attrs.field(default=0)
    tolerance: Tolerance = attrs.field(factory=Tolerance)
    counts_credit_notes: bool = False
    """Whether a credit note that settles what was promised counts as payment."""
    counts_settled_in_source: bool = False
    """Whether what a source system calls settled, without saying by what, counts as payment."""

    @tolerance_days.validator
    def _check_days(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= limits.TERM_DAYS_MAX:
            msg = f"tolerance_days must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
            raise PolicyError(msg)

    def tolerated_minor(self, amount: Money) -> int:
        """How much less than an amount may come, in minor units, rounded down."""
        return self.tolerance.of(amount_minor=to_minor(amount), currency=amount.currency.code)

    def last_day(self, promise: PromiseToPay) -> dt.date:
        """The last day on which money comes in time."""
        return promise.due_on + dt.timedelta(days=self.tolerance_days)


EXACT: Final = PromisePolicy()
"""To the day and to the cent."""


def _allocations(values: Iterable[AllocationId]) -> tuple[AllocationId, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PromiseEvidence:
    """Money that counts for a promise: from where, on what, since when, how much of it."""

    source: ItemId
    """The receipt, or the credit note; the allocation where the source system names neither."""
    item: ItemId
    """What it settled; empty where it is unapplied."""
    paid_on: dt.date
    """The day on which the money came in, whenever it was allocated."""
    amount_minor: int
    """How much of it this promise takes, in minor units of the promise's currency."""
    allocations: tuple[AllocationId, ...] = attrs.field(default=(), converter=_allocations)


def _evidence(values: Iterable[PromiseEvidence]) -> tuple[PromiseEvidence, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class JudgedPromise:
    """A promise as it stands on a day, with the money that says so.

    `paid_minor` is what came in time and counts, never more than was promised; with
    `missing_minor` it makes up the promise.  A withdrawn promise takes no money, and misses none.
    """

    creditor: CreditorId
    promise: PromiseToPay
    promised_on: dt.date
    """The day on which it was given."""
    state: PromiseState
    decided_on: dt.date | None
    """The day on which enough was there, the day after the last one in time, or the day of the
    withdrawal; None while it is open."""
    last_day: dt.date
    """The promised day and the days of tolerance."""
    paid_minor: int
    missing_minor: int
    evidence: tuple[PromiseEvidence, ...] = attrs.field(default=(), converter=_evidence)
    policy_version: str = "1"

    @property
    def paid(self) -> Money:
        """What came in time."""
        return from_minor(self.paid_minor, self.promise.amount.currency.code)

    @property
    def missing(self) -> Money:
        """What did not."""
        return from_minor(self.missing_minor, self.promise.amount.currency.code)


class PlanState(enum.Enum):
    """Where a payment plan stands."""

    OFFERED = "offered"
    RUNNING = "running"
    COMPLETED = "completed"
    BROKEN = "broken"
    """The break clause has struck; what is paid afterwards does not mend it."""
    LAPSED = "lapsed"
    """Nobody accepted it in time."""
    REFUSED = "refused"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


class InstallmentState(enum.Enum):
    """Where one installment of a plan stands."""

    OPEN = "open"
    """Not yet due, or due today."""
    LATE = "late"
    """Past due, within the days of grace."""
    MISSED = "missed"
    """Past due beyond the days of grace."""
    PAID = "paid"


@attrs.frozen(kw_only=True)
class InstallmentStanding:
    """One installment: what was agreed, what of it is not asked for any more, what was paid.

    All amounts in minor units; `agreed_minor` is principal and interest.
    """

    due_on: dt.date
    currency: str
    agreed_minor: int
    reduced_minor: int
    """What was settled without money since the offer, by a credit note or a write-off; it
    shortens a plan from its end."""
    paid_minor: int
    paid_on: dt.date | None
    """The day on which its last cent came; None where something is missing, or nothing was due."""
    state: InstallmentState

    @property
    def due_minor(self) -> int:
        """What was to be paid."""
        return self.agreed_minor - self.reduced_minor

    @property
    def missing_minor(self) -> int:
        """What is still to be paid."""
        return self.due_minor - self.paid_minor


def _standings(values: Iterable[InstallmentStanding]) -> tuple[InstallmentStanding, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PlanStanding:
    """A plan on a day: each installment, what was missed, whether the break clause has struck.

    Installments are in the order of the plan.  In every currency what was paid and what remains
    make up what is planned.
    """

    creditor: CreditorId
    plan: PaymentPlan
    state: PlanState
    offered_on: dt.date
    accepted_on: dt.date | None
    ended_on: dt.date | None
    """The day from which an event says that it is over."""
    installments: tuple[InstallmentStanding, ...] = attrs.field(converter=_standings)
    missed_count: int = 0
    """Installments that are missed on the day; those of one due day, in several currencies, are one."""
    broken_since: dt.date | None = None
    """The first day after the one that made the break clause strike."""

    @property
    def planned_minor(self) -> Mapping[str, int]:
        """What was to be paid in each currency."""
        return self._by_currency([one.due_minor for one in self.installments])

    @property
    def paid_minor(self) -> Mapping[str, int]:
        """What was paid in each currency."""
        return self._by_currency([one.paid_minor for one in self.installments])

    @property
    def remaining_minor(self) -> Mapping[str, int]:
        """What is still to be paid in each currency."""
        return self._by_currency([one.missing_minor for one in self.installments])

    @property
    def completed_on(self) -> dt.date | None:
        """The day on which the last cent came; None where something remains, or no money came."""
        if any(one.missing_minor for one in self.installments):
            return None
        return max((one.paid_on for one in self.installments if one.paid_on), default=None)

    def _by_currency(self, amounts: Iterable[int]) -> Mapping[str, int]:
        totals: dict[str, int] = {}
        for one, minor in zip(self.installments, amounts, strict=True):
            totals[one.currency] = totals.get(one.currency, 0) + minor
        return MappingProxyType(dict(sorted(totals.items())))


def _item_ids(values: Iterable[ItemId]) -> tuple[ItemId, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PausedReferral:
    """A referral that waits while a plan is kept, and the items that both have."""

    referral: Referral
    plan: PaymentPlan
    items: tuple[ItemId, ...] = attrs.field(converter=_item_ids)


@attrs.frozen(kw_only=True)
class KeptRate:
    """How promises of a customer, or taken by a collector, came out in one currency.

    `collector` is who took them (`PromiseToPay.by`), empty where nobody was named, and in rates by
    customer; `customer` is empty in rates by collector.  Amounts are those of decided promises.
    """

    customer: CustomerId = attrs.field(default=CustomerId(""))
    collector: str = ""
    currency: str
    open: int = 0
    kept: int = 0
    partly_kept: int = 0
    broken: int = 0
    withdrawn: int = 0
    promised_minor: int = 0
    paid_minor: int = 0

    @property
    def decided(self) -> int:
        """How many promises were kept, partly kept or broken."""
        return self.kept + self.partly_kept + self.broken

    @property
    def kept_bps(self) -> int | None:
        """Promises kept of those decided, in basis points rounded down; None without any."""
        return _BPS_WHOLE * self.kept // self.decided if self.decided else None

    @property
    def paid_bps(self) -> int | None:
        """Money that came in time of what was promised, likewise."""
        return _BPS_WHOLE * self.paid_minor // self.promised_minor if self.promised_minor else None
