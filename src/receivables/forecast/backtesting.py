"""Back-test: what a model would have said on past days, from what was known then, and what came.

>>> history = [ForecastItem(item=f"F-{n}", customer="C-017", currency="EUR", amount_minor=10_000,
...                         document_date=dt.date(2026, 1, 1) + dt.timedelta(days=7 * n),
...                         due_date=dt.date(2026, 1, 31) + dt.timedelta(days=7 * n),
...                         paid_on=dt.date(2026, 2, 3) + dt.timedelta(days=7 * n))
...            for n in range(30)]
>>> found = back_test(history, ShrunkMedian(), days=[dt.date(2026, 5, 31)], horizon_days=28)
>>> found.of("shrunk median").mean_absolute_days, found.cash_error("shrunk median")
(Fraction(0, 1), Fraction(0, 1))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, Final, Protocol, runtime_checkable

import attrs

from receivables.days import check_day
from receivables.errors import PolicyError
from receivables.forecast._cash_parts import Known, take_apart
from receivables.forecast._cash_peers import PEERS, CustomerMean, DueDate, ShrunkMedian
from receivables.forecast._cash_scores import (
    BandScore,
    ItemGroup,
    ItemScores,
    LateBin,
    Outcome,
    scores_of,
)
from receivables.forecast._cash_weighing import Span, WeighedPeriod, spans_of, weighed
from receivables.forecast.cash import CashAssumptions, CashRisk, cash_forecast
from receivables.forecast.model import (
    WHOLE_PPM,
    CashForecast,
    CashGrain,
    CashPeriod,
    ForecastItem,
    PaymentForecast,
    PaymentModel,
)
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_html, as_text

__all__ = [
    "PEERS",
    "BandScore",
    "CashScore",
    "CustomerMean",
    "DueDate",
    "ForecastBackTest",
    "ItemGroup",
    "ItemScores",
    "LateBin",
    "ShrunkMedian",
    "back_test",
    "back_test_invoices",
    "fitted_risk",
]

_BPS: Final = 10_000
_ONE_DAY: Final = dt.timedelta(days=1)
_ASSUMED: Final = CashAssumptions()
_EIGHTY: Final = 8_000


@attrs.frozen(kw_only=True)
class CashScore:
    """The cash of one period as it was expected on a day, and as it came, in minor units."""

    model: str
    as_of: dt.date
    first: dt.date
    last: dt.date
    creditor: str
    currency: str
    expected_minor: int
    low_minor: int
    high_minor: int
    came_minor: int

    @property
    def error_minor(self) -> int:
        """What was expected less what came."""
        return self.expected_minor - self.came_minor

    @property
    def is_covered(self) -> bool:
        """Whether what came lay within the band."""
        return self.low_minor <= self.came_minor <= self.high_minor


def _days(values: Iterable[dt.date]) -> tuple[dt.date, ...]:
    return tuple(sorted(set(values)))


@attrs.frozen(kw_only=True)
class ForecastBackTest:
    """What a model and its peers said on some days, beside what came."""

    model: str
    days: tuple[dt.date, ...] = attrs.field(converter=_days)
    known_through: dt.date
    """The last day whose payments the history can tell."""
    items: tuple[ItemScores, ...] = attrs.field(repr=False)
    cash: tuple[CashScore, ...] = attrs.field(default=(), repr=False)
    coverage_bps: int = _EIGHTY

    @property
    def models(self) -> tuple[str, ...]:
        """The model and its peers, by name."""
        return tuple(dict.fromkeys(one.model for one in self.items))

    def of(self, model: str, group: ItemGroup = ItemGroup.ALL) -> ItemScores:
        """The scores of a model on a group of items; raises `PolicyError` for a model that was not run."""
        for one in self.items:
            if (one.model, one.group) == (model, group):
                return one
        msg = f"model must be among {', '.join(self.models)}, got {model}"
        raise PolicyError(msg)

    def cash_error(self, model: str) -> Fraction | None:
        """The absolute errors of all periods, as a share of the cash that came in them."""
        found = [one for one in self.cash if one.model == model]
        came = sum(one.came_minor for one in found)
        return Fraction(sum(abs(one.error_minor) for one in found), came) if came else None

    def cash_total_error(self, model: str) -> Fraction | None:
        """The absolute errors of whole horizons, likewise: what is early or late within them is right."""
        found = [one for one in self.cash if one.model == model]
        came = sum(one.came_minor for one in found)
        totals: dict[tuple[dt.date, str, str], int] = {}
        for one in found:
            key = (one.as_of, one.creditor, one.currency)
            totals[key] = totals.get(key, 0) + one.error_minor
        return Fraction(sum(map(abs, totals.values())), came) if came else None

    def cash_coverage(self, model: str) -> Fraction | None:
        """The share of periods whose cash lay within its band."""
        found = [one for one in self.cash if one.model == model]
        return Fraction(sum(one.is_covered for one in found), len(found)) if found else None

    def to_table(self, group: ItemGroup = ItemGroup.ALL) -> ResultTable:
        """A row for each model: days, buckets, bands and the chance of being late."""
        rows = [self._row(self.of(model, group)) for model in self.models]
        still_open = max((self.of(model, group).still_open for model in self.models), default=0)
        return ResultTable(
            title=Phrase("back-test of payment days, {group}", {"group": group.value}),
            columns=_ITEM_COLUMNS,
            rows=rows,
            notes=[
                Phrase(
                    "{count} items are open at the end of the data and count with the least error they can have",
                    {"count": still_open},
                )
            ],
            as_of=self.known_through,
        )

    @staticmethod
    def _row(scores: ItemScores) -> tuple[str | int | Fraction | None, ...]:
        band = scores.band(_EIGHTY)
        return (
            scores.model,
            scores.items,
            scores.mean_absolute_days,
            scores.median_absolute_days,
            scores.bias_days,
            scores.within_3_days,
            scores.right_bucket,
            band.share,
            band.mean_days,
            scores.brier,
        )

    def cash_table(self) -> ResultTable:
        """A row for each model: the error of the cash, by period and over the whole horizon."""
        return ResultTable(
            title=Phrase("back-test of cash"),
            columns=_CASH_COLUMNS,
            rows=[
                (
                    model,
                    sum(one.model == model for one in self.cash),
                    self.cash_error(model),
                    self.cash_total_error(model),
                    self.cash_coverage(model),
                )
                for model in self.models
            ],
            notes=[
                Phrase("bands hold {percent} % by intention", {"percent": self.coverage_bps // 100})
            ],
            as_of=self.known_through,
        )

    def reliability_table(self, model: str) -> ResultTable:
        """What was said of being late, tenth by tenth, and how many were."""
        return ResultTable(
            title=Phrase("chance of being late: said and seen"),
            columns=_LATE_COLUMNS,
            rows=[
                (
                    Fraction(one.low_ppm, WHOLE_PPM),
                    Fraction(one.high_ppm, WHOLE_PPM),
                    one.items,
                    one.said,
                    one.seen,
                )
                for one in self.of(model).reliability
            ],
            as_of=self.known_through,
        )

    def __str__(self) -> str:
        tables = [self.to_table(), *([self.cash_table()] if self.cash else [])]
        return "\n\n".join(map(as_text, tables))

    def _repr_html_(self) -> str:
        tables = [self.to_table(), *([self.cash_table()] if self.cash else [])]
        return "\n".join(map(as_html, tables))


def _column(name: str, heading: str, kind: CellKind, places: int = 1) -> TableColumn:
    return TableColumn(name=name, heading=heading, kind=kind, places=places)


_ITEM_COLUMNS: Final = (
    TableColumn(name="model"),
    _column("items", "items", CellKind.COUNT),
    _column("mean_absolute_days", "mean error", CellKind.DAYS, 2),
    _column("median_absolute_days", "median error", CellKind.DAYS),
    _column("bias_days", "bias", CellKind.DAYS, 2),
    _column("within_3_days", "within 3 days", CellKind.SHARE),
    _column("right_bucket", "right bucket", CellKind.SHARE),
    _column("covered", "in 80 % band", CellKind.SHARE),
    _column("band_days", "band", CellKind.DAYS),
    _column("brier", "Brier", CellKind.RATIO, 3),
)
_CASH_COLUMNS: Final = (
    TableColumn(name="model"),
    _column("periods", "periods", CellKind.COUNT),
    _column("error", "error by period", CellKind.SHARE),
    _column("total_error", "error in all", CellKind.SHARE),
    _column("covered", "in band", CellKind.SHARE),
)
_LATE_COLUMNS: Final = (
    _column("from", "from", CellKind.SHARE, 0),
    _column("to", "to", CellKind.SHARE, 0),
    _column("items", "items", CellKind.COUNT),
    _column("said", "said", CellKind.SHARE),
    _column("seen", "seen", CellKind.SHARE),
)


@runtime_checkable
class _Learner(Protocol):
    """A model that makes a history ready to be asked on many days."""

    def learned(self, history: Iterable[ForecastItem]) -> Any: ...  # noqa: ANN401  # a history of the model's own


class _Taught:
    """A model with a history that it has learned; what it is given on a day it has already."""

    def __init__(self, model: PaymentModel, history: Sequence[ForecastItem]) -> None:
        self.name = model.name
        assert isinstance(model, _Learner)  # noqa: S101  # its only caller looked
        self._learned = model.learned(history)

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        history: Sequence[ForecastItem],
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        del history
        found: tuple[PaymentForecast, ...] = self._learned.forecast(
            items, as_of=as_of, known_through=known_through
        )
        return found


class _Past:
    """A history that can be seen as it was known on any day."""

    def __init__(self, history: Iterable[ForecastItem], known_through: dt.date | None) -> None:
        self.rows = sorted(history, key=lambda one: one.known_on)
        if not self.rows:
            msg = "history must have items, got none"
            raise PolicyError(msg)
        seen = [one.paid_on for one in self.rows if one.paid_on is not None]
        self.last = max([*seen, self.rows[-1].known_on]) if known_through is None else known_through
        self._unpaid: dict[int, ForecastItem] = {}

    def _as_open(self, row: ForecastItem) -> ForecastItem:
        """An item before it was paid."""
        found = self._unpaid.get(id(row))
        if found is None:
            found = self._unpaid[id(row)] = attrs.evolve(row, paid_on=None)
        return found

    def known(self, day: dt.date) -> list[ForecastItem]:
        """The history of a day: what was not known is left out, what was paid later is open."""
        return [
            row if row.paid_on is None or row.paid_on <= day else self._as_open(row)
            for row in self.rows
            if row.known_on <= day
        ]

    def open_on(self, day: dt.date) -> list[ForecastItem]:
        """The items that were open at the end of a day, with what became of them."""
        return [
            row
            for row in self.rows
            if row.known_on <= day
            and row.amount_minor > 0
            and (row.paid_on is None or row.paid_on > day)
        ]

    def taught(self, model: PaymentModel) -> PaymentModel:
        """A model that has learned the whole history once, where it can: it looks at no later day itself."""
        return _Taught(model, self.rows) if isinstance(model, _Learner) else model

    def forecasts(
        self,
        model: PaymentModel,
        wanted: Sequence[ForecastItem],
        *,
        day: dt.date,
        history: Sequence[ForecastItem],
    ) -> tuple[PaymentForecast, ...]:
        """What a model says on a day about items, none of which it sees as paid."""
        seen = [row if row.paid_on is None else self._as_open(row) for row in wanted]
        found = model.forecast(seen, history=history, as_of=day, known_through=min(day, self.last))
        names = [one.item.item for one in found]
        if names != [row.item for row in wanted]:
            msg = f"model {model.name} must give a forecast for each of {len(wanted)} items in their order, got {len(found)}"
            raise PolicyError(msg)
        return tuple(found)


def back_test(  # noqa: PLR0913  # what is tested and how, each said by name
    history: Iterable[ForecastItem],
    model: PaymentModel,
    *,
    days: Iterable[dt.date],
    horizon_days: int = 28,
    grain: CashGrain = CashGrain.WEEK,
    known_through: dt.date | None = None,
    peers: Iterable[PaymentModel] = PEERS,
    trusted: bool = False,
    assumptions: CashAssumptions = _ASSUMED,
    coverage_bps: int = _EIGHTY,
) -> ForecastBackTest:
    """On each of the days: say when what was open then will be paid, and compare with what came.

    `history` holds every item, paid or not, with the day since when it is known; a model sees of it
    what was known at the end of the day, and its peers the same.  Cash is that of the open items in
    the `horizon_days` after the day; with a Sunday and 28 days these are four whole weeks.
    `known_through` is the last day whose payments the history can tell, its last date where nothing
    is said; items that are open then count as `ItemScores` and `BandScore` say.  Days that lie well
    before it leave few of them.

    A model that can learn a history (`learned`, as that of habit) does so once where it is
    `trusted` to look at nothing that happened after a day; otherwise it sees no more than what was
    known, again on each day, which takes longer.

    Raises `PolicyError` for a horizon that ends after the data, and for a model that leaves items out.
    """
    past = _Past(history, known_through)
    origins = _days(days)
    _check_origins(origins, horizon_days, past)
    models = [past.taught(one) if trusted else one for one in _models(model, peers)]
    outcomes: dict[str, list[Outcome]] = {}
    cash: list[CashScore] = []
    for day in origins:
        wanted, known = past.open_on(day), past.known(day)
        for one in models:
            found = past.forecasts(one, wanted, day=day, history=known)
            outcomes.setdefault(one.name, []).extend(
                Outcome(forecast, truth, past.last)
                for forecast, truth in zip(found, wanted, strict=True)
            )
            expected = cash_forecast(
                found,
                as_of=day,
                grain=grain,
                first=day + _ONE_DAY,
                until=day + horizon_days * _ONE_DAY,
                assumptions=assumptions,
                coverage_bps=coverage_bps,
            )
            cash.extend(_cash_scores(one.name, expected, _came(wanted, expected.periods)))
    scored = (scores_of(found, model=name) for name, found in outcomes.items())
    return ForecastBackTest(
        model=model.name,
        days=origins,
        known_through=past.last,
        items=tuple(one for each in scored for one in each),
        cash=tuple(cash),
        coverage_bps=coverage_bps,
    )


def back_test_invoices(  # what is tested and how, each said by name
    history: Iterable[ForecastItem],
    model: PaymentModel,
    *,
    first: dt.date,
    last: dt.date,
    known_through: dt.date | None = None,
    peers: Iterable[PaymentModel] = PEERS,
    trusted: bool = False,
) -> ForecastBackTest:
    """Each invoice of a span of document dates, predicted on its own date with what was known then.

    There is no cash in it; `trusted` is that of `back_test`.  Raises `PolicyError` where no item has its date in the span.
    """
    past = _Past(history, known_through)
    by_day: dict[dt.date, list[ForecastItem]] = {}
    for row in past.rows:
        if first <= row.document_date <= last and row.amount_minor > 0:
            by_day.setdefault(row.document_date, []).append(row)
    if not by_day:
        msg = f"history must have items dated from {first} to {last}, got none"
        raise PolicyError(msg)
    models = [past.taught(one) if trusted else one for one in _models(model, peers)]
    outcomes: dict[str, list[Outcome]] = {}
    for day, wanted in sorted(by_day.items()):
        known = past.known(day)
        for one in models:
            found = past.forecasts(one, wanted, day=day, history=known)
            outcomes.setdefault(one.name, []).extend(
                Outcome(forecast, truth, past.last)
                for forecast, truth in zip(found, wanted, strict=True)
            )
    scored = (scores_of(found, model=name) for name, found in outcomes.items())
    return ForecastBackTest(
        model=model.name,
        days=by_day,
        known_through=past.last,
        items=tuple(one for each in scored for one in each),
    )


def _models(model: PaymentModel, peers: Iterable[PaymentModel]) -> Iterator[PaymentModel]:
    yield model
    yield from (peer for peer in peers if peer.name != model.name)


def _check_origins(origins: Sequence[dt.date], horizon_days: int, past: _Past) -> None:
    if not origins:
        msg = "days must be one or more, got none"
        raise PolicyError(msg)
    for day in origins:
        check_day(day, name="days")
    if horizon_days < 1 or origins[-1] + horizon_days * _ONE_DAY > past.last:
        msg = f"days and the {horizon_days} days after them must lie within the data, which end on {past.last}, got {origins[-1]}"
        raise PolicyError(msg)


def _came(
    wanted: Iterable[ForecastItem], spans: Iterable[Span | CashPeriod]
) -> Mapping[tuple[str, str, dt.date], int]:
    """The cash of each period, by creditor, currency and first day."""
    days = {
        one.first + _ONE_DAY * place: one.first
        for one in spans
        for place in range((one.last - one.first).days + 1)
    }
    came: dict[tuple[str, str, dt.date], int] = {}
    for row in wanted:
        if row.paid_on in days:
            key = (row.creditor, row.currency, days[row.paid_on])
            came[key] = came.get(key, 0) + row.amount_minor
    return came


def _cash_scores(
    model: str, expected: CashForecast, came: Mapping[tuple[str, str, dt.date], int]
) -> Iterator[CashScore]:
    for one in expected.periods:
        yield CashScore(
            model=model,
            as_of=expected.as_of,
            first=one.first,
            last=one.last,
            creditor=one.creditor,
            currency=one.currency,
            expected_minor=one.expected_minor,
            low_minor=one.low_minor,
            high_minor=one.high_minor,
            came_minor=came.get((one.creditor, one.currency, one.first), 0),
        )


_TOGETHER: Final = (0, 1_000, 2_500, 5_000, 7_500, 10_000)
_TIMING: Final = (0, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 7_000, 10_000)
_LEVEL: Final = (0, 200, 500, 1_000, 2_000)
_COVERAGES: Final = (5_000, 8_000, 9_000)


def fitted_risk(  # what is tested and how, each said by name
    history: Iterable[ForecastItem],
    model: PaymentModel,
    *,
    days: Iterable[dt.date],
    horizon_days: int = 28,
    grain: CashGrain = CashGrain.WEEK,
    known_through: dt.date | None = None,
) -> CashRisk:
    """How items move together, so that bands of 50, 80 and 90 % were as narrow and as right as can be.

    Of the pairs in a table that one is taken whose bands have the lowest interval score on the days
    (Gneiting and Raftery 2007): their width, and what payments lay outside them, weighed by how rare
    that ought to be.  Take days that the forecast to come knows, and many of them.
    """
    past = _Past(history, known_through)
    origins = _days(days)
    _check_origins(origins, horizon_days, past)
    seen: list[tuple[WeighedPeriod, int]] = []
    for day in origins:
        wanted = past.open_on(day)
        found = past.forecasts(model, wanted, day=day, history=past.known(day))
        last = day + horizon_days * _ONE_DAY
        spans = spans_of(day + _ONE_DAY, grain, periods=None, until=last)
        known = Known(as_of=day)
        came = _came(wanted, spans)
        seen.extend(
            (one, came.get((one.creditor, one.currency, one.span.first), 0))
            for one in weighed(take_apart(found, known), spans, known).periods
        )
    risks = (
        CashRisk(together_bps=together, timing_bps=timing, level_bps=level)
        for together, timing, level in product(_TOGETHER, _TIMING, _LEVEL)
    )
    return min(risks, key=lambda risk: _score(seen, risk))


def _score(seen: Iterable[tuple[WeighedPeriod, int]], risk: CashRisk) -> int:
    """The interval scores of all periods and coverages, each period by what was expected of it."""
    total = 0
    for (one, came), coverage in product(seen, _COVERAGES):
        expected = one.expected_minor
        band = one.moments.band(expected, risk=risk, coverage_bps=coverage)
        outside = max(band.low_minor - came, came - band.high_minor, 0)
        score = band.high_minor - band.low_minor + 2 * outside * _BPS // (_BPS - coverage)
        total += score * _BPS // expected if expected else 0
    return total
