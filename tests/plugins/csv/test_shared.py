"""Two payment histories age to the cent, read by settings alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from receivables.allocation import SourceAllocation
from receivables.documents import Document
from receivables.money import to_minor
from receivables_plugins import csv

(SPEC,) = csv.receivables_ledger_sources()

SETTINGS = {
    "creditor": "MIRA",
    "columns": {
        "number": "invoice_id",
        "customer": "cust_number",
        "document-date": "invoice_date",
        "due-date": "due_date",
        "amount": "amount",
        "currency": "currency",
        "settled-on": "clear_date",
    },
    "duplicates": "number-lines",
}
SIMULATED = "simulated_until_2013-06-30.csv"
REAL = "real_usd_until_2019-08-31.csv"

AGINGS = [
    # file, day, then count and sum of each bucket: not yet due, 1-30, 31-60, 61-90, over 90
    (SIMULATED, "2012-06-30", [(83, 4_594_36), (15, 909_73), (0, 0), (0, 0), (0, 0)]),
    (SIMULATED, "2012-12-31", [(86, 4_936_32), (13, 788_74), (0, 0), (0, 0), (0, 0)]),
    (
        REAL,
        "2019-03-31",
        [(1733, 47_551_139_43), (202, 5_160_835_91), (20, 59_176_09), (5, 114_208_47), (0, 0)],
    ),
    (
        REAL,
        "2019-06-30",
        [
            (1618, 50_045_137_23),
            (175, 4_529_179_45),
            (22, 207_657_44),
            (15, 179_975_46),
            (4, 28_749_15),
        ],
    ),
]


def _read(path, **settings):
    with path.open("rb") as stream:
        return SPEC.build(SETTINGS | settings).read(stream, name=path.name).collect()


@pytest.fixture(scope="module")
def histories(shared):
    """Both histories, read once."""
    return {name: _read(shared / name) for name in (SIMULATED, REAL)}


def _bucket(days):
    return 0 if days <= 0 else min(4, (days - 1) // 30 + 1)


@pytest.mark.parametrize(("name", "day", "expected"), AGINGS)
def test_aging_is_met(name, day, expected, histories):
    """Open at the end of a day, by due date: counts and sums are those that others computed."""
    as_of = dt.date.fromisoformat(day)
    rows = histories[name].require_complete().rows
    settled = {
        row.items[0]
        for row in rows
        if isinstance(row, SourceAllocation) and row.settled_on <= as_of
    }
    counts, sums = Counter(), Counter()
    for row in rows:
        if isinstance(row, Document) and row.document_date <= as_of and row.number not in settled:
            bucket = _bucket((as_of - row.due_date).days)
            counts[bucket] += 1
            sums[bucket] += to_minor(row.total)

    assert [(counts[bucket], sums[bucket]) for bucket in range(5)] == expected


def test_identifiers_are_kept_as_text(histories):
    """A number that a spreadsheet made of an identifier is an identifier still."""
    first = histories[REAL].rows[0]

    assert (first.number, first.customer) == ("1991818786.0", "0140103335"[1:])


def test_every_repeated_row_is_reported(histories):
    """One history has rows twice, cell by cell: each is named, and none is dropped in silence."""
    problems = histories[REAL].report.problems

    assert {problem.code for problem in problems} == {"document.duplicate"}
    assert len(problems) == 494


def test_repeated_rows_can_be_refused_or_skipped(shared, tmp_path):
    """They say the same as the first, so skipping them leaves a whole list, and refusing does not."""
    with (shared / REAL).open("rb") as stream:
        lines = [next(stream) for _ in range(300)]
    path = tmp_path / REAL
    path.write_bytes(b"".join(lines))
    refused, skipped = (_read(path, duplicates=name) for name in ("refuse", "skip-identical"))

    assert refused.rows == skipped.rows
    assert (refused.report.complete, skipped.report.complete) == (False, True)
