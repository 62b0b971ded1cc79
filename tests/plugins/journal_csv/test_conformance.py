"""The writer ``journal-csv`` is held to what every journal writer must do."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from receivables.money import minor_of
from receivables.plugins import load_plugins
from receivables.testing.journal_writer import JournalWriterTests
from receivables_plugins import journal_csv


class TestJournalCsv(JournalWriterTests):
    """The conformance class, read back by the reader of the standard library."""

    @pytest.fixture
    def spec(self):
        return journal_csv.receivables_journal_writers()[0]

    @pytest.fixture
    def read_back(self):
        return _balances


def _balances(content):
    found = {}
    for row in csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True):
        key = (row["creditor"], row["account"])
        minor = minor_of(Decimal(row["functional_amount"]), row["functional_currency"])
        found[key] = found.get(key, 0) + minor
    return found


def test_plugin_loads_through_the_door():
    """The plug-in registers with a plug-in manager, and the writer is found by its name."""
    plugins = load_plugins(only=[], extra={"journal_csv": journal_csv})

    assert plugins.build("journal-writer", "journal-csv").suffix == ".csv"
