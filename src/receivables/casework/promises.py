"""Promises to pay, and payment plans, as they were given."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping

import attrs

from receivables.casework._checks import check_above_zero, check_named, item_ids
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.money import Money, exact, from_minor, to_minor
from receivables.parties import CustomerId

__all__ = ["BreakClause", "PaymentPlan", "PlanEnd", "PlanInstallment", "PromiseToPay"]


@attrs.frozen(kw_only=True)
class PromiseToPay:
    """A customer said: this much, by this day, for these items.

    `items` are in the order in which they were named; where it is empty, the promise is about
    whatever is owed in its currency.  Raises `DocumentError` for an amount of zero or less, or
    without a name or a customer.

    >>> from receivables.money import money
    >>> PromiseToPay(promise="P-1", customer="C-017", amount=money("500.00", "EUR"),
    ...              due_on=dt.date(2026, 11, 20), items=["F-17"]).amount
    Money('500.00', 'EUR')
    """

    promise: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    amount: Money = attrs.field(converter=exact, validator=check_above_zero)
    due_on: dt.date
    """The day by which the money is to be there."""
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=item_ids)
    contact: str = ""
    """Who promised."""
    by: str = ""
    """Who took the promise."""
    note: str = ""


@attrs.frozen(kw_only=True)
class PlanInstallment:
    """One payment of a plan: principal, and the interest that comes with it, in one currency.

    Raises `DocumentError` where the principal is not above zero, or the interest below zero or in
    another currency.
    """

    due_on: dt.date
    principal: Money = attrs.field(converter=exact, validator=check_above_zero)
    interest: Money = attrs.field(
        default=attrs.Factory(
            lambda self: from_minor(0, self.principal.currency.code), takes_self=True
        ),
        converter=exact,
    )

    @interest.validator
    def _check_interest(self, _attribute: object, value: Money) -> None:
        if value.currency != self.principal.currency or to_minor(value) < 0:
            msg = f"interest must be zero or more in {self.principal.currency.code}, got {value}"
            raise DocumentError(msg)

    @property
    def amount(self) -> Money:
        """What is to be paid."""
        return self.principal + self.interest


@attrs.frozen(kw_only=True)
class BreakClause:
    """When a plan is broken: this many installments unpaid this many days after they were due.

    Raises `DocumentError` for less than one installment or days below zero.
    """

    missed_installments: int = attrs.field(default=1)
    grace_days: int = attrs.field(default=5)

    @missed_installments.validator
    @grace_days.validator
    def _check(self, attribute: attrs.Attribute[int], value: int) -> None:
        least = 1 if attribute.name == "missed_installments" else 0
        if value < least:
            msg = f"{attribute.name} must be {least} or more, got {value}"
            raise DocumentError(msg)


def _installments(values: Iterable[PlanInstallment]) -> tuple[PlanInstallment, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PaymentPlan:
    """An agreement to pay items in installments; the items stay what they are, open and traceable.

    The items may be in several currencies, and so may the installments: each currency has its own.
    `pauses_referral` says whether court or agency wait while the plan is kept.  Raises
    `DocumentError` for a plan without items or installments, or with dates that do not rise within
    a currency.
    """

    plan: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    items: tuple[ItemId, ...] = attrs.field(converter=item_ids)
    installments: tuple[PlanInstallment, ...] = attrs.field(converter=_installments)
    accept_by: dt.date | None = None
    """The last day on which the offer can be accepted."""
    break_clause: BreakClause = BreakClause()
    pauses_referral: bool = True
    rate_bps: int = 0
    """The yearly rate at which the interest was computed, in basis points, as agreed in writing."""
    by: str = ""
    note: str = ""

    @items.validator
    def _check_items(self, _attribute: object, value: tuple[ItemId, ...]) -> None:
        if not value or len(set(value)) != len(value):
            msg = f"items of plan {self.plan} must be one or more, each once, got {list(value)}"
            raise DocumentError(msg)

    @installments.validator
    def _check_installments(self, _attribute: object, value: tuple[PlanInstallment, ...]) -> None:
        if not value:
            msg = f"installments of plan {self.plan} must be one or more, got none"
            raise DocumentError(msg)
        days: dict[str, dt.date] = {}
        for one in value:
            currency = one.principal.currency.code
            if currency in days and one.due_on <= days[currency]:
                msg = f"due_on of plan {self.plan} must rise from installment to installment, got {one.due_on} after {days[currency]}"
                raise DocumentError(msg)
            days[currency] = one.due_on

    @property
    def principal_minor(self) -> Mapping[str, int]:
        """What is paid off in each currency, in minor units, interest left out."""
        totals: dict[str, int] = {}
        for one in self.installments:
            code = one.principal.currency.code
            totals[code] = totals.get(code, 0) + to_minor(one.principal)
        return dict(sorted(totals.items()))


class PlanEnd(enum.Enum):
    """How a plan, offered or running, came to its end."""

    REFUSED = "refused"
    LAPSED = "lapsed"
    """Nobody accepted it in time."""
    COMPLETED = "completed"
    BROKEN = "broken"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
