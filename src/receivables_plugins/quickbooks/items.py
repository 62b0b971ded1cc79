"""One object of Online, read: what it puts on a receivable account, and what it settles there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

import attrs

from receivables.cards import holds_card_number, masked
from receivables.documents import CreditNote, DebitNote, Document, Invoice, ItemId
from receivables.money import ExchangeRate, from_minor, to_minor
from receivables.parties import CustomerId
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import Receipt, ReceiptMethod, Remittance
from receivables_plugins.quickbooks.objects import Fields, Found, Raw
from receivables_plugins.quickbooks.settings import ObjectsSettings

__all__ = ["Accounts", "Item", "Key", "Link", "Parts", "parts_of"]

Key: TypeAlias = tuple[str, str, str]
"""A kind of object, its identifier, and the line of it; empty where the whole of it counts."""

_METHODS: Final[Mapping[str, ReceiptMethod]] = {
    "cash": ReceiptMethod.CASH,
    "check": ReceiptMethod.CHEQUE,
    "cheque": ReceiptMethod.CHEQUE,
    "credit card": ReceiptMethod.CARD,
}

_LINKED: Final[Mapping[str, str]] = {
    "CashPurchase": "Purchase",
    "Check": "Purchase",
    "CreditCardCredit": "Purchase",
    "Expense": "Purchase",
}
"""What links call a kind, where the kind itself is called otherwise."""


@attrs.frozen(kw_only=True)
class Item:
    """What one object, or one line of it, puts on a receivable account.

    `open_minor` is what the object itself says is left, without a sign; None where it does not say.
    `deposit_minor` was paid with the document, on its own day.
    """

    key: Key
    record: Document | Receipt
    sign: int
    total_minor: int
    open_minor: int | None
    posting_date: dt.date
    changed_on: dt.date | None
    deposit_minor: int = 0
    line: int | None = None

    @property
    def item(self) -> ItemId:
        """The identity of the open item."""
        record = self.record
        return ItemId(record.receipt if isinstance(record, Receipt) else record.number)

    @property
    def customer(self) -> CustomerId:
        """Whose it is."""
        return self.record.customer


@attrs.frozen(kw_only=True)
class Link:
    """A part of a payment that settles a part of something else; its amount has no sign."""

    payment: str
    key: Key
    day: dt.date
    amount_minor: int
    customer: str


@attrs.frozen
class Parts:
    """What an object comes to: items, links, and the names of customers that it mentions."""

    items: tuple[Item, ...] = ()
    links: tuple[Link, ...] = ()


class Accounts:
    """Which accounts hold receivables: as a list of accounts says, or the settings, or the name."""

    def __init__(self, settings: ObjectsSettings) -> None:
        self._given = frozenset(settings.receivable_accounts)
        self._known: dict[str, bool] = {}
        self._spoken_of: set[str] = set()

    def learn(self, fields: Fields) -> None:
        """Take in an object of kind ``Account``."""
        kind = fields.text("AccountType").replace(" ", "").casefold()
        self._known[fields.identity] = kind == "accountsreceivable"

    def is_receivable(self, account: Raw) -> bool | None:
        """Whether an account holds receivables; None where nothing tells."""
        value, name = str(account.get("value", "")), str(account.get("name", ""))
        if self._given:
            return value in self._given or name in self._given
        if value in self._known:
            return self._known[value]
        if name.casefold().startswith("accounts receivable"):
            return True
        return None if not self._known else False

    def is_first(self, account: Raw) -> bool:
        """Whether an account is asked about for the first time, so that it is spoken of once."""
        value = str(account.get("value", ""))
        is_first = value not in self._spoken_of
        self._spoken_of.add(value)
        return is_first


def parts_of(
    found: Found, *, settings: ObjectsSettings, accounts: Accounts, notes: ReadNotes
) -> Parts:
    """Read one object; what cannot be read is noted and left out."""
    reader = _READERS.get(found.kind)
    if reader is None:
        return Parts()
    fields = Fields(found, notes=notes)
    if not fields.identity:
        fields.refuse("document.missing", "Id must be given, got none", field="Id")
        return Parts()
    if _is_void(fields):
        return Parts()
    return reader(_Reading(fields, settings, accounts, notes))


def _is_void(fields: Fields) -> bool:
    """Whether a transaction was voided: nothing is left of it but its number and a word.

    One that says so and has an amount is read as it stands, with a warning.
    """
    if not fields.text("PrivateNote").casefold().startswith("voided"):
        return False
    total = fields.text("TotalAmt") or "0"
    if _is_number(total) and Decimal(total).is_zero():
        return True
    if fields.kind in {"Invoice", "CreditMemo", "Payment"}:
        msg = f"a voided transaction must have an amount of zero, got {total}. Read as it stands"
        fields.warn("quickbooks.void", msg, field="PrivateNote")
    return False


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdigit() and text.isascii()


class _Reading:
    """One object under the settings of a read."""

    def __init__(
        self, fields: Fields, settings: ObjectsSettings, accounts: Accounts, notes: ReadNotes
    ) -> None:
        self.fields = fields
        self.settings = settings
        self.accounts = accounts
        self.notes = notes
        self.currency = fields.currency(settings.currency)

    @property
    def place(self) -> Place:
        """Where the object stands."""
        return Place(self.notes.source, line=self.fields.line, field=self.fields.name)

    @property
    def changed_on(self) -> dt.date | None:
        """The day of its last change."""
        return self.fields.day("MetaData/LastUpdatedTime")

    def rate(self, day: dt.date) -> ExchangeRate | None:
        """The rate that it was booked at, where its currency is not that of the books."""
        home = self.settings.currency
        text = self.fields.text("ExchangeRate")
        if not home or home == self.currency or not text:
            return None
        if not _is_number(text) or Decimal(text) <= 0:
            msg = f"ExchangeRate must be a positive number, got {text!r}"
            self.fields.refuse("exchange-rate.invalid", msg, field="ExchangeRate")
            return None
        return ExchangeRate(
            base=self.currency, quote=home, rate=Decimal(text), date=day, source="QuickBooks"
        )

    def number(self) -> tuple[str, tuple[str, ...]]:
        """What names a document, and by what else people may call it."""
        shown = self.fields.text("DocNumber")
        own = f"{self.fields.kind}-{self.fields.identity}"
        if self.settings.numbers == "document" and shown:
            return shown, ()
        return own, (shown,) if shown else ()

    def customer(self) -> str:
        """The customer of the whole object."""
        return self.fields.needed("CustomerRef", "customer.missing")


def _sale(reading: _Reading, *, kind: type[Document], left: str) -> Parts:
    """An invoice or a credit memo, whole."""
    fields = reading.fields
    day = fields.needed_day("TxnDate")
    total = fields.needed_minor("TotalAmt", reading.currency)
    open_minor = fields.minor(left, reading.currency)
    if open_minor is None:
        open_minor = fields.minor("Balance", reading.currency)
    deposit = fields.minor("Deposit", reading.currency) or 0
    customer = reading.customer()
    due = fields.day("DueDate")
    rate = reading.rate(day)
    if not fields.is_refused and not 0 <= (open_minor or 0) <= total:
        msg = f"what is left must be a part of {total} minor units, got {open_minor}"
        fields.refuse("document.unbalanced", msg, field=left)
    if fields.is_refused:
        return Parts()
    number, references = reading.number()
    record = kind(
        number=number,
        creditor=reading.settings.creditor,
        customer=CustomerId(customer),
        document_date=day,
        due_date=due,
        total=from_minor(total, reading.currency),
        references=references,
        exchange_rate=rate,
        source=reading.place,
    )
    item = Item(
        key=(fields.kind, fields.identity, ""),
        record=record,
        sign=-1 if record.kind.is_credit else 1,
        total_minor=total,
        open_minor=open_minor,
        posting_date=day,
        # Asked where something is settled alone: most of what is open was never touched.
        changed_on=None if open_minor == total else reading.changed_on,
        deposit_minor=min(deposit, total),
        line=fields.line,
    )
    return Parts((item,))


def _invoice(reading: _Reading) -> Parts:
    return _sale(reading, kind=Invoice, left="Balance")


def _credit_memo(reading: _Reading) -> Parts:
    return _sale(reading, kind=CreditNote, left="RemainingCredit")


def _payment(reading: _Reading) -> Parts:
    """Money received, and what it settles; one of nothing only sets other things off."""
    fields = reading.fields
    day = fields.needed_day("TxnDate")
    total = fields.needed_minor("TotalAmt", reading.currency)
    customer = reading.customer()
    links = tuple(_links(reading, day, customer))
    open_minor = fields.minor("UnappliedAmt", reading.currency)
    rate = reading.rate(day)
    if total < 0 or not 0 <= (open_minor or 0) <= max(total, 0):
        msg = f"a payment must be positive, and what is left a part of it, got {total} and {open_minor}"
        fields.refuse("amount.sign", msg, field="TotalAmt")
    if fields.is_refused:
        return Parts()
    if not total:
        return Parts((), links)
    record = Receipt(
        receipt=f"Payment-{fields.identity}",
        creditor=reading.settings.creditor,
        customer=CustomerId(customer),
        amount=from_minor(total, reading.currency),
        booking_date=day,
        remittance=_remittance(reading),
        account=fields.text("DepositToAccountRef"),
        method=_method(fields),
        exchange_rate=rate,
        source=reading.place,
    )
    return Parts((_received(reading, record, "", open_minor),), links)


def _received(reading: _Reading, record: Receipt, line: str, open_minor: int | None) -> Item:
    fields = reading.fields
    return Item(
        key=(fields.kind, fields.identity, line),
        record=record,
        sign=-1,
        total_minor=to_minor(record.amount),
        open_minor=open_minor,
        posting_date=record.booking_date,
        changed_on=reading.changed_on,
        line=fields.line,
    )


def _links(reading: _Reading, day: dt.date, customer: str) -> Iterator[Link]:
    fields = reading.fields
    for line in fields.tables("Line"):
        amount = fields.minor("Amount", reading.currency, of=line) or 0
        for linked in fields.tables("LinkedTxn", of=line):
            yield Link(
                payment=fields.identity,
                key=(
                    _LINKED.get(str(linked.get("TxnType", "")), str(linked.get("TxnType", ""))),
                    str(linked.get("TxnId", "")),
                    str(linked.get("TxnLineId", "")),
                ),
                day=day,
                amount_minor=amount,
                customer=customer,
            )


def _remittance(reading: _Reading) -> Remittance:
    """The number that the payer gave; a card number is masked, and an error."""
    text = reading.fields.text("PaymentRefNum")
    if holds_card_number(text):
        text = masked(text)
        msg = f"PaymentRefNum must not be a card number, got {text}"
        reading.notes.error("card.number", msg, line=reading.fields.line, field=reading.fields.name)
    return Remittance(text=(text,) if text else ())


def _method(fields: Fields) -> ReceiptMethod:
    if fields.text("CreditCardPayment/ProcessPayment") == "true":
        return ReceiptMethod.CARD
    name = fields.text("PaymentMethodRef/name").casefold()
    return _METHODS.get(name, ReceiptMethod.UNSAID)


@attrs.frozen(kw_only=True)
class _Side:
    """One line of an object on a receivable account: whose, how much, debit positive."""

    line: str
    customer: str
    amount_minor: int


def _sides(
    reading: _Reading,
    detail: str,
    whose: Callable[[Raw], str],
    signed: Callable[[Raw, int], int],
) -> Iterator[_Side]:
    """The lines of an object on receivable accounts; a line of no customer there is refused."""
    fields = reading.fields
    for place, line in enumerate(fields.tables("Line"), start=1):
        said = line.get(detail)
        if not isinstance(said, dict) or not isinstance(said.get("AccountRef"), dict):
            continue
        customer = whose(said)
        is_receivable = reading.accounts.is_receivable(said["AccountRef"])
        name = str(line.get("Id", "")) or str(place)
        if is_receivable is None and customer and reading.accounts.is_first(said["AccountRef"]):
            msg = f"account must be known to hold receivables or not, got {said['AccountRef'].get('value')!r}"
            fields.warn("quickbooks.account-unknown", msg, field=f"Line {name}")
        if not is_receivable:
            continue
        amount = signed(said, fields.minor("Amount", reading.currency, of=line) or 0)
        if not customer:
            msg = "a line on a receivable account must name its customer, got none"
            fields.refuse("customer.missing", msg, field=f"Line {name}")
        elif amount:
            yield _Side(line=name, customer=customer, amount_minor=amount)


def _documents(reading: _Reading, sides: Iterator[_Side]) -> Parts:
    """A debit note or a credit note for each line; it is due on the day of its object."""
    fields = reading.fields
    day = fields.needed_day("TxnDate")
    found = list(sides)
    rate = reading.rate(day)
    if fields.is_refused:
        return Parts()
    shown = fields.text("DocNumber")
    return Parts(tuple(_note(reading, side, day, shown, rate) for side in found))


def _note(
    reading: _Reading, side: _Side, day: dt.date, shown: str, rate: ExchangeRate | None
) -> Item:
    fields = reading.fields
    is_debit = side.amount_minor > 0
    # The number of a journal entry is often that of an invoice as well, so the identifier names it.
    record = (DebitNote if is_debit else CreditNote)(
        number=f"{fields.kind}-{fields.identity}-{side.line}",
        creditor=reading.settings.creditor,
        customer=CustomerId(side.customer),
        document_date=day,
        due_date=day,
        total=from_minor(abs(side.amount_minor), reading.currency),
        references=(shown,) if shown else (),
        exchange_rate=rate,
        source=reading.place,
    )
    return Item(
        key=(fields.kind, fields.identity, side.line),
        record=record,
        sign=1 if is_debit else -1,
        total_minor=abs(side.amount_minor),
        open_minor=None,
        posting_date=day,
        changed_on=reading.changed_on,
        line=fields.line,
    )


def _journal_entry(reading: _Reading) -> Parts:
    """The lines of a journal entry on receivable accounts: they age like any document."""

    def whose(said: Raw) -> str:
        entity = said.get("Entity")
        if not isinstance(entity, dict):
            return ""
        ref = entity.get("EntityRef")
        if str(entity.get("Type", "Customer")).casefold() != "customer":
            return ""
        return str(ref.get("value", "")) if isinstance(ref, dict) else str(ref or "")

    def signed(said: Raw, amount: int) -> int:
        return amount if str(said.get("PostingType", "")).casefold() == "debit" else -amount

    return _documents(reading, _sides(reading, "JournalEntryLineDetail", whose, signed))


def _purchase(reading: _Reading) -> Parts:
    """The lines of an expense or a cheque on receivable accounts: money sent back to customers."""

    def whose(said: Raw) -> str:
        ref = said.get("CustomerRef")
        own = str(ref.get("value", "")) if isinstance(ref, dict) else ""
        kind = reading.fields.text("EntityRef/type").casefold()
        return own or (reading.fields.text("EntityRef") if kind == "customer" else "")

    sign = -1 if reading.fields.text("Credit") == "true" else 1
    sides = _sides(reading, "AccountBasedExpenseLineDetail", whose, lambda _, amount: sign * amount)
    return _documents(reading, sides)


def _deposit(reading: _Reading) -> Parts:
    """The lines of a bank deposit on receivable accounts: money that was booked without a payment."""

    def whose(said: Raw) -> str:
        entity = said.get("Entity")
        if not isinstance(entity, dict):
            return ""
        is_customer = str(entity.get("type", "customer")).casefold() == "customer"
        return str(entity.get("value", "")) if is_customer else ""

    sides = _sides(reading, "DepositLineDetail", whose, lambda _, amount: -amount)
    found = list(sides)
    credited = [side for side in found if side.amount_minor < 0]
    charged = _documents(reading, iter([side for side in found if side.amount_minor > 0]))
    day = reading.fields.day("TxnDate")
    if reading.fields.is_refused or day is None:
        return Parts()
    return Parts((*charged.items, *(_banked(reading, side, day) for side in credited)))


def _banked(reading: _Reading, side: _Side, day: dt.date) -> Item:
    record = Receipt(
        receipt=f"Deposit-{reading.fields.identity}-{side.line}",
        creditor=reading.settings.creditor,
        customer=CustomerId(side.customer),
        amount=from_minor(-side.amount_minor, reading.currency),
        booking_date=day,
        account=reading.fields.text("DepositToAccountRef"),
        exchange_rate=reading.rate(day),
        source=reading.place,
    )
    return _received(reading, record, side.line, None)


_READERS: Final[Mapping[str, Callable[[_Reading], Parts]]] = {
    "CreditMemo": _credit_memo,
    "Deposit": _deposit,
    "Invoice": _invoice,
    "JournalEntry": _journal_entry,
    "Payment": _payment,
    "Purchase": _purchase,
}
