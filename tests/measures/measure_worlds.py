"""Ledgers whose measures are known, and frames of every kind made of them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pyarrow as pa

from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.casework import Dispute, DisputedPart
from receivables.disputes.recording import dispute_opened
from receivables.ledger import Ledger
from receivables.ledger.model import Allocated, EventId, Unallocated
from receivables.measures import MeasureUnit, measure_columns
from receivables.measures.columns import column_of
from receivables.money import money
from receivables.testing.builders import (
    a_cancellation,
    a_credit_note,
    a_debit_note,
    a_receipt,
    a_return,
    an_invoice,
    issued,
    received,
    recorded,
)

from ..aging import worlds  # noqa: TID252  # one world of frames

AS_OF = dt.date(2026, 10, 31)
rows_of = worlds.rows_of
names_of = worlds.names_of

worlds._TYPES.setdefault("paid_on", pa.date32())
for _name in ("sales_minor", "contested_minor"):
    worlds._TYPES.setdefault(_name, pa.int64())


def day(month, number):
    """A day of 2026."""
    return dt.date(2026, month, number)


def invoice(number, total, sold, *, minute=0, customer="C-1", due=None, **fields):
    """An invoice of a day, due thirty days later."""
    due = sold + dt.timedelta(days=30) if due is None else due
    document = an_invoice(
        number, total=total, customer=customer, document_date=sold, due_date=due, **fields
    )
    return issued(document, minute=minute)


def receipt(name, amount, booked, *, customer="C-1", minute=1, **fields):
    """A receipt of a day."""
    return received(
        a_receipt(name, amount=amount, booking_date=booked, customer=customer, **fields),
        minute=minute,
    )


def allocated(name, legs, on, *, residuals=(), customers=("C-1",), minute=3, currency="EUR"):
    """An allocation with what else settled it."""
    allocation = Allocation(
        allocation=name,
        creditor="MIRA",
        currency=currency,
        legs=[Leg(item, minor) for item, minor in legs.items()],
        residuals=residuals,
    )
    return Allocated(
        event=EventId(f"allocated:MIRA:{name}"),
        effective_on=on,
        recorded_at=recorded(minute),
        allocation=allocation,
        customers=customers,
    )


def undone(name, on, *, customers=("C-1",), minute=9):
    """An allocation that is undone."""
    return Unallocated(
        event=EventId(f"undone:{name}"),
        effective_on=on,
        recorded_at=recorded(minute),
        creditor="MIRA",
        customers=customers,
        allocation=name,
    )


def a_book():
    """A ledger in which everything happens that measures tell apart."""
    contested = Dispute(
        dispute="D-1",
        customer="C-2",
        reason="quality",
        owner="quality",
        parts=[DisputedPart(item="F-5", amount=money("150.00", "EUR"))],
    )
    events = [
        invoice("F-1", "1000.00", day(6, 10)),
        invoice("F-2", "400.00", day(7, 5)),
        invoice("F-3", "900.00", day(8, 20), customer="C-2"),
        invoice("F-4", "500.00", day(9, 15)),
        invoice("F-5", "700.00", day(9, 25), customer="C-2"),
        invoice("F-6", "250.00", day(10, 10), customer="C-3"),
        invoice("F-7", "80.00", day(10, 12), customer="C-3"),
        invoice("J-1", 90_000, day(9, 1), currency="JPY", customer="C-3"),
        issued(a_credit_note("A-1", total="60.00", document_date=day(9, 30), customer="C-1")),
        issued(a_debit_note("N-1", total="40.00", document_date=day(10, 1), customer="C-1")),
        receipt("r-1", "1000.00", day(8, 4)),
        receipt("r-2", "300.00", day(9, 1)),
        receipt("r-3", "850.00", day(10, 5), customer="C-2"),
        receipt("r-4", "75.00", day(10, 20), customer="C-3"),
        receipt("r-5", "20.00", day(10, 22), customer="C-3"),
        receipt("r-6", "500.00", day(9, 20)),
        allocated("a-1", {"F-1": 100_000, "r-1": -100_000}, day(8, 4)),
        allocated(
            "a-2",
            {"F-2": 40_000, "r-2": -30_000},
            day(9, 2),
            residuals=[Residual(ResidualKind.WRITE_OFF, 10_000, item="F-2")],
        ),
        allocated(
            "a-3",
            {"F-3": 90_000, "r-3": -85_000},
            day(10, 6),
            residuals=[Residual(ResidualKind.DEDUCTION, 5_000, item="F-3", reason="freight")],
            customers=("C-2",),
        ),
        allocated("a-4", {"F-4": 50_000, "r-6": -50_000}, day(9, 21)),
        undone("a-4", day(10, 2)),
        a_return("r-6", effective_on=day(10, 2), minute=10, customer="C-1"),
        a_cancellation("F-7", effective_on=day(10, 15), minute=11, customer="C-3"),
        a_return("r-5", effective_on=day(10, 25), minute=11, customer="C-3"),
        dispute_opened(contested, creditor="MIRA", on=day(10, 8), recorded_at=recorded(12)),
    ]
    return Ledger().record(*sorted(events, key=lambda event: event.recorded_at))


def frames(ledger, kind, *, as_of=AS_OF, known_at=None, segments=None):
    """Items and moves of a ledger as frames of a kind."""
    columns = measure_columns(ledger, as_of=as_of, known_at=known_at, segments=segments)
    return tuple(
        worlds.frame_of(kind, {name: list(values) for name, values in each.items()})
        for each in (columns.items, columns.moves)
    )


def dicts_of(frame):
    """The rows of a frame, what is no number and no text as None."""
    names = names_of(frame)
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in rows_of(frame)
    ]


def _plain(value):
    """A value of any engine as Python has it."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if isinstance(value, float):
        return None if value != value else int(value)  # noqa: PLR0124  # a gap of pandas
    return int(value) if hasattr(value, "item") else value


_TIMES = {MeasureUnit.DAYS: 100, MeasureUnit.SHARE: 10_000, MeasureUnit.RATIO: 10_000}


def expected(table, by):
    """The figures of objects as columns have them."""
    rows = {}
    for figure in table:
        key = (*(getattr(figure, name) for name in by), figure.currency)
        row = rows.setdefault(key, {})
        value = figure.value
        times = _TIMES.get(figure.measure.unit, 1)
        row[column_of(figure.measure)] = None if value is None else round(Fraction(value) * times)
    return rows
