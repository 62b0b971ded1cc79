"""What reads reports of Stripe, and the samples of others."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables_plugins.stripe import StripeSettings
from receivables_plugins.stripe.reader import StripeReader


@pytest.fixture
def read():
    """Read bytes with some settings."""

    def read(content, name="stripe.csv", **settings):
        reader = StripeReader(StripeSettings(**settings))
        return reader.read(io.BytesIO(content), name=name).collect()

    return read


@pytest.fixture
def seeds(root):
    """The samples of others, beside this checkout."""
    folder = Path(root).parent / "shared" / "corpora" / "erp" / "stripe"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder
