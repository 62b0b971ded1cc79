"""Rows of SAP's open item cube as customer lines, and the source that reads them from a file.

The file is what a service answered: an envelope of OData version 2 or 4, a feed that was turned
into JSON, a bare list of rows, or several of those one after another.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Final, TypeAlias

import attrs

from receivables.adapters import LedgerRecord
from receivables.allocation import SourceAllocation
from receivables.documents import Document
from receivables.errors import (
    DocumentError,
    InexactAmountError,
    LimitError,
    UnknownCurrencyError,
)
from receivables.money import minor_of
from receivables.reading import Read, ReadNotes
from receivables.receipts import Receipt
from receivables_plugins.sap import rules
from receivables_plugins.sap.json_rows import JsonRows
from receivables_plugins.sap.lines import CustomerLine, Lines
from receivables_plugins.sap.odata import text_of
from receivables_plugins.sap.settings import CubeSettings, SapCubeSettings

__all__ = ["FIELDS", "CubeRows", "CubeSource", "Window"]

FIELDS: Final = (
    *("CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem"),
    *("Customer", "FinancialAccountType", "AccountingDocumentType", "AccountingDocumentCategory"),
    *("PostingKey", "DebitCreditCode", "SpecialGLCode", "PostingDate", "DocumentDate"),
    *("NetDueDate", "DueCalculationBaseDate", "CashDiscount1Days", "CashDiscount2Days"),
    *("NetPaymentDays", "CashDiscount1Percent", "CashDiscount2Percent", "CashDiscountBaseAmount"),
    *("PaymentTerms", "DocumentReferenceID", "AssignmentReference", "BillingDocument"),
    *("PaymentReference", "DocumentItemText", "InvoiceReference", "InvoiceReferenceFiscalYear"),
    *("InvoiceItemReference", "IsCleared", "ClearingDate", "ClearingAccountingDocument"),
    *("ClearingDocFiscalYear", "ClearingIsReversed", "AmountInTransactionCurrency"),
    *("TransactionCurrency", "AmountInCompanyCodeCurrency", "CompanyCodeCurrency"),
)
"""The fields of the cube that are used."""

_HEAD_NAMES: Final = (b"OPLACCTGDOCITEM", b"OPERACCTGDOCITEM")
_HEAD_FIELDS: Final = (
    *(b'"NetDueDate"', b'"AmountInTransactionCurrency"', b'"AmountInBalanceTransacCrcy"'),
    *(b'"DebitCreditCode"', b'"ClearingDate"', b'"IsCleared"'),
)
_AMOUNTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "transaction": (
        ("AmountInTransactionCurrency", "TransactionCurrency"),
        ("AmountInBalanceTransacCrcy", "BalanceTransactionCurrency"),
    ),
    "company-code": (("AmountInCompanyCodeCurrency", "CompanyCodeCurrency"),),
}
_WIDTHS: Final = {"AccountingDocument": 10, "AccountingDocumentItem": 3, "Customer": 10}
"""Widths of keys that a number may stand for, whose leading zeros are then lost."""
_TERMS: Final = (
    *("CashDiscount1Days", "CashDiscount2Days", "NetPaymentDays"),
    *("CashDiscount1Percent", "CashDiscount2Percent"),
)
_MIXED: Final = "sap.companies-mixed"
_CUSTOMER_TYPE: Final = "D"
_TRUE: Final = frozenset({"true", "X", "1"})
_FALSE: Final = frozenset({"false", "0"})

_Row: TypeAlias = Mapping[str, Any]


class _RefusedError(Exception):
    """A row that cannot be taken, with the code of its problem and the field."""

    def __init__(self, code: str, message: str, *, field: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


@attrs.frozen(kw_only=True)
class Window:
    """Which lines are wanted: open ones, those open on a past day, those cleared since a day.

    With `is_all`, whatever comes.
    """

    as_of: dt.date | None = None
    settled_since: dt.date | None = None
    is_all: bool = False

    def keep(self, line: CustomerLine) -> CustomerLine | None:
        """The line as it was on the day, or None where it is not wanted."""
        if self.is_all:
            return line
        if self.as_of is not None and line.posting_date > self.as_of:
            return None
        if line.cleared_on is None:
            return line
        if self.as_of is not None and line.cleared_on > self.as_of:
            return attrs.evolve(line, cleared_on=None, clearing="", clearing_year="")
        since = self.settled_since
        return line if since is not None and line.cleared_on >= since else None


class CubeRows:
    """Takes rows of the cube one by one and makes records of them; notes what is wrong with them."""

    def __init__(self, said: CubeSettings, notes: ReadNotes, *, window: Window) -> None:
        self._said = said
        self._notes = notes
        self._window = window
        self._lines = Lines(said.rules(), notes)
        self._repeated: dict[tuple[str, str], int] = {}
        self._companies: dict[str, str] = {}
        self._filled = 0
        self._are_signs_refuted = False
        self._undated = 0
        self.came = 0

    def record(self, row: _Row, *, line: int | None = None) -> Document | Receipt | None:
        """The record of a row, or None."""
        self.came += 1
        if not self._is_customer_line(row):
            self._weigh(row, line)
            return None
        try:
            taken = self._line(row, line)
        except _RefusedError as error:
            self._notes.error(error.code, str(error), line=line, field=error.field)
            return None
        wanted = self._window.keep(taken)
        return None if wanted is None else self._lines.record(wanted)

    def allocations(self) -> Iterator[SourceAllocation]:
        """What settles what, once every row was taken."""
        return self._lines.allocations()

    def close(self) -> None:
        """Warn of what concerns more than one row."""
        self._lines.close()
        for code, count, what in (
            ("sap.key-filled", self._filled, "keys came as numbers; their zeros were put back"),
            ("sap.cleared-undated", self._undated, "lines are cleared on a day that is not said"),
        ):
            if count:
                self._notes.warn(code, f"{count} {what}")

    def _weigh(self, row: _Row, place: int | None) -> None:
        """Hold the signs of a row that is not taken against what the settings say, once."""
        name = _AMOUNTS[self._said.amounts][0][0]
        try:
            amount = rules.amount_of(text_of(row.get(name)))
            is_credit = rules.credit_of(text_of(row.get("DebitCreditCode")))
        except ValueError:
            return
        is_signed = self._said.signs == "signed"
        is_off = (
            is_credit is not None and is_credit is not (amount < 0) if is_signed else amount < 0
        )
        if amount and is_off and not self._are_signs_refuted:
            self._are_signs_refuted = True
            message = (
                f"amounts must be {self._said.signs} as the settings say, got {amount} with "
                f"{text_of(row.get('DebitCreditCode'))} on a line of another account"
            )
            self._notes.error("amount.sign", message, line=place, field=name)

    def _is_customer_line(self, row: _Row) -> bool:
        kind = text_of(row.get("FinancialAccountType", row.get("AccountingDocumentItemType")))
        if kind:
            return kind == _CUSTOMER_TYPE
        return not text_of(row.get("Supplier"))

    def _line(self, row: _Row, place: int | None) -> CustomerLine:
        currency, amount_minor = self._amount(row)
        posting, document = _day(row, "PostingDate"), _day(row, "DocumentDate")
        due = _day(row, "NetDueDate")
        first = posting or document
        if first is None:
            message = "a line must have a posting date, got none"
            raise _RefusedError("date.missing", message, field="PostingDate")
        cleared = self._cleared_on(row, first)
        number, item = self._numbers(row)
        line = CustomerLine(
            company=self._company(row),
            document=number,
            year=text_of(row.get("FiscalYear")),
            item=item,
            customer=self._customer(row),
            amount_minor=amount_minor,
            currency=currency,
            document_date=document or first,
            posting_date=first,
            due_date=due,
            terms=_terms(row),
            discount_base_minor=_base(row, currency),
            document_type=text_of(row.get("AccountingDocumentType")),
            posting_key=text_of(row.get("PostingKey")),
            special_gl=text_of(row.get("SpecialGLCode")),
            status=text_of(row.get("AccountingDocumentCategory")),
            invoice=text_of(row.get("InvoiceReference")),
            invoice_year=text_of(row.get("InvoiceReferenceFiscalYear")),
            invoice_item=text_of(row.get("InvoiceItemReference")),
            references=self._references(row),
            text=text_of(row.get("DocumentItemText")),
            payment_terms=text_of(row.get("PaymentTerms")),
            cleared_on=cleared,
            clearing=text_of(row.get("ClearingAccountingDocument")) if cleared else "",
            clearing_year=text_of(row.get("ClearingDocFiscalYear")) if cleared else "",
            line=place,
        )
        self._check_due(line)
        return line

    def _company(self, row: _Row) -> str:
        """The creditor of the line; company codes of one creditor would share their numbers."""
        code = text_of(row.get("CompanyCode"))
        creditor = self._said.creditor_of(code)
        if not creditor:
            message = "a line must name its company code, or the settings a creditor, got neither"
            raise _RefusedError("sap.company-missing", message, field="CompanyCode")
        known = self._companies.setdefault(creditor, code)
        if known != code:
            message = f"company codes must be listed in creditors, got {known} and {code}"
            raise _RefusedError(_MIXED, message, field="CompanyCode")
        return creditor

    def _amount(self, row: _Row) -> tuple[str, int]:
        """The currency and the signed amount in its minor units."""
        for name, unit in _AMOUNTS[self._said.amounts]:
            text = text_of(row.get(name))
            if not text:
                continue
            currency = text_of(row.get(unit)) or self._said.currency
            if not currency:
                message = f"an amount must have a currency, got {text} without one"
                raise _RefusedError("currency.missing", message, field=unit)
            return currency, self._signed(row, text, currency, name)
        message = "a line must have an amount, got none"
        raise _RefusedError("amount.invalid", message, field=_AMOUNTS[self._said.amounts][0][0])

    def _signed(self, row: _Row, text: str, currency: str, name: str) -> int:
        code = text_of(row.get("DebitCreditCode"))
        try:
            amount = rules.amount_of(text)
            minor = minor_of(amount, currency)
        except DocumentError as error:
            raise _RefusedError(_money_code(error), str(error), field=name) from None
        except ValueError as error:
            raise _RefusedError("amount.invalid", str(error), field=name) from None
        try:
            is_credit = rules.credit_of(code)
            if self._said.signs == "unsigned":
                minor = -minor if rules.signed(amount, code) < 0 else minor
        except ValueError as error:
            raise _RefusedError("amount.sign", str(error), field=name) from None
        if is_credit is not None and minor and is_credit is not (minor < 0):
            message = (
                f"amounts must be signed as the settings say, got {text} with {code}; "
                "where no amount of the feed has a sign, say signs = 'unsigned'"
            )
            raise _RefusedError("amount.sign", message, field=name)
        return minor

    def _customer(self, row: _Row) -> str:
        customer = self._key(row, "Customer") or self._said.customer
        if not customer:
            message = "a line must name its customer, or the settings one, got neither"
            raise _RefusedError("customer.missing", message, field="Customer")
        return customer

    def _key(self, row: _Row, field: str) -> str:
        value = row.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            self._filled += 1
            return rules.key_of(str(value), _WIDTHS[field])
        return text_of(value)

    def _numbers(self, row: _Row) -> tuple[str, str]:
        """The document and its item; lines of a feed that numbers no items are told apart by order."""
        number, item = (
            self._key(row, "AccountingDocument"),
            self._key(row, "AccountingDocumentItem"),
        )
        if not number:
            message = "a line must name its document, got none"
            raise _RefusedError("document.missing", message, field="AccountingDocument")
        if item:
            return number, item
        key = (number, text_of(row.get("FiscalYear")))
        count = self._repeated[key] = self._repeated.get(key, 0) + 1
        if count == 2:  # noqa: PLR2004  # the first that is not alone
            message = (
                f"document {number} has several lines that are not numbered; "
                "they are told apart by their order"
            )
            self._notes.warn("sap.items-unnumbered", message, field="AccountingDocumentItem")
        return number, "" if count == 1 else str(count)

    def _references(self, row: _Row) -> tuple[str, ...]:
        found = [text_of(row.get(field)) for field in self._said.references]
        return tuple(dict.fromkeys(text for text in found if text.strip("0")))

    def _cleared_on(self, row: _Row, posted: dt.date) -> dt.date | None:
        """The day it was cleared on, where it is cleared and that was not taken back."""
        said = text_of(row.get("IsCleared"))
        day = _day(row, "ClearingDate")
        if said in _FALSE or text_of(row.get("ClearingIsReversed")) in _TRUE:
            return None
        if day is not None or (
            said not in _TRUE and not text_of(row.get("ClearingAccountingDocument"))
        ):
            return day
        self._undated += 1
        return posted

    def _check_due(self, line: CustomerLine) -> None:
        """Hold the day that SAP says against the line's own terms, where it has all of them."""
        if line.due_date is None or line.terms.baseline is None or line.invoice:
            return
        if not line.terms.net_days and not line.is_credit:
            return
        own = rules.due_date(line.terms, document_date=line.document_date, is_credit=line.is_credit)
        if own != line.due_date:
            message = f"{line.number} is due {line.due_date}, and by its own terms {own}"
            self._notes.warn("sap.due-date", message, line=line.line, field="NetDueDate")


def _money_code(error: DocumentError) -> str:
    if isinstance(error, UnknownCurrencyError):
        return "currency.unknown"
    if isinstance(error, LimitError):
        return "amount.limit"
    return "amount.inexact" if isinstance(error, InexactAmountError) else "amount.invalid"


def _day(row: _Row, field: str) -> dt.date | None:
    text = text_of(row.get(field))
    try:
        return rules.day_of(text)
    except ValueError:
        message = f"a day must be one of the calendar, got {text!r}"
        raise _RefusedError("date.invalid", message, field=field) from None


def _decimal(row: _Row, field: str) -> Decimal:
    text = text_of(row.get(field))
    try:
        return rules.amount_of(text) if text else Decimal(0)
    except ValueError as error:
        raise _RefusedError("terms.invalid", str(error), field=field) from None


def _terms(row: _Row) -> rules.Terms:
    """The terms of a line; those of a million lines are a few hundred different ones."""
    baseline = _day(row, "DueCalculationBaseDate")
    texts = tuple([text_of(row.get(field)) for field in _TERMS])
    return _terms_of(baseline, texts)


@functools.lru_cache(maxsize=4_096)
def _terms_of(baseline: dt.date | None, texts: tuple[str, ...]) -> rules.Terms:
    row = dict(zip(_TERMS, texts, strict=True))
    days = [_count(row, field) for field in _TERMS[:3]]
    if baseline is None and not any(days):
        return rules.NO_TERMS
    return rules.Terms(
        baseline=baseline,
        days1=days[0],
        days2=days[1],
        days3=days[2],
        percent1=_decimal(row, _TERMS[3]),
        percent2=_decimal(row, _TERMS[4]),
    )


def _count(row: _Row, field: str) -> int:
    number = _decimal(row, field)
    if number != int(number) or not 0 <= number <= 999:  # noqa: PLR2004  # three figures (DEC 3)
        message = f"days of terms must be 0 to 999, got {number}"
        raise _RefusedError("terms.invalid", message, field=field)
    return int(number)


def _base(row: _Row, currency: str) -> int | None:
    """What a discount is counted on, unsigned, in minor units; None where it is not said."""
    if not text_of(row.get("CashDiscountBaseAmount")).strip("0."):
        return None
    try:
        minor = minor_of(_decimal(row, "CashDiscountBaseAmount"), currency)
    except DocumentError:
        return None
    return abs(minor) or None


class CubeSource:
    """Reads the open items, and what was cleared, from answers of the cube kept in a file."""

    def __init__(self, said: SapCubeSettings) -> None:
        self._said = said

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # by content alone
        """Whether the first bytes look like JSON of the cube."""
        begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        has_fields = b'"AccountingDocument"' in head and any(each in head for each in _HEAD_FIELDS)
        return begins in {b"{", b"["} and (has_fields or any(each in head for each in _HEAD_NAMES))

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; rows are held against the number of them that the file says."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        rows = CubeRows(self._said, notes, window=Window(is_all=True))
        file = JsonRows(stream, notes)
        given = 0
        for place, row in enumerate(file, start=1):
            record = rows.record(row, line=place)
            if record is not None:
                given += 1
                yield record
        for allocation in rows.allocations():
            given += 1
            yield allocation
        rows.close()
        # A file that says that nothing is open is no empty one.
        if not rows.came and not notes.error_count and file.declared != 0:
            notes.error("file.empty", "file must hold rows of the cube, got none")
        if file.link:
            msg = "the file links to a page that is not in it"
            notes.error("service.incomplete", msg)
        if file.declared is not None:
            if rows.came < file.declared:
                msg = f"the file counts {file.declared} rows, got {rows.came}"
                notes.error("service.incomplete", msg)
            # What is declared are rows, and what is reported are records made of them.
            notes.declared_total = given + max(0, file.declared - rows.came)
