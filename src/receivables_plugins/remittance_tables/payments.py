"""From the rows of a remittance table to payments, each with the documents that it pays.

A line of totals is the control of the table: it must be the sum of all lines before it, or of those
since the last one.  Amounts below zero are those of credit notes.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import attrs

from receivables import limits
from receivables.adapters import AdviceRecord
from receivables.errors import InexactAmountError, LimitError, UnknownCurrencyError
from receivables.money import digits, minor_of
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.advices import AdviceBatch, AdviceKind, PaymentAdvice
from receivables.receipts.model import Payer, ReferredDocument, Remittance
from receivables_plugins.remittance_tables.conventions import AMBIGUOUS, Conventions
from receivables_plugins.remittance_tables.headings import (
    Header,
    find_header,
    heading_field,
    is_total,
    is_total_above,
)
from receivables_plugins.remittance_tables.settings import (
    CsvRemittanceSettings,
    ExcelRemittanceSettings,
)
from receivables_plugins.remittance_tables.tables import HEADER_LINES_MAX, Cell, Row, text_of

__all__ = ["TableReading"]

_AMOUNTS: Final = ("paid", "gross", "discount", "deduction")
_DATES: Final = ("document-date", "payment-date")
_SHARED: Final = ("payment-reference", "payment-date", "payer", "currency")
"""What can stand above the headings for all lines."""
_CREDIT_NOTE: Final = "CREN"
_WAITING_MAX: Final = 100_000
"""Lines that wait for a convention to be proved; a remittance has far fewer."""


@attrs.define
class _Payment:
    """One payment under way."""

    reference: str
    currency: str
    payer: str
    date: dt.date | None
    line: int
    amount_minor: int = 0
    documents: list[ReferredDocument] = attrs.field(factory=list)
    raws: list[str] = attrs.field(factory=list)
    is_broken: bool = False


class _RefusedError(Exception):
    """A row that cannot be taken; its problem was noted."""


class TableReading:
    """One table under way."""

    def __init__(
        self,
        settings: CsvRemittanceSettings | ExcelRemittanceSettings,
        notes: ReadNotes,
        *,
        prefix: str,
        batch: str,
    ) -> None:
        self._settings = settings
        self._notes = notes
        self._prefix = prefix
        self._batch = batch
        self._conventions = Conventions(settings)
        self._header = Header(line=0, cells=(), columns={})
        self._dates: tuple[str, ...] = ()
        self._codes: dict[str, str] = {}
        self._above: dict[str, tuple[str, int]] = {}
        self._waiting: deque[Row] = deque()
        self._seen_changes = -1
        self._payment: _Payment | None = None
        self._references: set[str] = set()
        self._index = 0
        self._sums: dict[str, list[int]] = {}
        self._since_minor = 0
        self._lines_minor = 0
        self._declared_minor: int | None = None
        self._has_total = False
        self.has_headings = False

    def records(self, rows: Iterable[Row], *, index: int = 0) -> Iterator[AdviceRecord]:
        """The payments of a table, and its batch; nothing where it has no headings."""
        self._index = index
        source = iter(rows)
        if not self._has_found_header(source):
            return
        self.has_headings = True
        for row in source:
            if not self._is_nothing(row):
                self._learn(row)
                self._waiting.append(row)
                yield from self._drained()
        yield from self._drained(is_last=True)
        yield from self._closed()
        self._check_above()
        if self._sums and self._declared_minor is None and not self._has_total:
            msg = "a table must have a total to prove that all lines came, got none"
            self._notes.warn(f"{self._prefix}.unproved", msg, line=self._header.line)
        yield from self._batches()

    @property
    def index(self) -> int:
        """The number of payments so far."""
        return self._index

    def _has_found_header(self, rows: Iterator[Row]) -> bool:
        for row in rows:
            try:
                header = find_header(row.texts, line=row.line, declared=self._settings.columns)
            except ValueError as error:
                self._notes.error("column.duplicate", str(error), line=row.line)
                return False
            if header is not None:
                self._header = header
                self._dates = tuple(field for field in _DATES if field in header.columns)
                self._conventions.learn_date(self._above.get("payment-date", ("", 0))[0])
                self._conventions.learn_amount(self._above.get("total", ("", 0))[0])
                return True
            self._take_above(row)
            if row.line > HEADER_LINES_MAX:
                return False
        return False

    def _take_above(self, row: Row) -> None:
        """What a line above the headings says of the whole: a label, and the next cell or the rest."""
        texts = [text for text in row.texts if text]
        for place, text in enumerate(texts):
            label, colon, rest = text.partition(":")
            value = rest.strip() or "".join(texts[place + 1 : place + 2])
            field = "total" if is_total_above(label) else heading_field(label)[0]
            if value and (field == "total" or (field in _SHARED and (colon or len(texts) > 1))):
                self._above.setdefault(field, (value, row.line))

    def _is_nothing(self, row: Row) -> bool:
        document = self._cell(row, "document")
        if document and document != self._header.heading("document"):
            return False
        return row.is_blank or tuple(row.texts) == self._header.cells

    def _learn(self, row: Row) -> None:
        if not self._conventions.has_one_mark:
            for field in _AMOUNTS:
                self._conventions.learn_amount(self._cell(row, field))
        for field in self._dates:
            self._conventions.learn_date(self._cell(row, field))

    def _cell(self, row: Row, field: str) -> Cell:
        place = self._header.columns.get(field)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def _cells(self, row: Row, fields: Iterable[str]) -> list[Cell]:
        return [self._cell(row, field) for field in fields]

    def _drained(self, *, is_last: bool = False) -> Iterator[AdviceRecord]:
        """Take the rows that can be read, in their order."""
        is_last = is_last or len(self._waiting) > _WAITING_MAX
        has_waited = self._seen_changes == self._conventions.changes and len(self._waiting) > 1
        if has_waited and not is_last:
            # The first still waits for what nothing has proved yet.
            return
        while self._waiting and (is_last or not self._is_in_doubt(self._waiting[0])):
            yield from self._taken(self._waiting.popleft())
        self._seen_changes = self._conventions.changes

    def _is_in_doubt(self, row: Row) -> bool:
        is_open = not self._conventions.has_one_mark
        amounts = map(self._conventions.amount, self._cells(row, _AMOUNTS if is_open else ()))
        days = (self._above.get("payment-date", ("", 0))[0], *self._cells(row, self._dates))
        dates = map(self._conventions.date, days)
        return any(one is AMBIGUOUS for one in (*amounts, *dates))

    def _taken(self, row: Row) -> Iterator[AdviceRecord]:
        kind = self._kind(row)
        if kind == "total":
            self._take_total(row)
        elif kind == "line":
            yield from self._line(row)

    def _kind(self, row: Row) -> str:
        """Whether a row is a line, a total, or what stands below the table."""
        document = text_of(self._cell(row, "document"))
        if is_total(document) or (not document and any(map(is_total, row.texts))):
            return "total"
        has_amount = any(text_of(self._cell(row, field)) for field in _AMOUNTS)
        return "line" if has_amount or not self._has_total else "below"

    def _take_total(self, row: Row) -> None:
        """Prove the lines by a total: of all of them, or of those since the last one."""
        self._has_total = True
        currency = self._payment.currency if self._payment else self._currency(row, note=False)
        try:
            declared = self._minor(row, "paid", currency)
        except _RefusedError:
            return
        if declared is None:
            return
        if declared == self._lines_minor:
            self._declared_minor = declared
        elif declared != self._since_minor:
            msg = f"lines must add up to {declared} minor units as the total says"
            self._error(
                f"{self._prefix}.total-differs", f"{msg}, got {self._lines_minor}", row, "paid"
            )
            self._declared_minor = declared
        self._since_minor = 0

    def _line(self, row: Row) -> Iterator[AdviceRecord]:
        if not self._has_its_length(row):
            if self._payment is not None:
                # Whose line it is cannot be known, so the payment before it may lack it.
                self._payment.is_broken = True
            return
        reference = self._shared(row, "payment-reference")
        if self._payment is None or self._payment.reference != reference:
            yield from self._closed()
            self._payment = self._begun(row, reference)
        payment = self._payment
        try:
            document, paid_minor = self._document(row, payment)
        except _RefusedError:
            payment.is_broken = True
            return
        if len(payment.documents) >= limits.LEGS_MAX:
            msg = f"a payment must have at most {limits.LEGS_MAX} lines, got more"
            self._error("file.too-large", msg, row, "document")
            payment.is_broken = True
            return
        payment.documents.append(document)
        payment.raws.append(row.raw)
        payment.amount_minor += paid_minor
        self._lines_minor += paid_minor
        self._since_minor += paid_minor

    def _begun(self, row: Row, reference: str) -> _Payment:
        payment = _Payment(
            reference=reference,
            currency=self._currency(row),
            payer=self._shared(row, "payer") or self._settings.payer,
            date=None,
            line=row.line,
        )
        payment.is_broken = not payment.currency
        if reference in self._references:
            msg = f"lines of a payment must stand together, got {reference!r} again"
            self._error(f"{self._prefix}.payment-scattered", msg, row, "payment-reference")
        self._references.add(reference)
        try:
            payment.date = self._payment_date(row)
        except _RefusedError:
            payment.is_broken = True
        return payment

    def _payment_date(self, row: Row) -> dt.date | None:
        if text_of(self._cell(row, "payment-date")):
            return self._date(row, "payment-date")
        text, line = self._above.get("payment-date", ("", 0))
        return self._day(text, line, "payment-date") if text else None

    def _shared(self, row: Row, field: str) -> str:
        """A cell of the row, or what stands above the headings for all rows."""
        return text_of(self._cell(row, field)) or self._above.get(field, ("", 0))[0]

    def _currency(self, row: Row, *, note: bool = True) -> str:
        said = self._shared(row, "currency") or self._header.currency or self._settings.currency
        if said in self._codes:
            return self._codes[said]
        code = said.upper()
        try:
            digits(code)
        except UnknownCurrencyError as error:
            if note:
                problem = "currency.unknown" if code else "currency.missing"
                self._error(problem, str(error), row, "currency")
            return ""
        self._codes[said] = code
        return code

    def _document(self, row: Row, payment: _Payment) -> tuple[ReferredDocument, int]:
        number = text_of(self._cell(row, "document"))
        if not number:
            self._error(
                "document.missing", "a line must name a document, got none", row, "document"
            )
            raise _RefusedError
        if self._currency(row, note=False) != payment.currency:
            msg = f"lines of a payment must be in {payment.currency or 'one currency'}, got another"
            self._error(f"{self._prefix}.currency-differs", msg, row, "currency")
            raise _RefusedError
        amounts = {field: self._minor(row, field, payment.currency) for field in _AMOUNTS}
        paid_minor = amounts["paid"]
        if paid_minor is None:
            msg = "a line must have the amount that is paid, got an empty cell"
            self._error("amount.invalid", msg, row, "paid")
            raise _RefusedError
        self._check_line(row, amounts)
        sign = -1 if paid_minor < 0 else 1
        gross = amounts["gross"]
        document = ReferredDocument(
            number=number,
            kind=_CREDIT_NOTE if sign < 0 else "",
            amount_minor=abs(paid_minor),
            gross_minor=None if gross is None else sign * gross,
            discount_minor=abs(amounts["discount"] or 0),
            adjustment_minor=_adjustment(sign, amounts),
            adjustment_reason=text_of(self._cell(row, "reason")),
            date=self._date(row, "document-date"),
        )
        return document, paid_minor

    def _has_its_length(self, row: Row) -> bool:
        """Whether a row has the cells of the headings; otherwise an amount may be torn in two."""
        known = len(self._header.cells)
        is_short = len(row.cells) <= max(self._header.columns.values())
        if is_short or any(text_of(cell) for cell in row.cells[known:]):
            msg = f"a line must have {known} cells as the headings, got {len(row.cells)}"
            self._notes.error("row.length", msg, line=row.line)
            return False
        return True

    def _check_line(self, row: Row, amounts: dict[str, int | None]) -> None:
        """Note a line whose own amounts contradict each other: a warning, because none is repaired."""
        paid, gross = amounts["paid"] or 0, amounts["gross"]
        if gross is None or not {"discount", "deduction"} <= set(self._header.columns):
            # A payer that does not write what it takes off may still pay less.
            return
        if gross not in {paid + taken for taken in _taken_off(amounts)}:
            msg = f"gross less what is taken off must be {paid} minor units, got another amount"
            self._notes.warn(
                f"{self._prefix}.line-differs",
                msg,
                line=row.line,
                field=self._header.heading("paid"),
            )

    def _minor(self, row: Row, field: str, currency: str) -> int | None:
        """An amount in minor units; None for an empty cell; a refusal is noted and raised."""
        cell = self._cell(row, field)
        if not text_of(cell):
            return None
        value = self._conventions.amount(cell)
        if value is AMBIGUOUS:
            msg = f"{text_of(cell)!r} can be read in two ways. Declare the decimal mark"
            self._error("locale.ambiguous", msg, row, field)
        elif not isinstance(value, Decimal):
            msg = f"{field} must be an amount, got {text_of(cell)[:40]!r}"
            self._error("amount.invalid", msg, row, field)
        elif currency:
            try:
                return minor_of(value, currency)
            except InexactAmountError as error:
                self._error("amount.inexact", str(error), row, field)
            except LimitError as error:
                self._error("amount.limit", str(error), row, field)
        raise _RefusedError

    def _date(self, row: Row, field: str) -> dt.date | None:
        cell = self._cell(row, field)
        if not text_of(cell):
            return None
        return self._day(cell, row.line, field)

    def _day(self, cell: Cell, line: int, field: str) -> dt.date:
        value = self._conventions.date(cell)
        if isinstance(value, dt.date):
            return value
        if value is AMBIGUOUS:
            code, what = "locale.ambiguous", "can be two days. Declare the date format"
        else:
            code, what = "date.invalid", "must be a day in a format that is known or declared"
        heading = self._header.heading(field)
        self._notes.error(code, f"{text_of(cell)[:40]!r} {what}", line=line, field=heading)
        raise _RefusedError

    def _error(self, code: str, message: str, row: Row, field: str) -> None:
        self._notes.error(code, message, line=row.line, field=self._header.heading(field))

    def _closed(self) -> Iterator[AdviceRecord]:
        """Give the payment under way out, unless a line of it was refused."""
        payment, self._payment = self._payment, None
        if payment is None or payment.is_broken:
            return
        self._index += 1
        sums = self._sums.setdefault(payment.currency, [0, 0, 0])
        sums[0] += 1
        sums[1 if payment.amount_minor >= 0 else 2] += abs(payment.amount_minor)
        reference = payment.reference
        yield PaymentAdvice(
            kind=AdviceKind.REMITTANCE,
            batch=self._batch,
            index=self._index,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            date=payment.date,
            payer=Payer(name=payment.payer),
            remittance=Remittance(documents=payment.documents, end_to_end=reference),
            references=(("payment-reference", reference),) if reference else (),
            source=Place(self._notes.source, line=payment.line),
            raw="\n".join(payment.raws),
        )

    def _check_above(self) -> None:
        """Prove the lines by a total that stands above the headings."""
        if "total" not in self._above:
            return
        text, line = self._above["total"]
        code = next(iter(self._sums), "")
        text = " ".join(part for part in text.split() if part != code)
        cells = tuple(text if one == "paid" else "" for one in _AMOUNTS)
        columns = {field: place for place, field in enumerate(_AMOUNTS)}
        header, self._header = self._header, attrs.evolve(self._header, columns=columns)
        row = Row(line=line, cells=cells)
        try:
            declared = self._minor(row, "paid", code)
        except _RefusedError:
            declared = None
        self._header = header
        if declared is None:
            return
        self._declared_minor = declared
        if declared != self._lines_minor:
            msg = f"lines must add up to {declared} minor units as the total says"
            self._notes.error(
                f"{self._prefix}.total-differs", f"{msg}, got {self._lines_minor}", line=line
            )

    def _batches(self) -> Iterator[AdviceBatch]:
        declared = self._declared_minor if len(self._sums) == 1 else None
        for currency, (count, credits_minor, debits_minor) in self._sums.items():
            yield AdviceBatch(
                batch=self._batch,
                currency=currency,
                advices=count,
                credits_minor=credits_minor,
                debits_minor=debits_minor,
                declared_minor=declared,
                compared_minor=None if declared is None else credits_minor - debits_minor,
                sender=self._settings.payer,
            )


def _taken_off(amounts: dict[str, int | None]) -> set[int]:
    """What discount and deduction can take off, whichever sign the payer writes them with."""
    discount, deduction = amounts["discount"] or 0, amounts["deduction"] or 0
    return {
        discount + deduction,
        discount - deduction,
        deduction - discount,
        -discount - deduction,
    }


def _adjustment(sign: int, amounts: dict[str, int | None]) -> int:
    """A deduction as what it takes off; where gross and paid prove its sign, theirs is taken."""
    deduction = sign * (amounts["deduction"] or 0)
    paid, gross = amounts["paid"] or 0, amounts["gross"]
    discount = abs(amounts["discount"] or 0)
    if gross is not None and sign * (gross - paid) - discount == -deduction:
        return -deduction
    return deduction
