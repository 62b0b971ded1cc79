"""The settlement report (``STL``): rows of headers, columns, bodies, footers and counts.

RH report, FH file, SH section, CH columns, SB body, SF section footer, SC section count, RF report
footer, RC report count, FF file footer.  A report that is too long for one file has several, of which
only the last has RF and RC.  Amounts are minor units without a sign, with CR or DR beside them.
The order of the balances in a footer is unverified; any pair that proves the transactions will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import PayoutRecord
from receivables.reading import ReadNotes
from receivables.receipts.payout_reports import (
    Days,
    PayoutsUnderWay,
    ReportRow,
    ReportTable,
    heading_of,
)
from receivables_plugins.paypal.codes import moves_no_money
from receivables_plugins.paypal.sections import Footer, Ledger, Totals, footer_of
from receivables_plugins.paypal.settings import PayPalSettings
from receivables_plugins.paypal.transactions import PROCESSOR, Facts

__all__ = ["SettlementReport"]

_SIGNS: Final = {"CR": 1, "DR": -1, "": 1}
_ACCOUNT: Final = 3


class SettlementReport:
    """One file of a settlement report under way."""

    def __init__(self, settings: PayPalSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._days = Days(settings.time_zone)
        self._columns: list[str] = []
        self._account = ""
        self._ledgers: dict[str, Ledger] = {}
        self._footers: dict[str, Footer] = {}
        self._sections: list[tuple[dict[str, Ledger], dict[str, Footer]]] = []
        self._totals: dict[str, Totals] = {}
        self._report_footers: dict[str, Footer] = {}
        self._bodies = self._all_bodies = 0
        self._names: dict[str, str] = {}
        self._is_first_file = True
        self._is_ended = False

    def read(self, stream: BinaryIO, *, delimiter: str) -> Iterator[PayoutRecord]:
        """Read to the end before anything is given, because the report's own totals stand there."""
        table = ReportTable(stream, self._notes, delimiter=delimiter)
        takers = {
            "RH": self._ignore,
            "FH": self._take_file,
            "SH": self._take_section,
            "CH": self._take_columns,
            "SB": self._take_body,
            "SF": self._take_footer,
            "SC": self._take_count,
            "RF": self._take_report_footer,
            "RC": self._take_report_count,
            "FF": self._take_end,
        }
        for line, fields in table.fields():
            take = takers.get(fields[0].strip())
            row = ReportRow({}, notes=self._notes, days=self._days, line=line)
            if take is None:
                row.refuse("paypal.row", f"row must begin with a type that is known, got {line}")
            else:
                take(fields, row)
        self._end_section()
        if not self._is_ended:
            msg = "report must end with its count or the footer of its file, got its end before"
            self._notes.error("file.truncated", msg)
        yield from self._records()

    def _ignore(self, fields: list[str], row: ReportRow) -> None:
        """Take a row that says nothing about money."""

    def _take_file(self, fields: list[str], row: ReportRow) -> None:
        number = fields[1].strip() if len(fields) > 1 else ""
        if number and not number.isdecimal():
            row.refuse("paypal.row", f"file must have a number, got {number!r}")
        self._is_first_file = not number.isdecimal() or int(number) <= 1

    def _take_section(self, fields: list[str], row: ReportRow) -> None:
        self._end_section()
        said = fields[_ACCOUNT].strip() if len(fields) > _ACCOUNT else ""
        self._account = row.without_cards(said, field="account")

    def _take_columns(self, fields: list[str], _row: ReportRow) -> None:
        self._columns = [heading_of(text).replace(" ", "") for text in fields]

    def _take_body(self, fields: list[str], row: ReportRow) -> None:
        self._bodies += 1
        width = len(self._columns)
        if len(fields) < width or any(fields[width:]) or not width:
            row.refuse("row.length", f"row must have {width} fields, got {len(fields)}")
            self._spoil()
            return
        row.cells = dict(zip(self._columns, fields, strict=False))
        facts = self._facts(row)
        if row.is_refused:
            self._spoil(row.name("grosstransactioncurrency").upper())
        elif not moves_no_money(facts.code):
            self._ledger(facts.currency).add(facts)

    def _facts(self, row: ReportRow) -> Facts:
        currency = row.currency("grosstransactioncurrency")
        name = row.needed_name("transactionid", code="paypal.identity")
        code = row.needed_name("transactioneventcode", code="paypal.code-unknown")
        fee_currency = row.name("feecurrency").upper()
        if fee_currency and currency and fee_currency != currency:
            msg = f"fee must be in the currency of its transaction, got {fee_currency}"
            row.refuse("paypal.fee-currency", msg, field="fee currency")
        gross_minor = self._signed(row, "grosstransactionamount", "transactiondebitorcredit")
        is_txn = row.name("paypalreferenceidtype") in {"", "TXN"}
        return Facts(
            row=row,
            name=self._unique(name, code),
            code=code,
            gross_minor=gross_minor,
            fee_minor=-self._signed(row, "feeamount", "feedebitorcredit"),
            currency=currency,
            occurred_on=row.needed_day("transactioninitiationdate", "transactioncompletiondate"),
            original=row.name("paypalreferenceid") if is_txn else "",
            reference=row.text("invoiceid", "customfield"),
            text=row.text("bankreferenceid"),
        )

    def _unique(self, name: str, code: str) -> str:
        """A transaction's own name; PayPal gives one name to two events now and then."""
        return name if self._names.setdefault(name, code) == code else f"{name}/{code}"

    def _signed(self, row: ReportRow, field: str, side: str) -> int:
        sign = _SIGNS.get(row.name(side).upper())
        if sign is None:
            row.refuse("paypal.direction", f"{side} must be CR or DR, got another", field=side)
        currency = row.name("grosstransactioncurrency").upper()
        amount = 0 if row.is_refused else row.minor(field, currency)
        if amount < 0:
            row.refuse("amount.sign", f"{field} must have no sign, got {amount}", field=field)
        return amount * (sign or 0)

    def _ledger(self, currency: str) -> Ledger:
        if currency not in self._ledgers:
            self._ledgers[currency] = Ledger(self._account, currency)
        return self._ledgers[currency]

    def _spoil(self, currency: str = "") -> None:
        """A body was refused: of its currency nothing can be proved, or of any where it has none."""
        for code in [currency] if currency in self._ledgers else list(self._ledgers):
            self._ledgers[code].is_spoilt = True

    def _take_footer(self, fields: list[str], row: ReportRow) -> None:
        footer = footer_of(fields, row)
        if footer is not None:
            self._footers[footer.currency] = footer

    def _take_count(self, fields: list[str], row: ReportRow) -> None:
        self._check_count(fields, row, self._bodies)
        self._end_section()

    def _check_count(self, fields: list[str], row: ReportRow, found: int) -> None:
        said = fields[1].strip() if len(fields) > 1 else ""
        if said != str(found) and not (said.isdecimal() and int(said) == found):
            msg = f"count must be that of the rows, {found}, got {said or 'none'!r}"
            row.refuse("paypal.control-total", msg)
            self._spoil()

    def _take_report_footer(self, fields: list[str], row: ReportRow) -> None:
        self._end_section()
        footer = footer_of(fields, row)
        if footer is not None:
            self._report_footers[footer.currency] = footer

    def _take_report_count(self, fields: list[str], row: ReportRow) -> None:
        self._end_section()
        self._is_ended = True
        if self._is_first_file:
            self._check_count(fields, row, self._all_bodies)

    def _take_end(self, _fields: list[str], _row: ReportRow) -> None:
        self._end_section()
        self._is_ended = True

    def _end_section(self) -> None:
        if self._ledgers or self._footers:
            self._sections.append((self._ledgers, self._footers))
        for currency, ledger in self._ledgers.items():
            self._totals.setdefault(currency, Totals()).join(ledger.totals)
        self._all_bodies += self._bodies
        self._bodies = 0
        self._ledgers, self._footers = {}, {}

    def _records(self) -> Iterator[PayoutRecord]:
        under_way = PayoutsUnderWay(self._notes, processor=PROCESSOR)
        wrong = self._wrong_currencies()
        for ledgers, footers in self._sections:
            for currency in [*ledgers, *(code for code in footers if code not in ledgers)]:
                ledger = ledgers.get(currency) or Ledger("", currency)
                opening = ledger.check(footers.get(currency), self._notes)
                ledger.is_spoilt = ledger.is_spoilt or currency in wrong
                yield from ledger.records(opening, under_way, self._notes, self._settings.kinds)
        yield from under_way.rest()

    def _wrong_currencies(self) -> set[str]:
        """The currencies whose sums are others than the report's own; nothing of them is given."""
        found: set[str] = set()
        if not self._is_first_file:
            return found  # the footers are of all files together
        for currency, footer in self._report_footers.items():
            if wrong := footer.wrong(self._totals.get(currency, Totals())):
                footer.row.refuse("paypal.control-total", f"of the report: {wrong}")
                found.add(currency)
        return found
