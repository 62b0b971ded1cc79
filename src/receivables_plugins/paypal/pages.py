"""Pages of PayPal's Transaction Search, and of its disputes.

Amounts are texts in units with their sign, fees negative where they cost us something.  A page says
how many there are; a file that lacks one is incomplete.  Which transactions a withdrawal pays out is
not said here: payouts come without their movements, and movements in none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from receivables.adapters import PayoutRecord
from receivables.reading import ReadNotes
from receivables.receipts.payout_reports import Days, PayoutsUnderWay, ReportRow, json_values
from receivables.receipts.payouts import Payout, ProcessorDispute
from receivables_plugins.paypal.codes import is_withdrawal, moves_no_money, stage_of
from receivables_plugins.paypal.settings import PayPalSettings
from receivables_plugins.paypal.transactions import PROCESSOR, Facts, movement_of

__all__ = ["Pages"]

_DEPTH_MAX: Final = 4
_DENIED: Final = "D"
_PENDING: Final = "P"


class Pages:
    """A file of pages under way."""

    def __init__(self, settings: PayPalSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._days = Days(settings.time_zone)
        self._under_way = PayoutsUnderWay(notes, processor=PROCESSOR)
        self._names: dict[str, str] = {}
        self._disputes: set[str] = set()
        self._pages: dict[str, tuple[set[object], int]] = {}
        self._count = 0
        self._number = 0

    def read(self, stream: BinaryIO) -> Iterator[PayoutRecord]:
        """Give payouts and disputes as they come, and then every movement."""
        for value in json_values(stream, self._notes):
            yield from self._records(value, depth=0)
        if not self._count and not self._notes.error_count:
            self._notes.error("file.format", "file must hold pages of PayPal, got none")
        for pages, total in self._pages.values():
            if len(pages) < total:
                msg = f"pages must all be there, {total}, got {len(pages)}"
                self._notes.error("service.incomplete", msg)
        yield from self._under_way.rest()

    def _records(self, value: object, *, depth: int) -> Iterator[PayoutRecord]:
        if depth > _DEPTH_MAX:
            return
        if isinstance(value, list):
            for each in value:
                yield from self._records(each, depth=depth + 1)
        elif isinstance(value, dict) and isinstance(value.get("transaction_details"), list):
            yield from self._page(value)
        elif isinstance(value, dict) and isinstance(value.get("dispute_id"), str):
            yield from self._dispute(value)
        elif isinstance(value, dict):
            self._count += self._is_empty_page(value)
            for each in value.values():
                yield from self._records(each, depth=depth + 1)

    @staticmethod
    def _is_empty_page(value: Mapping[str, Any]) -> bool:
        return value.get("total_items") == 0 or value.get("items") == []

    def _page(self, page: Mapping[str, Any]) -> Iterator[PayoutRecord]:
        self._count += 1
        details = page["transaction_details"]
        self._note_page(page, len(details))
        for detail in details:
            self._number += 1
            cells = detail if isinstance(detail, dict) else {}
            row = ReportRow(cells, notes=self._notes, days=self._days, line=self._number)
            yield from self._transaction(row)

    def _note_page(self, page: Mapping[str, Any], rows: int) -> None:
        query = f"{page.get('account_number')} {page.get('start_date')} {page.get('end_date')}"
        total = page.get("total_pages")
        pages, _ = self._pages.setdefault(query, (set(), 0))
        pages.add(page.get("page"))
        self._pages[query] = (pages, total if type(total) is int else 0)
        items = page.get("total_items")
        if total == 1 and type(items) is int and items > rows:
            msg = f"page must have all of its items, {items}, got {rows}"
            self._notes.error("service.incomplete", msg)

    def _transaction(self, row: ReportRow) -> Iterator[PayoutRecord]:
        info = "transaction_info"
        status = row.name(f"{info}.transaction_status")
        code = row.needed_name(f"{info}.transaction_event_code", code="paypal.code-unknown")
        if status == _DENIED or moves_no_money(code):
            return
        if status == _PENDING:
            name = row.name(f"{info}.transaction_id")
            row.warn("paypal.pending", f"transaction {name} must be completed, got it pending")
            return
        facts = self._facts(row, code)
        if row.is_refused:
            return
        if is_withdrawal(code, facts.gross_minor):
            yield from self._under_way.give(_payout(facts))
            return
        movement = movement_of(facts, kinds=self._settings.kinds)
        if movement is not None:
            self._under_way.hold(movement)

    def _facts(self, row: ReportRow, code: str) -> Facts:
        info = "transaction_info"
        currency = row.currency(f"{info}.transaction_amount.currency_code")
        fee_currency = row.name(f"{info}.fee_amount.currency_code")
        if fee_currency and fee_currency != currency:
            msg = f"fee must be in the currency of its transaction, got {fee_currency}"
            row.refuse("paypal.fee-currency", msg, field="fee_amount")
        name = row.needed_name(f"{info}.transaction_id", code="paypal.identity")
        is_txn = row.name(f"{info}.paypal_reference_id_type") in {"", "TXN"}
        payer = row.text("payer_info.payer_name.alternate_full_name") or " ".join(
            text
            for part in ("given_name", "surname")
            if (text := row.text(f"payer_info.payer_name.{part}"))
        )
        return Facts(
            row=row,
            name=name if self._names.setdefault(name, code) == code else f"{name}/{code}",
            code=code,
            gross_minor=row.major(f"{info}.transaction_amount.value", currency),
            fee_minor=-row.major(f"{info}.fee_amount.value", currency),
            currency=currency,
            occurred_on=row.needed_day(f"{info}.transaction_initiation_date"),
            original=row.name(f"{info}.paypal_reference_id") if is_txn else "",
            reference=row.text(f"{info}.invoice_id", f"{info}.custom_field"),
            payer=row.without_cards(payer, field="payer_name"),
            text=row.text(
                f"{info}.bank_reference_id",
                f"{info}.transaction_subject",
                f"{info}.transaction_note",
            ),
            method=row.text(f"{info}.instrument_type", f"{info}.payment_method_type"),
        )

    def _dispute(self, value: dict[str, Any]) -> Iterator[PayoutRecord]:
        self._count += 1
        row = ReportRow(value, notes=self._notes, days=self._days, line=self._count)
        dispute = _dispute_of(row)
        if dispute is None:
            return
        if dispute.dispute in self._disputes:
            msg = f"dispute {dispute.dispute} must stand once, got it again"
            row.refuse("payout.duplicate", msg)
            return
        self._disputes.add(dispute.dispute)
        yield dispute


def _payout(facts: Facts) -> Payout:
    return Payout(
        payout=facts.name,
        processor=PROCESSOR,
        amount_minor=-facts.gross_minor,
        currency=facts.currency,
        paid_on=facts.occurred_on,
        is_itemized=False,
        bank_reference=facts.text,
        source=facts.row.place,
    )


def _dispute_of(row: ReportRow) -> ProcessorDispute | None:
    currency = row.currency("dispute_amount.currency_code")
    amount_minor = row.major("dispute_amount.value", currency)
    opened_on = row.needed_day("create_time")
    respond_by = row.day("seller_response_due_date")
    status, outcome = row.name("status"), row.name("dispute_outcome.outcome_code")
    stage = stage_of(status, row.name("dispute_life_cycle_stage") or "INQUIRY", outcome)
    if stage is None:
        msg = f"stage of a dispute must be one that is known, got {status} {outcome}".strip()
        row.refuse("paypal.status-unknown", msg, field="status")
    if row.is_refused or stage is None:
        return None
    listed = row.at("disputed_transactions")
    first = listed[0] if isinstance(listed, list) and listed else {}
    about = ReportRow(
        first if isinstance(first, dict) else {},
        notes=row.notes,
        days=row.days,
        line=row.line,
    )
    return ProcessorDispute(
        dispute=row.name("dispute_id"),
        processor=PROCESSOR,
        stage=stage,
        amount_minor=abs(amount_minor),
        currency=currency,
        opened_on=opened_on,
        respond_by=respond_by,
        movement=about.name("seller_transaction_id"),
        reference=about.text("invoice_number", "custom"),
        reason_code=row.name("external_reason_code"),
        reason=row.text("reason"),
        source=row.place,
    )
