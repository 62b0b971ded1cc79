"""What is predicted on which day, and from what was known on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import attrs

from receivables.errors import PolicyError
from receivables.forecast.habit import HabitModel
from receivables.forecast.model import ForecastItem, PaymentForecast
from receivables.predicting._reading import OpenRow
from receivables.reading import ReadNotes

__all__ = ["MODELS", "Days", "Predicted", "known_through", "predict"]

_NAMED_MAX: Final = 5


class _Learned(Protocol):
    """A history that was made ready to be asked on many days."""

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]: ...


def _habit(history: Sequence[ForecastItem], first_day: dt.date) -> _Learned:
    del first_day
    return HabitModel().learned(history)


def _fitted(history: Sequence[ForecastItem], first_day: dt.date) -> _Learned:
    del first_day
    # Here and not above: what needs an extra is loaded by those who ask for it.
    from receivables.fitting.payments import FittedModel  # noqa: PLC0415

    return FittedModel().learned(history)


MODELS: Final[dict[str, Callable[[Sequence[ForecastItem], dt.date], _Learned]]] = {
    "habit": _habit,
    "fitted": _fitted,
}
"""The models by name: each is made from the history and the first day that it will be asked on."""


@attrs.frozen(kw_only=True)
class Days:
    """What was said of days: the one of the prediction, and the last that the history knows."""

    as_of: dt.date | None = None
    on_document_date: bool = False
    known_through: dt.date | None = None


@attrs.frozen(kw_only=True)
class Predicted:
    """A row with its forecast."""

    row: OpenRow
    forecast: PaymentForecast


def known_through(history: Iterable[ForecastItem], days: Days) -> dt.date | None:
    """The last day that a history tells of: of a document or a payment, whichever is later."""
    last = max(
        (max(item.known_on, item.paid_on or item.known_on) for item in history), default=None
    )
    if days.known_through is None or last is None:
        return last
    return min(last, days.known_through)


def predict(
    rows: Sequence[OpenRow],
    history: Sequence[ForecastItem],
    *,
    days: Days,
    model: str,
    notes: ReadNotes,
) -> list[Predicted]:
    """A forecast for each row, in their order, from what was known on its own day.

    The day of a row is the one that it names itself, or that of `days`; without either it is the
    later of the document's date and of the last day that the history knows.
    """
    if model not in MODELS:
        msg = f"model must be one of {', '.join(MODELS)}, got {model!r}"
        raise PolicyError(msg)
    through = known_through(history, days)
    rows = _dated(rows, days, through)
    paid = {
        _identity(item): item.paid_on
        for item in history
        if item.paid_on is not None and (through is None or item.paid_on <= through)
    }
    own = [_day_of(row, days, through) for row in rows]
    known = [paid.get(_identity(row.item)) for row in rows]
    early = [place for place, on in enumerate(known) if on is not None and on <= own[place]]
    for place in _past_places(rows, days, early):
        own[place] = min(rows[place].item.document_date, known[place] or dt.date.max)
    _warn_of_paid([rows[place].name for place in early], notes)
    places: dict[dt.date, list[int]] = {}
    for place, day in enumerate(own):
        places.setdefault(day, []).append(place)
    return _predicted(
        rows, _with_open(history, rows, own), places=places, through=through, model=model
    )


def _past_places(rows: Sequence[OpenRow], days: Days, early: Sequence[int]) -> Sequence[int]:
    """The rows that are predicted on their document's date, because the history goes on after it.

    Those are the ones that it shows as paid; where they are most of the list, it is a list of the
    past, and the rows that were never paid belong to it, but for those that name their own day.
    """
    if days.as_of is not None or 2 * len(early) <= len(rows):
        return early
    undecided = (place for place, row in enumerate(rows) if row.as_of is None)
    return sorted({*early, *undecided})


def _with_open(
    history: Sequence[ForecastItem], rows: Sequence[OpenRow], own: Sequence[dt.date]
) -> Sequence[ForecastItem]:
    """A history with the items of the list that it lacks: they are known, and open on their day.

    Where it goes on after that day it would have them open for longer than anybody said.
    """
    there = {_identity(item) for item in history}
    last = max(
        (max(item.known_on, item.paid_on or item.known_on) for item in history), default=None
    )
    lacking = {
        key: row.item
        for row, day in zip(rows, own, strict=True)
        if (key := _identity(row.item)) not in there and (last is None or day >= last)
    }
    return [*history, *lacking.values()]


def _identity(item: ForecastItem) -> tuple[object, ...]:
    """What is the same item in both lists, where one program writes its number as a decimal."""
    return item.customer, item.item.removesuffix(".0"), item.document_date


def _dated(rows: Sequence[OpenRow], days: Days, through: dt.date | None) -> list[OpenRow]:
    """Rows whose date of the document nobody can read are dated on the day of their prediction.

    That is the last day of the history, or of the list itself where there is no history; what is due
    before it was issued before it.  Without any date at all a row is left out.
    """
    last = max((row.item.document_date for row in rows if row.is_dated), default=None)
    found = []
    for row in rows:
        day = row.as_of or days.as_of or through or last or row.item.due_date
        if row.is_dated:
            found.append(row)
        elif day is not None:
            date = min(day, row.item.due_date or day)
            item = attrs.evolve(row.item, document_date=date, known_on=date)
            found.append(attrs.evolve(row, item=item))
    return found


def _day_of(row: OpenRow, days: Days, through: dt.date | None) -> dt.date:
    if row.as_of is not None:
        return row.as_of
    if days.as_of is not None:
        return days.as_of
    document_date = row.item.document_date
    if days.on_document_date or through is None:
        return document_date
    return max(document_date, through)


def _warn_of_paid(names: Sequence[str], notes: ReadNotes) -> None:
    if not names:
        return
    more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
    msg = (
        f"{len(names)} open items are paid in the history by their day, so they are predicted on "
        f"their document's date from what was known then: {', '.join(names[:_NAMED_MAX])}{more}"
    )
    notes.warn("forecast.paid-already", msg)


def _predicted(
    rows: Sequence[OpenRow],
    history: Sequence[ForecastItem],
    *,
    places: dict[dt.date, list[int]],
    through: dt.date | None,
    model: str,
) -> list[Predicted]:
    """Ask the model once for each day."""
    if not places:
        return []
    learned = MODELS[model](history, min(places))
    found: dict[int, Predicted] = {}
    for day in sorted(places):
        mine = places[day]
        forecasts = learned.forecast(
            [rows[place].item for place in mine], as_of=day, known_through=through
        )
        for place, forecast in zip(mine, forecasts, strict=True):
            found[place] = Predicted(row=rows[place], forecast=forecast)
    return [found[place] for place in range(len(rows))]
