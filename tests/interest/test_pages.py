"""The page of jurisdictions says what the packs and the rates say."""

from __future__ import annotations

import re

import pytest

from receivables.interest import jurisdictions
from receivables_plugins.rates.source import StatutoryRates

from .pages import pack_section, series_row


@pytest.fixture(scope="module")
def page(root):
    """The page as it stands."""
    return (root / "docs" / "reference" / "jurisdictions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", jurisdictions())
def test_each_pack_has_its_section(name, page):
    """Every number of a pack stands there with its article and its status."""
    assert pack_section(jurisdictions()[name]) in page


def test_no_section_is_left_of_a_pack_that_went(page):
    """The sections are the packs, in order."""
    assert list(jurisdictions()) == re.findall(r"^### (.+)$", page, re.MULTILINE)


def test_each_series_has_its_row(page):
    """The table of rates says how far each series reaches, and what of it was not read."""
    rows = [series_row(series) for series in StatutoryRates().series()]

    assert rows == [
        row for row in re.findall(r"^\| `.+\|$", page, re.MULTILINE) if row.count("|") == 7
    ]
