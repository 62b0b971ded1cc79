"""The history of a ledger as a forecast sees it: what was paid and when, and what is open.

>>> from receivables.ledger import Ledger
>>> from receivables.testing.builders import a_receipt, an_allocation, an_invoice, issued, received
>>> ledger = Ledger().record(
...     issued(an_invoice(due_date=dt.date(2026, 10, 10))), received(a_receipt()), an_allocation()
... )
>>> [(one.item, one.paid_on) for one in history_of(ledger, "MIRA", as_of=dt.date(2026, 10, 31))]
[('FA-1', datetime.date(2026, 10, 15))]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final, cast

from receivables.collection.payments import payment_history
from receivables.days import check_day
from receivables.documents.model import OpenItem
from receivables.forecast.model import ForecastItem
from receivables.ledger.objects import Ledger
from receivables.parties import UNIDENTIFIED

__all__ = ["history_of", "open_items_of"]

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def history_of(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    segments: Mapping[str, str] = _NONE,
) -> tuple[ForecastItem, ...]:
    """The debits of a creditor's customers up to the end of a day, as known at a moment.

    An item is paid where nothing of it is left open and money settled at least half of it; the day
    is that on which the last money for it was booked, whenever it was applied.  A rest that was
    written off or credited afterwards changes nothing.  What was partly paid is open with what is
    left.  A payment that was taken back has never been, and the item is open again.

    An item that ended without money, by a credit note, a write-off or a cancellation, says nothing
    of how its customer pays, and is left out.
    """
    check_day(as_of, name="as_of")
    money = _money(ledger, creditor, as_of=as_of, known_at=known_at)
    found = []
    for seen, since in _seen(ledger, creditor, as_of=as_of, known_at=known_at):
        paid_minor, paid_on = money.get(seen.item, (0, None))
        is_paid = seen.is_settled and 2 * paid_minor >= seen.amount_minor
        if seen.is_settled and not is_paid:
            continue
        found.append(
            _forecast_item(
                seen,
                since,
                amount_minor=seen.open_minor or seen.amount_minor,
                paid_on=paid_on if is_paid else None,
                segments=segments,
            )
        )
    return tuple(found)


def open_items_of(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    segments: Mapping[str, str] = _NONE,
    disputed: Collection[str] = (),
) -> tuple[ForecastItem, ...]:
    """The debits that are open at the end of a day, with what is left of them, to be forecast.

    `disputed` names the items that are contested then.
    """
    check_day(as_of, name="as_of")
    names = frozenset(disputed)
    return tuple(
        _forecast_item(
            seen,
            since,
            amount_minor=seen.open_minor,
            is_disputed=seen.item in names,
            segments=segments,
        )
        for seen, since in _seen(ledger, creditor, as_of=as_of, known_at=known_at)
        if seen.open_minor > 0
    )


def _seen(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None
) -> Iterator[tuple[OpenItem, dt.date]]:
    """The debits of a day in their order, settled or not, and the day since which they stand there."""
    items = ledger.to_columns(as_of=as_of).items
    rows = zip(items["creditor"], items["item"], items["effective_on"], strict=True)
    for owner, name, since in sorted(cast("list[tuple[str, str, dt.date]]", list(rows))):
        if owner != creditor:
            continue
        seen = ledger.item(creditor, name, as_of=as_of, known_at=known_at)
        if seen is not None and seen.amount_minor > 0 and seen.customer != UNIDENTIFIED:
            yield seen, since


def _money(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None
) -> Mapping[str, tuple[int, dt.date]]:
    """How much money was paid for each item, and the day of the last of it."""
    found: dict[str, tuple[int, dt.date]] = {}
    paid = payment_history(ledger, creditor, as_of=as_of, known_at=known_at)
    for parts in paid.by_customer.values():
        for part in parts:
            minor, day = found.get(part.item, (0, part.paid_on))
            found[part.item] = (minor + part.amount_minor, max(day, part.paid_on))
    return found


def _forecast_item(
    seen: OpenItem,
    since: dt.date,
    *,
    amount_minor: int,
    paid_on: dt.date | None = None,
    is_disputed: bool = False,
    segments: Mapping[str, str],
) -> ForecastItem:
    return ForecastItem(
        item=seen.item,
        customer=seen.customer,
        currency=seen.currency,
        amount_minor=amount_minor,
        document_date=seen.document_date,
        due_date=seen.due_date,
        known_on=since,
        paid_on=paid_on,
        creditor=seen.creditor,
        segment=segments.get(seen.customer, ""),
        is_disputed=is_disputed,
    )
