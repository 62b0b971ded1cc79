"""What is credit-impaired on a day, and by what: a judgment, proceedings, or days past due.

>>> from receivables.testing.builders import an_invoice, issued
>>> ledger = Ledger().record(issued(an_invoice("FA-1")))
>>> [(one.item, one.reasons[0].value)
...  for one in credit_impaired(ledger, "MIRA", as_of=dt.date(2027, 1, 28))]
[('FA-1', 'days-past-due')]
>>> credit_impaired(ledger, "MIRA", as_of=dt.date(2027, 1, 27))
()
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable
from typing import Final

import attrs

from receivables.allowance.objects import specific_of
from receivables.allowance.policies import ImpairmentPolicy
from receivables.casework.losses import Insolvency, SpecificAllowance
from receivables.days import check_day, days_past
from receivables.documents.model import ItemId, OpenItem
from receivables.ledger.credit import (
    InsolvencyEnded,
    InsolvencyReported,
    SpecificAllowanceEnded,
    SpecificAllowanceSet,
)
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "CreditImpaired",
    "ImpairmentReason",
    "credit_impaired",
    "insolvencies",
    "specific_allowances",
]

_POLICY: Final = ImpairmentPolicy()


class ImpairmentReason(enum.Enum):
    """Why a claim counts as credit-impaired."""

    SPECIFIC = "specific"
    """Somebody judged that a part of it is lost."""
    INSOLVENCY = "insolvency"
    DAYS_PAST_DUE = "days-past-due"
    """Default is presumed (IFRS 9 B5.5.37)."""


def _reasons(values: Iterable[ImpairmentReason]) -> tuple[ImpairmentReason, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CreditImpaired:
    """An open item that is credit-impaired, and why; `days` is how long it is past due."""

    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    item: ItemId = attrs.field(converter=ItemId)
    currency: str
    open_minor: int
    days: int
    reasons: tuple[ImpairmentReason, ...] = attrs.field(converter=_reasons)
    specific: str = ""
    """The specific allowance that it has; empty where nobody has judged it yet."""


def specific_allowances(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[SpecificAllowance, ...]:
    """The specific allowances that hold at the end of a day, in the order in which they were set."""
    kinds = (SpecificAllowanceSet, SpecificAllowanceEnded)
    happened = ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds)
    ended = {event.case for event in happened if isinstance(event, SpecificAllowanceEnded)}
    held = [
        event
        for event in happened
        if isinstance(event, SpecificAllowanceSet) and event.case not in ended
    ]
    held.sort(key=lambda event: (event.effective_on, event.recorded_at, event.case))
    return tuple(event.specific for event in held)


def insolvencies(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[Insolvency, ...]:
    """The proceedings against customers that were known and not closed at the end of a day."""
    kinds = (InsolvencyReported, InsolvencyEnded)
    happened = ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds)
    ended = {event.case for event in happened if isinstance(event, InsolvencyEnded)}
    return tuple(
        event.insolvency
        for event in happened
        if isinstance(event, InsolvencyReported) and event.case not in ended
    )


def credit_impaired(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: ImpairmentPolicy = _POLICY,
) -> tuple[CreditImpaired, ...]:
    """The open debits that are credit-impaired at the end of a day, by customer and item.

    A specific allowance impairs the items that it covers, proceedings all of the customer's, and an
    item is presumed in default from the day on which it is `policy.default_days` past due.
    """
    check_day(as_of, name="as_of")
    items = [
        item
        for item in ledger.open_items(as_of=as_of, known_at=known_at)
        if item.creditor == creditor and item.open_minor > 0
    ]
    specifics = specific_allowances(ledger, creditor, as_of=as_of, known_at=known_at)
    insolvent = {
        one.customer
        for one in insolvencies(ledger, creditor, as_of=as_of, known_at=known_at)
        if one.kind in policy.insolvencies
    }
    late = {item.item for item in items if _days(item, as_of) >= policy.default_days}
    if policy.whole_customer:
        owners = {item.customer for item in items if item.item in late}
        late = {item.item for item in items if item.customer in owners}
    found = (_impaired(item, as_of, specifics, insolvent, late) for item in items)
    return tuple(one for one in found if one.reasons)


def _impaired(
    item: OpenItem,
    as_of: dt.date,
    specifics: tuple[SpecificAllowance, ...],
    insolvent: Collection[str],
    late: Collection[str],
) -> CreditImpaired:
    own = specific_of(item, specifics)
    holds = {
        ImpairmentReason.SPECIFIC: own is not None,
        ImpairmentReason.INSOLVENCY: item.customer in insolvent,
        ImpairmentReason.DAYS_PAST_DUE: item.item in late,
    }
    return CreditImpaired(
        creditor=item.creditor,
        customer=item.customer,
        item=item.item,
        currency=item.currency,
        open_minor=item.open_minor,
        days=_days(item, as_of),
        reasons=[reason for reason, is_one in holds.items() if is_one],
        specific="" if own is None else own.specific,
    )


def _days(item: OpenItem, as_of: dt.date) -> int:
    """Days past due; an item without a due date is due on its document date."""
    return days_past(item.due_date or item.document_date, as_of=as_of)
