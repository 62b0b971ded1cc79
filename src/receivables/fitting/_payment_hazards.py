"""The workshop: fitting the chance of each day, and finding out whose days it tells better than habits.

The fit is rehearsed: what was known a month before is fitted first, and the month that followed says
of which customers the fit knew more than the habit, and of which it knew less.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from receivables.fitting._intake import Array
from receivables.fitting._payment_facts import Facts
from receivables.fitting._payment_lines import Looks, lines_of, looks_of, watched
from receivables.fitting._payment_needs import numpy, one_thread, sklearn
from receivables.fitting._payment_policy import PaymentFitPolicy
from receivables.fitting._payment_sight import Ledgers, ledgers_of
from receivables.fitting._payment_table import COLUMNS, RISING

__all__ = ["Hazards", "fit_hazards", "habit_chance"]

_BINS: Final = 200
_REHEARSAL: Final = 30
"""Days of the rehearsal: customers who pay once a month pay once in it."""
_PRIOR: Final = 1.5
"""Log odds of trusting the fit, or the habit, of a customer who had no part in the rehearsal."""
_EVIDENCE_MAX: Final = 6.0
_LEAST: Final = 1e-6


def habit_chance(odds: Array) -> Array:
    """The chance of log odds."""
    np = numpy()
    return 1 / (1 + np.exp(-odds.astype(float)))


@attrs.frozen(kw_only=True, eq=False)
class Hazards:
    """What was fitted: cuts of each column into bins, a classifier of these, and whom to trust it for.

    The columns are cut here because scikit-learn looks for cuts of weighted lines hundreds of times
    slower than for those of plain ones.
    """

    cuts: tuple[Array, ...]
    classifier: Any
    trust: Array
    """By the code of a customer, the last for all others: how much the fit counts beside the habit."""

    def chance(self, columns: Array) -> Array:
        """The chance of each line."""
        with one_thread():
            found: Array = self.classifier.predict_proba(_binned(columns, self.cuts))[:, 1]
        return found

    def trusted(self, customers: Array) -> Array:
        """How much the fit counts for each customer."""
        found: Array = self.trust[numpy().minimum(customers, len(self.trust) - 1)]
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


def _fitted(books: Ledgers, *, through: int, policy: PaymentFitPolicy) -> Hazards:
    """The fit alone, trusted for everyone."""
    np = numpy()
    luck = np.random.default_rng(policy.seed)
    looks = looks_of(books.facts, through, policy, luck)
    lines = zip(*lines_of(books, looks, through=through, luck=luck), strict=True)
    columns, paid, weights = (np.concatenate(part) for part in lines)
    classifier = sklearn("ensemble").HistGradientBoostingClassifier(
        max_iter=policy.trees,
        learning_rate=policy.learning_rate,
        max_leaf_nodes=policy.leaves,
        min_samples_leaf=policy.leaf_rows_min,
        l2_regularization=1.0,
        monotonic_cst=[int(name in RISING) for name in COLUMNS],
        early_stopping=False,
        random_state=policy.seed,
    )
    cuts = _cuts(columns)
    with one_thread():
        classifier.fit(_binned(columns, cuts), paid, sample_weight=weights)
    return Hazards(cuts=cuts, classifier=classifier, trust=np.ones(1))


def _is_enough(facts: Facts, through: int, policy: PaymentFitPolicy) -> bool:
    return int((facts.told <= through).sum()) >= policy.payments_min


def fit_hazards(facts: Facts, *, through: int, policy: PaymentFitPolicy) -> Hazards | None:
    """The chances of days, from what was known by `through`; None where too little was paid."""
    known = facts.cut(through)
    if not _is_enough(known, through, policy):
        return None
    books = ledgers_of(known)
    trust = _rehearsed(books, through=through, policy=policy)
    return attrs.evolve(_fitted(books, through=through, policy=policy), trust=trust)


def _rehearsed(books: Ledgers, *, through: int, policy: PaymentFitPolicy) -> Array:
    """How much a fit of a month before is to be trusted for each customer, after what came since."""
    np = numpy()
    facts, cut = books.facts, through - _REHEARSAL
    customers = int(facts.items.customer.max()) + 1
    if not _is_enough(facts, cut, policy):
        return np.full(customers + 1, 0.5)
    fitted = _fitted(ledgers_of(facts.cut(cut)), through=cut, policy=policy)
    rows = np.flatnonzero(facts.told > cut)
    looks = Looks(rows=rows, days=np.maximum(facts.known[rows], cut), weights=np.ones(len(rows)))
    gain = np.zeros(customers)
    for made, _ in watched(books, looks, through=through):
        every = np.ones(len(made.on), dtype=bool)
        ours = _told(fitted.chance(made.table(every)), made.is_paid)
        theirs = _told(habit_chance(made.odds("pattern")), made.is_paid)
        lines = made.seen.asked.customer[made.items]
        gain += np.bincount(lines, weights=ours - theirs, minlength=customers)
    evidence = np.clip(gain / _per_run(facts, rows, customers), -_EVIDENCE_MAX, _EVIDENCE_MAX)
    prior = _PRIOR if evidence.sum() > 0 else -_PRIOR
    return habit_chance(prior + np.append(evidence, 0.0))


def _told(chance: Array, is_paid: Array) -> Array:
    """The logarithm of the chance that was given to what came."""
    np = numpy()
    return np.log(np.maximum(np.where(is_paid, chance, 1 - chance), _LEAST))


def _per_run(facts: Facts, rows: Array, customers: int) -> Array:
    """How many items of each customer stand or fall together: those that were paid on one day."""
    np = numpy()
    owner, paid = facts.items.customer[rows], facts.paid[rows]
    items = np.bincount(owner, minlength=customers)
    # What is still open is one run, for nobody knows better.
    runs = np.unique(np.stack([owner, paid]), axis=1)[0]
    return np.maximum(items, 1) / np.maximum(np.bincount(runs, minlength=customers), 1)
