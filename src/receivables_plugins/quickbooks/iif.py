"""The ledger source ``quickbooks-iif``: transactions and customers of QuickBooks Desktop.

An IIF file says what was booked and not what settles what: receipts come unapplied.  Its layout is
read as documentation and practice have it; no file of a real firm was at hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO, Final

import attrs

from receivables.cards import holds_card_number, masked
from receivables.documents import CreditNote, DebitNote, Document, Invoice
from receivables.errors import (
    DocumentError,
    MoneyError,
    PolicyError,
    ReceivablesError,
)
from receivables.money import from_minor, minor_of
from receivables.parties import Address, Channel, Contact, Customer, CustomerId
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.receipts import Receipt, Remittance
from receivables.terms import parse_terms
from receivables.texts import TextLines, date_readings, parse_amount
from receivables_plugins.quickbooks.iif_rows import IifRow, Transaction, iif_rows, transactions
from receivables_plugins.quickbooks.settings import IifSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["IifSource"]

_NEEDED: Final = ("TRNSTYPE", "DATE", "ACCNT", "AMOUNT")
_WHOLE: Final[Mapping[str, type[Document]]] = {
    "CREDIT MEMO": CreditNote,
    "INVOICE": Invoice,
    "STMT CHG": DebitNote,
}
"""Types that are one document, by their documents."""
_BY_SIGN: Final = frozenset(
    {
        "CASH REFUND",
        "CCARD REFUND",
        "CHECK",
        "CREDIT CARD",
        "DEPOSIT",
        "GENERAL JOURNAL",
        "TRANSFER",
    }
)
"""Types of which each line on a receivable account counts for itself, by its sign."""
_MONEY_IN: Final = frozenset({"DEPOSIT", "PAYMENT"})


class IifSource:
    """Reads an IIF file, record by record; its lists must stand before its transactions."""

    def __init__(self, settings: IifSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # names are often changed
        """Whether a line of the first bytes is a heading of transactions or customers."""
        starts = [line.lstrip(b'\xef\xbb\xbf"') for line in head.splitlines()]
        marks = (b"!TRNS", b"!CUST", b"!HDR", b"!ACCNT")
        return any(line.upper().startswith(marks) for line in starts)

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; transactions that touch no receivable account are passed over."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        lines = TextLines(stream, notes=notes, encoding=self._settings.encoding)
        reader = _Reader(self._settings, notes)
        for found in transactions(iif_rows(lines, notes=notes), notes=notes):
            if isinstance(found, Transaction):
                yield from reader.of(found)
            elif found.kind == "ACCNT":
                reader.learn(found)
            elif found.kind == "CUST":
                customer = reader.customer(found)
                if customer is not None:
                    yield customer


@attrs.frozen(kw_only=True)
class _Side:
    """What a transaction puts on a receivable account: whose, how much, debit positive."""

    customer: str
    amount_minor: int


class _Reader:
    """Reads transactions, and remembers the names that it gave."""

    def __init__(self, settings: IifSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._receivable = set(settings.receivable_accounts)
        self._customers: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._bad_terms: set[str] = set()
        self._passed_over: set[str] = set()
        self._named: set[str] = set()

    def learn(self, row: IifRow) -> None:
        """Take in a row of the list of accounts."""
        name = row.get("NAME")
        if row.get("ACCNTTYPE").upper() == "AR" and name not in self._receivable:
            self._receivable.add(name)
            self._check_order(name, self._passed_over, row)

    def _check_order(self, name: str, gone_by: set[str], row: IifRow) -> bool:
        if name not in gone_by:
            return True
        msg = f"lists must stand before transactions, got {name!r} behind those that name it"
        self._notes.error("file.format", msg, line=row.line, field="NAME")
        return False

    def customer(self, row: IifRow) -> Customer | None:
        """A customer of the list; its jobs are customers of their own, and its payer group."""
        name = row.get("NAME")
        if not name:
            self._notes.error("customer.missing", "NAME must be given, got none", line=row.line)
            return None
        if name in self._customers:
            msg = f"customer must stand once, got {name!r} again"
            self._notes.error("customer.duplicate", msg, line=row.line)
            return None
        self._customers.add(name)
        try:
            described = self._described(row, name)
            return described if self._check_order(name, self._named, row) else None
        except (ReceivablesError, ValueError) as error:
            self._notes.error("customer.invalid", str(error), line=row.line)
            return None

    def _described(self, row: IifRow, name: str) -> Customer:
        email, phone, person = row.get("EMAIL"), row.get("PHONE1"), row.get("CONT1")
        company = row.get("COMPANYNAME")
        lines = [row.get(f"BADDR{number}") for number in range(1, 6)]
        contact = Contact(
            name=person or name,
            channel=Channel.EMAIL if email else Channel.POST,
            email=email,
            phone=phone,
        )
        return Customer(
            customer=CustomerId(name),
            name=company or name.rpartition(":")[2],
            locale=self._settings.locale,
            country=self._settings.country,
            address=Address(lines=[line for line in lines if line], country=self._settings.country),
            contacts=[contact] if email or phone or person else [],
            aliases=[name.rpartition(":")[2]] if company else [],
            payer_group=name.partition(":")[0],
            terms=self._terms(row),
        )

    def of(self, transaction: Transaction) -> Iterator[Document | Receipt]:
        """The records of one transaction; none where anything in it was refused."""
        head = transaction.head
        errors = self._notes.error_count
        for name in _NEEDED:
            if name not in head.cells:
                msg = f"a transaction must have the column {name}"
                self._notes.error("column.missing", msg, line=head.line, field=name)
        if self._notes.error_count > errors:
            return
        amounts = [self._amount(row) for row in transaction.rows]
        if self._notes.error_count > errors:
            return
        if sum(amounts):
            total = from_minor(sum(amounts), self._settings.currency)
            msg = f"lines of a transaction must come to zero, got {total}"
            self._notes.error("quickbooks.unbalanced", msg, line=head.line, field="AMOUNT")
            return
        sides = list(self._sides(transaction, amounts))
        if sides and self._notes.error_count == errors:
            yield from self._booked(transaction, sides)

    def _sides(self, transaction: Transaction, amounts: list[int]) -> Iterator[_Side]:
        for row, amount in zip(transaction.rows, amounts, strict=True):
            # Desktop may show the number of an account before its name.
            account = row.get("ACCNT")
            if {account, account.rpartition(" \u00b7 ")[2]}.isdisjoint(self._receivable):
                self._passed_over.add(account)
                continue
            customer = row.get("NAME") or transaction.head.get("NAME")
            if not customer:
                msg = "a line on a receivable account must name its customer, got none"
                self._notes.error("customer.missing", msg, line=row.line, field="NAME")
            elif amount:
                self._named.add(customer)
                yield _Side(customer=customer, amount_minor=amount)

    def _booked(self, transaction: Transaction, sides: list[_Side]) -> Iterator[Document | Receipt]:
        head = transaction.head
        kind = head.get("TRNSTYPE").upper()
        day = self._day(head, "DATE")
        due = self._day(head, "DUEDATE") if head.get("DUEDATE") else None
        if day is None or (head.get("DUEDATE") and due is None):
            return
        total = sum(side.amount_minor for side in sides)
        one = _Side(customer=sides[0].customer, amount_minor=total)
        if kind in _WHOLE:
            yield from self._document(head, _WHOLE[kind], one, day, due)
        elif kind == "PAYMENT":
            yield from self._receipt(head, one, day, "")
        elif kind in _BY_SIGN:
            for place, side in enumerate(sides, start=1):
                is_money = kind in _MONEY_IN and side.amount_minor < 0
                make = self._receipt if is_money else self._note
                yield from make(head, side, day, f"-{place}")
        else:
            msg = f"type of a transaction must be known, got {kind!r}"
            self._notes.error("document.type-unknown", msg, line=head.line, field="TRNSTYPE")

    def _document(
        self,
        head: IifRow,
        kind: type[Document],
        side: _Side,
        day: dt.date,
        due: dt.date | None,
    ) -> Iterator[Document]:
        sign = -1 if kind is CreditNote else 1
        if sign * side.amount_minor < 0:
            msg = f"{head.get('TRNSTYPE')} must {'lower' if sign < 0 else 'raise'} what is owed, got the other way"
            self._notes.error("amount.sign", msg, line=head.line, field="AMOUNT")
            return
        number = head.get("DOCNUM") or self._own_name(head)
        if number and self._is_new(number, head):
            yield kind(
                number=number,
                creditor=self._settings.creditor,
                customer=CustomerId(side.customer),
                document_date=day,
                due_date=due,
                total=from_minor(abs(side.amount_minor), self._settings.currency),
                terms="" if due else self._terms(head),
                source=Place(self._notes.source, line=head.line),
            )

    def _note(self, head: IifRow, side: _Side, day: dt.date, part: str) -> Iterator[Document]:
        """A debit or credit note for one line; it is due on its day."""
        name = self._own_name(head, or_number=True)
        if not name or not self._is_new(f"{name}{part}", head):
            return
        yield (DebitNote if side.amount_minor > 0 else CreditNote)(
            number=f"{name}{part}",
            creditor=self._settings.creditor,
            customer=CustomerId(side.customer),
            document_date=day,
            due_date=day,
            total=from_minor(abs(side.amount_minor), self._settings.currency),
            references=(head.get("DOCNUM"),) if head.get("DOCNUM") else (),
            source=Place(self._notes.source, line=head.line),
        )

    def _receipt(self, head: IifRow, side: _Side, day: dt.date, part: str) -> Iterator[Receipt]:
        if side.amount_minor >= 0:
            msg = f"{head.get('TRNSTYPE')} must lower what is owed, got the other way"
            self._notes.error("amount.sign", msg, line=head.line, field="AMOUNT")
            return
        said = self._masked(head)
        kind = head.get("TRNSTYPE").upper()
        name = f"{kind}-{head.get('TRNSID')}"
        if not head.get("TRNSID"):
            name = f"{kind}-{day}-{side.customer}-{said[0]}-{-side.amount_minor}"
        yield Receipt(
            receipt=self._receipt_name(f"{name}{part}", head),
            creditor=self._settings.creditor,
            customer=CustomerId(side.customer),
            amount=from_minor(-side.amount_minor, self._settings.currency),
            booking_date=day,
            account=head.get("ACCNT"),
            remittance=Remittance(text=tuple(filter(None, said))),
            source=Place(self._notes.source, line=head.line),
        )

    def _masked(self, head: IifRow) -> tuple[str, str]:
        """The number and the memo of a payment; a card number in them is an error."""
        number, memo = head.get("DOCNUM"), head.get("MEMO")
        for field, text in (("DOCNUM", number), ("MEMO", memo)):
            if holds_card_number(text):
                msg = f"{field} must hold no card number, got {masked(text)}"
                self._notes.error("card.number", msg, line=head.line, field=field)
        return masked(number), masked(memo)

    def _receipt_name(self, name: str, head: IifRow) -> str:
        """A name of its own: a program that imports such files does not notice what came twice."""
        place = 1
        unique = name
        while unique in self._numbers:
            place += 1
            unique = f"{name}~{place}"
        if place > 1:
            msg = f"receipt must be unique, got one like that of line {self._numbers[name]}. Read as {unique!r}"
            self._notes.warn("receipt.duplicate", msg, line=head.line)
        self._numbers[unique] = head.line
        return unique

    def _own_name(self, head: IifRow, *, or_number: bool = False) -> str:
        name = head.get("TRNSID") or (head.get("DOCNUM") if or_number else "")
        if not name:
            msg = "a transaction must have a DOCNUM or a TRNSID, got neither"
            self._notes.error("document.missing", msg, line=head.line)
            return ""
        return f"{head.get('TRNSTYPE').upper().replace(' ', '-')}-{name}"

    def _is_new(self, number: str, head: IifRow) -> bool:
        first = self._numbers.setdefault(number, head.line)
        if first == head.line:
            return True
        msg = f"number must be unique, got {number!r}, which line {first} has"
        self._notes.error("document.duplicate", msg, line=head.line, field="DOCNUM")
        return False

    def _amount(self, row: IifRow) -> int:
        text = row.get("AMOUNT")
        try:
            return minor_of(parse_amount(text, decimal=".", grouping=","), self._settings.currency)
        except MoneyError as error:
            self._notes.error("amount.invalid", str(error), line=row.line, field="AMOUNT")
        except DocumentError as error:
            self._notes.error("amount.limit", str(error), line=row.line, field="AMOUNT")
        return 0

    def _day(self, row: IifRow, name: str) -> dt.date | None:
        text = row.get(name)
        declared = self._settings.date_format
        found = date_readings(text, format=declared)
        found = found or date_readings(text, format=declared.replace("%Y", "%y"))
        if not found:
            msg = f"{name} must be a day in the format {declared}, got {text!r}"
            self._notes.error("date.invalid", msg, line=row.line, field=name)
        return found[0] if found else None

    def _terms(self, row: IifRow) -> str:
        """The terms, where they can be understood; what cannot is spoken of once."""
        text = row.get("TERMS")
        if not text or text in self._bad_terms:
            return ""
        try:
            parse_terms(text)
        except (DocumentError, PolicyError) as error:
            self._bad_terms.add(text)
            self._notes.warn("terms.invalid", str(error), line=row.line, field="TERMS")
            return ""
        return text
