"""Fitting needs its extra, and says so; the card that it makes needs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from receivables.errors import MissingExtraError
from receivables.fitting._needs import _loaded


def test_a_missing_library_names_the_extra():
    """The message says what to run."""
    with pytest.raises(MissingExtraError, match="receivables\\[scoring\\]"):
        _loaded("no_such_library")


def test_importing_loads_nothing_heavy():
    """NumPy, pandas and scikit-learn are loaded when something is fitted."""
    code = "import sys, receivables.fitting, receivables.fitting.tables; print(*sys.modules)"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"numpy", "pandas", "sklearn", "narwhals", "scipy"} & set(found.stdout.split())
