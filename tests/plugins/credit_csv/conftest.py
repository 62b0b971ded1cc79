"""Lists of credit information made for the tests of the source ``credit-csv``."""

from __future__ import annotations

import io

import pytest

from receivables_plugins import credit_csv

(SPEC,) = credit_csv.receivables_credit_sources()


def _read(content, **settings):
    source = SPEC.build(settings)
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
def spec():
    """The descriptor of the adapter."""
    return SPEC
