"""A ledger with receipts that pay things, and a store that keeps its events."""

from __future__ import annotations

import pytest

from receivables.plugins import load_plugins


@pytest.fixture
def store(tmp_path):
    """An empty journal in a file."""
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    opened = load_plugins(only=["sql"]).build("store", "sql", {"url": url})
    yield opened
    opened.close()
