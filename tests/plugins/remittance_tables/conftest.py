"""Tables made for the tests of the readers of remittances."""

from __future__ import annotations

import io

import pytest

from receivables.receipts.advices import PaymentAdvice
from receivables_plugins.remittance_tables import receivables_advice_readers

UNPROVED = {"remittance-csv.unproved", "remittance-excel.unproved"}
"""The warning of tables without a total, as most of those written here are."""

SPECS = {spec.name: spec for spec in receivables_advice_readers()}


@pytest.fixture(scope="session")
def read():
    """Read a text or bytes as a delimited remittance, with the settings of a payer."""

    def run(content, **settings):
        data = content.encode() if isinstance(content, str) else content
        reader = SPECS["remittance-csv"].build(settings)
        return reader.read(io.BytesIO(data), name="remittance.csv").collect()

    return run


@pytest.fixture(scope="session")
def payments(read):
    """The payments of a delimited remittance that is complete."""

    def run(content, **settings):
        collected = read(content, **settings)
        assert {one.code for one in collected.report.problems} <= UNPROVED
        return [row for row in collected.rows if isinstance(row, PaymentAdvice)]

    return run


@pytest.fixture(scope="session")
def codes():
    """The codes of the problems of a read, but that it has no total."""

    def of(collected):
        found = [one.code for one in collected.report.problems]
        return [code for code in found if code not in UNPROVED]

    return of
