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
    paid = {
        (item.customer, item.item, item.document_date): item.paid_on
        for item in history
        if item.paid_on is not None and (through is None or item.paid_on <= through)
    }
    places: dict[dt.date, list[int]] = {}
    early: list[str] = []
    for place, row in enumerate(rows):
        day = _day_of(row, days, through)
        known = paid.get((row.item.customer, row.item.item, row.item.document_date))
        if known is not None and known <= day:
            day = min(row.item.document_date, known)
            early.append(row.name)
        places.setdefault(day, []).append(place)
    _warn_of_paid(early, notes)
    return _predicted(rows, history, places=places, through=through, model=model)


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
