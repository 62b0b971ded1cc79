"""Disputes are counted by group and currency."""

from __future__ import annotations

import pytest

from receivables.disputes import DisputeGrouping, dispute_statistics, standings
from receivables.errors import PolicyError
from receivables.testing.builders import CREDITOR, an_invoice

from .worlds import Story, a_dispute, a_part, day


@pytest.fixture(scope="module")
def found():
    """Four disputes: two valid, one split over two currencies, one open."""
    story = Story(an_invoice(), an_invoice("FA-3", total="300", currency="JPY"))
    story.open().open(a_dispute("D-2", reason="price", owner="sales"))
    story.open(a_dispute("D-3", parts=[a_part(), a_part("FA-3", "200", "JPY")]))
    story.open(a_dispute("D-4", parts=[a_part(amount="5.00")]))
    story.decide("valid", on=4).decide("valid", on=9, dispute="D-4")
    story.decide("split", on=20, dispute="D-3", accepted=[a_part("FA-3", "50", "JPY")])
    return standings(story.ledger, CREDITOR, as_of=day(30))


def test_rows_by_reason_owner_and_outcome(found):
    """Each group has a row per currency, with its amounts and its days."""
    assert dispute_statistics(found).to_rows() == [
        ("price", "sales", "open", "EUR", 1, 0, 3_000, 3_000, 0, 0, None, None),
        ("quality", "quality", "split", "EUR", 1, 1, 3_000, 0, 0, 3_000, 20, 20),
        ("quality", "quality", "split", "JPY", 1, 1, 200, 0, 50, 150, 20, 20),
        ("quality", "quality", "valid", "EUR", 2, 2, 3_500, 0, 3_500, 0, 4, 9),
    ]


def test_rows_by_one_grouping(found):
    """Fewer groupings make fewer rows, and add up to the same."""
    rows = dispute_statistics(found, by=["customer"]).to_dicts()

    assert [(row["customer"], row["currency"], row["disputes"]) for row in rows] == [
        ("C-017", "EUR", 4),
        ("C-017", "JPY", 1),
    ]
    assert rows[0]["median_days"] == 9


def test_without_groupings_there_is_a_row_per_currency(found):
    """Currencies are never added."""
    assert [row.currency for row in dispute_statistics(found, by=()).rows] == ["EUR", "JPY"]


def test_a_grouping_stands_once(found):
    """The same grouping twice is a mistake."""
    with pytest.raises(PolicyError, match="each grouping once"):
        dispute_statistics(found, by=[DisputeGrouping.REASON, "reason"])
