"""Laws of joining: whatever is applied and whenever, each day shows what was open on it."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

DAYS = st.integers(0, 40)
START = dt.date(2026, 9, 1)


def _day(number):
    return (START + dt.timedelta(days=number)).isoformat()


def _units(minor):
    return f"{minor / 100:.2f}"


@st.composite
def worlds(draw):
    """Invoices, receipts, and applications that never take more than there is."""
    invoices = draw(st.lists(st.integers(1, 500), min_size=1, max_size=4))
    receipts = draw(st.lists(st.integers(1, 500), min_size=1, max_size=3))
    left = {f"i{n}": value for n, value in enumerate(invoices)}
    left |= {f"r{n}": value for n, value in enumerate(receipts)}
    original = dict(left)
    applied = []
    for _ in range(draw(st.integers(0, 6))):
        invoice = f"i{draw(st.integers(0, len(invoices) - 1))}"
        receipt = f"r{draw(st.integers(0, len(receipts) - 1))}"
        most = min(left[invoice], left[receipt])
        if most:
            minor = draw(st.one_of(st.just(most), st.integers(1, most)))
            left[invoice] -= minor
            left[receipt] -= minor
            applied.append((receipt, invoice, minor, draw(DAYS)))
    return original, left, applied


def _rows(ebs, world):
    original, left, applied = world
    first = {"GL_DATE": _day(0), "TRX_DATE": _day(0)}
    schedules = [
        ebs.schedule(name, _units(minor), _units(left[name]) if left[name] else "0", **first)
        if name.startswith("i")
        else ebs.receipt(name, _units(-minor), _units(-left[name]) if left[name] else "0", **first)
        for name, minor in original.items()
    ]
    applications = [
        ebs.application(str(number), receipt, invoice, _units(minor), GL_DATE=_day(day))
        for number, (receipt, invoice, minor, day) in enumerate(applied)
    ]
    return ebs.tables(schedules, applications)


def _expected(world, day):
    original, _, applied = world
    found = dict(original)
    for receipt, invoice, minor, on in applied:
        if on <= day:
            found[receipt] -= minor
            found[invoice] -= minor
    return {
        (f"F-{name}" if name.startswith("i") else f"receipt-7{name}"): (
            minor if name.startswith("i") else -minor
        )
        for name, minor in found.items()
        if minor
    }


@settings(max_examples=30)
@given(world=worlds(), day=st.integers(0, 41))
def test_every_day_is_as_it_was(ebs, world, day):
    """What is open of each item on any day is what it was for, less what was applied by then."""
    read = ebs.read_tables(_rows(ebs, world)).require_complete()

    assert ebs.left_open(read.rows, _day(day)) == _expected(world, day)


@settings(max_examples=20)
@given(world=worlds(), day=st.integers(0, 41))
def test_reading_as_of_a_day_is_looking_at_that_day(ebs, world, day):
    """A reading as of a day leaves open what a whole reading shows on that day."""
    rows = _rows(ebs, world)
    read = ebs.read_tables(rows, as_of=_day(day)).require_complete()

    assert ebs.left_open(read.rows) == _expected(world, day)


@settings(max_examples=20)
@given(world=worlds(), seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_says_nothing(ebs, world, seed):
    """Rows in any order leave the same open."""
    rows = _rows(ebs, world)
    shuffled = {name: seed.sample(found, len(found)) for name, found in rows.items()}

    assert ebs.left_open(ebs.read_tables(shuffled).rows) == _expected(world, 41)
