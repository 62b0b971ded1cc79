"""Dunning: one level at a time, one notice per customer, a second run does nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.documents import ItemKind, OpenItem
from receivables.dunning import (
    STANDARD,
    DunningLevel,
    DunningProcedure,
    DunningRun,
    SkipReason,
    propose,
)
from receivables.errors import PolicyError
from receivables.ledger import NoticeSent
from receivables.testing.builders import an_open_item, recorded

DUE = dt.date(2026, 6, 1)


def late(name: str = "F-1", minor: int = 10_000, **fields: Any) -> OpenItem:
    return an_open_item(item=name, amount_minor=minor, **{"due_date": DUE, **fields})


def run(
    items: list[OpenItem], day: int, sent: list[NoticeSent] | None = None, **options: Any
) -> DunningRun:
    """A run some days after the due date."""
    return propose(
        items,
        notices=sent or [],
        procedure=options.get("procedure", STANDARD),
        as_of=DUE + dt.timedelta(days=day),
        recorded_at=recorded(),
    )


def levels(found: DunningRun) -> list[int]:
    return [notice.level for notice in found.notices]


@pytest.mark.parametrize(("day", "expected"), [(0, []), (7, []), (8, [1]), (60, [1])])
def test_the_first_level_comes_first(day: int, expected: list[int]) -> None:
    """However late an item is, it starts at the first level, and not before its days."""
    assert expected == levels(run([late()], day))


def test_levels_follow_one_another() -> None:
    """Each level needs the one before it, and the days between."""
    first = run([late()], 8).notices
    too_early = run([late()], 17, [*first])
    second = run([late()], 23, [*first]).notices
    third = run([late()], 45, [*first, *second]).notices

    assert levels(too_early) == []
    assert [notice.level for notice in (*first, *second, *third)] == [1, 2, 3]
    assert third[0].letter == "formal-notice"
    assert levels(run([late()], 90, [*first, *second, *third])) == []


def test_a_late_start_keeps_the_days_between() -> None:
    """An item that is very late still gets ten days between its first two notices."""
    first = run([late()], 60).notices

    assert levels(run([late()], 69, [*first])) == []
    assert levels(run([late()], 70, [*first])) == [2]


@given(
    days=st.lists(st.integers(0, 120), min_size=1, max_size=6),
    dues=st.lists(st.integers(0, 60), min_size=1, max_size=4),
)
def test_a_second_run_does_nothing(days: list[int], dues: list[int]) -> None:
    """On any day of any history, running again after recording proposes nothing."""
    items = [
        late(f"F-{index}", due_date=DUE + dt.timedelta(days=due)) for index, due in enumerate(dues)
    ]
    sent: list[NoticeSent] = []
    reached: dict[str, int] = {}
    for day in sorted(days):
        sent += run(items, day, sent).notices

        assert run(items, day, sent).notices == ()
    for notice in sent:
        for item in notice.items:
            assert item.level - reached.get(item.item, 0) in {0, 1}
            reached[item.item] = item.level


def test_a_new_version_does_not_start_again() -> None:
    """Changing the procedure changes the next step, not the ones taken."""
    first = run([late()], 8).notices
    changed = attrs.evolve(STANDARD, version="2")

    assert levels(run([late()], 8, [*first], procedure=changed)) == []
    assert levels(run([late()], 23, [*first], procedure=changed)) == [2]


def test_one_notice_lists_every_item_with_a_level() -> None:
    """A customer gets one notice, at the highest level that an item newly reaches."""
    old, new = late("F-1"), late("F-2", due_date=DUE + dt.timedelta(days=15))
    young = late("F-3", due_date=DUE + dt.timedelta(days=20))
    first = run([old], 8).notices

    (notice,) = run([old, new, young], 23, [*first]).notices

    assert notice.level == 2
    assert [(item.item, item.level) for item in notice.items] == [("F-1", 2), ("F-2", 1)]
    assert notice.total_minor == 20_000


def test_an_old_level_is_not_sent_again_for_a_new_item() -> None:
    """A new item at its first level gets a courteous letter, even beside an old formal notice."""
    old = late("F-1")
    sent: list[NoticeSent] = []
    for day in (8, 23, 45):
        sent += run([old], day, sent).notices
    new = late("F-2", due_date=DUE + dt.timedelta(days=60))

    (notice,) = run([old, new], 70, sent).notices

    assert (notice.level, notice.letter) == (1, "reminder-1")


def test_credits_count_against_what_is_asked() -> None:
    """Unapplied cash lowers the sum asked for."""
    cash = late("r-1", -4_000, kind=ItemKind.UNAPPLIED_CASH)

    (notice,) = run([late(), cash], 8).notices

    assert (notice.credit_minor, notice.total_minor) == (-4_000, 6_000)


SKIPS = {
    SkipReason.CREDITS_COVER: [late(), late("A-1", -12_000, kind=ItemKind.CREDIT_NOTE)],
    SkipReason.BELOW_MINIMUM: [late(minor=999)],
}


@pytest.mark.parametrize("reason", SKIPS)
def test_who_is_left_out_is_said(reason: SkipReason) -> None:
    """Nobody is reminded of nothing, or of less than the minimum; the run says who and why."""
    found = run(SKIPS[reason], 8)

    assert found.notices == ()
    assert [reason] == [skipped.reason for skipped in found.skipped]


def test_what_cannot_be_late_is_not_dunned() -> None:
    """Items without due date, unidentified receipts and credits get no notice."""
    items = [
        late("F-1", due_date=None),
        late("r-1", -500, customer="", kind=ItemKind.UNAPPLIED_CASH),
        late("A-1", -500, kind=ItemKind.CREDIT_NOTE),
    ]

    assert (run(items, 99).notices, run(items, 99).skipped) == ((), ())


def test_currencies_have_notices_of_their_own() -> None:
    """Amounts of two currencies are never added into one claim."""
    found = run([late("F-1"), late("F-2", currency="CAD")], 8)

    assert [notice.currency for notice in found.notices] == ["CAD", "EUR"]


def test_grace_days_come_on_top() -> None:
    """Grace moves every level."""
    patient = attrs.evolve(STANDARD, grace_days=3)

    assert levels(run([late()], 10, procedure=patient)) == []
    assert levels(run([late()], 11, procedure=patient)) == [1]


def test_a_run_for_a_past_day_repeats_nothing() -> None:
    """A level recorded for a later day is not sent again for an earlier one."""
    first = run([late()], 20).notices

    assert run([late()], 10, [*first]).notices == ()


BAD = {
    "no levels": {"levels": []},
    "days that fall": {
        "levels": [
            DunningLevel(days_past_due=9, letter="a"),
            DunningLevel(days_past_due=9, letter="b"),
        ]
    },
    "negative minimum": {"minimums_minor": {"EUR": -1}},
    "unknown currency": {"minimums_minor": {"ABC": 1}},
}


@pytest.mark.parametrize("why", BAD)
def test_impossible_procedures_are_refused(why: str) -> None:
    """A ladder rises, and its minimums are amounts of real currencies."""
    fields = {"levels": [DunningLevel(days_past_due=1, letter="a")]} | BAD[why]

    with pytest.raises(ValueError, match="must"):
        DunningProcedure(name="x", version="1", **fields)


@pytest.mark.parametrize("field", ["days_past_due", "days_after_previous"])
def test_a_level_on_the_due_date_is_refused(field: str) -> None:
    """An item due today is not late, and a level does not follow on the same day."""
    with pytest.raises(PolicyError, match=field):
        DunningLevel(**{"days_past_due": 1, "letter": "a", field: 0})
