"""Entries as another library cuts them, where it reads the file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables.receipts import PaymentAdvice
from receivables_plugins.nacha.reader import NachaReader

FOLDER = Path(__file__).parents[4] / "shared" / "corpora" / "bank" / "nacha"
parser = pytest.importorskip("ach.parser", reason="needs ach")

OWN_LAYOUTS = ("adv", "iat", "IAT", "ADV", "20110805A")
"""Accounting and international entries, which the other library cuts as all others."""


def _theirs(text):
    """Amount, trace and addenda of each entry; None where it does not read the file."""
    try:
        batches = parser.Parser(text).as_dict()["batches"]
    except (IndexError, KeyError):
        return None
    return [
        (
            entry["entry_detail"]["amount"],
            entry["entry_detail"]["trace_num"],
            len(entry["addenda"]),
        )
        for batch in batches
        for entry in batch["entries"]
    ]


def test_entries_are_those_of_another_library():
    """Amounts, traces and addenda agree in every file that both read whole."""
    if not FOLDER.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    compared = 0
    for path in sorted(one for one in FOLDER.rglob("*") if one.is_file()):
        content = path.read_bytes()
        collected = NachaReader().read(io.BytesIO(content), name=path.name).collect()
        if any(mark in path.name for mark in OWN_LAYOUTS) or not collected.report.complete:
            continue
        theirs = _theirs(content.decode("utf-8").replace("\r", ""))
        if not theirs:
            continue
        ours = [
            (f"{abs(one.amount_minor):010}", dict(one.references)["trace"], one.raw.count("\n"))
            for one in collected.rows
            if isinstance(one, PaymentAdvice)
        ]

        assert theirs == ours, path
        compared += 1
    assert compared > 60
