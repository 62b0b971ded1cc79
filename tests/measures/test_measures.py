"""Measures from a ledger: what each says, why it says nothing, and the laws between them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.currencies import ExchangeRates
from receivables.documents import Line, Tax
from receivables.errors import MissingRateError, PolicyError
from receivables.ledger import Ledger
from receivables.measures import (
    Measure,
    MeasurePolicy,
    dso_count_back,
    measure_series,
    measures,
    months_back,
)
from receivables.money import ExchangeRate, money
from receivables.testing.builders import an_invoice, issued, recorded
from receivables.testing.strategies import histories

from .measure_worlds import (
    AS_OF,
    a_book,
    allocated,
    day,
    invoice,
    receipt,
    undone,
)

MONEY = (Measure.RECEIVABLES, Measure.SALES, Measure.UNAPPLIED_CASH)


def _value(ledger, measure, *, as_of=AS_OF, currency="EUR", **asked):
    return measures(ledger, as_of=as_of, **asked).get(measure, currency=currency).value


_FIGURES = {
    Measure.RECEIVABLES: 1_540_00,
    Measure.SALES: 2_330_00,
    Measure.UNAPPLIED_CASH: 75_00,
    Measure.DSO: Fraction(1_540_00 * 90, 2_330_00),
    Measure.DISPUTE_RATE: Fraction(150, 1_540),
    Measure.DEDUCTION_RATE: Fraction(50, 2_330),
    Measure.BAD_DEBT_RATE: Fraction(100, 2_330),
    # r-1 of 4 August was booked 89 days before the end: 25 days late; r-2 4, r-3 16 days late.
    Measure.WEIGHTED_DAYS_LATE: Fraction(1_000 * 25 + 300 * 28 + 850 * 16, 1_000 + 300 + 850),
}


@pytest.mark.parametrize("measure", _FIGURES)
def test_figures_of_a_book(measure):
    """What is owed, sold, paid, kept back and given up counts where it belongs, and nowhere else."""
    assert _value(a_book(), measure) == _FIGURES[measure]


def test_no_sales_give_a_reason():
    """Nothing is divided by zero: there is no value, and a code says why."""
    ledger = Ledger().record(invoice("F-1", "100.00", day(1, 10)))

    found = measures(ledger, as_of=AS_OF)

    reasons = {one.measure: one.missing for one in found if one.value is None}
    assert reasons[Measure.DSO] == "no-sales"
    assert reasons[Measure.WEIGHTED_DAYS_LATE] == "nothing-paid"
    assert reasons[Measure.CASH_APPLICATION_RATE] == "nothing-received"
    assert reasons[Measure.PROMISE_KEPT_RATE] == "nothing-promised"
    assert found.get(Measure.DSO_COUNT_BACK).value == 304


def test_the_latest_month_counts_with_its_days_so_far():
    """On the tenth a month has ten days, and all of them are used up by an unpaid invoice."""
    ledger = Ledger().record(invoice("F-1", "100.00", day(10, 3)))

    assert _value(ledger, Measure.DSO_COUNT_BACK, as_of=day(10, 10)) == 10


def test_a_write_off_is_no_payment():
    """It is not late, it is not collected, and it lowers what is owed all the same."""
    ledger = Ledger().record(
        invoice("F-1", "100.00", day(9, 1)),
        receipt("r-1", "40.00", day(10, 11)),
        allocated("a-1", {"F-1": 40_00, "r-1": -40_00}, day(10, 11)),
    )

    before = measures(ledger, as_of=AS_OF)
    from receivables.allocation import Residual, ResidualKind  # noqa: PLC0415  # of this test only

    lost = ledger.record(
        allocated(
            "a-2", {"F-1": 60_00}, day(10, 20), residuals=[Residual(ResidualKind.WRITE_OFF, 60_00)]
        )
    )
    after = measures(lost, as_of=AS_OF)

    same = (Measure.WEIGHTED_DAYS_LATE, Measure.CEI)
    assert [before.get(one).value for one in same] == [after.get(one).value for one in same]
    assert after.get(Measure.CEI).value == Fraction(40, 100)
    assert after.get(Measure.RECEIVABLES).value == 0


def test_a_payment_that_was_undone_never_was():
    """From the day of the undoing it counts nowhere; before, it counts as it did."""
    ledger = Ledger().record(
        invoice("F-1", "100.00", day(8, 1)),
        receipt("r-1", "100.00", day(9, 10)),
        allocated("a-1", {"F-1": 100_00, "r-1": -100_00}, day(9, 10)),
        undone("a-1", day(10, 1)),
    )

    assert _value(ledger, Measure.WEIGHTED_DAYS_LATE, as_of=day(9, 30)) == 10
    assert _value(ledger, Measure.WEIGHTED_DAYS_LATE) is None
    assert _value(ledger, Measure.UNAPPLIED_CASH) == 100_00


def test_what_was_known_then():
    """A day as known then leaves out what was recorded later."""
    ledger = Ledger().record(
        invoice("F-1", "100.00", day(10, 1), minute=0),
        invoice("F-2", "50.00", day(10, 2), minute=30),
    )

    assert _value(ledger, Measure.RECEIVABLES, known_at=recorded(5)) == 100_00
    assert _value(ledger, Measure.RECEIVABLES) == 150_00


def _taxed(number, net, tax):
    line = Line(
        description="goods",
        net=money(net, "EUR"),
        taxes=[Tax(code="S", base=money(net, "EUR"), amount=money(tax, "EUR"))],
    )
    return issued(an_invoice(number, lines=[line], document_date=day(10, 1), customer="C-1"))


def test_without_tax_on_both_sides():
    """Sales and receivables are counted without tax where every document says it, else not at all."""
    policy = MeasurePolicy(without_tax=True)
    told = Ledger().record(_taxed("F-1", "100.00", "20.00"))
    untold = told.record(invoice("F-2", "10.00", day(10, 1)))

    found = measures(told, as_of=AS_OF, policy=policy)
    gone = measures(untold, as_of=AS_OF, policy=policy).get(Measure.DSO)

    assert found.get(Measure.RECEIVABLES).value == found.get(Measure.SALES).value == 100_00
    assert (gone.value, gone.missing) == (None, "no-tax")


def test_interest_that_was_charged_is_no_sale():
    """Charges are owed; they are sales only where the policy says so."""
    line = Line(description="interest", net=money("5.00", "EUR"), category="late-interest")
    ledger = Ledger().record(
        issued(an_invoice("F-1", lines=[line], document_date=day(10, 1), customer="C-1"))
    )

    assert _value(ledger, Measure.SALES) == 0
    assert _value(ledger, Measure.RECEIVABLES) == 5_00
    assert _value(ledger, Measure.SALES, policy=MeasurePolicy(counts_charges=True)) == 5_00


def test_currencies_become_one_at_the_closing_rates_of_the_day():
    """Yen have no decimals; the ratios of one currency alone do not change."""
    rate = ExchangeRate(base="EUR", quote="JPY", rate=Decimal(150), date=AS_OF)
    rates = ExchangeRates([rate])

    found = measures(a_book(), as_of=AS_OF, currency="EUR", rates=rates)

    assert found.get(Measure.RECEIVABLES).value == 1_540_00 + 600_00
    assert {one.currency for one in found} == {"EUR"}
    with pytest.raises(MissingRateError):
        measures(a_book(), as_of=day(10, 1), currency="EUR", rates=rates)


@pytest.mark.parametrize(
    "asked",
    [
        {"by": ["segment"]},
        {"currency": "EUR"},
        {"as_of": dt.datetime(2026, 10, 31, tzinfo=dt.UTC)},
    ],
)
def test_questions_without_an_answer_are_refused(asked):
    """No segments, no rates, no day: no figures."""
    with pytest.raises(PolicyError):
        measures(Ledger(), **{"as_of": AS_OF, **asked})


_BAD = [
    {"days": 0},
    {"top": True},
    {"nets_credits": 1},
    {"without_tax": True, "nets_credits": True},
]


@pytest.mark.parametrize("fields", _BAD)
def test_impossible_definitions_are_refused(fields):
    """A policy that says something impossible is refused."""
    with pytest.raises(PolicyError):
        MeasurePolicy(**fields)


@pytest.mark.parametrize("table", [{"dayz": 3}, {"balance": "both"}, {"days": "30"}])
def test_tables_of_definitions_are_checked(table):
    """A table with an unknown key or value is refused, naming it."""
    with pytest.raises(PolicyError, match="measures"):
        MeasurePolicy.from_table(table)


@settings(max_examples=20, deadline=None)
@given(events=histories(), back=st.integers(0, 60))
def test_laws(events, back):
    """DSO is best possible and delinquent; shares make one; groups make the whole; the ledger agrees."""
    ledger = Ledger.replay(events)
    last = max((event.effective_on for event in events), default=AS_OF)
    as_of = last - dt.timedelta(days=back)
    table = measures(ledger, as_of=as_of)
    parts = measures(ledger, as_of=as_of, by=["creditor", "customer"])

    for code in {one.currency for one in table}:
        value = {one.measure: one.value for one in table if one.currency == code}
        owed = [i.open_minor for i in ledger.open_items(as_of=as_of) if i.currency == code]
        assert value[Measure.RECEIVABLES] == sum(minor for minor in owed if minor > 0)
        if value[Measure.DSO] is not None:
            delinquent = value[Measure.AVERAGE_DAYS_DELINQUENT]
            assert value[Measure.DSO] == value[Measure.BEST_POSSIBLE_DSO] + delinquent
        if value[Measure.CURRENT_SHARE] is not None:
            assert value[Measure.CURRENT_SHARE] + value[Measure.PAST_DUE_SHARE] == 1
        for measure in MONEY:
            same = [one for one in parts if one.currency == code and one.measure is measure]
            assert sum(one.value for one in same) == value[measure]


@settings(max_examples=15, deadline=None)
@given(events=histories(), back=st.integers(0, 30))
def test_a_past_day_does_not_change(events, back):
    """What was recorded after a moment does not change what was known at it; a series is its days."""
    ledger = Ledger.replay(events)
    last = max((event.effective_on for event in events), default=AS_OF)
    as_of = last - dt.timedelta(days=back)
    half = events[: len(events) // 2]
    if not half or half[-1].recorded_at == events[len(half)].recorded_at:
        return
    moment = half[-1].recorded_at

    then = measures(ledger, as_of=as_of, known_at=moment)

    assert then == measures(Ledger.replay(half), as_of=as_of)
    assert measure_series(ledger, days=[last, as_of], known_at=moment).tables[0] == then


@given(sold=st.integers(1, 10**9), months=st.integers(1, 11), part=st.integers(0, 10**9))
def test_constant_sales_make_both_dso_equal(sold, months, part):
    """Where every month sells the same in as many days, counting back is the simple DSO."""
    owed = sold * months + min(part, sold)

    found = dso_count_back(owed, [(sold, 30)] * 12)

    assert found.value == Fraction(owed * 360, sold * 12)


def test_months_back_fill_what_is_missing():
    """Months without sales are there, and the latest one has its days so far."""
    assert months_back({day(8, 3): 5, day(8, 9): 5}, as_of=day(10, 10)) == (
        (0, 10),
        (0, 30),
        (10, 31),
    )


def test_a_table_shows_groups_in_rows():
    """Every group is a row; amounts are whole minor units."""
    table = measures(
        a_book(), as_of=AS_OF, by=["customer"], measures=[Measure.DSO, Measure.RECEIVABLES]
    )

    rows = table.to_table().rows

    assert [row[:2] for row in rows] == [
        ("C-1", "EUR"),
        ("C-2", "EUR"),
        ("C-3", "EUR"),
        ("C-3", "JPY"),
    ]
    assert sum(row[-1] for row in rows if row[1] == "EUR") == 1_540_00
