"""Conformance of event stores: subclass `EventStoreTests` and give it three fixtures.

A test module of a plug-in says what it brings, how its journal is opened, and how it is damaged::

    class TestMyStore(EventStoreTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def store_factory(self, spec, tmp_path):
            return lambda: spec.build({"path": str(tmp_path / "journal")})

        @pytest.fixture
        def tamper(self, tmp_path):
            return lambda: my_plugin_tests.change_one_amount(tmp_path / "journal")

>>> sorted({type(event).__name__ for event in sample_events()})[:3]
['Allocated', 'ContactLogged', 'ContactWithdrawn']
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import attrs
import pytest

from receivables.adapters import AdapterSpec, EventStore
from receivables.allocation.model import Allocation, AllocationId, Leg, Residual, ResidualKind
from receivables.casework import LineAnswer, PostingNotice, SettledPayout
from receivables.documents.model import (
    CreditNote,
    DebitNote,
    DiscountOffer,
    Installment,
    Invoice,
    ItemId,
    Line,
    Tax,
)
from receivables.errors import ConcurrencyError, DuplicateEventError, EventError
from receivables.ledger import (
    Allocated,
    CaseEvent,
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    Event,
    EventId,
    FactLearned,
    FactWithdrawn,
    ItemHeld,
    ItemReleased,
    Ledger,
    NoticedItem,
    NoticeSent,
    PeriodClosed,
    PeriodReopened,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
    account_key,
    period_account,
)
from receivables.ledger.payouts import PayoutSettled
from receivables.ledger.postings import PostingAnswered, PostingSent
from receivables.money import ExchangeRate, money
from receivables.parties import CreditorId, CustomerId
from receivables.problems import Place
from receivables.receipts.facts import Fact, FactKind
from receivables.receipts.model import (
    Payer,
    Receipt,
    ReceiptId,
    ReceiptMethod,
    ReferredDocument,
    Remittance,
    ReturnReason,
)
from receivables.testing._abilities import AbilityTests
from receivables.testing._cases import case_story
from receivables.testing._credit_cases import credit_story

__all__ = ["EventStoreTests", "StoreFactory", "sample_events"]

StoreFactory: TypeAlias = Callable[[], EventStore]
"""Opens the journal of one test; each call opens the same one again."""

_CREDITOR: Final = CreditorId("MIRA")
_CUSTOMER: Final = CustomerId("C-017")
_ACCOUNT: Final = account_key(_CREDITOR, _CUSTOMER)
_DAY: Final = dt.date(2026, 9, 30)
_LEARNED: Final = dt.datetime(2026, 9, 30, 8, 30, 15, 250, tzinfo=dt.UTC)
_ROUNDS: Final = 10


def sample_events() -> tuple[Event, ...]:
    """One story with every kind of event, in the order of recording; a ledger can replay it."""
    return (
        *_documents(),
        *_receipts(),
        *_settlement(),
        *_ending(),
        *_in_dollars(),
        *_on_items(),
        *_periods(),
        *_facts(),
        *_cases(),
    )


def _learned(minutes: int) -> dt.datetime:
    return _LEARNED + dt.timedelta(minutes=minutes)


def _invoice(number: str, **changes: Any) -> Invoice:  # noqa: ANN401  # fields of an invoice
    facts: dict[str, Any] = {
        "creditor": _CREDITOR,
        "customer": _CUSTOMER,
        "document_date": _DAY,
        "due_date": _DAY + dt.timedelta(days=30),
        "total": money("1200.00", "EUR"),
    }
    return Invoice(number=number, **{**facts, **changes})


def _issued(number: str, *, minutes: int = 60, **changes: Any) -> DocumentIssued:  # noqa: ANN401  # fields of an invoice
    return DocumentIssued.of(_invoice(number, **changes), recorded_at=_learned(minutes))


def _documents() -> Iterator[Event]:
    tax = Tax(code="S", base=money("1000", "EUR"), amount=money("200", "EUR"), rate_bps=2_000)
    line = Line(
        description="Vis à tête “fraisée” 🔩",
        net=money("1000", "EUR"),
        quantity=Decimal("1.50"),
        taxes=(tax,),
    )
    due = (Installment(_DAY, money("400", "EUR")), Installment(None, money("800", "EUR")))
    yield _issued(
        "2026-0117",
        minutes=0,
        lines=(line,),
        installments=due,
        references=("RF18 5390 0754 7034",),
        terms="30 days",
        source=Place("items.csv", line=7, field="total"),
    )
    common: dict[str, Any] = {"creditor": _CREDITOR, "customer": _CUSTOMER, "document_date": _DAY}
    credit = CreditNote(number="A-9", total=money("50", "EUR"), corrects="2026-0117", **common)
    debit = DebitNote(number="D-1", total=money("9", "JPY"), due_date=_DAY, **common)
    yield DocumentIssued.of(credit, recorded_at=_learned(0))
    yield DocumentIssued.of(debit, recorded_at=_learned(1))
    yield DocumentCancelled(
        event=EventId("cancelled:MIRA:D-1"),
        effective_on=_DAY,
        recorded_at=_learned(2),
        creditor=_CREDITOR,
        customer=_CUSTOMER,
        number="D-1",
        reason="issued twice",
    )


def _receipts() -> Iterator[Event]:
    remittance = Remittance(
        references=("RF18539007547034",),
        documents=(ReferredDocument(number="2026-0117", kind="CINV", amount_minor=35_000),),
        text=("FACT 2026/0117 \\ \n\t",),
        end_to_end="E2E-1",
    )
    receipt = Receipt(
        receipt=ReceiptId("r-1"),
        creditor=_CREDITOR,
        amount=money("350", "EUR"),
        booking_date=_DAY,
        value_date=_DAY,
        payer=Payer(name="Ñandú S.L.", account="ES9121000418450200051332"),
        remittance=remittance,
        account="FR7630006000011234567890189",
        source=Place("statement.xml"),
    )
    yield ReceiptRecorded.of(receipt, recorded_at=_learned(3))
    yield ReceiptIdentified(
        event=EventId("identified:MIRA:r-1"),
        effective_on=_DAY,
        recorded_at=_learned(4),
        creditor=_CREDITOR,
        receipt=ReceiptId("r-1"),
        customer=_CUSTOMER,
        reason="named the invoice",
    )


def _settlement() -> Iterator[Event]:
    legs = (
        Leg(ItemId("2026-0117/1"), 40_000),
        Leg(ItemId("r-1"), -35_000),
        Leg(ItemId("A-9"), -5_000),
    )
    allocation = Allocation(
        allocation=AllocationId("a-1"), creditor=_CREDITOR, currency="EUR", legs=legs
    )
    yield Allocated(
        event=EventId("allocated:MIRA:a-1"),
        effective_on=_DAY,
        recorded_at=_learned(5),
        allocation=allocation,
        customers=(_CUSTOMER,),
    )
    yield Unallocated(
        event=EventId("unallocated:MIRA:a-1"),
        effective_on=_DAY + dt.timedelta(days=1),
        recorded_at=_learned(6),
        creditor=_CREDITOR,
        customers=(_CUSTOMER,),
        allocation=AllocationId("a-1"),
        reason="returned",
    )


def _ending() -> Iterator[Event]:
    day = _DAY + dt.timedelta(days=1)
    yield ReceiptReturned(
        event=EventId("returned:MIRA:r-1"),
        effective_on=day,
        recorded_at=_learned(7),
        creditor=_CREDITOR,
        customer=_CUSTOMER,
        receipt=ReceiptId("r-1"),
        reason_code="AM04",
    )
    asked = NoticedItem(
        item=ItemId("2026-0117/1"), level=1, open_minor=40_000, document_date=_DAY, due_date=_DAY
    )
    undated = attrs.evolve(asked, item=ItemId("2026-0117/2"), open_minor=80_000, due_date=None)
    yield NoticeSent(
        event=EventId("notice:MIRA:C-017:1"),
        effective_on=day,
        recorded_at=_learned(8),
        creditor=_CREDITOR,
        customer=_CUSTOMER,
        currency="EUR",
        procedure="standard",
        procedure_version="2026-01",
        level=1,
        letter="reminder",
        items=(asked, undated),
        credit_minor=-5_000,
    )


def _in_dollars() -> Iterator[Event]:
    """An invoice and a receipt with every field that came later, and what was left over."""
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0800"), date=_DAY, source="ECB")
    offer = DiscountOffer(until=_DAY, amount=money("20", "USD"), tax=money("3.33", "USD"))
    parts = (
        Installment(_DAY, money("950", "USD"), discounts=(offer,)),
        Installment(None, money("50", "USD"), is_retention=True),
    )
    line = Line(
        description="setting up",
        net=money("1000", "USD"),
        category="services",
        dimensions=(("project", "P-7"),),
    )
    yield _issued(
        "2026-0200",
        minutes=10,
        lines=(line,),
        total=money("1000", "USD"),
        installments=parts,
        exchange_rate=rate,
        delivery_date=_DAY,
        received_on=_DAY,
        dimensions=(("site", "Lyon"),),
    )
    yield ReceiptRecorded.of(
        Receipt(
            receipt=ReceiptId("r-2"),
            creditor=_CREDITOR,
            customer=_CUSTOMER,
            amount=money("930", "USD"),
            booking_date=_DAY,
            method=ReceiptMethod.CHEQUE,
            exchange_rate=rate,
            affiliate=CreditorId("MIRA-ES"),
            is_advance=True,
        ),
        recorded_at=_learned(11),
    )
    yield Allocated(
        event=EventId("allocated:MIRA:a-2"),
        effective_on=_DAY,
        recorded_at=_learned(12),
        allocation=_with_residuals(),
        customers=(_CUSTOMER,),
    )


def _with_residuals() -> Allocation:
    item = ItemId("2026-0200/1")
    return Allocation(
        allocation=AllocationId("a-2"),
        creditor=_CREDITOR,
        currency="USD",
        legs=(Leg(item, 95_000), Leg(ItemId("r-2"), -90_000, currency="USD")),
        residuals=(
            Residual(ResidualKind.SETTLEMENT_DISCOUNT, 2_000, tax_minor=333, item=item),
            Residual(
                ResidualKind.DEDUCTION,
                3_000,
                item=item,
                currency="USD",
                counterparty="carrier",
                reason="damaged",
                due_date=_DAY,
            ),
        ),
    )


def _on_items() -> Iterator[Event]:
    day = _DAY + dt.timedelta(days=2)
    common: dict[str, Any] = {"creditor": _CREDITOR, "customer": _CUSTOMER, "effective_on": day}
    yield ReceiptReturned(
        event=EventId("returned:MIRA:r-2:1"),
        recorded_at=_learned(13),
        receipt=ReceiptId("r-2"),
        reason_code="R01",
        amount=money("10", "USD"),
        reason=ReturnReason.INSUFFICIENT_FUNDS,
        fee=money("15", "USD"),
        **common,
    )
    yield ItemHeld(
        event=EventId("held:MIRA:r-2"),
        recorded_at=_learned(14),
        item=ItemId("r-2"),
        until=day,
        reason="overpaid",
        **common,
    )
    yield ItemReleased(
        event=EventId("released:MIRA:r-2"),
        recorded_at=_learned(15),
        item=ItemId("r-2"),
        reason="asked for",
        **common,
    )
    yield DueDateChanged(
        event=EventId("due:MIRA:2026-0200/2"),
        recorded_at=_learned(16),
        item=ItemId("2026-0200/2"),
        due_date=day,
        reason="accepted",
        **common,
    )


def _periods() -> Iterator[Event]:
    common: dict[str, Any] = {"creditor": _CREDITOR, "effective_on": _DAY, "by": "J. Roy"}
    yield PeriodClosed(
        event=EventId("closed:MIRA:2026-09"),
        recorded_at=_learned(17),
        through=_DAY,
        reason="month-end",
        **common,
    )
    yield PeriodReopened(
        event=EventId("reopened:MIRA:2026-09"),
        recorded_at=_learned(18),
        opens_on=_DAY,
        reason="a late invoice",
        **common,
    )


def _facts() -> Iterator[Event]:
    """What was learned of a customer, and taken back."""
    fact = Fact(
        kind=FactKind.REFERENCE_HABIT,
        value="BON 4711",
        customer=_CUSTOMER,
        learned_on=_DAY,
        source="allocated:MIRA:a-1",
        meaning="2026-0117",
    )
    yield FactLearned(
        event=EventId("learned:MIRA:1"),
        effective_on=_DAY,
        recorded_at=_learned(19),
        creditor=_CREDITOR,
        fact=fact,
    )
    yield FactWithdrawn(
        event=EventId("withdrawn:MIRA:1"),
        effective_on=_DAY,
        recorded_at=_learned(20),
        creditor=_CREDITOR,
        customer=_CUSTOMER,
        fact=fact.fact,
        reason="it was another firm",
    )


def _cases() -> Iterator[Event]:
    """An invoice, a notice about it, and every case that may follow."""
    yield _issued("2026-0300", minutes=21)
    notice = NoticeSent(
        event=EventId("notice:MIRA:2026-0300"),
        effective_on=_DAY,
        recorded_at=_learned(22),
        creditor=_CREDITOR,
        customer=_CUSTOMER,
        currency="EUR",
        procedure="france-business",
        procedure_version="2",
        ladder="france",
        stage="formal-notice",
        level=1,
        letter="formal-notice",
        document="2026-0300",
        items=[
            NoticedItem(
                item="2026-0300",
                level=1,
                open_minor=120_000,
                document_date=_DAY,
                due_date=_DAY + dt.timedelta(days=30),
                held_minor=3_000,
            )
        ],
        charges=["FR-1"],
        run="run:MIRA:2026-09-30",
        released_by="J. Roy",
    )
    yield notice
    yield from case_story(
        _CREDITOR,
        _CUSTOMER,
        item="2026-0300",
        notice=notice.event,
        day=_DAY,
        learned=lambda place: _learned(23 + place),
    )
    yield from credit_story(
        _CREDITOR,
        _CUSTOMER,
        item="2026-0300",
        day=_DAY,
        learned=lambda place: _learned(42 + place),
    )
    yield _settled()
    yield from _posted()


def _settled() -> Event:
    """A payout that reached the bank."""
    payout = SettledPayout(
        payout="stripe:po_1",
        processor="stripe",
        amount_minor=9_710,
        currency="EUR",
        fee_minor=290,
        account="FR7630006000011234567890189",
        receipts=["receipt-9e0b13346441345e"],
    )
    return PayoutSettled(
        event=EventId("payout:MIRA:stripe:po_1"),
        effective_on=_DAY,
        recorded_at=_learned(62),
        creditor=_CREDITOR,
        payout=payout,
    )


def _posted() -> Iterator[Event]:
    """A batch that was sent to be booked elsewhere, of which one line was refused."""
    notice = PostingNotice(
        posting="m3-9e0b13346441345e",
        target="m3",
        lines=["receipt:r-1", "entry:e-1"],
        digest="9e0b" * 16,
        by="J. Roy",
    )
    yield PostingSent(
        event=EventId("posting:MIRA:m3-9e0b13346441345e"),
        effective_on=_DAY,
        recorded_at=_learned(62),
        creditor=_CREDITOR,
        posting=notice,
    )
    yield PostingAnswered(
        event=EventId("posting-answer:MIRA:m3-9e0b13346441345e:1"),
        effective_on=_DAY,
        recorded_at=_learned(63),
        creditor=_CREDITOR,
        posting="m3-9e0b13346441345e",
        answers=[
            LineAnswer(line="receipt:r-1", outcome="posted", reference="2026-000417"),
            LineAnswer(line="entry:e-1", outcome="refused", code="XAB0104", message="N. Blanc"),
        ],
    )


class EventStoreTests(AbilityTests):
    """What every event store must do; give the fixtures `spec`, `store_factory` and `tamper`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "concurrency": (
                "test_of_two_writers_one_wins",
                "test_writers_of_two_accounts_both_win",
            ),
            "verify": ("test_whole_journal_verifies", "test_tampering_is_found"),
        }
    )
    """Each ability that a store may declare, and the tests that ask for it."""

    @pytest.fixture
    def store_factory(self) -> StoreFactory:
        """Opens the journal of one test: empty at first, the same again at each later call."""
        raise NotImplementedError

    @pytest.fixture
    def tamper(self) -> Callable[[], object]:
        """Changes something in a recorded event behind the store's back (``verify``)."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, store_factory: StoreFactory) -> Iterator[EventStore]:
        """An empty journal, closed afterwards."""
        with closing(store_factory()) as store:
            yield store

    def test_new_journal_is_empty(self, store: EventStore) -> None:
        """A journal begins without events and without accounts."""
        assert list(store.events()) == []
        assert dict(store.versions()) == {}

    def test_every_kind_of_event_comes_back(
        self, store: EventStore, store_factory: StoreFactory
    ) -> None:
        """What was appended is there when the journal is opened again, to the last field."""
        events = sample_events()
        appended = store.append(events)

        assert (appended.added, appended.known) == (len(events), 0)
        assert _recorded(store_factory) == events
        assert repr(_recorded(store_factory)) == repr(events)

    def test_order_of_recording_is_kept(
        self, store: EventStore, store_factory: StoreFactory
    ) -> None:
        """Events come back as they were recorded, whatever their names and days say."""
        names = ("z", "a", "m", "B", "10", "9")
        for name in names:
            store.append([_issued(name)])

        assert [event.event for event in _recorded(store_factory)] == [
            f"issued:MIRA:{name}" for name in names
        ]

    def test_ledger_replays_what_was_kept(
        self, store: EventStore, store_factory: StoreFactory
    ) -> None:
        """The accounts of the events that come back are those of the events that went in."""
        store.append(sample_events())
        before, after = Ledger.replay(sample_events()), Ledger.replay(_recorded(store_factory))
        day = _DAY + dt.timedelta(days=2)

        assert after.open_items(as_of=day) == before.open_items(as_of=day)

    def test_versions_count_the_events_of_each_account(self, store: EventStore) -> None:
        """An event counts once on each account that it writes on."""
        events = sample_events()
        store.append(events[:4])
        store.append(events[4:])

        periods = sum(isinstance(event, PeriodClosed | PeriodReopened) for event in events)
        # The limit of a country is nobody's own, when it is granted and when it ends.
        nobody = sum(isinstance(event, CaseEvent) and not event.owner for event in events)
        assert dict(store.versions()) == {
            _ACCOUNT: len(events) - 1 - periods - nobody,
            account_key(_CREDITOR, ""): 2 + nobody,
            period_account(_CREDITOR): periods,
        }

    def test_known_event_changes_nothing(
        self, store: EventStore, store_factory: StoreFactory
    ) -> None:
        """The same event recorded again, later, is skipped and counted as known."""
        first = store.append([_issued("1")])
        again = store.append([_issued("1", minutes=90)])

        assert (again.added, again.known, again.head) == (0, 1, first.head)
        assert _recorded(store_factory) == (_issued("1"),)

    def test_known_and_new_events_go_together(self, store: EventStore) -> None:
        """Of a batch that overlaps, the new events are added; one that comes twice counts once."""
        store.append([_issued("1")])
        appended = store.append([_issued("1"), _issued("2"), _issued("2")])

        assert (appended.added, appended.known) == (1, 2)

    def test_source_is_no_content(self, store: EventStore) -> None:
        """A document that is read from another file again is the same document."""
        store.append([_issued("1", source=Place("september.csv", line=3))])
        appended = store.append([_issued("1", source=Place("october.csv", line=88))])

        assert (appended.added, appended.known) == (0, 1)

    @pytest.mark.parametrize("place", ["in the journal", "in the batch"])
    def test_other_content_is_refused(
        self, store: EventStore, store_factory: StoreFactory, place: str
    ) -> None:
        """An event that says something else under a known identity is refused with its batch."""
        store.append([_issued("1")])
        other = _issued("1" if place == "in the journal" else "3", total=money("1", "EUR"))

        with pytest.raises(DuplicateEventError):
            store.append([_issued("2"), _issued("3"), other])
        assert _recorded(store_factory) == (_issued("1"),)

    def test_expected_version_lets_a_writer_in(self, store: EventStore) -> None:
        """Versions as they were read let an append through, zero for a new account."""
        store.append([_issued("1")], expected={_ACCOUNT: 0})
        appended = store.append([_issued("2")], expected=store.versions())

        assert appended.added == 1

    def test_unexpected_version_is_refused(
        self, store: EventStore, store_factory: StoreFactory
    ) -> None:
        """Whoever read an account before the last event on it must read again; nothing is written."""
        stale = {_ACCOUNT: 0}
        store.append([_issued("1")])

        with pytest.raises(ConcurrencyError):
            store.append([_issued("2"), _issued("3")], expected=stale)
        assert _recorded(store_factory) == (_issued("1"),)

    def test_append_can_be_repeated(self, store: EventStore) -> None:
        """A writer whose reply got lost may send the same again, expected versions and all."""
        store.append([_issued("1")], expected={_ACCOUNT: 0})
        again = store.append([_issued("1")], expected={_ACCOUNT: 0})

        assert (again.added, again.known) == (0, 1)

    def test_event_recorded_before_the_last_is_refused(
        self, store: EventStore, store_factory: StoreFactory
    ) -> None:
        """The order of recording is that of `recorded_at`, so that a ledger can replay it."""
        store.append([_issued("1", minutes=60)])

        with pytest.raises(ConcurrencyError):
            store.append([_issued("2", minutes=59)])
        assert _recorded(store_factory) == (_issued("1"),)

    def test_batch_that_goes_back_in_time_is_refused(self, store: EventStore) -> None:
        """Within a batch the order of recording is that of `recorded_at` too."""
        with pytest.raises(EventError):
            store.append([_issued("1", minutes=60), _issued("2", minutes=59)])
        assert list(store.events()) == []

    def test_event_on_no_account_is_kept(
        self, store: EventStore, store_factory: StoreFactory
    ) -> None:
        """An event that names no customer is recorded, and counts on no account."""
        events = [event for event in sample_events() if isinstance(event, Allocated)]
        alone = [attrs.evolve(event, customers=()) for event in events]
        store.append(alone)

        assert list(_recorded(store_factory)) == alone
        assert dict(store.versions()) == {}

    def test_nothing_can_be_appended(self, store: EventStore) -> None:
        """No event is no change."""
        first = store.append([_issued("1")])
        appended = store.append([])

        assert (appended.added, appended.known, appended.head) == (0, 0, first.head)

    def test_of_two_writers_one_wins(
        self, spec: AdapterSpec[Any], store_factory: StoreFactory
    ) -> None:
        """Of two writers who read the same account, one gets in, and one is told to read again."""
        _ask(spec, "concurrency")
        for turn in range(_ROUNDS):
            batches = [[_issued(f"{turn}-{writer}")] for writer in range(2)]
            outcomes = _race(store_factory, batches, expected={_ACCOUNT: turn})

            assert sorted(outcomes) == ["added", "refused"]
        assert len(_recorded(store_factory)) == _ROUNDS

    def test_writers_of_two_accounts_both_win(
        self, spec: AdapterSpec[Any], store_factory: StoreFactory
    ) -> None:
        """Writers who do not touch each other's accounts both get in, one after the other."""
        _ask(spec, "concurrency")
        for turn in range(_ROUNDS):
            batches = [
                [_issued(f"{turn}-{customer}-{n}", customer=customer) for n in range(20)]
                for customer in ("C-1", "C-2")
            ]
            assert _race(store_factory, batches) == ["added", "added"]
        assert len(_recorded(store_factory)) == 2 * 20 * _ROUNDS

    def test_whole_journal_verifies(
        self, spec: AdapterSpec[Any], store: EventStore, store_factory: StoreFactory
    ) -> None:
        """A journal that nobody touched has no break, and ends where the last append ended."""
        _ask(spec, "verify")
        appended = store.append(sample_events())
        with closing(store_factory()) as reopened:
            verified = reopened.verify()

        assert verified.problems == ()
        assert (verified.events, verified.head) == (len(sample_events()), appended.head)

    def test_tampering_is_found(
        self,
        spec: AdapterSpec[Any],
        store_factory: StoreFactory,
        request: pytest.FixtureRequest,
    ) -> None:
        """A change behind the store's back is a problem with a place."""
        _ask(spec, "verify")
        with closing(store_factory()) as store:
            store.append(sample_events())
        request.getfixturevalue("tamper")()
        with closing(store_factory()) as store:
            problems = store.verify().problems

        assert problems
        assert all(problem.place.line is not None for problem in problems)


def _recorded(store_factory: StoreFactory) -> tuple[Event, ...]:
    with closing(store_factory()) as store:
        return tuple(store.events())


def _race(
    store_factory: StoreFactory,
    batches: Sequence[Sequence[Event]],
    *,
    expected: Mapping[Any, int] | None = None,
) -> list[str]:
    """Append each batch from a thread and a connection of its own, all at the same moment."""
    outcomes = ["lost"] * len(batches)
    start = threading.Barrier(len(batches))

    def write(writer: int, store: EventStore) -> None:
        start.wait()
        try:
            store.append(batches[writer], expected=expected)
        except ConcurrencyError:
            outcomes[writer] = "refused"
        else:
            outcomes[writer] = "added"

    with ExitStack() as stack:
        stores = [stack.enter_context(closing(store_factory())) for _ in batches]
        threads = [threading.Thread(target=write, args=pair) for pair in enumerate(stores)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return outcomes


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
