"""The rates that ship along, and the worked cases beside the checkout."""

from __future__ import annotations

import csv
import json

import pytest

from receivables.interest import RateTable
from receivables_plugins.rates.source import StatutoryRates


@pytest.fixture(scope="session")
def rates():
    """Every packaged series of rates, as one table."""
    return RateTable(StatutoryRates().series())


@pytest.fixture(scope="session")
def worked_cases(root):
    """The worked cases of interest, in their order."""
    return _lines(root, "interest.jsonl")


@pytest.fixture(scope="session")
def day_count_cases(root):
    """The worked cases of day counts, in their order."""
    return _lines(root, "daycount.jsonl")


def _lines(root, name):
    path = root.parent / "shared" / "oracles" / name
    if not path.is_file():
        pytest.skip("shared oracles are not beside this checkout")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


@pytest.fixture(scope="session")
def published(root):
    """A function from the name of a published table of rates to its rows."""

    def rows(name):
        path = root.parent / "shared" / "reference" / "rates" / name
        if not path.is_file():
            pytest.skip("shared rates are not beside this checkout")
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    return rows
