"""What tests of receivables are made of: builders, strategies, an invented company, conformance.

The conformance classes are for whoever writes an adapter: subclass the one of your hook, give its
fixtures, and pytest runs every check.  They need pytest, and `strategies` needs Hypothesis; nothing
is imported before it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
    from receivables.testing.allocation_order import AllocationOrderTests
    from receivables.testing.calendar_source import CalendarSourceTests
    from receivables.testing.company import Company, generate, write_fec_folder, write_folder
    from receivables.testing.contact_directory import ContactDirectoryTests, DirectorySample
    from receivables.testing.credit_source import CreditSample, CreditSourceTests, ExpectedCredit
    from receivables.testing.event_store import EventStoreTests, StoreFactory
    from receivables.testing.journal_writer import (
        HOSTILE_TEXTS,
        SAMPLE_CHART,
        JournalWriterTests,
        ReadBack,
    )
    from receivables.testing.ledger_service import ExpectedService, LedgerServiceTests
    from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests
    from receivables.testing.letter_renderer import LETTERS, LetterRendererTests, LookAtLetter, Seen
    from receivables.testing.message_transport import MessageTransportTests
    from receivables.testing.payout_reader import ExpectedPayouts, PayoutReaderTests, PayoutSample
    from receivables.testing.payout_service import PayoutServiceTests
    from receivables.testing.portfolio_writer import PortfolioWriterTests
    from receivables.testing.posting_target import PostingTargetTests
    from receivables.testing.rate_source import RateSourceTests
    from receivables.testing.recordings import Recorder, RecordingTests, Replay
    from receivables.testing.report_writer import (
        HOSTILE_NAMES,
        LOCALES,
        Look,
        Owed,
        ReportWriterTests,
        Shown,
    )
    from receivables.testing.services import Clock, Fault, Faulty, ServiceCase, Serving
    from receivables.testing.statement_reader import (
        ExpectedStatements,
        StatementReaderTests,
        StatementSample,
    )

__all__ = [
    "HOSTILE_NAMES",
    "HOSTILE_TEXTS",
    "LETTERS",
    "LOCALES",
    "SAMPLE_CHART",
    "AdviceReaderTests",
    "AdviceSample",
    "AllocationOrderTests",
    "CalendarSourceTests",
    "Clock",
    "Company",
    "ContactDirectoryTests",
    "CreditSample",
    "CreditSourceTests",
    "DirectorySample",
    "EventStoreTests",
    "ExpectedAdvices",
    "ExpectedCredit",
    "ExpectedLedger",
    "ExpectedPayouts",
    "ExpectedService",
    "ExpectedStatements",
    "Fault",
    "Faulty",
    "JournalWriterTests",
    "LedgerSample",
    "LedgerServiceTests",
    "LedgerSourceTests",
    "LetterRendererTests",
    "Look",
    "LookAtLetter",
    "MessageTransportTests",
    "Owed",
    "PayoutReaderTests",
    "PayoutSample",
    "PayoutServiceTests",
    "PortfolioWriterTests",
    "PostingTargetTests",
    "RateSourceTests",
    "ReadBack",
    "Recorder",
    "RecordingTests",
    "Replay",
    "ReportWriterTests",
    "Seen",
    "ServiceCase",
    "Serving",
    "Shown",
    "StatementReaderTests",
    "StatementSample",
    "StoreFactory",
    "generate",
    "write_fec_folder",
    "write_folder",
]

_HOME: Final = {
    "AdviceReaderTests": "advice_reader",
    "AdviceSample": "advice_reader",
    "AllocationOrderTests": "allocation_order",
    "CalendarSourceTests": "calendar_source",
    "Clock": "services",
    "Company": "company",
    "ContactDirectoryTests": "contact_directory",
    "CreditSample": "credit_source",
    "CreditSourceTests": "credit_source",
    "DirectorySample": "contact_directory",
    "EventStoreTests": "event_store",
    "ExpectedAdvices": "advice_reader",
    "ExpectedCredit": "credit_source",
    "ExpectedLedger": "ledger_source",
    "ExpectedPayouts": "payout_reader",
    "ExpectedService": "ledger_service",
    "ExpectedStatements": "statement_reader",
    "Fault": "services",
    "Faulty": "services",
    "HOSTILE_NAMES": "report_writer",
    "HOSTILE_TEXTS": "journal_writer",
    "JournalWriterTests": "journal_writer",
    "LETTERS": "letter_renderer",
    "LOCALES": "report_writer",
    "LedgerSample": "ledger_source",
    "LedgerServiceTests": "ledger_service",
    "LedgerSourceTests": "ledger_source",
    "LetterRendererTests": "letter_renderer",
    "Look": "report_writer",
    "LookAtLetter": "letter_renderer",
    "MessageTransportTests": "message_transport",
    "Owed": "report_writer",
    "PayoutReaderTests": "payout_reader",
    "PayoutSample": "payout_reader",
    "PayoutServiceTests": "payout_service",
    "PortfolioWriterTests": "portfolio_writer",
    "PostingTargetTests": "posting_target",
    "RateSourceTests": "rate_source",
    "ReadBack": "journal_writer",
    "Recorder": "recordings",
    "RecordingTests": "recordings",
    "Replay": "recordings",
    "ReportWriterTests": "report_writer",
    "SAMPLE_CHART": "journal_writer",
    "Seen": "letter_renderer",
    "ServiceCase": "services",
    "Serving": "services",
    "Shown": "report_writer",
    "StatementReaderTests": "statement_reader",
    "StatementSample": "statement_reader",
    "StoreFactory": "event_store",
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
