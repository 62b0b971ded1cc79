"""Results to draw and to show: small, invented, and with something of everything."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from receivables.aging.model import Aging, AgingRow, AgingScheme
from receivables.allowance.rates import (
    LossRateCell,
    LossRates,
    RateMethod,
    RollRates,
    Vintage,
    VintageTable,
)
from receivables.credit.concentration import concentration_of
from receivables.forecast.model import (
    CashForecast,
    CashGrain,
    CashPeriod,
    ForecastItem,
    PaymentForecast,
)
from receivables.measures.model import (
    Measure,
    MeasureFigure,
    MeasurePolicy,
    MeasureSeries,
    MeasureTable,
)
from receivables.scoring.scorecards import BinKind, Contribution, Score

SCHEME = AgingScheme(30, 60, 90)
DAY = dt.date(2026, 10, 31)
_LEVELS = (82, 88, 79, 91, 97, 103)
_MONTH_ENDS = [dt.date(2026, month, day) for month, day in ((5, 31), (6, 30), (7, 31), (8, 31))]
MONTHS = (*_MONTH_ENDS, dt.date(2026, 9, 30), DAY)


def aging(day=DAY, level=100, *, scheme=SCHEME, currency="EUR", rows=1):
    """An aging whose buckets fall with age, with credits apart."""
    count = scheme.bucket_count
    buckets = [level * 1_000_000 // (place + 1) ** 2 for place in range(count)]
    credited = -level * 40_000
    row = AgingRow(
        creditor="MIRA",
        customer="C-017",
        currency=currency,
        buckets_minor=tuple(buckets),
        credits_minor=credited,
        total_minor=sum(buckets) + credited,
        items=12,
    )
    return Aging(as_of=day, scheme=scheme, rows=(row,) * rows)


def agings():
    """Six month ends."""
    return [aging(day, level) for day, level in zip(MONTHS, _LEVELS, strict=True)]


def _figures(place):
    values = {
        Measure.DSO: Fraction(4_512 + 130 * place, 100),
        Measure.BEST_POSSIBLE_DSO: Fraction(3_011 + 40 * place, 100) if place != 2 else None,
        Measure.CEI: Fraction(880 - 12 * place, 1_000),
        Measure.CURRENT_SHARE: Fraction(71 - place, 100),
        Measure.RECEIVABLES: Fraction(123_456_789 + place * 2_000_000),
    }
    return [
        MeasureFigure(measure=one, currency="EUR", value=value) for one, value in values.items()
    ]


def series():
    """Measures of six month ends; one has no meaning on one of the days."""
    return MeasureSeries(
        tables=[
            MeasureTable(as_of=day, policy=MeasurePolicy(), figures=_figures(place))
            for place, day in enumerate(MONTHS)
        ]
    )


def roll_rates():
    """What became of five buckets; nothing ever stood in the last."""
    cells = [
        LossRateCell(
            segment="",
            bucket=place,
            label=label,
            reached_minor=100_000,
            lost_minor=1_000 * place,
            still_open_minor=500,
            items=10,
            rate=Fraction(place, 100),
            basis="own",
        )
        for place, label in enumerate(SCHEME.labels)
    ]
    rates = LossRates(
        method=RateMethod.ROLL,
        first=MONTHS[0],
        last=DAY,
        until=DAY,
        currency="EUR",
        cells=cells,
    )
    return RollRates(
        rates=rates,
        days=MONTHS,
        opening=(10_000_000, 4_000_000, 2_000_000, 1_000_000, 0),
        matrix=(
            (3_000_000, 2_500_000, 0, 0, 0),
            (0, 200_000, 1_200_000, 0, 0),
            (0, 0, 100_000, 900_000, 0),
            (0, 0, 0, 80_000, 620_000),
            (0, 0, 0, 0, 0),
        ),
        paid=(4_500_000, 2_590_000, 990_000, 250_000, 0),
        lost=(0, 10_000, 10_000, 50_000, 0),
    )


def vintages(months=6):
    """Losses by month of issue, as far as they were seen."""
    found = []
    for place in range(months):
        year, month = divmod(2025 * 12 + place, 12)
        known = [age * age * (3 + place % 4) * 900 for age in range(7)]
        seen = max(2, 7 - place)
        found.append(
            Vintage(
                month=dt.date(year, month + 1, 1),
                issued_minor=10_000_000,
                lost_minor=tuple(known[:seen] + [None] * (7 - seen)),
                still_open_minor=120_000,
            )
        )
    return VintageTable(until=DAY, currency="EUR", vintages=found)


def concentration(holders=40):
    """A few large holders and many small ones."""
    return concentration_of(
        {f"C-{place:05d}": 9_000_000 // (place + 1) + 1 for place in range(holders)},
        currency="EUR",
        as_of=DAY,
    )


def cash(periods=8, grain=CashGrain.WEEK, *, currency="EUR"):
    """Expected cash, falling, in a widening band."""
    days = 1 if grain is CashGrain.DAY else 7
    first = dt.date(2026, 11, 2)
    return CashForecast(
        as_of=DAY,
        grain=grain,
        model="habit",
        periods=[
            CashPeriod(
                first=first + dt.timedelta(days * place),
                last=first + dt.timedelta(days * place + days - 1),
                creditor="MIRA",
                currency=currency,
                expected_minor=40_000_000 // (place + 2),
                low_minor=30_000_000 // (place + 2),
                high_minor=52_000_000 // (place + 2),
            )
            for place in range(periods)
        ],
        beyond_minor={("MIRA", currency): 12_345_678},
    )


def score(*, label="Days late"):
    """A score of four characteristics."""
    points = {label: (42, 60, 51), "Share late": (33, 50, 30), "Age of account": (25, 25, 18)}
    parts = [
        Contribution(
            characteristic=name,
            label=name,
            value="0.12",
            bin="[0.1, 0.2)",
            kind=BinKind.INTERVAL,
            points=own,
            best_points=best,
            neutral_points=neutral,
        )
        for name, (own, best, neutral) in points.items()
    ]
    return Score(
        scorecard="house",
        version="3",
        points=512 + 100,
        shown=Decimal(612),
        odds=Decimal("30.000000"),
        bad_bps=320,
        base_points=512,
        contributions=parts,
    )


def payment():
    """One item, likely paid soon after its due date, with a long tail."""
    item = ForecastItem(
        item="FA-2026-117",
        customer="C-017",
        currency="EUR",
        amount_minor=1_234_567,
        document_date=dt.date(2026, 10, 1),
        due_date=dt.date(2026, 11, 4),
    )
    weights = [1, 2, 6, 14, 22, 18, 12, 8, 6, 4, 3, 2, 2, 1, 1, 1]
    chances = [weight * 9_000 for weight in weights]
    return PaymentForecast(
        item=item,
        as_of=DAY,
        model="habit",
        days=[DAY + dt.timedelta(place + 1) for place in range(len(weights))],
        chances_ppm=chances,
        beyond_ppm=1_000_000 - sum(chances),
    )
