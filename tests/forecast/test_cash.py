"""Expected cash: each cent in one place, by period, with what is known besides habit."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.casework import (
    Dispute,
    DisputedPart,
    DisputeOutcome,
    Holdback,
    HoldReason,
    PaymentPlan,
    PlanInstallment,
    PromiseToPay,
)
from receivables.disputes import ContestedPart, DisputeStanding, DisputeState
from receivables.documents import ItemKind, OpenItem
from receivables.errors import PolicyError
from receivables.forecast import (
    BASE,
    STRESS,
    WHOLE_PPM,
    CashAssumptions,
    CashGrain,
    CashRisk,
    CashScenario,
    CashSource,
    PayingRun,
    PaymentCurve,
    PaymentOrder,
    SalesPlan,
    ScenarioRule,
    cash_forecast,
    payment_curve,
)
from receivables.money import from_minor
from receivables.promises import (
    InstallmentStanding,
    InstallmentState,
    JudgedPromise,
    PlanStanding,
    PlanState,
    PromiseState,
)

from .cash_worlds import AS_OF, day, forecast, forecasts

_SETTINGS = settings(max_examples=25, deadline=None)
_MIRA = ("MIRA", "EUR")


def cash(*given, **options):
    """Four weeks of cash of forecasts."""
    return cash_forecast(given, as_of=AS_OF, **{"periods": 4, **options})


def expected(found, source=None):
    """What is expected in each period, of one source or of all."""
    if source is None:
        return [one.expected_minor for one in found.periods]
    return [one.by_source.get(source, 0) for one in found.periods]


def a_promise(amount=60_000, *, state=PromiseState.OPEN, on=9, items=("F-1",), paid=0, name="P-1"):
    """A promise as it is judged on the day."""
    promise = PromiseToPay(
        promise=name,
        customer="C-1",
        amount=from_minor(amount, "EUR"),
        due_on=day(on),
        items=items,
    )
    return JudgedPromise(
        creditor="MIRA",
        promise=promise,
        promised_on=day(-3),
        state=state,
        decided_on=None,
        last_day=day(on),
        paid_minor=paid,
        missing_minor=amount - paid,
    )


def a_plan(*installments, state=PlanState.RUNNING):
    """A plan for F-1 with installments as days and minor units."""
    plan = PaymentPlan(
        plan="PL-1",
        customer="C-1",
        items=["F-1"],
        installments=[
            PlanInstallment(due_on=day(number), principal=from_minor(minor, "EUR"))
            for number, minor in installments
        ],
    )
    return PlanStanding(
        creditor="MIRA",
        plan=plan,
        state=state,
        offered_on=day(-9),
        accepted_on=day(-8),
        ended_on=None,
        installments=[
            InstallmentStanding(
                due_on=one.due_on,
                currency="EUR",
                agreed_minor=minor,
                reduced_minor=0,
                paid_minor=0,
                paid_on=None,
                state=InstallmentState.OPEN,
            )
            for one, (_, minor) in zip(plan.installments, installments, strict=True)
        ],
    )


def a_dispute(held=40_000, *, days=10, outcome=None, name="D-1", accepted=0):
    """A dispute over F-1, open or decided."""
    parts = (DisputedPart(item="F-1", amount=from_minor(40_000, "EUR")),)
    taken = (DisputedPart(item="F-1", amount=from_minor(accepted, "EUR")),) if accepted else ()
    return DisputeStanding(
        creditor="MIRA",
        dispute=Dispute(
            dispute=name, customer="C-1", parts=parts, reason="quality", owner="quality"
        ),
        opened_on=day(-days),
        answer_by=day(5),
        state=DisputeState.OPEN if outcome is None else DisputeState.DECIDED,
        days_open=days,
        days_late=0,
        parts=(
            ContestedPart(
                item="F-1",
                document="F-1",
                currency="EUR",
                stated_minor=40_000,
                open_minor=100_000,
                contested_minor=held,
                held_minor=held,
            ),
        ),
        outcome=outcome,
        accepted=taken,
    )


def a_credit(minor=-30_000, customer="C-1"):
    """A credit note that is not applied."""
    return OpenItem(
        item="A-1",
        document="A-1",
        kind=ItemKind.CREDIT_NOTE,
        creditor="MIRA",
        customer=customer,
        currency="EUR",
        amount_minor=minor,
        document_date=day(-4),
        posting_date=day(-4),
        due_date=None,
    )


EVERYTHING = {
    "promises": [
        a_promise(20_000),
        a_promise(9_000, state=PromiseState.KEPT, paid=9_000, name="P"),
    ],
    "plans": [a_plan((3, 700), (33, 800))],
    "disputes": [a_dispute(500)],
    "holds": [
        Holdback(
            creditor="MIRA", item="F-0", reason=HoldReason.REFERRAL, reference="R", amount_minor=9
        )
    ],
    "orders": [
        PaymentOrder(
            reference="O",
            customer="C-2",
            currency="EUR",
            creditor="NORD",
            amount_minor=70,
            day=day(2),
        )
    ],
    "credits": [a_credit(-300)],
    "runs": [PayingRun(customer="C-2", weekdays=[4], month_days=[15])],
    "sales": [
        SalesPlan(
            creditor="MIRA",
            currency="EUR",
            amounts={day(6): 999},
            curve=PaymentCurve(chances_ppm=[1, 600_000]),
        )
    ],
}
_OPTIONS = st.sets(st.sampled_from(sorted(EVERYTHING))).map(
    lambda names: {name: EVERYTHING[name] for name in names}
)
_GRAINS = st.sampled_from(CashGrain)
_SCENARIOS = st.sampled_from([BASE, STRESS]) | st.builds(
    CashScenario,
    name=st.just("drawn"),
    shift_days=st.integers(0, 30),
    unpaid_bps=st.integers(0, 10_000),
    holidays=st.just([(day(3), day(8))]),
)


@_SETTINGS
@given(forecasts(), _OPTIONS, _GRAINS, _SCENARIOS)
def test_no_cent_is_lost_and_none_stands_twice(drawn, options, grain, scenario):
    """Periods, what lies beyond them, and what credits take off make up what is open and planned."""
    found = cash_forecast(drawn, as_of=AS_OF, grain=grain, scenario=scenario, **options)

    for group in found.groups:
        within = found.expected_minor(*group)
        assert within + found.beyond_minor[group] + found.credited_minor.get(
            group, 0
        ) == found.open_minor.get(group, 0) + found.planned_minor.get(group, 0)
        beyond = [
            minor for (*key, _), minor in found.beyond_by_source.items() if tuple(key) == group
        ]
        assert sum(beyond) == found.beyond_minor[group]
    for one in found.periods:
        assert sum(one.by_source.values()) == one.expected_minor
        assert 0 <= one.low_minor <= one.expected_minor <= one.high_minor


@_SETTINGS
@given(forecasts(), _OPTIONS, st.integers(0, 20), st.integers(0, 20))
def test_a_longer_shift_brings_no_cent_earlier(drawn, options, shift, more):
    """By the end of every period a scenario with a longer shift has brought as much at most."""
    sooner, later = (
        cash_forecast(
            drawn, as_of=AS_OF, scenario=CashScenario(name="s", shift_days=days), **options
        )
        for days in (shift, shift + more)
    )

    for group in sooner.groups:
        ahead = 0
        for one, two in zip(sooner.of(*group), later.of(*group), strict=True):
            ahead += one.expected_minor - two.expected_minor
            assert ahead >= 0


@_SETTINGS
@given(forecasts(), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_band_of_less_lies_within_a_band_of_more(drawn, together, timing, level):
    """Bands nest, however items move together."""
    risk = CashRisk(together_bps=together, timing_bps=timing, level_bps=level)
    narrow, wide = (
        cash(*drawn, assumptions=CashAssumptions(risk=risk), coverage_bps=coverage)
        for coverage in (5_000, 8_000)
    )

    for one, two in zip(narrow.periods, wide.periods, strict=True):
        assert two.low_minor <= one.low_minor <= one.high_minor <= two.high_minor


@_SETTINGS
@given(forecasts(), _OPTIONS)
def test_one_more_item_never_lowers_what_is_expected(drawn, options):
    """With an item of a customer of its own the cash of every creditor and currency is as much at least."""
    more = forecast("F-new", 5_000, chances={4: 500_000, 11: 100_000}, customer="C-new")
    before, after = (
        cash_forecast(given, as_of=AS_OF, **options) for given in (drawn, [*drawn, more])
    )

    for group in before.groups:
        assert after.expected_minor(*group) >= before.expected_minor(*group)


@_SETTINGS
@given(forecasts(), _OPTIONS)
def test_the_days_of_a_week_make_up_the_week(drawn, options):
    """Sums are rounded once from the start, so that no grain knows more cents than another."""
    weeks = cash_forecast(drawn, as_of=AS_OF, until=day(27), **options)
    days = cash_forecast(drawn, as_of=AS_OF, until=day(27), grain=CashGrain.DAY, **options)

    for week in weeks.periods:
        within = [
            one.expected_minor
            for one in days.of(week.creditor, week.currency)
            if week.first <= one.first <= week.last
        ]
        assert sum(within) == week.expected_minor
    assert weeks.beyond_minor == days.beyond_minor


def test_periods_say_where_they_are_a_part():
    """From a Wednesday to a Tuesday the first and the last week are parts of weeks."""
    found = cash_forecast([forecast()], as_of=AS_OF, until=dt.date(2026, 11, 17))

    assert [
        (one.first.isoformat(), one.last.isoformat(), one.is_partial) for one in found.periods
    ] == [
        ("2026-11-04", "2026-11-08", True),
        ("2026-11-09", "2026-11-15", False),
        ("2026-11-16", "2026-11-17", True),
    ]


@pytest.mark.parametrize(
    ("grain", "count", "last"),
    [
        (CashGrain.DAY, 28, "2026-12-01"),
        (CashGrain.WEEK, 13, "2027-01-31"),
        (CashGrain.MONTH, 6, "2027-04-30"),
    ],
)
def test_every_grain_has_a_usual_horizon(grain, count, last):
    """Without a word there are four weeks, a quarter or half a year."""
    found = cash_forecast([forecast()], as_of=AS_OF, grain=grain)

    assert (len(found.periods), found.periods[-1].last.isoformat()) == (count, last)


def test_an_open_promise_comes_on_its_day_as_often_as_promises_are_kept():
    """Of 600.00 promised the share of the record is expected that week, and the rest after it by habit."""
    kept = [
        a_promise(10_000, state=PromiseState.KEPT, paid=10_000, name=f"K-{n}") for n in range(5)
    ]
    found = cash(forecast(chances={20: 900_000}), promises=[a_promise(), *kept])

    assert expected(found, CashSource.PROMISE) == [0, 60_000, 0, 0]
    assert expected(found, CashSource.HABIT) == [0, 0, 0, 36_000]


def test_what_is_not_kept_comes_by_habit_after_the_promised_day():
    """Without a record six in ten promises are kept; habit before the day has been ruled out."""
    found = cash(forecast(chances={2: 500_000, 20: 500_000}), promises=[a_promise(100_000)])

    assert expected(found, CashSource.PROMISE) == [0, 60_000, 0, 40_000]


def test_a_plan_that_runs_comes_by_installments():
    """Each installment is expected on its day with the chance that is assumed; the rest by habit."""
    found = cash(
        forecast(chances={}),
        plans=[a_plan((1, 10_000), (8, 20_000))],
        assumptions=CashAssumptions(plan_kept_bps=9_000),
    )

    assert expected(found) == [9_000, 18_000, 0, 0]
    assert (
        expected(cash(forecast(chances={}), plans=[a_plan((1, 5), state=PlanState.BROKEN)]))
        == [0] * 4
    )


def test_what_is_contested_waits_for_the_decision():
    """Nine decided disputes took 20 days and were lost by the customer: so will this one be."""
    decided = [
        a_dispute(0, days=20, outcome=DisputeOutcome.INVALID, name=f"D-{n}") for n in range(18)
    ]
    found = cash(forecast(), disputes=[a_dispute(), *decided], periods=6)

    assert expected(found, CashSource.DISPUTE) == [0, 0, 0, 38_000, 0, 0]
    assert expected(found, CashSource.HABIT) == [0, 60_000, 0, 0, 0, 0]


def test_a_dispute_that_the_customer_won_brings_nothing():
    """What waits for its credit note is not expected; in stress every open dispute is lost."""
    won = a_dispute(outcome=DisputeOutcome.VALID, accepted=40_000)

    assert expected(cash(forecast(), disputes=[won])) == [0, 60_000, 0, 0]
    assert expected(cash(forecast(), disputes=[a_dispute()], scenario=STRESS)) == [0, 0, 0, 58_200]


def test_holds_of_others_stop_cash_and_a_block_does_not():
    """What an agency has is not expected; that we send no reminder does not keep a customer from paying."""
    referral, block = (
        Holdback(creditor="MIRA", item="F-1", reason=reason, reference="H")
        for reason in (HoldReason.REFERRAL, HoldReason.BLOCK)
    )

    assert expected(cash(forecast(), holds=[referral])) == [0, 0, 0, 0]
    assert expected(cash(forecast(), holds=[block])) == [0, 100_000, 0, 0]


def test_an_order_comes_whatever_was_said():
    """A debit that was sent is certain, before disputes and scenarios; a holiday alone puts it off."""
    order = PaymentOrder(
        reference="O-1",
        customer="C-1",
        creditor="MIRA",
        currency="EUR",
        amount_minor=70_000,
        day=day(1),
    )
    closed = CashScenario(name="closed", shift_days=9, unpaid_bps=500, holidays=[(day(0), day(5))])

    assert (
        expected(cash(forecast(), orders=[order], disputes=[a_dispute()], scenario=STRESS))[0]
        == 70_000
    )
    assert (
        expected(cash(forecast(), orders=[order], scenario=closed), CashSource.ORDER)[1] == 70_000
    )


def test_a_run_moves_a_day_to_the_next_one_of_the_run():
    """A customer that pays on the last day of the month pays then what it would have paid before."""
    run = PayingRun(customer="C-1", month_days=[31])
    other = forecast("F-2", customer="C-2")

    assert expected(cash(forecast(), other, runs=[run], periods=5)) == [0, 100_000, 0, 0, 100_000]


def test_credits_settle_the_oldest_items_and_are_no_cash():
    """Credits come as open items or as forecasts below zero, and leave other customers alone."""
    old, new = (
        forecast("F-1", 20_000, due_date=day(-9)),
        forecast("F-2", 50_000, chances={14: WHOLE_PPM}),
    )
    note = forecast("A-2", -5_000)
    found = cash(old, new, note, forecast("F-3", 900, customer="C-2"), credits=[a_credit()])

    assert expected(found) == [0, 900, 35_000, 0]
    assert found.credited_minor == {_MIRA: 35_000}


def test_sales_to_come_are_paid_as_sales_are():
    """Planned sales add to what is open, by the curve of the past."""
    paid = [
        attrs.evolve(forecast(f"H-{n}").item, document_date=day(-40), paid_on=day(-30 + n // 9))
        for n in range(10)
    ]
    curve = payment_curve(paid, as_of=AS_OF, currency="EUR")
    plan = SalesPlan(creditor="MIRA", currency="EUR", amounts={day(2): 10_000}, curve=curve)

    assert expected(cash(forecast(), sales=[plan]), CashSource.SALES) == [0, 0, 10_000, 0]
    assert curve.chances_ppm[9:] == (0, 900_000, 100_000)


def test_a_curve_counts_what_is_not_paid_yet():
    """Half are paid after ten days; what is five days old says nothing of the tenth."""
    rows = [
        attrs.evolve(forecast(f"H-{n}").item, document_date=day(-since), paid_on=paid)
        for n, (since, paid) in enumerate([(30, day(-20)), (30, None), (5, None), (30, day(9))])
    ]
    curve = payment_curve(rows, as_of=AS_OF, currency="EUR")

    assert curve.chances_ppm[10] == 333_333
    assert sum(curve.chances_ppm) == 333_333


def test_what_is_about_nothing_open_is_named():
    """A promise, a dispute, a plan and an order that find no item are listed, not dropped in silence."""
    found = cash(
        forecast("F-9", customer="C-9"),
        promises=[a_promise()],
        disputes=[a_dispute()],
        plans=[a_plan((1, 5))],
        orders=[
            PaymentOrder(
                reference="O-1", customer="C-1", currency="EUR", amount_minor=1, day=day(1)
            )
        ],
    )

    assert sorted(found.unmatched) == ["D-1", "O-1", "P-1", "PL-1"]


def test_items_of_one_customer_make_a_wider_band_than_items_of_many():
    """What is paid in one run comes or stays away as one."""
    chances = {2: 500_000, 30: 500_000}
    assumed = CashAssumptions(risk=CashRisk(together_bps=10_000, timing_bps=0, level_bps=0))
    one, many = (
        cash(
            *(forecast(f"F-{n}", 1_000, chances=chances, customer=name(n)) for n in range(40)),
            assumptions=assumed,
        ).periods[0]
        for name in (lambda _: "C-1", lambda n: f"C-{n}")
    )

    assert one.low_minor < 2_000
    assert one.high_minor > 38_000
    assert 15_000 < many.low_minor < 17_000
    assert 23_000 < many.high_minor < 25_000


def test_what_is_certain_has_no_band():
    """An item that comes in a week for sure leaves nothing in doubt."""
    assumed = CashAssumptions(risk=CashRisk(level_bps=0))

    assert {
        (one.low_minor, one.high_minor) for one in cash(forecast(), assumptions=assumed).periods
    } == {(0, 0), (100_000, 100_000)}


def test_a_rule_of_a_scenario_speaks_for_its_segment():
    """The first rule that fits takes the place of what is said of everybody."""
    scenario = CashScenario(
        name="retail",
        shift_days=1,
        rules=[
            ScenarioRule(segments=["retail"], unpaid_bps=2_500),
            ScenarioRule(risk_classes=["E"], shift_days=14),
        ],
    )
    given = (
        forecast("F-1", segment="retail"),
        forecast("F-2", 900, features={"risk_class": "E"}),
        forecast("F-3", 70),
    )

    assert expected(cash(*given, scenario=scenario)) == [0, 75_070, 0, 900]


def test_a_forecast_is_a_table():
    """Amounts by period, what comes later or never below them, and what the band holds."""
    lines = str(cash(forecast(chances={7: 900_000}), periods=2)).splitlines()

    assert lines[0].startswith("expected cash, base")
    assert lines[3].split()[:5] == ["2026-11-09", "2026-11-15", "MIRA", "EUR", "900.00"]
    assert lines[4].startswith("later or never") and "100.00" in lines[4]  # noqa: PT018  # one line
    assert lines[5:] == ["low and high hold 80 %", "the first or last period is not whole"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"periods": 0}, "periods must be 1 to 3700, got 0"),
        ({"until": day(9)}, "periods and until must not both be given"),
        ({"periods": None, "until": day(-1)}, "until must be 2026-11-04 or later"),
        ({"first": day(-1)}, "first must be 2026-11-04 or later"),
        ({"coverage_bps": 10_000}, "coverage_bps must be above 0 and below 10000"),
        ({"as_of": day(1)}, "forecasts must be as of 2026-11-05"),
        ({"credits": [a_credit(5)]}, "credits must be below zero, got 5 of A-1"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    """Each impossible wish has its sentence."""
    with pytest.raises(PolicyError, match=message):
        cash_forecast([forecast()], **{"as_of": AS_OF, "periods": 4, **options})


def test_an_item_stands_once():
    """The same item of a creditor twice would be counted twice, and is refused."""
    with pytest.raises(PolicyError, match="once, got F-1 twice"):
        cash(forecast(), forecast())


@pytest.mark.parametrize(
    "make",
    [
        lambda: CashRisk(together_bps=10_001),
        lambda: CashAssumptions(plan_kept_bps=-1),
        lambda: CashAssumptions(dispute_days=-1),
        lambda: PaymentCurve(chances_ppm=[WHOLE_PPM, 1]),
        lambda: SalesPlan(currency="EUR", amounts={AS_OF: -1}, curve=PaymentCurve(chances_ppm=())),
        lambda: PaymentOrder(
            reference="O", customer="C", currency="EUR", amount_minor=0, day=AS_OF
        ),
        lambda: PaymentOrder(
            reference="O", customer="C", currency="EUR", amount_minor=1, day=AS_OF, chance_ppm=-1
        ),
        lambda: cash(
            sales=[
                SalesPlan(currency="EUR", amounts={day(-1): 1}, curve=PaymentCurve(chances_ppm=()))
            ]
        ),
    ],
)
def test_values_that_cannot_be_are_refused(make):
    """Shares are within the whole, amounts and days are not below zero."""
    with pytest.raises(PolicyError, match="must be"):
        make()
