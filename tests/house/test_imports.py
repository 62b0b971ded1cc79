"""Importing costs what is used: nothing third-party at first, nothing heavy with an adapter."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_ADAPTERS = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "entry-points"
]["receivables"]
_HEAVY = {
    "python_calamine",
    "rapidfuzz",
    "cyclopts",
    "duckdb",
    "hypothesis",
    "lxml",
    "narwhals",
    "numpy",
    "openpyxl",
    "pandas",
    "polars",
    "psycopg",
    "pyarrow",
    "pytest",
    "rich",
    "schwifty",
    "sqlalchemy",
    "stdnum",
    "typst",
    "xlsxwriter",
}
_SCRIPT = """
import sys
before = set(sys.modules)
import {module}
print(*sorted({{name.split(".")[0] for name in set(sys.modules) - before}}))
"""


def _loaded_by(module):
    """The top-level modules that importing one module loads in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(module=module)],
        env={**os.environ, "PYTHONPATH": str(_ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_the_library_loads_nothing_else():
    """`import receivables` loads the package itself and the standard library only."""
    loaded = _loaded_by("receivables")

    assert {name for name in loaded if name not in sys.stdlib_module_names} == {"receivables"}


@pytest.mark.parametrize("adapter", sorted(_ADAPTERS))
def test_importing_an_adapter_loads_nothing_heavy(adapter):
    """An adapter's module is cheap to import: what it needs is loaded when it is built."""
    assert _loaded_by(_ADAPTERS[adapter]) & _HEAVY == set()


def test_the_ground_floor_loads_no_engine():
    """Documents, receipts and the ledger work without any data-frame library."""
    assert _loaded_by("receivables.ledger") & _HEAVY == set()
