"""The journal of a ledger: one balanced entry for every event that changes a balance.

>>> import datetime as dt
>>> from receivables.accounting import chart
>>> from receivables.documents import Invoice
>>> from receivables.ledger import DocumentIssued
>>> from receivables.money import money
>>> invoice = Invoice(number="2026-0117", creditor="MIRA", customer="C-017",
...                   document_date=dt.date(2026, 9, 30), due_date=dt.date(2026, 10, 30),
...                   total=money("1200.00", "EUR"))
>>> issued = DocumentIssued.of(invoice, recorded_at=dt.datetime(2026, 10, 1, 8, tzinfo=dt.UTC))
>>> made = journal([issued], chart=chart("fr-pcg"), functional_currency="EUR")
>>> [(line.account.number, line.amount_minor) for entry in made for line in entry.lines]
[('411', 120000), ('707', -120000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import attrs

from receivables.accounting._fold import Fold, Rates
from receivables.accounting._posts import entries
from receivables.accounting.model import Chart, GlAccount, Journal, JournalEntry, Role
from receivables.accounting.posting import PostingRules
from receivables.documents.model import ItemId
from receivables.ledger.model import Event
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "CarriedItem",
    "Rates",
    "carried_items",
    "carrying_amounts",
    "journal",
    "journal_entries",
]

_USUAL = PostingRules()


def journal(
    events: Ledger | Iterable[Event],
    *,
    chart: Chart,
    functional_currency: str,
    rules: PostingRules = _USUAL,
    rates: Rates | None = None,
) -> Journal:
    """The journal of a ledger, or of its events in the order of their recording.

    Foreign amounts are booked at the rate of their document or receipt, else at that of `rates`; a
    part that is settled relieves the carrying amount pro rata, rounded half up, the last part
    relieves exactly what is left, and the difference is realized on that entry (IAS 21.28).  What
    an event reaches on later days, because it was recorded late, is in further entries of it.

    Raises `MissingRateError` naming the document and the day, `PolicyError` for an account that the
    chart lacks, and `EventError` for events that no ledger accepted or that have no accounting.
    """
    made = journal_entries(
        events, chart=chart, functional_currency=functional_currency, rules=rules, rates=rates
    )
    ordered = sorted(made, key=lambda entry: entry.date)
    return Journal(chart=chart, functional_currency=functional_currency, entries=ordered)


def journal_entries(
    events: Ledger | Iterable[Event],
    *,
    chart: Chart,
    functional_currency: str,
    rules: PostingRules = _USUAL,
    rates: Rates | None = None,
) -> Iterator[JournalEntry]:
    """The entries of a journal one by one, in the order of recording, as `journal` makes them."""
    fold = Fold(chart=chart, functional_currency=functional_currency, rules=rules, rates=rates)
    for event in events.events if isinstance(events, Ledger) else events:
        yield from entries(fold, event)


@attrs.frozen(kw_only=True)
class CarriedItem:
    """An item on an account of the sub-ledger: what is open of it, and what it is carried at."""

    creditor: CreditorId
    item: ItemId
    customer: CustomerId
    account: GlAccount
    role: Role
    currency: str
    open_minor: int
    carrying_minor: int


def carried_items(
    journal: Journal, *, as_of: dt.date | None = None, known_at: dt.datetime | None = None
) -> tuple[CarriedItem, ...]:
    """What the control accounts hold at the end of a day, item by item; zero balances are left out.

    An item is in one row, but for one that a manual entry put on several accounts.
    """
    totals: dict[tuple[CreditorId, ItemId, CustomerId, GlAccount, Role, str], list[int]] = {}
    for entry in _entries(journal, as_of, known_at):
        for line in entry.lines:
            if line.role.is_control:
                key = (
                    *(entry.creditor, line.item, line.customer),
                    *(line.account, line.role, line.currency),
                )
                total = totals.setdefault(key, [0, 0])
                total[0] += line.amount_minor
                total[1] += line.functional_minor
    return tuple(
        CarriedItem(
            creditor=creditor,
            item=item,
            customer=customer,
            account=account,
            role=role,
            currency=currency,
            open_minor=open_minor,
            carrying_minor=carrying_minor,
        )
        for (creditor, item, customer, account, role, currency), (
            open_minor,
            carrying_minor,
        ) in totals.items()
        if open_minor or carrying_minor
    )


def carrying_amounts(
    journal: Journal, *, as_of: dt.date | None = None, known_at: dt.datetime | None = None
) -> Mapping[tuple[str, str], int]:
    """What each item is carried at in the functional currency, by creditor and item.

    At the end of `as_of`, or with all that is known; with `known_at`, as it was known at a moment.
    Items that are carried at nothing are left out.
    """
    totals: dict[tuple[str, str], int] = {}
    for entry in _entries(journal, as_of, known_at):
        for line in entry.lines:
            if line.role.is_control:
                key = (str(entry.creditor), str(line.item))
                totals[key] = totals.get(key, 0) + line.functional_minor
    return {key: minor for key, minor in totals.items() if minor}


def _entries(
    journal: Journal, as_of: dt.date | None, known_at: dt.datetime | None
) -> Iterator[JournalEntry]:
    for entry in journal.entries:
        known = known_at is None or entry.recorded_at is None or entry.recorded_at <= known_at
        if known and (as_of is None or entry.date <= as_of):
            yield entry
