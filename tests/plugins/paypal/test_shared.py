"""The official description of Transaction Search: its fields are those that are read."""

from __future__ import annotations

from .reports import page, transaction


def test_what_is_read_is_in_the_description(specification):
    """Every field of our pages is one that PayPal describes."""
    schemas = specification["components"]["schemas"]
    one = transaction("A", "T0006", "1.00", "-0.10", invoice_id="F-1")

    assert set(page(one)) <= set(schemas["search_response"]["properties"])
    assert set(one["transaction_info"]) <= set(schemas["transaction_info"]["properties"])
    assert set(one) <= set(schemas["transaction_detail"]["properties"])


def test_the_description_is_no_report(read, specification):
    """It has no transactions, which is said."""
    found = read(specification)

    assert (found.rows, found.report.complete) == ((), False)
