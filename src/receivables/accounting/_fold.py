"""The fold from events to entries: every event that changes a balance has one, dated when it counts.

What an event posts depends on the events before it and on nothing else, so the journal of the first
events is never changed by a later one.  Amounts are plain integers; values are built once, at the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final, Protocol

from receivables.accounting._items import Item, Move, Place
from receivables.accounting.model import Chart, GlAccount, JournalEntry, JournalLine, Role
from receivables.accounting.posting import PostingRules
from receivables.documents.model import ItemId
from receivables.errors import EventError, MissingRateError, PolicyError
from receivables.ledger.model import Event
from receivables.money import ExchangeRate, Money, Rounding, digits, to_minor
from receivables.parties import CustomerId
from receivables.receipts.model import Receipt

__all__ = ["Fold", "Lines", "Rates", "add_line", "entries_of", "item_line", "mirrored"]


class Rates(Protocol):
    """Whoever can convert an amount at the rate of a day."""

    def convert(self, amount: Money, /, *, to: str, on: dt.date) -> Money:
        """The amount in another currency; raises `MissingRateError` where no rate is known."""


Lines = dict[dt.date, list[JournalLine]]

_ITS_ACCOUNT: Final = frozenset({Role.BANK, Role.CASH, Role.PROCESSOR})
"""Roles whose account is that of the house's own bank account, where the chart names one."""


class Fold:
    """The state between events; feed them in the order of their recording."""

    def __init__(
        self, *, chart: Chart, functional_currency: str, rules: PostingRules, rates: Rates | None
    ) -> None:
        digits(functional_currency)
        self.chart = chart
        self.functional = functional_currency
        self.rules = rules
        self.rates = rates
        self.items: dict[tuple[str, str], Item] = {}
        self.posted: dict[tuple[str, str, str], tuple[JournalEntry, ...]] = {}
        self.taxes: dict[tuple[str, str], dict[GlAccount, int]] = {}
        self.categories: dict[tuple[str, Role], tuple[GlAccount, Role]] = {}
        self.banks = dict(chart.banks)
        self.places: dict[tuple[Role, str], Place] = {}
        self.seen: set[str] = set()

    # What an amount is worth, and where it goes.

    def worth(self, amount: Money, rate: ExchangeRate | None, on: dt.date, what: str) -> int:
        """An amount in minor units of the functional currency, by its own rate or by the table's."""
        code = amount.currency.code
        if code == self.functional:
            return to_minor(amount)
        if rate is not None and self.functional in (rate.base, rate.quote):
            return to_minor(rate.convert(amount, rounding=Rounding.HALF_UP))
        msg = f"{what} must have a rate from {code} to {self.functional} on {on}, got none"
        if self.rates is None:
            raise MissingRateError(msg)
        try:
            return to_minor(self.rates.convert(amount, to=self.functional, on=on))
        except MissingRateError as error:
            msg = f"{msg}: {error}"
            raise MissingRateError(msg) from error

    def account(self, role: Role, receipt: Receipt | None = None) -> GlAccount:
        """The account of a role; the house's own bank account, where a receipt names one."""
        if self.banks and receipt is not None and role in _ITS_ACCOUNT:
            return self.banks.get(receipt.account) or self.chart.account(role)
        return self.chart.account(role)

    def category(self, name: str, default: Role) -> tuple[GlAccount, Role]:
        """The account and role of a line's category; raises `PolicyError` for an unknown one."""
        found = self.categories.get((name, default))
        if found is None:
            found = self.categories[name, default] = self._category(name, default)
        return found

    def _category(self, name: str, default: Role) -> tuple[GlAccount, Role]:
        if not name:
            return self.chart.account(default), default
        if name in self.chart.categories:
            return self.chart.categories[name], default
        if name in self.rules.categories:
            role = self.rules.categories[name]
            return self.chart.account(role), role
        msg = (
            f"category must be one of chart {self.chart.name} or of the posting rules, got {name!r}"
        )
        raise PolicyError(msg)

    def place(self, role: Role, customer: str) -> Place:
        """A place on the account of a role."""
        key = (role, customer)
        found = self.places.get(key)
        if found is None:
            found = self.places[key] = Place(self.chart.account(role), role, customer)
        return found

    # Items and their lines.

    def item(self, creditor: str, name: str) -> Item:
        """The item of a name; raises `EventError` for one that no event has brought."""
        try:
            return self.items[creditor, name]
        except KeyError:
            msg = f"events must begin where item {name!r} of {creditor} came, got a later one"
            raise EventError(msg) from None

    def open(self, lines: Lines, creditor: str, item: Item) -> None:
        """Bring a new item in."""
        self.items[creditor, item.name] = item
        day, minor, functional = item.steps[0]
        self.move(lines, item, (day, -minor, -functional))

    def move(self, lines: Lines, item: Item, move: Move) -> None:
        """The lines of what goes off an item on a day, where it stands then and later."""
        day, minor, functional = move
        if item.places is None:
            add_line(lines, day, item_line(item, item.place, -minor, -functional))
            return
        place = item.place_on(day)
        add_line(lines, day, item_line(item, place, -minor, -functional))
        for since, before, after in item.changes_after(day):
            add_line(lines, since, item_line(item, before, minor, functional))
            add_line(lines, since, item_line(item, after, -minor, -functional))

    def put(self, lines: Lines, item: Item, place: Place, move: Move) -> None:
        """The line of what goes off an item at a place that is given."""
        day, minor, functional = move
        add_line(lines, day, item_line(item, place, -minor, -functional))

    def settle_exchange(self, lines: Lines, customer: str, item: str = "") -> None:
        """Add, per day and currency, the realized difference that balances the functional amounts."""
        for of_day in lines.values():
            differences: dict[str, int] = {}
            for line in of_day:
                if line.currency != self.functional:
                    found = differences.get(line.currency, 0) + line.functional_minor
                    differences[line.currency] = found
            for currency, difference in differences.items():
                if difference:
                    of_day.append(self.exchange_line(0, -difference, currency, customer, item))

    def exchange_line(
        self, minor: int, functional: int, currency: str, customer: str, item: str
    ) -> JournalLine:
        """A line of a realized difference: a loss where it is a debit, a gain where a credit."""
        role = Role.EXCHANGE_LOSS if functional > 0 else Role.EXCHANGE_GAIN
        return JournalLine(
            account=self.chart.account(role),
            role=role,
            amount_minor=minor,
            currency=currency,
            functional_minor=functional,
            customer=CustomerId(customer),
            item=ItemId(item),
        )

    def undo(self, creditor: str, entries: Iterable[JournalEntry], day: dt.date) -> Lines:
        """The mirror of entries from a day on; what they did to items is undone."""
        lines: Lines = {}
        for entry in entries:
            on = max(day, entry.date)
            for line in entry.lines:
                if line.item and line.role.is_control:
                    item = self.items[creditor, line.item]
                    item.give(on, -line.amount_minor, -line.functional_minor)
                add_line(lines, on, mirrored(line))
        return lines


def item_line(item: Item, place: Place, minor: int, functional: int) -> JournalLine:
    """A line on the account where an item stands."""
    return JournalLine(
        account=place.account,
        role=place.role,
        amount_minor=minor,
        currency=item.currency,
        functional_minor=functional,
        customer=CustomerId(place.customer),
        item=ItemId(item.name),
        dimensions=item.dimensions,
    )


def mirrored(line: JournalLine) -> JournalLine:
    """The line on the other side."""
    return JournalLine(
        account=line.account,
        role=line.role,
        amount_minor=-line.amount_minor,
        currency=line.currency,
        functional_minor=-line.functional_minor,
        customer=line.customer,
        item=line.item,
        counterparty=line.counterparty,
        text=line.text,
        dimensions=line.dimensions,
    )


def add_line(lines: Lines, day: dt.date, line: JournalLine | None) -> None:
    """Add a line to those of a day, unless it says nothing."""
    if line is not None and (line.amount_minor or line.functional_minor):
        lines.setdefault(day, []).append(line)


def entries_of(
    fold: Fold,
    event: Event,
    creditor: str,
    lines: Lines,
    *,
    document: str,
    text: str = "",
    document_date: dt.date | None = None,
) -> list[JournalEntry]:
    """One entry for the day of the event, and one for each later day that it reaches."""
    kind = type(event).__name__
    return [
        JournalEntry(
            entry=event.event if day == event.effective_on else f"{event.event}@{day}",
            creditor=creditor,
            date=day,
            kind=kind,
            functional_currency=fold.functional,
            lines=lines[day],
            document=document,
            event=event.event,
            recorded_at=event.recorded_at,
            text=text or document,
            document_date=document_date,
        )
        for day in (lines if len(lines) == 1 else sorted(lines))
    ]
