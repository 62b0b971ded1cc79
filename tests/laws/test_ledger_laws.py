"""Laws that hold across topics, for every legal history.

1. Buckets and credits sum to the outstanding balance, on any day, in any scheme.
2. Money is conserved by every allocation and its undo.
3. Replaying the events in any order that respects time gives the same accounts.
4. A fact recorded today never changes what was known yesterday.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from receivables.aging import AgingScheme, Undated, age
from receivables.aging.columns import aging
from receivables.documents import OpenItem
from receivables.errors import EventError
from receivables.ledger import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Event,
    Ledger,
    PeriodClosed,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.columns import balances
from receivables.ledger.wire import from_plain, to_plain
from receivables.money import to_minor
from receivables.testing.strategies import aging_schemes, dates, histories


def balance(items: Sequence[OpenItem]) -> Counter[tuple[str, str]]:
    totals: Counter[tuple[str, str]] = Counter()
    for item in items:
        totals[item.creditor, item.currency] += item.open_minor
    return totals


def opens(ledger: Ledger, day: dt.date, known_at: dt.datetime | None = None) -> list[OpenItem]:
    return list(ledger.open_items(as_of=day, known_at=known_at))


@given(events=histories(), scheme=aging_schemes(), day=dates())
def test_buckets_sum_to_the_outstanding_balance(
    events: tuple[Event, ...], scheme: AgingScheme, day: dt.date
) -> None:
    """On any day, by any scheme, nothing is lost between the ledger and the aging."""
    items = opens(Ledger.replay(events), day)
    if scheme.undated is Undated.REFUSE:
        items = [item for item in items if item.due_date is not None]

    aged = age(items, scheme=scheme, as_of=day)

    for row in aged.rows:
        assert sum(row.buckets_minor) + row.credits_minor == row.total_minor
    totals = {code: row.total_minor for code, row in aged.totals.items()}
    assert totals == {
        code: sum(item.open_minor for item in items if item.currency == code) for code in totals
    }
    assert {item.currency for item in items} == set(totals)


@given(events=histories(), day=dates())
def test_money_is_conserved(events: tuple[Event, ...], day: dt.date) -> None:
    """What is open is what came on the account less what went off it, residuals included.

    An allocation changes nothing but what its residuals name and do not leave owed.
    """
    expected: Counter[tuple[str, str]] = Counter()
    whole: dict[tuple[str, str], tuple[str, int]] = {}
    for event in events:
        counts = event.effective_on <= day
        if isinstance(event, DocumentIssued):
            sign = -1 if event.document.kind.is_credit else 1
            minor = sign * to_minor(event.document.total)
            whole[event.document.creditor, event.document.number] = (event.document.currency, minor)
            expected[event.document.creditor, event.document.currency] += counts * minor
        elif isinstance(event, ReceiptRecorded):
            minor = -to_minor(event.receipt.amount)
            whole[event.receipt.creditor, event.receipt.receipt] = (event.receipt.currency, minor)
            expected[event.receipt.creditor, event.receipt.currency] += counts * minor
        elif isinstance(event, ReceiptReturned) and event.amount is not None:
            expected[event.creditor, event.amount.currency.code] += counts * to_minor(event.amount)
        elif isinstance(event, DocumentCancelled | ReceiptReturned):
            name = event.number if isinstance(event, DocumentCancelled) else event.receipt
            currency, minor = whole[event.creditor, name]
            expected[event.creditor, currency] -= counts * minor
        elif isinstance(event, Allocated):
            allocation = event.allocation
            lost = sum(
                each.amount_minor for each in allocation.residuals if not each.kind.opens_item
            )
            whole[allocation.creditor, allocation.allocation] = (allocation.currency, lost)
            expected[allocation.creditor, allocation.currency] -= counts * lost
        elif isinstance(event, Unallocated):
            currency, lost = whole[event.creditor, event.allocation]
            expected[event.creditor, currency] += counts * lost

    found = balance(opens(Ledger.replay(events), day))

    assert {key: minor for key, minor in found.items() if minor} == {
        key: minor for key, minor in expected.items() if minor
    }


@given(events=histories(), day=dates())
def test_an_undo_gives_everything_back(events: tuple[Event, ...], day: dt.date) -> None:
    """After undoing every active allocation, every item is open as if it had never been settled."""
    events = tuple(event for event in events if not isinstance(event, PeriodClosed))
    ledger = Ledger.replay(events)
    undone = {event.allocation for event in events if isinstance(event, Unallocated)}
    moment = ledger.last_recorded_at or dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    # The last first: an allocation may have settled what another left owed.
    for event in reversed(events):
        if isinstance(event, Allocated) and event.allocation.allocation not in undone:
            name, since = event.allocation.allocation, event.effective_on
            ledger = ledger.record(
                ledger.unallocated(
                    event.allocation.creditor, name, effective_on=since, recorded_at=moment
                )
            )
    owed = {
        name
        for event in events
        if isinstance(event, Allocated)
        for name, _ in event.allocation.owed
    }
    kept = [
        event
        for event in events
        if not isinstance(event, Allocated | Unallocated)
        and getattr(event, "item", None) not in owed
    ]

    never = Ledger.replay(kept)

    late = max([day, *(event.effective_on for event in events)])
    assert opens(ledger, late) == opens(never, late)


@given(events=histories(), seed=st.integers(0, 2**16), day=dates())
def test_order_does_not_matter_where_time_allows(
    events: tuple[Event, ...], seed: int, day: dt.date
) -> None:
    """Any order that keeps the moments of recording, and that is legal, gives the same accounts."""
    dice = random.Random(seed)  # noqa: S311  # an order, not a secret
    # A period that is closed refuses what was recorded at the same moment and comes after it.
    events = tuple(event for event in events if not isinstance(event, PeriodClosed))
    shuffled = sorted(events, key=lambda event: (event.recorded_at, dice.random()))
    pending, ledger = list(shuffled), Ledger()
    while pending:
        event = next((each for each in pending if _is_legal(ledger, each)), None)
        # An undo that comes before what took its place may leave no legal end to this order.
        assume(event is not None)
        assert event is not None
        ledger = ledger.record(event)
        pending.remove(event)

    original = Ledger.replay(events)

    assert opens(original, day) == opens(ledger, day)
    assert original.accounts(as_of=day) == ledger.accounts(as_of=day)


def _is_legal(ledger: Ledger, event: Event) -> bool:
    """Whether an event may come next: at one moment, a document comes before what settles it."""
    try:
        ledger.record(event)
    except EventError:
        return False
    return True


@given(events=histories(), cut=st.integers(0, 20), day=dates())
def test_a_new_fact_never_changes_what_was_known(
    events: tuple[Event, ...], cut: int, day: dt.date
) -> None:
    """The balance of any day as known at a moment is the same, whatever is recorded later."""
    early = Ledger.replay(events[:cut])
    if early.last_recorded_at is None:
        return
    # Several events may share a moment: all of them were known at it.
    moment = early.last_recorded_at
    known = Ledger.replay([event for event in events if event.recorded_at <= moment])

    assert opens(known, day) == opens(Ledger.replay(events), day, known_at=moment)


@given(events=histories())
def test_recording_again_changes_nothing(events: tuple[Event, ...]) -> None:
    """Recording is idempotent: the whole history again is no event more."""
    ledger = Ledger.replay(events)

    assert ledger.record(*events).events == ledger.events


@given(events=histories())
def test_the_wire_keeps_every_event(events: tuple[Event, ...]) -> None:
    """A ledger replayed from the plain form of its events is the same ledger."""
    again = Ledger.replay(from_plain(to_plain(event)) for event in events)

    assert again.events == Ledger.replay(events).events


@given(events=histories(), day=dates())
def test_columns_tell_what_the_objects_tell(events: tuple[Event, ...], day: dt.date) -> None:
    """Balances and aging of a past day are the same from columns as from values."""
    import polars as pl  # noqa: PLC0415  # the one test that needs it

    ledger = Ledger.replay(events)
    columns = ledger.to_columns()
    if not columns.items["item"]:
        return
    scheme = AgingScheme(30, 60, 90, undated=Undated.DOCUMENT_DATE)
    items = pl.DataFrame(columns.items, schema_overrides={"due_date": pl.Date})
    moves = pl.DataFrame(
        columns.moves,
        schema={
            "creditor": pl.String,
            "item": pl.String,
            "amount_minor": pl.Int64,
            "effective_on": pl.Date,
            "recorded_at": pl.Datetime(time_zone="UTC"),
        },
    )

    frame = balances(items, moves, as_of=day)

    expected = {(item.creditor, item.item): item.open_minor for item in opens(ledger, day)}
    assert {
        (row["creditor"], row["item"]): row["open_minor"] for row in frame.to_dicts()
    } == expected
    by_columns = aging(frame, scheme=scheme, as_of=day)
    by_objects = age(opens(ledger, dt.date.max), scheme=scheme, as_of=day)
    if day >= max(event.effective_on for event in events):
        assert sorted(row["total_minor"] for row in by_columns.to_dicts()) == sorted(
            row.total_minor for row in by_objects.rows
        )
