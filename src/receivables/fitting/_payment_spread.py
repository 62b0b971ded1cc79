"""The workshop: spreading items over the days to come, by what was fitted and by the habit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from receivables.fitting._intake import Array
from receivables.fitting._payment_facts import Asked
from receivables.fitting._payment_hazards import Hazards
from receivables.fitting._payment_lines import spans
from receivables.fitting._payment_needs import numpy
from receivables.fitting._payment_sight import Ledgers, Seen, see
from receivables.fitting._payment_table import Chances, chances_of, table
from receivables.forecast.model import WHOLE_PPM, PaymentForecast

__all__ = ["Spread", "mixed", "spread"]

_STAGES: Final = (8, 30, 120)
"""Days past due, or past the day, up to which chances are told; later ones only where some are left."""
_LEFT: Final = 0.004


@attrs.frozen(kw_only=True, eq=False)
class Spread:
    """The chances of some items by day: a row for each, a column for each day from its first on."""

    first: Array
    hazards: Array
    """The chance of each day of being paid on it, where it was not paid before."""
    told_to: Array
    """The last day of which that is known of each item."""
    seen: Seen
    habits: Chances

    @property
    def chances(self) -> Array:
        """The chance of each day."""
        np = numpy()
        ones = np.ones((len(self.hazards), 1))
        return self.hazards * np.cumprod(np.hstack([ones, 1 - self.hazards[:, :-1]]), axis=1)


def spread(
    fitted: Hazards | None,
    books: Ledgers,
    asked: Asked,
    *,
    as_of: int,
    through: int,
) -> Spread:
    """The chances of the items asked on one day; none at all where nothing was fitted."""
    np = numpy()
    size = len(asked.due)
    days = np.full(size, as_of, dtype=np.int64)
    seen = see(books, asked, days=days, through=np.full(size, through, dtype=np.int64))
    habits = chances_of(seen)
    first = np.maximum(days + ((asked.document < as_of) & (as_of <= through)), asked.document)
    reach = np.maximum(asked.due, days)
    hazards = np.zeros((size, int((reach - first).max()) + _STAGES[-1] + 1))
    left, start = np.ones(size), first.copy()
    for stage in _STAGES:
        end = reach + stage
        rows = np.flatnonzero((left > _LEFT) & (end >= start))
        if fitted is not None and len(rows):
            places, on = spans(start[rows], end[rows])
            lines = table(seen, habits, rows=rows[places], days=on)
            hazards[rows[places], on - first[rows[places]]] = fitted.chance(lines)
            start[rows] = end[rows] + 1
        left = (1 - hazards).prod(axis=1)
    return Spread(first=first, hazards=hazards, told_to=start - 1, seen=seen, habits=habits)


def mixed(made: Spread, habit: Sequence[PaymentForecast], *, trust: Array) -> Spread:
    """The same with as much of the habit as the fit is not trusted with.

    What is mixed is the chance of a day where an item was not paid before: where one of the two is
    sure that nothing comes, the other still has its say on each day.  Beyond the days that were
    told, the habit speaks alone.
    """
    np = numpy()
    first, width = made.first.tolist(), made.hazards.shape[1]
    last = [one.days[-1].toordinal() if one.days else 0 for one in habit]
    width = max(width, *(end - start + 1 for start, end in zip(first, last, strict=True)))
    chances = np.zeros((len(first), width))
    for place, one in enumerate(habit):
        on = np.array([day.toordinal() for day in one.days], dtype=np.int64)
        np.add.at(chances[place], np.maximum(on - first[place], 0), np.array(one.chances_ppm))
    left = np.maximum(WHOLE_PPM - chances.cumsum(axis=1) + chances, 1)
    hazards = chances / left
    told = np.arange(made.hazards.shape[1]) <= (made.told_to - made.first)[:, None]
    share = told * trust[:, None]
    mine = hazards[:, : share.shape[1]]
    mine += share * (made.hazards - mine)
    return attrs.evolve(made, hazards=hazards)
