"""The writer ``hledger`` is held to what every journal writer must do."""

from __future__ import annotations

import pytest

from receivables.plugins import load_plugins
from receivables.testing.journal_writer import JournalWriterTests
from receivables_plugins import hledger as plugin


@pytest.mark.needs("hledger")
class TestHledger(JournalWriterTests):
    """The conformance class, read back by hledger, whose strict checks must pass."""

    @pytest.fixture
    def spec(self):
        return plugin.receivables_journal_writers()[0]

    @pytest.fixture
    def read_back(self, at_cost):
        return lambda content: at_cost(content.decode("utf-8"))


@pytest.mark.needs("hledger")
class TestCustomersAsAccounts(TestHledger):
    """The same with an account for each customer, and every balance asserted."""

    @pytest.fixture
    def settings(self):
        return {"customers": "accounts", "assertions": True}


def test_plugin_loads_through_the_door():
    """The plug-in registers with a plug-in manager, and the writer is found by its name."""
    plugins = load_plugins(only=[], extra={"hledger": plugin})

    assert plugins.build("journal-writer", "hledger").suffix == ".journal"
