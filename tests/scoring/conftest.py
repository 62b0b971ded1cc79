"""What the tests of scoring share."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def oracles():
    """The published cases of credit by their identity, where the shared folder is beside this one."""
    path = Path(__file__).resolve().parents[2].parent / "shared" / "oracles" / "credit.jsonl"
    if not path.is_file():
        pytest.skip("shared corpora are not beside this checkout")
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, filter(None, lines))}
