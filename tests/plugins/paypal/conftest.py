"""What reads reports of PayPal, and the samples of others."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from receivables_plugins.paypal import PayPalSettings
from receivables_plugins.paypal.reader import PayPalReader


@pytest.fixture
def read():
    """Read bytes, or pages, with some settings."""

    def read(*contents, **settings):
        reader = PayPalReader(PayPalSettings(**settings))
        raw = [
            content if isinstance(content, bytes) else json.dumps(content).encode()
            for content in contents
        ]
        return reader.read(io.BytesIO(b"\n".join(raw)), name="paypal").collect()

    return read


@pytest.fixture
def specification(root):
    """The description of Transaction Search, beside this checkout."""
    folder = Path(root).parent / "shared" / "corpora" / "erp" / "paypal"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    text = (folder / "reporting_transactions_v1.json").read_text(encoding="utf-8")
    return json.loads(text)
