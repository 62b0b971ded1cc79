"""The workshop: what is open of some items, laid out in installments with their interest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from receivables._arithmetic import Rounding, mul_div, split
from receivables.casework.promises import PaymentPlan, PlanInstallment
from receivables.days import DayCount, add_months, check_day
from receivables.documents.model import DebitNote, Installment, ItemId, Line, OpenItem
from receivables.errors import DocumentError, PolicyError
from receivables.limits import INSTALLMENTS_MAX
from receivables.money import from_minor, to_minor
from receivables.parties import CreditorId

__all__ = ["due_days", "interest_note", "laid_out", "open_by_currency"]

_BPS_WHOLE = 10_000
_BPS_OF_PERCENT = 100


def open_by_currency(items: Sequence[OpenItem], *, plan: str, customer: str) -> dict[str, int]:
    """What is open of items in each currency; raises `DocumentError` for what no plan can cover."""
    totals: dict[str, int] = {}
    for item in items:
        if item.open_minor <= 0:
            msg = f"items of plan {plan} must have something open, got {item.open_amount} on {item.item}"
            raise DocumentError(msg)
        if (item.creditor, item.customer) != (items[0].creditor, customer):
            msg = f"items of plan {plan} must be of {customer} with one creditor, got {item.item} of {item.customer} with {item.creditor}"
            raise DocumentError(msg)
        totals[item.currency] = totals.get(item.currency, 0) + item.open_minor
    return dict(sorted(totals.items()))


def due_days(
    dates: Iterable[dt.date],
    *,
    count: int,
    first: dt.date | None,
    every_months: int,
    as_of: dt.date,
) -> tuple[dt.date, ...]:
    """The due days of a plan: those given, or so many months apart; the end of a month stays one.

    Raises `PolicyError` where neither or both are said, and for days that do not rise from `as_of`.
    """
    given = tuple(dates)
    if bool(given) == (first is not None):
        msg = f"a plan must have either dates or first_due_on, got {len(given)} dates and {first}"
        raise PolicyError(msg)
    count = len(given) or count
    if not 1 <= count <= INSTALLMENTS_MAX or every_months < 1:
        msg = f"installments must be 1 to {INSTALLMENTS_MAX}, one month or more apart, got {count} every {every_months}"
        raise PolicyError(msg)
    if first is not None:
        # Counted from the first day, so that a 31st comes back after a February.
        given = tuple(add_months(first, every_months * place) for place in range(count))
    for day in given:
        check_day(day, name="due_on")
    if given[0] < as_of or list(given) != sorted(set(given)):
        said = [day.isoformat() for day in given]
        msg = f"dates must rise from {as_of.isoformat()} on, got {said}"
        raise PolicyError(msg)
    return given


def laid_out(
    total_minor: int,
    currency: str,
    *,
    days: Sequence[dt.date],
    as_of: dt.date,
    rate_bps: int,
    day_count: DayCount,
) -> Iterator[PlanInstallment]:
    """Equal parts, earlier ones a unit larger where it does not divide, with interest on what is left.

    The interest of a part is that of the whole balance since the due day before it, rounded once,
    half to even.  Where there are fewer units than days, the last days have no installment.
    """
    parts = split(total_minor, [1] * len(days))
    since, balance = as_of, total_minor
    for due_on, part in zip(days, parts, strict=True):
        if not part:
            return
        year = day_count.fraction(since, due_on)
        interest = mul_div(
            balance,
            rate_bps * year.numerator,
            _BPS_WHOLE * year.denominator,
            rounding=Rounding.HALF_EVEN,
        )
        yield PlanInstallment(
            due_on=due_on,
            principal=from_minor(part, currency),
            interest=from_minor(interest, currency),
        )
        since, balance = due_on, balance - part


def interest_note(
    plan: PaymentPlan,
    items: Sequence[OpenItem],
    currency: str,
    *,
    creditor: CreditorId,
    number: str,
    on: dt.date,
) -> DebitNote | None:
    """The debit note that asks for a plan's interest in one currency; None where there is none."""
    parts = [one for one in plan.installments if one.principal.currency.code == currency]
    bearing = [one for one in parts if to_minor(one.interest)]
    if not bearing:
        return None
    owed = {item.item: item.open_minor for item in items if item.currency == currency}
    total = sum(to_minor(one.interest) for one in bearing)
    shares = zip(owed, split(total, list(owed.values())), strict=True)
    charged: list[tuple[ItemId, int]] = [(item, minor) for item, minor in shares if minor]
    return DebitNote(
        number=number,
        creditor=creditor,
        customer=plan.customer,
        document_date=on,
        lines=[
            Line(
                description=f"{plan.plan} {item} {_percent(plan.rate_bps)} % p.a.",
                net=from_minor(minor, currency),
                category="late-interest",
            )
            for item, minor in charged
        ],
        concerns=[item for item, _ in charged],
        installments=[Installment(one.due_on, one.interest) for one in bearing],
        references=[plan.plan],
    )


def _percent(bps: int) -> str:
    """A rate as people write it.

    >>> _percent(525), _percent(1_200)
    ('5.25', '12.00')
    """
    whole, rest = divmod(bps, _BPS_OF_PERCENT)
    return f"{whole}.{rest:02d}"
