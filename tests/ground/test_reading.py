"""Reads: rows first, then a report that says whether they are all."""

from __future__ import annotations

import pytest

from receivables import limits
from receivables.errors import AdapterError, IncompleteReadError
from receivables.problems import Place, Problem
from receivables.reading import Read, ReadNotes


def _read(rows, *, error=None, warning=None, declared=None):
    notes = ReadNotes("items.csv")
    notes.declared_total = declared

    def generate():
        yield from rows
        if error:
            notes.error(error, "it is wrong", line=3, field="due")
        if warning:
            notes.warn(warning, "it is odd")

    return Read(generate(), notes)


def test_a_whole_read_is_complete():
    """Rows, no problems, and the number that the source declared."""
    collected = _read(["a", "b"], declared=2).collect()

    assert (("a", "b"), True, 2) == (
        collected.rows,
        collected.report.complete,
        collected.report.rows,
    )
    assert collected is collected.require_complete()


def test_a_warning_leaves_a_read_complete():
    """A warning is for a person to look at."""
    report = _read(["a"], warning="locale.ambiguous").collect().report

    assert (True, 1, ()) == (report.complete, report.problem_count, report.errors)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"error": "date.invalid"}, "got items.csv:3: due: error date.invalid: it is wrong"),
        ({"declared": 3}, "fewer rows came than the source declared"),
        ({"declared": 1}, "must be complete"),
    ],
)
def test_an_incomplete_read_is_not_used_as_if_it_were_whole(given, reason):
    """An error, or another number of rows than declared, must be accepted by name."""
    collected = _read(["a", "b"], **given).collect()

    assert not collected.report.complete
    with pytest.raises(IncompleteReadError, match=reason):
        collected.require_complete()


def test_a_report_waits_for_the_last_row():
    """A report in the middle would be about something else."""
    read = _read(["a", "b"])
    next(iter(read))

    with pytest.raises(AdapterError, match="valid once every row was taken"):
        _ = read.report


def test_rows_stream_once():
    """A read is not a list: what was taken is gone, and the count goes on."""
    read = _read(["a", "b"])

    assert ["a", "b"] == list(read)
    assert [] == list(read)
    assert 2 == read.report.rows


def test_problems_beyond_the_limit_are_counted_only():
    """A broken gigabyte gives a small report, which knows how bad it is."""
    notes = ReadNotes("items.csv")
    problem = Problem("date.invalid", "no date", place=Place("items.csv"))
    for _ in range(limits.PROBLEMS_MAX + 5):
        notes.add(problem)

    report = notes.report(0)

    assert (limits.PROBLEMS_MAX, limits.PROBLEMS_MAX + 5) == (
        len(report.problems),
        report.problem_count,
    )
    assert not report.complete


def test_a_problem_shows_no_card_number():
    """What stood in a cell or a heading is masked where it looks like a card number."""
    notes = ReadNotes("items.csv")
    notes.error("amount.invalid", "got '4111 1111 1111 1111 12/27'", field="4111111111111111")
    notes.warn("date.invalid", "got 2026-10-31", field="due")
    first, second = notes.problems

    assert (first.message, first.place.field) == (
        "got '************1111 12/27'",
        "************1111",
    )
    assert (second.message, second.place.field) == ("got 2026-10-31", "due")
