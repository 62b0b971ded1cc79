"""Systems that are not there, behaving like those that are: transports to try adapters on.

Each fake is written from the documentation of its system, bad habits included, and is a stand-in for
nothing more than that: an adapter that passes here is verified by a fake of its own authors.  A fake
is called with a `Request`, as a real transport is, and keeps what it was asked in `requests`; the
`serve` of a `receivables.testing.ServiceCase` makes one.

>>> from receivables.testing.fakes import FakeCursorApi
>>> from receivables.transports import Request
>>> fake = FakeCursorApi({"/v1/payouts": [{"id": "po_1"}]}, key="sk_test")
>>> fake(Request("GET", "https://api.example/v1/payouts")).status, len(fake.requests)
(401, 1)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from receivables.testing.fakes.cursor_api import CursorStyle, FakeCursorApi
    from receivables.testing.fakes.cybersource import (
        CybersourceCase,
        CybersourceTransaction,
        FakeCybersource,
        batch_csv,
        batch_xml,
    )
    from receivables.testing.fakes.graph import FakeGraph, GraphAttachment, GraphMessage
    from receivables.testing.fakes.m3 import FakeM3, FieldList
    from receivables.testing.fakes.moneris import FakeMoneris, moneris_payment, moneris_refund
    from receivables.testing.fakes.odata import FakeOData, JournalPosted
    from receivables.testing.fakes.oracle import FakeOracleRest
    from receivables.testing.fakes.quickbooks import FakeQuickBooks

__all__ = [
    "CursorStyle",
    "CybersourceCase",
    "CybersourceTransaction",
    "FakeCursorApi",
    "FakeCybersource",
    "FakeGraph",
    "FakeM3",
    "FakeMoneris",
    "FakeOData",
    "FakeOracleRest",
    "FakeQuickBooks",
    "FieldList",
    "GraphAttachment",
    "GraphMessage",
    "JournalPosted",
    "batch_csv",
    "batch_xml",
    "moneris_payment",
    "moneris_refund",
]

_HOME: Final = {
    "CursorStyle": "cursor_api",
    "CybersourceCase": "cybersource",
    "CybersourceTransaction": "cybersource",
    "FakeCursorApi": "cursor_api",
    "FakeCybersource": "cybersource",
    "FakeGraph": "graph",
    "FakeM3": "m3",
    "FakeMoneris": "moneris",
    "FakeOData": "odata",
    "FakeOracleRest": "oracle",
    "FakeQuickBooks": "quickbooks",
    "FieldList": "m3",
    "GraphAttachment": "graph",
    "GraphMessage": "graph",
    "JournalPosted": "odata",
    "batch_csv": "cybersource",
    "batch_xml": "cybersource",
    "moneris_payment": "moneris",
    "moneris_refund": "moneris",
}
"""The module that each public name lives in."""


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a module's names have many types
    if name not in _HOME:
        msg = f"module 'receivables.testing.fakes' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"receivables.testing.fakes.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
