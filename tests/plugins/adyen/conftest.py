"""What reads reports of Adyen."""

from __future__ import annotations

import io

import pytest

from receivables_plugins.adyen import AdyenSettings
from receivables_plugins.adyen.reader import AdyenReader


@pytest.fixture
def read():
    """Read bytes with some settings."""

    def read(content, name="settlement_detail_report_batch_4.csv", **settings):
        reader = AdyenReader(AdyenSettings(**settings))
        return reader.read(io.BytesIO(content), name=name).collect()

    return read
