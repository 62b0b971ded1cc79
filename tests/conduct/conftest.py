"""The worked cases beside the checkout, by their names."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="session")
def cases(root):
    """The worked cases of dunning and conduct, by their names."""
    path = root.parent / "shared" / "oracles" / "dunning.jsonl"
    if not path.is_file():
        pytest.skip("shared oracles are not beside this checkout")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return {row["id"]: row for row in rows}
