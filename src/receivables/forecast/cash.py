"""The cash that open items will bring, by day, week or month, with bands; every cent in one place.

Each item is parted by what is known of it: an order on its way, a dispute, a hold, an installment
of a plan, a promise, a credit that settles it, a run on which its customer pays, and habit for the
rest.  What is expected of each source by the end of a day is rounded once, so that periods and what
lies beyond them make up what is open, and the days of a week its week.

>>> from receivables.forecast.model import ForecastItem
>>> item = ForecastItem(item="F-17", customer="C-017", currency="EUR", amount_minor=120_000,
...                     document_date=dt.date(2026, 10, 1), due_date=dt.date(2026, 11, 2))
>>> forecast = PaymentForecast(item=item, as_of=dt.date(2026, 11, 2), model="by hand",
...     days=[dt.date(2026, 11, 4), dt.date(2026, 11, 13)], chances_ppm=[600_000, 300_000],
...     beyond_ppm=100_000)
>>> cash = cash_forecast([forecast], as_of=dt.date(2026, 11, 2), periods=2)
>>> [one.expected_minor for one in cash.periods], cash.beyond_minor["", "EUR"]
([72000, 36000], 12000)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from receivables.casework.holding import Holdback
from receivables.days import check_day
from receivables.disputes.model import DisputeStanding
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.forecast._cash_bands import MEASURED, CashRisk
from receivables.forecast._cash_known import (
    CashAssumptions,
    PaymentCurve,
    PaymentOrder,
    SalesPlan,
    payment_curve,
)
from receivables.forecast._cash_parts import Known, take_apart
from receivables.forecast._cash_weighing import WeighedPeriod, spans_of, weighed
from receivables.forecast.model import (
    CashForecast,
    CashGrain,
    CashPeriod,
    PaymentForecast,
)
from receivables.forecast.runs import PayingRun
from receivables.forecast.scenarios import BASE, CashScenario
from receivables.promises.model import JudgedPromise, PlanStanding

__all__ = [
    "MEASURED",
    "CashAssumptions",
    "CashRisk",
    "PaymentCurve",
    "PaymentOrder",
    "SalesPlan",
    "cash_forecast",
    "payment_curve",
]

_ASSUMED: Final = CashAssumptions()


def cash_forecast(  # noqa: PLR0913  # what is known comes from many places, and each is said by name
    forecasts: Iterable[PaymentForecast],
    *,
    as_of: dt.date,
    grain: CashGrain = CashGrain.WEEK,
    periods: int | None = None,
    until: dt.date | None = None,
    first: dt.date | None = None,
    promises: Iterable[JudgedPromise] = (),
    plans: Iterable[PlanStanding] = (),
    disputes: Iterable[DisputeStanding] = (),
    holds: Iterable[Holdback] = (),
    orders: Iterable[PaymentOrder] = (),
    credits: Iterable[OpenItem] = (),  # the word of the trade
    runs: Iterable[PayingRun] = (),
    sales: Iterable[SalesPlan] = (),
    scenario: CashScenario = BASE,
    coverage_bps: int = 8_000,
    assumptions: CashAssumptions = _ASSUMED,
) -> CashForecast:
    """The cash by creditor and currency that open items will bring, from when each may be paid.

    There are so many `periods`, the first from `as_of` (or `first`, where it is later) to the end of
    its week or month, or as many as there are to `until`, which may end within one; such periods
    say that they are partial.  Without either there are 28 days, 13 weeks or 6 months.

    `promises` are those of `receivables.promises.judge`: open ones come on their day as far as
    their customer keeps its promises, which the decided ones say; what is not kept comes later, as
    the customer usually pays.  `plans` are those of `standings`, `disputes` those of
    `receivables.disputes.standings`: what is contested is paid after the decision as often as the
    decided ones were, after as long as they took.  `holds` count where an agency or a court has the
    item, or a credit note is coming; other holds say nothing of cash.  `credits` are open items
    below zero, as forecasts below zero are: they are here already, and settle the oldest items of
    their customer.  `runs` move what habit expects to the next day of the run.

    Raises `PolicyError` for forecasts of another day, items that stand twice, and impossible periods.
    """
    check_day(as_of, name="as_of")
    known = Known(
        as_of=as_of,
        promises=tuple(promises),
        plans=tuple(plans),
        disputes=tuple(disputes),
        holds=tuple(holds),
        orders=tuple(orders),
        credits=tuple(credits),
        runs=tuple(runs),
        sales=tuple(sales),
        scenario=scenario,
        assumptions=assumptions,
    )
    if first is not None and first < as_of:
        msg = f"first must be {as_of} or later, got {first}"
        raise PolicyError(msg)
    kept = tuple(forecasts)
    taken = take_apart(kept, known)
    spans = spans_of(first or as_of, grain, periods=periods, until=until)
    found = weighed(taken, spans, known)
    return CashForecast(
        as_of=as_of,
        grain=grain,
        model=", ".join(sorted({one.model for one in kept})),
        scenario=scenario.name,
        coverage_bps=coverage_bps,
        periods=[_period(one, assumptions.risk, coverage_bps) for one in found.periods],
        beyond_minor=found.beyond_minor,
        beyond_by_source=found.beyond_by_source,
        open_minor=taken.open_minor,
        credited_minor=taken.credited_minor,
        planned_minor=taken.planned_minor,
        unmatched=taken.unmatched,
    )


def _period(one: WeighedPeriod, risk: CashRisk, coverage_bps: int) -> CashPeriod:
    band = one.moments.band(one.expected_minor, risk=risk, coverage_bps=coverage_bps)
    return CashPeriod(
        first=one.span.first,
        last=one.span.last,
        creditor=one.creditor,
        currency=one.currency,
        expected_minor=one.expected_minor,
        low_minor=band.low_minor,
        high_minor=band.high_minor,
        by_source=one.by_source,
        is_partial=one.span.is_partial,
    )
