"""Due rules: the order of their parts, the traps of months, closures, business days, laws."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import limits
from receivables.days import Adjustment, BusinessCalendar
from receivables.errors import LimitError, PolicyError
from receivables.money import Rounding, money
from receivables.terms import (
    Closure,
    DueRule,
    InstallmentTerms,
    MonthEnd,
    NextDay,
    PaymentTerms,
    SettlementDiscount,
    Share,
    due_date,
)
from receivables.terms.rules import discount_minor, percent_units

from .worlds import BASES, CALENDAR, rule_fields

D = dt.date
AFTER, BEFORE = MonthEnd.AFTER_DAYS, MonthEnd.BEFORE_DAYS

DUE = [
    ("two months are not sixty days", {"months": 2}, D(2026, 1, 30), D(2026, 3, 30)),
    ("sixty days are not two months", {"days": 60}, D(2026, 1, 30), D(2026, 3, 31)),
    ("a day that a month lacks is its last", {"months": 1}, D(2026, 1, 31), D(2026, 2, 28)),
    ("in a leap year too", {"months": 1}, D(2024, 1, 31), D(2024, 2, 29)),
    ("across a year", {"months": 13}, D(2026, 12, 31), D(2028, 1, 31)),
    ("a month after the end of June", {"months": 1, "month_end": AFTER}, D(2020, 6, 11), D(2020, 7, 31)),
    ("and before the days", {"months": 1, "month_end": BEFORE, "days": 10}, D(2020, 6, 11), D(2020, 8, 10)),
    ("weeks and days add up", {"weeks": 2, "days": 3}, D(2026, 1, 1), D(2026, 1, 18)),
    ("the set day comes before the days", {"months": 2, "set_day": 15, "days": 30}, D(2011, 10, 1), D(2012, 1, 14)),
    ("a set day is clipped", {"months": 1, "set_day": 31}, D(2026, 1, 5), D(2026, 2, 28)),
    ("a set day never leads back", {"set_day": 10}, D(2026, 1, 20), D(2026, 1, 20)),
    ("proximo", {"months": 1, "set_day": 10}, D(2026, 1, 31), D(2026, 2, 10)),
    ("the last day before the cut-off", {"months": 1, "set_day": 10, "cut_off": 25}, D(2026, 1, 25), D(2026, 2, 10)),
    ("the first day after it", {"months": 1, "set_day": 10, "cut_off": 25}, D(2026, 1, 26), D(2026, 3, 10)),
    ("a cut-off in December", {"days": 30, "cut_off": 20}, D(2026, 12, 21), D(2027, 1, 31)),
    ("the end of the month, then days", {"days": 30, "month_end": AFTER, "days_after": 10}, D(2026, 1, 5), D(2026, 3, 10)),
    ("a payment day that is reached", {"days": 30, "day": 31}, D(2026, 1, 1), D(2026, 1, 31)),
    ("strictly after", {"days": 30, "day": 31, "next_day": NextDay.AFTER}, D(2026, 1, 1), D(2026, 2, 28)),
    ("the 30th in February", {"days": 0, "day": (15, 30)}, D(2026, 2, 16), D(2026, 2, 28)),
    ("the first of the next month's", {"day": (5, 10)}, D(2026, 12, 11), D(2027, 1, 5)),
    ("after the end of a short month", {"month_end": AFTER, "day": 30, "next_day": NextDay.AFTER}, D(2026, 2, 3), D(2026, 3, 30)),
]  # fmt: skip


@pytest.mark.parametrize(("case", "rule", "base", "due"), DUE, ids=[row[0] for row in DUE])
def test_due_days(case, rule, base, due):
    """The parts of a rule follow one another in their order."""
    assert due == due_date(DueRule(**rule), baseline_date=base)


AUGUST = Closure(first=D(2026, 8, 1), last=D(2026, 8, 31), every_year=True)
CHRISTMAS = Closure(first=D(2025, 12, 24), last=D(2026, 1, 3), every_year=True)
CLOSED = [
    ("once", [Closure(first=D(2026, 8, 1), last=D(2026, 8, 31))], (), D(2026, 8, 15), D(2026, 9, 1)),
    ("once, and in no other year", [Closure(first=D(2026, 8, 1), last=D(2026, 8, 31))], (), D(2027, 8, 15), D(2027, 8, 15)),
    ("every year", [AUGUST], (), D(2031, 8, 31), D(2031, 9, 1)),
    ("over the new year, before it", [CHRISTMAS], (), D(2030, 12, 24), D(2031, 1, 4)),
    ("over the new year, after it", [CHRISTMAS], (), D(2031, 1, 3), D(2031, 1, 4)),
    ("to the next payment day", [AUGUST], (10, 25), D(2026, 8, 1), D(2026, 9, 10)),
    (
        "to the day that is stated",
        [Closure(first=D(2026, 8, 1), last=D(2026, 8, 20), moved_to=D(2026, 9, 3))],
        (10,),
        D(2026, 8, 5),
        D(2026, 9, 3),
    ),
    (
        "into another closure",
        [AUGUST, Closure(first=D(2026, 9, 1), last=D(2026, 9, 4))],
        (),
        D(2026, 8, 5),
        D(2026, 9, 5),
    ),
    (
        "on 29 February",
        [Closure(first=D(2024, 2, 29), last=D(2024, 2, 29), every_year=True)],
        (),
        D(2027, 2, 28),
        D(2027, 3, 1),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "closures", "days", "base", "due"), CLOSED, ids=[row[0] for row in CLOSED]
)
def test_closures_put_off_a_due_date(case, closures, days, base, due):
    """What falls due while the customer is closed is due later."""
    assert due == due_date(DueRule(closures=closures, day=days), baseline_date=base)


def test_closures_without_a_gap_are_refused():
    """A customer that is always closed never pays."""
    halves = [
        Closure(first=D(2026, 1, 1), last=D(2026, 6, 30), every_year=True),
        Closure(first=D(2026, 7, 1), last=D(2026, 12, 31), every_year=True),
    ]

    with pytest.raises(PolicyError, match="closures must leave a day"):
        due_date(DueRule(closures=halves), baseline_date=D(2026, 3, 1))


ADJUSTED = [
    (Adjustment.NONE, D(2026, 5, 31)),
    (Adjustment.FOLLOWING, D(2026, 6, 1)),
    (Adjustment.MODIFIED_FOLLOWING, D(2026, 5, 29)),
    (Adjustment.PRECEDING, D(2026, 5, 29)),
    (Adjustment.MODIFIED_PRECEDING, D(2026, 5, 29)),
]


@pytest.mark.parametrize(("adjustment", "due"), ADJUSTED)
def test_due_dates_move_to_business_days(adjustment, due):
    """A due date on a Sunday moves as the convention says."""
    rule = DueRule(days=30, adjustment=adjustment)

    assert due == due_date(rule, baseline_date=D(2026, 5, 1), calendar=BusinessCalendar())


def test_moving_back_stops_at_the_document():
    """A due date moves to the next business day where the one before lies before the document."""
    rule = DueRule(adjustment=Adjustment.PRECEDING)

    assert D(2026, 6, 1) == due_date(rule, baseline_date=D(2026, 5, 30), calendar=CALENDAR)


@given(rule_fields(closed=True), BASES)
def test_no_due_date_lies_before_its_baseline(fields, base):
    """Whatever a rule says, it grants no time backwards."""
    assert base <= due_date(DueRule(**fields), baseline_date=base, calendar=CALENDAR)


@given(rule_fields(closed=True), BASES)
def test_an_adjusted_due_date_is_a_business_day(fields, base):
    """Any convention but none leads to a business day."""
    rule = DueRule(**{**fields, "adjustment": Adjustment.MODIFIED_FOLLOWING})

    assert CALENDAR.is_business_day(due_date(rule, baseline_date=base, calendar=CALENDAR))


@given(rule_fields(adjusted=False), BASES)
def test_a_payment_day_is_one_of_them(fields, base):
    """With payment days the due date is one of them, or the last day of a month that lacks it."""
    days = fields["day"]
    due = due_date(DueRule(**fields), baseline_date=base)

    last = (due + dt.timedelta(days=1)).day == 1
    assert not days or due.day in days or (last and max(days) > due.day)


@given(rule_fields(adjusted=False), BASES, st.integers(1, 40))
def test_a_later_document_is_never_due_earlier(fields, base, later):
    """Due dates keep the order of the dates they count from, but for a cut-off and a set day."""
    rule = DueRule(**{**fields, "cut_off": None, "set_day": None})
    second = base + dt.timedelta(days=later)

    assert due_date(rule, baseline_date=base) <= due_date(rule, baseline_date=second)


def test_dates_end_with_the_calendar():
    """A due date beyond the year 9999 is refused with a reason."""
    for rule in (DueRule(months=1), DueRule(days=40), DueRule(day=5)):
        with pytest.raises(LimitError, match="before the year 10000"):
            due_date(rule, baseline_date=D(9999, 12, 30))


@given(
    st.integers(0, limits.AMOUNT_MINOR_MAX), st.integers(1, 1_000_000), st.sampled_from(Rounding)
)
def test_discounts_are_exact(base, units, rounding):
    """The rule that stays within 64 bits gives what exact fractions give."""
    exact = Fraction(base * units, 1_000_000)
    floor = int(exact)
    ups = {
        Rounding.DOWN: False,
        Rounding.UP: exact > floor,
        Rounding.HALF_UP: exact - floor >= Fraction(1, 2),
        Rounding.HALF_EVEN: round(exact) > floor,
    }

    assert floor + ups[rounding] == discount_minor(base, units, rounding=rounding)


def test_percentages_are_whole_in_their_unit():
    """Every percentage with four decimals is a whole number of millionths."""
    assert 25_000 == percent_units(Fraction(Decimal("2.5")))
    assert 1 == percent_units(Fraction(Decimal("0.0001")))


EUR = money("10", "EUR")
REFUSED = [
    (DueRule, {"days": 1000}, "days must be 0 to 999, got 1000"),
    (DueRule, {"days": True}, "days must be 0 to 999"),
    (DueRule, {"months": -1}, "months must be 0 to 999"),
    (DueRule, {"weeks": "2"}, "weeks must be 0 to 999"),
    (DueRule, {"day": 32}, "day must be 1 to 31, got 32"),
    (DueRule, {"day": (5, 0)}, "day must be 1 to 31, got 0"),
    (DueRule, {"set_day": 0}, "set_day must be 1 to 31"),
    (DueRule, {"cut_off": 32}, "cut_off must be 1 to 31"),
    (DueRule, {"set_day": 5, "month_end": BEFORE}, "set_day must not be given with before-days"),
    (DueRule, {"days_after": 5}, "days_after must be 0 without month_end after-days"),
    (DueRule, {"days_after": 5, "month_end": BEFORE}, "days_after must be 0"),
    (
        Closure,
        {"first": D(2026, 8, 2), "last": D(2026, 8, 1)},
        "last must not be before 2026-08-02",
    ),
    (
        Closure,
        {"first": D(2026, 8, 1), "last": D(2026, 8, 2), "moved_to": D(2026, 8, 2)},
        "moved_to must be after 2026-08-02",
    ),
    (
        Closure,
        {"first": D(2026, 1, 1), "last": D(2026, 12, 31), "every_year": True},
        "must be shorter than one",
    ),
    (Closure, {"first": dt.datetime(2026, 1, 1), "last": D(2026, 1, 2)}, "first must be a date"),
    (SettlementDiscount, {"percent": 0, "days": 10}, "percent must be more than 0"),
    (SettlementDiscount, {"percent": 100, "days": 10}, "less than 100"),
    (SettlementDiscount, {"percent": 2.5, "days": 10}, "a Decimal or text, got 2.5"),
    (SettlementDiscount, {"percent": "2.12345"}, "at most 4 decimals"),
    (SettlementDiscount, {"percent": "two"}, "percent must be a number"),
    (SettlementDiscount, {"percent": "NaN"}, "percent must be more than 0"),
    (SettlementDiscount, {"percent": None}, "percent of a discount"),
    (InstallmentTerms, {"percent": 5}, "percent must be given with a percentage alone"),
    (InstallmentTerms, {"share": Share.PERCENT_OF_TOTAL}, "percent must be given"),
    (InstallmentTerms, {"share": Share.FIXED}, "amount must be given with a fixed share"),
    (InstallmentTerms, {"amount": EUR}, "amount must be given with a fixed share"),
    (InstallmentTerms, {"share": Share.FIXED, "amount": -EUR}, "amount must be positive"),
    (InstallmentTerms, {"share": Share.WEIGHT, "weight": 0}, "weight must be 1 or more"),
    (InstallmentTerms, {"round_to": Decimal(1)}, "round_to must go with a percentage"),
    (
        InstallmentTerms,
        {"share": Share.PERCENT_OF_TOTAL, "percent": 5, "round_to": Decimal(0)},
        "round_to must be a positive Decimal",
    ),
]


@pytest.mark.parametrize(("kind", "fields", "message"), REFUSED)
def test_impossible_values_are_refused(kind, fields, message):
    """What no calendar, no arithmetic or no agreement has is refused where it is written."""
    with pytest.raises(PolicyError, match=message):
        kind(**fields)


def part(percent, **given):
    """One installment that is a percentage of the total."""
    return InstallmentTerms(share=Share.PERCENT_OF_TOTAL, percent=percent, **given)


REST = InstallmentTerms(days=30)
NO_WHOLE = [
    ([part(50)], "one installment must be the remainder"),
    ([REST, REST], "one installment at most must be the remainder"),
    ([REST, InstallmentTerms(share=Share.WEIGHT)], "at most must be the remainder"),
    ([part(60), part(50), REST], "add up to at most 100, got 110"),
    ([part(50, round_to=Decimal(1)), part(50, round_to=Decimal(1))], "without round_to"),
    (
        [REST, InstallmentTerms(share=Share.PERCENT_OF_REST, percent=5)],
        "must come before the remainder",
    ),
    ([part(100), InstallmentTerms(share=Share.FIXED, amount=EUR)], "must be the remainder"),
    ([REST] * 1201, "installments must be at most 1200"),
]


@pytest.mark.parametrize(("lines", "message"), NO_WHOLE)
def test_installments_must_make_a_whole(lines, message):
    """Installments that leave something over, or take it twice, are refused."""
    with pytest.raises(PolicyError, match=message):
        PaymentTerms(installments=lines)


def test_days_stand_in_the_installments():
    """An agreement in installments has no days of its own."""
    with pytest.raises(PolicyError, match="must stand in the installments"):
        PaymentTerms(days=30, installments=[REST])
    with pytest.raises(PolicyError, match="Use due_dates"):
        due_date(PaymentTerms(installments=[REST]), baseline_date=D(2026, 1, 1))
