"""Files of other projects give the figures that others have found in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.bai2.reader import Bai2Reader

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"


def _expected():
    if not (_FOLDER / "expected.jsonl").is_file():
        return {}
    with (_FOLDER / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["file"]: row for row in rows if row["format"] == "bai2"}


EXPECTED = _expected()
FILES = sorted(
    path.relative_to(_FOLDER).as_posix() for path in (_FOLDER / "bai2").rglob("*") if path.is_file()
)
ONE_LINE = "bai2/moov-io+bai2/test/testdata/sample3.txt"
"""Several records of it stand on one line, which the expected figures take for one text."""
_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)


@pytest.fixture
def read(shared):
    """Read a file as an application does: recognized by its head, then streamed."""

    def read(name):
        reader = Bai2Reader()
        with (shared / name).open("rb") as stream:
            assert reader.recognizes(stream.read(4096), name=name)
            stream.seek(0)
            return reader.read(stream, name=name).collect()

    return read


def _split(collected):
    entries = [row for row in collected.rows if isinstance(row, BankEntry)]
    return entries, [row for row in collected.rows if isinstance(row, BankStatement)]


def _minor(text):
    return None if text is None else int(text.replace(".", ""))


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {ONE_LINE}) or [_ABSENT])
def test_figures_are_the_expected_ones(read, name):
    """Statements, entries, balances and sums are those of the expected row."""
    collected = read(name)
    entries, statements = _split(collected)
    row = EXPECTED[name]
    codes = {problem.code for problem in collected.report.problems}
    found = [
        (
            one.account,
            one.entries,
            one.opening_minor,
            one.closing_minor,
            one.credits_minor,
            one.debits_minor,
        )
        for one in statements
    ]

    assert len(entries) == row["n_transactions"]
    assert found == [
        (one["account"], one["n"], *(_minor(one[key]) for key in _FIGURES))
        for one in row["statements"]
    ]
    assert ("statement.unbalanced" in codes) is (row["balance_holds"] is False)
    assert (codes & _CONTROLS == set()) is row["control_agrees"]


_FIGURES = ("opening", "closing", "credits", "debits")
_CONTROLS = {"bai2.total-differs", "bai2.count-differs"}


@pytest.mark.parametrize("name", [ONE_LINE] if ONE_LINE in FILES else [_ABSENT])
def test_records_on_one_line_prove_the_file(read, name):
    """Once its lines are parted, every balance and every control total of the file holds."""
    collected = read(name)
    entries, statements = _split(collected)

    assert [problem.code for problem in collected.report.problems] == ["bai2.record-broken"]
    assert (len(entries), len(statements)) == (26, 15)
    assert all(one.difference_minor == 0 for one in statements)


@pytest.mark.parametrize("name", FILES or [_ABSENT])
def test_every_file_is_read(read, name):
    """No file of the corpora raises, and each gives statements."""
    assert _split(read(name))[1]


@pytest.mark.needs("bai2")
@pytest.mark.parametrize("name", sorted(set(FILES) - {ONE_LINE}) or [_ABSENT])
def test_library_reads_the_same(read, shared, name):
    """The library bai2 finds the same amounts and references, in the files that it reads."""
    from bai2 import bai2  # noqa: PLC0415  # a second opinion that may be missing
    from bai2.exceptions import NotSupportedYetException, ParsingException  # noqa: PLC0415

    try:
        parsed = bai2.parse_from_string((shared / name).read_text(), check_integrity=False)
    except (NotSupportedYetException, ParsingException) as error:
        pytest.skip(f"bai2 refuses the file: {error!r}")
    theirs = [
        (one.type_code.code, one.amount, one.bank_reference or "")
        for group in parsed.children
        for account in group.children
        for one in account.children
    ]
    entries, _ = _split(read(name))

    assert [(one.bank_code, abs(one.amount_minor), one.bank_reference) for one in entries] == theirs
