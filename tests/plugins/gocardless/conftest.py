"""What reads pages of GoCardless, and the samples of others."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from receivables_plugins.gocardless import GoCardlessSettings
from receivables_plugins.gocardless.reader import GoCardlessReader


@pytest.fixture
def read():
    """Read pages with some settings."""

    def read(*pages, **settings):
        reader = GoCardlessReader(GoCardlessSettings(**settings))
        content = "\n".join(map(json.dumps, pages)).encode()
        return reader.read(io.BytesIO(content), name="gocardless.json").collect()

    return read


@pytest.fixture
def fixtures(root):
    """The fixtures of GoCardless's own library, beside this checkout."""
    folder = Path(root).parent / "shared" / "corpora" / "erp" / "gocardless"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder
