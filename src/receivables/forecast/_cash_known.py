"""What is known besides habit: orders, sales that are planned, and what is assumed where nobody knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.days import check_day
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.forecast._cash_bands import MEASURED, CashRisk
from receivables.forecast.model import WHOLE_PPM, ForecastItem
from receivables.parties import CustomerId

__all__ = ["CashAssumptions", "PaymentCurve", "PaymentOrder", "SalesPlan", "payment_curve"]

_BPS: Final = 10_000
_CURVE_DAYS: Final = 365
"""Days of a payment curve: what is not paid a year after the invoice is no cash to plan with."""


def _items(values: Iterable[str]) -> tuple[ItemId, ...]:
    return tuple(map(ItemId, values))


def _check_ppm(instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    del instance
    if not 0 <= value <= WHOLE_PPM:
        msg = f"{attribute.name} must be 0 to {WHOLE_PPM}, got {value}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class PaymentOrder:
    """Cash that is on its way: a direct debit that was sent, or a customer's order that is known.

    It is about `items` in their order, or about the customer's oldest items where it names none.
    Raises `PolicyError` for an amount of zero or less, or a chance beyond certainty.
    """

    reference: str
    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str
    amount_minor: int = attrs.field()
    day: dt.date
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=_items)
    creditor: str = ""
    chance_ppm: int = attrs.field(default=WHOLE_PPM, validator=_check_ppm)
    """Less than certain where debits come back; what comes back is not expected again."""

    @amount_minor.validator
    def _check_amount(self, _attribute: object, value: int) -> None:
        if value <= 0:
            msg = f"amount_minor of order {self.reference} must be above zero, got {value}"
            raise PolicyError(msg)


def _chances(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PaymentCurve:
    """What share of sales is paid how many days after the invoice, the first for the day itself.

    Raises `PolicyError` for shares below zero, or beyond a million in all.
    """

    chances_ppm: tuple[int, ...] = attrs.field(converter=_chances)

    @chances_ppm.validator
    def _check(self, _attribute: object, value: tuple[int, ...]) -> None:
        if min(value, default=0) < 0 or sum(value) > WHOLE_PPM:
            msg = f"chances_ppm must be zero or more, {WHOLE_PPM} at most in all, got {sum(value)}"
            raise PolicyError(msg)


def _amounts(values: Mapping[dt.date, int]) -> Mapping[dt.date, int]:
    return MappingProxyType(dict(sorted(values.items())))


@attrs.frozen(kw_only=True, hash=False)
class SalesPlan:
    """Sales to come: minor units by the day of invoicing, and how such sales are usually paid.

    Raises `PolicyError` for amounts below zero.
    """

    creditor: str = ""
    currency: str
    amounts: Mapping[dt.date, int] = attrs.field(converter=_amounts)
    curve: PaymentCurve
    segment: str = ""

    @amounts.validator
    def _check(self, _attribute: object, value: Mapping[dt.date, int]) -> None:
        if min(value.values(), default=0) < 0:
            msg = f"amounts must be zero or more, got {min(value.values())}"
            raise PolicyError(msg)


def payment_curve(
    history: Iterable[ForecastItem],
    *,
    as_of: dt.date,
    currency: str,
    creditor: str = "",
    known_through: dt.date | None = None,
) -> PaymentCurve:
    """How the sales of a portfolio were paid, by amount and days since the document's date.

    What is not paid yet counts for as long as it was seen to be open (Kaplan and Meier 1958), so
    that new and unpaid items do not make payments look quicker.  Nothing counts that was known only
    after `as_of`.
    """
    check_day(as_of, name="as_of")
    last = as_of if known_through is None else min(as_of, known_through)
    spans: list[tuple[int, int, bool]] = []
    for item in history:
        if item.currency != currency or (creditor and item.creditor != creditor):
            continue
        if item.amount_minor <= 0 or max(item.known_on, item.document_date) > last:
            continue
        is_paid = item.paid_on is not None and item.paid_on <= last
        end = item.paid_on if is_paid and item.paid_on is not None else last
        days = max((end - item.document_date).days, 0)
        spans.append((days, item.amount_minor, is_paid))
    return PaymentCurve(chances_ppm=_survived(spans))


def _survived(spans: list[tuple[int, int, bool]]) -> list[int]:
    """The chances by day, from how long each amount was open and whether it was paid then."""
    paid: dict[int, int] = {}
    gone: dict[int, int] = {}
    for days, amount, is_paid in spans:
        paid[days] = paid.get(days, 0) + (amount if is_paid else 0)
        gone[days] = gone.get(days, 0) + amount
    open_minor = sum(gone.values())
    left, chances = WHOLE_PPM, []
    for day in range(min(max(gone, default=-1), _CURVE_DAYS) + 1):
        chance = left * paid.get(day, 0) // open_minor if open_minor else 0
        chances.append(chance)
        left -= chance
        open_minor -= gone.get(day, 0)
    return chances


@attrs.frozen(kw_only=True)
class CashAssumptions:
    """What is taken where the record of customers and disputes says too little.

    A customer's own promises count against `promise_weight` promises of everybody; where nobody's
    promise was ever decided, `promise_kept_bps` stands.  Raises `PolicyError` for a share beyond the
    whole, or days or weights below zero.
    """

    promise_kept_bps: int = 6_000
    promise_weight: int = 5
    plan_kept_bps: int = 8_000
    """The chance that an installment of a plan that runs comes on its day."""
    dispute_days: int = 30
    """Days from opening to decision, where no dispute of the list was decided."""
    dispute_paid_bps: int = 5_000
    """What share of a contested amount is paid in the end, where none was decided."""
    days_after_decision: int = 14
    """Days from the decision to the payment of what the customer was not right about."""
    risk: CashRisk = MEASURED
    """How items move together, which makes the bands as wide as they are."""

    def __attrs_post_init__(self) -> None:
        for name in ("promise_kept_bps", "plan_kept_bps", "dispute_paid_bps"):
            if not 0 <= getattr(self, name) <= _BPS:
                msg = f"{name} must be 0 to {_BPS}, got {getattr(self, name)}"
                raise PolicyError(msg)
        for name in ("promise_weight", "dispute_days", "days_after_decision"):
            if getattr(self, name) < 0:
                msg = f"{name} must be zero or more, got {getattr(self, name)}"
                raise PolicyError(msg)
