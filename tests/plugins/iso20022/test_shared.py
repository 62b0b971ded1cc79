"""Files of banks and of other libraries give the figures that others have found in them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.money import digits
from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.iso20022.reader import Camt053Reader

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
_FORMATS = ("camt052", "camt053", "camt054")


def _files():
    """Every file of the three formats that is beside this checkout; none where it is absent."""
    found = (path for name in _FORMATS for path in sorted((_FOLDER / name).rglob("*")))
    return [path.relative_to(_FOLDER).as_posix() for path in found if path.is_file()]


def _expected():
    if not (_FOLDER / "expected.jsonl").is_file():
        return {}
    with (_FOLDER / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["file"]: row for row in rows if row["format"] in _FORMATS}


FILES = _files()
EXPECTED = _expected()

_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)


def _each(names):
    """The names to run a test with; where there are none, one that says why."""
    return list(names) or [_ABSENT]


DAMAGED = {
    "camt053/genkgo+camt/test/data/camt053.v2.wrong.xml": [("file.empty", "BkToCstmrStmt")],
    "camt053/sebastienrousseau+bankstatementparser/tests/test_data/golden/"
    "camt053_garbled_amount.xml": [("amount.invalid", "BkToCstmrStmt/Stmt/Ntry/Amt")],
}
"""Files that are damaged on purpose: the code of the error."""


@pytest.fixture
def collected(shared):
    """Read a file of the corpora as an application does: recognized by its head, then streamed."""

    def read(name):
        reader = Camt053Reader()
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


def _sum(entries, sign):
    return sum(
        (abs(entry.amount.amount) for entry in entries if sign * entry.amount_minor > 0),
        start=Decimal(0),
    )


def _exact(text):
    return None if text is None else Decimal(text)


def test_the_corpora_are_read(shared):
    """There are files of each of the three formats, and figures for most of them."""
    assert {name.split("/")[0] for name in FILES} == set(_FORMATS)
    assert set(EXPECTED) <= set(FILES)


@pytest.mark.parametrize("name", _each(FILES))
def test_no_file_raises(name, collected):
    """Every file is recognized and read; a file without error is complete."""
    read = collected(name)

    assert read.report.complete is not bool(read.report.errors)


@pytest.mark.parametrize("name", _each(EXPECTED))
def test_counts_and_sums(name, collected):
    """Statements, entries, transactions and the sums of all entries are the expected ones."""
    row = EXPECTED[name]
    entries, statements = _split(collected(name))

    assert row["n_statements"] == len(statements)
    assert row["n_transactions"] == len(entries)
    assert row["n_detail_transactions"] == sum(len(entry.details) for entry in entries)
    assert Decimal(row["sum_credits"]) == _sum(entries, 1)
    assert Decimal(row["sum_debits"]) == _sum(entries, -1)


@pytest.mark.parametrize("name", _each(EXPECTED))
def test_statements(name, collected):
    """GlAccount, currency, balances and difference of each statement are the expected ones."""
    rows = EXPECTED[name]["statements"]
    _, statements = _split(collected(name))

    for row, found in zip(rows, statements, strict=True):
        difference = {None: None, True: Decimal(0)}.get(row["balances"], _exact(row["diff"]))

        assert (row["account"], row["currency"]) == (found.account, found.currency)
        assert _exact(row["opening"]) == _decimal(found.opening_minor, found.currency)
        assert _exact(row["closing"]) == _decimal(found.closing_minor, found.currency)
        assert row["not_booked"] == found.entries - found.booked_entries
        assert difference == _decimal(found.difference_minor, found.currency)


@pytest.mark.parametrize("name", _each(EXPECTED))
def test_what_does_not_add_up_is_said(name, collected):
    """A statement that does not add up is a problem of the report, and nothing is repaired."""
    codes = [problem.code for problem in collected(name).report.problems]

    assert EXPECTED[name]["statements_unbalanced"] == codes.count("statement.unbalanced")


@pytest.mark.parametrize("name", _each(EXPECTED))
def test_references(name, collected):
    """References, documents and texts that others found are there; long texts were cut by them."""
    entries, _ = _split(collected(name))
    remittances = [detail.remittance for entry in entries for detail in entry.details]
    found = {
        *(f"SCOR:{one}" for each in remittances for one in each.references),
        *(f"DOC:{one.number}" for each in remittances for one in each.documents),
        *(f"E2E:{each.end_to_end}" for each in remittances),
        *(f"USTRD:{one}" for each in remittances for one in each.text),
    }

    for wanted in EXPECTED[name]["refs"]:
        assert any(one.startswith(wanted) for one in found)


@pytest.mark.parametrize(
    "name", _each([name for name, row in EXPECTED.items() if "return_reasons" in row])
)
def test_return_reasons(name, collected):
    """The reasons of returns come in the order of the file."""
    entries, _ = _split(collected(name))
    reasons = [one.returned.code for each in entries for one in each.details if one.returned]

    assert EXPECTED[name]["return_reasons"] == reasons


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_has_its_place(name, collected):
    """A file that was damaged on purpose gives an error with a line, and no traceback."""
    report = collected(name).report
    errors = report.errors

    assert not report.complete
    assert [code for code, _ in DAMAGED[name]] == [error.code for error in errors]
    assert all(error.place.line for error in errors)


def test_first_transaction_of_others_tests(collected):
    """Amount, dates and reference are those that the author of the file tests for."""
    compared = 0
    for name, row in EXPECTED.items():
        entries, _ = _split(collected(name))
        for wanted in (one["first"] for one in row.get("upstream", ()) if "first" in one):
            compared += 1
            first = entries[0]
            assert Decimal(wanted["amount"]) == abs(first.amount.amount)
            assert wanted["booking"] == first.booking_date.isoformat()
            if "value" in wanted:
                assert wanted["value"] == first.value_date.isoformat()
            if "creditor_ref" in wanted:
                assert wanted["creditor_ref"] in first.details[0].remittance.references

    assert compared
