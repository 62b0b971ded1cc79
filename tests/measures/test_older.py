"""Receivables older than six months: which, what is being done, and what changed in a month."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given

from receivables.casework import (
    ContactNote,
    Dispute,
    DisputedPart,
    PromiseToPay,
    Referral,
    ReferredItem,
)
from receivables.collection import contact_logged
from receivables.disputes import dispute_opened
from receivables.errors import DocumentError, PolicyError
from receivables.ledger import Referred
from receivables.measures import OlderChange, OlderPolicy, OlderState, older_receivables
from receivables.money import money
from receivables.promises import promise_made

from .worlds import LAWS, Books, worlds

AS_OF = dt.date(2026, 10, 31)
SINCE = dt.date(2026, 9, 30)


@LAWS
@given(worlds())
def test_change_foots_and_totals_are_the_items(world):
    """Opening, what entered and what left are the closing, which is the sum of the items."""
    ledger, first, last, _ = world
    policy = OlderPolicy(months=2, basis="due-date")

    found = older_receivables(ledger, "MIRA", as_of=last, since=first, policy=policy)

    sums = {}
    for one in found:
        sums[one.currency] = sums.get(one.currency, 0) + one.open_minor
    assert sums == dict(found.totals)
    before = older_receivables(
        ledger, "MIRA", as_of=first, since=first - dt.timedelta(days=1), policy=policy
    )
    opening = {one.currency: one.opening_minor for one in found.change if one.items_before}
    assert dict(before.totals) == opening


EDGES = {
    "the day": (dt.date(2026, 4, 30), dt.date(2026, 10, 30), False),
    "the day after": (dt.date(2026, 4, 30), dt.date(2026, 10, 31), True),
    "a short month": (dt.date(2026, 8, 31), dt.date(2027, 2, 28), False),
    "after a short month": (dt.date(2026, 8, 31), dt.date(2027, 3, 1), True),
}


@pytest.mark.parametrize(("day", "as_of", "expected"), EDGES.values(), ids=EDGES)
def test_the_edge_of_six_months(day, as_of, expected):
    """An item is older than six months from the day after the same day of the month on."""
    books = Books()
    books.invoice("F-1", 100, on=day)

    found = older_receivables(books.ledger, "MIRA", as_of=as_of)

    assert expected == bool(found.items)


def test_the_basis_is_a_choice():
    """Counted from the due date an item gets old later."""
    books = Books()
    books.invoice("F-1", 100, on=dt.date(2026, 4, 15), days=30)

    by = {
        basis: len(
            older_receivables(
                books.ledger, "MIRA", as_of=AS_OF, policy=OlderPolicy(basis=basis)
            ).items
        )
        for basis in ("document-date", "posting-date", "due-date")
    }

    assert {"document-date": 1, "posting-date": 1, "due-date": 0} == by


def _case_book():
    books = Books()
    for number in range(1, 6):
        books.invoice(f"F-{number}", 1_000 * number, on=dt.date(2026, 1, 5))
    moment = books.moment
    asked = {"creditor": "MIRA", "on": dt.date(2026, 10, 20)}
    dispute = Dispute(
        dispute="D-1",
        customer="C-1",
        reason="quality",
        owner="sales",
        parts=[DisputedPart(item="F-1", amount=money("10.00", "EUR"))],
    )
    books.record(dispute_opened(dispute, recorded_at=moment(), **asked))
    promise = PromiseToPay(
        promise="P-1",
        customer="C-1",
        amount=money("20.00", "EUR"),
        due_on=dt.date(2026, 11, 20),
        items=["F-2"],
    )
    books.record(promise_made(promise, recorded_at=moment(), **asked))
    note = ContactNote(contact="K-1", customer="C-1", channel="phone", outcome="reached")
    books.record(contact_logged(note, recorded_at=moment(), **asked))
    referral = Referral(
        referral="X-1",
        customer="C-1",
        kind="agency",
        to="Agence du Port",
        items=[ReferredItem(item="F-3", amount=money("30.00", "EUR"))],
    )
    books.record(
        Referred(
            event="referred:MIRA:X-1",
            effective_on=dt.date(2026, 10, 25),
            recorded_at=moment(),
            creditor="MIRA",
            referral=referral,
        )
    )
    return books


def test_what_is_being_done():
    """Disputes, promises and referrals are named with the item, and the last contact stands beside."""
    books = _case_book()

    found = older_receivables(books.ledger, "MIRA", as_of=AS_OF, allowances={"F-4": 400})

    states = {one.item: (one.state, one.references) for one in found}
    assert states["F-1"] == (OlderState.DISPUTED, ("D-1",))
    assert states["F-2"] == (OlderState.PROMISED, ("P-1",))
    assert states["F-3"] == (OlderState.REFERRED, ("X-1",))
    assert states["F-5"] == (OlderState.OPEN, ())
    assert {dt.date(2026, 10, 20)} == {one.last_contact for one in found}
    assert (9, 400) == (found.items[3].months, found.change[0].allowance_minor)


def test_what_changed_since_last_month():
    """What entered, what was paid and written off, and what is still there."""
    books = Books()
    books.invoice("F-1", 5_000, on=dt.date(2026, 1, 5))
    books.invoice("F-2", 3_000, on=dt.date(2026, 1, 5))
    books.invoice("F-3", 700, on=dt.date(2026, 4, 12))
    books.pay("F-1", 4_000, on=dt.date(2026, 10, 10))
    books.write_off("F-2", 3_000, on=dt.date(2026, 10, 12))

    found = older_receivables(books.ledger, "MIRA", as_of=AS_OF)

    [change] = found.change
    assert SINCE == found.since
    assert (8_000, 700, -4_000, -3_000, 1_700) == (
        change.opening_minor,
        change.entered_minor,
        change.paid_minor,
        change.written_off_minor,
        change.closing_minor,
    )
    assert (2, 1, 1, 2) == (
        change.items_before,
        change.items_entered,
        change.items_left,
        change.items,
    )
    assert 1_000 == change.still_there_minor


def test_known_then():
    """As known before a payment was recorded, the item is open as it was."""
    books = Books()
    books.invoice("F-1", 5_000, on=dt.date(2026, 1, 5))
    then = books.ledger.last_recorded_at
    books.pay("F-1", 5_000, on=dt.date(2026, 10, 10))

    now = older_receivables(books.ledger, "MIRA", as_of=AS_OF)
    before = older_receivables(books.ledger, "MIRA", as_of=AS_OF, known_at=then)

    assert ({}, {"EUR": 5_000}) == (dict(now.totals), dict(before.totals))


def test_tables():
    """Items with a total for each currency, and the change beside; rows and frames too."""
    found = older_receivables(_case_book().ledger, "MIRA", as_of=AS_OF)

    assert "receivables older than 6 months" in str(found)
    assert found.to_table().totals[0][6] == 15_000
    assert [row[0] for row in found.change_table().rows] == ["EUR"]
    assert len(found.to_rows()) == len(found.to_frame()) == len(found.of("C-1")) == 5
    assert "<table>" in found._repr_html_()


def test_refusals():
    """Months below zero, days out of order, and a change that does not foot are refused."""
    with pytest.raises(PolicyError, match="months must be"):
        OlderPolicy(months=-1)
    with pytest.raises(PolicyError, match="last must be later"):
        older_receivables(Books().ledger, "MIRA", as_of=AS_OF, since=AS_OF)
    with pytest.raises(DocumentError, match="closing in EUR"):
        OlderChange(
            currency="EUR",
            opening_minor=1,
            entered_minor=0,
            paid_minor=0,
            credited_minor=0,
            written_off_minor=0,
            other_minor=0,
            closing_minor=2,
        )
