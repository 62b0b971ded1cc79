"""Histories for the tests of habits: small ones that are drawn, and the published one where it is there."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import statistics
from pathlib import Path

import pytest
from hypothesis import strategies as st

from receivables.forecast import ForecastItem

AS_OF = dt.date(2026, 10, 30)
PUBLISHED = (
    Path(__file__).resolve().parents[2].parent
    / "shared/corpora/payment_history/real_usd_until_2019-08-31.csv"
)


def an_item(number=1, *, due=AS_OF, paid=None, terms=30, customer="C-1", **given):
    """An item that is due on a day, and paid so many days later or not at all."""
    paid_on = None if paid is None else due + dt.timedelta(days=paid)
    values = {"currency": "EUR", "amount_minor": 10_000}
    return ForecastItem(
        item=f"FA-{number}",
        customer=customer,
        document_date=due - dt.timedelta(days=terms),
        due_date=due,
        paid_on=paid_on,
        **{**values, **given},
    )


def weekly(count, *, paid, first=dt.date(2026, 1, 7), **given):
    """Items that are due every seven days, all paid so many days late."""
    return [
        an_item(number, due=first + dt.timedelta(days=7 * number), paid=paid, **given)
        for number in range(count)
    ]


@st.composite
def histories(draw, *, most=25):
    """Items of a few customers, paid or not, around `AS_OF`."""
    count = draw(st.integers(0, most))
    return [
        an_item(
            number,
            due=AS_OF - dt.timedelta(days=draw(st.integers(-40, 200))),
            paid=draw(st.none() | st.integers(-20, 60)),
            terms=draw(st.sampled_from([0, 14, 30, 60])),
            customer=draw(st.sampled_from(["C-1", "C-2", "Ünal"])),
            amount_minor=draw(st.sampled_from([-500, 10_000, 99_000])),
        )
        for number in range(count)
    ]


@functools.cache
def published():
    """The published invoices, each once, in the order of the file."""
    if not PUBLISHED.is_file():
        pytest.skip("shared corpora are not beside this checkout")
    day = dt.date.fromisoformat
    found = {}
    with PUBLISHED.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(
                row["invoice_id"],
                ForecastItem(
                    item=row["invoice_id"],
                    customer=row["cust_number"],
                    currency=row["currency"],
                    amount_minor=round(100 * float(row["amount"])),
                    document_date=day(row["invoice_date"]),
                    due_date=day(row["due_date"]),
                    paid_on=day(row["clear_date"]) if row["clear_date"] else None,
                    segment=row["business_code"],
                ),
            )
    return tuple(found.values())


def shrunk_median(history, customer, *, strength=2):
    """The middle of a customer's days late, leaning on everybody's: the published baseline."""
    every = statistics.median([late for lates in history.values() for late in lates])
    own = history.get(customer, [])
    middle = statistics.median(own) if own else every
    return (len(own) * middle + strength * every) / (len(own) + strength)
