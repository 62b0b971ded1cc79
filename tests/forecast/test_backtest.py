"""Back-tests: what was known then, errors and coverage by hand, and a history without surprises."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import attrs
import pytest

from receivables.errors import PolicyError
from receivables.forecast import (
    WHOLE_PPM,
    CashRisk,
    DueDate,
    ForecastItem,
    HabitModel,
    ItemGroup,
    PaymentForecast,
    ShrunkMedian,
    back_test,
    back_test_invoices,
    fitted_risk,
)

_MONDAY = dt.date(2026, 3, 2)


def day(number):
    """So many days after a Monday."""
    return _MONDAY + dt.timedelta(days=number)


def row(name, *, due, paid, amount=10_000, customer="C-1", document=-30):
    """An item by the days on which it was due and paid."""
    return ForecastItem(
        item=name,
        customer=customer,
        currency="EUR",
        amount_minor=amount,
        document_date=day(document),
        due_date=day(due),
        paid_on=None if paid is None else day(paid),
    )


@attrs.frozen
class Says:
    """A model that says the same days after each due date, and keeps what it was shown."""

    chances: tuple[tuple[int, int], ...]
    shown: list[object] = attrs.field(factory=list)
    name: str = "says"

    def forecast(self, items, *, history, as_of, known_through=None):
        self.shown.append((as_of, known_through, tuple(items), tuple(history)))
        return [
            PaymentForecast(
                item=one,
                as_of=as_of,
                model=self.name,
                days=[max(one.pay_by, as_of) + dt.timedelta(days=late) for late, _ in self.chances],
                chances_ppm=[chance for _, chance in self.chances],
                beyond_ppm=WHOLE_PPM - sum(chance for _, chance in self.chances),
            )
            for one in items
        ]


def weekly(count=40, late=3):
    """A customer that is invoiced every Monday for a month, and pays late by the same days."""
    return [
        row(f"F-{n}", document=7 * n, due=7 * n + 28, paid=7 * n + 28 + late) for n in range(count)
    ]


def test_a_model_sees_what_was_known_then():
    """Later items are not there, later payments have not happened, and paid items are not asked for."""
    rows = [
        row("F-1", due=0, paid=4),
        row("F-2", due=9, paid=20),
        row("F-3", due=40, paid=50, document=12),
    ]
    model = Says(((0, WHOLE_PPM),))
    back_test(rows, model, days=[day(10)], horizon_days=7, peers=())

    [(as_of, known_through, items, history)] = model.shown
    assert (as_of, known_through) == (day(10), day(10))
    assert [(one.item, one.paid_on) for one in items] == [("F-2", None)]
    assert [(one.item, one.paid_on) for one in history] == [("F-1", day(4)), ("F-2", None)]


def test_what_happens_later_changes_nothing_that_was_said():
    """The same back-test from a history that ends otherwise says the same of the same day."""
    told, other = Says(((0, WHOLE_PPM),)), Says(((0, WHOLE_PPM),))
    history = weekly()
    changed = [
        one
        if one.paid_on <= day(140)
        else attrs.evolve(one, paid_on=one.paid_on + dt.timedelta(days=9))
        for one in history
    ]
    for rows, model in ((history, told), (changed, other)):
        back_test(rows, model, days=[day(140)], known_through=day(300), peers=())

    assert told.shown == other.shown


def test_errors_by_hand():
    """Three items: on the day, two days early, and one that is open still, with its least error."""
    rows = [
        row("F-1", due=10, paid=12),
        row("F-2", due=10, paid=14),
        row("F-3", due=20, paid=None),
        row("F-0", due=1, paid=40),
    ]
    found = back_test(rows, Says(((2, WHOLE_PPM),)), days=[day(5)], horizon_days=7, peers=())
    scores = found.of("says", ItemGroup.NOT_DUE)

    assert (scores.items, scores.still_open) == (3, 1)
    # The last day is 40, so that the open one is paid on day 41 at the earliest, and was said for 22.
    assert scores.mean_absolute_days == Fraction(0 + 2 + 19, 3)
    assert scores.bias_days == Fraction(-21, 3)
    assert scores.median_absolute_days == 2
    assert scores.within_3_days == Fraction(2, 3)
    assert scores.right_bucket == Fraction(2, 3)
    assert scores.brier == 0
    assert found.of("says", ItemGroup.OVERDUE).mean_absolute_days == 40 - 7


def test_bands_lateness_and_draws_by_hand():
    """A band is judged where it ends within the data; chances of being late stand beside what came."""
    chances = ((0, 100_000), (1, 300_000), (2, 400_000), (3, 200_000))
    rows = [row(f"F-{n}", due=10, paid=10 + n) for n in range(4)]
    rows += [row("F-8", due=19, paid=None), row("F-9", due=10, paid=20)]
    scores = back_test(rows, Says(chances), days=[day(5)], horizon_days=7, peers=()).of("says")

    # The widest band of 90 % or less ends two days after the due date, which lies in the data but
    # for the item that is due on day 19.
    band = scores.band(9_000)
    assert (band.decided, band.mean_days) == (5, 3)
    assert band.share == Fraction(3, 5)
    late = scores.reliability[9]
    assert (late.items, late.late, late.said, late.seen) == (6, 5, Fraction(9, 10), Fraction(5, 6))
    assert scores.brier == Fraction(5 * 1 + 81, 600)
    assert sum(scores.pit) == 1
    # The first item fell into the first tenth, the second spread over the next three.
    assert scores.pit[0] == Fraction(1, 6)
    assert scores.pit[1] == Fraction(333_333, 6_000_000)


def test_cash_by_hand():
    """Of 100.00 and 200.00 expected in two weeks 100.00 came in each: a third of it was wrong."""
    rows = [
        row("F-1", due=7, paid=7),
        row("F-2", due=16, paid=15, amount=20_000),
        row("F-3", due=16, paid=None),
        row("F-4", due=90, paid=90),
    ]
    found = back_test(rows, DueDate(), days=[day(-1 + 7)], horizon_days=14)

    assert [
        (one.expected_minor, one.came_minor) for one in found.cash if one.model == "due date"
    ] == [
        (10_000, 10_000),
        (30_000, 20_000),
    ]
    assert found.cash_error("due date") == Fraction(1, 3)
    assert found.cash_total_error("due date") == Fraction(1, 3)
    assert found.cash_coverage("due date") == Fraction(1, 2)


def test_a_customer_without_surprises_is_foreseen():
    """Habit and the shrunk median know the day, and the due date is three days early."""
    found = back_test(weekly(), HabitModel(), days=[day(139), day(167)])

    assert found.models == ("habit", "due date", "customer mean", "shrunk median")
    assert found.of("shrunk median").mean_absolute_days == 0
    assert found.of("due date").bias_days == -3
    assert found.of("habit").mean_absolute_days < Fraction(1, 2)
    assert found.cash_error("habit") < Fraction(1, 10)


def test_a_trusted_model_says_the_same():
    """Habit looks at nothing later by itself: learning once and being shown each day are equal."""
    history = weekly(24)
    shown, trusted = (
        back_test_invoices(
            history, HabitModel(), first=day(84), last=day(105), trusted=is_trusted, peers=()
        )
        for is_trusted in (False, True)
    )

    assert shown.items == trusted.items
    assert shown.days == (day(84), day(91), day(98), day(105))


def test_each_invoice_on_its_own_date():
    """An invoice that is issued on the day is asked for, and what was paid by then is known."""
    model = Says(((3, WHOLE_PPM),))
    found = back_test_invoices(weekly(), model, first=day(70), last=day(77), peers=[ShrunkMedian()])

    assert [[one.item for one in items] for _, _, items, _ in model.shown] == [["F-10"], ["F-11"]]
    assert found.of("says").mean_absolute_days == 0
    assert found.cash == ()


def test_tables_of_a_back_test():
    """A row for each model, what is still open in a note, and the chances of being late in tenths."""
    found = back_test(weekly(), ShrunkMedian(), days=[day(139)])

    assert [one[0] for one in found.to_table().rows] == [
        "shrunk median",
        "due date",
        "customer mean",
    ]
    assert str(found).count("back-test of") == 2
    assert found._repr_html_().count("<table") == 2
    assert len(found.reliability_table("due date").rows) == 10


def test_risk_is_measured():
    """Where every payment is foreseen nothing moves together; where all slip in the same weeks, all do."""
    days = [day(139 + 7 * n) for n in range(6)]
    slips = [
        attrs.evolve(
            one,
            item=f"{one.item}-{customer}",
            customer=customer,
            paid_on=one.paid_on + dt.timedelta(days=7 * (n % 2)),
        )
        for customer in "ABCDEFGHIJ"
        for n, one in enumerate(weekly())
    ]
    doubtful = Says(((3, 500_000), (10, 500_000)))

    assert fitted_risk(weekly(), ShrunkMedian(), days=days) == CashRisk(
        together_bps=0, timing_bps=0, level_bps=0
    )
    assert fitted_risk(slips, doubtful, days=days).timing_bps > 1_000


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: back_test([], DueDate(), days=[day(0)]), "history must have items"),
        (lambda: back_test(weekly(), DueDate(), days=[]), "days must be one or more"),
        (
            lambda: back_test(weekly(), DueDate(), days=[day(290)]),
            "must lie within the data, which end on",
        ),
        (
            lambda: back_test_invoices(weekly(), DueDate(), first=day(-9), last=day(-8)),
            "must have items dated from",
        ),
        (lambda: back_test(weekly(), DueDate(), days=[day(70)]).of("x"), "must be among due date"),
        (
            lambda: back_test(weekly(), _Forgets(), days=[day(70)]),
            "must give a forecast for each of",
        ),
    ],
)
def test_what_cannot_be_tested_is_refused(run, message):
    """Each impossible test has its sentence."""
    with pytest.raises(PolicyError, match=message):
        run()


class _Forgets:
    """A model that leaves an item out."""

    name = "forgets"

    def forecast(self, items, **given):
        return DueDate().forecast(items[1:], **given)


def test_habit_foresees_the_cash_of_real_invoices(real_history):
    """On four weeks of real invoices the weekly cash is right within 10 %, and the peers are not."""
    found = back_test(
        real_history,
        HabitModel(),
        days=[dt.date(2019, 7, 7)],
        known_through=dt.date(2019, 8, 31),
        trusted=True,
        peers=[ShrunkMedian()],
    )

    assert found.cash_error("habit") < Fraction(1, 10)
    assert found.cash_error("shrunk median") > Fraction(2, 10)
    overdue = found.of("habit", ItemGroup.OVERDUE)
    assert overdue.mean_absolute_days < 16


@pytest.fixture(scope="module")
def real_history():
    """Real invoices of 2019, where the shared corpora are."""
    name = "real_usd_until_2019-08-31.csv"
    path = Path(__file__).parents[3] / "shared" / "corpora" / "payment_history" / name
    if not path.exists():
        pytest.skip("shared corpora are not beside this checkout")

    def on(text):
        return dt.date.fromisoformat(text) if text else None

    with path.open(encoding="utf-8") as lines:
        return [
            ForecastItem(
                item=str(number),
                customer=one["cust_number"],
                currency="USD",
                amount_minor=int(Decimal(one["amount"]) * 100),
                document_date=on(one["invoice_date"]),
                due_date=on(one["due_date"]),
                paid_on=on(one["clear_date"]),
            )
            for number, one in enumerate(csv.DictReader(lines))
        ]
