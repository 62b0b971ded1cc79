"""The fitted model of payment dates: better than habits, calibrated, the same each time, blind ahead."""

from __future__ import annotations

import datetime as dt
import random

import attrs
import pytest

pytest.importorskip("sklearn")

from receivables.errors import PolicyError
from receivables.fitting import FittedModel, PaymentFitPolicy, fit_payments
from receivables.forecast.habit import HabitModel
from receivables.forecast.model import WHOLE_PPM, ForecastItem

_START = dt.date(2026, 1, 5)
_CUT = dt.date(2026, 8, 31)
_POLICY = PaymentFitPolicy(trees=40, leaves=8, leaf_rows_min=20)


def _paid(due, habit, luck):
    """Paid about the customer's habit, larger items four days later, never on a weekend."""
    paid = due + dt.timedelta(days=habit + luck.choice((0, 0, 0, 0, 1, 1, -1, 2)))
    return paid + dt.timedelta(days=max(0, 7 - paid.weekday()) if paid.weekday() > 4 else 0)


def _item(number, luck, habits):
    customer = min(int(luck.paretovariate(0.6)), len(habits)) - 1
    issued = _START + dt.timedelta(days=luck.randrange(300))
    due = issued + dt.timedelta(days=luck.choice((15, 30)))
    is_large = luck.random() < 0.3
    habit = habits[customer] + 6 * is_large
    return ForecastItem(
        item=f"F-{number}",
        customer=f"C-{customer}",
        currency="EUR",
        amount_minor=900_000 if is_large else luck.randrange(5_000, 20_000),
        document_date=issued,
        due_date=due,
        paid_on=max(_paid(due, habit, luck), issued),
    )


@pytest.fixture(scope="module")
def history():
    """Invoices of forty customers with habits of their own, large ones paid later by each of them."""
    luck = random.Random(1)  # noqa: S311  # made data
    habits = [luck.randrange(-6, 12) for _ in range(40)]
    return tuple(_item(number, luck, habits) for number in range(1_600))


@pytest.fixture(scope="module")
def learned(history):
    """The history, ready to be asked."""
    return FittedModel(policy=_POLICY).learned(history)


def _asked(history, day):
    return [
        attrs.evolve(one, paid_on=None)
        for one in history
        if one.document_date <= day and one.paid_on > day
    ]


def _errors(forecasts, history):
    paid = {one.item: one.paid_on for one in history}
    return [abs((one.expected_on - paid[one.item.item]).days) for one in forecasts]


@pytest.fixture(scope="module")
def told(learned, history):
    """What it says of the items that are open on a few days."""
    days = [_CUT + dt.timedelta(days=step) for step in (1, 11, 21)]
    return [one for day in days for one in learned.forecast(_asked(history, day), as_of=day)]


def test_it_is_nearer_than_the_habit(told, history):
    """What habits cannot see, the size of an item, the fit learns."""
    habit = HabitModel().learned(history)
    by_habit = [
        one
        for day in sorted({one.as_of for one in told})
        for one in habit.forecast(_asked(history, day), as_of=day)
    ]

    assert sum(_errors(told, history)) < 0.8 * sum(_errors(by_habit, history))


def test_chances_keep_what_they_say(told, history):
    """Of the items, as many are paid by a day as the chances of that day add up to."""
    paid = {one.item: one.paid_on for one in history}
    for ahead in (3, 7, 14):
        said = sum(one.paid_by_ppm(one.as_of + dt.timedelta(days=ahead)) for one in told)
        came = sum((paid[one.item.item] - one.as_of).days <= ahead for one in told)

        assert came == pytest.approx(said / WHOLE_PPM, rel=0.1)


def test_reasons_lead_from_the_portfolio_to_the_item(told):
    """Each forecast says what the customer's own habit does to the chance of being late."""
    codes = [{reason.code for reason in one.reasons} for one in told]

    assert all(found & {"own-habit", "thin-history", "no-history"} for found in codes)
    assert any("learned-pattern" in found for found in codes)


def test_the_same_again(told, history):
    """A second fit on the same items in another order says the very same."""
    shuffled = list(history)
    random.Random(2).shuffle(shuffled)  # noqa: S311  # an order
    day = told[0].as_of
    again = FittedModel(policy=_POLICY).forecast(_asked(history, day), history=shuffled, as_of=day)

    assert list(again) == [one for one in told if one.as_of == day]


def _later(one, luck):
    """Another end of the story: what happens after the cut is different."""
    if one.document_date > _CUT:
        return attrs.evolve(one, amount_minor=one.amount_minor * 3, customer="C-1")
    if one.paid_on > _CUT + dt.timedelta(days=1):
        return attrs.evolve(one, paid_on=luck.choice([None, one.paid_on + dt.timedelta(days=50)]))
    return one


def test_what_comes_later_changes_nothing(told, history):
    """Payments after the day, and items after it, have no part in what is said on it."""
    luck = random.Random(3)  # noqa: S311  # made data
    day = _CUT + dt.timedelta(days=1)
    other = [_later(one, luck) for one in history if one.document_date != day]
    other += [one for one in history if one.document_date == day]
    again = FittedModel(policy=_POLICY).forecast(_asked(history, day), history=other, as_of=day)

    assert list(again) == [one for one in told if one.as_of == day]


def test_with_little_history_habits_speak(history):
    """Where there is too little to fit on, nothing is fitted, and there is a forecast all the same."""
    few = history[:100]
    model = fit_payments(few, through=_CUT, policy=_POLICY)
    [told] = model.forecast([attrs.evolve(few[0], paid_on=None)], history=few, as_of=_CUT)

    assert not model.is_fitted
    assert sum(told.chances_ppm) + told.beyond_ppm == WHOLE_PPM


def test_with_no_history_there_is_a_forecast():
    """Of nothing nothing follows but that it is not paid before the day."""
    item = ForecastItem(
        item="F-1",
        customer="C-1",
        currency="EUR",
        amount_minor=100,
        document_date=_CUT,
        due_date=None,
    )
    [told] = FittedModel().forecast([item], history=(), as_of=_CUT)

    assert told.reasons[0].code == "no-history"
    assert FittedModel().forecast([], history=(), as_of=_CUT) == ()


def test_a_currency_that_it_was_not_fitted_on_gets_the_habit(learned, history):
    """In a domain of which nothing is known the fit has no say."""
    day = _CUT + dt.timedelta(days=1)
    items = [attrs.evolve(one, currency="CAD") for one in _asked(history, day)[:50]]
    unfitted = FittedModel(policy=attrs.evolve(_POLICY, payments_min=10**6)).learned(history)
    found = learned.forecast(items, as_of=day)

    assert [one.chances_ppm for one in found] == [
        one.chances_ppm for one in unfitted.forecast(items, as_of=day)
    ]


def test_a_fit_refuses_days_before_it(history):
    """What was fitted on August cannot foretell July: it has seen it."""
    model = fit_payments(history[:100], through=_CUT, policy=_POLICY)

    with pytest.raises(PolicyError, match="on or after 2026-08-31"):
        model.forecast([], history=history, as_of=_CUT - dt.timedelta(days=1))


@pytest.mark.parametrize(
    "name", ["items_max", "payments_min", "trees", "leaves", "learning_rate", "fit_percent"]
)
def test_policies_are_above_zero(name):
    """Nothing is fitted with no trees, no leaves, no items."""
    with pytest.raises(PolicyError, match=f"{name} must be above zero"):
        PaymentFitPolicy(**{name: 0})


def test_no_more_than_all_is_fitted():
    """The habit's share is not below nothing."""
    with pytest.raises(PolicyError, match="at most 100"):
        PaymentFitPolicy(fit_percent=101)
