"""From items and links to records: what is open on a day, and what was settled when.

A payment says what it settles and no day for it; it counts from the later one of the two days, that
of the payment and that of the other transaction, as the system's own aging does.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from receivables.allocation import SourceAllocation
from receivables.documents import Document, ItemId
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import Receipt
from receivables_plugins.quickbooks.items import Item, Key, Link, Parts

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["Book", "View"]

_CREDITS: Final = frozenset({"CreditMemo", "Deposit"})
"""Kinds that help a payment, even where they were not read themselves."""


def _names(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values)


@attrs.frozen(kw_only=True)
class View:
    """What is wanted of the items: the day that they are looked at, and which of them.

    Without `settled_since`, what is open; with it, also what was settled on that day or later, and
    with `is_whole` everything.
    """

    as_of: dt.date = dt.date.max
    settled_since: dt.date | None = None
    customers: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    is_whole: bool = False
    read_on: dt.date | None = None
    """The day that stands in for one that is not said."""


@attrs.frozen
class _Step:
    """A part that was settled: when, how much, by which payment, and what it is called."""

    day: dt.date
    amount_minor: int
    payment: str = ""
    label: str = ""


@attrs.frozen(kw_only=True)
class _Settled:
    """What of an item was settled by a day, on which day the last of it, and by which payments."""

    item: Item
    amount_minor: int = 0
    on: dt.date | None = None
    payments: tuple[str, ...] = ()
    days: int = 0
    parts: tuple[_Step, ...] = ()
    """What it was settled by, part by part; empty where not every part has a name."""
    unsaid: tuple[_Step, ...] = ()
    """What the object says beyond what payments say: a settlement without a day, or too much."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left."""
        return self.amount_minor == self.item.total_minor


class Book:
    """Takes in what objects come to, and gives the records when all of them are there."""

    def __init__(self, *, notes: ReadNotes) -> None:
        self._notes = notes
        self._items: dict[Key, Item] = {}
        self._lines: dict[tuple[str, str], list[Key]] = defaultdict(list)
        self._links: dict[tuple[str, str], list[Link]] = defaultdict(list)
        self._paid: dict[str, list[Link]] = defaultdict(list)

    def take(self, parts: Parts) -> None:
        """Take in what one object comes to."""
        for item in parts.items:
            self._items[item.key] = item
            self._lines[item.key[:2]].append(item.key)
        for link in parts.links:
            self._links[link.key[:2]].append(link)
            self._paid[link.payment].append(link)

    def records(self, view: View) -> Iterator[LedgerRecord]:
        """Documents, then receipts, then what is settled; each identity once."""
        wanted = self._wanted(view)
        for one in wanted:
            if isinstance(one.item.record, Document):
                yield one.item.record
        for one in wanted:
            if not isinstance(one.item.record, Document):
                yield one.item.record
        yield from _allocations(wanted)

    def _wanted(self, view: View) -> list[_Settled]:
        steps = self._steps()
        found: list[_Settled] = []
        named: dict[ItemId, Item] = {}
        for key, item in self._items.items():
            if item.posting_date > view.as_of:
                continue
            if view.customers and item.customer not in view.customers:
                continue
            settled = _settled(item, steps.get(key, []), view)
            if _is_wanted(settled, view) and self._is_new(item, named):
                self._warn(settled)
                found.append(settled)
        return found

    def _is_new(self, item: Item, named: dict[ItemId, Item]) -> bool:
        first = named.setdefault(item.item, item)
        if first is item:
            return True
        msg = (
            f"number must be unique, got {item.item!r}, which {first.key[0]} {first.key[1]} has. "
            "Set numbers to 'id' to read both"
        )
        self._notes.error(
            "document.duplicate", msg, line=item.line, field=f"{item.key[0]} {item.key[1]}"
        )
        return False

    def _steps(self) -> dict[Key, list[_Step]]:
        """What settled each item, by the links to it and, for a payment, by its own links."""
        steps: dict[Key, list[_Step]] = defaultdict(list)
        for target, links in self._links.items():
            keys = self._lines.get(target, [])
            room = {key: self._items[key].total_minor for key in keys}
            for link in sorted(links, key=lambda each: each.day):
                for key, part in self._shared(link, keys, room):
                    day = max(link.day, self._items[key].posting_date)
                    steps[key].append(_Step(day, part, link.payment, f"Payment {link.payment}"))
        for payment, links in self._paid.items():
            own = ("Payment", payment, "")
            if own in self._items:
                steps[own].extend(self._spent(self._items[own], links))
        return steps

    def _shared(
        self, link: Link, keys: list[Key], room: dict[Key, int]
    ) -> Iterator[tuple[Key, int]]:
        """The items that a link reaches: the line that it names, or those of its customer in turn."""
        named = [key for key in keys if link.key[2] and key[2] == link.key[2]]
        own = [key for key in keys if self._items[key].customer == link.customer]
        rest = link.amount_minor
        for key in named or own or keys:
            part = min(rest, room[key])
            if part > 0:
                room[key] -= part
                rest -= part
                yield key, part

    def _spent(self, payment: Item, links: list[Link]) -> Iterator[_Step]:
        """How a payment was used up: what it settles less the credits that help it, by day."""
        by_day: dict[dt.date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        helps: dict[dt.date, int] = defaultdict(int)
        for link in links:
            keys = self._lines.get(link.key[:2], [])
            items = [self._items[key] for key in keys]
            day = max([link.day, *(item.posting_date for item in items)])
            if link.key[0] in _CREDITS or any(item.sign < 0 for item in items):
                helps[day] += link.amount_minor
            else:
                by_day[day][" ".join(filter(None, link.key))] += link.amount_minor
        left = payment.total_minor
        for day, targets in sorted(by_day.items()):
            helped = helps[day]
            for name, amount in targets.items():
                by_credit = min(helped, amount)
                helped -= by_credit
                part = min(amount - by_credit, left)
                left -= part
                if part:
                    yield _Step(day, part, payment.key[1], name)

    def _warn(self, settled: _Settled) -> None:
        item = settled.item
        for step in settled.unsaid:
            if step.amount_minor > 0:
                code = "quickbooks.settlement-day"
                msg = f"a day of settlement must be said, got none for {step.amount_minor} minor units. Taken as {step.day}"
            else:
                code = "quickbooks.settled-differs"
                msg = f"payments must come to what the object says is settled, got {-step.amount_minor} minor units more"
            self._notes.warn(code, msg, line=item.line, field=f"{item.key[0]} {item.key[1]}")


def _settled(item: Item, said: list[_Step], view: View) -> _Settled:
    known = [*said, *_deposited(item)]
    unsaid = tuple(_unsaid(item, known, view))
    done = [step for step in (*known, *unsaid) if step.day <= view.as_of]
    amount = min(sum(step.amount_minor for step in done), item.total_minor)
    if amount <= 0:
        return _Settled(item=item, unsaid=unsaid)
    return _Settled(
        item=item,
        amount_minor=amount,
        on=max(step.day for step in done),
        payments=tuple(dict.fromkeys(step.payment for step in done if step.payment)),
        days=len({step.day for step in done}),
        parts=tuple(_parts(done, item.total_minor)),
        unsaid=unsaid,
    )


def _parts(done: list[_Step], total: int) -> list[_Step]:
    """The parts by their names, the earliest first, and never more than there is to settle.

    A whole item may end with a part without a name, which is then the rest; a part of an item that
    is still open must have one, because a later answer says more of it.
    """
    named: dict[str, _Step] = {}
    for step in sorted(done, key=lambda each: each.day):
        first = named.get(step.label)
        amount = step.amount_minor + (first.amount_minor if first else 0)
        named[step.label] = _Step(step.day, amount, step.payment, step.label)
    left = total
    found = []
    for step in sorted(named.values(), key=lambda each: each.day):
        part = min(step.amount_minor, left)
        left -= part
        if part > 0:
            found.append(attrs.evolve(step, amount_minor=part))
    is_clear = "" not in named or (not left and not found[-1].label)
    return found if is_clear else []


def _deposited(item: Item) -> Iterator[_Step]:
    """What was paid with a document counts from the document's own day."""
    if item.deposit_minor:
        yield _Step(item.posting_date, item.deposit_minor, label="Deposit")


def _unsaid(item: Item, known: list[_Step], view: View) -> Iterator[_Step]:
    """What the object says is settled and no payment does, or the other way round."""
    if item.open_minor is None:
        return
    said = sum(step.amount_minor for step in known)
    more = item.total_minor - item.open_minor - said
    if more < 0:
        yield _Step(item.posting_date, more)
    if more > 0:
        day = item.changed_on or view.read_on or item.posting_date
        yield _Step(max(day, item.posting_date), more)


def _is_wanted(settled: _Settled, view: View) -> bool:
    if view.is_whole or not settled.is_whole:
        return True
    since = view.settled_since
    return since is not None and (settled.on or settled.item.posting_date) >= since


def _allocations(wanted: list[_Settled]) -> Iterator[SourceAllocation]:
    """What is settled: groups that balance on one day, and everything else item by item."""
    grouped: set[Key] = set()
    for group in _groups(wanted):
        grouped.update(one.item.key for one in group)
        yield _allocation(group)
    for one in wanted:
        if one.item.key in grouped or not one.amount_minor:
            continue
        yield from _in_parts(one)


def _in_parts(one: _Settled) -> Iterator[SourceAllocation]:
    """Each part on its own day; the last of a whole item takes what is left of it.

    Where a part has no name, the item is settled once, by all that was settled of it so far.
    """
    sign, parts = one.item.sign, one.parts
    for part in parts[: len(parts) - one.is_whole]:
        yield _part(one, part.day, part.label, sign * part.amount_minor)
    if one.is_whole:
        last = parts[-1] if parts else _Step(one.on or one.item.posting_date, 0)
        yield _part(one, last.day, last.label, None)
    elif not parts:
        yield _part(one, one.on or one.item.posting_date, "", sign * one.amount_minor)


def _part(one: _Settled, on: dt.date, label: str, minor: int | None) -> SourceAllocation:
    record = one.item.record
    return SourceAllocation(
        creditor=record.creditor,
        customer=record.customer,
        items=[one.item.item],
        settled_on=on,
        settled_minor=minor,
        label=label,
        source=_place(record),
    )


def _place(record: Document | Receipt) -> Place | None:
    place = record.source
    return Place(place.source, line=place.line, field=place.field) if place else None


def _groups(wanted: list[_Settled]) -> Iterator[list[_Settled]]:
    """Items that were settled whole, by one payment, on one day, and come to nothing."""
    by_payment: dict[str, list[_Settled]] = defaultdict(list)
    for one in wanted:
        for payment in one.payments:
            by_payment[payment].append(one)
    for group in by_payment.values():
        alone = all(
            one.is_whole and one.days == 1 and one.payments == group[0].payments for one in group
        )
        currencies = {one.item.record.currency for one in group}
        total = sum(one.item.sign * one.amount_minor for one in group)
        if alone and len(group) > 1 and len(currencies) == 1 and total == 0:
            yield group


def _allocation(group: Sequence[_Settled]) -> SourceAllocation:
    first = group[0]
    payments = dict.fromkeys(name for one in group for name in one.payments)
    record = first.item.record
    return SourceAllocation(
        creditor=record.creditor,
        customer=record.customer,
        items=[one.item.item for one in group],
        settled_on=max(one.on or one.item.posting_date for one in group),
        label=", ".join(f"Payment {name}" for name in payments),
        source=_place(record),
    )
