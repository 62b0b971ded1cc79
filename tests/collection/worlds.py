"""Ledgers, cases, policies and frames for the tests of collection."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from receivables.casework import (
    ContactNote,
    CustomerRequest,
    Dispute,
    DisputedPart,
    DisputeOwner,
    DisputeReason,
    NonPaymentReason,
    PromiseToPay,
)
from receivables.collection import (
    CASE_COLUMNS,
    CustomerCase,
    DueMatter,
    OpenDispute,
    OverdueAmount,
    PointScale,
    WorklistPolicy,
    WorkReasonKind,
    contact_logged,
    request_received,
)
from receivables.ledger import DisputeOpened, Ledger, PromiseMade
from receivables.money import money
from receivables.parties import Channel
from receivables.testing.builders import (
    a_receipt,
    an_allocation,
    an_invoice,
    issued,
    received,
    recorded,
)

MIRA = "MIRA"
AS_OF = dt.date(2026, 10, 31)
FIRST = dt.datetime(2025, 1, 1, 8, tzinfo=dt.UTC)

KINDS = ("polars", "polars lazy", "pandas arrow", "pandas nullable", "pyarrow", "duckdb")
"""Every kind of frame that keeps whole numbers with gaps whole."""


def day(days):
    """The day so many days before the day of the tests; after it where below zero."""
    return AS_OF - dt.timedelta(days=days)


def invoice(number="FA-1", *, customer="C-1", days=30, total="100.00", **given):
    """The event of an invoice that is so many days past due, issued thirty days before that."""
    document = an_invoice(
        number,
        customer=customer,
        total=total,
        document_date=day(days + 30),
        due_date=day(days),
        **given,
    )
    return issued(document)


def paid(number, *, customer="C-1", days=0, amount="100.00", minor=10_000):
    """The events of a receipt so many days before the day, and of its allocation to one item."""
    receipt = f"r-{number}-{days}-{minor}"
    return (
        received(a_receipt(receipt, customer=customer, amount=amount, booking_date=day(days))),
        an_allocation(
            {number: minor, receipt: -minor},
            allocation=f"a-{receipt}",
            customers=(customer,),
            effective_on=day(days),
        ),
    )


def note(contact="K-1", *, customer="C-1", days=0, **given):
    """The event of a call so many days before the day."""
    fields = {"channel": "phone", "outcome": "reached", **given}
    return contact_logged(
        ContactNote(contact=contact, customer=customer, **fields),
        creditor=MIRA,
        on=day(days),
        recorded_at=recorded(9),
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


def dispute(name="D-1", *, customer="C-1", item="FA-1", days=5, amount="100.00", **given):
    """The event of a dispute opened so many days before the day."""
    fields = {"reason": "quality", "owner": "quality", **given}
    parts = [DisputedPart(item=item, amount=money(amount, "EUR"))]
    return DisputeOpened(
        event=f"dispute:{MIRA}:{name}",
        effective_on=day(days),
        recorded_at=recorded(9),
        creditor=MIRA,
        dispute=Dispute(dispute=name, customer=customer, parts=parts, **fields),
    )


def request(name="R-1", *, customer="C-1", days=0, **given):
    """The event of a request received so many days before the day."""
    fields = {"kind": "duplicate", **given}
    return request_received(
        CustomerRequest(request=name, customer=customer, **fields),
        creditor=MIRA,
        on=day(days),
        recorded_at=recorded(9),
    )


def ledger_of(*events):
    """A ledger of events, recorded in the order of their moments."""
    flat = [one for event in events for one in (event if isinstance(event, tuple) else (event,))]
    return Ledger.replay(sorted(flat, key=lambda event: event.recorded_at))


def owing(minor, days, *, currency="EUR", items=("FA-1",)):
    """What a customer may be asked for."""
    return OverdueAmount(currency=currency, amount_minor=minor, oldest_days=days, items=items)


def case(customer="C-1", **given):
    """A case; without anything said, of a customer that owes 1,200.00 for 45 days."""
    return CustomerCase(customer=customer, **{"overdue": (owing(120_000, 45),), **given})


MATTER_KINDS = [
    WorkReasonKind.DEADLINE,
    WorkReasonKind.PROMISE_DUE,
    WorkReasonKind.INSTALLMENT_DUE,
    WorkReasonKind.NEXT_ACTION,
    WorkReasonKind.REQUEST,
    WorkReasonKind.DISPUTE,
]


@st.composite
def matters(draw):
    """Something that has a day around the day of the tests."""
    return DueMatter(
        kind=draw(st.sampled_from(MATTER_KINDS)),
        on=day(draw(st.integers(-90, 40))),
        reference=draw(st.sampled_from(["", "P-1", "D-7"])),
        currency="EUR",
        amount_minor=draw(st.integers(0, 10**7)),
    )


@st.composite
def cases(draw, *, customer=None, currencies=("EUR", "JPY")):
    """Cases of every kind, those with nothing to do among them."""
    codes = draw(st.sets(st.sampled_from(currencies), max_size=len(currencies)))
    return CustomerCase(
        customer=customer or draw(st.sampled_from(["C-1", "C-2", "C-3", "Ünal"])),
        overdue=tuple(
            owing(draw(st.integers(1, 10**8)), draw(st.integers(1, 400)), currency=code)
            for code in sorted(codes)
        ),
        stakes={code: draw(st.integers(1, 10**8)) for code in sorted(codes) if draw(st.booleans())},
        matters=tuple(draw(st.lists(matters(), max_size=3))),
        risk=draw(st.sampled_from(["", "low", "medium", "high"])),
        broken_promises=draw(st.integers(0, 4)),
        limit_bps=draw(st.integers(0, 15_000)),
        last_reason=draw(st.none() | st.sampled_from(NonPaymentReason)),
        last_contact_on=draw(st.none() | st.integers(0, 60).map(day)),
        disputes=tuple(
            draw(
                st.lists(
                    st.builds(
                        OpenDispute,
                        dispute=st.just("D-7"),
                        reason=st.sampled_from(DisputeReason),
                        owner=st.sampled_from(DisputeOwner),
                    ),
                    max_size=1,
                )
            )
        ),
        channel=draw(st.sampled_from(Channel)),
    )


@st.composite
def case_lists(draw):
    """Cases of different customers, in any order."""
    names = draw(st.permutations([f"C-{index}" for index in range(draw(st.integers(0, 7)))]))
    return [draw(cases(customer=name)) for name in names]


@st.composite
def scales(draw, *, lowest=0, highest=500):
    """Scales that rise."""
    values = sorted(draw(st.sets(st.integers(lowest, highest), max_size=4)))
    points = sorted(draw(st.lists(st.integers(0, 60), min_size=len(values), max_size=len(values))))
    return PointScale(zip(values, points, strict=True))


@st.composite
def policies(draw):
    """Worklist policies with scales and weights of every kind."""
    by_steps = [
        kind
        for kind in WorkReasonKind
        if kind not in {WorkReasonKind.AMOUNT, WorkReasonKind.STAKE, WorkReasonKind.RISK}
    ]
    return WorklistPolicy(
        steps={
            kind: draw(scales(lowest=-60 if kind in MATTER_KINDS else 1))
            for kind in by_steps
            if draw(st.booleans())
        },
        amounts={
            "amount": {"*": draw(scales(lowest=1, highest=100_000)), "JPY": draw(scales(lowest=1))},
            "stake": {"*": draw(scales(lowest=1, highest=100_000))},
        },
        weights={kind: draw(st.integers(0, 200)) for kind in WorkReasonKind if draw(st.booleans())},
    )


_TEXTS = {"customer", "currency", CASE_COLUMNS[WorkReasonKind.RISK]}


def frame_of(kind: str, columns: dict[str, list[Any]]) -> Any:
    """A frame of a kind from columns of Python values, whole numbers with gaps among them."""
    schema = pa.schema([(name, pa.string() if name in _TEXTS else pa.int64()) for name in columns])
    table = pa.table(columns, schema=schema)
    if kind in {"polars", "polars lazy"}:
        frame = pl.from_arrow(table)
        return frame.lazy() if kind == "polars lazy" else frame
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    if kind == "pandas nullable":
        types = {pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype()}
        return table.to_pandas(types_mapper=types.get)
    if kind == "duckdb":
        return duckdb.from_arrow(table)
    return table


def dicts_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any kind as dictionaries."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect().to_dicts()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if isinstance(frame, pd.DataFrame):
        return frame.astype(object).to_dict("records")
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    return frame.to_pylist()
