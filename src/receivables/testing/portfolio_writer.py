"""Conformance of portfolio writers: subclass `PortfolioWriterTests` and give it two fixtures.

A test module of a plug-in says what it brings and how its file is read back::

    class TestMyWriter(PortfolioWriterTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def look(self):
            return lambda content: Shown(texts=my_reader(content))

>>> report = sample_portfolio([Owed("C-1", "EUR", buckets_minor=(100, 0, 50, 0, 0))])
>>> [line.difference_minor for line in report.control], report.forecast.periods[0].expected_minor
([0], 75)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar, Final

import attrs
import pytest

from receivables.adapters import AdapterSpec, PortfolioWriter
from receivables.aging.model import Aging
from receivables.closing.model import MovementKind, RollForward, RollForwardRow
from receivables.credit.concentration import concentration_of
from receivables.errors import TranslationMissingError
from receivables.forecast.model import CashForecast, CashGrain, CashPeriod, CashSource
from receivables.measures.model import (
    Measure,
    MeasureFigure,
    MeasurePolicy,
    MeasureSeries,
    MeasureTable,
    MeasureUnit,
)
from receivables.portfolio import ControlLine, PortfolioReport
from receivables.tables import CellKind, ResultTable, TableColumn
from receivables.testing._abilities import AbilityTests
from receivables.testing._figures import figure, figures, sums_across
from receivables.testing.report_writer import (
    HOSTILE_NAMES,
    LOCALES,
    Look,
    Owed,
    sample_aging,
)

__all__ = ["PortfolioWriterTests", "sample_portfolio"]

_CREDITOR: Final = "Miroiterie Ange & Fils"
_WEEK: Final = dt.timedelta(days=7)


def sample_portfolio(owed: Iterable[Owed]) -> PortfolioReport:
    """A portfolio as of 31 October 2026 with every part, of figures that can be told apart."""
    rows = list(owed)
    aging = sample_aging(rows)
    half = [
        attrs.evolve(one, buckets_minor=tuple(minor // 2 for minor in one.buckets_minor))
        for one in rows
    ]
    past = attrs.evolve(sample_aging(half), as_of=aging.as_of - 4 * _WEEK)
    tables = [_measures(one) for one in (past, aging)]
    return PortfolioReport(
        creditor=_CREDITOR,
        as_of=aging.as_of,
        aging=aging,
        past_agings=[past],
        control=list(_control(aging)),
        measures=tables[-1],
        series=MeasureSeries(tables=tables),
        by_customer=None,
        movement=_movement(aging),
        concentrations=[
            concentration_of(
                {row.customer: row.total_minor for row in aging.rows if row.currency == currency},
                currency=currency,
            )
            for currency in aging.totals
        ],
        forecast=_forecast(aging),
        tables=[_older(aging)],
    )


def _control(aging: Aging) -> Iterator[ControlLine]:
    for currency, total in aging.totals.items():
        minor = total.total_minor
        yield ControlLine(currency=currency, ledger_minor=minor, aging_minor=minor)


def _measures(aging: Aging) -> MeasureTable:
    found = []
    for currency, total in aging.totals.items():
        owed = max(sum(total.buckets_minor), 1)
        values = {
            Measure.DSO: Fraction(owed, 977),
            Measure.CURRENT_SHARE: Fraction(total.buckets_minor[0], owed),
            Measure.RECEIVABLES: Fraction(total.total_minor),
            Measure.CEI: None,
        }
        found += [
            MeasureFigure(
                measure=measure,
                currency=currency,
                value=value,
                missing="" if value is not None else "no-sales",
            )
            for measure, value in values.items()
        ]
    assert Measure.RECEIVABLES.unit is MeasureUnit.MONEY
    return MeasureTable(as_of=aging.as_of, policy=MeasurePolicy(), figures=found)


def _movement(aging: Aging) -> RollForward:
    rows = [
        RollForwardRow(
            creditor=row.creditor,
            customer=row.customer,
            currency=row.currency,
            opening_minor=row.total_minor + 23,
            movements={MovementKind.RECEIPTS: -23},
            closing_minor=row.total_minor,
        )
        for row in aging.rows
    ]
    return RollForward(first=aging.as_of - 4 * _WEEK, last=aging.as_of, rows=rows)


def _forecast(aging: Aging) -> CashForecast:
    """Half of what is owed within a week, a quarter in the next, the rest beyond."""
    periods, beyond = [], {}
    for currency, total in aging.totals.items():
        owed = max(total.total_minor, 0)
        first = aging.as_of + dt.timedelta(days=2)
        for part, start in ((owed // 2, first), (owed // 4, first + _WEEK)):
            periods.append(
                CashPeriod(
                    first=start,
                    last=start + _WEEK - dt.timedelta(days=1),
                    creditor="MIRA",
                    currency=currency,
                    expected_minor=part,
                    low_minor=part - part // 7,
                    high_minor=part + part // 5,
                    by_source={CashSource.HABIT: part},
                )
            )
        beyond["MIRA", currency] = owed - owed // 2 - owed // 4
    return CashForecast(
        as_of=aging.as_of,
        grain=CashGrain.WEEK,
        model="sample",
        periods=periods,
        beyond_minor=beyond,
    )


def _older(aging: Aging) -> ResultTable:
    """What is in the last bucket, customer by customer."""
    return ResultTable(
        title="aging",
        as_of=aging.as_of,
        columns=[
            TableColumn(name="customer"),
            TableColumn(name="currency"),
            TableColumn(name="open_minor", heading="total", kind=CellKind.MONEY),
        ],
        rows=[
            (row.customer, row.currency, row.buckets_minor[-1])
            for row in aging.rows
            if row.buckets_minor[-1]
        ],
        totals=[("", currency, row.buckets_minor[-1]) for currency, row in aging.totals.items()],
    )


# Totals, and sums of totals across currencies, whose digits occur nowhere else.
_MIXED: Final = (
    Owed("C-1", "EUR", buckets_minor=(1_234_57, 0, 771_13, 0, 19), credits_minor=-311_41),
    Owed("C-1", "JPY", buckets_minor=(0, 86_453, 0, 0, 0)),
    Owed("C-1", "KWD", buckets_minor=(0, 0, 0, 0, 7_919_833)),
    Owed("C-2", "EUR", buckets_minor=(0, 0, 4_391_07, 0, 0)),
    Owed("C-2", "USD", buckets_minor=(0, 0, 0, 0, 0), credits_minor=-653_29),
    Owed("C-3", "USD", buckets_minor=(0, 5_077_31, 0, 0, 0)),
)
_NAMES: Final = MappingProxyType({"C-1": "Acme", "C-2": "Bêta & Cie", "C-3": "Çelik"})


class PortfolioWriterTests(AbilityTests):
    """What every portfolio writer must do; give the fixtures `spec` and `look`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "deterministic": ("test_same_report_gives_same_bytes",),
            "items": ("test_every_item_is_shown",),
        }
    )
    """Each ability that a writer may declare, and the tests that ask for it."""

    @pytest.fixture
    def look(self) -> Look:
        """How a file of the writer is read back."""
        raise NotImplementedError

    @pytest.fixture
    def writer(self, spec: AdapterSpec[Any]) -> PortfolioWriter:
        """The writer with its default settings."""
        writer: PortfolioWriter = spec.build()
        return writer

    def test_file_says_what_it_is(self, writer: PortfolioWriter) -> None:
        """The media type and the suffix name a kind of file."""
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", writer.media_type)
        assert re.fullmatch(r"\.[a-z0-9]+", writer.suffix)

    def test_empty_portfolio_is_written(self, writer: PortfolioWriter, look: Look) -> None:
        """A portfolio of nothing is a file that says whose and when it was empty."""
        texts = look(writer.write(sample_portfolio([]), names={}, locale="en")).texts

        assert _CREDITOR in texts

    def test_only_the_aging_is_enough(self, writer: PortfolioWriter, look: Look) -> None:
        """Parts that were not asked for are not there."""
        aging = sample_aging(_MIXED)
        report = PortfolioReport(creditor=_CREDITOR, as_of=aging.as_of, aging=aging)

        assert look(writer.write(report, names=_NAMES, locale="fr")).texts

    @pytest.mark.parametrize("locale", LOCALES)
    def test_every_total_is_shown(self, writer: PortfolioWriter, look: Look, locale: str) -> None:
        """Each row, currency, expected amount and control figure, to the last minor unit."""
        report = sample_portfolio(_MIXED)
        shown = figures(look(writer.write(report, names=_NAMES, locale=locale)).texts)

        for row in (*report.aging.rows, *report.aging.totals.values()):
            assert figure(row.total_minor, row.currency) in shown
        for period in report.forecast.periods if report.forecast else ():
            assert figure(period.expected_minor, period.currency) in shown

    def test_every_name_is_shown(self, writer: PortfolioWriter, look: Look) -> None:
        """Each customer is named, whatever the letters."""
        texts = look(writer.write(sample_portfolio(_MIXED), names=_NAMES, locale="en")).texts

        assert set(_NAMES.values()) <= {text.strip() for text in texts}

    def test_difference_is_shown(self, writer: PortfolioWriter, look: Look) -> None:
        """Where the ledger and the aging do not agree, the file says by how much."""
        report = sample_portfolio(_MIXED)
        wrong = [
            attrs.evolve(line, ledger_minor=line.aging_minor + 1_913) for line in report.control
        ]
        texts = look(
            writer.write(attrs.evolve(report, control=wrong), names=_NAMES, locale="en")
        ).texts

        assert figure(1_913, "EUR") in figures(texts)

    def test_currencies_are_never_added(self, writer: PortfolioWriter, look: Look) -> None:
        """No sum over two or more currencies stands anywhere."""
        report = sample_portfolio(_MIXED)
        shown = figures(look(writer.write(report, names=_NAMES, locale="en")).texts)

        assert not shown & sums_across(report.aging)

    @pytest.mark.parametrize("name", HOSTILE_NAMES)
    def test_hostile_name_is_only_text(
        self, writer: PortfolioWriter, look: Look, name: str
    ) -> None:
        """A name is printed literally; at most an apostrophe keeps it from being a formula."""
        report = sample_portfolio([Owed("C-1", "EUR", buckets_minor=(100_00, 0, 0, 0, 0))])
        report = attrs.evolve(report, creditor=name)
        shown = look(writer.write(report, names={"C-1": name}, locale="en"))

        assert name.strip() in {text.replace("'", "").strip() for text in shown.texts}
        assert not [formula for formula in shown.formulas if name.strip() in formula]

    def test_language_without_words_is_refused(self, writer: PortfolioWriter) -> None:
        """A language that has no words is refused; English is no stand-in."""
        with pytest.raises(TranslationMissingError):
            writer.write(sample_portfolio(_MIXED), names=_NAMES, locale="de")

    def test_same_report_gives_same_bytes(
        self, spec: AdapterSpec[Any], writer: PortfolioWriter
    ) -> None:
        """Equal reports give equal files, from the same writer and from another."""
        if "deterministic" not in spec.capabilities:
            pytest.skip(f"{spec.name} does not declare deterministic")
        first = writer.write(sample_portfolio(_MIXED), names=_NAMES, locale="fr")

        assert writer.write(sample_portfolio(_MIXED), names=_NAMES, locale="fr") == first
        assert spec.build().write(sample_portfolio(_MIXED), names=_NAMES, locale="fr") == first

    def test_every_item_is_shown(
        self, spec: AdapterSpec[Any], writer: PortfolioWriter, look: Look
    ) -> None:
        """Each open item stands there with its document number, leading zeros and all."""
        if "items" not in spec.capabilities:
            pytest.skip(f"{spec.name} does not declare items")
        report = sample_portfolio(_MIXED)
        texts = look(writer.write(report, names=_NAMES, locale="es")).texts

        assert {aged.item.document for aged in report.aging.items} <= set(texts)
