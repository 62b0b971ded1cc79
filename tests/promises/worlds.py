"""Stories of promises and plans: what happened, one sentence after the other."""

from __future__ import annotations

import contextlib
import datetime as dt

import attrs
from hypothesis import strategies as st

from receivables.allocation import Residual, ResidualKind
from receivables.allocation.model import Allocation, Leg, Tolerance
from receivables.casework import BreakClause, PlanEnd, PromiseToPay
from receivables.documents import Invoice
from receivables.errors import EventError
from receivables.ledger import (
    Allocated,
    DocumentIssued,
    Ledger,
    PlanOffered,
    PromiseMade,
    PromiseWithdrawn,
    ReceiptReturned,
    Return,
    Unallocated,
    plan_return,
)
from receivables.money import from_minor, money, to_minor
from receivables.promises import (
    PromisePolicy,
    judge,
    offer_plan,
    plan_accepted,
    plan_ended,
    plan_offered,
    promise_made,
    promise_withdrawn,
    standings,
)
from receivables.testing import strategies
from receivables.testing.builders import (
    CREDITOR,
    CUSTOMER,
    a_credit_note,
    a_receipt,
    an_invoice,
    issued,
    received,
    recorded,
)


def day(number: int, month: int = 11) -> dt.date:
    """A day of November 2026, or of another month."""
    return dt.date(2026, month, number)


_ISSUED_ON = day(30, 9)
_TODAY = day(1)


@attrs.define
class Story:
    """A ledger that grows by a sentence at a time, each recorded a minute after the one before."""

    ledger: Ledger = attrs.field(factory=Ledger)
    minute: int = 0

    def add(self, *events):
        """Record events."""
        self.ledger = self.ledger.record(*events)
        return self

    @property
    def now(self) -> dt.datetime:
        """The moment of the next sentence."""
        self.minute += 1
        return recorded(self.minute)

    def invoice(self, number="F-1", total="100.00", *, on=_ISSUED_ON, **fields):
        """An invoice is issued."""
        self.minute += 1
        return self.add(
            issued(an_invoice(number, total=total, document_date=on, **fields), minute=self.minute)
        )

    def credit(self, number="A-1", total="100.00", *, on=_TODAY, pays=None, **fields):
        """A credit note is issued, and set against items."""
        note = a_credit_note(number, total=total, document_date=on, **fields)
        self.minute += 1
        return self.add(issued(note, minute=self.minute)).settle(number, pays or {}, on=on)

    def money(self, name, amount, *, on, pays=None, applied_on=None, **fields):
        """Money comes in, and is allocated to items in minor units."""
        self.minute += 1
        receipt = a_receipt(name, amount=amount, booking_date=on, **fields)
        self.add(received(receipt, minute=self.minute))
        return self.settle(name, pays or {}, on=applied_on or on)

    def settle(self, source, pays, *, on, name="", residuals=(), currency="EUR"):
        """A receipt or a credit note is allocated."""
        if not pays:
            return self
        total = sum(pays.values()) - sum(one.amount_minor for one in residuals)
        allocation = Allocation(
            allocation=name or f"{source}-{self.minute}",
            creditor=CREDITOR,
            currency=self.ledger.item(CREDITOR, next(iter(pays)), as_of=dt.date.max).currency
            if currency == "EUR"
            else currency,
            legs=[*(Leg(item, minor) for item, minor in pays.items()), Leg(source, -total)],
            residuals=residuals,
        )
        return self.add(self.ledger.allocated(allocation, effective_on=on, recorded_at=self.now))

    def write_off(self, item, minor, *, on):
        """A part of an item is given up."""
        allocation = Allocation(
            allocation=f"w-{item}-{self.minute}",
            creditor=CREDITOR,
            currency="EUR",
            legs=[Leg(item, minor)],
            residuals=[Residual(ResidualKind.WRITE_OFF, minor, item=item)],
        )
        return self.add(self.ledger.allocated(allocation, effective_on=on, recorded_at=self.now))

    def undo(self, allocation, *, on):
        """An allocation is undone."""
        event = self.ledger.unallocated(CREDITOR, allocation, effective_on=on, recorded_at=self.now)
        return self.add(event)

    def bounce(self, receipt, *, on, amount=None):
        """A receipt goes back."""
        returned = Return(
            name=f"back-{receipt}",
            creditor=CREDITOR,
            receipt=receipt,
            effective_on=on,
            amount=None if amount is None else money(amount, "EUR"),
        )
        return self.add(*plan_return(self.ledger, returned, recorded_at=self.now))

    def promise(
        self, name="P-1", amount="100.00", *, on=_TODAY, due, items=(), currency="EUR", **f
    ):
        """A customer promises."""
        promise = PromiseToPay(
            promise=name,
            amount=money(amount, currency),
            due_on=due,
            items=items,
            **{"customer": CUSTOMER, **f},
        )
        return self.add(promise_made(promise, creditor=CREDITOR, on=on, recorded_at=self.now))

    def withdraw(self, name, *, on):
        """A promise is taken back."""
        promise = self.ledger.get(f"promise-made:{CREDITOR}:{name}").promise
        event = promise_withdrawn(promise, creditor=CREDITOR, on=on, recorded_at=self.now)
        return self.add(event)

    def plan(self, items, *, name="PP-1", on=_TODAY, accepted_on=_TODAY, **terms):
        """A plan is offered on items, and accepted."""
        known = {
            "customer": CUSTOMER,
            "first_due_on": None if "dates" in terms else day(10),
            "break_clause": BreakClause(missed_installments=1, grace_days=5),
            **terms,
        }
        found = [self.ledger.item(CREDITOR, item, as_of=on) for item in items]
        plan = offer_plan(found, plan=name, as_of=on, **known)
        self.add(plan_offered(plan, creditor=CREDITOR, on=on, recorded_at=self.now))
        if accepted_on is not None:
            event = plan_accepted(plan, creditor=CREDITOR, on=accepted_on, recorded_at=self.now)
            self.add(event)
        return self

    def end(self, end: PlanEnd, *, on, name="PP-1"):
        """A plan is over."""
        plan = self.ledger.get(f"plan-offered:{CREDITOR}:{name}").plan
        event = plan_ended(plan, creditor=CREDITOR, end=end, on=on, recorded_at=self.now)
        return self.add(event)

    def judged(self, as_of, **given):
        """The promises on a day, by name."""
        return {
            one.promise.promise: one for one in judge(self.ledger, CREDITOR, as_of=as_of, **given)
        }

    def states(self, as_of, **given):
        """The states of the promises on a day, by name."""
        return {name: one.state.value for name, one in self.judged(as_of, **given).items()}

    def standing(self, as_of, name="PP-1", **given):
        """A plan on a day."""
        found = standings(self.ledger, CREDITOR, as_of=as_of, **given)
        return next(one for one in found if one.plan.plan == name)


def policies():
    """Policies of a few days and cents, all ways of counting."""
    amounts = st.sampled_from([(), (money("0.50", "EUR"),), (money("5", "JPY"),)])
    return st.builds(
        PromisePolicy,
        tolerance_days=st.integers(0, 10),
        tolerance=st.builds(
            Tolerance, amounts=amounts, bps=st.sampled_from([None, 0, 100, 10_000])
        ),
        counts_credit_notes=st.booleans(),
        counts_settled_in_source=st.booleans(),
    )


_CUSTOMERS = (CUSTOMER, "C-099")


def novembers():
    """Days of the month in which the drawn stories happen, and some after it."""
    return st.dates(day(1), day(15, 12))


def _amounts():
    return st.integers(1, 20).map(lambda tens: f"{tens * 10}.00")


@st.composite
def stories(draw, *, steps=None):
    """Stories of a few weeks: invoices, money that is applied, undone or returned, and more.

    `steps` are what may happen besides, each a function of the story and of how to draw.
    """
    story = Story()
    for place in range(draw(st.integers(1, 4))):
        story.invoice(
            f"F-{place}",
            total=draw(_amounts()),
            customer=draw(st.sampled_from(_CUSTOMERS)),
            currency=draw(st.sampled_from(["EUR", "EUR", "EUR", "USD"])),
        )
    happens = (_pay, _pay, _credit, _undo, _bounce, *(steps or ()))
    for _ in range(draw(st.integers(4, 12))):
        draw(st.sampled_from(happens))(story, draw)
    return story


def _owed(story, *, on, customer=None, currency=None):
    """What is open of the invoices on a day, and on every later one."""
    return [
        item
        for item in story.ledger.available_items(as_of=on)
        if item.open_minor > 0
        and customer in (None, item.customer)
        and currency in (None, item.currency)
    ]


def _pay(story, draw):
    """Money comes in, and goes to an item on that day, some days later, or not yet."""
    on = draw(st.dates(day(1), day(28)))
    customer, currency = (
        draw(st.sampled_from(_CUSTOMERS)),
        draw(st.sampled_from(["EUR", "EUR", "USD"])),
    )
    amount = money(draw(_amounts()), currency)
    name = f"r-{story.minute}"
    story.money(name, amount, on=on, customer=customer)
    applied_on = on + dt.timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 9])))
    # Sometimes the item is another customer's: a head office pays.
    whose = customer if draw(st.integers(0, 5)) else None
    owed = _owed(story, on=applied_on, customer=whose, currency=currency)
    if owed and draw(st.integers(0, 4)):
        item = draw(st.sampled_from(owed))
        part = min(item.open_minor, to_minor(amount))
        story.settle(name, {item.item: part}, on=applied_on, name=f"a-{story.minute}")


def _credit(story, draw):
    on = draw(st.dates(day(1), day(28)))
    owed = _owed(story, on=on)
    if owed:
        item = draw(st.sampled_from(owed))
        story.credit(
            f"A-{story.minute}",
            item.open_amount,
            on=on,
            customer=item.customer,
            pays={item.item: item.open_minor},
        )


def _active(story):
    undone = {event.allocation for event in story.ledger.events if isinstance(event, Unallocated)}
    return [
        event
        for event in story.ledger.events
        if isinstance(event, Allocated) and event.allocation.allocation not in undone
    ]


def _undo(story, draw):
    if active := _active(story):
        done = draw(st.sampled_from(active))
        later = dt.timedelta(days=draw(st.integers(0, 10)))
        story.undo(done.allocation.allocation, on=done.effective_on + later)


def _bounce(story, draw):
    back = {event.receipt for event in story.ledger.events if isinstance(event, ReceiptReturned)}
    receipts = [one for _, one in story.ledger.receipts() if one not in back]
    if receipts:
        name = draw(st.sampled_from(receipts))
        receipt = story.ledger.receipts()[CREDITOR, name]
        later = dt.timedelta(days=draw(st.integers(10, 20)))
        # The ledger refuses a return before the day on which an allocation was undone.
        with contextlib.suppress(EventError):
            story.bounce(name, on=receipt.booking_date + later)


def _promise(story, draw):
    customer = draw(st.sampled_from(_CUSTOMERS))
    invoices = [
        event.document.number
        for event in story.ledger.events
        if isinstance(event, DocumentIssued)
        and isinstance(event.document, Invoice)
        and event.document.customer == customer
    ]
    on = draw(st.dates(day(1), day(20)))
    story.promise(
        f"P-{story.minute}",
        draw(_amounts()),
        on=on,
        due=on + dt.timedelta(days=draw(st.integers(0, 12))),
        items=draw(st.lists(st.sampled_from(invoices), unique=True)) if invoices else (),
        currency=draw(st.sampled_from(["EUR", "EUR", "EUR", "USD"])),
        customer=customer,
        by=draw(st.sampled_from(["", "amel", "bo"])),
    )


def _keep(story, draw):
    """Money about a promise: all or half of it, about its day, applied to what is owed."""
    if given := [one for one in story.ledger.events if isinstance(one, PromiseMade)]:
        promise = draw(st.sampled_from(given)).promise
        _pay_about(story, draw, promise.customer, promise.amount, promise.due_on, promise.items)


def _pay_installment(story, draw):
    """Money about an installment of a plan."""
    if offered := [one.plan for one in story.ledger.events if isinstance(one, PlanOffered)]:
        plan = draw(st.sampled_from(offered))
        one = draw(st.sampled_from(plan.installments))
        _pay_about(story, draw, plan.customer, one.amount, one.due_on, plan.items)


def _pay_about(story, draw, customer, amount, due_on, items):
    on = due_on + dt.timedelta(days=draw(st.sampled_from([-1, 0, 1, 4])))
    currency = amount.currency.code
    minor = max(to_minor(amount) // draw(st.sampled_from([1, 1, 2])), 1)
    name = f"r-{story.minute}"
    story.money(name, from_minor(minor, currency), on=on, customer=customer)
    owed = _owed(story, on=on, customer=customer, currency=currency)
    for item in sorted(owed, key=lambda one: one.item not in items):
        if minor and draw(st.integers(0, 6)):
            part = min(item.open_minor, minor)
            minor -= part
            story.settle(name, {item.item: part}, on=on, name=f"a-{story.minute}")


def _withdraw(story, draw):
    taken_back = {
        event.promise for event in story.ledger.events if isinstance(event, PromiseWithdrawn)
    }
    given = [
        event
        for event in story.ledger.events
        if isinstance(event, PromiseMade) and event.case not in taken_back
    ]
    if given:
        event = draw(st.sampled_from(given))
        story.withdraw(
            event.case, on=event.effective_on + dt.timedelta(days=draw(st.integers(0, 9)))
        )


def _plan(story, draw):
    on = draw(st.dates(day(1), day(10)))
    owed = [item for item in story.ledger.open_items(as_of=on) if item.open_minor > 0]
    if not owed:
        return
    of_customer = [item.item for item in owed if item.customer == owed[0].customer]
    accepted = draw(st.integers(0, 5)) > 0
    story.plan(
        draw(st.lists(st.sampled_from(of_customer), min_size=1, unique=True)),
        name=f"PP-{story.minute}",
        on=on,
        accepted_on=on + dt.timedelta(days=draw(st.integers(0, 3))) if accepted else None,
        customer=owed[0].customer,
        first_due_on=on + dt.timedelta(days=draw(st.integers(0, 9))),
        installments=draw(st.integers(1, 3)),
        rate_bps=draw(st.sampled_from([0, 0, 900])),
        break_clause=BreakClause(
            missed_installments=draw(st.integers(1, 2)), grace_days=draw(st.integers(0, 6))
        ),
    )


def promised_stories():
    """Ledgers with promises, some of no item, some withdrawn, and whatever becomes of the money."""
    steps = (*[_promise] * 5, *[_keep] * 7, _withdraw)
    return stories(steps=steps).map(lambda story: story.ledger)


def planned_stories():
    """Ledgers with payment plans, most of them accepted."""
    return stories(steps=(_plan, _plan, *[_pay_installment] * 6)).map(lambda story: story.ledger)


@st.composite
def histories_with_promises(draw):
    """Any history that a ledger accepts, with promises on its debits."""
    ledger = Ledger.replay(draw(strategies.histories(max_steps=14)))
    names = ledger.to_columns().items["item"]
    found = (ledger.item(CREDITOR, name, as_of=dt.date.max) for name in names)
    debits = [item for item in found if item.amount_minor > 0]
    for item in debits:
        on = item.posting_date
        promise = PromiseToPay(
            promise=f"of:{item.item}",
            customer=item.customer,
            amount=from_minor(min(item.amount_minor, 10_000), item.currency),
            due_on=on + dt.timedelta(days=draw(st.integers(0, 500))),
            items=draw(st.sampled_from([(), (item.item,)])),
        )
        moment = ledger.last_recorded_at
        ledger = ledger.record(promise_made(promise, creditor=CREDITOR, on=on, recorded_at=moment))
    return ledger


def days_around():
    """Days of the years in which drawn histories happen."""
    return st.dates(dt.date(2024, 12, 1), dt.date(2027, 12, 31))
