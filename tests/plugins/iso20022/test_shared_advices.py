"""Files of others that are advices give the figures that are known of them, and never a traceback."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.money import digits
from receivables.receipts.advices import AdviceBatch, AdviceKind, PaymentAdvice
from receivables_plugins.iso20022 import receivables_advice_readers

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)
READERS = {spec.name: spec for spec in receivables_advice_readers()}


def _files(*folders):
    found = (path for name in folders for path in sorted((_FOLDER / name).rglob("*")))
    return [path.relative_to(_FOLDER).as_posix() for path in found if path.is_file()]


def _expected():
    if not (_FOLDER / "expected.jsonl").is_file():
        return {}
    with (_FOLDER / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["file"]: row for row in rows if row["format"] == "pain008"}


EXPECTED = _expected()
FILES = _files("pain008", "iso20022-other", "pain001")
STATUSES = [name for name in FILES if "pacs" in name.lower() and "pacs.004" not in name]

NOT_READ = {
    "fednow_incoming.xml": "a technical acknowledgement that has the namespace and no status",
    "admi002.xml": "a rejection of a message that names pacs.002 in its header only",
    "template.xml": "a template of pacs.004",
}
"""Files of other messages: none of the readers takes them, or it refuses them."""


def _read(reader, path):
    with path.open("rb") as stream:
        return reader.read(stream, name=path.name).collect()


@pytest.mark.parametrize("name", list(EXPECTED) or [_ABSENT])
def test_figures(name, shared):
    """Transactions, sum, currencies and references are the expected ones."""
    row = EXPECTED[name]
    read = _read(READERS["pain008"].build({}), shared / name)
    advices = [one for one in read.rows if isinstance(one, PaymentAdvice)]
    total = sum(Decimal(one.amount_minor).scaleb(-digits(one.currency)) for one in advices)
    remittances = [one.remittance for one in advices]
    found = {
        *(f"SCOR:{one}" for each in remittances for one in each.references),
        *(f"E2E:{each.end_to_end or 'NOTPROVIDED'}" for each in remittances),
        *(f"USTRD:{one}" for each in remittances for one in each.text),
    }

    assert read.report.complete is row["n_agrees"]
    assert (row["n_transactions"], Decimal(row["sum"])) == (len(advices), total)
    assert sorted(row["currency"]) == sorted({one.currency for one in advices})
    assert {*row["refs"]} <= found


@pytest.mark.parametrize("name", FILES or [_ABSENT])
def test_every_file(name, shared):
    """Each file is recognized by one reader at most, and none of them raises."""
    head = (shared / name).read_bytes()[:4096]
    readers = {key: spec.build({}) for key, spec in READERS.items()}
    taken = [key for key, reader in readers.items() if reader.recognizes(head, name=name)]

    for reader in readers.values():
        _read(reader, shared / name)
    assert len(taken) <= 1


@pytest.mark.parametrize("name", STATUSES or [_ABSENT])
def test_statuses_between_banks(name, shared):
    """A status report between banks is read as one to a customer is."""
    read = _read(READERS["pain002"].build({}), shared / name)
    advices = [one for one in read.rows if isinstance(one, PaymentAdvice)]
    batches = [one for one in read.rows if isinstance(one, AdviceBatch)]
    rejected = {one.returned.code for one in advices if one.kind is AdviceKind.REJECTION}

    assert read.report.complete
    assert (1, 1) == (len(advices), len(batches))
    assert rejected <= {"AC03", "118"}
    assert bool(rejected) is ("RJCT" in name or "CDATA" in name)


@pytest.mark.parametrize(
    "name", [name for name in FILES if name.rpartition("/")[2] in NOT_READ] or [_ABSENT]
)
def test_other_messages(name, shared):
    """A message of another kind is refused, whatever its header or its namespace says."""
    read = _read(READERS["pain002"].build({}), shared / name)

    assert read.rows == ()
    assert not read.report.complete
