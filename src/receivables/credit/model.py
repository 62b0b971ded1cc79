"""Exposure and limits as values: what a customer may cost us, in parts, and what stands against it.

Every amount is in minor units of one currency, that of the limit, at rates that are kept with it.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.casework.credit import CreditLimit, LimitKind, LimitScope
from receivables.credit._policy_tables import built_from
from receivables.errors import PolicyError
from receivables.money import Money, Rounding, exact, to_minor
from receivables.parties import CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "Commitment",
    "ComponentKind",
    "Exposure",
    "ExposureComponent",
    "ExposurePart",
    "ExposurePolicy",
    "LimitSpell",
    "LimitStack",
    "LimitStanding",
    "StackRule",
]

_WHOLE_BPS: Final = 10_000


class ComponentKind(enum.Enum):
    """What an exposure is made of."""

    OPEN_ITEMS = "open-items"
    """What is invoiced and owed, less what is disputed."""
    DISPUTED = "disputed"
    """The contested part of open items, which may end as a credit note."""
    DELIVERIES = "deliveries"
    """Delivered and not yet invoiced."""
    ORDERS = "orders"
    """Ordered and not yet delivered."""
    BILLS = "bills"
    """Drafts and bills of exchange that are not due yet, or discounted and not yet honoured."""
    CHEQUES = "cheques"
    """Cheques and debits that may still bounce."""
    CREDITS = "credits"
    """Credit notes that are not applied yet; zero or below."""
    UNAPPLIED_CASH = "unapplied-cash"
    """Money that is not applied yet; zero or below."""


@attrs.frozen(kw_only=True)
class Commitment:
    """What is not on the ledger and may become owed: an order, a delivery, a bill, a cheque.

    The amount is what would be owed, tax included, as the open items are (in France an *encours* is
    TTC).  It counts from `since` to `until`, both included; `expected_on` is the day of the delivery,
    the invoice or the maturity, for the horizon of its kind.  It is of one `creditor`, or of whoever
    asks where that is empty.  Raises `PolicyError` for a kind that the ledger itself says, and for an
    amount of zero or less.

    >>> from receivables.money import money
    >>> order = Commitment(commitment="SO-7", customer="C-017", kind="orders",
    ...                    amount=money("800.00", "EUR"))
    >>> order.counts_on(dt.date(2026, 10, 31))
    True
    """

    commitment: str
    customer: CustomerId = attrs.field(converter=CustomerId)
    kind: ComponentKind = attrs.field(converter=ComponentKind)
    amount: Money = attrs.field(converter=exact)
    since: dt.date | None = None
    until: dt.date | None = None
    expected_on: dt.date | None = None
    creditor: str = ""

    def __attrs_post_init__(self) -> None:
        if self.kind not in _COMMITTED:
            known = ", ".join(kind.value for kind in _COMMITTED)
            msg = (
                f"kind of commitment {self.commitment} must be among {known}, got {self.kind.value}"
            )
            raise PolicyError(msg)
        if to_minor(self.amount) <= 0:
            msg = f"amount of commitment {self.commitment} must be above zero, got {self.amount}"
            raise PolicyError(msg)

    def counts_on(self, day: dt.date) -> bool:
        """Whether it stood on a day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


_COMMITTED: Final = (
    ComponentKind.DELIVERIES,
    ComponentKind.ORDERS,
    ComponentKind.BILLS,
    ComponentKind.CHEQUES,
)


def _by_kind(values: Mapping[ComponentKind | str, int]) -> Mapping[ComponentKind, int]:
    try:
        return MappingProxyType({_kind(key): value for key, value in values.items()})
    except (AttributeError, ValueError) as error:
        known = ", ".join(kind.value for kind in ComponentKind)
        msg = f"components must be a table of {known}, got {error}"
        raise PolicyError(msg) from None


def _kind(key: ComponentKind | str) -> ComponentKind:
    return ComponentKind(key.replace("_", "-") if isinstance(key, str) else key)


_USUAL_WEIGHTS: Final = MappingProxyType(dict.fromkeys(ComponentKind, _WHOLE_BPS))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@attrs.frozen(kw_only=True)
class ExposurePolicy:
    """What counts as exposure, by how much, and how far ahead.

    `weights` are basis points of each component, 10,000 where it says nothing; `horizons` are days:
    a commitment that is expected later than that does not count yet, and has no horizon where none
    is said, nor where nobody knows when it is expected.  `clearing_days` says up to how many days
    after its booking a receipt by cheque or direct debit may still come back, and counts as
    exposure; none does at 0.

    `rounding` is that of the one division by which an amount is weighted and converted: all of one
    component in one currency is summed exactly before, so that nothing is rounded item by item.

    Raises `PolicyError` for a weight outside 0 to 10,000, for days below zero, and for a horizon of
    what is on the ledger already.

    >>> ExposurePolicy(weights={"orders": 5_000}).weight(ComponentKind.ORDERS)
    5000
    """

    version: str = "1"
    weights: Mapping[ComponentKind, int] = attrs.field(factory=dict, converter=_by_kind)
    horizons: Mapping[ComponentKind, int] = attrs.field(factory=dict, converter=_by_kind)
    clearing_days: int = 0
    rounding: Rounding = attrs.field(default=Rounding.HALF_UP, converter=Rounding)

    def __attrs_post_init__(self) -> None:
        for kind, weight in self.weights.items():
            if not _is_whole(weight) or not 0 <= weight <= _WHOLE_BPS:
                msg = f"weight of {kind.value} must be from 0 to {_WHOLE_BPS}, got {weight!r}"
                raise PolicyError(msg)
        for kind, days in self.horizons.items():
            if kind not in _COMMITTED:
                known = ", ".join(one.value for one in _COMMITTED)
                msg = f"horizons must be of {known}, got {kind.value}"
                raise PolicyError(msg)
            if not _is_whole(days) or days < 0:
                msg = f"horizon of {kind.value} must be zero days or more, got {days!r}"
                raise PolicyError(msg)
        if not _is_whole(self.clearing_days) or self.clearing_days < 0:
            msg = f"clearing_days must be zero or more, got {self.clearing_days!r}"
            raise PolicyError(msg)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "exposure") -> ExposurePolicy:
        """A policy from a table as TOML gives it, with hyphens or underscores in its keys.

        Raises `PolicyError` naming the table for a key that means nothing and a value that cannot be.

        >>> policy = ExposurePolicy.from_table({
        ...     "version": "2026-11", "weights": {"orders": 5_000}, "horizons": {"orders": 60},
        ...     "clearing-days": 10,
        ... })
        >>> policy.clearing_days, policy.horizons[ComponentKind.ORDERS]
        (10, 60)
        """
        return built_from(cls, table, known=_POLICY_KEYS, name=name)

    def weight(self, kind: ComponentKind) -> int:
        """By how many basis points a component counts."""
        return self.weights.get(kind, _USUAL_WEIGHTS[kind])


_POLICY_KEYS: Final = ("version", "weights", "horizons", "clearing_days", "rounding")


@attrs.frozen(kw_only=True)
class ExposurePart:
    """One thing in an exposure: a part of an item, a receipt that may come back, a commitment.

    `amount_minor` is in minor units of `currency`, signed: what is owed is positive, a credit
    negative.  `on` is the day since which it stands, where that is known.
    """

    kind: ComponentKind
    reference: str
    creditor: str
    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str
    amount_minor: int
    is_uncleared: bool = False
    """Whether it is unapplied cash that may still come back."""
    on: dt.date | None = None


@attrs.frozen(kw_only=True)
class ExposureComponent:
    """One component: its whole amount and what of it counts, in minor units of the exposure's currency.

    What counts is the amount by its weight, rounded once for each currency.  It is less only of
    unapplied cash that may still come back, and of credits that are more than what they are set
    against where several accounts are added.
    """

    kind: ComponentKind
    amount_minor: int
    weight_bps: int
    weighted_minor: int
    by_currency: tuple[tuple[str, int], ...] = ()
    """The amount in the currencies that it is owed in, minor units of each."""
    references: tuple[str, ...] = ()
    """The items, receipts and commitments in it."""


def _components(values: Iterable[ExposureComponent]) -> tuple[ExposureComponent, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Exposure:
    """What a customer, a group or a country may cost us at the end of a day, in parts.

    `holder` is the customer, the payer group, the country or the entity that it is of; `currency` that of
    the limit; `rates` say what a unit of each other currency was taken for, as texts with source.
    """

    creditor: str
    holder: str
    scope: LimitScope = LimitScope.CUSTOMER
    currency: str
    as_of: dt.date
    components: tuple[ExposureComponent, ...] = attrs.field(converter=_components)
    rates: tuple[tuple[str, str], ...] = ()

    @property
    def total_minor(self) -> int:
        """What counts, never below zero: somebody who has credit with us is no risk."""
        return max(0, self.net_minor)

    @property
    def net_minor(self) -> int:
        """The components together, below zero where the customer has credit with us."""
        return sum(part.weighted_minor for part in self.components)

    def component(self, kind: ComponentKind) -> ExposureComponent | None:
        """One component, or None where there is nothing of it."""
        return next((part for part in self.components if part.kind is kind), None)


@attrs.frozen(kw_only=True)
class LimitSpell:
    """The days on which a limit counts: since it was granted, until it ends or another takes its place.

    >>> from receivables.money import money
    >>> spell = LimitSpell(limit=CreditLimit(limit="L-1", customer="C-1", amount=money("1", "EUR")),
    ...                    first=dt.date(2026, 1, 1), last=dt.date(2026, 6, 30))
    >>> spell.covers(dt.date(2026, 7, 1))
    False
    """

    limit: CreditLimit
    first: dt.date
    last: dt.date | None = None
    """The last day; None where no end is in sight."""

    def covers(self, day: dt.date) -> bool:
        """Whether the limit counts on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


class StackRule(enum.Enum):
    """How the limits of a customer add up."""

    SUM = "sum"
    """Own limits come on top of what others cover."""
    TOTAL = "total"
    """The own limit is the most that may be owed, whoever covers it."""


@attrs.frozen(kw_only=True)
class LimitStanding:
    """One limit on a day: what it counts for, how much of it is used and free, and when it ends.

    `amount_minor` is what it counts for in the exposure's currency, in minor units: after the
    haircut, none of it before its first day or after its last, and where own limits are the most
    that may be owed no more than they leave.
    """

    limit: CreditLimit
    currency: str
    amount_minor: int
    used_minor: int
    ends_in_days: int | None = None

    @property
    def kind(self) -> LimitKind:
        """What it rests on."""
        return self.limit.kind

    @property
    def free_minor(self) -> int:
        """What of it is not used."""
        return self.amount_minor - self.used_minor


def _standings(values: Iterable[LimitStanding]) -> tuple[LimitStanding, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class LimitStack(ShowsTable):
    """The limits of a holder against its exposure on a day, in minor units of the exposure's currency.

    `limits` are in the order in which they are used; what they use and the excess add up to the
    exposure.  `capacity_minor` is what may be owed in all;
    `covered_minor` what somebody else would bear of the exposure, `own_risk_minor` what nobody but
    us would.
    """

    exposure: Exposure
    limits: tuple[LimitStanding, ...] = attrs.field(converter=_standings)
    capacity_minor: int
    covered_minor: int
    has_limit: bool = True
    """Whether anybody granted anything; without, capacity is zero and nobody decided so."""

    def to_table(self) -> ResultTable:
        """A row per limit: what it counts for, how much of it is used and free."""
        from receivables.credit._tables import stack_table  # noqa: PLC0415  # stands on this

        return stack_table(self)

    @property
    def own_risk_minor(self) -> int:
        """What of the exposure nobody but us would bear."""
        return self.exposure.total_minor - self.covered_minor

    @property
    def free_minor(self) -> int:
        """What may still be sold; below zero where the limit is exceeded."""
        return self.capacity_minor - self.exposure.total_minor

    @property
    def used_minor(self) -> int:
        """What of the capacity is used."""
        return self.exposure.total_minor - self.excess_minor

    @property
    def excess_minor(self) -> int:
        """By how much the exposure is above the capacity; zero where it is not."""
        return max(0, -self.free_minor)
