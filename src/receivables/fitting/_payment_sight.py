"""The workshop: what was known on a day of an item, its customer and everybody else.

This is the one place that looks into a history, and it looks no further than the day.  For each
item asked and its day it takes the last payments of the groups that the item belongs to, the newest
weighing most, and counts how late they were; figures of a customer's open items stand beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from receivables.fitting._intake import Array
from receivables.fitting._payment_facts import (
    MONTH_PLACES,
    NEVER,
    SPAN,
    Asked,
    Facts,
    month_place,
    weekday_of,
    workdays_until,
)
from receivables.fitting._payment_needs import numpy

__all__ = ["CELLS", "EARLIEST", "LATEST", "Ledgers", "Seen", "ledgers_of", "see"]

EARLIEST: Final = -45
LATEST: Final = 75
CELLS: Final = LATEST - EARLIEST + 1
"""A cell for each day of lateness; what is earlier or later counts in the first and the last."""
_WEEK: Final = 7
_OPEN: Final = 64
"""How many of the customer's newest items are looked at for being open."""
_LAST: Final = {"customer": 96, "weekday": 48, "terms": 48, "pattern": 32, "kin": 64}
"""How many payments of a group count; half as much after a quarter of them."""
_WIDE: Final = {"everyone": 2_000, "domain": 1_000}
_NOTHING_OPEN: Final = -99
_TINY: Final = 1e-9
_SIMILAR: Final = 0.5
"""An amount half as large again is similar by a third: the width of the likeness, in logarithms."""


@attrs.frozen(kw_only=True, eq=False)
class _Payments:
    """The payments of the groups of one kind, by group and by the day on which they were known."""

    rows: Array
    places: Array

    def last(self, groups: Array, days: Array, *, count: int) -> tuple[Array, Array]:
        """The rows of the last payments known by each day, newest first, and which of them exist."""
        np = numpy()
        end = np.searchsorted(self.places, groups * SPAN + days, side="right")
        start = np.searchsorted(self.places, groups * SPAN)
        places = end[:, None] - 1 - np.arange(count)
        exists = places >= start[:, None]
        if not len(self.rows):
            return np.zeros_like(places), exists
        return self.rows[np.maximum(places, 0)], exists

    def count(self, groups: Array, days: Array) -> Array:
        """How many payments were known by each day."""
        np = numpy()
        end = np.searchsorted(self.places, groups * SPAN + days, side="right")
        return end - np.searchsorted(self.places, groups * SPAN)


@attrs.frozen(kw_only=True, eq=False)
class Ledgers:
    """A history in the orders in which it is asked."""

    facts: Facts
    late: Array
    late_workdays: Array
    month_places: Array
    payments: Mapping[str, _Payments]
    issued: _Payments
    """The items themselves, by customer and the day on which they were known."""


def _sorted(groups: Array, days: Array, rows: Array) -> _Payments:
    np = numpy()
    places = groups[rows] * SPAN + days[rows]
    order = np.argsort(places, kind="stable")
    return _Payments(rows=rows[order], places=places[order])


def ledgers_of(facts: Facts) -> Ledgers:
    """A history, made ready to be asked."""
    np = numpy()
    rows = np.flatnonzero(facts.paid < NEVER)
    paid = np.where(facts.paid < NEVER, facts.paid, facts.items.due)
    kinds = (*_LAST, *_WIDE)
    return Ledgers(
        facts=facts,
        late=paid - facts.items.due,
        late_workdays=workdays_until(paid) - workdays_until(facts.items.due),
        month_places=month_place(paid),
        payments={name: _sorted(facts.items.keys(name), facts.told, rows) for name in kinds},
        issued=_sorted(facts.items.customer, facts.known, np.arange(len(facts.known))),
    )


@attrs.frozen(kw_only=True, eq=False)
class Seen:
    """What was known of each item asked, on its day."""

    asked: Asked
    days: Array
    through: Array
    """The last day of which payments are known, not after the day."""
    figures: Mapping[str, Array]
    counts: Mapping[str, Array]
    """By kind of group: weights of payments by lateness, a row for each item."""
    wide: Mapping[str, Array]
    """Likewise of everyone and of the domain, a row for each group and day: see `places`."""
    places: Mapping[str, Array]


def _counted(late: Array, weights: Array, exists: Array) -> Array:
    np = numpy()
    rows = len(late)
    cells = np.clip(late, EARLIEST, LATEST) - EARLIEST + np.arange(rows)[:, None] * CELLS
    flat = np.bincount(cells[exists], weights=weights[exists], minlength=rows * CELLS)
    return flat.reshape(rows, CELLS)


def quantile_of(counts: Array, share: float) -> Array:
    """The lateness by which a share of the weights was paid; NaN where there are none."""
    np = numpy()
    reached = counts.cumsum(axis=1)
    whole = reached[:, -1:]
    found = (reached < share * whole - _TINY).sum(axis=1) + EARLIEST
    return np.where(whole[:, 0] > 0, found, np.nan)


def _weekdays(days: Array, weights: Array) -> Array:
    np = numpy()
    weekday = weekday_of(days)
    return np.stack([(weights * (weekday == one)).sum(axis=1) for one in range(_WEEK)], axis=1)


def _month_places(places: Array, weights: Array) -> Array:
    np = numpy()
    rows = len(places)
    cells = places + np.arange(rows)[:, None] * MONTH_PLACES
    flat = np.bincount(cells.ravel(), weights=weights.ravel(), minlength=rows * MONTH_PLACES)
    return flat.reshape(rows, MONTH_PLACES)


def _of_groups(
    books: Ledgers, asked: Asked, through: Array, name: str
) -> tuple[Array, Array, Array]:
    """The last payments of the groups, which exist, and what each weighs."""
    np = numpy()
    count = _LAST[name]
    rows, exists = books.payments[name].last(asked.keys(name), through, count=count)
    weights = 0.5 ** (np.arange(count) / (count / 4)) * exists
    return rows, exists, weights


def _mean(values: Array, weights: Array) -> Array:
    np = numpy()
    return (values * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), _TINY)


def _own(books: Ledgers, asked: Asked, through: Array) -> tuple[dict[str, Array], dict[str, Array]]:
    """Figures and counts of the customer's own payments."""
    np = numpy()
    facts = books.facts
    rows, exists, weights = _of_groups(books, asked, through, "customer")
    late, paid, amount = books.late[rows], facts.paid[rows], facts.items.amount[rows]
    likeness = np.exp(-np.abs(amount - asked.amount[:, None]) / _SIMILAR)
    first_of_run = exists.copy()
    first_of_run[:, 1:] &= paid[:, 1:] != paid[:, :-1]
    counts = {
        "customer": _counted(late, weights, exists),
        "workdays": _counted(books.late_workdays[rows], weights, exists),
        "amount": _counted(late, weights * likeness, exists),
        "paying": _weekdays(paid, weights * first_of_run),
        "month": _month_places(books.month_places[rows], first_of_run.astype(float)),
    }
    has_any = exists[:, 0]
    runs = np.maximum(first_of_run.sum(axis=1), 1)
    span = paid[:, 0] - np.where(exists, paid, NEVER).min(axis=1)
    lately = np.where(exists[:, :3], late[:, :3], LATEST * 10).astype(float)
    three = np.sort(lately, axis=1)[
        np.arange(len(late)), (np.minimum(exists.sum(axis=1), 3) - 1) // 2
    ]
    own = counts["customer"]
    figures = {
        "since": np.where(has_any, through - paid[:, 0], np.nan),
        "lately": np.where(has_any, three, np.nan),
        "unusual": np.where(has_any, asked.amount - _mean(amount, weights), np.nan),
        "per_run": np.where(has_any, exists.sum(axis=1) / runs, np.nan),
        "run_days": np.where(has_any, span / np.maximum(runs - 1, 1), np.nan),
        "steady": np.where(has_any, own.max(axis=1) / np.maximum(own.sum(axis=1), _TINY), np.nan),
        "payments": np.log1p(books.payments["customer"].count(asked.customer, through)),
        **{f"late_{share}": quantile_of(own, share / 100) for share in (10, 50, 90)},
    }
    return figures, counts


def _open_items(books: Ledgers, asked: Asked, days: Array, through: Array) -> dict[str, Array]:
    """Figures of the customer's other items that are open, as far as the history can tell."""
    np = numpy()
    facts = books.facts
    rows, exists = books.issued.last(asked.customer, through, count=_OPEN)
    past = through[:, None] - facts.items.due[rows]
    is_same = facts.items.identity[rows] == asked.identity[:, None]
    is_open = exists & (facts.told[rows] > through[:, None]) & ~is_same
    newest, there = books.issued.last(asked.customer, days, count=_OPEN)
    return {
        "open": is_open.sum(axis=1),
        "oldest": np.where(is_open, past, _NOTHING_OPEN).max(axis=1),
        "due_before": (is_open & (facts.items.due[rows] < asked.due[:, None])).sum(axis=1),
        "issued_with": (there & (facts.items.document[newest] == asked.document[:, None])).sum(
            axis=1
        ),
    }


def _wide(books: Ledgers, asked: Asked, through: Array, name: str) -> tuple[Array, Array, Array]:
    """Counts of everyone or a domain, and of their paying weekdays; each group and day once."""
    np = numpy()
    keys, places = np.unique(asked.keys(name) * SPAN + through, return_inverse=True)
    rows, exists = books.payments[name].last(keys // SPAN, keys % SPAN, count=_WIDE[name])
    ones = exists.astype(float)
    counts = np.stack(
        [
            _counted(books.late[rows], ones, exists),
            _counted(books.late_workdays[rows], ones, exists),
        ]
    )
    return counts, _weekdays(books.facts.paid[rows], ones), places.reshape(-1)


def see(books: Ledgers, asked: Asked, *, days: Array, through: Array) -> Seen:
    """What was known of each item on its day, of payments no later than `through`."""
    figures, counts = _own(books, asked, through)
    for name in ("weekday", "terms", "pattern", "kin"):
        rows, exists, weights = _of_groups(books, asked, through, name)
        counts[name] = _counted(books.late[rows], weights, exists)
        figures[f"late_{name}"] = quantile_of(counts[name], 0.5)
    figures |= _open_items(books, asked, days, through)
    wide, places = {}, {}
    for name in _WIDE:
        wide[name], weekdays, places[name] = _wide(books, asked, through, name)
        if name == "everyone":
            wide["paying"] = weekdays
    figures |= {
        "amount": asked.amount,
        "terms": asked.due - asked.document,
        "age": days - asked.document,
        "past_due": days - asked.due,
        "due_weekday": weekday_of(asked.due),
        "document_weekday": weekday_of(asked.document),
    }
    return Seen(
        asked=asked,
        days=days,
        through=through,
        figures=figures,
        counts=counts,
        wide=wide,
        places=places,
    )
