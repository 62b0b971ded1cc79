"""The source ``statutory`` does what every source of rates must do."""

from __future__ import annotations

import pytest

from receivables.testing.rate_source import RateSourceTests
from receivables_plugins import rates


class TestStatutory(RateSourceTests):
    """The conformance class over the tables that ship along."""

    @pytest.fixture
    def spec(self):
        return rates.receivables_rate_sources()[0]
