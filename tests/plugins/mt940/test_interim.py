"""Interim reports (MT942) prove their entries by number and sum, and are pending."""

from __future__ import annotations

import pytest

REPORT = (
    ":20:REPORT\n:25:DE89370400440532013000\n:28C:7/1\n:34F:EURD0,\n:34F:EURC0,\n"
    ":13D:2610311200+0100\n:61:2610311031C7,00NTRFNONREF//X1\n:61:2610311031D2,00NTRFNONREF//X2\n"
    ":90D:1EUR2,00\n:90C:1EUR7,00\n-\n"
)


def test_a_report_is_proved_by_its_sums(read, statements, codes):
    """Number and sum of each side; the time of the report is when it was made."""
    found = read(REPORT.encode())
    (report,) = statements(found)

    assert [] == codes(found)
    assert "2026-10-31T12:00+01:00" == report.created_at
    assert (None, None) == (report.opening_minor, report.closing_minor)


@pytest.mark.parametrize(
    ("written", "instead"), [("1EUR7,00", "2EUR7,00"), ("1EUR2,00", "1EUR3,00")]
)
def test_sums_that_differ_are_an_error(written, instead, read, codes):
    """A number or a sum that is not that of the entries is said."""
    assert ["mt940.sums-differ"] == codes(read(REPORT.replace(written, instead).encode()))


@pytest.mark.parametrize(("interim", "is_booked"), [("pending", False), ("booked", True)])
def test_entries_come_again_in_the_statement(interim, is_booked, read, entries, statements):
    """They are pending, unless the settings say that they are booked."""
    found = read(REPORT.encode(), interim=interim)

    assert {is_booked} == {entry.is_booked for entry in entries(found)}
    assert (7_00 if is_booked else 0) == statements(found)[0].credits_minor


def test_the_currency_of_a_report_without_any(read, entries, codes):
    """Where no field has a currency, the settings have it, or the entries are refused."""
    bare = REPORT.replace(":34F:EURD0,\n:34F:EURC0,\n", "")
    bare = bare[: bare.index(":90D:")] + "-\n"

    assert ["currency.missing"] * 2 == codes(read(bare.encode()))
    assert 2 == len(entries(read(bare.encode(), currency="EUR")))
