"""The ledger source ``quickbooks-report``: reports of open items, exported from Online or Desktop.

*A/R Aging Detail*, *Open Invoices* and *Customer Open Balance*, as text or as a workbook.  Layouts
are as practice knows them: columns are found by their headings, groups by rows with a name alone,
and every total is compared with the rows above it.  No export of a real firm was at hand.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO, Final

import attrs

from receivables.allocation import SourceAllocation
from receivables.documents import ItemId
from receivables.errors import DocumentError, PolicyError
from receivables.money import minor_of
from receivables.parties import Customer
from receivables.reading import Read, ReadNotes
from receivables.receipts import Receipt
from receivables.tabular import Row, TableSettings, records_in
from receivables.terms import parse_terms
from receivables.texts import amount_readings, date_readings
from receivables_plugins.quickbooks.report_groups import Groups, is_total
from receivables_plugins.quickbooks.report_rows import PACKED, ReportRow, report_sheets
from receivables_plugins.quickbooks.settings import ReportSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["ReportSource"]

_HEADINGS: Final[Mapping[str, str]] = {
    "amount": "amount",
    "customer": "customer",
    "customer full name": "customer",
    "customer name": "customer",
    "customer:job": "customer",
    "date": "document-date",
    "due date": "due-date",
    "name": "customer",
    "no.": "number",
    "num": "number",
    "number": "number",
    "open balance": "open-amount",
    "terms": "terms",
    "transaction date": "document-date",
    "transaction type": "type",
    "type": "type",
}
_NEEDED: Final = ("type", "document-date", "open-amount")
_HEADING_ROWS_MAX: Final = 30
"""Rows above the headings: the company, the report, the day."""

_TYPES: Final[Mapping[str, str]] = {
    "credit memo": "credit-note",
    "credit note": "credit-note",
    "invoice": "invoice",
    "payment": "receipt",
    "receive payment": "receipt",
    "statement charge": "debit-note",
    "stmt charge": "debit-note",
}
_BY_SIGN: Final = frozenset(
    {
        *("cash refund", "check", "cheque", "cheque expense", "deposit", "expense"),
        *("general journal", "journal", "journal entry", "refund"),
    }
)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_AS_OF: Final = re.compile(r"as of (.+)", re.IGNORECASE)
_WRITTEN: Final = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})")


class ReportSource:
    """Reads one report: documents, then unapplied payments; every total must be met.

    Customers are named as the report names them (``Parent:Job``).  Where a report has no column of
    amounts, a document comes in the amount that was open, which is all that the report says.
    """

    def __init__(self, settings: ReportSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes have the headings of such a report, or are those of a workbook."""
        if head.startswith(PACKED):
            return name.casefold().endswith((".xlsx", ".xlsm")) or b"xl/" in head
        lines = [line.lower() for line in head.splitlines()]
        return any(b"open balance" in line and b"date" in line for line in lines)

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read the first sheet that has the headings, or the one that the settings name."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        for is_workbook, rows in report_sheets(stream, self._settings, notes):
            report = _Report(self._settings, notes, is_workbook=is_workbook)
            if report.find_headings(rows):
                yield from report.records(rows)
                return
        if not notes.error_count:
            msg = "report must have the headings Date, Type and Open Balance, got none such"
            notes.error("column.missing", msg)


class _Report:
    """One report under its headings."""

    def __init__(self, settings: ReportSettings, notes: ReadNotes, *, is_workbook: bool) -> None:
        self._settings = settings
        self._notes = notes
        self._groups = Groups(notes=notes, is_workbook=is_workbook)
        self._places: dict[str, int] = {}
        self._headings: dict[str, str] = {}
        self._day = settings.snapshot_date
        self._waiting: list[Row] = []
        self._applied: dict[str, Decimal] = {}
        self._names: dict[str, int] = {}
        self._bad_terms: set[str] = set()

    def find_headings(self, rows: Iterator[ReportRow]) -> bool:
        """Read down to the headings; on the way, find the day that the report is of."""
        for row in rows:
            found: dict[str, int] = {}
            for place, cell in enumerate(row.cells):
                field = _HEADINGS.get(cell.strip().casefold())
                if field is not None:
                    found.setdefault(field, place)
            if all(field in found for field in _NEEDED):
                self._places = found
                self._headings = {field: row.cells[at].strip() for field, at in found.items()}
                return True
            self._find_day(row)
            if row.line > _HEADING_ROWS_MAX:
                return False
        return False

    def _find_day(self, row: ReportRow) -> None:
        for cell in row.cells:
            said = _AS_OF.search(cell)
            if said is not None and self._day is None:
                self._day = _day_of(said[1].strip(), self._settings.date_format)

    def records(self, rows: Iterator[ReportRow]) -> Iterator[LedgerRecord]:
        """The records under the headings."""
        for record in records_in(
            self._documents(rows), settings=self._table("documents"), notes=self._notes
        ):
            yield _grouped(record)
        for receipt in records_in(
            iter(self._waiting), settings=self._table("receipts"), notes=self._notes
        ):
            yield receipt
            if isinstance(receipt, Receipt) and receipt.receipt in self._applied:
                yield from self._settled(receipt)
        if not (self._groups.is_finished and self._groups.is_whole):
            self._notes.error("file.truncated", "report must end with its TOTAL, got none")

    def _table(self, record: str) -> TableSettings:
        settings = self._settings
        return TableSettings(
            record=record,
            creditor=settings.creditor,
            currency=settings.currency,
            decimal=settings.decimal,
            grouping=settings.grouping,
            currency_symbol=settings.currency_symbol,
            date_format=settings.date_format,
            snapshot_date=self._day,
        )

    def _documents(self, rows: Iterator[ReportRow]) -> Iterator[Row]:
        """The rows of documents; those of payments wait, and labels open and close groups."""
        for row in rows:
            cells = {field: _at(row, place) for field, place in self._places.items()}
            if cells["document-date"] and cells["open-amount"]:
                found = self._row(row, cells)
                if found is not None:
                    yield found
                continue
            label = self._label(row)
            if label and not self._groups.is_finished:
                self._labelled(label, cells, row)
            elif (cells["document-date"] or cells["open-amount"]) and not label:
                msg = "a row must have a date and an open balance, or be a total, got neither"
                self._notes.error("file.format", msg, line=row.line)

    def _label(self, row: ReportRow) -> str:
        """What stands before the columns, or in the first of them where nothing else does."""
        first = min(self._places.values())
        before = next((cell.strip() for cell in row.cells[:first] if cell.strip()), "")
        return before or (_at(row, first) if first == 0 else "")

    def _labelled(self, label: str, cells: Mapping[str, str], row: ReportRow) -> None:
        # A customer may be called "Total Eclipse": a total has an amount, or ends a group.
        if is_total(label) and (cells["open-amount"] or self._groups.closes(label)):
            self._groups.end(label, self._amount(cells["open-amount"]), row.line)
        else:
            self._groups.begin(label)

    def _row(self, row: ReportRow, cells: Mapping[str, str]) -> Row | None:
        """A row of a transaction, its cells by our fields."""
        amount = self._amount(cells["open-amount"])
        self._groups.add(amount or Decimal(0))
        kind = self._kind(cells["type"], amount, row)
        customer = cells.get("customer", "") if "customer" in self._places else self._groups.name
        if not kind:
            return None
        if kind == "receipt":
            self._wait(row, cells, customer, amount)
            return None
        number, said = cells.get("number", ""), cells.get("amount", "")
        # The number of a journal entry is often that of an invoice as well.
        is_shared = kind == "by-sign"
        if is_shared:
            kind = "credit-note" if (amount or 0) < 0 else "debit-note"
        is_own = bool(number) and not is_shared
        return self._made(
            row,
            {
                "number": number if is_own else self._own_name(cells, customer),
                "references": "" if is_own else number,
                "customer": customer,
                "customer-name": customer,
                "type": kind,
                "document-date": cells["document-date"],
                "due-date": cells.get("due-date", ""),
                "terms": self._terms(cells.get("terms", ""), row),
                "amount": said or cells["open-amount"],
                "open-amount": cells["open-amount"] if said else "",
            },
        )

    def _kind(self, text: str, amount: Decimal | None, row: ReportRow) -> str:
        word = text.casefold()
        known = {key.casefold(): value for key, value in self._settings.types.items()}
        if word in known:
            return known[word]
        if word == "deposit" and amount is not None and amount < 0:
            return "receipt"
        if word in _BY_SIGN:
            return "by-sign"
        if word in _TYPES:
            return _TYPES[word]
        msg = f"type must be mapped in the settings, got {text!r}"
        self._notes.error("document.type-unknown", msg, line=row.line, field=self._headings["type"])
        return ""

    def _wait(
        self, row: ReportRow, cells: Mapping[str, str], customer: str, amount: Decimal | None
    ) -> None:
        """A payment of which something is left; it comes in full, with what was applied of it."""
        name = self._own_name(cells, customer)
        said = self._amount(cells.get("amount", ""))
        whole = amount if said is None else said
        if amount is not None and whole is not None and amount > whole:
            self._applied[name] = amount - whole
        text = "" if whole is None else f"{-whole:f}".replace(".", self._settings.decimal or ".")
        self._waiting.append(
            self._made(
                row,
                {
                    "receipt": name,
                    "customer": customer,
                    "booking-date": cells["document-date"],
                    "amount": text or cells["open-amount"],
                    "text": cells.get("number", ""),
                },
            )
        )

    def _settled(self, receipt: Receipt) -> Iterator[SourceAllocation]:
        applied = minor_of(self._applied[receipt.receipt], self._settings.currency)
        if self._day is None:
            msg = "snapshot-date must be given where a payment is applied in part, got none"
            place = receipt.source.line if receipt.source else None
            self._notes.error("settings.invalid", msg, line=place)
            return
        yield SourceAllocation(
            creditor=self._settings.creditor,
            customer=receipt.customer,
            items=[ItemId(receipt.receipt)],
            settled_on=max(self._day, receipt.booking_date),
            settled_minor=-applied,
            source=receipt.source,
        )

    def _own_name(self, cells: Mapping[str, str], customer: str) -> str:
        """A name for what has no number of its own: type, number, day and customer, then counted."""
        parts = (cells["type"], cells.get("number", ""), cells["document-date"], customer)
        name = " ".join(part for part in parts if part)
        self._names[name] = place = self._names.get(name, 0) + 1
        return name if place == 1 else f"{name}~{place}"

    def _made(self, row: ReportRow, cells: Mapping[str, str]) -> Row:
        return Row(line=row.line, cells=cells, headings=self._headings, content=hash(row.cells))

    def _amount(self, text: str) -> Decimal | None:
        """The one reading of an amount; where there is none or several, the row itself is refused."""
        bare = text.replace(self._settings.currency_symbol, "", 1) if text else ""
        found = amount_readings(
            bare, decimal=self._settings.decimal, grouping=self._settings.grouping
        )
        return found[0] if len(found) == 1 else None

    def _terms(self, text: str, row: ReportRow) -> str:
        """The terms, where they can be understood; what cannot is spoken of once."""
        if not text or text in self._bad_terms:
            return ""
        try:
            parse_terms(text)
        except (DocumentError, PolicyError) as error:
            self._bad_terms.add(text)
            self._notes.warn("terms.invalid", str(error), line=row.line, field="terms")
            return ""
        return text


def _grouped(record: LedgerRecord) -> LedgerRecord:
    """A customer with its payer group, which is the customer at the top."""
    if not isinstance(record, Customer):
        return record
    return attrs.evolve(record, payer_group=record.customer.partition(":")[0])


def _at(row: ReportRow, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""


def _day_of(text: str, format: str | None) -> dt.date | None:
    """The day of a title: ``December 31, 2026``, or as the settings write days."""
    written = _WRITTEN.match(text)
    if written is None:
        found = date_readings(text.split(maxsplit=1)[0], format=format)
        return found[0] if len(found) == 1 else None
    months = [
        place for place, name in enumerate(_MONTHS, 1) if name.startswith(written[1].casefold())
    ]
    try:
        return dt.date(int(written[3]), months[0], int(written[2])) if len(months) == 1 else None
    except ValueError:
        return None
