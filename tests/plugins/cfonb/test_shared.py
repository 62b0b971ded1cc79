"""Files of other libraries give the figures that others have found in them."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.receipts.advices import AdviceBatch, PaymentAdvice
from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.cfonb.advices import Cfonb240Reader
from receivables_plugins.cfonb.statements import Cfonb120Reader

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
_READERS = {"cfonb120": Cfonb120Reader, "cfonb240": Cfonb240Reader}


def _files():
    found = (path for name in _READERS for path in sorted((_FOLDER / name).rglob("*")))
    return [path.relative_to(_FOLDER).as_posix() for path in found if path.is_file()]


def _expected(format_):
    if not (_FOLDER / "expected.jsonl").is_file():
        return {}
    with (_FOLDER / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["file"]: row for row in rows if row["format"] == format_}


FILES = _files()
STATEMENTS = _expected("cfonb120")
ADVICES = _expected("cfonb240")
_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)
_PLAIN = "cfonb120/pennylane-hq+cfonb/@vn_fix_exchange-rate/spec/files/example.txt"
_PENNYLANE = "cfonb120/pennylane-hq+cfonb/spec/files"

DAMAGED = {
    # Damaged on purpose: the codes of the errors, in the order of the file.
    f"{_PENNYLANE}/end_of_statement_without_beginning.txt": [
        "statement.unbalanced",
        "cfonb120.record-order",
    ],
    f"{_PENNYLANE}/invalid_date.txt": [
        "date.invalid",
        "statement.unbalanced",
        "cfonb120.record-order",
    ],
    f"{_PENNYLANE}/new_statement_without_previous_ended.txt": [
        "cfonb120.record-order",
        "statement.unbalanced",
    ],
    f"{_PENNYLANE}/operation.txt": ["cfonb120.record-order", "file.truncated"],
    f"{_PENNYLANE}/operation_already_defined.txt": ["cfonb120.record-order", "file.truncated"],
    f"{_PENNYLANE}/operation_detail_without_operation.txt": [
        "cfonb120.record-order",
        "statement.unbalanced",
    ],
    f"{_PENNYLANE}/operation_out_of_statement.txt": [
        "cfonb120.record-order",
        "cfonb120.record-order",
        "statement.unbalanced",
    ],
    f"{_PENNYLANE}/operation_unstarted.txt": ["cfonb120.record-order"] * 4,
}

STRAY_ENDS = {
    # Their second record 07 is of another account: the row has its balance, and we refuse it.
    f"{_PENNYLANE}/end_of_statement_without_beginning.txt",
    f"{_PENNYLANE}/invalid_date.txt",
}


def _each(names):
    return list(names) or [_ABSENT]


@pytest.fixture
def collected(shared):
    """Read a file of the corpora as an application does: recognized by its head, then streamed."""

    def read(name, *, change=None):
        reader = _READERS[name.split("/")[0]]()
        content = (shared / name).read_bytes()
        content = content if change is None else change(content)
        assert reader.recognizes(content[:4096], name=name)
        return reader.read(io.BytesIO(content), name=name).collect()

    return read


def _of(kind, collected):
    return [row for row in collected.rows if isinstance(row, kind)]


def _exact(text):
    return None if text is None else int(Decimal(text) * 100)


def test_the_corpora_are_read(shared):
    """There are files of both formats, and figures for most of them."""
    assert {name.split("/")[0] for name in FILES} == set(_READERS)
    assert {*STATEMENTS, *ADVICES} <= set(FILES)


@pytest.mark.parametrize("name", _each(FILES))
def test_no_file_raises(name, collected):
    """Every file is recognized and read; a file without error is complete."""
    report = collected(name).report

    assert report.complete is not bool(report.errors)


@pytest.mark.parametrize("name", _each(STATEMENTS))
def test_counts_and_sums(name, collected):
    """Statements, entries and their sums are the expected ones."""
    row = STATEMENTS[name]
    read = collected(name)
    minors = [entry.amount_minor for entry in _of(BankEntry, read)]

    assert row["n_statements"] == len(_of(BankStatement, read))
    assert row["n_transactions"] == len(minors)
    assert _exact(row["sum_credits"]) == sum(one for one in minors if one > 0)
    assert _exact(row["sum_debits"]) == -sum(one for one in minors if one < 0)
    assert {row["currency"]} == {entry.currency for entry in _of(BankEntry, read)}


@pytest.mark.parametrize("name", _each(STATEMENTS))
def test_statements(name, collected):
    """Account, balances and sums of each statement are the expected ones."""
    found = _of(BankStatement, collected(name))

    for row, one in zip(STATEMENTS[name]["statements"], found, strict=True):
        assert row["account"] == one.account[4:-2]
        assert row["n"] == one.entries
        assert _exact(row["opening"]) == one.opening_minor
        assert (_exact(row["credits"]), _exact(row["debits"])) == (
            one.credits_minor,
            one.debits_minor,
        )
        if name not in STRAY_ENDS:
            assert _exact(row["closing"]) == one.closing_minor
            assert {True: 0, None: None}.get(row["balances"], _exact(row["diff"])) == (
                one.difference_minor
            )


@pytest.mark.parametrize("name", _each(STATEMENTS))
def test_what_does_not_add_up_is_said(name, collected):
    """A statement that does not add up is an error of the report, and nothing is repaired."""
    codes = [problem.code for problem in collected(name).report.errors]

    assert STATEMENTS[name]["statements_unbalanced"] == codes.count("statement.unbalanced")


@pytest.mark.parametrize("name", _each(STATEMENTS))
def test_labels_and_references(name, collected):
    """Each entry has the label and the reference that others found."""
    found = []
    for entry in _of(BankEntry, collected(name)):
        references = [dict(detail.references).get("reference", "") for detail in entry.details]
        found.append(f"{entry.text} | {''.join(references)}".strip())

    assert STATEMENTS[name]["refs"] == found


@pytest.mark.parametrize("name", _each(name for name in FILES if name in DAMAGED))
def test_damage_has_its_place(name, collected):
    """A file that was damaged on purpose gives errors with a line, and no traceback."""
    errors = collected(name).report.errors

    assert DAMAGED[name] == [error.code for error in errors]
    assert all(error.place.line for error in errors)


@pytest.mark.parametrize("name", _each(ADVICES))
def test_advices(name, collected):
    """Batches, advices, sums and totals are the expected ones; the totals do not hold, and it is said."""
    row = ADVICES[name]
    read = collected(name)
    batches = _of(AdviceBatch, read)

    assert row["n_statements"] == len(batches)
    assert row["n_transactions"] == len(_of(PaymentAdvice, read))
    assert list(map(_exact, row["sums"])) == [one.credits_minor for one in batches]
    assert list(map(_exact, row["trailer_totals"])) == [one.declared_minor for one in batches]
    assert ["cfonb240.total-differs"] * 2 == [one.code for one in read.report.errors]


@pytest.mark.parametrize("name", _each(name for name in FILES if name.endswith("example.txt")))
def test_without_line_ends(name, collected):
    """The same records in one run give the same entries."""

    def join(content):
        lines = content.decode("latin-1").splitlines()
        return "".join(f"{line:120}" for line in lines if line).encode("latin-1")

    whole, run = (_of(BankEntry, collected(name, change=one)) for one in (None, join))

    assert [one.amount_minor for one in whole] == [one.amount_minor for one in run]
    assert [one.details for one in whole] == [one.details for one in run]


def test_second_opinion(shared, collected):
    """The library python-cfonb finds the same amounts and balances, where it reads the file."""
    statement = pytest.importorskip("cfonb.parser.statement", reason="needs python-cfonb")
    text = (shared / _PLAIN).read_text(encoding="latin-1")
    lines = [line for line in text.splitlines(keepends=True) if line.strip()]
    theirs = statement.StatementReader().parse(io.StringIO("".join(lines)))
    read = collected(_PLAIN)

    assert [int(row["amount"] * 100) for one in theirs for row in one.lines] == [
        entry.amount_minor for entry in _of(BankEntry, read)
    ]
    assert [int(one.footer["next_amount"] * 100) for one in theirs] == [
        one.closing_minor for one in _of(BankStatement, read)
    ]
