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
    from receivables.testing.credit_source import CreditSourceTests
    from receivables.testing.event_store import EventStoreTests
    from receivables.testing.journal_writer import JournalWriterTests
    from receivables.testing.ledger_source import LedgerSourceTests
    from receivables.testing.letter_renderer import LetterRendererTests
    from receivables.testing.rate_source import RateSourceTests
    from receivables.testing.report_writer import ReportWriterTests
    from receivables.testing.statement_reader import StatementReaderTests

__all__ = [
    "AdviceReaderTests",
    "AllocationOrderTests",
    "CalendarSourceTests",
    "Company",
    "CreditSourceTests",
    "EventStoreTests",
    "JournalWriterTests",
    "LedgerSourceTests",
    "LetterRendererTests",
    "RateSourceTests",
    "ReportWriterTests",
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
    "CreditSourceTests": "credit_source",
    "EventStoreTests": "event_store",
    "JournalWriterTests": "journal_writer",
    "LedgerSourceTests": "ledger_source",
    "LetterRendererTests": "letter_renderer",
    "RateSourceTests": "rate_source",
    "ReportWriterTests": "report_writer",
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
