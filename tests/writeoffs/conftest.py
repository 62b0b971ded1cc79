"""The oracles of the allowance, where they are beside the checkout."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="session")
def oracle(root):
    """A worked case by its name."""
    path = root.parent / "shared" / "oracles" / "allowance.jsonl"
    if not path.exists():
        pytest.skip("shared oracles are not beside this checkout")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return {row["id"]: row for row in rows}.__getitem__
