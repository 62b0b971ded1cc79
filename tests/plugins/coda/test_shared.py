"""Files of other libraries give the figures that others have found in them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.coda.reader import CodaReader

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)


def _expected():
    if not (_FOLDER / "expected.jsonl").is_file():
        return {}
    with (_FOLDER / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["file"]: row for row in rows if row["format"] == "coda"}


FILES = [
    path.relative_to(_FOLDER).as_posix()
    for path in sorted((_FOLDER / "coda").rglob("*"))
    if path.is_file()
]
EXPECTED = _expected()

_EDITED = {"coda.count-differs", "coda.sum-differs", "statement.unbalanced"}
PROBLEMS = {
    "sample1.cod": {"coda.more-expected"},
    "sample2.cod": {
        "amount.inexact",
        "coda.account-differs",
        "coda.more-expected",
        "statement.incomplete",
    },
    "sample3.cod": _EDITED | {"coda.account-differs"},
    "sample4.cod": _EDITED | {"coda.account-differs"},
    "sample5.cod": _EDITED | {"coda.more-expected"},
    "sample6.cod": _EDITED | {"amount.inexact", "coda.more-expected"},
}
"""What is wrong with each file, by its name: all but the first were edited."""

REFUSED = {
    "sample2.cod": {"closing"},  # 23,154.685 euros
    "sample6.cod": {"n", "debits"},  # a movement of 767.823 euros
}
"""Figures that are no whole cents, which are refused."""


def _each(names):
    return list(names) or [_ABSENT]


@pytest.fixture
def collected(shared):
    """Read a file of the corpora as an application does: recognized by its head, then streamed."""

    def read(name):
        reader = CodaReader()
        with (shared / name).open("rb") as stream:
            assert reader.recognizes(stream.read(4096), name=name)
            stream.seek(0)
            return reader.read(stream, name=name).collect()

    return read


def _split(collected):
    entries = [row for row in collected.rows if isinstance(row, BankEntry)]
    return entries, [row for row in collected.rows if isinstance(row, BankStatement)]


def _exact(minor):
    return None if minor is None else Decimal(minor).scaleb(-2)


@pytest.mark.parametrize("name", _each(FILES))
def test_problems(name, collected):
    """Each file of the folder is read without an exception, and what is wrong with it is said."""
    report = collected(name).report

    assert {problem.code for problem in report.problems} == PROBLEMS[name.split("/")[-1]]


@pytest.mark.parametrize("name", _each(EXPECTED))
def test_figures(name, collected):
    """Counts, sums and balances are the expected ones, but for those that are no whole cents."""
    row = EXPECTED[name]
    _, statements = _split(collected(name))

    assert row["n_statements"] == len(statements)
    for wanted, found in zip(row["statements"], statements, strict=True):
        figures = {
            "n": found.entries,
            "opening": _exact(found.opening_minor),
            "closing": _exact(found.closing_minor),
            "credits": _exact(found.credits_minor),
            "debits": _exact(found.debits_minor),
        }
        for figure in figures.keys() - REFUSED.get(name.split("/")[-1], set()):
            assert Decimal(wanted[figure]) == figures[figure]
        assert "".join(wanted["account"].split()).startswith(found.account)


@pytest.mark.parametrize("name", _each(EXPECTED))
def test_balances_and_controls(name, collected):
    """A statement that does not add up is said not to, and nothing is repaired."""
    row = EXPECTED[name]
    codes = {problem.code for problem in collected(name).report.problems}

    assert row["balance_holds"] is codes.isdisjoint({"statement.unbalanced", "amount.inexact"})
    assert row["control_agrees"] is codes.isdisjoint({"coda.sum-differs", "coda.count-differs"})


@pytest.mark.parametrize("name", _each([name for name in EXPECTED if "sample1" in name]))
def test_references(name, collected):
    """The structured communications that others found are those of the movements, in order."""
    entries, _ = _split(collected(name))
    found = [one for entry in entries for one in entry.details[0].remittance.references]

    assert [f"STRUCT 101:{one}" for one in found] == EXPECTED[name]["refs"]


def _same(entries, moves):
    assert [(one.amount, one.entry_date) for one in moves] == [
        (_exact(one.amount_minor), one.booking_date) for one in entries
    ]
    assert [one.transaction_code for one in moves] == [one.bank_code for one in entries]
    assert [one.bank_reference.strip() for one in moves] == [one.bank_reference for one in entries]
    assert [(one.counterparty_name or "").strip() for one in moves] == [
        one.details[0].payer.name if len(one.details) == 1 else "" for one in entries
    ]


@pytest.mark.parametrize("name", _each([name for name in EXPECTED if "sample1" in name]))
def test_beside_febelfin_coda(name, shared, collected):
    """Where another library reads the file, its entries are ours."""
    coda = pytest.importorskip("coda")
    entries, _ = _split(collected(name))

    _same(entries, coda.CODA(str(shared / name)).statements[0].moves)


def test_the_standards_own_sample():
    """The statement of 59 movements that comes with the other library adds up, details and all."""
    coda = pytest.importorskip("coda")
    path = Path(coda.__file__).parent / "CODA.txt"
    if not path.is_file():
        pytest.skip("needs the sample that comes with febelfin-coda")
    with path.open("rb") as stream:
        collected = CodaReader().read(stream, name="CODA.txt").collect()
    entries, (found,) = _split(collected)
    moves = coda.CODA(str(path)).statements[0].moves

    assert collected.report.problems == ()
    assert (found.closing_minor, found.difference_minor) == (9_405_296_99, 0)
    assert [(one.amount, one.transaction_code) for one in moves] == [
        (_exact(one.amount_minor), one.bank_code) for one in entries
    ]
