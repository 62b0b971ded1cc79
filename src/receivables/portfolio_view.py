"""A creditor's portfolio at the end of a day: aging, measures, forecasts, movement, and the report of it.

`Book.portfolio` gives it.  What is asked for is worked out once, and kept with the view.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Final

import attrs

from receivables.aging.model import Aging, AgingScheme
from receivables.aging.objects import age
from receivables.closing.model import MovementKind, RollForward
from receivables.closing.rolling import roll_forward
from receivables.credit.concentration import Concentration, concentration
from receivables.currencies import ExchangeRates
from receivables.days import BusinessCalendar, add_months, month_end, to_day
from receivables.disputes import DisputePolicy, DisputeStanding
from receivables.disputes import standings as dispute_standings
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.forecast import (
    BASE,
    CashForecast,
    CashGrain,
    CashScenario,
    ForecastItem,
    HabitModel,
    PayingRun,
    PaymentForecast,
    PaymentModel,
    cash_forecast,
    history_of,
    open_items_of,
    payment_forecasts,
)
from receivables.ledger.objects import Ledger
from receivables.measures import (
    AgingMovement,
    Alert,
    AlertRule,
    GroupBy,
    Measure,
    MeasurePolicy,
    MeasureSeries,
    MeasureTable,
    OlderPolicy,
    OlderReceivables,
    alert_table,
    alerts,
    measure_series,
    measures,
    older_receivables,
    standard_alert_rules,
    weekly_aging,
)
from receivables.parties import CreditorId, Customer, CustomerId
from receivables.portfolio import ControlLine, PortfolioReport
from receivables.promises import PromisePolicy, judge
from receivables.promises import standings as plan_standings
from receivables.tables import ResultTable

__all__ = ["PortfolioView"]

_MONTHS: Final = 6
_WEEKS: Final = 8
_YEAR: Final = 12
_OF_MANY: Final = frozenset({Measure.LARGEST_SHARE, Measure.TOP_SHARE, Measure.HHI})
"""Measures of how much hangs on how few, which of one customer say nothing."""
_SIGNS_OF_LIFE: Final = frozenset({Measure.RECEIVABLES, Measure.UNAPPLIED_CASH, Measure.SALES})


@attrs.frozen(kw_only=True, slots=False, eq=False)
class PortfolioView:
    """The portfolio at the end of a day, as known at a moment, or now where there is none."""

    ledger: Ledger = attrs.field(repr=False)
    creditor: CreditorId
    name: str
    as_of: dt.date
    known_at: dt.datetime | None = None
    scheme: AgingScheme
    policy: MeasurePolicy = attrs.field(factory=MeasurePolicy, repr=False)
    promises: PromisePolicy = attrs.field(factory=PromisePolicy, repr=False)
    disputes: DisputePolicy = attrs.field(factory=DisputePolicy, repr=False)
    customers: Mapping[CustomerId, Customer] = attrs.field(factory=dict, repr=False)
    calendar: BusinessCalendar | None = attrs.field(default=None, repr=False)
    rates: ExchangeRates | None = attrs.field(default=None, repr=False)

    @cached_property
    def items(self) -> tuple[OpenItem, ...]:
        """What is open."""
        return self._items(self.as_of)

    def _items(self, day: dt.date) -> tuple[OpenItem, ...]:
        found = self.ledger.open_items(as_of=day, known_at=self.known_at)
        return tuple(item for item in found if item.creditor == self.creditor)

    @cached_property
    def aging(self) -> Aging:
        """The aging of the day."""
        return age(self.items, scheme=self.scheme, as_of=self.as_of)

    def agings(self, *, days: Iterable[dt.date | str]) -> tuple[Aging, ...]:
        """The agings of several days, in their order."""
        wanted = sorted({to_day(day, name="days") for day in days})
        return tuple(age(self._items(day), scheme=self.scheme, as_of=day) for day in wanted)

    def month_ends(self, months: int = _MONTHS) -> tuple[dt.date, ...]:
        """The last days of so many months before the day, the earliest first."""
        if months < 1:
            msg = f"months must be 1 or more, got {months}"
            raise PolicyError(msg)
        # The calendar has no month before its first.
        reach = min(months, 12 * (self.as_of.year - 1) + self.as_of.month - 1)
        ends = (month_end(add_months(self.as_of, -back)) for back in range(reach, -1, -1))
        return tuple(day for day in ends if day < self.as_of)

    @cached_property
    def segments(self) -> Mapping[str, str]:
        """The segment of each customer, where it has one."""
        return MappingProxyType(
            {str(one.customer): one.segment for one in self.customers.values() if one.segment}
        )

    def measures(
        self,
        *,
        by: Iterable[GroupBy | str] = (),
        currency: str = "",
        policy: MeasurePolicy | None = None,
    ) -> MeasureTable:
        """The measures of the day, by customer or segment where that is asked for.

        With a `currency` all amounts are in it, at the rates of the folder.
        """
        return measures(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            by=by,
            policy=policy or self.policy,
            segments=self.segments,
            currency=currency,
            rates=self.rates if currency else None,
        )

    def series(
        self,
        *,
        days: Iterable[dt.date | str] = (),
        by: Iterable[GroupBy | str] = (),
        currency: str = "",
    ) -> MeasureSeries:
        """The measures of several days; of the month ends of half a year and the day, where none is given."""
        wanted = [to_day(day, name="days") for day in days]
        return measure_series(
            self.ledger,
            self.creditor,
            days=wanted or (*self.month_ends(), self.as_of),
            known_at=self.known_at,
            by=by,
            policy=self.policy,
            segments=self.segments,
            currency=currency,
            rates=self.rates if currency else None,
        )

    @cached_property
    def history(self) -> tuple[ForecastItem, ...]:
        """What was sold up to the day and when it was paid, as a forecast sees it."""
        return history_of(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            segments=self.segments,
        )

    def forecasts(self, *, model: PaymentModel | None = None) -> tuple[PaymentForecast, ...]:
        """When each open item will be paid, from the habits of the customers or by another model."""
        contested = {str(part.item) for one in self._disputes if one.is_open for part in one.parts}
        items = open_items_of(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            segments=self.segments,
            disputed=contested,
        )
        own = HabitModel(calendar=self.calendar)
        return payment_forecasts(
            items, history=self.history, as_of=self.as_of, model=own if model is None else model
        )

    def cash(
        self,
        *,
        grain: CashGrain | str = CashGrain.WEEK,
        periods: int | None = None,
        scenario: CashScenario = BASE,
        runs: Iterable[PayingRun] = (),
        model: PaymentModel | None = None,
    ) -> CashForecast:
        """The cash that open items will bring, with promises, plans and disputes taken in."""
        return cash_forecast(
            self.forecasts(model=model),
            as_of=self.as_of,
            grain=_grain(grain),
            periods=periods,
            promises=judge(
                self.ledger,
                self.creditor,
                as_of=self.as_of,
                known_at=self.known_at,
                policy=self.promises,
            ),
            plans=plan_standings(
                self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at
            ),
            disputes=self._disputes,
            credits=[item for item in self.items if item.open_minor < 0],
            runs=runs,
            scenario=scenario,
        )

    def movement(self, *, since: dt.date | str | None = None) -> RollForward:
        """Opening, movements and closing from a day on; from the first of the month without one."""
        first = self.as_of.replace(day=1) if since is None else to_day(since, name="since")
        found = roll_forward(self.ledger, first=first, last=self.as_of, known_at=self.known_at)
        return found.only(creditor=self.creditor)

    def weekly(self, *, by: Iterable[GroupBy | str] = ()) -> AgingMovement:
        """The aging of the day, the aging of a week before, and what moved in between."""
        return weekly_aging(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            scheme=self.scheme,
            by=by,
            segments=self.segments,
            known_at=self.known_at,
        )

    def older(self, *, policy: OlderPolicy | None = None) -> OlderReceivables:
        """What is older than six months, or than a policy says, and what changed since last month."""
        return older_receivables(
            self.ledger, self.creditor, as_of=self.as_of, known_at=self.known_at, policy=policy
        )

    def alerts(
        self,
        *,
        rules: Iterable[AlertRule] | None = None,
        by: Iterable[GroupBy | str] = (),
        months: int = _YEAR,
    ) -> tuple[Alert, ...]:
        """What rules say of the day and the month ends before it; the standard rules without any."""
        own = tuple(by)
        if not own and months == _YEAR:
            series = self._year
        else:
            series = self.series(days=(*self.month_ends(months), self.as_of), by=own)
        return alerts(series, standard_alert_rules() if rules is None else rules)

    @cached_property
    def _year(self) -> MeasureSeries:
        """The measures of the day and of the month ends of a year."""
        return self.series(days=(*self.month_ends(_YEAR), self.as_of))

    def _look_back(self, months: int) -> MeasureSeries:
        """The measures of the day and of so many month ends, out of those of the year."""
        days = (*self.month_ends(months), self.as_of)
        if months > _YEAR:
            return self.series(days=days)
        return MeasureSeries(tables=[one for one in self._year.tables if one.as_of in days])

    def _of_customers(self) -> MeasureTable:
        """What says something of a customer, of those that owe, are owed or bought something."""
        found = measures(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            by=(GroupBy.CUSTOMER,),
            policy=self.policy,
            measures=[one for one in Measure if one not in _OF_MANY],
        )
        alive = {one.group for one in found if one.measure in _SIGNS_OF_LIFE and one.value}
        return attrs.evolve(found, figures=[one for one in found if one.group in alive])

    @cached_property
    def concentrations(self) -> tuple[Concentration, ...]:
        """How much hangs on how few, in each currency."""
        return concentration(self.items, as_of=self.as_of, customers=self.customers.values())

    def control(
        self, *, general_ledger: Mapping[str, int] | None = None
    ) -> tuple[ControlLine, ...]:
        """What must agree, currency by currency: the balance that the movements make, the aging, the books.

        `general_ledger` gives the balance of the receivables accounts in minor units, by currency.
        """
        other = {} if general_ledger is None else general_ledger
        balances: dict[str, int] = {}
        for row in self.movement(since=_FIRST_DAY).totals:
            unexplained = row.movements.get(MovementKind.UNEXPLAINED, 0)
            told = row.closing_minor - unexplained
            balances[row.currency] = balances.get(row.currency, 0) + told
        totals = self.aging.totals
        return tuple(
            ControlLine(
                currency=currency,
                ledger_minor=balances.get(currency, 0),
                aging_minor=totals[currency].total_minor if currency in totals else 0,
                other_minor=other.get(currency),
            )
            for currency in sorted({*balances, *totals, *other})
        )

    def report(
        self,
        *,
        months: int = _MONTHS,
        weeks: int = _WEEKS,
        general_ledger: Mapping[str, int] | None = None,
        model: PaymentModel | None = None,
        tables: Iterable[ResultTable] | None = None,
    ) -> PortfolioReport:
        """Everything that a board or a controller is shown, gathered for a writer.

        `months` are those that the series look back, `weeks` those of the cash forecast.  `tables`
        are shown after everything else: without any, the alerts, the movement of the week, what is old.
        """
        ends, series = self.month_ends(months), self._look_back(months)
        own = self._tables() if tables is None else tables
        return PortfolioReport(
            creditor=self.name,
            as_of=self.as_of,
            aging=self.aging,
            past_agings=self.agings(days=ends),
            control=self.control(general_ledger=general_ledger),
            measures=series.tables[-1],
            series=series,
            by_customer=self._of_customers(),
            movement=self.movement(),
            concentrations=self.concentrations,
            forecast=self.cash(periods=weeks, model=model),
            tables=own,
        )

    def _tables(self) -> tuple[ResultTable, ...]:
        return (self._raised(), self.weekly().to_table(), self.older().to_table())

    def _raised(self) -> ResultTable:
        """The alerts that were raised, without those that could not be judged."""
        return alert_table(one for one in self.alerts() if one.is_raised)

    @cached_property
    def _disputes(self) -> tuple[DisputeStanding, ...]:
        return dispute_standings(
            self.ledger,
            self.creditor,
            as_of=self.as_of,
            known_at=self.known_at,
            policy=self.disputes,
        )


def _grain(grain: CashGrain | str) -> CashGrain:
    try:
        return CashGrain(grain)
    except ValueError:
        known = ", ".join(one.value for one in CashGrain)
        msg = f"grain must be one of {known}, got {grain!r}"
        raise PolicyError(msg) from None


_FIRST_DAY: Final = dt.date(1, 1, 2)
"""So that the eve of the movements is a day too."""
