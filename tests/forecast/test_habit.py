"""The habit of a customer: what was paid says what will be paid, and nothing later does."""

from __future__ import annotations

import datetime as dt
import statistics

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.days import BusinessCalendar
from receivables.errors import PolicyError
from receivables.forecast import WHOLE_PPM
from receivables.forecast.habit import REASON_CODES, HabitLevel, HabitModel, HabitPolicy
from receivables.forecast.objects import payment_forecasts

from .habit_worlds import AS_OF, an_item, histories, published, shrunk_median, weekly

DAY = dt.timedelta(days=1)
SETTINGS = settings(max_examples=20, deadline=None)


def _forecast(item, history, *, as_of=AS_OF, **given):
    return payment_forecasts([item], history=history, as_of=as_of, **given)[0]


def _codes(forecast):
    return [reason.code for reason in forecast.reasons]


def test_a_customer_pays_as_it_has_always_paid():
    """Twenty payments six days late make a seventh day's bet of six days late."""
    forecast = _forecast(an_item(due=dt.date(2026, 11, 4)), weekly(20, paid=6))

    assert forecast.expected_on == dt.date(2026, 11, 10)
    assert forecast.late_ppm > 900_000
    assert _codes(forecast) == ["own-habit", "paying-weekday"]


def test_a_customer_of_whom_little_is_known_leans_on_the_portfolio():
    """One early payment moves a newcomer less than forty of its own move a regular."""
    others = [one for name in "XYZ" for one in weekly(30, paid=5, customer=name)]
    item = an_item(due=dt.date(2026, 11, 25))
    none, one, many = (
        _forecast(item, [*others, *weekly(count, paid=-6)]).late_ppm for count in (0, 1, 40)
    )

    assert none > one > many


def test_nothing_known_is_said_to_be_nothing_known():
    """Without any history there is a wide band, and a reason that says why."""
    forecast = _forecast(an_item(), [])
    low, high = forecast.band()

    assert _codes(forecast) == ["no-history"]
    assert (high - low).days > 14


@SETTINGS
@given(histories(), histories(), st.integers(-30, 30))
def test_what_happens_later_changes_no_forecast(history, later, shift):
    """Later payments and later invoices can be anything at all: no forecast sees them."""
    as_of = AS_OF - dt.timedelta(days=60)
    known = [one for one in history if one.document_date <= as_of]
    items = [attrs.evolve(one, paid_on=None) for one in known[:4]]
    changed = [
        one
        if one.paid_on is None or one.paid_on <= as_of
        else attrs.evolve(one, paid_on=max(one.paid_on + dt.timedelta(days=shift), as_of + DAY))
        for one in known
    ]
    newer = [
        attrs.evolve(one, document_date=as_of + DAY, known_on=as_of + DAY, item=f"new {one.item}")
        for one in later
    ]
    model = HabitModel()
    before = model.forecast(items, history=known, as_of=as_of)
    after = model.forecast(items, history=[*newer, *changed], as_of=as_of)

    assert before == after


@SETTINGS
@given(histories(), st.integers(0, 40))
def test_silence_after_the_last_known_day_says_nothing(history, gap):
    """What is known up to a day gives the same chances as a history cut off there."""
    through = AS_OF - dt.timedelta(days=gap)
    cut = [
        attrs.evolve(one, paid_on=one.paid_on if one.paid_on and one.paid_on <= through else None)
        for one in history
        if one.document_date <= through
    ]
    items = [an_item(number, due=AS_OF + number * DAY, terms=number) for number in range(3)]
    model = HabitModel()

    assert model.forecast(items, history=cut, as_of=AS_OF, known_through=through) == model.forecast(
        items, history=history, as_of=AS_OF, known_through=through
    )


@SETTINGS
@given(histories())
def test_chances_are_whole_lie_after_the_day_and_do_not_depend_on_order(history):
    """Every forecast sums to certainty, on paying days after today, whatever the order of the history."""
    items = [an_item(number, due=AS_OF - number * 9 * DAY) for number in range(-3, 9)]
    found = HabitModel().forecast(items, history=history, as_of=AS_OF)

    assert all(sum(one.chances_ppm) + one.beyond_ppm == WHOLE_PPM for one in found)
    assert all(one.days[0] > AS_OF for one in found)
    assert found == HabitModel().forecast(items, history=history[::-1], as_of=AS_OF)


def test_what_is_late_already_is_not_expected_in_the_past():
    """An item ten days late of a punctual customer waits as the portfolio's late ones did."""
    slow = weekly(30, paid=30, customer="SLOW")
    item = an_item(due=AS_OF - 10 * DAY)
    forecast = _forecast(item, [*weekly(30, paid=0), *slow])

    assert abs((forecast.expected_on - AS_OF).days - 20) <= 4
    assert forecast.late_ppm == WHOLE_PPM
    assert _codes(forecast)[-1] == "already-overdue"


def test_nobody_pays_on_a_holiday_or_at_the_weekend():
    """A calendar's holidays have no chance, and neither have Saturdays that nobody pays on."""
    calendar = BusinessCalendar(holidays=[dt.date(2026, 11, 11)])
    forecast = HabitModel(calendar=calendar).forecast(
        [an_item(due=dt.date(2026, 11, 4))], history=weekly(30, paid=7), as_of=AS_OF
    )[0]

    assert forecast.expected_on == dt.date(2026, 11, 12)
    assert all(calendar.is_business_day(day) for day in forecast.days)


def test_weekdays_are_learned_where_there_is_no_calendar():
    """Where people pay on Sundays and not on Fridays, so do the forecasts."""
    sundays = weekly(60, paid=0, first=dt.date(2025, 8, 3))
    forecast = _forecast(an_item(due=dt.date(2026, 11, 2)), sundays)

    assert {day.weekday() for day in forecast.days} == {6}


def test_the_weekday_of_the_due_date_is_part_of_the_habit():
    """Who pays on Thursday what is due on Saturday, and on Tuesday what is due on Sunday, will."""
    saturdays = weekly(30, paid=-2, first=dt.date(2026, 1, 10))
    sundays = weekly(30, paid=2, first=dt.date(2026, 1, 11))
    items = [an_item(due=dt.date(2026, 11, 14)), an_item(due=dt.date(2026, 11, 15))]
    found = HabitModel().forecast(items, history=[*saturdays, *sundays], as_of=AS_OF)

    assert [one.expected_on for one in found] == [dt.date(2026, 11, 12), dt.date(2026, 11, 17)]


def test_reasons_are_known_codes_and_say_what_is_unusual():
    """A large, disputed item of a customer who has become slower says all three."""
    history = [*weekly(20, paid=0), *weekly(5, paid=12, first=dt.date(2026, 7, 1))]
    item = an_item(due=dt.date(2026, 11, 4), amount_minor=90_000, is_disputed=True)
    codes = _codes(_forecast(item, history))

    assert set(codes) >= {"own-habit", "slower-lately", "amount-unusual", "disputed"}
    assert set(codes) <= set(REASON_CODES)


def test_an_item_that_is_paid_cannot_be_forecast():
    """What was paid by the day is refused, because its forecast would be no forecast."""
    with pytest.raises(PolicyError, match="items must be open on 2026-10-30, got FA-1"):
        _forecast(an_item(due=AS_OF, paid=-1), [])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"half-live": 3}, "keys of habit must be among"),
        ({"half-life-days": -1}, "half_life_days must be a whole number"),
        ({"late-days": 2}, "late_days must be a whole number of 5 to"),
        ({"levels": [{"by": ["moon"], "strength": 1}]}, "by must be among customer"),
        ({"levels": [{"by": [], "strength": 1}]}, "by must name one thing or more"),
        ({"levels": [{"by": ["customer"], "strength": 0}]}, "strength must be a whole number"),
        ({"levels": [{"by": ["customer"]}]}, "habit: "),
    ],
)
def test_a_policy_says_what_is_wrong_with_it(table, message):
    """A table that cannot be a policy is refused by name."""
    with pytest.raises(PolicyError, match=message):
        HabitPolicy.from_table(table)


def test_levels_are_data():
    """A policy of one level forgets the weekday, and still sums to certainty."""
    policy = HabitPolicy(levels=[HabitLevel(by=["customer", "creditor"], strength=1)])
    found = HabitModel(policy=policy).forecast([an_item()], history=weekly(9, paid=3), as_of=AS_OF)

    assert sum(found[0].chances_ppm) + found[0].beyond_ppm == WHOLE_PPM


def test_it_beats_the_shrunk_median_on_published_invoices_and_its_bands_hold():
    """A month of a real book, known up to its eve: better by a fifth, and four of five in the band."""
    history, eve = published(), dt.date(2019, 5, 31)
    month = (eve + DAY, dt.date(2019, 6, 30))
    items = [one for one in history if month[0] <= one.document_date <= month[1] and one.paid_on]
    lates: dict[str, list[int]] = {}
    for one in history:
        if one.paid_on and one.paid_on <= eve:
            lates.setdefault(one.customer, []).append((one.paid_on - one.due_date).days)
    found = HabitModel().forecast(items, history=history, as_of=eve)
    misses = [abs((one.expected_on - one.item.paid_on).days) for one in found]
    medians = {name: round(shrunk_median(lates, name)) for name in {one.customer for one in items}}
    baseline = [abs((one.paid_on - one.due_date).days - medians[one.customer]) for one in items]
    bands = [one.band() for one in found]
    held = [
        low <= one.item.paid_on <= (high or one.item.paid_on)
        for one, (low, high) in zip(found, bands, strict=True)
    ]

    assert statistics.mean(misses) < 0.85 * statistics.mean(baseline)
    assert 0.77 <= statistics.mean(held) <= 0.83
