"""The ledger service ``oracle-fusion``: invoices, credit memos, receipts and applications over REST.

What was open on a past day, and what was settled since a day, takes the applications of all
accounts (`receivablesCustomerAccountActivities`); what is open now takes the balances alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from receivables.documents import (
    CreditNote,
    DebitNote,
    Document,
    Installment,
    Invoice,
    ItemId,
)
from receivables.errors import DocumentError, PolicyError
from receivables.money import ExchangeRate, Money, from_minor
from receivables.parties import Customer
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.receipts import Receipt, Remittance
from receivables.transports import Runtime
from receivables_plugins.oracle.cells import Row, Values
from receivables_plugins.oracle.rest import Rest, quoted
from receivables_plugins.oracle.settings import EbsSettings, FusionSettings
from receivables_plugins.oracle.settling import Movement, Schedule, allocations

if TYPE_CHECKING:
    from receivables.adapters import CreditRecord, LedgerQuery, LedgerRecord

__all__ = ["FusionService"]

_SOURCE: Final = "oracle-fusion"
_INVOICES: Final = "receivablesInvoices"
_MEMOS: Final = "receivablesCreditMemos"
_RECEIPTS: Final = "standardReceipts"
_ACCOUNTS: Final = "receivablesCustomerAccountActivities"
_INSTALLMENTS: Final = "receivablesInvoiceInstallments"
_CUSTOMERS_MAX: Final = 20
"""Customers that are named in a query; more make it too long, and are picked out here."""
_APPLIED: Final = frozenset({"APPLIED", "APP"})
_ACTIVITY: Final = frozenset({"ACTIVITY"})
_PARKED: Final = frozenset(
    {"ACC", "ON ACCOUNT", "OTHER ACC", "UNAPP", "UNAPPLIED", "UNID", "UNIDENTIFIED"}
)
_APPROVED: Final = frozenset({"", "A", "APPROVED"})
_APPLICATIONS: Final = (
    ("standardReceiptApplications", "StandardReceiptId", "receipt"),
    ("creditMemoApplications", "CreditMemoId", "memo"),
)


class FusionService:
    """Reads receivables from Fusion Cloud."""

    def __init__(self, settings: FusionSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._rest = Rest(settings, runtime)

    def customers(self, query: LedgerQuery) -> Read[Customer]:
        """The customer accounts: their numbers and names; addresses are not in this resource."""
        notes = ReadNotes(_SOURCE)
        return Read(self._customers(query, notes), notes)

    def _customers(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[Customer]:
        wanted = set(query.customers)
        for number, row in enumerate(self._accounts(query, notes), start=1):
            fields = _fields(row, number, _ACCOUNTS, self._settings, notes)
            account = fields.needed("AccountNumber", "customer.missing")
            changed = str(row.get("LastUpdateDate") or "")
            if not account or (wanted and account not in wanted):
                continue
            if query.changed_since is None or _is_after(changed, query.changed_since):
                yield Customer(customer=account, name=fields.text("CustomerName") or account)

    def _accounts(
        self, query: LedgerQuery, notes: ReadNotes, *, expand: Sequence[str] = ()
    ) -> Iterator[dict[str, Any]]:
        q = _one_of("AccountNumber", query.customers)
        return self._rest.rows(_ACCOUNTS, notes, key="AccountId", q=q, expand=expand)

    def items(self, query: LedgerQuery) -> Read[LedgerRecord]:
        """Documents, receipts, and what settles them; raises `PolicyError` for `changed_since`."""
        if query.changed_since is not None:
            msg = "changed_since must be asked of customers alone, got it for items"
            raise PolicyError(msg)
        notes = ReadNotes(_SOURCE)
        return Read(
            _Items(self._settings, self._rest, query, notes, self._today()).records(), notes
        )

    def _today(self) -> dt.date:
        return self._runtime.now().date()

    def credit(self, query: LedgerQuery) -> Read[CreditRecord]:  # noqa: ARG002  # as the protocol says
        """Nothing: limits are in another service, and the ability is not declared."""
        return Read((), ReadNotes(_SOURCE))

    def control_totals(self, *, as_of: dt.date | None = None) -> Sequence[Money]:  # noqa: ARG002  # as the protocol says
        """Nothing: the ability is not declared."""
        return ()


def _is_after(text: str, moment: dt.datetime) -> bool:
    """Whether a row was changed at or after a moment; one that does not say it counts as changed."""
    try:
        changed = dt.datetime.fromisoformat(text)
    except ValueError:
        return True
    return (changed if changed.tzinfo else changed.replace(tzinfo=dt.UTC)) >= moment


def _one_of(field: str, values: Sequence[str]) -> list[str]:
    """A condition that a field has one of some values; none where there are too many to name."""
    if not values or len(values) > _CUSTOMERS_MAX:
        return []
    if len(values) == 1:
        return [f"{field} = {quoted(values[0])}"]
    return [f"{field} in ({','.join(map(quoted, values))})"]


def _fields(
    row: dict[str, Any], number: int, part: str, settings: FusionSettings, notes: ReadNotes
) -> Row:
    """A row of JSON as cells by name."""
    values = Values(EbsSettings(creditor=settings.creditor), notes, part)
    places = {name: place for place, name in enumerate(row)}
    return Row(number, list(row.values()), places, values)


@attrs.define(kw_only=True)
class _Item:
    """A document or a receipt with its schedules."""

    record: Document | Receipt
    schedules: list[Schedule]


class _Items:
    """One reading of items."""

    def __init__(
        self,
        settings: FusionSettings,
        rest: Rest,
        query: LedgerQuery,
        notes: ReadNotes,
        today: dt.date,
    ) -> None:
        self._settings = settings
        self._rest = rest
        self._query = query
        self._notes = notes
        self._today = today
        self._is_dated = query.as_of is not None or query.settled_since is not None
        self._wanted = frozenset(query.customers)
        self._items: list[_Item] = []
        self._schedules: dict[str, Schedule] = {}
        self._sole: dict[str, str] = {}
        """The schedule of each transaction that has one alone."""

    def records(self) -> Iterator[LedgerRecord]:
        """Documents and receipts, then what settles them; it ends where the service does."""
        movements: dict[str, list[Movement]] = {}
        takers = (self._take_invoices, self._take_memos, self._take_receipts)
        for take in takers:
            take()
            if self._has_failed():
                break
        else:
            movements = self._movements() if self._is_dated else {}
        self._fill(movements)
        for item in self._items:
            if self._is_asked_for(item, movements):
                yield item.record
            else:
                for schedule in item.schedules:
                    del self._schedules[schedule.schedule]
        yield from allocations(
            self._schedules,
            movements,
            creditor=self._settings.creditor,
            notes=self._notes,
            day=self._query.as_of,
        )

    def _has_failed(self) -> bool:
        codes = {problem.code for problem in self._notes.problems if problem.is_error}
        return bool(codes & {"service.refused", "service.incomplete"})

    def _is_asked_for(self, item: _Item, movements: dict[str, list[Movement]]) -> bool:
        """Whether something of it was open on the day, or was settled since another one."""
        day, since = self._query.as_of or dt.date.max, self._query.settled_since
        if item.schedules[0].posted_on > day:
            return False
        for schedule in item.schedules:
            moved = [one for one in movements.get(schedule.schedule, ()) if one.on <= day]
            if schedule.original_minor + sum(one.amount_minor for one in moved):
                return True
            if since is not None and any(one.on >= since for one in moved):
                return True
        return False

    def _conditions(self, customer: str, balance: str) -> list[str]:
        q = _one_of("BusinessUnit", self._settings.business_units)
        q += _one_of(customer, self._query.customers)
        if self._settings.filters_open and not self._is_dated:
            q.append(f"{balance} != 0")
        return q

    def _take_invoices(self) -> None:
        q = self._conditions("BillToCustomerNumber", "InvoiceBalanceAmount")
        rows = self._rest.rows(
            _INVOICES, self._notes, key="CustomerTransactionId", q=q, expand=[_INSTALLMENTS]
        )
        for number, row in enumerate(rows, start=1):
            path = f"{_INVOICES}/{row['CustomerTransactionId']}"
            parts = self._rest.children(row, path, _INSTALLMENTS, self._notes, key="InstallmentId")
            if parts is None:
                return
            self._take_document(_fields(row, number, _INVOICES, self._settings, self._notes), parts)

    def _take_memos(self) -> None:
        q = self._conditions("BillToCustomerNumber", "TransactionBalanceDue")
        rows = self._rest.rows(_MEMOS, self._notes, key="CustomerTransactionId", q=q)
        for number, row in enumerate(rows, start=1):
            self._take_document(_fields(row, number, _MEMOS, self._settings, self._notes), [])

    def _take_document(self, fields: Row, parts: list[dict[str, Any]]) -> None:
        is_memo = fields.part == _MEMOS
        customer = fields.needed("BillToCustomerNumber", "customer.missing")
        if self._wanted and customer not in self._wanted:
            return
        status = fields.text("CreditMemoStatus" if is_memo else "InvoiceStatus").upper()
        if status.startswith(("INCOMPLETE", "FROZEN")):
            msg = f"{fields.text('TransactionNumber')} is not complete, and was left out"
            fields.warn("oracle.incomplete", msg, "InvoiceStatus")
            return
        currency = fields.currency("CreditMemoCurrency" if is_memo else "InvoiceCurrencyCode")
        installments = [
            self._installment(
                _fields(part, fields.line, _INSTALLMENTS, self._settings, self._notes), currency
            )
            for part in parts
        ]
        installments = installments or [self._alone(fields, currency, is_memo=is_memo)]
        if fields.is_refused or any(one.is_refused for one in installments):
            return
        self._check_balance(fields, installments, currency)
        self._keep_document(fields, sorted(installments, key=_order), customer, currency)

    def _installment(self, fields: Row, currency: str) -> _Part:
        disputed = fields.number("DisputeAmount")
        if disputed:
            msg = f"{disputed:f} {currency} are in dispute, which is no record"
            fields.warn("oracle.in-dispute", msg, "DisputeAmount")
        return _Part(
            schedule=fields.needed("InstallmentId", "document.missing"),
            sequence=_whole(fields.text("InstallmentSequenceNumber")),
            due_date=fields.day("InstallmentDueDate"),
            original_minor=fields.minor("OriginalAmount", currency),
            remaining_minor=fields.minor("InstallmentBalanceDue", currency),
            is_refused=fields.is_refused,
        )

    def _alone(self, fields: Row, currency: str, *, is_memo: bool) -> _Part:
        """A transaction whose installments are not told: a credit memo, which is negative to us."""
        original = fields.minor("EnteredAmount", currency)
        remaining = fields.minor(
            "TransactionBalanceDue" if is_memo else "InvoiceBalanceAmount", currency
        )
        name = fields.text("CustomerTransactionId")
        return _Part(
            schedule=f"memo {name}" if is_memo else f"transaction {name}",
            sequence=1,
            due_date=fields.day("DueDate"),
            original_minor=-abs(original) if is_memo else original,
            remaining_minor=-abs(remaining) if is_memo else remaining,
            is_refused=fields.is_refused,
        )

    def _check_balance(self, fields: Row, parts: list[_Part], currency: str) -> None:
        if fields.part == _MEMOS or fields.number("InvoiceBalanceAmount") is None:
            return
        said = fields.minor("InvoiceBalanceAmount", currency)
        found = sum(part.remaining_minor for part in parts)
        if said != found:
            number = fields.text("TransactionNumber")
            msg = f"balance of {number} must be that of its installments, {found}, got {said}"
            fields.error("oracle.remaining-differs", f"{msg} minor units", "InvoiceBalanceAmount")

    def _kind(self, fields: Row, total_minor: int) -> type[Document]:
        if fields.part == _MEMOS:
            return CreditNote
        if total_minor < 0:
            msg = f"{fields.text('TransactionNumber')} is negative, and is read as a credit note"
            fields.warn("oracle.sign-reversed", msg, "EnteredAmount")
            return CreditNote
        is_debit = fields.text("TransactionType") in self._settings.debit_note_types
        return DebitNote if is_debit else Invoice

    def _keep_document(self, fields: Row, parts: list[_Part], customer: str, currency: str) -> None:
        total_minor = sum(part.original_minor for part in parts)
        kind = self._kind(fields, total_minor)
        sign = -1 if kind is CreditNote else 1
        number = fields.needed("TransactionNumber", "document.missing")
        day = fields.day("TransactionDate") or fields.day("AccountingDate")
        if day is None:
            fields.refuse(
                "date.missing", "TransactionDate must be given, got none", "TransactionDate"
            )
        if fields.is_refused or day is None:
            return
        try:
            document = kind(
                number=number,
                creditor=self._settings.creditor,
                customer=customer,
                document_date=day,
                posting_date=fields.day("AccountingDate") or day,
                due_date=parts[0].due_date if len(parts) == 1 else None,
                total=from_minor(sign * total_minor, currency),
                installments=[
                    Installment(part.due_date, from_minor(sign * part.original_minor, currency))
                    for part in parts
                ],
                references=_references(fields),
                source=Place(_SOURCE, line=fields.line, field=fields.part),
                exchange_rate=_rate(fields, currency),
            )
        except DocumentError as error:
            fields.error("document.unbalanced", str(error), "TransactionNumber")
            return
        schedules = [self._schedule(document, part, place) for place, part in enumerate(parts, 1)]
        if len(parts) > 1:
            schedules = [
                attrs.evolve(each, item=ItemId(f"{number}/{place}"))
                for place, each in enumerate(schedules, start=1)
            ]
        else:
            self._sole[fields.text("CustomerTransactionId")] = parts[0].schedule
        self._keep(document, schedules)

    def _schedule(self, document: Document, part: _Part, line: int) -> Schedule:
        return Schedule(
            schedule=part.schedule,
            item=ItemId(document.number),
            document=document.number,
            customer=document.customer,
            currency=document.currency,
            original_minor=part.original_minor,
            remaining_minor=part.remaining_minor,
            posted_on=document.posting_date,
            due_date=part.due_date,
            line=line,
            field=document.number,
            label=f"credit note {document.number}" if isinstance(document, CreditNote) else "",
        )

    def _keep(self, record: Document | Receipt, schedules: list[Schedule]) -> None:
        self._items.append(_Item(record=record, schedules=schedules))
        self._schedules.update((each.schedule, each) for each in schedules)

    def _take_receipts(self) -> None:
        q = self._conditions("CustomerAccountNumber", "UnappliedAmount")
        rows = self._rest.rows(_RECEIPTS, self._notes, key="StandardReceiptId", q=q)
        for number, row in enumerate(rows, start=1):
            fields = _fields(row, number, _RECEIPTS, self._settings, self._notes)
            customer = fields.text("CustomerAccountNumber")
            if not self._wanted or customer in self._wanted:
                self._take_receipt(fields, customer)

    def _take_receipt(self, fields: Row, customer: str) -> None:
        currency = fields.currency("Currency")
        amount_minor = fields.minor("Amount", currency)
        unapplied_minor = fields.minor("UnappliedAmount", currency)
        if fields.number("UnappliedAmount") is None:
            msg = "UnappliedAmount must be given, got none, so that nobody knows what is open"
            fields.refuse("oracle.unapplied-unsaid", msg, "UnappliedAmount")
        day = fields.day("AccountingDate") or fields.day("ReceiptDate")
        if day is None:
            fields.refuse("date.missing", "ReceiptDate must be given, got none", "ReceiptDate")
        if amount_minor < 0:
            fields.refuse("amount.sign", "amount of a receipt must not be negative", "Amount")
        if fields.is_refused or day is None or not amount_minor:
            return
        name, number = fields.text("StandardReceiptId"), fields.text("ReceiptNumber")
        receipt = Receipt(
            receipt=f"receipt-{name}",
            creditor=self._settings.creditor,
            amount=from_minor(amount_minor, currency),
            booking_date=day,
            customer=customer,
            remittance=Remittance(text=(number,) if number else ()),
            source=Place(_SOURCE, line=fields.line, field=_RECEIPTS),
        )
        schedule = Schedule(
            schedule=f"receipt {name}",
            item=ItemId(receipt.receipt),
            document=receipt.receipt,
            customer=customer,
            currency=currency,
            original_minor=-amount_minor,
            remaining_minor=-unapplied_minor,
            posted_on=day,
            line=fields.line,
            field=number,
            label=f"receipt {number}",
        )
        self._keep(receipt, [schedule])

    # What settles what

    def _movements(self) -> dict[str, list[Movement]]:
        found: dict[str, list[Movement]] = {}
        children = [*(name for name, _, _ in _APPLICATIONS), "transactionAdjustments"]
        rows = self._rest.rows(
            _ACCOUNTS,
            self._notes,
            key="AccountId",
            q=_one_of("AccountNumber", self._query.customers),
            expand=children,
        )
        for row in rows:
            path = f"{_ACCOUNTS}/{row['AccountId']}"
            for child, giver, kind in _APPLICATIONS:
                for fields in self._children(row, path, child, "ApplicationId"):
                    for one in self._applied(fields, f"{kind} {fields.text(giver)}"):
                        found.setdefault(one.schedule, []).append(one)
            for fields in self._children(row, path, "transactionAdjustments", "AdjustmentId"):
                for one in self._adjusted(fields):
                    found.setdefault(one.schedule, []).append(one)
        return found

    def _children(self, row: dict[str, Any], path: str, child: str, key: str) -> Iterator[Row]:
        given = self._rest.children(row, path, child, self._notes, key=key)
        for number, each in enumerate(given or (), start=1):
            yield _fields(each, number, child, self._settings, self._notes)

    def _target(self, fields: Row) -> str:
        name = fields.text("ReferenceInstallmentId")
        return name or self._sole.get(fields.text("ReferenceTransactionId"), "")

    def _applied(self, fields: Row, source: str) -> Iterator[Movement]:
        status = fields.text("ApplicationStatus").upper()
        if status in _PARKED or fields.text("IsLatestApplication").upper() in {"N", "NO"}:
            return
        if status not in _APPLIED | _ACTIVITY:
            msg = f"status of an application must be known, got {status!r}"
            fields.error("oracle.status-unknown", msg, "ApplicationStatus")
            return
        target = self._target(fields) if status in _APPLIED else ""
        giver, taker = self._schedules.get(source), self._schedules.get(target)
        on = fields.day("AccountingDate") or fields.day("ApplicationDate")
        currency = fields.text("EnteredCurrency") or (taker or giver or _NOBODY).currency
        if on is None or (giver is None and taker is None):
            return
        label = f"application {fields.text('ApplicationId')}"
        minor = fields.minor("ApplicationAmount", currency)
        for schedule, partner, sign in ((giver, target, 1), (taker, source, -1)):
            if schedule is not None and schedule.currency == currency:
                yield Movement(
                    schedule=schedule.schedule,
                    on=on,
                    amount_minor=sign * minor,
                    label=label,
                    partner=partner,
                    line=fields.line,
                    field=fields.part,
                )

    def _adjusted(self, fields: Row) -> Iterator[Movement]:
        schedule = self._schedules.get(self._target(fields))
        on = fields.day("AccountingDate") or fields.day("ApplicationDate")
        if schedule is None or on is None or fields.text("ProcessStatus").upper() not in _APPROVED:
            return
        yield Movement(
            schedule=schedule.schedule,
            on=on,
            amount_minor=fields.minor("AdjustmentAmount", schedule.currency),
            label=f"adjustment {fields.text('AdjustmentId')}",
            line=fields.line,
            field=fields.part,
        )

    def _fill(self, movements: dict[str, list[Movement]]) -> None:
        """Settle what the balance says is settled and no application dates; note what cannot be."""
        for name, schedule in self._schedules.items():
            dated = movements.get(name, [])
            left = schedule.original_minor + sum(one.amount_minor for one in dated)
            missing = (schedule.remaining_minor or 0) - left
            if not missing:
                continue
            if missing * schedule.original_minor > 0:
                msg = (
                    f"{schedule.item} must leave {schedule.remaining_minor} minor units, got {left}"
                )
                self._say("error", "oracle.remaining-differs", msg, schedule)
                continue
            on = max([one.on for one in dated], default=self._today)
            if schedule.remaining_minor or self._is_dated:
                msg = f"day on which a part of {schedule.item} was settled is not said; {on} was taken"
                self._say("warn", "oracle.settled-day-unknown", msg, schedule)
            movements.setdefault(name, []).append(
                Movement(
                    schedule=name,
                    on=max(on, schedule.posted_on),
                    amount_minor=missing,
                    label=f"balance of {name}",
                    is_total=True,
                    line=schedule.line,
                    field=schedule.field,
                )
            )

    def _say(self, how: str, code: str, message: str, schedule: Schedule) -> None:
        note = self._notes.error if how == "error" else self._notes.warn
        note(code, message, line=schedule.line, field=schedule.field)


@attrs.frozen(kw_only=True)
class _Part:
    """An installment as the service has it."""

    schedule: str
    sequence: int
    due_date: dt.date | None
    original_minor: int
    remaining_minor: int
    is_refused: bool = False


_NOBODY: Final = Schedule(
    schedule="",
    item=ItemId(""),
    document="",
    customer="",
    currency="",
    original_minor=0,
    remaining_minor=None,
    posted_on=dt.date.min,
)


def _order(part: _Part) -> int:
    return part.sequence


def _whole(text: str) -> int:
    return int(text[:9]) if text.isascii() and text.isdigit() else 1


def _references(fields: Row) -> tuple[str, ...]:
    names = ("PurchaseOrder", "StructuredPaymentReference", "CrossReference")
    return tuple(dict.fromkeys(text for name in names if (text := fields.text(name))))


def _rate(fields: Row, currency: str) -> ExchangeRate | None:
    rate, quote = fields.number("ConversionRate"), fields.text("LedgerCurrencyCode")
    if not rate or not quote or quote == currency:
        return None
    day = fields.day("ConversionDate") or fields.day("TransactionDate")
    rate = Decimal(rate)
    return ExchangeRate(base=currency, quote=quote, rate=rate, date=day) if day else None
