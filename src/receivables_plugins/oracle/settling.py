"""From what moved the balance of each payment schedule to what settles which item, and when.

A schedule is an open item of ours: an installment, or a receipt.  Its balance is what it was for,
plus every movement: an application, a discount, an adjustment, a refund.  What is open after all of
them is compared with what the system says (``oracle.remaining-differs``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, DebitNote, ItemId
from receivables.money import from_minor
from receivables.problems import Place
from receivables.reading import ReadNotes

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["Movement", "Schedule", "allocations", "without_reversals"]


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class Schedule:
    """An item as the system has it; amounts are signed, and a credit is negative."""

    schedule: str
    item: ItemId
    document: str
    customer: str
    currency: str
    original_minor: int
    remaining_minor: int | None
    """None where the system does not say it."""
    posted_on: dt.date
    due_date: dt.date | None = None
    line: int | None = None
    field: str | None = None
    label: str = ""
    """What settles others in its name: ``receipt 2026-77``."""


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class Movement:
    """A change of a schedule's balance on a day; `partner` is the schedule on its other side."""

    schedule: str
    on: dt.date
    amount_minor: int
    label: str
    partner: str = ""
    is_total: bool = False
    """Whether it is all that was settled so far, of which a later extract says more."""
    line: int | None = None
    field: str | None = None


def without_reversals(
    movements: Iterable[Movement], notes: ReadNotes, *, day: dt.date | None = None
) -> list[Movement]:
    """What is left of the movements of one schedule once each reversal has taken back its like.

    A record of what was settled cannot be taken back, so that a pair of different days is left out
    and said (``oracle.reversed``): on the days between, the item shows as open.  A `day` drops what
    is later first, so that such a pair is whole, or not there.
    """
    kept: list[Movement] = []
    by_amount: dict[tuple[str, int], list[int]] = {}
    for one in sorted(movements, key=lambda each: each.on):
        if day is not None and one.on > day:
            continue
        earlier = by_amount.get((one.partner, -one.amount_minor))
        if earlier:
            place = earlier.pop()
            _say_reversed(kept[place], one, notes)
            kept[place] = attrs.evolve(kept[place], amount_minor=0)
        elif one.amount_minor:
            by_amount.setdefault((one.partner, one.amount_minor), []).append(len(kept))
            kept.append(one)
    return [one for one in kept if one.amount_minor]


def _say_reversed(first: Movement, last: Movement, notes: ReadNotes) -> None:
    if first.on != last.on:
        msg = f"{first.label} of {first.on} was reversed on {last.on}, so that neither is read"
        notes.warn("oracle.reversed", msg, line=last.line, field=last.field)


class _Settler:
    def __init__(self, creditor: str, notes: ReadNotes) -> None:
        self.creditor = creditor
        self.notes = notes
        self.extra: list[LedgerRecord] = []
        self.settled: list[SourceAllocation] = []

    def take(self, schedule: Schedule, movements: Sequence[Movement]) -> None:
        """Settle one schedule: its own item first, then what was added to it, then beyond zero."""
        sign = -1 if schedule.original_minor < 0 else 1
        items = [(schedule.item, abs(schedule.original_minor), schedule.posted_on)]
        raises = [one for one in movements if one.amount_minor * sign > 0]
        for one in raises:
            name = ItemId(f"{schedule.document}~{one.label.replace(' ', '-')}")
            self._add(schedule, name, one.amount_minor, one)
            items.append((name, abs(one.amount_minor), max(one.on, schedule.posted_on)))
        for one in movements:
            if one.amount_minor * sign < 0:
                self._pour(schedule, one, items, sign)

    def _pour(
        self, schedule: Schedule, one: Movement, items: list[tuple[ItemId, int, dt.date]], sign: int
    ) -> None:
        left = abs(one.amount_minor)
        for place, (item, capacity, posted_on) in enumerate(items):
            part = min(left, capacity)
            if part:
                items[place] = (item, capacity - part, posted_on)
                on = max(one.on, posted_on)
                self._settle(schedule, item, sign * part, on=on, movement=one)
                left -= part
        if left:
            name = ItemId(f"{schedule.document}~over-{one.label.replace(' ', '-')}")
            msg = f"{one.label} settles more than there was of it; {left} minor units are an item"
            self.notes.warn("oracle.over-applied", msg, line=one.line, field=one.field)
            self._add(schedule, name, -sign * left, one)

    def _settle(
        self, schedule: Schedule, item: ItemId, minor: int, *, on: dt.date, movement: Movement
    ) -> None:
        if movement.on < on:
            msg = f"{movement.label} must not be before {on}, got {movement.on}; that day was taken"
            self.notes.warn("date.order", msg, line=movement.line, field=movement.field)
        whole = item == schedule.item and minor == schedule.original_minor
        self.settled.append(
            SourceAllocation(
                creditor=self.creditor,
                customer=schedule.customer,
                items=[item],
                settled_on=on,
                settled_minor=None if whole else minor,
                label="" if movement.is_total else movement.label,
                source=Place(self.notes.source, line=movement.line, field=movement.field),
            )
        )

    def _add(self, schedule: Schedule, name: ItemId, minor: int, one: Movement) -> None:
        """An item of its own for what was added to a schedule, or taken off beyond zero."""
        kind = DebitNote if minor > 0 else CreditNote
        self.extra.append(
            kind(
                number=name,
                creditor=self.creditor,
                customer=schedule.customer,
                document_date=max(one.on, schedule.posted_on),
                due_date=schedule.due_date or max(one.on, schedule.posted_on),
                total=from_minor(abs(minor), schedule.currency),
                references=(schedule.document,),
                source=Place(self.notes.source, line=one.line, field=one.field),
            )
        )

    def group(self, schedules: list[Schedule], on: dt.date) -> None:
        """Items that settle each other whole, on one day."""
        first = next((each for each in schedules if each.label), schedules[0])
        owner = next((each for each in schedules if each.customer), first)
        self.settled.append(
            SourceAllocation(
                creditor=self.creditor,
                customer=owner.customer,
                items=[each.item for each in schedules],
                settled_on=max(on, *(each.posted_on for each in schedules)),
                label=first.label,
                source=Place(self.notes.source, line=first.line, field=first.field),
            )
        )


def allocations(
    schedules: dict[str, Schedule],
    movements: dict[str, list[Movement]],
    *,
    creditor: str,
    notes: ReadNotes,
    day: dt.date | None = None,
) -> Iterator[LedgerRecord]:
    """What the movements settle, after the items that some of them make.

    Items that one day's movements settle whole, and against each other alone, make one group; any
    other movement settles a part of its item on its day.
    """
    settler = _Settler(creditor, notes)
    left = {
        name: _in_total(without_reversals(found, notes, day=day))
        for name, found in movements.items()
        if name in schedules
    }
    wholes = {
        name: on for name, found in left.items() if found and (on := _whole(schedules[name], found))
    }
    for group in _groups(schedules, left, wholes):
        settler.group([schedules[name] for name in group], wholes[group[0]])
        for name in group:
            del left[name]
    for name, found in left.items():
        if found:
            settler.take(schedules[name], _one_way_a_day(schedules[name], found))
    yield from settler.extra
    yield from settler.settled


def _in_total(movements: list[Movement]) -> list[Movement]:
    """One movement for all of them, where one is a total: what is new of it is not known."""
    total = next((one for one in movements if one.is_total), None)
    if total is None or len(movements) == 1:
        return movements
    last = max(one.on for one in movements)
    minor = sum(one.amount_minor for one in movements)
    return [attrs.evolve(total, on=last, amount_minor=minor)] if minor else []


def _whole(schedule: Schedule, movements: list[Movement]) -> dt.date | None:
    """The day on which all movements of a schedule settle it whole; None where it is otherwise."""
    days = {one.on for one in movements}
    settled = -sum(one.amount_minor for one in movements)
    if len(days) != 1 or settled != schedule.original_minor or not settled:
        return None
    return days.pop()


def _groups(
    schedules: dict[str, Schedule],
    movements: dict[str, list[Movement]],
    wholes: dict[str, dt.date],
) -> list[list[str]]:
    """Schedules that settle each other whole: all partners of each are in the group as well."""
    seen: set[str] = set()
    found: list[list[str]] = []
    for start, day in wholes.items():
        if start in seen:
            continue
        seen.add(start)
        group, is_closed = [start], True
        for name in group:  # it grows as partners are found
            for partner in sorted({one.partner for one in movements[name]} - {""}):
                fits = (
                    wholes.get(partner) == day
                    and schedules[partner].currency == schedules[start].currency
                )
                is_closed = is_closed and fits
                if fits and partner not in seen:
                    seen.add(partner)
                    group.append(partner)
        if is_closed and len(group) > 1:
            found.append(group)
    return found


def _one_way_a_day(schedule: Schedule, movements: list[Movement]) -> list[Movement]:
    """Movements of a receipt or a credit that go both ways on one day, as one for that day.

    A receipt that pays an invoice of 150 with a credit note of 100 is applied by +150 and −100.
    """
    if schedule.original_minor > 0:
        return movements
    by_day: dict[dt.date, list[Movement]] = {}
    for one in movements:
        by_day.setdefault(one.on, []).append(one)
    kept: list[Movement] = []
    for found in by_day.values():
        if min(one.amount_minor for one in found) < 0 < max(one.amount_minor for one in found):
            total = sum(one.amount_minor for one in found)
            kept += [attrs.evolve(found[0], amount_minor=total, partner="")] if total else []
        else:
            kept += found
    return kept
