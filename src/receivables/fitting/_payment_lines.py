"""The workshop: the days on which items were open, as lines that a model is fitted on.

A discrete-time survival model has a line for each day on which an item was open, and whether it was
paid on it (Singer and Willett, "It's about time", 1993).  What is not paid yet has lines too, all of
them saying no; nothing is dropped, and nothing has to be known of the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from receivables.fitting._intake import Array
from receivables.fitting._payment_facts import Facts
from receivables.fitting._payment_needs import numpy
from receivables.fitting._payment_policy import PaymentFitPolicy
from receivables.fitting._payment_sight import Ledgers, Seen, see
from receivables.fitting._payment_table import Chances, cell_of, chances_of, table

__all__ = ["Looks", "Watched", "lines_of", "looks_of", "spans", "watched"]

CHUNK: Final = 4_096
"""How many items are looked at together: what bounds the memory."""
_HORIZON: Final = 75
"""Days past due, or past the day of looking, that a fit learns from."""
_HOT: Final = -4.6
"""Log odds of one in a hundred: days on which the habit speaks of payment are all kept."""
_COLD_KEPT: Final = 0.2
"""Of other days without a payment one in five is kept, and counts five times."""
_LATER: Final = (0.4, 0.5)
"""How many items are looked at a second time, on a later day while open, and their weight."""
_LATE: Final = (3, 0.7)
"""More days late than this, an item is looked at again when overdue; and the weight of that."""


@attrs.frozen(kw_only=True, eq=False)
class Looks:
    """Rows of a history, each looked at on a day, with the weight of the look."""

    rows: Array
    days: Array
    weights: Array


def looks_of(facts: Facts, through: int, policy: PaymentFitPolicy, luck: Any) -> Looks:  # noqa: ANN401  # a generator
    """The newest items on their own day, and again on a later day, drawn at random, while open."""
    np = numpy()
    rows = np.argsort(facts.known, kind="stable")[-policy.items_max :]
    known, due = facts.known[rows], facts.items.due[rows]
    end = np.minimum(facts.told[rows], through)
    drawn = luck.random((3, len(rows)))
    again = (end > known + 1) & (drawn[0] < _LATER[0])
    late = end - due > _LATE[0]
    from_day = np.maximum(due + 2, known)
    second = known + 1 + (drawn[1] * np.maximum(end - known - 1, 1)).astype(np.int64)
    third = from_day + (drawn[2] * np.maximum(end - from_day, 1)).astype(np.int64)
    late &= from_day < end
    return Looks(
        rows=np.concatenate([rows, rows[again], rows[late]]),
        days=np.concatenate([known, second[again], third[late]]),
        weights=np.concatenate(
            [np.ones(len(rows)), np.full(again.sum(), _LATER[1]), np.full(late.sum(), _LATE[1])]
        ),
    )


def spans(first: Array, last: Array) -> tuple[Array, Array]:
    """A line for each day from the first to the last: the place of its span, and the day."""
    np = numpy()
    lengths = np.maximum(last - first + 1, 0)
    places = np.repeat(np.arange(len(lengths)), lengths)
    steps = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
    return places, first[places] + steps


@attrs.frozen(kw_only=True, eq=False)
class Watched:
    """Some items that were looked at, and a line for each day on which one was open after that."""

    seen: Seen
    habits: Chances
    items: Array
    """The place of each line's item among those that were looked at."""
    on: Array
    is_paid: Array

    def odds(self, name: str) -> Array:
        """What the habit of a kind of group says of each line, as log odds."""
        found: Array = self.habits.odds[name][self.items, self.cells]
        return found

    @property
    def cells(self) -> Array:
        """The cell of each line's lateness."""
        return cell_of(self.on - self.seen.asked.due[self.items])

    def table(self, kept: Array) -> Array:
        """The columns of some of the lines."""
        return table(self.seen, self.habits, rows=self.items[kept], days=self.on[kept])


def watched(books: Ledgers, looks: Looks, *, through: int) -> Iterator[tuple[Watched, Array]]:
    """What was looked at, a chunk at a time, with the weights of its lines."""
    np = numpy()
    facts = books.facts
    for start in range(0, len(looks.rows), CHUNK):
        rows = looks.rows[start : start + CHUNK]
        days = looks.days[start : start + CHUNK]
        seen = see(books, facts.items.take(rows), days=days, through=days)
        # An item that stood there before the day was open at its end, and is paid later.
        first = days + (days > facts.known[rows])
        reach = np.maximum(facts.items.due[rows], days) + _HORIZON
        items, on = spans(first, np.minimum(np.minimum(facts.paid[rows], through), reach))
        made = Watched(
            seen=seen,
            habits=chances_of(seen),
            items=items,
            on=on,
            is_paid=facts.paid[rows][items] == on,
        )
        yield made, looks.weights[start : start + CHUNK][items]


def lines_of(
    books: Ledgers,
    looks: Looks,
    *,
    through: int,
    luck: Any,  # noqa: ANN401  # a generator
) -> Iterator[tuple[Array, Array, Array]]:
    """The lines of a fit, chunk by chunk: columns, whether paid on the day, weights."""
    np = numpy()
    for made, weights in watched(books, looks, through=through):
        is_hot = made.is_paid | (np.maximum(made.odds("customer"), made.odds("pattern")) > _HOT)
        kept = is_hot | (luck.random(len(made.on)) < _COLD_KEPT)
        weighed = weights / np.where(is_hot, 1.0, _COLD_KEPT)
        yield made.table(kept), made.is_paid[kept], weighed[kept]
