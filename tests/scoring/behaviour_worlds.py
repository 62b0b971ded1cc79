"""Ledgers, experiences and frames for the tests of payment behaviour."""

from __future__ import annotations

import datetime as dt

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from receivables.casework import Dispute, DisputedPart, DisputeOutcome, PromiseToPay
from receivables.ledger import DisputeOpened, DisputeResolved, DueDateChanged, Ledger, PromiseMade
from receivables.money import from_minor, money
from receivables.scoring import PaymentExperience, behaviour
from receivables.testing.builders import (
    a_notice,
    a_receipt,
    a_return,
    an_allocation,
    an_invoice,
    an_unallocation,
    issued,
    received,
    recorded,
)

MIRA = "MIRA"
AS_OF = dt.date(2026, 10, 31)

KINDS = ("polars", "polars lazy", "pandas arrow", "pandas nullable", "pyarrow", "duckdb")
"""Every kind of frame that keeps whole numbers with gaps whole."""


def day(days):
    """The day so many days before the day of the tests; after it where below zero."""
    return AS_OF - dt.timedelta(days=days)


def invoice(number="FA-1", *, customer="C-1", days=30, minor=10_000, currency="EUR", **given):
    """The event of an invoice that is so many days past due, issued thirty days before that."""
    document = an_invoice(
        number,
        customer=customer,
        total=from_minor(minor, currency),
        document_date=day(days + 30),
        due_date=day(days),
        **given,
    )
    return issued(document)


def paid(number="FA-1", *, customer="C-1", days=0, minor=10_000, currency="EUR", applied=None):
    """The events of a receipt so many days before the day, and of its allocation to one item."""
    receipt = f"r-{number}-{days}-{minor}"
    money_in = a_receipt(
        receipt, customer=customer, amount=from_minor(minor, currency), booking_date=day(days)
    )
    return (
        received(money_in),
        an_allocation(
            {number: minor, receipt: -minor},
            allocation=f"a-{receipt}",
            currency=currency,
            customers=(customer,),
            effective_on=day(days if applied is None else applied),
        ),
    )


def settled(number="FA-1", *, late=0, ago=30, minor=10_000, **given):
    """The events of an invoice paid in full so many days ago, so many days late."""
    return (
        invoice(number, days=ago + late, minor=minor, **given),
        *paid(number, days=ago, minor=minor, **given),
    )


def promise(name="P-1", *, customer="C-1", items=("FA-1",), days=0, due=0, amount="100.00"):
    """The event of a promise given `days` before the day and due `due` days before it."""
    return PromiseMade(
        event=f"promise-made:{MIRA}:{name}",
        effective_on=day(days),
        recorded_at=recorded(9),
        creditor=MIRA,
        promise=PromiseToPay(
            promise=name,
            customer=customer,
            amount=money(amount, "EUR"),
            due_on=day(due),
            items=items,
        ),
    )


def dispute(name="D-1", *, customer="C-1", item="FA-1", days=5, amount="100.00"):
    """The event of a dispute opened so many days before the day."""
    parts = [DisputedPart(item=item, amount=money(amount, "EUR"))]
    return DisputeOpened(
        event=f"dispute:{MIRA}:{name}",
        effective_on=day(days),
        recorded_at=recorded(9),
        creditor=MIRA,
        dispute=Dispute(
            dispute=name, customer=customer, parts=parts, reason="quality", owner="quality"
        ),
    )


def decided(name="D-1", *, customer="C-1", outcome="invalid", days=1, accepted=()):
    """The event that a dispute was decided so many days before the day."""
    return DisputeResolved(
        event=f"dispute-resolved:{MIRA}:{name}",
        effective_on=day(days),
        recorded_at=recorded(10),
        creditor=MIRA,
        customer=customer,
        dispute=name,
        outcome=DisputeOutcome(outcome),
        accepted=accepted,
    )


def postponed(item="FA-1", *, customer="C-1", to=0, days=5):
    """The event that an item is due later, said so many days before the day."""
    return DueDateChanged(
        event=f"postponed:{item}:{to}",
        effective_on=day(days),
        recorded_at=recorded(9),
        creditor=MIRA,
        customer=customer,
        item=item,
        due_date=day(to),
    )


def noticed(item="FA-1", *, customer="C-1", level=1, days=5):
    """The event of a notice about one item."""
    (listed,) = a_notice().items
    return a_notice(
        customer=customer,
        level=level,
        effective_on=day(days),
        minute=4 + level,
        event=f"notice:{item}:{level}",
        items=(attrs.evolve(listed, item=item, level=level),),
    )


def ledger_of(*events):
    """A ledger of events, recorded in the order of their moments."""
    flat = [one for event in events for one in (event if isinstance(event, tuple) else (event,))]
    return Ledger.replay(sorted(flat, key=lambda event: event.recorded_at))


def behaviour_of(*events, customer="C-1", **given):
    """The behaviour of a customer on the day of the tests."""
    return behaviour(ledger_of(*events), MIRA, **{"as_of": AS_OF, **given})[customer]


def figures_of(*events, **given):
    """Its overall figures."""
    return behaviour_of(*events, **given).figures


@st.composite
def experiences(draw, *, currencies=("EUR", "JPY"), dated=False):
    """Something sold to one of three customers, paid, paid later than the day, or not at all."""
    due = draw(st.integers(-60, 500))
    return PaymentExperience(
        customer=draw(st.sampled_from(["C-1", "C-2", "C-3"])),
        currency=draw(st.sampled_from(currencies)),
        amount_minor=draw(st.integers(1, 300) | st.integers(1, 10**9)),
        due_date=day(due) if dated or draw(st.integers(0, 5)) else None,
        paid_on=draw(st.none() | st.integers(-30, 500).map(day)),
        since=day(due + draw(st.integers(0, 60))),
    )


def columns_of(given):
    """Experiences as columns of Python values."""
    names = [field.name for field in attrs.fields(PaymentExperience)]
    found = {name: [getattr(one, name) for one in given] for name in names}
    found["effective_on"] = found.pop("since")
    return found


_TYPES = {
    "customer": (pl.String, pa.string(), "string"),
    "currency": (pl.String, pa.string(), "string"),
    "amount_minor": (pl.Int64, pa.int64(), "Int64"),
    "due_date": (pl.Date, pa.date32(), "datetime64[us]"),
    "paid_on": (pl.Date, pa.date32(), "datetime64[us]"),
    "effective_on": (pl.Date, pa.date32(), "datetime64[us]"),
}


def frame_of(kind, columns):
    """The columns as a frame of some kind."""
    if kind.startswith("polars"):
        frame = pl.DataFrame(columns, schema={name: _TYPES[name][0] for name in columns})
        return frame.lazy() if kind == "polars lazy" else frame
    table = pa.table(columns, schema=pa.schema([(name, _TYPES[name][1]) for name in columns]))
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    if kind == "pandas nullable":
        return pd.DataFrame(
            {name: pd.Series(values, dtype=_TYPES[name][2]) for name, values in columns.items()}
        )
    if kind == "duckdb":
        return duckdb.from_arrow(table)
    return table


def dicts_of(frame):
    """The rows of any frame as Python dictionaries."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if isinstance(frame, pd.DataFrame):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    if isinstance(frame, duckdb.DuckDBPyRelation):
        names = frame.columns
        return [dict(zip(names, row, strict=True)) for row in frame.fetchall()]
    return frame.to_pylist()


@st.composite
def _lives(draw, name, customer):
    """An invoice and what becomes of it: paid once or twice, postponed, chased, promised, contested."""
    issued_on = draw(st.integers(60, 400))
    due = issued_on - 30
    minor = draw(st.integers(2, 10**6))
    events = [invoice(name, customer=customer, days=due, minor=minor)]
    given = {"customer": customer}
    if draw(st.integers(0, 3)) == 0:
        events.append(postponed(name, to=due - 20, days=draw(st.integers(0, issued_on)), **given))
    if draw(st.integers(0, 3)) == 0:
        events.append(noticed(name, days=draw(st.integers(0, due)), **given))
    if draw(st.integers(0, 3)) == 0:
        said = draw(st.integers(1, due))
        events.append(
            promise(f"P-{name}", items=(name,), days=said, due=draw(st.integers(0, said)), **given)
        )
    if draw(st.integers(0, 3)) == 0:
        said = draw(st.integers(1, due))
        events.append(dispute(f"D-{name}", item=name, days=said, amount="0.01", **given))
        if draw(st.booleans()):
            events.append(decided(f"D-{name}", days=draw(st.integers(0, said)), **given))
    parts = draw(st.sampled_from([(), (minor,), (minor // 2,), (minor // 2, minor - minor // 2)]))
    for number, part in enumerate(parts):
        came = draw(st.integers(0, issued_on))
        done = draw(st.integers(0, came))
        receipt, applied = paid(name, days=came, minor=part, applied=done, **given)
        # Two parts of one day and amount are two receipts all the same.
        events += _renamed(receipt, applied, f"r-{name}-{number}")
        if draw(st.integers(0, 4)) == 0:
            back = draw(st.integers(0, done))
            events.append(an_unallocation(events[-1], effective_on=day(back)))
            events.append(a_return(f"r-{name}-{number}", customer=customer, effective_on=day(back)))
    return events


def _renamed(received_event, applied, name):
    receipt = attrs.evolve(received_event.receipt, receipt=name)
    legs = [
        attrs.evolve(leg, item=name) if leg.amount_minor < 0 else leg
        for leg in applied.allocation.legs
    ]
    allocation = attrs.evolve(applied.allocation, allocation=f"a-{name}", legs=legs)
    return (
        attrs.evolve(received_event, event=f"received:{name}", receipt=receipt),
        attrs.evolve(applied, event=f"allocated:{name}", allocation=allocation),
    )


@st.composite
def lives(draw):
    """The events of some invoices of two customers, in any order of recording that can be."""
    waiting = [
        draw(_lives(f"FA-{number}", draw(st.sampled_from(["C-1", "C-2"]))))
        for number in range(draw(st.integers(1, 6)))
    ]
    events = []
    while any(waiting):
        place = draw(st.sampled_from([at for at, left in enumerate(waiting) if left]))
        events.append(attrs.evolve(waiting[place].pop(0), recorded_at=recorded(len(events))))
    return tuple(events)
