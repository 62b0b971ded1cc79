"""Every hook: what a plug-in may bring.  Hooks only register; behaviour is on the protocols.

Each implementation returns an iterable of `AdapterSpec`; it must import nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import pluggy

if TYPE_CHECKING:
    from receivables.adapters import (
        AdapterSpec,
        AdviceReader,
        AllocationOrder,
        CalendarSource,
        ContactDirectory,
        CreditSource,
        EventStore,
        JournalWriter,
        LedgerService,
        LedgerSource,
        LetterRenderer,
        MessageTransport,
        PayoutReader,
        PayoutService,
        PortfolioWriter,
        PostingTarget,
        RateSource,
        ReportWriter,
        StatementReader,
    )

__all__ = ["HOOKS", "PROJECT", "hookimpl"]

PROJECT: Final = "receivables"

_hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks the implementation of a hook in a plug-in."""


@_hookspec
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:  # type: ignore[empty-body]
    """Register readers of bank statements.

    Conformance: `receivables.testing.StatementReaderTests`.
    """


@_hookspec
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:  # type: ignore[empty-body]
    """Register readers of accounting exports: customers, documents, receipts, what settles what.

    Conformance: `receivables.testing.LedgerSourceTests`.
    """


@_hookspec
def receivables_letter_renderers() -> Iterable[AdapterSpec[LetterRenderer]]:  # type: ignore[empty-body]
    """Register renderers that turn a composed letter into a file.

    Conformance: `receivables.testing.LetterRendererTests`.
    """


@_hookspec
def receivables_portfolio_writers() -> Iterable[AdapterSpec[PortfolioWriter]]:  # type: ignore[empty-body]
    """Register writers of a whole portfolio as one file: a workbook for the board, a page.

    Conformance: `receivables.testing.PortfolioWriterTests`.
    """


@_hookspec
def receivables_report_writers() -> Iterable[AdapterSpec[ReportWriter]]:  # type: ignore[empty-body]
    """Register writers that turn an aging into a file for people.

    Conformance: `receivables.testing.ReportWriterTests`.
    """


@_hookspec
def receivables_stores() -> Iterable[AdapterSpec[EventStore]]:  # type: ignore[empty-body]
    """Register stores of the event journal.

    Conformance: `receivables.testing.EventStoreTests`.
    """


@_hookspec
def receivables_allocation_orders() -> Iterable[AdapterSpec[AllocationOrder]]:  # type: ignore[empty-body]
    """Register orders in which money goes to open items.

    Conformance: `receivables.testing.AllocationOrderTests`.
    """


@_hookspec
def receivables_calendars() -> Iterable[AdapterSpec[CalendarSource]]:  # type: ignore[empty-body]
    """Register sources of public holidays.

    Conformance: `receivables.testing.CalendarSourceTests`.
    """


@_hookspec
def receivables_credit_sources() -> Iterable[AdapterSpec[CreditSource]]:  # type: ignore[empty-body]
    """Register readers of credit information: scores, financial statements, limits, commitments.

    Conformance: `receivables.testing.CreditSourceTests`.
    """


@_hookspec
def receivables_journal_writers() -> Iterable[AdapterSpec[JournalWriter]]:  # type: ignore[empty-body]
    """Register writers that turn a journal into a file of a format.

    Conformance: `receivables.testing.JournalWriterTests`.
    """


@_hookspec
def receivables_rate_sources() -> Iterable[AdapterSpec[RateSource]]:  # type: ignore[empty-body]
    """Register sources of dated reference rates.

    Conformance: `receivables.testing.RateSourceTests`.
    """


@_hookspec
def receivables_advice_readers() -> Iterable[AdapterSpec[AdviceReader]]:  # type: ignore[empty-body]
    """Register readers of payment advices: remittances, lockboxes, rejections, returns.

    Conformance: `receivables.testing.AdviceReaderTests`.
    """


@_hookspec
def receivables_ledger_services() -> Iterable[AdapterSpec[LedgerService]]:  # type: ignore[empty-body]
    """Register readers of accounting systems over their interfaces.

    Conformance: `receivables.testing.LedgerServiceTests`.
    """


@_hookspec
def receivables_payout_readers() -> Iterable[AdapterSpec[PayoutReader]]:  # type: ignore[empty-body]
    """Register readers of reports of payment processors: movements, payouts, disputes.

    Conformance: `receivables.testing.PayoutReaderTests`.
    """


@_hookspec
def receivables_payout_services() -> Iterable[AdapterSpec[PayoutService]]:  # type: ignore[empty-body]
    """Register readers of payment processors over their interfaces.

    Conformance: `receivables.testing.PayoutServiceTests`.
    """


@_hookspec
def receivables_posting_targets() -> Iterable[AdapterSpec[PostingTarget]]:  # type: ignore[empty-body]
    """Register systems that entries, receipts and documents can be booked in.

    Conformance: `receivables.testing.PostingTargetTests`.
    """


@_hookspec
def receivables_contact_directories() -> Iterable[AdapterSpec[ContactDirectory]]:  # type: ignore[empty-body]
    """Register directories of the people at customers.

    Conformance: `receivables.testing.ContactDirectoryTests`.
    """


@_hookspec
def receivables_message_transports() -> Iterable[AdapterSpec[MessageTransport]]:  # type: ignore[empty-body]
    """Register ways to draft messages that a person sends.

    Conformance: `receivables.testing.MessageTransportTests`.
    """


HOOKS: Final = (
    "receivables_advice_readers",
    "receivables_allocation_orders",
    "receivables_calendars",
    "receivables_contact_directories",
    "receivables_credit_sources",
    "receivables_journal_writers",
    "receivables_ledger_services",
    "receivables_ledger_sources",
    "receivables_letter_renderers",
    "receivables_message_transports",
    "receivables_payout_readers",
    "receivables_payout_services",
    "receivables_portfolio_writers",
    "receivables_posting_targets",
    "receivables_rate_sources",
    "receivables_report_writers",
    "receivables_statement_readers",
    "receivables_stores",
)
"""The names of all hooks."""
