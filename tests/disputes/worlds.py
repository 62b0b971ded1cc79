"""Ledgers with disputes in them, drawn and told, for the tests of disputes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from receivables.allocation import allocate
from receivables.casework import Dispute, DisputedPart, DisputeOutcome, DisputeOwner, DisputeReason
from receivables.disputes import (
    DisputePolicy,
    EscalationStep,
    dispute_opened,
    dispute_resolved,
    dispute_updated,
    open_disputes,
)
from receivables.ledger import Ledger
from receivables.money import from_minor, money, to_minor
from receivables.testing.builders import (
    CREDITOR,
    CUSTOMER,
    a_receipt,
    an_invoice,
    issued,
    received,
    recorded,
)

FIRST = dt.date(2026, 11, 2)
"""The day on which the drawn worlds begin."""

CURRENCIES = {"FA-1": "EUR", "FA-2": "EUR", "FA-3": "JPY"}


def day(number):
    """A day of the world, by its number."""
    return FIRST + dt.timedelta(days=number)


def a_part(item="FA-1", amount="30.00", currency="EUR"):
    """How much of an item is contested."""
    return DisputedPart(item=item, amount=money(amount, currency))


def a_dispute(name="D-1", **fields):
    """A dispute about quality, over thirty of the first invoice."""
    defaults = {
        "customer": CUSTOMER,
        "parts": [a_part()],
        "reason": "quality",
        "owner": "quality",
        "answer_by": day(10),
    }
    return Dispute(dispute=name, **{**defaults, **fields})


class Story:
    """A ledger told step by step: each verb records one thing that happened on a day."""

    def __init__(self, *documents):
        self.ledger = Ledger()
        self.minute = 0
        for document in documents or (an_invoice(),):
            self.record(issued(document, minute=self.now_minute()))

    def now_minute(self):
        """The minute of the next recording."""
        self.minute += 1
        return self.minute

    def now(self):
        """The moment of the next recording."""
        return recorded(self.now_minute())

    def record(self, *events):
        """Record events."""
        self.ledger = self.ledger.record(*events)
        return self

    def open(self, dispute=None, *, on=0):
        """A dispute is opened."""
        case = dispute or a_dispute()
        return self.record(
            dispute_opened(case, creditor=CREDITOR, on=day(on), recorded_at=self.now())
        )

    def update(self, dispute, *, on, revision=0):
        """A dispute is another."""
        event = dispute_updated(
            dispute, creditor=CREDITOR, on=day(on), recorded_at=self.now(), revision=revision
        )
        return self.record(event)

    def decide(self, outcome, *, on=5, dispute="D-1", **fields):
        """A dispute is decided."""
        event = dispute_resolved(
            self.ledger,
            dispute,
            creditor=CREDITOR,
            outcome=outcome,
            on=day(on),
            recorded_at=self.now(),
            **fields,
        )
        return self.record(event)

    def issue(self, document):
        """A document is issued."""
        return self.record(issued(document, minute=self.now_minute()))

    def pay(self, amount, *, item="FA-1", on=3, name="r-1"):
        """A receipt comes in, and goes to one item."""
        currency = CURRENCIES.get(item, "EUR")
        receipt = a_receipt(name, amount=amount, currency=currency, booking_date=day(on))
        self.record(received(receipt, minute=self.now_minute()))
        items = {one.item: one for one in self.ledger.open_items(as_of=day(on))}
        done = allocate(f"a-{name}", credits=[items[name]], debits={items[item]: receipt.amount})
        return self.settle(done, on=on)

    def settle(self, allocation, *, on):
        """An allocation takes effect."""
        event = self.ledger.allocated(allocation, effective_on=day(on), recorded_at=self.now())
        return self.record(event)


@st.composite
def stories(draw, *, max_steps=9):
    """Ledgers in which disputes are opened, updated and decided while money comes in."""
    story = Story(
        an_invoice("FA-1", total="100.00"),
        an_invoice("FA-2", total="0.05"),
        an_invoice("FA-3", total="300", currency="JPY"),
    )
    on = 0
    for place in range(draw(st.integers(1, max_steps))):
        on += draw(st.integers(0, 4))
        step = draw(st.sampled_from([_open, _open, _open, _update, _decide, _pay, _pay]))
        step(draw, story, on, place)
    return story.ledger


def _parts(draw):
    names = draw(st.lists(st.sampled_from(sorted(CURRENCIES)), min_size=1, max_size=3, unique=True))
    return [_drawn_part(draw, name, most=12_000) for name in names]


def _drawn_part(draw, name, *, most):
    return DisputedPart(item=name, amount=from_minor(draw(st.integers(1, most)), CURRENCIES[name]))


def _open(draw, story, on, place):
    reason = draw(st.sampled_from(DisputeReason))
    owner = draw(st.sampled_from(DisputeOwner))
    answer_by = draw(st.none() | st.integers(0, 30).map(day))
    case = a_dispute(
        f"D-{place}", parts=_parts(draw), reason=reason, owner=owner, answer_by=answer_by
    )
    story.open(case, on=on)


def _undecided(draw, story, on):
    found = open_disputes(story.ledger, CREDITOR, as_of=day(on))
    return draw(st.sampled_from(found)).dispute if found else None


def _update(draw, story, on, place):
    if case := _undecided(draw, story, on):
        to = draw(st.sampled_from(["", "head of credit"]))
        story.update(attrs.evolve(case, parts=_parts(draw), escalated_to=to), on=on, revision=place)


def _decide(draw, story, on, place):
    if not (case := _undecided(draw, story, on)):
        return
    outcome = draw(st.sampled_from(DisputeOutcome))
    accepted = []
    if outcome is DisputeOutcome.SPLIT:
        first = case.parts[0]
        minor = to_minor(first.amount)
        if len(case.parts) == 1 and minor == 1:
            outcome = DisputeOutcome.INVALID
        else:
            most = minor if len(case.parts) > 1 else minor - 1
            accepted = [_drawn_part(draw, first.item, most=most)]
    story.decide(outcome, on=on, dispute=case.dispute, accepted=accepted)


def _pay(draw, story, on, place):
    name = draw(st.sampled_from(sorted(CURRENCIES)))
    item = story.ledger.item(CREDITOR, name, as_of=day(on))
    if not item.open_minor:
        return
    minor = draw(st.integers(1, item.open_minor))
    story.pay(from_minor(minor, item.currency), item=name, on=on, name=f"r-{place}")


@st.composite
def policies(draw):
    """Policies with some days and some steps."""
    days = draw(st.lists(st.integers(1, 30), max_size=3, unique=True))
    owner = draw(st.none() | st.sampled_from(DisputeOwner))
    steps = [EscalationStep(after_days=each, to=f"head {each}", owner=owner) for each in days]
    common = draw(st.lists(st.integers(31, 40), max_size=1))
    steps += [EscalationStep(after_days=each, to=f"board {each}") for each in common]
    return DisputePolicy(answer_days=draw(st.integers(0, 20)), escalation=steps)


_TYPES = {
    "open_minor": pa.int64(),
    "contested_minor": pa.int64(),
    "opened_on": pa.date32(),
    "answer_by": pa.date32(),
}


def frame_of(kind: str, columns: dict[str, list[Any]]) -> Any:
    """A frame of a kind from columns of Python values."""
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in columns])
    table = pa.table(dict(columns), schema=schema)
    if kind in {"polars", "polars lazy"}:
        frame = pl.from_arrow(table)
        return frame.lazy() if kind == "polars lazy" else frame
    if kind == "pandas":
        dates = [name for name in columns if _TYPES.get(name) == pa.date32()]
        return table.to_pandas().astype(dict.fromkeys(dates, "datetime64[us]"))
    if kind == "pandas dates":
        return table.to_pandas()
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    return duckdb.from_arrow(table) if kind == "duckdb" else table
