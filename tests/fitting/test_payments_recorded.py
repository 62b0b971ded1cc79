"""The fitted model of payment dates on a real history, beside boosting on the same day's knowledge."""

from __future__ import annotations

import csv
import datetime as dt
import statistics
from decimal import Decimal

import attrs
import pytest

pytest.importorskip("sklearn")

from receivables.fitting import FittedModel
from receivables.forecast.model import ForecastItem

_CUT = dt.date(2019, 5, 31)
_LAST = dt.date(2019, 6, 20)
_KNOWN = dt.date(2019, 8, 31)


def _day(text):
    return dt.date.fromisoformat(text) if text else None


def _item(row):
    return ForecastItem(
        item=row["invoice_id"],
        customer=row["cust_number"],
        currency=row["currency"],
        amount_minor=int(Decimal(row["amount"]) * 100),
        document_date=_day(row["invoice_date"]),
        due_date=_day(row["due_date"]),
        paid_on=_day(row["clear_date"]),
        segment=row["business_code"],
        features={"name_customer": row["name_customer"]},
    )


@pytest.fixture(scope="module")
def recorded(root):
    """The real invoices of 2019, as known at the end of August."""
    path = root.parent / "shared" / "corpora" / "payment_history"
    if not path.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    with (path / "real_usd_until_2019-08-31.csv").open(encoding="utf-8", newline="") as text:
        return tuple(_item(row) for row in csv.DictReader(text))


def _late(item):
    return (item.paid_on - item.due_date).days


def _boosted(history, asked):
    """Boosting with absolute loss on the customer's figures so far and the invoice."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415

    paid = {}
    for one in sorted((one for one in history if one.paid_on), key=lambda one: one.paid_on):
        paid.setdefault(one.customer, []).append((one.paid_on, _late(one)))

    def row(item, day):
        late = [days for on, days in paid.get(item.customer, []) if on <= day][-96:]
        figures = [statistics.median(late), statistics.mean(late), late[-1]] if late else [None] * 3
        terms = (item.due_date - item.document_date).days
        weekdays = [item.due_date.weekday(), item.document_date.weekday()]
        return [float("nan") if one is None else one for one in figures] + [
            len(late),
            terms,
            *weekdays,
            item.amount_minor,
        ]

    known = [one for one in history if one.paid_on and one.paid_on <= _CUT]
    model = HistGradientBoostingRegressor(loss="absolute_error", random_state=0, max_iter=150)
    model.fit([row(one, one.document_date) for one in known], [_late(one) for one in known])
    return model.predict([row(one, one.document_date) for one in asked]).round()


@pytest.mark.slow
def test_it_is_nearer_than_boosting_on_later_invoices(recorded):
    """Each invoice of three weeks, on its own day: a tenth nearer, and bands that keep their word."""
    asked = [one for one in recorded if _CUT < one.document_date <= _LAST and one.paid_on]
    learned = FittedModel().learned(recorded)
    told = []
    for day in sorted({one.document_date for one in asked}):
        mine = [attrs.evolve(one, paid_on=None) for one in asked if one.document_date == day]
        told += learned.forecast(mine, as_of=day)
    asked.sort(key=lambda one: one.document_date)
    boosted = _boosted(recorded, asked)
    error = statistics.mean(
        abs((one.expected_on - item.paid_on).days) for one, item in zip(told, asked, strict=True)
    )
    peer = statistics.mean(
        abs(days - _late(item)) for days, item in zip(boosted, asked, strict=True)
    )
    bands = [one.band() for one in told]
    held = statistics.mean(
        low <= item.paid_on <= (high or _KNOWN)
        for (low, high), item in zip(bands, asked, strict=True)
    )

    assert error < 0.9 * peer
    assert 0.76 < held < 0.86
