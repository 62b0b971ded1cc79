"""The portfolio on a day, for a board or a controller: everything a report shows, gathered as values.

Nothing is computed when it is written: a workbook, a page and a notebook show the same figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from receivables.aging.model import Aging
from receivables.allowance.rates import RollRates
from receivables.closing.model import RollForward
from receivables.credit.concentration import Concentration
from receivables.forecast.model import CashForecast
from receivables.measures.model import MeasureSeries, MeasureTable
from receivables.tables import ResultTable

__all__ = ["ControlLine", "PortfolioReport"]


@attrs.frozen(kw_only=True)
class ControlLine:
    """What must agree: the balance of the ledger and the total of the aging, in one currency.

    `other_minor` is the balance of the receivables accounts of the general ledger, where it is known.
    """

    currency: str
    ledger_minor: int
    aging_minor: int
    other_minor: int | None = None

    @property
    def difference_minor(self) -> int:
        """What does not agree; zero, or nobody should send the report."""
        other = self.ledger_minor if self.other_minor is None else self.other_minor
        return abs(self.ledger_minor - self.aging_minor) + abs(self.ledger_minor - other)


def _agings(values: Iterable[Aging]) -> tuple[Aging, ...]:
    return tuple(values)


def _measures(values: Iterable[ResultTable]) -> tuple[ResultTable, ...]:
    return tuple(values)


def _concentrations(values: Iterable[Concentration]) -> tuple[Concentration, ...]:
    return tuple(values)


def _lines(values: Iterable[ControlLine]) -> tuple[ControlLine, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PortfolioReport:
    """A creditor's portfolio at the end of a day; parts that were not asked for are None or empty."""

    creditor: str
    """The name of who is owed."""
    as_of: dt.date
    aging: Aging
    past_agings: tuple[Aging, ...] = attrs.field(default=(), converter=_agings, repr=False)
    """Agings of earlier days, in order, for the bars over time."""
    control: tuple[ControlLine, ...] = attrs.field(default=(), converter=_lines)
    measures: MeasureTable | None = None
    series: MeasureSeries | None = None
    by_customer: MeasureTable | None = attrs.field(default=None, repr=False)
    movement: RollForward | None = None
    rolls: RollRates | None = None
    concentrations: tuple[Concentration, ...] = attrs.field(
        default=(), converter=_concentrations, repr=False
    )
    forecast: CashForecast | None = None
    tables: tuple[ResultTable, ...] = attrs.field(default=(), converter=_measures, repr=False)
    """Further tables: receivables older than six months, movement since last week, alerts."""
