"""The NACHA files of others, row by row of what is known about them."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.receipts import AdviceBatch, AdviceKind, PaymentAdvice
from receivables_plugins.nacha.reader import NachaReader

FOLDER = Path(__file__).parents[4] / "shared" / "corpora" / "bank"
CONTROLS = {
    "batches": "nacha.batches-differ",
    "entries_addenda": "nacha.count-differs",
    "debits": "nacha.debits-differ",
    "credits": "nacha.credits-differ",
    "hash": "nacha.hash-differs",
}
REFUSED = {
    "test/issues/testdata/issue1600/1e5RecordBefore1or8.txt": "a file header inside of a batch",
    "test/issues/testdata/issue1600/1k8RecordFollowing9Record.txt": "a batch control after the end",
    "test/testdata/adv-invalidBatchEntries.ach": "addenda without an entry",
    "test/testdata/iat-batchHeaderErr.ach": "addenda below a second batch header",
    "test/testdata/iat-invalidEntryDetail.ach": "a transaction code that is none",
    "test/testdata/invalid-two-micro-deposits.ach": "an amount with a letter",
}
"""Files that were damaged on purpose, and why a record of them is refused."""


def _rows():
    if not FOLDER.is_dir():
        return []
    lines = (FOLDER / "expected.jsonl").read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["format"] == "nacha"]


def _name(path):
    return path.removeprefix("nacha/moov-io+ach/")


def _read(path):
    with (FOLDER / path).open("rb") as stream:
        return NachaReader().read(stream, name=path).collect()


def _minor(amount):
    return int(Decimal(amount) * 100)


def _is_debit(advice, *, is_adv):
    code = dict(advice.references)["transaction-code"]
    return int(code[1]) % 2 == 0 if is_adv else int(code[1]) >= 5


@pytest.fixture(params=_rows() or [None], ids=lambda row: _name(row["file"]) if row else "absent")
def row(request):
    if request.param is None:
        pytest.skip("shared corpora are not beside this checkout")
    return request.param


def test_figures_are_those_expected(row):
    """Entries, addenda, batches, sums, codes and controls are those of an independent reading."""
    if reason := REFUSED.get(_name(row["file"])):
        assert not _read(row["file"]).report.complete, reason
        return
    collected = _read(row["file"])
    advices = [one for one in collected.rows if isinstance(one, PaymentAdvice)]
    sums = {True: 0, False: 0}
    for one in advices:
        sums[_is_debit(one, is_adv="ADV" in row["sec"])] += abs(one.amount_minor)
    codes = {
        kind: sorted(
            {one.returned.code for one in advices if one.kind is kind and one.returned.code}
        )
        for kind in (AdviceKind.RETURN, AdviceKind.CHANGE)
    }

    assert row["n_transactions"] == len(advices)
    assert row["n_addenda"] == sum(one.raw.count("\n") for one in advices)
    assert row["n_batches"] == sum(isinstance(one, AdviceBatch) for one in collected.rows)
    assert (_minor(row["sum_credits"]), _minor(row["sum_debits"])) == (sums[False], sums[True])
    assert row["sec"] == sorted({dict(one.references)["class"] for one in advices})
    assert (row["return_codes"], row["noc_codes"]) == tuple(codes.values())


def test_controls_are_proved(row):
    """A file control that does not hold is an error, and one that holds leaves the read complete."""
    collected = _read(row["file"])
    if _name(row["file"]) in REFUSED:
        assert not collected.report.complete
        return
    said = {
        one.code
        for one in collected.report.errors
        if (one.place.field or "").startswith("file control")
    }

    assert {CONTROLS[name] for name, holds in row["control_detail"].items() if not holds} == said
    assert row["control_agrees"] or not collected.report.complete


def test_what_is_refused_is_damaged():
    """No other file of the corpus has an entry that cannot be read."""
    if not FOLDER.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    whole = {_name(row["file"]) for row in _rows() if row["control_agrees"]}
    incomplete = {name for name in whole if not _read(f"nacha/moov-io+ach/{name}").report.complete}

    assert (
        set(REFUSED)
        - {
            "test/testdata/adv-invalidBatchEntries.ach",
            "test/testdata/iat-batchHeaderErr.ach",
            "test/testdata/invalid-two-micro-deposits.ach",
        }
        == incomplete
    )


def test_every_file_is_read_and_recognized():
    """No file raises, and each that begins as the format does is recognized."""
    if not FOLDER.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    for path in sorted(one for one in (FOLDER / "nacha").rglob("*") if one.is_file()):
        content = path.read_bytes()
        collected = NachaReader().read(io.BytesIO(content), name=path.name).collect()

        assert NachaReader().recognizes(content[:4096], name=path.name), path
        assert collected.report.rows == len(collected.rows)
