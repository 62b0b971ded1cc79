"""Importing the library in fresh interpreters, beside importing what it cannot do without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from typing import Final

from benchmarks._harness import Benchmark

_NEEDED: Final = "import attrs, moneyed, dateutil.relativedelta"
_PACKAGE: Final = "import receivables"
_FIRST_USE: Final = """
import datetime as dt
import receivables as ar
from receivables.documents import open_items
from receivables.money import money

invoice = ar.Invoice(
    number="2026-0117", creditor="MIRA", customer="C-017",
    document_date=dt.date(2026, 9, 30), due_date=dt.date(2026, 10, 30),
    total=money("1200.00", "EUR"),
)
assert ar.AgingScheme(30, 60, 90).labels and open_items(invoice)
"""

_HEAVY: Final = frozenset(
    {
        "duckdb",
        "hypothesis",
        "narwhals",
        "numpy",
        "pandas",
        "polars",
        "pyarrow",
        "pyspark",
        "pytest",
        "receivables_plugins",
        "schwifty",
        "sqlalchemy",
        "stdnum",
        "typst",
        "xlsxwriter",
    }
)


def benchmarks() -> Iterable[Benchmark]:
    """The bare import, and the first use of the values that most people need."""
    questions = (
        ("import receivables", _PACKAGE, 0.060),
        ("import and first use", _FIRST_USE, None),
    )
    for name, code, limit in questions:
        yield Benchmark(
            name=name,
            size="fresh interpreter",
            ours=_Fresh(code),
            peer_name="attrs, moneyed, dateutil",
            peer=_Fresh(_NEEDED),
            limit_beyond_s=limit,
            check=_check_light,
            runs=15,
        )


class _Fresh:
    """Code that runs in an interpreter of its own and says what it loaded."""

    def __init__(self, code: str) -> None:
        self._code = f"{code}\nimport sys; print(*sys.modules)"

    def __call__(self) -> set[str]:
        ran = subprocess.run(
            [sys.executable, "-c", self._code], capture_output=True, check=True, text=True
        )
        return {name.partition(".")[0] for name in ran.stdout.split()}


def _check_light(mine: set[str], _theirs: set[str]) -> None:
    heavy = sorted(mine & _HEAVY)
    assert not heavy, f"importing loads {', '.join(heavy)}"
