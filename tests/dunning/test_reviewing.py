"""A run is proposed, reviewed, released and recorded."""

from __future__ import annotations

import pytest

from receivables.dunning import RunExclusion, RunState, release, review
from receivables.errors import DocumentError
from receivables.ledger import Ledger
from receivables.testing.builders import an_invoice, issued, recorded

from .worlds import climb, late, on, reasons, run

ITEMS = [late("F-1"), late("F-2", due_date=on(15)), late("F-3", customer="B-1")]
SENT = climb([ITEMS[0]], 5)


def _run(day=20):
    return run(ITEMS, day, SENT)


def test_a_notice_that_is_excluded_is_skipped_with_its_charges():
    """It is not lost: reason and person are kept."""
    first = _run()
    notice = first.notices[1]

    found = review(first, [RunExclusion(notice=notice.event, reason="the boss calls")], by="J. Roy")

    (one,) = [skipped for skipped in found.skipped if skipped.reason.value == "excluded"]
    assert [kept.customer for kept in found.notices] == ["B-1"]
    assert (one.items, one.note) == (("F-1", "F-2"), "the boss calls (J. Roy)")
    assert (first.documents[0].number, found.documents) == ("FEE-F-1-2", ())


def test_without_an_item_the_customer_is_proposed_anew():
    """Level, letter, amount and charges of the notice follow from what is left."""
    first = _run()
    exclusion = RunExclusion(notice=first.notices[1].event, item="F-1", reason="paid by cheque")

    found = review(first, [exclusion], by="J. Roy")

    assert (first.notices[1].level, found.notices[1].level) == (2, 1)
    assert found.notices[1].total_minor == 10_000
    assert (found.documents, reasons(found)) == ((), {"F-1": "excluded"})
    assert found.notices[0] == first.notices[0]


def test_an_item_that_stays_excluded_in_a_second_review():
    """A review of a reviewed run goes on where the first one ended."""
    first = _run()
    without = review(
        first, [RunExclusion(notice=first.notices[1].event, item="F-1", reason="x")], by="A"
    )

    again = review(
        without, [RunExclusion(notice=without.notices[1].event, item="F-2", reason="y")], by="B"
    )

    assert [notice.customer for notice in again.notices] == ["B-1"]
    assert reasons(again) == {"F-1": "excluded", "F-2": "excluded"}


BAD = [
    ([{"notice": "notice:x", "reason": "r"}], {}, "notice must be one of the run"),
    ([{"notice": "$", "item": "F-9", "reason": "r"}], {}, "item must be one of notice"),
    ([{"notice": "$", "item": "FEE-F-1-2", "reason": "r"}], {}, "must not be a charge"),
    (
        [{"notice": "$", "item": "F-1", "reason": "r"}, {"notice": "$", "reason": "r"}],
        {},
        "as a whole or by its items",
    ),
    ([], {"by": " "}, "by must name"),
    ([], {"fingerprint": "0" * 64}, "the books have changed"),
]


@pytest.mark.parametrize(("exclusions", "given", "reason"), BAD)
def test_a_review_of_something_else_is_refused(exclusions, given, reason):
    """What is not in the run cannot be excluded, and nobody approves what nobody saw."""
    first = _run()
    named = [
        RunExclusion(**{**one, "notice": one["notice"].replace("$", first.notices[1].event)})
        for one in exclusions
    ]

    with pytest.raises(DocumentError, match=reason):
        review(first, named, **{"by": "J. Roy", **given})


def test_an_exclusion_has_a_reason():
    """Who is left out without a word is forgotten."""
    with pytest.raises(DocumentError, match="reason must say why"):
        RunExclusion(notice="n", reason=" ")


def test_the_fingerprint_is_that_of_the_books():
    """The same books give the same, other books another; a review may name it."""
    first = _run()

    assert first.fingerprint == run(ITEMS, 20, SENT, recorded_at=recorded(9)).fingerprint
    assert first.fingerprint != run(ITEMS[:2], 20, SENT).fingerprint
    assert review(_run(), by="J. Roy", fingerprint=first.fingerprint).state is RunState.REVIEWED


def test_only_a_reviewed_run_is_released():
    """Somebody has to have looked at it."""
    with pytest.raises(DocumentError, match="run must be reviewed"):
        release(_run(), recorded_at=recorded())


def _ledger():
    documents = [
        an_invoice("F-1", due_date=on(0), document_date=on(-30)),
        an_invoice("F-2", due_date=on(15), document_date=on(-30)),
        an_invoice("F-3", due_date=on(0), document_date=on(-30), customer="B-1"),
    ]
    return Ledger.replay([*(issued(one) for one in documents), *SENT])


def test_released_events_are_recorded_once():
    """Notices name the run and who released it; recording them again changes nothing."""
    reviewed = review(_run(), by="J. Roy")
    events = release(reviewed, recorded_at=recorded(5), by="M. Diaz")

    ledger = _ledger().record(*events)

    again = ledger.record(*release(reviewed, recorded_at=recorded(9), by="M. Diaz"))
    sent = ledger.notices()[-1]
    assert (sent.run, sent.released_by) == (reviewed.run, "M. Diaz")
    assert len(ledger) == len(again) == 7
    assert sent.recorded_at == recorded(5)


def test_who_reviewed_it_releases_it():
    """Unless somebody else does."""
    (*_, last) = release(review(_run(), by="J. Roy"), recorded_at=recorded(5))

    assert last.released_by == "J. Roy"


def test_a_run_can_be_read():
    """It says its day, its state, and one line for each notice."""
    assert str(_run()).splitlines() == [
        "dunning of 2026-06-21, proposed: 2 notices, 1 charges, 0 left out, 0 to refer",
        "B-1: reminder-1, level 1, 1 items",
        "C-017: final-reminder, level 2, 3 items, with FEE-F-1-2",
    ]
