"""Items, commitments, receipts, rates and limits, for the tests of exposure, limits and insurance."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st

from receivables.casework import Holdback, HoldReason
from receivables.casework.credit import Collateral, CreditLimit, LimitKind, LimitScope
from receivables.credit.model import (
    Commitment,
    ComponentKind,
    Exposure,
    ExposureComponent,
    ExposurePolicy,
)
from receivables.currencies import ExchangeRates
from receivables.documents import ItemKind
from receivables.money import ExchangeRate, Rounding, from_minor
from receivables.receipts import Receipt, ReceiptMethod
from receivables.testing.builders import an_open_item

DAY = dt.date(2026, 10, 31)
RATES = ExchangeRates(
    [
        ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0887"), date=DAY, source="ECB"),
        ExchangeRate(base="EUR", quote="JPY", rate=Decimal("163.27"), date=DAY, source="ECB"),
    ],
    pivot="EUR",
)
CUSTOMERS = ("C-1", "C-2")
CURRENCIES = ("EUR", "USD", "JPY")
KINDS = (
    ComponentKind.DELIVERIES,
    ComponentKind.ORDERS,
    ComponentKind.BILLS,
    ComponentKind.CHEQUES,
)


def days(*, around=60):
    """Days before and after `DAY`."""
    return st.integers(-around, around).map(lambda count: DAY + dt.timedelta(days=count))


@st.composite
def items(draw, *, name=None, least=-40_000, customers=CUSTOMERS):
    """An open item: an invoice, a credit note or unapplied cash, in one of three currencies."""
    amount = draw(st.integers(least, 40_000).filter(bool))
    is_cash = amount < 0 and draw(st.booleans())
    return an_open_item(
        name or f"F-{draw(st.integers(0, 10**6))}",
        amount_minor=amount,
        currency=draw(st.sampled_from(CURRENCIES)),
        customer=draw(st.sampled_from(customers)),
        creditor=draw(st.sampled_from(["MIRA", "NORD"])),
        **({"kind": ItemKind.UNAPPLIED_CASH} if is_cash else {}),
    )


@st.composite
def commitments(draw, name):
    """An order, a delivery, a bill or a cheque that stands or does not."""
    return Commitment(
        commitment=name,
        customer=draw(st.sampled_from(CUSTOMERS)),
        kind=draw(st.sampled_from(KINDS)),
        amount=from_minor(draw(st.integers(1, 40_000)), draw(st.sampled_from(CURRENCIES))),
        expected_on=draw(st.none() | days()),
        creditor=draw(st.sampled_from(["", "MIRA", "NORD"])),
    )


@st.composite
def cheques(draw, name):
    """A receipt that may still come back, or not any more."""
    return Receipt(
        receipt=name,
        creditor="MIRA",
        customer=draw(st.sampled_from(CUSTOMERS)),
        amount=from_minor(draw(st.integers(1, 40_000)), draw(st.sampled_from(CURRENCIES))),
        booking_date=DAY - dt.timedelta(days=draw(st.integers(0, 20))),
        method=draw(st.sampled_from(ReceiptMethod)),
    )


@st.composite
def policies(draw):
    """Weights, horizons and a rounding of any kind."""
    weights = st.dictionaries(st.sampled_from(ComponentKind), st.integers(0, 10_000))
    return ExposurePolicy(
        weights=draw(weights),
        horizons=draw(st.dictionaries(st.sampled_from(KINDS), st.integers(0, 60))),
        clearing_days=draw(st.integers(0, 15)),
        rounding=draw(st.sampled_from(Rounding)),
    )


@st.composite
def worlds(draw):
    """What an exposure is made of, as arguments of `exposures`."""
    owed = [draw(items(name=f"F-{index}")) for index in range(draw(st.integers(0, 5)))]
    held = [
        Holdback(
            creditor=item.creditor,
            item=item.item,
            reason=draw(st.sampled_from(HoldReason)),
            reference="D-1",
            amount_minor=draw(st.none() | st.integers(1, 30_000)),
        )
        for item in owed
        if draw(st.booleans())
    ]
    ordered = [draw(commitments(f"SO-{index}")) for index in range(draw(st.integers(0, 3)))]
    came = [draw(cheques(f"R-{index}")) for index in range(draw(st.integers(0, 2)))]
    return {
        "items": owed,
        "held": held,
        "commitments": ordered,
        "receipts": came,
        "policy": draw(policies()),
        "currency": draw(st.sampled_from(CURRENCIES)),
    }


def a_limit(limit="L-1", amount_minor=50_000, *, currency="EUR", **given):
    """A limit of a customer, our own unless it says otherwise."""
    named = given.keys() & {"customer", "group", "country"}
    return CreditLimit(
        limit=limit,
        amount=from_minor(amount_minor, currency),
        **({} if named else {"customer": "C-1"}),
        **given,
    )


@st.composite
def limits(draw, name):
    """A limit of any kind, within its dates or not."""
    kind = draw(st.sampled_from(LimitKind))
    secured = None
    if kind is LimitKind.COLLATERAL:
        secured = Collateral(
            kind="pledge",
            value=from_minor(draw(st.integers(1, 60_000)), "EUR"),
            haircut_bps=draw(st.integers(0, 10_000)),
            prior=from_minor(draw(st.integers(0, 30_000)), "EUR"),
        )
    since = draw(st.none() | days())
    until = draw(st.none() | days().filter(lambda day: since is None or day >= since))
    return a_limit(
        name,
        draw(st.integers(0, 60_000)),
        currency=draw(st.sampled_from(CURRENCIES)),
        kind=kind,
        since=since,
        until=until,
        cover_bps=draw(st.integers(1, 10_000)),
        collateral=secured,
    )


def owing(minor, *, holder="C-1", currency="EUR", scope=LimitScope.CUSTOMER):
    """An exposure of so many minor units."""
    part = ExposureComponent(
        kind=ComponentKind.OPEN_ITEMS,
        amount_minor=minor,
        weight_bps=10_000,
        weighted_minor=minor,
    )
    return Exposure(
        creditor="MIRA",
        holder=holder,
        scope=scope,
        currency=currency,
        as_of=DAY,
        components=(part,),
    )
