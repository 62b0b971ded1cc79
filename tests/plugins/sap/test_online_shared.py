"""Files that others made: a city's feeds of the cube, and answers of an emulator."""

from __future__ import annotations

import pytest

from receivables.testing.ledger_source import balances
from receivables_plugins.sap import SapCubeSettings
from receivables_plugins.sap.cube import CubeSource

CITY = {"creditor": "CITY", "customer": "C-1", "currency": "EUR"}


@pytest.fixture
def read(shared):
    """What becomes of a shared file under some settings."""

    def collected(path, **settings):
        source = CubeSource(SapCubeSettings(**settings))
        with (shared / path).open("rb") as stream:
            head = stream.read(4096)
            stream.seek(0)
            return source.recognizes(head, name=path), source.read(stream, name=path).collect()

    return collected


def test_the_open_feed_of_a_city_is_read(read):
    """Texts and numbers, a credit, several lines of a document without numbers of their own."""
    known, found = read("amsterdam_afis/unit_openstaande-facturen.json", **CITY)

    assert known
    assert balances(found.rows) == {"EUR": 343_00 + 343_00 + 5_50 - 16_00 + 1000_00}
    assert {problem.code for problem in found.report.problems} == {
        "sap.items-unnumbered",
        "sap.kind-unsaid",
    }
    assert found.report.complete


@pytest.mark.parametrize(
    "name", ["afgehandelde-facturen", "overgedragen-facturen", "unit_afgehandelde-facturen"]
)
def test_a_feed_without_amounts_is_no_ledger(read, name):
    """Feeds that a portal asked for without amounts are recognized, and refused row by row."""
    known, found = read(f"amsterdam_afis/{name}.json", **CITY)

    assert known
    assert found.rows == ()
    assert {problem.code for problem in found.report.problems} == {"amount.invalid"}


def test_mandates_are_no_items(read):
    """Another feed of the same city is not taken for items."""
    known, _ = read("amsterdam_afis/e-mandates.json", **CITY)

    assert not known


def test_the_emulator_needs_its_signs_said(read):
    """Its amounts have no sign, which the lines of other accounts prove."""
    _, wrong = read("mock_sap/oplacctgdocitemcube.json")
    known, found = read("mock_sap/oplacctgdocitemcube.json", signs="unsigned")

    assert known
    assert {problem.code for problem in wrong.report.errors} == {"amount.sign"}
    assert found.report.complete
    assert {row.customer for row in found.rows} >= {"1000006", "1000008"}
