"""Late items, procedures and runs for the tests of dunning."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from receivables.casework import Holdback, HoldReason
from receivables.documents import ItemKind
from receivables.dunning import DunningLevel, DunningProcedure, propose
from receivables.interest import InterestPolicy, RateSeries, RateTable, jurisdiction
from receivables.parties import Address, Customer
from receivables.testing.builders import an_open_item, recorded

DUE = dt.date(2026, 6, 1)
CUSTOMER = "C-017"

HARD = DunningProcedure(
    name="hard",
    version="1",
    ladder="house",
    levels=[
        DunningLevel(days_past_due=5, letter="reminder-1"),
        DunningLevel(
            days_past_due=20, letter="final-reminder", fees_minor={"EUR": 1_500}, deadline_days=8
        ),
        DunningLevel(
            days_past_due=40,
            letter="formal-notice",
            fees_minor={"EUR": 2_500},
            charges_interest=True,
            deadline_days=10,
        ),
        DunningLevel(days_past_due=60, stage="payment-order"),
    ],
)
"""Fees from the second level on, interest with the third, then a payment order."""


def on(day):
    """So many days after the due date."""
    return DUE + dt.timedelta(days=day)


def late(name="F-1", minor=10_000, **fields):
    """An open item that was due on `DUE`."""
    return an_open_item(item=name, amount_minor=minor, **{"due_date": DUE, **fields})


def credit(name="A-1", minor=-4_000, **fields):
    """A credit note."""
    return late(name, minor, kind=ItemKind.CREDIT_NOTE, **fields)


def held(item="F-1", amount=None, *, reason=HoldReason.DISPUTE, **fields):
    """A holdback, by default of a whole item, because it is in dispute."""
    values = {"creditor": "MIRA", "reference": "D-1", **fields}
    return Holdback(item=item, amount_minor=amount, reason=reason, **values)


def a_business(name=CUSTOMER, **fields):
    """A customer that may be charged."""
    return Customer(customer=name, name="Quincaillerie Dupré SARL", **fields)


def in_town(postal_code, **fields):
    """A French customer at a place."""
    return a_business(address=Address(postal_code=postal_code, country="FR"), **fields)


BUSINESSES = {name: a_business(name) for name in ("C-1", "C-2", "C-3", CUSTOMER)}


def run(items, day, sent=(), procedure=HARD, **given):
    """A run so many days after the due date, of businesses unless customers are given."""
    options = {"customers": BUSINESSES, "recorded_at": recorded(), **given}
    return propose(items, notices=sent, procedure=procedure, as_of=on(day), **options)


def climb(items, *days, procedure=HARD, **given):
    """The notices of runs on several days, each counting for the next."""
    sent = []
    for day in days:
        sent += run(items, day, sent, procedure, **given).notices
    return sent


def reasons(found):
    """Why items are skipped, by item."""
    return {item: one.reason.value for one in found.skipped for item in one.items}


def french_interest():
    """The law between businesses in France, with the rates of 2026."""
    steps = {"2025-06-11": "2.15", "2026-06-17": "2.40"}
    mro = RateSeries.stepwise("ecb.mro", steps, source="ECB")
    return InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable([mro]))


@st.composite
def portfolios(draw, *, charges=False, most=6):
    """Open items of a few customers and currencies, debits and credits, dated and not."""
    return [_drawn(draw, index, charges=charges) for index in range(draw(st.integers(1, most)))]


def _drawn(draw, index, *, charges):
    minor = draw(st.integers(-8_000, 30_000).filter(bool))
    is_charge = charges and minor > 0 and draw(st.integers(0, 3)) == 0
    return late(
        f"F-{index}",
        minor,
        document=f"F-{index - index % 2}",
        customer=draw(st.sampled_from(["C-1", "C-2"])),
        currency=draw(st.sampled_from(["EUR", "EUR", "CAD"])),
        due_date=draw(st.none() | st.integers(-20, 60).map(on)),
        category=draw(st.sampled_from(["dunning-fee", "late-interest"])) if is_charge else "",
    )


@st.composite
def holds(draw, *, most=4):
    """Holdbacks on the items of a portfolio: of the whole, or of a part; some are over."""
    return [
        held(
            f"F-{draw(st.integers(0, 5))}",
            draw(st.none() | st.integers(1, 20_000)),
            reason=draw(st.sampled_from(HoldReason)),
            until=draw(st.none() | st.integers(-5, 90).map(on)),
        )
        for _ in range(draw(st.integers(0, most)))
    ]


@st.composite
def ladders(draw, *, per=None):
    """Procedures of one to four levels, some of which end in a referral."""
    days = draw(st.lists(st.integers(1, 50), min_size=1, max_size=4, unique=True).map(sorted))
    refers = len(days) > 1 and draw(st.booleans())
    levels = [
        DunningLevel(
            days_past_due=day,
            days_after_previous=draw(st.integers(1, 12)),
            letter="" if refers and day == days[-1] else "reminder-1",
            stage="court" if refers and day == days[-1] else "reminder",
            fees_minor=draw(st.sampled_from([{}, {"EUR": 500}])),
        )
        for day in days
    ]
    given = {} if per is None else {"per": per}
    return DunningProcedure(
        name="drawn",
        version="1",
        levels=levels,
        grace_days=draw(st.integers(0, 4)),
        minimums_minor=draw(st.sampled_from([{}, {"EUR": 5_000}])),
        **given,
    )
