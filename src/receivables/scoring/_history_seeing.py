"""The workshop: one customer's items on a day, by currency, as the figures need them."""

from __future__ import annotations

import attrs

from receivables.scoring import rules
from receivables.scoring._history import Account, ItemRecord, Seen, View

__all__ = ["SeenAccount", "see"]


@attrs.define(eq=False)
class SeenAccount:
    """What is seen of a customer on a day; days are ordinals."""

    by_currency: dict[str, Seen] = attrs.field(factory=dict)
    known_since: int | None = None
    first_paid: int | None = None
    last_paid: int | None = None
    active_months: set[int] = attrs.field(factory=set)


def see(account: Account, view: View) -> SeenAccount:
    """What had happened to a customer's items by a day, as known at a moment."""
    found = SeenAccount()
    for record in account.items:
        if not view.is_seen(record.since, record.recorded_at):
            continue
        seen = found.by_currency.get(record.currency)
        if seen is None:
            seen = found.by_currency[record.currency] = Seen()
        if found.known_since is None or record.since < found.known_since:
            found.known_since = record.since
        _see_item(record, view, seen, found)
    return found


def _see_item(record: ItemRecord, view: View, seen: Seen, found: SeenAccount) -> None:
    month = view.month(record.since)
    if month < view.months:
        found.active_months.add(month)
    due = view.due_of(record)
    left = record.amount_minor
    seen.deltas.append((record.since, left))
    for day, at, minor in record.moves:
        if view.is_seen(day, at):
            left -= minor
            seen.deltas.append((day, -minor))
    if left > 0:
        _see_open(record, view, seen, left, due)
    given_up = _given_up(record, view, seen) if record.given_up else False
    if record.parts:
        place = len(seen.is_full)
        seen.is_full.append(left == 0 and not given_up)
        _see_parts(record, view, seen, found, due, place)


def _see_open(record: ItemRecord, view: View, seen: Seen, left: int, due: int | None) -> None:
    past_due = None if due is None else view.day - due
    seen.opens.append((left, past_due))
    if past_due is not None and rules.is_overdue(past_due):
        chased = left - view.disputed.get(record.item, 0) if view.disputed else left
        if chased > 0:
            seen.chased.append((chased, past_due))


def _given_up(record: ItemRecord, view: View, seen: Seen) -> bool:
    """Whether something of an item was given up by the day; what fell into the window is added."""
    is_given_up = False
    for day, at, minor, allocation in record.given_up:
        if view.is_seen(day, at) and not view.is_undone(allocation):
            is_given_up = True
            if view.in_window(day):
                seen.given_up += minor
    return is_given_up


def _see_parts(  # the item, the view, and the four places that it is written to
    record: ItemRecord, view: View, seen: Seen, found: SeenAccount, due: int | None, place: int
) -> None:
    """What was paid of an item, in the order of the days of its allocations."""
    left = record.amount_minor
    for day, at, paid_on, paid, taken, allocation in record.parts:
        if not view.is_seen(day, at) or view.is_undone(allocation):
            continue
        left -= taken
        if not paid or paid_on > view.day:
            continue
        if found.first_paid is None or paid_on < found.first_paid:
            found.first_paid = paid_on
        if found.last_paid is None or paid_on > found.last_paid:
            found.last_paid = paid_on
        month = view.month(paid_on)
        if month < view.reach:
            late = None if due is None else paid_on - due
            seen.parts.append((month, paid_on, late, paid, left > 0, place))
            if month < view.months:
                found.active_months.add(month)
