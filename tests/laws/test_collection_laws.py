"""Laws of collections, each compared with a slow reference that was written apart.

1. Day by day, notices are those of a reference that knows nothing but the rules in words.
2. No order of runs, days and interest runs charges a day or a fixed sum twice.
3. A promise is what a count of the money by hand says.
4. The law of calls is what counting seven days by hand says.
5. Money that somebody collected settles what it says, and never more than is owed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.allocation.model import Allocation, Leg
from receivables.casework import (
    ContactNote,
    Dispute,
    DisputedPart,
    DunningBlock,
    PromiseToPay,
    Referral,
    ReferredItem,
)
from receivables.collection import held_on
from receivables.conduct import DebtFacts, LoggedContact, PlannedContact, check
from receivables.disputes import dispute_opened, dispute_resolved
from receivables.documents import CreditNote, DebitNote, Installment, Invoice
from receivables.dunning import (
    CourtesyReminder,
    DunningCharges,
    DunningLevel,
    DunningProcedure,
    DunningWorld,
    dun,
    release,
    review,
)
from receivables.errors import EventError
from receivables.interest import (
    Charging,
    InterestPolicy,
    RateSeries,
    RateTable,
    charged_on,
    interest_documents,
    jurisdiction,
    late_items,
)
from receivables.ledger import (
    DocumentIssued,
    DueDateChanged,
    DunningBlocked,
    DunningUnblocked,
    Ledger,
    ReceiptRecorded,
)
from receivables.money import from_minor, to_minor
from receivables.parties import Customer
from receivables.promises import PromisePolicy, judge, promise_made, promise_withdrawn
from receivables.referral import recovered, referred, standings
from receivables.testing.builders import a_receipt, recorded

START = dt.date(2026, 6, 1)
CUSTOMERS = ("C-1", "C-2")
BUSINESSES = {name: Customer(customer=name, name=name) for name in CUSTOMERS}
LAWS = settings(max_examples=25, deadline=None)


def on(day: int) -> dt.date:
    return START + dt.timedelta(days=day)


LADDERS = [
    DunningProcedure(
        name="plain",
        version="1",
        ladder="house",
        minimums_minor={"EUR": 2_000},
        levels=[
            DunningLevel(days_past_due=3, letter="reminder-1"),
            DunningLevel(days_past_due=9, days_after_previous=5, letter="reminder-2"),
            DunningLevel(days_past_due=15, days_after_previous=4, letter="formal-notice"),
        ],
    ),
    DunningProcedure(
        name="gentle",
        version="2",
        ladder="house",
        grace_days=2,
        courtesy=CourtesyReminder(days_before_due=4),
        levels=[
            DunningLevel(days_past_due=2, letter="reminder-1"),
            DunningLevel(days_past_due=12, days_after_previous=7, letter="final-reminder"),
        ],
    ),
]
"""Two procedures of one ladder, so that a change between them is a change in the middle."""


# 1. Dunning day by day


@attrs.define
class World:
    """A ledger that grows, and what the reference has to know of it besides."""

    ledger: Ledger = attrs.field(factory=Ledger)
    minute: int = 0
    names: int = 0
    disputes: dict[str, tuple[str, int]] = attrs.field(factory=dict)
    blocks: dict[str, tuple[str, str, dt.date | None]] = attrs.field(factory=dict)
    allocations: dict[str, tuple[str, int]] = attrs.field(factory=dict)

    def moment(self) -> dt.datetime:
        self.minute += 1
        return recorded(self.minute)

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}-{self.names}"

    def record(self, *events: object) -> None:
        self.ledger = self.ledger.record(*events)

    def debits(self, day: int) -> list:
        items = self.ledger.open_items(as_of=on(day))
        return [item for item in items if item.open_minor > 0]


def _invoice(world: World, day: int, draw) -> None:
    total, customer = draw(st.integers(500, 20_000)), draw(st.sampled_from(CUSTOMERS))
    currency, number = draw(st.sampled_from(["EUR", "EUR", "CAD"])), world.name("F")
    fields = {"number": number, "creditor": "MIRA", "customer": customer, "document_date": on(day)}
    due = on(day + draw(st.integers(-6, 8)))
    if draw(st.booleans()):
        first = total // 3
        parts = [
            Installment(due, from_minor(first, currency)),
            Installment(due + dt.timedelta(days=5), from_minor(total - first, currency)),
        ]
        invoice = Invoice(installments=parts, total=from_minor(total, currency), **fields)
    else:
        invoice = Invoice(due_date=due, total=from_minor(total, currency), **fields)
    world.record(DocumentIssued.of(invoice, recorded_at=world.moment()))


def _credit(world: World, day: int, draw) -> None:
    note = CreditNote(
        number=world.name("A"),
        creditor="MIRA",
        customer=draw(st.sampled_from(CUSTOMERS)),
        document_date=on(day),
        total=from_minor(draw(st.integers(100, 15_000)), "EUR"),
    )
    world.record(DocumentIssued.of(note, recorded_at=world.moment()))


def _pay(world: World, day: int, draw) -> None:
    open_now = world.debits(day)
    if not open_now:
        return
    item = draw(st.sampled_from(open_now))
    minor, name = draw(st.integers(1, item.open_minor)), world.name("R")
    receipt = a_receipt(
        name,
        amount=from_minor(minor, item.currency),
        customer=item.customer,
        booking_date=on(day),
    )
    world.record(ReceiptRecorded.of(receipt, recorded_at=world.moment()))
    if draw(st.integers(0, 3)):
        legs = [Leg(item.item, minor), Leg(name, -minor)]
        made = Allocation(
            allocation=f"a-{name}", creditor="MIRA", currency=item.currency, legs=legs
        )
        world.record(world.ledger.allocated(made, effective_on=on(day), recorded_at=world.moment()))
        world.allocations[f"a-{name}"] = (item.item, minor)


def _bounce(world: World, day: int, draw) -> None:
    if world.allocations:
        name = draw(st.sampled_from(sorted(world.allocations)))
        del world.allocations[name]
        world.record(
            world.ledger.unallocated("MIRA", name, effective_on=on(day), recorded_at=world.moment())
        )


def _dispute(world: World, day: int, draw) -> None:
    open_now = world.debits(day)
    if not open_now:
        return
    item, name = draw(st.sampled_from(open_now)), world.name("D")
    minor = draw(st.integers(1, item.amount_minor))
    part = DisputedPart(item=item.item, amount=from_minor(minor, item.currency))
    case = Dispute(
        dispute=name, customer=item.customer, parts=[part], reason="quality", owner="quality"
    )
    world.record(dispute_opened(case, creditor="MIRA", on=on(day), recorded_at=world.moment()))
    world.disputes[name] = (item.item, minor)


def _refuse(world: World, day: int, draw) -> None:
    if world.disputes:
        name = draw(st.sampled_from(sorted(world.disputes)))
        del world.disputes[name]
        world.record(
            dispute_resolved(
                world.ledger,
                name,
                creditor="MIRA",
                outcome="invalid",
                on=on(day),
                recorded_at=world.moment(),
            )
        )


def _block(world: World, day: int, draw) -> None:
    open_now = world.debits(day)
    if not open_now:
        return
    item, name = draw(st.sampled_from(open_now)), world.name("B")
    until = draw(st.none() | st.integers(day, day + 10).map(on))
    is_whole = draw(st.booleans())
    block = DunningBlock(
        block=name,
        customer=item.customer,
        items=[] if is_whole else [item.item],
        reason="other",
        until=until,
    )
    world.record(
        DunningBlocked(
            event=f"blocked:{name}",
            effective_on=on(day),
            recorded_at=world.moment(),
            creditor="MIRA",
            block=block,
        )
    )
    world.blocks[name] = (item.customer, "" if is_whole else item.item, until)


def _lift(world: World, day: int, draw) -> None:
    if world.blocks:
        name = draw(st.sampled_from(sorted(world.blocks)))
        customer, _, _ = world.blocks.pop(name)
        world.record(
            DunningUnblocked(
                event=f"lifted:{name}",
                effective_on=on(day),
                recorded_at=world.moment(),
                creditor="MIRA",
                customer=customer,
                block=name,
            )
        )


def _postpone(world: World, day: int, draw) -> None:
    open_now = world.debits(day)
    if not open_now:
        return
    item = draw(st.sampled_from(open_now))
    world.record(
        DueDateChanged(
            event=world.name("due"),
            effective_on=on(day),
            recorded_at=world.moment(),
            creditor="MIRA",
            customer=item.customer,
            item=item.item,
            due_date=on(day + draw(st.integers(-8, 8))),
        )
    )


ACTIONS = (
    _invoice, _invoice, _invoice, _credit, _pay, _pay, _bounce,
    _dispute, _refuse, _block, _lift, _postpone,
)  # fmt: skip


class Reference:
    """Dunning in words: item by item, with its own book of levels and holds."""

    def __init__(self) -> None:
        self.levels: dict[str, tuple[int, dt.date]] = {}
        self.spoken_of: set[str] = set()

    def held(self, world: World, item, day: dt.date) -> int:
        for customer, name, until in world.blocks.values():
            covers = customer == item.customer and name in ("", item.item)
            if covers and (until is None or day <= until):
                return item.open_minor
        contested = sum(minor for name, minor in world.disputes.values() if name == item.item)
        return min(contested, item.open_minor)

    def step(self, item, procedure: DunningProcedure, day: dt.date) -> int:
        """The level after the day, if a notice goes out."""
        level, last = self.levels.get(item.item, (0, dt.date.min))
        if level >= len(procedure.levels):
            return level
        step = procedure.levels[level]
        is_late = (day - item.due_date).days >= step.days_past_due + procedure.grace_days
        has_waited = not level or (day - last).days >= step.days_after_previous
        return level + 1 if is_late and has_waited else level

    def run(self, world: World, procedure: DunningProcedure, day: dt.date) -> list:
        accounts = defaultdict(list)
        for item in world.ledger.open_items(as_of=day):
            accounts[item.customer, item.currency].append(item)
        found = []
        for (customer, currency), items in sorted(accounts.items()):
            credit_minor = sum(-item.open_minor for item in items if item.open_minor < 0)
            credit_minor = self.remind(
                found, items, credit_minor, (world, procedure, day, customer, currency)
            )
            self.early(found, items, credit_minor, (world, procedure, day, customer, currency))
        return found

    def remind(self, found, items, credit_minor: int, around) -> int:
        world, procedure, day, customer, currency = around
        late = [one for one in items if one.open_minor > 0 and one.due_date < day]
        late.sort(key=lambda one: (one.due_date, one.item))
        lines, top = [], 0
        for item in late:
            asked = item.open_minor - self.held(world, item, day)
            after, before = self.step(item, procedure, day), self.levels.get(item.item, (0,))[0]
            if asked and after:
                lines.append((item.item, after, asked))
                top = max(top, after) if after > before else top
        asked = sum(line[2] for line in lines)
        used = min(credit_minor, asked)
        if top and asked - used > 0 and asked - used >= procedure.minimums_minor.get(currency, 0):
            found.append((customer, currency, top, lines, -used))
            for name, level, _ in lines:
                self.spoken_of.add(name)
                if level > self.levels.get(name, (0,))[0]:
                    self.levels[name] = (level, day)
        return max(credit_minor - asked, 0)

    def early(self, found, items, credit_minor: int, around) -> None:
        world, procedure, day, customer, currency = around
        if procedure.courtesy is None:
            return
        soon = [
            (item.item, 0, item.open_minor - self.held(world, item, day))
            for item in sorted(items, key=lambda one: (one.due_date or day, one.item))
            if item.open_minor > 0
            and 0 <= (item.due_date - day).days <= procedure.courtesy.days_before_due
            and item.item not in self.spoken_of
        ]
        soon = [line for line in soon if line[2] > 0]
        asked = sum(line[2] for line in soon)
        used = min(credit_minor, asked)
        if soon and asked - used > 0 and asked - used >= procedure.minimums_minor.get(currency, 0):
            found.append((customer, currency, 0, soon, -used))
            self.spoken_of.update(line[0] for line in soon)


def _said(run) -> list:
    return sorted(
        (
            notice.customer,
            notice.currency,
            notice.level,
            [(one.item, one.level, one.asked_minor) for one in notice.items],
            notice.credit_minor,
        )
        for notice in run.notices
    )


def _held(ledger, items, as_of, known_at):
    return held_on(ledger, "MIRA", items, as_of=as_of, known_at=known_at)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_notices_are_those_of_the_reference(data) -> None:
    """Bounced payments, moved due dates, blocks, disputes, credits, a change of procedure: all of it."""
    world, reference, day = World(), Reference(), 0
    around = DunningWorld(customers=BUSINESSES, holdbacks=_held)
    for _ in range(data.draw(st.integers(2, 9))):
        day += data.draw(st.integers(0, 6))
        for action in data.draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=4)):
            action(world, day, data.draw)
        procedure = data.draw(st.sampled_from(LADDERS))
        moment = world.moment()

        run = dun(
            world.ledger, procedure=procedure, as_of=on(day), recorded_at=moment, world=around
        )

        assert _said(run) == sorted(reference.run(world, procedure, on(day)))
        world.record(*release(review(run, by="J. Roy"), recorded_at=moment))
        again = dun(
            world.ledger, procedure=procedure, as_of=on(day), recorded_at=moment, world=around
        )
        assert again.notices == ()
    assert Ledger.replay(world.ledger.events).notices() == world.ledger.notices()


# 2. Charges, once

_MRO = RateSeries.stepwise("ecb.mro", {"2025-06-11": "2.15", "2026-06-17": "2.40"}, source="ECB")
_LAW = InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable([_MRO]))
_DEAR = DunningProcedure(
    name="dear",
    version="1",
    levels=[
        DunningLevel(
            days_past_due=from_days,
            days_after_previous=3,
            letter="reminder-1",
            charges_interest=True,
            fees_minor={"EUR": 500},
        )
        for from_days in (4, 12, 25)
    ],
)


def _charged_by_item(ledger: Ledger) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for event in ledger.events:
        note = event.document if isinstance(event, DocumentIssued) else None
        if isinstance(note, DebitNote) and note.lines[0].category != "dunning-fee":
            for item, line in zip(note.concerns, note.lines, strict=True):
                found[str(item), line.category] += to_minor(line.net)
    return found


def _fees(ledger: Ledger) -> list[str]:
    return [name for one in ledger.notices() for name in one.charges if name.startswith("FEE")]


@LAWS
@given(data=st.data())
def test_no_order_of_runs_charges_twice(data) -> None:
    """Notices and interest runs, of past days too: no day of interest and no fixed sum comes again."""
    world, last = World(), 0
    for _ in range(data.draw(st.integers(1, 3))):
        _invoice(world, 0, data.draw)
    around = DunningWorld(customers=BUSINESSES, charges=DunningCharges(interest=[_LAW]))
    for _ in range(data.draw(st.integers(2, 7))):
        day = data.draw(st.integers(0, 60))
        moment = world.moment()
        if data.draw(st.booleans()):
            procedure = attrs.evolve(_DEAR, name=data.draw(st.sampled_from(["dear", "other"])))
            run = dun(
                world.ledger, procedure=procedure, as_of=on(day), recorded_at=moment, world=around
            )
            world.record(*release(review(run, by="J. Roy"), recorded_at=moment))
        else:
            made = interest_documents(
                late_items(world.ledger, as_of=on(day)),
                policy=_LAW,
                as_of=on(day),
                charging=Charging(number=lambda _kind, _who: world.name("I")),
                charged=charged_on(world.ledger),
            )
            world.record(*(DocumentIssued.of(note, recorded_at=moment) for note in made.documents))
        last = max(last, day)

    right = interest_documents(
        late_items(world.ledger, as_of=on(last)),
        policy=_LAW,
        as_of=on(last),
        charging=Charging(number=lambda kind, who: f"{kind}-{who}"),
    )
    most = {(str(one.item), one.category): to_minor(one.amount) for one in right.charges}
    for (item, category), minor in _charged_by_item(world.ledger).items():
        assert minor <= most[item, category]
    fees = _fees(world.ledger)
    assert len(set(fees)) == len(fees)
    assert len(fees) <= sum(one.currency == "EUR" for one in world.ledger.notices())


# 3. Promises, counted by hand

_TOLERANT = PromisePolicy(tolerance_days=2)


@attrs.define
class Payment:
    """Money of a customer: when it came, how much, and for which item since when; undone when."""

    came: int
    minor: int
    item: str
    applied: int
    undone: int | None = None


def _payments(world: World, draw, items: list[str]) -> list[Payment]:
    found = []
    for _ in range(draw(st.integers(0, 4))):
        came = draw(st.integers(0, 20))
        one = Payment(
            came,
            draw(st.integers(1, 6_000)),
            draw(st.sampled_from(["", *items])),
            came + draw(st.integers(0, 6)),
        )
        if one.item and draw(st.integers(0, 3)) == 0:
            one.undone = one.applied + draw(st.integers(0, 5))
        found.append(one)
    for one in found:
        _record_payment(world, one)
    return found


def _record_payment(world: World, one: Payment) -> None:
    name = world.name("R")
    receipt = a_receipt(
        name, amount=from_minor(one.minor, "EUR"), customer="C-1", booking_date=on(one.came)
    )
    world.record(ReceiptRecorded.of(receipt, recorded_at=world.moment()))
    if not one.item:
        return
    legs = [Leg(one.item, one.minor), Leg(name, -one.minor)]
    made = Allocation(allocation=f"a-{name}", creditor="MIRA", currency="EUR", legs=legs)
    world.record(
        world.ledger.allocated(made, effective_on=on(one.applied), recorded_at=world.moment())
    )
    if one.undone is not None:
        world.record(
            world.ledger.unallocated(
                "MIRA", f"a-{name}", effective_on=on(one.undone), recorded_at=world.moment()
            )
        )


def _counts(one: Payment, promise: PromiseToPay, given: int, day: int) -> bool:
    """Whether a payment is what a promise said, by the words of the how-to page."""
    in_time = on(one.came) <= promise.due_on + dt.timedelta(days=2) and one.came <= day
    if not promise.items:
        return in_time and one.came >= given
    is_applied = one.applied <= day and (one.undone is None or one.undone > day)
    return in_time and is_applied and one.item in promise.items and one.applied >= given


@LAWS
@given(data=st.data())
def test_a_promise_is_what_the_money_says(data) -> None:
    """Open, kept, partly kept, broken or withdrawn, on every day, with money that comes and goes."""
    world, draw = World(), data.draw
    for number in ("F-1", "F-2"):
        invoice = Invoice(
            number=number,
            creditor="MIRA",
            customer="C-1",
            document_date=START,
            due_date=START,
            total=from_minor(50_000, "EUR"),
        )
        world.record(DocumentIssued.of(invoice, recorded_at=world.moment()))
    given = draw(st.integers(0, 10))
    promise = PromiseToPay(
        promise="P-1",
        customer="C-1",
        amount=from_minor(draw(st.integers(1, 9_000)), "EUR"),
        due_on=on(given + draw(st.integers(0, 8))),
        items=draw(st.sampled_from([(), ("F-1",), ("F-1", "F-2")])),
    )
    world.record(promise_made(promise, creditor="MIRA", on=on(given), recorded_at=world.moment()))
    payments = _payments(world, draw, ["F-1", "F-2"])
    withdrawn = draw(st.none() | st.integers(given, given + 12))
    if withdrawn is not None:
        world.record(
            promise_withdrawn(
                promise, creditor="MIRA", on=on(withdrawn), recorded_at=world.moment()
            )
        )

    for day in range(given, given + 16):
        (judged,) = judge(world.ledger, "MIRA", as_of=on(day), policy=_TOLERANT)
        promised = to_minor(promise.amount)
        paid = min(
            sum(one.minor for one in payments if _counts(one, promise, given, day)), promised
        )
        if withdrawn is not None and withdrawn <= day:
            expected = ("withdrawn", 0)
        elif paid == promised:
            expected = ("kept", paid)
        elif on(day) <= promise.due_on + dt.timedelta(days=2):
            expected = ("open", paid)
        else:
            expected = ("partly-kept" if paid else "broken", paid)
        assert (judged.state.value, judged.paid_minor) == expected


# 4. Calls, counted by hand

_DEBTOR = Customer(customer="C-1", name="J. Doe", country="US", is_consumer=True)
_NOTED = DebtFacts(validation_sent=START - dt.timedelta(days=90))
_CALLS = {"us.seven-in-seven", "us.after-conversation"}


@LAWS
@given(data=st.data())
def test_calls_are_what_seven_days_by_hand_say(data) -> None:
    """More than seven calls about a debt in seven days, or one within seven days of a conversation."""
    draw, history = data.draw, []
    for number in range(draw(st.integers(0, 16))):
        items = draw(st.sampled_from([("F-1",), ("F-2",), ("F-1", "F-2"), ()]))
        outcome = draw(
            st.sampled_from(["no-answer", "no-answer", "no-answer", "not-connected", "reached"])
        )
        inbound = draw(st.integers(0, 4)) == 0
        note = ContactNote(
            contact=f"K-{number}",
            customer="C-1",
            channel="phone",
            outcome=outcome,
            actor="agency",
            items=items,
            direction="inbound" if inbound else "outbound",
        )
        history.append(LoggedContact(on=on(draw(st.integers(0, 14))), note=note))
    day, debts = draw(st.integers(0, 20)), draw(st.sampled_from([("F-1",), ("F-1", "F-2")]))
    planned = PlannedContact(
        channel="phone", actor="agency", on=on(day), local_time="10:00", items=debts
    )

    said = check(planned, history=history, customer=_DEBTOR, facts=_NOTED)

    expected = set()
    for debt in debts:
        about = [one for one in history if not one.note.items or debt in one.note.items]
        week = [one for one in about if on(day - 6) <= one.on <= on(day)]
        made = [
            one
            for one in week
            if one.note.direction.value == "outbound" and one.note.outcome.value != "not-connected"
        ]
        if len(made) + 1 > 7:
            expected.add("us.seven-in-seven")
        if any(one.note.outcome.value == "reached" for one in week):
            expected.add("us.after-conversation")
    assert {one.rule for one in said.reasons} & _CALLS == expected


# 5. Money from who collects


@LAWS
@given(data=st.data())
def test_what_was_collected_settles_what_it_says(data) -> None:
    """Receipts larger and smaller than the items, fees up to more than the receipt: nothing is lost."""
    world, draw, day = World(), data.draw, on(40)
    minors = draw(st.lists(st.integers(1, 9_000), min_size=1, max_size=3))
    parts = []
    for place, minor in enumerate(minors):
        invoice = Invoice(
            number=f"F-{place}",
            creditor="MIRA",
            customer="C-1",
            document_date=START,
            due_date=START,
            total=from_minor(minor, "EUR"),
        )
        world.record(DocumentIssued.of(invoice, recorded_at=world.moment()))
        parts.append(ReferredItem(item=f"F-{place}", amount=from_minor(minor, "EUR")))
    file = Referral(referral="X-1", customer="C-1", kind="agency", to="Agence", items=parts)
    world.record(referred(file, creditor="MIRA", on=on(30), recorded_at=world.moment()))
    owed, reported = sum(minors), 0
    for _ in range(draw(st.integers(1, 3))):
        came, kept = draw(st.integers(1, 9_000)), draw(st.integers(0, 4_000))
        receipt = a_receipt(
            name := world.name("R"),
            amount=from_minor(came, "EUR"),
            customer="C-1",
            booking_date=on(35),
        )
        world.record(ReceiptRecorded.of(receipt, recorded_at=world.moment()))
        try:
            events = recovered(
                world.ledger,
                "X-1",
                creditor="MIRA",
                receipt=name,
                fee=from_minor(kept, "EUR"),
                on=day,
                recorded_at=world.moment(),
            )
        except EventError:
            assert min(owed, came + kept) <= kept
            continue
        world.record(*events)
        settled = min(owed, came + kept)
        owed, reported = owed - settled, reported + settled
        left = world.ledger.item("MIRA", name, as_of=day)
        assert left is not None
        assert -left.open_minor == came - (settled - kept)

    (standing,) = standings(world.ledger, "MIRA", as_of=day)
    assert standing.recovered.get("EUR", 0) == reported
    assert standing.still_open == {"EUR": owed}
