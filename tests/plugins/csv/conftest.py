"""Lists made for the tests of the source ``csv``."""

from __future__ import annotations

import io

import pytest

from receivables.documents import Document
from receivables_plugins import csv

(SPEC,) = csv.receivables_ledger_sources()


def _read(content, **settings):
    source = SPEC.build({"creditor": "MIRA", "currency": "EUR"} | settings)
    raw = content.encode() if isinstance(content, str) else content
    return source.read(io.BytesIO(raw), name="list.csv").collect()


@pytest.fixture(scope="session")
def read():
    """Read a list with some settings."""
    return _read


@pytest.fixture(scope="session")
def problems():
    """The problems of a read, as code, line and field."""

    def of(collected):
        return [(one.code, one.place.line, one.place.field) for one in collected.report.problems]

    return of


@pytest.fixture(scope="session")
def documents():
    """The documents of a read."""

    def of(collected):
        return [row for row in collected.rows if isinstance(row, Document)]

    return of


@pytest.fixture(scope="session")
def shared(root):
    """The folder of payment histories beside this checkout."""
    folder = root.parent / "shared" / "corpora" / "payment_history"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder
