"""Laws of statements: nothing is lost between the ledger, the movements, the items and the aging.

1. Opening balance and movements give the closing balance, per customer and currency.
2. The closing balance is the sum of the open items, and the total of their aging.
3. What settled an item adds up to what is not open of it.
4. The statements of all customers, unidentified receipts included, are the whole ledger.
5. Two periods that follow each other are one: the closing of the first is the opening of the second.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from receivables.aging import Undated, age
from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.ledger import Ledger
from receivables.statements import (
    StatementForm,
    StatementMovementKind,
    statement_of_account,
    statements_of_account,
)
from receivables.testing.strategies import aging_schemes, dates, histories

_LATE = dt.date(2030, 1, 1)
_KINDS = (
    ResidualKind.SETTLEMENT_DISCOUNT,
    ResidualKind.WRITE_OFF,
    ResidualKind.RETENTION,
    ResidualKind.DEDUCTION,
    ResidualKind.REFUND,
)


@st.composite
def ledgers(draw):
    """Ledgers of random histories, on which some items were also settled by residuals, some undone."""
    ledger = Ledger.replay(draw(histories(max_steps=16)))
    moment = ledger.last_recorded_at or dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for number in range(draw(st.integers(0, 4))):
        items = [item for item in ledger.available_items(as_of=_LATE) if item.customer]
        if not items:
            break
        item, kind = draw(st.sampled_from(items)), draw(st.sampled_from(_KINDS))
        if kind.opens_item and item.open_minor < 0:
            continue
        minor = item.open_minor if draw(st.booleans()) else item.open_minor // abs(item.open_minor)
        name = f"X-{number}"
        allocation = Allocation(
            allocation=name,
            creditor=item.creditor,
            currency=item.currency,
            legs=[Leg(item.item, minor)],
            residuals=[Residual(kind, minor, item=item.item)],
        )
        event = ledger.allocated(allocation, effective_on=_LATE, recorded_at=moment)
        ledger = ledger.record(event)
        if draw(st.booleans()):
            undo = ledger.unallocated(
                item.creditor, name, effective_on=_LATE + dt.timedelta(days=1), recorded_at=moment
            )
            ledger = ledger.record(undo)
    return ledger


def _customers(ledger):
    return {account.partition("|")[2] for account in ledger.versions}


def _moments(draw, ledger):
    moments = [None, *(event.recorded_at for event in ledger.events)]
    return draw(st.sampled_from(moments))


_DAYS = dates() | st.dates(_LATE, _LATE + dt.timedelta(days=3))


@given(ledger=ledgers(), days=st.tuples(_DAYS, _DAYS), data=st.data())
def test_movements_lead_from_the_opening_to_the_closing(ledger, days, data):
    """On any period, as known at any moment, the movements explain the change, each by its name."""
    since, as_of = sorted(days)
    known_at = _moments(data.draw, ledger)
    for customer in _customers(ledger):
        statement = statement_of_account(
            ledger, "MIRA", customer, as_of=as_of, since=since, known_at=known_at
        )
        account = ledger.account("MIRA", customer, as_of=as_of, known_at=known_at)
        expected: Counter[str] = Counter()
        for item in account.items:
            expected[item.currency] += item.open_minor
        found = {part.currency: part.closing_minor for part in statement.parts}

        assert {code: minor for code, minor in expected.items() if minor} == {
            code: minor for code, minor in found.items() if minor
        }
        for part in statement.parts:
            balance = part.opening_minor
            for movement in part.movements:
                balance += movement.amount_minor
                assert movement.balance_minor == balance
                assert movement.kind is not StatementMovementKind.OTHER
                assert since <= movement.on <= as_of
            assert balance == part.closing_minor


@given(ledger=ledgers(), as_of=_DAYS, scheme=aging_schemes())
def test_closing_is_the_items_and_their_aging(ledger, as_of, scheme):
    """The balance, the open items and the aging are one figure, in any scheme."""
    if scheme.undated is Undated.REFUSE:
        return
    aging = age(ledger.open_items(as_of=as_of), scheme=scheme, as_of=as_of)
    rows = {(row.customer, row.currency): row for row in aging.rows}

    statements = list(
        statements_of_account(ledger, "MIRA", _customers(ledger), as_of=as_of, scheme=scheme)
    )

    assert rows == {
        (part.customer, part.currency): part.aging for each in statements for part in each.parts
    }
    for part in (part for each in statements for part in each.parts):
        assert sum(each.item.open_minor for each in part.items) == part.closing_minor


@given(ledger=ledgers(), as_of=_DAYS)
def test_settled_parts_add_up(ledger, as_of):
    """What settled an item is what is not open of it, on any day."""
    for statement in statements_of_account(ledger, "MIRA", _customers(ledger), as_of=as_of):
        for part in statement.parts:
            for each in part.items:
                found = sum(settled.amount_minor for settled in each.settled_parts)
                assert each.settled_minor == found


@given(ledger=ledgers(), days=st.tuples(_DAYS, _DAYS, _DAYS))
def test_two_periods_are_one(ledger, days):
    """A period cut in two has the same movements, and the middle balance is said twice."""
    first, middle, last = sorted(days)
    next_day = middle + dt.timedelta(days=1)
    if next_day > last:
        return
    for customer in _customers(ledger):
        whole, early, late = (
            statement_of_account(ledger, "MIRA", customer, as_of=until, since=since)
            for since, until in ((first, last), (first, middle), (next_day, last))
        )
        for part in whole.parts:
            halves = [
                [one for one in each.parts if one.currency == part.currency]
                for each in (early, late)
            ]
            moved = [movement for half in halves for one in half for movement in one.movements]
            assert list(part.movements) == moved
            if all(halves):
                assert halves[0][0].closing_minor == halves[1][0].opening_minor


@given(ledger=ledgers(), as_of=_DAYS)
def test_nothing_is_left_out_of_all_statements(ledger, as_of):
    """Running from the beginning, all accounts together move by what the ledger has open."""
    expected = Counter()
    for item in ledger.open_items(as_of=as_of):
        expected[item.currency] += item.open_minor
    found = Counter()
    for customer in _customers(ledger):
        statement = statement_of_account(
            ledger, "MIRA", customer, as_of=as_of, form=StatementForm.RUNNING_BALANCE
        )
        for part in statement.parts:
            found[part.currency] += sum(movement.amount_minor for movement in part.movements)

    assert {code: minor for code, minor in expected.items() if minor} == {
        code: minor for code, minor in found.items() if minor
    }
