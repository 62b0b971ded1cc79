"""The workshop: fitting the chance of each day, and spreading an item over days by it.

A discrete-time survival model: a line for each day on which an item was open, and whether it was
paid on it (Singer and Willett, "It's about time", 1993).  What is not paid yet has lines too, all of
them saying no; nothing is dropped, and nothing has to be known of the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from receivables.fitting._intake import Array
from receivables.fitting._payment_facts import Asked, Facts
from receivables.fitting._payment_needs import numpy, sklearn
from receivables.fitting._payment_policy import PaymentFitPolicy
from receivables.fitting._payment_sight import Ledgers, Seen, ledgers_of, see
from receivables.fitting._payment_table import Chances, cell_of, chances_of, table

__all__ = ["Hazards", "Spread", "fit_hazards", "spread"]

_CHUNK: Final = 4_096
"""How many items are looked at together: what bounds the memory."""
_HORIZON: Final = 75
"""Days past due, or past the day of looking, that a fit learns from."""
_STAGES: Final = (8, 30, 120)
"""Days past due, or past the day, up to which chances are told; later ones only where some are left."""
_HOT: Final = -4.6
"""Log odds of one in a hundred: days on which the habit speaks of payment are all kept."""
_COLD_KEPT: Final = 0.2
"""Of other days without a payment one in five is kept, and counts five times."""
_LATER: Final = (0.4, 0.5)
"""How many items are looked at a second time, on a later day while open, and their weight."""
_LATE: Final = (3, 0.7)
"""More days late than this, an item is looked at again when overdue; and the weight of that."""
_LEFT: Final = 0.004
_BINS: Final = 200


@attrs.frozen(kw_only=True, eq=False)
class _Looks:
    """Rows of a history, each looked at on a day, with the weight of the look."""

    rows: Array
    days: Array
    weights: Array


def _looks(facts: Facts, through: int, policy: PaymentFitPolicy, luck: Any) -> _Looks:  # noqa: ANN401  # a generator
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
    return _Looks(
        rows=np.concatenate([rows, rows[again], rows[late]]),
        days=np.concatenate([known, second[again], third[late]]),
        weights=np.concatenate(
            [np.ones(len(rows)), np.full(again.sum(), _LATER[1]), np.full(late.sum(), _LATE[1])]
        ),
    )


def _spans(first: Array, last: Array) -> tuple[Array, Array]:
    """A line for each day from the first to the last: the place of its span, and the day."""
    np = numpy()
    lengths = np.maximum(last - first + 1, 0)
    places = np.repeat(np.arange(len(lengths)), lengths)
    steps = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
    return places, first[places] + steps


def _lines(
    books: Ledgers,
    looks: _Looks,
    through: int,
    luck: Any,  # noqa: ANN401  # a generator
) -> Iterator[tuple[Array, Array, Array]]:
    """The lines of a fit, chunk by chunk: columns, whether paid on the day, weights."""
    np = numpy()
    facts = books.facts
    for start in range(0, len(looks.rows), _CHUNK):
        rows = looks.rows[start : start + _CHUNK]
        days = looks.days[start : start + _CHUNK]
        seen = see(books, facts.items.take(rows), days=days, through=days)
        chances = chances_of(seen)
        paid = facts.paid[rows]
        first = days + (days > facts.known[rows])
        last = np.minimum(
            np.minimum(paid, through), np.maximum(facts.items.due[rows], days) + _HORIZON
        )
        places, on = _spans(first, last)
        is_paid = paid[places] == on
        cell = cell_of(on - facts.items.due[rows][places])
        odds = chances.odds
        is_hot = is_paid | (
            np.maximum(odds["customer"][places, cell], odds["pattern"][places, cell]) > _HOT
        )
        kept = is_hot | (luck.random(len(on)) < _COLD_KEPT)
        weights = looks.weights[start : start + _CHUNK][places] / np.where(is_hot, 1.0, _COLD_KEPT)
        yield (
            table(seen, chances, rows=places[kept], days=on[kept]),
            is_paid[kept],
            weights[kept],
        )


@attrs.frozen(kw_only=True, eq=False)
class Hazards:
    """What was fitted: cuts of each column into bins, and a classifier of what lies in which.

    The columns are cut here because scikit-learn looks for cuts of weighted lines hundreds of times
    slower than for those of plain ones.
    """

    cuts: tuple[Array, ...]
    classifier: Any

    def chance(self, columns: Array) -> Array:
        """The chance of each line."""
        found: Array = self.classifier.predict_proba(_binned(columns, self.cuts))[:, 1]
        return found


def _cuts(columns: Array) -> tuple[Array, ...]:
    """Cuts of each column between its values, at most as many as there are bins."""
    np = numpy()
    shares = np.linspace(0, 1, _BINS + 1)[1:-1]
    found = []
    for column in columns.T:
        values = column[~np.isnan(column)]
        found.append(
            np.unique(np.quantile(values, shares, method="lower")) if len(values) else values
        )
    return tuple(found)


def _binned(columns: Array, cuts: tuple[Array, ...]) -> Array:
    np = numpy()
    made = np.empty_like(columns)
    for place, edges in enumerate(cuts):
        column = columns[:, place]
        made[:, place] = np.where(np.isnan(column), np.nan, np.searchsorted(edges, column))
    return made


def fit_hazards(facts: Facts, *, through: int, policy: PaymentFitPolicy) -> Hazards | None:
    """The chances of days, from what was known by `through`; None where too little was paid."""
    np = numpy()
    known = facts.cut(through)
    if int((known.told <= through).sum()) < policy.payments_min:
        return None
    luck = np.random.default_rng(policy.seed)
    books = ledgers_of(known)
    looks = _looks(known, through, policy, luck)
    lines = zip(*_lines(books, looks, through, luck), strict=True)
    columns, paid, weights = (np.concatenate(part) for part in lines)
    classifier = sklearn("ensemble").HistGradientBoostingClassifier(
        max_iter=policy.trees,
        learning_rate=policy.learning_rate,
        max_leaf_nodes=policy.leaves,
        min_samples_leaf=policy.leaf_rows_min,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=policy.seed,
    )
    cuts = _cuts(columns)
    classifier.fit(_binned(columns, cuts), paid, sample_weight=weights)
    return Hazards(cuts=cuts, classifier=classifier)


@attrs.frozen(kw_only=True, eq=False)
class Spread:
    """The chances of some items by day: a row for each, a column for each day from its first on."""

    first: Array
    chances: Array
    seen: Seen
    habits: Chances


@attrs.frozen(kw_only=True, eq=False)
class _Teller:
    """What tells the chance of a day: the fit, mixed with the habit where it knows little."""

    hazards: Hazards | None
    seen: Seen
    habits: Chances
    trust: Array

    def chance(self, rows: Array, days: Array) -> Array:
        """The chance of being paid on a day where it was not paid before, line by line."""
        np = numpy()
        cell = cell_of(days - self.seen.asked.due[rows])
        habit = 1 / (1 + np.exp(-self.habits.odds["pattern"][rows, cell].astype(float)))
        if self.hazards is None:
            return habit
        columns = table(self.seen, self.habits, rows=rows, days=days)
        fitted = self.hazards.chance(columns)
        trust = self.trust[rows]
        return trust * fitted + (1 - trust) * habit


def spread(
    fitted: Hazards | None,
    books: Ledgers,
    asked: Asked,
    *,
    as_of: int,
    through: int,
    trust: Array,
) -> Spread:
    """The chances of the items asked on one day; a habit alone where nothing was fitted."""
    np = numpy()
    size = len(asked.due)
    days = np.full(size, as_of, dtype=np.int64)
    seen = see(books, asked, days=days, through=np.full(size, through, dtype=np.int64))
    habits = chances_of(seen)
    teller = _Teller(hazards=fitted, seen=seen, habits=habits, trust=trust)
    first = np.maximum(days + ((asked.document < as_of) & (as_of <= through)), asked.document)
    reach = np.maximum(asked.due, days)
    hazards = np.zeros((size, int((reach - first).max()) + _STAGES[-1] + 1))
    left, start = np.ones(size), first.copy()
    for stage in _STAGES:
        end = reach + stage
        rows = np.flatnonzero((left > _LEFT) & (end >= start))
        if len(rows):
            places, on = _spans(start[rows], end[rows])
            hazards[rows[places], on - first[rows[places]]] = teller.chance(rows[places], on)
        start[rows] = end[rows] + 1
        left = (1 - hazards).prod(axis=1)
    open_before = np.cumprod(np.hstack([np.ones((size, 1)), 1 - hazards[:, :-1]]), axis=1)
    return Spread(first=first, chances=hazards * open_before, seen=seen, habits=habits)
