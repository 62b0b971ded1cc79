"""When items will be paid, fitted: for those whose history is long enough to learn more than habits.

The chance of each day is learned from every day on which an item was open: what its customer, its
kin and everybody else did on such a day of lateness and such a weekday, how large the item is beside
the customer's others, and how many others are open.  Needs the extra ``forecast``.

A `FittedModel` is a `receivables.forecast.PaymentModel`: cash forecasts and back-tests take it where
they take a habit.  It fits itself from the history that it is given, on what was known at the end of
the month before, so that it never learns from a day that it has to foretell.

A fitted model is not saved: it is fitted again in seconds, with the same outcome, and a file of it
would have to be trusted like a program.

The reasons of a forecast, by their codes; the effects are how each step moves the chance of being
late, from that of the portfolio to that of the item, and add up:

- ``own-habit``, ``thin-history``, ``no-history``: the customer has paid `payments` items, the middle
  one `median_days` late; fewer than five are thin.
- ``kin-habit``: customers whose names begin alike have paid so.
- ``due-weekday``: items of the customer that are due on that `weekday` (Monday is 0) were paid so.
- ``learned-pattern``: what the fit makes of everything else, amounts, terms, open items, the calendar.
- ``already-overdue``: it is `days` past due; the chance of being late is certain.
- ``disputed``: the item is contested; no history knows when that ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from receivables.days import check_day
from receivables.errors import PolicyError
from receivables.fitting._intake import Array
from receivables.fitting._payment_facts import Asked, Facts, asked_of, facts_of
from receivables.fitting._payment_hazards import Hazards, fit_hazards
from receivables.fitting._payment_needs import numpy
from receivables.fitting._payment_policy import PaymentFitPolicy
from receivables.fitting._payment_reasons import PAYMENT_REASON_CODES, reasons_of
from receivables.fitting._payment_sight import Ledgers, ledgers_of
from receivables.fitting._payment_spread import mixed, spread
from receivables.forecast.habit import HabitHistory, HabitModel
from receivables.forecast.model import WHOLE_PPM, ForecastItem, ForecastReason, PaymentForecast

__all__ = [
    "PAYMENT_REASON_CODES",
    "FittedHistory",
    "FittedModel",
    "FittedPayments",
    "PaymentFitPolicy",
    "fit_payments",
]

_POLICY: Final = PaymentFitPolicy()
_CHUNK: Final = 4_096


@attrs.frozen(kw_only=True, eq=False)
class FittedPayments:
    """What was fitted on a history, as known at the end of one day; it foretells later days only."""

    fitted_through: dt.date
    policy: PaymentFitPolicy
    payments: int
    """How many payments it was fitted on; habits alone speak where `is_fitted` says no."""
    name: str = "fitted"
    _hazards: Hazards | None = attrs.field(repr=False)
    _trained: dict[tuple[str, str], int] = attrs.field(repr=False)

    @property
    def is_fitted(self) -> bool:
        """Whether there was enough to fit on."""
        return self._hazards is not None

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        history: Iterable[ForecastItem],
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """A forecast for each item; raises `PolicyError` for a day before it was fitted."""
        return self.told(items, _books_of(history), as_of=as_of, known_through=known_through)

    def told(
        self,
        items: Sequence[ForecastItem],
        books: _Books,
        *,
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """The same from a history that is ready to be asked."""
        check_day(as_of, name="as_of")
        if as_of < self.fitted_through:
            msg = f"as_of must be on or after {self.fitted_through}, through which it was fitted, got {as_of}"
            raise PolicyError(msg)
        through = as_of if known_through is None else min(as_of, known_through)
        found: list[PaymentForecast] = []
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            found.extend(self._chunk(chunk, books, as_of=as_of, through=through))
        return tuple(found)

    def _chunk(
        self, items: Sequence[ForecastItem], books: _Books, *, as_of: dt.date, through: dt.date
    ) -> list[PaymentForecast]:
        asked = asked_of(items, books.ledgers.facts)
        made = spread(
            self._hazards,
            books.ledgers,
            asked,
            as_of=as_of.toordinal(),
            through=through.toordinal(),
        )
        habit = books.habit.forecast(items, as_of=as_of, known_through=through)
        made = mixed(made, habit, trust=self._trust(items, asked))
        reasons = reasons_of(items, made, as_of=as_of)
        chances = made.chances
        return [
            _forecast(
                item,
                chances[place],
                first=int(made.first[place]),
                as_of=as_of,
                name=self.name,
                reasons=why,
            )
            for place, (item, why) in enumerate(zip(items, reasons, strict=True))
        ]

    def _trust(self, items: Sequence[ForecastItem], asked: Asked) -> Array:
        """How much the fit counts for each item: by what is known of its domain and its customer."""
        np = numpy()
        if self._hazards is None:
            return np.zeros(len(items))
        seen = [self._trained.get((item.creditor, item.currency), 0) for item in items]
        payments = np.array(seen, dtype=float)
        known = payments / (payments + self.policy.trust_payments)
        share = self.policy.fit_percent / 100
        return share * known * self._hazards.trusted(asked.customer)


@attrs.frozen(kw_only=True, eq=False)
class _Books:
    """A history in the forms in which it is asked."""

    items: tuple[ForecastItem, ...]
    ledgers: Ledgers
    habit: HabitHistory


def _books_of(history: Iterable[ForecastItem]) -> _Books:
    items = tuple(history)
    return _Books(
        items=items, ledgers=ledgers_of(facts_of(items)), habit=HabitModel().learned(items)
    )


def _forecast(
    item: ForecastItem,
    chances: Array,
    *,
    first: int,
    as_of: dt.date,
    name: str,
    reasons: Sequence[ForecastReason],
) -> PaymentForecast:
    """The chances of one item in whole parts per million: rounded where they add up, not each."""
    np = numpy()
    reached = np.rint(chances.cumsum() * WHOLE_PPM).astype(np.int64)
    parts = np.diff(np.minimum(reached, WHOLE_PPM), prepend=0)
    steps = np.flatnonzero(parts)
    return PaymentForecast(
        item=item,
        as_of=as_of,
        model=name,
        days=[dt.date.fromordinal(first + step) for step in steps.tolist()],
        chances_ppm=parts[steps].tolist(),
        beyond_ppm=WHOLE_PPM - int(parts.sum()),
        reasons=reasons,
    )


def fit_payments(
    history: Iterable[ForecastItem],
    *,
    through: dt.date,
    policy: PaymentFitPolicy = _POLICY,
) -> FittedPayments:
    """A model fitted on what was known of a history at the end of a day; the order does not matter."""
    check_day(through, name="through")
    items = tuple(history)
    return _fitted(items, facts_of(items), through=through, policy=policy)


def _fitted(
    items: Iterable[ForecastItem], facts: Facts, *, through: dt.date, policy: PaymentFitPolicy
) -> FittedPayments:
    trained: dict[tuple[str, str], int] = {}
    for item in items:
        if item.paid_on is not None and max(item.paid_on, item.known_on) <= through:
            key = (item.creditor, item.currency)
            trained[key] = trained.get(key, 0) + 1
    return FittedPayments(
        fitted_through=through,
        policy=policy,
        payments=sum(trained.values()),
        hazards=fit_hazards(facts, through=through.toordinal(), policy=policy),
        trained=trained,
    )


@attrs.define(kw_only=True, eq=False)
class FittedHistory:
    """A history that is ready to be asked on many days; it fits at the end of each month it needs."""

    policy: PaymentFitPolicy
    name: str
    _books: _Books = attrs.field(repr=False)
    _fits: dict[dt.date, FittedPayments] = attrs.field(factory=dict, repr=False)

    def fitted(self, as_of: dt.date, *, known_through: dt.date | None = None) -> FittedPayments:
        """The model that speaks on a day: fitted through the end of the month before, or what is known."""
        check_day(as_of, name="as_of")
        month_end = as_of.replace(day=1) - dt.timedelta(days=1)
        through = month_end if known_through is None else min(month_end, known_through)
        found = self._fits.get(through)
        if found is None:
            found = _fitted(
                self._books.items, self._books.ledgers.facts, through=through, policy=self.policy
            )
            self._fits[through] = attrs.evolve(found, name=self.name)
        return self._fits[through]

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """A forecast for each item, in their order; see `FittedModel.forecast`."""
        model = self.fitted(as_of, known_through=known_through)
        return model.told(items, self._books, as_of=as_of, known_through=known_through)


@attrs.define(kw_only=True, eq=False)
class FittedModel:
    """The payment model that fits itself; it implements `receivables.forecast.PaymentModel`.

    It is fitted on what was known at the end of the month before the day that is asked, so that the
    same question has the same answer, whatever was asked before and whatever came later.
    """

    policy: PaymentFitPolicy = _POLICY
    name: str = "fitted"
    _last: tuple[object, FittedHistory] | None = attrs.field(default=None, init=False, repr=False)

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        history: Iterable[ForecastItem],
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """A forecast for each item, in their order.

        Of the history nothing counts that happened after `as_of`, or after `known_through` where
        that is before it.  The same tuple of a history is read once.  Raises `MissingExtraError`
        without the extra ``forecast``.
        """
        # Only what cannot change may be remembered.
        if self._last is None or self._last[0] is not history or not isinstance(history, tuple):
            self._last = (history, self.learned(history))
        return self._last[1].forecast(items, as_of=as_of, known_through=known_through)

    def learned(self, history: Iterable[ForecastItem]) -> FittedHistory:
        """The history, made ready to be asked on many days."""
        return FittedHistory(policy=self.policy, name=self.name, books=_books_of(history))
