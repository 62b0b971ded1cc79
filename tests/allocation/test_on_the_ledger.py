"""What this package builds is what a ledger takes, and undoing it gives back every cent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.allocation import (
    Percent,
    Tolerance,
    TolerancePolicy,
    convert,
    deduct,
    refund,
    retain,
    settle,
    write_off,
)
from receivables.ledger import Ledger
from receivables.money import ExchangeRate, money
from receivables.testing.builders import TODAY, a_receipt, an_invoice, issued, received, recorded

FIVE = Tolerance(amounts=[money("5.00", "EUR")])
RATE = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0887"), date=TODAY, source="ECB")


@pytest.fixture
def ledger():
    """An invoice, a receipt that is short of it, and one in dollars."""
    return Ledger().record(
        issued(an_invoice("F-1", total="100.00")),
        received(a_receipt("r-1", amount="97.00")),
        received(a_receipt("r-2", amount="50.00", currency="USD")),
    )


def balance(ledger):
    return {item.item: item.open_minor for item in ledger.open_items(as_of=TODAY)}


def settled(debit, euros, _dollars):
    policy = TolerancePolicy(under=FIVE)
    return settle("a-1", credits=[euros], debits=[debit], policy=policy).allocation


def converted(debit, _euros, dollars):
    return convert("a-1", credit=dollars, debit=debit, rate=RATE)


def retained(debit, euros, _dollars):
    kept = Percent(base=debit.amount, bps=300)
    due = TODAY + dt.timedelta(days=365)
    return retain("a-1", debit=debit, credits=[euros], amount=kept, due_date=due)


def deducted(debit, euros, _dollars):
    claimed = money("3.00", "EUR")
    return deduct("a-1", debit=debit, credits=[euros], amount=claimed, reason="damaged")


def given_up(debit, _euros, _dollars):
    return write_off("a-1", debit, reason="insolvent")


def sent_back(_debit, euros, _dollars):
    return refund("a-1", credit=euros)


AFTER = {
    settled: {"r-2": -5000},
    converted: {"F-1": 10000 - 4593, "r-1": -9700},
    retained: {"a-1:retention:1": 300, "r-2": -5000},
    deducted: {"a-1:deduction:1": 300, "r-2": -5000},
    given_up: {"r-1": -9700, "r-2": -5000},
    sent_back: {"F-1": 10000, "r-2": -5000},
}


@pytest.mark.parametrize("build", AFTER, ids=lambda build: build.__name__)
def test_a_ledger_takes_it_and_gives_it_back(build, ledger):
    """After the allocation only what it says is open; after its undoing, all that was before."""
    before = balance(ledger)
    items = {item.item: item for item in ledger.open_items(as_of=TODAY)}
    done = build(items["F-1"], items["r-1"], items["r-2"])
    after = ledger.record(ledger.allocated(done, effective_on=TODAY, recorded_at=recorded(5)))
    undone = after.record(
        after.unallocated("MIRA", "a-1", effective_on=TODAY, recorded_at=recorded(6))
    )

    assert AFTER[build] == balance(after)
    assert before == balance(undone)
