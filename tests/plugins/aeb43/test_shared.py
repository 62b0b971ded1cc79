"""Files of other libraries give the figures that others have found in them."""

from __future__ import annotations

import json
import warnings
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.aeb43.reader import Aeb43Reader

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)


def _expected():
    if not (_FOLDER / "expected.jsonl").is_file():
        return {}
    with (_FOLDER / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["file"]: row for row in rows if row["format"] == "n43"}


FILES = [
    path.relative_to(_FOLDER).as_posix()
    for path in sorted((_FOLDER / "n43").rglob("*"))
    if path.is_file()
]
EXPECTED = _expected()

PROBLEMS = {
    "example1.n43": {
        "aeb43.count-differs",
        "aeb43.currency-differs",
        "aeb43.sum-differs",
        "file.truncated",
        "statement.unbalanced",
    },
    "example2.n43": {"file.truncated", "statement.incomplete"},
    "movements.n43": set(),
}
"""What is wrong with each file, by its name: two were edited, and two end without a record 88."""


def _each(names):
    return list(names) or [_ABSENT]


@pytest.fixture
def collected(shared):
    """Read a file of the corpora as an application does: recognized by its head, then streamed."""

    def read(name):
        reader = Aeb43Reader()
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


def _decimal(text):
    return None if text is None else Decimal(text)


@pytest.mark.parametrize("name", _each(FILES))
def test_problems(name, collected):
    """Each file of the folder is read without an exception, and what is wrong with it is said."""
    report = collected(name).report

    assert {problem.code for problem in report.problems} == PROBLEMS[name.split("/")[-1]]


@pytest.mark.parametrize("name", _each(EXPECTED))
def test_figures(name, collected):
    """Counts, sums and balances are the expected ones."""
    row = EXPECTED[name]
    entries, statements = _split(collected(name))

    assert (row["n_statements"], row["n_transactions"]) == (len(statements), len(entries))
    for wanted, found in zip(row["statements"], statements, strict=True):
        assert (wanted["account"][:8], wanted["account"][8:]) == (
            found.account[4:12],
            found.account[14:],
        )
        assert wanted["n"] == found.entries
        assert _decimal(wanted["opening"]) == _exact(found.opening_minor)
        assert _decimal(wanted["closing"]) == _exact(found.closing_minor)
        assert Decimal(wanted["credits"]) == _exact(found.credits_minor)
        assert Decimal(wanted["debits"]) == _exact(found.debits_minor)
        difference = 0 if wanted["balances"] else _decimal(wanted["diff"])
        assert difference == _exact(found.difference_minor)


@pytest.mark.parametrize("name", _each(EXPECTED))
def test_references(name, collected):
    """The references that others found are among those of the movements."""
    entries, _ = _split(collected(name))
    found = {
        part
        for entry in entries
        for detail in entry.details
        for part in (*detail.remittance.references, *(value for _, value in detail.references))
    }
    wanted = {part for one in EXPECTED[name]["refs"] for part in one.split(" | ")}

    assert {part for part in wanted if part.strip("0")} <= found


@pytest.mark.parametrize("name", _each([name for name in FILES if "movements" in name]))
def test_beside_the_reader_of_tryton(name, shared, collected):
    """Where another library reads the file, its entries are ours."""
    aeb43 = pytest.importorskip("aeb43")
    entries, _ = _split(collected(name))
    (account,) = aeb43.AEB43(str(shared / name), encoding="iso-8859-1").accounts

    assert account.iban == entries[0].account
    assert [(one.transaction_date, one.value_date, one.amount) for one in account.transactions] == [
        (one.booking_date, one.value_date, _exact(one.amount_minor)) for one in entries
    ]
    assert [f"{one.shared_item}-{one.own_item}" for one in account.transactions] == [
        one.bank_code for one in entries
    ]


@pytest.mark.parametrize("case", ["whole"])
def test_beside_csb43(case, request):
    """Where a library that checks every field reads our file, its entries are ours."""
    csb43 = pytest.importorskip("csb43.aeb43")
    content = request.getfixturevalue(case)
    read = request.getfixturevalue("read")
    entries, _ = _split(read(content))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds control digits in references that have none
        (account,) = csb43.read_batch(content.split(b"\r\n")[:-1]).accounts

    assert [one.amount for one in account.transactions] == [
        _exact(one.amount_minor) for one in entries
    ]
