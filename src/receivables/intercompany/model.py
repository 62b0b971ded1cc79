"""Between entities of one group: mirrored lines, agreement of two books, netting and its conditions.

A line stands in one entity's book; what the other entity owes it is positive.  The same fact stands
in the other book with the opposite sign, so that both add up to zero.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.allocation.model import Allocation
from receivables.documents.model import ItemId
from receivables.errors import DocumentError, PolicyError
from receivables.ledger.model import Event
from receivables.money import ExchangeRate, Money, Rounding, digits
from receivables.parties import UNIDENTIFIED, CreditorId, CustomerId
from receivables.receipts.model import ReceiptId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "Agreement",
    "AgreementRow",
    "ConditionResult",
    "Confirmation",
    "Group",
    "HandOver",
    "IntercompanyCause",
    "IntercompanyDifference",
    "IntercompanyLine",
    "Mirrored",
    "NetPayment",
    "NetPosition",
    "NettingAgreement",
    "NettingCondition",
    "NettingExclusion",
    "NettingProposal",
]


def _entities(
    values: Mapping[tuple[str, str], str],
) -> Mapping[tuple[CreditorId, CustomerId], CreditorId]:
    pairs = {
        (CreditorId(book), CustomerId(customer)): CreditorId(entity)
        for (book, customer), entity in values.items()
    }
    return MappingProxyType(pairs)


@attrs.frozen
class Group:
    """Which customers are entities of the group: by the book they stand in and their number there.

    >>> group = Group({("MIRA", "IC-SUD"): "SUD"})
    >>> group.entity("MIRA", "IC-SUD"), group.entity("MIRA", "C-017")
    ('SUD', None)
    """

    customers: Mapping[tuple[CreditorId, CustomerId], CreditorId] = attrs.field(converter=_entities)

    def entity(self, creditor: str, customer: str) -> CreditorId | None:
        """The entity that a customer is; None for a customer outside the group."""
        return self.customers.get((CreditorId(creditor), CustomerId(customer)))

    def customer(self, creditor: str, entity: str) -> CustomerId | None:
        """The number of an entity in another one's book; None where it has none."""
        found = (
            customer
            for (book, customer), each in self.customers.items()
            if book == creditor and each == entity
        )
        return next(found, None)


@attrs.frozen(kw_only=True)
class IntercompanyLine:
    """One line of an entity's book with another entity; what that one owes is positive.

    `reference` is what both books call it.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    counterparty: CreditorId = attrs.field(converter=CreditorId)
    date: dt.date
    amount_minor: int
    currency: str = attrs.field()
    reference: str = ""
    text: str = ""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)


def _events(values: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class HandOver:
    """A receipt that one entity took and another owns, as somebody found out.

    `amount` is what belongs to the owner, all that is unapplied where it is None.  `customer` is the
    payer in the owner's book, empty where it is not known there.  A receipt whose payer the receiver
    does not know goes to the owner's account in the receiver's book first, `affiliate`, or the owner's
    identity where it is empty.  `reference` is what both books call it; one is made where it is empty.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    """The entity that took the money."""
    receipt: ReceiptId = attrs.field(converter=ReceiptId)
    owner: CreditorId = attrs.field(converter=CreditorId)
    """The entity that it belongs to."""
    effective_on: dt.date
    customer: CustomerId = attrs.field(default=UNIDENTIFIED, converter=CustomerId)
    amount: Money | None = None
    affiliate: CustomerId = attrs.field(
        default=attrs.Factory(lambda self: CustomerId(self.owner), takes_self=True),
        converter=CustomerId,
    )
    reference: str = attrs.field(
        default=attrs.Factory(
            lambda self: f"{self.creditor}>{self.owner}:{self.receipt}", takes_self=True
        )
    )
    exchange_rate: ExchangeRate | None = None
    """The rate in the owner's book, where its books are kept in another currency."""

    @owner.validator
    def _check_owner(self, _attribute: object, value: CreditorId) -> None:
        if value == self.creditor:
            msg = f"owner must be another entity than {self.creditor}, got {value}"
            raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class Mirrored:
    """The events of both books that say one thing; record them together, or none of them."""

    reference: str
    receiver: CreditorId = attrs.field(converter=CreditorId)
    """The entity that took the money."""
    owner: CreditorId = attrs.field(converter=CreditorId)
    """The entity that it belongs to."""
    at_receiver: tuple[Event, ...] = attrs.field(converter=_events)
    at_owner: tuple[Event, ...] = attrs.field(converter=_events)

    @property
    def events(self) -> tuple[Event, ...]:
        """All of them, for a ledger that holds both books."""
        return (*self.at_receiver, *self.at_owner)


def _lines(values: Iterable[IntercompanyLine]) -> tuple[IntercompanyLine, ...]:
    return tuple(values)


def _sums(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted(values.items())))


@attrs.frozen(kw_only=True)
class Confirmation:
    """What an entity's book says about another on a day: to be sent there, and compared."""

    creditor: CreditorId = attrs.field(converter=CreditorId)
    counterparty: CreditorId = attrs.field(converter=CreditorId)
    as_of: dt.date
    balances: Mapping[str, int] = attrs.field(converter=_sums)
    """Minor units by currency; what the counterparty owes is positive."""
    lines: tuple[IntercompanyLine, ...] = attrs.field(default=(), converter=_lines)


class IntercompanyCause(enum.Enum):
    """Why two books of a group differ."""

    TIMING = "timing"
    """Both have it, one of them after the day."""
    MISSING = "missing"
    """One of them does not have it: the one without a line in the difference."""
    AMOUNT = "amount"
    CURRENCY = "currency"
    DUPLICATE = "duplicate"


@attrs.frozen(kw_only=True)
class IntercompanyDifference:
    """A part of what keeps two books from adding up to zero, with the lines that show it."""

    cause: IntercompanyCause
    difference_minor: int
    currency: str
    reference: str = ""
    ours: tuple[IntercompanyLine, ...] = attrs.field(default=(), converter=_lines)
    theirs: tuple[IntercompanyLine, ...] = attrs.field(default=(), converter=_lines)

    @property
    def key(self) -> str:
        """What names it from one day to the next, for an explanation to hold on to."""
        day = min(line.date for line in (*self.ours, *self.theirs)).isoformat()
        return f"{self.cause.value}|{self.currency}|{self.reference}|{day}"


@attrs.frozen(kw_only=True)
class AgreementRow:
    """The balances of two books in one currency; they agree where they add up to zero."""

    currency: str
    ours_minor: int
    theirs_minor: int

    @property
    def difference_minor(self) -> int:
        """What is left where there should be nothing."""
        return self.ours_minor + self.theirs_minor


_COLUMNS: Final = (
    "creditor",
    "counterparty",
    "cause",
    "reference",
    "currency",
    "difference_minor",
    "ours_date",
    "ours_minor",
    "theirs_date",
    "theirs_minor",
)


def _agreement_rows(values: Iterable[AgreementRow]) -> tuple[AgreementRow, ...]:
    return tuple(values)


def _differences(values: Iterable[IntercompanyDifference]) -> tuple[IntercompanyDifference, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Agreement(ShowsTable):
    """Two books of a group compared at the end of a day.

    Raises `DocumentError` where the differences do not add up to what the balances leave.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    counterparty: CreditorId = attrs.field(converter=CreditorId)
    as_of: dt.date
    rows: tuple[AgreementRow, ...] = attrs.field(converter=_agreement_rows)
    differences: tuple[IntercompanyDifference, ...] = attrs.field(
        default=(), converter=_differences
    )
    agreed: int = 0
    """How many pairs of lines agree."""

    @differences.validator
    def _check_sums(self, _attribute: object, value: tuple[IntercompanyDifference, ...]) -> None:
        expected = {row.currency: row.difference_minor for row in self.rows}
        found = dict.fromkeys(expected, 0)
        for one in value:
            found[one.currency] = found.get(one.currency, 0) + one.difference_minor
        if found != expected:
            msg = f"differences must add up to {expected}, got {found}"
            raise DocumentError(msg)

    @property
    def is_agreed(self) -> bool:
        """Whether the two books say the same, line by line."""
        return not self.differences

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        return _COLUMNS

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """The differences as tuples, in the order of `columns`, amounts in minor units."""
        return [
            (
                self.creditor,
                self.counterparty,
                one.cause.value,
                one.reference,
                one.currency,
                one.difference_minor,
                _first_day(one.ours),
                sum(line.amount_minor for line in one.ours),
                _first_day(one.theirs),
                sum(line.amount_minor for line in one.theirs),
            )
            for one in self.differences
        ]

    def to_table(self) -> ResultTable:
        """The differences one by one, and the two balances of each currency below."""
        from receivables.intercompany._tables import agreement_table  # noqa: PLC0415  # stands on this

        return agreement_table(self)


def _first_day(lines: tuple[IntercompanyLine, ...]) -> str:
    return min((line.date.isoformat() for line in lines), default="")


class NettingCondition(enum.Enum):
    """What must hold before amounts are set against each other, or shown as one.

    The first five decide whether an item may be netted; the last two are those of *IAS 32.42* (a) and
    (b), and decide whether the result may be presented net.
    """

    AGREEMENT = "agreement"
    """An agreement names the entities and the counterparty, and is in force on the day."""
    SAME_COUNTERPARTY = "same-counterparty"
    """The same legal entity owes and is owed, whatever its customer numbers."""
    CURRENCY = "currency"
    """The currency is the one that is settled in, or the agreement states a rate."""
    DUE = "due"
    UNDISPUTED = "undisputed"
    ENFORCEABLE_RIGHT = "enforceable-right"
    """A legally enforceable right to set off the recognized amounts, now (*IAS 32.42* (a))."""
    NET_SETTLEMENT = "net-settlement"
    """The intention to settle net, or to realize both at once (*IAS 32.42* (b))."""


_OF_ITEMS: Final = (
    NettingCondition.AGREEMENT,
    NettingCondition.SAME_COUNTERPARTY,
    NettingCondition.CURRENCY,
    NettingCondition.DUE,
    NettingCondition.UNDISPUTED,
)


def _ids(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values)


def _rates(values: Iterable[ExchangeRate]) -> tuple[ExchangeRate, ...]:
    return tuple(values)


def _conditions(values: Collection[NettingCondition]) -> frozenset[NettingCondition]:
    return frozenset(values)


@attrs.frozen(kw_only=True)
class NettingAgreement:
    """A netting agreement as data: who, what, from when, and under which conditions.

    `counterparties` are legal entities, all of them where it is empty.  Without a `currency` each
    currency is netted by itself; with one, items in others are netted at the `rates` it states.
    `waived` are conditions that the parties agreed to do without, such as ``due``.
    Raises `PolicyError` where it waives what no agreement can.
    """

    name: str
    entities: frozenset[str] = attrs.field(converter=_ids)
    first: dt.date
    last: dt.date | None = None
    counterparties: frozenset[str] = attrs.field(default=(), converter=_ids)
    currency: str = ""
    rates: tuple[ExchangeRate, ...] = attrs.field(default=(), converter=_rates)
    rounding: Rounding = Rounding.HALF_UP
    waived: frozenset[NettingCondition] = attrs.field(default=(), converter=_conditions)
    is_enforceable: bool = False
    """Whether the right to set off is enforceable now, in default and insolvency too (*IAS 32.42* (a))."""
    settles_net: bool = False
    """Whether the parties intend to settle net, or both at once (*IAS 32.42* (b))."""

    @waived.validator
    def _check_waived(self, _attribute: object, value: frozenset[NettingCondition]) -> None:
        fixed = value - {NettingCondition.DUE, NettingCondition.UNDISPUTED}
        if fixed:
            names = ", ".join(sorted(each.value for each in fixed))
            msg = f"waived must be conditions that parties can waive, got {names}"
            raise PolicyError(msg)

    @property
    def required(self) -> tuple[NettingCondition, ...]:
        """The conditions that every item must meet."""
        return tuple(each for each in _OF_ITEMS if each not in self.waived)

    def covers(self, creditor: str, counterparty: str, *, as_of: dt.date) -> bool:
        """Whether it is in force between an entity and a counterparty on a day."""
        in_force = self.first <= as_of and (self.last is None or as_of <= self.last)
        named = not self.counterparties or counterparty in self.counterparties
        return in_force and creditor in self.entities and named

    def rate(self, currency: str) -> ExchangeRate | None:
        """The rate that it states between a currency and the one that is settled in."""
        wanted = {currency, self.currency}
        return next((rate for rate in self.rates if {rate.base, rate.quote} == wanted), None)


@attrs.frozen(kw_only=True)
class ConditionResult:
    """Whether a condition holds for the proposal as a whole, and how we know."""

    condition: NettingCondition
    is_met: bool
    detail: str = ""


@attrs.frozen(kw_only=True)
class NettingExclusion:
    """An item that is left out, and the condition that it does not meet."""

    creditor: CreditorId
    item: ItemId
    condition: NettingCondition
    detail: str = ""


def _allocations(values: Iterable[Allocation]) -> tuple[Allocation, ...]:
    return tuple(values)


def _results(values: Iterable[ConditionResult]) -> tuple[ConditionResult, ...]:
    return tuple(values)


def _exclusions(values: Iterable[NettingExclusion]) -> tuple[NettingExclusion, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class NettingProposal:
    """What may be netted: an allocation for each entity, whose intercompany residuals mirror each other.

    Nothing is settled by it: the allocations are recorded in the books of their entities, all or none.
    """

    name: str
    agreement: str
    as_of: dt.date
    allocations: tuple[Allocation, ...] = attrs.field(default=(), converter=_allocations)
    conditions: tuple[ConditionResult, ...] = attrs.field(default=(), converter=_results)
    excluded: tuple[NettingExclusion, ...] = attrs.field(default=(), converter=_exclusions)

    @property
    def may_present_net(self) -> bool:
        """Whether both conditions of *IAS 32.42* hold; netting what is owed is another question."""
        of_presentation = {NettingCondition.ENFORCEABLE_RIGHT, NettingCondition.NET_SETTLEMENT}
        met = {one.condition for one in self.conditions if one.is_met}
        return of_presentation <= met


@attrs.frozen(kw_only=True)
class NetPosition:
    """What an entity is owed by all others together, in one currency; negative where it owes."""

    creditor: CreditorId = attrs.field(converter=CreditorId)
    currency: str
    amount_minor: int


@attrs.frozen(kw_only=True)
class NetPayment:
    """One payment that settles net positions; the amount is positive."""

    payer: CreditorId = attrs.field(converter=CreditorId)
    payee: CreditorId = attrs.field(converter=CreditorId)
    currency: str
    amount_minor: int
