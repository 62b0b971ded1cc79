"""The reader of PayPal's reports: settlement reports, pages of Transaction Search and of disputes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import PayoutRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts.payout_reports import is_json, peeked
from receivables_plugins.paypal.pages import Pages
from receivables_plugins.paypal.settings import PayPalSettings
from receivables_plugins.paypal.settlement import SettlementReport

__all__ = ["PayPalReader"]

_SETTLEMENT: Final = re.compile(rb'(?:\xef\xbb\xbf)?"?RH"?([,\t])')
_PAGE: Final = re.compile(rb'"(?:transaction_details|transaction_info|dispute_id)"\s*:')


class PayPalReader:
    """Reads settlement reports, pages of Transaction Search, and disputes."""

    def __init__(self, settings: PayPalSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # the content tells
        """Whether the first bytes begin a settlement report, or are of a page."""
        if is_json(head):
            return _PAGE.search(head) is not None
        return _SETTLEMENT.match(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[PayoutRecord]:
        """Read; problems are noted with their place, and never raised."""
        notes = ReadNotes(name)
        return Read(self._rows(stream, notes), notes)

    def _rows(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[PayoutRecord]:
        head, whole = peeked(stream)
        begun = _SETTLEMENT.match(head)
        if begun is not None:
            report = SettlementReport(self._settings, notes)
            yield from report.read(whole, delimiter=begun[1].decode())
        elif is_json(head) or not head.strip():
            yield from Pages(self._settings, notes).read(whole)
        else:
            msg = "report must be a settlement report or pages of the API, got another"
            notes.error("file.format", msg)
