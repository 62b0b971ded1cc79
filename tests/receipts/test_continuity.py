"""Statements that come again, overlap, are corrected or lack something: each entry counts once."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.adapters import StatementRecord
from receivables.errors import PolicyError
from receivables.receipts import BankBalance, BankEntry, BankStatement, receipts_from
from receivables.receipts.continuity import Counts, Followed, Follower, follow

FIRST = dt.date(2026, 10, 5)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def entry(amount_minor: int = 100, on: int = 0, **more: Any) -> BankEntry:
    facts = {"account": "DE89", "statement": "", "index": 0, "currency": "EUR", "text": "rent"}
    return BankEntry(**{**facts, "amount_minor": amount_minor, "booking_date": day(on), **more})


def statement(
    name: str,
    entries: Iterable[BankEntry],
    *,
    opening: int | None = 0,
    days: tuple[int, int] | None = None,
    **more: Any,
) -> list[StatementRecord]:
    """The records of a statement, whose closing balance its entries prove."""
    named = [attrs.evolve(one, statement=name, index=at) for at, one in enumerate(entries)]
    booked = [one.amount_minor for one in named if one.is_booked]
    given_days = days or (0, 0)
    closing = None if opening is None else opening + sum(booked)
    ends = (("OPBD", opening, given_days[0]), ("CLBD", closing, given_days[1]))
    facts = {
        "account": "DE89",
        "statement": name,
        "currency": "EUR",
        "opening_minor": opening,
        "closing_minor": closing,
        "entries": len(named),
        "booked_entries": len(booked),
        "credits_minor": sum(minor for minor in booked if minor > 0),
        "debits_minor": -sum(minor for minor in booked if minor < 0),
        "balances": [
            BankBalance(type=kind, amount_minor=minor, currency="EUR", date=day(on))
            for kind, minor, on in ends
            if minor is not None
        ],
    }
    return [*named, BankStatement(**{**facts, **more})]


def followed(
    *statements: list[StatementRecord], **options: Any
) -> tuple[list[BankEntry], Followed]:
    records = list(itertools.chain(*statements))
    found = follow(records, **options)
    return list(found.entries(records)), found


def codes(found: Followed) -> list[str]:
    return [problem.code for problem in found.problems]


def receipts(entries: Iterable[BankEntry]) -> list[str]:
    return [each.receipt for each in receipts_from(entries, creditor="MIRA")]


def test_the_same_statement_again_counts_once() -> None:
    """What was read before changes nothing, and is said."""
    october = statement("S-1", [entry(), entry(200)])

    entries, found = followed(october, october)

    assert [one.amount_minor for one in entries] == [100, 200]
    assert codes(found) == ["statement.duplicate"]
    assert len(found.statements) == 1


def test_a_copy_counts_where_the_original_never_came() -> None:
    """A copy is as good as the original, once."""
    copy = statement("S-1", [entry()], is_copy=True)

    alone, found = followed(copy)
    both, again = followed(statement("S-1", [entry()]), copy)

    assert (len(alone), codes(found)) == (1, [])
    assert (len(both), codes(again)) == (1, ["statement.duplicate"])
    assert "is a copy of one that was read" in again.problems[0].message


def test_statements_that_follow_by_balance_have_different_entries() -> None:
    """Two equal payments of one day in three statements of that day are as many receipts."""
    parts = [statement(f"S-{n}", [entry()], opening=100 * n, sequence=n + 1) for n in range(3)]

    for order in itertools.permutations(parts):
        entries, found = followed(*order)

        assert len(set(receipts(entries))) == 3
        assert codes(found) == []


def test_many_statements_of_one_day_with_one_look_are_all_counted() -> None:
    """However many there are, each has a receipt of its own; what is not compared is said."""
    parts = [statement(f"S-{n}", [entry()], opening=100 * n) for n in range(120)]

    entries, found = followed(*parts)

    assert len(set(receipts(entries))) == 120
    assert set(codes(found)) <= {"entry.repeated"}


def test_a_name_that_banks_use_for_every_statement_is_no_correction() -> None:
    """Statements of one name that follow one another by their balances all count."""
    parts = [statement("STARTUMS", [entry()], opening=100 * n) for n in range(3)]

    entries, found = followed(*parts)

    assert len(set(receipts(entries))) == 3
    assert codes(found) == []


def test_overlapping_statements_count_what_both_have_once() -> None:
    """Where a list goes on in the other from its opening balance, the entries are the same ones."""
    first = statement("S-1", [entry(), entry(), entry()])
    second = statement("S-2", [entry(), entry()], opening=200)

    entries, found = followed(first, second)

    assert len(entries) == 4
    assert len(set(receipts(entries))) == 4
    assert codes(found) == []


def test_overlapping_lists_in_another_order_count_as_often_as_the_fuller_one() -> None:
    """Without the same order the fuller list says how many there are."""
    rows = [entry(), entry(200, on=1), entry(300, on=3)]
    fuller = [rows[2], entry(), *rows[:2]]
    statements = [
        statement("S-1", rows, days=(0, 3)),
        statement("S-2", fuller, days=(0, 3)),
    ]

    for order in (statements, statements[::-1]):
        entries, found = followed(*order)

        assert Counter(one.amount_minor for one in entries) == {100: 2, 200: 1, 300: 1}
        assert len(set(receipts(entries))) == 4
        assert codes(found) == []


def test_what_cannot_be_told_counts_and_is_said() -> None:
    """Statements of one day with a gap between them may have one entry, or two: both count."""
    first = statement("S-1", [entry()])
    third = statement("S-3", [entry()], opening=700)

    entries, found = followed(first, third)

    assert len(set(receipts(entries))) == 2
    assert sorted(codes(found)) == ["entry.repeated", "statement.gap"]


def test_an_account_emptied_every_evening_is_not_taken_for_one_statement() -> None:
    """Where every statement begins and ends with nothing, the days tell them apart."""
    parts = [
        statement(f"S-{n}", [entry(on=n), entry(-100, on=n, text="sweep")], days=(n, n))
        for n in range(3)
    ]

    entries, found = followed(*parts, parts[1])

    assert len(entries) == 6
    assert codes(found) == ["statement.duplicate"]


def test_a_reference_of_the_bank_names_the_entry() -> None:
    """The same reference, day and amount are one entry, whatever else is said of it."""
    first = statement("S-1", [entry(bank_reference="B-1"), entry(bank_reference="B-2")])
    later = statement("R-9", [entry(bank_reference="B-1", text="RENT OCTOBER")], opening=None)

    entries, _ = followed(first, later)

    assert [one.bank_reference for one in entries] == ["B-1", "B-2"]


def test_a_reference_used_twice_in_one_statement_names_two_entries() -> None:
    """A bank that gives one reference to two bookings has booked both: its balance says so."""
    entries, found = followed(
        statement("S-1", [entry(bank_reference="B"), entry(bank_reference="B")])
    )
    alone, _ = followed(statement("S-1", [entry(bank_reference="B")]))

    assert len(set(receipts(entries))) == 2
    assert receipts(entries)[0] == receipts(alone)[0]
    assert codes(found) == []


CORRECTIONS = {
    "the later read": ({}, {}, Counts.LATER, 250),
    "the later made": (
        {"created_at": "2026-10-06T09:00"},
        {"created_at": "2026-10-06T07:00"},
        Counts.LATER,
        200,
    ),
    "the earlier read": ({}, {}, Counts.EARLIER, 200),
    "the earlier made": (
        {"created_at": "2026-10-06T09:00"},
        {"created_at": "2026-10-06T07:00"},
        Counts.EARLIER,
        250,
    ),
}


@pytest.mark.parametrize("which", CORRECTIONS)
def test_of_a_corrected_statement_one_version_counts(which: str) -> None:
    """The name and the days are the same and the figures are not: one counts, and it is said."""
    first, second, counts, expected = CORRECTIONS[which]
    wrong = statement("S-1", [entry(), entry(200)], **first)
    right = statement("S-1", [entry(), entry(250)], **second)

    entries, found = followed(wrong, right, counts=counts)

    assert [one.amount_minor for one in entries] == [100, expected]
    assert codes(found) == ["statement.corrected"]
    assert "1 entries are only in the one that counts, 1 only in the other" in str(
        found.problems[0]
    )


def test_of_a_statement_that_grows_the_fuller_one_counts() -> None:
    """Where nothing says when they were made, the one that has all of the other counts."""
    morning = statement("S-1", [entry()])
    evening = statement("S-1", [entry(), entry(200)])

    for order in ((morning, evening), (evening, morning)):
        entries, found = followed(*order)

        assert [one.amount_minor for one in entries] == [100, 200]
        assert codes(found) == ["statement.corrected"]


GAPS = {
    "a balance": ([statement("S-1", [entry()]), statement("S-2", [], opening=300, days=(1, 1))]),
    "a number": (
        [
            statement("S-1", [entry()], sequence=7),
            statement("S-2", [], opening=100, days=(1, 1), sequence=9),
        ]
    ),
    "a page": (
        [
            statement("S-1", [entry()], page=1, is_last_page=False),
            statement("S-1", [], opening=100, page=3, is_last_page=True),
        ]
    ),
    "the last page": [statement("S-1", [entry()], page=1, is_last_page=False)],
}


@pytest.mark.parametrize("what", GAPS)
def test_a_gap_is_said(what: str) -> None:
    """What is missing between two statements is a warning."""
    entries, found = followed(*GAPS[what])

    assert len(entries) == 1
    assert codes(found) == ["statement.gap"]
    assert not found.problems[0].is_error


NO_GAPS = {
    "a new year": [
        statement("S-1", [entry()], sequence=250, days=(0, 0)),
        statement("S-2", [], opening=100, days=(100, 100), sequence=1),
    ],
    "pages": [
        statement("S-1", [entry()], sequence=7, page=1, is_last_page=False),
        statement("S-1", [entry()], opening=100, sequence=7, page=2, is_last_page=True),
    ],
    "numbers that are days": [
        statement("S-1", [entry()], sequence=275),
        statement("S-2", [], opening=100, days=(3, 3), sequence=278),
    ],
    "numbers that leap": [
        statement("S-1", [entry()], sequence=27501),
        statement("S-2", [], opening=100, days=(1, 1), sequence=27601),
    ],
    "a page counted through the year": [statement("S-1", [entry()], page=129)],
    "one inside another": [
        statement("M", [entry(), entry(200, on=1), entry(on=2)], days=(0, 2)),
        statement("D", [entry(200, on=1)], opening=100, days=(1, 1)),
        statement("N", [], opening=400, days=(3, 3)),
    ],
}


@pytest.mark.parametrize("what", NO_GAPS)
def test_what_is_no_gap(what: str) -> None:
    """Numbers that begin anew, pages that are all there, and overlaps lack nothing."""
    _, found = followed(*NO_GAPS[what])

    assert codes(found) == []


def test_the_final_statement_counts_and_not_what_the_day_reported() -> None:
    """Reports in the course of a day, each with all so far, add nothing to its final statement."""
    reports = [
        statement("R-1", [entry()], opening=None),
        statement("R-2", [entry(), entry(), entry(200)], opening=None),
    ]
    final = statement("S-1", [entry(), entry(), entry(200)])

    for order in itertools.permutations([*reports, final]):
        entries, found = followed(*order)

        assert {one.statement for one in entries} == {"S-1"}
        assert len(set(receipts(entries))) == 3
        assert codes(found) == []


def test_what_the_final_statement_lacks_does_not_count_and_is_said() -> None:
    """The bank's last word on a day is its final statement."""
    report = statement("R-1", [entry(), entry(999)], opening=None)

    entries, found = followed(report, statement("S-1", [entry()]))

    assert [one.amount_minor for one in entries] == [100]
    assert codes(found) == ["entry.unconfirmed"]


def test_a_report_counts_until_the_final_statement_comes() -> None:
    """The receipt of a report is that of the final statement."""
    report = statement("R-1", [entry()], opening=None)

    early, found = followed(report)
    late, _ = followed(report, statement("S-1", [entry()]))

    assert codes(found) == []
    assert receipts(early) == receipts(late)


def test_reports_that_hold_each_other_overlap() -> None:
    """Two reports of a day without balances are one list where one has all of the other."""
    reports = [
        statement("R-1", [entry(), entry(200)], opening=None),
        statement("R-2", [entry(), entry(200), entry(300)], opening=None),
    ]

    entries, found = followed(*reports)

    assert sorted(one.amount_minor for one in entries) == [100, 200, 300]
    assert codes(found) == []


def test_one_equal_entry_of_two_reports_counts_twice_and_is_said() -> None:
    """One entry is too little to tell whether a report goes on or begins anew."""
    entries, found = followed(
        statement("R-1", [entry()], opening=None), statement("R-2", [entry()], opening=None)
    )

    assert len(set(receipts(entries))) == 2
    assert codes(found) == ["entry.repeated"]


def test_pending_entries_pass_unless_their_statement_is_dropped() -> None:
    """What is not booked counts in no balance, and is repeated by its nature."""
    one = statement("S-1", [entry(), entry(is_booked=False)])

    entries, _ = followed(one, one)

    assert [each.is_booked for each in entries] == [True, False]


def test_accounts_and_currencies_stand_apart() -> None:
    """What one account has says nothing about another one."""
    other = [
        attrs.evolve(record, account="FR76") for record in statement("S-1", [entry()], opening=700)
    ]

    entries, found = followed(statement("S-1", [entry()]), other)

    assert len(set(receipts(entries))) == 2
    assert codes(found) == []


def test_entries_whose_statement_never_came_count() -> None:
    """A file that was cut has entries without a statement: its reader said so, and they stay."""
    cut = statement("S-1", [entry(), entry(200)])[:-1]

    entries, _ = followed(cut, statement("S-2", [entry(on=5)], opening=900, days=(5, 5)))

    assert len(entries) == 3


def test_other_records_than_those_followed_are_refused() -> None:
    """Entries are picked by their place, so the records must be the same ones."""
    records = statement("S-1", [entry(), entry(200)])
    found = follow(records)

    for other in (records[1:], statement("S-2", [entry()]), [*records, *records]):
        with pytest.raises(PolicyError, match="must be those that were followed"):
            list(found.entries(other))


def test_a_follower_takes_records_as_they_stream() -> None:
    """It names the files of what it says, and keeps no entry."""
    follower = Follower()
    for name in ("a.xml", "b.xml"):
        for record in statement("S-1", [entry()]):
            follower.see(record, source=name)

    (problem,) = follower.close().problems

    assert problem.place.source == "b.xml"
    assert "was read before in a.xml" in problem.message


# A history is one account's entries in the order of booking: few kinds, so that many look the same.
AMOUNTS = st.sampled_from([100, 100, 100, 250, 40])
SIGNED = st.sampled_from([100, -100, 250, 100])


@st.composite
def histories(draw: st.DrawFn, amounts: st.SearchStrategy[int] = AMOUNTS) -> list[BankEntry]:
    """Entries of a few days."""
    count = draw(st.integers(1, 12))
    days = sorted(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)))
    return [entry(draw(amounts), on=on) for on in days]


@st.composite
def pieces(
    draw: st.DrawFn, history: Sequence[BankEntry], *, cuts: int = 3
) -> list[list[StatementRecord]]:
    """Statements that together have the whole history, overlapping anyhow, in any order."""
    length = len(history)
    ends = sorted({0, length, *draw(st.lists(st.integers(0, length), max_size=cuts))})
    spans = list(itertools.pairwise(ends))
    more = st.tuples(st.integers(0, length), st.integers(0, length)).map(sorted).map(tuple)
    spans += [span for span in draw(st.lists(more, max_size=cuts)) if span[0] < span[1]]
    made = []
    for number, (first, last) in enumerate(spans):
        rows = history[first:last]
        dates = [(one.booking_date - FIRST).days for one in rows]
        opening = sum(one.amount_minor for one in history[:first])
        span = (dates[0], dates[-1])
        made.append(statement(f"S-{number}", rows, opening=opening, days=span))
    return list(draw(st.permutations(made)))


@given(st.data())
def test_pieces_of_a_history_give_it_once(data: st.DataObject) -> None:
    """Credits cut into overlapping statements, in any order, are the receipts of the whole, once."""
    history = data.draw(histories())
    cut = data.draw(pieces(history))
    whole, _ = followed(statement("W", history, days=(0, 3)))

    entries, _ = followed(*cut)

    assert Counter(receipts(entries)) == Counter(receipts(whole))


@given(st.data())
def test_any_file_twice_changes_nothing(data: st.DataObject) -> None:
    """Statements that are read again, at any moment, add no receipt and lose none."""
    cut = data.draw(pieces(data.draw(histories(SIGNED))))
    again = data.draw(st.lists(st.sampled_from(cut), max_size=3))
    once, _ = followed(*cut)

    entries, found = followed(*cut, *again)

    assert Counter(receipts(entries)) == Counter(receipts(once))
    assert codes(found).count("statement.duplicate") == len(again)


@given(st.data())
def test_no_receipt_of_any_history_is_lost(data: st.DataObject) -> None:
    """With debits a balance may come again: what cannot be told then counts, and is said."""
    history = data.draw(histories(SIGNED))
    whole, _ = followed(statement("W", history, days=(0, 3)))

    entries, found = followed(*data.draw(pieces(history)))
    lost = Counter(receipts(whole)) - Counter(receipts(entries))
    doubled = Counter(receipts(entries)) - Counter(receipts(whole))

    assert not lost
    assert not doubled or "entry.repeated" in codes(found)


@given(st.data())
def test_references_of_the_bank_give_a_history_once(data: st.DataObject) -> None:
    """With references the statements may be cut, reordered and even lack their balances."""
    history = [
        attrs.evolve(one, bank_reference=f"B-{number}")
        for number, one in enumerate(data.draw(histories(SIGNED)))
    ]
    cut = data.draw(pieces(history))
    whole, _ = followed(statement("W", history, days=(0, 3)))

    entries, _ = followed(*cut)

    assert Counter(receipts(entries)) == Counter(receipts(whole))
