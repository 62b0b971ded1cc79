"""Laws of the journal, for every legal history.

1. Every entry balances, per currency and in the functional one, within one entity.
2. On any day the control accounts hold what the sub-ledger holds, item by item.
3. What items are carried at is what the control accounts hold in the functional currency, and
   nothing where nothing is open.
4. Undoing every allocation brings back what was carried before, exchange differences included.
5. A later event never changes an entry that was made before.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.accounting import (
    Journal,
    OutgoingRate,
    PostingRules,
    Role,
    carrying_amounts,
    chart,
    journal,
)
from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.documents import Invoice
from receivables.errors import EventError
from receivables.ledger import (
    Allocated,
    DocumentIssued,
    Event,
    Ledger,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.money import ExchangeRate, Money, Rounding, from_minor
from receivables.receipts import Receipt
from receivables.testing.strategies import dates, histories

CURRENCIES = ("EUR", "CAD", "USD", "JPY", "KWD", "CLF")
_PER_EURO = {"CAD": "1.5237", "USD": "1.0813", "JPY": "163.37", "KWD": "0.33117", "CLF": "0.02719"}
FRENCH = chart("fr-pcg")
RULES = (
    PostingRules(),
    PostingRules(
        unapplied=Role.ADVANCE,
        deductions=Role.DISPUTED_RECEIVABLE,
        write_offs=Role.ALLOWANCE,
        refunds_at=OutgoingRate.CARRYING,
        returns_at=OutgoingRate.SPOT,
    ),
)


class DailyRates:
    """Rates that move a little every day, so that hardly a settlement is without difference."""

    def convert(self, amount: Money, /, *, to: str, on: dt.date) -> Money:
        code = amount.currency.code
        moved = Decimal(1) + Decimal(on.toordinal() % 37) / 500
        rate = ExchangeRate(base=to, quote=code, rate=Decimal(_PER_EURO[code]) * moved, date=on)
        return rate.convert(amount, rounding=Rounding.HALF_UP)


def posted(events: Sequence[Event], rules: PostingRules = RULES[0]) -> Journal:
    return journal(events, chart=FRENCH, functional_currency="EUR", rules=rules, rates=DailyRates())


@st.composite
def crowded(draw: st.DrawFn, *, returns: bool = True) -> tuple[Event, ...]:
    """A few cents of a foreign invoice and of a receipt, taken and given back in any order of days."""
    rate = ExchangeRate(base="USD", quote="EUR", rate=Decimal("0.7"), date=FIRST)
    owed, paid = draw(st.integers(3, 9)), draw(st.integers(3, 9))
    invoice = Invoice(
        **WHO, number="D", document_date=FIRST, total=from_minor(owed, "USD"), exchange_rate=rate
    )
    known = draw(st.booleans())
    receipt = Receipt(
        receipt="R",
        creditor="MIRA",
        customer="C-1" if known else "",
        amount=from_minor(paid, "USD"),
        booking_date=FIRST,
    )
    ledger = Ledger().record(
        DocumentIssued.of(invoice, recorded_at=MOMENT),
        ReceiptRecorded.of(receipt, recorded_at=MOMENT),
    )
    # A drawn count gives longer histories than a drawn list would.
    for number in range(draw(st.integers(0, 14))):
        step, part = (
            draw(st.sampled_from(STEPS if returns else STEPS[:-1])),
            draw(st.integers(1, 3)),
        )
        days = draw(st.integers(0, 6))
        at = MOMENT + dt.timedelta(minutes=number)
        day = FIRST + dt.timedelta(days=days)
        with contextlib.suppress(EventError):
            ledger = ledger.record(step(ledger, number, day, at, part))
    return ledger.events


def _take(ledger: Ledger, number: int, day: dt.date, at: dt.datetime, part: int) -> Event:
    legs = [Leg("D", part), Leg("R", -part)]
    allocation = Allocation(allocation=f"A-{number}", creditor="MIRA", currency="USD", legs=legs)
    return ledger.allocated(allocation, effective_on=day, recorded_at=at)


def _keep_back(ledger: Ledger, number: int, day: dt.date, at: dt.datetime, part: int) -> Event:
    allocation = Allocation(
        allocation=f"A-{number}",
        creditor="MIRA",
        currency="USD",
        legs=[Leg("D", part)],
        residuals=[Residual(ResidualKind.DEDUCTION, part, item="D")],
    )
    return ledger.allocated(allocation, effective_on=day, recorded_at=at)


def _give_back(ledger: Ledger, number: int, day: dt.date, at: dt.datetime, part: int) -> Event:
    done = {event.allocation for event in ledger.events if isinstance(event, Unallocated)}
    active = [
        event.allocation.allocation
        for event in ledger.events
        if isinstance(event, Allocated) and event.allocation.allocation not in done
    ]
    name = active[part % len(active)] if active else "none"
    return ledger.unallocated("MIRA", name, effective_on=day, recorded_at=at)


def _send_back(ledger: Ledger, number: int, day: dt.date, at: dt.datetime, part: int) -> Event:
    item = ledger.item("MIRA", "R", as_of=day)
    assert item is not None
    return ReceiptReturned(
        event=f"returned-{number}",
        effective_on=day,
        recorded_at=at,
        creditor="MIRA",
        customer=item.customer,
        receipt="R",
        amount=from_minor(part, "USD"),
        fee=from_minor(part, "EUR"),
    )


def _identify(ledger: Ledger, number: int, day: dt.date, at: dt.datetime, part: int) -> Event:
    return ReceiptIdentified(
        event=f"identified-{number}",
        effective_on=day,
        recorded_at=at,
        creditor="MIRA",
        receipt="R",
        customer="C-1",
    )


FIRST = dt.date(2026, 3, 2)
MOMENT = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
WHO = {"creditor": "MIRA", "customer": "C-1"}
STEPS = (_take, _take, _take, _keep_back, _give_back, _give_back, _identify, _send_back)


def worlds() -> st.SearchStrategy[tuple[Event, ...]]:
    foreign = histories(currencies=("USD", "EUR"), max_steps=20)
    return histories(currencies=CURRENCIES) | foreign | crowded() | crowded()


def held(made: Journal, day: dt.date, known_at: dt.datetime | None = None) -> Counter[tuple]:
    """What the control accounts hold, in the currency of each item, by creditor and item."""
    known = made if known_at is None else made.known(known_at)
    totals: Counter[tuple] = Counter()
    for entry in known:
        for line in entry.lines:
            if line.role.is_control and entry.date <= day:
                totals[entry.creditor, line.customer, line.item, line.currency] += line.amount_minor
    return Counter({key: minor for key, minor in totals.items() if minor})


def opened(ledger: Ledger, day: dt.date, known_at: dt.datetime | None = None) -> Counter[tuple]:
    return Counter(
        {
            (item.creditor, item.customer, item.item, item.currency): item.open_minor
            for item in ledger.open_items(as_of=day, known_at=known_at)
        }
    )


def all_days(events: Sequence[Event]) -> list[dt.date]:
    return sorted({event.effective_on for event in events} | {dt.date.max})


@given(events=worlds(), rules=st.sampled_from(RULES))
def test_every_entry_balances(events: tuple[Event, ...], rules: PostingRules) -> None:
    """Debits and credits are equal in each currency and in the functional one, entry by entry."""
    for entry in posted(events, rules):
        by_currency: Counter[str] = Counter()
        for line in entry.lines:
            by_currency[line.currency] += line.amount_minor
            if line.currency == entry.functional_currency:
                assert line.amount_minor == line.functional_minor

        assert not any(by_currency.values())
        assert sum(line.functional_minor for line in entry.lines) == 0
        assert entry.creditor == "MIRA"


@given(events=worlds(), rules=st.sampled_from(RULES))
def test_the_control_accounts_hold_the_open_items(
    events: tuple[Event, ...], rules: PostingRules
) -> None:
    """On every day, as known now and as known then, item by item and customer by customer."""
    ledger, made = Ledger.replay(events), posted(events, rules)
    moments = [None, *{event.recorded_at for event in events[::3]}]

    for day in all_days(events):
        for moment in moments:
            assert held(made, day, moment) == opened(ledger, day, moment)


@given(events=worlds(), rules=st.sampled_from(RULES))
def test_what_is_settled_is_carried_at_nothing(
    events: tuple[Event, ...], rules: PostingRules
) -> None:
    """On every day, as known at every moment, no carrying amount is left of an item that is not open."""
    ledger, made = Ledger.replay(events), posted(events, rules)

    for day in all_days(events):
        for moment in {event.recorded_at for event in events}:
            open_names = {
                (item.creditor, item.item) for item in ledger.open_items(as_of=day, known_at=moment)
            }
            assert set(carrying_amounts(made, as_of=day, known_at=moment)) <= open_names


@given(events=worlds(), day=dates())
def test_carrying_amounts_are_the_balance_of_the_control_accounts(
    events: tuple[Event, ...], day: dt.date
) -> None:
    """Their sum is what the accounts of the sub-ledger hold in the functional currency."""
    made = posted(events)
    numbers = {FRENCH.account(role).number for role in Role if role.is_control}

    balances = made.balances(as_of=day)

    expected = sum(minor for (_, number), minor in balances.items() if number in numbers)
    assert sum(carrying_amounts(made, as_of=day).values()) == expected


@given(
    events=histories(currencies=CURRENCIES) | crowded(returns=False),
    rules=st.sampled_from(RULES),
    late=st.booleans(),
)
def test_undoing_everything_brings_everything_back(
    events: tuple[Event, ...], *, rules: PostingRules, late: bool
) -> None:
    """After the undo of every allocation each account holds what it held without any of them.

    A part that went back in between was relieved by what stood there then, so there is none here.
    """
    events = tuple(each for each in events if getattr(each, "amount", None) is None)
    kept = [event for event in events if not isinstance(event, Allocated | Unallocated)]
    undone = _undo_all(events, late=late)
    if undone is None:
        return

    again, never = posted(undone, rules), posted(kept, rules)

    last = max(event.effective_on for event in undone) if undone else dt.date.max
    assert _nonzero(again.balances(as_of=last)) == _nonzero(never.balances(as_of=last))
    assert carrying_amounts(again, as_of=last) == carrying_amounts(never, as_of=last)


def _nonzero(balances: dict) -> dict:
    return {key: minor for key, minor in balances.items() if minor}


def _undo_all(events: Sequence[Event], *, late: bool) -> tuple[Event, ...] | None:
    """The history with an undo of every active allocation, the last recorded first; None if refused."""
    ledger = Ledger.replay(events)
    moment = ledger.last_recorded_at
    done = {event.allocation for event in events if isinstance(event, Unallocated)}
    last = max((event.effective_on for event in events), default=dt.date.min)
    for event in reversed(events):
        if isinstance(event, Allocated) and event.allocation.allocation not in done:
            day = last if late else event.effective_on
            try:
                ledger = ledger.record(
                    ledger.unallocated(
                        event.allocation.creditor,
                        event.allocation.allocation,
                        effective_on=day,
                        recorded_at=moment,
                    )
                )
            except ValueError:
                return None  # a closed period, or something that was settled since
    return ledger.events


@given(events=worlds(), cut=st.integers(0, 20))
def test_a_later_event_changes_no_entry(events: tuple[Event, ...], cut: int) -> None:
    """The entries of the first events are among those of all, the same in every part."""
    early, whole = posted(events[:cut]), posted(events)

    known = {entry.entry: entry for entry in whole}
    assert len(known) == len(whole)
    assert all(known[entry.entry] == entry for entry in early)
    assert {entry.event for entry in whole} - {entry.event for entry in early} <= {
        event.event for event in events[cut:]
    }


@given(events=worlds())
def test_a_journal_is_in_the_order_of_its_days(events: tuple[Event, ...]) -> None:
    """Entries stand by their dates, and an entry is never dated before its event took effect."""
    made = posted(events)
    effective = {event.event: event.effective_on for event in events}

    assert [entry.date for entry in made] == sorted(entry.date for entry in made)
    assert all(entry.date >= effective[entry.event] for entry in made)


@pytest.mark.parametrize("name", ["ca-generic", "es-pgc", "fr-pcg", "generic"])
@given(events=histories())
def test_every_chart_can_post_every_history(name: str, events: tuple[Event, ...]) -> None:
    """No chart lacks an account that an event needs."""
    made = journal(events, chart=chart(name), functional_currency="EUR", rates=DailyRates())

    assert all(entry.lines for entry in made)
