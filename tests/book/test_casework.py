"""Cases through the verbs of a book: what holds a notice back, and what there is to work on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from receivables.book import Book
from receivables.casework import (
    ContactNote,
    CustomerRequest,
    Dispute,
    DisputedPart,
    DunningBlock,
    PromiseToPay,
)
from receivables.collection import contact_logged, request_answered, request_received
from receivables.conduct import PlannedContact
from receivables.disputes import dispute_opened, dispute_resolved
from receivables.dunning import SkipReason, release, review
from receivables.errors import EventError, PolicyError
from receivables.ledger import DunningBlocked, DunningUnblocked, Event
from receivables.money import money
from receivables.opening import open_folder
from receivables.parties import Channel
from receivables.plugins import Plugins, load_plugins
from receivables.promises import offer_plan, plan_accepted, plan_offered, promise_made
from receivables.referral import propose_referral, referred

MOMENT = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
DAY = dt.date(2026, 9, 10)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    """The installed plug-ins."""
    return load_plugins()


@pytest.fixture
def book(collecting: Path, plugins: Plugins) -> Book:
    """The books of the folder; nobody has been written to yet."""
    return open_folder(collecting, plugins=plugins, recorded_at=MOMENT)


def said() -> dict[str, object]:
    """What every event of these tests says of its day."""
    return {"creditor": "MIRA", "on": DAY, "recorded_at": MOMENT}


def block(book: Book, **fields: object) -> list[Event]:
    """A block of the first customer."""
    given = {"block": "B-1", "customer": "C-1", "reason": "payment-in-transit", **fields}
    return [
        DunningBlocked(
            event="blocked:MIRA:B-1",
            effective_on=DAY,
            recorded_at=MOMENT,
            creditor="MIRA",
            block=DunningBlock(**given),
        )
    ]


def dispute(book: Book, amount: str = "1000.00") -> list[Event]:
    """A dispute about the first invoice, or a part of it."""
    parts = [DisputedPart(item="F-1", amount=money(amount, "EUR"))]
    case = Dispute(dispute="D-1", customer="C-1", reason="price", owner="sales", parts=parts)
    return [dispute_opened(case, **said())]


def part(book: Book) -> list[Event]:
    """A dispute about a fifth of the first invoice."""
    return dispute(book, "200.00")


def awaited(book: Book) -> list[Event]:
    """A dispute that was decided for the customer, who waits for the credit note."""
    opened = dispute(book, "200.00")
    ledger = book.record(*opened).ledger
    return [*opened, dispute_resolved(ledger, "D-1", outcome="valid", **said())]


def promise(book: Book) -> list[Event]:
    """A promise to pay the first invoice."""
    given = PromiseToPay(
        promise="P-1",
        customer="C-1",
        amount=money("1000.00", "EUR"),
        due_on=DAY + dt.timedelta(days=10),
        items=["F-1"],
    )
    return [promise_made(given, **said())]


def plan(book: Book) -> list[Event]:
    """A plan over the first invoice, in two installments."""
    items = [book.ledger.item("MIRA", "F-1", as_of=DAY)]
    offered = offer_plan(
        items,
        plan="PL-1",
        customer="C-1",
        as_of=DAY,
        dates=[dt.date(2026, 10, 10), dt.date(2026, 11, 10)],
    )
    return [plan_offered(offered, **said()), plan_accepted(offered, **said())]


def referral(book: Book) -> list[Event]:
    """The first invoice handed to an agency."""
    case = propose_referral(
        book.ledger,
        referral="R-1",
        kind="agency",
        to="Recouvra",
        creditor="MIRA",
        customer="C-1",
        as_of=DAY,
        items=["F-1"],
    )
    return [referred(case, **said())]


HOLDS = {
    "a block": (lambda book: block(book, items=["F-1"]), SkipReason.BLOCKED, "B-1"),
    "a dispute about all of it": (dispute, SkipReason.DISPUTED, "D-1"),
    "a promise": (promise, SkipReason.PROMISED, "P-1"),
    "a plan": (plan, SkipReason.IN_PLAN, "PL-1"),
    "a referral": (referral, SkipReason.REFERRED, "R-1"),
}


@pytest.mark.parametrize("why", HOLDS)
def test_what_is_held_back_is_not_asked_for(book: Book, why: str) -> None:
    """The notice asks for the other invoice alone, and the run says by what the first is held."""
    make, reason, reference = HOLDS[why]
    run = book.record(*make(book)).dun(as_of=DAY, recorded_at=MOMENT)

    notice = next(one for one in run.notices if one.customer == "C-1")
    (skipped,) = [one for one in run.skipped if one.customer == "C-1"]
    assert [item.item for item in notice.items] == ["F-2"]
    assert (skipped.reason, skipped.reference, skipped.items) == (reason, reference, ("F-1",))


def test_a_block_of_a_customer_ends(book: Book) -> None:
    """A customer that is blocked gets nothing until the last day of the block, or its lifting."""
    until = DAY + dt.timedelta(days=3)
    blocked = book.record(*block(book, until=until))
    lifted = blocked.record(
        DunningUnblocked(
            event="unblocked:MIRA:B-1",
            effective_on=DAY + dt.timedelta(days=1),
            recorded_at=MOMENT,
            creditor="MIRA",
            customer="C-1",
            block="B-1",
        )
    )

    def written_to(opened: Book, days: int) -> bool:
        run = opened.dun(as_of=DAY + dt.timedelta(days=days), recorded_at=MOMENT)
        return "C-1" in {notice.customer for notice in run.notices}

    assert [written_to(blocked, days) for days in (0, 3, 4)] == [False, False, True]
    assert [written_to(lifted, days) for days in (0, 1)] == [False, True]


@pytest.mark.parametrize("make", [part, awaited])
def test_the_rest_of_an_item_is_asked_for(
    book: Book, make: Callable[[Book], Iterable[Event]]
) -> None:
    """A fifth is contested, or its credit note is awaited: the letter asks for the rest and says so."""
    held = book.record(*make(book))
    run = review(held.dun(as_of=DAY, recorded_at=MOMENT), by="Lea")
    notice = next(one for one in run.notices if one.customer == "C-1")
    letter = held.record(*release(run, recorded_at=MOMENT)).letter(notice)

    first = notice.items[0]
    assert (first.item, first.open_minor, first.held_minor) == ("F-1", 100000, 20000)
    assert notice.total_minor == 80000 + 25050
    assert "1 050,50" in letter.subject.replace("\u202f", " ")


def test_disputes_are_followed_to_their_end(book: Book) -> None:
    """A dispute is open until it is decided, with the day of its answer from the settings."""
    opened = book.record(*dispute(book))
    decided = opened.record(
        dispute_resolved(opened.ledger, "D-1", outcome="invalid", **said()),
    )

    (before,), (after,) = opened.disputes(as_of=DAY), decided.disputes(as_of=DAY)
    assert (before.is_open, after.is_open) == (True, False)
    assert book.disputes(as_of=DAY) == ()
    assert opened.disputes(as_of=DAY - dt.timedelta(days=1)) == ()


def test_promises_and_plans_are_judged_from_the_money(book: Book) -> None:
    """A promise that nobody kept is broken when its day has passed; a plan has its installments."""
    promised = book.record(*promise(book))
    planned = book.record(*plan(book))

    states = [promised.promises(as_of=day)[0].state.value for day in (DAY, "2026-10-01")]
    (standing,) = planned.plans(as_of=DAY)
    assert states == ["open", "broken"]
    assert len(standing.installments) == 2
    assert promised.plans(as_of=DAY) == ()


def test_a_promise_is_tolerated_as_the_settings_say(
    settle: Callable[..., None], collecting: Path, plugins: Plugins
) -> None:
    """With thirty days of tolerance the same promise is still open."""
    settle("\n[promises]\ntolerance-days = 30\n")
    opened = open_folder(collecting, plugins=plugins, recorded_at=MOMENT)

    (judged,) = opened.record(*promise(opened)).promises(as_of="2026-10-01")

    assert judged.state.value == "open"


def test_the_worklist_asks_nobody_who_has_promised(book: Book) -> None:
    """Who is late is on the list, with who looks after it; what is in a plan is not asked for."""
    plain = book.worklist(as_of=DAY)
    referred_away = book.record(*referral(book)).worklist(as_of=DAY)
    by_minute = book.worklist(as_of=DAY, by="cash-per-minute")

    def asked(worklist: object, customer: str) -> int:
        line = next(each for each in worklist.lines if each.customer == customer)
        return sum(one.amount_minor for one in line.overdue)

    assert {line.customer: line.person for line in plain.lines}["C-1"] == "lea"
    assert asked(plain, "C-1") == 125050
    assert asked(referred_away, "C-1") == 25050
    assert {line.customer for line in by_minute.lines} == {line.customer for line in plain.lines}
    with pytest.raises(PolicyError, match="by must be one of points, cash-per-minute"):
        book.worklist(as_of=DAY, by="mood")


def test_warning_signs_follow_the_settings(
    book: Book, settle: Callable[..., None], collecting: Path, plugins: Plugins
) -> None:
    """One customer owes most of what is open: that is a sign, unless it is switched off."""
    kinds = {one.kind.value for one in book.warning_signs(as_of=DAY)}
    settle('\n[warnings]\noff = ["concentration"]\n')
    quiet = open_folder(collecting, plugins=plugins, recorded_at=MOMENT)

    assert kinds == {"concentration"}
    assert quiet.warning_signs(as_of=DAY) == ()


def test_referrals_and_their_files(book: Book) -> None:
    """A file has the interest of the settings to its day, and stands as handed over from then on."""
    (event,) = referral(book)
    file = book.referral_file(event.referral, as_of=DAY)
    (standing,) = book.record(event).referrals(as_of=DAY)

    assert [one.item for one in file.items] == ["F-1"]
    assert file.items[0].interest_minor > 0
    assert (standing.referral.to, standing.still_open["EUR"]) == ("Recouvra", 100000)
    assert book.referrals(as_of=DAY) == ()


def test_contacts_and_requests(book: Book) -> None:
    """A call and a question are listed, and the question waits until somebody answers it."""
    note = ContactNote(contact="K-1", customer="C-1", channel="phone", outcome="reached", said="ok")
    asked = CustomerRequest(request="Q-1", customer="C-1", kind="duplicate", items=["F-1"])
    noted = book.record(contact_logged(note, **said()), request_received(asked, **said()))
    answered = noted.record(request_answered(asked, "done", **said()))

    (waiting,) = noted.requests(as_of=DAY)
    assert [one.said for one in noted.contact_log("C-1", as_of=DAY).entries if one.said] == ["ok"]
    assert noted.contact_log("C-2", as_of=DAY).entries == ()
    assert (waiting.request.request, waiting.received_on) == ("Q-1", DAY)
    assert answered.requests(as_of=DAY) == ()


def test_whether_the_law_lets_a_customer_be_called(book: Book) -> None:
    """What the customer has forbidden is refused, and a customer whom nobody knows cannot be asked for."""
    planned = PlannedContact(channel=Channel.PHONE, on=DAY, local_time="10:00")
    wish = ContactNote(
        contact="K-1", customer="C-1", channel="phone", outcome="reached", wishes=["written-only"]
    )
    told = book.record(contact_logged(wish, **said()))

    verdict = told.may_contact("C-1", planned)

    assert book.may_contact("C-1", planned).allowed
    assert not verdict.allowed
    assert verdict.refusals
    with pytest.raises(PolicyError, match="customer must be in the customer list, got 'C-9'"):
        book.may_contact("C-9", planned)


def test_a_case_twice_is_one_case(book: Book) -> None:
    """The events of a case come again and change nothing; another content under its name is refused."""
    once = book.record(*part(book))

    assert once.record(*part(book)).ledger.events == once.ledger.events
    with pytest.raises(EventError, match="must say what it said"):
        once.record(*dispute(book))
