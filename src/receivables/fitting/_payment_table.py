"""The workshop: the habits of the groups as chances by lateness, and a row for each item and day.

The chance of a day is that of being paid on it where it has not been paid before.  The counts of a
group are shrunk to those of the wider one: everyone, the domain, the kin, the customer, and of the
customer the weekday of the due date, the terms, the like amounts.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from typing import Final

import attrs

from receivables.fitting._intake import Array
from receivables.fitting._payment_facts import month_place, weekday_of, workdays_until
from receivables.fitting._payment_needs import numpy
from receivables.fitting._payment_sight import CELLS, EARLIEST, Seen

__all__ = [
    "CELLS_BEFORE_DUE",
    "COLUMNS",
    "RISING",
    "Chances",
    "cell_of",
    "chances_of",
    "month_places",
    "table",
]

_PRIORS: Final = {"domain": 20.0, "kin": 3.0, "own": 2.0}
"""How many payments of the wider group stand beside those of a group."""
CELLS_BEFORE_DUE: Final = 1 - EARLIEST
"""The cells of those that are paid in time: up to the due date."""
_PAYING_PRIOR: Final = 5.0
_ANY_WORKDAY: Final = 1 / 21
_LEAST: Final = 1e-4
_LEAST_RISK: Final = 0.05

_DAY: Final = (
    "lateness",
    "weekday",
    "ahead",
    "month_day",
    "month_rest",
    "month_share",
    "paying_share",
)
_HABITS: Final = (
    "everyone",
    "domain",
    "kin",
    "customer",
    "weekday",
    "terms",
    "pattern",
    "amount",
    "workdays",
)
_AROUND: Final = (
    "customer_next",
    "weekday_next",
    "customer_left",
    "weekday_left",
    "from_median",
    "since_payment",
)
_FIGURES: Final = (
    *("payments", "late_10", "late_50", "late_90", "steady", "lately", "late_weekday", "late_kin"),
    *("terms", "amount", "unusual", "open", "oldest", "due_before", "issued_with", "age"),
    *("per_run", "run_days", "due_weekday", "document_weekday"),
)
COLUMNS: Final = (*_DAY, *(f"habit_{name}" for name in _HABITS), *_AROUND, *_FIGURES)
"""The columns of the table, in their order."""
RISING: Final = frozenset(
    {"month_share", "paying_share", *(f"habit_{name}" for name in _HABITS[1:])}
)
"""The columns of which more never makes a payment less likely."""


@attrs.frozen(kw_only=True, eq=False)
class Chances:
    """What each item's groups say of each lateness: log odds, and what is left before it."""

    odds: Mapping[str, Array]
    left: Mapping[str, Array]
    paying: Array
    """The share of paying runs on each weekday, shrunk to everyone's."""
    month: Array
    """The share of paying runs on each place of the month, shrunk to any workday's."""


def cell_of(lateness: Array) -> Array:
    """The cell of a lateness."""
    return numpy().clip(lateness - EARLIEST, 0, CELLS - 1)


def _at_risk(counts: Array) -> Array:
    return counts[:, ::-1].cumsum(axis=1)[:, ::-1]


def _chance(counts: Array, wider: Array, prior: float) -> Array:
    return (counts + prior * wider) / (_at_risk(counts) + prior)


def _first_chance(counts: Array) -> Array:
    # The widest group has nothing to lean on but a little of nothing.
    return (counts + _LEAST_RISK * 0.02) / (_at_risk(counts) + _LEAST_RISK)


def _log_odds(chance: Array) -> Array:
    np = numpy()
    kept = np.clip(chance, _LEAST, 1 - _LEAST)
    return np.log(kept / (1 - kept)).astype(np.float32)


def _left(counts: Array) -> Array:
    """The share of the payments that come on a lateness or later; 1 where there are none."""
    np = numpy()
    left = _at_risk(counts)
    return ((left + 1e-9) / (left[:, :1] + 1e-9)).astype(np.float32)


def chances_of(seen: Seen) -> Chances:
    """The habits of the groups of each item asked."""
    np = numpy()
    wide = {
        name: _first_chance(seen.wide["everyone"][kind])
        for kind, name in enumerate(("late", "workdays"))
    }
    all_places, domain_places = seen.places["everyone"], seen.places["domain"]
    everyone = wide["late"][all_places]
    domain = _chance(seen.wide["domain"][0][domain_places], everyone, _PRIORS["domain"])
    kin = _chance(seen.counts["kin"], domain, _PRIORS["kin"])
    own = _chance(seen.counts["customer"], kin, _PRIORS["own"])
    found = {"everyone": everyone, "domain": domain, "kin": kin, "customer": own}
    for name in ("weekday", "terms", "amount"):
        found[name] = _chance(seen.counts[name], own, _PRIORS["own"])
    found["pattern"] = _chance(seen.counts["pattern"], found["weekday"], _PRIORS["own"])
    found["workdays"] = _chance(
        seen.counts["workdays"], wide["workdays"][all_places], _PRIORS["own"]
    )
    month = seen.counts["month"]
    shares = seen.wide["paying"] / np.maximum(seen.wide["paying"].sum(axis=1, keepdims=True), 1)
    paying = seen.counts["paying"]
    return Chances(
        odds={name: _log_odds(chance) for name, chance in found.items()},
        left={name: _left(seen.counts[name]) for name in ("customer", "weekday")},
        month=(month + _ANY_WORKDAY) / (month.sum(axis=1, keepdims=True) + 1),
        paying=(paying + _PAYING_PRIOR * shares[all_places])
        / (paying.sum(axis=1, keepdims=True) + _PAYING_PRIOR),
    )


def month_places(days: Array) -> tuple[Array, Array]:
    """The day of the month of ordinals, and how many days the month has after it."""
    np = numpy()
    each, places = np.unique(days, return_inverse=True)
    dates = [dt.date.fromordinal(int(one)) for one in each]
    ends = [calendar.monthrange(one.year, one.month)[1] for one in dates]
    return (
        np.array([one.day for one in dates])[places],
        np.array([end - one.day for one, end in zip(dates, ends, strict=True)])[places],
    )


def table(seen: Seen, chances: Chances, *, rows: Array, days: Array) -> Array:
    """The columns of a model, a line for each of the rows (items asked) and days."""
    np = numpy()
    asked, odds, figures = seen.asked, chances.odds, seen.figures
    lateness = days - asked.due[rows]
    cell = cell_of(lateness)
    workday = cell_of(workdays_until(days) - workdays_until(asked.due[rows]))
    ahead = days - seen.days[rows]
    weekday = weekday_of(days)
    after = np.minimum(cell + 1, CELLS - 1)
    columns = [
        *(
            lateness,
            weekday,
            ahead,
            *month_places(days),
            chances.month[rows, month_place(days)],
            chances.paying[rows, weekday],
        ),
        *(odds[name][rows, workday if name == "workdays" else cell] for name in _HABITS),
        *(odds["customer"][rows, after], odds["weekday"][rows, after]),
        *(chances.left["customer"][rows, cell], chances.left["weekday"][rows, cell]),
        lateness - figures["late_50"][rows],
        ahead + figures["since"][rows],
        *(figures[name][rows] for name in _FIGURES),
    ]
    made = np.empty((len(rows), len(columns)), dtype=np.float32)
    for place, column in enumerate(columns):
        made[:, place] = column
    return made
