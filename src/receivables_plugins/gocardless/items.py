"""From the items of one payout to movements: fees go to their payment, parts of a cent add up.

An item's amount is a text of minor units with one decimal, because fees are counted to a tenth; the
payout is the sum of its items without that part (GoCardless API, *Payout Items*).  Here fees are
rounded so that each movement is whole and all of them come to the payout.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.money import digits
from receivables.receipts.model import Payer
from receivables.receipts.payout_reports import ReportRow
from receivables.receipts.payouts import MovementKind, Payout, ProcessorMovement

__all__ = ["PROCESSOR", "People", "movements_of", "payout_from"]

PROCESSOR: Final = "gocardless"

_KINDS: Final[Mapping[str, MovementKind]] = MappingProxyType(
    {
        "app_fee": MovementKind.FEE,
        "gocardless_fee": MovementKind.FEE,
        "payment_charged_back": MovementKind.CHARGEBACK,
        "payment_failed": MovementKind.FAILED,
        "payment_paid_out": MovementKind.PAYMENT,
        "payment_refunded": MovementKind.REFUND,
        "refund": MovementKind.REFUND,
        "refund_funds_returned": MovementKind.REFUND,
        "revenue_share": MovementKind.ADJUSTMENT,
        "surcharge_fee": MovementKind.FEE,
    }
)


_ROUNDINGS: Final = (ROUND_FLOOR, ROUND_DOWN, ROUND_HALF_UP)
"""How a payout may leave out the part of a minor unit that its items come to."""


@attrs.define
class People:
    """What is known of payments, refunds, mandates and customers, each by its name."""

    payments: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    refunds: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    mandates: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    customers: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    reasons: dict[str, str] = attrs.field(factory=dict)
    """Why a payment failed or was charged back, by the payment."""

    def customer_name(self, mandate: str) -> str:
        """The name of the customer who gave a mandate; empty where nobody says it."""
        customer = self.customers.get(linked(self.mandates.get(mandate), "customer"), {})
        company = customer.get("company_name")
        names = [company] if company else [customer.get("given_name"), customer.get("family_name")]
        return " ".join(str(name) for name in names if name)


def linked(value: dict[str, Any] | None, name: str) -> str:
    """The name of another object that an object links to; empty where it does not."""
    links = {} if value is None else value.get("links")
    found = links.get(name) if isinstance(links, dict) else None
    return found if isinstance(found, str) else ""


def payout_from(row: ReportRow) -> Payout | None:
    """A payout object; its amount is what is left after fees."""
    currency = row.currency("currency")
    amount_minor = row.minor("amount", currency)
    paid_on = row.needed_day("arrival_date", "created_at")
    name = row.needed_name("id", code="gocardless.identity")
    if row.is_refused:
        return None
    paid_in = row.name("fx.fx_currency")
    if paid_in and paid_in != currency and row.at("fx.fx_amount") is not None:
        msg = f"payout must be in the currency of the bank account, got {paid_in} for {currency}"
        row.warn("gocardless.conversion", msg, field="fx")
    return Payout(
        payout=name,
        processor=PROCESSOR,
        amount_minor=amount_minor,
        currency=currency,
        paid_on=paid_on,
        is_itemized=False,
        account=row.name("links.creditor_bank_account"),
        bank_reference=row.text("reference"),
        status=row.text("status"),
        merchant=row.name("links.creditor"),
        source=row.place,
    )


@attrs.define(kw_only=True)
class _Part:
    """A movement under way: its exact fee, in minor units, and the parts of it."""

    row: ReportRow
    kind: MovementKind
    type_: str
    payment: str
    refund: str
    gross_minor: int
    fee: Decimal = Decimal()
    fees: list[tuple[str, Decimal]] = attrs.field(factory=list)


def movements_of(
    items: Iterable[ReportRow],
    payout: Payout,
    *,
    people: People,
    kinds: Mapping[str, MovementKind],
    reference: str,
) -> list[ProcessorMovement] | None:
    """The movements of a payout; None where an item was refused.

    They come to the payout where the items do but for a part of one minor unit.
    """
    parts: list[_Part] = []
    charges: list[_Charge] = []
    is_refused = False
    for row in items:
        _take(row, parts, charges, kinds)
        is_refused = is_refused or row.is_refused
    if is_refused:
        return None
    _charge(parts, charges)
    fees_minor = _rounded([part.fee for part in parts], parts, payout)
    maker = _Maker(payout, people, reference)
    return [
        maker.movement(part, fee_minor)
        for part, fee_minor in zip(parts, fees_minor, strict=True)
        if part.gross_minor or fee_minor
    ]


@attrs.frozen
class _Charge:
    """A fee of a payment, positive where it costs us something, in minor units and tenths of them."""

    row: ReportRow
    type_: str
    payment: str
    amount: Decimal


def _take(
    row: ReportRow,
    parts: list[_Part],
    charges: list[_Charge],
    kinds: Mapping[str, MovementKind],
) -> None:
    type_ = row.name("type")
    kind = kinds.get(type_) or _KINDS.get(type_)
    payment, refund = row.name("links.payment"), row.name("links.refund")
    amount = row.decimal(row.at("amount"), field="amount")
    if kind is None:
        msg = f"type {type_!r} of an item must be given a kind in the settings, got none"
        row.refuse("gocardless.type-unknown", msg, field="type")
    if amount is None or kind is None:
        return
    if kind is MovementKind.FEE:
        charges.append(_Charge(row, type_, payment, -amount))
        return
    if amount != amount.to_integral_value():
        msg = f"amount of {type_} must be whole minor units, got {amount}"
        row.refuse("amount.inexact", msg, field="amount")
        return
    parts.append(
        _Part(
            row=row,
            kind=kind,
            type_=type_,
            payment=payment,
            refund=refund,
            gross_minor=int(amount),
        )
    )


def _charge(parts: list[_Part], charges: list[_Charge]) -> None:
    """Give each fee to the movement of its payment; what belongs to none is a fee by itself.

    A fee that comes back belongs to what took the payment back, where there is something.
    """
    by_payment: dict[tuple[str, bool], _Part] = {}
    for part in parts:
        if part.payment:
            by_payment.setdefault((part.payment, part.kind is MovementKind.PAYMENT), part)
    alone: dict[str, _Part] = {}
    for charge in charges:
        is_cost = charge.amount >= 0
        own = by_payment.get((charge.payment, is_cost)) or by_payment.get(
            (charge.payment, not is_cost)
        )
        if own is None:
            own = alone.get(charge.type_)
        if own is None:
            own = alone[charge.type_] = _Part(
                row=charge.row,
                kind=MovementKind.FEE,
                type_=charge.type_,
                payment="",
                refund="",
                gross_minor=0,
            )
        own.fee += charge.amount
        own.fees.append((charge.type_, charge.amount))
    parts += alone.values()


def _rounded(fees: list[Decimal], parts: list[_Part], payout: Payout) -> list[int]:
    """Whole fees that add up to what lies between gross and payout.

    Each is the difference of two sums rounded up, so that no error grows beyond one minor unit; up,
    because the payout leaves out the part of a minor unit that its items come to.
    """
    sums = [Decimal()]
    for fee in fees:
        sums.append(sums[-1] + fee)
    whole = [int(sum_.to_integral_value(ROUND_CEILING)) for sum_ in sums]
    found = [after - before for before, after in itertools.pairwise(whole)]
    exact = sum(part.gross_minor for part in parts) - sums[-1]
    missing = sum(part.gross_minor for part in parts) - sum(found) - payout.amount_minor
    whole_ones = {int(exact.to_integral_value(rounding)) for rounding in _ROUNDINGS}
    if missing and exact != exact.to_integral_value() and payout.amount_minor in whole_ones:
        last = max(place for place, fee in enumerate(fees) if fee)
        found[last] += missing
    return found


@attrs.frozen
class _Maker:
    """Makes the movements of one payout."""

    payout: Payout
    people: People
    reference: str

    def movement(self, part: _Part, fee_minor: int) -> ProcessorMovement:
        """The movement of some items; a fee by itself is a negative gross amount."""
        is_fee = part.kind is MovementKind.FEE
        currency = self.payout.currency
        payment = self.people.payments.get(part.payment, {})
        about = ReportRow(payment, notes=part.row.notes, days=part.row.days, line=part.row.line)
        mandate = linked(payment, "mandate") or part.row.name("links.mandate")
        reason = self.people.reasons.get(part.payment, "")
        is_payment = part.kind is MovementKind.PAYMENT
        text = about.text("description") if is_payment or not reason else reason
        places = digits(currency)
        return ProcessorMovement(
            movement=_name(self.payout.payout, part),
            processor=PROCESSOR,
            kind=part.kind,
            gross_minor=-fee_minor if is_fee else part.gross_minor,
            fee_minor=0 if is_fee else fee_minor,
            currency=currency,
            occurred_on=self._day(about, part),
            payout=self.payout.payout,
            original=self._original(part),
            reference=self._own_reference(about, part),
            payer=Payer(name=about.without_cards(self.people.customer_name(mandate))),
            text=text,
            raw_kind=part.type_,
            method=about.name("scheme"),
            fees=[(name, f"{amount.scaleb(-places):f}") for name, amount in part.fees],
            source=part.row.place,
        )

    def _day(self, about: ReportRow, part: _Part) -> dt.date:
        """The day a payment was charged; what has no day of its own has that of the payout."""
        if part.kind is MovementKind.PAYMENT:
            return about.day("charge_date", "created_at") or self.payout.paid_on
        return self.payout.paid_on

    def _original(self, part: _Part) -> str:
        """The payment that is taken back: by its name in this payout's report, or in another's."""
        if not part.kind.is_of_customer or part.kind is MovementKind.PAYMENT:
            return ""
        return part.payment

    def _own_reference(self, about: ReportRow, part: _Part) -> str:
        metadata = about.at("metadata")
        if self.reference and isinstance(metadata, dict) and metadata.get(self.reference):
            return about.without_cards(str(metadata[self.reference]), field="metadata")
        found = about.text("reference")
        if found or not part.refund:
            return found
        refund = self.people.refunds.get(part.refund, {})
        return ReportRow(refund, notes=part.row.notes, days=part.row.days, line=part.row.line).text(
            "reference"
        )


def _name(payout: str, part: _Part) -> str:
    """A payment can be paid out twice, after a late failure: its payout is part of the name."""
    own = part.refund or part.payment
    return f"{payout}/{part.type_}/{own}" if own else f"{payout}/{part.type_}"
