"""The ledger source ``sap-list``: item lists as people export them (FBL5N and its like).

Layouts and headings are as practitioners describe them; they were not checked against a system.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, Final

import attrs

from receivables.adapters import LedgerRecord
from receivables.errors import DocumentError, InexactAmountError, UnknownCurrencyError
from receivables.money import digits, from_minor, minor_of
from receivables.parties import Customer, CustomerId
from receivables.reading import Read, ReadNotes
from receivables.texts import TextLines
from receivables_plugins.sap.lines import CustomerLine, Lines
from receivables_plugins.sap.lists_formats import (
    NO_DAYS,
    AmountFormat,
    Formats,
    proved_amounts,
    proved_days,
)
from receivables_plugins.sap.lists_headings import AMOUNTS, DAYS
from receivables_plugins.sap.lists_rows import ListRow, ListRows
from receivables_plugins.sap.lists_settings import SapListSettings

__all__ = ["ListSource"]

_REFERENCES: Final = ("reference", "billing", "document", "assignment")


class _RefusedError(Exception):
    """A row that cannot be taken, with the code of its problem and the field."""

    def __init__(self, code: str, message: str, *, field: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class ListSource:
    """Reads lists with rules and bars, and lists with tabs, semicolons or commas."""

    def __init__(self, settings: SapListSettings) -> None:
        self._said = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether one of the first lines is a heading of such a list, and not one of anybody's."""
        notes = ReadNotes(name)
        lines = TextLines(io.BytesIO(head), notes=notes, encoding=self._said.encoding)
        rows = ListRows(lines, self._said, notes)
        next(iter(rows), None)
        return bool(rows.columns) and rows.is_of_sap

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; totals of the list are held against the sums of its rows.

        Where the forms of amounts and days are not declared, all rows are taken into memory first,
        to prove them.
        """
        notes = ReadNotes(name)
        return Read(self._read(stream, notes), notes)

    def _read(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        said = self._said
        lines = TextLines(stream, notes=notes, encoding=said.encoding)
        source = ListRows(lines, said, notes)
        rows: Iterable[ListRow] = source
        formats = _declared(said)
        if formats is None:
            rows = list(source)
            formats = _proved(rows, said, notes)
        if formats is not None:
            found = _List(said, formats, notes)
            yield from found.records(rows)
            if source.columns and not found.rows:
                notes.error("file.empty", "list must have items, got none")
        if not source.columns:
            msg = "file must have a heading with the document number and three others that are known, got none. Map others in columns"
            notes.error("column.missing" if lines.number else "file.empty", msg)


def _declared(said: SapListSettings) -> Formats | None:
    if said.decimal is None or said.grouping is None or said.date_format is None:
        return None
    return Formats(AmountFormat(said.decimal, said.grouping), said.date_format)


def _proved(rows: Iterable[ListRow], said: SapListSettings, notes: ReadNotes) -> Formats | None:
    """What is declared, and what the values prove of the rest; None, with an error, where they do not."""
    amounts: dict[str, int] = {}
    days: dict[str, int] = {}
    for row in rows:
        for field in AMOUNTS:
            if text := row.cells.get(field, ""):
                amounts.setdefault(text, row.line)
        for field in DAYS if not row.stars else ():
            if (text := row.cells.get(field, "")) not in NO_DAYS:
                days.setdefault(text, row.line)
    forms: tuple[AmountFormat, ...]
    if said.decimal is not None and said.grouping is not None:
        forms = (AmountFormat(said.decimal, said.grouping),)
    else:
        forms = tuple(
            form
            for form in proved_amounts(amounts)
            if said.decimal in {None, form.decimal} and said.grouping in {None, form.grouping}
        )
    written = (said.date_format,) if said.date_format is not None else proved_days(days)
    is_one = _is_one("amounts", forms, amounts, notes)
    if not _is_one("days", written, days, notes) or not is_one:
        return None
    return Formats(forms[0], written[0])


def _is_one(
    what: str, forms: tuple[object, ...], texts: Mapping[str, int], notes: ReadNotes
) -> bool:
    if len(forms) == 1:
        return True
    field = "decimal" if what == "amounts" else "date_format"
    if forms:
        ways = " or ".join(map(str, forms))
        msg = f"{what} must be readable in one way, got {ways}. Declare {field}"
        notes.error("locale.ambiguous", msg, field=field)
    else:
        some = ", ".join(list(texts)[:3])
        code = "amount.invalid" if what == "amounts" else "date.invalid"
        msg = f"{what} must all be of one form, got such as {some}"
        notes.error(code, msg, line=next(iter(texts.values()), None), field=field)
    return False


@attrs.define
class _Sums:
    """What rows add up to since the last total of a level, by column and currency."""

    sums: dict[tuple[str, str], int] = attrs.field(factory=dict)

    def add(self, column: str, currency: str, minor: int) -> None:
        """Take an amount in."""
        key = (column, currency)
        self.sums[key] = self.sums.get(key, 0) + minor


class _List:
    """One list under way: its customers, its lines and its totals."""

    def __init__(self, said: SapListSettings, formats: Formats, notes: ReadNotes) -> None:
        self._said = said
        self._formats = formats
        self._notes = notes
        self._lines = Lines(said.rules(), notes)
        self._named: set[str] = set()
        self._times: dict[tuple[str, str, str], int] = {}
        self._levels: dict[int, _Sums] = {}
        self._all = _Sums()
        self._repeated = 0
        self._companies: set[str] = set()
        self._days: dict[str, dt.date | None] = {}
        self.rows = 0

    def records(self, rows: Iterable[ListRow]) -> Iterator[LedgerRecord]:
        """Each customer before its first item, the items, and then what was cleared."""
        for row in rows:
            self.rows += 1
            if row.stars:
                self._check_total(row)
                continue
            try:
                line = self._line(row)
            except _RefusedError as error:
                self._notes.error(error.code, str(error), line=row.line, field=error.field)
                continue
            yield from self._customer(row)
            record = self._lines.record(line)
            if record is not None:
                yield record
        yield from self._lines.allocations()
        self._lines.close()
        if self._repeated:
            msg = (
                f"{self._repeated} lines have the document number of another line and no item "
                "number; they were numbered in the order of the list"
            )
            self._notes.warn("sap.item-unsaid", msg)

    def _customer(self, row: ListRow) -> Iterator[Customer]:
        number, name = self._party(row), row.cells.get("customer-name", "")
        if name and number not in self._named:
            self._named.add(number)
            yield Customer(customer=CustomerId(number), name=name, locale=self._said.locale)

    def _party(self, row: ListRow) -> str:
        return row.cells.get("customer", "") or self._said.customer

    def _line(self, row: ListRow) -> CustomerLine:
        get = row.cells.get
        document, customer = get("document", ""), self._party(row)
        for field, value, code in (
            ("document", document, "document.missing"),
            ("customer", customer, "customer.missing"),
        ):
            if not value:
                raise _RefusedError(code, f"{field} must be given, got none", field=field)
        minor, currency = self._amount(row)
        posted, dated = self._day(row, "posting-date"), self._day(row, "document-date")
        day = posted or dated
        if day is None:
            msg = "posting date or document date must be given, got neither"
            raise _RefusedError("date.missing", msg, field="posting-date")
        company = get("company", "") or self._said.company
        self._check_company(company, row.line)
        year = get("year", "") or str(day.year)
        return CustomerLine(
            company=self._said.creditor_of(company),
            document=document,
            year=year,
            item=get("item", "") or self._place(company, document, year),
            customer=customer,
            amount_minor=minor,
            currency=currency,
            document_date=dated or day,
            posting_date=day,
            due_date=self._day(row, "due-date"),
            document_type=get("type", ""),
            posting_key=get("posting-key", ""),
            special_gl=get("special-gl", ""),
            invoice=get("invoice", ""),
            references=tuple(
                dict.fromkeys(text for field in _REFERENCES if (text := get(field, "")))
            ),
            text=get("text", ""),
            payment_terms=get("terms", ""),
            cleared_on=self._day(row, "clearing-date"),
            clearing=get("clearing", ""),
            line=row.line,
        )

    def _place(self, company: str, document: str, year: str) -> str:
        """The place of a line among those of its document, where the list does not say its item."""
        key = (company, document, year)
        place = self._times[key] = self._times.get(key, 0) + 1
        self._repeated += place > 1
        return str(place) if place > 1 else ""

    def _check_company(self, company: str, line: int) -> None:
        if company in self._companies:
            return
        self._companies.add(company)
        listed = self._companies - set(self._said.creditors)
        if not self._said.creditor_of(company):
            msg = "creditor must be given where a list has no company code, got none"
            raise _RefusedError("settings.invalid", msg, field="company")
        if self._said.creditor and len(listed) > 1:
            msg = f"company codes must be listed in creditors, got {sorted(listed)}"
            self._notes.error("sap.companies-mixed", msg, line=line, field="company")

    def _day(self, row: ListRow, field: str) -> dt.date | None:
        text = row.cells.get(field, "")
        if text in NO_DAYS:
            return None
        if text not in self._days:
            self._days[text] = self._formats.day(text)
        day = self._days[text]
        if day is None:
            msg = f"{field} must be a day like {self._formats.days}, got {text!r}"
            raise _RefusedError("date.invalid", msg, field=field)
        return day

    def _amount(self, row: ListRow) -> tuple[int, str]:
        """The amount that is asked for, the only one there is otherwise; both are added up."""
        found: dict[str, tuple[int, str]] = {}
        for field in AMOUNTS:
            if row.cells.get(field, ""):
                currency = self._currency(row, field)
                minor = self._minor(row, field, currency)
                found[field] = (minor, currency)
        wanted = "local-amount" if self._said.amounts == "local" else "amount"
        chosen = found.get(wanted) or next(iter(found.values()), None)
        if chosen is None:
            raise _RefusedError("amount.invalid", "amount must be given, got none", field="amount")
        for field, (minor, currency) in found.items():
            self._all.add(field, currency, minor)
        return chosen

    def _currency(self, row: ListRow, field: str) -> str:
        name = "currency" if field == "amount" else "local-currency"
        code = row.cells.get(name, "") or self._said.currency
        if not code:
            raise _RefusedError("currency.missing", f"{name} must be given, got none", field=name)
        try:
            digits(code)
        except UnknownCurrencyError as error:
            raise _RefusedError("currency.unknown", str(error), field=name) from None
        return code

    def _minor(self, row: ListRow, field: str, currency: str) -> int:
        text = row.cells[field]
        amount = self._formats.amount(text)
        if amount is None:
            msg = f"{field} must be an amount in the form of the list, got {text!r}"
            raise _RefusedError("amount.invalid", msg, field=field)
        try:
            return minor_of(amount, currency)
        except InexactAmountError as error:
            raise _RefusedError("amount.inexact", str(error), field=field) from None
        except DocumentError as error:
            raise _RefusedError("amount.limit", str(error), field=field) from None

    def _check_total(self, row: ListRow) -> None:
        """Hold a total against the rows since the last total of its level or a higher one."""
        since = self._levels.get(row.stars, _Sums())
        for field in AMOUNTS:
            text = row.cells.get(field, "")
            amount = self._formats.amount(text) if text else None
            if amount is None:
                continue
            name = "currency" if field == "amount" else "local-currency"
            parts = {
                currency: minor - since.sums.get((column, currency), 0)
                for (column, currency), minor in self._all.sums.items()
                if column == field and row.cells.get(name, "") in {"", currency}
            }
            if len([minor for minor in parts.values() if minor]) > 1:
                # A sum of several currencies proves nothing.
                continue
            currency = next((code for code, minor in parts.items() if minor), next(iter(parts), ""))
            if currency and self._minor_or_none(row, field, currency) != parts[currency]:
                got = from_minor(parts[currency], currency)
                msg = f"total {text} of the list must be the sum of its rows, got {got}"
                self._notes.error("sap.total-differs", msg, line=row.line, field=field)
        now = _Sums(dict(self._all.sums))
        for level in range(1, row.stars + 1):
            self._levels[level] = now

    def _minor_or_none(self, row: ListRow, field: str, currency: str) -> int | None:
        try:
            return self._minor(row, field, currency)
        except _RefusedError:
            return None
