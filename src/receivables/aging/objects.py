"""Aging over values: readable, exact, and what the column shell is compared with.

>>> from receivables.documents import Invoice, open_items
>>> from receivables.money import money
>>> invoice = Invoice(number="2026-0117", creditor="MIRA", customer="C-017",
...                   document_date=dt.date(2026, 9, 1), due_date=dt.date(2026, 10, 1),
...                   total=money("1200.00", "EUR"))
>>> aging = age(open_items(invoice), scheme=AgingScheme(30, 60, 90), as_of=dt.date(2026, 10, 31))
>>> print(aging)
aging as of 2026-10-31, by due-date
creditor  customer  currency  not yet due      1-30  31-60  61-90  over 90  credits     total  items
MIRA      C-017     EUR              0.00  1,200.00   0.00   0.00     0.00     0.00  1,200.00      1
total               EUR              0.00  1,200.00   0.00   0.00     0.00     0.00  1,200.00      1
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from receivables.aging import rules
from receivables.aging.model import (
    AgeBasis,
    AgedItem,
    Aging,
    AgingRow,
    AgingScheme,
    Credits,
    Undated,
)
from receivables.days import check_day, days_past
from receivables.documents.model import OpenItem
from receivables.errors import DocumentError

__all__ = ["age"]

_NAMED_MAX: Final = 5


def age(items: Iterable[OpenItem], *, scheme: AgingScheme, as_of: dt.date) -> Aging:
    """Age the items that are open on a day; settled ones are skipped.

    The items are taken as they are: asking which were open on `as_of` is the ledger's part.
    Rows and items come out in one order, whatever the order they were given in.  Raises
    `DocumentError` where age counts from the due date, the scheme refuses undated debits, and some
    have none.
    """
    check_day(as_of, name="as_of")
    open_ones = [item for item in items if not item.is_settled]
    _check_dated(open_ones, scheme)
    aged = [_aged(item, scheme=scheme, as_of=as_of) for item in open_ones]
    aged.sort(key=_order)
    groups: dict[tuple[str, str, str], list[AgedItem]] = {}
    for one in aged:
        key = (one.item.creditor, one.item.customer, one.item.currency)
        groups.setdefault(key, []).append(one)
    rows = tuple(_row(group, scheme) for group in groups.values())
    return Aging(as_of=as_of, scheme=scheme, rows=rows, items=tuple(aged))


def _aged(item: OpenItem, *, scheme: AgingScheme, as_of: dt.date) -> AgedItem:
    days = days_past(_own_date(item, scheme.basis), as_of=as_of)
    return AgedItem(item=item, days=days, bucket=rules.bucket(days, scheme=scheme))


def _own_date(item: OpenItem, basis: AgeBasis) -> dt.date:
    if basis is AgeBasis.POSTING_DATE:
        return item.posting_date
    if basis is AgeBasis.DOCUMENT_DATE or item.due_date is None:
        return item.document_date
    return item.due_date


def _order(aged: AgedItem) -> tuple[str, str, str, int, str]:
    """By account and currency, then oldest first."""
    item = aged.item
    return (item.creditor, item.customer, item.currency, -aged.days, item.item)


def _row(group: Sequence[AgedItem], scheme: AgingScheme) -> AgingRow:
    buckets = [0] * scheme.bucket_count
    credits_minor = 0
    for one in group:
        credit = rules.credit_part(one.item.open_minor, scheme=scheme)
        buckets[one.bucket] += one.item.open_minor - credit
        credits_minor += credit
    if scheme.credits is Credits.NETTED:
        buckets, credits_minor = rules.net_oldest_first(buckets, credits_minor)
    first = group[0].item
    return AgingRow(
        creditor=first.creditor,
        customer=first.customer,
        currency=first.currency,
        buckets_minor=tuple(buckets),
        credits_minor=credits_minor,
        total_minor=sum(buckets) + credits_minor,
        items=len(group),
    )


def _check_dated(items: Sequence[OpenItem], scheme: AgingScheme) -> None:
    if scheme.basis is not AgeBasis.DUE_DATE or scheme.undated is not Undated.REFUSE:
        return
    undated = [item.item for item in items if item.due_date is None and item.open_minor > 0]
    if undated:
        raise DocumentError(rules.undated_message(undated[:_NAMED_MAX], count=len(undated)))
