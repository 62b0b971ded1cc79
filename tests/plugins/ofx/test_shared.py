"""Files of other projects give the figures that others have found in them."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.money import digits
from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.ofx.reader import OfxReader

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"


def _expected():
    if not (_FOLDER / "expected.jsonl").is_file():
        return {}
    with (_FOLDER / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["file"]: row for row in rows if row["format"] == "ofx"}


EXPECTED = _expected()
FILES = sorted(
    path.relative_to(_FOLDER).as_posix() for path in (_FOLDER / "ofx").rglob("*") if path.is_file()
)
REFUSED = {
    "ofx/jseutter+ofxparse/tests/fixtures/fail_nice/date_missing.ofx": {
        "date.missing",
        "date.invalid",
    },
}
"""Files whose credits have no day, made so on purpose: they are refused, and only the debit comes."""
_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)


@pytest.fixture
def read(shared):
    """Read a file as an application does: recognized by its head, then streamed."""

    def read(name):
        reader = OfxReader()
        with (shared / name).open("rb") as stream:
            assert reader.recognizes(stream.read(4096), name=name)
            stream.seek(0)
            return reader.read(stream, name=name).collect()

    return read


def _split(collected):
    entries = [row for row in collected.rows if isinstance(row, BankEntry)]
    return entries, [row for row in collected.rows if isinstance(row, BankStatement)]


def _decimal(minor, currency):
    return None if minor is None else Decimal(minor).scaleb(-digits(currency))


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - set(REFUSED)) or [_ABSENT])
def test_figures_are_the_expected_ones(read, name):
    """Statements, entries, ledger balances and sums are those of the expected row."""
    collected = read(name)
    entries, statements = _split(collected)
    row = EXPECTED[name]
    found = [
        (
            one.account,
            one.currency,
            one.entries,
            *(
                _decimal(minor, one.currency)
                for minor in (one.closing_minor, one.credits_minor, one.debits_minor)
            ),
        )
        for one in statements
    ]

    assert len(entries) == row["n_transactions"]
    assert found == [
        (one["account"], one["currency"], one["n"], *map(_number, map(one.get, _FIGURES)))
        for one in row["statements"]
    ]
    assert collected.report.complete


_FIGURES = ("closing", "credits", "debits")


def _number(text):
    return None if text is None else Decimal(text)


@pytest.mark.parametrize("name", sorted(REFUSED) if FILES else [_ABSENT])
def test_damaged_files_are_refused(read, name):
    """A file that is damaged on purpose gives the errors that name its damage."""
    collected = read(name)
    entries, statements = _split(collected)

    assert {error.code for error in collected.report.errors} == REFUSED[name]
    assert (len(entries), len(statements)) == (1, 1)


@pytest.mark.parametrize("name", FILES or [_ABSENT])
def test_every_file_is_read(read, name):
    """No file of the corpora raises; one without a statement says so."""
    collected = read(name)
    _, statements = _split(collected)
    codes = {error.code for error in collected.report.errors}

    assert statements or codes & {"file.empty", "file.truncated"}


@pytest.mark.needs("ofxparse")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES or [_ABSENT])
def test_library_reads_the_same(read, shared, name):
    """The library ofxparse finds the same amounts and identifications, in the files it reads."""
    from ofxparse import OfxParser  # noqa: PLC0415  # a second opinion that may be missing

    entries, _ = _split(collected := read(name))
    if collected.report.errors:
        pytest.skip("the file is refused, or holds no statement")
    try:
        parsed = OfxParser.parse(io.BytesIO((shared / name).read_bytes()))
    except Exception as error:  # noqa: BLE001  # it raises whatever comes
        pytest.skip(f"ofxparse refuses the file: {error!r}")
    statements = [one.statement for one in parsed.accounts]
    listed = [one for statement in statements for one in statement.transactions]
    theirs = [(one.amount, one.id) for one in listed if hasattr(one, "amount")]

    assert sorted(theirs) == sorted((one.amount.amount, one.bank_reference) for one in entries)
