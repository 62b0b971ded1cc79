"""What tests of receivables are made of: builders, strategies, an invented company, conformance.

The conformance classes are for whoever writes an adapter: subclass the one of your hook, give its
fixtures, and pytest runs every check.  They need pytest, and `strategies` needs Hypothesis; nothing
is imported before it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from receivables.testing.advice_reader import AdviceReaderTests
    from receivables.testing.allocation_order import AllocationOrderTests
    from receivables.testing.calendar_source import CalendarSourceTests
    from receivables.testing.company import Company, generate, write_fec_folder, write_folder
    from receivables.testing.contact_directory import ContactDirectoryTests, DirectorySample
    from receivables.testing.credit_source import CreditSourceTests
    from receivables.testing.event_store import EventStoreTests
    from receivables.testing.journal_writer import JournalWriterTests
    from receivables.testing.ledger_service import ExpectedService, LedgerServiceTests
    from receivables.testing.ledger_source import LedgerSourceTests
    from receivables.testing.letter_renderer import LetterRendererTests
    from receivables.testing.message_transport import MessageTransportTests
    from receivables.testing.payout_reader import ExpectedPayouts, PayoutReaderTests, PayoutSample
    from receivables.testing.payout_service import PayoutServiceTests
    from receivables.testing.posting_target import PostingTargetTests
    from receivables.testing.rate_source import RateSourceTests
    from receivables.testing.report_writer import ReportWriterTests
    from receivables.testing.services import Fault, Faulty, ServiceCase, Serving
    from receivables.testing.statement_reader import StatementReaderTests

__all__ = [
    "AdviceReaderTests",
    "AllocationOrderTests",
    "CalendarSourceTests",
    "Company",
    "ContactDirectoryTests",
    "CreditSourceTests",
    "DirectorySample",
    "EventStoreTests",
    "ExpectedPayouts",
    "ExpectedService",
    "Fault",
    "Faulty",
    "JournalWriterTests",
    "LedgerServiceTests",
    "LedgerSourceTests",
    "LetterRendererTests",
    "MessageTransportTests",
    "PayoutReaderTests",
    "PayoutSample",
    "PayoutServiceTests",
    "PostingTargetTests",
    "RateSourceTests",
    "ReportWriterTests",
    "ServiceCase",
    "Serving",
    "StatementReaderTests",
    "generate",
    "write_fec_folder",
    "write_folder",
]

_HOME: Final = {
    "AdviceReaderTests": "advice_reader",
    "AllocationOrderTests": "allocation_order",
    "CalendarSourceTests": "calendar_source",
    "Company": "company",
    "ContactDirectoryTests": "contact_directory",
    "CreditSourceTests": "credit_source",
    "DirectorySample": "contact_directory",
    "EventStoreTests": "event_store",
    "ExpectedPayouts": "payout_reader",
    "ExpectedService": "ledger_service",
    "Fault": "services",
    "Faulty": "services",
    "JournalWriterTests": "journal_writer",
    "LedgerServiceTests": "ledger_service",
    "LedgerSourceTests": "ledger_source",
    "LetterRendererTests": "letter_renderer",
    "MessageTransportTests": "message_transport",
    "PayoutReaderTests": "payout_reader",
    "PayoutSample": "payout_reader",
    "PayoutServiceTests": "payout_service",
    "PostingTargetTests": "posting_target",
    "RateSourceTests": "rate_source",
    "ReportWriterTests": "report_writer",
    "ServiceCase": "services",
    "Serving": "services",
    "StatementReaderTests": "statement_reader",
    "generate": "company",
    "write_fec_folder": "company",
    "write_folder": "company",
}
"""The module that each public name lives in."""


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a module's names have many types
    if name not in _HOME:
        msg = f"module 'receivables.testing' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"receivables.testing.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
