"""Forecasts by hand and drawn ones, promises, plans and disputes, for the tests of expected cash."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from receivables.forecast import WHOLE_PPM, ForecastItem, PaymentForecast

AS_OF = dt.date(2026, 11, 4)
"""A Wednesday, so that the first week is a part of one."""


def day(number):
    """So many days after `AS_OF`."""
    return AS_OF + dt.timedelta(days=number)


def forecast(name="F-1", amount=100_000, *, chances=None, customer="C-1", **given):
    """A forecast with chances by days after `AS_OF`; certain in a week where none are given."""
    chances = {7: WHOLE_PPM} if chances is None else chances
    item = ForecastItem(
        item=name,
        customer=customer,
        amount_minor=amount,
        **{
            "currency": "EUR",
            "creditor": "MIRA",
            "document_date": day(-20),
            "due_date": day(5),
            **given,
        },
    )
    return PaymentForecast(
        item=item,
        as_of=AS_OF,
        model="by hand",
        days=[day(number) for number in sorted(chances)],
        chances_ppm=[chances[number] for number in sorted(chances)],
        beyond_ppm=WHOLE_PPM - sum(chances.values()),
    )


@st.composite
def forecasts(draw, *, least=1, most=6):
    """Forecasts of a few customers, creditors and currencies with chances on any days."""
    count = draw(st.integers(least, most))
    return [_drawn(draw, f"F-{index}") for index in range(count)]


def _drawn(draw, name):
    weights = draw(st.dictionaries(st.integers(0, 60), st.integers(0, 9), max_size=5))
    total = sum(weights.values()) + draw(st.integers(1, 5))
    return forecast(
        name,
        draw(st.integers(1, 99_999) | st.sampled_from([1, 10**12])),
        chances={number: weight * WHOLE_PPM // total for number, weight in weights.items()},
        customer=draw(st.sampled_from(["C-1", "C-2"])),
        currency=draw(st.sampled_from(["EUR", "EUR", "JPY"])),
        creditor=draw(st.sampled_from(["MIRA", "NORD"])),
    )
