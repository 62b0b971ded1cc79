"""Files of banks and of other libraries give the figures that others have found in them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.money import digits
from receivables_plugins.mt940.reader import Mt940Reader
from receivables_plugins.mt940.settings import Mt940Settings

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
_FORMATS = ("mt940", "mt940-fragments", "mt942")


def _files():
    """Every file of the formats that is beside this checkout; none where it is absent."""
    found = (path for name in _FORMATS for path in sorted((_FOLDER / name).rglob("*")))
    return [path.relative_to(_FOLDER).as_posix() for path in found if path.is_file()]


def _expected():
    if not (_FOLDER / "expected.jsonl").is_file():
        return {}
    with (_FOLDER / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["file"]: row for row in rows if row["format"] in _FORMATS and "n_statements" in row}


FILES = _files()
EXPECTED = _expected()

_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)

REFUSED = {
    # Marks, a currency that ISO 4217 does not have any more.
    "mt940-deutsche_bank.txt": "currency.unknown",
    "cmxl/spec/fixtures/mt940.txt": "currency.unknown",
    "@account-identification-variants/spec/fixtures/mt940.txt": "currency.unknown",
    "full/mBank/mt942.sta": "currency.unknown",
    "special-cases/raphaelm.sta": "currency.unknown",
    "cases/base-1.mta": "currency.unknown",
    "mt940_tests/cmxl/mt940.sta": "currency.unknown",
    # A value date in a month that does not exist, in one a balance with a blank inside.
    "sample_JPchar.txt": "date.invalid",
    "mt940-headers.txt": "amount.invalid",
    # The file ends inside an entry, which may go on.
    "self-provided/gv_codes.sta": "file.truncated",
    "self-provided/multiline.sta": "file.truncated",
    "cmxl/statement_details.sta": "file.truncated",
    "cmxl/statement_line.sta": "file.truncated",
    "self-provided/sparkassen.sta": "file.truncated",
    # Not an entry and not a head, only an information.
    "betterplace/empty_86.sta": "file.format",
}
"""Files that are damaged or outdated, by how their names end: an error that says so."""


def _refusal(name):
    return next((code for end, code in REFUSED.items() if name.endswith(end)), None)


def _each(names):
    """The names to run a test with; where there are none, one that says why."""
    return list(names) or [_ABSENT]


_RIGHT = [name for name in EXPECTED if _refusal(name) is None]


@pytest.fixture
def collected(shared):
    """Read a file of the corpora, with a currency for those that say none."""

    def run(name):
        says_none = not EXPECTED.get(name, {}).get("currency")
        reader = Mt940Reader(Mt940Settings(currency="EUR" if says_none else ""))
        with (shared / name).open("rb") as stream:
            return reader.read(stream, name=name).collect()

    return run


def _decimal(minor, currency):
    return None if minor is None else Decimal(minor).scaleb(-digits(currency))


def _exact(text):
    return None if text is None else Decimal(text)


def _sum(entries, sign):
    return sum(
        (abs(entry.amount.amount) for entry in entries if sign * entry.amount_minor > 0),
        start=Decimal(0),
    )


def test_the_corpora_are_read(shared):
    """There are files of each format, and figures for most of them."""
    assert {name.split("/")[0] for name in FILES} == set(_FORMATS)
    assert set(EXPECTED) <= set(FILES)
    assert len(_RIGHT) > 150


@pytest.mark.parametrize("name", _each(FILES), ids=str)
def test_no_file_raises(name, collected, entries, shared):
    """Every file is read; a file without error is complete; every line kept is one of the file."""
    read = collected(name)
    content = (shared / name).read_bytes()
    text = "".join(content.decode(one, errors="replace") for one in ("utf-8", "cp1252"))

    assert read.report.complete is not bool(read.report.errors)
    for entry in entries(read):
        lines = entry.raw.split("\n")
        assert lines[0] in text
        assert all(line in text for line in lines if line.isascii())


@pytest.mark.parametrize("name", _each(name for name in FILES if "fragments" not in name), ids=str)
def test_files_are_recognized(name, shared):
    """The head of every file that is more than a fragment is recognized."""
    with (shared / name).open("rb") as stream:
        assert Mt940Reader().recognizes(stream.read(4096), name=name)


@pytest.mark.parametrize("name", _each(_RIGHT), ids=str)
def test_counts_and_sums(name, collected, entries, statements):
    """Statements, entries and the sums of all entries are the expected ones."""
    row = EXPECTED[name]
    read = collected(name)

    assert row["n_statements"] == len(statements(read))
    assert row["n_transactions"] == len(entries(read))
    assert Decimal(row["sum_credits"]) == _sum(entries(read), 1)
    assert Decimal(row["sum_debits"]) == _sum(entries(read), -1)


@pytest.mark.parametrize("name", _each(_RIGHT), ids=str)
def test_statements(name, collected, statements):
    """Account, currency, balances and difference of each statement are the expected ones."""
    rows = EXPECTED[name].get("statements", [])

    for row, found in zip(rows, statements(collected(name)), strict=False):
        difference = {None: None, True: Decimal(0)}.get(row["balances"], _exact(row["diff"]))
        assert found.account in (row["account"] or "") or "broken" in name
        assert row["currency"] in {found.currency, None}
        assert row["n"] == found.entries
        assert _exact(row["opening"]) == _decimal(found.opening_minor, found.currency)
        assert _exact(row["closing"]) == _decimal(found.closing_minor, found.currency)
        assert difference == _decimal(found.difference_minor, found.currency)


@pytest.mark.parametrize("name", _each(_RIGHT), ids=str)
def test_what_does_not_add_up_is_said(name, collected, codes):
    """A statement that does not add up is a problem of the report, and nothing is repaired."""
    found = codes(collected(name))

    assert EXPECTED[name]["statements_unbalanced"] == found.count("statement.unbalanced")


@pytest.mark.parametrize("name", _each(_RIGHT), ids=str)
def test_references(name, collected, entries):
    """The references of the lines that others found are kept, or say that there is none."""
    found = entries(collected(name))
    raws = "\n".join(entry.raw for entry in found)

    for wanted in EXPECTED[name]["refs"]:
        _, _, bank = wanted.partition("//")
        assert wanted in raws
        if any(one.isdigit() for one in bank):
            # Long ones were cut by others.
            assert any(entry.bank_reference.startswith(bank.rstrip()) for entry in found)


@pytest.mark.parametrize("name", _each(name for name in EXPECTED if _refusal(name)), ids=str)
def test_damage_has_its_place(name, collected):
    """A damaged file gives the error that says so, and no traceback."""
    report = collected(name).report

    assert not report.complete
    assert _refusal(name) in {error.code for error in report.errors}
