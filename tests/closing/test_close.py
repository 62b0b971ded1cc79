"""Closing a period: what keeps it open, what explains it, and what comes of it."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.closing import (
    CHECKS,
    CloseCheck,
    ClosingPapers,
    FindingItem,
    FindingStatus,
    close,
    examine,
    journal_head,
)
from receivables.errors import EventError, PeriodClosedError, PolicyError
from receivables.ledger import Ledger, PeriodReopened
from receivables.plugins import load_plugins
from receivables.testing.builders import a_receipt, an_invoice, issued, received, recorded

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
APPLIED = [CHECKS["receipts-applied"]]
AT = recorded(500)


def _papers(ledger=None):
    whole = Ledger().record(received(a_receipt(amount="10.00"))) if ledger is None else ledger
    return ClosingPapers(ledger=whole, creditor="MIRA", first=FIRST, last=LAST)


def _explained(checklist):
    finding = checklist.open_findings[0]
    return finding.explained(reason="advance for November", by="A. Roy", at=AT)


def test_an_open_finding_keeps_the_period_open():
    """A close is refused by naming the checks and how many items are open in each."""
    checklist = examine(_papers(), checks=APPLIED)

    with pytest.raises(EventError, match=r"nothing open, got receipts-applied \(1\)"):
        close(checklist, by="A. Roy", at=AT)


def test_an_explanation_lets_it_close():
    """Who, why and when stay with the finding, and the event closes through the last day."""
    papers = _papers()
    reasons = _explained(examine(papers, checks=APPLIED))
    checklist = examine(papers, checks=APPLIED, explanations=reasons)

    closing = close(checklist, by="A. Roy", at=AT, reason="October")

    assert checklist.finding("receipts-applied").status is FindingStatus.EXPLAINED
    assert (closing.event.through, closing.event.by) == (LAST, "A. Roy")
    assert closing.event.event == "closed:MIRA:2026-10-31"


def test_the_ledger_then_refuses_what_is_dated_in_the_period():
    """Recording the event locks the period."""
    closing = close(examine(_papers(Ledger()), checks=APPLIED), by="A. Roy", at=AT)
    locked = Ledger().record(closing.event)

    with pytest.raises(PeriodClosedError, match="2026-11-01"):
        locked.record(issued(an_invoice(document_date=LAST), minute=600))


def test_a_period_that_was_reopened_is_closed_by_another_event():
    """The second close of a month is a fact of its own."""
    first = close(examine(_papers(Ledger()), checks=APPLIED), by="A. Roy", at=AT)
    reopened = PeriodReopened(
        event="reopened",
        effective_on=LAST,
        recorded_at=recorded(501),
        creditor="MIRA",
        opens_on=FIRST,
    )
    ledger = Ledger().record(first.event, reopened)

    again = close(examine(_papers(ledger), checks=APPLIED), by="A. Roy", at=recorded(502))

    assert again.event.event == "closed:MIRA:2026-10-31:2"
    assert ledger.record(again.event).closed_through("MIRA") == LAST


def test_an_explanation_holds_for_its_amount_only():
    """Where the amount changed, the item is open again, and the explanation is shown as unused."""
    reasons = _explained(examine(_papers(), checks=APPLIED))
    other = _papers(Ledger().record(received(a_receipt(amount="11.00"))))

    checklist = examine(other, checks=APPLIED, explanations=reasons)

    assert not checklist.is_ready
    assert checklist.unused == reasons


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"by": " "}, "by"), ({"reason": ""}, "reason"), ({"at": dt.datetime(2026, 11, 1)}, "at")],
)
def test_an_explanation_says_who_why_and_when(fields, named):
    """An explanation without a name, a reason or a moment in UTC is none."""
    (reason,) = _explained(examine(_papers(), checks=APPLIED))

    with pytest.raises(EventError, match=f"^{named} must be"):
        attrs.evolve(reason, **fields)


def test_a_check_of_your_own_stands_beside_the_others():
    """A checklist is a list: whatever names items keeps the period open."""
    tills = CloseCheck(
        check="tills",
        titles={"en": "The tills are counted"},
        examine=lambda papers: [FindingItem(key=papers.creditor, text="nobody has counted")],
    )

    checklist = examine(_papers(Ledger()), checks=[*APPLIED, tills])

    assert [one.check for one in checklist.open_findings] == ["tills"]


def test_one_explanation_is_never_taken_for_two_things():
    """Items that a check names alike are told apart, and each needs an explanation."""
    twice = CloseCheck(
        check="twice",
        titles={"en": "Twice"},
        examine=lambda papers: [FindingItem(key="x", text="this")] * 2,
    )
    first = examine(_papers(), checks=[twice])
    (one, _) = _explained(first)

    checklist = examine(_papers(), checks=[twice], explanations=[one])

    assert ["x#2"] == [item.key for item in checklist.open_findings[0].open_items]


MISUSES = {
    "two checks of one name": lambda: examine(_papers(), checks=[*APPLIED, *APPLIED]),
    "a period that ends before it begins": lambda: ClosingPapers(
        ledger=Ledger(), creditor="MIRA", first=LAST, last=FIRST
    ),
    "a moment for a day": lambda: ClosingPapers(
        ledger=Ledger(), creditor="MIRA", first=FIRST, last=AT
    ),
    "a check without a name": lambda: CloseCheck(check="", titles={}, examine=list),
    "a check that is not on the list": lambda: examine(_papers(), checks=APPLIED).finding("x"),
}


@pytest.mark.parametrize("case", MISUSES)
def test_misuse_is_refused(case):
    """What no close can be made of raises at once."""
    with pytest.raises(PolicyError):
        MISUSES[case]()


@pytest.mark.needs("sqlalchemy")
def test_the_head_is_that_of_the_store(tmp_path):
    """The head of a ledger is the one that the journal of the store `sql` ends with."""
    events = [issued(), received()]
    store = load_plugins(only=["sql"]).build("store", "sql", {"url": str(tmp_path / "j.db")})
    store.append(events)
    verified = store.verify()
    store.close()

    head = journal_head(Ledger().record(*events))

    assert (verified.events, verified.head) == (head.events, head.hash)
