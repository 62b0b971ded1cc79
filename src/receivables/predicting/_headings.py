"""What other programs call the columns of a list of invoices, and which columns tell the outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["NAMES", "Headings", "find_headings", "plain"]

NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "item": (
            *("invoice_id", "item", "item_id", "document", "doc_id", "document_id", "invoice"),
            *("invoice_number", "invoice_no", "document_number", "document_no", "doc_no"),
            *("invoicenumber", "number", "id"),
        ),
        "customer": (
            *("customer", "customer_id", "cust_number", "customer_number", "cust_id"),
            *("customer_no", "customerid", "cust_no", "debtor", "debtor_id", "account"),
        ),
        "document_date": (
            *("document_date", "invoice_date", "invoicedate", "issue_date", "issued_on"),
            *("document_create_date_1", "document_create_date", "doc_date", "posting_date"),
            *("baseline_create_date", "created_on", "date"),
        ),
        "due_date": (
            *("due_date", "due_in_date", "duedate", "due_on", "due", "net_due_date"),
            *("payment_due_date", "due_in"),
        ),
        "paid_on": (
            *("paid_on", "clear_date", "clearing_date", "cleared_on", "payment_date"),
            *("paid_date", "settled_on", "settleddate", "settled_date", "date_paid"),
        ),
        "known_on": ("known_on",),
        "amount": (
            *("amount", "total_open_amount", "open_amount", "invoice_amount", "invoiceamount"),
            *("total_amount", "total", "gross_amount", "amount_due"),
        ),
        "amount_minor": ("amount_minor", "open_minor"),
        "currency": ("currency", "invoice_currency", "currency_code", "curr"),
        "creditor": ("creditor", "entity", "company_code", "company"),
        "segment": ("segment", "business_code", "business_unit"),
        "terms_days": ("terms_days", "payment_terms_days", "net_days"),
        "disputed": ("disputed", "is_disputed", "dispute"),
        "as_of": ("as_of", "prediction_date", "predict_on", "as_of_date"),
    }
)
"""The headings of each field, the surest first; case, blanks and marks do not count."""

_OUTCOMES: Final = frozenset(
    {
        *("days_late", "dayslate", "delay", "delay_days", "days_delayed", "days_past_due"),
        *("days_to_settle", "daystosettle", "days_to_pay", "days_paid", "payment_days"),
        *("late", "is_late", "islate", "paid_late", "bucket", "aging_bucket", "target", "label"),
        *("open", "is_open", "isopen", "paid", "is_paid", "status", "state"),
        *("paid_amount", "amount_paid", "balance", "outstanding"),
    }
)
"""Columns that are known once an item is paid, or are changed by it: never a feature."""

_MARKS: Final = re.compile(r"[^0-9a-z]+")


def plain(heading: str) -> str:
    """A heading as it is compared.

    >>> plain(" Due in-Date "), plain("document_create_date.1")
    ('due_in_date', 'document_create_date_1')
    """
    return _MARKS.sub("_", heading.strip().lower()).strip("_")


@attrs.frozen(kw_only=True)
class Headings:
    """Where each field stands, what the file calls it, and what is no field of ours."""

    places: Mapping[str, tuple[int, ...]]
    """The columns of a field, the surest first: where one is blank the next one speaks."""
    names: tuple[str, ...]
    features: Mapping[str, int]
    """Columns that are no field and tell no outcome, by their plain names."""

    def name(self, field: str) -> str:
        """How the file calls a field; our own word where it has no such column."""
        places = self.places.get(field)
        return self.names[places[0]] if places else field

    def has(self, field: str) -> bool:
        """Whether the file has a column of a field."""
        return field in self.places


def find_headings(names: Iterable[str]) -> Headings:
    """Find the fields of a file by its headings.

    >>> found = find_headings(["doc_id", "cust_number", "due_in_date", "days_late", "route"])
    >>> found.places["due_date"], dict(found.features)
    ((2,), {'route': 4})
    """
    given = tuple(names)
    plains = [plain(name) for name in given]
    places: dict[str, tuple[int, ...]] = {}
    for field, known in NAMES.items():
        found = tuple(plains.index(name) for name in known if name in plains)
        if found:
            places[field] = found
    taken = {place for found in places.values() for place in found}
    features = {
        name: place
        for place, name in enumerate(plains)
        if name and place not in taken and name not in _OUTCOMES
    }
    return Headings(
        places=MappingProxyType(places), names=given, features=MappingProxyType(features)
    )
