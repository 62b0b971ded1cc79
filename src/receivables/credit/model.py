"""Exposure and limits as values: what a customer may cost us, in parts, and what stands against it.

Every amount is in minor units of one currency, that of the limit, at rates that are kept with it.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.casework.credit import CreditLimit, LimitKind, LimitScope
from receivables.errors import PolicyError
from receivables.money import Money, exact, to_minor
from receivables.parties import CustomerId

__all__ = [
    "Commitment",
    "ComponentKind",
    "Exposure",
    "ExposureComponent",
    "ExposurePolicy",
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

    It counts from `since` to `until`, both included; `expected_on` is the day of the delivery, the
    invoice or the maturity, for the horizon of its kind.  Raises `PolicyError` for a kind that the
    ledger itself says, and for an amount of zero or less.

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


def _weights(values: Mapping[ComponentKind | str, int]) -> Mapping[ComponentKind, int]:
    try:
        return MappingProxyType({ComponentKind(key): value for key, value in values.items()})
    except ValueError as error:
        known = ", ".join(kind.value for kind in ComponentKind)
        msg = f"components must be among {known}, got {error}"
        raise PolicyError(msg) from None


_USUAL_WEIGHTS: Final = MappingProxyType(dict.fromkeys(ComponentKind, _WHOLE_BPS))


@attrs.frozen(kw_only=True)
class ExposurePolicy:
    """What counts as exposure, by how much, and how far ahead.

    `weights` are basis points of each component, 10,000 where it says nothing; `horizons` are days:
    a commitment that is expected later than that does not count yet, and has no horizon where none
    is said.  `clearing_days` says for how many days after its booking a receipt by cheque or direct
    debit may still come back, and counts as exposure.  Raises `PolicyError` for a weight outside 0
    to 10,000.

    >>> ExposurePolicy(weights={"orders": 5_000}).weight(ComponentKind.ORDERS)
    5000
    """

    weights: Mapping[ComponentKind, int] = attrs.field(factory=dict, converter=_weights)
    horizons: Mapping[ComponentKind, int] = attrs.field(factory=dict, converter=_weights)
    clearing_days: int = 0

    def __attrs_post_init__(self) -> None:
        for kind, weight in self.weights.items():
            if not 0 <= weight <= _WHOLE_BPS:
                msg = f"weight of {kind.value} must be from 0 to {_WHOLE_BPS}, got {weight}"
                raise PolicyError(msg)
        for kind, days in self.horizons.items():
            if days < 0:
                msg = f"horizon of {kind.value} must be zero days or more, got {days}"
                raise PolicyError(msg)

    def weight(self, kind: ComponentKind) -> int:
        """By how many basis points a component counts."""
        return self.weights.get(kind, _USUAL_WEIGHTS[kind])


@attrs.frozen(kw_only=True)
class ExposureComponent:
    """One component: its whole amount and what of it counts, in minor units of the exposure's currency."""

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
        return max(0, sum(part.weighted_minor for part in self.components))

    def component(self, kind: ComponentKind) -> ExposureComponent | None:
        """One component, or None where there is nothing of it."""
        return next((part for part in self.components if part.kind is kind), None)


class StackRule(enum.Enum):
    """How the limits of a customer add up."""

    SUM = "sum"
    """Own limits come on top of what others cover."""
    TOTAL = "total"
    """The own limit is the most that may be owed, whoever covers it."""


@attrs.frozen(kw_only=True)
class LimitStanding:
    """One limit on a day: what it counts for, how much of it is used and free, and when it ends.

    `amount_minor` is what it counts for in the exposure's currency: after the haircut, and none of
    it before its first day or after its last.
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
class LimitStack:
    """The limits of a holder against its exposure on a day.

    `limits` are in the order in which they are used.  `capacity_minor` is what may be owed in all;
    `covered_minor` what somebody else would bear of the exposure, `own_risk_minor` what nobody but
    us would.
    """

    exposure: Exposure
    limits: tuple[LimitStanding, ...] = attrs.field(converter=_standings)
    capacity_minor: int
    covered_minor: int
    has_limit: bool = True
    """Whether anybody granted anything; without, capacity is zero and nobody decided so."""

    @property
    def own_risk_minor(self) -> int:
        """What of the exposure nobody but us would bear."""
        return self.exposure.total_minor - self.covered_minor

    @property
    def free_minor(self) -> int:
        """What may still be sold; below zero where the limit is exceeded."""
        return self.capacity_minor - self.exposure.total_minor
