"""What is sent to another system: kept first, sent once, asked about, and never twice."""

from __future__ import annotations

import contextlib
import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from receivables.adapters import Appended
from receivables.casework import LineAnswer, LineOutcome
from receivables.errors import AdapterError, ConcurrencyError, DocumentError
from receivables.ledger import Return, plan_return
from receivables.ledger.objects import Ledger
from receivables.money import money
from receivables.outbox import (
    AppliedPart,
    Payload,
    PostingBatch,
    PostingProposal,
    PostingResult,
    ReceiptPosting,
    batches,
    receipt_postings,
    sent,
    standings,
)
from receivables.problems import Place, Problem
from receivables.sending import Sender, propose, unanswered
from receivables.testing.builders import (
    CREDITOR,
    CUSTOMER,
    TODAY,
    a_credit_note,
    a_receipt,
    an_allocation,
    an_invoice,
    issued,
    received,
)

NOW = dt.datetime(2026, 10, 31, 9, tzinfo=dt.UTC)


def posting(name="R-1", amount="120.00", **fields):
    """A receipt to be booked."""
    base = {"customer": CUSTOMER, "amount": money(amount, "EUR"), "booking_date": TODAY}
    return ReceiptPosting(receipt=name, **{**base, **fields})


class Memory:
    """A store that only remembers, for laws that are tried many times."""

    def __init__(self):
        self.kept = []

    def append(self, events, *, expected=None):
        self.kept.extend(events)
        return Appended(added=len(events), known=0, head="")


class Books:
    """Another system: it books each key once, and does what the test says with each line."""

    def __init__(self, says=(), *, loses=False, breaks=False, bad=()):
        self.says = dict(says)
        self.loses = loses
        self.breaks = breaks
        self.bad = set(bad)
        self.booked = []
        self.sent = []

    def propose(self, batch):
        problems = [
            Problem("posting.refused", "no", place=Place("books", field=line.line))
            for line in batch.lines
            if line.line in self.bad
        ]
        payload = Payload(name="a", media_type="text/plain", content=b"a")
        return PostingProposal(batch=batch, payloads=[payload], problems=problems)

    def post(self, batch):
        if self.breaks:
            msg = "down"
            raise AdapterError(msg)
        self.sent.append(batch.posting)
        self.booked += [
            line.line for line in batch.lines if self.says.get(line.line) is not LineOutcome.REFUSED
        ]
        return PostingResult.unknown(batch) if self.loses else self.status(batch)

    def status(self, batch):
        answers = [
            LineAnswer(line=line.line, outcome="posted", reference="7")
            if line.line in self.booked
            else LineAnswer(line=line.line, outcome="refused", message="no such customer")
            for line in batch.lines
        ]
        return PostingResult(posting=batch.posting, answers=answers)


def sender(books, store, ledger=None):
    """A sender with a clock that goes on."""
    ticks = iter(range(10_000))
    return Sender(
        target=books,
        store=store,
        ledger=ledger or Ledger(),
        creditor=CREDITOR,
        now=lambda: NOW + dt.timedelta(seconds=next(ticks)),
        by="J. Roy",
    )


def proposals(records, ledger, books, size=100):
    """What would be sent."""
    return list(
        propose(records, ledger=ledger, creditor=CREDITOR, name="books", target=books, size=size)
    )


def test_what_is_booked_is_not_proposed_again(store):
    """After a batch went through there is nothing left to send, on a replayed ledger too."""
    books = Books()
    records = [posting("R-1"), posting("R-2")]
    done = sender(books, store).send(proposals(records, Ledger(), books))
    replayed = Ledger.replay(store.events())

    assert done.count(LineOutcome.POSTED) == 2
    assert proposals(records, replayed, books) == []
    assert [one.receipt for one in records] == ["R-1", "R-2"]
    (standing,) = standings(replayed, CREDITOR)
    assert standing.unknown == ()
    assert standing.notice.by == "J. Roy"
    assert standing.answers["receipt:R-1"].reference == "7"


def test_a_crash_after_keeping_is_no_second_sending(store):
    """A batch of which only the notice is kept is asked about; it is not sent by itself."""
    records = [posting("R-1")]
    (batch,) = batches(records, ledger=Ledger(), creditor=CREDITOR, target="books")
    event = sent(batch, on=TODAY, recorded_at=NOW)
    store.append([event])
    replayed = Ledger.replay(store.events())
    books = Books()

    assert proposals(records, replayed, books) == []
    (lost,) = unanswered(records, ledger=replayed, creditor=CREDITOR, name="books")
    asked = sender(books, store, replayed).ask([lost])
    assert asked.count(LineOutcome.REFUSED) == 1
    assert books.sent == []
    # It is certain now that it was never booked, so it may be sent, as something new.
    after = Ledger.replay(store.events())
    (again,) = proposals(records, after, books)
    assert [line.line for line in again.batch.lines] == ["receipt:R-1~2"]
    assert again.batch.posting != batch.posting


def test_a_lost_answer_is_asked_for(store):
    """What was accepted without an answer is unknown, then found; never sent again."""
    books = Books(loses=True)
    records = [posting("R-1"), posting("R-2")]
    first = sender(books, store).send(proposals(records, Ledger(), books))
    replayed = Ledger.replay(store.events())
    lost = list(unanswered(records, ledger=replayed, creditor=CREDITOR, name="books"))
    asked = sender(books, store, replayed).ask(lost)

    assert first.count(LineOutcome.UNKNOWN) == 2
    assert proposals(records, replayed, books) == []
    assert asked.count(LineOutcome.POSTED) == 2
    assert len(books.sent) == 1
    assert list(unanswered(records, ledger=asked.ledger, creditor=CREDITOR, name="books")) == []


def test_a_target_that_raises_leaves_the_outcome_open(store):
    """A target that breaks its word loses nothing: all lines are unknown, with what it said."""
    books = Books(breaks=True)
    done = sender(books, store).send(proposals([posting()], Ledger(), books))

    (answer,) = done.results[0].answers
    assert (answer.outcome, answer.message) == (LineOutcome.UNKNOWN, "down")
    assert len(list(store.events())) == 2


def test_a_refused_line_may_be_mended_and_sent_again(store):
    """A refusal is said with its reason; the line comes again under another key."""
    books = Books({"receipt:R-2": LineOutcome.REFUSED})
    records = [posting("R-1"), posting("R-2")]
    done = sender(books, store).send(proposals(records, Ledger(), books))
    (again,) = proposals(records, done.ledger, books)
    more = sender(Books(), store, done.ledger).send([again])

    assert [str(one.message) for one in done.problems] == [
        "receipt:R-2 must be booked, got no such customer"
    ]
    assert [line.line for line in again.batch.lines] == ["receipt:R-2~2"]
    assert more.count(LineOutcome.POSTED) == 1
    assert proposals(records, more.ledger, books) == []


def test_a_line_that_cannot_be_said_is_not_sent(store):
    """What the target cannot take is left out and said; the rest goes."""
    books = Books(bad=["receipt:R-1"])
    records = [posting("R-1"), posting("R-2")]
    done = sender(books, store).send(proposals(records, Ledger(), books))

    assert books.booked == ["receipt:R-2"]
    assert [one.place.field for one in done.problems] == ["receipt:R-1"]
    only_bad = sender(books, store, done.ledger).send(
        proposals([posting("R-1")], done.ledger, books)
    )
    assert only_bad.results == ()


def test_a_batch_that_was_sent_is_asked_about_even_if_proposed_before(store):
    """A proposal that is older than the sending of its batch sends nothing again."""
    books = Books()
    old = proposals([posting()], Ledger(), books)
    done = sender(books, store).send(old)
    again = sender(books, store, done.ledger).send(old)

    assert len(books.sent) == 1
    assert again.count(LineOutcome.POSTED) == 1


def test_two_senders_do_not_send_the_same(store):
    """Of two that read the same journal, the second finds that it has moved on."""
    books = Books()
    both = [proposals([posting()], Ledger(), books) for _ in range(2)]
    sender(books, store).send(both[0])
    late = sender(books, store)
    with contextlib.suppress(ConcurrencyError):  # the account has moved on: as good as knowing
        late.send(both[1])

    assert len(books.sent) == 1


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_is_ever_booked_twice(data):
    """Whatever is refused, lost or broken, and however often it is tried, a line is booked once."""
    names = [f"R-{number}" for number in range(data.draw(st.integers(1, 6)))]
    records = [posting(name) for name in names]
    ledger, store, booked = Ledger(), Memory(), []
    for _ in range(data.draw(st.integers(1, 5))):
        refused = data.draw(st.sets(st.sampled_from(names)))
        says = {f"receipt:{name}": LineOutcome.REFUSED for name in refused}
        says |= {f"receipt:{name}~{n}": LineOutcome.REFUSED for name in refused for n in range(9)}
        books = Books(says, loses=data.draw(st.booleans()), breaks=data.draw(st.booleans()))
        books.booked = booked
        if data.draw(st.booleans()):
            lost = list(unanswered(records, ledger=ledger, creditor=CREDITOR, name="books"))
            ledger = sender(books, store, ledger).ask(lost).ledger
        ready = proposals(records, ledger, books, size=data.draw(st.integers(1, 3)))
        ledger = sender(books, store, ledger).send(ready).ledger

    plain = [line.partition("~")[0] for line in booked]
    assert len(plain) == len(set(plain))
    assert Ledger.replay(store.kept).events == ledger.events


def test_the_key_of_a_batch_is_made_of_what_it_holds():
    """The same lines have the same key, another line another one; the digest knows the amounts."""
    one = PostingBatch.of([posting()], creditor=CREDITOR, target="books")
    same = PostingBatch.of([posting()], creditor=CREDITOR, target="books")
    dearer = PostingBatch.of([posting(amount="121.00")], creditor=CREDITOR, target="books")
    other = PostingBatch.of([posting("R-2")], creditor=CREDITOR, target="books")

    assert one == same
    assert one.digest == same.digest != dearer.digest
    assert one.posting == dearer.posting != other.posting
    for lines in ((), (*one.lines, *one.lines)):
        with pytest.raises(DocumentError):
            attrs.evolve(one, lines=lines)


def test_applications_come_to_the_amount_at_most():
    """What is applied is positive, and no more than what came in."""
    part = AppliedPart(document="F-1", amount_minor=12_001)
    with pytest.raises(DocumentError, match="must come to"):
        posting(applications=[part])
    with pytest.raises(DocumentError, match="must be positive"):
        posting(applications=[attrs.evolve(part, amount_minor=0)])


def test_a_receipt_is_posted_with_what_it_pays():
    """Applications come from the allocations in force; the rest stays on account."""
    ledger = Ledger().record(
        issued(an_invoice("F-1", total="100.00")),
        issued(an_invoice("F-2", total="50.00")),
        issued(a_credit_note("A-1", total="30.00")),
        received(a_receipt("r-1", amount="130.00")),
        received(a_receipt("r-2", amount="10.00", customer="")),
        an_allocation({"F-1": 10_000, "F-2": 4_000, "A-1": -3_000, "r-1": -11_000}),
    )
    (made,) = receipt_postings(ledger, CREDITOR, first=dt.date.min, last=dt.date.max)

    assert sum(part.amount_minor for part in made.applications) == 11_000
    assert made.on_account_minor == 2_000
    assert {part.document for part in made.applications} == {"F-1", "F-2"}
    assert list(receipt_postings(ledger, CREDITOR, first=dt.date.max, last=dt.date.max)) == []


def test_an_older_proposal_does_not_send_what_another_batch_has_sent(store):
    """Of a proposal that a person kept, what was booked or lost since is left out, whatever the batch."""
    books = Books()
    old = proposals([posting("R-1"), posting("R-2"), posting("R-3")], Ledger(), books)
    done = sender(books, store).send(proposals([posting("R-2")], Ledger(), books))
    late = sender(books, store, done.ledger).send(old)

    assert sorted(books.booked) == ["receipt:R-1", "receipt:R-2", "receipt:R-3"]
    assert [one.place.field for one in late.problems] == ["receipt:R-2"]


def test_an_error_of_no_line_stops_the_batch(store):
    """What the target cannot take as a whole is not sent, whichever line it is about."""
    books = Books()
    (proposal,) = proposals([posting("R-1")], Ledger(), books)
    wrong = Problem("posting.refused", "no ledger is open", place=Place("books"))
    done = sender(books, store).send([attrs.evolve(proposal, problems=[wrong])])

    assert books.sent == []
    assert done.problems == (wrong,)
    assert done.results == ()


@pytest.mark.parametrize("name", ["F~2", "F~", "~", "F%7E2", "a~b~c"])
def test_a_name_with_the_mark_of_attempts_is_sent_once(store, name):
    """A name may hold what sets attempts apart; it is barred, and refused lines come again."""
    books = Books()
    records = [posting(name), posting("F")]
    done = sender(books, store).send(proposals(records, Ledger(), books))
    assert proposals(records, done.ledger, books) == []

    lost = Books(loses=True)
    first = sender(lost, store, done.ledger).send(
        propose(
            [posting(f"{name}x")], ledger=done.ledger, creditor=CREDITOR, name="lost", target=lost
        )
    )
    found = unanswered([posting(f"{name}x")], ledger=first.ledger, creditor=CREDITOR, name="lost")
    assert [line.record.receipt for batch in found for line in batch.lines] == [f"{name}x"]


def test_what_went_back_is_not_posted():
    """A receipt that was returned is no money, and of one in part only what stayed is posted."""
    ledger = Ledger().record(
        issued(an_invoice("F-1", total="100.00")),
        received(a_receipt("r-1", amount="100.00")),
        received(a_receipt("r-2", amount="50.00")),
        an_allocation({"F-1": 10_000, "r-1": -10_000}),
    )
    day = max(event.effective_on for event in ledger.events)
    part = Return(
        name="p", creditor=CREDITOR, receipt="r-1", effective_on=day, amount=money("30.00", "EUR")
    )
    whole = Return(name="w", creditor=CREDITOR, receipt="r-2", effective_on=day)
    now = ledger.last_recorded_at
    ledger = ledger.record(*plan_return(ledger, part, recorded_at=now))
    ledger = ledger.record(*plan_return(ledger, whole, recorded_at=now))
    (made,) = receipt_postings(ledger, CREDITOR, first=dt.date.min, last=dt.date.max)

    assert (made.receipt, made.amount) == ("r-1", money("70.00", "EUR"))
    assert [one.amount_minor for one in made.applications] == [7_000]


def test_what_was_undone_later_was_in_force_before():
    """At the end of a day a receipt pays what it paid then, whatever was undone on a later one."""
    ledger = Ledger().record(
        issued(an_invoice("F-1", total="100.00")),
        received(a_receipt("r-1", amount="100.00")),
        an_allocation({"F-1": 10_000, "r-1": -10_000}),
    )
    day = max(event.effective_on for event in ledger.events)
    (done,) = ledger.allocations_of(CREDITOR, "r-1")
    undone = ledger.unallocated(
        CREDITOR,
        done.allocation.allocation,
        effective_on=day + dt.timedelta(days=1),
        recorded_at=ledger.last_recorded_at,
    )
    (made,) = receipt_postings(ledger.record(undone), CREDITOR, first=dt.date.min, last=day)

    assert made.on_account_minor == 0
