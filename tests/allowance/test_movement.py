"""The movement table closes, on any ledger, and says what moved."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.aging import AgingScheme, Undated
from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.allowance import (
    AllowanceFacts,
    AllowanceMovementRow,
    AllowanceStandard,
    LineKind,
    MovementGrain,
    UseOfAllowance,
    allowance_movement,
    ledger_allowance,
    ledger_movement,
    specific_allowance_set,
)
from receivables.casework import SpecificAllowance
from receivables.currencies import ExchangeRates
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.ledger import Allocated, Ledger
from receivables.money import ExchangeRate
from receivables.testing.builders import an_invoice, issued, recorded
from receivables.testing.strategies import histories

from .worlds import simple

SCHEME = AgingScheme(30, 60, undated=Undated.DOCUMENT_DATE)
FIRST, LAST = dt.date(2026, 11, 15), dt.date(2027, 1, 31)
PARTS = ("opening", "transfers", "charge", "release", "use", "recoveries", "exchange")


def _rates(day, value):
    return [
        ExchangeRate(base="EUR", quote=code, rate=Decimal(value), date=day)
        for code in ("JPY", "USD")
    ]


def _written_off(item, minor, *, on, tax=0, minute=5, kind=ResidualKind.WRITE_OFF):
    allocation = Allocation(
        allocation=f"w-{item}",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg(item, minor)],
        residuals=[Residual(kind, minor, tax_minor=tax, item=item)],
    )
    return Allocated(
        event=f"allocated:MIRA:w-{item}",
        effective_on=on,
        recorded_at=recorded(minute),
        allocation=allocation,
        customers=("C-017",),
    )


@pytest.fixture
def ledger():
    """Two invoices of 100, due at the end of October; one is given up in December."""
    return Ledger().record(
        issued(an_invoice("FA-1")),
        issued(an_invoice("FA-2")),
        _written_off("FA-1", 10_000, on=dt.date(2026, 12, 15), tax=2_000),
    )


def _allowance(ledger, day, **given):
    matrix = given.pop("matrix", simple("0", "10 %", "20 %", "30 %", scheme=SCHEME))
    return ledger_allowance(ledger, "MIRA", matrix=matrix, as_of=day, **given)


def _found(row):
    return tuple(getattr(row, f"{part}_minor") for part in (*PARTS, "closing"))


def test_a_write_off_is_a_use_and_the_rest_is_charged(ledger):
    """Opening 20, the loss of 80 without its tax, closing 30: 90 is charged."""
    opening, closing = (_allowance(ledger, day) for day in (FIRST, LAST))

    moved = ledger_movement(ledger, opening, closing, creditor="MIRA")

    (row,) = moved.totals
    assert (2_000, 0, 9_000, 0, -8_000, 0, 0, 3_000) == _found(row)


def test_an_incurred_loss_uses_what_was_foreseen(ledger):
    """Up to the allowance of the customer; the rest is a loss at once, told beside the table."""
    opening, closing = (_allowance(ledger, day) for day in (FIRST, LAST))

    moved = ledger_movement(
        ledger, opening, closing, creditor="MIRA", use=UseOfAllowance.UP_TO_ALLOWANCE
    )

    (row,) = moved.totals
    assert (2_000, 0, 3_000, 0, -2_000, 0, 0, 3_000) == _found(row)
    assert 6_000 == row.direct_loss_minor


def test_an_item_goes_from_its_pool_to_a_specific_allowance(ledger):
    """What the pool held for it goes along, and the two transfers add up to zero."""
    judged = SpecificAllowance(
        specific="A-1", customer="C-017", rate_bps=9_000, reason="dispute", items=["FA-2"]
    )
    event = specific_allowance_set(
        judged, creditor="MIRA", on=dt.date(2026, 12, 1), recorded_at=recorded(9)
    )
    ledger = ledger.record(event)
    opening, closing = (_allowance(ledger, day) for day in (FIRST, LAST))

    moved = ledger_movement(ledger, opening, closing, creditor="MIRA")

    by_kind = {row.kind: _found(row) for row in moved.by_kind}
    assert (2_000, -1_000, 7_000, 0, -8_000, 0, 0, 0) == by_kind[LineKind.POOL]
    assert (0, 1_000, 8_000, 0, 0, 0, 0, 9_000) == by_kind[LineKind.SPECIFIC]
    assert "specific" in str(moved)


def test_recoveries_go_through_the_allowance_under_cecl_only():
    """Elsewhere they are income."""
    recovery = Allocation(
        allocation="b-1",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg("r-1", -5_000)],
        residuals=[Residual(ResidualKind.RECOVERY, -5_000)],
    )
    from receivables.testing.builders import a_receipt, received  # noqa: PLC0415  # for this test

    day = dt.date(2026, 12, 20)
    ledger = Ledger().record(
        received(a_receipt(amount="50.00", booking_date=day), minute=1),
        Allocated(
            event="allocated:MIRA:b-1",
            effective_on=day,
            recorded_at=recorded(2),
            allocation=recovery,
            customers=("C-017",),
        ),
    )
    pairs = {}
    for standard in (AllowanceStandard.CECL, AllowanceStandard.IFRS9_SIMPLIFIED):
        matrix = simple("0", "0", "0", "0", scheme=SCHEME, standard=standard)
        opening, closing = (_allowance(ledger, each, matrix=matrix) for each in (FIRST, LAST))
        pairs[standard] = ledger_movement(ledger, opening, closing, creditor="MIRA").totals

    (row,) = pairs[AllowanceStandard.CECL]
    assert (5_000, -5_000) == (row.recoveries_minor, row.release_minor)
    assert () == pairs[AllowanceStandard.IFRS9_SIMPLIFIED]


@pytest.mark.parametrize("grain", MovementGrain)
@pytest.mark.parametrize("use", UseOfAllowance)
@settings(max_examples=20, deadline=None)
@given(
    events=histories(),
    days=st.lists(st.dates(dt.date(2025, 1, 1), dt.date(2027, 6, 1)), min_size=2, max_size=2),
)
def test_the_movement_closes_on_any_ledger(grain, use, events, days):
    """In every currency and in the functional one, and never by an unexplained rest."""
    ledger = Ledger.replay(events)
    first, last = sorted(days)
    matrix = simple("1 %", "10 %", "20 %", "30 %", scheme=SCHEME, standard="cecl")
    table = ExchangeRates([*_rates(first, "1.25"), *(_rates(last, "1.5") if last > first else ())])
    opening, closing = (
        ledger_allowance(ledger, "MIRA", matrix=matrix, as_of=day, rates=table, functional="EUR")
        for day in (first, last)
    )

    moved = ledger_movement(ledger, opening, closing, creditor="MIRA", use=use, grain=grain)

    for currency in {*opening.currencies, *closing.currencies}:
        rows = [row for row in moved.rows if row.currency == currency]
        assert opening.total_minor(currency) == sum(row.opening_minor for row in rows)
        assert closing.total_minor(currency) == sum(row.closing_minor for row in rows)
    for row in (*moved.rows, *moved.totals):
        assert row.closing_minor == sum(getattr(row, f"{part}_minor") for part in PARTS)
        assert row.functional.get("closing", 0) == sum(
            row.functional.get(part, 0) for part in PARTS
        )
        assert row.charge_minor >= 0 >= row.release_minor
    assert closing.functional_minor == sum(row.functional.get("closing", 0) for row in moved.rows)
    assert 0 == sum(row.transfers_minor for row in moved.rows)


def test_exchange_differences_are_those_of_the_opening():
    """1,000 yen held at 0.008 and at 0.006: what stayed lost two thousandths."""
    invoice = an_invoice("FA-9", total="100000", currency="JPY", due_date=dt.date(2026, 11, 1))
    ledger = Ledger().record(issued(invoice))
    table = ExchangeRates([*_rates(FIRST, "125"), *_rates(dt.date(2026, 11, 16), "250")])
    opening, closing = (
        _allowance(ledger, day, rates=table, functional="EUR")
        for day in (FIRST, dt.date(2026, 11, 16))
    )

    (row,) = allowance_movement(opening, closing).totals

    assert 10_000 == row.opening_minor == row.closing_minor
    assert {"opening": 8_000, "exchange": -4_000, "closing": 4_000} == {
        part: minor for part, minor in row.functional.items() if minor
    }


def test_a_row_that_does_not_close_is_refused():
    """There is no line for what nobody can explain."""
    with pytest.raises(DocumentError, match="closing of C-1 in EUR must be 150, got 160"):
        AllowanceMovementRow(
            creditor="MIRA",
            customer="C-1",
            segment="",
            currency="EUR",
            kind=LineKind.POOL,
            opening_minor=100,
            charge_minor=50,
            closing_minor=160,
        )


def test_two_allowances_must_follow_each_other(ledger):
    """In time, and in one functional currency."""
    opening, closing = (_allowance(ledger, day) for day in (FIRST, LAST))
    translated = _allowance(ledger, LAST, functional="EUR")

    with pytest.raises(PolicyError, match="closing must be of 2027-01-31 or later"):
        allowance_movement(closing, opening)
    with pytest.raises(CurrencyMismatchError, match="functional currency must be one"):
        allowance_movement(opening, translated)
    assert AllowanceFacts() == AllowanceFacts()
