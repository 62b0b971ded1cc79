"""The writer ``beancount`` is held to what every journal writer must do."""

from __future__ import annotations

import pytest

from receivables.plugins import load_plugins
from receivables.testing.journal_writer import JournalWriterTests
from receivables_plugins import beancount


@pytest.mark.needs("beancount")
class TestBeancount(JournalWriterTests):
    """The conformance class, read back by the loader of beancount, which must find no error."""

    @pytest.fixture
    def spec(self):
        return beancount.receivables_journal_writers()[0]

    @pytest.fixture
    def read_back(self, at_price):
        return lambda content: at_price(content.decode("utf-8"))


@pytest.mark.needs("beancount")
class TestCustomersAsAccounts(TestBeancount):
    """The same with an account for each customer, and every balance asserted."""

    @pytest.fixture
    def settings(self):
        return {"customers": "accounts", "assertions": True}


def test_plugin_loads_through_the_door():
    """The plug-in registers with a plug-in manager, and the writer is found by its name."""
    plugins = load_plugins(only=[], extra={"beancount": beancount})

    assert plugins.build("journal-writer", "beancount").suffix == ".beancount"
