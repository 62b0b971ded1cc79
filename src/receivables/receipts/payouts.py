"""What a payment processor did with money on its way: movements, the payouts they add up to, disputes.

A reader yields `ProcessorMovement` values as they stream, one `Payout` after the movements that it
pays out, and `ProcessorDispute` values.  Amounts are signed minor units of the movement's currency:
what raises our balance with the processor is positive.  A payment of 100.00 with a fee of 2.90 has
`gross_minor` 10000 and `fee_minor` 290, and adds 9710 to the payout.

>>> import datetime as dt
>>> day = dt.date(2026, 10, 1)
>>> paid = ProcessorMovement(movement="txn_1", processor="stripe", kind=MovementKind.PAYMENT,
...     gross_minor=10000, fee_minor=290, currency="EUR", occurred_on=day, payout="po_1")
>>> payout = Payout(payout="po_1", processor="stripe", amount_minor=9710, currency="EUR",
...                 paid_on=day, totals={MovementKind.PAYMENT: 10000}, fee_minor=290, movements=1)
>>> paid.net_minor, payout.difference_minor
(9710, 0)
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.cards import holds_card_number
from receivables.errors import DocumentError
from receivables.money import digits
from receivables.problems import Place
from receivables.receipts.model import Payer, Remittance

__all__ = [
    "DisputeStage",
    "MovementKind",
    "Payout",
    "ProcessorDispute",
    "ProcessorMovement",
    "payout_of",
]


class MovementKind(enum.Enum):
    """What moved our balance with a processor."""

    __hash__ = object.__hash__

    PAYMENT = "payment"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback-reversal"
    """A chargeback that was won: the money comes back."""
    FAILED = "failed"
    """A payment that had been credited and was not collected after all (a late failure)."""
    FEE = "fee"
    """A fee that stands by itself, with its tax; not the one inside a payment."""
    RESERVE_HELD = "reserve-held"
    RESERVE_RELEASED = "reserve-released"
    ADJUSTMENT = "adjustment"
    """A correction by the processor that is none of the others."""
    BROUGHT_FORWARD = "brought-forward"
    """What was left on the balance after the payout before, or is carried on after this one."""
    CONVERSION = "conversion"
    TRANSFER = "transfer"
    """Money that we moved between balances of our own."""

    @property
    def is_of_customer(self) -> bool:
        """Whether it belongs to a customer's account: a payment, or what takes one back."""
        return self in _OF_CUSTOMERS


_OF_CUSTOMERS: Final = frozenset(
    {
        MovementKind.PAYMENT,
        MovementKind.REFUND,
        MovementKind.CHARGEBACK,
        MovementKind.CHARGEBACK_REVERSAL,
        MovementKind.FAILED,
    }
)


def _check_currency(_instance: object, _attribute: object, value: str) -> None:
    digits(value)


def _check_no_card(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is attribute.default:
        return
    if type(value) is str:
        is_card = holds_card_number(value)
    else:
        is_card = any(map(holds_card_number, _texts(value)))
    if is_card:
        msg = f"{attribute.name} must hold no card number, got one"
        raise DocumentError(msg)


def _texts(value: object) -> Iterable[str]:
    """What a payer or a remittance says, text by text; another value as it writes itself."""
    if type(value) is Payer:
        found: tuple[object, ...] = (value.name, value.account, value.ultimate_name)
    elif type(value) is Remittance and not value.documents:
        found = (*value.references, *value.text, value.end_to_end)
    else:
        return (str(value),)
    return map(str, found)


def _pairs(values: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if type(values) is tuple and not values:
        return ()
    pairs = values.items() if isinstance(values, Mapping) else values
    return tuple((str(first), str(second)) for first, second in pairs)


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class ProcessorMovement:
    """One thing that moved our balance with a processor; card numbers are refused.

    `gross_minor` is signed, `fee_minor` what it cost us (negative where a fee came back).
    """

    movement: str
    """The processor's own name of it, which stays the same in every report."""
    processor: str
    kind: MovementKind
    gross_minor: int
    currency: str = attrs.field(validator=_check_currency)
    occurred_on: dt.date
    """The day in UTC, or in the zone that the settings give."""
    fee_minor: int = 0
    payout: str = ""
    """The payout it is part of; empty where it is in none yet, or the report does not say."""
    original: str = ""
    """The movement that it takes back, in whole or in part, where the report names it."""
    reference: str = attrs.field(default="", validator=_check_no_card)
    """Our own reference: an order or an invoice number."""
    available_on: dt.date | None = None
    payer: Payer = attrs.field(default=Payer(), validator=_check_no_card)
    remittance: Remittance = attrs.field(default=Remittance(), validator=_check_no_card)
    text: str = attrs.field(default="", validator=_check_no_card)
    raw_kind: str = ""
    """What the report calls it."""
    method: str = ""
    """The brand or the kind of payment (``visa``, ``sepa_debit``), as the report has it."""
    last4: str = attrs.field(default="")
    """The last four figures of the card or the account, and never more."""
    fees: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    """The parts of the fee by their names, as decimal texts, where the report gives them."""
    source: Place | None = attrs.field(default=None, eq=False)

    @last4.validator
    def _check_last4(self, _attribute: object, value: str) -> None:
        if len(value) > 4:  # noqa: PLR2004  # the last four
            msg = f"last4 must have at most 4 characters, got {len(value)}"
            raise DocumentError(msg)

    @property
    def net_minor(self) -> int:
        """What it adds to the payout: gross less fee."""
        return self.gross_minor - self.fee_minor


def _totals(values: Mapping[MovementKind, int]) -> Mapping[MovementKind, int]:
    ordered = sorted(values.items(), key=lambda pair: pair[0].value)
    return MappingProxyType(dict(ordered))


@attrs.frozen(kw_only=True)
class Payout:
    """What a processor paid out in one transfer, after all its movements.

    `totals` are the gross sums by kind, `fee_minor` the sum of all fees inside the movements.
    `declared_minor` are control totals that the report states, by their own names.
    """

    payout: str
    processor: str
    amount_minor: int
    """What reached, or will reach, the bank account; negative where it was drawn from there."""
    currency: str = attrs.field(validator=_check_currency)
    paid_on: dt.date
    """The day on which it is to be on the bank account."""
    totals: Mapping[MovementKind, int] = attrs.field(factory=dict, converter=_totals, hash=False)
    fee_minor: int = 0
    movements: int = 0
    is_itemized: bool = True
    """Whether the report has its movements; one without them proves nothing."""
    account: str = ""
    """Our bank account that it goes to, as far as the report says it."""
    bank_reference: str = ""
    """What stands on the bank statement."""
    status: str = ""
    merchant: str = ""
    """The merchant account of ours that it is of."""
    source: Place | None = attrs.field(default=None, eq=False)

    @property
    def difference_minor(self) -> int | None:
        """Amount less what its movements come to: zero where it holds, None where unprovable."""
        if not self.is_itemized:
            return None
        return self.amount_minor - sum(self.totals.values()) + self.fee_minor


def payout_of(movements: Iterable[ProcessorMovement], **fields: Any) -> Payout:  # noqa: ANN401  # fields of `Payout`
    """The payout of some movements, with their totals, fees and number filled in."""
    totals: dict[MovementKind, int] = {}
    fee_minor = count = 0
    for each in movements:
        totals[each.kind] = totals.get(each.kind, 0) + each.gross_minor
        fee_minor += each.fee_minor
        count += 1
    return Payout(totals=totals, fee_minor=fee_minor, movements=count, **fields)


class DisputeStage(enum.Enum):
    """How far a cardholder's dispute has come."""

    INQUIRY = "inquiry"
    """A request for information; no money has moved."""
    CHARGEBACK = "chargeback"
    PRE_ARBITRATION = "pre-arbitration"
    ARBITRATION = "arbitration"
    WON = "won"
    LOST = "lost"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether something can still be said."""
        return self in _OPEN_STAGES


_OPEN_STAGES: Final = frozenset(
    {
        DisputeStage.INQUIRY,
        DisputeStage.CHARGEBACK,
        DisputeStage.PRE_ARBITRATION,
        DisputeStage.ARBITRATION,
    }
)


@attrs.frozen(kw_only=True)
class ProcessorDispute:
    """A dispute that the payer has opened with the processor: what about, and until when to answer."""

    dispute: str
    processor: str
    stage: DisputeStage
    amount_minor: int
    """What is disputed, positive."""
    currency: str = attrs.field(validator=_check_currency)
    opened_on: dt.date
    respond_by: dt.date | None = None
    """The last day to answer; None where the report does not say, or nothing can be answered."""
    movement: str = ""
    """The payment that is disputed."""
    reference: str = attrs.field(default="", validator=_check_no_card)
    """Our own reference of the payment."""
    reason_code: str = ""
    reason: str = ""
    source: Place | None = attrs.field(default=None, eq=False)
