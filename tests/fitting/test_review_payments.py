"""Facts of a history, in whatever order it came."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest

pytest.importorskip("numpy")

from receivables.fitting._payment_facts import facts_of
from receivables.forecast.model import ForecastItem


def test_items_of_one_name_have_an_order_of_their_own():
    """Two items that share number, date and customer are told apart by the rest, and never by luck."""
    day = dt.date(2026, 3, 2)
    items = [
        ForecastItem(
            item="F-1",
            customer="C-1",
            currency=currency,
            amount_minor=amount,
            document_date=day,
            due_date=day + dt.timedelta(days=terms),
            paid_on=paid,
        )
        for currency, amount, terms, paid in (
            ("EUR", 100, 30, None),
            ("EUR", 200, 30, day),
            ("CAD", 100, 30, None),
            ("EUR", 100, 60, None),
        )
    ]
    seen = {
        tuple(
            zip(
                facts.amounts.tolist(),
                facts.items.due.tolist(),
                facts.paid.tolist(),
                facts.items.domain.tolist(),
                strict=True,
            )
        )
        for facts in map(facts_of, permutations(items))
    }

    assert len(seen) == 1
