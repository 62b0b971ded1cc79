"""From rows of BSID, BSAD or BSEG to customer lines, and from those to records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import attrs

from receivables.adapters import LedgerRecord
from receivables.errors import (
    DocumentError,
    InexactAmountError,
    LimitError,
    UnknownCurrencyError,
)
from receivables.money import digits, from_minor, minor_of
from receivables.reading import ReadNotes
from receivables.texts import amount_readings, date_readings
from receivables_plugins.sap import rules
from receivables_plugins.sap.lines import CustomerLine, Lines
from receivables_plugins.sap.tables_settings import SapTablesSettings

__all__ = ["Fields", "RefusedError", "TableLines"]

_DAY_LENGTH: Final = len("2026-01-31")
_DAYS_MAX: Final = 999
_CUSTOMER: Final = "D"
_TERMS: Final = ("ZFBDT", "ZBD1T", "ZBD2T", "ZBD3T", "ZBD1P", "ZBD2P")
_TERMS_KEPT: Final = 10_000
"""Terms with their days that are kept, because the lines of a day have the same few."""
_HEAD_FIELDS: Final = ("BUDAT", "BLDAT", "WAERS", "BLART", "XBLNR", "BSTAT")


class RefusedError(Exception):
    """A row that cannot be taken, with the code of its problem and the field."""

    def __init__(self, code: str, message: str, *, field: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class Fields:
    """Reads the fields of rows as the settings say that they are written."""

    def __init__(self, said: Any) -> None:  # noqa: ANN401  # settings of tables, of two classes
        self._said = said
        self._is_plain = said.decimal is None and said.grouping is None
        self._minors: dict[tuple[str, str], int] = {}

    def day(self, row: Mapping[str, str], field: str) -> dt.date | None:
        """A day, or None where there is none."""
        text = row.get(field, "")
        if text.strip("0") == "":
            return None
        if self._said.date_format is not None:
            found = date_readings(text, format=self._said.date_format)
            if len(found) == 1:
                return found[0]
        else:
            try:
                # Replication writes a day with a time of midnight behind it.
                return rules.day_of(text[:_DAY_LENGTH] if text[4:5] == "-" else text)
            except ValueError:
                pass
        msg = f"{field} must be a day as it was declared, got {text!r}"
        raise RefusedError("date.invalid", msg, field=field)

    def needed_day(self, row: Mapping[str, str], field: str) -> dt.date:
        """A day that must be there."""
        day = self.day(row, field)
        if day is None:
            raise RefusedError("date.missing", f"{field} must be given, got none", field=field)
        return day

    def amount(self, row: Mapping[str, str], field: str) -> Decimal:
        """An amount as it stands; zero where there is none."""
        text = row.get(field, "")
        if not text:
            return Decimal(0)
        if self._is_plain:
            try:
                return rules.amount_of(text)
            except ValueError as error:
                raise RefusedError("amount.invalid", str(error), field=field) from None
        found = amount_readings(text, decimal=self._said.decimal, grouping=self._said.grouping)
        if len(found) != 1:
            code = "locale.ambiguous" if found else "amount.invalid"
            msg = f"{field} must be readable in one way, got {text!r}"
            raise RefusedError(code, msg, field=field)
        return found[0]

    def minor(self, row: Mapping[str, str], field: str, currency: str) -> int:
        """An amount of type CURR in minor units, as the table's or as the real one."""
        amount = self.amount(row, field)
        said = self._said
        if not amount:
            return 0
        try:
            if said.curr == "raw":
                amount = rules.table_amount(amount, currency, decimals=said.decimals)
            elif not said.curr and said.decimals.get(currency, 2) != 2:  # noqa: PLR2004  # what CURR has
                msg = (
                    f"curr must be declared where an amount is in {currency}: raw tables have two "
                    f"decimals of every currency, got {row.get(field)!r}"
                )
                raise RefusedError("sap.decimals-unsaid", msg, field=field)
            return minor_of(amount, currency)
        except (DocumentError, InvalidOperation) as error:
            raise RefusedError(_code(error), str(error), field=field) from None

    def count(self, row: Mapping[str, str], field: str) -> int:
        """A number of days."""
        number = self.amount(row, field)
        if number != int(number) or not 0 <= number <= _DAYS_MAX:
            msg = f"{field} must be 0 to {_DAYS_MAX} days, got {number}"
            raise RefusedError("terms.invalid", msg, field=field)
        return int(number)


def _code(error: Exception) -> str:
    if isinstance(error, UnknownCurrencyError):
        return "currency.unknown"
    if isinstance(error, LimitError):
        return "amount.limit"
    return "amount.inexact" if isinstance(error, InexactAmountError) else "amount.invalid"


@attrs.define
class _Clearing:
    """What a clearing document has cleared, by currency."""

    line: int | None
    sums: dict[str, int] = attrs.field(factory=dict)


class TableLines:
    """Takes rows one by one and makes records of them; credits may have to wait for their invoices."""

    def __init__(self, said: SapTablesSettings, notes: ReadNotes) -> None:
        self._said = said
        self._notes = notes
        self._fields = Fields(said)
        self._lines = Lines(said.rules(), notes)
        self._heads: dict[tuple[str, str, str], Mapping[str, str]] = {}
        self._due: dict[tuple[str, str, str, str], dt.date] = {}
        self._known_terms: dict[tuple[str, ...], rules.Terms] = {}
        self._waiting: list[CustomerLine] = []
        self._clearings: dict[tuple[str, str, str], _Clearing] = {}
        self._companies: set[str] = set()
        self._clients: set[str] = set()

    def add_head(self, row: Mapping[str, str]) -> None:
        """Take a row of BKPF, for lines that lack what it says."""
        key = (row.get("BUKRS", ""), row.get("BELNR", ""), row.get("GJAHR", ""))
        self._heads[key] = {name: row.get(name, "") for name in _HEAD_FIELDS}

    def records(self, row: Mapping[str, str], *, line: int) -> Iterator[LedgerRecord]:
        """The record of a row, unless it is left out, wrong, or has to wait."""
        if row.get("KOART", _CUSTOMER) not in {_CUSTOMER, ""} or not self._is_wanted(row, line):
            return
        try:
            found = self._line(self._with_head(row), line)
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=line, field=error.field)
            return
        self._note_clearing(found)
        if found.is_credit and found.invoice not in {"", "V"}:
            due = self._due.get(
                self._key(found, found.invoice, found.invoice_year, found.invoice_item)
            )
            if due is None:
                self._waiting.append(found)
                return
            found = attrs.evolve(found, due_date=due)
        yield from self._recorded(found)

    def rest(self) -> Iterator[LedgerRecord]:
        """The credits that waited, with the due dates of their invoices, and what settles what."""
        for line in self._waiting:
            key = self._key(line, line.invoice, line.invoice_year, line.invoice_item)
            yield from self._recorded(attrs.evolve(line, due_date=self._due.get(key)))
        yield from self._lines.allocations()
        self._check_clearings()
        self._lines.close()

    def _recorded(self, line: CustomerLine) -> Iterator[LedgerRecord]:
        record = self._lines.record(line)
        if record is not None:
            yield record

    def _is_wanted(self, row: Mapping[str, str], line: int) -> bool:
        company = row.get("BUKRS", "")
        if self._said.company_codes and company not in self._said.company_codes:
            return False
        client = row.get("MANDT", "")
        if client and client not in self._clients:
            self._clients.add(client)
            if len(self._clients) > 1:
                msg = f"rows must be of one client (MANDT), got {sorted(self._clients)}"
                self._notes.error("sap.clients-mixed", msg, line=line, field="MANDT")
        if company not in self._companies:
            self._companies.add(company)
            listed = self._companies - set(self._said.creditors)
            if self._said.creditor and len(listed) > 1:
                msg = f"company codes must be listed in creditors, got {sorted(listed)} for {self._said.creditor}"
                self._notes.error("sap.companies-mixed", msg, line=line, field="BUKRS")
        return True

    def _with_head(self, row: Mapping[str, str]) -> Mapping[str, str]:
        if not self._heads:
            return row
        key = (row.get("BUKRS", ""), row.get("BELNR", ""), row.get("GJAHR", ""))
        head = self._heads.get(key)
        return row if head is None else {**head, **{k: v for k, v in row.items() if v}}

    def _line(self, row: Mapping[str, str], line: int) -> CustomerLine:
        currency = self._currency(row)
        for field, code in (("KUNNR", "customer.missing"), ("BELNR", "document.missing")):
            if not row.get(field):
                raise RefusedError(code, f"{field} must be given, got none", field=field)
        minor = self._signed(row, currency)
        document_date = self._fields.day(row, "BLDAT")
        posting_date = self._fields.needed_day(row, "BUDAT")
        cleared_on, clearing = self._cleared(row)
        terms = self._terms(row)
        document_date = document_date or posting_date
        found = CustomerLine(
            company=self._said.creditor_of(row.get("BUKRS", "")),
            document=row["BELNR"],
            year=row.get("GJAHR", ""),
            item=row.get("BUZEI", ""),
            customer=row["KUNNR"],
            amount_minor=minor,
            currency=currency,
            document_date=document_date,
            posting_date=posting_date,
            terms=terms,
            discount_base_minor=abs(self._fields.minor(row, "SKFBT", currency)) or None,
            document_type=row.get("BLART", ""),
            posting_key=row.get("BSCHL", ""),
            special_gl=row.get("UMSKZ", ""),
            status=row.get("BSTAT", ""),
            invoice=row.get("REBZG", ""),
            invoice_year=row.get("REBZJ", ""),
            invoice_item=row.get("REBZZ", ""),
            references=self._references(row),
            text=row.get("SGTXT", ""),
            payment_terms=row.get("ZTERM", ""),
            cleared_on=cleared_on,
            clearing=clearing,
            clearing_year=(row.get("AUGGJ", "").strip("0") and row["AUGGJ"])
            or str(cleared_on or "")[:4],
            line=line,
        )
        if not found.is_credit and (terms.baseline or terms.net_days):
            due = rules.due_date(terms, document_date=document_date)
            self._due[self._key(found, found.document, found.year, found.item)] = due
        return found

    def _key(
        self, line: CustomerLine, document: str, year: str, item: str
    ) -> tuple[str, str, str, str]:
        return (line.company, document, year, item.lstrip("0"))

    def _currency(self, row: Mapping[str, str]) -> str:
        currency = self._said.currency if self._said.amounts == "local" else row.get("WAERS", "")
        currency = (currency or self._said.currency).upper()
        if not currency:
            raise RefusedError("currency.missing", "WAERS must be given, got none", field="WAERS")
        try:
            digits(currency)
        except UnknownCurrencyError as error:
            raise RefusedError("currency.unknown", str(error), field="WAERS") from None
        return currency

    def _signed(self, row: Mapping[str, str], currency: str) -> int:
        field = "DMBTR" if self._said.amounts == "local" else "WRBTR"
        if not row.get(field):
            raise RefusedError("amount.invalid", f"{field} must be given, got none", field=field)
        minor = self._fields.minor(row, field, currency)
        try:
            return int(rules.signed(Decimal(minor), row.get("SHKZG", "").upper()))
        except ValueError as error:
            raise RefusedError("amount.sign", str(error), field="SHKZG") from None

    def _cleared(self, row: Mapping[str, str]) -> tuple[dt.date | None, str]:
        """The day of clearing and its document; both or neither must be there."""
        day, document = self._fields.day(row, "AUGDT"), row.get("AUGBL", "")
        if day is None and document.strip("0"):
            msg = f"AUGDT must be given with AUGBL {document}, got none"
            raise RefusedError("date.missing", msg, field="AUGDT")
        return day, document if day else ""

    def _terms(self, row: Mapping[str, str]) -> rules.Terms:
        key = tuple([row.get(field, "") for field in _TERMS])
        found = self._known_terms.get(key)
        if found is None:
            if len(self._known_terms) >= _TERMS_KEPT:
                self._known_terms.clear()
            found = self._known_terms[key] = self._read_terms(row)
        return found

    def _read_terms(self, row: Mapping[str, str]) -> rules.Terms:
        fields = self._fields
        return rules.Terms(
            baseline=fields.day(row, "ZFBDT"),
            days1=fields.count(row, "ZBD1T"),
            days2=fields.count(row, "ZBD2T"),
            days3=fields.count(row, "ZBD3T"),
            percent1=fields.amount(row, "ZBD1P"),
            percent2=fields.amount(row, "ZBD2P"),
        )

    def _references(self, row: Mapping[str, str]) -> tuple[str, ...]:
        found = [row.get(field, "") for field in self._said.references]
        return tuple(dict.fromkeys([text for text in found if text.strip("0")]))

    def _note_clearing(self, line: CustomerLine) -> None:
        if line.cleared_on is None or line.special_gl:
            return
        key = (line.company, line.clearing, line.clearing_year)
        clearing = self._clearings.setdefault(key, _Clearing(line.line))
        sums = clearing.sums
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_minor

    def _check_clearings(self) -> None:
        """Note what a document cleared and that is not zero; with two currencies nothing is proved."""
        for (company, document, year), clearing in self._clearings.items():
            for currency, minor in clearing.sums.items():
                if minor and len(clearing.sums) == 1:
                    msg = (
                        f"lines that {document} of {company} cleared in {year} must add up to zero, "
                        f"got {from_minor(minor, currency)}: something that is not here settled it"
                    )
                    self._notes.warn("sap.clearing-unbalanced", msg, line=clearing.line)
